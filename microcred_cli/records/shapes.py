"""Models of the files: responses, texts, terms of folders, and drafts.

Unknown fields are not allowed. Records are validated both when reading and when writing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.base_model import Limits, Model
from microcred_cli.records.formats import (
    COARSE_MINUTES,
    DRAFT,
    FINGERPRINT_SYMBOLS,
    FOLDER,
    LOCKED_DRAFT,
    RESPONSE,
    SEALED_TIMES,
    SEEDS,
    TEXT,
    TIME_BANDS,
    TIMES,
)
from microcred_cli.records.receipts import ALPHABET

if TYPE_CHECKING:
    from pydantic import ValidationError

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.values import Answer

Mode = Literal["self", "phone", "in_person"]
"""The mode of an interview: self-completed, or conducted by an interviewer."""

Status = Literal["complete", "partial"]

Detail = Literal["coarse", "full"]
"""The level of detail of stored codes: coarse or, in encrypted files only, fine (full)."""

Id = Annotated[str, Limits(pattern=r"^[0-9a-f]{32}$")]
Fingerprint = Annotated[
    str, Limits(pattern=rf"^[{ALPHABET}]{{{FINGERPRINT_SYMBOLS}}}$", max_length=FINGERPRINT_SYMBOLS)
]
"""The fingerprint of a public key as a bare code (see `keys.fingerprint`)."""

StoredAnswer = str | int | list[str] | dict[str, str]


class QuestionnaireRef(Model):
    """A reference to a questionnaire: id, version, and the SHA-256 of its definition."""

    id: str
    version: str
    sha256: Annotated[str, Limits(pattern=r"^[0-9a-f]{64}$")]


def reference(loaded: Loaded) -> QuestionnaireRef:
    """Create a reference to a questionnaire for use in a record."""
    questionnaire = loaded.questionnaire
    return QuestionnaireRef(
        id=questionnaire.id, version=questionnaire.version, sha256=loaded.sha256
    )


class Response(Model):
    """An anonymised complete or partial interview.

    In coarse detail, `duration_minutes` is a band (`COARSE_MINUTES`) and `shuffle_seed` is null. In
    full detail, the minutes are rounded to the nearest 5, and the seed and `language` are stored.
    If the answers were read from a file, minutes and seed are null.
    """

    format: Literal["microcred-response/1"] = RESPONSE
    response_id: Id
    questionnaire: QuestionnaireRef
    status: Status
    mode: Mode
    detail: Detail = "coarse"
    language: str | None = None
    duration_minutes: Annotated[int, Limits(ge=5, le=60, multiple_of=5)] | None
    shuffle_seed: Annotated[int, Limits(ge=0, lt=SEEDS)] | None
    synthetic: bool = False
    answers: dict[str, StoredAnswer]

    left_out_if_none = ("language",)

    def check(self) -> None:
        """Reject a language in coarse detail, and values that are too precise for the detail."""
        is_full = self.detail == "full"
        if is_full is not (self.language is not None):
            raise ValueError("language is required with full detail, and not allowed otherwise")
        is_fine = (
            self.duration_minutes not in (None, *COARSE_MINUTES) or self.shuffle_seed is not None
        )
        if is_fine and not is_full:
            raise ValueError("a value is more precise than coarse detail allows")


class Text(Model):
    """A text, detached from its response; `item` is its key as in `text_limits`."""

    format: Literal["microcred-text/1"] = TEXT
    text_id: Id
    questionnaire: QuestionnaireRef
    item: str
    text: str
    synthetic: bool = False


class Times(Model):
    """The times of one interview of a pilot: for each item the number of a band, or `NOT_SHOWN`.

    All items of the questionnaire are included, so the length does not depend on the route.
    """

    format: Literal["microcred-times/1"] = TIMES
    times_id: Id
    questionnaire: QuestionnaireRef
    bands: dict[str, Annotated[int, Limits(ge=0, le=len(TIME_BANDS) + 1)]]
    synthetic: bool = False


class SealedTimes(Model):
    """The times of many interviews: for each item, the counted interviews in each band.

    `origin` is a random id of the folder in which the times were sealed. `ids` contains the hashes
    of the ids of these times, sorted, so that no time is counted twice.
    """

    format: Literal["microcred-sealed-times/1"] = SEALED_TIMES
    origin: Id
    questionnaire: QuestionnaireRef
    items: dict[str, list[int]]
    ids: list[str]
    synthetic: bool = False


class Folder(Model):
    """The terms of a responses folder, which never change.

    `recipients` are the fingerprints of the public keys to which all files in the folder are
    encrypted.
    """

    format: Literal["microcred-folder/1"] = FOLDER
    questionnaire: str
    detail: Detail = "coarse"
    synthetic: bool = False
    recipients: tuple[Fingerprint, ...] = ()


class Unfinished(Model):
    """Input of an unfinished interview that has not been submitted, on any page.

    `texts` and `marks` are indexed by step, and `remarks` by item; a mark is true for an option
    that was ticked or answered with yes, and false for an option that was answered with no.
    """

    texts: dict[str, str] = {}
    marks: dict[str, dict[str, bool]] = {}
    remarks: dict[str, str] = {}

    def copy(self) -> Unfinished:
        """An independent copy, whose contents can be changed."""
        marks = {key: dict(marked) for key, marked in self.marks.items()}
        return Unfinished(texts=dict(self.texts), marks=marks, remarks=dict(self.remarks))


class Draft(Model):
    """An unfinished interview.

    `begun` is the day on which the interview started, and `expires` the last day on which the draft
    is kept (ISO dates in the time zone `timezone`, or in the machine's time zone). If the draft
    `is_undated`, the clock was not plausible, and both days are set later. `given`, `texts`,
    `remarks` and `wordings` have the same content as in `Interview`, including entries off the
    route. `unsent_remark` is a remark that was being typed at the step `at`; `unfinished` is all
    other input that was left on any page. In drafts of earlier versions, `unsent` and `marks` are
    the text and the marks of the step `at`. `one_key` is true if the respondent answers with single
    key presses. `case` is the interviewer's case in `case_log`, and `last_contact` the id of the
    last contact before the interview was started or resumed. `elapsed_seconds` excludes pauses, as
    do `times`, the seconds on each item in a pilot (None if not measured). `receipt` is set when
    the interview is submitted, so that submitting again after a crash writes the same files;
    `closing` is the final status. Once the response is stored, the draft is kept only to show the
    receipt.

    `paper` is the number of the paper questionnaire that is being entered (empty if it has none).
    `keyed` is true if the draft is a complete first keying and the second keying is still missing,
    and `second` if the draft is a second keying.
    If an entry code opens the draft, `desk` is the name derived from that code. `settled` contains
    the steps of a second keying whose differences from the first one have been decided.
    """

    format: Literal["microcred-draft/1"] = DRAFT
    code: str
    questionnaire: QuestionnaireRef
    begun: str
    expires: str
    mode: Mode
    language: str
    seed: int
    responses: str
    detail: Detail = "coarse"
    fieldwork: str | None = None
    given: dict[str, str | int | list[str]] = {}
    texts: dict[str, str] = {}
    remarks: dict[str, str] = {}
    wordings: dict[str, str] = {}
    at: str | None = None
    unsent: str = ""
    unsent_remark: str = ""
    marks: dict[str, bool] = {}
    unfinished: Unfinished = Unfinished()
    one_key: bool = False
    case: str | None = None
    case_log: str | None = None
    last_contact: str | None = None
    elapsed_seconds: float = 0.0
    times: dict[str, float] | None = None
    answered: int = 0
    of: int = 0
    receipt: str | None = None
    closing: Status | None = None
    stored: bool = False
    timezone: str | None = None
    is_undated: bool = False
    paper: str | None = None
    keyed: bool = False
    desk: str | None = None
    second: bool = False
    settled: list[str] = []

    @property
    def is_closing(self) -> bool:
        """True if the interview has been submitted."""
        return self.closing is not None


class LockedDraft(Model):
    """A draft encrypted to the key derived from its resume code, with some unencrypted fields.

    `name` is the name of the file, and `encrypted` is the draft in the age format, encoded in
    base64. `on_paper` is true if a paper questionnaire is being entered. `receipt_mark` is derived
    from the receipt, if the draft contains one, so that a withdrawal can find the draft.
    """

    format: Literal["microcred-locked-draft/1"] = LOCKED_DRAFT
    name: str
    questionnaire: QuestionnaireRef
    begun: str
    expires: str
    mode: Mode
    answered: int
    is_closing: bool
    case: str | None
    case_log: str | None
    last_contact: str | None = None
    timezone: str | None = None
    is_undated: bool = False
    keyed: bool = False
    desk: str | None = None
    second: bool = False
    on_paper: bool = False
    receipt_mark: str | None = None
    encrypted: str


NEWER = frozenset(
    {
        *("remarks", "wordings", "marks", "one_key", "case", "case_log", "detail", "timezone"),
        *("is_undated", "stored", "paper", "keyed", "desk", "unsent_remark"),
        *("last_contact", "receipt_mark", "times", "settled", "second", "on_paper"),
        "unfinished",
    }
)
"""Keys that may be missing from a draft started with an earlier version of the program."""

Record = TypeVar("Record", Response, Text, Times, SealedTimes, Folder, Draft, LockedDraft)


def serialise(record: Model) -> bytes:
    """Validate a record, and serialise it as UTF-8 JSON."""
    data = as_json(record)
    type(record).model_validate_json(data)
    return data


def as_json(record: Model) -> bytes:
    """Serialise a record without validation: keys in the model's order, and a final newline."""
    return (record.model_dump_json(indent=2) + "\n").encode()


def stored_answer(answer: Answer) -> StoredAnswer:
    """Convert an answer to the form used in files."""
    if isinstance(answer, tuple):
        return list(answer)
    return answer if isinstance(answer, str | int) else dict(answer)


def answer_from(stored: StoredAnswer) -> Answer:
    """Convert an answer from the form used in files."""
    return tuple(stored) if isinstance(stored, list) else stored


def from_object(shape: type[Record], value: object, where: str) -> Record:
    """Create a record from parsed JSON; errors name fields but never quote their content."""
    from pydantic import ValidationError

    try:
        record = shape.model_validate_json(json.dumps(value))
    except ValidationError as error:
        places = _places(error, shape)
    except (ValueError, RecursionError):
        places = "the whole file"
    else:
        had = value.keys() if isinstance(value, dict) else set()
        newer = NEWER if shape in (Draft, LockedDraft) else set()
        lacking = json.loads(as_json(record)).keys() - had - newer
        if not lacking:
            return record
        places = f"missing: {', '.join(sorted(lacking))}"
    raise StoreError(
        f"The file is damaged, or was not written by this version of microcred ({places}).",
        where=where,
        hint="Move the file elsewhere; the other files can still be used.",
    )


def _places(error: ValidationError, shape: type[Model]) -> str:
    """The names of the invalid fields, without unknown names, which could be typed text."""
    heads = [fault["loc"][0] if fault["loc"] else "form" for fault in error.errors()]
    known = {"form", *shape.model_fields}
    found = [str(head) if head in known else "an unknown key" for head in heads]
    return "wrong: " + ", ".join(dict.fromkeys(found))
