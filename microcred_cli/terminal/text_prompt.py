"""The prompt for text and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from prompt_toolkit.document import Document
from prompt_toolkit.keys import Keys

from microcred_cli.i18n import _, digits
from microcred_cli.terminal.key_sequences import UNREADABLE, is_unreadable
from microcred_cli.terminal.page_layout import CURSOR, Line, Room, option_lines
from microcred_cli.terminal.prompt import Chosen, Prompt, Typed
from microcred_cli.terminal.questionary_inside import text_field
from microcred_cli.terminal.wrapping import spans, wrap
from microcred_cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit import Application
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.key_binding import KeyPressEvent

    from microcred_cli.terminal.list_rows import Row
    from microcred_cli.terminal.page_wording import Page


@dataclass
class TextPrompt(Prompt):
    """A text field of at most `most` characters, with rows for other answers below it.

    Down, Tab or (with `letters`) the letter of a row moves to it; if the prompt is `instant`, the
    letter of a row chooses it. `pointed` is the code of the row moved to and `text` the content of
    the field, both updated as keys are pressed. Enter accepts empty text
    only if `may_stay_empty`; while the field is empty, `if_empty` is shown below the field, and
    `hints_if_empty` in the footer.
    """

    text: str = ""
    most: int = 200
    counts: bool = True
    rows: tuple[Row, ...] = ()
    letters: bool = False
    instant: bool = False
    pointed: str | None = None
    empty: str = "Nothing is typed yet"
    may_stay_empty: bool = False
    if_empty: str = ""
    hints_if_empty: tuple[str, ...] = ()
    question_mark_helps: bool = False
    _buffer: Buffer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._application()
        super().__post_init__()

    def _application(self) -> Application[Any]:
        app, self._buffer = text_field(self.stage)
        self._buffer.reset(Document(self.text[: self.most]))
        return app

    def _current(self) -> Page:
        if not self.hints_if_empty or self._buffer.text:
            return self.page
        hints = (*self.page.hints, *self.hints_if_empty)
        return replace(self.page, hints=hints, answers=hints)

    def _wanted(self, width: int, compact: int) -> int:
        return min(len(self._field(width)), 3 if compact else 6) + len(self._under(width)) + 1

    def _draw(self, room: Room) -> list[Line]:
        under = self._under(room.width)
        field_lines = self._field(room.width)
        height = max(1, room.rows - len(under))
        here = next((i for i, line in enumerate(field_lines) if CURSOR in line), 0)
        top = max(0, min(here - height + 1, len(field_lines) - height))
        return (field_lines[top : top + height] + under)[: room.rows]

    def _field(self, width: int) -> list[Line]:
        text, cursor = self._buffer.text, self._buffer.cursor_position
        room = max(1, width - 3)
        lines: list[Line] = []
        for start, end in spans(text, room):
            line: Line = [("", "> " if not lines else "  ")]
            here = start <= cursor < end or cursor == end == len(text)
            if here and self.pointed is None:
                line += [("class:mc.field", text[start:cursor]), CURSOR]
                # The cursor needs a free cell, even at the end of a line.
                line.append(("class:mc.field", text[cursor:end] or " "))
            else:
                line.append(("class:mc.field", text[start:end]))
            lines.append(line)
        if not text:
            lines[0].append(("class:mc.field", " " * min(room, 20)))
        return lines

    def _under(self, width: int) -> list[Line]:
        lines: list[Line] = []
        if self.if_empty and not self._buffer.text:
            lines += [[("class:mc.hint", line)] for line in wrap(self.if_empty, width)]
        elif self.counts:
            count = _("{typed} of {most} characters").format(
                typed=digits(len(self._buffer.text)), most=digits(self.most)
            )
            lines += [[("", line)] for line in wrap(count, width)]
        if self.rows:
            lines.append([])
        for row in self.rows:
            at = row.code == self.pointed
            front = f"{self.stage.signs.pointer} " if at else "  "
            front += f"{row.sign}. " if row.sign else ""
            lines += option_lines(row.label, front, width, pointed=at)
        return lines

    def _bind(self, bind: Callable[..., None]) -> None:
        bind(self._enter, Keys.ControlM, Keys.ControlJ)
        bind(lambda _: self._step(1), Keys.Down, Keys.Tab)
        bind(lambda _: self._step(-1), Keys.Up)
        bind(lambda event: self._insert(event.data), Keys.BracketedPaste)
        bind(self._editing(lambda b: b.delete_before_cursor()), Keys.Backspace)
        bind(self._editing(lambda b: b.delete()), Keys.Delete)
        bind(self._editing(lambda b: b.delete_before_cursor(_to_word(b))), Keys.ControlW)
        bind(self._editing(lambda b: b.delete_before_cursor(b.cursor_position)), Keys.ControlU)
        bind(self._editing(lambda b: b.delete(len(b.text) - b.cursor_position)), Keys.ControlK)
        bind(self._editing(lambda b: b.cursor_left()), Keys.Left, Keys.ControlB)
        bind(self._editing(lambda b: b.cursor_right()), Keys.Right, Keys.ControlF)
        bind(self._editing(lambda b: b.cursor_left(len(b.text))), Keys.Home, Keys.ControlA)
        bind(self._editing(lambda b: b.cursor_right(len(b.text))), Keys.End, Keys.ControlE)
        bind(self._editing(lambda b: b.cursor_left(_to_word(b))), Keys.ControlLeft)
        bind(self._editing(lambda b: b.cursor_right(_behind_word(b))), Keys.ControlRight)

    def _enter(self, event: KeyPressEvent) -> None:
        self.message = ""
        if self.pointed is not None:
            event.app.exit(result=Chosen((self.pointed,)))
        elif _is_character(event) and not self.stage.types_ahead:
            # Characters already waiting after Enter are pasted text, so Enter becomes a space.
            self._insert(" ")
        elif clean(self._buffer.text):
            event.app.exit(result=Typed(clean(self._buffer.text)))
        elif self.may_stay_empty:
            event.app.exit(result=Typed(""))
        else:
            self.message = self.empty

    def _step(self, by: int) -> None:
        self.message = ""
        codes: list[str | None] = [None, *(row.code for row in self.rows)]
        self.pointed = codes[(codes.index(self.pointed) + by) % len(codes)]

    def _press(self, character: str, event: KeyPressEvent) -> None:
        sign = super()._usual(character).casefold()
        row = next((row for row in self.rows if row.sign == sign), None)
        if self.letters and row is not None and not self._buffer.text:
            self.pointed = row.code
            if self.instant:
                event.app.exit(result=Chosen((row.code,)))
            return
        waiting = [character]
        # Insert all waiting characters together: a long paste arrives as single characters.
        while _is_character(event):
            waiting.append(str(event.key_processor.input_queue.popleft().key))
        self._insert("".join(waiting))

    def _usual(self, character: str) -> str:
        return character

    def _insert(self, text: str) -> None:
        """Insert cleaned text, up to the maximum length."""
        self.pointed, self.message = None, ""
        before, after = (
            self._buffer.document.text_before_cursor,
            self._buffer.document.text_after_cursor,
        )
        room = self.most - len(before) - len(after)
        some = _cleaned(text[: room * 2 + 100])
        # An accent typed separately is combined with the letter before it, and then takes no space.
        while some and (over := len(_cleaned(before + some + after)) - self.most) > 0:
            self.message = _("At most {most} characters are allowed").format(most=digits(self.most))
            some = some[:-over]
        if is_unreadable(text):
            self.message = _(UNREADABLE)
        self._settle(before + some, after)

    def _settle(self, before: str, after: str) -> None:
        """Fill the field with the text before and after the cursor, in composed form (NFC)."""
        whole = _cleaned(before + after)
        cursor = min(len(_cleaned(before)), len(whole))
        self._buffer.document = Document(whole, cursor)
        self.text = whole

    def _editing(self, edit: Callable[[Buffer], object]) -> Callable[[KeyPressEvent], None]:
        def change(_: KeyPressEvent) -> None:
            self.pointed, self.message = None, ""
            edit(self._buffer)
            document = self._buffer.document
            self._settle(document.text_before_cursor, document.text_after_cursor)

        return change


def _cleaned(text: str) -> str:
    """Clean text, but keep the white space at its ends."""
    return clean(f"|{text}|")[1:-1]


def _is_character(event: KeyPressEvent) -> bool:
    """True if another character is waiting after this key."""
    queue = event.key_processor.input_queue
    return bool(queue) and not isinstance(queue[0].key, Keys)


def _to_word(buffer: Buffer) -> int:
    """The number of characters back to the beginning of a word."""
    return -(buffer.document.find_previous_word_beginning() or 0)


def _behind_word(buffer: Buffer) -> int:
    """The number of characters to the end of a word, or of the text."""
    return buffer.document.find_next_word_ending() or len(buffer.text)
