"""The variables of a data set, derived from the questionnaire; used for all formats."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from microcred_cli.i18n import N_, _
from microcred_cli.interchange.variable_names import VariableNames
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.questionnaire.models import (
    Choice,
    Integer,
    Matrix,
    Multiple,
    Open,
    Ranking,
    Single,
    allowed_missing,
)
from microcred_cli.questionnaire.values import BLANK, MISSING_LABELS, NOT_ASKED, NOT_REACHED
from microcred_cli.records.formats import COARSE_MINUTES, FINE_MINUTES
from microcred_cli.records.recoding import most_ranks, stored_codes, stored_missing
from microcred_cli.records.shapes import Mode, Status
from microcred_cli.summary.labels import with_phrases, wordings
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.records.shapes import Detail

VariableKind = Literal["row", "single", "multiple", "matrix", "ranking", "number", "paradata"]
Measure = Literal["nominal", "ordinal", "scale"]

ROW: Final = ".row"
MODE: Final = ".mode"
STATUS: Final = ".status"
MINUTES: Final = ".duration_minutes"
LANGUAGE: Final = ".language"
"""Names of variables recorded by the program; the dot distinguishes them from item ids."""

NO_FURTHER_RANK: Final = "no_further_rank"
SUPPRESSED: Final = "suppressed"

MISSING_NUMBERS: Final = {
    "dk": -1,
    "pna": -2,
    BLANK: -3,
    NOT_ASKED: -4,
    NOT_REACHED: -5,
    NO_FURTHER_RANK: -6,
    SUPPRESSED: -7,
}
"""The number of each missing value; variables with negative values use lower numbers."""

_OWN_LABELS: Final = {
    NO_FURTHER_RANK: N_("No further rank"),
    SUPPRESSED: N_("Suppressed"),
}
_NOT_MEASURED: Final = N_("Not measured")
_CHOSEN: Final = (N_("Not chosen"), N_("Chosen"))
_MODES: Final = {
    "self": N_("Self-completed"),
    "phone": N_("By phone"),
    "in_person": N_("In person"),
}
_STATUSES: Final = {"complete": N_("Complete interview"), "partial": N_("Partial interview")}
_COARSE_MINUTES: Final = (
    N_("Under 15 minutes"),
    N_("15 to 24 minutes"),
    N_("25 minutes or more"),
)


@dataclass(frozen=True, slots=True)
class CodedValue:
    """A value of a variable: its code, its number, and its label."""

    code: str
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of a data set, labelled in one language.

    `item` is the id of the item, or a constant such as `MODE` for a variable recorded by the
    program; `part` is the code of the option or row, or the rank. `values` are in the order of the
    questionnaire; a numeric variable has `limits` instead. `identifies` is true for a
    quasi-identifier.
    """

    name: str
    item: str
    part: str
    kind: VariableKind
    part_label: str
    question: str
    values: tuple[CodedValue, ...] = ()
    missing: tuple[CodedValue, ...] = ()
    measure: Measure = "nominal"
    limits: tuple[int, int] | None = None
    identifies: bool = False

    @property
    def label(self) -> str:
        """The label of the option, row or rank (if any), followed by the question."""
        return f"{self.part_label} – {self.question}" if self.part_label else self.question

    @property
    def labelled(self) -> tuple[CodedValue, ...]:
        """All values that have a label, with missing values last."""
        return (*self.values, *self.missing)

    @property
    def lowest_missing(self) -> int:
        """The lowest number of a missing value."""
        return _lowest(self.limits) + min(MISSING_NUMBERS.values())

    @property
    def highest_missing(self) -> int:
        """The highest number of a missing value."""
        return _lowest(self.limits) - 1

    def missing_number(self, code: str) -> int:
        """The number of the missing value with this code."""
        return _lowest(self.limits) + MISSING_NUMBERS[code]


@dataclass(frozen=True, slots=True)
class VariableSet:
    """The variables of an item that has several variables."""

    item: str
    kind: VariableKind
    question: str
    variables: tuple[Variable, ...]


