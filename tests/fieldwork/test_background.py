"""The background: word for word, with each of four sentences either complete or omitted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from microcred_cli.fieldwork.background import (
    minutes_spoken,
    minutes_written,
    objections,
    opening_words,
    read_aloud,
    read_on_request,
    written,
)
from microcred_cli.fieldwork.settings import Fieldwork, Notice
from microcred_cli.i18n import _, speaking
from microcred_cli.questionnaire.durations import WORDS_PER_MINUTE_ALOUD
from microcred_cli.questionnaire.loading import load
from tests.scenario import builtin

if TYPE_CHECKING:
    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.questionnaire.models import Questionnaire

VALUES = {
    "endorsement_letter": "https://example.org/letter",
    "privacy_statement": "https://example.org/privacy",
    "contact": "survey@example.org",
}
DAY = date(2027, 5, 31)
EARLIER, LATER = date(2027, 5, 1), date(2027, 6, 1)
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


def told(questionnaire: Questionnaire, fieldwork: Fieldwork, language: str = "en") -> str:
    """All that an interviewer may read aloud, on request too."""
    more = text(read_on_request(questionnaire, fieldwork, language, day=EARLIER))
    return " ".join((*read_aloud(questionnaire, fieldwork, language, day=EARLIER), more))


def text(paragraphs: tuple[Paragraph, ...]) -> str:
    return "\n".join(paragraph.text for paragraph in paragraphs)


@pytest.mark.parametrize(
    "names",
    [tuple(n for n, on in zip(NEEDED, s, strict=True) if on) for s in product([0, 1], repeat=4)],
)
def test_each_sentence_stands_with_its_value_or_not_at_all(names: tuple[str, ...]) -> None:
    shown = text(written(builtin(), settings(*names), day=EARLIER))
    for name, sentence in SENTENCES.items():
        assert (sentence in shown) == (name in names)
        assert (sentence[:35] in shown) == (name in names)
    assert "{" not in shown
    assert "None" not in shown


@pytest.mark.parametrize("names", [(), NEEDED])
def test_nothing_ends_in_an_empty_place(names: tuple[str, ...]) -> None:
    for paragraph in written(builtin(), settings(*names), day=EARLIER):
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
    assert plain(text(written(builtin(), settings(*NEEDED), day=EARLIER))) == plain(page)


def test_a_text_that_is_given_below_follows_with_its_heading() -> None:
    letter = "Dear all,\n\nplease\ntake part.\n\n\n\n \n\n- one\n- two"
    paragraphs = written(
        builtin(), Fieldwork(notices={"endorsement_letter": Notice("given below", letter)})
    )
    assert [(p.kind, p.text) for p in paragraphs[-5:]] == [
        ("heading", "Endorsement letter"),
        ("paragraph", "Dear all,"),
        ("paragraph", "please\ntake part."),
        ("list", "one"),
        ("list", "two"),
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
    coarse = told(builtin(), Fieldwork())
    full = told(builtin(), Fieldwork(detail="full"))
    assert "only in broad groups" in coarse
    assert "encrypted" not in coarse
    assert "only in broad groups" not in full
    assert "kept encrypted" in full


@pytest.mark.parametrize("names", [(), NEEDED])
def test_what_is_read_aloud_has_the_same_rule(names: tuple[str, ...]) -> None:
    now = read_aloud(builtin(), settings(*names), day=EARLIER)
    _heading, *later = [p.text for p in read_on_request(builtin(), settings(*names), day=EARLIER)]
    met = (None, "coarse_detail", *names)
    sentences = [s for s in builtin().background.read_aloud if s.needs in met]
    assert len(later) == sum(s.on_request for s in sentences)
    assert len(now) == len(sentences) - len(later)
    assert all(sentence and "{" not in sentence for sentence in (*now, *later))


def test_the_introduction_takes_a_minute_to_read_aloud() -> None:
    heard = (*read_aloud(builtin(), settings(*NEEDED)), *minutes_spoken(builtin(), builtin()))
    assert len(" ".join(heard).split()) <= WORDS_PER_MINUTE_ALOUD
    assert not read_on_request(changed_background(), Fieldwork())


def changed_background() -> Questionnaire:
    """The questionnaire with no sentence that is read on request."""
    background = builtin().background
    kept = tuple(s for s in background.read_aloud if not s.on_request)
    return builtin().model_copy(
        update={"background": background.model_copy(update={"read_aloud": kept})}
    )


BELOW = {
    "contact": Notice("given below", "Ask\nMs Smith."),
    "privacy_statement": Notice("given below", "# Privacy\n\nNothing is kept."),
    "endorsement_letter": Notice("given below", "Dear all"),
}


@pytest.mark.parametrize("language", load("mc_employers").languages)
def test_nobody_hears_that_something_is_printed_below(language: str) -> None:
    questionnaire = load("mc_employers").languages[language]
    with speaking(language):
        heard = told(questionnaire, Fieldwork(notices=BELOW), language)
        assert _("given below") not in heard
        assert _("I can read the privacy statement out to you.") in heard
        assert _("If you have questions, I can tell you whom to contact.") in heard
    assert "{" not in heard
    sentence = next(
        s.text for s in questionnaire.background.read_aloud if s.needs == "privacy_statement"
    )
    assert sentence.partition(". ")[0] in heard


def test_a_notice_is_mentioned_aloud_in_its_spoken_words() -> None:
    address = Notice("https://example.org/p?id=7", spoken="on our website, under Privacy")
    heard = told(builtin(), Fieldwork(notices={"privacy_statement": address}))
    assert "or send it to you: on our website, under Privacy" in heard
    assert "https" not in heard
    below = replace(BELOW["contact"], spoken="at the number on your letter")
    heard = told(builtin(), Fieldwork(notices={"contact": below}))
    assert "you can reach us here: at the number on your letter" in heard


def test_nobody_is_asked_to_answer_by_a_day_that_is_over() -> None:
    asked = Fieldwork(respond_by=DAY)
    assert "31.05.2027" in text(written(builtin(), asked, day=EARLIER))
    assert "31.05.2027" in text(written(builtin(), asked, day=DAY))
    assert "31.05.2027" not in text(written(builtin(), asked, day=LATER))


@pytest.mark.parametrize("language", load("mc_employers").languages)
def test_the_minutes_are_told_in_the_words_of_each_language(language: str) -> None:
    translated = load("mc_employers").languages[language]
    with speaking(language):
        (paragraph,) = minutes_written(builtin(), translated)
        (spoken,) = minutes_spoken(builtin(), translated)
    promise = translated.promised_minutes
    assert promise is not None
    condition = promise.exceptions[0].text
    assert re.search(r"\b15\b.*\b20\b.*\. " + condition, paragraph.text)
    assert spoken.startswith(condition)
    assert "{" not in paragraph.text + spoken
    assert language == "en" or "takes" not in paragraph.text + spoken


def test_the_sentence_on_the_caller_is_left_out_only_in_languages_without_its_name() -> None:
    fieldwork = Fieldwork(caller={"de": "das Institut"})
    said = {}
    for language in ("en", "de", "es"):
        spoken = load("mc_employers").languages[language]
        with speaking(language):
            said[language] = " ".join(opening_words(spoken, fieldwork, language))
    assert "das Institut" in said["de"]
    assert all(said.values())
    assert "Institut" not in said["en"] + said["es"]


@pytest.mark.parametrize("language", load("mc_employers").languages)
def test_the_first_words_and_replies_are_short_and_name_the_settings(language: str) -> None:
    spoken = load("mc_employers").languages[language]
    caller = {"en": "the institute", language: "the other institute"}
    fieldwork = replace(settings(*VALUES), caller=caller)
    with speaking(language):
        first = opening_words(spoken, fieldwork, language)
        replies = dict(objections(spoken, fieldwork, language))
        without = opening_words(spoken, Fieldwork(), language)
    assert len(first) == len(without) + 1
    assert sum("the other institute" in sentence for sentence in first) == 1
    assert len(replies) == 7
    for said in (" ".join(first), *replies.values()):
        assert "{value}" not in said
        assert len(said.split()) * 60 / WORDS_PER_MINUTE_ALOUD <= 40
    assert all(len(label) <= 32 for label in replies)
    assert sum(VALUES["contact"] in reply for reply in replies.values()) == 2
