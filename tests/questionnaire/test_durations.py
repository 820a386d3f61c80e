"""The minutes of each route, in each mode and language."""

from __future__ import annotations

import pytest

from microcred_cli.questionnaire.durations import route_minutes, told_minutes
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Questionnaire
from tests.questionnaire.cases import changed
from tests.scenario import builtin, parse_yaml

EXCEPT = """promised_minutes:
  from: 2
  to: 5
  except:
    - {text: If far, when: {item: relation, any_of: [far]}}
closing:"""


def made(text: str) -> Questionnaire:
    return Questionnaire.model_validate(parse_yaml(text), strict=False)


def test_reading_aloud_takes_longer() -> None:
    for alone, aloud in zip(
        route_minutes(builtin(), builtin(), aloud=False),
        route_minutes(builtin(), builtin(), aloud=True),
        strict=True,
    ):
        assert alone.route == aloud.route
        assert alone.minutes < aloud.minutes


def test_a_longer_translation_takes_longer() -> None:
    source = made(changed("closing:", EXCEPT))
    longer = made(changed("text: Who are you?", f"text: {'Who? ' * 400}"))
    minutes = [
        {each.minutes for each in route_minutes(source, text, aloud=False)}
        for text in (source, longer)
    ]
    assert max(minutes[0]) + 1 < min(minutes[1])


def test_each_group_of_routes_is_told_its_minutes() -> None:
    source = made(changed("closing:", EXCEPT).replace("seconds: 20", "seconds: 120"))
    told = list(told_minutes(source, source, aloud=False))
    alone = {each.group: each.minutes for each in route_minutes(source, source, aloud=False)}
    assert told == [(alone[None], alone[None], None), (alone[0], alone[0], "If far")]
    assert alone[0] < alone[None]


def test_routes_within_the_promise_are_told_as_promised() -> None:
    source = made(changed("closing:", EXCEPT))
    assert next(told_minutes(source, source, aloud=False)) == (2, 5, None)


def test_without_a_promise_nothing_is_told() -> None:
    source = made(changed("closing:", "closing:"))
    assert list(told_minutes(source, source, aloud=False)) == []


@pytest.mark.parametrize("language", load("mc_employers").languages)
def test_the_built_in_survey_keeps_its_promise_to_respondents_in_each_language(
    language: str,
) -> None:
    loaded = load("mc_employers")
    told = list(told_minutes(builtin(), loaded.languages[language], aloud=False))
    assert told[0] == (15, 20, None)
    assert told[1][1] < 15
    assert "[en]" not in str(told[1][2])
