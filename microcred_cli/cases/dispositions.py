"""Dispositions: final and interim outcomes of contacts, and the current outcome of a case.

Codes follow AAPOR, Standard Definitions, 10th edition (2023), as numbered in its tables for
telephone and in-person surveys. AAPOR's tables refer to households; following the section
"Establishment surveys", the labels here refer to organisations. The cases come from a list of
organisations, so a telephone number out of service does not mean that the organisation has closed:
such a case is coded 3.18, not 4.30 as in random-digit dialling.

Interim outcomes use words as codes, so they cannot be confused with final outcome codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Literal

from microcred_cli.errors import UsageError
from microcred_cli.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

Mode = Literal["phone", "in_person"]
Group = Literal["I", "P", "R", "NC", "O", "UH", "UO", "NE"]

GROUPS: Final[dict[Group, str]] = {
    "I": "Complete interview",
    "P": "Partial interview",
    "R": "Refusal or break-off",
    "NC": "Not reached, eligible",
    "O": "Other non-interview, eligible",
    "UH": "Unknown whether organisation exists",
    "UO": "Unknown whether eligible",
    "NE": "Not eligible",
}
"""Labels of the outcome groups, in the order of the Standard Definitions."""

_BOTH: Final[tuple[Mode, ...]] = ("phone", "in_person")
_PHONE: Final[tuple[Mode, ...]] = ("phone",)
_IN_PERSON: Final[tuple[Mode, ...]] = ("in_person",)


class Reached(IntEnum):
    """The kind of contact made in an attempt, from the least to the most informative."""

    NOBODY_BUSY = 0
    NOBODY = 1
    SIGN = 2
    ORGANISATION = 3
    PERSON = 4


@dataclass(frozen=True, slots=True)
class FinalOutcome:
    """An outcome that closes a case, and its group for the outcome rates."""

    code: str
    label: str
    group: Group
    modes: tuple[Mode, ...] = _BOTH


@dataclass(frozen=True, slots=True)
class InterimOutcome:
    """An outcome after which further attempts are made.

    `counts_as` is the final code of a case whose most informative outcome is this one.
    """

    code: str
    label: str
    counts_as: str
    reached: Reached
    modes: tuple[Mode, ...] = _BOTH


Outcome = FinalOutcome | InterimOutcome

NOT_ATTEMPTED: Final = "3.11"
"""The code of a case without any contact attempt."""

COMPLETE: Final = "1.1"
PARTIAL: Final = "1.2"

FINAL: Final[tuple[FinalOutcome, ...]] = (
    FinalOutcome(COMPLETE, N_("Complete interview"), "I"),
    FinalOutcome(PARTIAL, N_("Partial interview"), "P"),
    FinalOutcome("2.111", N_("Refused by somebody else in the organisation"), "R"),
    FinalOutcome("2.112", N_("Refused by the respondent"), "R"),
    FinalOutcome("2.12", N_("Broken off, nothing submitted"), "R"),
    FinalOutcome("2.20", N_("The respondent was not reached"), "NC"),
    FinalOutcome("2.21", N_("The respondent was never available"), "NC", _PHONE),
    FinalOutcome("2.22", N_("Only the organisation's answering machine"), "NC", _PHONE),
    FinalOutcome("2.23", N_("Not let in to see the respondent"), "NC", _IN_PERSON),
    FinalOutcome("2.24", N_("Nobody at the premises"), "NC", _IN_PERSON),
    FinalOutcome("2.25", N_("The respondent was away each time"), "NC", _IN_PERSON),
    FinalOutcome("2.31", N_("The respondent has died"), "O"),
    FinalOutcome("2.32", N_("The respondent is ill or incapacitated"), "O"),
    FinalOutcome("2.331", N_("Nobody there speaks a survey language"), "O"),
    FinalOutcome("2.332", N_("The respondent speaks no survey language"), "O"),
    FinalOutcome("2.333", N_("No interviewer for the language"), "O"),
    FinalOutcome("2.34", N_("The connection was too poor for an interview"), "O", _PHONE),
    FinalOutcome("2.35", N_("Place or activity did not allow an interview"), "O"),
    FinalOutcome("2.36", N_("No interview, but no refusal"), "O"),
    FinalOutcome(NOT_ATTEMPTED, N_("Not attempted"), "UH"),
    FinalOutcome("3.12", N_("Always busy"), "UH", _PHONE),
    FinalOutcome("3.13", N_("No answer"), "UH", _PHONE),
    FinalOutcome("3.14", N_("Answering machine, owner unknown"), "UH", _PHONE),
    FinalOutcome("3.15", N_("The call was blocked or screened"), "UH", _PHONE),
    FinalOutcome("3.16", N_("Technical problem on the line"), "UH", _PHONE),
    FinalOutcome("3.17", N_("The place could not be reached safely"), "UH", _IN_PERSON),
    FinalOutcome("3.18", N_("The organisation could not be found"), "UH"),
    FinalOutcome("3.21", N_("Ended before eligibility was known"), "UO"),
    FinalOutcome("3.90", N_("Unknown for another reason"), "UO"),
    FinalOutcome("4.10", N_("Outside the survey's countries or sectors"), "NE"),
    FinalOutcome("4.50", N_("Out of business, or not an organisation"), "NE"),
    FinalOutcome("4.70", N_("Neither employs nor represents employers"), "NE"),
    FinalOutcome("4.80", N_("The quota is full"), "NE"),
    FinalOutcome("4.81", N_("The same organisation as another case"), "NE"),
    FinalOutcome("4.90", N_("Not eligible for another reason"), "NE"),
)

INTERIM: Final[tuple[InterimOutcome, ...]] = (
    InterimOutcome("appointment", N_("Appointment with the respondent"), "2.36", Reached.PERSON),
    InterimOutcome("later", N_("The respondent asks for another time"), "2.36", Reached.PERSON),
    InterimOutcome("begun", N_("Interview begun, to be continued"), "2.36", Reached.PERSON),
    InterimOutcome(
        "soft_refusal", N_("The respondent says no, may be asked again"), "2.112", Reached.PERSON
    ),
    InterimOutcome(
        "call_back", N_("Somebody else asks us to try again"), "3.21", Reached.ORGANISATION
    ),
    InterimOutcome(
        "soft_refusal_other",
        N_("Somebody else says no, may be asked again"),
        "2.111",
        Reached.ORGANISATION,
    ),
    InterimOutcome("language", N_("Another language is needed"), "2.333", Reached.ORGANISATION),
    InterimOutcome("no_answer", N_("No answer this time"), "3.13", Reached.NOBODY, _PHONE),
    InterimOutcome("busy", N_("Busy"), "3.12", Reached.NOBODY_BUSY, _PHONE),
    InterimOutcome("answering_machine", N_("Answering machine"), "3.14", Reached.SIGN, _PHONE),
    InterimOutcome(
        "technical", N_("Technical problem on the line"), "3.16", Reached.NOBODY, _PHONE
    ),
    InterimOutcome("nobody_there", N_("Nobody there this time"), "3.21", Reached.SIGN, _IN_PERSON),
    InterimOutcome("not_let_in", N_("Not let in this time"), "3.17", Reached.NOBODY, _IN_PERSON),
    InterimOutcome(
        "not_found", N_("Wrong number or address, new one needed"), "3.18", Reached.NOBODY
    ),
)

REFUSALS: Final = ("2.112", "soft_refusal", "2.111", "soft_refusal_other")
"""The outcomes for which the reason for the refusal is recorded."""

REASONS: Final = {
    "no_time": N_("No time"),
    "no_interest": N_("No interest in the topic"),
    "no_surveys": N_("Does not take part in surveys"),
    "confidentiality": N_("Doubts about confidentiality"),
    "too_long": N_("The interview is too long"),
    "policy": N_("Company policy, or not put through"),
    "other": N_("Another reason, or none given"),
}
"""The reasons for refusals, by code."""

_FINAL_BY_CODE: Final = {outcome.code: outcome for outcome in FINAL}
_INTERIM_BY_CODE: Final = {outcome.code: outcome for outcome in INTERIM}
CODES: Final = frozenset((*_FINAL_BY_CODE, *_INTERIM_BY_CODE))
"""The codes of all outcomes."""


def outcome_of(code: str) -> Outcome:
    """Return the outcome with this code; raise a UsageError if the code is unknown."""
    found = _FINAL_BY_CODE.get(code) or _INTERIM_BY_CODE.get(code)
    if found is None:
        raise UsageError(
            f"There is no outcome {code!r}.",
            hint="Choose one of the outcomes offered in the interview.",
        )
    return found


def is_interview(code: str) -> bool:
    """Return True if the code is for a complete or partial interview."""
    return code in (COMPLETE, PARTIAL)


def current_outcome(contacts: Sequence[str]) -> FinalOutcome:
    """The final outcome under which a case is currently counted, from its contacts' codes in order.

    If the last outcome is final, it closes the case. If the last outcome is interim, the most
    informative attempt determines the outcome of the case. Attempts are ranked, from most to least
    informative: the respondent was reached; somebody else in the organisation was reached; there
    was a sign of the organisation (an answering machine, closed premises); no answer; busy. Among
    equally informative attempts, the last one is used. In a reopened case, the earlier final
    outcome represents all attempts before the case was reopened. A refusal remains the outcome
    until the same person gives a different answer; later attempts without an answer do not change
    it.

    An appointment is not a refusal: appointments and unfinished interviews are coded 2.30, the
    category for people who were contacted and did not refuse. If only other people were reached,
    eligibility has not been established yet (3.21). A case without an attempt is coded 3.11.

    Source: AAPOR, Standard Definitions, 10th edition (2023): temporary codes are kept separate from
    final codes, and are converted using all information on the case; a refusal remains a refusal
    until it is converted. The ranking of attempts is not from AAPOR.
    """
    outcomes = [outcome_of(code) for code in contacts]
    if not outcomes:
        return _FINAL_BY_CODE[NOT_ATTEMPTED]
    if isinstance(outcomes[-1], FinalOutcome):
        return outcomes[-1]
    closed = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, FinalOutcome)]
    since = outcomes[closed[-1] :] if closed else outcomes
    telling = max(reversed(since), key=_reached)
    if isinstance(telling, FinalOutcome):
        return telling
    return _FINAL_BY_CODE[telling.counts_as]


def _reached(outcome: Outcome) -> Reached:
    """The kind of contact implied by an interim outcome or, in a reopened case, by a final one."""
    if isinstance(outcome, InterimOutcome):
        return outcome.reached
    if outcome.group == "UH":
        return Reached.NOBODY
    spoken_to_the_person = outcome.group in ("I", "P", "R", "O") and outcome.code != "2.111"
    return Reached.PERSON if spoken_to_the_person else Reached.ORGANISATION
