"""What can be used: a quick look and a close one come to the same."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.loading import Loaded
from microcred_cli.recoding import stored
from microcred_cli.records import Folder, QuestionnaireRef, serialise
from microcred_cli.simulation import simulate
from microcred_cli.store.judging import PLAIN_WORDS, Judge, as_line
from microcred_cli.text import clean
from tests.scenario import builtin, some_questionnaire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.simulation import Invented

TERMS = Folder(questionnaire="mc_employers", synthetic=True)


def judge_of(questionnaire: Questionnaire) -> Judge:
    return Judge(Loaded(questionnaire, "a" * 64, ""), TERMS)


def invented(questionnaire: Questionnaire, count: int, seed: int = 1) -> Iterator[Invented]:
    ref = QuestionnaireRef(id=questionnaire.id, version=questionnaire.version, sha256="a" * 64)
    return simulate(stored(questionnaire), ref, count, seed)


def verdict(judge: Judge, data: bytes, name: str | None, *, closely: bool) -> object:
    """What is made of a file or a line, or why it cannot be used."""
    look = judge._any_response if closely else judge.response
    try:
        accepted = look(data, name)
    except StoreError as error:
        return error.message
    return accepted.response_id, accepted.answers, accepted.line


def test_every_synthetic_response_is_recognised_and_read_as_a_close_look_reads_it() -> None:
    for number in range(40):
        questionnaire = some_questionnaire(Random(number)) if number else builtin()
        judge = judge_of(questionnaire)
        for one in invented(questionnaire, 40, number):
            data, name = serialise(one.response), f"{one.response.response_id}.json"
            quick = judge._file_of_ours(data, name)
            assert quick is not None
            assert verdict(judge, data, name, closely=True) == (
                quick.response_id,
                quick.answers,
                quick.line,
            )
            assert quick.line == as_line(one.response)
            assert judge._line_of_ours(quick.line) == quick


def test_a_changed_file_is_judged_as_a_close_look_judges_it() -> None:
    """Bytes, keys and values changed at random: the quick look never takes what a close one does
    not, and never otherwise."""
    random = Random(5)
    judge = judge_of(builtin())
    taken = 0
    for one in invented(builtin(), 150):
        name = f"{one.response.response_id}.json"
        data = serialise(one.response)
        for changed in (*_bytes_changed(data, random), *_values_changed(data, random)):
            for content, called in ((changed, name), (_compact(changed), None)):
                quick = verdict(judge, content, called, closely=False)
                assert quick == verdict(judge, content, called, closely=True)
                taken += isinstance(quick, tuple)
    assert 50 < taken < 2000


def _bytes_changed(data: bytes, random: Random) -> Iterator[bytes]:
    place = random.randrange(len(data))
    yield data[:place] + data[place + 1 :]
    yield data[:place] + bytes([random.randrange(256)]) + data[place + 1 :]
    yield data[:place] + random.choice([b" ", b"\n", b'"', b",", b"\\u0061"]) + data[place:]
    lines = data.splitlines(keepends=True)
    line = random.randrange(len(lines))
    yield b"".join([*lines[:line], lines[line], *lines[line:]])


def _values_changed(data: bytes, random: Random) -> Iterator[bytes]:
    shape: dict[str, Any] = json.loads(data)
    item = random.choice([*shape["answers"]])
    other = random.choice([*shape["answers"].values(), "dk", "pna", "zz", 5, None, [], {}])
    yield _pretty({**shape, "answers": {**shape["answers"], item: other}})
    key = random.choice([*shape])
    yield _pretty({**shape, key: random.choice([None, True, 5, 5.0, 7, "x", "complete", "phone"])})
    yield _pretty(dict(random.sample([*shape.items()], len(shape))))


def _pretty(shape: object) -> bytes:
    return (json.dumps(shape, ensure_ascii=False, indent=2) + "\n").encode()


def _compact(data: bytes) -> bytes:
    try:
        return json.dumps(json.loads(data), ensure_ascii=False, separators=(",", ":")).encode()
    except ValueError:
        return data


@pytest.mark.parametrize(
    "words", ["Short and good.", "“Größer”, 5 €", 'Say "no"', "a\\b", "\u2028"]
)
def test_texts_are_read_as_a_close_look_reads_them(words: str) -> None:
    judge = judge_of(builtin())
    (text,) = next(one.texts for one in invented(builtin(), 500) if len(one.texts) == 1)
    changed = text.model_copy(update={"text": words, "item": "comments"})
    data, name = serialise(changed), f"{text.text_id}.json"
    try:
        close = judge._any_text(data, name)
    except StoreError as error:
        with pytest.raises(StoreError, match=error.message):
            judge.text(data, name)
    else:
        assert judge.text(data, name) == close
        assert judge.text(close.line) == close


@given(st.text(st.sampled_from("ab !~\t\x7f\u00e9\u200b"), max_size=8))
def test_plain_words_are_clean(words: str) -> None:
    if PLAIN_WORDS.fullmatch(words):
        assert clean(words) == words


def test_another_kind_is_refused() -> None:
    judge = judge_of(builtin())
    one = next(invented(builtin(), 1))
    real = one.response.model_copy(update={"synthetic": False})
    with pytest.raises(StoreError, match="it is real"):
        judge.response(serialise(real), f"{real.response_id}.json")
