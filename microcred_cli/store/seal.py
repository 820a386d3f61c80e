"""Sealing: waiting responses become one file of many, in an order that tells nothing.

The steps stand in such an order that after a crash at any point the next seal finishes the work:
a new file is whole before anything that it holds is removed, and figures are made last. What stands
in a sealed file is sealed, whatever else still lies around.
"""

from __future__ import annotations

import copy
import dataclasses
from array import array
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from microcred_cli import files
from microcred_cli.files.private_folder import own_folder
from microcred_cli.store.batches import (
    LOT,
    MERGED_BELOW,
    SMALLEST_BATCH,
    STEP,
    batch_of,
    riffled,
)
from microcred_cli.store.judge import Accepted
from microcred_cli.store.last_seal import Crowd, LastSeal, LastSeals
from microcred_cli.store.last_seal import digest_of as digest_of_figures
from microcred_cli.store.layout import KEPT
from microcred_cli.store.moving import Lines, Texts, stir_order, wrong_in
from microcred_cli.store.pending import SealedAlready, Telling, text_verdicts, verdicts
from microcred_cli.store.pools import Pools
from microcred_cli.store.publication import Held, Outcome, is_begun, kept_for, state_of
from microcred_cli.store.returning import remove_leftovers, return_some
from microcred_cli.store.sealed_set import Method, Stock, Tally
from microcred_cli.store.segments import Entry, Figures, Sealed, mark_of
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import Judge
    from microcred_cli.store.last_seal import LeftOut

    Progress = Callable[[int, int], None]

_EVERY: Final = 256


def seal(
    responses: Responses,
    judge: Judge,
    method: Method,
    *,
    take: bool = True,
    progress: Progress | None = None,
) -> Outcome:
    """Take waiting responses into the sealed set if there are enough, and texts likewise.

    How many, and who must wait, says `batches`.

    Args:
        responses: the folder.
        judge: says what can be used.
        method: how to count, and what to make of the counts.
        take: whether anything is taken in; else only what was cut off is finished.
        progress: is told how many of how many files were read.

    Raises:
        StoreError: what the system refused; what was waiting then waits, or is sealed.
    """
    if not is_begun(responses):
        return figures_kept(responses, judge, method.rule)
    with responses.held():
        return _Run(responses, judge, method, progress or _nobody, take).run()


def figures_kept(responses: Responses, judge: Judge, rule: str) -> Outcome:
    """The last seal's figures and what is wrong with what waits, without writing anything."""
    sealed = responses.sealed
    last = LastSeals.read(responses.folder).seals.get(judge.ref.sha256)
    found = [
        (name, wrong)
        for name, wrong in (last.left_out if last is not None else ())
        if name.startswith("sealed/") or name in KEPT
    ]
    waiting = 0
    texts = text_verdicts(responses, judge, sealed, responses.text_names())
    for name, verdict in (
        *verdicts(responses, judge, sealed, sealed.kept().entries, responses.names()),
        *((f"texts/{name}", verdict) for name, verdict in texts),
    ):
        waiting += isinstance(verdict, Accepted)
        if isinstance(verdict, str | Telling):
            found.append((safe(name), wrong_in(verdict)))
    return kept_for(responses, judge.ref.sha256, rule, left_out=tuple(found), waiting=waiting)


def _nobody(_done: int, _of: int) -> None:
    pass


@dataclass(slots=True)
class _Batch:
    """What is about to be sealed, in an order drawn by lot: its lines, names and marks.

    `late` has the answers of the last ones, who may have to wait.
    """

    lines: Lines
    tally: Tally | None
    marks: array[int] = field(default_factory=lambda: array("Q"))
    late: deque[Mapping[str, Any]] = field(default_factory=lambda: deque(maxlen=STEP))

    def add(self, name: str, accepted: Accepted) -> None:
        self.lines.add(name, accepted.line)
        self.marks.append(mark_of(accepted.response_id))
        self.late.append(accepted.answers)
        if self.tally is not None:
            self.tally.add(accepted.answers)

    def cut(self) -> list[str]:
        """Leave as many as a seal takes; the names of the others, who wait."""
        size = batch_of(len(self.marks))
        if size and self.tally is not None:
            for answers in list(self.late)[len(self.late) - (len(self.marks) - size) :]:
                self.tally.subtract(answers)
        left = self.lines.names[size:]
        del self.lines.names[size:], self.marks[size:]
        return left


