"""What plain mode shows: a question, the review, the menu and the help, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, _
from microcred_cli.terminal import interviewer_script
from microcred_cli.terminal.key_map import BINDINGS, Action, label_of, possible
from microcred_cli.terminal.line_answers import how_to_answer
from microcred_cli.terminal.view import can_be_empty, help_lines, review_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.interview import Interview, Step
    from microcred_cli.terminal.lines import Lines
    from microcred_cli.terminal.view import Entry, View

SKIP = "skip"
HOW_TO_SUBMIT = N_("Type submit to hand in your answers, or the number of an answer to change it.")


def show_question(lines: Lines, view: View, step: Step, *, new_section: bool) -> None:
    """Write a question with its options."""
    lines.write("")
    if new_section:
        lines.write(_("Section: {section}").format(section=view.section))
    lines.write(view.place)
    read = _("Read: ") if view.aloud else ""
    for paragraph in view.before:
        lines.say(f"{read}{paragraph}")
    lines.say(f"{read}{view.stem}")
    if view.part_place:
        lines.write(f"{view.part_place}{': ' if view.part else ''}{view.part}")
    if view.instruction:
        do = _("Do: ") if view.aloud else ""
        lines.write(f"{do}{view.instruction}")
    if view.note:
        lines.write(_("Note: {note}").format(note=view.note))
    unread = _first_unread(view, step)
    for number, entry in enumerate(view.entries, 1):
        if entry is unread:
            lines.write(_(interviewer_script.NOT_READ_OUT))
        if step.asks == "number":
            lines.write(f"{entry.key}. {entry.label}", hanging=3)
            continue
        mark = f"{number}. "
        letter = _(" (or {key})").format(key=entry.key) if entry.key else ""
        lines.write(f"{mark}{entry.label}{letter}", hanging=len(mark))
    if view.has_earlier:
        lines.write(
            _("Your answer so far: {earlier}. Press Enter to keep it.").format(
                earlier=_earlier(view)
            )
        )


def _first_unread(view: View, step: Step) -> Entry | None:
    """The first line that an interviewer does not read out, if anything is read at all."""
    if not view.aloud or view.searches:
        return None
    closing = interviewer_script.is_read_one_by_one(step)
    return next((e for e in view.entries if e.apart or (closing and e.exclusive)), None)


def _earlier(view: View) -> str:
    labels = [entry.label for entry in view.entries if entry.code in view.earlier_codes]
    return ", ".join(labels) or view.earlier_text


def show_review(lines: Lines, interview: Interview) -> list[str]:
    """Write every answer with a number; the keys of their steps in that order."""
    lines.say(_("All questions are answered. Your answers:"))
    keys: list[str] = []
    for section, part in review_lines(interview):
        lines.say(section)
        for line in part:
            keys.append(line.key)
            mark = f"{len(keys)}. "
            kept = _(" (kept as: {label})").format(label=line.kept) if line.kept else ""
            lines.write(f"{mark}{line.asked} — {line.said}{kept}", hanging=len(mark))
    lines.say(" ".join((_("Nothing has been handed in yet."), _(HOW_TO_SUBMIT))))
    return keys


def commands(
    interview: Interview, step: Step | None, languages: tuple[str, ...], *, background: bool
) -> list[Action]:
    """The actions that have a command here, in the order of the menu."""
    allowed = {*possible(interview, step, languages), Action.MENU, Action.AGAIN}
    if not background:
        allowed.discard(Action.BACKGROUND)
    return [binding.action for binding in BINDINGS if binding.action in allowed]


def show_menu(
    lines: Lines, interview: Interview, step: Step | None, actions: Sequence[Action]
) -> None:
    """Write the commands that are possible."""
    lines.say(_("What you can do here:"))
    for binding in BINDINGS:
        if binding.action in actions and binding.action is not Action.MENU:
            lines.write(f":{binding.commands[0]} — {label_of(binding.action, interview)}")
    if step is not None and step.asks == "text":
        if can_be_empty(step):
            lines.write(" — ".join((f":{SKIP}", _("Leave it empty"))))
        lines.write(_("A text that begins with a colon is typed with two colons."))


def show_help(lines: Lines, interview: Interview, step: Step | None, view: View | None) -> None:
    """Write what helps with a question, or with the review, and how to answer it."""
    if step is None or view is None:
        lines.say(_(HOW_TO_SUBMIT))
        return
    for text in help_lines(interview, step):
        lines.say(text)
    lines.say(_("How to answer: {how}").format(how=how_to_answer(view, step)))
