"""`microcred cases`: lists the cases that are due, and loads, shares and joins case logs."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer  # noqa: TC002 (typer reads the annotations)

from microcred_cli.cases.dispositions import outcome_of
from microcred_cli.cases.listing import RULES, contacts_ahead, list_cases
from microcred_cli.cases.log import CaseLog
from microcred_cli.cli import options
from microcred_cli.cli.case_logs import (
    CaseLogFiles,
    counted,
    read_logs,
    refuse_missing,
    say_joined,
)
from microcred_cli.cli.options import option
from microcred_cli.cli.output import TABLE, as_json, deliver, file_of, format_for, show
from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_words, hour_in_figures
from microcred_cli.errors import UsageError
from microcred_cli.files.reading import DamagedError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.terminal.console import for_people, say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from microcred_cli.cases.case import Cases
    from microcred_cli.cases.listing import ListedCase
    from microcred_cli.fieldwork.settings import Fieldwork

FORMATS = (TABLE, "json", "csv")
STATES = {
    "due": "Due now",
    "paused": "Paused interviews",
    "open": "Open, not due yet",
    "closed": "Closed",
}
COLUMNS = (
    *("case", "stratum", "state", "rule", "outcome"),
    *("day", "time", "timezone", "from", "attempts"),
)
_MOST_LOGS = 1000
_INDENT = 6 * " "

app = options.new_app(name="cases")


@app.callback(invoke_without_command=True)
def cases(
    context: typer.Context,
    case_log: CaseLogFiles = None,
    fieldwork: options.FieldworkFile = None,
    stratum: Annotated[
        str | None, option("--stratum", "STRATUM", "Only the cases of this stratum.")
    ] = None,
    state: Annotated[
        str | None, option("--state", "STATE", "Only due, paused, open or closed cases.")
    ] = None,
    output_format: options.ListFormat = None,
    output: options.Output = None,
) -> None:
    """List the cases to call; load, share and join them.

    The list shows which cases are due now and why, in the order in which to call them. The rules
    (intervals, number of attempts, hours and days off) are in the settings. If several case logs
    are specified, they are joined.

    Example: microcred cases --stratum north/industry/small
    """
    if context.invoked_subcommand is not None:
        _refuse_before(context)
        return
    written_as = format_for(output_format, output, FORMATS)
    if state is not None and state not in STATES:
        raise UsageError(
            f"Unknown state {safe(state)!r}.", where="--state", hint=f"Use {', '.join(STATES)}."
        )
    from microcred_cli.session.options import Choices

    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    found, now = read_logs(case_log, output).cases, zones.now()
    _say_closed(settings)
    if stratum is not None:
        _refuse_unknown(stratum, found)
    _say_clock(found, now)
    listed = _listed(found, [CaseLog.named(name) for name in case_log or (None,)], settings, now)
    shown = [
        each
        for each in listed
        if state in (None, each.state) and stratum in (None, each.case.stratum)
    ]
    if written_as != TABLE:
        written = _json(shown) if written_as == "json" else _csv(shown)
        deliver(written.encode(), file_of(output))
    elif found.cases:
        lines = _table(shown, now, settings.timezone, [state] if state is not None else STATES)
        if (path := file_of(output)) is not None:
            deliver("".join(f"{line}\n" for line in lines).encode(), path)
        else:
            show("".join(f"{for_people(line, sys.stdout, rest=_INDENT)}\n" for line in lines))


def _listed(
    found: Cases, logs: Sequence[CaseLog], settings: Fieldwork, now: datetime
) -> tuple[ListedCase, ...]:
    """The cases in these logs, including cases that are paused on this machine or in use."""
    from microcred_cli.cases.calling import Calling
    from microcred_cli.session.paused import paused_cases

    begun = {
        label: paused.last_contact
        for log in logs
        for label, paused in paused_cases(log.path).items()
    }
    labels = [case.label for case in found.cases]
    in_use = frozenset[str]().union(*(log.in_use(labels) for log in logs))
    calling = settings.calling or Calling()
    return list_cases(found, calling, now, settings.timezone, begun, in_use)


def _refuse_before(context: typer.Context) -> None:
    """Reject options of the list in front of a subcommand, where they have no effect."""
    if any(value not in (None, [], ()) for value in context.params.values()):
        raise UsageError(
            f"Specify options after {context.invoked_subcommand}, not before it.",
            where=context.command_path,
            hint=f"For help, run: microcred cases {context.invoked_subcommand} --help",
        )


def _refuse_unknown(stratum: str, found: Cases) -> None:
    if stratum not in {case.stratum for case in found.cases}:
        raise UsageError(
            "There is no case in this stratum.",
            where="--stratum",
            hint="To list the strata of the case log: microcred progress",
        )


def _say_closed(settings: Fieldwork) -> None:
    """Warn that no new interview can begin after the last day of the survey."""
    if settings.closes is not None and settings.is_closed(settings.today()):
        say(
            f"The survey closed on {date_in_words(settings.closes)}, so no case can be called with "
            "interview --next anymore. Paused interviews can still be finished with: "
            "microcred resume"
        )


def _say_clock(found: Cases, now: datetime) -> None:
    """Warn if contacts are in the future, because a clock is or was wrong."""
    if later := contacts_ahead(found, now):
        contacts = "1 contact is" if later == 1 else f"{later} contacts are"
        say(
            f"{contacts} dated in the future, so the clock of this or another machine is or was "
            "wrong. Check the date and time. The cases of these contacts are listed as due."
        )


# -- output ----------------------------------------------------------------------------------------


def _table(
    listed: Sequence[ListedCase], now: datetime, zone: str | None, states: Iterable[str]
) -> Iterator[str]:
    """The lines of the list; cases that are due are in the order in which to call them."""
    for state in states:
        entries = [each for each in listed if each.state == state]
        yield f"{STATES[state]}: {len(entries):,}"
        for each in entries:
            yield f"  {'; '.join(_words(each, now, zone))}"


def _words(listed: ListedCase, now: datetime, zone: str | None) -> Iterator[str]:
    case = listed.case
    yield f"{case.label} ({case.stratum})" if case.stratum else case.label
    if listed.outcome is not None:
        yield f"{outcome_of(listed.outcome).label} ({listed.outcome})"
    elif case.appointment is not None:
        yield f"{RULES[listed.rule or '']}: {case.appointment.in_words(zones.today(zone))}"
    else:
        yield RULES[listed.rule or ""]
    if listed.is_begun and listed.is_due and listed.rule != "paused":
        yield RULES["paused"].lower()
    if listed.is_overdue(now):
        yield "overdue"
    hard = case.appointment is not None and case.appointment.utc is not None
    if listed.since is not None and not listed.is_due and not hard:
        yield f"from {_moment(listed.since, now, case.timezone or zone)}"
    if case.attempts:
        yield "1 contact" if case.attempts == 1 else f"{case.attempts} contacts"
    if case.language is not None:
        yield f"language {case.language}"


def _moment(moment: datetime, now: datetime, zone: str | None) -> str:
    """Format a time in a time zone, without the date if it is today."""
    zone = zone if zone is None or zones.is_area_and_city(zone) else None
    there, today = zones.wall_time(moment, zone), zones.wall_time(now, zone).date()
    if there.date() == today:
        hour = hour_in_figures(there.time())
        return f"{hour} ({zone})" if zone else hour
    is_other_year = there.year != today.year
    return date_in_words(there.date(), there.time(), zone or "", weekday=True, year=is_other_year)


def _json(listed: Sequence[ListedCase]) -> str:
    return as_json({"format": "microcred-case-list/1", "cases": [_shape(each) for each in listed]})


def _shape(listed: ListedCase) -> dict[str, Any]:
    case, kept = listed.case, listed.case.appointment
    return {
        "case": case.label,
        "stratum": case.stratum,
        "state": listed.state,
        "rule": listed.rule,
        "outcome": listed.outcome,
        "appointment": kept and {"day": kept.day, "time": kept.time, "timezone": kept.timezone},
        "attempts": case.attempts,
    }


def _csv(listed: Sequence[ListedCase]) -> str:
    """One row for each case; `from` is in UTC, and empty if the case may be called now."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for each in listed:
        shape = _shape(each)
        waits = each.since is not None and not each.is_due
        begins = f"{each.since:%Y-%m-%dT%H:%MZ}" if waits else None
        kept = shape.pop("appointment") or {}
        writer.writerow({**shape, **kept, "from": begins})
    return out.getvalue()


