"""Sealing: waiting responses become one file of many, in an order that tells nothing.

The steps stand in such an order that after a crash at any point the next seal finishes the work:
a new file is whole before anything that it holds is removed, and figures are made last. What stands
in a sealed file is sealed, whatever else still lies around.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import secrets
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import StoreError
from microcred_cli.store import disk
from microcred_cli.store.folders import own_folder
from microcred_cli.store.judging import Accepted
from microcred_cli.store.last_seal import Crowd, LastSeal, LastSeals
from microcred_cli.store.last_seal import digest_of as digest_of_figures
from microcred_cli.store.names import KEPT, stem
from microcred_cli.store.pools import Pools
from microcred_cli.store.reading import read_file
from microcred_cli.store.rest import Outcome, is_begun, state_of
from microcred_cli.store.sealed import Entry, Figures, Sealed, digest_of, mark_of
from microcred_cli.store.stock import Method, Stock, Tally
from microcred_cli.store.waiting import (
    ANOTHER,
    SealedAlready,
    Telling,
    text_verdicts,
    verdicts,
)
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from microcred_cli.store.encryption import Spool
    from microcred_cli.store.judging import AcceptedText, Judge
    from microcred_cli.store.last_seal import LeftOut
    from microcred_cli.store.responses import Responses

    Progress = Callable[[int, int], None]

SMALLEST_BATCH: Final = 10
"""So many responses, or texts of an item, are sealed at once at least."""

_SYSTEM: Final = secrets.SystemRandom()
_EVERY: Final = 256


def seal(
    responses: Responses,
    judge: Judge,
    method: Method,
    *,
    progress: Progress | None = None,
) -> Outcome:
    """Take the waiting responses into the sealed set if there are enough, and texts likewise.

    Args:
        responses: the folder.
        judge: says what can be used.
        method: how to count, and what to make of the counts.
        progress: is told how many of how many files were read.

    Raises:
        StoreError: what the system refused; what was waiting then waits, or is sealed.
    """
    if not is_begun(responses):
        return figures_kept(responses, judge, method.rule)
    with responses.held():
        return _Run(responses, judge, method, progress or _nobody).run()


def figures_kept(responses: Responses, judge: Judge, rule: str) -> Outcome:
    """The last seal's figures and what is wrong with what waits, without writing anything."""
    sealed = responses.sealed
    kept = sealed.figures().get(judge.ref.sha256)
    last = LastSeals.read(responses.folder).seals.get(judge.ref.sha256)
    found = [
        (name, wrong)
        for name, wrong in (last.left_out if last is not None else ())
        if name.startswith("sealed/") or name in KEPT
    ]
    texts = text_verdicts(responses, judge, sealed, responses.text_names())
    for name, verdict in (
        *verdicts(responses, judge, sealed, sealed.kept().entries, responses.names()),
        *((f"texts/{name}", verdict) for name, verdict in texts),
    ):
        if isinstance(verdict, str | Telling):
            found.append((safe(name), _wrong(verdict)))
    figures = kept.figures if kept is not None and kept.rule == rule else None
    return Outcome(0, tuple(found), figures)


def _wrong(verdict: str | Telling) -> str:
    return safe(verdict if isinstance(verdict, str) else verdict.reason)


def _nobody(_done: int, _of: int) -> None:
    pass


@dataclass(slots=True)
class _Spool:
    """What is about to be sealed: its lines for a while, and its files' names."""

    place: Spool
    names: list[str] = field(default_factory=list)
    marks: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, name: str, line: bytes) -> None:
        self.place.write(line)
        self.place.write(b"\n")
        self.names.append(name)

    def lines(self) -> Iterator[bytes]:
        return self.place.lines()


