"""Publication: the stored figures, their cohort, and the detection of later changes.

Figures are computed at a seal and can then be printed any number of times. Figures must never be
computed again for nearly the same people: comparing the two sets of figures would reveal the
answers of people who withdrew in between. `LastSeal` therefore stores a hash that identifies the
cohort as a whole, but none of its members. A summary of an unchanged folder needs only this module.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from array import array
from typing import TYPE_CHECKING, Any, Final, Literal

from microcred_cli import files
from microcred_cli.files.checksummed import MOST_KEPT, from_hashed, hash_of, with_hash
from microcred_cli.files.reading import DamagedError, read_file
from microcred_cli.frozen import Frozen
from microcred_cli.store.batches import SMALLEST_BATCH
from microcred_cli.store.index import SegmentEntry
from microcred_cli.store.layout import (
    FIGURES_FILE,
    FOLDER_FILE,
    LAST_SEAL_FILE,
    Kind,
    LeftOut,
    is_record,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from microcred_cli.store.folder import Responses

FIGURES: Final = "microcred-sealed-figures/1"
FORMAT: Final = "microcred-last-seal/3"
_CROWD: Final = "microcred-crowd/1"

HeldBack = Literal["", "lost", "rule"]
"""The reason why no figures can be shown: they were lost, or computed under another rule."""


class SealFigures(Frozen):
    """The figures of a seal, and the publication rule under which they were computed."""

    rule: str
    figures: object

    @property
    def digest(self) -> str:
        """The hash of the figures."""
        return hash_of(self.figures)


def read_figures(folder: Path) -> dict[str, SealFigures]:
    """Read the figures of the last seal for each definition; empty if missing or damaged.

    Raises a StoreError if the file cannot be read, because recomputing the figures between two
    seals could reveal the answers of people who withdrew.
    """
    try:
        value = from_hashed(read_file(folder / FIGURES_FILE, limit=MOST_KEPT), FIGURES)
        parts = value["seals"].items()
        return {str(sha): SealFigures(str(p["rule"]), p["figures"]) for sha, p in parts}
    except _DAMAGE:
        return {}


def write_figures(folder: Path, figures: Mapping[str, SealFigures]) -> None:
    """Write figures durably, replacing the figures of the previous seal."""
    parts = sorted(figures.items())
    seals = {sha: {"rule": part.rule, "figures": part.figures} for sha, part in parts}
    data = with_hash({"format": FIGURES, "seals": seals}, indent=1)
    files.replace_durably(folder / FIGURES_FILE, data, still=True)


class Cohort(Frozen):
    """The people whose responses are in a set of segments: their number, and a hash of their ids.

    `most` includes each unusable line as one person; `fewest` ignores unusable lines. The hash is
    empty if the cohort is unknown.
    """

    most: int
    sha256: str = ""
    fewest: int = 0

    @classmethod
    def of(cls, entries: Iterable[SegmentEntry]) -> Cohort:
        """The cohort of the segments with these entries."""
        marks, unusable, counted = array("Q"), 0, 0
        for entry in entries:
            marks.extend(entry.marks)
            unusable += len(entry.damaged)
            counted += entry.counted
        digest = hashlib.sha256(f"{_CROWD}\n{unusable}\n".encode())
        digest.update(array("Q", sorted(marks)).tobytes())
        return cls(len(marks), digest.hexdigest(), counted)

    def is_known_as(self, other: Cohort) -> bool:
        """True if both cohorts are known and equal."""
        return self.sha256 == other.sha256 != ""


class LastSeal(Frozen):
    """The last seal of the responses to one definition.

    `figures` is the hash of the figures, which were computed for `cohort` under `rule`. `state` is
    the state of the folder after the seal (see `state_of`), `waiting` the number of pending
    responses, `sealed` the number of valid sealed responses (reduced by later withdrawals), and
    `left_out` the remaining faults. While a batch is being sealed, `due` is the hash of the cohort
    of the next figures.
    """

    cohort: Cohort
    figures: str = ""
    rule: str = ""
    waiting: int = 0
    state: str = ""
    left_out: tuple[LeftOut, ...] = ()
    due: str = ""
    sealed: int = 0

    def to_object(self) -> dict[str, object]:
        """The last seal as a JSON-compatible object."""
        return {
            "responses": self.cohort.most,
            "counted": self.cohort.fewest,
            "ids": self.cohort.sha256,
            "figures": self.figures,
            "rule": self.rule,
            "waiting": self.waiting,
            "state": self.state,
            "left_out": self.left_out,
            "due": self.due,
            "sealed": self.sealed,
        }

    @classmethod
    def from_object(cls, value: Mapping[str, Any]) -> LastSeal:
        """Create the last seal from parsed JSON; raises errors like `SegmentEntry.from_object`."""
        return cls(
            Cohort(int(value["responses"]), str(value["ids"]), int(value["counted"])),
            str(value["figures"]),
            str(value["rule"]),
            int(value["waiting"]),
            str(value["state"]),
            tuple((str(name), str(reason)) for name, reason in value["left_out"]),
            str(value["due"]),
            int(value["sealed"]),
        )


class LastSeals:
    """The last seals in a folder, by hash of the definition, and the index entries of the pools.

    `withdrawn` is the digest of the tombstones already applied to the pools.
    """

    def __init__(
        self,
        path: Path,
        seals: dict[str, LastSeal] | None = None,
        pools: dict[str, SegmentEntry] | None = None,
        withdrawn: str = "",
    ) -> None:
        self.path = path
        self.seals = {} if seals is None else seals
        self.pools = {} if pools is None else pools
        self.withdrawn = withdrawn

    @classmethod
    def read(cls, folder: Path) -> LastSeals:
        """Read the last seals in a responses folder; empty if the file is missing or damaged."""
        path = folder / LAST_SEAL_FILE
        try:
            value = from_hashed(read_file(path, limit=MOST_KEPT), FORMAT)
            seals = {str(sha): LastSeal.from_object(part) for sha, part in value["seals"].items()}
            pools = {}
            for name, part in value["pools"].items():
                damaged = [(int(number), str(reason)) for number, reason in part["damaged"]]
                size, sha256 = int(part["bytes"]), str(part["questionnaire"])
                pools[str(name)] = SegmentEntry(size, sha256, damaged=damaged)
            return cls(path, seals, pools, str(value["withdrawn"]))
        except _DAMAGE:
            return cls(path)

    def name_nothing(self) -> None:
        """Delete the lists of unusable files, because they may contain withdrawn ids."""
        if any(seal.left_out for seal in self.seals.values()):
            for sha256, seal in self.seals.items():
                self.seals[sha256] = seal.having(state="", left_out=())
            self.write()

    def to_object(self) -> dict[str, object]:
        """A copy of the last seals as a JSON-compatible object."""
        pools = {
            name: {"bytes": each.size, "questionnaire": each.sha256, "damaged": [*each.damaged]}
            for name, each in sorted(self.pools.items())
        }
        return {
            "format": FORMAT,
            "seals": {sha256: seal.to_object() for sha256, seal in sorted(self.seals.items())},
            "pools": pools,
            "withdrawn": self.withdrawn,
        }

    def write(self) -> None:
        """Write the last seals durably to a folder."""
        files.replace_durably(self.path, with_hash(self.to_object(), indent=1), still=True)


_DAMAGE: Final = (
    *(files.MissingError, DamagedError),
    *(ValueError, KeyError, TypeError, AttributeError),
)


def fate_of_figures(
    kept: SealFigures | None,
    last: LastSeal | None,
    now: Cohort,
    *,
    rule: str,
    is_sealed: bool,
    is_untouched: bool,
) -> Literal["make", "keep", "lost", "rule"]:
    """Decide whether to compute figures for a cohort, keep the last figures, or print none.

    The cohort of new figures must either differ from the cohort of the last figures by at least a
    batch of people, or be the same under the same rule. Figures of the same people under two rules
    could be compared to undo the protection of both. `kept` are the last figures, and `rule` is the
    rule for new figures. `is_sealed` is set if a batch has just been sealed, and `is_untouched` if
    nobody has ever withdrawn.
    """
    is_of_rule = (kept is None or kept.rule == rule) and (last is None or last.rule in (rule, ""))
    if last is None:
        may_be_made = is_of_rule and is_untouched
        is_behind = may_be_made or is_sealed
    else:
        may_be_made = is_of_rule and now.is_known_as(last.cohort)
        is_cut_off = may_be_made and kept is not None and kept.digest != last.figures
        is_larger = now.fewest - last.cohort.most >= SMALLEST_BATCH
        # A seal of this cohort was interrupted before its figures were computed.
        is_due = last.due == now.sha256 != ""
        is_behind = is_sealed or is_due or is_larger or is_cut_off
    if kept is not None and is_of_rule and not is_behind:
        return "keep"
    if is_behind or may_be_made:
        return "make"
    return "lost" if is_of_rule else "rule"


class Outcome(Frozen):
    """The result of a seal.

    `taken` is the number of newly sealed responses. `figures` contains the figures of all sealed
    responses, computed at this seal or an earlier one; None if nothing is sealed. If the last
    figures were lost and new figures would cover nearly the same people, or if the last figures
    were computed under another rule, `figures` is None and `held_back` is set. There are four
    numbers of responses, for staff only: `counted` in the figures, `sealed` and valid, `waiting`
    (pending and valid), and `returned` from the sealed set to pending.
    """

    taken: int
    left_out: tuple[LeftOut, ...]
    figures: object | None
    held_back: HeldBack = ""
    counted: int = 0
    waiting: int = 0
    sealed: int = 0
    returned: int = 0


def figures_at_rest(responses: Responses, sha256: str, rule: str) -> Outcome | None:
    """The figures of the last seal, if computed under this rule and nothing has changed since."""
    kept = read_figures(responses.folder).get(sha256)
    last = LastSeals.read(responses.folder).seals.get(sha256)
    if kept is None or kept.rule != rule or last is None:
        return None
    if last.state != state_of(responses, {kind: responses.names(kind) for kind in Kind}):
        return None
    counted = last.cohort.fewest
    return Outcome(0, last.left_out, kept.figures, "", counted, last.waiting, last.sealed)


def kept_for(
    responses: Responses, sha256: str, rule: str, *, waiting: int, left_out: Iterable[LeftOut] = ()
) -> Outcome:
    """An outcome with the figures of the last seal, if they were computed under this rule."""
    kept = read_figures(responses.folder).get(sha256)
    last = LastSeals.read(responses.folder).seals.get(sha256)
    counted, now = (last.cohort.fewest, last.sealed) if last is not None else (0, 0)
    held_back: HeldBack = "" if kept is None or kept.rule == rule else "rule"
    figures = None if kept is None or held_back else kept.figures
    return Outcome(0, tuple(left_out), figures, held_back, counted, waiting, now)


def is_unsealed(responses: Responses) -> bool:
    """True if the folder contains no sealed responses, no figures and no record of a seal."""
    folder = responses.folder
    is_empty = not responses.segments.sizes(Kind.RESPONSE)[0]
    return is_empty and not read_figures(folder) and not LastSeals.read(folder).seals


def is_begun(responses: Responses) -> bool:
    """True if the folder contains terms or records of a responses folder."""
    return (
        os.path.lexists(responses.folder / FOLDER_FILE)
        or any(is_record(name) for kind in Kind for name in responses.names(kind))
        or not responses.segments.is_empty
    )


def state_of(responses: Responses, pending: Mapping[Kind, Collection[str]]) -> str:
    """A hash that changes if the sealed set or one of these pending files changes.

    The hash reveals nothing about the pending records.
    """
    segments = responses.segments
    listed = []
    for kind in Kind:
        sizes, foreign = segments.sizes(kind)
        listed += [f"{name} {size}" for name, size in (*sorted(sizes.items()), *foreign)]
    listed += [f"{name} {told}" for name, told in segments.telling()]
    for kind in Kind:
        own = [FOLDER_FILE] if kind is Kind.RESPONSE else []
        for name in (*own, *sorted(pending[kind])):
            with contextlib.suppress(OSError):
                status = os.lstat(f"{responses.place(kind)}{os.sep}{name}")
                listed.append(f"{name} {status.st_size} {status.st_ino} {status.st_ctime_ns}")
    return hashlib.sha256("\n".join(listed).encode("utf-8", "surrogateescape")).hexdigest()
