"""`microcred seal`: seals waiting responses."""

from __future__ import annotations

from functools import partial

from microcred_cli.cli import options
from microcred_cli.cli.counting_engine import counting_engine
from microcred_cli.cli.key_files import refuse_without_key, staff_folder
from microcred_cli.cli.output import command_with
from microcred_cli.cli.progress_bar import shown
from microcred_cli.cli.sealed_figures import MAKING, tell_left_out, tell_standing
from microcred_cli.errors import ExitCode
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.store.drop import refuse_drop
from microcred_cli.store.folder import terms_of
from microcred_cli.terminal.console import say

app = options.new_app()


@app.command("seal")
def seal_responses(
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    identity: options.Identity = None,
) -> int:
    """Seal waiting responses for the next summary.

    The command seals 10, 15, 20 … of the waiting responses, chosen at random; the others stay
    waiting. Summaries are based on the sealed responses. Sealed responses are merged in random
    order, so that their order of submission cannot be recovered.

    Example: microcred seal
    """
    from microcred_cli.evaluation.counting import judge_and_method
    from microcred_cli.evaluation.times import TimesStore
    from microcred_cli.store.seal import seal

    folder = staff_folder(responses, fieldwork, identity)
    refuse_without_key(folder, what="sealing")
    loaded = load(questionnaire)
    refuse_drop(folder.folder)
    folder.names()
    engine = counting_engine(fieldwork)
    terms, wrong = terms_of(folder, loaded)
    with shown("Sealing") as progress:
        judge, method = judge_and_method(loaded, terms, partial(progress.stage, MAKING), engine)
        outcome = seal(folder, judge, method, progress=progress)
        times_taken, times_left_out = TimesStore(folder, judge).seal()
    tell_left_out((*wrong, *outcome.left_out, *times_left_out))
    if times_taken:
        say(f"Times of the pilot sealed: {times_taken} interviews.")
    if outcome.taken:
        given = {"questionnaire": questionnaire, "responses": responses, "fieldwork": fieldwork}
        command = command_with("microcred summary", given)
        say(f"Sealed. To show the new figures: {command}")
    elif not times_taken:
        say("Nothing was sealed.")
    tell_standing(outcome)
    return ExitCode.DONE
