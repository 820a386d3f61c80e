"""The current time, and local dates and times in time zones."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_AREA_AND_CITY: Final = re.compile(r"[A-Z][A-Za-z_]*(?:/[A-Z][A-Za-z0-9_+-]*)+")
"""A zone name with a slash; names without one are abbreviations (CET) or deprecated (Portugal)."""


def now() -> datetime:
    """The current time by this machine's clock."""
    return datetime.now(UTC)


def today(zone: str | None = None) -> date:
    """The current date in a zone."""
    return wall_time(now(), zone).date()


@cache
def rules_of(zone: str) -> ZoneInfo:
    """The time zone with this name; raises ValueError if there is none."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError):  # the name of an area, such as Europe
        raise ValueError("not in the time zone database") from None


def is_area_and_city(zone: str) -> bool:
    """True if the zone is known and its name has the form Area/City."""
    if not _AREA_AND_CITY.fullmatch(zone):
        return False
    with suppress(ValueError):
        rules_of(zone)
        return True
    return False


def wall_time(moment: datetime, zone: str | None) -> datetime:
    """The local time in a zone at a moment, without a UTC offset."""
    there = moment.astimezone(rules_of(zone) if zone else None)
    return there.replace(tzinfo=None, fold=0)


def moments_of(wall: datetime, zone: str | None) -> tuple[datetime, ...]:
    """The moments that correspond to a wall time in a zone.

    A wall time in the hour that is skipped when summer time begins has no moment. A wall time in
    the hour that is repeated when summer time ends has two moments; the earlier one is first.
    """
    rules = rules_of(zone) if zone else None
    found = []
    for fold in (0, 1):
        moment = wall.replace(tzinfo=rules, fold=fold).astimezone(UTC)
        if wall_time(moment, zone) == wall and moment not in found:
            found.append(moment)
    return tuple(found)


def zone_of_this_machine() -> str | None:
    """The IANA name of this machine's time zone; None if it cannot be determined."""
    with suppress(LookupError, ValueError, OSError):  # the environment variable TZ can be invalid
        from babel.localtime import get_localzone

        name = getattr(get_localzone(), "key", None)
        return name if isinstance(name, str) else None
    return None
