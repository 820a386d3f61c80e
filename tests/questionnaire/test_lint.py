from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.questionnaire.faults import CODES, WARNINGS
from microcred_cli.questionnaire.lint import lint
from microcred_cli.questionnaire.lint.advice import find_warnings
from microcred_cli.questionnaire.loading import available, canonical, find
from microcred_cli.questionnaire.models import Questionnaire
from microcred_cli.questionnaire.routes import routes
from microcred_cli.questionnaire.yaml.scalars import is_ambiguous
from tests.questionnaire.cases import CASES, changed, lines_of
from tests.questionnaire.sample import SAMPLE
from tests.scenario import parse_yaml


def found(text: str) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.line) for fault in lint(text, "sample.yaml")]


def codes(text: str) -> set[str]:
    return {fault.code for fault in lint(text)}


class TestSoundDefinitions:
    def test_the_sample_has_no_faults(self) -> None:
        assert found(SAMPLE) == []

    @pytest.mark.parametrize("name", available())
    def test_what_comes_with_the_program_has_no_faults(self, name: str) -> None:
        assert lint(find(name).read_text(encoding="utf-8"), name) == ()

    def test_an_exclusive_option_may_ask_for_a_text(self) -> None:
        assert not found(changed("exclusive: true", "exclusive: true, specify: {text: Why?}"))

    def test_a_condition_may_name_every_fine_code_of_a_coarse_one(self) -> None:
        condition = "{item: size, any_of: [small, middle]}"
        assert not found(changed("{item: relation, any_of: [near]}", condition))

    def test_a_tab_may_separate_a_key_from_its_value(self) -> None:
        assert not found(changed("title: A sample", "title:\t A sample"))
        assert not found(changed("- text: Hello.", '- text:\t"Hello."'))

    def test_a_last_block_needs_no_line_end(self) -> None:
        text = SAMPLE.replace("rights: Free for all\n", "") + "rights: |\n  Free"
        assert not found(text)

    def test_a_long_label_may_stand_in_a_code_list(self) -> None:
        assert not found(changed("label: Middle", f"label: {'x' * 80}"))


class TestEachFault:
    @pytest.mark.parametrize("name", CASES)
    def test_is_found_where_it_is_and_nothing_else_is_blamed(self, name: str) -> None:
        code, old, new = CASES[name]
        faults = lint(changed(old, new), "sample.yaml")
        assert [(fault.code, fault.line) for fault in faults] == [
            (code, line) for line in lines_of(name)
        ]
        for fault in faults:
            assert fault.file == "sample.yaml"
            assert fault.message.endswith(".")
            assert fault.hint.endswith(".")
            assert (fault.message + fault.hint).isprintable()

    def test_has_a_case(self) -> None:
        of_translations = {code for code in CODES if code.startswith("Q09")}
        assert {code for code, _, _ in CASES.values()} == CODES.keys() - of_translations

    @pytest.mark.parametrize(
        ("name", "item"),
        {
            "number for a code": "trust",
            "missing text": "role",
            "unknown code": "order",
            "variable on itself": "relation",
            "duplicate section": "start",
            "unused phrase": "what",
            "token in a label": "uses",
        }.items(),
    )
    def test_names_what_it_belongs_to(self, name: str, item: str) -> None:
        _, old, new = CASES[name]
        assert {fault.item for fault in lint(changed(old, new))} == {item}

    def test_of_a_further_name_in_a_shared_list_is_told_once(self) -> None:
        text = (find("mc_employers")).read_text(encoding="utf-8")
        assert [fault.code for fault in lint(text.replace("[mine,", "[mine, farm,"))] == ["Q081"]

    def test_suggests_the_name_that_was_meant(self) -> None:
        (fault,) = lint(changed("{item: relation, any", "{item: relatoin, any"))
        assert "“relation”" in fault.hint


ON_A_NUMBER = "{item: count, any_of: [n0]}"


