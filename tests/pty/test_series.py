"""Ten cases in a row by telephone, with one command, in a real terminal and in plain lines."""

from __future__ import annotations

import os
import re
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cases.case import Case, Cases, LoggedContact, hour_of, new_id
from microcred_cli.cases.log import CaseLog
from microcred_cli.clock import zones
from tests.cli.program import Lines
from tests.harness import Terminal
from tests.pty.walker import LOADED, ROUTES, groups_of
from tests.terminal.key_presses import Answered, answer_all, keys_aloud

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASKS, RECORDED = "Did anybody answer?", "Next case?"
COMMAND = ("interview", "--mode", "phone", "--next", "--case-log")


class Screen:
    """An interviewer at a full screen, who presses single keys."""

    option, goes_on, break_off = "--rich", "enter", "\x18"
    noted, declined, leave = "1", "2", "1"

    def __init__(self, folder: Path, log: CaseLog, columns: int, rows: int) -> None:
        command = (*COMMAND, str(log.path), self.option)
        self.terminal = Terminal(*command, folder=folder, columns=columns, rows=rows)

    def shown(self, terminal: Terminal) -> str:
        """The page that is shown, on one line."""
        return terminal.flat

    def until(self, wanted: str | Callable[[str], bool]) -> Screen:
        """Wait until a text is shown."""
        holds = wanted if callable(wanted) else lambda shown: wanted in shown
        self.terminal.until(lambda t: holds(self.shown(t)))
        return self

    def press(self, *keys: str) -> Screen:
        """Press keys."""
        self.terminal.press(*keys)
        return self

    def type(self, line: str) -> Screen:
        """Type a line."""
        return self.press(line, "enter")

    def answer(self, route: str, until: str | None) -> None:
        """Press the keys of all answers at once, as an interviewer can."""
        seed = self.terminal.draft()["seed"]
        answers = answer_all(LOADED.questionnaire, ROUTES[route], seed, "phone")
        keys = [step.key for step, _ in answers.said]
        said = answers.said[1 : keys.index(until) if until else None]
        self.press("".join(keys_aloud(Answered(answers.interview, said))))

    def submit(self) -> None:
        """Submit at the review."""
        self.until("Every question is answered").press("s").until("» s. Submit").press("enter")


class PlainLines(Screen):
    """An interviewer in plain lines, who ends each with Enter; only new lines are read."""

    option, goes_on, break_off = "--plain", "1", ":breakoff"
    noted, declined, leave = "noted", "not wanted", "leave"
    _read = 0

    def shown(self, terminal: Terminal) -> str:
        """The lines since the last key; nothing until the next line is asked for."""
        new = terminal.raw[self._read :]
        return " ".join(new.decode(errors="ignore").split()) if new.endswith(b" ") else ""

    def press(self, *keys: str) -> Screen:
        """Type lines."""
        self._read = len(self.terminal.raw)
        self.terminal.press(*("\r" if key == "enter" else f"{key}\r" for key in keys))
        return self

    def type(self, line: str) -> Screen:
        """Type a line."""
        return self.press(line)

    def answer(self, route: str, until: str | None) -> None:
        """Type all lines at once."""
        self.press(*Lines(route.replace("-", " ")).until(until)[1:])

    def submit(self) -> None:
        """Submit at the review."""
        self.until("Type submit, or the number of an answer:").press("submit")


SURFACES: dict[str, tuple[type[Screen], int, int]] = {
    "80x24": (Screen, 80, 24),
    "60x20": (Screen, 60, 20),
    "plain": (PlainLines, 80, 24),
}


def case_on(page: str) -> str:
    """The label of the case that is offered on a page; empty if there is none."""
    labels = re.findall(r"Case ([\w-]+) ", page.partition(ASKS)[0])
    return labels[-1] if labels and ASKS in page else ""


def offered(screen: Screen, found: dict[str, str], outcome: str) -> str:
    """The page of a case that was not offered before, and that will get this outcome."""
    screen.until(lambda page: case_on(page) not in ("", *found))
    page = screen.shown(screen.terminal)
    found[case_on(page)] = outcome
    return page


def to_the_questions(screen: Screen) -> None:
    """From the question whether anybody answered to the first question."""
    screen.press("1").until("Good day. My name is").press("1").until("1. English").press("1")
    screen.until(lambda page: bool(page) and "1. English" not in page)
    while "Question 1 of" not in (before := screen.shown(screen.terminal)):
        screen.press("enter").until(lambda page, b=before: page not in ("", b))  # type: ignore[misc]


