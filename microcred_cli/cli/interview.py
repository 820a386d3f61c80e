"""`microcred interview`: conducts an interview by phone or in person, with or without a case."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from microcred_cli.errors import UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from microcred_cli.cases.dispositions import Mode
    from microcred_cli.cli import options
    from microcred_cli.session.contact import CaseContact
    from microcred_cli.session.options import Choices

MODES: dict[str, Mode] = {"phone": "phone", "in-person": "in_person"}


def interview(
    mode: options.Mode = None,
    case: options.Case = None,
    following: options.Next = False,
    training: options.Training = False,
    case_log: options.CaseLogFile = None,
    questionnaire: options.Questionnaire = BUILT_IN,
    language: options.Language = None,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    plain: options.Plain = None,
    answers: options.Answers = None,
) -> int:
    """Conduct an interview by phone or in person.

    The screen marks the text to read aloud. With --case, the program asks how the contact ended,
    and records the outcome in the case log. With --next, the program offers the cases of the log
    that are due, one after the other.

    Example: microcred interview --mode phone --next
    """
    if mode not in MODES:
        named = safe(mode or "")
        wrong = (
            f"Unknown interview mode {named!r}." if named else "No interview mode was specified."
        )
        raise UsageError(wrong, where="--mode", hint="Use --mode phone or --mode in-person.")
    from microcred_cli.session.options import Choices

    choices = Choices(questionnaire, language, responses, fieldwork, plain)
    if following or training:
        others = {"--case": case, "--answers": answers}
        if training:
            others |= {"--case-log": case_log, "--responses": responses}
        _refuse_together(others, training)
        return _next(choices, MODES[mode], case_log, training=training)
    if case is None and case_log is not None:
        raise UsageError(
            "A case log can only be used with a case.",
            where="--case-log",
            hint="Specify the case with --case LABEL, or use --next.",
        )
    return _one(choices, MODES[mode], case, case_log, answers)


def _one(
    choices: Choices, mode: Mode, case: str | None, case_log: str | None, answers: str | None
) -> int:
    """Conduct one interview, or continue the paused interview of the case."""
    from microcred_cli import files
    from microcred_cli.session.answers_file import respond_from_file
    from microcred_cli.session.begin import begin_interview
    from microcred_cli.session.resume import find_paused, resume_interview
    from microcred_cli.terminal.console import say

    with ExitStack() as stack:
        contact = None
        if case is not None:
            contact = stack.enter_context(_contact(case_log, case, mode))
            _check_sample(contact, choices, is_named=answers is None)
        files.harden_process()
        if answers is not None:
            if contact is not None and contact.full_stratum:
                say("The quota is full: the target number of complete interviews has been reached.")
            return respond_from_file(choices, answers, mode, contact)
        code = find_paused(contact, choices.plain) if contact is not None else None
        if code is not None:
            return resume_interview(choices, code, contact)
        return begin_interview(choices, mode, contact)


def _check_sample(contact: CaseContact, choices: Choices, *, is_named: bool) -> None:
    """Ask for confirmation if the case is not in the sample; note if the quota is full.

    The case is not named if the receipt of its response will be printed below.
    """
    case = contact.recorder.case
    if case.contacts:
        return
    from microcred_cli.cases.calling import Calling
    from microcred_cli.cases.listing import full_strata

    cases = contact.log.read()
    if cases.has_sample and not cases.has(case.label):
        _confirm_new(f"Case {case.label}" if is_named else "This case")
    if case.stratum in full_strata(cases, choices.read_fieldwork().calling or Calling()):
        contact.full_stratum = case.stratum or ""


def _confirm_new(case: str) -> None:
    """Ask whether to add a case to the sample; without a terminal, only print a note."""
    from microcred_cli.terminal.console import ask_line, say
    from microcred_cli.terminal.mode import Surroundings

    unknown = f"{case} is not in the sample."
    if not Surroundings.real().is_terminal:
        say(f"{unknown} The case is added to the case log when its first contact is recorded.")
    elif ask_line(f"{unknown} Add it? Type yes or no: ").casefold() not in ("y", "yes"):
        raise UsageError(
            f"{unknown} Nothing was recorded.",
            where="--case",
            hint="Check the label. To list the cases: microcred cases",
        )


def _refuse_together(others: Mapping[str, str | None], training: bool) -> None:
    names = [name for name, value in others.items() if value is not None]
    if names:
        with_what = "--training" if training else "--next"
        raise UsageError(
            f"{names[0]} cannot be used together with {with_what}.",
            where=names[0],
            hint="Omit one of the two options.",
        )


def _next(choices: Choices, mode: Mode, case_log: str | None, *, training: bool) -> int:
    """Offer the cases that are due; in training, offer invented cases."""
    from microcred_cli.session.series import conduct_series

    if training:
        from microcred_cli.session.training import training_ground

        with training_ground(choices, mode) as (invented, log):
            return conduct_series(invented, mode, log)
    from microcred_cli.cases.log import CaseLog

    return conduct_series(choices, mode, CaseLog.named(case_log))


@contextmanager
def _contact(case_log: str | None, case: str, mode: Mode) -> Iterator[CaseContact]:
    """Begin a contact; if the case is completed, the error mentions any unconfirmed receipt."""
    from microcred_cli.cases.log import CaseLog, CompletedError
    from microcred_cli.session.contact import contact_with
    from microcred_cli.store.drafts import Drafts

    with ExitStack() as stack:
        try:
            contact = stack.enter_context(contact_with(CaseLog.named(case_log), case, mode))
        except CompletedError as error:
            hint = error.hint
            if Drafts.here().keeps_receipt():
                receipt = "A receipt has not been confirmed yet. To show it again: microcred resume"
                hint = f"{hint} {receipt}"
            raise UsageError(error.message, where=error.where, hint=hint) from None
        yield contact
