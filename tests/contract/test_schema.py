"""The JSON Schema of a response, checked with an independent validator and with `validation`."""

from __future__ import annotations

import gc
import json
import time
from copy import deepcopy
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.models import Matrix, Questionnaire
from microcred_cli.records.recoding import stored
from microcred_cli.records.schema import response_schema
from microcred_cli.records.shapes import Response, from_object
from microcred_cli.records.validation import Agreement
from tests.scenario import (
    builtin,
    questionnaire_of,
    record_of,
    some_interview,
    some_questionnaire,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]
SEEDS = st.integers(0, 2**32 - 1)


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(response_schema(builtin()))


@cache
def kept() -> Questionnaire:
    return stored(builtin())


def is_valid(record: Record) -> bool:
    return bool(validator().is_valid(record))


def is_consistent(record: Record, questionnaire: Questionnaire | None = None) -> bool:
    """True if a record can be read and is consistent."""
    try:
        from_object(Response, record, "r")
    except StoreError:
        return False
    return not Agreement(questionnaire or kept()).faults(record["answers"], record["status"])


@cache
def _found(role: str, relation: str, status: str) -> Record:
    """A record of a random interview on this route, with enough answers to change some."""
    for seed in range(5000):
        hand_in = 0.0 if status == "complete" else 0.03
        record = record_of(some_interview(builtin(), Random(seed), hand_in=hand_in))
        answers = record["answers"]
        asked_of_all = [answers["trust_conditions"], answers["advantages"]]
        if (
            answers["org_role"] == role
            and (answers["mc_provided"] != "not_asked") == (relation == "provides")
            and (answers["mc_awarder"] != "not_asked") == (relation != "unaware")
            and record["status"] == status
            and isinstance(answers["terms_used"], list)
            and (status == "complete" or answers["purpose_usefulness"] == "not_reached")
            and (status == "partial" or all(isinstance(answer, list) for answer in asked_of_all))
        ):
            return record
    raise AssertionError("no such interview")


def complete(role: str = "employer", relation: str = "provides") -> Record:
    return deepcopy(_found(role, relation, "complete"))


def unfinished() -> Record:
    return deepcopy(_found("employer", "provides", "partial"))


def test_the_schema_is_a_schema_of_2020_12_and_stands_alone() -> None:
    schema = response_schema(builtin())
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:microcred:mc_employers:2.0.0:response"
    references = {
        value for key, value in _pairs(schema) if key == "$ref" and isinstance(value, str)
    }
    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}


def _pairs(value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [*value.items(), *(pair for part in value.values() for pair in _pairs(part))]
    if isinstance(value, list):
        return [pair for part in value for pair in _pairs(part)]
    return []


def test_making_the_schema_takes_less_than_50_ms() -> None:
    response_schema(builtin())
    # What earlier tests left behind is not collected within the time that is measured.
    gc.collect()
    begun = time.process_time()
    response_schema(builtin())
    assert time.process_time() - begun < 0.05


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from([0.0, 0.02, 0.1]))
def test_every_interview_that_is_closed_gives_a_valid_record(seed: int, hand_in: float) -> None:
    record = record_of(some_interview(builtin(), Random(seed), hand_in=hand_in))
    assert [error.message for error in validator().iter_errors(record)] == []
    assert Agreement(kept()).faults(record["answers"], record["status"]) == []
    assert is_consistent(record)


@settings(max_examples=55, deadline=None)
@given(SEEDS)
def test_schema_and_consistency_agree_on_any_small_questionnaire(seed: int) -> None:
    random = Random(seed)
    questionnaire = some_questionnaire(random)
    schema = response_schema(questionnaire)
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    known = stored(questionnaire)
    for _ in range(5):
        record = record_of(some_interview(questionnaire, random, hand_in=0.3))
        assert check.is_valid(record)
        assert is_consistent(record, known)
        for _ in range(5):
            changed = some_change(record, known, random)
            assert check.is_valid(changed) == is_consistent(changed, known)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_schema_and_consistency_agree_on_any_change_of_an_answer(seed: int) -> None:
    random = Random(seed)
    record = record_of(some_interview(builtin(), random, hand_in=0.03))
    for _ in range(5):
        changed = some_change(record, kept(), random)
        assert is_valid(changed) == is_consistent(changed)


def some_change(record: Record, questionnaire: Questionnaire, random: Random) -> Record:
    """The record with one or two answers, or its status, replaced; the order of lists is kept."""
    changed = deepcopy(record)
    answers = changed["answers"]
    for _ in range(random.randint(1, 2)):
        item = random.choice(questionnaire.items)
        codes = [option.code for option in questionnaire.options(item)]
        some = [code for code in codes if random.random() < 0.4]
        pool: list[object] = [
            "dk", "pna", "blank", "not_asked", "not_reached", "detached", "zz", *codes, some, 3, -1,
            None, {}, True,
        ]  # fmt: skip
        if isinstance(item, Matrix):
            scale = [*codes, "dk", "pna", "not_reached"]
            pool += [{row.code: random.choice(scale) for row in item.rows} for _ in range(20)]
        answers[item.id] = random.choice(pool)
    if random.random() < 0.1:
        changed["status"] = random.choice(["complete", "partial"])
    return changed


