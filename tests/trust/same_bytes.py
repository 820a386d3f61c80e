"""Identical answers from other users, machines and times give identical bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from tests.cli.program import ROUTES, Lines, Place, sheet
from tests.faults.figures import Figure
from tests.harness import Terminal
from tests.pty.walker import ROUTES as ROUTES_OF_WALKS
from tests.pty.walker import Walker
from tests.scenario import builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from microcred_cli.interview import Step

PLANTED = "planted"
"""A word contained in every name, path and setting of the other users."""

UID = 48151
IDS = re.compile(r'"(response_id|text_id)": "[0-9a-f]{32}"')
BY_CHANCE = re.compile(r'"(shuffle_seed|duration_minutes)": \d+')
PAPER = sheet()
PAPER["texts"]["comments"] = "Call +49 30 901820 or mail erika.planted@example.org"


@dataclass(frozen=True)
class Other:
    """Another environment: the command prefix, the user, and the environment variables."""

    before: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    uid: int | None = None

    def is_missing(self, folder: Path) -> str:
        """The missing requirements of this environment; empty if there are none."""
        if not self.before:
            return ""
        if shutil.which(self.before[0]) is None:
            return f"{self.before[0]} is not installed"
        (folder / "passwd").write_text(f"planted_user:x:{UID}:{UID}::/planted_home:/bin/sh\n")
        tried = subprocess.run([*self.before, "true"], cwd=folder, capture_output=True, check=False)
        return "insufficient permissions" if tried.returncode else ""


_HOST = ("unshare", "-u", "sh", "-c", 'hostname planted-host && exec "$@"', "sh")
# Another user may read the files of root, because the interpreter may belong to root.
_USER = (
    *("unshare", "-m", "sh", "-c", 'mount --bind passwd /etc/passwd && exec "$@"', "sh"),
    *("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"),
    *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "--"),
)
_DATE = ("faketime", "2031-05-06 07:08:09")
_SETTINGS = {
    "USER": "planted_user",
    "LOGNAME": "planted_user",
    "HOSTNAME": "planted_host",
    "HOME": "/nonexistent/planted_home",
    "EMAIL": "planted@example.org",
    "SSH_CLIENT": "planted 22 22",
}

OTHERS: Mapping[str, Other] = {
    "another environment": Other(environment={**_SETTINGS, "LANG": "pl_PL.UTF-8"}),
    "another time zone": Other(environment={"TZ": "Pacific/Kiritimati", "LC_ALL": "C"}),
    "another locale": Other(environment={"LC_ALL": "tr_TR.UTF-8", "TZ": "America/Lima"}),
    "another terminal": Other(
        environment={"TERM": "dumb", "COLUMNS": "40", "LINES": "12", "NO_COLOR": "1"}
    ),
    "another host": Other(_HOST),
    "another date": Other(_DATE),
    "another user": Other(_USER, uid=UID),
    "another in every way": Other(
        (*_HOST, *_USER, *_DATE), {**_SETTINGS, "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}, UID
    ),
}
"""The other environments in which the same answers are given."""


def answer(place: Place, way: str, route: str, other: Other | None = None) -> str:
    """Give the answers of a route, possibly in another environment; returns problems.

    Raises:
        KeyError: there is no such mode.
    """
    arguments, typed = WAYS[way](route)
    environment = {
        "MICROCRED_STATE": str(place.state),
        "MICROCRED_RESPONSES": str(place.responses),
        **(other.environment if other else {}),
    }
    if other is not None and other.uid is not None:
        (place.folder / "passwd").write_text(f"planted_user:x:{UID}:{UID}::/planted_home:/bin/sh\n")
        for path in (place.folder, *place.folder.rglob("*")):
            os.chown(path, other.uid, other.uid)
    ran = place.spawn(
        *arguments, typed=typed, before=other.before if other else (), environment=environment
    )
    if ran.code:
        return f"exit code {ran.code}: {ran.err[-200:]}"
    shown = ran.all.replace(str(place.folder), "")
    return "the output identifies the user" if PLANTED in shown else ""


def _paper(route: str) -> tuple[list[str], str]:
    paper = sheet(route)
    paper["texts"]["comments"] = PAPER["texts"]["comments"]
    return ["respond", "--answers", "-"], json.dumps(paper)


def _aloud(route: str) -> tuple[list[str], str]:
    case = ["--mode", "phone", "--case", "PLANTED-1"]
    return ["interview", *case, "--answers", "-"], json.dumps(sheet(route))


def _lines(route: str) -> tuple[list[str], str]:
    return ["respond", "--plain"], Lines(route, unknown=_shuffled()).whole()


LINES = "plain lines"
WAYS: Mapping[str, Callable[[str], tuple[list[str], str]]] = {
    "a file of answers": _paper,
    "an interviewer's file of answers": _aloud,
    LINES: _lines,
}
"""The modes of giving answers: the arguments, and the typed input."""


@cache
def _shuffled() -> frozenset[str]:
    """The shuffled lists, in which nothing is chosen."""
    return frozenset(
        item.id for item in builtin().items if getattr(item, "order", None) == "shuffled"
    )


def everything(folder: Path, *, asked: bool = False) -> list[str]:
    """The contents and names of all files in a folder, except for parts that may differ.

    These are ids and, for answers given in an interview, the order and the minutes.
    """
    shown = (
        (re.sub(r"[0-9a-f]{32}", "ID", str(path.relative_to(folder))), path.read_text("utf-8"))
        for path in folder.rglob("*")
        if path.is_file()
    )
    texts = (name + IDS.sub(r'"\1"', text) for name, text in shown)
    return sorted(BY_CHANCE.sub(r'"\1"', text) if asked else text for text in texts)


class _Steady(Walker):
    """Chooses the same options regardless of their order."""

    def code_for(self, step: Step) -> str:
        return min(option.code for option in step.options)


TERMINALS: Mapping[str, dict[str, str]] = {
    "xterm-256color": {},
    "linux": {"COLORTERM": "", "USER": "planted_user", "TZ": "Asia/Tokyo"},
    "screen": {"LC_ALL": "tr_TR.UTF-8", "NO_COLOR": "1"},
    "vt100": {"LANG": "C", "HOSTNAME": "planted_host"},
}
"""Terminals at whose prompts the same answers are given, with their environment variables."""

_WALK = {"consent": "yes", **ROUTES_OF_WALKS["employer-provides"]}


def _at_prompts(folder: Path) -> Figure:
    """The terminals in which the same keys give the same bytes as in the first one."""
    begun = time.monotonic()
    files = {}
    for number, (term, settings) in enumerate(TERMINALS.items()):
        place = folder / term
        place.mkdir(parents=True)
        size = {"columns": 80 + 20 * number, "rows": 24 + 4 * number}
        with Terminal("respond", folder=place, **size, **settings, TERM=term) as terminal:  # type: ignore[arg-type]
            _Steady(terminal, _WALK).begin().to_review().submit()
            ended = terminal.finish()
        files[term] = (
            everything(terminal.responses, asked=True) if ended == 0 else [f"exit code {ended}"]
        )
    first, *others = files
    wrong = tuple(term for term in others if files[term] != files[first])
    reached = len(others) - len(wrong)
    return Figure(reached, len(others), time.monotonic() - begun, wrong)


def same_bytes(folder: Path, *, whole: bool) -> Iterator[tuple[str, Figure]]:
    """The interviews that gave the same bytes elsewhere, for each of `OTHERS`.

    A full run has all routes in three modes, and prompts in other terminals; a sample has one
    route.
    """
    cases = [(way, route) for way in WAYS for route in (ROUTES if whole else [*ROUTES][:1])]
    wanted = {case: given(folder / f"own {n}", *case) for n, case in enumerate(cases)}
    for name, other in OTHERS.items():
        yield name, as_another(folder / name, other, wanted)
    if whole:
        yield "prompts in other terminals", _at_prompts(folder / "prompts")


def as_another(
    folder: Path, other: Other, wanted: Mapping[tuple[str, str], list[str] | str]
) -> Figure:
    """The number of these interviews that give the same bytes in another environment."""
    begun = time.monotonic()
    folder.mkdir()
    if missing := other.is_missing(folder):
        return Figure(0, 0, 0.0, skipped=missing)
    wrong = []
    for number, (case, own) in enumerate(wanted.items()):
        got = given(folder / f"{PLANTED} {number}", *case, other)
        if isinstance(own, str) or got != own:
            what = next((each for each in (own, got) if isinstance(each, str)), "other bytes")
            wrong.append(f"{', '.join(case)}: {what}")
        elif any(PLANTED in text.casefold() for text in got):
            wrong.append(f"{', '.join(case)}: a file tells who it is")
    reached = len(wanted) - len(wrong)
    return Figure(reached, len(wanted), time.monotonic() - begun, tuple(wrong))


def given(folder: Path, way: str, route: str, other: Other | None = None) -> list[str] | str:
    """The contents of the files after an interview, or its problems."""
    folder.mkdir()
    place = Place(folder)
    wrong = answer(place, way, route, other)
    return wrong or everything(place.responses, asked=way == LINES)
