"""Data sets for attacks on the built-in questionnaire: simulated by the program, and skewed.

A skewed data set contains difficult cases for a rule: options that nobody or everybody chooses,
groups with one answer, groups of 7, 8, 10, 12 and 13 people, many refusals and break-offs.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.conditions import holds
from microcred_cli.questionnaire.models import Matrix, Multiple, Open, Ranking, allowed_missing
from microcred_cli.questionnaire.values import DETACHED, NOT_ASKED, NOT_REACHED
from microcred_cli.records.recoding import most_ranks, stored, stored_codes
from microcred_cli.records.shapes import QuestionnaireRef, stored_answer
from microcred_cli.records.simulation import simulate
from tests.scenario import builtin
from tests.summary.surveys import texts_printed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.questionnaire.values import Answer
    from microcred_cli.records.shapes import StoredAnswer
    from microcred_cli.summary.protection import Protection

REF = QuestionnaireRef(
    id="mc_employers",
    version="1.0.0",
    sha256="4c92c5b719b079a475286a8ecc35929538241b6ab49cc60d3d1ac05a04c3ebbc",
)
"""The definition whose data sets have been attacked before; its hash is part of their seed."""

SIZES = (60, 80, 100, 120, 150, 200, 250, 300, 400)
THRESHOLDS = (7, 8, 10, 12, 13)
_FILTERS = ("org_role", "involvement")
"""Items that determine routes are less skewed; otherwise, hardly anything would be printed."""

Records = list["Mapping[str, StoredAnswer]"]


@dataclass(frozen=True)
class Crowd:
    """Invented people, and a name by which to reproduce them."""

    name: str
    records: Records

    def texts(self, protection: Protection | None = None) -> dict[str | None, str]:
        """Everything that the program prints of them, by breakdown."""
        return texts_printed(builtin(), self.records, protection)


def simulated(count: int, seed: int) -> Crowd:
    """The output of `microcred simulate COUNT --seed SEED`."""
    people = simulate(stored(builtin()), REF, count, seed)
    return Crowd(f"simulate {count} --seed {seed}", [one.response.answers for one in people])


def some_simulated(number: int) -> Crowd:
    """The simulated data set of 60 to 400 people with this number, which is its seed."""
    return simulated(SIZES[(number + 2) % len(SIZES)], number)


def skewed(seed: int, count: int | None = None) -> Crowd:
    """A data set of skewed answers, which depends only on the seed."""
    random = Random(f"skewed {seed}")
    count = count or random.choice(SIZES)
    tastes = _Tastes(stored(builtin()), random)
    groups = _thresholds(tastes, count, random)
    people = [tastes.person({item: codes[n] for item, codes in groups.items()}, random)
              for n in range(count)]  # fmt: skip
    return Crowd(f"skewed {seed} of {count}", people)


def _thresholds(tastes: _Tastes, count: int, random: Random) -> dict[str, list[str]]:
    """For some breakdowns, the group of each person: all groups but one have a threshold size."""
    found: dict[str, list[str]] = {}
    for by in ("org_role", "country", "sector_main", "size_class"):
        if random.random() < 0.4:
            codes = list(tastes.codes[by])
            random.shuffle(codes)
            of = [code for code in codes[1:] for _ in range(random.choice((0, *THRESHOLDS)))]
            of = (of + [codes[0]] * count)[:count]
            random.shuffle(of)
            found[by] = of
    return found


class _Tastes:
    """The answer distributions of one data set, which depend on role and relation."""

    def __init__(self, questionnaire: Questionnaire, random: Random) -> None:
        self._questionnaire = questionnaire
        self._random = random
        self.codes = {i.id: stored_codes(questionnaire, i) for i in questionnaire.items}
        self._power = random.choice((1, 3, 8))
        self._refusing = random.choice((0.0, 0.02, 0.15))
        self._leaving = random.choice((0.0, 0.05, 0.3))
        self._weights: dict[tuple[str, ...], list[float]] = {}
        self._missing_rates: dict[str, float] = {}

    def person(self, fixed: Mapping[str, str], random: Random) -> Mapping[str, StoredAnswer]:
        """The answers of one person, with some answers given."""
        answers: dict[str, Answer] = {}
        asked: list[Item] = []
        for item in self._questionnaire.items:
            if not holds(item.asked_if, answers, self._questionnaire):
                answers[item.id] = NOT_ASKED
                continue
            asked.append(item)
            answers[item.id] = fixed.get(item.id) or self._answer(item, answers, random)
        if random.random() < self._leaving:
            self._leave(answers, asked, random)
        return {item: stored_answer(answer) for item, answer in answers.items()}

    def _answer(self, item: Item, said: Mapping[str, Answer], random: Random) -> Answer:
        if item.id == "consent":
            return "yes"
        if isinstance(item, Matrix):
            return {row.code: self._one(item, row.code, said, random) for row in item.rows}
        missing = self._missing(item, random)
        if missing:
            return missing
        if isinstance(item, Open):
            # Drawn even if unused, so that each seed still gives the data set attacked before.
            return random.choice((DETACHED, DETACHED))
        if isinstance(item, Multiple):
            return self._several(item, said, random)
        if isinstance(item, Ranking):
            return self._ranked(item, said, random)
        return self._one(item, "", said, random)

    def _missing(self, item: Item, random: Random) -> str | None:
        allowed = allowed_missing(item)
        rate = self._missing_rates.setdefault(
            item.id, self._random.choice((0, self._refusing, self._refusing, 2 * self._refusing))
        )
        return random.choice(allowed) if allowed and random.random() < rate else None

    def _liking(self, item: str, row: str, said: Mapping[str, Answer]) -> list[float]:
        """The weight of each code for people of this role."""
        key = (item, row, str(said.get("org_role")))
        if key not in self._weights:
            power = 1 if item in _FILTERS else self._power
            weights = [self._random.random() ** power for _ in self.codes[item]]
            if item not in _FILTERS and self._random.random() < 0.15:
                weights[self._random.randrange(len(weights))] = 0.0
            if item not in _FILTERS and self._random.random() < 0.1:
                only = self._random.randrange(len(weights))
                weights = [float(n == only) for n in range(len(weights))]
            self._weights[key] = weights
        return self._weights[key]

    def _one(self, item: Item, row: str, said: Mapping[str, Answer], random: Random) -> str:
        missing = self._missing(item, random)
        liking = self._liking(item.id, row, said)
        return missing or random.choices(self.codes[item.id], liking)[0]

    def _several(
        self, item: Multiple, said: Mapping[str, Answer], random: Random
    ) -> tuple[str, ...]:
        codes, liking = self.codes[item.id], self._liking(item.id, "", said)
        first = random.choices(codes, liking)[0]
        alone = {option.code for option in self._questionnaire.options(item) if option.exclusive}
        if first in alone:
            return (first,)
        chosen = {first} | {c for c, w in zip(codes, liking, strict=True) if random.random() < w}
        kept = sorted(chosen - alone - {first})[: (item.at_most or len(codes)) - 1]
        return tuple(code for code in codes if code in {first, *kept})

    def _ranked(self, item: Ranking, said: Mapping[str, Answer], random: Random) -> tuple[str, ...]:
        liking = dict(zip(self.codes[item.id], self._liking(item.id, "", said), strict=True))
        alone = {option.code for option in self._questionnaire.options(item) if option.exclusive}
        ranked: list[str] = []
        for _ in range(random.randint(1, most_ranks(self._questionnaire, item))):
            taken = {*ranked, *(alone if ranked else ())}
            left = {code: like for code, like in liking.items() if code not in taken and like}
            if left and alone.isdisjoint(ranked):
                ranked += random.choices(list(left), list(left.values()))
        return tuple(ranked)

    def _leave(self, answers: dict[str, Answer], asked: Sequence[Item], random: Random) -> None:
        """Mark everything asked from some item of the later sections on as not reached."""
        sections = self._questionnaire.section_of
        enough = next(n for n, i in enumerate(asked) if sections[i.id].makes_partial)
        for item in asked[random.randint(enough + 1, len(asked) - 1) :]:
            answers[item.id] = NOT_REACHED
