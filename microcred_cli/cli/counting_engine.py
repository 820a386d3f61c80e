"""The counting engine of the settings, for the commands that seal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.errors import UsageError
from microcred_cli.session.options import Choices
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.fieldwork.engine import EngineSettings


def counting_engine(fieldwork: str | None, *, required: bool = True) -> EngineSettings | None:
    """The engine in these settings; None if there is none.

    If the engine is not installed, raises a UsageError if it is `required`, and returns None
    otherwise.
    """
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    lacks = settings.engine.lacks() if settings.engine is not None else None
    if lacks is None:
        return settings.engine
    if not required:
        return None
    message, hint = lacks
    raise UsageError(message, where=settings.path and safe(settings.path), hint=hint)
