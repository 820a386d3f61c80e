"""Sources of a collection: somebody else's folders, whose content is not trusted."""

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
from microcred_cli.store.layout import FOLDER_FILE, WITHDRAWN_FILE, Kind, LeftOut, is_record
from microcred_cli.store.quarantine import APART
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from microcred_cli.files.open_folder import FolderEntry


PLACES: Final = ("texts", "sealed", APART)
"""The subfolders of a responses folder, which are not sources themselves."""

OF_THE_SYSTEM: Final = ("lost+found", "System Volume Information", "$RECYCLE.BIN")
"""The folders that a system keeps on a disk for itself."""

_OF_THE_DISK: Final = frozenset(
    getattr(errno, name, 0)
    for name in (
        *("EIO", "EACCES", "EPERM", "ENODEV", "EBADF", "EMFILE", "ENFILE", "ENOMEM"),
        *("ESTALE", "ENOTCONN", "ETIMEDOUT", "EHOSTDOWN", "ENETDOWN", "EREMOTEIO"),
    )
)
"""Errors of the disk or the whole folder; a link or a socket concerns only one file."""

_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


@dataclass(slots=True)
class SourceFolder:
    """A responses folder to collect from.

    `terms` are from its own file, None if it has none; `withdrawn` has the hashes of the ids
    withdrawn there. `wrong` lists the parts of this that cannot be used.
    """

    folder: OpenFolder
    texts: OpenFolder | None
    terms: Folder | None = None
    withdrawn: frozenset[str] = frozenset()
    wrong: list[tuple[str, str]] = field(default_factory=list)
    is_drop: bool = False
    """Set if a group may put files here: then only pending records are accepted."""

    @property
    def shown(self) -> str:
        """Its path, safe to print."""
        return safe(self.folder.path)


@dataclass(slots=True)
class SourceCounts:
    """Numbers of records: taken, here already, and not taken because they were withdrawn."""

    taken: int = 0
    already: int = 0
    withdrawn: int = 0


@dataclass(slots=True)
class FromSource:
    """The outcome of one source.

    `apart` names the quarantined files, and `left` the unreadable ones, each with the reason.
    `foreign` has the names of files that are not part of a responses folder. `stuck` says why
    collected files could not be removed. `failure` is why the source could not be read to its end.
    """

    source: SourceFolder
    responses: SourceCounts = field(default_factory=SourceCounts)
    texts: SourceCounts = field(default_factory=SourceCounts)
    apart: list[LeftOut] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    sealed_lines: int = 0
    stuck: StoreError | None = None
    failure: StoreError | None = None
    refused: int = 0

    def counts(self, kind: Kind) -> SourceCounts:
        """The counts of a kind of records."""
        return self.responses if kind is Kind.RESPONSE else self.texts

    def break_off(self, error: StoreError) -> None:
        """Note that the source cannot be read to its end, and why."""
        self.failure = StoreError(
            f"This source could not be read to its end: {error.message}",
            where=error.where,
            hint="Everything collected from it so far is kept. Collect again to get the rest.",
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
        """Its name in the source, safe to print."""
        return f"{self.kind.prefix}{self.name}"

    @property
    def path(self) -> Path:
        """Its path."""
        return self.folder.path / self.name

    @property
    def rank(self) -> tuple[bool, bool]:
        """Texts before responses, and a file under its own name before copies of it."""
        is_own_name = self.name.removesuffix(ENCRYPTED) == f"{id_named(self.name)}.json"
        return self.kind is Kind.RESPONSE, not is_own_name

    def read(self) -> bytes:
        """Its bytes."""
        return read_file(self.path, within=self.folder)


def find_sources(paths: Sequence[Path], destination: Path, stack: ExitStack) -> list[SourceFolder]:
    """The responses folders that people named: those folders, or the ones directly below.

    A folder named twice is one source; no source may be inside the destination, or contain it.
    `stack` keeps the folders open.
    """
    target = destination.resolve()
    found: dict[tuple[int, int], SourceFolder] = {}
    for path in paths:
        _refuse_overlap(path, target)
        sources = list(_sources_in(stack.enter_context(OpenFolder.opened(path)), stack))
        if not sources:
            raise StoreError(
                "There are no responses in this folder, nor in a folder directly below it.",
                where=path,
                hint=f"Name the folder that has {FOLDER_FILE} in it.",
            )
        for source in sources:
            found.setdefault(source.folder.identity, source)
    return list(found.values())


def _refuse_overlap(path: Path, target: Path) -> None:
    real = path.resolve()
    wrong = ""
    if real == target:
        wrong = "This is the folder that responses are to be brought into."
    elif target in real.parents:
        wrong = "This lies in the folder that responses are to be brought into."
    elif real in target.parents:
        wrong = "The folder that responses are to be brought into lies in this one."
    if wrong:
        hint = "Name another source, or another folder with --responses."
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
    """Add to the source's `wrong` why a file of this name cannot be used, if it exists."""
    try:
        yield
    except MissingError:
        pass
    except StoreError as error:
        source.wrong.append((name, error.message))


def id_named(name: str) -> str:
    """The record id contained in a file's name; empty if there is none.

    Programs that synchronise folders write `<id> (conflicted copy).json` and the like; some disks
    store capital letters only.
    """
    found = _ID.search(name.lower())
    return found[0] if found else ""


def is_of_the_disk(error: StoreError) -> bool:
    """Whether the system refused something because of the disk or of the whole folder."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _OF_THE_DISK
