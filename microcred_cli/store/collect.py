"""Collection: copies the records of several folders into one folder, each record exactly once.

Source files are read and checked without holding the lock of the destination folder, then written
in batches while holding it: texts first, so that a response never exists without its texts. A batch
is synced to disk and read back before its files are removed from the source. After an interruption,
running the same command again completes the collection.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.crypto.cipher import is_wrapped
from microcred_cli.errors import StoreError
from microcred_cli.files.private_folder import own_folder
from microcred_cli.files.reading import DamagedError, read_file
from microcred_cli.store.batches import batch_of
from microcred_cli.store.folder import file_names
from microcred_cli.store.incoming import Incoming, Record
from microcred_cli.store.index import Index, Tombstones, hash_of
from microcred_cli.store.layout import OWN_FILES, Kind, stem
from microcred_cli.store.quarantine import Quarantine, Rejected, check_written, not_as_written
from microcred_cli.store.sealed_set import SealedSet
from microcred_cli.store.segments import LOT, Catalogue, digest_of
from microcred_cli.store.sources import (
    Claim,
    FromSource,
    SourceCounts,
    SourceFolder,
    id_named,
    is_of_the_disk,
)
from microcred_cli.store.withdraw import erase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from microcred_cli.files import OpenFolder
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import Judge

    Progress = Callable[[int, int], None]

CONFLICT: Final = "another record with this id already exists"
LOCKED: Final = (
    "its sealed records are encrypted: use --identity, and settings that list the recipients"
)
_BATCH: Final = 256
_MOST_REFUSED: Final = 5
"""After this number of consecutive unreadable files, the whole folder counts as unreadable."""

_MOST_LISTED: Final = 3
_MOST_DAMAGED: Final = 200
"""Reading stops after this number of damaged lines, because the file is probably not a segment."""

_MOST_NAMED: Final = 10
"""The maximum number of damaged lines of a segment that are listed individually."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file, or a line of a segment, to collect; a line has no `claim` and is never removed."""

    of: FromSource
    shown: str
    held: Record | Rejected
    claim: Claim | None = None
    digest: bytes = b""

    @property
    def counts(self) -> SourceCounts:
        """The counts to update; a rejected piece is of unknown kind, and counts as a response."""
        held = self.held
        return self.of.counts(held.kind if isinstance(held, Record) else Kind.RESPONSE)


@dataclass(slots=True)
class _Sorted:
    """Pieces to write (by path), pieces to quarantine, and pieces that already exist on disk."""

    new: dict[Path, tuple[_Piece, Record]] = field(default_factory=dict)
    rejected: list[tuple[_Piece, Rejected]] = field(default_factory=list)
    done: list[_Piece] = field(default_factory=list)


