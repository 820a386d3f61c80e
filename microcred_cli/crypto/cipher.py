"""Encryption at rest: conversion of records to their form on disk, and back.

The files in a folder are either all plain text or all encrypted, as decided before the first
response is stored. Encrypted files are in the age format, version 1, so the `age` program can also
decrypt them.
"""

from __future__ import annotations

import contextlib
import io
from typing import IO, TYPE_CHECKING, ClassVar, Final

from microcred_cli import files
from microcred_cli.crypto.age_format import VERSION, AgeFormatError, check_header, unarmored
from microcred_cli.crypto.keys import fingerprints
from microcred_cli.crypto.spools import PIECE, ByteStream, FileSpool, MemorySpool, piped
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import DamagedError, lines_in, opened, read_lines
from microcred_cli.frozen import Frozen
from microcred_cli.records.formats import ENCRYPTED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

    from microcred_cli.crypto.spools import Spool
    from microcred_cli.files import OpenFolder

STEP: Final = 4096
"""Records are padded to a multiple of this size, to hide the length of free text."""

_INTRO: Final = VERSION + b"-> "
_CHUNK: Final = 65_536
_NONCE = _TAG = 16
"""The sizes of the parts of the payload in an encrypted file (see C2SP, age.md, "Payload")."""


class LockedError(StoreError):
    """Raised if a file is encrypted and no key was specified."""


class Cipher:
    """The form of a folder's records on disk: plain text in this class, encrypted in `Age`."""

    suffix: ClassVar[str] = ""
    """The suffix added to file names."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """The fingerprints of the public keys that records are encrypted to."""
        return ()

    @property
    def opens(self) -> bool:
        """True if the files can be read: they are plain text, or there is a secret key."""
        return True

    def wrap(self, data: bytes) -> bytes:
        """Convert a record to its form on disk."""
        return data

    def unwrap(self, data: bytes, name: str) -> bytes:
        """Convert a record from its form on disk; `name` is its file name."""
        if is_wrapped(data):
            raise DamagedError(
                "The file is encrypted, but nothing else in this folder is.",
                where=name,
                hint="Move the file back to its original folder.",
            )
        return data

    def is_stored(self, found: bytes, data: bytes) -> bool:
        """True if `found` is this record or, if it cannot be decrypted, could be this record."""
        return found == data

    def wrap_lines(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Convert many records, each a line with a line end, to their form on disk."""
        return lines

    def wrap_chunks(self, chunks: Iterable[bytes]) -> Iterable[bytes]:
        """Convert the content of a file that has no records or lines to its form on disk."""
        return chunks

    def unwrap_whole(self, data: bytes, name: str) -> bytes:  # noqa: ARG002 - for messages
        """Convert the content of a file that has no records or lines from its form on disk."""
        return data

    def read_lines(
        self, path: Path, within: OpenFolder | None = None
    ) -> Generator[bytes, None, None]:
        """Read the lines of a file, without line ends; an error may occur after the first lines.

        The file stays open until the last line has been read or the generator is closed.
        """
        return read_lines(path, within=within)

    @contextlib.contextmanager
    def spool(self, folder: Path) -> Iterator[Spool]:
        """Open a temporary store for lines; for plain text, it is a file in the folder."""
        with files.for_a_while(folder) as file:
            yield FileSpool(file)


CLEAR: Final = Cipher()


