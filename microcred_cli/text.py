"""Untrusted text: cleaned when it is read, and made safe before it is displayed."""

import re
import unicodedata

_REPLACEMENT = "�"
_MOST_MARKS = 4
# Invisible characters: the code points of Default_Ignorable_Code_Point in Unicode's
# DerivedCoreProperties.txt (version 16.0.0), the interlinear annotation characters and the braille
# blank.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_WITHOUT_MARK = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Replacements for letters that Unicode does not decompose into a base letter and a mark."""
_PLAIN = re.compile(r"[ -~]*")


def clean(text: str, *, newlines: bool = False) -> str:
    """The text in NFC, without control, bidi or invisible characters.

    Tabs become spaces, and so do line breaks unless `newlines` is set. Lone surrogates (which come
    from invalid UTF-8 in terminal input), unassigned code points and combining marks beyond four in
    a row are dropped. Leading and trailing white space is removed.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if not newlines:
        text = text.replace("\n", " ")
    return _settled(text, "").strip()


def safe(text: object, *, newlines: bool = False) -> str:
    """The text in a form that is safe to show on a screen, in a report or in a table cell.

    Control characters, escape sequences, bidi overrides, invisible characters and surrogates are
    replaced by visible symbols, so they have no effect on the terminal.
    """
    shown = str(text)
    if _PLAIN.fullmatch(shown):
        return shown
    return _settled(shown.replace("\t", " "), _REPLACEMENT, newlines=newlines)


def _settled(text: str, instead: str, *, newlines: bool = True) -> str:
    # Dropping a character can join a letter with following marks, so this is repeated until the
    # text is stable.
    kept = _kept(text, instead, newlines=newlines)
    while kept != text:
        text, kept = kept, _kept(kept, instead, newlines=newlines)
    return kept


def _kept(text: str, instead: str, *, newlines: bool = True) -> str:
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character == "\n" and newlines:
            kept.append(character)
        elif category == "Zl" or category == "Zp":
            kept.append(" ")
        elif category[0] == "C" or _INVISIBLE.match(character):
            kept.append(_control_picture(character) if instead else "")
        elif marks > _MOST_MARKS:
            continue
        else:
            kept.append(character)
    return "".join(kept)


def _control_picture(character: str) -> str:
    point = ord(character)
    if point < 0x20:
        return chr(0x2400 + point)
    return "␡" if point == 0x7F else _REPLACEMENT


def usual_width(text: str) -> str:
    """Replace full-width letters, digits, punctuation and spaces with their normal-width forms."""
    return "".join(
        unicodedata.normalize("NFKC", c) if unicodedata.decomposition(c)[:6] == "<wide>" else c
        for c in text
    )


def fold(text: str) -> str:
    """Fold a string for searching: ignore case, and remove accents (NFKD without marks)."""
    # Compatibility characters such as ℠ can only be case-folded after decomposition.
    folded = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", folded).translate(_WITHOUT_MARK)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
