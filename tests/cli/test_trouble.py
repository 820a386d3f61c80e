"""A disk error in the middle of an interview: the person is asked how to continue."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli import files
from microcred_cli.errors import ExitCode, Paused, StoreError
from microcred_cli.interview import Finished, Interview
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.shapes import Draft, reference
from microcred_cli.session.draft_keeper import Kept
from microcred_cli.session.options import Choices
from microcred_cli.session.restore import interview_of
from microcred_cli.session.session import Session
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.folder import Responses

if TYPE_CHECKING:
    from pathlib import Path

LOADED = load("mc_employers")
CODE = "ABCDEF0"


class Screen:
    """A person who follows a script; the messages shown are recorded."""

    note: Any = None
    elapsed: Any = None
    watched = True
    interrupted = False

    def __init__(self, *does: str | None) -> None:
        self.does = list(does)
        self.heard: list[str] = []
        self.offered: list[tuple[str, ...]] = []

    def choose(self, question: str, options: tuple[tuple[str, str], ...], **_: bool) -> str | None:
        self.heard.append(question)
        self.offered.append(tuple(code for code, _label in options))
        chosen = self.does.pop(0)
        assert chosen is None or chosen in self.offered[-1]
        return chosen

    def type_in(self, _question: str, _how: str, problem: str = "", **_: int) -> str:
        self.heard.append(problem)
        return self.does.pop(0) or ""

    def say(self, text: str) -> None:
        self.heard.append(text)

    def receipt(self, _code: str, text: str) -> str:
        self.heard.append(text)
        return "noted"


class Broken:
    """Folders in which no file can be written, or only after several tries."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: dict[Path, int] = {}
        for name in ("replace_durably", "create_durably", "remove_durably"):
            monkeypatch.setattr(files, name, self._breaking(getattr(files, name)))

    def _breaking(self, real: Any) -> Any:
        def write(*arguments: Any, **named: Any) -> Any:
            for folder, left in self.left.items():
                if arguments and arguments[0].is_relative_to(folder) and left:
                    self.left[folder] -= 1
                    raise StoreError("The disk reported an error.", hint="Choose another.")
            return real(*arguments, **named)

        return write


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    return Broken(monkeypatch)


def begun(folder: Path, screen: Screen) -> tuple[Session, Interview]:
    """A session, and an interview whose first question has been answered and saved."""
    drafts = Drafts(folder / "state")
    drafts.prepare()
    drafts.keep_definition(LOADED.sha256, LOADED.source)
    responses = Responses(folder / "responses")
    responses.prepare("mc_employers")
    draft = Draft(
        code=CODE,
        questionnaire=reference(LOADED),
        begun="2026-01-01",
        expires="2099-01-01",
        mode="self",
        language="en",
        seed=3,
        responses=str(folder / "responses"),
    )
    shown: Any = screen
    session = Session(
        drafts, draft, LOADED, shown, ExitStack(), responses=responses, choices=Choices()
    )
    interview = Interview.begin(LOADED.questionnaire, seed=3, spoken=LOADED.languages)
    interview = interview.answer("yes")
    session.keep(interview)
    assert session.kept is Kept.ALL
    return session, interview.answer("employer")


def given(folder: Path) -> dict[str, Any]:
    """The answers in the draft in a folder, resumed as by the next run."""
    return dict(interview_of(Drafts(folder).load(CODE), LOADED).given)


BOTH = {"consent": ("yes",), "org_role": ("employer",)}


def plain(answers: dict[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, tuple) else (value,) for key, value in answers.items()}


