"""What is left of an interview in its response and its detached texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from microcred_cli.questionnaire.values import LONGEST_REMARK, REMARK
from microcred_cli.records.identifiers import remove_identifiers
from microcred_cli.records.receipts import response_id, text_id
from microcred_cli.records.recoding import detached, minutes_of, recode
from microcred_cli.records.shapes import QuestionnaireRef, Response, Text, stored_answer
from microcred_cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.questionnaire.values import Answers
    from microcred_cli.records.shapes import Detail

_LONGEST_TEXT = 100


def anonymise(
    questionnaire: Questionnaire,
    ref: QuestionnaireRef,
    *,
    answers: Answers,
    texts: Mapping[str, str],
    status: Literal["complete", "partial"],
    mode: Literal["self", "phone", "in_person"],
    receipt: str,
    elapsed_seconds: float | None,
    seed: int | None,
    detail: Detail = "coarse",
    language: str | None = None,
) -> tuple[Response, tuple[Text, ...]]:
    """The response and the texts of one closed interview, recoded and screened.

    `answers` has every item (fine codes), `texts` what was typed by step key (remarks by
    `item.remark`). Both ids follow from `receipt`, the bare code, so that the same interview always
    becomes the same files. With full `detail` (in encrypted folders only) the fine codes, the
    rounded minutes, the `seed` and the `language` stay.
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
        answers={
            item.id: stored_answer(
                detached(item, answers[item.id] if is_full else recode(item, answers[item.id]))
            )
            for item in questionnaire.items
        },
    )
    typed = tuple(
        Text(
            text_id=text_id(receipt, key),
            questionnaire=ref,
            item=key,
            text=remove_identifiers(clean(text), _limit(questionnaire, key)),
        )
        for key, text in texts.items()
    )
    return response, typed


def _limit(questionnaire: Questionnaire, key: str) -> int:
    item_id, _, code = key.partition(".")
    item = questionnaire.by_id[item_id]
    if code == REMARK:
        return LONGEST_REMARK
    if code:
        specify = questionnaire.option(item, code).specify
        return specify.max_length if specify else _LONGEST_TEXT
    return int(getattr(item, "max_length", _LONGEST_TEXT))
