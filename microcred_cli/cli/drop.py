"""Making a drop folder, for respondents who share a machine."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from microcred_cli.errors import ExitCode
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.shapes import Folder
from microcred_cli.session.options import Choices, cipher_of
from microcred_cli.store.drop import make_drop
from microcred_cli.terminal.console import say
from microcred_cli.text import safe


def make_drop_folder(named: str, group: str, choices: Choices) -> int:
    """Make a drop folder and say how it is used; the exit code."""
    os.umask(0o022)
    fieldwork = choices.read_fieldwork()
    loaded = load(choices.questionnaire)
    folder = Path(named).absolute()
    terms = Folder(
        questionnaire=loaded.questionnaire.id,
        detail=fieldwork.detail,
        recipients=cipher_of(fieldwork).recipients,
    )
    make_drop(folder, group, terms)
    shown = safe(shlex.quote(str(folder)))
    say(
        f"Members of the group {safe(group)} can hand in here, and see nothing of each other.\n"
        f"  They:  microcred respond --responses {shown}\n"
        f"  Staff: sudo microcred collect --move {shown}"
    )
    return ExitCode.DONE
