"""Attackers who know how figures are computed, and who see everything printed after a seal.

They read the text that the program prints, never its internal data. They know the questionnaire,
the rule, its code and, unless stated otherwise, the exact number of responses.

- `exhaust` (A) enumerates all data sets of a small shape and groups them by the printed output: an
  attacker cannot distinguish the data sets of one group. Output includes withheld tables.
- `Program` (B) computes the smallest and largest value of each masked count by integer programs,
  with all breakdowns of an item together, and `RowsProgram` with all its rows. `knows` (C) adds the
  records that an insider knows.
- `certain_in_between` (D) compares two summaries, with a batch in between.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from microcred_cli.records.recoding import stored
from microcred_cli.summary.counts import Counts, count
from microcred_cli.summary.figures import summary_of
from microcred_cli.summary.formats import format_named
from microcred_cli.summary.protection import Protection
from tests.scenario import questionnaire_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.audit.suppression import Resolution
    from microcred_cli.summary.figures import Figures
    from microcred_cli.summary.plan import Plan
    from microcred_cli.summary.tabulation import Tabulation

Table = tuple[int, ...]
"""Exact counts of the cells of a shape, group by group."""

FEWEST = 4
EVERYTHING = os.environ.get("ATTACK") == "all"
"""Whether larger shapes and data sets are also attacked, which takes longer."""


class Shape(NamedTuple):
    """A question and a breakdown, with their numbers of answers and groups (0 for no breakdown).

    If `asked` is not None, only the first `asked` groups are asked the question.
    """

    answers: int
    groups: int = 0
    asked: int | None = None

    @property
    def cells(self) -> tuple[tuple[int, int | None], ...]:
        """All combinations of group and answer; None means that the question was not asked."""
        rows = range(max(1, self.groups))
        asked = len(rows) if self.asked is None else self.asked
        every: list[tuple[int, int | None]] = [
            (row, answer) for row in rows if row < asked for answer in range(self.answers)
        ]
        return (*every, *((row, None) for row in rows if row >= asked))


def shaped(shape: Shape) -> Questionnaire:
    """The questionnaire of a shape."""
    question: dict[str, Any] = {"id": "q", "required": "hard"}
    question["options"] = [f"q{n}" for n in range(shape.answers)]
    items = [question]
    if shape.groups:
        groups = [f"g{n}" for n in range(shape.groups)]
        items.insert(0, {"id": "g", "required": "hard", "options": groups})
    if shape.asked is not None:
        question["asked_if"] = {"item": "g", "any_of": [f"g{n}" for n in range(shape.asked)]}
    sections = [{"id": "main", "items": items}]
    return questionnaire_from({"sections": sections, "breakdowns": ["g"] if shape.groups else []})


def compositions(total: int, parts: int) -> Iterator[Table]:
    """Every way to distribute a total over a number of cells."""
    for bars in combinations(range(total + parts - 1), parts - 1):
        edges = (-1, *bars, total + parts - 1)
        yield tuple(b - a - 1 for a, b in pairwise(edges))


def unaudited(plan: Plan, whole: Tabulation, _: object = None) -> Resolution:
    """The output of a rule without an audit: every table, rounded to 5."""
    names = [None, *(grouping.id for grouping in whole.groupings.values())]
    return {(place, name): 5 for place in range(len(plan.tables)) for name in names}


def printed_texts(figures: Figures, recorded: Questionnaire) -> dict[str | None, str]:
    """All summaries that the program prints of these figures, by breakdown."""
    bys = [None, *(broken.id for broken in figures.breakdowns if broken.offered)]
    write = format_named("json").render
    return {by: write(summary_of(figures, by=by), recorded) for by in bys}


class Printer:
    """Converts counts to everything that is ever printed of them, as one text."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._recorded = stored(questionnaire)
        self._protection = Protection(questionnaire, sha256="0" * 64)
        self._texts: dict[str, str] = {}

    def __call__(self, counts: Counts) -> str:
        figures = self._protection.figures(counts)
        # The output depends only on the figures, so it is cached by figures.
        kept = figures.model_dump_json()
        if kept not in self._texts:
            self._texts[kept] = "".join(printed_texts(figures, self._recorded).values())
        return self._texts[kept]


class Crowds:
    """Computes the counts of a table of a small shape."""

    def __init__(self, shape: Shape) -> None:
        questionnaire = shaped(shape)
        self._units = [
            count(questionnaire, [self._record(shape, row, answer)]) for row, answer in shape.cells
        ]

    def counts(self, table: Table) -> Counts:
        """The total counts in the table."""
        whole = Counts(self._units[0].layout, sum(table))
        for many, unit in zip(table, self._units, strict=True):
            for groups, row in unit.by_groups.items():
                if many:
                    old = whole.by_groups.get(groups) or [0] * len(row)
                    new = [a + many * b for a, b in zip(old, row, strict=True)]
                    whole.by_groups[groups] = new
                    whole.sizes[groups] = whole.sizes.get(groups, 0) + many
        return whole

    def _record(self, shape: Shape, row: int, answer: int | None) -> dict[str, object]:
        record: dict[str, object] = {"g": f"g{row}"} if shape.groups else {}
        return {**record, "q": "not_asked" if answer is None else f"q{answer}"}


