"""Days on which the program was started, recorded so that drafts survive a wrong clock.

A day is *plausible* if it is at most a given number of days after the latest day seen. A day
further ahead is in doubt until the program is started on a later day; an earlier day is in doubt
until the clock has been behind for the given number of days. A day before the first release of the
program is always implausible, because clocks without a battery start in 1970, 1990 or 2000. All
days are in UTC.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal, Self

from microcred_cli import files
from microcred_cli.clock.zones import wall_time
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import read_file
from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.base_model import Model
from microcred_cli.records.formats import DAYS
from microcred_cli.records.shapes import Draft, LockedDraft, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

FILE: Final = "days.json"
EARLIEST: Final = date(2026, 1, 1)
"""Days before this date are implausible, because the program had not been released yet."""
_SAME: Final = timedelta(days=1)
"""A tolerance, because correcting the clock by a few minutes can change the day."""
_CONFIRMS: Final = timedelta(days=366)
"""A day in doubt is confirmed only by a start within this time, because a clock may jump again."""
_LONGEST: Final = 4096
_LONGEST_KEPT: Final = timedelta(days=366)
"""The longest retention period that fieldwork settings can have."""


class SeenDays(Model):
    """The latest day seen, and the first and last of the current series of days in doubt.

    `within` is the smallest limit (in days) ever used for judging a start.
    """

    format: Literal["microcred-days/1"] = DAYS
    latest: date
    doubted: tuple[date, date] | None = None
    within: int | None = None

    def after(self, day: date, within: timedelta) -> tuple[Self, date | None]:
        """The updated record after a start on this day, and the trusted day, if any."""
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


class Start(Frozen):
    """The moment of a start of the program, the latest day seen, and the trusted day.

    The trusted day is the day of the start, an earlier day confirmed by this start, or None.
    """

    moment: datetime
    latest: date
    trusted: date | None

    @property
    def is_plausible(self) -> bool:
        """True if the day of this start can be trusted."""
        return self.trusted == self.moment.date()

    def first_day(self, zone: str | None) -> date:
        """The start date of a new draft: this day or, if in doubt, at least the latest day seen."""
        here = wall_time(self.moment, zone).date()
        return here if self.is_plausible else max(here, self.latest)

    def is_expired(self, draft: Draft | LockedDraft) -> bool:
        """True if the retention period of a draft has ended according to a trusted day."""
        if draft.is_undated or self.trusted is None:
            return False
        here = self.day_of(draft)
        return expires(draft) < (here if self.is_plausible else min(here, self.trusted))

    def is_doubtful(self, draft: Draft | LockedDraft) -> bool:
        """True if the retention period of a draft may have ended, but the day is in doubt."""
        return expires(draft) < self.day_of(draft) and not self.is_expired(draft)

    def day_of(self, draft: Draft | LockedDraft) -> date:
        """The day of this start in the time zone of a draft."""
        try:
            return wall_time(self.moment, draft.timezone).date()
        except ValueError:  # the time zone database no longer has this name
            return self.moment.date()


def start(folder: Path, moment: datetime, within: int, begun: Iterable[date]) -> Start:
    """Record a start in a state folder.

    If the latest day seen is unknown, the latest start date of a draft (`begun`) is used instead.
    Errors when writing the file are ignored.
    """
    path, day = folder / FILE, moment.date()
    known = _read(path, SeenDays(latest=day, within=within))
    before = known
    if before is None:
        before = SeenDays(latest=max((d for d in begun if EARLIEST <= d < day), default=day))
    # Not every command reads the settings, so the smallest limit ever used applies.
    within = min(within, before.within or within)
    before = before.model_copy(update={"within": within})
    after, trusted = before.after(day, timedelta(days=within))
    if after != known and day >= EARLIEST:
        with suppress(StoreError):
            files.replace_durably(path, as_json(after))
            files.neutralise_time(path)
    return Start(moment, after.latest, trusted)


def _read(path: Path, usual: SeenDays) -> SeenDays | None:
    """Read the record from a file; pydantic checks it unless its bytes are those of `usual`."""
    try:
        data = read_file(path, limit=_LONGEST)
    except StoreError:
        return None
    if data == as_json(usual):
        return usual
    from pydantic import ValidationError

    try:
        return SeenDays.model_validate_json(data)
    except ValidationError:
        return None


def expires(draft: Draft | LockedDraft) -> date:
    """The last day on which a draft is kept."""
    return _day(draft.expires)


def begun(draft: Draft | LockedDraft) -> date:
    """The day on which a draft was started, according to the clock at that time.

    For a draft that contains only a receipt, the earliest day on which it can have been started.
    """
    if has_no_start(draft):
        return max(expires(draft), EARLIEST) - _LONGEST_KEPT
    return _day(draft.begun)


def has_no_start(draft: Draft | LockedDraft) -> bool:
    """True if the last day replaces the start date, as in a draft with only a receipt."""
    return draft.begun == draft.expires and not draft.is_undated


def is_receipt(draft: Draft | LockedDraft) -> bool:
    """True if the response is stored, and the draft is kept only to show the receipt."""
    if isinstance(draft, LockedDraft):
        return draft.is_closing and has_no_start(draft)
    return draft.stored


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise StoreError(
            "The paused interview is damaged: its expiry date is missing or invalid.",
            hint="To delete the interview: microcred drafts delete",
        ) from None
