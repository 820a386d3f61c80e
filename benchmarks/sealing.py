"""Measure the cost of sealing many responses, sealing ten more, and printing a summary again.

Times are CPU times (user and system, including child processes), which depend less on the disk and
on other programs than elapsed time. They are given as ratios within one run on one machine: to
reading and removing the same files, and to bare Python. Nothing is asserted. The responses are
synthetic, in a folder that is removed at the end.

    python benchmarks/sealing.py --count 20000     one of the two sizes that have a budget
    python benchmarks/sealing.py                   100,000 responses, the other one
    python benchmarks/sealing.py --count 1000000   a million: 6 GB of disk space, and some time
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BUDGETS = {20_000: 4.5, 100_000: 3.0}
"""The budget of the first summary by number of responses, as a multiple of reading and removing."""


@dataclass(frozen=True)
class Ran:
    """The CPU time and the peak memory use of a command."""

    seconds: float
    mebibytes: float


def run(*command: str, cwd: Path) -> Ran:
    """Run a command to its end; an error because nothing is sealed yet is ignored."""
    environment = os.environ | {"MICROCRED_STATE": str(cwd / "state")}
    child = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 5):
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return Ran(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def microcred(*arguments: str, cwd: Path) -> Ran:
    """Run the program."""
    return run(sys.executable, "-m", "microcred_cli", *arguments, cwd=cwd)


def median(runs: int, *command: str, cwd: Path) -> float:
    """The median CPU time of a command in seconds, after one warm-up run."""
    run(*command, cwd=cwd)
    return statistics.median(run(*command, cwd=cwd).seconds for _ in range(runs))


def read_and_remove(folder: Path) -> float:
    """Seconds of CPU time for reading and then removing every response and text in a folder."""
    start = time.process_time()
    files = [path for part in (folder, folder / "texts") for path in part.glob("*.json")]
    for path in files:
        path.read_bytes()
    for path in files:
        path.unlink()
    for part in (folder, folder / "texts"):
        descriptor = os.open(part, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return time.process_time() - start


def first_summary(count: int, rounds: int, place: Path) -> tuple[float, Ran]:
    """The medians of reading and removing the files, and of sealing them in the first summary.

    The two alternate. The last summary leaves its folder, `many`, for further measurements.
    """
    plain: list[float] = []
    sealed: list[Ran] = []
    for left in reversed(range(rounds)):
        for name in ("plain", "many"):
            shutil.rmtree(place / name, ignore_errors=True)
            microcred("simulate", str(count), "--seed", "1", "--responses", name, cwd=place)
        plain.append(read_and_remove(place / "plain"))
        sealed.append(microcred("summary", "--responses", "many", cwd=place))
        said(f"  {left} rounds left", f"{sealed[-1].seconds / plain[-1]:.1f} x", "")
    seconds = statistics.median(ran.seconds for ran in sealed)
    most = max(ran.mebibytes for ran in sealed)
    return statistics.median(plain), Ran(seconds, most)


def said(what: str, value: str, budget: str) -> None:
    """Print a line of the report."""
    print(f"{what:48} {value:>26}   {budget}", flush=True)


def measure(count: int, rounds: int, runs: int, place: Path) -> None:
    """Run and print the measurements."""
    bare = median(runs, sys.executable, "-c", "pass", cwd=place)
    said("bare Python", f"{bare * 1000:.1f} ms", "")
    plain, first = first_summary(count, rounds, place)
    said("reading and removing the files", f"{plain:.2f} s", "")
    within = f"within {BUDGETS[count]} x" if count in BUDGETS else ""
    said("seal and first summary", f"{first.seconds:.2f} s = {first.seconds / plain:.1f} x", within)
    said("  the most memory held", f"{first.mebibytes:.0f} MiB", "within 500 MiB for 1,000,000")
    again = median(runs, *_summary("many"), cwd=place)
    said("the same summary again", _of(again, bare), "within 10 x bare Python")
    few: list[float] = []
    more: list[float] = []
    for seed in range(2, 2 + runs):
        for name, times in (("few", few), ("many", more)):
            microcred("simulate", "10", "--seed", str(seed), "--responses", name, cwd=place)
            times.append(microcred("seal", "--responses", name, cwd=place).seconds)
    said("ten responses, into a small folder", _of(statistics.median(few), bare), "")
    said(
        "ten more, into the large one",
        _of(statistics.median(more), bare),
        "that, and 10,000 lines",
    )


def _summary(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "microcred_cli", "summary", "--responses", name)


def _of(seconds: float, bare: float) -> str:
    return f"{seconds * 1000:.0f} ms = {seconds / bare:.1f} x bare"


def main() -> None:
    """Read the options, and measure in a temporary folder."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="how often all are sealed")
    parser.add_argument("--runs", type=int, default=9, help="how often each other command is run")
    parser.add_argument("--folder", type=Path, help="the working folder; default: temporary")
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        measure(options.count, options.rounds, options.runs, place)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
