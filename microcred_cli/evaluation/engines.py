"""Counting engines, which add up the exact counts of column files.

An engine returns exact counts only. Masking, rounding, pooling and the audit are the same with and
without an engine, and always run on the local machine.
"""

from __future__ import annotations

import glob
import re
import sys
import warnings
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from microcred_cli.errors import StoreError
from microcred_cli.evaluation.expression import counted
from microcred_cli.fieldwork.engine import CLUSTER
from microcred_cli.store.layout import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from microcred_cli.evaluation.columns import Columns
    from microcred_cli.fieldwork.engine import EngineSettings
    from microcred_cli.store.judge import Judge

    Rows = Iterable[Sequence[Any]]
    """A row for each combination of groups: the groups, the number of people, and the sums of
    flags."""

SPARK_SETTINGS: Final = {
    "spark.app.name": "microcred",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
ONLY_HERE: Final = {
    "spark.driver.host": "localhost",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.pyspark.python": sys.executable,
}
"""Settings for Spark on this machine only: all ports are local, and workers use this Python."""

DUCKDB_SETTINGS: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
    "temp_directory": "",
}
"""Settings that keep DuckDB from downloading extensions and from writing to disk."""

_OF_A_PATTERN: Final = re.compile(r"([\\*?\[\]{}])")


class Engine(Protocol):
    """An engine that counts column files, all of which must have the same columns."""

    def rows(self, files: Sequence[Path], columns: Columns) -> Rows:
        """The total counts of these files."""


class DuckDB:
    """DuckDB, in this process; files larger than the memory are read in parts."""

    def rows(self, files: Sequence[Path], columns: Columns) -> Rows:
        """The total counts of these files."""
        import duckdb

        with duckdb.connect(config=dict(DUCKDB_SETTINGS)) as connection:
            table = connection.read_parquet([glob.escape(str(file)) for file in files])
            found: list[Sequence[Any]] = counted(table, columns).fetchall()
        return found


class Polars:
    """Polars, in this process; can also count the content of encrypted files in memory."""

    def rows(self, files: Sequence[Path | bytes], columns: Columns) -> Rows:
        """The total counts of these files."""
        import polars

        tables = [polars.scan_parquet(file, glob=False) for file in files]
        table = counted(polars.concat(tables), columns)
        found: list[Sequence[Any]] = table.collect(engine="streaming").rows()
        return found


class Spark:
    """Spark, on a cluster or on the cores of one machine; Spark reads the files itself."""

    def __init__(self, master: str) -> None:
        self.master = master

    def rows(self, files: Sequence[Path], columns: Columns) -> Rows:
        """The total counts of these files."""
        with self._session() as session:
            paths = [_OF_A_PATTERN.sub(r"\\\1", str(file.resolve())) for file in files]
            table = session.read.parquet(*paths)
            return [tuple(row) for row in counted(table, columns).collect()]

    def rows_of_lines(self, files: Sequence[Path], columns: Columns, judge: Judge) -> Rows:
        """The counts of segments without column files; unusable lines are not counted.

        This program validates the lines on the machines of the cluster.
        """
        with self._session() as session:
            paths = [_OF_A_PATTERN.sub(r"\\\1", str(file.resolve())) for file in files]
            lines = session.read.text(paths, lineSep="\n")
            types = {"code": "string", "codes": "array<string>", "number": "bigint"}
            schema = ", ".join(f"{each.name} {types[each.kind]}" for each in columns.all)
            table = lines.mapInPandas(partial(_validated, columns, judge), schema)
            return [tuple(row) for row in counted(table, columns).collect()]

    @contextmanager
    def _session(self) -> Iterator[Any]:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(self.master)
        is_local = self.master.startswith("local")
        for name, value in (SPARK_SETTINGS | (ONLY_HERE if is_local else {})).items():
            builder = builder.config(name, value)
        with warnings.catch_warnings():
            # Spark prints a warning if a version of pandas is newer than it supports.
            warnings.simplefilter("ignore", FutureWarning)
            with builder.getOrCreate() as session:
                yield session


def _validated(columns: Columns, judge: Judge, blocks: Iterable[Any]) -> Iterator[Any]:
    """The columns of the valid lines in each block."""
    import pandas

    names = [column.name for column in columns.all]
    for block in blocks:
        rows = []
        for line in block["value"]:
            with suppress(StoreError):
                found = judge.record(Kind.RESPONSE, line.encode())
                rows.append(columns.row(found.answers, found.minutes))
        yield pandas.DataFrame(rows, columns=names, dtype=object)


def engine_of(settings: EngineSettings) -> DuckDB | Spark:
    """The engine specified in the settings."""
    return Spark(settings.master) if settings.name == CLUSTER else DuckDB()
