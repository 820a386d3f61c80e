"""The prompts for entering paper questionnaires: printed codes, one key or a number and Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from microcred_cli.interview import Back, Close, Given, GoTo, Interview, run
from microcred_cli.interview.numbering import printed_codes
from microcred_cli.terminal.paper_entry import EntryAsker
from tests.scenario import questionnaire_of
from tests.terminal.playing import BACKSPACE, ENTER, F1, MENU, SHIFT_TAB, SIZES, Played, play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.interview import Finished, Reply

LONG = [f"o{number}" for number in range(1, 15)]
QUESTIONNAIRE = questionnaire_of(f"""
    items:
      - {{id: short, options: [a, b, c], missing: [dk], order: alphabetical}}
      - {{id: long, options: [{", ".join(LONG)}], search: true}}
      - {{id: many, kind: multiple, options: [{", ".join(LONG)}, none!], missing: [dk]}}
      - {{id: rate, kind: matrix, rows: [p, q], options: ["0", "5", "10"], missing: [dk]}}
      - {{id: best, kind: ranking, ranks: 2, options: [x, y, z]}}
      - {{id: why, kind: open}}
""")


def at(step: str) -> Interview:
    """The interview at a step, with everything before it left empty."""
    interview = Interview.begin(QUESTIONNAIRE, on_paper=True)
    while interview.at != step:
        interview = interview.answer("" if interview.at == "why" else "blank")
    return interview


def ask(step: str, *keys: str, size: tuple[int, int] = SIZES[0]) -> Played[Reply]:
    interview = at(step)
    asker = EntryAsker()
    assert interview.step is not None
    return play(lambda: asker.ask(interview, interview.step, None), keys, size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "keys", "answer"),
    [
        ("short", ["2"], "b"),
        ("short", ["d"], "dk"),
        ("short", ["-"], "blank"),
        ("long", ["2"], "o2"),
        ("long", ["1", ENTER], "o1"),
        ("long", ["1", "4"], "o14"),
        ("long", ["1", "x", "2"], "o12"),
        ("long", ["1", "5", ENTER, ENTER], "o1"),
        ("many", ["2", ",", "1", " ", "1", "3", ENTER], ["o1", "o2", "o13"]),
        ("many", ["2", ",", "3", ",", "2", ENTER, ENTER], ["o3"]),
        ("many", ["1", BACKSPACE, "3", ENTER], ["o3"]),
        ("many", ["-"], "blank"),
        ("many", ["2", ",", "1", "5", ENTER, ENTER], ["none"]),
        ("many", ["2", ",", "d", "d"], "dk"),
        ("rate.p", ["5"], "5"),
        ("rate.p", ["1", "0"], "10"),
        ("rate.q", ["-"], "blank"),
        ("best.1", ["3"], "z"),
        ("why", ["-", ENTER], ""),
        ("why", [ENTER, "-", ENTER], ""),
    ],
)
def test_a_printed_code_answers(step: str, keys: list[str], answer: object) -> None:
    assert ask(step, *keys).result == Given(answer)


def test_an_enter_after_an_accepted_code_does_not_leave_the_next_field_empty() -> None:
    questionnaire = questionnaire_of("""
        items:
          - {id: land, options: [a, b, {code: c, label: c, specify: {text: Which?}}]}
          - {id: amount, kind: integer, minimum: 0, maximum: 9}
    """)
    keys = ["3", ENTER, "x", ENTER, ENTER, "7", ENTER, "s", ENTER]
    played: Played[Finished] = play(
        lambda: run(Interview.begin(questionnaire, on_paper=True), EntryAsker()), keys
    )
    for look in (played.looks[2], played.looks[5]):
        assert "Nothing was typed. Type the answer given on the paper, or -" in look.words
    assert "Enter: leave it empty" not in played.looks[1].words
    assert played.result.interview.texts == {"land.c": "x"}
    assert played.result.interview.given["amount"] == 7


def tick(count: int, keys: str, size: tuple[int, int] = SIZES[0]) -> Played[Reply]:
    codes = ", ".join(f"o{number}" for number in range(1, count + 1))
    item = f"{{id: many, kind: multiple, options: [{codes}], missing: [dk]}}"
    interview = Interview.begin(questionnaire_of(f"items: [{item}]"), on_paper=True)
    assert interview.step is not None
    return play(lambda: EntryAsker().ask(interview, interview.step, None), [*keys], size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "keys", "codes"),
    [
        (9, "12\r", [1, 2]),
        (9, "1, 2 \r", [1, 2]),
        (10, "1,2\r", [1, 2]),
        (10, "1 2\r", [1, 2]),
        (10, "2,10\r", [2, 10]),
        (10, "12\r\r", [1]),
        (13, "1,12\r", [1, 12]),
        (13, "1, 12, \r", [1, 12]),
        (13, "12\r", [12]),
        (13, "11,2\r", [2, 11]),
        (23, "2,3\r", [2, 3]),
        (23, "23\r", [23]),
        (23, "3,4,23\r", [3, 4, 23]),
        (13, "1\x7f3\r", [3]),
        (13, "19\x7f2\r", [12]),
    ],
)
def test_exactly_the_typed_codes_are_marked(count: int, keys: str, codes: list[int]) -> None:
    assert tick(count, keys).result == Given([f"o{code}" for code in codes])


@pytest.mark.parametrize(
    ("count", "keys", "refused", "marked"),
    [
        (10, "12\r", "12", "Marked: 1 "),
        (13, "112\r", "112", "Marked: 11 "),
        (13, "2,14,5\r", "14", "Marked: 1, 2, 5 "),
        (13, "2,x\r", "x", "Marked: 2 "),
        (13, "121\r", "121", "Marked: 12 "),
        (13, "52\r", "52", "Marked: 5 "),
        (23, "232\r", "232", "Marked: 23 "),
        (23, "2d\r", "2d", "Marked: 2 "),
    ],
)
def test_a_refused_key_is_not_passed_over(count: int, keys: str, refused: str, marked: str) -> None:
    played = tick(count, keys)
    assert played.raised is None
    assert f"There is no answer {refused} here" in played.last.words
    assert marked in played.last.words


def test_enter_goes_on_after_a_message_or_the_message_says_that_it_waits() -> None:
    item = "{id: many, kind: multiple, options: [a, b, c, d, none!]}"
    interview = Interview.begin(questionnaire_of(f"items: [{item}]"), on_paper=True)
    step = interview.step
    assert step is not None
    played = play(lambda: EntryAsker().ask(interview, step, None), ["1", "5", ENTER])
    assert "Only “" in played.looks[2].words
    assert played.result == Given(["none"])
    waits = "Enter again: go on"
    assert waits in ask("many", "2", ",", "x", ENTER).last.words
    assert waits in ask("many", "2", ",", "1", "5", ENTER).last.words
    assert waits not in ask("many", "x", ENTER).last.words


@pytest.mark.parametrize(("key", "label"), [("d", "Don't know"), ("-", "Left empty")])
def test_a_reserved_code_does_not_drop_marks_without_a_message(key: str, label: str) -> None:
    played = ask("many", "2", ",", key)
    assert f"Only “{label}” is marked now" in played.last.words
    assert f"Marked: {key}" in played.last.words
    assert ask("many", "2", ",", key, "3", ENTER, ENTER).result == Given(["o3"])
    assert ask("many", "2", ",", key, ENTER).result == ask("many", key).result


def test_the_help_lists_the_keys_for_printed_codes() -> None:
    helped = " ".join(ask("long", F1).last.words.split())
    assert "The code printed before an answer: choose it" in helped
    assert "-: nothing was filled in on the paper" in helped
    assert "Space: tick" not in helped


def test_the_menu_speaks_of_a_keying_and_not_of_own_answers() -> None:
    said = ask("long", MENU, "e").looks
    assert "Stop here and delete this keying" in said[1].words
    assert "Delete this keying and stop" in said[2].words


def test_a_refused_digit_is_no_answer_by_itself() -> None:
    for keys in (["1", "5", ENTER], ["1", "5", BACKSPACE]):
        played = ask("long", *keys)
        assert "There is no answer 15 here" in played.looks[2].words
        assert "Typed: 1" in played.last.words
    played = ask("long", "1", BACKSPACE, ENTER)
    assert "Choose an answer first" in played.last.words


def test_typed_and_marked_codes_are_shown_once() -> None:
    for size in SIZES[:2]:
        last = tick(23, "3,12", size).last
        assert last.words.count("Typed: 12") == 1
        assert last.words.count("Marked: 3") == 1
        assert "Code, comma: mark" in last.words
        assert "Enter: go on" in last.words
        assert "-: left empty" in last.words


@pytest.mark.parametrize("step", ["short", "long", "many", "rate.p", "best.1", "why"])
def test_the_footer_says_how_to_leave_a_question_empty(step: str) -> None:
    assert "-: left empty" in ask(step, size=(60, 20)).looks[0].lines[-1]


def test_an_exclusive_option_cannot_follow_another_rank() -> None:
    item = "{id: best, kind: ranking, ranks: 2, options: [x, y, z, none!]}"
    interview = Interview.begin(questionnaire_of(f"items: [{item}]"), on_paper=True).answer("x")
    step = interview.step
    assert step is not None
    played = play(lambda: EntryAsker().ask(interview, step, None), ["4", "2"])
    assert "“none” cannot be combined with other options" in played.looks[1].words
    assert played.result == Given("y")


def test_the_footer_of_a_field_with_text_does_not_say_how_to_leave_it_empty() -> None:
    assert "-: left empty" not in ask("why", "x").last.words


def test_a_code_that_is_not_printed_answers_nothing() -> None:
    played = ask("short", "7", "1")
    assert "There is no answer 7 here" in played.looks[1].words
    assert played.result == Given("a")


def test_a_code_that_can_go_on_is_shown_until_it_is_taken() -> None:
    played = ask("long", "1", BACKSPACE, "3")
    assert "Typed: 1" in played.looks[1].words
    assert "Typed" not in played.looks[2].words
    assert played.result == Given("o3")


@pytest.mark.parametrize("size", SIZES)
def test_the_page_has_the_printed_numbers_and_codes(size: tuple[int, int]) -> None:
    interview = at("rate.q")
    assert interview.step is not None
    look = ask("rate.q", "5", size=size).looks[0]
    assert "Question 4.2 of 6" in look.words
    codes = printed_codes(QUESTIONNAIRE, interview.step.item)
    assert list(codes.values()) == ["0", "5", "10", "d", "p"]
    for code in ("0", "5", "10", "d", "-"):
        assert any(line.strip().startswith(f"{code}. ") for line in look.lines)


def test_a_whole_questionnaire_is_entered_and_stored_with_s_and_enter() -> None:
    keys: Sequence[str] = ["1", "2", "3", ENTER, "5", "-", "2", "-", "x", ENTER, ENTER, "s", ENTER]
    played: Played[Finished] = play(
        lambda: run(Interview.begin(QUESTIONNAIRE, on_paper=True), EntryAsker()), keys
    )
    answers = played.result.interview.closed_answers()
    assert played.result.status == "complete"
    assert answers == {
        "short": "a",
        "long": "o2",
        "many": ("o3",),
        "rate": {"p": "5", "q": "blank"},
        "best": ("y",),
        "why": "given",
    }


@pytest.mark.parametrize(
    ("keys", "reply"),
    [
        ([ENTER, "s", ENTER], Close()),
        (["1", "s", ENTER], Close()),
        ([SHIFT_TAB], Back()),
        (["1", SHIFT_TAB], Back()),
        (["1", ENTER], GoTo("short")),
    ],
)
def test_only_s_and_enter_store_on_the_review(keys: list[str], reply: Reply) -> None:
    interview = at("why").answer("")
    played = play(lambda: EntryAsker().close(interview), keys)
    assert "s. Store it" in played.looks[0].words
    assert "Enter: choose" in played.looks[0].words
    assert played.result == reply


def test_shift_tab_on_a_long_review_stores_nothing() -> None:
    codes = ", ".join(f"{{id: i{number}, options: [a, b]}}" for number in range(1, 25))
    interview = Interview.begin(questionnaire_of(f"items: [{codes}]"), on_paper=True)
    while interview.step is not None:
        interview = interview.answer("a")
    played = play(lambda: EntryAsker().close(interview), ["1", SHIFT_TAB])
    assert played.result == Back()
    signs = [line.split(".")[0].strip(" ❯>") for line in played.looks[0].lines if ". " in line]
    assert signs.count("1") == 1
