"""Plain output as espeak-ng, the synthesiser of several screen readers, speaks it.

What is spoken must be what is spoken for the same text in the simplest form.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest

from microcred_cli.i18n import GROUPS, digits, per_cent, read_aloud, speak, within
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Integer
from microcred_cli.summary.formats.words import under
from tests.questionnaire.sample import SAMPLE

if TYPE_CHECKING:
    from tests.cli.program import Place

needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)
LANGUAGES = tuple(GROUPS)
PART_OF_TEXTS = frozenset(".,:;?!()'/%’-_")
"""Signs with which each language is written, and whose speech is not ours to choose."""


@cache
def spoken(language: str, text: str) -> str:
    """The sounds of a text, without stress and pauses."""
    done = subprocess.run(
        ["espeak-ng", "-q", "-x", "-v", language, text], capture_output=True, text=True, check=True
    )
    return re.sub(r"\W|_", "", done.stdout)


@needs_espeak
@pytest.mark.parametrize("language", LANGUAGES)
class TestSpoken:
    def test_a_masked_count_is_more_than_its_limit(self, language: str) -> None:
        speak(language)
        limit, sounds = spoken(language, "8"), spoken(language, under(8))
        assert sounds.endswith(limit)
        assert len(sounds) > len(limit)

    @pytest.mark.parametrize("number", [999, 1_000, 10_000, 25_000, 1_000_000])
    def test_a_number_is_one_number(self, language: str, number: int) -> None:
        speak(language)
        assert spoken(language, read_aloud(digits(number))) == spoken(language, str(number))

    def test_a_year_is_a_year(self, language: str) -> None:
        speak(language)
        assert within(1998, 1900, 2030) == "1998"

    def test_a_percentage_is_a_number_of_per_cent(self, language: str) -> None:
        speak(language)
        number, share = spoken(language, "12"), spoken(language, read_aloud(per_cent(12)))
        assert share.startswith(number)
        assert len(share) > len(number)

    def test_the_numbers_in_labels_are_one_number_each(self, language: str) -> None:
        speak(language)
        questionnaire = load("mc_employers").languages[language]
        numbers = [item for item in questionnaire.items if isinstance(item, Integer)]
        labels = {band.label for item in numbers for band in item.stored_as or ()}
        grouped = [label for label in labels if re.search(r"\d\d[\s.,]\d{3}", label)]
        assert grouped
        for label in grouped:
            bare = re.sub(r"(?<=\d)[\s.,](?=\d{3})", "", label)
            assert spoken(language, read_aloud(label)) == spoken(language, bare), label


@needs_espeak
def test_no_sign_in_plain_lines_is_spoken(place: Place) -> None:
    """No pointer, tick or line: only the signs with which texts are written."""
    assert place.simulate(60).code == 0
    lines = "1\n1\n1\n1\n1\n:help\n"
    for language in LANGUAGES:
        options = ("--plain", "--language", language)
        asked = place.run("respond", *options, "--responses", "real", typed=lines)
        shown = place.run(*("summary", *options), *("--question", "member_count"))
        assert shown.code == 0
        printed = asked.out + shown.out
        alone = spoken(language, "Berlin Rom")
        assert "<8" not in printed
        assert "\u00a0000" not in printed
        for sign in {c for c in printed if not (c.isalnum() or c.isspace())} - PART_OF_TEXTS:
            assert sign not in "»│✓·‡→↓↑|" or (sign == "»" and language in ("es", "fr", "sl"))
            assert spoken(language, f"Berlin {sign} Rom") == alone, (language, sign)


def test_words_that_stay_english_are_announced_once(place: Place) -> None:
    place.write("sample.yaml", SAMPLE)
    assert place.run("questionnaire", "translate", "it", "sample.yaml").code == 0
    options = ("--questionnaire", "sample.yaml")
    notice = "[en] The program's own texts, such as notes and messages, are in English."
    assert place.simulate(12, *options).code == 0
    for language, times in (("it", 1), ("en", 0)):
        spoken_in = (*options, "--language", language, "--plain")
        asked = place.run("respond", *spoken_in, "--responses", "real", typed="1\n")
        for out in (asked.out, place.run("summary", *spoken_in).out):
            assert " ".join(out.split()).count(notice) == times
