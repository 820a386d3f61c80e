"""Sealing: batches, order, stored counts, stable figures, and unusable files."""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.errors import StoreError
from microcred_cli.files import HERE, NEUTRAL_TIME
from microcred_cli.records.receipts import response_id
from microcred_cli.records.shapes import serialise
from microcred_cli.store.batches import batch_of
from microcred_cli.store.folder import terms_found
from microcred_cli.store.index import hash_of
from microcred_cli.store.layout import Kind
from microcred_cli.store.publication import figures_at_rest
from microcred_cli.store.seal import figures_kept, seal
from microcred_cli.store.segments import riffled
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
    response,
    sealed_numbers,
    sealing,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from microcred_cli.store.folder import Responses


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def responses(tmp_path: Path) -> Responses:
    return begin(tmp_path / "responses")


def files(responses: Responses) -> list[Path]:
    return sorted((responses.folder / "sealed").glob("*.jsonl"))


def each_of(*lines: bytes) -> Generator[bytes, None, None]:
    yield from lines


def put(responses: Responses, number: int, **changes: Any) -> Path:
    """Store an invalid response; returns its path."""
    record = response(number, **changes)
    path = responses.folder / f"{record.response_id}.json"
    path.write_bytes(serialise(record))
    path.chmod(0o600)
    os.utime(path, (946_684_800, 946_684_800))
    return path


