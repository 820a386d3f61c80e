"""Synthetic responses from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.cli.progress import shown
from microcred_cli.cli.wiring import Choices, responses_folder, say
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.questionnaire.loading import load
from microcred_cli.recoding import stored
from microcred_cli.records import QuestionnaireRef, serialise
from microcred_cli.simulation import simulate
from microcred_cli.store import disk

if TYPE_CHECKING:
    from microcred_cli.simulation import Invented
    from microcred_cli.store.responses import Responses

_EVERY = 256


def simulate_responses(
    count: int, seed: int, source: str, responses: str | None, fieldwork_file: str | None
) -> int:
    """Write synthetic responses into a folder of their own; the exit code."""
    if count < 1:
        raise UsageError("At least one response has to be made.", mend="Give a number from 1 on.")
    folder = responses_folder(responses, Choices(fieldwork=fieldwork_file).read_fieldwork())
    loaded = load(source)
    questionnaire = loaded.questionnaire
    folder.prepare(questionnaire.id, synthetic=True)
    ref = QuestionnaireRef(id=questionnaire.id, version=questionnaire.version, sha256=loaded.sha256)
    with shown("Inventing") as progress:
        made = simulate(stored(questionnaire), ref, count, seed)
        for number, invented in enumerate(made):
            if not number % _EVERY:
                progress(number, count)
            _write(folder, invented)
        disk.settle(folder.folder, folder.texts)
    say(f"Invented {count:,} responses and marked them synthetic: {folder.folder}")
    return ExitCode.DONE


def _write(folder: Responses, invented: Invented) -> None:
    for text in invented.texts:
        disk.write_quickly(folder.texts / f"{text.text_id}.json", serialise(text))
    response = invented.response
    disk.write_quickly(folder.folder / f"{response.response_id}.json", serialise(response))
