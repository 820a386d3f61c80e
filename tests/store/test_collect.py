"""Collecting: each valid record once, nothing overwritten, nothing lost, nothing revealed."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli import files
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files import NEUTRAL_TIME
from microcred_cli.files.reading import read_file
from microcred_cli.records.receipts import response_id
from microcred_cli.records.shapes import serialise
from microcred_cli.store import collect as collecting
from microcred_cli.store import sources
from microcred_cli.store.index import Tombstones, hash_of
from microcred_cli.store.layout import Kind
from microcred_cli.store.quarantine import Quarantine
from microcred_cli.store.segments import Segments
from microcred_cli.store.withdraw import withdraw
from tests.store.collecting import collect, snapshot
from tests.store.sealing import (
    assert_whole,
    begin,
    fill,
    judge,
    receipt,
    response,
    sealed_numbers,
    sealing,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from microcred_cli.store.folder import Responses
    from microcred_cli.store.sources import FromSource


@pytest.fixture(autouse=True)
def _without_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture
def all_(tmp_path: Path) -> Responses:
    return begin(tmp_path / "all")


@pytest.fixture
def anna(tmp_path: Path) -> Responses:
    return begin(tmp_path / "stick" / "anna")


@pytest.fixture
def ben(tmp_path: Path) -> Responses:
    return begin(tmp_path / "stick" / "ben")


def name_of(number: int) -> str:
    return f"{response_id(receipt(number))}.json"


def numbers_in(responses: Responses, upto: int = 40) -> list[int]:
    names = set(responses.names())
    found = [number for number in range(upto) if name_of(number) in names]
    assert len(found) == len(names)
    return found


def apart(responses: Responses) -> list[bytes]:
    folder = responses.folder / "set-apart"
    return sorted(path.read_bytes() for path in folder.iterdir() if path.name != "reasons.json")


def only(report: list[FromSource]) -> FromSource:
    (part,) = report
    return part


# -- collected records --------------------------------------------------------------------------


def test_responses_and_texts_are_taken_from_folders_directly_below(
    all_: Responses, anna: Responses, ben: Responses, tmp_path: Path
) -> None:
    fill(anna, range(3))
    fill(ben, range(3, 8))
    before = snapshot(tmp_path / "stick")
    report = collect(all_, tmp_path / "stick")
    assert [part.responses.taken for part in report] == [3, 5]
    assert [part.texts.taken for part in report] == [1, 3]
    assert numbers_in(all_) == list(range(8))
    assert len(all_.names(Kind.TEXT)) == 4
    assert snapshot(tmp_path / "stick") == before


def test_what_is_taken_tells_nothing_by_rights_and_time(all_: Responses, anna: Responses) -> None:
    fill(anna, range(3))
    for path in anna.folder.iterdir():
        path.chmod(0o644 if path.is_file() else 0o755)
        os.utime(path)
    (anna.folder / "broken").write_bytes(b"")
    (anna.folder / name_of(9)).write_bytes(b"broken")
    collect(all_, anna.folder)
    paths = [all_.folder, *all_.folder.rglob("*")]
    assert len(paths) > 8
    for path in paths:
        assert files.findings_on(path) == (), path


def test_the_same_again_changes_nothing(all_: Responses, anna: Responses) -> None:
    fill(anna, range(5))
    (anna.folder / name_of(9)).write_bytes(b"broken")
    collect(all_, anna.folder)
    before = snapshot(all_.folder)
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.responses.already, len(part.apart)) == (0, 5, 1)
    assert snapshot(all_.folder) == before


def test_the_same_answers_under_another_id_are_another_response(
    all_: Responses, anna: Responses
) -> None:
    twin = response(2, answers=response(1).answers)
    anna.store(response(1), [])
    anna.store(twin, [])
    collect(all_, anna.folder)
    assert numbers_in(all_) == [1, 2]


@pytest.mark.parametrize(
    "name", ["{} (conflicted copy 2027-01-01).json", "{} 2.json", "Copy of {}.json", "{}.JSON"]
)
def test_a_copy_of_a_sync_client_is_a_double_or_the_response_itself(
    all_: Responses, anna: Responses, name: str
) -> None:
    fill(anna, range(2))
    for number in (1, 2):
        copy = name.format(response_id(receipt(number)))
        (anna.folder / copy).write_bytes(serialise(response(number)))
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.responses.already) == (3, 1)
    assert numbers_in(all_) == [0, 1, 2]
    assert part.apart == []


def test_a_name_in_capitals_is_its_own(all_: Responses, anna: Responses) -> None:
    (anna.folder / name_of(1).upper()).write_bytes(serialise(response(1)))
    collect(all_, anna.folder)
    assert numbers_in(all_) == [1]


def test_the_file_under_its_own_name_stays_where_a_copy_differs(
    all_: Responses, anna: Responses
) -> None:
    for number in range(6):
        other = serialise(response(number, mode="phone"))
        (anna.folder / f"A {name_of(number)}").write_bytes(other)
    fill(anna, range(6))
    collect(all_, anna.folder)
    for number in range(6):
        assert (all_.folder / name_of(number)).read_bytes() == serialise(response(number))
    assert len(apart(all_)) == 6


def test_texts_stand_before_the_responses_do(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, range(12))
    written: list[str] = []
    real = files.create_together

    def noted(files: Any) -> list[bool]:
        written.extend(path.parent.name for path, _ in files)
        return real(files)

    monkeypatch.setattr(files, "create_together", noted)
    collect(all_, anna.folder)
    assert written == ["texts"] * 6 + ["all"] * 12


def test_what_a_killed_collection_left_of_writing_goes(all_: Responses, anna: Responses) -> None:
    fill(anna, [1])
    for folder, name in ((all_.folder, name_of(1)), (all_.texts, anna.names(Kind.TEXT)[0])):
        (folder / f".{name}.{'0' * 16}.part").write_bytes(b"half")
    collect(all_, anna.folder)
    assert not list(all_.folder.rglob("*.part"))


def test_another_content_under_an_id_is_set_apart_and_both_are_kept(
    all_: Responses, anna: Responses
) -> None:
    fill(all_, [1])
    anna.store(response(1, mode="phone"), [text(1, text="Other words")])
    fill(all_, [1])
    part = only(collect(all_, anna.folder))
    assert [reason for _, reason in part.apart] == [collecting.CONFLICT] * 2
    assert (all_.folder / name_of(1)).read_bytes() == serialise(response(1))
    assert serialise(response(1, mode="phone")) in apart(all_)


def test_what_cannot_be_read_just_now_is_not_another_content(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (all_, anna):
        fill(folder, [1])

    def refuse(path: Path) -> bytes:
        with files.faults_named(path):
            raise OSError(errno.EMFILE, "too many open files")

    with monkeypatch.context() as refused:
        refused.setattr(collecting, "read_file", refuse)
        with pytest.raises(StoreError, match="Too many files are open"):
            collect(all_, anna.folder)
    assert not Quarantine(all_.folder).folder.exists()
    assert only(collect(all_, anna.folder)).responses.already == 1


def _with(change: Callable[[bytes], bytes]) -> bytes:
    return change(serialise(response(7)))


DAMAGE = {
    "empty": b"",
    "cut": _with(lambda data: data[:200]),
    "binary": bytes(range(256)),
    "a flipped bit": _with(lambda data: data.replace(b'"drink": "', b'"drink": "x')),
    "two keys": _with(lambda data: data.replace(b"{", b'{"status": "complete",', 1)),
    "another layout": _with(lambda data: data.replace(b"\n  ", b"\n\t")),
    "carriage returns": _with(lambda data: data.replace(b"\n", b"\r\n")),
    "an unknown key": _with(lambda data: data.replace(b"{", b'{"name": "Anna",', 1)),
    "another version": _with(lambda data: data.replace(b'"1.0.0"', b'"1.0.1"')),
    "another definition": _with(lambda data: data.replace(b"a" * 64, b"b" * 64)),
    "synthetic": _with(lambda data: data.replace(b'synthetic": false', b'synthetic": true')),
    "another id": serialise(response(8)),
    "off the route": _with(lambda data: data.replace(b'"not_asked"', b'["plum"]')),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_set_apart_once_with_the_reason(
    all_: Responses, anna: Responses, kind: str
) -> None:
    fill(anna, range(3))
    (anna.folder / name_of(7)).write_bytes(DAMAGE[kind])
    collect(all_, anna.folder)
    part = only(collect(all_, anna.folder))
    assert [name for name, _ in part.apart] == [name_of(7)]
    assert all(reason for _, reason in part.apart)
    assert apart(all_) == [DAMAGE[kind]]
    assert [*Quarantine(all_.folder).reasons().values()] == [reason for _, reason in part.apart]
    assert numbers_in(all_) == [0, 1, 2]
    assert part.responses.already == 3


def test_a_damaged_text_is_set_apart(all_: Responses, anna: Responses) -> None:
    fill(anna, [1])
    (path,) = anna.files(Kind.TEXT)
    path.write_bytes(path.read_bytes().replace(b"Because", b"a@example.org"))
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.texts.taken, len(part.apart)) == (1, 0, 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_links_pipes_and_endless_files_are_left_and_named(
    all_: Responses, anna: Responses, tmp_path: Path
) -> None:
    fill(anna, [0])
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_bytes(serialise(response(1)))
    (anna.folder / name_of(1)).symlink_to(elsewhere)
    os.mkfifo(anna.folder / name_of(2))
    with (anna.folder / name_of(3)).open("wb") as file:
        file.truncate(2**33)
    part = only(collect(all_, anna.folder))
    assert {name for name, _ in part.left} == {name_of(1), name_of(2), name_of(3)}
    assert numbers_in(all_) == [0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no Unix sockets")
def test_however_many_links_and_sockets_stop_no_collection(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, range(3))
    for number in range(20, 40):
        (anna.folder / name_of(number)).symlink_to("/nowhere")
    monkeypatch.chdir(anna.folder)
    with contextlib.ExitStack() as stack:
        for number in range(40, 60):
            stack.enter_context(socket.socket(socket.AF_UNIX)).bind(name_of(number))
        part = only(collect(all_, anna.folder))
    assert (part.failure, len(part.left)) == (None, 40)
    assert numbers_in(all_) == [0, 1, 2]


def test_a_folder_that_is_a_symbolic_link_is_not_entered(
    all_: Responses, anna: Responses, ben: Responses
) -> None:
    fill(anna, [1])
    fill(ben, [3])
    shutil.rmtree(anna.texts)
    anna.texts.symlink_to(ben.texts)
    (anna.folder / "more").symlink_to(ben.folder)
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.texts.taken) == (1, 0)
    # The same applies to a link that replaces a folder after the folder was found.
    with (
        files.OpenFolder.opened(anna.folder) as folder,
        pytest.raises(StoreError),
        folder.below("more"),
    ):
        pass


def test_other_files_are_left_alone(all_: Responses, anna: Responses) -> None:
    fill(anna, [0])
    others = {
        "case-log.json": b'{"format": "microcred-cases/1"}',
        "notes.txt": b"Anna",
        "draft.json": b'{"format": "microcred-draft/1"}',
    }
    for name, data in others.items():
        (anna.folder / name).write_bytes(data)
    part = only(collect(all_, anna.folder, move=True))
    assert sorted(part.foreign) == sorted(others)
    assert part.apart == part.left == []
    for name, data in others.items():
        assert (anna.folder / name).read_bytes() == data


# -- moving ----------------------------------------------------------------------------------------


def test_what_is_moved_is_removed_from_its_source_and_its_terms_stay(
    all_: Responses, anna: Responses
) -> None:
    fill(all_, [1])
    fill(anna, range(4))
    (anna.folder / name_of(9)).write_bytes(b"broken")
    collect(all_, anna.folder, move=True)
    assert snapshot(anna.folder).keys() == {"folder.json"}
    assert numbers_in(all_) == [0, 1, 2, 3]
    assert apart(all_) == [b"broken"]
    assert anna.folder.stat().st_mtime == NEUTRAL_TIME


def test_a_file_that_changed_meanwhile_is_not_removed(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, [0, 2])
    real = files.create_together

    def meanwhile(files: Any) -> list[bool]:
        (anna.folder / name_of(0)).write_bytes(b"newer")
        return real(files)

    monkeypatch.setattr(files, "create_together", meanwhile)
    collect(all_, anna.folder, move=True)
    assert {path.name for path in anna.files()} == {name_of(0)}
    assert numbers_in(all_) == [0, 2]


def test_nothing_is_removed_before_it_was_read_again(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, [0])
    real = files.create_together

    def lying(files: Any) -> list[bool]:
        return real([(path, data[:-2] + b"\n\n") for path, data in files])

    monkeypatch.setattr(files, "create_together", lying)
    with pytest.raises(StoreError, match="reading it back"):
        collect(all_, anna.folder, move=True)
    assert anna.names() == [name_of(0)]


def test_a_source_that_takes_no_removal_is_copied_all_the_same(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, range(4))

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("This disk is read-only.", hint="")

    monkeypatch.setattr(files.OpenFolder, "remove", refuse)
    part = only(collect(all_, anna.folder, move=True))
    assert "read-only" in str(part.stuck)
    assert numbers_in(all_) == [0, 1, 2, 3]
    assert len(anna.names()) == 4


# -- withdrawals --------------------------------------------------------------------------------


def test_what_was_withdrawn_here_or_there_is_not_taken(
    all_: Responses, anna: Responses, ben: Responses
) -> None:
    fill(all_, [1])
    fill(anna, range(4))
    fill(ben, [3])
    assert withdraw(all_, receipt(1))
    assert withdraw(ben, receipt(3))
    report = collect(all_, anna.folder, ben.folder)
    assert report[0].responses.withdrawn == 2
    assert report[0].texts.withdrawn == 2
    assert numbers_in(all_) == [0, 2]
    assert Tombstones.read(all_.folder).hashes >= Tombstones.read(ben.folder).hashes


def test_what_was_withdrawn_at_the_source_goes_here_too(all_: Responses, anna: Responses) -> None:
    fill(anna, range(3))
    collect(all_, anna.folder)
    assert withdraw(anna, receipt(1))
    collect(all_, anna.folder)
    assert numbers_in(all_) == [0, 2]
    assert all_.names(Kind.TEXT) == []


def test_what_was_withdrawn_is_never_sealed_though_the_quarantine_cannot_be_read(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tombstones are written first, even if the quarantine is unreadable."""
    fill(anna, range(11))
    (anna.folder / name_of(20)).write_bytes(b"broken")
    collect(all_, anna.folder)
    assert withdraw(anna, receipt(1))

    def refuse(*_: object) -> None:
        raise StoreError("The disk reported an error.", hint="Look after it.")

    with monkeypatch.context() as patched:
        patched.setattr(Quarantine, "naming", refuse)
        with pytest.raises(StoreError, match="reported an error"):
            collect(all_, anna.folder)
    assert name_of(1) not in all_.names()
    sealing(all_)
    assert numbers_in(all_) == []
    assert 1 not in sealed_numbers(all_, range(11))


