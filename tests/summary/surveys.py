"""A small survey with all that makes summaries hard: routes, and breakdowns that nest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.recoding import stored
from microcred_cli.summary.counts import count
from microcred_cli.summary.protection import Protection
from tests.scenario import questionnaire_of
from tests.summary.attack import printed_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

SURVEY = questionnaire_of(
    """
    breakdowns: [role, region, size]
    sections:
      - id: about
        items:
          - {id: role, required: hard, options: [firm, union]}
          - {id: region, options: [north, south, east, west], missing: [pna]}
          - id: size
            options: [small, large]
            asked_if: {item: role, any_of: [firm]}
      - id: main
        makes_partial: true
        items:
          - {id: view, options: ["1", "2", "3", "4"], missing: [dk]}
          - {id: use, options: [a, b, c], missing: [dk], asked_if: {item: role, any_of: [firm]}}
          - {id: terms, kind: multiple, options: [x, y, z], missing: [dk]}
    """
)
PROTECTION = Protection(SURVEY, sha256="0" * 64)

COMBINATIONS = tuple(
    {"role": role, "region": region, "size": size}
    for role, sizes in (("firm", ("small", "large", "pna")), ("union", ("not_asked",)))
    for region in ("north", "south", "east", "west", "pna")
    for size in sizes
)
"""Every combination of groups that the routes allow."""

Record = dict[str, object]


def some_record(random: Random, skew: float) -> Record:
    """A record that follows the routes; the larger the skew, the more people are alike."""

    def choose(*codes: str) -> str:
        weights = [(place + 1) ** -skew for place in range(len(codes))]
        return random.choices(codes, weights)[0]

    record: Record = {"role": choose("firm", "union")}
    record["region"] = choose("north", "south", "east", "west", "pna")
    firm = record["role"] == "firm"
    record["size"] = choose("small", "large", "pna") if firm else "not_asked"
    record["view"] = choose("1", "2", "3", "4", "dk", "pna")
    record["use"] = choose("a", "b", "c", "dk", "pna") if firm else "not_asked"
    chosen = [code for code in ("x", "y", "z") if random.random() < 0.5 / (1 + skew)]
    record["terms"] = chosen or choose("dk", "pna")
    if random.random() < 0.03:
        record |= {"terms": "not_reached"}
    return record


def some_crowd(random: Random, size: int) -> list[Record]:
    """So many records, more or less alike."""
    skew = random.choice([0.0, 0.7, 1.5])
    return [some_record(random, skew) for _ in range(size)]


def texts_of(records: Sequence[Mapping[str, object]]) -> dict[str | None, str]:
    """All summaries that the program can print of these records."""
    return printed_texts(PROTECTION.figures(count(SURVEY, records)), stored(SURVEY))
