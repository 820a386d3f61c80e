"""Whether a record agrees with its questionnaire: complete, valid, and on its route.

It says what the JSON Schema of a response says (see `schema`), and the order of keys and codes
besides. It speaks of items and never quotes a content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.conditions import holds, names_in
from microcred_cli.questionnaire.models import (
    Choice,
    Integer,
    Matrix,
    Multiple,
    Ranking,
    Single,
    allowed_missing,
)
from microcred_cli.questionnaire.values import DETACHED, NOT_ASKED, NOT_REACHED
from microcred_cli.records.recoding import most_ranks, stored_codes, stored_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from microcred_cli.questionnaire.models import Condition, Item, Questionnaire
    from microcred_cli.questionnaire.values import Answer

_MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """What is wrong with a record, and at which item; no item if it concerns the whole."""

    item: str | None
    reason: str


def faults(
    questionnaire: Questionnaire, answers: Mapping[str, object], status: str
) -> list[Inconsistency]:
    """What is wrong with the answers of a record; nothing if they agree with the questionnaire.

    Args:
        questionnaire: that of the stored records (`recoding.stored`), or with full detail the
            source.
        answers: as the record has them: codes, numbers, lists, objects.
        status: `complete` or `partial`.
    """
    ids = [item.id for item in questionnaire.items]
    if set(answers) != set(ids):
        return [
            *(
                Inconsistency(item_id, "It is missing.")
                for item_id in ids
                if item_id not in answers
            ),
            *([Inconsistency(None, "It has an unknown item.")] if set(answers) - set(ids) else []),
        ]
    found = [] if list(answers) == ids else [Inconsistency(None, "The items are out of order.")]
    for item in questionnaire.items:
        reason = _wrong_value(questionnaire, item, answers[item.id])
        if reason:
            found.append(Inconsistency(item.id, reason))
    return found or [
        *_off_route(questionnaire, answers),
        *_wrong_end(questionnaire, answers, status),
    ]


class Agreement:
    """Whether records agree with one questionnaire: `faults` made ready for very many of them.

    It says only that a record has no fault, by what it saw before; the faults are for `faults`.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._ids = [item.id for item in questionnaire.items]
        self._values = [_Values(questionnaire, item) for item in questionnaire.items]
        self._matrices = [i.id for i in questionnaire.items if isinstance(i, Matrix)]
        self._deciding = _deciding(questionnaire)
        self._routes: dict[tuple[object, ...], tuple[bool | None, ...]] = {}

    def holds(self, answers: Mapping[str, object], status: str) -> bool:
        """Whether a record has no fault; arguments as in `faults`."""
        return (
            list(answers) == self._ids
            and all(self._value_holds(place, value) for place, value in enumerate(answers.values()))
            and self._route_holds(answers, status)
        )

    def _value_holds(self, place: int, value: object) -> bool:
        """Whether an answer is one that the item at that place (from nought) can have."""
        values = self._values[place]
        if isinstance(value, str):
            return value in values.codes
        try:
            return values.take(value)
        except TypeError:  # something that cannot be a code stands where codes do
            return False

    def _route_holds(self, answers: Mapping[str, object], status: str) -> bool:
        """Whether all answers, each of which its item can have, stand on one route."""
        asked = self._asked(answers)
        if status != "complete":
            return self._follows(asked, answers) and not _wrong_end(
                self._questionnaire, answers, status
            )
        given = answers.values()
        return (
            tuple([value != NOT_ASKED for value in given]) == asked
            and NOT_REACHED not in given
            and not any(is_unreached(answers[matrix]) for matrix in self._matrices)
        )

    def _asked(self, answers: Mapping[str, object]) -> tuple[bool | None, ...]:
        """Whether each item is asked, by the answers that decide it."""
        key = tuple([hashable(answers[item]) for item in self._deciding])
        asked = self._routes.get(key)
        if asked is None:
            decided = {item_id: as_decided(value) for item_id, value in answers.items()}
            asked = tuple(
                holds(item.asked_if, decided, self._questionnaire)
                for item in self._questionnaire.items
            )
            if len(self._routes) >= _MOST_KEPT:
                self._routes.clear()
            self._routes[key] = asked
        return asked

    @staticmethod
    def _follows(asked: tuple[bool | None, ...], answers: Mapping[str, object]) -> bool:
        return all(
            value == NOT_REACHED if is_asked is None else (value != NOT_ASKED) is is_asked
            for is_asked, value in zip(asked, answers.values(), strict=True)
        )