@dataclass(slots=True)
class _Run:
    responses: Responses
    judge: Judge
    method: Method
    progress: Progress
    left_out: list[LeftOut] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    """The names of the responses that waited."""
    gone: list[str] = field(default_factory=list)
    """The names of those that are sealed now."""
    taken: int = 0
    held_back: bool = False

    def run(self) -> Outcome:
        sealed = self.responses.sealed
        self._prepare(sealed)
        last = LastSeals.read(self.responses.folder)
        before = copy.deepcopy(last)
        mended = self._mend(sealed)
        pools = Pools(sealed, self.judge, last)
        mended += pools.take_up()
        stock = Stock(sealed, self.judge, self.method)
        stock.take_up()
        mended += stock.removed
        tally = self._take_in(stock, sealed, last)
        disk.remove_named(self.responses.folder, self.gone, still=True)
        texts = _Texts(self.responses, self.judge, sealed, self.left_out)
        texts.run(stir=tally is not None)
        self.left_out += [*stock.all_left_out(), *sealed.pools()[1]]
        self.left_out += [*pools.look_through(texts.merged), *sealed.telling()]
        gone = {safe(name) for name in (*self.gone, *(f"texts/{name}" for name in texts.gone))}
        still_wrong = tuple(part for part in self.left_out if part[0] not in gone)
        # Of what came meanwhile nothing is known yet: it must not pass for looked at.
        waiting = {*self.looked_at} - {*self.gone}
        state = state_of(self.responses, waiting, {*texts.looked_at} - {*texts.gone})
        figures = self._figures(stock, tally, last)
        self._remember(last, before, state, still_wrong)
        self.left_out += mended
        return Outcome(self.taken, tuple(self.left_out), figures, self.held_back)

    def _mend(self, sealed: Sealed) -> list[LeftOut]:
        """Take from the sealed files what their rights and times tell; what that was."""
        told = sealed.telling()
        sealed.tell_nothing([name for name, _ in told])
        # What could not be mended is named with what is still wrong at the end.
        left = {name for name, _ in sealed.telling()} if told else set()
        return [(name, wrong) for name, wrong in told if name not in left]

    def _remember(
        self, last: LastSeals, before: LastSeals, state: str, left_out: tuple[LeftOut, ...]
    ) -> None:
        sha256 = self.judge.ref.sha256
        if sha256 in last.seals:
            seal = last.seals[sha256]
            last.seals[sha256] = dataclasses.replace(seal, state=state, left_out=left_out)
        if last != before:
            last.keep()

    def _prepare(self, sealed: Sealed) -> None:
        for folder in (self.responses.texts, sealed.folder, sealed.texts):
            own_folder(folder)
            disk.still_time(folder)
        sealed.remove_leftovers()
        self.responses.remove_leftovers()
        # Who stirs texts (see below) holds the folder, too.
        disk.remove_leftovers_of(self.responses.texts, {*self.responses.text_names()}, still=True)

    # -- responses

    def _take_in(self, stock: Stock, sealed: Sealed, last: LastSeals) -> Tally | None:
        """Seal what waits, if there is enough; the new counts, or None."""
        names = self.looked_at = self.responses.names()
        tally = stock.tally() if len(names) >= SMALLEST_BATCH else None
        with sealed.cipher.spool(sealed.folder) as place:
            spool = _Spool(place)
            for name, accepted in self._usable(names, stock, sealed):
                spool.add(name, accepted.line)
                spool.marks.append(mark_of(accepted.response_id))
                if tally is not None:
                    tally.add(accepted.answers)
            if tally is None or len(spool.names) < SMALLEST_BATCH:
                return None
            if not stock.own and self.judge.ref.sha256 not in last.seals:
                # Nobody's figures can have been printed: those of the first batch may be made
                # whatever happens in between.
                last.seals[self.judge.ref.sha256] = LastSeal(Crowd.of(()))
                last.keep()
            merged = self._write(spool, stock, sealed)
        stock.keep(tally)
        disk.remove_named(sealed.folder, merged, still=True)
        self.gone += spool.names
        self.taken = len(spool.names)
        return tally

    def _usable(
        self, names: list[str], stock: Stock, sealed: Sealed
    ) -> Iterator[tuple[str, Accepted]]:
        """The waiting responses that can be sealed, in an order drawn by lot."""
        _SYSTEM.shuffle(names)
        found = verdicts(self.responses, self.judge, sealed, stock.entries, names)
        for number, (name, verdict) in enumerate(found):
            if not number % _EVERY:
                self.progress(number, len(names))
            if isinstance(verdict, Accepted):
                yield name, verdict
            elif isinstance(verdict, SealedAlready):
                self.gone.append(name)
            else:
                self.left_out.append((safe(name), _wrong(verdict)))
        self.progress(len(names), len(names))

    def _write(self, spool: _Spool, stock: Stock, sealed: Sealed) -> list[str]:
        """Write the new sealed file; the names of those that are merged into it."""
        merged = _to_merge(stock.own, len(spool.names))
        sources = [(len(spool.names), spool.lines())]
        sources += [(len(stock.entries[name].marks), sealed.lines(name)) for name in merged]
        name = sealed.new_name()
        path = sealed.folder / name
        disk.create_durably(path, sealed.cipher.wrap_lines(riffled(sources)), still=True)
        marks = spool.marks
        for other in merged:
            marks.extend(stock.entries[other].marks)
        entry = Entry(path.stat().st_size, self.judge.ref.sha256, marks)
        stock.replace(name, entry, instead_of=merged)
        return merged

    # -- figures

    def _figures(self, stock: Stock, tally: Tally | None, last: LastSeals) -> object | None:
        """The figures that may be printed now, made anew if enough was sealed since.

        They are of other people than the last ones by a batch at least, or of the same.
        """
        own = stock.own
        if not own:
            return None
        sealed, sha256 = stock.sealed, self.judge.ref.sha256
        kept, now = sealed.figures(), Crowd.of(own.values())
        before, seal = kept.get(sha256), last.seals.get(sha256)
        if seal is None:
            may_be_made = not sealed.withdrawn()
            is_behind = may_be_made or tally is not None
            seal = LastSeal(Crowd(now.most))
        else:
            is_cut_off = before is not None and digest_of_figures(before.figures) != seal.figures
            may_be_made = now.is_known_as(seal.crowd)
            is_behind = (
                tally is not None
                or now.fewest - seal.crowd.most >= SMALLEST_BATCH
                or (may_be_made and is_cut_off)
            )
        last.seals[sha256] = seal
        if before is not None and before.rule == self.method.rule and not is_behind:
            return before.figures
        if not (is_behind or may_be_made):
            self.held_back = True
            return None
        made = self.method.protect(tally or stock.tally())
        # First of whom they are: figures that were printed are never of an unknown crowd.
        last.seals[sha256] = LastSeal(now, digest_of_figures(made))
        last.keep()
        sealed.keep_figures({**kept, sha256: Figures(self.method.rule, made)})
        return made


