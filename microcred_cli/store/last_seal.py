"""What is remembered of the last seal: never exported, and of nobody's answers.

It says of whom the printed figures were made, without naming anybody, so that figures are never
made of nearly the same people again: two of them would tell who was withdrawn.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from microcred_cli import files
from microcred_cli.files.checksummed import MOST_KEPT, from_hashed, with_hash
from microcred_cli.files.reading import DamagedError, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from microcred_cli.store.segments import Entry

FORMAT: Final = "microcred-last-seal/3"
NAME: Final = "last-seal.json"
_CROWD: Final = "microcred-crowd/1"

LeftOut = tuple[str, str]
"""The safe name of a file, or of a line in it, with what is wrong."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who stands in the sealed files, without a name: how many, and a hash of all ids.

    `most` has those who may stand in lines that cannot be used, `fewest` has not. An empty hash is
    that of an unknown crowd.
    """

    most: int
    sha256: str = ""
    fewest: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Crowd:
        """The crowd in sealed files; lines that cannot be used may be somebody or not."""
        marks, unusable, counted = array("Q"), 0, 0
        for entry in entries:
            marks.extend(entry.marks)
            unusable += len(entry.damaged)
            counted += entry.counted
        digest = hashlib.sha256(f"{_CROWD}\n{unusable}\n".encode())
        digest.update(array("Q", sorted(marks)).tobytes())
        return cls(len(marks), digest.hexdigest(), counted)

    def is_known_as(self, other: Crowd) -> bool:
        """Whether it is the same one."""
        return self.sha256 == other.sha256 != ""


@dataclass(frozen=True, slots=True)
class LastSeal:
    """The last seal of the responses to one definition.

    `crowd` are those of whom the figures were made, `rule` is the one that protects them, and
    `figures` tells these from others (see `digest_of`). `state` is what `rest.state_of` said then,
    `waiting` how many waited, `sealed` how many of those that are sealed can be used, less who
    withdrew since, and `left_out` what was wrong and still is. `due` is the hash of the
    crowd that the next figures are of, while it is being sealed.
    """

    crowd: Crowd
    figures: str = ""
    rule: str = ""
    waiting: int = 0
    state: str = ""
    left_out: tuple[LeftOut, ...] = ()
    due: str = ""
    sealed: int = 0

    def is_due_for(self, crowd: Crowd) -> bool:
        """Whether a seal took in all of this crowd, and was cut off before its figures."""
        return self.due == crowd.sha256 != ""


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of texts that was looked through: its length, and its lines that cannot be used.

    `sha256` is that of the definition by which they were judged.
    """

    size: int
    sha256: str
    damaged: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class LastSeals:
    """The last seals in a folder, by the hash of the definition, and the pools of texts.

    `withdrawn` says which list of withdrawn ids the pools were looked through for.
    """

    path: Path
    seals: dict[str, LastSeal] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    withdrawn: str = ""

    @classmethod
    def read(cls, folder: Path) -> LastSeals:
        """What is remembered in a responses folder; nothing if that is missing or damaged.

        Raises:
            StoreError: the system refused to read it.
        """
        path = folder / NAME
        try:
            value = from_hashed(read_file(path, limit=MOST_KEPT), FORMAT)
            seals = {str(sha256): _seal(part) for sha256, part in value["seals"].items()}
            pools = {str(name): _pool(part) for name, part in value["pools"].items()}
            return cls(path, seals, pools, str(value["withdrawn"]))
        except (files.MissingError, DamagedError):
            return cls(path)
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls(path)

    def name_nothing(self) -> None:
        """Forget what was left out: it may name what is withdrawn now. The next run says it again.

        Raises:
            StoreError: what the system refused.
        """
        if any(seal.left_out for seal in self.seals.values()):
            for sha256, seal in self.seals.items():
                self.seals[sha256] = replace(seal, state="", left_out=())
            self.keep()

    def keep(self) -> None:
        """Write it down.

        Raises:
            StoreError: what the system refused.
        """
        value = {
            "format": FORMAT,
            "seals": {
                sha256: {
                    "responses": seal.crowd.most,
                    "counted": seal.crowd.fewest,
                    "ids": seal.crowd.sha256,
                    "figures": seal.figures,
                    "rule": seal.rule,
                    "waiting": seal.waiting,
                    "state": seal.state,
                    "left_out": seal.left_out,
                    "due": seal.due,
                    "sealed": seal.sealed,
                }
                for sha256, seal in sorted(self.seals.items())
            },
            "pools": {
                name: {
                    "bytes": pool.size,
                    "questionnaire": pool.sha256,
                    "damaged": pool.damaged,
                }
                for name, pool in sorted(self.pools.items())
            },
            "withdrawn": self.withdrawn,
        }
        files.replace_durably(self.path, with_hash(value, indent=1), still=True)


def digest_of(figures: object) -> str:
    """What is the same for the same figures only."""
    return hashlib.sha256(to_json(figures)).hexdigest()


def _seal(value: Mapping[str, Any]) -> LastSeal:
    return LastSeal(
        Crowd(int(value["responses"]), str(value["ids"]), int(value["counted"])),
        str(value["figures"]),
        str(value["rule"]),
        int(value["waiting"]),
        str(value["state"]),
        tuple((str(name), str(reason)) for name, reason in value["left_out"]),
        str(value["due"]),
        int(value["sealed"]),
    )


def _pool(value: Mapping[str, Any]) -> Pool:
    damaged = ((int(number), str(reason)) for number, reason in value["damaged"])
    return Pool(int(value["bytes"]), str(value["questionnaire"]), tuple(damaged))
