"""`training_ground`: invented cases in a temporary folder, for practice."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.case import Case, Cases, LoggedContact, hour_of, new_id
from microcred_cli.cases.log import CaseLog
from microcred_cli.clock import zones
from microcred_cli.i18n import _
from microcred_cli.questionnaire.loading import STATE_VARIABLE
from microcred_cli.terminal.console import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from microcred_cli.cases.dispositions import Mode
    from microcred_cli.session.options import Choices

_FRESH: Final = 8
"""The number of invented cases without a contact."""


@contextmanager
def training_ground(choices: Choices, mode: Mode) -> Iterator[tuple[Choices, CaseLog]]:
    """Choices and a case log for a training session; all its files are deleted at the end."""
    before = os.environ.get(STATE_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="microcred-training-") as name:
        folder = Path(name)
        log = CaseLog(folder / "training-log.json")
        log.change(lambda _: Cases(synthetic=True, cases=_invented(mode)))
        os.environ[STATE_VARIABLE] = str(folder / "state")
        try:
            yield choices.having(training=True, responses=str(folder / "responses")), log
        finally:
            if before is None:
                del os.environ[STATE_VARIABLE]
            else:
                os.environ[STATE_VARIABLE] = before
    say(_("The training session is over. All its data have been deleted."))


def _invented(mode: Mode) -> tuple[Case, ...]:
    """Cases that show every reason for being due: an appointment, a retry and first contacts."""
    now = zones.now()
    nobody = "busy" if mode == "phone" else "nobody_there"
    earlier = [
        Case(label="TRAINING-01", contacts=(_contact("appointment", now, 26, _agreed(now)),)),
        Case(label="TRAINING-02", contacts=(_contact(nobody, now, 27),)),
    ]
    fresh = range(len(earlier) + 1, len(earlier) + 1 + _FRESH)
    return (*earlier, *(Case(label=f"TRAINING-{number:02}") for number in fresh))


def _contact(
    code: str, now: datetime, hours: int, appointment: Appointment | None = None
) -> LoggedContact:
    hour = hour_of(now - timedelta(hours=hours))
    return LoggedContact(id=new_id(), code=code, hour=hour, appointment=appointment)


def _agreed(now: datetime) -> Appointment:
    """An appointment at the last full hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    here = zones.wall_time(hour, None)
    return Appointment(
        day=f"{here:%Y-%m-%d}",
        time=f"{here:%H:%M}",
        timezone=zones.zone_of_this_machine(),
        utc=f"{hour:%Y-%m-%dT%H:%M}Z",
    )
