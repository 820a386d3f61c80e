"""`microcred simulate`: synthetic responses for trials."""

from __future__ import annotations

import os
from typing import Annotated

from microcred_cli import files
from microcred_cli.cli import options
from microcred_cli.cli.options import argument, option
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.anonymise import reference
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import serialise
from microcred_cli.records.simulation import SyntheticResponse, simulate
from microcred_cli.session.options import Choices, responses_folder
from microcred_cli.store.folder import VARIABLE, Responses
from microcred_cli.store.layout import Kind
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

ONLY_SYNTHETIC = "From now on, this folder accepts only synthetic responses."
"""Printed if no folder was specified."""

_EVERY = 256

app = options.new_app()


# A negative number is not parsed as an option, so that the command can report it.
@app.command("simulate", context_settings={"ignore_unknown_options": True})
def simulate_responses(
    count: Annotated[int, argument("N", "Number of responses, up to 10,000,000.")],
    seed: Annotated[
        int, option("--seed", "S", "Random seed; the same seed gives the same responses.")
    ],
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
) -> int:
    """Generate synthetic responses for testing, in a separate folder.

    They follow the routes, are marked as synthetic, and are never mixed with real ones.

    Example: microcred simulate 200 --seed 1 --responses trial
    """
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    folder = responses_folder(responses, settings)
    is_named = responses or os.environ.get(VARIABLE) or settings.responses
    loaded = load(questionnaire)
    if settings.detail != "coarse":
        raise UsageError(
            "Synthetic responses contain coarse codes only, but the settings ask for full detail.",
            where=settings.path,
            hint="Use settings that do not set detail.",
        )
    source = simulate(stored(loaded.questionnaire), reference(loaded), count, seed)
    folder.prepare(loaded.questionnaire.id, synthetic=True)
    made: tuple[int, SyntheticResponse | None] = 0, None
    try:
        with shown("Generating") as progress:
            for made in enumerate(source, 1):
                number, invented = made
                if not number % _EVERY:
                    progress(number, count)
                _write(folder, invented)
            progress(count, count)
            files.settle(folder.folder, folder.texts)
    except KeyboardInterrupt:
        # Finish the current response, so that nothing is left half-written.
        number, last = made
        if last is not None:
            _write(folder, last)
        files.settle(folder.folder, folder.texts)
        say(
            f"Stopped: {number:,} of {count:,} synthetic responses are in {safe(folder.folder)}. "
            "Run the same command again for the rest."
        )
        return ExitCode.INTERRUPTED
    said = f"Generated {count:,} synthetic responses: {safe(folder.folder)}"
    say(said if is_named else f"{said}. {ONLY_SYNTHETIC}")
    return ExitCode.DONE


def _write(folder: Responses, invented: SyntheticResponse) -> None:
    response = invented.response
    to_write = [(folder.file_of(text.text_id, Kind.TEXT), text) for text in invented.texts]
    for path, record in (*to_write, (folder.file_of(response.response_id), response)):
        files.write_quickly(path, folder.cipher.wrap(serialise(record)))
