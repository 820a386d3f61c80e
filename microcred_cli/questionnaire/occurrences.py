"""The groups of breakdowns, and the states of items, that can occur together in a record.

Two breakdowns are independent if they depend on no common item: any group of one can occur with any
group of the other. Combinations are enumerated only within each connected part, which is a set of
dependent breakdowns. If several codes of an item have the same effect on the routes, the first code
represents them.
"""

from __future__ import annotations

from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import DefinitionError
from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.conditions import codes_of, holds, names_in
from microcred_cli.questionnaire.models import Condition, Matrix, Open, Single, allowed_missing
from microcred_cli.questionnaire.routes import MOST, Deciding, situations_in, too_many
from microcred_cli.questionnaire.values import NOT_ASKED, NOT_REACHED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.questionnaire.routes import Situation
    from microcred_cli.questionnaire.values import Answers

MOST_KINDS: Final = 100
"""The maximum number of kinds of people (see `kinds`) that the breakdowns of a definition may
distinguish."""

FEW_STATES: Final = 1_000
"""If an interview has at most this many states at each item, one walk covers all items."""

ANSWERED: Final = "answered"
"""The state of an item that was asked and reached, even if the answer is a reserved code."""

Combination = tuple[str, ...]
"""One group of each breakdown."""

State = tuple[str, str]
"""The state of an item in a record (answered or not reached), and the group of the record."""

Walk = tuple[frozenset[str], tuple[str, ...]]
"""A set of items, and those of them for which a walk distinguishes asked from not asked."""

Met = tuple[tuple[tuple[int, bool | None], ...], tuple[str, ...]]
"""A record: the verdict (true, false or undecided) on each numbered condition, and the groups."""

_PROBE: Final = "probe"


class Connected(Frozen):
    """Breakdowns that depend on common items, and the combinations of their groups.

    `places` are the indexes of the breakdowns. For each breakdown, `codes` maps a representative to
    all codes that it represents; `combinations` contains only representatives.
    """

    places: tuple[int, ...]
    codes: tuple[Mapping[str, tuple[str, ...]], ...]
    combinations: frozenset[Combination]


