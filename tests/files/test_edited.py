"""Files that people edit or pipe in: one reader, with the same messages in every role."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.cases.log import CaseLog
from microcred_cli.cli.key_files import ask_secret, read_identities
from microcred_cli.cli.standard_streams import settle
from microcred_cli.errors import DefinitionError, MicrocredError, UsageError
from microcred_cli.fieldwork.settings import read_fieldwork
from microcred_cli.files import MissingError
from microcred_cli.files.reading import (
    LIMIT,
    DamagedError,
    NotTextError,
    TooLongError,
    as_text,
    read_edited,
)
from microcred_cli.questionnaire.languages import read_translation
from microcred_cli.questionnaire.loading import STATE_VARIABLE, load
from microcred_cli.session.answers_file import read_answers
from microcred_cli.terminal.console import ask_line
from tests.questionnaire.sample import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = b"\xef\xbb\xbf"
SECRET = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
LOCKED = b"""\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBWZDRXdFBROHdDaXM2eHlI
K3NoaGd3IDEwClVBelRNMkx2b1gwZ1NJaVVwWjVnSmZFcnFYMVNwZXZHMHBHbFVX
RGQzdkUKLS0tIDhEYkZmTStwNDluSUlPNkI3U2JXZlRISEVnR0ROOGg1eXUzNXFs
MUxjSGcKE7LLTCmkmYt8qoKj6qhzC1Ldrff1mCbZYT793lcQNDQRZ8ScuFoVA156
3WtmEnSoYgQumLCFaoG9PMwOqcNADU12VSsWkEA5Q8TVdNtfxyaTuT/ChiqCUfq6
yEA6a0CWxfTjTi9uAF1JWWp2nN2y
-----END AGE ENCRYPTED FILE-----
"""
"""A byte order mark and `SECRET`, encrypted to the passphrase "word" with a low work factor."""
TRANSLATION = """\
format: microcred-translation/1
questionnaire: q
language: de
texts:
  items.a.text:
    source: 'Who?'
    text: 'Wer?'
"""

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")


class Endless(io.RawIOBase):
    """A pipe whose writer never stops."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.given += len(buffer)
        assert self.given < 4 * LIMIT
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def pipe(data: bytes | io.RawIOBase) -> io.TextIOWrapper:
    raw = io.BytesIO(data) if isinstance(data, bytes) else io.BufferedReader(data)
    return io.TextIOWrapper(raw, encoding="utf-8")


def _text_of_a_setting(path: Path) -> object:
    settings = path.with_name("fieldwork.toml")
    settings.write_text(f'privacy_statement = "{path.name}"', encoding="utf-8")
    return read_fieldwork(settings).notices


def _piped_answers(path: Path) -> object:
    sys.stdin = pipe(path.read_bytes())
    return read_answers("-")


ROLES: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "a definition": ("questionnaire.yaml", SAMPLE, lambda path: load(path).sha256),
    "a translation": ("de.yaml", TRANSLATION, read_translation),
    "settings": ("fieldwork.toml", 'contact = "me"\ndraft_days = 3\n', read_fieldwork),
    "a text of the settings": ("statement.txt", "Some\nwords.\n", _text_of_a_setting),
    "answers": ("a.json", '{"answers":\n {}}\n', lambda path: read_answers(str(path))),
    "piped answers": ("a.json", '{"answers":\n {}}\n', _piped_answers),
    "a case log": (
        "case-log.json",
        '{"format": "microcred-cases/1",\n"cases": [], "interviews": []}\n',
        lambda path: CaseLog(path).read(),
    ),
    "a key file": ("a.key", f"# a key\n{SECRET}\n", lambda path: read_identities([str(path)])),
}
"""By role: the name of a file, its content, and the function that reads it."""

CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a byte order mark": lambda data: MARK + data,
    "the line ends of Windows": lambda data: data.replace(b"\n", b"\r\n"),
    "both": lambda data: MARK + data.replace(b"\n", b"\r\n"),
}
WRONG: dict[str, tuple[Callable[[str], bytes], str]] = {
    "Latin-1": (lambda text: f"{text}# caf\xe9\n".encode("latin-1"), "is not UTF-8"),
    "a NUL": (lambda text: f"{text}# \0\n".encode(), "is NUL"),
    "UTF-16": (lambda text: text.encode("utf-16"), "This is UTF-16"),
}


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    monkeypatch.setattr(sys, "stdin", sys.stdin)


def refusal(role: str, path: Path) -> str:
    with pytest.raises(MicrocredError) as refused:
        ROLES[role][2](path)
    error = refused.value
    faults = error.faults if isinstance(error, DefinitionError) else ()
    told = [error.message, error.hint, *(f"{f.line} {f.message} {f.hint}" for f in faults)]
    return " ".join(told)


