"""`microcred interview`: conducts an interview by phone or in person, with or without a case."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError, UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.cases.dispositions import Mode
    from microcred_cli.cli import options
    from microcred_cli.session.contact import CaseContact

MODES: dict[str, Mode] = {"phone": "phone", "in-person": "in_person"}


def interview(
    mode: options.Mode = None,
    case: options.Case = None,
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
    and records the outcome in the case log.

    Example: microcred interview --mode phone --case DE-0042
    """
    if mode not in MODES:
        named = safe(mode or "")
        wrong = (
            f"Unknown interview mode {named!r}." if named else "No interview mode was specified."
        )
        raise UsageError(wrong, where="--mode", hint="Use --mode phone or --mode in-person.")
    if case is None and case_log is not None:
        raise UsageError(
            "A case log can only be used with a case.",
            where="--case-log",
            hint="Specify the case with --case LABEL.",
        )
    from microcred_cli import files
    from microcred_cli.session.answers_file import respond_from_file
    from microcred_cli.session.begin import begin_interview
    from microcred_cli.session.options import Choices
    from microcred_cli.session.resume import find_paused, resume_interview

    choices = Choices(questionnaire, language, responses, fieldwork, plain)
    how = MODES[mode]
    with ExitStack() as stack:
        contact = None
        if case is not None:
            contact = stack.enter_context(_contact(case_log, case, how))
        files.harden_process()
        if answers is not None:
            return respond_from_file(choices, answers, how, contact)
        code = find_paused(contact) if contact is not None else None
        if code is not None:
            return resume_interview(choices, code, contact)
        return begin_interview(choices, how, contact)


@contextmanager
def _contact(case_log: str | None, case: str, mode: Mode) -> Iterator[CaseContact]:
    """The contact with a case; if the case is completed, a receipt still to be noted is named."""
    from microcred_cli.cases.log import CaseLog, CompletedError
    from microcred_cli.session.contact import contact_with
    from microcred_cli.store.drafts import Drafts

    with ExitStack() as stack:
        try:
            contact = stack.enter_context(contact_with(CaseLog.named(case_log), case, mode))
        except CompletedError as error:
            if not Drafts.here().keeps_receipt():
                raise
            hint = f"{error.hint} A receipt is still to be noted: microcred resume"
            raise StoreError(error.message, where=error.where, hint=hint) from None
        yield contact
