"""Attackers who know how figures are made, and see all that is ever printed of a seal.

What they are given is the text that the program prints, never what it holds. They know the
questionnaire, the rule, its code and, if not said otherwise, the exact number of responses.

- `exhaust` (A) goes through all data sets of a small shape and groups them by what is printed: the
  data sets of one group are what nobody can tell apart, withheld tables included.
- `Program` (B) seeks the smallest and largest value of each masked count by integer programs, with
  all breakdowns of an item at once. `insider` (C) takes out the records that somebody knows.
- `certain_in_between` (D) compares two summaries, with a batch in between.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from microcred_cli.recoding import stored
from microcred_cli.summary.counts import Counts, count
from microcred_cli.summary.figures import summary_of
from microcred_cli.summary.formats import format_named
from microcred_cli.summary.protection import Protection
from tests.scenario import questionnaire_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Figures

Shape = tuple[int, ...]
"""How many groups and answers: (3,) is one question with three answers, (2, 3) a cross-table."""

Table = tuple[int, ...]
"""Exact counts, row by row."""

FEWEST = 4


def shaped(shape: Shape) -> Questionnaire:
    """A questionnaire with one question of so many answers, by one breakdown of so many groups."""
    *groups, answers = shape
    items = [
        {"id": name, "required": "hard", "options": [f"{name}{n}" for n in range(size)]}
        for name, size in [*(("g", size) for size in groups), ("q", answers)]
    ]
    sections = [{"id": "main", "items": items}]
    return questionnaire_from({"sections": sections, "breakdowns": ["g"] if groups else []})


def compositions(total: int, parts: int) -> Iterator[Table]:
    """Every way to spread a total over some cells."""
    for bars in combinations(range(total + parts - 1), parts - 1):
        edges = (-1, *bars, total + parts - 1)
        yield tuple(b - a - 1 for a, b in pairwise(edges))


def printed_texts(figures: Figures, recorded: Questionnaire) -> dict[str | None, str]:
    """All summaries that the program prints of these figures, by breakdown."""
    bys = [None, *(broken.id for broken in figures.breakdowns if broken.offered)]
    write = format_named("json").render
    return {by: write(summary_of(figures, by=by), recorded) for by in bys}


class Printer:
    """From counts to everything that is ever printed of them, as one text."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._recorded = stored(questionnaire)
        self._protection = Protection(questionnaire, sha256="0" * 64)
        self._texts: dict[str, str] = {}

    def __call__(self, counts: Counts) -> str:
        figures = self._protection.figures(counts)
        # The program prints from the figures alone: what was printed of the same is not made again.
        kept = figures.model_dump_json()
        if kept not in self._texts:
            self._texts[kept] = "".join(printed_texts(figures, self._recorded).values())
        return self._texts[kept]


class Crowds:
    """Makes the counts of a table of a small shape."""

    def __init__(self, shape: Shape) -> None:
        questionnaire = shaped(shape)
        *groups, answers = shape
        self._rows = range(groups[0] if groups else 1)
        self._answers = range(answers)
        self._units = [
            count(questionnaire, [self._record(row, answer, broken=bool(groups))])
            for row in self._rows
            for answer in self._answers
        ]

    def counts(self, table: Table) -> Counts:
        """The counts of everyone in the table."""
        whole = Counts(self._units[0].layout, sum(table))
        for many, unit in zip(table, self._units, strict=True):
            for groups, row in unit.by_groups.items():
                if many:
                    old = whole.by_groups.get(groups) or [0] * len(row)
                    new = [a + many * b for a, b in zip(old, row, strict=True)]
                    whole.by_groups[groups] = new
                    whole.sizes[groups] = whole.sizes.get(groups, 0) + many
        return whole

    def _record(self, row: int, answer: int, *, broken: bool) -> dict[str, object]:
        record: dict[str, object] = {"g": f"g{row}"} if broken else {}
        return {**record, "q": f"q{answer}"}


@dataclass(slots=True)
class Verdict:
    """What an attacker got out of some data sets; each list has one example for every kind."""

    tables: int = 0
    outputs: int = 0
    pinned: int = 0
    few: int = 0
    noughts: int = 0
    unanimous: int = 0
    examples: dict[str, tuple[object, ...]] = field(default_factory=dict)

    @property
    def leaks(self) -> int:
        """All that must be nought."""
        return self.pinned + self.few + self.noughts + self.unanimous

    def __add__(self, other: Verdict) -> Verdict:
        names = ("tables", "outputs", "pinned", "few", "noughts", "unanimous")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Verdict(**sums, examples={**other.examples, **self.examples})


def exhaust(
    shape: Shape,
    totals: Iterable[int],
    printer: Callable[[Counts], str],
    *,
    knows_total: bool = True,
) -> Verdict:
    """Go through every data set of a shape with these numbers of responses (attacker A)."""
    crowds = Crowds(shape)
    groups: dict[object, list[Table]] = defaultdict(list)
    cells = 1
    for size in shape:
        cells *= size
    for total in totals:
        for table in compositions(total, cells):
            output = printer(crowds.counts(table))
            groups[output, total if knows_total else None].append(table)
    verdict = Verdict()
    for (output, _), tables in groups.items():  # type: ignore[misc]
        _judge(shape, str(output), tables, verdict)
    return verdict


