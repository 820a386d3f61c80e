"""The responses folder: what it holds, how a response gets in, and how one is withdrawn."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from microcred_cli.codes import response_id, text_id
from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.models import REMARK
from microcred_cli.records import Folder, Response, Text, from_object, serialise
from microcred_cli.store import disk
from microcred_cli.store.folders import own_folder
from microcred_cli.store.reading import parse_json, read_file, read_json, read_lines
from microcred_cli.store.traces import check_name
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

VARIABLE = "MICROCRED_RESPONSES"
FOLDER_FILE = "folder.json"
OWN_FILES = (
    *(FOLDER_FILE, "README.md", ".gitignore"),
    *("figures.json", "counts.json", "last-seal.json", "withdrawn"),
)
_LONGEST_WAIT = 20.0

_ID_FILE = re.compile(r"[0-9a-f]{32}\.json")


@dataclass(frozen=True, slots=True)
class Responses:
    """The responses in one folder."""

    folder: Path

    @property
    def texts(self) -> Path:
        """The folder of the detached texts."""
        return self.folder / "texts"

    def prepare(self, questionnaire: str, *, synthetic: bool = False) -> None:
        """Make the folder ready for responses to a questionnaire, and try that it can be written.

        Raises:
            StoreError: it cannot be used, or holds something that does not go with this.
        """
        wanted = Folder(questionnaire=questionnaire, synthetic=synthetic)
        begun = os.path.lexists(self.folder / FOLDER_FILE)
        for folder in (self.folder, self.texts):
            own_folder(folder, begun=begun)
            disk.remove_leftovers(folder, still=True)
        # Looked at first: the terms are always there before the first response.
        has_responses = self._has_responses()
        held = self.terms()
        if held is None and has_responses:
            raise StoreError(
                f"The folder has responses, but no {FOLDER_FILE} that says what they answer.",
                where=safe(self.folder),
                mend=f"Put {FOLDER_FILE} back, or name another folder with --responses.",
            )
        if held is None:
            disk.create_durably(self.folder / FOLDER_FILE, serialise(wanted), still=True)
            held = self.terms()
        if held != wanted and held is not None:
            raise StoreError(
                f"The folder was begun for {_called(held)}; it cannot take {_called(wanted)} too.",
                where=safe(self.folder),
                mend="Name another folder with --responses.",
            )
        disk.probe_writable(self.folder, still=True)
        disk.still_time(self.texts)

    def _has_responses(self) -> bool:
        waiting = (*self.names(), *self.text_names())
        return any(map(is_record, waiting)) or any(self._first_sealed())

    def terms(self) -> Folder | None:
        """What holds for this folder; None before its first response.

        Raises:
            StoreError: what is written there cannot be read.
        """
        path = self.folder / FOLDER_FILE
        return from_object(Folder, read_json(path), safe(path)) if os.path.lexists(path) else None

    def terms_found(self) -> Folder | None:
        """What a response tells of a folder that lacks its own file: a sealed one before others.

        Raises:
            StoreError: the folder cannot be read.
        """
        for response in chain(self._first_sealed(), self._readable()):
            return Folder(questionnaire=response.questionnaire.id, synthetic=response.synthetic)
        return None

    def _first_sealed(self) -> Iterator[Response]:
        for path in sorted((self.folder / "sealed").glob("*.jsonl")):
            with suppress(StoreError):
                line = next(read_lines(path), b"")
                yield from_object(Response, parse_json(line), safe(path.name))

    def _readable(self) -> Iterator[Response]:
        for path in self.files():
            with suppress(StoreError):
                yield self.read(path)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder against others who seal or withdraw; interviews go on meanwhile.

        Raises:
            StoreError: somebody else holds it for long, or it cannot be written.
        """
        with disk.lock(self.folder / ".lock", wait=_LONGEST_WAIT, still=True):
            yield

    def remove_leftovers(self) -> None:
        """Remove what crashes left of storing responses.

        Raises:
            StoreError: what the system refused.
        """
        for folder in (self.folder, self.texts):
            if folder.is_dir():
                disk.remove_leftovers(folder, still=True)

    def store(self, response: Response, texts: Sequence[Text]) -> Path:
        """Store a response with its texts, durably and never over another; the response's path.

        Storing the same again changes nothing. The texts go first: a response that stands is whole.

        Raises:
            StoreError: it could not be stored; what was stored of it can be stored again.
        """
        for text in texts:
            self._create(self.texts / f"{text.text_id}.json", serialise(text))
        path = self.folder / f"{response.response_id}.json"
        self._create(path, serialise(response))
        return path

    def remove(self, response: Response, texts: Sequence[Text]) -> None:
        """Remove what was stored of a response that stands in another folder now.

        Raises:
            StoreError: what the system refused.
        """
        disk.remove_durably(
            self.folder / f"{response.response_id}.json",
            *(self.texts / f"{text.text_id}.json" for text in texts),
            still=True,
        )

    def _create(self, path: Path, data: bytes) -> None:
        if not disk.create_durably(path, data, still=True) and read_file(path) != data:
            raise StoreError(
                "Another file stands under the response's name.",
                where=safe(path),
                mend="Name another folder with --responses, and submit again.",
            )

    def waiting_of(self, receipt: str) -> list[Path]:
        """The waiting files that belong to a receipt (bare code): response and texts.

        Texts are found by what the response says was typed, whatever state they are in, and by what
        each readable text says of itself.
        """
        path = self.folder / f"{response_id(receipt)}.json"
        found = {
            file
            for file in self.text_files()
            if (text := _text_or_none(file)) and text_id(receipt, text.item) == file.stem
        }
        if os.path.lexists(path):
            found.add(path)
            with suppress(StoreError):
                found |= self.texts_of(self.read(path), receipt)
        return sorted(found)

    def texts_of(self, response: Response, receipt: str) -> set[Path]:
        """The files that are there of the texts that a response can have."""
        keys: set[str] = set()
        for item, answer in response.answers.items():
            codes = answer if isinstance(answer, list) else [answer]
            keys |= {item, f"{item}.{REMARK}"}
            keys |= {f"{item}.{code}" for code in codes if isinstance(code, str)}
        files = (self.texts / f"{text_id(receipt, key)}.json" for key in keys)
        return {file for file in files if os.path.lexists(file)}

    def names(self) -> list[str]:
        """The name of every file that claims to be a waiting response, in order."""
        return _names(self.folder)

    def text_names(self) -> list[str]:
        """The name of every file that claims to be a waiting text, in order."""
        return _names(self.texts) if self.texts.is_dir() else []

    def files(self) -> Iterator[Path]:
        """Every file that claims to be a waiting response, in the order of their names."""
        return (self.folder / name for name in self.names())

    def text_files(self) -> Iterator[Path]:
        """Every file that claims to be a waiting text, in the order of their names."""
        return (self.texts / name for name in self.text_names())

    def read(self, path: Path) -> Response:
        """One response.

        Raises:
            StoreError: the file is not ours, damaged, or not what its name says.
        """
        response = from_object(Response, read_json(path), safe(path.name))
        check_name(path.name, response.response_id)
        return response

    def read_text(self, path: Path) -> Text:
        """One text.

        Raises:
            StoreError: as for `read`.
        """
        text = from_object(Text, read_json(path), safe(path.name))
        check_name(path.name, text.text_id)
        return text


def is_record(name: str) -> bool:
    """Whether a file has the name of a waiting response or text."""
    return _ID_FILE.fullmatch(name) is not None


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".")
                and entry.name not in OWN_FILES
                and not entry.is_dir(follow_symlinks=False)
            )
    except FileNotFoundError:
        raise StoreError(
            "There is no such folder.", where=safe(folder), mend="Name it with --responses."
        ) from None
    except OSError as error:
        raise disk.as_store_error(error, folder) from None


def _text_or_none(path: Path) -> Text | None:
    try:
        return from_object(Text, read_json(path), path.name)
    except StoreError:
        return None


def _called(folder: Folder) -> str:
    kind = "synthetic" if folder.synthetic else "real"
    return f"{kind} responses to {safe(folder.questionnaire)}"
