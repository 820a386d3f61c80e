"""Decoys: tables rounded more coarsely or withheld at random, although they could be printed.

Without decoys, rounding or withholding a table would reveal the reason for doing so. Decoys are
drawn from tables that could need protection: tables with a masked count, and tables of all
respondents. The random seed is derived from the tables' printed figures and the secret exact counts
of all other items, so the same responses always have the same decoys.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from microcred_cli.summary.rule import COARSER, MASKED_BELOW, printed

if TYPE_CHECKING:
    from microcred_cli.summary.audit.partitions import Statement
    from microcred_cli.summary.plan import Plan
    from microcred_cli.summary.tabulation import Tabulation

DRAWN_FROM: Final = 1024
"""The denominator of the probability that a printable table becomes a decoy."""

TO_COARSER: Final = 64
"""The numerator of the probability of rounding to 10, for a table with a masked count."""

TO_COARSER_OF_EVERYONE: Final = 16
"""The numerator of the probability of rounding to 10, if only tables by group have masked
counts."""

TO_NOTHING: Final = 1
"""The numerator of the probability of withholding, for a table with a masked count."""

TO_NOTHING_WHERE_NARROW: Final = 16
"""The numerator of the probability of withholding, if figures rounded to tens allow fewer than
eight values."""

SMALL: Final = 16
"""No decoys are drawn if all other items together have at most this number of cells."""


class Decoys:
    """The decoys of one seal."""

    def __init__(self, plan: Plan, whole: Tabulation) -> None:
        self._plan = plan
        self._whole = whole
        self._exact = [json.dumps(sorted(table.items())).encode() for table in whole.everyone]

    def can_be_guessed(self, statement: Statement) -> bool:
        """True if the other items have so few cells that an attacker can guess the seed."""
        return sum(len(self._whole.everyone[place]) for place in self._others(statement)) <= SMALL

    def include(self, statement: Statement, name: str | None, to: int, values: int) -> bool:
        """True if printable tables with this rounding are decoys, to be protected further.

        `values` is the smallest number of values that the figures of the tables allow for any
        count.
        """
        is_coarse = to == COARSER
        if values > MASKED_BELOW:
            limit = 0 if is_coarse or name is not None else TO_COARSER_OF_EVERYONE
        elif values < MASKED_BELOW:
            limit = TO_NOTHING_WHERE_NARROW if is_coarse else TO_COARSER
        else:
            limit = TO_NOTHING if is_coarse else TO_COARSER
        return self.draw(statement, name) < limit

    def draw(self, statement: Statement, name: str | None) -> int:
        """A pseudorandom number below `DRAWN_FROM`."""
        places = [place for place, _ in statement]
        figures = [
            [printed(count) for place in places for count in tables[place].values()]
            for tables in self._whole.by(name).values()
        ]
        drawn = hashlib.sha256(json.dumps([figures, places, name]).encode())
        for place in self._others(statement):
            drawn.update(self._exact[place])
        return int.from_bytes(drawn.digest()[:2]) % DRAWN_FROM

    def _others(self, statement: Statement) -> list[int]:
        """The indexes of all tables of other items."""
        item = statement[0][1].item
        return [place for place, shape in enumerate(self._plan.tables) if shape.item != item]