class _Values:
    """What one item can have."""

    def __init__(self, questionnaire: Questionnaire, item: Item) -> None:
        codes: tuple[str, ...] = ()
        if isinstance(item, Single):
            codes = stored_codes(questionnaire, item)
        elif not isinstance(item, Matrix | Multiple | Ranking | Integer):
            codes = (DETACHED,)
        self.codes = frozenset((*stored_missing(item), NOT_ASKED, NOT_REACHED, *codes))
        self._lists: set[tuple[object, ...]] = set()
        self._wrong: Callable[[object], str | None] = lambda value: _wrong_value(
            questionnaire, item, value
        )
        self._rows = [row.code for row in item.rows] if isinstance(item, Matrix) else None
        self._in_rows = frozenset(
            (*stored_codes(questionnaire, item), *allowed_missing(item))
            if isinstance(item, Matrix)
            else ()
        )

    def take(self, value: object) -> bool:
        """Whether it is right, where it is no code alone."""
        if isinstance(value, dict):
            if list(value) == self._rows and self._in_rows.issuperset(value.values()):
                return True
            return self._wrong(value) is None
        if not isinstance(value, list | tuple):
            return self._wrong(value) is None
        codes = tuple(value)
        if codes in self._lists:
            return True
        if self._wrong(value) is not None:
            return False
        if len(self._lists) < _MOST_KEPT:
            self._lists.add(codes)
        return True


def _deciding(questionnaire: Questionnaire) -> list[str]:
    """The items on whose answers any route hangs."""
    named: set[str] = set()
    left = [item.asked_if for item in questionnaire.items]
    while left:
        for name in set(names_in(left.pop())) - named:
            named.add(name)
            left += _conditions_of(questionnaire, name)
    return [item.id for item in questionnaire.items if item.id in named]


def _conditions_of(questionnaire: Questionnaire, name: str) -> list[Condition | None]:
    variable = questionnaire.computed_by_id.get(name)
    return [category.when for category in variable.categories] if variable else []


def hashable(value: object) -> object:
    """A stored answer as a key."""
    if isinstance(value, dict):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value


# -- one answer ----------------------------------------------------------------------------------


def _wrong_value(questionnaire: Questionnaire, item: Item, value: object) -> str | None:
    if isinstance(value, str) and value in (*stored_missing(item), NOT_ASKED, NOT_REACHED):
        return None
    if isinstance(item, Integer):
        return _wrong_number(item, value)
    if isinstance(item, Matrix):
        return _wrong_rows(questionnaire, item, value)
    if isinstance(item, Multiple | Ranking):
        return _wrong_list(questionnaire, item, value)
    if isinstance(item, Single):
        codes = stored_codes(questionnaire, item)
        return None if isinstance(value, str) and value in codes else "It has an unknown code."
    return (
        None if value == DETACHED else "An open item is stored as “detached”, whatever was typed."
    )