# -- changes ---------------------------------------------------------------------------------------


@app.command("load")
def load_sample(
    file: Annotated[
        str, options.argument("FILE", "CSV file with the sample, or - for standard input.")
    ],
    case_log: options.CaseLogFile = None,
    questionnaire: options.Questionnaire = BUILT_IN,
) -> None:
    """Add the cases of a sample to the case log.

    The CSV file has the column case and, optionally, stratum, language and timezone. Other columns
    are refused, as are values that look like personal names, addresses or identification numbers.
    If the file is loaded again, only new cases are added, and existing contacts remain unchanged.

    Example: microcred cases load sample.csv
    """
    from microcred_cli.cases.sample import AddedSample, add_sample, missing_languages, read_sample

    sample = read_sample(file)
    missing = Counter[str]()
    if any(case.language for case in sample):
        from microcred_cli.questionnaire.loading import load

        missing = missing_languages(sample, load(questionnaire).languages)
    loaded: list[AddedSample] = []

    def with_sample(before: Cases) -> Cases:
        loaded.append(add_sample(before, sample))
        return loaded[-1].cases

    log = CaseLog.named(case_log)
    log.change(with_sample)
    added = loaded[-1]
    say(
        f"Cases added: {added.new:,}. Already in the log: {len(sample) - added.new:,}. "
        f"Cases in the log: {len(added.cases.cases):,}."
    )
    if added.completed:
        say(f"Existing cases to which missing attributes were added: {added.completed:,}.")
    if added.differing:
        say(
            "These cases already have a different stratum, language or time zone in the log, "
            f"which was not changed: {', '.join(added.differing)}."
        )
    if missing:
        say(f"The questionnaire is not available in languages of the sample: {counted(missing)}.")


