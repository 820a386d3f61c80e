"""Measure the time from Enter to the next question on the screen, with the draft on the disk.

For interviewers, the time from the key of an answer to the next question, and from y or n to its
mark, is measured in the same way. Times are in milliseconds, printed next to the time that the disk
needs to write the same draft. The CPU time of an answer is measured without a screen, for
questionnaires of 34 to 3,400 items. Medians are printed; nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.startup import definition
from microcred_cli import files
from microcred_cli.interview import Interview
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Questionnaire
from microcred_cli.records.shapes import Draft, QuestionnaireRef
from microcred_cli.store.drafts import Drafts
from microcred_cli.terminal.page_wording import view_of
from tests.harness import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

CONSENT, COUNTRY = "Do you want to take part?", "In which country"
ROLE = load("mc_employers").questionnaire.by_id["org_role"].text


def median_of(runs: int, measure: Callable[[], float]) -> float:
    """The median of some runs after one warm-up run, in milliseconds."""
    measure()
    return statistics.median(measure() for _ in range(runs)) * 1000


def next_questions(folder: Path, count: int) -> list[float]:
    """Seconds from Enter to the next question on the screen, for several steps."""
    taken = []
    with Terminal("respond", folder=folder) as terminal:
        leave_background(terminal)
        terminal.press("down").until(lambda t: "»" in t.text)
        terminal.press("enter").until(ROLE)
        terminal.press("down")
        for _ in range(count):
            # From the second run on, the earlier answer is preselected.
            terminal.until(pointed)
            start = time.perf_counter()
            terminal.press("enter").until(COUNTRY)
            taken.append(time.perf_counter() - start)
            terminal.press("shift-tab").until(ROLE)
    return taken


def next_for_interviewer(folder: Path, count: int) -> list[float]:
    """Seconds from an answer key to the next question on the screen, for several steps."""
    taken = []
    with Terminal("interview", "--mode", "phone", folder=folder) as terminal:
        to_the_second_question(terminal)
        for key in "12" * ((count + 1) // 2):
            start = time.perf_counter()
            terminal.press(key).until(COUNTRY)
            taken.append(time.perf_counter() - start)
            assert terminal.given()["org_role"] == ("employer", "representative")[key == "2"]
            terminal.press("shift-tab").until(pointed)
            terminal.until(lambda t: COUNTRY not in t.flat)
    return taken


def marks_of_interviewer(folder: Path, count: int) -> list[float]:
    """Seconds from y or n to its mark on the screen, in a list that is read option by option."""
    taken = []
    wide = {"columns": 100, "rows": 50}
    with Terminal("interview", "--mode", "phone", folder=folder, **wide) as terminal:  # type: ignore[arg-type]
        to_the_second_question(terminal)
        terminal.press("1france\reduc\r1111\r").until("What is a micro-credential?")
        terminal.press("\r").until("one by one")
        for n in range(count):
            key = "yn"[n % 2]
            start = time.perf_counter()
            terminal.press(key).until(f"[{key}] 1.")
            taken.append(time.perf_counter() - start)
            assert terminal.draft()["unfinished"]["marks"]
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
    terminal.press("1").until(ROLE)


def pointed(terminal: Terminal) -> bool:
    """Whether an option is highlighted."""
    return "»" in terminal.text


def leave_background(terminal: Terminal) -> None:
    """Page through the background to the first question."""
    while CONSENT not in terminal.flat:
        before = terminal.text
        terminal.press("enter").until(lambda t, b=before: t.text != b)  # type: ignore[misc]


def answer_time(folder: Path, count: int, runs: int) -> float:
    """CPU milliseconds to answer a question in the middle of a questionnaire of `count` items.

    They include the progress, the view of the next question, and the draft written to the disk.
    """
    keeper = Drafts(folder)
    keeper.prepare()
    interview = Interview.begin(Questionnaire.trusted(definition(count)), seed=1)
    reference = QuestionnaireRef(id="long", version="1", sha256="0" * 64)
    dates = {"begun": "2026-01-01", "expires": "2026-01-15"}
    asked = {"mode": "self", "language": "en", "seed": 1, "responses": "responses"}
    draft = Draft(code="K7QM2P", questionnaire=reference, **dates, **asked)  # type: ignore[arg-type]
    for _ in range(count // 2):
        interview = interview.answer("a")
    taken = []
    for _ in range(min(2 * runs, count // 2 - 1)):
        start = time.process_time()
        interview = interview.answer("b")
        assert interview.step is not None
        view_of(interview, interview.step)
        given: dict[str, object] = dict(interview.given)
        changes = {"given": given, "at": interview.at, "answered": interview.answered}
        draft = draft.model_copy(update=changes)
        keeper.save(draft)
        taken.append(time.process_time() - start)
    return statistics.median(taken) * 1000


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
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count, budget in ((34, " (budget 3 ms)"), (340, ""), (3_400, " (budget 5 ms)")):
            taken = answer_time(folder / str(count), count, runs)
            print(f"an answer of {count:5} items, CPU    {taken:7.2f} ms {budget}")
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
