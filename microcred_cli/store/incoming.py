"""What a file from elsewhere holds: a record that can be used, something damaged, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.crypto.cipher import CLEAR, is_wrapped
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import DamagedError
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.formats import RESPONSE, TEXT
from microcred_cli.store.judge import as_file
from microcred_cli.store.quarantine import Misfit
from microcred_cli.store.segments import RESPONSE_START, TEXT_START, id_in
from microcred_cli.store.sources import id_named

if TYPE_CHECKING:
    from microcred_cli.crypto.cipher import Cipher
    from microcred_cli.store.judge import Judge


@dataclass(frozen=True, slots=True)
class Found:
    """A record that can be used: as the file that waits, and as a line of what is sealed.

    What is encrypted is carried as it is; without a key nothing else is known, and `line` is empty.
    """

    record_id: str
    data: bytes
    line: bytes
    is_text: bool
    clear: bytes = b""
    """What it holds, as far as that is known."""

    def is_same(self, other: Found) -> bool:
        """Whether another one holds the same, as far as that can be known."""
        is_known = bool(self.clear) and bool(other.clear)
        return self.data == other.data or (is_known and self.clear == other.clear)


@dataclass(frozen=True, slots=True)
class Sieve:
    """Tells what files from elsewhere hold, as they stand in a folder with this `cipher`."""

    judge: Judge
    cipher: Cipher = CLEAR

    def sift(self, name: str, data: bytes, *, is_text: bool) -> Found | Misfit | None:
        """What a file holds; None if it is nothing of a responses folder.

        Args:
            name: the file's name.
            data: all it holds.
            is_text: whether it stands among the texts.
        """
        claimed = id_named(name)
        if not (claimed or is_wrapped(data) or _held(data)):
            return None
        try:
            if not self.cipher.opens:
                return self._unopened(name, data, claimed, is_text=is_text)
            clear = self.cipher.unwrap(data, name)
            return self._opened(name.removesuffix(self.cipher.suffix), data, clear, is_text)
        except StoreError as error:
            return Misfit(data, error.message, claimed)

    def _opened(self, name: str, data: bytes, clear: bytes, is_text: bool) -> Found:
        claimed = id_named(name)
        if name == f"{claimed}.json":
            try:
                return self._judged(data, clear, claimed, is_text=is_text)
            except StoreError:
                # It may be of the other kind.
                if (held := _held(clear)) is None or held[1] is is_text:
                    raise
        own_id, is_text = _held(clear) or ("", is_text)
        return self._judged(data, clear, claimed or own_id, is_text=is_text)

    def _unopened(self, name: str, data: bytes, claimed: str, *, is_text: bool) -> Found:
        """What can be known without a key: its name, its form and its length."""
        self.cipher.check_wrapped(data, name)
        if name != f"{claimed}.json{self.cipher.suffix}":
            raise DamagedError(
                "Its name is not that of a record, and only a key tells what it is.",
                hint="Collect it with --identity FILE.",
            )
        return Found(claimed, data, b"", is_text)

    def sift_line(self, line: bytes, *, is_text: bool) -> Found | Misfit:
        """What a line of a sealed file, or of a pool of texts, holds.

        Raises:
            StoreError: it cannot be encrypted, because no public key was given.
        """
        try:
            if is_text:
                record_id = self.judge.text(line).text_id
            else:
                record_id = self.judge.response(line).response_id
        except StoreError as error:
            record_id = id_in(line, TEXT_START if is_text else RESPONSE_START) or ""
            # Spaces at its end cannot be told from those that an encrypted file is padded with.
            clear = (line.rstrip(b" ") if self.cipher.suffix else line) + b"\n"
            return Misfit(self.cipher.wrap(clear), error.message, record_id, clear)
        clear = as_file(line)
        return Found(record_id, self.cipher.wrap(clear), line, is_text, clear)

    def _judged(self, data: bytes, clear: bytes, record_id: str, *, is_text: bool) -> Found:
        name = f"{record_id}.json"
        line = (
            self.judge.text(clear, name).line if is_text else self.judge.response(clear, name).line
        )
        return Found(record_id, data, line, is_text, clear)


def _held(data: bytes) -> tuple[str, bool] | None:
    """The id that a record of ours says it has, and whether it is a text; None if it is neither."""
    try:
        value = parse_json(data)
    except StoreError:
        return None
    kind = value.get("format") if isinstance(value, dict) else None
    if not isinstance(value, dict) or kind not in (RESPONSE, TEXT):
        return None
    return id_named(str(value.get("text_id" if kind == TEXT else "response_id"))), kind == TEXT
