"""Small surveys that are difficult for summaries: routes, nested breakdowns, rows, early ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.records.recoding import stored
from microcred_cli.summary.counts import count
from microcred_cli.summary.protection import Protection
from tests.scenario import questionnaire_of
from tests.summary.attack import printed_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from microcred_cli.questionnaire.models import Questionnaire

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
    """A record that follows the routes; the larger the skew, the more similar people are."""

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
    """A number of records that are more or less similar."""
    skew = random.choice([0.0, 0.7, 1.5])
    return [some_record(random, skew) for _ in range(size)]


def texts_of(records: Sequence[Mapping[str, object]]) -> dict[str | None, str]:
    """All summaries that the program can print of these records."""
    return texts_printed(SURVEY, records, PROTECTION)


# -- interviews that end before a breakdown's own item ---------------------------------------------

ENDING = questionnaire_of(
    """
    breakdowns: [g]
    sections:
      - id: main
        makes_partial: true
        items:
          - {id: p, options: [a, b, c]}
          - {id: g, options: [x, y, z]}
          - {id: v, options: [a, b, c]}
    """
)
ENDING_GROUPS = tuple({"g": code} for code in ("x", "y", "z", "pna", "not_reached"))


def some_endings(random: Random, size: int) -> list[Record]:
    """A number of records, many of which end early."""
    skew = random.choice([0.0, 0.7, 1.5])
    weights = [(place + 1) ** -skew for place in range(3)]
    found = []
    for _ in range(size):
        reached = random.choices((1, 2, 3), (0.2, 0.15, 0.65))[0]
        record: Record = dict.fromkeys("pgv", "not_reached")
        for item, codes in (("p", "abc"), ("g", "xyz"), ("v", "abc"))[:reached]:
            refused = random.random() < 0.05
            record[item] = "pna" if refused else random.choices(codes, weights)[0]
        found.append(record)
    return found


# -- an item with rows that is not asked of everybody ----------------------------------------------

ROWS = questionnaire_of(
    """
    breakdowns: [role]
    sections:
      - id: about
        items:
          - {id: role, required: hard, options: [firm, union]}
          - {id: knows, required: hard, options: ["yes", "no"]}
      - id: main
        makes_partial: true
        items:
          - {id: first, required: hard, options: [a, b]}
          - id: trust
            kind: matrix
            rows: [r, s]
            options: ["1", "2", "3"]
            required: hard
            asked_if: {item: knows, any_of: ["yes"]}
    """
)
ROWS_GROUPS = ({"role": "firm"}, {"role": "union"})


def some_rows(random: Random, size: int) -> list[Record]:
    """A number of records; few people were not asked the rows, and few did not reach them."""
    skews = [random.choice([0.0, 0.7, 1.5]) for _ in "rs"]
    asked = random.choice([0.85, 0.95])
    found: list[Record] = []
    for _ in range(size):
        record: Record = {"role": random.choices(("firm", "union"), (2, 1))[0], "first": "a"}
        record["knows"] = "yes" if random.random() < asked else "no"
        rows = {
            row: random.choices("123", [(n + 1) ** -skew for n in range(3)])[0]
            for row, skew in zip("rs", skews, strict=True)
        }
        record["trust"] = rows if record["knows"] == "yes" else "not_asked"
        if record["knows"] == "yes" and random.random() < 0.03:
            record["trust"] = random.choice(["not_reached", {**rows, "s": "not_reached"}])
        found.append(record)
    return found


# -- rows in random order, by three breakdowns -----------------------------------------------------

SHUFFLED = questionnaire_of(
    """
    breakdowns: [role, region, size]
    sections:
      - id: about
        items:
          - {id: role, required: hard, options: [firm, union]}
          - {id: region, required: hard, options: [north, south, east]}
          - {id: size, required: hard, options: [small, large]}
      - id: main
        makes_partial: true
        items:
          - {id: first, required: hard, options: [a, b]}
          - id: trust
            kind: matrix
            rows: [r, s, t]
            rows_order: shuffled
            options: ["1", "2", "3"]
            missing: [dk]
            required: hard
    """
)
SHUFFLED_GROUPS = tuple(
    {"role": role, "region": region, "size": size}
    for role in ("firm", "union")
    for region in ("north", "south", "east")
    for size in ("small", "large")
)


def some_shuffled(random: Random, size: int) -> list[Record]:
    """A number of records whose groups and answers are more or less correlated."""
    hold = random.choice([0.0, 0.5, 0.8])
    found: list[Record] = []
    for _ in range(size):
        kind = random.randrange(3)

        def choose(codes: Sequence[str], kind: int = kind) -> str:
            return codes[kind % len(codes)] if random.random() < hold else random.choice(codes)

        record: Record = {"role": choose(("firm", "union")), "size": choose(("small", "large"))}
        record |= {"region": choose(("north", "south", "east")), "first": "a"}
        rows = {row: choose("123") if random.random() < 0.95 else "dk" for row in "rst"}
        if random.random() < 0.04:
            rows[random.choice("rst")] = "not_reached"
        record["trust"] = rows if random.random() < 0.97 else "not_reached"
        found.append(record)
    return found


def texts_printed(
    questionnaire: Questionnaire,
    records: Sequence[Mapping[str, object]],
    protection: Protection | None = None,
) -> dict[str | None, str]:
    """All summaries that the program can print of some records of a survey."""
    known = protection or Protection(questionnaire, sha256="0" * 64)
    return printed_texts(known.figures(count(questionnaire, records)), stored(questionnaire))
