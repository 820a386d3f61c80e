"""The prompt for reading text, split into pages that fit the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prompt_toolkit.keys import Keys

from microcred_cli.i18n import _, n_
from microcred_cli.terminal.key_map import Action
from microcred_cli.terminal.page_layout import CURSOR, Line, Room
from microcred_cli.terminal.prompt import Chosen, Leave, Prompt, more
from microcred_cli.terminal.wrapping import cut, width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent


@dataclass
class ReadPrompt(Prompt):
    """Shows (style, text) paragraphs by page; Enter after the last page ends the prompt."""

    blocks: tuple[tuple[str, str], ...] = ()
    _block: int = 0
    _line: int = 0
    _width: int = 0
    _rows: int = 1

    def _lines(self, width: int) -> list[tuple[int, Line]]:
        """All lines, each with the index of its paragraph."""
        lines: list[tuple[int, Line]] = []
        for number, (style, text) in enumerate(self.blocks):
            if number and not (style == self.blocks[number - 1][0] == "list"):
                lines.append((number, []))
            lines += [(number, line) for line in self._block_lines(style, text, width)]
        return lines

    def _block_lines(self, style: str, text: str, width: int) -> list[Line]:
        first, rest, look = {
            "aloud": (f"{self.stage.signs.bar} ", f"{self.stage.signs.bar} ", "class:mc.stem"),
            "aside": ("", " ", "class:mc.aside"),
            "list": ("- ", "  ", ""),
            "quotation": ("   ", "   ", ""),
            "title": ("", "", "class:mc.stem"),
            "heading": ("", "", "class:mc.heading"),
        }.get(style, ("", "", ""))
        return [[(look, line)] for line in wrap(text, width, first=first, rest=rest)]

    def _wanted(self, width: int, compact: int) -> int:
        return min(len(self._lines(width)), 12 - 2 * compact)

    def _draw(self, room: Room) -> list[Line]:
        lines = self._lines(room.width)
        if room.width != self._width:
            # Keep the same paragraph at the top after a resize changes the line breaks.
            self._width = room.width
            here = (i for i, (number, line) in enumerate(lines) if number == self._block and line)
            self._line = next(here, 0)
        self._rows = max(1, room.rows - 1)
        if len(lines) <= room.rows:
            self._line, self._rows = 0, room.rows
        self._line = max(0, min(self._line, len(lines) - self._rows))
        self._block = lines[self._line][0]
        shown = [list(line) for _, line in lines[self._line : self._line + self._rows]]
        if shown:
            shown[0].insert(0, CURSOR)
        if len(lines) > room.rows:
            shown.append([("class:mc.hint", self._mark(len(lines), room.width))])
        return shown

    def _mark(self, count: int, width: int) -> str:
        """The scroll indicator: the number of hidden lines, and the keys that show them."""
        above, below = self._line, count - self._line - self._rows
        signs = self.stage.signs
        up = _("{more} (Page Up)").format(more=more(above))
        marks = [f"{signs.up} {up}"] if above else []
        if below > 0:
            lines = n_(
                "{count} more line (Enter or Page Down)",
                "{count} more lines (Enter or Page Down)",
                below,
            )
            marks.append(f"{signs.down} {lines.format(count=below)}")
        if above and below > 0 and width_of("  ".join(marks)) + 2 > width:
            # The footer mentions Enter; Page Up is mentioned only here.
            marks[1] = f"{signs.down} {more(below)}"
        return cut("  " + "  ".join(marks), width, signs.cut)

    def _bind(self, bind: Callable[..., None]) -> None:
        bind(self._on, Keys.ControlM, Keys.ControlJ)
        bind(lambda _: self._scroll(self._rows), " ", Keys.PageDown)
        bind(lambda _: self._scroll(-self._rows), Keys.PageUp)
        bind(lambda _: self._scroll(1), Keys.Down)
        bind(lambda _: self._scroll(-1), Keys.Up)
        bind(lambda _: self._scroll(-1_000_000), Keys.Home)
        bind(lambda _: self._scroll(1_000_000), Keys.End)
        bind(self._back, Keys.BackTab, Keys.Left)

    def _back(self, event: KeyPressEvent) -> None:
        if self._line > 0:
            self._scroll(-self._rows)
        elif Action.BACK in self.leaves:
            event.app.exit(result=Leave(Action.BACK))

    def _on(self, event: KeyPressEvent) -> None:
        if not self._width:
            # This key was pressed before the page was drawn.
            self.lines()
        if self._line + self._rows >= len(self._lines(self._width)):
            event.app.exit(result=Chosen())
        else:
            self._scroll(self._rows)

    def _scroll(self, lines: int) -> None:
        self.message = ""
        self._line = max(0, self._line + lines)