class TestBatches:
    def test_nine_wait_and_ten_are_sealed(self, responses: Responses) -> None:
        fill(responses, range(9))
        assert sealing(responses).taken == 0
        assert len(responses.names()) == 9
        fill(responses, [9])
        assert sealing(responses).taken == 10
        assert responses.names() == []
        assert_whole(responses, range(10))
        assert_tells_nothing(responses)

    def test_nothing_waits_and_nothing_happens(self, responses: Responses) -> None:
        outcome = sealing(responses)
        assert (outcome.taken, outcome.left_out, outcome.figures) == (0, (), None)
        assert_tells_nothing(responses)

    def test_six_seals_leave_one_file(self, responses: Responses) -> None:
        start, seen = 0, set()
        for count, taken in ((100, 100), (10, 10), (10, 10), (15, 15), (12, 10), (10, 10)):
            fill(responses, range(start, start + count))
            start += count
            assert sealing(responses).taken == taken
            seen |= {path.name for path in files(responses)}
            assert len(files(responses)) == 1
        assert len(seen) == 6
        assert len(sealed_numbers(responses, range(157))) == 155
        assert_whole(responses, range(157))
        assert_tells_nothing(responses)

    @given(waiting=st.integers(0, 10_000))
    def test_ten_fifteen_twenty_are_taken(self, waiting: int) -> None:
        taken = batch_of(waiting)
        assert taken % 5 == 0
        assert taken == 0 if waiting < 10 else waiting - 5 < taken <= waiting

    def test_who_waits_is_drawn_by_lot(self, tmp_path: Path) -> None:
        left = Counter[int]()
        for number in range(60):
            made = begin(tmp_path / str(number))
            fill(made, range(0, 28, 2))
            assert sealing(made).taken == 10
            ids = {response_id(receipt(each)): each for each in range(28)}
            left.update(ids[name.removesuffix(".json")] for name in made.names())
        assert left.total() == 240
        # Each waits 17 times on average, with a standard deviation of 4.
        assert max(left.values()) < 36
        assert len(left) == 14

    @pytest.mark.skipif(not HERE.removes_open, reason="the system cannot remove open files")
    def test_who_must_wait_is_written_anew(self, responses: Responses) -> None:
        """Otherwise, positions on the disk would reveal the order of submission, and who typed."""
        fill(responses, range(14))
        old = {path.name: path.stat().st_ino for path in responses.files()}
        kept = [(responses.folder / name).open() for name in old]
        sealing(responses)
        new = {path.name: path.stat().st_ino for path in responses.files()}
        assert len(new) == 4
        assert not {*new.values()} & {*old.values()}
        assert_tells_nothing(responses)
        for file in kept:
            file.close()

    def test_files_of_ten_thousand_stay_and_all_others_are_merged(
        self, responses: Responses, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a lower threshold: a batch above it, and files below it that together exceed it."""
        monkeypatch.setattr("microcred_cli.store.sealed_set.MERGED_BELOW", 40)
        sizes = []
        for start, count in ((0, 30), (30, 10), (40, 10), (50, 100), (150, 10)):
            fill(responses, range(start, start + count))
            sealing(responses)
            sizes.append(sorted(len(path.read_bytes().splitlines()) for path in files(responses)))
        assert sizes == [[30], [40], [10, 40], [40, 110], [10, 40, 110]]
        other = begin(responses.folder.with_name("other"))
        for start in (160, 190):
            fill(other, range(start, start + 30))
            sealing(other)
            for path in files(other):
                path.rename(responses.folder / "sealed" / path.name)
        fill(responses, range(220, 230))
        assert sealing(responses).figures == counted(range(230))
        sizes = [sorted(len(path.read_bytes().splitlines()) for path in files(responses))]
        assert sizes == [[40, 80, 110]]
        assert sorted(sealed_numbers(responses, range(230))) == [*range(230)]

    def test_only_what_was_cut_off_is_finished_where_nothing_is_to_be_taken(
        self, responses: Responses
    ) -> None:
        fill(responses, range(10))
        first = sealing(responses).figures
        fill(responses, range(10, 40))
        outcome = seal(responses, judge(responses), Counting().method, take=False)
        assert (outcome.taken, outcome.figures) == (0, first)
        assert (outcome.counted, outcome.waiting) == (10, 30)
        assert len(responses.names(Kind.TEXT)) == 20
        assert sealing(responses).counted == 40

    def test_records_are_counted_once_and_not_read_again(self, responses: Responses) -> None:
        fill(responses, range(100))
        counting = Counting()
        sealing(responses, counting)
        assert counting.read == 100
        for start in range(100, 200, 10):
            fill(responses, range(start, start + 10))
            outcome = sealing(responses, counting)
            assert outcome.figures == counted(range(start + 10))
        assert counting.read == 200

    def test_a_large_file_is_not_opened_for_ten_more(self, responses: Responses) -> None:
        """The current content of the file does not matter: the cost does not depend on its size."""
        fill(responses, range(30))
        sealing(responses)
        (large,) = files(responses)
        large.write_bytes(b"\n" * large.stat().st_size)
        os.utime(large, (NEUTRAL_TIME, NEUTRAL_TIME))
        fill(responses, range(30, 40))
        assert sealing(responses).figures == counted(range(40))


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.integers(1, 14)),
        st.tuples(st.just("withdraw"), st.integers(0, 99)),
        st.tuples(st.sampled_from(["seal", "look"]), st.just(0)),
    ),
    min_size=4,
    max_size=16,
)


@settings(max_examples=25, deadline=None)
@given(actions=ACTIONS)
def test_whatever_happens_the_rules_hold(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int]]
) -> None:
    """Sealed: a multiple of five in one file; joined: 10, 15, 20 …; left: a multiple of five."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        responses = begin(tmp_path_factory.mktemp("any") / "responses")
        there: list[int] = []
        born = itertools.count()
        counted_before: set[int] = set()
        figures: object = None
        for action, number in [*actions, ("answer", 14), ("seal", 0)]:
            if action == "answer":
                fill(responses, came := [next(born) for _ in range(number)])
                there += came
            elif action == "withdraw" and there:
                assert withdraw(responses, receipt(there.pop(number % len(there))))
            else:
                take = action == "seal"
                outcome = seal(responses, judge(responses), Counting().method, take=take)
                sealed = {*sealed_numbers(responses, there)}
                assert take or not outcome.taken
                assert outcome.taken == 0 or outcome.taken in range(10, 400, 5)
                if outcome.taken:
                    assert len(sealed) % 5 == 0
                    assert len(files(responses)) == 1
                    assert len(sealed - counted_before) in range(10, 400, 5)
                    assert len(counted_before - sealed) % 5 == 0
                    assert outcome.figures == counted(sealed)
                    counted_before, figures = sealed, outcome.figures
                # If all lines of a file were lost, there are no figures, either.
                assert outcome.figures in (figures, None)
                assert outcome.waiting == len(responses.names())
            assert_whole(responses, there)
            assert_tells_nothing(responses)


class TestOrder:
    @pytest.fixture
    def sealed(self, responses: Responses) -> list[int]:
        """All responses sealed in many complete batches, in order of submission."""
        for start in range(0, 480, 20):
            fill(responses, range(start, start + 20))
            sealing(responses)
        assert responses.names() == responses.names(Kind.TEXT) == []
        left = {path.name for path in responses.folder.rglob("*.json")}
        assert left == {"folder.json", "counts.json", "figures.json", "last-seal.json"}
        return [*range(480)]

    def test_lines_do_not_tell_the_order_of_submission(
        self, responses: Responses, sealed: list[int]
    ) -> None:
        for path in files(responses):
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            numbers = {response_id(receipt(n)): n for n in sealed}
            order = [numbers[line["response_id"]] for line in lines]
            assert_by_chance(order)
            assert_by_chance([*map(within_batch, order)])
            # Ids in order within each batch would reveal the batches.
            assert_by_chance([int(line["response_id"], 16) for line in lines])

    def test_texts_tell_neither_that_nor_the_order_of_their_responses(
        self, responses: Responses, sealed: list[int]
    ) -> None:
        place = {number: n for n, number in enumerate(sealed_numbers(responses, sealed))}
        pooled = pooled_numbers(responses, sealed)
        assert len(pooled) == 240
        assert_by_chance(pooled)
        assert_by_chance([*map(within_batch, pooled)])
        assert_by_chance([place[number] for number in pooled])
        assert_by_chance([int(text(number).text_id, 16) for number in pooled])

    def test_every_order_of_a_merge_is_as_likely(self) -> None:
        seen = []
        for _ in range(6000):
            pairs = [(2, each_of(b"a", b"b")), (2, each_of(b"c", b"d"))]
            seen.append(b"".join(riffled(pairs)).replace(b"\n", b""))
        shares = [seen.count(order) / 6000 for order in sorted(set(seen))]
        assert len(shares) == 6
        assert all(abs(share - 1 / 6) < 0.03 for share in shares)

    def test_a_source_that_ends_early_stops_it(self) -> None:
        with pytest.raises(StoreError, match="changed during the seal"):
            list(riffled([(2, each_of(b"a"))]))

    @pytest.mark.skipif(not HERE.removes_open, reason="the system cannot remove open files")
    def test_texts_that_must_wait_are_written_anew(self, responses: Responses) -> None:
        fill(responses, range(12))
        old = {path.name: path.stat().st_ino for path in responses.files(Kind.TEXT)}
        kept = [(responses.texts / name).open() for name in old]
        sealing(responses)
        new = {path.name: path.stat().st_ino for path in responses.files(Kind.TEXT)}
        assert new.keys() == old.keys()
        assert not set(new.values()) & set(old.values())
        assert_tells_nothing(responses)
        for file in kept:
            file.close()


def within_batch(number: int) -> int:
    """A sort key: the first response of every batch of 20, then the second of each, and so on."""
    return number % 20 * 1000 + number // 20


def assert_by_chance(order: list[int]) -> None:
    """The order looks random; a random order of a hundred or more fails once in ten million."""
    assert len(order) >= 100
    assert abs(correlation(order)) < 5.5 / (len(order) - 1) ** 0.5


def correlation(order: list[int]) -> float:
    """Spearman's rank correlation between a list and its positions."""
    ranks = {number: rank for rank, number in enumerate(sorted(order))}
    n = len(order)
    squares = sum((ranks[number] - place) ** 2 for place, number in enumerate(order))
    return 1 - 6 * squares / (n * (n * n - 1))


class TestTexts:
    def test_nine_of_an_item_wait_and_ten_join_its_pool(self, responses: Responses) -> None:
        fill(responses, range(18))
        sealing(responses)
        assert len(responses.names(Kind.TEXT)) == 9
        fill(responses, [19])
        sealing(responses)
        assert responses.names(Kind.TEXT) == []
        assert_whole(responses, [*range(18), 19])
        assert_tells_nothing(responses)

    def test_a_bad_text_is_named_and_stays(self, responses: Responses) -> None:
        fill(responses, range(20))
        wrong = responses.texts / f"{text(1).text_id}.json"
        wrong.write_bytes(serialise(text(1, text="Write to anna@example.org")))
        outcome = sealing(responses)
        assert [name for name, _ in outcome.left_out] == [f"texts/{wrong.name}"]
        assert wrong.exists()


class TestFigures:
    def test_they_are_made_at_a_seal_and_kept(self, responses: Responses) -> None:
        counting = Counting()
        fill(responses, range(10))
        first = sealing(responses, counting).figures
        assert sealing(responses, counting).figures == first == counted(range(10))
        assert sealing(responses, counting, thorough=False).figures == first
        assert counting.made == 1

    def test_those_who_wait_do_not_show(self, responses: Responses) -> None:
        fill(responses, range(10))
        sealing(responses)
        fill(responses, range(10, 19))
        outcome = sealing(responses)
        assert (outcome.taken, outcome.figures) == (0, counted(range(10)))

    @pytest.mark.parametrize("lost", [(), ("figures.json",)])
    def test_another_rule_waits_for_the_next_batch(
        self, responses: Responses, lost: tuple[str, ...]
    ) -> None:
        """Figures of the same people under two rules, side by side, would undo both protections."""
        fill(responses, range(10))
        sealing(responses)
        for name in lost:
            (responses.folder / name).unlink()
        other = Counting(rule="2")
        outcome = sealing(responses, other, thorough=False)
        assert (outcome.figures, outcome.held_back) == (None, "rule")
        assert (other.made, other.read) == (0, 0)
        assert figures_kept(responses, judge(responses), "2").held_back == ("" if lost else "rule")
        assert sealing(responses).figures == counted(range(10))
        fill(responses, range(10, 20))
        assert sealing(responses, other).figures == counted(range(20))
        assert (other.made, other.read) == (1, 10)

    @pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"format": "x"}', b"\xff"])
    @pytest.mark.parametrize("name", ["counts.json", "figures.json"])
    def test_what_is_kept_can_be_made_again(
        self, responses: Responses, name: str, content: bytes | None
    ) -> None:
        fill(responses, range(10))
        sealing(responses)
        path = responses.folder / name
        path.unlink() if content is None else path.write_bytes(content)
        fill(responses, range(10, 20))
        assert sealing(responses).figures == counted(range(20))

    def test_figures_that_cannot_be_read_are_not_made_anew_without_who_was_withdrawn(
        self, responses: Responses, tmp_path: Path
    ) -> None:
        fill(responses, range(12))
        first = sealing(responses).figures
        withdraw(responses, receipt(3))
        path = responses.folder / "figures.json"
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
        for thorough in (True, False):
            with pytest.raises(StoreError, match="symbolic link"):
                sealing(responses, thorough=thorough)
        path.unlink()
        (tmp_path / "elsewhere").rename(path)
        assert sealing(responses).figures == first

    def test_counts_that_do_not_fit_are_made_again(self, responses: Responses) -> None:
        fill(responses, range(10))
        sealing(responses)
        path = responses.folder / "counts.json"
        shape = json.loads(path.read_text())
        shape["counts"] = {LOADED.sha256: ["another", "form"]}
        path.write_text(json.dumps(shape))
        fill(responses, range(10, 20))
        assert sealing(responses).figures == counted(range(20))

    def test_they_can_be_had_without_writing(self, responses: Responses) -> None:
        fill(responses, range(10))
        sealing(responses)
        fill(responses, range(10, 30))
        (responses.folder / "holiday.jpg").write_bytes(b"x")
        before = {path: path.stat().st_ctime_ns for path in responses.folder.rglob("*")}
        outcome = figures_kept(responses, judge(responses), "1")
        assert outcome.figures == counted(range(10))
        assert [name for name, _ in outcome.left_out] == ["holiday.jpg"]
        assert before == {path: path.stat().st_ctime_ns for path in responses.folder.rglob("*")}
        assert figures_kept(responses, judge(responses), "2").figures is None


