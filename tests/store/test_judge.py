"""Validation of records: the quick check and the full check give the same result."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.loading import Loaded
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import Folder, QuestionnaireRef, serialise
from microcred_cli.records.simulation import simulate
from microcred_cli.store.judge import EARLIER, PLAIN_WORDS, Judge, as_line
from microcred_cli.store.layout import Kind
from microcred_cli.text import clean
from tests.scenario import builtin, some_questionnaire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.records.shapes import Text
    from microcred_cli.records.simulation import SyntheticResponse

TERMS = Folder(questionnaire="mc_employers", synthetic=True)


def judge_of(questionnaire: Questionnaire) -> Judge:
    return Judge(Loaded(questionnaire, "a" * 64, ""), TERMS)


def invented(
    questionnaire: Questionnaire, count: int, seed: int = 1
) -> Iterator[SyntheticResponse]:
    ref = QuestionnaireRef(id=questionnaire.id, version=questionnaire.version, sha256="a" * 64)
    return simulate(stored(questionnaire), ref, count, seed)


def verdict(judge: Judge, data: bytes, name: str | None, *, closely: bool) -> object:
    """The result of validating a file or a line, or the reason why it is unusable."""
    look = judge._any if closely else judge.record
    try:
        accepted = look(Kind.RESPONSE, data, name)
    except StoreError as error:
        return error.message
    return accepted.record_id, accepted.answers, accepted.line


def test_every_synthetic_response_is_recognised_and_read_as_a_close_look_reads_it() -> None:
    for number in range(40):
        questionnaire = some_questionnaire(Random(number)) if number else builtin()
        judge = judge_of(questionnaire)
        for one in invented(questionnaire, 40, number):
            data, name = serialise(one.response), f"{one.response.response_id}.json"
            quick = judge._canonical(Kind.RESPONSE, data, name)
            assert quick is not None
            assert verdict(judge, data, name, closely=True) == (
                quick.record_id,
                quick.answers,
                quick.line,
            )
            assert quick.line == as_line(one.response)
            assert judge._canonical(Kind.RESPONSE, quick.line, None) == quick


@cache
def known(number: int) -> tuple[Judge, list[dict[str, Any]], list[Text]]:
    """A validator with a filled cache, and valid records; 0 is the built-in questionnaire."""
    questionnaire = some_questionnaire(Random(number)) if number else builtin()
    made = [*invented(questionnaire, 120 if number == 0 else 40, number)]
    responses = [json.loads(serialise(one.response)) for one in made]
    texts = [text for one in made for text in one.texts]
    return judge_of(questionnaire), responses, texts


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.just(0), st.integers(1, 12)), st.integers(0, 2**32))
def test_exactly_what_a_close_look_takes_is_recognised(number: int, seed: int) -> None:
    """Valid records with changed codes, keys, orders, types, routes and bytes."""
    judge, responses, _ = known(number)
    random = Random(seed)
    for _ in range(40):
        shape = copy.deepcopy(random.choice(responses))
        for _ in range(random.choice([0, 1, 1, 1, 2, 3])):
            shape = random.choice(CHANGES)(shape, random.choice(responses), random)
        data, name = _pretty(shape), f"{shape.get('response_id')}.json"
        line = _compact(shape)
        if random.random() < 0.3:
            data, line = _bytes_changed(data, random), _bytes_changed(line, random)
        assert_same_verdict(judge, data, name)
        assert_same_verdict(judge, line, None)


def assert_same_verdict(judge: Judge, data: bytes, name: str | None) -> None:
    close = verdict(judge, data, name, closely=True)
    quick = judge._canonical(Kind.RESPONSE, data, name)
    if isinstance(close, str):
        assert quick is None
    else:
        assert quick is not None
        assert (quick.record_id, quick.answers, quick.line) == close


def verdict_on_text(judge: Judge, data: bytes, name: str, *, closely: bool) -> object:
    look = judge._any if closely else judge.record
    try:
        accepted = look(Kind.TEXT, data, name)
    except StoreError as error:
        return error.message
    return accepted


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False), st.one_of(st.none(), st.text(max_size=30)), st.booleans())
def test_a_changed_text_is_judged_as_a_close_look_judges_it(
    random: Random, words: str | None, in_bytes: bool
) -> None:
    judge, _, texts = known(0)
    text = random.choice(texts)
    shape = json.loads(serialise(text))
    if words is not None:
        shape["text"] = words
    if random.random() < 0.3:
        shape["item"] = random.choice(
            ["comments", "terms_used", "nothing", "country.other_country"]
        )
    data = _pretty(shape)
    data = _bytes_changed(data, random) if in_bytes else data
    name = f"{text.text_id}.json"
    assert verdict_on_text(judge, data, name, closely=False) == verdict_on_text(
        judge, data, name, closely=True
    )


def _other_answer(shape: Shape, another: Shape, random: Random) -> Shape:
    """Replace an answer with another person's, possibly to another question."""
    item = random.choice([*shape["answers"]])
    source = item if random.random() < 0.7 else random.choice([*another["answers"]])
    if source in another["answers"]:
        shape["answers"][item] = copy.deepcopy(another["answers"][source])
    return shape


