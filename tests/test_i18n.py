"""The program's messages: complete in every language, with correct plurals, numbers and keys."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from microcred_cli.i18n import (
    FOLDER,
    GROUPS,
    LETTERS,
    OWN_LANGUAGE,
    _,
    digits,
    labelled,
    letter,
    n_,
    per_cent,
    read_aloud,
    speak,
    speaking,
    spoken,
    tenths,
)
from microcred_cli.questionnaire.loading import load
from microcred_cli.terminal.key_map import BY_ACTION, Action
from microcred_cli.terminal.list_rows import SINGLE_KEYS
from microcred_cli.text import fold

LANGUAGES = sorted(path.name for path in FOLDER.iterdir())
ROOT = Path(__file__).parent.parent


def test_the_survey_s_languages_are_there() -> None:
    assert LANGUAGES == ["de", "es", "fi", "fr", "nl", "pl", "sl"]


def test_every_word_of_the_code_is_translated_and_compiled() -> None:
    """After adding a message, run docs/words.py and translate it."""
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "words.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


SPACE_BEFORE = re.compile(r"(?<![\u202f?!])[;?!]|(?<!\u202f):(?=[\s\u202f]|$)|\u202f(?![;?!:])")
"""A French sign without a narrow no-break space before it, or such a space elsewhere."""


def test_french_signs_have_a_narrow_no_break_space_before_them() -> None:
    with (FOLDER / "fr" / "LC_MESSAGES" / "microcred.po").open("rb") as file:
        words = read_po(file)
    messages = [
        text
        for message in words
        if message.id
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]
    texts = load("mc_employers").languages.texts("fr").values()
    numbers = re.compile(r"(?<=\d)\u202f(?=\d)")
    wrong = [t for t in (*messages, *texts) if SPACE_BEFORE.search(numbers.sub("", str(t)))]
    assert not wrong
    assert len(messages) > 400


def test_a_label_has_the_colon_of_its_language() -> None:
    assert labelled("Row 2", "Alpha") == "Row 2: Alpha"
    with speaking("fr"):
        assert labelled("Ligne 2", "Alpha") == "Ligne 2\u202f: Alpha"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_and_edges_of_its_source(language: str) -> None:
    with (FOLDER / language / "LC_MESSAGES" / "microcred.po").open("rb") as file:
        words = read_po(file)
    for message in words:
        if not message.id:
            continue
        several = isinstance(message.id, tuple)
        source = str(message.id[-1] if several else message.id)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in map(str, strings):
            found, wanted = (set(re.findall(r"\{\w+\}", each)) for each in (text, source))
            assert found == wanted or (several and found <= wanted), text
            assert (text[:1] == " ", text[-1:] == " ") == (source[:1] == " ", source[-1:] == " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_follow_the_language(language: str) -> None:
    """Two numbers have the same form exactly if CLDR puts them in the same category."""
    speak(language)
    rule = Locale(language).plural_form

    def words(number: int) -> str:
        return n_("a minute left", "about {minutes} minutes left", number)

    for first in range(2, 31):
        for second in range(first, 31):
            if rule(first) == rule(second):
                assert words(first) == words(second), (first, second)
    forms = {"pl": 3, "sl": 4}.get(language, 2)
    with (FOLDER / language / "LC_MESSAGES" / "microcred.po").open("rb") as file:
        several = [m.string for m in read_po(file) if isinstance(m.id, tuple)]
    assert several
    assert {len(strings) for strings in several if strings} == {forms}


@pytest.mark.parametrize("language", [OWN_LANGUAGE, *LANGUAGES])
@pytest.mark.parametrize("number", [0, 7, 999, 1000, 2000, 9999, 10_000, 10_000_000])
def test_numbers_are_written_as_the_language_has_them(language: str, number: int) -> None:
    speak(language)
    if language in ("es", "pl") and 1000 <= number < 10_000:
        # CLDR requires two digits before a grouping separator; Babel ignores that.
        assert digits(number) == str(number)
    else:
        written = format_decimal(number, locale=language)
        if language == "es":
            # As in the built-in questionnaire and in texts of the European Union.
            written = written.replace(".", "\u00a0")
        assert digits(number) == written


def test_the_built_in_questionnaire_groups_digits_as_the_program_does() -> None:
    loaded = load("mc_employers")
    for language, separator in GROUPS.items():
        texts = json.dumps(
            json.loads(loaded.languages[language].model_dump_json()), ensure_ascii=False
        )
        found = re.findall(r"\b\d{1,3}([.,\u00a0\u202f ])\d{3}\b", texts)
        assert set(found) == {separator}, language


@pytest.mark.parametrize("language", [OWN_LANGUAGE, *LANGUAGES])
def test_percentages_and_fractions_are_written_as_the_language_has_them(language: str) -> None:
    with speaking(language):
        assert tenths(27) == format_decimal(2.7, locale=language)
        written = re.sub("[\u00a0\u202f]", " ", format_percent(0.36, locale=language))
        # The survey's own English text has a space, as in texts of the European Union.
        assert per_cent(36) == ("36 %" if language == OWN_LANGUAGE else written)
    assert spoken() == OWN_LANGUAGE


def test_a_voice_gets_numbers_in_one_piece() -> None:
    with speaking("fr"):
        assert read_aloud("10\u202f000 ou plus, 36\u00a0%") == "10 000 ou plus, 36 %"
    with speaking("es"):
        assert read_aloud("10\u00a0000 o más") == "10000 o más"


def test_keys_for_yes_no_and_reserved_codes_do_not_clash() -> None:
    assert set(LETTERS) == {OWN_LANGUAGE, *LANGUAGES} == set(GROUPS)
    for language, keys in LETTERS.items():
        assert len(set(keys.values())) == len(keys), language
        assert not set(keys.values()) & set(SINGLE_KEYS), language


@pytest.mark.parametrize("language", LANGUAGES)
def test_reserved_codes_have_a_letter_of_their_own_words(language: str) -> None:
    with speaking(language):
        for code, label in (("dk", "Don't know"), ("pna", "Prefer not to answer")):
            words = re.split(r"\W+", fold(_(label)))
            assert any(word.startswith(letter(code)) for word in words), (code, words)


def test_keys_have_the_names_on_keyboards_of_the_language() -> None:
    with speaking("de"):
        assert BY_ACTION[Action.BACK].shown_key == "Umschalt-Tab"
        assert BY_ACTION[Action.MENU].shown_key == "Strg-O"
        assert BY_ACTION[Action.HELP].shown_key == "F1"


def test_another_language_is_spoken_from_then_on() -> None:
    assert (_("Don't know"), letter("yes")) == ("Don't know", "y")
    speak("de")
    assert spoken() == "de"
    assert (_("Don't know"), letter("yes")) == ("Weiß nicht", "j")
    speak("xx")
    assert (_("Don't know"), letter("yes")) == ("Don't know", "y")
