"""Rows for the answers of an interview: those given, or an outline of every question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, _
from microcred_cli.terminal.list_rows import Row
from microcred_cli.terminal.view import outline, review_lines

if TYPE_CHECKING:
    from microcred_cli.interview import Interview

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
    for heading, entries in outline(interview):
        rows.append(Row("", heading, heading=True, gap=bool(rows)))
        for entry in entries:
            noted = _(" (remark)") if entry.has_remark else ""
            said = f" — {entry.said}" if entry.said else ""
            label = f"{_(STATES[entry.state])}{noted}: {entry.asked}{said}"
            if entry.key:
                rows.append(Row(entry.key, label))
            else:
                rows.append(Row("", label, heading=True, style=LOOKS[entry.state]))
    return tuple(rows)
