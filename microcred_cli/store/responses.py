"""The responses folder: what it holds, how a response gets in, and how one is withdrawn."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.codes import response_id, text_id
from microcred_cli.errors import StoreError
from microcred_cli.records import Folder, Response, Text, from_object, serialise
from microcred_cli.store import disk
from microcred_cli.store.folders import own_folder
from microcred_cli.store.reading import read_file, read_json
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

VARIABLE = "MICROCRED_RESPONSES"
FOLDER_FILE = "folder.json"
OWN_FILES = (FOLDER_FILE, "README.md", "figures.json", "counts.json", ".gitignore")

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
        for folder in (self.folder, self.texts):
            own_folder(folder)
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
        return any(_ID_FILE.fullmatch(p.name) for p in (*self.files(), *self.text_files()))

    def terms(self) -> Folder | None:
        """What holds for this folder; None before its first response.

        Raises:
            StoreError: what is written there cannot be read.
        """
        path = self.folder / FOLDER_FILE
        return from_object(Folder, read_json(path), safe(path)) if os.path.lexists(path) else None

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

    def _create(self, path: Path, data: bytes) -> None:
        if not disk.create_durably(path, data, still=True) and read_file(path) != data:
            raise StoreError(
                "Another file stands under the response's name.",
                where=safe(path),
                mend="Name another folder with --responses, and submit again.",
            )

    def withdraw(self, receipt: str) -> bool:
        """Delete the response of a receipt (bare code) and its texts; False if there is none.

        Its texts are found by what the response says was typed, whatever state they are in, and by
        what each readable text says of itself.
        """
        path = self.folder / f"{response_id(receipt)}.json"
        texts = {
            file
            for file in self.text_files()
            if (text := _text_or_none(file)) and text_id(receipt, text.item) == file.stem
        }
        if path.exists():
            with suppress(StoreError):
                texts |= self._texts_of(self.read(path), receipt)
        found = path.exists() or bool(texts)
        disk.remove_durably(path, *sorted(texts), still=True)
        return found

    def _texts_of(self, response: Response, receipt: str) -> set[Path]:
        """The files of the texts that a response can have."""
        keys: set[str] = set()
        for item, answer in response.answers.items():
            codes = answer if isinstance(answer, list) else [answer]
            keys |= {item, *(f"{item}.{code}" for code in codes if isinstance(code, str))}
        files = (self.texts / f"{text_id(receipt, key)}.json" for key in keys)
        return {file for file in files if os.path.lexists(file)}

    def files(self) -> Iterator[Path]:
        """Every file that claims to be a response, in the order of their names."""
        yield from _named(self.folder)

    def text_files(self) -> Iterator[Path]:
        """Every file that claims to be a text, in the order of their names."""
        if self.texts.is_dir():
            yield from _named(self.texts)

    def read(self, path: Path) -> Response:
        """One response.

        Raises:
            StoreError: the file is not ours, damaged, or not what its name says.
        """
        response = from_object(Response, read_json(path), safe(path.name))
        _same_name(path, response.response_id)
        return response

    def read_text(self, path: Path) -> Text:
        """One text.

        Raises:
            StoreError: as for `read`.
        """
        text = from_object(Text, read_json(path), safe(path.name))
        _same_name(path, text.text_id)
        return text


def _named(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        raise StoreError(
            "There is no such folder.", where=safe(folder), mend="Name it with --responses."
        ) from None
    except OSError as error:
        raise StoreError(
            f"The folder cannot be read: {error.strerror}.",
            where=safe(folder),
            mend="Mend its rights, or name another with --responses.",
        ) from None
    return [
        path
        for path in entries
        if path.name not in OWN_FILES and not path.name.startswith(".") and not _is_folder(path)
    ]


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _same_name(path: Path, name: str) -> None:
    if path.name != f"{name}.json":
        raise StoreError(
            "The file's name is not its id.",
            where=safe(path.name),
            mend="Give it back its name, or set it apart.",
        )


def _text_or_none(path: Path) -> Text | None:
    try:
        return from_object(Text, read_json(path), path.name)
    except StoreError:
        return None


def _called(folder: Folder) -> str:
    kind = "synthetic" if folder.synthetic else "real"
    return f"{kind} responses to {safe(folder.questionnaire)}"
