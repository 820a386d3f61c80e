"""Reads one or more case logs for a staff report, and formats the numbers in such reports."""

from __future__ import annotations

import math
import os
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

from microcred_cli import files
from microcred_cli.cases.joining import Joined, join
from microcred_cli.cases.log import VARIABLE, CaseLog
from microcred_cli.cli.options import option
from microcred_cli.cli.output import command_with, file_of, refuse_other_than_file
from microcred_cli.errors import UsageError
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from microcred_cli.cases.rates import Rate

CaseLogFiles = Annotated[
    list[str] | None,
    option(
        "--case-log",
        "FILE",
        "Case log; repeatable. Default: MICROCRED_CASE_LOG, or case-log.json.",
    ),
]
NUMBER_OF_E = "Share of cases of unknown eligibility that are eligible, 0 to 1. Default: estimated."
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,18})?")
SYNTHETIC = "These are training cases, not cases of the survey."


def read_logs(
    named: Sequence[str] | None, output: str | None = None, *, names_cases: bool = True
) -> Joined:
    """Read the cases of the specified logs, or of the default log; prints notes for staff.

    A specified log must exist, and must not also be the output file. Unless the notes may name
    cases, they state only their number.
    """
    logs = [CaseLog.named(name) for name in named or (None,)]
    is_named = bool(named or os.environ.get(VARIABLE))
    path = file_of(output)
    if path is not None:
        _refuse_output(path, logs)
    if is_named:
        refuse_missing(logs)
    joined = join(logs)
    if not joined.cases.cases:
        say(
            "The case log has no cases yet. Load the sample: microcred cases load FILE"
            if is_named or logs[0].is_there
            else "There is no case log here yet. Load the sample: microcred cases load FILE"
        )
    if joined.cases.synthetic:
        say(SYNTHETIC)
    if names_cases:
        say_joined(joined)
    else:
        _say_numbers(joined, named)
    return joined


def say_joined(joined: Joined) -> None:
    """List the cases with two interviews, and those whose attributes differ between the logs."""
    if joined.twice:
        say(
            f"Interviewed twice, counted as one case: {', '.join(joined.twice)}. "
            "Nothing shows which responses belong to a case. If one of its respondents still has "
            "the receipt, withdraw that response: microcred withdraw. Otherwise, both responses "
            "are counted in the results; mention this when you report the results."
        )
    if joined.differing:
        say(
            "These cases have different strata, languages or time zones in the logs, and the "
            f"first value in alphabetical order is used: {', '.join(joined.differing)}."
        )


def _say_numbers(joined: Joined, named: Sequence[str] | None) -> None:
    """State the numbers of the cases that `say_joined` lists."""
    notes = {
        "Cases interviewed twice, each counted as one case": joined.twice,
        "Cases with different strata, languages or time zones in the logs": joined.differing,
    }
    command = command_with("microcred outcomes", {"case-log": named})
    for note, labels in notes.items():
        if labels:
            say(f"{note}: {len(labels):,}. To list them: {command}")


def refuse_missing(logs: Sequence[CaseLog]) -> None:
    """Refuse a log that does not exist."""
    for log in logs:
        if not log.is_there:
            raise UsageError(
                "The case log does not exist.",
                where=log.path,
                hint=f"Check the path, or the value of {VARIABLE}.",
            )


def _refuse_output(path: Path, logs: Sequence[CaseLog]) -> None:
    with files.faults_named(path):
        is_log = path.resolve() in [log.path.resolve() for log in logs]
    if is_log:
        raise UsageError(
            "The output file is a case log.", where="--output", hint="Use another file name."
        )
    refuse_other_than_file(path)


def e_from(typed: str | None) -> Fraction | None:
    """The value of `--e`; None without the option."""
    if typed is None:
        return None
    if not _NUMBER.fullmatch(typed):
        raise UsageError(
            "This is not a number.", where="--e", hint="Use a number from 0 to 1, such as 0.5."
        )
    return Fraction(typed)


def rate_line(rate: Rate) -> str:
    """A rate as a percentage, with its numerator and denominator."""
    below = "?" if rate.denominator is None else decimal(rate.denominator, 2)
    shown = "not defined" if rate.value is None else f"{decimal(rate.value * 100, 1)} %"
    return f"{shown:>12}  {decimal(rate.numerator, 2):>8} / {below}"


def counted(codes: Counter[str]) -> str:
    """Language codes, each with its number of cases."""
    return ", ".join(f"{safe(code)} ({codes[code]:,})" for code in sorted(codes))


def decimal(number: Fraction, places: int) -> str:
    """Format a number, rounded half up; whole numbers have decimals only if `places` is 1."""
    if number.denominator == 1 and places != 1:
        return f"{number.numerator:,}"
    scaled = math.floor(number * 10**places + Fraction(1, 2))
    whole, part = divmod(scaled, 10**places)
    return f"{whole:,}.{part:0{places}}"


def number_of(number: Fraction | None) -> int | float | None:
    """A number for JSON and CSV: an integer if it is whole."""
    if number is None:
        return None
    return number.numerator if number.denominator == 1 else float(number)
