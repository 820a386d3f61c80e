"""The quarantine: unusable collected files, each stored once together with the reasons."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.crypto.cipher import CLEAR, Cipher, is_wrapped
from microcred_cli.errors import StoreError
from microcred_cli.files.private_folder import own_folder
from microcred_cli.files.reading import read_file
from microcred_cli.files.strict_json import read_json
from microcred_cli.records.formats import ENCRYPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path


APART: Final = "set-apart"
REASONS: Final = "reasons.json"
_FORMAT: Final = "microcred-set-apart/1"
_MOST: Final = 2**26
_UNKNOWN: Final = "unknown"
_ID: Final = re.compile(rb"(?=([0-9a-f]{32}))")
"""Matches every string that may be an id, including overlapping ones."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An unusable file or line: its content, the reason, and the record id if known."""

    data: bytes
    reason: str
    record_id: str = ""
    clear: bytes = b""
    """The unencrypted content, if this collection encrypted the content; used to find
    duplicates."""

    @property
    def is_just_encrypted(self) -> bool:
        """True if this collection encrypted the content, so that `data` differs at each attempt."""
        return bool(self.clear) and is_wrapped(self.data)

    def new_name(self) -> str:
        """A file name for the quarantine; identical content gets the same name.

        If the content was encrypted during this collection, the name is random: a digest of the
        unencrypted content would let anybody verify a guess.
        """
        by_lot = self.is_just_encrypted
        token = secrets.token_hex(32) if by_lot else hashlib.sha256(self.data).hexdigest()
        end = ENCRYPTED if is_wrapped(self.data) else ""
        return f"{self.record_id or _UNKNOWN}-{token}.json{end}"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The quarantine of a responses folder; `cipher` has the key, if any."""

    responses: Path
    cipher: Cipher = CLEAR

    @property
    def folder(self) -> Path:
        """The folder of the quarantine."""
        return self.responses / APART

    def take(self, rejected: Sequence[Rejected]) -> list[Path]:
        """Store contents and reasons durably, unless already stored; return the path of each."""
        if not rejected:
            return []
        own_folder(self.folder)
        files.neutralise_time(self.folder)
        known = self._known_of(rejected)
        paths: list[Path] = []
        contents: dict[Path, bytes] = {}
        reasons: dict[str, str] = {}
        for each in rejected:
            path = known.get(each.clear) if each.is_just_encrypted else None
            if path is None:
                path = self.folder / each.new_name()
                contents[path] = each.data
            if each.is_just_encrypted:
                known[each.clear] = path
            paths.append(path)
            reasons[path.name] = each.reason
        files.create_together(list(contents.items()))
        for path, data in contents.items():
            check_written(path, data)
        known_reasons = self.reasons()
        if reasons.keys() - known_reasons.keys():
            self._write({**reasons, **known_reasons})
        return paths

    def _known_of(self, rejected: Sequence[Rejected]) -> dict[bytes, Path]:
        """The encrypted files in quarantine that have the same ids, by decrypted content."""
        begins = [f"{each.record_id or _UNKNOWN}-" for each in rejected if each.is_just_encrypted]
        found = [p for p in self.files() if p.name.startswith(tuple(begins))] if begins else ()
        return {clear: path for path in found if (clear := self._opened(path, read_file(path)))}

    def _opened(self, path: Path, data: bytes) -> bytes:
        """The content of an encrypted file; empty if it cannot be decrypted."""
        if is_wrapped(data) and self.cipher.suffix and self.cipher.opens:
            with suppress(StoreError):
                return self.cipher.unwrap(data, path.name)
        return b""

    def _write(self, reasons: Mapping[str, str]) -> None:
        shown = {"format": _FORMAT, "reasons": dict(sorted(reasons.items()))}
        data = json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
        files.replace_durably(self.folder / REASONS, data.encode(), still=True)

    def reasons(self) -> dict[str, str]:
        """The reason for each file, by file name; empty if the list of reasons cannot be read."""
        try:
            value = read_json(self.folder / REASONS, limit=_MOST)
        except StoreError:
            return {}
        found = value.get("reasons") if isinstance(value, dict) else None
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def remove_leftovers(self) -> None:
        """Remove temporary files of interrupted writes; call only while the folder is locked."""
        if self.folder.is_dir():
            files.remove_leftovers(self.folder, older_than=-files.DAY, still=True)

    def files(self) -> list[Path]:
        """The files in quarantine, sorted by name."""
        if not self.folder.is_dir():
            return []
        with files.faults_named(self.folder):
            found = sorted(self.folder.iterdir())
        return [path for path in found if path.name != REASONS and not path.name.startswith(".")]

    def naming(self, is_meant: Callable[[str], bool]) -> list[Path]:
        """The files with a matching id in the name or the readable content."""
        return [path for path in self.files() if any(map(is_meant, self._ids_in(path)))]

    def _ids_in(self, path: Path) -> Iterator[str]:
        """All strings that may be ids, first in the name of a file, then in its content."""
        yield from (match[1].decode() for match in _ID.finditer(path.name.encode().lower()))
        data = read_file(path)
        clear = self._opened(path, data) or data
        yield from (match[1].decode() for match in _ID.finditer(clear.lower()))

    def forget(self, paths: Collection[Path]) -> None:
        """Remove files and their reasons."""
        if not paths:
            return
        gone = {path.name for path in paths}
        self._write({name: why for name, why in self.reasons().items() if name not in gone})
        files.remove_durably(*paths, still=True)


def check_written(path: Path, data: bytes) -> None:
    """Raise a StoreError if a file does not contain the bytes that were written."""
    if read_file(path) != data:
        raise not_as_written(path)


def not_as_written(path: Path) -> StoreError:
    """The error for a file whose content differs from the bytes that were written."""
    return StoreError(
        "The file was written, but reading it back gave different content.",
        where=path,
        hint="Check the disk for errors, and collect again into a folder on another disk.",
    )
