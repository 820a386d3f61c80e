"""Output of results: selects the format and writes to a file or standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.cli.standard_streams import give_up
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.terminal.console import for_people, say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from microcred_cli.store.folder import Responses


TABLE = "table"
WORKBOOK = "xlsx"
TO_OUTPUT = "-"
SUFFIXES = {
    ".txt": "table",
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xlsx": "xlsx",
}


def format_for(chosen: str | None, output: str | None, known: Collection[str]) -> str:
    """The format from `--format`, or else from the file extension.

    With `--format`, any format is accepted for `.txt` files and for files without an extension. An
    unknown extension is always rejected, so that the file name never suggests the wrong format.
    """
    if chosen is not None and chosen not in known:
        raise UsageError(
            f"Unknown format {safe(chosen)!r}.",
            where="--format",
            hint=f"Use one of: {', '.join(known)}.",
        )
    if output is None or output == TO_OUTPUT:
        return chosen or TABLE
    suffix = Path(output).suffix.casefold()
    meant = SUFFIXES.get(suffix)
    if chosen is not None and (meant is not None or not suffix):
        if meant not in (None, TABLE, chosen):
            raise UsageError(
                f"The format is {chosen}, but the file extension {safe(suffix)} means {meant}.",
                where="--output",
                hint=f"Use another file extension, or omit --format {chosen}.",
            )
        return chosen
    if meant is None or meant not in known:
        endings = [ending for ending, name in SUFFIXES.items() if name in known]
        ends = f"with the extension {safe(suffix)}" if suffix else "without an extension"
        raise UsageError(
            f"The format of a file {ends} is not known.",
            where="--output",
            hint=f"Use one of these extensions: {', '.join(endings)}.",
        )
    return meant


def refuse_unknown_format(name: str) -> None:
    """Reject any format other than table and JSON."""
    if name not in ("table", "json"):
        raise UsageError(f"Unknown format {safe(name)!r}.", hint="Use table or json.")


def as_json(report: Mapping[str, object]) -> str:
    """Format a report as JSON."""
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def file_of(output: str | None) -> Path | None:
    """The output file; None for standard output."""
    return None if output is None or output == TO_OUTPUT else Path(output)


def refuse_other_than_file(path: Path) -> None:
    """Refuse to overwrite anything except a regular file."""
    from microcred_cli import files

    with files.faults_named(path):
        is_other = path.exists() and not path.is_file()
    if is_other:
        raise UsageError(
            "The output path is not a regular file.",
            where="--output",
            hint="Specify a file, or omit --output and redirect standard output.",
        )


def check_output_file(path: Path | None, folder: Responses) -> None:
    """Refuse an output file that is unsuitable or inside the responses folder."""
    if path is None:
        return
    from microcred_cli import files

    with files.faults_named(path):
        is_inside = path.resolve().is_relative_to(folder.folder.resolve())
        has_folder = path.parent.is_dir()
    if is_inside:
        raise UsageError(
            "The output file must not be inside the responses folder.",
            where="--output",
            hint="Specify a file in another folder.",
        )
    refuse_other_than_file(path)
    if not has_folder:
        raise StoreError(
            "The folder for this file does not exist.",
            where=path.parent,
            hint="Create the folder first, or use --output with a file in another folder.",
        )


def deliver(data: bytes, path: Path | None) -> None:
    """Write results to a file, replacing its content, or to standard output."""
    if path is not None:
        from microcred_cli import files

        files.replace_durably(path, data)
        say(f"Written: {safe(path)}")
        return
    sys.stdout.flush()
    # The format determines the bytes, independently of the terminal's encoding and line endings.
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def show(text: str) -> None:
    """Print results; if the reader closes the pipe early, the exit code does not change."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        give_up()


def show_lines(text: str, *, rest: str = "") -> None:
    """Print results, wrapped on a terminal; continuation lines begin with `rest`.

    The text must not end with a line break.
    """
    show(for_people(text, sys.stdout, rest=rest) + "\n")


def command_with(command: str, given: Mapping[str, str | Sequence[str] | None]) -> str:
    """A command to show in a message, with all options that differ from their defaults."""
    import shlex

    for option, value in given.items():
        if value == BUILT_IN:
            continue
        for each in (value,) if isinstance(value, str) else value or ():
            command += f" --{option} {shlex.quote(each)}"
    return safe(command)
