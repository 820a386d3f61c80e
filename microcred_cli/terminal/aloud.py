"""What an interviewer is told about a question: how it is read out, and how it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.questionnaire.models import Integer, Matrix, Multiple, Ranking, Single

if TYPE_CHECKING:
    from microcred_cli.interview import Step
    from microcred_cli.questionnaire.models import Option

MOST_READ = 10
"""The most options that are read one by one; of a longer list, what is named is marked."""

NOT_READ_OUT = "Not read out:"
ALL_NO = "Every answer was no. Ask once more, and read out what is left."
YES, NO = "y", "n"
"""The keys for an option that is read out."""


def is_read_one_by_one(step: Step) -> bool:
    """Whether each option of this step is read out and answered with yes or no."""
    return (
        isinstance(step.item, Multiple) and step.asks == "some" and len(step.options) <= MOST_READ
    )


def options_read(step: Step) -> tuple[Option, ...]:
    """The options that are read one by one: not those that stand alone, which close the list."""
    return tuple(option for option in step.options if not option.exclusive)


def closing_options(step: Step) -> tuple[Option, ...]:
    """The options that are offered when everything read was answered with no."""
    return tuple(option for option in step.options if option.exclusive)


def instruction(step: Step, *, searches: bool) -> str:
    """How to ask this step, in a sentence or two; nothing of it is read out."""
    item = step.item
    if step.asks == "text":
        return "Write down what is said, word for word; then Enter."
    if isinstance(item, Integer):
        return f"Type the number, from {item.minimum} to {item.maximum}; then Enter."
    if isinstance(item, Matrix):
        row = "Read the question, the row and the scale" if step.number == 1 else "Read the row"
        return f"{row}; press the number that is said."
    if isinstance(item, Ranking):
        if step.number == 1:
            return "Read the list out; press the number of what comes first."
        return "Ask what comes next; press its number."
    if searches and isinstance(item, Single):
        return "Do not read the list out. Type letters of any word in it; then Enter."
    if searches:
        return "Do not read the list out. Type letters of a word, Space marks it; Enter when done."
    if isinstance(item, Multiple):
        return _several(step)
    if isinstance(item, Single) and item.measure == "ordinal":
        return "Read the scale out; press the number that is said."
    return "Read the answers out; press the number of the one that is chosen."


def _several(step: Step) -> str:
    most = f" At most {step.at_most}." if step.at_most else ""
    if is_read_one_by_one(step):
        return f"Read one by one: y yes, n no. Enter when nothing more applies.{most}"
    return (
        f"Read the list out only if asked. Press the key of each that is named; then Enter.{most}"
    )
