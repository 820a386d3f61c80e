"""Resolves options shared by commands to folders, settings and languages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.crypto.cipher import CLEAR, Age, Cipher
from microcred_cli.errors import UsageError
from microcred_cli.fieldwork.consistency import unset
from microcred_cli.fieldwork.settings import ENOUGH_KEYS, Fieldwork, read_fieldwork
from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.store.folder import VARIABLE, Responses
from microcred_cli.terminal.program_name import as_called
from microcred_cli.text import safe

DEFAULT_RESPONSES = "responses"
WITHOUT_PRIVACY = (
    "Note for staff: no privacy statement is set, so respondents cannot give "
    "informed consent. Set privacy_statement in fieldwork.toml before fieldwork "
    "begins."
)

WITHOUT_VALUE = (
    "Note for staff: these settings have no value, so the sentences that need them are "
    "omitted: {names}. Set a value, or false if this is intended, then check the settings: "
    "microcred fieldwork check"
)

TOO_FEW = (
    "Note for staff: the responses are encrypted to one key only. If that key is "
    "lost, so are the responses. Create a second key for another person, and list "
    "both in recipients."
)


if TYPE_CHECKING:
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire


class Choices(Frozen):
    """Command-line options as typed.

    In `training`, all data are synthetic. `in_series` is true for an interview in a series of
    cases; warnings about the settings are shown only at the beginning of the series.
    """

    questionnaire: str = BUILT_IN
    language: str | None = None
    responses: str | None = None
    fieldwork: str | None = None
    plain: bool | None = None
    case_log: str | None = None
    one_key: bool = False
    training: bool = False
    in_series: bool = False

    def read_fieldwork(self) -> Fieldwork:
        """Read the fieldwork settings; in training, ignore settings for responses and calling."""
        found = read_fieldwork(Path(self.fieldwork) if self.fieldwork else None)
        if not self.training:
            return found
        stored = found.having(responses=None, recipients=(), detail="coarse")
        return stored.having(closes=None, calling=None)


def responses_folder(named: str | None, fieldwork: Fieldwork) -> Responses:
    """The responses folder: from the option, the environment, the settings, or the default."""
    path = named or os.environ.get(VARIABLE) or fieldwork.responses or DEFAULT_RESPONSES
    return Responses(Path(path).absolute(), cipher_of(fieldwork))


def cipher_of(fieldwork: Fieldwork) -> Cipher:
    """The cipher for responses: age if the settings have recipients, otherwise none."""
    return Age(fieldwork.recipients) if fieldwork.recipients else CLEAR


def notes_for_staff(
    fieldwork: Fieldwork, questionnaire: Questionnaire | None = None
) -> tuple[str, ...]:
    """Warnings about the settings: no privacy statement, or encryption to only one key.

    With a questionnaire, there is also a warning if its background needs settings without a value.
    """
    notes: tuple[str, ...] = ()
    if fieldwork.setting("privacy_statement") is None:
        notes = (WITHOUT_PRIVACY,)
    names = unset(questionnaire, fieldwork) if questionnaire and fieldwork.path else ()
    if others := [name for name in names if name != "privacy_statement"]:
        notes += (as_called(WITHOUT_VALUE.format(names=", ".join(others))),)
    return (*notes, *note_of_few(fieldwork))


def note_of_few(fieldwork: Fieldwork) -> tuple[str, ...]:
    """A warning if the responses are encrypted to only one key."""
    return (TOO_FEW,) if 0 < len(fieldwork.recipients) < ENOUGH_KEYS else ()


def languages_of(loaded: Loaded, fieldwork: Fieldwork) -> tuple[str, ...]:
    """The languages in the settings, or all languages of the questionnaire."""
    for code in fieldwork.languages:
        _refuse_unknown(code, tuple(loaded.languages), "languages")
    return fieldwork.languages or tuple(loaded.languages)


def language_asked_for(wanted: str | None, offered: tuple[str, ...]) -> str | None:
    """The requested language, or the only one available; None if there are several."""
    if wanted is not None:
        _refuse_unknown(wanted, offered, "--language")
        return wanted
    return offered[0] if len(offered) == 1 else None


def _refuse_unknown(code: str, offered: tuple[str, ...], where: str) -> None:
    if code not in offered:
        raise UsageError(
            f"The questionnaire is not available in {safe(code)!r}.",
            where=where,
            hint=f"Use one of: {', '.join(offered)}.",
        )
