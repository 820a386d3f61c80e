"""A progress bar for operations that take more than a second and whose progress is known."""

from __future__ import annotations

import io
import time
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cli.progress_bar import shown

if TYPE_CHECKING:
    from tests.cli.program import Place


class Screen(io.StringIO):
    """Standard error, connected to a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microcred_cli.cli.progress_bar._WORTH_SHOWING", 0.05)
    monkeypatch.setenv("TERM", "xterm")


def seen(screen: io.StringIO, text: str) -> bool:
    """Whether a text appears on the screen within ten seconds."""
    until = time.monotonic() + 10
    while text not in screen.getvalue() and time.monotonic() < until:
        time.sleep(0.01)
    return text in screen.getvalue()


def test_work_that_tells_nothing_of_itself_is_shown_too() -> None:
    with redirect_stderr(Screen()) as screen, shown("Withdrawing"):
        assert seen(screen, "Withdrawing")
    assert "%" not in screen.getvalue()


def test_each_stage_is_called_by_its_name() -> None:
    with redirect_stderr(Screen()) as screen, shown("Sealing") as work:
        assert seen(screen, "Sealing")
        work(10, 40)
        assert seen(screen, "25%")
        work.stage("Computing figures")
        assert seen(screen, "Computing figures")


def test_nothing_is_drawn_after_the_end() -> None:
    with redirect_stderr(Screen()) as screen, shown("Sealing") as work:
        pass
    before = screen.getvalue()
    time.sleep(0.1)
    work(1, 2)
    assert screen.getvalue() == before


def test_a_seal_says_when_it_makes_figures(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "microcred_cli.cli.progress_bar.Work._tell", lambda _, what, *__: told.append(what)
    )
    assert place.simulate(12).code == 0
    assert place.run("seal").code == 0
    assert list(dict.fromkeys(told)) == ["Generating", "Sealing", "Computing figures"]
    told.clear()
    assert place.run("seal").code == 0
    assert "Computing figures" not in told
