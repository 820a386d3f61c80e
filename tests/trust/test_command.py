"""The command that prints the figures: every line, whatever the result of the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import trust
from benchmarks.trust_rows import ROWS, Part, Row, Work
from tests.faults.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

GOOD = Figure(1000, 1000, 3.4)
SHORT = Figure(7, 8, 1.0, ("the eighth: lost",))
SKIPPED = Figure(0, 0, 0.0, skipped="this takes root")


def row(number: int, *figures: Figure) -> Row:
    def measure(work: Work) -> Iterator[Part]:
        assert work.folder.is_dir()
        for figure in figures:
            yield Part("part", figure)

    return Row(number, "a figure", "somehow", "all", measure)


def broken(number: int) -> Row:
    def measure(_: Work) -> Iterator[Part]:
        yield Part("part", GOOD)
        raise RuntimeError("it broke")

    return Row(number, "a figure", "somehow", "all", measure)


def measured(monkeypatch: pytest.MonkeyPatch, *rows: Row) -> int:
    monkeypatch.setattr(trust, "ROWS", rows)
    return trust.main(["--no-install", "--quick"])


def test_every_line_stands_in_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measured(monkeypatch, row(7, GOOD, SKIPPED), row(8)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "| 7 | a figure: part | somehow | all | 1,000 of 1,000 | 3 |"
    assert lines[3] == "| 7 | a figure: part |  | all | not measured: this takes root |  |"
    assert "not measured" in lines[4]
    assert {line.count("|") for line in lines} == {7}


def test_what_falls_short_or_breaks_stops_no_other_row_and_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measured(monkeypatch, row(7, SHORT), row(8, GOOD)) == 1
    shown = capsys.readouterr()
    assert "7 of 8 (short)" in shown.out
    assert "the eighth: lost" in shown.err
    assert measured(monkeypatch, broken(7), row(8, GOOD)) == 1
    shown = capsys.readouterr()
    assert [line[2:3] for line in shown.out.splitlines()[2:]] == ["7", "7", "8"]
    assert "failed: RuntimeError" in shown.out
    assert "it broke" in shown.err


def test_json_has_the_same_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trust, "ROWS", (row(7, GOOD), row(8, SHORT), row(9, SKIPPED)))
    assert trust.main(["--no-install", "--format", "json", "--row", "8", "--row", "9"]) == 1
    lines = json.loads(capsys.readouterr().out)
    assert [(line["row"], line["met"]) for line in lines] == [(8, False), (9, None)]
    assert lines[0]["wrong"] == ["the eighth: lost"]


def test_rows_7_to_16_are_there() -> None:
    numbers = [row.number for row in ROWS]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(7, 17))
