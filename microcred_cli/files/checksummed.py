"""JSON files with their own hash: a damaged one is never counted or printed.

Otherwise a changed digit would look like a figure.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json, to_json

from microcred_cli.files.reading import DamagedError

MOST_KEPT: Final = 2**30
"""The most bytes of such a file."""

_HASH: Final = "sha256"
_HINT: Final = "It is made again where that is safe."


def with_hash(value: Mapping[str, object], *, indent: int | None = None) -> bytes:
    """A file with these keys, and last the hash of their content."""
    return to_json({**value, _HASH: _hash_of(value)}, indent=indent) + b"\n"


def from_hashed(data: bytes, form: str) -> Mapping[str, Any]:
    """The content of such a file, if its `format` is this one.

    Raises:
        DamagedError: it was changed, or comes from another version of the program.
    """
    try:
        value = from_json(data, allow_inf_nan=False)
    except ValueError:
        raise DamagedError("It is not JSON.", hint=_HINT) from None
    if not isinstance(value, dict) or value.pop(_HASH, None) != _hash_of(value):
        raise DamagedError("It is damaged.", hint=_HINT)
    if value.get("format") != form:
        raise DamagedError("It is of another version.", hint=_HINT)
    return value


def _hash_of(value: Mapping[str, object]) -> str:
    return hashlib.sha256(to_json(value)).hexdigest()
