"""Interviews conducted by an interviewer: the result of each ending, and refused options."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.cases.case import Contact
from microcred_cli.cases.log import CaseLog
from microcred_cli.clock.zones import now, today
from microcred_cli.records.receipts import show
from microcred_cli.terminal.plain_asker import PlainInterviewer
from tests.cli.program import Lines, cut, receipt_name, sheet
from tests.scenario import builtin

if TYPE_CHECKING:
    from tests.cli.program import Place, Ran

CASE = "DE-0042"
BEGIN, NO_ANSWER, CLOSED = "1", "8", "13"
REMARK = ":remark Write to a.b@example.org, they laughed"
ROUTE = "employer unaware"


def lead(place: Place, *lines: str, case: str = CASE, mode: str = "phone") -> Ran:
    """Conduct an interview in plain mode, from the contact page on."""
    typed = "\n".join([*lines, ""])
    return place.run("interview", "--plain", "--mode", mode, "--case", case, typed=typed)


def answered(until: str | None = None, route: str = "employer provides") -> list[str]:
    return [BEGIN, *Lines(route).until(until)]


def whole(route: str = "employer provides") -> list[str]:
    return [*answered(route=route), "submit", "noted"]


def cases(place: Place) -> dict[str, Any]:
    """The cases of the log, by label."""
    assert Path("case-log.json").parent.resolve() == place.folder.resolve()
    return {
        case.label: {
            "contacts": [*case.codes],
            "appointment": case.appointment and case.appointment.model_dump(),
            "outcome": case.outcome,
        }
        for case in CaseLog(place.folder / "case-log.json").read().cases
    }


class TestHowItEnds:
    def test_a_receipt_that_was_left_is_pointed_to_when_the_case_is_called_again(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(PlainInterviewer, "receipt", lambda *_: None)
        ran = lead(place, *whole(ROUTE))
        assert ran.code == 0
        assert "Your receipt: " in ran.err
        assert "The outcome is recorded in the case log." in ran.err
        assert CASE not in ran.err
        assert "is completed" in (again := lead(place).err)
        assert "A receipt has not been confirmed yet. To show it again: microcred resume" in again
        place.drafts[0].unlink()
        assert "to be noted" not in lead(place).err

    def test_a_completed_interview_closes_its_case(self, place: Place) -> None:
        ran = lead(place, *whole())
        assert ran.code == 0, ran.all
        assert place.response["status"] == "complete"
        assert place.response["mode"] == "phone"
        assert place.response["response_id"] == receipt_name(ran.receipt)
        assert cases(place)[CASE] == {
            "contacts": ["1.1"],
            "appointment": None,
            "outcome": "1.1",
        }
        assert not place.drafts

    def test_in_person_is_a_mode_of_its_own(self, place: Place) -> None:
        assert lead(place, *whole(ROUTE), mode="in-person").code == 0
        assert place.response["mode"] == "in_person"

    def test_without_a_case_there_is_no_log(self, place: Place) -> None:
        typed = "\n".join([*whole(ROUTE)[1:], ""])
        assert place.run("interview", "--plain", "--mode", "phone", typed=typed).code == 0
        assert place.response["mode"] == "phone"
        assert not Path("case-log.json").exists()

    def test_broken_off_and_kept_it_is_a_partial(self, place: Place) -> None:
        ran = lead(place, *answered("mc_awarder"), ":breakoff", "1", "noted")
        assert ran.code == 0, ran.all
        assert place.response["status"] == "partial"
        assert place.response["answers"]["mc_awarder"] == "not_reached"
        assert cases(place)[CASE]["outcome"] == "1.2"
        assert not place.drafts

    @pytest.mark.parametrize(("until", "number"), [("mc_awarder", "2"), ("size_class", "1")])
    def test_broken_off_and_deleted_nothing_is_left(
        self, place: Place, until: str, number: str
    ) -> None:
        ran = lead(place, *answered(until), ":breakoff", number)
        assert ran.code == 0, ran.all
        assert "The answers are deleted" in ran.err
        assert "Read: That is quite all right" in ran.out
        assert cases(place)[CASE]["outcome"] == "2.12"
        assert not place.files
        assert not place.texts
        assert not place.drafts

    @pytest.mark.parametrize(
        ("said", "contacts", "outcome"),
        [("1", ["2.112"], "2.112"), ("2", ["soft_refusal"], None)],
        ids=["for good", "today"],
    )
    def test_who_does_not_consent_has_refused(
        self, place: Place, said: str, contacts: list[str], outcome: str | None
    ) -> None:
        assert lead(place, BEGIN, "2", "leave", said).code == 0
        assert cases(place)[CASE]["contacts"] == contacts
        assert cases(place)[CASE]["outcome"] == outcome
        assert not place.files
        assert not place.drafts

    def test_who_is_neither_does_not_belong(self, place: Place) -> None:
        assert lead(place, BEGIN, "1", "3", "leave").code == 0
        assert cases(place)[CASE]["outcome"] == "4.70"
        assert not place.files
        assert not place.drafts

    def test_a_pause_leaves_an_appointment_and_the_case_finds_its_interview(
        self, place: Place
    ) -> None:
        whole_way = answered()
        half = answered("mc_awarder")
        place.write("fieldwork.toml", 'timezone = "Europe/Helsinki"\n')
        ran = lead(place, *half, ":pause", "1", "soon", "+3 14", "2", "+3 14:30", "1")
        assert ran.code == 0, ran.all
        assert "is not a date" in ran.out
        assert f"interview --mode phone --case {CASE} --plain" in ran.err
        day = today("Europe/Helsinki") + timedelta(days=3)
        assert ran.out.count("(Europe/Helsinki)") == 2
        assert f"Read out: “{day:%A} {day.day} {day:%B}" in ran.out
        assert cases(place)[CASE]["contacts"] == ["appointment"]
        kept = cases(place)[CASE]["appointment"]
        assert (kept["day"], kept["time"]) == (str(day), "14:30")
        assert kept["timezone"] == "Europe/Helsinki"
        assert not place.files
        again = lead(place, BEGIN, *whole_way[len(half) :], "submit", "noted", case="de-0042")
        assert again.code == 0, again.all
        assert "Contacts so far (1): Appointment with the respondent." in again.out
        assert "14:30 (Europe/Helsinki)." in again.out
        assert place.response["status"] == "complete"
        assert cases(place)[CASE]["contacts"] == ["appointment", "1.1"]
        assert cases(place)[CASE]["appointment"] is None
        assert not place.drafts

    def test_from_the_first_question_it_is_back_to_the_outcomes(self, place: Place) -> None:
        ran = lead(place, BEGIN, ":menu", ":back", NO_ANSWER)
        assert ran.code == 0, ran.all
        assert ran.out.count("how did this contact go?") == 2
        assert ":back — Back to the previous question" in ran.out
        assert cases(place)[CASE]["contacts"] == ["no_answer"]
        assert not place.drafts

    def test_once_it_is_answered_the_first_question_has_nothing_before_it(
        self, place: Place
    ) -> None:
        ran = lead(place, BEGIN, "1", ":back", ":back")
        assert ran.code == 130
        assert ran.out.count("how did this contact go?") == 1
        assert place.draft["given"] == {"consent": "yes"}

    def test_after_going_back_the_interview_is_as_new(self, place: Place) -> None:
        ran = lead(place, BEGIN, ":back", *whole())
        assert ran.code == 0, ran.all
        assert cases(place)[CASE]["contacts"] == ["1.1"]

    def test_a_remark_being_typed_comes_back_once(self, place: Place) -> None:
        lead(place, *answered("size_class"))
        draft = {**place.draft, "unsent_remark": "They lau"}
        (path,) = place.drafts
        path.write_text(json.dumps(draft), encoding="utf-8")
        again = lead(place, BEGIN, "1")
        assert "Before the pause you had begun a remark: “They lau”" in again.out
        assert place.draft["unsent_remark"] == ""

    def test_the_end_of_the_input_is_an_interview_to_be_continued(self, place: Place) -> None:
        ran = lead(place, *answered("size_class"))
        assert ran.code == 130
        assert place.run("resume", ran.resume_code, "--plain").err.endswith("recorded nothing.\n")
        assert cases(place)[CASE]["contacts"] == ["begun"]
        assert lead(place, NO_ANSWER).code == 0
        assert cases(place)[CASE]["contacts"] == ["begun", "no_answer"]
        assert len(place.drafts) == 1

    def test_another_log_has_other_cases(self, place: Place) -> None:
        lead(place, *answered("size_class"), ":pause", "3")
        typed = f"{BEGIN}\n"
        ran = place.run(
            *("interview", "--plain", "--mode", "phone", "--case", CASE),
            *("--case-log", "other.json"),
            typed=typed,
        )
        assert "begin the interview" in ran.out
        assert "Question 1 of" in ran.out

    def test_no_interview_is_an_outcome_too(self, place: Place) -> None:
        ran = lead(place, NO_ANSWER)
        assert ran.code == 0
        assert f"Case {CASE}: recorded No answer this time." in ran.err
        assert lead(place, CLOSED, "2").code == 0
        assert cases(place)[CASE]["contacts"] == ["no_answer", "2.112"]

    def test_a_wrong_key_at_the_outcomes_is_taken_back(self, place: Place) -> None:
        listed = lead(place, CLOSED).out
        last = max(int(line.partition(".")[0]) for line in listed.splitlines() if "(4." in line)
        assert lead(place, CLOSED, str(last + 1), NO_ANSWER).code == 0
        assert cases(place)[CASE]["contacts"] == ["no_answer"]

    def test_who_leaves_the_page_of_the_contact_records_nothing(self, place: Place) -> None:
        ran = lead(place)
        assert "recorded nothing" in ran.err
        assert not Path("case-log.json").exists()


class TestRefused:
    def test_a_case_has_one_interview(self, place: Place) -> None:
        lead(place, *whole(ROUTE))
        again = lead(place, *whole(ROUTE), case="de-0042")
        assert again.code == 2
        assert "is completed" in again.err
        assert len(place.files) == 1
        on_paper = place.run(
            *("interview", "--mode", "phone", "--case", CASE),
            *("--answers", place.write("sheet.json", sheet())),
        )
        assert on_paper.code == 2
        assert len(place.files) == 1

    def test_a_case_that_is_in_use(self, place: Place) -> None:
        with CaseLog.named().take(CASE):
            ran = lead(place, *whole(ROUTE))
            assert ran.code == 4
            assert "in use in another window" in ran.err
            assert lead(place, NO_ANSWER, case="DE-0043").code == 0

    @pytest.mark.parametrize("label", ["Jane Doe", "a@example.org", "0301234567", "", "x" * 33])
    def test_what_is_no_label(self, place: Place, label: str) -> None:
        ran = lead(place, *whole(ROUTE), case=label)
        assert ran.code == 2
        assert not place.files
        assert not Path("case-log.json").exists()

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ('{"format": "microcred-cases/1", "cases": [', "is damaged"),
            ('{"format": "microcred-cases/2"}', "newer version"),
            ("[]", "not a case log"),
        ],
    )
    def test_a_log_that_cannot_be_read_is_left_as_it_is(
        self, place: Place, content: str, told: str
    ) -> None:
        place.write("case-log.json", content)
        ran = lead(place, *whole(ROUTE))
        assert ran.code == 4
        assert told in ran.err
        assert Path("case-log.json").read_text(encoding="utf-8") == content
        assert not place.files
        assert not place.drafts

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ((), "--mode phone or --mode in-person"),
            (("--mode", "self"), "Unknown interview mode 'self'"),
            (("--mode", "in_person"), "Unknown interview mode"),
            (
                ("--mode", "phone", "--case-log", "x.json"),
                "A case log can only be used with a case",
            ),
        ],
    )
    def test_options_that_say_too_little(
        self, place: Place, arguments: tuple[str, ...], told: str
    ) -> None:
        ran = place.run("interview", "--plain", *arguments)
        assert ran.code == 2
        assert told in ran.err


class TestOnPaper:
    @pytest.mark.parametrize(
        ("answers", "outcome", "status"),
        [
            (sheet(), "1.1", "complete"),
            (cut(sheet(), "usefulness_overall"), "1.2", "partial"),
            ({"answers": {"consent": "no"}}, "2.112", None),
            ({"answers": {"consent": "yes", "org_role": "neither"}}, "4.70", None),
        ],
        ids=["complete", "partial", "refused", "screened out"],
    )
    def test_a_file_of_answers_has_a_mode_and_a_case(
        self, place: Place, answers: object, outcome: str, status: str | None
    ) -> None:
        path = place.write("sheet.json", answers)
        ran = place.run("interview", "--mode", "in-person", "--case", CASE, "--answers", path)
        assert ran.code == 0, ran.all
        assert cases(place)[CASE]["outcome"] == outcome
        if status is None:
            assert not place.files
        else:
            assert (place.response["status"], place.response["mode"]) == (status, "in_person")

    def test_a_wrong_answer_stores_and_records_nothing(self, place: Place) -> None:
        path = place.write("sheet.json", sheet(country="XX"))
        ran = place.run("interview", "--mode", "phone", "--case", CASE, "--answers", path)
        assert ran.code == 2
        assert not place.files
        assert not Path("case-log.json").exists()


class TestRemarks:
    def test_a_remark_is_a_text_apart(self, place: Place) -> None:
        half = answered("size_class", ROUTE)
        rest = whole(ROUTE)[len(half) :]
        ran = lead(place, *half, REMARK, *rest)
        assert ran.code == 0, ran.all
        assert place.typed["size_class.remark"] == "Write to [removed: e-mail], they laughed"
        (path,) = place.files
        assert "remark" not in path.read_text(encoding="utf-8")
        assert "laughed" not in path.read_text(encoding="utf-8")
        names = {text.stem for text in place.texts}
        assert receipt_name(ran.receipt, "size_class.remark") in names
        assert place.run("withdraw", typed=show(ran.receipt)).code == 0
        assert not place.files
        assert not place.texts

    def test_a_remark_goes_with_its_question_where_that_is_not_kept(self, place: Place) -> None:
        lead(place, *answered("mc_awarder"), REMARK, ":breakoff", "1", "noted")
        assert [*place.typed] == ["mc_example"]

    def test_ten_remarks_are_sealed_and_one_is_withdrawn(self, place: Place) -> None:
        half = answered("size_class", ROUTE)
        rest = whole(ROUTE)[len(half) :]
        receipts = [
            lead(place, *half, f":remark Mention {n}", *rest, case=f"C{n}").receipt
            for n in range(10)
        ]
        assert place.run("seal").code == 0
        pool = place.responses / "sealed" / "texts" / "size_class.remark.jsonl"
        assert all(f"Mention {n}" in pool.read_text(encoding="utf-8") for n in range(10))
        assert place.run("withdraw", typed=show(receipts[4])).code == 0
        assert "Mention 4" not in pool.read_text(encoding="utf-8")
        for path in place.responses.rglob("*"):
            if path.is_file() and path != pool:
                assert b"Mention" not in path.read_bytes()
        assert CaseLog.named().read().counts()["I"] == 10


def test_the_first_contact_of_the_day_finds_the_appointment(place: Place) -> None:
    CaseLog.named().record(CASE, Contact("call_back"), now())
    out = lead(place).out
    assert "Contacts so far (1): Somebody else asks us to try again." in out


def test_what_is_read_on_request_is_marked_in_the_background_only(place: Place) -> None:
    sentences = builtin().background.read_aloud
    on_request = [s.text for s in sentences if s.on_request and not s.needs]
    before, _, after = lead(place, BEGIN, ":background").out.partition(
        "To be read aloud only on request"
    )
    assert on_request
    for sentence in on_request:
        assert f"Read: {sentence}" not in before
        assert f"Read: {sentence}" in after
