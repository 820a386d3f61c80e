"""The prompt for lists: choose one row, or tick several."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prompt_toolkit.keys import Keys

from microcred_cli.i18n import N_, _
from microcred_cli.terminal.key_map import Action
from microcred_cli.terminal.list_rows import HEADING, ListWindow, Row, find
from microcred_cli.terminal.page_layout import CURSOR, Line, Room, option_lines
from microcred_cli.terminal.prompt import Chosen, Leave, Prompt, leaving, more
from microcred_cli.terminal.wrapping import wrap
from microcred_cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent

CHOOSE_FIRST = N_("Choose an answer first: arrow keys or a number")
TICK_FIRST = N_("Nothing is ticked yet: press Space to tick an answer, then Enter")
MARK_FIRST = N_("Nothing is marked yet: press the key of each option mentioned, then Enter")
FULL_UP_TO = 3
"""The highest compactness at which a list is shown whole; above it, the section is hidden."""


@dataclass
class ListPrompt(Prompt):
    """A list to choose one row from or, with `ticks`, up to `at_most` rows.

    `pointed` is the code of the highlighted row (if None, Enter does nothing), `ticked` holds the
    ticked codes; both change as keys are pressed, so that they are kept if the page is shown again.
    With `searches`, letters search for words; otherwise, a letter selects the row with that sign.

    If `instant`, the sign of a row chooses or ticks it without Enter (a code in `alone` is an
    answer by itself), and Backspace goes back. `on_tick` is called after every change, before the
    page is redrawn. A `whole` list is read aloud, so all rows that are read should be visible: text
    that would hide any of them is moved to an earlier page.
    """

    rows: tuple[Row, ...] = ()
    ticks: bool = False
    at_most: int | None = None
    searches: bool = False
    pointed: str | None = None
    ticked: tuple[str, ...] = ()
    instant: bool = False
    alone: tuple[str, ...] = ()
    on_tick: Callable[[tuple[str, ...]], None] = lambda _: None
    whole: bool = False
    _typed: str = ""
    _shown: ListWindow = field(default_factory=ListWindow)
    _at: int = field(init=False, default=-1)

    def __post_init__(self) -> None:
        codes = [None if row.heading else row.code for row in self.rows]
        if self.pointed is not None and self.pointed in codes:
            self._at = codes.index(self.pointed)
        self.ticked = tuple(code for code in codes if code is not None and code in self.ticked)
        super().__post_init__()

    @property
    def _selectable(self) -> list[int]:
        return [index for index, row in enumerate(self.rows) if not row.heading]

    def _point(self, index: int) -> None:
        self._at = index
        self.pointed = self.rows[index].code

    def _wanted(self, width: int, compact: int) -> int:
        heights = self._heights(width)
        if self.whole and (compact <= FULL_UP_TO or self.page.before):
            unread = [i for i, row in enumerate(self.rows) if row.heading and not row.code]
            return sum(heights[: unread[0]]) + 1 if unread else sum(heights)
        least = max(heights, default=1) + 2
        return min(sum(heights), max(least, {0: 10, 1: 8}.get(compact, 5)))

    def _whole(self, width: int, compact: int) -> int:
        return self._wanted(width, compact) if self.searches else sum(self._heights(width))

    def _heights(self, width: int) -> list[int]:
        return [len(self._row(index, width)) for index in range(len(self.rows))]

    def _draw(self, room: Room) -> list[Line]:
        self._shown.fit(self.rows, self._heights(room.width), room.rows, self._at)
        first, end = self._shown.first, self._shown.end
        lines: list[Line] = []
        if first > 0:
            lines.append(self._more(self.stage.signs.up, self.rows[:first]))
        for index in range(first, end):
            lines += self._row(index, room.width)
        if end < len(self.rows):
            lines.append(self._more(self.stage.signs.down, self.rows[end:]))
        if self._at < 0 and lines:
            lines[0].insert(0, CURSOR)
        return lines[: room.rows]

    def _more(self, sign: str, hidden: tuple[Row, ...]) -> Line:
        count = sum(not row.heading for row in hidden)
        return [("class:mc.hint", f"  {sign} {more(count or len(hidden))}")]

    def _row(self, index: int, width: int) -> list[Line]:
        row = self.rows[index]
        gap: list[Line] = [[]] if row.gap and index > 0 else []
        if row.heading:
            before = "" if row.style == HEADING else "  "
            heading = wrap(row.label, width, first=before, rest=before * 2)
            return gap + [[(row.style, line)] for line in heading]
        at = index == self._at
        front = (f"{self.stage.signs.pointer} " if at else "  ") + self._tick(row)
        if row.sign:
            sign_width = max(len(each.sign) for each in self.rows) + 1
            front += f"{row.sign}.".rjust(sign_width) + " "
        return gap + option_lines(row.label, front, width, pointed=at)

    def _tick(self, row: Row) -> str:
        if not self.ticks:
            return ""
        return "[x] " if row.code in self.ticked else "[ ] "

    def _message(self) -> str:
        typed = self._typed if self.searches else ""
        return super()._message() or (_("Typed: {typed}").format(typed=typed) if typed else "")

    def _bind(self, bind: Callable[..., None]) -> None:
        bind(self._enter, Keys.ControlM, Keys.ControlJ)
        bind(lambda _: self._step(1), Keys.Down, Keys.ControlN, Keys.Tab)
        bind(lambda _: self._step(-1), Keys.Up, Keys.ControlP)
        bind(lambda _: self._page_down(), Keys.PageDown)
        bind(lambda _: self._page_up(), Keys.PageUp)
        bind(lambda _: self._move_to(0), Keys.Home)
        bind(lambda _: self._move_to(-1), Keys.End)
        bind(self._backspace, Keys.Backspace, Keys.Delete)
        if self.ticks:
            bind(lambda _: self._space(), " ")
        if Action.BACK in self.leaves:
            bind(leaving(Action.BACK), Keys.Left)

    def _step(self, by: int) -> None:
        rows = self._selectable
        if self._at < 0:
            self._move_to(0 if by > 0 else -1)
        else:
            self._move_to((rows.index(self._at) + by) % len(rows))

    def _page_down(self) -> None:
        """Scroll down so that the first row below the window becomes the top row."""
        rows, behind = self._selectable, self._shown.end
        self._shown.first = min(behind, rows[-1])
        self._move_to(next((rows.index(i) for i in rows if i >= behind), -1))

    def _page_up(self) -> None:
        """Scroll up so that the last row above the window becomes the bottom row."""
        rows, first = self._selectable, self._shown.first
        self._move_to(max((rows.index(i) for i in rows if i < first), default=0))
        self._shown.first = 0

    def _move_to(self, place: int) -> None:
        self.message = self._typed = ""
        self._point(self._selectable[place])

    def _enter(self, event: KeyPressEvent) -> None:
        if self.ticks and self.ticked:
            event.app.exit(result=Chosen(self.ticked))
        elif self.ticks:
            self.message = _(MARK_FIRST) if self.instant else _(TICK_FIRST)
        elif self._at < 0:
            self.message = _(CHOOSE_FIRST)
        else:
            event.app.exit(result=Chosen((self.rows[self._at].code,)))

    def _space(self) -> None:
        self.message = self._typed = ""
        if self._at < 0:
            self.message = _(CHOOSE_FIRST)
        else:
            self._toggle(self.rows[self._at])

    def _toggle(self, row: Row) -> None:
        ticked = {*self.ticked} ^ {row.code} if row.code in self.ticked else self._with(row)
        self.ticked = tuple(r.code for r in self.rows if r.code in ticked)
        self.on_tick(self.ticked)

    def _with(self, row: Row) -> set[str]:
        """The ticked codes plus this row, minus those that cannot be combined with it."""
        ticked = [r for r in self.rows if r.code in self.ticked]
        others = [r for r in ticked if row.exclusive or r.exclusive]
        if len(ticked) - len(others) >= (self.at_most or len(self.rows)):
            words = (
                _("You can choose at most {most}. Press the key of one to remove it first")
                if self.instant
                else _("You can tick at most {most}. Untick one first with Space")
            )
            self.message = words.format(most=self.at_most)
            return {*self.ticked}
        if others and row.exclusive:
            words = _("Only “{label}” is ticked now: it cannot be combined with other answers")
            self.message = words.format(label=row.label)
        elif others:
            words = _("“{label}” is no longer ticked: it cannot be combined with other answers")
            self.message = words.format(label=others[0].label)
        return {r.code for r in (*ticked, row) if r not in others}

    def _press(self, character: str, event: KeyPressEvent) -> None:
        if self.instant and not self.searches:
            self._take(character.casefold(), event)
            return
        if not self.searches:
            self._type_sign(character.casefold())
            return
        begun = "" if self._typed.isdecimal() else self._typed
        if character.isdecimal() and not begun:
            self._type_digit(character)
        elif character.isprintable():
            self._search(begun + character)

    def _take(self, sign: str, event: KeyPressEvent) -> None:
        """Choose or tick the row with this sign, without Enter."""
        row = next((row for row in self.rows if row.sign == sign), None)
        if row is None:
            self.message = _no_answer(clean(sign)) if sign.strip() else ""
            return
        self._point(self.rows.index(row))
        if self.ticks and row.code not in self.alone:
            self._toggle(row)
        else:
            event.app.exit(result=Chosen((row.code,)))

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

    def _type_sign(self, character: str) -> None:
        """Move to the row with the typed sign, such as 8.a, or to the first that begins so."""
        signs = [row.sign for row in self.rows]
        if character == "0" and not self._typed and "10" in signs and "0" not in signs:
            character = "10"
        for typed in (self._typed + character, character):
            begun = [i for i, sign in enumerate(signs) if sign.startswith(typed)]
            if begun:
                self._typed = typed
                self._point(signs.index(typed) if typed in signs else begun[0])
                return
        self._typed = ""
        if character.isdecimal():
            self.message = _no_answer(character)

    def _search(self, typed: str) -> None:
        """Move to a row that matches the typed letters; to none if there is no match.

        The letters are kept even without a match, so that the rest of the word does not match other
        rows.
        """
        self._typed = typed.lstrip()
        if not self._typed:
            return
        found = find(self.rows, self._typed)
        if found is not None:
            self._point(found)
            return
        self._at, self.pointed = -1, None
        self.message = _("Nothing here begins with “{typed}”").format(typed=clean(self._typed))

    def _backspace(self, event: KeyPressEvent) -> None:
        self.message = ""
        if self.instant and not self._typed and Action.BACK in self.leaves:
            event.app.exit(result=Leave(Action.BACK))
            return
        self._search("" if self._typed.isdecimal() else self._typed[:-1])


def _no_answer(sign: str) -> str:
    return _("There is no answer {sign} here").format(sign=sign)
