"""A data set as Parquet: codes as categories, whose levels are in the order of the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from microcred_cli.interchange.writers.csvw import codes_by_number

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable
    from pathlib import Path

    from microcred_cli.interchange.variables import Variable
    from microcred_cli.interchange.writers import DataSet


def write(dataset: DataSet, folder: Path, progress: Callable[[int, int], object]) -> None:
    """Write `<name>.parquet`."""
    import polars

    data = dataset.data
    progress(0, 0)
    columns = [
        _series(variable, column)
        for variable, column in zip(data.variables, data.columns, strict=True)
    ]
    polars.DataFrame(columns).write_parquet(folder / f"{dataset.name}.parquet")


def _series(variable: Variable, column: array[int]) -> Any:
    import polars

    numbers = polars.Series(variable.name, column)
    if variable.kind == "row":
        return numbers.cast(polars.Int64)
    codes = codes_by_number(variable)
    found = [value.number for value in variable.labelled]
    if variable.limits is not None:
        found = [*sorted(set(column) - set(found)), *found]
    levels = polars.Enum([codes[number] for number in found])
    return numbers.replace_strict(found, [codes[number] for number in found], return_dtype=levels)
