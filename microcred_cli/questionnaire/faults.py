"""Stable codes of faults and warnings, listed with descriptions in the documentation."""

from collections.abc import Sequence
from difflib import get_close_matches
from types import MappingProxyType

from microcred_cli.errors import Fault
from microcred_cli.text import safe

CODES = MappingProxyType(
    {
        "Q001": "invalid YAML",
        "Q002": "duplicate key",
        "Q003": "anchor, alias, tag, merge key or directive",
        "Q004": "size or nesting limit exceeded",
        "Q005": "unquoted value that YAML 1.1 and 1.2 read differently",
        "Q006": "not exactly one document",
        "Q010": "missing key",
        "Q011": "unknown key",
        "Q012": "wrong type",
        "Q013": "unknown kind of item",
        "Q014": "value that is not allowed here",
        "Q015": "empty value",
        "Q020": "malformed id",
        "Q021": "malformed code",
        "Q022": "duplicate id",
        "Q023": "item and computed variable with the same id",
        "Q024": "duplicate code",
        "Q025": "reserved code",
        "Q026": "malformed language code",
        "Q030": "condition with no form or several forms",
        "Q031": "empty condition",
        "Q032": "unknown item or computed variable",
        "Q033": "code that the item does not have",
        "Q034": "condition on a later item, or on its own item",
        "Q035": "condition on an item without codes",
        "Q036": "condition on only some of the fine codes of a coarse code",
        "Q037": "condition that is too complex",
        "Q040": "item that no route reaches",
        "Q041": "condition that is never true",
        "Q042": "condition that is always true",
        "Q043": "category that no combination of answers leads to",
        "Q044": "last category with a condition, or earlier category without one",
        "Q045": "too many routes",
        "Q046": "breakdowns whose groups can be combined in too many ways",
        "Q050": "unknown code list",
        "Q051": "no options",
        "Q052": "`anchored` is greater than the number of options",
        "Q053": "impossible limit",
        "Q054": "option property that this kind of item does not allow",
        "Q055": "`required: hard` together with reserved codes in `missing`",
        "Q056": "item that shows a definition that does not exist",
        "Q060": "bands that overlap, or do not cover the range",
        "Q061": "recoding that omits a code",
        "Q062": "recoding that repeats a code",
        "Q063": "recoding of a code that the item does not have",
        "Q064": "number without bands",
        "Q070": "placeholder without a phrase",
        "Q071": "phrase without words for a value",
        "Q072": "phrase that is never used",
        "Q073": "{value} without a setting",
        "Q074": "phrase that depends on an item that is not answered with exactly one code",
        "Q075": "placeholder in a text where phrases are not inserted",
        "Q076": "label too long",
        "Q077": "equal labels",
        "Q078": "empty text",
        "Q079": "invisible character",
        "Q080": "invalid breakdown",
        "Q081": "alias that two options share",
        "Q082": "redundant alias",
        "Q090": "invalid translation file",
        "Q091": "missing translation",
        "Q092": "translation with an unknown key",
        "Q093": "translation of an outdated source text",
        "Q094": "placeholders that differ from the source",
        "Q095": "translated label too long",
        "Q096": "text identical to its source",
        "Q097": "invisible characters or extra spaces in a translation",
        "Q098": "identical labels in a translation",
    }
)
"""A short description of each code; a retired code (Q007) is never reused."""

WARNINGS = MappingProxyType(
    {
        "W001": "no consent question at the beginning",
        "W002": "ordinal scale in shuffled or alphabetical order",
        "W003": "quotation marks that are part of a text",
        "W004": "very long text",
        "W005": "no introduction for respondents, or none to read aloud",
        "W006": "route whose duration differs from the promised minutes",
        "W007": "exception to the promised minutes that applies to no route",
    }
)
"""A short description of each warning; a definition with warnings can be used."""

_MOST_SHOWN = 60
_MOST_LISTED = 12
_MOST_COMPARED = 500


def fault(code: str, line: int | None, item: str | None, message: str, hint: str) -> Fault:
    """Create a fault or warning with a known code; the file name is added later."""
    (WARNINGS if code in WARNINGS else CODES)[code]
    return Fault(code, message, hint, line=line, item=item)


def shown(value: object) -> str:
    """Quote text from a definition, sanitised and shortened for a message."""
    text = safe(value)
    return f"“{text}”" if len(text) <= _MOST_SHOWN else f"“{text[: _MOST_SHOWN - 1]}…”"


def choose(given: str, known: Sequence[str]) -> str:
    """Create a hint with known names that are similar to an unknown name, or the first few."""
    begun = [name for name in known if len(given) > 1 and name.startswith(given)]
    near = begun or get_close_matches(given[:_MOST_SHOWN], known[:_MOST_COMPARED], n=1)
    if near:
        return f"Use {shown(near[0])}, if that is what you meant."
    if not known:
        return "Remove the name: no such names are defined."
    more = ", …" if len(known) > _MOST_LISTED else ""
    return f"Use one of: {', '.join(safe(name) for name in known[:_MOST_LISTED])}{more}."
