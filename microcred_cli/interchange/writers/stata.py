"""A data set for Stata 14 and later, in which missing values are tagged (.d for don't know)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from microcred_cli.interchange.variables import NO_FURTHER_RANK, SUPPRESSED, shortened
from microcred_cli.questionnaire.values import BLANK, NOT_ASKED, NOT_REACHED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from microcred_cli.interchange.variables import Variable
    from microcred_cli.interchange.writers import DataSet

TAGS: Final = {
    "dk": "d",
    "pna": "p",
    BLANK: "b",
    NOT_ASKED: "n",
    NOT_REACHED: "r",
    NO_FURTHER_RANK: "x",
    SUPPRESSED: "s",
}
"""The letter of each missing value."""

_LONGEST_LABEL: Final = 80
_VERSION: Final = 14
_TIME: Final = b"<timestamp>\x11"
_NO_TIME: Final = b"01 Jan 1960 00:00"
_HEAD: Final = 1_000


def write(dataset: DataSet, folder: Path, progress: Callable[[int, int], object]) -> None:
    """Write `<name>.dta`."""
    import polars
    import pyreadstat

    data, variables = dataset.data, dataset.data.variables
    path = folder / f"{dataset.name}.dta"
    columns = []
    for done, (variable, column) in enumerate(zip(variables, data.columns, strict=True)):
        tagged = _tagged(variable)
        values = list(map(tagged.__getitem__, column))
        columns.append(polars.Series(variable.name, values, dtype=polars.Object))
        progress(done, 2 * len(variables))
    pyreadstat.write_dta(
        polars.DataFrame(columns),
        path,
        version=_VERSION,
        file_label=shortened(dataset.label, _LONGEST_LABEL),
        column_labels=[shortened(variable.label, _LONGEST_LABEL) for variable in variables],
        variable_value_labels={
            variable.name: _labels(variable) for variable in variables if variable.labelled
        },
        missing_user_values={
            variable.name: [TAGS[value.code] for value in variable.missing]
            for variable in variables
            if variable.missing
        },
        variable_format={variable.name: "%8.0g" for variable in variables},
    )
    # On a full disk, the library can truncate a file without an error, so the last row is read.
    names, last = [variables[0].name], dataset.data.size - 1
    pyreadstat.read_dta(path, row_offset=last, row_limit=1, usecols=names, output_format="dict")
    with path.open("r+b") as file:
        # The creation time would reveal when the data were exported.
        place = file.read(_HEAD).find(_TIME)
        if place >= 0:
            file.seek(place + len(_TIME))
            file.write(_NO_TIME)


def errors() -> tuple[type[Exception], ...]:
    """Exceptions that the libraries raise."""
    from polars.exceptions import PolarsError
    from pyreadstat import PyreadstatError, ReadstatError

    return PolarsError, PyreadstatError, ReadstatError


class _Tagged(dict[int, Any]):
    """Maps each number to its Stata value: the number itself, or the letter of a missing value."""

    def __missing__(self, number: int) -> float:
        self[number] = float(number)
        return float(number)


def _labels(variable: Variable) -> dict[Any, str]:
    """The value labels, by number or by letter of a missing value."""
    labels: dict[Any, str] = {value.number: value.label for value in variable.values}
    return labels | {TAGS[value.code]: value.label for value in variable.missing}


def _tagged(variable: Variable) -> _Tagged:
    return _Tagged({value.number: TAGS[value.code] for value in variable.missing})
