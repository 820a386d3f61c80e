"""The progress of fieldwork as a page that may be shared, protected in the same way as a summary.

Counts of cases are masked, rounded and pooled according to the publication rule of summaries; all
other figures are computed from the printed counts. The page does not show which strata have met
their targets: targets are exact numbers, so a met target would reveal a masked number of complete
interviews.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.cases.progress import CLASSES, r_indicator
from microcred_cli.clock.dates import date_in_words
from microcred_cli.errors import DisclosureError
from microcred_cli.summary.formats.pages import page
from microcred_cli.summary.rule import (
    MASKED_BELOW,
    POOLED,
    SMALLEST_GROUP,
    interval,
    percent,
    printed,
)
from microcred_cli.summary.two_way import protect
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from microcred_cli.cases.progress import Progress, StratumProgress
    from microcred_cli.summary.two_way import ProtectedRow, TwoWay

MASKED: Final = f"<{MASKED_BELOW}"
WITHHELD: Final = "–"
_INELIGIBLE: Final = "not_eligible"
_NO_STRATUM: Final = "(no stratum)"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table: the name, the figures as strings, and the length of the bar."""

    name: str
    figures: tuple[str, ...]
    share: int | None = None


def render(progress: Progress, day: date) -> str:
    """The HTML page.

    Raises:
        DisclosureError: there are fewer than ten cases.
    """
    if progress.whole.cases < SMALLEST_GROUP:
        raise DisclosureError(
            f"There are fewer than {SMALLEST_GROUP} cases, so nothing can be shown.",
            hint="Use another format for staff, or wait for more cases.",
        )
    strata = {row.stratum or _NO_STRATUM: row for row in progress.strata}
    table = protect({name: _classes(row) for name, row in strata.items()})
    lines = [
        _line(name, row, strata[name].target if name in strata else None)
        for name, row in table.rows.items()
    ]
    is_complete = all(row.counts["completed"] is not None for row in table.rows.values())
    weeks = [*_weeks(progress, table.whole)]
    return page("interchange/progress.html.jinja").render(
        day=date_in_words(day),
        synthetic=progress.synthetic,
        masked=MASKED,
        fewest=MASKED_BELOW,
        smallest=SMALLEST_GROUP,
        facts=_facts(progress, table),
        classes=[*CLASSES.values()],
        lines=[
            *lines,
            _line("All strata", table.whole, progress.whole.target if is_complete else None),
        ],
        withheld=any(row.withheld for row in (table.whole, *table.rows.values())),
        pooled=[safe(name) for name in table.pooled],
        weeks=weeks,
        weeks_withheld=any(WITHHELD in week.figures for week in weeks),
    )


def _classes(row: StratumProgress) -> dict[str, int]:
    """The classes of cases; cases closed by a quota are counted as open."""
    moved = {_INELIGIBLE: -row.quota_closed, "open": row.quota_closed}
    return {each: row.classes[each] + moved.get(each, 0) for each in CLASSES}


def _facts(progress: Progress, table: TwoWay) -> list[tuple[str, str]]:
    """The figures at the top of the page, except undefined ones."""
    indicator = _indicator(table)
    facts = {
        "Cases": _text(table.whole.size),
        "Complete interviews": _count(table.whole, "completed"),
        "Response rate (RR1)": _rate(table.whole),
        "With partial interviews (RR2)": _rate(table.whole, "completed", "partial"),
        "Refusal rate (REF1)": _rate(table.whole, "refused"),
        "R-indicator": None if indicator is None else f"{indicator:.2f}",
        "Overdue appointments": _text(printed(progress.overdue)),
    }
    return [(name, text) for name, text in facts.items() if text]


def _line(name: str, row: ProtectedRow, target: int | None) -> _Line:
    """A line of the table, without a target if the number of complete interviews is masked."""
    if row.counts["completed"] is None:
        target = None
    counts = (_count(row, each) for each in CLASSES)
    share = percent(row.counts["completed"], target)
    done = "" if not target else f"{target:,}" + ("" if share is None else f" ({share} %)")
    shown = "Other strata" if name == POOLED else safe(name)
    return _Line(shown, (_text(row.size), *counts, done, _rate(row)), share)


def _count(row: ProtectedRow, name: str) -> str:
    return WITHHELD if row.withheld else _text(row.counts[name])


def _text(figure: int | None) -> str:
    return MASKED if figure is None else f"{figure:,}"


def _eligible(row: ProtectedRow) -> int | None:
    """The number of cases not known to be ineligible, counting masked numbers as 0."""
    if row.size is None or row.withheld:
        return None
    return row.size - (row.counts[_INELIGIBLE] or 0)


def _rate(row: ProtectedRow, *classes: str) -> str:
    """The rate of these classes, or the response rate; empty if a printed figure is masked."""
    counts = [row.counts[each] for each in classes or ("completed",)]
    shown = [count for count in counts if count is not None]
    share = percent(sum(shown), _eligible(row)) if len(shown) == len(counts) else None
    return "" if share is None else f"{share} %"


def _indicator(table: TwoWay) -> float | None:
    """The R-indicator computed from printed figures; None if one of them is masked."""
    found = []
    for row in table.rows.values():
        size, done = _eligible(row), row.counts["completed"]
        if size is None or done is None:
            return None
        found.append((size, min(done, size)))
    return r_indicator(found)


def _weeks(progress: Progress, whole: ProtectedRow) -> Iterator[_Line]:
    """The interviews and refusals of each week; empty if both are withheld."""
    counts = {week.week: week.interviews for week in progress.weeks}
    interviews = _by_week(counts, whole, "completed", "partial")
    refused = _by_week({week.week: week.refused for week in progress.weeks}, whole, "refused")
    if interviews is None and refused is None:
        return
    shown = {} if interviews is None else interviews.counts
    most = max((count or 0 for count in shown.values()), default=0)
    for week in counts:
        figures = (_figure(interviews, week), _figure(refused, week))
        yield _Line(week, figures, percent(shown.get(week), most))


def _by_week(counts: Mapping[str, int], whole: ProtectedRow, *classes: str) -> ProtectedRow | None:
    """The printed numbers by week of the cases in these classes.

    The result is None if the table of strata does not show at least ten of these cases, or if the
    numbers by week would reveal more about their sum than the table does.
    """
    bounds = [interval(whole.counts[name]) for name in classes]
    low, high = (sum(each[end] for each in bounds) for end in (0, 1))
    if whole.withheld or low < SMALLEST_GROUP:
        return None
    weeks = protect({"": counts}).whole
    sums = [sum(interval(count)[end] for count in weeks.counts.values()) for end in (0, 1)]
    return weeks if sums[0] <= low and high <= sums[1] else None


def _figure(row: ProtectedRow | None, week: str) -> str:
    return WITHHELD if row is None or row.withheld else _text(row.counts[week])
