"""Withdrawing a response, wherever it is by now: waiting, sealed, or caught between the two."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.crypto.cipher import LockedError
from microcred_cli.errors import StoreError
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.receipts import response_id, text_id
from microcred_cli.records.shapes import Response, from_object
from microcred_cli.store.last_seal import LastSeals
from microcred_cli.store.layout import stem
from microcred_cli.store.publication import is_begun
from microcred_cli.store.quarantine import Apart
from microcred_cli.store.segments import (
    RESPONSE_START,
    TEXT_START,
    Entry,
    Kept,
    Sealed,
    id_in,
    list_of,
    mark_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import Judge
    from microcred_cli.store.sealed_set import Method


def has_sealed(responses: Responses) -> bool:
    """Whether anything is sealed in a folder, responses or texts.

    Raises:
        StoreError: it cannot be read.
    """
    sealed = responses.sealed
    return any((sealed.sizes()[0], sealed.pools()[0]))


def withdraw(
    responses: Responses, receipt: str, judge: Judge | None = None, method: Method | None = None
) -> bool:
    """Delete the response of a receipt (bare code) and its texts; False if there is none.

    Its id is remembered by a hash, so that no copy of it is sealed later. Figures stay as they are
    until the next seal. Without a key to what is sealed, only what waits is deleted; what is sealed
    of it goes with the next seal.

    Args:
        responses: the folder.
        receipt: the bare code.
        judge: that of the questionnaire, to take the response out of the counts; without it, the
            counts are made anew at the next seal.
        method: how responses are counted.

    Raises:
        LockedError: the response does not wait, and no key is there to see whether it is sealed.
        StoreError: what the system refused, also of reading what may hold something of it; all that
            could be found is withdrawn then, and it can be withdrawn again.
    """
    if not responses.folder.is_dir() or not is_begun(responses):
        return False
    with responses.held():
        return _Withdrawal(responses, receipt, judge, method).run()


@dataclass(slots=True)
class _Withdrawal:
    responses: Responses
    receipt: str
    judge: Judge | None
    method: Method | None
    sealed: Sealed = field(init=False)
    unread: list[StoreError] = field(default_factory=list)

    def run(self) -> bool:
        self.sealed = self.responses.sealed
        own_id = response_id(self.receipt)
        self._remove_leftovers(own_id)
        waiting = {*self.responses.waiting_of(self.receipt, self._keys())}
        if not self.responses.cipher.opens:
            return self._withdraw_unread(own_id, waiting)
        kept = self.sealed.kept()
        sizes, _ = self.sealed.sizes()
        lines = {n: line for n in sizes if (line := self._line_in(n, kept, sizes, own_id))}
        for line in lines.values():
            waiting |= self._texts_of(line)
        pools = {pool: found for pool in self.sealed.pools()[0] if (found := self._in_pool(pool))}
        apart = self._apart(own_id)
        if not waiting and not lines and not pools and not apart:
            if _forget(kept, own_id, ()):
                self.sealed.keep(kept)
            self._tell_unread()
            return False
        texts = {stem(path.name) for path in waiting if path.parent == self.responses.texts}
        before = self._remember(own_id, *texts, *pools.values())
        # What names the response goes before the response: it can be found as long as that stands.
        last = LastSeals.read(self.responses.folder)
        last.name_nothing()
        self._out_of_files(lines, kept, sizes, own_id, before)
        if lines and self.judge is not None and (seal := last.seals.get(self.judge.ref.sha256)):
            last.seals[self.judge.ref.sha256] = replace(seal, sealed=seal.sealed - 1)
        self._out_of_pools(pools, last, before)
        Apart(self.responses.folder).forget(apart)
        files.remove_durably(*sorted(waiting), still=True)
        self._tell_unread()
        return True

    def _remove_leftovers(self, own_id: str) -> None:
        """Remove what crashes left, in which the response may stand; interviews go on meanwhile."""
        self.sealed.remove_leftovers()
        self.responses.remove_leftovers()
        Apart(self.responses.folder).remove_leftovers()
        own = self.responses.response_file(own_id).name
        files.remove_leftovers_of(self.responses.folder, {own}, still=True)
        names = {self.responses.text_file(each).name for each in self._text_ids()}
        if self.responses.texts.is_dir():
            names |= {*self.responses.text_names()}
            files.remove_leftovers_of(self.responses.texts, names, still=True)

    def _apart(self, own_id: str) -> list[Path]:
        """What was set apart when responses were collected, and is of the receipt."""
        ids = {own_id, *self._text_ids()}
        try:
            return Apart(self.responses.folder, self.sealed.cipher).naming(ids.__contains__)
        except StoreError as error:
            self.unread.append(error)
            return []

    def _keys(self) -> set[str]:
        """What a text of the receipt can belong to."""
        keys = {self.sealed.item_of(pool) for pool in self.sealed.pools()[0]}
        return keys | {*self.judge.text_keys()} if self.judge is not None else keys

    def _text_ids(self) -> set[str]:
        """The ids that texts of the receipt can have."""
        return {text_id(self.receipt, key) for key in self._keys()}

    def _withdraw_unread(self, own_id: str, waiting: set[Path]) -> bool:
        """Withdraw what waits, where no key is there to look into what is sealed.

        What of it stands there all the same goes with the next seal: the ids are remembered. What
        comes of it does not depend on texts, so that it never tells whether something was typed.
        """
        if self.judge is None:
            raise StoreError(
                "The responses are encrypted, and their questionnaire is not at hand.",
                hint="Withdraw with --identity, or where the questionnaire is installed.",
            )
        apart = self._apart(own_id)
        is_sealed = has_sealed(self.responses)
        if not waiting and not apart and not is_sealed:
            return False
        is_here = self.responses.response_file(own_id) in waiting
        self._remember(own_id, *self._text_ids())
        LastSeals.read(self.responses.folder).name_nothing()
        Apart(self.responses.folder).forget(apart)
        files.remove_durably(*sorted(waiting), still=True)
        self._tell_unread()
        if is_sealed and not is_here:
            raise LockedError(
                "Whether a response of this receipt is sealed cannot be seen without a key. Its "
                "withdrawal is noted: what waited of it is deleted, and what is sealed of it goes "
                "with the next microcred seal.",
                hint="To delete it now, name the file of a secret key: --identity FILE.",
            )
        return True

    def _remember(self, *ids: str) -> str:
        """Remember these ids as withdrawn; which list of them there was before."""
        before = list_of(self.sealed.withdrawn())
        self.sealed.remember_withdrawn(*ids)
        return before

    def _in_step(self, withdrawn: str, before: str) -> str:
        """Which list of withdrawn ids was heeded, now that this withdrawal is through."""
        is_through = withdrawn == before and not self.unread
        return list_of(self.sealed.withdrawn()) if is_through else withdrawn

    def _tell_unread(self) -> None:
        if self.unread:
            error = self.unread[0]
            raise StoreError(
                f"What may hold something of the response cannot be read: {error.message}",
                where=error.where,
                hint="Withdraw it again when that can be read; whatever else there was is deleted.",
            )

    def _line_in(self, name: str, kept: Kept, sizes: Mapping[str, int], own_id: str) -> bytes:
        """The receipt's response in a sealed file; empty if it has none."""
        entry = kept.entries.get(name)
        known = entry is not None and entry.size == sizes[name]
        if known and entry is not None and mark_of(own_id) not in entry.marks:
            return b""
        try:
            lines = self.sealed.lines(name)
            return next((line for line in lines if id_in(line, RESPONSE_START) == own_id), b"")
        except StoreError as error:
            self.unread.append(error)
            return b""

    def _texts_of(self, line: bytes) -> set[Path]:
        """The texts that a sealed response left waiting, whether they can be read or not."""
        try:
            return self.responses.texts_of(
                from_object(Response, parse_json(line), "a line"), self.receipt
            )
        except StoreError:
            return set()

    def _in_pool(self, pool: str) -> str:
        """The id of the receipt's text in a pool; empty if it has none."""
        wanted = text_id(self.receipt, self.sealed.item_of(pool))
        try:
            lines = self.sealed.cipher.read_lines(self.sealed.texts / pool)
            return wanted if any(id_in(line, TEXT_START) == wanted for line in lines) else ""
        except StoreError as error:
            self.unread.append(error)
            return ""

    def _out_of_files(
        self,
        names: Collection[str],
        kept: Kept,
        sizes: dict[str, int],
        own_id: str,
        before: str,
    ) -> None:
        # A file that is merged into another one is smaller: where this ends in between, it still
        # has nothing that the other one lacks.
        for name in sorted(names, key=lambda name: (sizes[name], name)):
            path = self.sealed.folder / name
            line = self._rewrite(path, own_id, RESPONSE_START)
            entry = kept.entries.get(name)
            known = entry is not None and entry.size == sizes[name]
            sizes[name] = path.stat().st_size
            if not (known and entry and self._uncount(line, entry, kept)):
                kept.entries.pop(name, None)
                if entry is not None:
                    kept.counts.pop(entry.sha256, None)
            else:
                entry.size = sizes[name]
                entry.counted -= 1
                entry.marks = array("Q", (m for m in entry.marks if m != mark_of(own_id)))
        _forget(kept, own_id, names)
        kept.withdrawn = self._in_step(kept.withdrawn, before)
        if names or kept.entries:
            self.sealed.keep(kept)

    def _out_of_pools(self, pools: Mapping[str, str], last: LastSeals, before: str) -> None:
        sizes = self.sealed.pools()[0]
        for name, found in pools.items():
            path = self.sealed.texts / name
            self._rewrite(path, found, TEXT_START)
            known = last.pools.pop(name, None)
            if known is not None and known.size == sizes[name] and not known.damaged:
                last.pools[name] = replace(known, size=path.stat().st_size)
        last.withdrawn = self._in_step(last.withdrawn, before)
        if last.seals or last.pools:
            last.keep()

    def _rewrite(self, path: Path, record_id: str, start: bytes) -> bytes:
        """Write a file anew without one record; the line that it had."""
        found = self.sealed.find_lines(path, start, lambda own: own == record_id)
        self.sealed.remove_lines(path, {number for number, _ in found})
        return found[-1][1] if found else b""

    def _uncount(self, line: bytes, entry: Entry, kept: Kept) -> bool:
        """Take the response out of the counts; False if they must be made anew."""
        judge, method = self.judge, self.method
        if judge is None or method is None or entry.damaged:
            return False
        sha256 = judge.ref.sha256
        if entry.sha256 != sha256 or sha256 not in kept.counts:
            return False
        try:
            tally = method.begin(kept.counts[sha256])
            tally.subtract(judge.response(line).answers)
        except (StoreError, ValueError):
            return False
        kept.counts[sha256] = tally.to_object()
        return True


def _forget(kept: Kept, own_id: str, names: Collection[str]) -> bool:
    """Forget files, but for these, that are known to have the response, with their counts.

    They are gone or were changed meanwhile; whether there were any.
    """
    mark = mark_of(own_id)
    found = [n for n, entry in kept.entries.items() if n not in names and mark in entry.marks]
    for name in found:
        kept.counts.pop(kept.entries.pop(name).sha256, None)
    return bool(found)