@dataclass(slots=True)
class _Destination:
    """The destination folder; each operation locks the folder and runs as the folder's owner."""

    responses: Responses
    owner: files.Owner | None
    tombstones: Tombstones = field(default_factory=Tombstones)
    quarantine: Quarantine = field(init=False)
    _catalogues: dict[Kind, Catalogue] = field(init=False)
    _quarantined: dict[Path, Path] = field(default_factory=dict)
    """Maps the path of each quarantined file from a drop folder to its path in the quarantine."""

    def __post_init__(self) -> None:
        self.quarantine = Quarantine(self.responses.folder, self.responses.cipher)
        self._catalogues = {kind: Catalogue(kind, self.responses.segments) for kind in Kind}

    @contextmanager
    def _held(self) -> Iterator[None]:
        with files.acting_as(self.owner), self.responses.held():
            yield

    def _look(self) -> None:
        """Refresh the tombstones and catalogues from the folder."""
        self.tombstones = Tombstones.read(self.responses.folder)
        entries = Index.read(self.responses.folder, self.responses.cipher).entries
        for catalogue in self._catalogues.values():
            catalogue.look(entries)

    def place_of(self, record: Record) -> Path:
        """The path of a record's pending file."""
        return self.responses.file_of(record.record_id, record.kind)

    def _has(self, record: Record) -> bool | None:
        """True if the record exists here; False if another record has its id; else None."""
        path = self.place_of(record)
        if not os.path.lexists(path):
            digest = self._sealed_as(record)
            return None if digest is None else digest == digest_of(record.line)
        try:
            data = read_file(path)
        except StoreError as error:
            # A symbolic link counts as a different record, but a temporarily unreadable file may be
            # the same record.
            refused = error.__cause__
            if isinstance(refused, OSError) and refused.errno != errno.ELOOP:
                raise
            return False
        # Without a key, the content of two encrypted files cannot be compared.
        cipher = self.responses.cipher
        is_known = bool(cipher.suffix) and cipher.opens
        return data == record.data or (is_known and cipher.is_stored(data, record.clear))

    def _sealed_as(self, record: Record) -> bytes | None:
        """The digest of the sealed record with this id; None if there is no record, or no key."""
        if not self.responses.cipher.opens:
            return None
        return self._catalogues[record.kind].digest(record.record_id)

    # -- writing

    def settle(self, pieces: Sequence[_Piece], *, move: bool) -> list[_Piece]:
        """Write and count pieces; return the pieces that can now be removed from their sources.

        If `move` is set, the source files will be removed, so the directory entries of files that
        already exist here are synced as well.
        """
        found = _Sorted()
        with self._held():
            self._look()
            for piece in pieces:
                self._sort(piece, found)
            self._create(found)
            self._reject(found)
            if move:
                files.keep_names(self.responses.folder, self.responses.texts)
        return found.done

    def _sort(self, piece: _Piece, found: _Sorted) -> None:
        held = piece.held
        if held.record_id in self.tombstones:
            piece.counts.withdrawn += 1
            return
        if isinstance(held, Rejected):
            found.rejected.append((piece, held))
            return
        path = self.place_of(held)
        before = found.new.get(path)
        is_here = self._has(held) if before is None else before[1].is_same(held)
        if is_here is None:
            found.new[path] = piece, held
        elif is_here:
            piece.counts.already += 1
            found.done.append(piece)
        else:
            # A record that was encrypted during this collection is recognised by its decrypted
            # content.
            clear = held.clear if piece.claim is None else b""
            rejected = Rejected(held.data, CONFLICT, held.record_id, clear)
            found.rejected.append((piece, rejected))

    def _create(self, found: _Sorted) -> None:
        new, found.new = found.new, {}
        made = files.create_together([(path, record.data) for path, (_, record) in new.items()])
        for (path, (piece, record)), is_new in zip(new.items(), made, strict=True):
            if is_new:
                check_written(path, record.data)
                piece.counts.taken += 1
                found.done.append(piece)
            else:
                # The record was submitted here in the meantime.
                self._sort(piece, found)

    def _reject(self, found: _Sorted) -> None:
        kept = self.quarantine.take([rejected for _, rejected in found.rejected])
        for (piece, rejected), path in zip(found.rejected, kept, strict=True):
            if piece.claim and piece.of.source.is_drop:
                self._quarantined[piece.claim.path] = path
            piece.of.apart.append((piece.shown, rejected.reason))
            found.done.append(piece)

    def append(self, pieces: list[_Piece]) -> list[_Piece]:
        """Seal the new responses if there are enough for a batch, and return all other pieces.

        The batch includes responses that are pending here; the next seal removes their files.
        Because the new responses are sealed as one batch, a summary of this source alone and a
        later summary of this folder either cover the same people or differ by at least ten people.
        Exceptions are responses that were already sealed here in another cohort, or that cannot be
        used here.
        """
        with self._held():
            self._look()
            batch: dict[str, tuple[_Piece, Record]] = {}
            for piece in pieces:
                held = piece.held
                if isinstance(held, Rejected) or held.record_id in self.tombstones:
                    continue
                if self._sealed_as(held) is None and self._has(held) is not False:
                    batch.setdefault(held.record_id, (piece, held))
            # The remaining responses, chosen at random, stay pending.
            for record_id in LOT.sample([*batch], len(batch) - batch_of(len(batch))):
                del batch[record_id]
            if not batch:
                return pieces
            pending = sum(self._has(record) is True for _, record in batch.values())
            self._write_segment([record.line for _, record in batch.values()])
        counts = pieces[0].of.counts(Kind.RESPONSE)
        counts.taken += len(batch) - pending
        counts.already += pending
        taken = {id(piece) for piece, _ in batch.values()}
        return [piece for piece in pieces if id(piece) not in taken]

    def _write_segment(self, lines: list[bytes]) -> None:
        segments = self.responses.segments
        folder = segments.folder(Kind.RESPONSE)
        own_folder(folder)
        files.neutralise_time(folder)
        LOT.shuffle(lines)
        name = segments.create(line + b"\n" for line in lines)
        try:
            is_whole = list(segments.lines(Kind.RESPONSE, name)) == lines
        except DamagedError:
            is_whole = False
        if not is_whole:
            # A file left in place would be counted, and its lines would be collected again.
            path = segments.path(Kind.RESPONSE, name)
            files.remove_durably(path, still=True)
            raise not_as_written(path)

    # -- removing

    def remove_leftovers(self, names: set[str]) -> None:
        """Remove temporary files with these names, left behind by a killed collection."""
        with self._held():
            for kind in Kind:
                files.remove_leftovers_of(self.responses.place(kind), names, still=True)
            self.quarantine.remove_leftovers()

    def heed(self, withdrawn: set[str]) -> int:
        """Erase records that were withdrawn in a source; return the number of deleted files."""
        with self._held():
            new = withdrawn - Tombstones.read(self.responses.folder).hashes
            if not new:
                return 0
            quarantined, unread = [], None
            try:
                quarantined = self.quarantine.naming(lambda record_id: hash_of(record_id) in new)
            except StoreError as error:
                # The tombstones are written in any case, so that withdrawn pending records are not
                # sealed.
                unread = error
            times = self.responses.times
            waiting = (times / name for name in file_names(times))
            paths = (*waiting, *(path for kind in Kind for path in self.responses.files(kind)))
            pending = (path for path in paths if hash_of(stem(path.name)) in new)
            sealed = SealedSet.read(self.responses)
            gone = erase(sealed, new, pending=pending, quarantined=quarantined)
            if unread is not None:
                raise unread
            return gone + len(quarantined)

    def take_back(self, pieces: Sequence[_Piece]) -> None:
        """Erase the records withdrawn from a drop folder while it was being collected.

        The program has already confirmed these withdrawals to the respondents. Only respondents can
        have removed the files, because the collection holds the drop folder's lock.
        """
        with self._held():
            places = [piece.claim.path for piece in pieces if piece.claim]
            records = [piece.held for piece in pieces if isinstance(piece.held, Record)]
            erase(
                SealedSet.read(self.responses),
                {hash_of(piece.held.record_id) for piece in pieces if piece.held.record_id},
                pending=map(self.place_of, records),
                quarantined=[self._quarantined[p] for p in places if p in self._quarantined],
            )
        for piece in pieces:
            piece.counts.withdrawn += 1


