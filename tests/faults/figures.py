"""Counts of tested faults, and of those that the program survives without a problem.

Each function in `FIGURES` can be called from another program:

    for name, measure in FIGURES.items():
        figure = measure(an_empty_folder, everything=True)
        print(name, figure)

    python -m tests.faults.figures        all figures; takes several hours
    python -m tests.faults.figures power  the figures with this word in their name
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tests.cli.program import Place
from tests.faults import mutants
from tests.faults.crowd import crowd
from tests.faults.disks import JOURNALLED, KINDS, disk_of, install, why_not
from tests.faults.filling import fill_meanwhile
from tests.faults.folders import WORKS
from tests.faults.interviews import BUILT_IN, Disturbed, Script, short_script, working_in
from tests.faults.joins import Joins
from tests.faults.locked import Locked
from tests.faults.order import broken_rules
from tests.faults.power import Cut, cuts, cuts_at_changes
from tests.faults.signals import happen, what_happens
from tests.faults.tracing import (
    AT_THE_END,
    DID_NOT_HAPPEN,
    NO_STRACE,
    PROGRAM,
    deaths,
    errors,
    sample,
    strace,
)
from tests.faults.trials import Trial, trial_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tests.faults.tracing import Called, Fault

_SAMPLE: Final = 3
"""The number of faults in a sample, and of power cuts on each disk."""

_FEW: Final = 2
_TRIES: Final = 3
_LEFT_OUT: Final = 0.1
"""The share of faults that may be skipped because their system call did not occur again."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The numbers of passed cases and of all cases; `skipped` is the reason if no case ran."""

    reached: int
    of: int
    seconds: float
    wrong: tuple[str, ...] = ()
    """The problems, each with the case in which it occurred; empty if all cases passed."""

    skipped: str = ""

    def __str__(self) -> str:
        return self.skipped or f"{self.reached} of {self.of} in {self.seconds:.0f} s"


class Measure(Protocol):
    """Tests faults in an empty folder: all of them, or a sample that takes a few seconds."""

    def __call__(self, folder: Path, *, everything: bool) -> Figure:
        """Run the tests, and return their figure."""


def figure_of(tried: Iterable[tuple[str, list[str]]]) -> Figure:
    """The figure for some tests, each given with its problems."""
    begun = time.monotonic()
    reached, wrong = 0, []
    for name, faults in tried:
        reached += not faults
        if faults:
            wrong.append(f"{name}: {'; '.join(faults)}")
    return Figure(reached, reached + len(wrong), time.monotonic() - begun, tuple(wrong))


def skipped(reason: str) -> Figure:
    """The figure if nothing could be tested."""
    return Figure(0, 0, 0.0, skipped=reason)


def _attempts(
    trial: Disturbed | Trial | Joins, faults: Sequence[Fault]
) -> Iterator[tuple[str, list[str]]]:
    """The problems after each fault.

    If files are processed in random order, system calls can differ between runs. A fault that does
    not occur is retried; a few that never occur are skipped.
    """
    left_out = 0
    for fault in faults:
        for _ in range(_TRIES):
            wrong = [*trial.attempt(fault)]
            if DID_NOT_HAPPEN not in wrong:
                yield str(fault), wrong
                break
        else:
            left_out += 1
    if left_out > max(1, _LEFT_OUT * len(faults)):
        yield "faults that never occurred", [f"{left_out} of {len(faults)}"]


def _scripts(folder: Path, kind: type[Disturbed], *, everything: bool) -> Iterator[Script]:
    """The scripts to run; the built-in questionnaire takes hours, so it runs only unencrypted."""
    yield short_script(folder)
    if everything:
        yield short_script(folder, from_file=True)
    if everything and kind is Disturbed:
        yield Script(BUILT_IN)


def disturbed(
    folder: Path,
    faults: Callable[[Iterable[Called]], Iterable[Fault]],
    kind: type[Disturbed] = Disturbed,
    *,
    everything: bool,
) -> Figure:
    """Interviews of the given kind, with a fault at each of their system calls."""
    if not strace():
        return skipped(NO_STRACE)

    def tried() -> Iterator[tuple[str, list[str]]]:
        for number, script in enumerate(_scripts(folder, kind, everything=everything)):
            place = Place(folder / f"work-{number}")
            with working_in(place, folder):
                trial = kind(place, script, folder)
                found = [*faults(trial.calls())]
                yield from _attempts(trial, found if everything else sample(found, _SAMPLE))

    return figure_of(tried())


