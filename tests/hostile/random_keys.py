"""Random bytes sent to the real program at a real prompt: no error, no hang, no lost answer.

A run resumes an interview that already has answers, at a question of some kind, and sends it bytes:
random ones, keys, partial escape sequences, pastes and invalid UTF-8. After each piece, the program
must respond, and at the end its draft must contain every answer that was given.
"""

from __future__ import annotations

import errno
import json
import os
import random
import select
import sys
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pexpect

from microcred_cli.errors import StoreError
from microcred_cli.i18n import OWN_LANGUAGE, _, speak
from microcred_cli.questionnaire.loading import Loaded, load
from microcred_cli.records.shapes import Draft, from_object
from microcred_cli.session.restore import interview_of
from tests.cli.program import Lines
from tests.harness import hear_signals
from tests.hostile.working import at_work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.cli.program import Place

LONGEST_SILENCE: Final = 2.0
"""Seconds within which the program must respond."""

PIECES: Final = (1024, 1024, 256, 32, 16, 8)
"""The number of bytes sent in one piece; pages are drawn between small pieces."""

_SAME_LINE: Final = 40
MODES: Final = ("rich", "plain", "interviewer")
PLACES: Final = (
    "country",
    "size_class",
    "terms_used",
    "mc_provided",
    "mc_example",
    "purpose_usefulness.recruit",
    "trust_conditions.1",
    "comments",
    None,
)
"""The steps at which runs begin, one for each kind of question; None is the review."""

_PAUSES = b"\x03\x04"
_OF_THE_TERMINAL = b"\x13\x1a\x1c"
"""Ctrl-S, Ctrl-Z and Ctrl-\\: in line mode, the terminal handles these keys, not the program."""

