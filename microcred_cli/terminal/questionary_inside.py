"""The parts of questionary and prompt_toolkit that prompts are built from.

This is the only module that uses questionary's internals. questionary creates the applications and
the text buffer; this program implements the key bindings and the drawing, so that nothing is cut
off or answered by accident, and every key is documented.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import questionary
from prompt_toolkit.application import application
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.styles import Style

if TYPE_CHECKING:
    from prompt_toolkit import Application
    from prompt_toolkit.buffer import Buffer

    from microcred_cli.terminal.stage import Stage

STYLE = Style(
    [
        ("mc.section", "dim"),
        ("mc.stem", "bold"),
        ("mc.part", "bold fg:ansigreen"),
        ("mc.heading", "bold underline"),
        ("mc.group", "bold"),
        ("mc.bar", "fg:ansigreen"),
        ("mc.pointed", "bold fg:ansigreen"),
        ("mc.message", "bold fg:ansired"),
        ("mc.echo", "dim"),
        ("mc.aside", "italic"),
        ("mc.hint", "dim"),
        ("mc.footer", "dim"),
        ("mc.field", "underline"),
    ]
)
"""One accent colour, and red for errors.

Colours are legible on dark and light backgrounds, and nothing is indicated by colour alone.
"""

application.load_key_bindings = cache(application.load_key_bindings)  # type: ignore[attr-defined]
"""Each application asks for the same default keys, and questionary creates three for one list."""

ESCAPE_ALONE_AFTER = 0.2
"""Seconds after which Escape counts as a key rather than the beginning of a sequence."""


def list_application(stage: Stage) -> Application[Any]:
    """The application for lists and reading, created once per stage because this takes 20 ms."""

    def make() -> Application[Any]:
        question = questionary.select("", ["-"], input=stage.input, output=stage.output)
        return _filling_the_screen(question.application)

    return stage.once("list", make)


def text_field(stage: Stage) -> tuple[Application[Any], Buffer]:
    """The application for typed text and its buffer, created once per stage."""

    def make() -> tuple[Application[Any], Buffer]:
        app = questionary.text(
            "", validate_while_typing=False, input=stage.input, output=stage.output
        ).application
        buffer = app.layout.get_buffer_by_name(DEFAULT_BUFFER)
        if buffer is None:
            raise LookupError("questionary created a question without a buffer")
        return _filling_the_screen(app), buffer

    return stage.once("text", make)


def _filling_the_screen(app: Application[Any]) -> Application[Any]:
    """Make an application full-screen, and erase its output when it ends."""
    app.style = STYLE
    app.erase_when_done = True
    app.ttimeoutlen = ESCAPE_ALONE_AFTER
    app.full_screen = app.renderer.full_screen = True
    return app
