"""Hostile strings at a real terminal: the terminal gets only the program's own sequences.

A run with plain texts shows the control characters and sequences of the program itself. Any other
sequence in a run with a hostile string is foreign.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.cli.program import Lines, Place
from tests.faults.figures import Figure
from tests.harness import Terminal
from tests.hostile.foreign import kinds_in
from tests.hostile.naughty import ACTING, write
from tests.hostile.working import at_work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_MOVES = "ABCDEFGHJKLMPSTX@d"
"""Sequences with a number that depends on the text."""

_EACH = 12
_LONGEST = 180
"""The number of characters, followed by a marker, that fit into the field."""


PLAIN = (["a"], ["10\u00a0% of some words", "Grüße ✓ " * 40], [*"abcdefghi"], ["word " * 15] * 12)
"""Harmless texts, short and long, so that all forms of output occur."""


def foreign_bytes(
    folder: Path, strings: Sequence[str], *, whole: bool
) -> Iterator[tuple[str, Figure]]:
    """The strings that caused no foreign output, by the way they were entered.

    They are pasted at a prompt and used as texts of a questionnaire; all of them, or one of 16.
    """
    tried = [*strings, *ACTING][:: 1 if whole else 16]
    ways = {"pasted at a prompt": pasted, "texts of a questionnaire": _as_words}
    for number, (name, way) in enumerate(ways.items()):
        begun = time.monotonic()
        here = folder / str(number)
        here.mkdir()
        wrong = tuple(way(here, tried))
        seconds = time.monotonic() - begun
        yield name, Figure(len(tried) - len(wrong), len(tried), seconds, wrong)


def pasted(folder: Path, strings: Sequence[str]) -> Iterator[str]:
    """Paste each string into the field of an open question, and clear it; the foreign output."""
    place = Place(folder)
    where = {"MICROCRED_STATE": str(place.state), "MICROCRED_RESPONSES": str(place.responses)}
    half = "\n".join([*Lines().until("mc_example"), ":pause", ""])
    code = place.spawn("respond", "--plain", typed=half, environment=where).resume_code
    with Terminal("resume", folder=folder) as terminal:
        terminal.until("code").press(code, "enter").until("Ctrl-O menu")
        for number, text in enumerate(("", "plain words", "10\u00a0%", "Grüße ✓ " * 30)):
            _paste(terminal, text, f"own{number}")
        own = kinds_in(terminal.raw, _MOVES)
        for number, text in enumerate(strings):
            terminal.raw = b""
            _paste(terminal, text, f"end{number}")
            if foreign := kinds_in(terminal.raw, _MOVES) - own:
                yield f"{ascii(text)[:60]}: {sorted(foreign)!a}"


def _paste(terminal: Terminal, text: str, sign: str) -> None:
    """Paste a text followed by a marker, wait until the marker is drawn, and clear the field."""
    pasted = text.replace("\x1b[201~", "")[:_LONGEST].encode("utf-8", "surrogatepass")
    terminal.child.send(b"\x1b[200~" + pasted + f" {sign}".encode() + b"\x1b[201~")
    # Many combining marks can push the marker off the emulator's screen, although it was drawn.
    terminal.until(lambda t: sign in t.flat or sign.encode() in t.raw)
    terminal.press("\x05", "\x15").until(lambda t: sign not in t.flat)


def _as_words(folder: Path, strings: Sequence[str]) -> Iterator[str]:
    """Strings as background, labels and help of a questionnaire, a number at a time."""
    with at_work(folder) as place:
        own = set().union(*(_shown(place, texts) for texts in PLAIN))
        for number in range(0, len(strings), _EACH):
            some = strings[number : number + _EACH]
            if _shown(place, some) - own:
                for each in some:
                    if foreign := _shown(place, [each]) - own:
                        yield f"{ascii(each)[:60]}: {sorted(foreign)!a}"


def _shown(place: Place, texts: Sequence[str]) -> set[str]:
    """The output for a questionnaire with these texts: all of it in plain mode, then its pages."""
    path = write(place, "naughty.yaml", ["x", *texts])
    kinds = set()
    with Terminal("questionnaire", "show", path, folder=place.folder) as terminal:
        terminal.finish()
        kinds |= kinds_in(terminal.raw, _MOVES)
    with Terminal("respond", "--questionnaire", path, folder=place.folder) as terminal:
        terminal.until("Enter")
        while "Do you take part?" not in terminal.flat:
            before = terminal.text
            terminal.press("enter").until(lambda t, b=before: t.text != b)  # type: ignore[misc]
        # Enter without a choice shows an error, which is drawn differently.
        terminal.press("enter").until(lambda t: "»" not in t.flat)
        terminal.press("1").until("» 1.").press("enter").until("(0)")
        terminal.press("f1").until(lambda t: "(0)" not in t.flat or "F1" not in t.flat)
        terminal.press("ctrl-c").finish()
        return kinds | kinds_in(terminal.raw, _MOVES)
