"""Typed numbers, and the questions put before a number or a text is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import N_, _, digits, letter, quoted
from microcred_cli.questionnaire.answers import check_integer
from microcred_cli.questionnaire.models import Integer
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.records.identifiers import IdentifierKind, find_identifiers
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Item

# Spaces of every kind, full stop, comma and apostrophes separate groups of three digits.
_GROUPS = re.compile(r"\d{1,3}(?:([ \u00a0\u2009\u202f.,'’])\d{3})(?:\1\d{3})*")
_MOST_DIGITS = 18

KINDS = {
    IdentifierKind.EMAIL: N_("e-mail"),
    IdentifierKind.LINK: N_("link"),
    IdentifierKind.ACCOUNT: N_("account"),
    IdentifierKind.REGISTRATION: N_("registration number"),
    IdentifierKind.TELEPHONE: N_("telephone"),
    IdentifierKind.HANDLE: N_("name in a network"),
}
"""The names of the kinds of identifiers."""


def parse_number(text: str, item: Item) -> int | str:
    """The typed whole number, or the reserved code of the typed letter or name.

    Groups of three digits may be set apart: 1 200, 1.200, 1,200, 1'200.

    Raises:
        InvalidAnswer: neither, or outside the limits; `hint` names them.
    """
    assert isinstance(item, Integer)
    typed = clean(text)
    for code in item.missing:
        if typed.casefold() in (code, letter(code), _(MISSING_LABELS[code]).casefold()):
            return code
    limits = _("Type a whole number from {minimum} to {maximum}, in digits.").format(
        minimum=digits(item.minimum), maximum=digits(item.maximum)
    )
    if not typed:
        raise InvalidAnswer(_("Nothing was typed."), hint=limits)
    plain = re.sub(r"\D", "", typed) if _GROUPS.fullmatch(typed) else typed
    if not plain.isdecimal():
        message = _("{typed} is not a whole number.").format(typed=_quoted(typed))
        raise InvalidAnswer(message, hint=limits)
    if len(plain.lstrip("0")) > _MOST_DIGITS:
        raise InvalidAnswer(_("This number is outside the limits."), hint=limits)
    return check_integer(int(plain.lstrip("0") or "0"), item.minimum, item.maximum, ())


def words_of(invalid: InvalidAnswer) -> str:
    """What is wrong with an answer, and what to do."""
    return f"{safe(invalid.message)} {safe(invalid.hint)}"


def confirm_question(item: Integer, number: int) -> str:
    """The question put before a number that is larger than expected."""
    unit = f" {safe(item.unit)}" if item.unit else ""
    return _("{number}{unit} is a lot. Is it right?").format(number=digits(number), unit=unit)


def identifier_notice(text: str, *, on_screen: bool = True) -> str | None:
    """The notice on a text with identifiers of a person; None if it has none.

    The words themselves are said on a screen only: what goes to a file must not keep them.
    """
    found = find_identifiers(text)
    if not found:
        return None
    words = ", ".join(
        f"{_quoted(text[each.start : each.end])} ({_kind(each.kind)})"
        if on_screen
        else _kind(each.kind)
        for each in found
    )
    notice = _(
        "Your text seems to name somebody: {words}. "
        "If you keep it so, these words will be replaced before anything is stored."
    )
    return notice.format(words=words)


def _kind(kind: IdentifierKind) -> str:
    return _(KINDS[kind])


def _quoted(text: str) -> str:
    return quoted(safe(text)) if len(text) <= 60 else _("This")
