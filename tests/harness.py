"""The real program in a real pseudo-terminal, with a terminal emulator for its screen."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pyte

from tests.places import checked

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30.0
"""Maximum seconds to wait for expected output; waiting ends as soon as it appears."""

_NOT_OURS = ("MICROCRED", "PYTHONDONTWRITEBYTECODE")

KEYS = {
    "enter": "\r",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "shift-tab": "\x1b[Z",
    "f1": "\x1bOP",
    "ctrl-o": "\x0f",
    "ctrl-c": "\x03",
    "ctrl-d": "\x04",
    "space": " ",
    "pagedown": "\x1b[6~",
    "home": "\x1b[H",
    "end": "\x1b[F",
}


def hear_signals() -> None:
    """Restore the default handling of signals that background processes ignore."""
    for key in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(key, signal.SIG_DFL)


NARROW = "\u1100"
"""Characters below this one are never two columns wide."""


def shown_on(screen: pyte.Screen) -> list[str]:
    """The lines of a screen, like `display` but without measuring every character."""
    columns = range(screen.columns)
    rows = (screen.buffer[row] for row in range(screen.lines))
    lines = ["".join([row[x].data for x in columns]) for row in rows]
    return lines if max(map(max, lines)) < NARROW else list(screen.display)


class Terminal:
    """A program in a pseudo-terminal of the given size.

    `raw` contains all of its output. The interview starts in `language`; if that is None, the first
    page asks for the language. If `deaf` is set, the program ignores that its terminal is closed.
    """

    def __init__(
        self,
        *arguments: str,
        folder: Path,
        columns: int = 80,
        rows: int = 24,
        language: str | None = "en",
        deaf: bool = False,
        **more: str,
    ) -> None:
        if arguments[0] in ("respond", "interview") and language is not None:
            arguments += ("--language", language)
        self.folder = folder
        self.state = folder / "state"
        self.responses = folder / "responses"
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(_NOT_OURS)},
            "TERM": "xterm-256color",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "MICROCRED_STATE": str(self.state),
            "MICROCRED_RESPONSES": str(self.responses),
            "LC_ALL": "C.UTF-8",
            **more,
        }
        checked(Path(environment["MICROCRED_STATE"]))
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._fed = 0
        self._shown: tuple[object, list[str]] = (None, [])
        self.raw = b""
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "microcred_cli", *arguments],
            cwd=str(folder),
            dimensions=(rows, columns),
            timeout=PATIENCE,
            env=environment,
            ignore_sighup=deaf,
            preexec_fn=hear_signals,
        )
        self.child.delaybeforesend = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.close(force=True)

    @property
    def lines(self) -> list[str]:
        """The lines of the screen without trailing spaces; rendered again only after a change."""
        state = (self._fed, self.screen.columns, self.screen.lines)
        if self._shown[0] != state:
            self._shown = (state, [line.rstrip() for line in shown_on(self.screen)])
        return self._shown[1]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    @property
    def flat(self) -> str:
        """The text of the screen on one line, with single spaces, to find texts that wrap."""
        return " ".join(self.text.split())

    def read(self, timeout: float = 0.05) -> bool:
        """Read the program's output; returns False at its end."""
        try:
            data = self.child.read_nonblocking(65536, timeout=timeout)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self._stream.feed(data)
        self._fed += 1
        return True

    def until(self, wanted: str | Callable[[Terminal], bool]) -> Terminal:
        """Wait until the screen shows a text or a condition holds, and no page is being drawn.

        The cursor is hidden while a page, which may arrive in pieces, is drawn.
        """
        end = time.monotonic() + PATIENCE
        alive = True
        while (alive and self.screen.cursor.hidden) or not (
            wanted in self.flat if isinstance(wanted, str) else wanted(self)
        ):
            assert time.monotonic() < end, f"never came: {wanted!r}\n{self.text}"
            assert alive, f"ended before: {wanted!r}\n{self.text}"
            alive = self.read()
        return self

    def press(self, *keys: str) -> Terminal:
        """Press keys by name, or type a text."""
        for key in keys:
            self.child.send(KEYS.get(key, key))
        return self

    def finish(self) -> int:
        """Read all remaining output; returns the exit code."""
        end = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < end, f"never ended\n{self.text}"
        self.child.close()
        return int(
            self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus
        )

    # -- files on the disk -------------------------------------------------------------------------

    def draft(self) -> dict[str, Any]:
        """The only draft; empty if there is none."""
        files = list((self.state / "drafts").glob("*.json"))
        return dict(json.loads(files[0].read_text(encoding="utf-8"))) if files else {}

    def given(self) -> dict[str, Any]:
        """The answers in the draft."""
        return dict(self.draft().get("given", {}))

    def stored(self) -> list[dict[str, Any]]:
        """The responses in the folder."""
        return [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self.responses.glob("*.json"))
            if path.name != "folder.json"
        ]