def test_what_was_set_apart_goes_with_a_withdrawal(all_: Responses, anna: Responses) -> None:
    fill(all_, [1])
    (anna.folder / name_of(1)).write_bytes(serialise(response(1, mode="phone")))
    (anna.folder / name_of(5)).write_bytes(serialise(response(1))[:-9])
    (anna.folder / name_of(7)).write_bytes(b"broken")
    collect(all_, anna.folder)
    assert len(apart(all_)) == 3
    assert withdraw(all_, receipt(1), judge(all_))
    assert apart(all_) == [b"broken"]
    own_id = response_id(receipt(1)).encode()
    assert not any(own_id in data for data, _ in snapshot(all_.folder).values())


def test_one_that_was_only_set_apart_can_be_withdrawn(all_: Responses, anna: Responses) -> None:
    (anna.folder / name_of(1)).write_bytes(serialise(response(1))[:-9])
    collect(all_, anna.folder)
    assert withdraw(all_, receipt(1))
    assert apart(all_) == []


def taken_back(drop: Responses, *numbers: int) -> None:
    """Withdraw from a drop folder, as its respondents do."""
    for number in numbers:
        for path in drop.named_after(receipt(number), ["why"]):
            path.unlink()


def as_drop(responses: Responses) -> Responses:
    for folder in (responses.texts, responses.folder):
        folder.chmod(files.DROP_MODE)
    return responses


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no drop folders")
@pytest.mark.parametrize("when", ["before it is written", "before it is removed"])
def test_what_is_taken_back_while_it_is_collected_from_a_drop_folder_is_withdrawn(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    fill(anna, range(4))
    (anna.folder / f"A {name_of(5)}").write_bytes(serialise(response(5))[:-9])
    as_drop(anna)
    real = files.create_together
    own = name_of(3)

    def meanwhile(files: Any) -> list[bool]:
        is_now = any(path.name == own for path, _ in files)
        made = real(files) if when == "before it is removed" else []
        if is_now:
            taken_back(anna, 3)
            (anna.folder / f"A {name_of(5)}").unlink()
        return made or real(files)

    monkeypatch.setattr(files, "create_together", meanwhile)
    part = only(collect(all_, anna.folder, move=True))
    assert part.responses.withdrawn == 2
    assert numbers_in(all_) == [0, 1, 2]
    assert all_.names(Kind.TEXT) == [all_.file_of(text(1).text_id, Kind.TEXT).name]
    assert apart(all_) == []
    for number in (3, 5):
        own_id = response_id(receipt(number))
        assert hash_of(own_id) in Tombstones.read(all_.folder).hashes
        assert not any(own_id.encode() in data for data, _ in snapshot(all_.folder).values())


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no drop folders")
def test_one_collection_at_a_time_moves_from_a_drop_folder(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(2))
    as_drop(anna)
    with files.OpenFolder.opened(anna.folder) as folder:
        folder.hold()
        with pytest.raises(files.InUseError):
            collect(all_, anna.folder, move=True)
    assert only(collect(all_, anna.folder, move=True)).responses.taken == 2


def test_a_withdrawal_that_is_heard_of_leaves_no_id(
    all_: Responses, anna: Responses, ben: Responses
) -> None:
    own_id = response_id(receipt(3))
    fill(all_, range(12))
    path = all_.file_of(own_id)
    path.write_bytes(path.read_bytes().replace(b"complete", b"complet"))
    sealing(all_)
    (ben.folder / name_of(5)).write_bytes(f'broken "{own_id}"'.encode())
    collect(all_, ben.folder)
    fill(anna, [3])
    assert withdraw(anna, receipt(3))
    collect(all_, anna.folder)
    assert not any(own_id.encode() in data for data, _ in snapshot(all_.folder).values())


# -- sealed ----------------------------------------------------------------------------------------


def test_what_is_sealed_here_is_a_double(all_: Responses, anna: Responses) -> None:
    fill(anna, range(25))
    collect(all_, anna.folder)
    assert sealing(all_).taken == 25
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.responses.already) == (0, 25)
    assert part.texts.already == 12
    assert all_.names() == all_.names(Kind.TEXT) == []


