"""The program's own words: gathered from the code into the catalogues, and compiled.

    python docs/words.py            bring every catalogue up to date, and compile it
    python docs/words.py --check    say what is missing, and whether the compiled ones are old

A word that is new stands in each catalogue without a translation. `docs/` also has the pictures of
the README; both are made by hand, before a release.
"""

from __future__ import annotations

import argparse
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import catalog as _catalog
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "microcred_cli"
LOCALE = PACKAGE / "locale"
# What is compiled changes with the words alone, not with the version that compiles it.
_catalog.VERSION = ""

KEYWORDS = {"_": None, "N_": None, "n_": (1, 2)}


def gathered() -> Catalog:
    """Every word in the code, in the order of the files."""
    template = Catalog(project="microcred", charset="utf-8", fuzzy=False)
    found = extract_from_dir(str(PACKAGE), method_map=[("**.py", "python")], keywords=KEYWORDS)
    for _file, _line, message, _comments, _context in sorted(found, key=lambda each: each[0]):
        template.add(message, None, flags=("python-brace-format",) if "{" in str(message) else ())
    return template


def catalogue(path: Path) -> Catalog:
    """A catalogue as it is."""
    with path.open("rb") as file:
        words = read_po(file, locale=path.parent.parent.name)
    words.header_comment = "# The words of microcred in this language; docs/words.py gathers them."
    words.project, words.version, words.msgid_bugs_address = "microcred", "", ""
    words.last_translator = "The microcred developers (machine-assisted, not reviewed)"
    words.language_team = ""
    # No day: what is compiled changes with the words alone.
    words.creation_date = words.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    return words


def as_po(words: Catalog) -> bytes:
    """A catalogue as its file: without places and dates, which change too often."""
    buffer = io.BytesIO()
    write_po(buffer, words, width=100, no_location=True, omit_header=False, include_previous=False)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if b"-Date:" not in line and b"Generated-By" not in line)


def as_mo(words: Catalog) -> bytes:
    """A catalogue compiled."""
    buffer = io.BytesIO()
    write_mo(buffer, words)
    return buffer.getvalue()


def main() -> int:
    """Bring up to date, or check; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    template, wrong = gathered(), 0
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/microcred.po")):
        words = catalogue(path)
        words.update(template, no_fuzzy_matching=True)
        words.obsolete.clear()
        compiled = path.with_suffix(".mo")
        open_words = [m.id for m in words if m.id and not (m.string and all(_all(m.string)))]
        if check:
            is_old = not compiled.exists() or compiled.read_bytes() != as_mo(catalogue(path))
            wrong += len(open_words) + is_old
        else:
            path.write_bytes(as_po(words))
            compiled.write_bytes(as_mo(catalogue(path)))
        print(f"{path.parent.parent.name}: {len(open_words)} of {len(words)} to translate")
        for each in open_words if check else ():
            print(f"  {each!r}")
    return 1 if wrong else 0


def _all(string: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


if __name__ == "__main__":
    sys.exit(main())
