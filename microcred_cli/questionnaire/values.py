"""Types of answers, and the reserved codes (`answers` has the checks).

An answer to an item is a code, a tuple of codes (multiple: in the definition's order; ranking: in
rank order), a whole number, a mapping of row to code, or a reserved code. Typed texts are stored
separately: during an interview `GIVEN` replaces one, and the stored answer to an open item is
always `DETACHED`, even if nothing was typed.
"""

from collections.abc import Mapping

from microcred_cli.i18n import N_

Value = str | int | tuple[str, ...]
"""An answer at one step: a code, a number, or some codes."""

Answer = str | int | tuple[str, ...] | Mapping[str, str]
"""One answer to an item."""

Answers = Mapping[str, Answer]
"""Answers by item id."""


class Reserved(str):
    """A reserved code that was chosen, as distinct from the same word typed as a text."""

    __slots__ = ()


GIVEN = "given"
DETACHED = "detached"
BLANK = "blank"
NOT_ASKED = "not_asked"
NOT_REACHED = "not_reached"

RESERVED = ("dk", "pna", BLANK, NOT_ASKED, NOT_REACHED)
"""Codes that no option may use, in the order in which tables show them."""

MISSING_LABELS = {
    "dk": N_("Don't know"),
    "pna": N_("Prefer not to answer"),
    BLANK: N_("Left empty"),
    NOT_ASKED: N_("Not asked"),
    NOT_REACHED: N_("Not reached"),
}
"""The labels of the reserved codes."""

OFFERED_MISSING = ("dk", "pna")
"""The reserved codes that a person can give."""

REMARK = "remark"
"""The suffix after an item's id in the key of a remark; no option has this code."""

LONGEST_REMARK = 500
"""The most characters of a remark."""
