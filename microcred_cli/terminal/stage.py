"""The stage: an interview's alternate screen, with its input, output and symbols."""

from __future__ import annotations

import contextlib
import errno
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from prompt_toolkit.application import get_app_session
from prompt_toolkit.application.current import get_app_or_none
from prompt_toolkit.input.base import Input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.keys import Keys
from prompt_toolkit.output.base import Output

from microcred_cli.frozen import Frozen
from microcred_cli.terminal import job_control, key_parser

try:
    import termios
except ImportError:  # pragma: no cover - Windows
    termios = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPress


T = TypeVar("T")


class Signs(Frozen):
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


PLAIN_KEYS = (
    # Disable the key codes of kitty (whose stack is popped at the end), xterm and Windows.
    "\x1b[>0u\x1b[>4;0m\x1b[?9001l"
    # Reset the modes of the keypad and of the cursor keys.
    "\x1b>\x1b[?1l"
    # Disable reports of the mouse, the focus, the size and the colours.
    "\x1b[?9;1000;1001;1002;1003;1005;1006;1015;1016;1004;2031;2048l"
)
"""Escape sequences that make a terminal send nothing but plain keys."""

FORMER_KEYS = "\x1b[>4m\x1b[<u\r\x1b[K"
"""Restores the previous key codes, and erases the letter that some terminals print in response."""


class StageOutput:
    """An output that keeps the alternate screen between pages while it is `staged`."""

    responds_to_cpr = False

    def __init__(self, output: Output) -> None:
        self._output = output
        self._is_sequences = hasattr(output, "term")
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

    def erase_down(self) -> None:
        """Erase the page line by line.

        If a page is erased as a whole, GNU screen keeps it in its scrollback.
        """
        if not self._is_sequences:
            self._output.erase_down()
            return
        rows = self._output.get_size().rows
        self._output.write_raw("\r" + "\x1b[K\x1b[B" * rows)
        self._output.cursor_goto(1, 1)

    def begin_stage(self) -> None:
        """Enter the alternate screen for all following pages, and request plain keys only."""
        self.staged = False
        self.enter_alternate_screen()
        if self._is_sequences:
            self._output.write_raw(PLAIN_KEYS)
        # On a terminal without an alternate screen, the shell's output must not be overwritten.
        self._output.erase_screen()
        self._output.flush()
        self.staged = True

    def end_stage(self) -> None:
        """Clear the alternate screen, restore the terminal's modes, and show the normal screen."""
        self.staged = False
        self.reset_attributes()
        self.show_cursor()
        self.cursor_goto(1, 1)
        self.erase_down()
        if self._is_sequences:
            self._output.write_raw(FORMER_KEYS)
        self.quit_alternate_screen()
        self._output.flush()


Output.register(StageOutput)


PAUSING = (Keys.ControlC, Keys.ControlD, Keys.SIGINT)
"""Keys that take effect even if pressed before the page is drawn."""


class StageInput:
    """An input that counts as closed when its terminal is disconnected, so that reading ends."""

    def __init__(self, given: Input) -> None:
        key_parser.install(given)
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

    Input and output come from prompt_toolkit's session, so that tests can replace them. With
    `types_ahead`, keys pressed before a page is drawn apply to it. The first line of every page is
    the `banner`, if there is one.
    """

    def __init__(self, *, types_ahead: bool = False) -> None:
        self.types_ahead = types_ahead
        self.banner = ""
        self._made: dict[str, Any] = {}
        self._raw: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        self._signals = contextlib.ExitStack()

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

    @property
    def page_size(self) -> tuple[int, int]:
        """The columns and rows of a page, without the rows of the banner."""
        columns, rows = self.size
        return columns, rows - bool(self.banner)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Create an object for the first page, and reuse it on later pages."""
        if name not in self._made:
            self._made[name] = make()
        return cast("T", self._made[name])

    def drop_typeahead(self) -> bool:
        """Discard keys pressed before the next page is visible; True if any was a pause key."""
        return any(key.key in PAUSING for key in self._typed_ahead())

    def keep_typeahead(self, *first: str) -> bool:
        """Discard keys typed ahead, unless they begin with Enter or a key in `first`.

        Returns True if any of the discarded keys was a pause key.
        """
        keys = self._typed_ahead()
        if keys and keys[0].key in (Keys.Enter, *first):
            store_typeahead(cast("Input", self.input), keys)
            return False
        return any(key.key in PAUSING for key in keys)

    def _typed_ahead(self) -> list[KeyPress]:
        keys = get_typeahead(cast("Input", self.input))
        # Read as keys, so that a control character in pasted text does not count as a pause key.
        while not self.input.closed and (more := self.input.read_keys() + self.input.flush_keys()):
            keys += more
        return keys

    def __enter__(self) -> Stage:
        # Raw mode throughout, so that keys pressed between two pages are not echoed.
        self._raw = self.input.raw_mode()
        self._raw.__enter__()
        self.output.begin_stage()
        self._signals.enter_context(job_control.handled(self._step_aside, self._step_back))
        return self

    def __exit__(self, *error: object) -> None:
        self._signals.close()
        if self.output.staged:
            self._give_back()

    def _give_back(self) -> None:
        """Restore the terminal; if it has been disconnected, there is nothing to restore."""
        with contextlib.suppress(OSError):
            self.output.end_stage()
        with contextlib.suppress(OSError):
            self._raw.__exit__(None, None, None)

    def _step_aside(self) -> None:
        """Give the terminal to the shell while this process is stopped."""
        app = get_app_or_none()
        if app is not None and app.is_running:
            app.renderer.erase()
        self._give_back()

    def _step_back(self) -> None:
        """Take the terminal back and redraw the page; discard keys pressed in the meantime."""
        if termios is not None:
            # If the process continues in the background, the system stops it again and interrupts
            # these calls.
            with contextlib.suppress(termios.error):
                self._raw.__enter__()
                termios.tcflush(self.input.fileno(), termios.TCIFLUSH)
        self.output.begin_stage()
        app = get_app_or_none()
        if app is not None and app.is_running:
            app.renderer.reset()
            app.invalidate()
