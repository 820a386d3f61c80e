"""What waits, and whether it can be sealed: the check and the seal say the same of it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import StoreError
from microcred_cli.files import MissingError
from microcred_cli.files.reading import read_file, read_quickly
from microcred_cli.store.judge import Accepted, AcceptedText
from microcred_cli.store.segments import RESPONSE_START, digest_of, hash_of, id_in, mark_of
from microcred_cli.store.traces import telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import Judge
    from microcred_cli.store.segments import Entry, Sealed

WITHDRAWN: Final = "it was withdrawn"
REMOVED: Final = "it was withdrawn, and is removed now"
"""What is said of a line that a seal removed because it was withdrawn."""
ANOTHER: Final = "something else with this id is sealed already"


@dataclass(frozen=True, slots=True)
class SealedAlready:
    """A file whose record is sealed: it is only still to be removed."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a file tells beside a record that can be used; its own verdict follows."""

    reason: str


Verdict = Accepted | SealedAlready | Telling | str
"""A response that can be sealed, one that is, or what is wrong with the file."""


def verdicts(
    responses: Responses,
    judge: Judge,
    sealed: Sealed,
    entries: Mapping[str, Entry],
    names: Sequence[str],
) -> Iterator[tuple[str, Verdict]]:
    """The verdict on each waiting response that is still there.

    Args:
        responses: the folder.
        judge: says what can be used.
        sealed: the sealed set of that folder.
        entries: what is known of its files.
        names: those of the waiting responses.

    Raises:
        StoreError: a sealed file cannot be read.
    """
    withdrawn = sealed.withdrawn()
    there = sealed_before(names, sealed, entries)
    for name in names:
        try:
            data, told = _read(responses, responses.folder, name)
            accepted = judge.response(data, responses.clear_name(name))
        except MissingError:
            continue
        except StoreError as error:
            yield name, error.message
            continue
        before = there.get(accepted.response_id) if there else None
        if withdrawn and hash_of(accepted.response_id) in withdrawn:
            yield name, WITHDRAWN
        elif before is not None and before != digest_of(accepted.line):
            yield name, ANOTHER
        else:
            if told:
                yield name, Telling(told)
            yield name, accepted if before is None else SealedAlready()


def text_verdicts(
    responses: Responses, judge: Judge, sealed: Sealed, names: Sequence[str]
) -> Iterator[tuple[str, AcceptedText | Telling | str]]:
    """The verdict on each waiting text, whatever is in its pool (see `Sealed.pooled_before`)."""
    withdrawn = sealed.withdrawn()
    for name in names:
        try:
            data, told = _read(responses, responses.texts, name)
            text = judge.text(data, responses.clear_name(name))
        except MissingError:
            continue
        except StoreError as error:
            yield name, error.message
            continue
        if withdrawn and hash_of(text.text_id) in withdrawn:
            yield name, WITHDRAWN
            continue
        if told:
            yield name, Telling(told)
        yield name, text


def sealed_before(
    names: Sequence[str], sealed: Sealed, entries: Mapping[str, Entry]
) -> dict[str, bytes]:
    """Digests of the sealed lines whose ids stand among these names, by id.

    Raises:
        StoreError: a sealed file cannot be read.
    """
    waiting: set[int] = set()
    for name in names if entries else ():
        with contextlib.suppress(ValueError, IndexError):
            waiting.add(mark_of(name))
    found: dict[str, bytes] = {}
    for name, entry in entries.items():
        again = waiting.intersection(entry.marks)
        for line in sealed.lines(name) if again else ():
            response_id = id_in(line, RESPONSE_START)
            if response_id is not None and mark_of(response_id) in again:
                found[response_id] = digest_of(line)
    return found


def _read(responses: Responses, folder: Path, name: str) -> tuple[bytes, str]:
    """What a waiting file holds, and what it tells beside."""
    data = read_quickly(f"{folder}/{name}")
    told = ""
    if data is None:
        path = folder / name
        data, told = read_file(path), telling(path)
    return responses.cipher.unwrap(data, name), told
