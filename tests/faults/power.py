"""The contents of a disk after a power cut at one of the program's system calls."""

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
    """Like `Disturbed`, but a kill also cuts the power of the disk."""

    disk: Disk = field(kw_only=True)

    def settle(self) -> None:
        """Sync all data to the disk."""
        self.disk.settle()

    def cut(self) -> None:
        """Cut the power, and mount the disk again."""
        self.disk.cut_power()


def cuts(calls: list[Called]) -> list[Fault]:
    """A power cut at each system call that concerns the folders; the disk changes only at these."""
    return [Fault(each.name, each.number, KILLED) for each in calls if each.touches]


def cuts_at_changes(calls: list[Called]) -> list[Fault]:
    """A power cut at each system call that changes the folders or syncs them.

    The last cut comes after all of them, when everything has been acknowledged.
    """
    changing = [
        each
        for each in calls
        if each.name not in _LOOKING and (each.name != "openat" or "O_CREAT" in each.line)
    ]
    return [*cuts(changing), AT_THE_END]