def test_what_is_sealed_in_a_source_is_sealed_here_at_once(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(10))
    assert sealing(anna).taken == 10
    fill(anna, range(12, 15))
    before = snapshot(anna.folder)
    part = only(collect(all_, anna.folder, move=True))
    assert part.responses.taken == 13
    assert part.texts.taken == 6
    assert numbers_in(all_) == [12, 13, 14]
    after = snapshot(anna.folder)
    assert {name for name in before if name not in after} == {
        *(name_of(number) for number in (12, 13, 14)),
        *(name for name in before if name.startswith("texts/")),
    }
    outcome = sealing(all_)
    assert (outcome.taken, outcome.left_out) == (0, ())
    # The figures count ten responses: no two summaries differ by the three that are waiting.
    assert outcome.figures == sealing(anna).figures
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.responses.already) == (0, 10)


def test_few_that_are_sealed_elsewhere_wait_here_for_others(
    all_: Responses, anna: Responses
) -> None:
    fill(all_, [*range(8), 20, 21])
    assert sealing(all_).taken == 10
    fill(anna, range(12))
    sealing(anna)
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.responses.already) == (4, 8)
    assert numbers_in(all_) == [8, 9, 10, 11]


def test_those_that_wait_here_are_of_the_batch_that_a_source_has_sealed(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(5))
    collect(all_, anna.folder)
    fill(anna, range(5, 15))
    there = sealing(anna)
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.responses.already) == (10, 5)
    here = sealing(all_)
    assert here.figures == there.figures
    assert all_.names() == []
    assert_whole(all_, range(15))


