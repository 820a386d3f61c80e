from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.questionnaire.conditions import holds
from microcred_cli.questionnaire.models import Integer, Multiple, Single
from microcred_cli.records.recoding import coarse_codes, detached, minutes_of, recode, stored
from tests.scenario import builtin, questionnaire_of, some_interview

if TYPE_CHECKING:
    from microcred_cli.questionnaire.values import Answer

TEXT = """
    computed:
      - id: side
        categories:
          - {code: far, when: {any: [{item: land, any_of: [no, se]}, {item: land, any_of: [pna]}]}}
          - {code: near}
    items:
      - id: land
        options: ["no", se, fr, elsewhere+]
        missing: [pna]
        order: alphabetical
        anchored: 1
        stored_as:
          - {code: north, label: North, from: ["no", se]}
          - {code: west, label: West, from: [fr]}
          - {code: elsewhere, label: Elsewhere, from: [elsewhere]}
      - id: trades
        kind: multiple
        options: [mines, mills!, shops, all!]
        at_most: 3
        stored_as:
          - {code: shops, label: Shops, from: [shops]}
          - {code: works, label: Works, from: [mines, mills]}
          - {code: all, label: All, from: [all]}
        asked_if: {not: {item: land, none_of: ["no", se, pna]}}
      - id: staff
        kind: integer
        minimum: 0
        maximum: 100
        stored_as:
          - {code: none, label: None, min: 0, max: 0}
          - {code: few, label: Few, min: 1, max: 9}
          - {code: many, label: Many, min: 10}
        asked_if: {all: [{item: side, any_of: [far]}]}
        variants: [{when: {item: trades, any_of: [mines, mills]}, text: Workers?}]
      - {id: end, kind: open, required: optional}
"""


@pytest.mark.parametrize(
    ("item", "fine", "coarse"),
    [
        ("land", "no", "north"),
        ("land", "se", "north"),
        ("land", "elsewhere", "elsewhere"),
        ("land", "pna", "pna"),
        ("land", "not_asked", "not_asked"),
        ("trades", ("mines", "mills", "shops"), ("shops", "works")),
        ("trades", ("all",), ("all",)),
        ("trades", "not_reached", "not_reached"),
        ("staff", 0, "none"),
        ("staff", 1, "few"),
        ("staff", 9, "few"),
        ("staff", 10, "many"),
        ("staff", 100, "many"),
        ("staff", "dk", "dk"),
    ],
)
def test_only_the_coarse_code_or_band_is_stored(item: str, fine: Answer, coarse: Answer) -> None:
    assert recode(questionnaire_of(TEXT).by_id[item], fine) == coarse


