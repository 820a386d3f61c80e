"""Withdrawal of a response that is pending, sealed, quarantined or in a drop folder."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from microcred_cli import files
from microcred_cli.crypto.cipher import LockedError
from microcred_cli.errors import StoreError
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.receipts import response_id, text_id, times_id
from microcred_cli.records.shapes import Response, from_object
from microcred_cli.store.counts import CountedSet, Method
from microcred_cli.store.index import hash_of
from microcred_cli.store.layout import Kind, stem
from microcred_cli.store.publication import is_begun
from microcred_cli.store.quarantine import Quarantine
from microcred_cli.store.sealed_set import SealedSet
from microcred_cli.store.segments import id_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import Judge


def erase(
    sealed: SealedSet,
    hashes: Collection[str],
    *,
    pending: Iterable[Path] = (),
    quarantined: Collection[Path] = (),
    is_whole: bool = False,
    remove_sealed: Callable[[], object] = lambda: None,
) -> int:
    """Write tombstones and delete the records; return the number of deleted pending files.

    The tombstones prevent copies of the records from being sealed later. `remove_sealed` removes
    the sealed records; without it, the next seal removes them. `is_whole` is set if no sealed
    record remains after the call. `pending` files are deleted last.
    """
    sealed.bury(hashes, is_whole=is_whole)
    remove_sealed()
    Quarantine(sealed.responses.folder).forget(quarantined)
    paths = sorted(pending)
    files.remove_durably(*paths, still=True)
    return len(paths)


def withdraw(
    responses: Responses, receipt: str, judge: Judge | None = None, method: Method | None = None
) -> bool:
    """Delete the response and texts of a receipt (a code without separators); False if none exist.

    Figures do not change until the next seal. If `judge` and `method` are given, the response is
    subtracted from the counts; otherwise, the next seal recounts all responses. Without a key to
    the sealed records, only pending records are deleted and a LockedError is raised; the next seal
    removes the sealed records. If a StoreError is raised, all records that could be found have
    already been withdrawn, and the command can be repeated.
    """
    if not responses.folder.is_dir() or not is_begun(responses):
        return False
    with responses.held():
        return _Withdrawal(responses, receipt, judge, method, SealedSet.read(responses)).run()


@dataclass(slots=True)
class _Withdrawal:
    responses: Responses
    receipt: str
    judge: Judge | None
    method: Method | None
    sealed: SealedSet
    own_id: str = field(init=False)
    ids: dict[Kind, set[str]] = field(init=False)
    """All possible ids of the records of the receipt."""
    times: set[str] = field(default_factory=set)
    """The id of the times of the interview, if the folder has or had times."""
    unread: list[StoreError] = field(default_factory=list)
    is_unseen: bool = False
    """True if a sealed response may remain because no key was given."""

    def run(self) -> bool:
        self.own_id = response_id(self.receipt)
        # The keys of all texts that can belong to the receipt.
        segments = self.responses.segments
        keys = {segments.item_of(pool) for pool in segments.sizes(Kind.TEXT)[0]}
        if self.judge is not None:
            keys |= {*self.judge.text_keys}
        self.ids = {
            Kind.RESPONSE: {self.own_id},
            Kind.TEXT: {text_id(self.receipt, key) for key in keys},
        }
        # The response may be in a temporary file left by a crash.
        self.sealed.remove_leftovers(self.ids)
        Quarantine(self.responses.folder).remove_leftovers()
        pending = {*self.responses.waiting_of(self.receipt, keys)}
        times = self.responses.times_file(times_id(self.receipt))
        if self.responses.has_times:
            # The tombstone prevents a copy from being collected later.
            self.times = {times_id(self.receipt)}
        if times.parent.is_dir():
            files.remove_leftovers_of(times.parent, {times.name}, still=True)
            pending |= {times} if os.path.lexists(times) else set()
        quarantined: list[Path] = []
        try:
            quarantine = Quarantine(self.responses.folder, self.responses.cipher)
            quarantined = quarantine.naming((self.ids[Kind.TEXT] | {self.own_id}).__contains__)
        except StoreError as refused:
            self.unread.append(refused)
        if self.responses.cipher.opens:
            is_found = self._withdraw(pending, quarantined)
        else:
            is_found = self._withdraw_unseen(pending, quarantined)
        if self.unread:
            error = self.unread[0]
            raise StoreError(
                f"A file that may contain part of the response cannot be read: {error.message}",
                where=error.where,
                hint="Make the file readable and withdraw again; everything else has been deleted.",
            )
        if self.is_unseen:
            raise LockedError(
                "Without a key, the program cannot tell whether the response for this receipt is "
                "sealed. The withdrawal has been recorded: unsealed files have been deleted, and "
                "any sealed records will be removed by the next microcred seal.",
                hint="To delete sealed records now, specify a secret key file with --identity.",
            )
        return is_found

    # -- with a key, or if nothing is encrypted

    def _withdraw(self, pending: set[Path], quarantined: list[Path]) -> bool:
        held = {kind: self.sealed.holding(kind, self.ids[kind], self.unread) for kind in Kind}
        for line in held[Kind.RESPONSE].values():
            # Texts of a sealed response can still be pending, readable or not.
            with suppress(StoreError):
                response = from_object(Response, parse_json(line), "a line")
                pending |= self.responses.texts_of(response, self.receipt)
        if not (pending or quarantined or any(held.values())):
            if self.sealed.forget(self.own_id):
                self.sealed.write_index()
            return False
        texts = {stem(path.name) for path in pending if path.parent == self.responses.texts}
        texts |= {id_in(line, Kind.TEXT) or "" for line in held[Kind.TEXT].values()}
        erase(
            self.sealed,
            set(map(hash_of, {self.own_id, *texts, *self.times})),
            pending=pending,
            quarantined=quarantined,
            is_whole=not self.unread,
            remove_sealed=lambda: self._remove_sealed(held),
        )
        return True

    def _remove_sealed(self, held: Mapping[Kind, Collection[str]]) -> None:
        # After an interruption, the response itself can be found again, so all references to it are
        # removed first.
        sealed, judge, last = self.sealed, self.judge, self.sealed.last
        sealed.remove(Kind.RESPONSE, held[Kind.RESPONSE], {self.own_id}, self._uncount)
        sealed.forget(self.own_id)
        if held[Kind.RESPONSE] or sealed.entries[Kind.RESPONSE]:
            sealed.write_index()
        if held[Kind.RESPONSE] and judge and (seal := last.seals.get(judge.ref.sha256)):
            last.seals[judge.ref.sha256] = replace(seal, sealed=seal.sealed - 1)
        sealed.remove(Kind.TEXT, held[Kind.TEXT], self.ids[Kind.TEXT], lambda _sha256, _line: True)
        if last.seals or sealed.entries[Kind.TEXT]:
            sealed.note_pools()
            last.write()
        if judge and self.method:
            CountedSet(sealed, judge, self.method).write_columns()

    def _uncount(self, sha256: str, line: bytes) -> bool:
        if self.judge is None or self.method is None:
            return False
        return CountedSet(self.sealed, self.judge, self.method).subtract(sha256, line)

    # -- without a key

    def _withdraw_unseen(self, pending: set[Path], quarantined: list[Path]) -> bool:
        """Withdraw pending records if there is no key to read sealed records.

        The next seal removes sealed records according to the tombstones. The outcome does not
        depend on texts, so it never reveals whether any text was typed.
        """
        if self.judge is None:
            raise StoreError(
                "The responses are encrypted, and their questionnaire is not available.",
                hint="Use --identity, or a machine where the questionnaire is installed.",
            )
        is_sealed = not self.responses.segments.is_empty
        if not (pending or quarantined or is_sealed):
            return False
        self.is_unseen = is_sealed and self.responses.file_of(self.own_id) not in pending
        hashes = set(map(hash_of, {self.own_id, *self.ids[Kind.TEXT], *self.times}))
        erase(self.sealed, hashes, pending=pending, quarantined=quarantined)
        return True


def take_back(
    responses: Responses, receipt: str, keys: Iterable[str]
) -> Literal["response", "texts", ""]:
    """Withdraw a response from a drop folder; return which part of it still existed.

    Files in a drop folder can be found only by name (`keys` determine the names of texts), and
    staff may be collecting them at the same time. The response is deleted last, so that a repeated
    withdrawal can find it as long as any file remains.
    """
    own = responses.file_of(response_id(receipt))
    found = responses.named_after(receipt, keys)
    files.remove_durably(*(path for path in found if path != own), still=True)
    with files.faults_named(own):
        try:
            own.unlink()
        except FileNotFoundError:
            # A collection has already moved the response to another folder.
            return "texts" if found else ""
    files.remove_durably(own, still=True)
    return "response"