@pytest.mark.parametrize("role", ROLES)
class TestInEveryRole:
    @pytest.mark.parametrize("change", CHANGES)
    def test_what_editors_do_changes_nothing(self, tmp_path: Path, role: str, change: str) -> None:
        name, text, read = ROLES[role]
        (tmp_path / name).write_bytes(text.encode())
        before = read(tmp_path / name)
        (tmp_path / name).write_bytes(CHANGES[change](text.encode()))
        assert read(tmp_path / name) == before

    @pytest.mark.parametrize("wrong", WRONG)
    def test_what_is_no_text_is_refused_with_its_place(
        self, tmp_path: Path, role: str, wrong: str
    ) -> None:
        name, text, _ = ROLES[role]
        made, words = WRONG[wrong]
        (tmp_path / name).write_bytes(made(text))
        told = refusal(role, tmp_path / name)
        assert words in told
        assert "Save the file as UTF-8." in told or "Save the file as plain text." in told
        line = 1 if wrong == "UTF-16" else text.count("\n") + 1
        assert line == 1 or f"on line {line}, " in told

    def test_what_has_no_end_is_not_read_to_it(
        self, tmp_path: Path, role: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / ROLES[role][0]
        if role == "piped answers":
            monkeypatch.setitem(ROLES, role, ("", "", lambda _: read_answers("-")))
            monkeypatch.setattr(sys, "stdin", pipe(Endless()))
        else:
            with path.open("wb") as file:
                file.truncate(8 * 2**30)
        told = refusal(role, path)
        assert "longer" in told or "larger" in told or "over 1 MiB" in told

    @pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "."])
    def test_a_device_or_folder_is_no_file(self, tmp_path: Path, role: str, name: str) -> None:
        if not Path(name).exists() or role == "piped answers":
            pytest.skip("not applicable")
        (tmp_path / ROLES[role][0]).symlink_to(Path(name).resolve())
        told = refusal(role, tmp_path / ROLES[role][0])
        assert re.search("not a regular file|no such file|symbolic link", told)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("ask", [ask_line, ask_secret])
def test_piped_lines_are_read_with_what_editors_do(ask: Callable[[str], str], change: str) -> None:
    sys.stdin = pipe(CHANGES[change](b"first \xc3\xa9\nsecond\n"))
    settle()
    assert [ask(""), ask("")] == ["first \xe9", "second"]


@pytest.mark.parametrize("ask", [ask_line, ask_secret])
def test_piped_lines_in_utf_16_are_named(ask: Callable[[str], str]) -> None:
    sys.stdin = pipe("first\n".encode("utf-16"))
    settle()
    with pytest.raises(MicrocredError, match="is UTF-16, not UTF-8") as refused:
        ask("")
    assert "Convert the input to UTF-8" in refused.value.hint


def test_a_long_passphrase_is_read_whole_or_refused() -> None:
    sys.stdin = pipe(b"x" * 1_000 + b"\n" + b"x" * 1_001 + b"\n")
    settle()
    assert ask_secret("") == "x" * 1_000
    with pytest.raises(UsageError, match="more than 1,000 characters"):
        ask_secret("")


def test_a_mark_before_an_encrypted_key_file_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(MARK + b"\r\n".join(LOCKED.splitlines()) + b"\r\n")
    monkeypatch.setattr(sys, "stdin", pipe(MARK + b"word\r\n"))
    settle()
    assert read_identities([str(path)]) == (SECRET,)


class TestReading:
    def test_a_file_is_read_whole_up_to_its_limit(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        for size in (0, 1, 70_000, LIMIT):
            path.write_bytes(b"x" * size)
            assert read_edited(path) == b"x" * size
        with pytest.raises(TooLongError, match="longer than 1,000 bytes"):
            read_edited(path, 1000)

    def test_a_link_that_a_person_named_is_followed(self, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"words")
        (tmp_path / "link").symlink_to("real")
        assert read_edited(tmp_path / "link") == b"words"

    @pipes
    def test_a_pipe_is_not_waited_for_and_no_descriptor_is_left(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        before = os.dup(0)
        os.close(before)
        with pytest.raises(DamagedError):
            read_edited(tmp_path / "pipe")
        after = os.dup(0)
        os.close(after)
        assert after == before

    def test_a_file_that_says_it_is_empty_is_held_to_the_limit(self) -> None:
        endless = Path("/proc/self/maps")
        if not endless.exists():
            pytest.skip("there is no /proc")
        with pytest.raises(TooLongError):
            read_edited(endless, 100)

    def test_a_name_that_cannot_be_is_refused(self) -> None:
        with pytest.raises(MicrocredError, match="can have this name"):
            read_edited(Path("a\0b"))

    def test_a_missing_file_is_told_apart(self, tmp_path: Path) -> None:
        with pytest.raises(MissingError):
            read_edited(tmp_path / "none")


class TestText:
    @pytest.mark.parametrize(
        ("data", "byte", "line"),
        [(b"\xff", 1, 1), (b"a\n\xff", 3, 2), (MARK + b"a\n\r\n\xe9", 8, 3), (b"\n\0", 2, 2)],
    )
    def test_the_first_wrong_byte_is_named_as_it_stands_in_the_file(
        self, data: bytes, byte: int, line: int
    ) -> None:
        with pytest.raises(NotTextError, match=f"Byte {byte}, on line {line}, is") as refused:
            as_text(data)
        assert refused.value.line == line

    def test_only_the_first_mark_is_left_out(self) -> None:
        assert as_text(MARK + MARK + b"a") == "\ufeffa"

    def test_every_line_ends_alike(self) -> None:
        assert as_text(b"a\r\nb\rc\n") == "a\nb\nc\n"

    def test_json_is_json_after_a_mark(self) -> None:
        assert json.loads(as_text(MARK + b'{"a": 1}')) == {"a": 1}
