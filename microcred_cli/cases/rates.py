"""Response, cooperation, refusal and contact rates from counts of cases, as exact fractions.

Source of all formulas: AAPOR, Standard Definitions, 10th edition (2023), "Calculating outcome
rates from final disposition distributions". They agree with the R package outcomerate.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from microcred_cli.cases.dispositions import GROUPS
from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.cases.dispositions import Group


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """The number of cases in each group of the Standard Definitions (see `GROUPS`)."""

    i: int = 0
    p: int = 0
    r: int = 0
    nc: int = 0
    o: int = 0
    uh: int = 0
    uo: int = 0
    ne: int = 0

    def __post_init__(self) -> None:
        if any(getattr(self, field.name) < 0 for field in fields(self)):
            raise UsageError("A count of cases is negative.", hint="Count the cases again.")

    @classmethod
    def of(cls, groups: Mapping[Group, int]) -> OutcomeCounts:
        """The counts by the names of the groups; a group that is missing has none."""
        return cls(**{group.lower(): groups.get(group, 0) for group in GROUPS})

    def group(self, group: Group) -> int:
        """The number of cases in a group."""
        count: int = getattr(self, group.lower())
        return count

    @property
    def interviewed(self) -> int:
        """I + P: complete and partial interviews."""
        return self.i + self.p

    @property
    def eligible(self) -> int:
        """(I + P) + (R + NC + O): cases that are known to belong to the survey."""
        return self.interviewed + self.r + self.nc + self.o

    @property
    def unknown(self) -> int:
        """UH + UO: cases of which it is not known whether they belong."""
        return self.uh + self.uo

    @property
    def possible(self) -> int:
        """(I + P) + (R + NC + O) + (UH + UO): cases that belong or may belong."""
        return self.eligible + self.unknown

    @property
    def reached(self) -> int:
        """(I + P) + R + O: cases that were reached."""
        return self.interviewed + self.r + self.o

    @property
    def able(self) -> int:
        """(I + P) + R: cases that were reached and could have given an interview."""
        return self.interviewed + self.r

    @property
    def total(self) -> int:
        """All cases."""
        return self.possible + self.ne


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as a fraction; `denominator` is None where it needs an e that cannot be estimated."""

    numerator: Fraction
    denominator: Fraction | None

    @property
    def value(self) -> Fraction | None:
        """The rate; None where it is not defined."""
        return self.numerator / self.denominator if self.denominator else None


def estimated_e(counts: OutcomeCounts) -> Rate:
    """The share of the cases of unknown eligibility that is assumed to belong to the survey.

    The cases that are known to belong over these and the cases that are known not to:
    ((I + P) + (R + NC + O)) / ((I + P) + (R + NC + O) + NE). This is the proportional allocation
    of the Council of American Survey Research Organizations (CASRO, 1982), the default of AAPOR's
    Outcome Rate Calculator. It assumes that the unknown cases are like the known ones, which mostly
    makes e too large. Without a known case it is not defined.
    """
    return Rate(Fraction(counts.eligible), Fraction(counts.eligible + counts.ne))


_RATES: Final[dict[str, tuple[str, str]]] = {
    # Response rates: complete (and partial) interviews, of cases that belong or may belong.
    "RR1": ("i", "possible"),
    "RR2": ("interviewed", "possible"),
    "RR3": ("i", "estimated"),
    "RR4": ("interviewed", "estimated"),
    "RR5": ("i", "eligible"),
    "RR6": ("interviewed", "eligible"),
    # Cooperation rates: the same, of cases that were reached.
    "COOP1": ("i", "reached"),
    "COOP2": ("interviewed", "reached"),
    "COOP3": ("i", "able"),
    "COOP4": ("interviewed", "able"),
    # Refusal rates: refusals and break-offs.
    "REF1": ("r", "possible"),
    "REF2": ("r", "estimated"),
    "REF3": ("r", "eligible"),
    # Contact rates: cases that were reached.
    "CON1": ("reached", "possible"),
    "CON2": ("reached", "estimated"),
    "CON3": ("reached", "eligible"),
}
"""For each rate of the Standard Definitions the cases it counts, and the cases it is a share of.

Both are fields or properties of `OutcomeCounts`, but for `estimated`: (I + P) + (R + NC + O) +
e(UH + UO), the cases that belong and the share e of the unknown ones. RR1 is the lowest possible
response rate. RR5 and RR6, the highest, are only for surveys in which no unknown case belongs.
"""

NAMES: Final = tuple(_RATES)
"""The names of the rates, in the order of the Standard Definitions."""


@dataclass(frozen=True, slots=True)
class OutcomeRates:
    """The rates of some counts; `given_e` replaces `estimated_e` if the study knows better."""

    counts: OutcomeCounts
    given_e: Fraction | None = None

    def __post_init__(self) -> None:
        if self.given_e is not None and not 0 <= self.given_e <= 1:
            raise UsageError(
                "e is the share of the unknown cases that belong, from 0 to 1.",
                where="--e",
                hint="Name a number such as 0.5, or leave it out to have it estimated.",
            )

    @property
    def e(self) -> Fraction | None:
        """The e that the rates use; None where none was given and none can be estimated."""
        return estimated_e(self.counts).value if self.given_e is None else self.given_e

    def rate(self, name: str) -> Rate:
        """The rate with one of the `NAMES`."""
        cases, base = _RATES[name]
        numerator = Fraction(getattr(self.counts, cases))
        if base != "estimated":
            return Rate(numerator, Fraction(getattr(self.counts, base)))
        if self.e is None and self.counts.unknown:
            return Rate(numerator, None)
        return Rate(numerator, self.counts.eligible + (self.e or 0) * Fraction(self.counts.unknown))
