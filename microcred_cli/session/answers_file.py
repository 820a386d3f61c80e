"""`--answers`: conducts an interview with answers from a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.errors import ExitCode, StoreError, UsageError
from microcred_cli.files.reading import (
    DamagedError,
    NotTextError,
    TooLongError,
    as_text,
    read_edited,
    read_piped,
)
from microcred_cli.files.strict_json import parse_text
from microcred_cli.interview.loop import records_of
from microcred_cli.interview.script import walk_answers
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, new_code, show
from microcred_cli.session.opening import open_fieldwork, prepared_responses
from microcred_cli.session.options import Choices, language_asked_for, languages_of, note_of_few
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.records.shapes import Mode
    from microcred_cli.session.contact import CaseContact


def respond_from_file(
    choices: Choices, source: str, mode: Mode = "self", contact: CaseContact | None = None
) -> int:
    """Conduct an interview with answers from a file, and print the path of the stored response.

    The output with the receipt and the path does not name the case.
    """
    files.harden_process()
    fieldwork = open_fieldwork(choices)
    if contact is not None:
        contact.follow(fieldwork)
    loaded = load(choices.questionnaire)
    language = language_asked_for(choices.language, languages_of(loaded, fieldwork))
    answers, texts = read_answers(source)
    finished = walk_answers(
        loaded.questionnaire, answers, texts, mode=mode, detail=fieldwork.detail
    )
    if finished.status not in ("complete", "partial"):
        say("Nothing was stored, because these answers end the interview early.")
        if contact is None:
            return ExitCode.DONE
        contact.ended(None, finished.status)
        say(contact.closing)
        return ExitCode.STORAGE if contact.trouble else ExitCode.DONE
    for note in note_of_few(fieldwork):
        say(note)
    responses = prepared_responses(choices, fieldwork, loaded)
    receipt = new_code(RECEIPT_SYMBOLS)
    spoken = finished.interview.having(language=language or loaded.questionnaire.language)
    finished = finished.having(interview=spoken)
    response, detached = records_of(loaded, finished, receipt, None, None)
    typed = finished.interview.closed_texts()
    for text in detached:
        if "[removed: " in text.text and "[removed: " not in typed[text.item]:
            say(f"{text.item}: details that could identify someone were removed from the text.")
    path = responses.store(response, detached)
    if contact is not None:
        contact.is_receipt_printed = True
        contact.ended(None, finished.status)
        say(contact.closing)
    say(f"Receipt: {show(receipt)}")
    try:
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()
    except OSError:
        raise StoreError(
            "The response is stored, but its path could not be written to standard output.",
            where=path,
            hint="Do not submit the answers again.",
        ) from None
    return ExitCode.DONE


def read_answers(source: str) -> tuple[dict[str, object], dict[str, object]]:
    """Read `answers` and `texts` from a file; `-` is standard input."""
    where = "standard input" if source == "-" else safe(source)
    try:
        data = read_piped() if source == "-" else read_edited(Path(source))
        value = parse_text(as_text(data))
    except TooLongError:
        message = "The answers file is larger than 1 MiB."
        raise UsageError(message, where=where, hint="Use a smaller file.") from None
    except NotTextError as error:
        raise UsageError(error.message, where=where, hint=error.hint) from None
    except StoreError as error:
        hint = "Use another file, or use - and pipe the answers to standard input."
        if isinstance(error, DamagedError):
            hint = "Correct the answers file, or use another one."
        raise UsageError(error.message, where=where, hint=hint) from None
    return _parts(value, where)


def _parts(value: object, where: str) -> tuple[dict[str, object], dict[str, object]]:
    hint = 'Use this form: {"answers": {...}, "texts": {...}}.'
    if not isinstance(value, dict) or "answers" not in value:
        raise UsageError("The file has no key “answers”.", where=where, hint=hint)
    for key in value:
        if key not in ("answers", "texts"):
            raise UsageError(f"The file has an unknown key {safe(key)!r}.", where=where, hint=hint)
    answers, texts = value["answers"], value.get("texts", {})
    if not isinstance(answers, dict) or not isinstance(texts, dict):
        raise UsageError("“answers” or “texts” is not an object.", where=where, hint=hint)
    return answers, texts
