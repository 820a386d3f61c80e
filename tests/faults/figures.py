"""What faults come to, as figures: so many tried, after so many of them nothing was wrong.

Each of `FIGURES` is one function away for another program:

    for name, measure in FIGURES.items():
        figure = measure(an_empty_folder, everything=True)
        print(name, figure)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """So many reached of so many tried, in seconds; `skipped` says why nothing could be tried."""

    reached: int
    of: int
    seconds: float
    wrong: tuple[str, ...] = ()
    """What was wrong, each with what was done; empty if all were reached."""

    skipped: str = ""

    def __str__(self) -> str:
        return self.skipped or f"{self.reached} of {self.of} in {self.seconds:.0f} s"


class Measure(Protocol):
    """Tries faults in an empty folder: everything, or a fair sample that takes some seconds."""

    def __call__(self, folder: Path, *, everything: bool) -> Figure:
        """What came of it."""


FIGURES: Mapping[str, Measure] = {}
"""What can be measured, by what it is called in a report."""
