"""Rows for the answers of an interview: those given, or an outline of every question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, _
from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.terminal.list_rows import Row
from microcred_cli.terminal.view import review_lines, step_words
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.interview import Interview
    from microcred_cli.questionnaire.models import Item

STATES = {
    "answered": N_("answered"),
    "open": N_("open"),
    "to_come": N_("to come"),
    "not_asked": N_("not asked"),
}
LOOKS = {"to_come": "", "not_asked": "class:mc.aside"}
"""The styles of rows that cannot be gone to."""


def answer_rows(interview: Interview, *, kept: bool) -> tuple[Row, ...]:
    """A row for each answer, under the heading of its section; `kept` adds what is stored."""
    rows: list[Row] = []
    for heading, lines in review_lines(interview):
        rows.append(Row("", heading, heading=True, gap=bool(rows)))
        for line in lines:
            label = f"{line.asked}\n{line.said}"
            if kept and line.kept:
                label += "\n" + _("Kept as: {label}").format(label=line.kept)
            rows.append(Row(line.key, label))
    return tuple(rows)


def outline_rows(interview: Interview) -> tuple[Row, ...]:
    """A row for each item, by section; one that cannot be gone to is a heading."""
    rows: list[Row] = []
    for section in interview.questionnaire.sections:
        rows.append(Row("", safe(section.label), heading=True, gap=bool(rows)))
        rows += [_outline_row(interview, item) for item in section.items]
    return tuple(rows)


def _outline_row(interview: Interview, item: Item) -> Row:
    steps = [step for step in interview.steps if step.item.id == item.id]
    first_open = interview.first_open
    state, key, said = "to_come", "", ""
    if interview.answers.get(item.id) == NOT_ASKED:
        state = "not_asked"
    elif first_open is not None and first_open.item.id == item.id:
        state, key = "open", first_open.key
    elif steps and all(step.key in interview.given for step in steps):
        answers = [step_words(interview, step) for step in steps]
        state, key, said = "answered", steps[0].key, "; ".join(filter(None, answers))
    noted = _(" (remark)") if item.id in interview.remarks else ""
    label = f"{_(STATES[state])}{noted}: {safe(interview.insert(item.text))}"
    label += f" — {said}" if said else ""
    return Row(key, label) if key else Row("", label, heading=True, style=LOOKS[state])
