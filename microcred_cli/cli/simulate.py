"""`microcred simulate`: generates synthetic responses for testing."""

from __future__ import annotations

import secrets
from typing import Annotated

from microcred_cli import files
from microcred_cli.cli import options
from microcred_cli.cli.options import argument, option
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import reference, serialise
from microcred_cli.records.simulation import SyntheticResponse, simulate
from microcred_cli.session.options import Choices, responses_folder
from microcred_cli.store.folder import Responses
from microcred_cli.store.index import Index, mark_of
from microcred_cli.store.layout import Kind
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

_EVERY = 256
_SEEDS = 1_000_000

app = options.new_app()


# Do not parse a negative number as an option, so that the command can report it.
@app.command("simulate", context_settings={"ignore_unknown_options": True})
def simulate_responses(
    count: Annotated[int, argument("N", "Number of responses, up to 10,000,000.")],
    responses: Annotated[
        str, option("--responses", "DIR", "A folder for synthetic responses only.")
    ],
    seed: Annotated[
        int | None,
        option("--seed", "S", "Random seed; the same seed gives the same responses."),
    ] = None,
    questionnaire: options.Questionnaire = BUILT_IN,
    fieldwork: options.FieldworkFile = None,
) -> int:
    """Generate synthetic responses for testing.

    The responses follow the routes of the questionnaire, are marked as synthetic, and are never
    mixed with real ones.

    Example: microcred simulate 200 --responses trial
    """
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    folder = responses_folder(responses, settings)
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    loaded = load(questionnaire)
    if settings.detail != "coarse":
        raise UsageError(
            "Synthetic responses contain only coarse codes, but the settings specify full detail.",
            where=settings.path,
            hint='Use settings without detail = "full".',
        )
    source = simulate(stored(loaded.questionnaire), reference(loaded), count, seed)
    folder.prepare(loaded.questionnaire.id, synthetic=True)
    sealed = _sealed_marks(folder)
    made: tuple[int, SyntheticResponse | None] = 0, None
    added = 0
    try:
        with shown("Generating") as progress:
            for made in enumerate(source, 1):
                number, invented = made
                if not number % _EVERY:
                    progress(number, count)
                added += _add(folder, invented, sealed)
            progress(count, count)
            files.settle(folder.folder, folder.texts)
    except KeyboardInterrupt:
        # Finish the current response, so that no half-written response is left.
        number, last = made
        if last is not None:
            _add(folder, last, sealed)
        files.settle(folder.folder, folder.texts)
        say(
            f"Stopped: {number:,} of {count:,} synthetic responses are in {safe(folder.folder)}. "
            f"To generate the rest, run the same command with --seed {seed}."
        )
        return ExitCode.INTERRUPTED
    already = f", {count - added:,} already existed" if added < count else ""
    say(
        f"Synthetic responses with seed {seed}: {added:,} added{already}. "
        f"Folder: {safe(folder.folder)}"
    )
    return ExitCode.DONE


def _sealed_marks(folder: Responses) -> set[int]:
    """The marks (shortened ids) of the sealed responses; empty if they cannot be decrypted."""
    entries = Index.read(folder.folder, folder.cipher).entries.values()
    return {mark for entry in entries for mark in entry.marks}


def _add(folder: Responses, invented: SyntheticResponse, sealed: set[int]) -> bool:
    """Write a response with its texts; return False if the folder already contains it."""
    response = invented.response
    if mark_of(response.response_id) in sealed:
        return False
    is_new = not folder.file_of(response.response_id).exists()
    to_write = [(folder.file_of(text.text_id, Kind.TEXT), text) for text in invented.texts]
    for path, record in (*to_write, (folder.file_of(response.response_id), response)):
        files.write_quickly(path, folder.cipher.wrap(serialise(record)))
    return is_new
