"""What was collected and cannot be used: set apart, each file once, and never counted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import StoreError
from microcred_cli.store import disk
from microcred_cli.store.encryption import is_wrapped
from microcred_cli.store.folders import own_folder
from microcred_cli.store.names import ENCRYPTED
from microcred_cli.store.reading import read_file, read_json
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

APART: Final = "set-apart"
REASONS: Final = "reasons.json"
_FORMAT: Final = "microcred-set-apart/1"
_MOST: Final = 2**26


@dataclass(frozen=True, slots=True)
class Misfit:
    """A file, or a line of one, that cannot be used: what it holds, its id if known, and why."""

    data: bytes
    reason: str
    record_id: str = ""
    clear: bytes = b""
    """What names it, where it was encrypted only now, so that it is kept once."""

    @property
    def name(self) -> str:
        """Its name among what is set apart: the same for the same content only."""
        digest = hashlib.sha256(self.clear or self.data).hexdigest()
        end = ENCRYPTED if is_wrapped(self.data) else ""
        return f"{self.record_id or 'unknown'}-{digest}.json{end}"


@dataclass(frozen=True, slots=True)
class Apart:
    """What is set apart in a responses folder."""

    responses: Path

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.responses / APART

    def take(self, misfits: Sequence[Misfit]) -> None:
        """Keep these durably, with their reasons; what is there already stays as it is.

        Raises:
            StoreError: what the system refused.
        """
        if not misfits:
            return
        own_folder(self.folder)
        disk.still_time(self.folder)
        files = {self.folder / misfit.name: misfit.data for misfit in misfits}
        made = disk.create_together(list(files.items()))
        just_encrypted = {self.folder / misfit.name for misfit in misfits if misfit.clear}
        for (path, data), is_new in zip(files.items(), made, strict=True):
            if is_new or path not in just_encrypted:
                check_written(path, data)
        self._explain({misfit.name: misfit.reason for misfit in misfits})

    def _explain(self, reasons: Mapping[str, str]) -> None:
        known = self.reasons()
        now = {**reasons, **known}
        if now != known:
            self._write(now)

    def _write(self, reasons: Mapping[str, str]) -> None:
        shown = {"format": _FORMAT, "reasons": dict(sorted(reasons.items()))}
        data = json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
        disk.replace_durably(self.folder / REASONS, data.encode(), still=True)

    def reasons(self) -> dict[str, str]:
        """Why each file was set apart, by its name; nothing where that cannot be read."""
        try:
            value = read_json(self.folder / REASONS, limit=_MOST)
        except StoreError:
            return {}
        found = value.get("reasons") if isinstance(value, dict) else None
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def remove_leftovers(self) -> None:
        """Remove what a crash left of writing; only under the folder's lock.

        Raises:
            StoreError: what the system refused.
        """
        if self.folder.is_dir():
            disk.remove_leftovers(self.folder, older_than=-disk.DAY, still=True)

    def files(self) -> list[Path]:
        """What is set apart, in the order of names.

        Raises:
            StoreError: the system refused to list it.
        """
        if not self.folder.is_dir():
            return []
        with disk.faults_named(self.folder):
            found = sorted(self.folder.iterdir())
        return [path for path in found if path.name != REASONS and not path.name.startswith(".")]

    def naming(self, ids: Collection[str]) -> list[Path]:
        """The files that have one of these ids in their name or somewhere in what they hold.

        Raises:
            StoreError: the system refused to read them.
        """
        return [path for path in self.files() if ids and _names(path, ids)]

    def forget(self, paths: Collection[Path]) -> None:
        """Remove files, and why they were set apart.

        Raises:
            StoreError: what the system refused.
        """
        if not paths:
            return
        gone = {path.name for path in paths}
        left = {name: why for name, why in self.reasons().items() if name not in gone}
        self._write(left)
        disk.remove_durably(*paths, still=True)


def check_written(path: Path, data: bytes) -> None:
    """Refuse a file that does not hold what was written to it.

    Raises:
        StoreError: it does not.
    """
    if read_file(path) != data:
        raise StoreError(
            "What was written cannot be read again as it was written.",
            where=safe(path),
            mend="Have the disk checked, and collect again into a folder on another one.",
        )


def _names(path: Path, ids: Collection[str]) -> bool:
    if any(record_id in path.name for record_id in ids):
        return True
    data = read_file(path)
    return any(record_id.encode() in data for record_id in ids)
