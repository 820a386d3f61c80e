"""The sample: cases read from a CSV file, and divided among several interviewers."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from microcred_cli.cases.case import Case, Cases
from microcred_cli.cases.joining import ATTRIBUTES
from microcred_cli.cases.labels import check_label, check_stratum
from microcred_cli.cases.listing import drawn
from microcred_cli.clock.zones import is_area_and_city
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import NotTextError, as_text, read_edited, read_piped

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

LABEL_COLUMN: Final = "case"
COLUMNS: Final = (LABEL_COLUMN, *ATTRIBUTES)
_MOST_FAULTS: Final = 20
LARGEST: Final = 32 * 1024 * 1024
_SEPARATORS: Final = ",;\t"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_HINT: Final = (
    "Use the columns case and, if known, stratum, language and timezone, without personal "
    "names, addresses or identification numbers."
)


def read_sample(source: str) -> tuple[Case, ...]:
    """The cases in a CSV file in UTF-8; `-` is standard input.

    The columns are separated by commas, semicolons or tabs.

    Raises:
        UsageError: a column is unknown, a label occurs twice, or a value is not valid, for example
        because it looks like a name; the message contains the line number, but never the value.
    """
    where = "standard input" if source == "-" else source
    try:
        data = read_piped(LARGEST) if source == "-" else read_edited(Path(source), LARGEST)
        text = as_text(data)
    except StoreError as error:
        hint = "Use another file, or use - and pipe the sample to standard input."
        if isinstance(error, NotTextError):
            hint = error.hint
        raise UsageError(error.message, where=where, hint=hint) from None
    first = text.partition("\n")[0]
    separator = next((sign for sign in _SEPARATORS if sign in first), ",")
    rows = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    return _SampleReader(where, rows).cases()


class _SampleReader:
    """Reads the rows of a sample, and collects the errors in them."""

    def __init__(self, where: str, rows: Iterator[list[str]]) -> None:
        self.where, self.rows = where, rows
        self.lines: dict[str, int] = {}
        self.faults: list[tuple[int, str, str]] = []

    def cases(self) -> tuple[Case, ...]:
        try:
            columns = self._columns()
            found = [case for row in self.rows if any(row) and (case := self._case(columns, row))]
        except csv.Error:
            raise self._wrong(
                f"Line {self._line} is not valid CSV.", "Check the quotation marks in this line."
            ) from None
        if self.faults:
            shown = [f"Line {line}: {message}" for line, message, _ in self.faults[:_MOST_FAULTS]]
            if more := len(self.faults) - len(shown):
                shown.append("1 other error." if more == 1 else f"{more:,} other errors.")
            only = len(self.faults) == 1
            message = shown[0] if only else f"The sample has {len(self.faults):,} errors."
            raise self._wrong(message, self._hint(), () if only else tuple(shown))
        if not found:
            raise self._wrong("The file contains no cases.", _HINT)
        return tuple(found)

    def _hint(self) -> str:
        """The hints for the errors shown, each only once, in the order of the lines."""
        return " ".join(dict.fromkeys(hint for _, _, hint in self.faults[:_MOST_FAULTS]))

    @property
    def _line(self) -> int:
        return int(getattr(self.rows, "line_num", 0))

    def _columns(self) -> list[str]:
        columns = [name.strip().casefold() for name in next(self.rows, [])]
        for number, name in enumerate(columns, 1):
            if name not in COLUMNS:
                # The name is not shown: in a file without a header, it would be a value.
                raise self._wrong(f"Column {number} is not allowed.", _HINT)
        if len({*columns}) < len(columns):
            raise self._wrong("A column occurs twice.", _HINT)
        if LABEL_COLUMN not in columns:
            raise self._wrong("The first line does not contain a column named case.", _HINT)
        return columns

    def _case(self, columns: list[str], row: list[str]) -> Case | None:
        if len(row) != len(columns):
            message = f"The number of values is {len(row)}, but there are {len(columns)} columns."
            self.faults.append((self._line, message, "Check the separators in this line."))
            return None
        values = {
            name: value
            for name, typed in zip(columns, row, strict=True)
            if (value := self._checked(name, typed.strip()))
        }
        label = values.pop(LABEL_COLUMN, None)
        if label is None:
            return None
        earlier = self.lines.setdefault(label.lower(), self._line)
        if earlier != self._line:
            message = f"The same case is already in line {earlier}."
            self.faults.append((self._line, message, "List each case once."))
        return Case.model_validate({"label": label, **values})

    def _checked(self, name: str, value: str) -> str | None:
        """The value if it is valid, otherwise None; every line must have a label."""
        if not value and name != LABEL_COLUMN:
            return None
        try:
            return _CHECKS[name](value)
        except UsageError as error:
            self.faults.append((self._line, error.message, error.hint))
            return None

    def _wrong(self, message: str, hint: str, details: tuple[str, ...] = ()) -> UsageError:
        return UsageError(message, where=self.where, hint=hint, details=details)


def _check_language(value: str) -> str:
    code = value.casefold() if value.isalpha() else value
    if not _LANGUAGE.fullmatch(code):
        raise UsageError("The language is not a language code.", hint="Use a code such as de.")
    return code


def _check_zone(value: str) -> str:
    if not is_area_and_city(value):
        raise UsageError("The time zone is unknown.", hint="Use a zone such as Europe/Berlin.")
    return value


_CHECKS: Final[dict[str, Callable[[str], str]]] = {
    LABEL_COLUMN: check_label,
    "stratum": check_stratum,
    "language": _check_language,
    "timezone": _check_zone,
}


@dataclass(frozen=True, slots=True)
class AddedSample:
    """The cases of a log after a sample was added, and the number of new cases.

    Known cases whose missing attributes were added are counted in `completed`. The cases in
    `differing` have a different stratum, language or time zone in the sample; the
    values in the log are kept.
    """

    cases: Cases
    new: int
    differing: tuple[str, ...]
    completed: int


def add_sample(cases: Cases, sample: Iterable[Case]) -> AddedSample:
    """Add the cases of a sample; for cases already in the log, add only missing attributes."""
    changed, new, differing, completed = [], 0, [], 0
    for found in sample:
        case = cases.case(found.label)
        given = {name: value for name in ATTRIBUTES if (value := getattr(found, name))}
        unknown = {name: value for name, value in given.items() if getattr(case, name) is None}
        if any(getattr(case, name) not in (None, value) for name, value in given.items()):
            differing.append(case.label)
        if not cases.has(found.label):
            new += 1
            changed.append(found)
        elif unknown:
            completed += 1
            changed.append(case.model_copy(update=unknown))
    return AddedSample(cases.with_cases(changed), new, tuple(differing), completed)


def missing_languages(cases: Iterable[Case], offered: Collection[str]) -> Counter[str]:
    """Languages of cases that the survey does not offer, with the number of cases of each."""
    return Counter(
        case.language
        for case in cases
        if case.language is not None and case.language not in offered
    )


def deal(cases: Iterable[Case], count: int) -> tuple[tuple[Case, ...], ...]:
    """Divide cases into this many parts, distributing each stratum evenly.

    The order of the cases does not matter: within a stratum, they are dealt in the order of a hash
    of their labels.
    """
    strata: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        strata[case.stratum or ""].append(case)
    ordered = (
        case
        for stratum in sorted(strata)
        for case in sorted(strata[stratum], key=lambda case: drawn(case.label))
    )
    parts: list[list[Case]] = [[] for _ in range(count)]
    for number, case in enumerate(ordered):
        parts[number % count].append(case)
    return tuple(tuple(sorted(part, key=lambda case: case.label)) for part in parts)
