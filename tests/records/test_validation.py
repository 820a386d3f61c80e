from __future__ import annotations

import pytest

from microcred_cli.records.validation import Agreement
from tests.scenario import questionnaire_of

TEXT = """
    sections:
      - id: one
        items:
          - {id: role, options: [boss, clerk, {code: neither, ends: screened_out}], missing: [pna]}
          - id: staff
            kind: integer
            minimum: 1
            maximum: 9
            asked_if: {item: role, any_of: [boss]}
      - id: two
        makes_partial: true
        items:
          - {id: names, kind: multiple, options: [a, b, c, none!], at_most: 2, missing: [dk]}
          - {id: best, kind: ranking, ranks: 2, options: [p, q, r], required: soft}
          - {id: trust, kind: matrix, rows: [bank, shop], options: ["1", "2"]}
          - {id: end, kind: open, required: optional}
"""
RIGHT: dict[str, object] = {
    "role": "clerk",
    "staff": "not_asked",
    "names": ["a", "c"],
    "best": ["q", "p"],
    "trust": {"bank": "1", "shop": "pna"},
    "end": "detached",
}
OPEN: dict[str, object] = {
    **RIGHT,
    "trust": {"bank": "not_reached", "shop": "1"},
    "end": "not_reached",
}


def found(answers: dict[str, object], status: str = "complete") -> list[str | None]:
    """The items with errors."""
    wrong = Agreement(questionnaire_of(TEXT)).faults(answers, status)
    return list(dict.fromkeys(item for item, _ in wrong))


def test_records_as_they_should_be() -> None:
    assert found(RIGHT) == []
    assert found(OPEN, "partial") == []
    assert found({**RIGHT, "role": "boss", "staff": 9, "end": "detached"}) == []
    assert found({**RIGHT, "names": "dk", "best": "pna", "end": "pna"}) == ["end"]
    assert found({**RIGHT, "trust": "not_reached", "end": "not_reached"}, "partial") == []
    assert found({**RIGHT, "names": ("a", "c"), "best": ("r",)}) == []


def test_items_that_were_left_empty_on_paper_are_valid() -> None:
    rows = {"bank": "blank", "shop": "pna"}
    assert found({**RIGHT, "names": "blank", "best": "blank", "trust": rows}) == []
    assert found({**RIGHT, "role": "boss", "staff": "blank"}) == []


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("role", "neither"),
        ("role", "dk"),
        ("role", "zz"),
        ("role", ["clerk"]),
        ("role", 1),
        ("role", None),
        ("names", ["c", "a"]),
        ("names", ["a", "b", "c"]),
        ("names", ["a", "a"]),
        ("names", ["a", "none"]),
        ("names", []),
        ("names", [["a"]]),
        ("names", "a"),
        ("trust", "blank"),
        ("best", ["p", "q", "r"]),
        ("best", ["p", "p"]),
        ("best", ["zz"]),
        ("best", "dk"),
        ("trust", {"bank": "1"}),
        ("trust", {"shop": "1", "bank": "1"}),
        ("trust", {"bank": "1", "shop": "dk"}),
        ("trust", {"bank": "1", "shop": "not_asked"}),
        ("trust", {"bank": "1", "shop": None}),
        ("trust", {"bank": "not_reached", "shop": "not_reached"}),
        ("trust", "pna"),
        ("trust", ["1", "1"]),
        ("end", "Hello"),
        ("end", ""),
        ("end", "given"),
        ("end", "blank"),
        ("names", "not_asked"),
        ("staff", 5),
        ("staff", "not_reached"),
        ("staff", "pna"),
    ],
)
def test_a_wrong_answer_is_named_by_its_item(item: str, value: object) -> None:
    assert found({**RIGHT, item: value}) == [item]


@pytest.mark.parametrize("number", [0, 10, 5.0, True, "5", "dk", "not_asked"])
def test_a_number_lies_within_its_limits_and_is_whole(number: object) -> None:
    assert found({**RIGHT, "role": "boss", "staff": number}) == ["staff"]


