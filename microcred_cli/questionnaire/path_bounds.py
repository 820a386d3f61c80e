"""Independent parts of a questionnaire, and the shortest and longest paths through them.

Two items belong to the same part if an answer to one can affect the other. Answers in one part do
not affect another part, so the longest route consists of the longest path through each part.
Combinations of paths, whose number doubles with each independent condition, need not be enumerated.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.conditions import holds, names_in
from microcred_cli.questionnaire.routes import MOST, Deciding, conditions_of, texts_of, too_many

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Condition, Item, Questionnaire
    from microcred_cli.questionnaire.routes import End
    from microcred_cli.questionnaire.values import Answer, Answers

Part = tuple["Item", ...]
"""The items of a part, in order."""


class Way:
    """Paths with equivalent answers: minimum and maximum time, and maximum number of items."""

    __slots__ = ("answers", "items", "longest", "shortest")

    def __init__(self, answers: Answers, shortest: float, longest: float, items: int) -> None:
        self.answers = answers
        self.shortest, self.longest = shortest, longest
        self.items = items

    def on(self, item: str, answer: Answer | None, seconds: float | None) -> Way:
        """The path extended by an item; without `seconds`, the item adds no time."""
        answers = self.answers if answer is None else {**self.answers, item: answer}
        if seconds is None:
            return Way(answers, self.shortest, self.longest, self.items)
        return Way(answers, self.shortest + seconds, self.longest + seconds, self.items + 1)


class Parts:
    """The parts of a questionnaire.

    All items that the conditions in `apart` depend on belong to one part, so that its paths can be
    distinguished by these conditions. With `texts`, two items also belong to the same part if an
    answer to one affects the wording of the other.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        *,
        apart: Sequence[Condition] = (),
        texts: bool = False,
    ) -> None:
        self._questionnaire = questionnaire
        self.deciding = Deciding(questionnaire, texts=texts, further=apart)
        self._possible: dict[str, tuple[Answer, ...]] = {}
        self._deciders: dict[int, tuple[str, ...]] = {}
        self._first: dict[str, str] = {item.id: item.id for item in questionnaire.items}
        self._join([name for condition in apart for name in names_in(condition)])
        for item in questionnaire.items:
            if item.asked_if is not None:
                self._join([item.id, *names_in(item.asked_if)])
        if texts:
            self._join_by_texts()

    def _join_by_texts(self) -> None:
        for variable in self._questionnaire.computed:
            self._join([variable.id])
        for section in self._questionnaire.sections:
            for phrase in self._questionnaire.phrases:
                token = f"{{{phrase.id}}}"
                if token in (section.lead_in or ""):
                    # The lead-in is shown with the first item of the section that is asked.
                    self._join([phrase.by, *(item.id for item in section.items)])
                for item in section.items:
                    if any(token in text for text in texts_of(section, item)):
                        self._join([phrase.by, item.id])
            for item in section.items:
                if item.variants:
                    self._join([item.id, *(n for v in item.variants for n in names_in(v.when))])

    def _join(self, names: Collection[str]) -> None:
        items = sorted({self._root(i) for name in names for i in self.deciding.items_behind(name)})
        self._first.update(dict.fromkeys(items, items[0] if items else ""))

    def _root(self, item: str) -> str:
        while self._first[item] != item:
            item = self._first[item]
        return item

    @cached_property
    def all(self) -> tuple[Part, ...]:
        """The parts, in the order of their first items."""
        found: dict[str, list[Item]] = {}
        for item in self._questionnaire.items:
            found.setdefault(self._root(item.id), []).append(item)
        return tuple(map(tuple, found.values()))

    @cached_property
    def number_of(self) -> dict[str, int]:
        """The index in `all` of the part that contains each item, by item id."""
        return {item.id: number for number, part in enumerate(self.all) for item in part}

    def deciders(self, number: int) -> tuple[str, ...]:
        """The items whose answers determine the path through a part."""
        if number not in self._deciders:
            names = {name: None for item in self.all[number] for name in names_in(item.asked_if)}
            items = {item: None for name in names for item in self.deciding.items_behind(name)}
            self._deciders[number] = tuple(items)
        return self._deciders[number]

    @cached_property
    def ends(self) -> dict[tuple[str, str], End]:
        """The answers that end the interview, as pairs of item id and code."""
        return {
            (item.id, option.code): option.ends
            for item in self._questionnaire.items
            for option in self._questionnaire.options(item)
            if option.ends
        }

    @cached_property
    def free(self) -> frozenset[str]:
        """The items whose answers do not affect any condition or wording, nor end the interview."""
        names = {phrase.by for phrase in self._questionnaire.phrases}
        for item in self._questionnaire.items:
            for when in conditions_of(item):
                names.update(names_in(when))
        behind = {item for name in names for item in self.deciding.items_behind(name)}
        behind |= {item for item, _ in self.ends}
        return frozenset(item.id for item in self._questionnaire.items) - behind

    def ways(
        self,
        part: Part,
        seconds: Mapping[str, float],
        known: Answers,
        keep: Collection[str] = (),
    ) -> tuple[Way, ...]:
        """The paths through a part to its end, given the `known` answers.

        The time of a path is the sum of the `seconds` of the items without known answers. Paths are
        distinct if they differ in the answers to the items in `keep`.
        """
        lasts = dict.fromkeys(keep, len(part))
        for position, item in enumerate(part):
            for name in names_in(item.asked_if):
                for behind in self.deciding.items_behind(name).difference(keep):
                    lasts[behind] = position
        ways = [Way({item.id: known[item.id] for item in part if item.id in known}, 0, 0, 0)]
        for position, item in enumerate(part):
            if item.id not in known:
                live = [other for other, last in lasts.items() if last > position]
                after = (new for way in ways for new in self._past(item, way, seconds))
                ways = self._merged(after, live)
        return tuple(ways)

    def _past(self, item: Item, way: Way, seconds: Mapping[str, float]) -> Iterator[Way]:
        """Extend paths by an item, leaving out paths on which an answer ends the interview."""
        if holds(item.asked_if, way.answers, self._questionnaire) is False:
            yield way.on(item.id, "not_asked", None)
            return
        possible = self._possible.get(item.id)
        if possible is None:
            possible = self._possible[item.id] = tuple(self.deciding.answers(item))
        for answer in possible:
            if not (isinstance(answer, str) and (item.id, answer) in self.ends):
                yield way.on(item.id, answer, seconds.get(item.id))
        if not possible:
            yield way.on(item.id, None, seconds.get(item.id))

    def _merged(self, ways: Iterable[Way], live: Collection[str]) -> list[Way]:
        """Merge paths whose answers are equivalent for all items that later items depend on."""
        kept: dict[object, Way] = {}
        for way in ways:
            key = tuple(self.deciding.marks(i, way.answers[i]) for i in live if i in way.answers)
            same = kept.setdefault(key, way)
            if len(kept) > MOST:
                raise too_many()
            same.shortest = min(same.shortest, way.shortest)
            same.longest = max(same.longest, way.longest)
            same.items = max(same.items, way.items)
        return list(kept.values())
