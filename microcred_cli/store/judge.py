"""Validation of records against the questionnaire and the terms of their folder."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

from pydantic_core import from_json, to_json

from microcred_cli.files.reading import DamagedError
from microcred_cli.files.strict_json import parse_json
from microcred_cli.questionnaire.models import Open
from microcred_cli.questionnaire.values import BLANK, GIVEN
from microcred_cli.records.canonical import FileForm, LineForm, Recognition
from microcred_cli.records.formats import COARSE_MINUTES, FINE_MINUTES, RESPONSE
from microcred_cli.records.identifiers import find_identifiers
from microcred_cli.records.recoding import recode, stored
from microcred_cli.records.shapes import (
    Detail,
    Folder,
    Mode,
    QuestionnaireRef,
    Response,
    Status,
    Text,
    answer_from,
    from_object,
    serialise,
    stored_answer,
)
from microcred_cli.records.validation import Agreement, text_limits
from microcred_cli.store.layout import REWRITTEN, Kind, check_name
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.questionnaire.loading import Loaded

_KEYS: Final = {
    Kind.RESPONSE: tuple(key for key in Response.model_fields if key != "language"),
    Kind.TEXT: tuple(Text.model_fields),
}
EARLIER: Final = (
    "it was written by an earlier version of microcred, which stored more details: summarise it "
    "with that version, and store new responses in another folder"
)
"""The fault of a response that has details stored only by earlier versions of the program."""

PLAIN_WORDS: Final = re.compile("[!-~]+(?: [!-~]+)*")
"""Matches most texts that `clean` would not change, to avoid calling it."""

_ID: Final = re.compile(r"[0-9a-f]{32}")
_MINUTES: Final = frozenset(COARSE_MINUTES)
_ALLOWED: Final = {
    "status": get_args(Status),
    "mode": get_args(Mode),
    "detail": ("coarse",),
    "shuffle_seed": (None,),
}
"""The allowed values of these keys in a response with coarse detail."""


class Accepted(NamedTuple):
    """A valid record.

    `line` is the record as a line of a segment, without the newline. A response has `answers` to be
    counted and, if the duration was measured, `minutes`. A text has the `item` whose pool it
    belongs to.
    """

    record_id: str
    line: bytes
    answers: Mapping[str, Any]
    item: str
    minutes: int | None


class Judge:
    """Validates the records of one folder for one questionnaire; `terms` is None if unknown."""

    def __init__(self, loaded: Loaded, terms: Folder | None) -> None:
        self._loaded = loaded
        self._terms = terms
        questionnaire = self.asked = loaded.questionnaire
        self.ref = QuestionnaireRef(
            id=questionnaire.id, version=questionnaire.version, sha256=loaded.sha256
        )
        self._ref = [*self.ref.model_dump().items()]
        self.detail: Detail = terms.detail if terms is not None else "coarse"
        recorded = stored(questionnaire) if self.detail == "coarse" else questionnaire
        self._agreement = agreement = Agreement(recorded)
        self._in_files = Recognition(agreement, FileForm(agreement.ids), self._has_valid_head)
        self._in_lines = Recognition(agreement, LineForm(agreement.ids), self._has_valid_head)
        self._open = [item.id for item in recorded.items if isinstance(item, Open)]
        self._text_limits = text_limits(questionnaire)
        self.text_keys = self._text_limits.keys()
        """The possible keys of texts: for remarks on items, open items, and options with a text."""

    def __reduce__(self) -> tuple[type[Judge], tuple[object, ...]]:
        """Pickle only the definition and the terms, from which another machine can make a copy."""
        return Judge, (self._loaded, self._terms)

    def record(self, kind: Kind, data: bytes, name: str | None = None) -> Accepted:
        """Validate the content of a file called `name` or, without a name, of a line.

        Raises a StoreError if the record is invalid; the message has the reason but quotes no
        content.
        """
        return self._canonical(kind, data, name) or self._any(kind, data, name)

    def _canonical(self, kind: Kind, data: bytes, name: str | None) -> Accepted | None:
        """Fast path for records in canonical form; None for all others.

        A record is in canonical form if serialising it again gives the same bytes: no key is
        repeated, and numbers and characters have their standard form.
        """
        if kind is Kind.TEXT:
            return self._canonical_text(data, name)
        if self.detail != "coarse":
            return None
        found = (self._in_lines if name is None else self._in_files).response(data)
        if found is None or name not in (None, f"{found.record_id}.json"):
            return None
        return Accepted(found.record_id, found.line, found.answers, "", found.minutes)

    def _canonical_text(self, data: bytes, name: str | None) -> Accepted | None:
        try:
            value = from_json(data, allow_inf_nan=False)
        except ValueError:
            return None
        if not isinstance(value, dict) or tuple(value) != _KEYS[Kind.TEXT]:
            return None
        line = to_json(value)
        written = line if name is None else to_json(value, indent=2) + b"\n"
        is_text = written == data and self._belongs(Kind.TEXT, value) and self._has_text(value)
        is_named = is_text and name in (None, f"{value['text_id']}.json")
        return _accepted(Kind.TEXT, value, line) if is_named else None

    def _belongs(self, kind: Kind, value: dict[str, Any]) -> bool:
        """True if these are the format, id, questionnaire and purpose of a record in the folder."""
        record_id, ref, synthetic = value[kind.id_key], value["questionnaire"], value["synthetic"]
        return bool(
            value["format"] == kind.form
            and isinstance(record_id, str)
            and _ID.fullmatch(record_id)
            and isinstance(ref, dict)
            and [*ref.items()] == self._ref
            and isinstance(synthetic, bool)
            and (self._terms is None or synthetic is self._terms.synthetic)
        )

    def _has_valid_head(self, value: dict[str, Any]) -> bool:
        """True if everything in a response except the answers is valid."""
        if tuple(value) != _KEYS[Kind.RESPONSE]:
            return False
        minutes = value["duration_minutes"]
        return (
            self._belongs(Kind.RESPONSE, value)
            and all(value[key] in allowed for key, allowed in _ALLOWED.items())
            and (minutes is None or (type(minutes) is int and minutes in _MINUTES))
        )

    def _has_text(self, value: dict[str, Any]) -> bool:
        item, text = value["item"], value["text"]
        return isinstance(item, str) and isinstance(text, str) and not self._wrong_words(item, text)

    def _any(self, kind: Kind, data: bytes, name: str | None) -> Accepted:
        value = parse_json(data, where=name)
        if kind is Kind.RESPONSE and self._is_earlier(value):
            raise _refused(EARLIER)
        where = safe(name or "a line")
        record: Response | Text
        if kind is Kind.RESPONSE:
            record = from_object(Response, value, where)
        else:
            record = from_object(Text, value, where)
        if name is not None:
            check_name(name, getattr(record, kind.id_key))
        if wrong := self.wrong_with(record):
            raise _refused(wrong)
        line = as_line(record)
        if data != (line if name is None else serialise(record)):
            raise _refused(REWRITTEN)
        accepted = _accepted(kind, json.loads(line), line)
        if self.detail == "coarse":
            return accepted
        # Counts always use coarse codes, even in a folder with full detail.
        items = self._loaded.questionnaire.by_id
        answers = {
            key: stored_answer(recode(items[key], answer_from(value)))
            for key, value in accepted.answers.items()
        }
        return accepted._replace(answers=answers)

    def _is_earlier(self, value: object) -> bool:
        """True if this looks like a response from a version that stored more details."""
        if not isinstance(value, dict) or value.get("format") != RESPONSE:
            return False
        answers, minutes = value.get("answers"), value.get("duration_minutes")
        if not isinstance(answers, dict):
            return False
        opened = [answers.get(item) for item in self._open]
        if GIVEN in opened or BLANK in opened:
            return True
        is_fine = type(minutes) is int and minutes in FINE_MINUTES and minutes not in _MINUTES
        has_seed = type(value.get("shuffle_seed")) is int
        return value.get("detail") == "coarse" and (is_fine or has_seed)

    def wrong_with(self, record: Response | Text) -> str:
        """The reason why a record is invalid; empty if it is valid."""
        if other := self._other_questionnaire(record.questionnaire):
            return other
        if isinstance(record, Text):
            return self._wrong_words(record.item, record.text) or self._unlike(record)
        answers = {key: answer_from(value) for key, value in record.answers.items()}
        wrong = self._agreement.faults(answers, record.status)
        said = "; ".join(f"{item or 'answers'}: {reason}" for item, reason in wrong)
        return said or self._unlike(record)

    def _wrong_words(self, key: str, text: str) -> str:
        longest = self._text_limits.get(key)
        if longest is None:
            return "it does not belong to any question"
        is_clean = PLAIN_WORDS.fullmatch(text) or (text and clean(text) == text)
        if not is_clean or len(text) > longest:
            return "its text is not in the normalised form in which texts are stored"
        if find_identifiers(text):
            return "its text contains something that could identify a person"
        return ""

    def _other_questionnaire(self, ref: QuestionnaireRef) -> str:
        if ref.id != self.ref.id:
            return f"it belongs to another questionnaire, {safe(ref.id)}"
        if ref.version != self.ref.version:
            return f"it belongs to version {safe(ref.version)}, not {self.ref.version}"
        if ref.sha256 != self.ref.sha256:
            return "it was created with a different definition of the same version"
        return ""

    def misfit(self, ref: QuestionnaireRef, *, synthetic: bool) -> str:
        """The reason why a file does not belong in this folder; empty if it does."""
        return self._other_questionnaire(ref) or self._other_purpose(synthetic)

    def _other_purpose(self, synthetic: bool) -> str:
        if self._terms is None or synthetic == self._terms.synthetic:
            return ""
        kind, other = ("synthetic", "real") if synthetic else ("real", "synthetic")
        return f"it is {kind}, but the folder was created for {other} responses"

    def _unlike(self, record: Response | Text) -> str:
        """The conflict between a record and the terms of its folder; empty if there is none."""
        if other := self._other_purpose(record.synthetic):
            return other
        if isinstance(record, Response) and record.detail != self.detail:
            return f"it is in {record.detail} detail, but the folder is for {self.detail} detail"
        return ""


def as_line(record: Response | Text) -> bytes:
    """A record as a line of a segment, without the newline."""
    shape = json.loads(serialise(record))
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode()


def as_file(line: bytes) -> bytes:
    """The content of a pending file for the record in a line of a segment."""
    return (json.dumps(json.loads(line), ensure_ascii=False, indent=2) + "\n").encode()


def _accepted(kind: Kind, value: Mapping[str, Any], line: bytes) -> Accepted:
    answers, minutes = value.get("answers", {}), value.get("duration_minutes")
    return Accepted(value[kind.id_key], line, answers, value.get("item", ""), minutes)


def _refused(reason: str) -> DamagedError:
    return DamagedError(reason, hint="Move the file elsewhere; other records can still be used.")
