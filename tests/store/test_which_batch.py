"""After six seals, nothing on the disk shows the batch in which a response or text was sealed.

All responses are then in one file, and so are all texts of an item, so the name, inode, times and
length of the file are the same for every line. The properties that differ between lines (position,
length and id) are tested for correlation with the batch, over many folders.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest

from microcred_cli.records.receipts import response_id, text_id
from microcred_cli.store.layout import Kind
from microcred_cli.store.segments import id_in
from tests.store.sealing import begin, fill, receipt, sealing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from microcred_cli.store.folder import Responses

BATCHES = (30, 10, 10, 15, 12, 10)
FOLDERS = 16
Guess = dict[str, int]
"""The visible properties of one line, as numbers that could correlate with the batches."""


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[list[tuple[int, Guess]]]]:
    """By kind and folder, for each line: its batch, and its visible properties."""
    found = defaultdict(list)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        for seed in range(FOLDERS):
            responses = begin(tmp_path_factory.mktemp("six") / "responses")
            batch = in_six_seals(responses, seed)
            sealed = responses.folder / "sealed"
            assert len(list(sealed.glob("*.jsonl"))) == 1
            assert len(list((sealed / "texts").iterdir())) == 1
            kinds = (
                ("responses", sealed, Kind.RESPONSE, response_id),
                ("texts", sealed / "texts", Kind.TEXT, lambda bare: text_id(bare, "why")),
            )
            for kind, folder, of, name in kinds:
                came = {name(receipt(number)): seal for number, seal in batch.items()}
                found[kind].append([(came[own], seen) for own, seen in looked_at(folder, of)])
    return found


def in_six_seals(responses: Responses, seed: int) -> dict[int, int]:
    """Seal six times; returns the batch in which each number was submitted."""
    batch: dict[int, int] = {}
    order = random.Random(seed).sample(range(500), sum(BATCHES))
    for seal, count in enumerate(BATCHES):
        came, order = order[:count], order[count:]
        fill(responses, came)
        batch |= dict.fromkeys(came, seal)
        sealing(responses)
    return batch


def looked_at(folder: Path, kind: Kind) -> list[tuple[str, Guess]]:
    """The id and the visible properties of each line in the only file of a sealed folder."""
    found, offset = [], 0
    (path,) = folder.glob("*.jsonl")
    with path.open("rb") as file:
        for number, line in enumerate(file):
            own = id_in(line, kind)
            assert own is not None
            seen = {"place": number, "bytes before": offset, "length": len(line)}
            found.append((own, {**seen, "id": int(own[:12], 16)}))
            offset += len(line)
    return found


@pytest.mark.parametrize("kind", ["responses", "texts"])
def test_nothing_that_is_seen_follows_the_order_of_the_batches(
    lines: Mapping[str, list[list[tuple[int, Guess]]]], kind: str
) -> None:
    for name in lines[kind][0][0][1]:
        # Ranks within a folder, so that folders can be combined.
        together = [
            pair
            for folder in lines[kind]
            for pair in zip(
                ranks([seal for seal, _ in folder]),
                ranks([seen[name] for _, seen in folder]),
                strict=True,
            )
        ]
        assert abs(correlation(together)) < 4.5 / len(together) ** 0.5, name


@pytest.mark.parametrize("kind", ["responses", "texts"])
def test_neighbours_are_of_one_batch_as_often_as_by_chance(
    lines: Mapping[str, list[list[tuple[int, Guess]]]], kind: str
) -> None:
    same = pairs = expected = 0.0
    for folder in lines[kind]:
        seals = [seal for seal, _ in folder]
        shares = [seals.count(seal) for seal in set(seals)]
        same += sum(one == two for one, two in pairwise(seals))
        pairs += len(seals) - 1
        expected += sum(n * (n - 1) for n in shares) / len(seals)
    share = expected / pairs
    assert abs(same - expected) < 4.5 * (pairs * share * (1 - share)) ** 0.5


@pytest.mark.parametrize("name", ["place", "bytes before"])
def test_batches_one_after_the_other_would_be_found_out(tmp_path: Path, name: str) -> None:
    """If new lines were put before sealed ones, the position in the file would reveal the batch."""

    def chained(sources: Sequence[tuple[int, Iterator[bytes]]]) -> Iterator[bytes]:
        return (line + b"\n" for count, lines in sources for line in islice(lines, count))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("microcred_cli.store.sealed_set.riffled", chained)
        responses = begin(tmp_path / "responses")
        batch = in_six_seals(responses, 0)
    came = {response_id(receipt(number)): seal for number, seal in batch.items()}
    seen = looked_at(responses.folder / "sealed", Kind.RESPONSE)
    guessed = ranks([guess[name] for _, guess in seen])
    together = [*zip(ranks([came[own] for own, _ in seen]), guessed, strict=True)]
    assert correlation(together) < -0.9


def ranks(numbers: Sequence[float]) -> list[float]:
    """The rank of each number among the others, scaled from -1 to 1; equal numbers share a rank."""
    order = sorted(numbers)
    first: Callable[[float], int] = order.index
    last = {number: place for place, number in enumerate(order)}
    middle = {number: (first(number) + last[number]) / 2 for number in last}
    return [2 * middle[number] / max(1, len(order) - 1) - 1 for number in numbers]


def correlation(pairs: Sequence[tuple[float, float]]) -> float:
    """The correlation of pairs of ranks, from -1 to 1; 0 if one is constant."""
    one = [a - sum(a for a, _ in pairs) / len(pairs) for a, _ in pairs]
    two = [b - sum(b for _, b in pairs) / len(pairs) for _, b in pairs]
    spread = (sum(a * a for a in one) * sum(b * b for b in two)) ** 0.5
    return sum(a * b for a, b in zip(one, two, strict=True)) / spread if spread > 1e-9 else 0.0
