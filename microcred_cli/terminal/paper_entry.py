"""The askers for entering paper questionnaires, whose answers are typed as printed codes.

Type-ahead is kept: keys pressed before a page is drawn apply to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import N_, _
from microcred_cli.interview import Back, Close, Given, GoTo
from microcred_cli.interview.numbering import LEFT_EMPTY, printed_codes
from microcred_cli.questionnaire.values import BLANK
from microcred_cli.terminal.actions import Place, words_of
from microcred_cli.terminal.line_answers import key_of_number, not_with_others
from microcred_cli.terminal.list_prompt import ListPrompt, no_answer
from microcred_cli.terminal.list_rows import Row
from microcred_cli.terminal.page_wording import Page, View, answer_rows, can_be_empty
from microcred_cli.terminal.plain_asker import TAKE_BACK, PlainAsker
from microcred_cli.terminal.prompt import Chosen, Typed
from microcred_cli.terminal.rank_prompt import RankPrompt
from microcred_cli.terminal.rich_asker import QuestionPrompt, RichAsker
from microcred_cli.text import clean, fold, safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent

    from microcred_cli.interview import Interview, Reply, Step
    from microcred_cli.terminal.mode import Surroundings

COMPLETE = N_("This questionnaire is complete. To store it, type s and press Enter.")
STORE = N_("Store it")
KEEP_FIRST = N_(
    "This questionnaire is complete. To keep it for the second keying, type s and press Enter."
)
KEEP = N_("Keep it")
NOTHING_TYPED = N_("Nothing was typed.")
TYPE_IT = N_("Type the answer given on the paper.")
TYPE_IT_OR_EMPTY = N_("Type the answer given on the paper, or - if it was left empty.")


def _nothing_typed(step: Step) -> InvalidAnswer:
    """Reject Enter alone in an empty field, because it may have been meant for a previous list."""
    may_stay_empty = can_be_empty(step) or BLANK in step.accepts
    return InvalidAnswer(_(NOTHING_TYPED), hint=_(TYPE_IT_OR_EMPTY if may_stay_empty else TYPE_IT))


@dataclass
class KeyingPrompt(ListPrompt):
    """A list whose rows are chosen or ticked by their printed codes.

    If several rows can be ticked and a code has two digits, every number must be followed by a
    comma, Space or Enter, because 112 could be 1 and 12, or 11 and 2. In other lists, a code is
    accepted immediately or, if a longer code begins with it, with Enter. After a rejected key, the
    next Enter only repeats the message and says that another Enter continues, so that nobody
    continues without having seen the message.
    """

    _refused: str = ""
    _is_ended: bool = False

    @property
    def _separates(self) -> bool:
        return self.ticks and self._has_long_signs

    def _beginning(self, typed: str) -> list[str]:
        return [row.sign for row in self.rows if row.sign and row.sign.startswith(typed)]

    def _press(self, character: str, event: KeyPressEvent) -> None:
        sign = character.casefold()
        if self.ticks and sign == ",":
            self._end(event)
        elif begun := self._beginning(self._typed + sign):
            self._type(self._typed + sign, begun, event)
        elif sign.strip():
            self._refuse(self._typed + sign)
        self.message = self.message or self._refused

    def _type(self, typed: str, begun: list[str], event: KeyPressEvent) -> None:
        if begun == [typed] and not (self._separates and typed.isdecimal()):
            self._mark(typed, event)
            return
        self._typed = typed
        shown = typed if typed in begun else begun[0]
        self._point(next(i for i, row in enumerate(self.rows) if row.sign == shown))

    def _refuse(self, typed: str) -> None:
        self._refused = self.message = no_answer(clean(typed))

    def _mark(self, typed: str, event: KeyPressEvent) -> None:
        self._typed, self._is_ended = "", True
        self._take(typed, event)
        if not self._has_ticked(typed):
            self._refused = self._refused or self.message

    def _end(self, event: KeyPressEvent) -> None:
        """Accept the code typed so far, if there is one."""
        if self._typed and self._typed not in self._beginning(self._typed):
            self._refuse(self._typed)
        elif self._typed:
            self._mark(self._typed, event)

    def _enter(self, event: KeyPressEvent) -> None:
        refused, self._refused, self.message = self._refused, "", ""
        typed = self._typed
        if not refused or self.ticks:
            self._end(event)
        self.message = self.message or refused
        is_seen = not typed or (self.ticks and self._has_ticked(typed))
        if not self.message and is_seen and not event.app.is_done:
            super()._enter(event)
        elif self._goes_on_with_enter:
            again = _("Enter again: go on")
            self.message = self.stage.signs.between.join((self.message, again))
        self._refused = ""

    @property
    def _goes_on_with_enter(self) -> bool:
        if not self.message or (self._typed and self._typed not in self._beginning(self._typed)):
            return False
        return bool(self.ticked) if self.ticks else self._at >= 0

    def _has_ticked(self, sign: str) -> bool:
        return any(row.sign == sign and row.code in self.ticked for row in self.rows)

    def _space_after(self, event: KeyPressEvent) -> None:
        """Accept the typed code; tick the highlighted row only if no code was typed for it."""
        self.message = ""
        if self._typed:
            self._end(event)
        elif not self._is_ended:
            self._space()
        self.message = self.message or self._refused

    def _move_to(self, place: int) -> None:
        super()._move_to(place)
        self._is_ended, self._refused = False, ""

    def _backspace(self, event: KeyPressEvent) -> None:
        """Undo a rejected key or the last character of the typed code; otherwise, go back."""
        refused, self._refused, self.message = self._refused, "", ""
        if refused:
            return
        if not self._typed:
            super()._backspace(event)
            return
        self._typed = self._typed[:-1]
        if self._typed:
            self._type(self._typed, self._beginning(self._typed), event)
        else:
            self._at, self.pointed = -1, None

    def _bind(self, bind: Callable[..., None]) -> None:
        super()._bind(bind)
        if self.ticks:
            bind(self._space_after, " ")

    def _message(self) -> str:
        said = super()._message()
        if not self._separates or not self.ticked:
            return said
        codes = ", ".join(row.sign for row in self.rows if row.code in self.ticked)
        return "\n".join(filter(None, (said, _("Marked: {codes}").format(codes=codes))))


class EntryAsker(RichAsker):
    """Asks for the answers on a paper questionnaire.

    `sheet` returns the label of the paper, and `keeps` returns True if the answers are kept for a
    second keying.
    """

    types_ahead = True
    leave = N_("Continue: nothing from this paper is stored")
    mistake = N_("Go back: wrong key")

    def __init__(
        self,
        *,
        languages: tuple[str, ...] = ("en",),
        sheet: Callable[[], str] = lambda: "",
        keeps: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(languages=languages)
        self._pages.instant = self._pages.outlines = self._pages.codes = True
        self._pages.one_key = None
        self._sheet, self._keeps = sheet, keeps

    def _read_before(
        self,
        here: Place,  # noqa: ARG002
        view: View,  # noqa: ARG002
        prompt: QuestionPrompt,
    ) -> Reply | None:
        """Show nothing before the question, because the introduction is on the paper."""
        if not prompt.fits():
            prompt.page = replace(prompt.page, before=())
        return None

    def _page_of(self, here: Place, step: Step, view: View) -> Page:
        place = f"{self._sheet()}{self._stage.signs.between}{view.place}"
        return replace(super()._page_of(here, step, view), place=place)

    def _new_prompt(self, here: Place, step: Step, view: View) -> QuestionPrompt:
        prompt = super()._new_prompt(here, step, view)
        if not isinstance(prompt, ListPrompt):
            if can_be_empty(step):
                prompt.hints_if_empty = (_("-: left empty"),)
            prompt.may_stay_empty, prompt.if_empty = False, ""
            prompt.empty = words_of(_nothing_typed(step))
            return prompt
        hints = (_code_hint(prompt), _("Enter: go on")) if prompt.ticks else (_("Code: answer"),)
        if BLANK in step.accepts and not step.ranked:
            hints = (*hints, _("-: left empty"))
        answers = hints
        if isinstance(prompt, RankPrompt):
            hints = (*prompt.page.needed, *hints)
        page = replace(prompt.page, hints=hints, needed=hints, answers=answers)
        if isinstance(prompt, RankPrompt):
            is_short = all(len(row.sign) == 1 for row in prompt.rows)
            return replace(
                prompt,
                page=page,
                instant=is_short,
                alone=step.accepts,
                excluded=_excluded(here.interview, step),
            )
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
        # Keys typed ahead for a question must not store the answers.
        self._stage.drop_typeahead()
        review, submit = (KEEP_FIRST, KEEP) if self._keeps() else (COMPLETE, STORE)
        page = replace(self._pages.inner(_(review)), section=_("Review"), place=self._sheet())
        rows = (Row("submit", _(submit), "s"), *answer_rows(here.interview, kept=False))
        picked = self._pages.pick_on(page, rows, here, at_once=False)
        if picked == "submit":
            return Close()
        return GoTo(picked) if isinstance(picked, str) else picked or Back()


def _excluded(interview: Interview, step: Step) -> tuple[Row, ...]:
    """The options of a ranking that cannot follow another rank, with their printed codes."""
    if not step.ranked:
        return ()
    printed = printed_codes(interview.questionnaire, step.item)
    options = interview.questionnaire.options(step.item)
    return tuple(
        Row(option.code, safe(option.label), printed[option.code])
        for option in options
        if option.exclusive
    )


def _code_hint(prompt: ListPrompt) -> str:
    is_long = any(len(row.sign) > 1 for row in prompt.rows)
    return _("Code, comma: mark") if is_long else _("Code: mark")


class PlainEntry(PlainAsker):
    """Asks for the answers on a paper questionnaire in plain lines."""

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        languages: tuple[str, ...] = ("en",),
        sheet: Callable[[], str] = lambda: "",
        keeps: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(surroundings, languages=languages)
        self._sheet, self._keeps = sheet, keeps

    def _view(self, interview: Interview, step: Step) -> View:
        view = super()._view(interview, step)
        return replace(view, place=f"{self._sheet()} · {view.place}")

    def _prompt(self, view: View, step: Step) -> str:
        if step.asks == "some":
            return _("Codes, separated by commas: ")
        if step.asks == "text" and can_be_empty(step) and not view.has_earlier:
            return _("The answer (- if it was left empty): ")
        return _("Code: ") if step.asks == "one" else super()._prompt(view, step)

    def _review(self, interview: Interview) -> Reply:
        told = _(KEEP_FIRST if self._keeps() else COMPLETE)
        self._pages.say(told)
        rows = answer_rows(interview, kept=False)
        how = _("Type s to store it, or the number of an answer to change it: ")
        if self._keeps():
            how = _("Type s to keep it, or the number of an answer to change it: ")

        def take(line: str) -> Reply | None:
            word = line.strip().casefold()
            key = key_of_number(word, rows)
            if word == "s":
                return Close()
            if key is not None:
                return GoTo(key)
            if word.startswith(":"):
                return self._command(Place(interview, None), line.strip())
            raise InvalidAnswer(_("Nothing was stored."), hint=told)

        return self._until_taken(how, take)

    def _reply(self, here: Place, view: View, line: str) -> Reply | None:
        step = here.step
        if step is not None and line.strip() == LEFT_EMPTY:
            if BLANK in step.accepts and step.asks != "text":
                return Given(BLANK)
            if can_be_empty(step):
                return Given("")
            raise InvalidAnswer(_("This question cannot be left empty."), hint=_(TYPE_IT))
        if step is not None and not line.strip() and step.asks == "text" and not view.has_earlier:
            raise _nothing_typed(step)
        for row in () if step is None else _excluded(here.interview, step):
            if row.sign == fold(line.strip()):
                raise InvalidAnswer(not_with_others(row.label), hint=_(TAKE_BACK))
        return super()._reply(here, view, line)
