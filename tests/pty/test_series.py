"""Ten cases in a row by telephone, with one command, in a real terminal."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

from microcred_cli.cases.case import Case, Cases, LoggedContact, hour_of, new_id
from microcred_cli.cases.log import CaseLog
from microcred_cli.clock import zones
from tests.harness import Terminal
from tests.pty.walker import LOADED, ROUTES, groups_of
from tests.terminal.key_presses import Answered, answer_all, keys_aloud

if TYPE_CHECKING:
    from pathlib import Path

ASKS, RECORDED, RECEIPT = "Did anybody answer?", "Next case?", "The respondent has written it down"
BREAK_OFF = "\x18"
SIZES = {"columns": 80, "rows": 24}


def begin(folder: Path, log: CaseLog) -> Terminal:
    command = ("interview", "--mode", "phone", "--next", "--case-log", str(log.path))
    return Terminal(*command, folder=folder, **SIZES)  # type: ignore[arg-type]


def label_of(terminal: Terminal) -> str:
    """The label of the case that is offered."""
    terminal.until(ASKS)
    return next(line for line in terminal.lines if line.startswith("Case ")).split()[1]


def to_the_questions(terminal: Terminal) -> None:
    """From the question whether anybody answered to the first question."""
    terminal.press("1").until("Good day. My name is").press("1").until("1. English").press("1")
    terminal.until("read it aloud")
    while "Question 1 of" not in terminal.text:
        before = terminal.text
        terminal.press("enter").until(lambda t, b=before: t.text != b and bool(t.text.strip()))  # type: ignore[misc]


def answer(terminal: Terminal, route: str, until: str | None = None) -> None:
    """Give consent and press the keys of all answers at once, as an interviewer can."""
    to_the_questions(terminal)
    terminal.press("y").until("Question 2 of").until(lambda t: "consent" in t.given())
    answers = answer_all(LOADED.questionnaire, ROUTES[route], terminal.draft()["seed"], "phone")
    keys = [step.key for step, _ in answers.said]
    said = answers.said[1 : keys.index(until) if until else None]
    terminal.press("".join(keys_aloud(Answered(answers.interview, said))))


def complete(terminal: Terminal) -> None:
    answer(terminal, "representative-unaware")
    terminal.until("Every question is answered").press("s").until("» s. Submit").press("enter")
    terminal.until(RECEIPT).until(lambda t: len(groups_of(t)) == 5)


def keys(terminal: Terminal, *pressed: str) -> None:
    for key in pressed:
        terminal.press(key)


def to_another_case(terminal: Terminal, *before: str) -> None:
    """Wait for the page of a case that is not one of these."""
    terminal.until(lambda t: ASKS in t.text and not any(f"Case {b}" in t.text for b in before))


def test_ten_cases_in_a_row(tmp_path: Path) -> None:
    log = CaseLog(tmp_path / "sample.json")
    hour = hour_of(zones.now() - timedelta(days=2))
    asked_again = LoggedContact(id=new_id(), code="call_back", hour=hour)
    fresh = [Case(label=f"A-{number}") for number in range(1, 10)]
    cases = (*fresh, Case(label="B-1", contacts=(asked_again,)))
    log.change(lambda _: Cases(cases=cases))
    found: dict[str, str] = {}
    with begin(tmp_path, log) as terminal:
        found[label_of(terminal)] = "call_back, 1.1"
        assert "Somebody else asks us to try again" in terminal.text
        complete(terminal)
        keys(terminal.press("2").until(RECORDED), "enter")
        found[label_of(terminal)] = "1.1"
        complete(terminal)
        keys(terminal.press("1").until(RECORDED), "1")
        found[label_of(terminal)] = "busy"
        keys(terminal, "3", "enter")
        to_another_case(terminal, *found)
        assert len(closed(log, "busy")) == 1
        found[label_of(terminal)] = "answering_machine"
        keys(terminal, "4", "enter")
        to_another_case(terminal, *found)
        assert len(closed(log, "answering_machine")) == 1
        found[label_of(terminal)] = "appointment"
        keys(terminal, "1", "2", "+3 14:30", "enter")
        terminal.until("Read out:").press("1").until(RECORDED).press("1")
        found[label_of(terminal)] = "2.112"
        keys(terminal, "1", "5", "1", "3")
        terminal.until("Refused by the respondent").until(RECORDED).press("1")
        found[label_of(terminal)] = "soft_refusal"
        keys(terminal, "1", "5", "2", "1")
        terminal.until(RECORDED).press("1")
        found[label_of(terminal)] = "1.2"
        answer(terminal, "employer-provides", until="mc_awarder")
        terminal.until("What kind of organisation awards").press(BREAK_OFF)
        terminal.until("1. Keep the answers").press("1").until(RECEIPT).press("1")
        terminal.until(RECORDED).press("1")
        found[label_of(terminal)] = "4.70"
        to_the_questions(terminal)
        keys(terminal, "y", "3")
        terminal.until("End the interview").press("1").until(RECORDED).press("1")
        interrupted = label_of(terminal)
        to_the_questions(terminal)
        terminal.press("y").until(lambda t: "consent" in t.given())
        with begin(tmp_path, log) as second:
            second.until("No other case is due now.")
            assert f"Case {interrupted} is in use in another window." in second.flat
            assert second.finish() == 0
        os.kill(terminal.child.pid, signal.SIGKILL)
    with begin(tmp_path, log) as terminal:
        terminal.until("The interview was interrupted.")
        assert label_of(terminal) == interrupted
        keys(terminal, "2")
        terminal.until(RECORDED).press("1").until("No other case is due now.")
        assert terminal.finish() == 0
        assert len(terminal.stored()) == 3
    found[interrupted] = "no_answer"
    assert {case.label: ", ".join(case.codes) for case in log.read().cases} == found


def closed(log: CaseLog, code: str) -> list[str]:
    """The labels of the cases with this outcome."""
    return [case.label for case in log.read().cases if code in case.codes]
