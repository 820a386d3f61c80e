"""The minutes of each route, in each mode and language."""

from __future__ import annotations

import pytest

from microcred_cli.questionnaire.durations import group_minutes, told_minutes
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


def minutes_of(questionnaire: Questionnaire, *, aloud: bool) -> set[int]:
    timed = group_minutes(questionnaire, questionnaire, aloud=aloud)
    return {minutes for group in timed.values() for minutes in group}


def test_questions_take_longer_aloud() -> None:
    long = made(changed("seconds: 10", "seconds: 1000"))
    assert max(minutes_of(long, aloud=False)) < min(minutes_of(long, aloud=True))


def test_each_introduction_takes_the_time_of_its_own_words() -> None:
    sample = made(changed("closing:", "closing:"))
    written = made(changed("Welcome.", "Welcome. " * 350))
    spoken = made(changed("Hello.", "Hello. " * 240))
    later = made(changed("- text: Hello.", f"- {{text: {'Hello. ' * 240}, on_request: true}}"))
    for aloud, longer, same in ((False, written, spoken), (True, spoken, written)):
        before = minutes_of(sample, aloud=aloud)
        assert minutes_of(longer, aloud=aloud) == {minutes + 2 for minutes in before}
        assert minutes_of(same, aloud=aloud) == minutes_of(later, aloud=aloud) == before


def test_a_longer_translation_takes_longer() -> None:
    source = made(changed("closing:", EXCEPT))
    longer = made(changed("text: Who are you?", f"text: {'Who? ' * 400}"))
    minutes = [
        {each for group in group_minutes(source, text, aloud=False).values() for each in group}
        for text in (source, longer)
    ]
    assert max(minutes[0]) + 1 < min(minutes[1])


def test_each_group_of_routes_is_told_its_minutes() -> None:
    source = made(changed("closing:", EXCEPT).replace("seconds: 20", "seconds: 120"))
    told = list(told_minutes(source, source, aloud=False))
    alone = group_minutes(source, source, aloud=False)
    assert told == [(*alone[None], None), (*alone[0], "If far")]
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
