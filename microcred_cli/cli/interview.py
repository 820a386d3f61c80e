"""An interview that an interviewer leads: the contact, the interview, and how the case stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.cli.respond import Beginning, lead_new
from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from microcred_cli.cli.wiring import Choices
    from microcred_cli.interview import Mode

MODES: dict[str, Mode] = {"phone": "phone", "in-person": "in_person"}


def lead_interview(choices: Choices, mode: str | None) -> int:
    """An interview on the phone or in person; the exit code."""
    if mode not in MODES:
        raise UsageError(
            "How the interview is led is not said."
            if mode is None
            else f"There is no mode {mode}.",
            where="--mode",
            mend="Say --mode phone or --mode in-person.",
        )
    return lead_new(choices, Beginning(mode=MODES[mode]))
