"""Interviews on a disk of their own, whose power is cut at one of their calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.interviews import Disturbed
from tests.faults.tracing import KILLED, Fault

if TYPE_CHECKING:
    from tests.faults.disks import Disk
    from tests.faults.tracing import Called


@dataclass
class Cut(Disturbed):
    """As `Disturbed`; a death takes the disk's power with it."""

    disk: Disk = field(kw_only=True)

    def settle(self) -> None:
        """Bring everything to the disk."""
        self.disk.settle()

    def cut(self) -> None:
        """Cut the power, and start the machine again."""
        self.disk.cut_power()


def cuts(calls: list[Called]) -> list[Fault]:
    """A cut at each call that concerns the folders: between them, nothing changes on the disk."""
    return [Fault(each.name, each.number, KILLED) for each in calls if each.touches]
