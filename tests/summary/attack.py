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

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from microcred_cli.summary.counts import Counts, count
from tests.scenario import questionnaire_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from microcred_cli.questionnaire.models import Questionnaire

Shape = tuple[int, ...]
"""How many groups and answers: (3,) is one question with three answers, (2, 3) a cross-table."""

Table = tuple[int, ...]
"""Exact counts, row by row."""

Printer = Callable[[Counts], str] if TYPE_CHECKING else object
"""From counts to everything that is ever printed of them."""

FEWEST = 4


def shaped(shape: Shape) -> Questionnaire:
    """A questionnaire with one question of so many answers, by one breakdown of so many groups."""
    *groups, answers = shape
    items = [
        {"id": name, "required": "hard", "options": [f"{name}{n}" for n in range(size)]}
        for name, size in [*(("g", size) for size in groups), ("q", answers)]
    ]
    return questionnaire_from({"items": items, "breakdowns": ["g"] if groups else []})


def compositions(total: int, parts: int) -> Iterator[Table]:
    """Every way to spread a total over some cells."""
    for bars in combinations(range(total + parts - 1), parts - 1):
        edges = (-1, *bars, total + parts - 1)
        yield tuple(b - a - 1 for a, b in zip(edges, edges[1:], strict=False))


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
    crossed: int = 0
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
        names = ("tables", "outputs", "crossed", "pinned", "few", "noughts", "unanimous")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Verdict(**sums, examples={**other.examples, **self.examples})


def exhaust(
    shape: Shape, totals: Iterable[int], printer: Printer, *, knows_total: bool = True
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
    verdict.crossed += len(tables) * ("by " in output)
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
