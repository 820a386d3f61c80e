"""A seal and a withdrawal killed or failing at any step: nothing is lost or duplicated.

A step is an audit event of Python's system calls. By default, a sample of the steps is tested,
different in each test; with `CRASH_AT=all` in the environment, every step of everything.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from microcred_cli.errors import StoreError
from microcred_cli.files import HERE
from microcred_cli.records.receipts import response_id, text_id
from microcred_cli.store.folder import Responses
from microcred_cli.store.index import Index, Tombstones, mark_of
from microcred_cli.store.layout import REMOVED
from microcred_cli.store.publication import figures_at_rest
from microcred_cli.store.seal import seal
from microcred_cli.store.withdraw import withdraw
from tests.store.sealing import (
    LOADED,
    Counting,
    assert_tells_nothing,
    assert_whole,
    begin,
    fill,
    judge,
    of_sealed,
    receipt,
    sealed_numbers,
    sealing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not HERE.modes, reason="the system cannot fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
MOST_STEPS = 2000
EVERYTHING = os.environ.get("CRASH_AT") == "all"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


class Steps:
    """Acts before the n-th system call of this thread, while it is active."""

    def __init__(self) -> None:
        self.left = 0
        self.act: Callable[[], None] | None = None
        self._is_hooked = False

    def _seen(self, event: str, _: object) -> None:
        if self.act is None or threading.current_thread() is not threading.main_thread():
            return
        if event.startswith(("open", "os.", "fcntl.")):
            self.left -= 1
            if self.left == 0:
                self.act()

    def run(self, number: int, act: Callable[[], None], operation: Callable[[], object]) -> bool:
        """Run an operation; returns whether it reached its n-th step."""
        if not self._is_hooked:
            # Audit hooks cannot be removed, so it is added only when needed.
            sys.addaudithook(self._seen)
            self._is_hooked = True
        self.left, self.act = number, act
        try:
            operation()
        finally:
            self.act = None
        return self.left <= 0


STEPS = Steps()


def killed_at(number: int, operation: Callable[[], object]) -> bool:
    """Kill a copy of this process before the n-th step; False if the operation ended before."""
    child = os.fork()
    if child == 0:
        try:
            STEPS.run(number, lambda: os._exit(9), operation)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def fault() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def ready(folder: Path, withdrawn: Collection[int] = ()) -> None:
    """Two sealed files that are merged next, and enough waiting responses and texts."""
    responses = begin(folder)
    for start, count in ((0, 60), (60, 10)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("microcred_cli.store.sealed_set.MERGED_BELOW", 0)
            fill(responses, range(start, start + count))
            sealing(responses)
    fill(responses, range(70, 94))
    for number in withdrawn:
        assert take_back(responses, number)


def each_step(
    tmp_path: Path,
    try_step: Callable[[int, Responses], bool],
    *,
    every: int = 1,
    first: int = 1,
    withdrawn: Collection[int] = (),
) -> int:
    """Test each step, or every n-th, on a copy of a prepared folder; returns their number."""
    ready(tmp_path / "ready", withdrawn)
    for step in range(1, MOST_STEPS) if EVERYTHING else range(first, MOST_STEPS, every):
        folder = tmp_path / "tried"
        shutil.copytree(tmp_path / "ready", folder)
        came_so_far = try_step(step, Responses(folder))
        shutil.rmtree(folder)
        if not came_so_far:
            return step
    raise AssertionError("the operation does not end")


def assert_finished(responses: Responses, numbers: list[int]) -> None:
    """The next seal finishes the interrupted operation, and another one changes nothing."""
    assert_whole_or_doubled(responses, numbers)
    outcome = sealing(responses)
    assert outcome.left_out == ()
    assert outcome.figures == of_sealed(responses, numbers)
    assert len(responses.names()) < 9
    assert_whole(responses, numbers)
    assert_tells_nothing(responses)
    assert len(list((responses.folder / "sealed").glob("*.jsonl"))) == 1
    assert sealing(responses, Counting()).figures == of_sealed(responses, numbers)


def assert_whole_or_doubled(responses: Responses, numbers: list[int]) -> None:
    """Nothing is lost; temporary duplicates are allowed."""
    names = {path.name for path in responses.folder.rglob("*.json")}
    lines = b"".join(path.read_bytes() for path in responses.folder.rglob("*.jsonl"))
    for number in numbers:
        own = response_id(receipt(number))
        assert f"{own}.json" in names or own.encode() in lines
        typed = text_id(receipt(number), "why")
        assert number % 2 == 0 or f"{typed}.json" in names or typed.encode() in lines


RETURNING = {"whole": [], "where some go back to wait": [3, 20, 61]}
"""Numbers withdrawn before: 67 of 70 sealed responses are left, so two go back to waiting."""


@pytest.mark.parametrize("withdrawn", RETURNING.values(), ids=RETURNING)
def test_a_seal_that_is_killed_is_finished_by_the_next(
    tmp_path: Path, withdrawn: list[int]
) -> None:
    left = [n for n in range(94) if n not in withdrawn]

    def try_step(step: int, responses: Responses) -> bool:
        killed = killed_at(step, lambda: sealing(responses))
        assert_finished(responses, left)
        return killed

    first = 1 + len(withdrawn)
    assert each_step(tmp_path, try_step, every=9, first=first, withdrawn=withdrawn) > 100


@pytest.mark.parametrize("withdrawn", RETURNING.values(), ids=RETURNING)
def test_a_seal_that_fails_says_so_and_is_finished_by_the_next(
    tmp_path: Path, withdrawn: list[int]
) -> None:
    left = [n for n in range(94) if n not in withdrawn]

    def try_step(step: int, responses: Responses) -> bool:
        came_so_far = True
        with contextlib.suppress(StoreError):
            came_so_far = STEPS.run(step, fault, lambda: sealing(responses))
        assert_finished(responses, left)
        return came_so_far

    first = 6 + len(withdrawn)
    assert each_step(tmp_path, try_step, every=9, first=first, withdrawn=withdrawn) > 100


def test_a_short_batch_that_was_cut_off_is_finished_without_new_responses(tmp_path: Path) -> None:
    """One of ten was withdrawn, so four go back to waiting; fewer than ten new ones wait."""
    responses = begin(tmp_path / "ready")
    fill(responses, range(10))
    first = sealing(responses).figures
    assert take_back(responses, 3)
    fill(responses, range(10, 20))
    left = [n for n in range(20) if n != 3]
    shown = []
    for step in range(1, MOST_STEPS, 1 if EVERYTHING else 9):
        tried = Responses(tmp_path / "tried")
        shutil.copytree(responses.folder, tried.folder)
        killed = killed_at(step, lambda: sealing(tried))  # noqa: B023 - called at once
        is_whole = bool(new_files(tried.folder, responses.folder))
        outcome = seal(tried, judge(tried), Counting().method, take=False)
        assert outcome.figures == (of_sealed(tried, left) if is_whole else first)
        assert figures_at_rest(tried, LOADED.sha256, "1") == replace(outcome, left_out=())
        shown.append(is_whole)
        shutil.rmtree(tried.folder)
        if not killed:
            break
    assert {*shown} == {False, True}


def new_files(folder: Path, before: Path) -> set[str]:
    """The names of the sealed files that did not exist before."""
    names = ({path.name for path in (each / "sealed").glob("*.jsonl")} for each in (folder, before))
    return set.difference(*names)


def test_what_was_cut_off_is_finished_without_new_responses(tmp_path: Path) -> None:
    """The figures count the sealed responses even if the next run has nothing to seal."""
    shown = set()

    def try_step(step: int, responses: Responses) -> bool:
        killed = killed_at(step, lambda: sealing(responses))
        outcome = sealing(responses, thorough=False)
        shown.add(outcome.taken)
        assert outcome.figures == of_sealed(responses, range(94))
        return killed

    each_step(tmp_path, try_step, every=9, first=3)
    assert shown == {0, 20}


@pytest.mark.parametrize("number", [30, 65, 80], ids=["in the large file", "merged", "waiting"])
def test_a_withdrawal_that_is_killed_can_be_made_again(tmp_path: Path, number: int) -> None:
    left = [n for n in range(94) if n != number]

    def try_step(step: int, responses: Responses) -> bool:
        killed = killed_at(step, lambda: take_back(responses, number))
        assert_whole_or_doubled(responses, left)
        found = take_back(responses, number)
        assert killed or not found
        assert_gone(responses, number)
        assert not take_back(responses, number)
        assert_finished(responses, left)
        return killed

    each_step(tmp_path, try_step, every=11)


def assert_gone(responses: Responses, number: int) -> None:
    """No file is named after the person's response or text, or contains an id of either."""
    own = (response_id(receipt(number)), text_id(receipt(number), "why"))
    for path in responses.folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(each in path.name or each.encode() in content for each in own), path
    for entry in Index.read(responses.folder).entries.values():
        assert mark_of(own[0]) not in entry.marks