def test_one_of_another_content_that_waits_here_is_not_of_the_batch(
    all_: Responses, anna: Responses
) -> None:
    all_.store(response(3, mode="phone"), [])
    fill(anna, range(15))
    sealing(anna)
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, len(part.apart)) == (14, 1)
    # Ten are sealed here in one batch; four wait, and so does the one with different content.
    assert len(numbers_in(all_)) == 5
    assert 3 in numbers_in(all_)
    assert len(sealed_numbers(all_, range(15))) == 10


def test_sealed_files_that_are_never_the_same_are_a_failure(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, range(10))
    sealing(anna)
    real = files.OpenFolder.entries

    def entries(folder: files.OpenFolder) -> Any:
        found = real(folder)
        if folder.path.name == "sealed":
            for number, path in enumerate(folder.path.glob("*.jsonl")):
                path.rename(path.with_name(f"{os.urandom(15).hex()}{number:02}.jsonl"))
        return found

    monkeypatch.setattr(files.OpenFolder, "entries", entries)
    part = only(collect(all_, anna.folder))
    assert part.responses.taken == 0
    assert part.failure is not None


def test_a_sealed_file_that_reads_back_differently_does_not_stay(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, range(10))
    sealing(anna)
    real = files.create_durably

    def lying(path: Path, data: Any, **options: Any) -> bool:
        return real(path, b"".join(data)[:-1] + b"x", **options)

    with monkeypatch.context() as patched:
        patched.setattr(files, "create_durably", lying)
        with pytest.raises(StoreError, match="reading it back"):
            collect(all_, anna.folder)
    assert not list((all_.folder / "sealed").glob("*.jsonl"))
    assert only(collect(all_, anna.folder)).responses.taken == 10


