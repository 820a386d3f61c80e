"""Joins of case logs disturbed by faults: the log is the old one or the new one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from microcred_cli.cases.case import Case, Cases, Contact
from microcred_cli.cases.log import CaseLog, with_contact
from microcred_cli.cases.sample import deal
from tests.faults.tracing import CALLS, DID_NOT_HAPPEN, KILLED, PROGRAM, calls_of, traced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.program import Place
    from tests.faults.tracing import Called, Fault, Traced

_START = datetime(2027, 5, 3, 8, tzinfo=UTC)
_CODES = ("busy", "later", "1.1", "2.112", "1.2")


@dataclass
class Joins:
    """A case log and two shared logs with further contacts, joined with faults."""

    place: Place
    apart: Path
    ready: Path = field(init=False)
    command: tuple[str, ...] = ()

    def begin(self) -> list[Called]:
        """Prepare the logs; returns the system calls of an undisturbed join."""
        shared = [str(self.place.folder / f"shared-{number}.json") for number in (1, 2)]
        self.command = ("cases", "join", *shared, "--case-log", str(self._log.path))
        self.ready = self.apart / "ready"
        self.ready.mkdir()
        sample = Cases(cases=tuple(Case(label=f"DE-{n:02}", stratum="north") for n in range(12)))
        sample = with_contact(sample, "DE-00", Contact("no_answer"), _START, None)
        CaseLog(self.ready / "case-log.json").change(lambda _: sample)
        for number, part in enumerate(deal(sample.cases, 2), 1):
            log = Cases(cases=part)
            for hour, case in enumerate(part):
                now = _START + timedelta(hours=1 + hour)
                log = with_contact(log, case.label, Contact(_CODES[hour % 5]), now, None)
            CaseLog(self.ready / f"shared-{number}.json").change(lambda _, log=log: log)  # type: ignore[misc]
        self.before = self._log.read() if self._make_ready() else None
        # A first run fills the caches, so that later runs make the same system calls.
        self.traced("trace=none", quick=True)
        self._make_ready()
        ran = self.traced(f"trace={CALLS}", quick=True)
        assert ran.code == 0, ran.said
        self.after = self._log.read()
        assert self.after != self.before
        assert sum(case.attempts for case in self.after.cases) == 13
        names = ("case-log", ".case-log", "shared-")
        calls = calls_of(ran.trace, *(self.place.folder / name for name in names))
        return [replace(each, touches=each.touches or each.name == "fsync") for each in calls]

    @property
    def _log(self) -> CaseLog:
        return CaseLog(self.place.folder / "case-log.json")

    def _make_ready(self) -> bool:
        shutil.rmtree(self.place.folder)
        shutil.copytree(self.ready, self.place.folder)
        return True

    def traced(self, *expressions: str, quick: bool) -> Traced:
        """Run the real program under strace."""
        return traced(
            (*PROGRAM, *self.command),
            *expressions,
            folder=self.place.folder,
            apart=self.apart,
            environment={"MICROCRED_DEBUG": ""},
            quick=quick,
        )

    def attempt(self, fault: Fault) -> Iterator[str]:
        """The problems after a fault, and after the next join."""
        self._make_ready()
        ran = self.traced(f"trace={fault.call}", fault.injected, quick=fault.what != KILLED)
        if fault.what == KILLED:
            happened = ran.code not in (0, 2, 4)
        else:
            happened = any(str(self.place.folder) in line for line in ran.hit)
            if happened and ran.code not in (0, 2, 4):
                yield f"exit code {ran.code}: {ran.said}"
        if not happened:
            yield DID_NOT_HAPPEN
            return
        if "Traceback" in ran.said or "bug in microcred" in ran.said:
            yield f"internal error: {ran.said}"
        found = self._log.read()
        if found not in (self.before, self.after):
            yield "the log is neither the old one nor the new one"
        if ran.code == 0 and found != self.after:
            yield "reported as joined, but it is not"
        yield from self._finish()

    def _finish(self) -> Iterator[str]:
        """The problems after the next join, which is undisturbed."""
        again = self.place.run(*self.command)
        if again.code != 0:
            yield f"the next join: {again}"
        elif self._log.read() != self.after:
            yield "the next join does not complete the log"
        left = {path.name for path in self.place.folder.iterdir()}
        if left != {path.name for path in self.ready.iterdir()}:
            yield f"left over: {sorted(left)}"
        for path in self.ready.glob("shared-*"):
            if (self.place.folder / path.name).read_bytes() != path.read_bytes():
                yield f"{path.name} was changed"
