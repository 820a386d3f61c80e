"""What Windows refuses and does not list, with files treated as there on this system."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cases.case import Contact
from microcred_cli.cases.log import CaseLog
from microcred_cli.crypto.cipher import CLEAR, Age, Cipher
from microcred_cli.crypto.keys import new_identity
from microcred_cli.errors import StoreError
from microcred_cli.records.receipts import response_id
from microcred_cli.store.folder import Responses
from microcred_cli.store.layout import Kind
from microcred_cli.store.segments import Segments
from microcred_cli.store.withdraw import withdraw
from tests.files.like_windows import like_windows, needs_linux
from tests.store.collecting import collect
from tests.store.sealing import (
    Counting,
    assert_tells_nothing,
    assert_whole,
    begin,
    counted,
    fill,
    judge,
    pooled_numbers,
    receipt,
    sealed_numbers,
    sealing,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytestmark = needs_linux
SECRET, PUBLIC = new_identity()


@pytest.fixture(autouse=True)
def _on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    like_windows(monkeypatch)


def test_batch_after_batch_is_sealed_with_its_texts(tmp_path: Path) -> None:
    responses = begin(tmp_path / "responses")
    for start in (0, 24, 48):
        fill(responses, range(start, start + 24))
        sealing(responses)
        assert len(pooled_numbers(responses, range(72))) == (start + 24) // 2
        assert_whole(responses, range(start + 24))
    assert len([*(responses.folder / "sealed").glob("*.jsonl")]) == 1
    assert_tells_nothing(responses)


def test_batch_after_batch_of_an_encrypted_folder_is_sealed(tmp_path: Path) -> None:
    responses = Responses(tmp_path / "responses", Age((PUBLIC,), (SECRET,)))
    responses.prepare("cafe")
    for start in (0, 20):
        fill(responses, range(start, start + 20))
        sealing(responses)
    pool = responses.segments.lines(Kind.TEXT, "why.jsonl.age")
    assert len([*pool]) == 20
    assert_tells_nothing(responses)


def test_what_was_sealed_before_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    responses = begin(tmp_path / "responses")
    monkeypatch.setattr("microcred_cli.store.sealed_set.MERGED_BELOW", 20)
    fill(responses, range(0, 40, 2))
    sealing(responses, counting := Counting())
    read: list[str] = []
    lines = Segments.lines

    def noted(self: Segments, kind: Kind, name: str) -> Generator[bytes, None, None]:
        read.append(name)
        return lines(self, kind, name)

    monkeypatch.setattr(Segments, "lines", noted)
    fill(responses, range(40, 60, 2))
    assert sealing(responses, counting).figures == counted(range(0, 60, 2))
    assert counting.read == 30
    assert read == []


@pytest.mark.parametrize("cipher", [CLEAR, Age((PUBLIC,), (SECRET,))], ids=["clear", "encrypted"])
def test_one_that_is_sealed_can_be_withdrawn(tmp_path: Path, cipher: Cipher) -> None:
    responses = Responses(tmp_path / "responses", cipher)
    responses.prepare("cafe")
    fill(responses, range(20))
    sealing(responses)
    assert withdraw(responses, receipt(7), judge(responses), Counting().method)
    left = {
        kind: len([*responses.segments.lines(kind, name)])
        for kind in Kind
        for name in responses.segments.sizes(kind)[0]
    }
    assert left == {Kind.RESPONSE: 19, Kind.TEXT: 9}


def test_it_is_withdrawn_although_another_file_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error refers to all that was running when it was raised, but keeps no file open."""
    monkeypatch.setattr("microcred_cli.store.sealed_set.MERGED_BELOW", 0)
    responses = begin(tmp_path / "responses")
    for start in (0, 20):
        fill(responses, range(start, start + 20, 2))
        sealing(responses)
    damaged, whole = sorted((responses.folder / "sealed").glob("*.jsonl"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    ids = {response_id(receipt(number)): number for number in range(0, 40, 2)}
    last = json.loads(whole.read_text(encoding="utf-8").splitlines()[0])["response_id"]
    with pytest.raises(StoreError, match="cannot be read"):
        withdraw(responses, receipt(ids[last]), judge(responses), Counting().method)
    assert last not in whole.read_text(encoding="utf-8")


def test_what_was_collected_is_sealed_and_goes_from_its_source(tmp_path: Path) -> None:
    source, responses = begin(tmp_path / "source"), begin(tmp_path / "responses")
    fill(source, range(20))
    collect(responses, source.folder, move=True)
    assert source.names() == []
    sealing(responses)
    assert sorted(sealed_numbers(responses, range(20))) == [*range(20)]


def test_a_case_is_held_while_another_is_recorded(tmp_path: Path) -> None:
    log = CaseLog(tmp_path / "cases.json")
    for label in ("DE-0001", "DE-0002"):
        with log.take("DE-0003"), log.take(label):
            log.record(label, Contact("no_answer"), datetime(2027, 5, 3, tzinfo=UTC))
    assert [case.label for case in log.read().cases] == ["DE-0001", "DE-0002"]
    assert [path.name for path in tmp_path.iterdir()] == ["cases.json"]
