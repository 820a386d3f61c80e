"""How an interview moves: a pure state, and a loop that asks through an `Asker`."""

from microcred_cli.interview.loop import (
    Asker,
    Back,
    Close,
    Discard,
    Finished,
    Given,
    GoTo,
    HandIn,
    Pause,
    Remark,
    Reply,
    Speak,
    run,
)
from microcred_cli.interview.screen import Screen
from microcred_cli.interview.state import Interview, Mode, Progress
from microcred_cli.interview.steps import Step

__all__ = [
    "Asker",
    "Back",
    "Close",
    "Discard",
    "Finished",
    "Given",
    "GoTo",
    "HandIn",
    "Interview",
    "Mode",
    "Pause",
    "Progress",
    "Remark",
    "Reply",
    "Screen",
    "Speak",
    "Step",
    "run",
]
