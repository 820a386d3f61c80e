"""Segments: the files of the sealed set, each with many records, one per line.

File names, the order of files and the order of lines are random, so that none of them reveals
anything.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.crypto.cipher import CLEAR, Cipher
from microcred_cli.errors import StoreError
from microcred_cli.frozen import Frozen
from microcred_cli.store.index import IS_HASH, NO_HASHES, SegmentEntry, Tombstones, mark_of
from microcred_cli.store.layout import COLUMNS, KEPT, TIMES_FOLDER, WITHDRAWN_FILE, Kind, LeftOut
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
    from pathlib import Path


LOT: Final = secrets.SystemRandom()
"""Random number generator for random orders and random selections."""

_NAMES: Final = {
    Kind.RESPONSE: re.compile(r"[0-9a-f]{32}"),
    Kind.TEXT: re.compile(r"[A-Za-z0-9_.-]{1,200}"),
}


class Segments(Frozen):
    """The segments in a responses folder, encrypted and decrypted by `cipher`.

    A segment of responses has a random name. A segment of texts is a pool; its name is the key of
    the texts, `item` or `item.code`.
    """

    responses: Path
    cipher: Cipher = CLEAR

    def folder(self, kind: Kind) -> Path:
        """The folder that contains the segments of one kind."""
        return self.responses / "sealed" / kind.prefix

    def path(self, kind: Kind, name: str) -> Path:
        """The path of a segment."""
        return self.responses / f"sealed/{kind.prefix}{name}"

    def size(self, kind: Kind, name: str) -> int:
        """The length of a segment in bytes."""
        return self.path(kind, name).stat().st_size

    @property
    def columns(self) -> Path:
        """The folder of the column files, which can be recreated from the segments."""
        return self.responses / "sealed" / COLUMNS

    def columns_of(self, name: str) -> tuple[Path, Path]:
        """The column file of a segment of responses, and the description stored next to it."""
        bare, end = name.removesuffix(self._end), self.cipher.suffix
        return self.columns / f"{bare}.parquet{end}", self.columns / f"{bare}.json"

    def pool_of(self, item: str) -> str:
        """The name of the pool of an item."""
        return f"{item}{self._end}"

    def item_of(self, pool: str) -> str:
        """The item whose texts are in the pool of this name."""
        return pool.removesuffix(self._end)

    @property
    def _end(self) -> str:
        return f".jsonl{self.cipher.suffix}"

    def sizes(self, kind: Kind) -> tuple[dict[str, int], list[LeftOut]]:
        """The segments of one kind with their sizes in bytes, and a list of foreign files."""
        sizes: dict[str, int] = {}
        foreign: list[LeftOut] = []
        folder = self.folder(kind)
        if not folder.is_dir():
            return sizes, foreign
        with files.faults_named(folder):
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        below = (Kind.TEXT.prefix.rstrip("/"), TIMES_FOLDER, COLUMNS)
        for entry in entries:
            is_below = kind is Kind.RESPONSE and entry.name in below
            if is_below or entry.name.startswith("."):
                continue
            with files.faults_named(folder):
                # On Windows, a directory entry does not include the number of hard links.
                status = os.lstat(entry)
            bare = entry.name.removesuffix(self._end)
            is_named = bare != entry.name and _NAMES[kind].fullmatch(bare)
            if is_named and stat.S_ISREG(status.st_mode):
                # A file with several hard links can be changed through another path, so it must
                # never match its index entry.
                sizes[entry.name] = status.st_size if status.st_nlink == 1 else -1
            else:
                foreign.append((place_of(kind, entry.name), "it does not belong to the sealed set"))
        return sizes, foreign

    @property
    def is_empty(self) -> bool:
        """True if there are no segments of either kind."""
        return not any(self.sizes(kind)[0] for kind in Kind)

    def lines(self, kind: Kind, name: str) -> Generator[bytes, None, None]:
        """The lines of a segment, without newlines; the file stays open during iteration."""
        return self.cipher.read_lines(self.path(kind, name))

    def remove(
        self, kind: Kind, name: str, is_meant: Callable[[str], bool]
    ) -> list[tuple[int, bytes]]:
        """Remove lines with a matching id from a segment; return the lines and their numbers."""
        found = [
            (number, line)
            for number, line in enumerate(self.lines(kind, name), 1)
            if (own_id := id_in(line, kind)) is not None and is_meant(own_id)
        ]
        if found:
            gone = {number for number, _ in found}
            lines = enumerate(self.lines(kind, name), 1)
            self.write(kind, name, (line + b"\n" for number, line in lines if number not in gone))
        return found

    def write(self, kind: Kind, name: str, lines: Iterator[bytes]) -> None:
        """Write a segment durably, replacing any existing one; the lines include newlines.

        The column file of the segment is removed first, because its rows correspond to the old
        lines.
        """
        if kind is Kind.RESPONSE:
            self._remove_columns([name])
        wrapped = self.cipher.wrap_lines(lines)
        files.replace_durably(self.path(kind, name), wrapped, still=True)

    def create(self, lines: Iterator[bytes]) -> str:
        """Write a new segment of responses durably, and return its random name."""
        name = f"{secrets.token_hex(16)}{self._end}"
        path = self.path(Kind.RESPONSE, name)
        files.create_durably(path, self.cipher.wrap_lines(lines), still=True)
        return name

    def discard(self, names: Collection[str]) -> None:
        """Remove segments of responses, and their column files."""
        self._remove_columns(names)
        files.remove_named(self.folder(Kind.RESPONSE), names, still=True)

    def _remove_columns(self, names: Collection[str]) -> None:
        if self.columns.is_dir():
            paths = [path for name in names for path in self.columns_of(name)]
            files.remove_durably(*paths, still=True)

    def entry_of(self, name: str, size: int) -> SegmentEntry:
        """The index entry of a segment of responses; the responses are not validated."""
        from pydantic_core import from_json

        entry = SegmentEntry(size, "")
        for line in self.lines(Kind.RESPONSE, name):
            if found := id_in(line, Kind.RESPONSE):
                entry.marks.append(mark_of(found))
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    entry.sha256 = entry.sha256 or str(from_json(line)["questionnaire"]["sha256"])
        return entry

    def _column_files(self) -> list[str]:
        if not self.columns.is_dir():
            return []
        with files.faults_named(self.columns):
            names = sorted(entry.name for entry in os.scandir(self.columns) if entry.is_file())
        return [name for name in names if not name.startswith(".")]

    # -- revealing metadata, and temporary files left by a crash

    def telling(self) -> list[LeftOut]:
        """Faults of files in the sealed set: permissions, times, invalid tombstones."""
        names = [name for name in KEPT if os.path.lexists(self.responses / name)]
        names += [f"sealed/{kind.prefix}{name}" for kind in Kind for name in self.sizes(kind)[0]]
        names += [f"sealed/{COLUMNS}/{name}" for name in self._column_files()]
        found = []
        for name in names:
            # A seal in progress may be replacing the file.
            with contextlib.suppress(files.MissingError):
                if told := files.findings_on(self.responses / name):
                    found.append((safe(name), "; ".join(told)))
        if not all(map(IS_HASH.fullmatch, Tombstones.read(self.responses).hashes)):
            found.append((WITHDRAWN_FILE, NO_HASHES))
        return found

    def neutralise(self, names: Collection[str]) -> None:
        """Reset permissions and times of these files if they are regular files of this user."""
        for name in names:
            path = self.responses / name
            with contextlib.suppress(OSError):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and files.is_own(status):
                    path.chmod(0o600)
                    os.utime(path, (files.NEUTRAL_TIME, files.NEUTRAL_TIME))

    def remove_leftovers(self) -> None:
        """Remove temporary files of interrupted writes; call only while the folder is locked.

        Files in the folder of the column files that do not belong to a segment are removed as well.
        """
        for folder in (*map(self.folder, Kind), self.columns):
            if folder.is_dir():
                files.remove_leftovers(folder, older_than=-files.DAY, still=True)
        own = {path.name for n in self.sizes(Kind.RESPONSE)[0] for path in self.columns_of(n)}
        files.remove_named(self.columns, [*{*self._column_files()} - own], still=True)
        files.remove_leftovers_of(self.responses, KEPT, still=True)


def place_of(kind: Kind, name: str, line: int = 0) -> str:
    """The printable name of a line of a segment, or of the whole segment (line 0)."""
    return safe(f"sealed/{kind.prefix}{name}") + (f" line {line}" if line else "")


def id_in(line: bytes, kind: Kind) -> str | None:
    """The id in a line of a segment; None if the line is not a record of this kind."""
    start = kind.line_start
    end = len(start) + 32
    if not line.startswith(start) or line[end : end + 1] != b'"':
        return None
    try:
        return bytes.fromhex(line[len(start) : end].decode("ascii")).hex()
    except ValueError:
        return None


def digest_of(line: bytes) -> bytes:
    """A digest of a line."""
    return hashlib.sha256(line).digest()


def riffled(sources: Sequence[tuple[int, Generator[bytes, None, None]]]) -> Iterator[bytes]:
    """Merge several sources, each in random order, into one random order.

    The source of the next line is drawn with a probability proportional to its remaining lines. All
    orders are equally likely, and only one line is in memory at a time. The sources are closed at
    the end, because Windows can neither replace nor remove an open file.
    """
    with contextlib.ExitStack() as stack:
        for _, lines in sources:
            stack.enter_context(contextlib.closing(lines))
        yield from _drawn_from(sources)


def _drawn_from(sources: Sequence[tuple[int, Iterator[bytes]]]) -> Iterator[bytes]:
    left = [count for count, _ in sources]
    lines = [source for _, source in sources]
    total = sum(left)
    while total:
        drawn = LOT.randrange(total) if len(left) > 1 else 0
        number = 0
        while drawn >= left[number]:
            drawn -= left[number]
            number += 1
        line = next(lines[number], None)
        if line is None:
            raise StoreError(
                "A sealed file was changed during the seal.", hint="Run microcred seal again."
            )
        left[number] -= 1
        total -= 1
        yield line + b"\n"


class _Known:
    """The ids in a segment, with digests of their lines; read on first use."""

    def __init__(self, state: tuple[int, ...]) -> None:
        self.state = state
        self.marks: Collection[int] | None = None
        self.digests: dict[str, bytes] | None = None
        self.count = 0


class Catalogue:
    """The ids in the segments of one kind, with digests of their lines; call `look` before use.

    A segment is read when an id that it may contain is looked up, and again only if the segment has
    changed. An unreadable segment is added to `unread` and treated as empty; a `strict` catalogue
    raises an error instead, and ignores segments that are not in the index. `wanted` contains the
    marks of all ids that will be looked up, or is None if they are not known.
    """

    def __init__(
        self,
        kind: Kind,
        segments: Segments,
        wanted: frozenset[int] | None = None,
        strict: bool = False,
    ) -> None:
        self.kind, self.segments = kind, segments
        self.wanted, self.strict = wanted, strict
        self.unread: set[str] = set()
        self._known: dict[str, _Known] = {}

    def look(self, entries: Mapping[str, SegmentEntry]) -> None:
        """Update the catalogue from the segments; `entries` are from the index."""
        known: dict[str, _Known] = {}
        for name, size in self.segments.sizes(self.kind)[0].items():
            path = self.segments.path(self.kind, name)
            with files.faults_named(path):
                status = path.lstat()
            state = status.st_ino, status.st_size, status.st_ctime_ns
            before, entry = self._known.get(name), entries.get(name)
            if before is None or before.state != state:
                before = _Known(state)
            # The index contains the ids of responses; a strict catalogue ignores other ids.
            is_indexed = self.kind is Kind.RESPONSE and before.marks is None
            if is_indexed and entry is not None and (self.strict or entry.size == size):
                marks = frozenset(entry.marks)
                before.marks = marks if self.wanted is None else marks & self.wanted
            is_unknown = self.strict and entry is None
            if before.marks or (before.marks is None and not is_unknown):
                known[name] = before
        self._known = known

    def digest(self, record_id: str, item: str = "") -> bytes | None:
        """The digest of the sealed line with this id (if given, in the pool of `item`), or None."""
        if not self._known:
            return None
        mark = mark_of(record_id)
        for name in [self.segments.pool_of(item)] if item else self._known:
            known = self._known.get(name)
            if known is not None and (known.marks is None or mark in known.marks):
                digest = self._digests(name, known).get(record_id)
                if digest is not None:
                    return digest
        return None

    def count(self, name: str) -> int:
        """The number of lines in a segment; 0 if the segment has not been read."""
        return self._known[name].count if name in self._known else 0

    def _digests(self, name: str, known: _Known) -> dict[str, bytes]:
        if known.digests is None:
            known.digests = {}
            try:
                for line in self.segments.lines(self.kind, name):
                    known.count += 1
                    found = id_in(line, self.kind)
                    if found and (self.wanted is None or mark_of(found) in self.wanted):
                        known.digests[found] = digest_of(line)
            except StoreError:
                if self.strict:
                    raise
                self.unread.add(name)
                known.digests = {}
            known.marks = known.marks or set(map(mark_of, known.digests))
        return known.digests
