"""Handmade summaries with every kind of table, for tests of output formats."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from microcred_cli.records.recoding import stored
from microcred_cli.summary.figures import Cell, Rule, Summary, SummaryQuestionnaire, Table
from microcred_cli.summary.plan import Plan
from microcred_cli.summary.rule import percent
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.plan import TableShape

QUESTIONNAIRE = """
breakdowns: [role]
phrases:
  - {id: whom, by: role, texts: {boss: your firm, staff: your team}}
sections:
  - id: start
    label: About you
    items:
      - {id: role, kind: single, concept: role at work, text: Who are you?, options: [
          {code: boss, label: The one who leads the whole organisation},
          {code: staff, label: Staff}, {code: guest, label: Guest}]}
      - {id: mood, kind: single, concept: mood, text: "How do {whom} feel?", measure: ordinal,
          options: [{code: "1", label: Bad}, {code: "2", label: Fair}, {code: "3", label: Good},
          {code: "4", label: Very good}, {code: "5", label: Splendid}]}
  - id: main
    label: What you do
    makes_partial: true
    items:
      - {id: uses, kind: multiple, concept: uses, text: Which do you use?, options: [
          {code: pen, label: A pen}, {code: book, label: A book with very many pages in it},
          {code: none, label: None of these, exclusive: true}]}
      - id: trust
        kind: matrix
        concept: trust
        text: How much do you trust each?
        measure: ordinal
        missing: [dk]
        rows: [A firm, A school of the town]
        options: [{code: "1", label: Not at all}, {code: "2", label: A little},
          {code: "3", label: A lot}]
      - {id: number, kind: integer, concept: number of pens, text: How many pens?, minimum: 0,
          maximum: 99, stored_as: [{code: few, label: Up to nine, min: 0, max: 9},
          {code: many, label: Ten or more, min: 10}]}
      - {id: best, kind: ranking, concept: what matters, text: What matters most?, ranks: 3,
          options: [{code: price, label: The price}, {code: look, label: Its look},
          {code: life, label: How long it lasts}]}
"""

ROUTED = QUESTIONNAIRE.replace(
    "{id: uses, kind: multiple,",
    "{id: uses, kind: multiple, asked_if: {item: role, any_of: [boss, staff]},",
)
"""The same questionnaire, with one question that is not asked of everyone."""

GROUPS = ("boss", "staff", "pooled")


@dataclass(frozen=True)
class Example:
    """A summary with its questionnaire."""

    summary: Summary
    recorded: Questionnaire

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.summary.tables


def example(
    by: str | None = None,
    *,
    withheld: tuple[str, ...] = (),
    unasked: tuple[tuple[str, str], ...] = (),
    label: str = "",
    seed: int = 1,
    text: str = QUESTIONNAIRE,
    groups: tuple[str, ...] = GROUPS,
    bases: tuple[int | None, ...] = (None, 40, 1100),
) -> Example:
    """A summary with random figures, some of them masked.

    Args:
        by: the breakdown, for every item except its own.
        withheld: the items whose tables by the breakdown (or without one) are withheld.
        unasked: pairs of an item and a group that is not asked.
        label: a text appended to every label and text of the questionnaire.
        seed: the random seed.
        text: the questionnaire.
        groups: the groups of the breakdown.
        bases: the possible bases of a group.
    """
    chance = Random(seed)
    questionnaire = questionnaire_of(text)
    if label:
        questionnaire = _labelled(questionnaire, label)
    tables = []
    for shape in Plan(questionnaire).tables:
        tables.append(_table(shape, None, chance, withheld=not by and shape.item in withheld))
        if by and shape.item != by:
            tables += [
                _table(
                    shape,
                    group,
                    chance,
                    withheld=shape.item in withheld,
                    asked=(shape.item, group) not in unasked,
                    bases=bases,
                )
                for group in groups
            ]
    summary = Summary(
        questionnaire=SummaryQuestionnaire(id=questionnaire.id, version=questionnaire.version),
        synthetic=False,
        responses=1250,
        by=by,
        rule=Rule(),
        tables=tuple(tables),
    )
    return Example(summary, stored(questionnaire))


def _labelled(questionnaire: Questionnaire, label: str) -> Questionnaire:
    """The same questionnaire with a text appended to each label, text and concept."""

    def changed(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {name: changed(part, name) for name, part in value.items()}
        if isinstance(value, list):
            return [changed(part, key) for part in value]
        if key in ("label", "text", "concept", "title", "short_title"):
            return f"{label}{value}{label}"
        return value

    import json

    shape = json.loads(questionnaire.model_dump_json(by_alias=True))
    return type(questionnaire).model_validate_json(json.dumps(changed(shape)))


def _table(
    shape: TableShape,
    group: str | None,
    chance: Random,
    *,
    withheld: bool = False,
    asked: bool = True,
    bases: tuple[int | None, ...] = (),
) -> Table:
    base = chance.choice(bases) if group else 1200
    cells = [] if withheld or not asked else list(_cells(shape, group, base, chance))
    return Table(
        item=shape.item,
        row=shape.row,
        kind=shape.kind,
        label=shape.label,
        group=group,
        base=base if cells else None,
        withheld=withheld,
        cells=tuple(cells),
    )


def _cells(shape: TableShape, group: str | None, base: int | None, chance: Random) -> list[Cell]:
    cells = []
    for cell in shape.cells:
        if group and cell.code == "not_asked":
            continue
        count = chance.choice([None, 10, 15, 35, base])
        share = None if cell.reserved else percent(count, base)
        cells.append(
            Cell(code=cell.code, label=cell.label, count=count, percent=share, masked=count is None)
        )
    return cells


def with_counts(given: Example, item: str, *counts: int | None) -> Example:
    """The same summary, with these counts for the options of an item in each of its tables."""

    def changed(table: Table) -> Table:
        if table.item != item:
            return table
        base = sum(count or 0 for count in counts)
        cells = tuple(
            cell.model_copy(update={"count": n, "percent": percent(n, base), "masked": n is None})
            for cell, n in zip(table.cells, counts, strict=False)
        )
        return table.model_copy(
            update={"base": base, "cells": (*cells, *table.cells[len(counts) :])}
        )

    tables = tuple(map(changed, given.tables))
    return Example(given.summary.model_copy(update={"tables": tables}), given.recorded)


def shown(cell: Cell | None) -> str:
    """A figure as it is displayed."""
    if cell is None:
        return "–"
    return "<8" if cell.count is None else f"{cell.count:,}"


def shown_with_share(cell: Cell | None, join: str = " {}") -> str:
    """A figure with its percentage, if it has one."""
    share = "" if cell is None or cell.percent is None else join.format(f"{cell.percent} %")
    return shown(cell) + share
