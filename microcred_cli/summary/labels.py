"""Labels for the codes in a summary, from the questionnaire in the current language.

Figures contain only codes. Labels are looked up when a summary is printed, so that a change of
language or labels does not change the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import N_, _, spoken
from microcred_cli.questionnaire.models import Item, Matrix, Questionnaire
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.summary.figures import POOLED_LABEL, Summary, Table
from microcred_cli.summary.rule import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


RANKS: Final = {"1": N_("First"), "2": N_("Second"), "3": N_("Third"), "any": N_("Any rank")}


def heading_of(item: Item, language: str) -> str:
    """The heading of an item's results.

    An item without a result label has its concept as the heading. Concepts are never translated, so
    they are marked with the `language` of the questionnaire if this is not the current language.
    """
    if item.result_label:
        return item.result_label
    mark = "" if spoken() == language else f" [{language}]"
    return item.concept[:1].upper() + item.concept[1:] + mark


def row_label(item: Item, row: str | None) -> str:
    """The label of a matrix row, or of a rank."""
    if isinstance(item, Matrix):
        return next((part.in_results for part in item.rows if part.code == row), row or "")
    known = RANKS.get(row or "")
    return _(known) if known else _("Rank {number}").format(number=row)


def wordings(item: Item, recorded: Questionnaire) -> Iterator[str]:
    """The wordings of a question, with the alternative words of phrases separated by slashes."""
    for text in dict.fromkeys((item.text, *(variant.text for variant in item.variants))):
        yield with_phrases(text, recorded)


def with_phrases(text: str, recorded: Questionnaire) -> str:
    """Replace each phrase in a text by its alternative words, separated by slashes."""
    for phrase in recorded.phrases:
        phrases = " / ".join(dict.fromkeys(phrase.texts.values()))
        text = text.replace(f"{{{phrase.id}}}", phrases)
    return text


def breakdown_label(recorded: Questionnaire, by: str) -> str:
    """The label of a breakdown."""
    if by in recorded.computed_by_id:
        return recorded.computed_by_id[by].label
    item = recorded.by_id.get(by)
    return by if item is None else heading_of(item, recorded.language)


def group_labels(recorded: Questionnaire, by: str | None) -> dict[str, str]:
    """The labels of the groups of a breakdown, by code.

    The labels of missing answers include the question of the breakdown, to distinguish these from
    missing answers to the question that is broken down.
    """
    labels = {POOLED: _(POOLED_LABEL)}
    for code, text in MISSING_LABELS.items():
        label = _(text)
        if by is not None:
            name = breakdown_label(recorded, by)
            label = _("{answer} ({question})").format(answer=label, question=name)
        labels[code] = label
    if by in recorded.computed_by_id:
        parts = recorded.computed_by_id[by].categories
        return labels | {part.code: part.in_results for part in parts}
    item = recorded.by_id.get(by or "")
    return labels if item is None else labels | _answers(recorded, item)


def in_words(summary: Summary, recorded: Questionnaire) -> Summary:
    """A summary with labels from the questionnaire in place of codes."""
    labels: dict[str, Mapping[str, str]] = {}
    for item in recorded.items:
        reserved = {code: _(text) for code, text in MISSING_LABELS.items()}
        labels[item.id] = reserved | _answers(recorded, item)
    tables = tuple(
        _table(table, recorded.by_id[table.item], labels[table.item], recorded.language)
        if table.item in recorded.by_id
        else table
        for table in summary.tables
    )
    return summary.model_copy(update={"tables": tables})


def _answers(recorded: Questionnaire, item: Item) -> dict[str, str]:
    return {option.code: option.in_results for option in recorded.options(item)}


def _table(table: Table, item: Item, labels: Mapping[str, str], language: str) -> Table:
    cells = tuple(
        cell.model_copy(update={"label": labels.get(cell.code, cell.label)}) for cell in table.cells
    )
    label = row_label(item, table.row) if table.kind == "matrix" else heading_of(item, language)
    return table.model_copy(update={"label": label, "cells": cells})
