"""Functions that return getters, which look up a text of the questionnaire in any language."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from microcred_cli.i18n import _, spoken
from microcred_cli.questionnaire.models import Matrix
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.summary.labels import heading_of, wordings
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.questionnaire.models import Item, Questionnaire

    Taker: TypeAlias = Callable[[Questionnaire], str]


def section_label(number: int) -> Taker:
    """Getter for the heading of a section."""
    return lambda questionnaire: questionnaire.sections[number].label


def lead_in(number: int) -> Taker:
    """Getter for the lead-in of a section."""
    return lambda questionnaire: questionnaire.sections[number].lead_in or ""


def item_text(item_id: str) -> Taker:
    """Getter for the text of an item."""
    return lambda questionnaire: questionnaire.by_id[item_id].text


def item_instruction(item_id: str) -> Taker:
    """Getter for the instruction of an item."""
    return lambda questionnaire: questionnaire.by_id[item_id].instruction or ""


def row_text(item_id: str, number: int) -> Taker:
    """Getter for the label of a row of a matrix."""

    def take(questionnaire: Questionnaire) -> str:
        item = questionnaire.by_id[item_id]
        assert isinstance(item, Matrix)
        return item.rows[number].label

    return take


def option_label(item_id: str, code: str) -> Taker:
    """Getter for the label of an option."""
    return lambda questionnaire: questionnaire.option(questionnaire.by_id[item_id], code).label


def specify_text(item_id: str, code: str) -> Taker:
    """Getter for the text prompt of an option."""

    def take(questionnaire: Questionnaire) -> str:
        option = questionnaire.option(questionnaire.by_id[item_id], code)
        return option.specify.text if option.specify else ""

    return take


def missing_label(code: str) -> Taker:
    """Getter for the label of a reserved code."""
    return lambda _questionnaire: _(MISSING_LABELS[code])


def heading_in(item: Item, questionnaire: Questionnaire) -> str:
    """The heading of an item or, if it is not translated to the current language, the question."""
    if item.result_label or spoken() == questionnaire.language:
        return safe(heading_of(item, questionnaire.language))
    return safe(next(wordings(item, questionnaire)))
