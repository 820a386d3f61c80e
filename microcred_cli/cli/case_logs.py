"""Reading of one or several case logs for a report to staff."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

from microcred_cli import files
from microcred_cli.cases.joining import Joined, join
from microcred_cli.cases.log import VARIABLE, CaseLog
from microcred_cli.cli.options import option
from microcred_cli.cli.output import file_of, refuse_other_than_file
from microcred_cli.errors import UsageError
from microcred_cli.terminal.console import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CaseLogFiles = Annotated[
    list[str] | None,
    option(
        "--case-log",
        "FILE",
        "Case log; repeatable. Default: MICROCRED_CASE_LOG, or case-log.json.",
    ),
]
SYNTHETIC = "These are training cases, not cases of the survey."


def read_logs(named: Sequence[str] | None, output: str | None = None) -> Joined:
    """All cases of the named logs, or of the default log, with messages on what staff must know.

    A log that was named must exist, and the output file must not be one of the logs.
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
            "The case log has no cases yet."
            if is_named or logs[0].is_there
            else "There is no case log here yet. It is created at the first contact."
        )
    if joined.cases.synthetic:
        say(SYNTHETIC)
    say_joined(joined)
    return joined


def say_joined(joined: Joined) -> None:
    """Name the cases that were interviewed twice, or on whose attributes the logs disagree."""
    if joined.twice:
        say(
            f"Interviewed twice, counted as one case: {', '.join(joined.twice)}. "
            "Withdraw the duplicate response of each of these cases."
        )
    if joined.differing:
        say(
            "The logs disagree on the stratum, language or time zone of these cases, and the first "
            f"value in alphabetical order is used: {', '.join(joined.differing)}."
        )


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
