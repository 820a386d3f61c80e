"""A folder in which the program processes hostile input, inside or outside of a test."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from microcred_cli.__main__ import DEBUG_VARIABLE
from microcred_cli.files import NEUTRAL_TIME
from tests.cli.program import Place, sheet
from tests.places import checked, load_once

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.cli.program import Ran

IS_WHOLE = os.environ.get("HOSTILE") == "all"
"""True if everything is tested instead of a sample."""

ENOUGH = 12
"""The number of valid responses next to the bad ones; enough to be sealed."""


_IN_MEMORY = ("/dev/shm",)
"""A RAM disk, if there is one, so that results do not depend on the speed of the disk."""


class Outcome(NamedTuple):
    """The result of one bad input in one role; `trouble` is empty if there was no problem."""

    name: str
    trouble: str


@contextmanager
def at_work(folder: Path | None = None) -> Iterator[Place]:
    """A working folder, temporary by default, with environment variables that point to it."""
    memory = next((path for path in _IN_MEMORY if os.access(path, os.W_OK)), None)
    made = tempfile.TemporaryDirectory(dir=memory)
    with made as own, pytest.MonkeyPatch.context() as patch:
        place = Place(Path(folder or own))
        mask = os.umask(0o077)
        try:
            for name in list(os.environ):
                if name.startswith("MICROCRED") or name in ("ACCESSIBLE", "NO_COLOR"):
                    patch.delenv(name)
            # An internal error of the program must not be reported as an expected one.
            patch.setenv(DEBUG_VARIABLE, "1")
            patch.setenv("MICROCRED_STATE", str(place.state))
            patch.setenv("MICROCRED_RESPONSES", str(place.responses))
            patch.setattr(os, "fsync", lambda _: None)
            load_once(patch)
            checked(place.state)
            patch.chdir(place.folder)
            yield place
        finally:
            os.umask(mask)


def fill(place: Place, count: int = ENOUGH) -> None:
    """Store `count` valid responses, each with texts."""
    for _ in range(count):
        ran = place.answer(sheet())
        assert ran.code == 0, ran


def put(path: Path, data: bytes) -> None:
    """Write a file as the program would: private, and with the neutral modification time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o600)
    os.utime(path, (NEUTRAL_TIME, NEUTRAL_TIME))
    os.utime(path.parent, (NEUTRAL_TIME, NEUTRAL_TIME))


def id_for(name: str) -> str:
    """An id of 32 hexadecimal digits, derived from a name."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def trouble_of(ran: Ran, codes: Collection[int], *, says: bool = True) -> str:
    """A description of the problems of a run; empty if there are none.

    Args:
        ran: the run.
        codes: the acceptable exit codes.
        says: whether there must be output on standard error.
    """
    if ran.code not in codes:
        return f"exit code {ran.code}: {ran.err[:200]}"
    if "Traceback" in ran.all or "a bug in microcred" in ran.all:
        return "a traceback"
    if says and not ran.err.strip():
        return "not a word"
    acting = acting_in(ran.all)
    return f"{acting!r} on the terminal" if acting else ""


def acting_in(shown: str) -> str:
    """The characters of an output that control a terminal or are invisible, except line ends."""
    return "".join(sorted({c for c in shown if acts(c)}))


def acts(character: str) -> bool:
    """True if a character, other than a line end, is not a visible character."""
    if character in "\n\r":
        return False
    return (
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        or character == "\N{COMBINING GRAPHEME JOINER}"
        or 0x200B <= ord(character) <= 0x200F
        or 0xFE00 <= ord(character) <= 0xFE0F
    )


def as_json(path: Path) -> dict[str, object]:
    """The object in a JSON file."""
    return dict(json.loads(path.read_text(encoding="utf-8")))
