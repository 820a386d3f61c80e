"""The interface for sessions: an asker that can also show pages before and after the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from microcred_cli.interview.loop import Asker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from microcred_cli.interview.loop import Reply


class Screen(Asker, Protocol):
    """A kind of screen: with prompts or in plain lines, for respondents or interviewers.

    As a context manager, it controls the terminal during the interview. Leaving a page returns
    nothing before the questions begin, and a `Pause` afterwards.
    """

    note: Callable[[Mapping[str, bool]], None]
    """Called with the marks at the open question, before it is answered."""
    one_key: bool
    """True if one key answers a list, without Enter; a screen without lists ignores it."""
    prefer: Callable[[bool], None]
    """Called with `one_key` when the person changes it."""
    elapsed: Callable[[], float]
    """Returns the duration of the interview in seconds, without pauses."""

    watched: bool
    """True if a person is at the terminal who can be asked what to do."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def speak(self, language: str) -> None:
        """Switch to this language."""

    def read_background(self, notes: Sequence[str] = ()) -> Reply | None:
        """Show the background and instructions; return a `Pause` if the person leaves.

        A `Speak` is returned if another language is chosen. `notes` for staff stand at the
        beginning.
        """

    def recall(self, key: str, text: str, marks: Mapping[str, bool], remark: str) -> None:
        """Restore text, marks or a remark entered at a step but not submitted before a pause."""

    def receipt(self, code: str, text: str) -> bool:
        """Show the receipt until it is noted or not wanted; return False otherwise."""

    def choose(
        self,
        question: str,
        options: Sequence[tuple[str, str]],
        *,
        unexpected: bool = False,
        pointed: str | None = None,
        back: bool = False,
    ) -> str | None:
        """Offer options; return the code chosen, or None if the person leaves.

        Enter chooses the option that is `pointed` at. For an `unexpected` question, keys
        pressed before it appears are ignored. If it goes `back` to the page before it,
        leaving means going back.
        """

    def type_in(
        self,
        question: str,
        instruction: str,
        problem: str = "",
        *,
        typed: str = "",
        most: int = 60,
    ) -> str | None:
        """Read one line; return None if the person goes back or leaves.

        The result is empty if nothing was typed. Text `typed` earlier can be edited if the screen
        has a field.
        """

    def say(self, text: str) -> None:
        """Show a notice."""
