"""YAML reader: `tree` parses YAML into nodes with line numbers; `scalars` converts scalars."""

from typing import Final

MOST_BYTES: Final = 2 * 1024 * 1024
"""The maximum size of a YAML text in bytes."""
