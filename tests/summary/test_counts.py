"""Every printed figure equals the rule applied to an independent count."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.conditions import category_of
from microcred_cli.summary.counts import Counter, Counts, Layout, count
from microcred_cli.summary.figures import Figures, summary_of
from microcred_cli.summary.formats import format_named
from microcred_cli.summary.plan import Plan
from microcred_cli.summary.protection import Protection
from microcred_cli.summary.tabulation import tabulate
from tests.scenario import (
    builtin,
    questionnaire_from,
    questionnaire_of,
    record_of,
    some_interview,
    some_questionnaire,
)
from tests.summary.crowds import simulated
from tests.summary.surveys import SURVEY, some_crowd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.questionnaire.models import Questionnaire

Record = dict[str, Any]
RESERVED = ("dk", "pna", "blank", "not_asked", "not_reached")
SHA = "0" * 64


def crowd(questionnaire: Questionnaire, random: Random, size: int) -> list[Record]:
    """The answers of some interviews, some of them repeated to make groups larger."""
    found: list[Record] = []
    while len(found) < min(size, 150):
        interview = some_interview(questionnaire, random, hand_in=0.003)
        if interview.status in ("open", "ready"):
            found.append(record_of(interview)["answers"])
    return found + random.choices(found, k=size - len(found))


@cache
def _people() -> tuple[Record, ...]:
    """The answers of 150 people to the employers' survey."""
    return tuple(dict(record) for record in simulated(150, 1).records)


def employers(random: Random, size: int) -> list[Record]:
    """Some of them, or all of them and some again."""
    people = _people()
    if size <= len(people):
        return random.sample(people, size)
    return [*people, *random.choices(people, k=size - len(people))]


def rounded(exact: int, to: int = 5) -> int | None:
    return None if exact <= 7 else to * int(exact / to + 0.5)


def said(record: Record, item: str, row: str | None, kind: str) -> list[str] | str:
    """The codes that a record has in a table, or its reserved code."""
    value = record[item]
    if isinstance(value, dict):
        value = value[row]
    if isinstance(value, int):
        return [str(value)]
    if isinstance(value, str):
        return value if value in RESERVED else [value]
    if kind == "ranking" and row != "any":
        place = int(str(row)) - 1
        return [value[place]] if place < len(value) else []
    return list(value)


def check(tables: Sequence[dict[str, Any]], records: Sequence[Record]) -> int:
    """Compare tables with an independent count; returns the number of tables compared."""
    compared = 0
    for table in tables:
        if table["withheld"]:
            assert (table["base"], table["cells"]) == (None, [])
            continue
        answers = [said(r, table["item"], table["row"], table["kind"]) for r in records]
        given = [codes for codes in answers if isinstance(codes, list)]
        assert table["base"] == rounded(len(given))
        to = table.get("rounded_to", 5)
        assert to in (5, 10)
        for cell in table["cells"]:
            code = cell["code"]
            exact = sum(
                code in codes if isinstance(codes, list) else code == codes for codes in answers
            )
            assert cell["count"] == rounded(exact, to)
            assert cell["masked"] == (exact <= 7)
            shown = None
            if code not in RESERVED and rounded(exact) and rounded(len(given)):
                shown = min(100, int(100 * cell["count"] / table["base"] + 0.5))
            assert cell["percent"] == shown
        left = {c for codes in answers for c in (codes if isinstance(codes, list) else [codes])}
        missing = left - {cell["code"] for cell in table["cells"]}
        assert missing <= ({"not_asked"} if table["group"] is not None else set())
        compared += 1
    return compared


def tables_of(
    figures: Figures, by: str | None, questionnaire: Questionnaire
) -> list[dict[str, Any]]:
    text = format_named("json").render(summary_of(figures, by=by), questionnaire)
    found: list[dict[str, Any]] = json.loads(text)["tables"]
    return found


def group_of(questionnaire: Questionnaire, record: Record, by: str) -> str:
    variable = questionnaire.computed_by_id.get(by)
    if variable is None:
        return str(record[by])
    answers = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
    return category_of(variable, answers, questionnaire) or "not_reached"


@pytest.mark.parametrize("size", [10, 33, 120, 2000])
def test_every_figure_of_the_survey_is_right(size: int) -> None:
    questionnaire = builtin()
    records = employers(Random(size), size)
    figures = Protection(questionnaire, sha256=SHA).figures(count(questionnaire, records))
    assert figures.responses == rounded(size)
    assert check(tables_of(figures, None, questionnaire), records)
    for broken in figures.breakdowns:
        sizes: dict[str, list[Record]] = {}
        for record in records:
            sizes.setdefault(group_of(questionnaire, record, broken.id), []).append(record)
        if not broken.offered:
            continue
        tables = tables_of(figures, broken.id, questionnaire)
        assert [t for t in tables if t["group"] is None] == tables_of(figures, None, questionnaire)
        groups = {t["group"] for t in tables} - {None}
        for group in groups:
            codes = broken.pooled if group == "pooled" else (group,)
            members = [record for code in codes for record in sizes.get(code, [])]
            assert len(members) >= 10
            check([t for t in tables if t["group"] == group], members)
        alone = groups - {"pooled"}
        assert all(code in alone or code in broken.pooled for code in sizes)


