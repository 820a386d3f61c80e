"""A respondent using the real program in rich mode, who answers every question of a route."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from microcred_cli.interview import Interview
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.shapes import Draft, from_object
from microcred_cli.session.restore import interview_of
from microcred_cli.terminal.page_wording import entries, view_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from microcred_cli.interview import Step
    from tests.harness import Terminal

LOADED = load("mc_employers")

ROUTES = {
    f"{role}-{relation}": {"org_role": role, "involvement": involvement}
    for role in ("employer", "representative")
    for relation, involvement in (
        ("provides", "awards"),
        ("aware", "uses"),
        ("unaware", "not_aware"),
    )
}
"""The answers that determine each of the six routes."""


NOTICES = ("no longer count", "is worded differently now", "may refer to something else now")
"""Parts of notices that can have a page of their own before a question."""


class Walker:
    """Answers questions by typing option numbers; the answers are read from the draft.

    `choices` contains the codes for some items; for others, the middle option is chosen. On the
    pages in `looks`, every option is scrolled into view before one is chosen.
    """

    def __init__(
        self, terminal: Terminal, choices: Mapping[str, str], *, looks: Collection[Page] = ()
    ) -> None:
        self.terminal, self.choices, self.looks = terminal, choices, looks

    @property
    def interview(self) -> Interview:
        """The interview as stored in the draft."""
        draft = self.terminal.draft()
        if not draft:
            return Interview.begin(LOADED.questionnaire)
        return interview_of(from_object(Draft, draft, "draft"), LOADED)

    def begin(self) -> Walker:
        """Page through the background to the first question."""
        self.terminal.until("Before you start")
        while "Question 1 of" not in self.terminal.text:
            self.press("enter")
        return self

    def to_review(self) -> Walker:
        """Answer all remaining questions."""
        while self.step():
            pass
        self.terminal.until("Every question is answered")
        return self

    def step(self) -> bool:
        """Answer the current question; returns False if there is none."""
        interview = self.interview
        step = interview.step
        if step is None:
            return False
        self.reach(interview, step)
        if step.asks == "text":
            self._type("Words that were typed")
        elif step.asks == "number":
            self._type("12")
        else:
            self._choose(step)
        before = self.terminal.draft()
        self.terminal.press("enter")
        self.terminal.until(
            lambda t: step.key in t.given() and t.draft().get("at") != before.get("at")
        )
        return True

    def reach(self, interview: Interview, step: Step) -> None:
        """Wait for a question's page, after any page that must be read first."""
        view = view_of(interview, step)
        stem = " ".join(view.stem.split())
        place = view.place.split(" · ")[0]
        signs = (place, view.part, view.part_place)
        texts = filter(None, (*view.before, view.definition))
        read_first = [" ".join(text.split())[:20] for text in texts]
        # The page of the definition has no question number.
        defined = read_first[-1:] if view.definition else []
        self.terminal.until(
            lambda t: (
                (
                    all(sign in t.flat for sign in signs)
                    and any(text in t.flat for text in (stem, *read_first))
                )
                or (place in t.flat and any(notice in t.flat for notice in NOTICES))
                or any(text in t.flat for text in defined)
            )
        )
        while stem not in self.terminal.flat:
            self.press("enter")

    def point_at(self, label: str) -> None:
        """Move down a list until the line with this text is selected."""
        while not any(
            line.lstrip().startswith("»") and label in line for line in self.terminal.lines
        ):
            self.press("down")

    def code_for(self, step: Step) -> str:
        """The option chosen by default: the one in the middle of the list."""
        return middle(step)

    def _type(self, text: str) -> None:
        self.terminal.press(text).until(text)

    def _choose(self, step: Step) -> None:
        listed = entries(step, letters=True)
        code = self.choices.get(step.item.id) or self.code_for(step)
        number = next(n for n, entry in enumerate(listed, 1) if entry.code == code)
        if self.looks and page_of(self.interview, step) in self.looks:
            self.look(step)
        before = self.terminal.text
        self.terminal.press(str(number)).until(lambda t: t.text != before or pointed(t, number))
        self.terminal.until(lambda t: pointed(t, number))
        if step.asks == "some":
            self.terminal.press("space").until("[x]")

    def look(self, step: Step) -> None:
        """Go down the list; each option's whole label must be visible when it is selected."""
        searches = bool(getattr(step.item, "search", False))
        for number, entry in enumerate(entries(step, letters=not searches), 1):
            label = " ".join(entry.label.split())
            sign = entry.sign or str(number)
            self.terminal.press("down")
            self.terminal.until(lambda t, s=sign, x=label: pointed(t, s) and x in t.flat)  # type: ignore[misc]

    def press(self, key: str) -> None:
        """Press a key and wait until the screen has changed and is not empty."""
        before = (self.terminal.text, self.terminal.screen.cursor.y)
        self.terminal.press(key)
        self.terminal.until(
            lambda t: bool(t.text.strip()) and (t.text, t.screen.cursor.y) != before
        )

    def submit(self) -> str:
        """Submit at the review, confirm the receipt, and end; returns the receipt."""
        self.terminal.press("end").until("» s. Submit")
        self.terminal.press("enter").until(lambda t: len(groups_of(t)) == 5)
        receipt = "".join(groups_of(self.terminal))
        self.terminal.press("1")
        return receipt


def middle(step: Step) -> str:
    """The code of the option in the middle of a list."""
    return step.options[len(step.options) // 2].code


Page = tuple[str, str, frozenset[str]]
"""The key, the question and the options of a step, independent of their order."""


def page_of(interview: Interview, step: Step) -> Page:
    """The page of a step."""
    listed = entries(step, letters=True)
    stem = view_of(interview, step).stem
    return step.key, stem, frozenset(entry.label for entry in listed)


def pages_on(route: str) -> Iterator[Page]:
    """The pages with a list on a route."""
    choices = {"consent": "yes", **ROUTES[route]}
    interview = Interview.begin(LOADED.questionnaire)
    while (step := interview.step) is not None:
        if step.asks == "text":
            interview = interview.answer("Words")
        elif step.asks == "number":
            interview = interview.answer(12)
        else:
            yield page_of(interview, step)
            code = choices.get(step.item.id) or middle(step)
            interview = interview.answer([code] if step.asks == "some" else code)


@cache
def new_pages(route: str) -> frozenset[Page]:
    """The pages on a route that are not on any earlier route."""
    before = [*ROUTES][: [*ROUTES].index(route)]
    return frozenset(pages_on(route)).difference(*map(pages_on, before))


def groups_of(terminal: Terminal) -> list[str]:
    """The groups of a receipt on the screen."""
    return re.findall(r"\b[0-9A-HJKMNP-TV-Z]{4}\b", terminal.flat)


def pointed(terminal: Terminal, number: int | str) -> bool:
    """True if the option with this number or letter is selected."""
    return any(line.lstrip().startswith("»") and f" {number}. " in line for line in terminal.lines)
