"""The keys that a respondent and an interviewer press for the same answers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.interview import Close, Finished, Interview, run
from microcred_cli.questionnaire.finder import Finder
from microcred_cli.terminal import interviewer_script
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.list_rows import SINGLE_KEYS
from microcred_cli.terminal.page_wording import can_be_empty, entries
from microcred_cli.terminal.rich_asker import RichAsker
from tests.terminal.playing import ENTER, Played, play

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from microcred_cli.interview import Reply, Step
    from microcred_cli.questionnaire.models import Questionnaire

SIZE = (100, 50)
"""A screen on which every question fits on one page."""


TO_THE_NEXT = {
    "no answer": ([], ["2", ENTER, "1"]),
    "busy": ([], ["3", ENTER, "1"]),
    "answering machine": ([], ["4", ENTER, "1"]),
    "left for now": ([], ["6", "1"]),
    "to be called back, no day agreed": (["1"], ["4", ENTER, ENTER, "1"]),
    "refusal, with its reason": (["1"], ["5", "2", "1", ENTER, "1"]),
}
"""The keys pressed before the receiver is put down, and those until the next first words."""


@dataclass
class Answered:
    """An interview answered step by step, with the answer at each step."""

    interview: Interview
    said: list[tuple[Step, object]]


def answer_all(
    questionnaire: Questionnaire, route: Mapping[str, str], seed: int, mode: str
) -> Answered:
    """The same answers for every mode: some random options, a number, and no texts."""
    interview = Interview.begin(questionnaire, mode=mode, seed=seed % 16)  # type: ignore[arg-type]
    said: list[tuple[Step, object]] = []
    while (step := interview.step) is not None:
        value = _value(step, route, random.Random(f"{seed} {step.key}"))
        said.append((step, value))
        interview = interview.answer(value)
    return Answered(interview, said)


def _value(step: Step, route: Mapping[str, str], chance: random.Random) -> object:
    if step.asks == "text":
        return ""
    if step.asks == "number":
        return chance.randrange(1, 400)
    named = route.get(step.item.id)
    if named is not None:
        return named if step.asks != "some" or named in step.accepts else [named]
    codes = sorted(o.code for o in step.options if not (o.exclusive or o.ends))
    if step.asks == "one":
        return chance.choice(codes)
    return chance.sample(codes, min(chance.randint(1, 4), step.at_most or 4, len(codes)))


def keys_alone(answered: Answered) -> Iterator[str]:
    """The keys of a respondent, by the shortest way that the footer describes."""
    for step, value in answered.said:
        if _follows_definition(step):
            yield ENTER
        if step.asks == "text":
            yield ENTER
        elif step.asks == "number":
            yield from (*str(value), ENTER)
        else:
            codes = value if isinstance(value, list) else [value]
            for code in codes:
                way = _way_to(step, code)
                yield from way
                if step.asks == "some":
                    yield ENTER if way[0].isalpha() else " "
            yield ENTER


def keys_aloud(answered: Answered) -> Iterator[str]:
    """The keys of an interviewer, who reads out lists option by option."""
    for step, value in answered.said:
        if _follows_definition(step):
            yield ENTER
        if step.asks == "text":
            yield from [ENTER] if can_be_empty(step) else []
        elif step.asks == "number":
            yield from (*str(value), ENTER)
        elif getattr(step.item, "search", False):
            codes = value if isinstance(value, list) else [value]
            for code in codes:
                way = _way_to(step, code)
                yield from way
                if step.asks == "some":
                    yield ENTER if way[0].isalpha() else " "
            yield ENTER
        elif interviewer_script.is_read_one_by_one(step):
            yield from _read(step, value)
        else:
            codes = value if isinstance(value, list) else [value]
            listed = [option.code for option in step.listed or step.options]
            yield from (SINGLE_KEYS[listed.index(str(code))] for code in codes)
            yield from [ENTER] if step.asks == "some" else []


def _follows_definition(step: Step) -> bool:
    """True if the definition is shown on a separate page before the step."""
    return step.item.shows_definition and step.part is None


def _read(step: Step, value: object) -> Iterator[str]:
    assert isinstance(value, list)
    read = [option.code for option in interviewer_script.options_read(step)]
    alone = [code for code in value if code not in read]
    if alone:
        yield from ("n", ENTER)
        yield SINGLE_KEYS[
            [o.code for o in interviewer_script.closing_options(step)].index(alone[0])
        ]
        return
    last = max(read.index(code) for code in value)
    for code in read[: last + 1]:
        yield "y" if code in value else "n"
    if last + 1 < len(read):
        yield ENTER


def _way_to(step: Step, code: object) -> list[str]:
    """The fewest keys that select an option: its number, or letters in a list with search."""
    searches = bool(getattr(step.item, "search", False))
    listed = entries(step, letters=not searches)
    index = next(i for i, entry in enumerate(listed) if entry.code == code)
    number = "0" if index == 9 else str(index + 1)
    if searches:
        finder = Finder([entry for entry in listed if not entry.apart])
        label = listed[index].label
        words = [label[i:] for i in range(len(label)) if i == 0 or not label[i - 1].isalnum()]
        begun = [word[:n] for word in words for n in range(1, 1 + len(word))]
        found = [way for way in begun if finder.find(way).best == index and way[0].isalpha()]
        number = min((number, *found), key=len)
    return [*number]


class _ToTheReview(RichAsker):
    def close(self, interview: Interview) -> Reply:  # noqa: ARG002
        return Close()


class _AloudToTheReview(InterviewerAsker):
    def close(self, interview: Interview) -> Reply:  # noqa: ARG002
        return Close()


def play_alone(questionnaire: Questionnaire, seed: int, keys: list[str]) -> Played[Finished]:
    """Press these keys as a respondent, from the first question to the review."""
    begun = Interview.begin(questionnaire, seed=seed % 16)
    return play(lambda: run(begun, _ToTheReview()), keys, SIZE)


def play_aloud(questionnaire: Questionnaire, seed: int, keys: list[str]) -> Played[Finished]:
    """Press these keys as an interviewer, from the first question to the review."""
    begun = Interview.begin(questionnaire, mode="phone", seed=seed % 16)
    return play(lambda: run(begun, _AloudToTheReview(introduction=())), keys, SIZE)
