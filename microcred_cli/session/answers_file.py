"""The file of answers that `respond --answers` takes."""

from __future__ import annotations

from pathlib import Path

from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import (
    NotTextError,
    TooLongError,
    as_text,
    read_edited,
    read_piped,
)
from microcred_cli.files.strict_json import parse_text
from microcred_cli.text import safe


def read_answers(source: str) -> tuple[dict[str, object], dict[str, object]]:
    """The `answers` and `texts` of a file; `-` is standard input.

    Raises:
        UsageError: it cannot be read, or is not an object with these two.
    """
    where = "standard input" if source == "-" else safe(source)
    try:
        data = read_piped() if source == "-" else read_edited(Path(source))
        value = parse_text(as_text(data))
    except TooLongError:
        message = "The file of answers is over 1 MiB."
        raise UsageError(message, where=where, hint="Name another.") from None
    except NotTextError as error:
        raise UsageError(error.message, where=where, hint=error.hint) from None
    except StoreError as error:
        hint = "Correct the file of answers, or name another."
        raise UsageError(error.message, where=where, hint=hint) from None
    return _parts(value, where)


def _parts(value: object, where: str) -> tuple[dict[str, object], dict[str, object]]:
    hint = 'It must look like {"answers": {...}, "texts": {...}}.'
    if not isinstance(value, dict) or "answers" not in value:
        raise UsageError("The file has no “answers”.", where=where, hint=hint)
    for key in value:
        if key not in ("answers", "texts"):
            raise UsageError(f"The file has a key {safe(key)!r}.", where=where, hint=hint)
    answers, texts = value["answers"], value.get("texts", {})
    if not isinstance(answers, dict) or not isinstance(texts, dict):
        raise UsageError("“answers” or “texts” is not an object.", where=where, hint=hint)
    return answers, texts
