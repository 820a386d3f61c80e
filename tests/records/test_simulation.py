"""Synthetic responses: valid, on their routes, varied, and identical for the same seed."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from functools import cache
from random import Random

import pytest
from jsonschema import Draft202012Validator

from microcred_cli.questionnaire.models import Choice, Multiple, Open, Single
from microcred_cli.records.identifiers import find_identifiers
from microcred_cli.records.recoding import stored
from microcred_cli.records.schema import response_schema
from microcred_cli.records.shapes import QuestionnaireRef, serialise
from microcred_cli.records.simulation import TEXTS, SyntheticResponse, simulate
from microcred_cli.records.validation import Agreement
from microcred_cli.text import clean
from tests.scenario import builtin, some_questionnaire

REF = QuestionnaireRef(id="mc_employers", version="2.0.0", sha256="a" * 64)
RECORDED = stored(builtin())


@cache
def invented(seed: int, count: int = 400) -> tuple[SyntheticResponse, ...]:
    return tuple(simulate(RECORDED, REF, count, seed))


def values(item: str, seed: int = 1, count: int = 1500) -> list[object]:
    return [one.response.answers[item] for one in invented(seed, count)]


@pytest.mark.parametrize("seed", range(5))
def test_every_one_agrees_with_the_questionnaire(seed: int) -> None:
    for one in invented(seed):
        assert Agreement(RECORDED).faults(one.response.answers, one.response.status) == []
        assert one.response.synthetic


def test_every_one_fits_the_schema() -> None:
    schema = Draft202012Validator(response_schema(builtin(), REF.sha256))
    for one in invented(2, 150):
        schema.validate(json.loads(serialise(one.response)))


def test_any_questionnaire_can_be_simulated() -> None:
    for number in range(150):
        random = Random(number)
        recorded = stored(some_questionnaire(random))
        for one in simulate(recorded, REF, 20, number):
            assert Agreement(recorded).faults(one.response.answers, one.response.status) == []


def test_the_same_seed_gives_the_same_files_and_another_one_others() -> None:
    first = [serialise(one.response) for one in simulate(RECORDED, REF, 30, 7)]
    assert first == [serialise(one.response) for one in simulate(RECORDED, REF, 30, 7)]
    assert not {*first} & {serialise(one.response) for one in simulate(RECORDED, REF, 30, 8)}
    assert first[:10] == [serialise(one.response) for one in simulate(RECORDED, REF, 10, 7)]


def test_all_kinds_of_missing_answers_occur() -> None:
    missing: Counter[str] = Counter()
    for one in invented(1, 1500):
        for answer in one.response.answers.values():
            codes = answer.values() if isinstance(answer, dict) else [str(answer)]
            missing.update({*codes} & {"dk", "pna", "not_asked", "not_reached"})
    assert len(missing) == 4
    assert min(missing.values()) > 30


def test_every_option_is_chosen_by_somebody() -> None:
    for item in RECORDED.items:
        if not isinstance(item, Single | Multiple):
            continue
        seen = {
            code
            for answer in values(item.id, 1, 3000)
            for code in (answer if isinstance(answer, list) else [answer])
        }
        possible = {option.code for option in RECORDED.options(item) if not option.ends}
        assert possible <= seen, item.id


def test_some_are_partial_and_some_on_paper() -> None:
    responses = [one.response for one in invented(1, 1500)]
    partial = sum(response.status == "partial" for response in responses)
    on_paper = sum(response.duration_minutes is None for response in responses)
    assert 40 < partial < 150
    assert 20 < on_paper < 90
    assert len({response.mode for response in responses}) == 3
    assert {r.duration_minutes for r in responses} == {None, 10, 20, 30}
    assert {r.shuffle_seed for r in responses} == {None}


def test_answers_are_skewed() -> None:
    for item in ("country", "sector_main", "size_class"):
        counts = Counter(str(value) for value in values(item))
        del counts["not_asked"]
        shares = sorted(counts.values())
        assert shares[-1] > 2.5 * statistics.median(shares)


def test_larger_employers_provide_more_often() -> None:
    share = {}
    for size in ("p0_49", "p250_plus"):
        involved = [
            involvement
            for own, involvement in zip(values("size_class"), values("involvement"), strict=True)
            if own == size
        ]
        provide = [
            i
            for i in involved
            if isinstance(i, list) and {"awards", "teaches", "designs", "assesses"} & {*i}
        ]
        share[size] = len(provide) / len(involved)
    assert share["p250_plus"] > share["p0_49"] + 0.15


def test_scales_go_together() -> None:
    pairs = [
        (int(whole), statistics.mean(int(code) for code in rows.values() if code.isdigit()))
        for whole, rows in zip(
            values("usefulness_overall"), values("purpose_usefulness"), strict=True
        )
        if str(whole).isdigit() and isinstance(rows, dict)
        if any(code.isdigit() for code in rows.values())
        for whole in (str(whole),)
    ]
    assert abs(statistics.correlation(*zip(*pairs, strict=True))) > 0.3


def test_those_involved_and_those_who_trust_find_more_use() -> None:
    trusting: list[tuple[int, float]] = []
    useful: dict[bool, list[int]] = {True: [], False: []}
    answered = (values(i) for i in ("usefulness_overall", "trust_by_issuer", "involvement"))
    for use, rows, involvement in zip(*answered, strict=True):
        if not str(use).isdigit():
            continue
        unaware = isinstance(involvement, list) and "not_aware" in involvement
        useful[unaware].append(int(str(use)))
        steps = [int(c) for c in rows.values() if c.isdigit()] if isinstance(rows, dict) else []
        if steps:
            trusting.append((int(str(use)), statistics.mean(steps)))
    assert statistics.correlation(*zip(*trusting, strict=True)) > 0.3
    assert statistics.mean(useful[False]) > statistics.mean(useful[True]) + 0.3


@pytest.mark.parametrize(
    ("item", "code", "least", "most"),
    [
        ("mc_format", "badge", 0.02, 0.25),
        ("mc_assessed", "attendance", 0.12, 0.4),
        ("mc_framework", "dk", 0.15, 0.4),
        ("involvement", "not_aware", 0.1, 0.3),
        ("involvement", "dk", 0.001, 0.06),
    ],
)
def test_shares_are_plausible(item: str, code: str, least: float, most: float) -> None:
    asked = [value for value in values(item) if value != "not_asked"]
    chosen = [value for value in asked if code in (value if isinstance(value, list) else [value])]
    assert least < len(chosen) / len(asked) < most


def test_texts_go_with_answers_and_are_invented() -> None:
    given = 0
    for one in invented(3, 800):
        for text in one.texts:
            item_id, _, code = text.item.partition(".")
            item = RECORDED.by_id[item_id]
            answer = one.response.answers[item_id]
            if isinstance(item, Open):
                assert answer == "detached"
            else:
                assert isinstance(item, Choice)
                assert RECORDED.option(item, code).specify
                assert code in (answer if isinstance(answer, list) else [answer])
            assert text.text in TEXTS
            assert clean(text.text) == text.text
            assert not find_identifiers(text.text)
            assert text.synthetic
            given += 1
    assert given > 50


def test_agreement_says_what_the_faults_say() -> None:
    """Records of any questionnaire, unchanged and with arbitrary changes."""
    wrong: tuple[object, ...] = (
        "dk",
        "not_asked",
        "not_reached",
        "zz",
        7,
        None,
        True,
        [],
        {},
        [[]],
    )
    seen = Counter[bool]()
    for number in range(60):
        random = Random(number)
        recorded = stored(some_questionnaire(random)) if number else RECORDED
        agreement = Agreement(recorded)
        for one in simulate(recorded, REF, 25, number):
            answers: dict[str, object] = dict(one.response.answers)
            for status in ("complete", "partial"):
                for _ in range(4):
                    right = not Agreement(recorded).faults(answers, status)
                    marks = [agreement.mark(n, value) for n, value in enumerate(answers.values())]
                    known = [mark for mark in marks if mark is not None]
                    is_valid = known == marks and agreement.is_on_route(answers, status, known)
                    assert is_valid is right
                    seen[right] += 1
                    changed = random.choice([*answers])
                    answers = {**answers, changed: random.choice([*wrong, *answers.values()])}
                answers = dict(one.response.answers)
    assert min(seen.values()) > 500
