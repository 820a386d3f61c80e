"""`microcred outcomes`: prints exact figures from the case log, for staff only."""

from __future__ import annotations

import csv
import io
import math
import os
import re
import textwrap
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

from microcred_cli import files
from microcred_cli.cases.dispositions import GROUPS
from microcred_cli.cases.joining import Joined, join
from microcred_cli.cases.log import VARIABLE, CaseLog
from microcred_cli.cases.rates import NAMES, OutcomeRates, Rate, estimated_e
from microcred_cli.cli import options
from microcred_cli.cli.options import option
from microcred_cli.cli.output import (
    TABLE,
    as_json,
    deliver,
    file_of,
    format_for,
    refuse_other_than_file,
)
from microcred_cli.errors import UsageError
from microcred_cli.terminal.console import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from microcred_cli.cases.case import Cases


FORMATS = (TABLE, "json", "csv")
FOR_STAFF = (
    "For staff only: these figures are exact.\nPublish only rates of the whole "
    "survey, never small counts."
)
STILL_OPEN = (
    "An open case has no final outcome yet. Its most informative",
    "contact counts; an appointment is not a refusal.",
)
_WIDTH = 59
COLUMNS = ("part", "name", "label", "value", "open", "numerator", "denominator")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,18})?")


app = options.new_app()

CaseLogFiles = Annotated[
    list[str] | None,
    option(
        "--case-log",
        "FILE",
        "Case log; repeatable. Default: MICROCRED_CASE_LOG, or case-log.json.",
    ),
]


@app.command("outcomes")
def print_outcomes(
    case_log: CaseLogFiles = None,
    e: Annotated[
        str | None,
        option(
            "--e",
            "NUMBER",
            "Share of cases of unknown eligibility that are eligible, 0 to 1. Default: estimated.",
        ),
    ] = None,
    output_format: Annotated[
        str | None,
        option(
            "--format",
            "FORMAT",
            "table, json or csv. Default: from the file extension, or table.",
        ),
    ] = None,
    output: options.Output = None,
) -> None:
    """Show contact outcomes and response rates.

    The rates are those of AAPOR's Standard Definitions. The figures are exact, for staff only.
    Several case logs are joined: each case and each contact counts once.

    Example: microcred outcomes --case-log round-2.json --e 0.5
    """
    written_as = format_for(output_format, output, FORMATS)
    logs = [CaseLog.named(name) for name in case_log or (None,)]
    is_named = bool(case_log or os.environ.get(VARIABLE))
    if e is not None and not _NUMBER.fullmatch(e):
        raise UsageError(
            "This is not a number.", where="--e", hint="Use a number from 0 to 1, such as 0.5."
        )
    path = file_of(output)
    if path is not None:
        _refuse_output(path, logs)
    if is_named:
        _refuse_missing(logs)
    joined = join(logs)
    cases = joined.cases
    rates = OutcomeRates(cases.counts(), None if e is None else Fraction(e))
    if not cases.cases:
        say(
            "The case log has no cases yet."
            if is_named or logs[0].is_there
            else "There is no case log here yet. It is created at the first contact."
        )
        if written_as == TABLE:
            return
    else:
        say(FOR_STAFF)
    _say_repeated(joined)
    deliver(_written(cases, rates, written_as).encode(), path)


def _say_repeated(joined: Joined) -> None:
    if joined.twice:
        say(
            f"Interviewed twice, counted as one case: {', '.join(joined.twice)}. "
            "Withdraw the duplicate response of each of these cases."
        )


def _refuse_missing(logs: Sequence[CaseLog]) -> None:
    for log in logs:
        if not log.is_there:
            raise UsageError(
                "The case log does not exist.",
                where=log.path,
                hint=f"Check the path in --case-log or {VARIABLE}.",
            )


def _refuse_output(path: Path, logs: Sequence[CaseLog]) -> None:
    with files.faults_named(path):
        is_log = path.resolve() in [log.path.resolve() for log in logs]
    if is_log:
        raise UsageError(
            "The output file is a case log.", where="--output", hint="Use another file name."
        )
    refuse_other_than_file(path)


def _groups(cases: Cases, rates: OutcomeRates) -> Iterator[tuple[str, str, int, int]]:
    """The code, label, number of cases and number of open cases of each group of outcomes."""
    still_open = cases.counts(is_open=True)
    for group, label in GROUPS.items():
        yield group, label, rates.counts[group], still_open[group]


def _written(cases: Cases, rates: OutcomeRates, written_as: str) -> str:
    if written_as == TABLE:
        return "".join(f"{line}\n" for line in _table(cases, rates))
    report = _report(cases, rates)
    return as_json(report) if written_as == "json" else _csv(report)


# -- table -----------------------------------------------------------------------------------------