@app.command("share")
def share_cases(
    count: Annotated[int, options.argument("N", "Number of case logs.")],
    folder: Annotated[str, options.argument("DIR", "New or empty folder for the case logs.")],
    case_log: options.CaseLogFile = None,
    fieldwork: options.FieldworkFile = None,
) -> None:
    """Divide the open cases among several case logs.

    Each interviewer gets one of these logs, with about the same number of cases from each stratum.
    The original case log is not changed. To join the logs later, run: microcred cases join

    Example: microcred cases share 5 shared
    """
    if not 1 <= count <= _MOST_LOGS:
        raise UsageError(f"N must be from 1 to {_MOST_LOGS}.", hint="Use a number such as 5.")
    from microcred_cli import files
    from microcred_cli.cases.calling import Calling
    from microcred_cli.cases.log import write_logs
    from microcred_cli.cases.sample import deal
    from microcred_cli.session.options import Choices
    from microcred_cli.session.paused import paused_cases

    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    log = CaseLog.named(case_log)
    refuse_missing([log])
    found = log.read()
    listed = list_cases(found, settings.calling or Calling(), zones.now(), settings.timezone)
    still_open = [each.case for each in listed if each.state != "closed"]
    excluded = log.in_use(case.label for case in still_open).union(paused_cases(log.path))
    parts = deal((case for case in still_open if case.label.lower() not in excluded), count)
    path = Path(folder).absolute()
    with files.faults_named(path):
        is_free = not path.exists() or (path.is_dir() and not any(path.iterdir()))
    if not is_free:
        raise UsageError(
            "The folder is not empty.", where=path, hint="Specify a new or empty folder."
        )
    write_logs(path, parts, synthetic=found.synthetic)
    sizes = [len(part) for part in parts]
    least, most = min(sizes), max(sizes)
    each = f"{most:,}" if least == most else f"{least:,} to {most:,}"
    say(f"Case logs written: {count}, each with {each} open {'case' if most == 1 else 'cases'}.")
    kept = [case.label for case in still_open if case.label.lower() in excluded]
    if kept:
        say(
            "These cases are in use in another window, or have an interview in progress or paused "
            f"on this machine, so they are only in the original log: {', '.join(kept)}."
        )


@app.command("join")
def join_logs(
    logs: Annotated[list[str], options.argument("LOG...", "Case logs to join.")],
    case_log: options.CaseLogFile = None,
    output: Annotated[
        str | None,
        option(
            "--output",
            "FILE",
            "Write the joined log to this file, and leave the case log unchanged.",
        ),
    ] = None,
) -> None:
    """Join case logs into the case log.

    Each case and each contact counts once, regardless of the order of the logs, and a log can be
    joined repeatedly. Cases with two interviews are listed.

    Example: microcred cases join shared/case-log-1.json shared/case-log-2.json
    """
    if output is not None and case_log is not None:
        raise UsageError(
            "Two files were specified for the joined log.",
            where="--output",
            hint="Use either --output or --case-log.",
        )
    from microcred_cli.cases.joining import Joined, join_cases

    others = [CaseLog.named(name) for name in logs]
    refuse_missing(others)
    read = [_read_other(other) for other in others]
    joined: list[Joined] = []

    def with_others(before: Cases) -> Cases:
        joined.append(join_cases([before, *read]))
        return joined[-1].cases

    log = CaseLog.named(case_log if output is None else output)
    before = log.read()
    after = log.change(with_others)
    say(
        f"Cases in the log: {len(after.cases):,} ({len(before.cases):,} before). "
        f"Contacts: {_contacts(after):,} ({_contacts(before):,} before)."
    )
    say_joined(joined[-1])


def _read_other(log: CaseLog) -> Cases:
    """The cases of a log to join; raises an error before any log is changed."""
    try:
        return log.read()
    except DamagedError as error:
        hint = "Get another copy of this file, and join the logs again. No log was changed."
        raise DamagedError(error.message, where=error.where, hint=hint) from None


def _contacts(found: Cases) -> int:
    return sum(case.attempts for case in found.cases)
