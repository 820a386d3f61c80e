"""The language of an interview: offered, asked for, or chosen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from microcred_cli.errors import UsageError
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interview import Screen
    from microcred_cli.questionnaire.loading import Loaded

WHICH = "Language · Sprache · Langue · Idioma · Taal · Kieli · Język · Jezik"
"""The question for the language, before one is known."""


def languages_of(loaded: Loaded, fieldwork: Fieldwork) -> tuple[str, ...]:
    """The languages of a fieldwork, or all that the questionnaire has."""
    for code in fieldwork.languages:
        _refuse_unknown(code, tuple(loaded.languages), "languages")
    return fieldwork.languages or tuple(loaded.languages)


def languages_to_go_on(loaded: Loaded, fieldwork: Fieldwork, language: str) -> tuple[str, ...]:
    """The languages that a paused interview can go on in, its own first."""
    wanted = fieldwork.languages or tuple(loaded.languages)
    return (language, *(c for c in wanted if c in loaded.languages and c != language))


def language_asked_for(wanted: str | None, offered: tuple[str, ...]) -> str | None:
    """The language that was asked for, or the only one; None where there is a choice."""
    if wanted is not None:
        _refuse_unknown(wanted, offered, "--language")
        return wanted
    return offered[0] if len(offered) == 1 else None


def choose_language(screen: Screen, offered: tuple[str, ...]) -> str | None:
    """The language that a person chooses, with that of the locale first; None if they leave."""
    first = _locale_language()
    ordered = sorted(offered, key=lambda code: code != first)
    return screen.choose(WHICH, [(code, own_name(code)) for code in ordered])


def _locale_language() -> str | None:
    """The language of the locale, as POSIX has it: `LC_ALL`, else `LC_MESSAGES`, else `LANG`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            code = value.partition(".")[0].partition("_")[0].casefold()
            return None if code in ("c", "posix") else code
    return None


def _refuse_unknown(code: str, offered: tuple[str, ...], where: str) -> None:
    if code not in offered:
        raise UsageError(
            f"The questionnaire does not speak {safe(code)!r}.",
            where=where,
            hint=f"It speaks: {', '.join(offered)}.",
        )
