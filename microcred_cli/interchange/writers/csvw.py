"""A data set as CSV with codes, and its metadata as CSV on the Web (CSVW)."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from microcred_cli.interchange.microdata import Microdata
    from microcred_cli.interchange.variables import Variable
    from microcred_cli.interchange.writers import DataSet

_LINES: Final = 500
"""The number of records written at a time."""

_CONFIDENTIAL: Final = "Confidential microdata, not for publication. See README.txt."


def write(dataset: DataSet, folder: Path, progress: Callable[[int, int], object]) -> None:
    """Write `<name>.csv` (RFC 4180, UTF-8) and `<name>.csv-metadata.json`."""
    path = folder / f"{dataset.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([variable.name for variable in dataset.data.variables])
        for done, rows in enumerate(_chunks(dataset.data)):
            out.writerows(rows)
            progress(min((done + 1) * _LINES, dataset.data.size), dataset.data.size)
    shape = json.dumps(_metadata(dataset), ensure_ascii=False, indent=2)
    metadata = folder / f"{path.name}-metadata.json"
    metadata.write_text(shape + "\n", encoding="utf-8")


def errors() -> tuple[type[Exception], ...]:
    """An empty tuple, because this format needs no library."""
    return ()


def _chunks(data: Microdata) -> Iterator[Iterator[tuple[str | int, ...]]]:
    codes = [codes_by_number(variable) for variable in data.variables]
    for begin in range(0, data.size, _LINES):
        parts = [column[begin : begin + _LINES] for column in data.columns]
        yield zip(*(map(c.__getitem__, p) for c, p in zip(codes, parts, strict=True)), strict=True)


class _Codes(dict[int, str]):
    """A mapping from number to code; a number without a code is written as a number."""

    def __missing__(self, number: int) -> str:
        return str(number)


def codes_by_number(variable: Variable) -> Mapping[int, str]:
    """The code of each number of a variable, as in stored records."""
    return _Codes({value.number: value.code for value in variable.labelled})


def _metadata(dataset: DataSet) -> dict[str, Any]:
    variables = dataset.data.variables
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": dataset.language}],
        "url": f"{dataset.name}.csv",
        "dc:title": dataset.title,
        "dc:description": f"{dataset.notice} {_CONFIDENTIAL}".lstrip(),
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [_column(variable) for variable in variables],
            "primaryKey": variables[0].name,
        },
    }


def _column(variable: Variable) -> dict[str, Any]:
    return {
        "name": variable.name,
        "dc:description": variable.label,
        "datatype": _datatype(variable),
        "required": variable.kind == "row",
        # No cell is empty, so only the codes of missing values are null.
        "null": [value.code for value in variable.missing],
    }


def _datatype(variable: Variable) -> dict[str, Any]:
    if variable.kind == "row":
        return {"base": "integer", "minimum": 1}
    if variable.kind == "multiple":
        return {"base": "integer", "minimum": 0, "maximum": 1}
    if variable.limits is not None:
        least, most = variable.limits
        return {"base": "integer", "minimum": least, "maximum": most}
    return {"base": "string", "format": "|".join(re.escape(v.code) for v in variable.values)}
