"""`microcred respond`: stores answers that a respondent types or that are read from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.questionnaire import BUILT_IN

if TYPE_CHECKING:
    from microcred_cli.cli import options


def respond(
    questionnaire: options.Questionnaire = BUILT_IN,
    language: options.Language = None,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    plain: options.Plain = None,
    one_key: options.OneKey = False,
    answers: options.Answers = None,
) -> int:
    """Answer the questionnaire without an interviewer.

    You read the background, give consent, answer the questions, review and submit your answers, and
    get a receipt. Every answer is saved immediately. Ctrl-C pauses the interview; microcred resume
    continues it.

    Example: microcred respond --plain
    """
    from microcred_cli.session.options import Choices

    choices = Choices(questionnaire, language, responses, fieldwork, plain, one_key=one_key)
    if answers is None:
        from microcred_cli.session.begin import begin_interview

        return begin_interview(choices)
    from microcred_cli.session.answers_file import respond_from_file

    return respond_from_file(choices, answers)
