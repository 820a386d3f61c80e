"""The interface for sessions: an asker that can also show pages before and after the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from microcred_cli.frozen import Frozen
from microcred_cli.interview.loop import Asker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from microcred_cli.interview.loop import Reply


class ContactPage(Frozen):
    """A page for an interviewer before or after an interview.

    `title` and `place` identify the case; `known` are lines about it, of which the first are left
    out if they do not fit on the screen, and `aloud` the words to read out. `options` are pairs of
    code and label, and so are `further`, whose keys are letters and whose labels are shown in one
    paragraph. Initially, Enter chooses the option `pointed`; going back chooses the code `back`, if
    there is one.
    """

    title: str
    question: str
    options: Sequence[tuple[str, str]]
    place: str = ""
    known: Sequence[str] = ()
    aloud: str = ""
    further: Sequence[tuple[str, str]] = ()
    pointed: str | None = None
    back: str | None = None


class Screen(Asker, Protocol):
    """A kind of screen: with prompts or in plain lines, for respondents or interviewers.

    As a context manager, a screen controls the terminal during the interview. If the user leaves,
    methods that return a `Reply` return a `Pause`.
    """

    note: Callable[[Mapping[str, bool]], None]
    """Called with the options marked at the current question, before it is answered."""
    one_key: bool
    """True if a single key answers a list question, without Enter; screens without lists ignore
    this."""
    prefer: Callable[[bool], None]
    """Called with the new value when the user changes `one_key`."""
    elapsed: Callable[[], float]
    """Returns the duration of the interview in seconds, without pauses."""

    banner: str
    """A message shown on every page, in English; empty for none."""
    watched: bool
    """True if a user at the terminal can be asked what to do."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def warn(self, notes: Sequence[str]) -> None:
        """Show notes for staff, before the screen is entered.

        Prompts show them to a respondent until the first key press, so that they do not remain in
        the respondent's shell; an interviewer's shell keeps them.
        """

    def speak(self, language: str) -> None:
        """Switch to this language."""

    def read_background(self, *, back: bool = False) -> Reply | None:
        """Show the background and instructions; return a `Pause` if the user leaves.

        If another language is chosen, return a `Speak`. If there are lists to go `back` to, the
        user can return a `Back`. Plain mode does not wait for a key here: `ask` raises `WentBack`
        if the user goes back from the first question.
        """

    def recall(self, key: str, text: str, marks: Mapping[str, bool], remark: str) -> None:
        """Restore text, marks or a remark entered at a step but not submitted before a pause."""

    def receipt(self, code: str, text: str) -> str | None:
        """Show the receipt; return "noted" or "not wanted", or None if the user leaves."""

    def choose(
        self,
        question: str,
        options: Sequence[tuple[str, str]],
        *,
        unexpected: bool = False,
        pointed: str | None = None,
        back: bool = False,
    ) -> str | None:
        """Offer options; return the code chosen, or None if the user leaves.

        Initially, Enter chooses the option `pointed`. For an `unexpected` question, keys pressed
        before it appears are ignored. With `back`, leaving returns to the previous page.
        """

    def offer(self, page: ContactPage) -> str | None:
        """Show a page to an interviewer; return the code chosen, or None if they leave."""

    def type_in(
        self,
        question: str,
        instruction: str,
        problem: str = "",
        *,
        typed: str = "",
        most: int = 60,
    ) -> str | None:
        """Read one line; return None if the user goes back or leaves.

        The result is empty if nothing was typed. Text `typed` earlier can be edited on screens with
        a text field.
        """

    def say(self, text: str) -> None:
        """Show a notice."""
