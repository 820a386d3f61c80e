"""Independent parts of a questionnaire, and the shortest and longest ways through them.

Two items belong to the same part if an answer to one can affect the other. Answers in one part do
not affect another part, so the longest route is the longest way through each part. The number of
their combinations, which doubles with each independent condition, does not matter.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from microcred_cli.questionnaire.conditions import holds, names_in
from microcred_cli.questionnaire.routes import MOST, Deciding, texts_of, too_many

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.questionnaire.routes import End
    from microcred_cli.questionnaire.values import Answer, Answers

Part = tuple["Item", ...]
"""The items of a part, in order."""


class Way(NamedTuple):
    """All ways through a part with equivalent answers, and the bounds of their cost."""

    answers: Answers
    least: float
    most: float


class Parts:
    """The parts of a questionnaire.

    The items in each collection of `together`, or that its computed variables depend on, belong to
    one part. With `texts`, items also belong together if an answer affects the words of a text.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        *,
        together: Iterable[Collection[str]] = (),
        texts: bool = False,
    ) -> None:
        self._questionnaire = questionnaire
        self.deciding = Deciding(questionnaire)
        self._first: dict[str, str] = {item.id: item.id for item in questionnaire.items}
        for names in together:
            self._join(names)
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
        """The number of the part of each item, by item id: its index in `all`."""
        return {item.id: number for number, part in enumerate(self.all) for item in part}

    @cached_property
    def deciders(self) -> tuple[tuple[str, ...], ...]:
        """The items of each part on whose answers the way through it depends."""
        behind = self.deciding.items_behind
        return tuple(
            tuple({i: None for item in part for n in names_in(item.asked_if) for i in behind(n)})
            for part in self.all
        )

    @cached_property
    def ends(self) -> dict[tuple[str, str], End]:
        """The answers that end the interview, by item id and code."""
        return {
            (item.id, option.code): option.ends
            for item in self._questionnaire.items
            for option in self._questionnaire.options(item)
            if option.ends
        }

    def longest(self, part: Part, costs: Mapping[str, float], known: Answers) -> float:
        """The largest cost of the ways through a part (see `ways`)."""
        return max((way.most for way in self.ways(part, costs, known)), default=0)

    def ways(
        self,
        part: Part,
        costs: Mapping[str, float],
        known: Answers,
        keep: Collection[str] = (),
    ) -> tuple[Way, ...]:
        """The ways through a part to its end, with the `known` answers.

        The cost of a way is the sum over its unknown items. Ways are distinct if they differ in the
        answers to the items `keep`.
        """
        lasts = dict.fromkeys(keep, len(part))
        for position, item in enumerate(part):
            for name in names_in(item.asked_if):
                for behind in self.deciding.items_behind(name) - set(keep):
                    lasts[behind] = position
        ways = [Way({item.id: known[item.id] for item in part if item.id in known}, 0, 0)]
        for position, item in enumerate(part):
            if item.id in known:
                continue
            live = [other for other, last in lasts.items() if last > position]
            ways = self._merged((new for way in ways for new in self._past(item, way, costs)), live)
        return tuple(ways)

    def _past(self, item: Item, way: Way, costs: Mapping[str, float]) -> Iterator[Way]:
        """The ways past an item, without those on which an answer ends the interview."""
        answers, least, most = way
        if holds(item.asked_if, answers, self._questionnaire) is False:
            yield Way({**answers, item.id: "not_asked"}, least, most)
            return
        cost = costs.get(item.id, 0)
        possible: list[Answer] = list(self.deciding.answers(item))
        for answer in possible:
            if not (isinstance(answer, str) and (item.id, answer) in self.ends):
                yield Way({**answers, item.id: answer}, least + cost, most + cost)
        if not possible:
            yield Way(answers, least + cost, most + cost)

    def _merged(self, ways: Iterable[Way], live: Collection[str]) -> list[Way]:
        """Merge ways with equivalent answers to the items that later items depend on."""
        kept: dict[object, Way] = {}
        for way in ways:
            key = tuple(self.deciding.marks(i, way.answers[i]) for i in live if i in way.answers)
            same = kept.get(key, way)
            kept[key] = Way(same.answers, min(same.least, way.least), max(same.most, way.most))
            if len(kept) > MOST:
                raise too_many()
        return list(kept.values())
