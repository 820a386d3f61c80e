"""Synthetic responses: they follow the routes and look like life, and nobody gave them.

Each invented person has some leanings (how large, how keen, how content, how willing to talk), and
every question leans on them in its own way, so answers are skewed and go together. What a question
leans on is drawn from its id: it is the same for every seed, as in a real population.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final, Literal

from microcred_cli.questionnaire.conditions import holds
from microcred_cli.questionnaire.models import (
    Choice,
    Integer,
    Matrix,
    Multiple,
    Open,
    Ranking,
    Single,
    allowed_missing,
)
from microcred_cli.questionnaire.values import BLANK, GIVEN, NOT_ASKED, NOT_REACHED
from microcred_cli.records.receipts import ALPHABET, RECEIPT_SYMBOLS, response_id, text_id
from microcred_cli.records.recoding import detached, minutes_of, most_ranks, stored_codes
from microcred_cli.records.shapes import Response, Text, stored_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Item, Option, Questionnaire, Row
    from microcred_cli.questionnaire.values import Answer
    from microcred_cli.records.shapes import QuestionnaireRef

Mode = Literal["self", "phone", "in_person"]
Status = Literal["complete", "partial"]

TEXTS: Final = (
    "A short course with a test at the end.",
    "We would need more time to find out what is on offer.",
    "It depends on the trade.",
    "Two days on site, then a task at work.",
    "Clearer names would help.",
    "Our people ask for it more and more.",
    "Hard to say for a firm of our size.",
    "The level should stand on it.",
)
"""What invented people type."""

_LEFT_UNFINISHED = 0.06
_ON_PAPER = 0.03
_LEFT_BLANK = 0.93
_TYPED_NOTHING = 0.8
_MODES: Final[tuple[tuple[Mode, float], ...]] = (
    ("self", 0.8),
    ("phone", 0.95),
    ("in_person", 1.0),
)


@dataclass(frozen=True, slots=True)
class Invented:
    """One synthetic response with its texts."""

    response: Response
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    """Leanings around 0, most of them between -2 and 2."""

    large: float
    keen: float
    content: float
    reticent: float


def simulate(
    questionnaire: Questionnaire, ref: QuestionnaireRef, count: int, seed: int
) -> Iterator[Invented]:
    """So many synthetic responses, the same for the same seed.

    Args:
        questionnaire: that of the stored records (`recoding.stored`).
        ref: which questionnaire it is.
        count: how many.
        seed: any number.
    """
    random = Random(f"microcred-simulation/1 {ref.sha256} {seed}")
    population = _Population(questionnaire)
    for _ in range(count):
        receipt = "".join(random.choices(ALPHABET, k=RECEIPT_SYMBOLS))
        answers = population.answers(random)
        status = _cut(questionnaire, answers, random)
        yield _invented(questionnaire, ref, receipt, status, answers, random)


def _invented(
    questionnaire: Questionnaire,
    ref: QuestionnaireRef,
    receipt: str,
    status: Status,
    answers: Mapping[str, Answer],
    random: Random,
) -> Invented:
    on_paper = random.random() < _ON_PAPER
    drawn = random.random()
    seconds = 300 * random.lognormvariate(1.2, 0.4) * (0.6 if status == "partial" else 1)
    response = Response.model_construct(
        format="microcred-response/1",
        response_id=response_id(receipt),
        questionnaire=ref,
        status=status,
        mode=next(mode for mode, share in _MODES if drawn < share),
        detail="coarse",
        language=None,
        duration_minutes=None if on_paper else minutes_of(seconds, "coarse"),
        shuffle_seed=None,
        synthetic=True,
        answers={
            item.id: stored_answer(detached(item, answers[item.id])) for item in questionnaire.items
        },
    )
    return Invented(response, tuple(_texts(questionnaire, ref, receipt, answers, random)))


def _texts(
    questionnaire: Questionnaire,
    ref: QuestionnaireRef,
    receipt: str,
    answers: Mapping[str, Answer],
    random: Random,
) -> Iterator[Text]:
    for item in questionnaire.items:
        for key, longest, may_be_empty in _keys(questionnaire, item, answers[item.id]):
            if may_be_empty and random.random() < _TYPED_NOTHING:
                continue
            yield Text.model_construct(
                format="microcred-text/1",
                text_id=text_id(receipt, key),
                questionnaire=ref,
                item=key,
                text=random.choice(TEXTS)[:longest].rstrip(),
                synthetic=True,
            )


def _keys(
    questionnaire: Questionnaire, item: Item, answer: Answer
) -> Iterator[tuple[str, int, bool]]:
    """The texts that go with an answer: key, longest length, whether it may be left empty."""
    if isinstance(item, Open):
        if answer == GIVEN:
            yield item.id, item.max_length, False
    elif isinstance(item, Choice):
        codes = answer if isinstance(answer, tuple) else (answer,)
        for option in questionnaire.options(item):
            if option.specify and option.code in codes:
                yield f"{item.id}.{option.code}", option.specify.max_length, True


# -- what is answered ------------------------------------------------------------------------------


class _Population:
    """How people answer one questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._asking = [_Asking(questionnaire, item) for item in questionnaire.items]

    def answers(self, random: Random) -> dict[str, Answer]:
        """What one person answers to everything on the route."""
        person = _person(random)
        answers: dict[str, Answer] = {}
        for asking in self._asking:
            item = asking.item
            asked = holds(item.asked_if, answers, self._questionnaire)
            answers[item.id] = asking.answer(person, random) if asked else NOT_ASKED
        return answers