@pytest.mark.parametrize("seed", range(25))
def test_every_figure_of_some_questionnaire_is_right(seed: int) -> None:
    random = Random(seed)
    questionnaire = some_questionnaire(random)
    records = crowd(questionnaire, random, random.choice([10, 40, 200]))
    figures = Protection(questionnaire, sha256=SHA).figures(count(questionnaire, records))
    check(tables_of(figures, None, questionnaire), records)


def test_counts_can_be_taken_back_and_kept() -> None:
    questionnaire = builtin()
    records = employers(Random(5), 90)
    whole = count(questionnaire, records)
    assert Counts.from_object(json.loads(json.dumps(whole.to_object()))) == whole
    counter = Counter(questionnaire)
    for record in records:
        counter.add(record)
    for record in records[40:]:
        counter.subtract(record)
    assert counter.counts == count(questionnaire, records[:40])


def test_counts_of_nobody_cannot_be_taken_back() -> None:
    questionnaire = builtin()
    with pytest.raises(ValueError, match="none of these records"):
        Counter(questionnaire).subtract(employers(Random(1), 1)[0])


@pytest.mark.parametrize("change", [{"format": "x"}, {"total": 3}, {"groups": 7}, {"layout": None}])
def test_damaged_counts_are_refused(change: dict[str, object]) -> None:
    counts = count(builtin(), employers(Random(1), 12)).to_object() | change
    if change == {"layout": None}:
        with pytest.raises(StoreError):
            Protection(builtin(), sha256=SHA).figures(Counts.from_object(counts))
        return
    with pytest.raises(StoreError):
        Counts.from_object(counts)


def test_the_same_counts_give_the_same_figures_whatever_the_order() -> None:
    questionnaire, records = builtin(), employers(Random(9), 60)
    one = Protection(questionnaire, sha256=SHA).figures(count(questionnaire, records))
    Random(1).shuffle(records)
    assert Protection(questionnaire, sha256=SHA).figures(count(questionnaire, records)) == one


def test_counts_by_many_breakdowns_do_not_hold_the_records() -> None:
    names = [f"b{n}" for n in range(10)]
    items: list[dict[str, Any]] = [{"id": name, "options": [*"vwxyz"]} for name in names]
    sections = [{"id": "main", "items": [*items, {"id": "view", "options": ["a", "b"]}]}]
    questionnaire = questionnaire_from({"sections": sections, "breakdowns": names})
    random = Random(1)
    records = [
        {**{name: random.choice("vwxyz") for name in names}, "view": random.choice("ab")}
        for _ in range(300)
    ]
    counts = count(questionnaire, records)
    assert len(counts.by_groups) == 10 * 5 + 1
    assert Counts.from_object(json.loads(json.dumps(counts.to_object()))) == counts
    counter = Counter(questionnaire)
    for record in records:
        counter.add(record)
    for record in records[200:]:
        counter.subtract(record)
    assert counter.counts == count(questionnaire, records[:200])
    broken = Protection(questionnaire, sha256=SHA).figures(counts).breakdowns
    assert all(len(found.groups) == 5 and any(found.tables.values()) for found in broken)


@pytest.mark.parametrize("seed", range(4))
def test_tables_do_not_depend_on_how_people_are_counted(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    records = some_crowd(random, 80)
    plan = Plan(SURVEY)
    whole = tabulate(plan, Layout(plan), count(SURVEY, records))
    monkeypatch.setattr("microcred_cli.summary.counts.MOST_COMBINATIONS", 1)
    split = tabulate(plan, Layout(plan), count(SURVEY, records))
    assert split.counts != whole.counts
    assert (split.everyone, split.groups) == (whole.everyone, whole.groups)
    assert (split.codes, split.groupings) == (whole.codes, whole.groupings)


def test_a_banded_number_is_counted_in_its_bands() -> None:
    questionnaire = questionnaire_of(
        """
        items:
          - {id: first, kind: open}
          - id: n
            kind: integer
            minimum: 0
            maximum: 90
            stored_as:
              - {code: low, label: low, min: 0, max: 9}
              - {code: high, label: high, min: 10}
        """
    )
    sizes = {"low": 12, "high": 20, "pna": 9, "not_reached": 9}
    records = [{"first": "given", "n": code} for code, size in sizes.items() for _ in range(size)]
    figures = Protection(questionnaire, sha256=SHA).figures(count(questionnaire, records))
    table = tables_of(figures, None, questionnaire)[0]
    assert (table["kind"], table["base"]) == ("integer", 30)
    assert [cell["count"] for cell in table["cells"]] == [10, 20, 10, None, 10]
