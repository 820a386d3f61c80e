"""What a file from elsewhere holds: a record that can be used, something damaged, or neither."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError
from microcred_cli.formats import RESPONSE, TEXT
from microcred_cli.store.apart import Misfit
from microcred_cli.store.reading import parse_json
from microcred_cli.store.sources import id_named

if TYPE_CHECKING:
    from microcred_cli.store.judging import Judge


@dataclass(frozen=True, slots=True)
class Found:
    """A record that can be used: as the file that waits, and as a line of what is sealed.

    `item` is what a text belongs to; a response has none.
    """

    record_id: str
    data: bytes
    line: bytes
    item: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether it is a text, and no response."""
        return self.item is not None

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.record_id}.json"


def sift(judge: Judge, name: str, data: bytes, *, is_text: bool) -> Found | Misfit | None:
    """What a file holds; None if it is nothing of a responses folder.

    Args:
        judge: says what can be used.
        name: the file's name.
        data: all it holds.
        is_text: whether it stands among the texts.
    """
    claimed = id_named(name)
    if name == f"{claimed}.json":
        try:
            return _judged(judge, data, claimed, is_text=is_text)
        except StoreError as error:
            reason = error.message
    else:
        reason = "it is no response and no text"
    held = _held(data)
    if held is None:
        return Misfit(data, reason, claimed) if claimed else None
    own_id, is_text = held
    try:
        return _judged(judge, data, claimed or own_id, is_text=is_text)
    except StoreError as error:
        return Misfit(data, error.message, claimed)


def sift_line(judge: Judge, line: bytes, *, is_text: bool) -> Found | Misfit:
    """What a line of a sealed file, or of a pool of texts, holds."""
    try:
        if is_text:
            text = judge.text(line)
            return Found(text.text_id, _as_file(line), line, text.item)
        return Found(judge.response(line).response_id, _as_file(line), line)
    except StoreError as error:
        return Misfit(line + b"\n", error.message)


def _judged(judge: Judge, data: bytes, record_id: str, *, is_text: bool) -> Found:
    name = f"{record_id}.json"
    if is_text:
        text = judge.text(data, name)
        return Found(text.text_id, data, text.line, text.item)
    return Found(record_id, data, judge.response(data, name).line)


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


def _as_file(line: bytes) -> bytes:
    return (json.dumps(json.loads(line), ensure_ascii=False, indent=2) + "\n").encode()
