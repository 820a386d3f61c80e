"""Counting of responses and computation of figures, connecting the store and the summary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError
from microcred_cli.evaluation.tally import AnswerTally
from microcred_cli.store.counts import Method, Published, Tally
from microcred_cli.store.judge import Judge
from microcred_cli.summary.audit.differencing import PreviousFigures
from microcred_cli.summary.counts import Counts
from microcred_cli.summary.figures import Figures
from microcred_cli.summary.protection import Protection
from microcred_cli.summary.quality import QualityCounts, quality_of
from microcred_cli.summary.rule import RULE_SHA256

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.fieldwork.engine import EngineSettings
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.records.shapes import Folder


def judge_and_method(
    loaded: Loaded,
    terms: Folder | None,
    begun: Callable[[], object] = lambda: None,
    engine: EngineSettings | None = None,
) -> tuple[Judge, Method]:
    """Create the validator of a folder with these terms, and the method that counts responses.

    `begun` is called immediately before figures are computed. With an `engine`, whole segments are
    counted from their column files.
    """
    judge = Judge(loaded, terms)
    asked, sha256 = judge.asked, judge.ref.sha256
    is_synthetic = terms is not None and terms.synthetic

    def make(tally: Tally, last: Published | None) -> object:
        begun()
        assert isinstance(tally, AnswerTally)
        previous = None if last is None else _previous(last)
        protection = Protection(asked, sha256=sha256, synthetic=is_synthetic)
        made = protection.figures(tally.counter.counts, previous)
        made = made.model_copy(update={"quality": quality_of(tally.quality, made)})
        return Figures.from_json(made.model_dump_json()).model_dump()

    columns = None
    if engine is not None:
        from microcred_cli.evaluation.column_counting import SealedColumns

        columns = SealedColumns(judge, engine)
    return judge, Method(RULE_SHA256, partial(_begin, asked), make, columns)


def _previous(last: Published) -> PreviousFigures | None:
    """The last published figures; None if they contain no counts to compare with new ones."""
    figures = Figures.known(last.figures)
    if figures.responses is None:
        return None
    sizes = None
    if isinstance(last.people, list):
        sizes = {tuple(map(str, groups)): int(size) for *groups, size in last.people}
    return PreviousFigures(figures, sizes)


def _begin(recorded: Questionnaire, kept: object | None) -> Tally:
    tally = AnswerTally(recorded)
    if kept is not None:
        counts = Counts.from_object(kept)
        if counts.layout != tally.counter.counts.layout:
            raise StoreError(
                "The counts were written by another version of the program.",
                where="counts.json",
                hint="No action is needed: the counts will be recalculated.",
            )
        tally.counter.counts = counts
        stored = kept.get("quality", {}) if isinstance(kept, Mapping) else {}
        tally.quality = QualityCounts.begin(recorded, stored)
    return tally
