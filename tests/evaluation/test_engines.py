"""Counting engines give the same exact counts as the program, number by number.

They run where the extra `large` is installed, as in the last step of .ci/run. ENGINES=all runs them
with 100,000 responses, and also on Spark where it is installed, which takes some minutes.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from random import Random
from typing import TYPE_CHECKING

import pytest

from microcred_cli.evaluation.columns import Columns
from microcred_cli.evaluation.engines import DuckDB, Polars, Spark
from tests.evaluation.crowds_in_columns import (
    counts_by,
    employers,
    mutated,
    own_counts,
    random_records,
    some_records,
    written,
)
from tests.scenario import builtin, questionnaire_of

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.evaluation.engines import Engine

for package in ("narwhals", "duckdb", "polars"):
    pytest.importorskip(package, reason="the extra large is not installed")

LONG = os.environ.get("ENGINES") == "all"
SIZE = 100_000 if LONG else 3000
SPARKS = [Spark("local[2]")] if LONG and find_spec("pyspark") else []
ENGINES: list[Engine] = [DuckDB(), Polars(), *SPARKS]
FEWER = 6
"""Spark counts as many generated questionnaires."""


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: type(engine).__name__)
def test_the_counts_of_the_survey_are_equal_for_any_partition_and_order(
    engine: Engine, tmp_path: Path
) -> None:
    records = employers(SIZE)
    columns = Columns(builtin())
    own = own_counts(builtin(), records)
    folder = tmp_path / "a [b]{c}*"
    folder.mkdir()
    assert counts_by(engine, columns, written(folder, columns, [records])) == own
    Random(1).shuffle(records)
    parts = [records[:1], records[1 : SIZE // 2], records[SIZE // 2 :]]
    assert counts_by(engine, columns, written(folder, columns, parts)) == own


def test_the_counts_of_every_kind_and_reserved_code_are_equal(tmp_path: Path) -> None:
    found: set[str] = set()
    for seed in range(40):
        questionnaire, records = some_records(seed, 60)
        columns = Columns(questionnaire)
        own = own_counts(questionnaire, records)
        paths = written(tmp_path, columns, [records])
        for engine in ENGINES if seed < FEWER else ENGINES[:2]:
            assert counts_by(engine, columns, paths) == own, seed
        found |= {item.kind for item in questionnaire.items}
        found |= {str(value) for answers, _ in records for value in answers.values()}
    reserved = {"dk", "pna", "blank", "not_asked", "not_reached"}
    assert found >= {"single", "multiple", "ranking", "matrix", "integer"} | reserved


def test_counts_that_are_split_by_breakdown_are_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microcred_cli.summary.counts.MOST_COMBINATIONS", 1)
    columns, records = Columns(builtin()), employers(200)
    assert columns.layout.is_split
    paths = written(tmp_path, columns, [records[:50], records[50:]])
    for engine in ENGINES[:2]:
        assert counts_by(engine, columns, paths) == own_counts(builtin(), records)


def test_items_can_have_any_names(tmp_path: Path) -> None:
    questionnaire = questionnaire_of("""
        breakdowns: [people, n0, g1]
        items:
          - {id: g1, options: [a, b]}
          - {id: n0, options: [a, b]}
          - {id: people, options: [a, b]}
          - {id: everyone, options: [a, b]}
          - {id: minutes, options: [a, b]}
          - {id: sum_n0, options: [a, b]}
          - {id: n0__x, options: [a, b]}
          - {id: m, kind: matrix, rows: [x, y, line], options: [a, b]}
          - {id: m__line, kind: multiple, options: [a, b]}
          - {id: r, kind: ranking, options: [a, b, c], ranks: 2}
          - {id: r__1, options: [a, b]}
    """)
    records = random_records(questionnaire, Random(1), 80)
    columns = Columns(questionnaire)
    paths = written(tmp_path, columns, [records])
    for engine in ENGINES:
        assert counts_by(engine, columns, paths) == own_counts(questionnaire, records)


def test_a_changed_expression_gives_other_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = [some_records(seed, 60) for seed in range(12)]
    crowds = [*seeds, (builtin(), employers(300))]
    for name, columns, expression in mutated():
        monkeypatch.setattr("microcred_cli.evaluation.engines.counted", expression.counted)
        different = 0
        for questionnaire, records in crowds:
            made = columns.Columns(questionnaire)
            paths = written(tmp_path, made, [records])
            different += counts_by(Polars(), made, paths) != own_counts(questionnaire, records)
        assert different, name
