"""Questions and lists of answers as prompts: made from what a view shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, _
from microcred_cli.questionnaire.values import BLANK, MISSING_LABELS
from microcred_cli.terminal.key_map import BINDINGS, Action
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.list_rows import Row, numbered
from microcred_cli.terminal.text_prompt import TextPrompt
from microcred_cli.terminal.view import can_be_empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.interview import Step
    from microcred_cli.terminal.page_layout import Page
    from microcred_cli.terminal.stage import Signs, Stage
    from microcred_cli.terminal.view import Blocks, View


def list_prompt(
    stage: Stage,
    page: Page,
    leaves: tuple[Action, ...],
    step: Step,
    view: View,
    marks: Mapping[str, bool],
) -> ListPrompt:
    """The prompt for a step that is answered from a list; `marks` were made, but not entered."""
    rows = [
        Row(e.code, e.label, e.key, e.exclusive, gap=e.apart and not before.apart)
        for before, e in zip((view.entries[0], *view.entries), view.entries, strict=False)
    ]
    rows += _rows_kept(view, step, [row.code for row in rows])
    ticks = step.asks == "some"
    hints = list_hints(stage.signs, ticks=ticks, searches=view.searches)
    return ListPrompt(
        stage,
        replace(page, hints=hints, needed=hints[1:2] if ticks else ()),
        leaves,
        rows=numbered(rows),
        ticks=ticks,
        at_most=view.at_most,
        searches=view.searches,
        pointed=view.earlier_codes[0] if view.earlier_codes else None,
        ticked=(*marks,) if marks else view.earlier_codes if ticks else (),
    )


def text_prompt(
    stage: Stage, page: Page, leaves: tuple[Action, ...], step: Step, view: View, unsent: str | None
) -> TextPrompt:
    """The prompt for a step that asks for a text or a number; `unsent` was typed before."""
    number = step.asks == "number"
    rows = [Row(e.code, e.label, e.key) for e in view.entries]
    if can_be_empty(step):
        rows.append(Row(BLANK, _("Leave it empty (Tab, then Enter)")))
    rows += _rows_kept(view, step, [row.code for row in rows])
    codes = [row.code for row in rows]
    earlier = next((code for code in view.earlier_codes if code in codes), None)
    return TextPrompt(
        stage,
        replace(page, hints=_text_hints(rows), needed=_text_hints(rows)[1:]),
        leaves,
        text=view.earlier_text if unsent is None else unsent,
        most=40 if number else view.max_length,
        counts=not number,
        rows=tuple(rows),
        letters=number,
        pointed=earlier if unsent is None else None,
        empty=_("Type a number first") if number else _("Nothing is typed yet"),
    )


def _rows_kept(view: View, step: Step, listed: Sequence[str]) -> list[Row]:
    """Rows for reserved codes that were given through the menu: Enter keeps them too."""
    return [
        Row(code, _(MISSING_LABELS[code]), exclusive=True, gap=True)
        for code in view.earlier_codes
        if code in step.accepts and code not in listed
    ]


LEAVE = N_("leave")
"""The name of pausing where there is nothing to keep."""


# -- keys ------------------------------------------------------------------------------------------


def key_hints(
    leaves: tuple[Action, ...], *, typing: bool = False, pause: bool = True, kept: bool = True
) -> tuple[str, ...]:
    """The keys of these actions and of pausing, in the order of the bindings.

    Where nothing is `kept`, to pause is to leave.
    """
    wanted = (*leaves, Action.PAUSE) if pause else leaves
    return tuple(
        f"{'?' if b.action is Action.HELP and not typing else b.shown_key} "
        f"{_(b.short if kept or b.action is not Action.PAUSE else LEAVE)}"
        for b in BINDINGS
        if b.action in wanted
    )


def list_hints(signs: Signs, *, ticks: bool = False, searches: bool = False) -> tuple[str, ...]:
    """The keys of a list itself."""
    moves = _("{arrows} or letters: move") if searches else _("{arrows} or number: move")
    moves = moves.format(arrows=signs.arrows)
    if ticks:
        return (moves, _("Space: tick"), _("Enter: go on"))
    return (moves, _("Enter: choose"))


def _text_hints(rows: Sequence[Row]) -> tuple[str, ...]:
    return (_("Enter: go on"), _("Tab: answers below")) if rows else (_("Enter: go on"),)


def key_blocks(leaves: tuple[Action, ...]) -> Blocks:
    """The help with the keys that work where these actions do."""
    keys = [b for b in BINDINGS if b.keys and b.action in (*leaves, Action.PAUSE)]
    return (
        ("heading", _("Keys")),
        ("list", _("Up, Down, Page Up, Page Down, Home, End: move")),
        ("list", _("A number or letter in front of an answer: point at it")),
        ("list", _("Space: tick, where several answers are possible")),
        ("list", _("Enter: take what is pointed at, ticked or typed")),
        *(("list", f"{b.shown_key}: {_(b.label)}") for b in keys),
    )
