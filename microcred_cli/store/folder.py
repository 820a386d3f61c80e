"""The responses folder: its terms, its pending records, and the storing of responses."""

from __future__ import annotations

import errno
import os
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.crypto.cipher import CLEAR, Cipher
from microcred_cli.errors import StoreError
from microcred_cli.files.private_folder import own_folder
from microcred_cli.files.reading import read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.values import REMARK
from microcred_cli.records.formats import ENCRYPTED
from microcred_cli.records.receipts import response_id, show, text_id
from microcred_cli.records.shapes import (
    Detail,
    Folder,
    Response,
    Text,
    Times,
    as_json,
    from_object,
    serialise,
)
from microcred_cli.store.drop import prepare_drop, terms_of_drop
from microcred_cli.store.layout import (
    FOLDER_FILE,
    OWN_FILES,
    REWRITTEN,
    TIMES_FOLDER,
    Kind,
    LeftOut,
    check_name,
    is_record,
    stem,
)
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.store.segments import Segments

VARIABLE = "MICROCRED_RESPONSES"
MISSING = "it is missing, so it is unknown which questionnaire these responses belong to"
DIFFERENCES: Final = {
    "synthetic": "real or synthetic",
    "questionnaire": "questionnaire",
    "detail": "detail",
    "recipients": "encryption",
}
"""The aspects in which the terms of a folder and a response can differ, with their names."""
_LONGEST_WAIT = 20.0
_NOT_OURS = (errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO, errno.EISDIR)


class TakenError(StoreError):
    """Raised if the file name of a response or text is already used by a different file."""


