"""Every route through a questionnaire: the items asked, and the answers that lead to them.

One pass over the items tracks every state that an interview can be in. States that lead to the same
later questions are merged. Merging keeps the number of states small without losing any route: every
interview takes one of the routes, and every route is possible. Too many states raise
`DefinitionError`.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from microcred_cli.errors import DefinitionError, Fault
from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.conditions import atoms_in, holds, names_in
from microcred_cli.questionnaire.models import Multiple, Ranking, Single, allowed_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from microcred_cli.questionnaire.models import Condition, Item, Option, Questionnaire, Section
    from microcred_cli.questionnaire.values import Answer, Answers

MOST: Final = 20_000
"""The maximum number of distinct answers to an item, and of interview states at an item."""

Marks = frozenset[object]
"""The properties of an answer that affect conditions, phrases and the end of the interview."""

_NO_MARKS: Marks = frozenset()

End = Literal["refused", "screened_out"]
"""The status of an interview that was closed by an answer."""


class Route(Frozen):
    """One way through a questionnaire.

    `items` are the items asked, in order. `answers` is an example: answers to the deciding items
    that lead to this route (`not_asked` for items that are skipped). `seconds` is the time needed
    without an interviewer. `ends` is the status if an answer closes the interview.
    """

    items: tuple[str, ...]
    answers: Answers
    seconds: int
    ends: End | None = None


class Situation(Frozen):
    """A possible state of an interview just before an item.

    `answers` are the answers to the previous deciding items. `asked` are the items asked before
    (empty unless routes are collected). `begun` is true if an item of this section has been asked.
    """

    answers: Answers = MappingProxyType({})
    asked: tuple[str, ...] = ()
    begun: bool = False
    ends: End | None = None


def routes(questionnaire: Questionnaire) -> tuple[Route, ...]:
    """Every route, beginning with the routes that an answer closes.

    The questionnaire must have no faults except those that `lint.paths` finds.
    """
    walk = _Walk(Deciding(questionnaire), keeps_asked=True)
    ends = [end for item in questionnaire.items for end in walk.past(item)]
    seconds = {item.id: item.seconds for item in questionnaire.items}
    found: dict[object, Route] = {}
    for end in (*ends, *walk.situations):
        total = sum(seconds[item] for item in end.asked)
        route = Route(end.asked, MappingProxyType(dict(end.answers)), total, end.ends)
        found.setdefault((end.asked, end.ends), route)
    return tuple(found.values())


def situations(
    questionnaire: Questionnaire, *, on_paper: bool = False
) -> Iterator[tuple[Item | None, tuple[Situation, ...]]]:
    """The states of an interview at each item, asked or not, and at the end.

    States are distinct if they lead to different conditions or wordings of this or a later item, or
    to different values of a computed variable that this item decides. With `on_paper`, any item
    that is not `required: hard` can be left empty.
    """
    return situations_in(questionnaire.items, Deciding(questionnaire, on_paper=on_paper))


def situations_in(
    part: Sequence[Item], deciding: Deciding
) -> Iterator[tuple[Item | None, tuple[Situation, ...]]]:
    """The states at each item of an independent part (see `path_bounds`), and at its end."""
    walk = _Walk(deciding, keeps_asked=False)
    for item in part:
        walk.enter(item)
        yield item, tuple(walk.situations)
        walk.past(item)
    yield None, tuple(walk.situations)


class _Walk:
    """The possible states of an interview, item by item."""

    def __init__(self, deciding: Deciding, *, keeps_asked: bool) -> None:
        self.situations: list[Situation] = [Situation()]
        self._questionnaire = deciding.questionnaire
        self._deciding = deciding
        self._keeps_asked = keeps_asked
        self._position = 0
        self._section = ""

    def enter(self, item: Item) -> None:
        """Move to an item, resetting `begun` if it starts a new section."""
        section = self._questionnaire.section_of[item.id].id
        if section != self._section:
            self._section = section
            self._merge(situation.having(begun=False) for situation in self.situations)

    def past(self, item: Item) -> list[Situation]:
        """Move past an item; return the states in which an answer to it closes the interview."""
        self.enter(item)
        self._position = self._deciding.positions[item.id] + 1
        after = [new for situation in self.situations for new in self._after(item, situation)]
        self._merge(new for new in after if new.ends is None)
        return [new for new in after if new.ends is not None]

    def _after(self, item: Item, situation: Situation) -> Iterator[Situation]:
        """The states that can follow a state when the interview moves past an item."""
        decides = item.id in self._deciding.last_positions
        if not holds(item.asked_if, situation.answers, self._questionnaire):
            yield _said(situation, item, "not_asked") if decides else situation
            return
        asked = (*situation.asked, item.id) if self._keeps_asked else ()
        situation = situation.having(asked=asked, begun=True)
        ends = {o.code: o.ends for o in self._questionnaire.options(item) if o.ends}
        if not decides and not ends:
            yield situation
            return
        for answer in self._deciding.answers(item):
            end = ends.get(answer) if isinstance(answer, str) else None
            yield _said(situation, item, answer).having(ends=end)

    def _merge(self, situations: Iterable[Situation]) -> None:
        """Merge states that lead to the same remaining questions."""
        kept: dict[object, Situation] = {}
        live = [i for i, last in self._deciding.last_positions.items() if last >= self._position]
        for situation in situations:
            answers = situation.answers
            marks = [self._deciding.marks(i, answers[i]) for i in live if i in answers]
            kept.setdefault((situation.asked, situation.begun, *marks), situation)
            if len(kept) > MOST:
                raise too_many()
        self.situations = list(kept.values())


def _said(situation: Situation, item: Item, answer: Answer) -> Situation:
    """Extend a state by one answer."""
    return situation.having(answers={**situation.answers, item.id: answer})


class Deciding:
    """The items that decide the routes of a questionnaire, and groups of equivalent answers.

    Most answers do not affect the route. Two answers to an item are equivalent if they have the
    same effect on conditions and on the end of the interview, and the same phrases have words for
    both. Each group of equivalent answers is represented by one of them. Without `texts`, the
    wording of items is ignored. `further` contains additional conditions that must be considered.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        *,
        on_paper: bool = False,
        texts: bool = True,
        further: Sequence[Condition] = (),
    ) -> None:
        self.questionnaire = questionnaire
        self._texts, self._further = texts, further
        self._may_be_blank = ("optional", "soft") if on_paper else ("optional",)
        self.positions = {item.id: number for number, item in enumerate(questionnaire.items)}
        self._behind: dict[str, frozenset[str]] = {}
        self._marks_of: dict[tuple[str, tuple[str, ...]], Marks] = {}

    @cached_property
    def last_positions(self) -> dict[str, int]:
        """The last position at which the answer to each deciding item matters.

        Positions are indexes of items, starting at 0. An item used by a computed variable matters
        at least until the variable is decided: one position after the last item that the variable
        depends on.
        """
        last: dict[str, int] = {}
        settled = [(v.id, self.settled_at(v.id)) for v in self.questionnaire.computed]
        for name, position in (*settled, *self._uses()):
            for item in self.items_behind(name):
                last[item] = max(last.get(item, 0), position)
        return last

    def settled_at(self, variable: str) -> int:
        """The position at which a computed variable is decided."""
        items = self.items_behind(variable)
        return 1 + max((self.positions[item] for item in items), default=-1)

    def items_behind(self, name: str) -> frozenset[str]:
        """The item with this id, or the items that a computed variable with this id depends on."""
        if name not in self._behind:
            self._behind[name] = frozenset({name} & self.positions.keys())
            variable = self.questionnaire.computed_by_id.get(name)
            if variable is not None:
                conditions = [category.when for category in variable.categories]
                named = {name for when in conditions for name in names_in(when)}
                self._behind[name] = frozenset().union(*map(self.items_behind, named))
        return self._behind[name]

    def answers(self, item: Item) -> Iterator[Answer]:
        """One answer from each group of equivalent answers; empty for an item without codes."""
        found: dict[Marks, Answer] = {}
        for answer in self._possible(item):
            found.setdefault(self.marks(item.id, answer), answer)
        yield from found.values()

    def marks(self, item: str, answer: Answer) -> Marks:
        """The effects of an answer on conditions, phrases and ends, for comparing answers."""
        codes = answer if isinstance(answer, tuple) else (str(answer),)
        found = self._marks_of.get((item, codes))
        if found is None:
            found = _NO_MARKS.union(*(self._marks[item].get(code, _NO_MARKS) for code in codes))
            self._marks_of[item, codes] = found
        return found

    def _uses(self) -> Iterator[tuple[str, int]]:
        """Every id used in the conditions or texts of an item, with the position of that item."""
        for position, item in enumerate(self.questionnaire.items):
            for condition in conditions_of(item):
                yield from ((name, position) for name in names_in(condition))
            texts = texts_of(self.questionnaire.section_of[item.id], item)
            for phrase in self.questionnaire.phrases:
                if any(f"{{{phrase.id}}}" in text for text in texts):
                    yield phrase.by, position

    @cached_property
    def _marks(self) -> dict[str, dict[str, Marks]]:
        """The effects of each code of each item on conditions, phrases and ends."""
        marks: dict[str, dict[str, Marks]] = defaultdict(lambda: defaultdict(frozenset))
        for atom in (atom for condition in self._conditions() for atom in atoms_in(condition)):
            codes = frozenset((*(atom.any_of or ()), *(atom.none_of or ())))
            for code in codes:
                marks[atom.item or ""][code] |= {codes}
        for phrase in self.questionnaire.phrases if self._texts else ():
            for code in self._codes(phrase.by) - phrase.texts.keys():
                marks[phrase.by][code] |= {(phrase.id, code)}
        for item in self.questionnaire.items:
            for option in self.questionnaire.options(item):
                if option.ends:
                    marks[item.id][option.code] |= {option.ends}
        return marks

    def _conditions(self) -> list[Condition]:
        """All relevant conditions, including the conditions of the computed variables in them."""
        conditions = [*self._further]
        for item in self.questionnaire.items:
            conditions += filter(None, conditions_of(item) if self._texts else [item.asked_if])
        named = {name for condition in conditions for name in names_in(condition)}
        for variable in reversed(self.questionnaire.computed):
            if self._texts or variable.id in named:
                whens = [category.when for category in variable.categories if category.when]
                conditions += whens
                named |= {name for when in whens for name in names_in(when)}
        return conditions

    def _codes(self, name: str) -> set[str]:
        """The codes that an answer to an item can have; empty if there is no such item."""
        item = self.questionnaire.by_id.get(name)
        if item is None:
            return set()
        options = {option.code for option in self.questionnaire.options(item)}
        return options | {*allowed_missing(item), "blank", "not_asked"}

    def _possible(self, item: Item) -> Iterator[Answer]:
        options = self.questionnaire.options(item)
        match item:
            case Single():
                yield from (option.code for option in options)
            case Multiple():
                yield from self._sets(item, options, item.at_most or len(options))
            case Ranking():
                yield from self._sets(item, options, item.ranks)
            case _:
                return  # conditions cannot refer to an item without codes
        yield from allowed_missing(item)
        if item.required in self._may_be_blank:
            yield "blank"

    def _sets(self, item: Item, options: Sequence[Option], most: int) -> Iterator[tuple[str, ...]]:
        """One set of at most `most` codes for each possible combination of effects."""
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
        """Extend sets by one code; add sets with new effects to `found`, and yield them."""
        for codes in sets:
            for code in loose:
                larger = (*codes, code)
                if found.setdefault(self.marks(item.id, larger), larger) is larger:
                    yield larger
                if len(found) > MOST:
                    raise too_many()


def texts_of(section: Section, item: Item) -> list[str]:
    """The strings of an item into which phrases are inserted."""
    texts = [item.text, item.read_aloud, section.lead_in]
    for variant in item.variants:
        texts += [variant.text, variant.read_aloud]
    return [text for text in texts if text]


def conditions_of(item: Item) -> list[Condition | None]:
    """The conditions of an item and of its variants."""
    return [item.asked_if, *(variant.when for variant in item.variants)]


def too_many() -> DefinitionError:
    """The error for a questionnaire with too many routes."""
    message = f"The questionnaire has more than {MOST:,} distinct routes."
    hint = "Reduce the number of items, or groups of options, that the route depends on."
    return DefinitionError(message, hint=hint, faults=(Fault("Q045", message, hint),))
