"""JSON files that contain a hash of their own content, so that damage is detected.

Without the hash, a corrupted digit would be read as a valid figure.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json, to_json

from microcred_cli.files.reading import DamagedError

MOST_KEPT: Final = 2**30
"""The maximum size of a checksummed file in bytes."""

_HASH: Final = "sha256"
_HINT: Final = "The program recreates the file if that is safe."


def with_hash(value: Mapping[str, object], *, indent: int | None = None) -> bytes:
    """Serialise these keys as JSON, with a hash of the content as the last key."""
    return to_json({**value, _HASH: _hash_of(value)}, indent=indent) + b"\n"


def from_hashed(data: bytes, form: str) -> Mapping[str, Any]:
    """Parse a checksummed file; its `format` must be `form`.

    Raises:
        DamagedError: the file was changed, or was written by another version of the program.
    """
    try:
        value = from_json(data, allow_inf_nan=False)
    except ValueError:
        raise DamagedError("This is not valid JSON.", hint=_HINT) from None
    if not isinstance(value, dict) or value.pop(_HASH, None) != _hash_of(value):
        raise DamagedError("The file is damaged.", hint=_HINT)
    if value.get("format") != form:
        raise DamagedError("The file was written by another version of microcred.", hint=_HINT)
    return value


def _hash_of(value: Mapping[str, object]) -> str:
    return hashlib.sha256(to_json(value)).hexdigest()