class Responses(Frozen):
    """The responses in a folder, encrypted and decrypted by `cipher`."""

    folder: Path
    cipher: Cipher = CLEAR

    @property
    def texts(self) -> Path:
        """The folder that contains the texts."""
        return self.folder / "texts"

    @property
    def times(self) -> Path:
        """The folder that contains unsealed pilot timings; it exists only in a pilot."""
        return self.folder / TIMES_FOLDER

    @property
    def has_times(self) -> bool:
        """True if the folder has or had unsealed pilot timings, or has sealed ones."""
        return self.times.is_dir() or (self.folder / "sealed" / TIMES_FOLDER).is_dir()

    def times_file(self, times_id: str) -> Path:
        """The path of a file with unsealed pilot timings."""
        return self.times / f"{times_id}.json{self.cipher.suffix}"

    def place(self, kind: Kind) -> Path:
        """The folder that contains the pending records of one kind."""
        return self.folder / kind.prefix

    @property
    def segments(self) -> Segments:
        """The segments of the sealed set."""
        from microcred_cli.store.segments import Segments

        return Segments(self.folder, self.cipher)

    def file_of(self, record_id: str, kind: Kind = Kind.RESPONSE) -> Path:
        """The path of a pending record."""
        return self.folder / f"{kind.prefix}{record_id}.json{self.cipher.suffix}"

    def prepare(
        self, questionnaire: str, *, synthetic: bool = False, detail: Detail = "coarse"
    ) -> None:
        """Prepare the folder for responses to the questionnaire with this id (see `make_ready`)."""
        self.make_ready(
            Folder(
                questionnaire=questionnaire,
                detail=detail,
                synthetic=synthetic,
                recipients=self.cipher.recipients,
            )
        )

    def make_ready(self, wanted: Folder) -> None:
        """Prepare the folder for responses under these terms, and check that it is writable."""
        if files.is_drop(self.folder):
            self._refuse_misfit(self.terms(), wanted)
            prepare_drop(self.folder)
            return
        begun = os.path.lexists(self.folder / FOLDER_FILE)
        for folder in (self.folder, self.texts):
            own_folder(folder, begun=begun)
            files.remove_leftovers(folder, still=True)
        if self.times.is_dir():
            files.remove_leftovers(self.times, still=True)
        # This is checked before the terms are read, because terms are written before responses.
        has_responses = bool(self._record_names())
        held = self.terms()
        if held is None and has_responses:
            raise StoreError(
                f"The folder contains responses, but no {FOLDER_FILE} for their questionnaire.",
                where=self.folder,
                hint=f"Restore {FOLDER_FILE}, or specify another folder with --responses.",
            )
        if held is None:
            files.create_durably(self.folder / FOLDER_FILE, as_json(wanted), still=True)
            held = self.terms()
        self._refuse_misfit(held, wanted)
        files.probe_writable(self.folder, still=True)
        files.neutralise_time(self.texts)

    def _refuse_misfit(self, held: Folder | None, wanted: Folder) -> None:
        if held is not None and held != wanted:
            differs = [name for name in DIFFERENCES if getattr(held, name) != getattr(wanted, name)]
            names = ", ".join(DIFFERENCES[name] for name in differs)
            hint = (
                "Use --fieldwork to specify the settings with which the folder was created, or "
                "--responses to specify another folder."
            )
            if "synthetic" in differs or "questionnaire" in differs:
                hint = "Use --responses to specify another folder for these responses."
            raise StoreError(
                f"The folder was created for {called(held)}; "
                f"it cannot also store {called(wanted)}. They differ in: {names}.",
                where=self.folder,
                hint=hint,
            )

    def terms(self) -> Folder | None:
        """The terms of this folder; None if they have not been written yet."""
        if files.is_drop(self.folder):
            return terms_of_drop(self.folder)
        path = self.folder / FOLDER_FILE
        if not os.path.lexists(path):
            return None
        data = read_file(path)
        value = parse_json(data, where=path)
        if isinstance(value, dict):
            # If the bytes are those of the expected terms, pydantic need not check them.
            is_synthetic = value.get("synthetic") is True
            usual = Folder(questionnaire=str(value.get("questionnaire")), synthetic=is_synthetic)
            if data == as_json(usual):
                return usual
        return from_object(Folder, value, safe(path))

    def terms_or_none(self) -> Folder | None:
        """The terms of this folder; None if they are missing or unreadable."""
        with suppress(StoreError), files.faults_named(self.folder):
            return self.terms() if self.folder.is_dir() else None
        return None

    def is_encrypted(self) -> bool:
        """True if any pending or sealed file here has the extension of encrypted files."""
        with suppress(StoreError):
            return any(name.endswith(ENCRYPTED) for name in self._record_names())
        return False

    def _record_names(self) -> list[str]:
        """The names of all pending files and of all segments, encrypted or not."""
        pending = [name for kind in Kind for name in self.names(kind) if is_record(name)]
        sealed = self.folder / "sealed"
        with files.faults_named(sealed):
            names = [path.name for path in sealed.rglob("*.jsonl*")]
        return [*pending, *(name for name in names if not name.startswith("."))]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lock the folder against other seals, collections and withdrawals, but not interviews."""
        with files.lock(self.folder / ".lock", wait=_LONGEST_WAIT, still=True):
            yield

    def store(self, response: Response, texts: Sequence[Text], times: Times | None = None) -> Path:
        """Store a response, its texts and its pilot timings durably, without replacing any file.

        Returns the path of the response. Storing the same response again changes nothing. Texts and
        pilot timings are stored before the response, so that a response never exists without them.
        If a different file has one of the names, nothing is stored and a TakenError is raised.
        After any other error, the files just stored are removed if possible.
        """
        stored: list[Path] = []
        path = self.file_of(response.response_id)
        try:
            if times is not None:
                own_folder(self.times)
                stored += [self._create(self.times_file(times.times_id), serialise(times))]
            for text in texts:
                stored += [self._create(self.file_of(text.text_id, Kind.TEXT), serialise(text))]
            if not texts and files.is_drop(self.folder):
                # Otherwise, the timestamp of the folder would reveal whether any text was typed.
                files.probe_writable(self.texts, still=True)
            return self._create(path, serialise(response))
        except TakenError:
            # The response and its texts can only be stored under another receipt.
            files.remove_durably(*stored, still=True)
            raise
        except StoreError:
            # A text without its response is useless, and the next attempt may use another receipt
            # if there is no draft with this one.
            with suppress(StoreError):
                files.remove_durably(*stored, still=True)
            raise

    def remove(self, response: Response, texts: Sequence[Text], times: Times | None = None) -> None:
        """Remove the files of a response that has since been stored in another folder."""
        files.remove_durably(
            self.file_of(response.response_id),
            *(self.file_of(text.text_id, Kind.TEXT) for text in texts),
            *([] if times is None else [self.times_file(times.times_id)]),
            still=True,
        )

    def _create(self, path: Path, data: bytes) -> Path:
        is_new = files.create_durably(path, self.cipher.wrap(data), still=True)
        if not is_new and not self._holds(path, data):
            raise TakenError(
                "A different file with this name already exists.",
                where=path,
                hint="Specify another folder with --responses, and submit again.",
            )
        return path

    def _holds(self, path: Path, data: bytes) -> bool:
        try:
            return self.cipher.is_stored(read_file(path), data)
        except StoreError as error:
            # After a disk error, it is unknown whether a different file has the name.
            refused = error.__cause__
            if isinstance(refused, OSError) and refused.errno not in _NOT_OURS:
                raise
            return False

    def named_after(self, receipt: str, keys: Iterable[str]) -> list[Path]:
        """The existing files of a receipt, found by name: texts (see `keys`), then the response."""
        path = self.file_of(response_id(receipt))
        there = [path] if os.path.lexists(path) else []
        return [*sorted(self._text_files_of(receipt, keys)), *there]

    def waiting_of(self, receipt: str, keys: Iterable[str] = ()) -> list[Path]:
        """The pending files of a receipt (code without separators): the response and its texts.

        Texts are found in three ways: by `keys` (every `item` or `item.code` that a text can belong
        to), by the answers in the response, and by the item recorded in each readable text.
        Searching by `keys` and by the answers also finds damaged files.
        """
        path = self.file_of(response_id(receipt))
        found = self._text_files_of(receipt, keys)
        for file in self.files(Kind.TEXT) if self.cipher.opens else ():
            with suppress(StoreError):
                if text_id(receipt, self.read_text(file).item) == stem(file.name):
                    found.add(file)
        if os.path.lexists(path):
            found.add(path)
            with suppress(StoreError):
                found |= self.texts_of(self.read(path), receipt)
        return sorted(found)

    def texts_of(self, response: Response, receipt: str) -> set[Path]:
        """The existing text files that can belong to a response."""
        keys: set[str] = set()
        for item, answer in response.answers.items():
            codes = answer if isinstance(answer, list) else [answer]
            keys |= {item, f"{item}.{REMARK}"}
            keys |= {f"{item}.{code}" for code in codes if isinstance(code, str)}
        return self._text_files_of(receipt, keys)

    def _text_files_of(self, receipt: str, keys: Iterable[str]) -> set[Path]:
        files = (self.file_of(text_id(receipt, key), Kind.TEXT) for key in keys)
        return {file for file in files if os.path.lexists(file)}

    def names(self, kind: Kind = Kind.RESPONSE) -> list[str]:
        """The names of all files in the folder of pending records of this kind, sorted."""
        if kind is Kind.TEXT:
            return file_names(self.texts)
        if not os.path.lexists(self.folder):
            raise StoreError(
                "This folder does not exist.",
                where=self.folder,
                hint="Specify the responses folder with --responses.",
            )
        return _listed(self.folder)

    def files(self, kind: Kind = Kind.RESPONSE) -> Iterator[Path]:
        """All files in the folder of pending records of this kind, sorted by name."""
        return (self.place(kind) / name for name in self.names(kind))

    def read(self, path: Path) -> Response:
        """Read a pending response."""
        response = from_object(Response, self._read_json(path), safe(path.name))
        check_name(path.name.removesuffix(self.cipher.suffix), response.response_id)
        return response

    def read_text(self, path: Path) -> Text:
        """Read a pending text; its file name is not checked."""
        return from_object(Text, self._read_json(path), safe(path.name))

    def _read_json(self, path: Path) -> object:
        return parse_json(self.cipher.unwrap(read_file(path), path.name), where=path)


def file_names(folder: Path) -> list[str]:
    """The names of all files in a subfolder, sorted; empty if there is no such folder."""
    return _listed(folder) if folder.is_dir() else []


def _listed(folder: Path) -> list[str]:
    with files.faults_named(folder), os.scandir(folder) as entries:
        names = {entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)}
    hidden = {name for name in names if name.startswith(".")}
    return sorted(names.difference(hidden, OWN_FILES))


def refuse_foreign(responses: Responses) -> None:
    """Raise a StoreError if a folder contains files, but none that belong to a responses folder."""
    # The files in a drop folder cannot be listed.
    is_listed = responses.folder.is_dir() and not files.is_drop(responses.folder)
    names = responses.names() if is_listed else []
    if not names or any(map(is_record, names)):
        return
    ours = (*OWN_FILES, "sealed", "texts", TIMES_FOLDER)
    if not any(os.path.lexists(responses.folder / name) for name in ours):
        raise StoreError(
            f"This is not a responses folder: it contains no {FOLDER_FILE} and no responses.",
            where=responses.folder,
            hint="Specify the responses folder with --responses.",
        )


def terms_of(responses: Responses, loaded: Loaded) -> tuple[Folder | None, list[LeftOut]]:
    """The terms of a folder, read from `folder.json` or inferred, and any faults of that file."""
    terms = responses.terms()
    if terms is None:
        found = terms_found(responses)
        is_empty = found is None and not any(responses.names(kind) for kind in Kind)
        return found, [] if is_empty else [(FOLDER_FILE, MISSING)]
    path = responses.folder / FOLDER_FILE
    wrong = ""
    if terms.questionnaire != loaded.questionnaire.id:
        wrong = f"the folder was created for {terms.questionnaire}"
    elif terms.detail == "full" and not terms.recipients:
        wrong = "it specifies full detail, which is allowed only in an encrypted folder"
    # An unusual key order, number format or layout could identify a folder.
    elif read_file(path) != as_json(terms):
        wrong = REWRITTEN
    wrong = wrong or "; ".join(files.findings_on(path))
    return terms, [(FOLDER_FILE, safe(wrong))] if wrong else []


def terms_found(responses: Responses) -> Folder | None:
    """The terms inferred from a response, preferably a sealed one; None without a response."""
    for response in _readable(responses):
        return Folder(
            questionnaire=response.questionnaire.id,
            detail=response.detail,
            synthetic=response.synthetic,
        )
    return None


def _readable(responses: Responses) -> Iterator[Response]:
    """The first response of each segment, then pending responses; unreadable ones are skipped."""
    segments = responses.segments
    for name in sorted(segments.sizes(Kind.RESPONSE)[0]):
        with suppress(StoreError):
            with closing(segments.lines(Kind.RESPONSE, name)) as lines:
                line = next(lines, b"")
            yield from_object(Response, parse_json(line), safe(name))
    for path in responses.files():
        with suppress(StoreError):
            yield responses.read(path)


def called(folder: Folder) -> str:
    """A description of the terms of a folder, for messages."""
    kind = "synthetic" if folder.synthetic else "real"
    shown = ", ".join(show(safe(each)) for each in folder.recipients)
    encrypted = f", encrypted to {shown}" if shown else ", not encrypted"
    detail = f" in {folder.detail} detail" if folder.detail != "coarse" else ""
    return f"{kind} responses to {safe(folder.questionnaire)}{detail}{encrypted}"
