"""Types of answers, and the reserved codes. Answers are checked in the module `answers`.

An answer to an item is a code, a tuple of codes (in definition order for a multiple choice, in rank
order for a ranking), a whole number, a mapping from row to code, or a reserved code. Typed texts
are stored separately. During an interview, the answer to an open item is `GIVEN`; in a response, it
is always `DETACHED`, even if the text is empty.
"""

from collections.abc import Mapping

from microcred_cli.i18n import N_

Value = str | int | tuple[str, ...]
"""The answer to one step: a code, a number, or several codes."""

Answer = str | int | tuple[str, ...] | Mapping[str, str]
"""One answer to an item."""

Answers = Mapping[str, Answer]
"""Answers by item id."""


class Reserved(str):
    """A reserved code chosen by the respondent, as opposed to the same word typed as text."""

    __slots__ = ()


GIVEN = "given"
DETACHED = "detached"
BLANK = "blank"
NOT_ASKED = "not_asked"
NOT_REACHED = "not_reached"

RESERVED = ("dk", "pna", BLANK, NOT_ASKED, NOT_REACHED)
"""Codes that no option may use, in the order in which tables list them."""

MISSING_LABELS = {
    "dk": N_("Don't know"),
    "pna": N_("Prefer not to answer"),
    BLANK: N_("Left empty"),
    NOT_ASKED: N_("Not asked"),
    NOT_REACHED: N_("Not reached"),
}
"""The labels of the reserved codes."""

OFFERED_MISSING = ("dk", "pna")
"""The reserved codes that a respondent can choose."""

REMARK = "remark"
"""The key of an item's remark is the item id with this suffix; no option may have this code."""

LONGEST_REMARK = 500
"""The maximum length of a remark in characters."""
