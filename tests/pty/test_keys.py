"""Every key of the footer, at every kind of question."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from microcred_cli.interview import question_numbers
from tests.pty.prepared import PROVIDES, answers_before, resume_behind
from tests.pty.walker import ROUTES, Walker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHOICES = {"consent": "yes", **ROUTES["employer-provides"], "terms_used": "other"}
KINDS = {
    "country": "a list with search",
    "size_class": "a short list",
    "terms_used": "a list to tick",
    "terms_used.other": "the text of an option",
    "mc_provided": "a number",
    "mc_example": "a text",
    "purpose_usefulness": "a row of a matrix",
    "trust_conditions": "a rank",
}


@pytest.fixture
def to(tmp_path: Path) -> Iterator[Callable[[str], Walker]]:
    """A function that goes to the question with a key, or the first of its item."""
    with ExitStack() as stack:

        def go(key: str) -> Walker:
            before = answers_before(PROVIDES, key.partition(".")[0])
            begun = resume_behind(tmp_path, PROVIDES, before - 1, columns=60, rows=20)
            walker = Walker(stack.enter_context(begun), CHOICES)
            while (step := walker.interview.step) and key not in (step.key, step.item.id):
                walker.step()
            assert step is not None
            walker.reach(walker.interview, step)
            return walker

        yield go


@pytest.fixture
def walker(tmp_path: Path) -> Iterator[Walker]:
    """A person at the review, with all questions answered."""
    with resume_behind(tmp_path, PROVIDES, None, columns=60, rows=20) as terminal:
        yield Walker(terminal, CHOICES)


@pytest.mark.parametrize("key", KINDS, ids=KINDS.values())
def test_every_key_works_at_every_kind_of_question(to: Callable[[str], Walker], key: str) -> None:
    walker = to(key)
    terminal, interview = walker.terminal, walker.interview
    step = interview.step
    assert step is not None
    given = terminal.given()
    before = interview.back().step
    assert before is not None

    terminal.press("f1").until("Help")
    walker.press("shift-tab")
    walker.reach(interview, step)
    terminal.press("ctrl-o").until("Menu").until("Pause and go on later")
    walker.press("shift-tab")
    walker.reach(interview, step)
    walker.press("shift-tab")
    walker.reach(interview.back(), before)
    assert terminal.given() == given
    walker.press("enter")
    walker.reach(interview, step)
    assert terminal.given() == given
    terminal.press("ctrl-c").until("To go on:")
    assert terminal.finish() == 130
    assert terminal.given() == given


@pytest.mark.parametrize("key", ["country", "terms_used", "mc_provided", "mc_example"])
def test_ctrl_d_pauses_too(to: Callable[[str], Walker], key: str) -> None:
    walker = to(key)
    walker.terminal.press("ctrl-d").until("To go on:")
    assert walker.terminal.finish() == 130


def test_a_pause_from_the_menu_is_no_interruption(to: Callable[[str], Walker]) -> None:
    walker = to("country")
    walker.terminal.press("ctrl-o").until("Pause and go on later")
    walker.point_at("Pause")
    walker.terminal.press("enter").until("To go on:")
    assert walker.terminal.finish() == 0


def test_the_definition_can_be_read_again_at_any_question(to: Callable[[str], Walker]) -> None:
    walker = to("size_class")
    walker.terminal.press("ctrl-o").until("What is a micro-credential?")
    walker.point_at("What is a")
    walker.terminal.press("enter").until("a document that states")


def test_back_to_the_first_question_and_forward_again_keeps_every_answer(walker: Walker) -> None:
    walker.to_review()
    terminal = walker.terminal
    given = terminal.given()
    steps = walker.interview.steps
    keys = [step.key for step in steps if walker.interview.entered(step) == step.key]
    interview = walker.interview
    for _ in keys:
        interview = interview.back()
        walker.press("shift-tab")
        assert interview.step is not None
        walker.reach(interview, interview.step)
    assert interview.at == keys[0]
    for key in keys:
        assert interview.step is not None
        assert interview.step.key == key
        walker.reach(interview, interview.step)
        walker.press("enter")
        value = (
            interview.texts.get(key, "") if interview.step.asks == "text" else interview.given[key]
        )
        interview = interview.answer(value)
    terminal.until("Every question is answered")
    assert terminal.given() == given


def test_changing_the_involvement_on_the_review_closes_and_opens_items(walker: Walker) -> None:
    walker.to_review()
    terminal = walker.terminal
    before = {step.item.id for step in walker.interview.steps}
    assert "mc_provided" in before
    change_involvement(walker, {"awards": 1}, {"not_aware": 10})
    terminal.until("no longer count")
    walker.to_review()
    after = {step.item.id for step in walker.interview.steps}
    assert before - after >= {"mc_provided", "mc_example", "employer_use"}
    change_involvement(walker, {}, {"awards": 1})
    terminal.until("is worded differently now")
    walker.to_review()
    assert {step.item.id for step in walker.interview.steps} == before


def change_involvement(walker: Walker, untick: dict[str, int], tick: dict[str, int]) -> None:
    """Go to the involvement question from the review, deselect and select options, and continue."""
    terminal = walker.terminal
    number = question_numbers(walker.interview)["involvement"]
    terminal.press(number).until(lambda t: f"» {number}." in " ".join(t.text.split()))
    interview = walker.interview.jump("involvement")
    walker.press("enter")
    assert interview.step is not None
    walker.reach(interview, interview.step)
    for option in (*untick.values(), *tick.values()):
        terminal.press(str(option)).until(
            lambda t, n=option: any(  # type: ignore[misc]
                line.lstrip().startswith("»") and f" {n}. " in line for line in t.lines
            )
        )
        before = terminal.text
        terminal.press("space").until(lambda t, b=before: t.text != b)  # type: ignore[misc]
    terminal.press("enter")
