"""The numbers of questions, which are the same in the header, the outline and the review."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.models import Matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interview.state import Interview
    from microcred_cli.interview.steps import Step


def question_numbers(interview: Interview) -> dict[str, str]:
    """The number of each step on the route, by its key.

    Items are numbered as in `Interview.progress`, for example 8. Rows of a matrix add their
    position (23.1), and texts of options add a letter (8.a). All ranks of a ranking share its
    number.
    """
    items = list(dict.fromkeys(step.item.id for step in interview.steps))
    numbers: dict[str, str] = {}
    for number, item_id in enumerate(items, 1):
        steps = [step for step in interview.steps if step.item.id == item_id]
        for step, part in zip(steps, _parts(steps), strict=True):
            numbers[step.key] = f"{number}{part}"
    return numbers


def _parts(steps: list[Step]) -> Iterator[str]:
    letters = iter(ascii_lowercase)
    for step in steps:
        if isinstance(step.item, Matrix):
            yield f".{step.number}"
        elif step.specifies:
            yield f".{next(letters, '')}"
        else:
            yield ""