class TestHints:
    """The hint names the likely cause, at the line to correct."""

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("title: A sample", "title: A sample\n\t# indented", "allows only spaces"),
            ("title: A sample", "title: A sample: of two", "quote the whole text"),
            ("title: A sample", 'title: "A sample', "closing quotation mark"),
            ("title: A sample", "title: 'A sample", "closing quotation mark"),
            ("title: A sample", 'title: "A" sample', "Quote the whole text"),
            ("title: A sample", "title: 'It's a sample'", "apostrophe"),
            ("title: A sample", "title: @sample", "in quotation marks"),
            ("title: A sample", "title: [A, sample", "bracket"),
            ("title: A sample", "title: {a: b", "bracket"),
            ("{item: relation, any_of: [near]}", "relation is near", "{item: ID, any_of: [CODE]}"),
            ("{item: relation, any_of: [near]}", "7", "{item: ID, any_of: [CODE]}"),
            (
                "max_length: 100",
                "max_length: 100\n        asked_if: {item: count, any_of: [n0]}",
                "bands",
            ),
        ],
    )
    def test_of(self, old: str, new: str, words: str) -> None:
        (fault,) = lint(changed(old, new))
        assert words in fault.hint

    def test_an_unclosed_quotation_mark_is_found_at_its_line(self) -> None:
        text = changed("title: A sample", 'title: "A sample')
        line = text.split("\n").index('title: "A sample') + 1
        later = text.replace("short_title: Sample", 'short_title: "Sample"')
        assert found(text) == found(later) == [("Q001", line)]

    def test_a_quoted_text_may_have_several_lines(self) -> None:
        several = changed("title: A sample", 'title: "A\n  sample: of\n  lines"')
        assert found(several.replace("breakdowns: [", "breakdowns: [[")) != found(several) == []


def advice(text: str) -> list[tuple[str, int | None]]:
    questionnaire = Questionnaire.model_validate(parse_yaml(text), strict=False)
    languages = {questionnaire.language: questionnaire}
    assert found(text) == []
    return [(warning.code, warning.line) for warning in find_warnings(text, "", languages)]


PROMISE = "promised_minutes: {from: 1, to: 3}\nclosing:"
ADVICE = {
    "no consent": ("W001", 'label: "No", ends: refused', 'label: "No"'),
    "shuffled scale": ("W002", "rows:", "order: shuffled  # <-\n        rows:"),
    "shuffled steps": (
        "W002",
        "text: Who are you?",
        "text: Who are you?\n        measure: ordinal\n        order: alphabetical  # <-",
    ),
    "curly quotation marks": ("W003", "label: The boss", "label: “The boss”"),
    "low quotation marks": ("W003", "text: Who are you?", "text: „Who are you?“  # <-"),
    "half a pair": ("W003", "text: Who are you?", 'text: Who are you?"  # <-'),
    "long text": ("W004", "text: Who are you?", f"text: {'Who? ' * 500}  # <-"),
    "nothing to read aloud": ("W005", "  read_aloud:\n    - text: Hello.", "  read_aloud: []"),
    "long routes": ("W006", "closing:", PROMISE.replace("3", "1")),
    "short routes": ("W006", "closing:", PROMISE.replace("1, to: 3", "9, to: 9")),
    "idle exception": (
        "W007",
        "closing:",
        "promised_minutes:\n  from: 1\n  to: 3\n  except:\n"
        "    - {text: If any, when: {item: count, any_of: [n0]}}  # <-\nclosing:".replace(
            "count, any_of: [n0]", "consent, any_of: ['no']"
        ),
    ),
}


class TestWarnings:
    def test_the_sample_has_none(self) -> None:
        assert advice(SAMPLE) == []
        assert advice(changed("closing:", PROMISE)) == []

    @pytest.mark.parametrize("name", ADVICE)
    def test_stand_at_their_line(self, name: str) -> None:
        code, old, new = ADVICE[name]
        text = changed(old, new)
        marked = [number for number, line in enumerate(text.split("\n"), 1) if "# <-" in line]
        line = marked[0] if marked else SAMPLE[: SAMPLE.index(old)].count("\n") + 1
        if code == "W001":
            line -= 8
        warned = advice(text)
        assert {each for each, _ in warned} == {code}
        assert warned[0][1] == line

    def test_each_has_a_case(self) -> None:
        assert {code for code, _, _ in ADVICE.values()} == WARNINGS.keys()

    def test_a_quotation_may_have_its_quotation_marks(self) -> None:
        quotation = changed("- kind: paragraph", "- kind: quotation")
        assert advice(quotation.replace("text: Welcome.", "text: “Welcome.”")) == []

    def test_an_exception_is_not_held_to_the_promise(self) -> None:
        order = "concept: order\n        required: soft\n        seconds: "
        slow = changed(f"{order}20", f"{order}90")
        exception = "{text: If far, when: {item: relation, any_of: [far]}}"
        promise = "promised_minutes: {from: 3, to: 3"
        assert advice(slow.replace("closing:", f"{promise}}}\nclosing:")) != []
        assert (
            advice(slow.replace("closing:", f"{promise}, except: [{exception}]}}\nclosing:")) == []
        )


