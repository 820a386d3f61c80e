"""The asker with prompts: its results; no page loses an answer or part of a text."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.output import DummyOutput

from microcred_cli.errors import InvalidAnswer
from microcred_cli.fieldwork.background import Paragraph
from microcred_cli.i18n import _, speaking
from microcred_cli.interview import (
    Asker,
    Back,
    Close,
    Finished,
    Given,
    GoTo,
    HandIn,
    Interview,
    Pause,
    Reply,
    Speak,
    run,
)
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.values import Reserved
from microcred_cli.terminal.key_map import BINDINGS
from microcred_cli.terminal.page_wording import review_lines, view_of
from microcred_cli.terminal.rich_asker import RichAsker
from microcred_cli.terminal.stage import Stage
from tests.pty.walker import page_of
from tests.terminal.playing import (
    BACKSPACE,
    CTRL_C,
    CTRL_D,
    DOWN,
    END,
    ENTER,
    F1,
    LEFT,
    MENU,
    PAGE_DOWN,
    SHIFT_TAB,
    SIZES,
    TAB,
    Look,
    Played,
    Resize,
    begin,
    item,
    options,
    paste,
    play,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SINGLE = item("single", options=options("One", "Two"), help="Some help.", missing=["dk", "pna"])
MULTIPLE = item(
    "multiple",
    options=options("One", "Two", "None", c={"exclusive": True}),
    missing=["dk"],
    at_most=2,
)
NUMBER = item(
    "integer", minimum=0, maximum=10_000, confirm_above=500, missing=["dk", "pna"], unit="cups"
)
OPEN = item("open", max_length=200, required="optional")
MATRIX = item(
    "matrix",
    rows=[{"code": "x", "label": "Row X"}, {"code": "y", "label": "Row Y"}],
    options=options("Low", "High"),
    missing=["dk"],
)
RANKING = item("ranking", ranks=2, options=options("A1", "B2", "C3"))
OTHER = item(
    "single",
    options=options("One", "Other", b={"specify": {"text": "Which?", "max_length": 50}}),
)
PAGES = {
    "single": SINGLE,
    "multiple": MULTIPLE,
    "number": NUMBER,
    "text": OPEN,
    "matrix": MATRIX,
    "ranking": RANKING,
}
SECOND = item("single", "And then?", id="q2", options=options("Yes", "No"))


def ask(
    interview: Interview,
    keys: Sequence[str | Resize],
    size: tuple[int, int] = (80, 24),
    problem: InvalidAnswer | None = None,
    **more: Any,
) -> Played[Reply]:
    def lead() -> Reply:
        with RichAsker(**more) as asker:
            step = interview.step
            if step is None:
                return asker.close(interview)
            return asker.ask(interview, step, problem)

    return play(lead, keys, size)


def led(
    interview: Interview, keys: Sequence[str], size: tuple[int, int] = (80, 24)
) -> tuple[Interview, list[Look]]:
    """The interview as last saved when no keys are left, and the screen."""
    kept = [interview]

    def lead() -> Finished | str:
        with RichAsker() as asker:
            try:
                return run(interview, asker, kept.append)
            except Exception as paused:
                return type(paused).__name__

    played = play(lead, keys, size)
    return kept[-1], played.looks


def test_it_is_an_asker() -> None:
    asker: Asker = RichAsker()
    assert asker is not None


# -- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "keys", "value"),
    [
        (SINGLE, ["2", ENTER], "b"),
        (SINGLE, ["d", ENTER], "dk"),
        (SINGLE, ["p", ENTER], "pna"),
        (MULTIPLE, ["1", " ", "2", " ", ENTER], ["a", "b"]),
        (MULTIPLE, ["1", " ", "3", " ", ENTER], ["c"]),
        (MULTIPLE, ["1", " ", "d", " ", ENTER], "dk"),
        (NUMBER, ["42", ENTER], 42),
        (NUMBER, ["0", ENTER], 0),
        (NUMBER, ["d", ENTER], "dk"),
        (NUMBER, [TAB, TAB, ENTER], "pna"),
        (OPEN, ["some words", ENTER], "some words"),
        (OPEN, [ENTER], ""),
        (OPEN, ["d", ENTER], "d"),
        (MATRIX, ["2", ENTER], "b"),
        (RANKING, ["3", ENTER], "c"),
    ],
)
def test_answers(asked: dict[str, Any], keys: list[str], value: object) -> None:
    assert ask(begin(asked), keys).result == Given(value)


@pytest.mark.parametrize("name", sorted(PAGES.keys() - {"text"}))
def test_holding_enter_answers_nothing(name: str) -> None:
    assert ask(begin(PAGES[name]), [ENTER] * 10).result == Pause(interrupted=True)


def test_enter_leaves_a_text_empty_that_may_be_empty() -> None:
    played = ask(begin(OPEN), [ENTER])
    assert "Enter: leave it empty" in played.last.text
    assert played.result == Given("")
    assert "Enter: leave it empty" not in ask(begin(OPEN), ["a"]).last.text
    kept, looks = led(begin(SECOND | {"id": "q0"}, OPEN, SECOND), ["1", ENTER, ENTER, SHIFT_TAB])
    assert kept.at == "q1"
    assert "Enter: leave it empty" in looks[-1].text


@pytest.mark.parametrize("typed", ["1 200", "1.200", "1,200", "1'200", "1200"])
def test_numbers_may_have_groups(typed: str) -> None:
    played = ask(begin(NUMBER), [typed, ENTER, "1", ENTER])
    assert "1,200 cups is a lot" in played.last.words
    assert played.result == Given(1200)


@pytest.mark.parametrize("typed", ["1.5", "-3", "seven", "1e3", "10001", "12 3", "9" * 40])
def test_what_is_no_number_is_refused_with_the_limits(typed: str) -> None:
    played = ask(begin(NUMBER), [typed, ENTER])
    assert played.result == Pause(interrupted=True)
    assert "whole number from 0 to 10,000" in played.last.words


def test_a_large_number_is_asked_twice_and_nothing_is_pointed_at() -> None:
    played = ask(begin(NUMBER), ["501", ENTER, ENTER, "2", ENTER, ENTER, "1", ENTER])
    assert "Choose an answer first" in played.looks[3].text
    assert "501" in played.looks[5].text
    assert played.result == Given(501)


def test_an_identifier_is_shown_before_it_is_replaced() -> None:
    typed = "ask ann@example.org"
    played = ask(begin(OPEN), [typed, ENTER, ENTER, "2", ENTER])
    assert "ann@example.org" in played.looks[2].text
    assert isinstance(played.result, Given)
    assert "ann" not in str(played.result.value)


def test_a_text_with_an_identifier_can_be_changed() -> None:
    played = ask(begin(OPEN), ["ann@example.org", ENTER, "1", ENTER, "\x15", "nobody", ENTER])
    assert played.result == Given("nobody")


# -- an earlier answer ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "value", "kept"),
    [
        (SINGLE, "b", "b"),
        (SINGLE, "dk", "dk"),
        (MULTIPLE, ["a", "b"], ["a", "b"]),
        (MULTIPLE, "pna", "pna"),
        (NUMBER, 7, 7),
        (NUMBER, "pna", "pna"),
        (OPEN, "words", "words"),
        (OPEN, "", ""),
        (MATRIX, "pna", "pna"),
    ],
)
def test_enter_keeps_an_earlier_answer(asked: dict[str, Any], value: object, kept: object) -> None:
    interview = begin(asked, SECOND).answer(value).back()
    assert interview.at is not None
    assert ask(interview, [ENTER]).result == Given(kept)


def test_a_half_typed_text_is_there_again_after_going_back() -> None:
    interview = begin(SECOND | {"id": "q0"}, OPEN)
    _, looks = led(interview, ["1", ENTER, "half a", SHIFT_TAB, ENTER])
    assert "half a" in looks[-1].text


# -- leaving -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_back_help_menu_and_pause_on_every_question(name: str) -> None:
    interview = begin(SECOND, PAGES[name]).answer("a")
    assert ask(interview, [SHIFT_TAB]).result == Back()
    assert ask(interview, [CTRL_C]).result == Pause(interrupted=True)
    for leave in (F1, MENU):
        played = ask(interview, [leave, SHIFT_TAB, CTRL_C])
        assert played.result == Pause(interrupted=True)
        assert "What is it?" in played.last.text
        assert ask(interview, [leave, CTRL_C]).result == Pause(interrupted=True)


def test_the_menu_opens_on_pages_inside_pages() -> None:
    interview = begin(SECOND, NUMBER).answer("a")
    confirm = ask(interview, ["600", ENTER, MENU, "b", ENTER])
    assert confirm.result == Back()
    assert ask(interview, [F1, MENU, "b", ENTER]).result == Back()


def test_ticks_and_texts_are_kept_while_help_and_menu_are_open() -> None:
    ticked = ask(begin(MULTIPLE), ["1", " ", F1, ENTER, MENU, SHIFT_TAB, ENTER])
    assert ticked.result == Given(["a"])
    typed = ask(begin(OPEN), ["half", F1, ENTER, MENU, SHIFT_TAB, " more", ENTER])
    assert typed.result == Given("half more")


def test_there_is_no_way_back_from_the_first_question() -> None:
    played = ask(begin(SINGLE), [SHIFT_TAB, LEFT, "1", ENTER])
    assert played.result == Given("a")
    assert "back" not in played.last.text


def test_nothing_is_pointed_at_in_the_menu() -> None:
    played = ask(begin(SINGLE), [MENU, ENTER, ENTER])
    assert "»" not in played.last.text
    assert "Menu" in played.last.text


def choose_in_menu(interview: Interview, label: str, *then: str, **more: Any) -> Played[Reply]:
    """The result of a menu entry, found by its label."""
    opened = ask(interview, [MENU], **more).last
    line = next(line for line in opened.lines if label in line)
    return ask(interview, [MENU, line.split(".")[0].strip(), ENTER, *then], **more)


def test_what_the_menu_does() -> None:
    interview = begin(SECOND, SINGLE).answer("a")
    assert choose_in_menu(interview, "Pause").result == Pause()
    assert choose_in_menu(interview, "Don't know").result == Given("dk")
    assert choose_in_menu(interview, "Prefer not").result == Given("pna")
    assert choose_in_menu(interview, "Go to", "1", ENTER).result == GoTo("q2")
    assert "Some help." in choose_in_menu(interview, "Help").last.text
    languages = ("en", "de")
    spoken = choose_in_menu(interview, "language", "2", ENTER, languages=languages)
    assert spoken.result == Speak("de")


def test_a_refusal_of_a_text_is_no_text() -> None:
    interview = begin(SECOND, item("open", max_length=50)).answer("a")
    reply = choose_in_menu(interview, "Prefer not").result
    assert isinstance(reply, Given)
    assert isinstance(reply.value, Reserved)
    assert reply.value == "pna"


def test_handing_in_says_what_happens_and_asks_again() -> None:
    section = {"id": "s", "label": "S", "makes_partial": True, "items": [SECOND, SINGLE]}
    interview = begin(sections=[section]).answer("a")
    asked = choose_in_menu(interview, "hand in", ENTER, "1", ENTER)
    assert "cannot be included" in asked.looks[4].words
    assert asked.result == HandIn()
    assert choose_in_menu(interview, "hand in", "2", ENTER).result == Pause(interrupted=True)


def test_the_background_can_be_read_again() -> None:
    background = (Paragraph("title", "About it"), Paragraph("paragraph", "Long words"))
    interview = begin(SECOND, SINGLE).answer("a")
    played = choose_in_menu(interview, "background", ENTER, "1", ENTER, background=background)
    assert "Long words" in played.looks[3].text
    assert played.result == Given("a")


def test_without_a_background_the_menu_does_not_offer_it() -> None:
    assert "background" not in ask(begin(SINGLE), [MENU]).last.text


# -- display ---------------------------------------------------------------------------------------


def test_while_a_search_finds_one_of_several_the_footer_says_that_enter_ticks_it() -> None:
    asked = item("multiple", search=True, options=options("Alpha", "Beta", "Bede"))
    keys = (["a", "l"], ["b"], ["x"])
    found, several, none = (ask(begin(asked), each).last.text for each in keys)
    assert "Enter: tick" in found
    assert "Enter: go on" not in found
    assert "↑↓, Enter: tick" in several
    assert "Enter:" not in none


def test_a_list_that_one_key_answers_names_the_arrows_only_if_it_is_cut() -> None:
    interview = begin(item("single", options=options(*(f"Label {n}" for n in range(9)))))

    def first_look(rows: int) -> str:
        asker = RichAsker()
        asker.one_key = True
        played = play(lambda: asker.ask(interview, interview.steps[0], None), ["1"], (60, rows))
        return played.looks[0].text

    assert "↑↓: move · Key: answer" in first_look(10)
    assert "↑↓" not in first_look(30)


@pytest.mark.parametrize("language", ["de", "fi", "fr", "nl"])
@pytest.mark.parametrize("kind", ["single", "multiple"])
def test_on_60_columns_the_hint_on_arrows_is_whole_or_left_out(kind: str, language: str) -> None:
    nine = begin(item(kind, options=options(*(f"Label {n}" for n in range(9)))))
    interview = nine.having(language=language)
    asker = RichAsker()
    asker.one_key = True
    with speaking(language):
        arrows, menu = _("{arrows}: move").format(arrows="↑↓"), _("menu")
        keys = ["1"] if kind == "single" else ["1", ENTER]
        played = play(lambda: asker.ask(interview, interview.steps[0], None), keys, (60, 10))
    footer = played.looks[0].text.rstrip().splitlines()[-1]
    assert footer.endswith(f"O {menu}")
    assert (arrows in footer) is (kind == "single")
    assert ("↑" in footer) is (arrows in footer)


def test_the_answer_just_given_is_echoed_in_full_words() -> None:
    _, looks = led(begin(SECOND | {"id": "q0", "text": "First?"}, MULTIPLE, OPEN), ["1", ENTER])
    assert "✓ Your answer: Yes" in looks[-1].text


def test_an_echo_without_room_shortens_the_question_before_the_answer() -> None:
    rows = [{"code": c, "label": f"A rather long row {c}"} for c in "xy"]
    asked = MATRIX | {"rows": rows}
    _, looks = led(begin(asked), ["1", ENTER], size=(24, 20))
    assert "✓ A rather long…: Low" in looks[-1].text
    _, looks = led(begin(asked | {"options": options("L" * 17, "H")}), ["1", ENTER], size=(24, 20))
    assert f"✓ {'L' * 17}\n" in looks[-1].text


def test_an_echo_does_not_shorten_your_answer_to_one_word() -> None:
    asked = item("single", options=options("L" * 26, "H"))
    _, looks = led(begin(asked, SECOND), ["1", ENTER], size=(40, 20))
    assert f"✓ {'L' * 26}\n" in looks[-1].text


def test_reserved_codes_named_at_the_end_of_a_list_are_whole_and_not_counted() -> None:
    asked = item("single", options=options(*"ABCDEFGHIJKLMNOPQRST"), missing=["dk"], search=True)
    wide, narrow = (ask(begin(asked), [], (columns, 12)).last.text for columns in (60, 26))
    assert "  ↓ 13 more · 21. Don't know\n" in wide
    assert "  ↓ 21. Don't know\n" in narrow


def test_several_answers_are_echoed_in_full_words() -> None:
    _, looks = led(begin(MULTIPLE, SECOND), ["1", " ", "2", " ", ENTER])
    assert "✓ Your answer: One, Two" in looks[-1].text


def test_several_answers_are_echoed_in_the_order_of_the_screen() -> None:
    asked = item("multiple", options=options("Beta", "Alpha"), order="alphabetical")
    _, looks = led(begin(asked, SECOND), ["1", " ", "2", " ", ENTER])
    assert "✓ Your answer: Alpha, Beta" in looks[-1].text


def test_ctrl_u_deletes_the_search_text() -> None:
    asked = item("single", options=options("Alpha", "Beta"), search=True)
    found, all_again = ask(begin(asked), ["b", "\x15"]).looks[1:]
    assert "Alpha" not in found.text
    assert "Alpha" in all_again.text
    assert "Typed" not in all_again.text


def test_a_key_without_an_entry_in_the_menu_is_not_called_an_answer() -> None:
    assert "There is no entry k here" in ask(begin(SINGLE), [MENU, "k"]).last.text


def test_a_row_of_a_matrix_says_which_it_is() -> None:
    _, looks = led(begin(MATRIX), ["1", ENTER])
    assert "Row 1 of 2: Row X" in looks[0].text
    assert "✓ Row X: Low" in looks[-1].text
    assert "Row 2 of 2: Row Y" in looks[-1].text


def test_a_rank_can_be_the_last_one() -> None:
    kept, looks = led(begin(RANKING), ["1", ENTER])
    assert "Nothing more matters" in looks[-1].text
    assert kept.given == {"q1.1": "a"}


def test_the_problem_with_a_reply_is_told() -> None:
    problem = InvalidAnswer("That is wrong.", hint="Try again.")
    assert "That is wrong. Try again." in ask(begin(SINGLE), [], problem=problem).last.text


def test_markup_and_control_characters_in_texts_are_shown_as_they_are() -> None:
    asked = item("single", "Really [/b] [red]\x1b[2J?", options=options("[x]", "B\x07"))
    played = ask(begin(asked), [])
    assert "[/b] [red]␛[2J?" in played.last.text
    assert "1. [x]" in played.last.text
    assert "\x07" not in played.raw


def test_the_note_is_for_an_interviewer_alone() -> None:
    asked = item("single", options=options("A"), note="Do not read out.")
    assert "Do not read out." not in ask(begin(asked), []).last.text


def test_the_footer_names_only_keys_that_work() -> None:
    first = ask(begin(SINGLE, SECOND), []).last.text
    assert "? help" in first
    assert "Ctrl-O menu" in first
    assert "Shift-Tab" not in first
    text = ask(begin(SECOND, OPEN).answer("a"), []).last.words
    assert "F1 help" in text
    assert "? help" not in text
    assert "Shift-Tab back" in text


def test_the_list_of_languages_points_at_the_current_one() -> None:
    text = ask(begin(SINGLE), [MENU, "l", ENTER], languages=("de", "en")).last.text
    assert "» 2. English" in text


def test_help_tells_every_key_of_the_question() -> None:
    text = ask(begin(SECOND, SINGLE).answer("a"), [F1]).last.words
    keys = {"Shift-Tab", "F1", "Ctrl-C", "Ctrl-O"}
    for binding in BINDINGS:
        told = f"{binding.shown_key}: {binding.label}"
        assert (told in text) is (binding.shown_key in keys)


# -- the end -------------------------------------------------------------------------------------


def test_the_review_points_at_nothing_and_submits_only_on_purpose() -> None:
    interview = begin(SINGLE, SECOND).answer("a").answer("b")
    assert ask(interview, [ENTER] * 5).result == Pause(interrupted=True)
    played = ask(interview, [END, ENTER])
    assert "The section" in played.looks[0].text
    assert "What is it? One" in played.looks[0].words
    assert played.result == Close()
    assert ask(interview, ["s", ENTER]).result == Close()
    assert ask(interview, ["2", ENTER]).result == GoTo("q2")
    assert ask(interview, [SHIFT_TAB]).result == Back()


def test_the_review_says_what_is_kept_in_coarse_form() -> None:
    bands = [{"code": "n", "label": "Up to a thousand", "min": 0, "max": 1000}]
    asked = item("integer", minimum=0, maximum=1000, stored_as=bands)
    assert "Stored as: Up to a thousand" in ask(begin(asked).answer(7), []).last.text


@pytest.mark.parametrize(
    ("ends", "words"), [("refused", "That is all right."), ("screened_out", "It ends here.")]
)
def test_a_goodbye_can_be_taken_back(ends: str, words: str) -> None:
    asked = item("single", options=options("Yes", "No", b={"ends": ends}))
    interview = begin(asked).answer("b")
    played = ask(interview, [ENTER, "1", ENTER])
    assert words in played.looks[0].text
    assert played.result == Close()
    assert ask(interview, ["2", ENTER]).result == Back()
    assert ask(interview, [SHIFT_TAB]).result == Back()


def test_a_goodbye_offers_no_pause_because_nothing_is_kept() -> None:
    asked = item("single", options=options("Yes", "No", b={"ends": "refused"}))
    for interview in (begin(asked).answer("b"), begin(asked).answer("b").back()):
        played = ask(interview, [MENU, "q", F1])
        assert "Ctrl-C leave" in played.looks[0].text
        assert not any("ause" in look.text for look in played.looks)
    assert "Stop here" not in ask(begin(asked).answer("b"), [MENU]).last.text


# -- around the interview ------------------------------------------------------------------------


def around(act: Any, keys: Sequence[str], size: tuple[int, int] = (80, 24)) -> Played[Any]:
    def lead() -> Any:
        with RichAsker(background=(Paragraph("paragraph", "The background."),)) as asker:
            return (act(asker),)

    return play(lead, keys, size)


def test_the_background_is_read_first_and_holding_enter_only_leafs_through_it() -> None:
    played = around(lambda asker: asker.read_background(), [ENTER])
    assert "The background." in played.last.text
    assert "Ctrl-O opens a menu" in played.last.words
    assert played.result == (None,)
    stopped = around(lambda asker: asker.read_background(), [CTRL_C])
    assert stopped.result == (Pause(interrupted=True),)


def test_the_background_explains_single_keys_if_they_answer() -> None:
    def lead(asker: RichAsker) -> Reply | None:
        asker.one_key = True
        return asker.read_background()

    words = around(lead, []).last.words
    assert "Choose by pressing the number or letter of an answer" in words
    assert "arrow keys" not in words


def test_a_note_for_staff_is_on_the_first_page_until_a_key_is_pressed() -> None:
    def lead(asker: RichAsker) -> Reply | None:
        asker.warn(["Note for staff: set it."])
        return asker.read_background()

    first, second = around(lead, [DOWN]).looks
    assert "Note for staff: set it." in first.text
    assert "The background." in first.text
    assert "Note for staff" not in second.text


def test_the_background_does_not_promise_a_pause() -> None:
    text = around(lambda asker: asker.read_background(), []).last.text
    assert "Ctrl-C leave" in text
    assert "Ctrl-C pause" not in text


def test_control_c_at_a_notice_before_the_background_leaves() -> None:
    def lead(asker: RichAsker) -> Reply | None:
        asker.say("You are late.")
        return asker.read_background()

    left = around(lead, [CTRL_C])
    assert "Ctrl-C leave" in left.last.text
    assert left.result == (Pause(interrupted=True),)
    assert len(left.looks) == 1


@pytest.mark.parametrize("leave", [CTRL_C, CTRL_D])
@pytest.mark.parametrize("keys", [["1", ENTER + "{}"], ["1", ENTER + ENTER + "{}" + ENTER]])
def test_a_key_to_pause_right_behind_enter_pauses_at_the_next_page(
    keys: list[str], leave: str
) -> None:
    kept, looks = led(begin(SINGLE, SECOND), [key.format(leave) for key in keys] + ["2", ENTER])
    assert kept.given == {"q1": "a"}
    assert "And then?" not in looks[-1].text


def test_a_key_to_pause_between_two_pages_pauses() -> None:
    read, write = os.pipe()
    with os.fdopen(read) as keys, create_app_session(input=Vt100Input(keys), output=DummyOutput()):
        stage = Stage()
        os.write(write, b"\r\r\x1b[A2")
        assert not stage.drop_typeahead()
        os.write(write, paste("some\x03words").encode())
        assert not stage.drop_typeahead()
        os.write(write, b"\r\r\x032")
        assert stage.drop_typeahead()
        assert not stage.drop_typeahead()
        os.close(write)


def test_the_questionnaire_says_how_its_definition_is_called() -> None:
    definition = {"title": "What is [b]it?", "text": "It is this."}
    interview = begin(SECOND, SINGLE, definition=definition).answer("a")
    played = choose_in_menu(interview, "What is [b]it?")
    assert "It is this." in played.last.text
    assert "What is [b]it?" in played.last.text


def test_help_has_what_helps_with_an_option() -> None:
    asked = item("single", options=options("One", "Two", b={"help": "Two is more."}))
    assert "Two: Two is more." in ask(begin(asked), [F1]).last.text


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("key", "reply"), [("1", "noted"), ("2", "not wanted")])
def test_one_key_confirms_the_receipt_or_says_that_it_is_not_wanted(
    size: tuple[int, int], key: str, reply: str
) -> None:
    played = around(show_receipt, [key], size)
    assert "ABCD   EFGH   JKLM" in played.last.text
    assert "handed in." in played.last.text
    assert "1. I have written it down" in played.last.text
    assert "2. I do not want it" in played.last.text
    assert played.result == (reply,)


def test_a_number_after_a_refused_enter_is_a_new_number() -> None:
    asked = item("multiple", options=options(*"ABCDEFGHIJKL"))
    assert ask(begin(asked), ["1", ENTER, "1", " ", ENTER]).result == Given(["a"])


def test_holding_enter_does_not_take_the_receipt_away() -> None:
    played = around(show_receipt, [ENTER, ENTER, ENTER, "1"])
    assert [look.text for look in played.looks[1:4]] == [played.looks[1].text] * 3
    assert played.result == ("noted",)


def show_receipt(asker: RichAsker) -> str | None:
    return asker.receipt("ABCD-EFGH-JKLM", "Your answers have been handed in. " * 3)


@pytest.mark.parametrize("leave", [CTRL_C, CTRL_D])
def test_the_receipt_is_not_left_by_one_key(leave: str) -> None:
    noted = around(show_receipt, [leave, "1"])
    assert noted.result == ("noted",)
    assert "Ctrl-C twice: leave" in noted.looks[0].text
    assert "pause" not in noted.looks[0].text
    assert "Write down the receipt first; press Ctrl-C again to leave" in noted.looks[1].words
    assert "ABCD   EFGH   JKLM" in noted.looks[1].text
    assert around(show_receipt, [leave, leave]).result == (None,)


def test_a_receipt_on_a_lost_terminal_was_not_noted() -> None:
    assert around(show_receipt, []).result == (None,)


def test_what_is_said_before_a_receipt_can_stand_on_a_page_of_its_own() -> None:
    def show(asker: RichAsker) -> str | None:
        return asker.receipt("ABCD-EFGH-JKLM", "Your answers have been handed in. " * 40)

    played = around(show, [CTRL_C, "1"], (40, 20))
    assert "handed in." in played.looks[0].text
    assert "Ctrl-C twice: leave" in played.looks[0].text
    assert "Write down the receipt first" in played.looks[1].words
    assert played.result == ("noted",)


def test_something_else_can_be_chosen() -> None:
    entries = (("a", "First"), ("b", "Second"))
    chosen = around(lambda asker: asker.choose("Which draft?", entries), [ENTER, "2", ENTER])
    assert chosen.result == ("b",)
    left = around(lambda asker: asker.choose("Which draft?", entries), [CTRL_C])
    assert left.result == (None,)


@pytest.mark.parametrize("key", [CTRL_C, SHIFT_TAB])
def test_a_page_that_goes_back_says_so_and_does(key: str) -> None:
    def choose(asker: RichAsker) -> str | None:
        return asker.choose("Record this?", (("a", "Yes"),), back=True)

    for lead in (choose, lambda asker: asker.type_in("On which day?", "Like 30.11.", typed="9.30")):
        played = around(lead, [key])
        assert "Shift-Tab back" in played.last.text
        assert "Ctrl-C" not in played.last.text
        assert played.result == (None,)


def test_the_language_can_be_changed_on_the_first_page() -> None:
    asker = RichAsker(languages=("en", "de"))
    played = play(asker.read_background, ["\x0c", "2", ENTER])
    assert "Ctrl-L language" in played.looks[0].text
    assert played.result == Speak("de")


def test_a_key_that_no_answer_has_is_named_and_a_number_is_shown_as_it_is_typed() -> None:
    entries = [(str(number), f"Outcome {number}") for number in range(1, 26)]
    keys = ["1", "2", "9", "2", BACKSPACE, "x", ENTER]
    played = around(lambda asker: asker.choose("Which outcome?", entries), keys)
    one, twelve, beyond, two, nothing, wrong = (look.text for look in played.looks[1:])
    assert "Typed: 1\n" in f"{one}\n"
    assert "Typed: 12" in twelve
    assert "» 12. Outcome 12" in twelve
    assert "There is no answer 129 here" in beyond
    assert "Typed: 2" in two
    assert "Typed" not in nothing
    assert "There is no answer x here" in wrong


def test_one_key_help_and_warnings_are_a_respondent_s() -> None:
    asker = RichAsker()
    asker.one_key = True
    interview = begin(MULTIPLE)
    step = interview.step
    assert step is not None
    played = play(lambda: asker.ask(interview, step, None), [ENTER, F1])
    assert "press the key of each answer that applies, then Enter" in played.looks[1].words
    assert "choose it, or mark it if several are possible" in played.looks[2].words
    assert "Space" not in played.looks[2].words


def test_the_definition_is_not_numbered_as_a_question() -> None:
    defined = {"definition": {"title": "The term", "text": "A term is a word."}}
    interview = begin(SECOND, {**SINGLE, "shows_definition": True}, **defined).answer("a")
    shown, asked = (look.lines for look in ask(interview, [ENTER]).looks)
    assert "A term is a word." in "".join(shown)
    assert "Question 2" in "".join(asked)
    assert "Question" not in "".join(shown)


def test_a_line_that_was_refused_can_be_edited() -> None:
    def edit(asker: RichAsker) -> str | None:
        return asker.type_in("On which day?", "Like 30.11.", "In the past.", typed="9.30")

    edited = around(edit, ["\x7f", "5", ENTER])
    assert "> 9.30" in edited.looks[0].text
    assert "In the past." in edited.looks[0].text
    assert edited.result == ("9.35",)


# -- the terminal --------------------------------------------------------------------------------


def test_the_alternate_screen_is_entered_once_and_left_with_the_cursor_shown() -> None:
    played = ask(begin(SINGLE), [F1, ENTER, MENU, SHIFT_TAB, "1", ENTER])
    assert played.raw.count("\x1b[?1049h") == 1
    assert played.raw.count("\x1b[?1049l") == 1
    assert played.raw.rstrip().endswith("\x1b[?1049l")
    assert played.raw.rindex("\x1b[?25h") > played.raw.rfind("\x1b[?25l")


def test_the_screen_is_left_when_an_error_comes_through() -> None:
    def lead() -> None:
        with RichAsker():
            raise EOFError

    played = play(lead, [])
    assert played.raw.count("\x1b[?1049l") == 1


def test_leaving_twice_is_leaving_once() -> None:
    def lead() -> tuple[()]:
        with RichAsker() as asker:
            asker.__exit__(None, None, None)
        return ()

    assert play(lead, []).raw.count("\x1b[?1049l") == 1


def test_the_end_of_input_pauses() -> None:
    assert ask(begin(SINGLE), []).result == Pause(interrupted=True)


def test_a_terminal_that_cannot_be_written_to_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    from prompt_toolkit.renderer import Renderer

    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Renderer, "render", fail)
    assert ask(begin(SINGLE), ["1"]).result == Pause(interrupted=True)


# -- the built-in questionnaire at every size ----------------------------------------------------


def walk(interview: Interview) -> list[Interview]:
    """The interview at each of its steps, with answers that continue it."""
    places = []
    while interview.step is not None:
        places.append(interview)
        step = interview.step
        if step.asks == "text":
            interview = interview.answer("some words" if step.specifies else "")
        elif step.asks == "number":
            interview = interview.answer(5)
        else:
            code = next((o.code for o in step.options if o.specify), step.options[0].code)
            interview = interview.answer([code] if step.asks == "some" else code)
    return [*places, interview]


ROLES = ["employer", "representative"]


@cache
def walked(role: str) -> list[Interview]:
    start = Interview.begin(load("mc_employers").questionnaire, seed=5)
    return walk(start.answer("yes").answer(role))


@pytest.fixture(params=ROLES)
def places(request: pytest.FixtureRequest) -> list[Interview]:
    return walked(request.param)


@pytest.fixture(params=ROLES)
def new_places(request: pytest.FixtureRequest) -> list[Interview]:
    """The steps on a route whose page is on no earlier route."""
    roles = ROLES[: ROLES.index(request.param)]
    seen = {page_of(each, each.step) for role in roles for each in walked(role) if each.step}
    return [e for e in walked(request.param) if e.step and page_of(e, e.step) not in seen]


def down_the_list(count: int) -> list[str | Resize]:
    """Keys that bring every row of a list to the screen."""
    return ["1", *([PAGE_DOWN] * (count // 3 + 1))]


@pytest.mark.parametrize("size", SIZES[2:])
def test_stem_answers_and_keys_can_be_read_whole_at_every_step(
    new_places: list[Interview], size: tuple[int, int]
) -> None:
    assert len(new_places) > 9
    for interview in new_places:
        step = interview.step
        assert step is not None
        view = view_of(interview, step)
        first = [ENTER] * (3 if view.definition else 1)
        looks = ask(interview, [*first, *down_the_list(len(view.entries))], size).looks
        if view.before and view.stem not in looks[0].words:
            assert all(text in looks[0].words for text in view.before)
        while view.stem not in looks[0].words:
            looks = looks[1:]
        for look in looks:
            for words in (view.stem, view.part, view.instruction, "Ctrl-O menu", " help"):
                assert words in look.words, step.key
        for entry in view.entries:
            assert any(entry.label in look.words for look in looks), (step.key, entry.label)


@pytest.mark.parametrize("size", SIZES)
def test_every_answer_can_be_read_on_the_review(
    places: list[Interview], size: tuple[int, int]
) -> None:
    interview = places[-1]
    assert interview.status == "ready"
    lines = [line for _, part in review_lines(interview) for line in part]
    played = ask(interview, [DOWN] * (len(lines) + 1), size)
    for line, look in zip(lines, played.looks[1:], strict=False):
        assert line.said in look.words
        assert line.kept in look.words
    assert "» s. Submit these answers" in played.last.words


def test_the_longest_route_is_led_from_first_to_last_key() -> None:
    interview = Interview.begin(load("mc_employers").questionnaire, seed=5)
    kept, looks = led(interview, ["1", ENTER, "1", ENTER, *"aus", ENTER, "3", ENTER, "1", ENTER])
    assert kept.given["country"] == "AT"
    assert kept.given["size_class"] == "p0_9"
    assert "Question 6" in looks[-1].text
