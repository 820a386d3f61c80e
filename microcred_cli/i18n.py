"""Translation of the program's own messages (GNU gettext), in one language per process.

The language is a setting of the process, because a process conducts only one interview. The
language of an interview can change at any question. Questionnaires are not translated by this
module: translation files next to the definition contain their translations.
"""

import gettext
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

InLanguages = Sequence[T] | Callable[[str], Sequence[T]]
"""Texts used for all languages, or a function that returns the texts for a language code."""

DOMAIN: Final = "microcred"
FOLDER: Final = Path(__file__).parent / "locale"
"""The folder of the catalogues: `<language>/LC_MESSAGES/microcred.po`, compiled to `.mo`."""

OWN_LANGUAGE: Final = "en"
"""The language of the messages in the source code."""

GROUPS: Final = {
    "de": ".",
    "en": ",",
    "es": "\u00a0",
    "fi": "\u00a0",
    "fr": "\u202f",
    "nl": ".",
    "pl": "\u00a0",
    "sl": ".",
}
"""The thousands separator of each language, as in the built-in questionnaire.

The separators are those of CLDR, except for the no-break space in Spanish, which is that of
texts of the European Union.
"""

_UNGROUPED: Final = {"es": 9_999, "pl": 9_999}
"""The largest number without a thousands separator, in languages that do not separate four-digit
numbers."""


class _Spoken:
    language = OWN_LANGUAGE
    catalogue: gettext.NullTranslations = gettext.NullTranslations()


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, FOLDER, [language], fallback=True)


def speak(language: str) -> None:
    """Set the language for this process; without a catalogue, messages are in English."""
    if language != _Spoken.language:
        _Spoken.language, _Spoken.catalogue = language, _catalogue(language)


def spoken() -> str:
    """The code of the current language."""
    return _Spoken.language


def _(text: str) -> str:
    """The translation of an English message."""
    return _Spoken.catalogue.gettext(text)


def n_(one: str, many: str, number: int) -> str:
    """The translation of a message with a number, in the right plural form."""
    return _Spoken.catalogue.ngettext(one, many, number)


def N_(text: str) -> str:  # noqa: N802 - the name that message extractors expect
    """Mark a message for extraction; it is translated later, where it is used."""
    return text


def is_translated(language: str) -> bool:
    """True if the program's own messages are available in this language."""
    return language in GROUPS


def own_words(language: str) -> str:
    """A notice for a language in which the program's own messages are not available."""
    notice = (
        f"[{OWN_LANGUAGE}] The program's own texts, such as notes and messages, are in English."
    )
    return "" if is_translated(language) else notice


def digits(number: int) -> str:
    """An integer formatted for the current language."""
    if number <= _UNGROUPED.get(_Spoken.language, 999):
        return str(number)
    return f"{number:,}".replace(",", GROUPS.get(_Spoken.language, ""))


_FIRST_YEAR: Final = 1_000
_LAST_YEAR: Final = 9_999


def within(number: int, minimum: int, maximum: int) -> str:
    """An integer formatted for the current language, without separators if it may be a year.

    A number may be a year if both limits of its range have four digits.
    """
    is_year = minimum >= _FIRST_YEAR and maximum <= _LAST_YEAR
    return str(number) if is_year else digits(number)


_GROUPED: Final = re.compile(r"(?<=\d)[\u00a0\u202f](?=[\d%])")
_NO_BLANK_ALOUD: Final = frozenset({"es"})
"""Languages in which a screen reader treats a space between digits as the end of a number."""


def read_aloud(text: str) -> str:
    """Format the numbers in a text so that a screen reader reads each of them as one number.

    Middle dots between parts of a line become commas, because some screen readers read the dots
    out.
    """
    text = text.replace(" · ", ", ")
    return _GROUPED.sub("" if _Spoken.language in _NO_BLANK_ALOUD else " ", text)


_PERCENT: Final = {"nl": "{number}%", "pl": "{number}%"}
"""Languages without a space before the percent sign, as in CLDR."""


def per_cent(number: int) -> str:
    """An integer percentage formatted for the current language."""
    return _PERCENT.get(_Spoken.language, "{number} %").format(number=number)


def tenths(number: int) -> str:
    """A number of tenths formatted as a decimal fraction in the current language."""
    mark = "." if _Spoken.language == OWN_LANGUAGE or _Spoken.language not in GROUPS else ","
    return f"{number // 10}{mark}{number % 10}"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Set the language within a `with` block."""
    before = _Spoken.language
    speak(language)
    try:
        yield
    finally:
        speak(before)


QUOTES: Final = {
    "de": ("„", "“"),
    "es": ("«", "»"),
    "fi": ("”", "”"),
    "fr": ("«\u00a0", "\u00a0»"),
    "pl": ("„", "”"),
    "sl": ("»", "«"),
}
"""Quotation marks of languages that do not use “ and ”."""


def quoted(text: str) -> str:
    """A text in the quotation marks of the current language."""
    begin, end = QUOTES.get(_Spoken.language, ("“", "”"))
    return f"{begin}{text}{end}"


COLONS: Final = {"fr": "\u202f: "}
"""The colon, in languages that put a space before it."""


def labelled(label: str, text: str) -> str:
    """A label and a text, separated by a colon as written in the current language."""
    return f"{label}{COLONS.get(_Spoken.language, ': ')}{text}"


SEMICOLONS: Final = {"fr": "\u202f; "}
"""The semicolon, in languages that put a space before it."""


def joined(texts: Iterable[str]) -> str:
    """The non-empty strings, separated by semicolons as written in the current language."""
    return SEMICOLONS.get(_Spoken.language, "; ").join(filter(None, texts))


LETTERS: Final = {
    "de": {"yes": "j", "no": "n", "dk": "w", "pna": "k"},
    "en": {"yes": "y", "no": "n", "dk": "d", "pna": "p"},
    "es": {"yes": "s", "no": "n", "dk": "l", "pna": "p"},
    "fi": {"yes": "k", "no": "e", "dk": "o", "pna": "h"},
    "fr": {"yes": "o", "no": "n", "dk": "s", "pna": "r"},
    "nl": {"yes": "j", "no": "n", "dk": "w", "pna": "g"},
    "pl": {"yes": "t", "no": "n", "dk": "w", "pna": "o"},
    "sl": {"yes": "d", "no": "n", "dk": "v", "pna": "o"},
}
"""The keys for yes, no, don't know (`dk`) and prefer not to answer (`pna`) in each language."""


def letter(meaning: str) -> str:
    """The key for `yes`, `no`, `dk` or `pna` in the current language."""
    return LETTERS.get(_Spoken.language, LETTERS[OWN_LANGUAGE])[meaning]


def said_in(language: str, texts: InLanguages[T]) -> Sequence[T]:
    """The texts for a language."""
    return texts(language) if callable(texts) else texts


NOTED: Final = N_("I have written it down")
"""The label of the option to choose after writing down a code."""
