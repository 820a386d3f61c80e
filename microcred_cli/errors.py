"""The exceptions of the program, each with its exit code and a hint at what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

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
    """An error that a person can fix: what is wrong, where, and what to do about it.

    Args:
        message: what is wrong, in one sentence, without any answer that was given.
        where: the file, option or item it concerns, unescaped; the code that prints it escapes it.
        hint: what to do about it, in one sentence.
    """

    exit_code = ExitCode.FINDING

    def __init__(self, message: str, *, where: Path | str | None = None, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.where = None if where is None else str(where)
        self.hint = hint


class UsageError(MicrocredError):
    """A wrong option, a wrong combination, or a bad file of answers."""

    exit_code = ExitCode.USAGE


class StoreError(MicrocredError):
    """A file or folder that cannot be read or written, or is damaged."""

    exit_code = ExitCode.STORAGE


class DisclosureError(MicrocredError):
    """Nothing safe can be shown: too few responses, or groups that are too small."""

    exit_code = ExitCode.DISCLOSURE


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a questionnaire definition.

    `code` is stable (`Q012`), `line` counts from 1 and is None if there is no line.
    """

    code: str
    message: str
    hint: str
    file: str = ""
    line: int | None = None
    item: str | None = None

    @property
    def place(self) -> str:
        """File, line and item, as far as they are known."""
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        return f"{place} ({self.item})" if self.item else place


class DefinitionError(MicrocredError):
    """A questionnaire definition with faults; `faults` has all of them."""

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


class InvalidAnswer(MicrocredError):  # noqa: N818 - an outcome that the asker shows, not a failure
    """An answer that the question cannot take; the asker shows it and asks again."""

    exit_code = ExitCode.USAGE


@dataclass(slots=True)
class Paused(Exception):  # noqa: N818 - not an error: the draft is kept
    """The interview stopped with its draft kept.

    `interrupted` is true for Ctrl-C, end of input or a lost terminal (exit 130), and false for a
    pause chosen in the menu (exit 0). `unsent` was typed at the question, but not entered.
    """

    interrupted: bool
    unsent: str = ""