def test_every_item_is_there_in_the_order_of_the_definition() -> None:
    assert found({key: value for key, value in RIGHT.items() if key != "best"}) == ["best"]
    assert found({**RIGHT, "zz": "1"}) == [None]
    assert found(dict(reversed(RIGHT.items()))) == [None]


def test_a_complete_one_has_nothing_that_was_not_reached() -> None:
    assert found(OPEN) == ["trust", "end"]


class TestUnfinished:
    def test_what_was_not_reached_is_an_unbroken_tail(self) -> None:
        assert found({**OPEN, "end": "detached"}, "partial") == ["end", None]
        assert found({**OPEN, "best": "not_reached"}, "partial") == ["trust"]

    def test_rows_not_reached_have_nothing_answered_behind(self) -> None:
        assert found({**OPEN, "end": "not_asked"}, "partial") == ["end"]

    def test_enough_was_answered_to_hand_it_in(self) -> None:
        early = dict.fromkeys(RIGHT, "not_reached")
        assert found({**early, "role": "clerk", "staff": "not_asked"}, "partial") == [None]

    def test_something_was_left_open(self) -> None:
        assert found(RIGHT, "partial") == [None]

    def test_before_its_driver_was_reached_an_item_is_not_reached_and_never_not_asked(
        self,
    ) -> None:
        early = dict.fromkeys(RIGHT, "not_reached")
        assert found({**early, "staff": "not_asked"}, "partial") == ["staff", None]

    def test_a_half_answered_matrix_decides_nothing(self) -> None:
        text = """
            items:
              - {id: trust, kind: matrix, rows: [bank, shop], options: ["1", "2"]}
              - {id: why, options: [x], asked_if: {item: trust, any_of: ["1"]}}
        """
        half = {"bank": "2", "shop": "not_reached"}
        known = questionnaire_of(text)
        assert Agreement(known).faults({"trust": half, "why": "not_reached"}, "partial") == []
        assert Agreement(known).faults({"trust": half, "why": "not_asked"}, "partial") != []

    def test_the_text_of_the_last_option_or_a_last_rank_may_be_what_is_open(self) -> None:
        last_text = questionnaire_of("items: [{id: a, options: [x, other+]}]")
        assert Agreement(last_text).faults({"a": "other"}, "partial") == []
        assert Agreement(last_text).faults({"a": "x"}, "partial") != []
        last_rank = questionnaire_of(
            "items: [{id: a, kind: ranking, ranks: 2, options: [x, y, z]}]"
        )
        assert Agreement(last_rank).faults({"a": ["x"]}, "partial") == []
        assert Agreement(last_rank).faults({"a": ["x", "y"]}, "partial") != []
        assert Agreement(last_rank).faults({"a": "pna"}, "partial") != []

    def test_an_exclusive_option_is_the_whole_ranking(self) -> None:
        known = questionnaire_of(
            "items: [{id: a, kind: ranking, ranks: 2, options: [x, y, none!]}, {id: b}]"
        )
        assert Agreement(known).faults({"a": ["none"], "b": "not_reached"}, "partial") == []
        assert Agreement(known).faults({"a": ["none", "x"], "b": "not_reached"}, "partial") != []
        last = questionnaire_of("items: [{id: a, kind: ranking, ranks: 2, options: [x, y, none!]}]")
        assert Agreement(last).faults({"a": ["none"]}, "partial") != []

    def test_where_nothing_is_asked_nothing_can_be_open(self) -> None:
        assert Agreement(questionnaire_of("items: []")).faults({}, "partial") != []


def test_no_fault_quotes_a_content() -> None:
    secret = "the-secret-of-somebody"
    agreement = Agreement(questionnaire_of(TEXT))
    for item in RIGHT:
        for value in (secret, [secret], {secret: secret}, {"bank": secret, "shop": secret}):
            for fault in agreement.faults({**RIGHT, item: value}, "complete"):
                assert secret not in str(fault)
    unknown = agreement.faults({**RIGHT, secret: secret}, "complete")
    assert unknown == [(None, "The response has an unknown item.")]