def consent(screen: Screen) -> None:
    to_the_questions(screen)
    screen.press("y").until("Question 2 of")
    screen.terminal.until(lambda t: "consent" in t.given())


def complete(screen: Screen) -> None:
    consent(screen)
    screen.answer("representative-unaware", None)
    screen.submit()
    screen.until("has written it down")
    assert len(groups_of(screen.terminal)) == 5


@pytest.mark.parametrize("surface", SURFACES)
def test_ten_cases_in_a_row(tmp_path: Path, surface: str) -> None:
    log = CaseLog(tmp_path / "sample.json")
    hour = hour_of(zones.now() - timedelta(days=2))
    asked_again = LoggedContact(id=new_id(), code="call_back", hour=hour)
    fresh = [Case(label=f"A-{number}") for number in range(1, 10)]
    cases = (*fresh, Case(label="B-1", contacts=(asked_again,)))
    log.change(lambda _: Cases(cases=cases))
    found: dict[str, str] = {}
    kind, columns, rows = SURFACES[surface]
    screen = kind(tmp_path, log, columns, rows)
    with screen.terminal:
        assert "Somebody else asks us to try again" in offered(screen, found, "call_back, 1.1")
        complete(screen)
        screen.press(screen.declined).until(RECORDED).press("1")
        offered(screen, found, "1.1")
        complete(screen)
        screen.press(screen.noted).until(RECORDED).press("1")
        offered(screen, found, "busy")
        screen.press("3", screen.goes_on)
        offered(screen, found, "answering_machine")
        assert closed(log, "busy") == 1
        screen.press("4", "1")
        offered(screen, found, "appointment")
        assert closed(log, "answering_machine") == 1
        screen.press("1", "2").until("on which day, and at what time?").type("+3 14:30")
        screen.until("Read out:").press("1").until(RECORDED).press("1")
        offered(screen, found, "2.112")
        screen.press("1", "5", "1", "3").until(RECORDED)
        assert "Refused by the respondent" in screen.shown(screen.terminal)
        screen.press("1")
        offered(screen, found, "soft_refusal")
        screen.press("1", "5", "2", "1").until(RECORDED).press("1")
        offered(screen, found, "1.2")
        consent(screen)
        screen.answer("employer-provides", "mc_awarder")
        screen.until("What kind of organisation awards").press(screen.break_off)
        screen.until("1. Keep the answers").press("1").until("has written it down")
        screen.press(screen.noted).until(RECORDED).press("1")
        offered(screen, found, "4.70")
        to_the_questions(screen)
        screen.press("y", "3")
        screen.until("Thank you very much for your interest.").press(screen.leave)
        screen.until(RECORDED).press("1")
        offered(screen, found, "no_answer")
        screen.press("2", "1")
        assert screen.terminal.finish() == 0
        assert "No other case is due now." in screen.terminal.flat
        assert screen.terminal.raw.count(b"still visible above") == (surface == "plain")
        assert len(screen.terminal.stored()) == 3
    assert {case.label: ", ".join(case.codes) for case in log.read().cases} == found


def test_a_case_is_in_use_until_its_window_is_killed_and_then_comes_first(tmp_path: Path) -> None:
    log = CaseLog(tmp_path / "sample.json")
    log.change(lambda _: Cases(cases=(Case(label="A-1"),)))
    screen = Screen(tmp_path, log, 80, 24)
    with screen.terminal as killed:
        consent(screen.until(ASKS))
        with Screen(tmp_path, log, 80, 24).terminal as second:
            assert second.finish() == 0
            assert "Case A-1 is in use in another window." in second.flat
            assert "No other case is due now." in second.flat
        os.kill(killed.child.pid, signal.SIGKILL)
    screen = Screen(tmp_path, log, 80, 24)
    with screen.terminal as terminal:
        screen.until("The interview was interrupted.").press("2").until(RECORDED).press("1")
        assert terminal.finish() == 0
    assert log.read().case("A-1").codes == ("no_answer",)


def closed(log: CaseLog, code: str) -> int:
    """The number of cases with this outcome."""
    return sum(code in case.codes for case in log.read().cases)
