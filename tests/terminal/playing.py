"""A terminal inside the test process: keys through a pipe, the screen through pyte."""

from __future__ import annotations

import functools
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pyte
from prompt_toolkit.application import application, create_app_session
from prompt_toolkit.application.current import get_app_or_none
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from microcred_cli.interview import Interview
from microcred_cli.questionnaire.models import Questionnaire
from tests.harness import shown_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prompt_toolkit.input import PipeInput

T = TypeVar("T")

ENTER, SHIFT_TAB, F1, MENU, CTRL_C, CTRL_D = "\r", "\x1b[Z", "\x1bOP", "\x0f", "\x03", "\x04"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, PAGE_UP, PAGE_DOWN = "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~"
TAB, BACKSPACE, NOTHING, ESCAPE = "\t", "\x7f", "\x00", "\x1b"
SIZES = [(80, 24), (60, 20), (40, 20)]

# The program creates its applications once; each test creates them again. Their default key
# bindings are always the same, and creating them takes longer than all else on a page.
application.load_key_bindings = functools.cache(  # type: ignore[attr-defined]
    application.load_key_bindings  # type: ignore[attr-defined]
)


def paste(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


@dataclass
class Look:
    """The content of the screen, and the terminal's cursor."""

    lines: list[str]
    cursor: tuple[int, int]
    hidden: bool

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def words(self) -> str:
        """The text with line breaks replaced by spaces."""
        return " ".join(self.text.split())

    @property
    def cursor_line(self) -> str:
        return self.lines[self.cursor[1]].rstrip()


@dataclass
class Resize:
    """A change of the window size, used in place of a key."""

    columns: int
    rows: int


@dataclass
class Played(Generic[T]):
    """The result, and the screen before each of the keys and after the last one.

    `raised` is the type of an error raised instead of a result; EOFError if no keys were left.
    """

    looks: list[Look]
    raw: str
    given: T | None
    raised: type[BaseException] | None = None

    @property
    def result(self) -> T:
        assert self.raised is None, self.last.text
        assert self.given is not None
        return self.given

    @property
    def last(self) -> Look:
        return self.looks[-1]


class _Out(io.StringIO):
    """A stream that updates a screen, and presses the next keys when a page has been drawn."""

    def __init__(self, pipe: PipeInput, screen: pyte.Screen, keys: Sequence[str | Resize]) -> None:
        super().__init__()
        self.pipe, self.screen, self.keys = pipe, screen, list(keys)
        self.stream = pyte.Stream(screen)
        self.looks: list[Look] = []
        self.seen = (0, -1)
        self.ended = False

    def write(self, text: str) -> int:
        self.stream.feed(text)
        return super().write(text)

    def flush(self) -> None:
        app = get_app_or_none()
        if app is None or app.is_done or app.render_counter == 0:
            return
        now = (id(app), app.render_counter)
        if now == self.seen or self.ended:
            return
        self.seen = now
        cursor = self.screen.cursor
        self.looks.append(Look(shown_on(self.screen), (cursor.x, cursor.y), cursor.hidden))
        if self.keys:
            self.press(self.keys.pop(0))
        else:
            self.ended = True
            self.pipe.close()

    def press(self, key: str | Resize) -> None:
        if isinstance(key, Resize):
            self.screen.resize(key.rows, key.columns)
            app = get_app_or_none()
            assert app is not None
            assert app.loop is not None
            app.loop.call_soon(app._on_resize)
        else:
            self.pipe.send_bytes(key.encode(errors="surrogateescape"))


def play(
    lead: Callable[[], T],
    keys: Sequence[str | Resize],
    size: tuple[int, int] = (80, 24),
) -> Played[T]:
    """Run something on a terminal and press these keys, one after each page is drawn.

    After the last key, the terminal is closed.
    """
    with create_pipe_input() as pipe:
        screen = pyte.Screen(*size)
        out = _Out(pipe, screen, keys)
        output = Vt100_Output(
            out,
            lambda: Size(screen.lines, screen.columns),
            term="xterm",
            default_color_depth=ColorDepth.from_env(),
            enable_cpr=False,
        )
        with create_app_session(input=pipe, output=output):
            try:
                result = lead()
                return Played(out.looks, out.getvalue(), result)
            except EOFError:
                return Played(out.looks, out.getvalue(), None, EOFError)


# -- questionnaires -----------------------------------------------------------------------------


def questionnaire(*items: dict[str, Any], **more: Any) -> Questionnaire:
    made = {
        "format": "microcred-questionnaire/1",
        "id": "small",
        "version": "1.0.0",
        "language": "en",
        "title": "A small one",
        "short_title": "Small",
        "rights": "None",
        "background": {"written": [], "read_aloud": []},
        "closing": {"refused": "That is all right.", "screened_out": "It ends here."},
        "sections": [{"id": "s", "label": "The section", "items": list(items)}],
        **more,
    }
    return Questionnaire.model_validate_json(json.dumps(made))


def item(kind: str, text: str = "What is it?", **more: Any) -> dict[str, Any]:
    return {
        "id": "q1",
        "kind": kind,
        "concept": "something",
        "required": "soft",
        "seconds": 10,
        "text": text,
        **more,
    }


def options(*labels: str, **flags: dict[str, Any]) -> list[dict[str, Any]]:
    """Options with codes a, b, c, ... and these labels."""
    codes = "abcdefghijklmnopqrstuvwxyz"
    return [
        {"code": code, "label": label, **flags.get(code, {})}
        for code, label in zip(codes, labels, strict=False)
    ]


def begin(*items: dict[str, Any], **more: Any) -> Interview:
    return Interview.begin(questionnaire(*items, **more))
