"""The pages that an interviewer opens inside a question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.i18n import N_, _
from microcred_cli.interview import Discard, GoTo, HandIn, Remark
from microcred_cli.questionnaire.values import LONGEST_REMARK
from microcred_cli.records.identifiers import remove_identifiers
from microcred_cli.terminal.actions import Pages, Place
from microcred_cli.terminal.asking import identifier_notice
from microcred_cli.terminal.key_map import Action, possible
from microcred_cli.terminal.list_prompt import Typed
from microcred_cli.terminal.list_rows import Row
from microcred_cli.terminal.page_layout import Page
from microcred_cli.terminal.question_prompts import key_hints
from microcred_cli.terminal.text_prompt import TextPrompt
from microcred_cli.terminal.view import outline
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.interview import Reply

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

BREAK_OFF_NOTE = N_(
    "If the person agrees, what they said so far is kept as an unfinished response, up to the "
    "first open question. Else everything is deleted."
)
TOO_LITTLE = N_("Too little was answered to be kept as an unfinished response: it is deleted.")
STATES = {
    "answered": N_("answered"),
    "open": N_("open"),
    "to_come": N_("to come"),
    "not_asked": N_("not asked"),
}
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
        return (
            *super().leaves(here),
            *(a for a in own if a is not Action.BACKGROUND or self.background),
        )

    def act(self, action: Action, here: Place) -> Reply | None:
        """What an action leads to; None: back to the page where it was chosen."""
        if action is Action.REMARK:
            return self._remark(here)
        if action is Action.BREAK_OFF:
            return self._break_off(here)
        return super().act(action, here)

    def _go_to(self, here: Place) -> Reply | None:
        page = self.inner(_("Outline of the interview: go to"))
        rows = _outline(here)
        step = here.step or here.interview.first_open
        keys = [row.code for row in rows if step and row.code.partition(".")[0] == step.item.id]
        picked = self.pick(page, rows, here, pointed=next(iter(keys), None))
        return GoTo(picked) if isinstance(picked, str) else picked

    def _break_off(self, here: Place) -> Reply | None:
        can_keep = here.interview.can_hand_in
        rows = (
            *([Row("keep", _("Keep what was said: the person agrees"))] if can_keep else []),
            Row("delete", _("Delete everything that was said")),
            Row("return", _("Go on: the person stays")),
        )
        note = _(BREAK_OFF_NOTE) if can_keep else _(TOO_LITTLE)
        page = replace(self.inner(_("The person does not want to go on?")), before=(note,))
        match self.pick(page, rows, here):
            case "keep":
                return HandIn()
            case "delete":
                thanks = here.interview.questionnaire.closing.get("refused", _("Thank you."))
                self.read(_("Read it out"), (("aloud", safe(thanks)),), None)
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
                stem=_("Remark on this question"),
                before=(safe(here.interview.stem(here.step)),),
                instruction=_("Kept apart from the answers. No names. Empty: no remark."),
                hints=(_("Enter: go on"),),
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
                Row("change", _("Change the remark")),
                Row("keep", _("Keep it; these words will be replaced")),
            )
            picked = self.pick(self.inner(notice), rows, None)
            if picked == "keep":
                return Remark(remove_identifiers(outcome.text, LONGEST_REMARK))


def _outline(here: Place) -> tuple[Row, ...]:
    """A row for each item, by section; what cannot be gone to is a heading."""
    rows: list[Row] = []
    for heading, places in outline(here.interview):
        rows.append(Row("", heading, heading=True, gap=bool(rows)))
        for place in places:
            noted = _(" (remark)") if place.has_remark else ""
            said = f" — {place.said}" if place.said else ""
            label = f"{_(STATES[place.state])}{noted}: {place.asked}{said}"
            if place.key:
                rows.append(Row(place.key, label))
            else:
                rows.append(Row("", label, heading=True, style=LOOKS[place.state]))
    return tuple(rows)
