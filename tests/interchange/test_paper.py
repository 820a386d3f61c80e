"""The paper questionnaire: complete, in every language, with notes that lead along the route."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import pytest

from microcred_cli.i18n import speaking
from microcred_cli.interchange.paper import Sheet, sheet_of
from microcred_cli.interchange.route_words import in_printed_words
from microcred_cli.questionnaire.conditions import holds
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.routes import routes
from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.summary.formats.pages import in_css, page
from tests.scenario import builtin, questionnaire_of, some_questionnaire

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.questionnaire.routes import Route
    from tests.cli.program import Place

LANGUAGES = sorted(load("mc_employers").languages)


def read(questionnaire: Questionnaire, sheet: Sheet, route: Route) -> list[str]:
    """The items that somebody with these answers fills in by following the notes on paper."""
    questions = [question for part in sheet.parts for question in part.questions]
    filled: list[str] = []
    number = 1
    while number <= len(questions):
        question, item = questions[number - 1], questionnaire.items[number - 1]
        answers = {i.id: NOT_ASKED for i in questionnaire.items} | dict(route.answers)
        is_asked = holds(item.asked_if, answers, questionnaire)
        if question.route and not is_asked:
            goes = re.search(r"Otherwise, go to question (\d+)", question.route)
            number = int(goes[1]) if goes else len(questions) + 1
            assert goes or question.route.endswith("go to the end.")
            continue
        filled.append(item.id)
        answer = route.answers.get(item.id)
        codes = {answer} if isinstance(answer, str) else set(answer or ())  # type: ignore[arg-type]
        options = [o.code for o in questionnaire.options(item)]
        notes = [b.note for b, code in zip(question.boxes, options, strict=False) if code in codes]
        if any("stop here" in note for note in notes):
            break
        goes = re.search(r"question (\d+)", " ".join([*notes, question.after]))
        number = int(goes[1]) if goes else number + 1
    return filled


@pytest.mark.parametrize("seed", range(40))
def test_the_notes_lead_along_the_route(seed: int) -> None:
    questionnaire = some_questionnaire(Random(seed)) if seed else builtin()
    sheet = sheet_of(questionnaire, ())
    for route in routes(questionnaire):
        assert read(questionnaire, sheet, route) == [*route.items], dict(route.answers)


@pytest.mark.parametrize(
    ("between", "noted"), [("[b]", ["b1", "c"]), ("[a, b]", ["b1", "c", "b2"])]
)
def test_a_condition_of_several_questions_is_printed_once_unless_others_come_between(
    between: str, noted: list[str]
) -> None:
    questionnaire = questionnaire_of(f"""
        items:
          - {{id: role, options: [a, b, c]}}
          - {{id: b1, options: [x, y], asked_if: {{item: role, any_of: [b, c]}}}}
          - {{id: c, options: [x, y], asked_if: {{item: role, any_of: {between}}}}}
          - {{id: b2, options: [x, y], asked_if: {{item: role, any_of: [b, c]}}}}
          - {{id: last, options: [x, y]}}
    """)
    questions = sheet_of(questionnaire, ()).parts[0].questions
    assert [i.id for i, q in zip(questionnaire.items, questions, strict=True) if q.route] == noted


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_printed_in_every_language(language: str) -> None:
    questionnaire = load("mc_employers").languages[language]
    with speaking(language):
        sheet = sheet_of(questionnaire, ())
        shown = page("interchange/paper.html.jinja").render(sheet=sheet, in_css=in_css)
    assert "{" not in shown[shown.index("<body>") :]
    assert (
        f'@top-right {{ font: 8pt Arial, sans-serif; content: "{in_css(sheet.said["no"])} __'
        in shown
    )
    questions = [question for part in sheet.parts for question in part.questions]
    assert [question.number for question in questions] == [*range(1, len(questionnaire.items) + 1)]
    for question, item in zip(questions, questionnaire.items, strict=True):
        options = questionnaire.options(item)
        assert {option.label for option in options} <= {box.label for box in question.boxes}
        codes = [box.code for box in question.boxes]
        assert len(set(codes)) == len(codes) == len(options) + len(item.missing)


SHOP = questionnaire_of("""
    items:
      - {id: role, options: [boss, clerk, guest]}
      - {id: buys, kind: multiple, options: [a, b, c, d, none!]}
      - {id: last, options: [x], asked_if: {item: type, any_of: [keen]}}
      - {id: scale, options: ["1", "2", "3"], measure: ordinal}
    computed:
      - id: type
        categories:
          - {code: barred, when: {item: role, any_of: [guest]}}
          - {code: keen, when: {item: buys, any_of: [a, b, c]}}
          - {code: other}
