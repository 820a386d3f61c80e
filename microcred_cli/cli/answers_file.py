"""The file of answers that `respond --answers` takes."""

from __future__ import annotations

import sys
from pathlib import Path

from microcred_cli.errors import StoreError, UsageError
from microcred_cli.store.reading import parse_json
from microcred_cli.text import safe

_LARGEST = 1024 * 1024


def read_answers(source: str) -> tuple[dict[str, object], dict[str, object]]:
    """The `answers` and `texts` of a file; `-` is standard input.

    Raises:
        UsageError: it cannot be read, or is not an object with these two.
    """
    where = "standard input" if source == "-" else safe(source)
    try:
        if source == "-":
            data = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not possible"
        raise UsageError(
            f"The file of answers cannot be read: {reason}.", where=where, mend="Name another."
        ) from None
    if len(data) > _LARGEST:
        raise UsageError("The file of answers is over 1 MiB.", where=where, mend="Name another.")
    try:
        value = parse_json(data)
    except StoreError as error:
        raise UsageError(error.message, where=where, mend="Mend the file of answers.") from None
    return _parts(value, where)


def _parts(value: object, where: str) -> tuple[dict[str, object], dict[str, object]]:
    mend = 'It must look like {"answers": {...}, "texts": {...}}.'
    if not isinstance(value, dict) or "answers" not in value:
        raise UsageError("The file has no “answers”.", where=where, mend=mend)
    for key in value:
        if key not in ("answers", "texts"):
            raise UsageError(f"The file has a key {safe(key)!r}.", where=where, mend=mend)
    answers, texts = value["answers"], value.get("texts", {})
    if not isinstance(answers, dict) or not isinstance(texts, dict):
        raise UsageError("“answers” or “texts” is no object.", where=where, mend=mend)
    return answers, texts
