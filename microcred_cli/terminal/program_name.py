"""Adapts the commands in messages to the way the program was started.

Messages refer to commands in the form `microcred resume`. A shell cannot find that command if the
program was started as `python -m microcred_cli` or from a folder that is not on the search path.
"""

import os
import re
import sys
from pathlib import Path

from microcred_cli.text import safe

PROGRAM = "microcred"

_COMMAND = re.compile(
    rf"(?<![\w/\\]){PROGRAM}(?= (?:respond|interview|enter|resume|drafts|withdraw|cases|outcomes"
    r"|progress|fieldwork|check|seal|summary|texts|export|collect|drop|keys|simulate|questionnaire|COMMAND|--help)\b)"
)


_PIP = "python -m pip install"


def as_called(text: str) -> str:
    """Replace `microcred` in each `microcred COMMAND` with the command that started the program.

    `python -m pip install` is adapted to the interpreter that runs the program.
    """
    if _PIP in text:
        text = text.replace(_PIP, _PIP.replace("python", _interpreter(), 1))
    if _COMMAND.search(text) is None:
        return text
    called = _called()
    return _COMMAND.sub(lambda _: called, text)


def _called() -> str:
    """The command that starts this program again from the same shell and folder."""
    script = sys.argv[0] if sys.argv else ""
    path = Path(script)
    if path.name == "__main__.py":
        return f"{_quoted(sys.orig_argv[0])} -m microcred_cli"
    if path.stem != PROGRAM or path.name == script:
        return PROGRAM
    import shutil

    found = shutil.which(PROGRAM)
    if found is not None and Path(found).with_suffix("") == path.absolute().with_suffix(""):
        return PROGRAM
    return _quoted(script)


def _interpreter() -> str:
    """The command that starts the interpreter of this program from the same shell."""
    import shutil

    path = Path(sys.executable or "python")
    found = shutil.which(path.name)
    return path.name if found is not None and Path(found) == path else _quoted(str(path))


def _quoted(word: str) -> str:
    if os.name == "nt":
        return f'"{safe(word)}"' if " " in word else safe(word)
    import shlex

    return shlex.quote(safe(word))
