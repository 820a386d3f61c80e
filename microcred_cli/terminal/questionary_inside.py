"""The parts of questionary and prompt_toolkit that prompts are built from.

This is the only module that uses questionary's internals. questionary makes the applications and
the text buffer; keys and drawing are ours, so that nothing is cut off or answered by accident, and
every key is documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import questionary
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.styles import Style

if TYPE_CHECKING:
    from prompt_toolkit import Application
    from prompt_toolkit.buffer import Buffer

    from microcred_cli.terminal.stage import Stage

STYLE = Style(
    [
        ("mc.section", "bold"),
        ("mc.stem", "bold"),
        ("mc.heading", "bold underline"),
        ("mc.pointed", "bold"),
        ("mc.message", "bold fg:ansired"),
        ("mc.echo", "fg:ansigreen"),
        ("mc.aside", "italic"),
        ("mc.field", "underline"),
    ]
)
"""Bold, underline and two colours legible on dark and light screens; never colour alone."""

ESCAPE_ALONE_AFTER = 0.2
"""Seconds after which Escape is a key on its own and not the beginning of a sequence."""


def list_application(stage: Stage) -> Application[Any]:
    """The application for lists and reading, made once per stage, as it takes 20 ms."""

    def make() -> Application[Any]:
        question = questionary.select("", ["-"], input=stage.input, output=stage.output)
        return _filling_the_screen(question.application)

    return stage.once("list", make)


def text_field(stage: Stage) -> tuple[Application[Any], Buffer]:
    """The application for texts and its buffer, made once per stage."""

    def make() -> tuple[Application[Any], Buffer]:
        app = questionary.text(
            "", validate_while_typing=False, input=stage.input, output=stage.output
        ).application
        buffer = app.layout.get_buffer_by_name(DEFAULT_BUFFER)
        if buffer is None:
            raise LookupError("questionary made a question without a buffer")
        return _filling_the_screen(app), buffer

    return stage.once("text", make)


def _filling_the_screen(app: Application[Any]) -> Application[Any]:
    """Set an application to fill the screen and to erase itself at the end."""
    app.style = STYLE
    app.erase_when_done = True
    app.ttimeoutlen = ESCAPE_ALONE_AFTER
    app.full_screen = app.renderer.full_screen = True
    return app
