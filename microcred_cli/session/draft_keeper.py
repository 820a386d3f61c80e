"""Saves the draft of a running interview after every answer, if necessary in another folder."""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.errors import Paused, StoreError
from microcred_cli.files.private_folder import own_folder
from microcred_cli.i18n import N_, _
from microcred_cli.records.receipts import show
from microcred_cli.store.drafts import Drafts
from microcred_cli.terminal.program_name import as_called
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.interview import Screen
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Draft


_LONGEST_PATH = 1000


class Kept(Enum):
    """The part of an interview that has been saved to disk."""

    NOTHING = "nothing"
    EARLIER = "earlier answers"
    ALL = "everything"


class Way(Enum):
    """A choice offered if saving fails; its value is the label shown."""

    GO_ON = N_("Continue, and try to save again with the next answer")
    AGAIN = N_("Try again")
    ELSEWHERE = N_("Save in another folder")
    LATER = N_("Stop here, and hand in the answers later")
    LOSE = N_("Stop here, and lose the unsaved answers")


class DraftKeeper:
    """A draft, the folder it is saved in, and the screen that reports save errors.

    Unsaved answers stay in memory, and the user is asked what to do. Closing `stack`
    releases the screen and the draft; until then, text may be printed only through the screen.
    """

    def __init__(
        self,
        drafts: Drafts,
        draft: Draft,
        loaded: Loaded,
        screen: Screen,
        stack: ExitStack,
        kept: Kept = Kept.NOTHING,
    ) -> None:
        self.drafts = drafts
        self.draft = draft
        self.loaded = loaded
        self.screen = screen
        self.stack = stack
        self.kept = kept
        self._since = time.monotonic()
        self._language = draft.language
        self._forgotten = False
        self._before: list[Drafts] = []

    def leave(self) -> None:
        """Release the screen and the draft."""
        self.stack.close()

    def elapsed(self) -> float:
        """Duration of the interview in seconds, without pauses."""
        return self.draft.elapsed_seconds + time.monotonic() - self._since

    def save(self, **changes: object) -> None:
        """Update the draft, including its elapsed time, and write it."""
        now = time.monotonic()
        passed = self.draft.elapsed_seconds + now - self._since
        self.draft = self.draft.model_copy(update={"elapsed_seconds": passed, **changes})
        self._since = now
        if self.kept is Kept.ALL:
            self.kept = Kept.EARLIER
        if self._forgotten:
            # The copy of the definition was deleted together with the draft.
            self.drafts.keep_definition(self.loaded.sha256, self.loaded.source)
        if self._forgotten or self.draft.language != self._language:
            keep_texts(self.drafts, self.loaded, self.draft.language)
            self._language = self.draft.language
        self.drafts.save(self.draft)
        self.kept, self._forgotten = Kept.ALL, False

    def try_again(self) -> StoreError | None:
        """Save the draft if it has unsaved changes; returns the error if saving fails."""
        if self.kept is not Kept.ALL:
            try:
                self.save()
            except StoreError as error:
                return error
        return None

    def until_kept(self) -> None:
        """Ask the user what to do until all answers are saved or abandoned."""
        leaving = False
        while (error := self.try_again()) is not None and self.screen.watched:
            unsaved = _("The last answers could not be saved on this machine.")
            problem = f"{unsaved} {reason(error)}"
            way = chosen_way(self.screen, problem, Way.AGAIN, Way.ELSEWHERE, Way.LOSE)
            if way is Way.LOSE or (way is None and leaving):
                return
            leaving = way is None
            if way is Way.ELSEWHERE:
                in_another_folder(self.screen, self.move_draft)

    def unsaved(self, error: StoreError) -> None:
        """Report that an answer is only in memory, and let the user choose what to do."""
        found: StoreError | None = error
        while found is not None:
            problem = _(
                "Not saved yet: {reason} Your answer stays in memory, and the program tries to "
                "save it again with the next answer."
            ).format(reason=reason(found))
            if not self.screen.watched:
                self.screen.say(problem)
                return
            way = chosen_way(self.screen, problem, Way.GO_ON, Way.AGAIN, Way.ELSEWHERE)
            if way is None:
                raise Paused(interrupted=True)
            if way is Way.GO_ON:
                return
            if way is Way.ELSEWHERE:
                in_another_folder(self.screen, self.move_draft)
            found = self.try_again()

    def move_draft(self, folder: Path) -> None:
        """Save the draft in another folder from now on."""
        if are_same(folder, self.drafts.folder):
            self.save()
            return
        own_folder(folder)
        drafts = Drafts(folder)
        drafts.prepare()
        with ExitStack() as stack:
            # The draft is already locked in any folder where it was saved before.
            if not any(are_same(folder, before.folder) for before in self._before):
                stack.enter_context(drafts.held(self.draft.code))
            drafts.keep_definition(self.loaded.sha256, self.loaded.source)
            keep_texts(drafts, self.loaded, self.draft.language)
            drafts.save(self.draft)
            self.stack.push(stack.pop_all())
        self._before.append(self.drafts)
        self.drafts, self.kept, self._language = drafts, Kept.ALL, self.draft.language
        with suppress(StoreError):
            self._before[-1].delete(self.draft.code)
        self.screen.say(_("Saved in this folder: {folder}").format(folder=safe(folder)))

    def forget_draft(self) -> None:
        """Delete a draft whose answers may not be kept; the next save creates a new draft."""
        self.delete_draft()
        self.kept, self._forgotten = Kept.NOTHING, True

    def delete_draft(self) -> str:
        """Delete the draft from every folder; returns a message if it cannot be deleted."""
        failed: StoreError | None = None
        for drafts in (*self._before, self.drafts):
            try:
                drafts.delete(self.draft.code)
            except StoreError as error:
                failed = failed or error
        if failed is None:
            return ""
        text = _(
            "The draft could not be deleted: {reason} "
            "Delete it with: microcred drafts delete   code: {code}"
        )
        return text.format(reason=failed.message, code=show(self.draft.code))


