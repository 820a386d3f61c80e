"""The codebook: all variables of a data set with their questions, codes, routes and recodings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import N_, _, digits, speaking
from microcred_cli.interchange.asked_if import route_to
from microcred_cli.interchange.translated import heading_in
from microcred_cli.interchange.variables import CodedValue, variables_of
from microcred_cli.interchange.writers.stata import TAGS
from microcred_cli.questionnaire.models import Integer, Multiple, Single
from microcred_cli.records.recoding import stored
from microcred_cli.summary.figures import summary_of
from microcred_cli.summary.labels import with_phrases, wordings
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.interchange.variables import Variable
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.records.shapes import Detail
    from microcred_cli.summary.figures import Figures, Table

RECORDED: Final = N_("Recorded by the program")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A code in the codebook; `count` is its protected figure, or empty."""

    value: CodedValue
    is_missing: bool
    tag: str
    count: str


@dataclass(frozen=True, slots=True)
class RecodeLine:
    """A stored code with the labels of the answers that were recoded to it."""

    code: str
    label: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An item in the codebook, with its variables.

    `names` pairs the name of each variable with the label of its option, row or rank. For an item
    with several variables, `counts` contains the figures of each variable. `base` is the base of an
    item with one table; `bases` has the base of each row or rank, by the name of its variable.
    """

    id: str
    heading: str
    section: str
    kind: str
    texts: tuple[str, ...]
    instruction: str
    note: str
    route: str
    names: tuple[tuple[str, str], ...]
    codes: tuple[CodeLine, ...]
    recoding: tuple[RecodeLine, ...]
    limits: tuple[int, int] | None
    identifies: bool
    counts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    base: str = ""
    bases: tuple[tuple[str, str], ...] = ()

    @property
    def counted(self) -> bool:
        """True if the entry contains protected figures."""
        return bool(self.base or self.bases)


@dataclass(frozen=True, slots=True)
class Codebook:
    """A codebook in one language."""

    language: str
    questionnaire: Questionnaire
    variables: tuple[Variable, ...]
    entries: tuple[Entry, ...]
    synthetic: bool = False
    """True if the data are synthetic."""

    def sections(self) -> Iterator[tuple[str, tuple[Entry, ...]]]:
        """The entries, grouped by section."""
        for section, entries in groupby(self.entries, key=lambda entry: entry.section):
            yield section, tuple(entries)


def codebook_of(
    loaded: Loaded,
    language: str,
    detail: Detail = "coarse",
    figures: Figures | None = None,
    *,
    synthetic: bool = False,
) -> Codebook:
    """The codebook of a questionnaire in one of its languages, with any protected figures."""
    source = loaded.languages[language]
    recorded = stored(source) if detail == "coarse" else source
    with speaking(language):
        variables = variables_of(recorded, detail, tuple(loaded.languages))
        tables = _tables(figures) if detail == "coarse" else {}
        entries = tuple(
            _entry(recorded, source, tuple(group), tables)
            for _item, group in groupby(variables, key=lambda variable: variable.item)
        )
    return Codebook(language, recorded, variables, entries, synthetic)


def _tables(figures: Figures | None) -> Mapping[tuple[str, str | None], Table]:
    """The protected tables without a breakdown, by item and row."""
    if figures is None or figures.responses is None:
        return {}
    return {(t.item, t.row): t for t in summary_of(figures).tables if t.group is None}


def _entry(
    recorded: Questionnaire,
    source: Questionnaire,
    variables: tuple[Variable, ...],
    tables: Mapping[tuple[str, str | None], Table],
) -> Entry:
    first = variables[0]
    item = recorded.by_id.get(first.item)
    if item is None:
        return Entry(
            id=first.item,
            heading=first.question,
            section=_(RECORDED),
            kind=first.kind,
            texts=(),
            instruction="",
            note="",
            route="",
            names=((first.name, ""),),
            codes=tuple(_codes(first, {})),
            recoding=(),
            limits=first.limits,
            identifies=first.identifies,
        )
    counted = _counted(first, tables)
    return Entry(
        id=item.id,
        heading=heading_in(item, recorded),
        section=safe(recorded.section_of[item.id].label),
        kind=first.kind,
        texts=tuple(safe(text) for text in wordings(item, recorded)),
        instruction=safe(item.instruction or ""),
        note=safe(item.note or ""),
        route=route_to(item, recorded),
        names=tuple((variable.name, variable.part_label) for variable in variables),
        codes=tuple(_codes(variables[-1], counted)),
        recoding=tuple(_recoding(source.by_id[item.id], item, source)),
        limits=first.limits,
        identifies=first.identifies,
        counts=tuple(_counts(variables, tables)),
        base=_base(item, tables),
        bases=tuple(_bases(variables, tables)),
    )


def _codes(variable: Variable, counted: Mapping[str, str]) -> Iterator[CodeLine]:
    for value in variable.values:
        yield CodeLine(value, False, "", counted.get(value.code, ""))
    for value in variable.missing:
        yield CodeLine(value, True, f".{TAGS[value.code]}", counted.get(value.code, ""))


def _counted(first: Variable, tables: Mapping[tuple[str, str | None], Table]) -> Mapping[str, str]:
    """Figures by code: for a single choice, all codes; for other items, only missing values."""
    table = tables.get((first.item, None))
    if table is None:
        return {}
    own = {value.code for value in first.missing}
    return {
        cell.code: _count(cell.count)
        for cell in table.cells
        if first.kind == "single" or cell.code in own
    }


def _counts(
    variables: Sequence[Variable], tables: Mapping[tuple[str, str | None], Table]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """For an item with several variables, the name of each variable and its counts."""
    for variable in variables:
        if variable.kind == "multiple":
            table = tables.get((variable.item, None))
            chosen = [c for c in table.cells if c.code == variable.part] if table else []
            if chosen:
                yield variable.name, (_count(chosen[0].count),)
        elif variable.kind in ("matrix", "ranking"):
            table = tables.get((variable.item, variable.part))
            if table and table.cells:
                counts = {cell.code: _count(cell.count) for cell in table.cells}
                values = variable.labelled
                yield variable.name, tuple(counts.get(value.code, "") for value in values)


def _base(item: Item, tables: Mapping[tuple[str, str | None], Table]) -> str:
    """The base of an item's only table; empty if withheld, or if there are several tables."""
    found = [table for (name, _row), table in tables.items() if name == item.id]
    return _count(found[0].base) if len(found) == 1 and not found[0].withheld else ""


