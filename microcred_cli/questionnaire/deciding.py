"""What decides a route: which items, and which of their answers come to the same.

Most answers decide nothing. Of an item that a condition or a phrase names, two answers come to the
same if the same conditions hold for both, and the same phrases have words for both; one of them
then stands for all.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import DefinitionError, Fault
from microcred_cli.questionnaire.models import Multiple, Ranking, Single, allowed_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.questionnaire.models import Condition, Item, Option, Questionnaire, Section
    from microcred_cli.questionnaire.values import Answer

MOST: Final = 20_000
"""The most answers, or situations at one item, that are told apart."""

Marks = frozenset[object]
"""What something can tell about an answer."""

_NO_MARKS: Marks = frozenset()


def too_many() -> DefinitionError:
    """The error of a questionnaire with more routes than can be gone through."""
    message = f"The questionnaire has more than {MOST:,} routes to tell apart."
    hint = "Let fewer items decide the route, or fewer groups of their options."
    return DefinitionError(message, hint=hint, faults=(Fault("Q045", message, hint),))


def atoms_in(condition: Condition | None) -> Iterator[Condition]:
    """The parts of a condition that name an item or a computed variable."""
    if condition is None:
        return
    if condition.item is not None:
        yield condition
    for part in (*(condition.all or ()), *(condition.any or ())):
        yield from atoms_in(part)
    yield from atoms_in(condition.negated)


class Deciding:
    """What decides the routes of a questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._positions = {item.id: number for number, item in enumerate(questionnaire.items)}
        self._behind: dict[str, frozenset[str]] = {}

    @cached_property
    def last_positions(self) -> dict[str, int]:
        """The deciding items, each with the last position at which its answer matters.

        Positions count the items from nought. A computed variable matters at least where it is
        settled: at the position after the last item that it rests on.
        """
        last: dict[str, int] = {}
        for name, position in (*self._settled(), *self._uses()):
            for item in self.items_behind(name):
                last[item] = max(last.get(item, 0), position)
        return last

    def settled_at(self, variable: str) -> int:
        """The position from which on a computed variable has its value."""
        items = self.items_behind(variable)
        return 1 + max((self._positions[item] for item in items), default=-1)

    def items_behind(self, name: str) -> frozenset[str]:
        """The item of that name, or the items that the computed variable of that name rests on."""
        if name not in self._behind:
            self._behind[name] = frozenset({name} & self._positions.keys())
            variable = self._questionnaire.computed_by_id.get(name)
            if variable is not None:
                conditions = [category.when for category in variable.categories]
                named = {atom.item or "" for when in conditions for atom in atoms_in(when)}
                self._behind[name] = frozenset().union(*map(self.items_behind, named))
        return self._behind[name]

    def answers(self, item: Item) -> Iterator[Answer]:
        """One answer for all that come to the same; of an item without codes, there is none."""
        found: dict[Marks, Answer] = {}
        for answer in self._possible(item):
            found.setdefault(self.marks(item.id, answer), answer)
        yield from found.values()

    def marks(self, item: str, answer: Answer) -> Marks:
        """What is told about an answer: answers with the same marks come to the same."""
        codes = answer if isinstance(answer, tuple) else (str(answer),)
        return _NO_MARKS.union(*(self._marks[item].get(code, _NO_MARKS) for code in codes))

    def _settled(self) -> Iterator[tuple[str, int]]:
        for variable in self._questionnaire.computed:
            yield variable.id, self.settled_at(variable.id)

    def _uses(self) -> Iterator[tuple[str, int]]:
        """Each name that an item's conditions or words depend on, with the item's position."""
        for position, item in enumerate(self._questionnaire.items):
            for condition in _conditions(item):
                for atom in atoms_in(condition):
                    yield atom.item or "", position
            texts = texts_of(self._questionnaire.section_of[item.id], item)
            for phrase in self._questionnaire.phrases:
                if any(f"{{{phrase.id}}}" in text for text in texts):
                    yield phrase.by, position

    @cached_property
    def _marks(self) -> dict[str, dict[str, Marks]]:
        """For each item the marks of its codes."""
        marks: dict[str, dict[str, Marks]] = defaultdict(lambda: defaultdict(frozenset))
        for atom in self._atoms():
            codes = frozenset((*(atom.any_of or ()), *(atom.none_of or ())))
            for code in codes:
                marks[atom.item or ""][code] |= {codes}
        for phrase in self._questionnaire.phrases:
            for code in self._codes(phrase.by) - phrase.texts.keys():
                marks[phrase.by][code] |= {(phrase.id, code)}
        for item in self._questionnaire.items:
            for option in self._questionnaire.options(item):
                if option.ends:
                    marks[item.id][option.code] |= {option.ends}
        return marks

    def _atoms(self) -> Iterator[Condition]:
        """Every part of any condition that names something."""
        for item in self._questionnaire.items:
            for condition in _conditions(item):
                yield from atoms_in(condition)
        for variable in self._questionnaire.computed:
            for category in variable.categories:
                yield from atoms_in(category.when)

    def _codes(self, name: str) -> set[str]:
        """The codes that an answer to an item can be, of a name that is no item none."""
        item = self._questionnaire.by_id.get(name)
        if item is None:
            return set()
        options = {option.code for option in self._questionnaire.options(item)}
        return options | {*allowed_missing(item), "blank", "not_asked"}

    def _possible(self, item: Item) -> Iterator[Answer]:
        options = self._questionnaire.options(item)
        match item:
            case Single():
                yield from (option.code for option in options)
            case Multiple():
                yield from self._sets(item, options, item.at_most or len(options))
            case Ranking():
                yield from self._sets(item, options, item.ranks)
            case _:
                return  # nothing can name an answer that is no code
        yield from allowed_missing(item)
        if item.required == "optional":
            yield "blank"

    def _sets(self, item: Item, options: Sequence[Option], most: int) -> Iterator[tuple[str, ...]]:
        """Sets of codes with all the marks that a set of at most so many can have."""
        loose = [option.code for option in options if not option.exclusive]
        found: dict[Marks, tuple[str, ...]] = {}
        newest: list[tuple[str, ...]] = [()]
        for _ in range(min(most, len(loose))):
            newest = [*self._larger(item, newest, loose, found)]
        order = {option.code: number for number, option in enumerate(options)}
        sets = [sorted(codes, key=order.__getitem__) for codes in found.values()]
        sets += [[option.code] for option in options if option.exclusive]
        for codes in sorted(sets, key=lambda codes: (len(codes), [order[code] for code in codes])):
            yield tuple(codes)

    def _larger(
        self,
        item: Item,
        sets: Sequence[tuple[str, ...]],
        loose: Sequence[str],
        found: dict[Marks, tuple[str, ...]],
    ) -> Iterator[tuple[str, ...]]:
        """The sets of one code more that have marks not found yet; they are noted as found."""
        for codes in sets:
            for code in loose:
                larger = (*codes, code)
                if found.setdefault(self.marks(item.id, larger), larger) is larger:
                    yield larger
                if len(found) > MOST:
                    raise too_many()


def texts_of(section: Section, item: Item) -> list[str]:
    """The texts in which phrases are inserted when an item is asked."""
    texts = [item.text, item.read_aloud, section.lead_in]
    for variant in item.variants:
        texts += [variant.text, variant.read_aloud]
    return [text for text in texts if text]


def _conditions(item: Item) -> Iterator[Condition]:
    """The conditions of an item: of being asked, and of its variants."""
    if item.asked_if is not None:
        yield item.asked_if
    for variant in item.variants:
        yield variant.when
