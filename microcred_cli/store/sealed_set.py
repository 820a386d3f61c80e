"""What is sealed and counted: taken up from the disk, and finished where a crash cut a seal off."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.store.pending import REMOVED
from microcred_cli.store.segments import (
    RESPONSE_START,
    Entry,
    Kept,
    Sealed,
    hash_of,
    id_in,
    list_of,
    mark_of,
)
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from microcred_cli.store.judge import Accepted, Judge
    from microcred_cli.store.last_seal import LeftOut

_MOST_NAMED: Final = 10
"""So many lines of a file with the same fault are named one by one."""

DOUBLE: Final = "a response with this id stands there already"


class Tally(Protocol):
    """Counts of records, which can be kept and gone on with."""

    def add(self, answers: Mapping[str, Any]) -> None:
        """Count the answers of a record."""

    def subtract(self, answers: Mapping[str, Any]) -> None:
        """Take a record's answers out again."""

    def to_object(self) -> object:
        """The counts as JSON can hold them."""

    def people(self) -> object:
        """How many people there are of each kind that figures tell apart, as JSON can hold it."""


@dataclass(frozen=True, slots=True)
class Published:
    """The last figures, and of how many people (see `Tally.people`); None if that was lost."""

    figures: object
    people: object | None


@dataclass(frozen=True, slots=True)
class Method:
    """How responses are counted and figures made of the counts; the store looks into neither.

    `rule` names the rule of the figures and its version. `begin` goes on with counts that were kept
    (see `Tally.to_object`), or begins with none; it raises a StoreError if those do not fit.
    `protect` makes figures that can be printed beside the last ones.
    """

    rule: str
    begin: Callable[[object | None], Tally]
    protect: Callable[[Tally, Published | None], object]


@dataclass(slots=True)
class Stock:
    """The sealed responses to one questionnaire, with their counts.

    Only for who holds the folder's lock: taking it up removes what a crash left.
    """

    sealed: Sealed
    judge: Judge
    method: Method
    entries: dict[str, Entry] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    removed: list[LeftOut] = field(default_factory=list)
    """The lines of withdrawn responses that had come back, or were never removed."""
    _withdrawn: frozenset[str] = frozenset()
    _counts: dict[str, object] = field(default_factory=dict)
    _people: dict[str, object] = field(default_factory=dict)
    _fresh: set[str] = field(default_factory=set)
    _counted: set[int] = field(default_factory=set)

    def take_up(self) -> None:
        """Find out what is sealed.

        Raises:
            StoreError: what the system refused.
        """
        kept = self.sealed.kept()
        sizes, foreign = self.sealed.sizes()
        self.left_out += foreign
        self._people = dict(kept.people)
        self._withdrawn = self.sealed.withdrawn()
        is_in_step = kept.withdrawn == list_of(self._withdrawn)
        known = {n: e for n, e in kept.entries.items() if sizes.get(n) == e.size}
        looked_through = known.keys() if is_in_step else set[str]()
        for name in sizes.keys() - looked_through if self._withdrawn else ():
            if self._remove_withdrawn(name):
                sizes[name] = self.sealed.sizes()[0][name]
                known.pop(name, None)
        self.entries = known
        lost = {e.sha256 for n, e in kept.entries.items() if n not in self.entries}
        self._counts = {sha: c for sha, c in kept.counts.items() if sha not in lost}
        for name in sizes.keys() - self.entries.keys():
            self._scan(name, sizes[name])
        gone = superseded(self.entries, self._fresh)
        files.remove_named(self.sealed.folder, gone, still=True)
        for name in gone:
            # What it had is counted, and stands in a fresh file now.
            self._counted.update(() if name in self._fresh else self.entries[name].marks)
            del self.entries[name]
        self._fresh -= gone
        if self._fresh & self.own.keys():
            self.keep(self.tally())
        elif kept.entries and not is_in_step:
            self._keep()

    @property
    def counted(self) -> int:
        """How many sealed responses are counted, once `tally` was asked for."""
        return sum(entry.counted for entry in self.own.values())

    @property
    def own(self) -> dict[str, Entry]:
        """The entries of the files that answer this questionnaire."""
        sha256 = self.judge.ref.sha256
        return {n: e for n, e in self.entries.items() if e.sha256 in (sha256, "")}

    def tally(self) -> Tally:
        """The counts of everything sealed; responses are read only if that was not kept.

        Raises:
            StoreError: a file cannot be read.
        """
        own = self.own
        counts = self._counts.get(self.judge.ref.sha256)
        try:
            tally = self.method.begin(counts)
        except StoreError:
            counts, tally = None, self.method.begin(None)
        if counts is None:
            self._counted.clear()
        missing = self._fresh & own.keys() if counts is not None else own.keys()
        seen: set[int] = set()
        for name in own.keys() - missing if missing else ():
            seen.update(own[name].marks)
        for name in sorted(missing):
            self._count(name, tally, seen)
        self._fresh -= own.keys()
        return tally

    def keep(self, tally: Tally) -> None:
        """Keep these counts, of all that is sealed.

        Raises:
            StoreError: what the system refused.
        """
        self._counts[self.judge.ref.sha256] = tally.to_object()
        self._keep()

    def _keep(self) -> None:
        known = {name: entry for name, entry in self.entries.items() if name not in self._fresh}
        self.sealed.keep(Kept(known, self._counts, list_of(self._withdrawn), self._people))

    def published(self, figures: object) -> Published:
        """The last figures, with of how many people they were made."""
        return Published(figures, self._people.get(self.judge.ref.sha256))

    def publish(self, tally: Tally) -> None:
        """Keep of how many people the figures are that are about to be kept.

        It is done before: figures of more people than is known would prove more of them.

        Raises:
            StoreError: what the system refused.
        """
        self._people[self.judge.ref.sha256] = tally.people()
        self._keep()

    def replace(self, name: str, entry: Entry, instead_of: Collection[str]) -> None:
        """Put one file, which is counted, in the place of others."""
        for other in instead_of:
            del self.entries[other]
        self.entries[name] = entry

    def all_left_out(self) -> list[LeftOut]:
        """What of the sealed files is not counted, and why."""
        found = list(self.left_out)
        own = self.own
        for name, entry in sorted(self.entries.items()):
            if name in own:
                found += damaged_in(f"sealed/{name}", entry.damaged)
            else:
                found.append((f"sealed/{name}", of_another(self.sealed, self.judge, name)))
        return found

    def _remove_withdrawn(self, name: str) -> bool:
        """Remove what was withdrawn from a file; whether there was any."""
        path = self.sealed.folder / name
        try:
            found = self.sealed.find_lines(
                path, RESPONSE_START, lambda own: hash_of(own) in self._withdrawn
            )
        except StoreError:
            # The scan that follows says so.
            return False
        if found:
            self.sealed.remove_lines(path, {number for number, _ in found})
        self.removed += [(f"sealed/{name} line {number}", REMOVED) for number, _ in found]
        return bool(found)

    def _scan(self, name: str, size: int) -> None:
        try:
            self.entries[name] = self.sealed.scan(name, size)
        except StoreError as error:
            self.left_out.append((safe(f"sealed/{name}"), error.message))
        else:
            self._fresh.add(name)

    def _count(self, name: str, tally: Tally, seen: set[int]) -> None:
        entry = self.entries[name]
        entry.damaged, entry.counted = [], 0
        for number, verdict in enumerate(judged(self.sealed, self.judge, name), 1):
            if isinstance(verdict, str):
                entry.damaged.append((number, verdict))
            elif (mark := mark_of(verdict.response_id)) in seen:
                entry.damaged.append((number, DOUBLE))
            else:
                seen.add(mark)
                entry.counted += 1
                if mark not in self._counted:
                    tally.add(verdict.answers)


