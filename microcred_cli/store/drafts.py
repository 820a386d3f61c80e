"""Paused interviews: one private file each, written durably after every answer.

A draft keeps the answers of one person until the response is stored; nothing else knows a date.
Beside the drafts stands a copy of each definition that one was begun with, so that a newer
questionnaire never breaks an interview that is under way.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.codes import ALPHABET, RESUME_SYMBOLS
from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.loading import MOST_BYTES, STATE_VARIABLE
from microcred_cli.records import Draft, from_object, serialise
from microcred_cli.store import disk
from microcred_cli.store.folders import own_folder
from microcred_cli.store.reading import parse_json, read_file, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST_DEFINITION = 4 * MOST_BYTES
"""In canonical JSON a definition can be longer than its file."""


def state_folder() -> Path:
    """The folder for drafts: `MICROCRED_STATE`, else the platform's folder for a user's state."""
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("microcred", appauthor=False)


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts in a state folder, by resume code (bare)."""

    folder: Path

    @classmethod
    def here(cls) -> Drafts:
        """The drafts of this user on this machine."""
        return cls(state_folder())

    @property
    def drafts(self) -> Path:
        """The folder of the drafts themselves."""
        return self.folder / "drafts"

    def _path(self, code: str) -> Path:
        return self.folder / "drafts" / f"{code.lower()}.json"

    def _definition(self, sha256: str) -> Path:
        return self.folder / "definitions" / f"{sha256}.json"

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            StoreError: the state folder cannot be used.
        """
        for name in ("drafts", "definitions"):
            own_folder(self.folder / name)
            disk.remove_leftovers(self.folder / name)

    def keep_definition(self, sha256: str, definition: str) -> None:
        """Keep the definition that an interview is begun with, while its draft is held.

        Raises:
            StoreError: it could not be kept.
        """
        path = self._definition(sha256)
        data = definition.encode()
        try:
            is_kept = read_file(path, limit=len(data)) == data
        except StoreError:
            is_kept = False
        if not is_kept:
            disk.replace_durably(path, data)

    def keep_texts(self, sha256: str, language: str, texts: Mapping[str, str]) -> None:
        """Keep the texts of a language with the definition.

        Raises:
            StoreError: they could not be kept.
        """
        data = json.dumps(dict(texts), ensure_ascii=False).encode()
        disk.replace_durably(self._texts(sha256, language), data)

    def kept_texts(self, sha256: str) -> dict[str, dict[str, str]]:
        """The texts that were kept with a definition, by language; those that can be read."""
        found: dict[str, dict[str, str]] = {}
        for path in (self.folder / "definitions").glob(f"{sha256}.??.json"):
            with suppress(StoreError):
                texts = parse_json(read_file(path, limit=_LONGEST_DEFINITION))
                if isinstance(texts, dict):
                    found[path.stem[-2:]] = {str(key): str(text) for key, text in texts.items()}
        return found

    def _texts(self, sha256: str, language: str) -> Path:
        return self.folder / "definitions" / f"{sha256}.{language}.json"

    def definition(self, draft: Draft) -> str:
        """The canonical definition that a draft was begun with.

        Raises:
            StoreError: it is gone or cannot be read.
        """
        path = self._definition(draft.questionnaire.sha256)
        try:
            return read_file(path, limit=_LONGEST_DEFINITION).decode("utf-8")
        except (StoreError, UnicodeDecodeError):
            raise StoreError(
                f"This interview was begun with version {draft.questionnaire.version} of the "
                "questionnaire, which is not on this machine any more.",
                where=path.name,
                mend="Install that version to finish it, or delete the draft and begin anew.",
            ) from None

    def save(self, draft: Draft) -> None:
        """Keep a draft durably: after this returns, it survives a power cut.

        Raises:
            StoreError: it could not be kept; the one before still stands.
        """
        disk.replace_durably(self._path(draft.code), serialise(draft))

    def load(self, code: str) -> Draft:
        """The draft with this resume code.

        Raises:
            StoreError: there is none, or it cannot be read.
        """
        path = self._path(code)
        if not path.exists():
            raise StoreError(
                "No paused interview on this machine has that code.",
                mend="Look at the codes with: microcred drafts",
            )
        draft = from_object(Draft, read_json(path), path.name)
        if draft.code != code:
            raise StoreError(
                "The file's name is not its code.",
                where=path.name,
                mend="Give it back its name, or delete it with: microcred drafts delete",
            )
        return draft

    def codes(self) -> list[str]:
        """The codes of all drafts, readable or not, in alphabetical order."""
        with disk.faults_named(self.drafts):
            names = [path.stem.upper() for path in self.drafts.glob("*.json")]
        return sorted(name for name in names if _is_code(name))

    def delete(self, code: str) -> None:
        """Delete a draft, and copies of definitions that no draft needs any more."""
        disk.remove_durably(self._path(code))
        # What is left over harms nobody; the next deletion tries again.
        with suppress(StoreError):
            self._sweep(code)

    def _sweep(self, code: str) -> None:
        """Remove the locks that nobody holds, and the definitions that no draft needs.

        Raises:
            StoreError: another window is at work; it may have begun with a definition, and have
                no draft yet.
        """
        for path in (self.folder / "drafts").glob("*.lock"):
            if path != self._lock(code):
                with disk.lock(path, remove=True):
                    pass
        needed = {self.load(other).questionnaire.sha256 for other in self.codes()}
        for path in (self.folder / "definitions").glob("*.json"):
            if path.name[:64] not in needed:
                disk.remove_durably(path)

    def _lock(self, code: str) -> Path:
        return self.folder / "drafts" / f"{code.lower()}.lock"

    def delete_expired(self, today: date) -> tuple[int, list[str]]:
        """Delete the drafts that are past their day: their number, and the codes left alone.

        Left alone is what is damaged, or open in another window.
        """
        deleted, left = 0, []
        for code in self.codes():
            try:
                if expires(self.load(code)) < today:
                    with self.held(code):
                        self.delete(code)
                    deleted += 1
            except StoreError:
                left.append(code)
        return deleted, left

    @contextmanager
    def held(self, code: str) -> Iterator[None]:
        """Hold a draft against other windows.

        Raises:
            StoreError: another process has it open.
        """
        with disk.lock(self._lock(code), remove=True):
            yield


def _is_code(name: str) -> bool:
    return len(name) == RESUME_SYMBOLS and set(name) <= set(ALPHABET)


def expires(draft: Draft) -> date:
    """The day after which a draft is deleted.

    Raises:
        StoreError: the draft does not say it.
    """
    try:
        return date.fromisoformat(draft.expires)
    except ValueError:
        raise StoreError(
            "The paused interview is damaged: it does not say how long it is kept.",
            mend="Delete it with: microcred drafts delete",
        ) from None
