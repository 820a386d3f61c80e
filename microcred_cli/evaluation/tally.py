"""The counts for one questionnaire, in the form that the store expects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from microcred_cli.summary.counts import Counter, Counts
from microcred_cli.summary.quality import QualityCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.questionnaire.models import Questionnaire


class AnswerTally:
    """Counts of answers and of quality indicators."""

    def __init__(self, recorded: Questionnaire) -> None:
        self.counter = Counter(recorded)
        self.quality = QualityCounts.begin(recorded)

    def add(self, answers: Mapping[str, Any], minutes: int | None) -> None:
        """Add the answers and the duration of a response to the counts."""
        self.counter.add(answers)
        self.quality.count(answers, minutes, 1)

    def subtract(self, answers: Mapping[str, Any], minutes: int | None) -> None:
        """Subtract the answers of a response and its duration."""
        self.counter.subtract(answers)
        self.quality.count(answers, minutes, -1)

    def merge(self, counts: Counts, quality: QualityCounts) -> None:
        """Add the counts of other responses."""
        self.counter.counts.merge(counts)
        self.quality.merge(quality)

    def to_object(self) -> object:
        """The counts as a JSON-compatible object."""
        return {**self.counter.counts.to_object(), "quality": self.quality.to_object()}

    def people(self) -> object:
        """The number of people in each combination of groups, as a JSON-compatible object."""
        return [[*groups, size] for groups, size in sorted(self.counter.counts.sizes.items())]
