"""Checks case labels and stratum names, and rejects anything that looks like personal data."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from microcred_cli.errors import UsageError

LONGEST_LABEL: Final = 32
LONGEST_STRATUM: Final = 64
LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
STRATUM: Final = re.compile(r"\w[\w.+-]*(?:/\w[\w.+-]*)*")
_SEVERAL_NAMES = re.compile(r"[A-Z][a-z]+(?:[._-][A-Z][a-z]+)+")
_NUMBER_ONLY = re.compile(r"[+(]?\d[\d ()/.+_-]*")
_AREA_CODE = re.compile(r"(?:\+\d+|\(?0\d+\)?)/[\d/.+_-]+")
_RUN_OF_DIGITS = re.compile(r"\d(?:[.+_-]*\d)*")
_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}[._-]")
"""A year in a label such as DE-2026-0042; its digits are not part of a telephone number."""
_GAP = r"[._-]+"
_HOUSE_NUMBER = r"[0-9]{1,4}[A-Za-z]?"
_STREETS = (
    r"[\w.-]*(?:(?<!indu)(?<!con)str|stra(?:ss|ß)e|straat|laan|gasse|allee|weg|platz|katu)"
    rf"[._-]*{_HOUSE_NUMBER}",
    rf"(?:rue|calle|via|ul|ulica|avenida|avenue|boulevard|plaza|piazza)(?:{_GAP}[^\W\d_]+)+"
    rf"{_GAP}{_HOUSE_NUMBER}",
    rf"{_HOUSE_NUMBER}{_GAP}(?:rue|avenue|boulevard)(?:{_GAP}[^\W\d_]+)+",
    rf"{_HOUSE_NUMBER}(?:{_GAP}[^\W\d_]+)+{_GAP}(?:street|road|avenue|lane|square)",
)
_STREET = re.compile("|".join(_STREETS), re.IGNORECASE)
_MOST_DIGITS = 6


def check_label(typed: str) -> str:
    """Return the label of a case without surrounding spaces; raise a UsageError if it is not valid.

    Only obvious names are rejected, because names cannot always be distinguished from labels.
    """
    label = typed.strip(" ")
    if "@" in label:
        reason = "This looks like an e-mail address, which is not allowed as a label."
    elif _is_long_number(label):
        reason = (
            "This looks like a telephone or registration number, which is not allowed as a label."
        )
    elif _SEVERAL_NAMES.fullmatch(label) or len(label.split()) > 1:
        reason = "This looks like a name, which is not allowed as the label of a case."
    elif not LABEL.fullmatch(label):
        reason = (
            f"A case label consists of 1 to {LONGEST_LABEL} letters (A to Z), digits, hyphens, "
            "underscores and dots, and begins with a letter or digit."
        )
    elif (kind := _personal_kind(label)) is not None:
        reason = f"This looks like {kind}, which is not allowed as a label."
    else:
        return label
    raise UsageError(reason, hint="Use the label assigned by the study, such as DE-0042.")


@lru_cache(maxsize=4096)
def check_stratum(typed: str) -> str:
    """Return the name of a stratum without surrounding spaces; raise a UsageError if invalid."""
    stratum = typed.strip(" ")
    if "@" in stratum:
        reason = "This looks like an e-mail address, which is not allowed as a stratum."
    elif _is_telephone_number(stratum):
        reason = "This looks like a telephone number, which is not allowed as a stratum."
    elif any(_is_name(part) for part in stratum.split("/")):
        reason = "This looks like a name, which is not allowed as a stratum."
    elif len(stratum) > LONGEST_STRATUM or not STRATUM.fullmatch(stratum):
        reason = (
            f"The name of a stratum consists of 1 to {LONGEST_STRATUM} letters, digits, hyphens, "
            "underscores, dots and plus signs, with slashes between its parts."
        )
    elif (kind := _personal_kind(stratum)) is not None:
        reason = f"This looks like {kind}, which is not allowed as a stratum."
    else:
        return stratum
    raise UsageError(
        reason,
        hint="Use the short names of strata in the sample design, such as north/industry/small.",
    )


def _is_long_number(text: str) -> bool:
    return bool(_NUMBER_ONLY.fullmatch(text)) and _digits(text) > _MOST_DIGITS


def _is_telephone_number(stratum: str) -> bool:
    """True for long numbers without letters, but not for size ranges such as 0-49/050-249."""
    parts = stratum.split("/")
    if _AREA_CODE.fullmatch(stratum):
        return _digits(stratum) > _MOST_DIGITS
    return _NUMBER_ONLY.fullmatch(stratum) is not None and max(map(_digits, parts)) > _MOST_DIGITS


def _is_name(text: str) -> bool:
    """True for several capitalised words, but not for one hyphenated word, such as a region."""
    words = re.split(r"[\s._]+", text)
    return len(words) > 1 and all(
        word.istitle() and word.replace("-", "").isalpha() for word in words
    )


def _personal_kind(text: str) -> str | None:
    """The kind of number or address that the text contains, such as "a telephone number"."""
    if _has_identifier(text):
        return "a registration or account number"
    parts = text.split("/")
    if any(_has_long_number(part) for part in parts):
        return "a telephone number"
    return "an address" if any(_STREET.fullmatch(part) for part in parts) else None


def _has_long_number(part: str) -> bool:
    runs = _RUN_OF_DIGITS.findall(_YEAR.sub(" ", part))
    return any(_digits(run) > _MOST_DIGITS for run in runs)


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _has_identifier(text: str) -> bool:
    """True if the text contains an identification number, such as a tax or account number."""
    if _digits(text) <= _MOST_DIGITS:
        return False
    from microcred_cli.records.identifiers import IdentifierKind, find_identifiers

    kinds = (IdentifierKind.ACCOUNT, IdentifierKind.REGISTRATION)
    return bool(find_identifiers(text, kinds))
