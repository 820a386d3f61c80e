"""Counts the hostile inputs that the program handles correctly, out of all tested.

`python -m benchmarks.trust` prints these figures, and the tests in this folder assert
them. If the public corpora are not available (see `corpora`), their figures are 0 of 0.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from microcred_cli.files.reading import DamagedError
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.identifiers import find_identifiers
from tests.hostile import corpora
from tests.hostile.foreign import all_compared
from tests.hostile.json_roles import ROLES
from tests.hostile.naughty_roles import STRING_ROLES
from tests.hostile.random_keys import reports

Figure = tuple[int, int]
"""The number of passed cases, and of all cases."""

SENTENCES = Path(__file__).parents[1] / "records" / "screening_sentences.jsonl"


# -- public JSON files -----------------------------------------------------------------------------


def json_refused() -> Figure:
    """The files that every JSON reader must refuse and that ours refuses."""
    files = corpora.json_files("n")
    return sum(not _is_taken(file) for file in files), len(files)


def json_accepted() -> Figure:
    """The files that every JSON reader must accept; ours refuses duplicate keys."""
    files = corpora.json_files("y")
    as_meant = (_is_taken(f) is not (f.name in corpora.TWICE_ON_PURPOSE) for f in files)
    return sum(as_meant), len(files)


def json_in_every_role(roles: tuple[str, ...] = tuple(ROLES)) -> dict[str, Figure]:
    """The files handled correctly in each role of a JSON file; all roles take minutes.

    Correct means a clean message and the right exit code, with every other record still counted.
    """
    files = corpora.json_files()
    held: dict[str, Figure] = {}
    for role in roles:
        bad = {outcome.name for outcome in ROLES[role](files) if outcome.trouble}
        held[role] = max(0, len(files) - len(bad)), len(files)
    return held


def _is_taken(file: Path) -> bool:
    try:
        parse_json(file.read_bytes())
    except DamagedError:
        return False
    return True


# -- strings ---------------------------------------------------------------------------------------


def strings_everywhere(
    share: int = 1, roles: tuple[str, ...] = tuple(STRING_ROLES)
) -> dict[str, Figure]:
    """The naughty strings handled correctly, by role; one of every `share` is tested.

    As an answer, a string is cleaned, stored, read and counted. As texts of a questionnaire, the
    strings are printed by each command: they must yield no terminal control character, spreadsheet
    formula, or additional tag or table cell.
    """
    strings = corpora.strings()[::share]
    held: dict[str, Figure] = {}
    for name in roles:
        outcomes = list(STRING_ROLES[name](strings)) if strings else []
        held[name] = sum(not outcome.trouble for outcome in outcomes), len(outcomes)
    return held


# -- a real terminal -------------------------------------------------------------------------------


def random_bytes(total: int = 1_000_000, size: int = 16_384) -> Figure:
    """Of at least `total` random bytes sent to real prompts, those that caused no problem.

    That is, no error, no silence of more than two seconds, and no lost answer; a run has at most
    `size` bytes.
    """
    held = sent = 0
    for report in reports(total, size):
        sent += report.sent
        held += 0 if report.troubles else report.sent
    return held, sent


def terminal_bytes(share: int = 1) -> Figure:
    """The interviews with hostile texts during which only the program's own sequences were sent.

    One of every `share` is run; all of them take a few minutes.
    """
    runs = list(all_compared(share))
    return sum(not run.foreign for run in runs), len(runs)


# -- identifiers in texts --------------------------------------------------------------------------


def screening_recall() -> dict[tuple[str, str], Figure]:
    """The identifiers in the test sentences that are detected completely, by kind and language.

    Kinds are those of `screening.Kind`; the language `all` contains the sum for each kind.
    """
    found, wanted = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for language, text, identifiers in _sentences():
        named = [(one.kind.value, text[one.start : one.end]) for one in find_identifiers(text)]
        for kind, part in identifiers:
            is_found = any(kind == k and part in whole for k, whole in named)
            for where in (language, "all"):
                wanted[kind, where] += 1
                found[kind, where] += is_found
    return {key: (found[key], wanted[key]) for key in sorted(wanted)}


def screening_false_alarms() -> dict[str, Figure]:
    """The sentences without an identifier in which one is detected nevertheless, by language."""
    alarms, harmless = Counter[str](), Counter[str]()
    for language, text, identifiers in _sentences():
        if not identifiers:
            for where in (language, "all"):
                harmless[where] += 1
                alarms[where] += bool(find_identifiers(text))
    return {where: (alarms[where], harmless[where]) for where in sorted(harmless)}


def _sentences() -> list[tuple[str, str, list[tuple[str, str]]]]:
    rows = [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    return [(r["language"], r["text"], [(k, t) for k, t in r["identifiers"]]) for r in rows]
