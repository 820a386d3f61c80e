"""One page on the screen: what stands around a prompt, laid out for the size that it has now.

Where the screen is low, a page first loses its blank lines, then the longer form of its footer, the
echo of the last answer (an interviewer's page the note, and the echo last), the heading, and at
last what is to be read before; never the question, its options or what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from microcred_cli.i18n import _
from microcred_cli.terminal.wrapping import WIDEST, width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microcred_cli.terminal.stage import Signs

Line = list[tuple[str, str]]
"""One line on the screen: pieces of style and text."""

CURSOR = ("[SetCursorPosition]", "")
"""Where the terminal's cursor stands."""

BAR_WIDTH = 24
MOST_COMPACT = 5


@dataclass(frozen=True, slots=True)
class Page:
    """What stands around a prompt, all of it safe to print.

    `hints` tell the prompt's own keys, `keys` those that work everywhere. On a low screen the
    footer is one line: as many of them as fit, at least `needed` and `few_keys`. Where an
    interviewer reads `aloud`, a bar stands beside what is read, and brackets around what is not.
    """

    stem: str = ""
    section: str = ""
    place: str = ""
    fraction: float | None = None
    echo: str = ""
    before: tuple[str, ...] = ()
    part: str = ""
    part_place: str = ""
    instruction: str = ""
    note: str = ""
    aloud: bool = False
    hints: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    few_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """What is left for a prompt: lines above and below it, and its own columns and rows."""

    above: list[Line]
    below: list[Line]
    width: int
    rows: int


def lay_out(
    page: Page, message: str, signs: Signs, size: tuple[int, int], wanted: Callable[[int, int], int]
) -> Room:
    """The most spacious layout in which the prompt has the rows it wants.

    `wanted` gives the rows from width and compactness (0 to `MOST_COMPACT`).
    """
    columns, rows = size
    width = max(8, min(columns - 1, WIDEST))
    room = None
    for compact in range(MOST_COMPACT + 1):
        above = _above(page, signs, width, compact)
        below = _below(page, message, signs, width, compact)
        room = Room(above, below, width, rows - len(above) - len(below))
        if room.rows >= wanted(width, compact):
            return room
    assert room is not None
    return _squeezed(room, rows)


def fits(
    page: Page, signs: Signs, size: tuple[int, int], wanted: Callable[[int, int], int]
) -> bool:
    """Whether the page can show what is to be read before its question."""
    width = max(8, min(size[0] - 1, WIDEST))
    compact = MOST_COMPACT - 1
    above = _above(page, signs, width, compact)
    below = _below(page, "", signs, width, compact)
    return size[1] - len(above) - len(below) > wanted(width, compact)


def _squeezed(room: Room, rows: int) -> Room:
    """A page on a screen that is too low for it: the prompt keeps three rows."""
    below = room.below[: max(1, rows - 4)]
    above = room.above[: max(0, rows - len(below) - 3)]
    return replace(room, above=above, below=below, rows=max(1, rows - len(above) - len(below)))


def _above(page: Page, signs: Signs, width: int, compact: int) -> list[Line]:
    blank: list[Line] = [] if compact >= 1 else [[]]
    lines: list[Line] = []
    if compact < 4:
        lines += _styled("class:mc.section", page.section, width)
    if page.place:
        lines += _progress(page, signs, width, compact)
    lines += blank if lines and (page.echo or page.before or page.stem) else []
    if page.echo and compact < (5 if page.aloud else 3):
        lines += _styled("class:mc.echo", page.echo, width, first=f"{signs.done} ", rest="  ")
        lines += blank
    bar = f"{signs.bar} " if page.aloud else ""
    if compact < 5:
        for paragraph in page.before:
            lines += _styled("", paragraph, width, first=bar, rest=bar) + blank
    lines += _styled("class:mc.stem", page.stem, width, first=bar, rest=bar)
    if page.part or page.part_place:
        lines += _part(page, width, bar)
    lines += _told(page, width, compact)
    return lines + blank


def _told(page: Page, width: int, compact: int) -> list[Line]:
    """What the person is told about the question; where it is read aloud, in brackets."""
    if not page.aloud:
        return _styled("", page.instruction, width)
    told = f"[{page.instruction}]" if page.instruction else ""
    lines = _styled("class:mc.told", told, width, rest=" ")
    noted = _("Note: {note}").format(note=page.note)
    note = f"[{noted}]" if page.note and compact < 3 else ""
    return lines + _styled("class:mc.told", note, width, rest=" ")


def _progress(page: Page, signs: Signs, width: int, compact: int) -> list[Line]:
    if page.fraction is None or compact >= 4:
        return _styled("", page.place, width)
    bar_width = min(BAR_WIDTH, width)
    full = round(max(0.0, min(1.0, page.fraction)) * bar_width)
    bar = signs.full * full + signs.empty * (bar_width - full)
    if width_of(page.place) + bar_width + 2 <= width:
        return [[("class:mc.bar", bar), ("", f"  {page.place}")]]
    return [*_styled("", page.place, width), [("class:mc.bar", bar)]]


def _part(page: Page, width: int, bar: str) -> list[Line]:
    if page.aloud and page.part:
        where = _styled("class:mc.told", f"[{page.part_place}]", width)
        return where + _styled("class:mc.stem", page.part, width, first=bar, rest=bar)
    if page.aloud:
        return _styled("class:mc.told", f"[{page.part_place}]", width)
    if not page.part:
        return _styled("class:mc.stem", page.part_place, width)
    return _styled("class:mc.stem", f"{page.part_place}: {page.part}", width)


def _below(page: Page, message: str, signs: Signs, width: int, compact: int) -> list[Line]:
    blank: list[Line] = [] if compact >= 1 else [[]]
    lines = list(blank)
    if message:
        lines += _styled("class:mc.message", message, width, rest="  ")
        lines += blank
    return lines + (_footer(page, signs, width) if compact < 2 else _low_footer(page, signs, width))


def _footer(page: Page, signs: Signs, width: int) -> list[Line]:
    return footer((*page.hints, *page.keys), signs.between, width)


def _low_footer(page: Page, signs: Signs, width: int) -> list[Line]:
    lines: list[Line] = []
    few = (*page.needed, *(page.few_keys or page.keys))
    for hints in ((*page.hints, *page.keys), (*page.needed, *page.keys), few):
        lines = footer(hints, signs.between, width)
        if len(lines) == 1:
            break
    return lines


def footer(hints: Sequence[str], between: str, width: int) -> list[Line]:
    """Hints side by side, as many to a line as fit; a hint is broken only if it is too wide."""
    lines: list[str] = []
    for hint in hints:
        if lines and width_of(lines[-1] + between + hint) <= width:
            lines[-1] += between + hint
        else:
            lines += wrap(hint, width)
    return [[("class:mc.footer", line)] for line in lines]


def _styled(style: str, text: str, width: int, *, first: str = "", rest: str = "") -> list[Line]:
    if not text:
        return []
    return [[(style, line)] for line in wrap(text, width, first=first, rest=rest)]
