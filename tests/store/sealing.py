"""Folders to seal: responses in a known order, and the conditions that must hold for them."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from microcred_cli.errors import StoreError
from microcred_cli.files import NEUTRAL_TIME
from microcred_cli.questionnaire.loading import Loaded
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, response_id, text_id
from microcred_cli.records.shapes import QuestionnaireRef, Response, Text, serialise
from microcred_cli.store.counts import Method
from microcred_cli.store.folder import Responses
from microcred_cli.store.judge import Judge
from microcred_cli.store.layout import Kind
from microcred_cli.store.publication import Outcome, figures_at_rest
from microcred_cli.store.seal import seal
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

QUESTIONNAIRE = questionnaire_of("""
    id: cafe
    items:
      - {id: drink, options: [tea, coffee, other+], missing: [dk]}
      - id: cakes
        kind: multiple
        options: [plum, nut, none!]
        asked_if: {item: drink, any_of: [tea]}
      - {id: taste, kind: matrix, rows: [sweet, bitter], options: ["1", "2"]}
      - {id: why, kind: open, required: optional}
""")
LOADED = Loaded(QUESTIONNAIRE, "a" * 64, "")
REF = QuestionnaireRef(id="cafe", version="1.0.0", sha256="a" * 64)


def receipt(number: int) -> str:
    """The receipt of the response with that number in the order of submission."""
    return f"{number:0{RECEIPT_SYMBOLS}d}"


def answers_of(number: int) -> dict[str, Any]:
    """The answers of the person with that number, which vary from person to person."""
    tea = number % 3 == 0
    return {
        "drink": "tea" if tea else ("coffee", "dk")[number % 2],
        "cakes": ["plum", "nut"] if tea else "not_asked",
        "taste": {"sweet": "12"[number % 2], "bitter": "21"[number // 2 % 2]},
        "why": "detached",
    }


def response(number: int, **changes: Any) -> Response:
    """The response with that number."""
    fields: dict[str, Any] = {
        "response_id": response_id(receipt(number)),
        "questionnaire": REF,
        "status": "complete",
        "mode": "self",
        "duration_minutes": None,
        "shuffle_seed": None,
        "answers": answers_of(number),
    }
    return Response(**{**fields, **changes})


def text(number: int, **changes: Any) -> Text:
    """The text typed by the person with that number."""
    name = text_id(receipt(number), "why")
    fields = {"text_id": name, "questionnaire": REF, "item": "why", "text": f"Because {number}"}
    return Text(**{**fields, **changes})


@dataclass
class Count:
    """Counts answers, and the number of records."""

    counts: Counter[str]
    read: int = 0

    def add(self, answers: Mapping[str, Any], _minutes: int | None) -> None:
        self.read += 1
        self.counts.update(f"{item}={answer}" for item, answer in answers.items())

    def subtract(self, answers: Mapping[str, Any], _minutes: int | None) -> None:
        self.counts.subtract(f"{item}={answer}" for item, answer in answers.items())
        self.counts += Counter()

    def to_object(self) -> object:
        return dict(sorted(self.counts.items()))

    def people(self) -> object:
        return []


@dataclass
class Counting:
    """A counting method that records how often it was used."""

    rule: str = "1"
    begun: list[Count] = field(default_factory=list)
    made: int = 0

    @property
    def method(self) -> Method:
        return Method(rule=self.rule, begin=self._begin, protect=self._protect)

    @property
    def read(self) -> int:
        return sum(count.read for count in self.begun)

    def _begin(self, kept: object | None) -> Count:
        if kept is not None and not isinstance(kept, dict):
            raise StoreError("These are no counts.", hint="Count again.")
        self.begun.append(Count(Counter(kept or {})))
        return self.begun[-1]

    def _protect(self, tally: object, _: object) -> object:
        self.made += 1
        assert isinstance(tally, Count)
        return tally.to_object()


def begin(folder: Path, *, synthetic: bool = False) -> Responses:
    """A new responses folder."""
    responses = Responses(folder)
    responses.prepare("cafe", synthetic=synthetic)
    return responses


def fill(responses: Responses, numbers: Iterable[int]) -> None:
    """Store the responses with these numbers, one after the other, with their texts."""
    for number in numbers:
        typed = [text(number)] if number % 2 else []
        responses.store(response(number), typed)


def sealing(
    responses: Responses, counting: Counting | None = None, *, thorough: bool = True
) -> Outcome:
    """Seal the pending responses; unless `thorough`, print unchanged stored figures if possible."""
    method = (counting or Counting()).method
    done = None if thorough else figures_at_rest(responses, LOADED.sha256, method.rule)
    return done or seal(responses, judge(responses), method)


def judge(responses: Responses) -> Judge:
    """The validator of the responses in a folder."""
    return Judge(LOADED, responses.terms())


def lines_of(folder: Path) -> list[dict[str, Any]]:
    """The sealed records in a folder, file by file and line by line."""
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def sealed_numbers(responses: Responses, of: Iterable[int]) -> list[int]:
    """The numbers of the sealed responses, line by line."""
    numbers = {response_id(receipt(number)): number for number in of}
    return [numbers[line["response_id"]] for line in lines_of(responses.folder / "sealed")]


def pooled_numbers(responses: Responses, of: Iterable[int]) -> list[int]:
    """The numbers of the people whose texts are in the pool, line by line."""
    numbers = {text_id(receipt(number), "why"): number for number in of}
    lines = lines_of(responses.folder / "sealed" / "texts")
    return [numbers[line["text_id"]] for line in lines]


def counted(numbers: Iterable[int]) -> dict[str, int]:
    """The counts of the responses with these numbers, computed independently."""
    count = Count(Counter())
    for number in numbers:
        count.add(answers_of(number), None)
    return dict(sorted(count.counts.items()))


def of_sealed(responses: Responses, of: Iterable[int]) -> dict[str, int]:
    """The counts of the sealed responses among these; their number must be a multiple of five."""
    sealed = sealed_numbers(responses, of)
    assert len(sealed) % 5 == 0
    return counted(sealed)


def assert_whole(responses: Responses, numbers: Iterable[int]) -> None:
    """Every response and text is present once, pending or sealed; there are no other records."""
    numbers = sorted(numbers)
    ids = {response_id(receipt(number)): number for number in numbers}
    sealed = sealed_numbers(responses, numbers)
    waiting = [ids[name.removesuffix(".json")] for name in responses.names()]
    assert sorted(sealed + waiting) == numbers
    for line in lines_of(responses.folder / "sealed"):
        assert line == json.loads(serialise(response(ids[line["response_id"]])))
    typed = [number for number in numbers if number % 2]
    texts = {text_id(receipt(number), "why"): number for number in typed}
    left = [texts[name.removesuffix(".json")] for name in responses.names(Kind.TEXT)]
    assert sorted(pooled_numbers(responses, typed) + left) == typed


def assert_tells_nothing(responses: Responses) -> None:
    """No file has a revealing modification time, access for other users, or a temporary name."""
    for path in (responses.folder, *responses.folder.rglob("*")):
        status = path.lstat()
        assert status.st_mtime == NEUTRAL_TIME, path
        assert not path.name.endswith(".part"), path
        assert os.name != "posix" or not status.st_mode & 0o077, path
