"""The calling settings: the tables `[calling]` and `[targets]`."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

from microcred_cli.cases.labels import check_stratum
from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    Fault = Callable[[str, str, str], UsageError]
    """A function that creates an error from the name of a setting, the problem, and a hint."""

    Checked = Callable[[Callable[[], dict[str, Any]], dict[str, Any]], dict[str, Any]]
    """A function that reads a setting, and after a fault notes it and returns the second value."""

LIMITS: Final = {
    "busy_minutes": (1, 24 * 60),
    "no_answer_minutes": (1, 7 * 24 * 60),
    "call_back_hours": (1, 31 * 24),
    "soft_refusal_days": (1, 366),
    "most_attempts": (1, 1000),
}
"""The numbers in `[calling]`, with the minimum and maximum value of each."""
WEEKDAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday", "friday"),
    *("saturday", "sunday"),
)
_HOURS = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s*[-–]\s*([01]?[0-9]|2[0-4]):([0-5][0-9])")
_MOST_CASES: Final = 1_000_000


def read_rules(table: object, fault: Fault, checked: Checked) -> dict[str, Any]:
    """The fields of `Calling` from the table `[calling]`, if there is one."""
    return _Tables(fault, checked).rules({} if table is None else table)


def read_targets(table: object, fault: Fault, checked: Checked) -> dict[str, int]:
    """The target of each stratum from the table `[targets]`, if there is one."""
    return _Tables(fault, checked).targets({} if table is None else table)


class _Tables:
    """Reads the two tables; after a fault in a setting, the other settings are still read."""

    def __init__(self, fault: Fault, checked: Checked) -> None:
        self.fault, self.checked = fault, checked

    def rules(self, table: object) -> dict[str, Any]:
        if not isinstance(table, dict):
            self._report("calling", "is not a table", "Write the rules below a line [calling].")
            return {}
        readers: dict[str, Callable[[object], dict[str, Any]]] = {
            **{name: partial(self._limit, name) for name in LIMITS},
            "hours": self._hours,
            "days_off": self._days_off,
            "quota_closes": self._quota_closes,
        }
        found: dict[str, Any] = {}
        for name, value in table.items():
            if name in readers:
                found |= self.checked(partial(readers[name], value), {})
            else:
                hint = f"The known rules are {', '.join(readers)}."
                self._report(f"calling.{name}", "is unknown", hint)
        return found

    def targets(self, table: object) -> dict[str, int]:
        if not isinstance(table, dict):
            hint = 'Below a line [targets], write lines such as "north/industry/small" = 20.'
            self._report("targets", "is not a table", hint)
            return {}
        found: dict[str, int] = {}
        for number, (stratum, value) in enumerate(table.items(), 1):
            found |= self.checked(partial(self._target, number, stratum, value), {})
        return found

    def _limit(self, name: str, value: object) -> dict[str, int]:
        return {name: self._number(f"calling.{name}", value, *LIMITS[name])}

    def _quota_closes(self, value: object) -> dict[str, bool]:
        if not isinstance(value, bool):
            self._refuse("calling.quota_closes", "is not true or false", "Use true or false.")
        return {"quota_closes": value}

    def _target(self, number: int, stratum: str, value: object) -> dict[str, int]:
        try:
            name = check_stratum(stratum)
        except UsageError as error:
            self._refuse("targets", f"has an invalid stratum ({number})", error.hint)
        return {name: self._number(f"targets.{name}", value, 0, _MOST_CASES)}

    def _number(self, name: str, value: object, least: int, most: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self._refuse(name, "is not a valid number", f"Use a whole number, {least} to {most}.")
        return value

    def _hours(self, value: object) -> dict[str, tuple[tuple[int, int], ...]]:
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
        return {"hours": tuple(found)}

    def _days_off(self, value: object) -> dict[str, Any]:
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
        return {"weekdays_off": frozenset(weekdays), "dates_off": frozenset(dates)}

    def _report(self, name: str, wrong: str, hint: str) -> None:
        self.checked(partial(self._refuse, name, wrong, hint), {})

    def _refuse(self, name: str, wrong: str, hint: str) -> NoReturn:
        raise self.fault(name, wrong, hint)


def _date_of(entry: object) -> date | None:
    if isinstance(entry, datetime):
        return entry.date()
    if isinstance(entry, str):
        with suppress(ValueError):
            return date.fromisoformat(entry)
    return entry if isinstance(entry, date) else None
