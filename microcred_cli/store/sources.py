"""Sources of a collection: folders of other people, whose content is untrusted."""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files import MissingError, OpenFolder
from microcred_cli.files.reading import read_file, read_lines
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.formats import ENCRYPTED
from microcred_cli.records.shapes import Folder, from_object
from microcred_cli.store.index import IS_HASH, NO_HASHES
from microcred_cli.store.layout import (
    FOLDER_FILE,
    TIMES_FOLDER,
    WITHDRAWN_FILE,
    Kind,
    LeftOut,
    is_record,
)
from microcred_cli.store.quarantine import APART
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from microcred_cli.files.open_folder import FolderEntry


PLACES: Final = ("texts", TIMES_FOLDER, "sealed", APART)
"""The subfolders of a responses folder, which are not sources themselves."""

OF_THE_SYSTEM: Final = ("lost+found", "System Volume Information", "$RECYCLE.BIN")
"""Folders that operating systems create on disks automatically."""

_OF_THE_DISK: Final = frozenset(
    getattr(errno, name, 0)
    for name in (
        *("EIO", "EACCES", "EPERM", "ENODEV", "EBADF", "EMFILE", "ENFILE", "ENOMEM"),
        *("ESTALE", "ENOTCONN", "ETIMEDOUT", "EHOSTDOWN", "ENETDOWN", "EREMOTEIO"),
    )
)
"""Numbers of errors that concern the whole folder or disk, rather than a single file."""

_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


@dataclass(slots=True)
class SourceFolder:
    """A responses folder to collect from.

    `terms` is None if the folder has no terms; `withdrawn` contains the hashes of the ids withdrawn
    in the folder. `wrong` lists unusable files of terms or tombstones, with the reasons.
    """

    folder: OpenFolder
    texts: OpenFolder | None
    terms: Folder | None = None
    withdrawn: frozenset[str] = frozenset()
    wrong: list[tuple[str, str]] = field(default_factory=list)
    is_drop: bool = False
    """True for a drop folder, from which only pending records are accepted."""

    @property
    def shown(self) -> str:
        """The path of the folder, safe to print."""
        return safe(self.folder.path)


@dataclass(slots=True)
class SourceCounts:
    """Numbers of records: collected, already present, and skipped because of a withdrawal."""

    taken: int = 0
    already: int = 0
    withdrawn: int = 0


