"""Only the program's own control sequences reach a terminal, whatever texts it shows."""

from __future__ import annotations

import os

import pytest

from tests.hostile.foreign import MODES, all_compared, compared, kinds_in
from tests.hostile.naughty import ACTING
from tests.hostile.working import IS_WHOLE, acting_in, at_work, trouble_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")

FEW = 3


@pytest.mark.parametrize("words", [each for each in ACTING if acting_in(each)])
def test_what_acts_would_be_seen(words: str) -> None:
    assert kinds_in(words.encode())


def test_letters_signs_and_moves_are_not_foreign() -> None:
    assert kinds_in("» 1. Żółć ␛ � x".encode()) == set()
    own = b"\x1b[?1049h\x1b[12;3H\x1b[0;1mWords\x1b[0m\x1b[K\r\n"
    assert kinds_in(own + "\x1b[1;77HOther wörds \x1b[0mx".encode()) == kinds_in(own)


def test_no_words_act_on_a_terminal() -> None:
    words = [each for each in ACTING if acting_in(each)][:: len(MODES)]
    found = compared(MODES[0], words[:FEW])
    assert found.foreign == frozenset()
    assert found.shown > FEW


@pytest.mark.skipif(not IS_WHOLE, reason="takes minutes; set HOSTILE=all")
def test_no_words_at_all_act_on_a_terminal() -> None:
    assert [each for each in all_compared() if each.foreign] == []


OPTIONS: tuple[list[str], ...] = (
    ["{}"],
    ["--{}"],
    ["respond", "{}"],
    ["respond", "--{}"],
    ["respond", "--language", "{}"],
    ["respond", "--questionnaire", "{}"],
    ["respond", "--fieldwork", "{}"],
    ["respond", "--answers", "{}"],
    ["interview", "--mode", "{}"],
    ["interview", "--mode", "phone", "--case", "{}"],
    ["interview", "--mode", "phone", "--case", "A1", "--case-log", "{}/x", "--plain"],
    ["resume", "--responses", "{}"],
    ["drafts", "{}"],
    ["drafts", "delete", "{}"],
    ["withdraw", "--responses", "{}"],
    ["summary", "--question", "{}"],
    ["summary", "--by", "{}"],
    ["summary", "--format", "{}"],
    ["summary", "--output", "{}/x"],
    ["check", "--format", "{}"],
    ["check", "--responses", "{}"],
    ["outcomes", "--e", "{}"],
    ["outcomes", "--case-log", "{}"],
    ["cases", "--stratum", "{}"],
    ["cases", "load", "{}"],
    ["cases", "join", "{}"],
    ["simulate", "{}", "--seed", "1", "--responses", "r"],
    ["simulate", "1", "--seed", "{}", "--responses", "r"],
    ["questionnaire", "{}"],
    ["questionnaire", "check", "{}"],
    ["questionnaire", "translate", "{}"],
    ["questionnaire", "translate", "de", "{}"],
)


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_an_option_that_acts_is_refused_without_acting(options: list[str]) -> None:
    with at_work() as place:
        for words in (
            "\x1b[2Jx",
            "\x9b2J",
            "\u202ex",
            "x\udcff",
            "x\x07",
            "[/b]",
            "\u200b",
            "a\nb",
        ):
            typed = words.encode("utf-8", "surrogateescape")
            ran = place.run(*(part.format(words) for part in options), typed=typed)
            assert not trouble_of(ran, {0, 1, 2, 3, 4, 130}, says=False), ran
