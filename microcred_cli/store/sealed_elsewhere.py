"""What is sealed in the sources of a collection: taken line by line, a batch of its own at once.

It stays where it is. Ten or more that are not here yet are sealed here as a file of their own.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.files.private_folder import own_folder
from microcred_cli.files.reading import DamagedError
from microcred_cli.store.batches import LOT, batch_of
from microcred_cli.store.collected import Piece, SourceError, broken_off, gone, is_of_the_disk
from microcred_cli.store.incoming import Found
from microcred_cli.store.quarantine import Misfit, not_as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from microcred_cli.files import OpenFolder
    from microcred_cli.store.catalogue import Holdings
    from microcred_cli.store.collected import FromSource
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.incoming import Sieve

LOCKED: Final = (
    "what is sealed there is encrypted: it takes --identity, and the settings with the recipients"
)
_BATCH: Final = 256
_MOST_LISTED: Final = 3
_MOST_DAMAGED: Final = 200
"""A file with so many damaged lines is no sealed file any more."""

_MOST_NAMED: Final = 10
"""So many damaged lines of one file are named one by one."""


@dataclass(frozen=True, slots=True)
class SealedElsewhere:
    """Takes what is sealed in sources.

    Args:
        responses: the folder to bring it into.
        sieve: says what can be used.
        holdings: what the folder has already.
        settle: brings a batch of pieces to the disk.
        owner: whose the folder is, if another's.
    """

    responses: Responses
    sieve: Sieve
    holdings: Holdings
    settle: Callable[[Sequence[Piece]], None]
    owner: files.Owner | None = None

    def take(self, part: FromSource) -> None:
        """Take what is sealed in a source; what hinders it is said in the report."""
        if not part.is_open or part.source.is_drop:
            return
        cipher = self.responses.cipher
        if cipher.suffix and not (cipher.opens and cipher.recipients):
            if self._has_sealed(part):
                part.left.append(("sealed", LOCKED))
            return
        try:
            with part.source.folder.below("sealed") as sealed:
                self._take_sealed_files(part, sealed)
                with sealed.below("texts") as pools:
                    for shown, pieces in self._read(part, pools, is_text=True):
                        self._settle_all(part, shown, pieces)
        except files.MissingError:
            if not part.source.folder.is_there():
                part.failure = gone(part.source.folder)
        except SourceError as error:
            part.failure = broken_off(error.error)

    def _take_sealed_files(self, part: FromSource, sealed: OpenFolder) -> None:
        for shown, pieces in self._read(part, sealed, is_text=False):
            part.sealed_lines += len(pieces)
            self._take_batch(part, pieces)
            self._settle_all(part, shown, pieces)

    def _settle_all(self, part: FromSource, shown: str, pieces: Sequence[Piece]) -> None:
        before = len(part.apart)
        # What joined the sealed set is there already, and so little else that it must wait.
        for begin in range(0, len(pieces), _BATCH):
            self.settle(pieces[begin : begin + _BATCH])
        apart = part.apart[before:]
        if len(apart) > _MOST_NAMED:
            reasons = Counter(reason for _, reason in apart)
            part.apart[before:] = [
                (f"{shown}, {count} lines", reason) for reason, count in reasons.items()
            ]

    def _take_batch(self, part: FromSource, pieces: list[Piece]) -> None:
        """Let those join the sealed set that are not in it yet, if they are a batch of their own.

        Those that wait here are of the batch: the next seal drops what waits of them. So a summary
        that was printed of this one source, and one that will be of this folder, differ by nobody
        or by ten people and more, unless some of them were sealed here in another crowd before, or
        one cannot be used here. What was dealt with is taken out of `pieces`.
        """
        with files.acting_as(self.owner), self.responses.held():
            self.holdings.look()
            batch: dict[str, tuple[Piece, Found]] = {}
            for piece in pieces:
                held = piece.held
                if not isinstance(held, Found) or held.record_id in batch:
                    continue
                if self.holdings.was_withdrawn(held.record_id) or self.holdings.is_sealed(held):
                    continue
                if self.holdings.has(held) is not False:
                    batch[held.record_id] = piece, held
            self._cut(batch)
            if not batch:
                return
            waiting = sum(self.holdings.has(held) is True for _, held in batch.values())
            self._write_sealed([held.line for _, held in batch.values()])
        part.responses.taken += len(batch) - waiting
        part.responses.already += waiting
        taken = {id(piece) for piece, _ in batch.values()}
        pieces[:] = [piece for piece in pieces if id(piece) not in taken]

    @staticmethod
    def _cut(batch: dict[str, tuple[Piece, Found]]) -> None:
        """Leave as many as may be sealed at once; the others, drawn by lot, wait."""
        for record_id in LOT.sample([*batch], len(batch) - batch_of(len(batch))):
            del batch[record_id]

    def _write_sealed(self, lines: list[bytes]) -> None:
        sealed, cipher = self.responses.sealed, self.responses.cipher
        own_folder(sealed.folder)
        files.neutralise_time(sealed.folder)
        LOT.shuffle(lines)
        path = sealed.folder / sealed.new_name()
        wrapped = cipher.wrap_lines(line + b"\n" for line in lines)
        files.create_durably(path, wrapped, still=True)
        try:
            is_whole = list(cipher.read_lines(path)) == lines
        except DamagedError:
            is_whole = False
        if not is_whole:
            # It would be counted, and the same lines are taken again.
            files.remove_durably(path, still=True)
            raise not_as_written(path)

    def _read(
        self, part: FromSource, folder: OpenFolder, *, is_text: bool
    ) -> Iterator[tuple[str, list[Piece]]]:
        """What the lines of each sealed file, or pool, of a source hold, with its name there.

        One that goes meanwhile has become part of another, so the folder is looked at again.
        """
        read: set[str] = set()
        for _ in range(_MOST_LISTED):
            try:
                entries = folder.entries()
            except StoreError as error:
                raise SourceError(error) from None
            left = [e.name for e in entries if not e.is_folder and e.name not in read]
            LOT.shuffle(left)
            for name in left:
                shown = str((folder.path / name).relative_to(part.source.folder.path))
                pieces: list[Piece] = []
                try:
                    # Those before a damage are good.
                    for piece in self._lines(part, folder, name, is_text=is_text):
                        pieces.append(piece)  # noqa: PERF402
                except files.MissingError:
                    continue
                except DamagedError as error:
                    part.left.append((shown, error.message))
                except StoreError as error:
                    if is_of_the_disk(error) or not folder.is_there():
                        raise SourceError(error) from None
                    part.left.append((shown, error.message))
                read.add(name)
                yield shown, pieces
            if read.issuperset(left):
                return
        raise SourceError(
            StoreError("Its sealed files change all the time.", where=str(folder.path), hint="")
        )

    def _lines(
        self, part: FromSource, folder: OpenFolder, name: str, *, is_text: bool
    ) -> Iterator[Piece]:
        """What each line of a file holds; one with very many damaged lines is given up.

        Raises:
            DamagedError: it is not whole, or given up; good lines may have come before.
            StoreError: it cannot be read.
        """
        path = folder.path / name
        shown = path.relative_to(part.source.folder.path).as_posix()
        damaged = 0
        for number, line in enumerate(self.responses.cipher.read_lines(path, folder), 1):
            held = self.sieve.sift_line(line, is_text=is_text)
            yield Piece(part, f"{shown} line {number}", held)
            damaged += isinstance(held, Misfit)
            if damaged == _MOST_DAMAGED:
                raise DamagedError(
                    f"{damaged} of its lines are damaged: what follows them was left.",
                    where=shown,
                    hint="Find out what it is.",
                )

    def _has_sealed(self, part: FromSource) -> bool:
        with suppress(StoreError), part.source.folder.below("sealed") as sealed:
            return any(entry.is_file for entry in sealed.entries())
        return False
