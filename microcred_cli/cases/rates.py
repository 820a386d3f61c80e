"""Response, cooperation, refusal and contact rates from counts of cases, in exact fractions.

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
class Counts:
    """How many cases are in each group of the Standard Definitions (see `GROUPS`).

    Raises:
        UsageError: a count is below nought.
    """

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
            raise UsageError("A count of cases is below nought.", hint="Count the cases again.")

    @classmethod
    def of(cls, groups: Mapping[Group, int]) -> Counts:
        """The counts by the names of the groups; a group that is not there has none."""
        return cls(**{group.lower(): groups.get(group, 0) for group in GROUPS})

    def group(self, group: Group) -> int:
        """How many cases are in a group."""
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
    def total(self) -> int:
        """All cases."""
        return self.eligible + self.unknown + self.ne


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as its parts; `denominator` is None where it rests on an e that cannot be had."""

    numerator: Fraction
    denominator: Fraction | None

    @property
    def value(self) -> Fraction | None:
        """The rate; None where it is not defined."""
        return self.numerator / self.denominator if self.denominator else None


def estimated_e(counts: Counts) -> Rate:
    """The share of the cases of unknown eligibility that is taken to belong to the survey.

    The cases that are known to belong over these and the cases that are known not to:
    ((I + P) + (R + NC + O)) / ((I + P) + (R + NC + O) + NE). This is the proportional allocation
    of the Council of American Survey Research Organizations (CASRO, 1982), the default of AAPOR's
    Outcome Rate Calculator: it takes the unknown cases to be like the known ones, which mostly
    makes e too large. Without a known case it is not defined.
    """
    return Rate(Fraction(counts.eligible), Fraction(counts.eligible + counts.ne))


