"""A check of all records in a folder, which also measures the k-anonymity of the responses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError
from microcred_cli.store.counts import damaged_in, judged_lines, of_another
from microcred_cli.store.folder import Responses, terms_of
from microcred_cli.store.index import SegmentEntry, Tombstones
from microcred_cli.store.judge import Accepted, Judge
from microcred_cli.store.layout import FOLDER_FILE, Kind, LeftOut
from microcred_cli.store.pending import (
    WITHDRAWN,
    catalogue_for,
    verdicts,
)
from microcred_cli.store.sealed_set import contained
from microcred_cli.store.segments import place_of
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Detail, Folder

SMALL_GROUP = 5
_ABOUT = re.compile(
    rb'"status":"([a-z]+)","mode":"([a-z_]+)",.{1,200}?"duration_minutes":(null|[0-9]+)'
)
"""Matches the status, mode and duration of a response, which its interviewer knows."""


@dataclass
class Findings:
    """The result of a check: numbers of usable records, and a list of unusable ones with reasons.

    `sealed` is the number of usable responses that are sealed; the others are pending. `groups`
    maps each combination of quasi-identifiers, status, mode and duration to its number of
    responses.
    """

    responses: int = 0
    sealed: int = 0
    texts: int = 0
    groups: Counter[tuple[str, ...]] = field(default_factory=Counter)
    bad: list[LeftOut] = field(default_factory=list)
    detail: Detail = "coarse"

    @property
    def smallest(self) -> int:
        """The number of responses in the smallest group."""
        return min(self.groups.values(), default=0)

    @property
    def in_small(self) -> int:
        """The number of responses in groups below the minimum size."""
        return sum(count for count in self.groups.values() if count < SMALL_GROUP)


def check(folder: Responses, loaded: Loaded) -> Findings:
    """Check all records in a folder without writing to it."""
    folder.names()
    checked = _Check(folder, loaded)
    for kind in Kind:
        checked.pending(kind, checked.sealed(kind))
    return checked.found


class _Check:
    def __init__(self, folder: Responses, loaded: Loaded) -> None:
        self._folder = folder
        self._segments = folder.segments
        self.found = Findings()
        self._judge = Judge(loaded, self._terms(loaded))
        self._quasi = [item.id for item in loaded.questionnaire.items if item.quasi_identifier]
        self._tombstones = Tombstones.read(folder.folder)
        self.found.bad += self._segments.telling()

    def _terms(self, loaded: Loaded) -> Folder | None:
        try:
            terms, wrong = terms_of(self._folder, loaded)
        except StoreError as error:
            self._note(FOLDER_FILE, error.message)
            return None
        self.found.bad += wrong
        self.found.detail = terms.detail if terms is not None else "coarse"
        return terms

    def _note(self, name: str, wrong: str) -> None:
        self.found.bad.append((safe(name), safe(wrong)))

    def _good(self, kind: Kind, record: Accepted) -> None:
        if kind is Kind.TEXT:
            self.found.texts += 1
            return
        self.found.responses += 1
        told = _ABOUT.search(record.line)
        about = told.groups() if told else ()
        answers = [record.answers[item] for item in self._quasi]
        self.found.groups[*map(str, (*answers, *about))] += 1

    def sealed(self, kind: Kind) -> dict[str, SegmentEntry]:
        """Check the segments of one kind; return the index entries of segments of responses."""
        sizes, foreign = self._segments.sizes(kind)
        self.found.bad += foreign
        if kind is Kind.TEXT:
            for name in sizes:
                self._lines(kind, name, set())
            return {}
        entries: dict[str, SegmentEntry] = {}
        for name, size in sizes.items():
            try:
                entries[name] = self._segments.entry_of(name, size)
            except StoreError as error:
                self._note(place_of(kind, name), error.message)
        seen: set[int] = set()
        for name in sorted(entries.keys() - contained(entries, set(entries))):
            if entries[name].sha256 in (self._judge.ref.sha256, ""):
                self._lines(kind, name, seen)
            else:
                self._note(place_of(kind, name), of_another(self._segments, self._judge, name))
        return entries

    def _lines(self, kind: Kind, name: str, seen: set[int]) -> None:
        damaged: list[tuple[int, str]] = []
        lines = judged_lines(self._segments, self._judge, kind, name, seen, self._tombstones)
        try:
            for number, line in enumerate(lines, 1):
                if isinstance(line, Accepted):
                    self.found.sealed += kind is Kind.RESPONSE
                    self._good(kind, line)
                elif line == WITHDRAWN:
                    # Withdrawn records are listed individually, because the next seal removes them.
                    self._note(place_of(kind, name, number), line)
                else:
                    damaged.append((number, line))
        except StoreError as error:
            if kind is Kind.RESPONSE:
                raise
            damaged.append((0, error.message))
        for place, wrong in damaged_in(kind, name, damaged):
            self._note(place, wrong)

    def pending(self, kind: Kind, entries: dict[str, SegmentEntry]) -> None:
        names = self._folder.names(kind)
        sealed = catalogue_for(self._folder, kind, names, entries)
        for name, verdict in verdicts(self._folder, self._judge, sealed, names):
            if isinstance(verdict, Accepted):
                self._good(kind, verdict)
            elif isinstance(verdict, str):
                self._note(f"{kind.prefix}{name}", verdict)
