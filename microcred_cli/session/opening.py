"""Setting up an interview, new or paused: refusals, the folder, the screen."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from microcred_cli.errors import UsageError
from microcred_cli.fieldwork.background import read_aloud, written
from microcred_cli.fieldwork.settings import today, written_date
from microcred_cli.session.options import responses_folder, warn_of_few
from microcred_cli.session.sharing import cleared_after
from microcred_cli.terminal.mode import Surroundings, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interview import Mode, Screen
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.session.options import Choices
    from microcred_cli.store.folder import Responses


def refuse_prompts_without_terminal(choices: Choices) -> None:
    """Refuse `--rich` where nobody can see prompts."""
    if choices.plain is False and not Surroundings.real().is_terminal:
        raise UsageError(
            "Prompts need a terminal, and here is none.",
            where="--rich",
            hint="Leave --rich out; plain lines are then used.",
        )


def open_fieldwork(choices: Choices) -> Fieldwork:
    """The settings of a fieldwork that is not over."""
    fieldwork = choices.read_fieldwork()
    if fieldwork.closes and fieldwork.is_closed(today()):
        raise UsageError(
            f"The survey closed on {written_date(fieldwork.closes)}; no new interview can begin.",
            hint="Paused interviews can still be finished with: microcred resume",
        )
    return fieldwork


def refuse_unproven(fieldwork: Fieldwork) -> None:
    """Refuse to encrypt to keys that nobody has proven to open anything."""
    if fieldwork.recipients:
        from microcred_cli.crypto import canary

        warn_of_few(fieldwork)
        canary.refuse_unproven(fieldwork.path, fieldwork.recipients)


def prepared_responses(choices: Choices, fieldwork: Fieldwork, loaded: Loaded) -> Responses:
    """The folder that a new response goes to, made ready for it."""
    refuse_unproven(fieldwork)
    responses = responses_folder(choices.responses, fieldwork)
    responses.prepare(loaded.questionnaire.id, detail=fieldwork.detail)
    return responses


@contextmanager
def at_screen(
    choices: Choices,
    loaded: Loaded,
    fieldwork: Fieldwork,
    responses: Responses,
    mode: Mode,
    languages: tuple[str, ...],
    held: ExitStack | None = None,
) -> Iterator[tuple[Screen, ExitStack]]:
    """The screen of an interview, and the stack that closes it with all that is `held`.

    On a shared machine the terminal is cleared at the end.
    """
    with cleared_after(responses), (held or ExitStack()).pop_all() as stack:
        screen = _screen(choices, loaded, fieldwork, mode, languages)
        stack.enter_context(screen)
        yield screen, stack


def _screen(
    choices: Choices, loaded: Loaded, fieldwork: Fieldwork, mode: Mode, languages: tuple[str, ...]
) -> Screen:
    """The screen for a person alone, or for an interviewer."""
    surroundings = Surroundings.real()

    def background(language: str) -> Sequence[Paragraph]:
        return written(loaded.languages[language], fieldwork, language)

    def introduction(language: str) -> Sequence[str]:
        return read_aloud(loaded.languages[language], fieldwork, language)

    plain = is_plain(surroundings, choices.plain)
    if mode == "self" and plain:
        from microcred_cli.terminal.plain_asker import PlainAsker

        return PlainAsker(surroundings, background=background, languages=languages)
    if mode == "self":
        from microcred_cli.terminal.rich_asker import RichAsker

        return RichAsker(background=background, languages=languages)
    if plain:
        from microcred_cli.terminal.plain_asker import PlainInterviewer

        return PlainInterviewer(
            surroundings, introduction=introduction, background=background, languages=languages
        )
    from microcred_cli.terminal.interviewer import InterviewerAsker

    return InterviewerAsker(introduction=introduction, background=background, languages=languages)
