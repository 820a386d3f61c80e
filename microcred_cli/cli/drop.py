"""`microcred drop`: creates a drop folder for respondents who share a machine."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

from microcred_cli.cli import options
from microcred_cli.cli.options import argument, option
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.shapes import Folder
from microcred_cli.session.options import Choices, cipher_of
from microcred_cli.store.drop import make_drop
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

app = options.new_app()


@app.command()
def drop(
    folder: Annotated[str, argument("DIR", "The folder to create.")],
    group: Annotated[
        str, option("--group", "GROUP", "The group whose members may submit responses.")
    ],
    questionnaire: options.Questionnaire = BUILT_IN,
    fieldwork: options.FieldworkFile = None,
) -> None:
    """Create a folder for responses on a shared machine.

    People who share the machine cannot see each other's answers. Run this command as the
    administrator. If the folder exists, its permissions are restored.

    Example: microcred drop /srv/drop --group kiosk
    """
    os.umask(0o022)
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    terms = Folder(
        questionnaire=load(questionnaire).questionnaire.id,
        detail=settings.detail,
        recipients=cipher_of(settings).recipients,
    )
    path = Path(folder).absolute()
    make_drop(path, group, terms)
    shown = safe(shlex.quote(str(path)))
    say(
        f"Members of the group {safe(group)} can submit responses here, "
        "but cannot see each other's.\n"
        f"  Members: microcred respond --responses {shown}\n"
        f"  Staff:   sudo microcred collect --move {shown}"
    )
