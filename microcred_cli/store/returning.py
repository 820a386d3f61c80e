"""Sealed responses that go back to wait, so that a multiple of five stays sealed."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.store.batches import LOT, STEP
from microcred_cli.store.judge import as_file
from microcred_cli.store.layout import is_record, stem
from microcred_cli.store.segments import RESPONSE_START, id_in, mark_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from microcred_cli.store.folder import Responses
    from microcred_cli.store.sealed_set import Stock, Tally


def return_some(responses: Responses, stock: Stock, tally: Tally) -> list[str]:
    """Let those over a multiple of five wait again (see `batches`); the names of their files.

    They are drawn by lot from the smallest file, and taken out of `tally`, which is still to be
    kept. First they wait, then they are sealed no more: where it is cut off in between, they are
    sealed, and the files go.

    Raises:
        StoreError: what the system refused.
    """
    left = stock.counted % STEP
    if not left:
        return []
    taken = {stem(name) for name in responses.names()}
    names: list[str] = []
    for name in sorted(stock.own, key=lambda name: (len(stock.own[name].marks), name)):
        if len(names) < left:
            names += _return_from(name, responses, stock, tally, left - len(names), taken)
    return names


def remove_leftovers(responses: Responses, stock: Stock) -> None:
    """Remove what crashes left of letting sealed responses wait: nobody else writes their files.

    Raises:
        StoreError: what the system refused.
    """
    with files.faults_named(responses.folder):
        paths = responses.folder.glob(".*.json*.part")
        written = {path.name[1:].partition(".json")[0] for path in paths}
    sealed = {mark for entry in stock.entries.values() for mark in entry.marks if written}
    ids = [each for each in written if is_record(f"{each}.json") and mark_of(each) in sealed]
    names = {responses.response_file(each).name for each in ids}
    files.remove_leftovers_of(responses.folder, names, still=True)


def _return_from(
    name: str, responses: Responses, stock: Stock, tally: Tally, count: int, taken: Collection[str]
) -> list[str]:
    """Let so many of one file wait again, or as many as it has; `taken` are ids that wait."""
    made: dict[int, str] = {}
    lines = _drawn(name, stock, count, taken)
    LOT.shuffle(lines)
    for number, line in lines:
        response = stock.judge.response(line)
        path = responses.response_file(response.response_id)
        if files.create_durably(path, responses.cipher.wrap(as_file(line)), still=True):
            made[number] = response.response_id
            tally.subtract(response.answers)
    if made:
        _take_out(name, stock, made)
    return [responses.response_file(each).name for each in made.values()]


def _drawn(name: str, stock: Stock, count: int, taken: Collection[str]) -> list[tuple[int, bytes]]:
    """So many lines of a file that can be used, drawn by lot in one passage, with their numbers."""
    bad = {number for number, _ in stock.entries[name].damaged}
    drawn: list[tuple[int, bytes]] = []
    seen = 0
    for number, line in enumerate(stock.sealed.lines(name), 1):
        if number in bad or id_in(line, RESPONSE_START) in taken:
            continue
        seen += 1
        if len(drawn) < count:
            drawn.append((number, line))
        elif (place := LOT.randrange(seen)) < count:
            drawn[place] = number, line
    return drawn


def _take_out(name: str, stock: Stock, made: dict[int, str]) -> None:
    entry, path = stock.entries[name], stock.sealed.folder / name
    stock.sealed.remove_lines(path, made.keys())
    marks = {mark_of(each) for each in made.values()}
    entry.size = path.stat().st_size
    entry.counted -= len(made)
    entry.marks = array("Q", (mark for mark in entry.marks if mark not in marks))
    entry.damaged = [
        (number - sum(gone < number for gone in made), reason) for number, reason in entry.damaged
    ]
