"""Values of plain scalars in YAML 1.2, and a check for ambiguity with YAML 1.1."""

import re
from typing import Final

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_MOST_DIGITS: Final = 18

_OLD_BOOLEAN: Final = re.compile(
    r"y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE"
)
_OLD_INTEGER: Final = re.compile(
    r"[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
)
_OLD_FLOAT: Final = re.compile(
    r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_OLD_TIMESTAMP: Final = re.compile(
    r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?"
    r"(?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))?",
    re.ASCII,
)
_OLD_OTHER: Final = frozenset({"=", "<<"})


def core_value(text: str) -> str | int | float | bool | None:
    """Convert a plain scalar by the core schema of YAML 1.2.

    An integer with too many digits becomes floating-point infinity, as in other parsers.
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text, base) if len(text) <= _MOST_DIGITS else float("inf")
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def is_ambiguous(text: str) -> bool:
    """True if YAML 1.1 and YAML 1.2 read a plain scalar as different values.

    Examples are words such as yes and no, octal, binary, sexagesimal and grouped numbers, exponents
    without a sign, and dates.
    """
    if not text or not (text[0] in "+-.~=<" or (text[0].isascii() and text[0].isalnum())):
        return False
    if text in _OLD_OTHER or _OLD_TIMESTAMP.fullmatch(text):
        return True
    new = core_value(text)
    if _OLD_BOOLEAN.fullmatch(text):
        return not isinstance(new, bool)
    if _OLD_INTEGER.fullmatch(text):
        return isinstance(new, str) or (type(new) is int and _old_integer(text) != new)
    if _OLD_FLOAT.fullmatch(text):
        return type(new) is not float or "_" in text or ":" in text
    return isinstance(new, int | float) and not isinstance(new, bool)


def _old_integer(text: str) -> int | None:
    """The integer value in YAML 1.1; None for notations that exist only in YAML 1.1."""
    sign, digits = (-1 if text[0] == "-" else 1), text.lstrip("+-")
    if "_" in digits or ":" in digits or digits.startswith("0b"):
        return None
    if digits.startswith("0x"):
        return sign * int(digits, 16)
    return sign * (int(digits, 8) if digits.startswith("0") else int(digits))
