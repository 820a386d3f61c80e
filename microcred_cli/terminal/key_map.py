"""The table of keys and commands in an interview, with their help texts.

The footer, the menu, the help and the prompts are all generated from it, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, _
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.interview import Interview
    from microcred_cli.terminal.stage import Signs
    from microcred_cli.terminal.view import Blocks


class Action(Enum):
    """An action at a question other than answering it."""

    BACK = "back"
    GO_TO = "goto"
    HELP = "help"
    DEFINITION = "definition"
    BACKGROUND = "background"
    DONT_KNOW = "dk"
    REFUSE = "pna"
    LANGUAGE = "language"
    REMARK = "remark"
    BREAK_OFF = "breakoff"
    HAND_IN = "handin"
    DISCARD = "discard"
    PAUSE = "pause"
    MENU = "menu"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Binding:
    """The keys of an action, by their prompt_toolkit names, and its commands.

    `commands` are typed after a colon in plain mode; the first is the one shown. `short` is a
    one-word label, `to_interviewer` the wording for an interviewer.
    """

    action: Action
    label: str
    keys: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    short: str = ""
    to_interviewer: str = ""

    @property
    def shown_key(self) -> str:
        """The usual name of the first key (`Shift-Tab`, `Ctrl-G`, `F1`); empty if none."""
        key = next(iter(self.keys), "")
        if key == "s-tab":
            return "Shift-Tab"
        return f"Ctrl-{key[-1].upper()}" if key.startswith("c-") else key.upper()


BINDINGS = (
    Binding(Action.BACK, N_("Back to the question before"), ("s-tab",), ("back", "b"), N_("back")),
    Binding(Action.GO_TO, N_("Go to another question"), ("c-g",), ("goto", "g"), N_("go to")),
    Binding(Action.HELP, N_("Help with this question"), ("f1",), ("help", "h", "?"), N_("help")),
    Binding(Action.DEFINITION, N_("Read the definition again"), (), ("definition", "d")),
    Binding(
        Action.BACKGROUND,
        N_("Read the background again"),
        ("c-t",),
        ("background",),
        N_("full text"),
        N_("Full text of the background"),
    ),
    Binding(Action.DONT_KNOW, N_("Don't know"), ("f7",), ("dk",), N_("don't know")),
    Binding(
        Action.REFUSE,
        N_("Prefer not to answer"),
        ("f8",),
        ("pna", "refuse"),
        N_("no answer"),
        N_("Will not answer this question"),
    ),
    Binding(
        Action.LANGUAGE, N_("Change the language"), ("c-l",), ("language", "l"), N_("language")
    ),
    Binding(
        Action.REMARK, N_("Note a remark on this question"), ("c-r",), ("remark", "r"), N_("remark")
    ),
    Binding(
        Action.BREAK_OFF,
        N_("The person does not want to go on"),
        ("c-x",),
        ("breakoff",),
        N_("break off"),
    ),
    Binding(Action.HAND_IN, N_("Stop here and hand in what you said"), (), ("handin",)),
    Binding(Action.DISCARD, N_("Stop here and delete what you said"), (), ("discard", "stop")),
    Binding(
        Action.PAUSE,
        N_("Pause and go on later"),
        ("c-c", "c-d"),
        ("pause", "p"),
        N_("pause"),
        N_("Pause, and call back"),
    ),
    Binding(
        Action.MENU, N_("Menu: everything you can do here"), ("c-o",), ("menu", "m"), N_("menu")
    ),
    Binding(Action.AGAIN, N_("Show this question again"), (), ("again", "a")),
)
"""Every action, in the order in which menus list them."""

BY_ACTION = {binding.action: binding for binding in BINDINGS}
BY_COMMAND = {command: b.action for b in BINDINGS for command in b.commands}


def label_of(action: Action, interview: Interview) -> str:
    """The name of an action in a menu; for the definition, its title in the questionnaire."""
    definition = interview.questionnaire.definition
    if action is Action.DEFINITION and definition is not None:
        return safe(definition.title)
    binding = BY_ACTION[action]
    return _((interview.mode != "self" and binding.to_interviewer) or binding.label)


def key_hints(
    leaves: tuple[Action, ...], *, typing: bool = False, pause: bool = True, kept: bool = True
) -> tuple[str, ...]:
    """The keys of these actions and of pausing, called leaving if no draft is `kept`."""
    hints = []
    for binding in BINDINGS:
        if binding.action in leaves or (pause and binding.action is Action.PAUSE):
            asks_help = binding.action is Action.HELP and not typing
            leaves_for_good = binding.action is Action.PAUSE and not kept
            name = _("leave") if leaves_for_good else _(binding.short)
            hints.append(f"{'?' if asks_help else binding.shown_key} {name}")
    return tuple(hints)


def list_hints(signs: Signs, *, ticks: bool = False, searches: bool = False) -> tuple[str, ...]:
    """The keys of every list."""
    moves = _("{arrows} or letters: move") if searches else _("{arrows} or number: move")
    moves = moves.format(arrows=signs.arrows)
    if ticks:
        return (moves, _("Space: tick"), _("Enter: go on"))
    return (moves, _("Enter: choose"))


def key_blocks(leaves: tuple[Action, ...]) -> Blocks:
    """The help page on keys, where these actions are available."""
    keys = [b for b in BINDINGS if b.keys and b.action in (*leaves, Action.PAUSE)]
    return (
        ("heading", _("Keys")),
        ("list", _("Up, Down, Page Up, Page Down, Home, End: move")),
        ("list", _("A number or letter in front of an answer: point at it")),
        ("list", _("Letters, in a long list: search for words; Esc clears them")),
        ("list", _("Space: tick, where several answers are possible")),
        ("list", _("Enter: take what is pointed at, ticked or typed")),
        *(("list", f"{b.shown_key}: {_(b.label)}") for b in keys),
    )
