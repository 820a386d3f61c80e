"""Requests for a summary: the summary, or the reason why there is none."""

from __future__ import annotations

import pytest

from microcred_cli.errors import DisclosureError, UsageError
from microcred_cli.summary.counts import count
from microcred_cli.summary.figures import Figures, summary_of
from microcred_cli.summary.protection import Protection
from tests.scenario import questionnaire_of

TEXT = """
breakdowns: [g]
sections:
  - id: main
    items:
      - {id: g, required: hard, options: [a, b, c, d]}
      - {id: q, required: hard, options: [x, y]}
"""


def figures(**sizes: int) -> Figures:
    """Figures of groups of these sizes."""
    questionnaire = questionnaire_of(TEXT)
    records = [
        {"g": group, "q": "xy"[number % 2]} for group, n in sizes.items() for number in range(n)
    ]
    return Protection(questionnaire, sha256="0" * 64).figures(count(questionnaire, records))


def shown(found: Figures) -> list[str]:
    return [name.code for name in found.breakdowns[0].groups]


@pytest.mark.parametrize("sizes", [{"a": 60, "b": 50}, {"a": 30}, {"a": 3}])
def test_a_group_that_does_not_exist_is_answered_by_those_that_do(sizes: dict[str, int]) -> None:
    found = figures(**sizes)
    with pytest.raises(UsageError) as caught:
        summary_of(found, by="g", group="nothing")
    listed = caught.value.hint.removeprefix("Use one of: ").rstrip(".").split(", ")
    assert listed == (shown(found) or ["a", "b", "c", "d"])


def test_every_group_that_is_not_shown_is_answered_alike() -> None:
    """Whether it is small, empty, or combined with others because they are too small."""
    found = figures(a=60, b=50, c=30)
    assert shown(found) == ["a", "b", "pooled"]
    said = set()
    for group in ("c", "d"):
        with pytest.raises(DisclosureError) as caught:
            summary_of(found, by="g", group=group)
        said.add(str(caught.value).replace(f"group {group}", "group"))
    assert len(said) == 1


def test_a_breakdown_is_shown_for_itself_although_a_code_has_nobody() -> None:
    """For example if nobody refused to answer: somebody could have, with the same output."""
    times = 0
    for more in range(10):
        found = figures(a=60 + more, b=52, c=47 + more)
        assert found.headings[0].item == "g"
        times += found.unbroken[0] is not None
    assert times > 3


@pytest.mark.parametrize("sizes", [{"a": 30}, {"a": 3}, {"a": 30, "b": 2}])
@pytest.mark.parametrize("group", ["a", "d", "pooled"])
def test_no_group_is_shown_of_a_breakdown_that_is_not(sizes: dict[str, int], group: str) -> None:
    with pytest.raises(DisclosureError):
        summary_of(figures(**sizes), by="g", group=group)
