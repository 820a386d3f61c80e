"""The parts of questionary and prompt_toolkit that prompts are made of.

This is the only module that touches questionary's inside. questionary makes the applications, the
control of a list and the buffer of a text; keys and drawing are ours, so that nothing is cut off,
nothing is answered by accident and every key is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import questionary
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.layout import BufferControl
from prompt_toolkit.styles import Style
from questionary.prompts.common import InquirerControl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prompt_toolkit import Application
    from prompt_toolkit.buffer import Buffer

    from microcred_cli.terminal.list_rows import Row
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


ListControl = InquirerControl
"""The control that holds a list and what is pointed at."""


def list_question(stage: Stage) -> questionary.Question:
    """The question for lists, made once for a stage: making one takes 20 ms."""

    def make() -> questionary.Question:
        return questionary.select("", ["-"], style=STYLE, input=stage.input, output=stage.output)

    return stage.once("list", make)


def text_question(stage: Stage) -> questionary.Question:
    """The question for texts, made once for a stage."""

    def make() -> questionary.Question:
        return questionary.text(
            "", style=STYLE, validate_while_typing=False, input=stage.input, output=stage.output
        )

    return stage.once("text", make)


def application_of(question: questionary.Question) -> Application[Any]:
    """The application of a question, set to fill the screen and to leave nothing behind."""
    app = question.application
    app.style = STYLE
    app.erase_when_done = True
    app.full_screen = app.renderer.full_screen = True
    return app


def control_of(rows: Sequence[Row]) -> ListControl:
    """The control of a list with these rows, with nothing pointed at."""
    control = InquirerControl(
        [
            questionary.Separator(row.label)
            if row.heading
            else questionary.Choice(row.label, row.code, shortcut_key=None)
            for row in rows
        ],
        use_indicator=False,
    )
    control.pointed_at = -1
    return control


def buffer_of(question: questionary.Question) -> Buffer:
    """The buffer inside a question of questionary for text."""
    for window in question.application.layout.find_all_windows():
        content = window.content
        if isinstance(content, BufferControl) and content.buffer.name == DEFAULT_BUFFER:
            return content.buffer
    raise LookupError("questionary made a question without a buffer")


def text_buffer(stage: Stage) -> Buffer:
    """The buffer of the question for texts, found before a page replaces questionary's layout."""
    return stage.once("buffer", lambda: buffer_of(text_question(stage)))
