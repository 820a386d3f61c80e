"""Receipts and resume codes: made, shown, read back, and the file names derived from them."""

import hashlib
import re
import secrets

from microcred_cli.errors import InvalidAnswer
from microcred_cli.records.formats import RESPONSE, TEXT

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U."""

RECEIPT_SYMBOLS = 19
"""95 random bits; with the check symbol five groups of four."""

RESUME_SYMBOLS = 7
"""35 random bits; with the check symbol two groups of four."""

_GROUP = 4
_SEPARATORS = re.compile(r"[\s.\-_\u2010-\u2015\u2212]+")
_READ_AS = str.maketrans("OoIiLl", "001111")


def new_code(symbols: int) -> str:
    """A bare code of `count` random symbols, five bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(symbols))


def check_symbol(bare: str) -> str:
    """The check symbol: it reveals any single wrong symbol of a code (ISO 7064, hybrid system)."""
    from stdnum.iso7064 import mod_37_36

    return mod_37_36.calc_check_digit(bare, ALPHABET)


def show(bare: str) -> str:
    """A code as people see it: in groups of four, with the check symbol last."""
    whole = bare + check_symbol(bare)
    return "-".join(whole[i : i + _GROUP] for i in range(0, len(whole), _GROUP))


def parse(typed: str, symbols: int) -> str:
    """The bare code, of that many symbols, from typed input with its check symbol.

    Case, spaces, dots and hyphens do not matter, and O is read as 0, I and L as 1.
    """
    whole = _SEPARATORS.sub("", typed).translate(_READ_AS)
    whole = "".join(c.upper() if c.isascii() else c for c in whole)
    foreign = next((n for n, c in enumerate(whole, 1) if c not in ALPHABET), None)
    if foreign is not None:
        raise InvalidAnswer(
            f"Character {foreign} does not belong in a code.",
            hint="A code has digits and the letters A to Z, but never U. Look at it again.",
        )
    if len(whole) != symbols + 1:
        raise InvalidAnswer(
            f"The code has {symbols + 1} letters and digits, and {len(whole)} were typed.",
            hint="Type the whole code. Spaces and hyphens do not matter.",
        )
    bare = whole[:-1]
    if check_symbol(bare) != whole[-1]:
        raise InvalidAnswer(
            "One character of the code is wrong.",
            hint="Compare it with your note, one group after another.",
        )
    return bare


def response_id(bare: str) -> str:
    """The id of the response that belongs to a receipt: 32 hexadecimal digits, not invertible."""
    return _name(RESPONSE, bare)


def text_id(bare: str, item: str) -> str:
    """The id of a text that belongs to a receipt; `item` is like `terms_used.other`."""
    return _name(TEXT, item, bare)


def _name(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()[:32]
