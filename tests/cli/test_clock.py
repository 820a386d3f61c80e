"""The program under clocks that are right, wrong, or somewhere else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.cases.log import CaseLog
from microcred_cli.session.contact import contact_with
from microcred_cli.terminal.plain_asker import PlainAsker
from tests.cli.program import Lines, sheet

if TYPE_CHECKING:
    from microcred_cli.cases.appointments import Appointment
    from microcred_cli.interview.screen import ContactPage
    from tests.cli.program import Place, Ran

HALF = "\n".join([*Lines().until("mc_awarder"), ":pause", ""])


class Typist:
    """A screen on which lines are typed one after the other; rows are chosen by their number."""

    watched = interrupted = False

    def __init__(self, *does: str) -> None:
        self.does = [*does]
        self.shown: list[str] = []
        self.field: list[str] = []
        self.rows: list[str] = []

    def type_in(self, _question: str, _how: str, problem: str = "", *, typed: str = "") -> str:
        self.shown.append(problem)
        self.field.append(typed)
        return self.does.pop(0) if self.does else ""

    def choose(self, question: str, options: list[tuple[str, str]], **_: bool) -> str | None:
        self.shown.append(question)
        self.rows = [label for _code, label in options]
        return options[int(self.does.pop(0)) - 1][0] if self.does else None

    def offer(self, page: ContactPage) -> str | None:
        return self.choose(page.question, [*page.options])


def agreed(place: Place, clock: Clock, screen: Typist) -> Appointment | None:
    """The appointment that is recorded on Saturday 24 October 2026, when an interview is paused."""
    clock.set("2026-10-24")
    log = CaseLog(place.folder / "log.json")
    shown: Any = screen
    with contact_with(log, "C-1", "phone") as contact:
        contact.zone = "Europe/Berlin"
        assert contact.ended(shown, "paused")
        assert not contact.trouble
    return log.read().case("C-1").appointment


class Clock:
    """A clock that tests can set; hours are in UTC."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shows = ""
        monkeypatch.setattr(
            "microcred_cli.clock.zones.now", lambda: datetime.fromisoformat(f"{self.shows}+00:00")
        )

    def set(self, day: str, hour: str = "12:00") -> None:
        self.shows = f"{day}T{hour}"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def paused(place: Place) -> Ran:
    ran = place.run("respond", "--plain", "--language", "en", typed=HALF)
    assert ran.code == 0, ran.all
    return ran


def started(place: Place) -> Ran:
    """The program is started, and left at once."""
    return place.run("respond", "--plain", "--language", "en")


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        ("Atlantic/Azores", ("2027-07-01", "23:59"), ("2027-07-02", "00:00")),
        ("Europe/Warsaw", ("2027-07-01", "21:59"), ("2027-07-01", "22:00")),
    ],
)
def test_a_survey_closes_at_midnight_where_it_is(
    place: Place, clock: Clock, zone: str, last: tuple[str, str], first: tuple[str, str]
) -> None:
    place.write(
        "fieldwork.toml", f'closes = 2027-07-01\nrespond_by = 2027-07-01\ntimezone = "{zone}"'
    )
    clock.set(*last)
    ran = started(place)
    assert ran.code == 130
    assert "Answers were requested by" not in ran.all
    clock.set(*first)
    assert "The survey closed on 1 July 2027" in started(place).err


def test_a_week_is_that_of_the_settings(place: Place, clock: Clock) -> None:
    place.write("fieldwork.toml", 'timezone = "Europe/Helsinki"')
    clock.set("2027-01-03", "22:30")
    answers = place.write("sheet.json", sheet())
    words = ("interview", "--mode", "phone", "--case", "C-1", "--answers", answers)
    assert place.run(*words).code == 0
    assert CaseLog(Path("case-log.json")).read().completed_by_week == {"2027-W01": 1}


def test_a_draft_is_kept_by_days_of_its_zone(place: Place, clock: Clock) -> None:
    place.write("fieldwork.toml", 'timezone = "Pacific/Kiritimati"\ndraft_days = 1')
    clock.set("2027-05-01", "09:00")
    assert "kept on this machine until 2 May 2027." in paused(place).err
    clock.set("2027-05-02", "09:59")
    assert "kept until 2 May 2027" in place.run("drafts").out
    clock.set("2027-05-02", "10:00")
    assert "expired" in place.run("drafts").out


def test_seven_weeks_ahead_deletes_nothing_and_says_so(place: Place, clock: Clock) -> None:
    clock.set("2026-11-29")
    code = paused(place).resume_code
    clock.set("2027-01-17")
    for ran in (started(place), place.run("drafts"), place.run("drafts", "delete", "--expired")):
        assert "shows 17 January 2027, but microcred was last started on 29 November" in ran.err
        assert (
            "the retention period of 1 paused interview is over, but nothing has been deleted yet"
            in ran.err
        )
    ran = place.run("resume", "--plain", typed=f"{code}\n1\n:pause\n")
    assert ran.code == 0
    assert "may be wrong" in ran.err
    clock.set("2026-11-30")
    assert "kept until 29 December 2026" in place.run("drafts").out


