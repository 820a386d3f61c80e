"""Receipts and resume codes: creation, formatting and parsing of codes, and derived ids."""

import hashlib
import re
import secrets

from microcred_cli.errors import InvalidAnswer
from microcred_cli.records.formats import DRAFT, RESPONSE, TEXT, TIMES

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, which has no I, L, O or U."""

RECEIPT_SYMBOLS = 19
"""The length of a receipt: 95 random bits, shown as five groups of four with the check symbol."""

RESUME_SYMBOLS = 7
"""The length of a resume code: 35 random bits, shown as two groups of four with the check
symbol."""

_GROUP = 4
_SEPARATORS = re.compile(r"[\s.\-_\u2010-\u2015\u2212]+")
_READ_AS = str.maketrans("OoIiLl", "001111")


def new_code(symbols: int) -> str:
    """Create a bare code of random symbols, each of which encodes five bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(symbols))


def check_symbol(bare: str) -> str:
    """The check symbol of a code, by the hybrid system of ISO 7064 for 32 symbols (MOD 33,32)."""
    from stdnum.iso7064 import mod_37_36

    return mod_37_36.calc_check_digit(bare, ALPHABET)


def show(bare: str) -> str:
    """Format a code for display: in groups of four, with the check symbol at the end."""
    whole = bare + check_symbol(bare)
    return "-".join(whole[i : i + _GROUP] for i in range(0, len(whole), _GROUP))


def parse(typed: str, symbols: int) -> str:
    """Parse a typed code with its check symbol; return the bare code, which has `symbols` symbols.

    Case, spaces, dots and hyphens are ignored; O is read as 0, and I and L as 1.
    """
    whole = _SEPARATORS.sub("", typed).translate(_READ_AS)
    whole = "".join(c.upper() if c.isascii() else c for c in whole)
    foreign = next((n for n, c in enumerate(whole, 1) if c not in ALPHABET), None)
    if foreign is not None:
        raise InvalidAnswer(
            f"Character {foreign} is not allowed in a code.",
            hint="A code consists of digits and the letters A to Z, except U. Check it again.",
        )
    if len(whole) != symbols + 1:
        counted = f"{len(whole)} {'was' if len(whole) == 1 else 'were'} typed"
        raise InvalidAnswer(
            f"The code has {symbols + 1} letters and digits, but {counted}.",
            hint="Type the whole code. Spaces and hyphens do not matter.",
        )
    bare = whole[:-1]
    if check_symbol(bare) != whole[-1]:
        raise InvalidAnswer(
            "At least one character of the code is wrong.",
            hint="Compare the typed code with your note, group by group.",
        )
    return bare


def response_id(bare: str) -> str:
    """The id of the response for a receipt: 32 hexadecimal digits of a one-way hash."""
    return _name(RESPONSE, bare)


def text_id(bare: str, item: str) -> str:
    """The id of a text for a receipt; `item` is a text key such as `terms_used.other`."""
    return _name(TEXT, item, bare)


def times_id(bare: str) -> str:
    """The id of the times of an interview for a receipt."""
    return _name(TIMES, bare)


def draft_mark(bare: str) -> str:
    """The unencrypted mark of an encrypted draft that contains this receipt."""
    return _name(DRAFT, bare)


def _name(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()[:32]
