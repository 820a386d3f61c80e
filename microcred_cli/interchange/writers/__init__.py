"""File formats of data sets: one module for each, imported only when needed.

A writer creates files with their final names in a temporary folder. The caller renames the folder
when all files are complete.
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
    """A file format of data sets: the module that writes it, and the packages that it requires."""

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
"""The maximum number of cells in an SPSS or Stata file, because files are built in memory."""

MOST_ROWS_OF_A_SHEET: Final = 1_048_575
MOST_COLUMNS_OF_A_SHEET: Final = 16_384


@dataclass(frozen=True, slots=True)
class DataSet:
    """Microdata with a file name, and the title and language for the metadata of the files.

    `notice` is a warning that the data are synthetic; empty for real data.
    """

    data: Microdata
    name: str
    title: str
    language: str
    notice: str = ""

    @property
    def label(self) -> str:
        """The notice and the title, for formats in which a file has one short label."""
        return f"{self.notice} {self.title}".lstrip()


class Writer(Protocol):
    """A module that writes a data set."""

    def write(
        self, dataset: DataSet, folder: Path, progress: Callable[[int, int], object], /
    ) -> None:
        """Write the files of this format to a folder."""
        ...

    def errors(self) -> tuple[type[Exception], ...]:
        """Exceptions that the libraries raise, other than operating system errors."""
        ...


def writer(name: str) -> Writer:
    """The writer of a format, one of `FORMATS`."""
    module = import_module(f"microcred_cli.interchange.writers.{FORMATS[name].module}")
    return cast("Writer", module)
