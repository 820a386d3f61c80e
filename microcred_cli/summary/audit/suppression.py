"""Secondary suppression: decides whether each table is printed, rounded to tens or withheld.

All tables of an item are checked together: the tables of all respondents, and the tables by each
breakdown. The attacker is assumed to know the exact number of responses and the method of computing
figures. At least four values must be possible for each masked count of an answer or of `not_asked`,
so that no such count is provably zero, and no row or column is provably concentrated in one cell.
Witnesses, which are data sets with the same printed figures, prove that these values are possible.
A table for which witnesses are missing is rounded to tens or, if that is not enough, withheld.

The unit of decision is a statement: a row of a matrix, or any other item as a whole. Rows can be
decided on separately, because the witness of a row changes answers only in that row.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.summary.audit.dataset import DataSet
from microcred_cli.summary.audit.decoys import Decoys
from microcred_cli.summary.audit.intervals import Intervals, Judged, Rounding
from microcred_cli.summary.audit.partitions import Statement, partitions
from microcred_cli.summary.audit.witness import Tries
from microcred_cli.summary.rule import COARSER, FEWEST_VALUES, MASKED_BELOW, ROUNDED_TO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.summary.audit.differencing import Differencing
    from microcred_cli.summary.plan import Plan
    from microcred_cli.summary.tabulation import Tabulation

Resolution = dict[tuple[int, str | None], int]
"""The rounding base of each printed table, by its index in the plan and the breakdown (None: all
respondents)."""

LADDER: Final = (ROUNDED_TO, COARSER)
"""The rounding bases to try in this order before a table is withheld."""

MOST_TRIES: Final = 8_000_000
"""The number of moves that may be examined for all statements together."""

FEWEST_TRIES: Final = 40_000
"""The number of moves that may be examined for a statement, however many statements there are."""

USUAL_BREAKDOWNS: Final = 5
"""If there are more breakdowns than this, proportionally fewer moves may be examined."""

ROUNDS: Final = 3
STEPS: Final = 40


def resolution(plan: Plan, whole: Tabulation, beside: Differencing | None = None) -> Resolution:
    """The rounding base of each table that can be printed in addition to the previous figures."""
    audit = Audit(plan, whole, beside)
    return {
        (place, name): to
        for statement in audit.statements()
        for name, to in audit.rounding(statement).items()
        for place, _ in statement
    }


class Audit:
    """The audit of one seal."""

    def __init__(self, plan: Plan, whole: Tabulation, beside: Differencing | None = None) -> None:
        self.plan = plan
        self.whole = whole
        self.beside = beside
        self.intervals = Intervals(plan, whole)
        self.data = DataSet(self.intervals)
        self.decoys = Decoys(plan, whole)
        tries = MOST_TRIES // max(1, sum(1 for _ in self.statements()))
        # Each try takes longer the more breakdowns there are.
        most = max(USUAL_BREAKDOWNS, len(plan.breakdowns))
        self.tries = max(FEWEST_TRIES, tries) * USUAL_BREAKDOWNS // most

    def statements(self) -> Iterator[Statement]:
        """All statements: each row of a matrix, and each other item.

        If the number of people who were not asked a matrix question is masked, its rows are one
        statement, because they share that count.
        """
        places = iter(range(len(self.plan.tables)))
        for block in self.plan.blocks():
            tables = [(next(places), table) for table in block]
            if block[0].kind == "matrix" and not self._share_not_asked(tables):
                yield from ([table] for table in tables)
            else:
                yield tables

    def _share_not_asked(self, tables: Statement) -> bool:
        """True if the number of people not asked about these rows or ranks must stay uncertain."""
        not_asked = self.whole.everyone[tables[0][0]].get(NOT_ASKED)
        return not_asked is not None and not_asked < MASKED_BELOW

    def judged(self, statement: Statement) -> list[Judged]:
        """The partitions of a statement, grouped so that each group is checked in one data set."""
        parts = tuple(partitions(statement))
        if not self._share_not_asked(statement):
            return [(part,) for part in parts]
        kind = statement[0][1].kind
        together = {"matrix": len(parts), "ranking": len(statement) - 1}.get(kind, 0)
        found: list[Judged] = [parts[:together]] if together else []
        return [*found, *((part,) for part in parts[together:])]

    def rounding(self, statement: Statement) -> dict[str | None, int]:
        """The rounding base of a statement's counts by breakdown, without withheld breakdowns."""
        place, shape = statement[0]
        alike: list[str] = []
        others: list[str] = []
        for grouping in self.whole.groupings.values():
            if grouping.offered and shape.item in self.plan.broken_down:
                asked = [g for g in grouping.groups if self.whole.cells(place, grouping.id, g)]
                # If only one group was asked, its figures are those of all respondents.
                (alike if len(asked) == 1 else others).append(grouping.id)
        found = _Decision(self, statement, others).rounding()
        return found | {name: found[None] for name in alike if found}