class TestStored:
    def test_a_list_has_the_coarse_codes_as_its_options_in_a_fixed_order(self) -> None:
        known = stored(questionnaire_of(TEXT))
        land = known.by_id["land"]
        assert isinstance(land, Single)
        assert [option.code for option in known.options(land)] == ["north", "west", "elsewhere"]
        assert [option.label for option in known.options(land)] == ["North", "West", "Elsewhere"]
        assert (land.order, land.anchored, land.stored_as) == ("fixed", 0, None)

    def test_a_coarse_code_excludes_or_asks_for_a_text_as_its_fine_ones_do(self) -> None:
        known = stored(questionnaire_of(TEXT))
        options = {o.code: o for o in known.options(known.by_id["trades"])}
        assert [o.exclusive for o in options.values()] == [False, False, True]
        assert known.option(known.by_id["land"], "elsewhere").specify is not None
        assert known.option(known.by_id["land"], "north").specify is None

    def test_a_banded_number_is_a_single_choice_of_bands(self) -> None:
        known = stored(questionnaire_of(TEXT))
        staff = known.by_id["staff"]
        assert isinstance(staff, Single)
        assert [option.code for option in known.options(staff)] == ["none", "few", "many"]
        assert (staff.measure, staff.concept) == ("ordinal", "staff")

    def test_labels_for_results_and_what_is_off_the_scale_are_kept(self) -> None:
        recorded = stored(builtin())
        size = recorded.by_id["size_class"]
        assert recorded.options(size)[0].in_results == "Up to 49 people"
        load = recorded.by_id["mc_hours"]
        assert [o.code for o in recorded.options(load) if o.off_scale] == ["varies"]

    def test_a_coarse_code_stands_in_a_condition_where_all_its_fine_ones_stood(self) -> None:
        known = stored(questionnaire_of(TEXT))
        trades, staff = known.by_id["trades"], known.by_id["staff"]
        assert trades.asked_if is not None
        assert trades.asked_if.negated is not None
        assert trades.asked_if.negated.none_of == ("north", "pna")
        assert staff.variants[0].when.any_of == ("works",)
        assert staff.asked_if == questionnaire_of(TEXT).by_id["staff"].asked_if
        far = known.computed_by_id["side"].categories[0].when
        assert far is not None
        assert far.any is not None
        assert [part.any_of for part in far.any] == [("north",), ("pna",)]

    def test_the_second_time_nothing_changes(self) -> None:
        once = stored(questionnaire_of(TEXT))
        assert stored(once) == once

    def test_without_recoded_items_it_is_the_questionnaire_itself(self) -> None:
        plain = questionnaire_of("items: [{id: a, options: [x, y]}, {id: b, kind: open}]")
        assert stored(plain) == plain

    def test_the_source_stays_as_it_is(self) -> None:
        source = questionnaire_of(TEXT)
        assert len(source.items) == len(stored(source).items)
        assert isinstance(source.by_id["staff"], Integer)
        assert source == questionnaire_of(TEXT)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_routes_read_from_the_stored_record_are_those_of_the_interview(seed: int) -> None:
    known = builtin()
    kept = stored(known)
    fine = some_interview(known, Random(seed), hand_in=0.02).closed_answers()
    coarse = {item_id: recode(known.by_id[item_id], answer) for item_id, answer in fine.items()}
    for item in known.items:
        asked = holds(item.asked_if, fine, known)
        assert holds(kept.by_id[item.id].asked_if, coarse, kept) == asked


def test_every_answer_of_the_built_in_questionnaire_has_one_coarse_code() -> None:
    known = builtin()
    recoded = [i for i in known.items if isinstance(i, Single | Multiple) and i.stored_as]
    assert [item.id for item in recoded] == [
        "country",
        "sector_main",
        "sectors_represented",
        "size_class",
    ]
    for item in recoded:
        assert item.stored_as is not None
        fine = [code for part in item.stored_as for code in part.fine]
        assert sorted(fine) == sorted(option.code for option in known.options(item))
        assert len(coarse_codes(item.stored_as)) == len(fine)


def test_a_number_that_no_band_holds_is_a_fault_of_the_definition() -> None:
    with pytest.raises(ValueError, match="no band"):
        recode(questionnaire_of(TEXT).by_id["staff"], -1)


@pytest.mark.parametrize(
    ("seconds", "coarse", "full"),
    [
        *[(-5, 10, 5), (0, 10, 5), (440, 10, 5), (460, 10, 10), (899, 10, 15), (900, 20, 15)],
        *[(1499, 20, 25), (1500, 30, 25), (3550, 30, 60), (1e9, 30, 60)],
    ],
)
def test_minutes_are_a_band_or_in_full_detail_rounded_to_five(
    seconds: float, coarse: int, full: int
) -> None:
    assert minutes_of(seconds, "coarse") == coarse
    assert minutes_of(seconds, "full") == full


@pytest.mark.parametrize("said", ["given", "blank", "pna"])
def test_an_open_item_that_was_asked_is_detached(said: str) -> None:
    end = questionnaire_of(TEXT).by_id["end"]
    assert detached(end, said) == "detached"
    assert detached(end, "not_asked") == "not_asked"
    assert detached(end, "not_reached") == "not_reached"
