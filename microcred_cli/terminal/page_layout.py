"""Layout of a page: header and question above a prompt, and keys below, fitted to the screen.

On a short screen, a page drops these parts in order: blank lines, the echo of the previous answer
(for interviewers, the note), the section heading, and finally the introductory paragraphs (for
interviewers, also the echo, if this makes room for every option that is read out). A page always
shows the question, its options and errors. The key hints take one line, which shows as many hints
as fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.frozen import Frozen
from microcred_cli.i18n import _, labelled
from microcred_cli.terminal.wrapping import WIDEST, cut, width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.terminal.page_wording import Page
    from microcred_cli.terminal.stage import Signs

Line = list[tuple[str, str]]
"""A line on the screen, as (style, text) pairs."""

CURSOR = ("[SetCursorPosition]", "")
"""Marks the position of the terminal's cursor."""

BAR_WIDTH = 24
MOST_COMPACT = 5
SHORTEST_LABEL = 10
"""The width in columns below which a shortened label would be meaningless."""


class Room(Frozen):
    """The lines above and below a prompt, and the columns and rows left for the prompt itself."""

    above: list[Line]
    below: list[Line]
    width: int
    rows: int


class Wants(Frozen):
    """Row counts of a prompt: `whole` shows all of it, and `enough` is the acceptable minimum.

    `read` shows everything that an interviewer reads out. All three are functions of the width and
    the compactness (0 to `MOST_COMPACT`).
    """

    whole: Callable[[int, int], int]
    read: Callable[[int, int], int]
    enough: Callable[[int, int], int]


def lay_out(page: Page, message: str, signs: Signs, size: tuple[int, int], wants: Wants) -> Room:
    """The least compact layout with the whole prompt, or else with what is read, or enough rows."""
    for wanted in (wants.whole, wants.read, wants.enough):
        for compact in range(MOST_COMPACT + 1):
            room = _room(page, message, signs, size, compact)
            if room.rows >= wanted(room.width, compact):
                return room
    # Nothing fits: reserve three rows for the prompt.
    rows = size[1]
    room = _room(page, message, signs, size, MOST_COMPACT)
    below = room.below[: max(1, rows - 4)]
    above = room.above[: max(0, rows - len(below) - 3)]
    return Room(above, below, room.width, max(1, rows - len(above) - len(below)))


def fits(
    page: Page, signs: Signs, size: tuple[int, int], wants: Wants, *, heading: bool = False
) -> bool:
    """True if the introductory paragraphs fit on the same page as the question.

    The result is False if the whole prompt can be shown without these paragraphs, but not with
    them; with `heading`, the section heading has to fit as well.
    """
    compact = MOST_COMPACT - (2 if heading else 1)
    room = _room(page, "", signs, size, compact)
    alone = _room(page, "", signs, size, MOST_COMPACT)
    if room.rows <= wants.enough(room.width, compact):
        return False
    whole = wants.whole(room.width, compact)
    return room.rows >= whole or alone.rows < whole


def holds(page: Page, signs: Signs, size: tuple[int, int], wants: Wants) -> bool:
    """True if the page leaves enough rows for the prompt, at least without introductory paragraphs.

    On a page without enough rows, the question would be cut off.
    """
    room = _room(page, "", signs, size, MOST_COMPACT)
    return room.rows >= wants.enough(room.width, MOST_COMPACT)


def _room(page: Page, message: str, signs: Signs, size: tuple[int, int], compact: int) -> Room:
    width = max(8, min(size[0] - 1, WIDEST))
    above = _above(page, signs, width, compact)
    below = _below(page, message, signs, width, compact)
    return Room(above, below, width, size[1] - len(above) - len(below))


