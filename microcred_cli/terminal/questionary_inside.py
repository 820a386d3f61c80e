"""The parts of questionary and prompt_toolkit that prompts are made of.

This is the only module that touches questionary's inside. questionary makes the applications and
the buffer of a text; keys and drawing are ours, so that nothing is cut off, nothing is answered by
accident and every key is known.
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
"""Sparse: bold, underline and two colours that dark and light screens show; never colour alone."""


def list_application(stage: Stage) -> Application[Any]:
    """The application for lists and for reading, made once for a stage: making one takes 20 ms."""

    def make() -> Application[Any]:
        question = questionary.select("", ["-"], input=stage.input, output=stage.output)
        return _filling_the_screen(question.application)

    return stage.once("list", make)


def text_field(stage: Stage) -> tuple[Application[Any], Buffer]:
    """The application for texts and the buffer in it, made once for a stage."""

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
    """An application set to fill the screen and to leave nothing behind."""
    app.style = STYLE
    app.erase_when_done = True
    app.full_screen = app.renderer.full_screen = True
    return app
