"""The stage: an interview's alternate screen, with its input, output and symbols."""

from __future__ import annotations

import contextlib
import errno
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from prompt_toolkit.application import get_app_session
from prompt_toolkit.input.base import Input
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.keys import Keys
from prompt_toolkit.output.base import Output

try:
    import termios
except ImportError:  # pragma: no cover - Windows
    termios = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPress


T = TypeVar("T")

TORN_WITHIN = 1.0
"""Seconds in which the rest of a key can follow its Escape."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Symbols drawn on the screen, with ASCII replacements for encodings that lack them."""

    pointer: str = "»"
    done: str = "✓"
    up: str = "↑"
    down: str = "↓"
    between: str = " · "
    full: str = "━"
    empty: str = "─"
    arrows: str = "↑↓"
    bar: str = "┃"
    cut: str = "…"


def signs_for(encoding: str | None) -> Signs:
    """The symbols available in this encoding."""
    signs = Signs()
    try:
        drawn = (signs.pointer, signs.done, signs.up, signs.down, signs.full, signs.bar, "·…“”")
        "".join(drawn).encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return Signs(">", "OK:", "^", "v", " | ", "=", "-", "Up/Down", "|", "...")
    return signs


class StageOutput:
    """An output that keeps the alternate screen between pages while it is `staged`."""

    responds_to_cpr = False

    def __init__(self, output: Output) -> None:
        self._output = output
        self.staged = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._output, name)

    def enter_alternate_screen(self) -> None:
        """Move to the top left corner of the alternate screen, entering it if necessary."""
        if self.staged:
            self._output.cursor_goto(1, 1)
        else:
            self._output.enter_alternate_screen()

    def quit_alternate_screen(self) -> None:
        """Leave the alternate screen, unless more pages follow."""
        if not self.staged:
            self._output.quit_alternate_screen()


Output.register(StageOutput)


PAUSING = (Keys.ControlC, Keys.ControlD, Keys.SIGINT)
"""Keys that take effect even if pressed before the page is drawn."""


class StageInput:
    """An input that counts as closed when its terminal is disconnected, so that reading ends."""

    def __init__(self, given: Input) -> None:
        self._input = given
        self._lost = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._input, name)

    @property
    def closed(self) -> bool:
        """True if no more keys can arrive."""
        return self._lost or self._input.closed

    def read_keys(self) -> list[KeyPress]:
        """The keys pressed since the last call."""
        keys = self._input.read_keys()
        if not keys and _is_lost(self._input):
            self._lost = True
        return keys


Input.register(StageInput)


def _is_lost(given: Input) -> bool:
    if termios is None:
        return False
    try:
        termios.tcgetattr(given.fileno())
    except termios.error as error:
        return bool(error.args) and error.args[0] == errno.EIO
    except (OSError, ValueError, NotImplementedError):
        return False
    return False


class Stage:
    """The terminal during an interview: the alternate screen, entered once and left at the end.

    Input and output are those of prompt_toolkit's session, so that tests can replace them. With
    `types_ahead`, keys pressed before a page is drawn apply to it.
    """

    def __init__(self, *, types_ahead: bool = False) -> None:
        self.types_ahead = types_ahead
        self._made: dict[str, Any] = {}
        self._raw = contextlib.ExitStack()
        self._escaped = -TORN_WITHIN
        self._is_torn = False

    @cached_property
    def input(self) -> StageInput:
        """The keyboard input."""
        return StageInput(get_app_session().input)

    @cached_property
    def output(self) -> StageOutput:
        """The output that pages are drawn on."""
        return StageOutput(get_app_session().output)

    @cached_property
    def signs(self) -> Signs:
        """The symbols that the terminal can display."""
        return signs_for(self.output.encoding())

    @property
    def size(self) -> tuple[int, int]:
        """The current screen size in columns and rows."""
        rows, columns = self.output.get_size()
        return columns, rows

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Create an object for the first page, and reuse it on later pages."""
        if name not in self._made:
            self._made[name] = make()
        return cast("T", self._made[name])

    def note_escape(self) -> None:
        """Note that Escape arrived by itself; on a slow line, the rest of a key may follow."""
        self._escaped, self._is_torn = time.monotonic(), False

    def is_torn(self, character: str) -> bool:
        """True if a character is the rest of a key that began with an Escape just before."""
        if self._is_torn:
            self._is_torn = not "@" <= character <= "~"
            return True
        begins = character in ("[", "O") and time.monotonic() - self._escaped < TORN_WITHIN
        self._escaped, self._is_torn = -TORN_WITHIN, begins
        return begins

    def drop_typeahead(self) -> bool:
        """Discard keys pressed before the next page is visible; True if any was a pause key."""
        keys = get_typeahead(cast("Input", self.input))
        # Parsed as keys, so that a control character in pasted text does not count as a pause.
        while not self.input.closed and (more := self.input.read_keys() + self.input.flush_keys()):
            keys += more
        return any(key.key in PAUSING for key in keys)

    def __enter__(self) -> Stage:
        # Raw mode throughout, so that keys pressed between two pages are not echoed.
        self._raw.enter_context(self.input.raw_mode())
        self.output.enter_alternate_screen()
        self.output.flush()
        self.output.staged = True
        return self

    def __exit__(self, *error: object) -> None:
        if not self.output.staged:
            return
        self.output.staged = False
        # A disconnected terminal has nothing to restore.
        with contextlib.suppress(OSError):
            self.output.reset_attributes()
            self.output.show_cursor()
            self.output.quit_alternate_screen()
            self.output.flush()
        with contextlib.suppress(OSError):
            self._raw.close()
