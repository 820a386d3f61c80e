"""Paused interviews: one private file each, written durably after every answer.

A draft contains the answers of one person until the response is stored. The questionnaire
definition with which an interview was started is kept in a folder next to the drafts, so that a
newer version of the questionnaire does not break the interview.

Drafts are encrypted if responses are encrypted. The key of a draft is derived from its resume code,
which is not stored on the machine. The file name of an encrypted draft is derived from the key, and
only a few of its fields are not encrypted.
"""

from __future__ import annotations

import base64
import json
import os
import re
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import LOCKED_SYMBOLS, draft_key
from microcred_cli.errors import StoreError
from microcred_cli.files.private_folder import own_folder
from microcred_cli.files.reading import read_file
from microcred_cli.files.strict_json import parse_json, read_json
from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.loading import STATE_VARIABLE
from microcred_cli.questionnaire.yaml import MOST_BYTES
from microcred_cli.records.receipts import ALPHABET, RESUME_SYMBOLS, draft_mark
from microcred_cli.records.shapes import Draft, LockedDraft, from_object, serialise
from microcred_cli.store.seen_days import Start, begun, expires, has_no_start, is_receipt, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import date, datetime

_LOCKED_NAME = re.compile(r"[0-9a-f]{20}")
_DATES = ("begun", "expires", "is_undated")
"""Fields of an encrypted draft that can be changed without its resume code."""
_LONGEST_DEFINITION = 4 * MOST_BYTES
"""The maximum size of a stored definition, whose canonical JSON can be longer than the YAML
file."""


def state_folder() -> Path:
    """The state folder: `MICROCRED_STATE`, or by default the platform's folder for user state."""
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("microcred", appauthor=False)


class Expired(Frozen):
    """The outcome of deleting expired drafts.

    `deleted` is the number of deleted drafts, and `doubtful` the number of drafts that were kept
    because the clock may be wrong. `left` contains the codes (or names, if encrypted) of drafts
    that could not be deleted.
    """

    deleted: int
    doubtful: int
    left: tuple[str, ...]


