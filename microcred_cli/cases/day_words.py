"""Words for days and times in each language of the program, in lower case without accents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from microcred_cli.clock.dates import month_names
from microcred_cli.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORTEST_PREFIX: Final = 2
_SHORTEST_MONTH: Final = 3


@dataclass(frozen=True, slots=True)
class Words:
    """The words for days and times in one language.

    `ahead` pairs words such as "tomorrow" with the number of days from today. `weekdays` lists the
    forms of each weekday, beginning with Monday; abbreviations are included unless they are
    prefixes of the name. The regular expressions `on`, `at` and `unit` match words before a day,
    before a time and after a time, respectively. `upcoming` matches "next" with a weekday, `noon` a
    word for exactly 12:00, and `rough` a word for an approximate time. In `distance`, the group
    `count` is a number of days, or of weeks if the group `weeks` matches. `idioms` contains numbers
    of days with a second, idiomatic meaning, such as "eight days" for a week.
    """

    ahead: tuple[tuple[str, int], ...]
    weekdays: tuple[str, ...]
    on: str
    at: str
    unit: str
    distance: str
    upcoming: str
    rough: str
    noon: str = "(?!)"
    idioms: tuple[int, ...] = ()

    def days_ahead(self, name: str) -> int | None:
        """The number of days from today to the day that a word denotes, if any."""
        return dict(self.ahead).get(name)

    def weekday(self, name: str) -> int | None:
        """The weekday (Monday is 0) with this name or unambiguous prefix; None if there is none."""
        forms = [day.split() for day in self.weekdays]
        for number, known in enumerate(forms):
            if name in known:
                return number
        if len(name) < _SHORTEST_PREFIX:
            return None
        found = [n for n, known in enumerate(forms) if any(w.startswith(name) for w in known)]
        return found[0] if len(found) == 1 else None


ENGLISH: Final = Words(
    ahead=(("today", 0), ("tomorrow", 1), ("day after tomorrow", 2)),
    weekdays=("monday", "tuesday", "wednesday weds", "thursday", "friday", "saturday", "sunday"),
    on="on|the",
    at="at",
    unit="h|hrs|hours|o'clock",
    distance=r"in (?P<count>\d{1,3}) (?:days?|(?P<weeks>weeks?))",
    upcoming="next",
    rough="midnight|morning|afternoon|evening|night|tonight|lunchtime",
    noon="(?:12 )?(?:noon|midday)",
)

LANGUAGES: Final = {
    "en": ENGLISH,
    "de": Words(
        ahead=(("heute", 0), ("morgen", 1), ("ubermorgen", 2), ("uebermorgen", 2)),
        weekdays=(
            *("montag", "dienstag", "mittwoch", "donnerstag", "freitag"),
            *("samstag sonnabend", "sonntag so"),
        ),
        on="am",
        at="um",
        unit="h|uhr",
        distance=r"in (?P<count>\d{1,3}) (?:tag(?:en)?|(?P<weeks>wochen?))",
        upcoming="nachste[nr]?|naechste[nr]?",
        rough="mitternachts?|(?:vor|nach)?mittags?|fruh|abends?|nachts?",
        idioms=(8,),
    ),
    "es": Words(
        ahead=(("hoy", 0), ("manana", 1), ("pasado manana", 2)),
        weekdays=("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
        on="el",
        at="a las|a la",
        unit="h|hrs|horas|hora",
        distance=r"(?:en|dentro de) (?P<count>\d{1,3}) (?:dias?|(?P<weeks>semanas?))",
        upcoming="proximo|que viene",
        rough="medianoche|mediodia|por la manana|tarde|noche",
        idioms=(8, 15),
    ),
    "fi": Words(
        ahead=(("tanaan", 0), ("huomenna", 1), ("ylihuomenna", 2)),
        weekdays=(
            *("maanantai maanantaina", "tiistai tiistaina", "keskiviikko keskiviikkona"),
            *("torstai torstaina", "perjantai perjantaina", "lauantai lauantaina"),
            "sunnuntai sunnuntaina",
        ),
        on="",
        at="klo|kello",
        unit="h",
        distance=r"(?P<count>\d{1,3}) (?:paivan|(?P<weeks>viikon)) (?:kuluttua|paasta)",
        upcoming="ensi",
        rough="(?:keski|puoli)(?:yo|paiva)(?:lla)?|aamulla|(?:aamu|ilta)paivalla|illalla|yolla",
    ),
    "fr": Words(
        ahead=(("aujourd'hui", 0), ("demain", 1), ("apres-demain", 2), ("apres demain", 2)),
        weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        on="le",
        at="a",
        unit="h|heures|heure",
        distance=r"dans (?P<count>\d{1,3}) (?:jours?|(?P<weeks>semaines?))",
        upcoming="prochain",
        rough="minuit|matin|apres-midi|soir|nuit",
        noon="midi",
        idioms=(8, 15),
    ),
    "nl": Words(
        ahead=(("vandaag", 0), ("morgen", 1), ("overmorgen", 2)),
        weekdays=(
            *("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
        ),
        on="op",
        at="om",
        unit="h|uur|u",
        distance=r"over (?P<count>\d{1,3}) (?:dag(?:en)?|(?P<weeks>we(?:ek|ken)))",
        upcoming="volgende",
        rough="middernacht|(?:na|voor)?middags?|ochtends?|avonds?|nachts?",
        idioms=(8,),
    ),
    "pl": Words(
        ahead=(("dzis", 0), ("dzisiaj", 0), ("jutro", 1), ("pojutrze", 2)),
        weekdays=(
            *("poniedzialek pn", "wtorek", "sroda srode", "czwartek", "piatek pt"),
            *("sobota sobote sb", "niedziela niedziele nd ndz"),
        ),
        on="we|w",
        at="o godzinie|o godz|godz|o",
        unit="h",
        distance=r"za (?P<count>\d{1,3}) (?:dzien|dni|(?P<weeks>tydzien|tygodnie|tygodni))",
        upcoming="przyszl[ya]|nastepn[ya]",
        rough="o?polnocy?|rano|wieczorem|(?:po|przed) poludni(?:u|em)",
        noon="w poludnie",
    ),
    "sl": Words(
        ahead=(("danes", 0), ("jutri", 1), ("pojutrisnjem", 2)),
        weekdays=(
            *("ponedeljek", "torek", "sreda sredo", "cetrtek", "petek", "sobota soboto"),
            "nedelja nedeljo",
        ),
        on="v",
        at="ob",
        unit="h|uri|ur",
        distance=r"cez (?P<count>\d{1,3}) (?:dan|dneva|dni|(?P<weeks>teden|tedna|tedne|tednov))",
        upcoming="naslednj[io]|prihodnj[io]",
        rough="o?polnoci?|zjutraj|dopoldne|popoldne|zvecer|ponoci",
        noon="opoldne",
    ),
}

_MORE_MONTHS: Final = {
    "de": ("janner", "feber"),
    "es": (*("",) * 8, "setiembre"),
    "sl": (
        *("januarja", "februarja", "marca", "aprila", "maja", "junija", "julija", "avgusta"),
        *("septembra", "oktobra", "novembra", "decembra"),
    ),
}
"""Additional names of each month (Austrian, inflected, variants), beginning with January."""


def months(language: str, other: str) -> Mapping[str, int]:
    """The month number for each month name and each sufficiently long prefix of a name.

    A prefix shared by several months is excluded, as is a word for a different month in the `other`
    language, because input in that language is accepted too.
    """
    also = _months(other)
    return {
        word: month for word, month in _months(language).items() if also.get(word, month) == month
    }


@cache
def _months(language: str) -> Mapping[str, int]:
    names = [{fold(name).rstrip(".") for name in forms} for forms in month_names(language)]
    for known, more in zip(names, _MORE_MONTHS.get(language, ()), strict=False):
        known.add(more)
    found: dict[str, set[int]] = {}
    for number, known in enumerate(names, 1):
        for name in known:
            for length in range(_SHORTEST_MONTH, len(name) + 1):
                found.setdefault(name[:length], set()).add(number)
    return {word: number for word, (number, *others) in found.items() if not others}
