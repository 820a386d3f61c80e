"""Estimated interview durations by route, and the duration that a definition promises.

The `seconds` of an item are the time needed without an interviewer, in the source language. If an
interviewer reads the item aloud, its `seconds` are multiplied by a factor. The time for the
introduction is computed from its number of words. If a translation is longer than the source text,
the time for reading the additional characters is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.conditions import holds, names_in
from microcred_cli.questionnaire.models import Matrix
from microcred_cli.questionnaire.path_bounds import Parts, Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.questionnaire.values import Answers

ALOUD: Final = 1.15
"""The factor by which reading aloud prolongs a self-administered interview."""

WORDS_PER_MINUTE: Final = 175
"""The speed of silent reading in words; at the slow end of the range for adults (Brysbaert, *How
many words do we read per minute?*, 2019), because many respondents read a second language."""

WORDS_PER_MINUTE_ALOUD: Final = 120
"""Two words per second, the speed at which telephone interviewers are trained to read aloud."""

CHARACTERS_PER_SECOND: Final = 16.5
"""The speed of silent reading in characters, which differs little between languages in Latin script
(Trauzettel-Klosinski and others, *Standardized assessment of reading performance: the International
Reading Speed Texts IReST*, 2012)."""


Minutes = tuple[int, int]
"""The minimum and maximum duration of a group of routes, in minutes."""


def group_minutes(
    source: Questionnaire, translated: Questionnaire, *, aloud: bool
) -> dict[int | None, Minutes]:
    """The duration of the complete routes in minutes, in the language of `translated`.

    Routes are grouped by the number of the exception to the promised duration that applies; the
    number is None if no exception applies. Exceptions that apply to no route are left out. `source`
    is the questionnaire in its source language; `translated` can be the same object.
    """
    seconds = seconds_of(source, translated, aloud=aloud)
    exceptions = source.promised_minutes.exceptions if source.promised_minutes else ()
    apart = [exception.when for exception in exceptions]
    parts = Parts(source, apart=apart)
    names = {name for condition in apart for name in names_in(condition)}
    deciding = {item for name in names for item in parts.deciding.items_behind(name)}
    least = most = introduction_seconds(source, translated, aloud=aloud)
    grouped: tuple[Way, ...] = (Way({}, 0, 0, 0),)
    for part in parts.all:
        if deciding.isdisjoint(item.id for item in part):
            ways = parts.ways(part, seconds, {})
            least += min((way.shortest for way in ways), default=0)
            most += max((way.longest for way in ways), default=0)
        else:
            grouped = parts.ways(part, seconds, {}, keep=deciding)
    found: dict[int | None, Minutes] = {}
    for way in grouped:
        group = _group(source, way.answers)
        shortest, longest = minutes_of(least + way.shortest), minutes_of(most + way.longest)
        earlier = found.get(group, (shortest, longest))
        found[group] = min(earlier[0], shortest), max(earlier[1], longest)
    return found


def seconds_of(
    source: Questionnaire, translated: Questionnaire, *, aloud: bool
) -> dict[str, float]:
    """The estimated seconds for each item, by id, for this mode and language."""
    pace = ALOUD if aloud else 1.0
    return {
        item.id: item.seconds * pace + _additional_seconds(source, translated, item)
        for item in source.items
    }


def introduction_seconds(source: Questionnaire, translated: Questionnaire, *, aloud: bool) -> float:
    """The estimated seconds for the introduction, without sentences that depend on a setting."""
    pace = WORDS_PER_MINUTE_ALOUD if aloud else WORDS_PER_MINUTE
    text, there = (_introduction(each, aloud=aloud) for each in (source, translated))
    return len(text.split()) * 60 / pace + (len(there) - len(text)) / CHARACTERS_PER_SECOND


def minutes_of(seconds: float) -> int:
    """The duration stated to respondents: rounded to the nearest minute, but at least one."""
    return max(1, round(seconds / 60))


def told_minutes(
    source: Questionnaire, translated: Questionnaire, *, aloud: bool
) -> Iterator[tuple[int, int, str | None]]:
    """The minimum and maximum minutes of each group of routes, and a clause describing the group.

    The first group has no clause. If all routes of the first group are within the promised range,
    that range is given instead of the estimate. There are no groups if the definition has no
    `promised_minutes`.
    """
    promise = translated.promised_minutes
    if promise is None:
        return
    minutes = group_minutes(source, translated, aloud=aloud)
    for group in sorted(minutes, key=lambda group: -1 if group is None else group):
        least, most = minutes[group]
        if group is None and promise.least <= least <= most <= promise.most:
            least, most = promise.least, promise.most
        yield least, most, None if group is None else promise.exceptions[group].text


def _group(questionnaire: Questionnaire, answers: Answers) -> int | None:
    """The number of the first exception whose condition is true with these answers."""
    promise = questionnaire.promised_minutes
    for number, exception in enumerate(promise.exceptions if promise else ()):
        if holds(exception.when, answers, questionnaire) is True:
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
