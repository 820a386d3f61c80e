"""Instructions to the interviewer for reading a question aloud, and the keys that answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, _, joined, letter
from microcred_cli.questionnaire.models import Integer, Matrix, Multiple, Ranking, Single

if TYPE_CHECKING:
    from microcred_cli.interview import Step
    from microcred_cli.questionnaire.models import Option

MOST_READ = 10
"""The maximum length of a list that is read out; in longer lists, the interviewer marks the options
that are mentioned."""

READ_OUT = N_("Read out:")
NOT_READ_OUT = N_("Do not read out:")


def is_yes_no(step: Step) -> bool:
    """True if the answers are only yes and no, which need not be read out."""
    return isinstance(step.item, Single) and [o.code for o in step.options] == ["yes", "no"]


def are_options_read(step: Step, *, searches: bool, again: bool = False) -> bool:
    """True if the options of this step are read out with the question.

    The scale of a matrix and the list of a ranking are read out only once, so not if the item is
    asked `again`, directly after another of its rows or ranks.
    """
    item = step.item
    if searches or step.asks in ("number", "text") or is_yes_no(step):
        return False
    if isinstance(item, Matrix | Ranking):
        return not again
    if isinstance(item, Multiple) and step.at_most is not None:
        return item.read_out and len(step.options) <= MOST_READ
    return isinstance(item, Single | Multiple) and item.read_out


def is_read_one_by_one(step: Step) -> bool:
    """True if the options of this step are read out one by one, each answered with yes or no.

    False if the number of choices is limited, because respondents could reach the limit before
    hearing every option.
    """
    return (
        isinstance(step.item, Multiple)
        and step.asks == "some"
        and step.item.read_out
        and step.at_most is None
        and len(step.options) <= MOST_READ
    )


def options_read(step: Step) -> tuple[Option, ...]:
    """The options read one by one: all except the exclusive ones."""
    return tuple(option for option in step.options if not option.exclusive)


def closing_options(step: Step) -> tuple[Option, ...]:
    """The exclusive options, which are offered if every other option was answered with no."""
    return tuple(option for option in step.options if option.exclusive)


def time_so_far(seconds: float) -> str:
    """The duration of the interview so far, in words."""
    minutes = int(seconds // 60)
    return _("just started") if minutes < 1 else _("{minutes} min so far").format(minutes=minutes)


def all_no(step: Step) -> str:
    """The instruction shown if every option was answered with no."""
    if closing_options(step):
        return _("Every answer was no. Read out the remaining options.")
    return _(
        "Every answer was no. Ask whether the respondent does not know or prefers not to answer."
    )


def instruction(step: Step, *, searches: bool, again: bool = False) -> str:
    """Instructions for asking this step, including the keys that answer it."""
    parts = reading(step, searches=searches, again=again), _keying(step, searches=searches)
    return f"{joined(parts)}."


def reading(step: Step, *, searches: bool, again: bool = False) -> str:
    """Instructions for reading this step aloud; `again` as in `are_options_read`."""
    item = step.item
    if step.asks == "text":
        return _("Write down the answer word for word")
    if isinstance(item, Integer):
        return _("A number from {minimum} to {maximum}").format(
            minimum=item.written(item.minimum), maximum=item.written(item.maximum)
        )
    if isinstance(item, Matrix):
        return _("Read the row") if again else _("Read the question, the row and the scale")
    if isinstance(item, Ranking):
        return _("Ask what comes next") if again else _("Read the list out")
    if searches or not getattr(item, "read_out", True):
        return _("Do not read the list out")
    if is_yes_no(step):
        return _("Wait for a clear yes or no")
    if isinstance(item, Multiple):
        return _reading_several(step)
    if isinstance(item, Single) and item.measure == "ordinal":
        return _("Read out the scale")
    return _("Read out the answer options")


def _reading_several(step: Step) -> str:
    if is_read_one_by_one(step):
        return _("Read one by one, until nothing else applies")
    if step.at_most is None:
        return _("Read the list out slowly")
    return (
        _("Read the list out") if len(step.options) <= MOST_READ else _("Read it out only if asked")
    )


def _keying(step: Step, *, searches: bool) -> str:
    if step.asks == "text" or isinstance(step.item, Integer):
        return _("then Enter")
    if isinstance(step.item, Ranking):
        return (
            _("press the number of the first choice") if step.number == 1 else _("press its number")
        )
    if searches and step.asks == "some":
        return _(
            "type part of an answer and press Enter to mark it; press Enter on an empty line "
            "when done"
        )
    if searches:
        return _("type part of the answer, then press Enter")
    if is_yes_no(step):
        return _("press {yes} or {no}").format(yes=letter("yes"), no=letter("no"))
    if is_read_one_by_one(step):
        keys = _("{yes} yes, {no} no, then Enter")
        return keys.format(yes=letter("yes"), no=letter("no"))
    if step.asks == "some":
        if step.at_most is None:
            return _("press the key of each option mentioned, then Enter")
        keys = _("press the key of each option mentioned (at most {most}), then Enter")
        return keys.format(most=step.at_most)
    if isinstance(step.item, Single) and step.item.measure != "ordinal":
        return _("press the number of the answer")
    return _("press the number given")
