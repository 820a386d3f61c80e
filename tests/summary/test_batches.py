"""Two summaries of one folder: the batches and withdrawals that let them prove an answer.

Everything is enumerated: every first data set, all people who joined and left in between, and the
output for both. The attacker knows all of that, the numbers of all responses, of those who joined
and of those who left, and up to three of those who joined. A fact is certain if it holds in all
courses of events with the same output.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import pytest

from microcred_cli.store.batches import SMALLEST_BATCH, STEP, batch_of
from tests.summary.attack import Crowds, Printer, Shape, compositions, shaped

if TYPE_CHECKING:
    from collections.abc import Iterable

Certain = set[str]
Span = range
"""The number of people who gave an answer among those who joined, or those who left."""

INSIDERS = 3


@cache
def _printed(answers: int, total: int) -> dict[str, list[tuple[int, ...]]]:
    """All data sets of a number of people, by their output."""
    shape = Shape(answers)
    crowds, printer = Crowds(shape), Printer(shaped(shape))
    found = defaultdict(list)
    for table in compositions(total, answers):
        found[printer(crowds.counts(table))].append(table)
    return dict(found)


def _spans(
    before: tuple[int, ...], after: tuple[int, ...], came: int, left: int
) -> Iterable[tuple[int, Span, Span]]:
    """For each answer, how many of those who joined or left can have given it."""
    steps = [late - early for early, late in zip(before, after, strict=True)]
    spare = came - sum(max(0, step) for step in steps)
    if spare < 0:
        return
    # Somebody who joins with the answer of somebody who leaves changes nothing.
    room = [early - max(0, -step) for early, step in zip(before, steps, strict=True)]
    if min(room) < 0 or sum(room) < spare:
        return
    for place, step in enumerate(steps):
        fewest = max(0, spare - (sum(room) - room[place]))
        more = Span(fewest, min(spare, room[place]) + 1)
        came_with = Span(max(0, step) + more.start, max(0, step) + more.stop)
        left_with = Span(max(0, -step) + more.start, max(0, -step) + more.stop)
        yield place, came_with, left_with


def certain(answers: int, total: int, came: int, left: int, gone: int | None = None) -> Certain:
    """The answers proved by two summaries, if `came` people joined in between and `left` left.

    Args:
        answers: the number of answers to the question.
        total: the number of responses in the first summary.
        came: the number of people who joined in between.
        left: the number of people in the first summary who are not in the second.
        gone: how many of these are known to have withdrawn; the others were drawn at random.
    """
    gone = left if gone is None else gone
    found: Certain = set()
    earlier, later = _printed(answers, total), _printed(answers, total - left + came)
    for tables, others in product(earlier.values(), later.values()):
        newcomers: dict[int, set[int]] = defaultdict(set)
        leavers: dict[int, set[int]] = defaultdict(set)
        for before, after in product(tables, others):
            for place, came_with, left_with in _spans(before, after, came, left):
                newcomers[place].update(came_with)
                for number in left_with:
                    leavers[place].update(
                        range(max(0, number - (left - gone)), min(gone, number) + 1)
                    )
        for place, numbers in newcomers.items():
            found |= _certain_of(numbers, came)
            if gone and leavers[place] == {gone}:
                found.add("who left")
    return found


def _certain_of(numbers: set[int], came: int) -> Certain:
    """Whether it is certain that all who joined gave an answer, given the possible numbers.

    Some of those who joined can be certain because they know their own answers.
    """
    found: Certain = set()
    for known in range(INSIDERS + 1):
        for with_it in range(known + 1):
            others = {n - with_it for n in numbers} & {*range(came - known + 1)}
            if others == {came - known}:
                found.add(f"who came, to {known} of them")
    return found


BATCHES = sorted({batch_of(waiting) for waiting in range(10, 22)})


def test_ten_fifteen_and_twenty_are_taken_of_ten_to_twenty_one() -> None:
    assert BATCHES == [10, 15, 20]
    assert SMALLEST_BATCH % STEP == 0


@pytest.mark.parametrize("total", [20, 25, 30])
@pytest.mark.parametrize("came", BATCHES)
@pytest.mark.parametrize(("left", "gone"), [(0, 0), *((5, gone) for gone in range(1, 6))])
def test_no_answer_is_certain_between_two_summaries(
    total: int, came: int, left: int, gone: int
) -> None:
    """The number of those who left is a multiple of five: some withdrew, the others were drawn."""
    assert certain(2, total, came, left, gone) == set()


@pytest.mark.parametrize(("came", "left"), [(10, 0), (15, 0), (10, 5)])
def test_nor_where_a_question_has_three_answers(came: int, left: int) -> None:
    assert certain(3, 20, came, left) == set()


@pytest.mark.parametrize("came", [n for n in range(10, 22) if n % 5])
def test_any_other_batch_is_caught(came: int) -> None:
    """With 11, 16 and 21, even an outsider is certain; with 12 to 14, one to three insiders are."""
    found = certain(2, 25, came, 0)
    fewest = (came - 1) % 5
    assert f"who came, to {fewest} of them" in found
    assert not any(f"to {known} of" in each for each in found for known in range(fewest))


@pytest.mark.parametrize("gone", [1, 2, 3, 4, 6])
def test_withdrawals_alone_are_caught(gone: int) -> None:
    """If nobody goes back to waiting, the answer of one person who withdrew is certain."""
    found = certain(2, 30, 10, gone)
    assert any(each.startswith("who came") for each in found)
    assert ("who left" in found) is (gone % 5 == 1)


@pytest.mark.parametrize("total", [21, 22, 23, 24])
def test_a_number_that_is_no_multiple_of_five_is_caught(total: int) -> None:
    """This would happen later if a withdrawal were not compensated."""
    assert "who came, to 1 of them" in certain(2, total, 10, 0)


@pytest.mark.parametrize("gone", range(INSIDERS + 1))
def test_summaries_that_do_not_follow_each_other_tell_no_more(gone: int) -> None:
    """Two batches of ten, and some of the first ones withdrew before the second batch.

    Some of those who left between the second and the third summary were drawn at random: nobody
    knows whether from the first ten or from those before.
    """
    drawn = -gone % STEP
    total, came = 25, 20
    newcomers: dict[tuple[str, str], set[int]] = defaultdict(set)
    most: dict[tuple[str, str], int] = defaultdict(int)
    for of_before in range(drawn + 1):
        left = of_before
        stay = came - gone - (drawn - of_before)
        later = _printed(2, total - left + stay)
        for (one, tables), (two, others) in product(_printed(2, total).items(), later.items()):
            for before, after in product(tables, others):
                for place, came_with, _ in _spans(before, after, stay, left):
                    if place == 0:
                        # Those who were drawn at random also joined, and can have given any answer.
                        newcomers[one, two].update(
                            range(came_with.start, came_with.stop + drawn - of_before)
                        )
                        most[one, two] = max(most[one, two], stay + drawn - of_before)
    for seen, numbers in newcomers.items():
        assert len(numbers) > 1 or not numbers & {0, most[seen]}, seen
