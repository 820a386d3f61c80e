"""`interview_of`: rebuilds an interview from its draft, unless the draft was tampered with."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer, MicrocredError, StoreError
from microcred_cli.interview import Interview, Step
from microcred_cli.interview.state import Precomputed, check_step
from microcred_cli.interview.steps import rank_keys, steps_of
from microcred_cli.questionnaire.models import Choice, Item, Ranking
from microcred_cli.questionnaire.values import BLANK, GIVEN, LONGEST_REMARK, Value
from microcred_cli.records.formats import SEEDS
from microcred_cli.records.receipts import ALPHABET, RECEIPT_SYMBOLS
from microcred_cli.text import clean

if TYPE_CHECKING:
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Detail, Draft, Unfinished


def interview_of(draft: Draft, loaded: Loaded, detail: Detail = "coarse") -> Interview:
    """Rebuild the interview of a draft at its first unanswered question."""
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in draft.given.items()
    }
    # Use the source language if the draft's translation is no longer available.
    language = loaded.questionnaire.language
    with suppress(KeyError, MicrocredError):
        loaded.languages[draft.language]
        language = draft.language
    interview = Interview(
        loaded.languages[language],
        Precomputed(loaded.questionnaire),
        mode=draft.mode,
        language=language,
        seed=draft.seed if draft.paper is None else None,
        given=given,
        texts=dict(draft.texts),
        remarks=dict(draft.remarks),
        wordings=dict(draft.wordings),
        spoken=loaded.languages,
        detail=detail,
        on_paper=draft.paper is not None,
    )
    _refuse_misfit(draft, interview)
    return interview.resumed()


def _refuse_misfit(draft: Draft, interview: Interview) -> None:
    """Refuse a draft with a value that is invalid for its question, or an inconsistent status."""
    receipt = draft.receipt
    fits = (
        draft.seed in range(SEEDS)
        and (receipt is None or (len(receipt) == RECEIPT_SYMBOLS and set(receipt) <= set(ALPHABET)))
        and all(interview.given.get(key) == GIVEN for key in draft.texts)
        and all(_is_remark(interview, *remark) for remark in draft.remarks.items())
        and all(_fits(interview, key, value) for key, value in interview.given.items())
        and _ends_as_it_says(draft, interview)
    )
    if not fits:
        raise StoreError(
            "The paused interview is damaged, or was changed by another program.",
            hint="Begin a new interview. To delete the damaged one: microcred drafts delete",
        )


def unfinished_of(draft: Draft) -> Unfinished:
    """The input that was left on any page, as clean text."""
    kept = draft.unfinished.copy()
    for texts in (kept.texts, kept.remarks):
        texts.update({key: clean(text) for key, text in texts.items()})
    return kept


def _is_remark(interview: Interview, item_id: str, text: str) -> bool:
    is_text = bool(text) and clean(text) == text and len(text) <= LONGEST_REMARK
    return is_text and item_id in interview.questionnaire.by_id


def _ends_as_it_says(draft: Draft, interview: Interview) -> bool:
    if draft.closing == "complete":
        return interview.status == "ready"
    return draft.closing is None or interview.can_hand_in


def _fits(interview: Interview, key: str, value: Value) -> bool:
    item = interview.questionnaire.by_id.get(key.partition(".")[0])
    if item is None:
        return False
    on_paper = interview.on_paper
    steps = steps_of(
        interview.questionnaire, item, interview.given, interview.seed, on_paper=on_paper
    )
    step = next((step for step in steps if step.key == key), None)
    if step is None:
        return _may_wait(interview, item, key, value)
    if step.asks == "text":
        return _fits_text(step, value, interview.texts.get(key))
    try:
        check_step(step, list(value) if isinstance(value, tuple) else value)
    except InvalidAnswer:
        return False
    return True


def _fits_text(step: Step, value: Value, text: str | None) -> bool:
    if value == GIVEN:
        return bool(text) and clean(text or "") == text and len(text or "") <= step.max_length
    return value in (BLANK, *step.accepts)


def _may_wait(interview: Interview, item: Item, key: str, value: Value) -> bool:
    """True if the value belongs to a rank or "please specify" step that is now off the route."""
    if not isinstance(item, Choice):
        return False
    options = interview.questionnaire.options(item)
    if isinstance(item, Ranking):
        return key in rank_keys(item) and value in (BLANK, *(o.code for o in options))
    specified = [f"{item.id}.{option.code}" for option in options if option.specify]
    return key in specified and value in (GIVEN, BLANK)
