"""The asker for an interviewer: what is read aloud apart from what is not, and one key to answer.

An interviewer knows the keys: what is pressed before a page is drawn counts on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.interview import Discard, Given, GoTo, HandIn, Pause, Remark
from microcred_cli.questionnaire.models import LONGEST_REMARK
from microcred_cli.screening import remove_identifiers
from microcred_cli.terminal import aloud
from microcred_cli.terminal.aloud import NO, YES
from microcred_cli.terminal.asking import identifier_notice
from microcred_cli.terminal.keys import Action, possible
from microcred_cli.terminal.option_reading import YesNoPrompt
from microcred_cli.terminal.page import Page
from microcred_cli.terminal.pages import Pages, Place
from microcred_cli.terminal.prompts import Chosen, Leave, Typed
from microcred_cli.terminal.questions import key_hints, list_prompt, text_prompt
from microcred_cli.terminal.reading import ReadPrompt
from microcred_cli.terminal.rich_asker import LEAVING, QuestionPrompt, RichAsker, Words
from microcred_cli.terminal.rows import Row, single_keyed
from microcred_cli.terminal.texts import TextPrompt
from microcred_cli.terminal.view import can_be_empty, outline
from microcred_cli.text import safe
from microcred_cli.words import MISSING_LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.background import Paragraph
    from microcred_cli.interview import Reply, Step
    from microcred_cli.terminal.questions import Blocks
    from microcred_cli.terminal.view import View

OWN_KEYS = (
    Action.GO_TO,
    Action.REMARK,
    Action.BACKGROUND,
    Action.DONT_KNOW,
    Action.REFUSE,
    Action.LANGUAGE,
    Action.BREAK_OFF,
)
"""What has a key of its own for an interviewer, besides what everybody has."""

BREAK_OFF_NOTE = (
    "If the person agrees, what they said so far is kept as an unfinished response, up to the "
    "first open question. Else everything is deleted."
)
TOO_LITTLE = "Too little was answered to be kept as an unfinished response: it is deleted."
STATES = {"answered": "answered", "open": "open", "to_come": "to come", "not_asked": "not asked"}
LOOKS = {
    "answered": "class:mc.echo",
    "open": "class:mc.message",
    "to_come": "",
    "not_asked": "class:mc.told",
}


class InterviewerPages(Pages):
    """The pages that an interviewer opens inside a question."""

    instant = True

    def leaves(self, here: Place) -> tuple[Action, ...]:
        """The actions that have keys of their own here."""
        can = possible(here.interview, here.step, self._languages)
        own = tuple(action for action in OWN_KEYS if action in can)
        return (*super().leaves(here), *(a for a in own if a is not Action.BACKGROUND or self.full))

    @property
    def full(self) -> Blocks:
        """The whole background."""
        return self._background

    def act(self, action: Action, here: Place) -> Reply | None:
        """What an action leads to; None: back to the page where it was chosen."""
        if action is Action.REMARK:
            return self._remark(here)
        if action is Action.BREAK_OFF:
            return self._break_off(here)
        return super().act(action, here)

    def _go_to(self, here: Place) -> Reply | None:
        page = self.inner("Outline of the interview: go to")
        step = here.step or here.interview.first_open
        picked = self.pick(page, _outline(here), here, pointed=step.key if step else None)
        return GoTo(picked) if isinstance(picked, str) else picked

    def _break_off(self, here: Place) -> Reply | None:
        can_keep = here.interview.can_hand_in
        rows = (
            *([Row("keep", "Keep what was said: the person agrees")] if can_keep else []),
            Row("delete", "Delete everything that was said"),
            Row("return", "Go on: the person stays"),
        )
        note = BREAK_OFF_NOTE if can_keep else TOO_LITTLE
        page = replace(self.inner("The person does not want to go on?"), before=(note,))
        match self.pick(page, rows, here):
            case "keep":
                return HandIn()
            case "delete":
                thanks = here.interview.questionnaire.closing.get("refused", "Thank you.")
                self.read("Read it out", (("aloud", safe(thanks)),), None)
                return Discard()
            case "return":
                return None
            case picked:
                assert not isinstance(picked, str)
                return picked

    def _remark(self, here: Place) -> Reply | None:
        assert here.step is not None
        item = here.step.item
        prompt = TextPrompt(
            self.stage,
            Page(
                stem="Remark on this question",
                before=(safe(here.interview.stem(here.step)),),
                instruction="Kept apart from the answers. No names. Empty: no remark.",
                hints=("Enter: go on",),
                keys=key_hints((Action.BACK,)),
            ),
            (Action.BACK,),
            text=here.interview.remarks.get(item.id, ""),
            most=LONGEST_REMARK,
            may_stay_empty=True,
        )
        while True:
            outcome = self.run(prompt)
            if not isinstance(outcome, Typed):
                return None
            notice = identifier_notice(outcome.text)
            if notice is None:
                return Remark(outcome.text)
            rows = (
                Row("change", "Change the remark"),
                Row("keep", "Keep it; these words will be replaced"),
            )
            picked = self.pick(self.inner(notice), rows, None)
            if picked == "keep":
                return Remark(remove_identifiers(outcome.text, LONGEST_REMARK))


class InterviewerAsker(RichAsker):
    """Asks through an interviewer, who reads aloud and presses the keys.

    `introduction` is the background as it is read aloud, sentence by sentence; the written one is
    a key away.
    """

    types_ahead = True
    words = Words(
        review="Every question is answered. Choose one to change it, or submit.",
        submit="Submit the answers",
        leave="End the interview",
        mistake="Go back: a wrong key",
        note_receipt="Read it out group by group, and let it be read back. It is shown only here.",
        noted="The person has noted it",
        aloud=True,
    )

    def __init__(
        self,
        *,
        introduction: Sequence[str],
        background: Sequence[Paragraph] = (),
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        super().__init__(background=background, languages=languages)
        self._pages = InterviewerPages(self._stage, self._background, languages)
        self._introduction: Blocks = tuple(("aloud", text) for text in introduction)

    def read_background(self) -> Reply | None:
        """Show the introduction to read aloud; a pause if the interviewer left."""
        leaves = (Action.BACKGROUND,) if self._background else ()
        page = Page(
            section="Introduction: read it out",
            hints=("Enter: go on",),
            keys=key_hints(leaves, kept=False),
            few_keys=("Enter: go on", *key_hints(leaves, pause=False)),
        )
        prompt = ReadPrompt(self._stage, page, leaves, blocks=self._introduction)
        try:
            while isinstance(self._pages.run(prompt), Leave):
                self._pages.read("Background", self._background, None, kept=False)
        except LEAVING:
            return Pause(interrupted=True)
        return None

    # -- questions -------------------------------------------------------------------------------

    def _made(self, here: Place, view: View, step: Step) -> QuestionPrompt:
        page, leaves = self._page_of(here, view), self._pages.leaves(here)
        if step.asks in ("number", "text"):
            unsent = self._unsent.get(step.key)
            prompt = text_prompt(self._stage, page, leaves, step, view, unsent)
            if can_be_empty(step):
                prompt.rows, prompt.may_stay_empty = (), True
                hints = ("Enter: go on, or leave it empty",)
                prompt.page = replace(prompt.page, hints=hints, needed=())
            return prompt
        marks = self._marks.get(step.key, {})
        if aloud.is_read_one_by_one(step):
            return self._read_one_by_one(page, leaves, step, view, marks)
        made = list_prompt(self._stage, page, leaves, step, view, marks)
        made.on_tick = self._ticking(step)
        if view.searches:
            return made
        made.rows = _rows(step, [(o.code, o.label, o.exclusive) for o in step.options])
        made.instant = True
        made.alone = step.accepts
        made.page = replace(made.page, hints=_hints(ticks=made.ticks))
        return replace(made)

    def _read_one_by_one(
        self,
        page: Page,
        leaves: tuple[Action, ...],
        step: Step,
        view: View,
        marks: dict[str, bool],
    ) -> YesNoPrompt:
        read = aloud.options_read(step)
        codes = [option.code for option in read]
        known = marks
        if not known and any(code in codes for code in view.earlier_codes):
            known = {code: code in view.earlier_codes for code in codes}
        rows = _rows(step, [(o.code, o.label, False) for o in read])

        def keep(marked: dict[str, bool]) -> None:
            self._marks[step.key] = dict(marked)
            self.note(marked)

        return YesNoPrompt(
            self._stage,
            replace(
                page, hints=(f"{YES} yes", f"{NO} no", "Enter: nothing more", "Backspace: undo")
            ),
            leaves,
            rows=rows,
            at_most=view.at_most,
            alone=tuple(row.code for row in rows if row.code not in codes),
            marks=dict(known),
            on_mark=keep,
        )

    def _page_of(self, here: Place, view: View) -> Page:
        minutes = int(self.elapsed() // 60)
        so_far = "just begun" if minutes < 1 else f"{minutes} min so far"
        return replace(
            super()._page_of(here, view),
            place=f"{view.place}{self._stage.signs.between}{so_far}",
            aloud=True,
        )

    def _reply_to(
        self, outcome: Chosen | Typed, here: Place, prompt: QuestionPrompt
    ) -> Reply | None:
        if isinstance(outcome, Chosen) and not outcome.codes:
            return self._none_of_these(here)
        return super()._reply_to(outcome, here, prompt)

    def _text(self, text: str, here: Place) -> Reply | None:
        return super()._text(text, here) if text else Given("")

    def _none_of_these(self, here: Place) -> Reply | None:
        """Everything read was answered with no: what stands alone, or why there is no answer."""
        step = here.step
        assert step is not None
        page = replace(
            self._pages.inner(safe(here.interview.stem(step))),
            aloud=True,
            instruction=aloud.ALL_NO,
        )
        alone = [(option.code, option.label, True) for option in aloud.closing_options(step)]
        picked = self._pages.pick(page, _rows(step, alone), here)
        if not isinstance(picked, str):
            return picked
        return Given(picked) if picked in step.accepts else Given([picked])


def _rows(step: Step, options: Sequence[tuple[str, str, bool]]) -> tuple[Row, ...]:
    """A row with a key for each option, and under them what is not read out."""
    rows = [Row(code, safe(label), "", exclusive) for code, label, exclusive in options]
    listed = [code for code in step.missing if code not in MISSING_LABELS or code == "blank"]
    rows += [Row(code, MISSING_LABELS[code], exclusive=True, gap=True) for code in listed]
    unread = [code for code in step.accepts if code in ("dk", "pna")]
    if unread:
        rows.append(Row("", aloud.NOT_READ_OUT, heading=True, style="class:mc.told"))
        rows += [Row(code, MISSING_LABELS[code], code[0], exclusive=True) for code in unread]
    return single_keyed(rows)


def _hints(*, ticks: bool) -> tuple[str, ...]:
    return ("Key: mark", "Enter: go on") if ticks else ("Key: answer",)


def _outline(here: Place) -> tuple[Row, ...]:
    """A row for each item, by section; what cannot be gone to is a heading."""
    rows: list[Row] = []
    for heading, places in outline(here.interview):
        rows.append(Row("", heading, heading=True, gap=bool(rows)))
        for place in places:
            noted = " (remark)" if place.has_remark else ""
            said = f" — {place.said}" if place.said else ""
            label = f"{STATES[place.state]}{noted}: {place.asked}{said}"
            if place.key:
                rows.append(Row(place.key, label))
            else:
                rows.append(Row("", label, heading=True, style=LOOKS[place.state]))
    return tuple(rows)