@dataclass(slots=True)
class Verdict:
    """The attacker's conclusions from some data sets, with one example of each kind."""

    tables: int = 0
    outputs: int = 0
    pinned: int = 0
    few: int = 0
    noughts: int = 0
    unanimous: int = 0
    examples: dict[str, tuple[object, ...]] = field(default_factory=dict)

    @property
    def leaks(self) -> int:
        """All findings that must be zero."""
        return self.pinned + self.few + self.noughts + self.unanimous

    def __add__(self, other: Verdict) -> Verdict:
        names = ("tables", "outputs", "pinned", "few", "noughts", "unanimous")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Verdict(**sums, examples={**other.examples, **self.examples})


def exhaust(
    shape: Shape,
    totals: Iterable[int],
    *printers: Callable[[Counts], str],
    knows_total: bool = True,
) -> Verdict:
    """Enumerate every data set of a shape with these numbers of responses (attacker A).

    Several printers represent the outputs that are possible for different random decoys.
    """
    crowds = Crowds(shape)
    found: dict[tuple[str, int | None], dict[Table, None]] = defaultdict(dict)
    for total in totals:
        for table in compositions(total, len(shape.cells)):
            counts = crowds.counts(table)
            for printer in printers:
                found[printer(counts), total if knows_total else None][table] = None
    verdict = Verdict()
    for (output, _), tables in found.items():
        _judge(shape, output, list(tables), verdict)
    return verdict


def _judge(shape: Shape, output: str, tables: list[Table], verdict: Verdict) -> None:
    """The conclusions from an output that exactly these data sets produce."""
    verdict.tables += len(tables)
    verdict.outputs += 1
    rows = _rows(shape)
    counts = dict.fromkeys(place for row in rows for place in row)
    for places in counts:
        span = {sum(table[place] for place in places) for table in tables}
        if min(span) > 7:
            continue
        verdict.pinned += len(tables) * (len(span) == 1)
        verdict.few += len(tables) * (len(span) < FEWEST)
        verdict.noughts += len(tables) * (span == {0})
        if len(span) < FEWEST:
            example = (shape, tables[:4], sorted(span), output[:300])
            verdict.examples.setdefault(f"cells {places}", example)
    for row in rows:
        lines = [[sum(table[n] for n in places) for places in row] for table in tables]
        if any(all(sum(line) == line[n] > 0 for line in lines) for n in range(len(row))):
            verdict.unanimous += len(tables)
            verdict.examples.setdefault("unanimous", (shape, tables[:4], output[:300]))


def _rows(shape: Shape) -> list[list[tuple[int, ...]]]:
    """All rows in tables of a shape: each count as the cells that it adds up.

    These are the answers in each group, those of everyone, and the sizes of the groups.
    """
    cells = list(enumerate(shape.cells))
    groups = [
        [place for place, (row, _) in cells if row == group]
        for group in range(max(1, shape.groups))
    ]
    found: list[list[tuple[int, ...]]] = [
        [(place,) for place in group] for group in groups if len(group) > 1
    ]
    answers = dict.fromkeys(answer for _, answer in shape.cells)
    found.append([tuple(n for n, (_, a) in cells if a == answer) for answer in answers])
    if shape.groups:
        found.append([tuple(group) for group in groups])
    return found


# -- bounds by integer programs (B), with known records (C), over time (D) -------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything printed of a seal: the texts of its summaries, by breakdown (or None)."""

    summaries: dict[str | None, dict[str, Any]]

    @classmethod
    def of(cls, texts: Mapping[str | None, str]) -> Seen:
        """The content of the JSON that the program prints."""
        return cls({by: json.loads(text) for by, text in texts.items()})

    def tables(self, item: str, row: str | None = None) -> Iterator[tuple[str | None, Any]]:
        """The tables on an item that were not withheld, each with its breakdown."""
        for by, summary in self.summaries.items():
            for table in summary["tables"]:
                same = (table["item"], table["row"]) == (item, row)
                if same and not table["withheld"] and (table["group"] is None) == (by is None):
                    yield by, table

    def groups(self, by: str) -> list[str]:
        """The groups shown for a breakdown."""
        tables = self.summaries[by]["tables"]
        return list(dict.fromkeys(t["group"] for t in tables if t["group"] is not None))


