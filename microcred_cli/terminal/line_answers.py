"""Parsing of typed answers: list numbers, letters and parts of names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import _, digits, joined, letter
from microcred_cli.terminal import interviewer_script
from microcred_cli.terminal.key_map import BY_COMMAND
from microcred_cli.text import clean, fold, safe, usual_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from microcred_cli.interview import Step
    from microcred_cli.terminal.list_rows import Row
    from microcred_cli.terminal.page_wording import View

_MOST_DIGITS = 6
_MOST_LISTED = 6


def number_in(word: str, count: int) -> int | None:
    """Parse a number from 1 to `count` in ASCII or full-width digits; else None."""
    word = usual_width(word).strip()
    if len(word) > _MOST_DIGITS or not (word.isascii() and word.isdecimal()):
        return None
    number = int(word)
    return number if 1 <= number <= count else None


def key_of_number(word: str, rows: Sequence[Row]) -> str | None:
    """The code of the row with this number, such as 8.a; without a row 8, the code of row 8.1."""
    typed = fold(word.strip().rstrip("."))
    signs = {row.sign: row.code for row in rows if not row.heading}
    if not typed or typed in signs:
        return signs.get(typed)
    return next((code for sign, code in signs.items() if sign.startswith(f"{typed}.")), None)


def row_labelled(typed: str, rows: Iterable[Row]) -> Row | None:
    """The only row with this label; case, accents and a final full stop do not matter."""
    wanted = fold(clean(typed)).rstrip(".")
    found = [row for row in rows if not row.heading and fold(row.label).rstrip(".") == wanted]
    return found[0] if wanted and len(found) == 1 else None


def numbers_of(view: View) -> str:
    """A hint that states which numbers and letters a list accepts."""
    letters = letters_of(view)
    if view.coded:
        return _("Type a printed code: {codes}.").format(codes=letters)
    numbers = (
        _("Type a number from 1 to {count}, or {letters}.")
        if letters
        else _("Type a number from 1 to {count}.")
    )
    return numbers.format(count=len(view.entries), letters=letters)


def how_to_answer(view: View, step: Step) -> str:
    """Instructions for answering this question on one line."""
    last = [_("Press Enter alone to keep your earlier answer.")] if view.has_earlier else []
    return " ".join((*_ways_to_answer(view, step), _("Then press Enter."), *last))


def _ways_to_answer(view: View, step: Step) -> Iterator[str]:
    letters = letters_of(view)
    if step.asks == "text":
        most = _("Type your answer on one line, at most {most} characters.")
        yield most.format(most=digits(step.max_length))
    elif step.asks == "number" and letters:
        yield _("Type a whole number in digits, or {letters}.").format(letters=letters)
    elif step.asks == "number":
        yield _("Type a whole number in digits.")
    else:
        if view.aloud and interviewer_script.is_read_one_by_one(step):
            each = _("Type {yes} or {no} once for each option, in order.")
            yield each.format(yes=letter("yes"), no=letter("no"))
        yield numbers_of(view)
        if step.asks == "some":
            yield _("Separate several numbers with commas: 1, 3.")
            if step.at_most:
                yield _("You can choose at most {most}.").format(most=step.at_most)
        if view.searches:
            yield _("You can also type words of a name, or their first letters.")


def letters_of(view: View) -> str:
    """The letters and commands that can be typed, joined with "or"."""
    return _(" or ").join(filter(None, (shortcut(view, entry) for entry in view.entries)))


def shortcut(view: View, entry: Row) -> str:
    """The letter that can be typed for an entry; in a list with a search, its command, if any."""
    if view.searches and entry.apart:
        return f":{entry.code}" if entry.code in BY_COMMAND else ""
    return entry.sign


def entry_of(view: View, word: str) -> Row | None:
    """The entry with this number or letter, with or without the full stop that follows it."""
    word = word.strip().removesuffix(".")
    number = number_in(word, len(view.entries))
    if number is not None and not view.coded:
        return view.entries[number - 1]
    return next((entry for entry in view.entries if entry.sign and entry.sign == fold(word)), None)


def labelled_entry(view: View, line: str) -> Row | None:
    """The entry whose whole label was typed; on paper, only codes are printed.

    In a list with a search, only labels of reserved answers are accepted, because the search does
    not find reserved answers.
    """
    if view.coded:
        return None
    return row_labelled(line, (each for each in view.entries if each.apart or not view.searches))


def find_names(view: View, line: str) -> tuple[list[tuple[int, Row]], Row | None]:
    """The numbered entries that match a typed name, and the best match, if there is a clear one."""
    if not view.searches or not any(character.isalpha() for character in line):
        return [], None
    from microcred_cli.questionnaire.finder import Finder

    listed = [(n, entry) for n, entry in enumerate(view.entries, 1) if not entry.apart]
    found = Finder(entry for _, entry in listed).find(clean(line))
    best = None if found.best is None else listed[found.best][1]
    return [listed[position] for position in found.hits], best


def several(view: View, line: str) -> list[str] | str:
    """Parse a line of several numbers or names to their codes, or to one reserved code."""
    words = list(_parts(view, line))
    chosen: list[str] = []
    for word in words:
        entry = entry_of(view, word) or labelled_entry(view, word) or _named(view, word)
        if entry.apart:
            if len(words) > 1:
                raise InvalidAnswer(
                    not_with_others(entry.label),
                    hint=_("Choose this answer alone, or do not choose it."),
                )
            return entry.code
        if entry.code not in chosen:
            chosen.append(entry.code)
    return chosen


def not_with_others(label: str) -> str:
    """The message about an exclusive option that was chosen together with other options."""
    return _("“{label}” cannot be combined with other options.").format(label=label)


def _parts(view: View, line: str) -> Iterator[str]:
    """The numbers or names in a line, separated by commas; spaces also separate numbers."""
    for part in re.split("[,;]", usual_width(line)):
        words = part.split()
        if labelled_entry(view, part):
            yield part
        elif view.searches and not all(entry_of(view, word) for word in words):
            yield part.strip()
        else:
            yield from words


def _named(view: View, word: str) -> Row:
    """The entry that a name identifies; raises `InvalidAnswer` if there is no clear match."""
    hits, best = find_names(view, word)
    if best is not None:
        return best
    shown = safe(word)[:40]
    if hits:
        listed = joined(f"{number}. {entry.label}" for number, entry in hits[:_MOST_LISTED])
        message = _("“{word}” matches several answers: {listed}").format(word=shown, listed=listed)
    elif view.searches:
        message = _("“{line}” is not in the list.").format(line=shown)
    else:
        message = _("“{word}” is not a number in the list.").format(word=shown)
    raise InvalidAnswer(message, hint=numbers_of(view))