@dataclass(slots=True)
class Collection:
    """One collection into an existing responses folder.

    `judge` decides which records are valid under the folder's terms. If `move` is set, collected
    files are removed from their sources. `owner` is set if the folder does not belong to the
    current user. `progress` is called with the number of files read and the total number of files.
    """

    responses: Responses
    sources: Sequence[SourceFolder]
    judge: Judge
    move: bool = False
    owner: files.Owner | None = None
    progress: Progress = lambda _done, _of: None
    report: list[FromSource] = field(init=False)
    forgotten: int = 0
    """The number of files deleted here because of tombstones in a source."""

    _incoming: Incoming = field(init=False)
    _into: _Destination = field(init=False)
    _later: list[_Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.report = [FromSource(source, left=list(source.wrong)) for source in self.sources]
        self._incoming = Incoming(self.judge, self.responses.cipher)
        self._into = _Destination(self.responses, self.owner)

    def run(self) -> None:
        """Collect from all sources; `report` has the outcome even if an error is raised."""
        for source in self.sources:
            if source.is_drop and self.move:
                # From here on, a file can disappear only if a respondent withdraws it.
                source.folder.hold()
        withdrawn = {each for source in self.sources for each in source.withdrawn}
        self.forgotten = self._into.heed(withdrawn)
        claims = [claim for part in self.report for claim in self._claims(part)]
        end = f".json{self.responses.cipher.suffix}"
        self._into.remove_leftovers({f"{id_named(claim.name)}{end}" for claim in claims})
        # The order of files across all sources is random, so that positions on disk reveal nothing.
        LOT.shuffle(claims)
        claims.sort(key=lambda claim: claim.rank)
        for begin in range(0, len(claims), _BATCH):
            self.progress(begin, len(claims))
            self._settle([*self._read(claims[begin : begin + _BATCH])])
        self.progress(len(claims), len(claims))
        for part in self.report:
            if part.failure is None and not part.source.is_drop:
                self._take_sealed(part)
        # Texts are removed from the source only after their response has been removed.
        self._remove(self._later)

    # -- pending records of the sources

    def _claims(self, part: FromSource) -> Iterator[Claim]:
        source = part.source
        for folder, kind in ((source.texts, Kind.TEXT), (source.folder, Kind.RESPONSE)):
            try:
                entries = folder.entries() if folder is not None else []
            except StoreError as error:
                part.break_off(error)
                return
            for entry in entries:
                if entry.is_folder or entry.name.lower() in OWN_FILES or folder is None:
                    continue
                if id_named(entry.name) or entry.name.lower().endswith(".json"):
                    yield Claim(part, folder, entry.name, kind)
                else:
                    part.foreign.append(entry.name)

    def _read(self, claims: Iterable[Claim]) -> Iterator[_Piece]:
        is_encrypted = bool(self.responses.cipher.suffix)
        for claim in claims:
            part = claim.of
            data = self._data_of(claim) if part.failure is None else None
            if data is None:
                continue
            held = self._incoming.classify(claim.kind, claim.name, data)
            if held is None:
                part.foreign.append(claim.name)
            elif is_encrypted and isinstance(held, Rejected) and not is_wrapped(data):
                # An encrypted folder must never contain an unencrypted file, not even in
                # quarantine.
                part.left.append((claim.shown, held.reason))
            else:
                yield _Piece(part, claim.shown, held, claim, hashlib.sha256(data).digest())

    def _data_of(self, claim: Claim) -> bytes | None:
        part = claim.of
        try:
            data = claim.read()
        except files.MissingError as error:
            # The file was withdrawn or sealed; a sealed record is collected from its segment.
            if not claim.folder.is_there():
                part.break_off(error)
            return None
        except DamagedError as error:
            part.left.append((claim.shown, error.message))
            return None
        except StoreError as error:
            part.refused += is_of_the_disk(error)
            if part.refused >= _MOST_REFUSED or not claim.folder.is_there():
                part.break_off(error)
            part.left.append((claim.shown, error.message))
            return None
        part.refused = 0
        return data

    def _settle(self, pieces: Sequence[_Piece]) -> None:
        """Write a batch to disk; if moving, remove its responses from their sources."""
        done = self._into.settle(pieces, move=self.move)
        if self.move:
            self._later += [p for p in done if p.claim and p.claim.kind is Kind.TEXT]
            self._remove([p for p in done if p.claim and p.claim.kind is Kind.RESPONSE])

    def _remove(self, pieces: Sequence[_Piece]) -> None:
        """Remove collected files from their sources, unless they have changed."""
        folders: dict[int, tuple[OpenFolder, set[str]]] = {}
        taken_back: list[_Piece] = []
        for piece in pieces:
            claim = piece.claim
            if claim is None or piece.of.failure or piece.of.stuck:
                continue
            try:
                if hashlib.sha256(_still_there(claim)).digest() == piece.digest:
                    claim.folder.remove(claim.name)
                    folders.setdefault(id(claim.folder), (claim.folder, set()))[1].add(claim.name)
            except files.MissingError:
                if piece.of.source.is_drop and claim.folder.is_there():
                    taken_back.append(piece)
            except StoreError as error:
                piece.of.stuck = error
        for folder, names in folders.values():
            folder.settle(names)
        if taken_back:
            self._into.take_back(taken_back)

    # -- sealed records of the sources

    def _take_sealed(self, part: FromSource) -> None:
        """Collect sealed records from a source, line by line, each segment as a separate batch.

        The records are not removed from the source. If at least ten of the responses do not exist
        here yet, they are sealed here as a new segment. Errors are recorded in the report.
        """
        cipher = self.responses.cipher
        if cipher.suffix and not (cipher.opens and cipher.recipients):
            with suppress(StoreError), part.source.folder.below("sealed") as sealed:
                if any(entry.is_file for entry in sealed.entries()):
                    part.left.append(("sealed", LOCKED))
            return
        try:
            with part.source.folder.below("sealed") as sealed:
                self._take_segments(part, sealed, Kind.RESPONSE)
                if part.failure is None:
                    with sealed.below("texts") as pools:
                        self._take_segments(part, pools, Kind.TEXT)
        except files.MissingError:
            if not part.source.folder.is_there():
                path = part.source.folder.path
                part.break_off(StoreError("The folder no longer exists.", where=str(path), hint=""))

    def _settle_all(self, part: FromSource, shown: str, pieces: Sequence[_Piece]) -> None:
        before = len(part.apart)
        # Records that are already sealed here count as present; the few others become pending.
        for begin in range(0, len(pieces), _BATCH):
            self._settle(pieces[begin : begin + _BATCH])
        apart = part.apart[before:]
        if len(apart) > _MOST_NAMED:
            reasons = Counter(reason for _, reason in apart)
            part.apart[before:] = [(f"{shown}, {n} lines", why) for why, n in reasons.items()]

    def _take_segments(self, part: FromSource, folder: OpenFolder, kind: Kind) -> None:
        """Collect the lines of each segment of one kind of record.

        If a segment disappears, it has been merged into another segment, so the folder is listed
        again.
        """
        read: set[str] = set()
        for _ in range(_MOST_LISTED):
            try:
                entries = folder.entries()
            except StoreError as error:
                part.break_off(error)
                return
            left = [e.name for e in entries if not e.is_folder and e.name not in read]
            LOT.shuffle(left)
            for name in left:
                shown = f"sealed/{kind.prefix}{name}"
                pieces = self._read_segment(part, folder, name, kind, shown)
                if part.failure is not None:
                    return
                if pieces is None:
                    continue
                read.add(name)
                if kind is Kind.RESPONSE:
                    part.sealed_lines += len(pieces)
                    pieces = self._into.append(pieces)
                self._settle_all(part, shown, pieces)
            if read.issuperset(left):
                return
        why = "The sealed files of this source kept changing while they were being read."
        part.break_off(StoreError(why, where=str(folder.path), hint=""))

    def _read_segment(
        self, part: FromSource, folder: OpenFolder, name: str, kind: Kind, shown: str
    ) -> list[_Piece] | None:
        """The readable lines of a segment; None if the segment no longer exists."""
        pieces: list[_Piece] = []
        damaged = 0
        lines = self.responses.cipher.read_lines(folder.path / name, folder)
        try:
            for number, line in enumerate(lines, 1):
                held = self._incoming.classify_line(kind, line)
                pieces.append(_Piece(part, f"{shown} line {number}", held))
                damaged += isinstance(held, Rejected)
                if damaged == _MOST_DAMAGED:
                    raise DamagedError(
                        f"{damaged} lines are damaged: the rest of the file was not collected.",
                        where=shown,
                        hint="Check whether this file belongs to the sealed set.",
                    )
        except files.MissingError:
            return None
        except StoreError as error:
            is_broken = is_of_the_disk(error) or not folder.is_there()
            if is_broken and not isinstance(error, DamagedError):
                part.break_off(error)
            else:
                part.left.append((shown, error.message))
        return pieces


def _still_there(claim: Claim) -> bytes:
    """The current content of a file; empty if the file has been replaced by an unreadable one."""
    try:
        return claim.read()
    except StoreError as error:
        if isinstance(error, files.MissingError) or is_of_the_disk(error):
            raise
        return b""
