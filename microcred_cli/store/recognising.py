"""Responses in the program's own handwriting, recognised without parsing them whole.

A response file has one layout only, and most answers have been met before. So the file is cut into
its items, and each piece is looked up; only a new piece is parsed and checked. What is not in that
handwriting to the last byte is not recognised, and has to be looked at closely.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from microcred_cli.errors import StoreError
from microcred_cli.formats import RESPONSE, TEXT
from microcred_cli.questionnaire.models import Matrix, allowed_missing
from microcred_cli.questionnaire.values import NOT_REACHED
from microcred_cli.recoding import stored_codes
from microcred_cli.store.reading import parse_json

if TYPE_CHECKING:
    from microcred_cli.consistency import Agreement
    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.records import QuestionnaireRef

_MOST_KEPT: Final = 20_000
_BETWEEN: Final = b',\n    "'
_END: Final = b"\n  }\n}\n"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.+-]+")
_BEFORE_CODE: Final = b'\n      "'
_BETWEEN_CODES: Final = b'",\n      "'
_AFTER_CODES: Final = b'"\n    ]'


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a response in the program's handwriting says; `line` is that of a sealed file."""

    response_id: str
    synthetic: bool
    status: str
    answers: dict[str, Any]
    line: bytes


class Recogniser:
    """Recognises valid responses to one questionnaire.

    Args:
        recorded: the questionnaire of the stored records.
        ref: which questionnaire it is.
        agreement: says whether answers agree with it.
    """

    def __init__(
        self, recorded: Questionnaire, ref: QuestionnaireRef, agreement: Agreement
    ) -> None:
        self._head = re.compile(_head(ref))
        self._compact_ref = _compact(ref)
        self._agreement = agreement
        self._pieces = [
            _Rows(item, stored_codes(recorded, item))
            if isinstance(item, Matrix)
            else _Piece(item, agreement, place, stored_codes(recorded, item))
            for place, item in enumerate(recorded.items)
        ]

    def recognise(self, data: bytes) -> Recognised | None:
        """The response in a file; None where one has to look closely."""
        head = self._head.match(data)
        if head is None or not data.endswith(_END):
            return None
        pieces = data[head.end() : -len(_END)].split(_BETWEEN)
        if len(pieces) != len(self._pieces):
            return None
        answers: dict[str, Any] = {}
        lines: list[bytes] = []
        for known, piece in zip(self._pieces, pieces, strict=True):
            found = known.found.get(piece) or known.read(piece)
            if found is None:
                return None
            answers[known.item], line = found
            lines.append(line)
        response_id, status, mode, minutes, synthetic = head.groups()
        said = status.decode()
        if not self._agreement.route_holds(answers, said):
            return None
        line = (
            b'{"format":"%s","response_id":"%s","questionnaire":%s,"status":"%s","mode":"%s",'
            b'"detail":"coarse","duration_minutes":%s,"shuffle_seed":null,"synthetic":%s,'
            b'"answers":{%s}}'
        ) % (
            RESPONSE.encode(),
            response_id,
            self._compact_ref,
            status,
            mode,
            minutes,
            synthetic,
            b",".join(lines),
        )
        return Recognised(response_id.decode(), synthetic == b"true", said, answers, line)


@dataclass(frozen=True, slots=True)
class RecognisedText:
    """What a text in the program's handwriting says; `line` is that of a pool."""

    text_id: str
    item: str
    text: str
    synthetic: bool
    line: bytes


class TextRecogniser:
    """Recognises texts to one questionnaire that have nothing to escape in JSON."""

    def __init__(self, ref: QuestionnaireRef) -> None:
        self._pattern = re.compile(
            rb'\{\n  "format": "' + re.escape(TEXT.encode()) + rb'",\n'
            rb'  "text_id": "([0-9a-f]{32})",\n' + re.escape(_shown(ref)) + rb",\n"
            rb'  "item": "([A-Za-z0-9_.-]+)",\n'
            rb'  "text": "([^"\\\x00-\x1f\x7f]*)",\n'
            rb'  "synthetic": (true|false)\n\}\n'
        )
        self._ref = _compact(ref)

    def recognise(self, data: bytes) -> RecognisedText | None:
        """The text in a file; None where one has to look closely."""
        match = self._pattern.fullmatch(data)
        if match is None:
            return None
        text_id, item, raw, synthetic = match.groups()
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return None
        line = (
            b'{"format":"%s","text_id":"%s","questionnaire":%s,"item":"%s","text":"%s",'
            b'"synthetic":%s}'
        ) % (TEXT.encode(), text_id, self._ref, item, raw, synthetic)
        return RecognisedText(text_id.decode(), item.decode(), text, synthetic == b"true", line)