def test_a_damaged_line_of_a_sealed_file_is_set_apart(all_: Responses, anna: Responses) -> None:
    fill(anna, range(12))
    sealing(anna)
    (path,) = (anna.folder / "sealed").glob("*.jsonl")
    first, *others = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([first[:99] + b"\n", *others, b"no end"]))
    part = only(collect(all_, anna.folder))
    assert part.responses.taken == 11
    assert apart(all_) == [first[:99] + b"\n"]
    assert [name for name, _ in part.left] == [f"sealed/{path.name}"]


def test_a_link_among_the_sealed_files_of_a_source_hinders_no_other(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(12))
    sealing(anna)
    names = ["0" * 32 + ".jsonl", "f" * 32 + ".jsonl"]
    for name in names:
        (anna.folder / "sealed" / name).symlink_to("/nowhere")
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.failure) == (12, None)
    assert sorted(name for name, _ in part.left) == [f"sealed/{name}" for name in names]


def test_a_link_in_the_place_of_what_was_collected_stops_no_removal(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, [0, 2, 4])
    real = files.create_together

    def meanwhile(files: Any) -> list[bool]:
        (anna.folder / name_of(2)).unlink()
        (anna.folder / name_of(2)).symlink_to("/nowhere")
        return real(files)

    monkeypatch.setattr(files, "create_together", meanwhile)
    part = only(collect(all_, anna.folder, move=True))
    assert part.stuck is None
    assert anna.names() == [name_of(2)]


