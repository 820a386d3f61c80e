"""The real `microcred seal`, killed at its system calls on the folder.

By default some of the calls are tried; all of them with `KILL_AT=all` in the environment.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CALLS = (
    "openat,read,write,close,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,"
    "mkdirat,utimensat,flock,fstat,newfstatat,lseek,getdents64,chmod,fchmodat,ftruncate"
)
SOME = 14
EVERYTHING = os.environ.get("KILL_AT") == "all"


@cache
def strace() -> str:
    """The path of an strace that may trace here; empty if there is none."""
    found = shutil.which("strace")
    if found is None:
        return ""
    done = subprocess.run([found, "-o", os.devnull, "true"], capture_output=True, check=False)
    return found if done.returncode == 0 else ""


pytestmark = pytest.mark.skipif(not strace(), reason="there is no strace that may trace here")


@dataclass(frozen=True)
class Point:
    """The n-th time that one system call is made."""

    call: str
    number: int


def microcred(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "microcred_cli", *arguments]


def run(folder: Path, *arguments: str, before: tuple[str, ...] = ()) -> int:
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MICROCRED_STATE": str(folder.parent.parent / "state"),
    }
    done = subprocess.run(
        [*before, *microcred(*arguments, "--responses", str(folder))],
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return done.returncode


def points(folder: Path, trace: Path) -> list[Point]:
    """Every system call of a seal from the first to the last that concerns the folder."""
    inject = (strace(), "-f", "-y", "-o", str(trace), "-e", f"trace={CALLS}")
    assert run(folder, "seal", before=inject) == 0
    seen: Counter[str] = Counter()
    found: list[tuple[Point, bool]] = []
    for line in trace.read_text(errors="replace").splitlines():
        match = re.match(r"\d+ +([a-z0-9_]+)\(", line)
        if match:
            seen[match[1]] += 1
            found.append((Point(match[1], seen[match[1]]), str(folder) in line))
    touching = [place for place, (_, touches) in enumerate(found) if touches]
    return [point for point, _ in found[touching[0] : touching[-1] + 1]]


def ready(folder: Path) -> None:
    """One sealed file that is merged next, and more that wait."""
    assert run(folder, "simulate", "12", "--seed", "1") == 0
    assert run(folder, "seal") == 0
    assert run(folder, "simulate", "60", "--seed", "2") == 0


def records(folder: Path, *, key: str, waiting: str, sealed: str) -> Counter[str]:
    """How often each record stands in a folder, by its content."""
    found: Counter[str] = Counter()
    for path in folder.glob(waiting):
        if re.fullmatch(r"[0-9a-f]{32}\.json", path.name):
            found[_record(path.read_text(), key)] += 1
    for path in folder.glob(sealed):
        found.update(_record(line, key) for line in path.read_text().splitlines())
    return found


def _record(text: str, key: str) -> str:
    record: dict[str, Any] = json.loads(text)
    assert key in record
    return json.dumps(record)


def responses_in(folder: Path) -> Counter[str]:
    return records(folder, key="answers", waiting="*.json", sealed="sealed/*.jsonl")


def texts_in(folder: Path) -> Counter[str]:
    return records(folder, key="text", waiting="texts/*.json", sealed="sealed/texts/*.jsonl")


def counts_in(folder: Path) -> object:
    return json.loads((folder / "counts.json").read_text())["counts"]


def figures_in(folder: Path) -> object:
    seals = json.loads((folder / "figures.json").read_text())["seals"]
    return [seal["figures"] for seal in seals.values()]


def chosen(all_points: list[Point]) -> list[Point]:
    if EVERYTHING:
        return all_points
    step = max(1, len(all_points) // SOME)
    return all_points[step // 2 :: step]


def test_nothing_is_lost_and_nothing_double_wherever_it_is_killed(tmp_path: Path) -> None:
    start, tried = tmp_path / "start" / "responses", tmp_path / "tried" / "responses"
    ready(start)
    before = responses_in(start), texts_in(start)
    shutil.copytree(start, tried)
    all_points = points(tried, tmp_path / "trace")
    whole = counts_in(tried), figures_in(tried)
    shutil.rmtree(tried)
    assert len(all_points) > 100
    killed = 0
    for point in chosen(all_points):
        shutil.copytree(start, tried)
        inject = f"inject={point.call}:signal=SIGKILL:when={point.number}"
        options = ("-f", "-o", os.devnull, "-e", f"trace={point.call}", "-e", inject)
        killed += run(tried, "seal", before=(strace(), *options)) != 0
        assert {*responses_in(tried)} == {*before[0]}, point
        assert {*texts_in(tried)} == {*before[1]}, point
        assert run(tried, "seal") == 0, point
        assert responses_in(tried) == before[0], point
        assert texts_in(tried) == before[1], point
        assert {*before[0].values()} | {*before[1].values()} == {1}
        left = [path.name for path in tried.rglob("*") if path.name.endswith(".part")]
        assert left == [], point
        assert not [p for p in tried.glob("*.json") if re.fullmatch(r"[0-9a-f]{32}", p.stem)]
        assert (counts_in(tried), figures_in(tried)) == whole, point
        shutil.rmtree(tried)
    assert killed >= 0.9 * len(chosen(all_points))
    sys.stdout.write(f"killed at {killed} of {len(all_points)} system calls\n")