def _other_code(shape: Shape, another: Shape, random: Random) -> Shape:
    """Replace, remove or duplicate a code or row, alone, in a list or in a matrix."""
    answers = shape["answers"]
    # Lists and rows are chosen more often, because more can be wrong with them.
    item = random.choice([*answers, *[i for i, a in answers.items() if not isinstance(a, str)] * 3])
    codes = SPECIAL if random.random() < 0.5 else [*_codes_in(another), *_codes_in(shape)]
    answer = answers[item]
    if isinstance(answer, list):
        if random.random() < 0.5:
            codes = [*answer, *SPECIAL[:1]]
        place = random.randrange(len(answer) + 1)
        answer[place : place + random.randrange(2)] = random.choices(
            codes or SPECIAL, k=random.randrange(3)
        )
        if random.random() < 0.3:
            random.shuffle(answer)
    elif isinstance(answer, dict) and answer:
        rows = random.sample([*answer], random.randint(1, len(answer)))
        if random.random() < 0.3:
            answers[item] = {row: answer[row] for row in rows}
        else:
            answer |= dict.fromkeys(rows, random.choice(codes))
    else:
        answers[item] = random.choice(codes)
    return shape


def _cut_off(shape: Shape, _: Shape, random: Random) -> Shape:
    """Mark everything from a random item on as not reached."""
    items = [*shape["answers"]]
    place = random.randrange(len(items) + 1)
    rows = next((shape["answers"][i] for i in items[place - 1 : place]), None)
    if isinstance(rows, dict) and rows:
        left = [*rows][random.randrange(len(rows)) :]
        rows |= dict.fromkeys(left, "not_reached")
    for item in items[place:]:
        if shape["answers"][item] != "not_asked" or random.random() < 0.5:
            shape["answers"][item] = "not_reached"
    return {**shape, "status": random.choice(["partial", "partial", "complete"])}


def _other_type(shape: Shape, _: Shape, random: Random) -> Shape:
    within = random.choice([shape["answers"], shape])
    key = random.choice([*within])
    value = within[key]
    within[key] = random.choice(
        [[value], {"a": value}, str(value), [], {}, None, True, 0, 5, 5.0, 1e400, 2**60, "", "5"]
    )
    answers = shape["answers"]
    return shape if isinstance(answers, dict) and answers else {**shape, "answers": {"a": 1}}


def _other_key(shape: Shape, another: Shape, random: Random) -> Shape:
    """Remove, add, rename or move a key."""
    within = random.choice([shape["answers"], shape, shape.get("questionnaire")])
    if not isinstance(within, dict) or len(within) < 2:
        return shape
    key = random.choice([k for k in within if k != "answers"])
    what = random.choice(["missing", "more", "called", "order", "order"])
    if what in ("missing", "called"):
        value = within.pop(key)  # # at least one answer remains
        within |= {random.choice(["x", key.upper()]): value} if what == "called" else {}
    elif what == "more":
        within[random.choice(["language", "x", ""])] = random.choice([None, "en", 1])
    else:
        moved = [*within.items()]
        place = random.randrange(len(moved))
        moved.insert(random.choice([place - 1, random.randrange(len(moved))]), moved.pop(place))
        within.clear()
        within.update(moved)
    return shape


def _other_place(shape: Shape, _: Shape, random: Random) -> Shape:
    """Swap two neighbouring answers, which are often equal."""
    moved = [*shape["answers"].items()]
    place = random.randrange(len(moved))
    moved[place - 1], moved[place] = moved[place], moved[place - 1]
    return {**shape, "answers": dict(moved)}


def _other_head(shape: Shape, another: Shape, random: Random) -> Shape:
    key = random.choice([key for key in HEADS if key in shape])
    shape[key] = random.choice([copy.deepcopy(another[key]), *HEADS[key]])
    return shape


Shape = dict[str, Any]
CHANGES: list[Callable[[Shape, Shape, Random], Shape]] = [
    *(_other_answer, _other_answer, _other_code, _other_code),
    *(_cut_off, _other_type, _other_key, _other_place, _other_head),
]
SPECIAL = [
    *("dk", "pna", "blank", "not_asked", "not_reached", "given", "detached"),
    *("zz", "", 5, None, "ä", 'a"'),
]
HEADS: dict[str, list[object]] = {
    "format": ["microcred-response/2", "microcred-text/1", None],
    "response_id": ["A" * 32, "a" * 31, "a" * 33, "a" * 32, 1, None],
    "questionnaire": [None, "mc_employers", {}],
    "status": ["complete", "partial", "refused", None],
    "mode": ["self", "phone", "in_person", "paper", None],
    "detail": ["coarse", "full", None],
    "duration_minutes": [None, 0, 5, 10, 15, 20, 30, 60, -5, 10.0, True, "10"],
    "shuffle_seed": [None, 0, 15, 16, 19, -1, 1.0, True, False, "1"],
    "synthetic": [True, False, 1, 0, None],
}


