"""The pages that open inside a question: menu, help, questions before an answer is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from microcred_cli.errors import Paused
from microcred_cli.i18n import N_, _
from microcred_cli.interview import Back, Discard, Given, GoTo, HandIn, Pause, Speak
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.questionnaire.values import Reserved
from microcred_cli.terminal.key_map import Action, label_of, possible
from microcred_cli.terminal.list_prompt import Chosen, Leave, ListPrompt, Outcome, Prompt
from microcred_cli.terminal.list_rows import SINGLE_KEYS, Row, numbered, single_keyed
from microcred_cli.terminal.page_layout import Page, fits
from microcred_cli.terminal.question_prompts import (
    Blocks,
    answer_rows,
    key_blocks,
    key_hints,
    list_hints,
)
from microcred_cli.terminal.read_prompt import ReadPrompt
from microcred_cli.terminal.view import help_lines
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.interview import Interview, Reply, Step
    from microcred_cli.terminal.stage import Stage

HAND_IN_NOTE = N_(
    "Answers up to the first open question are handed in; any that you gave behind it cannot be "
    "included. Nothing can be added later. You get a receipt, as for a complete interview."
)

DISCARD_NOTE = N_(
    "Every answer of this interview is deleted from this machine. Nothing is handed in."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an interview a page is opened: at a step, or (None) at the review."""

    interview: Interview
    step: Step | None


