"""Many simultaneous interviews in one folder, some of them killed, during seals and summaries.

    python -m tests.faults.crowd FOLDER PEOPLE ROUNDS      prints the number stored, and problems

The program is forked, which is faster than starting it and runs the same code.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from microcred_cli.__main__ import main as program
from microcred_cli.records.receipts import show
from microcred_cli.store.drafts import Drafts
from tests.cli.program import Place
from tests.faults.interviews import Script, short_script, working_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_KILLED: Final = 0.4
"""The probability that a run is killed."""

_LONGEST: Final = 0.15
"""The longest time in seconds until a run is killed."""

_TEXTS: Final = 2
"""The number of texts in each interview."""


def crowd(folder: Path, people: int, rounds: int) -> tuple[int, list[str]]:
    """Let each of `people` conduct `rounds` interviews; returns how many were stored, and problems.

    Runs in a separate process.
    """
    command = [sys.executable, "-m", "tests.faults.crowd", str(folder), str(people), str(rounds)]
    here = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return 0, [done.stderr[-500:]]
    stored, wrong = json.loads(done.stdout)
    return int(stored), [str(each) for each in wrong]


def main() -> None:
    """Conduct the interviews, and print all problems."""
    folder, people, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    place = Place(folder / "work")
    with working_in(place, folder):
        script = short_script(folder)
        # Imports and caches are loaded once here, before forking.
        warm = Place(folder / "warm")
        with working_in(warm, folder):
            warm.run("respond", *_options(script), typed="\n".join(script.lines(script.begun)))
            warm.run("seal", "--questionnaire", script.source)
        workers = [_forked(_lead, folder, script, number, rounds) for number in range(people)]
        staff = _forked(_keep_sealing, folder, script, 0)
        for pid in workers:
            os.waitpid(pid, 0)
        os.kill(staff, signal.SIGKILL)
        os.waitpid(staff, 0)
        wrong = [path.read_text() for path in sorted(folder.glob("failed-*"))]
        wrong += _last_seal(place, script)
        responses = _records(place, "*.json", "sealed/*.jsonl", "response_id")
        texts = _records(place, "texts/*.json", "sealed/texts/*.jsonl", "text_id")
        wrong += _miscounted("responses", responses, people * rounds)
        wrong += _miscounted("texts", texts, _TEXTS * people * rounds)
    sys.stdout.write(json.dumps((len(set(responses)), wrong)))


def _options(script: Script) -> tuple[str, ...]:
    return ("--plain", "--language", "en", "--questionnaire", script.source)


def _forked(work: Callable[..., None], *arguments: Any) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work(*arguments)
        except BaseException:
            (arguments[0] / f"failed-{os.getpid()}").write_text(traceback.format_exc())
        finally:
            os._exit(0)
    return pid


def _lead(folder: Path, script: Script, number: int, rounds: int) -> None:
    """Conduct one person's interviews, one after the other."""
    chance = random.Random(number)
    os.environ["MICROCRED_STATE"] = str(folder / f"state-{number}")
    drafts = Drafts.here()
    for _ in range(rounds):
        command: tuple[str, ...] = ("respond", *_options(script))
        lines = script.lines(script.begun)
        while not _is_over(folder / f"said-{number}", command, lines, chance):
            codes = drafts.codes()
            if codes:
                command = ("resume", "--plain")
                lines = [show(codes[0]), *_rest(script, drafts, codes[0])]


def _rest(script: Script, drafts: Drafts, code: str) -> list[str]:
    from microcred_cli.session.restore import interview_of

    draft = drafts.load(code)
    if draft.closing is not None:
        return ["noted", ""]
    return script.lines(interview_of(draft, script.loaded))


def _is_over(
    said: Path, command: Sequence[str], lines: Sequence[str], chance: random.Random
) -> bool:
    """Run the program; returns True if a response was stored."""
    after = chance.uniform(0, _LONGEST) if chance.random() < _KILLED else None
    code = _ran(said, command, "\n".join(lines), after)
    if code == 0:
        return True
    if code != -signal.SIGKILL:
        raise AssertionError(f"{command}: {code} {said.read_text()[-500:]}")
    # A draft is removed only after its response has been stored.
    was_begun = command[0] == "resume" or "\nAnswer: " in said.read_text(errors="replace")
    return was_begun and not Drafts.here().codes()


def _keep_sealing(folder: Path, script: Script, number: int) -> NoReturn:
    chance = random.Random(number)
    while True:
        for command in ("seal", "summary"):
            after = chance.uniform(0, 2 * _LONGEST) if chance.random() < _KILLED else None
            said = folder / "said-staff"
            code = _ran(said, (command, "--questionnaire", script.source), "", after)
            if code not in (0, 4, 5, -signal.SIGKILL) or "Traceback" in said.read_text():
                raise AssertionError(f"{command}: {code} {said.read_text()}")


def _ran(said: Path, command: Sequence[str], typed: str, after: float | None) -> int:
    """The exit code of the program, or the negative number of the signal that ended it."""
    source = said.with_suffix(".typed")
    source.write_text(typed)
    said.write_text("")
    pid = os.fork()
    if pid == 0:
        _become(said, source, command)
    if after is not None:
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _become(said: Path, source: Path, command: Sequence[str]) -> NoReturn:
    """Run the program in this process, with files as its streams."""
    code = 70
    try:
        with source.open() as typed, said.open("w") as out:
            sys.stdin, sys.stdout, sys.stderr = typed, out, out
            sys.argv = ["microcred", *command]
            try:
                program()
            except SystemExit as leaving:
                code = int(leaving.code or 0)
            out.flush()
    finally:
        os._exit(code)


def _last_seal(place: Place, script: Script) -> Iterator[str]:
    ran = place.run("seal", "--questionnaire", script.source)
    if ran.code not in (0, 5):
        yield f"the last seal: {ran}"
    if not [*place.responses.glob("sealed/*.jsonl")]:
        yield "nothing is sealed"


def _miscounted(what: str, ids: list[str], expected: int) -> Iterator[str]:
    if len(ids) != expected or len(set(ids)) != expected:
        yield f"{len(set(ids))} of {expected} {what}, {len(ids)} including duplicates"


def _records(place: Place, waiting: str, sealed: str, key: str) -> list[str]:
    """The ids of all records, pending and sealed."""
    found = [json.loads(path.read_text()) for path in place.responses.glob(waiting)]
    for path in place.responses.glob(sealed):
        found += [json.loads(line) for line in path.read_text().splitlines()]
    return [record[key] for record in found if key in record]


if __name__ == "__main__":
    main()
