"""The prompt for options read out one by one, each answered with yes or no."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prompt_toolkit.keys import Keys

from microcred_cli.i18n import _, letter
from microcred_cli.terminal.key_map import Action
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.prompt import Chosen, Leave

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent

    from microcred_cli.terminal.list_rows import Row
    from microcred_cli.terminal.page_wording import Page


@dataclass
class YesNoPrompt(ListPrompt):
    """A list whose rows are each marked yes or no with one key.

    `marks` maps the code of each marked row to True (yes) or False (no), in the order of marking;
    `on_mark` is called with them after every change, before the page is redrawn. The outcome
    contains the codes marked yes (none if all were marked no); a code in `alone` is an outcome by
    itself. The prompt ends when every row is marked, or on Enter, which means that nothing else
    applies. If every row is already marked, it ends when the last row is answered again.
    """

    whole: bool = True
    marks: dict[str, bool] = field(default_factory=dict)
    on_mark: Callable[[dict[str, bool]], None] = lambda _: None

    def __post_init__(self) -> None:
        super().__post_init__()
        first = next(iter(self._open), self._read[0] if self._read else None)
        if first is not None:
            self._point(self.rows.index(first))

    @property
    def _read(self) -> list[Row]:
        return [row for row in self.rows if not row.heading and row.code not in self.alone]

    @property
    def _open(self) -> list[Row]:
        return [row for row in self._read if row.code not in self.marks]

    def _tick(self, row: Row) -> str:
        if row.code in self.alone:
            return ""
        sign = {True: letter("yes"), False: letter("no"), None: " "}[self.marks.get(row.code)]
        return f"[{sign}] "

    def _current(self) -> Page:
        """The page, whose hint for Enter states what Enter does now, if anything."""
        enter = self.page.answers
        if self._at >= 0 and self.rows[self._at].code in self.alone:
            now: tuple[str, ...] = (_("Enter: choose"),)
        else:
            now = enter if self.marks else ()
        keys = [hint for hint in self.page.hints if hint not in enter]
        return replace(
            self.page, hints=(*keys[:2], *now, *keys[2:]), answers=now or tuple(keys[:1])
        )

    def _bind(self, bind: Callable[..., None]) -> None:
        super()._bind(bind)
        bind(self._undo, Keys.Backspace, Keys.Delete)

    def _press(self, character: str, event: KeyPressEvent) -> None:
        sign = character.casefold()
        if sign in (letter("yes"), letter("no")):
            self._mark(self.rows[self._at], sign == letter("yes"), event, is_answer=True)
            return
        row = next((row for row in self.rows if row.sign == sign and not row.heading), None)
        if row is None:
            self.message = _("Press {yes} for yes or {no} for no").format(
                yes=letter("yes"), no=letter("no")
            )
        elif row.code in self.alone:
            event.app.exit(result=Chosen((row.code,)))
        else:
            self._mark(row, not self.marks.get(row.code), event)

    def _mark(self, row: Row, yes: bool, event: KeyPressEvent, *, is_answer: bool = False) -> None:
        """Mark a row, and go to the next; the key for yes or no is an answer, a number is not."""
        if row.code in self.alone:
            self.message = _("Press its key, or Enter, to choose this one")
            return
        was_open = bool(self._open)
        self.marks.pop(row.code, None)
        self.marks[row.code] = yes
        self.on_mark(self.marks)
        read = self._read
        here = read.index(row)
        if not self._open and (was_open or (is_answer and row is read[-1])):
            event.app.exit(result=self._said())
            return
        behind = [r for r in (*read[here + 1 :], *read[:here]) if r in self._open]
        following = behind[0] if behind else read[min(here + 1, len(read) - 1)]
        self._point(self.rows.index(following))

    def _enter(self, event: KeyPressEvent) -> None:
        pointed = self.rows[self._at]
        if pointed.code in self.alone:
            event.app.exit(result=Chosen((pointed.code,)))
        elif self.marks:
            event.app.exit(result=self._said())
        else:
            message = _("Nothing is marked yet: press {yes} for yes or {no} for no")
            self.message = message.format(yes=letter("yes"), no=letter("no"))

    def _undo(self, event: KeyPressEvent) -> None:
        """Undo the last mark, or go back if there is none."""
        self.message = ""
        if self.marks and self._open:
            code, _yes = self.marks.popitem()
            self.on_mark(self.marks)
            self._point(next(i for i, row in enumerate(self.rows) if row.code == code))
        elif Action.BACK in self.leaves:
            event.app.exit(result=Leave(Action.BACK))

    def _said(self) -> Chosen:
        return Chosen(tuple(row.code for row in self._read if self.marks.get(row.code)))
