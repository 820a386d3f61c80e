"""Validation of responses: the answers must be complete, possible, and on a single route.

Validation accepts the same responses as the JSON Schema (see `schema`), and also checks the order
of keys and codes. A fault names an item but never quotes an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.questionnaire.conditions import atoms_in, codes_of, holds
from microcred_cli.questionnaire.models import (
    Choice,
    Integer,
    Matrix,
    Multiple,
    Open,
    Ranking,
    Single,
)
from microcred_cli.questionnaire.values import (
    DETACHED,
    LONGEST_REMARK,
    NOT_ASKED,
    NOT_REACHED,
    REMARK,
)
from microcred_cli.records.recoding import most_ranks, row_missing, stored_codes, stored_missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.questionnaire.values import Answer

_MOST_KEPT = 20_000
"""The maximum number of routes that are remembered."""

Fault = tuple[str | None, str]
"""The id of an item (None for the whole response), and a description of the fault."""


class Agreement:
    """Validates responses to one questionnaire, remembering routes.

    The questionnaire is the stored one (`recoding.stored`) or, with full detail, the source.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        items = questionnaire.items
        self.ids = [item.id for item in items]
        """The ids of the items, in order."""
        self.rows = [[row.code for row in i.rows] if isinstance(i, Matrix) else [] for i in items]
        """The codes of the rows of each item, in order."""
        tests = _tests_of(questionnaire)
        self._domains = [_Domain(questionnaire, item, tests.get(item.id, ())) for item in items]
        conditions = {item.asked_if: None for item in items}
        self._conditions = [*conditions]
        places = {condition: place for place, condition in enumerate(conditions)}
        self._places = [places[item.asked_if] for item in items]
        self._on_route: dict[tuple[object, ...], bool] = {}

    def mark(self, number: int, value: object) -> int | None:
        """The mark of an answer to the item with this number; None if the answer has a fault.

        Answers to an item have the same mark if the rules on routes treat them alike: both pass the
        same tests in conditions, and both are asked and reached, or neither is.
        """
        return self._domains[number].mark(value)

    def is_on_route(self, answers: Mapping[str, object], status: str, marks: Sequence[int]) -> bool:
        """True if answers with these marks, which have no faults, are those of a single route."""
        is_unfinished = status != "complete" and _is_unfinished(self._questionnaire, answers)
        key = (status, is_unfinished, *marks)
        is_on_route = self._on_route.get(key)
        if is_on_route is None:
            is_on_route = not any(self._route_faults(answers, status))
            if len(self._on_route) >= _MOST_KEPT:
                self._on_route.clear()
            self._on_route[key] = is_on_route
        return is_on_route

    def faults(self, answers: Mapping[str, object], status: str) -> list[Fault]:
        """Find all faults in a response; empty if the response is valid."""
        found: list[Fault] = [(i, "The answer is missing.") for i in self.ids if i not in answers]
        if answers.keys() - self.ids:
            found.append((None, "The response has an unknown item."))
        if found:
            return found
        if list(answers) != self.ids:
            found.append((None, "The items are out of order."))
        for item, domain in zip(self.ids, self._domains, strict=True):
            reason = domain.fault(answers[item])
            if reason:
                found.append((item, reason))
        return found or list(self._route_faults(answers, status))

    def _route_faults(self, answers: Mapping[str, object], status: str) -> Iterator[Fault]:
        for item, is_asked in zip(self.ids, self._asked(answers), strict=True):
            if is_asked is None and answers[item] != NOT_REACHED:
                yield item, "The answers do not determine whether this item is asked."
            elif is_asked is False and answers[item] != NOT_ASKED:
                yield item, "This item is not on the route, but has an answer."
            elif is_asked and answers[item] == NOT_ASKED:
                yield item, "This item is on the route, but is marked as not asked."
        if status == "partial":
            yield from _partial_faults(self._questionnaire, answers)
            return
        for item, value in answers.items():
            if is_unreached(value):
                yield item, "This item was not reached, but the interview is marked as complete."

    def _asked(self, answers: Mapping[str, object]) -> list[bool | None]:
        """For each item, True if it is asked, False if it is not asked, None if it is undecided."""
        decided = {item_id: as_decided(value) for item_id, value in answers.items()}
        held = [holds(each, decided, self._questionnaire) for each in self._conditions]
        return [held[place] for place in self._places]


