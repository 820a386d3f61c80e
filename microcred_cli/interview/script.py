"""An asker that replays answers from a file or a test instead of asking a person."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer, UsageError
from microcred_cli.frozen import Frozen
from microcred_cli.interview.loop import Close, Finished, Given, HandIn, Reply, run
from microcred_cli.interview.state import Interview
from microcred_cli.questionnaire.answers import check_codes, shown
from microcred_cli.questionnaire.models import Matrix, Open, Ranking
from microcred_cli.questionnaire.values import BLANK, DETACHED, NOT_ASKED, NOT_REACHED, Reserved
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.interview.steps import Step
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.records.shapes import Detail, Mode


class Script(Frozen):
    """An asker that takes its replies from an `answers` object and its `texts`.

    Answers and texts have the form used in an answers file. Any error raises a `UsageError` with
    the item, the value (unless it is a text) and a hint.
    """

    answers: Mapping[str, object]
    texts: Mapping[str, object] = MappingProxyType({})

    def ask(
        self,
        interview: Interview,  # noqa: ARG002 - the asker's interface
        step: Step,
        problem: InvalidAnswer | None,
    ) -> Reply:
        """Return the reply for this step from the file."""
        if problem is not None:
            raise _wrong(step.key, problem.message, problem.hint)
        raw = self.answers.get(step.item.id)
        if raw == NOT_REACHED or _stops_at(step, raw):
            return HandIn()
        if raw == NOT_ASKED:
            message = f"{shown(raw)} is not allowed: this item is asked on this route."
            raise _wrong(step.item.id, message, "Add an answer.")
        try:
            return Given(self._value(step, raw))
        except InvalidAnswer as invalid:
            raise _wrong(step.item.id, invalid.message, invalid.hint) from None

    def close(self, interview: Interview) -> Reply:  # noqa: ARG002 - the asker's interface
        """Submit the interview, because there are no further questions."""
        return Close()

    def _value(self, step: Step, raw: object) -> object:
        if step.asks == "text":
            return self._text(step, raw)
        if step.item.id not in self.answers:
            if BLANK in step.accepts and step.part is None:
                return BLANK
            raise InvalidAnswer(
                "The answer is missing.", hint="Add an answer, because this item is on the route."
            )
        if isinstance(step.item, Matrix):
            return _row(step, raw)
        if isinstance(step.item, Ranking):
            return _rank(step, raw)
        if isinstance(raw, str) and raw in (BLANK, DETACHED) and raw not in step.accepts:
            raise InvalidAnswer(f"{shown(raw)} is not allowed here.", hint="Add an answer.")
        return raw

    def _text(self, step: Step, raw: object) -> object:
        if step.key not in self.texts:
            if step.specifies:
                return ""
            return _textless(step, self.answers.get(step.item.id, BLANK))
        if isinstance(step.item, Open) and step.item.id in self.answers and raw != DETACHED:
            raise InvalidAnswer(
                "The item has both a text and another answer.",
                hint="Remove the text or the other answer.",
            )
        text = self.texts[step.key]
        if not isinstance(text, str) or not clean(text):
            raise InvalidAnswer(
                "The text is empty or not a string.", hint="Add a text, or remove the entry."
            )
        return text


def _textless(step: Step, raw: object) -> object:
    if raw in (BLANK, DETACHED):
        if step.item.required != "optional":
            raise InvalidAnswer("The answer is missing.", hint="Add the text under “texts”.")
        return ""
    if isinstance(raw, str) and raw in step.accepts:
        return Reserved(raw)
    raise InvalidAnswer(
        "The answer to an open item must be a text.",
        hint="Put the text under “texts”, and remove the answer to this item from “answers”.",
    )


def _stops_at(step: Step, raw: object) -> bool:
    """True if the file marks this matrix row as not reached, unless it is the first row."""
    return (
        isinstance(step.item, Matrix)
        and isinstance(raw, dict)
        and step.number > 1
        and raw.get(step.part) == NOT_REACHED
    )


def _row(step: Step, raw: object) -> object:
    assert isinstance(step.item, Matrix)
    if not isinstance(raw, dict):
        raise InvalidAnswer(
            f"{shown(raw)} is not an object with rows as keys.",
            hint="Use an object with every row as a key.",
        )
    rows = [row.code for row in step.item.rows]
    if unknown := [row for row in raw if row not in rows]:
        message = f"{shown(unknown[0])} is not a row."
        raise InvalidAnswer(message, hint=f"Use these rows: {', '.join(rows)}.")
    if step.part not in raw:
        raise InvalidAnswer(f"The row {step.part} is missing.", hint="Add an answer for every row.")
    return raw[step.part]


def _rank(step: Step, raw: object) -> object:
    if isinstance(raw, str):
        if raw in step.accepts and step.number == 1:
            return raw
        raise InvalidAnswer(
            f"{shown(raw)} is not a list of codes.", hint="Use a list of codes in rank order."
        )
    if step.number == 1:
        check_codes(raw, step.options, (), step.count)
    assert isinstance(raw, list | tuple)
    return raw[step.number - 1] if step.number <= len(raw) else BLANK


def walk_answers(
    questionnaire: Questionnaire,
    answers: Mapping[str, object],
    texts: Mapping[str, object],
    *,
    mode: Mode = "self",
    detail: Detail = "coarse",
) -> Finished:
    """Replay exactly these answers; `mode` and `detail` have the same meaning as in `Interview`.

    Invalid, missing, unknown or off-route answers and texts raise `UsageError`.
    """
    _refuse_unknown(questionnaire, answers, texts)
    script = Script(answers, texts)
    finished = run(Interview.begin(questionnaire, mode=mode, detail=detail), script)
    interview = finished.interview
    _refuse_off_route(interview, answers)
    if finished.status == "partial":
        _refuse_broken_tail(interview, answers)
    asked = {step.key for step in interview.steps if step.asks == "text"}
    reached = set(interview.closed_texts()) if finished.status == "partial" else asked
    for key in texts:
        if key not in asked & reached:
            raise _wrong(
                key,
                "The text does not belong to any question or option on this route.",
                "Remove the text.",
            )
    return finished


def _refuse_unknown(
    questionnaire: Questionnaire, answers: Mapping[str, object], texts: Mapping[str, object]
) -> None:
    for key in (*answers, *texts):
        item_id = key if key in answers else key.partition(".")[0]
        if item_id not in questionnaire.by_id:
            raise UsageError(
                f"{shown(key)} is not the id of an item.",
                hint="Correct the id, or remove the entry.",
            )


def _refuse_off_route(interview: Interview, answers: Mapping[str, object]) -> None:
    """Reject answers to items not asked, except `not_asked` and, if undecided, `not_reached`."""
    asked = {step.item.id for step in interview.steps}
    for item_id, raw in answers.items():
        decided = interview.status != "open" or interview.answers.get(item_id) == NOT_ASKED
        if raw == NOT_ASKED and not decided:
            message = f"{shown(raw)} is not allowed: this item may still be asked."
            raise _wrong(item_id, message, "Remove the answer to this item.")
        if item_id in asked or raw == NOT_ASKED or (raw == NOT_REACHED and not decided):
            continue
        message = f"{_value_shown(interview, item_id, raw)}: this item is not asked on this route."
        raise _wrong(item_id, message, "Remove the answer to this item.")


def _refuse_broken_tail(interview: Interview, answers: Mapping[str, object]) -> None:
    """Reject answers after the first item or row that was not reached."""
    assert interview.step is not None
    for step in interview.steps[interview.steps.index(interview.step) :]:
        raw = answers.get(step.item.id, NOT_REACHED)
        value = raw.get(step.part) if isinstance(raw, dict) else raw
        if value != NOT_REACHED:
            value_shown = _value_shown(interview, step.item.id, value)
            raise _wrong(
                step.item.id,
                f"{value_shown} follows an item that was not reached.",
                "Remove the later answers, or add the missing earlier ones.",
            )


def _value_shown(interview: Interview, item_id: str, raw: object) -> str:
    """Format a value for a message, without revealing the answer to an open item."""
    if isinstance(interview.questionnaire.by_id[item_id], Open):
        return "The answer"
    return shown(raw)


def _wrong(key: str, message: str, hint: str) -> UsageError:
    return UsageError(f"{safe(key)}: {message}", hint=hint)