@dataclass(slots=True)
class _Run:
    responses: Responses
    judge: Judge
    method: Method
    progress: Progress
    take: bool
    left_out: list[LeftOut] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    """The names of the responses that waited."""
    left: list[str] = field(default_factory=list)
    """The names of those that can be used, and wait on."""
    gone: list[str] = field(default_factory=list)
    """The names of those that are sealed now."""
    taken: int = 0
    returned: int = 0
    held_back: Held = ""

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
        remove_leftovers(self.responses, stock)
        tally = self._take_in(stock, sealed, last)
        files.remove_named(self.responses.folder, self.gone, still=True)
        texts = Texts(self.responses, self.judge, sealed, self.left_out)
        texts.run(take=self.take, stir=tally is not None)
        self.left_out += [*stock.all_left_out(), *sealed.pools()[1]]
        self.left_out += [*pools.look_through(texts.merged), *sealed.telling()]
        gone = {safe(name) for name in (*self.gone, *(f"texts/{name}" for name in texts.gone))}
        still_wrong = tuple(part for part in self.left_out if part[0] not in gone)
        figures = self._figures(stock, tally, last)
        # Of what came meanwhile nothing is known yet: it must not pass for looked at.
        waiting = {*self.looked_at} - {*self.gone}
        state = state_of(self.responses, waiting, {*texts.looked_at} - {*texts.gone})
        counted = self._remember(last, before, state, still_wrong, stock.counted)
        self.left_out += mended
        return Outcome(
            *(self.taken, tuple(self.left_out), figures, self.held_back),
            counted=counted,
            waiting=len(self.left),
            sealed=stock.counted,
            returned=self.returned,
        )

    def _mend(self, sealed: Sealed) -> list[LeftOut]:
        """Take from the sealed files what their rights and times tell; what that was."""
        told = sealed.telling()
        sealed.tell_nothing([name for name, _ in told])
        # What could not be mended is named with what is still wrong at the end.
        left = {name for name, _ in sealed.telling()} if told else set()
        return [(name, wrong) for name, wrong in told if name not in left]

    def _remember(
        self,
        last: LastSeals,
        before: LastSeals,
        state: str,
        left_out: tuple[LeftOut, ...],
        sealed: int,
    ) -> int:
        """Write down what the seal came to; how many the figures count."""
        sha256 = self.judge.ref.sha256
        seal = last.seals.get(sha256)
        if seal is not None:
            last.seals[sha256] = dataclasses.replace(
                seal, state=state, left_out=left_out, waiting=len(self.left), sealed=sealed
            )
        if last != before:
            last.keep()
        return seal.crowd.fewest if seal is not None else 0

    def _prepare(self, sealed: Sealed) -> None:
        for folder in (self.responses.texts, sealed.folder, sealed.texts):
            own_folder(folder)
            files.neutralise_time(folder)
        sealed.remove_leftovers()
        self.responses.remove_leftovers()
        # Who writes what waits anew (see `stir_order`) holds the folder, too.
        for folder, names in (
            (self.responses.folder, self.responses.names()),
            (self.responses.texts, self.responses.text_names()),
        ):
            files.remove_leftovers_of(folder, {*names}, still=True)

    # -- responses

    def _take_in(self, stock: Stock, sealed: Sealed, last: LastSeals) -> Tally | None:
        """Seal what waits, if there is enough; the new counts, or None."""
        names = self.looked_at = self.responses.names()
        tally = stock.tally() if self.take and len(names) >= SMALLEST_BATCH else None
        with sealed.cipher.spool(sealed.folder) as place:
            batch = _Batch(Lines(place), tally)
            for name, accepted in self._usable(names, stock, sealed):
                batch.add(name, accepted)
            if tally is None or not batch_of(len(batch.marks)):
                self.left = batch.lines.names
                return None
            self.left = batch.cut()
            if not stock.own and self.judge.ref.sha256 not in last.seals:
                # Nobody's figures can have been printed: those of the first batch may be made
                # whatever happens in between.
                last.seals[self.judge.ref.sha256] = LastSeal(Crowd.of(()))
            self._return_some(stock, tally)
            merged = self._write(batch, stock, sealed, last)
        stock.keep(tally)
        files.remove_named(sealed.folder, merged, still=True)
        self.gone += batch.lines.names
        self.taken = len(batch.lines.names)
        stir_order(self.responses.folder, self.left)
        return tally

    def _return_some(self, stock: Stock, tally: Tally) -> None:
        """Let those who are sealed over a multiple of five wait again."""
        # What is sealed already, and only still to be removed, would take the place of one of them.
        files.remove_named(self.responses.folder, self.gone, still=True)
        returned = return_some(self.responses, stock, tally)
        self.returned += len(returned)
        self.left += returned
        self.looked_at += returned
        self.gone = [name for name in self.gone if name not in returned]

    def _usable(
        self, names: list[str], stock: Stock, sealed: Sealed
    ) -> Iterator[tuple[str, Accepted]]:
        """The waiting responses that can be sealed, in an order drawn by lot."""
        LOT.shuffle(names)
        found = verdicts(self.responses, self.judge, sealed, stock.entries, names)
        for number, (name, verdict) in enumerate(found):
            if not number % _EVERY:
                self.progress(number, len(names))
            if isinstance(verdict, Accepted):
                yield name, verdict
            elif isinstance(verdict, SealedAlready):
                self.gone.append(name)
            else:
                self.left_out.append((safe(name), wrong_in(verdict)))
        self.progress(len(names), len(names))

    def _write(self, batch: _Batch, stock: Stock, sealed: Sealed, last: LastSeals) -> list[str]:
        """Write the new sealed file; the names of those that are merged into it.

        That is every one that is small enough, so that no file is a batch. One with a damaged line
        stays as it is until that is mended. That figures of all of them are due is written first.
        """
        merged = [
            name
            for name, entry in stock.own.items()
            if len(entry.marks) < MERGED_BELOW and not entry.damaged
        ]
        size = len(batch.marks)
        sources: list[tuple[int, Iterator[bytes]]] = [(size, islice(batch.lines.lines(), size))]
        sources += [(len(stock.entries[name].marks), sealed.lines(name)) for name in merged]
        name = sealed.new_name()
        path = sealed.folder / name
        marks = batch.marks
        for other in merged:
            marks.extend(stock.entries[other].marks)
        entry = Entry(0, self.judge.ref.sha256, marks, counted=len(marks))
        self._announce((entry, *(e for n, e in stock.own.items() if n not in merged)), last)
        files.create_durably(path, sealed.cipher.wrap_lines(riffled(sources)), still=True)
        entry.size = path.stat().st_size
        stock.replace(name, entry, instead_of=merged)
        return merged

    def _announce(self, entries: Iterable[Entry], last: LastSeals) -> None:
        """Write down that figures of these are due: where this is cut off, the next run makes them.

        It holds for exactly these. Who withdraws in between takes it away: then the next figures
        wait for ten more, as they do after any withdrawal.
        """
        sha256 = self.judge.ref.sha256
        if (seal := last.seals.get(sha256)) is not None:
            last.seals[sha256] = dataclasses.replace(seal, due=Crowd.of(entries).sha256)
            last.keep()

    # -- figures

    def _figures(self, stock: Stock, tally: Tally | None, last: LastSeals) -> object | None:
        """The figures that may be printed now, made anew if enough was sealed since.

        They are of other people than the last ones by a batch at least, or of the same by the same
        rule: those of two rules, side by side, would undo both.
        """
        own = stock.own
        if not own:
            return None
        sealed, sha256 = stock.sealed, self.judge.ref.sha256
        kept, now = sealed.figures(), Crowd.of(own.values())
        before, seal = kept.get(sha256), last.seals.get(sha256)
        rule = self.method.rule
        is_of_rule = (before is None or before.rule == rule) and (
            seal is None or seal.rule in (rule, "")
        )
        if seal is None:
            may_be_made = is_of_rule and not sealed.withdrawn()
            is_behind = may_be_made or tally is not None
            seal = LastSeal(Crowd(now.most, fewest=now.fewest))
        else:
            is_cut_off = before is not None and digest_of_figures(before.figures) != seal.figures
            may_be_made = is_of_rule and now.is_known_as(seal.crowd)
            is_behind = (
                tally is not None
                or seal.is_due_for(now)
                or now.fewest - seal.crowd.most >= SMALLEST_BATCH
                or (may_be_made and is_cut_off)
            )
        last.seals[sha256] = seal
        if before is not None and is_of_rule and not is_behind:
            return before.figures
        if not (is_behind or may_be_made):
            self.held_back = "lost" if is_of_rule else "rule"
            return None
        return self._make(stock, tally, last, kept)

    def _make(
        self, stock: Stock, tally: Tally | None, last: LastSeals, kept: Mapping[str, Figures]
    ) -> object:
        """Make figures of all that is sealed, and keep them."""
        sha256, tally = self.judge.ref.sha256, tally or stock.tally()
        if not Crowd.of(stock.own.values()).is_known_as(last.seals[sha256].crowd):
            # A seal was cut off, and somebody withdrew since.
            self._return_some(stock, tally)
            stock.keep(tally)
        before = kept.get(sha256)
        is_of_rule = before is not None and before.rule == self.method.rule
        published = stock.published(before.figures) if before is not None and is_of_rule else None
        made = self.method.protect(tally, published)
        stock.publish(tally)
        # First of whom they are: figures that were printed are never of an unknown crowd.
        now = Crowd.of(stock.own.values())
        last.seals[sha256] = LastSeal(now, digest_of_figures(made), self.method.rule)
        last.keep()
        stock.sealed.keep_figures({**kept, sha256: Figures(self.method.rule, made)})
        return made