def changed(folder: Path, name: str, *, everything: bool) -> Figure:
    """A kill and each error at each system call of a seal, a withdrawal or a collection."""
    if not strace():
        return skipped(NO_STRACE)

    def tried() -> Iterator[tuple[str, list[str]]]:
        place = Place(folder / "work")
        with working_in(place, folder):
            trial = trial_of(name, place, folder)
            calls = trial.begin()
            found = [*deaths(calls), *errors(calls)]
            yield from _attempts(trial, found if everything else sample(found, _FEW))

    return figure_of(tried())


def joined(folder: Path, *, everything: bool) -> Figure:
    """A kill and each error at each system call of a join of case logs."""
    if not strace():
        return skipped(NO_STRACE)

    def tried() -> Iterator[tuple[str, list[str]]]:
        place = Place(folder / "work")
        with working_in(place, folder):
            trial = Joins(place, folder)
            calls = trial.begin()
            found = [*deaths(calls), *errors(calls)]
            yield from _attempts(trial, found if everything else sample(found, _FEW))

    return figure_of(tried())


def power_cut(folder: Path, kind: str, *, everything: bool) -> Figure:
    """Interviews on a disk of the given kind, with a power cut at each of their system calls."""
    if reason := why_not(kind) or ("" if strace() else NO_STRACE):
        return skipped(reason)

    def tried() -> Iterator[tuple[str, list[str]]]:
        with disk_of(kind) as disk:
            place = Place(disk.folder / "work")
            with working_in(place, folder):
                trial = Cut(place, short_script(folder), folder, disk=disk)
                found = cuts(trial.calls())
                yield from _attempts(trial, found if everything else sample(found, _FEW))

    return figure_of(tried())


def power_cut_from(folder: Path, name: str, kind: str, *, everything: bool) -> Figure:
    """A seal, a withdrawal or a collection on such a disk, with a power cut at each change."""
    if reason := why_not(kind) or ("" if strace() else NO_STRACE):
        return skipped(reason)

    def tried() -> Iterator[tuple[str, list[str]]]:
        with disk_of(kind) as disk:
            place = Place(disk.folder / "work")
            with working_in(place, folder):
                trial = trial_of(name, place, folder, disk)
                found = cuts_at_changes(trial.begin())
                yield from _attempts(trial, found if everything else sample(found, _FEW))

    return figure_of(tried())


def forgetting_caught(folder: Path, *, everything: bool) -> Figure:
    """A power cut must reveal that a seal, a withdrawal or a collection does not sync folders.

    It must be revealed on at least one kind of disk; without a sync, each kind writes different
    data.
    """
    kinds = [kind for kind in ("btrfs", "ext4") if not why_not(kind)]
    if not kinds or not strace():
        return skipped(NO_STRACE if kinds else why_not("btrfs"))

    def tried() -> Iterator[tuple[str, list[str]]]:
        for name in WORKS if everything else sample([*WORKS], _FEW):
            is_caught = any(
                _is_forgetting_caught(folder / kind / name, name, kind) for kind in kinds
            )
            yield name, ["is not detected"] * (not is_caught)

    return figure_of(tried())


def _is_forgetting_caught(apart: Path, name: str, kind: str) -> bool:
    apart.mkdir(parents=True)
    with disk_of(kind) as disk:
        place = Place(disk.folder / "work")
        with working_in(place, apart):
            trial = trial_of(name, place, apart, disk)
            trial.begin()
            trial.program = (sys.executable, mutants.__file__, mutants.no_folder_sync.__name__)
            wrong = [*trial.attempt(AT_THE_END)]
    return bool(wrong) and DID_NOT_HAPPEN not in wrong


def full_disk(folder: Path, *, everything: bool) -> Figure:
    """Interviews at a terminal while the disk fills up, on each available kind of disk."""
    reasons = {kind: why_not(kind) for kind in KINDS}
    kinds = [kind for kind in KINDS if not reasons[kind]]
    if not kinds:
        return skipped(reasons[KINDS[0]])
    script = short_script(folder)

    def tried() -> Iterator[tuple[str, list[str]]]:
        for kind in kinds if everything else kinds[:1]:
            once = fill_meanwhile(script, folder, kind, again=False)
            yield kind, [*once, *fill_meanwhile(script, folder, kind, again=True)]
        if everything:
            yield from ((kind, [reason]) for kind, reason in reasons.items() if reason)

    return figure_of(tried())