def _above(page: Page, signs: Signs, width: int, compact: int) -> list[Line]:
    """The lines above the prompt at this compactness."""
    gap: list[Line] = [[]] if compact == 0 else []
    bar = f"{signs.bar} " if page.aloud else ""
    stem_bar = " " * width_of(bar) if page.stem_was_read else bar
    question = _styled("class:mc.stem", page.stem, width, first=stem_bar, rest=stem_bar)
    echo: list[Line] = [[("class:mc.echo", _echo(page, signs, width))]] if page.echo else []
    part = _part(page, width, bar)
    # If there is room, a blank line separates the row of a matrix from the question.
    part = [[], *part] if part and compact < 3 else part
    blocks = (
        (MOST_COMPACT, _heading(page, signs, width, compact)),
        (4 if page.aloud else 2, echo),
        *((4, _styled("", text, width, first=bar, rest=bar)) for text in page.before),
        (MOST_COMPACT, question + part + _instruction(page, width, compact)),
    )
    lines: list[Line] = []
    for most_compact, block in blocks:
        if block and compact <= most_compact:
            lines += block + gap
    return lines or gap


def _echo(page: Page, signs: Signs, width: int) -> str:
    """The previous answer on one line; if it is too long, its label is shortened first.

    A label of which only one word would remain is left out.
    """
    room = width - width_of(f"{signs.done} {labelled('', page.echo)}")
    label = cut(page.echo_of, room, signs.cut) if room >= SHORTEST_LABEL else ""
    if label != page.echo_of and " " not in label:
        label = ""
    said = labelled(label, page.echo) if label else page.echo
    return cut(f"{signs.done} {said}", width, signs.cut)


def _heading(page: Page, signs: Signs, width: int, compact: int) -> list[Line]:
    section = _styled("class:mc.section", page.section, width) if compact < 4 else []
    return section + (_progress(page, signs, width, compact) if page.place else [])


def _instruction(page: Page, width: int, compact: int) -> list[Line]:
    """The instruction; if the question is read aloud, in brackets and with the note."""
    if not page.aloud:
        return _styled("", page.instruction, width)
    instruction = f"[{page.instruction}]" if page.instruction else ""
    lines = _styled("class:mc.aside", instruction, width, rest=" ")
    noted = _("Note: {note}").format(note=page.note)
    note = f"[{noted}]" if page.note and compact < 3 else ""
    return lines + _styled("class:mc.aside", note, width, rest=" ")


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
    """The matrix row or rank that is being asked about."""
    if page.aloud and page.part_place:
        place = _styled("class:mc.aside", f"[{page.part_place}]", width)
        return place + _styled("class:mc.part", page.part, width, first=bar, rest=bar)
    both = page.part_place and page.part
    text = labelled(page.part_place, page.part) if both else page.part_place or page.part
    return _styled("class:mc.part", text, width)


def _below(page: Page, message: str, signs: Signs, width: int, compact: int) -> list[Line]:
    gap: list[Line] = [[]] if compact == 0 else []
    warning = _styled("class:mc.message", message, width, rest="  ")
    return gap + (warning + gap if warning else []) + footer(page, signs.between, width)


def footer(page: Page, between: str, width: int) -> list[Line]:
    """One line with as many key hints as fit, giving priority to the most important ones."""
    hints = (*page.hints, *page.keys)
    kept: list[str] = []
    answers = page.answers or page.hints[-1:]
    keys = sorted(page.keys, key=page.rare_keys.__contains__)
    for hint in (*answers, *page.few_keys, *page.needed, *keys, *page.hints):
        line = between.join(each for each in hints if each in (*kept, hint))
        if width_of(line) <= width:
            kept.append(hint)
    line = between.join(each for each in hints if each in kept)
    return [[("class:mc.footer", line)]] if line else []


def option_lines(label: str, front: str, width: int, *, pointed: bool, bar: str = "") -> list[Line]:
    """The lines of an option, with a hanging indent after the `bar` of text to be read aloud.

    The cursor is placed on a highlighted option.
    """
    rest = bar + " " * (width_of(front) - width_of(bar))
    texts = wrap(label, width, first=front, rest=rest)
    lines: list[Line] = [[("class:mc.pointed" if pointed else "", text)] for text in texts]
    if pointed:
        lines[0].insert(0, CURSOR)
    return lines


def _styled(style: str, text: str, width: int, *, first: str = "", rest: str = "") -> list[Line]:
    if not text:
        return []
    return [[(style, line)] for line in wrap(text, width, first=first, rest=rest)]
