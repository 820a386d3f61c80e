"""Collecting encrypted records: copied unchanged without a key, validated in full with one."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import new_identity
from microcred_cli.records.receipts import response_id
from microcred_cli.records.shapes import serialise
from microcred_cli.store import collect as collecting
from microcred_cli.store.folder import Responses
from microcred_cli.store.layout import Kind
from microcred_cli.store.withdraw import withdraw
from tests.store.collecting import collect, snapshot
from tests.store.sealing import begin, fill, judge, receipt, response, sealing

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.store.sources import FromSource

(SECRET, PUBLIC), (_, OTHER) = new_identity(), new_identity()
LOCKED, OPEN = Age((PUBLIC, OTHER)), Age((PUBLIC, OTHER), (SECRET,))


@pytest.fixture(autouse=True)
def _without_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "sync", lambda: None)


def encrypted(folder: Path) -> Responses:
    made = Responses(folder, LOCKED)
    made.prepare("cafe")
    return made


@pytest.fixture
def all_(tmp_path: Path) -> Responses:
    """A destination folder without the secret key, and without public keys."""
    encrypted(tmp_path / "all")
    return Responses(tmp_path / "all", Age())


@pytest.fixture
def anna(tmp_path: Path) -> Responses:
    return encrypted(tmp_path / "anna")


def opened(responses: Responses) -> Responses:
    return replace(responses, cipher=OPEN)


def name_of(number: int) -> str:
    return f"{response_id(receipt(number))}.json.age"


def only(report: list[FromSource]) -> FromSource:
    (part,) = report
    return part


def held(responses: Responses) -> list[bytes]:
    return [
        OPEN.unwrap(path.read_bytes(), path.name)
        for path in (*responses.files(), *responses.files(Kind.TEXT))
    ]


def test_without_a_key_records_are_carried_as_they_are(all_: Responses, anna: Responses) -> None:
    fill(anna, range(4))
    before = snapshot(anna.folder)
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.texts.taken, part.apart, part.left) == (4, 2, [], [])
    after = snapshot(all_.folder)
    assert after.pop(".lock") == (b"", 946_684_800.0)
    assert after == before
    part = only(collect(all_, anna.folder, move=True))
    assert (part.responses.already, part.texts.already) == (4, 2)
    assert anna.names() == anna.names(Kind.TEXT) == []


def test_the_same_encrypted_twice_is_a_double_that_only_a_key_shows(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(2))
    fill(Responses(all_.folder, LOCKED), range(2))
    part = only(collect(opened(all_), anna.folder))
    assert (part.responses.already, part.texts.already, part.apart) == (2, 1, [])
    part = only(collect(all_, anna.folder))
    assert [reason for _, reason in part.apart] == [collecting.CONFLICT] * 3
    apart = {path.name for path in (all_.folder / "set-apart").iterdir()} - {"reasons.json"}
    assert len(apart) == 3
    assert all(name.endswith(".json.age") for name in apart)


@pytest.mark.parametrize("key", [True, False], ids=["with a key", "without a key"])
def test_what_is_damaged_is_set_apart(all_: Responses, anna: Responses, *, key: bool) -> None:
    fill(anna, range(6))
    whole = LOCKED.wrap(serialise(response(0)))
    bad = {
        0: whole[:-1],
        1: whole[:30],
        2: whole + b"\n",
        3: whole.replace(b"X25519 ", b"X25519  ", 1),
    }
    for number, data in bad.items():
        (anna.folder / name_of(number)).write_bytes(data)
    flipped = bytearray(whole)
    flipped[-1] ^= 1
    (anna.folder / name_of(4)).write_bytes(flipped)
    part = only(collect(opened(all_) if key else all_, anna.folder))
    # A changed bit is detected only when decrypting; the next seal will report it.
    assert part.responses.taken == (1 if key else 2)
    apart = {path.read_bytes() for path in (all_.folder / "set-apart").glob("*.age")}
    assert apart == {*bad.values(), *([bytes(flipped)] if key else [])}


def test_what_is_clear_comes_into_no_encrypted_folder(all_: Responses, anna: Responses) -> None:
    fill(anna, [0])
    data = serialise(response(1))
    (anna.folder / f"{response_id(receipt(1))}.json").write_bytes(data)
    (anna.folder / name_of(2)).write_bytes(serialise(response(2)))
    for folder in (all_, opened(all_)):
        part = only(collect(folder, anna.folder, move=True))
        assert len(part.left) == 2
    assert len(all_.names()) == 1
    assert not any(b'"drink"' in each for each, _ in snapshot(all_.folder).values())
    assert len(anna.names()) == 2


def test_what_is_encrypted_is_set_apart_from_a_clear_folder(
    anna: Responses, tmp_path: Path
) -> None:
    fill(anna, [0])
    clear = begin(tmp_path / "clear")
    fill(clear, [2])
    (clear.folder / name_of(0)).write_bytes((anna.folder / name_of(0)).read_bytes())
    into = begin(tmp_path / "into")
    part = only(collect(into, clear.folder))
    assert (part.responses.taken, len(part.apart)) == (1, 1)
    assert "encrypted" in part.apart[0][1]


def test_a_copy_of_a_sync_client_needs_a_key(all_: Responses, anna: Responses) -> None:
    fill(anna, [0])
    path = anna.folder / name_of(0)
    path.rename(path.with_name(f"{response_id(receipt(0))} (conflicted copy).json.age"))
    part = only(collect(opened(all_), anna.folder))
    assert (part.responses.taken, all_.names()) == (1, [name_of(0)])
    part = only(collect(all_, anna.folder))
    assert "--identity" not in str(part.left)
    assert len(part.apart) == 1


def test_what_was_withdrawn_is_not_taken_without_a_key_either(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(3))
    collect(all_, anna.folder)
    assert withdraw(Responses(anna.folder, LOCKED), receipt(1), judge(anna))
    part = only(collect(all_, anna.folder))
    assert part.responses.withdrawn == 0
    assert all_.names() == sorted([name_of(0), name_of(2)])
    assert all_.names(Kind.TEXT) == []


def test_what_is_sealed_in_a_source_takes_keys(all_: Responses, anna: Responses) -> None:
    fill(anna, range(10))
    assert sealing(opened(anna)).taken == 10
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.left) == (0, [("sealed", collecting.LOCKED)])
    part = only(collect(opened(all_), anna.folder))
    assert (part.responses.taken, part.texts.already, part.left) == (10, 5, [])
    assert not any(b'"drink"' in each for each, _ in snapshot(all_.folder).values())
    part = only(collect(opened(all_), anna.folder))
    assert (part.responses.already, part.texts.already) == (10, 5)
    outcome = sealing(opened(all_))
    assert (outcome.taken, outcome.left_out) == (0, ())
    assert outcome.figures == sealing(opened(anna)).figures


def test_what_is_sealed_here_is_a_double_with_a_key_and_goes_with_the_next_seal_without(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(10))
    collect(all_, anna.folder)
    sealing(opened(all_))
    part = only(collect(opened(all_), anna.folder))
    assert (part.responses.already, part.texts.already) == (10, 5)
    part = only(collect(all_, anna.folder))
    assert part.responses.taken == 10
    outcome = sealing(opened(all_))
    assert (outcome.taken, outcome.left_out, all_.names()) == (0, (), [])


def test_what_is_carried_is_what_was_stored(all_: Responses, anna: Responses) -> None:
    fill(anna, range(5))
    collect(all_, anna.folder)
    assert sorted(held(all_)) == sorted(held(anna))
    assert {json.loads(each)["format"] for each in held(all_)} == {
        "microcred-response/1",
        "microcred-text/1",
    }


def spoilt_at(responses: Responses, number: int) -> bytes:
    """Damage the line of one response in the sealed file; returns the damaged line."""
    (path,) = (responses.folder / "sealed").glob("*.jsonl.age")
    own_id = response_id(receipt(number)).encode()
    lines = [
        line.replace(b'"complete"', b'"complet"') if own_id in line else line
        for line in OPEN.read_lines(path)
    ]
    path.write_bytes(b"".join(OPEN.wrap_lines(line + b"\n" for line in lines)))
    (spoilt,) = (line for line in lines if own_id in line)
    return spoilt


def apart_in(responses: Responses) -> list[Path]:
    return sorted((responses.folder / "set-apart").glob("*.age"))


def test_a_sealed_line_that_is_set_apart_is_kept_once_and_its_name_tells_nothing_of_it(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(10))
    sealing(opened(anna))
    line = spoilt_at(anna, 3)
    replace(all_, cipher=LOCKED).store(response(4, mode="phone"), [])
    for _ in range(3):
        part = only(collect(opened(all_), anna.folder))
        assert len(part.apart) == 2
        assert len(apart_in(all_)) == 2
    tried = {hashlib.sha256(each).hexdigest() for each in (line, line + b"\n")}
    tried |= {hashlib.sha256(serialise(response(4))).hexdigest()}
    assert not any(digest in path.name for digest in tried for path in apart_in(all_))


def test_a_withdrawal_takes_what_is_set_apart_and_encrypted(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(10))
    sealing(opened(anna))
    spoilt_at(anna, 3)
    own_id = response_id(receipt(4))
    nameless = LOCKED.wrap(f'broken "{own_id}"\n'.encode())
    (anna.folder / name_of(5)).write_bytes(nameless)
    collect(opened(all_), anna.folder)
    assert len(apart_in(all_)) == 2
    assert withdraw(opened(all_), receipt(3), judge(all_))
    assert [path.read_bytes() for path in apart_in(all_)] == [nameless]
    assert withdraw(opened(all_), receipt(4), judge(all_))
    assert apart_in(all_) == []
