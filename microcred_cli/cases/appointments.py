"""Appointments: parsed from a typed line, and formatted to be read out for confirmation.

A line must match the grammar completely. A day can be a date, a number of days or weeks ahead, a
word such as *tomorrow*, or a weekday. In a date, the day comes before the month. The month can be
written as a word; in English, such a month can also come before the day. The time can be typed
before or after the date. Words can be in the current language or in English.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from microcred_cli.cases.base_record import Checked
from microcred_cli.cases.day_words import LANGUAGES, Words, months
from microcred_cli.clock.dates import date_in_words, hour_in_figures
from microcred_cli.clock.zones import moments_of, wall_time, zone_of_this_machine
from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import OWN_LANGUAGE, _, quoted, spoken
from microcred_cli.text import fold, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DATE: Final = (
    r"(?P<iso>\d{4}-\d{2}-\d{2})|\+(?P<ahead>\d{1,3})|(?:(?P<named>[a-z]{2,})\.?\s+(?:den\s+)?)?"
    r"(?:(?P<day>0?[1-9]|[12]\d|3[01])\s?(?:[./-]\s?(?P<month>1[0-2]|0?[1-9])(?!\d)"
    r"(?:[./-]?\s?(?P<year>20\d\d)(?!\d)|[./-](?P<short>\d\d)(?![\d:.h]))?"
    r"|(?:st|nd|rd|th|er|o|\.)?\s?(?:de\s|of\s)?(?P<month_word>{months})"
    r"(?:\.?\s?(?:del?\s)?(?P<its_year>20\d\d)(?!\d)(?:\sr)?)?)\.?{month_first})"
)
_MONTH_FIRST: Final = (
    r"|(?P<first_word>{months})\.?\s(?P<its_day>0?[1-9]|[12]\d|3[01])(?!\d|[:.]\d)(?:st|nd|rd|th)?"
    r"(?:\s(?P<last_year>20\d\d)(?!\d))?"
)
"""A date with the month first, as in English; a number after the month is never an hour."""
_LONGEST_QUOTED: Final = 20
_FURTHEST: Final = timedelta(days=366)
_MOST_YEARS: Final = 8
"""The largest number of years from one 29 February to the next."""
_WRONG_MINUTES: Final = re.compile(r"(?<!\d)\d{1,2}:[6-9]\d(?!\d)")


class Appointment(Checked):
    """The agreed day of the next attempt and, if one was agreed, the time of day.

    The day and time are local to `timezone`, an IANA name (None if unknown); `utc` is the same
    moment in UTC.
    """

    day: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    timezone: str | None = None
    utc: Annotated[str, Field(pattern=r"^[0-9-]{10}T[0-9]{2}:[0-9]{2}Z$")] | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        date.fromisoformat(self.day)
        if self.utc is not None:
            datetime.fromisoformat(self.utc)
        if (self.time is None) != (self.utc is None):
            raise ValueError("time and utc must be set together")
        return self

    def day_in(self, zone: str | None) -> date:
        """The date of the appointment in this time zone; without a time of day, the agreed date."""
        if self.utc is None:
            return date.fromisoformat(self.day)
        moment = datetime.fromisoformat(self.utc.removesuffix("Z")).replace(tzinfo=UTC)
        return wall_time(moment, zone).date()

    def in_words(self, today: date, *, zone: bool = True, aloud: bool = False) -> str:
        """The appointment in the current language, with the year if it is not the current year.

        A time of day is followed by its time zone if `zone` is set. Words to be read `aloud` are
        in the language of the respondent, even if there are no messages in it.
        """
        day = date.fromisoformat(self.day)
        is_other_year = day.year != today.year
        if self.time is None:
            return date_in_words(day, weekday=True, year=is_other_year, aloud=aloud)
        hour, turn = time.fromisoformat(self.time), ""
        moments = _moments(datetime.combine(day, hour), self.timezone)
        if len(moments) > 1:
            is_first = _written(moments[0]) == self.utc
            turn = _("before the clocks go back") if is_first else _("after the clocks go back")
        named = (zone and self.timezone) or ""
        return date_in_words(
            *(day, hour, turn, named), weekday=True, year=is_other_year, aloud=aloud
        )


def read_appointment(typed: str, now: datetime, zone: str | None) -> tuple[Appointment, ...]:
    """Parse a line typed at the time `now`; return its possible meanings, earliest first.

    A line has two meanings if it contains today's weekday (today or a week from today), "next" with
    a later weekday of this week, an idiom such as "eight days" for a week, or a time in the hour
    that is repeated when summer time ends. If a line is not valid, `InvalidAnswer` states the
    reason.
    """
    line = " ".join(fold(typed).replace("’", "'").replace(",", " ").split())
    found = _understood(line)
    if found is None:
        raise _unreadable(typed, line)
    here = wall_time(now, zone)
    days = [day for day in found.days(here.date()) if day >= here.date()]
    if not days:
        raise InvalidAnswer(_("That date is in the past."), hint=_example())
    if days[0] - here.date() > _FURTHEST:
        raise InvalidAnswer(_("That day is more than a year away."), hint=_example())
    named, hour = zone or zone_of_this_machine(), found.hour
    if hour is None:
        return tuple(Appointment(day=f"{day}", timezone=named) for day in days)
    moments = [(day, m) for day in days for m in moments_of(datetime.combine(day, hour), zone)]
    ahead = [(day, moment) for day, moment in moments if moment > now]
    if not ahead:
        raise _not_possible(hour, here, skipped=not moments)
    return tuple(
        Appointment(day=f"{day}", time=f"{hour:%H:%M}", timezone=named, utc=_written(moment))
        for day, moment in ahead
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A parsed line: its matched groups, and the weekday, possible days ahead and time, if any.

    A month that was written as a word is replaced by its number.
    """

    says: Mapping[str, str | None]
    weekday: int | None
    ahead: tuple[int, ...]
    hour: time | None

    def days(self, today: date) -> Iterator[date]:
        """The possible days; a date that does not exist raises `InvalidAnswer`."""
        part = self.says
        if self.ahead:
            yield from (today + timedelta(days=ahead) for ahead in self.ahead)
        elif part.get("day") or part.get("iso"):
            day = _date_of(part, today)
            if self.weekday is not None and day.weekday() != self.weekday:
                wrong = _("The weekday does not match the date.")
                raise InvalidAnswer(wrong, hint=_example())
            yield day
        elif self.weekday is not None and (part.get("next") or part.get("next_behind")):
            of_next_week = today + timedelta(days=7 - today.weekday() + self.weekday)
            yield from sorted({_weekday_after(today, self.weekday), of_next_week})
        elif self.weekday is not None:
            days = (self.weekday - today.weekday()) % 7
            yield today + timedelta(days=days)
            if days == 0:
                yield today + timedelta(days=7)
        else:
            yield today


