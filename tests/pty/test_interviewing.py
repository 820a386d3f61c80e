"""An interviewer using the real program: fast keys, and interruptions."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cases.log import CaseLog
from tests.harness import Terminal
from tests.pty.walker import LOADED, ROUTES, Walker, groups_of
from tests.terminal.key_presses import Answered, answer_all, keys_aloud

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.cases.case import Case

CASE = "DE-0042"
BREAK_OFF, REMARK = "\x18", "\x12"


def interviewing(
    folder: Path, columns: int = 100, language: str | None = "en", style: str = "--rich"
) -> Terminal:
    """The contact page, on a screen that shows every question completely."""
    terminal = Terminal(
        *("interview", "--mode", "phone", "--case", CASE, style),
        folder=folder,
        columns=columns,
        rows=50,
        language=language,
    )
    return terminal.until("how did this contact go?")


def consented(terminal: Terminal, route: str) -> tuple[Terminal, Answered]:
    """The interview after consent, and answers to all its questions."""
    terminal.press("1").until("read it aloud")
    while "Question 1 of" not in terminal.text:
        Walker(terminal, {}).press("enter")
    terminal.press("1").until("Question 2 of")
    terminal.until(lambda t: "consent" in t.given())
    seed = terminal.draft()["seed"]
    return terminal, answer_all(LOADED.questionnaire, ROUTES[route], seed, "phone")


def press_all(terminal: Terminal, answers: Answered, *, until: str | None = None) -> None:
    """Press every key from the second question on without waiting for a page."""
    keys = [step.key for step, _ in answers.said]
    said = answers.said[1 : keys.index(until) if until else None]
    terminal.press("".join(keys_aloud(Answered(answers.interview, said))))


def case(folder: Path) -> Case:
    (only,) = CaseLog(folder / "case-log.json").read().cases
    return only


def test_the_language_is_asked_for_after_the_outcome_and_a_pause_is_taken_back(
    tmp_path: Path,
) -> None:
    with interviewing(tmp_path, language=None) as terminal:
        terminal.press("1").until("Language · Sprache").press("ctrl-c")
        terminal.until("how did this contact go?").press("1").until("Language · Sprache")
        (english,) = (line.split(".")[0].strip() for line in terminal.lines if "English" in line)
        terminal.press(english)
        terminal.until("read it aloud").press("shift-tab").until("how did this contact go?")
        terminal.press("1").until("Language · Sprache").press(english).until("read it aloud")
        assert "Note for staff" not in terminal.text
        terminal.press("enter")
        terminal.until("Question 1 of").press("y").until("Question 2 of")
        terminal.press("ctrl-c").until("when will the interview continue?")
        terminal.press("4").until("Question 2 of").press("3").until("End the interview")
        terminal.press("1").until("Record this outcome").press("1")
        terminal.until(f"Case {CASE}: recorded Neither employs nor represents")
        assert terminal.finish() == 0
    assert case(tmp_path).codes == ("4.70",)


@pytest.mark.parametrize("route", ["employer-provides", "representative-unaware"])
def test_all_keys_at_once_answer_every_question(route: str, tmp_path: Path) -> None:
    with interviewing(tmp_path) as terminal:
        _, answers = consented(terminal, route)
        terminal.press(f"{REMARK}They laughed\r")
        press_all(terminal, answers)
        terminal.until("Every question is answered")
        assert terminal.draft()["remarks"] == {"org_role": "They laughed"}
        with Terminal(
            "interview", "--mode", "phone", "--case", CASE.lower(), folder=tmp_path
        ) as second:
            second.until("in use in another window")
            assert second.finish() == 4
        terminal.press("s").until("» s. Submit")
        terminal.press("enter").until(lambda t: len(groups_of(t)) == 5)
        terminal.until("The respondent has written it down").press("1")
        assert terminal.finish() == 0
        (response,) = terminal.stored()
    assert response["status"] == "complete"
    assert response["mode"] == "phone"
    given = answers.interview.closed_answers()
    for item in ("term_familiarity", "involvement", "future_use", "usefulness_overall"):
        wanted = given[item]
        assert response["answers"][item] == ([*wanted] if isinstance(wanted, tuple) else wanted)
    (text,) = (tmp_path / "responses" / "texts").glob("*.json")
    assert json.loads(text.read_text(encoding="utf-8"))["item"] == "org_role.remark"
    assert case(tmp_path).codes == ("1.1",)


def _marked(terminal: Terminal) -> dict[str, bool]:
    """The marks in the draft that were not submitted."""
    return dict(terminal.draft()["unfinished"]["marks"].get("mc_earners", {}))


def test_marks_survive_a_kill_in_mid_list(tmp_path: Path) -> None:
    with interviewing(tmp_path) as terminal:
        _, answers = consented(terminal, "employer-provides")
        press_all(terminal, answers, until="mc_earners")
        terminal.until("Which groups of people").press("y", "n", "y")
        terminal.until(lambda t: len(_marked(t)) == 3)
        marks = _marked(terminal)
        os.kill(terminal.child.pid, signal.SIGKILL)
    assert list(marks.values()) == [True, False, True]
    with interviewing(tmp_path) as again:
        again.until("continue the interview").press("1").until("Which groups of people")
        again.until(lambda t: all(f"[{sign}] {n}." in t.text for n, sign in enumerate("yny", 1)))
        again.press("enter").until(lambda t: "mc_earners" in t.given())
        assert set(again.given()["mc_earners"]) == {code for code, yes in marks.items() if yes}


def test_what_was_said_before_a_break_off_is_kept_if_the_person_agrees(tmp_path: Path) -> None:
    with interviewing(tmp_path) as terminal:
        _, answers = consented(terminal, "employer-provides")
        press_all(terminal, answers, until="mc_awarder")
        terminal.until("What kind of organisation awards").press(BREAK_OFF).until(
            "1. Keep the answers"
        )
        terminal.press("1").until(lambda t: len(groups_of(t)) == 5)
        terminal.press("1")
        assert terminal.finish() == 0
        (response,) = terminal.stored()
    assert response["status"] == "partial"
    assert case(tmp_path).outcome == "1.2"


@pytest.mark.parametrize("style", ["--rich", "--plain"])
def test_a_terminal_closed_in_the_list_of_outcomes_records_that_the_interview_has_begun(
    style: str, tmp_path: Path
) -> None:
    with interviewing(tmp_path, style=style) as terminal:
        enter = "\r" if style == "--plain" else ""
        terminal.press(f"1{enter}").until("Read: This survey" if enter else "read it aloud")
        while "Question 1 of" not in terminal.text:
            terminal.press("enter").read()
        terminal.press(f"1{enter}").until("Question 2 of").press("ctrl-c")
        terminal.until("when will the interview continue?")
        terminal.child.ptyproc.fileobj.close()
        terminal.child.ptyproc.closed = terminal.child.closed = True
        terminal.child.wait()
        assert case(tmp_path).codes == ("begun",)
        assert terminal.given() == {"consent": "yes"}
        left = [path.name for path in tmp_path.rglob(".*")]
        assert not left, left


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "deleted"])
def test_a_log_that_is_damaged_meanwhile_stops_no_interview(kept: bool, tmp_path: Path) -> None:
    with interviewing(tmp_path) as terminal:
        _, answers = consented(terminal, "employer-provides")
        (tmp_path / "case-log.json").write_text("{", encoding="utf-8")
        press_all(terminal, answers, until="mc_awarder")
        terminal.until("What kind of organisation awards").press(BREAK_OFF).until(
            "1. Keep the answers"
        )
        if kept:
            terminal.press("1").until(lambda t: len(groups_of(t)) == 5)
            terminal.press("1")
        else:
            terminal.press("2").until("That is quite all right").press("2")
            terminal.until("What kind of organisation awards").press(BREAK_OFF)
            terminal.until("2. Delete").press("2").until("That is quite all right").press("1")
            terminal.until("Record this outcome").press("1")
        terminal.until("The case log could not be written")
        terminal.until(f"Still to be recorded for case {CASE}: {'1.2' if kept else '2.12'}.")
        assert terminal.finish() == (0 if kept else 4)
        assert len(terminal.stored()) == kept
        assert not terminal.draft()
    assert (tmp_path / "case-log.json").read_text(encoding="utf-8") == "{"
