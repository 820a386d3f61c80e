"""The attackers against the program's output, and against mutants of its rule."""

from __future__ import annotations

import json
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import pytest

from microcred_cli.summary import protection
from microcred_cli.summary.audit import decoys, suppression
from microcred_cli.summary.audit.dataset import DataSet
from microcred_cli.summary.audit.decoys import Decoys
from microcred_cli.summary.protection import Protection
from microcred_cli.summary.rule import pool
from tests.summary.attack import (
    EVERYTHING,
    FEWEST,
    Crowds,
    Printer,
    Program,
    RowsProgram,
    Seen,
    Shape,
    Verdict,
    certain_in_between,
    exhaust,
    printed_texts,
    shaped,
    unaudited,
)
from tests.summary.surveys import (
    COMBINATIONS,
    ENDING,
    ENDING_GROUPS,
    ROWS,
    ROWS_GROUPS,
    SHUFFLED,
    SHUFFLED_GROUPS,
    SURVEY,
    Record,
    some_crowd,
    some_endings,
    some_record,
    some_rows,
    some_shuffled,
    texts_of,
    texts_printed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from microcred_cli.summary.audit.intervals import Judged, Rounding
    from microcred_cli.summary.audit.partitions import Statement
    from microcred_cli.summary.audit.witness import Tries
    from microcred_cli.summary.counts import Counts
    from microcred_cli.summary.plan import Plan
    from microcred_cli.summary.tabulation import Tabulation

SHA = "0" * 64
MISSING = ("dk", "pna", "not_reached")


def attacked(shape: Shape, totals: Iterable[int], *, knows: bool = True) -> Verdict:
    return exhaust(shape, totals, Printer(shaped(shape)), knows_total=knows)


# -- A: every data set of small shapes -------------------------------------------------------------

ROUTED = Shape(answers=2, groups=3, asked=1)
"""One of three groups is asked. With more people, "not asked" and the sizes of the groups together
reveal more than either alone, which the rule does not check.
"""

SHAPES: list[tuple[Shape, Iterable[int]]] = [
    (Shape(2), range(10, 80)),
    (Shape(3), range(10, 42 if EVERYTHING else 28)),
    (Shape(4), range(10, 22 if EVERYTHING else 18)),
    (Shape(5), range(10, 17 if EVERYTHING else 14)),
    (Shape(2, groups=2), range(20, 24)),
    (Shape(2, groups=2), [27]),
    (ROUTED, [20, 21, 22]),
]


@pytest.mark.parametrize(("shape", "totals"), SHAPES)
def test_no_data_set_of_a_small_shape_gives_anybody_away(
    shape: Shape, totals: Iterable[int]
) -> None:
    found = attacked(shape, totals)
    assert found.outputs > 1
    assert found.leaks == 0, found


def test_what_is_kept_says_no_more_than_what_is_printed() -> None:
    crowds, questionnaire = Crowds(Shape(2, groups=2)), shaped(Shape(2, groups=2))
    texts: dict[str, set[str]] = {}
    found = Protection(questionnaire, sha256=SHA)
    random = Random(3)
    for _ in range(300):
        table = tuple(random.randint(0, 14) for _ in range(4))
        if sum(table) >= 10:
            figures = found.figures(crowds.counts(table))
            whole = "".join(printed_texts(figures, questionnaire).values())
            texts.setdefault(whole, set()).add(figures.model_dump_json())
    assert all(len(kept) == 1 for kept in texts.values())


def unmasked(exact: int, to: int = 5) -> int:
    return to * ((exact + to // 2) // to)


def unrounded(exact: int, _to: int = 5) -> int | None:
    return exact if exact > 7 else None


@pytest.mark.parametrize("rule", [unmasked, unrounded])
def test_a_rule_that_does_not_mask_or_round_is_caught(
    rule: Callable[[int, int], int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "printed", rule)
    monkeypatch.setattr(protection, "resolution", unaudited)
    assert attacked(Shape(3), range(10, 24)).leaks > 0


def test_a_rule_without_audit_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "resolution", unaudited)
    assert attacked(Shape(2, groups=2), range(20, 24), knows=False).leaks > 0
    assert attacked(Shape(3), range(10, 24)).noughts > 0


def test_a_rule_that_withholds_only_cross_tables_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def only_cross_tables(plan: Plan, whole: Tabulation, _: object) -> suppression.Resolution:
        real = suppression.resolution(plan, whole)
        return real | {(place, None): 5 for place in range(len(plan.tables))}

    monkeypatch.setattr(protection, "resolution", only_cross_tables)
    assert attacked(Shape(2, groups=2), range(20, 24)).leaks > 0


def test_a_rule_that_pools_no_groups_of_nobody_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that is neither shown nor combined with others is known to be empty."""

    def pool_people(sizes: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        alone, pooled = pool({code: size for code, size in sizes.items() if size})
        return alone, pooled

    monkeypatch.setattr("microcred_cli.summary.tabulation.pool", pool_people)
    monkeypatch.setattr("microcred_cli.summary.audit.intervals.pool", pool_people)
    assert attacked(ROUTED, [20]).noughts > 0


def test_a_rule_that_withholds_only_what_it_must_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Withholding itself reveals that, with 13 responses, all gave the same answer."""
    monkeypatch.setattr(decoys, "SMALL", -1)
    monkeypatch.setattr(Decoys, "draw", lambda *_: decoys.DRAWN_FROM)
    assert attacked(Shape(3), [13]).leaks > 0


LOTS = (0, decoys.TO_COARSER_OF_EVERYONE - 1, decoys.TO_COARSER - 1, decoys.DRAWN_FROM)
"""Thresholds of the draw for a table: all draws between two of them have the same effect."""

Lots = dict[tuple[str, str | None], int]
"""The draw of each question, alone and by a breakdown."""


class Drawn:
    """A printer of a long questionnaire with fixed random draws for its tables.

    Most data sets depend on only a few draws, so printers that agree on these share the output
    stored in `known`.
    """

    def __init__(self, printer: Printer, lots: Lots, known: list[tuple[Counts, Lots, str]]) -> None:
        self._lots, self._printer, self._known = lots, printer, known

    def __call__(self, counts: Counts) -> str:
        for of, needed, text in self._known:
            if of is counts and needed.items() <= self._lots.items():
                return text
        used: Lots = {}

        def lot(_: object, statement: Statement, name: str | None) -> int:
            at = statement[0][1].item, name
            used[at] = self._lots[at]
            return used[at]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(decoys, "SMALL", -1)
            patch.setattr(Decoys, "draw", lot)
            text = self._printer(counts)
        self._known[:] = [each for each in self._known if each[0] is counts]
        self._known.append((counts, used, text))
        return text


def attacked_by_lots(shape: Shape, totals: Iterable[int]) -> Verdict:
    """The conclusions of an attacker who cannot know the draws, which depend on other questions."""
    lots: dict[tuple[str, str | None], tuple[int, ...]] = {("q", None): LOTS}
    if shape.groups:
        lots |= {("q", "g"): (LOTS[0], *LOTS[2:]), ("g", None): LOTS[2:]}
    drawn = (dict(zip(lots, chosen, strict=True)) for chosen in product(*lots.values()))
    printer, known = Printer(shaped(shape)), list[tuple["Counts", Lots, str]]()
    return exhaust(shape, totals, *(Drawn(printer, chosen, known) for chosen in drawn))


@pytest.mark.parametrize(
    ("shape", "totals"),
    [
        (Shape(2), range(10, 31)),
        (Shape(3), range(13, 16)),
        *([(Shape(2, groups=2), [20])] if EVERYTHING else []),
    ],
)
def test_no_step_of_the_audit_proves_what_made_it_necessary(
    shape: Shape, totals: Iterable[int]
) -> None:
    found = attacked_by_lots(shape, totals)
    assert found.outputs > 1
    assert found.leaks == 0, found


@pytest.mark.parametrize("limit", ["TO_COARSER", "TO_NOTHING"])
def test_steps_without_decoys_are_caught(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoys, limit, 0)
    monkeypatch.setattr(decoys, "TO_NOTHING_WHERE_NARROW", 0)
    assert attacked_by_lots(Shape(2), range(13, 16)).leaks > 0


# -- B and C: bounds on surveys with three breakdowns ----------------------------------------------


def programs(seen: Seen, total: int) -> Iterator[tuple[str, Program]]:
    """The attacker's program for each question of the survey."""
    yield "view", program(seen, total, "view", ("1", "2", "3", "4"))
    yield "use", program(seen, total, "use", ("a", "b", "c"), routed=True)
    for code in ("x", "y", "z"):
        yield "terms", program(seen, total, "terms", (code, "other"))


def program(
    seen: Seen, total: int, item: str, codes: Collection[str], *, routed: bool = False
) -> Program:
    answers = (*codes, *MISSING, *(("not_asked",) if routed else ()))
    found = Program(COMBINATIONS, answers, seen, total, item=item, substantive=codes)
    for place, combination in enumerate(COMBINATIONS):
        if routed:
            off = combination["role"] == "union"
            wrong = [a for a in answers if (a == "not_asked") != off]
            found.forbid(place, wrong)
    return found


SIZES = (30, 45, 60, 90, 150, 300)


@pytest.mark.parametrize("seed", range(12))
def test_every_masked_count_keeps_four_values_over_all_breakdowns(seed: int) -> None:
    random = Random(seed)
    total = SIZES[seed % len(SIZES)]
    seen = Seen.of(texts_of(some_crowd(random, total)))
    for item, found in programs(seen, total):
        few = {key: n for key, n in found.candidates().items() if n < FEWEST}
        assert not few, (item, few)
        for by, group in found.lines:
            for answer in set(found.answers) - {"not_asked"}:
                assert found.can_differ(by, group, answer), (item, by, group, answer)


@pytest.mark.parametrize("seed", range(4))
def test_four_values_are_kept_where_people_are_counted_by_each_breakdown(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microcred_cli.summary.counts.MOST_COMBINATIONS", 1)
    total = SIZES[seed]
    split = texts_printed(SURVEY, some_crowd(Random(seed), total))
    for item, found in programs(Seen.of(split), total):
        assert min(found.candidates().values(), default=FEWEST) >= FEWEST, item


def test_without_tries_everything_that_needs_proof_is_withheld(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suppression, "MOST_TRIES", 0)
    monkeypatch.setattr(suppression, "FEWEST_TRIES", 0)
    texts = texts_of(some_crowd(Random(1), 90)).values()
    tables = [t for text in texts for t in json.loads(text)["tables"] if t["item"] == "view"]
    tables = [table for table in tables if table["group"] is not None]
    assert tables
    assert all(table["withheld"] for table in tables)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("coalition", [1, 2])
def test_who_knows_a_record_or_two_learns_nobody_elses_answer(seed: int, coalition: int) -> None:
    random = Random(100 + seed)
    total = SIZES[seed]
    records = some_crowd(random, total)
    seen = Seen.of(texts_of(records))
    found = program(seen, total, "view", ("1", "2", "3", "4"))
    for record in records[:coalition]:
        place = next(n for n, c in enumerate(COMBINATIONS) if all(record[by] == c[by] for by in c))
        found.knows(place, str(record["view"]))
    for by, group in found.lines:
        for answer in found.answers:
            assert found.can_differ(by, group, answer)
    for key, cells in found.masked.items():
        assert found.extreme(cells, -1) > float(cells @ found.least), key


def test_the_bounds_find_what_a_rule_without_audit_lets_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protection, "resolution", unaudited)
    fewest = []
    for seed in range(4):
        total = SIZES[seed]
        seen = Seen.of(texts_of(some_crowd(Random(seed), total)))
        found = program(seen, total, "view", ("1", "2", "3", "4"))
        fewest += list(found.candidates().values())
    assert min(fewest) < FEWEST


# -- B, where interviews end early, and where rows share who was asked -----------------------------


def few_of_endings(seed: int) -> list[object]:
    """The masked counts with too few values, for an attacker who knows how interviews end."""
    random = Random(seed)
    total = random.choice([30, 45, 60, 90, 150])
    seen = Seen.of(texts_printed(ENDING, some_endings(random, total)))
    answers = ("a", "b", "c", "pna", "not_reached")
    few: list[object] = []
    for item in "pv":
        found = Program(ENDING_GROUPS, answers, seen, total, item=item, substantive="abc")
        for place, groups in enumerate(ENDING_GROUPS):
            if item == "p":
                # An interview cannot be submitted before the first answer.
                found.forbid(place, ["not_reached"])
            elif groups["g"] == "not_reached":
                found.forbid(place, answers[:-1])
        few += [(item, key) for key, n in found.candidates().items() if n < FEWEST]
    return few


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the program treat a short questionnaire like a long one."""
    monkeypatch.setattr(decoys, "SMALL", -1)


def test_who_knows_how_interviews_end_finds_no_count() -> None:
    assert [few_of_endings(seed) for seed in range(10)] == [[]] * 10


@pytest.mark.usefixtures("long")
def test_who_knows_how_interviews_end_finds_no_count_where_more_is_printed() -> None:
    assert [few_of_endings(seed) for seed in range(20)] == [[]] * 20


@pytest.mark.usefixtures("long")
def test_witnesses_that_go_on_behind_the_end_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microcred_cli.summary.plan.Plan.possible", lambda *_: (True, True))
    assert any(few_of_endings(seed) for seed in (0, 5, 6))


def few_of_rows(seed: int) -> list[object]:
    """The masked counts with too few values, for an attacker who combines all rows."""
    seen = Seen.of(texts_printed(ROWS, some_rows(Random(seed), 60)))
    missing = ("not_reached", "not_asked")
    found = RowsProgram(ROWS_GROUPS, "rs", "123", missing, seen, 60, item="trust")
    return [key for key, n in found.candidates().items() if n < FEWEST]


@pytest.mark.usefixtures("long")
def test_rows_together_tell_no_more_than_each() -> None:
    assert [few_of_rows(seed) for seed in range(50, 90)] == [[]] * 40


@pytest.mark.usefixtures("long")
def test_rows_that_are_judged_apart_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked one row but not the next."""

    def apart(self: DataSet, judged: Judged, rounding: Rounding, tries: Tries) -> object:
        return self.witness(judged[0], rounding, tries)

    monkeypatch.setattr(suppression.Audit, "_share_not_asked", lambda *_: False)
    monkeypatch.setattr(DataSet, "search", apart)
    assert any(few_of_rows(seed) for seed in (60, 119))


@pytest.mark.parametrize("seed", range(4))
def test_rows_tell_no_more_by_several_breakdowns(seed: int) -> None:
    random = Random(seed)
    total = random.choice([60, 90, 150, 300])
    seen = Seen.of(texts_printed(SHUFFLED, some_shuffled(random, total)))
    found = RowsProgram(
        SHUFFLED_GROUPS, "rst", "123", ("dk", "not_reached"), seen, total, item="trust", fixed=False
    )
    assert [key for key, n in found.candidates().items() if n < FEWEST] == []


@pytest.mark.usefixtures("long")
def test_a_statement_is_decided_on_and_not_its_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """The draw withholds statement r, rounds s to 10, and prints t unchanged."""
    lots = {"r": 0, "s": decoys.TO_COARSER - 1, "t": decoys.DRAWN_FROM}

    def lot(_: object, statement: Statement, name: str | None) -> int:
        return lots[statement[0][1].row or "t"] if name else decoys.DRAWN_FROM

    monkeypatch.setattr(Decoys, "draw", lot)
    found = set()
    for text in texts_printed(SHUFFLED, some_shuffled(Random(2), 90)).values():
        tables = [t for t in json.loads(text)["tables"] if t["item"] == "trust" and t["group"]]
        assert all((t["base"], t["cells"]) == (None, []) for t in tables if t["withheld"])
        found |= {(t["row"], t["withheld"], t.get("rounded_to")) for t in tables}
    assert {("s", False, 10), ("t", False, None)} < found
    assert ("r", True, None) in found


# -- D: comparing summaries over time --------------------------------------------------------------


def seal(records: list[Record]) -> Seen:
    return Seen.of(texts_of(records))


@pytest.mark.parametrize("seed", range(8))
def test_a_batch_of_ten_with_withdrawals_in_between_tells_no_answer(seed: int) -> None:
    random = Random(seed)
    total, gone = random.choice([30, 60]), random.choice([0, 1, 3])
    before = some_crowd(random, total)
    new = [some_record(random, random.choice([0.0, 5.0])) for _ in range(10)]
    after = before[gone:] + new
    one = program(seal(before), len(before), "view", ("1", "2", "3", "4"))
    two = program(seal(after), len(after), "view", ("1", "2", "3", "4"))
    assert certain_in_between(one, two, more=10, fewer=gone) == []


def test_without_batches_an_onlooker_learns_the_new_answer() -> None:
    """One new response moves a figure across a rounding limit: 12 is printed as 10, 13 as 15."""
    steps = 0
    for seed in range(12):
        random = Random(seed)
        records = some_crowd(random, 120)
        one = program(seal(records), 120, "view", ("1", "2", "3", "4"))
        two = program(seal([*records, some_record(random, 0)]), 121, "view", ("1", "2", "3", "4"))
        steps += bool(certain_in_between(one, two, more=1))
    assert steps
