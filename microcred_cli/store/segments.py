"""The sealed set: files of many responses, pools of texts, and what is kept of counting them.

Nothing here has an order that tells something, and nothing but these files is needed: `counts.json`
only saves reading the sealed responses again, and is made anew from them.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import secrets
import stat
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from microcred_cli import files
from microcred_cli.crypto.cipher import CLEAR
from microcred_cli.errors import StoreError
from microcred_cli.files.checksummed import MOST_KEPT, from_hashed, with_hash
from microcred_cli.files.reading import DamagedError, read_file, read_lines
from microcred_cli.records.formats import RESPONSE, TEXT
from microcred_cli.store.layout import COUNTS_FILE, KEPT
from microcred_cli.store.traces import take_back, telling
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from microcred_cli.crypto.cipher import Cipher

COUNTS: Final = "microcred-sealed-counts/3"
FIGURES: Final = "microcred-sealed-figures/1"
WITHDRAWN: Final = "microcred-withdrawn/1"
RESPONSE_START: Final = f'{{"format":"{RESPONSE}","response_id":"'.encode()
TEXT_START: Final = f'{{"format":"{TEXT}","text_id":"'.encode()
"""How a line of a sealed file, or of a pool, begins."""

_NAME: Final = re.compile(r"[0-9a-f]{32}")
_POOL: Final = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_LINES: Final = ".jsonl"
IS_HASH: Final = re.compile(r"[0-9a-f]{64}")
NO_HASHES: Final = "it has lines that are no hashes of ids"
"""What is wrong with a list of who was withdrawn that somebody wrote in."""


_ID_DIGITS: Final = 32
_DIGITS_KEPT: Final = 16


def mark_of(record_id: str) -> int:
    """The beginning of an id, which tells nearly all ids apart, as a number."""
    return array("Q", bytes.fromhex(record_id[:_DIGITS_KEPT]))[0]


def id_in(line: bytes, start: bytes) -> str | None:
    """The id in a line of ours; None if it is not one."""
    end = len(start) + _ID_DIGITS
    found = line[len(start) : end]
    if not line.startswith(start) or line[end : end + 1] != b'"':
        return None
    try:
        return bytes.fromhex(found.decode("ascii")).hex()
    except ValueError:
        return None


@dataclass(slots=True)
class Entry:
    """What is known of one sealed file without reading it again.

    `sha256` is that of the definition which its responses answer, `marks` has one for each of them
    (see `mark_of`). Lines that cannot be used are in `damaged`, with their numbers and reasons;
    `counted` is how many can.
    """

    size: int
    sha256: str
    marks: array[int] = field(default_factory=lambda: array("Q"))
    damaged: list[tuple[int, str]] = field(default_factory=list)
    counted: int = 0

    def to_object(self) -> dict[str, object]:
        """The entry as JSON can hold it."""
        return {
            "bytes": self.size,
            "questionnaire": self.sha256,
            "responses": len(self.marks),
            "ids": base64.b64encode(self.marks.tobytes()).decode("ascii"),
            "damaged": self.damaged,
            "counted": self.counted,
        }

    @classmethod
    def from_object(cls, value: Mapping[str, Any]) -> Entry:
        """The entry out of parsed JSON.

        Raises:
            ValueError: it does not have the shape; so do KeyError and TypeError.
        """
        marks = array("Q", base64.b64decode(value["ids"], validate=True))
        if len(marks) != value["responses"]:
            raise ValueError("numbers that do not agree")
        damaged = [(int(number), str(reason)) for number, reason in value["damaged"]]
        size, counted = int(value["bytes"]), int(value["counted"])
        return cls(size, str(value["questionnaire"]), marks, damaged, counted)


@dataclass(slots=True)
class Kept:
    """What `counts.json` keeps: an entry for each file, and counts for each definition.

    `withdrawn` says which list of withdrawn ids these files were looked through for (see
    `list_of`). `people` has for each definition of how many people its last figures were made.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    counts: dict[str, object] = field(default_factory=dict)
    withdrawn: str = ""
    people: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one seal, and the rule that protects them."""

    rule: str
    figures: object


@dataclass(frozen=True, slots=True)
class Sealed:
    """The sealed set in one responses folder; `cipher` says how it stands on the disk."""

    responses: Path
    cipher: Cipher = CLEAR

    @property
    def folder(self) -> Path:
        """Where the sealed responses are."""
        return self.responses / "sealed"

    @property
    def texts(self) -> Path:
        """Where the pools of texts are."""
        return self.folder / "texts"

    # -- the files

    def new_name(self) -> str:
        """A name, drawn by lot, for a file of responses."""
        return f"{secrets.token_hex(16)}{self._end}"

    def pool_of(self, item: str) -> Path:
        """The pool of the texts of an item, or of `item.code`."""
        return self.texts / f"{item}{self._end}"

    def item_of(self, pool: str) -> str:
        """The item, or `item.code`, whose texts stand in a pool of this name."""
        return pool.removesuffix(self._end)

    @property
    def _end(self) -> str:
        return f"{_LINES}{self.cipher.suffix}"

    def sizes(self) -> tuple[dict[str, int], list[tuple[str, str]]]:
        """The sealed files with their lengths in bytes, and what else stands among them."""
        return _sizes(self.folder, "sealed", _NAME, self._end, {"texts"})

    def pools(self) -> tuple[dict[str, int], list[tuple[str, str]]]:
        """The pools of texts with their lengths in bytes, and what else stands among them."""
        return _sizes(self.texts, "sealed/texts", _POOL, self._end, set())

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a sealed file.

        Raises:
            StoreError: it cannot be read, or is not such a file.
        """
        return self.cipher.read_lines(self.folder / name)

    def pooled_before(self, pool: Path, ids: Collection[str]) -> tuple[dict[str, bytes], int]:
        """Digests of the lines of a pool whose ids are these, by id, and how many lines it has.

        Raises:
            StoreError: it cannot be read.
        """
        found: dict[str, bytes] = {}
        count = 0
        with contextlib.suppress(files.MissingError):
            for line in self.cipher.read_lines(pool):
                count += 1
                text_id = id_in(line, TEXT_START)
                if text_id is not None and text_id in ids:
                    found[text_id] = digest_of(line)
        return found, count

    def find_lines(
        self, path: Path, start: bytes, is_meant: Callable[[str], bool]
    ) -> list[tuple[int, bytes]]:
        """The lines of a sealed file or pool whose ids are meant, with their numbers.

        Raises:
            StoreError: it cannot be read.
        """
        return [
            (number, line)
            for number, line in enumerate(self.cipher.read_lines(path), 1)
            if (found := id_in(line, start)) is not None and is_meant(found)
        ]

    def remove_lines(self, path: Path, numbers: Collection[int]) -> None:
        """Write a sealed file or pool anew without the lines with these numbers.

        Raises:
            StoreError: what the system refused.
        """
        left = (
            line + b"\n"
            for number, line in enumerate(self.cipher.read_lines(path), 1)
            if number not in numbers
        )
        files.replace_durably(path, self.cipher.wrap_lines(left), still=True)

    def scan(self, name: str, size: int) -> Entry:
        """What can be known of a file without judging its responses.

        Raises:
            StoreError: it cannot be read, or is not such a file.
        """
        entry = Entry(size, "")
        for line in self.lines(name):
            found = id_in(line, RESPONSE_START)
            if found is not None:
                entry.marks.append(mark_of(found))
                entry.sha256 = entry.sha256 or _definition_of(line)
        return entry

    # -- what is kept of them

    def kept(self) -> Kept:
        """What is kept of counting; nothing if that is missing, damaged, or of another version."""
        try:
            data = read_file(self._counts, limit=MOST_KEPT)
            value = from_hashed(self.cipher.unwrap(data, self._counts.name), COUNTS)
            entries = {str(k): Entry.from_object(v) for k, v in value["files"].items()}
            counts, people = dict(value["counts"]), dict(value["people"])
            return Kept(entries, counts, str(value["withdrawn"]), people)
        except (StoreError, ValueError, KeyError, TypeError, AttributeError):
            return Kept()

    def keep(self, kept: Kept) -> None:
        """Keep what was counted.

        Raises:
            StoreError: what the system refused.
        """
        value = {
            "format": COUNTS,
            "files": {name: entry.to_object() for name, entry in sorted(kept.entries.items())},
            "counts": kept.counts,
            "withdrawn": kept.withdrawn,
            "people": kept.people,
        }
        files.replace_durably(self._counts, self.cipher.wrap(with_hash(value)), still=True)

    @property
    def _counts(self) -> Path:
        return self.responses / f"{COUNTS_FILE}{self.cipher.suffix}"

    def figures(self) -> dict[str, Figures]:
        """The figures of each definition's last seal; none if they are missing or damaged.

        Raises:
            StoreError: the system refused to read them. Made anew between two seals, they would
                show who was withdrawn.
        """
        try:
            data = read_file(self.responses / "figures.json", limit=MOST_KEPT)
            value = from_hashed(data, FIGURES)
            parts = value["seals"].items()
            return {str(s): Figures(str(p["rule"]), p["figures"]) for s, p in parts}
        except (
            *(files.MissingError, DamagedError),
            *(ValueError, KeyError, TypeError, AttributeError),
        ):
            return {}

    def keep_figures(self, figures: Mapping[str, Figures]) -> None:
        """Keep figures, over those that were kept.

        Raises:
            StoreError: what the system refused.
        """
        seals = {
            sha256: {"rule": part.rule, "figures": part.figures}
            for sha256, part in sorted(figures.items())
        }
        data = with_hash({"format": FIGURES, "seals": seals}, indent=1)
        files.replace_durably(self.responses / "figures.json", data, still=True)

    # -- what was withdrawn

    def withdrawn(self) -> frozenset[str]:
        """The hashes of the ids that were withdrawn (see `hash_of`).

        Raises:
            StoreError: they cannot be read.
        """
        path = self.responses / "withdrawn"
        if not os.path.lexists(path):
            return frozenset()
        return frozenset(line.decode("ascii", "replace") for line in read_lines(path))

    def remember_withdrawn(self, *ids: str) -> None:
        """Remember that these ids were withdrawn, without keeping them.

        Raises:
            StoreError: what the system refused.
        """
        self.remember({hash_of(record_id) for record_id in ids})

    def remember(self, hashes: Collection[str]) -> None:
        """Remember the hashes of ids that were withdrawn, here or elsewhere.

        Raises:
            StoreError: what the system refused.
        """
        hashes = self.withdrawn().union(hashes)
        data = "".join(f"{each}\n" for each in sorted(hashes)).encode()
        files.replace_durably(self.responses / "withdrawn", data, still=True)

    # -- what tells something, and what a crash left

    def telling(self) -> list[tuple[str, str]]:
        """The files that tell something by their rights or time, or cannot be right, and what.

        Raises:
            StoreError: they cannot be looked at.
        """
        names = [name for name in KEPT if os.path.lexists(self.responses / name)]
        names += [f"sealed/{name}" for name in self.sizes()[0]]
        names += [f"sealed/texts/{name}" for name in self.pools()[0]]
        found = []
        for name in names:
            # Somebody who seals may be putting another in its place.
            with contextlib.suppress(files.MissingError):
                if told := telling(self.responses / name):
                    found.append((safe(name), told))
        if not all(map(IS_HASH.fullmatch, self.withdrawn())):
            found.append(("withdrawn", NO_HASHES))
        return found

    def tell_nothing(self, names: Collection[str]) -> None:
        """Give these files, which may tell something, rights and times that tell nothing."""
        for name in names:
            take_back(self.responses / name)

    def remove_leftovers(self) -> None:
        """Remove what a crash left of writing; only under the folder's lock.

        Raises:
            StoreError: what the system refused.
        """
        for folder in (self.folder, self.texts):
            if folder.is_dir():
                files.remove_leftovers(folder, older_than=-files.DAY, still=True)
        files.remove_leftovers_of(self.responses, KEPT, still=True)


