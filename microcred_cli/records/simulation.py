"""Synthetic responses, which follow the routes and resemble real ones.

Each simulated person has a few traits: size of the firm, keenness, contentment and reticence. The
effects of the traits differ by item, so the answers are skewed and correlated: contentment shifts
opinion scales, size shifts size bands, and keen people choose more options and say "don't know"
less often. The effects are derived from the id of the item, so, as in a real population, they are
the same for every seed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import UsageError
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
from microcred_cli.records.anonymise import anonymise
from microcred_cli.records.receipts import ALPHABET, RECEIPT_SYMBOLS
from microcred_cli.records.recoding import most_ranks, stored_codes
from microcred_cli.records.validation import text_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.questionnaire.models import Item, Option, Questionnaire
    from microcred_cli.questionnaire.values import Answer, Answers
    from microcred_cli.records.shapes import Mode, QuestionnaireRef, Response, Status, Text

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
"""The free-text answers of simulated respondents."""

MOST: Final = 10_000_000
"""The maximum number of responses generated in one call."""

_POPULATION = 416_334
"""The seed of the simulated population. The number was chosen because it produces plausible answers
to the built-in questionnaire; for other questionnaires, it is arbitrary."""

_LEFT_UNFINISHED = 0.06
_ON_PAPER = 0.03
_REFUSED = 0.012
_LEFT_BLANK = 0.93
_TYPED_NOTHING = 0.8
_MODES: Final[tuple[tuple[Mode, float], ...]] = (
    ("self", 0.8),
    ("phone", 0.95),
    ("in_person", 1.0),
)


@dataclass(frozen=True, slots=True)
class SyntheticResponse:
    """A synthetic response with its texts."""

    response: Response
    texts: tuple[Text, ...]


def simulate(
    questionnaire: Questionnaire, ref: QuestionnaireRef, count: int, seed: int
) -> Iterator[SyntheticResponse]:
    """Generate `count` synthetic responses to a stored questionnaire, reproducibly by `seed`.

    Raises:
        UsageError: `count` is out of range.
    """
    if not 1 <= count <= MOST:
        raise UsageError(
            f"{count:,} responses cannot be generated.",
            where="N",
            hint=f"Use a number from 1 to {MOST:,}.",
        )
    return _simulated(questionnaire, ref, count, seed)


def _simulated(
    questionnaire: Questionnaire, ref: QuestionnaireRef, count: int, seed: int
) -> Iterator[SyntheticResponse]:
    random = Random(f"microcred-simulation/1 {ref.sha256} {seed}")
    simulator = _Simulator(questionnaire, ref, random)
    for _ in range(count):
        yield simulator.response()


class _Simulator:
    """Generator of responses to one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, ref: QuestionnaireRef, random: Random) -> None:
        self._questionnaire = questionnaire
        self._ref = ref
        self._random = random
        self._items = [_ItemModel(questionnaire, item) for item in questionnaire.items]
        self._text_keys = tuple(text_limits(questionnaire))

    def response(self) -> SyntheticResponse:
        random = self._random
        receipt = "".join(random.choices(ALPHABET, k=RECEIPT_SYMBOLS))
        answers = self._answers()
        status = self._break_off(answers)
        on_paper = random.random() < _ON_PAPER
        drawn = random.random()
        seconds = 300 * random.lognormvariate(1.2, 0.4) * (0.6 if status == "partial" else 1)
        records = anonymise(
            self._questionnaire,
            self._ref,
            answers=answers,
            texts=dict(self._texts(answers)),
            status=status,
            mode=next(mode for mode, share in _MODES if drawn < share),
            receipt=receipt,
            elapsed_seconds=None if on_paper else seconds,
            seed=None,
            synthetic=True,
        )
        return SyntheticResponse(*records)

    def _texts(self, answers: Answers) -> Iterator[tuple[str, str]]:
        for key in self._text_keys:
            item, _, code = key.partition(".")
            answer = answers[item]
            codes = answer if isinstance(answer, tuple) else (answer,)
            if (code or GIVEN) not in codes:
                continue
            if code and self._random.random() < _TYPED_NOTHING:
                continue
            yield key, self._random.choice(TEXTS)

    def _answers(self) -> dict[str, Answer]:
        """The answers of one person to every item on the route."""
        person = _Person.drawn(self._random)
        answers: dict[str, Answer] = {}
        for model in self._items:
            item = model.item
            asked = holds(item.asked_if, answers, self._questionnaire)
            answers[item.id] = model.answer(person, self._random) if asked else NOT_ASKED
        return answers

    def _break_off(self, answers: dict[str, Answer]) -> Status:
        """Break off some interviews by marking all items from a random item on as not reached."""
        if self._random.random() >= _LEFT_UNFINISHED:
            return "complete"
        section_of = self._questionnaire.section_of
        asked = [item for item in self._questionnaire.items if answers[item.id] != NOT_ASKED]
        enough = (n for n, item in enumerate(asked, 1) if section_of[item.id].makes_partial)
        least = next(enough, len(asked))
        if least >= len(asked):
            return "complete"
        self._leave_from(asked[self._random.randrange(least, len(asked))], answers)
        return "partial"

    def _leave_from(self, first: Item, answers: dict[str, Answer]) -> None:
        """Mark an item and all later items as not reached, except for some rows of a matrix."""
        given = answers[first.id]
        reached = self._random.randrange(len(first.rows)) if isinstance(first, Matrix) else 0
        left = self._questionnaire.items[self._questionnaire.items.index(first) :]
        for item in left:
            del answers[item.id]
        for item in left:
            is_asked = holds(item.asked_if, answers, self._questionnaire)
            answers[item.id] = NOT_ASKED if is_asked is False else NOT_REACHED
        if reached and isinstance(given, Mapping):
            answers[first.id] = {
                row: code if n < reached else NOT_REACHED
                for n, (row, code) in enumerate(given.items())
            }


