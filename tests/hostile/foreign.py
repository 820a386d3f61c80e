"""Control sequences at a terminal that are not the program's own.

The real program runs twice in a pseudo-terminal: once with hostile texts in every place that can
contain user input, and once with harmless ones. Any control sequence that appears only in the first
run is foreign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from tests.harness import Terminal
from tests.hostile.naughty import ACTING, write
from tests.hostile.working import acts, at_work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHOWN: Final = 6
"""The number of hostile texts in one questionnaire."""

QUIET: Final = 0.04
"""Seconds without output after which the next key is pressed."""

SLOWEST: Final = 3
"""The maximum number of such pauses to wait for the effect of a key."""

MODES: Final = ("rich", "plain", "interviewer")

_SEQUENCE = re.compile(
    r"\x1b\[(?P<csi>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-~]",
    re.DOTALL,
)
MOVES: Final = "ABCDHJKmGd"
"""Sequences whose number depends on the text; for all others, the number is compared."""


def kinds_in(raw: bytes, moves: str = MOVES) -> set[str]:
    """The control sequences and characters in terminal output, without numbers of cursor moves."""
    # A move of one column to the left is a separate character.
    shown = raw.decode("utf-8", "surrogateescape").replace("\b", "\x1b[D")
    kinds = set()
    for found in _SEQUENCE.finditer(shown):
        final, csi = found["final"], found["csi"]
        is_counted = final is not None and final in moves and "?" not in csi
        kinds.add(f"\x1b[{found['between']}{final}" if is_counted else found[0])
    return kinds | {each for each in _SEQUENCE.sub("", shown) if acts(each) or each in "\r\n"}


@dataclass(frozen=True, slots=True)
class Compared:
    """The sequences sent in a run with hostile texts but not with harmless ones."""

    mode: str
    words: tuple[str, ...]
    foreign: frozenset[str]
    shown: int
    """The number of placeholder characters shown."""


def compared(mode: str, words: Sequence[str]) -> Compared:
    """Run an interview with these texts and with harmless ones, and compare the output."""
    written = written_with(mode, words)
    signs = sum(
        c == "\ufffd" or 0x2400 <= ord(c) < 0x2430 for c in written.decode("utf-8", "ignore")
    )
    found = kinds_in(written) - _harmless(mode)
    return Compared(mode, tuple(words), frozenset(found), signs)


@cache
def _harmless(mode: str) -> frozenset[str]:
    """The output of the program with harmless texts, short and long."""
    words = [
        "x",
        "Words of a usual kind",
        "x" * 60,
        "Some more words, and a few more " * 4,
        "y",
        "z",
    ]
    return frozenset(kinds_in(written_with(mode, words)))


def all_compared(share: int = 1) -> Iterator[Compared]:
    """Every mode with all hostile texts, a few at a time; one of every `share` groups is tested."""
    groups = [ACTING[at : at + SHOWN] for at in range(0, len(ACTING), SHOWN)]
    pairs = [(mode, group) for group in groups for mode in MODES]
    for mode, group in pairs[::share]:
        yield compared(mode, group)


def written_with(mode: str, words: Sequence[str]) -> bytes:
    """The output of a complete interview with these texts, including a pause and a resume."""
    with at_work() as place:
        path = write(place, "mine.yaml", words)
        command = ["respond"] if mode != "interviewer" else ["interview", "--mode", "phone"]
        command += ["--plain" if mode == "plain" else "--rich", "--questionnaire", path]
        written = b""
        script = _LINES if mode == "plain" else _KEYS
        for arguments in (command, ["resume", *command[-3:-2]]):
            if arguments[0] == "resume" and not place.drafts:
                break
            with Terminal(*arguments, folder=place.folder) as terminal:
                # Keys echoed by the terminal are not output of the program.
                terminal.child.setecho(False)
                terminal.until(lambda t: bool(t.raw.strip()))
                _settle(terminal)
                for key in script:
                    _press(terminal, key)
                for word in words:
                    _press(terminal, word.encode("utf-8", "surrogateescape"))
                    _press(terminal, "enter" if mode != "plain" else "\n")
                for _ in range(4):
                    _press(terminal, "ctrl-c")
                terminal.finish()
                written += terminal.raw
        return written


_KEYS = (
    *(["enter"] * 12),
    *("f1", "enter", "ctrl-o", "enter", "1", "enter", "enter", "1", "enter"),
    *("f1", "enter", "ctrl-o", "down", "down", "down", "down", "enter", "enter"),
    *("1", "space", "enter", "y", "n", "enter", "2", "space", "enter", "\x07", "shift-tab"),
    *("?", "enter", "pagedown", "\x14", "enter", "enter", "\x0c"),
)
_LINES = (
    *("1\n", ":help\n", ":definition\n", ":background\n", "1\n", ":menu\n", ":again\n", "9\n"),
    *(":goto\n", "x\n", "1, 2\n", ":back\n", "2\n", "\n"),
)


def _press(terminal: Terminal, key: str | bytes) -> None:
    """Press a key, and read the output that it causes."""
    if not terminal.child.isalive():
        return
    try:
        if isinstance(key, bytes):
            terminal.child.send(key)
        else:
            terminal.press(key)
    except OSError:
        return
    before = len(terminal.raw)
    for _ in range(SLOWEST):
        if len(terminal.raw) > before or not terminal.read(QUIET):
            break
    _settle(terminal)


def _settle(terminal: Terminal) -> None:
    written = -1
    while written != len(terminal.raw):
        written = len(terminal.raw)
        if not terminal.read(QUIET):
            return