class _Domain:
    """The possible answers to one item; `tests` are the sets of codes it is tested for."""

    def __init__(
        self, questionnaire: Questionnaire, item: Item, tests: Collection[frozenset[str]]
    ) -> None:
        self._questionnaire = questionnaire
        self._item = item
        self._tests = tests
        options = questionnaire.options(item)
        self._options = stored_codes(questionnaire, item)
        self._exclusive = {option.code for option in options if option.exclusive}
        self._rows = [row.code for row in item.rows] if isinstance(item, Matrix) else []
        missing = row_missing(item) if isinstance(item, Matrix) else ()
        self._in_rows = {*self._options, *missing, NOT_REACHED}
        self._most_ranks = most_ranks(questionnaire, item) if isinstance(item, Ranking) else 0
        self._codes = {*stored_missing(item), NOT_ASKED, NOT_REACHED}
        if isinstance(item, Single):
            self._codes.update(self._options)
        elif isinstance(item, Open):
            self._codes.add(DETACHED)
        self._marks: dict[tuple[object, ...], int] = {}

    def mark(self, value: object) -> int | None:
        """The mark of an answer; None if it has a fault."""
        if self.fault(value) is not None:
            return None
        codes: frozenset[str] | None = None
        if self._tests and not is_unreached(value):
            codes = codes_of(self._item.id, {self._item.id: as_decided(value)}, self._questionnaire)
        passed = frozenset(test for test in self._tests if codes and not codes.isdisjoint(test))
        effects = passed, value == NOT_ASKED, value == NOT_REACHED, is_unreached(value)
        return self._marks.setdefault(effects, len(self._marks))

    def fault(self, value: object) -> str | None:
        """The fault of an answer; None if the answer is valid."""
        if isinstance(value, str) and value in self._codes:
            return None
        match self._item:
            case Single():
                return "The code is unknown."
            case Open():
                return "An open item must be stored as “detached”, even if nothing was typed."
            case Integer():
                if not isinstance(value, int) or isinstance(value, bool):
                    return "The answer is not a whole number."
                fits = self._item.minimum <= value <= self._item.maximum
                return None if fits else "The number is outside the limits."
            case Matrix():
                return self._rows_fault(value)
            case _:
                return self._list_fault(value)

    def _rows_fault(self, value: object) -> str | None:
        if not isinstance(value, dict):
            return "The answer is not an object with rows as keys."
        if list(value) != self._rows:
            return "The rows or their order differ from the definition."
        try:
            codes = set(value.values())
        except TypeError:  # a list or object instead of a code
            codes = {None}
        if not codes <= self._in_rows:
            return "A row has an unknown code."
        if codes == {NOT_REACHED}:
            return "No row was reached, so the item must be marked as not reached."
        return None

    def _list_fault(self, value: object) -> str | None:
        if not isinstance(value, list | tuple):
            return "The answer is not a list of codes."
        if not value or any(code not in self._options for code in value):
            return "The list is empty or has an unknown code."
        if len(set(value)) < len(value):
            return "The list has the same code twice."
        if len(value) > 1 and not self._exclusive.isdisjoint(value):
            return "The list has an exclusive code together with another code."
        if isinstance(self._item, Ranking):
            return None if len(value) <= self._most_ranks else "Too many options are ranked."
        if isinstance(self._item, Multiple) and len(value) > (self._item.at_most or len(value)):
            return "The list has too many codes."
        if list(value) != [code for code in self._options if code in value]:
            return "The codes are not in the order of the definition."
        return None


def hashable(value: object) -> object:
    """Convert a stored answer to a hashable key."""
    if isinstance(value, dict):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value


def as_decided(value: object) -> Answer:
    """Convert a valid answer for use in conditions; an incomplete one becomes `not_reached`."""
    if isinstance(value, dict):
        return NOT_REACHED if is_unreached(value) else value
    if isinstance(value, list | tuple):
        return tuple(value)
    assert isinstance(value, str | int)
    return value


def is_unreached(value: object) -> bool:
    """True if an item, or any row of it, was not reached."""
    return NOT_REACHED in value.values() if isinstance(value, dict) else value == NOT_REACHED


def _partial_faults(questionnaire: Questionnaire, answers: Mapping[str, object]) -> Iterator[Fault]:
    behind = False
    for item_id, value in answers.items():
        if behind and value not in (NOT_ASKED, NOT_REACHED):
            yield item_id, "This item has an answer, but follows one that was not reached."
        behind = behind or is_unreached(value)
    if not any(
        answers[item.id] not in (NOT_ASKED, NOT_REACHED)
        for section in questionnaire.sections
        if section.makes_partial
        for item in section.items
    ):
        yield None, "Too few items were answered for a partial interview."
    if not _is_unfinished(questionnaire, answers):
        yield None, "All items were answered, so the interview is not partial."


def _is_unfinished(questionnaire: Questionnaire, answers: Mapping[str, object]) -> bool:
    """True if the last item asked may have an unanswered step."""
    asked = [item for item in questionnaire.items if answers[item.id] != NOT_ASKED]
    if not asked:
        return False
    last, value = asked[-1], answers[asked[-1].id]
    if is_unreached(value):
        return True
    if isinstance(last, Ranking):
        alone = {option.code for option in questionnaire.options(last) if option.exclusive}
        return (
            isinstance(value, list | tuple)
            and len(value) < most_ranks(questionnaire, last)
            and alone.isdisjoint(value)
        )
    codes = value if isinstance(value, list | tuple) else (value,)
    return isinstance(last, Choice) and any(
        option.specify for option in questionnaire.options(last) if option.code in codes
    )


def _tests_of(questionnaire: Questionnaire) -> dict[str, set[frozenset[str]]]:
    """For each item that decides whether others are asked, the sets of codes it is tested for."""
    conditions = [item.asked_if for item in questionnaire.items]
    conditions += [part.when for each in questionnaire.computed for part in each.categories]
    tests: dict[str, set[frozenset[str]]] = {}
    for atom in (atom for condition in conditions for atom in atoms_in(condition)):
        codes = frozenset((*(atom.any_of or ()), *(atom.none_of or ())))
        tests.setdefault(atom.item or "", set()).add(codes)
    return tests


def text_limits(questionnaire: Questionnaire) -> dict[str, int]:
    """The keys of all possible texts, each with its maximum number of characters.

    The keys are `item` (an open item), `item.code` (an option that asks for a text) and
    `item.remark`.
    """
    limits = {}
    for item in questionnaire.items:
        limits[f"{item.id}.{REMARK}"] = LONGEST_REMARK
        if isinstance(item, Open):
            limits[item.id] = item.max_length
        for option in questionnaire.options(item):
            if option.specify and isinstance(item, Choice):
                limits[f"{item.id}.{option.code}"] = option.specify.max_length
    return limits