MANY = """\
format: microcred-questionnaire/1
id: Many  # Q020
version: 1.0  # Q012
language: en
title: "Many\\u200bfaults"  # Q079
short_title: Many
short_title: Many faults  # Q002
rights: free
colour: red  # Q011
background:
  written:
    - kind: poem  # Q014
      sentences:
        - text: Write to {value}.  # Q073
  read_aloud: []
computed:
  - id: kind_of_reader
    label: Kind of reader
    categories:
      - {code: much, label: Much, when: {item: reading, any_of: [daily]}}
      - {code: none, label: Nothing, when: {all: [
          {item: reading, any_of: [daily]}, {item: reading, none_of: [daily]}]}}  # Q043 at -1
      - {code: little, label: Little}
phrases:
  - {id: them, by: kind_of_reader, texts: {much: your books}}
  - {id: spare, by: kind_of_reader, texts: {much: a, little: b}}  # Q072
sections:
  - id: first
    label: First
    items:
      - id: reading
        kind: single
        concept: reading
        required: soft
        seconds: 0  # Q053
        text: How often do you read?
        options:
          - {code: daily, label: Every day}
          - {code: daily, label: Each day}  # Q024
          - {code: dk, label: I do not know}  # Q025
          - {code: no, label: "Never"}  # Q005
          - {code: 7, label: Seven times}  # Q012
      - id: place
        kind: singel  # Q013
        concept: place
        required: soft
        seconds: 10
        text: Where do you read?
        asked_if: {item: reading, any_of: [dayly]}  # Q033
        options:
          - {code: home, label: At home, ends: refused}
          - {code: train, label: At home}  # Q077
      - id: books
        kind: integer
        concept: books
        required: hard
        missing: [dk]  # Q055
        seconds: 10
        text: How many books are {them}?
        asked_if: {item: pages, any_of: [long]}  # Q034
        minimum: 0
        maximum: 10
        stored_as:
          - {code: few, label: Few, min: 0, max: 4}
          - {code: many, label: Many, min: 6}  # Q060
      - id: pages
        kind: multiple
        concept: pages
        required: soft
        seconds: 10
        text: How long are {books}?  # Q070
        at_most: 3  # Q053
        asked_if: {item: readers, any_of: [daily]}  # Q032
        options:
          - {code: short, label: Short}
          - {code: long, label: Long}
        stored_as:  # Q061 at +1
          - {code: any_length, label: Any, from: [short]}
      - id: films
        kind: open
        concept: films
        seconds: 10  # Q010 at -3
        text: What about {them}?  # Q071
        asked_if: {item: reading, any_of: [daily, "no", pna, dk, "7"]}  # Q042
        max_length: 10
      - id: songs
        kind: single
        concept: songs
        required: soft
        seconds: 10
        text: And songs?
        options_from: tunes  # Q050
      - id: reading  # Q022
        kind: open
        concept: again
        required: optional
        seconds: 10
        text: ""  # Q078
        max_length: 10
        asked_if: {item: reading}  # Q030
breakdowns: [reading, films]  # Q080
"""


def test_thirty_faults_are_found_at_once_each_on_its_line() -> None:
    expected = [
        (code, number + int(offset or 0))
        for number, line in enumerate(MANY.split("\n"), 1)
        for code, offset in re.findall(r"# (Q\d+)(?: at ([-+]\d))?", line)
    ]
    assert len(expected) >= 30
    assert sorted(found(MANY)) == sorted(expected)


READ_DIFFERENTLY = """
    no No NO yes Yes on On OFF off y Y n N 010 0o7 08 1_000 1:30 190:20:30 1:30.5 0b101 -0x1F 1e3
    1.5e3 1_0.5 2001-12-14 2001-12-14T21:59:43Z = <<
"""
READ_ALIKE = """
    no-one NOT yes! nein oui 0 7 10 -3 +4 0x1F 1.5 .5 1. 1.0e+3 true False null ~ .inf 1:99x
    2001-12 10:a 1,000 x_1 v1_0 00 ...
"""