def _person(random: Random) -> _Person:
    large = random.gauss(0, 1)
    keen = 0.6 * large + random.gauss(0, 0.8)
    return _Person(
        large=large,
        keen=keen,
        content=0.5 * keen + random.gauss(0, 0.9),
        reticent=random.gauss(0, 1),
    )


class _Asking:
    """One item, and how people lean when they answer it."""

    def __init__(self, questionnaire: Questionnaire, item: Item) -> None:
        own = Random(hashlib.sha256(item.id.encode()).digest())
        self.item = item
        self.codes = stored_codes(questionnaire, item)
        self._missing = allowed_missing(item)
        self._refusing = own.uniform(0.01, 0.05)
        self._ordered = isinstance(item, Choice) and item.measure == "ordinal"
        self._about_size = self._ordered and item.quasi_identifier
        self._shift = own.uniform(-0.6, 0.3)
        self._sign = own.choice((1, 1, -1))
        self._rows = {row.code: own.gauss(0, 0.5) for row in _rows(item)}
        self._shares = _zipf(questionnaire.options(item), self.codes, own, self._ordered)
        self._options = _likings(questionnaire.options(item), own)
        self._exclusive = {o.code for o in questionnaire.options(item) if o.exclusive}
        self._ranks = most_ranks(questionnaire, item) if isinstance(item, Ranking) else 0

    def answer(self, person: _Person, random: Random) -> Answer:
        """What this person answers."""
        item = self.item
        if isinstance(item, Matrix):
            return {row: self._row(row, person, random) for row in self._rows}
        if item.required == "optional" and random.random() < _LEFT_BLANK:
            return BLANK
        refused = self._missing_code(person, random)
        if refused is not None:
            return refused
        match item:
            case Integer():
                spread = min(item.maximum - item.minimum, 1000)
                return item.minimum + int(spread ** random.random()) - 1 if spread else item.minimum
            case Multiple():
                return self._several(item, person, random)
            case Ranking():
                return self._ranked(random)
            case Single() if self._ordered:
                return self._step(self._lean(person), random)
            case Single():
                return random.choices(self.codes, cum_weights=self._shares)[0]
            case Open():
                return GIVEN

    def _missing_code(self, person: _Person, random: Random) -> str | None:
        if not self._missing:
            return None
        if random.random() >= self._refusing * math.exp(0.7 * person.reticent):
            return None
        return random.choice(self._missing)

    def _row(self, row: str, person: _Person, random: Random) -> str:
        refused = self._missing_code(person, random)
        return refused or self._step(self._lean(person) + self._rows[row], random)

    def _lean(self, person: _Person) -> float:
        if self._about_size:
            # Most firms are small.
            return 1.2 * person.large - 0.9
        return self._shift + 0.8 * self._sign * person.content

    def _step(self, lean: float, random: Random) -> str:
        """A step of a scale: the middle one where somebody leans to neither side."""
        steps = len(self.codes)
        place = (steps - 1) / 2 + (steps / 5) * (lean + random.gauss(0, 0.7))
        return self.codes[min(steps - 1, max(0, round(place)))]

    def _several(self, item: Multiple, person: _Person, random: Random) -> tuple[str, ...]:
        chosen = {
            code
            for code, base, slope in self._options
            if random.random() < 1 / (1 + math.exp(-base - slope * person.keen))
        }
        alone = [code for code in chosen if code in self._exclusive]
        if chosen - self._exclusive or not alone:
            chosen -= self._exclusive
        else:
            chosen = {min(alone)}
        if not chosen:
            chosen = {random.choice(sorted(self._exclusive) or self.codes)}
        if item.at_most is not None and len(chosen) > item.at_most:
            chosen = set(random.sample(sorted(chosen), item.at_most))
        return tuple(code for code in self.codes if code in chosen)

    def _ranked(self, random: Random) -> tuple[str, ...]:
        count = min(self._ranks, random.choice((1, 2, 3, 3, 3)))
        ranked: list[str] = []
        while len(ranked) < count:
            code = random.choices(self.codes, cum_weights=self._shares)[0]
            if code not in ranked:
                ranked.append(code)
        return tuple(ranked)


