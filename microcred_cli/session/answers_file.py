"""The file of answers that `respond --answers` takes."""

from __future__ import annotations

import sys
from pathlib import Path

from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import LIMIT, TooLongError, read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.text import safe


def read_answers(source: str) -> tuple[dict[str, object], dict[str, object]]:
    """The `answers` and `texts` of a file; `-` is standard input.

    Raises:
        UsageError: it cannot be read, or is not an object with these two.
    """
    where = "standard input" if source == "-" else safe(source)
    try:
        data = sys.stdin.buffer.read(LIMIT + 1) if source == "-" else read_file(Path(source))
    except TooLongError:
        raise _too_long(where) from None
    except OSError as error:
        raise UsageError(
            f"The file of answers cannot be read: {error.strerror}.",
            where=where,
            hint="Name another, or give - and send it on standard input.",
        ) from None
    if len(data) > LIMIT:
        raise _too_long(where)
    try:
        value = parse_json(data)
    except StoreError as error:
        raise UsageError(error.message, where=where, hint="Mend the file of answers.") from None
    return _parts(value, where)


def _too_long(where: str) -> UsageError:
    return UsageError("The file of answers is over 1 MiB.", where=where, hint="Name another.")


def _parts(value: object, where: str) -> tuple[dict[str, object], dict[str, object]]:
    hint = 'It must look like {"answers": {...}, "texts": {...}}.'
    if not isinstance(value, dict) or "answers" not in value:
        raise UsageError("The file has no “answers”.", where=where, hint=hint)
    for key in value:
        if key not in ("answers", "texts"):
            raise UsageError(f"The file has a key {safe(key)!r}.", where=where, hint=hint)
    answers, texts = value["answers"], value.get("texts", {})
    if not isinstance(answers, dict) or not isinstance(texts, dict):
        raise UsageError("“answers” or “texts” is no object.", where=where, hint=hint)
    return answers, texts