def _judge(shape: Shape, output: str, tables: list[Table], verdict: Verdict) -> None:
    """What somebody knows who sees an output that just these data sets lead to."""
    verdict.tables += len(tables)
    verdict.outputs += 1
    answers = shape[-1]
    lines = {
        "cell": list(zip(*tables, strict=True)),
        "answer": list(
            zip(*(tuple(sum(t[a::answers]) for a in range(answers)) for t in tables), strict=True)
        ),
    }
    for kind, columns in lines.items():
        for values in columns:
            span = set(values)
            if min(span) > 7:
                continue
            verdict.pinned += len(tables) * (len(span) == 1)
            verdict.few += len(tables) * (len(span) < FEWEST)
            verdict.noughts += len(tables) * (span == {0})
            if len(span) < FEWEST:
                verdict.examples.setdefault(kind, (shape, tables[:4], sorted(span), output[:300]))
    rows = [[t[i : i + answers] for t in tables] for i in range(0, len(tables[0]), answers)]
    rows.append([tuple(sum(t[a::answers]) for a in range(answers)) for t in tables])
    for row in rows:
        if any(all(sum(line) == line[a] > 0 for line in row) for a in range(answers)):
            verdict.unanimous += len(tables)
            verdict.examples.setdefault("unanimous", (shape, tables[:4], output[:300]))


# -- bounds by integer programs (B), with records known (C), over time (D) -------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is printed of a seal: the texts of its summaries, by breakdown (None: without)."""

    summaries: dict[str | None, dict[str, Any]]

    @classmethod
    def of(cls, texts: Mapping[str | None, str]) -> Seen:
        """What can be read in the JSON that the program prints."""
        return cls({by: json.loads(text) for by, text in texts.items()})

    def tables(self, item: str, row: str | None = None) -> Iterator[tuple[str | None, Any]]:
        """The tables on an item that were not withheld, each with its breakdown."""
        for by, summary in self.summaries.items():
            for table in summary["tables"]:
                same = (table["item"], table["row"]) == (item, row)
                if same and not table["withheld"] and (table["group"] is None) == (by is None):
                    yield by, table

    def groups(self, by: str) -> list[str]:
        """The groups that a breakdown shows."""
        tables = self.summaries[by]["tables"]
        return list(dict.fromkeys(t["group"] for t in tables if t["group"] is not None))


class Program:
    """Everything printed on one question as an integer program (attacker B).

    The unknowns are how many people of each combination of groups gave each answer. Which
    combinations there can be follows from the routes, which are public.
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
        reads: Callable[[int | None], tuple[int, int]] | None = None,
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
        """Which unknowns a count adds up."""
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
        """Take in that a route rules these answers out."""
        cells = np.zeros(self.width)
        for number, answer in enumerate(self.answers):
            if answer in answers:
                cells[combination * len(self.answers) + number] = 1
        self._bind(cells, 0, 0)

    def knows(self, combination: int, answer: str) -> None:
        """Take a record as known, as its own author does (attacker C)."""
        self.least[combination * len(self.answers) + self.answers.index(answer)] += 1

    def candidates(self) -> dict[tuple[str | None, str | None, str], int]:
        """How many values each masked count can have, at least: four are enough."""
        return {key: self._candidates(cells) for key, cells in self.masked.items()}

    def can_differ(self, by: str | None, group: str | None, answer: str) -> bool:
        """Whether somebody whose record is not known may have answered otherwise."""
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
    ) -> None:
        """Take a printed table into account."""
        group = table["group"]
        base = self.cell(by, group, substantive)
        self._bind(base, *self._reads(table["base"]))
        self.lines.append((by, group))
        if table["base"] is None and table["cells"]:
            self.masked[by, group, "base"] = base
        for printed in table["cells"]:
            code = printed["code"]
            if code not in self.answers or (only is not None and code not in only):
                continue
            cells = self.cell(by, group, [code])
            self._bind(cells, *self._reads(printed["count"]))
            if printed["masked"]:
                self.masked[by, group, code] = cells

    def _sizes(self, seen: Seen) -> None:
        """A group has at least ten people, and a breakdown's own table tells its size roughly."""
        for by, codes in self._codes.items():
            for code in codes:
                self._bind(self.cell(by, code, self.answers), 10, np.inf)
            for _, table in seen.tables(by):
                for printed in table["cells"]:
                    cells = np.zeros((len(self.combinations), len(self.answers)))
                    for place, combination in enumerate(self.combinations):
                        cells[place] = combination[by] == printed["code"]
                    self._bind(cells.ravel(), *self._reads(printed["count"]))


def values_of(figure: int | None) -> tuple[int, int]:
    """The counts that a figure can stand for: written anew from the rule, not taken from it."""
    return (0, 7) if figure is None else (max(8, figure - 2), figure + 2)


def between(one: Program, two: Program, more: int, fewer: int = 0) -> Program:
    """Two summaries of one question as one program: the first, what came, and what went (D)."""
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
    """The answers that everybody who came in between must have given (attacker D)."""
    joint = between(one, two, more, fewer)
    none = np.zeros(one.width)
    found = []
    for answer in one.answers:
        others = one.cell(None, None, [a for a in one.answers if a != answer])
        if joint.extreme(np.concatenate([none, others, none]), -1) == 0:
            found.append(answer)
    return found
