"""Every page of the built-in questionnaire on small screens: answers, keys and widths."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput

from microcred_cli import i18n
from microcred_cli.errors import Paused
from microcred_cli.interview import Interview
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.interviewer_script import is_read_one_by_one
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.page_wording import View, view_of
from microcred_cli.terminal.prompt import Chosen, Outcome, Prompt
from microcred_cli.terminal.read_prompt import ReadPrompt
from microcred_cli.terminal.rich_asker import RichAsker
from microcred_cli.terminal.wrapping import width_of
from microcred_cli.terminal.yes_no_prompt import YesNoPrompt
from tests.pty.walker import ROUTES, middle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interview import Step

BUILT_IN = load("mc_employers")
LONGEST = max(
    BUILT_IN.languages,
    key=lambda code: sum(map(len, BUILT_IN.languages.texts(code).values())) if code != "en" else 0,
)


class Sized(DummyOutput):
    """An output of a fixed size that draws nothing."""

    def __init__(self, columns: int, rows: int) -> None:
        self.size = Size(rows=rows, columns=columns)

    def get_size(self) -> Size:
        return self.size


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    yield
    i18n.speak("en")


@cache
def moments(language: str, mode: str) -> tuple[Interview, ...]:
    """The interview at every page that differs from all others, on all routes."""
    found: dict[object, Interview] = {}
    for choices in ROUTES.values():
        interview = Interview.begin(
            BUILT_IN.questionnaire,
            mode=mode,  # type: ignore[arg-type]
            language=language,
            seed=3,
            spoken=BUILT_IN.languages,
        )
        while (step := interview.step) is not None:
            found.setdefault((step.key, interview.stem(step), step.options), interview)
            interview = interview.answer(_value(step, {"consent": "yes", **choices}))
    return tuple(found.values())


def _value(step: Step, choices: dict[str, str]) -> object:
    if step.asks == "text":
        return "Words"
    if step.asks == "number":
        return 12
    code = choices.get(step.item.id) or middle(step)
    return [code] if step.asks == "some" else code


def prompts(interview: Interview, size: tuple[int, int]) -> Iterator[Prompt]:
    """The pages shown at the current question, each before any key is pressed.

    After options that are read one by one, that is also the page for who says no to all of them.
    """
    shown: list[Prompt] = []

    def run(prompt: Prompt) -> Outcome:
        shown.append(prompt)
        if isinstance(prompt, ReadPrompt | YesNoPrompt):
            return Chosen()
        raise Paused(interrupted=True)

    with create_app_session(input=DummyInput(), output=Sized(*size)):
        asker = RichAsker() if interview.mode == "self" else InterviewerAsker(introduction=())
        asker._pages.run = run  # type: ignore[method-assign]
        assert interview.step is not None
        asker.ask(interview, interview.step, None)
        yield from shown


def drawn(prompt: Prompt, size: tuple[int, int]) -> list[str]:
    """The lines of a page, none of which is cut off by the screen."""
    lines = ["".join(text for style, text in line if "[" not in style) for line in prompt.lines()]
    assert len(lines) <= size[1], lines
    assert max(map(width_of, lines)) < size[0], lines
    return lines


def flat(lines: list[str]) -> str:
    return words(" ".join(lines))


def words(text: str) -> str:
    return " ".join(text.replace("┃ ", "").split())


def asked_for(prompt: Prompt, view: View) -> list[str]:
    """Everything that a page must show: the question, and the answers that can be given there."""
    rows = prompt.rows if isinstance(prompt, ListPrompt) else view.entries
    return [words(text) for text in (view.stem, *(row.label for row in rows))]


@pytest.mark.parametrize("mode", ["self", "phone"])
@pytest.mark.parametrize("language", ["en", LONGEST])
def test_every_page_shows_all_its_answers_at_80_columns(language: str, mode: str) -> None:
    size = (80, 24)
    offered, seen = set(), set()
    for interview in moments(language, mode):
        assert interview.step is not None
        view = view_of(interview, interview.step)
        offered |= set() if view.searches else {entry.label for entry in view.entries}
        for page in prompts(interview, size):
            lines = drawn(page, size)
            if view.searches or isinstance(page, ReadPrompt):
                continue
            missing = [text for text in asked_for(page, view) if text not in flat(lines)]
            assert not missing, (missing, lines)
            assert "Ctrl-O" in lines[-1]
            if mode == "self":
                assert i18n._("Enter: choose").split()[0] in lines[-1]
            seen |= {row.label for row in getattr(page, "rows", ())}
    assert offered <= seen


@pytest.mark.parametrize("mode", ["self", "phone"])
@pytest.mark.parametrize("language", ["en", LONGEST])
def test_nothing_is_cut_at_60_columns(language: str, mode: str) -> None:
    size = (60, 20)
    for interview in moments(language, mode):
        *before, page = prompts(interview, size)
        assert interview.step is not None
        view, lines = view_of(interview, interview.step), drawn(page, size)
        for prompt in before:
            drawn(prompt, size)
        assert words(view.stem) in flat(lines), (view.stem, lines)
        assert words(view.part) in flat(lines)
        assert "Ctrl-O" in lines[-1]
        if isinstance(page, ListPrompt) and not view.searches:
            for row in page.rows:
                shown = f"{row.sign}. {row.label[:8]}"
                assert row.code not in MISSING_LABELS or not row.sign or shown in flat(lines)
            for row in page.rows:
                page._step(0 if row.heading else 1)
                assert row.heading or words(page.rows[page._at].label) in flat(drawn(page, size))


@pytest.mark.parametrize("mode", ["self", "phone"])
@pytest.mark.parametrize("language", ["en", "de", "es", "fi", "fr", "nl", "pl", "sl"])
def test_the_footer_has_the_keys_that_answer_at_60_columns(language: str, mode: str) -> None:
    seen = set()
    for interview in moments(language, mode):
        step = interview.step
        assert step is not None
        kind = (step.asks, is_read_one_by_one(step), getattr(step.item, "search", False))
        if kind in seen:
            continue
        seen.add(kind)
        *_, page = prompts(interview, (60, 20))
        if isinstance(page, YesNoPrompt | ReadPrompt):
            continue
        assert page.page.hints[-1] in drawn(page, (60, 20))[-1]
    assert len(seen) > 4
