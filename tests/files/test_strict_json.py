import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.errors import StoreError
from microcred_cli.files import HERE, MissingError
from microcred_cli.files.reading import LIMIT, DamagedError, read_file, read_lines
from microcred_cli.files.strict_json import parse_json, read_json
from tests.hostile import corpora

posix = pytest.mark.skipif(not HERE.modes, reason="the system has no POSIX files")


def corpus(kind: str) -> list[Path]:
    return corpora.needed(corpora.json_files(kind), 35)


def is_taken(data: bytes) -> bool:
    try:
        parse_json(data)
    except DamagedError:
        return False
    return True


def test_what_every_json_reader_must_accept_is_accepted_but_for_double_keys() -> None:
    refused = {file.name for file in corpus("y") if not is_taken(file.read_bytes())}
    assert refused == corpora.TWICE_ON_PURPOSE


def test_what_every_json_reader_must_refuse_is_refused() -> None:
    assert [file.name for file in corpus("n") if is_taken(file.read_bytes())] == []


def test_what_json_readers_may_do_as_they_like_raises_nothing_else() -> None:
    for file in corpus("i"):
        is_taken(file.read_bytes())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a": 1, "a": 1}', "same key twice"),
        (b'[{"x": {"a": 1, "b": 2, "a": 3}}]', "same key twice"),
        (b"NaN", "NaN and Infinity"),
        (b"[-Infinity]", "NaN and Infinity"),
        (b"1e999", "too large"),
        (b"-1e999", "too large"),
        (b"9007199254740992", "too large"),
        (b"9" * 5000, "too large"),
        (b'"\\ud800"', "half of a character"),
        (b'{"\\uDEAD": 1}', "half of a character"),
        (b'"\xff"', "Byte 2 is not UTF-8"),
        (b'"\xed\xa0\x80"', "Byte 2 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        ('{"a": 1}'.encode("utf-16"), "is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"", "line 1, column 1"),
        (b'{"a": 1}\n{"b": 2}', "line 2, column 1"),
        (b'{\n "a": tru\n}', "line 2, column 7"),
    ],
)
def test_the_reason_of_a_refusal_is_said(data: bytes, reason: str) -> None:
    with pytest.raises(DamagedError, match=reason) as refusal:
        parse_json(data, where="a.json")
    assert refusal.value.where == "a.json"


def test_whole_characters_and_safe_numbers_are_taken() -> None:
    assert parse_json(b'["\\ud83d\\ude00", "\\u0064", 9007199254740991, -1.5e3]') == [
        "😀",
        "d",
        2**53 - 1,
        -1500.0,
    ]


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=10,
)


@given(JSON_VALUES, st.booleans())
def test_what_was_written_is_read_back(value: Any, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False).encode()
    assert parse_json(data) == value


@given(st.binary() | st.text('{}[]",:\\u0dD8eE+-.1 ').map(str.encode))
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    is_taken(data)


def test_a_refusal_quotes_nothing_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for data in (b'{"secret": "secret" secret}', b'"secret\xff"', b'{"secret":1,"secret":2}'):
        path.write_bytes(data)
        with pytest.raises(DamagedError) as refusal:
            read_json(path)
        assert "secret" not in refusal.value.message + refusal.value.hint


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for size in (0, 1, 4095, 4096, 100_000, LIMIT):
        path.write_bytes(b"x" * size)
        assert len(read_file(path)) == size


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(8 * 2**30)
    with pytest.raises(DamagedError, match="longer than 1,048,576 bytes"):
        read_file(path)
    path.write_bytes(b"x" * 11)
    with pytest.raises(DamagedError, match="longer than 10 bytes"):
        read_file(path, limit=10)


@posix
def test_a_file_that_says_it_is_empty_is_still_held_to_the_limit() -> None:
    endless = Path("/proc/self/maps")
    if not endless.exists():
        pytest.skip("there is no /proc")
    with pytest.raises(DamagedError, match="longer than 100 bytes"):
        read_file(endless, limit=100)


def test_a_missing_file_is_told_apart(tmp_path: Path) -> None:
    name = "a\x1bb" if HERE.modes else "a b"
    with pytest.raises(MissingError, match="no such file") as refusal:
        read_file(tmp_path / name)
    assert str(refusal.value.where).endswith(name)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b" if HERE.modes else "a?b"])
def test_an_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(StoreError, match="can have this name"):
        read_file(Path(name))


@posix
def test_only_a_regular_file_under_its_own_name_is_read(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(b"{}")
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, reason in {
        "link": "symbolic link",
        "broken": "symbolic link",
        "folder": "not a regular file",
        "pipe": "not a regular file",
        "real/below": "There is a file where a folder",
    }.items():
        with pytest.raises(StoreError, match=reason):
            read_file(tmp_path / name, own=False)


@posix
def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
        with pytest.raises(StoreError):
            read_file(tmp_path / "socket")


@posix
def test_a_hard_link_is_refused_unless_the_file_need_not_be_ours(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"{}")
    (tmp_path / "a.json").hardlink_to(tmp_path / "elsewhere")
    with pytest.raises(DamagedError, match="hard link"):
        read_file(tmp_path / "a.json")
    assert read_file(tmp_path / "a.json", own=False) == b"{}"


@posix
def test_a_second_name_that_an_interrupted_write_left_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")
    (tmp_path / ".a.json.0123456789abcdef.part").hardlink_to(tmp_path / "a.json")
    assert read_file(tmp_path / "a.json") == b"{}"
    (tmp_path / "elsewhere").hardlink_to(tmp_path / "a.json")
    with pytest.raises(DamagedError, match="hard link"):
        read_file(tmp_path / "a.json")


@posix
def test_another_users_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"{}")
    try:
        os.chown(path, 12345, -1)
    except PermissionError:
        pytest.skip("changing the owner of a file requires root")
    with pytest.raises(DamagedError, match="another user"):
        read_file(path)
    assert read_file(path, own=False) == b"{}"


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"a\n\nb\r\n")
    assert list(read_lines(path)) == [b"a", b"", b"b\r"]


def test_a_torn_line_and_an_endless_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"a\nb")
    lines = read_lines(path)
    assert next(lines) == b"a"
    with pytest.raises(DamagedError, match="incomplete"):
        next(lines)
    path.write_bytes(b"x" * (LIMIT + 1))
    with pytest.raises(DamagedError, match="line is longer"):
        next(read_lines(path))


@posix
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.json").write_bytes(b"{")
    before = os.dup(0)
    os.close(before)
    for name in ("folder", "a.json", "missing"):
        with pytest.raises(StoreError):
            read_json(tmp_path / name)
    after = os.dup(0)
    os.close(after)
    assert after == before
