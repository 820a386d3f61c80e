"""The estimated duration of each route, and the duration that a definition promises.

The `seconds` of an item are the time needed without an interviewer, in the source language. If an
interviewer reads the item aloud, this time is multiplied by a factor. The time of the introduction
follows from its words. A translation adds the time needed to read its additional characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.conditions import holds
from microcred_cli.questionnaire.models import Matrix
from microcred_cli.questionnaire.routes import routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.questionnaire.routes import Route

ALOUD: Final = 1.15
"""The duration of an interview that is read aloud, relative to a self-administered one."""

WORDS_PER_MINUTE: Final = 175
"""Silent reading at the slow end of the range for adults (Brysbaert, *How many words do we read per
minute?*, 2019), because many respondents read a second language."""

WORDS_PER_MINUTE_ALOUD: Final = 120
"""Reading aloud at two words a second, as telephone interviewers are trained to."""

CHARACTERS_PER_SECOND: Final = 16.5
"""Reading speed; if measured in characters, it differs little between languages in Latin script
(Trauzettel-Klosinski and others, *Standardized assessment of reading performance: the International
Reading Speed Texts IReST*, 2012)."""


@dataclass(frozen=True, slots=True)
class RouteMinutes:
    """The minutes of a complete route, rounded to the nearest minute.

    `group` is the number of the exception to the promise that applies to the route, or None.
    """

    route: Route
    minutes: int
    group: int | None


def route_minutes(
    source: Questionnaire, translated: Questionnaire, *, aloud: bool
) -> tuple[RouteMinutes, ...]:
    """The duration of every complete route, read aloud or not, in the language of `translated`.

    `source` is the questionnaire in its source language; `translated` can be the same object.
    """
    seconds = seconds_of(source, translated, aloud=aloud)
    before = introduction_seconds(source, translated, aloud=aloud)
    complete = [route for route in routes(source) if route.ends is None]
    return tuple(
        RouteMinutes(
            route,
            minutes_of(before + sum(seconds[item] for item in route.items)),
            _group(source, route),
        )
        for route in complete
    )


def seconds_of(
    source: Questionnaire, translated: Questionnaire, *, aloud: bool
) -> dict[str, float]:
    """The seconds of each item, in a mode and in the language of a text."""
    pace = ALOUD if aloud else 1.0
    return {
        item.id: item.seconds * pace + _additional_seconds(source, translated, item)
        for item in source.items
    }


def introduction_seconds(source: Questionnaire, translated: Questionnaire, *, aloud: bool) -> float:
    """The seconds needed for the introduction, without sentences that depend on settings."""
    pace = WORDS_PER_MINUTE_ALOUD if aloud else WORDS_PER_MINUTE
    text, there = (_introduction(each, aloud=aloud) for each in (source, translated))
    return len(text.split()) * 60 / pace + (len(there) - len(text)) / CHARACTERS_PER_SECOND


def minutes_of(seconds: float) -> int:
    """The minutes to tell people: rounded to the nearest minute, but at least one."""
    return max(1, round(seconds / 60))


def told_minutes(
    source: Questionnaire, translated: Questionnaire, *, aloud: bool
) -> Iterator[tuple[int, int, str | None]]:
    """The minimum and maximum minutes of each group of routes, and the clause that describes it.

    The first group has no clause; if all its routes keep the promise, its minutes are the promised
    ones. There are no groups if the definition makes no promise.
    """
    promise = translated.promised_minutes
    if promise is None:
        return
    timed = route_minutes(source, translated, aloud=aloud)
    for group in (None, *range(len(promise.exceptions))):
        minutes = [each.minutes for each in timed if each.group == group]
        if not minutes:
            continue
        least, most = min(minutes), max(minutes)
        if group is None and promise.least <= least <= most <= promise.most:
            least, most = promise.least, promise.most
        yield least, most, None if group is None else promise.exceptions[group].text


def _group(questionnaire: Questionnaire, route: Route) -> int | None:
    """The number of the first exception whose condition is true on a route."""
    promise = questionnaire.promised_minutes
    for number, exception in enumerate(promise.exceptions if promise else ()):
        if holds(exception.when, route.answers, questionnaire) is True:
            return number
    return None


def _introduction(questionnaire: Questionnaire, *, aloud: bool) -> str:
    background = questionnaire.background
    written = (sentence for block in background.written for sentence in block.sentences)
    sentences = background.read_aloud if aloud else written
    return " ".join(each.text for each in sentences if not (each.needs or each.on_request))


def _additional_seconds(source: Questionnaire, translated: Questionnaire, item: Item) -> float:
    """The seconds needed to read the characters that a translation adds to an item."""
    if source is translated:
        return 0.0
    there = translated.by_id[item.id]
    added = _characters(translated, there) - _characters(source, item)
    return added / CHARACTERS_PER_SECOND


def _characters(questionnaire: Questionnaire, item: Item) -> int:
    """The number of characters of an item that every respondent reads or hears."""
    options = () if getattr(item, "search", False) else questionnaire.options(item)
    rows = item.rows if isinstance(item, Matrix) else ()
    labels = (part.label for part in (*options, *rows))
    return sum(map(len, (item.text, item.instruction or "", *labels)))