class TestBadFiles:
    def test_every_kind_is_named_once_and_left_where_it_is(
        self, responses: Responses, tmp_path: Path
    ) -> None:
        fill(responses, range(20))
        folder = responses.folder
        (folder / "holiday.jpg").write_bytes(b"\xff\xd8")
        (folder / f"{'0' * 32}.json").write_bytes(b"{")
        (folder / f"{'1' * 32}.json").write_bytes(serialise(response(30))[:100])
        (folder / f"{'2' * 32}.json").write_bytes(b" " * 2_000_000)
        (folder / f"{'3' * 32}.json").symlink_to(tmp_path / "elsewhere")
        os.mkfifo(folder / f"{'4' * 32}.json")
        os.link(put(responses, 31), tmp_path / "second")
        put(responses, 32, questionnaire=LOADED_OTHER)
        put(responses, 33, answers={**response(33).answers, "drink": "water"})
        put(responses, 34, synthetic=True)
        (folder / "a\x1b[31m.json").write_bytes(b"{}")
        outcome = sealing(responses)
        assert outcome.taken == 20
        names = [name for name, _ in outcome.left_out]
        assert len(names) == len(set(names)) == 11
        assert not any("\x1b" in name + wrong for name, wrong in outcome.left_out)
        assert len(responses.names()) == 11

    def test_what_was_copied_by_hand_is_taken_in_and_said(self, responses: Responses) -> None:
        fill(responses, range(10))
        (path := next(responses.files())).touch()
        outcome = sealing(responses)
        assert outcome.taken == 10
        assert outcome.left_out == (
            (path.name, "its modification time reveals when it was written"),
        )
        assert_tells_nothing(responses)

    def test_the_same_again_is_removed_and_another_of_that_id_is_named(
        self, responses: Responses
    ) -> None:
        fill(responses, range(10))
        sealing(responses)
        put(responses, 3)
        double = put(responses, 4, answers=response(5).answers)
        outcome = sealing(responses)
        assert responses.names() == [double.name]
        assert [name for name, _ in outcome.left_out] == [double.name]
        assert outcome.figures == counted(range(10))

    def test_a_line_that_was_damaged_is_named_each_time(self, responses: Responses) -> None:
        fill(responses, range(20))
        sealing(responses)
        (path,) = files(responses)
        lines = path.read_bytes().splitlines(keepends=True)
        lost = json.loads(lines[4])["response_id"]
        path.write_bytes(b"".join([*lines[:4], b"{}\n", *lines[5:]]))
        os.utime(path, (NEUTRAL_TIME, NEUTRAL_TIME))
        for thorough in (True, True, False):
            outcome = sealing(responses, thorough=thorough)
            assert [name for name, _ in outcome.left_out] == [f"sealed/{path.name} line 5"]
        fill(responses, range(20, 30))
        left = [n for n in range(30) if response_id(receipt(n)) != lost]
        outcome = sealing(responses)
        assert (outcome.taken, outcome.counted, outcome.waiting) == (10, 25, 4)
        assert_counts_of(responses, outcome.figures, left)
        assert b"{}\n" in path.read_bytes()

    def test_a_file_that_was_put_there_by_hand_is_counted_once(self, responses: Responses) -> None:
        fill(responses, range(20))
        sealing(responses)
        (path,) = files(responses)
        lines = path.read_bytes().splitlines(keepends=True)
        copy = path.with_name(f"{'0' * 32}.jsonl")
        copy.write_bytes(b"".join(lines[:10]))
        fill(responses, range(20, 30))
        assert sealing(responses).figures == counted(range(30))
        assert not copy.exists()
        assert_whole(responses, range(30))

    def test_foreign_files_among_the_sealed_ones_are_named(self, responses: Responses) -> None:
        fill(responses, range(10))
        sealing(responses)
        (responses.folder / "sealed" / "notes.txt").touch()
        os.mkfifo(responses.folder / "sealed" / f"{'0' * 32}.jsonl")
        names = {name for name, _ in sealing(responses).left_out}
        assert names == {"sealed/notes.txt", f"sealed/{'0' * 32}.jsonl"}


