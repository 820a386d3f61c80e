"""The rows of `benchmarks.trust`: the name, target and measurement of each figure."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.faults import figures as faults
from tests.faults.figures import Figure
from tests.hostile import corpora
from tests.hostile import figures as hostile
from tests.hostile.json_roles import ROLES
from tests.hostile.naughty_roles import STRING_ROLES
from tests.store.collecting import brought_together
from tests.trust.age_vectors import agreeing
from tests.trust.encrypted import changed_bits, typed_words
from tests.trust.planted import planted_words
from tests.trust.same_bytes import same_bytes
from tests.trust.terminal_bytes import foreign_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

NO_CORPORA = "the public corpora are not available (MICROCRED_CORPORA)"
FOUND_AT_LEAST = 0.99
IN_A_SAMPLE = ("a waiting response", "a file of answers")
"""The roles in which the JSON corpus is tested if not everything is tested."""

TO_BE_FOUND = ("e-mail", "account number", "link")
"""Kinds of identifiers that have a target; the others are reported."""


@dataclass(frozen=True, slots=True)
class Work:
    """The folder for a measurement, and whether it is complete; `age_vectors` is optional."""

    folder: Path
    whole: bool
    age_vectors: Path | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A figure of a row, optionally with its own target.

    `met` tells whether the target was reached; if it is None, the target is that every case passes.
    """

    name: str
    figure: Figure
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    number: int
    figure: str
    how: str
    target: str
    measure: Callable[[Work], Iterator[Part]]


def _same_bytes(work: Work) -> Iterator[Part]:
    for name, figure in same_bytes(work.folder, whole=work.whole):
        yield Part(name, figure)


def _planted(work: Work) -> Iterator[Part]:
    yield Part("", planted_words(work.folder, whole=work.whole))


def _faults(work: Work, wanted: Callable[[str], bool]) -> Iterator[Part]:
    for number, (name, measure) in enumerate(faults.FIGURES.items()):
        if wanted(name):
            folder = work.folder / str(number)
            folder.mkdir()
            yield Part(name, measure(folder, everything=work.whole))


def _is_full_disk(name: str) -> bool:
    return "full" in name


def _is_simultaneous(name: str) -> bool:
    return "simultaneous" in name


def _is_boundary(name: str) -> bool:
    return not _is_full_disk(name) and not _is_simultaneous(name)


def _timed(measure: Callable[[], hostile.Figure]) -> Figure:
    begun = time.monotonic()
    held, of = measure()
    skipped = "" if of else NO_CORPORA
    return Figure(held, of, time.monotonic() - begun, skipped=skipped)


def _of_role(
    measure: Callable[[tuple[str, ...]], Mapping[str, hostile.Figure]], role: str
) -> Figure:
    return _timed(lambda: measure((role,))[role])


def _corpora(work: Work) -> Iterator[Part]:
    yield Part("invalid JSON refused", _timed(hostile.json_refused), "all")
    yield Part("valid JSON accepted", _timed(hostile.json_accepted), "all")
    for role in ROLES if work.whole else IN_A_SAMPLE:
        yield Part(f"JSON as {role}", _of_role(hostile.json_in_every_role, role))
    everywhere = partial(hostile.strings_everywhere, 1 if work.whole else 16)
    for role in STRING_ROLES:
        yield Part(f"strings as {role}", _of_role(lambda roles: everywhere(roles=roles), role))
    yield Part("test vectors of the age format", agreeing(work.age_vectors), "all as specified")


def _terminal(work: Work) -> Iterator[Part]:
    strings = corpora.strings()
    for name, figure in foreign_bytes(work.folder, strings, whole=work.whole):
        yield Part(name if strings else f"{name} (without the corpus)", figure)


def _random_bytes(work: Work) -> Iterator[Part]:
    total = 1_000_000 if work.whole else 50_000
    figure = _timed(lambda: hostile.random_bytes(total))
    yield Part(f"{total:,} bytes", figure)


def _encrypted(work: Work) -> Iterator[Part]:
    for name, measure, target in (
        ("changed bits refused", changed_bits, "all"),
        ("files and writes without a word of an answer", typed_words, "all"),
    ):
        folder = work.folder / name.replace(" ", "-")
        folder.mkdir()
        yield Part(name, measure(folder, whole=work.whole), target)


def _collecting(work: Work) -> Iterator[Part]:
    begun = time.monotonic()
    each, kills = (1000, 5) if work.whole else (100, 1)
    reached, of = brought_together(work.folder, each=each, kills=kills)
    yield Part(f"3 folders of {each:,} each", Figure(reached, of, time.monotonic() - begun))


def _screening(_work: Work) -> Iterator[Part]:
    begun = time.monotonic()
    for (kind, language), (found, of) in hostile.screening_recall().items():
        if language == "all":
            seconds, begun = time.monotonic() - begun, time.monotonic()
            has_target = kind in TO_BE_FOUND
            yield Part(
                f"{kind}: detected",
                Figure(found, of, seconds),
                target="99 %" if has_target else "reported",
                met=not has_target or found >= FOUND_AT_LEAST * of,
            )
    alarms, of = hostile.screening_false_alarms()["all"]
    yield Part("no false alarm in a sentence", Figure(of - alarms, of, 0), "reported", True)


ROWS: tuple[Row, ...] = (
    Row(
        7,
        "the same bytes",
        "same interviews by other users; compared except for ids, seed and minutes",
        "identical",
        _same_bytes,
    ),
    Row(
        8,
        "planted identifiers",
        "every command; its output, every file and all process arguments searched",
        "no occurrence",
        _planted,
    ),
    Row(
        9,
        "faults at every system call",
        "kill, power cut or error at each call of interviews, seals, withdrawals, collections",
        "nothing lost, all mutants detected",
        lambda work: _faults(work, _is_boundary),
    ),
    Row(
        10,
        "full disk",
        "file systems filled to the last block while the program runs",
        "no answer lost",
        lambda work: _faults(work, _is_full_disk),
    ),
    Row(
        11,
        "simultaneous interviews",
        "20 processes with 50 interviews each in one folder",
        "none lost, all valid",
        lambda work: _faults(work, _is_simultaneous),
    ),
    Row(12, "public corpora", "each entry where the program reads it", "no crash", _corpora),
    Row(
        13,
        "foreign terminal bytes",
        "control sequences sent for hostile strings but not for plain texts",
        "none",
        _terminal,
    ),
    Row(
        14,
        "random bytes at the keyboard",
        "keys, partial sequences, pastes and noise at every kind of question, in every mode",
        "no error, no silence over 2 s, no answer lost",
        _random_bytes,
    ),
    Row(
        15,
        "encrypted interviews",
        "each bit of a response changed; everything written by interviews and a seal searched",
        "",
        _encrypted,
    ),
    Row(
        15,
        "collecting",
        "killed midway, finished by the same command, and repeated",
        "each response once",
        _collecting,
    ),
    Row(
        16,
        "identifiers in free text",
        "the sentences of tests/records/screening_sentences.jsonl",
        "",
        _screening,
    ),
)
