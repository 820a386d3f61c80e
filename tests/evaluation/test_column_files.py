"""Column files: made at a seal, counted in place of the lines, and without withdrawn responses.

They run where the extra `large` is installed, as in the last step of .ci/run.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.crypto.cipher import CLEAR, Age, Cipher
from microcred_cli.crypto.keys import new_identity
from microcred_cli.errors import StoreError
from microcred_cli.evaluation.counting import judge_and_method
from microcred_cli.fieldwork.engine import EngineSettings
from microcred_cli.store.check import check
from microcred_cli.store.folder import Responses
from microcred_cli.store.judge import Judge
from microcred_cli.store.layout import Kind
from microcred_cli.store.seal import seal
from microcred_cli.store.withdraw import withdraw
from tests.store.sealing import LOADED, assert_tells_nothing, fill, receipt

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.store.publication import Outcome

for package in ("narwhals", "duckdb", "polars"):
    pytest.importorskip(package, reason="the extra large is not installed")

ENGINE = EngineSettings("duckdb")
MADE = ("counts.json", "figures.json", "last-seal.json")
SECRET, PUBLIC = new_identity()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def sealed(folder: Path, count: int = 40, cipher: Cipher = CLEAR) -> Responses:
    """A folder in which responses were sealed with an engine."""
    responses = Responses(folder, cipher)
    responses.prepare("cafe")
    fill(responses, range(count))
    assert sealing(responses).taken == count
    return responses


def sealing(responses: Responses, engine: EngineSettings | None = ENGINE) -> Outcome:
    return seal(responses, *judge_and_method(LOADED, responses.terms(), engine=engine))


def withdrawing(responses: Responses, number: int, engine: EngineSettings | None = ENGINE) -> None:
    judge, method = judge_and_method(LOADED, responses.terms(), engine=engine)
    assert withdraw(responses, receipt(number), judge, method)


def column_files(responses: Responses) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(responses.segments.columns.iterdir())}


def rows(responses: Responses) -> list[Any]:
    """The values in the only column file, row by row."""
    import polars

    (path,) = responses.segments.columns.glob("*.parquet*")
    data = responses.cipher.unwrap_whole(path.read_bytes(), path.name)
    return list(polars.read_parquet(data).rows())


def forget(responses: Responses) -> Responses:
    """Remove everything that was computed."""
    for name in MADE:
        (responses.folder / f"{name}{responses.cipher.suffix}").unlink(missing_ok=True)
        (responses.folder / name).unlink(missing_ok=True)
    return responses


def judging(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The sealed lines that are validated from now on."""
    seen: list[bytes] = []
    record = Judge.record

    def noted(judge: Judge, kind: Kind, data: bytes, name: str | None = None) -> Any:
        seen.append(data)
        return record(judge, kind, data, name)

    monkeypatch.setattr(Judge, "record", noted)
    return seen


@pytest.mark.parametrize("cipher", [CLEAR, Age((PUBLIC,), (SECRET,))], ids=["clear", "encrypted"])
def test_the_figures_by_columns_are_the_same_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cipher: Cipher
) -> None:
    by_columns = forget(sealed(tmp_path / "columns", cipher=cipher))
    by_lines = Responses(tmp_path / "lines", cipher)
    shutil.copytree(by_columns.folder, by_lines.folder)
    seen = judging(monkeypatch)
    sealing(by_columns)
    responses = [line for line in seen if b"response_id" in line]
    assert not responses
    sealing(by_lines, engine=None)
    assert len([line for line in seen if b"response_id" in line]) == 40
    figures = [(each.folder / "figures.json").read_bytes() for each in (by_columns, by_lines)]
    assert figures[0] == figures[1]
    name = f"counts.json{cipher.suffix}"
    both = (by_columns, by_lines)
    kept = [cipher.unwrap((each.folder / name).read_bytes(), name) for each in both]
    assert kept[0] == kept[1]
    assert_tells_nothing(by_columns)


def test_a_column_file_is_made_again_with_the_same_bytes(tmp_path: Path) -> None:
    responses = sealed(tmp_path)
    before = column_files(responses)
    assert len(before) == 2
    for name in before:
        (responses.segments.columns / name).unlink()
        sealing(responses)
        assert column_files(responses) == before


def test_the_rows_have_the_order_of_the_lines_and_no_ids(tmp_path: Path) -> None:
    responses = sealed(tmp_path)
    (path,) = responses.segments.folder(Kind.RESPONSE).glob("*.jsonl")
    drinks = [line.split('"drink":"')[1].split('"')[0] for line in path.read_text().splitlines()]
    assert [row[0] for row in rows(responses)] == drinks
    (columns,) = responses.segments.columns.glob("*.parquet")
    assert columns.stem == path.stem
    assert receipt(0).encode() not in columns.read_bytes()


@pytest.mark.parametrize("engine", [ENGINE, None], ids=["with an engine", "without"])
def test_a_withdrawn_response_is_in_no_column_file(
    tmp_path: Path, engine: EngineSettings | None
) -> None:
    responses = sealed(tmp_path)
    before = rows(responses)
    withdrawing(responses, 7, engine)
    if engine is None:
        assert not column_files(responses)
        sealing(responses)
    after = rows(responses)
    assert len(after) == len(before) - 1
    assert all(after.count(row) <= before.count(row) for row in after)
    sealing(forget(responses))
    assert_tells_nothing(responses)


def test_what_does_not_match_its_segment_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    responses = sealed(tmp_path)
    (path,) = responses.segments.columns.glob("*.parquet")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    seen = judging(monkeypatch)
    sealing(forget(responses))
    assert len([line for line in seen if b"response_id" in line]) >= 40


def test_a_damaged_line_is_reported_and_the_others_are_counted(tmp_path: Path) -> None:
    responses = sealed(tmp_path)
    (path,) = responses.segments.folder(Kind.RESPONSE).glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0].replace(b"cafe", b"mews") + b"".join(lines[1:]))
    outcome = sealing(forget(responses))
    assert outcome.sealed == 39 - outcome.returned
    assert any("line" in name for name, _ in outcome.left_out)


def test_columns_follow_their_segments(tmp_path: Path) -> None:
    responses = sealed(tmp_path)
    old = set(column_files(responses))
    (responses.segments.columns / "0123.parquet").write_bytes(b"")
    fill(responses, range(40, 60))
    assert sealing(responses).taken == 20
    new = column_files(responses)
    assert len(new) == 2
    assert old.isdisjoint(new)
    assert len(rows(responses)) == 60
    assert check(responses, LOADED).bad == []
    shutil.rmtree(responses.segments.columns)
    assert check(responses, LOADED).bad == []


def test_a_failing_engine_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    responses = forget(sealed(tmp_path))
    monkeypatch.setattr("duckdb.connect", None)
    with pytest.raises(StoreError, match="The engine duckdb failed: TypeError"):
        sealing(responses)
    assert sealing(responses, engine=None).sealed == 40
