"""Regenerates the terminal summary in the README and the picture of its HTML report.

    python docs/pictures.py

Both use the same synthetic responses. The picture needs Chromium; without it, only the summary
in the README is regenerated.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
RESPONSES = ("simulate", "400", "--seed", "4", "--responses", "responses")
SHOWN = ("summary", "--question", "familiarity", "--question", "trust_issuer")
REPORT = (
    *("summary", "--by", "org_role", "--question", "benefits", "--question", "familiarity"),
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


def main() -> int:
    """Regenerate both; returns 1 if the picture could not be made."""
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