def _set(item: str, value: object) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        assert item in record["answers"]
        assert record["answers"][item] != value
        record["answers"][item] = value

    return change


def _row(item: str, row: str, value: object) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        assert record["answers"][item][row] != value
        record["answers"][item][row] = value

    return change


def _top(key: str, value: object) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record[key] = value

    return change


def _without(key: str) -> Callable[[Record], None]:
    return lambda record: record.pop(key)


def _drop_item(record: Record) -> None:
    del record["answers"]["terms_used"]


def _drop_row(record: Record) -> None:
    del record["answers"]["trust_by_issuer"]["tech_vendor"]


def _all_rows(code: str) -> dict[str, str]:
    item = builtin().by_id["trust_by_issuer"]
    assert isinstance(item, Matrix)
    return {row.code: code for row in item.rows}


WRONG: dict[str, Callable[[Record], None]] = {
    "an item off the route is answered": _set("rep_activities", ["policy_work"]),
    "an item off the route is refused": _set("rep_activities", "pna"),
    "an item off the route is not reached": _set("rep_activities", "not_reached"),
    "an item on the route is not asked": _set("mc_participation", "not_asked"),
    "an item that everyone is asked is not asked": _set("comments", "not_asked"),
    "the driver of a route is changed": _set("involvement", ["not_aware"]),
    "the driver of a route is refused": _set("involvement", "dk"),
    "an unknown code": _set("term_familiarity", "6"),
    "a code of another type": _set("term_familiarity", 3),
    "a label": _set("term_familiarity", "Know it well"),
    "an unknown code in a list": _set("terms_used", ["digital_badge", "zz"]),
    "a code outside a list": _set("terms_used", "digital_badge"),
    "an empty list": _set("terms_used", []),
    "a code twice": _set("terms_used", ["digital_badge", "digital_badge"]),
    "an exclusive code with another": _set("terms_used", ["digital_badge", "none"]),
    "an exclusive coarse code with another": _set(
        "sectors_represented", ["industry", "cross_sector"]
    ),
    "too many codes": _set("advantages", ["short", "flexible", "responsive", "tailored"]),
    "a reserved code in a list": _set("terms_used", ["dk"]),
    "a reserved code that is not offered": _set("country", "dk"),
    "a reserved code of a hard item": _set("org_role", "pna"),
    "a blank hard item": _set("org_role", "blank"),
    "a fine country": _set("country", "DE"),
    "a fine sector": _set("sector_main", "nace21_c"),
    "a fine number": _set("mc_provided", 7),
    "a text": _set("comments", "We are happy."),
    "an answer missing": _set("comments", None),
    "consent refused": _set("consent", "no"),
    "screened out": _set("org_role", "neither"),
    "too many ranks": _set(
        "trust_conditions", ["assessed", "digital_check", "provider_name", "external_check"]
    ),
    "a rank twice": _set("trust_conditions", ["assessed", "assessed"]),
    "a rank after none": _set("trust_conditions", ["none", "assessed"]),
    "a matrix as a list": _set("trust_by_issuer", ["4"]),
    "a matrix refused as a whole": _set("trust_by_issuer", "dk"),
    "a row with an unknown code": _row("trust_by_issuer", "tech_vendor", "6"),
    "a row not asked": _row("trust_by_issuer", "tech_vendor", "not_asked"),
    "an unknown row": lambda record: record["answers"]["trust_by_issuer"].update({"zz": "4"}),
    "a row missing": _drop_row,
    "an unknown item": lambda record: record["answers"].update({"zz": "yes"}),
    "an item missing": _drop_item,
    "a complete one with an item not reached": _set("comments", "not_reached"),
    "a complete one with a row not reached": _row("trust_by_issuer", "employer", "not_reached"),
    "a complete one as partial": _top("status", "partial"),
    "refused as its status": _top("status", "refused"),
    "an unknown mode": _top("mode", "web"),
    "a duration to the minute": _top("duration_minutes", 17),
    "a duration to five minutes": _top("duration_minutes", 15),
    "a duration with a fraction": _top("duration_minutes", 12.5),
    "a duration over an hour": _top("duration_minutes", 65),
    "no duration": _top("duration_minutes", 0),
    "a seed": _top("shuffle_seed", 7),
    "a seed that is a truth": _top("shuffle_seed", False),
    "synthetic in words": _top("synthetic", "no"),
    "an extra key": _top("date", "2026-11-23"),
    "no identifier": _without("response_id"),
    "an identifier that is not a hash": _top("response_id", "0123456789ABCDEF" * 2),
    "an identifier with a line end": _top("response_id", "0123456789abcdef" * 2 + "\n"),
    "another format": _top("format", "microcred-response/2"),
    "no answers": _top("answers", {}),
    "answers as a list": _top("answers", []),
    "a hash missing": lambda record: record["questionnaire"].pop("sha256"),
}

