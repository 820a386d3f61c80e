"""The prompt asker: each question is on a separate page."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self, TypeVar

from microcred_cli.errors import InvalidAnswer, Paused
from microcred_cli.i18n import N_, NOTED, OWN_LANGUAGE, InLanguages, _, labelled, said_in, speak
from microcred_cli.interview import Back, Close, Given, GoTo, Pause
from microcred_cli.questionnaire.models import Integer
from microcred_cli.questionnaire.values import BLANK, MISSING_LABELS, Reserved
from microcred_cli.terminal.actions import (
    Place,
    act,
    confirm_number,
    confirm_text,
    parse_number,
    words_of,
)
from microcred_cli.terminal.key_map import Action, key_hints, list_hints
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.list_rows import Row, numbered
from microcred_cli.terminal.pages import Pages
from microcred_cli.terminal.prompt import Chosen, Leave, Typed
from microcred_cli.terminal.read_prompt import ReadPrompt
from microcred_cli.terminal.stage import Stage
from microcred_cli.terminal.text_prompt import TextPrompt
from microcred_cli.terminal.view import (
    Page,
    View,
    answer_rows,
    can_be_empty,
    closing_words,
    step_words,
    unused_words,
    view_of,
)
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.interview import Interview, Reply, Step

T = TypeVar("T")
QuestionPrompt = ListPrompt | TextPrompt

LEAVING = (Paused, EOFError, OSError, KeyboardInterrupt)
"""Raised on a pause key, end of input, a disconnected terminal, and Ctrl-C."""


class RichAsker:
    """Asks with prompts; as a context manager, keeps the alternate screen for the interview.

    `background` can be read before and during the interview; `introduction` has the sentences that
    an interviewer reads aloud instead. The person can switch between the `languages`. After the
    terminal is disconnected, every reply is a `Pause`.
    """

    types_ahead = False
    """True if keys pressed before a page is drawn apply to it."""

    watched = True
    """True if input comes from a person, who can be asked what to do."""

    aloud = False
    """True if an interviewer reads the questions aloud."""

    review = N_("Here are your answers. Choose one to change it, or submit them.")
    submit = N_("Submit these answers")
    leave = N_("Leave")
    mistake = N_("Go back, I chose this by mistake")
    note_receipt = N_("Write it down: it is shown only here.")
    noted = NOTED

    def __init__(
        self,
        *,
        introduction: InLanguages[str] = (),
        background: InLanguages[Paragraph] = (),
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        self._stage = Stage(types_ahead=self.types_ahead)
        self._introduction, self._background = introduction, background
        self._language = ""
        self.note: Callable[[Mapping[str, bool]], None] = lambda _: None
        self.elapsed: Callable[[], float] = lambda: 0.0
        self._pages = Pages(self._stage, languages, interviewer=self.aloud)
        self._answered = ""
        self._unused = ""
        self._unsent: dict[str, str] = {}
        self._marks: dict[str, dict[str, bool]] = {}
        self._last: tuple[str, QuestionPrompt] | None = None
        self._prompt: QuestionPrompt | None = None
        self._stopping = False

    def __enter__(self) -> Self:
        self._stage.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._stage.__exit__(*error)

    def speak(self, language: str) -> None:
        """Switch the language of all following pages."""
        speak(language)
        if language != self._language:
            self._language = language
            background = said_in(language, self._background)
            self._pages.background = tuple((p.kind, p.text) for p in background)

    # -- called by the interview loop ------------------------------------------------------------

    def ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        """Ask the current step until there is a valid reply."""
        self.speak(interview.language)
        self._prompt = None
        reply = self._until_paused(lambda: self._ask(interview, step, problem))
        self._answered, self._unused = "", ""
        if isinstance(reply, Given):
            self._answered = step.key
            with suppress(InvalidAnswer):
                self._unused = unused_words(interview.answer(reply.value), interview)
        if isinstance(reply, Pause) and isinstance(self._prompt, TextPrompt):
            return replace(reply, unsent=self._prompt.text)
        return reply

    def close(self, interview: Interview) -> Reply:
        """Show the review before submitting, or the goodbye if an answer ended the interview."""
        self.speak(interview.language)
        ending = self._review if interview.status == "ready" else self._goodbye
        reply = self._until_paused(lambda: ending(Place(interview, None)))
        self._answered, self._unused = "", ""
        return reply

    # -- called by sessions outside the loop -----------------------------------------------------

    def read_background(self, notes: Sequence[str] = ()) -> Reply | None:
        """Show the background and how to answer; returns a `Pause` if the person leaves."""
        self.speak(self._language or OWN_LANGUAGE)
        how = _(
            "Choose with the arrow keys or a number, then press Enter. Ctrl-O opens a menu "
            "with everything else you can do: go back, get help, skip a question, pause. "
            "Every answer is saved immediately."
        )
        staff = tuple(("aside", f"[{note}]") for note in notes)
        blocks = (
            *staff,
            *self._pages.background,
            ("heading", _("How to answer")),
            ("paragraph", how),
        )
        return self._until_paused(
            lambda: self._pages.read(_("Before you start"), blocks, None, kept=False)
        )

    def recall(self, key: str, text: str, marks: Mapping[str, bool]) -> None:
        """Restore text or marks that were made at a step before a pause but not entered."""
        if text:
            self._unsent[key] = text
        if marks:
            self._marks[key] = dict(marks)

    def receipt(self, code: str, text: str) -> bool:
        """Show the receipt until the person confirms noting it; False if they leave instead."""
        groups = [group for group in re.split(r"[\s-]+", safe(code)) if group]
        page = Page(
            section=_("Your receipt"),
            before=(safe(text),),
            stem="   ".join(groups),
            instruction=_(self.note_receipt),
            aloud=self.aloud,
            hints=list_hints(self._stage.signs),
            keys=(_("Ctrl-C twice: leave"),),
        )
        try:
            return self._is_noted(page)
        except LEAVING:
            return False

    def _is_noted(self, page: Page) -> bool:
        """Wait for confirmation of the receipt; the first Ctrl-C only warns."""
        prompt = ListPrompt(self._stage, page, rows=numbered((Row("noted", _(self.noted)),)))
        warnings = ["", _("Write down the receipt first; press Ctrl-C again to leave")]
        if not prompt.fits():
            before = Page(section=page.section, hints=(_("Enter: go on"),), keys=page.keys)
            blocks = tuple(("paragraph", text) for text in page.before)
            if isinstance(ReadPrompt(self._stage, before, blocks=blocks).run(), Leave):
                del warnings[0]
            prompt.page = replace(page, before=())
        for warning in warnings:
            prompt.message = warning
            if isinstance(prompt.run(), Chosen):
                return True
        return False

    def choose(
        self, question: str, options: Sequence[tuple[str, str]], *, unexpected: bool = False
    ) -> str | None:
        """Offer options; return the chosen code, or None if the person leaves."""
        rows = tuple(Row(code, safe(label)) for code, label in options)
        if unexpected and self._stage.drop_typeahead():
            return None
        try:
            page = self._pages.inner(safe(question))
            picked = self._pages.pick_on(page, rows, None, kept=False)
        except LEAVING:
            return None
        return picked if isinstance(picked, str) else None

    def type_in(
        self,
        question: str,
        instruction: str,
        problem: str = "",
        *,
        typed: str = "",
        most: int = 60,
    ) -> str | None:
        """Ask for one line; empty if nothing is typed or the person leaves, None on going back."""
        page = Page(
            stem=safe(question),
            instruction=instruction,
            hints=(_("Enter: go on"),),
            keys=key_hints((Action.BACK,), pause=False),
        )
        prompt = TextPrompt(
            self._stage,
            page,
            (Action.BACK,),
            text=typed,
            most=most,
            counts=False,
            may_stay_empty=True,
        )
        prompt.message = problem
        try:
            outcome = self._pages.run(prompt)
        except LEAVING:
            return ""
        return outcome.text if isinstance(outcome, Typed) else None

    def say(self, text: str) -> None:
        """Show a notice until the person continues."""
        blocks = tuple(("paragraph", safe(part)) for part in text.split("\n") if part)
        try:
            self._pages.read("", blocks, None, kept=False)
        except LEAVING:
            # This method returns no reply, so the next page returns the pause.
            self._stopping = True

    # -- questions -------------------------------------------------------------------------------

    def _until_paused(self, lead: Callable[[], T]) -> T | Pause:
        if self._stopping:
            self._stopping = False
            return Pause(interrupted=True)
        try:
            return lead()
        except LEAVING:
            return Pause(interrupted=True)

    def _ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        here, view = Place(interview, step), view_of(interview, step)
        prompt = self._prompt = self._prompt_for(here, step, view, problem)
        if problem is None and view.before and not prompt.fits():
            kind = "aloud" if view.aloud else "paragraph"
            blocks = tuple((kind, text) for text in view.before)
            reply = self._pages.read(view.section, blocks, here, back=Back(), place=view.place)
            if reply is not None:
                return reply
            prompt.page = replace(prompt.page, before=())
        while True:
            outcome = self._pages.run(prompt)
            if isinstance(outcome, Leave):
                reply = act(self._pages, outcome.action, here)
            else:
                reply = self._reply_to(outcome, here, step, prompt)
            if reply is not None:
                self._keep_unfinished(step, prompt, reply)
                return reply

    def _keep_unfinished(self, step: Step, prompt: QuestionPrompt, reply: Reply) -> None:
        """Keep unfinished text in case the person returns to the step; discard entered text."""
        self._last = (step.key, prompt)
        self._unsent.pop(step.key, None)
        if isinstance(reply, Given):
            self._marks.pop(step.key, None)
        elif isinstance(prompt, TextPrompt) and prompt.text:
            self._unsent[step.key] = prompt.text

    def _prompt_for(
        self, here: Place, step: Step, view: View, problem: InvalidAnswer | None
    ) -> QuestionPrompt:
        """The prompt for a step; after an invalid answer, the same prompt again."""
        if problem is not None and self._last is not None and self._last[0] == step.key:
            prompt = self._last[1]
        else:
            prompt = self._new_prompt(here, step, view)
        prompt.message = "" if problem is None else words_of(problem)
        return prompt

    def _new_prompt(self, here: Place, step: Step, view: View) -> QuestionPrompt:
        page, leaves = self._page_of(here, step, view), self._pages.leaves(here)
        rows = [*view.entries]
        if can_be_empty(step):
            rows.append(Row(BLANK, _("Leave it empty (Tab, then Enter)")))
        listed = [row.code for row in rows]
        # Reserved codes chosen in the menu are listed too, so that Enter keeps them.
        rows += [
            Row(code, _(MISSING_LABELS[code]), exclusive=True, gap=True, apart=True)
            for code in view.earlier_codes
            if code in step.accepts and code not in listed
        ]
        if step.asks in ("number", "text"):
            return self._text_prompt(page, leaves, rows, step, view)
        return self._list_prompt(page, leaves, rows, step, view)

    def _list_prompt(
        self, page: Page, leaves: tuple[Action, ...], rows: list[Row], step: Step, view: View
    ) -> ListPrompt:
        ticks, marks = step.asks == "some", self._marks.get(step.key)
        hints = list_hints(self._stage.signs, ticks=ticks, searches=view.searches)
        return ListPrompt(
            self._stage,
            replace(page, hints=hints, needed=hints[1:2] if ticks else ()),
            leaves,
            rows=numbered(rows),
            ticks=ticks,
            at_most=step.at_most,
            searches=view.searches,
            pointed=view.earlier_codes[0] if view.earlier_codes else None,
            ticked=(*marks,) if marks else view.earlier_codes if ticks else (),
            on_tick=lambda ticked: self._mark(step, dict.fromkeys(ticked, True)),
        )

    def _text_prompt(
        self, page: Page, leaves: tuple[Action, ...], rows: list[Row], step: Step, view: View
    ) -> TextPrompt:
        number, unsent = step.asks == "number", self._unsent.get(step.key)
        codes = [row.code for row in rows]
        earlier = next((code for code in view.earlier_codes if code in codes), None)
        below = (_("Tab: answers below"),) if rows else ()
        return TextPrompt(
            self._stage,
            replace(page, hints=(_("Enter: go on"), *below), needed=below),
            leaves,
            text=view.earlier_text if unsent is None else unsent,
            most=40 if number else step.max_length,
            counts=not number,
            rows=tuple(rows),
            letters=number,
            pointed=earlier if unsent is None else None,
            empty=_("Type a number first") if number else _("Nothing is typed yet"),
        )

    def _mark(self, step: Step, marks: dict[str, bool]) -> None:
        """Keep the marks of a list that has not been entered yet."""
        self._marks[step.key] = marks
        self.note(marks)

    def _page_of(self, here: Place, step: Step, view: View) -> Page:
        typing = step.asks in ("number", "text")
        return replace(
            view,
            echo=self._echo(here.interview),
            before=(*filter(None, [self._unused]), *view.before),
            keys=key_hints(self._pages.leaves(here), typing=typing),
            few_keys=key_hints((Action.HELP, Action.MENU), typing=typing, pause=False),
        )

    def _echo(self, interview: Interview) -> str:
        """The previous answer, in full words."""
        step = interview.step_at(self._answered)
        if step is None or not interview.is_answered(step):
            return ""
        view = view_of(interview, step)
        asked = view.part or view.part_place or _("Your answer")
        return labelled(asked, step_words(interview, step))

    # -- replies ---------------------------------------------------------------------------------

    def _reply_to(
        self, outcome: Chosen | Typed, here: Place, step: Step, prompt: QuestionPrompt
    ) -> Reply | None:
        if isinstance(outcome, Typed):
            if not isinstance(step.item, Integer):
                return confirm_text(self._pages, outcome.text, step.max_length, here)
            try:
                number = parse_number(outcome.text, step.item)
            except InvalidAnswer as invalid:
                prompt.message = words_of(invalid)
                return None
            return confirm_number(self._pages, number, step.item, here)
        code = outcome.codes[0]
        if step.asks == "text":
            return Given("" if code == BLANK else Reserved(code))
        if step.asks == "some" and code not in step.accepts:
            return Given(list(outcome.codes))
        return Given(code)

    # -- the end ---------------------------------------------------------------------------------

    def _review(self, here: Place) -> Reply:
        page = Page(
            section=_("Review"),
            place=_("Every question is answered"),
            fraction=1.0,
            echo=self._echo(here.interview),
            before=(*filter(None, [unused_words(here.interview)]),),
            stem=_(self.review),
            instruction=_("Nothing is handed in until you submit."),
            hints=(_("End: to Submit"), *list_hints(self._stage.signs)),
        )
        rows = answer_rows(here.interview, kept=True)
        rows = (*rows, Row("submit", _(self.submit), "s", gap=True))
        picked = self._pages.pick_on(page, rows, here)
        if isinstance(picked, str):
            return Close() if picked == "submit" else GoTo(picked)
        return picked or Back()

    def _goodbye(self, here: Place) -> Reply:
        stem = closing_words(here.interview)
        page = replace(self._pages.inner(stem), aloud=self.aloud)
        rows = (Row("leave", _(self.leave)), Row("back", _(self.mistake)))
        picked = self._pages.pick_on(page, rows, here)
        if isinstance(picked, str):
            return Close() if picked == "leave" else Back()
        return picked or Back()
