"""Synthetic responses from the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import QuestionnaireRef, serialise
from microcred_cli.records.simulation import simulate
from microcred_cli.session.options import Choices, responses_folder
from microcred_cli.store.folder import VARIABLE
from microcred_cli.store.layout import Kind
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.records.simulation import SyntheticResponse
    from microcred_cli.store.folder import Responses

MOST = 10_000_000
ONLY_SYNTHETIC = "From now on this folder takes synthetic responses only."
"""Said where nobody named the folder."""

_EVERY = 256


def simulate_responses(
    count: int, seed: int, source: str, responses: str | None, fieldwork_file: str | None
) -> int:
    """Write synthetic responses into a folder of their own; the exit code."""
    if not 1 <= count <= MOST:
        raise UsageError(
            f"{count:,} responses cannot be made.",
            where="N",
            hint=f"Give a number from 1 to {MOST:,}.",
        )
    fieldwork = Choices(fieldwork=fieldwork_file).read_fieldwork()
    folder = responses_folder(responses, fieldwork)
    is_named = responses or os.environ.get(VARIABLE) or fieldwork.responses
    loaded = load(source)
    questionnaire = loaded.questionnaire
    if fieldwork.detail != "coarse":
        raise UsageError(
            "Synthetic responses have the coarse codes only, and the settings want full detail.",
            where=fieldwork.path,
            hint="Try it out with settings that leave detail out.",
        )
    folder.prepare(questionnaire.id, synthetic=True)
    ref = QuestionnaireRef(id=questionnaire.id, version=questionnaire.version, sha256=loaded.sha256)
    made: tuple[int, SyntheticResponse | None] = 0, None
    try:
        with shown("Inventing") as progress:
            for made in enumerate(simulate(stored(questionnaire), ref, count, seed), 1):
                number, invented = made
                if not number % _EVERY:
                    progress(number, count)
                _write(folder, invented)
            progress(count, count)
            files.settle(folder.folder, folder.texts)
    except KeyboardInterrupt:
        _stop(folder, count, *made)
        return ExitCode.INTERRUPTED
    said = f"Invented {count:,} responses and marked them synthetic: {safe(folder.folder)}"
    say(said if is_named else f"{said}. {ONLY_SYNTHETIC}")
    return ExitCode.DONE


def _write(folder: Responses, invented: SyntheticResponse) -> None:
    for text in invented.texts:
        data = folder.cipher.wrap(serialise(text))
        files.write_quickly(folder.file_of(text.text_id, Kind.TEXT), data)
    response = invented.response
    data = folder.cipher.wrap(serialise(response))
    files.write_quickly(folder.file_of(response.response_id), data)


def _stop(folder: Responses, count: int, number: int, last: SyntheticResponse | None) -> None:
    """Leave nothing half-written, and say what stands there now."""
    if last is not None:
        _write(folder, last)
    files.settle(folder.folder, folder.texts)
    say(
        f"Stopped: {number:,} of {count:,} synthetic responses stand in {safe(folder.folder)}. "
        "The same command makes the rest."
    )
