"""The search in long lists through its pages: alone, with an interviewer, and in plain lines."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from microcred_cli.i18n import _
from microcred_cli.interview import Given, Interview
from microcred_cli.questionnaire.loading import load
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.terminal.plain_asker import PlainAsker
from microcred_cli.terminal.rich_asker import RichAsker
from tests.scenario import questionnaire_of
from tests.terminal.playing import BACKSPACE, DOWN, ENTER, SIZES, paste, play

if TYPE_CHECKING:
    from microcred_cli.interview import Reply

BUILT_IN = load("mc_employers")
TYPED = [
    ("en", "uk", "GB"), ("de", "Tschechische Republik", "CZ"), ("fr", "royaume uni ", "GB"),
    ("pl", "lotwa", "LV"), ("en", "retail trade", "nace21_g"), ("es", "seguros", "nace21_l"),
    ("fi", "sairaala", "nace21_r"), ("nl", "bank", "nace21_l"), ("sl", "odvetnik", "nace21_n"),
]  # fmt: skip


def at(item: str, language: str = "en", role: str = "employer") -> Interview:
    begun = Interview.begin(BUILT_IN.questionnaire, language=language, spoken=BUILT_IN.languages)
    interview = begun.answer("yes").answer(role)
    while interview.step is not None and interview.step.item.id != item:
        interview = interview.answer("pna" if "pna" in interview.step.accepts else "AT")
    return interview


def ask_in_pages(interview: Interview, *keys: str, aloud: bool = False) -> Reply:
    asker = InterviewerAsker(introduction=()) if aloud else RichAsker()
    assert interview.step is not None
    step = interview.step
    return play(lambda: asker.ask(interview, step, None), keys).result


def ask_in_lines(interview: Interview, *lines: str) -> tuple[Reply, str]:
    out = io.StringIO()
    out.isatty = lambda: True  # type: ignore[method-assign]
    source = io.StringIO("\n".join((*lines, "")))
    source.isatty = lambda: True  # type: ignore[method-assign]
    asker = PlainAsker(Surroundings(source, out, {}), languages=tuple(BUILT_IN.languages))
    assert interview.step is not None
    reply = asker.ask(interview, interview.step, None)
    return reply, out.getvalue()


def item_of(code: str) -> str:
    return "sector_main" if code.startswith("nace21_") else "country"


@pytest.mark.parametrize(("language", "typed", "code"), TYPED)
class TestEverySurfaceFindsTheSame:
    def test_alone(self, language: str, typed: str, code: str) -> None:
        interview = at(item_of(code), language)
        assert ask_in_pages(interview, *typed, ENTER) == Given(code)

    def test_in_plain_lines(self, language: str, typed: str, code: str) -> None:
        reply, _ = ask_in_lines(at(item_of(code), language), typed)
        assert reply == Given(code)


def test_an_interviewer_finds_with_typing_ahead() -> None:
    interview = at("sector_main")
    assert ask_in_pages(interview, f"hospital{ENTER}", aloud=True) == Given("nace21_r")


def test_an_interviewer_marks_several_by_words() -> None:
    interview = at("sectors_represented", role="representative")
    keys = [*"real estate", ENTER, *"public transport", *[BACKSPACE] * 16, *"haulage", ENTER, ENTER]
    assert ask_in_pages(interview, *keys, aloud=True) == Given(["nace21_h", "nace21_m"])


@pytest.mark.parametrize("aloud", [False, True])
def test_enter_ticks_the_answer_whose_number_was_typed(aloud: bool) -> None:
    interview = at("sectors_represented", role="representative")
    keys = ["2", ENTER, "8", ENTER, ENTER]
    assert ask_in_pages(interview, *keys, aloud=aloud) == Given(["nace21_a", "nace21_g"])


def test_space_is_offered_only_where_it_ticks() -> None:
    interview = at("sectors_represented", role="representative")
    assert interview.step is not None
    step = interview.step
    played = play(lambda: RichAsker().ask(interview, step, None), ["h", "o", DOWN])
    offered = ["Space: tick" in look.text for look in played.looks]
    assert offered == [True, False, False, True]


@pytest.mark.parametrize("language", list(BUILT_IN.languages))
def test_a_key_that_ticks_is_named_at_every_moment_of_a_search(language: str) -> None:
    interview = at("sectors_represented", language, role="representative")
    assert interview.step is not None
    step = interview.step
    for size in ((80, 24), (60, 20)):
        played = play(lambda: RichAsker().ask(interview, step, None), ["e", DOWN, " "], size)
        space, enter = _("Space: tick"), _("Enter: tick")
        begun, several, moved, ticked = (look.lines[-1] for look in played.looks)
        assert f"↑↓, {enter}" in several
        assert enter in moved
        assert space in begun
        assert space in ticked


def test_a_paste_of_a_line_answers_only_with_enter() -> None:
    assert ask_in_pages(at("country"), paste("Czech\nRepublic\n"), ENTER) == Given("CZ")


@pytest.mark.parametrize("size", SIZES)
def test_the_search_is_on_the_screen_at_every_size(size: tuple[int, int]) -> None:
    interview = at("sector_main")
    assert interview.step is not None
    step = interview.step
    for asker in (RichAsker(), InterviewerAsker(introduction=())):
        played = play(lambda asker=asker: asker.ask(interview, step, None), [*"hairdr"], size)  # type: ignore[misc]
        assert "Typed: hairdr" in played.looks[6].text
        assert "Other service activities" in played.looks[6].words
        assert "Manufacturing" not in played.looks[6].text


class TestPlainLines:
    def test_several_that_fit_are_listed_by_number(self) -> None:
        interview = at("country")
        assert interview.step is not None
        number = [option.code for option in interview.step.options].index("CH") + 1
        reply, told = ask_in_lines(interview, "sw", str(number))
        listed = told.rpartition("name: ")[0].rpartition("name: ")[2]
        assert "Sweden" in listed
        assert f"{number}. Switzerland" in listed
        assert "Austria" not in listed
        assert reply == Given("CH")

    def test_nothing_is_taken_for_a_word_of_nothing(self) -> None:
        reply, told = ask_in_lines(at("country"), "hollandnetherlands", "Holland")
        assert "“hollandnetherlands” is not in the list." in told
        assert reply == Given("NL")

    def test_several_names_and_numbers_go_in_one_line(self) -> None:
        interview = at("sectors_represented", role="representative")
        reply, _ = ask_in_lines(interview, "retail trade, 2 3; hotel")
        assert reply == Given(["nace21_g", "nace21_a", "nace21_b", "nace21_i"])

    def test_a_name_among_several_that_fits_several_is_told(self) -> None:
        interview = at("sectors_represented", role="representative")
        reply, told = ask_in_lines(interview, "hotel, social", "hotel")
        assert "“social” matches several answers: " in told
        assert reply == Given(["nace21_i"])

    @pytest.mark.parametrize(("language", "label"), [("en", "don't know"), ("de", "Weiß nicht")])
    def test_a_reserved_answer_is_taken_by_its_label_or_its_command(
        self, language: str, label: str
    ) -> None:
        for typed in (label, ":dk"):
            reply, told = ask_in_lines(at("sector_main", language), typed)
            assert reply == Given("dk")
            assert "(or :dk)" in told or "(oder :dk)" in told

    def test_no_command_is_offered_for_an_answer_that_has_none(self) -> None:
        source = "{id: town, options: [a, b], search: true, missing: [dk], required: optional}"
        interview = Interview.begin(questionnaire_of(f"items: [{source}]"))
        reply, told = ask_in_lines(interview, "Leave it empty")
        assert reply == Given("blank")
        assert "(or :dk)" in told
        assert ":blank" not in told

    def test_a_reserved_answer_is_taken_by_its_label_in_a_list_of_several(self) -> None:
        interview = at("sectors_represented", role="representative")
        assert ask_in_lines(interview, "Prefer not to answer")[0] == Given("pna")
        reply, told = ask_in_lines(interview, "hotel, don't know", "hotel")
        assert "“Don't know” cannot be combined with other options." in told
        assert reply == Given(["nace21_i"])