class Drafts(Frozen):
    """The drafts in a state folder; resume codes are passed without separators."""

    folder: Path

    @classmethod
    def here(cls) -> Drafts:
        """The drafts of the current user on this machine."""
        return cls(state_folder())

    @property
    def drafts(self) -> Path:
        """The folder that contains the draft files."""
        return self.folder / "drafts"

    def _path(self, place: str) -> Path:
        return self.drafts / f"{place}.json"

    def _lock(self, place: str) -> Path:
        return self.drafts / f"{place}.lock"

    def _definition(self, sha256: str) -> Path:
        return self.folder / "definitions" / f"{sha256}.json"

    def prepare(self) -> None:
        """Create the folders if necessary, and remove leftover temporary files."""
        for name in ("drafts", "definitions"):
            own_folder(self.folder / name)
            files.remove_leftovers(self.folder / name)

    def keep_definition(self, sha256: str, definition: str) -> None:
        """Store the definition used by an interview; the caller must hold the draft's lock."""
        path = self._definition(sha256)
        data = definition.encode()
        with suppress(StoreError):
            if read_file(path, limit=len(data)) == data:
                return
        files.replace_durably(path, data)

    def keep_texts(self, sha256: str, language: str, texts: Mapping[str, str]) -> None:
        """Store the texts of one language next to the definition."""
        data = json.dumps(dict(texts), ensure_ascii=False).encode()
        files.replace_durably(self._definition(f"{sha256}.{language}"), data)

    def kept_texts(self, sha256: str) -> dict[str, dict[str, str]]:
        """The texts stored with a definition, by language; unreadable files are skipped."""
        found: dict[str, dict[str, str]] = {}
        with files.faults_named(self.folder):
            paths = [*(self.folder / "definitions").glob(f"{sha256}.??.json")]
        for path in paths:
            with suppress(StoreError):
                texts = parse_json(read_file(path, limit=_LONGEST_DEFINITION))
                if isinstance(texts, dict):
                    found[path.stem[-2:]] = {str(key): str(text) for key, text in texts.items()}
        return found

    def definition(self, draft: Draft) -> str:
        """The questionnaire definition with which an interview was started, as canonical JSON."""
        path = self._definition(draft.questionnaire.sha256)
        try:
            return read_file(path, limit=_LONGEST_DEFINITION).decode("utf-8")
        except (StoreError, UnicodeDecodeError):
            raise StoreError(
                f"This interview was begun with version {draft.questionnaire.version} of the "
                "questionnaire, which is no longer on this machine.",
                where=path.name,
                hint="Install that version to finish the interview, or delete the interview and "
                "start again.",
            ) from None

    def save(self, draft: Draft) -> None:
        """Save a draft durably, replacing the previous version."""
        record = _locked(draft) if is_key(draft.code) else draft
        # The real timestamp of a draft with a receipt would reveal when its response was stored.
        path = self._path(place_of(draft.code))
        files.replace_durably(path, serialise(record), still=draft.stored)

    def load(self, code: str) -> Draft:
        """The draft with this resume code."""
        path = self._path(place_of(code))
        if not path.exists():
            raise StoreError(
                "No paused interview on this machine has that code.",
                hint="List the codes with: microcred drafts",
            )
        if is_key(code):
            draft = self._unlocked(code, path.name)
        else:
            draft = from_object(Draft, read_json(path), path.name)
        if draft.code != code:
            raise _misnamed(path)
        return _with_unfinished(draft)

    def _unlocked(self, code: str, file: str) -> Draft:
        key = draft_key(code)
        outside = self.locked(key.name)
        try:
            encrypted = base64.b64decode(outside.encrypted, validate=True)
        except ValueError:
            encrypted = b""
        record = Age(identities=(key.identity,)).unwrap(encrypted, file)
        inside = from_object(Draft, parse_json(record), file)
        return inside.model_copy(update={name: getattr(outside, name) for name in _DATES})

    def codes(self) -> list[str]:
        """The codes of all unencrypted drafts, sorted, including unreadable drafts."""
        return sorted(place.upper() for place in self._places() if _is_code(place.upper()))

    def locked_names(self) -> list[str]:
        """The names of all encrypted drafts, sorted; a name does not reveal the code."""
        return sorted(filter(_LOCKED_NAME.fullmatch, self._places()))

    def locked(self, name: str) -> LockedDraft:
        """The unencrypted part of an encrypted draft."""
        path = self._path(name)
        draft = from_object(LockedDraft, read_json(path), path.name)
        if draft.name != name:
            raise _misnamed(path)
        return draft

    def has(self, code: str) -> bool:
        """True if a draft with this resume code exists, even if it is unreadable."""
        return place_of(code) in self._places()

    def _places(self) -> list[str]:
        with files.faults_named(self.drafts):
            return [path.stem for path in self.drafts.glob("*.json")]

    def is_shared(self, code: str) -> bool:
        """True if a draft was started on a shared machine, where its code must be kept secret."""
        try:
            return files.is_drop(Path(self.load(code).responses))
        except StoreError:
            return False

    def delete(self, code: str) -> None:
        """Delete a draft, and any stored definitions that no remaining draft needs."""
        self._delete(place_of(code))

    def _delete(self, place: str) -> None:
        files.remove_durably(self._path(place))
        # Leftover files are harmless; the next deletion tries again to remove them.
        with suppress(StoreError), files.faults_named(self.folder):
            self._sweep(place)

    def _sweep(self, place: str) -> None:
        """Remove unused locks, and definitions that no draft needs.

        Raises an InUseError if a draft is open in another window, because that window may have
        stored a definition, but not yet the draft that needs it.
        """
        for path in self.drafts.glob("*.lock"):
            if path != self._lock(place):
                with files.lock(path, remove=True):
                    pass
        needed = {self.load(other).questionnaire.sha256 for other in self.codes()}
        needed |= {self.locked(name).questionnaire.sha256 for name in self.locked_names()}
        for path in (self.folder / "definitions").glob("*.json"):
            if path.name[:64] not in needed:
                files.remove_durably(path)

    def start(self, moment: datetime, within: int) -> Start:
        """Record a program start, and correct the dates of drafts that a wrong clock has dated.

        A day is plausible if it is at most `within` days after the latest day seen. If the current
        date is plausible, it replaces the start date of drafts whose start date is doubtful or in
        the future.
        """
        found = start(self.folder, moment, within, self._begun())
        if found.is_plausible:
            for known, draft in self._readable():
                day = found.day_of(draft)
                if draft.is_undated or begun(draft) > day:
                    self._date(known, draft, day)
        return found

    def _begun(self) -> Iterator[date]:
        for _, draft in self._readable():
            if not draft.is_undated:
                yield begun(draft)

    def keeps_receipt(self) -> bool:
        """True if any draft is kept because its receipt has not been confirmed yet."""
        return any(is_receipt(draft) for _, draft in self._readable())

    def delete_receipt(self, receipt: str) -> None:
        """Delete the draft of a withdrawn response, unless the draft is in use."""
        mark = draft_mark(receipt)
        for known in (*self.codes(), *self.locked_names()):
            with suppress(StoreError):
                if _mark(self._either(known)) == mark:
                    with files.lock(self._lock(known.lower()), remove=True):
                        self._delete(known.lower())

    def _readable(self) -> Iterator[tuple[str, Draft | LockedDraft]]:
        """The readable drafts, each with its code or, if encrypted, its name."""
        for known in (*self.codes(), *self.locked_names()):
            with suppress(StoreError):
                draft = self._either(known)
                expires(draft)
                begun(draft)
                yield known, draft

    def _either(self, known: str) -> Draft | LockedDraft:
        return self.load(known) if _is_code(known) else self.locked(known)

    def _date(self, known: str, draft: Draft | LockedDraft, day: date) -> None:
        """Change the start date of a draft to this day, unless the draft is in use elsewhere."""
        last = day + max(expires(draft) - begun(draft), timedelta())
        first = last if has_no_start(draft) else day
        dates = {"begun": str(first), "expires": str(last), "is_undated": False}
        with suppress(StoreError), files.lock(self._lock(known.lower()), remove=True):
            dated = self._either(known).model_copy(update=dates)
            files.replace_durably(self._path(known.lower()), serialise(dated))

    def delete_expired(self, now: Start) -> Expired:
        """Delete expired drafts, except drafts that are damaged or open in another window."""
        deleted, doubtful, left = 0, 0, []
        for known in (*self.codes(), *self.locked_names()):
            try:
                draft = self._either(known)
                if now.is_expired(draft):
                    place = known.lower()
                    with files.lock(self._lock(place), remove=True):
                        self._delete(place)
                    deleted += 1
                elif now.is_doubtful(draft):
                    doubtful += 1
            except StoreError:
                left.append(known)
        return Expired(deleted, doubtful, tuple(left))

    def held(self, code: str) -> AbstractContextManager[None]:
        """Lock a draft, so that no other window can use it."""
        return self._held(self._lock(place_of(code)))

    def held_paper(self, name: str) -> AbstractContextManager[None]:
        """Lock a paper questionnaire, so that no other window can enter it."""
        return self._held(self.drafts / f"{name}.paper")

    @contextmanager
    def _held(self, path: Path) -> Iterator[None]:
        with ExitStack() as lock:
            try:
                lock.enter_context(files.lock(path, remove=True))
            except files.InUseError:
                raise files.InUseError(
                    "This interview is open in another window.",
                    hint="Finish the interview in that window or close the window, then try again.",
                ) from None
            yield