def test_a_file_of_damaged_lines_is_one_entry_and_is_given_up(
    all_: Responses, anna: Responses
) -> None:
    fill(anna, range(12))
    sealing(anna)
    (path,) = (anna.folder / "sealed").glob("*.jsonl")
    path.write_bytes(path.read_bytes() + b"\n" * 100_000)
    part = only(collect(all_, anna.folder))
    assert part.responses.taken == 12
    assert [name for name, _ in part.apart] == [f"sealed/{path.name}, 200 lines"]
    assert [name for name, _ in part.left] == [f"sealed/{path.name}"]
    assert apart(all_) == [b"\n"]


def test_one_that_is_withdrawn_does_not_come_back_in_a_sealed_file(
    all_: Responses, anna: Responses
) -> None:
    fill(all_, [1])
    fill(anna, range(12))
    sealing(anna)
    assert withdraw(all_, receipt(1))
    part = only(collect(all_, anna.folder))
    assert (part.responses.taken, part.responses.withdrawn) == (11, 1)
    own_id = response_id(receipt(1)).encode()
    assert not any(own_id in data for data, _ in snapshot(all_.folder).values())


# -- sources and destinations -------------------------------------------------------------------


def test_a_folder_and_itself_or_one_in_it_are_refused(all_: Responses, anna: Responses) -> None:
    fill(all_, [1])
    link = all_.folder.parent / "link"
    link.symlink_to(all_.folder)
    inside = begin(all_.folder / "anna")
    for path in (all_.folder, link, inside.folder, all_.folder.parent):
        with pytest.raises(UsageError):
            collect(all_, path)
    assert numbers_in(all_) == [1]


