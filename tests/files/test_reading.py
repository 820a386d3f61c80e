"""One reader for files that anyone may have put there: bounded, and never waiting."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from microcred_cli.files.reading import LIMIT, NotAFileError, TooLongError, read_file

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")


def test_a_file_is_read_whole_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for size in (0, 1, 70_000, LIMIT):
        path.write_bytes(b"x" * size)
        assert read_file(path) == b"x" * size
    with pytest.raises(TooLongError, match="longer than 1,000 bytes"):
        read_file(path, 1000)


def test_a_link_that_a_person_named_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"words")
    (tmp_path / "link").symlink_to("real")
    assert read_file(tmp_path / "link") == b"words"


@pipes
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotAFileError):
        read_file(tmp_path / "pipe")


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "."])
def test_a_device_or_folder_is_no_file(name: str) -> None:
    if not Path(name).exists():
        pytest.skip("the system has no such device")
    with pytest.raises(NotAFileError):
        read_file(Path(name))


def test_a_file_that_says_it_is_empty_is_held_to_the_limit() -> None:
    endless = Path("/proc/self/maps")
    if not endless.exists():
        pytest.skip("there is no /proc")
    with pytest.raises(TooLongError):
        read_file(endless, 100)


def test_a_name_that_cannot_be_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match="not possible"):
        read_file(Path("a\0b"))


@pipes
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = os.dup(0)
    os.close(before)
    with pytest.raises(NotAFileError):
        read_file(tmp_path / "pipe")
    after = os.dup(0)
    os.close(after)
    assert after == before
