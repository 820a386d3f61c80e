"""What counts as an answer to a question.

An answer to an item is a code, a tuple of codes (multiple: in the definition's order; ranking: in
rank order), a whole number, a mapping of row to code, or a reserved code. `GIVEN` stands for an
open item whose text was given: texts never stand among the answers.
"""

from collections.abc import Mapping
from types import MappingProxyType

Answer = str | int | tuple[str, ...] | Mapping[str, str]
"""One answer to an item."""

Answers = Mapping[str, Answer]
"""Answers by item id."""

GIVEN = "given"
NO_ANSWERS: Answers = MappingProxyType({})