class Program:
    """Everything printed on one question as an integer program (attacker B).

    The unknowns are the numbers of people in each combination of groups who gave each answer. The
    possible combinations follow from the routes, which are public.
    """

    def __init__(
        self,
        combinations: Sequence[Mapping[str, str]],
        answers: Sequence[str],
        seen: Seen,
        total: int,
        *,
        item: str,
        substantive: Collection[str],
        row: str | None = None,
        only: Collection[str] | None = None,
        reads: Callable[[int | None, int], tuple[int, int]] | None = None,
    ) -> None:
        self._reads = reads or values_of
        self.combinations = combinations
        self.answers = answers
        self.width = len(combinations) * len(answers)
        self.rows: list[np.ndarray[Any, Any]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.masked: dict[tuple[str | None, str | None, str], np.ndarray[Any, Any]] = {}
        self.lines: list[tuple[str | None, str | None]] = []
        self.found: list[np.ndarray[Any, Any]] = []
        self._codes: dict[str, list[str]] = {
            by: seen.groups(by) for by in seen.summaries if by is not None
        }
        self.least = np.zeros(self.width)
        self._bind(self.cell(None, None, answers), total, total)
        for by, table in seen.tables(item, row):
            self._read(by, table, substantive, only)
        self._sizes(seen)

    def cell(
        self, by: str | None, group: str | None, answers: Collection[str]
    ) -> np.ndarray[Any, Any]:
        """The unknowns that a count adds up."""
        shown = self._codes.get(by or "", [])
        found = np.zeros(self.width)
        for place, combination in enumerate(self.combinations):
            code = combination[by] if by else None
            code = code if by is None or code in shown else "pooled"
            if code == group:
                for number, answer in enumerate(self.answers):
                    if answer in answers:
                        found[place * len(self.answers) + number] = 1
        return found

    def forbid(self, combination: int, answers: Collection[str]) -> None:
        """Add the constraint that a route, or the end of an interview, rules out these answers."""
        cells = np.zeros(self.width)
        for number, answer in enumerate(self.answers):
            if answer in answers:
                cells[combination * len(self.answers) + number] = 1
        self._bind(cells, 0, 0)

    def knows(self, combination: int, answer: str) -> None:
        """Add a record that is known, for example to its author (attacker C)."""
        self.least[combination * len(self.answers) + self.answers.index(answer)] += 1

    def candidates(self) -> dict[tuple[str | None, str | None, str], int]:
        """The minimum number of possible values of each masked count; four are enough."""
        return {key: self._candidates(cells) for key, cells in self.masked.items()}

    def can_differ(self, by: str | None, group: str | None, answer: str) -> bool:
        """True if a person whose record is unknown may have answered differently."""
        others = self.cell(by, group, [a for a in self.answers if a != answer])
        known = float(others @ self.least)
        if any(float(others @ world) > known for world in self.found):
            return True
        return self.extreme(others, -1) > known

    def extreme(self, cells: np.ndarray[Any, Any], sign: int) -> int:
        """The smallest (1) or largest (-1) value of a sum of unknowns."""
        done = milp(
            sign * cells,
            constraints=LinearConstraint(np.array(self.rows), self.low, self.high),
            integrality=np.ones(self.width),
            bounds=Bounds(self.least, np.full(self.width, np.inf)),
        )
        assert done.status == 0, done.message
        world = np.round(done.x)
        self.found.append(world)
        return int(cells @ world)

    def _candidates(self, cells: np.ndarray[Any, Any]) -> int:
        values = [int(cells @ world) for world in self.found] or [self.extreme(cells, 1)]
        if max(values) - min(values) + 1 < FEWEST:
            values.append(self.extreme(cells, -1))
        if max(values) - min(values) + 1 < FEWEST:
            values.append(self.extreme(cells, 1))
        return max(values) - min(values) + 1

    def _bind(self, cells: np.ndarray[Any, Any], low: float, high: float) -> None:
        self.rows.append(cells)
        self.low.append(low)
        self.high.append(high)

    def _read(
        self,
        by: str | None,
        table: Any,
        substantive: Collection[str],
        only: Collection[str] | None,
        row: str | None = None,
    ) -> None:
        """Add the constraints of a printed table."""
        group = table["group"]
        base = self.cell(by, group, substantive)
        self._bind(base, *self._reads(table["base"], 5))
        self.lines.append((by, group))
        for printed in table["cells"]:
            code = f"{row}:{printed['code']}" if row else printed["code"]
            if code not in self.answers or (only is not None and code not in only):
                continue
            cells = self.cell(by, group, [code])
            self._bind(cells, *self._reads(printed["count"], table.get("rounded_to", 5)))
            if printed["masked"] and (code in substantive or code.endswith("not_asked")):
                self.masked[by, group, code] = cells

    def _sizes(self, seen: Seen) -> None:
        """A group has at least ten people, and its size is known from the breakdown's own table.

        If no groups are combined, there are no groups other than those shown.
        """
        for by, codes in self._codes.items():
            for code in codes:
                self._bind(self.cell(by, code, self.answers), 10, np.inf)
            if "pooled" not in codes:
                self._bind(self.cell(by, "pooled", self.answers), 0, 0)
            for _, table in seen.tables(by):
                for printed in table["cells"]:
                    cells = np.zeros((len(self.combinations), len(self.answers)))
                    for place, combination in enumerate(self.combinations):
                        cells[place] = combination[by] == printed["code"]
                    figure = self._reads(printed["count"], table.get("rounded_to", 5))
                    self._bind(cells.ravel(), *figure)


class RowsProgram(Program):
    """Everything printed on an item with rows as one program: all rows, and all breakdowns.

    An answer is written `row:code`. Every row has the same people of each combination, and the same
    people who were not asked. If rows are asked in a fixed order (`fixed`), a person who did not
    reach a row did not reach the next one, either.
    """

    def __init__(
        self,
        combinations: Sequence[Mapping[str, str]],
        rows: Sequence[str],
        codes: Sequence[str],
        missing: Sequence[str],
        seen: Seen,
        total: int,
        *,
        item: str,
        fixed: bool = True,
    ) -> None:
        every = [*codes, *missing]
        self._reads = values_of
        self.combinations = combinations
        self.answers = [f"{row}:{code}" for row in rows for code in every]
        self.width = len(combinations) * len(self.answers)
        self.rows, self.low, self.high = [], [], []
        self.masked, self.lines, self.found = {}, [], []
        self._codes = {by: seen.groups(by) for by in seen.summaries if by is not None}
        self.least = np.zeros(self.width)
        for row in rows:
            own = [f"{row}:{code}" for code in every]
            self._bind(self.cell(None, None, own), total, total)
            for by, table in seen.tables(item, row):
                self._read(by, table, [f"{row}:{code}" for code in codes], None, row)
            for by, groups in self._codes.items():
                for group in groups:
                    self._bind(self.cell(by, group, own), 10, np.inf)
        for one, two in pairwise(rows):
            for place in range(len(combinations)):
                self._share(place, one, two, every, 0)
                self._share(place, one, two, ["not_asked"], 0)
                if fixed:
                    self._share(place, one, two, ["not_reached"], np.inf)

    def _share(self, place: int, one: str, two: str, codes: Sequence[str], more: float) -> None:
        """The same number of people gave these answers in two rows, or more in the second."""
        cells = np.zeros(self.width)
        for sign, row in ((-1, one), (1, two)):
            for code in codes:
                if f"{row}:{code}" in self.answers:
                    number = self.answers.index(f"{row}:{code}")
                    cells[place * len(self.answers) + number] = sign
        self._bind(cells, 0, more)


def values_of(figure: int | None, to: int = 5) -> tuple[int, int]:
    """The counts that a figure can represent, implemented independently of the program's rule."""
    if figure is None:
        return 0, 7
    return (max(8, figure - 2), figure + 2) if to == 5 else (max(8, figure - 5), figure + 4)


def between(one: Program, two: Program, more: int, fewer: int = 0) -> Program:
    """Two summaries of one question as one program: the first, who joined, and who left (D)."""
    joint = object.__new__(Program)
    joint.combinations, joint.answers = one.combinations, one.answers
    width = one.width
    joint.width = 3 * width
    joint.found, joint.masked, joint.lines = [], {}, []
    joint._codes = two._codes
    joint.rows, joint.low, joint.high = [], [], []
    joint.least = np.zeros(3 * width)
    none = np.zeros(width)
    for row, low, high in zip(one.rows, one.low, one.high, strict=True):
        joint._bind(np.concatenate([row, none, none]), low, high)
    for row, low, high in zip(two.rows, two.low, two.high, strict=True):
        joint._bind(np.concatenate([row, row, -row]), low, high)
    ones = np.ones(width)
    joint._bind(np.concatenate([none, ones, none]), more, more)
    joint._bind(np.concatenate([none, none, ones]), fewer, fewer)
    for place in range(width):
        left = np.zeros(3 * width)
        left[place], left[2 * width + place] = 1, -1
        joint._bind(left, 0, np.inf)
    return joint


def certain_in_between(one: Program, two: Program, more: int, fewer: int = 0) -> list[str]:
    """The answers that everybody who joined in between must have given (attacker D)."""
    joint = between(one, two, more, fewer)
    none = np.zeros(one.width)
    found = []
    for answer in one.answers:
        others = one.cell(None, None, [a for a in one.answers if a != answer])
        if joint.extreme(np.concatenate([none, others, none]), -1) == 0:
            found.append(answer)
    return found
