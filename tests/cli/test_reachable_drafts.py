"""A draft can be resumed with every answer after any course of an interview."""

from __future__ import annotations

import json
import random
from contextlib import ExitStack, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.errors import InvalidAnswer, Paused
from microcred_cli.interview import Interview
from microcred_cli.questionnaire.loading import from_canonical, load
from microcred_cli.records.receipts import RESUME_SYMBOLS, new_code
from microcred_cli.records.shapes import Draft, reference
from microcred_cli.session.draft_keeper import keep_texts
from microcred_cli.session.options import Choices
from microcred_cli.session.restore import interview_of
from microcred_cli.session.session import Session
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.folder import Responses
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.rich_asker import RichAsker
from tests.terminal.playing import CTRL_C, ESCAPE, SHIFT_TAB, begin, item, options, play

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.questionnaire.loading import Loaded

LOADED = load("mc_employers")


@cache
def kept_alone(kept: str) -> Loaded:
    """The definition stored with a draft, with these translations."""
    return from_canonical(LOADED.source, LOADED.sha256, json.loads(kept))


class Screen:
    """A screen without any user input."""

    note: Any = None
    watched = True
    interrupted = False
    elapsed: Any = None

    unfinished: Any = None

    def choose(self, *asked: object) -> None:  # noqa: ARG002
        return None


def session_in(folder: Path, draft: Draft | None = None, screen: Any = None) -> Session:
    drafts = Drafts(folder / "state")
    drafts.prepare()
    drafts.keep_definition(LOADED.sha256, LOADED.source)
    draft = draft or Draft(
        code=new_code(RESUME_SYMBOLS),
        questionnaire=reference(LOADED),
        begun="2026-01-01",
        expires="2099-01-01",
        mode="self",
        language="en",
        seed=3,
        responses=str(folder / "responses"),
    )
    screen = screen or Screen()
    return Session(
        *(drafts, draft, LOADED, screen, ExitStack()),
        responses=Responses(folder / "responses"),
        choices=Choices(),
    )


def anything(step: Any, chance: random.Random) -> object:
    if step.asks == "text":
        return chance.choice(["", "Some words"]) if not step.accepts else "Some words"
    if step.asks == "number":
        return chance.choice([1, 7, *step.accepts])
    codes = [o.code for o in step.options if not (o.ends or o.exclusive)]
    if step.asks == "some":
        return chance.choice([[chance.choice(codes)], *step.accepts])
    return chance.choice([*codes, *step.accepts])


