"""The check of a responses folder: every record readable, valid, unique, and how anonymous."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from microcred_cli.cli.key_files import refuse_without_key, staff_folder
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.questionnaire.loading import load
from microcred_cli.store.check import SMALL_GROUP, check
from microcred_cli.store.drop import refuse_drop
from microcred_cli.store.terms import as_sentence
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.store.check import Findings

ALONE = "whoever knows these of them can find the record. Keep the folder with staff alone."
ANY_ANSWERS = (
    "Two or three answers that are known of somebody mostly find the record, whatever k is."
)


def check_responses(
    source: str,
    responses: str | None,
    fieldwork_file: str | None,
    output: str,
    identities: Sequence[str] = (),
) -> int:
    """Check a folder and print what was found; the exit code."""
    if output not in ("table", "json"):
        raise UsageError(f"There is no format {safe(output)!r}.", hint="Use table or json.")
    folder = staff_folder(responses, fieldwork_file, identities)
    refuse_drop(folder.folder)
    refuse_without_key(folder, what="the check")
    loaded = load(source)
    with shown("Checking"):
        found = check(folder, loaded)
    if output == "json":
        _print_json(found)
    else:
        _print_table(found)
    for part in sorted(found.bad):
        say(as_sentence(part))
    return ExitCode.FINDING if found.bad else ExitCode.DONE


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
