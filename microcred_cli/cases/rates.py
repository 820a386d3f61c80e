"""Response, cooperation, refusal and contact rates from counts of cases, as exact fractions.

Source of all formulas: AAPOR, Standard Definitions, 10th edition (2023), "Calculating outcome rates
from final disposition distributions". The results agree with the R package outcomerate.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

_INTERVIEWED: Final = ("I", "P")
_ABLE: Final = (*_INTERVIEWED, "R")
"""Groups of cases that were reached and were able to give an interview."""

_REACHED: Final = (*_ABLE, "O")
_ELIGIBLE: Final = (*_REACHED, "NC")
"""Groups of cases that are known to be eligible."""

_UNKNOWN: Final = ("UH", "UO")
_POSSIBLE: Final = (*_ELIGIBLE, *_UNKNOWN)
"""Groups of cases that are or may be eligible."""

_ESTIMATED: Final = None
"""Denominator: eligible cases plus the share e of cases of unknown eligibility."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as a fraction; `denominator` is None if it requires e but e cannot be estimated."""

    numerator: Fraction
    denominator: Fraction | None

    @property
    def value(self) -> Fraction | None:
        """The value of the rate; None if the rate is undefined."""
        return self.numerator / self.denominator if self.denominator else None


def estimated_e(counts: Counter[str]) -> Rate:
    """Estimate e, the share of cases of unknown eligibility that are assumed to be eligible.

    e is the number of eligible cases, divided by the number of cases of known eligibility: ((I + P)
    + (R + NC + O)) / ((I + P) + (R + NC + O) + NE). The formula is the proportional allocation of
    the Council of American Survey Research Organizations (CASRO, 1982), the default of AAPOR's
    Outcome Rate Calculator. Proportional allocation assumes that the same share of the unknown
    cases is eligible, so e is usually too large. Without a case of known eligibility, e is
    undefined.
    """
    eligible = _sum(counts, _ELIGIBLE)
    return Rate(eligible, eligible + counts["NE"])


def _sum(counts: Counter[str], groups: Iterable[str]) -> Fraction:
    return Fraction(sum(counts[group] for group in groups))


_RATES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...] | None]]] = {
    # Response rates: complete (and partial) interviews, as a share of eligible cases.
    "RR1": (("I",), _POSSIBLE),
    "RR2": (_INTERVIEWED, _POSSIBLE),
    "RR3": (("I",), _ESTIMATED),
    "RR4": (_INTERVIEWED, _ESTIMATED),
    "RR5": (("I",), _ELIGIBLE),
    "RR6": (_INTERVIEWED, _ELIGIBLE),
    # Cooperation rates: complete (and partial) interviews, as a share of cases that were reached.
    "COOP1": (("I",), _REACHED),
    "COOP2": (_INTERVIEWED, _REACHED),
    "COOP3": (("I",), _ABLE),
    "COOP4": (_INTERVIEWED, _ABLE),
    # Refusal rates: refusals and break-offs.
    "REF1": (("R",), _POSSIBLE),
    "REF2": (("R",), _ESTIMATED),
    "REF3": (("R",), _ELIGIBLE),
    # Contact rates: cases that were reached.
    "CON1": (_REACHED, _POSSIBLE),
    "CON2": (_REACHED, _ESTIMATED),
    "CON3": (_REACHED, _ELIGIBLE),
}
"""The numerator and denominator of each rate of the Standard Definitions, as groups of cases.

RR1 is the lowest possible response rate. RR5 and RR6, the highest response rates, are only for
surveys in which no case of unknown eligibility is eligible.
"""

NAMES: Final = tuple(_RATES)
"""The names of the rates, in the order of the Standard Definitions."""

_OF_ALL: Final = "all cases that are or may be eligible"
_OF_LIKELY: Final = "all cases that are likely to be eligible"
_OF_KNOWN: Final = "all cases that are known to be eligible"
MEANINGS: Final = {
    "RR1": f"Complete interviews out of {_OF_ALL}: the lowest possible response rate.",
    "RR2": f"Complete and partial interviews out of {_OF_ALL}.",
    "RR3": f"Complete interviews out of {_OF_LIKELY}.",
    "RR4": f"Complete and partial interviews out of {_OF_LIKELY}.",
    "RR5": f"Complete interviews out of {_OF_KNOWN}: the highest possible response rate.",
    "RR6": f"Complete and partial interviews out of {_OF_KNOWN}.",
    "COOP1": "Complete interviews out of all cases that were reached.",
    "COOP2": "Complete and partial interviews out of all cases that were reached.",
    "COOP3": "Complete interviews out of all cases that were reached and able to take part.",
    "COOP4": (
        "Complete and partial interviews out of all cases that were reached and able to take part."
    ),
    "REF1": f"Refusals and break-offs out of {_OF_ALL}.",
    "REF2": f"Refusals and break-offs out of {_OF_LIKELY}.",
    "REF3": f"Refusals and break-offs out of {_OF_KNOWN}.",
    "CON1": f"Cases that were reached out of {_OF_ALL}.",
    "CON2": f"Cases that were reached out of {_OF_LIKELY}.",
    "CON3": f"Cases that were reached out of {_OF_KNOWN}.",
}
"""The meaning of each rate in one sentence."""


@dataclass(frozen=True, slots=True)
class OutcomeRates:
    """Outcome rates from the number of cases in each group; `given_e` replaces `estimated_e`."""

    counts: Counter[str]
    given_e: Fraction | None = None

    def __post_init__(self) -> None:
        if self.given_e is not None and not 0 <= self.given_e <= 1:
            raise UsageError(
                "e, the share of unknown cases assumed to be eligible, must be from 0 to 1.",
                where="--e",
                hint="Specify a number such as 0.5, or omit the option to have e estimated.",
            )

    @property
    def e(self) -> Fraction | None:
        """The e used in the rates; None if it was not given and cannot be estimated."""
        return estimated_e(self.counts).value if self.given_e is None else self.given_e

    def advice(self, *, has_open: bool) -> str:
        """Advice on which response rate to report."""
        if not self.counts["UH"] + self.counts["UO"]:
            text = (
                "Quote RR1 as the response rate, or RR2 if partial interviews count: no case has "
                "unknown eligibility, so e is not needed."
            )
        elif self.e is None:
            text = (
                "Quote RR1 as the response rate, or RR2 if partial interviews count: without a "
                "case of known eligibility, the rates that need e are not defined."
            )
        else:
            text = (
                "Quote RR3 as the response rate, or RR4 if partial interviews count, together with "
                "e: of the cases of unknown eligibility, this rate counts only the share that is "
                "likely to be eligible. Also quote RR1 or RR2, the lowest possible value of the "
                "rate."
            )
        return f"{text} No rate is final while cases are open." if has_open else text

    def rate(self, name: str) -> Rate:
        """The rate with this name, one of `NAMES`."""
        cases, base = _RATES[name]
        numerator = _sum(self.counts, cases)
        if base is not None:
            return Rate(numerator, _sum(self.counts, base))
        unknown = _sum(self.counts, _UNKNOWN)
        if self.e is None and unknown:
            return Rate(numerator, None)
        return Rate(numerator, _sum(self.counts, _ELIGIBLE) + (self.e or 0) * unknown)
