"""The loop of an interview: ask, take the reply, keep it, go on.

How a question is asked is the `Asker`'s business (prompts, plain lines, a file of answers); how an
answer is kept is the caller's, who hands in `keep`. The next question is asked only after `keep`
has returned, so what is acknowledged is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from microcred_cli.errors import InvalidAnswer, Paused
from microcred_cli.i18n import _
from microcred_cli.records.anonymise import anonymise, reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.interview.state import Interview
    from microcred_cli.interview.steps import Step
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Response, Text


@dataclass(frozen=True, slots=True)
class Given:
    """An answer: a code, some codes, a number, or a text."""

    value: object


@dataclass(frozen=True, slots=True)
class Back:
    """To the step before."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """To the step with this key."""

    key: str


@dataclass(frozen=True, slots=True)
class Speak:
    """On in another language."""

    language: str


@dataclass(frozen=True, slots=True)
class Remark:
    """An interviewer's note on the question at hand, which stays open."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop with the draft kept; `interrupted` by Ctrl-C, a closed terminal or end of input.

    `unsent` is what was typed at the question, but not entered.
    """

    interrupted: bool = False
    unsent: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class HandIn:
    """Hand in what was said so far."""


@dataclass(frozen=True, slots=True)
class Discard:
    """Stop, and delete what was said."""


@dataclass(frozen=True, slots=True)
class Close:
    """At the end: submit, or leave after a refusal or screen-out."""


Reply = Given | Back | GoTo | Speak | Remark | Pause | HandIn | Discard | Close
"""The replies of an asker."""


class Asker(Protocol):
    """A way to ask: one for each kind of screen, and one for answers that are already there."""

    def ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        """Ask the current step; `problem` is what was wrong with the last reply to it."""

    def close(self, interview: Interview) -> Reply:
        """Review everything before it is submitted, or say goodbye if an answer ended it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A closed interview: `complete`, `partial`, `refused`, `screened_out` or `discarded`."""

    interview: Interview
    status: str


def run(
    interview: Interview, asker: Asker, keep: Callable[[Interview], None] = lambda _: None
) -> Finished:
    """Conduct an interview from where it is to its end.

    `keep` is called with each new state. What it could not write, it says itself; the next state
    has all of it, and is handed to it likewise.

    Raises:
        Paused: the asker returned `Pause`.
        TypeError: the asker returned something that is not a reply.
    """
    problem: InvalidAnswer | None = None
    while True:
        step = interview.step
        reply = _reply(asker, interview, step, problem)
        problem = None
        match reply:
            case Pause(interrupted, unsent):
                raise Paused(interrupted, unsent)
            case Discard():
                return Finished(interview, "discarded")
            case Close() if step is None:
                status = interview.status
                return Finished(interview, "complete" if status == "ready" else status)
            case HandIn() if interview.can_hand_in:
                return Finished(interview, "partial")
            case Given() | Back() | GoTo() | Speak() | Remark():
                try:
                    interview = _moved(interview, reply)
                except InvalidAnswer as invalid:
                    problem = invalid
                else:
                    keep(interview)
            case Close() | HandIn():
                problem = InvalidAnswer(
                    _("The interview cannot be closed here."),
                    hint=_("Answer the open question first."),
                )


def _reply(
    asker: Asker, interview: Interview, step: Step | None, problem: InvalidAnswer | None
) -> Reply:
    reply = asker.close(interview) if step is None else asker.ask(interview, step, problem)
    if not isinstance(reply, Reply):
        raise TypeError(f"An asker returns a reply, such as Given, not {type(reply).__name__}.")
    return reply


def _moved(interview: Interview, reply: Given | Back | GoTo | Speak | Remark) -> Interview:
    match reply:
        case Given(value):
            return interview.answer(value)
        case Back():
            return interview.back()
        case GoTo(key):
            return interview.jump(key)
        case Speak(language):
            return interview.speak(language)
        case Remark(text):
            return interview.remark(text)


def records_of(
    loaded: Loaded, finished: Finished, receipt: str, elapsed: float | None, seed: int | None
) -> tuple[Response, tuple[Text, ...]]:
    """The response and the texts of a closed interview; `elapsed` in seconds."""
    interview = finished.interview
    return anonymise(
        loaded.questionnaire,
        reference(loaded),
        answers=interview.closed_answers(),
        texts=interview.closed_texts(),
        status="complete" if finished.status == "complete" else "partial",
        mode=interview.mode,
        receipt=receipt,
        elapsed_seconds=elapsed,
        seed=seed,
        detail=interview.detail,
        language=interview.language,
    )
