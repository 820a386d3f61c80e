"""The results of actions, independent of the interface that displays them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from microcred_cli.errors import InvalidAnswer
from microcred_cli.interview import (
    Back,
    Discard,
    Given,
    GoTo,
    HandIn,
    Pause,
    Remark,
    Speak,
)
from microcred_cli.terminal.actions import FLOW, Place, act, confirm_number, confirm_text
from microcred_cli.terminal.key_map import Action
from tests.terminal.playing import begin, item, options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.interview import Interview, Reply
    from microcred_cli.questionnaire.models import Integer
    from microcred_cli.terminal.list_rows import Row
    from microcred_cli.terminal.page_wording import Blocks

MAIL = "write to anna@example.org"


@dataclass
class Scripted:
    """An interface whose user selects these codes, and types these remarks."""

    picks: list[str | Reply | None] = field(default_factory=list)
    remarks: list[str | None] = field(default_factory=list)
    languages: tuple[str, ...] = ("en", "de")
    background: Blocks = (("paragraph", "Why we ask."),)
    outlines: bool = False
    has_lists_before: bool = False
    one_key: bool | None = None
    watched: bool = True
    on_screen: bool = True
    offered: list[list[str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def pick(
        self,
        question: str,
        rows: Sequence[Row],
        here: Place | None,  # noqa: ARG002 - the interface of a surface
        *,
        before: tuple[str, ...] = (),
        pointed: str | None = None,  # noqa: ARG002 - the interface of a surface
    ) -> str | Reply | None:
        self.said += [*before, question]
        self.offered.append([row.code for row in rows if not row.heading])
        return self.picks.pop(0)

    def read(self, title: str, blocks: Blocks, here: Place | None) -> None:  # noqa: ARG002
        self.said += [text for _, text in blocks]

    def take_leave(self, words: str, rows: Sequence[Row]) -> str | None:
        picked = self.pick(words, rows, None)
        assert picked is None or isinstance(picked, str)
        return picked

    def menu(self, here: Place, actions: Sequence[Action]) -> Action:  # noqa: ARG002
        return Action(self.picks.pop(0))

    def help(self, here: Place, texts: Sequence[str]) -> None:  # noqa: ARG002
        self.said += texts

    def type_remark(self, here: Place, earlier: str) -> str | None:
        self.said.append(earlier)
        return here.words or self.remarks.pop(0)

    def show(self, here: Place) -> None:
        self.said.append(here.interview.language)


def two_questions(mode: str = "self") -> Interview:
    first = item("single", options=options("One", "Two"))
    second = item("integer", minimum=0, maximum=100, confirm_above=10)
    begun = begin(first, {**second, "id": "q2"}, closing={"refused": "That is all right."})
    return replace(begun, mode=mode).answer("a")  # type: ignore[arg-type]


def at(mode: str = "self", words: str = "") -> Place:
    interview = two_questions(mode)
    return Place(interview, interview.step, words)


def test_every_action_leads_somewhere() -> None:
    assert set(FLOW) == set(Action)


@pytest.mark.parametrize(
    ("action", "pick", "reply"),
    [
        (Action.LANGUAGE, "de", Speak("de")),
        (Action.GO_TO, "q1", GoTo("q1")),
        (Action.HAND_IN, "handin", HandIn()),
        (Action.HAND_IN, "return", None),
        (Action.DISCARD, "delete", Discard()),
        (Action.DISCARD, "return", None),
        (Action.BREAK_OFF, "keep", HandIn()),
        (Action.BREAK_OFF, "return", None),
        (Action.MENU, "pause", Pause()),
        (Action.MENU, "back", Back()),
    ],
)
def test_a_choice_is_turned_into_a_reply(action: Action, pick: str, reply: Reply | None) -> None:
    assert act(Scripted([pick]), action, at()) == reply


@pytest.mark.parametrize("action", [Action.LANGUAGE, Action.GO_TO, Action.HAND_IN, Action.DISCARD])
@pytest.mark.parametrize("left", [None, Pause()])
def test_whoever_leaves_a_list_chooses_nothing(action: Action, left: Reply | None) -> None:
    assert act(Scripted([left]), action, at()) == left


def test_a_question_is_gone_to_by_its_number() -> None:
    assert act(Scripted(), Action.GO_TO, at(words="1")) == GoTo("q1")
    with pytest.raises(InvalidAnswer, match="not the number of an answer"):
        act(Scripted(), Action.GO_TO, at(words="2"))


def test_an_outline_leads_to_the_open_question_too() -> None:
    surface = Scripted(["q2"], outlines=True)
    assert act(surface, Action.GO_TO, at("phone")) == GoTo("q2")
    assert surface.offered == [["q1", "q2"]]


def test_who_breaks_off_is_thanked() -> None:
    surface = Scripted(["delete", "delete"])
    assert act(surface, Action.BREAK_OFF, at("phone")) == Discard()
    assert "That is all right." in surface.said
    assert surface.offered == [["delete", "return"], ["delete", "return"]]


@pytest.mark.parametrize("back", ["return", None])
def test_the_farewell_of_a_break_off_leads_back(back: str | None) -> None:
    assert act(Scripted(["delete", back]), Action.BREAK_OFF, at("phone")) is None


def test_a_remark_without_identifiers_is_taken_at_once() -> None:
    assert act(Scripted(remarks=["A long pause"]), Action.REMARK, at("phone")) == Remark(
        "A long pause"
    )


def test_a_remark_can_be_changed_before_identifiers_are_replaced() -> None:
    surface = Scripted(["change", "keep"], [MAIL])
    remark = act(surface, Action.REMARK, at("phone", MAIL))
    assert remark == Remark("write to [removed: e-mail]")
    assert MAIL in surface.said


def test_a_number_larger_than_expected_is_confirmed() -> None:
    here = at()
    asked: Integer = here.interview.step.item  # type: ignore[union-attr,assignment]
    assert confirm_number(Scripted(), 10, asked, here) == Given(10)
    assert confirm_number(Scripted(["yes"]), 11, asked, here) == Given(11)
    assert confirm_number(Scripted(["no"]), 11, asked, here) is None
    assert confirm_number(Scripted(watched=False), 11, asked, here) == Given(11)


def test_a_text_with_identifiers_is_confirmed() -> None:
    replaced = Given("write to [removed: e-mail]")
    assert confirm_text(Scripted(), "Nothing", 99, at()) == Given("Nothing")
    assert confirm_text(Scripted(["keep"]), MAIL, 99, at()) == replaced
    assert confirm_text(Scripted(["change"]), MAIL, 99, at()) is None
    assert confirm_text(Scripted(watched=False), MAIL, 99, at()) == replaced
