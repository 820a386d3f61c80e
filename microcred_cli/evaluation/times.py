"""Pilot timings: one file per interview until a seal, then histograms by version.

A seal adds the unsealed timings of ten or more interviews to this folder's histogram, and removes
the files of these timings. For each item, a seal counts 10, 15, 20 … of the people who saw the
item, chosen at random, or nobody if fewer than ten people saw it, because the few people on a rare
route would otherwise be recognisable in the histogram. Histograms that were collected from other
folders stay separate, so that newer versions can replace them. A withdrawal can remove only
unsealed timings.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.crypto.cipher import Age
from microcred_cli.errors import StoreError
from microcred_cli.files.private_folder import own_folder
from microcred_cli.files.reading import DamagedError, read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.formats import NOT_SHOWN, TIME_BANDS
from microcred_cli.records.shapes import SealedTimes, Times, as_json, from_object, serialise
from microcred_cli.store.batches import SMALLEST_BATCH, batch_of
from microcred_cli.store.folder import file_names
from microcred_cli.store.index import IS_HASH, Tombstones, hash_of
from microcred_cli.store.judge import Judge
from microcred_cli.store.layout import (
    REWRITTEN,
    TIMES_FOLDER,
    LeftOut,
    check_name,
    is_record,
    stem,
)
from microcred_cli.store.pending import rewrite
from microcred_cli.store.segments import LOT
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from microcred_cli.files import OpenFolder
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.store.collect import Collection
    from microcred_cli.store.folder import Responses

OVERLAPS: Final = "some of its timings are already counted here, so the others cannot be added"
_DAMAGED: Final = "its numbers do not match the questionnaire"
_ELSEWHERE: Final = "Move the file elsewhere; the other files can still be used."
_NAME_DIGITS: Final = 16


@dataclass(slots=True)
class TimesFound:
    """A folder's pilot timings: the number of unsealed ones, the histograms, and unusable files.

    The keys of `sealed` are file names.
    """

    waiting: int = 0
    sealed: dict[str, SealedTimes] = field(default_factory=dict)
    bad: list[LeftOut] = field(default_factory=list)

    @property
    def ids(self) -> frozenset[str]:
        """The hashes of the ids of all sealed timings."""
        return frozenset(each for sealed in self.sealed.values() for each in sealed.ids)

    @property
    def items(self) -> dict[str, list[int]]:
        """For each item, the counted interviews in each band; empty if no timings are sealed."""
        sums: dict[str, list[int]] = {}
        for sealed in self.sealed.values():
            for item, row in sealed.items.items():
                before = sums.get(item, [0] * len(row))
                sums[item] = [one + more for one, more in zip(before, row, strict=True)]
        return sums


@dataclass(frozen=True, slots=True)
class TimesStore:
    """The pilot timings in one responses folder, for one version of its questionnaire."""

    responses: Responses
    judge: Judge

    @property
    def sealed_folder(self) -> Path:
        """The folder that contains the histograms."""
        return self.responses.folder / "sealed" / TIMES_FOLDER

    @property
    def _version(self) -> str:
        return self.judge.ref.sha256[:_NAME_DIGITS]

    @property
    def _own(self) -> str:
        return f"{self._version}.json{self.responses.cipher.suffix}"

    def found(self) -> TimesFound:
        """Read all timings in the folder, without writing anything."""
        found = self._sealed()
        folder = self.responses.times
        for name in file_names(folder):
            try:
                record = self._read(name, read_file(folder / name))
                found.waiting += hash_of(record.times_id) not in found.ids
                _refuse_telling(folder / name)
            except files.MissingError:
                continue
            except StoreError as error:
                found.bad.append((f"{TIMES_FOLDER}/{safe(name)}", safe(error.message)))
        return found

    def seal(self) -> tuple[int, list[LeftOut]]:
        """Add unsealed timings to the histogram; return the number and the unusable files."""
        if not self.responses.times.is_dir():
            return 0, []
        with self.responses.held():
            return self._seal()

    def _seal(self) -> tuple[int, list[LeftOut]]:
        folder, found = self.responses.times, self._sealed()
        files.remove_leftovers(folder, still=True)
        gone: list[str] = []
        fresh: list[tuple[str, Times]] = []
        known, withdrawn = found.ids, Tombstones.read(self.responses.folder)
        for name in file_names(folder):
            try:
                record = self._read(name, read_file(folder / name))
            except files.MissingError:
                continue
            except StoreError as error:
                found.bad.append((f"{TIMES_FOLDER}/{safe(name)}", safe(error.message)))
                continue
            is_old = record.times_id in withdrawn or hash_of(record.times_id) in known
            gone += [name] if is_old else []
            fresh += [] if is_old else [(name, record)]
        # An unreadable histogram is never overwritten.
        is_lost = self._own not in found.sealed and (self.sealed_folder / self._own).exists()
        taken = [] if is_lost or len(fresh) < SMALLEST_BATCH else fresh
        if taken:
            self._add(found.sealed.get(self._own), [record for _, record in taken])
        files.remove_named(folder, [*gone, *(name for name, _ in taken)], still=True)
        # The seal of the responses has already rewritten the files in random order.
        left = [] if taken else [name for name, _ in fresh]
        rewrite(folder, [name for name in left if files.findings_on(folder / name)])
        return len(taken), found.bad

    def _add(self, before: SealedTimes | None, records: list[Times]) -> None:
        items = [item.id for item in self.judge.asked.items]
        if before is None:
            rows = {item: [0] * (len(TIME_BANDS) + 1) for item in items}
            origin, ids = secrets.token_hex(16), set[str]()
        else:
            rows, origin, ids = before.items, before.origin, {*before.ids}
        ids |= {hash_of(record.times_id) for record in records}
        for item, row in rows.items():
            bands = [band for record in records if (band := record.bands[item]) != NOT_SHOWN]
            LOT.shuffle(bands)
            for band in bands[: batch_of(len(bands))]:
                row[band - 1] += 1
        made = SealedTimes(
            origin=origin,
            questionnaire=self.judge.ref,
            items=rows,
            ids=sorted(ids),
            synthetic=records[0].synthetic,
        )
        self._write(self._own, made)

    def _write(self, name: str, sealed: SealedTimes) -> None:
        own_folder(self.sealed_folder)
        files.neutralise_time(self.sealed_folder)
        data = self.responses.cipher.wrap(serialise(sealed))
        files.replace_durably(self.sealed_folder / name, data, still=True)
        for folder in (self.sealed_folder.parent, self.responses.folder):
            files.neutralise_time(folder)

    # -- collecting

    def take(
        self, source: OpenFolder, *, move: bool, owner: files.Owner | None = None
    ) -> tuple[int, list[LeftOut]]:
        """Collect another folder's timings; if `move` is set, remove the unsealed timings there.

        Files are written as the `owner` of this folder. Returns the number of files collected, and
        the files left in the source, with the reasons.
        """
        left: list[LeftOut] = []
        given = _contents_below(source, left, "sealed", TIMES_FOLDER)
        waiting = _contents_below(source, left, TIMES_FOLDER)
        if not given and not waiting:
            return 0, left
        with files.acting_as(owner), self.responses.held():
            # Without a key, the collection reports that sealed records cannot be read.
            opens = self.responses.cipher.opens
            taken = sum(self._take_sealed(name, given[name], left) for name in given if opens)
            known = self._sealed().ids if opens else frozenset[str]()
            new = {n: self._take_waiting(n, waiting[n], known, left) for n in waiting}
        done = {name for name, is_new in new.items() if is_new is not None}
        if move and done:
            with source.below(TIMES_FOLDER) as folder:
                for name in done:
                    folder.remove(name)
                folder.settle(done)
        return taken + sum(map(bool, new.values())), left

    def _take_waiting(
        self, name: str, data: bytes, known: frozenset[str], left: list[LeftOut]
    ) -> bool | None:
        """Store a copy of a file; False if already stored, None if it must stay in the source."""
        cipher, folder = self.responses.cipher, self.responses.times
        try:
            times_id, clear = self._opened(name, data)
            if times_id in Tombstones.read(self.responses.folder):
                return None
            if hash_of(times_id) in known:
                return False
            own_folder(folder)
            path = self.responses.times_file(times_id)
            is_new = files.create_durably(path, data, still=True)
            here = data if is_new else read_file(path)
            if here != data and not (clear and cipher.is_stored(here, clear)):
                raise DamagedError(
                    "a different file of timings with this id already exists", hint=_ELSEWHERE
                )
            files.neutralise_time(self.responses.folder)
        except StoreError as error:
            left.append((f"{TIMES_FOLDER}/{safe(name)}", safe(error.message)))
            return None
        return is_new

    def _take_sealed(self, name: str, data: bytes, left: list[LeftOut]) -> bool:
        """Store a histogram, or replace an older one of the same origin; False if not needed."""
        shown = f"sealed/{TIMES_FOLDER}/{safe(name)}"
        try:
            given = self._histogram(name, data)
        except StoreError as error:
            left.append((shown, safe(error.message)))
            return False
        here = self._sealed().sealed
        others = {n: each for n, each in here.items() if each.origin != given.origin}
        before = next((n for n in here if n not in others), None)
        ids = {*given.ids}
        if ids <= TimesFound(sealed=here).ids:
            return False
        is_newer = before is None or ids.issuperset(here[before].ids)
        if not is_newer or not ids.isdisjoint(TimesFound(sealed=others).ids):
            left.append((shown, OVERLAPS))
            return False
        end = f".json{self.responses.cipher.suffix}"
        self._write(before or f"{self._version}.{given.origin}{end}", given)
        return True

    # -- reading

    def _opened(self, name: str, data: bytes) -> tuple[str, bytes]:
        """The id and the content of a file from a source; the content is empty without a key."""
        cipher = self.responses.cipher
        if cipher.opens:
            record = self._read(name, data)
            return record.times_id, serialise(record)
        assert isinstance(cipher, Age)
        cipher.check_wrapped(data, name)
        if not is_record(name):
            raise DamagedError("the file name is not valid for a file of timings", hint=_ELSEWHERE)
        return stem(name), b""

    def _sealed(self) -> TimesFound:
        """The readable histograms of this version, and the faults of the others."""
        found = TimesFound()
        for name in file_names(self.sealed_folder):
            path = self.sealed_folder / name
            try:
                found.sealed[name] = self._histogram(name, read_file(path))
                _refuse_telling(path)
            except StoreError as error:
                found.bad.append((f"sealed/{TIMES_FOLDER}/{safe(name)}", safe(error.message)))
        return found

    def _read(self, name: str, data: bytes) -> Times:
        clear = self.responses.cipher.unwrap(data, name)
        record = from_object(Times, parse_json(clear, where=name), safe(name))
        check_name(name.removesuffix(self.responses.cipher.suffix), record.times_id)
        self._check(record, clear, record.bands)
        return record

    def _histogram(self, name: str, data: bytes) -> SealedTimes:
        clear = self.responses.cipher.unwrap(data, name)
        record = from_object(SealedTimes, parse_json(clear, where=name), safe(name))
        self._check(record, clear, record.items)
        is_valid = record.ids == sorted({*record.ids}) and all(map(IS_HASH.fullmatch, record.ids))
        bands = len(TIME_BANDS) + 1
        for row in record.items.values():
            is_valid &= len(row) == bands and min(row) >= 0 and sum(row) <= len(record.ids)
        if not is_valid:
            raise DamagedError(_DAMAGED, hint="Restore the file from a backup.")
        return record

    def _check(
        self, record: Times | SealedTimes, clear: bytes, items: Mapping[str, object]
    ) -> None:
        wrong = self.judge.misfit(record.questionnaire, synthetic=record.synthetic)
        if not wrong and [*items] != [item.id for item in self.judge.asked.items]:
            wrong = _DAMAGED
        if not wrong and clear != as_json(record):
            wrong = REWRITTEN
        if wrong:
            raise DamagedError(wrong, hint=_ELSEWHERE)


def _contents_below(source: OpenFolder, left: list[LeftOut], *names: str) -> dict[str, bytes]:
    """The files of a subfolder, in random order; unreadable ones are added to `left`."""
    found: dict[str, bytes] = {}
    with ExitStack() as stack:
        folder = source
        for name in names:
            try:
                folder = stack.enter_context(folder.below(name))
            except files.MissingError:
                return {}
        listed = [entry.name for entry in folder.entries() if not entry.is_folder]
        LOT.shuffle(listed)
        for name in listed:
            try:
                found[name] = read_file(folder.path / name, within=folder)
            except files.MissingError:
                continue
            except StoreError as error:
                left.append((f"{'/'.join(names)}/{safe(name)}", safe(error.message)))
    return found


def _refuse_telling(path: Path) -> None:
    if told := files.findings_on(path):
        raise DamagedError("; ".join(told), hint="Reset the permissions of the file to 0600.")


def collect_times(collection: Collection) -> None:
    """Collect the pilot timings from a collection's sources, and add them to its report."""
    store = TimesStore(collection.responses, collection.judge)
    for part in collection.report:
        if part.failure is not None or part.source.is_drop:
            continue
        try:
            part.times, left = store.take(
                part.source.folder, move=collection.move, owner=collection.owner
            )
        except StoreError as error:
            part.break_off(error)
        else:
            part.left += left


def times_in(responses: Responses, loaded: Loaded) -> TimesFound | None:
    """The pilot timings in a folder; None if the folder has none."""
    if not responses.has_times:
        return None
    return TimesStore(responses, Judge(loaded, responses.terms_or_none())).found()
