"""What a respondent's pages have in common: Esc, numbers, rankings, one-key answers, the review."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.errors import Paused
from microcred_cli.interview import Close, Given, GoTo, Interview, Pause, TakeBack, run
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.line_pages import LinePages
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.terminal.page_wording import answer_rows, outline_rows, view_of
from microcred_cli.terminal.plain_asker import PlainInterviewer
from microcred_cli.terminal.rich_asker import RichAsker
from tests.terminal.playing import (
    BACKSPACE,
    CTRL_C,
    DOWN,
    ENTER,
    F1,
    MENU,
    SHIFT_TAB,
    Played,
    begin,
    item,
    options,
    play,
)
from tests.terminal.test_rich_asker import MATRIX, MULTIPLE, NUMBER, OPEN, SECOND, SINGLE, ask, led

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.interview import Reply

ESC = "\x1b"
RANKING = item("ranking", ranks=2, options=options("A1", "B2", "C3", "D4"))
OTHER = item(
    "single",
    id="q2",
    options=options("One", "Other", b={"specify": {"text": "Which?", "max_length": 50}}),
)
MIXED = (SECOND | {"id": "q0"}, OTHER, MATRIX | {"id": "q3"}, RANKING | {"id": "q4"})


def answered() -> Interview:
    interview = begin(*MIXED).answer("a").answer("b").answer("words").answer("a").answer("b")
    return interview.answer("c").answer("a")


def one_key(interview: Interview, keys: Sequence[str]) -> Played[Reply]:
    def lead() -> Reply:
        with RichAsker() as asker:
            asker.one_key = True
            assert interview.step is not None
            return asker.ask(interview, interview.step, None)

    return play(lead, keys)


# -- Esc -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [SINGLE, MULTIPLE, NUMBER, OPEN, MATRIX, RANKING])
def test_escape_closes_what_lies_over_a_question_and_never_answers(asked: dict[str, Any]) -> None:
    interview = begin(SECOND | {"id": "q0"}, asked).answer("a")
    for opened in ([F1], [MENU], [MENU, "h", ENTER], [MENU, "g", ENTER]):
        played = ask(interview, [*opened, ESC, CTRL_C])
        assert "Esc: close" in played.looks[len(opened)].text
        assert "What is it?" in played.last.text
        assert played.result == Pause(interrupted=True)
    assert ask(interview, [ESC, ESC, CTRL_C]).result == Pause(interrupted=True)


def test_escape_does_not_leave_the_review_or_answer_what_is_pointed_at() -> None:
    assert ask(answered(), ["s", ESC, ESC, CTRL_C]).result == Pause(interrupted=True)
    assert ask(begin(SINGLE), ["1", ESC, CTRL_C]).result == Pause(interrupted=True)


def test_the_rest_of_a_key_that_arrives_late_is_no_answer() -> None:
    played = one_key(begin(item("single", options=options(*"ABCDE"))), [ESC, "[5~", "2"])
    assert played.result == Given("b")


# -- numbers -------------------------------------------------------------------------------------


def test_header_review_go_to_and_outline_have_the_same_numbers() -> None:
    interview = answered()
    signs = [row.sign for row in answer_rows(interview, kept=True) if not row.heading]
    assert signs == ["1", "2", "2.a", "3.1", "3.2", "4"]
    for sign, key in zip(signs, ("q0", "q2", "q2.b", "q3.x", "q3.y", "q4.2"), strict=True):
        there = interview.jump(key)
        assert there.step is not None
        assert view_of(there, there.step).place.startswith(f"Question {sign} of 4")
        assert ask(interview, [*sign, ENTER]).result == GoTo(key)
    outline = [row.sign for row in outline_rows(interview) if not row.heading]
    assert outline == ["1", "2", "3", "4"]


def test_a_number_of_rows_goes_to_the_first_of_them() -> None:
    assert ask(answered(), ["3", ENTER]).result == GoTo("q3.x")


def test_the_review_has_a_line_per_ranking_and_the_question_of_rows_once() -> None:
    text = ask(answered(), []).last.words
    assert "4. What is it? 1st C3; 2nd A1" in text
    assert "What is it? 3.1. Row X Low 3.2. Row Y High" in text


def test_entries_of_the_menu_have_the_same_letters_at_every_question() -> None:
    first = ask(begin(*MIXED), [MENU]).last.text
    last = ask(begin(*MIXED).answer("a"), [MENU]).last.text
    assert "b. Back" not in first
    assert "b. Back" in last
    for entry in ("h. Help", "z. Pause", "o. Answer with one key"):
        assert entry in first
        assert entry in last


# -- rankings ------------------------------------------------------------------------------------


def test_the_numbers_of_a_ranking_mean_the_same_until_its_end() -> None:
    interview, looks = led(begin(RANKING, SECOND), ["3", ENTER])
    assert "[1st] 3. C3" in looks[-1].text
    assert "4. D4" in looks[-1].text
    interview, looks = led(begin(RANKING, SECOND), ["3", ENTER, "4", ENTER])
    assert interview.given == {"q1.1": "c", "q1.2": "d"}
    assert "✓ Your answer: 1st C3; 2nd D4" in looks[-1].text


def test_a_chosen_row_is_not_chosen_again() -> None:
    interview, looks = led(begin(RANKING, SECOND), ["3", ENTER, "3", ENTER])
    assert "“C3” is already chosen" in looks[-1].text
    assert interview.given == {"q1.1": "c"}


def test_an_exclusive_option_ends_a_ranking_until_it_is_taken_back() -> None:
    alone = item("ranking", ranks=2, options=options("A1", "B2", "None", c={"exclusive": True}))
    interview, looks = led(begin(alone, SECOND), ["3", ENTER])
    assert interview.given == {"q1.1": "c"}
    assert "✓ Your answer: None" in looks[-1].text
    interview, looks = led(begin(alone, SECOND), ["3", ENTER, SHIFT_TAB, "1", ENTER])
    assert "“None” is already chosen" in looks[-1].text
    interview, looks = led(begin(alone, SECOND), ["3", ENTER, SHIFT_TAB, BACKSPACE, "1", ENTER])
    assert interview.given == {"q1.1": "a"}
    assert "None" not in looks[-1].text


def test_backspace_takes_the_last_choice_back() -> None:
    keys = ["3", ENTER, "4", ENTER, SHIFT_TAB, BACKSPACE]
    interview, looks = led(begin(RANKING, SECOND), keys)
    assert interview.given == {"q1.1": "c"}
    assert "[1st] 3. C3" in looks[-1].text
    assert "[2nd]" not in looks[-1].text
    assert led(begin(RANKING), ["3", ENTER, BACKSPACE])[0].given == {}


def test_a_complete_ranking_changes_only_after_taking_back() -> None:
    keys = ["3", ENTER, "4", ENTER, SHIFT_TAB, "1", ENTER]
    interview, looks = led(begin(RANKING, SECOND), keys)
    assert "All 2 are chosen" in looks[-1].text
    assert interview.given == {"q1.1": "c", "q1.2": "d"}
    kept = led(begin(RANKING, SECOND), [*keys[:5], ENTER])[0]
    assert kept.given == {"q1.1": "c", "q1.2": "d"}
    assert kept.at == "q2"


def test_going_back_leaves_a_ranking_as_a_whole() -> None:
    keys = ["1", ENTER, "3", ENTER, SHIFT_TAB]
    interview, _ = led(begin(SECOND | {"id": "q0"}, RANKING), keys)
    assert interview.at == "q0"
    assert interview.given["q1.1"] == "c"
    interview, looks = led(begin(SECOND | {"id": "q0"}, RANKING), [*keys, ENTER])
    assert "Choice 2 of up to 2" in looks[-1].text


# -- one-key answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "keys", "reply"),
    [
        (SINGLE, ["2"], Given("b")),
        (SINGLE, ["d"], Given("dk")),
        (MULTIPLE, ["1", "2", ENTER], Given(["a", "b"])),
        (MATRIX, ["2"], Given("b")),
        (RANKING, ["3"], Given("c")),
        (NUMBER, ["4", "2", ENTER], Given(42)),
        (NUMBER, ["d"], Given("dk")),
        (OPEN, ["d", ENTER], Given("d")),
    ],
)
def test_one_key_answers_a_list(asked: dict[str, Any], keys: list[str], reply: Reply) -> None:
    assert one_key(begin(asked), keys).result == reply


def test_one_key_takes_back_a_choice_of_a_ranking() -> None:
    assert one_key(begin(RANKING).answer("c"), [BACKSPACE]).result == TakeBack()


def test_one_key_answers_are_chosen_in_the_menu_and_remembered() -> None:
    chosen: list[bool] = []

    def lead() -> Reply:
        with RichAsker() as asker:
            asker.prefer = chosen.append
            interview = begin(SINGLE)
            assert interview.step is not None
            return asker.ask(interview, interview.step, None)

    assert play(lead, [MENU, "o", ENTER, "2"]).result == Given("b")
    assert chosen == [True]
    again = play(lead, [MENU, "o", ENTER, MENU, "o", "2", ENTER])
    assert "Confirm answers with Enter" in again.looks[4].text
    assert again.result == Given("b")
    assert chosen == [True, True, False]


def test_the_review_still_needs_enter_and_the_menu_does_not() -> None:
    assert one_key(begin(SINGLE), [MENU, "z"]).result == Pause()
    assert "Key: choose" in one_key(begin(SINGLE), [MENU]).last.text

    def lead() -> Reply:
        with RichAsker() as asker:
            asker.one_key = True
            return asker.close(answered())

    assert play(lead, ["s", CTRL_C]).result == Pause(interrupted=True)
    assert play(lead, ["s", ENTER]).result == Close()


# -- the review ----------------------------------------------------------------------------------


def test_going_back_from_an_answer_opened_in_the_review_returns_to_its_line() -> None:
    for number, line in (("1", "» 1. And then?"), ("2", "» 2. What is it?")):
        interview, looks = led(answered(), [number, ENTER, SHIFT_TAB])
        assert interview.at is None
        assert line in " ".join(looks[-1].cursor_line.split())


def test_the_review_opens_at_the_changed_line() -> None:
    interview, looks = led(answered(), ["1", ENTER, "2", ENTER])
    assert interview.given["q0"] == "b"
    assert "» 1. And then?" in " ".join(looks[-1].cursor_line.split())


def test_a_mark_for_hidden_rows_never_says_none() -> None:
    played = ask(answered(), [DOWN] * 7, (60, 12))
    assert not any(" 0 more" in look.text for look in played.looks)


# -- reading -------------------------------------------------------------------------------------


def test_a_long_text_says_how_many_lines_are_left_and_which_keys_show_them() -> None:
    asked = item("single", options=options("One"), help="Some words to read. " * 80)
    text = ask(begin(asked), [F1]).last.text
    assert "more lines (Enter or Page Down)" in text


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_lines_turn_the_page_of_a_long_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "10")
    blocks = tuple(("paragraph", f"Line {number}") for number in range(12))
    out = Screen()
    pages = LinePages(Surroundings(Screen("\n" * 9), out, {}), ("en",), view_of)
    pages.read("", blocks)
    parts = out.getvalue().split("Enter to read on: ")
    assert len(parts) == 3
    assert all(part.count("\n") <= 8 for part in parts)
    assert "Line 11" in parts[-1]
    piped = io.StringIO()
    LinePages(Surroundings(io.StringIO(), piped, {}), ("en",), view_of).read("", blocks)
    assert "read on" not in piped.getvalue()


def test_a_command_between_the_pages_of_a_long_text_is_not_taken_for_enter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "8")
    blocks = tuple(("paragraph", f"Line {number}") for number in range(4))
    out = Screen()
    LinePages(Surroundings(Screen(":help\n\n\n"), out, {}), ("en",), view_of).read("", blocks)
    _first, refused, rest, *_more = out.getvalue().split("Enter to read on: ")
    assert "Only Enter and :pause work here" in refused
    assert "Line" not in refused
    assert "Line 3" in rest


def long_introduction(monkeypatch: pytest.MonkeyPatch) -> tuple[PlainInterviewer, Screen]:
    """An asker with 14 sentences to read out at 80x24, and its screen."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    out = Screen()
    asker = PlainInterviewer(
        Surroundings(Screen("\n" * 9), out, {}), introduction=lambda _: ["A sentence."] * 14
    )
    return asker, out


def test_the_first_page_of_plain_lines_leaves_room_for_a_note_to_staff(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asker, out = long_introduction(monkeypatch)
    asker.warn(["A note. " * 30])
    asker.read_background()
    assert out.getvalue().split("Enter to read on: ")[0].count("\n") <= 19


def test_the_introduction_in_plain_lines_leaves_room_for_the_first_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asker, out = long_introduction(monkeypatch)
    assert asker.read_background() is None
    first, last, rest = out.getvalue().split("Enter to read on: ")
    assert max(first.count("\n"), last.count("\n")) <= 22
    assert "How to answer" in last
    assert not rest


def test_keys_typed_ahead_mean_the_numbers_that_are_on_the_list() -> None:
    five = item("ranking", ranks=2, options=options(*"ABCDE"))
    kept = [begin(five, SECOND)]
    spoken = Interview.begin(kept[0].questionnaire, mode="phone")

    def lead() -> str:
        with InterviewerAsker(introduction=()) as asker:
            try:
                return run(spoken, asker, kept.append).status
            except Paused:
                return "paused"

    assert play(lead, ["35"]).result == "paused"
    assert kept[-1].given == {"q1.1": "c", "q1.2": "e"}
