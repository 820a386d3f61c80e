"""Detection and removal of identifiers in free text.

Detection is never complete. Patterns are recognised, not meanings: names, postal addresses and
descriptions of people are not removed. Detection works offline.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from enum import StrEnum
from importlib import import_module

from microcred_cli.frozen import Frozen

MOST = 2000
"""The maximum number of characters of free text that are searched and kept."""


class IdentifierKind(StrEnum):
    """A kind of identifier, with the name that respondents see."""

    EMAIL = "e-mail"
    LINK = "link"
    ACCOUNT = "account number"
    REGISTRATION = "registration number"
    TELEPHONE = "telephone"
    HANDLE = "handle"


class Identifier(Frozen):
    """A part of free text, `text[start:end]`, that could identify somebody."""

    kind: IdentifierKind
    start: int
    end: int


def find_identifiers(
    text: str, kinds: Collection[IdentifierKind] = tuple(IdentifierKind)
) -> tuple[Identifier, ...]:
    """Find the identifiers of these kinds in the first `MOST` characters of a string, in order.

    Overlapping identifiers are merged into one identifier of the same kind as the longest.
    """
    shown = _plain(text[:MOST])
    if not re.search(_FIRST_LOOK, shown):
        return ()
    finders = [(kind, find) for kind, find in _FINDERS if kind in kinds]
    each = [Identifier(kind, *span) for kind, find in finders for span in find(shown)]
    found: list[Identifier] = []
    # If two kinds match the same span, the kind searched for first is used.
    for one in sorted(each, key=lambda one: (one.start, -one.end)):
        if found and one.start < found[-1].end:
            first = found.pop()
            longest = max(first, one, key=lambda each: each.end - each.start)
            one = Identifier(longest.kind, first.start, max(first.end, one.end))
        found.append(one)
    return tuple(found)


def remove_identifiers(text: str, limit: int) -> str:
    """Replace each identifier in a string by the name of its kind, as in `[removed: e-mail]`.

    The result is truncated to `limit` characters (at most `MOST`), but never in the middle of a
    replacement.
    """
    limit = min(limit, MOST)
    while True:
        # Truncation can create an identifier (`example.comma`), so the result is searched again.
        found = find_identifiers(text)
        kept = text
        for one in reversed(found):
            kept = f"{kept[: one.start]}[removed: {one.kind}]{kept[one.end :]}"
        kept = _cut(kept, limit)
        if kept == text and not found:
            return kept
        text = kept


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    spans = (replacement.span() for replacement in re.finditer(_REPLACEMENT, text))
    return text[: next((start for start, end in spans if start < limit < end), limit)].rstrip()


def _plain(text: str) -> str:
    """Normalise characters for the search, keeping the position of each character.

    Without normalisation, addresses in full-width or other compatibility characters would not be
    found. Earlier replacements are masked.
    """
    plain = text
    if not text.isascii():
        forms = (unicodedata.normalize("NFKC", c) for c in text)
        plain = "".join(form if len(form) == 1 else c for c, form in zip(text, forms, strict=True))
    return re.sub(
        _REPLACEMENT, lambda match: "\N{OBJECT REPLACEMENT CHARACTER}" * len(match[0]), plain
    )


_REPLACEMENT = rf"\[removed: (?:{'|'.join(IdentifierKind)})\]"

Span = tuple[int, int]

# The patterns below are strings, so that they are compiled when the first text is searched and
# not when the program starts.


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# E-mail addresses

_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]{1,128}"
_TOP = r"(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,24})"
_AT = r"(?:at|ät|arobase|arobas|arroba|małpa|malpa)"
_DOT = r"(?:dot|punkt|point|punto|kropka)"
_EMAIL = rf"""(?xi)
    {_LOCAL} @ (?: [\w-]+ (?:\.[\w-]+)+ | [\w-]{{4,}} | \[[\d.:a-f]+\] )
    | {_LOCAL} \s{{0,2}} @ \s{{0,2}} [\w-]+ (?:\.[\w-]+)* \. {_TOP}
    | "[^"\n]{{1,64}}" @ [\w.-]+
    # name (at) firm [dot] org
    | {_LOCAL} \s? [(\[{{<] \s? (?:{_AT}|a|@) \s? [)\]}}>] \s?
      [\w-]+ (?: (?: \s?[(\[{{<]\s?(?:{_DOT}|\.)\s?[)\]}}>]\s? | \s{_DOT}\s | \.) [\w-]+ )+
    # name at firm dot org
    | [\w.+-]{{1,64}} (?: \s{_DOT}\s [\w+-]{{1,64}} ){{0,3}} \s{_AT}\s
      [\w-]+ (?: (?: \s{_DOT}\s | \.) [\w-]+ ){{0,3}} \s{_DOT}\s (?P<top>[a-z]{{2,24}}) \b
    """


def _emails(text: str) -> Iterator[Span]:
    for match in re.finditer(_EMAIL, text):
        top = match["top"]
        if top is None or top.lower() in _GENERIC | _COUNTRIES:
            yield match.start(), len(text[: match.end()].rstrip("-."))


# Quick check for something that every identifier contains. Most texts contain nothing of the kind
# and need no further search.

_FIRST_LOOK = rf"""(?xi)
    @ | \.\w | :// | www | mailto: | \d (?: \D*\d ){{3}} | [a-z]{{2}} \ ? \d{{2}}
    | [(\[{{<] \s? (?:{_AT}|a) \s? [)\]}}>] | \s {_DOT} \s
    """

# Links

_GENERIC = _names(
    "com org net info biz edu gov int mobi eu cat asia coop museum academy education university"
    " institute training careers consulting gmbh online digital cloud tech app dev io ai xyz site"
    " website shop blog tv"
)
_COUNTRIES = _names(
    "ad al at ba be bg by ch co cy cz de dk ee es fi fr ge gi gr hr hu ie is it li lt lu lv mc md"
    " me mk mt nl no pl pt ro rs ru se si sk sm tr ua uk us va ca au nz br jp cn in"
)
# Top-level domains that are also words and can begin a sentence after a missing space.
_WORDS = _names("in me is")
# Names that look like domains, but are not domains.
_NO_DOMAIN = (
    r"(?:.*\.)?(?:etc|usw|itd|itp|bzw|vs)\..*|(?:asp|ado|vb|ml)\.net|.*\.(?:js|pdf|docx?|xlsx?|csv)"
)
_LINK = r"(?i)(?<![^\W_])(?:[a-z][a-z0-9+.-]{1,19}://|www\d{0,3}\.|mailto:)[^\s<>\"]+"
_BARE = (
    rf"(?i)(?<![\w@.-])(?P<host>(?:[\w-]+\.)+(?P<top>{_TOP}))(?![\w-])"
    r"(?P<port>:\d{1,5})?(?P<path>/\w[^\s<>\"]*)?(?:[/?#][^\s<>\"]*)?"
)
_NUMERIC = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+|/)[^\s<>\"]*"
_SPOKEN = rf"(?i)(?<!\w)(?!the )[\w-]+(?: {_DOT} [\w-]+)* {_DOT} (?:com|org|net|eu|edu)\b"
_CLOSING = {")": "(", "]": "[", "}": "{"}


def _links(text: str) -> Iterator[Span]:
    for pattern in (_LINK, _NUMERIC, _SPOKEN):
        for match in re.finditer(pattern, text):
            yield match.start(), _link_end(text, *match.span())
    for match in re.finditer(_BARE, text):
        host = _domain(match["host"], has_path=bool(match["path"]))
        if host == match["host"]:
            yield match.start(), _link_end(text, *match.span())
        elif host:
            yield match.start(), match.start() + len(host)


def _domain(host: str, *, has_path: bool) -> str:
    """The longest prefix that is a domain; the last words can belong to the next sentence."""
    while "." in host and not _is_domain(host, has_path=has_path):
        host = host.rpartition(".")[0]
        has_path = False
    return host if "." in host else ""


def _is_domain(host: str, *, has_path: bool) -> bool:
    before, _, top = host.rpartition(".")
    label = before.rpartition(".")[2]
    short = top.lower()
    if not re.search(r"[^\W\d_]", label) or re.fullmatch(_NO_DOMAIN, host.lower()):
        return False
    if len(label) < 2:
        return short in ("com", "org", "net")
    if short in _GENERIC or (has_path and len(short) > 1):
        return True
    # A capital letter starts a new sentence, as in `courses.It`.
    return short in _COUNTRIES - _WORDS and (top.islower() or host.isupper())


def _link_end(text: str, start: int, end: int) -> int:
    while end > start + 1:
        last = text[end - 1]
        opened = _CLOSING.get(last)
        if last not in ".,;:!?'»”’…" and (
            opened is None or text.count(opened, start, end) >= text.count(last, start, end)
        ):
            break
        end -= 1
    return end


# Numbers

_GAP = r"[\ ./()\-\u2010-\u2015]"
_DIGITS = rf"\d(?:{_GAP}{{0,3}}\d)"
_YEAR = r"(?:1[5-9]|20)\d\d"
_YEARS = rf"(?:\d{{1,2}}\D{{1,3}}){{0,2}}{_YEAR}(?:\D{{1,3}}(?:\d{{1,2}}|{_YEAR}))*"
_AMOUNT = r"\d{1,3}(?:[ .]\d{3})+(?:\D{1,4}\d{1,3}(?:[ .]\d{3})+)*"
_CURRENCY = r"(?:€|£|\$|%|eur\b|euros?\b|zł|pln\b|gbp\b|usd\b|chf\b)"
_UNIT = (
    rf"(?i)\s?(?:,\d\d?\s?)?(?:{_CURRENCY}|mi[ol]|mln|mld|tys|people|persons|staff|employ|learners"
    r"|hours|beschäftigte|mitarbeit|menschen|personen|stunden|salari|personnes|heures|emplead|personas"
    r"|trabajador|horas|pracowni|osób|godzin)"
)
_MONEY_BEFORE = rf"(?i){_CURRENCY}\s?$"


def _labelled(pattern: str, text: str, enough: Callable[[str], int]) -> Iterator[Span]:
    """Find numbers that follow a keyword and for which `enough(match)` is true."""
    for match in re.finditer(pattern, text):
        number = match["number"]
        if _count_digits(number) >= enough(match[0].lower()) and not _is_years(number):
            yield match.span("number")


def _count_digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _is_years(text: str) -> bool:
    return re.fullmatch(_YEARS, text.strip(" ()./-+")) is not None


def _is_amount(text: str, start: int, end: int) -> bool:
    number = text[start:end].removeprefix("+").strip()
    grouped = re.fullmatch(_AMOUNT, number) is not None
    if number.startswith(("0", "(")) or (text[start] == "+" and not grouped):
        return False
    return bool(
        re.match(_UNIT, text[end:])
        or re.search(_MONEY_BEFORE, text[max(0, start - 6) : start])
        or (grouped and number.endswith("000"))
    )


def _longest_valid(
    text: str, start: int, end: int, least: int, is_valid: Callable[[str], bool]
) -> Span | None:
    """The longest valid prefix; the words after a number can look like part of it."""
    places = [place for place in range(start, end) if text[place].isalnum()]
    bare = "".join(text[place] for place in places).upper()
    counts = (n for n in range(len(bare), least - 1, -1) if is_valid(bare[:n]))
    count = next(counts, 0)
    return (start, places[count - 1] + 1) if count else None


# Account numbers

_IBAN = r"(?i)(?:(?<![^\W_])|(?<=iban))[a-z]{2} ?\d{2}(?:[ .-]{0,2}[a-z0-9]){11,30}"
# Account numbers with a mistyped digit.
_ALMOST_IBAN = r"(?<![^\W_])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){10,29}[ -]?\d(?![^\W_])"
_LONG = r"(?<![\w.,])(?:\d(?:[ -]?\d){14,33}|\d\d-\d\d-\d\d,? \d{8})(?!\w)"
_SAID_ACCOUNT = (
    r"(?i)(?<![^\W_])(?:sort\s?code|blz|kto|iban|rib|konto(?:nummer|nr)?|konta|rachun\w+|acc(?:oun)?t"
    r"|cuenta|compte|card|karte|carte|tarjeta|karta)\b"
    r"[\s.:#°º-]{0,3}(?:(?:number|no|nr|num|n|numer|nummer|numéro|número)\b[\s.:#°º-]{0,3})?"
    rf"(?P<number>\d(?:{_GAP}{{0,2}}[A-Z]?\d){{5,33}})(?!\w)"
)


def _accounts(text: str) -> Iterator[Span]:
    def is_valid(number: str) -> bool:
        from stdnum import iban

        return bool(iban.is_valid(number, check_country=False))

    found = (_longest_valid(text, *m.span(), 15, is_valid) for m in re.finditer(_IBAN, text))
    valid = [span for span in found if span]
    yield from valid
    for match in re.finditer(_ALMOST_IBAN, text):
        apart = all(match.end() <= start or end <= match.start() for start, end in valid)
        if apart and _count_digits(match[0]) >= 13:
            yield match.span()
    for match in re.finditer(_LONG, text):
        if not _is_years(match[0]) and not _is_amount(text, *match.span()):
            yield match.span()
    short = "sort", "kto", "blz"
    yield from _labelled(_SAID_ACCOUNT, text, lambda said: 6 if said.startswith(short) else 8)


# Registration numbers

_VAT = (
    r"(?<![^\W_])(?:(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO"
    r"|SE|SI|SK|XI|CHE)[ .-]?)[A-Z0-9](?:[ .-]?[A-Z0-9]){6,12}"
)
_POLISH = r"(?<![\w-])(?:\d{3}-\d{3}-\d\d-\d\d|\d{3}-\d\d-\d\d-\d{3}|\d{11})(?![\w-])"
_SAID_REGISTRATION = r"""(?xi)
    (?<![^\W_])(?:
        ust-?id(?:nr|-nr|nummer)? | umsatzsteuer-?id\w* | uid | vat | tva | iva | p\.?\ ?iva
        | steuer-?(?:nummer|nr|id\w*) | st\.?-?nr | tax\s(?:id|number|no)
        | nif | cif | dni | nie | nip(?:\sue)? | regon | krs | pesel | siren | siret
        | rcs\s(?:de\s)?[^\W\d_]+(?:\s[a-d])? | hr[ab] | handelsregister\w* | hoja | lei
        | eori | crn | d-?u-?n-?s | company | companies\shouse | registration | registered
        | registrierung\w*
        | immatriculation | déclaration\sd.activité | registro | rejestr\w* | betriebsnummer
        | charity | cotización | registered\sin\sengland(?:\sand\swales)?
    )\b
    (?: [\s.:\#°º-]{0,3} (?:
        number | numbers | num | no | nr | nummer | numer | numéro | número | n | registration | reg
        | under | sous | id | is | ist | est | es | to | lautet | le | el | la | the
        | intracommunautaire | intracomunitario
    )\b ){0,4}
    [\s.:\#°º-]{0,4}
    (?P<number> (?:[A-Z]{1,4}[\ -]?)? \d (?: [\ ./-]?[A-Z]{0,2}\d ){3,20} (?:-?[A-Z]\b)? )
    (?!\w)
    """


def _registrations(text: str) -> Iterator[Span]:
    yield from _labelled(_SAID_REGISTRATION, text, lambda said: 4 if said.startswith("hr") else 5)
    for match in re.finditer(_VAT, text):
        if _count_digits(match[0]) >= 7 and (span := _vat(text, *match.span())):
            yield span
    for pattern, *kinds in _CHECKED:
        for match in re.finditer(pattern, text):
            if any(_is_valid(match[0], kind) for kind in kinds):
                yield match.span()


def _vat(text: str, start: int, end: int) -> Span | None:
    country = text[start : start + 3]
    kind = "gb.vat" if country[:2] == "GB" else "ch.uid" if country == "CHE" else "eu.vat"
    span = _longest_valid(text, start, end, 9, lambda number: _is_valid(number, kind))
    return None if span is None or _is_years(text[start + 2 : span[1]].strip()) else span


def _is_valid(number: str, kind: str) -> bool:
    """Validate a number with the `stdnum` module for its kind."""
    return bool(import_module(f"stdnum.{kind}").is_valid(number))


_CHECKED = (
    (r"(?<!\w)[A-Z0-9]{18}\d{2}(?!\w)", "lei"),
    (r"(?<!\w)(?:[A-Z]-?\d{7}-?[A-Z0-9]|\d{8}-?[A-Z])(?!\w)", "es.nif", "es.cif"),
    (
        r"(?<![\w-])(?:\d{3}-\d{3}-\d\d-\d\d|\d{3}-\d\d-\d\d-\d{3}|\d{11})(?![\w-])",
        "pl.nip",
        "pl.pesel",
    ),
    (r"(?<!\w)\d{3} ?\d{3} ?\d{3} ?\d{5}(?!\w)", "fr.siret"),
)


# Telephone numbers

_REGIONS = ("GB", "DE", "FR", "ES", "PL")
_SAID_TELEPHONE = (
    r"(?i)(?<![^\W_])(?:tel|tél|teléf?|telefon\w*|teléfono|telefono|téléphone|telephone|phone|mobile?"
    r"|móvil|movil|portable|handy|cell|fax|faks|telefax|whatsapp|kom|komórka|centralita|hotline"
    r"|switchboard|durchwahl|rufnummer|infolinia)\b"
    r"[\s.:°º-]{0,3}(?:(?:number|no|nr|n|num|nummer|numer|is|ist|est|es|to|unter|under)\b[\s.:°º]{0,3})"
    rf"{{0,2}}(?P<number>\+?\(?{_DIGITS}{{5,16}})(?!\w)"
)
_PREFIXED = (
    # An international number, a number with the leading 0 of most countries, or one in groups of 3,
    # 3 and 4 digits.
    rf"""(?x)
    (?<![\w.,+]) (?:
        \+[\ (]{{0,2}} {_DIGITS}{{7,15}}
        | \(? (?!0[.,]) 0 \)? {_GAP}? {_DIGITS}{{7,13}}
        | \(?\d{{3}}\)?[\ .-]{{1,2}}\d{{3}}[\ .-]\d{{4}}
    ) (?![\w%€])
    """
)


def _telephones(text: str) -> Iterator[Span]:
    if _count_digits(text) < 6:
        return
    yield from _labelled(_SAID_TELEPHONE, text, lambda _: 6)
    for start, end in (*(match.span() for match in re.finditer(_PREFIXED, text)), *_known(text)):
        if not _is_years(text[start:end]) and not _is_amount(text, start, end):
            yield start, end


def _known(text: str) -> Iterator[Span]:
    """Find telephone numbers that are valid in the numbering plans of selected countries."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    for region in _REGIONS:
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
            if _count_digits(match.raw_string) >= 7:
                yield match.start, match.end


# Handles

_HANDLE = r"(?i)(?<![\w@.])@(?!(?:home|work|school|all|office|uni)\b)[a-z_][\w.]{2,29}"


def _handles(text: str) -> Iterator[Span]:
    for match in re.finditer(_HANDLE, text):
        yield match.start(), len(text[: match.end()].rstrip("."))


_FINDERS: tuple[tuple[IdentifierKind, Callable[[str], Iterator[Span]]], ...] = (
    (IdentifierKind.EMAIL, _emails),
    (IdentifierKind.LINK, _links),
    (IdentifierKind.ACCOUNT, _accounts),
    (IdentifierKind.REGISTRATION, _registrations),
    (IdentifierKind.TELEPHONE, _telephones),
    (IdentifierKind.HANDLE, _handles),
)
