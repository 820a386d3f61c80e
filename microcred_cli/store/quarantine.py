"""Quarantine: collected files that cannot be used, each stored once, with the reasons."""

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
"""Anything that may be an id, wherever it starts."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file, or a line of one, that cannot be used: its content, id (if known) and the reason."""

    data: bytes
    reason: str
    record_id: str = ""
    clear: bytes = b""
    """The content before encryption, if it was encrypted only now: it is recognised by that."""

    @property
    def is_just_encrypted(self) -> bool:
        """Whether its bytes are random, so that they cannot be recognised."""
        return bool(self.clear) and is_wrapped(self.data)

    def new_name(self) -> str:
        """A file name in quarantine: the same only for the same content.

        If it was encrypted only now, the name is random: a digest of its content would let
        anybody test guesses of it.
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
        """Store these durably, with their reasons; returns each path, which may exist already."""
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
        """The encrypted files here that have the id of one of these, by their decrypted content."""
        begins = [f"{each.record_id or _UNKNOWN}-" for each in rejected if each.is_just_encrypted]
        found = [p for p in self.files() if p.name.startswith(tuple(begins))] if begins else ()
        return {clear: path for path in found if (clear := self._opened(path, read_file(path)))}

    def _opened(self, path: Path, data: bytes) -> bytes:
        """The content of an encrypted file; empty if it cannot be opened."""
        if is_wrapped(data) and self.cipher.suffix and self.cipher.opens:
            with suppress(StoreError):
                return self.cipher.unwrap(data, path.name)
        return b""

    def _write(self, reasons: Mapping[str, str]) -> None:
        shown = {"format": _FORMAT, "reasons": dict(sorted(reasons.items()))}
        data = json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
        files.replace_durably(self.folder / REASONS, data.encode(), still=True)

    def reasons(self) -> dict[str, str]:
        """The reason for each file, by its name; empty if they cannot be read."""
        try:
            value = read_json(self.folder / REASONS, limit=_MOST)
        except StoreError:
            return {}
        found = value.get("reasons") if isinstance(value, dict) else None
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def remove_leftovers(self) -> None:
        """Remove what interrupted writes left; only under the folder's lock."""
        if self.folder.is_dir():
            files.remove_leftovers(self.folder, older_than=-files.DAY, still=True)

    def files(self) -> list[Path]:
        """The files in quarantine, in the order of names."""
        if not self.folder.is_dir():
            return []
        with files.faults_named(self.folder):
            found = sorted(self.folder.iterdir())
        return [path for path in found if path.name != REASONS and not path.name.startswith(".")]

    def naming(self, is_meant: Callable[[str], bool]) -> list[Path]:
        """The files with one of the wanted ids in their name, or in their readable content."""
        return [path for path in self.files() if any(map(is_meant, self._ids_in(path)))]

    def _ids_in(self, path: Path) -> Iterator[str]:
        """Anything that may be an id in the name of a file, then in its content."""
        yield from (match[1].decode() for match in _ID.finditer(path.name.encode().lower()))
        data = read_file(path)
        clear = self._opened(path, data) or data
        yield from (match[1].decode() for match in _ID.finditer(clear.lower()))

    def forget(self, paths: Collection[Path]) -> None:
        """Remove files, and the reasons for them."""
        if not paths:
            return
        gone = {path.name for path in paths}
        self._write({name: why for name, why in self.reasons().items() if name not in gone})
        files.remove_durably(*paths, still=True)


def check_written(path: Path, data: bytes) -> None:
    """Refuse a file whose content is not the bytes that were written."""
    if read_file(path) != data:
        raise not_as_written(path)


def not_as_written(path: Path) -> StoreError:
    """The error that a file's content is not what was written."""
    return StoreError(
        "The file just written does not read back correctly.",
        where=path,
        hint="Have the disk checked, and collect again into a folder on another one.",
    )
