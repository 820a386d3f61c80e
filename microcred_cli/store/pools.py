"""The pools of sealed texts: looked through where they are not as the last seal left them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError
from microcred_cli.store.last_seal import Pool
from microcred_cli.store.pending import REMOVED, WITHDRAWN
from microcred_cli.store.segments import TEXT_START, hash_of, list_of
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from microcred_cli.store.judge import Judge
    from microcred_cli.store.last_seal import LastSeals, LeftOut
    from microcred_cli.store.segments import Sealed

REPEATED = "a text with this id stands there already"
ELSEWHERE = "it belongs to another question"


def judged_texts(
    sealed: Sealed, pool: str, judge: Judge, withdrawn: Collection[str]
) -> Iterator[str]:
    """What is wrong with each line of a pool; nothing where it can be used.

    Raises:
        StoreError: it cannot be read.
    """
    seen: set[str] = set()
    for line in sealed.cipher.read_lines(sealed.texts / pool):
        try:
            text = judge.text(line)
        except StoreError as error:
            yield error.message
            continue
        if hash_of(text.text_id) in withdrawn:
            yield WITHDRAWN
        elif text.item != sealed.item_of(pool):
            yield ELSEWHERE
        elif text.text_id in seen:
            yield REPEATED
        else:
            seen.add(text.text_id)
            yield ""


def place_of(pool: str, line: int) -> str:
    """How a line of a pool is named, or the whole pool (line 0)."""
    return safe(f"sealed/texts/{pool}") + (f" line {line}" if line else "")


@dataclass(slots=True)
class Pools:
    """The pools in a folder, with what the last seal knew of them; only under the folder's lock."""

    sealed: Sealed
    judge: Judge
    last: LastSeals
    _trusted: dict[str, Pool] = field(default_factory=dict)
    _unknown: set[str] = field(default_factory=set)

    def take_up(self) -> list[LeftOut]:
        """Remove what was withdrawn and stands there all the same; each line of it.

        Raises:
            StoreError: what the system refused.
        """
        withdrawn = self.sealed.withdrawn()
        is_in_step = self.last.withdrawn == list_of(withdrawn)
        removed: list[LeftOut] = []
        for name, size in self.sealed.pools()[0].items():
            known = self.last.pools.get(name)
            is_known = known is not None and known.size == size
            found = self._remove(name, withdrawn) if not (is_known and is_in_step) else []
            removed += [(place_of(name, number), REMOVED) for number in found]
            if known is None or not is_known or found or known.sha256 != self.judge.ref.sha256:
                self._unknown.add(name)
            else:
                self._trusted[name] = known
        return removed

    def look_through(self, merged: Collection[str]) -> list[LeftOut]:
        """What is wrong in the pools; what is known of them is not read again.

        Args:
            merged: the pools that were written meanwhile; what joined them can be used.

        Raises:
            StoreError: what the system refused.
        """
        now: dict[str, Pool] = {}
        for name, size in self.sealed.pools()[0].items():
            before = self._trusted.get(name)
            if before is not None and before.size == size:
                now[name] = before
                continue
            is_whole = name in merged and name not in self._unknown
            if not is_whole or (before is not None and before.damaged):
                now[name] = Pool(size, self.judge.ref.sha256, tuple(self._damaged(name)))
            else:
                now[name] = Pool(size, self.judge.ref.sha256)
        self.last.pools = now
        self.last.withdrawn = list_of(self.sealed.withdrawn())
        return [
            (place_of(name, number), safe(wrong))
            for name, pool in now.items()
            for number, wrong in pool.damaged
        ]

    def _remove(self, name: str, withdrawn: Collection[str]) -> list[int]:
        if not withdrawn:
            return []
        path = self.sealed.texts / name
        try:
            found = self.sealed.find_lines(path, TEXT_START, lambda own: hash_of(own) in withdrawn)
        except StoreError:
            # It is named when the pool is looked through.
            return []
        numbers = [number for number, _ in found]
        if numbers:
            self.sealed.remove_lines(path, numbers)
        return numbers

    def _damaged(self, name: str) -> Iterator[tuple[int, str]]:
        lines = judged_texts(self.sealed, name, self.judge, self.sealed.withdrawn())
        try:
            yield from ((number, wrong) for number, wrong in enumerate(lines, 1) if wrong)
        except StoreError as error:
            yield 0, error.message