@pytest.mark.parametrize("number", [31, 64], ids=["in the large file", "merged"])
def test_a_withdrawal_that_is_killed_is_whole_or_finished_by_the_next_seal(
    tmp_path: Path, number: int
) -> None:
    """Once any part of a response is deleted, the next seal deletes the rest."""
    left = [n for n in range(94) if n != number]
    ids = (response_id(receipt(number)), text_id(receipt(number), "why"))

    def try_step(step: int, responses: Responses) -> bool:
        killed = killed_at(step, lambda: take_back(responses, number))
        is_remembered = bool(Tombstones.read(responses.folder).hashes)
        outcome = sealing(responses)
        assert_whole(responses, left if is_remembered else range(94))
        assert outcome.figures == of_sealed(responses, left if is_remembered else range(94))
        assert {wrong for _, wrong in outcome.left_out} <= {REMOVED}
        assert sealing(responses).left_out == ()
        # Sealed responses may be drawn to wait again.
        files = [path for path in responses.folder.rglob("*.json*") if path.is_file()]
        named = any(each in path.name for path in files for each in ids)
        lines = b"".join(path.read_bytes() for path in files)
        assert (named or any(each.encode() in lines for each in ids)) is not is_remembered
        return killed

    each_step(tmp_path, try_step, every=11, first=5)


