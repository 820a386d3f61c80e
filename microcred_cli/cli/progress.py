"""`microcred progress`: shows the progress of fieldwork by stratum and week."""

from __future__ import annotations

import csv
import io
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

from microcred_cli.cases.calling import Calling
from microcred_cli.cases.dispositions import REASONS
from microcred_cli.cases.progress import CLASSES, WITHOUT_REASON, progress_of
from microcred_cli.cases.rates import MEANINGS, NAMES
from microcred_cli.cli import options
from microcred_cli.cli.case_logs import (
    NUMBER_OF_E,
    CaseLogFiles,
    decimal,
    e_from,
    number_of,
    rate_line,
    read_logs,
)
from microcred_cli.cli.options import option
from microcred_cli.cli.output import TABLE, as_json, deliver, file_of, format_for
from microcred_cli.clock import zones
from microcred_cli.session.options import Choices
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from microcred_cli.cases.progress import Progress, StratumProgress
    from microcred_cli.cases.rates import Rate

FORMATS = (TABLE, "json", "csv", "html")
FOR_STAFF = (
    "For staff only: these figures are exact. To share figures, use --format html, which masks "
    "small numbers."
)
UNKNOWN_TARGETS = "The settings have targets for strata without any cases: {strata}."
_NARROWEST = 40
_WIDTH = 79
"""The width of the table; narrower on a narrow terminal."""
_SHORT = {
    "completed": "compl",
    "partial": "part",
    "refused": "ref",
    "not_reached": "n.r.",
    "not_eligible": "n.e.",
    "other": "other",
    "open": "open",
}
"""The column headings of the classes of cases."""
_LEGEND = (
    "compl, part: complete and partial interviews; ref: refused or broken off; n.r.: closed "
    "without being reached; n.e.: not eligible; other: closed for another reason; open: not "
    "closed yet. RR1 is the response rate."
)
_REASONS = {
    "no_time": "time",
    "no_interest": "topic",
    "no_surveys": "never",
    "confidentiality": "conf",
    "too_long": "long",
    "policy": "policy",
    "other": "other",
    WITHOUT_REASON: "none",
}
"""The column headings of the reasons for refusals."""
_ON_REASONS = (
    "Contacts that ended with a refusal, soft refusals included, by reason. time: no time; topic: "
    "no interest in the topic; never: does not take part in surveys; conf: doubts about "
    "confidentiality; long: the interview is too long; policy: company policy, or not put "
    "through; other: another reason, or none given; none: no reason recorded."
)
_ON_TARGETS = " The target is the number of complete interviews."
_R_INDICATOR = (
    "1 means that all strata have the same response rate (RR1); lower values mean larger "
    "differences. "
    "Source: Schouten, Cobben and Bethlehem, Survey Methodology 35, 2009."
)
_ON_WEEKS = (
    "Interviews: complete and partial interviews in this week, all strata together; so far: all "
    "interviews up to the end of the week; refusals: cases closed by a refusal."
)
_ON_SHARE = " Of target: the interviews so far as a percentage of the sum of all targets."
COLUMNS = ("part", "stratum", "name", "value", "numerator", "denominator")
ALL = "all"

app = options.new_app()


