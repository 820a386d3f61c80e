"""A data set for SPSS and PSPP: a .sav file, and syntax that adds the multiple-response sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from microcred_cli.interchange.variables import sets_of, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from microcred_cli.interchange.variables import Variable, VariableSet
    from microcred_cli.interchange.writers import DataSet

_LONGEST_LABEL: Final = 255
_LONGEST_VALUE_LABEL: Final = 120
_LONGEST_SET_LABEL: Final = 120
"""The maximum length of labels in bytes; the library could cut longer labels inside a character."""
_WIDTH: Final = 78
_TIME: Final = slice(84 + 8, 84 + 8 + 17)
_NO_TIME: Final = b"01 Jan 0000:00:00"
"""The position of the creation time in a file, and the constant that replaces it for privacy
reasons."""


def write(dataset: DataSet, folder: Path, progress: Callable[[int, int], object]) -> None:
    """Write `<name>.sav` and `<name>.sps`."""
    import numpy
    import polars
    import pyreadstat

    data, variables = dataset.data, dataset.data.variables
    path = folder / f"{dataset.name}.sav"
    progress(0, 0)
    labelled = {v.name: v for v in variables if v.kind != "row"}
    pyreadstat.write_sav(
        polars.DataFrame(
            [
                polars.Series(variable.name, numpy.array(column, dtype=numpy.float64))
                for variable, column in zip(variables, data.columns, strict=True)
            ]
        ),
        path,
        file_label=shortened(dataset.label, 60, in_bytes=True),
        column_labels=[shortened(v.label, _LONGEST_LABEL, in_bytes=True) for v in variables],
        variable_value_labels={
            name: {
                value.number: shortened(value.label, _LONGEST_VALUE_LABEL, in_bytes=True)
                for value in variable.labelled
            }
            for name, variable in labelled.items()
        },
        missing_ranges={
            name: [{"lo": variable.lowest_missing, "hi": variable.highest_missing}]
            for name, variable in labelled.items()
        },
        variable_measure={variable.name: _measure(variable) for variable in variables},
        variable_format={variable.name: "F8.0" for variable in variables},
    )
    # On a full disk, the library can truncate a file without an error, so the last row is read.
    names = [variables[0].name]
    pyreadstat.read_sav(
        path, row_offset=data.size - 1, row_limit=1, usecols=names, output_format="dict"
    )
    with path.open("r+b") as file:
        file.seek(_TIME.start)
        file.write(_NO_TIME)
    syntax = "\n".join(_syntax(dataset)) + "\n"
    (folder / f"{dataset.name}.sps").write_text(syntax, encoding="utf-8", newline="\n")


def errors() -> tuple[type[Exception], ...]:
    """Exceptions that the libraries raise."""
    from polars.exceptions import PolarsError
    from pyreadstat import PyreadstatError, ReadstatError

    return PolarsError, PyreadstatError, ReadstatError


def _measure(variable: Variable) -> str:
    return "scale" if variable.kind == "row" else variable.measure


def _syntax(dataset: DataSet) -> Iterator[str]:
    """Commands that add the multiple-response sets to the .sav file in the current folder."""
    yield "* Encoding: UTF-8."
    yield "* Adds the multiple-response sets; run it in the folder of the data file."
    yield f"GET FILE='{dataset.name}.sav'."
    sets = [s for s in sets_of(dataset.data.variables) if _is_set(s)]
    if sets:
        yield "MRSETS"
    for number, found in enumerate(sets, 1):
        yield from _set(found, end="." if number == len(sets) else "")
    yield f"SAVE OUTFILE='{dataset.name}.sav'."


def _is_set(found: VariableSet) -> bool:
    return found.kind in ("multiple", "ranking") and len(found.variables) > 1


def _set(found: VariableSet, end: str) -> Iterator[str]:
    group = "MDGROUP" if found.kind == "multiple" else "MCGROUP"
    label = shortened(found.question, _LONGEST_SET_LABEL, in_bytes=True).replace("'", "''")
    yield f"  /{group} NAME=${found.item}"
    yield f"    LABEL='{label}'"
    line = "    VARIABLES="
    for variable in found.variables:
        if len(line) + len(variable.name) > _WIDTH:
            yield line.rstrip()
            line = "      "
        line += f"{variable.name} "
    if group == "MDGROUP":
        yield line.rstrip()
        line = "    VALUE=1 "
    yield line.rstrip() + end
