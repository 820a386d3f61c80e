"""The calling settings: the tables `[calling]` and `[targets]`."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

from microcred_cli.cases.labels import check_stratum
from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    Fault = Callable[[str, str, str], UsageError]
    """A function that creates an error from the name of a setting, the problem, and a hint."""

LIMITS: Final = {
    "busy_minutes": (1, 24 * 60),
    "no_answer_minutes": (1, 7 * 24 * 60),
    "call_back_hours": (1, 31 * 24),
    "soft_refusal_days": (1, 366),
    "most_attempts": (1, 1000),
}
"""The numbers in `[calling]`, with the minimum and maximum value of each."""
_OTHERS: Final = ("hours", "days_off", "quota_closes")
WEEKDAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday", "friday"),
    *("saturday", "sunday"),
)
_HOURS = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s*[-–]\s*([01]?[0-9]|2[0-4]):([0-5][0-9])")
_MOST_CASES: Final = 1_000_000


def read_rules(table: object, fault: Fault) -> dict[str, Any]:
    """The fields of `Calling` from the table of rules, which may be None."""
    return _Tables(fault).rules({} if table is None else table)


def read_targets(table: object, fault: Fault) -> dict[str, int]:
    """The target of each stratum from the table of targets, which may be None."""
    return _Tables(fault).targets(table)


class _Tables:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault

    def rules(self, table: object) -> dict[str, Any]:
        if not isinstance(table, dict):
            self._refuse("calling", "is not a table", "Write the rules below a line [calling].")
        known = (*LIMITS, *_OTHERS)
        for name in table:
            if name not in known:
                self._refuse(
                    f"calling.{name}", "is unknown", f"The known rules are {', '.join(known)}."
                )
        found: dict[str, Any] = {
            name: self._number(f"calling.{name}", table[name], *LIMITS[name])
            for name in LIMITS
            if name in table
        }
        if not isinstance(closes := table.get("quota_closes", False), bool):
            self._refuse("calling.quota_closes", "is not true or false", "Use true or false.")
        weekdays, dates = self._days_off(table.get("days_off", []))
        return found | {
            "hours": self._hours(table.get("hours", [])),
            "weekdays_off": weekdays,
            "dates_off": dates,
            "quota_closes": closes,
        }

    def targets(self, table: object) -> dict[str, int]:
        if table is None:
            return {}
        if not isinstance(table, dict):
            hint = 'Below a line [targets], write lines such as "north/industry/small" = 20.'
            self._refuse("targets", "is not a table", hint)
        found = {}
        for number, (stratum, value) in enumerate(table.items(), 1):
            try:
                name = check_stratum(stratum)
            except UsageError as error:
                self._refuse("targets", f"has an invalid stratum ({number})", error.hint)
            found[name] = self._number(f"targets.{name}", value, 0, _MOST_CASES)
        return found

    def _number(self, name: str, value: object, least: int, most: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self._refuse(name, "is not a valid number", f"Use a whole number, {least} to {most}.")
        return value

    def _hours(self, value: object) -> tuple[tuple[int, int], ...]:
        entries = [value] if isinstance(value, str) else value
        hint = 'Use a list such as ["09:00-12:00", "13:00-17:00"].'
        if not isinstance(entries, list):
            self._refuse("calling.hours", "is not a list of hours", hint)
        found = []
        for entry in entries:
            match = _HOURS.fullmatch(entry) if isinstance(entry, str) else None
            if match is None:
                self._refuse("calling.hours", "is not a list of hours", hint)
            hour, minute, to_hour, to_minute = map(int, match.groups())
            found.append((hour * 60 + minute, to_hour * 60 + to_minute))
        found.sort()
        marks = [minute for begin_and_end in found for minute in begin_and_end]
        if marks != sorted(marks) or any(begin == end for begin, end in found):
            wrong = "has hours that overlap, or that end before they begin"
            self._refuse("calling.hours", wrong, hint)
        if marks and marks[-1] > 24 * 60:
            self._refuse("calling.hours", "ends after 24:00", hint)
        return tuple(found)

    def _days_off(self, value: object) -> tuple[frozenset[int], frozenset[date]]:
        hint = 'Use a list of weekdays and dates, such as ["saturday", "sunday", 2026-12-25].'
        if not isinstance(value, list):
            self._refuse("calling.days_off", "is not a list of days", hint)
        weekdays, dates = set(), set()
        for entry in value:
            day = _date_of(entry)
            if day is not None:
                dates.add(day)
            elif isinstance(entry, str) and entry.casefold() in WEEKDAYS:
                weekdays.add(WEEKDAYS.index(entry.casefold()))
            else:
                self._refuse("calling.days_off", "is not a list of days", hint)
        if len(weekdays) == len(WEEKDAYS):
            self._refuse("calling.days_off", "leaves no day for calling", hint)
        return frozenset(weekdays), frozenset(dates)

    def _refuse(self, name: str, wrong: str, hint: str) -> NoReturn:
        raise self.fault(name, wrong, hint)


def _date_of(entry: object) -> date | None:
    if isinstance(entry, datetime):
        return entry.date()
    if isinstance(entry, str):
        with suppress(ValueError):
            return date.fromisoformat(entry)
    return entry if isinstance(entry, date) else None