def _codes_in(shape: Shape) -> list[object]:
    found: list[object] = []
    for answer in shape["answers"].values():
        found += answer.values() if isinstance(answer, dict) else []
        found += answer if isinstance(answer, list) else []
        found += [answer] if isinstance(answer, str | int) else []
    return found


def _bytes_changed(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    lines = data.splitlines(keepends=True)
    line = random.randrange(len(lines))
    return random.choice(
        [
            data[:place] + data[place + 1 :],
            data[:place] + bytes([random.randrange(256)]) + data[place + 1 :],
            data[:place] + random.choice([b" ", b"\n", b'"', b",", b"0", b"\0"]) + data[place:],
            data[:place] + b"\\u00%02x" % data[place] + data[place + 1 :],
            b"".join([*lines[:line], lines[line], *lines[line:]]),
            b"".join([*lines[:line], *lines[line + 1 :]]),
            data.replace(b"\n", b"\r\n"),
            data.replace(b": ", b":"),
            data + b"\n",
            data.rstrip(b"\n"),
            b"\xef\xbb\xbf" + data,
            re.sub(rb"(\d),", rb"\1.0,", data, count=1),
            re.sub(rb" (\d)", rb" 0\1", data, count=1),
        ]
    )


def _pretty(shape: object) -> bytes:
    return (json.dumps(shape, ensure_ascii=False, indent=2) + "\n").encode()


def _compact(shape: object) -> bytes:
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "words", ["Short and good.", "“Größer”, 5 €", 'Say "no"', "a\\b", "\u2028"]
)
def test_texts_are_read_as_a_close_look_reads_them(words: str) -> None:
    judge = judge_of(builtin())
    (text,) = next(one.texts for one in invented(builtin(), 500) if len(one.texts) == 1)
    changed = text.model_copy(update={"text": words, "item": "comments"})
    data, name = serialise(changed), f"{text.text_id}.json"
    try:
        close = judge._any(Kind.TEXT, data, name)
    except StoreError as error:
        with pytest.raises(StoreError, match=error.message):
            judge.record(Kind.TEXT, data, name)
    else:
        assert judge.record(Kind.TEXT, data, name) == close
        assert judge.record(Kind.TEXT, close.line) == close


@given(st.text(st.sampled_from("ab !~\t\x7f\u00e9\u200b"), max_size=8))
def test_plain_words_are_clean(words: str) -> None:
    if PLAIN_WORDS.fullmatch(words):
        assert clean(words) == words


@pytest.mark.parametrize(
    "earlier",
    [
        {"comments": "given"},
        {"comments": "blank"},
        {"shuffle_seed": 3},
        {"shuffle_seed": 19, "duration_minutes": None},
        {"duration_minutes": 25},
        {"duration_minutes": 60, "shuffle_seed": 0},
    ],
)
def test_what_an_earlier_version_kept_is_answered_by_what_to_do(earlier: dict[str, Any]) -> None:
    """For files and for sealed lines."""
    judge = judge_of(builtin())
    shape = json.loads(serialise(next(invented(builtin(), 1)).response))
    assert shape["answers"]["comments"] == "detached"
    part = shape["answers"] if "comments" in earlier else shape
    part.update(earlier)
    for data, name in ((_pretty(shape), f"{shape['response_id']}.json"), (_compact(shape), None)):
        assert verdict(judge, data, name, closely=False) == EARLIER


@pytest.mark.parametrize("other", [{"duration_minutes": 7}, {"shuffle_seed": True}])
def test_what_no_version_kept_is_not_taken_for_an_earlier_ones(other: dict[str, Any]) -> None:
    judge = judge_of(builtin())
    shape = json.loads(serialise(next(invented(builtin(), 1)).response)) | other
    assert verdict(judge, _compact(shape), None, closely=False) != EARLIER


def test_another_kind_is_refused() -> None:
    judge = judge_of(builtin())
    one = next(invented(builtin(), 1))
    real = one.response.model_copy(update={"synthetic": False})
    with pytest.raises(StoreError, match="it is real"):
        judge.record(Kind.RESPONSE, serialise(real), f"{real.response_id}.json")


@pytest.mark.parametrize("item", ["comments.", "comments.none", ".comments", "", "other"])
def test_a_text_belongs_to_an_item_that_the_questionnaire_has(item: str) -> None:
    judge = judge_of(builtin())
    (text,) = next(one.texts for one in invented(builtin(), 500) if len(one.texts) == 1)
    changed = text.model_copy(update={"item": item})
    with pytest.raises(StoreError, match="it does not belong to any question"):
        judge.record(Kind.TEXT, serialise(changed), f"{text.text_id}.json")