def digest_of(line: bytes) -> bytes:
    """What is the same for the same line only."""
    return hashlib.sha256(line).digest()


def hash_of(record_id: str) -> str:
    """What is remembered of a withdrawn id."""
    return hashlib.sha256(f"{WITHDRAWN}\n{record_id}".encode()).hexdigest()


def _definition_of(line: bytes) -> str:
    try:
        return str(from_json(line)["questionnaire"]["sha256"])
    except (ValueError, KeyError, TypeError):
        return ""


def list_of(hashes: Collection[str]) -> str:
    """What tells one list of withdrawn ids from another; empty for none."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest() if hashes else ""


def _sizes(
    folder: Path, shown: str, pattern: re.Pattern[str], end: str, apart: set[str]
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    sizes: dict[str, int] = {}
    foreign: list[tuple[str, str]] = []
    if not folder.is_dir():
        return sizes, foreign
    with files.faults_named(folder):
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    for entry in entries:
        if entry.name in apart or entry.name.startswith("."):
            continue
        with files.faults_named(folder):
            status = entry.stat(follow_symlinks=False)
        is_named = entry.name.endswith(end) and pattern.fullmatch(entry.name.removesuffix(end))
        if is_named and stat.S_ISREG(status.st_mode):
            # A file with a second name elsewhere is looked at closely each time.
            sizes[entry.name] = status.st_size if status.st_nlink == 1 else -1
        else:
            foreign.append((safe(f"{shown}/{entry.name}"), "it is no file of the sealed set"))
    return sizes, foreign
