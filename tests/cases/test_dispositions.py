"""Outcomes of contacts, and the final code under which a case is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.cases.dispositions import (
    CODES,
    FINAL,
    GROUPS,
    INTERIM,
    FinalOutcome,
    Group,
    Mode,
    Reached,
    current_outcome,
    is_interview,
    outcome_of,
)
from microcred_cli.errors import UsageError

contacts = st.lists(st.sampled_from(sorted(CODES)), max_size=8)
INTERIM_CODES = [outcome.code for outcome in INTERIM]


def test_no_code_stands_twice() -> None:
    assert len(CODES) == len(FINAL) + len(INTERIM)


def test_final_codes_are_numbers_in_their_order_and_interim_ones_are_words() -> None:
    numbers = [outcome.code for outcome in FINAL]
    assert numbers == sorted(numbers)
    assert all(code[0] in "1234" and code[1] == "." for code in numbers)
    assert all(code.replace("_", "").isalpha() for code in INTERIM_CODES)


def test_every_group_can_be_reached() -> None:
    assert {outcome.group for outcome in FINAL} == set(GROUPS)


@pytest.mark.parametrize("outcome", FINAL, ids=lambda outcome: outcome.code)
def test_the_first_digits_of_a_code_say_its_group(outcome: FinalOutcome) -> None:
    kinds: dict[str, set[Group]] = {
        "1": {"I", "P"},
        "2.1": {"R"},
        "2.2": {"NC"},
        "2.3": {"O"},
        "3.1": {"UH"},
        "3.2": {"UO"},
        "3.9": {"UO"},
        "4": {"NE"},
    }
    (kind,) = (groups for start, groups in kinds.items() if outcome.code.startswith(start))
    assert outcome.group in kind


def test_what_an_interim_outcome_counts_as_is_final_and_no_interview() -> None:
    for outcome in INTERIM:
        final = outcome_of(outcome.counts_as)
        assert isinstance(final, FinalOutcome)
        assert not is_interview(final.code)
        assert set(outcome.modes) <= set(final.modes) or outcome.code == "nobody_there"


@pytest.mark.parametrize("mode", ["phone", "in_person"])
def test_each_mode_offers_every_group_and_nothing_of_the_other_alone(mode: Mode) -> None:
    finals = tuple(outcome for outcome in FINAL if mode in outcome.modes)
    interims = tuple(outcome for outcome in INTERIM if mode in outcome.modes)
    assert {outcome.group for outcome in finals} == set(GROUPS)
    assert {outcome.reached for outcome in interims} >= {Reached.PERSON, Reached.ORGANISATION}
    codes = {outcome.code for outcome in finals} | {outcome.code for outcome in interims}
    assert ("busy" in codes, "3.12" in codes) == (mode == "phone", mode == "phone")
    assert ("nobody_there" in codes, "2.24" in codes) == (mode == "in_person", mode == "in_person")


def test_labels_fit_a_narrow_screen() -> None:
    labels = [*GROUPS.values(), *(each.label for each in FINAL), *(each.label for each in INTERIM)]
    assert max(map(len, labels)) <= 44


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(UsageError, match="no outcome"):
        outcome_of("9.99")


@pytest.mark.parametrize(
    ("codes", "counts_as"),
    [
        ((), "3.11"),
        (("no_answer", "no_answer"), "3.13"),
        (("busy", "busy"), "3.12"),
        (("busy", "no_answer", "busy"), "3.13"),
        (("no_answer", "answering_machine", "no_answer"), "3.14"),
        (("answering_machine", "call_back", "no_answer"), "3.21"),
        (("appointment",), "2.36"),
        (("appointment", "no_answer", "no_answer"), "2.36"),
        (("soft_refusal", "no_answer"), "2.112"),
        (("soft_refusal", "call_back"), "2.112"),
        (("soft_refusal", "appointment"), "2.36"),
        (("soft_refusal_other", "no_answer"), "2.111"),
        (("soft_refusal_other", "appointment"), "2.36"),
        (("begun",), "2.36"),
        (("nobody_there", "not_let_in"), "3.21"),
        (("no_answer", "1.1"), "1.1"),
        (("soft_refusal", "1.2"), "1.2"),
        (("appointment", "3.13"), "3.13"),
        (("2.112", "no_answer"), "2.112"),
        (("2.112", "appointment"), "2.36"),
        (("2.111", "soft_refusal"), "2.112"),
        (("4.50", "no_answer"), "4.50"),
        (("4.50", "appointment"), "2.36"),
        (("3.13", "busy"), "3.13"),
        (("2.112", "3.21", "no_answer"), "3.21"),
    ],
)
def test_a_case_counts_by_its_most_telling_contact(codes: tuple[str, ...], counts_as: str) -> None:
    assert current_outcome(codes).code == counts_as


@given(contacts, st.sampled_from([outcome.code for outcome in FINAL]))
def test_what_is_final_and_last_counts(codes: list[str], last: str) -> None:
    assert current_outcome([*codes, last]).code == last


@given(contacts, st.sampled_from(["no_answer", "busy", "technical", "not_let_in"]))
def test_silence_never_undoes_a_contact(codes: list[str], silence: str) -> None:
    before = current_outcome(codes)
    if before.group != "UH":
        assert current_outcome([*codes, silence]) == before


@given(st.lists(st.sampled_from(INTERIM_CODES), max_size=8))
def test_an_appointment_that_came_last_is_no_refusal(codes: list[str]) -> None:
    assert current_outcome([*codes, "appointment"]).group == "O"


def test_the_page_for_interviewers_lists_every_outcome_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "interviewing.md").read_text(encoding="utf-8")
    names = {"phone": "phone", "in_person": "in person", "phone in_person": "both"}
    for final in FINAL:
        mode = names[" ".join(final.modes)]
        assert f"| {final.code} | {final.label} | {final.group} | {mode} |\n" in page
    for interim in INTERIM:
        mode = names[" ".join(interim.modes)]
        assert f"| `{interim.code}` | {interim.label} | {interim.counts_as} | {mode} |\n" in page
    assert all(f"| {group} | {label} |\n" in page for group, label in GROUPS.items())