class Pages:
    """The pages of an asker, shown on its stage; a pause on any of them raises Paused."""

    instant = False
    """Whether one key chooses on a page inside a page."""

    def __init__(self, stage: Stage, languages: tuple[str, ...]) -> None:
        self.stage, self._languages = stage, languages
        self.background: Blocks = ()

    # -- running ---------------------------------------------------------------------------------

    def run(self, prompt: Prompt) -> Outcome:
        """What comes out of a prompt.

        Raises:
            Paused: a pause.
        """
        outcome = prompt.run()
        if outcome == Leave(Action.PAUSE):
            raise Paused(interrupted=True)
        return outcome

    def fits(self, prompt: Prompt) -> bool:
        """Whether a prompt has room on the screen for what is to be read before it."""
        size = self.stage.size
        return fits(prompt.page, self.stage.signs, (size.columns, size.rows), prompt.wanted)

    # -- pages inside pages ----------------------------------------------------------------------

    def inner(self, stem: str) -> Page:
        """A page for a list inside a question."""
        return Page(stem=stem, hints=self.hints())

    def hints(self) -> tuple[str, ...]:
        """How to choose on a page inside a page."""
        return (_("Key: choose"),) if self.instant else list_hints(self.stage.signs)

    def pick(
        self,
        page: Page,
        rows: tuple[Row, ...],
        here: Place | None,
        *,
        back: Reply | None = None,
        in_menu: bool = False,
        pointed: str | None = None,
        kept: bool = True,
    ) -> str | Reply | None:
        """What is chosen on a page of its own: a code, a reply through the menu, or None: back.

        `pointed` is the row to point at in the beginning; `kept` as for `read`.
        """
        leaves: tuple[Action, ...] = ()
        if here is not None:
            leaves = (Action.BACK, Action.HELP) + (() if in_menu else (Action.MENU,))
        page = replace(
            page,
            keys=key_hints(leaves, kept=kept),
            few_keys=key_hints(leaves[1:], pause=False),
        )
        instant = self.instant and sum(not row.heading for row in rows) <= len(SINGLE_KEYS)
        signed = single_keyed(rows) if instant else numbered(rows)
        if self.instant and not instant:
            page = replace(page, hints=list_hints(self.stage.signs))
        prompt = ListPrompt(self.stage, page, leaves, rows=signed, pointed=pointed, instant=instant)
        if page.before and not self.fits(prompt):
            self.read(page.section, tuple(("paragraph", text) for text in page.before), None)
            prompt.page = replace(page, before=())
        while True:
            match self.run(prompt):
                case Chosen(codes):
                    return codes[0]
                case Leave(Action.MENU) if here is not None:
                    reply = self._menu(here)
                    if reply is not None:
                        return reply
                case Leave(Action.HELP):
                    self.read(_("Help"), key_blocks(leaves), None)
                case _:
                    return back

    def read(
        self,
        title: str,
        blocks: Blocks,
        here: Place | None,
        *,
        back: Reply | None = None,
        place: str = "",
        kept: bool = True,
    ) -> Reply | None:
        """Something to read; None when it was read, or a reply through the menu.

        `kept` tells whether there is a draft that a pause would keep.
        """
        leaves: tuple[Action, ...] = ()
        if here is not None:
            leaves = (Action.BACK, Action.MENU)
        page = Page(
            section=title,
            place=place,
            hints=(_("Enter: go on"),),
            keys=key_hints(leaves, kept=kept),
            few_keys=(_("Enter: go on"), *key_hints(leaves[1:], pause=False)),
        )
        prompt = ReadPrompt(self.stage, page, leaves, blocks=blocks)
        while True:
            match self.run(prompt):
                case Leave(Action.MENU) if here is not None:
                    reply = self._menu(here)
                    if reply is not None:
                        return reply
                case Leave(Action.BACK):
                    return back
                case _:
                    return None

    def leaves(self, here: Place) -> tuple[Action, ...]:
        """The actions that have keys of their own here."""
        back = Action.BACK in possible(here.interview, here.step, self._languages)
        return ((Action.BACK,) if back else ()) + (Action.HELP, Action.MENU)

    # -- what can be done besides ----------------------------------------------------------------

    def act(self, action: Action, here: Place) -> Reply | None:
        """What an action leads to; None: back to the page where it was chosen."""
        match action:
            case Action.BACK:
                return Back()
            case Action.PAUSE:
                return Pause()
            case Action.MENU:
                return self._menu(here)
            case Action.HELP:
                return self.read(_("Help"), self._help(here), here)
            case Action.DEFINITION:
                title = label_of(action, here.interview)
                return self.read(title, _definition(here), here)
            case Action.BACKGROUND:
                return self.read(_("Background"), self.background, here)
            case Action.DONT_KNOW | Action.REFUSE:
                typed = here.step is not None and here.step.asks == "text"
                return Given(Reserved(action.value) if typed else action.value)
            case Action.GO_TO:
                return self._go_to(here)
            case Action.LANGUAGE:
                return self._language(here)
            case Action.HAND_IN:
                return self._hand_in(here)
            case Action.DISCARD:
                return self._discard(here)
            case Action.REMARK | Action.BREAK_OFF | Action.AGAIN:
                return None

    def _menu(self, here: Place) -> Reply | None:
        actions = possible(here.interview, here.step, self._languages)
        if not self.background:
            actions = [action for action in actions if action is not Action.BACKGROUND]
        rows = tuple(Row(action.value, label_of(action, here.interview)) for action in actions)
        rows += (Row("return", _("Return to where you were"), gap=True),)
        picked = self.pick(self.inner(_("Menu")), rows, here, in_menu=True)
        if not isinstance(picked, str):
            return picked
        return None if picked == "return" else self.act(Action(picked), here)

    def _go_to(self, here: Place) -> Reply | None:
        rows = answer_rows(here.interview, kept=False)
        picked = self.pick(self.inner(_("Go to which question?")), rows, here)
        return GoTo(picked) if isinstance(picked, str) else picked

    def _language(self, here: Place) -> Reply | None:
        rows = tuple(Row(code, own_name(code)) for code in self._languages)
        picked = self.pick(self.inner(_("Which language?")), rows, here)
        return Speak(picked) if isinstance(picked, str) else picked

    def _hand_in(self, here: Place) -> Reply | None:
        rows = (
            Row("handin", _("Hand in what I said so far")),
            Row("return", _("Go on answering")),
        )
        page = replace(self.inner(_("Stop here and hand in?")), before=(_(HAND_IN_NOTE),))
        picked = self.pick(page, rows, here)
        if not isinstance(picked, str):
            return picked
        return HandIn() if picked == "handin" else None

    def _discard(self, here: Place) -> Reply | None:
        rows = (Row("delete", _("Delete my answers and stop")), Row("return", _("Go on answering")))
        page = replace(
            self.inner(_("Stop here and delete what you said?")), before=(_(DISCARD_NOTE),)
        )
        picked = self.pick(page, rows, here)
        if not isinstance(picked, str):
            return picked
        return Discard() if picked == "delete" else None

    def _help(self, here: Place) -> Blocks:
        told: Blocks = ()
        if here.step is not None:
            told = (
                ("title", safe(here.interview.stem(here.step))),
                *(("paragraph", text) for text in help_lines(here.interview, here.step)),
            )
        return (*told, *key_blocks(self.leaves(here)))


def _definition(here: Place) -> Blocks:
    definition = here.interview.questionnaire.definition
    return (("paragraph", safe(definition.text)),) if definition is not None else ()