def variables_of(
    recorded: Questionnaire, detail: Detail = "coarse", languages: Sequence[str] = ()
) -> tuple[Variable, ...]:
    """The variables of all records of a questionnaire, labelled in the current language.

    `recorded` must be the questionnaire in the current language, at the level of detail at which
    responses are stored. In full detail, records also contain the language of the interview, which
    is one of `languages`.
    """
    names = VariableNames()
    found = [Variable(names.name(ROW[1:]), ROW, "", "row", "", _("Record number, in random order"))]
    own = [
        _own(names, MODE, _("Interview mode"), {m: _(_MODES[m]) for m in get_args(Mode)}),
        _own(names, STATUS, _("Status of the interview"), _labels_of_statuses()),
        _minutes(names, detail),
    ]
    if detail == "full":
        spoken = {code: own_name(code) for code in languages}
        own.append(_own(names, LANGUAGE, _("Language of the interview"), spoken))
    for item in recorded.items:
        found += _Described(recorded, item, names).variables()
    return (*found, *own)


def sets_of(variables: Sequence[Variable]) -> tuple[VariableSet, ...]:
    """The sets of variables of all multiple-choice, matrix and ranking items."""
    found: dict[str, list[Variable]] = {}
    for variable in variables:
        if variable.kind in ("multiple", "matrix", "ranking"):
            found.setdefault(variable.item, []).append(variable)
    return tuple(
        VariableSet(item, parts[0].kind, parts[0].question, tuple(parts))
        for item, parts in found.items()
    )


class _Described:
    """Creates the variables of an item."""

    def __init__(self, recorded: Questionnaire, item: Item, names: VariableNames) -> None:
        self._recorded = recorded
        self._item = item
        self._names = names
        self._question = safe(next(wordings(item, recorded)))

    def variables(self) -> Iterator[Variable]:
        """One variable for the item, or one for each of its parts; none for an open item."""
        item = self._item
        match item:
            case Single():
                yield self._one("", "", 0, "single", self._options())
            case Integer():
                yield self._number(item)
            case Multiple():
                chosen = _values({str(n): _(text) for n, text in enumerate(_CHOSEN)})
                for place, (code, label) in enumerate(self._labels().items(), 1):
                    yield self._one(code, label, place, "multiple", chosen)
            case Matrix():
                values = self._options()
                for place, row in enumerate(item.rows, 1):
                    yield self._one(row.code, self._text(row.in_results), place, "matrix", values)
            case Ranking():
                values = self._options()
                for place in range(1, most_ranks(self._recorded, item) + 1):
                    rank = _("Rank {number}").format(number=place)
                    yield self._one(str(place), rank, place, "ranking", values)
            case Open():
                return

    def _one(
        self, part: str, label: str, place: int, kind: VariableKind, values: tuple[CodedValue, ...]
    ) -> Variable:
        is_ordinal = isinstance(self._item, Choice) and self._item.measure == "ordinal"
        return Variable(
            name=self._names.name(self._item.id, part, place),
            item=self._item.id,
            part=part,
            kind=kind,
            part_label=label,
            question=self._question,
            values=values,
            missing=self._missing(kind, place, None),
            measure="ordinal" if is_ordinal and kind in ("single", "matrix") else "nominal",
            identifies=self._item.quasi_identifier,
        )

    def _number(self, item: Integer) -> Variable:
        limits = item.minimum, item.maximum
        return Variable(
            name=self._names.name(item.id),
            item=item.id,
            part="",
            kind="number",
            part_label="",
            question=self._question,
            missing=self._missing("number", 0, limits),
            measure="scale",
            limits=limits,
            identifies=item.quasi_identifier,
        )

    def _labels(self) -> dict[str, str]:
        """The label of each code that a record can contain."""
        labels = {o.code: o.in_results for o in self._recorded.options(self._item)}
        codes = stored_codes(self._recorded, self._item)
        return {code: self._text(labels[code]) for code in codes}

    def _options(self) -> tuple[CodedValue, ...]:
        return _values(self._labels())

    def _missing(
        self, kind: VariableKind, place: int, limits: tuple[int, int] | None
    ) -> tuple[CodedValue, ...]:
        """The missing values that the item, or one of its parts, can have."""
        item = self._item
        possible = {*allowed_missing(item), *stored_missing(item), BLANK, NOT_REACHED}
        if item.asked_if is not None:
            possible.add(NOT_ASKED)
        if kind == "ranking" and place > 1:
            possible.add(NO_FURTHER_RANK)
        if item.quasi_identifier:
            possible.add(SUPPRESSED)
        return _missing_values(possible, limits)

    def _text(self, text: str) -> str:
        return safe(with_phrases(text, self._recorded))