def test_a_source_that_is_named_twice_is_one(
    all_: Responses, anna: Responses, tmp_path: Path
) -> None:
    fill(anna, range(3))
    link = tmp_path / "link"
    link.symlink_to(anna.folder)
    part = only(collect(all_, anna.folder, tmp_path / "stick", link))
    assert (part.responses.taken, part.responses.already) == (3, 0)


def test_a_folder_without_responses_is_refused(all_: Responses, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match="no responses"):
        collect(all_, tmp_path / "empty")


# -- failures during a collection ---------------------------------------------------------------


def _pulled_out(monkeypatch: pytest.MonkeyPatch, after: int, error: int) -> None:
    """Simulate removing a stick after so many files have been opened."""
    real_open, real_scan, left = os.open, os.scandir, [after]

    def opening(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is not None:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(error, os.strerror(error))
        return real_open(path, flags, mode, dir_fd=dir_fd)

    def listing(path: Any = ".") -> Any:
        if isinstance(path, int) and left[0] < 0:
            raise OSError(error, os.strerror(error))
        return real_scan(path)

    monkeypatch.setattr(os, "open", opening)
    monkeypatch.setattr(os, "scandir", listing)


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="the system lacks openat")
@pytest.mark.parametrize("error", [2, 5, 19])
@pytest.mark.parametrize("after", [2, 9, 14])
def test_a_stick_that_is_pulled_out_leaves_what_was_taken(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch, error: int, after: int
) -> None:
    fill(anna, range(12))
    monkeypatch.setattr(collecting, "_BATCH", 4)
    with monkeypatch.context() as pulled:
        _pulled_out(pulled, after, error)
        part = only(collect(all_, anna.folder, move=True))
    assert part.failure is not None
    assert "Run collect again" in part.failure.hint
    taken = part.responses.taken + part.texts.taken
    assert 0 < taken + 1 <= after
    collect(all_, anna.folder, move=True)
    assert numbers_in(all_) == list(range(12))
    assert len(all_.names(Kind.TEXT)) == 6
    assert anna.names() == anna.names(Kind.TEXT) == []


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="the system lacks openat")
def test_a_source_of_which_nothing_can_be_read_is_given_up(
    all_: Responses, anna: Responses, ben: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, range(0, 40, 2))
    fill(ben, [1])
    real_open, there = os.open, anna.folder.stat()

    def opening(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        in_anna = dir_fd is not None and os.path.samestat(os.fstat(dir_fd), there)
        if in_anna and str(path).startswith(tuple("0123456789abcdef")) and path != "folder.json":
            raise OSError(5, os.strerror(5))
        return real_open(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", opening)
    first, second = collect(all_, anna.folder, ben.folder)
    assert first.failure is not None
    assert len(first.left) < 10
    assert second.responses.taken == 1


def test_a_full_disk_ends_it_and_the_rest_comes_later(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, range(12))
    monkeypatch.setattr(collecting, "_BATCH", 4)
    real, left = os.link, [8]

    def linking(*arguments: Any, **options: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        real(*arguments, **options)

    with monkeypatch.context() as full:
        full.setattr(os, "link", linking)
        with pytest.raises(StoreError, match="full"):
            collect(all_, anna.folder, move=True)
    assert len(anna.names()) + len(numbers_in(all_)) >= 12
    assert not list(all_.folder.rglob("*.part"))
    collect(all_, anna.folder, move=True)
    assert numbers_in(all_) == list(range(12))


def test_one_that_is_handed_in_meanwhile_is_not_overwritten(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, [0, 2])
    real = files.create_together

    def meanwhile(files: Any) -> list[bool]:
        all_.store(response(0), [])
        all_.store(response(2, mode="phone"), [])
        return real(files)

    with monkeypatch.context() as context:
        context.setattr(files, "create_together", meanwhile)
        part = only(collect(all_, anna.folder))
    assert part.responses.already == 1
    assert [name for name, _ in part.apart] == [name_of(2)]
    assert (all_.folder / name_of(2)).read_bytes() == serialise(response(2, mode="phone"))


def test_one_that_is_sealed_at_the_source_meanwhile_is_found_there(
    all_: Responses, anna: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(anna, range(12))
    real, times = read_file, [0]

    def read(*arguments: Any, **options: Any) -> bytes:
        times[0] += 1
        if times[0] == 9:
            sealing(anna)
        return real(*arguments, **options)

    monkeypatch.setattr(sources, "read_file", read)
    collect(all_, anna.folder)
    monkeypatch.undo()
    collect(all_, anna.folder)
    sealing(all_)
    left = numbers_in(all_)
    sealed = [
        line
        for name in Segments(all_.folder).sizes(Kind.RESPONSE)[0]
        for line in Segments(all_.folder).lines(Kind.RESPONSE, name)
    ]
    assert len(left) + len(sealed) == 12


# -- random combinations ------------------------------------------------------------------------

_ACTIONS = st.tuples(
    st.sampled_from(["good", "copy", "other", "broken", "withdrawn", "seal"]),
    st.integers(0, 2),
    st.integers(0, 14),
)


@settings(max_examples=25, deadline=None)
@given(actions=st.lists(_ACTIONS, max_size=30), stops=st.lists(st.integers(1, 40), max_size=3))
def test_whatever_stands_in_the_sources_each_good_response_is_there_once(
    tmp_path_factory: pytest.TempPathFactory,
    actions: list[tuple[str, int, int]],
    stops: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("mix")
    sources = [begin(folder / "stick" / name) for name in "abc"]
    good, bad, withdrawn = _play(sources, actions)
    all_ = begin(folder / "all")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(collecting, "_BATCH", 3)
        for stop in stops:
            with pytest.MonkeyPatch.context() as stopped:
                _stopping(stopped, stop)
                with contextlib.suppress(KeyboardInterrupt):
                    collect(all_, folder / "stick", move=bool(stop % 2))
        collect(all_, folder / "stick")
        collect(all_, folder / "stick")
    there = {path.stem: path.read_bytes() for path in all_.files()}
    sealed = [
        judge(all_).record(Kind.RESPONSE, line).record_id
        for name in Segments(all_.folder).sizes(Kind.RESPONSE)[0]
        for line in Segments(all_.folder).lines(Kind.RESPONSE, name)
    ]
    assert len(sealed) == len(set(sealed))
    # A record waiting in one source but sealed in another is sealed; the next seal cleans up.
    there = {own_id: data for own_id, data in there.items() if own_id not in sealed}
    assert there.keys() | set(sealed) == good.keys() - withdrawn
    for own_id, data in there.items():
        assert data in good[own_id]
    set_apart = apart(all_) if (all_.folder / "set-apart").is_dir() else []
    others = [data for i in good.keys() - withdrawn - set(sealed) for data in good[i] - {there[i]}]
    assert set(set_apart) >= set(others)
    assert set(set_apart) <= {*bad, *(data for each in good.values() for data in each)}
    shutil.rmtree(folder)


def _play(
    sources: list[Responses], actions: list[tuple[str, int, int]]
) -> tuple[dict[str, set[bytes]], set[bytes], set[str]]:
    good: dict[str, set[bytes]] = {}
    bad: set[bytes] = set()
    withdrawn: set[str] = set()
    for kind, place, number in actions:
        source, own_id = sources[place], response_id(receipt(number))
        path = source.folder / f"{own_id}.json"
        data = serialise(response(number))
        if kind == "seal":
            fill(source, range(20, 31))
            sealing(source)
            for each in range(20, 31):
                good.setdefault(response_id(receipt(each)), set()).add(serialise(response(each)))
            continue
        if kind == "withdrawn":
            if withdraw(source, receipt(number)):
                withdrawn.add(own_id)
            continue
        if kind == "copy":
            path = path.with_name(f"{own_id} {place}.json")
        if kind == "other":
            data = serialise(response(number, mode="phone"))
        if kind == "broken":
            data = data[: 30 + number]
        if path.exists():
            continue
        path.write_bytes(data)
        if kind == "broken":
            bad.add(data)
        else:
            good.setdefault(own_id, set()).add(data)
    return good, bad, withdrawn


def _stopping(patched: pytest.MonkeyPatch, at: int) -> None:
    """Interrupt the n-th call that changes something."""
    left = [at]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            return real(*arguments, **options)

        return call

    for name in ("link", "unlink", "replace", "utime"):
        patched.setattr(os, name, counted(getattr(os, name)))