def _table(cases: Cases, rates: OutcomeRates) -> Iterator[str]:
    """The lines of the table: ASCII, fewer than 60 columns."""
    yield f"{f'Cases in the log: {rates.counts.total():,}':<42}{'all':>8}{'open':>8}"
    for group, label, count, still_open in _groups(cases, rates):
        yield f"  {group:<4}{label:<36}{count:>8,}{still_open:>8,}"
    yield "Cases that are not in the log are not counted."
    if cases.counts(is_open=True).total():
        yield from STILL_OPEN
    yield ""
    yield from _e_lines(rates)
    yield ""
    yield "Rates (AAPOR, Standard Definitions, 10th edition, 2023)"
    for name in NAMES:
        yield f"  {name:<6}{_rate_line(rates.rate(name))}"
    yield from textwrap.wrap(_to_quote(cases, rates), _WIDTH)
    yield ""
    yield "Cases by number of contacts"
    for contacts, count in cases.contacts_per_case().items():
        yield f"  {contacts:>3,}{count:>8,}"
    yield ""
    yield "Interviews by week"
    for week, count in cases.completed_by_week.items():
        yield f"  {week}{count:>8,}"
    if not cases.completed_by_week:
        yield "  none yet"


def _to_quote(cases: Cases, rates: OutcomeRates) -> str:
    """Sentences on the response rate to quote in a report."""
    if not rates.counts["UH"] + rates.counts["UO"]:
        text = (
            "Quote RR1 as the response rate, or RR2 if partial interviews count: no case has "
            "unknown eligibility, so e is not needed."
        )
    elif rates.e is None:
        text = (
            "Quote RR1 as the response rate, or RR2 if partial interviews count: without a case "
            "of known eligibility, the rates that need e are not defined."
        )
    else:
        text = (
            "Quote RR3 as the response rate, or RR4 if partial interviews count, together with e: "
            "of the cases of unknown eligibility, this rate counts only the share that is likely "
            "to be eligible. Also quote RR1 or RR2, the lowest possible value of the rate."
        )
    if cases.counts(is_open=True).total():
        text += " No rate is final while cases are open."
    return text


def _e_lines(rates: OutcomeRates) -> Iterator[str]:
    if rates.given_e is not None:
        yield f"e = {_decimal(rates.given_e, 4)}, as given with --e"
        return
    e = estimated_e(rates.counts)
    if e.value is None:
        yield "e is not defined: no case has known eligibility"
        return
    yield f"e = {_decimal(e.value, 4)} = {e.numerator} / {e.denominator}, estimated (CASRO):"
    yield "eligible cases out of those with known eligibility"


def _rate_line(rate: Rate) -> str:
    below = "?" if rate.denominator is None else _decimal(rate.denominator, 2)
    shown = "not defined" if rate.value is None else f"{_decimal(rate.value * 100, 1)} %"
    return f"{shown:>12}  {_decimal(rate.numerator, 2):>8} / {below}"


def _decimal(number: Fraction, places: int) -> str:
    """Format a number, rounded half up; whole numbers have decimals only if `places` is 1."""
    if number.denominator == 1 and places != 1:
        return f"{number.numerator:,}"
    scaled = math.floor(number * 10**places + Fraction(1, 2))
    whole, part = divmod(scaled, 10**places)
    return f"{whole:,}.{part:0{places}}"


# -- JSON and CSV ----------------------------------------------------------------------------------


def _report(cases: Cases, rates: OutcomeRates) -> dict[str, Any]:
    e = estimated_e(rates.counts) if rates.given_e is None else None
    return {
        "format": "microcred-outcomes/1",
        "cases": rates.counts.total(),
        "open": cases.counts(is_open=True).total(),
        "groups": [
            {"group": group, "label": label, "cases": count, "open": still_open}
            for group, label, count, still_open in _groups(cases, rates)
        ],
        "e": {
            "value": _number(rates.e),
            "source": "estimated" if e else "given",
            "numerator": _number(e.numerator) if e else None,
            "denominator": _number(e.denominator) if e else None,
        },
        "rates": [
            {
                "rate": name,
                "value": _number(rate.value),
                "numerator": _number(rate.numerator),
                "denominator": _number(rate.denominator),
            }
            for name in NAMES
            for rate in [rates.rate(name)]
        ],
        "contacts_per_case": [
            {"contacts": contacts, "cases": count}
            for contacts, count in cases.contacts_per_case().items()
        ],
        "completed_by_week": cases.completed_by_week,
    }


def _csv(report: dict[str, Any]) -> str:
    """CSV with a header and one row per figure; undefined figures are empty, never 0."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for group in report["groups"]:
        writer.writerow(("group", *group.values(), "", ""))
    e = report["e"]
    writer.writerow(("e", "e", e["source"], e["value"], "", e["numerator"], e["denominator"]))
    for rate in report["rates"]:
        parts = rate["numerator"], rate["denominator"]
        writer.writerow(("rate", rate["rate"], "", rate["value"], "", *parts))
    for row in report["contacts_per_case"]:
        writer.writerow(("contacts", row["contacts"], "", row["cases"], "", "", ""))
    for week, count in report["completed_by_week"].items():
        writer.writerow(("week", week, "", count, "", "", ""))
    return out.getvalue()


def _number(number: Fraction | None) -> int | float | None:
    if number is None:
        return None
    return number.numerator if number.denominator == 1 else float(number)
