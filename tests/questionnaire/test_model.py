"""Models are checked when they come from outside, and read without pydantic when they are known."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.base_model import Model
from microcred_cli.questionnaire.loading import available, load
from microcred_cli.questionnaire.models import Condition, Questionnaire, Recode
from microcred_cli.records.shapes import Draft


class Pair(Model):
    one: int
    other: Literal["a", "b"] = "a"
    texts: dict[str, str] = {}  # noqa: RUF012 - models are frozen

    def check(self) -> None:
        if self.one == 13:
            raise ValueError("13 is not allowed")


@pytest.mark.parametrize("name", available())
def test_a_checked_definition_is_read_in_the_same_way_without_pydantic(name: str) -> None:
    loaded = load(name)
    assert Questionnaire.trusted(json.loads(loaded.source)) == Questionnaire.model_validate_json(
        loaded.source
    )


@pytest.mark.parametrize(
    "wrong",
    ['{"one": "1"}', "{}", '{"one": 1, "other": "c"}', '{"one": 1, "x": 2}', '{"one": 13}', "[]"],
)
def test_what_comes_from_outside_is_checked_and_not_quoted(wrong: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Pair.model_validate_json(wrong)
    assert "input_value" not in str(caught.value)


def test_keys_that_are_words_of_python_have_other_names_as_fields() -> None:
    negated = Condition.model_validate_json('{"not": {"item": "a", "any_of": ["b"]}}')
    assert negated.negated == Condition(item="a", any_of=("b",))
    assert json.loads(negated.model_dump_json(by_alias=True, exclude_none=True)) == {
        "not": {"item": "a", "any_of": ["b"]}
    }
    assert Recode.trusted({"code": "a", "label": "A", "from": ["b"]}).fine == ("b",)


class Several(Model):
    pairs: tuple[Pair | None, ...]
    by_number: dict[int, tuple[Pair, ...] | None]


def test_a_known_model_can_have_gaps_and_numbers_as_keys() -> None:
    text = '{"pairs": [null, {"one": 1}], "by_number": {"7": null, "8": [{"one": 2}]}}'
    known = Several.trusted(json.loads(text))
    assert known == Several.model_validate_json(text)
    assert known == Several(pairs=(None, Pair(one=1)), by_number={7: None, 8: (Pair(one=2),)})
    assert Several.trusted(known.model_dump()) == known


class Point(Frozen):
    x: int
    y: int = 0
    _note: str = ""


def test_a_frozen_value_is_like_a_frozen_dataclass() -> None:
    assert Point(1, y=2) == Point(1, 2, "not compared") != Point(2, 2)
    assert hash(Point(1)) == hash(Point(1, 0))
    assert repr(Point(1)) == "Point(x=1, y=0)"
    assert replace(Point(1), y=3) == Point(1).having(y=3) == Point(1, 3)
    match Point(1, 2):
        case Point(1, second):
            assert second == 2
        case _:
            pytest.fail("not matched")
    with pytest.raises(AttributeError, match="cannot be changed"):
        Point(1).x = 2  # type: ignore[misc]
    for wrong in (dict[str, Any](), {"x": 1, "z": 2}, {"z": 2}):
        with pytest.raises(TypeError, match="missing or unknown"):
            Point(**wrong)
    for values in (1, 2, "", 3), (1, 2, "", 3, 4):
        with pytest.raises(TypeError, match="missing or unknown"):
            Point(*values)
    with pytest.raises(TypeError, match="given twice"):
        Point(1, x=5)  # type: ignore[misc]


def test_a_draft_written_without_pydantic_is_read_by_it() -> None:
    fields = dict.fromkeys(("code", "begun", "expires", "language", "responses"), "x")
    ref = {"id": "x", "version": "1", "sha256": "0" * 64}
    whole = {"questionnaire": ref, "mode": "self", "seed": 0, **fields, "given": {"a": ["b"]}}
    draft = Draft.model_validate_json(json.dumps(whole))
    assert Draft.model_validate_json(draft.model_dump_json()) == draft == Draft.trusted(whole)


def test_pydantic_is_not_imported_to_create_or_to_read_a_known_model() -> None:
    program = (
        "import sys\n"
        "from microcred_cli.questionnaire.models import Condition\n"
        "assert Condition.trusted({'not': {'item': 'a'}}) == "
        "Condition(negated=Condition(item='a'))\n"
        "print([name for name in ('pydantic', 'dataclasses') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert result.stdout.strip() == b"[]"
