"""Python interface to a responses folder; performs the same checks as the commands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.errors import UsageError
from microcred_cli.evaluation.counting import judge_and_method
from microcred_cli.evaluation.last_figures import figures_in
from microcred_cli.interview.loop import records_of
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, new_code, show
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import reference
from microcred_cli.records.simulation import simulate
from microcred_cli.store import check, seal
from microcred_cli.store.drop import refuse_drop
from microcred_cli.store.folder import Responses, terms_of
from microcred_cli.store.publication import Outcome, figures_at_rest, is_unsealed
from microcred_cli.summary.figures import Figures, Summary, summary_of
from microcred_cli.summary.rule import RULE_SHA256

if TYPE_CHECKING:
    from collections.abc import Collection

    from microcred_cli.interview import Finished
    from microcred_cli.store.check import Findings


class Store:
    """A folder of unencrypted responses to one questionnaire.

    Stored responses are pending until they are sealed. Encrypted folders are not supported here.
    """

    def __init__(self, folder: str | Path, questionnaire: str = BUILT_IN) -> None:
        self._loaded = load(questionnaire)
        self._folder = Responses(Path(folder).absolute())
        refuse_drop(self._folder.folder)
        terms = self._folder.terms_or_none()
        if (terms is not None and terms.recipients) or self._folder.is_encrypted():
            raise UsageError(
                "The responses in this folder are encrypted.",
                where=self._folder.folder,
                hint="Use the command line instead, with --identity FILE.",
            )

    def store(self, finished: Finished) -> str:
        """Store a complete or partial interview; return the receipt to show to the respondent."""
        if finished.status not in ("complete", "partial"):
            raise UsageError(
                f"An interview with the status “{finished.status}” cannot be stored.",
                hint="Store only complete or partial interviews.",
            )
        interview, languages = finished.interview, self._loaded.languages
        if languages.get(interview.language) != interview.questionnaire:
            raise UsageError(
                "The interview and this store belong to different questionnaires.",
                where=self._loaded.questionnaire.id,
                hint="Open a store for the questionnaire used in the interview.",
            )
        if interview.detail != "coarse":
            raise UsageError(
                "The interview is in full detail, which is allowed only for encrypted responses.",
                hint='Begin the interview with detail="coarse".',
            )
        self._folder.prepare(self._loaded.questionnaire.id)
        receipt = new_code(RECEIPT_SYMBOLS)
        self._folder.store(*records_of(self._loaded, finished, receipt, None, None))
        return show(receipt)

    def simulate(self, count: int, seed: int) -> None:
        """Store simulated responses; the folder must contain no real ones."""
        questionnaire = self._loaded.questionnaire
        made_up = simulate(stored(questionnaire), reference(self._loaded), count, seed)
        self._folder.prepare(questionnaire.id, synthetic=True)
        for made in made_up:
            self._folder.store(made.response, made.texts)

    def check(self) -> Findings:
        """Check that records are readable, valid and unique, and assess their anonymity."""
        return check.check(self._folder, self._loaded)

    def seal(self) -> Outcome:
        """Seal a batch of pending responses; batch sizes are the multiples of 5 from 10 upwards."""
        return self._seal(take=True)

    def figures(self) -> Figures:
        """The figures from the last seal; if nothing has been sealed yet, try to seal first.

        Raises:
            DisclosureError: the figures are lost or outdated, and cannot be recalculated yet.
        """
        outcome = figures_at_rest(self._folder, self._loaded.sha256, RULE_SHA256)
        outcome = outcome or self._seal(take=is_unsealed(self._folder))
        return figures_in(outcome, self._folder, self._loaded)

    def _seal(self, *, take: bool) -> Outcome:
        terms, wrong = terms_of(self._folder, self._loaded)
        judge, method = judge_and_method(self._loaded, terms)
        outcome = seal.seal(self._folder, judge, method, take=take)
        return replace(outcome, left_out=(*wrong, *outcome.left_out))


def summarise(
    store: Store,
    *,
    questions: Collection[str] = (),
    by: str | None = None,
    group: str | None = None,
) -> Summary:
    """The publishable summary of a store, as printed by `microcred summary`.

    Raises:
        DisclosureError: none of the requested tables can be shown.
    """
    return summary_of(store.figures(), questions=questions, by=by, group=group)