def assert_counts_of(responses: Responses, figures: object, of: list[int]) -> None:
    """The figures count exactly the sealed responses among these whose lines are usable."""
    numbers = {response_id(receipt(number)): number for number in of}
    lines = b"".join(path.read_bytes() for path in files(responses)).splitlines()
    ids = [json.loads(line).get("response_id") for line in lines]
    assert figures == counted(numbers[each] for each in ids if each)


LOADED_OTHER = {"id": "cafe", "version": "2.0.0", "sha256": "b" * 64}


class TestWithdrawal:
    def test_one_that_waits(self, responses: Responses) -> None:
        fill(responses, range(12))
        assert withdraw(responses, receipt(3))
        assert not withdraw(responses, receipt(3))
        assert_whole(responses, [n for n in range(12) if n != 3])

    @pytest.mark.parametrize("counts", [True, False])
    def test_one_that_is_sealed(self, responses: Responses, counts: bool) -> None:
        fill(responses, range(30))
        first = sealing(responses).figures
        counting = Counting()
        found = (
            withdraw(responses, receipt(3), judge(responses), counting.method)
            if counts
            else withdraw(responses, receipt(3))
        )
        assert found
        left = [n for n in range(30) if n != 3]
        assert_whole(responses, left)
        assert_tells_nothing(responses)
        for thorough in (False, True):
            assert sealing(responses, counting, thorough=thorough).figures == first
        fill(responses, range(30, 40))
        after = sealing(responses, counting).figures
        assert after == of_sealed(responses, [*left, *range(30, 40)])
        assert counting.read == (10 if counts else 39)
        assert_whole(responses, [*left, *range(30, 40)])
        assert_tells_nothing(responses)
        assert not withdraw(responses, receipt(3))

    def test_one_whose_response_is_sealed_and_whose_text_waits(self, responses: Responses) -> None:
        fill(responses, range(12))
        sealing(responses)
        assert withdraw(responses, receipt(3))
        assert_whole(responses, [n for n in range(12) if n != 3])

    def test_a_copy_that_comes_back_is_refused(self, responses: Responses) -> None:
        fill(responses, range(30))
        sealing(responses)
        withdraw(responses, receipt(3))
        fill(responses, [3, *range(30, 50)])
        outcome = sealing(responses)
        assert outcome.taken == 20
        assert {wrong for _, wrong in outcome.left_out} == {"it was withdrawn"}
        assert len(outcome.left_out) == 2

    def test_a_text_that_cannot_be_read_goes_with_its_sealed_response(
        self, responses: Responses
    ) -> None:
        fill(responses, range(12))
        sealing(responses)
        (responses.texts / f"{text(3).text_id}.json").write_bytes(b"{")
        assert withdraw(responses, receipt(3))
        assert_whole(responses, [n for n in range(12) if n != 3])

    def test_a_pool_that_cannot_be_read_is_said_and_the_rest_is_withdrawn(
        self, responses: Responses
    ) -> None:
        fill(responses, range(30))
        sealing(responses)
        (pool,) = (responses.folder / "sealed" / "texts").glob("*.jsonl")
        whole = pool.read_bytes()
        pool.write_bytes(b"half")
        with pytest.raises(StoreError, match=r"cannot be read: The last line is incomplete\."):
            withdraw(responses, receipt(3))
        assert 3 not in sealed_numbers(responses, range(30))
        pool.write_bytes(whole)
        assert withdraw(responses, receipt(3))
        assert_whole(responses, [n for n in range(30) if n != 3])

    def test_a_text_waits_as_long_as_its_pool_cannot_be_read(self, responses: Responses) -> None:
        """A crash left the text waiting; an unreadable pool cannot show whether it is sealed."""
        fill(responses, range(30))
        path = responses.texts / f"{text(3).text_id}.json"
        content = path.read_bytes()
        sealing(responses)
        path.write_bytes(content)
        (pool,) = (responses.folder / "sealed" / "texts").glob("*.jsonl")
        whole = pool.read_bytes()
        pool.write_bytes(whole[:-1])
        sealing(responses)
        assert path.read_bytes() == content
        pool.write_bytes(whole)
        sealing(responses)
        assert not path.exists()

    def test_a_sealed_file_that_cannot_be_read_does_not_pass_for_one_without_it(
        self, responses: Responses
    ) -> None:
        fill(responses, range(30))
        sealing(responses)
        (path,) = files(responses)
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(StoreError, match="cannot be read"):
            withdraw(responses, receipt(999))
        assert not (responses.folder / "withdrawn").exists()

    def test_only_a_hash_is_remembered(self, responses: Responses) -> None:
        fill(responses, range(10))
        withdraw(responses, receipt(3))
        remembered = (responses.folder / "withdrawn").read_text()
        own = response_id(receipt(3))
        assert hash_of(own) in remembered.splitlines()
        assert own not in remembered
        everything = b"".join(
            path.read_bytes() for path in responses.folder.rglob("*") if path.is_file()
        )
        assert own.encode() not in everything

    def test_a_wrong_receipt_changes_nothing(self, responses: Responses) -> None:
        fill(responses, range(30))
        sealing(responses)
        before = {path: path.read_bytes() for path in responses.folder.rglob("*") if path.is_file()}
        assert not withdraw(responses, receipt(999))
        assert before == {
            path: path.read_bytes() for path in responses.folder.rglob("*") if path.is_file()
        }

    def test_all_of_a_file_can_be_withdrawn(self, responses: Responses) -> None:
        fill(responses, range(10))
        sealing(responses)
        for number in range(10):
            assert withdraw(responses, receipt(number))
        assert_whole(responses, [])
        fill(responses, range(10, 20))
        assert sealing(responses).figures == counted(range(10, 20))
        assert_whole(responses, range(10, 20))