def damaged_in(file: str, damaged: Sequence[tuple[int, str]]) -> list[LeftOut]:
    """The lines of a file that cannot be used; where a fault is that of very many, how many."""
    faults = Counter(why for _, why in damaged)
    often = {why for why, count in faults.items() if count > _MOST_NAMED}
    found = [(f"{file} line {line}", why) for line, why in damaged if why not in often]
    return [*found, *((f"{file}, {faults[why]} lines", why) for why in sorted(often))]


def judged(sealed: Sealed, judge: Judge, name: str) -> Iterator[Accepted | str]:
    """Each line of a sealed file as a response, or what is wrong with it."""
    for line in sealed.lines(name):
        try:
            yield judge.response(line)
        except StoreError as error:
            yield error.message


def of_another(sealed: Sealed, judge: Judge, name: str) -> str:
    """Why none of the responses in a sealed file is counted: they answer something else."""
    count, reason = 0, ""
    for line in sealed.lines(name):
        count += 1
        if not reason and id_in(line, RESPONSE_START):
            try:
                judge.response(line)
            except StoreError as error:
                reason = error.message
    return f"{count} responses: {reason}"


def superseded(entries: Mapping[str, Entry], fresh: Collection[str]) -> set[str]:
    """The files whose responses all stand in another one: a crash came before their removal.

    Only pairs with a fresh file are compared; all others have been.
    """
    if not fresh:
        return set()
    marks = {name: frozenset(entry.marks) for name, entry in entries.items()}
    order = sorted(marks, key=lambda name: (len(marks[name]), name))
    return {
        name
        for place, name in enumerate(order)
        for other in order[place + 1 :]
        if marks[name]
        and (name in fresh or other in fresh)
        and not entries[name].damaged
        and marks[name] <= marks[other]
    }
