"""Whether a response or a text can be used: one verdict for the check and for the seal."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json, to_json

from microcred_cli.files.reading import DamagedError
from microcred_cli.files.strict_json import parse_json
from microcred_cli.questionnaire.models import Choice, Open
from microcred_cli.questionnaire.values import BLANK, GIVEN, LONGEST_REMARK, REMARK
from microcred_cli.records.formats import COARSE_MINUTES, FINE_MINUTES, RESPONSE, TEXT
from microcred_cli.records.identifiers import find_identifiers
from microcred_cli.records.recoding import recode, stored
from microcred_cli.records.shapes import (
    QuestionnaireRef,
    Response,
    Text,
    answer_from,
    from_object,
    serialise,
    stored_answer,
)
from microcred_cli.records.validation import Agreement, faults
from microcred_cli.store.traces import REWRITTEN, check_name
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire, Specify
    from microcred_cli.records.shapes import Detail, Folder

_RESPONSE_KEYS: Final = tuple(key for key in Response.model_fields if key != "language")
_TEXT_KEYS: Final = tuple(Text.model_fields)
EARLIER: Final = (
    "it was written by an earlier version of microcred, which kept more of a response: summarise "
    "it with that version, and take new responses into another folder"
)
"""What is wrong with a response that tells who typed something, minutes to five, or a seed."""

PLAIN_WORDS: Final = re.compile("[!-~]+(?: [!-~]+)*")
"""What `clean` leaves as it is, at a glance."""

_ID: Final = re.compile(r"[0-9a-f]{32}")
_MINUTES: Final = frozenset(COARSE_MINUTES)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A response that can be used, as a line of a sealed file, without its end."""

    response_id: str
    answers: Mapping[str, Any]
    line: bytes


@dataclass(frozen=True, slots=True)
class AcceptedText:
    """A text that can be used, as a line of its item's pool, without its end."""

    text_id: str
    item: str
    line: bytes


