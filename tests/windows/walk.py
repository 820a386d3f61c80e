"""A walk through the commands of the real program, as people type them, on Windows."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microcred_cli.files import NEUTRAL_TIME
from microcred_cli.records.receipts import show
from tests.cli.program import Lines, Ran

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.windows.setting import Machine

PATIENCE = 300.0
PAUSED_AT = "mc_awarders"
BATCH = 15
"""The number of responses, each with its texts, that are collected and sealed at a time."""

NO_ANSWER = "8"
"""The key typed on the contact page if nobody answered."""


@dataclass
class Walk:
    """The program in a separate folder; `code` and `receipt` are those of the interview."""

    machine: Machine
    folder: Path
    code: str = ""
    receipt: str = ""
    windows: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def responses(self) -> Path:
        return self.folder / "responses"

    @property
    def together(self) -> Path:
        """The folder in which responses are collected and sealed."""
        return self.folder / "together"

    @property
    def into(self) -> tuple[str, str]:
        return "--responses", self.machine.path(self.together)

    def open(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start the program in a separate process, which waits for input."""
        own = {
            "MICROCRED_STATE": self.machine.path(self.folder / "state"),
            "MICROCRED_RESPONSES": self.machine.path(self.responses),
        }
        window = subprocess.Popen(
            [*self.machine.python, "-m", "microcred_cli", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=self.machine.environment(**own),
        )
        self.windows.append(window)
        return window

    def run(self, *arguments: str, typed: str = "", code: int = 0) -> Ran:
        """Run the program, which must end with this exit code."""
        return ended(self.open(*arguments), typed, code=code)


def ended(window: subprocess.Popen[bytes], typed: str = "", *, code: int = 0) -> Ran:
    """Type lines in a window until the program ends, with this exit code."""
    try:
        out, err = window.communicate(typed.encode(), timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        window.kill()
        raise AssertionError(f"it did not end within {PATIENCE:.0f} seconds") from None
    ran = Ran(window.returncode, *(data.decode().replace("\r\n", "\n") for data in (out, err)))
    assert ran.code == code, f"exit code {ran.code} instead of {code}\n{ran.all}"
    return ran


# -- the steps, in their order ---------------------------------------------------------------------


def help_page(walk: Walk) -> None:
    assert "respond" in walk.run("--help").out


def check_of_the_questionnaire(walk: Walk) -> None:
    assert "no faults" in walk.run("questionnaire", "check").out


def interview_that_is_paused(walk: Walk) -> None:
    typed = "\n".join([*Lines().until(PAUSED_AT), ":pause", ""])
    walk.code = walk.run("respond", "--plain", typed=typed).resume_code
    assert len(_names(walk.folder / "state" / "drafts")) == 1
    assert walk.code in walk.run("drafts").out


def interview_that_goes_on(walk: Walk) -> None:
    lines = Lines().until()
    rest = lines[len(Lines().until(PAUSED_AT)) :]
    typed = "\n".join([walk.code, *rest, "submit", "noted", ""])
    walk.receipt = walk.run("resume", "--plain", typed=typed).receipt
    assert len(_names(walk.responses)) == 2
    assert _names(walk.responses / "texts")
    assert not _names(walk.folder / "state" / "drafts")


def withdrawal(walk: Walk) -> None:
    walk.run("withdraw", typed=show(walk.receipt))
    assert _names(walk.responses) == {"folder"}
    assert not _names(walk.responses / "texts")


def simulation(walk: Walk) -> None:
    folder = ("--responses", walk.machine.path(walk.folder / "synthetic"))
    walk.run("simulate", "10", "--seed", "1", *folder)
    assert len(_names(walk.folder / "synthetic")) == 11


def first_collection(walk: Walk) -> None:
    _collect(walk, "first")
    assert len(_names(walk.together)) == BATCH + 1


def first_seal(walk: Walk) -> None:
    _seal(walk, BATCH)


def second_collection(walk: Walk) -> None:
    _collect(walk, "second")


def second_seal(walk: Walk) -> None:
    _seal(walk, BATCH * 2)


def _collect(walk: Walk, name: str) -> None:
    """Collect copies of the response, with their texts, from a folder that was handed in."""
    source = walk.folder / name
    for path in walk.responses.rglob("*.json"):
        there = source / path.relative_to(walk.responses)
        there.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        for _ in range(BATCH if path.name != "folder.json" else 1):
            other = path.stem if path.name == "folder.json" else secrets.token_hex(16)
            copy = there.with_stem(other)
            copy.write_bytes(data.replace(path.stem.encode(), other.encode()))
            os.utime(copy, (NEUTRAL_TIME, NEUTRAL_TIME))
    walk.run("collect", walk.machine.path(source), *walk.into)


def _seal(walk: Walk, sealed: int) -> None:
    walk.run("seal", *walk.into)
    (segment,) = (walk.together / "sealed").glob("*.jsonl")
    pools = [*(walk.together / "sealed" / "texts").glob("*.jsonl")]
    assert pools
    for path in (segment, *pools):
        assert len(path.read_bytes().splitlines()) == sealed
    assert not [*walk.together.rglob("*.part")]


def summary(walk: Walk) -> None:
    printed = json.loads(walk.run("summary", *walk.into, "--format", "json").out)
    assert printed["responses"] == BATCH * 2
    assert printed["tables"]


def check(walk: Walk) -> None:
    assert f": {BATCH * 2}\n" in walk.run("check", *walk.into).out


def keys(walk: Walk) -> None:
    walk.run("keys", "new", "staff.key", "--no-passphrase")
    assert "AGE-SECRET-KEY" in (walk.folder / "staff.key").read_text(encoding="utf-8")


def two_windows_on_a_case_log(walk: Walk) -> None:
    first = _contact(walk, 1)
    _wait_for(walk.folder / "log", ".lock")
    said = walk.run(*_ON_CASE, "ES-0001", code=4).err
    assert "in use in another window" in said
    ended(_contact(walk, 2), f"{NO_ANSWER}\n")
    ended(first, f"{NO_ANSWER}\n")
    windows = [_contact(walk, number) for number in (3, 4, 5)]
    for window in windows:
        assert window.stdin is not None
        window.stdin.write(f"{NO_ANSWER}\n".encode())
        window.stdin.flush()
    for window in windows:
        ended(window)
    log = json.loads((walk.folder / "log" / "cases.json").read_text(encoding="utf-8"))
    assert [case["label"] for case in log["cases"]] == [f"ES-000{n}" for n in range(1, 6)]
    assert [path.name for path in (walk.folder / "log").iterdir()] == ["cases.json"]


_ON_CASE = ("interview", "--plain", "--mode", "phone", "--case-log", "log/cases.json", "--case")


def _contact(walk: Walk, number: int) -> subprocess.Popen[bytes]:
    (walk.folder / "log").mkdir(exist_ok=True)
    return walk.open(*_ON_CASE, f"ES-000{number}")


def _wait_for(folder: Path, ending: str) -> None:
    end = time.monotonic() + PATIENCE
    while not any(path.name.endswith(ending) for path in folder.iterdir()):
        assert time.monotonic() < end, f"there was never a file {ending}"
        time.sleep(0.05)


def _names(folder: Path) -> set[str]:
    """The names of the JSON files in a folder, without their ending."""
    return {path.stem for path in folder.glob("*.json")}


STEPS: tuple[Callable[[Walk], None], ...] = (
    help_page,
    check_of_the_questionnaire,
    interview_that_is_paused,
    interview_that_goes_on,
    simulation,
    first_collection,
    first_seal,
    second_collection,
    second_seal,
    summary,
    check,
    withdrawal,
    keys,
    two_windows_on_a_case_log,
)


def walk(machine: Machine, folder: Path) -> int:
    """Take all steps in an empty folder, and print each; returns the number that failed."""
    here = Walk(machine, folder)
    failed = 0
    for step in STEPS:
        begun = time.monotonic()
        try:
            step(here)
        except Exception as error:
            failed += 1
            result, more = "FAILED", f"\n{error!r}" if str(error) else f"\n{_line_of(error)}"
        else:
            result, more = "passed", ""
        seconds = time.monotonic() - begun
        name = step.__name__.replace("_", " ")
        sys.stdout.write(f"{result}  {name} ({seconds:.1f} s){more}\n")
        sys.stdout.flush()
    for window in here.windows:
        if window.poll() is None:
            window.kill()
            window.communicate()
    shutil.rmtree(folder, ignore_errors=True)
    return failed


def _line_of(error: BaseException) -> str:
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return f"{type(error).__name__}, line {last.tb_lineno if last else 0} of {__file__}"