def _weekday_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def _date_of(part: Mapping[str, str | None], today: date) -> date:
    """The date in a line; without a year, the next occurrence of the day and month."""
    with suppress(ValueError):
        if part["iso"]:
            return date.fromisoformat(part["iso"])
        day, month = int(part["day"] or 0), int(part["month"] or 0)
        if year := part["year"] or part["short"]:
            return date(int(year) % 100 + 2000, month, day)
        if (found := _next_date(day, month, today)) is not None:
            return found
    raise InvalidAnswer(_("This date does not exist."), hint=_example())


def _next_date(day: int, month: int, today: date) -> date | None:
    """The next date with this day and month; None if there is no such day in any year."""
    for year in range(today.year, today.year + _MOST_YEARS + 1):
        with suppress(ValueError):
            if (found := date(year, month, day)) >= today:
                return found
    return None


def _understood(line: str) -> _Line | None:
    """Parse a line using words of the current language or, failing that, English words."""
    own, *_english = _languages()
    for language, other in dict.fromkeys(((own, OWN_LANGUAGE), (OWN_LANGUAGE, own))):
        for pattern in _patterns(language, other):
            if found := pattern.fullmatch(line):
                said = _said(_in_figures(found.groupdict(), language), LANGUAGES[language])
                if said is not None:
                    return said
    return None


def _languages() -> tuple[str, str]:
    return (spoken() if spoken() in LANGUAGES else OWN_LANGUAGE), OWN_LANGUAGE


def _in_figures(part: dict[str, str | None], language: str) -> Mapping[str, str | None]:
    """The matched groups of a line; a month written as a word is replaced by its number."""
    word = part.get("month_word") or part.get("first_word")
    if word is None:
        return part
    day = part.get("day") or part.get("its_day")
    year = part.get("its_year") or part.get("last_year")
    return {**part, "day": day, "month": str(months(language, language)[word]), "year": year}


