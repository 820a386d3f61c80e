"""The background: a questionnaire's introduction for respondents, with values from the settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from microcred_cli.fieldwork.formatting import parts_of_notice
from microcred_cli.frozen import Frozen
from microcred_cli.i18n import N_, _, n_
from microcred_cli.questionnaire.durations import told_minutes
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.questionnaire.models import Questionnaire, Sentence

HEADINGS: Final = {
    "endorsement_letter": N_("Endorsement letter"),
    "privacy_statement": N_("Specific Privacy Statement"),
    "contact": N_("Contact"),
}
"""The heading of each notice that is printed below the background."""

_READ_OUT: Final = {
    "endorsement_letter": N_("I can read the endorsement letter out to you."),
    "privacy_statement": N_("I can read the privacy statement out to you."),
    "contact": N_("If you have questions, I can tell you whom to contact."),
}
"""Sentences read aloud in place of a reference to a notice that is printed below."""

PILOT: Final = N_(
    "This is a pilot. The program also stores how long each question takes, only roughly and "
    "separately from your answers."
)

_BETWEEN_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")


class Paragraph(Frozen):
    """A block of the background, safe to print; each list entry is a separate block.

    Line breaks in the text are kept. Interviewers read out blocks of the kind `aloud`.
    """

    kind: Literal["title", "heading", "paragraph", "quotation", "list", "aloud"]
    text: str


def written(
    questionnaire: Questionnaire,
    fieldwork: Fieldwork,
    language: str = "en",
    *,
    day: date | None = None,
) -> tuple[Paragraph, ...]:
    """The background for reading on screen, followed by the full text of the notices in it.

    `day` is the current date; if the date by which respondents should answer has passed, sentences
    that mention it are left out.
    """
    found: list[Paragraph] = []
    day = day or fieldwork.today()
    for block in questionnaire.background.written:
        shown = shown_sentences(block.sentences, fieldwork, day, language)
        sentences = [written_sentence(sentence, fieldwork, language) for sentence in shown]
        if block.kind == "list":
            found += [Paragraph("list", sentence) for sentence in sentences]
        elif sentences:
            found.append(Paragraph(block.kind, " ".join(sentences)))
    return (*found, *notices_below(fieldwork))


def read_aloud(
    questionnaire: Questionnaire,
    fieldwork: Fieldwork,
    language: str = "en",
    *,
    day: date | None = None,
) -> tuple[str, ...]:
    """The background for an interviewer to read aloud, one string per sentence."""
    return _spoken(questionnaire, fieldwork, language, day, on_request=False)


def read_on_request(
    questionnaire: Questionnaire,
    fieldwork: Fieldwork,
    language: str = "en",
    *,
    day: date | None = None,
) -> tuple[Paragraph, ...]:
    """The sentences that an interviewer reads aloud only on request, under a heading."""
    spoken = _spoken(questionnaire, fieldwork, language, day, on_request=True)
    if not spoken:
        return ()
    heading = Paragraph("heading", _("To be read aloud only on request"))
    return (heading, *(Paragraph("aloud", text) for text in spoken))


def _spoken(
    questionnaire: Questionnaire,
    fieldwork: Fieldwork,
    language: str,
    day: date | None,
    *,
    on_request: bool,
) -> tuple[str, ...]:
    sentences = questionnaire.background.read_aloud
    shown = shown_sentences(sentences, fieldwork, day or fieldwork.today(), language)
    return tuple(
        spoken_sentence(sentence, fieldwork, language)
        for sentence in shown
        if sentence.on_request == on_request
    )


def opening_words(
    questionnaire: Questionnaire, fieldwork: Fieldwork, language: str = "en"
) -> tuple[str, ...]:
    """The opening words of a conversation, one string per sentence; empty if there are none."""
    first = questionnaire.first_contact
    return _said(first.opening, fieldwork, language) if first is not None else ()


def objections(
    questionnaire: Questionnaire,
    fieldwork: Fieldwork,
    language: str = "en",
    labels: Questionnaire | None = None,
) -> tuple[tuple[str, str], ...]:
    """The label of each common objection, and the reply to read aloud.

    The labels can be those of the questionnaire in another language.
    """
    first, own = questionnaire.first_contact, (labels or questionnaire).first_contact
    if first is None or own is None:
        return ()
    replies = (
        (safe(labelled.label), " ".join(_said(each.reply, fieldwork, language)))
        for each, labelled in zip(first.objections, own.objections, strict=True)
    )
    return tuple((label, reply) for label, reply in replies if reply)


def _said(sentences: Iterable[Sentence], fieldwork: Fieldwork, language: str) -> tuple[str, ...]:
    shown = shown_sentences(sentences, fieldwork, fieldwork.today(), language)
    return tuple(spoken_sentence(sentence, fieldwork, language) for sentence in shown)


def shown_sentences(
    sentences: Iterable[Sentence], fieldwork: Fieldwork, day: date, language: str
) -> Iterator[Sentence]:
    """The sentences to show: all except those that need an unset setting or a past date.

    If a setting has a value per language, it counts as unset in languages without a value.
    """
    for sentence in sentences:
        if sentence.needs == "respond_by" and fieldwork.is_late(day):
            continue
        if sentence.needs is None or fieldwork.setting(sentence.needs, language) is not None:
            yield sentence


def written_sentence(sentence: Sentence, fieldwork: Fieldwork, language: str) -> str:
    """A sentence as displayed on the page."""
    value = fieldwork.setting(sentence.needs, language) if sentence.needs else ""
    return safe(sentence.text.replace("{value}", value or ""))


def spoken_sentence(sentence: Sentence, fieldwork: Fieldwork, language: str) -> str:
    """A sentence as read aloud.

    A reference to a notice that is printed below is replaced by an offer to read the notice out.
    """
    if sentence.needs is None:
        return safe(sentence.text)
    value = fieldwork.spoken(sentence.needs, language)
    if value is not None:
        return safe(sentence.text.replace("{value}", value))
    offer = _(_READ_OUT[sentence.needs])
    parts = _BETWEEN_SENTENCES.split(sentence.text)
    return safe(" ".join(offer if "{value}" in part else part for part in parts))


def notices_below(fieldwork: Fieldwork) -> Iterator[Paragraph]:
    """The notices that are printed below the background, each under its heading."""
    for name, notice in fieldwork.notices.items():
        if notice.text is not None:
            yield Paragraph("heading", _(HEADINGS[name]))
            for kind, text in parts_of_notice(notice.text):
                yield Paragraph(kind, safe(text, newlines=True))


def minutes_written(source: Questionnaire, translated: Questionnaire) -> tuple[Paragraph, ...]:
    """Sentences on the expected duration for each group of self-completing respondents."""
    said = [
        _duration(least, most, condition)
        for least, most, condition in told_minutes(source, translated, aloud=False)
    ]
    return (Paragraph("paragraph", " ".join(said)),) if said else ()


def minutes_spoken(source: Questionnaire, translated: Questionnaire) -> tuple[str, ...]:
    """Sentences to read aloud on the duration for groups with an exceptional duration."""
    return tuple(
        _duration(least, most, condition)
        for least, most, condition in told_minutes(source, translated, aloud=True)
        if condition is not None
    )


def pilot_notice(fieldwork: Fieldwork) -> tuple[str, ...]:
    """The sentences that tell respondents of a pilot that times are stored."""
    return (_(PILOT),) if fieldwork.times else ()


def _duration(least: int, most: int, condition: str | None) -> str:
    minutes = str(most)
    if least < most:
        minutes = _("{least} to {most}").format(least=least, most=most)
    duration = n_("a minute", "{minutes} minutes", most).format(minutes=minutes)
    if condition is None:
        return _("It takes about {duration}.").format(duration=duration)
    told = _("{condition}, it takes about {duration}.")
    return told.format(condition=safe(condition), duration=duration)
