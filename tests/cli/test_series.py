"""`interview --next`: one case after the other, and outcomes that can be taken back."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.case import Case, Cases, Contact, LoggedContact, hour_of, new_id
from microcred_cli.cases.log import CaseLog
from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_words
from microcred_cli.errors import StoreError
from microcred_cli.i18n import speaking
from microcred_cli.session import series
from microcred_cli.session.series_contact import SeriesContact
from microcred_cli.session.session import Session
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.terminal.plain_asker import PlainInterviewer
from tests.cli.program import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.program import Place, Ran

SERIES = ("interview", "--mode", "phone", "--next", "--plain")
YES, NO_ANSWER, BUSY, MACHINE, OTHER, LEAVE_IT, STOP = "1234567"
"""The lines that answer whether anybody answered."""
BEGIN, APPOINTMENT, LATER, CALL_BACK, REFUSAL = "12345"
NEXT, STOP_AFTER, TAKE_BACK = "123"
LABEL = "DE-0042"


def log_of(place: Place, *cases: Case | str) -> CaseLog:
    """A log of these cases; a label is a case without a contact."""
    log = CaseLog(place.folder / "case-log.json")
    whole = [Case(label=case) if isinstance(case, str) else case for case in cases or (LABEL,)]
    log.change(lambda _: Cases(cases=tuple(sorted(whole, key=lambda case: case.label))))
    return log


def earlier(code: str, hours: int = 48, **more: str) -> LoggedContact:
    """A contact this many hours ago."""
    hour = hour_of(zones.now() - timedelta(hours=hours))
    return LoggedContact(id=new_id(), code=code, hour=hour, **more)  # type: ignore[arg-type]


def refuse(*_: object, **__: object) -> Case:
    raise StoreError("The disk is full.", hint="Make room.")


def call(place: Place, *lines: str, options: Sequence[str] = ()) -> Ran:
    """A series with these lines typed."""
    return place.run(*SERIES, *options, typed="".join(f"{line}\n" for line in lines))


def codes(log: CaseLog, label: str = LABEL) -> tuple[str, ...]:
    return log.read().case(label).codes


class TestOutcomes:
    def test_a_busy_line_needs_two_keys_to_the_next_case(self, place: Place) -> None:
        place.write("fieldwork.toml", 'timezone = "Europe/Helsinki"\n')
        log = log_of(place, "A-1", "A-2")
        ran = call(place, BUSY, NEXT, NO_ANSWER, NEXT)
        assert ran.code == 0
        assert ran.out.count("Did anybody answer?") == 2
        assert "No other case is due now.\nNext case due: " in ran.err
        assert ran.err.rstrip().endswith("(Europe/Helsinki)")
        assert sorted((*codes(log, "A-1"), *codes(log, "A-2"))) == ["busy", "no_answer"]

    def test_enter_leads_to_the_next_case_but_chooses_no_outcome(self, place: Place) -> None:
        log = log_of(place, "A-1", "A-2")
        ran = call(place, BUSY, "", "")
        assert "Number 1 to 3 (Enter for 1): " in ran.out
        assert ran.out.count("Did anybody answer?") == 2
        assert len(codes(log, "A-1")) + len(codes(log, "A-2")) == 1

    def test_an_outcome_is_taken_back_until_the_next_case_begins(self, place: Place) -> None:
        log = log_of(place)
        ran = call(place, BUSY, TAKE_BACK, MACHINE, NEXT)
        assert f"Case {LABEL}: recorded Busy. The case remains open." in ran.out
        assert codes(log) == ("answering_machine",)
        assert len(log.read().case(LABEL).undone) == 1

    @pytest.mark.parametrize(
        ("who", "outcome"),
        [("1", "2.112"), ("2", "soft_refusal"), ("3", "2.111"), ("4", "soft_refusal_other")],
    )
    def test_a_refusal_has_a_reason(self, place: Place, who: str, outcome: str) -> None:
        log = log_of(place)
        call(place, YES, REFUSAL, who, "5", NEXT)
        (contact,) = log.read().case(LABEL).contacts
        assert (contact.code, contact.reason) == (outcome, "too_long")

    def test_a_refusal_of_consent_has_a_reason_and_can_be_taken_back(self, place: Place) -> None:
        log = log_of(place)
        begun = (YES, BEGIN, "n", "leave", "2", "4")
        call(place, *begun, TAKE_BACK, *begun, NEXT)
        (contact,) = log.read().case(LABEL).contacts
        assert (contact.code, contact.reason) == ("soft_refusal", "confidentiality")
        assert not place.drafts

    def test_an_appointment_is_read_back_once(self, place: Place) -> None:
        log = log_of(place)
        ran = call(place, YES, APPOINTMENT, "+3 14:30", "1", NEXT)
        appointment = log.read().case(LABEL).appointment
        assert appointment is not None
        assert appointment.time == "14:30"
        assert "Record this outcome" not in ran.out

    def test_rare_outcomes_are_in_a_second_list(self, place: Place) -> None:
        log = log_of(place, "A-1", "A-2")
        call(place, OTHER, "2", NEXT, OTHER, "4", "1", NEXT)
        assert sorted((*codes(log, "A-1"), *codes(log, "A-2"))) == ["2.111", "technical"]

    def test_a_case_is_left_for_now(self, place: Place) -> None:
        log = log_of(place, "A-1", "A-2")
        ran = call(place, LEAVE_IT, BUSY, NEXT)
        assert len(codes(log, "A-1")) + len(codes(log, "A-2")) == 1
        assert ran.out.count("Did anybody answer?") == 2

    def test_a_case_left_for_now_is_offered_again_at_the_end(self, place: Place) -> None:
        log = log_of(place, "A-1", "A-2")
        ran = call(place, LEAVE_IT, BUSY, NEXT, "1", LEAVE_IT, "2")
        assert len(codes(log, "A-1")) + len(codes(log, "A-2")) == 1
        # The page of the case itself does not say so.
        assert ran.out.count("was left for now; it is offered again at the end.") == 1
        assert ran.out.count("Did anybody answer?") == 3
        assert "No other case is due now.\n1 case left for now is still due.\n" in ran.err

    def test_stopping_before_any_outcome_says_that_nothing_was_recorded(self, place: Place) -> None:
        log_of(place)
        assert f"Case {LABEL}: recorded nothing." in call(place, STOP).err
        assert "recorded nothing" not in call(place, BUSY, "2").err


class TestPages:
    def test_the_history_has_day_hour_and_reason_in_the_zone_of_the_case(
        self, place: Place
    ) -> None:
        before = earlier("no_answer", 220)
        refused = earlier("soft_refusal", 200, reason="no_time", after=before.id)
        zone = "America/New_York"
        case = Case(label=LABEL, timezone=zone, contacts=(before, refused), stratum="north/small")
        log_of(place, case)
        ran = call(place, STOP)
        assert refused.moment is not None
        there = zones.wall_time(refused.moment, zone)
        is_other_year = there.year != zones.today(zone).year
        day = date_in_words(there.date(), weekday=True, year=is_other_year)
        hours = f"{there:%H}:00–{(there.hour + 1) % 24:02}:00"
        said = f"{day}, {hours}: The respondent says no, may be asked again (No time)"
        assert said in ran.out
        assert f"Case {LABEL}, north/small" in ran.out
        assert f"there ({zone})" in ran.out

    def test_the_first_words_and_replies_are_in_the_language_of_the_case(
        self, place: Place
    ) -> None:
        log_of(place, Case(label=LABEL, language="de"))
        ran = call(place, YES, "e", "h", "1", ":back", STOP)
        assert f"Case {LABEL}, Deutsch" in ran.out
        assert "Guten Tag, mein Name ist [Ihr Name]." in ran.out
        assert "Das verstehe ich." in ran.out
        assert "Good day. My name is [your name]." in ran.out.partition("Which language?")[2]

    def test_an_appointment_that_was_not_kept_is_overdue(self, place: Place) -> None:
        made = Appointment(day="2025-03-02", timezone="Europe/Berlin")
        late = earlier("later").model_copy(update={"appointment": made})
        log_of(place, Case(label=LABEL, contacts=(late,)))
        assert "March 2025. This appointment is overdue." in " ".join(call(place, STOP).out.split())

    def test_a_clock_that_is_or_was_wrong_is_mentioned_with_the_first_case(
        self, place: Place
    ) -> None:
        log_of(place, Case(label="A-1", contacts=(earlier("busy", -48),)), "A-2")
        ran = call(place, BUSY, NEXT, LEAVE_IT)
        first, second = ran.out.split("Did anybody answer?")[:2]
        assert "The case log has contacts in the future" in first
        assert "in the future" not in second

    def test_a_language_that_is_not_offered_is_named(self, place: Place) -> None:
        log_of(place, Case(label=LABEL, language="sv"))
        assert "sv: The questionnaire is not available in this language." in call(place, STOP).out
        assert "First contact; language sv" in place.run("cases").out

    def test_the_interviewer_keeps_their_own_language(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = log_of(place, Case(label=LABEL, language="de", timezone="Europe/Berlin"))
        monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
        half = Lines("representative unaware").until("mc_future")[:2]
        lines = (YES, BEGIN, "j", *half[1:], ":pause", "1", "+3 14:30", "1", NEXT)
        ran = call(place, *lines)
        assert "Lisez\u202f: Guten Tag, mein Name ist" in ran.out
        assert "a. Qui êtes-vous\u202f?" in ran.out
        assert "Vorlesen: Die Teilnahme ist freiwillig" in ran.out
        assert "Fuseau horaire\u202f: Europe/Berlin (il est maintenant " in ran.out
        day = zones.today("Europe/Berlin") + timedelta(days=3)
        with speaking("de"):
            is_other_year = day.year != zones.today("Europe/Berlin").year
            agreed = date_in_words(day, time(14, 30), weekday=True, year=is_other_year)
        assert f"À lire à haute voix\u202f: „{agreed}“" in ran.out
        assert "Les réponses sont conservées sur cet ordinateur" in ran.err
        assert log.read().case(LABEL).appointment is not None

    def test_going_back_from_the_interview_shows_pages_in_their_own_language(
        self, place: Place
    ) -> None:
        log_of(place, Case(label=LABEL, language="de"))
        ran = call(place, YES, BEGIN, ":back", YES, ":back", STOP, options=("--language", "fr"))
        after = ran.out.partition("Vorlesen: Die Teilnahme ist freiwillig")[2]
        assert f"Dossier {LABEL}" in after
        assert "h. Changer de langue" in after
        assert f"Fall {LABEL}" not in ran.out

    def test_the_interview_begins_in_the_language_of_the_case(self, place: Place) -> None:
        log_of(place, Case(label=LABEL, language="fi"))
        call(place, YES, BEGIN, "k", options=("--language", "de"))
        assert place.draft["language"] == "fi"

    def test_the_opening_words_of_a_paused_interview_are_in_its_language(
        self, place: Place
    ) -> None:
        log = log_of(place, Case(label=LABEL, language="de"))
        words = ("interview", "--mode", "phone", "--case", LABEL, "--language", "en", "--plain")
        place.run(*words, typed="1\ny\n1\n:pause\n3\n")
        log.undo(LABEL, log.read().case(LABEL).contacts[-1].id)
        ran = call(place, YES, ":back", STOP)
        assert "Good day. My name is [your name]." in ran.out
        assert "Guten Tag" not in ran.out


class TestInterviews:
    def test_a_completed_one_is_followed_by_the_next_case(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # It is Sunday in the settings, and Monday where the case is.
        sunday = datetime(2027, 5, 2, 13, 0, tzinfo=UTC)
        monkeypatch.setattr("microcred_cli.clock.zones.now", lambda: sunday)
        place.write("fieldwork.toml", 'timezone = "Europe/Brussels"\n')
        log = log_of(
            place, *(Case(label=each, timezone="Pacific/Auckland") for each in ("A-1", "A-2"))
        )
        whole = Lines("representative unaware").whole().splitlines()
        ran = call(place, YES, BEGIN, *whole, NEXT, BUSY, STOP)
        assert sorted((*codes(log, "A-1"), *codes(log, "A-2"))) == ["1.1", "busy"]
        assert log.read().completed_by_week == {"2027-W17": 1}
        told = ran.out.partition("complete interview recorded. The case is closed.")[2]
        assert "Undo this outcome" not in told.partition("Did anybody answer?")[0]
        assert place.response["synthetic"] is False

    def test_a_receipt_that_was_not_noted_is_kept_without_the_case(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log_of(place, Case(label=LABEL, contacts=(earlier("busy"),)), "A-1", "A-2")
        whole = Lines("representative unaware").whole().splitlines()
        with monkeypatch.context() as died:
            died.setattr(Session, "show_receipt", lambda *_: 0)
            call(place, YES, BEGIN, *whole[:-1], STOP)
        draft = place.draft
        assert draft["stored"] is True
        assert (draft["case"], draft["case_log"], draft["last_contact"]) == (None, None, None)
        ran = call(place, "2", LEAVE_IT, STOP)
        assert ran.out.count("The receipt of an earlier interview has not been confirmed yet.") == 1
        assert place.drafts
        ran = call(place, "1", "noted", LEAVE_IT, STOP)
        assert "Your answers have been handed in. I will now read out a receipt" in ran.out
        assert "Did anybody answer?" in ran.out.partition("receipt")[2]
        assert not place.drafts

    def test_a_receipt_that_is_printed_is_not_followed_by_the_case(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log_of(place)
        monkeypatch.setattr(PlainInterviewer, "receipt", lambda *_: None)
        ran = call(place, YES, BEGIN, *Lines().whole().splitlines()[:-1], STOP_AFTER)
        assert "Your receipt: " in ran.err
        assert ran.err.endswith("\nThe outcome is recorded in the case log.\n")
        assert LABEL not in ran.err

    def test_a_pause_is_taken_back_and_the_interview_continued(self, place: Place) -> None:
        log = log_of(place)
        half = Lines("representative unaware").until("mc_future")[:4]
        paused = (YES, BEGIN, *half, ":pause", "3")
        ran = call(place, *paused, TAKE_BACK, YES, BEGIN, ":pause", "3", NEXT)
        assert "The respondent is available: continue the interview" in ran.out
        first, second = ran.out.split(f"Case {LABEL}\n")[1:]
        assert "Interview to be continued" not in first
        assert second.startswith("Interview to be continued\n")
        assert codes(log) == ("begun",)
        assert len(place.draft["given"]) == 4

    def test_a_pause_is_reported_only_if_the_series_ends_with_it(self, place: Place) -> None:
        log_of(place, "A-1", "A-2", "A-3")
        paused = (YES, BEGIN, "y", "1", ":pause", "3")
        refused = (YES, REFUSAL, "1", "1")
        ran = call(place, *paused, TAKE_BACK, *refused, NEXT, BUSY, STOP_AFTER)
        assert "are kept on this machine" not in ran.err
        assert ran.err.rstrip().endswith("recorded Busy. The case remains open.")
        ran = call(place, *paused, STOP_AFTER)
        assert "The answers are kept on this machine" in ran.err
        assert ran.err.rstrip().endswith("The case remains open.")

    def test_only_the_last_outcome_is_printed_at_the_end_with_its_case(self, place: Place) -> None:
        log_of(place, *(Case(label=each, language="de") for each in ("A-1", "A-2", "A-3")))
        screened_out = (YES, BEGIN, "1", "3", "leave", NEXT)
        ran = call(place, *screened_out, YES, BEGIN, ":pause", "2", "", NEXT, BUSY, STOP_AFTER)
        assert ran.out.count("The case is closed.") == 1
        assert "recorded The respondent asks for another time." in ran.out
        lines = ran.err.splitlines()
        assert [line for line in lines if "Note for staff" not in line] == [lines[-1]], ran.err
        assert lines[-1].startswith("Case A-")
        assert lines[-1].endswith(": recorded Busy. The case remains open.")

    def test_an_interview_that_ended_with_the_program_comes_first(self, place: Place) -> None:
        log = log_of(place, "A-1", "A-2", "A-3")
        call(place, LEAVE_IT, LEAVE_IT, YES, BEGIN, "y", "1", ":pause", "3", STOP)
        label = place.draft["case"]
        log.undo(label, log.read().case(label).contacts[-1].id)
        ran = call(place, STOP)
        assert f"Case {label}\nThe interview was interrupted." in ran.out
        ran = call(place, YES, BEGIN, ":pause", "3", STOP)
        assert codes(log, label) == ("begun",)
        assert "The interview was interrupted." not in call(place, STOP).out

    def test_a_paused_one_is_deleted_when_its_case_stays_closed(self, place: Place) -> None:
        log = log_of(place)
        call(place, YES, BEGIN, "y", "1", ":pause", "3", STOP)
        log.undo(LABEL, log.read().case(LABEL).contacts[-1].id)
        refused = (YES, REFUSAL, "1", "1")
        call(place, *refused, TAKE_BACK, STOP)
        assert place.drafts
        call(place, *refused, NEXT)
        assert codes(log) == ("2.112",)
        assert not place.drafts

    def test_an_interview_that_cannot_begin_stops_no_others(self, place: Place) -> None:
        log = log_of(place, "A-1", "A-2")
        call(place, YES, BEGIN, "y", "1", ":pause", "3", STOP)
        label = place.draft["case"]
        log.undo(label, log.read().case(label).contacts[-1].id)
        (draft,) = place.drafts
        changed = json.loads(draft.read_text(encoding="utf-8")) | {"seed": 4711}
        draft.write_text(json.dumps(changed), encoding="utf-8")
        ran = call(place, YES, BEGIN, NEXT, BUSY, STOP)
        assert "The paused interview is damaged" in ran.out
        assert ran.code == 4
        assert codes(log, "A-1" if label == "A-2" else "A-2") == ("busy",)


class TestClearingTheScreen:
    @pytest.fixture(autouse=True)
    def terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Surroundings, "width", 80)

    def test_it_is_explained_even_if_the_series_ends_with_an_error(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log_of(place)
        monkeypatch.setattr(SeriesContact, "comes_next", refuse)
        ran = call(place, YES, BEGIN, "y", "1", ":pause", "3")
        assert "The disk is full." in ran.err
        assert ran.err.count("still visible above") == 1

    def test_it_is_not_explained_if_no_question_was_answered(self, place: Place) -> None:
        log_of(place)
        ran = call(place, YES, BEGIN, ":pause", "3", STOP)
        assert "Question 1 of" in ran.out
        assert "still visible above" not in ran.out + ran.err


def test_a_case_in_use_is_passed_over_and_named(place: Place) -> None:
    log = log_of(place, Case(label="A-1", contacts=(earlier("busy"),)), "A-2")
    with log.take("A-1"):
        ran = call(place, STOP)
    assert "Case A-1 is in use in another window." in ran.out
    assert "Case A-2" in ran.out


def test_a_case_in_use_is_tried_again_at_the_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(place, Case(label="A-1", contacts=(earlier("busy"),)), "A-2")
    record, window = CaseLog.record, ExitStack()

    def record_and_free(*args: Any, **options: Any) -> Case:
        window.close()
        return record(*args, **options)

    monkeypatch.setattr(CaseLog, "record", record_and_free)
    window.enter_context(log.take("A-1"))
    ran = call(place, BUSY, NEXT, NO_ANSWER, NEXT)
    assert (codes(log, "A-1"), codes(log, "A-2")) == (("busy", "no_answer"), ("busy",))
    assert "in use" not in ran.err
    log = log_of(place, "A-3")
    with log.take("A-3"):
        said = "Case A-3 is in use in another window.\nNo other case is due now.\n"
        assert call(place).err.endswith(said)


def test_a_case_that_is_refused_again_ends_the_series(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On some network shares, a lock may look free although another window holds it."""
    log = log_of(place)
    monkeypatch.setattr(CaseLog, "in_use", lambda *_: frozenset())
    with log.take(LABEL):
        ran = call(place)
    assert ran.err.count(f"Case {LABEL} is in use in another window.") == 1


