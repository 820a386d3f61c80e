"""Bounds of routes from independent parts are those of the enumerated routes."""

from __future__ import annotations

from random import Random

import pytest

from microcred_cli.interview import Interview
from microcred_cli.questionnaire.lint import lint
from microcred_cli.questionnaire.models import Questionnaire
from microcred_cli.questionnaire.path_bounds import Parts
from microcred_cli.questionnaire.routes import routes
from tests.questionnaire.cases import ANY
from tests.questionnaire.sample import SAMPLE
from tests.scenario import builtin, parse_yaml, some_questionnaire

PAIRS = 40


@pytest.mark.parametrize("seed", range(24))
def test_the_parts_have_the_bounds_of_the_routes(seed: int) -> None:
    questionnaire = some_questionnaire(Random(seed)) if seed else builtin()
    seconds = {item.id: item.seconds for item in questionnaire.items}
    parts = Parts(questionnaire)
    found = [parts.ways(part, seconds, {}) for part in parts.all]
    least = sum(min(way.shortest for way in ways) for ways in found)
    most = sum(max(way.longest for way in ways) for ways in found)
    items = sum(max(way.items for way in ways) for ways in found)
    complete = [route for route in routes(questionnaire) if route.ends is None]
    timed = [route.seconds for route in complete]
    assert (least, most) == (min(timed), max(timed))
    assert items == max(len(route.items) for route in complete)


def independent(pairs: int) -> str:
    """A definition in which one item each depends on one other."""
    items = "".join(
        f"      - {{id: a{n}, kind: single, options: [{{code: x, label: X}}], {ANY}}}\n"
        f"      - {{id: b{n}, kind: open, max_length: 1, {ANY}, "
        f"asked_if: {{item: a{n}, any_of: [x]}}}}\n"
        for n in range(pairs)
    )
    more = f"  - id: more\n    label: More\n    items:\n{items}breakdowns:"
    return SAMPLE.replace("breakdowns:", more)


def test_forty_independent_conditions_are_no_fault_and_have_exact_bounds() -> None:
    text = independent(PAIRS)
    assert lint(text) == ()
    questionnaire = Questionnaire.model_validate(parse_yaml(text), strict=False)
    usual = Interview.begin(Questionnaire.model_validate(parse_yaml(SAMPLE), strict=False))
    interview = Interview.begin(questionnaire)
    assert interview.progress.of == usual.progress.of + 2 * PAIRS
    assert not interview.progress.exact