class TestAnAnswer:
    def test_goes_on_in_memory_and_is_saved_with_the_next(
        self, tmp_path: Path, broken: Broken
    ) -> None:
        session, interview = begun(tmp_path, screen := Screen("GO_ON"))
        broken.left[tmp_path / "state"] = 1
        session.keep(interview)
        assert "The disk reported an error. Choose another." in screen.heard[0]
        assert session.kept is Kept.EARLIER
        session.keep(interview.answer("FI"))
        assert plain(given(tmp_path / "state")) == {**BOTH, "country": ("FI",)}

    def test_is_tried_again_as_often_as_wanted(self, tmp_path: Path, broken: Broken) -> None:
        session, interview = begun(tmp_path, screen := Screen("AGAIN", "AGAIN", "AGAIN"))
        broken.left[tmp_path / "state"] = 3
        session.keep(interview)
        assert len(screen.heard) == 3
        assert plain(given(tmp_path / "state")) == BOTH

    def test_is_saved_in_another_folder_and_nowhere_else(
        self, tmp_path: Path, broken: Broken, capsys: pytest.CaptureFixture[str]
    ) -> None:
        elsewhere = tmp_path / "else"
        does = ("ELSEWHERE", "relative", str(tmp_path / "link"), str(elsewhere))
        (tmp_path / "link").symlink_to(tmp_path)
        session, interview = begun(tmp_path, screen := Screen(*does))
        broken.left[tmp_path / "state"] = 1
        session.keep(interview)
        assert "not a full path" in screen.heard[2]
        assert "symbolic link" in screen.heard[3]
        assert str(elsewhere) in screen.heard[-1]
        assert plain(given(elsewhere)) == BOTH
        assert Drafts(tmp_path / "state").codes() == []
        session.paused(Paused(interrupted=False))
        assert f"MICROCRED_STATE={elsewhere}" in capsys.readouterr().err

    def test_can_go_back_to_where_it_was(self, tmp_path: Path, broken: Broken) -> None:
        state, elsewhere = tmp_path / "state", tmp_path / "else"
        does = ("ELSEWHERE", str(state), str(elsewhere), "ELSEWHERE", str(state))
        session, interview = begun(tmp_path, screen := Screen(*does))
        session.stack.enter_context(session.drafts.held(CODE))
        broken.left[state] = 2
        session.keep(interview)
        assert plain(given(elsewhere)) == BOTH
        broken.left[elsewhere] = 1
        session.keep(interview.answer("FI"))
        assert screen.does == []
        assert plain(given(state)) == {**BOTH, "country": ("FI",)}
        assert Drafts(elsewhere).codes() == []
        session.leave()

    def test_is_asked_about_again_if_no_folder_is_named(
        self, tmp_path: Path, broken: Broken
    ) -> None:
        session, interview = begun(tmp_path, screen := Screen("ELSEWHERE", "", "GO_ON"))
        broken.left[tmp_path / "state"] = 2
        session.keep(interview)
        assert screen.does == []

    def test_survives_a_language_whose_texts_cannot_be_kept(
        self, tmp_path: Path, broken: Broken
    ) -> None:
        session, interview = begun(tmp_path, Screen("GO_ON", "AGAIN"))
        broken.left[tmp_path / "state"] = 1
        session.keep(interview.speak("de"))
        broken.left[tmp_path / "state" / "definitions"] = 1
        session.keep(interview.speak("de").answer("FI"))
        assert plain(given(tmp_path / "state")) == {**BOTH, "country": ("FI",)}


