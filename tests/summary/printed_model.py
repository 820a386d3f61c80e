"""The constraints that printed summaries put on one item, as linear conditions on whole numbers.

The only input is the printed JSON, one document without a breakdown and one for each breakdown, and
the exact number of responses if the attacker knows it. The code uses nothing of the package, so
that no bug can be shared with the protection of the figures.

Other assumptions are those documented in `docs/figures.md`: how figures are rounded, that the
groups of a breakdown contain everybody, the minimum size of a group that is shown, which groups are
counted together first, that rows of a list share the people who were not asked, and that nobody
ranks an option twice.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

RESERVED = ("dk", "pna", "blank", "not_asked", "not_reached")
POOLED = "pooled"
ANY = "any"
EXEMPT = frozenset({"dk", "pna", "blank", "not_reached", "base"})
"""Counts that may be revealed: they are nobody's opinion, and not the answer to a filter."""

ALONE = frozenset({"none"})
"""Options of a ranking that end it, so that nobody has them at another rank than the first."""

Floats = NDArray[np.float64]
Place = tuple[str | None, str | None]
"""A breakdown and one of its groups; (None, None) means everyone."""

EVERYONE: Place = (None, None)
Table = Mapping[str, Any]


def values_of(figure: int | None, step: int, masked_below: int) -> tuple[float, float]:
    """The smallest and largest count that is printed as a figure; halves are rounded up."""
    if figure is None:
        return 0, masked_below - 1
    return max(masked_below, figure - step // 2), figure + (step - 1) // 2


@dataclass
class Printed:
    """The documents of one folder, by breakdown (None: without)."""

    documents: Mapping[str | None, Mapping[str, Any]]
    total: int | None = None

    @classmethod
    def of(cls, texts: Mapping[str | None, str], total: int | None = None) -> Printed:
        """Read the texts; `total` is the exact number of responses, if it is known."""
        return cls({by: json.loads(text) for by, text in texts.items()}, total)

    @property
    def rule(self) -> Mapping[str, int]:
        """The parameters of the rule, as printed in the documents."""
        return next(iter(self.documents.values()))["rule"]  # type: ignore[no-any-return]

    @property
    def breakdowns(self) -> list[str]:
        """The breakdowns that have a document."""
        return [by for by in self.documents if by is not None]

    @property
    def items(self) -> list[str]:
        """The items that have a table of everyone."""
        return list(dict.fromkeys(table["item"] for table in self._tables(None)))

    def groups(self, by: str) -> list[str]:
        """The groups shown for a breakdown."""
        return list(dict.fromkeys(table["group"] for table in self._tables(by)))

    def total_values(self) -> tuple[float, float]:
        """The smallest and largest number of responses."""
        if self.total is not None:
            return self.total, self.total
        return self.values(next(iter(self.documents.values()))["responses"])

    def values(self, figure: int | None, step: int | None = None) -> tuple[float, float]:
        """The smallest and largest count that a figure can represent."""
        return values_of(figure, step or self.rule["rounded_to"], self.rule["masked_below"])

    def tables(self, item: str) -> dict[Place, dict[str | None, Table]]:
        """The tables of an item that are not withheld, by position and row."""
        found: dict[Place, dict[str | None, Table]] = defaultdict(dict)
        for by in (None, *self.breakdowns):
            for table in self._tables(by):
                if table["item"] == item and not table["withheld"]:
                    found[by, table["group"]][table["row"]] = table
        return dict(found)

    def _tables(self, by: str | None) -> list[Table]:
        known = by if by in self.documents else next(iter(self.documents))
        tables = self.documents[known]["tables"]
        return [table for table in tables if (table["group"] is None) == (by is None)]


class Target(NamedTuple):
    """A protected number: a masked count, or the number of people in a line with another answer.

    `needs` is the number of values that must remain possible; a line needs two, one of them above
    0.
    """

    item: str
    row: str | None
    place: Place
    codes: tuple[str, ...]
    variable: int
    is_line: bool = False

    @property
    def name(self) -> str:
        """The position of the target, in one line."""
        by, group = self.place
        where = "everyone" if by is None else f"{by}={group}"
        return f"{self.item}/{self.row or '-'} {'+'.join(self.codes)} of {where}"


@dataclass
class System:
    """Integer unknowns between `low` and `high`, and sums of them between two limits.

    No number exceeds `ceiling`.
    """

    ceiling: float
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    _entries: list[tuple[int, int, int]] = field(default_factory=list)

    def variable(self, low: float = 0, high: float = math.inf) -> int:
        """Add an unknown."""
        self.low.append(low)
        self.high.append(min(high, self.ceiling))
        return len(self.low) - 1

    def narrow(self, variable: int, low: float, high: float) -> None:
        """Add bounds for an unknown."""
        self.low[variable] = max(self.low[variable], low)
        self.high[variable] = min(self.high[variable], high)

    def bind(
        self,
        plus: Sequence[int],
        minus: Sequence[int] = (),
        low: float = 0,
        high: float = 0,
    ) -> None:
        """Add bounds for the difference between a sum and another."""
        row = len(self.least)
        self._entries += [(row, at, 1) for at in plus]
        self._entries += [(row, at, -1) for at in minus]
        self.least.append(low)
        self.most.append(high)

    def sum_of(self, parts: Sequence[int]) -> int:
        """An unknown that is the sum of others; the unknown itself if there is only one."""
        if len(parts) == 1:
            return parts[0]
        whole = self.variable()
        self.bind(parts, [whole])
        return whole

    def matrix(self) -> csr_array:
        """The coefficients of the sums."""
        rows, columns, values = zip(*self._entries, strict=True)
        shape = (len(self.least), len(self.low))
        return csr_array((np.array(values, dtype=float), (rows, columns)), shape=shape)


class Sizes:
    """The number of people at each position, from the breakdown's own table if it is shown."""

    def __init__(self, printed: Printed, system: System) -> None:
        self._printed = printed
        self._system = system
        self._smallest = printed.rule["smallest_group"]
        low, high = printed.total_values()
        self.of: dict[Place, int] = {EVERYONE: system.variable(max(low, self._smallest), high)}
        self.blocks: dict[str, Block] = {}
        """The blocks of the breakdowns' own tables."""

    def add(self, by: str, *, exempt: frozenset[str] = EXEMPT) -> None:
        """Add the groups of a breakdown."""
        groups = self._printed.groups(by)
        for group in groups:
            self.of[by, group] = self._system.variable(self._smallest)
        everyone = self.of[EVERYONE]
        self._system.bind([self.of[by, group] for group in groups], [everyone])
        own = Block(self._printed, self._system, self, by, exempt=exempt)
        if own.kind in ("single", "integer"):
            self.blocks[by] = own
            self._divide(by, groups, own.codes())

    def _divide(self, by: str, groups: Sequence[str], codes: Mapping[str, int]) -> None:
        """Link the sizes of the groups to the breakdown's own table."""
        alone = [group for group in groups if group != POOLED]
        rest = [code for code in codes if code not in alone]
        for group in alone:
            self._system.bind([codes[group]], [self.of[by, group]])
            for code in rest:
                # No group is added to the smaller groups before the smallest one left.
                self._system.bind([codes[group]], [codes[code]], 0, math.inf)
        if POOLED not in groups:
            return
        together = self.of[by, POOLED]
        for code in rest:
            if self._system.low[codes[code]] >= self._smallest:
                # It was added because the others were too few.
                self._system.bind([together], [codes[code]], 0, self._smallest - 1)


class Block:
    """The unknowns of one item: the number of people at each position who gave each answer."""

    def __init__(
        self,
        printed: Printed,
        system: System,
        sizes: Sizes,
        item: str,
        *,
        exempt: frozenset[str] = EXEMPT,
    ) -> None:
        self.item = item
        self._printed = printed
        self._system = system
        self._sizes = sizes
        self._exempt = exempt
        self._tables = printed.tables(item)
        shown = [table for rows in self._tables.values() for table in rows.values()]
        self.kind = shown[0]["kind"] if shown else None
        self.rows = list(dict.fromkeys(table["row"] for table in shown))
        self._shown = shown
        self._everyone_is_asked = self._are_all_asked()
        self.counts: dict[Place, dict[tuple[str | None, str], int]] = {}
        """Unknowns of a position, by row and code; those shared by all rows have the key None."""
        if not shown:
            return
        places = [p for p in self._tables if p != EVERYONE]
        for place in (EVERYONE, *places):
            self._fill(place)
        for by in dict.fromkeys(by for by, _ in places):
            self._link(by)

    def codes(self) -> dict[str, int]:
        """The unknowns of everyone for an item without rows, by code."""
        return {code: at for (_, code), at in self.counts[EVERYONE].items() if code != "base"}

    def _are_all_asked(self) -> bool:
        """True if the table of everyone has no row for people who were not asked."""
        everyone = self._tables.get(EVERYONE, {})
        cells = [cell for table in everyone.values() for cell in table["cells"]]
        return bool(everyone) and all("not_asked" not in _codes(cell) for cell in cells)

    def _row_codes(self, place: Place, row: str | None) -> list[str]:
        """Possible codes of a row at a position; if the table is withheld, all codes of the row."""
        here = self._tables.get(place, {})
        tables = [here[row]] if row in here else self._shown
        found = [code for t in tables for cell in t["cells"] for code in _codes(cell)]
        if row not in here and self.kind == "ranking" and here:
            found = [code for t in here.values() for c in t["cells"] for code in _codes(c)]
        return list(dict.fromkeys(found))

    def _fill(self, place: Place) -> None:
        here: dict[tuple[str | None, str], int] = {}
        self.counts[place] = here
        if not self._everyone_is_asked:
            here[None, "not_asked"] = self._system.variable()
        rows = self._rows_at(place)
        for row in ("1", "2", "3", ANY) if self.kind == "ranking" else rows:
            for code in self._row_codes(place, row):
                key = self._key(row, code)
                if key not in here:
                    here[key] = self._system.variable()
        if self.kind == "ranking":
            self._rank(place)
        for row in [None] if self.kind == "ranking" else rows:
            self._sum_up(place, row)
        for row, table in self._tables.get(place, {}).items():
            self._read(place, row, table)

    def _rows_at(self, place: Place) -> list[str | None]:
        """The rows shown at a position; for everyone, all rows, including withheld ones."""
        return self.rows if place == EVERYONE else list(self._tables[place])

    def _key(self, row: str | None, code: str) -> tuple[str | None, str]:
        shared = RESERVED if self.kind == "ranking" else ("not_asked",)
        return (None if code in shared else row, code)

    def _sum_up(self, place: Place, row: str | None) -> None:
        """People with and without an answer add up to all people at the position."""
        here, system = self.counts[place], self._system
        answers = self.answers(place, row)
        if self.kind == "multiple":
            base = system.variable(0, math.inf if answers else 0)
            self._differ(place, row, base, answers)
        elif self.kind == "ranking":
            base = here[None, "base"]
        else:
            base = system.sum_of([here[row, code] for code in answers])
        here[row, "base"] = base
        missing = [here[self._key(row, c)] for c in RESERVED if self._key(row, c) in here]
        system.bind([base, *missing], [self._sizes.of[place]])

    def answers(self, place: Place, row: str | None) -> list[str]:
        """The codes of a row that are answers."""
        keys = self.counts[place]
        return [code for at, code in keys if at == row and code not in (*RESERVED, "base")]

    def _differ(self, place: Place, row: str | None, base: int, answers: Sequence[str]) -> None:
        """An option is chosen or not; not by everybody, if other options are possible."""
        for code in answers:
            rest = self._system.variable()
            self._system.bind([self.counts[place][row, code], rest], [base])
            if len(answers) > 1 and row in self._tables.get(place, {}):
                target = Target(self.item, row, place, (code,), rest, is_line=True)
                self._system.targets.append(target)

    def _rank(self, place: Place) -> None:
        """Exactly one option is ranked first, at most one at each rank, and none twice."""
        here, system = self.counts[place], self._system
        codes = self.answers(place, "1")
        ranks = {r: [here[r, c] for c in self.answers(place, r)] for r in ("1", "2", "3")}
        base = here[None, "base"] = system.sum_of(ranks["1"])
        system.bind([base], ranks["2"], 0, math.inf)
        system.bind(ranks["2"], ranks["3"], 0, math.inf)
        for code in codes:
            system.bind([here[r, code] for r in ("1", "2", "3")], [here[ANY, code]])
        alone = [here["1", code] for code in codes if code in ALONE]
        if alone:
            # Whoever chose an option that ends the ranking has no option at another rank.
            system.bind([base], [*alone, *ranks["2"]], 0, math.inf)
            for rank in ("2", "3"):
                system.bind([here[rank, code] for code in codes if code in ALONE])
        self._differ(place, ANY, base, codes)

    def _read(self, place: Place, row: str | None, table: Table) -> None:
        """Add the figures of one table."""
        base_row = None if self.kind == "ranking" else row
        base = self.counts[place][base_row, "base"]
        self._system.narrow(base, *self._printed.values(table["base"]))
        if table["base"] is None:
            self._aim(place, row, ("base",), base)
        for cell in table["cells"]:
            codes = _codes(cell)
            parts = [self.counts[place][self._key(row, code)] for code in codes]
            whole = self._system.sum_of(parts)
            step = table.get("rounded_to")
            self._system.narrow(whole, *self._printed.values(cell["count"], step))
            if cell["count"] is None:
                self._aim(place, row, codes, whole)

    def _aim(self, place: Place, row: str | None, codes: tuple[str, ...], variable: int) -> None:
        impossible = self.kind == "ranking" and row in ("2", "3") and set(codes) <= ALONE
        if not impossible and not set(codes) <= self._exempt:
            self._system.targets.append(Target(self.item, row, place, codes, variable))

    def _link(self, by: str | None) -> None:
        """The groups of a breakdown add up to everyone, answer by answer."""
        groups = [place for place in self._sizes.of if place[0] == by]
        known = [place for place in groups if place in self._tables]
        if len(known) < len(groups):
            return
        for key, everyone in self.counts[EVERYONE].items():
            row, code = key
            shown = row is None or all(row in self._tables[place] for place in known)
            if code != "base" and (shown or self.kind == "ranking"):
                parts = [self.counts[p][key] for p in known if key in self.counts[p]]
                self._system.bind(parts, [everyone])


def _codes(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes that a cell counts."""
    return tuple(cell["codes"]) if "codes" in cell else (cell["code"],)


def system_of(printed: Printed, item: str, *, exempt: frozenset[str] = EXEMPT) -> System:
    """Everything printed on an item, and the known sizes of groups."""
    system = System(printed.total_values()[1])
    sizes = Sizes(printed, system)
    used = {by for by, _ in printed.tables(item)}
    for by in printed.breakdowns:
        if by in used or by == item:
            sizes.add(by, exempt=exempt)
    if item not in sizes.blocks:
        Block(printed, system, sizes, item, exempt=exempt)
    system.targets = [target for target in system.targets if target.item == item]
    return system
