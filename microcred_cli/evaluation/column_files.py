"""The content of column files: Parquet, written in blocks, with the hash of the definition."""

from __future__ import annotations

from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from microcred_cli.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from microcred_cli.evaluation.columns import Column, Columns

    Record = tuple[Mapping[str, Any], int | None]
    """The answers and the minutes of a response."""

_BLOCK: Final = 20_000
"""The number of rows per block of a file, and of rows converted at a time."""


def write_columns(
    to: IO[bytes], columns: Columns, records: Iterable[Record], properties: Mapping[str, str]
) -> None:
    """Write valid records as a Parquet file; the same version of Polars writes the same bytes."""
    import polars
    from polars.exceptions import PolarsError
    from polars.io.plugins import register_io_source

    types = {
        "code": polars.String(),
        "codes": polars.List(polars.String()),
        "number": polars.Int64(),
    }
    schema = {column.name: types[column.kind] for column in columns.all}

    def blocks(*_: object) -> Iterator[polars.DataFrame]:
        left = iter(records)
        while block := [columns.row(*record) for record in islice(left, _BLOCK)]:
            values = zip(*block, strict=True)
            yield polars.DataFrame(
                {
                    column.name: _series(column, found, types[column.kind])
                    for column, found in zip(columns.all, values, strict=True)
                }
            )

    table = register_io_source(blocks, schema=schema, is_pure=False)
    try:
        table.sink_parquet(to, metadata=dict(properties), row_group_size=_BLOCK)
    except PolarsError:
        raise StoreError(
            "The column file could not be written.",
            hint="Check the free space on the disk; the next seal tries again.",
        ) from None


def _series(column: Column, values: Sequence[Any], kind: Any) -> Any:
    """The values of a column; for speed, each distinct list is converted only once."""
    import polars

    if column.kind != "codes":
        return polars.Series(values, dtype=kind)
    known: dict[tuple[str, ...], int] = {}
    places = [known.setdefault(tuple(codes), len(known)) for codes in values]
    lists = polars.Series([*map(list, known)], dtype=kind)
    return lists.gather(polars.Series(places, dtype=polars.UInt32))


def writer() -> str:
    """The name and version of the library that writes the files."""
    import polars

    return f"polars {polars.__version__}"
