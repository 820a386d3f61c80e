"""The asker in plain lines for an interviewer: what is read out is marked, y and n answer lists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import N_, _, letter, said_in
from microcred_cli.interview import Given
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.terminal import interviewer_script
from microcred_cli.terminal.list_rows import Row
from microcred_cli.terminal.plain_asker import PlainAsker
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.interview import Interview, Reply, Step
    from microcred_cli.terminal.actions import Place
    from microcred_cli.terminal.view import View


class PlainInterviewer(PlainAsker):
    """Asks through an interviewer, in lines: what is read out begins with "Read:"."""

    reads = N_("Read: ")
    note_first = N_("Type noted when the person has written it down: ")

    def _introduce(self) -> None:
        for sentence in said_in(self._language, self._introduction):
            self._pages.read_out(sentence)

    # -- questions -------------------------------------------------------------------------------

    def _view(self, interview: Interview, step: Step) -> View:
        view = super()._view(interview, step)
        instruction = f"{interviewer_script.reading(step, searches=view.searches)}."
        return replace(
            view,
            place=f"{view.place} · {interviewer_script.time_so_far(self.elapsed())}",
            instruction=instruction,
        )

    # -- answers ---------------------------------------------------------------------------------

    def _prompt(self, view: View, step: Step) -> str:
        if interviewer_script.is_read_one_by_one(step):
            ask = _("{yes} or {no} for each in order (the rest is {no}), or numbers with commas: ")
            return ask.format(yes=letter("yes"), no=letter("no"))
        return super()._prompt(view, step)

    def _some(self, here: Place, view: View, line: str) -> Reply:
        step = here.step
        assert step is not None
        said = _said_yes(step, line) if interviewer_script.is_read_one_by_one(step) else None
        if said is None:
            return super()._some(here, view, line)
        if said:
            return Given(said)
        alone = [Row(o.code, safe(o.label)) for o in interviewer_script.closing_options(step)]
        unread = [Row(code, _(MISSING_LABELS[code])) for code in step.accepts]
        asked = f"{safe(here.interview.stem(step))} {interviewer_script.all_no(step)}"
        picked = self._pages.pick(asked, (*alone, *unread))
        return Given(picked if picked in step.accepts else [picked])


def _said_yes(step: Step, line: str) -> list[str] | None:
    """The codes of the options that were answered with yes in a line of y and n; None if none."""
    word = "".join(line.split()).casefold()
    if not word or set(word) - {letter("yes"), letter("no")}:
        return None
    read = interviewer_script.options_read(step)
    if len(word) > len(read):
        raise InvalidAnswer(
            _("There are only {count} options.").format(count=len(read)),
            hint=_("Type {yes} or {no} once for each, in order.").format(
                yes=letter("yes"), no=letter("no")
            ),
        )
    return [option.code for option, said in zip(read, word, strict=False) if said == letter("yes")]
