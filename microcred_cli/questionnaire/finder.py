"""Search in a list of options by label and alias.

Accents, case and punctuation are ignored, and an umlaut may be typed as two letters. Words may be
typed in any order, abbreviated to their first letters, and without spaces between them.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Protocol

from microcred_cli.frozen import Frozen
from microcred_cli.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_WORD: Final = re.compile(r"[^\W_]+")
_TWO_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_DISTINCT: Final = 3
"""The minimum length of a prefix that can select one of several hits."""


class Listed(Protocol):
    """A list entry that can be found by name."""

    @property
    def code(self) -> str:
        """The code of the entry."""

    @property
    def label(self) -> str:
        """The label of the entry."""

    @property
    def also(self) -> Sequence[str]:
        """The aliases of the entry."""


class Rank(IntEnum):
    """The quality of the match between an option and the typed text; the best rank sorts first."""

    EXACT = 0
    LABEL = 1
    WORDS_OF_LABEL = 2
    NAME = 3
    WORDS_OF_NAME = 4
    WORDS = 5


class Found(Frozen):
    """The positions of all hits, best first, and the position of a hit that is clearly the best."""

    hits: tuple[int, ...]
    best: int | None = None


def search_forms(name: str) -> frozenset[str]:
    """The forms in which a name can be typed; names that share a form are ambiguous."""
    return frozenset("".join(words) for words in _spellings(name) if words)


class Finder:
    """A search index of a list of options."""

    def __init__(self, options: Iterable[Listed]) -> None:
        self._entries = [_Entry(option) for option in options]

    def find(self, typed: str) -> Found:
        """The hits for typed text; text without letters and digits matches every option.

        The first hit is clearly the best if no other hit has the same rank. After only one or two
        letters, a hit must also be the only hit, because the person may still be typing a different
        name.
        """
        words = _words(typed)
        if not words:
            return Found(tuple(range(len(self._entries))))
        whole, is_capital = "".join(words), typed.strip().isupper()
        ranked = [
            (rank, position)
            for position, entry in enumerate(self._entries)
            if (rank := entry.rank(words, whole, is_capital=is_capital)) is not None
        ]
        ranked.sort()
        hits = tuple(position for _, position in ranked)
        if not hits or (len(hits) > 1 and ranked[0][0] == ranked[1][0]):
            return Found(hits)
        is_vague = ranked[0][0] > Rank.EXACT and len(whole) < _DISTINCT and len(hits) > 1
        return Found(hits, None if is_vague else hits[0])


class _Name:
    """A name, stored as its suffixes: the rest of the name starting at each word."""

    def __init__(self, text: str) -> None:
        self.tails = [
            "".join(words[start:]) for words in _spellings(text) for start in range(len(words))
        ]
        self.forms = search_forms(text)

    def begins(self, whole: str) -> bool:
        return any(form.startswith(whole) for form in self.forms)

    def has(self, word: str) -> bool:
        return any(tail.startswith(word) for tail in self.tails)


class _Entry:
    """The label and aliases of one option, prepared for the search."""

    def __init__(self, option: Listed) -> None:
        self._code = "".join(_words(option.code))
        self._label = _Name(option.label)
        self._further = [_Name(name) for name in option.also]
        names = (self._label, *self._further)
        self._forms = frozenset[str]().union(*(name.forms for name in names))
        self._tails = "".join(f"\n{tail}" for name in names for tail in name.tails)

    def rank(self, words: list[str], whole: str, *, is_capital: bool) -> Rank | None:
        is_code = len(whole) > 1 and whole == self._code
        if whole in self._forms or (is_capital and is_code):
            return Rank.EXACT
        if not (is_code or self._has(whole) or all(map(self._has, words))):
            return None
        names = self._further
        matches: tuple[tuple[Rank, Callable[[], bool]], ...] = (
            (Rank.LABEL, lambda: is_code or self._label.begins(whole)),
            (Rank.WORDS_OF_LABEL, lambda: all(map(self._label.has, words))),
            (Rank.NAME, lambda: any(name.begins(whole) for name in names)),
            (Rank.WORDS_OF_NAME, lambda: any(all(map(name.has, words)) for name in names)),
            (Rank.WORDS, lambda: all(map(self._has, words))),
        )
        return next((rank for rank, is_match in matches if is_match()), None)

    def _has(self, word: str) -> bool:
        """True if any word of any name begins with this text."""
        return f"\n{word}" in self._tails


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _spellings(text: str) -> list[list[str]]:
    """The words of a name, and a second form with two-letter umlauts if the name has umlauts."""
    words, longer = _words(text), _words(text.lower().translate(_TWO_LETTERS))
    return [words] if words == longer else [words, longer]
