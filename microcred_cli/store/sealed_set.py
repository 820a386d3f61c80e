"""The sealed set: segments with their index, counts and tombstones, and operations on them.

A sealed set must only be used while its folder is locked. The package docstring explains the order
of writes.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.store.index import Index, SegmentEntry, Tombstones, mark_of
from microcred_cli.store.layout import REMOVED, Kind, LeftOut, is_record
from microcred_cli.store.publication import Cohort, LastSeals
from microcred_cli.store.segments import Segments, id_in, place_of, riffled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Mapping

    from microcred_cli.store.folder import Responses

MERGED_BELOW: Final = 10_000
"""Segments with fewer responses are merged with the next batch, so that batches cannot be told
apart."""


def contained(entries: Mapping[str, SegmentEntry], fresh: Collection[str]) -> set[str]:
    """Segments that were merged into another segment but, because of a crash, not removed.

    Only pairs with a fresh segment are compared; other pairs were compared earlier.
    """
    if not fresh:
        return set()
    marks = {name: frozenset(entry.marks) for name, entry in entries.items()}
    order = sorted(marks, key=lambda name: (len(marks[name]), name))
    return {
        name
        for name, other in combinations(order, 2)
        if marks[name]
        and (name in fresh or other in fresh)
        and not entries[name].damaged
        and marks[name] <= marks[other]
    }


@dataclass(slots=True)
class SealedSet:
    """The sealed records of a folder.

    `entries` contains the index entries of segments by kind of record. After `open`, every readable
    segment of responses has an entry; segments that were not in the index are `fresh` until they
    have been counted.
    """

    responses: Responses
    index: Index
    last: LastSeals
    tombstones: Tombstones
    entries: dict[Kind, dict[str, SegmentEntry]]
    applied: dict[Kind, str]
    """The digest of the tombstones already applied to the segments of one kind."""
    left_out: list[LeftOut] = field(default_factory=list)
    removed: list[LeftOut] = field(default_factory=list)
    """Lines of withdrawn records that `open` has removed: restored copies, and lines left by a
    crash."""
    fresh: set[str] = field(default_factory=set)
    counted: set[int] = field(default_factory=set)
    """The marks of the responses in `fresh` segments that are already counted."""

    @classmethod
    def read(cls, responses: Responses) -> SealedSet:
        """Read the sealed set from the index and the last seal; nothing is written."""
        folder = responses.folder
        index = Index.read(folder, responses.cipher)
        last, tombstones = LastSeals.read(folder), Tombstones.read(folder)
        entries = {Kind.RESPONSE: dict(index.entries), Kind.TEXT: dict(last.pools)}
        applied = {Kind.RESPONSE: index.withdrawn, Kind.TEXT: last.withdrawn}
        return cls(responses, index, last, tombstones, entries, applied)

    @property
    def segments(self) -> Segments:
        """The segment files."""
        return self.responses.segments

    # -- recovery

    def remove_leftovers(self, ids: Mapping[Kind, Collection[str]] | None = None) -> None:
        """Remove temporary files of interrupted writes; safe while interviews are running.

        No other process can be writing files of the currently pending records, or of these ids.
        """
        self.segments.remove_leftovers()
        for folder in (self.responses.folder, self.responses.texts):
            if folder.is_dir():
                files.remove_leftovers(folder, still=True)
        for kind in Kind:
            folder, also = self.responses.place(kind), ids[kind] if ids else ()
            names = {*self.responses.names(kind)}
            names |= {self.responses.file_of(each, kind).name for each in also}
            if folder.is_dir():
                files.remove_leftovers_of(folder, names, still=True)

    def open(self) -> None:
        """Recover from crashes: index new segments, apply tombstones, remove merged segments."""
        for kind in (Kind.TEXT, Kind.RESPONSE):
            self._take_up(kind)
        entries = self.entries[Kind.RESPONSE]
        for name, entry in self.index.entries.items():
            if name not in entries:
                self.index.counts.pop(entry.sha256, None)
        sizes = self.segments.sizes(Kind.RESPONSE)[0]
        for name in [name for name in sizes if name not in entries]:
            try:
                entries[name] = self.segments.entry_of(name, sizes[name])
                self.fresh.add(name)
            except StoreError as error:
                self.left_out.append((place_of(Kind.RESPONSE, name), error.message))
        gone = contained(entries, self.fresh)
        self.segments.discard(gone)
        for name in gone:
            # The responses of this segment are counted already, and are now in a fresh segment.
            self.counted.update(() if name in self.fresh else entries[name].marks)
            del entries[name]
        self.fresh -= gone
        self._remove_half_returned()

    def _take_up(self, kind: Kind) -> None:
        """Keep the valid index entries, and apply tombstones that have not been applied yet."""
        sizes, foreign = self.segments.sizes(kind)
        self.left_out += foreign
        known = {n: e for n, e in self.entries[kind].items() if sizes.get(n) == e.size}
        is_applied = self.applied[kind] == self.tombstones.digest
        done = known.keys() if is_applied else set[str]()
        for name in sizes.keys() - done if self.tombstones.hashes else ():
            # An unreadable segment is reported later, when it is indexed or read.
            with suppress(StoreError):
                found = self.segments.remove(kind, name, self.tombstones.__contains__)
                self.removed += [(place_of(kind, name, number), REMOVED) for number, _ in found]
                if found:
                    known.pop(name, None)
        self.entries[kind] = known
        self.applied[kind] = self.tombstones.digest

    def _remove_half_returned(self) -> None:
        """Remove temporary files left by an interrupted return of responses to pending."""
        responses = self.responses
        with files.faults_named(responses.folder):
            paths = responses.folder.glob(".*.json*.part")
            written = {path.name[1:].partition(".json")[0] for path in paths}
        entries = self.entries[Kind.RESPONSE].values() if written else ()
        marks = {mark for entry in entries for mark in entry.marks}
        ids = [each for each in written if is_record(f"{each}.json") and mark_of(each) in marks]
        names = {responses.file_of(each).name for each in ids}
        files.remove_leftovers_of(responses.folder, names, still=True)

    def write_index(self) -> None:
        """Write the index and the counts, leaving out segments that have not been counted yet."""
        known = self.entries[Kind.RESPONSE].items()
        self.index.entries = {name: entry for name, entry in known if name not in self.fresh}
        self.index.withdrawn = self.applied[Kind.RESPONSE]
        self.index.write()

    def note_pools(self) -> None:
        """Copy the index entries of the pools to the last seals, which the caller must write."""
        self.last.pools = self.entries[Kind.TEXT]
        self.last.withdrawn = self.applied[Kind.TEXT]

    def own(self, sha256: str) -> dict[str, SegmentEntry]:
        """The entries of the segments with responses to a definition."""
        entries = self.entries[Kind.RESPONSE].items()
        return {name: entry for name, entry in entries if entry.sha256 in (sha256, "")}

    # -- append

    def append(
        self, entry: SegmentEntry, lines: Generator[bytes, None, None], counts: object
    ) -> None:
        """Merge a batch with all small segments in random order, and remove the small segments.

        A segment with a damaged line is not merged until it has been repaired. A note that new
        figures must be computed is written first, so that the next run computes them after an
        interruption. `entry` describes the batch, and is extended to describe the new segment;
        `counts` include the batch.
        """
        sha256, entries = entry.sha256, self.entries[Kind.RESPONSE]
        own = self.own(sha256)
        small = {name: other for name, other in own.items() if len(other.marks) < MERGED_BELOW}
        merged = {name: other for name, other in small.items() if not other.damaged}
        sources = [(len(entry.marks), lines)]
        for name, other in merged.items():
            sources.append((len(other.marks), self.segments.lines(Kind.RESPONSE, name)))
            entry.marks.extend(other.marks)
        entry.counted = len(entry.marks)
        self._announce(sha256, (entry, *(own[name] for name in own.keys() - merged.keys())))
        name = self.segments.create(riffled(sources))
        entry.size = self.segments.size(Kind.RESPONSE, name)
        for old in merged:
            del entries[old]
        entries[name] = entry
        self.index.counts[sha256] = counts
        self.write_index()
        self.segments.discard(merged)

    def _announce(self, sha256: str, entries: Iterable[SegmentEntry]) -> None:
        """Write a note that the figures of the cohort in these entries must be computed.

        The note is valid only for this cohort. If somebody withdraws before the figures are
        computed, the note is ignored, and new figures require ten more responses, as after any
        withdrawal.
        """
        if (seal := self.last.seals.get(sha256)) is not None:
            self.last.seals[sha256] = replace(seal, due=Cohort.of(entries).sha256)
            self.last.write()

    def append_texts(
        self,
        item: str,
        sha256: str,
        count: int,
        lines: Generator[bytes, None, None],
        there: int,
    ) -> None:
        """Merge `count` texts of an item in random order into its pool of `there` texts."""
        name = self.segments.pool_of(item)
        sources = [(count, lines)]
        if there:
            sources.append((there, self.segments.lines(Kind.TEXT, name)))
        self.segments.write(Kind.TEXT, name, riffled(sources))
        before = self.entries[Kind.TEXT].pop(name, None)
        if not there or (before is not None and before.sha256 == sha256 and not before.damaged):
            size = self.segments.size(Kind.TEXT, name)
            self.entries[Kind.TEXT][name] = SegmentEntry(size, sha256)

    # -- remove

    def bury(self, hashes: Collection[str], *, is_whole: bool = False) -> None:
        """Write tombstones and delete all references to the records, before any record is removed.

        `is_whole` is set if no segment can contain any of the records after the removal.
        """
        before = self.tombstones.digest
        self.tombstones = self.tombstones.add(hashes, self.responses.folder)
        for kind in Kind:
            if is_whole and self.applied[kind] == before:
                self.applied[kind] = self.tombstones.digest
        self.last.name_nothing()

    def holding(
        self, kind: Kind, ids: Collection[str], unread: list[StoreError]
    ) -> dict[str, bytes]:
        """The segments with any of these ids, and one such line; errors are added to `unread`."""
        found: dict[str, bytes] = {}
        for name, size in self.segments.sizes(kind)[0].items():
            entry = self.entries[kind].get(name)
            is_known = kind is Kind.RESPONSE and entry is not None and entry.size == size
            if is_known and entry and not any(mark_of(each) in entry.marks for each in ids):
                continue
            try:
                with closing(self.segments.lines(kind, name)) as lines:
                    if line := next((line for line in lines if id_in(line, kind) in ids), b""):
                        found[name] = line
            except StoreError as error:
                unread.append(error)
        return found

    def remove(
        self,
        kind: Kind,
        names: Collection[str],
        ids: Collection[str],
        uncount: Callable[[str, bytes], bool],
    ) -> None:
        """Rewrite segments without these records, and remove them from the index and the counts.

        `uncount` subtracts the response in a line from the counts of a definition; if it returns
        False, these counts are deleted.
        """
        sizes = self.segments.sizes(kind)[0]
        # A segment that was merged into a larger one is rewritten first, being smaller: after an
        # interruption, it contains no record that the larger segment lacks.
        for name in sorted(names, key=lambda name: (sizes[name], name)):
            entry = self.entries[kind].get(name)
            is_known = entry is not None and entry.size == sizes[name] and not entry.damaged
            lines = self.take_out(kind, name, ids)
            if entry and not (is_known and all(uncount(entry.sha256, line) for line in lines)):
                self._forget(kind, name)

    def take_out(self, kind: Kind, name: str, ids: Collection[str]) -> list[bytes]:
        """Rewrite a segment and its index entry without these records; return the removed lines."""
        found = self.segments.remove(kind, name, ids.__contains__)
        if (entry := self.entries[kind].get(name)) is not None:
            entry.shrink(self.segments.size(kind, name), ids, {number for number, _ in found})
        return [line for _, line in found]

    def forget(self, record_id: str) -> bool:
        """Delete the counts, and the index entries that list this response.

        The segments of the deleted entries no longer exist or were changed. Returns True if there
        were any such entries.
        """
        mark, entries = mark_of(record_id), self.entries[Kind.RESPONSE]
        found = [name for name, entry in entries.items() if mark in entry.marks]
        for name in found:
            self._forget(Kind.RESPONSE, name)
        return bool(found)

    def _forget(self, kind: Kind, name: str) -> None:
        entry = self.entries[kind].pop(name, None)
        if entry is not None and kind is Kind.RESPONSE:
            self.index.counts.pop(entry.sha256, None)
