"""Every command ends with its documented exit code if its output is full or nobody reads it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from microcred_cli.__main__ import run
from microcred_cli.cli.standard_streams import _Output
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, new_code, show
from tests.cli.commands import commands, runs
from tests.cli.test_outcomes import fill
from tests.crypto.test_keys import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.program import Place

OPTIONS = {
    "respond": "--plain",
    "interview": "--plain --mode phone",
    "resume": "--plain",
    "cases load": "sample.csv",
    "cases share": "2 parts",
    "cases join": "other.json",
    "collect": "source",
    "export": "there",
    "drop": "there --group nobody-has-this-name",
    "simulate": "1 --responses made",
    "keys new": "my.key --no-passphrase",
    "questionnaire check": "short.yaml",
    "questionnaire export": "short.yaml --to html --output -",
    "questionnaire new": "new.yaml",
    "questionnaire translate": "de short.yaml",
}
"""What is added to the names of commands."""

TRIED = [words.partition(" ")[2] for words, inner in commands().items() if runs(inner)]
"""Every command, and the program alone, whose name is empty."""

SILENT = {
    "withdraw": 1,
    "seal": 0,
    "drop": 2,
    "simulate": 0,
    "drafts delete": 0,
    "cases load": 0,
    "cases share": 0,
    "cases join": 0,
}
"""The exit codes of commands that print nothing to standard output."""

FINDS = {"keys check", "fieldwork check"}
"""Commands that find something here."""

PAUSED = {"respond", "interview", "resume", "enter"}

LISTS = ("interview --mode phone --case A-1", "interview --mode phone --training", "enter --verify")
"""Commands that begin with a list or a line, before any interview."""


def ended(arguments: list[str], descriptor: int, typed: str) -> tuple[int, str]:
    """The exit code and the messages of a run that prints to this descriptor."""
    out = io.TextIOWrapper(
        io.BufferedWriter(_Output(descriptor, "w", closefd=False)), encoding="utf-8"
    )
    err = io.StringIO()
    with (
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode()))),
        mock.patch.object(sys, "argv", ["microcred", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = run()
        with contextlib.suppress(OSError):
            out.close()
    return code, err.getvalue()


def prepare(place: Place, name: str) -> str:
    """Make what a command needs in the folder; returns its input."""
    if name in ("resume", "drafts", "drafts delete"):
        begun = place.run("respond", "--plain", "--responses", "real", typed="1\n1\n1\n")
        return f"{begun.resume_code}\n1\n"
    if name.partition(" ")[0] in ("outcomes", "cases", "progress"):
        fill(place.folder / "case-log.json")
        fill(place.folder / "other.json")
        place.write("sample.csv", "case\nA-1\n")
    elif name == "keys check":
        place.write("fieldwork.toml", f'recipients = ["{PUBLIC}"]')
    elif "short.yaml" in OPTIONS.get(name, ""):
        assert place.run("questionnaire", "new", "short.yaml").code == 0
    elif name in ("withdraw", "summary", "check", "seal", "collect"):
        assert place.simulate(12).code == 0
        assert place.run("simulate", "2", "--responses", "source").code == 0
    elif name in ("texts", "export"):
        assert place.simulate(200 if name == "texts" else 20).code == 0
        assert place.run("seal").code == 0
    return f"{show(new_code(RECEIPT_SYMBOLS))}\n" if name == "withdraw" else ""


@pytest.fixture
def closed() -> Iterator[int]:
    """The writing end of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def words_of(name: str, place: Place) -> list[str]:
    separate = name in PAUSED
    return [
        *name.split(),
        *OPTIONS.get(name, "").split(),
        *(["--responses", str(place.folder / "real")] if separate else []),
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("name", TRIED)
def test_full_output_is_a_storage_error_with_its_reason(place: Place, name: str) -> None:
    typed = prepare(place, name)
    full = os.open("/dev/full", os.O_WRONLY)
    code, err = ended(words_of(name, place), full, typed)
    os.close(full)
    if name in SILENT:
        assert code == SILENT[name]
    else:
        assert code == 4
        assert "Could not write to standard output: No space left on device." in err
    if name == "questionnaire new":
        assert "The definition was written to this file: new.yaml" in err
    if name == "resume":
        assert len(place.drafts) == 1


@pytest.mark.parametrize("name", TRIED)
def test_a_reader_who_has_read_enough_is_no_error(place: Place, closed: int, name: str) -> None:
    typed = prepare(place, name)
    code, err = ended(words_of(name, place), closed, typed)
    assert code == (130 if name in PAUSED else SILENT.get(name, int(name in FINDS))), err
    assert "could not be written" not in err


@pytest.mark.parametrize("words", LISTS)
def test_losing_the_first_list_is_an_interruption(place: Place, closed: int, words: str) -> None:
    arguments = [*words.split(), "--plain"]
    assert place.run(*arguments).code == 130
    assert ended(arguments, closed, "8\n")[0] == 130
    if Path("/dev/full").exists():
        full = os.open("/dev/full", os.O_WRONLY)
        code, err = ended(arguments, full, "8\n")
        os.close(full)
        assert (code, "No space left on device." in err) == (4, True)
    assert place.run(*arguments, typed=":pause\n").code == 0


def test_so_it_is_with_the_help_of_every_command(closed: int) -> None:
    for words in commands():
        arguments = [*words.split()[1:], "--help"]
        assert ended(arguments, closed, "")[0] == 0, words
        if Path("/dev/full").exists():
            full = os.open("/dev/full", os.O_WRONLY)
            assert ended(arguments, full, "")[0] == 4, words
            os.close(full)


def test_a_finding_is_still_told_to_who_reads_only_the_beginning(place: Place, closed: int) -> None:
    prepare(place, "check")
    place.files[0].write_bytes(b"half")
    assert ended(["check"], closed, "")[0] == 1
    place.files[1].rename(place.folder / "source" / f"{'0' * 32}.json")
    assert ended(["collect", "source", "--responses", "made"], closed, "")[0] == 1
