"""`microcred outcomes`: prints exact figures from the case log, for staff only."""

from __future__ import annotations

import csv
import io
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from microcred_cli.cases.calling import Calling
from microcred_cli.cases.dispositions import GROUPS
from microcred_cli.cases.listing import full_strata
from microcred_cli.cases.rates import NAMES, OutcomeRates, estimated_e
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
from microcred_cli.cli.output import (
    TABLE,
    as_json,
    deliver,
    file_of,
    format_for,
)
from microcred_cli.session.options import Choices
from microcred_cli.terminal.console import say

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

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


app = options.new_app()


@app.command("outcomes")
def print_outcomes(
    case_log: CaseLogFiles = None,
    fieldwork: options.FieldworkFile = None,
    e: Annotated[
        str | None,
        option(
            "--e",
            "NUMBER",
            NUMBER_OF_E,
        ),
    ] = None,
    output_format: options.ListFormat = None,
    output: options.Output = None,
) -> None:
    """Show contact outcomes and response rates.

    The rates follow AAPOR's Standard Definitions. The figures are exact, for staff only. If several
    case logs are specified, they are joined: each case and each contact counts once. If the
    settings close full quotas, cases of these strata without a contact count as 4.80.

    Example: microcred outcomes --case-log round-2.json --e 0.5
    """
    written_as = format_for(output_format, output, FORMATS)
    given_e = e_from(e)
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    cases = read_logs(case_log, output).cases
    full = full_strata(cases, settings.calling or Calling())
    rates = OutcomeRates(cases.counts(full=full), given_e)
    if cases.cases:
        say(FOR_STAFF)
    elif written_as == TABLE:
        return
    outcomes = _Outcomes(cases, rates, cases.counts(is_open=True, full=full))
    deliver(outcomes.written(written_as).encode(), file_of(output))


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """The cases, their rates, and the number of open cases in each group."""

    cases: Cases
    rates: OutcomeRates
    still_open: Counter[str]

    def groups(self) -> Iterator[tuple[str, str, int, int]]:
        """The code and label of each outcome group, with its number of cases and of open cases."""
        for group, label in GROUPS.items():
            yield group, label, self.rates.counts[group], self.still_open[group]

    def written(self, written_as: str) -> str:
        if written_as == TABLE:
            return "".join(f"{line}\n" for line in _table(self))
        report = _report(self)
        return as_json(report) if written_as == "json" else _csv(report)


# -- table -----------------------------------------------------------------------------------------


def _table(outcomes: _Outcomes) -> Iterator[str]:
    """The lines of the table: ASCII, fewer than 60 columns."""
    cases, rates = outcomes.cases, outcomes.rates
    has_open = bool(outcomes.still_open.total())
    yield f"{f'Cases in the log: {rates.counts.total():,}':<42}{'all':>8}{'open':>8}"
    for group, label, count, still_open in outcomes.groups():
        yield f"  {group:<4}{label:<36}{count:>8,}{still_open:>8,}"
    yield "Cases that are not in the log are not counted."
    if has_open:
        yield from STILL_OPEN
    yield ""
    yield from _e_lines(rates)
    yield ""
    yield "Rates (AAPOR, Standard Definitions, 10th edition, 2023)"
    for name in NAMES:
        yield f"  {name:<6}{rate_line(rates.rate(name))}"
    yield from textwrap.wrap(rates.advice(has_open=has_open), _WIDTH)
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


def _e_lines(rates: OutcomeRates) -> Iterator[str]:
    if rates.given_e is not None:
        yield f"e = {decimal(rates.given_e, 4)}, as specified with --e"
        return
    e = estimated_e(rates.counts)
    if e.value is None:
        yield "e is not defined: no case has known eligibility"
        return
    yield f"e = {decimal(e.value, 4)} = {e.numerator} / {e.denominator}, estimated (CASRO):"
    yield "eligible cases out of those with known eligibility"


# -- JSON and CSV ----------------------------------------------------------------------------------


def _report(outcomes: _Outcomes) -> dict[str, Any]:
    cases, rates = outcomes.cases, outcomes.rates
    e = estimated_e(rates.counts) if rates.given_e is None else None
    return {
        "format": "microcred-outcomes/1",
        "cases": rates.counts.total(),
        "open": outcomes.still_open.total(),
        "groups": [
            {"group": group, "label": label, "cases": count, "open": still_open}
            for group, label, count, still_open in outcomes.groups()
        ],
        "e": {
            "value": number_of(rates.e),
            "source": "estimated" if e else "given",
            "numerator": number_of(e.numerator) if e else None,
            "denominator": number_of(e.denominator) if e else None,
        },
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
