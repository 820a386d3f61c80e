"""Reads key presses from terminal input, and ignores everything else that a terminal sends.

Besides keys, a terminal sends reports about its mouse, focus, cursor, colours and modes. Everything
except plain characters is sent as control sequences (ECMA-48). A sequence is read to its end, even
if it arrives in pieces, and dropped unless it encodes a key that the program uses. The encodings of
xterm, rxvt, the Linux console, `CSI u` (kitty) and `modifyOtherKeys` (xterm) are supported.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, NamedTuple

from microcred_cli.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ESCAPE, DELETE, BELL = "\x1b", "\x7f", "\x07"
CONTROL_C, CONTROL_D = "\x03", "\x04"
PASTE = "<bracketed-paste>"
PASTE_ENDS = "\x1b[201~"
GIVEN_UP_AFTER = 3.0
"""Seconds without input after which an unfinished sequence or paste is abandoned."""

UNREADABLE = N_("A character could not be read: the terminal must send UTF-8. Type it again.")

_CSI, _SS3, _STRING_ENDS = "\x9b", "\x8f", "\x9c"
_STRINGS = "\x90\x98\x9d\x9e\x9f"
"""The introducers of DCS, SOS, OSC, PM and APC strings."""
_INTRODUCERS = {chr(ord(c) - 0x40): c for c in _CSI + _SS3 + _STRINGS}
"""The 8-bit introducers, by the character that follows Escape in the 7-bit form."""

_REPORTS = {
    "\x90": re.compile(r"[\d<=>?]*[!$+|]|[\d<=>?]+$"),
    "\x9d": re.compile(r"\d+(?:;|$)"),
    "\x9f": re.compile(r"G[a-z]="),
}
"""The beginnings of the strings that terminals send: DCS, OSC and APC."""

_SHIFT, _CONTROL, _LOCKS, _RELEASED = 1, 4, 64 | 128, 3
_CONTROLS = {chr(n): f"c-{chr(n + 0x40).lower()}" for n in range(0x20)} | {DELETE: "c-h"}
_BY_LETTER = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "H": "home",
    "F": "end",
    "P": "f1",
    "Z": "s-tab",
}
_BY_NUMBER = {
    1: "home",
    7: "home",
    4: "end",
    8: "end",
    3: "delete",
    5: "pageup",
    6: "pagedown",
    11: "f1",
    18: "f7",
    19: "f8",
}
_SHIFTED = {"c-i": "s-tab", "s-tab": "s-tab"}
_WITH_CONTROL = {"left": "c-left", "right": "c-right"}
_KEYPAD = dict(zip("jklmnopqrstuvwxyXMI", [*"*+,-./0123456789=", "c-m", "c-i"], strict=True))
_BY_CODE = {
    8: "c-h",
    9: "c-i",
    13: "c-m",
    27: "escape",
    32: " ",
    127: "c-h",
    **dict(enumerate("0123456789./*-+", 57399)),
    57414: "c-m",
    57415: "=",
    57416: ",",
    **dict(enumerate(("left", "right", "up", "down", "pageup", "pagedown", "home", "end"), 57417)),
    57426: "delete",
}
"""The keys whose `CSI u` code differs from their character; codes from 57399 are keypad keys."""


class Press(NamedTuple):
    """A key (a prompt_toolkit name or a character), with the text that it inserts."""

    key: str
    text: str = ""


class KeyReader:
    """Reads key presses from text that arrives in pieces.

    A byte that is invalid in the encoding arrives as a lone surrogate and is reported as such.
    Escape followed by another key means Alt, which the program does not use; Escape by itself is
    reported at the next `flush`. A control character ends an unfinished sequence and is dropped
    with it, except for Ctrl-C and Ctrl-D, which always take effect outside a paste.

    Escape followed by P, X, ], ^ or _ can also begin a string (DCS, SOS, OSC, PM or APC). The two
    characters count as a key press with Alt if, at the next `flush`, the string has no content or
    only characters that arrived one by one. Characters that arrived one by one are then keys,
    unless a terminal's report could begin with them. After a flush that reports a key press with
    Alt, a single character is treated as a key; a longer piece of text is treated as the rest of a
    string, and dropped, if it ends the string or begins like a report. Content that arrived
    together with Escape and cannot begin a report is dropped; a single character that arrives after
    the next flush is treated as a key.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard = clock()
        self._presses: list[Press] = []
        self._pasted: str | None = None
        self._body = ""
        self._alt = False
        self._string = ""
        self._is_typed = self._is_escaped = False
        self._piece = 0
        self._next = self._plain

    @property
    def is_waiting(self) -> bool:
        """True within an unfinished sequence or paste."""
        return self._pasted is not None or self._next != self._plain

    def feed(self, text: str) -> list[Press]:
        """The keys completed by this text."""
        self._piece = len(text)
        if text:
            self._give_up(text)
            if self._next == self._after_lone_string:
                self._next = self._in_string if self._is_continued(text) else self._plain
            elif self._next == self._after_pause_in_string:
                is_key = len(text) == 1 and text not in (ESCAPE, BELL, _STRING_ENDS)
                self._next = self._plain if is_key else self._in_string
        at = 0
        while at < len(text):
            if self._pasted is None:
                self._next(text[at])
                at += 1
            else:
                at = self._paste(text, at)
        return self._taken()

    def flush(self, *, is_end: bool = False) -> list[Press]:
        """The keys completed by a pause in the input, such as Escape if nothing followed it.

        If `is_end`, no more input follows, so an unfinished string is not treated as a string.
        """
        if self._next == self._in_string and (self._is_typed or is_end):
            self._end_lone_string()
        elif self._next == self._in_string and self._is_escaped and not self._is_report(self._body):
            self._next = self._after_pause_in_string
        elif self._next == self._after_escape:
            self._press("escape", ESCAPE)
            self._next = self._after_lone_escape
        elif self._next == self._after_intermediate:
            self._next = self._plain
        return self._taken()

    def _taken(self) -> list[Press]:
        presses, self._presses = self._presses, []
        return presses

    def _press(self, key: str, text: str = "") -> None:
        self._presses.append(Press(key, text))

    def _give_up(self, text: str) -> None:
        """Abandon an unfinished sequence or paste after a long pause in the input."""
        now = self._clock()
        was_silent, self._heard = now - self._heard > GIVEN_UP_AFTER, now
        if not was_silent:
            return
        self._next = self._plain
        # A single character after a long pause is a key press, not the rest of an unfinished paste.
        if self._pasted is not None and len(text) == 1:
            self._end_paste(len(self._pasted))

    # -- pastes ----------------------------------------------------------------------------------

    def _paste(self, text: str, at: int) -> int:
        """Consume pasted text; return the position after it."""
        assert self._pasted is not None
        before = len(self._pasted)
        self._pasted += text[at:]
        end = self._pasted.find(PASTE_ENDS, max(0, before - len(PASTE_ENDS)))
        if end < 0:
            return len(text)
        behind = len(self._pasted) - end - len(PASTE_ENDS)
        self._end_paste(end)
        return len(text) - behind

    def _end_paste(self, end: int) -> None:
        assert self._pasted is not None
        self._press(PASTE, self._pasted[:end])
        self._pasted = None

    # -- states: each takes the next character ---------------------------------------------------

    def _plain(self, character: str) -> None:
        if character == ESCAPE:
            self._alt, self._next = False, self._after_escape
        elif character == "\udc9b":
            self._begin(_CSI)
        elif "\x80" <= character <= "\x9f":
            self._alt = False
            self._begin(character)
        else:
            self._press(_CONTROLS.get(character, character), character)

    def _begin(self, introducer: str) -> None:
        self._body = ""
        if introducer == _CSI:
            self._next = self._in_csi
        elif introducer == _SS3:
            self._next = self._in_ss3
        elif introducer and introducer in _STRINGS:
            self._string, self._is_typed, self._is_escaped = introducer, False, False
            self._next = self._in_string
        else:
            self._next = self._plain

    def _after_escape(self, character: str) -> None:
        if character == ESCAPE:
            self._alt = True
        elif character < " " or character == DELETE:
            self._cancel(character)
        elif character < "0":
            self._next = self._after_intermediate
        else:
            self._begin(_INTRODUCERS.get(character, ""))
            self._is_typed = self._is_escaped = True

    def _after_lone_escape(self, character: str) -> None:
        self._next = self._plain
        # On a slow connection, an arrow key can arrive in two parts; a typed bracket is unlikely
        # here.
        if character == "[":
            self._begin(_CSI)
        else:
            self._plain(character)

    def _after_intermediate(self, character: str) -> None:
        if character < " ":
            self._cancel(character)
        elif character >= "0":
            self._next = self._plain

    def _cancel(self, character: str) -> None:
        """Drop an unfinished sequence because of a character that cannot belong to it."""
        self._next = self._plain
        if character in (ESCAPE, CONTROL_C, CONTROL_D) or "\x80" <= character <= "\x9f":
            self._plain(character)

    def _in_csi(self, character: str) -> None:
        if not " " <= character < DELETE:
            self._cancel(character)
        elif character < "@":
            self._body += character
        elif character == "[" and not self._body:
            self._next = self._after_console_bracket
        elif character == "M" and not self._body:
            self._next = self._in_old_mouse_report
        else:
            self._next = self._plain
            self._end_csi(character)

    def _after_console_bracket(self, character: str) -> None:
        """The Linux console sends F1 to F5 as `CSI [ A` to `CSI [ E`."""
        if not " " <= character < DELETE:
            self._cancel(character)
            return
        self._next = self._plain
        if character == "A" and not self._alt:
            self._press("f1")

    def _in_old_mouse_report(self, character: str) -> None:
        """Skip the three characters that follow in the oldest form of mouse report."""
        if character < " ":
            self._cancel(character)
            return
        self._body += character
        if len(self._body) == 3:
            self._next = self._plain

    def _in_ss3(self, character: str) -> None:
        if not " " <= character < DELETE:
            self._cancel(character)
        elif "0" <= character <= ";":
            self._body += character
        else:
            self._next = self._plain
            key = {**_BY_LETTER, **_KEYPAD, " ": " "}.get(character)
            if key is not None and not self._body and not self._alt:
                self._press(key, _text_of(key))

    def _in_string(self, character: str) -> None:
        if character == ESCAPE:
            self._next = self._after_escape_in_string
        elif character in (BELL, _STRING_ENDS, "\x18", "\x1a"):
            self._next = self._plain
        elif character in (CONTROL_C, CONTROL_D):
            self._cancel(character)
        else:
            self._is_typed = self._is_typed and self._piece == 1
            self._body += character

    def _end_lone_string(self) -> None:
        """Process the characters after a key press with Alt that could have begun a string."""
        typed = "" if self._is_report(self._body) else self._body
        self._next = self._plain
        for character in typed:
            self._next(character)
        if self._next == self._plain and not typed:
            self._next = self._after_lone_string

    def _after_lone_string(self, character: str) -> None:
        self._next = self._plain
        self._plain(character)

    def _after_pause_in_string(self, character: str) -> None:
        self._next = self._plain
        self._plain(character)

    def _is_report(self, content: str) -> bool:
        begins = _REPORTS.get(self._string)
        return begins is not None and begins.match(content) is not None

    def _is_continued(self, text: str) -> bool:
        """True if the text is the rest of a string that began before a pause."""
        if text in (BELL, _STRING_ENDS):
            return True
        if len(text) == 1 or text[0] == ESCAPE:
            return False
        has_end = any(end in text for end in (BELL, _STRING_ENDS, f"{ESCAPE}\\"))
        return has_end or (not text.isalnum() and self._is_report(self._body + text))

    def _after_escape_in_string(self, character: str) -> None:
        if character == "\\":
            self._next = self._plain
        elif character != ESCAPE:
            self._alt = False
            self._after_escape(character)

    def _end_csi(self, final: str) -> None:
        if self._body == "200" and final == "~":
            self._pasted = ""
        elif not self._alt:
            for key in _keys_of(self._body, final):
                self._press(key, _text_of(key))