def test_a_later_day_confirms_and_what_is_deleted_is_said(place: Place, clock: Clock) -> None:
    clock.set("2026-11-29")
    paused(place)
    paused(place)
    clock.set("2027-01-17")
    started(place)
    clock.set("2027-01-18")
    ran = started(place)
    assert "Deleted 2 paused interviews, because their retention period was over." in ran.err
    assert not place.drafts


def test_a_dead_battery_costs_no_interview(place: Place, clock: Clock) -> None:
    clock.set("1990-01-01")
    code = paused(place).resume_code
    clock.set("2026-11-29")
    assert "Deleted" not in started(place).err
    assert "kept until 29 December 2026" in place.run("drafts").out
    assert place.run("resume", "--plain", typed=f"{code}\n1\n:pause\n").code == 0


def test_a_receipt_that_was_not_noted_is_there_on_the_last_day_promised(
    place: Place, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as leaving:
        leaving.setattr(PlainAsker, "receipt", lambda *_: None)
        clock.set("2026-11-29")
        ran = place.run("respond", "--plain", "--language", "en", typed=Lines().whole())
    assert "To see the receipt again, until 29 December 2026:\nmicrocred resume" in ran.err
    for day in ("2026-11-29", "2026-11-30", "2026-12-15", "2026-12-29"):
        clock.set(day)
        started(place)
        assert "receipt not confirmed  kept until 29 December 2026" in place.run("drafts").out
    again = place.run("resume", "--plain", typed=f"{ran.resume_code}\n")
    assert again.receipt == ran.receipt
    assert not place.drafts


def test_the_clock_is_spoken_of_in_the_language_of_the_interview(
    place: Place, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    german = ("respond", "--plain", "--language", "de")
    clock.set("2026-11-29")
    code = place.run(*german, typed=HALF).err.partition("Code: ")[2].split()[0]
    clock.set("2027-01-17")
    doubt = "Die Uhr dieses Rechners geht vielleicht falsch: Sie zeigt den 17. Januar 2027"
    assert doubt in place.run(*german, typed=HALF).err
    assert doubt in place.run("resume", "--plain", typed=f"{code}\n1\n:pause\n").err
    clock.set("2027-01-18")
    gone = place.run("resume", "--plain", typed=f"{code}\n")
    assert "bis 29. Dezember 2026 aufbewahrt" in gone.err
    place.write("fieldwork.toml", "closes = 2027-01-01")
    monkeypatch.setenv("LC_ALL", "pl_PL.UTF-8")
    assert "Badanie zakończyło się 1 stycznia 2027" in place.run("respond", "--plain").err


def test_in_dutch_the_last_day_is_included(place: Place, clock: Clock) -> None:
    clock.set("2026-11-29")
    ran = place.run("respond", "--plain", "--language", "nl", typed=HALF)
    assert "tot en met 29 december 2026" in ran.err


class TestAppointments:
    def test_what_was_refused_is_in_the_field_and_nothing_is_recorded_unread(
        self, place: Place, clock: Clock
    ) -> None:
        screen = Typist("1", "9.30", "+3 14:30", "2", "+3 15:30", "1")
        found = agreed(place, clock, screen)
        assert found is not None
        assert (found.day, found.time) == ("2026-10-27", "15:30")
        assert screen.field == ["", "9.30", "+3 14:30"]
        assert "in the past" in screen.shown[2]
        assert screen.shown[3].startswith("Read out: “Tuesday 27 October, 14:30” (Europe/Berlin)")
        assert screen.shown[4] == ""

    def test_of_a_repeated_hour_one_turn_is_chosen(self, place: Place, clock: Clock) -> None:
        screen = Typist("1", "tomorrow 2:30", "2")
        found = agreed(place, clock, screen)
        assert found is not None
        assert found.utc == "2026-10-25T01:30Z"
        assert screen.rows[:2] == [
            "Sunday 25 October, 02:30 (before the clocks go back; Europe/Berlin)",
            "Sunday 25 October, 02:30 (after the clocks go back; Europe/Berlin)",
        ]

    def test_who_leaves_before_it_is_read_out_records_nothing(
        self, place: Place, clock: Clock
    ) -> None:
        assert agreed(place, clock, Typist("1", "tomorrow")) is None

    def test_without_an_hour_no_zone_is_named(self, place: Place, clock: Clock) -> None:
        screen = Typist("1", "tomorrow", "1")
        assert agreed(place, clock, screen) is not None
        assert screen.shown[-1] == "Read out: “Sunday 25 October”"