@app.command("progress")
def show_progress(
    case_log: CaseLogFiles = None,
    fieldwork: options.FieldworkFile = None,
    e: Annotated[str | None, option("--e", "NUMBER", NUMBER_OF_E)] = None,
    output_format: Annotated[
        str | None,
        option(
            "--format",
            "FORMAT",
            "table, json, csv or html. Default: from the file extension, or table.",
        ),
    ] = None,
    output: options.Output = None,
) -> None:
    """Show the progress of fieldwork by stratum and week.

    The figures come from the case log alone, and are compared with the targets in the settings.
    Figures are shown by stratum, never by case. In tables, JSON and CSV, the figures are exact and
    for staff only; in HTML, small numbers are masked, as in a summary. If several case logs are
    specified, they are joined.

    Example: microcred progress --case-log shared/case-log-1.json --case-log shared/case-log-2.json
    """
    written_as = format_for(output_format, output, FORMATS)
    given_e = e_from(e)
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    found, now = read_logs(case_log, output, names_cases=False).cases, zones.now()
    calling = settings.calling or Calling()
    if not found.cases and written_as == TABLE:
        return
    progress = progress_of(found, calling, now, settings.timezone, given_e)
    if progress.unknown_targets:
        say(UNKNOWN_TARGETS.format(strata=safe(", ".join(progress.unknown_targets))))
    if written_as == "html":
        from microcred_cli.interchange.progress_page import render

        text = render(progress, zones.today(settings.timezone))
    else:
        say(FOR_STAFF)
        text = _written(progress, written_as, _width(file_of(output)))
    deliver(text.encode(), file_of(output))


def _written(progress: Progress, written_as: str, width: int) -> str:
    if written_as == TABLE:
        return "".join(f"{line}\n" for line in _table(progress, width))
    report = _report(progress)
    return as_json(report) if written_as == "json" else _csv(report)


# -- table -----------------------------------------------------------------------------------------


def _width(path: Path | None) -> int:
    if path is not None or not sys.stdout.isatty():
        return _WIDTH
    return max(_NARROWEST, min(_WIDTH, shutil.get_terminal_size().columns - 1))


