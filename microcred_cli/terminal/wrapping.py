"""Text wrapping by display width."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDEST = 100
"""Maximum line width, even on wider screens."""

NARROW = ((" ", "~"), ("\u00a0", "\u02ff"), ("\u2010", "\u2027"), ("\u2500", "\u259f"))
"""Ranges of characters with one column: Latin letters, punctuation, lines and blocks."""


@cache
def columns_of(character: str) -> int:
    """The number of columns of a character; wcwidth is loaded only for unusual ones."""
    if any(first <= character <= last for first, last in NARROW) and character != "\u00ad":
        return 1
    from wcwidth import wcwidth

    return max(0, wcwidth(character))


def width_of(text: str) -> int:
    """The display width of a string in columns."""
    return len(text) if text.isascii() else sum(map(columns_of, text))


def cut(text: str, width: int, mark: str) -> str:
    """Truncate text to one line, ending with a mark if anything was cut off."""
    text = " ".join(text.split())
    if width_of(text) <= width:
        return text
    start, end = next(spans(text, max(1, width - width_of(mark))))
    return text[start:end].rstrip() + mark


def spans(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Start and end offsets of the lines of wrapped text, broken after spaces, without gaps.

    A word wider than a line is split. Spaces after the last word of a line may exceed the width.
    """
    start = used = 0
    breaks = start
    for index, character in enumerate(text):
        wide = columns_of(character)
        if used + wide > width and character != " ":
            end = breaks if breaks > start else index
            if end > start:
                yield start, end
                start = end
                used = width_of(text[start:index])
        used += wide
        if character == " ":
            breaks = index + 1
    yield start, len(text)


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """Wrap text into lines no wider than `width`.

    `first` is put before the first line and `rest` before the other lines, for a hanging indent.
    """
    lines: list[str] = []
    room = max(1, width - max(width_of(first), width_of(rest)))
    for paragraph in text.split("\n"):
        for start, end in spans(paragraph, room):
            lines.append((rest if lines else first) + paragraph[start:end].rstrip(" "))
    return lines
