"""Formats of data sets: one module for each, imported only when needed.

A writer creates files under their final names in a folder that nobody else uses yet; the caller
moves the folder into place once all files are complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from microcred_cli.interchange.microdata import Microdata


@dataclass(frozen=True, slots=True)
class Format:
    """A format of data sets: the module that writes it, and the packages that this needs."""

    module: str
    needs: tuple[str, ...] = ()


FORMATS: Final = {
    "csv": Format("csvw"),
    "sav": Format("spss", ("pyreadstat", "polars", "numpy")),
    "dta": Format("stata", ("pyreadstat", "polars")),
    "parquet": Format("parquet", ("polars", "numpy")),
    "xlsx": Format("xlsx", ("xlsxwriter",)),
}
"""The formats by name; the name is also the file extension."""

MOST_CELLS: Final = 30_000_000
"""The largest number of cells of an SPSS or Stata file, which are made in memory as a whole."""

MOST_ROWS_OF_A_SHEET: Final = 1_048_575
MOST_COLUMNS_OF_A_SHEET: Final = 16_384


@dataclass(frozen=True, slots=True)
class DataSet:
    """Microdata with the name of its files and, for their properties, its title and language.

    `notice` is a sentence in this language, empty if there is nothing to say: that the data are
    synthetic.
    """

    data: Microdata
    name: str
    title: str
    language: str
    notice: str = ""

    @property
    def label(self) -> str:
        """The title after the notice, for formats that have one short label for a file."""
        return f"{self.notice} {self.title}".lstrip()


class Writer(Protocol):
    """A module that writes a data set."""

    def write(
        self, dataset: DataSet, folder: Path, progress: Callable[[int, int], object], /
    ) -> None:
        """Write the files of this format to a folder."""
        ...

    def errors(self) -> tuple[type[Exception], ...]:
        """The errors of the libraries that it uses, apart from those of the operating system."""
        ...


def writer(name: str) -> Writer:
    """The writer of a format, one of `FORMATS`."""
    module = import_module(f"microcred_cli.interchange.writers.{FORMATS[name].module}")
    return cast("Writer", module)