def are_same(one: Path, other: Path) -> bool:
    """True if two paths refer to the same folder."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def keep_texts(drafts: Drafts, loaded: Loaded, language: str) -> None:
    """Store the translation used in an interview next to the stored definition."""
    if language != loaded.questionnaire.language:
        drafts.keep_texts(loaded.sha256, language, loaded.languages.texts(language))


def chosen_way(screen: Screen, problem: str, *ways: Way) -> Way | None:
    """Ask the user to choose a `Way`; None if they leave."""
    chosen = screen.choose(
        problem, tuple((way.name, _(way.value)) for way in ways), unexpected=True
    )
    return None if chosen is None else Way[chosen]


def in_another_folder(screen: Screen, take: Callable[[Path], None]) -> bool:
    """Ask for a folder until `take` accepts one; False if the user gives up.

    If `take` raises `StoreError`, its message is shown before the next attempt.
    """
    problem = typed = ""
    while True:
        line = screen.type_in(
            _("Which folder? Type its full path, or press Enter to go back."),
            _("Folder:"),
            problem,
            typed=typed,
            most=_LONGEST_PATH,
        )
        if not line:
            return False
        typed = line
        try:
            take(_path(typed))
        except StoreError as error:
            problem = reason(error)
        else:
            return True


def reason(error: StoreError) -> str:
    """The message and the hint of an error, safe to print."""
    return as_called(f"{safe(error.message)} {safe(error.hint)}")


def _path(typed: str) -> Path:
    path = Path(typed)
    with suppress(RuntimeError):
        path = path.expanduser()
    if not path.is_absolute():
        raise StoreError(
            _("This is not a full path."), hint=_("Start the path at the root folder, or with ~.")
        )
    return path
