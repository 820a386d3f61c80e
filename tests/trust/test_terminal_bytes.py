"""Foreign bytes at a terminal are distinguished from the program's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.foreign import kinds_in
from tests.hostile.naughty import ACTING
from tests.trust.terminal_bytes import pasted

if TYPE_CHECKING:
    from pathlib import Path

OWN = b"\x1b[?1049h\x1b[12;3H\x1b[0;1mWords\x1b[0m\x1b[K\r\n"


@pytest.mark.parametrize(
    "foreign",
    [
        b"\x1b[2J\x1b[3m",
        b"\x1b]52;c;aGk=\x07",
        b"\x1b]0;title\x1b\\",
        b"\x1bc",
        b"\x07",
        "\x9b2J".encode(),
        b"\x9b2J",
        "\u202e".encode(),
        b"\x7f",
    ],
)
def test_what_acts_is_a_kind_of_its_own(foreign: bytes) -> None:
    assert kinds_in(OWN + foreign) - kinds_in(OWN)


def test_moves_and_words_are_not() -> None:
    assert kinds_in(OWN + "\x1b[1;77HOther wörds \x1b[0mx".encode()) == kinds_in(OWN)


def test_a_terminal_gets_nothing_foreign_of_what_is_pasted(tmp_path: Path) -> None:
    assert [*pasted(tmp_path, ACTING)] == []
