"""The askers for entering paper questionnaires: the printed codes answer, nothing is read first.

Type-ahead is kept: keys pressed before a page is drawn apply to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import N_, _
from microcred_cli.interview import Back, Close, Given, GoTo
from microcred_cli.interview.numbering import LEFT_EMPTY
from microcred_cli.questionnaire.values import BLANK
from microcred_cli.terminal.actions import Place
from microcred_cli.terminal.line_answers import key_of_number
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.list_rows import Row
from microcred_cli.terminal.plain_asker import PlainAsker
from microcred_cli.terminal.prompt import Chosen, Typed
from microcred_cli.terminal.rank_prompt import RankPrompt
from microcred_cli.terminal.rich_asker import QuestionPrompt, RichAsker
from microcred_cli.terminal.view import Page, View, answer_rows, can_be_empty

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent

    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.i18n import InLanguages
    from microcred_cli.interview import Interview, Reply, Step
    from microcred_cli.terminal.mode import Surroundings

COMPLETE = N_("This questionnaire is complete. Enter stores it.")
STORE = N_("Store it")


@dataclass
class KeyingPrompt(ListPrompt):
    """A list whose rows are chosen or ticked by their printed codes.

    A code that no other code begins with is taken immediately, any other with Enter.
    """

    def _press(self, character: str, event: KeyPressEvent) -> None:
        rows = {row.sign: row for row in self.rows if row.sign}
        sign = character.casefold()
        for typed in (self._typed + sign, sign):
            begun = [each for each in rows if each.startswith(typed)]
            if begun == [typed]:
                self._typed = ""
                self._take(typed, event)
                return
            if begun:
                self._typed = typed
                self._point(self.rows.index(rows[typed if typed in rows else begun[0]]))
                return
        self._typed = ""
        super()._take(sign, event)

    def _enter(self, event: KeyPressEvent) -> None:
        typed, self._typed = self._typed, ""
        if typed and any(row.sign == typed for row in self.rows):
            self._take(typed, event)
        else:
            super()._enter(event)

    def _message(self) -> str:
        typed = _("Typed: {typed}").format(typed=self._typed) if self._typed else ""
        return "\n".join(filter(None, (super()._message(), typed)))


class EntryAsker(RichAsker):
    """Asks for the answers on a paper questionnaire."""

    types_ahead = True
    review = COMPLETE
    submit = STORE

    def __init__(
        self,
        *,
        background: InLanguages[Paragraph] = (),
        languages: tuple[str, ...] = ("en",),
        sheet: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(background=background, languages=languages)
        self._pages.instant = self._pages.outlines = True
        self._pages.one_key = None
        self._sheet = sheet

    def _read_before(
        self,
        here: Place,  # noqa: ARG002
        view: View,  # noqa: ARG002
        prompt: QuestionPrompt,
    ) -> Reply | None:
        """Show nothing before the question: the paper has it."""
        if not prompt.fits():
            prompt.page = replace(prompt.page, before=())
        return None

    def _page_of(self, here: Place, step: Step, view: View) -> Page:
        place = f"{self._sheet()}{self._stage.signs.between}{view.place}"
        return replace(super()._page_of(here, step, view), place=place)

    def _new_prompt(self, here: Place, step: Step, view: View) -> QuestionPrompt:
        prompt = super()._new_prompt(here, step, view)
        if not isinstance(prompt, ListPrompt):
            return prompt
        hints = (_("Code: mark"), _("Enter: go on")) if prompt.ticks else (_("Code: answer"),)
        if BLANK in step.accepts and not step.ranked:
            hints = (*hints, _("-: left empty"))
        if isinstance(prompt, RankPrompt):
            hints = (*prompt.page.needed, *hints)
        page = replace(prompt.page, hints=hints, needed=hints)
        if isinstance(prompt, RankPrompt):
            is_short = all(len(row.sign) == 1 for row in prompt.rows)
            return replace(prompt, page=page, instant=is_short, alone=step.accepts)
        return KeyingPrompt(
            *(self._stage, page, prompt.leaves),
            rows=prompt.rows,
            ticks=prompt.ticks,
            at_most=prompt.at_most,
            pointed=prompt.pointed,
            ticked=prompt.ticked,
            instant=True,
            alone=step.accepts,
            on_tick=prompt.on_tick,
        )

    def _reply_to(
        self, outcome: Chosen | Typed, here: Place, step: Step, prompt: QuestionPrompt
    ) -> Reply | None:
        if isinstance(outcome, Typed) and outcome.text == LEFT_EMPTY and can_be_empty(step):
            return Given("")
        return super()._reply_to(outcome, here, step, prompt)

    def _review(self, here: Place) -> Reply:
        # Keys typed for a question must not store the answers.
        self._stage.drop_typeahead()
        page = replace(self._pages.inner(_(self.review)), section=_("Review"), place=self._sheet())
        rows = (Row("submit", _(self.submit), "s"), *answer_rows(here.interview, kept=False))
        picked = self._pages.pick_on(page, rows, here, pointed="submit")
        if picked == "submit":
            return Close()
        return GoTo(picked) if isinstance(picked, str) else picked or Back()


class PlainEntry(PlainAsker):
    """Asks for the answers on a paper questionnaire in plain lines."""

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        background: InLanguages[Paragraph] = (),
        languages: tuple[str, ...] = ("en",),
        sheet: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(surroundings, background=background, languages=languages)
        self._sheet = sheet

    def _view(self, interview: Interview, step: Step) -> View:
        view = super()._view(interview, step)
        return replace(view, place=f"{self._sheet()} · {view.place}")

    def _prompt(self, view: View, step: Step) -> str:
        if step.asks == "some":
            return _("Codes, with commas: ")
        return _("Code: ") if step.asks == "one" else super()._prompt(view, step)

    def _review(self, interview: Interview) -> Reply:
        self._pages.say(_(COMPLETE))
        rows = answer_rows(interview, kept=False)

        def take(line: str) -> Reply | None:
            word = line.strip().casefold()
            key = key_of_number(word, rows)
            if not word:
                return Close()
            if key is not None:
                return GoTo(key)
            if word.startswith(":"):
                return self._command(Place(interview, None), line.strip())
            raise InvalidAnswer(
                _("Nothing was stored."), hint=_("Press Enter alone to store this questionnaire.")
            )

        return self._until_taken(
            _("Enter stores it; or type the number of an answer to change it: "), take
        )

    def _reply(self, here: Place, view: View, line: str) -> Reply | None:
        step = here.step
        if step is not None and line.strip() == LEFT_EMPTY:
            if BLANK in step.accepts and step.asks != "text":
                return Given(BLANK)
            if can_be_empty(step):
                return Given("")
            raise InvalidAnswer(
                _("This question cannot be left empty."), hint=_("Type the answer on the paper.")
            )
        return super()._reply(here, view, line)
