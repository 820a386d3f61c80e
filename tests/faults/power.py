"""What is on a disk of its own, whose power is cut at one of the calls of the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.faults.interviews import Disturbed
from tests.faults.tracing import AT_THE_END, KILLED, Fault

if TYPE_CHECKING:
    from tests.faults.disks import Disk
    from tests.faults.tracing import Called

_LOOKING: Final = ("fstat", "newfstatat", "lseek", "getdents64", "read", "close", "flock")


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


def cuts_at_changes(calls: list[Called]) -> list[Fault]:
    """A cut at each call that changes something in the folders or brings it to the disk.

    The last one is behind them all, when everything is said.
    """
    changing = [
        each
        for each in calls
        if each.name not in _LOOKING and (each.name != "openat" or "O_CREAT" in each.line)
    ]
    return [*cuts(changing), AT_THE_END]
