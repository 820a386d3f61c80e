"""The interview loop: ask a step, apply the reply, save the state, continue.

An `Asker` asks the questions (with prompts, in plain lines, or from a file of answers), and the
caller's function `keep` saves the answers. The next question is asked only after `keep` has
returned, so every answer has been saved by the time the next question appears.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from microcred_cli.errors import InvalidAnswer, Paused
from microcred_cli.frozen import Frozen
from microcred_cli.i18n import _
from microcred_cli.records.shapes import reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.interview.state import Interview
    from microcred_cli.interview.steps import Step
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Response, Text


class Given(Frozen):
    """An answer: a code, several codes, a number, or a text."""

    value: object


class Back(Frozen):
    """Go to the previous step."""


class TakeBack(Frozen):
    """Undo the last choice in the current ranking."""


class GoTo(Frozen):
    """Go to the step with this key."""

    key: str


class Speak(Frozen):
    """Continue in another language."""

    language: str


class Remark(Frozen):
    """Add an interviewer's note to the current question, which stays open."""

    text: str


class Pause(Frozen):
    """Pause the interview and keep the draft.

    `interrupted` is true after Ctrl-C, a closed terminal or end of input. `unsent_remark` is an
    unsubmitted remark.
    """

    interrupted: bool = False
    unsent_remark: str = ""

    def _compared(self) -> tuple[object, ...]:
        return (self.interrupted,)


class HandIn(Frozen):
    """Submit the answers given so far."""


class Discard(Frozen):
    """Stop and delete the answers."""


class Close(Frozen):
    """Close a finished interview: submit it, or leave after a refusal or screen-out."""


Reply = Given | Back | TakeBack | GoTo | Speak | Remark | Pause | HandIn | Discard | Close
"""Any reply that an asker can return."""


class Asker(Protocol):
    """The interface for asking questions, implemented by each kind of screen and by `script`."""

    def ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        """Ask the current step; `problem` is the error in the previous reply if it was invalid."""

    def close(self, interview: Interview) -> Reply:
        """Show the review before submission, or a closing page if an answer ended the interview."""


class Finished(Frozen):
    """A closed interview: `complete`, `partial`, `refused`, `screened_out` or `discarded`."""

    interview: Interview
    status: str


def run(
    interview: Interview, asker: Asker, keep: Callable[[Interview], None] = lambda _: None
) -> Finished:
    """Conduct an interview from its current step to the end.

    `keep` is called with each new state and must itself report write errors; the next call passes
    the complete state again.

    If the asker pauses after an answer that ended the interview, the interview is closed, because
    there are no further questions.

    Raises:
        Paused: the asker returned `Pause`.
        TypeError: the asker returned something other than a reply.
    """
    problem: InvalidAnswer | None = None
    while True:
        step = interview.step
        reply = _reply(asker, interview, step, problem)
        problem = None
        status = _ended_as(interview, reply)
        if status is not None:
            return Finished(interview, status)
        match reply:
            case Pause(interrupted, unsent_remark):
                raise Paused(interrupted, unsent_remark)
            case Given() | Back() | TakeBack() | GoTo() | Speak() | Remark():
                try:
                    interview = _moved(interview, reply)
                except InvalidAnswer as invalid:
                    problem = invalid
                else:
                    keep(interview)
            case _:
                problem = InvalidAnswer(
                    _("The interview cannot be submitted yet."),
                    hint=_("Answer the open question first."),
                )


def _ended_as(interview: Interview, reply: Reply) -> str | None:
    """The status of the interview if the reply closes it; None if the interview continues."""
    status = interview.status
    match reply:
        case Pause() if status in ("refused", "screened_out"):
            return status
        case Discard():
            return "discarded"
        case Close() if interview.step is None:
            return "complete" if status == "ready" else status
        case HandIn() if interview.can_hand_in:
            return "partial"
    return None


def _reply(
    asker: Asker, interview: Interview, step: Step | None, problem: InvalidAnswer | None
) -> Reply:
    reply = asker.close(interview) if step is None else asker.ask(interview, step, problem)
    if not isinstance(reply, Reply):
        raise TypeError(f"An asker must return a reply, such as Given, not {type(reply).__name__}.")
    return reply


def _moved(
    interview: Interview, reply: Given | Back | TakeBack | GoTo | Speak | Remark
) -> Interview:
    match reply:
        case Given(value):
            return interview.answer(value)
        case Back():
            return interview.back()
        case TakeBack():
            return interview.take_back()
        case GoTo(key):
            return interview.jump(key)
        case Speak(language):
            return interview.speak(language)
        case Remark(text):
            return interview.remark(text)


def records_of(
    loaded: Loaded,
    finished: Finished,
    receipt: str,
    elapsed: float | None,
    seed: int | None,
    *,
    synthetic: bool = False,
) -> tuple[Response, tuple[Text, ...]]:
    """Create the response and texts of a closed interview; `elapsed` is in seconds."""
    from microcred_cli.records.anonymise import anonymise

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
        synthetic=synthetic,
    )
