"""The days on which the program was started: a wrong clock deletes no paused interview.

A day is *plausible* if it is at most a number of days after the latest day seen. One further ahead
is *doubted*, and confirmed by a start on a later day. One that lies behind is doubted, too, until
the clock has been behind for that number of days. A day before there was such a program is always
wrong: a clock without a battery begins in 1970, 1990 or 2000. All days are in UTC.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal, Self

from pydantic import ValidationError

from microcred_cli import files
from microcred_cli.clock.zones import wall_time
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import read_file
from microcred_cli.questionnaire.models import Model
from microcred_cli.records.formats import DAYS
from microcred_cli.records.shapes import Draft, LockedDraft, serialise

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

FILE: Final = "days.json"
EARLIEST: Final = date(2026, 1, 1)
"""No start of this program was earlier."""
_SAME: Final = timedelta(days=1)
"""A clock that is set right by minutes can go back by a day."""
_CONFIRMS: Final = timedelta(days=366)
"""Later starts confirm nothing: a clock that jumps may jump twice."""
_LONGEST: Final = 4096


class SeenDays(Model):
    """The latest day seen, and the first and last day of a run of doubted ones."""

    format: Literal["microcred-days/1"] = DAYS
    latest: date
    doubted: tuple[date, date] | None = None

    def after(self, day: date, within: timedelta) -> tuple[Self, date | None]:
        """What is known after a start on a day, and the day that can be trusted, if any."""
        if day < EARLIEST:
            return self, None
        latest, run = self.latest, self.doubted
        if run is not None and latest < run[1] < day <= run[1] + _CONFIRMS:
            latest, run = run[1], None
        if latest - _SAME <= day <= latest + within:
            return self._with(max(latest, day), None), day
        is_ahead = day > latest
        same_run = run is not None and (run[0] > latest) == is_ahead
        if run is not None and same_run and run[1] <= day <= run[1] + within:
            run = (run[0], day)
        else:
            run = (day, day)
        if not is_ahead and run[1] - run[0] >= within:
            return self._with(day, None), day
        return self._with(latest, run), latest if latest > self.latest else None

    def _with(self, latest: date, doubted: tuple[date, date] | None) -> Self:
        return self.model_copy(update={"latest": latest, "doubted": doubted})


@dataclass(frozen=True, slots=True)
class Start:
    """The moment of a start of the program, the latest day seen, and the day that can be trusted.

    That is the day of the start, a doubted one that it confirms, or none.
    """

    moment: datetime
    latest: date
    trusted: date | None

    @property
    def is_plausible(self) -> bool:
        """Whether the day of this start can be trusted."""
        return self.trusted == self.moment.date()

    def first_day(self, zone: str | None) -> date:
        """The day on which an interview begins; a clock that lies behind is not believed."""
        here = wall_time(self.moment, zone).date()
        return here if self.is_plausible else max(here, self.latest)

    def is_expired(self, draft: Draft | LockedDraft) -> bool:
        """Whether a draft may be deleted: its days are over, and not by a doubted day alone."""
        if draft.is_undated or self.trusted is None:
            return False
        here = self.day_of(draft)
        return expires(draft) < (here if self.is_plausible else min(here, self.trusted))

    def is_doubtful(self, draft: Draft | LockedDraft) -> bool:
        """Whether the days of a draft are over only by a doubted day."""
        return expires(draft) < self.day_of(draft) and not self.is_expired(draft)

    def day_of(self, draft: Draft | LockedDraft) -> date:
        """The day of this start in the time zone that a draft was begun in."""
        try:
            return wall_time(self.moment, draft.timezone).date()
        except ValueError:  # the zone was renamed since
            return self.moment.date()


def start(folder: Path, moment: datetime, within: int, begun: Iterable[date]) -> Start:
    """Note a start in a state folder; `begun` are the days of its drafts.

    They stand in for the latest day seen, if that is not known. A file that cannot be written is no
    reason not to start: then the next start knows less.
    """
    path, day = folder / FILE, moment.date()
    known = _read(path)
    before = known
    if before is None:
        before = SeenDays(latest=max((d for d in begun if EARLIEST <= d < day), default=day))
    after, trusted = before.after(day, timedelta(days=within))
    if after != known and day >= EARLIEST:
        with suppress(StoreError):
            files.replace_durably(path, serialise(after))
            files.neutralise_time(path)
    return Start(moment, after.latest, trusted)


def _read(path: Path) -> SeenDays | None:
    try:
        return SeenDays.model_validate_json(read_file(path, limit=_LONGEST))
    except (StoreError, ValidationError):
        return None


def expires(draft: Draft | LockedDraft) -> date:
    """The day after which a draft is deleted."""
    return _day(draft.expires)


def begun(draft: Draft | LockedDraft) -> date:
    """The day on which a draft was begun, as the clock said."""
    return _day(draft.begun)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise StoreError(
            "The paused interview is damaged: its expiry date is missing or invalid.",
            hint="Delete it with: microcred drafts delete",
        ) from None
