"""Base class of the prompts: a page with keys that answer or leave it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, Layout, Window

from microcred_cli.frozen import Frozen
from microcred_cli.i18n import _, n_
from microcred_cli.terminal.first_page import load_pydantic_in_background
from microcred_cli.terminal.key_map import BINDINGS, Action
from microcred_cli.terminal.key_sequences import UNREADABLE, is_unreadable
from microcred_cli.terminal.page_layout import (
    MOST_COMPACT,
    Line,
    Room,
    Wants,
    fits,
    holds,
    lay_out,
)
from microcred_cli.terminal.questionary_inside import list_application
from microcred_cli.terminal.wrapping import cut
from microcred_cli.text import usual_width

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent

    from microcred_cli.terminal.page_wording import Page
    from microcred_cli.terminal.stage import Stage


class Chosen(Frozen):
    """The chosen codes: one from a list, any number from a list with ticks, none after reading."""

    codes: tuple[str, ...] = ()


class Typed(Frozen):
    """The typed text."""

    text: str


class Leave(Frozen):
    """The user left the prompt for another action."""

    action: Action


Outcome = Chosen | Typed | Leave


@dataclass
class Prompt:
    """A page, a message shown until the next key press, and the actions whose keys leave it.

    Esc closes a page that is shown `over` a question; elsewhere it does nothing.
    """

    stage: Stage
    page: Page
    leaves: tuple[Action, ...] = ()
    message: str = ""
    question_mark_helps: bool = True
    over: bool = False
    _window: Window = field(init=False, repr=False)
    _bindings: KeyBindings = field(init=False, repr=False)

    def __post_init__(self) -> None:
        control = FormattedTextControl(self._fragments, focusable=True)
        self._window = Window(control, wrap_lines=False)
        self._bindings = self._keys()

    def run(self) -> Outcome:
        """Show the page until it is answered or left; a pause key typed ahead leaves it."""
        app = self._application()
        app.layout = Layout(self._window)
        app.key_bindings = self._bindings
        if not self.stage.types_ahead and self.stage.drop_typeahead():
            return Leave(Action.PAUSE)
        return cast("Outcome", app.run(pre_run=_before(app), set_exception_handler=False))

    def fits(self, *, heading: bool = False) -> bool:
        """True if the introductory paragraphs (and the `heading`) fit on the screen."""
        size = self.stage.page_size
        return fits(self.page, self.stage.signs, size, self._wants, heading=heading)

    def holds(self) -> bool:
        """True if the question is not cut off."""
        return holds(self.page, self.stage.signs, self.stage.page_size, self._wants)

    def _application(self) -> Application[Any]:
        return list_application(self.stage)

    def _draw(self, room: Room) -> list[Line]:
        raise NotImplementedError

    @property
    def _wants(self) -> Wants:
        return Wants(self._whole, self._read_out, self._wanted)

    def _wanted(self, width: int, compact: int) -> int:
        """The minimum number of rows at this width and compactness."""
        raise NotImplementedError

    def _whole(self, width: int, compact: int) -> int:
        """The number of rows needed to show the prompt whole."""
        return self._wanted(width, compact)

    def _read_out(self, width: int, compact: int) -> int:
        """The number of rows needed to show everything that is read out."""
        return self._whole(width, compact)

    def _bind(self, bind: Callable[..., None]) -> None:
        raise NotImplementedError

    def _press(self, character: str, event: KeyPressEvent) -> None:
        """Handle a character key."""

    def _current(self) -> Page:
        """The page, with hints for the keys that currently work."""
        return self.page

    def _message(self) -> str:
        return f"! {self.message}" if self.message else ""

    def lines(self) -> list[Line]:
        """The lines of the page as currently drawn."""
        page, banner = self._current(), self._banner()
        room = self._room(page, self.stage.page_size)
        if banner and not self._is_whole(room):
            # The banner moves to the line of keys if the rest of the prompt then fits.
            alone = _with_banner(page, _(self.stage.banner))
            larger = self._room(alone, self.stage.size)
            room, banner = (larger, []) if self._is_whole(larger) else (room, banner)
        lines = self._draw(room)
        filling: list[Line] = [[] for _ in range(room.rows - len(lines))]
        return [*banner, *room.above, *lines, *filling, *room.below]

    def _room(self, page: Page, size: tuple[int, int]) -> Room:
        return lay_out(page, self._message(), self.stage.signs, size, self._wants)

    def _is_whole(self, room: Room) -> bool:
        return room.rows >= self._whole(room.width, MOST_COMPACT)

    def _banner(self) -> list[Line]:
        stage = self.stage
        said = cut(_(stage.banner), stage.size[0] - 1, stage.signs.cut) if stage.banner else ""
        return [[("class:mc.message", said)]] if said else []

    def _fragments(self) -> StyleAndTextTuples:
        pieces: StyleAndTextTuples = []
        for line in self.lines():
            pieces += [*line, ("", "\n")]
        return pieces[:-1]

    def _keys(self) -> KeyBindings:
        """All key bindings; other keys do nothing, so that the libraries' defaults never apply."""
        bindings = KeyBindings()

        def bind(handler: Callable[[KeyPressEvent], None], *keys: str | Keys) -> None:
            for key in keys:
                bindings.add(key, eager=True)(handler)

        bind(self._any, Keys.Any)
        for binding in BINDINGS:
            if binding.action in (*self.leaves, Action.PAUSE):
                bind(leaving(binding.action), *binding.keys)
        bind(leaving(Action.PAUSE), Keys.SIGINT)
        bind(self._escape, Keys.Escape)
        bind(lambda _: None, Keys.Ignore)
        if self.question_mark_helps and Action.HELP in self.leaves:
            bind(leaving(Action.HELP), "?")
        self._bind(bind)
        return bindings

    def _any(self, event: KeyPressEvent) -> None:
        key = event.key_sequence[0].key
        self.message = ""
        if isinstance(key, Keys):
            return
        usual = self._usual(key)
        if usual != key:
            event.key_processor.feed(KeyPress(usual), first=True)
        elif is_unreadable(key):
            self.message = _(UNREADABLE)
        else:
            self._press(key, event)

    def _escape(self, event: KeyPressEvent) -> None:
        self.message = ""
        if self.over:
            event.app.exit(result=Leave(Action.BACK))

    def _usual(self, character: str) -> str:
        """The character that a key counts as: full-width characters count as normal-width ones."""
        return usual_width(character)


def _with_banner(page: Page, banner: str) -> Page:
    """The page with the first word of a banner, up to its colon, in front of the keys."""
    said = banner.partition(":")[0].rstrip()
    answers = page.answers or page.hints[-1:]
    return replace(page, hints=(said, *page.hints), answers=(said, *answers))


def leaving(action: Action) -> Callable[[KeyPressEvent], None]:
    """A key handler that leaves the prompt for an action."""
    return lambda event: event.app.exit(result=Leave(action))


def _before(app: Application[Any]) -> Callable[[], None]:
    """Prepare the event loop of a page; the first page is drawn before the loop continues.

    An unhandled error, which the event loop would otherwise only log, ends the page.
    """

    def end(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not app.is_done:
            app.exit(exception=context.get("exception") or EOFError())

    def prepare() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(end)
        loop.call_soon(load_pydantic_in_background)

    return prepare


def more(count: int) -> str:
    """Text of the scroll indicator, such as "3 more"."""
    return n_("{count} more", "{count} more", count).format(count=count)
