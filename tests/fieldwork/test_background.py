"""The background: word for word, with each of four sentences either complete or omitted."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from microcred_cli.fieldwork.background import read_aloud, written
from microcred_cli.fieldwork.settings import Fieldwork, Notice
from tests.scenario import builtin

if TYPE_CHECKING:
    from microcred_cli.fieldwork.background import Paragraph

VALUES = {
    "endorsement_letter": "https://example.org/letter",
    "privacy_statement": "https://example.org/privacy",
    "contact": "survey@example.org",
}
DAY = date(2027, 5, 31)
SENTENCES = {
    "endorsement_letter": "Please read the official endorsement letter from CEDEFOP: "
    "https://example.org/letter",
    "privacy_statement": "Please read the Specific Privacy Statement "
    "(https://example.org/privacy) to learn more about the information that will be collected "
    "during this survey, where it will be stored and how it will be handled.",
    "contact": "If you have any questions about the survey or the project, please do not hesitate "
    "to contact us at: survey@example.org",
    "respond_by": "We would very much appreciate it if you completed the questionnaire by "
    "31.05.2027.",
}
NEEDED = tuple(SENTENCES)
ON_THE_PAGE = {
    "endorsement_letter": "Please read the official endorsement letter from CEDEFOP.",
    "privacy_statement": "Please read the Specific Privacy Statement to learn more about the "
    "information that will be collected during this survey, where it will be stored and how it "
    "will be handled.",
    "contact": "If you have any questions about the survey or the project, please do not hesitate "
    "to contact us at:",
    "respond_by": "We would very much appreciate it if you completed the questionnaire by "
    "05.07.2021.",
}
"""The sentences of the landing page that need a setting, as printed there."""


def landing_page() -> str:
    """Cedefop's landing page, in a separate file."""
    page = Path(__file__).with_name("landing_page.en.txt").read_text(encoding="utf-8")
    assert len(page.split()) > 400
    return plain(page)


def plain(words: str) -> str:
    """The same words separated by single spaces, without list bullets."""
    return " ".join(words.replace("•", " ").split())


def without(page: str, sentence: str, instead: str = "") -> str:
    """A page with one of its sentences replaced."""
    assert page.count(sentence) == 1, sentence
    return page.replace(sentence, instead)


def settings(*names: str) -> Fieldwork:
    return Fieldwork(
        notices={name: Notice(VALUES[name]) for name in names if name in VALUES},
        respond_by=DAY if "respond_by" in names else None,
    )


def text(paragraphs: tuple[Paragraph, ...]) -> str:
    return "\n".join(paragraph.text for paragraph in paragraphs)


@pytest.mark.parametrize(
    "names",
    [tuple(n for n, on in zip(NEEDED, s, strict=True) if on) for s in product([0, 1], repeat=4)],
)
def test_each_sentence_stands_with_its_value_or_not_at_all(names: tuple[str, ...]) -> None:
    shown = text(written(builtin(), settings(*names)))
    for name, sentence in SENTENCES.items():
        assert (sentence in shown) == (name in names)
        assert (sentence[:35] in shown) == (name in names)
    assert "{" not in shown
    assert "None" not in shown


@pytest.mark.parametrize("names", [(), NEEDED])
def test_nothing_ends_in_an_empty_place(names: tuple[str, ...]) -> None:
    for paragraph in written(builtin(), settings(*names)):
        assert paragraph.text.strip() == paragraph.text != ""
        assert "()" not in paragraph.text
        assert "  " not in paragraph.text.replace("\u00a0", "")
    last = "contact us at:", "CEDEFOP:", "by .", "by"
    assert not any(paragraph.text.endswith(last) for paragraph in written(builtin(), settings()))


def test_without_settings_the_landing_page_is_shown_without_the_four_sentences() -> None:
    page = landing_page()
    for sentence in ON_THE_PAGE.values():
        page = without(page, sentence)
    assert plain(text(written(builtin(), settings()))) == plain(page)


def test_with_all_settings_the_landing_page_is_shown_with_their_values() -> None:
    page = landing_page()
    for name, sentence in ON_THE_PAGE.items():
        page = without(page, sentence, SENTENCES[name])
    assert plain(text(written(builtin(), settings(*NEEDED)))) == plain(page)


def test_a_text_that_is_given_below_follows_with_its_heading() -> None:
    letter = "Dear all,\n\nplease\ntake part.\n\n\n\n \n\nYours"
    paragraphs = written(
        builtin(), Fieldwork(notices={"endorsement_letter": Notice("given below", letter)})
    )
    assert [(p.kind, p.text) for p in paragraphs[-4:]] == [
        ("heading", "Endorsement letter"),
        ("paragraph", "Dear all,"),
        ("paragraph", "please take part."),
        ("paragraph", "Yours"),
    ]
    assert "letter from CEDEFOP: given below" in text(paragraphs)


def test_a_value_cannot_act_on_the_terminal() -> None:
    evil = Fieldwork(
        notices={
            "contact": Notice("a\x1b[2J\u202eb"),
            "privacy_statement": Notice("given below", "c\x1b]0;x\x07d"),
        }
    )
    shown = text(written(builtin(), evil))
    assert not set("\x1b\u202e\x07") & set(shown)


def test_what_is_kept_is_said_as_it_is() -> None:
    coarse = " ".join(read_aloud(builtin(), Fieldwork()))
    full = " ".join(read_aloud(builtin(), Fieldwork(detail="full")))
    assert "only in coarse form" in coarse
    assert "encrypted" not in coarse
    assert "only in coarse form" not in full
    assert "kept encrypted" in full


@pytest.mark.parametrize("names", [(), NEEDED])
def test_what_is_read_aloud_has_the_same_rule(names: tuple[str, ...]) -> None:
    sentences = read_aloud(builtin(), settings(*names))
    needing = [s for s in builtin().background.read_aloud if s.needs in NEEDED]
    always = [s for s in builtin().background.read_aloud if s.needs in (None, "coarse_detail")]
    assert len(sentences) == len(always) + (len(needing) if names else 0)
    assert all(sentence and "{" not in sentence for sentence in sentences)
