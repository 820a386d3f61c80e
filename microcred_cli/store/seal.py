"""Sealing: moves pending records to the sealed set in random order."""

from __future__ import annotations

import dataclasses
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.files.private_folder import own_folder
from microcred_cli.store.batches import SMALLEST_BATCH, STEP, batch_of
from microcred_cli.store.counts import CountedSet, Method, Published, Tally
from microcred_cli.store.folder import file_names
from microcred_cli.store.index import Index, SegmentEntry, mark_of
from microcred_cli.store.judge import Accepted, Judge
from microcred_cli.store.layout import KEPT, Kind, LeftOut, is_record
from microcred_cli.store.pending import SealedAlready, catalogue_for, rewrite, verdicts
from microcred_cli.store.publication import (
    Cohort,
    HeldBack,
    LastSeal,
    LastSeals,
    Outcome,
    SealFigures,
    fate_of_figures,
    is_begun,
    kept_for,
    read_figures,
    state_of,
    write_figures,
)
from microcred_cli.store.sealed_set import SealedSet
from microcred_cli.store.segments import LOT, Catalogue
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from microcred_cli.crypto.spools import Spool
    from microcred_cli.store.folder import Responses

    Progress = Callable[[int, int], None]

_EVERY: Final = 256


def seal(
    responses: Responses,
    judge: Judge,
    method: Method,
    *,
    take: bool = True,
    progress: Progress = lambda _done, _of: None,
) -> Outcome:
    """Seal pending responses, then pending texts, if there are enough of each.

    The module `batches` determines the number of responses to seal. If `take` is false, nothing is
    sealed, but an interrupted seal is completed. `progress` is called with the number of files read
    and the total number of files.
    """
    if not is_begun(responses):
        return figures_kept(responses, judge, method.rule)
    with responses.held():
        counted = CountedSet(SealedSet.read(responses), judge, method)
        return _Seal(responses, counted, progress, take).run()


def figures_kept(responses: Responses, judge: Judge, rule: str) -> Outcome:
    """The figures of the last seal and the faults of pending files; nothing is written."""
    last = LastSeals.read(responses.folder).seals.get(judge.ref.sha256)
    left_out = last.left_out if last is not None else ()
    found = [each for each in left_out if each[0].startswith("sealed/") or each[0] in KEPT]
    waiting = 0
    for kind in Kind:
        names = responses.names(kind)
        entries = Index.read(responses.folder, responses.cipher).entries
        sealed = catalogue_for(responses, kind, names, entries)
        for name, verdict in verdicts(responses, judge, sealed, names):
            waiting += kind is Kind.RESPONSE and isinstance(verdict, Accepted)
            if isinstance(verdict, str):
                found.append((safe(f"{kind.prefix}{name}"), safe(verdict)))
    return kept_for(responses, judge.ref.sha256, rule, waiting=waiting, left_out=found)


@dataclass(slots=True)
class _Batch:
    """The lines, file names and marks of records about to be sealed, in random order.

    Responses are counted in `tally`. The last few records, which may have to stay pending, are also
    in `late`.
    """

    place: Spool
    tally: Tally | None
    entry: SegmentEntry
    names: list[str] = field(default_factory=list)
    late: deque[Accepted] = field(default_factory=lambda: deque(maxlen=STEP))

    def add(self, name: str, accepted: Accepted) -> None:
        self.place.write(accepted.line + b"\n")
        self.names.append(name)
        self.entry.marks.append(mark_of(accepted.record_id))
        if self.tally is not None:
            self.late.append(accepted)
            self.tally.add(accepted.answers, accepted.minutes)

    def cut(self, size: int) -> list[str]:
        """Keep only this number of records; return the names of the others, which stay pending."""
        left = self.names[size:]
        if size and self.tally is not None:
            for late in list(self.late)[len(self.late) - len(left) :]:
                self.tally.subtract(late.answers, late.minutes)
        del self.names[size:], self.entry.marks[size:]
        return left

    def lines(self) -> Generator[bytes, None, None]:
        yield from islice(self.place.lines(), len(self.names))


@dataclass(slots=True)
class _Pending:
    """Names of pending files of one kind: all files, files that stay pending, files just sealed.

    `are_removed` is set when the files of the sealed records have been removed.
    """

    looked_at: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)
    catalogue: Catalogue | None = None
    are_removed: bool = False