class Occurrences:
    """The groups and states that are possible in the records of a questionnaire.

    `groups` contains the codes of each breakdown, in order.
    """

    def __init__(self, questionnaire: Questionnaire, groups: Mapping[str, Sequence[str]]) -> None:
        self._questionnaire = questionnaire
        self._groups = groups
        self._order = {item.id: place for place, item in enumerate(questionnaire.items)}
        self._deciding = Deciding(questionnaire, on_paper=True)
        self._late = late_items(questionnaire)
        sections = [section for section in questionnaire.sections if section.makes_partial]
        self._partial = {item.id for section in sections for item in section.items}
        self._known: dict[str, dict[str, frozenset[State]] | None] = {}
        self._separate: dict[object, frozenset[State]] = {}

    # -- states of an item -------------------------------------------------------------------------

    def states(self, item: str, breakdown: str) -> frozenset[State]:
        """The possible states of an item in a record, with the groups of the record."""
        if breakdown not in self._known:
            everything = frozenset(self._order)
            routed = tuple(i.id for i in self._questionnaire.items if i.asked_if is not None)
            self._known[breakdown] = self._states_on((everything, routed), breakdown, FEW_STATES)
        known = self._known[breakdown]
        if known is not None:
            return known.get(item, frozenset())
        if (item, breakdown) not in self._separate:
            walks = self._walks(item, breakdown)
            found = (self._states_of(item, breakdown, walk) for walk in walks)
            self._separate[item, breakdown] = frozenset().union(*found)
        return self._separate[item, breakdown]

    def _states_of(self, item: str, breakdown: str, walk: Walk) -> frozenset[State]:
        """The states of an item on one walk, cached for items that are equivalent on this walk."""
        items, apart = walk
        needed = self._needed(breakdown) | (self._needed(item) - {item})
        order = sorted(items, key=self._order.__getitem__)
        alike = (i if i in needed else self._likeness(i, i == item) for i in order)
        key = (breakdown, item if item in needed else "", *alike)
        if key not in self._separate:
            found = self._states_on((items, (item, *apart)), breakdown)
            self._separate[key] = (found or {}).get(item, frozenset())
        return self._separate[key]

    def _states_on(
        self, walk: Walk, breakdown: str, most: int = MOST
    ) -> dict[str, frozenset[State]] | None:
        """The states of each item on one walk; None if there are too many states to follow."""
        items, apart = walk
        conditions = [self._questionnaire.by_id[name].asked_if for name in apart]
        conditions += self._conditions_of(breakdown)
        probe = Condition(any=tuple(each for each in conditions if each is not None))
        asked = self.reduced(items, probe)
        deciding = Deciding(asked, on_paper=True)
        represented = self._represented(breakdown, deciding)
        records = _Records(asked, deciding, breakdown, self._late, self._partial)
        found: dict[str, set[State]] = {}
        try:
            for item, state, group in set(records.states(most)):
                for code in represented.get(group, (group,)):
                    found.setdefault(item, set()).add((state, code))
        except DefinitionError:
            if most == MOST:
                raise
            return None
        return {item: frozenset(states) for item, states in found.items()}

    def _conditions_of(self, breakdown: str) -> list[Condition]:
        """Conditions that distinguish the groups of a breakdown.

        The conditions are needed because answers to an item are distinguished only by their effect
        on conditions.
        """
        codes = self._given(breakdown)
        if breakdown in self._order:
            return [Condition(item=breakdown, any_of=codes)]
        return [Condition(item=breakdown, any_of=(code,)) for code in codes]

    def _likeness(self, item: str, is_judged: bool) -> object:
        """The properties of an item that determine its state, if nothing depends on the item."""
        found = self._questionnaire.by_id[item]
        is_late, is_partial = item in self._late, item in self._partial
        return is_judged, found.asked_if, isinstance(found, Matrix), is_late, is_partial

    def _walks(self, item: str, breakdown: str) -> Iterator[Walk]:
        """The walks that together show all possible states of an item.

        Each walk contains all items on which the item and the breakdown depend, and items before
        which an interview can end. If an interview can end before several consecutive items, one
        item that is asked of everybody is enough.
        """
        needed = self._needed(item) | self._needed(breakdown) | self._gates | self._begun
        certain: set[str] = set()
        uncertain = set(needed & self._late) - self._after_begun
        for stops in self._stops(needed):
            sure = [stop for stop in stops if self._is_certain(stop)]
            if sure:
                certain.add(sure[-1])
            else:
                unlike = {self._questionnaire.by_id[stop].asked_if: stop for stop in stops}
                uncertain.update(unlike.values())
        yield frozenset(needed | certain), ()
        for stop in uncertain:
            yield from self._walks_to(stop, needed | self._needed(stop))

    def _walks_to(self, stop: str, needed: frozenset[str]) -> Iterator[Walk]:
        """The walks in which an interview can end before an item that is not asked of everybody.

        If the interview may not be partial by then, each item that can make it partial is added in
        turn.
        """
        yield needed, ()
        if stop not in self._after_begun:
            for item in self._partial:
                if self._order[item] < self._order[stop]:
                    yield needed | self._needed(item), (item,)

    def _stops(self, needed: Collection[str]) -> Iterator[list[str]]:
        """The items before which an interview can end, grouped by the next item in `needed`."""
        stops: list[str] = []
        for item in self._questionnaire.items:
            if item.id in needed:
                yield stops
                stops = []
            elif item.id in self._late:
                stops.append(item.id)
        yield stops

    def _is_certain(self, stop: str) -> bool:
        """True if every interview, whatever its route, can end before this item."""
        item = self._questionnaire.by_id[stop]
        return item.asked_if is None and stop in self._after_begun

    @cached_property
    def _begun(self) -> frozenset[str]:
        """The first item that makes an interview partial and is asked of everybody, if any."""
        items = self._questionnaire.items
        sure = (i.id for i in items if i.id in self._partial and i.asked_if is None)
        return frozenset([first] if (first := next(sure, None)) else [])

    @cached_property
    def _after_begun(self) -> frozenset[str]:
        """The items at which every interview has enough answers to be partial."""
        begun = min((self._order[item] for item in self._begun), default=len(self._order))
        return frozenset(
            item.id
            for item in self._questionnaire.items
            if self._order[item.id] > begun
            or (isinstance(item, Matrix) and item.id in self._partial)
        )

    @cached_property
    def _gates(self) -> frozenset[str]:
        """The items at which every answer ends the interview, and the items that they depend on."""
        found: set[str] = set()
        for item in self._questionnaire.items:
            options = self._questionnaire.options(item)
            can_pass = allowed_missing(item) or item.required != "hard"
            if isinstance(item, Single) and not can_pass and all(o.ends for o in options):
                found |= self._needed(item.id)
        return frozenset(found)

    def _needed(self, name: str) -> frozenset[str]:
        """All items that an item or breakdown depends on, directly or through conditions."""
        return self._needed_by([name])

    def _needed_by(self, names: Iterable[str]) -> frozenset[str]:
        left = {item for name in names for item in self.items_behind(name)}
        found: set[str] = set()
        while left:
            item = left.pop()
            found.add(item)
            for name in names_in(self._questionnaire.by_id[item].asked_if):
                left |= self.items_behind(name) - found
        return frozenset(found)

    def items_behind(self, name: str) -> frozenset[str]:
        """The item with this id, or the items that a computed variable depends on."""
        return self._deciding.items_behind(name)

    def reduced(self, items: Collection[str], probe: Condition) -> Questionnaire:
        """The questionnaire with only these items, and a final item that distinguishes states."""
        whole = self._questionnaire
        sections = []
        for section in whole.sections:
            kept = tuple(
                item.model_copy(update={"variants": ()})
                for item in section.items
                if item.id in items
            )
            sections.append(section.model_copy(update={"items": kept, "lead_in": None}))
        last = Open(
            id=_PROBE, kind="open", concept=_PROBE, required="optional", seconds=0, text=_PROBE,
            max_length=1, asked_if=probe,
        )  # fmt: skip
        # A computed variable without conditions depends on no item.
        *before, end = [each for each in sections if each.items] or sections[-1:]
        sections = [*before, end.model_copy(update={"items": (*end.items, last)})]
        named = {name for item in items for name in names_in(whole.by_id[item].asked_if)}
        named |= {*names_in(probe)}
        for variable in reversed(whole.computed):
            if variable.id in named:
                named |= {n for c in variable.categories for n in names_in(c.when)}
        fields = {name: getattr(whole, name) for name in type(whole).model_fields}
        fields["sections"], fields["phrases"] = tuple(sections), ()
        fields["computed"] = tuple(v for v in whole.computed if v.id in named)
        return type(whole)(**fields)

    # -- groups of several breakdowns --------------------------------------------------------------

    @cached_property
    def parts(self) -> tuple[Connected, ...]:
        """The connected parts; raises a DefinitionError if one has too many states."""
        needed = [self._needed(name) for name in self._groups]
        parts: list[list[int]] = []
        for place, items in enumerate(needed):
            joined = [p for p in parts if any(not items.isdisjoint(needed[n]) for n in p)]
            parts = [part for part in parts if part not in joined]
            parts.append(sorted([*(n for part in joined for n in part), place]))
        return tuple(self._connected(part) for part in sorted(parts))

    def _connected(self, places: Sequence[int]) -> Connected:
        names = list(self._groups)
        own = [names[place] for place in places]
        apart = [condition for name in own for condition in self._conditions_of(name)]
        items = self._needed_by(own) | self._gates
        asked = self.reduced(items, Condition(any=tuple(apart)))
        deciding = Deciding(asked, on_paper=True)
        codes = tuple(self._represented(name, deciding) for name in own)
        first = [{c: one for one, alike in found.items() for c in alike} for found in codes]
        *_, (_, ends) = _until_probe(asked, deciding)
        found: set[Combination] = set()
        for end in ends:
            groups = [codes_of(name, end.answers, asked) or () for name in own]
            for combination in product(*groups):
                found.add(tuple(one[c] for one, c in zip(first, combination, strict=True)))
        return Connected(tuple(places), codes, frozenset(found))

    def _given(self, name: str) -> tuple[str, ...]:
        """The codes of a breakdown that are answers, whether substantive or not."""
        codes = self._groups[name]
        return tuple(code for code in codes if code not in (NOT_ASKED, NOT_REACHED))

    def _represented(self, name: str, deciding: Deciding) -> dict[str, tuple[str, ...]]:
        """The codes of a breakdown, grouped under the first code with the same effect on routes."""
        found: dict[object, list[str]] = {}
        given = self._given(name)
        for code in self._groups[name]:
            is_answer = name in self._order and code in given
            found.setdefault(deciding.marks(name, code) if is_answer else code, []).append(code)
        return {codes[0]: tuple(codes) for codes in found.values()}

    @cached_property
    def _class_of(self) -> dict[tuple[str, str], str]:
        """For each group, the first group that can occur with the same other groups."""
        names = list(self._groups)
        found: dict[tuple[str, str], str] = {}
        for part in self.parts:
            for at, place in enumerate(part.places):
                besides: dict[str, set[Combination]] = {}
                for groups in part.combinations:
                    besides.setdefault(groups[at], set()).add((*groups[:at], *groups[at + 1 :]))
                firsts: dict[object, str] = {}
                for one, codes in part.codes[at].items():
                    if one in besides:
                        first = firsts.setdefault(frozenset(besides[one]), one)
                        found |= {(names[place], code): first for code in codes}
        return found

    def alike(self, breakdown: str, one: str, other: str) -> bool:
        """True if two groups can occur with the same groups of all other breakdowns.

        A person could then be in the other group without changing any other group.
        """
        known = self._class_of.get((breakdown, one))
        return one == other or (
            known is not None and known == self._class_of.get((breakdown, other))
        )

    def class_of(self, breakdown: str, group: str) -> str:
        """The representative of all groups that are `alike` to this group."""
        return self._class_of.get((breakdown, group), group)

    @cached_property
    def kinds(self) -> int:
        """The number of kinds of people; people of the same kind are in groups that are alike."""
        names = list(self._groups)
        found = []
        for part in self.parts:
            own = [names[place] for place in part.places]
            found.append(
                len({tuple(map(self.class_of, own, groups)) for groups in part.combinations})
            )
        return prod(found)

    @property
    def are_too_many(self) -> bool:
        """True if the breakdowns distinguish too many kinds of people."""
        try:
            return self.kinds > MOST_KINDS
        except DefinitionError:
            return True

    def profiles(
        self, classes: Mapping[int, Mapping[str, int]]
    ) -> dict[tuple[int, ...], Combination]:
        """The combinations of classes that are possible, each with its first combination of groups.

        `classes` contains the class of each code, by the index of the breakdown. The result is
        sorted by the first combinations of groups.
        """
        numbered = [(part, self._profiles_in(part, classes)) for part in self.parts]
        found: dict[tuple[int, ...], Combination] = {}
        for chosen in product(*(profiles.items() for _, profiles in numbered)):
            kinds: dict[int, int] = {}
            groups: dict[int, str] = {}
            for (part, _), (own, first) in zip(numbered, chosen, strict=True):
                kinds.update(zip((p for p in part.places if p in classes), own, strict=True))
                groups.update(zip(part.places, first, strict=True))
            key = tuple(kinds[place] for place in classes)
            found[key] = tuple(groups[place] for place in sorted(groups))
        return dict(sorted(found.items(), key=lambda pair: pair[1]))

    def _profiles_in(
        self, part: Connected, classes: Mapping[int, Mapping[str, int]]
    ) -> dict[tuple[int, ...], Combination]:
        found: dict[tuple[int, ...], Combination] = {}
        shown = [at for at, place in enumerate(part.places) if place in classes]
        firsts: list[dict[str, dict[int, str]]] = []
        for place, represented in zip(part.places, part.codes, strict=True):
            own = classes.get(place)
            firsts.append({one: _firsts(codes, own) for one, codes in represented.items()})
        for groups in part.combinations:
            options = [first[one].items() for first, one in zip(firsts, groups, strict=True)]
            for chosen in product(*options):
                key = tuple(chosen[at][0] for at in shown)
                first = tuple(code for _, code in chosen)
                found[key] = min(found.get(key, first), first)
        return found

    def groups_beside(self, breakdown: str, groups: Mapping[str, frozenset[str]]) -> Iterator[str]:
        """The groups of a breakdown that can occur with these groups of other breakdowns."""
        names = list(self._groups)
        wanted = {names.index(name): codes for name, codes in groups.items()}
        own: tuple[str, ...] = ()
        for part in self.parts:
            places = [(at, wanted[p]) for at, p in enumerate(part.places) if p in wanted]
            fits = [
                found
                for found in part.combinations
                if all(not codes.isdisjoint(part.codes[at][found[at]]) for at, codes in places)
            ]
            if not fits:
                return
            if names.index(breakdown) in part.places:
                at = part.places.index(names.index(breakdown))
                own = tuple(c for one in {found[at] for found in fits} for c in part.codes[at][one])
        yield from own


