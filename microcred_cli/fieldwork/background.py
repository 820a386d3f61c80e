"""The background: a questionnaire's introduction for respondents, with values from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from microcred_cli.i18n import N_, _
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.questionnaire.models import Questionnaire, Sentence

_HEADINGS = {
    "endorsement_letter": N_("Endorsement letter"),
    "privacy_statement": N_("Specific Privacy Statement"),
    "contact": N_("Contact"),
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of the background, safe to print; each list entry is a separate block."""

    kind: Literal["title", "heading", "paragraph", "quotation", "list"]
    text: str


def written(
    questionnaire: Questionnaire, fieldwork: Fieldwork, language: str = "en"
) -> tuple[Paragraph, ...]:
    """The background for reading on screen, followed by the longer notices that it refers to."""
    found: list[Paragraph] = []
    for block in questionnaire.background.written:
        sentences = [*_sentences(block.sentences, fieldwork, language)]
        if block.kind == "list":
            found += [Paragraph("list", sentence) for sentence in sentences]
        elif sentences:
            found.append(Paragraph(block.kind, " ".join(sentences)))
    return (*found, *_notices(fieldwork))


def read_aloud(
    questionnaire: Questionnaire, fieldwork: Fieldwork, language: str = "en"
) -> tuple[str, ...]:
    """The background for an interviewer to read aloud, one string per sentence."""
    return tuple(_sentences(questionnaire.background.read_aloud, fieldwork, language))


def _sentences(sentences: Iterable[Sentence], fieldwork: Fieldwork, language: str) -> Iterator[str]:
    for sentence in sentences:
        value = fieldwork.setting(sentence.needs, language) if sentence.needs else ""
        if value is not None:
            yield safe(sentence.text.replace("{value}", value))


def _notices(fieldwork: Fieldwork) -> Iterator[Paragraph]:
    for name, notice in fieldwork.notices.items():
        if notice.text is not None:
            yield Paragraph("heading", _(_HEADINGS[name]))
            for paragraph in notice.text.split("\n\n"):
                if words := paragraph.split():
                    yield Paragraph("paragraph", safe(" ".join(words)))
