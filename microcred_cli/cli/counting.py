"""How the store counts responses and makes figures of them: what it is given by the commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from microcred_cli.errors import StoreError
from microcred_cli.store.counts import Method
from microcred_cli.summary.audit.differencing import PreviousFigures
from microcred_cli.summary.counts import Counter, Counts
from microcred_cli.summary.figures import Figures
from microcred_cli.summary.protection import protect
from microcred_cli.summary.rule import RULE_SHA256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.store.counts import Published, Tally
    from microcred_cli.store.judge import Judge


@dataclass(slots=True)
class _Tally:
    """The counts of one questionnaire, to be kept by the store."""

    counter: Counter

    def add(self, answers: Mapping[str, Any]) -> None:
        self.counter.add(answers)

    def subtract(self, answers: Mapping[str, Any]) -> None:
        self.counter.subtract(answers)

    def to_object(self) -> object:
        return self.counter.counts.to_object()

    def people(self) -> object:
        return [[*groups, size] for groups, size in sorted(self.counter.counts.sizes.items())]


def method_for(
    judge: Judge, *, synthetic: bool, begun: Callable[[], object] = lambda: None
) -> Method:
    """How responses to a questionnaire are counted, and figures made of them.

    Args:
        judge: that of the questionnaire.
        synthetic: whether the responses were invented.
        begun: is called when figures begin to be made.
    """
    asked, sha256 = judge.asked, judge.ref.sha256

    def begin(kept: object | None) -> Tally:
        return _begin(asked, kept)

    def make(tally: Tally, last: Published | None) -> object:
        begun()
        counts = Counts.from_object(tally.to_object())
        previous = None if last is None else _previous(last)
        made = protect(asked, counts, sha256=sha256, synthetic=synthetic, previous=previous)
        return made.model_dump(mode="json")

    return Method(rule=RULE_SHA256, begin=begin, protect=make)


def _previous(last: Published) -> PreviousFigures | None:
    """The last figures; none if they tell nothing that new ones could be set beside."""
    figures = Figures.from_json(to_json(last.figures))
    if figures.responses is None:
        return None
    sizes = None
    if isinstance(last.people, list):
        sizes = {tuple(map(str, groups)): int(size) for *groups, size in last.people}
    return PreviousFigures(figures, sizes)


def _begin(recorded: Questionnaire, kept: object | None) -> Tally:
    counter = Counter(recorded)
    if kept is not None:
        counts = Counts.from_object(kept)
        if counts.layout != counter.counts.layout:
            raise StoreError(
                "The counts belong to another version of the program.",
                where="counts.json",
                hint="They are made anew.",
            )
        counter.counts = counts
    return _Tally(counter)
