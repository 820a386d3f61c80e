"""Global recoding: responses contain coarse codes or bands instead of fine answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.questionnaire.models import (
    Choice,
    Condition,
    Integer,
    ItemBase,
    Matrix,
    Multiple,
    Open,
    Option,
    Questionnaire,
    Single,
    allowed_missing,
)
from microcred_cli.questionnaire.values import BLANK, DETACHED, NOT_ASKED, NOT_REACHED
from microcred_cli.records.formats import COARSE_MINUTES, FINE_MINUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.questionnaire.models import Band, Computed, Item, Ranking, Recode
    from microcred_cli.questionnaire.values import Answer
    from microcred_cli.records.shapes import Detail

    Parts = Mapping[str, Sequence[Recode]]

_MIDDLING, _LONG = 15, 25
"""The durations in minutes at which the second and third bands begin."""


def recode(item: Item, answer: Answer) -> Answer:
    """Recode an answer to coarse codes; if the item has no `stored_as`, it is unchanged.

    In a list of codes, duplicates are removed, and the codes are sorted in the order of the coarse
    codes. Reserved codes are unchanged.
    """
    if isinstance(item, Integer) and item.stored_as and isinstance(answer, int):
        return _band(item.stored_as, answer)
    if isinstance(item, Single | Multiple) and item.stored_as:
        coarse = coarse_codes(item.stored_as)
        if isinstance(answer, str):
            return coarse.get(answer, answer)
        if isinstance(answer, tuple):
            found = {coarse[code] for code in answer}
            return tuple(part.code for part in item.stored_as if part.code in found)
    return answer


def detached(item: Item, answer: Answer) -> Answer:
    """Replace the answer to an open item, so that it shows only that the item was asked.

    Without this replacement, the response would reveal whether any text was typed. Answers to other
    items are unchanged.
    """
    is_stored = isinstance(item, Open) and answer not in (NOT_ASKED, NOT_REACHED)
    return DETACHED if is_stored else answer


def minutes_of(seconds: float, detail: Detail) -> int:
    """The stored duration of an interview: a band or, in full detail, a multiple of 5 minutes.

    In combination with mode and status, rounded minutes would make about half of a hundred
    respondents unique.
    """
    if detail == "full":
        return min(FINE_MINUTES[-1], max(FINE_MINUTES[0], int(seconds / 300 + 0.5) * 5))
    minutes = seconds / 60
    return COARSE_MINUTES[(minutes >= _MIDDLING) + (minutes >= _LONG)]


def coarse_codes(parts: Sequence[Recode]) -> dict[str, str]:
    """The coarse code for each fine code."""
    return {fine: part.code for part in parts for fine in part.fine}


def stored(questionnaire: Questionnaire) -> Questionnaire:
    """Convert a questionnaire to the form that matches stored responses.

    Recoded items have the coarse codes as options, and banded numbers become single choices.
    Conditions test a coarse code in place of its fine codes, so that routes can be derived from a
    response. A questionnaire without recoded items, or one that was already converted, does not
    change.
    """
    parts = {
        item.id: item.stored_as
        for item in questionnaire.items
        if isinstance(item, Single | Multiple) and item.stored_as
    }
    fields = {name: getattr(questionnaire, name) for name in Questionnaire.model_fields}
    fields["sections"] = tuple(
        section.model_copy(
            update={"items": tuple(_routed(_item(i, questionnaire), parts) for i in section.items)}
        )
        for section in questionnaire.sections
    )
    fields["computed"] = tuple(_computed(variable, parts) for variable in questionnaire.computed)
    return Questionnaire(**fields)


def stored_codes(questionnaire: Questionnaire, item: Item) -> tuple[str, ...]:
    """The option codes that a record can contain for an item, without codes that end interviews."""
    return tuple(option.code for option in questionnaire.options(item) if not option.ends)


def stored_missing(item: Item) -> tuple[str, ...]:
    """The reserved codes that can be the answer to a whole item; empty for open items.

    On paper, an item that is not `required: hard` can be left empty, as can any row of a matrix.
    """
    if isinstance(item, Open):
        return ()
    if isinstance(item, Matrix):
        return (BLANK,) if item.required == "optional" else ()
    given = allowed_missing(item)
    return given if item.required == "hard" else (*given, BLANK)


def row_missing(item: Matrix) -> tuple[str, ...]:
    """The reserved codes that can be the answer to a matrix row that was asked."""
    given = allowed_missing(item)
    return (*given, BLANK) if item.required == "soft" else given


def most_ranks(questionnaire: Questionnaire, item: Ranking) -> int:
    """The maximum number of options that can be ranked."""
    loose = sum(not option.exclusive for option in questionnaire.options(item))
    return min(item.ranks, loose or 1)


def _item(item: Item, questionnaire: Questionnaire) -> Item:
    """Convert an item's options to coarse codes; its conditions still use fine codes."""
    if isinstance(item, Integer) and item.stored_as:
        fields = {name: getattr(item, name) for name in ItemBase.model_fields}
        bands = tuple(
            Option(code=band.code, label=band.label, result_label=band.result_label)
            for band in item.stored_as
        )
        return Single(**fields, kind="single", options=bands, measure="ordinal")
    if isinstance(item, Single | Multiple) and item.stored_as:
        return item.model_copy(
            update={
                "options": tuple(_coarse(part, item, questionnaire) for part in item.stored_as),
                "options_from": None,
                "own_options_first": False,
                "order": "fixed",
                "anchored": 0,
                "search": False,
                "read_out": True,
                "stored_as": None,
            }
        )
    return item