class TestAPause:
    def test_does_not_end_while_answers_are_in_memory_only(
        self, tmp_path: Path, broken: Broken, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session, interview = begun(tmp_path, screen := Screen("GO_ON", "AGAIN", None, "AGAIN"))
        broken.left[tmp_path / "state"] = 4
        session.keep(interview)
        assert session.paused(Paused(interrupted=True)) == ExitCode.INTERRUPTED
        assert screen.does == []
        assert screen.offered[1] == ("AGAIN", "ELSEWHERE", "LOSE")
        assert plain(given(tmp_path / "state")) == BOTH
        assert "could not be saved" not in capsys.readouterr().err

    @pytest.mark.parametrize("does", [("LOSE",), (None, None)], ids=["chosen", "left twice"])
    def test_ends_where_the_person_gives_them_up(
        self,
        tmp_path: Path,
        broken: Broken,
        capsys: pytest.CaptureFixture[str],
        does: tuple[str | None, ...],
    ) -> None:
        session, interview = begun(tmp_path, screen := Screen("GO_ON", *does))
        broken.left[tmp_path / "state"] = -1
        session.keep(interview)
        assert session.paused(Paused(interrupted=False)) == ExitCode.STORAGE
        assert screen.does == []
        said = capsys.readouterr().err
        assert "The last answers could not be saved" in said
        assert "The earlier answers are kept" in said
        assert plain(given(tmp_path / "state")) == {"consent": ("yes",)}

    def test_can_save_them_in_another_folder(self, tmp_path: Path, broken: Broken) -> None:
        elsewhere = tmp_path / "else"
        session, interview = begun(tmp_path, Screen("GO_ON", "ELSEWHERE", str(elsewhere)))
        broken.left[tmp_path / "state"] = -1
        session.keep(interview)
        assert session.paused(Paused(interrupted=False)) == ExitCode.DONE
        assert plain(given(elsewhere)) == BOTH


class TestTheEnd:
    @pytest.mark.parametrize("way", ["..", "a linked folder above"])
    def test_the_same_folder_in_other_words_keeps_the_response(
        self, tmp_path: Path, broken: Broken, way: str
    ) -> None:
        (tmp_path / "in").mkdir()
        base = tmp_path / "in"
        (tmp_path / "link").symlink_to(base)
        other = base / "state" / ".." if way == ".." else tmp_path / "link"
        session, interview = begun(base, screen := Screen("ELSEWHERE", str(other / "responses")))
        broken.left[base / "responses"] = 1
        assert self.finish(session, interview) == ExitCode.DONE
        assert screen.does == []
        assert len(Responses(base / "responses").names()) == 1

    def finish(self, session: Session, interview: Interview) -> int:
        while (step := interview.step) is not None:
            options = [o.code for o in step.options if not o.ends]
            answer: object = options[0] if options else "Words"
            if step.asks == "number":
                answer = 7
            interview = interview.answer([answer] if step.asks == "some" else answer)
        session.keep(interview)
        return session.finish(Finished(interview, "complete"))

    def stored(self, folder: Path) -> int:
        return len([*folder.glob("*.json")]) - 1 if folder.is_dir() else 0

    def test_the_response_goes_to_another_folder_and_leaves_nothing_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        elsewhere = tmp_path / "else"
        session, interview = begun(tmp_path, screen := Screen("ELSEWHERE", str(elsewhere)))
        real = Responses._create

        def create(self: Responses, path: Path, data: bytes) -> Path:
            if path.parent == tmp_path / "responses":
                raise StoreError("The disk is full.", hint="Free some space.")
            return real(self, path, data)

        monkeypatch.setattr(Responses, "_create", create)
        assert self.finish(session, interview) == 0
        assert (self.stored(tmp_path / "responses"), self.stored(elsewhere)) == (0, 1)
        assert [*(tmp_path / "responses" / "texts").glob("*.json")] == []
        assert [*(elsewhere / "texts").iterdir()]
        assert str(elsewhere) in screen.heard[-1]
        assert Drafts(tmp_path / "state").codes() == []

    def test_a_folder_of_another_questionnaire_is_refused(
        self, tmp_path: Path, broken: Broken
    ) -> None:
        other, elsewhere = tmp_path / "other", tmp_path / "else"
        Responses(other).prepare("cafe")
        does = ("ELSEWHERE", str(other), str(elsewhere))
        session, interview = begun(tmp_path, screen := Screen(*does))
        broken.left[tmp_path / "responses"] = -1
        assert self.finish(session, interview) == 0
        assert "The folder was created for" in screen.heard[2]
        assert self.stored(elsewhere) == 1

    def test_a_draft_that_cannot_be_written_hinders_nothing(
        self, tmp_path: Path, broken: Broken, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session, interview = begun(tmp_path, Screen("GO_ON"))
        broken.left[tmp_path / "state"] = -1
        assert self.finish(session, interview) == 0
        assert self.stored(tmp_path / "responses") == 1
        assert "The draft could not be deleted" in capsys.readouterr().err

    def test_the_program_stays_while_neither_can_be_written(
        self, tmp_path: Path, broken: Broken
    ) -> None:
        does = ("GO_ON", "AGAIN", None, "AGAIN", "ELSEWHERE", str(tmp_path / "else"))
        session, interview = begun(tmp_path, screen := Screen(*does))
        broken.left[tmp_path / "state"] = broken.left[tmp_path / "responses"] = -1
        assert self.finish(session, interview) == 0
        assert screen.does == []
        assert {offer[-1] for offer in screen.offered[1:]} == {"LOSE"}
        assert self.stored(tmp_path / "else") == 1

    def test_what_was_taken_back_and_cannot_be_deleted_is_said(
        self, tmp_path: Path, broken: Broken, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session, interview = begun(tmp_path, Screen())
        broken.left[tmp_path / "state"] = -1
        assert session.finish(Finished(interview, "discarded")) == ExitCode.STORAGE
        said = capsys.readouterr().err
        assert "The draft could not be deleted" in said
        assert "Your answers are deleted" not in said


def test_where_nobody_types_it_is_said_and_nothing_is_asked(tmp_path: Path, broken: Broken) -> None:
    session, interview = begun(tmp_path, screen := Screen())
    screen.watched = False
    broken.left[tmp_path / "state"] = 1
    session.keep(interview)
    assert "Not saved yet" in screen.heard[0]
    assert screen.offered == []
