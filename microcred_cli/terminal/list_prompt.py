"""The prompt for lists: choose one row, or tick several."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from prompt_toolkit.keys import Keys

from microcred_cli.i18n import N_, _
from microcred_cli.questionnaire.finder import Finder
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.terminal.key_map import Action, list_hints
from microcred_cli.terminal.line_answers import number_in
from microcred_cli.terminal.list_rows import HEADING, ListWindow, Row
from microcred_cli.terminal.page_layout import (
    CURSOR,
    MOST_COMPACT,
    Line,
    Room,
    lay_out,
    option_lines,
)
from microcred_cli.terminal.prompt import Chosen, Leave, Prompt, leaving, more
from microcred_cli.terminal.wrapping import cut, width_of, wrap
from microcred_cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent

    from microcred_cli.terminal.page_wording import Page

CHOOSE_FIRST = N_("Choose an answer first: arrow keys or a number")
TICK_FIRST = N_("Nothing is ticked yet: press Space to tick an answer, then Enter")
SEVERAL_FIT = N_("Several answers match: type more, or choose one with the arrow keys")
NOTHING_FITS = N_("No answer in the list matches")
PRESS_FIRST = N_("Choose an answer first: press its number or letter")
MARK_FIRST = N_("Nothing is marked yet: press the key of each answer that applies, then Enter")
MARK_MENTIONED = N_("Nothing is marked yet: press the key of each option mentioned, then Enter")
ONLY_TICKED = N_("Only “{label}” is ticked now: it cannot be combined with other answers")
ONLY_MARKED = N_("Only “{label}” is marked now: it cannot be combined with other answers")
NOT_TICKED = N_("“{label}” is no longer ticked: it cannot be combined with other answers")
NOT_MARKED = N_("“{label}” is no longer marked: it cannot be combined with other answers")
PRESS_KEYS = N_("Pasted text cannot choose an answer here: press a key")
FULL_UP_TO = 3
"""The highest compactness at which a list is shown in full; at higher levels, the section heading
is hidden."""
_LONGEST_SEARCH = 100


@dataclass
class ListPrompt(Prompt):
    """A list to choose one row from or, with `ticks`, up to `at_most` rows.

    `pointed` is the code of the highlighted row (if None, Enter does nothing), and `ticked`
    contains the ticked codes. The selection is updated as keys are pressed, and is preserved if the
    page is shown again. With `searches`, typed words narrow the list to the rows that match, best
    first, until Esc or Backspace clears them; otherwise, a letter moves to the row labelled with
    it.

    If `instant`, the sign of a row chooses or ticks it without Enter (a code in `alone` is an
    answer by itself, unless other rows are ticked), and Backspace goes back. Rows in `unlisted` are
    not shown, but can be chosen by their signs. `on_tick` is called after every change, before the
    page is redrawn. A `whole` list is read aloud, so all rows that are read should be visible: text
    that would hide any of these rows is moved to an earlier page. In a menu, messages call the rows
    entries.
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
    unlisted: tuple[Row, ...] = ()
    in_menu: bool = False
    _typed: str = ""
    _shown: ListWindow = field(default_factory=ListWindow)
    _found: tuple[Row, ...] = field(init=False, default=())
    _at: int = field(init=False, default=-1)
    _moved: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._found = self.rows
        codes = [None if row.heading else row.code for row in self.rows]
        if self.pointed is not None and self.pointed in codes:
            self._at = codes.index(self.pointed)
        self.ticked = tuple(code for code in codes if code is not None and code in self.ticked)
        super().__post_init__()

    @property
    def _selectable(self) -> list[int]:
        return [index for index, row in enumerate(self._found) if not row.heading]

    @property
    def _has_long_signs(self) -> bool:
        """True if any row has a sign of more than one character."""
        return any(len(row.sign) > 1 for row in self.rows)

    @property
    def _is_searching(self) -> bool:
        return self.searches and bool(self._typed) and not self._typed.isdecimal()

    def _point(self, index: int) -> None:
        self._at = index
        self.pointed = self._found[index].code

    def _wanted(self, width: int, compact: int) -> int:
        # A search does not change the height, so that the rest of the page does not move.
        heights = self._heights(self.rows, width)
        if self.whole and (compact <= FULL_UP_TO or self.page.before):
            return self._read_out(width, compact)
        least = max(heights, default=1) + 2
        return min(sum(heights), max(least, {0: 10, 1: 8}.get(compact, 5)))

    def _whole(self, width: int, compact: int) -> int:
        if self.searches:
            return self._wanted(width, compact)
        return sum(self._heights(self.rows, width))

    def _read_out(self, width: int, compact: int) -> int:
        if not self.whole:
            return self._whole(width, compact)
        heights = self._heights(self.rows, width)
        unread = [i for i, row in enumerate(self.rows) if row.heading and not row.code]
        return sum(heights[: unread[0]]) + 1 if unread else sum(heights)

    def _heights(self, rows: tuple[Row, ...], width: int) -> list[int]:
        return [len(self._row(rows, index, width)) for index in range(len(rows))]

    def _draw(self, room: Room) -> list[Line]:
        rows = self._found
        if not rows:
            return [[CURSOR]]
        self._shown.fit(rows, self._heights(rows, room.width), room.rows, self._at)
        first, end = self._shown.first, self._shown.end
        lines: list[Line] = []
        if first > 0:
            lines.append(self._more(self.stage.signs.up, rows[:first]))
        for index in range(first, end):
            lines += self._row(rows, index, room.width)
        if end < len(rows):
            lines.append(self._more_below(rows[end:], room.width))
        if self._at < 0 and lines:
            lines[0].insert(0, CURSOR)
        return lines[: room.rows]

    def _more(self, sign: str, hidden: tuple[Row, ...]) -> Line:
        count = sum(not row.heading for row in hidden)
        return [("class:mc.hint", f"  {sign} {more(count or len(hidden))}")]

    def _more_below(self, hidden: tuple[Row, ...], width: int) -> Line:
        """The scroll indicator, with the keys of reserved codes that are hidden."""
        signs = self.stage.signs
        reserved = [row for row in hidden if row.sign and row.code in MISSING_LABELS]
        keys = [f"{row.sign}. {row.label}" for row in reserved]
        count = sum(not row.heading for row in hidden) - len(reserved)
        counted = [more(count or len(hidden))] if count or not keys else []
        line = f"{signs.down} {signs.between.join([*counted, *keys])}"
        if keys and width_of(line) > width - 2:
            # The keys of the reserved codes are more useful than the number of hidden options.
            line = f"{signs.down} {signs.between.join(keys)}"
        return [("class:mc.hint", "  " + cut(line, width - 2, signs.cut))]

    def _row(self, rows: tuple[Row, ...], index: int, width: int) -> list[Line]:
        row = rows[index]
        gap: list[Line] = [[]] if row.gap and index > 0 else []
        if row.heading:
            before = "" if row.style == HEADING else "  "
            heading = wrap(row.label, width, first=before, rest=before * 2)
            return gap + [[(row.style, line)] for line in heading]
        at = index == self._at
        bar = self.stage.signs.bar if row.aloud else " " if self.rows[0].aloud else ""
        front = bar + (f"{self.stage.signs.pointer} " if at else "  ") + self._tick(row)
        if row.sign:
            sign_width = max(len(each.sign) for each in self.rows) + 1
            front += f"{row.sign}.".rjust(sign_width) + " "
        return gap + option_lines(row.label, front, width, pointed=at, bar=bar)

    def _tick(self, row: Row) -> str:
        if not self.ticks:
            return ""
        return "[x] " if row.code in self.ticked else "[ ] "

    def _current(self) -> Page:
        if not (self.ticks and self.searches and self._typed):
            return self._with_arrows(self.page)
        # Enter ticks the row found or, if several match, the row chosen with the arrow keys. While
        # words are being typed, Space is part of the search; after a number, one hint is enough.
        tick = _("Enter: tick") if self._selectable else ""
        if self._at < 0 and tick:
            tick = f"{self.stage.signs.arrows}, {tick}"
        enters = {_("Enter: go on"): tick}
        if not self._moved if self._is_searching else self._at >= 0:
            enters[_("Space: tick")] = ""
        hints, needed = (
            tuple(filter(None, (enters.get(hint, hint) for hint in each)))
            for each in (self.page.hints, self.page.needed)
        )
        return replace(self.page, hints=hints, needed=needed)

    def _with_arrows(self, page: Page) -> Page:
        """The page, with a hint on arrow keys if single keys choose rows but rows are hidden."""
        if not self.instant:
            return page
        room = lay_out(page, self._message(), self.stage.signs, self.stage.size, self._wants)
        if self._whole(room.width, MOST_COMPACT) <= room.rows:
            return page
        arrows = list_hints(self.stage.signs)[:1]
        few = (*page.few_keys[:1], *page.needed, *arrows, *page.few_keys[1:])
        return replace(page, hints=(*arrows, *page.hints), few_keys=few)

    def _message(self) -> str:
        said = super()._message()
        if not self._typed or not (self.searches or self._has_long_signs):
            return said
        typed = [_("Typed: {typed}").format(typed=clean(self._typed))]
        if self._is_searching:
            typed.append(_("Esc: clear"))
        return "\n".join(filter(None, (said, self.stage.signs.between.join(typed))))

    def _bind(self, bind: Callable[..., None]) -> None:
        bind(self._enter, Keys.ControlM, Keys.ControlJ)
        bind(lambda _: self._step(1), Keys.Down, Keys.ControlN, Keys.Tab)
        bind(lambda _: self._step(-1), Keys.Up, Keys.ControlP)
        bind(lambda _: self._page_down(), Keys.PageDown)
        bind(lambda _: self._page_up(), Keys.PageUp)
        bind(lambda _: self._move_to(0), Keys.Home)
        bind(lambda _: self._move_to(-1), Keys.End)
        bind(self._backspace, Keys.Backspace, Keys.Delete)
        bind(lambda _: self._delete_typed(), Keys.ControlU)
        bind(lambda event: self.paste(event.data), Keys.BracketedPaste)
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
        self._shown.first = min(behind, rows[-1]) if rows else 0
        self._move_to(next((rows.index(i) for i in rows if i >= behind), -1))

    def _page_up(self) -> None:
        """Scroll up so that the last row above the window becomes the bottom row."""
        rows, first = self._selectable, self._shown.first
        self._move_to(max((rows.index(i) for i in rows if i < first), default=0))
        self._shown.first = 0

    def _move_to(self, place: int) -> None:
        self.message = ""
        if not self._is_searching:
            self._typed = ""
        if self._selectable:
            self._moved = True
            self._point(self._selectable[place])

    def _enter(self, event: KeyPressEvent) -> None:
        if self._is_searching and self._at < 0:
            self.message = _(SEVERAL_FIT) if self._hits else _(NOTHING_FITS)
        elif self.searches and self.ticks and self._typed:
            if self._found[self._at].code not in self.ticked:
                self._toggle(self._found[self._at])
            self._clear()
        elif self.ticks and self.ticked:
            event.app.exit(result=Chosen(self.ticked))
        elif self.ticks:
            self.message = self._nothing_ticked()
            # The next digit starts a new number.
            self._typed = ""
        elif self._at < 0:
            self.message = _(PRESS_FIRST) if self._answers_at_once else _(CHOOSE_FIRST)
        else:
            event.app.exit(result=Chosen((self._found[self._at].code,)))

    @property
    def _answers_at_once(self) -> bool:
        return self.instant and not self.searches

    def _nothing_ticked(self) -> str:
        if not self._answers_at_once:
            return _(TICK_FIRST)
        return _(MARK_MENTIONED) if self.page.aloud else _(MARK_FIRST)

    def _space(self) -> None:
        """Tick the highlighted row; while a search is being typed, insert a space instead."""
        self.message = ""
        if self._is_searching and not self._moved:
            self._search(f"{self._typed} ")
            return
        if self._at < 0:
            self.message = _(CHOOSE_FIRST)
        else:
            self._toggle(self._found[self._at])
        self._clear()

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
                _("You can choose at most {most}. To remove one, press its key")
                if self.instant
                else _("You can tick at most {most}. Untick one first with Space")
            )
            self.message = words.format(most=self.at_most)
            return {*self.ticked}
        if others and row.exclusive:
            words = _(ONLY_MARKED if self.instant else ONLY_TICKED)
            self.message = words.format(label=row.label)
        elif others:
            words = _(NOT_MARKED if self.instant else NOT_TICKED)
            self.message = words.format(label=others[0].label)
        return {r.code for r in (*ticked, row) if r not in others}

    def _press(self, character: str, event: KeyPressEvent) -> None:
        if self._answers_at_once:
            self._take(character.casefold(), event)
            return
        if not self.searches:
            self._type_sign(character.casefold())
            return
        begun = self._begun
        if character.isdecimal() and not begun:
            self._type_digit(character)
        elif character.isprintable():
            self._search(begun + character)

    @property
    def _begun(self) -> str:
        """The search typed so far, without a number typed before it."""
        return "" if self._typed.isdecimal() else self._typed

    def paste(self, text: str) -> None:
        """Add pasted text to the search; line breaks in the text do not act as Enter."""
        if self.searches:
            self.message = ""
            self._search(self._begun + clean(text))
        else:
            self.message = _(PRESS_KEYS)

    def _take(self, sign: str, event: KeyPressEvent) -> None:
        """Choose or tick the row with this sign, without Enter."""
        row = next((row for row in self.rows if row.sign == sign), None) or self._numbered(sign)
        unlisted = next((row for row in self.unlisted if row.sign == sign), None)
        if unlisted is not None:
            event.app.exit(result=Chosen((unlisted.code,)))
        elif row is None:
            self.message = self._no_row(clean(sign)) if sign.strip() else ""
        else:
            self._choose(row, event)

    def _choose(self, row: Row, event: KeyPressEvent) -> None:
        self._point(self.rows.index(row))
        others = {*self.ticked} - {row.code}
        if self.ticks and (others or row.code not in self.alone):
            self._toggle(row)
        else:
            event.app.exit(result=Chosen((row.code,)))

    def _numbered(self, sign: str) -> Row | None:
        """The option at this position in the list, if the options are labelled with letters."""
        options = [row for row in self.rows if not row.heading and row.code not in self.alone]
        if any(row.sign.isdecimal() for row in options):
            return None
        number = number_in(sign, len(options))
        return None if number is None else options[number - 1]

    def _type_digit(self, digit: str) -> None:
        signs = [row.sign for row in self.rows]
        if digit == "0" and not self._typed and "10" in signs and "0" not in signs:
            digit = "10"
        if self._is_wrong_number(self._typed + digit):
            return
        for number in (self._typed + digit, digit):
            if number in signs:
                self._typed = number
                self._point(signs.index(number))
                return
        self._typed = ""
        self.message = self._no_row(digit)

    def _type_sign(self, character: str) -> None:
        """Move to the row with the typed sign, or to the first row whose sign begins with it."""
        signs = [row.sign for row in self.rows]
        if character == "0" and not self._typed and "10" in signs and "0" not in signs:
            character = "10"
        if self._is_wrong_number(self._typed + character):
            return
        for typed in (self._typed + character, character):
            begun = [i for i, sign in enumerate(signs) if sign.startswith(typed)]
            if begun:
                self._typed = typed
                self._point(signs.index(typed) if typed in signs else begun[0])
                return
        self._typed = ""
        if character.strip():
            self.message = self._no_row(clean(character))

    def _is_wrong_number(self, typed: str) -> bool:
        """Reject a multi-digit number that no row has; its last digit alone must not choose a row.

        In a list answered with single keys, each digit is a choice by itself.
        """
        is_known = any(row.sign.startswith(typed) for row in self.rows)
        if is_known or len(typed) < 2 or not typed.isdecimal() or not self._has_long_signs:
            return False
        self._typed, self._at, self.pointed = "", -1, None
        self.message = self._no_row(typed)
        return True

    def _no_row(self, sign: str) -> str:
        return (
            _("There is no entry {sign} here").format(sign=sign)
            if self.in_menu
            else no_answer(sign)
        )

    @cached_property
    def _listed(self) -> tuple[Row, ...]:
        """The rows that a search finds: options, without the reserved codes."""
        return tuple(
            row for row in self.rows if not (row.heading or row.apart or row.code in MISSING_LABELS)
        )

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._listed)

    @property
    def _hits(self) -> bool:
        return any(row in self._listed for row in self._found)

    def _search(self, typed: str) -> None:
        """Narrow the list to the hits; highlight a hit only if it is clearly the best."""
        typed = typed.lstrip()[:_LONGEST_SEARCH]
        if not typed:
            self._clear()
            return
        self._typed, self._moved, self._shown = typed, False, ListWindow()
        found = self._finder.find(typed)
        hits = [self._listed[position] for position in found.hits]
        self._found = (*hits, *(row for row in self.rows if row not in self._listed))
        self._at, self.pointed = -1, None
        if found.best is not None:
            self._point(0)
        elif not hits:
            self.message = _(NOTHING_FITS)

    def _clear(self) -> None:
        """Show the whole list again, with the same row highlighted."""
        self._typed, self._moved, self._found = "", False, self.rows
        codes = [None if row.heading else row.code for row in self.rows]
        self._at = -1 if self.pointed is None else codes.index(self.pointed)

    def _delete_typed(self) -> None:
        """Delete the search text or number."""
        self.message = ""
        if self.searches:
            self._clear()
        self._typed = ""

    def _escape(self, event: KeyPressEvent) -> None:
        super()._escape(event)
        if self.searches:
            self._clear()

    def _backspace(self, event: KeyPressEvent) -> None:
        self.message = ""
        if self.instant and not self._typed and Action.BACK in self.leaves:
            event.app.exit(result=Leave(Action.BACK))
            return
        if self.searches:
            self._search("" if self._typed.isdecimal() else self._typed[:-1])
        else:
            self._typed = self._typed[:-1]


def no_answer(sign: str) -> str:
    """The message about a key or number that no row has."""
    return _("There is no answer {sign} here").format(sign=sign)
