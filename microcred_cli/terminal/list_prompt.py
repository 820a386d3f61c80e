"""The prompts: questionary's questions, each drawn as one page that follows the screen's size.

This is the only module that touches questionary's inside. questionary makes the application and
holds the state (what is pointed at, what is ticked, what is typed); keys and drawing are ours, so
that nothing is cut off, nothing is answered by accident and every key is known.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import questionary
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import to_filter
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, FormattedTextControl, Layout, Window
from prompt_toolkit.styles import Style
from questionary.prompts.common import InquirerControl

from microcred_cli.i18n import N_, _, n_
from microcred_cli.terminal.key_map import BINDINGS, Action
from microcred_cli.terminal.list_rows import HEADING, Row, find, last_shown
from microcred_cli.terminal.page_layout import CURSOR, Line, Page, Room, lay_out
from microcred_cli.terminal.wrapping import width_of, wrap
from microcred_cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prompt_toolkit import Application
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent

    from microcred_cli.terminal.stage import Stage

STYLE = Style(
    [
        ("mc.section", "bold"),
        ("mc.stem", "bold"),
        ("mc.heading", "bold underline"),
        ("mc.pointed", "bold"),
        ("mc.message", "bold fg:ansired"),
        ("mc.echo", "fg:ansigreen"),
        ("mc.told", "italic"),
        ("mc.field", "underline"),
    ]
)
"""Sparse: bold, underline and two colours that dark and light screens show; never colour alone."""

CHOOSE_FIRST = N_("Choose an answer first: arrow keys or a number")
TICK_FIRST = N_("Nothing is ticked yet: press Space to tick an answer, then Enter")
MARK_FIRST = N_("Nothing is marked yet: press the key of each that is named, then Enter")


# -- what comes out of a prompt ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """The codes that were chosen: one of a list, some of a list with ticks, none after reading."""

    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """The text that was typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Leave:
    """A key that leaves the prompt for something else."""

    action: Action


Outcome = Chosen | Typed | Leave
Key = str | Keys


# -- questionary ---------------------------------------------------------------------------------


def list_question(stage: Stage) -> questionary.Question:
    """The question for lists, made once for a stage: making one takes 20 ms."""
    if "list" not in stage.questions:
        stage.questions["list"] = questionary.select(
            "", ["-"], style=STYLE, input=stage.input, output=stage.output
        )
    return cast("questionary.Question", stage.questions["list"])


def text_question(stage: Stage) -> questionary.Question:
    """The question for texts, made once for a stage."""
    if "text" not in stage.questions:
        stage.questions["text"] = questionary.text(
            "", style=STYLE, validate_while_typing=False, input=stage.input, output=stage.output
        )
    return cast("questionary.Question", stage.questions["text"])


def application_of(question: questionary.Question) -> Application[Any]:
    """The application of a question, set to fill the screen and to leave nothing behind."""
    app = question.application
    app.style = STYLE
    app.erase_when_done = True
    app.full_screen = app.renderer.full_screen = True
    return app


def control_of(choices: Sequence[questionary.Choice]) -> InquirerControl:
    """A list of these choices, with nothing pointed at."""
    control = InquirerControl(choices, use_indicator=False)
    control.pointed_at = -1
    return control


def buffer_of(question: questionary.Question) -> Buffer:
    """The buffer inside a question of questionary for text."""
    for window in question.application.layout.find_all_windows():
        content = window.content
        if isinstance(content, BufferControl) and content.buffer.name == DEFAULT_BUFFER:
            return content.buffer
    raise LookupError("questionary made a question without a buffer")


def text_buffer(stage: Stage) -> Buffer:
    """The buffer of the question for texts, found before a page replaces questionary's layout."""
    if "buffer" not in stage.questions:
        stage.questions["buffer"] = buffer_of(text_question(stage))
    return cast("Buffer", stage.questions["buffer"])


# -- pages ---------------------------------------------------------------------------------------