def is_key(code: str) -> bool:
    """True if a resume code (without separators) also encrypts its draft."""
    return len(code) == LOCKED_SYMBOLS


def place_of(code: str) -> str:
    """The file name of a draft without the extension: the code, or a name derived from the key."""
    return draft_key(code).name if is_key(code) else code.lower()


def _with_unfinished(draft: Draft) -> Draft:
    """The draft, with input that an earlier version kept for the step `at` in `unfinished`."""
    if draft.at is None:
        return draft
    kept = draft.unfinished.copy()
    if draft.unsent:
        kept.texts[draft.at] = draft.unsent
    if draft.marks:
        kept.marks[draft.at] = draft.marks
    return draft.model_copy(update={"unsent": "", "marks": {}, "unfinished": kept})


def _locked(draft: Draft) -> LockedDraft:
    key = draft_key(draft.code)
    encrypted = Age((key.recipient,)).wrap(serialise(draft))
    return LockedDraft(
        name=key.name,
        questionnaire=draft.questionnaire,
        begun=draft.begun,
        expires=draft.expires,
        mode=draft.mode,
        answered=draft.answered,
        is_closing=draft.is_closing,
        case=draft.case,
        case_log=draft.case_log,
        last_contact=draft.last_contact,
        timezone=draft.timezone,
        is_undated=draft.is_undated,
        keyed=draft.keyed,
        desk=draft.desk,
        second=draft.second,
        on_paper=draft.paper is not None,
        receipt_mark=_mark(draft),
        encrypted=base64.b64encode(encrypted).decode("ascii"),
    )


def _mark(draft: Draft | LockedDraft) -> str | None:
    if isinstance(draft, LockedDraft):
        return draft.receipt_mark
    return None if draft.receipt is None else draft_mark(draft.receipt)


def _is_code(name: str) -> bool:
    return len(name) == RESUME_SYMBOLS and set(name) <= set(ALPHABET)


def _misnamed(path: Path) -> StoreError:
    return StoreError(
        "The file name does not match the resume code in the file.",
        where=path.name,
        hint="Restore the original file name, or delete the draft with: microcred drafts delete",
    )
