"""Conversion of a finished interview to an anonymous response and detached texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.records.identifiers import remove_identifiers
from microcred_cli.records.receipts import response_id, text_id
from microcred_cli.records.recoding import detached, minutes_of, recode
from microcred_cli.records.shapes import QuestionnaireRef, Response, Text, stored_answer
from microcred_cli.records.validation import text_limits
from microcred_cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.questionnaire.values import Answers
    from microcred_cli.records.shapes import Detail, Mode, Status


def anonymise(
    questionnaire: Questionnaire,
    ref: QuestionnaireRef,
    *,
    answers: Answers,
    texts: Mapping[str, str],
    status: Status,
    mode: Mode,
    receipt: str,
    elapsed_seconds: float | None,
    seed: int | None,
    detail: Detail = "coarse",
    language: str | None = None,
    synthetic: bool = False,
) -> tuple[Response, tuple[Text, ...]]:
    """Create the response and texts of a finished interview, recoded and without identifiers.

    `answers` has an answer (in fine codes) to every item, and `texts` has the typed texts, with
    keys as in `text_limits`. All ids are derived from the bare code `receipt`, so the same
    interview always produces the same files. With full `detail` (in encrypted folders only), the
    fine codes, the rounded minutes, the `seed` and the `language` are stored.
    """
    is_full = detail == "full"
    response = Response(
        response_id=response_id(receipt),
        questionnaire=ref,
        status=status,
        mode=mode,
        detail=detail,
        language=language if is_full else None,
        duration_minutes=None if elapsed_seconds is None else minutes_of(elapsed_seconds, detail),
        shuffle_seed=seed if is_full else None,
        synthetic=synthetic,
        answers={
            item.id: stored_answer(
                detached(item, answers[item.id] if is_full else recode(item, answers[item.id]))
            )
            for item in questionnaire.items
        },
    )
    limits = text_limits(questionnaire)
    return response, tuple(
        Text(
            text_id=text_id(receipt, key),
            questionnaire=ref,
            item=key,
            text=remove_identifiers(clean(text), limits[key]),
            synthetic=synthetic,
        )
        for key, text in texts.items()
    )
