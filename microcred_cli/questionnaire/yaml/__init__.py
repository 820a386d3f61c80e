"""A YAML text as a tree that knows its lines, and what its scalars mean."""

from typing import Final

MOST_BYTES: Final = 2 * 1024 * 1024
"""The largest text that is read."""
