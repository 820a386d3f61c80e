"""The sealed set: segments with their index, counts and tombstones, and all operations on them.

Use it only under the folder's lock. The order of writes is explained in the package's docstring.
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
"""A segment with fewer responses is merged with the next batch, so that none is a batch."""


def contained(entries: Mapping[str, SegmentEntry], fresh: Collection[str]) -> set[str]:
    """The segments whose responses are all in another one: a crash prevented their removal.

    Only pairs with a fresh one are compared; all others have been.
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

    `entries` has the index entries of segments, by kind. After `open`, every readable segment of
    responses has one; those that were not in the index are `fresh` until they are counted.
    """

    responses: Responses
    index: Index
    last: LastSeals
    tombstones: Tombstones
    entries: dict[Kind, dict[str, SegmentEntry]]
    applied: dict[Kind, str]
    """The digest of the tombstones that were applied to the segments of a kind."""
    left_out: list[LeftOut] = field(default_factory=list)
    removed: list[LeftOut] = field(default_factory=list)
    """The lines of withdrawn records that had come back, or were never removed."""
    fresh: set[str] = field(default_factory=set)
    counted: set[int] = field(default_factory=set)
    """The marks of the responses in `fresh` that are counted already."""

    @classmethod
    def read(cls, responses: Responses) -> SealedSet:
        """The set according to the index and the last seal; nothing is written."""
        folder = responses.folder
        index = Index.read(folder, responses.cipher)
        last, tombstones = LastSeals.read(folder), Tombstones.read(folder)
        entries = {Kind.RESPONSE: dict(index.entries), Kind.TEXT: dict(last.pools)}
        applied = {Kind.RESPONSE: index.withdrawn, Kind.TEXT: last.withdrawn}
        return cls(responses, index, last, tombstones, entries, applied)

    @property
    def segments(self) -> Segments:
        """The files."""
        return self.responses.segments

    # -- recovery

    def remove_leftovers(self, ids: Mapping[Kind, Collection[str]] | None = None) -> None:
        """Remove leftovers of interrupted writes; interviews continue meanwhile.

        Nobody else can be writing the records that are pending now, nor others with these ids.
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
        """Recover: index new segments, apply tombstones, remove segments contained in others."""
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
        files.remove_named(self.segments.folder(Kind.RESPONSE), gone, still=True)
        for name in gone:
            # Its responses are counted, and are in a fresh segment now.
            self.counted.update(() if name in self.fresh else entries[name].marks)
            del entries[name]
        self.fresh -= gone
        self._remove_half_returned()

    def _take_up(self, kind: Kind) -> None:
        """Keep the valid entries, and apply tombstones that were not applied yet."""
        sizes, foreign = self.segments.sizes(kind)
        self.left_out += foreign
        known = {n: e for n, e in self.entries[kind].items() if sizes.get(n) == e.size}
        is_applied = self.applied[kind] == self.tombstones.digest
        done = known.keys() if is_applied else set[str]()
        for name in sizes.keys() - done if self.tombstones.hashes else ():
            # An unreadable segment is reported when it is indexed or read.
            with suppress(StoreError):
                found = self.segments.remove(kind, name, self.tombstones.__contains__)
                self.removed += [(place_of(kind, name, number), REMOVED) for number, _ in found]
                if found:
                    known.pop(name, None)
        self.entries[kind] = known
        self.applied[kind] = self.tombstones.digest

    def _remove_half_returned(self) -> None:
        """Remove leftovers of returning responses to pending."""
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
        """Write the index and the counts, of all segments except those not counted yet."""
        known = self.entries[Kind.RESPONSE].items()
        self.index.entries = {name: entry for name, entry in known if name not in self.fresh}
        self.index.withdrawn = self.applied[Kind.RESPONSE]
        self.index.write()

    def note_pools(self) -> None:
        """Copy the entries of the pools to the last seals, which the caller writes."""
        self.last.pools = self.entries[Kind.TEXT]
        self.last.withdrawn = self.applied[Kind.TEXT]

    def own(self, sha256: str) -> dict[str, SegmentEntry]:
        """The entries of the segments that answer a definition."""
        entries = self.entries[Kind.RESPONSE].items()
        return {name: entry for name, entry in entries if entry.sha256 in (sha256, "")}

    # -- append

    def append(
        self, entry: SegmentEntry, lines: Generator[bytes, None, None], counts: object
    ) -> None:
        """Merge a batch in random order with every small segment, index it, then remove those.

        A segment with a damaged line is left alone until it is repaired. That figures are due is
        written first: after an interruption, the next run makes them. `entry` is that of the batch
        alone, and becomes that of the segment; `counts` include the batch.
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
        files.remove_named(self.segments.folder(Kind.RESPONSE), merged, still=True)

    def _announce(self, sha256: str, entries: Iterable[SegmentEntry]) -> None:
        """Write that figures of these entries are due.

        The note is valid for exactly these. A withdrawal in between invalidates it: then the next
        figures wait for ten more, as they do after any withdrawal.
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
        """Merge `count` texts in random order with their item's pool, which has `there` of them."""
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
        """Write tombstones, and forget anything that may name the records, before any is removed.

        `is_whole` is whether every segment is known to be without them once that is done.
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
        """A line with one of these ids from each segment that has one; `unread` gets the faults."""
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
        """Rewrite segments without these records, and take them out of the index and the counts.

        `uncount` subtracts a line from a definition's counts; if it cannot, they are dropped.
        """
        sizes = self.segments.sizes(kind)[0]
        # A segment merged into another is smaller: if this is interrupted in between, it has
        # no record that the other lacks.
        for name in sorted(names, key=lambda name: (sizes[name], name)):
            entry = self.entries[kind].get(name)
            is_known = entry is not None and entry.size == sizes[name] and not entry.damaged
            lines = self.take_out(kind, name, ids)
            if entry and not (is_known and all(uncount(entry.sha256, line) for line in lines)):
                self._forget(kind, name)

    def take_out(self, kind: Kind, name: str, ids: Collection[str]) -> list[bytes]:
        """Rewrite a segment and its entry without these records; returns their lines."""
        found = self.segments.remove(kind, name, ids.__contains__)
        if (entry := self.entries[kind].get(name)) is not None:
            entry.shrink(self.segments.size(kind, name), ids, {number for number, _ in found})
        return [line for _, line in found]

    def forget(self, record_id: str) -> bool:
        """Forget segments that contain a response according to the index, with their counts.

        They are gone, or were changed meanwhile; returns whether there were any.
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
