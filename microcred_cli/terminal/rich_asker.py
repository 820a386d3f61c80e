"""The prompt asker: each question is on a separate page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Self, TypeVar

from microcred_cli.errors import InvalidAnswer, Paused
from microcred_cli.i18n import N_, NOTED, OWN_LANGUAGE, InLanguages, _, said_in, speak
from microcred_cli.interview import Back, Close, Given, GoTo, Pause
from microcred_cli.questionnaire.models import Integer, Ranking
from microcred_cli.questionnaire.values import Reserved
from microcred_cli.terminal.actions import (
    LEAVING,
    Place,
    act,
    actions_at,
    confirm_number,
    confirm_text,
    is_interrupted,
    is_kept,
    parse_number,
    words_of,
)
from microcred_cli.terminal.key_map import Action, key_hints, list_hints
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.list_rows import Row, numbered, single_keyed
from microcred_cli.terminal.page_wording import (
    Page,
    View,
    answer_rows,
    answer_words,
    can_be_empty,
    closing_words,
    unused_words,
    view_of,
)
from microcred_cli.terminal.pages import OWN_KEYS, Pages
from microcred_cli.terminal.program_name import as_called
from microcred_cli.terminal.prompt import Chosen, Leave, Typed
from microcred_cli.terminal.rank_prompt import RankPrompt
from microcred_cli.terminal.read_prompt import ReadPrompt
from microcred_cli.terminal.stage import Stage
from microcred_cli.terminal.text_prompt import TextPrompt
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.interview import ContactPage, Interview, Reply, Step
    from microcred_cli.records.shapes import Unfinished
    from microcred_cli.terminal.page_wording import Blocks

T = TypeVar("T")
QuestionPrompt = ListPrompt | TextPrompt


class RichAsker:
    """Asks questions with prompts; as a context manager, keeps the alternate screen.

    `background` can be read before and during the interview; `introduction` contains the sentences
    that an interviewer reads aloud instead. The user can switch between the `languages`. After
    the terminal is disconnected, every reply is a `Pause`.
    """

    types_ahead = False
    """True if keys pressed before a page is drawn apply to it."""

    watched = True
    """True if input comes from a user, who can be asked what to do."""

    aloud = False
    """True if an interviewer reads the questions aloud."""

    review = N_("Here are your answers. Choose one to change it, or submit them.")
    submit = N_("Submit these answers")
    leave = N_("Leave")
    mistake = N_("Go back, I chose this by mistake")
    note_receipt = N_("Write it down.")
    noted = NOTED
    not_wanted = N_("I do not want it")

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
        self.note: Callable[[], None] = lambda: None
        self.elapsed: Callable[[], float] = lambda: 0.0
        self._pages = Pages(self._stage, languages, interviewer=self.aloud)
        self.prefer: Callable[[bool], None] = lambda _: None
        self._answered = self._asked = ""
        self._before: Interview | None = None
        self._unsent_remarks: dict[str, str] = {}
        self._last: tuple[str, QuestionPrompt] | None = None
        self._prompt: QuestionPrompt | None = None
        self._opened: str | None = None
        self._defined: tuple[str | None, str] | None = None
        self._stopping = False
        self.interrupted = False

    def __enter__(self) -> Self:
        self._stage.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._stage.__exit__(*error)

    @property
    def banner(self) -> str:
        """The message on every page."""
        return self._stage.banner

    @banner.setter
    def banner(self, text: str) -> None:
        self._stage.banner = text

    @property
    def unfinished(self) -> Unfinished:
        """Input that has not been submitted."""
        return self._pages.unfinished

    @unfinished.setter
    def unfinished(self, unfinished: Unfinished) -> None:
        self._pages.unfinished = unfinished

    @property
    def one_key(self) -> bool:
        """True if one key answers a list; interviewers cannot change this setting."""
        return bool(self._pages.one_key)

    @one_key.setter
    def one_key(self, on: bool) -> None:
        if self._pages.one_key is not None:
            self._pages.one_key = on

    def warn(self, notes: Sequence[str]) -> None:
        """Show notes for staff on the first page, until the first key press."""
        self._pages.notes = as_called(" ".join(notes))

    def speak(self, language: str) -> None:
        """Switch the language of all following pages."""
        speak(language)
        if language != self._language:
            self._language = language
            background = said_in(language, self._background)
            self._pages.background = tuple((p.kind, p.text) for p in background)

    # -- called by the interview loop ------------------------------------------------------------

    def ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        """Ask the current step until the reply is valid."""
        self.speak(interview.language)
        self._prompt = None
        reply = self._until_paused(lambda: self._ask(interview, step, problem))
        self._answered, self._before, self._asked = "", None, step.item.id
        if isinstance(reply, Given):
            self._answered, self._before = step.key, interview
        return self._with_unsent(reply, interview, step) if isinstance(reply, Pause) else reply

    def _with_unsent(self, pause: Pause, interview: Interview, step: Step) -> Pause:
        """The pause with a remark that was not submitted; a text is kept in `unfinished`."""
        remark = pause.unsent_remark or self._unsent_remarks.get(step.key, "")
        if self._prompt is not None:
            self._keep_text(interview, step, self._prompt)
        return replace(pause, unsent_remark=remark)

    def close(self, interview: Interview) -> Reply:
        """Show the review or, if an answer ended the interview, the closing text."""
        self.speak(interview.language)
        ending = self._review if interview.status == "ready" else self._goodbye
        reply = self._until_paused(lambda: ending(Place(interview, None)))
        self._answered, self._before, self._asked = "", None, ""
        return reply

    # -- called by sessions outside the loop -----------------------------------------------------

    def read_background(self, *, back: bool = False) -> Reply | None:
        """Show the background and instructions.

        Returns a `Pause` if the user leaves, `Speak` if another language is chosen, and `Back` if
        the user returns to the previous page.
        """
        self.speak(self._language or OWN_LANGUAGE)
        how = _(
            "Choose with the arrow keys or a number, then press Enter. Ctrl-O opens a menu "
            "with everything else you can do: go back, get help, skip a question, pause. "
            "Every answer is saved immediately."
        )
        if self.one_key:
            how = _(
                "Choose by pressing the number or letter of an answer; Enter is needed only for "
                "several answers, in long lists and after typed text. Ctrl-O opens a menu with "
                "everything else you can do: go back, get help, skip a question, pause. Every "
                "answer is saved immediately."
            )
        blocks = (
            *self._pages.background,
            ("heading", _("How to answer")),
            ("paragraph", how),
        )
        return self._read_first(_("Before you start"), blocks, back=back)

    def _read_first(
        self, title: str, blocks: Blocks, leaves: tuple[Action, ...] = (), *, back: bool
    ) -> Reply | None:
        """Show the page before the first question, where the language can still be changed."""
        back_to = Back() if back else None
        if len(self._pages.languages) > 1:
            leaves = (*leaves, Action.LANGUAGE)
        leaves = (Action.HELP, *leaves)
        return self._until_paused(
            lambda: self._pages.read(title, blocks, None, back=back_to, leaves=leaves, kept=False)
        )

    def recall(self, key: str, remark: str) -> None:
        """Restore a remark that was being typed before a pause."""
        if remark:
            self._unsent_remarks[key] = remark

    def receipt(self, code: str, text: str) -> str | None:
        """Show the receipt; returns "noted", "not wanted", or None if the user leaves."""
        groups = [group for group in re.split(r"[\s-]+", safe(code)) if group]
        page = Page(
            section=_("Your receipt"),
            before=(safe(text),),
            stem="   ".join(groups),
            instruction=_(self.note_receipt),
            aloud=self.aloud,
            hints=(_("1: it is written down"),),
            keys=(_("Ctrl-C twice: leave"),),
        )
        try:
            return self._receipt_reply(page)
        except LEAVING:
            return None

    def _receipt_reply(self, page: Page) -> str | None:
        """Wait for confirmation of the receipt; the first Ctrl-C only shows a warning."""
        rows = numbered((Row("noted", _(self.noted)), Row("not wanted", _(self.not_wanted))))
        prompt = ListPrompt(self._stage, page, rows=rows, instant=True)
        warnings = ["", _("Write down the receipt first; press Ctrl-C again to leave")]
        if not prompt.fits():
            before = Page(section=page.section, hints=(_("Enter: go on"),), keys=page.keys)
            blocks = tuple(("paragraph", text) for text in page.before)
            if isinstance(ReadPrompt(self._stage, before, blocks=blocks).run(), Leave):
                del warnings[0]
            prompt.page = replace(page, before=())
        for warning in warnings:
            prompt.message = warning
            if isinstance(chosen := prompt.run(), Chosen):
                return chosen.codes[0]
        return None

    def choose(
        self,
        question: str,
        options: Sequence[tuple[str, str]],
        *,
        unexpected: bool = False,
        pointed: str | None = None,
        back: bool = False,
    ) -> str | None:
        """Offer options; return the chosen code, or None if the user goes `back` or leaves."""
        rows = tuple(Row(code, safe(label)) for code, label in options)

        def pick() -> str | Reply | None:
            if unexpected and self._stage.drop_typeahead():
                raise KeyboardInterrupt
            return self._pages.pick_on(
                self._pages.inner(safe(question)),
                rows,
                None,
                in_menu=all(row.code in self._pages.languages for row in rows),
                kept=False,
                pointed=pointed,
                back=back,
            )

        picked = self._unless_left(pick)
        return picked if isinstance(picked, str) else None

    def offer(self, page: ContactPage) -> str | None:
        """Show a page to an interviewer; return the code chosen, or None if they leave."""
        if page.unexpected and self._stage.keep_typeahead("1"):
            self.interrupted = True
            return None
        return self._unless_left(lambda: self._pages.offer(page))

    def type_in(
        self,
        question: str,
        instruction: str,
        problem: str = "",
        *,
        typed: str = "",
        most: int = 60,
    ) -> str | None:
        """Read a line: empty if nothing is typed, None if the user goes back or leaves."""
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
        outcome = self._unless_left(lambda: self._pages.run(prompt))
        return outcome.text if isinstance(outcome, Typed) else None

    def _unless_left(self, ask: Callable[[], T]) -> T | None:
        """The result of a page, or None if the user leaves; records any interruption."""
        self.interrupted = False
        try:
            return ask()
        except LEAVING as left:
            self.interrupted = is_interrupted(left)
            return None

    def say(self, text: str) -> None:
        """Show a notice until the user continues."""
        blocks = tuple(("paragraph", safe(part)) for part in text.split("\n") if part)
        try:
            self._pages.read("", blocks, None, kept=False)
        except LEAVING:
            # This method returns no reply, so the next page returns the pause instead.
            self._stopping = True

    # -- questions -------------------------------------------------------------------------------

    def _until_paused(self, lead: Callable[[], T]) -> T | Pause:
        if self._stopping:
            self._stopping = False
            return Pause(interrupted=True)
        try:
            return lead()
        except LEAVING as left:
            remark = left.unsent_remark if isinstance(left, Paused) else ""
            return Pause(interrupted=True, unsent_remark=remark)

    def _ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        if isinstance(step.item, Ranking) and (entered := interview.entered(step)) != step.key:
            return GoTo(entered)
        here, view = Place(interview, step), view_of(interview, step, self._asked)
        prompt = self._prompt = self._prompt_for(here, step, view, problem)
        if problem is None and (reply := self._read_before(here, view, prompt)) is not None:
            return reply
        if (reply := self._finish_remark(here)) is not None:
            return reply
        while True:
            outcome, one_key = self._pages.run(prompt), self.one_key
            if isinstance(outcome, Leave):
                prompt.message = ""
                reply = act(self._pages, outcome.action, here)
                if one_key is not self.one_key:
                    self.prefer(self.one_key)
                    prompt = self._prompt = self._new_prompt(here, step, view)
            else:
                reply = self._reply_to(outcome, here, step, prompt)
            if reply is not None:
                self._keep_unfinished(here, prompt, reply)
                return reply

    def _finish_remark(self, here: Place) -> Reply | None:
        """Continue a remark that was being typed before a pause."""
        assert here.step is not None
        remark = self._unsent_remarks.pop(here.step.key, "")
        if not remark or Action.REMARK not in actions_at(self._pages, here):
            return None
        return act(self._pages, Action.REMARK, replace(here, words=remark))

    def _read_before(self, here: Place, view: View, prompt: QuestionPrompt) -> Reply | None:
        """Show the definition (once) and text that does not fit on the page of the question."""
        interview = here.interview
        shown = (interview.at, interview.language)
        defines = bool(view.definition) and interview.at not in interview.given
        defines = defines and shown != self._defined
        if not defines and (not prompt.page.before or prompt.fits()):
            return None
        definition = interview.questionnaire.definition
        title = safe(definition.title) if defines and definition else view.section
        texts = (*prompt.page.before, *([view.definition] if defines else []))
        blocks = tuple(("aloud" if view.aloud else "paragraph", text) for text in texts)
        place = "" if defines else view.place
        reply = self._pages.read(
            title, blocks, here, back=Back(), place=place, fraction=view.fraction
        )
        if reply is None:
            self._defined = shown if defines else self._defined
            prompt.page = replace(prompt.page, before=())
        return reply

    def _keep_unfinished(self, here: Place, prompt: QuestionPrompt, reply: Reply) -> None:
        """Keep unfinished text in case the user returns to the step; discard submitted text."""
        step = here.step
        assert step is not None
        self._last = (step.key, prompt)
        if isinstance(reply, Given):
            self.unfinished.marks.pop(step.key, None)
            self.unfinished.texts.pop(step.key, None)
        else:
            self._keep_text(here.interview, step, prompt)

    def _keep_text(self, interview: Interview, step: Step, prompt: QuestionPrompt) -> None:
        """Keep text that differs from the answer of the step."""
        self.unfinished.texts.pop(step.key, None)
        text = prompt.text if isinstance(prompt, TextPrompt) else ""
        if text and text != view_of(interview, step).earlier_text:
            self.unfinished.texts[step.key] = text

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
        if step.asks in ("number", "text"):
            return self._text_prompt(page, leaves, step, view)
        prompt = self._list_prompt(page, leaves, step, view)
        return _instant(prompt, step) if self.one_key and not view.searches else prompt

    def _list_prompt(
        self, page: Page, leaves: tuple[Action, ...], step: Step, view: View
    ) -> ListPrompt:
        if isinstance(step.item, Ranking):
            return self._rank_prompt(page, leaves, step, view)
        ticks, marks = step.asks == "some", self.unfinished.marks.get(step.key)
        hints = list_hints(self._stage.signs, ticks=ticks, searches=view.searches)
        needed = hints[1:2] if ticks else ()
        if view.searches:
            # Without this hint, users would not know how to find an answer.
            menu, *few = page.few_keys
            page = replace(page, few_keys=(menu, *needed, hints[0], *few))
        return ListPrompt(
            self._stage,
            replace(page, hints=hints, needed=needed),
            leaves,
            rows=numbered(view.entries),
            ticks=ticks,
            at_most=step.at_most,
            searches=view.searches,
            pointed=view.earlier_codes[0] if view.earlier_codes else None,
            ticked=(*marks,) if marks else view.earlier_codes if ticks else (),
            on_tick=lambda ticked: self._mark(step, dict.fromkeys(ticked, True)),
        )

    def _rank_prompt(
        self, page: Page, leaves: tuple[Action, ...], step: Step, view: View
    ) -> RankPrompt:
        hints, undo = list_hints(self._stage.signs), (_("Backspace: take back"),)
        alone = any(row.exclusive and row.code in view.ranked for row in view.entries)
        if alone or len(view.ranked) == step.count:
            hints = (_("Enter: go on"),)
        page = replace(page, hints=hints)
        if view.ranked:
            page = replace(page, hints=(*hints[:-1], *undo, hints[-1]), needed=undo)
        return RankPrompt(
            self._stage,
            page,
            leaves,
            rows=numbered(view.entries),
            pointed=view.earlier_codes[0] if view.earlier_codes else None,
            ranked=view.ranked,
            most=step.count,
        )

    def _text_prompt(
        self, page: Page, leaves: tuple[Action, ...], step: Step, view: View
    ) -> TextPrompt:
        number, unsent = step.asks == "number", self.unfinished.texts.get(step.key)
        codes = [row.code for row in view.entries]
        earlier = next((code for code in view.earlier_codes if code in codes), None)
        below = (_("Tab: answers below"),) if codes else ()
        return TextPrompt(
            self._stage,
            replace(page, hints=(*below, _("Enter: go on")), needed=below),
            leaves,
            text=view.earlier_text if unsent is None else unsent,
            most=40 if number else step.max_length,
            counts=not number,
            rows=view.entries,
            letters=number,
            instant=self.one_key,
            pointed=earlier if unsent is None else None,
            empty=_("Type a number first") if number else _("Nothing is typed yet"),
            may_stay_empty=can_be_empty(step),
            if_empty=_("Enter: leave it empty") if can_be_empty(step) else "",
        )

    def _mark(self, step: Step, marks: dict[str, bool]) -> None:
        """Keep the selections in a list that has not been submitted yet."""
        self.unfinished.marks[step.key] = marks
        self.note()

    def _page_of(self, here: Place, step: Step, view: View) -> Page:
        typing, leaves = step.asks in ("number", "text"), self._pages.leaves(here)
        before = self._before
        unused = unused_words(here.interview, before) if before is not None else ""
        echo_of, echo = self._echo(here.interview, step)
        return replace(
            view,
            echo=echo,
            echo_of=echo_of,
            before=(*filter(None, [unused]), *view.before),
            keys=key_hints(leaves, typing=typing, kept=is_kept(here)),
            rare_keys=key_hints(tuple(a for a in leaves if a in OWN_KEYS), pause=False),
            few_keys=tuple(
                hint
                for action in (Action.MENU, Action.HELP)
                for hint in key_hints((action,), typing=typing, pause=False)
            ),
        )

    def _echo(self, interview: Interview, asked: Step | None = None) -> tuple[str, str]:
        """The previous question and answer; empty if they belong to the ranking being `asked`."""
        step = interview.step_at(self._answered)
        if step is None or not interview.is_answered(step):
            return "", ""
        if asked is not None and isinstance(step.item, Ranking) and step.item is asked.item:
            return "", ""
        what = view_of(interview, step).part or _("Your answer")
        return what, answer_words(interview, step)

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
            return Given(Reserved(code))
        if step.asks == "some" and code not in step.accepts:
            return Given(list(outcome.codes))
        return Given(code)

    # -- the end ---------------------------------------------------------------------------------

    def _review(self, here: Place) -> Reply:
        echo_of, echo = self._echo(here.interview)
        page = Page(
            section=_("Review"),
            place="" if self.aloud else _("Every question is answered"),
            fraction=1.0,
            echo=echo,
            echo_of=echo_of,
            before=(*filter(None, [unused_words(here.interview)]),),
            stem=_(self.review),
            instruction=_("Nothing is handed in until you submit: press End, then Enter."),
            hints=(_("End: to Submit"), *list_hints(self._stage.signs)),
            needed=(_("End: to Submit"),),
        )
        rows = answer_rows(here.interview, kept=True)
        rows = (*rows, Row("submit", _(self.submit), "s", gap=True))
        picked = self._pages.pick_on(page, rows, here, pointed=self._opened)
        if isinstance(picked, str) and picked != "submit":
            self._opened = picked
            return GoTo(picked)
        if isinstance(picked, str):
            return Close()
        return picked or Back()

    def _goodbye(self, here: Place) -> Reply:
        stem = closing_words(here.interview)
        page = replace(self._pages.inner(stem), aloud=self.aloud)
        rows = (Row("leave", _(self.leave)), Row("back", _(self.mistake)))
        picked = self._pages.pick_on(page, rows, here)
        if isinstance(picked, str):
            return Close() if picked == "leave" else Back()
        return picked or Back()


def _instant(prompt: ListPrompt, step: Step) -> ListPrompt:
    """Let a single key choose a row without Enter, unless the list is too long."""
    rows = single_keyed([replace(row, sign=row.sign if row.apart else "") for row in prompt.rows])
    if any(len(row.sign) > 1 for row in rows):
        return prompt
    hints = (_("Key: mark"), _("Enter: go on")) if prompt.ticks else (_("Key: answer"),)
    undo = prompt.page.needed if isinstance(prompt, RankPrompt) else ()
    page = replace(prompt.page, hints=(*undo, *hints), needed=(*undo, *hints))
    return replace(prompt, page=page, rows=rows, instant=True, alone=step.accepts)
