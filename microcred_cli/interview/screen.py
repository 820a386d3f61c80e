"""The interface that sessions use: an asker, and what it shows before and after the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from microcred_cli.interview.loop import Asker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from microcred_cli.interview.loop import Reply


class Screen(Asker, Protocol):
    """One kind of screen, with prompts or in plain lines, alone or for an interviewer.

    As a context manager it holds the terminal for the interview. Whoever leaves one of its pages
    before the questions begin gives no answer; during the questions it is a `Pause`.
    """

    note: Callable[[Mapping[str, bool]], None]
    """Called with the marks of the open question, which are not an answer yet."""
    elapsed: Callable[[], float]
    """Gives the seconds that the interview has taken, pauses left out."""

    watched: bool
    """A person types, who can be asked what to do."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def speak(self, language: str) -> None:
        """Use this language from now on."""

    def read_background(self) -> Reply | None:
        """Show the background and how to answer; a `Pause` if the person left."""

    def recall(self, key: str, text: str, marks: Mapping[str, bool]) -> None:
        """Restore what was typed or marked at a step before a pause, but not entered."""

    def receipt(self, code: str, text: str) -> bool:
        """Show the receipt until it is noted; False if it was not."""

    def choose(
        self, question: str, options: Sequence[tuple[str, str]], *, unexpected: bool = False
    ) -> str | None:
        """The code of the chosen option; None if the person leaves.

        Keys pressed earlier do not count on an `unexpected` question.
        """

    def type_in(self, question: str, instruction: str, problem: str = "", *, most: int = 60) -> str:
        """One typed line; empty if nothing was typed, or if the person leaves."""

    def say(self, text: str) -> None:
        """Show a notice."""
