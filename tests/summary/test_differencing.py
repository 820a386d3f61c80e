"""Two summaries side by side: what they prove about people who joined and left in between.

The attacker solves an integer program for each answer: the smallest number of people who joined and
can have given it, given all figures of the question in both summaries. The code is independent of
the program.
"""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from microcred_cli.summary.audit import decoys
from microcred_cli.summary.audit.differencing import INSIDERS, PreviousFigures
from microcred_cli.summary.counts import Counts, count
from microcred_cli.summary.protection import Protection
from tests.scenario import questionnaire_from
from tests.summary.attack import printed_texts, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Figures

People = dict[tuple[str, str], int]
"""The number of people of each group who gave each answer."""


def survey(answers: int, groups: int) -> Questionnaire:
    items: list[dict[str, Any]] = [
        {"id": "g", "required": "hard", "options": [f"g{n}" for n in range(groups)]},
        {"id": "q", "required": "hard", "options": [f"q{n}" for n in range(answers)]},
    ]
    sections = [{"id": "main", "items": items}]
    return questionnaire_from({"sections": sections, "breakdowns": ["g"]})


def counts_of(questionnaire: Questionnaire, people: People) -> Counts:
    records = [{"g": g, "q": q} for (g, q), many in sorted(people.items()) for _ in range(many)]
    return count(questionnaire, records)


def seal(protection: Protection, counts: Counts, before: tuple[Figures, Counts] | None) -> Figures:
    earlier = None if before is None else PreviousFigures(before[0], before[1].sizes)
    return protection.figures(counts, earlier)


def tables(figures: Figures, questionnaire: Questionnaire) -> Iterable[dict[str, Any]]:
    for by, text in printed_texts(figures, questionnaire).items():
        for table in json.loads(text)["tables"]:
            if table["item"] == "q" and (table["group"] is None) == (by is None):
                yield table


def fewest(answer: str, old: dict[str, Any], new: dict[str, Any], sizes: tuple[int, int]) -> int:
    """The smallest number of newcomers who gave an answer, by one column of both summaries.

    Nobody left. The unknowns are the numbers of people who gave each answer before, and of
    newcomers.
    """
    codes = [cell["code"] for cell in old["cells"]]
    width = len(codes)
    rows, low, high = [], [], []

    def bind(row: Sequence[float], ends: tuple[float, float]) -> None:
        rows.append(list(row))
        low.append(ends[0])
        high.append(ends[1])

    for table, both in ((old, False), (new, True)):
        to = table.get("rounded_to", 5)
        for place, cell in enumerate(table["cells"]):
            row = [0.0] * (2 * width)
            row[place] = 1
            row[width + place] = 1 if both else 0
            bind(row, values_of(cell["count"], to))
        bind([1] * width + [1 if both else 0] * width, values_of(table["base"], 5))
    bind([1] * width + [0] * width, (sizes[0], sizes[0]))
    bind([0] * width + [1] * width, (sizes[1] - sizes[0], sizes[1] - sizes[0]))
    goal = np.zeros(2 * width)
    goal[width + codes.index(answer)] = 1
    done = milp(
        goal,
        constraints=LinearConstraint(np.array(rows), low, high),
        integrality=np.ones(2 * width),
        bounds=Bounds(0, np.inf),
    )
    assert done.status == 0, done.message
    fewest_given: int = round(done.fun)
    return fewest_given


def proved(
    before: People, came: People, answers: int, *, heed: bool = True
) -> list[tuple[str | None, str, int, int]]:
    """The groups and answers that all newcomers, or all but three, are proved to have given."""
    questionnaire = survey(answers, 2)
    protection = Protection(questionnaire, sha256="0" * 64)
    after = {key: before.get(key, 0) + came.get(key, 0) for key in {*before, *came}}
    one, two = counts_of(questionnaire, before), counts_of(questionnaire, after)
    first = seal(protection, one, None)
    second = seal(protection, two, (first, one) if heed else None)
    found = []
    later = {table["group"]: table for table in tables(second, questionnaire)}
    for old in tables(first, questionnaire):
        new = later.get(old["group"])
        if new is None or old["withheld"] or new["withheld"]:
            continue
        sizes = tuple(
            sum(many for (group, _), many in people.items() if old["group"] in (None, group))
            for people in (before, after)
        )
        many = sizes[1] - sizes[0]
        for cell in old["cells"]:
            known = fewest(cell["code"], old, new, (sizes[0], sizes[1]))
            if known >= max(1, many - INSIDERS):
                found.append((old["group"], cell["code"], known, many))
    return found


@pytest.fixture(autouse=True)
def _long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the program treat a short questionnaire like a long one."""
    monkeypatch.setattr(decoys, "SMALL", -1)


FIVE = {("g0", f"q{n}"): many for n, many in enumerate((18, 8, 13, 18, 23))}
THREE = {("g0", f"q{n}"): many for n, many in enumerate((19, 8, 13))}


@pytest.mark.parametrize(
    ("before", "came", "answers"),
    [
        (FIVE, {("g0", "q0"): 10}, 5),
        (THREE, {("g0", "q0"): 9, ("g0", "q1"): 1}, 3),
    ],
)
def test_a_batch_of_one_mind_is_not_proved_to_be_of_one(
    before: People, came: People, answers: int
) -> None:
    assert proved(before, came, answers, heed=False)
    assert proved(before, came, answers) == []


@pytest.mark.parametrize("seed", range(40))
def test_no_two_summaries_prove_the_answer_of_those_who_came(seed: int) -> None:
    random = Random(seed)
    answers = random.choice([2, 3, 4, 5])
    keys = [(f"g{g}", f"q{q}") for g in range(2) for q in range(answers)]
    before: People = dict.fromkeys(keys, 0)
    for _ in range(5 * random.randint(4, 16)):
        before[random.choices(keys, [1 / (n + 1) for n in range(len(keys))])[0]] += 1
    came: People = {}
    common = random.choice(keys)
    for _ in range(random.choice([10, 15, 20])):
        key = common if random.random() < 0.9 else random.choice(keys)
        came[key] = came.get(key, 0) + 1
    assert proved(before, came, answers) == []


def test_figures_that_do_not_heed_the_last_ones_are_caught() -> None:
    caught = 0
    for seed in range(30):
        random = Random(seed)
        keys = [("g0", f"q{n}") for n in range(4)]
        before: People = dict.fromkeys(keys, 0)
        for _ in range(5 * random.randint(6, 16)):
            before[random.choice(keys)] += 1
        caught += bool(proved(before, {keys[0]: 10}, 4, heed=False))
    assert caught
