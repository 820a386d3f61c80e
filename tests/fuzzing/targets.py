"""Fuzzing targets: our parsers of untrusted input, and the properties checked for each.

Each target takes bytes, and raises an AssertionError (or any other unexpected error) if a property
does not hold. `fuzz` runs them with a coverage-guided fuzzer, the tests with random bytes.
"""

from __future__ import annotations

import contextlib
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.errors import DefinitionError, InvalidAnswer, MicrocredError, UsageError
from microcred_cli.fieldwork.settings import read_fieldwork
from microcred_cli.files.checksummed import from_hashed
from microcred_cli.files.reading import DamagedError
from microcred_cli.files.strict_json import parse_json
from microcred_cli.questionnaire.languages import read_translation
from microcred_cli.questionnaire.lint import lint
from microcred_cli.questionnaire.loading import Loaded, load
from microcred_cli.records.identifiers import find_identifiers, remove_identifiers
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, RESUME_SYMBOLS, parse, show
from microcred_cli.records.shapes import (
    Draft,
    Folder,
    Record,
    Response,
    Text,
    from_object,
    serialise,
)
from microcred_cli.store.judge import Judge
from microcred_cli.store.layout import Kind
from microcred_cli.text import clean, safe
from tests.hostile.working import acting_in

if TYPE_CHECKING:
    from collections.abc import Callable


def _in_words(error: MicrocredError) -> None:
    """A refusal has a hint, and its text contains no terminal control characters."""
    assert error.hint
    assert not acting_in(f"{safe(error.message)} {safe(error.hint)}")


def fuzz_text(data: bytes) -> None:
    """Cleaning and displaying text: no control characters remain, and both are idempotent."""
    text = data.decode("utf-8", "surrogateescape")
    for newlines in (False, True):
        shown, kept = safe(text, newlines=newlines), clean(text, newlines=newlines)
        assert not acting_in(shown + kept)
        assert safe(shown, newlines=newlines) == shown
        assert clean(kept, newlines=newlines) == kept
        kept.encode("utf-8")


def fuzz_screening(data: bytes) -> None:
    """Screening: removed identifiers are not found again."""
    text = clean(data.decode("utf-8", "replace"))
    kept = remove_identifiers(text, 500)
    assert len(kept) <= 500
    assert not find_identifiers(kept)
    assert remove_identifiers(kept, 500) == kept


def fuzz_code(data: bytes) -> None:
    """Codes: a code that was read is displayed and read again unchanged."""
    text = data.decode("utf-8", "surrogateescape")
    for symbols in (RECEIPT_SYMBOLS, RESUME_SYMBOLS):
        try:
            bare = parse(text, symbols)
        except InvalidAnswer as error:
            _in_words(error)
        else:
            assert bare.isascii()
            assert bare.isalnum()
            assert parse(show(bare), symbols) == bare


def fuzz_records(data: bytes) -> None:
    """Records: a record that was read is written and read again unchanged."""
    try:
        value = parse_json(data, where="x")
    except DamagedError as error:
        _in_words(error)
        return
    _as_record(Response, value)
    _as_record(Text, value)
    _as_record(Folder, value)
    _as_record(Draft, value)
    for form in ("microcred-sealed-counts/1", "microcred-last-seal/1"):
        with contextlib.suppress(DamagedError):
            from_hashed(data, form)


def _as_record(shape: type[Record], value: object) -> None:
    try:
        record = from_object(shape, value, "x")
    except MicrocredError as error:
        _in_words(error)
    else:
        assert from_object(shape, parse_json(serialise(record)), "x") == record


@cache
def _built_in() -> Loaded:
    return load("mc_employers")


def fuzz_judging(data: bytes) -> None:
    """Responses and texts as files and as lines: accepted, or refused with a message."""
    judge = Judge(_built_in(), None)
    for kind in Kind:
        for name in (None, f"{'0' * 32}.json"):
            try:
                judge.record(kind, data, name)
            except MicrocredError as error:
                _in_words(error)


def fuzz_definition(data: bytes) -> None:
    """Definitions: accepted, or refused with a list of faults."""
    text = data.decode("utf-8", "surrogateescape")
    faults = lint(text, "x")
    for fault in faults:
        assert not acting_in(f"{fault.message} {fault.hint} {fault.item or ''}")
    if not faults:
        _load(data)


def _load(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".yaml", dir=_memory()) as file:
        Path(file.name).write_bytes(data)
        try:
            load(Path(file.name), always_lint=True)
        except (DefinitionError, UsageError) as error:
            raise AssertionError("the lint has no fault, and it is not taken") from error


def fuzz_translation(data: bytes) -> None:
    """Translations: accepted, or refused with a message."""
    folder = _folder()
    (folder / "de.yaml").write_bytes(data)
    try:
        read_translation(folder / "de.yaml")
    except DefinitionError as error:
        for fault in error.faults:
            assert not acting_in(f"{fault.message} {fault.hint}")


def fuzz_fieldwork(data: bytes) -> None:
    """Settings: accepted, or refused with a message."""
    path = _folder() / "fieldwork.toml"
    path.write_bytes(data)
    try:
        read_fieldwork(path)
    except UsageError as error:
        _in_words(error)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(dir=_memory()))


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


TARGETS: dict[str, Callable[[bytes], None]] = {
    "text": fuzz_text,
    "screening": fuzz_screening,
    "code": fuzz_code,
    "records": fuzz_records,
    "judging": fuzz_judging,
    "definition": fuzz_definition,
    "translation": fuzz_translation,
    "fieldwork": fuzz_fieldwork,
}
"""All targets, by name."""
