"""Routing conditions in words, as clauses with the labels of questions and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, _, quoted
from microcred_cli.interchange.translated import heading_in
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.summary.labels import with_phrases
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from microcred_cli.questionnaire.models import Condition, Item, Questionnaire

IS = N_("{question} is {answers}")
IS_NOT = N_("{question} is not {answers}")


def route_to(item: Item, recorded: Questionnaire) -> str:
    """The route condition of an item as a clause; empty if the item is always asked."""
    return "" if item.asked_if is None else clause(item.asked_if, recorded)


def clause(condition: Condition, recorded: Questionnaire, *, printed: bool = False) -> str:
    """A condition as a clause; if `printed`, with answers as respondents see them."""
    if condition.all is not None:
        return _joined(condition.all, N_("{one} and {other}"), recorded, printed=printed)
    if condition.any is not None:
        return _joined(condition.any, N_("{one} or {other}"), recorded, printed=printed)
    if condition.negated is not None:
        inner = clause(condition.negated, recorded, printed=printed)
        return _("it is not the case that {condition}").format(condition=f"({inner})")
    name = condition.item or ""
    words = _(IS) if condition.any_of is not None else _(IS_NOT)
    codes = condition.any_of or condition.none_of or ()
    labels = _labels(name, codes, recorded, printed=printed)
    answers = " / ".join(dict.fromkeys(map(quoted, labels)))
    return words.format(question=f"{_heading(name, recorded)} ({name})", answers=answers)


def _joined(
    parts: Sequence[Condition], words: str, recorded: Questionnaire, *, printed: bool
) -> str:
    said: Iterable[str] = (
        f"({clause(part, recorded, printed=printed)})"
        if part.all is not None or part.any is not None
        else clause(part, recorded, printed=printed)
        for part in parts
    )
    whole = ""
    for each in said:
        whole = _(words).format(one=whole, other=each) if whole else each
    return whole


def _heading(name: str, recorded: Questionnaire) -> str:
    if name in recorded.computed_by_id:
        return safe(recorded.computed_by_id[name].label)
    return heading_in(recorded.by_id[name], recorded)


def _labels(
    name: str, codes: Sequence[str], recorded: Questionnaire, *, printed: bool
) -> Iterator[str]:
    """The labels of these codes of an item or computed variable."""
    if name in recorded.computed_by_id:
        labels = {c.code: c.in_results for c in recorded.computed_by_id[name].categories}
    else:
        options = recorded.options(recorded.by_id[name])
        labels = {o.code: o.label if printed else o.in_results for o in options}
    for code in codes:
        label = labels.get(code) or _(MISSING_LABELS.get(code, code))
        yield safe(with_phrases(label, recorded))
