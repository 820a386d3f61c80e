"""A data set as Parquet: codes are categories, with their levels in definition order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from microcred_cli.interchange.writers.csvw import codes_by_number

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable
    from pathlib import Path

    from microcred_cli.interchange.variables import Variable
    from microcred_cli.interchange.writers import DataSet

_WIDEST: Final = 10_000
"""The maximum range of a variable's numbers for which a look-up table is used."""


def write(dataset: DataSet, folder: Path, progress: Callable[[int, int], object]) -> None:
    """Write `<name>.parquet`."""
    import polars

    data = dataset.data
    progress(0, 0)
    columns = [
        _series(variable, column)
        for variable, column in zip(data.variables, data.columns, strict=True)
    ]
    properties = {"title": dataset.title, "description": dataset.notice}
    path = folder / f"{dataset.name}.parquet"
    polars.DataFrame(columns).write_parquet(path, metadata=properties)


def errors() -> tuple[type[Exception], ...]:
    """Exceptions that the libraries raise."""
    from polars.exceptions import PolarsError

    return (PolarsError,)


def _series(variable: Variable, column: array[int]) -> Any:
    import numpy
    import polars

    numbers = polars.Series(variable.name, numpy.frombuffer(column, dtype=column.typecode))
    if variable.kind == "row":
        return numbers.cast(polars.Int64)
    codes = codes_by_number(variable)
    found = [value.number for value in variable.labelled]
    if variable.limits is not None:
        found = [*sorted(set(column) - set(found)), *found]
    levels = polars.Enum([codes[number] for number in found])
    lowest = min(found)
    if max(found) - lowest > _WIDEST:
        names = [codes[number] for number in found]
        return numbers.replace_strict(found, names, return_dtype=levels)
    # A look-up table is the fastest way to convert numbers to levels.
    places = [0] * (max(found) - lowest + 1)
    for place, number in enumerate(found):
        places[number - lowest] = place
    table = polars.Series(variable.name, places, dtype=polars.UInt16)
    return table.gather(numbers.cast(polars.Int32) - lowest).cat.to(levels)
