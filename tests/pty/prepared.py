"""Interviews prepared in plain mode, so that terminal tests run only the part under test."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from microcred_cli.records.receipts import show
from tests.cli.program import Lines
from tests.harness import Terminal
from tests.hostile.working import at_work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli.program import Ran

UNAWARE = "representative unaware"
PROVIDES = "employer provides"


@cache
def _left_by(route: str, answers: int | None) -> Mapping[Path, str]:
    """The files in the state folder after a pause at a number of answers, or at the review."""
    with at_work() as place:
        typed = "\n".join([*Lines(route).until()[:answers], ":pause", ""])
        assert place.run("respond", "--plain", typed=typed).code == 0
        files = [path for path in place.state.rglob("*") if path.is_file()]
        return {
            path.relative_to(place.state): path.read_text(encoding="utf-8").replace(
                str(place.folder), "{folder}"
            )
            for path in files
        }


def answers_before(route: str, item: str) -> int:
    """The number of answers on a route before an item."""
    (draft,) = (
        text for name, text in _left_by(route, None).items() if name.parent.name == "drafts"
    )
    items = [key.partition(".")[0] for key in json.loads(draft)["given"]]
    return items.index(item)


def pause_behind(folder: Path, route: str, answers: int | None) -> None:
    """Create an interview in a folder that was paused after this many answers, or at the review."""
    for name, text in _left_by(route, answers).items():
        path = folder / "state" / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text.replace("{folder}", str(folder)), encoding="utf-8")


def resume(folder: Path, **more: int) -> Terminal:
    """The program, resuming the only paused interview."""
    terminal = Terminal("resume", folder=folder, **more)  # type: ignore[arg-type]
    terminal.until("Resume code").press("enter")
    return terminal


def resume_behind(folder: Path, route: str, answers: int | None, **more: int) -> Terminal:
    """The program, resuming an interview paused after this many answers, or at the review."""
    pause_behind(folder, route, answers)
    return resume(folder, **more)


def finish(folder: Path, route: str) -> Ran:
    """Finish the only paused interview of a route in plain mode, and submit it."""
    with at_work(folder) as place:
        draft = place.draft
        rest = Lines(route).until()[len(draft["given"]) :]
        typed = "\n".join([show(draft["code"]), *rest, "submit", "noted", ""])
        return place.run("resume", "--plain", typed=typed)