def _wrong_number(item: Integer, value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None if item.minimum <= value <= item.maximum else "It is outside the limits."
    return "It is no whole number."


def _wrong_rows(questionnaire: Questionnaire, item: Matrix, value: object) -> str | None:
    if not isinstance(value, dict):
        return "It is no object of rows."
    if list(value) != [row.code for row in item.rows]:
        return "Its rows are not those of the definition, in that order."
    possible = (*stored_codes(questionnaire, item), *allowed_missing(item), NOT_REACHED)
    if any(code not in possible for code in value.values()):
        return "A row has an unknown code."
    if all(code == NOT_REACHED for code in value.values()):
        return "No row was reached: then the whole item was not."
    return None


def _wrong_list(
    questionnaire: Questionnaire, item: Multiple | Ranking, value: object
) -> str | None:
    if not isinstance(value, list | tuple):
        return "It is no list of codes."
    possible = stored_codes(questionnaire, item)
    if not value or any(code not in possible for code in value):
        return "Its list is empty or has an unknown code."
    if len(set(value)) < len(value):
        return "A code stands there twice."
    if isinstance(item, Ranking):
        most = most_ranks(questionnaire, item)
        return None if len(value) <= most else "Too many are ranked."
    alone = [option.code for option in questionnaire.options(item) if option.exclusive]
    if len(value) > 1 and not set(value).isdisjoint(alone):
        return "An exclusive code stands beside another."
    if item.at_most is not None and len(value) > item.at_most:
        return "It has too many codes."
    if list(value) != [code for code in possible if code in value]:
        return "Its codes are not in the order of the definition."
    return None


# -- the route and its end -----------------------------------------------------------------------


def _off_route(questionnaire: Questionnaire, answers: Mapping[str, object]) -> list[Inconsistency]:
    found = []
    decided = {item_id: as_decided(value) for item_id, value in answers.items()}
    for item in questionnaire.items:
        value = answers[item.id]
        asked = holds(item.asked_if, decided, questionnaire)
        if asked is None and value != NOT_REACHED:
            found.append(Inconsistency(item.id, "Nothing decides yet whether it is asked."))
        elif asked is False and value != NOT_ASKED:
            found.append(Inconsistency(item.id, "The route does not ask it."))
        elif asked and value == NOT_ASKED:
            found.append(Inconsistency(item.id, "The route asks it."))
    return found


def as_decided(value: object) -> Answer:
    """A checked answer as a condition reads it; one that is not whole decides nothing."""
    if isinstance(value, dict):
        return NOT_REACHED if is_unreached(value) else value
    if isinstance(value, list | tuple):
        return tuple(value)
    assert isinstance(value, str | int)
    return value


def is_unreached(value: object) -> bool:
    """Whether an item, or a row of it, was not reached."""
    return NOT_REACHED in value.values() if isinstance(value, dict) else value == NOT_REACHED


def _wrong_end(
    questionnaire: Questionnaire, answers: Mapping[str, object], status: str
) -> list[Inconsistency]:
    if status == "complete":
        return [
            Inconsistency(item_id, "It was not reached in a complete interview.")
            for item_id, value in answers.items()
            if is_unreached(value)
        ]
    found = []
    behind = False
    for item_id, value in answers.items():
        if behind and value not in (NOT_ASKED, NOT_REACHED):
            found.append(Inconsistency(item_id, "It stands behind what was not reached."))
        behind = behind or is_unreached(value)
    if not any(
        answers[item.id] not in (NOT_ASKED, NOT_REACHED)
        for section in questionnaire.sections
        if section.makes_partial
        for item in section.items
    ):
        found.append(Inconsistency(None, "Too little was answered to hand it in."))
    if not _is_unfinished(questionnaire, answers):
        found.append(Inconsistency(None, "Everything was answered, so it is not partial."))
    return found


def _is_unfinished(questionnaire: Questionnaire, answers: Mapping[str, object]) -> bool:
    """Whether a step of the last item asked can have been open."""
    asked: Sequence[Item] = [i for i in questionnaire.items if answers[i.id] != NOT_ASKED]
    if not asked:
        return False
    last, value = asked[-1], answers[asked[-1].id]
    if is_unreached(value):
        return True
    if isinstance(last, Ranking):
        return isinstance(value, list | tuple) and len(value) < most_ranks(questionnaire, last)
    codes = value if isinstance(value, list | tuple) else (value,)
    return isinstance(last, Choice) and any(
        option.specify for option in questionnaire.options(last) if option.code in codes
    )
