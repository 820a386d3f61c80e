"""What is tabulated: the tables of a questionnaire and the groups that break them down.

The plan hangs on the questionnaire alone, never on a response: what is printed, and what is left
out because no route leads there, is public.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from microcred_cli.answers import NOT_ASKED, NOT_REACHED
from microcred_cli.errors import DefinitionError
from microcred_cli.questionnaire.conditions import codes_of, holds
from microcred_cli.questionnaire.deciding import Deciding
from microcred_cli.questionnaire.models import (
    Condition,
    Integer,
    Matrix,
    Multiple,
    Open,
    Ranking,
    Single,
    allowed_missing,
)
from microcred_cli.questionnaire.routes import situations
from microcred_cli.recoding import most_ranks, stored, stored_codes, stored_missing
from microcred_cli.words import MISSING_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.answers import Answers
    from microcred_cli.questionnaire.models import Item, Questionnaire

Kind = Literal["single", "multiple", "matrix", "integer", "ranking"]

ANY_RANK: Final = "any"
"""The row of a ranking that counts who named an option at any rank."""

MOST_NUMBERS: Final = 24
"""A number without bands has a table only if it has at most so many values."""

_PROBE: Final = "probe"


@dataclass(frozen=True, slots=True)
class CellShape:
    """One cell: a code that can be stored, or a reserved one."""

    code: str
    label: str
    reserved: bool = False


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table: of an item, a row of a matrix, or a rank of a ranking.

    `row` is the code of a matrix row, or `1`, `2`, `3` and `any` for ranks. `cells` stand in the
    order of the questionnaire, the reserved codes last; `not_asked` and what no route leads to are
    dropped where a breakdown is printed (see `Plan.cells`).
    """

    item: str
    row: str | None
    kind: Kind
    label: str
    cells: tuple[CellShape, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the cells that are answers."""
        return tuple(cell.code for cell in self.cells if not cell.reserved)

    @property
    def reserved(self) -> tuple[str, ...]:
        """The reserved codes among the cells."""
        return tuple(cell.code for cell in self.cells if cell.reserved)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A variable that divides everyone: its groups are all codes a record can have there."""

    id: str
    label: str
    groups: tuple[CellShape, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the groups."""
        return tuple(group.code for group in self.groups)


class Plan:
    """The tables and breakdowns of a questionnaire.

    It may be the source or that of the stored records (`recoding.stored`); only the source knows
    that a banded item was a number.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.recorded = stored(questionnaire)
        self._numbers = {item.id for item in questionnaire.items if isinstance(item, Integer)}
        self._reachable_late = _can_be_unreached(self.recorded)
        self.tables = tuple(self._tables())
        self.breakdowns = tuple(self._breakdown(name) for name in self.recorded.breakdowns)
        self.broken_down = frozenset(self._broken_down())
        self._possible = {b.id: self._asked_in_groups(b) for b in self.breakdowns}
        self._partners: dict[tuple[str, str], frozenset[tuple[str, str]] | None] | None = None

    def blocks(self) -> tuple[tuple[TableShape, ...], ...]:
        """The tables in the units that are judged and withheld together: one for each item."""
        return tuple(tuple(found) for _, found in groupby(self.tables, key=lambda t: t.item))

    def cells(self, table: TableShape, breakdown: str | None, group: str) -> tuple[str, ...]:
        """The codes that a table has in a group; in none at all (`breakdown` None), all of them.

        `not_asked` stands only in tables without a breakdown. Where no route asks the item in the
        group, there are none.
        """
        if breakdown is None:
            return tuple(cell.code for cell in table.cells)
        if not self.is_asked_in(table.item, breakdown, group):
            return ()
        return tuple(cell.code for cell in table.cells if cell.code != NOT_ASKED)

    def is_asked_in(self, item: str, breakdown: str, group: str) -> bool:
        """Whether a route asks the item of somebody in that group."""
        return (item, group) in self._possible[breakdown]

    def rests_on(self, breakdown: str, item: str) -> bool:
        """Whether a breakdown is an item, or is computed from it."""
        return item in Deciding(self.recorded).items_behind(breakdown)

    def alike(self, breakdown: str, one: str, other: str) -> bool:
        """Whether two groups can stand beside the same groups of every other breakdown.

        A person of one could then as well be of the other, with all else as it is.
        """
        if one == other:
            return True
        if self._partners is None:
            self._partners = self._find_partners()
        found = self._partners.get((breakdown, one))
        return found is not None and found == self._partners.get((breakdown, other))

    def _find_partners(self) -> dict[tuple[str, str], frozenset[tuple[str, str]] | None]:
        """The groups of other breakdowns that somebody of a group can be in; None if unknown."""
        found: dict[tuple[str, str], set[tuple[str, str]]] = {}
        try:
            ends = list(_ends(self.recorded, self.breakdowns, ()))
        except DefinitionError:
            return {}
        for answers in ends:
            groups = []
            for breakdown in self.breakdowns:
                codes = codes_of(breakdown.id, answers, self.recorded) or {NOT_REACHED}
                groups += [(breakdown.id, code) for code in codes]
            for group in groups:
                found.setdefault(group, set()).update(groups)
        return {
            group: frozenset(other for other in others if other[0] != group[0])
            for group, others in found.items()
        }

    def _tables(self) -> Iterator[TableShape]:
        for item in self.recorded.items:
            label = item.concept[:1].upper() + item.concept[1:]
            cells = self._cells(item)
            if cells is None:
                continue
            if isinstance(item, Matrix):
                for row in item.rows:
                    yield TableShape(item.id, row.code, "matrix", row.label, cells)
            elif isinstance(item, Ranking):
                ranks = [str(n + 1) for n in range(most_ranks(self.recorded, item))]
                for rank in (*ranks, ANY_RANK):
                    yield TableShape(item.id, rank, "ranking", label, cells)
            elif isinstance(item, Multiple):
                yield TableShape(item.id, None, "multiple", label, cells)
            else:
                kind: Kind = "integer" if item.id in self._numbers else "single"
                yield TableShape(item.id, None, kind, label, cells)

    def _cells(self, item: Item) -> tuple[CellShape, ...] | None:
        """The cells of an item's tables; None if it has no table."""
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
        given = allowed_missing(item) if isinstance(item, Matrix) else ()
        reserved = [*given, *stored_missing(item)]
        if item.asked_if is not None:
            reserved.append(NOT_ASKED)
        if item.id in self._reachable_late:
            reserved.append(NOT_REACHED)
        return (
            *(CellShape(code, named[code]) for code in codes),
            *(CellShape(code, MISSING_LABELS[code], reserved=True) for code in reserved),
        )

    def _breakdown(self, name: str) -> Breakdown:
        variable = self.recorded.computed_by_id.get(name)
        if variable is not None:
            groups = [CellShape(part.code, part.label) for part in variable.categories]
            behind = Deciding(self.recorded).items_behind(name)
            if behind & self._reachable_late:
                groups.append(_missing(NOT_REACHED))
            return Breakdown(name, variable.label, tuple(groups))
        item = self.recorded.by_id[name]
        found = self._cells(item) or ()
        order = {code: n for n, code in enumerate(MISSING_LABELS)}
        own = [cell for cell in found if not cell.reserved]
        rest = sorted((c for c in found if c.reserved), key=lambda cell: order[cell.code])
        return Breakdown(name, item.concept[:1].upper() + item.concept[1:], (*own, *rest))

    def _broken_down(self) -> Iterator[str]:
        deciding = Deciding(self.recorded)
        names = self.recorded.breakdowns
        dividing = set(names).union(*(deciding.items_behind(name) for name in names))
        yield from {table.item for table in self.tables} - dividing

    def _asked_in_groups(self, breakdown: Breakdown) -> set[tuple[str, str]]:
        """The items that a route asks in each group, as pairs."""
        items = [item for item in self.recorded.items if item.asked_if is not None]
        everywhere = {item.id for item in self.recorded.items if item.asked_if is None}
        found = {(item, group) for item in everywhere for group in breakdown.codes}
        if not items:
            return found
        for answers in _ends(self.recorded, (breakdown,), items):
            codes = codes_of(breakdown.id, answers, self.recorded)
            asked = [i.id for i in items if holds(i.asked_if, answers, self.recorded)]
            found |= {(item, group) for item in asked for group in codes or (NOT_REACHED,)}
        return self._with_unreached(breakdown, found)

    def _with_unreached(
        self, breakdown: Breakdown, found: set[tuple[str, str]]
    ) -> set[tuple[str, str]]:
        """Add what a record can have in a group that is not reached: any item, reached or not."""
        if NOT_REACHED not in breakdown.codes:
            return found
        return found | {(item.id, NOT_REACHED) for item in self.recorded.items}


def _missing(code: str) -> CellShape:
    return CellShape(code, MISSING_LABELS[code], reserved=True)


def _can_be_unreached(questionnaire: Questionnaire) -> frozenset[str]:
    """The items from the first section on in which what was said can be handed in."""
    late: set[str] = set()
    begun = False
    for section in questionnaire.sections:
        begun = begun or section.makes_partial
        if begun:
            late |= {item.id for item in section.items}
    return frozenset(late)


def _ends(
    questionnaire: Questionnaire, breakdowns: Sequence[Breakdown], items: Sequence[Item]
) -> Iterator[Answers]:
    """The answers that interviews can end with, as far as items and groups can tell them apart.

    A last item is put behind the others, whose condition names all that must be told apart.
    """
    told = [item.asked_if for item in items if item.asked_if is not None]
    told += [Condition(item=b.id, any_of=(code,)) for b in breakdowns for code in b.codes]
    probe = Open(
        id=_PROBE, kind="open", concept=_PROBE, required="optional", seconds=0, text=_PROBE,
        max_length=1, asked_if=Condition(any=tuple(told)),
    )  # fmt: skip
    *before, last = questionnaire.sections
    fields = {name: getattr(questionnaire, name) for name in type(questionnaire).model_fields}
    fields["sections"] = (*before, last.model_copy(update={"items": (*last.items, probe)}))
    probing = type(questionnaire)(**fields)
    for item, found in situations(probing):
        if item is not None and item.id == _PROBE:
            yield from (situation.answers for situation in found)
