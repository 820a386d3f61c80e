"""Encryption at rest: what is written to the disk of a record, and what is read from it.

A folder is either clear or encrypted as a whole, as its first response found it. Encrypted files
are in the age format, version 1, which the `age` program opens too.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, ClassVar, Final, Protocol

from microcred_cli import files
from microcred_cli.crypto.age_format import AgeFormError, check_header, in_form
from microcred_cli.crypto.streams import PIECE, InFile, InMemory, Source, passed_through
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import DamagedError, lines_in, opened, read_lines
from microcred_cli.records.formats import ENCRYPTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from microcred_cli.files import OpenFolder

STEP: Final = 4096
"""A record is padded to so many bytes, or a multiple: its length follows what was typed."""

_INTRO: Final = b"age-encryption.org/v1\n-> "
_CHUNK: Final = 65_536
_NONCE = _TAG = 16
"""The lengths in the payload of an encrypted file: C2SP, age.md, "Payload"."""


class LockedError(StoreError):
    """Something encrypted that no key was given for."""


class Cipher(Protocol):
    """How the records of a folder stand on the disk."""

    @property
    def suffix(self) -> str:
        """What is added to the name of a file."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """The fingerprints of those who can open what is written."""

    @property
    def opens(self) -> bool:
        """Whether what is written can be read back here."""

    def wrap(self, data: bytes) -> bytes:
        """A record as it stands on the disk."""

    def unwrap(self, data: bytes, name: str) -> bytes:
        """A record out of what stands on the disk; `name` is that of its file.

        Raises:
            DamagedError: it is not whole, or not for these keys.
            LockedError: no key was given.
        """

    def is_stored(self, found: bytes, data: bytes) -> bool:
        """Whether what was found is this record, as far as can be known here."""

    def wrap_lines(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Many records, each a line with its end, as they stand on the disk."""

    def check_wrapped(self, data: bytes, name: str) -> None:
        """Refuse what cannot be a record as it stands on the disk, without looking into it.

        Raises:
            DamagedError: it is none.
        """

    def read_lines(self, path: Path, within: OpenFolder | None = None) -> Iterator[bytes]:
        """The lines of a file, without their ends; `within` as of `reading.read_file`.

        Raises:
            StoreError: it cannot be read, or is not such a file; lines may have come before.
        """

    def spool(self, folder: Path) -> contextlib.AbstractContextManager[Spool]:
        """A place for lines on their way; gone at the end."""


