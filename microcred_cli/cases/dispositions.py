"""Dispositions: the final and interim outcomes of contacts, and the one that a case counts under.

Codes are those of AAPOR, Standard Definitions, 10th edition (2023), as numbered in its tables for
telephone and in-person surveys. Those tables speak of households; following "Establishment
surveys", the labels here put the organisation in place of the household. The cases come from a list
of organisations, so a telephone number out of service does not show that an organisation is gone:
that is 3.18 here, not the 4.30 of random numbers.

Interim outcomes have words instead of numbers, so that nobody takes one for a final code.
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
    "NC": "Not reached, belongs to the survey",
    "O": "Other, belongs to the survey",
    "UH": "Unknown if the organisation exists",
    "UO": "Unknown if it belongs to the survey",
    "NE": "Does not belong to the survey",
}
"""The groups in which the rates count cases, in the order of the Standard Definitions."""

_BOTH: Final[tuple[Mode, ...]] = ("phone", "in_person")
_PHONE: Final[tuple[Mode, ...]] = ("phone",)
_IN_PERSON: Final[tuple[Mode, ...]] = ("in_person",)


class Reached(IntEnum):
    """The contact that an attempt made; a higher one says more about a case."""

    NOBODY_BUSY = 0
    NOBODY = 1
    SIGN = 2
    ORGANISATION = 3
    PERSON = 4


@dataclass(frozen=True, slots=True)
class FinalOutcome:
    """An outcome that closes a case, and the group in which the rates count it."""

    code: str
    label: str
    group: Group
    modes: tuple[Mode, ...] = _BOTH


@dataclass(frozen=True, slots=True)
class InterimOutcome:
    """An outcome after which the case is tried again.

    `counts_as` is the final code that the case counts under while nothing more is known.
    """

    code: str
    label: str
    counts_as: str
    reached: Reached
    modes: tuple[Mode, ...] = _BOTH


Outcome = FinalOutcome | InterimOutcome

NOT_ATTEMPTED: Final = "3.11"
"""The code of a case that was never tried."""

COMPLETE: Final = "1.1"
PARTIAL: Final = "1.2"

FINAL: Final[tuple[FinalOutcome, ...]] = (
    FinalOutcome(COMPLETE, N_("Complete interview"), "I"),
    FinalOutcome(PARTIAL, N_("Partial interview"), "P"),
    FinalOutcome("2.111", N_("Refused by somebody else there"), "R"),
    FinalOutcome("2.112", N_("Refused by the person"), "R"),
    FinalOutcome("2.12", N_("Broken off, nothing handed in"), "R"),
    FinalOutcome("2.20", N_("The person was not reached"), "NC"),
    FinalOutcome("2.21", N_("The person was never available"), "NC", _PHONE),
    FinalOutcome("2.22", N_("Only the organisation's answering machine"), "NC", _PHONE),
    FinalOutcome("2.23", N_("Not let in to the person"), "NC", _IN_PERSON),
    FinalOutcome("2.24", N_("Nobody at the premises"), "NC", _IN_PERSON),
    FinalOutcome("2.25", N_("The person was away each time"), "NC", _IN_PERSON),
    FinalOutcome("2.31", N_("The person has died"), "O"),
    FinalOutcome("2.32", N_("The person is ill or unable"), "O"),
    FinalOutcome("2.331", N_("Nobody there speaks a survey language"), "O"),
    FinalOutcome("2.332", N_("The person speaks no survey language"), "O"),
    FinalOutcome("2.333", N_("No interviewer for the language"), "O"),
    FinalOutcome("2.34", N_("The line was too bad to talk"), "O", _PHONE),
    FinalOutcome("2.35", N_("Place or activity allowed no interview"), "O"),
    FinalOutcome("2.36", N_("No interview, without a refusal"), "O"),
    FinalOutcome(NOT_ATTEMPTED, N_("Never tried"), "UH"),
    FinalOutcome("3.12", N_("Always busy"), "UH", _PHONE),
    FinalOutcome("3.13", N_("No answer"), "UH", _PHONE),
    FinalOutcome("3.14", N_("Answering machine, unknown whose"), "UH", _PHONE),
    FinalOutcome("3.15", N_("The call was blocked or screened"), "UH", _PHONE),
    FinalOutcome("3.16", N_("Technical trouble on the line"), "UH", _PHONE),
    FinalOutcome("3.17", N_("The place could not be reached safely"), "UH", _IN_PERSON),
    FinalOutcome("3.18", N_("The organisation could not be found"), "UH"),
    FinalOutcome("3.21", N_("Ended before it was known to belong"), "UO"),
    FinalOutcome("3.90", N_("Unknown for another reason"), "UO"),
    FinalOutcome("4.10", N_("Outside the survey's countries or sectors"), "NE"),
    FinalOutcome("4.50", N_("Out of business, or no organisation"), "NE"),
    FinalOutcome("4.70", N_("Neither employs nor represents employers"), "NE"),
    FinalOutcome("4.80", N_("The quota is full"), "NE"),
    FinalOutcome("4.81", N_("The same organisation as another case"), "NE"),
    FinalOutcome("4.90", N_("Does not belong for another reason"), "NE"),
)

INTERIM: Final[tuple[InterimOutcome, ...]] = (
    InterimOutcome("appointment", N_("Appointment with the person"), "2.36", Reached.PERSON),
    InterimOutcome("later", N_("The person asks for another time"), "2.36", Reached.PERSON),
    InterimOutcome("begun", N_("Interview begun, to be continued"), "2.36", Reached.PERSON),
    InterimOutcome(
        "soft_refusal", N_("The person says no, may be asked again"), "2.112", Reached.PERSON
    ),
    InterimOutcome(
        "call_back", N_("Somebody else says to try again"), "3.21", Reached.ORGANISATION
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
        "technical", N_("Technical trouble on the line"), "3.16", Reached.NOBODY, _PHONE
    ),
    InterimOutcome("nobody_there", N_("Nobody there this time"), "3.21", Reached.SIGN, _IN_PERSON),
    InterimOutcome("not_let_in", N_("Not let in this time"), "3.17", Reached.NOBODY, _IN_PERSON),
    InterimOutcome(
        "not_found", N_("Wrong number or address, another is sought"), "3.18", Reached.NOBODY
    ),
)

_FINAL_BY_CODE: Final = {outcome.code: outcome for outcome in FINAL}
_INTERIM_BY_CODE: Final = {outcome.code: outcome for outcome in INTERIM}
CODES: Final = frozenset((*_FINAL_BY_CODE, *_INTERIM_BY_CODE))
"""The codes of all outcomes."""


def outcome_of(code: str) -> Outcome:
    """The outcome with a code; an unknown code is refused."""
    found = _FINAL_BY_CODE.get(code) or _INTERIM_BY_CODE.get(code)
    if found is None:
        raise UsageError(
            f"There is no outcome {code!r}.",
            hint="Choose one of the outcomes that the interview offers.",
        )
    return found


def is_interview(code: str) -> bool:
    """Whether a code is that of an interview, complete or partial."""
    return code in (COMPLETE, PARTIAL)


def current_outcome(contacts: Sequence[str]) -> FinalOutcome:
    """The final outcome that a case counts under now, by the codes of its contacts in order.

    If the last outcome is final, the case is closed with it. Otherwise the case counts under the
    final code of its most informative attempt: one that reached the person, before one that reached
    somebody else there, before a sign of the organisation (a machine, closed premises), before no
    answer, and busy only if it was always busy; if equal, the last. If a closed case was reopened,
    its final outcome represents everything before it. So a refusal stays one until the same person
    says something else, and later silence does not undo a contact.

    An appointment is not a refusal. 2.30 is for those who were contacted and did not refuse, so
    appointments and interviews to be continued count there. If only others were spoken to, nobody
    was asked yet whether the organisation belongs (3.21). Never tried is 3.11.

    Source: AAPOR, Standard Definitions, 10th edition (2023): temporary codes are kept separate from
    final ones, and become final by all that is known of the case; refusals last until converted.
    The order of attempts is this program's.
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
    """The contact that an attempt made; a final outcome is one of a case that was reopened."""
    if isinstance(outcome, InterimOutcome):
        return outcome.reached
    if outcome.group == "UH":
        return Reached.NOBODY
    spoken_to_the_person = outcome.group in ("I", "P", "R", "O") and outcome.code != "2.111"
    return Reached.PERSON if spoken_to_the_person else Reached.ORGANISATION
