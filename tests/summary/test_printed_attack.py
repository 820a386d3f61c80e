"""The attack on printed figures: handmade figures, simulated data sets, and mutants of the rule."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.summary import protection
from microcred_cli.summary.audit.intervals import Intervals
from microcred_cli.summary.audit.witness import Search
from tests.summary.attack import EVERYTHING, unaudited
from tests.summary.crowds import simulated, skewed
from tests.summary.printed_attack import Contradiction, Result, attack, bounds
from tests.summary.printed_model import values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from microcred_cli.summary.audit.marginals import Key
    from microcred_cli.summary.audit.suppression import Resolution
    from microcred_cli.summary.plan import Plan
    from microcred_cli.summary.tabulation import Tabulation
    from tests.summary.crowds import Crowd

Table = dict[str, Any]
RULE = {"masked_below": 8, "rounded_to": 5, "smallest_group": 10}


takes_longer = pytest.mark.skipif(not EVERYTHING, reason="takes longer; set ATTACK=all")


def table(
    cells: Mapping[str, int | None],
    base: int | None,
    *,
    item: str = "q",
    group: str | None = None,
    row: str | None = None,
    kind: str = "single",
    **more: object,
) -> Table:
    """A table of codes and figures; `1+2` are two codes that are counted together."""
    return {
        "item": item, "row": row, "kind": kind, "group": group, "base": base, "withheld": False,
        "cells": [
            {"codes": code.split("+"), "count": count} if "+" in code
            else {"code": code, "count": count}
            for code, count in cells.items()
        ],
        **more,
    }  # fmt: skip


def texts(
    everyone: list[Table], *, responses: int = 100, **by: list[Table]
) -> dict[str | None, str]:
    """The documents of a folder, with the number of responses as printed."""
    groups: dict[str | None, list[Table]] = {None: []}
    groups.update(by)
    head = {"rule": RULE, "responses": responses}
    return {
        name: json.dumps({**head, "by": name, "tables": everyone + tables})
        for name, tables in groups.items()
    }


def named(result: Result) -> list[str]:
    return [str(finding) for finding in result.findings]


# -- meaning of figures ----------------------------------------------------------------------------


@pytest.mark.parametrize("step", [5, 10])
def test_a_figure_stands_for_what_is_rounded_to_it(step: int) -> None:
    for exact in range(8, 200):
        figure = step * ((2 * exact + step) // (2 * step))
        low, high = values_of(figure, step, 8)
        assert low <= exact <= high
    assert (values_of(10, 5, 8), values_of(15, 5, 8)) == ((8, 12), (13, 17))
    assert (values_of(10, 10, 8), values_of(20, 10, 8)) == ((8, 14), (15, 24))
    assert values_of(None, step, 8) == (0, 7)


def test_a_figure_below_the_mask_contradicts_the_rule() -> None:
    with pytest.raises(Contradiction):
        attack(texts([table({"a": 5, "b": 20}, 25)]), 25)


# -- handmade figures ------------------------------------------------------------------------------


def test_harmless_figures_give_nothing_away() -> None:
    groups = [
        table({"a": 15, "b": None}, 20, group="A"),
        table({"a": 15, "b": None}, 20, group="B"),
    ]
    found = attack(texts([table({"a": 30, "b": 10}, 40)], g=groups), 40)
    assert (found.findings, found.counts) == ([], 2)


def test_a_count_is_given_away_by_one_subtraction() -> None:
    printed = texts([table({"a": 20, "b": None}, 20)], responses=20)
    assert named(attack(printed, 20)) == ["q/- b of everyone: 0 to 2"]
    assert attack(printed).findings == []


def test_a_count_is_proved_to_be_nought() -> None:
    found = attack(texts([table({"a": 15, "b": None}, 15)]), 13)
    assert [finding.is_nought for finding in found.findings] == [True]


def test_two_breakdowns_together_give_a_count_away() -> None:
    everyone = [table({"a": 30, "b": 70}, 100)]
    one = [
        table({"a": None, "b": 35}, 40, group="A", item="q"),
        table({"a": 25, "b": 35}, 60, group="B", item="q"),
    ]
    four = [table({"a": 10, "b": 15}, 25, group=group) for group in "CDEF"]
    assert attack(texts(everyone, one=one)).findings == []
    assert attack(texts(everyone, four=four)).findings == []
    # Four times 8 is 32, the largest count that is printed as 30; and 23 to 27 of them are in B.
    assert named(attack(texts(everyone, one=one, four=four))) == ["q/- a of one=A: 5 to 7"]


def test_the_sums_of_ranks_give_a_count_away() -> None:
    ranks: list[dict[str, int | None]] = [
        {"x": 10, "y": 10, "z": 10, "w": 10},
        {"x": 10, "y": 10, "z": 10, "w": 10},
        {"x": None, "y": 10, "z": 10, "w": 10},
        {"x": 15, "y": 30, "z": 30, "w": 30},
    ]
    printed = [
        table(rank, 40, row=row, kind="ranking")
        for row, rank in zip(("1", "2", "3", "any"), ranks, strict=True)
    ]
    assert named(attack(texts(printed), 40)) == ["q/3 x of everyone: 0 to 1"]
    assert attack(texts(printed[:3]), 40).findings == []


def test_one_row_of_a_list_gives_a_count_of_another_away() -> None:
    one = table({"a": 10, "b": 10, "c": 10, "d": 10, "not_asked": 10}, 30, row="r", kind="matrix")
    two = table(
        {"a": 10, "b": None, "c": None, "d": None, "not_asked": 10}, 30, row="s", kind="matrix"
    )
    assert attack(texts([two]), 42).findings == []
    # Four times 8 people answered the first statement, and so 32 the other, too.
    assert named(attack(texts([one, two]), 42)) == [
        f"q/s {code} of everyone: 6 to 7" for code in "bcd"
    ]


def test_a_group_is_counted_by_the_breakdowns_own_table() -> None:
    own = table({"A": 30, "B": 10}, 40, item="g")
    groups = [
        table({"a": 15, "b": 10, "dk": None}, 25, group="A"),
        table({"a": 10, "b": None}, 10, group="B"),
    ]
    everyone = table({"a": 25, "b": 10, "dk": None}, 35)
    assert attack(texts([everyone], g=groups), 38).findings == []
    # Of 38 people, 28 are in A, and 10 in B.
    assert named(attack(texts([own, everyone], g=groups), 38)) == ["q/- b of g=B: 0 to 2"]


def test_smaller_groups_together_are_what_is_left() -> None:
    own = table({"A": 30, "B": None, "C": None, "D": None}, 50, item="g")
    groups = [table({"a": 30}, 30, group="A"), table({"a": 20}, 20, group="pooled")]
    found = bounds(texts([own, table({"a": 50}, 50)], g=groups), 50, items=["g"])
    assert set(found.values()) == {(4, 7)}


def test_smaller_groups_together_hold_ten() -> None:
    own = table({"A": 30, "B": None, "C": None}, 40, item="g")
    groups = [table({"a": 30}, 30, group="A"), table({"a": 10}, 10, group="pooled")]
    found = bounds(texts([own, table({"a": 40}, 40)], g=groups), 42, items=["g"])
    assert set(found.values()) == {(3, 7)}


def test_who_was_not_asked_must_stay_open_too() -> None:
    printed = texts([table({"a": 20, "b": 20, "dk": None, "not_asked": None}, 40)])
    assert attack(printed, 41).findings == []
    printed = texts([table({"a": 20, "b": 20, "not_asked": None}, 40)])
    assert named(attack(printed, 40)) == ["q/- not_asked of everyone: 0 to 2"]


def test_who_refused_may_be_told_unless_it_is_asked_for() -> None:
    printed = texts([table({"a": 20, "b": 20, "dk": None}, 40)])
    assert attack(printed, 38).findings == []
    found = attack(printed, 38, exempt=frozenset())
    assert named(found) == ["q/- dk of everyone: 0 to 0"]


def test_a_line_is_proved_to_be_all_of_one_answer() -> None:
    printed = [table({"a": 15, "b": 10}, 15, kind="multiple")]
    assert named(attack(texts(printed), 13)) == ["q/- a of everyone: all"]
    assert attack(texts(printed), 14).findings == []


def test_a_line_that_the_route_makes_all_one_answer_is_no_finding() -> None:
    assert attack(texts([table({"a": 15}, 15, kind="multiple")]), 13).findings == []


def test_a_table_rounded_to_ten_leaves_more_open() -> None:
    cells = {"a": 20, "b": None}
    assert len(attack(texts([table(cells, 20)]), 20).findings) == 1
    assert attack(texts([table(cells, 20, rounded_to=10)]), 20).findings == []
    # 15 to 24 are printed as 20.
    assert set(bounds(texts([table(cells, 20, rounded_to=10)]), 20).values()) == {(0, 5)}


def test_steps_that_are_counted_together_must_stay_open_together() -> None:
    assert named(attack(texts([table({"1+2": None, "3": 20}, 20)]), 20)) == [
        "q/- 1+2 of everyone: 0 to 2"
    ]
    assert attack(texts([table({"1+2": None, "3": 20}, 25)]), 24).findings == []


def test_steps_that_are_counted_together_in_groups_only_are_those_of_everyone() -> None:
    everyone = [table({"1": 15, "2": None, "3": 40}, 55)]
    groups = [table({"1+2": None, "3": 20}, 25, group=group) for group in "AB"]
    # Step 1 alone has 13 people, and each group has at most 7 in both steps.
    found = named(attack(texts(everyone, responses=55, g=groups)))
    assert "q/- 1+2 of g=A: 6 to 7" in found


def test_what_is_withheld_says_nothing() -> None:
    printed = texts([{**table({}, None), "withheld": True}])
    assert (attack(printed, 20).findings, attack(printed, 20).counts) == ([], 0)


def test_a_breakdown_that_is_withheld_says_nothing() -> None:
    hidden = [{**table({}, None, group=group), "withheld": True} for group in "AB"]
    assert attack(texts([table({"a": 20, "b": 10}, 30)], g=hidden), 30).findings == []


def test_what_an_audit_once_let_through_is_found() -> None:
    """A row of a list by role, as an earlier audit printed it for 120 simulated people."""
    missing = {"dk": None, "pna": None, "not_reached": None}
    steps = {
        None: (110, {"1": 25, "2": 35, "3": 30, "4": 20, "5": None}),
        "employer": (75, {"1": 15, "2": 25, "3": 20, "4": 15, "5": None}),
        "representative": (30, {"1": 10, "2": 10, "3": None, "4": None, "5": None}),
    }
    everyone, *groups = (
        table({**cells, **missing}, base, group=group, row="compliance", kind="matrix")
        for group, (base, cells) in steps.items()
    )
    own = table({"employer": 85, "representative": 35}, 120, item="org_role")
    printed = texts([own, everyone], responses=120, org_role=groups)
    # At least 28 minus at most 22 is 6.
    assert named(attack(printed)) == ["q/compliance 3 of org_role=representative: 6 to 7"]


# -- all data sets ---------------------------------------------------------------------------------

Four = tuple[int, int, int, int]


def printed_of(counts: Four) -> tuple[int | None, ...]:
    """The output of a rule without an audit for two answers in two groups, and for everyone."""
    a, b, c, d = counts
    exact = (a + c, b + d, a + b + c + d, a, b, a + b, c, d, c + d)
    return tuple(5 * ((n + 2) // 5) if n > 7 else None for n in exact)


def all_printed(total: int) -> dict[tuple[int | None, ...], list[Four]]:
    """All data sets of a number of people in two groups of ten or more, by their output."""
    found: dict[tuple[int | None, ...], list[Four]] = defaultdict(list)
    for a, b, c in product(range(total + 1), repeat=3):
        if a + b >= 10 and total - a - b >= 10 and a + b + c <= total:
            counts = (a, b, c, total - a - b - c)
            found[printed_of(counts)].append(counts)
    return found


@pytest.mark.parametrize("total", [21, 24])
def test_the_bounds_are_those_of_all_data_sets_that_are_printed_the_same(total: int) -> None:
    for figures, sets in list(all_printed(total).items())[::3]:
        one, two, base, *groups = figures
        printed = texts(
            [table({"a": one, "b": two}, base)],
            g=[
                table({"a": groups[0], "b": groups[1]}, groups[2], group="A"),
                table({"a": groups[3], "b": groups[4]}, groups[5], group="B"),
            ],
        )
        for target, ends in bounds(printed, total).items():
            by, group = target.place
            at = ("A", "B").index(str(group)) if by else None
            code = ("a", "b").index(target.codes[0])
            values = [
                counts[2 * at + code] if at is not None else counts[code] + counts[2 + code]
                for counts in sets
            ]
            assert ends == (min(values), max(values)), (figures, target)


# -- output of the program -------------------------------------------------------------------------

CROWDS = [
    simulated(60, 24),
    *([skewed(12), simulated(120, 1), simulated(300, 3), skewed(3), skewed(64)] * EVERYTHING),
]


@pytest.mark.parametrize("crowd", CROWDS, ids=lambda crowd: crowd.name)
def test_no_printed_figure_of_a_crowd_gives_anybody_away(crowd: Crowd) -> None:
    found = attack(crowd.texts(), len(crowd.records))
    assert found.counts > 100
    assert named(found) == []


# -- mutants of the rule ---------------------------------------------------------------------------

AUDIT = "microcred_cli.summary.protection.resolution"
"""The place where the rule applies the audit's decisions: the rounding base of each table, by its
position in the plan and the breakdown (None: the table of everyone).
"""

AUDITED = vars(protection)["resolution"]
REALLY_OPEN = Search.open


def restated(given: Mapping[str | None, str], **rule: int) -> dict[str | None, str]:
    """Documents that state the rule by which they were made, as an attacker knows it."""
    documents = {by: json.loads(text) for by, text in given.items()}
    return {by: json.dumps({**d, "rule": d["rule"] | rule}) for by, d in documents.items()}


def audited_in_groups_only(plan: Plan, whole: Tabulation, _: object) -> Resolution:
    found = unaudited(plan, whole)
    return {key: to for key, to in AUDITED(plan, whole).items() if key[1] is not None} | {
        key: to for key, to in found.items() if key[1] is None
    }


def audited_of_everyone_only(plan: Plan, whole: Tabulation, _: object) -> Resolution:
    found = unaudited(plan, whole)
    return {key: to for key, to in AUDITED(plan, whole).items() if key[1] is None} | {
        key: to for key, to in found.items() if key[1] is not None
    }


@takes_longer
@pytest.mark.parametrize(
    ("audit", "size", "seed"),
    [
        (audited_in_groups_only, 20, 2),
        (unaudited, 60, 1),
        (audited_of_everyone_only, 100, 2),
    ],
    ids=lambda f: getattr(f, "__name__", str(f)),
)
def test_a_rule_whose_audit_lacks_a_part_is_caught(
    audit: Callable[..., object], size: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AUDIT, audit)
    found = attack(simulated(size, seed).texts(), size)
    everyone = [finding for finding in found.few if finding.target.place == (None, None)]
    assert everyone if audit is audited_in_groups_only else found.few


@takes_longer
def test_a_count_that_is_taken_for_shown_because_another_was_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counts once had numeric ids that could come to refer to other counts."""

    def taken_for_the_next(self: Search) -> list[Key]:
        return [
            key for key in REALLY_OPEN(self) if key._replace(cell=key.cell + 1) not in self.seen
        ]

    monkeypatch.setattr(Search, "open", taken_for_the_next)
    monkeypatch.setattr(Intervals, "narrow", lambda *_: set())
    assert attack(simulated(60, 1).texts(), 60).few