def _coarse(part: Recode, item: Choice, questionnaire: Questionnaire) -> Option:
    """Convert a coarse code to an option, exclusive or off the scale if all fine codes are."""
    fine = [option for option in questionnaire.options(item) if option.code in part.fine]
    ends = {option.ends for option in fine}
    return Option(
        code=part.code,
        label=part.label,
        result_label=part.result_label,
        exclusive=bool(fine) and all(option.exclusive for option in fine),
        off_scale=bool(fine) and all(option.off_scale for option in fine),
        specify=next((option.specify for option in fine if option.specify), None),
        ends=ends.pop() if len(ends) == 1 else None,
    )


def _routed(item: Item, parts: Parts) -> Item:
    variants = tuple(
        variant.model_copy(update={"when": _condition(variant.when, parts)})
        for variant in item.variants
    )
    asked_if = item.asked_if and _condition(item.asked_if, parts)
    return item.model_copy(update={"asked_if": asked_if, "variants": variants})


def _computed(variable: Computed, parts: Parts) -> Computed:
    categories = tuple(
        category.model_copy(update={"when": category.when and _condition(category.when, parts)})
        for category in variable.categories
    )
    return variable.model_copy(update={"categories": categories})


def _condition(condition: Condition, parts: Parts) -> Condition:
    """Convert a condition to coarse codes."""
    recoded = parts.get(condition.item or "", ())
    return Condition(
        item=condition.item,
        any_of=_codes(condition.any_of, recoded),
        none_of=_codes(condition.none_of, recoded),
        all=condition.all and tuple(_condition(part, parts) for part in condition.all),
        any=condition.any and tuple(_condition(part, parts) for part in condition.any),
        negated=condition.negated and _condition(condition.negated, parts),
    )


def _codes(codes: tuple[str, ...] | None, parts: Sequence[Recode]) -> tuple[str, ...] | None:
    if codes is None or not parts:
        return codes
    fine = coarse_codes(parts)
    whole = (part.code for part in parts if set(part.fine) <= set(codes))
    return (*whole, *(code for code in codes if code not in fine))


def _band(bands: Sequence[Band], number: int) -> str:
    for band in bands:
        if band.min <= number and (band.max is None or number <= band.max):
            return band.code
    raise ValueError("no band contains the number, although the lint requires one")
