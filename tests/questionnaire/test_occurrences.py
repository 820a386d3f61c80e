"""Groups and states that can occur together, found together or separately."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from microcred_cli.questionnaire import occurrences
from microcred_cli.questionnaire.occurrences import Occurrences
from microcred_cli.summary.plan import Plan
from tests.scenario import builtin, questionnaire_of, some_questionnaire

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire


def of(questionnaire: Questionnaire) -> tuple[Plan, Occurrences]:
    plan = Plan(questionnaire)
    return plan, Occurrences(plan.recorded, {b.id: b.codes for b in plan.breakdowns})


@pytest.mark.parametrize("seed", [1, 4, 9, 16, 25])
def test_items_looked_at_separately_have_the_same_states(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, together = of(some_questionnaire(Random(seed)))
    pairs = [(item.id, b.id) for item in plan.recorded.items for b in plan.breakdowns]
    expected = [together.states(*pair) for pair in pairs]
    monkeypatch.setattr(occurrences, "FEW_STATES", -1)
    _, separately = of(some_questionnaire(Random(seed)))
    assert [separately.states(*pair) for pair in pairs] == expected


def about(breakdowns: int, pairs: int = 0) -> Questionnaire:
    """Independent breakdowns of five groups, and pairs in which one depends on the other."""
    names = [f"b{n}" for n in range(breakdowns)]
    items = [f"- {{id: {name}, options: [v, w, x, y, z]}}" for name in names]
    for n in range(pairs):
        names += [f"p{n}", f"q{n}"]
        items.append(f"- {{id: p{n}, options: [x, y]}}")
        items.append(f"- {{id: q{n}, options: [x, y], asked_if: {{item: p{n}, any_of: [x]}}}}")
    listed = "\n".join(f"          {item}" for item in items)
    return questionnaire_of(
        f"""
    breakdowns: [{", ".join(names)}]
    sections:
      - id: about
        items:
{listed}
      - id: main
        makes_partial: true
        items:
          - {{id: view, options: [a, b]}}
        """
    )


def test_independent_breakdowns_are_not_multiplied() -> None:
    _, found = of(about(40))
    assert (found.kinds, len(found.parts)) == (1, 40)
    assert found.alike("b3", "v", "pna")
    assert found.profiles({0: dict.fromkeys(("v", "w", "x", "y", "z", "pna", "blank"), 0)}) == {
        (0,): ("blank",) * 40
    }


def test_breakdowns_that_depend_on_each_other_are_multiplied() -> None:
    assert of(about(3, pairs=2))[1].kinds == 4
    assert not of(about(3, pairs=6))[1].are_too_many
    assert of(about(3, pairs=7))[1].are_too_many


def test_who_was_not_asked_is_no_kind_of_its_own_unless_another_breakdown_tells() -> None:
    _, found = of(builtin())
    assert found.kinds == 2
    assert not found.alike("org_role", "employer", "representative")
    assert not found.alike("size_class", "p0_49", "not_asked")
    assert found.alike("size_class", "p0_49", "blank")


def test_a_computed_breakdown_may_depend_on_no_item() -> None:
    questionnaire = questionnaire_of(
        """
    breakdowns: [everybody]
    computed:
      - {id: everybody, categories: [{code: all}]}
    sections:
      - id: main
        makes_partial: true
        items:
          - {id: view, options: [a, b]}
        """
    )
    _, occurring = of(questionnaire)
    assert occurring.states("view", "everybody") == {("answered", "all")}
    assert occurring.kinds == 1
