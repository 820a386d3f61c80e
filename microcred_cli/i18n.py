"""The program's own words in the language that is set for the process (GNU gettext).

An interview can change its language at any question, and a process conducts one interview: so the
language is one for the process, set by the code that asks. The words of a questionnaire are not
here: they come with its translations.
"""

import gettext
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

InLanguages = Sequence[T] | Callable[[str], Sequence[T]]
"""Texts, the same in all languages, or a function from a language code to texts."""

DOMAIN: Final = "microcred"
FOLDER: Final = Path(__file__).parent / "locale"
"""The folder of the catalogues: `<language>/LC_MESSAGES/microcred.po` and the compiled `.mo`."""

OWN_LANGUAGE: Final = "en"
"""The language of the texts in the code."""

GROUPS: Final = {
    "de": ".",
    "en": ",",
    "es": ".",
    "fi": "\u00a0",
    "fr": "\u202f",
    "nl": ".",
    "pl": "\u00a0",
    "sl": ".",
}
"""The separator of groups of three digits, as in CLDR."""

_UNGROUPED: Final = {"es": 9_999, "pl": 9_999}
"""The largest number that is written without groups, where four digits are written together."""


class _Spoken:
    language = OWN_LANGUAGE
    catalogue: gettext.NullTranslations = gettext.NullTranslations()


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, FOLDER, [language], fallback=True)


def speak(language: str) -> None:
    """Set the language from now on; one without translations falls back to English."""
    if language != _Spoken.language:
        _Spoken.language, _Spoken.catalogue = language, _catalogue(language)


def spoken() -> str:
    """The code of the language that is set."""
    return _Spoken.language


def _(text: str) -> str:
    """The translation of an English text."""
    return _Spoken.catalogue.gettext(text)


def n_(one: str, many: str, number: int) -> str:
    """The translation of a text with a number in it, in the plural form that the number needs."""
    return _Spoken.catalogue.ngettext(one, many, number)


def N_(text: str) -> str:  # noqa: N802 - the name by which extractors know it
    """Mark a text for translation where it is used, not here."""
    return text


def digits(number: int) -> str:
    """A whole number as the language writes it."""
    if number <= _UNGROUPED.get(_Spoken.language, 999):
        return str(number)
    return f"{number:,}".replace(",", GROUPS.get(_Spoken.language, ","))


_GROUPED: Final = re.compile(r"(?<=\d)[\u00a0\u202f](?=[\d%])")
_NO_BLANK_ALOUD: Final = frozenset({"es"})
"""Languages in which a voice takes a plain blank between digits for the end of a number."""


def read_aloud(text: str) -> str:
    """A text with its numbers written so that a voice does not read them digit by digit."""
    return _GROUPED.sub("" if _Spoken.language in _NO_BLANK_ALOUD else " ", text)


_PERCENT: Final = {"nl": "{number}%", "pl": "{number}%"}
"""Languages with no blank before the percent sign, as in CLDR."""


def per_cent(number: int) -> str:
    """A whole percentage as the language writes it."""
    return _PERCENT.get(_Spoken.language, "{number} %").format(number=number)


def tenths(number: int) -> str:
    """A number of tenths as the language writes a decimal fraction."""
    mark = "." if _Spoken.language == OWN_LANGUAGE or _Spoken.language not in GROUPS else ","
    return f"{number // 10}{mark}{number % 10}"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Set the language for a while."""
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
"""Quotation marks where they are not “these”."""


def quoted(text: str) -> str:
    """A text in the quotation marks of the language."""
    begin, end = QUOTES.get(_Spoken.language, ("“", "”"))
    return f"{begin}{text}{end}"


LETTERS: Final = {
    "de": {"yes": "j", "no": "n", "dk": "w", "pna": "k"},
    "en": {"yes": "y", "no": "n", "dk": "d", "pna": "p"},
    "es": {"yes": "s", "no": "n", "dk": "d", "pna": "p"},
    "fi": {"yes": "k", "no": "e", "dk": "o", "pna": "h"},
    "fr": {"yes": "o", "no": "n", "dk": "s", "pna": "r"},
    "nl": {"yes": "j", "no": "n", "dk": "w", "pna": "g"},
    "pl": {"yes": "t", "no": "n", "dk": "w", "pna": "o"},
    "sl": {"yes": "d", "no": "n", "dk": "v", "pna": "o"},
}
"""The keys for yes, no and the reserved codes: letters of the words that each language has."""


def letter(meaning: str) -> str:
    """The key for `yes`, `no`, `dk` or `pna` in the language that is set."""
    return LETTERS.get(_Spoken.language, LETTERS[OWN_LANGUAGE])[meaning]


def said_in(language: str, texts: InLanguages[T]) -> Sequence[T]:
    """The texts in a language."""
    return texts(language) if callable(texts) else texts


NOTED: Final = N_("I have noted it")
"""The label of the option to choose once a code is written down."""
