"""Conditions in words: the text shows which parts belong together."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from microcred_cli.questionnaire.conditions import in_words
from microcred_cli.questionnaire.models import Condition

A, B, C = ({"item": name, "any_of": ["x"]} for name in "abc")


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (A, "a has x"),
        ({"item": "a", "any_of": ["x", "y"]}, "a has x or y"),
        ({"item": "a", "none_of": ["x", "y"]}, "a has none of x, y"),
        ({"all": [A, B]}, "a has x and b has x"),
        ({"any": [{"all": [A, B]}, C]}, "(a has x and b has x) or c has x"),
        ({"all": [{"any": [A, B]}, C]}, "(a has x or b has x) and c has x"),
        ({"all": [{"item": "a", "any_of": ["x", "y"]}, B]}, "(a has x or y) and b has x"),
        ({"not": {"all": [A, B]}}, "not (a has x and b has x)"),
        ({"all": [{"not": A}, B]}, "not (a has x) and b has x"),
    ],
)
def test_brackets_say_what_belongs_together(shape: dict[str, Any], words: str) -> None:
    assert in_words(Condition.model_validate(shape, strict=False)) == words


def test_different_conditions_have_different_words() -> None:
    two = [{"any": [A, B]}, {"all": [A, B]}, {"not": A}, {"item": "a", "any_of": ["x", "y"]}]
    whole = [{kind: [one, C]} for kind, one in product(("all", "any"), two)]
    whole += [{kind: [C, one]} for kind, one in product(("all", "any"), two)]
    whole += [{"all": [A, B, C]}, {"any": [A, B, C]}]
    words = [in_words(Condition.model_validate(shape, strict=False)) for shape in whole]
    assert len(set(words)) == len(whole)
