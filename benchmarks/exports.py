"""Measure the cost of each format of an export, as a ratio to writing the same data as CSV.

CPU times are medians of one interleaved run on one machine. Nothing is asserted. The responses are
synthetic, and nothing is left on the disk. It needs the extra `export`.

    python -m benchmarks.exports                    20,000 records
    python -m benchmarks.exports --count 100000     with the peak memory use
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

from microcred_cli.interchange.microdata import Coder
from microcred_cli.interchange.variables import variables_of
from microcred_cli.interchange.writers import DataSet, writer
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.recoding import stored
from microcred_cli.records.simulation import simulate
from microcred_cli.store.judge import Judge

BUDGETS = {"csv": 1.0, "sav": 2.5, "dta": 8.0, "parquet": 0.5}


def dataset_of(count: int) -> DataSet:
    """Synthetic responses to the built-in questionnaire as a data set."""
    loaded = load(BUILT_IN)
    recorded = stored(loaded.questionnaire)
    made = simulate(recorded, Judge(loaded, None).ref, count, 1)
    records = (invented.response.model_dump() for invented in made)
    data, _ = Coder(variables_of(recorded)).microdata(records)
    return DataSet(data, loaded.questionnaire.id, loaded.questionnaire.title, "en")


def seconds(name: str, dataset: DataSet, folder: Path) -> float:
    """The CPU time of writing one format."""
    start = time.process_time()
    writer(name).write(dataset, folder, lambda *_: None)
    return time.process_time() - start


def main() -> None:
    """Run and print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    dataset = dataset_of(chosen.count)
    times: dict[str, list[float]] = {name: [] for name in BUDGETS}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(chosen.runs + 1):
            for name, found in times.items():
                taken = seconds(name, dataset, Path(folder))
                # The first run also imports the libraries.
                found += [taken] if run else []
    csv = statistics.median(times["csv"])
    for name, found in times.items():
        taken = statistics.median(found)
        print(f"{name:10}{taken:8.2f} s {taken / csv:8.2f} x CSV   at most {BUDGETS[name]} x")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main()
