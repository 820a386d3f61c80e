"""Disk space reserved for an interview: available when the disk fills up, removed at the end."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.errors import StoreError
from microcred_cli.files import (
    DROP_MODE,
    HERE,
    NEUTRAL_TIME,
    create_durably,
    is_drop,
    remove_leftovers,
    replace_durably,
    space_set_aside,
)
from tests.windows.skips import not_on_wine

if TYPE_CHECKING:
    from pathlib import Path


def reserved(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(".*") if path.name != ".names.lock")


class Disk:
    """A full disk: no new file fits while a file larger than `most` exists."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        self.folder, self.most, self.real = folder, most, os.open
        self.error = errno.ENOSPC
        monkeypatch.setattr(os, "open", self.open)

    def open(self, path: Any, flags: int, *more: Any, **named: Any) -> int:
        sizes = [each.stat().st_size for each in self.folder.iterdir()]
        is_new = flags & os.O_CREAT and not os.path.lexists(path)
        if is_new and max(sizes, default=0) > self.most:
            raise OSError(self.error, os.strerror(self.error))
        return self.real(path, flags, *more, **named)


@pytest.fixture(params=[True, False], ids=["allocating", "writing"])
def _allocating(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to allocate space for a file; the second works without `posix_fallocate`."""
    if not request.param:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    elif not hasattr(os, "posix_fallocate"):
        pytest.skip("the system lacks posix_fallocate")


@pytest.mark.usefixtures("_allocating")
def test_it_stands_while_it_is_held_and_tells_nothing(tmp_path: Path) -> None:
    with space_set_aside(tmp_path):
        files = reserved(tmp_path)
        assert sum(path.stat().st_size for path in files) >= 400_000
        assert not HERE.modes or {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
        assert {path.stat().st_mtime for path in (tmp_path, *files)} == {NEUTRAL_TIME}
    assert reserved(tmp_path) == []
    assert tmp_path.stat().st_mtime == NEUTRAL_TIME


def test_it_goes_when_the_interview_ends_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), space_set_aside(tmp_path):
        raise KeyboardInterrupt
    assert reserved(tmp_path) == []


def test_one_disk_holds_it_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with space_set_aside(tmp_path / "a", tmp_path / "b"):
        assert reserved(tmp_path / "a")
        assert not reserved(tmp_path / "b")


@pytest.mark.skipif(not HERE.modes, reason="the system has no drop folders")
def test_a_drop_folder_holds_none(tmp_path: Path) -> None:
    tmp_path.chmod(DROP_MODE)
    with space_set_aside(tmp_path):
        assert is_drop(tmp_path)
        assert reserved(tmp_path) == []


@not_on_wine
def test_what_a_crash_leaves_of_it_goes_with_the_other_leftovers(tmp_path: Path) -> None:
    with space_set_aside(tmp_path):
        left = len(reserved(tmp_path))
        assert remove_leftovers(tmp_path) == 0
        assert remove_leftovers(tmp_path, older_than=-1) == left


@pytest.mark.usefixtures("_allocating")
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_takes_a_file_in_the_room_of_the_plain_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    with space_set_aside(tmp_path):
        before = len(reserved(tmp_path))
        Disk(tmp_path, monkeypatch, 100_000).error = error
        replace_durably(tmp_path / "draft", b"answers")
        assert len(reserved(tmp_path)) == before - 1
    assert (tmp_path / "draft").read_bytes() == b"answers"


@pytest.mark.usefixtures("_allocating")
def test_where_no_new_file_can_be_made_the_pending_ones_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert create_durably(tmp_path / "folder.json", b"terms")
    with space_set_aside(tmp_path):
        Disk(tmp_path, monkeypatch, -1)
        replace_durably(tmp_path / "draft", b"old")
        replace_durably(tmp_path / "draft", b"new")
        assert create_durably(tmp_path / "response", b"answers", still=True)
        with pytest.raises(StoreError, match="The disk is full"):
            replace_durably(tmp_path / "draft", b"newer")
    assert reserved(tmp_path) == []
    assert (tmp_path / "draft").read_bytes() == b"new"
    assert (tmp_path / "response").read_bytes() == b"answers"
    status = (tmp_path / "response").stat()
    assert (status.st_nlink, status.st_mtime) == (1, NEUTRAL_TIME)
    assert not HERE.modes or stat.S_IMODE(status.st_mode) == 0o600


def test_it_is_not_touched_for_another_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with space_set_aside(tmp_path):
        before = reserved(tmp_path)
        Disk(tmp_path, monkeypatch, -1).error = errno.EIO
        with pytest.raises(StoreError, match="reported an error"):
            replace_durably(tmp_path / "draft", b"answers")
        assert reserved(tmp_path) == before


def test_a_disk_without_that_much_room_is_refused_without_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Disk(tmp_path, monkeypatch, 60_000)
    with pytest.raises(StoreError, match="The disk is full"), space_set_aside(tmp_path):
        raise AssertionError
    assert reserved(tmp_path) == []
