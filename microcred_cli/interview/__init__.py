"""Interviews: an immutable state, and a loop that asks through an `Asker`.

A *step* is one thing to ask: an item, a row of a matrix, a rank, or the text of an option. An
`Interview` is an interview at one moment; every move gives another. `run` asks one step after the
other through an `Asker`, and takes its *replies*: an answer, a move, a `Pause`, or the end, which
it returns as `Finished`. A `Screen` is an asker that sessions can also show other things on.
`script` has the asker that takes its answers from a file.

    finished = run(Interview.begin(load("mc_employers").questionnaire), asker)
"""

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
from microcred_cli.interview.state import Interview, Progress
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
    "Pause",
    "Progress",
    "Remark",
    "Reply",
    "Screen",
    "Speak",
    "Step",
    "run",
]
