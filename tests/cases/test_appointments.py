"""Appointments as people type them, on Sunday 29 November 2026, a little after ten o'clock."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.cases.appointments import Appointment, read_appointment
from microcred_cli.cases.day_words import LANGUAGES
from microcred_cli.clock.dates import date_in_words, month_names
from microcred_cli.clock.zones import moments_of, wall_time
from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import _, quoted, speaking
from tests.clock.test_zones import MOMENTS, ZONES

NOW = datetime(2026, 11, 29, 9, 5, tzinfo=UTC)
ZONE = "Europe/Berlin"
HINT = (
    "Type a day, a time or both: for example “30.11. 14:30”, “tue 9.30”, “tomorrow 14 h” or “+3”."
)


def read(typed: str, now: datetime = NOW, zone: str = ZONE) -> list[str]:
    """The readings of a line, each as a day and an hour."""
    found = read_appointment(typed, now, zone)
    return [f"{reading.day[5:]} {reading.time or ''}".strip() for reading in found]


def refused(typed: str, now: datetime = NOW, zone: str = ZONE) -> str:
    with pytest.raises(InvalidAnswer) as caught:
        read_appointment(typed, now, zone)
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14:30", "11-29 14:30"),
        ("14 h", "11-29 14:00"),
        ("14h30", "11-29 14:30"),
        ("15.30", "11-29 15:30"),
        ("at 14", "11-29 14:00"),
        ("2 pm", "11-29 14:00"),
        ("12.15 pm", "11-29 12:15"),
        ("tomorrow", "11-30"),
        ("tomorrow 9.30", "11-30 09:30"),
        ("14:30 tomorrow", "11-30 14:30"),
        ("the day after tomorrow at 9", "12-01 09:00"),
        ("tue", "12-01"),
        ("Tuesday, 14:30", "12-01 14:30"),
        ("on tues. 14.30 h", "12-01 14:30"),
        ("wed 2.12. 14:30", "12-02 14:30"),
        ("+3", "12-02"),
        ("+3 14:30", "12-02 14:30"),
        ("+0 23:59", "11-29 23:59"),
        ("30.11. 14", "11-30 14:00"),
        ("30.11.", "11-30"),
        ("30.11 9.05", "11-30 09:05"),
        ("30-11", "11-30"),
        ("30-11-2026 14:30", "11-30 14:30"),
        ("30/11/2026 9:00", "11-30 09:00"),
        ("30. 11. 2026 9", "11-30 09:00"),
        ("30.11.26", "11-30"),
        ("2026-11-30", "11-30"),
        ("2026-11-30T14:30", "11-30 14:30"),
        ("9.12", "12-09"),
        ("28.11.", "11-28"),
        ("３０.１１. １４", "11-30 14:00"),
    ],
)
def test_what_people_type_is_read(typed: str, meant: str) -> None:
    assert read(typed) == [meant]


@pytest.mark.parametrize(
    ("language", "lines"),
    {
        "de": ["Mi 14 Uhr 30", "am Mittwoch um 14:30 Uhr", "Mi., 2.12. 14.30", "+3 14:30 h"],
        "es": ["mié 14:30", "el miércoles a las 14:30", "2/12 14:30 horas", "miércoles, 14.30"],
        "fi": ["ke klo 14.30", "keskiviikkona 14:30", "keskiviikko 2.12. klo 14.30"],
        "fr": ["mer. 14 h 30", "mercredi à 14h30", "le 2/12 à 14:30", "le mercredi 2.12. 14.30"],
        "nl": ["wo 14.30 uur", "woensdag om 14:30", "2-12 14:30", "op 2-12-2026 om 14u30"],
        "pl": ["śr 14:30", "w środę o 14.30", "sroda o godz. 14:30", "środa 2.12 14:30"],
        "sl": ["sre. 14.30", "v sredo ob 14:30", "sreda 2. 12. ob 14.30"],
        "en": ["wednesday 14:30", "weds at 2:30 pm", "we 14.30"],
    }.items(),
)
def test_a_weekday_and_an_hour_in_each_language(language: str, lines: list[str]) -> None:
    with speaking(language):
        assert [read(line) for line in lines] == [["12-02 14:30"]] * len(lines)


@pytest.mark.parametrize(
    ("language", "lines"),
    {
        "en": [
            "4 December",
            "the 4th of Dec.",
            "Fri 4 dec 2026",
            "December 4th",
            "on Friday, Dec 4",
        ],
        "de": ["4. Dezember", "4. Dez.", "am Freitag, den 4. Dezember 2026", "4 Dez", "4 Dec"],
        "es": ["4 de diciembre", "4 dic.", "el viernes, 4 de diciembre de 2026", "4 Dic"],
        "fi": ["4. joulukuuta", "4. joulu", "perjantaina 4. joulukuuta 2026", "4 joulukuu"],
        "fr": ["4 décembre", "4 déc.", "le vendredi 4 décembre 2026", "ven. 4 dec"],
        "nl": ["4 december", "4 dec.", "op vrijdag 4 december 2026", "vr 4 dec"],
        "pl": ["4 grudnia", "4 gru.", "w piątek 4 grudnia 2026 r.", "4 grudzień"],
        "sl": ["4. decembra", "4. dec.", "v petek, 4. decembra 2026", "4. december"],
    }.items(),
)
def test_a_month_as_a_word_in_each_language(language: str, lines: list[str]) -> None:
    with speaking(language):
        assert [read(line) for line in lines] == [["12-04"]] * len(lines)
        assert [read(f"{line} 10h30") for line in lines] == [["12-04 10:30"]] * len(lines)
        assert [read(f"10:30, {line}") for line in lines] == [["12-04 10:30"]] * len(lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_month_is_read_as_it_is_read_out(language: str) -> None:
    with speaking(language):
        for month in range(1, 13):
            day = date(2027 if month < 12 else 2026, month, 5)
            said = date_in_words(day, weekday=True)
            assert read_appointment(said, NOW, ZONE)[0].day == f"{day}", said
            for name in month_names(language)[month - 1]:
                assert read_appointment(f"5 {name}", NOW, ZONE)[0].day == f"{day}", name


@pytest.mark.parametrize(
    ("language", "typed", "said"),
    [
        ("fr", "4 jui", "« 4 jui » n’est ni une date ni une heure."),
        ("en", "4 ju", "“4 ju” is not a date or time."),
        ("fi", "4 mar", "”4 mar” ei ole päivämäärä eikä kellonaika."),
        ("en", "4 diciembre", "“4 diciembre” is not a date or time."),
        ("en", "31 November", "This date does not exist."),
        ("en", "Thursday 4 December", "The weekday does not match the date."),
        ("en", "4 December 2025", "That date is in the past."),
        ("en", "December", "“December” is not a date or time."),
        ("en", "4 December perhaps", "“4 December perhaps” is not a date or time."),
    ],
)
def test_a_month_that_is_not_clear_is_not_guessed(language: str, typed: str, said: str) -> None:
    with speaking(language):
        assert refused(typed).replace("\u00a0", " ") == said


def test_a_figure_behind_a_month_is_an_hour() -> None:
    assert read("4 Dec 14") == ["12-04 14:00"]
    assert read("4 Dec 2 pm") == read("Dec 4, 2 pm") == ["12-04 14:00"]


@pytest.mark.parametrize(
    ("language", "today", "tomorrow", "then"),
    [
        ("en", "today", "tomorrow", "day after tomorrow"),
        ("de", "heute", "morgen", "übermorgen"),
        ("es", "hoy", "mañana", "pasado mañana"),
        ("fi", "tänään", "huomenna", "ylihuomenna"),
        ("fr", "aujourd’hui", "demain", "après-demain"),
        ("nl", "vandaag", "morgen", "overmorgen"),
        ("pl", "dzisiaj", "jutro", "pojutrze"),
        ("sl", "danes", "jutri", "pojutrišnjem"),
    ],
)
def test_today_and_tomorrow_in_each_language(
    language: str, today: str, tomorrow: str, then: str
) -> None:
    with speaking(language):
        assert [*read(today), *read(tomorrow), *read(then)] == ["11-29", "11-30", "12-01"]
        assert read(f"{tomorrow.upper()} 14:30") == ["11-30 14:30"]
        assert read("tomorrow, 14:30") == ["11-30 14:30"]


@pytest.mark.parametrize(
    ("language", "examples"),
    {
        "en": ["30.11. 14:30", "tue 9.30", "tomorrow 14 h", "+3"],
        "de": ["30.11. 14:30", "Di 9.30", "morgen 14 Uhr", "+3"],
        "es": ["30.11. 14:30", "mar 9.30", "mañana 14 h", "+3"],
        "fi": ["30.11. 14:30", "ti 9.30", "huomenna klo 14", "+3"],
        "fr": ["30/11 14:30", "mar 9.30", "demain 14 h", "+3"],
        "nl": ["30-11 14:30", "di 9.30", "morgen 14 uur", "+3"],
        "pl": ["30.11. 14:30", "wt 9.30", "jutro 14 h", "+3"],
        "sl": ["30.11. 14:30", "tor 9.30", "jutri 14 h", "+3"],
    }.items(),
)
def test_the_examples_that_are_shown_are_read(language: str, examples: list[str]) -> None:
    with speaking(language):
        shown = _(HINT)
        assert all(example in shown for example in examples)
        assert [*map(read, examples)] == [
            ["11-30 14:30"],
            ["12-01 09:30"],
            ["11-30 14:00"],
            ["12-02"],
        ]


@pytest.mark.parametrize(
    ("language", "weekday", "days", "weeks", "rough"),
    [
        ("en", "next wednesday", "in 3 days", "in 2 weeks", "tomorrow at midnight"),
        ("de", "am nächsten Mittwoch", "in 3 Tagen", "in 2 Wochen", "morgen Mittag"),
        ("es", "el miércoles que viene", "dentro de 3 días", "en 2 semanas", "a mediodía"),
        ("fi", "ensi keskiviikkona", "3 päivän kuluttua", "2 viikon päästä", "keskiyöllä"),
        ("fr", "mercredi prochain", "dans 3 jours", "dans 2 semaines", "demain après-midi"),
        ("nl", "volgende woensdag", "over 3 dagen", "over 2 weken", "middernacht"),
        ("pl", "w następną środę", "za 3 dni", "za 2 tygodnie", "jutro po południu"),
        ("sl", "v naslednjo sredo", "čez 3 dni", "čez 2 tedna", "opolnoči"),
    ],
)
def test_a_day_in_words_is_read_and_a_time_that_is_not_exact_is_refused(
    language: str, weekday: str, days: str, weeks: str, rough: str
) -> None:
    with speaking(language):
        assert [read(f"{weekday} 14:30"), read(days)] == [["12-02 14:30"], ["12-02"]]
        assert read(f"14:30 {weeks}") == ["12-13 14:30"]
        assert refused(rough) == _("{typed} is not an exact time.").format(typed=quoted(rough))


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", "noon tomorrow"),
        ("fr", "demain à midi"),
        ("pl", "jutro w południe"),
        ("sl", "jutri opoldne"),
    ],
)
def test_noon_is_twelve_where_the_word_is_exact(language: str, typed: str) -> None:
    with speaking(language):
        assert read(typed) == ["11-30 12:00"]


def test_a_phrase_that_people_use_for_two_days_has_both() -> None:
    tuesday = NOW + timedelta(days=2)
    assert read("next friday 14:30", tuesday) == ["12-04 14:30", "12-11 14:30"]
    assert read("next tuesday", tuesday) == ["12-08"]
    with speaking("fr"):
        assert read("dans 8 jours") == ["12-06", "12-07"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_weekday_has_its_name(language: str) -> None:
    for number, forms in enumerate(LANGUAGES[language].weekdays):
        for form in forms.split():
            with speaking(language):
                day = date.fromisoformat(read_appointment(form, NOW, ZONE)[-1].day)
            assert day.weekday() == number


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9.30", "That time is in the past: it is now 10:05."),
        ("today 10:05", "That time is in the past: it is now 10:05."),
        ("2026-11-28", "That date is in the past."),
        ("+400", "That day is more than a year away."),
        ("tomorrow 14:60", "The minutes must be from 00 to 59."),
        ("28.11.2026 14", "That date is in the past."),
        ("31.2.", "This date does not exist."),
        ("2026-02-30", "This date does not exist."),
        ("29.2.", "That day is more than a year away."),
        ("29.2.2027", "This date does not exist."),
        ("tue 2.12.", "The weekday does not match the date."),
        ("24:00", "The hour must be from 0 to 23."),
        ("tomorrow 25", "The hour must be from 0 to 23."),
        ("14", "“14” could be a day or an hour."),
        ("s", "“s” is not a date or time."),
        ("soon", "“soon” is not a date or time."),
        ("half past 5", "“half past 5” is not a date or time."),
        ("tomorrow perhaps", "“tomorrow perhaps” is not a date or time."),
        ("14:75", "The minutes must be from 00 to 59."),
        ("13 tomorrow", "“13 tomorrow” is not a date or time."),
        ("mañana", "“mañana” is not a date or time."),
        ("-3", "“-3” is not a date or time."),
    ],
)
def test_what_is_refused_and_why(typed: str, said: str) -> None:
    assert refused(typed) == said


def test_todays_own_weekday_is_today_or_in_a_week() -> None:
    assert read("sunday 14") == ["11-29 14:00", "12-06 14:00"]
    assert read("sun 9.30") == ["12-06 09:30"]


def test_a_day_is_that_of_the_zone_and_not_of_utc() -> None:
    evening = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert read_appointment("31.12. 23", evening, "Atlantic/Azores")[0].day == "2026-12-31"
    assert read_appointment("1.1. 14", evening, "Europe/Warsaw")[0].day == "2027-01-01"


def test_an_hour_that_is_repeated_is_read_twice() -> None:
    before = datetime(2026, 10, 24, 9, tzinfo=UTC)
    found = read_appointment("tomorrow 2:30", before, ZONE)
    assert [each.utc for each in found] == ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]
    assert [each.in_words(date(2026, 10, 24), zone=False) for each in found] == [
        "Sunday 25 October, 02:30 (before the clocks go back)",
        "Sunday 25 October, 02:30 (after the clocks go back)",
    ]
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert [each.utc for each in read_appointment("2:30", between, ZONE)] == ["2026-10-25T01:30Z"]


def test_a_repeated_hour_is_told_apart_in_a_zone_of_one_name() -> None:
    before = datetime(2026, 10, 24, 9, tzinfo=UTC)
    first, second = read_appointment("tomorrow 2:30", before, "CET")
    assert first.in_words(NOW.date()) != second.in_words(NOW.date())


def test_an_hour_that_is_skipped_is_refused() -> None:
    before = datetime(2027, 3, 27, 9, tzinfo=UTC)
    said = "02:30 does not exist on that day, because the clocks go forward."
    assert refused("tomorrow 2.30", before) == said
    assert read("tomorrow 3:30", before) == ["03-28 03:30"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Wednesday 2 December, 14:30"),
        ("de", "Mittwoch, 2. Dezember, 14:30 Uhr"),
        ("es", "miércoles, 2 de diciembre, a las 14:30"),
        ("fi", "keskiviikko 2. joulukuuta klo 14.30"),
        ("fr", "mercredi 2 décembre à 14:30"),
        ("nl", "woensdag 2 december, 14:30 uur"),
        ("pl", "środa, 2 grudnia, godz. 14:30"),
        ("sl", "sreda, 2. december ob 14:30"),
    ],
)
def test_it_is_read_out_in_each_language(language: str, words: str) -> None:
    (agreed,) = read_appointment("+3 14:30", NOW, ZONE)
    with speaking(language):
        assert agreed.in_words(NOW.date(), zone=False) == words
        assert agreed.in_words(NOW.date()) == f"{words} ({ZONE})"


def test_another_year_is_read_out() -> None:
    assert read_appointment("28.11.", NOW, ZONE)[0].in_words(NOW.date()).endswith("2027")


def test_a_zone_that_is_unknown_here_still_has_its_words() -> None:
    elsewhere = Appointment(
        day="2026-12-02", time="14:30", timezone="Europe/Nowhere", utc="2026-12-02T12:30Z"
    )
    assert elsewhere.in_words(NOW.date()) == "Wednesday 2 December, 14:30 (Europe/Nowhere)"


@given(
    MOMENTS,
    st.integers(0, 366),
    st.times(),
    st.sampled_from(ZONES),
    st.sampled_from(["+{ahead} {time}", "{day} {time}"]),
)
def test_every_reading_is_ahead_and_is_the_wall_time_that_was_typed(
    now: datetime, ahead: int, hour: time, zone: str, form: str
) -> None:
    day = wall_time(now, zone).date() + timedelta(days=ahead)
    wall = f"{day} {hour:%H:%M}"
    if all(moment <= now for moment in moments_of(datetime.fromisoformat(wall), zone)):
        return
    typed = form.format(ahead=ahead, day=day, time=f"{hour:%H:%M}")
    found = read_appointment(typed, now, zone)
    assert found
    for each in found:
        moment = datetime.fromisoformat(each.utc or "")
        assert moment > now
        assert f"{wall_time(moment, zone):%Y-%m-%d %H:%M}" == wall


@given(st.text(max_size=60), st.sampled_from(sorted(LANGUAGES)))
def test_any_line_is_read_or_refused(typed: str, language: str) -> None:
    with speaking(language), suppress(InvalidAnswer):
        assert all(each.day >= "2026-11-29" for each in read_appointment(typed, NOW, ZONE))