def _rows(item: Item) -> Sequence[Row]:
    return item.rows if isinstance(item, Matrix) else ()


def _zipf(
    options: Sequence[Option], codes: Sequence[str], own: Random, ordered: bool
) -> list[float]:
    """Running shares of some codes: a few have most, and what needs a text has little."""
    shares = [1 / rank for rank in range(1, len(codes) + 1)]
    if not ordered:
        own.shuffle(shares)
    texts = {option.code for option in options if option.specify}
    running = 0.0
    return [
        running := running + (0.05 if code in texts else share)
        for code, share in zip(codes, shares, strict=True)
    ]


def _likings(options: Sequence[Option], own: Random) -> list[tuple[str, float, float]]:
    """For each option how likely it is (a logit), and how much more so for the keen.

    The keen choose more of what stands first, and less of what excludes the rest.
    """
    last = max(1, len(options) - 1)
    return [
        (
            option.code,
            own.uniform(-1.8, 0.6) - 1.5 * bool(option.exclusive or option.specify),
            -1.0 if option.exclusive else 0.9 - place / last,
        )
        for place, option in enumerate(options)
    ]


# -- where it ends ---------------------------------------------------------------------------------


def _cut(questionnaire: Questionnaire, answers: dict[str, Answer], random: Random) -> Status:
    """Leave some interviews unfinished; the status. What was not reached is an unbroken tail."""
    if random.random() >= _LEFT_UNFINISHED:
        return "complete"
    asked = [item for item in questionnaire.items if answers[item.id] != NOT_ASKED]
    enough = next(
        (n for n, i in enumerate(asked, 1) if questionnaire.section_of[i.id].makes_partial),
        len(asked),
    )
    if enough >= len(asked):
        return "complete"
    first_open = asked[random.randrange(enough, len(asked))]
    _leave_from(questionnaire, answers, first_open, random)
    return "partial"


def _leave_from(
    questionnaire: Questionnaire, answers: dict[str, Answer], first: Item, random: Random
) -> None:
    said = answers.pop(first.id)
    position = questionnaire.items.index(first)
    if isinstance(first, Matrix) and not isinstance(said, str | int | tuple):
        answered = random.randrange(len(first.rows))
        if answered:
            said = {
                row: code if n < answered else NOT_REACHED
                for n, (row, code) in enumerate(said.items())
            }
    before = {item.id: answers[item.id] for item in questionnaire.items[:position]}
    left: dict[str, Answer] = {}
    for item in questionnaire.items[position:]:
        is_asked = holds(item.asked_if, before, questionnaire)
        left[item.id] = NOT_ASKED if is_asked is False else NOT_REACHED
        before[item.id] = left[item.id]
    if isinstance(said, dict) and NOT_REACHED in said.values():
        left[first.id] = said
    answers.clear()
    answers.update({item.id: before[item.id] for item in questionnaire.items} | left)
