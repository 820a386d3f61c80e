"""The asker for interviewers: marks text to read aloud, and accepts single-key answers.

Type-ahead is kept: keys pressed before a page is drawn apply to it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, OWN_LANGUAGE, _, letter, said_in
from microcred_cli.interview import Given, Pause
from microcred_cli.questionnaire.values import BLANK, MISSING_LABELS
from microcred_cli.terminal import interviewer_script
from microcred_cli.terminal.key_map import Action
from microcred_cli.terminal.list_rows import Row, single_keyed
from microcred_cli.terminal.page_wording import entries
from microcred_cli.terminal.prompt import Chosen
from microcred_cli.terminal.rank_prompt import RankPrompt
from microcred_cli.terminal.rich_asker import QuestionPrompt, RichAsker
from microcred_cli.terminal.text_prompt import TextPrompt
from microcred_cli.terminal.wrapping import width_of
from microcred_cli.terminal.yes_no_prompt import YesNoPrompt
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.interview import Reply, Step
    from microcred_cli.questionnaire.models import Option
    from microcred_cli.terminal.actions import Place
    from microcred_cli.terminal.list_prompt import ListPrompt
    from microcred_cli.terminal.page_wording import Page, View
    from microcred_cli.terminal.prompt import Typed


class InterviewerAsker(RichAsker):
    """Asks questions through an interviewer, who begins by reading the introduction aloud."""

    types_ahead = aloud = True
    review = N_("Every question is answered. Choose one to change it, or submit.")
    submit = N_("Submit the answers")
    leave = N_("End the interview")
    mistake = N_("Go back: wrong key")
    note_receipt = N_(
        "Read it out group by group, and ask the respondent to read it back. Once you confirm "
        "that it is written down, it is not shown again."
    )
    noted = N_("The respondent has written it down")
    not_wanted = N_("The respondent does not want it")

    def read_background(self, *, back: bool = False) -> Reply | None:
        """Show the introduction to read aloud; the replies are the same as for the background."""
        self.speak(self._language or OWN_LANGUAGE)
        spoken = tuple(("aloud", text) for text in said_in(self._language, self._introduction))
        leaves = (Action.BACKGROUND,) if self._pages.background else ()
        return self._read_first(_("Introduction (read aloud)"), spoken, leaves, back=back)

    def receipt(self, code: str, text: str) -> str | None:
        """Show the receipt until it is confirmed; discards keys pressed before it appeared."""
        self._stage.drop_typeahead()
        return super().receipt(code, text)

    def _new_prompt(self, here: Place, step: Step, view: View) -> QuestionPrompt:
        prompt = super()._new_prompt(here, step, view)
        if isinstance(prompt, TextPrompt):
            prompt.instant = True
            return prompt
        if interviewer_script.is_read_one_by_one(step):
            return self._read_one_by_one(prompt, step, view)
        if view.searches:
            prompt.instant = True
            return prompt
        hints = (_("Key: mark"), _("Enter: go on")) if prompt.ticks else (_("Key: answer"),)
        again = view.stem_was_read
        aloud = interviewer_script.are_options_read(step, searches=False, again=again)
        if isinstance(prompt, RankPrompt):
            hints = (*prompt.page.needed, *hints)
        return replace(
            prompt,
            page=replace(prompt.page, hints=hints, needed=hints),
            rows=_rows(step, step.listed or step.options, aloud=aloud),
            instant=True,
            alone=step.accepts,
            whole=True,
        )

    def _read_one_by_one(self, prompt: ListPrompt, step: Step, view: View) -> YesNoPrompt:
        options = interviewer_script.options_read(step)
        codes = [option.code for option in options]
        kept = self.unfinished.marks.get(step.key, {})
        marks = {code: marked for code, marked in kept.items() if code in codes}
        if not marks and any(code in codes for code in view.earlier_codes):
            marks = {code: code in view.earlier_codes for code in codes}
        rows = _rows(step, options, aloud=True)
        hints = (
            _("{yes} yes").format(yes=letter("yes")),
            _("{no} no").format(no=letter("no")),
            _("Enter: nothing more"),
            _("Backspace: undo"),
        )
        menu, *few = prompt.page.few_keys
        return YesNoPrompt(
            self._stage,
            replace(
                prompt.page, hints=hints, answers=hints[2:3], few_keys=(menu, *hints[:2], *few)
            ),
            prompt.leaves,
            rows=rows,
            alone=tuple(row.code for row in rows if row.code not in codes),
            marks=marks,
            on_mark=lambda marked: self._mark(step, dict(marked)),
        )

    def _page_of(self, here: Place, step: Step, view: View) -> Page:
        so_far = interviewer_script.time_so_far(self.elapsed())
        page = super()._page_of(here, step, view)
        between = self._stage.signs.between
        has_remark = step.item.id in here.interview.remarks
        noted = f"{between}{_(' (remark)').strip()}" if has_remark else ""
        place = f"{view.place}{noted}{between}{so_far}"
        # On a narrow screen, the time so far would need an additional line.
        is_wide = width_of(place) < self._stage.size[0]
        return replace(page, place=place if is_wide else f"{view.place}{noted}", aloud=True)

    def _reply_to(
        self, outcome: Chosen | Typed, here: Place, step: Step, prompt: QuestionPrompt
    ) -> Reply | None:
        if isinstance(outcome, Chosen) and not outcome.codes:
            return self._none_of_these(here, step)
        return super()._reply_to(outcome, here, step, prompt)

    def _review(self, here: Place) -> Reply:
        # Keys typed for a question must not submit the answers.
        return Pause(interrupted=True) if self._stage.drop_typeahead() else super()._review(here)

    def _none_of_these(self, here: Place, step: Step) -> Reply | None:
        """Offer the exclusive options and missing values after "no" to all other options."""
        page = replace(
            self._pages.inner(safe(here.interview.stem(step))),
            aloud=True,
            instruction=interviewer_script.all_no(step),
        )
        rows = _rows(step, interviewer_script.closing_options(step), aloud=True)
        picked = self._pages.pick_on(page, rows, here)
        if not isinstance(picked, str):
            return picked
        return Given(picked) if picked in step.accepts else Given([picked])


def _rows(step: Step, options: Sequence[Option], *, aloud: bool) -> tuple[Row, ...]:
    """One row per option, each with a key; options not read aloud come last."""
    rows = [
        Row(
            option.code,
            safe(option.label),
            letter(option.code) if interviewer_script.is_yes_no(step) else "",
            option.exclusive,
            aloud=aloud,
        )
        for option in options
    ]
    listed = entries(step, letters=True)
    rows += [replace(entry, gap=True) for entry in listed if entry.code == BLANK]
    unread = [code for code in step.accepts if code in ("dk", "pna")]
    none_read = not getattr(step.item, "read_out", True)
    if unread and not none_read:
        label = _(interviewer_script.NOT_READ_OUT)
        rows.append(Row("", label, heading=True, style="class:mc.aside"))
    rows += [
        Row(
            code,
            _(MISSING_LABELS[code]),
            letter(code),
            exclusive=True,
            gap=none_read and number == 0,
        )
        for number, code in enumerate(unread)
    ]
    return single_keyed(rows)
