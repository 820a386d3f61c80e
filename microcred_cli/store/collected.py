"""What is found in the sources of a collection, and what came of each of them."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import StoreError
from microcred_cli.records.formats import ENCRYPTED
from microcred_cli.store.sources import id_named

if TYPE_CHECKING:
    from microcred_cli.files import OpenFolder
    from microcred_cli.store.incoming import Found
    from microcred_cli.store.quarantine import Misfit
    from microcred_cli.store.sources import Source


_OF_THE_DISK: Final = frozenset(
    getattr(errno, name, 0)
    for name in (
        *("EIO", "EACCES", "EPERM", "ENODEV", "EBADF", "EMFILE", "ENFILE", "ENOMEM"),
        *("ESTALE", "ENOTCONN", "ETIMEDOUT", "EHOSTDOWN", "ENETDOWN", "EREMOTEIO"),
    )
)
"""What speaks of the disk or the whole folder. A link, or a socket, is a matter of one file."""


@dataclass(slots=True)
class Counts:
    """How many records were taken, were there already, or are not taken: they were withdrawn."""

    taken: int = 0
    already: int = 0
    withdrawn: int = 0


@dataclass(slots=True)
class FromSource:
    """What came of one source.

    `apart` names what was set apart, and `left` what could not even be read, each with the reason.
    `foreign` has the names of files that are no part of a responses folder. `stuck` says why files
    that were collected could not be removed. `failure` is why the source could not be read to its
    end.
    """

    source: Source
    responses: Counts = field(default_factory=Counts)
    texts: Counts = field(default_factory=Counts)
    apart: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    sealed_lines: int = 0
    stuck: StoreError | None = None
    failure: StoreError | None = None
    refused: int = 0

    @property
    def is_open(self) -> bool:
        """Whether there is more to be read."""
        return self.failure is None


@dataclass(frozen=True, slots=True)
class Claim:
    """A file of a source that may be a record."""

    of: FromSource
    folder: OpenFolder
    name: str
    is_text: bool

    @property
    def shown(self) -> str:
        """Its name in the source, for people."""
        return f"texts/{self.name}" if self.folder is self.of.source.texts else self.name

    @property
    def path(self) -> str:
        """What tells it from any other."""
        return str(self.folder.path / self.name)

    @property
    def rank(self) -> tuple[bool, bool]:
        """Texts before responses, and a file under its own name before copies of it."""
        is_own_name = self.name.removesuffix(ENCRYPTED) == f"{id_named(self.name)}.json"
        return not self.is_text, not is_own_name


@dataclass(frozen=True, slots=True)
class Piece:
    """What a file, or a line of a sealed one, holds; a line has no claim and stays where it is."""

    of: FromSource
    shown: str
    held: Found | Misfit
    claim: Claim | None = None
    digest: bytes = b""


class SourceError(Exception):
    """What the system refused in a source, on its way to the report."""

    def __init__(self, error: StoreError) -> None:
        super().__init__(error.message)
        self.error = error


def counts_of(part: FromSource, found: Found) -> Counts:
    """Where a record of a source is counted."""
    return part.texts if found.is_text else part.responses


def gone(folder: OpenFolder) -> StoreError:
    """That a source is not there any more."""
    return broken_off(StoreError("The folder is gone.", where=str(folder.path), hint=""))


def broken_off(error: StoreError) -> StoreError:
    """That a source could not be read to its end, and why."""
    return StoreError(
        f"This source could not be read to its end: {error.message}",
        where=error.where,
        hint="What was taken from it stays taken. Collect again for the rest.",
    )


def is_of_the_disk(error: StoreError) -> bool:
    """Whether the system refused something for the sake of the disk or of the whole folder."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _OF_THE_DISK
