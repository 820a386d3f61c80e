"""Measure privacy and reliability: rows 7 to 16 of the project's targets.

    python -m benchmarks.trust                   everything; takes an hour or two
    python -m benchmarks.trust --quick           a sample; takes a few minutes
    python -m benchmarks.trust --row 7 --row 15  these rows only

Each line is printed as soon as it is measured, or with the reason why it cannot be measured here.
The exit code is 0 only if every measured line reached its target. As root, the command first
installs strace, faketime and file-system tools if they are missing, unless --no-install is given.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.trust_rows import ROWS, Part, Work
from tests.faults.disks import install
from tests.faults.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.trust_rows import Row

HEADINGS = ("row", "figure", "how", "target", "reached", "seconds")
SHOWN_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table; `met` is None if nothing was measured."""

    row: int
    figure: str
    how: str
    target: str
    reached: str
    seconds: int
    met: bool | None
    wrong: tuple[str, ...] = ()

    def cells(self) -> tuple[str, ...]:
        """The cells of the line."""
        mark = " (short)" if self.met is False else ""
        seconds = "" if self.met is None else str(self.seconds)
        return (str(self.row), self.figure, self.how, self.target, self.reached + mark, seconds)


def measured(rows: Sequence[Row], work: Work) -> Iterator[Line]:
    """Measure these rows, one after the other; if a row fails, the others are still measured."""
    for row in rows:
        begun = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(dir=work.folder) as folder:
                own = Work(Path(folder), work.whole, work.age_vectors)
                own.folder.chmod(0o755)
                is_empty = True
                for part in row.measure(own):
                    is_empty = False
                    yield _line(row, part)
                if is_empty:
                    yield _line(row, Part("", Figure(0, 0, 0.0)))
        except Exception as error:
            seconds = round(time.monotonic() - begun)
            reached = f"failed: {type(error).__name__}"
            wrong = (str(error)[-2000:],)
            yield Line(row.number, row.figure, row.how, row.target, reached, seconds, False, wrong)


def _line(row: Row, part: Part) -> Line:
    figure = part.figure
    what = f"{row.figure}: {part.name}" if part.name else row.figure
    if figure.skipped or not figure.of:
        why = f"not measured: {figure.skipped or 'there is nothing to try'}"
        return Line(row.number, what, row.how, row.target, why, 0, None)
    met = part.met if part.met is not None else figure.reached == figure.of and not figure.wrong
    reached = f"{figure.reached:,} of {figure.of:,}"
    target = part.target or row.target
    seconds = round(figure.seconds)
    return Line(row.number, what, row.how, target, reached, seconds, met, figure.wrong)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the options, measure, and print the results; returns the exit code."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a sample that takes a few minutes")
    parser.add_argument(
        "--row", type=int, action="append", choices=[row.number for row in ROWS], help="repeatable"
    )
    parser.add_argument("--format", choices=["table", "json"], default="table")
    parser.add_argument("--age-vectors", type=Path, help="the folder age/testdata of C2SP/CCTV")
    parser.add_argument("--folder", type=Path, help="the working folder; default: temporary")
    parser.add_argument("--no-install", action="store_true", help="do not install missing packages")
    options = parser.parse_args(arguments)
    if not options.no_install:
        install()
    rows = [row for row in ROWS if options.row is None or row.number in options.row]
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    # Other users need access to this folder: some rows are measured as another user.
    folder.chmod(0o755)
    lines: list[Line] = []
    try:
        for line in measured(rows, Work(folder, not options.quick, options.age_vectors)):
            if options.format == "table":
                _print(line, lines[-1] if lines else None)
            lines.append(line)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.format == "json":
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=2))
    for line in lines:
        for wrong in line.wrong[:SHOWN_AT_MOST]:
            print(f"{line.row} {line.figure}: {wrong}", file=sys.stderr)
    return int(any(line.met is False for line in lines))


def _print(line: Line, before: Line | None) -> None:
    """Print a line of the table; consecutive lines measured in the same way state how only once."""
    if before is None:
        print(f"| {' | '.join(HEADINGS)} |\n|{' --- |' * len(HEADINGS)}")
    elif (before.row, before.how) == (line.row, line.how):
        line = replace(line, how="")
    print(f"| {' | '.join(cell.replace('|', '/') for cell in line.cells())} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
