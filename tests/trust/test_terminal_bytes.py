"""Foreign bytes that are pasted at a terminal do not come back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile.naughty import ACTING
from tests.trust.terminal_bytes import pasted

if TYPE_CHECKING:
    from pathlib import Path


def test_a_terminal_gets_nothing_foreign_of_what_is_pasted(tmp_path: Path) -> None:
    assert [*pasted(tmp_path, ACTING)] == []
