"""A small language for interview tests: a questionnaire, actions of a person, and expectations.

    Scenario('''
        items:
          - {id: role, options: [boss, other+, none!]}
          - {id: staff, options: [x, y], asked_if: {item: role, any_of: [boss]}}
    ''').answer("role", "boss").at("staff").back().answer("role", "none").route(["role"])

`+` marks an option that asks for a text, `!` an exclusive one. `questionnaire_of` fills in all
other required keys; `items` without sections means one section that can be submitted.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Self

import pytest

from microcred_cli.errors import InvalidAnswer
from microcred_cli.interview import Interview
from microcred_cli.questionnaire.models import Integer, Questionnaire
from microcred_cli.questionnaire.values import Reserved
from microcred_cli.questionnaire.yaml.tree import read_tree
from microcred_cli.records.recoding import detached, recode
from microcred_cli.records.shapes import (
    Draft,
    QuestionnaireRef,
    Response,
    answer_from,
    from_object,
    serialise,
    stored_answer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from microcred_cli.interview import Step
    from microcred_cli.questionnaire.values import Answer, Value
    from microcred_cli.records.shapes import Detail, Mode


def parse_yaml(text: str) -> Any:
    """The content of a YAML text, read in the same way as a definition."""
    root, _ = read_tree(text)
    assert root is not None
    return root.plain()


@cache
def builtin() -> Questionnaire:
    """The built-in questionnaire."""
    folder = Path(__file__).parents[1] / "questions" / "mc_employers"
    shape = parse_yaml((folder / "questionnaire.yaml").read_text(encoding="utf-8"))
    return Questionnaire.model_validate_json(json.dumps(shape))


def questionnaire_of(text: str) -> Questionnaire:
    """A questionnaire from a few lines of YAML."""
    shape = parse_yaml(dedent(text))
    assert isinstance(shape, dict)
    return questionnaire_from({str(key): value for key, value in shape.items()})


def questionnaire_from(shape: Mapping[str, Any]) -> Questionnaire:
    """A questionnaire from an abbreviated definition."""
    whole = {
        "format": "microcred-questionnaire/1",
        "id": "scenario",
        "version": "1.0.0",
        "language": "en",
        "title": "A scenario",
        "short_title": "Scenario",
        "rights": "",
        "background": {"written": [], "read_aloud": []},
        **{key: value for key, value in shape.items() if key != "items"},
    }
    sections = shape.get("sections") or [
        {"id": "main", "makes_partial": True, "items": shape["items"]}
    ]
    whole["sections"] = [
        {
            "label": section["id"],
            **section,
            "items": [_item(item) for item in section["items"]],
        }
        for section in sections
    ]
    whole["computed"] = [
        {
            "label": variable["id"],
            **variable,
            "categories": [{"label": c["code"], **c} for c in variable["categories"]],
        }
        for variable in shape.get("computed", ())
    ]
    return Questionnaire.model_validate_json(json.dumps(whole))


def _item(short: Mapping[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "kind": "single",
        "concept": short["id"],
        "required": "soft",
        "seconds": 10,
        "text": f"{short['id']}?",
        **short,
    }
    if "options" in item:
        item["options"] = [_option(option) for option in item["options"]]
    if "rows" in item:
        item["rows"] = [{"code": str(row), "label": str(row)} for row in item["rows"]]
    if item["kind"] == "open":
        item.setdefault("max_length", 50)
    return item


def _option(short: object) -> object:
    if isinstance(short, dict):
        return {"label": short["code"], **short}
    code = str(short).rstrip("!+")
    option: dict[str, object] = {"code": code, "label": code}
    if str(short).endswith("!"):
        option["exclusive"] = True
    if str(short).endswith("+"):
        option["specify"] = {"text": f"Which {code}?"}
    return option


CODED = ("single", "multiple", "ranking")
"""The kinds of items to which a condition can refer."""


def some_questionnaire(random: Random) -> Questionnaire:
    """A small random questionnaire of all kinds, with routes that depend on earlier coded items."""
    items: list[dict[str, Any]] = []
    computed: list[dict[str, Any]] = []
    for number in range(random.randint(2, 8)):
        item = _some_item(f"q{number}", random)
        coded = [earlier["id"] for earlier in items if earlier["kind"] in CODED]
        names = coded + [v["id"] for v in computed]
        if names and random.random() < 0.6:
            item["asked_if"] = _some_condition(names, random, depth=2)
        items.append(item)
        if coded and random.random() < 0.3:
            when = _some_condition(coded, random, depth=1)
            categories = [{"code": "a", "when": when}, {"code": "b"}]
            computed.append({"id": f"v{number}", "categories": categories})
    half = random.randint(0, len(items) - 1)
    sections = [
        {"id": "one", "items": items[:half]},
        {"id": "two", "items": items[half:], "makes_partial": True},
    ]
    return questionnaire_from({"computed": computed, "sections": sections})


def _some_item(item_id: str, random: Random) -> dict[str, Any]:
    kind = random.choice(["single", "multiple", "ranking", "matrix", "integer", "open"])
    item: dict[str, Any] = {"id": item_id, "kind": kind, "missing": random.choice([[], ["dk"]])}
    if kind in ("single", "multiple", "ranking", "matrix"):
        item["options"] = ["a", "b", "c"]
    if kind in ("single", "multiple"):
        item["options"] = ["a", "b", random.choice(["c", "c+"]), random.choice(["d", "d!"])]
    if kind == "single" and random.random() < 0.3:
        item["stored_as"] = [
            {"code": "a", "label": "a", "from": ["a"]},
            {"code": "e", "label": "e", "from": ["b", "c", "d"]},
        ]
    if kind == "multiple" and random.random() < 0.5:
        item["at_most"] = 2
    if kind == "ranking":
        item |= {"options": ["a", "b", random.choice(["c", "c!"])], "ranks": random.randint(1, 4)}
    if kind == "matrix":
        item |= {"rows": ["x", "y", "z"], "rows_order": random.choice(["fixed", "shuffled"])}
    if kind == "integer":
        item |= {"minimum": 0, "maximum": 9}
    if kind == "open":
        item["required"] = random.choice(["soft", "optional"])
    return item


def _some_condition(names: Sequence[str], random: Random, *, depth: int) -> dict[str, Any]:
    form = random.choice(["any_of", "none_of", "all", "any", "not"]) if depth else "any_of"
    if form == "not":
        return {"not": _some_condition(names, random, depth=depth - 1)}
    if form in ("all", "any"):
        parts = [_some_condition(names, random, depth=depth - 1) for _ in range(2)]
        return {form: parts}
    codes = random.choice([["a"], ["b", "c", "d"], ["a", "pna"], ["dk", "pna"]])
    return {"item": random.choice(names), form: codes}


def some_answer(step: Step, random: Random, *, ending: bool = False) -> object:
    """A random valid answer; options that end the interview are used only if `ending`."""
    if step.accepts and random.random() < 0.15:
        return Reserved(random.choice(step.accepts))
    if step.asks == "text":
        empty = step.specifies or step.item.required == "optional"
        return "" if empty and random.random() < 0.5 else "Some words"
    if isinstance(step.item, Integer):
        return random.choice([step.item.minimum, step.item.maximum, _between(step.item, random)])
    codes = [option.code for option in step.options if ending or not option.ends]
    if step.asks == "one":
        return random.choice(codes)
    alone = [option.code for option in step.options if option.exclusive]
    if alone and random.random() < 0.2:
        return [random.choice(alone)]
    loose = [code for code in codes if code not in alone]
    most = min(len(loose), step.at_most or len(loose))
    return random.sample(loose, random.randint(1, most))


def _between(item: Integer, random: Random) -> int:
    return random.randint(item.minimum, item.maximum)


def some_interview(questionnaire: Questionnaire, random: Random, *, hand_in: float) -> Interview:
    """An interview with random answers, submitted at each step with the given probability."""
    interview = Interview.begin(questionnaire, seed=random.choice([None, *range(16)]))
    while (step := interview.step) is not None:
        if interview.can_hand_in and random.random() < hand_in:
            break
        interview = interview.answer(some_answer(step, random))
    return interview


def record_of(
    interview: Interview, *, detail: Detail = "coarse", language: str | None = None
) -> dict[str, Any]:
    """The stored response of an interview; a partial one if a step is open."""
    known = interview.questionnaire
    response = Response(
        response_id="0123456789abcdef" * 2,
        questionnaire=QuestionnaireRef(id=known.id, version=known.version, sha256="a" * 64),
        status="complete" if interview.status == "ready" else "partial",
        mode=interview.mode,
        detail=detail,
        language=language,
        duration_minutes=20,
        shuffle_seed=None,
        answers={
            item_id: stored_answer(
                detached(
                    known.by_id[item_id],
                    recode(known.by_id[item_id], answer) if detail == "coarse" else answer,
                )
            )
            for item_id, answer in interview.closed_answers().items()
        },
    )
    record: dict[str, Any] = json.loads(serialise(response))
    return record


def resume(interview: Interview) -> Interview:
    """The interview after a pause, read back from its draft."""
    known = interview.questionnaire
    draft = Draft(
        code="C",
        questionnaire=QuestionnaireRef(id=known.id, version=known.version, sha256="0" * 64),
        begun="2026-01-01",
        expires="2026-01-31",
        mode=interview.mode,
        language=interview.language,
        seed=interview.seed or 0,
        responses="responses",
        given={key: _kept(value) for key, value in interview.given.items()},
        texts=dict(interview.texts),
        wordings=dict(interview.wordings),
        at=interview.at,
    )
    read = from_object(Draft, json.loads(serialise(draft)), "draft")
    given = {key: _value(value) for key, value in read.given.items()}
    texts, wordings = dict(read.texts), dict(read.wordings)
    resumed = replace(interview, given=given, texts=texts, wordings=wordings, at=read.at)
    return resumed.resumed()


def _kept(value: Value) -> str | int | list[str]:
    kept = stored_answer(value)
    assert not isinstance(kept, dict)
    return kept


def _value(value: str | int | list[str]) -> Value:
    read = answer_from(value)
    assert isinstance(read, str | int | tuple)
    return read


class Scenario:
    """One interview controlled by a test; each method returns the scenario itself."""

    def __init__(self, text: str, *, seed: int | None = None, mode: Mode = "self") -> None:
        self.interview = Interview.begin(questionnaire_of(text), seed=seed, mode=mode)

    def answer(self, key: str, value: object) -> Self:
        """Give this answer to the current step, which must have this key or item."""
        self.at(key)
        self.interview = self.interview.answer(value)
        return self

    def refuses(self, key: str, value: object) -> Self:
        """The current step rejects this answer, and nothing changes."""
        self.at(key)
        before = (self.interview, dict(self.interview.given), dict(self.interview.texts))
        with pytest.raises(InvalidAnswer):
            self.interview.answer(value)
        assert before == (self.interview, self.interview.given, self.interview.texts)
        return self

    def back(self) -> Self:
        """Go back one step."""
        self.interview = self.interview.back()
        return self

    def jump(self, key: str) -> Self:
        """Go to an answered step, as from the review."""
        self.interview = self.interview.jump(key)
        return self

    def pause_and_resume(self) -> Self:
        """Pause with a draft on the disk, and resume."""
        self.interview = resume(self.interview)
        return self

    def at(self, key: str | None) -> Self:
        """The current step has this key or item; None means the end."""
        step = self.interview.step
        here = None if step is None else (step.item.id if key == step.item.id else step.key)
        assert here == key
        return self

    def route(self, keys: Sequence[str]) -> Self:
        """The steps of the route, as far as it is determined."""
        assert [step.key for step in self.interview.steps] == list(keys)
        return self

    def closed(self, answers: Mapping[str, Answer]) -> Self:
        """The answers of the response if the interview were closed now."""
        closed = self.interview.closed_answers()
        assert closed == dict(answers)
        assert list(closed) == [item.id for item in self.interview.questionnaire.items]
        return self

    def status(self, status: str) -> Self:
        """The status of the interview: open, ready, refused or screened_out."""
        assert self.interview.status == status
        return self
