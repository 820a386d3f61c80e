"""Recognition of valid responses in canonical form by their parts.

The program writes a response in one of two *forms*: as a file, with line breaks and spaces, or as a
line without them. A response is cut into its *head* (everything before the answers), and each
answer. Nearly all of these parts occur in many other responses, so a part is parsed and judged when
it is first seen, and recognised by its bytes afterwards.

A response consists of its parts and of the bytes at which it is cut, and of nothing else.
Therefore, it is in canonical form if all parts are: no key is repeated, and numbers and characters
have their standard form.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import from_json, to_json

from microcred_cli.records.formats import RESPONSE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microcred_cli.records.validation import Agreement

_MOST_KEPT: Final = 50_000
"""The maximum number of answers that are remembered."""

_MOST_HEADS: Final = 1_000
_ID: Final = re.compile(rb"[0-9a-f]{32}")


class Recognised(NamedTuple):
    """A valid response; `line` is the response in the form of lines, and `minutes` its duration."""

    record_id: str
    line: bytes
    answers: dict[str, Any]
    minutes: int | None


class _Head(NamedTuple):
    """A valid head; `in_line` is the rest of the head after the id, in the form of lines."""

    in_line: bytes
    status: str
    minutes: int | None


_Answer = tuple[Any, bytes, int]
"""A valid answer: its value, its key and value in the form of lines, its mark in a route."""


class FileForm:
    """The form of files."""

    start = f'{{\n  "format": "{RESPONSE}",\n  "response_id": "'.encode()
    begin, end = b'"answers": {\n    "', b"\n  }\n}\n"
    rows_begin, between_rows, rows_end = b'{\n      "', b',\n      "', b"\n    }"
    empty = b'"answers": {}\n}\n'

    def __init__(self, ids: Sequence[str]) -> None:
        self.keys = [f'{each}": '.encode() for each in ids]

    def cut(self, answers: bytes) -> list[bytes]:
        """Cut the answers apart; each begins with a key."""
        return answers.split(b',\n    "')

    def written(self, value: object) -> bytes:
        """An answer in this form, without its key."""
        return to_json(value, indent=2).replace(b"\n", b"\n    ")

    def whole(self, value: object) -> bytes:
        """A record in this form."""
        return to_json(value, indent=2) + b"\n"


class LineForm:
    """The form of lines."""

    start = f'{{"format":"{RESPONSE}","response_id":"'.encode()
    begin, end = b'"answers":{', b"}}"
    rows_begin, between_rows, rows_end = b'{"', b',"', b"}"
    empty = b'"answers":{}}'

    def __init__(self, ids: Sequence[str]) -> None:
        self.keys = [b"" for _ in ids]
        self._seams = [f'{"," if n else ""}"{each}":'.encode() for n, each in enumerate(ids)]

    def cut(self, answers: bytes) -> list[bytes]:
        """Cut the answers apart, without their keys; there are fewer parts if a key is missing."""
        parts: list[bytes] = []
        start = 0
        for seam in self._seams:
            end = answers.find(seam, start)
            if end < 0:
                break
            parts.append(answers[start:end])
            start = end + len(seam)
        return [*parts[1:], answers[start:]] if parts[:1] == [b""] else []

    def written(self, value: object) -> bytes:
        """An answer in this form, without its key."""
        return to_json(value)

    whole = written
    """A record in this form, which is written like an answer."""


class Recognition:
    """Recognises responses that are written in one form.

    `is_valid` validates a parsed response without answers; the result must not depend on its id.
    """

    def __init__(
        self,
        agreement: Agreement,
        form: FileForm | LineForm,
        is_valid: Callable[[dict[str, Any]], bool],
    ) -> None:
        self._agreement, self._form, self._is_valid = agreement, form, is_valid
        self._heads: dict[bytes, _Head] = {}
        self._known: list[dict[bytes, _Answer]] = [{} for _ in agreement.ids]
        self._kept = 0
        self._in_line = [f'"{each}":'.encode() for each in agreement.ids]
        self._rows = [
            _Rows(form, rows, before, partial(agreement.mark, number)) if rows else None
            for number, (rows, before) in enumerate(zip(agreement.rows, self._in_line, strict=True))
        ]

    def response(self, data: bytes) -> Recognised | None:
        """The response in these bytes; None if it is not a valid response in canonical form."""
        form, agreement = self._form, self._agreement
        before, begin, after = data.partition(form.begin)
        place = len(form.start)
        record_id, rest = before[place : place + 32], before[place + 32 :]
        if not (begin and before.startswith(form.start) and after.endswith(form.end)):
            return None
        head = self._heads.get(rest) or self._head(before, rest)
        if head is None or _ID.fullmatch(record_id) is None:
            return None
        found = self._answers(form.cut(after[: -len(form.end)]))
        if found is None:
            return None
        values, in_line, marks = zip(*found, strict=True)
        answers = dict(zip(agreement.ids, values, strict=True))
        if not agreement.is_on_route(answers, head.status, marks):
            return None
        line = b"%s%s%s%s}}" % (LineForm.start, record_id, head.in_line, b",".join(in_line))
        return Recognised(record_id.decode(), line, answers, head.minutes)

    def _head(self, before: bytes, rest: bytes) -> _Head | None:
        """The head in these bytes, of which `rest` follows the id."""
        written = before + self._form.empty
        try:
            value = from_json(written, allow_inf_nan=False)
        except ValueError:
            return None
        if not isinstance(value, dict) or self._form.whole(value) != written:
            return None
        if not self._is_valid(value):
            return None
        in_line = to_json(value)[len(LineForm.start) + 32 : -len("}}")]
        head = _Head(in_line, value["status"], value["duration_minutes"])
        if len(self._heads) < _MOST_HEADS:
            self._heads[rest] = head
        return head

    def _answers(self, parts: Sequence[bytes]) -> list[_Answer] | None:
        """The answers in these parts; None if any of them is invalid."""
        if len(parts) != len(self._known):
            return None
        found = [*map(dict.get, self._known, parts)]
        for number in [number for number, answer in enumerate(found) if answer is None]:
            answer = self._judge(number, parts[number])
            if answer is None:
                return None
            found[number] = answer
        return found  # type: ignore[return-value]

    def _judge(self, number: int, part: bytes) -> _Answer | None:
        key, rows = self._form.keys[number], self._rows[number]
        if not part.startswith(key):
            return None
        written = part[len(key) :]
        if rows is not None and (known := rows.answer(written)) is not None:
            return known
        try:
            value = from_json(written, allow_inf_nan=False)
        except ValueError:
            return None
        mark = self._agreement.mark(number, value)
        if mark is None or self._form.written(value) != written:
            return None
        answer = value, self._in_line[number] + to_json(value), mark
        if rows is not None and isinstance(value, dict):
            # The answers to a whole matrix are nearly all different.
            rows.keep(written, value)
        else:
            self._keep(number, part, answer)
        return answer

    def _keep(self, number: int, part: bytes, answer: _Answer) -> None:
        if self._kept >= _MOST_KEPT:
            for known in self._known:
                known.clear()
            self._kept = 0
        self._known[number][part] = answer
        self._kept += 1


class _Rows:
    """Recognises the answers to a matrix by its rows.

    `in_line` is the key of the matrix in the form of lines. `mark` returns the mark of an answer,
    which depends only on the set of its codes.
    """

    def __init__(
        self,
        form: FileForm | LineForm,
        rows: Sequence[str],
        in_line: bytes,
        mark: Callable[[dict[str, str]], int | None],
    ) -> None:
        self._form, self._rows, self._in_line, self._mark = form, rows, in_line, mark
        self._known: list[dict[bytes, tuple[str, bytes]]] = [{} for _ in rows]
        self._marks: dict[frozenset[str], int | None] = {}

    def answer(self, written: bytes) -> _Answer | None:
        """The answer in these bytes; None if it is invalid, or a row is not known."""
        parts = self._cut(written)
        if len(parts) != len(self._rows):
            return None
        found = [*map(dict.get, self._known, parts)]
        if None in found:
            return None
        codes_in_rows, rows = zip(*found, strict=True)
        value = dict(zip(self._rows, codes_in_rows, strict=True))
        codes = frozenset(codes_in_rows)
        mark = self._marks.get(codes)
        if mark is None:
            mark = self._marks[codes] = self._mark(value)
        in_line = b"%s{%s}" % (self._in_line, b",".join(rows))
        return None if mark is None else (value, in_line, mark)

    def keep(self, written: bytes, value: dict[str, str]) -> None:
        """Remember the rows of a valid answer in canonical form."""
        parts = self._cut(written)
        if len(parts) == len(self._rows):
            for known, part, (row, code) in zip(self._known, parts, value.items(), strict=True):
                known[part] = code, to_json({row: code})[1:-1]

    def _cut(self, written: bytes) -> list[bytes]:
        begin, end = self._form.rows_begin, self._form.rows_end
        if not (written.startswith(begin) and written.endswith(end)):
            return []
        return written[len(begin) : -len(end)].split(self._form.between_rows)
