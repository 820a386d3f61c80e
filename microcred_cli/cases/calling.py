"""The calling rules of a survey round: intervals, attempts, hours, days off, and targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from microcred_cli.clock.zones import moments_of, wall_time

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR: Final = timedelta(hours=1)
NO_CONTACT: Final = (
    *("no_answer", "answering_machine", "technical"),
    *("nobody_there", "not_let_in"),
)
SOFT_REFUSALS: Final = ("soft_refusal", "soft_refusal_other")
_LINE_TAKEN: Final = ("busy", "technical")
_MIDNIGHT: Final = time()
_WHOLE_DAY: Final = ((0, 24 * 60),)
_LONGEST_SEARCH: Final = 400


@dataclass(frozen=True, slots=True)
class Calling:
    """The calling rules of a survey round.

    `hours` contains the start and end of each calling period, in minutes after midnight in the time
    zone of the case. Days off are weekdays (Monday is 0) and dates. Hard appointments ignore hours
    and days off; soft appointments ignore only days off, because their day was agreed. `targets`
    contains the target number of complete interviews for each stratum; if `quota_closes`, no first
    contact is made in a stratum whose target is met.
    """

    busy_minutes: int = 30
    """Minutes until a busy number is called again, enough for most calls to end."""
    no_answer_minutes: int = 180
    """Minutes until the next attempt after no answer, to vary the time of day."""
    call_back_hours: int = 20
    """Hours until the next attempt after any other outcome: slightly less than a day."""
    soft_refusal_days: int = 7
    """Days until the next attempt after a soft refusal; early attempts provoke hard refusals."""
    most_attempts: int = 10
    """Maximum number of attempts; further attempts rarely succeed, and annoy respondents."""
    hours: tuple[tuple[int, int], ...] = ()
    weekdays_off: frozenset[int] = frozenset()
    dates_off: frozenset[date] = frozenset()
    quota_closes: bool = False
    targets: Mapping[str, int] = field(default_factory=dict)

    def rest_after(self, code: str) -> timedelta:
        """The minimum time between an interim outcome and the next attempt."""
        if code in _LINE_TAKEN:
            return timedelta(minutes=self.busy_minutes)
        if code in NO_CONTACT:
            return timedelta(minutes=self.no_answer_minutes)
        if code in SOFT_REFUSALS:
            return timedelta(days=self.soft_refusal_days)
        return timedelta(hours=self.call_back_hours)

    def opens(
        self, moment: datetime, zone: str | None, agreed: date | None = None
    ) -> datetime | None:
        """The earliest time, from this moment on, at which cases in this zone may be called.

        The `agreed` day never counts as a day off. The result is None if no call is allowed within
        a year.
        """
        if not (self.hours or self.weekdays_off or self.dates_off):
            return moment
        here = wall_time(moment, zone)
        for ahead in range(_LONGEST_SEARCH):
            day = here.date() + timedelta(days=ahead)
            is_off = day.weekday() in self.weekdays_off or day in self.dates_off
            if is_off and day != agreed:
                continue
            midnight = datetime.combine(day, _MIDNIGHT)
            for begins, ends in self.hours or _WHOLE_DAY:
                if midnight + timedelta(minutes=ends) <= here:
                    continue
                begin = midnight + timedelta(minutes=begins)
                return moment if begin <= here else first_moment(begin, zone)
        return None


def first_moment(wall: datetime, zone: str | None) -> datetime:
    """The first moment with this wall-clock time, or an hour later if the clocks skip that time."""
    found = moments_of(wall, zone) or moments_of(wall + HOUR, zone)
    return found[0] if found else wall.replace(tzinfo=UTC)
