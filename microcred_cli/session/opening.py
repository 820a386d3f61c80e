"""Steps shared by new and resumed interviews: settings, keys, folder and screen."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_words
from microcred_cli.errors import UsageError
from microcred_cli.fieldwork.background import (
    Paragraph,
    minutes_spoken,
    minutes_written,
    pilot_notice,
    read_aloud,
    read_on_request,
    written,
)
from microcred_cli.i18n import N_, _, n_, own_words
from microcred_cli.session.options import Choices, responses_folder
from microcred_cli.terminal.console import say
from microcred_cli.terminal.mode import Surroundings, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interview import Screen
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Mode
    from microcred_cli.store.drafts import Drafts, Expired
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.seen_days import Start


TRAINING = N_("Training: this case is invented, and nothing is kept.")
_LONGEST_LOOK = 60.0
_MOST_TYPED = 4096
_CLEARED = "\x1b[H\x1b[2J\x1b[3J"
"""Escape sequence that clears the screen and, if supported, the scrollback."""


def refuse_prompts_without_terminal(choices: Choices) -> None:
    """Refuse `--rich` if there is no terminal."""
    if choices.plain is False and not Surroundings.real().is_terminal:
        raise UsageError(
            "Prompts need a terminal, but input or output is not a terminal.",
            where="--rich",
            hint="Omit --rich to use plain lines.",
        )


def open_fieldwork(choices: Choices) -> Fieldwork:
    """Read the fieldwork settings; refuse them if the survey has closed."""
    fieldwork = choices.read_fieldwork()
    if fieldwork.closes and fieldwork.is_closed(fieldwork.today()):
        closed = _("The survey closed on {day}; no new interview can begin.")
        raise UsageError(
            closed.format(day=date_in_words(fieldwork.closes)),
            hint=_("Paused interviews can still be finished with: microcred resume"),
        )
    return fieldwork


def refuse_unproven(fieldwork: Fieldwork) -> None:
    """Refuse to encrypt to a public key until possession of its secret key has been proven."""
    if fieldwork.recipients:
        from microcred_cli.crypto import canary

        canary.refuse_unproven(fieldwork.path, fieldwork.recipients)


def prepared_responses(choices: Choices, fieldwork: Fieldwork, loaded: Loaded) -> Responses:
    """Prepare the responses folder for a new response."""
    refuse_unproven(fieldwork)
    responses = responses_folder(choices.responses, fieldwork)
    responses.prepare(loaded.questionnaire.id, detail=fieldwork.detail, synthetic=choices.training)
    return responses


def start_on(drafts: Drafts, fieldwork: Fieldwork) -> Start:
    """Record this start of the program, delete expired drafts, and print their number."""
    now = drafts.start(zones.now(), fieldwork.draft_days)
    say_expired(now, drafts.delete_expired(now))
    return now


def say_expired(now: Start, expired: Expired) -> None:
    """Print the numbers of expired drafts: deleted, and kept because the clock may be wrong."""
    if expired.deleted:
        deleted = n_(
            "Deleted {number} paused interview, because its retention period was over.",
            "Deleted {number} paused interviews, because their retention period was over.",
            expired.deleted,
        )
        say(deleted.format(number=expired.deleted))
    if expired.doubtful:
        say_doubt(now, expired.doubtful)


def say_doubt(now: Start, number: int) -> None:
    """Print a notice that drafts are kept because the clock may be wrong."""
    day, latest = date_in_words(now.moment.date()), date_in_words(now.latest)
    doubt = _(
        "The clock of this machine may be wrong: it shows {day}, but microcred was last started "
        "on {latest}."
    )
    kept = n_(
        "By this clock, the retention period of {number} paused interview is over, but nothing has "
        "been deleted yet. If the date is correct, start microcred again tomorrow; otherwise, "
        "correct the clock.",
        "By this clock, the retention period of {number} paused interviews is over, but nothing "
        "has been deleted yet. If the date is correct, start microcred again tomorrow; otherwise, "
        "correct the clock.",
        number,
    )
    say(f"{doubt.format(day=day, latest=latest)} {kept.format(number=number)}")


def screen_for(
    choices: Choices, loaded: Loaded, fieldwork: Fieldwork, mode: Mode, languages: tuple[str, ...]
) -> Screen:
    """The screen for a self-administered or an interviewer-administered interview."""
    screen = _screen_for(choices, loaded, fieldwork, mode, languages)
    screen.banner = TRAINING if choices.training else ""
    return screen


def _screen_for(
    choices: Choices, loaded: Loaded, fieldwork: Fieldwork, mode: Mode, languages: tuple[str, ...]
) -> Screen:
    surroundings = Surroundings.real()

    def background(language: str) -> Sequence[Paragraph]:
        spoken = loaded.languages[language]
        minutes = minutes_written(loaded.questionnaire, spoken)
        minutes = (*minutes, *(Paragraph("paragraph", text) for text in pilot_notice(fieldwork)))
        notice = own_words(language)
        announced = (Paragraph("paragraph", notice),) if notice else ()
        more = () if mode == "self" else read_on_request(spoken, fieldwork, language)
        return (*more, *minutes, *written(spoken, fieldwork, language), *announced)

    def introduction(language: str) -> Sequence[str]:
        spoken = loaded.languages[language]
        minutes = minutes_spoken(loaded.questionnaire, spoken)
        return (*read_aloud(spoken, fieldwork, language), *minutes, *pilot_notice(fieldwork))

    plain = is_plain(surroundings, choices.plain)
    if plain and choices.one_key:
        say(_("In plain mode, --one-key has no effect, because every line ends with Enter."))
    if mode == "self" and plain:
        from microcred_cli.terminal.plain_asker import PlainAsker

        return PlainAsker(surroundings, background=background, languages=languages)
    if mode == "self":
        with imported_without("ssl"):
            from microcred_cli.terminal.rich_asker import RichAsker

        return RichAsker(background=background, languages=languages)
    if plain:
        from microcred_cli.terminal.plain_asker import PlainInterviewer

        return PlainInterviewer(
            surroundings,
            introduction=introduction,
            background=background,
            languages=languages,
            is_last=not choices.in_series,
        )
    with imported_without("ssl"):
        from microcred_cli.terminal.interviewer import InterviewerAsker

    return InterviewerAsker(introduction=introduction, background=background, languages=languages)


@contextmanager
def imported_without(name: str) -> Iterator[None]:
    """Import modules while hiding one that takes too long to load.

    For example, the event loop of the prompts imports ssl, although prompts use no network.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def cleared_after(responses: Responses) -> Iterator[None]:
    """Clear the terminal after an interview that is submitted to a drop folder."""
    try:
        yield
    finally:
        if files.is_drop(responses.folder) and sys.stderr.isatty() and sys.stdin.isatty():
            _clear_screen()


def _clear_screen() -> None:
    note = _(
        "Note anything you still need. Press Enter to clear the screen for the next "
        "person; after one minute, it is cleared automatically."
    )
    sys.stderr.write(f"{note}\n")
    sys.stderr.flush()
    import select

    with suppress(KeyboardInterrupt, OSError, ValueError):
        if select.select([sys.stdin], [], [], _LONGEST_LOOK)[0]:
            # Discard typed input, so that the next program does not read it.
            os.read(sys.stdin.fileno(), _MOST_TYPED)
    sys.stderr.write(_CLEARED)
    sys.stderr.flush()
