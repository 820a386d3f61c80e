"""Pilot timings: unsealed one by one, sealed as sums, and never part of a response."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli import files
from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import new_identity
from microcred_cli.evaluation.times import OVERLAPS, TimesStore, collect_times, times_in
from microcred_cli.records.receipts import times_id
from microcred_cli.records.times import band_of, times_of
from microcred_cli.store.batches import batch_of
from microcred_cli.store.collect import Collection
from microcred_cli.store.folder import Responses
from microcred_cli.store.seal import seal
from microcred_cli.store.sources import find_sources
from microcred_cli.store.withdraw import withdraw
from tests.store.sealing import LOADED, Counting, begin, fill, judge, receipt, response, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from microcred_cli.records.shapes import Times

SECONDS = {"drink": 3.0, "cakes": 40.0, "taste": 14.9, "why": 61.0}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def collect(into: Responses, *paths: Path, move: bool = False) -> list[tuple[int, list[str]]]:
    """Collect everything; the number of files with times that were taken, and faults."""
    with ExitStack() as stack:
        sources = find_sources(paths, into.folder, stack)
        collection = Collection(into, sources, judge(into), move=move)
        collection.run()
        collect_times(collection)
        return [(part.times, [why for _, why in part.left]) for part in collection.report]


def times(number: int) -> Times:
    return times_of(response(number), SECONDS, receipt(number))


def store(responses: Responses, numbers: Iterable[int]) -> None:
    for number in numbers:
        responses.store(response(number), [text(number)] if number % 2 else [], times(number))


def sealing(responses: Responses) -> None:
    assert TimesStore(responses, judge(responses)).seal()[1] == []


def sums(responses: Responses) -> dict[str, list[int]]:
    return TimesStore(responses, judge(responses)).found().items


def names(responses: Responses) -> set[str]:
    return {path.name for path in responses.times.iterdir()}


def expected(*batches: Iterable[int]) -> dict[str, list[int]]:
    """The sums of these seals."""
    shown = sum(batch_of(len([*batch])) for batch in batches)
    tea = sum(batch_of(sum(number % 3 == 0 for number in batch)) for batch in batches)
    return {
        "drink": [shown, 0, 0, 0, 0],
        "cakes": [0, 0, 0, tea, 0],
        "taste": [0, shown, 0, 0, 0],
        "why": [0, 0, 0, 0, shown],
    }


@pytest.mark.parametrize(("seconds", "band"), [(0, 1), (4.9, 1), (5, 2), (59.9, 4), (60, 5)])
def test_seconds_are_kept_as_a_band_only(seconds: float, band: int) -> None:
    assert band_of(seconds) == band


def test_the_file_has_the_bands_of_the_route_and_nothing_else(tmp_path: Path) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, [1])
    (path,) = responses.times.iterdir()
    assert path.name == f"{times_id(receipt(1))}.json"
    shape = json.loads(path.read_text(encoding="utf-8"))
    assert [*shape] == ["format", "times_id", "questionnaire", "bands", "synthetic"]
    assert shape["bands"] == {"drink": 1, "cakes": 0, "taste": 2, "why": 5}
    assert path.stat().st_mtime == responses.times.stat().st_mtime == files.NEUTRAL_TIME
    (stored,) = responses.files()
    assert "times" not in stored.read_text(encoding="utf-8")
    assert path.stem not in stored.read_text(encoding="utf-8")


def test_a_seal_takes_ten_and_more_and_removes_their_files(tmp_path: Path) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, range(9))
    sealing(responses)
    assert len(names(responses)) == 9
    assert sums(responses) == {}
    store(responses, range(9, 32))
    ids = {name.partition(".")[0] for name in names(responses)}
    sealing(responses)
    assert not names(responses)
    found = TimesStore(responses, judge(responses)).found()
    assert (len(found.ids), found.waiting, found.bad) == (32, 0, [])
    (path,) = (responses.folder / "sealed" / "times").iterdir()
    assert not any(each in path.read_text() for each in ids)
    store(responses, range(32, 45))
    sealing(responses)
    assert sums(responses) == expected(range(32), range(32, 45))
    assert sums(responses)["drink"] == [40, 0, 0, 0, 0]


def test_a_seal_counts_nobody_on_an_item_that_fewer_than_ten_people_saw(tmp_path: Path) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, range(27))
    sealing(responses)
    assert sums(responses)["cakes"] == [0, 0, 0, 0, 0]
    store(responses, range(27, 61))
    sealing(responses)
    assert sums(responses)["cakes"] == [0, 0, 0, 10, 0]


@pytest.mark.parametrize("count", [9, 12])
def test_unsealed_times_do_not_show_in_which_order_sealed_responses_came(
    tmp_path: Path, count: int
) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, range(count))
    fill(responses, range(20, 30))
    order = [f"{times_id(receipt(number))}.json" for number in range(count)]
    before = {path.name: path.stat().st_ino for path in responses.times.iterdir()}
    assert seal(responses, judge(responses), Counting().method).taken
    written = sorted(responses.times.iterdir(), key=lambda path: path.stat().st_ctime_ns)
    assert {path.name for path in written} == {*order}
    assert [path.name for path in written] != order
    assert all(path.stat().st_ino != before[path.name] for path in written)
    assert {path.stat().st_mtime for path in written} == {files.NEUTRAL_TIME}


def test_unsealed_times_are_written_only_once_by_a_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, range(9))
    fill(responses, range(20, 30))
    written: list[Path] = []
    replace = files.replace_durably

    def replaced(path: Path, *arguments: Any, **options: Any) -> None:
        written.append(path)
        replace(path, *arguments, **options)

    monkeypatch.setattr(files, "replace_durably", replaced)
    assert seal(responses, judge(responses), Counting().method).taken
    sealing(responses)
    rewritten = [path.name for path in written if path.parent == responses.times]
    assert sorted(rewritten) == sorted(names(responses))


def test_a_seal_resets_the_time_of_unsealed_times(tmp_path: Path) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, range(3))
    os.utime(next(responses.times.iterdir()))
    assert len(TimesStore(responses, judge(responses)).found().bad) == 1
    sealing(responses)
    assert not TimesStore(responses, judge(responses)).found().bad


def test_a_seal_that_stopped_before_the_files_were_removed_counts_nobody_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, range(10))
    with monkeypatch.context() as stopped:
        stopped.setattr(files, "remove_named", lambda *_, **__: None)
        TimesStore(responses, judge(responses)).seal()
    assert len(names(responses)) == 10
    assert TimesStore(responses, judge(responses)).found().waiting == 0
    sealing(responses)
    assert not names(responses)
    assert sums(responses) == expected(range(10))


def test_the_next_interview_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, [1])
    (path,) = responses.times.iterdir()
    os.link(path, path.with_name(f".{path.name}.{'0' * 16}.part"))
    responses.prepare("cafe")
    assert [*responses.times.iterdir()] == [path]


def test_folders_and_hidden_files_next_to_times_are_ignored(tmp_path: Path) -> None:
    responses = begin(tmp_path / "responses")
    store(responses, range(10))
    (responses.times / "old").mkdir()
    (responses.times / ".DS_Store").touch()
    sealing(responses)
    assert sums(responses) == expected(range(10))


def test_a_withdrawal_removes_waiting_times_and_their_copies(tmp_path: Path) -> None:
    responses, laptop = begin(tmp_path / "responses"), begin(tmp_path / "laptop")
    store(laptop, range(3))
    collect(responses, laptop.folder)
    assert withdraw(responses, receipt(1), judge(responses))
    assert names(responses) == {f"{times_id(receipt(n))}.json" for n in (0, 2)}
    assert collect(responses, laptop.folder) == [(0, [])]
    assert len(names(responses)) == 2
    collect(laptop, responses.folder)
    assert names(laptop) == names(responses)


def test_a_withdrawal_also_refuses_times_that_only_another_folder_has(tmp_path: Path) -> None:
    responses, laptop = begin(tmp_path / "responses"), begin(tmp_path / "laptop")
    store(laptop, [1])
    store(responses, range(10, 20))
    sealing(responses)
    responses.times.rmdir()
    fill(responses, [1])
    assert withdraw(responses, receipt(1), judge(responses))
    assert collect(responses, laptop.folder) == [(0, [])]
    assert not responses.times.exists()


class TestCollect:
    def test_waiting_and_sealed_times_come_once(self, tmp_path: Path) -> None:
        responses, laptop = begin(tmp_path / "responses"), begin(tmp_path / "laptop")
        store(laptop, range(12))
        sealing(laptop)
        for _ in range(2):
            collect(responses, laptop.folder, move=True)
        store(laptop, range(12, 22))
        sealing(laptop)
        store(laptop, range(38, 40))
        store(responses, range(30, 38))
        assert collect(responses, laptop.folder, move=True) == [(3, [])]
        assert not names(laptop)
        sealing(responses)
        assert sums(responses) == expected(range(12), range(12, 22), range(30, 40))
        assert collect(responses, laptop.folder) == [(0, [])]

    def test_times_that_are_partly_counted_are_not_added(self, tmp_path: Path) -> None:
        responses, laptop = begin(tmp_path / "responses"), begin(tmp_path / "laptop")
        store(laptop, range(10))
        collect(responses, laptop.folder)
        sealing(responses)
        store(laptop, range(10, 20))
        sealing(laptop)
        assert collect(responses, laptop.folder) == [(0, [OVERLAPS])]
        assert sums(responses) == expected(range(10))

    def test_a_file_that_does_not_fit_stays_and_is_named(self, tmp_path: Path) -> None:
        responses, laptop = begin(tmp_path / "responses"), begin(tmp_path / "laptop")
        store(laptop, range(2))
        for path, old, new in zip(
            sorted(laptop.times.iterdir()), ['"drink"', ": 2"], ['"juice"', ": 2.5"], strict=True
        ):
            path.write_text(path.read_text().replace(old, new))
        ((taken, left),) = collect(responses, laptop.folder, move=True)
        assert (taken, len(left)) == (0, 2)
        assert len(names(laptop)) == 2
        found = times_in(laptop, LOADED)
        assert found is not None
        assert len(found.bad) == 2


def test_encrypted_times_are_collected_without_and_sealed_with_a_key(tmp_path: Path) -> None:
    secret, public = new_identity()
    responses = Responses(tmp_path / "responses", Age((public,), (secret,)))
    laptop = Responses(tmp_path / "laptop", Age((public,)))
    for folder in (responses, laptop):
        folder.prepare("cafe")
    store(laptop, range(11))
    blind = Responses(responses.folder, Age((public,)))
    assert collect(blind, laptop.folder, move=True) == [(11, [])]
    assert all(b"drink" not in path.read_bytes() for path in responses.times.iterdir())
    sealing(responses)
    (path,) = (responses.folder / "sealed" / "times").iterdir()
    assert path.name.endswith(".json.age")
    assert b"drink" not in path.read_bytes()
    assert sum(sums(responses)["drink"]) == 10
    assert not names(responses)


def test_a_folder_without_a_pilot_has_no_times(tmp_path: Path) -> None:
    responses = begin(tmp_path / "responses")
    fill(responses, range(10))
    sealing(responses)
    assert times_in(responses, LOADED) is None