class Spool(Protocol):
    """A place for lines on their way: written, then read."""

    def write(self, data: bytes) -> object:
        """Add bytes, before anything is read."""

    def lines(self) -> Iterator[bytes]:
        """The lines from the start, without their ends."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Nothing is encrypted."""

    suffix: ClassVar[str] = ""
    recipients: ClassVar[tuple[str, ...]] = ()
    opens: ClassVar[bool] = True

    def wrap(self, data: bytes) -> bytes:
        """The record itself."""
        return data

    def unwrap(self, data: bytes, name: str) -> bytes:
        """The record itself.

        Raises:
            DamagedError: it is encrypted.
        """
        if data.startswith(_INTRO):
            raise DamagedError(
                "It is encrypted, and nothing else in this folder is.",
                where=name,
                hint="Take it back to the folder that it came from.",
            )
        return data

    def is_stored(self, found: bytes, data: bytes) -> bool:
        """Whether both are the same."""
        return found == data

    def wrap_lines(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """The lines themselves."""
        return lines

    def check_wrapped(self, data: bytes, name: str) -> None:
        """Refuse what is encrypted.

        Raises:
            DamagedError: it is.
        """
        self.unwrap(data, name)

    def read_lines(self, path: Path, within: OpenFolder | None = None) -> Iterator[bytes]:
        """The lines of a file, without their ends; errors as of `reading.read_lines`."""
        return read_lines(path, within=within)

    @contextlib.contextmanager
    def spool(self, folder: Path) -> Iterator[Spool]:
        """A file in this folder."""
        with files.for_a_while(folder) as file:
            yield InFile(file)


CLEAR: Final = Clear()


@dataclass(frozen=True, slots=True)
class Age:
    """Everything is encrypted to public keys, and opened with secret ones, where there are any.

    `to` has the public keys and may be empty for who only reads; `identities` the secret keys.
    """

    to: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    suffix: ClassVar[str] = ENCRYPTED

    @property
    def recipients(self) -> tuple[str, ...]:
        """The fingerprints of the public keys."""
        from microcred_cli.crypto.keys import fingerprints

        return fingerprints(self.to)

    @property
    def opens(self) -> bool:
        """Whether a secret key was given that opens what is written."""
        return bool(self.identities)

    def wrap(self, data: bytes) -> bytes:
        """A record, padded with spaces before its last newline, and encrypted.

        Raises:
            StoreError: nobody could open it, because no public key was given.
        """
        import pyrage

        wrapped: bytes = pyrage.encrypt(padded(data), self._to())
        return wrapped

    def unwrap(self, data: bytes, name: str) -> bytes:
        """A record, decrypted in memory and without its padding."""
        import pyrage

        _check_begun(data, name)
        try:
            clear = decrypted(data, self._keys(name))
        except (AgeFormError, pyrage.DecryptError):
            raise _cannot_be_opened(name) from None
        record = clear.rstrip(b" \n") + b"\n"
        if padded(record) != clear:
            raise DamagedError(
                "It is not padded as the program pads its files.",
                where=name,
                hint="Set the file apart; the others can still be used.",
            )
        return record

    def is_stored(self, found: bytes, data: bytes) -> bool:
        """Whether both are the same; without a key, whether what was found is encrypted.

        The name is made of a secret of its writer, so that nobody else can have written there.
        """
        if not self.identities:
            return found.startswith(_INTRO)
        with contextlib.suppress(StoreError):
            return self.unwrap(found, "") == data
        return False

    def wrap_lines(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Many lines, each padded as a record is, as one encrypted file, a piece at a time."""
        import pyrage

        to = self._to()
        # A removed line would else show its length.
        source = Source(lines, padded)

        def encrypt(out: IO[bytes]) -> None:
            try:
                pyrage.encrypt_io(io.BufferedReader(source, PIECE), out, to)
            except Exception as error:
                raise source.raised or error from None

        try:
            with passed_through(encrypt) as (out, settle):
                while piece := out.read(PIECE):
                    yield piece
                settle()
        finally:
            source.end()

    def check_wrapped(self, data: bytes, name: str) -> None:
        """Refuse what has not the header or the length of an encrypted record.

        Raises:
            DamagedError: it has not.
        """
        _check_begun(data, name)
        file = io.BytesIO(data)
        try:
            check_header(file)
        except AgeFormError:
            raise _cannot_be_opened(name) from None
        # After the header come a nonce, and chunks that are each longer than what is in them.
        left = len(data) - file.tell() - _NONCE
        chunks = -(-left // (_CHUNK + _TAG))
        if left <= 0 or (left - chunks * _TAG) % STEP:
            raise _cannot_be_opened(name)

    def read_lines(self, path: Path, within: OpenFolder | None = None) -> Iterator[bytes]:
        """The lines of an encrypted file without their padding; a piece is held at a time."""
        import pyrage

        keys = self._keys(path.name)

        with opened(path, limit=None, within=within) as file:
            try:
                check_header(io.BytesIO(file.read(PIECE)))
            except AgeFormError:
                raise _cannot_be_opened(path.name) from None
            file.seek(0)

            def decrypt(out: IO[bytes]) -> None:
                try:
                    pyrage.decrypt_io(file, out, keys)
                except (pyrage.DecryptError, OSError):
                    raise _cannot_be_opened(path.name) from None

            with passed_through(decrypt) as (out, settle):
                yield from map(_unpadded, lines_in(out, path, settle))

    @contextlib.contextmanager
    def spool(self, folder: Path) -> Iterator[Spool]:  # noqa: ARG002 - nothing is on the disk
        """A place in memory, compressed: nothing may come to the disk in clear."""
        yield InMemory()

    def _to(self) -> list[object]:
        from pyrage import x25519

        if not self.to:
            raise StoreError(
                "The responses here are encrypted, and it is not said to whose keys.",
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


def decrypted(data: bytes, keys: Sequence[object]) -> bytes:
    """What one of these identities of `pyrage` opens, in memory.

    Raises:
        AgeFormError: it is not in the form of the age format.
        pyrage.DecryptError: it is damaged, or for other keys.
    """
    import pyrage

    clear: bytes = pyrage.decrypt(in_form(data), keys)
    return clear


def padded(data: bytes) -> bytes:
    """A record that ends in a newline, with spaces before that newline up to a whole step."""
    return data[:-1] + b" " * (-len(data) % STEP) + b"\n"


def _unpadded(line: bytes) -> bytes:
    """A line without the spaces that it was padded with; any others are part of it."""
    short = line.rstrip(b" ")
    return short if padded(short + b"\n")[:-1] == line else line


def opens_one_of(identities: Iterable[str], recipients: Iterable[str]) -> bool:
    """Whether one of these secret keys belongs to one of these fingerprints."""
    from microcred_cli.crypto.keys import fingerprint, public_of

    return not {fingerprint(public_of(key)) for key in identities}.isdisjoint(recipients)


def is_wrapped(data: bytes) -> bool:
    """Whether this begins as something encrypted."""
    return data.startswith(_INTRO)


def _check_begun(data: bytes, name: str) -> None:
    if not is_wrapped(data):
        raise DamagedError(
            "It is not encrypted, as everything in this folder is.",
            where=name,
            hint="Move it out of the folder, and find out who put it there.",
        )


def _cannot_be_opened(name: str) -> DamagedError:
    return DamagedError(
        "It cannot be decrypted: it is damaged, or not for your key.",
        where=name,
        hint="Try the key of another recipient; else set the file apart.",
    )