@dataclass(frozen=True, slots=True)
class OutcomeRates:
    """The rates of some counts.

    Args:
        counts: the cases by group.
        given_e: e where the study knows better than `estimated_e`; from 0 to 1.

    Raises:
        UsageError: e is outside 0 to 1.
    """

    counts: Counts
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
        """The e that the rates rest on; None where none was given and none can be estimated."""
        return estimated_e(self.counts).value if self.given_e is None else self.given_e

    def rate(self, name: str) -> Rate:
        """The rate with one of the `NAMES`."""
        rate: Rate = getattr(self, name.lower())
        return rate

    # -- response rates: who gave an interview

    @property
    def rr1(self) -> Rate:
        """Complete interviews, of all cases that belong or may belong; the least possible.

        I / ((I + P) + (R + NC + O) + (UH + UO)). Standard Definitions, Response Rate 1.
        """
        return self._of_all(self.counts.i)

    @property
    def rr2(self) -> Rate:
        """Complete and partial interviews, of all cases that belong or may belong.

        (I + P) / ((I + P) + (R + NC + O) + (UH + UO)). Standard Definitions, Response Rate 2.
        """
        return self._of_all(self.counts.interviewed)

    @property
    def rr3(self) -> Rate:
        """Complete interviews, of the cases that belong and the share e of the unknown ones.

        I / ((I + P) + (R + NC + O) + e(UH + UO)). Standard Definitions, Response Rate 3.
        """
        return self._of_estimated(self.counts.i)

    @property
    def rr4(self) -> Rate:
        """Complete and partial interviews, of those that belong and the share e of the unknown.

        (I + P) / ((I + P) + (R + NC + O) + e(UH + UO)). Standard Definitions, Response Rate 4.
        """
        return self._of_estimated(self.counts.interviewed)

    @property
    def rr5(self) -> Rate:
        """Complete interviews, of the cases that are known to belong; the most possible.

        I / ((I + P) + (R + NC + O)). Standard Definitions, Response Rate 5: only where no unknown
        case belongs, or there is none.
        """
        return self._of_known(self.counts.i)

    @property
    def rr6(self) -> Rate:
        """Complete and partial interviews, of the cases that are known to belong.

        (I + P) / ((I + P) + (R + NC + O)). Standard Definitions, Response Rate 6: as for rate 5.
        """
        return self._of_known(self.counts.interviewed)

    # -- cooperation rates: who gave an interview, of those who were reached

    @property
    def coop1(self) -> Rate:
        """Complete interviews, of all cases that were reached.

        I / ((I + P) + R + O). Standard Definitions, Cooperation Rate 1.
        """
        return self._of_reached(self.counts.i)

    @property
    def coop2(self) -> Rate:
        """Complete and partial interviews, of all cases that were reached.

        (I + P) / ((I + P) + R + O). Standard Definitions, Cooperation Rate 2.
        """
        return self._of_reached(self.counts.interviewed)

    @property
    def coop3(self) -> Rate:
        """Complete interviews, of those reached who could have given one.

        I / ((I + P) + R). Standard Definitions, Cooperation Rate 3.
        """
        return self._of_able(self.counts.i)

    @property
    def coop4(self) -> Rate:
        """Complete and partial interviews, of those reached who could have given one.

        (I + P) / ((I + P) + R). Standard Definitions, Cooperation Rate 4.
        """
        return self._of_able(self.counts.interviewed)

    # -- refusal rates: who refused or broke off

    @property
    def ref1(self) -> Rate:
        """Refusals and break-offs, of all cases that belong or may belong.

        R / ((I + P) + (R + NC + O) + (UH + UO)). Standard Definitions, Refusal Rate 1.
        """
        return self._of_all(self.counts.r)

    @property
    def ref2(self) -> Rate:
        """Refusals and break-offs, of the cases that belong and the share e of the unknown ones.

        R / ((I + P) + (R + NC + O) + e(UH + UO)). Standard Definitions, Refusal Rate 2.
        """
        return self._of_estimated(self.counts.r)

    @property
    def ref3(self) -> Rate:
        """Refusals and break-offs, of the cases that are known to belong.

        R / ((I + P) + (R + NC + O)). Standard Definitions, Refusal Rate 3.
        """
        return self._of_known(self.counts.r)

    # -- contact rates: who was reached

    @property
    def con1(self) -> Rate:
        """Cases that were reached, of all cases that belong or may belong.

        ((I + P) + R + O) / ((I + P) + (R + NC + O) + (UH + UO)). Standard Definitions, Contact
        Rate 1.
        """
        return self._of_all(self._reached)

    @property
    def con2(self) -> Rate:
        """Cases that were reached, of the cases that belong and the share e of the unknown ones.

        ((I + P) + R + O) / ((I + P) + (R + NC + O) + e(UH + UO)). Standard Definitions, Contact
        Rate 2.
        """
        return self._of_estimated(self._reached)

    @property
    def con3(self) -> Rate:
        """Cases that were reached, of the cases that are known to belong.

        ((I + P) + R + O) / ((I + P) + (R + NC + O)). Standard Definitions, Contact Rate 3.
        """
        return self._of_known(self._reached)

    # -- what they are shares of

    @property
    def _reached(self) -> int:
        return self.counts.interviewed + self.counts.r + self.counts.o

    def _of_all(self, cases: int) -> Rate:
        return Rate(Fraction(cases), Fraction(self.counts.eligible + self.counts.unknown))

    def _of_estimated(self, cases: int) -> Rate:
        e = self.e
        if e is None and self.counts.unknown:
            return Rate(Fraction(cases), None)
        return Rate(
            Fraction(cases), self.counts.eligible + (e or 0) * Fraction(self.counts.unknown)
        )

    def _of_known(self, cases: int) -> Rate:
        return Rate(Fraction(cases), Fraction(self.counts.eligible))

    def _of_reached(self, cases: int) -> Rate:
        return Rate(Fraction(cases), Fraction(self._reached))

    def _of_able(self, cases: int) -> Rate:
        return Rate(Fraction(cases), Fraction(self.counts.interviewed + self.counts.r))


NAMES: Final = (
    *(f"RR{number}" for number in range(1, 7)),
    *(f"COOP{number}" for number in range(1, 5)),
    *(f"REF{number}" for number in range(1, 4)),
    *(f"CON{number}" for number in range(1, 4)),
)
"""The names of the rates, in the order of the Standard Definitions."""
