from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml12 import parse_yaml

from microcred_cli.questionnaire.lint import CODES, lint
from microcred_cli.questionnaire.loading import find
from tests.questionnaire.cases import CASES, changed, lines_of
from tests.questionnaire.sample import SAMPLE


def found(text: str) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.line) for fault in lint(text, "sample.yaml")]


def test_the_sample_has_no_faults() -> None:
    assert found(SAMPLE) == []


def test_the_questionnaires_that_come_with_the_program_have_no_faults() -> None:
    path = find("mc_employers")
    assert lint(path.read_text(encoding="utf-8"), str(path)) == ()


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_found_where_it_is_and_nothing_else_is_blamed(name: str) -> None:
    code, old, new = CASES[name]
    assert found(changed(old, new)) == [(code, line) for line in lines_of(name)]
