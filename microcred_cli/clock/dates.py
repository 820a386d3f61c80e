"""Dates and times of day, formatted for each language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import OWN_LANGUAGE, _, is_translated, joined, spoken

if TYPE_CHECKING:
    from datetime import date, time

NEUTRAL: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A fixed creation time for files, so that they do not reveal when they were written."""

_IN_WORDS: Final = {
    "de": ("EEEE, ", "d. MMMM", " y"),
    "en": ("EEEE ", "d MMMM", " y"),
    "es": ("EEEE, ", "d 'de' MMMM", " 'de' y"),
    "fi": ("cccc ", "d. MMMM", " y"),
    "fr": ("EEEE ", "d MMMM", " y"),
    "nl": ("EEEE ", "d MMMM", " y"),
    "pl": ("EEEE, ", "d MMMM", " y"),
    "sl": ("EEEE, ", "d. MMMM", " y"),
}
"""The parts of CLDR's full date format in each language: weekday, day with month, and year."""

_IN_FIGURES: Final = {
    "en": "dd.MM.yyyy",
    "es": "d/M/yyyy",
    "fr": "dd/MM/yyyy",
    "nl": "dd-MM-yyyy",
    "pl": "dd.MM.yyyy",
}
"""Date formats that differ from CLDR's medium format: in English, to match the survey's own text
(05.07.2021); in other languages, to avoid the name of the month or a two-digit year."""


def date_in_words(
    day: date,
    hour: time | None = None,
    *asides: str,
    weekday: bool = False,
    year: bool = True,
    aloud: bool = False,
) -> str:
    """A date, with or without a time of day, formatted for the current language.

    `asides`, such as the time zone, are appended in brackets. If there are no messages in the
    current language, the date is in English like the messages, unless it is to be read `aloud`.
    """
    language = spoken() if aloud or is_translated(spoken()) else OWN_LANGUAGE
    first, middle, last = _IN_WORDS.get(language, ("", "full" if weekday else "long", ""))
    if language == "fr" and day.day == 1:
        middle = middle.replace("d", "d'er'")
    if language == "sl" and not weekday:
        # In a sentence, the full name of a month is inflected, but its abbreviation is not.
        middle = middle.replace("MMMM", "MMM")
    said = _formatted(day, first * weekday + middle + last * year, language)
    if hour is not None:
        said = _("{day}, {time}").format(day=said, time=hour_in_figures(hour))
    shown = joined(asides)
    return f"{said} ({shown})" if shown else said


def date_in_figures(day: date, language: str) -> str:
    """A date formatted for use in the survey's own text."""
    return _formatted(day, _IN_FIGURES.get(language, "medium"), language)


def hour_in_figures(hour: time) -> str:
    """A time of day formatted for the current language."""
    return f"{hour.hour}.{hour:%M}" if spoken() == "fi" else f"{hour:%H:%M}"


def month_names(language: str) -> tuple[tuple[str, ...], ...]:
    """The names of each month from January on: full and abbreviated, with and without a day."""
    from babel.dates import get_month_names

    forms = [
        get_month_names(width, context, language)
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
    ]
    return tuple(tuple(form[month] for form in forms) for month in range(1, 13))


def _formatted(day: date, form: str, language: str) -> str:
    from babel import UnknownLocaleError
    from babel.dates import format_date

    try:
        return str(format_date(day, form, locale="en_GB" if language == "en" else language))
    except (UnknownLocaleError, ValueError):
        return day.isoformat()
