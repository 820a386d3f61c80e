"""The prompt for rankings: a single list, in which the chosen rows show their ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.i18n import _
from microcred_cli.terminal.key_map import Action
from microcred_cli.terminal.line_answers import not_with_others
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.page_wording import ordinal
from microcred_cli.terminal.prompt import Chosen, Leave
from microcred_cli.terminal.wrapping import width_of

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from microcred_cli.terminal.list_rows import Row


@dataclass
class RankPrompt(ListPrompt):
    """A list from which up to `most` rows are chosen one by one, in rank order.

    Rows keep their numbers; `ranked` rows show their ranks and cannot be chosen again. Backspace
    leaves the prompt to undo the last choice. A ranked row that is exclusive ends the ranking. Rows
    in `excluded` are not shown, because they cannot follow another row; typing the sign of such a
    row shows a message.
    """

    ranked: tuple[str, ...] = ()
    most: int = 1
    excluded: tuple[Row, ...] = ()

    @property
    def _is_full(self) -> bool:
        return self._alone is not None or len(self.ranked) >= self.most

    @property
    def _alone(self) -> Row | None:
        """The ranked row that ends the ranking, if any."""
        return next((r for r in self.rows if r.exclusive and r.code in self.ranked), None)

    def _tick(self, row: Row) -> str:
        ranks = [f"[{ordinal(rank)}] " for rank in range(1, self.most + 1)]
        blank = " " * max(map(width_of, ranks))
        if row.code not in self.ranked:
            return blank
        mark = ranks[self.ranked.index(row.code)]
        return mark + blank[width_of(mark) :]

    def _enter(self, event: KeyPressEvent) -> None:
        pointed = self.rows[self._at] if self._at >= 0 else None
        if self._is_full and (pointed is None or pointed.code == self.ranked[-1]):
            event.app.exit(result=Chosen((self.ranked[-1],)))
        elif pointed is None or not self._refuses(pointed):
            super()._enter(event)

    def _press(self, character: str, event: KeyPressEvent) -> None:
        sign = self._typed + character.casefold()
        row = next((row for row in self.excluded if row.sign == sign), None)
        if row is None:
            super()._press(character, event)
            return
        self._typed, self._at, self.pointed = "", -1, None
        self.message = not_with_others(row.label)

    def _take(self, sign: str, event: KeyPressEvent) -> None:
        row = next((row for row in self.rows if row.sign == sign), None)
        if row is None or not self._refuses(row):
            super()._take(sign, event)

    def _refuses(self, row: Row) -> bool:
        """Show why a row cannot be chosen now; return False if it can be chosen."""
        chosen = row if row.code in self.ranked else self._alone
        if chosen is not None:
            self.message = _("“{label}” is already chosen.").format(label=chosen.label)
        elif self._is_full:
            self.message = _("All {most} are chosen: Backspace removes the last one").format(
                most=self.most
            )
        else:
            return False
        return True

    def _backspace(self, event: KeyPressEvent) -> None:
        if self.ranked and not self._typed:
            event.app.exit(result=Leave(Action.TAKE_BACK))
        else:
            super()._backspace(event)
