"""Sealing from the command line, for `seal` and before a summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from microcred_cli.cli.judging import terms_of
from microcred_cli.cli.progress import shown
from microcred_cli.cli.wiring import Choices, responses_folder, say
from microcred_cli.errors import ExitCode, StoreError
from microcred_cli.questionnaire.loading import load
from microcred_cli.store.disk import InUseError
from microcred_cli.store.judging import Judge
from microcred_cli.store.sealing import Method, figures_kept, seal
from microcred_cli.summary.counts import Counter, Counts
from microcred_cli.summary.figures import Figures
from microcred_cli.summary.protection import protect
from microcred_cli.summary.rule import RULE_SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.store.responses import Responses
    from microcred_cli.store.stock import LeftOut, Tally

MAY_WAIT = (
    "Some responses may still be waiting: they are taken in ten or more at a time, so that no "
    "single answer can be told from two summaries."
)
"""What is said of the responses that wait: the same at none and at nine."""

NOT_WRITTEN = "Nothing new was taken in, and the figures are those of the last seal."


@dataclass(slots=True)
class _Tally:
    """The counts of one questionnaire, to be kept by the store."""

    counter: Counter

    def add(self, answers: Mapping[str, Any]) -> None:
        self.counter.add(answers)

    def subtract(self, answers: Mapping[str, Any]) -> None:
        self.counter.subtract(answers)

    def to_object(self) -> object:
        return self.counter.counts.to_object()


def method_for(judge: Judge, *, synthetic: bool) -> Method:
    """How responses to a questionnaire are counted, and figures made of them."""
    asked, sha256 = judge.asked, judge.ref.sha256

    def begin(kept: object | None) -> Tally:
        return _begin(asked, kept)

    def make(tally: Tally) -> object:
        counts = Counts.from_object(tally.to_object())
        return protect(asked, counts, sha256=sha256, synthetic=synthetic).model_dump(mode="json")

    return Method(rule=RULE_SHA256, begin=begin, protect=make)


def _begin(recorded: Questionnaire, kept: object | None) -> Tally:
    counter = Counter(recorded)
    if kept is not None:
        counts = Counts.from_object(kept)
        if counts.layout != counter.counts.layout:
            raise StoreError(
                "The counts belong to another version of the program.",
                where="counts.json",
                mend="They are made anew.",
            )
        counter.counts = counts
    return _Tally(counter)


def seal_responses(source: str, responses: str | None, fieldwork_file: str | None) -> int:
    """Seal what waits, and say in words what came of it; the exit code."""
    folder = responses_folder(responses, Choices(fieldwork=fieldwork_file).read_fieldwork())
    loaded = load(source)
    judge, method, wrong = _ready(folder, loaded)
    with shown("Sealing") as progress:
        outcome = seal(folder, judge, method, progress=progress)
    _tell_left_out((*wrong, *outcome.left_out))
    if outcome.taken:
        say("Sealed. The figures show it now: microcred summary")
    else:
        say("Nothing was sealed: too few new responses, or none.")
    say(MAY_WAIT)
    return ExitCode.DONE


def seal_if_possible(folder: Responses, loaded: Loaded) -> Figures | None:
    """Seal what can be sealed and give the figures of all that is; None if nothing is.

    Where the folder cannot be written, they are those of the last seal. What is left out, and why,
    is said on standard error.

    Raises:
        StoreError: the folder cannot be read.
    """
    judge, method, wrong = _ready(folder, loaded)
    try:
        with shown("Sealing") as progress:
            outcome = seal(folder, judge, method, thorough=False, progress=progress)
    except InUseError:
        raise
    except StoreError as error:
        say(f"microcred: {error.message} {NOT_WRITTEN}")
        outcome = figures_kept(folder, judge, method.rule)
    _tell_left_out((*wrong, *outcome.left_out))
    if outcome.figures is None:
        return None
    return Figures.from_json(to_json(outcome.figures))


def _ready(folder: Responses, loaded: Loaded) -> tuple[Judge, Method, list[LeftOut]]:
    folder.names()
    terms, wrong = terms_of(folder, loaded)
    judge = Judge(loaded, terms)
    return judge, method_for(judge, synthetic=terms is not None and terms.synthetic), wrong


def _tell_left_out(left_out: Sequence[LeftOut]) -> None:
    """Name each file that was left out, with what is wrong with it, and count them."""
    for name, wrong in left_out:
        say(f"{name}: {wrong}")
    if left_out:
        say(f"Files with something wrong: {len(left_out)}")
