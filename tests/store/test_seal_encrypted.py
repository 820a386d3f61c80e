"""Sealing and withdrawing in an encrypted folder, with interruptions, as in an unencrypted one."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from microcred_cli.crypto.cipher import CLEAR, Age, LockedError
from microcred_cli.crypto.keys import new_identity
from microcred_cli.files import HERE
from microcred_cli.store.folder import Responses
from microcred_cli.store.layout import Kind
from microcred_cli.store.withdraw import withdraw
from tests.store.sealing import (
    Counting,
    assert_tells_nothing,
    assert_whole,
    fill,
    judge,
    of_sealed,
    receipt,
    sealing,
)
from tests.store.test_seal_crashes import killed_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not HERE.modes, reason="the system cannot fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
SECRET, PUBLIC = new_identity()
CIPHER = Age((PUBLIC,), (SECRET,))
MOST_STEPS = 2000
EVERYTHING = os.environ.get("CRASH_AT") == "all"
EVERY = 1 if EVERYTHING else 31
WITHDRAWN = {"merged": 45, **({"in the large file": 20, "waiting": 60} if EVERYTHING else {})}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def ready(folder: Path) -> Responses:
    """Two sealed files, one of which is merged next, and enough waiting responses and texts."""
    responses = Responses(folder, CIPHER)
    responses.prepare("cafe")
    for start, count in ((0, 40), (40, 10)):
        fill(responses, range(start, start + count))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("microcred_cli.store.sealed_set.MERGED_BELOW", 0)
            assert sealing(responses).taken == count
    fill(responses, range(50, 72))
    return responses


def in_clear(responses: Responses) -> Responses:
    """A copy of a folder, decrypted file by file."""
    folder = responses.folder.with_name("clear")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(responses.folder, folder)
    for path in folder.rglob("*.age"):
        clear = path.with_suffix("")
        if clear.suffix == ".jsonl":
            clear.write_bytes(b"".join(line + b"\n" for line in CIPHER.read_lines(path)))
        else:
            clear.write_bytes(CIPHER.unwrap(path.read_bytes(), path.name))
        path.unlink()
    return replace(responses, folder=folder, cipher=CLEAR)


def each_step(tmp_path: Path, try_step: Callable[[int, Responses], bool]) -> int:
    """Test every n-th step on a copy of a prepared folder; returns the number of steps."""
    ready(tmp_path / "ready")
    for step in range(1, MOST_STEPS, EVERY):
        folder = tmp_path / "tried"
        shutil.copytree(tmp_path / "ready", folder)
        came_so_far = try_step(step, Responses(folder, CIPHER))
        shutil.rmtree(folder)
        if not came_so_far:
            return step
    raise AssertionError("the operation does not end")


def test_a_seal_that_is_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    def try_step(step: int, responses: Responses) -> bool:
        killed = killed_at(step, lambda: sealing(responses))
        outcome = sealing(responses)
        assert outcome.left_out == ()
        assert outcome.figures == of_sealed(in_clear(responses), range(72))
        assert len(responses.names()) == 2
        assert_tells_nothing(responses)
        assert_whole(in_clear(responses), range(72))
        return killed

    assert each_step(tmp_path, try_step) > 100


@pytest.mark.parametrize("number", WITHDRAWN.values(), ids=WITHDRAWN)
def test_a_withdrawal_that_is_killed_can_be_made_again(tmp_path: Path, number: int) -> None:
    left = [n for n in range(72) if n != number]

    def take_back(responses: Responses) -> bool:
        return withdraw(responses, receipt(number), judge(responses), Counting().method)

    def try_step(step: int, responses: Responses) -> bool:
        killed = killed_at(step, lambda: take_back(responses))
        found = take_back(responses)
        assert killed or not found
        assert not take_back(responses)
        assert_whole(in_clear(responses), left)
        figures = sealing(responses).figures
        assert figures == of_sealed(in_clear(responses), left)
        return killed

    each_step(tmp_path, try_step)


@pytest.mark.parametrize("number", [3, 4], ids=["with a text that waits", "without a text"])
def test_without_a_key_what_is_sealed_is_withdrawn_by_the_next_seal(
    tmp_path: Path, number: int
) -> None:
    """The message is the same whether or not a text was typed, however often it is requested."""
    responses = Responses(tmp_path / "responses", CIPHER)
    responses.prepare("cafe")
    fill(responses, range(10))
    assert sealing(responses).taken == 10
    assert len(responses.names(Kind.TEXT)) == 5
    locked = replace(responses, cipher=Age((PUBLIC,)))
    for _ in range(2):
        with pytest.raises(LockedError, match="has been recorded"):
            withdraw(locked, receipt(number), judge(responses), Counting().method)
    left = [n for n in range(10) if n != number]
    assert len(responses.names(Kind.TEXT)) == sum(n % 2 for n in left)
    assert sealing(responses).taken == 0
    assert_whole(in_clear(responses), left)
    assert not withdraw(responses, receipt(number), judge(responses), Counting().method)


def test_what_was_withdrawn_without_a_key_goes_with_the_next_seal(tmp_path: Path) -> None:
    """A seal was killed, so the response is waiting and sealed; the withdrawal has no key."""
    ready(tmp_path / "ready")
    responses = Responses(tmp_path / "tried", CIPHER)
    step = 1
    while not (responses.folder.is_dir() and len(responses.segments.sizes(Kind.RESPONSE)[0]) == 3):
        shutil.rmtree(responses.folder, ignore_errors=True)
        shutil.copytree(tmp_path / "ready", responses.folder)
        assert killed_at(step, lambda: sealing(responses))
        step += 4
    assert len(responses.names()) == 22
    locked = replace(responses, cipher=Age((PUBLIC,)))
    assert withdraw(locked, receipt(61), judge(responses), Counting().method)
    figures = sealing(responses).figures
    assert figures == of_sealed(in_clear(responses), [n for n in range(72) if n != 61])
    assert_whole(in_clear(responses), [n for n in range(72) if n != 61])
