"""The audit: what each table's counts are rounded to, or whether it is printed at all.

Everything printed on an item is judged together: the table of everyone, and those by each
breakdown. The attacker knows how many responses there are, exactly, and how figures are made.
Each masked count of an answer, or of `not_asked`, must be able to have at least four values; as
they are values from nought on, no such count is then provably nought, and no row or column provably
all in one cell. It is shown by witnesses, data sets that print the same (see `worlds` and `rows`).
A table for which that cannot be shown is rounded to 10, and where that does not help either, it is
withheld.

What is decided on is a statement: a row of a matrix, or else a whole item. Rows can be decided on
one by one, because the witness of a row changes what people say in that row and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from random import Random
from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.summary.audit.dataset import DataSets
from microcred_cli.summary.audit.questions import questions
from microcred_cli.summary.rule import (
    COARSER,
    FEWEST_VALUES,
    MASKED_BELOW,
    ROUNDED_TO,
    printed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.summary.audit.dataset import Judged, Rounding
    from microcred_cli.summary.audit.earlier import Succession
    from microcred_cli.summary.plan import Plan, TableShape
    from microcred_cli.summary.tabulation import CellCounts, Grouping, Tabulation

Resolution = dict[tuple[int, str | None], int]
"""What the counts of a table are rounded to, by its place in the plan and the breakdown (None: of
everyone). A table that is not in it is withheld."""

Statement = list[tuple[int, "TableShape"]]
"""The tables that are decided on together, with their places in the plan."""

LADDER: Final = (ROUNDED_TO, COARSER)
"""What is tried, in this order, before a table is withheld."""

ROUNDS: Final = 3
STEPS: Final = 40

LOTS: Final = 1024
"""Of so many tables that could be printed as they are, so many are taken a step further by lot:"""

TO_COARSER: Final = 64
"""rounded to 10, if a count is masked in them,"""

TO_COARSER_OF_EVERYONE: Final = 16
"""rounded to 10, if none is masked but in the breakdowns,"""

TO_NOTHING: Final = 1
"""withheld, if a count is masked in them,"""

TO_NOTHING_WHERE_NARROW: Final = 16
"""withheld, if their figures, rounded to 10, leave a count less than all a masked one's values."""

SMALL: Final = 16
"""Where no more cells than these are printed on all other items, there is no lot to draw."""


def resolution(plan: Plan, whole: Tabulation, beside: Succession | None = None) -> Resolution:
    """What the counts of each table that is printed are rounded to, beside the last figures."""
    audit = Audit(plan, whole, beside)
    return {
        (place, name): to
        for statement in audit.statements()
        for name, to in audit.rounding(statement).items()
        for place, _ in statement
    }