class TestKinds:
    def test_synthetic_and_real_never_stand_together(self, tmp_path: Path) -> None:
        real = begin(tmp_path / "real")
        with pytest.raises(StoreError, match="created for real"):
            real.prepare("cafe", synthetic=True)
        synthetic = begin(tmp_path / "synthetic", synthetic=True)
        with pytest.raises(StoreError, match="created for synthetic"):
            synthetic.prepare("cafe")

    def test_a_sealed_folder_without_its_terms_takes_nothing(self, responses: Responses) -> None:
        fill(responses, [*range(0, 20, 2)])
        sealing(responses)
        (responses.folder / "folder.json").unlink()
        with pytest.raises(StoreError, match=r"no folder\.json"):
            responses.prepare("cafe", synthetic=True)
        found = terms_found(responses)
        assert found is not None
        assert not found.synthetic


class TestAtRest:
    """If nothing has changed, figures are printed without reading any response."""

    def at_rest(self, responses: Responses) -> bool:
        return figures_at_rest(responses, LOADED.sha256, "1") is not None

    def test_a_few_that_wait_and_bad_files_do_not_matter(self, responses: Responses) -> None:
        fill(responses, range(20))
        (responses.folder / "holiday.jpg").touch()
        sealing(responses)
        fill(responses, range(20, 25))
        assert not self.at_rest(responses)
        outcome = sealing(responses)
        assert self.at_rest(responses)
        assert sealing(responses, thorough=False) == outcome
        assert [name for name, _ in outcome.left_out] == ["holiday.jpg"]

    @pytest.mark.parametrize("of", ["a response", "a text", "folder.json", "a sealed file"])
    def test_a_change_is_noticed(self, responses: Responses, of: str) -> None:
        fill(responses, range(12))
        sealing(responses)
        fill(responses, range(20, 25))
        sealing(responses)
        assert self.at_rest(responses)
        path = {
            "a response": next(responses.files()),
            "a text": next(responses.files(Kind.TEXT)),
            "folder.json": responses.folder / "folder.json",
            "a sealed file": files(responses)[0],
        }[of]
        path.write_bytes(path.read_bytes() + b"\n")
        assert not self.at_rest(responses)

    @pytest.mark.parametrize("name", ["x.jpg", "texts/x.jpg", "sealed/x.jpg", "sealed/texts/x.jpg"])
    def test_a_foreign_file_is_noticed_and_named_once(
        self, responses: Responses, name: str
    ) -> None:
        fill(responses, range(20))
        sealing(responses)
        (responses.folder / name).touch()
        assert not self.at_rest(responses)
        first = sealing(responses)
        assert len(first.left_out) == 1
        assert sealing(responses, thorough=False) == first

    def test_what_comes_while_it_is_sealed_does_not_pass_for_looked_at(
        self, responses: Responses
    ) -> None:
        fill(responses, range(12))

        def come(done: int, of: int) -> None:
            if done == of == 12:
                fill(responses, range(20, 40))

        seal(responses, judge(responses), Counting().method, progress=come)
        assert not self.at_rest(responses)
        assert sealing(responses, thorough=False).taken == 20
