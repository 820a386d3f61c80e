"""The steps of an interview: splitting items into single questions, and ordering options and rows.

Most items have one step. A matrix has one step per row and a ranking one step per rank. An option
that asks for a text adds a step after the list of options. The key of a step is the item's id,
followed if necessary by `.` and the row, rank or option code: `trust_by_issuer.employer`,
`trust_conditions.2`, `terms_used.other`.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.models import (
    Choice,
    Integer,
    Matrix,
    Multiple,
    Open,
    Ranking,
    Single,
    allowed_missing,
)
from microcred_cli.questionnaire.values import BLANK
from microcred_cli.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from microcred_cli.questionnaire.models import Item, Option, Questionnaire, Row
    from microcred_cli.questionnaire.values import Value


class Step(Frozen):
    """A single question to ask.

    `options` are in the order shown. `missing` are the reserved codes shown after the options, and
    `accepts` all reserved codes that are accepted. `part` is the row of a matrix, the rank in a
    ranking (`1`, `2`, ...) or the option that asks for a text. `number` is the position of the step
    among `count` rows or ranks. In a ranking, `listed` has all options, including the options
    already `ranked`.
    """

    item: Item
    asks: Literal["one", "some", "number", "text"]
    part: str | None = None
    options: tuple[Option, ...] = ()
    missing: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    at_most: int | None = None
    max_length: int = 0
    number: int = 1
    count: int = 1
    listed: tuple[Option, ...] = ()
    ranked: tuple[str, ...] = ()

    @cached_property
    def key(self) -> str:
        """The stable key of the step, under which its answer is stored in a draft."""
        return self.item.id if self.part is None else f"{self.item.id}.{self.part}"

    @property
    def specifies(self) -> bool:
        """True if the step asks for the text of an option."""
        return self.asks == "text" and self.part is not None


def steps_of(
    questionnaire: Questionnaire,
    item: Item,
    given: Mapping[str, Value],
    seed: int | None,
    *,
    on_paper: bool = False,
) -> Iterator[Step]:
    """The steps of one item in the order shown, up to the last one that the answers determine."""
    fixed = fixed_steps(questionnaire, item, seed, on_paper=on_paper)
    return with_steps_added(questionnaire, fixed, given)


def fixed_steps(
    questionnaire: Questionnaire, item: Item, seed: int | None, *, on_paper: bool = False
) -> tuple[Step, ...]:
    """The steps of an item that do not depend on answers; for a ranking, only the first rank.

    If the answers were given `on_paper`, an item that is not `required: hard` can be left empty.
    """
    optional = ("optional", "soft") if on_paper else ("optional",)
    may_stay_empty = (BLANK,) if item.required in optional else ()
    missing: tuple[str, ...] = (*item.missing, *may_stay_empty)
    accepts = (*allowed_missing(item), *may_stay_empty)
    if isinstance(item, Integer):
        return (Step(item, "number", missing=missing, accepts=accepts),)
    if isinstance(item, Open):
        accepts = accepts if on_paper else allowed_missing(item)
        return (Step(item, "text", accepts=accepts, max_length=item.max_length),)
    if isinstance(item, Matrix):
        options = questionnaire.options(item)
        rows = rows_shown(item, seed)
        return tuple(
            Step(item, "one", row.code, options, missing, accepts, number=number, count=len(rows))
            for number, row in enumerate(rows, 1)
        )
    options = options_shown(questionnaire, item, seed)
    if isinstance(item, Ranking):
        return (_rank(item, options, (), may_stay_empty if on_paper else ()),)
    at_most = item.at_most if isinstance(item, Multiple) else None
    asks: Literal["one", "some"] = "one" if isinstance(item, Single) else "some"
    return (Step(item, asks, None, options, missing, accepts, at_most),)


def with_steps_added(
    questionnaire: Questionnaire, fixed: tuple[Step, ...], given: Mapping[str, Value]
) -> Iterator[Step]:
    """The fixed steps of an item, and the steps that its answers add: ranks and option texts."""
    yield from fixed
    item = fixed[0].item
    if isinstance(item, Ranking):
        yield from _further_ranks(item, fixed[0], given)
    elif isinstance(item, Single | Multiple):
        chosen = given.get(item.id, ())
        codes = (chosen,) if isinstance(chosen, str) else chosen
        if not codes or not isinstance(codes, tuple):
            return
        for option in questionnaire.options(item):
            if option.specify and option.code in codes:
                yield Step(item, "text", option.code, max_length=option.specify.max_length)


def _further_ranks(item: Ranking, first: Step, given: Mapping[str, Value]) -> Iterator[Step]:
    step = first
    while True:
        value = given.get(step.key)
        chosen = next((option for option in step.options if option.code == value), None)
        if chosen is None or chosen.exclusive or step.number == step.count:
            return
        loose = tuple(option for option in first.listed if not option.exclusive)
        step = _rank(item, loose, (*step.ranked, chosen.code))
        yield step


def _rank(
    item: Ranking,
    options: tuple[Option, ...],
    ranked: tuple[str, ...],
    empty: tuple[str, ...] = (),
) -> Step:
    """The step for the next open rank; `empty` has the code for no answer, if that is accepted."""
    rank = len(ranked) + 1
    return Step(
        item,
        "one",
        str(rank),
        options=tuple(option for option in options if option.code not in ranked),
        missing=(BLANK,) if ranked else (*item.missing, *empty),
        accepts=(BLANK,) if ranked else (*allowed_missing(item), *empty),
        number=rank,
        count=min(item.ranks, sum(not option.exclusive for option in options) or 1),
        listed=options,
        ranked=ranked,
    )


def rank_keys(item: Ranking) -> tuple[str, ...]:
    """The keys of all ranks of an item."""
    return tuple(f"{item.id}.{rank}" for rank in range(1, item.ranks + 1))


def options_shown(
    questionnaire: Questionnaire, item: Choice, seed: int | None
) -> tuple[Option, ...]:
    """The options in the order shown: fixed, alphabetical or shuffled; anchored ones are last."""
    options = questionnaire.options(item)
    loose = len(options) - item.anchored
    free, anchored = list(options[:loose]), options[loose:]
    if item.order == "alphabetical":
        free.sort(key=lambda option: fold(option.label))
    elif item.order == "shuffled" and seed is not None:
        free.sort(key=lambda option: _shuffled(seed, item.id, option.code))
    return (*free, *anchored)


def rows_shown(item: Matrix, seed: int | None) -> tuple[Row, ...]:
    """The rows of a matrix in the order shown."""
    if item.rows_order == "fixed" or seed is None:
        return item.rows
    return tuple(sorted(item.rows, key=lambda row: _shuffled(seed, item.id, row.code)))


def _shuffled(seed: int, item: str, code: str) -> bytes:
    return hashlib.sha256(f"{seed}:{item}:{code}".encode()).digest()
