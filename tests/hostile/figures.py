"""What holds against hostile input, counted: each figure is how many held, and of how many.

For the command that prints the project's figures; the tests beside this assert the same. Where the
public corpora are not at hand (see `corpora`), their figures are 0 of 0.
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
"""How many held, and of how many."""

SENTENCES = Path(__file__).parents[1] / "records" / "screening_sentences.jsonl"


# -- the public JSON files -------------------------------------------------------------------------


def json_refused() -> Figure:
    """The files that no JSON reader may accept, and ours refuses."""
    files = corpora.json_files("n")
    return sum(not _is_taken(file) for file in files), len(files)


def json_accepted() -> Figure:
    """The files that every JSON reader must accept; ours refuses doubled keys."""
    files = corpora.json_files("y")
    as_meant = (_is_taken(f) is not (f.name in corpora.TWICE_ON_PURPOSE) for f in files)
    return sum(as_meant), len(files)


def json_in_every_role(roles: tuple[str, ...] = tuple(ROLES)) -> dict[str, Figure]:
    """The files that made no trouble where the program reads one, by that place; minutes for all.

    No trouble is a clean message and the right exit code, with every other record still counted.
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
    """The naughty strings that made no trouble, by what takes them; one of `share` is tried.

    As answers a string is cleaned, stored, read and counted. As the words of a questionnaire they
    stand together, and each command that prints them counts: no character that acts on a terminal,
    no formula, no tag or cell of their own.
    """
    strings = corpora.strings()[::share]
    held: dict[str, Figure] = {}
    for name in roles:
        outcomes = list(STRING_ROLES[name](strings)) if strings else []
        held[name] = sum(not outcome.trouble for outcome in outcomes), len(outcomes)
    return held


# -- a real terminal -------------------------------------------------------------------------------


def random_bytes(total: int = 1_000_000, size: int = 16_384) -> Figure:
    """The random bytes, of at least `total` sent to real prompts, that made no trouble.

    No fault, no silence of more than two seconds, no answer lost; runs have at most `size` bytes.
    """
    held = sent = 0
    for report in reports(total, size):
        sent += report.sent
        held += 0 if report.troubles else report.sent
    return held, sent


def terminal_bytes(share: int = 1) -> Figure:
    """The interviews with hostile words that sent a terminal nothing but the program's sequences.

    One of `share` is run; all of them take some minutes.
    """
    runs = list(all_compared(share))
    return sum(not run.foreign for run in runs), len(runs)


# -- what identifies somebody in a text ------------------------------------------------------------


def screening_recall() -> dict[tuple[str, str], Figure]:
    """The identifiers in the set of sentences that are found whole and named, by kind and language.

    Kinds are those of `screening.Kind`; the language `all` sums up each kind.
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
    """The sentences without an identifier in which one is named nevertheless, by language."""
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