@dataclass
class Prompt:
    """What all prompts share: the page around it, the message under it, keys that leave it.

    `message` is what the person is told at the moment; it goes with the next key.
    """

    stage: Stage
    page: Page
    leaves: tuple[Action, ...] = ()
    message: str = ""
    question_mark_helps: bool = True
    _window: Window = field(init=False, repr=False)
    _bindings: KeyBindings = field(init=False, repr=False)

    def __post_init__(self) -> None:
        control = self._control()
        control.text = self._fragments
        control.focusable = to_filter(True)
        control.show_cursor = True
        self._window = Window(control, wrap_lines=False)
        self._bindings = self._keys()

    def run(self) -> Outcome:
        """Show the page until it is answered or left: at once, if a pause is wished already.

        Raises:
            EOFError: no more keys can come.
            OSError: the terminal is gone.
        """
        app = self._application()
        app.layout = Layout(self._window)
        app.key_bindings = self._bindings
        if not self.stage.types_ahead and self.stage.drop_typeahead():
            return Leave(Action.PAUSE)
        return cast("Outcome", app.run(pre_run=_end_on_error(app), set_exception_handler=False))

    def _application(self) -> Application[Any]:
        return application_of(list_question(self.stage))

    def _control(self) -> FormattedTextControl:
        raise NotImplementedError

    def _draw(self, room: Room) -> list[Line]:
        raise NotImplementedError

    def wanted(self, width: int, compact: int) -> int:
        """The rows that the prompt itself should have at this width and compactness."""
        raise NotImplementedError

    def _bind(self, bind: Callable[..., None]) -> None:
        raise NotImplementedError

    def _press(self, character: str, event: KeyPressEvent) -> None:
        """A key that stands for itself."""

    def _told(self) -> str:
        return f"! {self.message}" if self.message else ""

    # -- drawing ---------------------------------------------------------------------------------

    def _fragments(self) -> StyleAndTextTuples:
        size = self.stage.size
        room = lay_out(
            self.page, self._told(), self.stage.signs, (size.columns, size.rows), self.wanted
        )
        lines = self._draw(room)
        filling: list[Line] = [[] for _ in range(room.rows - len(lines))]
        pieces: StyleAndTextTuples = []
        for line in (*room.above, *lines, *filling, *room.below):
            pieces += [*line, ("", "\n")]
        return pieces[:-1]

    # -- keys ------------------------------------------------------------------------------------

    def _keys(self) -> KeyBindings:
        """Every key: what is not bound here does nothing, whatever the libraries bind."""
        bindings = KeyBindings()

        def bind(handler: Callable[[KeyPressEvent], None], *keys: Key) -> None:
            for key in keys:
                bindings.add(key, eager=True)(handler)

        bind(self._any, Keys.Any)
        for binding in BINDINGS:
            if binding.action in (*self.leaves, Action.PAUSE):
                bind(_leaving(binding.action), *binding.keys)
        bind(_leaving(Action.PAUSE), Keys.SIGINT)
        if self.question_mark_helps and Action.HELP in self.leaves:
            bind(_leaving(Action.HELP), "?")
        self._bind(bind)
        return bindings

    def _any(self, event: KeyPressEvent) -> None:
        key = event.key_sequence[0].key
        self.message = ""
        if not isinstance(key, Keys):
            self._press(key, event)


def _leaving(action: Action) -> Callable[[KeyPressEvent], None]:
    def leave(event: KeyPressEvent) -> None:
        event.app.exit(result=Leave(action))

    return leave