class _Decision:
    """The decision on one statement, in three stages.

    First, each breakdown by itself gets the finest rounding that allows enough values and at which
    the breakdown is not a decoy. Next, the rounding of the table of all respondents is determined
    in the same way. Finally, breakdowns are rounded to tens or withheld until every remaining count
    has been proved uncertain.
    """

    def __init__(self, audit: Audit, statement: Statement, offered: Sequence[str]) -> None:
        self._audit, self._statement, self._offered = audit, statement, offered
        self._places = [place for place, _ in statement]
        self._judged = audit.judged(statement)
        self._is_guessable = audit.decoys.can_be_guessed(statement)
        self._tries = Tries(audit.tries)

    def rounding(self) -> dict[str | None, int]:
        """The rounding base by breakdown; withheld breakdowns are left out.

        The table of all respondents is rounded to tens if this allows more breakdowns to be
        printed.
        """
        names = (None, *self._offered)
        # True for tables with a masked count that must stay uncertain.
        has_masked = (self._fewest_values(name, ROUNDED_TO) <= MASKED_BELOW for name in names)
        if self._audit.beside is None and not any(has_masked):
            return dict.fromkeys(names, ROUNDED_TO)
        ladder = LADDER[:1] if self._is_guessable else LADDER
        start: Rounding = {
            name: next((to for to in ladder if self._is_safe_alone(name, to)), None)
            for name in self._offered
        }
        best: dict[str | None, int] = {}
        for to in ladder:
            if self._is_safe_alone(None, to) and not self._failing({None: to}):
                settled = self._settled({None: to, **start}, ladder[-1])
                found = {name: to for name, to in settled.items() if to is not None}
                if len(found) > len(best):
                    best = found
                if len(found) > len(self._offered):
                    break
        return best

    def _fewest_values(self, name: str | None, to: int, *, every: bool = False) -> int:
        fewest = self._audit.intervals.fewest_values
        return min(fewest(part, name, to, every=every) for part in self._judged)

    def _is_safe_alone(self, name: str | None, to: int) -> bool:
        """True if the figures of each group alone allow enough values and are not decoys."""
        beside, intervals = self._audit.beside, self._audit.intervals
        if beside and not all(beside.allows(place, name, to) for place in self._places):
            return False
        fewest = self._fewest_values(name, to)
        others = (intervals.fewest_of_options, intervals.fewest_of_ranks)
        if min(fewest, *(find(self._places, name, to) for find in others)) < FEWEST_VALUES:
            return False
        if self._is_guessable:
            return self._fewest_values(name, to, every=True) >= MASKED_BELOW
        return not self._audit.decoys.include(self._statement, name, to, fewest)

    def _settled(self, start: Rounding, coarsest: int) -> Rounding:
        """Coarsen a rounding until every count is proved uncertain.

        Of the breakdowns with an unproved count, the one with the most groups is rounded to tens
        or, if all are already rounded to tens, withheld. If too many moves have been examined, all
        breakdowns with an unproved count are withheld.
        """
        found = dict(start)
        groupings = self._audit.whole.groupings
        while failing := self._failing(found):
            if self._tries.are_used_up:
                return {None: start[None]}
            shown = [name for name, to in found.items() if name is not None and to is not None]
            if not shown:
                raise AssertionError("the table of all respondents was already proved safe alone")
            suspects = [name for name in shown if name in failing] or shown
            fine = [name for name in suspects if found[name] != coarsest] or suspects
            worst = max(reversed(fine), key=lambda name: len(groupings[name].groups))
            found[worst] = coarsest if found[worst] != coarsest else None
        return found

    def _failing(self, rounding: Rounding) -> set[str | None]:
        """The breakdowns with unproved counts, from the first part that has any.

        A part that failed is checked first the next time, because it is likely to fail again.
        """
        narrow = {name for p in self._judged for name in self._audit.intervals.narrow(p, rounding)}
        if narrow:
            return narrow
        for place, part in enumerate(self._judged):
            names, search = self._audit.data.search(part, rounding, self._tries)
            search.search(Random(0), rounds=ROUNDS, steps=STEPS)
            found = {names[key.marginal] for key in search.open()}
            if found:
                self._judged.insert(0, self._judged.pop(place))
                return found
        return set()