class _Records:
    """The possible records of a questionnaire, or of some of its items."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        deciding: Deciding,
        breakdown: str,
        late: Collection[str],
        partial: Collection[str],
    ) -> None:
        self._questionnaire, self._deciding = questionnaire, deciding
        self._breakdown, self._late, self._partial = breakdown, late, partial
        self._routed = tuple(self._conditions())
        self._decisive = self._decisive_items()
        self._places = {item.id: place for place, (item, *_) in enumerate(self._routed)}
        self._asked: dict[tuple[object, ...], bool | None] = {}

    def states(self, most: int) -> Iterator[tuple[str, str, str]]:
        """Each item with its state and the group, for complete and for incomplete records.

        Raises a DefinitionError if more than `most` states of interviews must be followed.
        """
        for stop, situations in _until_probe(self._questionnaire, self._deciding):
            if len(situations) > most:
                raise too_many()
            if stop is None or stop.id in self._late:
                for verdicts, groups in {self._met(each.answers, stop) for each in situations}:
                    yield from self._statuses(dict(verdicts), groups, stop)

    def _met(self, answers: Answers, stop: Item | None) -> Met:
        """The verdicts and groups of a record with these answers; it ends before `stop`, if set."""
        said = dict(answers)
        verdicts: dict[int, bool | None] = {}
        end = len(self._routed) if stop is None else self._places[stop.id]
        for place, item, number, behind in self._decisive:
            if number not in verdicts:
                verdicts[number] = not behind or self._is_asked(item, number, behind, said)
            if verdicts[number] is False:
                said[item.id] = NOT_ASKED
            elif place >= end:
                said[item.id] = NOT_REACHED
        groups = codes_of(self._breakdown, said, self._questionnaire) or (NOT_REACHED,)
        return tuple(verdicts.items()), tuple(groups)

    def _statuses(
        self, verdicts: Mapping[int, bool | None], groups: Sequence[str], stop: Item | None
    ) -> Iterator[tuple[str, str, str]]:
        """The states of items in a record with these verdicts, which ends before `stop`, if set."""
        status: dict[str, str] = {}
        is_over = False
        for item, number, _behind in self._routed:
            if item is stop:
                if not verdicts[number]:
                    return
                is_over = True
            if verdicts[number] is not False:
                status[item.id] = NOT_REACHED if is_over else ANSWERED
        is_begun = any(item in self._partial and status[item] == ANSWERED for item in status)
        starts = isinstance(stop, Matrix) and stop.id in self._partial
        if stop is not None and not is_begun and not starts:
            return
        for group in groups:
            yield from ((item, what, group) for item, what in status.items())
            if stop is not None and starts:
                yield stop.id, ANSWERED, group

    def _decisive_items(self) -> tuple[tuple[int, Item, int, tuple[str, ...]], ...]:
        """The first item with each condition, and the items that decide a condition or the group.

        Each item is paired with its place among all items. The verdict on any other item follows
        from the verdicts on these items.
        """
        decisive = self._deciding.items_behind(self._breakdown).union(
            *(behind for _, _, behind in self._routed)
        )
        numbers: set[int] = set()
        found = []
        for place, (item, number, behind) in enumerate(self._routed):
            if number not in numbers or item.id in decisive:
                numbers.add(number)
                found.append((place, item, number, behind))
        return tuple(found)

    def _conditions(self) -> Iterator[tuple[Item, int, tuple[str, ...]]]:
        """Each item, the number of its condition, and the items that decide the condition.

        Items with equal conditions have the same number.
        """
        numbers: dict[Condition | None, int] = {}
        for item in self._questionnaire.items[:-1]:
            number = numbers.setdefault(item.asked_if, len(numbers))
            behind = map(self._deciding.items_behind, names_in(item.asked_if))
            yield item, number, tuple(sorted(frozenset().union(*behind)))

    def _is_asked(
        self, item: Item, number: int, behind: tuple[str, ...], answers: Answers
    ) -> bool | None:
        """Evaluate the condition of an item, once for each combination of decisive answers."""
        key = (number, *map(answers.get, behind))
        if key not in self._asked:
            self._asked[key] = holds(item.asked_if, answers, self._questionnaire)
        return self._asked[key]


def _until_probe(
    questionnaire: Questionnaire, deciding: Deciding
) -> Iterator[tuple[Item | None, tuple[Situation, ...]]]:
    """The states of interviews at each item, and at the end (None)."""
    for item, found in situations_in(questionnaire.items, deciding):
        is_end = item is None or item.id == _PROBE
        yield None if is_end else item, found
        if is_end:
            return


def _firsts(codes: Iterable[str], classes: Mapping[str, int] | None) -> dict[int, str]:
    """The first code in each class; without classes, the first code."""
    found: dict[int, str] = {}
    for code in codes:
        own = 0 if classes is None else classes[code]
        found[own] = min(found.get(own, code), code)
    return found


def late_items(questionnaire: Questionnaire) -> frozenset[str]:
    """The items before which a partial interview can end.

    The result is all items after the first item of the first section with `makes_partial`; that
    item is included if it is a matrix, because an interview can end within it.
    """
    late: list[Item] = []
    for section in questionnaire.sections:
        if late or section.makes_partial:
            late += section.items
    first = late[:1]
    return frozenset(item.id for item in late if item not in first or isinstance(item, Matrix))
