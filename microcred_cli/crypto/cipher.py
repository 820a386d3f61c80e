"""Encryption at rest: converts records to their form on disk, and back.

A folder is clear or encrypted as a whole, as set up for its first response. Encrypted files are in
the age format, version 1, so the `age` program opens them too.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, ClassVar, Final

from microcred_cli import files
from microcred_cli.crypto.age_format import VERSION, AgeFormatError, check_header, unarmored
from microcred_cli.crypto.keys import fingerprints
from microcred_cli.crypto.spools import PIECE, ByteStream, FileSpool, MemorySpool, piped
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import DamagedError, lines_in, opened, read_lines
from microcred_cli.records.formats import ENCRYPTED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

    from microcred_cli.crypto.spools import Spool
    from microcred_cli.files import OpenFolder

STEP: Final = 4096
"""Records are padded to a multiple of this, because their length depends on typed texts."""

_INTRO: Final = VERSION + b"-> "
_CHUNK: Final = 65_536
_NONCE = _TAG = 16
"""The lengths in the payload of an encrypted file: C2SP, age.md, "Payload"."""


class LockedError(StoreError):
    """A file is encrypted, and no key was given."""


class Cipher:
    """The form of a folder's records on disk: this class leaves them in clear, `Age` encrypts."""

    suffix: ClassVar[str] = ""
    """The ending that is added to the name of a file."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """The fingerprints of the public keys that everything is encrypted to."""
        return ()

    @property
    def opens(self) -> bool:
        """True if written files can be read back."""
        return True

    def wrap(self, data: bytes) -> bytes:
        """A record in its form on disk."""
        return data

    def unwrap(self, data: bytes, name: str) -> bytes:
        """A record from its form on disk; `name` is that of its file."""
        if is_wrapped(data):
            raise DamagedError(
                "It is encrypted, and nothing else in this folder is.",
                where=name,
                hint="Move it back to the folder that it came from.",
            )
        return data

    def is_stored(self, found: bytes, data: bytes) -> bool:
        """Whether a file found on disk is this record, as far as can be known."""
        return found == data

    def wrap_lines(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Many records, each a line with its end, in their form on disk."""
        return lines

    def read_lines(
        self, path: Path, within: OpenFolder | None = None
    ) -> Generator[bytes, None, None]:
        """The lines of a file, without their ends; an error may come after some of them.

        The file is open until the last line was read, or the generator is closed.
        """
        return read_lines(path, within=within)

    @contextlib.contextmanager
    def spool(self, folder: Path) -> Iterator[Spool]:
        """A temporary store for lines; in clear, a file in this folder."""
        with files.for_a_while(folder) as file:
            yield FileSpool(file)


CLEAR: Final = Cipher()


@dataclass(frozen=True)
class Age(Cipher):
    """Everything is encrypted to the public keys `to`, and opened with the secret `identities`.

    Either may be empty, for those who only read or only write.
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
        """True if a secret key was given."""
        return bool(self.identities)

    def wrap(self, data: bytes) -> bytes:
        """A record, padded with spaces before its last newline, and encrypted."""
        import pyrage

        return bytes(pyrage.encrypt(padded(data), self._to()))

    def unwrap(self, data: bytes, name: str) -> bytes:
        """A record, decrypted in memory, without its padding."""
        import pyrage

        _check_is_wrapped(data, name)
        try:
            clear: bytes = pyrage.decrypt(unarmored(data), self._keys(name))
        except (AgeFormatError, pyrage.DecryptError):
            raise _cannot_be_opened(name) from None
        record = clear.rstrip(b" \n") + b"\n"
        if padded(record) != clear:
            raise DamagedError(
                "It is not padded in the way that this program pads its files.",
                where=name,
                hint="Move the file elsewhere; the others can still be used.",
            )
        return record

    def is_stored(self, found: bytes, data: bytes) -> bool:
        """True if both are the same; without a key, if the file on disk is encrypted.

        The name is derived from a secret of the writer, so nobody else can have written the file.
        """
        if not self.identities:
            return is_wrapped(found)
        with contextlib.suppress(StoreError):
            return self.unwrap(found, "") == data
        return False

    def wrap_lines(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Many lines, each padded like a record, as one encrypted file, a piece at a time."""
        import pyrage

        to = self._to()
        # Without padding, a removed line would reveal its length.
        source = ByteStream(lines, padded)

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
        """Refuse data whose header or length cannot be that of an encrypted record."""
        _check_is_wrapped(data, name)
        file = io.BytesIO(data)
        try:
            check_header(file)
        except AgeFormatError:
            raise _cannot_be_opened(name) from None
        # After the header come a nonce, and chunks that are each longer by a tag.
        left = len(data) - file.tell() - _NONCE
        chunks = -(-left // (_CHUNK + _TAG))
        if left <= 0 or (left - chunks * _TAG) % STEP:
            raise _cannot_be_opened(name)

    def read_lines(
        self, path: Path, within: OpenFolder | None = None
    ) -> Generator[bytes, None, None]:
        """The lines of an encrypted file without their padding, a piece at a time."""
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
        """A spool in memory, compressed: nothing may be written to disk in clear."""
        yield MemorySpool()

    def _to(self) -> list[object]:
        from pyrage import x25519

        if not self.to:
            raise StoreError(
                "The responses here are encrypted, and no recipients were given.",
                hint="Name the settings that have the recipients with --fieldwork.",
            )
        return [x25519.Recipient.from_str(key) for key in self.to]

    def _keys(self, name: str) -> list[object]:
        from pyrage import x25519

        if not self.identities:
            raise LockedError(
                "It is encrypted, and no key was given.",
                where=name,
                hint="Name the file of your secret key with --identity.",
            )
        return [x25519.Identity.from_str(key) for key in self.identities]


def padded(data: bytes) -> bytes:
    """A record with spaces before its last newline, up to a multiple of `STEP`."""
    return data[:-1] + b" " * (-len(data) % STEP) + b"\n"


def _unpadded(line: bytes) -> bytes:
    """A line without its padding; other spaces at its end are part of it."""
    short = line.rstrip(b" ")
    return short if padded(short + b"\n")[:-1] == line else line


def is_wrapped(data: bytes) -> bool:
    """Whether data begins like an encrypted file."""
    return data.startswith(_INTRO)


def _check_is_wrapped(data: bytes, name: str) -> None:
    if not is_wrapped(data):
        raise DamagedError(
            "It is not encrypted, but everything else in this folder is.",
            where=name,
            hint="Move it out of the folder, and find out who put it there.",
        )


def _cannot_be_opened(name: str) -> DamagedError:
    return DamagedError(
        "It cannot be decrypted: it is damaged, or not for your key.",
        where=name,
        hint="Try the key of another recipient; otherwise move the file elsewhere.",
    )