def _end_on_error(app: Application[Any]) -> Callable[[], None]:
    """Let an error end the page: else the loop would log it and go on, perhaps for ever."""

    def end(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not app.is_done:
            app.exit(exception=context.get("exception") or EOFError())

    def install() -> None:
        asyncio.get_running_loop().set_exception_handler(end)

    return install


# -- lists ---------------------------------------------------------------------------------------


@dataclass
class ListPrompt(Prompt):
    """A list from which one row is chosen, or with `ticks` some, at most `at_most`.

    `pointed` is the code to point at in the beginning (none: nothing is pointed at, so that Enter
    does nothing), `ticked` what is ticked. Both are kept up to date, for a page that is shown
    again. With `searches` letters look for words, else they are the signs of rows.

    Where it is `instant`, the sign of a row chooses or ticks it at once (those `alone` are the
    whole answer even where others are ticked), and Backspace goes back. `on_tick` hears of every
    tick, before the page is drawn again.
    """

    rows: tuple[Row, ...] = ()
    ticks: bool = False
    at_most: int | None = None
    searches: bool = False
    pointed: str | None = None
    ticked: tuple[str, ...] = ()
    instant: bool = False
    alone: tuple[str, ...] = ()
    on_tick: Callable[[tuple[str, ...]], None] | None = None
    _typed: str = ""
    _top: int = 0
    _shown: int = 1
    _sign_width: int = 0
    _list: InquirerControl = field(init=False, repr=False)

    def _control(self) -> FormattedTextControl:
        self._sign_width = max((len(row.sign) for row in self.rows), default=0) + 1
        self._list = control_of(
            [
                questionary.Separator(row.label)
                if row.heading
                else questionary.Choice(
                    row.label, row.code, checked=row.code in self.ticked, shortcut_key=None
                )
                for row in self.rows
            ]
        )
        self._list.pointed_at = next(
            (i for i in self._selectable if self.rows[i].code == self.pointed), -1
        )
        return self._list

    @property
    def _selectable(self) -> list[int]:
        return [index for index, row in enumerate(self.rows) if not row.heading]

    def _point(self, index: int) -> None:
        self._list.pointed_at = index
        self.pointed = self.rows[index].code

    # -- drawing ---------------------------------------------------------------------------------

    def wanted(self, width: int, compact: int) -> int:
        """The rows that this prompt should have."""
        heights = self._heights(width)
        least = max(heights, default=1) + 2
        return min(sum(heights), max(least, {0: 10, 1: 8}.get(compact, 5)))

    def _heights(self, width: int) -> list[int]:
        return [len(self._row(index, width)) for index in range(len(self.rows))]

    def _draw(self, room: Room) -> list[Line]:
        heights = self._heights(room.width)
        first, last = self._window_of(heights, room.rows)
        self._top, self._shown = first, last - first
        lines: list[Line] = []
        if first > 0:
            lines.append([("", f"  {self.stage.signs.up} {_more(self._count(0, first))}")])
        for index in range(first, last):
            lines += self._row(index, room.width)
        if last < len(self.rows):
            down = self.stage.signs.down
            lines.append([("", f"  {down} {_more(self._count(last, len(self.rows)))}")])
        if self._list.pointed_at < 0 and lines:
            lines[0].insert(0, CURSOR)
        return lines[: room.rows]

    def _count(self, start: int, end: int) -> int:
        return sum(not row.heading for row in self.rows[start:end])

    def _window_of(self, heights: list[int], height: int) -> tuple[int, int]:
        """The first row shown and the first behind those shown: whole rows, the pointed one too."""
        pointed = self._list.pointed_at
        first = max(0, min(self._top, len(heights) - 1, pointed if pointed >= 0 else self._top))
        if first > 0 and self.rows[first - 1].heading:
            first -= 1
        while first > 0 and sum(heights[first - 1 :]) + (first > 1) <= height:
            first -= 1
        last = last_shown(heights, first, height)
        while pointed >= last and first < pointed:
            first += 1
            last = last_shown(heights, first, height)
        return first, max(last, first + 1)

    def _row(self, index: int, width: int) -> list[Line]:
        row = self.rows[index]
        gap: list[Line] = [[]] if row.gap and index > 0 else []
        if row.heading:
            before = "" if row.style == HEADING else "  "
            told = wrap(row.label, width, first=before, rest=before * 2)
            return gap + [[(row.style, line)] for line in told]
        at = index == self._list.pointed_at
        front = (f"{self.stage.signs.pointer} " if at else "  ") + self._tick(row)
        if row.sign:
            front += f"{row.sign}.".rjust(self._sign_width) + " "
        style = "class:mc.pointed" if at else ""
        texts = wrap(row.label, width, first=front, rest=" " * width_of(front))
        lines: list[Line] = [[(style, text)] for text in texts]
        if at:
            lines[0].insert(0, CURSOR)
        return gap + lines

    def _tick(self, row: Row) -> str:
        if not self.ticks:
            return ""
        return "[x] " if row.code in self._list.selected_options else "[ ] "

    # -- keys ------------------------------------------------------------------------------------

    def _bind(self, bind: Callable[..., None]) -> None:
        bind(self._enter, Keys.ControlM, Keys.ControlJ)
        bind(self._moving(1), Keys.Down, Keys.ControlN, Keys.Tab)
        bind(self._moving(-1), Keys.Up, Keys.ControlP)
        bind(self._page_down, Keys.PageDown)
        bind(self._page_up, Keys.PageUp)
        bind(lambda _: self._move_to(0), Keys.Home)
        bind(lambda _: self._move_to(-1), Keys.End)
        bind(self._backspace, Keys.Backspace, Keys.Delete)
        if self.ticks:
            bind(self._toggle, " ")
        if Action.BACK in self.leaves:
            bind(_leaving(Action.BACK), Keys.Left)

    def _enter(self, event: KeyPressEvent) -> None:
        if self.ticks:
            if not self._list.selected_options:
                self.message = _(MARK_FIRST) if self.instant else _(TICK_FIRST)
            else:
                event.app.exit(result=Chosen(self.ticked))
        elif self._list.pointed_at < 0:
            self.message = _(CHOOSE_FIRST)
        else:
            event.app.exit(result=Chosen((str(self._list.get_pointed_at().value),)))

    def _moving(self, by: int) -> Callable[[KeyPressEvent], None]:
        def move(_: KeyPressEvent) -> None:
            rows = self._selectable
            pointed = self._list.pointed_at
            if pointed < 0:
                self._move_to(0 if by > 0 else -1)
            else:
                self._move_to((rows.index(pointed) + by) % len(rows))

        return move

    def _page_down(self, _: KeyPressEvent) -> None:
        """To the first row that was not shown, which comes to the top: none is skipped."""
        behind = self._top + self._shown
        rows = self._selectable
        self._top = min(behind, rows[-1])
        self._move_to(next((rows.index(i) for i in rows if i >= behind), -1))

    def _page_up(self, _: KeyPressEvent) -> None:
        """To the last row above those shown, which comes to the end."""
        rows = self._selectable
        self._move_to(max((rows.index(i) for i in rows if i < self._top), default=0))
        self._top = 0

    def _move_to(self, place: int) -> None:
        self.message = self._typed = ""
        self._point(self._selectable[place])

    def _toggle(self, event: KeyPressEvent) -> None:  # noqa: ARG002
        self.message = self._typed = ""
        if self._list.pointed_at < 0:
            self.message = _(CHOOSE_FIRST)
            return
        self._tick_pointed()

    def _tick_pointed(self) -> None:
        row = self.rows[self._list.pointed_at]
        chosen = self._list.selected_options
        if row.code in chosen:
            chosen.remove(row.code)
        else:
            self._add(row, chosen)
        self.ticked = tuple(r.code for r in self.rows if r.code in chosen)
        if self.on_tick is not None:
            self.on_tick(self.ticked)

    def _add(self, row: Row, chosen: list[Any]) -> None:
        alone = {r.code for r in self.rows if r.exclusive}
        others = [code for code in chosen if row.exclusive or code in alone]
        if len(chosen) - len(others) >= (self.at_most or len(self.rows)):
            told = (
                _("At most {most} are possible. Press the key of one to take it out first")
                if self.instant
                else _("You can tick at most {most}. Untick one first with Space")
            )
            self.message = told.format(most=self.at_most)
            return
        for code in others:
            chosen.remove(code)
        chosen.append(row.code)
        if others and row.exclusive:
            told = _("Only “{label}” is ticked now: other answers cannot stand with it")
            self.message = told.format(label=row.label)
        elif others:
            alone_before = next(r for r in self.rows if r.code == others[0])
            told = _("“{label}” is not ticked any more: it stands alone")
            self.message = told.format(label=alone_before.label)

    # -- typing ahead in the list ----------------------------------------------------------------

    def _press(self, character: str, event: KeyPressEvent) -> None:
        if self.instant and not self.searches:
            self._take(character.casefold(), event)
            return
        begun = "" if self._typed.isdecimal() else self._typed
        if character.isdecimal() and not begun:
            self._type_digit(character)
        elif self.searches and character.isprintable():
            self._search(begun + character)
        elif not self.searches:
            self._point_at_sign(character.casefold())

    def _take(self, sign: str, event: KeyPressEvent) -> None:
        """Choose or tick the row with this sign at once."""
        signs = [row.sign for row in self.rows]
        if sign not in signs:
            self.message = _no_answer(clean(sign)) if sign.strip() else ""
            return
        self._point(signs.index(sign))
        if self.ticks and self.rows[signs.index(sign)].code not in self.alone:
            self._tick_pointed()
        else:
            event.app.exit(result=Chosen((self.rows[signs.index(sign)].code,)))

    def _type_digit(self, digit: str) -> None:
        signs = [row.sign for row in self.rows]
        if digit == "0" and not self._typed and "10" in signs and "0" not in signs:
            digit = "10"
        for number in (self._typed + digit, digit):
            if number in signs:
                self._typed = number
                self._point(signs.index(number))
                return
        self._typed = ""
        self.message = _no_answer(digit)

    def _point_at_sign(self, letter: str) -> None:
        self._typed = ""
        signs = [row.sign for row in self.rows]
        if letter.isalpha() and letter in signs:
            self._point(signs.index(letter))

    def _search(self, typed: str) -> None:
        """Point at what begins with the letters typed; at nothing, where nothing does.

        What was typed stays, so that the rest of a word that is not there finds nothing else.
        """
        self._typed = typed.lstrip()
        if not self._typed:
            return
        found = find(self.rows, self._typed)
        if found is not None:
            self._point(found)
            return
        self._list.pointed_at, self.pointed = -1, None
        self.message = _("Nothing here begins with “{typed}”").format(typed=clean(self._typed))

    def _told(self) -> str:
        typed = self._typed if self.searches else ""
        return super()._told() or (_("Typed: {typed}").format(typed=typed) if typed else "")

    def _backspace(self, event: KeyPressEvent) -> None:
        self.message = ""
        if self.instant and not self._typed and Action.BACK in self.leaves:
            event.app.exit(result=Leave(Action.BACK))
            return
        self._search("" if self._typed.isdecimal() else self._typed[:-1])


def _more(count: int) -> str:
    return n_("{count} more", "{count} more", count).format(count=count)


def _no_answer(sign: str) -> str:
    return _("There is no answer {sign} here").format(sign=sign)