@takes_longer
def test_sums_alone_do_not_show_that_a_count_is_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "open", lambda _: [])
    assert attack(skewed(24).texts(), len(skewed(24).records)).few


def exact_from_eight(exact: int, _to: int = 5) -> int | None:
    return exact if exact > 7 else None


def masked_below_three(exact: int, _to: int = 5) -> int | None:
    return 5 * ((exact + 2) // 5) if exact > 2 else None


@pytest.mark.parametrize(
    ("printing", "rule"),
    [(exact_from_eight, {"rounded_to": 1}), (masked_below_three, {"masked_below": 3})],
    ids=["rounded finer", "masked below three"],
)
def test_a_rule_that_rounds_or_masks_less_is_caught(
    printing: Callable[[int, int], int | None],
    rule: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("microcred_cli.summary.protection.printed", printing)
    printed = restated(simulated(60, 1).texts(), **rule)
    items = ["term_familiarity", "mc_hours", "mc_combining", "usefulness_overall", "future_use"]
    assert len(attack(printed, 60, items=items).few) > 5


def test_a_rule_that_masks_less_than_it_says_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AUDIT, unaudited)
    monkeypatch.setattr("microcred_cli.summary.protection.printed", masked_below_three)
    with pytest.raises(Contradiction):
        attack(simulated(60, 1).texts(), 60)
