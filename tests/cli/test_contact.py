"""The outcome of a contact: no single key records it, and it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cases.case import Contact
from microcred_cli.cases.log import CaseLog
from microcred_cli.clock.zones import now, today
from microcred_cli.fieldwork.settings import Fieldwork
from microcred_cli.session.contact import AGAIN, BEGIN, ENDS, CaseContact, contact_with
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.mode import Surroundings
from tests.cli.program import Lines
from tests.terminal.playing import SHIFT_TAB, play

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.interview import ContactPage
    from tests.cli.program import Place

CASE = "DE-0042"


@dataclass
class Chooser:
    """A screen on which these codes are chosen and these lines typed, in order."""

    said: list[str | None]
    watched: bool = True
    interrupted: bool = False
    offered: list[list[str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def choose(self, question: str, options: Sequence[tuple[str, str]], **_: object) -> str | None:
        self.asked.append(question)
        self.offered.append([code for code, _ in options])
        chosen = self.said.pop(0)
        assert chosen is None or chosen in self.offered[-1], (question, self.offered[-1])
        return chosen

    def offer(self, page: ContactPage) -> str | None:
        return self.choose(page.question, page.options)

    def type_in(self, question: str, _: str, problem: str = "", **_more: object) -> str | None:
        self.asked.append(question)
        self.problems.append(problem)
        return self.said.pop(0)


@pytest.fixture
def contact(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[CaseContact]:
    class Terminal:
        is_terminal = True

    monkeypatch.setattr(Surroundings, "real", lambda: Terminal)
    with contact_with(CaseLog(place.folder / "case-log.json"), CASE, "phone") as taken:
        yield taken


def recorded(contact: CaseContact) -> list[str]:
    return [code for case in contact.log.read().cases for code in case.codes]


class TestBefore:
    def test_a_wrong_key_is_taken_back_before_it_is_recorded(self, contact: CaseContact) -> None:
        screen = Chooser(["busy", AGAIN, "no_answer", "no_answer"])
        assert not contact.begins(screen)  # type: ignore[arg-type]
        assert recorded(contact) == ["no_answer"]
        assert screen.asked[1] == f"Case {CASE}: Busy"
        assert contact.closing == (
            f"Case {CASE}: recorded No answer this time. The case remains open."
        )

    def test_a_closed_case_is_named_and_opened_again(self, contact: CaseContact) -> None:
        contact.begins(Chooser([ENDS, "2.112", "2.112"]))  # type: ignore[arg-type]
        again = CaseContact(contact.log, contact.recorder, "phone")
        screen = Chooser(["no_answer", "no_answer"])
        assert not again.begins(screen)  # type: ignore[arg-type]
        assert "The case is closed: Refused by the respondent (2.112)." in screen.asked[0]
        assert again.closing.endswith("recorded No answer this time. The case is open again.")

    def test_a_terminal_closed_after_a_refusal_records_nothing(
        self, contact: CaseContact, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Closed:
            is_terminal = False

        monkeypatch.setattr(Surroundings, "real", lambda: Closed)
        assert contact.ended(Chooser([None]), "refused")  # type: ignore[arg-type]
        assert recorded(contact) == []

    def test_who_leaves_before_confirming_records_nothing(self, contact: CaseContact) -> None:
        assert not contact.begins(Chooser(["busy", None, None]))  # type: ignore[arg-type]
        assert recorded(contact) == []

    def test_without_a_terminal_nothing_is_confirmed(self, contact: CaseContact) -> None:
        assert not contact.begins(Chooser(["busy"], watched=False))  # type: ignore[arg-type]
        assert recorded(contact) == ["busy"]

    def test_the_page_of_a_day_leads_back_to_the_outcomes(self, contact: CaseContact) -> None:
        screen = Chooser(["later", None, BEGIN])
        assert contact.begins(screen)  # type: ignore[arg-type]
        assert recorded(contact) == []

    def test_an_appointment_after_the_last_day_is_refused_unless_the_interview_has_begun(
        self, contact: CaseContact
    ) -> None:
        contact.follow(Fieldwork(timezone="Europe/Brussels", closes=today("Europe/Brussels")))
        screen = Chooser(["appointment", "+7 14:30", None, BEGIN])
        assert contact.begins(screen)  # type: ignore[arg-type]
        assert screen.problems[-1].startswith("The survey closes on ")
        assert recorded(contact) == []
        assert contact.ended(Chooser(["appointment", "+7 14:30", "0"]), "paused")  # type: ignore[arg-type]
        assert recorded(contact) == ["appointment"]

    @pytest.mark.parametrize("back", [AGAIN, None])
    def test_the_final_outcomes_lead_back_and_close_the_case(
        self, contact: CaseContact, back: str | None
    ) -> None:
        screen = Chooser([ENDS, back, ENDS, "3.13", "3.13"])
        assert not contact.begins(screen)  # type: ignore[arg-type]
        assert contact.closing == f"Case {CASE}: recorded No answer. The case is closed."

    @pytest.mark.parametrize("begun", ["", "begun"])
    def test_broken_off_is_offered_only_if_something_was_begun(
        self, contact: CaseContact, begun: str
    ) -> None:
        if begun:
            contact.recorder.record(Contact(begun), now())
        screen = Chooser([ENDS, AGAIN, BEGIN])
        contact.begins(screen)  # type: ignore[arg-type]
        assert ("2.12" in screen.offered[1]) is bool(begun)


class TestAfter:
    @pytest.mark.parametrize("status", ["paused", "interrupted", "refused"])
    def test_a_wrong_key_leads_back_to_the_interview(
        self, contact: CaseContact, status: str
    ) -> None:
        assert not contact.ended(Chooser([AGAIN]), status)  # type: ignore[arg-type]
        assert recorded(contact) == []

    @pytest.mark.parametrize("status", ["paused", "refused"])
    def test_the_key_to_go_back_leads_back_to_the_interview(
        self, contact: CaseContact, status: str
    ) -> None:
        screen = InterviewerAsker(introduction=())
        played = play(lambda: [contact.ended(screen, status)], [SHIFT_TAB])
        assert played.result == [False]
        assert recorded(contact) == []

    @pytest.mark.parametrize(
        ("status", "is_begun", "outcome"),
        [
            ("paused", True, "begun"),
            ("interrupted", True, "begun"),
            ("interrupted", False, ""),
            ("refused", True, ""),
        ],
    )
    def test_who_leaves_the_page_records_only_an_interview_that_has_begun(
        self, contact: CaseContact, status: str, is_begun: bool, outcome: str
    ) -> None:
        assert contact.ended(Chooser([None]), status, is_begun=is_begun)  # type: ignore[arg-type]
        assert recorded(contact) == [outcome] * bool(outcome)
        if not outcome:
            nothing = f"Case {CASE}: recorded nothing."
            assert contact.closing == nothing

    def test_without_a_screen_nothing_is_said_about_a_person_who_was_not_asked(
        self, contact: CaseContact
    ) -> None:
        assert contact.ended(None, "interrupted", is_begun=False)
        assert recorded(contact) == []

    @pytest.mark.parametrize(
        ("status", "outcome"), [("discarded", "2.12"), ("screened_out", "4.70")]
    )
    @pytest.mark.parametrize("back", [AGAIN, None])
    def test_an_outcome_without_answers_is_confirmed(
        self, contact: CaseContact, status: str, outcome: str, back: str | None
    ) -> None:
        assert not contact.ended(Chooser([back]), status)  # type: ignore[arg-type]
        assert recorded(contact) == []
        assert contact.ended(Chooser([outcome]), status)  # type: ignore[arg-type]
        assert recorded(contact) == [outcome]

    def test_before_the_first_answer_the_person_can_still_refuse(
        self, contact: CaseContact
    ) -> None:
        screen = Chooser(["2.112", "2.112"])
        assert contact.ended(screen, "interrupted", is_begun=False)  # type: ignore[arg-type]
        assert recorded(contact) == ["2.112"]
        assert "begun" not in screen.offered[0]


class TestClosingLines:
    def test_a_respondent_is_told_what_was_done_and_comes_next(self, place: Place) -> None:
        ran = place.run("respond", "--plain", typed=Lines().whole())
        last = ran.err.splitlines()[-1]
        assert last.startswith("Your answers have been handed in. To withdraw them,")
        assert "Note for staff" in ran.err.splitlines()[0]
        assert ran.err.count("Note for staff") == 1

    @pytest.mark.parametrize(
        ("lines", "told"),
        [
            (["2", "leave"], "You did not take part. Nothing was stored."),
            (["1", "3", "leave"], "The survey does not apply to you. Nothing was stored."),
        ],
    )
    def test_so_is_one_who_does_not_take_part(
        self, place: Place, lines: list[str], told: str
    ) -> None:
        ran = place.run("respond", "--plain", typed="\n".join([*lines, ""]))
        assert ran.err.splitlines()[-1] == told

    @pytest.mark.parametrize("case", [CASE, ""])
    def test_an_interviewer_is_told_what_was_recorded(self, place: Place, case: str) -> None:
        named = ("--case", case) if case else ()
        begin = "1\n" if case else ""
        ran = place.run(
            *("interview", "--mode", "phone", "--plain", *named), typed=begin + Lines().whole()
        )
        told = ran.err.splitlines()[-1]
        assert told == (
            f"Case {case}: complete interview recorded. The case is closed."
            if case
            else "Complete interview recorded."
        )

    def test_a_resumed_interview_ends_with_its_line_too(self, place: Place) -> None:
        half = Lines().until("mc_awarder")
        rest = Lines().whole().splitlines()[len(half) :]
        paused = ("interview", "--mode", "phone", "--plain", "--case", CASE)
        ran = place.run(*paused, typed="\n".join(["1", *half, ":pause", "3", ""]))
        code = ran.resume_code
        assert "recorded Interview begun, to be continued. The case remains open." in ran.err
        again = place.run("resume", code, "--plain", typed="\n".join([*rest, ""]))
        assert again.err.splitlines()[-1].startswith(f"Case {CASE}: complete interview recorded.")
