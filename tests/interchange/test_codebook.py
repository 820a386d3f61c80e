"""The codebook: complete, in every language, with routes, recoding and protected figures only."""

from __future__ import annotations

from functools import cache
from xml.etree import ElementTree as ET

import pytest

from microcred_cli.evaluation.counting import judge_and_method
from microcred_cli.i18n import speaking
from microcred_cli.interchange.asked_if import route_to
from microcred_cli.interchange.codebook import codebook_of
from microcred_cli.interchange.codebook_page import render
from microcred_cli.interchange.ddi import ddi
from microcred_cli.interchange.variables import variables_of
from microcred_cli.questionnaire.models import Multiple, Single
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import Folder
from microcred_cli.summary.figures import Figures, summary_of
from tests.interchange.exports import responses_to
from tests.places import built_in
from tests.scenario import questionnaire_of

DDI = "{ddi:codebook:2_5}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@cache
def document() -> ET.Element:
    return ET.fromstring(ddi(built_in(), files=["mc_employers.csv"]))


@cache
def figures() -> Figures:
    """The figures of some responses, as a seal makes them."""
    loaded = built_in()
    terms = Folder(questionnaire=loaded.questionnaire.id, synthetic=True)
    _, method = judge_and_method(loaded, terms)
    tally = method.begin(None)
    for record in responses_to(loaded, 40):
        tally.add(record.answers, record.duration_minutes)
    return Figures.model_validate(method.protect(tally, None), strict=False)


def test_every_variable_has_its_codes_in_the_order_of_the_data() -> None:
    variables = variables_of(stored(built_in().questionnaire))
    found = document().findall(f".//{DDI}var")
    assert [each.get("name") for each in found] == [v.name for v in variables]
    for element, variable in zip(found, variables, strict=True):
        codes = [each.findtext(f"{DDI}catValu") for each in element.findall(f"{DDI}catgry")]
        assert codes == [value.code for value in variable.labelled]
        missing = [c.get("missType") for c in element.findall(f"{DDI}catgry[@missing='Y']")]
        assert missing == [value.code for value in variable.missing]


def test_every_text_of_a_question_is_in_every_language() -> None:
    for question in document().iter(f"{DDI}qstn"):
        spoken = {text.get(LANG) for text in question.findall(f"{DDI}qstnLit")}
        assert spoken == {*built_in().languages}, question.get("ID")


def test_references_lead_to_elements_that_exist() -> None:
    ids = {each.get("ID") for each in document().iter() if each.get("ID")}
    named = [
        name
        for each in document().iter()
        for key in ("var", "qstn", "files")
        for name in (each.get(key) or "").split()
    ]
    assert len(named) > 200
    assert {*named} <= ids


def test_questions_lead_forward_to_those_that_they_decide() -> None:
    forward = {
        target
        for each in document().iter(f"{DDI}forward")
        for target in (each.get("qstn") or "").split()
    }
    routed = {item.id for item in built_in().questionnaire.items if item.asked_if is not None}
    entries = {entry.id: entry for entry in codebook_of(built_in(), "en").entries}
    first = {f"Q_{entries[i].names[0][0]}" for i in routed if i in entries}
    assert forward == first


def test_xml_has_no_figures() -> None:
    names = {each.tag.removeprefix(DDI) for each in document().iter()}
    assert not names & {"catStat", "sumStat", "TotlResp", "caseQnty", "varQnty"}


def test_fine_codes_are_in_the_recoding_only() -> None:
    questionnaire = built_in().questionnaire
    fine = {
        code
        for item in questionnaire.items
        if isinstance(item, Single | Multiple)
        for part in item.stored_as or ()
        for code in part.fine
    }
    coarse = {c.text for c in document().iter(f"{DDI}catValu")}
    recoded = " ".join(t.text or "" for t in document().iter(f"{DDI}drvdesc"))
    assert all(code in recoded for code in fine)
    only_fine = {code for code in fine if code not in coarse}
    assert len(only_fine) > 10


def test_the_page_shows_the_counts_of_the_summary_and_no_others() -> None:
    book = codebook_of(built_in(), "en", figures=figures())
    tables = {(t.item, t.row): t for t in summary_of(figures()).tables}
    single = next(e for e in book.entries if e.kind == "single" and e.counted)
    shown = {line.value.code: line.count for line in single.codes if line.count}
    table = tables[single.id, None]
    assert shown == {c.code: "<8" if c.masked else str(c.count) for c in table.cells}
    page = render(book)
    assert "protected figures" in page
    counts = {line.count for entry in book.entries for line in entry.codes if line.count}
    assert all(count == "<8" or int(count) % 5 == 0 for count in counts)


def test_each_row_and_rank_has_its_own_base() -> None:
    book = codebook_of(built_in(), "en", figures=figures())
    tables = {(t.item, t.row): t for t in summary_of(figures()).tables if not t.withheld}
    parts = {variable.name: (variable.item, variable.part) for variable in book.variables}
    found = {parts[name]: base for entry in book.entries for name, base in entry.bases}
    rows = {place: table for place, table in tables.items() if place[1] not in (None, "any")}
    assert found == {p: "<8" if t.base is None else str(t.base) for p, t in rows.items()}
    assert len({*found.values()}) > 1
    assert not any(entry.base and entry.bases for entry in book.entries)
    bases = [value for entry in book.entries for _name, value in entry.bases]
    table = render(book).split('<th scope="col" class="number">Base</th>')
    assert len(table) - 1 == sum(bool(entry.bases) for entry in book.entries)
    assert len(bases) > 1


@pytest.mark.parametrize("synthetic", [True, False])
def test_only_figures_of_real_responses_may_be_published(synthetic: bool) -> None:
    page = render(codebook_of(built_in(), "en", figures=figures(), synthetic=synthetic))
    assert ("may be published" in page) is not synthetic


def test_the_page_without_figures_says_nothing_of_counts() -> None:
    page = render(codebook_of(built_in(), "en"))
    assert "protected figures" not in page
    assert "<8" not in page


@pytest.mark.parametrize("language", [*built_in().languages])
def test_the_page_is_in_its_language_with_every_variable(language: str) -> None:
    page = render(codebook_of(built_in(), language))
    assert f'<html lang="{language}">' in page
    assert "Content-Security-Policy" in page
    names = [variable.name for variable in variables_of(stored(built_in().questionnaire))]
    assert all(f"<code>{name}</code>" in page for name in names)
    assert ("Codebook" in page) is (language == "en")
    assert "[en]" not in page


def test_a_route_is_told_in_the_labels_of_questions_and_answers() -> None:
    questionnaire = questionnaire_of("""
        items:
          - {id: role, concept: role, options: [boss, clerk], missing: [dk]}
          - {id: tea, concept: tea, options: ["1", "2"]}
          - id: why
            options: [x, y]
            asked_if:
              any:
                - all:
                    - {item: role, any_of: [boss, dk]}
                    - {item: tea, none_of: ["1"]}
                - not: {item: role, any_of: [clerk]}
    """)
    item = questionnaire.by_id["why"]
    assert route_to(item, questionnaire) == (
        "(Role (role) is “boss” / “Don't know” and Tea (tea) is not “1”) or it is not the case "
        "that (Role (role) is “clerk”)"
    )
    assert route_to(questionnaire.by_id["role"], questionnaire) == ""
    with speaking("de"):
        assert "ist nicht" in route_to(item, questionnaire)
