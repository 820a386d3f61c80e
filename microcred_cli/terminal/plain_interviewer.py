"""The asker in plain lines for an interviewer: what is read out is marked, y and n answer lists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.answers import check_text
from microcred_cli.errors import InvalidAnswer
from microcred_cli.interview import Discard, Given, HandIn, Remark
from microcred_cli.questionnaire.models import LONGEST_REMARK
from microcred_cli.screening import remove_identifiers
from microcred_cli.terminal import aloud
from microcred_cli.terminal.aloud import NO, YES
from microcred_cli.terminal.asking import identifier_notice
from microcred_cli.terminal.keys import Action
from microcred_cli.terminal.plain import PlainAsker
from microcred_cli.text import safe
from microcred_cli.words import MISSING_LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.background import Paragraph
    from microcred_cli.interview import Interview, Reply, Step
    from microcred_cli.terminal.mode import Surroundings
    from microcred_cli.terminal.view import View


class PlainInterviewer(PlainAsker):
    """Asks through an interviewer, in lines: what is read out begins with "Read:".

    `introduction` is the background as it is read aloud, sentence by sentence.
    """

    reads = "Read: "
    note_first = "Type noted when the person has written it down: "

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        introduction: Sequence[str],
        background: Sequence[Paragraph] = (),
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        super().__init__(surroundings, background=background, languages=languages)
        self._introduction = introduction

    def _begin(self) -> None:
        for sentence in self._introduction:
            self._lines.say(f"{self.reads}{sentence}")

    # -- questions -------------------------------------------------------------------------------

    def _view(self, interview: Interview, step: Step) -> View:
        view = super()._view(interview, step)
        told = f"{aloud.reading(step, searches=view.searches)}."
        return replace(
            view, place=f"{view.place} · {aloud.time_so_far(self.elapsed())}", instruction=told
        )

    # -- answers ---------------------------------------------------------------------------------

    def _prompt(self, view: View, step: Step) -> str:
        if aloud.is_read_one_by_one(step):
            return "y or n for each in order (the rest is n), or numbers with commas: "
        return super()._prompt(view, step)

    def _some(self, interview: Interview, step: Step, view: View, line: str) -> Reply:
        said = _said_yes(step, line) if aloud.is_read_one_by_one(step) else None
        if said is None:
            return super()._some(interview, step, view, line)
        if said:
            return Given(said)
        alone = [(option.code, safe(option.label)) for option in aloud.closing_options(step)]
        unread = [(code, MISSING_LABELS[code]) for code in step.accepts]
        asked = f"{safe(interview.stem(step))} {aloud.all_no(step)}"
        picked = self._choose(asked, (*alone, *unread))
        return Given(picked if picked in step.accepts else [picked])

    # -- commands --------------------------------------------------------------------------------

    def _act(
        self, action: Action, interview: Interview, step: Step | None, rest: str
    ) -> Reply | None:
        if action is Action.REMARK:
            return self._remark(interview, rest)
        if action is Action.BREAK_OFF:
            return self._break_off(interview)
        return super()._act(action, interview, step, rest)

    def _remark(self, interview: Interview, rest: str) -> Reply:
        earlier = interview.remarks.get(interview.step.item.id, "") if interview.step else ""
        if earlier:
            self._lines.write(f"Your remark so far: “{safe(earlier)}”")
        line = rest.strip() or self._lines.read("Remark (Enter alone: none): ").strip()
        text = check_text(line, LONGEST_REMARK)
        if notice := identifier_notice(text):
            self._lines.say(notice)
        return Remark(remove_identifiers(text, LONGEST_REMARK) if notice else text)

    def _break_off(self, interview: Interview) -> Reply | None:
        keep = [("keep", "Keep what was said: the person agrees")]
        chosen = self._choose(
            "The person does not want to go on?",
            (
                *(keep if interview.can_hand_in else []),
                ("delete", "Delete everything that was said"),
                ("return", "Go on: the person stays"),
            ),
        )
        if chosen == "keep":
            return HandIn()
        if chosen == "delete":
            thanks = interview.questionnaire.closing.get("refused", "Thank you.")
            self._lines.say(f"{self.reads}{safe(thanks)}")
            return Discard()
        return None


def _said_yes(step: Step, line: str) -> list[str] | None:
    """The codes of the options that were answered with yes in a line of y and n; None if none."""
    word = "".join(line.split()).casefold()
    if not word or set(word) - {YES, NO}:
        return None
    read = aloud.options_read(step)
    if len(word) > len(read):
        raise InvalidAnswer(
            f"There are only {len(read)} options.", mend="Type y or n once for each, in order."
        )
    return [option.code for option, letter in zip(read, word, strict=False) if letter == YES]
