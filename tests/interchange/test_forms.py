"""Questionnaires for other survey tools: complete, in all languages, within the tools' limits."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.interchange.limesurvey import (
    COLUMNS,
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    Codes,
    as_limesurvey,
)
from microcred_cli.interchange.surveyjs import as_surveyjs
from microcred_cli.interchange.xlsform import XLSForm, XPath, as_xlsform
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.questionnaire.loading import Loaded, load
from microcred_cli.questionnaire.models import Condition, Matrix, Open, Ranking
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.program import Place

LOADED = load("mc_employers")
SOURCE = LOADED.questionnaire
LANGUAGES = [*LOADED.languages]


def localised(value: Any) -> Iterator[dict[str, str]]:
    """All texts of a SurveyJS form, by language."""
    if isinstance(value, dict):
        if "default" in value:
            yield value
        for part in value.values():
            yield from localised(part)
    elif isinstance(value, list):
        for part in value:
            yield from localised(part)


def test_a_surveyjs_form_has_every_item_code_and_language() -> None:
    form = json.loads(as_surveyjs(LOADED, "de"))
    assert form["locale"] == "de"
    elements = {e["name"]: e for page in form["pages"] for e in page["elements"]}
    assert [name for name in elements if "__" not in name] == [item.id for item in SOURCE.items]
    for item in SOURCE.items:
        element = elements[item.id]
        listed = element.get("choices", element.get("columns", []))
        codes = [option.code for option in SOURCE.options(item)]
        own = [] if isinstance(item, Ranking | Open) else [*item.missing]
        assert [choice["value"] for choice in listed] in (codes + own, [])
        rows = [row["value"] for row in element.get("rows", [])]
        assert rows == [row.code for row in getattr(item, "rows", ())]
    known = {*elements, *(value["name"] for value in form["calculatedValues"])}
    for text in localised(form):
        assert {*text} == {"default", *LANGUAGES} - {SOURCE.language}
        for words in text.values():
            assert set(re.findall(r"\{(\w+)\}", words)) <= known
    expressions = [element.get("visibleIf", "") for element in elements.values()]
    expressions += [value["expression"] for value in form["calculatedValues"]]
    for expression in expressions:
        assert set(re.findall(r"\{(\w+)(?:\.\w+)?\}", expression)) <= known


def test_an_xlsform_has_no_empty_cell_in_any_language() -> None:
    form = XLSForm(LOADED)
    rows = list(form.survey())
    names = [row["name"] for row in rows if row["type"] != "end_group"]
    assert len(names) == len(set(names))
    for row in [*rows, *form.choices()]:
        for column in ("label", "hint", "constraint_message"):
            texts = [text for head, text in row.items() if head.startswith(f"{column}::")]
            assert len(texts) in (0, len(LANGUAGES))
            assert all(texts), row["name"]
    listed = {row["list_name"] for row in form.choices()}
    used = {row["type"].split()[1] for row in rows if row["type"].startswith("select_")}
    assert used <= listed
    asked = {name.removeprefix("grid_").removeprefix("ranks_") for name in names}
    assert {item.id for item in SOURCE.items} <= asked
    for row in rows:
        for expression in (row.get("relevant", ""), row.get("calculation", "")):
            assert set(re.findall(r"\$\{(\w+)\}", expression)) <= {*names}
    assert form.settings("fi")["default_language"] == f"{own_name('fi')} (fi)"


def test_an_xlsform_always_has_the_same_bytes() -> None:
    pytest.importorskip("xlsxwriter", reason="the extra export is not installed")
    assert as_xlsform(LOADED, "en") == as_xlsform(LOADED, "en")


def test_quotation_marks_in_texts_are_constants_of_xpath() -> None:
    logic = XPath(SOURCE)
    assert logic.text("plain") == "'plain'"
    assert logic.text("it’s") == '"it\'s"'
    assert logic.text('it\'s "so"') == """concat("it's ", '"', "so", '"', "")"""


def test_a_file_for_limesurvey_keeps_its_limits_in_every_language() -> None:
    data = as_limesurvey(LOADED, "pl")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter="\t"))
    assert [*rows[0]] == [*COLUMNS]
    assert rows[0]["text"] == "pl"
    for language in LANGUAGES:
        own = [row for row in rows if row["language"] == language]
        questions = [row["name"] for row in own if row["class"] == "Q"]
        assert len({name.casefold() for name in questions}) == len(questions)
        assert all(re.fullmatch(rf"[A-Za-z0-9]{{1,{LONGEST_QUESTION}}}", n) for n in questions)
        answers = [row["name"] for row in own if row["class"] in ("A", "SQ")]
        assert all(re.fullmatch(rf"[A-Za-z0-9]{{1,{LONGEST_ANSWER}}}", name) for name in answers)
        assert all(row["text"].strip() for row in own if row["class"] in ("A", "SQ", "Q"))


def test_the_table_of_codes_leads_back_to_the_definition() -> None:
    table = list(csv.DictReader(io.StringIO(Codes(SOURCE).table().decode(), newline="")))
    back = {(row["question"], row["code"]): (row["item"], row["item_code"]) for row in table}
    assert len(back) == len(table)
    found = set(back.values())
    for item in SOURCE.items:
        rows = [row.code for row in item.rows] if isinstance(item, Matrix) else []
        codes = [option.code for option in SOURCE.options(item)]
        assert {(item.id, code) for code in ("", *codes, *rows, *item.missing)} <= found


def test_a_backslash_at_the_end_of_a_label_swallows_no_cell() -> None:
    questionnaire = questionnaire_of(r"""
        items:
          - {id: drive, options: [{code: c, label: 'C:\'}, {code: d, label: "two\tcolumns"}]}
    """)
    loaded = Loaded(questionnaire, "a" * 64, "")
    text = as_limesurvey(loaded, "en").decode("utf-8-sig")
    assert '"C:\\ "' in text
    assert '"two columns"' in text


def test_reserved_codes_in_conditions_are_tests_of_their_own_fields() -> None:
    questionnaire = questionnaire_of("""
        items:
          - {id: age, kind: integer, minimum: 0, maximum: 9, missing: [dk]}
          - {id: best, kind: ranking, ranks: 2, options: [a, b], missing: [dk]}
          - {id: why, options: [x], asked_if: {item: best, any_of: [a]}}
          - {id: how, options: [x], asked_if: {item: why, any_of: [not_asked, blank]}}
    """)
    logic = XPath(questionnaire)
    condition = Condition(item="age", any_of=("dk",))
    assert logic.condition(condition) == "${age__missing} = 'dk'"
    best = "(${best__1} = 'a') or (${best__2} = 'a')"
    assert logic.asked(questionnaire.by_id["why"]) == best
    how = logic.asked(questionnaire.by_id["how"])
    assert how == f"(${{why}} = '') or (not({best}))"


@pytest.mark.parametrize(
    ("to", "name"),
    [
        ("surveyjs", "form.json"),
        ("limesurvey", "form.txt"),
        ("xlsform", "f.xlsx"),
        ("ddi", "f.xml"),
    ],
)
def test_the_program_writes_each_form(place: Place, to: str, name: str) -> None:
    if to == "xlsform":
        pytest.importorskip("xlsxwriter", reason="the extra export is not installed")
    place.run("questionnaire", "export", "--to", to, "--output", name)
    ran = place.run("questionnaire", "export", "--to", to, "--output", name)
    assert (ran.code, (place.folder / name).stat().st_size > 1000) == (0, True)
    assert (place.folder / "form.codes.csv").exists() is (to == "limesurvey")


def test_a_table_of_codes_is_never_overwritten(place: Place) -> None:
    place.write("form.codes.csv", "mine")
    ran = place.run("questionnaire", "export", "--to", "limesurvey", "--output", "form.txt")
    assert ran.code == 2
    assert "form.codes.csv" in ran.err
    assert not (place.folder / "form.txt").exists()
    assert (place.folder / "form.codes.csv").read_text(encoding="utf-8") == "mine"


def test_standard_output_has_no_table_of_codes_and_staff_are_told(place: Place) -> None:
    ran = place.run("questionnaire", "export", "--to", "limesurvey", "--output", "-")
    assert ran.code == 0
    assert "table of the short codes" in ran.err
    assert not list(place.folder.glob("*.csv"))
