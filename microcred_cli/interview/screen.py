"""The interface for sessions: an asker, with pages before and after the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from microcred_cli.interview.loop import Asker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from microcred_cli.interview.loop import Reply


class Screen(Asker, Protocol):
    """A kind of screen: with prompts or in plain lines, for respondents or interviewers.

    As a context manager it holds the terminal for the interview. Leaving a page before the
    questions begin gives no answer; during the questions it is a `Pause`.
    """

    note: Callable[[Mapping[str, bool]], None]
    """Called with the marks of the open question before it is answered."""
    elapsed: Callable[[], float]
    """Returns the duration of the interview in seconds, without pauses."""

    watched: bool
    """A person is typing and can be asked what to do."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def speak(self, language: str) -> None:
        """Switch to this language."""

    def read_background(self) -> Reply | None:
        """Show the background and how to answer; a `Pause` if the person left."""

    def recall(self, key: str, text: str, marks: Mapping[str, bool]) -> None:
        """Restore text or marks made at a step before a pause, but not entered."""

    def receipt(self, code: str, text: str) -> bool:
        """Show the receipt until the person confirms it is noted; False if they do not."""

    def choose(
        self, question: str, options: Sequence[tuple[str, str]], *, unexpected: bool = False
    ) -> str | None:
        """Offer options; the chosen code, or None if the person leaves.

        Keys pressed earlier are dropped for an `unexpected` question.
        """

    def type_in(
        self,
        question: str,
        instruction: str,
        problem: str = "",
        *,
        typed: str = "",
        most: int = 60,
    ) -> str:
        """Read one line; empty if nothing was typed or the person leaves.

        Text `typed` before can be edited, where the screen has a field.
        """

    def say(self, text: str) -> None:
        """Show a notice."""
