"""The prompt surface: shows menus, lists, help and remarks as pages on a stage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.errors import Paused
from microcred_cli.i18n import _
from microcred_cli.interview import Speak
from microcred_cli.questionnaire.values import LONGEST_REMARK
from microcred_cli.records.shapes import Unfinished
from microcred_cli.terminal.actions import LEAVING, act, actions_at, is_kept, language_rows
from microcred_cli.terminal.interviewer_script import is_read_one_by_one
from microcred_cli.terminal.key_map import (
    BY_ACTION,
    Action,
    closing_hint,
    key_blocks,
    key_hints,
    label_of,
    list_hints,
)
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.list_rows import Row, lettered, numbered, single_keyed
from microcred_cli.terminal.page_wording import Page
from microcred_cli.terminal.prompt import Chosen, Leave, Outcome, Prompt, Typed
from microcred_cli.terminal.read_prompt import ReadPrompt
from microcred_cli.terminal.text_prompt import TextPrompt
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.interview import ContactPage, Reply
    from microcred_cli.terminal.actions import Place
    from microcred_cli.terminal.page_wording import Blocks
    from microcred_cli.terminal.stage import Stage

OWN_KEYS = (
    Action.GO_TO,
    Action.REMARK,
    Action.BACKGROUND,
    Action.DONT_KNOW,
    Action.REFUSE,
    Action.LANGUAGE,
    Action.BREAK_OFF,
)
"""Actions that have keys only for interviewers."""


class Pages:
    """The prompt surface; pausing on any page raises `Paused`.

    For an `interviewer`, a single key chooses a row of a list, and more actions have keys.
    """

    watched = on_screen = True

    def __init__(
        self, stage: Stage, languages: tuple[str, ...], *, interviewer: bool = False
    ) -> None:
        self.stage, self.languages = stage, languages
        self.instant = self.outlines = interviewer
        self.codes = False
        self.has_lists_before = False
        self.notes = ""
        self.one_key: bool | None = None if interviewer else False
        self.background: Blocks = ()
        self.unfinished = Unfinished().copy()

    def run(self, prompt: Prompt) -> Outcome:
        """Run a prompt; return its outcome."""
        prompt.message, self.notes = prompt.message or self.notes, ""
        outcome = prompt.run()
        if outcome == Leave(Action.PAUSE):
            raise Paused(interrupted=True)
        return outcome

    def keyed(self, here: Place) -> tuple[Action, ...]:
        """The actions that have keys at this place, including pausing."""
        return (*self.leaves(here), Action.PAUSE)

    def leaves(self, here: Place) -> tuple[Action, ...]:
        """The actions that have keys at this place, except for pausing."""
        can = actions_at(self, here)
        back = (Action.BACK,) if Action.BACK in can else ()
        own = tuple(action for action in OWN_KEYS if self.instant and action in can)
        return (*back, Action.HELP, Action.MENU, *own)

    def inner(self, stem: str) -> Page:
        """A page for a list opened from a question."""
        return Page(
            stem=stem, hints=(_("Key: choose"),) if self.instant else list_hints(self.stage.signs)
        )

    def pick_on(
        self,
        page: Page,
        rows: Sequence[Row],
        here: Place | None,
        *,
        in_menu: bool = False,
        pointed: str | None = None,
        kept: bool = True,
        over: bool = False,
        back: bool = False,
        at_once: bool = True,
    ) -> str | Reply | None:
        """Like `pick`, but on the given page; `kept` and `over` have the same meaning as in `read`.

        If the user can go `back` to another page, the pause key also goes back. Unless `at_once` is
        set, Enter is always needed.
        """
        leaves: tuple[Action, ...] = (Action.BACK,) if back else ()
        kept = kept and (here is None or is_kept(here))
        if here is not None:
            leaves = (Action.BACK, Action.HELP) + (() if in_menu else (Action.MENU,))
        named = leaves[1:] if over else leaves
        keys = (*closing_hint(over), *key_hints(named, pause=not back, kept=kept))
        page = replace(page, keys=keys, few_keys=key_hints(leaves[1:], pause=False))
        one_key = self.instant or bool(in_menu and self.one_key)
        instant = at_once and one_key and all(len(row.sign) < 2 for row in single_keyed(rows))
        if instant:
            page = replace(page, hints=(_("Key: choose"),))
        elif one_key:
            page = replace(page, hints=list_hints(self.stage.signs))
        signed = single_keyed(rows) if instant else numbered(rows)
        prompt = ListPrompt(
            *(self.stage, page, leaves),
            over=over,
            rows=signed,
            pointed=pointed,
            instant=instant,
            in_menu=in_menu,
        )
        if page.before and not prompt.fits():
            before = tuple(("paragraph", text) for text in page.before)
            self.read(page.section, before, None, place=page.place, fraction=page.fraction)
            prompt.page = replace(prompt.page, before=())
        outcome = self._run_with_menu(prompt, here)
        if isinstance(outcome, Chosen):
            return outcome.codes[0]
        return None if isinstance(outcome, Typed | Leave) else outcome

    def _run_with_menu(self, prompt: Prompt, here: Place | None) -> Outcome | Reply:
        """Run a prompt; return its outcome, or the reply chosen in its menu."""
        while True:
            outcome = self.run(prompt)
            prompt.message = ""
            if here is not None and outcome == Leave(Action.MENU):
                if (reply := act(self, Action.MENU, here)) is not None:
                    return reply
            elif outcome == Leave(Action.HELP):
                kept = here is not None and is_kept(here)
                self.read(_("Help"), _keys_of(prompt, kept=kept), None, kept=kept, over=True)
            elif outcome == Leave(Action.BACKGROUND):
                self.read(_("Background"), self.background, None, kept=False, over=True)
            elif outcome == Leave(Action.LANGUAGE):
                if (reply := self._other_language()) is not None:
                    return reply
            else:
                return outcome

    def _other_language(self) -> Reply | None:
        """Offer the languages before the first question; the reply switches to the chosen one."""
        page, rows = self.inner(_("Which language?")), language_rows(self)
        picked = self.pick_on(page, rows, None, kept=False, over=True)
        return Speak(picked) if isinstance(picked, str) else picked

    def read(
        self,
        title: str,
        blocks: Blocks,
        here: Place | None,
        *,
        back: Reply | None = None,
        place: str = "",
        fraction: float | None = None,
        leaves: tuple[Action, ...] = (),
        kept: bool = True,
        over: bool = False,
    ) -> Reply | None:
        """Show a page of text; `back` is the reply if the user goes back.

        Esc closes a page shown `over` another one, and any page with a place `here` but no `back`.
        The pause key is labelled "leave" if no draft is `kept`.
        """
        back_to = () if here is None and back is None else (Action.BACK,)
        kept = kept and (here is None or is_kept(here))
        leaves = leaves if here is None else (Action.MENU,)
        over = over or (here is not None and back is None)
        page = Page(
            section=title,
            place=place,
            fraction=fraction,
            hints=(_("Enter: go on"), *closing_hint(over)),
            keys=key_hints((*(() if over else back_to), *leaves), kept=kept),
            few_keys=(
                _("Enter: go on"),
                *(key_hints(back_to, pause=False) if here is None else ()),
                *(key_hints((Action.HELP,), pause=False) if Action.HELP in leaves else ()),
                *(key_hints((), kept=kept) if here is None else ()),
                *key_hints(leaves, pause=False),
            ),
            answers=(_("Enter: go on"),),
        )
        prompt = ReadPrompt(self.stage, page, (*back_to, *leaves), over=over, blocks=blocks)
        outcome = self._run_with_menu(prompt, here)
        if outcome == Leave(Action.BACK):
            return back
        return None if isinstance(outcome, Outcome) else outcome

    def pick(
        self,
        question: str,
        rows: Sequence[Row],
        here: Place | None,
        *,
        before: tuple[str, ...] = (),
        pointed: str | None = None,
    ) -> str | Reply | None:
        """Show a list on a separate page; return the chosen code."""
        page = replace(self.inner(question), before=before)
        return self.pick_on(page, rows, here, pointed=pointed, over=True)

    def offer(self, given: ContactPage) -> str | None:
        """Show a page to an interviewer; return the chosen code."""
        leaves = (Action.BACK,) if given.back else ()
        further = lettered([Row(code, safe(label)) for code, label in given.further])
        listed = self.stage.signs.between.join(f"{row.sign}\u00a0{row.label}" for row in further)
        said, known = safe(given.aloud), [safe(line) for line in given.known]
        page = Page(
            section=safe(given.title),
            place=safe(given.place),
            before=_paragraph(known),
            stem=said or safe(given.question),
            instruction=listed if said else "",
            aloud=bool(said),
            hints=(*([_("Enter: choose")] if given.pointed else []), _("Key: choose")),
            keys=key_hints(leaves, pause=not given.back, kept=False),
        )
        rows = single_keyed([Row(code, safe(label)) for code, label in given.options])
        prompt = ListPrompt(
            *(self.stage, page, leaves),
            rows=rows,
            pointed=given.pointed,
            instant=all(len(row.sign) < 2 for row in rows),
            unlisted=further,
        )
        while known and not prompt.fits(heading=True):
            known = known[1:]
            prompt.page = replace(page, before=_paragraph(known))
        if said and not prompt.holds():
            self.read(safe(given.title), (("aloud", said),), None, kept=False)
            prompt.page = replace(page, stem=safe(given.question), aloud=False)
        outcome = self.run(prompt)
        return outcome.codes[0] if isinstance(outcome, Chosen) else given.back

    def take_leave(self, words: str, rows: Sequence[Row]) -> str | None:
        """Show the farewell; the pause key also goes back, so that it cannot delete answers."""
        page = replace(self.inner(words), aloud=True)
        try:
            picked = self.pick_on(page, rows, None, kept=False, over=True, back=True)
        except Paused:
            return None
        return picked if isinstance(picked, str) else None

    def menu(self, here: Place, actions: Sequence[Action]) -> Action | Reply | None:
        """Show a menu; return the chosen action."""
        rows = [
            Row(action.value, self._label(action, here), BY_ACTION[action].menu_letter)
            for action in actions
        ]
        rows.append(Row("return", _("Return to where you were"), "q", gap=True))
        picked = self.pick_on(self.inner(_("Menu")), rows, here, in_menu=True, over=True)
        if not isinstance(picked, str):
            return picked
        return None if picked == "return" else Action(picked)

    def _label(self, action: Action, here: Place) -> str:
        if action is Action.ONE_KEY and self.one_key:
            return _("Confirm answers with Enter")
        label, key = label_of(action, here.interview), BY_ACTION[action].shown_key
        return f"{label} ({key})" if key and action in self.keyed(here) else label

    def help(self, here: Place, texts: Sequence[str]) -> Reply | None:
        """Show the question, the given texts and the keyboard shortcuts."""
        stem = [("title", safe(here.interview.stem(here.step)))] if here.step else []
        paragraphs = [("paragraph", text) for text in texts]
        return self.read(_("Help"), (*stem, *paragraphs, *self._keys(here)), here)

    def _keys(self, here: Place) -> Blocks:
        """Help on the keys of a question; where text is typed, single keys do not answer."""
        leaves, step = self.leaves(here), here.step
        if self.codes and step is not None:
            return key_blocks(leaves, codes=True)
        if step is None or step.asks in ("number", "text") or getattr(step.item, "search", False):
            return key_blocks(leaves, kept=is_kept(here))
        one_by_one = self.instant and is_read_one_by_one(step)
        return key_blocks(leaves, one_key=self.instant or bool(self.one_key), one_by_one=one_by_one)

    def type_remark(self, here: Place, earlier: str) -> str | None:
        """Ask for a remark on a separate page, which Esc closes without losing the typed text."""
        assert here.step is not None
        item_id = here.step.item.id
        page = Page(
            stem=_("Remark on this question"),
            before=(safe(here.interview.stem(here.step)),),
            instruction=_(
                "Stored apart from the answers. Do not name anyone. Leave it empty for no remark."
            ),
            hints=(_("Enter: go on"), *closing_hint(True)),
            keys=key_hints((), kept=is_kept(here)),
        )
        prompt = TextPrompt(
            *(self.stage, page, (Action.BACK,)),
            over=True,
            text=here.words or self.unfinished.remarks.get(item_id, earlier),
            most=LONGEST_REMARK,
            may_stay_empty=True,
        )
        try:
            outcome = self.run(prompt)
        except LEAVING:
            raise Paused(interrupted=True, unsent_remark=prompt.text) from None
        if isinstance(outcome, Typed):
            self.unfinished.remarks.pop(item_id, None)
            return outcome.text
        self.unfinished.remarks.pop(item_id, None)
        if prompt.text != earlier:
            self.unfinished.remarks[item_id] = prompt.text
        return None

    def show(self, here: Place) -> None:
        """Do nothing: the page is redrawn anyway."""


def _paragraph(lines: Sequence[str]) -> tuple[str, ...]:
    """These lines as one paragraph, without blank lines between them."""
    return ("\n".join(lines),) if lines else ()


def _keys_of(prompt: Prompt, *, kept: bool) -> Blocks:
    """Help on the keys of a page."""
    one_key = isinstance(prompt, ListPrompt) and prompt.instant
    only_read = isinstance(prompt, ReadPrompt)
    return key_blocks(prompt.leaves, one_key=one_key, kept=kept, only_read=only_read)
