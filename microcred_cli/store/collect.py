"""Collecting: the responses of several folders brought into one, each of them exactly once.

A file of a source is read and judged without the folder's lock, and written under it in batches:
texts first, so that a response that stands is whole. A batch is on the disk and read again before
any file of it is removed from its source. Whatever stops it in between, the same again finishes it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.crypto.cipher import is_wrapped
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import DamagedError, read_file
from microcred_cli.store.catalogue import Holdings
from microcred_cli.store.collected import (
    Claim,
    FromSource,
    Piece,
    broken_off,
    counts_of,
    is_of_the_disk,
)
from microcred_cli.store.incoming import Found, Sieve
from microcred_cli.store.last_seal import LastSeals
from microcred_cli.store.layout import stem
from microcred_cli.store.quarantine import Apart, Misfit, check_written
from microcred_cli.store.sealed_elsewhere import SealedElsewhere
from microcred_cli.store.segments import Sealed, hash_of
from microcred_cli.store.sources import id_named, is_of_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from microcred_cli.files import OpenFolder
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import Judge
    from microcred_cli.store.sources import Source

    Progress = Callable[[int, int], None]

CONFLICT: Final = "another record with this id is there already"
_BATCH: Final = 256
_MOST_REFUSED: Final = 5
"""So many files one after the other cannot be read where a whole folder is out of reach."""

_SYSTEM: Final = secrets.SystemRandom()


@dataclass(slots=True)
class Collection:
    """One collection, into a folder that is prepared.

    Args:
        responses: the folder to bring everything into.
        sources: where from.
        judge: says what can be used, by what holds for the folder.
        move: whether to remove from a source what is in the folder now.
        owner: whose the folder is, if another's.
        progress: is told how many of how many files were read.
    """

    responses: Responses
    sources: Sequence[Source]
    judge: Judge
    move: bool = False
    owner: files.Owner | None = None
    progress: Progress = lambda _done, _of: None
    report: list[FromSource] = field(init=False)
    forgotten: int = 0
    """How many files here were deleted, because a source knew that they were withdrawn."""

    _sieve: Sieve = field(init=False)
    _sealed: Sealed = field(init=False)
    _holdings: Holdings = field(init=False)
    _apart: Apart = field(init=False)
    _elsewhere: SealedElsewhere = field(init=False)
    _later: list[Piece] = field(default_factory=list)
    _kept_apart: dict[str, Path] = field(default_factory=dict)
    """Where that stands which was set apart from a drop folder, by its path there."""

    def __post_init__(self) -> None:
        self.report = [FromSource(source, left=list(source.wrong)) for source in self.sources]
        self._sieve = Sieve(self.judge, self.responses.cipher)
        self._sealed = self.responses.sealed
        self._holdings = Holdings(self.responses, self._sealed)
        self._apart = Apart(self.responses.folder, self.responses.cipher)
        self._elsewhere = SealedElsewhere(
            self.responses, self._sieve, self._holdings, self._settle, self.owner
        )

    def run(self) -> None:
        """Bring everything together; what came of it is in `report`, whatever ends it.

        Raises:
            InUseError: another collection holds a drop folder.
            StoreError: what the system refused in the folder; what was taken until then is there.
        """
        for source in self.sources:
            if source.is_drop and self.move:
                # Then a file that goes meanwhile was taken back by who handed it in.
                source.folder.hold()
        self._heed_withdrawals()
        claims = [claim for part in self.report for claim in self._claims(part)]
        end = f".json{self.responses.cipher.suffix}"
        self._clear({f"{id_named(claim.name)}{end}" for claim in claims})
        # In an order drawn by lot, over all sources: places on the disk tell nothing.
        _SYSTEM.shuffle(claims)
        claims.sort(key=lambda claim: claim.rank)
        for begin in range(0, len(claims), _BATCH):
            self.progress(begin, len(claims))
            self._settle(list(self._read(claims[begin : begin + _BATCH])))
        self.progress(len(claims), len(claims))
        for part in self.report:
            self._elsewhere.take(part)
        # A response's texts stay where it was as long as it stood there.
        self._remove(self._later)

    # -- before

    def _heed_withdrawals(self) -> None:
        """Remember what was withdrawn from the sources; what is here of it is deleted."""
        told = {each for source in self.sources for each in source.withdrawn}
        with files.acting_as(self.owner), self.responses.held():
            new = told - self._sealed.withdrawn()
            if not new:
                return
            self._sealed.remember(new)
            found = [
                path
                for path in (*self.responses.files(), *self.responses.text_files())
                if hash_of(stem(path.name)) in new
            ]
            LastSeals.read(self.responses.folder).name_nothing()
            also = self._apart.naming(lambda record_id: hash_of(record_id) in new)
            self._apart.forget(also)
            files.remove_durably(*found, still=True)
            self.forgotten = len(found) + len(also)

    def _claims(self, part: FromSource) -> Iterator[Claim]:
        source = part.source
        for folder, is_text in ((source.texts, True), (source.folder, False)):
            if folder is None:
                continue
            try:
                entries = folder.entries()
            except StoreError as error:
                part.failure = broken_off(error)
                return
            for entry in entries:
                if entry.is_folder or is_of_ours(entry.name):
                    continue
                if id_named(entry.name) or entry.name.lower().endswith(".json"):
                    yield Claim(part, folder, entry.name, is_text)
                else:
                    part.foreign.append(entry.name)

    def _clear(self, names: set[str]) -> None:
        """Remove what a collection that was killed left of writing these files."""
        with files.acting_as(self.owner), self.responses.held():
            for folder in (self.responses.folder, self.responses.texts):
                files.remove_leftovers_of(folder, names, still=True)
            self._apart.remove_leftovers()

    # -- what waits in the sources

    def _read(self, claims: Iterable[Claim]) -> Iterator[Piece]:
        for claim in claims:
            part = claim.of
            data = self._data_of(claim) if part.is_open else None
            if data is None:
                continue
            held = self._sieve.sift(claim.name, data, is_text=claim.is_text)
            if held is None:
                part.foreign.append(claim.name)
            elif isinstance(held, Misfit) and self._is_too_open(held):
                part.left.append((claim.shown, held.reason))
            else:
                yield Piece(part, claim.shown, held, claim, hashlib.sha256(data).digest())

    def _is_too_open(self, misfit: Misfit) -> bool:
        """Whether it is clear, and nothing in the folder may be: then it is not even set apart."""
        return bool(self.responses.cipher.suffix) and not is_wrapped(misfit.data)

    def _data_of(self, claim: Claim) -> bytes | None:
        part = claim.of
        try:
            data = read_file(claim.folder.path / claim.name, within=claim.folder)
        except files.MissingError as error:
            # Somebody withdrew it, or sealed it: then it is found among what is sealed.
            if not claim.folder.is_there():
                part.failure = broken_off(error)
            return None
        except DamagedError as error:
            part.left.append((claim.shown, error.message))
            return None
        except StoreError as error:
            part.refused += is_of_the_disk(error)
            if part.refused >= _MOST_REFUSED or not claim.folder.is_there():
                part.failure = broken_off(error)
            part.left.append((claim.shown, error.message))
            return None
        part.refused = 0
        return data

    def _settle(self, pieces: Sequence[Piece]) -> None:
        """Bring a batch to the disk, count it, and remove it where it is to be moved."""
        done: list[Piece] = []
        with files.acting_as(self.owner), self.responses.held():
            self._holdings.look()
            fresh: dict[Path, tuple[Piece, Found]] = {}
            apart: list[tuple[Piece, Misfit]] = []
            for piece in pieces:
                held = piece.held
                if isinstance(held, Misfit):
                    if not self._holdings.was_withdrawn(held.record_id):
                        apart.append((piece, held))
                    else:
                        piece.of.responses.withdrawn += 1
                elif self._holdings.was_withdrawn(held.record_id):
                    counts_of(piece.of, held).withdrawn += 1
                else:
                    self._sort(piece, held, fresh, apart, done)
            self._create(fresh, apart, done)
            kept = self._apart.take([misfit for _, misfit in apart])
            for (piece, misfit), path in zip(apart, kept, strict=True):
                if piece.claim and piece.of.source.is_drop:
                    self._kept_apart[piece.claim.path] = path
                piece.of.apart.append((piece.shown, misfit.reason))
                done.append(piece)
            if self.move:
                # What is removed elsewhere is promised here, also what was here before.
                files.keep_names(self.responses.folder, self.responses.texts)
        if self.move:
            texts = [piece for piece in done if piece.claim is not None and piece.claim.is_text]
            self._later += texts
            self._remove([piece for piece in done if piece.claim and not piece.claim.is_text])

    def _sort(
        self,
        piece: Piece,
        held: Found,
        fresh: dict[Path, tuple[Piece, Found]],
        apart: list[tuple[Piece, Misfit]],
        done: list[Piece],
    ) -> None:
        path = self._holdings.place_of(held)
        before = fresh.get(path)
        is_here = before[1].is_same(held) if before is not None else self._holdings.has(held)
        if is_here:
            counts_of(piece.of, held).already += 1
            done.append(piece)
        elif is_here is None:
            fresh[path] = piece, held
        else:
            just_encrypted = held.clear if piece.claim is None else b""
            misfit = Misfit(held.data, CONFLICT, held.record_id, just_encrypted)
            apart.append((piece, misfit))

    def _create(
        self,
        fresh: dict[Path, tuple[Piece, Found]],
        apart: list[tuple[Piece, Misfit]],
        done: list[Piece],
    ) -> None:
        made = files.create_together([(path, held.data) for path, (_, held) in fresh.items()])
        for (path, (piece, held)), is_new in zip(fresh.items(), made, strict=True):
            if is_new:
                check_written(path, held.data)
                counts_of(piece.of, held).taken += 1
                done.append(piece)
            else:
                # Somebody handed it in here meanwhile.
                self._sort(piece, held, {}, apart, done)

    # -- what was collected, in the sources

    def _remove(self, pieces: Sequence[Piece]) -> None:
        folders: dict[int, tuple[OpenFolder, set[str]]] = {}
        taken_back: list[Piece] = []
        for piece in pieces:
            claim = piece.claim
            if claim is None or not piece.of.is_open or piece.of.stuck is not None:
                continue
            try:
                data = self._still_there(claim)
                if hashlib.sha256(data).digest() == piece.digest:
                    claim.folder.remove(claim.name)
                    folders.setdefault(id(claim.folder), (claim.folder, set()))[1].add(claim.name)
            except files.MissingError:
                if piece.of.source.is_drop and claim.folder.is_there():
                    taken_back.append(piece)
            except StoreError as error:
                piece.of.stuck = error
        for folder, names in folders.values():
            folder.settle(names)
        self._take_back(taken_back)

    @staticmethod
    def _still_there(claim: Claim) -> bytes:
        """What a file holds now; nothing where something that cannot be read took its place.

        Raises:
            MissingError: it is gone.
            StoreError: the disk, or the whole folder, cannot be read.
        """
        try:
            return read_file(claim.folder.path / claim.name, within=claim.folder)
        except files.MissingError:
            raise
        except StoreError as error:
            if is_of_the_disk(error):
                raise
            return b""

    def _take_back(self, pieces: Sequence[Piece]) -> None:
        """Remove what somebody took out of a drop folder while it was collected.

        They were told that it is withdrawn. Nobody else removes anything there: a collection holds
        the drop folder.
        """
        if not pieces:
            return
        with files.acting_as(self.owner), self.responses.held():
            ids = {piece.held.record_id for piece in pieces} - {""}
            self._sealed.remember_withdrawn(*ids)
            LastSeals.read(self.responses.folder).name_nothing()
            places = (piece.claim.path for piece in pieces if piece.claim)
            kept = [self._kept_apart[each] for each in places if each in self._kept_apart]
            self._apart.forget(kept)
            founds = [piece.held for piece in pieces if isinstance(piece.held, Found)]
            files.remove_durably(*map(self._holdings.place_of, founds), still=True)
        for piece in pieces:
            is_text = isinstance(piece.held, Found) and piece.held.is_text
            (piece.of.texts if is_text else piece.of.responses).withdrawn += 1