class TestPlainScalars:
    @pytest.mark.parametrize("text", READ_DIFFERENTLY.split())
    def test_are_told_that_an_older_reader_takes_for_something_else(self, text: str) -> None:
        assert is_ambiguous(text)
        assert "Q005" in codes(f"- {text}")

    @pytest.mark.parametrize("text", READ_ALIKE.split())
    def test_are_left_alone_where_both_agree(self, text: str) -> None:
        assert not is_ambiguous(text)

    @pytest.mark.parametrize("quote", ["'", '"'])
    def test_may_be_anything_in_quotation_marks(self, quote: str) -> None:
        assert "Q005" not in codes(f"- {quote}no{quote}")

    @pytest.mark.parametrize("text", [r'a: "\ud800"', r'- "\uD83D\uDE00"', r'"\udfff": a'])
    def test_are_never_half_of_a_character(self, text: str) -> None:
        assert "Q079" in codes(text)

    def test_are_looked_at_in_lists_and_keys_too(self) -> None:
        assert [line for code, line in found("a: [NO, SE]\nyes: b\n") if code == "Q005"] == [1, 2]


class TestLimits:
    def test_depth_does_not_exhaust_anything(self) -> None:
        for text in ("[" * 1_000_000, "- " * 500_000, "{a: " * 300_000, "? " * 500_000):
            assert "Q004" in codes(text)

    def test_a_file_that_is_too_large_is_not_read(self) -> None:
        assert codes("a: " + "x" * 2**21) == {"Q004"}

    def test_aliases_are_never_followed(self) -> None:
        bomb = "a0: &a0 [x]\n" + "".join(
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
        )
        assert "Q003" in codes(bomb)

    def test_variables_may_rest_on_one_another_only_so_far(self) -> None:
        stack = "".join(
            f"  - id: v{n}\n    label: V\n    categories:\n"
            f"      - {{code: near, label: A, when: {{item: {f'v{n - 1}' if n else 'relation'}, "
            f"any_of: [near]}}}}\n      - {{code: far, label: B}}\n"
            for n in range(400)
        )
        assert codes(changed("phrases:\n", stack + "phrases:\n")) == {"Q037"}


WORDS = """
    id kind options items sections lists computed categories code label text when asked_if item
    any_of none_of all any not missing stored_as from min max minimum ranks anchored rows phrases
    texts by background written sentences breakdowns variants single multiple integer role size
    relation boss dk pna required soft seconds lead_in specify exclusive ends options_from {whom}
"""
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([*WORDS.split(), "\ud800", "\u202e"])
    | st.text(max_size=8)
)
TREES = st.recursive(
    SCALARS,
    lambda part: (
        st.lists(part, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS.split()) | st.text(max_size=4), part, max_size=6)
    ),
    max_leaves=25,
)


def paths_of(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all values of a tree."""
    parts: list[tuple[Any, Any]] = []
    if isinstance(tree, dict):
        parts = list(tree.items())
    elif isinstance(tree, list):
        parts = list(enumerate(tree))
    return [path, *(found for key, part in parts for found in paths_of(part, (*path, key)))]


PATHS = paths_of(parse_yaml(SAMPLE))[1:]


def loads_if_sound(text: str) -> None:
    """A definition without faults can be loaded, and all its routes can be completed."""
    if not lint(text):
        routes(Questionnaire.model_validate_json(canonical(parse_yaml(text))))


class TestWhateverTheTextIs:
    """Any text leads to a list of faults, never to an exception."""

    @given(st.text(max_size=200))
    @settings(deadline=None)
    def test_text(self, text: str) -> None:
        assert lint(text)

    @given(st.text("ab:-#'\"[]{},&*!|>%@? \n\t~1.", max_size=60))
    @settings(deadline=None)
    def test_text_of_signs(self, text: str) -> None:
        assert lint(text)

    @given(TREES)
    @settings(max_examples=80, deadline=None)
    def test_a_tree(self, tree: object) -> None:
        assert lint(json.dumps(tree))

    @given(st.lists(st.tuples(st.sampled_from(PATHS), TREES), min_size=1, max_size=4))
    @settings(max_examples=80, deadline=None)
    def test_a_definition_with_values_exchanged(
        self, changes: list[tuple[tuple[Any, ...], object]]
    ) -> None:
        tree: Any = parse_yaml(SAMPLE)
        for path, value in changes:
            place = tree
            try:
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = value
            except (KeyError, IndexError, TypeError):
                continue  # an earlier change removed this place
        loads_if_sound(json.dumps(tree))

    @given(st.integers(0, len(SAMPLE)), st.integers(0, 60), st.text(max_size=5))
    @settings(max_examples=130, deadline=None)
    def test_a_definition_with_a_passage_exchanged(self, start: int, size: int, new: str) -> None:
        loads_if_sound(SAMPLE[:start] + new + SAMPLE[start + size :])


def test_the_codes_are_documented_in_their_order() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(name == name.strip() and name for name in CODES.values())