class Audit:
    """The audit of one seal."""

    def __init__(self, plan: Plan, whole: Tabulation, beside: Succession | None = None) -> None:
        self.plan = plan
        self.whole = whole
        self._beside = beside
        self._sets = DataSets(plan, whole)
        self._exact = [json.dumps(sorted(table.items())).encode() for table in whole.everyone]

    def statements(self) -> Iterator[Statement]:
        """All statements: each row of a matrix, and each other item.

        Where few were not asked a matrix, its rows are one statement, as they share those few.
        """
        places = iter(range(len(self.plan.tables)))
        for block in self.plan.blocks():
            tables = [(next(places), table) for table in block]
            if block[0].kind == "matrix" and not self._share_not_asked(tables):
                yield from ([table] for table in tables)
            else:
                yield tables

    def _share_not_asked(self, tables: Statement) -> bool:
        """Whether who was not asked some rows or ranks is a count that must stay uncertain."""
        not_asked = self.whole.everyone[tables[0][0]].get(NOT_ASKED)
        return not_asked is not None and not_asked < MASKED_BELOW

    def _judged(self, statement: Statement) -> list[Judged]:
        """What is judged in one data set: a question, or rows or ranks that share a count."""
        parts = tuple(questions(statement))
        if not self._share_not_asked(statement):
            return [(part,) for part in parts]
        kind = statement[0][1].kind
        together = {"matrix": len(parts), "ranking": len(statement) - 1}.get(kind, 0)
        found: list[Judged] = [parts[:together]] if together else []
        return [*found, *((part,) for part in parts[together:])]

    def rounding(self, statement: Statement) -> dict[str | None, int]:
        """What a statement's counts are rounded to, by breakdown; what is withheld is left out.

        Those of everyone are rounded to 10 where more breakdowns can be printed then.
        """
        judged = self._judged(statement)
        shape = statement[0][1]
        printed_by = [
            g for g in self.whole.groupings if g.offered and shape.item in self.plan.broken_down
        ]
        alike = [g.id for g in printed_by if self._is_of_one_group(shape, g)]
        found = self._rounding(statement, judged, [g.id for g in printed_by if g.id not in alike])
        return found | {name: found[None] for name in alike if found}

    def _is_of_one_group(self, shape: TableShape, grouping: Grouping) -> bool:
        """Whether a single group was asked, whose figures are those of everyone."""
        asked = [g for g in grouping.groups if grouping.cells(self.plan, shape, g)]
        return len(asked) == 1

    def _rounding(
        self, statement: Statement, judged: list[Judged], offered: Sequence[str]
    ) -> dict[str | None, int]:
        if self._beside is None and not any(self._hides(judged, n) for n in (None, *offered)):
            return dict.fromkeys((None, *offered), ROUNDED_TO)
        ladder = LADDER[:1] if self._is_small(statement) else LADDER
        start: Rounding = {
            name: next((to for to in ladder if self._can_hold(statement, judged, name, to)), None)
            for name in offered
        }
        best: dict[str | None, int] = {}
        for to in ladder:
            if self._holds(statement, judged, None, to):
                settled = self._settled(judged, {None: to, **start}, ladder[-1])
                found = {name: to for name, to in settled.items() if to is not None}
                if len(found) > len(best):
                    best = found
                if len(found) > len(offered):
                    break
        return best

    def _settled(self, judged: list[Judged], start: Rounding, coarsest: int) -> Rounding:
        """A rounding under which every count was shown to be uncertain.

        Of the breakdowns with a count for which that was not shown, the one with the most groups is
        made coarser; then, if they are all coarse, withheld.
        """
        found = dict(start)
        sizes = {grouping.id: len(grouping.groups) for grouping in self.whole.groupings}
        while failing := self._failing(judged, found):
            shown = [name for name, to in found.items() if name is not None and to is not None]
            if not shown:
                raise AssertionError("the table of everyone was shown to hold alone")
            suspects = [name for name in shown if name in failing] or shown
            fine = [name for name in suspects if found[name] != coarsest] or suspects
            most = max(sizes[name] for name in fine)
            worst = next(name for name in reversed(fine) if sizes[name] == most)
            found[worst] = coarsest if found[worst] != coarsest else None
        return found

    def _hides(self, judged: list[Judged], name: str | None) -> bool:
        """Whether a count is masked that must stay uncertain."""
        return any(self._sets.room(part, name, ROUNDED_TO) <= MASKED_BELOW for part in judged)

    def _holds(self, statement: Statement, judged: list[Judged], name: str | None, to: int) -> bool:
        """Whether tables can be printed alone, and no lot says otherwise."""
        can = self._can_hold(statement, judged, name, to)
        return can and not self._failing(judged, {name: to})

    def _can_hold(
        self, statement: Statement, judged: list[Judged], name: str | None, to: int
    ) -> bool:
        """Whether the figures of each group alone leave enough values, and no lot decides it."""
        places = [place for place, _ in statement]
        if self._beside is not None and not all(
            self._beside.allows(place, name, to) for place in places
        ):
            return False
        room = min(self._sets.room(part, name, to) for part in judged)
        told = (self._sets.room_of_ticks, self._sets.room_of_ranks)
        if min(room, *(tell(places, name, to) for tell in told)) < FEWEST_VALUES:
            return False
        if self._is_small(statement):
            every = min(self._sets.room(part, name, to, every=True) for part in judged)
            return every >= MASKED_BELOW
        return not self._is_decoy(statement, name, to, room)

    def _failing(self, judged: list[Judged], rounding: Rounding) -> set[str | None]:
        """The breakdowns with a count not shown to be uncertain, of the first question with such.

        What failed is moved to the front of `judged`: it is likely to fail again.
        """
        narrow = {name for part in judged for name in self._sets.narrow(part, rounding)}
        if narrow:
            return narrow
        for place, part in enumerate(judged):
            names, search = self._sets.search(part, rounding)
            search.search(Random(0), rounds=ROUNDS, steps=STEPS)
            found = {names[key.division] for key in search.open()}
            if found:
                judged.insert(0, judged.pop(place))
                return found
        return set()

    # -- decoys -----------------------------------------------------------------------------------

    def _is_decoy(self, statement: Statement, name: str | None, to: int, room: int) -> bool:
        """Whether tables that could be printed so are taken a step further all the same, by lot.

        Else the step would tell what made it necessary. It can fall on all tables that can be in
        need of the step: those with a masked count, and those of everyone.
        """
        is_coarse = to == COARSER
        if room > MASKED_BELOW:
            limit = 0 if is_coarse or name is not None else TO_COARSER_OF_EVERYONE
        elif room < MASKED_BELOW:
            limit = TO_NOTHING_WHERE_NARROW if is_coarse else TO_COARSER
        else:
            limit = TO_NOTHING if is_coarse else TO_COARSER
        return self._lot(statement, name) < limit

    def _lot(self, statement: Statement, name: str | None) -> int:
        """A number below `LOTS`, by chance.

        It hangs on the printed figures of the tables and on the exact counts of all other items,
        which nobody knows.
        """
        tables = [place for place, _ in statement]
        parts = [self.whole.everyone]
        if name is not None:
            parts = list(self.whole.groups[name].values())
        figures = [self._printed(part, tables) for part in parts]
        lot = hashlib.sha256(json.dumps([figures, tables, name]).encode())
        for place in self._others(statement):
            lot.update(self._exact[place])
        return int.from_bytes(lot.digest()[:2]) % LOTS

    def _is_small(self, statement: Statement) -> bool:
        """Whether the other items have so few cells that their counts could be guessed."""
        return sum(len(self.whole.everyone[p]) for p in self._others(statement)) <= SMALL

    def _others(self, statement: Statement) -> list[int]:
        """The places of the tables of all other items."""
        item = statement[0][1].item
        return [place for place, shape in enumerate(self.plan.tables) if shape.item != item]

    def _printed(self, counts: Sequence[CellCounts], tables: Sequence[int]) -> list[int | None]:
        return [printed(count) for place in tables for count in counts[place].values()]
