"""Measure what it costs to count sealed responses, from their lines and by each counting engine.

100,000 synthetic responses are written as the lines of a sealed file and as a column file. Larger
numbers are copies of these files, so their counts must be a multiple of the counts of one file;
counts that differ are an error. Each count runs in a process of its own. Budgets: DuckDB takes at
most 0.15 times the CPU time of counting the lines, and at most 500 MiB for 10,000,000.

    python -m benchmarks.engines                             1,000,000 responses
    python -m benchmarks.engines --parts 100 --skip-lines    10,000,000
    python -m benchmarks.engines --master "local[2]"         also on Spark: columns, then lines
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microcred_cli.evaluation.column_files import write_columns
from microcred_cli.evaluation.columns import Columns
from microcred_cli.evaluation.engines import DuckDB, Polars, Spark
from microcred_cli.evaluation.tally import AnswerTally
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import QuestionnaireRef
from microcred_cli.records.simulation import simulate
from microcred_cli.store.judge import Judge, as_line
from microcred_cli.store.layout import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from microcred_cli.evaluation.engines import Engine
    from microcred_cli.questionnaire.loading import Loaded

PREPARE = "prepare"
ONE = 100_000
"""The number of responses in a file."""


def prepare(folder: Path, parts: int) -> None:
    """Write a file of lines and a column file, each under several names.

    In a process of its own, because its peak memory use would count for those that it starts.
    """
    loaded = load("mc_employers")
    asked = loaded.questionnaire
    ref = QuestionnaireRef(id=asked.id, version=asked.version, sha256=loaded.sha256)
    lines, columns = folder / "0.jsonl", folder / "0.parquet"
    with lines.open("wb") as file:
        for each in simulate(stored(asked), ref, ONE, 1):
            file.write(as_line(each.response) + b"\n")
    start = time.process_time()
    with lines.open("rb") as source, columns.open("wb") as file:
        records = (json.loads(line) for line in source)
        answers = ((value["answers"], value["duration_minutes"]) for value in records)
        write_columns(file, Columns(asked), answers, {})
    said("writing one column file", time.process_time() - start, None, None, "")
    sizes = [path.stat().st_size / ONE for path in (lines, columns)]
    print(f"bytes for each response: {sizes[0]:.0f} as a line, {sizes[1]:.0f} in columns")
    for path in (lines, columns):
        for number in range(1, parts):
            os.link(path, folder / f"{number}{path.suffix}")


def by_lines(loaded: Loaded, paths: list[Path]) -> AnswerTally:
    """The counts of lines, each of them validated."""
    judge, tally = Judge(loaded, None), AnswerTally(loaded.questionnaire)
    for path in paths:
        with path.open("rb") as file:
            for line in file:
                record = judge.record(Kind.RESPONSE, line.rstrip(b"\n"))
                tally.add(record.answers, record.minutes)
    return tally


def by_columns(engine: Engine, loaded: Loaded, paths: list[Path]) -> AnswerTally:
    """The counts of column files by an engine."""
    columns, tally = Columns(loaded.questionnaire), AnswerTally(loaded.questionnaire)
    tally.merge(*columns.counts(engine.rows(paths, columns)))
    return tally


def by_lines_on_spark(master: str, loaded: Loaded, paths: list[Path]) -> AnswerTally:
    """The counts of lines that are validated on a cluster."""
    columns, tally = Columns(loaded.questionnaire), AnswerTally(loaded.questionnaire)
    rows = Spark(master).rows_of_lines(paths, columns, Judge(loaded, None))
    tally.merge(*columns.counts(rows))
    return tally


def ways(master: str) -> Mapping[str, tuple[str, Callable[[Loaded, list[Path]], AnswerTally]]]:
    """The ways to count, with the suffix of the files that they count."""
    return {
        "lines": (".jsonl", by_lines),
        "duckdb": (".parquet", lambda *of: by_columns(DuckDB(), *of)),
        "polars": (".parquet", lambda *of: by_columns(Polars(), *of)),
        "spark": (".parquet", lambda *of: by_columns(Spark(master), *of)),
        "lines on spark": (".jsonl", lambda *of: by_lines_on_spark(master, *of)),
    }


def count(way: str, folder: Path, parts: int, master: str) -> None:
    """Count some files in one way, and print the counts."""
    suffix, counted = ways(master)[way]
    paths = [folder / f"{number}{suffix}" for number in range(parts)]
    print(json.dumps(counted(load("mc_employers"), paths).to_object()))


def measure(
    way: str, folder: Path, parts: int, master: str, base: float | None
) -> tuple[Any, float]:
    """Count in a process of its own; return the counts and the CPU seconds."""
    start = time.perf_counter()
    options = ("--way", way, "--folder", str(folder), "--parts", str(parts), "--master", master)
    command = (sys.executable, "-m", "benchmarks.engines", *options)
    with (folder / "counts").open("w+b") as out:
        child = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{way} ended with {child.returncode}")
        out.seek(0)
        found = json.loads(out.read())
    cpu, wall = usage.ru_utime + usage.ru_stime, time.perf_counter() - start
    ratio = f"{cpu / base:.3f} x lines" if base else ""
    said(f"{way}, {parts * ONE:,}", cpu, wall, usage.ru_maxrss / 1024, ratio)
    return found, cpu


def said(what: str, cpu: float, wall: float | None, peak: float | None, note: str) -> None:
    """Print a line of the report."""
    rest = f"{wall:8.1f} s wall {peak:6.0f} MiB" if wall is not None and peak is not None else ""
    print(f"{what:32} {cpu:8.1f} s CPU {rest}   {note}", flush=True)


def multiplied(value: Any, times: int) -> Any:
    """Counts in which every number is multiplied."""
    if isinstance(value, dict):
        return {key: multiplied(part, times) for key, part in value.items()}
    if isinstance(value, list):
        return [multiplied(part, times) for part in value]
    return value * times if isinstance(value, int) else value


def run(options: argparse.Namespace, folder: Path) -> None:
    """Run and print the measurements."""
    command = ("--way", PREPARE, "--folder", str(folder), "--parts", str(options.parts))
    subprocess.run((sys.executable, "-m", "benchmarks.engines", *command), check=True)
    one, _ = measure("lines", folder, 1, options.master, None)
    wanted, base = multiplied(one, options.parts), None
    for way in islice(ways(options.master), 5 if options.master else 3):
        if way == "lines" and options.skip_lines:
            continue
        found, cpu = measure(way, folder, options.parts, options.master, base)
        if found != wanted:
            raise SystemExit(f"The counts by {way} differ from {options.parts} times those of one.")
        base = cpu if way == "lines" else base
    print(f"All counts equal {options.parts} times the counts of the lines of one file.")


def main() -> None:
    """Read the options, and measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=10, help="files of 100,000 responses")
    parser.add_argument(
        "--skip-lines", action="store_true", help="count only the lines of one file"
    )
    parser.add_argument("--master", default="", help="also count on Spark, at this address")
    parser.add_argument("--folder", type=Path, help="the working folder; default: temporary")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way == PREPARE:
        prepare(options.folder, options.parts)
        return
    if options.way:
        count(options.way, options.folder, options.parts, options.master)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        run(options, Path(folder))


if __name__ == "__main__":
    main()
