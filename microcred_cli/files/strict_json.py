"""A strict parser for JSON (I-JSON) from untrusted sources.

Invalid input raises `DamagedError`; the message quotes nothing from the input.
"""

import json
import math
import re
from pathlib import Path
from typing import Any, NoReturn

from microcred_cli.files.reading import LIMIT, DamagedError, read_file

_LARGEST = 2**53 - 1  # JSON parsers disagree on larger integers (RFC 7493)
_MAY_HOLD_SURROGATE = re.compile(r"\\u[dD]")
_AS_WRITTEN = "Copy the original file again, without changing it."


def read_json(path: Path, *, limit: int = LIMIT, own: bool = True) -> object:
    """Parse a JSON file; see `read_file` for arguments."""
    return parse_json(read_file(path, limit=limit, own=own), where=path)


def parse_json(data: bytes, *, where: Path | str | None = None) -> object:
    """Parse JSON bytes according to RFC 8259 and RFC 7493 (I-JSON).

    A byte order mark, bytes that are not UTF-8, and JSON that `parse_text` refuses are errors.
    """
    try:
        return parse_text(data.decode("utf-8"), where=where)
    except UnicodeDecodeError as error:
        reason = f"Byte {error.start + 1} is not UTF-8."
    raise DamagedError(reason, where=where, hint=_AS_WRITTEN)


def parse_text(text: str, *, where: Path | str | None = None) -> object:
    """Parse a JSON text.

    Duplicate keys, NaN, infinities, excessively large numbers, lone surrogates and excessively deep
    nesting are errors.
    """
    try:
        value: object = _DECODER.decode(text)
        if _MAY_HOLD_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        reason = f"Invalid JSON at line {error.lineno}, column {error.colno}."
    except UnicodeEncodeError:
        reason = "The JSON contains half of a character (a lone surrogate)."
    except RecursionError:
        reason = "The JSON is nested too deeply."
    except _NotTakenError as error:
        reason = str(error)
    else:
        return value
    raise DamagedError(reason, where=where, hint=_AS_WRITTEN)


class _NotTakenError(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _NotTakenError("An object has the same key twice.")
    return value


def _constant(_: str) -> NoReturn:
    raise _NotTakenError("NaN and Infinity are not numbers in JSON.")


def _integer(digits: str) -> int:
    if len(digits) > len(str(-_LARGEST)) or abs(value := int(digits)) > _LARGEST:
        raise _NotTakenError("A number is too large.")
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _NotTakenError("A number is too large.")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
)
