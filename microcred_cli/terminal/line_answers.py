"""Typed lines taken for answers: numbers of a list, letters, parts of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.text import fold, safe

if TYPE_CHECKING:
    from microcred_cli.interview import Step
    from microcred_cli.terminal.view import Entry, View

_MOST_DIGITS = 6


def number_in(word: str, count: int) -> int | None:
    """The number from 1 to `count` that a word is, in ASCII digits; None if it is no such."""
    word = word.strip()
    if len(word) > _MOST_DIGITS or not (word.isascii() and word.isdecimal()):
        return None
    number = int(word)
    return number if 1 <= number <= count else None


def prompt_for(view: View, step: Step) -> str:
    """What stands in front of the line to type."""
    if step.asks == "text":
        return "Your words: "
    if step.asks == "number":
        return "Number: "
    if step.asks == "some":
        return f"Numbers 1 to {len(view.entries)}, with commas: "
    return f"Number 1 to {len(view.entries)}{' or part of a name' if view.searches else ''}: "


def numbers_of(view: View) -> str:
    """What can be typed at a list."""
    return f"Type a number from 1 to {len(view.entries)}{_or_letters(view)}."


def how_to_answer(view: View, step: Step) -> str:
    """How this question is answered, in words."""
    if step.asks == "text":
        told = f"Type your words in one line, at most {view.max_length} characters."
    elif step.asks == "number":
        told = f"Type a whole number in digits{_or_letters(view)}."
    elif step.asks == "some":
        told = f"{numbers_of(view)} Several go in one line, with commas: 1, 3."
        told += f" At most {view.at_most} are possible." if view.at_most else ""
    else:
        told = numbers_of(view)
        told += " The beginning of a name, or its code, serves as well." if view.searches else ""
    kept = " Enter alone keeps your answer so far." if view.has_earlier else ""
    return f"{told} Then press Enter.{kept}"


def _or_letters(view: View) -> str:
    letters = [entry.key for entry in view.entries if entry.key]
    return f", or {' or '.join(letters)}" if letters else ""


def entry_of(view: View, word: str) -> Entry | None:
    """The entry with this number or letter."""
    number = number_in(word, len(view.entries))
    if number is not None:
        return view.entries[number - 1]
    return next((entry for entry in view.entries if entry.key and entry.key == fold(word)), None)


def matches(view: View, word: str) -> list[tuple[int, Entry]]:
    """Entries with a word that begins with what was typed, or whose code it is."""
    wanted = fold(word)
    if not view.searches or not wanted or wanted.isdecimal():
        return []
    exact = [
        (number, entry)
        for number, entry in enumerate(view.entries, 1)
        if wanted in (fold(entry.code), fold(entry.label))
    ]
    return exact or [
        (number, entry)
        for number, entry in enumerate(view.entries, 1)
        if any(part.startswith(wanted) for part in fold(entry.label).split())
        or fold(entry.label).startswith(wanted)
    ]


def several(view: View, line: str) -> list[str] | str:
    """The codes of the numbers in a line, or a reserved code that stands alone.

    Raises:
        InvalidAnswer: something else stands there too.
    """
    words = line.replace(",", " ").replace(";", " ").split()
    chosen: list[str] = []
    for word in words:
        entry = entry_of(view, word)
        if entry is None:
            raise InvalidAnswer(
                f"“{safe(word)[:40]}” is not a number of the list.", mend=numbers_of(view)
            )
        if entry.apart:
            if len(words) > 1:
                raise InvalidAnswer(
                    f"“{entry.label}” cannot be combined with other answers.",
                    mend="Choose it alone, or leave it out.",
                )
            return entry.code
        if entry.code not in chosen:
            chosen.append(entry.code)
    return chosen
