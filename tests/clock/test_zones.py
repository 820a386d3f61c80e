"""Days and hours in time zones, on both sides of midnight and of summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.clock.dates import date_in_figures, date_in_words
from microcred_cli.clock.zones import (
    is_area_and_city,
    moments_of,
    rules_of,
    today,
    wall_time,
    zone_of_this_machine,
)
from microcred_cli.i18n import speaking

ZONES = (
    *("Atlantic/Azores", "Europe/Lisbon", "Europe/Dublin", "Europe/Brussels", "Europe/Warsaw"),
    *(
        "Europe/Helsinki",
        "Asia/Nicosia",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
    ),
    *("Pacific/Kiritimati", "Pacific/Pago_Pago"),
)
CHANGES = ("2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04")
"""Days on which clocks are changed, in Europe and on Lord Howe Island."""
MOMENTS = st.integers(96, 70 * 366 * 96).map(lambda n: datetime.fromtimestamp(n * 900, UTC))
"""The quarters of hours from 1970 to 2040."""


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Atlantic/Azores", "2027-07-01T00:30+00:00", "2027-07-01"),
        ("Atlantic/Azores", "2027-01-01T00:30+00:00", "2026-12-31"),
        ("Europe/Warsaw", "2027-06-30T21:59+00:00", "2027-06-30"),
        ("Europe/Warsaw", "2027-06-30T22:00+00:00", "2027-07-01"),
        ("Pacific/Kiritimati", "2027-06-30T10:00+00:00", "2027-07-01"),
        ("Pacific/Pago_Pago", "2027-07-01T10:59+00:00", "2027-06-30"),
    ],
)
def test_a_day_is_that_of_the_zone(
    monkeypatch: pytest.MonkeyPatch, zone: str, moment: str, day: str
) -> None:
    monkeypatch.setattr("microcred_cli.clock.zones.now", lambda: datetime.fromisoformat(moment))
    assert str(today(zone)) == day


@given(MOMENTS)
def test_a_moment_is_among_those_of_its_wall_time(moment: datetime) -> None:
    for zone in ZONES:
        assert moment in moments_of(wall_time(moment, zone), zone)


@pytest.mark.parametrize("zone", ZONES)
def test_each_hour_of_a_changed_day_is_skipped_repeated_or_once(zone: str) -> None:
    for day in CHANGES:
        for half in range(48):
            wall = datetime.fromisoformat(day) + timedelta(minutes=30 * half)
            found = moments_of(wall, zone)
            assert [wall_time(moment, zone) for moment in found] == [wall] * len(found)
            assert list(found) == sorted(set(found))
            sides = (wall - timedelta(hours=3), wall + timedelta(hours=3))
            offsets = {side.replace(tzinfo=rules_of(zone)).utcoffset() for side in sides}
            assert len(found) == 1 or len(offsets) == 2


@pytest.mark.parametrize(
    ("zone", "wall", "turns"),
    [
        ("Europe/Brussels", "2026-03-29T02:30", 0),
        ("Europe/Brussels", "2026-10-25T02:30", 2),
        ("Europe/Brussels", "2026-10-25T03:00", 1),
        ("Atlantic/Azores", "2026-03-29T00:30", 0),
        ("Atlantic/Azores", "2026-10-25T00:30", 2),
        ("Europe/Helsinki", "2026-10-25T03:59", 2),
        ("Australia/Lord_Howe", "2026-10-04T02:15", 0),
        ("Australia/Lord_Howe", "2026-04-05T01:45", 2),
        ("Asia/Kathmandu", "2026-10-25T02:30", 1),
    ],
)
def test_hours_that_are_skipped_or_repeated(zone: str, wall: str, turns: int) -> None:
    assert len(moments_of(datetime.fromisoformat(wall), zone)) == turns


def test_without_a_zone_it_is_that_of_the_machine() -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert moments_of(wall_time(moment, None), None) == (moment,)
    name = zone_of_this_machine()
    if name is not None:
        assert wall_time(moment, name) == wall_time(moment, None)


@pytest.mark.parametrize(
    "name",
    [
        *("CET", "UTC", "Europe", "Europe/Nowhere", "europe/berlin", "posix/Europe/Berlin"),
        *("/etc/passwd", "../Europe/Berlin", "Europe/../Europe/Berlin", "+02:00", "", "A/B\0"),
        "America/Argentina",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    assert not is_area_and_city(name)


@pytest.mark.parametrize("zone", ZONES)
def test_an_area_and_a_city_are_a_zone(zone: str) -> None:
    assert is_area_and_city(zone)


def test_a_zone_that_cannot_be_found_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise LookupError("no zone is called like that")

    monkeypatch.setattr("babel.localtime.get_localzone", fail)
    assert zone_of_this_machine() is None


@pytest.mark.parametrize(
    ("language", "figures", "words", "read_out"),
    [
        ("en", "02.12.2026", "2 December 2026", "Wednesday 2 December, 09:05 (Asia/Tokyo)"),
        ("de", "02.12.2026", "2. Dezember 2026", "Mittwoch, 2. Dezember, 09:05 Uhr (Asia/Tokyo)"),
        (
            *("es", "2/12/2026", "2 de diciembre de 2026"),
            "miércoles, 2 de diciembre, a las 09:05 (Asia/Tokyo)",
        ),
        (
            *("fi", "2.12.2026", "2. joulukuuta 2026"),
            "keskiviikko 2. joulukuuta klo 9.05 (Asia/Tokyo)",
        ),
        ("fr", "02/12/2026", "2 décembre 2026", "mercredi 2 décembre à 09:05 (Asia/Tokyo)"),
        ("nl", "02-12-2026", "2 december 2026", "woensdag 2 december, 09:05 uur (Asia/Tokyo)"),
        ("pl", "02.12.2026", "2 grudnia 2026", "środa, 2 grudnia, godz. 09:05 (Asia/Tokyo)"),
        ("sl", "2. dec. 2026", "2. dec. 2026", "sreda, 2. december ob 09:05 (Asia/Tokyo)"),
        ("xx", "2026-12-02", "2 December 2026", "Wednesday 2 December, 09:05 (Asia/Tokyo)"),
    ],
)
def test_each_language_has_its_way_to_write_dates(
    language: str, figures: str, words: str, read_out: str
) -> None:
    day = date(2026, 12, 2)
    assert date_in_figures(day, language) == figures
    with speaking(language):
        assert date_in_words(day) == words
        said = date_in_words(day, time(9, 5), "", "Asia/Tokyo", weekday=True, year=False)
        assert said == read_out


def test_without_messages_in_a_language_only_dates_to_read_aloud_are_in_it() -> None:
    day = date(2026, 12, 2)
    with speaking("it"):
        assert date_in_words(day, time(9, 5), weekday=True) == "Wednesday 2 December 2026, 09:05"
        assert date_in_words(day, aloud=True) == "2 dicembre 2026"


def test_in_french_the_first_of_a_month_is_an_ordinal() -> None:
    with speaking("fr"):
        assert date_in_words(date(2027, 1, 1), weekday=True) == "vendredi 1er janvier 2027"
        assert date_in_words(date(2027, 1, 11)) == "11 janvier 2027"
