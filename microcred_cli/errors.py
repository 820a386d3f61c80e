"""The exceptions of the program, each with an exit code and a hint on how to fix the problem."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from microcred_cli.frozen import Frozen

if TYPE_CHECKING:
    from pathlib import Path


class ExitCode(IntEnum):
    """The exit codes of the program."""

    DONE = 0
    FINDING = 1
    USAGE = 2
    DEFINITION = 3
    STORAGE = 4
    DISCLOSURE = 5
    INTERRUPTED = 130


class MicrocredError(Exception):
    """An error that the user can fix, with the problem, its location, and a hint on how to fix it.

    Args:
        message: the problem in one sentence, without quoting any answer.
        where: the file, option or item concerned; it is escaped on output.
        hint: how to fix the problem, in one sentence.
    """

    exit_code = ExitCode.FINDING

    def __init__(self, message: str, *, where: Path | str | None = None, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.where = None if where is None else str(where)
        self.hint = hint


class UsageError(MicrocredError):
    """An invalid option, an invalid combination of options, or an invalid file.

    If there are several problems, `details` contains one sentence for each problem.
    """

    exit_code = ExitCode.USAGE

    def __init__(
        self,
        message: str,
        *,
        where: Path | str | None = None,
        hint: str,
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.details = details


class StoreError(MicrocredError):
    """A file or folder that cannot be read or written, or is damaged."""

    exit_code = ExitCode.STORAGE


class DisclosureError(MicrocredError):
    """Nothing safe can be shown: too few responses, or groups that are too small."""

    exit_code = ExitCode.DISCLOSURE


class Fault(Frozen):
    """One fault in a questionnaire definition.

    `code` is a stable identifier such as `Q012`; `line` counts from 1, and is None if unknown.
    """

    code: str
    message: str
    hint: str
    file: str = ""
    line: int | None = None
    item: str | None = None

    @property
    def place(self) -> str:
        """File, line and item, where known."""
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        return f"{place} ({self.item})" if self.item else place


class DefinitionError(MicrocredError):
    """A questionnaire definition is invalid; `faults` lists all its faults."""

    exit_code = ExitCode.DEFINITION

    def __init__(
        self,
        message: str,
        *,
        where: Path | str | None = None,
        hint: str,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.faults = faults


class InvalidAnswer(MicrocredError):  # noqa: N818 - shown at the prompt, not a failure
    """An invalid answer to a question; the message is shown, and the question is asked again."""

    exit_code = ExitCode.USAGE


class Paused(Exception):  # noqa: N818 - not an error: the draft is kept
    """Raised when the interview was paused; its draft is kept.

    `interrupted` is true for Ctrl-C, end of input or a lost terminal (exit 130), and false for a
    pause chosen in the menu (exit 0). `unsent_remark` is the text of a remark that was not
    submitted.
    """

    def __init__(self, interrupted: bool, unsent_remark: str = "") -> None:
        super().__init__()
        self.interrupted = interrupted
        self.unsent_remark = unsent_remark


class WentBack(Exception):  # noqa: N818 - not an error
    """Raised when the user goes back from the first question to the lists before it."""
