"""YAML reader: `tree` parses text to nodes with line numbers, `scalars` converts plain scalars."""

from typing import Final

MOST_BYTES: Final = 2 * 1024 * 1024
"""The maximum size of a YAML text in bytes."""
