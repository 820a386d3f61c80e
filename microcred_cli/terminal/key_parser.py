"""Replaces prompt_toolkit's input parser with `KeyReader`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from microcred_cli.terminal.key_sequences import KeyReader

if TYPE_CHECKING:
    from prompt_toolkit.input.base import Input

_KEYS = {key.value: key for key in Keys}


class KeyParser(Vt100Parser):
    """An input parser that ignores control sequences other than known keys."""

    def reset(self, request: bool = False) -> None:  # noqa: ARG002
        """Discard an unfinished sequence."""
        self._reader = KeyReader()

    def feed(self, data: str) -> None:
        """Report the keys completed by this text, or `Keys.Ignore` for input that is not a key."""
        presses = self._reader.feed(data)
        for key, text in presses:
            self.feed_key_callback(KeyPress(_KEYS.get(key, key), text))
        if data and not presses and not self._reader.is_waiting:
            self.feed_key_callback(KeyPress(Keys.Ignore))

    def flush(self) -> None:
        """Report the Escape key, if it was pressed alone."""
        for key, text in self._reader.flush():
            self.feed_key_callback(KeyPress(_KEYS.get(key, key), text))


def install(given: Input) -> None:
    """Install a `KeyParser` on this input, unless its console reports keys itself."""
    console = getattr(given, "console_input_reader", None)
    for holder, name in ((given, "vt100_parser"), (console, "_vt100_parser")):
        parser = getattr(holder, name, None)
        if isinstance(parser, Vt100Parser):
            setattr(holder, name, KeyParser(parser.feed_key_callback))