class Age(Frozen, Cipher):
    """Encryption to the public keys `to`, and decryption with the secret `identities`.

    `identities` may be empty if files are only written, and `to` may be empty if files are only
    read.
    """

    to: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    suffix: ClassVar[str] = ENCRYPTED

    @property
    def recipients(self) -> tuple[str, ...]:
        """The fingerprints of the public keys."""
        return fingerprints(self.to)

    @property
    def opens(self) -> bool:
        """True if there is a secret key."""
        return bool(self.identities)

    def wrap(self, data: bytes) -> bytes:
        """Pad a record with spaces before its last newline, and encrypt it."""
        import pyrage

        return bytes(pyrage.encrypt(padded(data), self._to()))

    def unwrap(self, data: bytes, name: str) -> bytes:
        """Decrypt a record in memory, and remove its padding."""
        clear = self.unwrap_whole(data, name)
        record = clear.rstrip(b" \n") + b"\n"
        if padded(record) != clear:
            raise DamagedError(
                "The padding differs from that of files written by this program.",
                where=name,
                hint="Move the file elsewhere; the other files can still be used.",
            )
        return record

    def is_stored(self, found: bytes, data: bytes) -> bool:
        """True if `found` contains `data` or, without a secret key, if `found` is encrypted.

        File names are derived from a secret that only the writer knows, so nobody else can have
        written a file with this name.
        """
        if not self.identities:
            return is_wrapped(found)
        with contextlib.suppress(StoreError):
            return self.unwrap(found, "") == data
        return False

    def wrap_lines(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Encrypt many lines as one file, in chunks; each line is padded like a record."""
        # Without padding, the length of a removed line would be revealed.
        return self._encrypted(ByteStream(lines, padded))

    def wrap_chunks(self, chunks: Iterable[bytes]) -> Iterable[bytes]:
        """Encrypt a file in chunks, without padding."""
        return self._encrypted(ByteStream(chunks, bytes))

    def unwrap_whole(self, data: bytes, name: str) -> bytes:
        """Decrypt a file in memory."""
        import pyrage

        _check_is_wrapped(data, name)
        try:
            clear: bytes = pyrage.decrypt(unarmored(data), self._keys(name))
        except (AgeFormatError, pyrage.DecryptError):
            raise _cannot_be_opened(name) from None
        return clear

    def _encrypted(self, source: ByteStream) -> Iterator[bytes]:
        import pyrage

        to = self._to()

        def encrypt(out: IO[bytes]) -> None:
            try:
                pyrage.encrypt_io(io.BufferedReader(source, PIECE), out, to)
            except Exception as error:
                raise source.raised or error from None

        try:
            with piped(encrypt) as (out, settle):
                while piece := out.read(PIECE):
                    yield piece
                settle()
        finally:
            source.end()

    def check_wrapped(self, data: bytes, name: str) -> None:
        """Raise a DamagedError if the header or length is impossible for an encrypted record."""
        _check_is_wrapped(data, name)
        file = io.BytesIO(data)
        try:
            check_header(file)
        except AgeFormatError:
            raise _cannot_be_opened(name) from None
        # The header is followed by a nonce and by chunks, each with a tag.
        left = len(data) - file.tell() - _NONCE
        chunks = -(-left // (_CHUNK + _TAG))
        if left <= 0 or (left - chunks * _TAG) % STEP:
            raise _cannot_be_opened(name)

    def read_lines(
        self, path: Path, within: OpenFolder | None = None
    ) -> Generator[bytes, None, None]:
        """Read the lines of an encrypted file in chunks, without the padding."""
        import pyrage

        keys = self._keys(path.name)

        with opened(path, limit=None, within=within) as file:
            try:
                check_header(io.BytesIO(file.read(PIECE)))
            except AgeFormatError:
                raise _cannot_be_opened(path.name) from None
            file.seek(0)

            def decrypt(out: IO[bytes]) -> None:
                try:
                    pyrage.decrypt_io(file, out, keys)
                except (pyrage.DecryptError, OSError):
                    raise _cannot_be_opened(path.name) from None

            with piped(decrypt) as (out, settle):
                yield from map(_unpadded, lines_in(out, path, settle))

    @contextlib.contextmanager
    def spool(self, folder: Path) -> Iterator[Spool]:  # noqa: ARG002 - nothing is written there
        """Open a compressed spool in memory, because plain text must not be written to disk."""
        yield MemorySpool()

    def _to(self) -> list[object]:
        from pyrage import x25519

        if not self.to:
            raise StoreError(
                "The responses in this folder are encrypted, but no recipients were specified.",
                hint="Use --fieldwork to specify the settings that list the recipients.",
            )
        return [x25519.Recipient.from_str(key) for key in self.to]

    def _keys(self, name: str) -> list[object]:
        from pyrage import x25519

        if not self.identities:
            raise LockedError(
                "The file is encrypted, but no key was specified.",
                where=name,
                hint="Specify your secret key file with --identity.",
            )
        return [x25519.Identity.from_str(key) for key in self.identities]


def padded(data: bytes) -> bytes:
    """Pad a record with spaces before its last newline, to a multiple of `STEP`."""
    return data[:-1] + b" " * (-len(data) % STEP) + b"\n"


def _unpadded(line: bytes) -> bytes:
    """Remove the padding of a line, but no other trailing spaces."""
    short = line.rstrip(b" ")
    return short if padded(short + b"\n")[:-1] == line else line


def is_wrapped(data: bytes) -> bool:
    """True if data begins with the header of an encrypted file."""
    return data.startswith(_INTRO)


def _check_is_wrapped(data: bytes, name: str) -> None:
    if not is_wrapped(data):
        raise DamagedError(
            "The file is not encrypted, but everything else in this folder is.",
            where=name,
            hint="Move the file out of the folder, and find out who put it there.",
        )


def _cannot_be_opened(name: str) -> DamagedError:
    return DamagedError(
        "The file cannot be decrypted: it is damaged or not encrypted to your key.",
        where=name,
        hint="Try the key of another recipient, or move the file elsewhere.",
    )
