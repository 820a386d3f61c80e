"""What every way to ask shares: reading a typed number, and what is asked before keeping."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.answers import check_integer
from microcred_cli.errors import InvalidAnswer
from microcred_cli.questionnaire.models import Integer
from microcred_cli.screening import find_identifiers
from microcred_cli.text import clean, safe
from microcred_cli.words import MISSING_LABELS

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Item

# Spaces of every kind, full stop, comma and apostrophes stand between groups of three digits.
_GROUPS = re.compile(r"\d{1,3}(?:([ \u00a0\u2009\u202f.,'’])\d{3})(?:\1\d{3})*")
_MOST_DIGITS = 18


def parse_number(text: str, item: Item) -> int | str:
    """The whole number that was typed, or the reserved code that its letter or name stands for.

    Groups of three digits may be set apart: 1 200, 1.200, 1,200, 1'200.

    Raises:
        InvalidAnswer: neither, or outside the limits; `mend` names them.
    """
    assert isinstance(item, Integer)
    typed = clean(text)
    for code in item.missing:
        if typed.casefold() in (code, code[0], MISSING_LABELS[code].casefold()):
            return code
    limits = f"Type a whole number from {item.minimum} to {item.maximum}, in digits."
    if not typed:
        raise InvalidAnswer("Nothing was typed.", mend=limits)
    digits = re.sub(r"\D", "", typed) if _GROUPS.fullmatch(typed) else typed
    if not digits.isdecimal():
        raise InvalidAnswer(f"{_quoted(typed)} is not a whole number.", mend=limits)
    if len(digits.lstrip("0")) > _MOST_DIGITS:
        raise InvalidAnswer("This number is outside the limits.", mend=limits)
    return check_integer(int(digits.lstrip("0") or "0"), item.minimum, item.maximum, ())


def confirm_question(item: Integer, number: int) -> str:
    """The question put before a number that is larger than expected."""
    unit = f" {safe(item.unit)}" if item.unit else ""
    return f"{number:,}{unit} is a lot. Is it right?"


def identifier_notice(text: str) -> str | None:
    """What is said where a text holds words that point at a person; None where it holds none."""
    found = find_identifiers(text)
    if not found:
        return None
    words = ", ".join(
        f"{_quoted(text[each.start : each.end])} ({_kind(each.kind)})" for each in found
    )
    return (
        f"Your text seems to name somebody: {words}. "
        "If you keep it so, these words will be replaced before anything is stored."
    )


def _kind(kind: object) -> str:
    return safe(str(kind).replace("_", " "))


def _quoted(text: str) -> str:
    return f"“{safe(text)}”" if len(text) <= 60 else "This"
