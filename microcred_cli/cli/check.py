"""`microcred check`: every record readable, valid, unique, and how anonymous they are."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from microcred_cli.cli.judging import named, terms_of
from microcred_cli.cli.key_files import refuse_without_key, staff_folder
from microcred_cli.cli.options import (
    FieldworkFile,
    Format,
    Identity,
    Questionnaire,
    Responses,
    new_app,
)
from microcred_cli.cli.output import refuse_unknown_format
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, StoreError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.store.drop import refuse_drop
from microcred_cli.store.judge import Accepted, Judge
from microcred_cli.store.layout import FOLDER_FILE, stem
from microcred_cli.store.pending import (
    ANOTHER,
    WITHDRAWN,
    SealedAlready,
    Telling,
    text_verdicts,
    verdicts,
)
from microcred_cli.store.pools import judged_texts, place_of
from microcred_cli.store.sealed_set import DOUBLE, damaged_in, judged, of_another, superseded
from microcred_cli.store.segments import digest_of, hash_of, mark_of
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Detail
    from microcred_cli.records.shapes import Folder as Terms
    from microcred_cli.store.folder import Responses as Folder
    from microcred_cli.store.segments import Entry

SMALL_GROUP = 5
_ABOUT = re.compile(
    rb'"status":"([a-z]+)","mode":"([a-z_]+)",.{1,200}?"duration_minutes":(null|[0-9]+)'
)
"""What of a response an interviewer knows beside its answers."""

ALONE = "whoever knows these of them can find the record. Keep the folder with staff alone."
ANY_ANSWERS = (
    "Two or three answers that are known of somebody mostly find the record, whatever k is."
)


@dataclass
class Findings:
    """What a check found: how many good records, and each bad one with what is wrong with it.

    `sealed` is how many of the good responses are sealed; the others wait. `groups` has how many
    responses share each combination of the items that could single someone out, with status, mode
    and minutes.
    """

    responses: int = 0
    sealed: int = 0
    texts: int = 0
    groups: Counter[tuple[str, ...]] = field(default_factory=Counter)
    bad: list[tuple[str, str]] = field(default_factory=list)
    detail: Detail = "coarse"

    @property
    def smallest(self) -> int:
        """The size of the smallest group."""
        return min(self.groups.values(), default=0)

    @property
    def in_small(self) -> int:
        """How many responses are in a small group."""
        return sum(count for count in self.groups.values() if count < SMALL_GROUP)


app = new_app()


@app.command("check")
def check_responses(
    questionnaire: Questionnaire = BUILT_IN,
    responses: Responses = None,
    fieldwork: FieldworkFile = None,
    output: Format = "table",
    identity: Identity = None,
) -> int:
    """Check the responses: every file readable, valid, unique, and how anonymous they are.

    Exits with 1 if something is wrong.

    Example: microcred check --responses collected
    """
    refuse_unknown_format(output)
    folder = staff_folder(responses, fieldwork, identity)
    refuse_drop(folder.folder)
    refuse_without_key(folder, what="the check")
    loaded = load(questionnaire)
    with shown("Checking"):
        found = _Check(folder, loaded).run()
    if output == "json":
        _print_json(found)
    else:
        _print_table(found)
    for part in sorted(found.bad):
        say(named(part))
    return ExitCode.FINDING if found.bad else ExitCode.DONE


class _Check:
    """One check of one folder; it writes nothing."""

    def __init__(self, folder: Folder, loaded: Loaded) -> None:
        folder.names()
        self._folder = folder
        self._sealed = folder.sealed
        self._found = Findings()
        self._judge = Judge(loaded, self._terms(loaded))
        self._telling = [item.id for item in loaded.questionnaire.items if item.quasi_identifier]

    def run(self) -> Findings:
        """Look at everything in the folder."""
        self._found.bad += self._sealed.telling()
        entries = self._sealed_responses()
        names = self._folder.names()
        for name, verdict in verdicts(self._folder, self._judge, self._sealed, entries, names):
            if isinstance(verdict, Accepted):
                self._good(verdict)
            elif not isinstance(verdict, SealedAlready):
                self._note(name, verdict)
        self._pools()
        self._texts()
        return self._found

    def _terms(self, loaded: Loaded) -> Terms | None:
        try:
            terms, wrong = terms_of(self._folder, loaded)
        except StoreError as error:
            self._note(FOLDER_FILE, error.message)
            return None
        self._found.bad += wrong
        self._found.detail = terms.detail if terms is not None else "coarse"
        return terms

    def _note(self, name: str, wrong: str | Telling) -> None:
        said = wrong.reason if isinstance(wrong, Telling) else wrong
        self._found.bad.append((safe(name), safe(said)))

    def _good(self, accepted: Accepted) -> None:
        answers: Mapping[str, Any] = accepted.answers
        self._found.responses += 1
        told = _ABOUT.search(accepted.line)
        about = () if told is None else told.groups()
        self._found.groups[*(str(answers[item]) for item in self._telling), *map(str, about)] += 1

    # -- what is sealed

    def _sealed_responses(self) -> dict[str, Entry]:
        """Look at what is sealed; what is known of each file."""
        sizes, foreign = self._sealed.sizes()
        self._found.bad += foreign
        entries: dict[str, Entry] = {}
        withdrawn = self._sealed.withdrawn()
        for name, size in sizes.items():
            try:
                entries[name] = self._sealed.scan(name, size)
            except StoreError as error:
                self._note(f"sealed/{name}", error.message)
        seen: set[int] = set()
        for name in sorted(entries.keys() - superseded(entries, set(entries))):
            if entries[name].sha256 in (self._judge.ref.sha256, ""):
                self._lines(name, seen, withdrawn)
            else:
                self._note(f"sealed/{name}", of_another(self._sealed, self._judge, name))
        return entries

    def _lines(self, name: str, seen: set[int], withdrawn: Collection[str]) -> None:
        damaged: list[tuple[int, str]] = []
        for number, verdict in enumerate(judged(self._sealed, self._judge, name), 1):
            if isinstance(verdict, str):
                damaged.append((number, verdict))
            elif withdrawn and hash_of(verdict.response_id) in withdrawn:
                # A seal removes them one by one.
                self._note(f"sealed/{name} line {number}", WITHDRAWN)
            elif (mark := mark_of(verdict.response_id)) in seen:
                damaged.append((number, DOUBLE))
            else:
                seen.add(mark)
                self._found.sealed += 1
                self._good(verdict)
        for place, wrong in damaged_in(f"sealed/{name}", damaged):
            self._note(place, wrong)

    def _pools(self) -> None:
        pools, foreign = self._sealed.pools()
        self._found.bad += foreign
        withdrawn = self._sealed.withdrawn()
        for name in pools:
            lines = judged_texts(self._sealed, name, self._judge, withdrawn)
            try:
                for number, wrong in enumerate(lines, 1):
                    if wrong:
                        self._note(place_of(name, number), wrong)
                    else:
                        self._found.texts += 1
            except StoreError as error:
                self._note(place_of(name, 0), error.message)

    # -- texts that wait

    def _texts(self) -> None:
        names = self._folder.text_names()
        ids = set(map(stem, names))
        pooled: dict[str, dict[str, bytes]] = {}
        for name, verdict in text_verdicts(self._folder, self._judge, self._sealed, names):
            if isinstance(verdict, str | Telling):
                self._note(f"texts/{name}", verdict)
                continue
            if verdict.item not in pooled:
                pool = self._sealed.pool_of(verdict.item)
                pooled[verdict.item] = {}
                # One that cannot be read was named already.
                with contextlib.suppress(StoreError):
                    pooled[verdict.item] = self._sealed.pooled_before(pool, ids)[0]
            before = pooled[verdict.item].get(verdict.text_id)
            if before is None:
                self._found.texts += 1
            elif before != digest_of(verdict.line):
                self._note(f"texts/{name}", ANOTHER)


CONFIDENTIAL = "These responses are confidential, not anonymous: they hold the fine codes."


def _print_table(found: Findings) -> None:
    lines = [
        f"Responses that are readable, valid and unique: {found.responses}",
        f"Of these: {found.sealed} sealed, {found.responses - found.sealed} waiting",
        f"Texts: {found.texts}",
        f"Files with something wrong: {len(found.bad)}",
    ]
    if found.responses:
        share = round(100 * found.in_small / found.responses)
        lines += [
            f"k-anonymity of the marked items, mode, status and minutes: k = {found.smallest}",
            f"Responses in a group under {SMALL_GROUP}: {found.in_small} ({share} %)",
        ]
        if found.in_small:
            few = f"{found.in_small} of {found.responses} people share these with"
            if found.smallest == 1:
                few = f"At least one person shares these with nobody, and {few}"
            lines.append(f"{few} fewer than {SMALL_GROUP - 1} others: {ALONE}")
        lines.append(ANY_ANSWERS)
    if found.detail == "full":
        lines.append(CONFIDENTIAL)
    sys.stdout.write("\n".join(lines) + "\n")


def _print_json(found: Findings) -> None:
    report = {
        "format": "microcred-check/1",
        "responses": found.responses,
        "sealed": found.sealed,
        "waiting": found.responses - found.sealed,
        "texts": found.texts,
        "bad": [{"file": name, "wrong": wrong} for name, wrong in found.bad],
        "k": found.smallest if found.responses else None,
        "in_small_groups": found.in_small,
        "detail": found.detail,
    }
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
