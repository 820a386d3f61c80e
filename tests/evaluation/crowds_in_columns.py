"""Records of every kind of question with every reserved code, and their counts as columns."""

from __future__ import annotations

from random import Random
from types import ModuleType
from typing import TYPE_CHECKING, Any

from microcred_cli.evaluation import column_files, columns, expression
from microcred_cli.summary.counts import count
from microcred_cli.summary.quality import QualityCounts
from tests.scenario import record_of, some_interview, some_questionnaire
from tests.summary.crowds import simulated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from microcred_cli.evaluation.columns import Columns
    from microcred_cli.evaluation.engines import Engine
    from microcred_cli.questionnaire.models import Questionnaire, Section

Records = list[tuple["Mapping[str, Any]", int | None]]
MINUTES = (10, 20, 30, None)


def employers(size: int) -> Records:
    """Simulated responses to the built-in questionnaire."""
    return [(answers, MINUTES[n % 4]) for n, answers in enumerate(simulated(size, 1).records)]


def some_records(seed: int, size: int) -> tuple[Questionnaire, Records]:
    """A generated questionnaire with breakdowns, and random interviews, some of them unfinished."""
    random = Random(f"columns {seed}")
    asked = some_questionnaire(random)
    asked = asked.model_copy(update={"sections": tuple(_optional(asked, random))})
    usable = [item.id for item in asked.items if item.kind == "single"]
    usable += [variable.id for variable in asked.computed]
    asked = asked.model_copy(update={"breakdowns": tuple(usable[: seed % 3])})
    return asked, random_records(asked, random, size)


def random_records(asked: Questionnaire, random: Random, size: int) -> Records:
    """Random interviews, some of them unfinished."""
    found: Records = []
    while len(found) < size:
        interview = some_interview(asked, random, hand_in=0.08)
        if interview.status in ("open", "ready"):
            found.append((record_of(interview)["answers"], random.choice(MINUTES)))
    return found


def _optional(asked: Questionnaire, random: Random) -> Iterator[Section]:
    """The sections, in which some items can be left blank."""
    for section in asked.sections:
        items = [
            item.model_copy(update={"required": random.choice(["soft", "optional"])})
            for item in section.items
        ]
        yield section.model_copy(update={"items": tuple(items)})


def own_counts(questionnaire: Questionnaire, records: Records) -> tuple[object, object]:
    """The program's own counts of these records."""
    quality = QualityCounts.begin(questionnaire)
    for answers, minutes in records:
        quality.count(answers, minutes, 1)
    counts = count(questionnaire, [answers for answers, _ in records])
    return counts.to_object(), quality.to_object()


def written(folder: Path, made_of: Columns, parts: Sequence[Records]) -> list[Path]:
    """Column files, one for each part."""
    paths = [folder / f"{number}.parquet" for number in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        with path.open("wb") as file:
            column_files.write_columns(file, made_of, part, {})
    return paths


def counts_by(engine: Engine, made_of: Columns, paths: Sequence[Path]) -> tuple[object, object]:
    """The counts of column files by an engine."""
    counts, quality = made_of.counts(engine.rows(paths, made_of))
    return counts.to_object(), quality.to_object()


EXPRESSION_MUTANTS = (
    ("column == flag.code", "column != flag.code"),
    ("column == flag.code", "column == flag.code.upper()"),
    ("column.list.contains(flag.code)", "(column.list.len() > 1)"),
    ("column < flag.below", "column <= flag.below + 5"),
    ("~column.is_null()", "column.is_null()"),
    ("otherwise(nw.lit(0))", "otherwise(nw.lit(1))"),
    ("nw.col(name).sum()", "nw.col(name).max()"),
    ("nw.col(name).sum()", "nw.col(name).count()"),
    ("nw.col(_EVERYONE).sum()", "nw.col(_EVERYONE).max()"),
)
COLUMNS_MUTANTS = (
    (
        "else None\n\n    return read\n\n\ndef _line",
        "else given[-1]\n\n    return read\n\n\ndef _line",
    ),
    ("not rank or not cell.reserved", "True"),
    ("not rank or not cell.reserved", "not cell.reserved"),
    ("given[row]", "next(iter(given.values()))"),
    ("people - sum(", "people + sum("),
    ("STRAIGHT if len(codes) == 1", "STRAIGHT if len(codes) == 2"),
    ("if not codes.isdisjoint(RESERVED)", "if False"),
    ("tuple(row[:at])", "tuple(row[:at][::-1])"),
)


def mutated() -> Iterator[tuple[str, ModuleType, ModuleType]]:
    """The modules of the columns and of the expression, with one of them changed."""
    for module, mutants in ((expression, EXPRESSION_MUTANTS), (columns, COLUMNS_MUTANTS)):
        path = module.__file__
        assert path is not None
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a path of a module
            source = file.read()
        for old, new in mutants:
            assert source.count(old) == 1, old
            changed = ModuleType(module.__name__)
            exec(compile(source.replace(old, new), path, "exec"), changed.__dict__)
            pair = (changed, expression) if module is columns else (columns, changed)
            yield f"{old} → {new}", *pair
