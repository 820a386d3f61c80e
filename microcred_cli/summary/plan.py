"""The plan: all tables of a questionnaire, and the breakdowns for them.

The plan depends only on the questionnaire, never on responses, so the list of tables may be public,
as may the list of cells that are omitted because no route leads to them.
"""

from __future__ import annotations

from itertools import combinations, groupby
from typing import TYPE_CHECKING, Final, Literal

from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.base_model import Model
from microcred_cli.questionnaire.conditions import codes_of, names_in
from microcred_cli.questionnaire.models import (
    Integer,
    Matrix,
    Multiple,
    Open,
    Ranking,
    Single,
)
from microcred_cli.questionnaire.occurrences import ANSWERED, Occurrences, late_items
from microcred_cli.questionnaire.routes import Deciding
from microcred_cli.questionnaire.values import MISSING_LABELS, NOT_ASKED, NOT_REACHED
from microcred_cli.records.recoding import (
    most_ranks,
    row_missing,
    stored,
    stored_codes,
    stored_missing,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.questionnaire.values import Answer

Kind = Literal["single", "multiple", "matrix", "integer", "ranking"]

ANY_RANK: Final = "any"
"""The code of the table that counts the options of a ranking at any rank."""

MOST_NUMBERS: Final = 24
"""An integer item without bands has a table only if at most this number of values is possible."""


class CellShape(Model):
    """A cell (a stored option code or a reserved code), or a group of a breakdown."""

    code: str
    label: str
    reserved: bool = False


class TableShape(Model):
    """The structure of a table, without figures: for an item, a matrix row, or a rank.

    `row` is the code of a matrix row, or a rank: `1`, `2`, `3` or `any`. `cells` are in the order
    of the questionnaire, with reserved codes last; tables by group omit `not_asked` and impossible
    cells (see `Plan.cells`).
    """

    item: str
    row: str | None
    kind: Kind
    label: str
    cells: tuple[CellShape, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the cells that represent an answer."""
        return tuple(cell.code for cell in self.cells if not cell.reserved)

    @property
    def reserved(self) -> tuple[str, ...]:
        """The reserved codes among the cells."""
        return tuple(cell.code for cell in self.cells if cell.reserved)


class Breakdown(Frozen):
    """A variable that divides respondents into groups: one for each code possible in a record."""

    id: str
    label: str
    groups: tuple[CellShape, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the groups."""
        return tuple(group.code for group in self.groups)


class Plan:
    """The tables and breakdowns of a questionnaire.

    The questionnaire can be the original or the questionnaire for stored records
    (`recoding.stored`), in which banded items are no longer integers.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.recorded = stored(questionnaire)
        self._numbers = {item.id for item in questionnaire.items if isinstance(item, Integer)}
        self._late = late_items(self.recorded)
        self._deciding = Deciding(self.recorded, on_paper=True)
        self.tables = tuple(self._tables())
        self.breakdowns = tuple(self._breakdown(name) for name in self.recorded.breakdowns)
        dividing = set(self.recorded.breakdowns).union(
            *(self._deciding.items_behind(name) for name in self.recorded.breakdowns)
        )
        self.broken_down = frozenset({table.item for table in self.tables} - dividing)
        groups = {breakdown.id: breakdown.codes for breakdown in self.breakdowns}
        self.occurrences = Occurrences(self.recorded, groups)
        self._answers: dict[object, frozenset[frozenset[str]]] = {}

    def blocks(self) -> tuple[tuple[TableShape, ...], ...]:
        """The tables grouped by item."""
        return tuple(tuple(found) for _, found in groupby(self.tables, key=lambda t: t.item))

    def cells(self, table: TableShape, breakdown: str | None, group: str) -> tuple[str, ...]:
        """The codes of a table's cells in a group or, without a breakdown, all codes.

        Tables by group omit `not_asked` and all codes that are impossible for the group. Answers
        are impossible if no route of the group leads to the item, or all interviews of the group
        ended before the item; `not_reached` is impossible if no interview of the group can have
        ended before the item.
        """
        if breakdown is None:
            return tuple(cell.code for cell in table.cells)
        answered, unreached = self.possible(table.item, breakdown, group)
        return tuple(
            cell.code
            for cell in table.cells
            if (unreached if cell.code == NOT_REACHED else answered and cell.code != NOT_ASKED)
        )

    def possible(self, item: str, breakdown: str, group: str) -> tuple[bool, bool]:
        """Determine if a record of a group can have an answer to the item, or `not_reached`."""
        states = self.occurrences.states(item, breakdown)
        return (ANSWERED, group) in states, (NOT_REACHED, group) in states

    def rests_on(self, breakdown: str, item: str) -> bool:
        """True if a breakdown is this item or is computed from it."""
        return item in self._deciding.items_behind(breakdown)

    def is_shuffled(self, item: str) -> bool:
        """True if an item's rows are asked in random order, so that any row can be last."""
        found = self.recorded.by_id[item]
        return isinstance(found, Matrix) and found.rows_order == "shuffled"

    def blank_as_a_whole(self, item: str) -> bool:
        """True if only the whole item can be left empty, but not a single row."""
        found = self.recorded.by_id[item]
        return not (isinstance(found, Matrix) and found.required == "soft")

    def answers_beside(
        self, item: str, groups: Mapping[str, frozenset[str]]
    ) -> frozenset[frozenset[str]]:
        """Answers to an item (sets of codes) that can occur together with these groups.

        `groups` are groups of other breakdowns. The item must be one that a breakdown depends on.
        The result may be incomplete.
        """
        key = (item, tuple(sorted((name, *sorted(codes)) for name, codes in groups.items())))
        if key not in self._answers:
            names = [breakdown.id for breakdown in self.breakdowns]
            find = self._groups_beside if item in names else self._behind_groups
            self._answers[key] = frozenset(find(item, groups))
        return self._answers[key]

    def _groups_beside(
        self, item: str, groups: Mapping[str, frozenset[str]]
    ) -> Iterator[frozenset[str]]:
        for code in self.occurrences.groups_beside(item, groups):
            yield frozenset((code,))

    def _behind_groups(
        self, item: str, groups: Mapping[str, frozenset[str]]
    ) -> Iterator[frozenset[str]]:
        """Answers to an item that lead to exactly these groups of computed breakdowns."""
        for name, codes in groups.items():
            if self.rests_on(name, item):
                continue
            if item in self._routes_behind(name) or not any(
                self.possible(item, name, code)[0] for code in codes
            ):
                return
        for answer in self._some_answers(self.recorded.by_id[item]):
            made = {
                name: codes_of(name, {item: answer}, self.recorded)
                for name in groups
                if self.rests_on(name, item)
            }
            if all(found is not None and found <= groups[name] for name, found in made.items()):
                yield frozenset(answer if isinstance(answer, tuple) else (str(answer),))

    def _routes_behind(self, name: str) -> frozenset[str]:
        """The items whose answers determine whether the items behind a breakdown are asked."""
        found: set[str] = set()
        left = set(self._deciding.items_behind(name))
        while left:
            condition = self.recorded.by_id[left.pop()].asked_if
            behind = [self._deciding.items_behind(other) for other in names_in(condition)]
            new = set().union(*behind) - found
            found |= new
            left |= new
        return frozenset(found)

    def _some_answers(self, item: Item) -> Iterator[Answer]:
        """Answers with a single code and, for multiple choice, answers with two codes."""
        codes = [option.code for option in self.recorded.options(item)]
        if isinstance(item, Integer):
            yield from range(item.minimum, item.maximum + 1)
        elif isinstance(item, Single):
            yield from codes
        elif isinstance(item, Multiple):
            loose = [option.code for option in self.recorded.options(item) if not option.exclusive]
            yield from ((code,) for code in codes)
            if item.at_most is None or item.at_most > 1:
                yield from combinations(loose, 2)
        if not isinstance(item, Matrix):
            yield from stored_missing(item)

    def _tables(self) -> Iterator[TableShape]:
        for item in self.recorded.items:
            cells = self._cells(item)
            if cells is None or isinstance(item, Open):
                continue
            label = item.concept[:1].upper() + item.concept[1:]
            rows: list[tuple[str | None, str]] = [(None, label)]
            if isinstance(item, Matrix):
                rows = [(row.code, row.label) for row in item.rows]
            elif isinstance(item, Ranking):
                ranks = [str(n + 1) for n in range(most_ranks(self.recorded, item))]
                rows = [(rank, label) for rank in (*ranks, ANY_RANK)]
            kind: Kind = "integer" if item.id in self._numbers else item.kind
            for code, text in rows:
                yield TableShape(item=item.id, row=code, kind=kind, label=text, cells=cells)

    def _cells(self, item: Item) -> tuple[CellShape, ...] | None:
        """The cells of an item's tables; None if it has no tables."""
        if isinstance(item, Open):
            return None
        if isinstance(item, Integer):
            if item.maximum - item.minimum >= MOST_NUMBERS:
                return None
            codes = [str(number) for number in range(item.minimum, item.maximum + 1)]
            named = {code: code for code in codes}
        else:
            codes = list(stored_codes(self.recorded, item))
            named = {o.code: o.label for o in self.recorded.options(item)}
            if isinstance(item, Single) and len(codes) < 2:
                return None
        given = row_missing(item) if isinstance(item, Matrix) else ()
        reserved = [*given, *stored_missing(item)]
        if item.asked_if is not None:
            reserved.append(NOT_ASKED)
        if item.id in self._late:
            reserved.append(NOT_REACHED)
        return (
            *(CellShape(code=code, label=named[code]) for code in codes),
            *map(_missing, reserved),
        )

    def _breakdown(self, name: str) -> Breakdown:
        variable = self.recorded.computed_by_id.get(name)
        if variable is not None:
            groups = [CellShape(code=c.code, label=c.label) for c in variable.categories]
            if self._deciding.items_behind(name) & self._late:
                groups.append(_missing(NOT_REACHED))
            return Breakdown(name, variable.label, tuple(groups))
        item = self.recorded.by_id[name]
        found = self._cells(item) or ()
        order = {code: n for n, code in enumerate(MISSING_LABELS)}
        own = [cell for cell in found if not cell.reserved]
        rest = sorted((c for c in found if c.reserved), key=lambda cell: order[cell.code])
        return Breakdown(name, item.concept[:1].upper() + item.concept[1:], (*own, *rest))


def _missing(code: str) -> CellShape:
    return CellShape(code=code, label=MISSING_LABELS[code], reserved=True)
