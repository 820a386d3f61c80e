"""Fault codes: stable, each with its name in the documentation."""

from collections.abc import Sequence
from difflib import get_close_matches
from types import MappingProxyType

from microcred_cli.errors import Fault
from microcred_cli.text import safe

CODES = MappingProxyType(
    {
        "Q001": "not readable as YAML",
        "Q002": "duplicate key",
        "Q003": "anchor, alias, tag, merge key or directive",
        "Q004": "over a limit of size or depth",
        "Q005": "plain scalar that YAML 1.1 reads differently",
        "Q006": "not exactly one document",
        "Q010": "missing key",
        "Q011": "unknown key",
        "Q012": "wrong type",
        "Q013": "unknown kind of item",
        "Q014": "word that is not allowed here",
        "Q015": "empty value",
        "Q020": "bad form of an id",
        "Q021": "bad form of a code",
        "Q022": "duplicate id",
        "Q023": "item and computed variable with the same id",
        "Q024": "duplicate code",
        "Q025": "reserved code",
        "Q026": "bad form of a language",
        "Q030": "condition with none or several of its forms",
        "Q031": "empty condition",
        "Q032": "unknown item or computed variable",
        "Q033": "code that the item does not have",
        "Q034": "condition on something later, or on itself",
        "Q035": "condition on an item without codes",
        "Q036": "condition that splits a coarse code",
        "Q037": "condition that rests on too much",
        "Q040": "question that no path reaches",
        "Q041": "condition that is never true",
        "Q042": "condition that is always true",
        "Q043": "category that no answer gives",
        "Q044": "category with, or without, a condition in the wrong place",
        "Q045": "too many routes",
        "Q050": "unknown code list",
        "Q051": "no options",
        "Q052": "more anchored options than options",
        "Q053": "impossible limit",
        "Q054": "mark that the item's options cannot have",
        "Q055": "hard item that offers a missing code",
        "Q056": "definition shown that there is not",
        "Q060": "bands that overlap, or do not cover the range",
        "Q061": "recoding that misses a code",
        "Q062": "recoding that repeats a code",
        "Q063": "recoding of a code that the item does not have",
        "Q064": "number without bands",
        "Q070": "token that no phrase gives",
        "Q071": "phrase without words for a value",
        "Q072": "phrase that is never used",
        "Q073": "{value} without a setting",
        "Q074": "phrase by an item without exactly one code",
        "Q075": "token where nothing is inserted",
        "Q076": "label too long",
        "Q077": "equal labels",
        "Q078": "empty text",
        "Q079": "invisible character",
        "Q080": "breakdown that cannot be one",
        "Q081": "further name that two options have",
        "Q082": "further name that adds nothing",
        "Q090": "translation that cannot be read",
        "Q091": "missing translation",
        "Q092": "translation of a text that there is not",
        "Q093": "translation of an earlier source",
        "Q094": "placeholders that differ",
        "Q095": "translated label too long",
        "Q096": "text that is not translated",
        "Q097": "unclean translation",
        "Q098": "options that became the same",
    }
)
"""The meaning of each code in a few words; a retired code (Q007) is never reused."""

_MOST_SHOWN = 60
_MOST_LISTED = 12
_MOST_COMPARED = 500


def fault(code: str, line: int | None, item: str | None, message: str, hint: str) -> Fault:
    """A fault with a known code; the file name is added at the end."""
    CODES[code]
    return Fault(code, message, hint, line=line, item=item)


def shown(value: object) -> str:
    """Text from a definition, made safe and short for a message."""
    text = safe(value)
    return f"“{text}”" if len(text) <= _MOST_SHOWN else f"“{text[: _MOST_SHOWN - 1]}…”"


def choose(given: str, known: Sequence[str]) -> str:
    """A hint for an unknown name: the closest known name, or the first few."""
    near = get_close_matches(given[:_MOST_SHOWN], known[:_MOST_COMPARED], n=1)
    if near:
        return f"Write {shown(near[0])}, if that is meant."
    if not known:
        return "Take it out: there is nothing to name."
    more = ", …" if len(known) > _MOST_LISTED else ""
    return f"Use one of: {', '.join(safe(name) for name in known[:_MOST_LISTED])}{more}."