""")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            {"item": "type", "any_of": ["keen"]},
            "you did not tick 3 in question 1 and you ticked 1–3 in question 2",
        ),
        (
            {"item": "type", "none_of": ["other"]},
            "you ticked 3 in question 1 or you ticked 1–3 in question 2",
        ),
        (
            {"any": [{"item": "buys", "any_of": ["a"]}, {"item": "buys", "none_of": ["none"]}]},
            "you did not tick 5 in question 2",
        ),
        (
            {
                "any": [
                    {"item": "buys", "any_of": ["d"]},
                    {"item": "buys", "none_of": ["a", "b", "c"]},
                    {"item": "buys", "any_of": ["a"]},
                ]
            },
            "you ticked 1 or 4 or none of 1–3 in question 2",
        ),
        (
            {
                "all": [
                    {"item": "buys", "none_of": ["a", "b"]},
                    {"item": "buys", "any_of": ["c", "d"]},
                ]
            },
            "you ticked 3 or 4 but none of 1, 2 in question 2",
        ),
        (
            {
                "all": [
                    {"item": "buys", "none_of": ["a", "b"]},
                    {"item": "buys", "any_of": ["none"]},
                ]
            },
            "you ticked 5 in question 2",
        ),
        (
            {
                "any": [
                    {"item": "role", "any_of": ["boss"]},
                    {
                        "all": [
                            {"item": "buys", "any_of": ["a"]},
                            {"item": "role", "any_of": ["boss"]},
                        ]
                    },
                ]
            },
            "you ticked 1 in question 1",
        ),
        (
            {"all": [{"item": "type", "any_of": ["keen"]}, {"item": "last", "any_of": ["x"]}]},
            "you ticked 1 in question 3",
        ),
        ({"item": "scale", "any_of": ["2", "3"]}, "you ticked 2 or 3 in question 4"),
        (
            {
                "not": {
                    "any": [
                        {"item": "role", "any_of": ["boss"]},
                        {"item": "role", "any_of": ["guest"]},
                    ]
                }
            },
            "you did not tick 1 or 3 in question 1",
        ),
        (
            {"any": [{"item": "role", "any_of": ["boss"]}, {"item": "role", "any_of": ["clerk"]}]},
            "you ticked 1 or 2 in question 1",
        ),
    ],
)
def test_conditions_in_words_name_questions_and_printed_codes(
    condition: dict[str, object], words: str
) -> None:
    from microcred_cli.questionnaire.models import Condition

    assert in_printed_words(Condition.model_validate(condition, strict=False), SHOP) == words


def test_items_with_the_same_scale_share_a_show_card() -> None:
    sheet = sheet_of(builtin(), ())
    scales = {card.steps for card in sheet.cards}
    assert len(scales) == len(sheet.cards) > 1
    on_cards = {n for card in sheet.cards for n in re.findall(r"\d+", card.numbers)}
    questions = [question for part in sheet.parts for question in part.questions]
    assert on_cards == {str(question.number) for question in questions if question.card}


def test_a_ranking_says_that_an_exclusive_option_stands_alone() -> None:
    item = "{id: best, kind: ranking, ranks: 2, options: [x, y, none!]}"
    sheet = sheet_of(questionnaire_of(f"items: [{item}]"), ())
    shown = page("interchange/paper.html.jinja").render(sheet=sheet, in_css=in_css)
    assert "none <em>(only this one)</em>" in shown


def test_a_condition_ends_with_a_colon_as_written_in_the_language() -> None:
    with speaking("fr"):
        sheet = sheet_of(load("mc_employers").languages["fr"], ())
        shown = page("interchange/paper.html.jinja").render(sheet=sheet, in_css=in_css)
    assert "question 2\u202f:</em>" in shown
    assert not re.search("[^\u202f]:</em>", shown)


def test_show_cards_can_be_left_out_of_the_paper_questionnaire_only(place: Place) -> None:
    path = place.folder / "paper.html"
    export = ("questionnaire", "export", "--no-cards", "--output")
    assert place.run(*export, str(path)).code == 0
    assert "Card A" not in path.read_text(encoding="utf-8")
    ran = place.run(*export, "survey.json", "--to", "surveyjs")
    assert (ran.code, "--no-cards" in ran.err) == (2, True)


def test_the_program_writes_pages_and_refuses_other_extensions(place: Place) -> None:
    path = place.folder / "paper.html"
    ran = place.run("questionnaire", "export", "--to", "html", "--output", str(path))
    assert (ran.code, "<!DOCTYPE html>" in path.read_text(encoding="utf-8")) == (0, True)
    for to, name in (("html", "paper.pdf"), ("pdf", "paper"), ("docx", "paper.docx")):
        ran = place.run("questionnaire", "export", "--to", to, "--output", name)
        assert ran.code == 2
        assert not (place.folder / name).exists()


def test_a_missing_extra_is_named_with_the_line_to_type(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microcred_cli.interchange.extras.find_spec", lambda _: None)
    ran = place.run("questionnaire", "export", "--to", "pdf", "--output", "paper.pdf")
    assert (ran.code, 'pip install "microcred-cli[print]"' in ran.err) == (2, True)


def test_a_pdf_is_tagged_and_always_has_the_same_bytes() -> None:
    pytest.importorskip("typst", reason="the extra print is not installed")
    from microcred_cli.interchange.pdf import as_pdf

    sheet = sheet_of(SHOP, ())
    first = as_pdf(sheet)
    assert first == as_pdf(sheet)
    assert first.startswith(b"%PDF-1.7")
    assert b"pdfuaid:part" in first
