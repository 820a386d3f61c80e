"""Interviews: an immutable state, and a loop that asks the questions through an `Asker`.

A *step* asks for one thing: an item, a row of a matrix, a rank, or the text of an option. An
`Interview` is the state of an interview at one moment; every move returns a new `Interview`. `run`
asks the steps in order through an `Asker`, which returns *replies*: an answer, a move, a `Pause`,
or the end. At the end of the interview, `run` returns `Finished`. A `Screen` is an asker on which
sessions can also show other pages. `script` contains the asker that takes its answers from a file.

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
    TakeBack,
    run,
)
from microcred_cli.interview.numbering import question_number, question_numbers
from microcred_cli.interview.screen import ContactPage, Screen
from microcred_cli.interview.state import Interview, Progress
from microcred_cli.interview.steps import Step

__all__ = [
    "Asker",
    "Back",
    "Close",
    "ContactPage",
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
    "TakeBack",
    "question_number",
    "question_numbers",
    "run",
]
