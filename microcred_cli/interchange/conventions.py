"""The conventions of the readable questionnaire, stated before its first question.

Only the conventions that the questionnaire uses are stated.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import N_, _, labelled, quoted
from microcred_cli.interview.numbering import printed_numbers
from microcred_cli.questionnaire.models import Choice, Matrix, allowed_missing
from microcred_cli.questionnaire.values import MISSING_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from microcred_cli.questionnaire.models import Item, Option, Questionnaire

ALONE: Final = N_("only this one")
INSERTED: Final = N_("Words inserted in questions")

_RUN = 3
"""At least this many consecutive numbers are written as a range."""


def conventions(shown: Questionnaire) -> Iterator[str]:
    """The meaning of brackets, marks and random orders, and the questions that can be skipped."""
    yield _("How to read the questions").upper()
    yield _("The codes of questions and answers are in brackets.")
    options = [option for item in shown.items for option in shown.options(item)]
    yield from _marks(options)
    if any(map(_is_shuffled, shown.items)):
        yield _("A random order varies from respondent to respondent.")
    if shown.phrases:
        named = _("Names in braces stand for the words listed under {heading}.")
        yield named.format(heading=quoted(_(INSERTED)))
    yield from _skipping(shown)


def sources(shown: Questionnaire) -> Iterator[str]:
    """The lists of answers that state a source, with the source and the questions that use them."""
    for each in shown.lists:
        used = ", ".join(
            item.id
            for item in shown.items
            if isinstance(item, Choice) and item.options_from == each.id
        )
        if each.source and used:
            yield f"- {labelled(f'{each.label} ({used})', each.source)}"


def _marks(options: Iterable[Option]) -> Iterator[str]:
    if any(option.exclusive for option in options):
        marked = _("{words} marks an answer that cannot be combined with others.")
        yield marked.format(words=quoted(_(ALONE)))
    if any(option.specify for option in options):
        yield _(
            "If a question follows an answer, respondents who choose this answer are also "
            "asked for a text."
        )


def _is_shuffled(item: Item) -> bool:
    if isinstance(item, Matrix) and item.rows_order == "shuffled":
        return True
    return isinstance(item, Choice) and item.order == "shuffled"


def _skipping(shown: Questionnaire) -> Iterator[str]:
    """The questions that must be answered, can be left empty, or accept a refusal."""
    numbers = printed_numbers(shown)
    ways = (
        (_("Questions that must be answered: {numbers}"), _must_be_answered),
        (_("Questions that can be left empty: {numbers}"), _can_be_empty),
        (_("Questions that accept {answer}: {numbers}"), _can_be_refused),
    )
    label = MISSING_LABELS["pna"]  # Some versions of Babel extract strings within the brackets.
    refusal = quoted(_(label))
    for words, is_so in ways:
        found = _ranges(numbers[item.id] for item in shown.items if is_so(item))
        if found:
            yield words.format(numbers=found, answer=refusal)


def _must_be_answered(item: Item) -> bool:
    return item.required == "hard"


def _can_be_empty(item: Item) -> bool:
    return item.required == "optional"


def _can_be_refused(item: Item) -> bool:
    return "pna" in allowed_missing(item)


def _ranges(numbers: Iterable[int]) -> str:
    """Ascending numbers with three or more consecutive ones as ranges, such as "1–3, 7"."""
    found: list[str] = []
    for _difference, pairs in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [str(number) for _place, number in pairs]
        found += [f"{run[0]}–{run[-1]}"] if len(run) >= _RUN else run
    return ", ".join(found)