@dataclass(slots=True)
class FromSource:
    """The outcome of collecting from a source.

    `apart` lists the quarantined files and `left` the unreadable files, each with the reason.
    `times` is the number of collected files with times. `foreign` lists files that are not part of
    a responses folder. `stuck` is the reason why collected files could not be removed, and
    `failure` the reason why the source could not be read completely.
    """

    source: SourceFolder
    responses: SourceCounts = field(default_factory=SourceCounts)
    texts: SourceCounts = field(default_factory=SourceCounts)
    apart: list[LeftOut] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    sealed_lines: int = 0
    times: int = 0
    stuck: StoreError | None = None
    failure: StoreError | None = None
    refused: int = 0

    def counts(self, kind: Kind) -> SourceCounts:
        """The counts for one kind of record."""
        return self.responses if kind is Kind.RESPONSE else self.texts

    def break_off(self, error: StoreError) -> None:
        """Record the reason why the source could not be read completely."""
        self.failure = StoreError(
            f"This source could not be read completely: {error.message}",
            where=error.where,
            hint="Files already collected are kept. Run collect again for the remaining files.",
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """A file of a source that may be a pending record."""

    of: FromSource
    folder: OpenFolder
    name: str
    kind: Kind

    @property
    def shown(self) -> str:
        """The printable path of the file within the source."""
        return f"{self.kind.prefix}{self.name}"

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self.folder.path / self.name

    @property
    def rank(self) -> tuple[bool, bool]:
        """Sort key: texts before responses, and a file with its original name before copies."""
        is_own_name = self.name.removesuffix(ENCRYPTED) == f"{id_named(self.name)}.json"
        return self.kind is Kind.RESPONSE, not is_own_name

    def read(self) -> bytes:
        """Read the file."""
        return read_file(self.path, within=self.folder)


def find_sources(paths: Sequence[Path], destination: Path, stack: ExitStack) -> list[SourceFolder]:
    """The responses folders to collect from: the given folders, or their direct subfolders.

    A folder that is specified twice counts as one source. No source may be inside the destination
    or contain it. `stack` keeps the folders open.
    """
    target = destination.resolve()
    found: dict[tuple[int, int], SourceFolder] = {}
    for path in paths:
        _refuse_overlap(path, target)
        sources = list(_sources_in(stack.enter_context(OpenFolder.opened(path)), stack))
        if not sources:
            raise StoreError(
                "There are no responses in this folder or its direct subfolders.",
                where=path,
                hint=f"Specify the folder that contains {FOLDER_FILE}.",
            )
        for source in sources:
            found.setdefault(source.folder.identity, source)
    return list(found.values())


def _refuse_overlap(path: Path, target: Path) -> None:
    real = path.resolve()
    wrong = ""
    if real == target:
        wrong = "The source and the destination are the same folder."
    elif target in real.parents:
        wrong = "The source is inside the destination folder."
    elif real in target.parents:
        wrong = "The destination folder is inside the source."
    if wrong:
        hint = "Specify another source, or another destination with --responses."
        raise UsageError(wrong, where=path, hint=hint)


def _sources_in(folder: OpenFolder, stack: ExitStack) -> Iterator[SourceFolder]:
    entries = folder.entries()
    if folder.is_drop or _has_responses(entries):
        yield _source(folder, entries, stack)
    if folder.is_drop:
        return
    folders = {entry.name for entry in entries if entry.is_folder}
    for name in sorted(folders.difference(PLACES, OF_THE_SYSTEM)):
        below = stack.enter_context(folder.below(name))
        inside = below.entries()
        if _has_responses(inside):
            yield _source(below, inside, stack)


def _has_responses(entries: list[FolderEntry]) -> bool:
    names = [entry.name for entry in entries if entry.is_file]
    return any(name == FOLDER_FILE or is_record(name) for name in names)


def _source(folder: OpenFolder, entries: list[FolderEntry], stack: ExitStack) -> SourceFolder:
    has_texts = any(entry.name == "texts" and entry.is_folder for entry in entries)
    texts = stack.enter_context(folder.below("texts")) if has_texts else None
    source = SourceFolder(folder, texts, is_drop=folder.is_drop)
    with _noted(source, FOLDER_FILE):
        data = read_file(folder.path / FOLDER_FILE, within=folder)
        source.terms = from_object(Folder, parse_json(data), safe(FOLDER_FILE))
    if source.is_drop:
        return source
    with _noted(source, WITHDRAWN_FILE):
        lines = read_lines(folder.path / WITHDRAWN_FILE, within=folder)
        known = [line.decode("ascii", "replace") for line in lines]
        source.withdrawn = frozenset(filter(IS_HASH.fullmatch, known))
        if len(source.withdrawn) < len(known):
            source.wrong.append((WITHDRAWN_FILE, NO_HASHES))
    return source


@contextmanager
def _noted(source: SourceFolder, name: str) -> Iterator[None]:
    """Add an error raised in the block to `source.wrong`, unless the file is missing."""
    try:
        yield
    except MissingError:
        pass
    except StoreError as error:
        source.wrong.append((name, error.message))


def id_named(name: str) -> str:
    """The record id contained in a file's name; empty if there is none.

    Programs that synchronise folders write names such as `<id> (conflicted copy).json`; some file
    systems convert names to capital letters.
    """
    found = _ID.search(name.lower())
    return found[0] if found else ""


def is_of_the_disk(error: StoreError) -> bool:
    """True if an error concerns the whole folder or disk, rather than a single file."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _OF_THE_DISK