def _to_merge(entries: dict[str, Entry], count: int) -> list[str]:
    """The files that are not larger than what is written with them, the smallest first."""
    merged = []
    whole = {name: len(entry.marks) for name, entry in entries.items() if not entry.damaged}
    for name in sorted(whole, key=lambda name: (whole[name], name)):
        if whole[name] > count:
            break
        merged.append(name)
        count += whole[name]
    return merged


def riffled(sources: Sequence[tuple[int, Iterator[bytes]]]) -> Iterator[bytes]:
    """The lines of several sources, each in an order drawn by lot, as one such order.

    Each line is drawn from a source by how many it has left, so every order of all lines is equally
    likely, and only one line of each source is held at a time.

    Raises:
        StoreError: a source has fewer lines than it should.
    """
    left = [count for count, _ in sources]
    lines = [source for _, source in sources]
    total = sum(left)
    while total:
        drawn = _SYSTEM.randrange(total) if len(left) > 1 else 0
        number = 0
        while drawn >= left[number]:
            drawn -= left[number]
            number += 1
        line = next(lines[number], None)
        if line is None:
            raise StoreError("A sealed file was changed meanwhile.", mend="Seal again.")
        left[number] -= 1
        total -= 1
        yield line + b"\n"


@dataclass(slots=True)
class _Texts:
    """The waiting texts, on their way into the pools of their items."""

    responses: Responses
    judge: Judge
    sealed: Sealed
    left_out: list[LeftOut]
    looked_at: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    """The pools that were written."""

    def run(self, *, stir: bool) -> None:
        """Seal what can be; `stir` whether what must wait gets a new order on the disk."""
        with contextlib.ExitStack() as stack:
            spools: dict[str, _Spool] = {}
            for text, name in self._usable():
                if text.item not in spools:
                    place = stack.enter_context(self.sealed.cipher.spool(self.sealed.texts))
                    spools[text.item] = _Spool(place)
                spools[text.item].add(name, text.line)
            left: list[str] = []
            for item, spool in sorted(spools.items()):
                left += self._take_in(item, spool)
        if stir:
            self._stir(left)

    def _usable(self) -> Iterator[tuple[AcceptedText, str]]:
        names = self.looked_at = self.responses.text_names()
        _SYSTEM.shuffle(names)
        for name, verdict in text_verdicts(self.responses, self.judge, self.sealed, names):
            if isinstance(verdict, str | Telling):
                self.left_out.append((safe(f"texts/{name}"), _wrong(verdict)))
            else:
                yield verdict, name

    def _take_in(self, item: str, spool: _Spool) -> list[str]:
        """Let the texts of an item join its pool if they are enough; who is left waiting."""
        pool = self.sealed.pool_of(item)
        try:
            there, count = self.sealed.pooled_before(pool, set(map(stem, spool.names)))
        except StoreError:
            # The pool is named when it is looked through; until it is mended they wait.
            return spool.names
        done, fresh = [], []
        for name, line in zip(spool.names, spool.lines(), strict=True):
            before = there.get(stem(name))
            if before is None:
                fresh.append(name)
            elif before == digest_of(line):
                done.append(name)
            else:
                self.left_out.append((safe(f"texts/{name}"), ANOTHER))
        if len(fresh) >= SMALLEST_BATCH:
            new = self._lines_of(spool, set(fresh))
            old = self.sealed.cipher.read_lines(pool) if count else iter(())
            lines = riffled([(len(fresh), new), (count, old)])
            disk.replace_durably(pool, self.sealed.cipher.wrap_lines(lines), still=True)
            self.merged.append(pool.name)
            done += fresh
            fresh = []
        disk.remove_named(self.responses.texts, done, still=True)
        self.gone += done
        return fresh

    @staticmethod
    def _lines_of(spool: _Spool, names: Collection[str]) -> Iterator[bytes]:
        for name, line in zip(spool.names, spool.lines(), strict=True):
            if name in names:
                yield line

    def _stir(self, names: list[str]) -> None:
        """Write what must wait anew in an order drawn by lot: old places tell the order."""
        _SYSTEM.shuffle(names)
        for name in names:
            path = self.responses.texts / name
            disk.replace_durably(path, read_file(path), still=True)
