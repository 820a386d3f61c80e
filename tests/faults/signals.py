"""Interviews at a real terminal with signals, keys that end the program, and closed windows."""

from __future__ import annotations

import os
import signal
import time
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.cli.program import Place
from tests.faults.interviews import Disturbed, working_in
from tests.harness import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interview import Step
    from tests.faults.interviews import Script

ENDS: Final = (
    "closed",
    "closed without SIGHUP",
    "SIGHUP",
    "SIGTERM",
    "Ctrl-C",
    "Ctrl-D",
    "SIGKILL",
)
GOES_ON: Final = ("Ctrl-Z", "SIGSTOP", "a narrower window", "a wider window")
EITHER: Final = ("Ctrl-\\",)
"""A key without special meaning in one mode, which ends the program in the other."""

MODES: Final = ("--rich", "--plain")
_KEYS: Final = {"Ctrl-C": "\x03", "Ctrl-D": "\x04", "Ctrl-Z": "\x1a", "Ctrl-\\": "\x1c"}
_SIZES: Final = {"a narrower window": (24, 50), "a wider window": (50, 130)}
_LONGEST: Final = 2.0
"""Seconds within which the program must end."""

_IDLE: Final = 0.3
_TICKS: Final = 3
"""The processor time, in clock ticks, that a waiting program may use during `_IDLE`."""


def what_happens(script: Script) -> list[tuple[str, str, int]]:
    """All cases: the mode, the event, and the number of answers given before it."""
    answers = range(len(script.keys) + 1)
    return [*product(MODES, (*ENDS, *GOES_ON, *EITHER), answers)]


def happen(script: Script, apart: Path, mode: str, what: str, after: int) -> Iterator[str]:
    """The problems if an event occurs after some answers, and after the next run."""
    place = Place(apart / f"{MODES.index(mode)}-{what}-{after}")
    place.folder.mkdir()
    with working_in(place, apart):
        try:
            yield from _led(script, place, mode, what, after)
        except AssertionError as never:
            yield str(never)
        yield from Disturbed(place, script, apart).finish()


def _led(script: Script, place: Place, mode: str, what: str, after: int) -> Iterator[str]:
    options = ("--questionnaire", script.source, mode)
    deaf = what == "closed without SIGHUP"
    with Terminal("respond", *options, folder=place.folder, rows=40, deaf=deaf) as terminal:
        _begin(terminal, script)
        _answer(terminal, script, 0, after)
        given = terminal.given()
        if list(given) != script.keys[:after]:
            yield f"the draft contains {list(given)}"
        _do(terminal, what)
        if what in ENDS or (what in EITHER and mode == "--plain"):
            if not _is_gone(terminal):
                yield f"still running after {_LONGEST:.0f} s"
        else:
            os.kill(terminal.child.pid, signal.SIGCONT)
            if _ticks(terminal) > _TICKS:
                yield "uses too much processor time"
            _answer(terminal, script, after, len(script.keys))
    if list(terminal.given()) != (script.keys if what in GOES_ON else list(terminal.given())):
        yield "did not continue"
    if not set(given) <= set(terminal.given()):
        yield f"{len(terminal.given())} of {len(given)} answers are in the draft"


def _answer(terminal: Terminal, script: Script, begin: int, end: int) -> None:
    """Give a range of answers, each when its question is shown."""
    interview = script.begun
    for place in range(end + 1):
        step = interview.step
        if place > begin:
            _wait(terminal, script, place)
        if step is None or place == end:
            return
        value = script.value(step)
        if place >= begin:
            terminal.press(_typed(step), "enter")
        interview = interview.answer(value)


def _begin(terminal: Terminal, script: Script) -> None:
    """Page to the first question."""
    first = f"{script.keys[0]}?"
    signs = (first, "Before you start", "read on:")
    terminal.until(lambda t: any(sign in t.flat for sign in signs))
    while first not in terminal.flat:
        before = terminal.text
        terminal.press("enter").until(lambda t: t.text != before)  # noqa: B023 - used at once


def _wait(terminal: Terminal, script: Script, place: int) -> None:
    """Wait until the given number of answers is acknowledged: the next page is shown."""
    key = script.keys[place - 1]
    value, text = script.finished.given[key], script.finished.texts.get(key)
    code = value[0] if isinstance(value, tuple) else value
    said = str(code) if text is None else f"“{text}”"
    terminal.until(f"nswer: {said}")


def _typed(step: Step) -> str:
    return f"Words on {step.item.id}" if step.asks == "text" else "1"


def _do(terminal: Terminal, what: str) -> None:
    pid = terminal.child.pid
    if what.startswith("closed"):
        os.close(terminal.child.child_fd)
        terminal.child.ptyproc.closed = terminal.child.closed = True
        terminal.child.child_fd = -1
    elif what.startswith("SIG"):
        os.kill(pid, getattr(signal, what))
    elif what in _KEYS:
        terminal.press(_KEYS[what])
    else:
        rows, columns = _SIZES[what]
        terminal.screen.resize(rows, columns)
        terminal.child.setwinsize(rows, columns)


def _is_gone(terminal: Terminal) -> bool:
    """True if the program ends in time; its remaining output is read."""
    end = time.monotonic() + _LONGEST
    while time.monotonic() < end:
        if not terminal.child.closed:
            terminal.read(0.01)
        if not terminal.child.isalive():
            return True
        time.sleep(0.005)
    os.kill(terminal.child.pid, signal.SIGKILL)
    return False


def _ticks(terminal: Terminal) -> int:
    """The processor time that the program uses while it waits for input."""
    while terminal.read(0.2) and _cpu(terminal) != _cpu(terminal):
        pass
    before, end = _cpu(terminal), time.monotonic() + _IDLE
    while time.monotonic() < end:
        terminal.read(0.05)
    return _cpu(terminal) - before


def _cpu(terminal: Terminal) -> int:
    fields = Path(f"/proc/{terminal.child.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
