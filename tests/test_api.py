"""The Python interface: a store refuses everything that the commands refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli import Interview, Store, load, run
from microcred_cli.errors import UsageError
from microcred_cli.interview import Close, Given

if TYPE_CHECKING:
    from pathlib import Path


class First:
    """Chooses the first option of every list."""

    def ask(self, _interview: Any, step: Any, _problem: object) -> Any:
        if step.asks == "number":
            return Given(step.item.minimum)
        if step.asks == "text":
            return Given("typed")
        first = step.options[0].code
        return Given([first] if step.asks == "some" else first)

    def close(self, _interview: object) -> Close:
        return Close()


def refused(store: Store, folder: Path, interview: Interview, words: str) -> None:
    """The interview is not stored, and nothing is written."""
    with pytest.raises(UsageError, match=words):
        store.store(run(interview, First()))
    assert not folder.exists()


@pytest.mark.parametrize("changed", ["id: mc_employers", "Taking part is voluntary"])
def test_an_interview_of_another_questionnaire_is_not_stored(tmp_path: Path, changed: str) -> None:
    path = load("mc_employers").path
    assert path is not None
    other = tmp_path / "other.yaml"
    text = path.read_text(encoding="utf-8")
    assert changed in text
    other.write_text(text.replace(changed, f"{changed}_too", 1), encoding="utf-8")
    interview = Interview.begin(load(other).questionnaire)
    refused(Store(tmp_path / "r"), tmp_path / "r", interview, "different questionnaires")
    assert Store(tmp_path / "o", str(other)).store(run(interview, First()))


def test_an_interview_in_another_language_is_stored(tmp_path: Path) -> None:
    loaded = load("mc_employers")
    interview = Interview.begin(loaded.languages["de"], language="de", spoken=loaded.languages)
    assert Store(tmp_path / "r").store(run(interview, First()))


def test_full_detail_is_for_encrypted_folders_only(tmp_path: Path) -> None:
    interview = Interview.begin(load("mc_employers").questionnaire, detail="full")
    refused(Store(tmp_path / "r"), tmp_path / "r", interview, "full detail")


@pytest.mark.parametrize("count", [0, -1, 10_000_001])
def test_a_number_that_cannot_be_made_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(UsageError, match="cannot be generated"):
        Store(tmp_path / "r").simulate(count, seed=1)
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("reply", ["yes", None])
def test_what_is_not_a_reply_is_not_asked_for_again(reply: object) -> None:
    class Forgetful(First):
        def ask(self, _interview: Any, _step: Any, _problem: object) -> Any:
            return reply

    with pytest.raises(TypeError, match="such as Given"):
        run(Interview.begin(load("mc_employers").questionnaire), Forgetful())