def _bases(
    variables: Sequence[Variable], tables: Mapping[tuple[str, str | None], Table]
) -> Iterator[tuple[str, str]]:
    """The variable name of each row or rank, with the base of its table."""
    for variable in variables if len(variables) > 1 else ():
        table = tables.get((variable.item, variable.part))
        if variable.kind in ("matrix", "ranking") and table and not table.withheld:
            yield variable.name, _count(table.base)


def _count(count: int | None) -> str:
    return "<8" if count is None else digits(count)


def _recoding(source: Item, item: Item, questionnaire: Questionnaire) -> Iterator[RecodeLine]:
    """The stored codes of a recoded item, each with the answers that were recoded to it."""
    if item is source:
        return
    if isinstance(source, Integer):
        for band in source.stored_as or ():
            most = "…" if band.max is None else source.written(band.max)
            limits = f"{source.written(band.min)}–{most}"
            yield RecodeLine(band.code, safe(band.in_results), (limits,))
    if isinstance(source, Single | Multiple):
        labels = {option.code: option for option in questionnaire.options(source)}
        for part in source.stored_as or ():
            answers = tuple(
                f"{safe(with_phrases(labels[code].label, questionnaire))} ({code})"
                for code in part.fine
            )
            yield RecodeLine(part.code, safe(part.in_results), answers)
