"""Waiting records on their way into the sealed set: where they lie meanwhile, and what stays."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import read_file
from microcred_cli.store.batches import LOT, SMALLEST_BATCH, riffled
from microcred_cli.store.layout import stem
from microcred_cli.store.pending import ANOTHER, Telling, text_verdicts
from microcred_cli.store.segments import digest_of
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from microcred_cli.crypto.cipher import Spool
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import AcceptedText, Judge
    from microcred_cli.store.last_seal import LeftOut
    from microcred_cli.store.segments import Sealed


def wrong_in(verdict: str | Telling) -> str:
    """What a verdict says, as it may be shown."""
    return safe(verdict if isinstance(verdict, str) else verdict.reason)


def stir_order(folder: Path, names: Collection[str]) -> None:
    """Write what must wait anew in an order drawn by lot: old places tell the order.

    Raises:
        StoreError: what the system refused.
    """
    order = [*names]
    LOT.shuffle(order)
    for name in order:
        path = folder / name
        # Only who withdraws removes it, and they hold the folder, too.
        files.replace_durably(path, read_file(path), still=True)


@dataclass(slots=True)
class Lines:
    """What is about to be sealed: its lines for a while, and its files' names."""

    place: Spool
    names: list[str] = field(default_factory=list)

    def add(self, name: str, line: bytes) -> None:
        """Put a record there, out of the file with this name."""
        self.place.write(line)
        self.place.write(b"\n")
        self.names.append(name)

    def lines(self) -> Iterator[bytes]:
        """All lines from the start, without their ends."""
        return self.place.lines()


@dataclass(slots=True)
class Texts:
    """The waiting texts, on their way into the pools of their items.

    A pool takes what waits of its item, ten at least: no count of them is printed, so there is
    nothing that a number of them could prove. Which texts wait hangs on the items alone, and who of
    their writers was sealed by lot: neither tells of the other.
    """

    responses: Responses
    judge: Judge
    sealed: Sealed
    left_out: list[LeftOut]
    looked_at: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    """The pools that were written."""

    def run(self, *, take: bool, stir: bool) -> None:
        """Seal what can be, or only remove what is sealed already.

        `stir` is whether what must wait gets a new order on the disk.
        """
        with contextlib.ExitStack() as stack:
            spools: dict[str, Lines] = {}
            for text, name in self._usable():
                if text.item not in spools:
                    place = stack.enter_context(self.sealed.cipher.spool(self.sealed.texts))
                    spools[text.item] = Lines(place)
                spools[text.item].add(name, text.line)
            left: list[str] = []
            for item, spool in sorted(spools.items()):
                left += self._take_in(item, spool, take=take)
        if stir:
            stir_order(self.responses.texts, left)

    def _usable(self) -> Iterator[tuple[AcceptedText, str]]:
        names = self.looked_at = self.responses.text_names()
        LOT.shuffle(names)
        for name, verdict in text_verdicts(self.responses, self.judge, self.sealed, names):
            if isinstance(verdict, str | Telling):
                self.left_out.append((safe(f"texts/{name}"), wrong_in(verdict)))
            else:
                yield verdict, name

    def _take_in(self, item: str, spool: Lines, *, take: bool) -> list[str]:
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
        if take and len(fresh) >= SMALLEST_BATCH:
            new = self._lines_of(spool, set(fresh))
            old = self.sealed.cipher.read_lines(pool) if count else iter(())
            lines = riffled([(len(fresh), new), (count, old)])
            files.replace_durably(pool, self.sealed.cipher.wrap_lines(lines), still=True)
            self.merged.append(pool.name)
            done += fresh
            fresh = []
        files.remove_named(self.responses.texts, done, still=True)
        self.gone += done
        return fresh

    @staticmethod
    def _lines_of(spool: Lines, names: Collection[str]) -> Iterator[bytes]:
        for name, line in zip(spool.names, spool.lines(), strict=True):
            if name in names:
                yield line