@dataclass(frozen=True, slots=True)
class _Person:
    """Traits of a person, each around 0 and mostly between -2 and 2."""

    large: float
    keen: float
    content: float
    reticent: float

    @classmethod
    def drawn(cls, random: Random) -> _Person:
        large = random.gauss(0, 1)
        keen = 0.6 * large + random.gauss(0, 0.8)
        content = 0.6 * keen + random.gauss(0, 0.8)
        return cls(large, keen, content, reticent=random.gauss(0, 1))


class _ItemModel:
    """A model of how answers to one item depend on a person."""

    def __init__(self, questionnaire: Questionnaire, item: Item) -> None:
        own = Random(hashlib.sha256(f"{_POPULATION} {item.id}".encode()).digest())
        self.item = item
        self.codes = stored_codes(questionnaire, item)
        self._missing = allowed_missing(item)
        self._unknown = own.betavariate(1, 14)
        self._off_scale_share = own.uniform(0.04, 0.15)
        self._ordered = isinstance(item, Choice) and item.measure == "ordinal"
        off_scale = {o.code for o in questionnaire.options(item) if o.off_scale}
        self._off_scale = [code for code in self.codes if code in off_scale]
        self._scale = [code for code in self.codes if code not in off_scale]
        self._is_opinion = all(code.isdigit() for code in self._scale)
        self._about_size = self._ordered and item.quasi_identifier
        self._shift = own.uniform(-0.6, 0.3)
        rows = item.rows if isinstance(item, Matrix) else ()
        self._rows = {row.code: own.gauss(0, 0.5) for row in rows}
        self._shares = _zipf(questionnaire.options(item), self.codes, own, self._ordered)
        self._options = _likings(questionnaire.options(item), own)
        self._exclusive = {o.code for o in questionnaire.options(item) if o.exclusive}
        self._ranks = most_ranks(questionnaire, item) if isinstance(item, Ranking) else 0

    def answer(self, person: _Person, random: Random) -> Answer:
        """Draw a random answer for a person."""
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
                size = 1 / (1 + math.exp(0.4 - person.large - random.gauss(0, 1)))
                return item.minimum + int(spread**size) - 1 if spread else item.minimum
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
        """A reserved code if the person does not know the answer or prefers not to answer."""
        rates = {"dk": self._unknown * math.exp(-0.6 * person.keen), "pna": _REFUSED}
        drawn = random.random() / math.exp(0.5 * person.reticent)
        for code in self._missing:
            drawn -= rates[code]
            if drawn < 0:
                return code
        return None

    def _row(self, row: str, person: _Person, random: Random) -> str:
        refused = self._missing_code(person, random)
        return refused or self._step(self._lean(person) + self._rows[row], random)

    def _lean(self, person: _Person) -> float:
        if self._about_size:
            # Most firms are small.
            return 1.2 * person.large - 0.9
        return self._shift + 0.8 * (person.content if self._is_opinion else person.large)

    def _step(self, lean: float, random: Random) -> str:
        """Draw a step of a scale; if `lean` is 0, the middle step is the mean."""
        if self._off_scale and random.random() < self._off_scale_share:
            return random.choice(self._off_scale)
        steps = len(self._scale)
        place = (steps - 1) / 2 + (steps / 5) * (lean + random.gauss(0, 0.7))
        return self._scale[min(steps - 1, max(0, round(place)))]

    def _several(self, item: Multiple, person: _Person, random: Random) -> tuple[str, ...]:
        chosen = {
            code
            for code, base, slope in self._options
            if random.random() < 1 / (1 + math.exp(-base - slope * person.keen))
        }
        if alone := sorted(chosen & self._exclusive):
            chosen = {random.choice(alone)}
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
            if code in self._exclusive and not ranked:
                return (code,)
            if code not in ranked and code not in self._exclusive:
                ranked.append(code)
        return tuple(ranked)


def _zipf(
    options: Sequence[Option], codes: Sequence[str], own: Random, ordered: bool
) -> list[float]:
    """Cumulative shares of codes; codes with a text and exclusive codes have small shares."""
    shares = [1 / rank for rank in range(1, len(codes) + 1)]
    if not ordered:
        own.shuffle(shares)
    rare = {option.code for option in options if option.specify or option.exclusive}
    shared = zip(codes, shares, strict=True)
    return [*accumulate(0.05 if code in rare else share for code, share in shared)]


def _likings(options: Sequence[Option], own: Random) -> list[tuple[str, float, float]]:
    """The logit of choosing each option, and the slope of the logit by keenness.

    Keen people choose the first options more often, and exclusive options less often.
    """
    last = max(1, len(options) - 1)
    return [
        (
            option.code,
            own.uniform(-2.2, 0.6) - 1.5 * bool(option.exclusive or option.specify),
            -1.0 if option.exclusive else 0.9 - place / last,
        )
        for place, option in enumerate(options)
    ]
