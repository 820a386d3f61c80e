"""The numbers of questions and answers: on the screen, and on a paper questionnaire.

On the screen, a question has the same number in the header, the outline and the review. On paper,
questions are numbered in definition order, and the numbers are the same in all languages.
"""

from __future__ import annotations

from itertools import groupby
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import letter
from microcred_cli.questionnaire.models import Matrix, allowed_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interview.state import Interview
    from microcred_cli.interview.steps import Step
    from microcred_cli.questionnaire.models import Item, Questionnaire


LEFT_EMPTY: Final = "-"
"""The printed code for an item that was left empty on paper."""


def printed_numbers(questionnaire: Questionnaire) -> dict[str, int]:
    """The number of each item on a paper questionnaire, by its id."""
    return {item.id: number for number, item in enumerate(questionnaire.items, 1)}


def printed_codes(questionnaire: Questionnaire, item: Item) -> dict[str, str]:
    """The printed code of each option and reserved code of an item.

    Options are numbered in definition order; if all of their codes are numbers, the codes are
    printed instead. Reserved codes have letters that depend on the current language.
    """
    codes = [option.code for option in questionnaire.options(item)]
    is_numeric = all(code.isascii() and code.isdecimal() for code in codes)
    printed = codes if is_numeric else map(str, range(1, len(codes) + 1))
    return {
        **dict(zip(codes, printed, strict=True)),
        **{code: letter(code) for code in allowed_missing(item)},
    }


def question_numbers(interview: Interview) -> dict[str, str]:
    """The number of each step on the route, by its key.

    Items have the same numbers as in `Interview.progress` (such as 8). For the rows of a matrix,
    the row number is added (23.1); for the text of an option, a letter (8.a). All ranks of a
    ranking have the number of the ranking. When answers are entered from paper, items have the
    printed numbers.
    """
    printed = printed_numbers(interview.questionnaire) if interview.on_paper else {}
    numbers: dict[str, str] = {}
    grouped = groupby(interview.steps, key=lambda step: step.item.id)
    for place, (item_id, group) in enumerate(grouped, 1):
        steps, number = list(group), printed.get(item_id, place)
        for step, part in zip(steps, _parts(steps), strict=True):
            numbers[step.key] = f"{number}{part}"
    return numbers


def question_number(interview: Interview) -> str:
    """The number of the current step, as in `question_numbers`; at the end, of the last step."""
    step, number = interview.step, interview.progress.number
    if step is None:
        return str(number)
    if interview.on_paper:
        number = printed_numbers(interview.questionnaire)[step.item.id]
    steps = list(interview.steps_of(step))
    parts = dict(zip((each.key for each in steps), _parts(steps), strict=True))
    return f"{number}{parts[step.key]}"


def _parts(steps: list[Step]) -> Iterator[str]:
    letters = iter(ascii_lowercase)
    for step in steps:
        if isinstance(step.item, Matrix):
            yield f".{step.number}"
        elif step.specifies:
            yield f".{next(letters, '')}"
        else:
            yield ""