class _Piece:
    """The part of a file with the answer to one item, without the first quotation mark."""

    def __init__(
        self, item: Item, agreement: Agreement, place: int, codes: tuple[str, ...]
    ) -> None:
        self.item = item.id
        self.found: dict[bytes, tuple[Any, bytes]] = {}
        self._agreement = agreement
        self._place = place
        self._codes = {code.encode(): code for code in codes if _PLAIN.fullmatch(code)}
        self._start = f'{item.id}": ['.encode() + _BEFORE_CODE
        self._line = b'"%s":["%%s"]' % item.id.encode()

    def read(self, piece: bytes) -> tuple[Any, bytes] | None:
        """The answer and its part of a line, if the piece is ours and its answer valid."""
        if piece.startswith(self._start) and piece.endswith(_AFTER_CODES):
            listed = piece[len(self._start) : -len(_AFTER_CODES)].split(_BETWEEN_CODES)
            answer = [self._codes.get(code) for code in listed]
            if None in answer or not self._agreement.value_holds(self._place, answer):
                return None
            return self._keep(piece, answer, self._line % b'","'.join(listed))
        return self._read_anything(piece)

    def _keep(self, piece: bytes, answer: object, line: bytes) -> tuple[Any, bytes]:
        if len(self.found) < _MOST_KEPT:
            self.found[piece] = answer, line
        return answer, line

    def _read_anything(self, piece: bytes) -> tuple[Any, bytes] | None:
        try:
            value = parse_json(b'{"' + piece + b"}")
        except StoreError:
            return None
        if not isinstance(value, dict) or list(value) != [self.item]:
            return None
        answer = value[self.item]
        if _written(self.item, answer) != piece:
            return None
        if not self._agreement.value_holds(self._place, answer):
            return None
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()
        return self._keep(piece, answer, line)


class _Rows:
    """The part of a file with the rows of a matrix: too many to be met again."""

    def __init__(self, item: Matrix, codes: tuple[str, ...]) -> None:
        self.item = item.id
        self.found: dict[bytes, tuple[Any, bytes]] = {
            _written(item.id, code): (code, f'"{item.id}":"{code}"'.encode())
            for code in ("not_asked", NOT_REACHED)
        }
        possible = {code: code for code in (*codes, *allowed_missing(item), NOT_REACHED)}
        self._codes = {code.encode(): code for code in possible}
        any_code = b"|".join(re.escape(code) for code in self._codes)
        rows = [re.escape(json.dumps(row.code).encode()) for row in item.rows]
        self._rows = [row.code for row in item.rows]
        inside = b",\\n".join(b'      %s: "(%s)"' % (row, any_code) for row in rows)
        start = re.escape(f'{item.id}": {{'.encode())
        self._pattern = re.compile(start + b"\\n" + inside + b"\\n    \\}")
        parts = b",".join(b'%s:"%%s"' % json.dumps(row).encode() for row in self._rows)
        self._line = b'"%s":{%s}' % (item.id.encode(), parts)

    def read(self, piece: bytes) -> tuple[Any, bytes] | None:
        """As that of `_Piece`."""
        match = self._pattern.fullmatch(piece)
        if match is None:
            return None
        given = match.groups()
        codes = self._codes
        answer = dict(zip(self._rows, [codes[code] for code in given], strict=True))
        if all(code == NOT_REACHED for code in answer.values()):
            return None
        return answer, self._line % given


def _written(item: str, answer: object) -> bytes:
    """How the program writes an answer, from its item's name on."""
    whole = json.dumps({"answers": {item: answer}}, ensure_ascii=False, indent=2)
    return whole[len('{\n  "answers": {\n    "') : -len("\n  }\n}")].encode()


def _compact(ref: QuestionnaireRef) -> bytes:
    return json.dumps(ref.model_dump(), ensure_ascii=False, separators=(",", ":")).encode()


def _shown(ref: QuestionnaireRef) -> bytes:
    shown = json.dumps({"questionnaire": ref.model_dump()}, ensure_ascii=False, indent=2)
    return shown[len("{\n") : -len("\n}")].encode()


def _head(ref: QuestionnaireRef) -> bytes:
    return b"".join(
        (
            rb'\{\n  "format": "' + re.escape(RESPONSE.encode()) + rb'",\n',
            rb'  "response_id": "([0-9a-f]{32})",\n',
            re.escape(_shown(ref)) + rb",\n",
            rb'  "status": "(complete|partial)",\n',
            rb'  "mode": "(self|phone|in_person)",\n',
            rb'  "detail": "coarse",\n',
            rb'  "duration_minutes": (null|10|20|30),\n',
            rb'  "shuffle_seed": null,\n',
            rb'  "synthetic": (true|false),\n',
            rb'  "answers": \{\n    "',
        )
    )