def test_the_sample_must_be_loaded_first(place: Place) -> None:
    ran = call(place)
    assert ran.code == 0
    assert "The case log has no cases yet." in ran.err


def test_an_outcome_that_could_not_be_recorded_is_named_again_at_the_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_of(place, "A-1", "A-2")
    monkeypatch.setattr(CaseLog, "record", refuse)
    ran = call(place, BUSY, NEXT, STOP)
    assert ran.code == 4
    assert "The case log could not be written: The disk is full." in ran.out
    assert "Still to be recorded for case A-" in ran.err


def test_an_outcome_that_could_not_be_recorded_is_tried_again_before_the_next_case(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, failures = CaseLog.record, [StoreError("The disk is full.", hint="Make room.")]

    def fail_once(*args: Any, **options: Any) -> Case:
        if failures:
            raise failures.pop()
        return record(*args, **options)

    log = log_of(place, "A-1", "A-2")
    monkeypatch.setattr(CaseLog, "record", fail_once)
    ran = call(place, BUSY, NEXT, STOP)
    assert "The case log could not be written: The disk is full." in ran.out
    assert sorted((*codes(log, "A-1"), *codes(log, "A-2"))) == ["busy"]
    assert "Still to be recorded" not in ran.err
    assert ran.code == 0


def test_an_outcome_is_named_if_its_interview_could_not_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **_: object) -> None:
        contact = args[-1]
        contact.recorded.append("begun")
        contact.trouble = contact.recorder.record(Contact("begun"), zones.now())
        raise StoreError("The draft cannot be written.", hint="Make room.")

    log_of(place, "A-1")
    monkeypatch.setattr(series, "begin_interview", fail)
    monkeypatch.setattr(CaseLog, "record", refuse)
    ran = call(place, YES, BEGIN, STOP)
    assert ran.code == 4
    assert "The draft cannot be written. Make room. The case log could not be" in ran.out
    assert "Still to be recorded for case A-1: begun." in ran.err


