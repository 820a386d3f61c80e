"""Estimate the length of an interview on each route, by a model of reading and answering.

The promise is 15 to 20 minutes. It is checked against the seconds in the definition of each item
(multiplied by 1.15 for reading aloud) with the time of the introduction, and against the model
below, which counts the words of each question that are shown or read out. Nothing is measured;
figures are medians over random answers.

    python -m benchmarks.minutes              # each route, in English
    python -m benchmarks.minutes --languages  # each route, mode and language
    python -m benchmarks.minutes --items      # each item, beside its seconds in the definition
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from microcred_cli.fieldwork.background import read_aloud, written
from microcred_cli.fieldwork.settings import Fieldwork
from microcred_cli.interview import Interview
from microcred_cli.questionnaire.durations import (
    ALOUD,
    WORDS_PER_MINUTE,
    WORDS_PER_MINUTE_ALOUD,
    introduction_seconds,
    seconds_of,
)
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Matrix, Ranking
from microcred_cli.terminal import interviewer_script
from microcred_cli.terminal.page_wording import view_of
from tests.pty.walker import ROUTES
from tests.terminal.key_presses import answer_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.interview import Step
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.records.shapes import Mode
    from microcred_cli.terminal.page_wording import View
    from tests.terminal.key_presses import Answered

SEEDS = range(20)
TIMED = {
    **ROUTES,
    **{
        f"{role}-unknown": {"org_role": role, "involvement": "dk"}
        for role in ("employer", "representative")
    },
    **{
        f"{role}-undescribed": {"org_role": role, "involvement": "dk", "mc_awarder": "dk"}
        for role in ("employer", "representative")
    },
}
"""The routes by the relation to micro-credentials, also where it is not stated, with and without a
micro-credential that is described."""
PROMISED = (15, 20)


@dataclass(frozen=True)
class Pace:
    """The pace at which somebody answers questions.

    `words` is the number of words read per minute. The other fields are seconds: to decide on one
    answer, on each option of a multiple-choice list, on a row of a matrix or on a rank, to type a
    whole text or the text of an option, and to find an entry in a long list by its letters.
    """

    name: str
    mode: Mode
    words: float
    answer: float
    option: float
    row: float
    rank: float
    text: float
    specify: float
    find: float


PACES = (
    Pace("alone, 238 words", "self", 238, 3.0, 0.5, 2.5, 5.0, 30.0, 8.0, 5.0),
    Pace("alone, 175 words", "self", WORDS_PER_MINUTE, 3.0, 0.5, 2.5, 5.0, 30.0, 8.0, 5.0),
    Pace("aloud, 120 words", "phone", WORDS_PER_MINUTE_ALOUD, 3.0, 1.0, 2.5, 6.0, 30.0, 8.0, 5.0),
    Pace("aloud, 183 words", "phone", 183, 3.0, 1.0, 2.5, 6.0, 30.0, 8.0, 5.0),
)
DEFINED = PACES[1:3]
"""The paces that the definition follows: the slower one of each mode."""
IREST = {"en": 228, "de": 179, "es": 218, "fi": 161, "fr": 195, "nl": 202, "pl": 166, "sl": 180}
"""Words a minute in texts of the same content and difficulty, by language, read aloud."""
RECEIPT: dict[Mode, float] = {"self": 20.0, "phone": 45.0}
"""Seconds to write down the receipt, or to read it out and hear it repeated in groups."""

SOURCES = """\
Words a minute: 238 silently and 183 aloud are the means of Brysbaert, How many words do we read
per minute?, Journal of Memory and Language 109 (2019), doi 10.1016/j.jml.2019.104047, for adults
reading English; 175 is the slow end of its range for silent reading, and who reads English as a
second language is slower than the mean. 120 is the two words a second that telephone interviewers
are trained to (Phillips, thesis, University of Nebraska-Lincoln, 2020).
In another language, they are multiplied by the ratio of its words a minute to those of English in
Trauzettel-Klosinski and Dietz, Standardized assessment of reading performance: the new
International Reading Speed Texts IReST, Investigative Ophthalmology & Visual Science 53 (2012),
doi 10.1167/iovs.11-8284: English 228, German 179, Spanish 218, Finnish 161, French 195, Dutch 202,
Polish 166, Slovenian 180. These are for reading aloud; the ratios are used for silent reading too.
As a check on the whole: an ordinary question alone on a screen takes about 10 seconds, a hard open
one minutes (Pew Research Center, How we keep our online surveys from running too long, 2022).
The seconds to decide, to find and to type are assumptions of this script; nobody was timed."""


def words(*texts: str) -> int:
    """The number of words in some texts; signs apart from words, as in French, are none."""
    return sum(any(map(str.isalnum, word)) for text in texts for word in text.split())


def words_before(questionnaire: Questionnaire, mode: Mode) -> int:
    """The words of the introduction, as shown or read out, without fieldwork settings."""
    if mode == "self":
        return words(*(p.text for p in written(questionnaire, Fieldwork())))
    return words(*read_aloud(questionnaire, Fieldwork()))


def words_of(view: View, step: Step) -> int:
    """The words of a question that a respondent reads, or that an interviewer reads out.

    A matrix shows its scale on every row; the model assumes that it is read on the first two rows,
    and the question on the first. The list of a ranking is read once. Reserved answers such as
    "don't know" are not read out.
    """
    item = step.item
    listed = [entry.label for entry in view.entries if not (view.aloud and entry.apart)]
    if view.aloud:
        aloud = interviewer_script.reading(step, searches=view.searches)
        if interviewer_script.is_read_one_by_one(step):
            listed = [option.label for option in interviewer_script.options_read(step)]
        elif aloud.startswith(("Do not", "Read it out only")):
            listed = []
    elif view.searches:
        listed = []
    if isinstance(item, Matrix):
        stem = (view.stem,) if step.number == 1 else ()
        return words(*view.before, *stem, view.part, *(listed if step.number <= 2 else ()))
    if isinstance(item, Ranking) and step.number > 1:
        return words(view.part_place)
    told_alone = () if view.aloud else (view.instruction,)
    defined = view.definition or ""
    return words(*view.before, defined, view.stem, *told_alone, *listed)


def deciding(step: Step, view: View, pace: Pace, given: object) -> float:
    """The seconds needed in addition to reading."""
    if step.asks == "text":
        return pace.specify if step.specifies else pace.text
    if isinstance(step.item, Matrix):
        return pace.row
    if isinstance(step.item, Ranking):
        return pace.rank
    if view.searches:
        return pace.find * (len(given) if isinstance(given, list) else 1)
    if step.asks == "some":
        return pace.answer + pace.option * len(step.options)
    return pace.answer + (2.0 if step.asks == "number" else 0.0)


def seconds_by_item(answered: Answered, pace: Pace) -> dict[str, float]:
    """The seconds of each item, from the introduction to the receipt, without the review.

    The introduction is counted with the first item, and the receipt with the last one.
    """
    questionnaire, seed = answered.interview.questionnaire, answered.interview.seed
    interview = Interview.begin(questionnaire, mode=pace.mode, seed=seed)
    found: defaultdict[str, float] = defaultdict(float)
    found[answered.said[0][0].item.id] += words_before(questionnaire, pace.mode) * 60 / pace.words
    for step, value in answered.said:
        assert interview.step is not None
        view = view_of(interview, interview.step)
        found[step.item.id] += words_of(view, step) * 60 / pace.words
        found[step.item.id] += deciding(step, view, pace, value)
        interview = interview.answer(value)
    found[answered.said[-1][0].item.id] += RECEIPT[pace.mode]
    return found


def interview_seconds(answered: Answered, pace: Pace) -> float:
    """The seconds from the introduction to the receipt, without the review."""
    return sum(seconds_by_item(answered, pace).values())


def defined_seconds(source: Questionnaire, answered: Answered, mode: Mode) -> float:
    """The seconds by the definition: of the introduction, and of the items that were asked."""
    text, aloud = answered.interview.questionnaire, mode != "self"
    seconds = seconds_of(source, text, aloud=aloud)
    asked = {step.item.id for step, _ in answered.said}
    return introduction_seconds(source, text, aloud=aloud) + sum(seconds[item] for item in asked)


def shown(minutes: float) -> str:
    """The minutes, and whether they are within the promised range."""
    least, most = PROMISED
    verdict = "shorter" if minutes < least else "longer" if minutes > most else "as promised"
    return f"{minutes:.1f} ({verdict})"


def print_items(questionnaire: Questionnaire) -> None:
    """Print the seconds of each item by the two slower paces, which the definition follows."""
    alone, aloud = DEFINED
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for route in TIMED.values():
        for seed in SEEDS[:8]:
            answered = answer_all(questionnaire, route, seed, "self")
            read, heard = (seconds_by_item(answered, pace) for pace in (alone, aloud))
            for name, seconds in read.items():
                found[name].append((seconds, heard[name]))
    print(f"| item | seconds | {alone.name} | {aloud.name} |\n| --- | --- | --- | --- |")
    for item in questionnaire.items:
        read_median, heard_median = (
            statistics.median(each[n] for each in found[item.id]) for n in (0, 1)
        )
        print(f"| {item.id} | {item.seconds} | {read_median:.0f} | {heard_median:.0f} |")


def print_languages(source: Questionnaire, texts: Mapping[str, Questionnaire]) -> None:
    """Print a table for each mode: by the definition, and by the slower pace of the model."""
    for pace in DEFINED:
        print(f"{pace.name.partition(',')[0]}: by the definition · by the model\n")
        print(f"| language | {' | '.join(name.replace('-', ', ') for name in TIMED)} |")
        print(f"| ---{' | ---' * len(TIMED)} |")
        for language, text in texts.items():
            own = replace(pace, words=pace.words * IREST[language] / IREST["en"])
            cells = [_both(source, text, route, own) for route in TIMED.values()]
            print(f"| {language} | {' | '.join(cells)} |", flush=True)
        print()


def _both(source: Questionnaire, text: Questionnaire, route: Mapping[str, str], pace: Pace) -> str:
    by_seed = [answer_all(text, route, seed, "self") for seed in SEEDS[:10]]
    defined = _minutes([defined_seconds(source, each, pace.mode) for each in by_seed])
    return f"{defined:.1f} · {_minutes([interview_seconds(each, pace) for each in by_seed]):.1f}"


def _minutes(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) / 60


def main() -> None:
    """Print a table in docs/interviewing.md, or the items."""
    loaded = load("mc_employers")
    questionnaire = loaded.questionnaire
    if "--items" in sys.argv:
        print_items(questionnaire)
        return
    if "--languages" in sys.argv:
        print_languages(questionnaire, loaded.languages)
        return
    names = " | ".join(pace.name for pace in PACES)
    print(f"| route | definition: alone | aloud, x {ALOUD} | {names} |")
    print(f"| --- | --- | ---{' | ---' * len(PACES)} |")
    for name, route in TIMED.items():
        columns: list[str] = []
        by_seed = [answer_all(questionnaire, route, seed, "self") for seed in SEEDS]
        columns += [
            shown(_minutes([defined_seconds(questionnaire, each, pace.mode) for each in by_seed]))
            for pace in DEFINED
        ]
        columns += [
            shown(_minutes([interview_seconds(each, pace) for each in by_seed])) for pace in PACES
        ]
        print(f"| {name.replace('-', ', ')} | {' | '.join(columns)} |", flush=True)
    read, heard = (words_before(questionnaire, mode) for mode in ("self", "phone"))
    print(
        f"\nThe introduction is part of it: {read} words to read, or {heard} to hear.\n\n{SOURCES}"
    )


if __name__ == "__main__":
    main()
