"""Withdrawn responses stay withdrawn, and no two summaries reveal who withdrew."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.records.receipts import response_id, text_id
from microcred_cli.store.index import Index, Tombstones, hash_of, mark_of
from microcred_cli.store.layout import REMOVED, Kind
from microcred_cli.store.publication import figures_at_rest, read_figures
from microcred_cli.store.seal import seal
from microcred_cli.store.withdraw import withdraw
from tests.store.sealing import (
    LOADED,
    Counting,
    assert_tells_nothing,
    assert_whole,
    begin,
    counted,
    fill,
    judge,
    of_sealed,
    pooled_numbers,
    receipt,
    sealed_numbers,
    sealing,
    text,
)
from tests.windows.skips import not_on_wine

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.store.folder import Responses


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def responses(tmp_path: Path) -> Responses:
    """Thirty sealed responses, fifteen of them with a text in the pool."""
    made = begin(tmp_path / "responses")
    fill(made, range(30))
    sealing(made)
    return made


def take_back(responses: Responses, number: int) -> bool:
    return withdraw(responses, receipt(number), judge(responses), Counting().method)


def sealed_file(responses: Responses) -> Path:
    (path,) = (responses.folder / "sealed").glob("*.jsonl")
    return path


def pool_of(responses: Responses) -> Path:
    return responses.folder / "sealed" / "texts" / "why.jsonl"


def without(number: int, count: int = 30) -> list[int]:
    return [each for each in range(count) if each != number]


class TestWhatComesBack:
    @pytest.mark.parametrize("name", [None, f"{'0' * 32}.jsonl"])
    def test_an_old_copy_of_a_sealed_file_brings_nobody_back(
        self, responses: Responses, tmp_path: Path, name: str | None
    ) -> None:
        path = sealed_file(responses)
        shutil.copy2(path, tmp_path / "old")
        take_back(responses, 3)
        shutil.copy2(tmp_path / "old", path.with_name(name or path.name))
        outcome = sealing(responses)
        assert [wrong for _, wrong in outcome.left_out] == [REMOVED]
        assert outcome.figures == counted(range(30))
        assert_whole(responses, without(3))
        assert_tells_nothing(responses)
        fill(responses, range(30, 40))
        assert sealing(responses).figures == of_sealed(responses, without(3, 40))

    def test_an_old_copy_of_a_pool_brings_no_text_back(
        self, responses: Responses, tmp_path: Path
    ) -> None:
        shutil.copy2(pool_of(responses), tmp_path / "old")
        take_back(responses, 3)
        shutil.copy2(tmp_path / "old", pool_of(responses))
        outcome = sealing(responses)
        assert [wrong for _, wrong in outcome.left_out] == [REMOVED]
        assert_whole(responses, without(3))
        assert sealing(responses).left_out == ()

    def test_an_old_copy_of_all_but_the_list_brings_nobody_back(
        self, responses: Responses, tmp_path: Path
    ) -> None:
        """The stored information about the files is as old as the files."""
        shutil.copytree(responses.folder, tmp_path / "old")
        take_back(responses, 3)
        shutil.copytree(
            *(tmp_path / "old", responses.folder),
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(".lock"),
        )
        sealing(responses)
        assert_whole(responses, without(3))
        fill(responses, range(30, 40))
        assert sealing(responses).figures == of_sealed(responses, without(3, 40))

    def test_a_withdrawal_that_only_remembered_is_finished_by_the_next_seal(
        self, responses: Responses
    ) -> None:
        ids = (response_id(receipt(3)), text_id(receipt(3), "why"))
        Tombstones.read(responses.folder).add(set(map(hash_of, ids)), responses.folder)
        assert len(sealing(responses).left_out) == 2
        assert_whole(responses, without(3))
        fill(responses, range(30, 40))
        assert sealing(responses).figures == of_sealed(responses, without(3, 40))

    @not_on_wine
    def test_a_withdrawal_of_one_that_waits_reads_no_sealed_response_again(
        self, responses: Responses
    ) -> None:
        fill(responses, range(30, 35))
        path = sealed_file(responses)
        assert take_back(responses, 32)
        os.utime(path, (0, files.NEUTRAL_TIME))
        sealing(responses)
        assert path.stat().st_atime == 0
        path.read_bytes()
        if path.stat().st_atime == 0:
            pytest.skip("the file system does not record access times")

    def test_between_two_copies_of_a_line_a_fault_leaves_none_double(
        self, responses: Responses, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A seal was interrupted before it removed the merged files, then a withdrawal failed."""
        small = sealed_file(responses)
        kept = small.read_bytes()
        fill(responses, range(30, 70))
        sealing(responses)
        small.write_bytes(kept)
        os.utime(small, (files.NEUTRAL_TIME, files.NEUTRAL_TIME))
        write = files.replace_durably

        def fail_at_second(path: Path, *arguments: object, **options: object) -> None:
            if path.suffix == ".jsonl" and path != small:
                raise OSError
            write(path, *arguments, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(files, "replace_durably", fail_at_second)
        with pytest.raises(OSError):
            take_back(responses, 3)
        monkeypatch.undo()
        sealing(responses)
        assert_whole(responses, without(3, 70))

    def test_whichever_copy_was_rewritten_first(self, responses: Responses) -> None:
        small = sealed_file(responses)
        kept = small.read_bytes()
        fill(responses, range(30, 70))
        sealing(responses)
        take_back(responses, 3)
        small.write_bytes(kept)
        sealing(responses)
        assert_whole(responses, without(3, 70))


class TestTraces:
    def assert_no_trace(self, responses: Responses, number: int) -> None:
        ids = (response_id(receipt(number)), text_id(receipt(number), "why"))
        for path in responses.folder.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            assert not any(each.encode() in content for each in ids), path
            assert not any(each in path.name for each in ids), path
        for entry in Index.read(responses.folder).entries.values():
            assert mark_of(ids[0]) not in entry.marks

    @pytest.mark.parametrize(
        "name",
        [
            ".{own}.json.0123456789abcdef.part",
            "texts/.{text}.json.0123456789abcdef.part",
            "sealed/.spool.0123456789abcdef.part",
            "sealed/.{random}.jsonl.0123456789abcdef.part",
            "sealed/texts/.spool.0123456789abcdef.part",
            "sealed/texts/.why.jsonl.0123456789abcdef.part",
            ".counts.json.0123456789abcdef.part",
        ],
    )
    @pytest.mark.parametrize("number", [3, 33], ids=["sealed", "waiting"])
    def test_nothing_is_left_in_what_a_crash_left(
        self, responses: Responses, name: str, number: int
    ) -> None:
        fill(responses, range(30, 35))
        own, typed = response_id(receipt(number)), text_id(receipt(number), "why")
        left = responses.folder / name.format(own=own, text=typed, random="0" * 32)
        left.write_text(f"{own} {typed}")
        left.chmod(0o600)
        assert take_back(responses, number)
        self.assert_no_trace(responses, number)

    def test_what_an_interview_is_writing_stays(self, responses: Responses) -> None:
        writing = responses.folder / f".{response_id(receipt(40))}.json.0123456789abcdef.part"
        writing.touch()
        assert take_back(responses, 3)
        assert writing.exists()

    def test_a_file_that_was_named_is_not_named_any_more(self, responses: Responses) -> None:
        fill(responses, range(30, 35))
        for number in (31, 33):
            (responses.folder / f"{response_id(receipt(number))}.json").touch()
            (responses.texts / f"{text(number).text_id}.json").touch()
        assert len(sealing(responses).left_out) == 4
        assert take_back(responses, 33)
        self.assert_no_trace(responses, 33)
        assert len(sealing(responses).left_out) == 2

    def test_what_is_known_of_a_file_that_is_gone_does_not_tell(self, responses: Responses) -> None:
        path = sealed_file(responses)
        path.rename(path.with_name("0" * 32 + ".jsonl"))
        assert take_back(responses, 3)
        self.assert_no_trace(responses, 3)
        assert_whole(responses, without(3))

    def test_what_is_known_does_not_tell_where_only_the_line_was_removed(
        self, responses: Responses
    ) -> None:
        """A withdrawal interrupted before it stored the counts leaves this state."""
        path, own = sealed_file(responses), response_id(receipt(4))
        responses.segments.remove(Kind.RESPONSE, path.name, lambda each: each == own)
        assert not take_back(responses, 4)
        self.assert_no_trace(responses, 4)

    def test_figures_name_nobody_and_are_bound_to_definition_and_rule_only(
        self, responses: Responses
    ) -> None:
        (responses.folder / f"{'1' * 32}.json").write_bytes(b"{")
        sealing(responses)
        content = (responses.folder / "figures.json").read_text()
        assert "1" * 32 not in content
        seals = read_figures(responses.folder)
        assert {sha256: part.rule for sha256, part in seals.items()} == {LOADED.sha256: "1"}

    def test_the_list_has_hashes_of_ids_alone(self, responses: Responses) -> None:
        take_back(responses, 3)
        remembered = (responses.folder / "withdrawn").read_text().split()
        ids = (response_id(receipt(3)), text_id(receipt(3), "why"))
        assert sorted(remembered) == sorted(map(hash_of, ids))


class TestTwoSummaries:
    """Figures of nearly the same people are never computed."""

    LOST = (
        ("figures.json",),
        ("figures.json", "counts.json"),
        ("figures.json", "last-seal.json"),
        ("figures.json", "counts.json", "last-seal.json"),
    )

    def lose(self, responses: Responses, names: tuple[str, ...]) -> None:
        for name in names:
            (responses.folder / name).unlink()

    @pytest.mark.parametrize("names", LOST)
    def test_lost_figures_are_not_made_anew_after_a_withdrawal(
        self, responses: Responses, names: tuple[str, ...]
    ) -> None:
        take_back(responses, 3)
        self.lose(responses, names)
        for thorough in (True, False):
            outcome = sealing(responses, thorough=thorough)
            assert (outcome.figures, outcome.held_back) == (None, "lost")
        fill(responses, range(30, 39))
        assert sealing(responses).held_back
        fill(responses, [39])
        outcome = sealing(responses)
        assert (outcome.figures, outcome.held_back) == (of_sealed(responses, without(3, 40)), "")
        assert (outcome.taken, outcome.counted, outcome.waiting) == (10, 35, 4)

    @pytest.mark.parametrize("names", LOST)
    def test_lost_figures_come_back_where_nobody_was_withdrawn(
        self, responses: Responses, names: tuple[str, ...]
    ) -> None:
        self.lose(responses, names)
        assert sealing(responses).figures == counted(range(30))
        assert sealing(responses, thorough=False).figures == counted(range(30))

    def test_lost_figures_come_back_where_the_withdrawal_was_before_them(
        self, responses: Responses
    ) -> None:
        take_back(responses, 3)
        fill(responses, range(30, 40))
        sealing(responses)
        self.lose(responses, ("figures.json", "counts.json"))
        assert sealing(responses).figures == of_sealed(responses, without(3, 40))

    def test_another_rule_waits_for_the_next_batch_after_a_withdrawal(
        self, responses: Responses
    ) -> None:
        take_back(responses, 3)
        assert sealing(responses, Counting(rule="2")).held_back == "rule"
        assert sealing(responses, Counting(rule="1")).figures == counted(range(30))
        fill(responses, range(30, 40))
        assert sealing(responses, Counting(rule="2")).figures == of_sealed(
            responses, without(3, 40)
        )

    def test_a_few_that_were_put_in_by_hand_wait_for_the_next_batch(
        self, responses: Responses, tmp_path: Path
    ) -> None:
        other = begin(tmp_path / "other")
        fill(other, range(50, 60))
        sealing(other)
        few = sealed_file(other).read_bytes().splitlines(keepends=True)[:3]
        path = responses.folder / "sealed" / f"{'0' * 32}.jsonl"
        path.write_bytes(b"".join(few))
        assert sealing(responses).figures == counted(range(30))
        self.lose(responses, ("figures.json",))
        assert sealing(responses).held_back
        path.write_bytes(b"".join(sealed_file(other).read_bytes().splitlines(keepends=True)))
        assert sealing(responses).figures == counted([*range(30), *range(50, 60)])

    def test_a_line_that_is_damaged_later_does_not_change_them(self, responses: Responses) -> None:
        path = sealed_file(responses)
        path.write_bytes(path.read_bytes().replace(b'"drink":"tea"', b'"drink":"sea"', 1))
        self.lose(responses, ("figures.json", "counts.json"))
        assert sealing(responses).held_back

    def test_the_first_figures_need_no_second_batch(self, tmp_path: Path) -> None:
        """A waiting response is withdrawn; the first seal is interrupted before its figures."""
        responses = begin(tmp_path / "new")
        fill(responses, range(12))
        take_back(responses, 3)

        def fail(*_: object) -> object:
            raise StoreError("The disk is full.", hint="Free some space.")

        with pytest.raises(StoreError):
            seal(responses, judge(responses), replace(Counting().method, protect=fail))
        assert len(responses.names()) == 1
        assert sealing(responses).figures == of_sealed(responses, without(3, 12))

    def test_figures_of_an_older_seal_are_replaced(
        self, responses: Responses, tmp_path: Path
    ) -> None:
        shutil.copy2(responses.folder / "figures.json", tmp_path / "old")
        fill(responses, range(30, 40))
        sealing(responses)
        shutil.copy2(tmp_path / "old", responses.folder / "figures.json")
        assert sealing(responses).figures == counted(range(40))


class TestElsewhere:
    """A folder in which no interview was ever stored."""

    def test_nothing_is_written_in_a_folder_of_something_else(self, tmp_path: Path) -> None:
        from microcred_cli.store.folder import Responses

        folder = tmp_path / "letters"
        (folder / "texts").mkdir(parents=True)
        (folder / "texts").chmod(0o755)
        (folder / "letter.txt").write_text("Dear")
        paths = (tmp_path, folder, *folder.rglob("*"))
        before = {path: (path.lstat().st_mtime_ns, path.lstat().st_mode) for path in paths}
        outcome = sealing(Responses(folder))
        assert (outcome.taken, outcome.figures) == (0, None)
        assert [name for name, _ in outcome.left_out] == ["letter.txt"]
        assert not withdraw(Responses(folder), receipt(1))
        assert {p: (p.lstat().st_mtime_ns, p.lstat().st_mode) for p in before} == before
        assert {*paths} == {tmp_path, folder, *folder.rglob("*")}


class TestTelling:
    NAMES = ("counts.json", "figures.json", "last-seal.json", "withdrawn")

    @pytest.mark.parametrize("name", [*NAMES, "sealed/*.jsonl", "sealed/texts/why.jsonl"])
    def test_a_time_is_named_once_and_taken_away(self, responses: Responses, name: str) -> None:
        take_back(responses, 3)
        sealing(responses)
        (path,) = responses.folder.glob(name)
        path.touch()
        path.chmod(0o644)
        assert figures_at_rest(responses, LOADED.sha256, "1") is None
        outcome = sealing(responses)
        told = "its modification time reveals when it was written"
        if files.HERE.modes:
            told = f"other users have access to it; {told}"
        assert outcome.left_out == ((path.relative_to(responses.folder).as_posix(), told),)
        assert_tells_nothing(responses)
        assert sealing(responses, thorough=False).left_out == ()

    def test_a_response_that_told_something_is_not_named_when_it_is_sealed(
        self, responses: Responses
    ) -> None:
        fill(responses, range(30, 39))
        next(responses.files()).touch()
        assert len(sealing(responses).left_out) == 1
        assert len(sealing(responses, thorough=False).left_out) == 1
        fill(responses, [39])
        assert len(sealing(responses).left_out) == 1
        assert sealing(responses, thorough=False).left_out == ()

    def test_a_text_that_stands_twice_in_a_pool_is_named_each_time(
        self, responses: Responses
    ) -> None:
        pool = pool_of(responses)
        first = pool.read_bytes().splitlines(keepends=True)[0]
        pool.write_bytes(pool.read_bytes() + first)
        os.utime(pool, (files.NEUTRAL_TIME, files.NEUTRAL_TIME))
        named = [name for name, _ in sealing(responses).left_out]
        assert named == ["sealed/texts/why.jsonl line 16"]
        assert [name for name, _ in sealing(responses, thorough=False).left_out] == named
        fill(responses, range(30, 50))
        assert len(sealing(responses).left_out) == 1
        assert len(pooled_numbers(responses, range(50))) == 26
        assert sealed_numbers(responses, range(50))
