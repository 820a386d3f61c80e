"""Regenerates the pictures of the real program, and the terminal summary in the README.

    python docs/pictures.py

Screens are drawn as SVG, legible on light and dark pages; they need the test dependencies. The
picture of the HTML report needs Chromium; without it, only that one stays as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyte

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

README = DOCS.parent / "README.md"
RESPONSES = ("simulate", "400", "--seed", "4", "--responses", "responses")
SHOWN = ("summary", "--question", "term_familiarity", "--question", "trust_by_issuer")
REPORT = (
    *("summary", "--by", "org_role", "--question", "advantages", "--question", "term_familiarity"),
    *("--format", "html", "--output", "report.html"),
)
SIZE = (1280, 1920)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
OFFLINE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


COLUMN, ROW = 8.4, 18
"""The width and the height of a character, in pixels."""

STYLE = """
text { font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
rect { fill: #fbfbf9; stroke: #d0d0c8 } text { fill: #24292f }
.bold { font-weight: 600 } .dim { fill: #6b7280 } .green { fill: #1a7f37 } .blue { fill: #0550ae }
@media (prefers-color-scheme: dark) {
rect { fill: #161b22; stroke: #30363d } text { fill: #e6edf3 }
.dim { fill: #8b949e } .green { fill: #56d364 } .blue { fill: #79c0ff } }
"""
COLOURS = {"green": "green", "cyan": "blue", "blue": "blue", "brightblue": "blue"}


def main() -> int:
    """Regenerate everything; returns 1 if the picture of the report could not be made."""
    _draw_screens()
    with tempfile.TemporaryDirectory() as folder:
        _microcred(folder, *RESPONSES)
        _put_into_readme(_microcred(folder, *SHOWN))
        _microcred(folder, *REPORT)
        browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        if browser is None:
            sys.stderr.write("Chromium was not found: docs/report.png is unchanged.\n")
            return 1
        _photograph(browser, Path(folder))
    return 0


def _draw_screens() -> None:
    """Draw a question of a respondent, a matrix row of an interviewer, and a summary."""
    from tests.harness import Terminal
    from tests.pty.prepared import PROVIDES, answers_before, resume_behind
    from tests.pty.test_interviewing import consented, interviewing, press_all
    from tests.pty.walker import Walker

    with tempfile.TemporaryDirectory() as folder:
        before = answers_before(PROVIDES, "mc_participation") - 1
        with resume_behind(Path(folder), PROVIDES, before) as terminal:
            Walker(terminal, {}).step()
            terminal.until("How does the learning").press("3").until("» 3.")
            _draw("respondent", terminal.screen)
    with (
        tempfile.TemporaryDirectory() as folder,
        interviewing(Path(folder), columns=80) as terminal,
    ):
        _, answers = consented(terminal, "employer-provides")
        row = next(step.key for step, _ in answers.said if step.item.id == "trust_by_issuer")
        press_all(terminal, answers, until=row)
        terminal.until("Row 1 of").child.setwinsize(24, 80)
        terminal.screen.resize(24, 80)
        _draw("interviewer", terminal.until("Row 1 of").until("Ctrl-O menu").screen)
    with tempfile.TemporaryDirectory() as folder:
        _microcred(folder, *RESPONSES)
        _microcred(folder, "seal")
        with Terminal(*SHOWN[:3], folder=Path(folder), rows=60) as terminal:
            terminal.finish()
            _draw("summary", terminal.screen)


def _draw(name: str, screen: pyte.Screen) -> None:
    """Draw a screen as docs/NAME.svg, without empty rows at its end."""
    rows = [screen.buffer[number] for number in range(screen.lines)]
    while rows and not "".join(rows[-1][x].data for x in range(screen.columns)).strip():
        rows.pop()
    width, height = round(screen.columns * COLUMN) + 32, len(rows) * ROW + 28
    lines = [_line([row[x] for x in range(screen.columns)], y) for y, row in enumerate(rows)]
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">',
        f"<style>{STYLE}</style>",
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        *filter(None, lines),
        "</svg>\n",
    )
    (DOCS / f"{name}.svg").write_text("\n".join(drawing), encoding="utf-8")


def _line(cells: Iterable[pyte.screens.Char], row: int) -> str:
    """One row of a screen: a piece of text for every change of style."""
    pieces, column = [], 0
    for style, same in groupby(cells, key=_classes):
        text = "".join(cell.data for cell in same)
        if text.strip():
            x, y, length = 16 + column * COLUMN, 26 + row * ROW, len(text) * COLUMN
            pieces.append(
                f'<text x="{x:.1f}" y="{y}" textLength="{length:.1f}" class="{style}">'
                f"{escape(text)}</text>"
            )
        column += len(text)
    return "".join(pieces)


def _classes(cell: pyte.screens.Char) -> str:
    """The classes of a character: bold, dim, or a colour."""
    colour = "dim" if cell.fg in ("brightblack", "808080") else COLOURS.get(cell.fg, "")
    return " ".join(filter(None, ("bold" if cell.bold else "", colour)))


def _microcred(folder: str, *arguments: str) -> str:
    """The output of the program in a temporary folder, in 80 columns."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MICROCRED_")}
    environment |= {"COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "microcred_cli", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout.decode("utf-8")


def _put_into_readme(shown: str) -> None:
    text = README.read_text(encoding="utf-8")
    block = f"$ microcred {' '.join(SHOWN)}\n{shown}"
    new, count = re.subn(
        r"(<!-- made by docs/pictures\.py -->\n\n```text\n).*?(```\n)",
        lambda found: found[1] + block + found[2],
        text,
        flags=re.DOTALL,
    )
    if count != 1:
        sys.exit("README.md has no place for the summary.")
    README.write_text(new, encoding="utf-8")


def _photograph(browser: str, folder: Path) -> None:
    width, height = SIZE
    subprocess.run(
        [
            browser,
            *OFFLINE,
            f"--user-data-dir={folder / 'browser'}",
            f"--window-size={width},{height}",
            f"--screenshot={DOCS / 'report.png'}",
            (folder / "report.html").as_uri(),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    sys.exit(main())
