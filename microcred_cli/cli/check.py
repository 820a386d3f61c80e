"""`microcred check`: verifies that records are readable, valid and unique."""

from __future__ import annotations

from microcred_cli.cli import options
from microcred_cli.cli.key_files import refuse_without_key, staff_folder
from microcred_cli.cli.output import as_json, refuse_unknown_format, show, show_lines
from microcred_cli.cli.progress_bar import shown
from microcred_cli.cli.quality import quality_lines, quality_report, times_lines, times_report
from microcred_cli.errors import ExitCode
from microcred_cli.evaluation.last_figures import kept_figures
from microcred_cli.evaluation.times import times_in
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.store.check import SMALL_GROUP, Findings, check
from microcred_cli.store.drop import refuse_drop
from microcred_cli.store.layout import as_sentence
from microcred_cli.terminal.console import say

ALONE = (
    "anyone who knows these values can find the record. Therefore, give only staff access to the "
    "folder, do not pass on any records, and publish only the output of microcred summary."
)
ANY_ANSWERS = (
    "Knowing two or three of a respondent's answers is usually enough to find the record, "
    "regardless of k."
)

CONFIDENTIAL = "These responses are confidential, not anonymous: they contain the fine codes."

app = options.new_app()


@app.command("check")
def check_responses(
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    output: options.Format = "table",
    identity: options.Identity = None,
) -> int:
    """Check the validity, anonymity and quality of responses.

    Every file must be readable, valid and unique. Exits with 1 if any file has errors. Signs of low
    quality are flagged, but are not errors: no response is deleted because of them.

    Example: microcred check --responses collected
    """
    refuse_unknown_format(output)
    folder = staff_folder(responses, fieldwork, identity)
    refuse_drop(folder.folder)
    refuse_without_key(folder, what="the check")
    loaded = load(questionnaire)
    with shown("Checking"):
        found = check(folder, loaded)
        times = times_in(folder, loaded)
    found.bad += times.bad if times is not None else []
    figures = kept_figures(folder, loaded.sha256)
    if output == "json":
        more = {
            "quality": quality_report(figures),
            "times": times_report(times, loaded.questionnaire),
        }
        show(as_json(_report(found) | more))
    else:
        lines = [_table(found), *quality_lines(figures), *times_lines(times, loaded.questionnaire)]
        show_lines("\n".join(lines))
    for part in sorted(found.bad):
        say(as_sentence(part))
    return ExitCode.FINDING if found.bad else ExitCode.DONE


def _table(found: Findings) -> str:
    lines = [
        f"Readable, valid and unique responses: {found.responses}",
        f"Of these: {found.sealed} sealed, {found.responses - found.sealed} waiting",
        f"Texts: {found.texts}",
        f"Files with errors: {len(found.bad)}",
    ]
    if found.responses:
        share = round(100 * found.in_small / found.responses)
        lines += [
            "k-anonymity of quasi-identifiers (marked items, mode, status, minutes): "
            f"k = {found.smallest}",
            f"Responses in groups smaller than {SMALL_GROUP}: {found.in_small} ({share} %)",
        ]
        if found.in_small:
            few = (
                f"{found.in_small} of {found.responses} people share their combination of "
                "values with"
            )
            if found.smallest == 1:
                few = f"At least one combination of values is unique, and {few}"
            lines.append(f"{few} fewer than {SMALL_GROUP - 1} others: {ALONE}")
        lines.append(ANY_ANSWERS)
    if found.detail == "full":
        lines.append(CONFIDENTIAL)
    return "\n".join(lines)


def _report(found: Findings) -> dict[str, object]:
    return {
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
