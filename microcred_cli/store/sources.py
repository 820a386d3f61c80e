"""Where responses are collected from: folders of somebody else, of which nothing is believed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files import MissingError, OpenFolder
from microcred_cli.files.reading import read_file, read_lines
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.shapes import Folder, from_object
from microcred_cli.store.layout import FOLDER_FILE, OWN_FILES, is_record
from microcred_cli.store.quarantine import APART
from microcred_cli.store.segments import IS_HASH, NO_HASHES
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

PLACES: Final = ("texts", "sealed", APART)
"""The folders in a responses folder, which are no sources of their own."""

OF_THE_SYSTEM: Final = ("lost+found", "System Volume Information", "$RECYCLE.BIN")
"""The folders that a system keeps on a disk for itself."""

_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


@dataclass(slots=True)
class Source:
    """A responses folder to collect from.

    `terms` is what its own file says of it, None where it has none; `withdrawn` the hashes of the
    ids that were withdrawn there. `wrong` has what of this cannot be used.
    """

    folder: OpenFolder
    texts: OpenFolder | None
    terms: Folder | None = None
    withdrawn: frozenset[str] = frozenset()
    wrong: list[tuple[str, str]] = field(default_factory=list)
    is_drop: bool = False
    """Whether anyone of a group may put files here: then only what is handed in is believed."""

    @property
    def shown(self) -> str:
        """Its path, for people."""
        return safe(self.folder.path)


def find_sources(paths: Sequence[Path], destination: Path, stack: ExitStack) -> list[Source]:
    """The responses folders that people named: themselves, or those directly below.

    Args:
        paths: what was named; a folder that is named twice is one source.
        destination: where it will be brought.
        stack: keeps the folders open.

    Raises:
        UsageError: one lies in the destination, or the destination in one.
        StoreError: one cannot be read, or has no responses and no folder that does.
    """
    target = destination.resolve()
    found: dict[tuple[int, int], Source] = {}
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
    if real == target:
        wrong = "This is the folder that responses are to be brought into."
    elif target in real.parents:
        wrong = "This lies in the folder that responses are to be brought into."
    elif real in target.parents:
        wrong = "The folder that responses are to be brought into lies in this one."
    else:
        return
    raise UsageError(
        wrong, where=path, hint="Name another source, or another folder with --responses."
    )


def _sources_in(folder: OpenFolder, stack: ExitStack) -> Iterator[Source]:
    entries = folder.entries()
    folders = {entry.name for entry in entries if entry.is_folder}
    if folder.is_drop:
        yield _source(folder, folders, stack)
        return
    if _has_responses(entry.name for entry in entries if entry.is_file):
        yield _source(folder, folders, stack)
    for name in sorted(folders.difference(PLACES, OF_THE_SYSTEM)):
        below = stack.enter_context(folder.below(name))
        inside = below.entries()
        if _has_responses(entry.name for entry in inside if entry.is_file):
            yield _source(below, {entry.name for entry in inside if entry.is_folder}, stack)


def _has_responses(names: Iterable[str]) -> bool:
    return any(name == FOLDER_FILE or is_record(name) for name in names)


def _source(folder: OpenFolder, folders: set[str], stack: ExitStack) -> Source:
    texts = stack.enter_context(folder.below("texts")) if "texts" in folders else None
    source = Source(folder, texts, is_drop=folder.is_drop)
    try:
        path = folder.path / FOLDER_FILE
        source.terms = from_object(
            Folder, parse_json(read_file(path, within=folder)), safe(FOLDER_FILE)
        )
    except MissingError:
        pass
    except StoreError as error:
        source.wrong.append((FOLDER_FILE, error.message))
    if source.is_drop:
        return source
    try:
        lines = read_lines(folder.path / "withdrawn", within=folder)
        known = [line.decode("ascii", "replace") for line in lines]
        source.withdrawn = frozenset(filter(IS_HASH.fullmatch, known))
        if len(source.withdrawn) < len(known):
            source.wrong.append(("withdrawn", NO_HASHES))
    except MissingError:
        pass
    except StoreError as error:
        source.wrong.append(("withdrawn", error.message))
    return source


def id_named(name: str) -> str:
    """The id of a record that a file's name has in it; empty if there is none.

    Programs that keep folders alike write `<id> (conflicted copy).json` and the like; some disks
    know capital letters only.
    """
    found = _ID.search(name.lower())
    return found[0] if found else ""


def is_of_ours(name: str) -> bool:
    """Whether a file stands beside the responses with a name that the program gives it."""
    return name.lower() in OWN_FILES