class Judge:
    """Judges the records of one folder by one questionnaire.

    Args:
        loaded: the questionnaire as it was loaded.
        terms: what holds for the folder; None where nothing does yet.
    """

    def __init__(self, loaded: Loaded, terms: Folder | None) -> None:
        self._loaded = loaded
        self._terms = terms
        questionnaire = self.asked = loaded.questionnaire
        self.ref = QuestionnaireRef(
            id=questionnaire.id, version=questionnaire.version, sha256=loaded.sha256
        )
        coarse = stored(questionnaire)
        self._detail: Detail = terms.detail if terms is not None else "coarse"
        self.recorded = coarse if self._detail == "coarse" else questionnaire
        # Only coarse records are seen at a glance.
        self._agreement = Agreement(coarse)
        self._ref = [*self.ref.model_dump().items()]

    # -- responses

    def response(self, data: bytes, name: str | None = None) -> Accepted:
        """A response out of its file or line; `name` is that of the file.

        Raises:
            StoreError: it cannot be used; the message says why, and quotes nothing of it.
        """
        known = self._canonical_response(data, name) if self._detail == "coarse" else None
        return known or self._any_response(data, name)

    def _canonical_response(self, data: bytes, name: str | None) -> Accepted | None:
        """The response in canonical form; None where one has to look closer."""
        found = _canonical(data, name, _RESPONSE_KEYS)
        return None if found is None else self._sound(*found, name)

    def _sound(self, value: dict[str, Any], line: bytes, name: str | None) -> Accepted | None:
        response_id, answers = value["response_id"], value["answers"]
        minutes, seed, ref = (
            value["duration_minutes"],
            value["shuffle_seed"],
            value["questionnaire"],
        )
        is_sound = (
            value["format"] == RESPONSE
            and isinstance(response_id, str)
            and _ID.fullmatch(response_id)
            and name in (None, f"{response_id}.json")
            and isinstance(ref, dict)
            and [*ref.items()] == self._ref
            and value["status"] in ("complete", "partial")
            and value["mode"] in ("self", "phone", "in_person")
            and value["detail"] == "coarse"
            and (minutes is None or (type(minutes) is int and minutes in _MINUTES))
            and seed is None
            and isinstance(value["synthetic"], bool)
            and (self._terms is None or value["synthetic"] is self._terms.synthetic)
            and isinstance(answers, dict)
            and self._agreement.holds(answers, value["status"])
        )
        return Accepted(response_id, answers, line) if is_sound else None

    def _any_response(self, data: bytes, name: str | None) -> Accepted:
        value = parse_json(data, where=name)
        if self._is_earlier(value):
            raise _refused(EARLIER)
        record = from_object(Response, value, safe(name or "a line"))
        if name is not None:
            check_name(name, record.response_id)
        wrong = self.wrong_response(record)
        if wrong:
            raise _refused(wrong)
        line = as_line(record)
        _check_writing(data, record, line, name)
        return Accepted(record.response_id, self._to_count(json.loads(line)["answers"]), line)

    def _is_earlier(self, value: object) -> bool:
        """Whether this looks like a response of a version that kept more of it."""
        if not isinstance(value, dict) or value.get("format") != RESPONSE:
            return False
        answers, minutes = value.get("answers"), value.get("duration_minutes")
        if not isinstance(answers, dict):
            return False
        opened = [answers.get(i.id) for i in self.recorded.items if isinstance(i, Open)]
        if GIVEN in opened or BLANK in opened:
            return True
        is_fine = type(minutes) is int and minutes in FINE_MINUTES and minutes not in _MINUTES
        has_seed = type(value.get("shuffle_seed")) is int
        return value.get("detail") == "coarse" and (is_fine or has_seed)

    def _to_count(self, answers: dict[str, Any]) -> dict[str, Any]:
        """Answers in the coarse codes, which are what is counted in any folder."""
        if self._detail == "coarse":
            return answers
        items = self._loaded.questionnaire.by_id
        return {
            key: stored_answer(recode(items[key], answer_from(value)))
            for key, value in answers.items()
        }

    def wrong_response(self, response: Response) -> str:
        """What is wrong with a response; nothing if it can be used."""
        other = self._other_questionnaire(response.questionnaire)
        if other:
            return other
        answers = {key: answer_from(value) for key, value in response.answers.items()}
        wrong = faults(self.recorded, answers, response.status)
        said = "; ".join(f"{fault.item or 'answers'}: {fault.reason}" for fault in wrong)
        return said or self._unlike(response)

    # -- texts

    def text(self, data: bytes, name: str | None = None) -> AcceptedText:
        """A text out of its file or line; otherwise as `response`."""
        return self._canonical_text(data, name) or self._any_text(data, name)

    def _canonical_text(self, data: bytes, name: str | None) -> AcceptedText | None:
        """The text in canonical form; None where one has to look closer."""
        found = _canonical(data, name, _TEXT_KEYS)
        if found is None:
            return None
        value, line = found
        text_id, item, ref = value["text_id"], value["item"], value["questionnaire"]
        is_sound = (
            value["format"] == TEXT
            and isinstance(text_id, str)
            and _ID.fullmatch(text_id)
            and name in (None, f"{text_id}.json")
            and isinstance(ref, dict)
            and [*ref.items()] == self._ref
            and isinstance(value["synthetic"], bool)
            and (self._terms is None or value["synthetic"] is self._terms.synthetic)
            and isinstance(item, str)
            and isinstance(value["text"], str)
            and not self._wrong_words(item, value["text"])
        )
        return AcceptedText(text_id, item, line) if is_sound else None

    def _any_text(self, data: bytes, name: str | None) -> AcceptedText:
        record = from_object(Text, parse_json(data, where=name), safe(name or "a line"))
        if name is not None:
            check_name(name, record.text_id)
        wrong = self.wrong_text(record)
        if wrong:
            raise _refused(wrong)
        line = as_line(record)
        _check_writing(data, record, line, name)
        return AcceptedText(record.text_id, record.item, line)

    def wrong_text(self, text: Text) -> str:
        """What is wrong with a text; nothing if it can be used."""
        other = self._other_questionnaire(text.questionnaire)
        if other:
            return other
        return self._wrong_words(text.item, text.text) or self._unlike(text)

    def _wrong_words(self, key: str, text: str) -> str:
        longest = self._longest(key)
        if longest is None:
            return "it belongs to no question"
        is_clean = PLAIN_WORDS.fullmatch(text) or (text and clean(text) == text)
        if not is_clean or len(text) > longest:
            return "its text is not as the program keeps texts"
        if find_identifiers(text):
            return "its text still has what could identify someone"
        return ""

    def _longest(self, key: str) -> int | None:
        item_id, _, code = key.partition(".")
        questionnaire = self._loaded.questionnaire
        item = questionnaire.by_id.get(item_id)
        if item is not None and code == REMARK:
            return LONGEST_REMARK
        if isinstance(item, Open) and not code:
            return item.max_length
        if isinstance(item, Choice) and (specify := _specify(questionnaire, item, code)):
            return specify.max_length
        return None

    def text_keys(self) -> Iterator[str]:
        """What a text can belong to: an item by a remark, an open one, an option that asks."""
        questionnaire = self._loaded.questionnaire
        for item in questionnaire.items:
            yield f"{item.id}.{REMARK}"
            if isinstance(item, Open):
                yield item.id
            elif isinstance(item, Choice):
                options = questionnaire.options(item)
                yield from (f"{item.id}.{each.code}" for each in options if each.specify)

    # -- both

    def _other_questionnaire(self, ref: QuestionnaireRef) -> str:
        if ref.id != self.ref.id:
            return f"it answers another questionnaire, {safe(ref.id)}"
        if ref.version != self.ref.version:
            return f"it answers version {safe(ref.version)}, not {self.ref.version}"
        if ref.sha256 != self.ref.sha256:
            return "it was made with another definition of this version"
        return ""

    def _unlike(self, record: Response | Text) -> str:
        """How a record differs from what holds for its folder."""
        if self._terms is not None and record.synthetic != self._terms.synthetic:
            kind = "synthetic" if record.synthetic else "real"
            return f"it is {kind}, and the folder was begun for the other kind"
        if isinstance(record, Response) and record.detail != self._detail:
            return f"it is in {record.detail} detail, and the folder in {self._detail}"
        return ""