def _table(progress: Progress, width: int) -> Iterator[str]:
    """The lines of the table, at most `width` wide, except for long names of strata."""
    whole = progress.whole
    has_targets = any(each.target is not None for each in progress.strata)
    yield from _by_stratum(progress, width, ("cases", *_SHORT.values(), "target", "RR1"), _figures)
    yield from textwrap.wrap(_LEGEND + (_ON_TARGETS if has_targets else ""), width)
    yield ""
    yield f"Overdue appointments: {progress.overdue:,}"
    attempts = whole.attempts_per_completed
    per_interview = "not defined" if attempts.value is None else decimal(attempts.value, 1)
    yield f"Attempts per complete interview: {per_interview} = {_parts(attempts)}"
    indicator = progress.r_indicator
    yield f"R-indicator: {'not defined' if indicator is None else f'{indicator:.3f}'}"
    yield from textwrap.wrap(_R_INDICATOR, width, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield from _weeks(progress, width)
    yield ""
    if whole.refusals:
        yield from _by_stratum(progress, width, ("refusals", *_REASONS.values()), _refusals)
        yield from textwrap.wrap(_ON_REASONS, width)
        yield ""
    yield "Rates (AAPOR, Standard Definitions, 10th edition, 2023)"
    for name in NAMES:
        yield f"  {name:<6}{rate_line(whole.rates.rate(name))}"
        yield from textwrap.wrap(
            MEANINGS[name], width, initial_indent=8 * " ", subsequent_indent=8 * " "
        )
    yield from textwrap.wrap(whole.rates.advice(has_open=bool(whole.classes["open"])), width)


def _by_stratum(
    progress: Progress,
    width: int,
    heads: tuple[str, ...],
    figures_of: Callable[[StratumProgress], tuple[str, ...]],
) -> Iterator[str]:
    """A line for each stratum; a name that is too long for its column is on a separate line."""
    rows = [*progress.strata, progress.whole] if len(progress.strata) > 1 else [progress.whole]
    figures = [figures_of(row) for row in rows]
    widths = [max(map(len, column)) + 1 for column in zip(heads, *figures, strict=True)]
    names = [_name(progress, row) for row in rows]
    room = max(0, min(max(map(len, ("Stratum", *names))), width - sum(widths)))
    for name, texts in zip(("Stratum", *names), (heads, *figures), strict=True):
        if len(name) > room:
            yield name
        cells = "".join(f"{text:>{wide}}" for text, wide in zip(texts, widths, strict=True))
        yield f"{name if len(name) <= room else '':<{room}}{cells}".rstrip()


def _figures(row: StratumProgress) -> tuple[str, ...]:
    rate = row.rates.rate("RR1").value
    target = "" if row.target is None else f"{row.target:,}"
    shown = "" if rate is None else f"{decimal(rate * 100, 1)} %"
    return f"{row.cases:,}", *(f"{row.classes[each]:,}" for each in CLASSES), target, shown


def _refusals(row: StratumProgress) -> tuple[str, ...]:
    return f"{row.refusals.total():,}", *(f"{row.refusals[each]:,}" for each in _REASONS)


def _weeks(progress: Progress, width: int) -> Iterator[str]:
    target = progress.whole.target
    heads = f"{'interviews':>12}{'so far':>9}{'refusals':>11}"
    yield f"Week      {heads}{'of target' if target else '':>12}".rstrip()
    for week in progress.weeks:
        counts = f"{week.interviews:>12,}{week.so_far:>9,}{week.refused:>11,}"
        share = f"{whole_percent(week.so_far, target)} %" if target else ""
        yield f"{week.week:<10}{counts}{share:>12}".rstrip()
    if not progress.weeks:
        yield "none yet"
    yield from textwrap.wrap(_ON_WEEKS + (_ON_SHARE if target else ""), width)


def whole_percent(count: int, of: int) -> int:
    """A percentage rounded half up."""
    return (200 * count + of) // (2 * of)


def _name(progress: Progress, row: StratumProgress) -> str:
    return ALL if row is progress.whole else safe(row.stratum or "(none)")


def _parts(rate: Rate) -> str:
    below = "?" if rate.denominator is None else decimal(rate.denominator, 2)
    return f"{decimal(rate.numerator, 2)} / {below}"


# -- JSON and CSV ----------------------------------------------------------------------------------


def _report(progress: Progress) -> dict[str, Any]:
    return {
        "format": "microcred-progress/1",
        "synthetic": progress.synthetic,
        "overdue": progress.overdue,
        "r_indicator": progress.r_indicator,
        "unknown_targets": [*progress.unknown_targets],
        "all": _shape(progress.whole),
        "strata": [{"stratum": row.stratum, **_shape(row)} for row in progress.strata],
        "weeks": [
            {
                "week": week.week,
                "interviews": week.interviews,
                "so_far": week.so_far,
                "refused": week.refused,
            }
            for week in progress.weeks
        ],
    }


def _shape(row: StratumProgress) -> dict[str, Any]:
    rates = row.rates
    return {
        "cases": row.cases,
        **{name: row.classes[name] for name in CLASSES},
        "target": row.target,
        "refusals": {reason: row.refusals[reason] for reason in (*REASONS, WITHOUT_REASON)},
        "attempts": row.attempts,
        "attempts_per_completed": number_of(row.attempts_per_completed.value),
        "e": number_of(rates.e),
        "rates": [
            {
                "rate": name,
                "value": number_of(rate.value),
                "numerator": number_of(rate.numerator),
                "denominator": number_of(rate.denominator),
            }
            for name in NAMES
            for rate in [rates.rate(name)]
        ],
    }


def _csv(report: dict[str, Any]) -> str:
    """One row per figure; the stratum is empty for all cases, and for cases without a stratum."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for name in ("overdue", "r_indicator"):
        writer.writerow((ALL, "", name, report[name], "", ""))
    for part, row in ((ALL, report["all"]), *(("stratum", row) for row in report["strata"])):
        stratum = row.pop("stratum", None) or ""
        for rate in row.pop("rates"):
            writer.writerow((part, stratum, *rate.values()))
        for reason, count in row.pop("refusals").items():
            writer.writerow((part, stratum, f"refusals {reason}", count, "", ""))
        for name, value in row.items():
            writer.writerow((part, stratum, name, value, "", ""))
    for week in report["weeks"]:
        for name in ("interviews", "so_far", "refused"):
            writer.writerow(("week", "", f"{week['week']} {name}", week[name], "", ""))
    return out.getvalue()
