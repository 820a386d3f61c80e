"""The pages of a series of cases: everything visible on small screens, and few keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from microcred_cli import i18n
from microcred_cli.cases.case import Case, Cases, LoggedContact, hour_of, new_id
from microcred_cli.cases.log import CaseLog
from microcred_cli.clock import zones
from microcred_cli.fieldwork.background import objections, opening_words
from microcred_cli.fieldwork.settings import Fieldwork
from microcred_cli.questionnaire.loading import load
from microcred_cli.session.opening import TRAINING
from microcred_cli.session.options import WITHOUT_PRIVACY, Choices
from microcred_cli.session.series import Series
from tests.terminal.key_presses import TO_THE_NEXT
from tests.terminal.playing import CTRL_C, ENTER, SHIFT_TAB, Played, play

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LOADED = load("mc_employers")
FIELDWORK = Fieldwork(caller="the Institute for Surveys")
YES, BUSY = "1", "3"


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    yield
    i18n.speak("en")


def series(folder: Path, *cases: Case, language: str | None = None) -> Series:
    """A series by telephone of these cases; that of a training has one line less on each page."""
    log = CaseLog(folder / "case-log.json")
    log.change(lambda _: Cases(cases=cases))
    choices = Choices(plain=False)
    offered = tuple(LOADED.languages)
    return Series(choices, "phone", log, FIELDWORK, LOADED, offered, asked_for=language)


def known_case(language: str) -> Case:
    """A case with a long label, a stratum, a time zone and many contacts."""
    contacts: list[LoggedContact] = []
    for number in range(6):
        contact = LoggedContact(
            id=new_id(),
            code="soft_refusal_other",
            hour=hour_of(zones.now() - timedelta(days=90 - number)),
            after=contacts[-1].id if contacts else None,
            reason="confidentiality",
        )
        contacts.append(contact)
    return Case(
        label="A" * 32,
        stratum="south-east/manufacturing/medium",
        language=language,
        timezone="America/Argentina/Buenos_Aires",
        contacts=tuple(contacts),
    )


def pages(
    folder: Path,
    keys: Sequence[str],
    size: tuple[int, int],
    *cases: Case,
    language: str | None = None,
) -> Played[int]:
    return play(series(folder, *cases, language=language).conduct, [*keys, CTRL_C], size)


@pytest.mark.parametrize("language", LOADED.languages)
def test_everything_is_visible_on_a_small_screen(tmp_path: Path, language: str) -> None:
    spoken = LOADED.languages[language]
    case = known_case(language)
    played = pages(tmp_path, [YES, "g", SHIFT_TAB], (60, 20), case, language=language)
    dialling, opening, reply, *_ = played.looks
    said = " ".join(opening_words(spoken, FIELDWORK, language))
    replies = objections(spoken, FIELDWORK, language)
    assert f"{case.label} · {case.stratum}" in dialling.words
    assert "America/Argentina/Buenos_Aires" in dialling.words
    for look, last in ((dialling, 7), (opening, 6), (reply, 6)):
        signs = [line.split(".")[0].strip() for line in look.lines if "." in line]
        assert [sign for sign in signs if sign.isdecimal() and len(sign) == 1][-last:] == [
            str(number) for number in range(1, last + 1)
        ], look.text
    assert " ".join(said.split()) in opening.words.replace("┃ ", ""), opening.text
    assert all(label.replace("\u202f", " ") in opening.words for label, _ in replies), opening.text
    assert replies[-1][1] in reply.words.replace("┃ ", "")


@pytest.mark.parametrize("language", ["es", "fi", "fr"])
def test_the_opening_words_of_a_training_have_every_outcome_on_a_small_screen(
    tmp_path: Path, language: str
) -> None:
    practice = series(tmp_path, Case(label="A-1", language=language), language=language)
    practice.choices = practice.choices.having(training=True)
    opening = play(practice.conduct, [YES, CTRL_C], (60, 20)).looks[1]
    with i18n.speaking(language):
        training = i18n._(TRAINING).partition(":")[0]
    assert "6. " in opening.text, opening.text
    assert training.strip() in opening.text


@pytest.mark.parametrize("name", TO_THE_NEXT)
def test_few_keys_lead_to_the_first_words_of_the_next_case(tmp_path: Path, name: str) -> None:
    before, keys = TO_THE_NEXT[name]
    cases = [Case(label=f"A-{number}", language="en") for number in (1, 2)]
    played = pages(tmp_path, [*before, *keys], (80, 24), *cases)
    first, *_, last = played.looks[:-1]
    assert "Good day. My name is" in last.text
    assert first.lines[1] != last.lines[1].partition(" · ")[0].ljust(80)
    assert name not in ("busy", "no answer") or len(keys) <= 3


def test_an_outcome_is_taken_back_with_the_key_for_going_back(tmp_path: Path) -> None:
    played = pages(tmp_path, [BUSY, SHIFT_TAB, BUSY, ENTER], (80, 24), Case(label="A-1"))
    assert "Did anybody answer?" in played.looks[2].text
    assert len(CaseLog(tmp_path / "case-log.json").read().case("A-1").codes) == 1


def test_notes_for_staff_are_on_the_first_page_until_a_key_is_pressed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offered = series(tmp_path, Case(label="A-1", language="en"))
    offered.notes = (WITHOUT_PRIVACY,)
    first, second = play(offered.conduct, ["?", CTRL_C], (60, 20)).looks[:2]
    assert WITHOUT_PRIVACY in first.words
    assert "7. Stop here" in first.text
    assert WITHOUT_PRIVACY not in second.words
    assert WITHOUT_PRIVACY not in capsys.readouterr().err


def test_words_that_are_too_long_for_the_screen_have_a_page_of_their_own(tmp_path: Path) -> None:
    played = pages(tmp_path, [YES, ENTER, "c"], (40, 20), Case(label="A-1"), language="fi")
    _, words, listed, reply, *_ = played.looks
    assert "Hyvää päivää" in words.text
    assert "Kuka on puhelimessa?" in listed.text
    assert "1. " in listed.text
    assert "Organisaationne on" in reply.text
