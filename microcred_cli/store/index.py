"""Index and tombstones: information on sealed records that is available without reading segments.

The index (`counts.json`) is a cache that can be rebuilt from the segments. The tombstones
(`withdrawn`), which permanently prevent copies of withdrawn records from being added again, cannot
be rebuilt.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from array import array
from typing import TYPE_CHECKING, Any, Final

from microcred_cli import files
from microcred_cli.crypto.cipher import CLEAR, Cipher
from microcred_cli.errors import StoreError
from microcred_cli.files.checksummed import MOST_KEPT, from_hashed, with_hash
from microcred_cli.files.reading import read_file, read_lines
from microcred_cli.frozen import Frozen
from microcred_cli.store.layout import COUNTS_FILE, WITHDRAWN_FILE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path


COUNTS: Final = "microcred-sealed-counts/3"
WITHDRAWN: Final = "microcred-withdrawn/1"
IS_HASH: Final = re.compile(r"[0-9a-f]{64}")
NO_HASHES: Final = "it contains lines that are not hashes of ids"
"""The fault reported for a tombstone file that was edited by hand."""


def mark_of(record_id: str) -> int:
    """The first 64 bits of an id as an integer, almost certainly unique."""
    return array("Q", bytes.fromhex(record_id[:16]))[0]


class SegmentEntry:
    """The index entry of one segment.

    `size` is the length in bytes, and `sha256` the hash of the questionnaire definition that the
    records belong to. `damaged` lists the unusable lines by number, with the reasons; line number 0
    means the whole segment. For a segment of responses, `marks` contains the mark of each response
    (see `mark_of`), and `counted` is the number of valid responses.
    """

    __slots__ = ("counted", "damaged", "marks", "sha256", "size")

    def __init__(
        self,
        size: int,
        sha256: str,
        marks: array[int] | None = None,
        damaged: list[tuple[int, str]] | None = None,
        counted: int = 0,
    ) -> None:
        self.size, self.sha256 = size, sha256
        self.marks = array("Q") if marks is None else marks
        self.damaged = [] if damaged is None else damaged
        self.counted = counted

    def to_object(self) -> dict[str, object]:
        """The entry as a JSON-compatible object."""
        return {
            "bytes": self.size,
            "questionnaire": self.sha256,
            "responses": len(self.marks),
            "ids": base64.b64encode(self.marks.tobytes()).decode("ascii"),
            "damaged": self.damaged,
            "counted": self.counted,
        }

    @classmethod
    def from_object(cls, value: Mapping[str, Any]) -> SegmentEntry:
        """Create an entry from parsed JSON; may raise ValueError, KeyError or TypeError."""
        marks = array("Q", base64.b64decode(value["ids"], validate=True))
        if len(marks) != value["responses"]:
            raise ValueError("the number of ids does not match the number of records")
        damaged = [(int(number), str(reason)) for number, reason in value["damaged"]]
        size, counted = int(value["bytes"]), int(value["counted"])
        return cls(size, str(value["questionnaire"]), marks, damaged, counted)

    def shrink(self, size: int, ids: Iterable[str], gone: Collection[int]) -> None:
        """Update the entry after the records with these ids, on the lines `gone`, were removed."""
        marks = set(map(mark_of, ids))
        unusable = {number for number, _ in self.damaged}
        self.size = size
        self.marks = array("Q", (mark for mark in self.marks if mark not in marks))
        self.counted = max(0, self.counted - len({*gone} - unusable))
        self.damaged = [
            (number - sum(each < number for each in gone), reason)
            for number, reason in self.damaged
            if number not in gone
        ]


class Index:
    """The entries of the segments of responses, and the counts for each definition.

    `withdrawn` is the digest of the tombstones already applied to these segments. `people` contains
    the numbers of people in the last figures (see `Tally.people`), for each definition.
    """

    def __init__(self, folder: Path, cipher: Cipher = CLEAR) -> None:
        self.folder = folder
        self.cipher = cipher
        self.entries: dict[str, SegmentEntry] = {}
        self.counts: dict[str, object] = {}
        self.withdrawn = ""
        self.people: dict[str, object] = {}

    @classmethod
    def read(cls, folder: Path, cipher: Cipher = CLEAR) -> Index:
        """Read the index of a folder; empty if missing, damaged, outdated or undecryptable."""
        index = cls(folder, cipher)
        try:
            data = cipher.unwrap(read_file(index._path, limit=MOST_KEPT), index._path.name)
            value = from_hashed(data, COUNTS)
            files = value["files"].items()
            entries = {str(name): SegmentEntry.from_object(part) for name, part in files}
            found = cls(folder, cipher)
            found.entries, found.counts = entries, dict(value["counts"])
            found.withdrawn, found.people = str(value["withdrawn"]), dict(value["people"])
            return found
        except (StoreError, ValueError, KeyError, TypeError, AttributeError):
            return index

    def write(self) -> None:
        """Write the index durably to a folder."""
        entries = sorted(self.entries.items())
        value = {
            "format": COUNTS,
            "files": {name: entry.to_object() for name, entry in entries},
            "counts": self.counts,
            "withdrawn": self.withdrawn,
            "people": self.people,
        }
        files.replace_durably(self._path, self.cipher.wrap(with_hash(value)), still=True)

    @property
    def _path(self) -> Path:
        return self.folder / f"{COUNTS_FILE}{self.cipher.suffix}"


def hash_of(record_id: str) -> str:
    """The tombstone of a record: a hash that does not reveal the id."""
    return hashlib.sha256(f"{WITHDRAWN}\n{record_id}".encode()).hexdigest()


class Tombstones(Frozen):
    """Hashes of the ids withdrawn from a folder (see `hash_of`)."""

    hashes: frozenset[str] = frozenset()

    @classmethod
    def read(cls, folder: Path) -> Tombstones:
        """Read the tombstones of a responses folder."""
        path = folder / WITHDRAWN_FILE
        if not os.path.lexists(path):
            return cls()
        return cls(frozenset(line.decode("ascii", "replace") for line in read_lines(path)))

    def add(self, hashes: Collection[str], folder: Path) -> Tombstones:
        """Add tombstones, write the complete list durably to the folder, and return the list."""
        more = Tombstones(self.hashes.union(hashes))
        data = "".join(f"{each}\n" for each in sorted(more.hashes)).encode()
        files.replace_durably(folder / WITHDRAWN_FILE, data, still=True)
        return more

    def __contains__(self, record_id: str) -> bool:
        return bool(self.hashes) and hash_of(record_id) in self.hashes

    @property
    def digest(self) -> str:
        """The hash of the list of tombstones; empty if there are none."""
        if not self.hashes:
            return ""
        return hashlib.sha256("\n".join(sorted(self.hashes)).encode()).hexdigest()