WRONG_FILE: dict[str, Callable[[Record], None]] = {
    "full detail": _top("detail", "full"),
    "a language with coarse detail": _top("language", "de"),
    "no format": _without("format"),
    "no detail": _without("detail"),
    "nothing said of synthetic": _without("synthetic"),
    "another questionnaire": lambda record: record["questionnaire"].update({"id": "other"}),
    "another version": lambda record: record["questionnaire"].update({"version": "1.0.1"}),
}

WRONG_UNFINISHED: dict[str, Callable[[Record], None]] = {
    "a broken tail": _set("comments", "detached"),
    "an open item left blank": _set("comments", "blank"),
    "a broken tail in the middle": _set("terms_used", "not_reached"),
    "an item of the tail not asked": _set("obstacles", "not_asked"),
    "an item off the route not reached": _set("rep_activities", "not_reached"),
    "a tail that has rows": _set("trust_by_issuer", _all_rows("not_reached")),
    "an unfinished one as complete": _top("status", "complete"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_record_is_refused(name: str) -> None:
    role = "representative" if "exclusive coarse" in name else "employer"
    record = complete(role)
    assert is_valid(record)
    assert is_consistent(record)
    WRONG[name](record)
    assert not is_valid(record)
    assert not is_consistent(record)


@pytest.mark.parametrize("name", WRONG_UNFINISHED)
def test_a_wrong_unfinished_record_is_refused(name: str) -> None:
    record = unfinished()
    assert is_valid(record)
    assert is_consistent(record)
    WRONG_UNFINISHED[name](record)
    assert not is_valid(record)
    assert not is_consistent(record)


@pytest.mark.parametrize("name", WRONG_FILE)
def test_what_concerns_the_file_and_not_its_answers_is_refused_by_the_schema(name: str) -> None:
    record = complete()
    WRONG_FILE[name](record)
    assert not is_valid(record)


def test_only_consistency_sees_the_order_of_keys_and_codes() -> None:
    record = complete()
    record["answers"]["terms_used"] = ["open_badge", "digital_badge"]
    assert is_valid(record)
    assert [item for item, _ in Agreement(kept()).faults(record["answers"], "complete")] == [
        "terms_used"
    ]
    record = complete()
    record["answers"] = dict(reversed(record["answers"].items()))
    assert is_valid(record)
    assert not is_consistent(record)


def test_a_given_hash_is_the_only_one() -> None:
    check = Draft202012Validator(response_schema(builtin(), "b" * 64))
    record = complete()
    assert not check.is_valid(record)
    record["questionnaire"]["sha256"] = "b" * 64
    assert check.is_valid(record)


def test_with_full_detail_the_fine_codes_and_the_language_are_stored() -> None:
    interview = some_interview(builtin(), Random(1), hand_in=0)
    record = record_of(interview, detail="full", language="de")
    check = Draft202012Validator(response_schema(builtin(), detail="full"))
    assert [error.message for error in check.iter_errors(record)] == []
    assert Agreement(builtin()).faults(record["answers"], "complete") == []
    assert not is_valid(record)
    del record["language"]
    assert not check.is_valid(record)


@pytest.mark.parametrize(
    ("answers", "finished"),
    [
        ({"a": "x", "b": "not_asked", "c": "not_asked"}, True),
        ({"a": "other", "b": "not_asked", "c": "not_asked"}, False),
        ({"a": "y", "b": ["p", "q"], "c": "not_asked"}, True),
        ({"a": "y", "b": ["p"], "c": "not_asked"}, False),
    ],
)
def test_a_partial_one_has_something_open_even_if_only_a_text_or_rank(
    answers: dict[str, object], finished: bool
) -> None:
    questionnaire = questionnaire_of("""
        items:
          - {id: a, options: [x, y, other+]}
          - {id: b, kind: ranking, ranks: 2, options: [p, q], asked_if: {item: a, any_of: [y]}}
          - {id: c, options: [z], asked_if: {item: b, none_of: [p, q, not_asked]}}
    """)
    record = {**complete(), "status": "partial", "answers": answers}
    record["questionnaire"] |= {"id": "scenario", "version": "1.0.0"}
    check = Draft202012Validator(response_schema(questionnaire))
    assert check.is_valid(record) is not finished
    assert is_consistent(record, questionnaire) is not finished
    assert check.is_valid({**record, "status": "complete"})


def test_the_texts_of_the_items_explain_the_schema() -> None:
    schema = json.dumps(response_schema(builtin()), ensure_ascii=False)
    for item in kept().items:
        assert json.dumps(item.concept, ensure_ascii=False) in schema
    assert "rep_activities: asked if" in schema
    assert "1: Not at all useful · 2: Slightly useful" in schema
