"""Files that are made anew where they are damaged: what they hold stands beside its own hash.

A changed digit would else be printed as a figure, or counted with.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json, to_json

from microcred_cli.files.reading import DamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_KEPT: Final = 2**30
"""The most bytes that such a file has."""

_HASH: Final = "sha256"
_MEND: Final = "It is made anew where that is safe."


def with_hash(value: Mapping[str, object], *, indent: int | None = None) -> bytes:
    """A file that holds these keys, and last the hash of what they hold."""
    return to_json({**value, _HASH: _hash_of(value)}, indent=indent) + b"\n"


def from_hashed(data: bytes, form: str) -> Mapping[str, Any]:
    """What such a file holds, where its `format` is this one.

    Raises:
        DamagedError: it is not as it was written, or of another version of the program.
    """
    try:
        value = from_json(data, allow_inf_nan=False)
    except ValueError:
        raise DamagedError("It is not JSON.", hint=_MEND) from None
    if not isinstance(value, dict) or value.pop(_HASH, None) != _hash_of(value):
        raise DamagedError("It is damaged.", hint=_MEND)
    if value.get("format") != form:
        raise DamagedError("It is of another version.", hint=_MEND)
    return value


def _hash_of(value: Mapping[str, object]) -> str:
    return hashlib.sha256(to_json(value)).hexdigest()
