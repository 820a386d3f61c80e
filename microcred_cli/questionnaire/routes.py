"""Every route through a questionnaire: which items are asked, and after which answers.

The questionnaire is walked once, item by item, with all situations that an interview can be in.
Situations that nothing to come can tell apart are one, so few remain, and still it is exact: every
interview takes one of the routes, and each route can be taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from microcred_cli.questionnaire.conditions import holds
from microcred_cli.questionnaire.deciding import MOST, Deciding, too_many

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.questionnaire.values import Answer, Answers

End = Literal["refused", "screened_out"]
"""How an answer can close an interview."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way through a questionnaire.

    `items` are those asked, in order. `answers` has an answer for each deciding item up to the end
    (`not_asked` where it is routed past) that together lead this way; others may lead it too.
    `seconds` is the time of a person alone, `ends` how an answer closes the interview, if one does.
    """

    items: tuple[str, ...]
    answers: Answers
    seconds: int
    ends: End | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Where an interview can be when an item's turn comes.

    `answers` are those of the deciding items so far, `asked` the items that were asked (only while
    routes are sought). `begun` tells whether an item of this section was asked already.
    """

    answers: Answers = field(default_factory=lambda: MappingProxyType({}))
    asked: tuple[str, ...] = ()
    begun: bool = False
    ends: End | None = None


def routes(questionnaire: Questionnaire) -> tuple[Route, ...]:
    """Every route, those that an answer closes first.

    The questionnaire must be free of faults but for what its routes show.

    Raises:
        DefinitionError: there are too many to tell apart.
    """
    walk = _Walk(questionnaire, keeps_asked=True)
    ends = [end for item in questionnaire.items for end in walk.past(item)]
    seconds = {item.id: item.seconds for item in questionnaire.items}
    found: dict[object, Route] = {}
    for end in (*ends, *walk.situations):
        total = sum(seconds[item] for item in end.asked)
        route = Route(end.asked, MappingProxyType(dict(end.answers)), total, end.ends)
        found.setdefault((end.asked, end.ends), route)
    return tuple(found.values())


def situations(
    questionnaire: Questionnaire,
) -> Iterator[tuple[Item | None, tuple[Situation, ...]]]:
    """The situations in which each item's turn comes, whether it is asked or not; last, the end.

    They differ in all that the conditions and texts of this item and those behind it can tell
    apart, and in the values of the computed variables that are settled just there.

    Raises:
        DefinitionError: there are too many to tell apart.
    """
    walk = _Walk(questionnaire, keeps_asked=False)
    for item in questionnaire.items:
        walk.enter(item)
        yield item, tuple(walk.situations)
        walk.past(item)
    yield None, tuple(walk.situations)


class _Walk:
    """The situations that an interview can be in, at one item after another."""

    def __init__(self, questionnaire: Questionnaire, *, keeps_asked: bool) -> None:
        self.situations: list[Situation] = [Situation()]
        self._questionnaire = questionnaire
        self._deciding = Deciding(questionnaire)
        self._keeps_asked = keeps_asked
        self._position = 0
        self._section = ""

    def enter(self, item: Item) -> None:
        """Come to an item; in a new section, nothing has begun."""
        section = self._questionnaire.section_of[item.id].id
        if section != self._section:
            self._section = section
            self._merge(replace(situation, begun=False) for situation in self.situations)

    def past(self, item: Item) -> list[Situation]:
        """Go past an item, and give the situations in which an answer closes the interview."""
        self.enter(item)
        self._position += 1
        after = [new for situation in self.situations for new in self._after(item, situation)]
        self._merge(new for new in after if new.ends is None)
        return [new for new in after if new.ends is not None]

    def _after(self, item: Item, situation: Situation) -> Iterator[Situation]:
        """What a situation can become at an item."""
        decides = item.id in self._deciding.last_positions
        if not holds(item.asked_if, situation.answers, self._questionnaire):
            yield _said(situation, item, "not_asked") if decides else situation
            return
        asked = (*situation.asked, item.id) if self._keeps_asked else ()
        situation = replace(situation, asked=asked, begun=True)
        ends = {o.code: o.ends for o in self._questionnaire.options(item) if o.ends}
        if not decides and not ends:
            yield situation
            return
        for answer in self._deciding.answers(item):
            end = ends.get(answer) if isinstance(answer, str) else None
            yield replace(_said(situation, item, answer), ends=end)

    def _merge(self, situations: Iterable[Situation]) -> None:
        """Keep one situation of those that nothing to come tells apart."""
        kept: dict[object, Situation] = {}
        live = [i for i, last in self._deciding.last_positions.items() if last >= self._position]
        for situation in situations:
            answers = situation.answers
            told = [self._deciding.marks(i, answers[i]) for i in live if i in answers]
            kept.setdefault((situation.asked, situation.begun, *told), situation)
            if len(kept) > MOST:
                raise too_many()
        self.situations = list(kept.values())


def _said(situation: Situation, item: Item, answer: Answer) -> Situation:
    """A situation with one more answer."""
    return replace(situation, answers={**situation.answers, item.id: answer})
