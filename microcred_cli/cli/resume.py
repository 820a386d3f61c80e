"""`microcred resume`: continues a paused interview."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microcred_cli.cli import options


def resume(
    code: options.ResumeCode = None,
    responses: options.OtherResponses = None,
    fieldwork: options.FieldworkFile = None,
    plain: options.Plain = None,
    one_key: options.OneKey = False,
    case_log: options.CaseLogFile = None,
) -> int:
    """Continue a paused interview.

    The interview continues at the first unanswered question. Without CODE, the command asks for the
    code, or reads it from standard input.

    Example: microcred resume
    """
    from microcred_cli import files
    from microcred_cli.session.codes import argument_code, ask_code
    from microcred_cli.session.opening import refuse_prompts_without_terminal
    from microcred_cli.session.options import Choices
    from microcred_cli.session.resume import resume_interview
    from microcred_cli.store.drafts import Drafts

    choices = Choices(
        responses=responses, fieldwork=fieldwork, plain=plain, case_log=case_log, one_key=one_key
    )
    files.harden_process()
    refuse_prompts_without_terminal(choices)
    drafts = Drafts.here()
    chosen = ask_code(drafts, plain=plain) if code is None else argument_code(drafts, code)
    return resume_interview(choices, chosen)
