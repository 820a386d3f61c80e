"""YAML reader: `tree` parses text to nodes with line numbers, `scalars` gives plain values."""

from typing import Final

MOST_BYTES: Final = 2 * 1024 * 1024
"""The largest text that is read."""