@dataclass(slots=True)
class _Seal:
    responses: Responses
    counted: CountedSet
    progress: Progress
    take: bool
    pending: dict[Kind, _Pending] = field(default_factory=lambda: {k: _Pending() for k in Kind})
    left_out: list[LeftOut] = field(default_factory=list)
    taken: int = 0
    returned: int = 0
    held_back: HeldBack = ""

    @property
    def _set(self) -> SealedSet:
        return self.counted.sealed

    def run(self) -> Outcome:
        sealed, counted = self._set, self.counted
        for folder in (self.responses.texts, *map(sealed.segments.folder, Kind)):
            own_folder(folder)
            files.neutralise_time(folder)
        sealed.remove_leftovers()
        before = sealed.last.to_object()
        repaired = self._neutralise()
        sealed.open()
        if sealed.fresh & counted.own.keys():
            counted.keep(counted.tally())
        elif sealed.index.entries and sealed.index.withdrawn != sealed.tombstones.digest:
            sealed.write_index()
        repaired += sealed.removed
        tally = self._seal_responses()
        self._seal_texts()
        self.left_out += [*sealed.left_out, *counted.left_out()]
        self.left_out += [*counted.left_out_of_pools(), *sealed.segments.telling()]
        sealed.note_pools()
        figures = self._figures(tally)
        self.left_out += counted.write_columns()
        self._remember(before)
        return Outcome(
            *(self.taken, (*self.left_out, *repaired), figures, self.held_back),
            counted=self._last.cohort.fewest if self._last is not None else 0,
            waiting=len(self.pending[Kind.RESPONSE].left),
            sealed=counted.size,
            returned=self.returned,
        )

    @property
    def _last(self) -> LastSeal | None:
        return self._set.last.seals.get(self.counted.sha256)

    def _note(self, last: LastSeal) -> None:
        self._set.last.seals[self.counted.sha256] = last

    def _neutralise(self) -> list[LeftOut]:
        """Reset revealing permissions and times in the sealed set; return the repaired findings."""
        segments = self._set.segments
        told = segments.telling()
        segments.neutralise([name for name, _ in told])
        # Findings that could not be repaired are reported with the remaining faults.
        left = {name for name, _ in segments.telling()} if told else set()
        return [(name, wrong) for name, wrong in told if name not in left]

    def _remember(self, before: object) -> None:
        """Store the result of the seal."""
        gone = {safe(f"{kind.prefix}{name}") for kind in Kind for name in self.pending[kind].sealed}
        still_wrong = tuple(part for part in self.left_out if part[0] not in gone)
        # Files added in the meantime have not been read, so they are not part of the state.
        known = {k: {*each.looked_at} - {*each.sealed} for k, each in self.pending.items()}
        state = state_of(self.responses, known)
        if (last := self._last) is not None:
            waiting = len(self.pending[Kind.RESPONSE].left)
            last = dataclasses.replace(last, state=state, left_out=still_wrong, waiting=waiting)
            self._note(dataclasses.replace(last, sealed=self.counted.size))
        if self._set.last.to_object() != before:
            self._set.last.write()

    def _seal_responses(self) -> Tally | None:
        """Seal the pending responses if there are enough; return the new counts, or None."""
        pending = self.pending[Kind.RESPONSE]
        pending.looked_at = self.responses.names()
        is_enough = len(pending.looked_at) >= SMALLEST_BATCH
        tally = self.counted.tally() if self.take and is_enough else None
        with ExitStack() as stack:
            for batch in self._batches(Kind.RESPONSE, tally, stack).values():
                size = batch_of(len(batch.names)) if tally is not None else 0
                pending.left = batch.cut(size)
                if tally is not None and size:
                    self._append(batch, tally)
        self._finish(Kind.RESPONSE)
        if self.taken:
            # Pilot timings can be sealed later than the responses.
            rewrite(self.responses.times, filter(is_record, file_names(self.responses.times)))
        return tally if self.taken else None

    def _append(self, batch: _Batch, tally: Tally) -> None:
        if not self.counted.own and self._last is None:
            # No figures can have been printed yet, so the figures of the first batch may be
            # computed even after an interruption.
            self._note(LastSeal(Cohort.of(())))
        self._return_some(tally)
        self._set.append(batch.entry, batch.lines(), tally.to_object())
        self.pending[Kind.RESPONSE].sealed += batch.names
        self.taken = len(batch.names)

    def _seal_texts(self) -> None:
        """Append the pending texts of each item to the item's pool if there are enough of them.

        If an item has at least ten pending texts, all of them are appended; the number of texts is
        never printed, so it cannot reveal anything. All pending texts of an item stay pending
        together, whereas the responses that stay pending are chosen at random. Pending texts
        therefore reveal nothing about pending responses, and vice versa.
        """
        pending, sha256 = self.pending[Kind.TEXT], self.counted.sha256
        pending.looked_at = self.responses.names(Kind.TEXT)
        with ExitStack() as stack:
            for item, batch in sorted(self._batches(Kind.TEXT, None, stack).items()):
                pool = self._set.segments.pool_of(item)
                assert pending.catalogue is not None
                # An unreadable pool is reported when it is read.
                is_readable = pool not in pending.catalogue.unread
                is_enough = len(batch.names) >= SMALLEST_BATCH and is_readable
                size = len(batch.names) if self.take and is_enough else 0
                pending.left += batch.cut(size)
                if size:
                    there = pending.catalogue.count(pool)
                    self._set.append_texts(item, sha256, size, batch.lines(), there)
                    pending.sealed += batch.names
        self._finish(Kind.TEXT)

    def _batches(self, kind: Kind, tally: Tally | None, stack: ExitStack) -> dict[str, _Batch]:
        """The pending records that can be sealed, in random order, by item ("" means responses)."""
        pending, sealed = self.pending[kind], self._set
        names = pending.looked_at
        LOT.shuffle(names)
        pending.catalogue = catalogue_for(self.responses, kind, names, sealed.entries[kind])
        batches: dict[str, _Batch] = {}
        found = verdicts(self.responses, self.counted.judge, pending.catalogue, names)
        for number, (name, verdict) in enumerate(found):
            if kind is Kind.RESPONSE and not number % _EVERY:
                self.progress(number, len(names))
            if isinstance(verdict, Accepted):
                if verdict.item not in batches:
                    spool = self.responses.cipher.spool(sealed.segments.folder(kind))
                    place, entry = stack.enter_context(spool), SegmentEntry(0, self.counted.sha256)
                    batches[verdict.item] = _Batch(place, tally, entry)
                batches[verdict.item].add(name, verdict)
            elif isinstance(verdict, SealedAlready):
                pending.sealed.append(name)
            else:
                self.left_out.append((safe(f"{kind.prefix}{name}"), safe(verdict)))
        if kind is Kind.RESPONSE:
            self.progress(len(names), len(names))
        return batches

    def _finish(self, kind: Kind) -> None:
        """Remove the files of sealed records; rewrite the other pending files in random order."""
        folder, pending = self.responses.place(kind), self.pending[kind]
        files.remove_named(folder, pending.sealed, still=True)
        pending.are_removed = True
        if self.taken:
            # The files still exist: only a withdrawal could remove them, which requires the
            # folder's lock.
            rewrite(folder, pending.left)

    def _return_some(self, tally: Tally) -> None:
        """Return responses to pending until a multiple of five is sealed."""
        pending = self.pending[Kind.RESPONSE]
        # A leftover pending file of a sealed response would have the same name as a returned
        # response.
        if not pending.are_removed:
            files.remove_named(self.responses.folder, pending.sealed, still=True)
        returned = self.counted.return_some(tally)
        self.returned += len(returned)
        pending.left += returned
        pending.looked_at += returned
        pending.sealed = [name for name in pending.sealed if name not in returned]

    def _figures(self, tally: Tally | None) -> object | None:
        """The figures that may be printed now, recomputed if enough responses were added."""
        own, kept = self.counted.own, read_figures(self.responses.folder)
        if not own:
            return None
        before, last, now = kept.get(self.counted.sha256), self._last, Cohort.of(own.values())
        rule, is_untouched = self.counted.method.rule, not self._set.tombstones.hashes
        is_sealed = tally is not None
        fate = fate_of_figures(
            before, last, now, rule=rule, is_sealed=is_sealed, is_untouched=is_untouched
        )
        if last is None:
            self._note(LastSeal(Cohort(now.most, fewest=now.fewest)))
        if fate == "make":
            return self._make(tally or self.counted.tally(), kept)
        if fate == "keep":
            return before.figures if before is not None else None
        self.held_back = fate
        return None

    def _make(self, tally: Tally, kept: Mapping[str, SealFigures]) -> object:
        """Compute figures from all sealed responses, and store the figures."""
        counted, sha256, method = self.counted, self.counted.sha256, self.counted.method
        assert self._last is not None
        if not Cohort.of(counted.own.values()).is_known_as(self._last.cohort):
            # A seal was interrupted, and somebody has withdrawn a response since.
            self._return_some(tally)
            counted.keep(tally)
        before = kept.get(sha256)
        people = self._set.index.people
        published = None
        if before is not None and before.rule == method.rule:
            published = Published(before.figures, people.get(sha256))
        made = SealFigures(method.rule, method.protect(tally, published))
        # The number of people is written first: if the figures covered more people than recorded,
        # the next comparison would miss some disclosures.
        people[sha256] = tally.people()
        self._set.write_index()
        # The cohort is written before the figures, so that the cohort of printed figures is always
        # known.
        self._note(LastSeal(Cohort.of(counted.own.values()), made.digest, method.rule))
        self._set.last.write()
        write_figures(self.responses.folder, {**kept, sha256: made})
        return made.figures