def _own(names: VariableNames, name: str, question: str, labels: Mapping[str, str]) -> Variable:
    """Create a variable recorded by the program."""
    missing = _missing_values({SUPPRESSED})
    values = _values(labels)
    found = names.name(name[1:])
    return Variable(found, name, "", "paradata", "", question, values, missing, identifies=True)


def _labels_of_statuses() -> dict[str, str]:
    return {status: _(_STATUSES[status]) for status in get_args(Status)}


def _minutes(names: VariableNames, detail: Detail) -> Variable:
    if detail == "coarse":
        labels = dict(zip(map(str, COARSE_MINUTES), map(_, _COARSE_MINUTES), strict=True))
    else:
        labels = {str(n): _("{n} minutes").format(n=n) for n in FINE_MINUTES}
        labels[str(FINE_MINUTES[-1])] = _("60 minutes or more")
    return Variable(
        name=names.name(MINUTES[1:]),
        item=MINUTES,
        part="",
        kind="paradata",
        part_label="",
        question=_("Duration of the interview"),
        values=_values(labels),
        missing=_missing_values({BLANK, SUPPRESSED}, labels={BLANK: _(_NOT_MEASURED)}),
        measure="ordinal",
        identifies=True,
    )


def _values(labels: Mapping[str, str]) -> tuple[CodedValue, ...]:
    """Number the codes from 1 or, if all codes are numbers, use these numbers."""
    numbers: list[int] = [*range(1, len(labels) + 1)]
    if all(code.isascii() and code.isdecimal() and len(code) < 10 for code in labels):
        own = [int(code) for code in labels]
        if max(Counter(own).values(), default=0) == 1:
            numbers = own
    return tuple(
        CodedValue(code, number, label)
        for (code, label), number in zip(labels.items(), numbers, strict=True)
    )


def _missing_values(
    possible: set[str],
    limits: tuple[int, int] | None = None,
    labels: Mapping[str, str] | None = None,
) -> tuple[CodedValue, ...]:
    """The possible missing values with numbers and labels, in the order of `MISSING_NUMBERS`."""
    words = {**MISSING_LABELS, **_OWN_LABELS}
    return tuple(
        CodedValue(code, _lowest(limits) + number, (labels or {}).get(code) or _(words[code]))
        for code, number in MISSING_NUMBERS.items()
        if code in possible
    )


def _lowest(limits: tuple[int, int] | None) -> int:
    """The lowest possible value; all lower numbers are missing values."""
    return min(0, limits[0]) if limits else 0


def shortened(text: str, longest: int, *, in_bytes: bool = False) -> str:
    """Shorten a string after a word, to this number of characters or (UTF-8) bytes."""

    def length(part: str) -> int:
        return len(part.encode()) if in_bytes else len(part)

    if length(text) <= longest:
        return text
    while length(text) + length("…") > longest:
        text = text[:-1]
    cut = text.rpartition(" ")[0]
    # A string that has no space near the limit is cut inside a word.
    return (cut if length(cut) > longest // 2 else text).rstrip(" ,;:–-") + "…"