@pytest.mark.parametrize(
    "options",
    [
        ("--next", "--case", LABEL),
        ("--next", "--answers", "-"),
        ("--training", "--case-log", "log.json"),
        ("--training", "--responses", "elsewhere"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    place: Place, options: tuple[str, ...]
) -> None:
    ran = place.run("interview", "--mode", "phone", *options)
    assert ran.code == 2
    assert f"{options[-2]} cannot be used together with {options[0]}." in ran.err


class TestTraining:
    def test_everything_is_marked_and_nothing_is_kept(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = place.folder / "training"
        folder.mkdir(mode=0o700)
        monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda **_: nullcontext(str(folder)))
        log = log_of(place)
        whole = Lines("representative unaware").whole().splitlines()
        ran = call(place, YES, BEGIN, *whole, NEXT, YES, BEGIN, "y", ":pause", "3", STOP_AFTER,
                   options=("--training",))  # fmt: skip
        assert ran.code == 0
        assert "All its data have been deleted." in ran.err
        assert "microcred resume" not in ran.all
        assert f"Case {LABEL}" not in ran.out
        assert ran.out.count("Training: this case is invented") > ran.out.count("Question ")
        assert codes(log) == ()
        assert not place.responses.exists()
        assert not place.drafts
        (response,) = (folder / "responses").glob("?*[0-9a-f].json")
        assert json.loads(response.read_text(encoding="utf-8"))["synthetic"] is True
        assert json.loads((folder / "training-log.json").read_text("utf-8"))["synthetic"] is True

    def test_it_leaves_no_folder_and_is_possible_at_any_hour(self, place: Place) -> None:
        place.write("fieldwork.toml", "closes = 2020-01-01\n[calling]\nmost_attempts = 1\n")
        ran = call(place, BUSY, STOP_AFTER, options=("--training",))
        assert ran.code == 0
        assert {path.name for path in place.folder.iterdir()} <= {"state", "fieldwork.toml"}
