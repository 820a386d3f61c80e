"""Counts of the sealed responses to a questionnaire, as stored in the index."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.store.batches import STEP
from microcred_cli.store.index import SegmentEntry, Tombstones, mark_of
from microcred_cli.store.judge import Accepted, Judge, as_file
from microcred_cli.store.layout import Kind, LeftOut, stem
from microcred_cli.store.pending import WITHDRAWN
from microcred_cli.store.segments import LOT, Segments, id_in, place_of
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from microcred_cli.store.sealed_set import SealedSet

ELSEWHERE: Final = "it belongs to another question"
_MOST_NAMED: Final = 10
"""The maximum number of lines with the same fault in a segment that are listed individually."""


class Tally(Protocol):
    """Counts of answers that can be stored and updated."""

    def add(self, answers: Mapping[str, Any], minutes: int | None) -> None:
        """Add the answers and the duration of a response to the counts."""

    def subtract(self, answers: Mapping[str, Any], minutes: int | None) -> None:
        """Subtract the answers of a response and its duration."""

    def to_object(self) -> object:
        """The counts as a JSON-compatible object."""

    def people(self) -> object:
        """The number of people in each combination of groups, as a JSON-compatible object."""


@dataclass(frozen=True, slots=True)
class Published:
    """The last published figures and, if known, the numbers of people in them (`Tally.people`)."""

    figures: object
    people: object | None


class ColumnCounting(Protocol):
    """Column files, which an engine counts in place of the lines of whole segments."""

    def add(self, segments: Segments, sizes: Mapping[str, int], tally: Tally) -> bool:
        """Count all or none of these segments, with their numbers of responses; False if none."""

    def countable(self, segments: Segments, names: Collection[str]) -> Collection[str]:
        """The segments that can be counted without reading their lines in this process."""

    def write(self, segments: Segments, entries: Mapping[str, SegmentEntry]) -> list[LeftOut]:
        """Write missing and outdated column files; return those that could not be written."""


@dataclass(frozen=True, slots=True)
class Method:
    """The functions that count responses and compute figures from the counts.

    The store does not interpret counts or figures. `rule` identifies the publication rule and its
    version. `begin` continues from stored counts (see `Tally.to_object`) or starts from zero; it
    raises a StoreError if the stored counts do not match the questionnaire. `protect` computes
    figures that are also safe in comparison with the last published figures. `columns` is set if an
    engine counts.
    """

    rule: str
    begin: Callable[[object | None], Tally]
    protect: Callable[[Tally, Published | None], object]
    columns: ColumnCounting | None = None


def judged_lines(
    segments: Segments,
    judge: Judge,
    kind: Kind,
    name: str,
    seen: set[int],
    tombstones: Tombstones | None = None,
) -> Iterator[Accepted | str]:
    """For each line of a segment, the record or the reason why the line cannot be used.

    `seen` contains the marks of all earlier records, and the marks of this segment's records are
    added. A record with a tombstone in `tombstones` cannot be used.
    """
    for line in segments.lines(kind, name):
        try:
            record = judge.record(kind, line)
        except StoreError as error:
            yield error.message
            continue
        mark = mark_of(record.record_id)
        if tombstones and record.record_id in tombstones:
            yield WITHDRAWN
        elif kind is Kind.TEXT and record.item != segments.item_of(name):
            yield ELSEWHERE
        elif mark in seen:
            yield f"a {kind.name.lower()} with this id already exists"
        else:
            seen.add(mark)
            yield record


def damaged_in(kind: Kind, name: str, damaged: Sequence[tuple[int, str]]) -> list[LeftOut]:
    """The unusable lines of a segment; a fault in many lines is listed once, with a count."""
    faults = Counter(why for _, why in damaged)
    often = {w for w, count in faults.items() if count > _MOST_NAMED and kind is Kind.RESPONSE}
    found = [(place_of(kind, name, line), why) for line, why in damaged if why not in often]
    whole = place_of(kind, name)
    return [*found, *((f"{whole}, {faults[why]} lines", why) for why in sorted(often))]


def of_another(segments: Segments, judge: Judge, name: str) -> str:
    """The reason why a segment with responses to another questionnaire is not counted."""
    count, reason = 0, ""
    for line in segments.lines(Kind.RESPONSE, name):
        count += 1
        if not reason and id_in(line, Kind.RESPONSE):
            try:
                judge.record(Kind.RESPONSE, line)
            except StoreError as error:
                reason = error.message
    return f"{count} responses: {reason}"


@dataclass(slots=True)
class CountedSet:
    """The sealed responses to one questionnaire, with their counts; call `sealed.open` first."""

    sealed: SealedSet
    judge: Judge
    method: Method

    @property
    def sha256(self) -> str:
        """The hash of the questionnaire's definition."""
        return self.judge.ref.sha256

    @property
    def own(self) -> dict[str, SegmentEntry]:
        """The index entries of the segments with responses to this questionnaire."""
        return self.sealed.own(self.sha256)

    @property
    def size(self) -> int:
        """The number of sealed responses that are counted; valid only after calling `tally`."""
        return sum(entry.counted for entry in self.own.values())

    def tally(self) -> Tally:
        """The counts of all sealed responses; only segments that are not yet counted are read."""
        own, sealed = self.own, self.sealed
        kept = sealed.index.counts.get(self.sha256)
        try:
            tally = self.method.begin(kept)
        except StoreError:
            kept, tally = None, self.method.begin(None)
        if kept is None:
            sealed.counted.clear()
        missing = own.keys() if kept is None else sealed.fresh & own.keys()
        seen: set[int] = set()
        for name in own.keys() - missing if missing else ():
            seen.update(own[name].marks)
        for name in sorted(missing - self._count_columns(missing, tally, seen)):
            self._count(name, tally, seen)
        sealed.fresh -= own.keys()
        return tally

    def _count_columns(self, names: Collection[str], tally: Tally, seen: set[int]) -> set[str]:
        """Count segments by their columns if all ids in them are new; return these segments."""
        columns, segments = self.method.columns, self.sealed.segments
        if columns is None or self.sealed.counted:
            return set()
        found: dict[str, SegmentEntry] = {}
        marks = set(seen)
        for name in sorted(columns.countable(segments, names)):
            own = set(self.own[name].marks)
            if len(own) == len(self.own[name].marks) and own.isdisjoint(marks):
                found[name] = self.own[name]
                marks |= own
        sizes = {name: len(entry.marks) for name, entry in found.items()}
        if not found or not columns.add(segments, sizes, tally):
            return set()
        seen |= marks
        for name, entry in found.items():
            entry.damaged, entry.counted = [], sizes[name]
        return set(found)

    def write_columns(self) -> list[LeftOut]:
        """Write column files for segments without faults; return those that were not written."""
        if self.method.columns is None:
            return []
        sizes = self.sealed.segments.sizes(Kind.RESPONSE)[0]
        usable = {
            name: entry
            for name, entry in self.own.items()
            if entry.counted == len(entry.marks) and sizes.get(name) == entry.size
        }
        return self.method.columns.write(self.sealed.segments, usable)

    def _count(self, name: str, tally: Tally, seen: set[int]) -> None:
        entry = self.own[name]
        entry.damaged, entry.counted = [], 0
        lines = judged_lines(self.sealed.segments, self.judge, Kind.RESPONSE, name, seen)
        for number, line in enumerate(lines, 1):
            if isinstance(line, str):
                entry.damaged.append((number, line))
                continue
            entry.counted += 1
            if mark_of(line.record_id) not in self.sealed.counted:
                tally.add(line.answers, line.minutes)

    def keep(self, tally: Tally) -> None:
        """Store these counts of all sealed responses."""
        self.sealed.index.counts[self.sha256] = tally.to_object()
        self.sealed.write_index()

    def subtract(self, sha256: str, line: bytes) -> bool:
        """Subtract the response in a line from the stored counts; False if a recount is needed."""
        counts = self.sealed.index.counts
        if sha256 != self.sha256 or sha256 not in counts:
            return False
        try:
            tally = self.method.begin(counts[sha256])
            response = self.judge.record(Kind.RESPONSE, line)
            tally.subtract(response.answers, response.minutes)
        except (StoreError, ValueError):
            return False
        counts[sha256] = tally.to_object()
        return True

    def left_out(self) -> list[LeftOut]:
        """The lines of response segments that cannot be counted, with the reasons."""
        found: list[LeftOut] = []
        own, segments = self.own, self.sealed.segments
        for name, entry in sorted(self.sealed.entries[Kind.RESPONSE].items()):
            if name in own:
                found += damaged_in(Kind.RESPONSE, name, entry.damaged)
            else:
                place = place_of(Kind.RESPONSE, name)
                found.append((place, of_another(segments, self.judge, name)))
        return found

    def left_out_of_pools(self) -> list[LeftOut]:
        """The unusable lines of pools, with the reasons; an unchanged pool is not read again."""
        found: list[LeftOut] = []
        entries, now = self.sealed.entries, dict[str, SegmentEntry]()
        for name, size in self.sealed.segments.sizes(Kind.TEXT)[0].items():
            entry = entries[Kind.TEXT].get(name)
            if entry is None or entry.size != size or entry.sha256 != self.sha256:
                entry = SegmentEntry(size, self.sha256, damaged=[*self._damaged(name)])
            now[name] = entry
            found += damaged_in(Kind.TEXT, name, [(n, safe(why)) for n, why in entry.damaged])
        entries[Kind.TEXT] = now
        return found

    def _damaged(self, pool: str) -> Iterator[tuple[int, str]]:
        sealed = self.sealed
        lines = judged_lines(sealed.segments, self.judge, Kind.TEXT, pool, set(), sealed.tombstones)
        try:
            yield from ((n, line) for n, line in enumerate(lines, 1) if isinstance(line, str))
        except StoreError as error:
            yield 0, error.message

    def return_some(self, tally: Tally) -> list[str]:
        """Return responses to pending until the number of sealed responses is a multiple of five.

        The module `batches` explains why the number must be a multiple of five. The responses are
        chosen at random from the smallest segment and subtracted from `tally`, which the caller
        must store. Each pending file is written before the sealed line is removed. After a crash
        between these two steps, the response counts as sealed, and its pending file is removed.
        Returns the names of the pending files.
        """
        left, own = self.size % STEP, self.own
        if not left:
            return []
        pending = set(map(stem, self.sealed.responses.names()))
        returned: list[str] = []
        for name in sorted(own, key=lambda name: (len(own[name].marks), name)):
            if len(returned) < left:
                returned += self._return_from(name, tally, left - len(returned), pending)
        return returned

    def _return_from(
        self, segment: str, tally: Tally, count: int, pending: Collection[str]
    ) -> list[str]:
        """Move up to `count` responses of a segment to pending; return their file names."""
        responses = self.sealed.responses
        paths: dict[str, Path] = {}
        lines = self._drawn(segment, count, pending)
        LOT.shuffle(lines)
        for line in lines:
            response = self.judge.record(Kind.RESPONSE, line)
            path = responses.file_of(response.record_id)
            if files.create_durably(path, responses.cipher.wrap(as_file(line)), still=True):
                paths[response.record_id] = path
                tally.subtract(response.answers, response.minutes)
        if paths:
            self.sealed.take_out(Kind.RESPONSE, segment, paths)
        return [path.name for path in paths.values()]

    def _drawn(self, segment: str, count: int, pending: Collection[str]) -> list[bytes]:
        """Up to `count` usable lines of a segment, chosen at random in one pass."""
        bad = {number for number, _ in self.own[segment].damaged}
        drawn: list[bytes] = []
        seen = 0
        for number, line in enumerate(self.sealed.segments.lines(Kind.RESPONSE, segment), 1):
            if number in bad or id_in(line, Kind.RESPONSE) in pending:
                continue
            seen += 1
            if len(drawn) < count:
                drawn.append(line)
            elif (place := LOT.randrange(seen)) < count:
                drawn[place] = line
        return drawn
