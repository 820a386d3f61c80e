"""Problems with the settings of a survey round: missing, expired or contradictory values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.clock.dates import date_in_words
from microcred_cli.fieldwork.settings import CAN_BE_OMITTED, FILE_NAME, SPOKEN
from microcred_cli.frozen import Frozen
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.questionnaire.models import Questionnaire, Sentence

WITHOUT_BASIS = "Without a privacy statement, respondents cannot give informed consent."
_CAN_BE_FALSE = "Set a value, or write {name} = false if there is none."


class Finding(Frozen):
    """A problem with a setting, and how to correct it."""

    setting: str
    message: str
    hint: str


def sentences_of(questionnaire: Questionnaire) -> Iterator[Sentence]:
    """The sentences of the background (first written, then read aloud) and of the first contact."""
    for block in questionnaire.background.written:
        yield from block.sentences
    yield from questionnaire.background.read_aloud
    yield from first_contact_sentences(questionnaire)


def first_contact_sentences(questionnaire: Questionnaire) -> Iterator[Sentence]:
    """The opening words and the replies to objections."""
    if (first := questionnaire.first_contact) is not None:
        yield from first.opening
        for objection in first.objections:
            yield from objection.reply


def unset(questionnaire: Questionnaire, fieldwork: Fieldwork) -> tuple[str, ...]:
    """The settings that have no value although a sentence of the introduction needs one.

    Settings with the value `false` are not included, except for the privacy statement.
    """
    needed = {sentence.needs for sentence in sentences_of(questionnaire)}
    deliberate = fieldwork.omitted - {"privacy_statement"}
    return tuple(
        name
        for name in CAN_BE_OMITTED
        if name in needed and name not in deliberate and fieldwork.setting(name) is None
    )


def find_inconsistencies(
    languages: Mapping[str, Questionnaire],
    fieldwork: Fieldwork,
    day: date,
    only: str | None = None,
) -> Iterator[Finding]:
    """Find problems with the settings on a given day, for a questionnaire in these languages.

    The first language is the source language. If `only` is a language, wordings that are missing in
    other languages are not reported.
    """
    source = next(iter(languages.values()))
    if fieldwork.path is None:
        hint = f"Create {FILE_NAME} in this folder, or specify another file with --fieldwork."
        yield Finding("settings", "There is no settings file.", hint)
    for name in unset(source, fieldwork):
        message = "The setting has no value, so the sentences that need it are left out."
        hint = _CAN_BE_FALSE.format(name=name)
        if name == "privacy_statement":
            hint = f"Set a value. {WITHOUT_BASIS}"
        yield Finding(name, message, hint)
    mentioned = {sentence.needs for sentence in sentences_of(source)}
    for name in CAN_BE_OMITTED:
        if fieldwork.setting(name) is not None and name not in mentioned:
            message = "The setting has a value, but no sentence of the introduction mentions it."
            hint = f"Add a sentence with `needs: {name}` to the questionnaire."
            yield Finding(name, message, hint)
    yield from _dates(fieldwork, day)
    checked = {code: each for code, each in languages.items() if only in (None, code)}
    yield from _unspoken(checked, fieldwork)
    yield from _untranslated(checked, source)


def _dates(fieldwork: Fieldwork, day: date) -> Iterator[Finding]:
    if fieldwork.closes and fieldwork.is_closed(day):
        closed = date_in_words(fieldwork.closes)
        message = f"The survey closed on {closed}, so no interview can begin."
        yield Finding("closes", message, "Set a later date if the survey is to continue.")
    if fieldwork.respond_by and fieldwork.is_late(day):
        asked = date_in_words(fieldwork.respond_by)
        message = f"The date ({asked}) has passed, so no sentence mentions it."
        yield Finding("respond_by", message, "Set a later date if respondents still have time.")


def _unspoken(languages: Iterable[str], fieldwork: Fieldwork) -> Iterator[Finding]:
    offered = [code for code in languages if code in (fieldwork.languages or languages)]
    for name, notice in fieldwork.notices.items():
        if notice.spoken is not None:
            missing = [code for code in offered if notice.spoken_in(code) is None]
            yield from _missing(f"{name}{SPOKEN}", missing)
    if fieldwork.caller is not None:
        missing = [code for code in offered if fieldwork.setting("caller", code) is None]
        yield from _missing("caller", missing)


def _missing(setting: str, codes: Sequence[str]) -> Iterator[Finding]:
    if codes:
        message = f"The setting has no wording for {', '.join(codes)}."
        yield Finding(setting, message, f'Add a wording: {codes[0]} = "…"')


def _untranslated(
    languages: Mapping[str, Questionnaire], source: Questionnaire
) -> Iterator[Finding]:
    mark = f" [{source.language}]"
    for language, questionnaire in languages.items():
        count = sum(sentence.text.endswith(mark) for sentence in sentences_of(questionnaire))
        if count:
            message = f"{count} sentences of the introduction are not translated into {language}."
            hint = (
                f"To translate these sentences: microcred questionnaire translate {safe(language)}"
            )
            yield Finding("languages", message, hint)
