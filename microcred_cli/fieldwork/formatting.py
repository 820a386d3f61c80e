"""Parser of notices: headings, lists and paragraphs in plain text or Markdown.

Markdown headings, lists, links and line breaks are recognised; emphasis is removed. Plain text is
parsed in the same way; its lists and short lines are preserved.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

NoticePart = Literal["heading", "list", "paragraph"]

WRAPPED: Final = 50
"""A line with at least this many characters is assumed to continue on the next line."""

_HEADING: Final = re.compile(r"#{1,6}[ ]+(.*)")
_UNDERLINE: Final = re.compile(r"=+|-+")
_RULE: Final = re.compile(r"(?:[*_-][ ]?){3,}|`{3,}\w*|~{3,}\w*")
_BULLET: Final = re.compile(r"[*+•·–-][ ]+(.*)")
_NUMBER: Final = re.compile(r"\d{1,2}[.)][ ]+.*")
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\]\(<?(?:mailto:)?([^()\s<>]+)>?(?:[ ]\"[^\"]*\")?\)")
_INLINE: Final = (
    re.compile(r"<((?:https?://|mailto:)?[^<>\s]+[.@:][^<>\s]+)>"),
    re.compile(r"\*\*([^*]+)\*\*"),
    re.compile(r"(?<!\w)__([^_]+)__(?!\w)"),
    re.compile(r"(?<![\w*])\*([^*\s](?:[^*]*[^*\s])?)\*(?![\w*])"),
    re.compile(r"(?<!\w)_([^_\s](?:[^_]*[^_\s])?)_(?!\w)"),
    re.compile(r"`([^`]+)`"),
    re.compile(r"\\([\\`*_{}\[\]()#+.!>-])"),
)
"""Patterns of inline markup; each match is replaced with the text of its group."""


def parts_of_notice(text: str) -> Iterator[tuple[NoticePart, str]]:
    """The headings, list entries and paragraphs of a notice; a paragraph may have several lines."""
    reader = _Reader()
    for line in text.split("\n"):
        yield from reader.take(line)
    yield from reader.flush()


class _Reader:
    """A heading, list entry or paragraph that is being read, line by line."""

    def __init__(self) -> None:
        self.part: NoticePart = "paragraph"
        self.lines: list[str] = []
        self.is_numbered = False

    def take(self, line: str) -> Iterator[tuple[NoticePart, str]]:
        """Process a line; yield the parts that the line completes."""
        stripped = line.strip().removeprefix("> ")
        if self._is_underline(stripped):
            self.part = "heading"
            yield from self.flush()
        elif not stripped or stripped == ">" or _RULE.fullmatch(stripped):
            yield from self.flush()
        elif found := _HEADING.fullmatch(stripped):
            yield from self.flush()
            self.part, self.lines = "heading", [found[1].rstrip(" #")]
            yield from self.flush()
        elif found := _BULLET.fullmatch(stripped):
            yield from self.flush()
            self.part, self.lines = "list", [found[1] + _end(line)]
        else:
            self._continue(stripped, line)

    def flush(self) -> Iterator[tuple[NoticePart, str]]:
        """Yield the current part, unless it is empty, and begin a new one."""
        text = _LINK.sub(_link, "".join(self.lines))
        for pattern in _INLINE:
            text = pattern.sub(r"\1", text)
        text = text.strip()
        if text:
            yield self.part, text
        self.part, self.lines, self.is_numbered = "paragraph", [], False

    def _is_underline(self, stripped: str) -> bool:
        is_line = self.part == "paragraph" and len(self.lines) == 1 and not self.is_numbered
        return is_line and len(stripped) > 1 and _UNDERLINE.fullmatch(stripped) is not None

    def _continue(self, stripped: str, line: str) -> None:
        """Add a line to the current part, joined by a space if the line before was wrapped."""
        begins = _NUMBER.fullmatch(stripped) is not None and (self.is_numbered or not self.lines)
        self.is_numbered |= begins
        if self.lines and not self.lines[-1].endswith("\n"):
            runs_on = self.is_numbered or self.part == "list" or len(self.lines[-1]) >= WRAPPED
            self.lines[-1] += " " if runs_on and not begins else "\n"
        self.lines.append(stripped.removesuffix("\\") + _end(line))


def _link(found: re.Match[str]) -> str:
    label, address = found[1], found[2]
    return address if label in ("", address) else f"{label} ({address})"


def _end(line: str) -> str:
    """A newline if the line ends with a Markdown line break; otherwise, an empty string."""
    return "\n" if line.endswith(("  ", "\\")) else ""
