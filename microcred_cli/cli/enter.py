"""`microcred enter`: lets staff enter paper questionnaires."""

from __future__ import annotations

from typing import Annotated

import typer

from microcred_cli.cli import options
from microcred_cli.questionnaire import BUILT_IN

app = options.new_app()

Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Enter each questionnaire twice, under the number written on the paper.",
    ),
]


@app.command()
def enter(
    questionnaire: options.Questionnaire = BUILT_IN,
    language: options.Language = None,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    plain: options.Plain = None,
    verify: Verify = False,
) -> int:
    """Enter paper questionnaires, one after the other.

    Type the printed code of each answer, or - if the question was left empty. Choose the language
    of the paper, because the printed letters depend on it. To create the paper questionnaire:
    microcred questionnaire export --to pdf

    Ctrl-C at the first question stops the command; at later questions, it pauses the entry. No
    receipts are issued.

    Example: microcred enter --verify --language de
    """
    from microcred_cli.session.entry import enter_questionnaires
    from microcred_cli.session.options import Choices

    choices = Choices(questionnaire, language, responses, fieldwork, plain)
    return enter_questionnaires(choices, verify=verify)