def at_once(folder: Path, *, everything: bool) -> Figure:
    """Simultaneous interviews in one folder, some killed, during seals and summaries."""
    if not hasattr(os, "fork"):
        return skipped("the system does not support fork")
    people, rounds = (20, 50) if everything else (4, 4)
    begun = time.monotonic()
    stored, wrong = crowd(folder, people, rounds)
    return Figure(stored, people * rounds, time.monotonic() - begun, tuple(wrong))


def signalled(folder: Path, *, everything: bool) -> Figure:
    """Signals, keys that end or stop the program, and closed windows, at each question."""
    if not Path("/proc/self/stat").exists():
        return skipped("the system does not provide the processor time of a process")
    script = short_script(folder)
    found = what_happens(script)

    def tried() -> Iterator[tuple[str, list[str]]]:
        for mode, what, after in found if everything else sample(found, _SAMPLE):
            yield f"{mode} {what} {after}", [*happen(script, folder, mode, what, after)]

    return figure_of(tried())


def mutants_caught(folder: Path, *, everything: bool) -> Figure:
    """Every mutant must be detected, and the unchanged program must pass."""
    if not strace():
        return skipped(NO_STRACE)

    def tried() -> Iterator[tuple[str, list[str]]]:
        for name in (*mutants.MUTANTS, *[""] * everything):
            place = Place(folder / "work")
            program = (sys.executable, mutants.__file__, name) if name else PROGRAM
            with working_in(place, folder):
                is_caught = _is_caught(Disturbed(place, short_script(folder), folder, program))
            wrong = "is not detected" if name else "was reported as a mutant"
            yield name or "the unchanged program", [wrong] * (is_caught != bool(name))

    return figure_of(tried())


def _is_caught(trial: Disturbed) -> bool:
    """True if the order of system calls, or a kill when a record gets its name, reveals a fault."""
    calls = trial.calls()
    if any(broken_rules(calls, *trial.folders)):
        return True
    naming = [each for each in calls if each.touches and each.name == "link"]
    return any(trial.attempt(fault) for fault in reversed([*deaths(naming)]))


FIGURES: Mapping[str, Measure] = {
    "kill -9 at every call of an interview": partial(disturbed, faults=deaths),
    "an error at every call of an interview": partial(disturbed, faults=errors),
    "kill -9 at every call of an encrypted interview": partial(
        disturbed, faults=deaths, kind=Locked
    ),
    "an error at every call of an encrypted interview": partial(
        disturbed, faults=errors, kind=Locked
    ),
    **{
        f"power cut at every call of an interview, {kind}": partial(power_cut, kind=kind)
        for kind in JOURNALLED
    },
    **{
        f"kill -9 and an error at every call of a {name}": partial(changed, name=name)
        for name in WORKS
    },
    **{
        f"power cut at every change of a {name}, {kind}": partial(
            power_cut_from, name=name, kind=kind
        )
        for name in WORKS
        for kind in JOURNALLED
    },
    "power cuts detect that no folder is synced": forgetting_caught,
    "kill -9 and an error at every call of a join": joined,
    "full disk": full_disk,
    "signals, keys and closed windows at every question": signalled,
    "simultaneous interviews, some killed": at_once,
    "mutants are detected": mutants_caught,
}
"""The measurements, by name."""

NOT_BY_DEFAULT: Final = (
    *("encrypted", "that moves", "every change", "no folder", "interview, xfs", "interview, btrfs"),
    *("call of a first seal", "call of a withdrawal", "call of a join"),
)
"""Figures with these words in their names are skipped by default.

`tests/store/test_seal_crashes.py` covers the steps of a seal and a withdrawal in one process, and
`tests/cases/test_log.py` those of a change of the case log.
"""


def main() -> None:
    """Run all measurements whose names contain one of the words, and print the figures."""
    install()
    words = sys.argv[1:] or [""]
    is_right = True
    for name, measure in FIGURES.items():
        if any(word in name for word in words):
            with tempfile.TemporaryDirectory() as folder:
                figure = measure(Path(folder), everything=True)
            is_right = is_right and not figure.wrong
            sys.stdout.write(f"{name}: {figure}\n")
            sys.stdout.writelines(f"  {each}\n" for each in figure.wrong)
            sys.stdout.flush()
    sys.exit(not is_right)


if __name__ == "__main__":
    main()
