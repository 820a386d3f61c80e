"""Input as sent by terminals: keys in all their forms, and sequences that are not keys."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FINALS = [chr(code) for code in range(0x40, 0x7F)]
BODIES = (
    "?1;2",
    ">1;4;0",
    "<0;12;5",
    "=3",
    "1;3",
    "3;9",
    "12;40",
    "1:2",
    "4;2$",
    "0 ",
    "9999999",
    ";;",
)
"""Parameters and intermediate bytes that form no key of the program with any final byte."""

PAYLOADS = (
    "",
    "11;rgb:ffff/ffff/ffff",
    "52;c;MTIz",
    "0;1 2 3?\ry\n",
    ">|term 1(2)",
    "Gi=1;OK",
    "é",
)
ENDS = ("\x07", "\x1b\\", "\x9c")
REPORTS = (
    *("\x1b[M !!", "\x1b[M123", "\x1b[<0;1;1m", "\x1b[96;14;13M", "\x1b[I", "\x1b[O"),
    *("\x1b[24;80R", "\x1b[?62;22c", "\x1b[>1;10;0c", "\x1b[0n", "\x1b[?997;1n", "\x1b[8;24;80t"),
    *("\x1b[?2026;2$y", "\x1b[?1u", "\x1b[65;30;49;1;0;1_", "\x1b[201~", "\x1b(B", "\x1b#8"),
    *("\x1b[19;3~", "\x1b[1;2A", "\x1b[3;5~", "\x1b[24;8~", "\x1bO5A", "\x1bO1;2P", "\x1b\x1b[A"),
)


def noise() -> Iterator[str]:
    """Complete sequences that are not keys of the program, in 7-bit and 8-bit form."""
    yield from REPORTS
    for final in FINALS:
        for body in BODIES:
            if not (final in "u~" and body == "1:2"):
                yield f"\x1b[{body}{final}"
                yield f"\x9b{body}{final}"
    for introducer in "PX]^_":
        for payload in PAYLOADS:
            for end in ENDS:
                yield f"\x1b{introducer}{payload}{end}"
                yield f"{chr(ord(introducer) + 0x40)}{payload}{end}"
    for final in "QRSTUVWYZ[]^`abcdefghiz{|}":
        yield f"\x1bO{final}" if final != "Z" else "\x1bO0Z"
    for alt in "0123456789abcdefghijklmnopqrstuvwxyzABCD?ä\r\t\x7f":
        yield f"\x1b{alt}"


def chance_noise(count: int) -> Iterator[tuple[str, int]]:
    """Random control sequences with an intermediate byte, and a position to split each."""
    chance = random.Random(count)
    for _ in range(count):
        body = "".join(chance.choices("0123456789:;<=>?", k=chance.randrange(8)))
        between = "".join(chance.choices(" !\"#$%&'()*+,-./", k=chance.randrange(1, 3)))
        begun, final = chance.choice(("\x1b[", "\x9b")), chance.choice(FINALS)
        sequence = f"{begun}{body}{between}{final}"
        yield sequence, chance.randrange(len(sequence))


SHIFT, ALT, CONTROL, SUPER, HYPER, META, CAPS, NUM = (1 << n for n in range(8))
CODES = {
    **dict(zip("\r\t\x1b\x7f ?", (13, 9, 27, 127, 32, 63), strict=True)),
    **{c: ord(c) for c in "abcdefghijklmnopqrstuvwxyz0123456789"},
}
"""The code of every key that has its own character."""

CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F", "f1": "P"}
NUMBERED = {"home": 1, "end": 4, "delete": 3, "pageup": 5, "pagedown": 6, "f7": 18, "f8": 19}
KEYPAD = {**{str(n): 57399 + n for n in range(10)}, "\r": 57414}


def kitty(key: str, held: int = 0, event: int = 1, *, codes: dict[str, int] = CODES) -> str:
    """A key in the form `CSI u`."""
    return f"\x1b[{codes[key]};{held + 1}:{event}u"


def xterm(key: str, held: int = 0) -> str:
    """A key in the form of `modifyOtherKeys`."""
    return f"\x1b[27;{held + 1};{CODES[key]}~"


def pieces(sequence: str) -> Iterator[tuple[str, ...]]:
    """A sequence in one piece, split once at each position, and split at all positions."""
    yield (sequence,)
    for at in range(1, len(sequence)):
        yield sequence[:at], sequence[at:]
    yield (*sequence,)
