"""Line formatting for summaries: width, colour, character set and alignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.frozen import Frozen
from microcred_cli.i18n import read_aloud
from microcred_cli.terminal.mode import DUMB_TERMINALS, Surroundings, wishes_plain
from microcred_cli.terminal.wrapping import width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO


USUAL_WIDTH = 80
INDENT = "  "
LEGEND = "dim not bold"
"""Style of legend lines, which are printed once per question."""

EIGHTHS = " ▏▎▍▌▋▊▉"
_SIGNS_IN_ASCII = str.maketrans(
    {"–": "-", "“": '"', "”": '"', "„": '"', "’": "'", "…": "...", "·": ".", "‡": "+"}
)
_IN_ASCII = _SIGNS_IN_ASCII | str.maketrans(dict.fromkeys("\u00a0\u202f", " "))


class Line:
    """A printed line: spans of text, each with its own style on top of the style of the line.

    The styles are those of rich, which is needed only to print in colour.
    """

    __slots__ = ("spans", "style")

    def __init__(self, text: str = "", style: str = "") -> None:
        self.style = style
        self.spans = [(text, "")]

    def append(self, text: str, style: str = "") -> None:
        """Add a span at the end."""
        self.spans.append((text, style))

    @property
    def plain(self) -> str:
        """The text without styles."""
        return "".join(text for text, _style in self.spans)


class Look(Frozen):
    """Settings for printed lines: width, screen-reader form (without bars), and ASCII only."""

    width: int
    spoken: bool = False
    ascii_only: bool = False

    def said(self, text: str) -> str:
        """Convert text to characters that can be displayed."""
        return text.translate(_IN_ASCII) if self.ascii_only else text

    def wrapped(self, text: str, indent: str) -> Iterator[str]:
        """The lines of wrapped text, in which a number is never split between lines."""
        signs = text.translate(_SIGNS_IN_ASCII) if self.ascii_only else text
        for line in wrap(signs, self.width, first=indent, rest=indent):
            yield self.said(read_aloud(line) if self.spoken else line)


def look_for(surroundings: Surroundings, plain: bool | None) -> tuple[Look, bool]:
    """The look for standard output, and whether to use colour.

    `plain` is True for `--plain` and False for `--rich`; if None, `ACCESSIBLE` is used.
    """
    given = surroundings.environment
    spoken = wishes_plain(surroundings) if plain is None else plain
    # Some terminals wrap as soon as the last column is filled.
    seen = surroundings.width - 1 if surroundings.width else None
    columns = given.get("COLUMNS", "")
    width = seen or (int(columns) if columns.isdecimal() else 0) or USUAL_WIDTH
    dumb = given.get("TERM", "").casefold() in DUMB_TERMINALS
    colour = surroundings.width is not None and not (spoken or dumb or given.get("NO_COLOR"))
    return Look(width, spoken, not _can_show(surroundings.stdout)), colour


def _can_show(out: TextIO) -> bool:
    try:
        f"{EIGHTHS}█·–“”".encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def styled(text: str, look: Look, style: str, *, indent: str = "") -> Iterator[Line]:
    """Wrap text into styled lines; no lines if the text is empty."""
    if text:
        for line in look.wrapped(text, indent):
            yield Line(line, style)


def listed(parts: Iterable[str], look: Look, style: str, *, indent: str = "") -> Iterator[Line]:
    """Join short strings, as many per line as fit."""
    lines: list[str] = []
    between = ", " if look.spoken else " | " if look.ascii_only else " · "
    for part in parts:
        if lines and width_of(indent + lines[-1] + between + part) <= look.width:
            lines[-1] += between + part
        else:
            lines.append(part)
    for line in lines:
        yield from styled(line, look, style, indent=indent)


def left(text: str, width: int) -> str:
    """Left-align text in a column of this width."""
    return text + " " * (width - width_of(text))


def right(text: str, width: int) -> str:
    """Right-align text in a column of this width."""
    return " " * (width - width_of(text)) + text