def typed_text(line: str) -> str:
    """A typed line without control sequences, except for characters encoded by such sequences.

    Invalid bytes remain lone surrogates.
    """
    reader = KeyReader()
    kept: list[str] = []
    for press in (*reader.feed(line), *reader.flush(is_end=True)):
        if press.key == "c-h":
            del kept[-1:]
        elif len(press.key) == 1 or press.key in (PASTE, "c-i"):
            kept.append(press.text)
    return "".join(kept)


def is_unreadable(text: str) -> bool:
    """True if the text contains a byte that is invalid in the terminal's encoding."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _text_of(key: str) -> str:
    return "\t" if key == "c-i" else key if len(key) == 1 else ""


def _keys_of(body: str, final: str) -> Sequence[str]:
    """The keys that a complete control sequence encodes; empty if the program does not use them."""
    fields = _fields_of(body)
    if fields is None:
        return ()
    first, modifiers, third = (*fields, [0], [0], [0])[:3]
    if final == "~" and first == [27] and len(fields) == 3:
        return _with_code(third, modifiers, is_drawn=True)
    if final == "u":
        return _with_code(first, modifiers, [code for code in third if code])
    if len(fields) > 2 or len(first) > 1:
        return ()
    key = _BY_NUMBER.get(first[0]) if final == "~" else _BY_LETTER.get(final)
    if key is None or (final != "~" and first[0] > 1):
        return ()
    return _with_modifiers(key, modifiers)


def _fields_of(body: str) -> list[list[int]] | None:
    """The numeric parameters of a sequence (0 if empty); None if any is not a number."""
    fields = []
    for part in body.split(";"):
        numbers = part.split(":")
        if not all(len(n) < 8 and (n.isdecimal() or not n) for n in numbers):
            return None
        fields.append([int(n or 0) for n in numbers])
    return fields


def _held(modifiers: list[int]) -> int | None:
    """The modifiers held, as bits, without lock keys; None if the key was released."""
    if modifiers[1:2] == [_RELEASED]:
        return None
    return (max(modifiers[0], 1) - 1) & ~_LOCKS


def _with_modifiers(key: str, modifiers: list[int]) -> Sequence[str]:
    held = _held(modifiers)
    if held == 0:
        return (key,)
    changed = {_SHIFT: _SHIFTED, _CONTROL: _WITH_CONTROL}.get(held or 0, {})
    return (changed[key],) if key in changed else ()


def _with_code(
    codes: list[int], modifiers: list[int], text: Sequence[int] = (), *, is_drawn: bool = False
) -> Sequence[str]:
    """The presses for a key's `codes`: without Shift, with Shift, and on an English keyboard.

    If `is_drawn`, the code is the code of the typed character, regardless of the modifiers held.
    """
    held = _held(modifiers)
    named = _BY_CODE.get(codes[0])
    if held is None:
        return ()
    if named is not None:
        shifted = _SHIFTED.get(named, named)
        return (named,) if held == 0 else (shifted,) if held == _SHIFT else ()
    if held == _CONTROL:
        letter = _character(codes[2] if codes[0] > 127 and len(codes) > 2 else codes[0]).lower()
        return (f"c-{letter}",) if letter.isascii() and letter.isalpha() else ()
    if held not in (0, _SHIFT):
        return ()
    if text:
        return [c for c in map(_character, text) if c]
    drawn = _character(codes[0]) if held == 0 or is_drawn else _with_shift(codes)
    return (drawn,) if drawn else ()


def _with_shift(codes: list[int]) -> str:
    """The character of a key with Shift; empty if it depends on the keyboard layout."""
    if codes[1:2] not in ([], [0]):
        return _character(codes[1])
    plain = _character(codes[0])
    shifted = plain.upper()
    return shifted if len(shifted) == 1 and (plain.isalpha() or plain == "?") else ""


def _character(code: int) -> str:
    """The printable character with this code; empty if there is none."""
    if not 0 < code <= 0x10FFFF:
        return ""
    character = chr(code)
    return character if character.isprintable() else ""
