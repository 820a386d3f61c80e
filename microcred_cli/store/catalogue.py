"""What a responses folder holds already, waiting or sealed, and who was withdrawn from it."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import read_file
from microcred_cli.store.segments import (
    RESPONSE_START,
    TEXT_START,
    digest_of,
    hash_of,
    id_in,
    mark_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.crypto.cipher import Cipher
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.incoming import Found
    from microcred_cli.store.segments import Sealed


@dataclass(slots=True)
class Holdings:
    """What a folder holds; only under its lock, and after `look`."""

    responses: Responses
    sealed: Sealed
    withdrawn: frozenset[str] = frozenset()
    _files: dict[Path, _Lines] = field(default_factory=dict)

    def look(self) -> None:
        """Take up what changed since the last look.

        Raises:
            StoreError: what the system refused.
        """
        self.withdrawn = self.sealed.withdrawn()
        kept = self.sealed.kept().entries
        files: dict[Path, _Lines] = {}
        for name, size in self.sealed.sizes()[0].items():
            path = self.sealed.folder / name
            lines = files[path] = self._lines(path, RESPONSE_START)
            if lines.marks is None and name in kept and kept[name].size == size:
                lines.marks = frozenset(kept[name].marks)
        for name in self.sealed.pools()[0]:
            path = self.sealed.texts / name
            files[path] = self._lines(path, TEXT_START)
        self._files = files

    def _lines(self, path: Path, start: bytes) -> _Lines:
        """What was known of a file, if it is still the same one."""
        with files.faults_named(path):
            status = path.lstat()
        state = status.st_ino, status.st_size, status.st_ctime_ns
        known = self._files.get(path)
        return (
            known
            if known and known.state == state
            else _Lines(path, state, start, self.responses.cipher)
        )

    def was_withdrawn(self, record_id: str) -> bool:
        """Whether a response or a text was withdrawn."""
        return bool(self.withdrawn) and hash_of(record_id) in self.withdrawn

    def has(self, found: Found) -> bool | None:
        """Whether a record is here already; False if something else has its id, None if nothing.

        Raises:
            StoreError: what the system refused.
        """
        path = self.place_of(found)
        if os.path.lexists(path):
            try:
                data = read_file(path)
                return data == found.data or self._is_same(data, found)
            except StoreError as error:
                # A file that cannot be read just now is not another one; a link is.
                refused = error.__cause__
                if isinstance(refused, OSError) and refused.errno != errno.ELOOP:
                    raise
                return False
        if not self.responses.cipher.opens:
            # What is sealed cannot be looked into: the next seal finds it there.
            return None
        digest = self._sealed_as(found)
        return None if digest is None else digest == digest_of(found.line)

    def is_sealed(self, found: Found) -> bool:
        """Whether a record with this id is sealed here, as far as that can be known."""
        return self.responses.cipher.opens and self._sealed_as(found) is not None

    def place_of(self, found: Found) -> Path:
        """Where a record waits."""
        file_of = self.responses.text_file if found.is_text else self.responses.response_file
        return file_of(found.record_id)

    def _is_same(self, data: bytes, found: Found) -> bool:
        """Whether two encrypted files hold the same: nobody can tell without a key."""
        cipher = self.responses.cipher
        is_known = bool(cipher.suffix) and cipher.opens
        return is_known and cipher.is_stored(data, found.clear)

    def _sealed_as(self, found: Found) -> bytes | None:
        start = TEXT_START if found.is_text else RESPONSE_START
        mark = mark_of(found.record_id)
        for lines in self._files.values():
            if lines.start == start and lines.may_have(mark):
                digest = lines.digests().get(found.record_id)
                if digest is not None:
                    return digest
        return None


@dataclass(slots=True)
class _Lines:
    """The lines of one sealed file or pool, by the ids in them; read when they are asked for."""

    path: Path
    state: tuple[int, ...]
    start: bytes
    cipher: Cipher
    marks: frozenset[int] | None = None
    _digests: dict[str, bytes] | None = None

    def may_have(self, mark: int) -> bool:
        if self.marks is None:
            self.marks = frozenset(map(mark_of, self.digests()))
        return mark in self.marks

    def digests(self) -> dict[str, bytes]:
        if self._digests is None:
            self._digests = {}
            # What cannot be read is named by the check and by the seal.
            with contextlib.suppress(StoreError):
                for line in self.cipher.read_lines(self.path):
                    if (found := id_in(line, self.start)) is not None:
                        self._digests[found] = digest_of(line)
        return self._digests