def test_a_withdrawal_that_fails_between_two_copies_leaves_none_double(tmp_path: Path) -> None:
    """A seal is killed before it removes the merged files; then the withdrawal is killed, too."""
    ready(tmp_path / "ready")
    sealed = sealed_numbers(Responses(tmp_path / "ready"), range(94))
    number = next(n for n in sealed if not n % 2 and n >= 60)
    left = [n for n in range(94) if n != number]
    doubled = tmp_path / "doubled"
    for step in range(1, MOST_STEPS, 1 if EVERYTHING else 4):
        shutil.copytree(tmp_path / "ready", doubled)
        assert killed_at(step, lambda: sealing(Responses(doubled)))
        lines = b"".join(path.read_bytes() for path in doubled.rglob("*.jsonl"))
        if lines.count(response_id(receipt(number)).encode()) == 2:
            break
        shutil.rmtree(doubled)
    for step in range(1, MOST_STEPS, 1 if EVERYTHING else 6):
        folder = tmp_path / "tried"
        shutil.copytree(doubled, folder)
        responses = Responses(folder)
        killed = killed_at(step, lambda: take_back(responses, number))  # noqa: B023 - called at once
        is_remembered = bool(Tombstones.read(folder).hashes)
        sealing(responses)
        assert_whole(responses, left if is_remembered else range(94))
        shutil.rmtree(folder)
        if not killed:
            break
    else:
        raise AssertionError("the operation does not end")


def take_back(responses: Responses, number: int) -> bool:
    return withdraw(responses, receipt(number), judge(responses), Counting().method)


def test_a_withdrawal_between_a_seal_that_was_killed_and_the_next(tmp_path: Path) -> None:
    left = [n for n in range(94) if n != 75]

    def try_step(step: int, responses: Responses) -> bool:
        killed = killed_at(step, lambda: sealing(responses))
        assert withdraw(responses, receipt(75), judge(responses), Counting().method)
        assert_whole_or_doubled(responses, left)
        sealing(responses)
        assert_whole(responses, left)
        fill(responses, range(94, 104))
        assert sealing(responses).figures == of_sealed(responses, [*left, *range(94, 104)])
        return killed

    each_step(tmp_path, try_step, every=11, first=8)


def test_two_who_seal_at_once_take_turns(tmp_path: Path) -> None:
    ready(tmp_path / "ready")
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            try:
                sealing(Responses(tmp_path / "ready"))
                os._exit(0)
            except BaseException:
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(c, 0)[1]) for c in children] == [0] * 4
    assert_finished(Responses(tmp_path / "ready"), [*range(94)])
