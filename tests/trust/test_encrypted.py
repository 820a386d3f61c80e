"""The search in encrypted fieldwork would find readable words, and there are none."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING

import pyrage
import pytest

from tests.cli.program import sheet
from tests.trust.age_vectors import VARIABLE, agreeing, agreeing_with
from tests.trust.encrypted import WORD, Station, changed_bits, typed_words
from tests.trust.test_planted import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

takes_minutes = pytest.mark.skipif(
    os.environ.get(EVERYTHING) != "all", reason=f"takes minutes; set {EVERYTHING}=all"
)


@takes_minutes
def test_no_word_of_an_encrypted_interview_is_on_the_disk(tmp_path: Path) -> None:
    assert typed_words(tmp_path, whole=True).wrong == ()


@takes_minutes
def test_no_changed_bit_is_taken(tmp_path: Path) -> None:
    assert changed_bits(tmp_path, whole=True).wrong == ()


def test_what_is_not_encrypted_is_found_where_it_is_written_and_where_it_stands(
    tmp_path: Path,
) -> None:
    station = Station(tmp_path)
    station.run("respond", "--answers", "-", typed=json.dumps({**sheet(), "texts": _texts()}))
    assert any("after respond: responses/" in each for each in station.wrong)
    if shutil.which("strace"):
        assert any("respond wrote " in each for each in station.wrong)


def _texts() -> dict[str, str]:
    return {at: f"{WORD} {at}" for at in sheet()["texts"]}


def vector(folder: Path, name: str, data: bytes, **fields: str) -> None:
    head = "".join(f"{field}: {value}\n" for field, value in fields.items())
    (folder / name).write_bytes(head.encode() + b"\n" + data)


def test_vectors_are_read_and_counted(tmp_path: Path) -> None:
    key = pyrage.x25519.Identity.generate()
    data = pyrage.encrypt(b"content", [key.to_public()])
    digest = hashlib.sha256(b"content").hexdigest()
    of_key = {"payload": digest, "identity": str(key)}
    vector(tmp_path, "good", data, expect="success", **of_key)
    vector(tmp_path, "bad", data[:-1], expect="payload failure", **of_key)
    vector(tmp_path, "other", b"", expect="success", identity="AGE-SECRET-KEY-PQ-1", payload="")
    figure = agreeing(tmp_path)
    assert (figure.reached, figure.of) == (2, 2)

    def takes_all(_data: bytes, _keys: Sequence[str]) -> bytes:
        return b"content"

    assert agreeing_with(tmp_path, takes_all, takes_all).wrong == (
        "bad: payload failure was expected",
    )


def test_without_vectors_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert VARIABLE in agreeing(None).skipped
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert VARIABLE in agreeing(None).skipped


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} is not set")
def test_every_public_vector_agrees() -> None:
    assert agreeing(None).wrong == ()
