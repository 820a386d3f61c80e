"""The variable list: names that every program accepts, numbers, labels and missing values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.i18n import speaking
from microcred_cli.interchange.variable_names import LONGEST, VariableNames
from microcred_cli.interchange.variables import (
    MISSING_NUMBERS,
    Variable,
    sets_of,
    shortened,
    variables_of,
)
from microcred_cli.records.recoding import stored
from tests.places import built_in
from tests.scenario import questionnaire_from, questionnaire_of

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire

EVERY_KIND = questionnaire_of("""
    items:
      - {id: role, options: [boss, clerk, none!], missing: [dk]}
      - id: trust
        options: ["0", "1", "2"]
        measure: ordinal
        asked_if: {item: role, any_of: [boss]}
      - {id: tools, kind: multiple, options: [saw, axe], quasi_identifier: true}
      - {id: views, kind: matrix, rows: [a, b], options: ["1", "2"], missing: [dk]}
      - {id: best, kind: ranking, ranks: 2, options: [x, y, z]}
      - {id: born, kind: integer, minimum: -3, maximum: 3}
      - {id: why, kind: open}
      - {id: mode, options: [m, n]}
""")


def by_name(questionnaire: Questionnaire) -> dict[str, Variable]:
    return {variable.name: variable for variable in variables_of(stored(questionnaire))}


def test_every_kind_has_its_variables_in_the_order_of_the_questionnaire() -> None:
    assert [*by_name(EVERY_KIND)] == [
        "row",
        *("role", "trust", "tools_saw", "tools_axe", "views_a", "views_b", "best_1", "best_2"),
        *("born", "mode_01", "mode", "status", "duration_minutes"),
    ]


def test_categories_are_numbered_and_steps_of_a_scale_keep_their_numbers() -> None:
    found = by_name(EVERY_KIND)
    assert [(v.code, v.number) for v in found["role"].values] == [
        ("boss", 1),
        ("clerk", 2),
        ("none", 3),
    ]
    assert [v.number for v in found["trust"].values] == [0, 1, 2]
    assert [(v.code, v.label) for v in found["tools_saw"].values] == [
        ("0", "Not chosen"),
        ("1", "Chosen"),
    ]
    assert found["trust"].measure == "ordinal"
    assert found["role"].measure == "nominal"


def test_missing_values_are_those_that_the_item_can_have() -> None:
    found = by_name(EVERY_KIND)
    missing = {name: [v.code for v in found[name].missing] for name in found}
    assert missing["role"] == ["dk", "pna", "blank", "not_reached"]
    assert "not_asked" in missing["trust"]
    assert "suppressed" in missing["tools_axe"]
    assert "suppressed" not in missing["trust"]
    assert "no_further_rank" not in missing["best_1"]
    assert "no_further_rank" in missing["best_2"]
    assert missing["row"] == []


def test_numbers_of_missing_values_are_below_all_answers() -> None:
    found = by_name(EVERY_KIND)
    assert {v.code: v.number for v in found["role"].missing}["dk"] == MISSING_NUMBERS["dk"]
    assert found["born"].limits == (-3, 3)
    assert all(v.number < -3 for v in found["born"].missing)
    assert (found["born"].lowest_missing, found["born"].highest_missing) == (-10, -4)


def test_sets_join_the_variables_of_an_item() -> None:
    found = {s.item: (s.kind, len(s.variables)) for s in sets_of(variables_of(EVERY_KIND))}
    assert found == {"tools": ("multiple", 2), "views": ("matrix", 2), "best": ("ranking", 2)}


def test_names_and_numbers_are_the_same_in_every_language_and_labels_differ() -> None:
    languages = built_in().languages
    seen: dict[str, list[Any]] = {}
    labels = set()
    for code, questionnaire in languages.items():
        with speaking(code):
            variables = variables_of(stored(questionnaire))
        seen[code] = [(v.name, [(c.code, c.number) for c in v.labelled]) for v in variables]
        labels.add(variables[-1].label)
    assert all(found == seen["en"] for found in seen.values())
    assert len(labels) == len(languages)


def long_questionnaire() -> Questionnaire:
    """400 items whose names are long, alike, or words that a program does not accept."""
    items: list[dict[str, Any]] = [
        {"id": f"a_very_long_name_of_an_item_{n:03}", "options": ["yes", "no"]} for n in range(396)
    ]
    codes = [f"Option_Number_With_A_Long_Name_{n}" for n in range(150)]
    items += [
        {"id": "an_item_with_a_long_name", "kind": "multiple", "options": codes},
        {"id": "with", "options": ["yes", "no"]},
        {"id": "str5", "options": ["yes", "no"]},
        {"id": "cased", "kind": "multiple", "options": ["ab", "AB", "aB"]},
    ]
    return questionnaire_from({"items": items})


def test_every_name_is_valid_short_and_unique_in_every_program() -> None:
    names = [v.name for v in variables_of(long_questionnaire())]
    assert len(names) == 1 + 396 + 150 + 2 + 3 + 3
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z][A-Za-z0-9_]*", name), name
        assert len(name) <= LONGEST, name
        assert name not in ("with", "str5")


def test_a_long_name_keeps_25_characters_and_the_position() -> None:
    names = VariableNames()
    assert names.name("sectors_represented", "construction", 3) == "sectors_represented_const_03"
    assert names.name("sectors_represented", "industry", 2) == "sectors_represented_industry"


@pytest.mark.parametrize("longest", [5, 20, 40])
@pytest.mark.parametrize(
    "text", ["Pięć źdźbeł – trawa i żółć, a potem koniec świata", "x" * 60, "ż" * 60, "short"]
)
def test_a_shortened_text_fits_and_says_that_it_was_cut(text: str, longest: int) -> None:
    for in_bytes in (False, True):
        cut = shortened(text, longest, in_bytes=in_bytes)
        length = len(cut.encode()) if in_bytes else len(cut)
        assert length <= longest
        assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))