def _said(part: Mapping[str, str | None], words: Words) -> _Line | None:
    name, weekday, ahead = part.get("named") or part.get("word"), None, part.get("ahead")
    days = (int(ahead),) if ahead else _at_a_distance(part, words)
    if name is not None:
        weekday, is_next = words.weekday(name), part.get("next") or part.get("next_behind")
        known = words.days_ahead(name) if part.get("word") and not is_next else None
        days = () if known is None else (known,)
        if weekday is None and not days:
            return None
    is_bare = not any(part.get(name) for name in ("at", "minute", "half", "unit"))
    if is_bare and part.get("hour") and not part.get("behind"):
        return None
    return _Line(part, weekday, days, _hour_of(part))


def _at_a_distance(part: Mapping[str, str | None], words: Words) -> tuple[int, ...]:
    """The number of days ahead, as in "in 3 days"; two numbers if a phrase has two meanings."""
    if not (digits := part.get("count")):
        return ()
    count = int(digits)
    if part.get("weeks"):
        return (count * 7,)
    return (count - 1, count) if count in words.idioms else (count,)


def _hour_of(part: Mapping[str, str | None]) -> time | None:
    if part.get("noon"):
        return time(12)
    if not part.get("hour"):
        return None
    hour, half = int(part["hour"] or 0), part.get("half")
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23:
        raise InvalidAnswer(_("The hour must be from 0 to 23."), hint=_example())
    return time(hour, int(part.get("minute") or part.get("more") or 0))


@cache
def _patterns(language: str, other: str) -> tuple[re.Pattern[str], ...]:
    """Patterns for a whole line: a day, a day and a time, a time and a day, or a time.

    A bare number is a time only if it follows a day (group `behind`). The name of a month is
    rejected if it means a different month in the `other` language.
    """
    words, is_english = LANGUAGES[language], language == OWN_LANGUAGE
    exact = "|".join(re.escape(word) for word, _days in words.ahead)
    before = rf"(?:(?:{words.on})\s+)?" if words.on else ""
    names = "|".join(sorted(months(language, other), key=len, reverse=True))
    first = _MONTH_FIRST if is_english else ""
    dates = _DATE.replace("{month_first}", first).replace("{months}", names)
    weekday = (
        rf"(?:(?P<next>{words.upcoming})\s)?(?P<word>{exact}|[a-z]{{2,}})\.?"
        rf"(?:\s(?P<next_behind>{words.upcoming}))?"
    )
    day = rf"{before}(?:{dates}|{words.distance}|{weekday})"
    half = r"\s?(?P<half>[ap])\.?m\.?|" if is_english else ""
    hour = (
        rf"(?:(?P<at>{words.at})\.?\s*)?(?:(?P<noon>{words.noon})"
        r"|(?P<hour>\d{1,2})(?:\s?[:.h]\s?(?P<minute>[0-5]\d))?"
        rf"(?:{half}\s?(?P<unit>{words.unit})\.?(?:\s?(?P<more>[0-5]\d))?)?)"
    )
    forms = (day, rf"{day}(?P<behind>\s+|(?<=\.)|(?<=\d)t){hour}", rf"{hour}\s+{day}", hour)
    return tuple(re.compile(form) for form in forms)


def _unreadable(typed: str, line: str) -> InvalidAnswer:
    shown = quoted(safe(typed)[:_LONGEST_QUOTED])
    if line.isdecimal():
        wrong = _("{typed} could be a day or an hour.").format(typed=shown)
        return InvalidAnswer(wrong, hint=_("Type a time such as 14:00, or a date such as 14.12."))
    if _WRONG_MINUTES.search(line):
        return InvalidAnswer(_("The minutes must be from 00 to 59."), hint=_example())
    if any(re.search(rf"\b(?:{LANGUAGES[each].rough})\b", line) for each in _languages()):
        wrong = _("{typed} is not an exact time.").format(typed=shown)
        return InvalidAnswer(wrong, hint=_("Type the time in figures, such as 14:00."))
    return InvalidAnswer(_("{typed} is not a date or time.").format(typed=shown), hint=_example())


def _not_possible(hour: time, here: datetime, *, skipped: bool) -> InvalidAnswer:
    if skipped:
        wrong = _("{time} does not exist on that day, because the clocks go forward.")
        return InvalidAnswer(wrong.format(time=hour_in_figures(hour)), hint=_example())
    wrong = _("That time is in the past: it is now {now}.").format(now=hour_in_figures(here.time()))
    return InvalidAnswer(wrong, hint=_example())


def _example() -> str:
    return _(
        "Type a day, a time or both: for example “30.11. 14:30”, “tue 9.30”, “tomorrow 14 h” "
        "or “+3”."
    )


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}Z"


def _moments(wall: datetime, zone: str | None) -> tuple[datetime, ...]:
    try:
        return moments_of(wall, zone)
    except ValueError:  # the time zone is not available on this machine
        return ()
