"""The table of keys and commands in an interview, with their help texts.

The footer, the menu, the help and the prompts all use this table, so they are always consistent.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from microcred_cli.frozen import Frozen
from microcred_cli.i18n import N_, _, labelled, letter
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.interview import Interview
    from microcred_cli.terminal.page_wording import Blocks
    from microcred_cli.terminal.stage import Signs


class Action(Enum):
    """Anything that a user can do at a question other than answer it."""

    BACK = "back"
    TAKE_BACK = "takeback"
    GO_TO = "goto"
    HELP = "help"
    DEFINITION = "definition"
    BACKGROUND = "background"
    DONT_KNOW = "dk"
    REFUSE = "pna"
    LANGUAGE = "language"
    ONE_KEY = "onekey"
    REMARK = "remark"
    BREAK_OFF = "breakoff"
    HAND_IN = "handin"
    DISCARD = "discard"
    PAUSE = "pause"
    MENU = "menu"
    AGAIN = "again"


class Binding(Frozen):
    """The keys and commands of an action.

    `keys` are key names of prompt_toolkit. `commands` are typed after a colon in plain mode; help
    shows the first. Commands are whole words, because a single letter is an answer in a list.
    `short` is the label in the footer, and `to_interviewer` is the label shown to interviewers.
    `letter` is the key in the menu, the same at every question; `or_letter` replaces it in
    languages where lists use that letter for a reserved answer.
    """

    action: Action
    label: str
    keys: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    short: str = ""
    to_interviewer: str = ""
    letter: str = ""
    or_letter: str = ""

    @property
    def menu_letter(self) -> str:
        """The menu key in the current language; reserved answers have the same key as in lists."""
        if self.action in (Action.DONT_KNOW, Action.REFUSE):
            return letter(self.action.value)
        return self.or_letter if self.letter in (letter("dk"), letter("pna")) else self.letter

    @property
    def shown_key(self) -> str:
        """The name of the first key (`Shift-Tab`, `Ctrl-G`, `F1`) in the current language.

        The result is empty if the action has no key.
        """
        key = next(iter(self.keys), "")
        if key == "s-tab":
            return _("Shift-Tab")
        if key.startswith("c-"):
            return _("Ctrl-{letter}").format(letter=key[-1].upper())
        return key.upper()


BINDINGS = (
    Binding(
        Action.BACK,
        N_("Back to the previous question"),
        ("s-tab",),
        ("back",),
        N_("back"),
        letter="b",
    ),
    Binding(
        Action.GO_TO,
        N_("Go to another question"),
        ("c-g",),
        ("goto",),
        N_("go to"),
        letter="g",
        or_letter="j",
    ),
    Binding(
        Action.HELP,
        N_("Help with this question"),
        ("f1",),
        ("help", "?"),
        N_("help"),
        letter="h",
        or_letter="i",
    ),
    Binding(
        Action.DEFINITION,
        N_("Read the definition again"),
        (),
        ("definition",),
        letter="d",
        or_letter="m",
    ),
    Binding(
        Action.BACKGROUND,
        N_("Read the background again"),
        ("c-t",),
        ("background",),
        N_("full text"),
        N_("Full text of the background"),
        letter="t",
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
        Action.LANGUAGE,
        N_("Change the language"),
        ("c-l",),
        ("language",),
        N_("language"),
        letter="l",
        or_letter="a",
    ),
    Binding(Action.ONE_KEY, N_("Answer with one key, without Enter"), letter="o", or_letter="u"),
    Binding(
        Action.REMARK,
        N_("Add a remark on this question"),
        ("c-r",),
        ("remark",),
        N_("remark"),
        letter="r",
        or_letter="c",
    ),
    Binding(
        Action.BREAK_OFF,
        N_("The respondent wants to stop"),
        ("c-x",),
        ("breakoff",),
        N_("break off"),
        letter="x",
    ),
    Binding(
        Action.HAND_IN,
        N_("Stop here and hand in your answers"),
        (),
        ("handin",),
        letter="s",
        or_letter="f",
    ),
    Binding(
        Action.DISCARD, N_("Stop here and delete your answers"), (), ("discard", "stop"), letter="e"
    ),
    Binding(
        Action.PAUSE,
        N_("Pause and go on later"),
        ("c-c", "c-d"),
        ("pause",),
        N_("pause"),
        N_("Pause, and call back"),
        letter="p",
        or_letter="z",
    ),
    Binding(Action.MENU, N_("Menu: everything you can do here"), ("c-o",), ("menu",), N_("menu")),
    Binding(Action.AGAIN, N_("Show this question again"), (), ("again",)),
)
"""All actions, in menu order."""

BY_ACTION = {binding.action: binding for binding in BINDINGS}
BY_COMMAND = {command: b.action for b in BINDINGS for command in b.commands}


DISCARD_KEYING = N_("Stop here and delete this keying")


def label_of(action: Action, interview: Interview) -> str:
    """The menu label of an action; for the definition, the title in the questionnaire."""
    definition = interview.questionnaire.definition
    if action is Action.DEFINITION and definition is not None:
        return safe(definition.title)
    if action is Action.DISCARD and interview.on_paper:
        return _(DISCARD_KEYING)
    binding = BY_ACTION[action]
    return _((interview.mode != "self" and binding.to_interviewer) or binding.label)


def key_hints(
    leaves: tuple[Action, ...], *, typing: bool = False, pause: bool = True, kept: bool = True
) -> tuple[str, ...]:
    """Key hints for these actions and for pausing (labelled "leave" if no draft is `kept`)."""
    hints = []
    for binding in BINDINGS:
        if binding.action in leaves or (pause and binding.action is Action.PAUSE):
            asks_help = binding.action is Action.HELP and not typing
            leaves_for_good = binding.action is Action.PAUSE and not kept
            name = _("leave") if leaves_for_good else _(binding.short)
            hints.append(f"{'?' if asks_help else binding.shown_key} {name}")
    return tuple(hints)


def closing_hint(over: bool) -> tuple[str, ...]:
    """The key hint of a page that is shown `over` a question."""
    return (_("Esc: close"),) if over else ()


def list_hints(signs: Signs, *, ticks: bool = False, searches: bool = False) -> tuple[str, ...]:
    """Key hints for a list."""
    moves = _("{arrows} or letters: find") if searches else _("{arrows}: move")
    moves = moves.format(arrows=signs.arrows)
    if ticks:
        return (moves, _("Space: tick"), _("Enter: go on"))
    return (moves, _("Enter: choose"))


def key_blocks(
    leaves: tuple[Action, ...],
    *,
    one_key: bool = False,
    one_by_one: bool = False,
    kept: bool = True,
    only_read: bool = False,
    codes: bool = False,
) -> Blocks:
    """Help on keys, including the keys for these actions and for pausing, as in `key_hints`.

    With `one_key`, a key answers a list without Enter; if the options are read out `one_by_one`,
    the help includes the keys for yes and no. A page that is `only_read` has no list. With `codes`,
    the codes printed on paper are typed.
    """
    keys = [b for b in BINDINGS if b.keys and b.action in (*leaves, Action.PAUSE)]
    lists: tuple[str, ...] = (
        _("Up, Down, Page Up, Page Down, Home, End: move"),
        _("The number or letter of an answer: move to it"),
        _("Letters: search a long list; Esc clears them"),
        _("Space: tick, if several answers are possible"),
        _("Enter: confirm the selected, ticked or typed answer"),
    )
    if only_read:
        lists = (_("Enter: go on"),)
    elif codes:
        lists = _code_keys()
    elif one_key:
        said = _(
            "{yes} or {no}: answer for an option that is read out by itself; Backspace undoes "
            "the answer"
        )
        lists = (
            _("The number or letter of an answer: choose it, or mark it if several are possible"),
            *([said.format(yes=letter("yes"), no=letter("no"))] if one_by_one else []),
            _("Enter: confirm the marked answers"),
            _("Up, Down, Page Up, Page Down, Home, End: move"),
        )
    return (
        ("heading", _("Keys")),
        *(("list", line) for line in lists),
        ("list", _("Esc: close a page shown over the question, such as this one")),
        *(("list", labelled(b.shown_key, _label(b, kept, only_read))) for b in keys),
    )


def _code_keys() -> tuple[str, ...]:
    return (
        _("The code printed before an answer: choose it, or mark it if several are possible"),
        _("Comma or Space: end a code, if several answers are possible and codes have two digits"),
        _("-: nothing was filled in on the paper"),
        _("Enter: accept the typed code, number or text, or the marked answers"),
        _("Backspace: delete the last typed character; in a list where nothing is typed, go back"),
    )


def _label(binding: Binding, kept: bool, only_read: bool) -> str:
    """The label of an action in the help on keys; a page of text has no question to mention."""
    if binding.action is Action.PAUSE and not kept:
        return _("Leave")
    if only_read and binding.action in (Action.BACK, Action.HELP):
        return _(binding.short)
    return _((only_read and binding.to_interviewer) or binding.label)
