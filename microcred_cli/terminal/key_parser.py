"""prompt_toolkit's parser of input, replaced by the reader of key presses."""

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
    """A parser that types nothing of a control sequence that is no key."""

    def reset(self, request: bool = False) -> None:  # noqa: ARG002
        """Forget an unfinished sequence."""
        self._reader = KeyReader()

    def feed(self, data: str) -> None:
        """Report the keys that are complete with this text, or one to ignore for what is none."""
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
    """Let this input be read by a `KeyParser`; a console that reports keys itself needs none."""
    console = getattr(given, "console_input_reader", None)
    for holder, name in ((given, "vt100_parser"), (console, "_vt100_parser")):
        parser = getattr(holder, name, None)
        if isinstance(parser, Vt100Parser):
            setattr(holder, name, KeyParser(parser.feed_key_callback))
