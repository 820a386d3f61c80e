"""Exports for tests: sealed responses made without a seal, and the data files read back."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from microcred_cli.files import own_folder
from microcred_cli.records.recoding import stored
from microcred_cli.records.simulation import simulate
from microcred_cli.store.folder import Responses
from microcred_cli.store.judge import Judge, as_line
from tests.places import built_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Response
    from tests.cli.program import Place, Ran


def responses_to(loaded: Loaded, count: int, seed: int = 1) -> list[Response]:
    """Synthetic responses to a questionnaire."""
    ref = Judge(loaded, None).ref
    recorded = stored(loaded.questionnaire)
    return [invented.response for invented in simulate(recorded, ref, count, seed)]


def seal_all(folder: Path, loaded: Loaded, records: Sequence[Response]) -> Responses:
    """A responses folder in which exactly these responses are sealed, without figures."""
    responses = Responses(folder)
    responses.prepare(loaded.questionnaire.id, synthetic=True)
    own_folder(folder / "sealed")
    responses.segments.create(as_line(record) + b"\n" for record in records)

    return responses


@dataclass(frozen=True)
class Exported:
    """An export that was made by the command."""

    ran: Ran
    folder: Path

    @property
    def name(self) -> str:
        return next(self.folder.glob("*.csv")).stem

    def path(self, extension: str) -> Path:
        return self.folder / f"{self.name}.{extension}"

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the CSV file."""
        with self.path("csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def metadata(self) -> dict[str, Any]:
        found = json.loads(self.path("csv-metadata.json").read_text(encoding="utf-8"))
        return dict(found)

    @property
    def readme(self) -> dict[str, str]:
        """The facts in README.txt."""
        lines = (self.folder / "README.txt").read_text(encoding="utf-8").splitlines()
        return dict(line.split(": ", 1) for line in lines if ": " in line)


def export_from(place: Place, *arguments: str, to: str = "data") -> Exported:
    """Run `microcred export`, which must succeed."""
    ran = place.run("export", to, *arguments)
    assert ran.code == 0, ran.all
    return Exported(ran, place.folder / to)


def built_in_export(place: Place, *arguments: str, count: int = 60) -> Exported:
    """An export of synthetic responses to the built-in questionnaire."""
    loaded = built_in()
    seal_all(place.responses, loaded, responses_to(loaded, count))
    return export_from(place, *arguments)


def cells_of(answers: dict[str, Any], item: Any, options: Sequence[str]) -> list[str]:
    """The expected cells of an item in one record, computed from its answer alone."""
    answer = answers[item.id]
    count = {
        "single": 1,
        "integer": 1,
        "open": 0,
        "multiple": len(options),
        "matrix": len(getattr(item, "rows", ())),
        "ranking": min(getattr(item, "ranks", 0), len(options)),
    }[item.kind]
    if not isinstance(answer, list | dict):
        return [str(answer)] * count
    if isinstance(answer, dict):
        return [answer[row.code] for row in item.rows]
    if item.kind == "ranking":
        return [*answer, *["no_further_rank"] * (count - len(answer))]
    return [str(int(code in answer)) for code in options]