def as_line(record: Response | Text) -> bytes:
    """A record as a line of a sealed file, without its end."""
    shape = json.loads(serialise(record))
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode()


def as_file(line: bytes) -> bytes:
    """The record in a line of a sealed file, or of a pool, as its own file."""
    return (json.dumps(json.loads(line), ensure_ascii=False, indent=2) + "\n").encode()


def _canonical(
    data: bytes, name: str | None, keys: tuple[str, ...]
) -> tuple[dict[str, Any], bytes] | None:
    """The record in a file or line as the program writes it, and its line; None for any other.

    The same bytes when it is written again: then no key stood twice, and no number or letter was
    written otherwise.
    """
    try:
        value = from_json(data, allow_inf_nan=False)
    except ValueError:
        return None
    if not isinstance(value, dict) or tuple(value) != keys:
        return None
    line = to_json(value)
    written = line if name is None else to_json(value, indent=2) + b"\n"
    return (value, line) if written == data else None


def _check_writing(data: bytes, record: Response | Text, line: bytes, name: str | None) -> None:
    if data != (line if name is None else serialise(record)):
        raise _refused(REWRITTEN)


def _specify(questionnaire: Questionnaire, item: Choice, code: str) -> Specify | None:
    return next((o.specify for o in questionnaire.options(item) if o.code == code), None)


def _refused(reason: str) -> DamagedError:
    return DamagedError(reason, hint="Set it apart; the others can still be used.")
