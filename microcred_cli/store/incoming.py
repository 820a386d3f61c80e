"""Classification of files and lines from a source as valid, rejected or foreign."""

from __future__ import annotations

from dataclasses import dataclass

from microcred_cli.crypto.cipher import CLEAR, Age, Cipher, is_wrapped
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import DamagedError
from microcred_cli.files.strict_json import parse_json
from microcred_cli.store.judge import Judge, as_file
from microcred_cli.store.layout import Kind
from microcred_cli.store.quarantine import Rejected
from microcred_cli.store.segments import id_in
from microcred_cli.store.sources import id_named


@dataclass(frozen=True, slots=True)
class Record:
    """A valid record, with the bytes of its pending file and its line in a segment.

    `data` is the unchanged content of the file, even if it is encrypted. `clear` is the decrypted
    content; without a key, `line` and `clear` are empty.
    """

    kind: Kind
    record_id: str
    data: bytes
    line: bytes = b""
    clear: bytes = b""

    def is_same(self, other: Record) -> bool:
        """True if the other record is known to have the same content."""
        is_known = bool(self.clear) and bool(other.clear)
        return self.data == other.data or (is_known and self.clear == other.clear)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Classifies records from a source by means of the destination folder's judge and cipher."""

    judge: Judge
    cipher: Cipher = CLEAR

    def classify(self, kind: Kind, name: str, data: bytes) -> Record | Rejected | None:
        """Classify a file from a folder for this kind of record; None if the file is foreign."""
        claimed = id_named(name)
        if not (claimed or is_wrapped(data) or _claims_of(data)):
            return None
        try:
            if isinstance(self.cipher, Age) and not self.cipher.opens:
                # Without a key, only the file's name, header and length can be checked.
                self.cipher.check_wrapped(data, name)
                if name == f"{claimed}.json{self.cipher.suffix}":
                    return Record(kind, claimed, data)
                raise DamagedError(
                    "The file name is not valid for a record, so the file can only be checked "
                    "with a key.",
                    hint="Collect the file with --identity FILE.",
                )
            clear = self.cipher.unwrap(data, name)
            return self._opened(kind, name.removesuffix(self.cipher.suffix), data, clear)
        except StoreError as error:
            return Rejected(data, error.message, claimed)

    def _opened(self, kind: Kind, name: str, data: bytes, clear: bytes) -> Record:
        claimed = id_named(name)
        if name == f"{claimed}.json":
            try:
                return self._judged(kind, claimed, data, clear)
            except StoreError:
                # The file may contain a record of the other kind.
                if (claims := _claims_of(clear)) is None or claims[0] is kind:
                    raise
        kind, own_id = _claims_of(clear) or (kind, "")
        return self._judged(kind, claimed or own_id, data, clear)

    def _judged(self, kind: Kind, record_id: str, data: bytes, clear: bytes) -> Record:
        line = self.judge.record(kind, clear, f"{record_id}.json").line
        return Record(kind, record_id, data, line, clear)

    def classify_line(self, kind: Kind, line: bytes) -> Record | Rejected:
        """Classify a line of a segment; raises a StoreError if the record cannot be encrypted."""
        try:
            record_id = self.judge.record(kind, line).record_id
        except StoreError as error:
            # Trailing spaces cannot be told apart from the padding of an encrypted file.
            clear = (line.rstrip(b" ") if self.cipher.suffix else line) + b"\n"
            claimed = id_in(line, kind) or ""
            return Rejected(self.cipher.wrap(clear), error.message, claimed, clear)
        clear = as_file(line)
        return Record(kind, record_id, self.cipher.wrap(clear), line, clear)


def _claims_of(data: bytes) -> tuple[Kind, str] | None:
    """The kind and id that the data states; None if the data does not look like a record."""
    try:
        value = parse_json(data)
    except StoreError:
        return None
    if isinstance(value, dict):
        for kind in Kind:
            if value.get("format") == kind.form:
                return kind, id_named(str(value.get(kind.id_key)))
    return None
