"""Measure waiting times: for the help, the first question, and the next question after Enter.

Start-up times are ratios to bare Python in the same run. Times from Enter to the next question are
in milliseconds, printed next to the time that the disk needs to write the same draft. For
interviewers, the time from the key of an answer to the next question, and from y or n to its mark,
is measured in the same way: the draft is on the disk before either is shown. Medians are printed;
nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from microcred_cli import files
from tests.harness import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

CONSENT = "Do you want to take part?"


def median_of(runs: int, measure: Callable[[], float]) -> float:
    """The median of some runs after one warm-up run, in milliseconds."""
    measure()
    return statistics.median(measure() for _ in range(runs)) * 1000


def run(*command: str) -> float:
    """Seconds that a command takes to finish."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def first_plain(folder: Path) -> float:
    """Seconds until plain mode asks its first question, through a pipe."""
    environment = os.environ | {
        "MICROCRED_STATE": str(folder / "state"),
        "MICROCRED_RESPONSES": str(folder / "responses"),
    }
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "microcred_cli", "respond", "--plain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
    ) as program:
        assert program.stdout is not None
        seen = b""
        while CONSENT.encode() not in seen:
            chunk = os.read(program.stdout.fileno(), 65536)
            assert chunk, "ended before the first question"
            seen += chunk
        taken = time.perf_counter() - start
        program.kill()
    return taken


def first_rich(folder: Path) -> float:
    """Seconds until rich mode shows its first page, in a pseudo-terminal."""
    start = time.perf_counter()
    with Terminal("respond", folder=folder) as terminal:
        terminal.until("Mapping micro-credentials")
        return time.perf_counter() - start


def next_questions(folder: Path, count: int) -> list[float]:
    """Seconds from Enter to the next question on the screen, for several steps."""
    taken = []
    with Terminal("respond", folder=folder) as terminal:
        leave_background(terminal)
        terminal.press("down").until(lambda t: "»" in t.text)
        terminal.press("enter").until("Whose view")
        terminal.press("down")
        for _ in range(count):
            # From the second run on, the earlier answer is preselected.
            terminal.until(pointed)
            start = time.perf_counter()
            terminal.press("enter").until("In which country")
            taken.append(time.perf_counter() - start)
            terminal.press("shift-tab").until("Whose view")
    return taken


def next_for_interviewer(folder: Path, count: int) -> list[float]:
    """Seconds from an answer key to the next question on the screen, for several steps."""
    taken = []
    with Terminal("interview", "--mode", "phone", folder=folder) as terminal:
        to_the_second_question(terminal)
        for key in "12" * ((count + 1) // 2):
            start = time.perf_counter()
            terminal.press(key).until("In which country")
            taken.append(time.perf_counter() - start)
            assert terminal.given()["org_role"] == ("employer", "representative")[key == "2"]
            terminal.press("shift-tab").until(pointed)
            terminal.until(lambda t: "In which country" not in t.flat)
    return taken


def marks_of_interviewer(folder: Path, count: int) -> list[float]:
    """Seconds from y or n to its mark on the screen, in a list that is read option by option."""
    taken = []
    wide = {"columns": 100, "rows": 50}
    with Terminal("interview", "--mode", "phone", folder=folder, **wide) as terminal:  # type: ignore[arg-type]
        to_the_second_question(terminal)
        terminal.press("1france\reduc\r1111\r").until("Read one by one")
        for n in range(count):
            key = "yn"[n % 2]
            start = time.perf_counter()
            terminal.press(key).until(f"[{key}] 1.")
            taken.append(time.perf_counter() - start)
            assert terminal.draft()["marks"]
            terminal.press("\x7f").until("[ ] 1.")
    return taken


def new(folder: Path) -> Path:
    """Create a folder, so that each measurement has its own draft."""
    folder.mkdir()
    return folder


def to_the_second_question(terminal: Terminal) -> None:
    """Go through the introduction, and record the consent."""
    terminal.until("Introduction")
    while "Question 1 of" not in terminal.flat:
        before = terminal.text
        terminal.press("enter").until(lambda t, b=before: t.text != b)  # type: ignore[misc]
    terminal.press("1").until("Whose view")


def pointed(terminal: Terminal) -> bool:
    """Whether an option is highlighted."""
    return "»" in terminal.text


def leave_background(terminal: Terminal) -> None:
    """Page through the background to the first question."""
    while CONSENT not in terminal.flat:
        before = terminal.text
        terminal.press("enter").until(lambda t, b=before: t.text != b)  # type: ignore[misc]


def disk_time(folder: Path, runs: int) -> float:
    """Milliseconds that the disk takes to write a draft of 8 kB durably."""

    def once() -> float:
        start = time.perf_counter()
        files.replace_durably(folder / "draft.json", b"x" * 8192)
        return time.perf_counter() - start

    return median_of(runs, once)


def main() -> None:
    """Run and print the measurements."""
    # Without the cache of compiled modules, Python would compile the program at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    python = sys.executable
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = median_of(runs, lambda: run(python, "-c", "pass"))
        print(f"bare Python                      {bare:7.1f} ms")
        rows = (
            ("microcred --help", 10, lambda: run(python, "-m", "microcred_cli", "--help")),
            ("first question, plain", 15, lambda: first_plain(folder)),
            ("first page, rich", 25, lambda: first_rich(folder)),
        )
        for label, budget, measure in rows:
            taken = median_of(runs, measure)
            print(f"{label:32} {taken:7.1f} ms = {taken / bare:5.1f} x bare  (budget {budget} x)")
        sync = disk_time(folder, 200)
        enter = statistics.median(next_questions(new(folder / "alone"), 2 * runs)) * 1000
        key = statistics.median(next_for_interviewer(new(folder / "key"), 2 * runs)) * 1000
        mark = statistics.median(marks_of_interviewer(new(folder / "mark"), 2 * runs)) * 1000
        print(f"a draft of 8 kB on the disk      {sync:7.1f} ms")
        print(f"Enter to the next question       {enter:7.1f} ms  (budget 30 ms + the disk)")
        print(f"interviewer: key to next question{key:7.1f} ms  (budget 50 ms)")
        print(f"interviewer: y or n to its mark  {mark:7.1f} ms")


if __name__ == "__main__":
    main()
