"""Dates and times of day, formatted for each language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import OWN_LANGUAGE, spoken

if TYPE_CHECKING:
    from datetime import date, time

NEUTRAL: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of creation in files that have one, which reveals nothing."""

_DATES: Final = {
    "en": "dd.MM.yyyy",
    "es": "d/M/yyyy",
    "fr": "dd/MM/yyyy",
    "nl": "dd-MM-yyyy",
    "pl": "dd.MM.yyyy",
}
"""Date formats: for English, the format used in the survey's own text (05.07.2021); for other
languages, only if CLDR's medium format has the name of the month or a two-digit year."""

_DAYS: Final = {
    "de": "EEEE, d. MMMM",
    "en": "EEEE d MMMM",
    "es": "EEEE, d 'de' MMMM",
    "fi": "cccc d. MMMM",
    "fr": "EEEE d MMMM",
    "nl": "EEEE d MMMM",
    "pl": "EEEE, d MMMM",
    "sl": "EEEE, d. MMMM",
}
"""Formats of a date to be read out: CLDR's full format without the year."""


def written_date(day: date, language: str | None = None) -> str:
    """A date formatted for use in a sentence, by default in the current language."""
    language = language or spoken()
    if language == OWN_LANGUAGE:
        return f"{day:%d.%m.%Y}"
    return _formatted(day, _DATES.get(language, "medium"), language)


def date_in_words(day: date) -> str:
    """A date with the name of the month, for reports."""
    return _formatted(day, "long", spoken())


def day_in_words(day: date, *, year: bool) -> str:
    """A date to be read out, with the weekday and, if `year` is set, the year."""
    form = _DAYS.get(spoken(), "full")
    if year and form != "full":
        form += " 'de' y" if spoken() == "es" else " y"
    return _formatted(day, form, spoken())


def hour_in_figures(hour: time) -> str:
    """A time of day formatted for the current language."""
    return f"{hour.hour}.{hour:%M}" if spoken() == "fi" else f"{hour:%H:%M}"


def month_names(language: str) -> tuple[tuple[str, ...], ...]:
    """The names of each month from January on: whole and shortened, with and without a day."""
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
