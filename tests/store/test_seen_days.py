"""Drafts under clocks that are wrong: none is lost, and each goes when its days are over."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from microcred_cli.clock.zones import wall_time
from microcred_cli.crypto.keys import LOCKED_SYMBOLS
from microcred_cli.records.receipts import ALPHABET, new_code
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.seen_days import EARLIEST, FILE, Start
from tests.clock.test_zones import ZONES
from tests.store.test_drafts import draft

DAYS = 30
FIRST = date(2026, 11, 29)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    there = Drafts(tmp_path)
    there.prepare()
    return there


def start(drafts: Drafts, day: date, within: int = DAYS, hour: int = 12) -> Start:
    """A start of the program on a day, as a new interview begins it."""
    found = drafts.start(at(day, hour), within)
    drafts.delete_expired(found)
    return found


def begin(
    drafts: Drafts,
    day: date,
    code: str = "AAAAAAA",
    zone: str | None = None,
    hour: int = 12,
) -> Start:
    """A start on a day, and an interview in a time zone that is paused then."""
    now = start(drafts, day, hour=hour)
    first = now.first_day(zone)
    drafts.save(
        draft(
            code,
            begun=str(first),
            expires=str(first + timedelta(days=DAYS)),
            is_undated=not now.is_plausible,
            timezone=zone,
        )
    )
    return now


def after(days: int) -> date:
    return FIRST + timedelta(days=days)


def test_a_clock_of_seven_weeks_ahead_deletes_nothing(drafts: Drafts) -> None:
    begin(drafts, FIRST)
    for _ in range(3):
        now = drafts.start(at(after(49)), DAYS)
        assert drafts.delete_expired(now).doubtful == 1
    start(drafts, after(1))
    assert drafts.codes() == ["AAAAAAA"]


def test_a_command_without_the_settings_judges_no_less_strictly(drafts: Drafts) -> None:
    begin(drafts, FIRST)
    start(drafts, FIRST, within=7)
    assert not drafts.start(at(after(20)), DAYS).is_plausible
    assert drafts.start(at(after(5)), DAYS).is_plausible


def test_a_start_on_a_later_day_confirms_the_day(drafts: Drafts) -> None:
    begin(drafts, FIRST)
    start(drafts, after(49))
    now = drafts.start(at(after(50)), DAYS)
    assert drafts.delete_expired(now).deleted == 1
    assert drafts.codes() == []


def test_a_day_that_can_be_is_believed(drafts: Drafts) -> None:
    begin(drafts, FIRST)
    start(drafts, after(20))
    assert drafts.codes()
    start(drafts, after(30))
    assert drafts.codes()
    start(drafts, after(31))
    assert drafts.codes() == []


@pytest.mark.parametrize("year", [1970, 1980, 1990, 2000, 2025])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_draft_of_a_dead_battery_is_kept_from_the_first_right_day(
    drafts: Drafts, year: int, is_known: bool
) -> None:
    if is_known:
        start(drafts, FIRST)
    begin(drafts, date(year, 1, 1))
    begin(drafts, date(year, 1, 2), "BBBBBBB")
    for day in (0, 29, 30):
        start(drafts, after(day))
        assert len(drafts.codes()) == 2
    assert drafts.load("AAAAAAA").begun == str(FIRST)
    start(drafts, after(31))
    assert drafts.codes() == []


def test_a_draft_begun_in_the_future_is_dated_when_the_clock_is_right(drafts: Drafts) -> None:
    start(drafts, FIRST)
    begin(drafts, date(2040, 1, 1))
    start(drafts, after(1))
    assert drafts.load("AAAAAAA").expires == str(after(31))


def test_an_interview_under_a_clock_that_lies_behind_is_kept_from_the_latest_day(
    drafts: Drafts,
) -> None:
    start(drafts, FIRST)
    now = begin(drafts, after(-20))
    assert not now.is_plausible
    assert drafts.load("AAAAAAA").expires == str(after(DAYS))


def test_a_clock_that_was_ahead_for_days_is_believed_again_after_some_weeks(
    drafts: Drafts,
) -> None:
    for ahead in (date(2036, 1, 1), date(2036, 1, 2)):
        start(drafts, ahead)
    begin(drafts, FIRST)
    for day in range(1, 2 * DAYS + 2, 4):
        start(drafts, after(day))
        assert drafts.codes() or day > DAYS
    for day in range(2 * DAYS, 3 * DAYS, 4):
        start(drafts, after(day))
    assert drafts.codes() == []


def test_an_encrypted_draft_is_dated_from_outside(drafts: Drafts) -> None:
    code = new_code(LOCKED_SYMBOLS)
    begin(drafts, date(1990, 1, 1), code)
    start(drafts, FIRST)
    found = drafts.load(code)
    assert (found.begun, found.expires) == (str(FIRST), str(after(DAYS)))
    assert not found.is_undated
    drafts.save(found)
    start(drafts, after(31))
    start(drafts, after(32))
    assert not drafts.has(code)


def test_other_drafts_stand_in_for_days_that_are_not_known(drafts: Drafts) -> None:
    begin(drafts, FIRST)
    (drafts.folder / FILE).unlink()
    assert not start(drafts, after(49)).is_plausible
    (drafts.folder / FILE).write_bytes(b"{")
    assert start(drafts, after(2)).is_plausible
    assert drafts.codes()


def test_the_file_holds_the_latest_day_and_no_time(drafts: Drafts) -> None:
    start(drafts, FIRST)
    path = drafts.folder / FILE
    assert b'"latest": "2026-11-29"' in path.read_bytes()
    assert path.stat().st_mtime == 946_684_800


def test_without_a_state_folder_a_start_is_like_any_other(tmp_path: Path) -> None:
    assert start(Drafts(tmp_path / "nowhere"), FIRST).is_plausible


def test_a_state_folder_that_cannot_be_written_stops_nothing(drafts: Drafts) -> None:
    (drafts.folder / FILE).mkdir()
    assert start(drafts, FIRST).is_plausible


CODES = [f"{number:07}".replace("0", ALPHABET[10]) for number in range(1, 99)]


ZONE = st.none() | st.sampled_from(ZONES)
HOUR = st.integers(0, 23)


class Clocks(RuleBasedStateMachine):
    """Right days and wrong ones, from 1970 to 2040; what the program cannot know is left out.

    The interviews are in twelve time zones, and the days on which they end are those of the zones.
    """

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(os, "fsync", lambda _: None)
        self.drafts = Drafts(Path(mkdtemp()))
        self.drafts.prepare()
        self.today = self.started = FIRST
        self.hour = 0
        self.begun: dict[str, tuple[date, str]] = {}
        self.wrong: list[date] = []

    def teardown(self) -> None:
        shutil.rmtree(self.drafts.folder)
        self.patch.undo()

    @initialize()
    def first_start(self) -> None:
        start(self.drafts, self.today)

    @rule(days=st.integers(0, DAYS - 1))
    def time_goes_by(self, days: int) -> None:
        if (self.today - self.started).days + days < DAYS:
            self.today += timedelta(days=days)
            self.hour = 0 if days else self.hour

    @rule(zone=ZONE, hour=HOUR)
    def start_on_the_right_day(self, zone: str | None, hour: int) -> None:
        self.hour = max(self.hour, hour)
        self.start(self.today, zone, self.hour)
        self.started, self.wrong = self.today, []
        assert not any(self.age(code) > 2 * DAYS + 1 for code in self.drafts.codes())

    @rule(
        day=st.dates(date(1970, 1, 1), date(2040, 12, 31))
        | st.dates(FIRST - timedelta(days=300), FIRST + timedelta(days=900)),
        zone=ZONE,
        hour=HOUR,
    )
    def start_on_a_wrong_day(self, day: date, zone: str | None, hour: int) -> None:
        if self.can_be_known(day):
            self.wrong.append(day)
            self.start(day, zone, hour)

    @precondition(lambda self: self.wrong)
    @rule(zone=ZONE, hour=HOUR)
    def start_on_the_same_wrong_day_again(self, zone: str | None, hour: int) -> None:
        self.start(self.wrong[-1], zone, hour)

    def can_be_known(self, day: date) -> bool:
        """A clock that is ahead by little, or twice in a row and later, is like a right one."""
        if day < EARLIEST:
            return True
        if timedelta(-1) <= day - self.started <= timedelta(2 * DAYS):
            return False
        earlier = [other for other in self.wrong if other >= EARLIEST]
        return not any(other < day <= other + timedelta(days=366) for other in earlier)

    def start(self, day: date, zone: str | None, hour: int) -> None:
        """Start the program and, if there is a zone, begin an interview in it."""
        if zone is not None and len(self.begun) < len(CODES):
            code = CODES[len(self.begun)]
            begin(self.drafts, day, code, zone, hour)
            self.begun[code] = wall_time(at(self.today, self.hour), zone).date(), zone
        else:
            start(self.drafts, day, hour=hour)
        for code in self.begun:
            assert self.drafts.has(code) or self.age(code) > DAYS

    def age(self, code: str) -> int:
        """The days since an interview was begun, in its zone."""
        begun, zone = self.begun[code]
        return (wall_time(at(self.today, self.hour), zone).date() - begun).days


Clocks.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestClocks = Clocks.TestCase
