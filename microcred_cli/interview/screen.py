"""The interface for sessions: an asker that can also show pages before and after the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from microcred_cli.frozen import Frozen
from microcred_cli.interview.loop import Asker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microcred_cli.interview.loop import Reply
    from microcred_cli.records.shapes import Unfinished


class ContactPage(Frozen):
    """A page shown to an interviewer before or after an interview.

    `title` and `place` identify the case. `known` contains lines about the case; if not all of
    these lines fit on the screen, the first ones are omitted. `aloud` is the text to read out.
    `options` and `further` are pairs of code and label; the labels of `further` are shown in one
    paragraph, each with a letter as its key. The option `pointed` is highlighted at first. If
    `back` is set, going back chooses this code. If the page is `unexpected`, keys pressed before it
    is visible are ignored unless the first of them is Enter or the key of the first option.
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
    unexpected: bool = False


class Screen(Asker, Protocol):
    """A kind of screen: prompts or plain lines, for respondents or for interviewers.

    A screen is a context manager that controls the terminal during the interview. If the user
    leaves, methods that return a `Reply` return a `Pause`.
    """

    note: Callable[[], None]
    """Called whenever a mark changes in `unfinished`, before the question is answered."""
    one_key: bool
    """True if a single key, without Enter, answers a list question. Screens without lists ignore
    this setting."""
    prefer: Callable[[bool], None]
    """Called with the new value when the user changes `one_key`."""
    unfinished: Unfinished
    """Unsubmitted input on any page; the screen updates it when the user leaves a page."""
    elapsed: Callable[[], float]
    """Returns the duration of the interview in seconds, without pauses."""

    banner: str
    """A message in English that is shown on every page; if empty, no message is shown.

    On a page without room for a further line, only the words before its colon are shown."""
    watched: bool
    """True if a user at the terminal can be asked what to do."""
    interrupted: bool
    """True if the last list or line was interrupted by Ctrl-C or by the end of input or output."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def warn(self, notes: Sequence[str]) -> None:
        """Show notes for staff; called before the screen takes control of the terminal.

        Prompts show the notes on the first page until the first key press, so that the notes do not
        remain in the shell. Plain mode writes them above the first page.
        """

    def speak(self, language: str) -> None:
        """Switch to this language."""

    def read_background(self, *, back: bool = False) -> Reply | None:
        """Show the introduction and instructions; return a `Pause` if the user leaves.

        If the user chooses another language, return a `Speak`. With `back`, the user can also go
        back to the previous list, which returns a `Back`. Plain mode does not wait for a key here;
        instead, `ask` raises `WentBack` if the user goes back from the first question.
        """

    def recall(self, key: str, remark: str) -> None:
        """Restore a remark that was being typed at a step before a pause."""

    def receipt(self, code: str, text: str) -> str | None:
        """Show the receipt; return "noted", "not wanted" or, if the user leaves, None."""

    def choose(
        self,
        question: str,
        options: Sequence[tuple[str, str]],
        *,
        unexpected: bool = False,
        pointed: str | None = None,
        back: bool = False,
    ) -> str | None:
        """Offer options; return the chosen code, or None if the user leaves.

        The option `pointed` is highlighted at first. If the question is `unexpected`, keys pressed
        before it appeared are ignored. With `back`, None means that the user goes back to the
        previous page.
        """

    def offer(self, page: ContactPage) -> str | None:
        """Show a page to an interviewer; return the chosen code, or None if the user leaves."""

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

        The result is empty if nothing was typed. On screens with a text field, the field initially
        contains `typed`.
        """

    def say(self, text: str) -> None:
        """Show a notice."""
