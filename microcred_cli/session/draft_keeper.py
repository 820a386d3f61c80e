"""The draft of an interview under way: saved after every answer, in another folder if need be."""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.errors import Paused, StoreError
from microcred_cli.files.private_folder import own_folder
from microcred_cli.i18n import N_, _
from microcred_cli.records.receipts import show
from microcred_cli.store.drafts import Drafts
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.interview import Screen
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Draft


_LONGEST_PATH = 1000


class Kept(Enum):
    """The part of an interview that is on the disk."""

    NOTHING = "nothing"
    EARLIER = "earlier answers"
    ALL = "everything"


class Way(Enum):
    """A choice after save trouble; its value is the text that the person reads."""

    GO_ON = N_("Go on; saving is tried again with the next answer")
    AGAIN = N_("Try again")
    ELSEWHERE = N_("Save in another folder")
    LATER = N_("Stop here, and hand them in later")
    LOSE = N_("Stop here, and lose what is not saved")


@dataclass
class DraftKeeper:
    """A draft, the folder that it is kept in, and the screen that reports trouble with saving.

    Unsaved answers stay in memory, and the person chooses what to do about them. `stack` releases
    screen and draft, before anything is printed outside the screen.
    """

    drafts: Drafts
    draft: Draft
    loaded: Loaded
    screen: Screen
    stack: ExitStack
    kept: Kept = Kept.NOTHING
    _since: float = field(default_factory=time.monotonic)
    _language: str = ""
    _forgotten: bool = False
    _before: list[Drafts] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._language = self.draft.language

    def leave(self) -> None:
        """Release screen and draft."""
        self.stack.close()

    def elapsed(self) -> float:
        """Seconds that the interview has taken, without pauses."""
        return self.draft.elapsed_seconds + time.monotonic() - self._since

    def save(self, **changes: object) -> None:
        """Change the draft, add the elapsed time, and write it."""
        now = time.monotonic()
        passed = self.draft.elapsed_seconds + now - self._since
        self.draft = self.draft.model_copy(update={"elapsed_seconds": passed, **changes})
        self._since = now
        if self.kept is Kept.ALL:
            self.kept = Kept.EARLIER
        if self._forgotten:
            # With the draft went the copy of its definition.
            self.drafts.keep_definition(self.loaded.sha256, self.loaded.source)
        if self._forgotten or self.draft.language != self._language:
            keep_texts(self.drafts, self.loaded, self.draft.language)
            self._language = self.draft.language
        self.drafts.save(self.draft)
        self.kept, self._forgotten = Kept.ALL, False

    def try_again(self) -> StoreError | None:
        """Save the draft if it is not saved; returns the error if that fails again."""
        if self.kept is not Kept.ALL:
            try:
                self.save()
            except StoreError as error:
                return error
        return None

    def until_kept(self) -> None:
        """Ask until no answers are in memory only, or the person gives them up."""
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
        """Say that an answer is only in memory, and do what the person chooses."""
        found: StoreError | None = error
        while found is not None:
            problem = _(
                "Not saved yet: {reason} Your answer stays in memory, and saving is tried again "
                "with the next one."
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
        """Keep the draft in another folder from now on."""
        if are_same(folder, self.drafts.folder):
            self.save()
            return
        own_folder(folder)
        drafts = Drafts(folder)
        drafts.prepare()
        with ExitStack() as stack:
            # A folder where it was kept before is locked already.
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
        """Delete the draft of answers that may not be kept; saving again begins a new one."""
        self.delete_draft()
        self.kept, self._forgotten = Kept.NOTHING, True

    def delete_draft(self) -> str:
        """Delete the draft from every folder; returns a message if that failed."""
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
    """Whether two paths lead to the same folder, however they are written."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def keep_texts(drafts: Drafts, loaded: Loaded, language: str) -> None:
    """Keep the texts of an interview's language next to its definition."""
    if language != loaded.questionnaire.language:
        drafts.keep_texts(loaded.sha256, language, loaded.languages.texts(language))


def chosen_way(screen: Screen, problem: str, *ways: Way) -> Way | None:
    """The `Way` that a person chooses; None if they leave."""
    chosen = screen.choose(
        problem, tuple((way.name, _(way.value)) for way in ways), unexpected=True
    )
    return None if chosen is None else Way[chosen]


def in_another_folder(screen: Screen, take: Callable[[Path], None]) -> bool:
    """True if a person named a folder that `take` accepted; they may try several.

    If `take` raises StoreError, the person is shown why.
    """
    problem = ""
    while True:
        typed = screen.type_in(
            _("Which folder? Type its whole path, or nothing to go back."),
            _("Folder:"),
            problem,
            most=_LONGEST_PATH,
        )
        if not typed:
            return False
        try:
            take(_path(typed))
        except StoreError as error:
            problem = reason(error)
        else:
            return True


def reason(error: StoreError) -> str:
    """The message and the hint of an error, safe to show."""
    return f"{safe(error.message)} {safe(error.hint)}"


def _path(typed: str) -> Path:
    path = Path(typed)
    with suppress(RuntimeError):
        path = path.expanduser()
    if not path.is_absolute():
        raise StoreError(
            _("This is not a whole path."), hint=_("Begin it at the root of the disk, or with ~.")
        )
    return path
