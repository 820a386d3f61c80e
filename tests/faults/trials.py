"""Seals, withdrawals and collections disturbed by faults, and the conditions afterwards."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from microcred_cli.crypto.canary import prove
from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import new_identity, plain_file
from microcred_cli.records.receipts import show
from tests.faults.folders import (
    CAFE,
    WORKS,
    Crowd,
    Stood,
    Work,
    figures_in,
    receipt,
    tell_tales,
    without,
)
from tests.faults.tracing import (
    AT_THE_END,
    CALLS,
    DID_NOT_HAPPEN,
    KILLED,
    PROGRAM,
    calls_of,
    traced,
)
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.cli.program import Place
    from tests.faults.disks import Disk
    from tests.faults.tracing import Called, Fault, Traced

_SAID_WITHDRAWN: Final = "Withdrawn: the response and its free-text answers are deleted."


def trial_of(name: str, place: Place, apart: Path, disk: Disk | None = None) -> Trial:
    """A trial of one of `WORKS`; with a disk, a kill also cuts its power."""
    work = WORKS[name]
    definition, item = "mc_employers", "comments"
    if work.is_short:
        definition, item = str(apart / "cafe.yaml"), "why"
        cafe = questionnaire_of(CAFE).model_dump_json(exclude_none=True)
        (apart / "cafe.yaml").write_text(cafe)
    # The source of a collection is on another disk, which does not lose removals.
    crowd = Crowd(place, definition, item, apart / "anna")
    return Trial(locked(crowd, apart) if work.encrypted else crowd, work, apart, disk)


def locked(crowd: Crowd, apart: Path) -> Crowd:
    """The same crowd, with folders encrypted to a key that only staff have."""
    secret, public = new_identity()
    settings, key = apart / "fieldwork.toml", apart / "staff.key"
    settings.write_text(f'recipients = ["{public}"]\nprivacy_statement = "x"\n')
    key.write_bytes(plain_file(secret))
    key.chmod(0o600)
    assert prove(settings, (public,), (secret,)) == ()
    options = ("--fieldwork", str(settings), "--identity", str(key))
    return replace(crowd, cipher=Age((public,), (secret,)), options=options)


@dataclass
class Trial:
    """A prepared folder, its state after an undisturbed run, and the faults tested on it."""

    crowd: Crowd
    work: Work
    apart: Path
    disk: Disk | None = None
    program: Sequence[str] = PROGRAM
    happened: Counter[str] = field(default_factory=Counter)

    def begin(self) -> list[Called]:
        """Prepare everything; returns the system calls of an undisturbed run."""
        self.place = self.crowd.place
        self.folders = [self.place.responses, *[self.crowd.source] * self.work.moves]
        self.work.ready(self.crowd)
        self.gone = () if self.work.withdrawn is None else self.crowd.ids_of(self.work.withdrawn)
        self.command = self.crowd.sealing
        if self.gone:
            self.command = ("withdraw", *self.crowd.options)
        if self.work.collects:
            options = ("--questionnaire", self.crowd.definition, *["--move"] * self.work.moves)
            self.command = ("collect", *options, *self.crowd.options, str(self.crowd.source))
        self.typed = show(receipt(self.work.withdrawn)) if self.work.withdrawn is not None else ""
        for folder in self.folders:
            shutil.copytree(folder, self._ready(folder))
        self.before = Counter(dict.fromkeys(without(self._there(), self.gone), 1))
        # A first run fills the caches, so that later runs make the same system calls.
        self.traced("trace=none", quick=True)
        self._make_ready()
        ran = self.traced(f"trace={CALLS}", quick=True)
        assert ran.code == 0, ran.said
        self.done = self._result()
        assert self.crowd.seal().code == 0
        self.whole = self.crowd.stood(self.place.responses)
        self.figures = figures_in(self.place.responses)
        assert self.before == self.whole.records
        assert not (told := [*tell_tales(self.crowd, self.work.withdrawn)]), told
        return calls_of(ran.trace, *self.folders)

    def _make_ready(self) -> None:
        for folder in self.folders:
            shutil.rmtree(folder)
            shutil.copytree(self._ready(folder), folder)

    def _ready(self, folder: Path) -> Path:
        return self.apart / f"ready-{folder.name}"

    def _result(self) -> tuple[Stood, object]:
        """The records in the folder, and its figures."""
        return self.crowd.stood(self.place.responses), figures_in(self.place.responses)

    def _there(self) -> Counter[str]:
        """The records in the folder, and in the folder to collect from."""
        there = self.crowd.stood(self.place.responses).records
        return there + self.crowd.stood(self.crowd.source).records if self.work.collects else there

    def traced(self, *expressions: str, quick: bool) -> Traced:
        """Run the real program under strace."""
        return traced(
            (*self.program, *self.command),
            *expressions,
            folder=self.place.folder,
            apart=self.apart,
            typed=self.typed,
            environment={"MICROCRED_DEBUG": ""},
            quick=quick,
        )

    def attempt(self, fault: Fault) -> Iterator[str]:
        """The problems after a fault, and after the next run."""
        self._make_ready()
        if self.disk is not None:
            self.disk.settle()
        ran = self.traced(f"trace={fault.call}", fault.injected, quick=fault.what != KILLED)
        if self.disk is not None:
            self.disk.cut_power()
        may_end = {0, 4}
        is_elsewhere = self.work.moves and str(self.crowd.source) in "".join(ran.hit)
        if fault.what == KILLED:
            happened = ran.code not in may_end
        else:
            happened = any(str(folder) in line for line in ran.hit for folder in self.folders)
            # An unreadable file in the source of a collection is a finding.
            if is_elsewhere:
                may_end = {0, 1, 4}
            if ran.code not in may_end and happened:
                yield f"exit code {ran.code}: {ran.said}"
        if not happened:
            yield DID_NOT_HAPPEN
            return
        self.happened[KILLED if fault.what == KILLED else f"code {ran.code}"] += 1
        if "Traceback" in ran.said or "bug in microcred" in ran.said:
            yield f"internal error: {ran.said}"
        # A problem with one source of a collection is reported in one line with its name.
        if ran.code == 4 and len(ran.err.strip().splitlines()) < 2 - is_elsewhere:
            yield f"no error message with a hint: {ran.said}"
        if not {*self.before} <= {*self._there()}:
            yield "records are lost"
        yield from self.broken_word(ran, fault)
        yield from self.finish()

    def broken_word(self, ran: Traced, fault: Fault) -> Iterator[str]:
        """The problems that would remain if the program had reported success."""
        if self.gone and (ran.code == 0 or _SAID_WITHDRAWN in ran.said):
            if {*self.crowd.stood(self.place.responses).records} != {*self.before}:
                yield "reported as withdrawn, but it is not"
        elif fault == AT_THE_END and self._result() != self.done:
            yield "reported as done, but the result was not kept"

    def finish(self) -> Iterator[str]:
        """The problems after the next run, which is undisturbed."""
        folder = self.place.responses
        again = self.place.run(*self.command, typed=self.typed)
        if again.code not in ((0, 1) if self.gone else (0,)):
            yield f"the next run: {again}"
        if self.work.moves and self.crowd.stood(self.crowd.source).records:
            yield "records are left in the source"
        if self.gone or self.work.collects:
            self.crowd.seal()
        now = self.crowd.stood(folder)
        if now.records != self.before:
            yield f"duplicates: {now.records - self.before}, lost: {self.before - now.records}"
            return
        waiting = [json.loads(record) for record in now.records.keys() - now.sealed]
        if any(n >= 10 for n in Counter(record.get("item") for record in waiting).values()):
            yield f"{len(waiting)} responses are left waiting"
        if self.crowd.counts() != self.crowd.counted(now.sealed):
            yield "the counts do not match the sealed responses"
        is_determined = self.gone or now.sealed == self.whole.sealed
        if is_determined and figures_in(folder) != self.figures:
            yield "the figures differ"
        yield from tell_tales(self.crowd, self.work.withdrawn)
