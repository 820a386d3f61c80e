"""The attack on all questions of a data set together, by an attacker who knows the questionnaire.

In addition to the constraints of `printed_model`, the questions share:

- the sizes of all groups, in however many questions they are shown;
- the routes: they depend on a few filters (here, the role and the relation), so the size of each
  combination of these in a group determines how many people were not asked each question;
- nested groups: people who were not asked a breakdown's question (the size of the organisation)
  all have one role, answer by answer;
- the ends of interviews: people who did not reach a question reached no later one.

The program makes no promise for this attack (`docs/figures.md`, what the rule does not do): its
results are measured, not asserted.
"""

from __future__ import annotations

import math
from itertools import pairwise, product
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.conditions import category_of, holds, names_in
from microcred_cli.questionnaire.values import NOT_ASKED, NOT_REACHED
from microcred_cli.records.recoding import stored, stored_codes
from tests.summary.printed_attack import Result, solve
from tests.summary.printed_model import EVERYONE, POOLED, Block, Printed, Sizes, System

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from microcred_cli.questionnaire.models import Condition, Questionnaire
    from microcred_cli.questionnaire.values import Answer
    from tests.summary.printed_model import Place

Kind = tuple[str, ...]
"""A code of each filter."""


class Routes:
    """The questions asked for each combination of the filters."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = stored(questionnaire)
        items = self.questionnaire.items
        self.asked_if = {item.id: item.asked_if for item in items}
        names = dict.fromkeys(n for i in items for n in names_in(i.asked_if))
        self.names = list(names)
        self._answers = {name: self._answers_of(name) for name in names}
        self.kinds: list[Kind] = list(product(*self._answers.values()))

    def _answers_of(self, name: str) -> dict[str, tuple[str, Answer]]:
        """For each code of a filter, an item and an answer to it that lead to the code."""
        computed = self.questionnaire.computed_by_id.get(name)
        if computed is None:
            item = next(i for i in self.questionnaire.items if i.id == name)
            return {code: (name, code) for code in stored_codes(self.questionnaire, item)}
        of = next(n for category in computed.categories for n in names_in(category.when))
        item = next(i for i in self.questionnaire.items if i.id == of)
        found: dict[str, tuple[str, Answer]] = {}
        for code in stored_codes(self.questionnaire, item):
            category = category_of(computed, {of: (code,)}, self.questionnaire)
            found.setdefault(str(category), (of, (code,)))
        return found

    def are_asked(self, condition: Condition | None, kind: Kind) -> bool:
        """True if people of this kind are asked a question with this condition."""
        pairs = zip(self._answers.values(), kind, strict=True)
        answers = dict(codes[code] for codes, code in pairs)
        return bool(holds(condition, answers, self.questionnaire))

    def can_be(self, by: str, code: str, kind: Kind) -> bool:
        """True if people of this kind can have a code of a breakdown."""
        if by in self.names:
            return kind[self.names.index(by)] == code
        return self.are_asked(self.asked_if[by], kind) != (code == NOT_ASKED)

    def codes(self, by: str) -> list[str]:
        """All possible groups of a breakdown."""
        if by in self._answers:
            return list(self._answers[by])
        item = next(i for i in self.questionnaire.items if i.id == by)
        return [*stored_codes(self.questionnaire, item), "dk", "pna", NOT_ASKED]


def attack_jointly(
    questionnaire: Questionnaire, texts: Mapping[str | None, str], total: int
) -> Result:
    """The information revealed by the figures of all questions together, by linear programs."""
    return solve(system_of_all(questionnaire, texts, total), whole=False)


def system_of_all(
    questionnaire: Questionnaire, texts: Mapping[str | None, str], total: int
) -> System:
    """Everything printed of a data set, and the constraints of the questionnaire."""
    printed = Printed.of(texts, total)
    system = System(total)
    sizes = Sizes(printed, system)
    for by in printed.breakdowns:
        sizes.add(by)
    own = sizes.blocks
    blocks = {
        item: own[item] if item in own else Block(printed, system, sizes, item)
        for item in printed.items
        if printed.tables(item)
    }
    _Joined(Routes(questionnaire), printed, system, sizes, list(blocks.values())).join()
    return system


class _Joined:
    """The constraints between the blocks of all questions."""

    def __init__(
        self,
        routes: Routes,
        printed: Printed,
        system: System,
        sizes: Sizes,
        blocks: Sequence[Block],
    ) -> None:
        self._routes = routes
        self._printed = printed
        self._system = system
        self._sizes = sizes
        self._blocks = blocks

    def join(self) -> None:
        """Add all constraints."""
        kinds = {place: self._divide(place) for place in self._sizes.of}
        for by in self._printed.breakdowns:
            for kind, everyone in kinds[EVERYONE].items():
                parts = [kinds[p][kind] for p in self._places(by) if kind in kinds[p]]
                self._system.bind(parts, [everyone])
        for block in self._blocks:
            for place in block.counts:
                self._ask(block, place, kinds[place])
            self._nest(block)
        for before, after in pairwise(self._everybodys()):
            self._end(before, after)
        self._end_routed()
        for name in self._routes.names:
            self._compute(name, kinds[EVERYONE])

    def _places(self, by: str) -> list[Place]:
        return [place for place in self._sizes.of if place[0] == by]

    def _codes(self, place: Place) -> list[str]:
        """The groups that are counted at a position of a breakdown."""
        by, group = place
        if by is None or group != POOLED:
            return [str(group)]
        alone = {code for _, code in self._places(by)}
        return [code for code in self._routes.codes(by) if code not in alone]

    def _divide(self, place: Place) -> dict[Kind, int]:
        """Divide the people at a position by kind."""
        by, _ = place
        kinds = [
            kind
            for kind in self._routes.kinds
            if by is None or any(self._routes.can_be(by, c, kind) for c in self._codes(place))
        ]
        found = {kind: self._system.variable() for kind in kinds}
        self._system.bind(list(found.values()), [self._sizes.of[place]])
        return found

    def _ask(self, block: Block, place: Place, kinds: Mapping[Kind, int]) -> None:
        """People who were not asked belong to a kind of people who are not asked."""
        not_asked = block.counts[place].get((None, NOT_ASKED))
        if not_asked is not None:
            condition = self._routes.asked_if[block.item]
            off = [at for kind, at in kinds.items() if not self._routes.are_asked(condition, kind)]
            self._system.bind(off, [not_asked])

    def _compute(self, name: str, kinds: Mapping[Kind, int]) -> None:
        """Link a computed filter to the codes from which it is computed."""
        computed = self._routes.questionnaire.computed_by_id.get(name)
        blocks = {block.item: block for block in self._blocks}
        place = self._routes.names.index(name)
        within: set[str] = set()
        chosen: list[int] = []
        for category in computed.categories if computed else ():
            when = category.when
            if when is None or when.any_of is None or str(when.item) not in blocks:
                break
            cells = blocks[str(when.item)].codes()
            within.add(category.code)
            chosen += [cells[code] for code in when.any_of]
            people = [at for kind, at in kinds.items() if kind[place] in within]
            self._system.bind(chosen, people, 0, math.inf)
            for cell in chosen:
                self._system.bind(people, [cell], 0, math.inf)

    def _nest(self, block: Block) -> None:
        """Nested groups have at most as many people with an answer as the group around them."""
        for outer in block.counts:
            for by in self._printed.breakdowns:
                inner = [p for p in self._places(by) if p in block.counts]
                inner = [p for p in inner if by != outer[0] and self._lies_within(p, outer)]
                if inner and outer != EVERYONE:
                    self._hold(block, inner, outer)

    def _hold(self, block: Block, inner: Sequence[Place], outer: Place) -> None:
        for key, whole in block.counts[outer].items():
            parts = [block.counts[p][key] for p in inner if key in block.counts[p]]
            self._system.bind([whole], parts, 0, math.inf)

    def _lies_within(self, inner: Place, outer: Place) -> bool:
        """True if everybody who can be in one group is in the other."""
        return all(
            self._is_sure(outer, kind)
            for kind in self._routes.kinds
            if any(self._routes.can_be(str(inner[0]), c, kind) for c in self._codes(inner))
        )

    def _is_sure(self, place: Place, kind: Kind) -> bool:
        """True if all people of this kind are at a position."""
        by, _ = place
        if by is None:
            return True
        within = set(self._codes(place))
        codes = self._routes.codes(by)
        return all(code in within for code in codes if self._routes.can_be(by, code, kind))

    def _everybodys(self) -> list[Block]:
        """The blocks of the questions that are asked of everybody."""
        return [block for block in self._blocks if self._routes.asked_if[block.item] is None]

    def _end(self, before: Block, after: Block) -> None:
        """People who did not reach one question did not reach a later one on their route."""
        for place in before.counts.keys() & after.counts.keys():
            early, late = before.counts[place], after.counts[place]
            skipped = [late[None, NOT_ASKED]] if (None, NOT_ASKED) in late else []
            for one, other in product(_unreached(early), _unreached(late)):
                self._system.bind([other, *skipped], [one], 0, math.inf)

    def _end_routed(self) -> None:
        """The same for adjacent questions, at least one of which is not asked of everybody."""
        for one, other in pairwise(self._blocks):
            if {one, other} - set(self._everybodys()):
                self._end(one, other)


def _unreached(counts: Mapping[tuple[str | None, str], int]) -> Iterable[int]:
    return [at for (_, code), at in counts.items() if code == NOT_REACHED]