_KEYS = (
    *(b"\r", b"\n", b" ", b"\t", b"\x7f", b"?", b":", b"1", b"2", b"10", b"y", b"n", b"s"),
    *(b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[Z", b"\x1bOP", b"\x1b[5~", b"\x1b[6~"),
    *(b"\x1b[18~", b"\x1b[19~", b"\x1b[H", b"\x1b[F", b"\x0f", b"\x07", b"\x0c", b"\x14"),
    *(b"1\r", b"2\r", b"1 \r", b"3 2 \r", b"\x1b[B\r", b"words\r", b"12\r", b"\x1b[F\r"),
)
_SEQUENCES = (
    *(b"\x1b[31m", b"\x1b[1;31;40m", b"\x1b[M", b"\x1b[M !!", b"\x1b[<0;1;1M", b"\x1b[<0;;M"),
    *(b"\x1b[31", b"\x1b[", b"\x1b", b"\x1b\x1b", b"\x1bO", b"\x1b[1;1R", b"\x1b[;R", b"\x9b31m"),
    *(b"\x1b]52;c;aGk=\x07", b"\x1b]0;x\x1b\\", b"\x1bP1$r\x1b\\", b"\x1b[?1;2c", b"\x1b[I"),
    *(b"\x1b[200~", b"\x1b[201~", b"\x1b[200~a\x03\x00\x1b[31mb\r\nc\x1b[201~", b"\x1b[2;5~"),
    *(b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xae", b"\0"),
    *(
        "e\u0301\u0301\u0301\u0301\u0301\u0301".encode(),
        "👩‍👩‍👧".encode(),
        b"[/b]",
        b"[red]x[/red]",
    ),
)


_LINES = (
    *(b"1\n", b"2\n", b"3\n", b"1, 2\n", b"2 3\n", b"12\n", b"y\n", b"n\n", b"words\n", b"\n"),
    *(b":back\n", b":goto\n", b":goto 3\n", b":dk\n", b":pna\n", b":skip\n", b":menu\n"),
    *(b":definition\n", b":background\n", b":language\n", b":remark\n", b":again\n", b"::x\n"),
    *(b"submit\n", b"noted\n", b"back\n", b"d\n", b"p\n", b"mail@example.org\n", b":handin\n"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the mode, the step, the seed of the bytes, and their number.

    If `pauses` is set, the bytes include keys that pause, and the run ends at the first of these.
    """

    mode: str
    at: str | None
    seed: int
    size: int
    pauses: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run.

    `sent` is the number of bytes, `longest` the longest silence in seconds, `changed` the number of
    answers that differ from before, and `troubles` contains all problems.
    """

    run: Run
    sent: int
    longest: float
    changed: int
    ended: int | None
    troubles: tuple[str, ...]


def run_at(number: int, size: int) -> Run:
    """The run with this number, which determines its mode and step."""
    at = PLACES[number // len(MODES) % len(PLACES)]
    return Run(MODES[number % len(MODES)], at, number, size, pauses=number % 5 == 4)


def reports(total: int, size: int, *, first: int = 0, step: int = 1) -> Iterator[Report]:
    """Play runs until at least `total` bytes have been sent.

    Args:
        total: the number of bytes.
        size: the maximum number of bytes of a run; many end earlier.
        first: the number of the first run.
        step: the distance between run numbers, so that several processes can share the runs.
    """
    sent, number = 0, first
    while sent < total:
        report = play(run_at(number, size))
        yield report
        sent += report.sent
        number += step


def bytes_of(run: Run) -> bytes:
    """The bytes of a run, which are the same every time."""
    chance = random.Random(f"{run.mode} {run.at} {run.seed}")
    keys = _LINES if run.mode == "plain" else _KEYS
    made = bytearray()
    while len(made) < run.size:
        kind = chance.random()
        if kind < 0.3:
            made += chance.randbytes(chance.randrange(1, 64))
        elif kind < 0.75:
            made += b"".join(chance.choices(keys, k=chance.randrange(1, 12)))
        elif kind < 0.95:
            made += b"".join(chance.choices(_SEQUENCES, k=chance.randrange(1, 6)))
        elif kind < 0.98:
            made += b"\x1b[200~" + chance.randbytes(chance.randrange(2000)) + b"\x1b[201~"
        else:
            made += bytes([chance.randrange(32, 127)]) * chance.randrange(1, 3000)
    # The terminal is in the same state after a pause as before.
    is_cooked = run.pauses or run.mode == "plain"
    foreign = (b"" if run.pauses else _PAUSES) + (_OF_THE_TERMINAL if is_cooked else b"")
    return bytes(made[: run.size]).translate(None, delete=foreign)


def pieces_of(run: Run) -> Iterator[bytes]:
    """The bytes of a run as sent: one large piece, or the same number of bytes in small pieces."""
    chance = random.Random(run.seed)
    data, start = bytes_of(run), 0
    while start < len(data):
        size = chance.choice(PIECES)
        end = min(len(data), start + max(size, 128))
        for at in range(start, end, size):
            yield data[at : min(at + size, end)]
        start = end


def play(run: Run, *, patience: float = LONGEST_SILENCE) -> Report:
    """Play a run in a temporary folder; a silence of more than `patience` seconds is a problem."""
    with at_work() as place:
        begun = begin(place, run)
        with _Session(place, run, patience) as session:
            session.play()
        troubles = (*session.troubles, *_kept(place, begun, session))
        given = dict(place.draft["given"]) if place.drafts else {}
        changed = sum(given.get(key) != begun.get(key) for key in {*given, *begun})
        return Report(run, session.sent, session.longest, changed, session.ended, troubles)


def begin(place: Place, run: Run) -> dict[str, Any]:
    """Conduct an interview up to the first step of the run, and pause it; returns the answers."""
    lines = Lines().until(run.at)
    ran = place.run("respond", "--plain", typed="\n".join([*lines, ":pause", ""]))
    assert ran.code == 0, ran
    (path,) = place.drafts
    draft = place.draft
    if run.mode == "interviewer":
        path.write_text(json.dumps({**draft, "mode": "phone"}), encoding="utf-8")
    return dict(draft["given"])


@cache
def _built_in() -> Loaded:
    return load("mc_employers")


@cache
def _deleted() -> tuple[bytes, ...]:
    """The message, in each language, that the answers were deleted at the person's request.

    They chose to delete the answers, or went back and did not consent.
    """
    said = []
    for language, questionnaire in _built_in().languages.items():
        speak(language)
        said += [
            _("Your answers are deleted. Nothing was handed in."),
            _("The answers are deleted. Nothing was handed in."),
            *(words[:_SAME_LINE] for words in questionnaire.closing.values()),
        ]
    speak(OWN_LANGUAGE)
    return tuple(each.encode() for each in said)


def _kept(place: Place, begun: Mapping[str, Any], session: _Session) -> Iterator[str]:
    """The problems in the files that a run left on the disk."""
    if not place.drafts:
        is_stored = place.responses.exists() and bool(place.files)
        is_wished = any(words in session.told for words in _deleted())
        if session.ended != 0 or not (is_stored or is_wished):
            yield f"the draft is missing, but nothing was submitted: {session.told[-900:]!r}"
        return
    try:
        draft = from_object(Draft, place.draft, "draft")
        if draft.stored and place.files:
            # The answers were submitted, and only the receipt, which was not confirmed, is kept.
            return
        interview_of(draft, _built_in())
    except (StoreError, ValueError) as error:
        yield f"the draft cannot be resumed: {error}"
        return
    lost = begun.keys() - draft.given.keys()
    if lost:
        yield f"answers are lost: {sorted(lost)}"
    if session.ended not in (0, 130):
        yield f"exit code {session.ended}: {session.told[-300:]!r}"


def _give_up_keys(terminal: int) -> None:
    """Make a terminal in line mode handle no keys but Ctrl-C and Ctrl-D.

    When the program ends, the rest of the bytes are still being sent: the terminal would kill or
    stop it, or stop its output.
    """
    import termios  # not on Windows, where this module is imported, too

    settings = termios.tcgetattr(terminal)
    for key in (termios.VQUIT, termios.VSUSP, termios.VSTOP):
        settings[6][key] = b"\0"
    termios.tcsetattr(terminal, termios.TCSANOW, settings)


class _Session:
    """The program in a pseudo-terminal, with random input."""

    def __init__(self, place: Place, run: Run, patience: float) -> None:
        self._run, self._patience = run, patience
        self.troubles: list[str] = []
        self.told = b""
        self.written = 0
        self.sent = 0
        self.longest = 0.0
        self.ended: int | None = None
        self._columns = 80
        flags = ["--plain"] if run.mode == "plain" else ["--rich"]
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", "microcred_cli", "resume", *flags],
            cwd=str(place.folder),
            dimensions=(24, 80),
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
            echo=False,
            preexec_fn=hear_signals,
        )
        self._child.delaybeforesend = None
        self._fd = self._child.child_fd
        os.set_blocking(self._fd, False)
        _give_up_keys(self._fd)

    def __enter__(self) -> _Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    def play(self) -> None:
        """Send the bytes piece by piece, and pause at the end."""
        self._wait(lambda: b"Resume code" in self.told, 30.0, "no prompt for the resume code")
        self._send(b"\r")
        self._wait(lambda: self._is_asking(), 30.0, "no question comes")
        for piece in pieces_of(self._run):
            if self.troubles or not self._is_alive():
                break
            self._send(piece)
            self.sent += len(piece)
            self._probe()
        self._end()

    def _is_asking(self) -> bool:
        if self._run.mode == "plain":
            return self.told.rstrip(b" ").endswith(b":") and len(self.told) > 200
        return b"\x1b[?1049h" in self.told and b"\x1b[?25h" in self.told.split(b"\x1b[?1049h", 1)[1]

    # -- bytes -----------------------------------------------------------------------------------

    def _is_alive(self) -> bool:
        return bool(self._child.isalive())

    def _read(self, seconds: float) -> bool:
        """Read the program's output; returns True if there was any."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError as error:
            if error.errno not in (errno.EIO, errno.EAGAIN):
                raise
            data = b""
        self.told = (self.told + data)[-200_000:]
        self.written += len(data)
        return bool(data)

    def _wait(self, holds: Any, seconds: float, trouble: str) -> bool:
        """Read until a condition holds; the longest wait is recorded."""
        begun = time.monotonic()
        while not holds():
            silent = time.monotonic() - begun
            if silent > seconds:
                self.troubles.append(f"{trouble} within {seconds:.0f} s")
                return False
            if not self._read(0.02) and not self._is_alive():
                return False
        if seconds == self._patience:
            self.longest = max(self.longest, time.monotonic() - begun)
        return True

    def _send(self, data: bytes) -> None:
        """Write all bytes, as fast as the program reads them."""
        stuck = time.monotonic()
        while data and self._is_alive():
            _, ready, _ = select.select([], [self._fd], [], 0)
            written = 0
            if ready:
                try:
                    written = os.write(self._fd, data)
                except BlockingIOError:
                    written = 0
                except OSError:
                    return
            data = data[written:]
            if self._read(0.001) or written:
                self.longest = max(self.longest, time.monotonic() - stuck)
                stuck = time.monotonic()
            elif time.monotonic() - stuck > self._patience:
                self.troubles.append(f"accepts no more keys; {len(data)} bytes are left")
                return

    # -- probes ----------------------------------------------------------------------------------

    def _probe(self) -> None:
        """Check that the program responds: it redraws a page, or answers a line."""
        if not self._is_alive():
            return
        if self._run.mode == "plain":
            self._send(b"\n")
            self._settle()
            before = self.written
            self._send(b":help\n")
        else:
            # The end of a paste, as sent by every terminal.
            self._send(b"\x1b[201~")
            self._settle()
            before = self.written
            self._columns = 161 - self._columns
            self._child.setwinsize(24, self._columns)
        self._wait(lambda: self.written > before, self._patience, "no sign of life")

    def _settle(self) -> None:
        """Read the output that the program writes without input."""
        while self._read(0.01):
            pass

    def _end(self) -> None:
        """Pause, and wait for the end."""
        for _tries in range(8):
            if not self._is_alive():
                break
            self._send(b"\n\x03" if self._run.mode == "plain" else b"\x1b[201~\x03")
            begun = time.monotonic()
            while self._is_alive() and time.monotonic() - begun < self._patience:
                self._read(0.02)
        else:
            self.troubles.append("does not end on Ctrl-C")
        while self._read(0.05):
            pass
        self._child.close(force=True)
        status = self._child.exitstatus
        self.ended = status if status is not None else -(self._child.signalstatus or 0)
        for sign in (b"Traceback", b"bug in microcred", b"Unhandled exception", b"Press ENTER"):
            if sign in self.told:
                self.troubles.append(f"{sign.decode()}: {self.told[-600:]!r}")
