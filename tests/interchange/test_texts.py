"""`microcred texts`: sealed pools only, in random order, marked as not for publication."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from microcred_cli.interchange.texts import FORMATS, Pool, TextReport, as_table
from microcred_cli.records.shapes import serialise
from microcred_cli.store.index import hash_of
from tests.store.sealing import QUESTIONNAIRE, text

if TYPE_CHECKING:
    from tests.cli.program import Place, Ran

CAFE = """
format: microcred-questionnaire/1
id: cafe
version: "1.0.0"
language: en
title: Cafe
short_title: Cafe
rights: none
background:
  written: [{kind: paragraph, sentences: [{text: Hello.}]}]
  read_aloud: [{text: Hello.}]
sections:
  - id: main
    label: Main
    makes_partial: true
    items:
      - {id: why, kind: open, concept: reason, required: optional, seconds: 5, text: "Why?",
         max_length: 50}
      - {id: who, kind: open, concept: person, required: optional, seconds: 5, text: "Who?",
         max_length: 50}
"""
TYPED = ["=1+1", "@SUM(A1)", "#N/A", "*stars*", "<b>bold</b>", *(f"word {n}" for n in range(7))]


def answered(place: Place, count: int) -> str:
    """A folder with sealed responses, of which all have a text and three have another one."""
    definition = place.write("cafe.yaml", CAFE)
    for number in range(count):
        texts = {"why": TYPED[number]} | ({"who": "me"} if number < 3 else {})
        sheet = {"answers": {}, "texts": texts}
        assert place.answer(sheet, "--questionnaire", definition).code == 0
    place.run("seal", "--questionnaire", definition)
    return definition


def shown(place: Place, definition: str, *arguments: str) -> Ran:
    return place.run("texts", "--questionnaire", definition, *arguments)


def test_a_sealed_pool_is_shown_in_every_format_and_never_without_the_notice(place: Place) -> None:
    definition = answered(place, 12)
    orders = set()
    for name in ("table", *FORMATS):
        ran = shown(place, definition, "--format", name)
        assert (ran.code, "not for publication" in ran.out) == (0, True), name
        assert "word 3" in ran.out
    for _ in range(4):
        ran = shown(place, definition, "--format", "json", "--item", "why")
        (item,) = json.loads(ran.out)["items"]
        assert (item["item"], len(item["texts"])) == ("why", 12)
        orders.add(tuple(item["texts"]))
    assert len(orders) > 1


def test_what_waits_and_small_pools_are_not_shown(place: Place) -> None:
    definition = answered(place, 9)
    ran = shown(place, definition)
    assert (ran.code, ran.out) == (5, "")
    assert "word" not in ran.all
    assert "microcred seal" not in ran.err
    ran = shown(place, definition, "--format", "json")
    assert (ran.code, json.loads(ran.out)["items"]) == (5, [])
    sheet = {"answers": {}, "texts": {"why": "more"}}
    place.answer(sheet, "--questionnaire", definition)
    ran = shown(place, definition, "--responses", str(place.responses), "--item", "why")
    assert (ran.code, "Fewer than 10 texts are sealed for why" in ran.err) == (5, True)
    assert f"microcred seal --questionnaire {definition} --responses {place.responses}" in ran.err
    assert "microcred seal" not in shown(place, definition, "--item", "who").err


def test_the_program_refuses_unknown_items_and_files_among_the_responses(place: Place) -> None:
    definition = answered(place, 1)
    assert shown(place, definition, "--item", "where").code == 2
    ran = place.run("texts", "--item", "consent")
    assert (ran.code, "'consent' is not a question with free-text answers." in ran.err) == (2, True)
    assert "mc_awarder.other, mc_earners.other" in ran.err
    inside = str(place.responses / "texts.csv")
    assert shown(place, definition, "--output", inside).code == 2
    assert shown(place, definition, "--output", "texts.pdf").code == 2


def test_the_summary_of_an_open_question_points_to_the_texts(place: Place) -> None:
    definition = place.write("cafe.yaml", CAFE)
    given = ("--questionnaire", definition, "--responses", str(place.responses))
    ran = place.run("summary", *given, "--question", "why")
    assert (ran.code, f"texts --item why {' '.join(given)}" in ran.err) == (2, True)


REPORT = TextReport(QUESTIONNAIRE, (Pool("why", tuple(TYPED)),), synthetic=True)


def test_a_csv_file_has_no_formulas() -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](REPORT))))
    assert [row["text"] for row in rows] == ["'=1+1", "'@SUM(A1)", "'#N/A", *TYPED[3:]]
    assert {row["synthetic"] for row in rows} == {"true"}


def test_markup_in_a_text_is_shown_as_it_was_typed() -> None:
    assert "&lt;b&gt;bold" in FORMATS["html"](REPORT)
    assert r"\*stars\*" in FORMATS["markdown"](REPORT)
    assert r"\<b\>bold" in FORMATS["markdown"](REPORT)
    assert "- <b>bold</b>" in as_table(REPORT, lambda text, mark: [mark + text])


@pytest.mark.parametrize("damage", ["other", "withdrawn"])
def test_lines_that_do_not_belong_to_the_pool_are_left_out(place: Place, damage: str) -> None:
    definition = answered(place, 10)
    (pool,) = (place.responses / "sealed" / "texts").glob("why.jsonl")
    lines = pool.read_text(encoding="utf-8").splitlines()
    if damage == "other":
        foreign = json.loads(serialise(text(1, text="Foreign words")))
        lines.append(json.dumps(foreign, separators=(",", ":")))
        pool.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    else:
        gone = json.loads(lines[0])
        (place.responses / "withdrawn").write_text(f"{hash_of(gone['text_id'])}\n")
    ran = shown(place, definition, "--format", "json")
    assert "Foreign" not in ran.out
    assert "1 sealed text cannot be used" in ran.err
    assert ran.code == (0 if damage == "other" else 5)
