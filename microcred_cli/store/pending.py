"""Pending records: which of them can be sealed, and the faults of the others."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import read_file, read_quickly
from microcred_cli.store.index import SegmentEntry, Tombstones, mark_of
from microcred_cli.store.judge import Accepted, Judge
from microcred_cli.store.layout import Kind
from microcred_cli.store.segments import LOT, Catalogue, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from microcred_cli.store.folder import Responses

WITHDRAWN: Final = "it was withdrawn"
ANOTHER: Final = "a different record with this id is already sealed"


@dataclass(frozen=True, slots=True)
class SealedAlready:
    """A pending file whose record is already sealed; only the removal of the file remains."""


Verdict = Accepted | SealedAlready | str
"""A record that can be sealed, a record that is already sealed, or the fault of the file."""


def catalogue_for(
    responses: Responses, kind: Kind, names: Sequence[str], entries: Mapping[str, SegmentEntry]
) -> Catalogue:
    """A catalogue for looking up pending files in the sealed set; `entries` are from the index.

    An unreadable pool is reported later, when its texts are read. An unreadable segment of
    responses raises a StoreError, because its records could otherwise be sealed twice.
    """
    wanted = set()
    for name in names:
        with contextlib.suppress(ValueError, IndexError):
            wanted.add(mark_of(name))
    is_strict = kind is Kind.RESPONSE
    found = Catalogue(kind, responses.segments, frozenset(wanted), strict=is_strict)
    if names:
        found.look(entries)
    return found


def rewrite(folder: Path, names: Iterable[str]) -> None:
    """Rewrite these files in random order, except those that cannot be read.

    The positions of files on disk reveal the order in which they were submitted.
    """
    order = [*names]
    LOT.shuffle(order)
    for name in order:
        try:
            data = read_file(folder / name)
        except StoreError:
            continue
        files.replace_durably(folder / name, data, still=True)


def verdicts(
    responses: Responses, judge: Judge, sealed: Catalogue, names: Sequence[str]
) -> Iterator[tuple[str, Verdict]]:
    """The names of the pending files that still exist, each with a verdict.

    A valid file with revealing permissions or times has two verdicts: one on the metadata, and one
    on the record.
    """
    kind, folder = sealed.kind, responses.place(sealed.kind)
    prefix, cipher = f"{folder}/", responses.cipher
    tombstones = Tombstones.read(responses.folder)
    for name in names:
        try:
            told, data = "", read_quickly(prefix + name)
            if data is None:
                path = folder / name
                data, told = read_file(path), "; ".join(files.findings_on(path))
            clear = cipher.unwrap(data, name)
            record = judge.record(kind, clear, name.removesuffix(cipher.suffix))
        except files.MissingError:
            continue
        except StoreError as error:
            yield name, error.message
            continue
        if record.record_id in tombstones:
            yield name, WITHDRAWN
            continue
        before = sealed.digest(record.record_id, record.item)
        if before is not None and before != digest_of(record.line):
            yield name, ANOTHER
            continue
        if told:
            yield name, told
        yield name, record if before is None else SealedAlready()