def test_a_remark_that_was_closed_before_a_pause_is_not_kept(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    session._at = "org_role"
    session.save(given={"consent": "yes"}, at="org_role", unsent_remark="Hal")
    session.paused(Paused(interrupted=True, unsent_remark="Half"))
    assert session.drafts.load(session.draft.code).unsent_remark == "Half"
    session.paused(Paused(interrupted=True))
    assert session.drafts.load(session.draft.code).unsent_remark == ""


@pytest.mark.parametrize(
    ("kind", "keys", "seen"),
    [("open", ["Half a sentence"], "> Half a sentence"), ("multiple", ["2", " "], "[x] 2. Beta")],
)
def test_input_on_a_page_left_before_the_pause_is_there_after_it(
    tmp_path: Path, kind: str, keys: list[str], seen: str
) -> None:
    more = {"max_length": 60} if kind == "open" else {"options": options("Alpha", "Beta")}
    asked = begin(
        item("single", options=options("Yes", "No")), {**item(kind, **more), "id": "q2"}
    ).answer("a")
    session = session_in(tmp_path, screen=RichAsker())

    session.save(given={"q1": "a"}, at="q2")

    def paused() -> int:
        return session.conduct(asked)

    play(paused, [*keys, SHIFT_TAB, CTRL_C])
    draft = session.drafts.load(session.draft.code)
    session = session_in(tmp_path, draft, RichAsker())
    assert seen in play(paused, [CTRL_C]).looks[0].text


def test_a_closed_remark_is_there_again_after_the_pause(tmp_path: Path) -> None:
    asked = begin(
        item("single", options=options("Yes", "No")),
        {**item("single", options=options("Yes", "No")), "id": "q2"},
    )
    asked = Interview.begin(asked.questionnaire, mode="phone").answer("a")
    session = session_in(tmp_path, screen=InterviewerAsker(introduction=()))

    session.save(given={"q1": "a"}, at="q2")

    def paused() -> int:
        return session.conduct(asked)

    play(paused, ["\x12", "They lau", ESCAPE, CTRL_C])
    draft = session.drafts.load(session.draft.code)
    session = session_in(tmp_path, draft, InterviewerAsker(introduction=()))
    assert "They lau" in play(paused, ["\x12", CTRL_C]).looks[1].text


@pytest.mark.parametrize("seed", range(12))
def test_every_draft_on_the_way_can_be_resumed(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    session = session_in(tmp_path)
    interview = Interview.begin(LOADED.questionnaire, seed=3, spoken=LOADED.languages)
    session._at = interview.at
    for _ in range(80):
        step = interview.step
        act = chance.choice(["answer"] * 6 + ["tick", "back", "go", "speak", "remark", "leave"])
        if step is None:
            interview = interview.back()
        elif act == "tick" and step.asks == "some":
            codes = [*(o.code for o in step.options), *step.accepts]
            session.screen.unfinished.marks[step.key] = {chance.choice(codes): True}
            session.note()
        elif act == "back":
            interview = interview.back()
        elif act == "go" and interview.given:
            with suppress(InvalidAnswer):
                interview = interview.jump(chance.choice([*interview.given]))
        elif act == "speak":
            interview = interview.speak(chance.choice([*LOADED.languages]))
        elif act == "remark":
            interview = interview.remark("A remark")
        elif act == "leave":
            session.screen.unfinished.texts["role"] = "half a"
            session.paused(Paused(interrupted=True))
            if not interview.given:
                return
            session = session_in(tmp_path, session.draft)
            session._at = interview.at
            continue
        else:
            interview = interview.answer(anything(step, chance))
        session.keep(interview)
        draft = session.drafts.load(session.draft.code)
        kept = session.drafts.kept_texts(LOADED.sha256)
        for loaded in (LOADED, kept_alone(json.dumps(kept))):
            again = interview_of(draft, loaded)
            assert again.given == interview.given
            assert again.remarks == interview.remarks
            assert again.language == interview.language
            assert draft.unfinished == session.screen.unfinished


def test_a_tick_at_a_reserved_code_comes_back(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    interview = Interview.begin(LOADED.questionnaire, seed=3, spoken=LOADED.languages)
    for value in ("yes", "employer", "FI", "nace21_c", "p10_49", "other", "", "3"):
        interview = interview.answer(value)
    session._at = interview.at
    session.keep(interview)
    step = interview.step
    assert step is not None
    session.screen.unfinished.marks[step.key] = {"dk": True}
    session.note()
    draft = session.drafts.load(session.draft.code)
    asker = RichAsker()
    asker.unfinished = draft.unfinished
    interview = interview_of(draft, LOADED)
    shown = play(lambda: asker.ask(interview, step, None), [CTRL_C]).looks[0].text
    assert "[x]  d. Don't know" in shown


def test_a_language_whose_texts_are_gone_stops_nobody(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    interview = Interview.begin(
        LOADED.questionnaire, seed=3, spoken=LOADED.languages, language="de"
    ).answer("yes")
    session.keep(interview)
    draft = session.drafts.load(session.draft.code)
    alone = from_canonical(LOADED.source, LOADED.sha256, {})
    again = interview_of(draft, alone)
    assert (again.language, again.given) == ("en", interview.given)


def test_texts_are_kept_with_the_draft_and_read_again(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    keep_texts(session.drafts, LOADED, "pl")
    kept = session.drafts.kept_texts(LOADED.sha256)
    assert kept == {"pl": dict(LOADED.languages.texts("pl"))}


def test_where_nothing_was_answered_no_draft_is_left(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    interview = Interview.begin(LOADED.questionnaire, seed=3, spoken=LOADED.languages)
    session._at = interview.at
    session.keep(interview.speak("de").remark("A name"))
    session.paused(Paused(interrupted=False))
    assert session.drafts.codes() == []
