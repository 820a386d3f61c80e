"""The plain-line surface: prints questions, review, lists, menu and help, and reads lines."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from microcred_cli.errors import Paused
from microcred_cli.i18n import N_, _, labelled, read_aloud
from microcred_cli.records.shapes import Unfinished
from microcred_cli.terminal import interviewer_script, unfinished_line
from microcred_cli.terminal.actions import actions_at
from microcred_cli.terminal.first_page import load_pydantic_in_background
from microcred_cli.terminal.key_map import BINDINGS, BY_COMMAND, Action, label_of
from microcred_cli.terminal.key_sequences import UNREADABLE, is_unreadable, typed_text
from microcred_cli.terminal.line_answers import how_to_answer, key_of_number, row_labelled, shortcut
from microcred_cli.terminal.list_rows import Row, lettered, numbered
from microcred_cli.terminal.page_wording import can_be_empty, ordinal, review_lines
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microcred_cli.interview import ContactPage, Interview, Step
    from microcred_cli.terminal.actions import Place
    from microcred_cli.terminal.mode import Surroundings
    from microcred_cli.terminal.page_wording import Blocks, View

SKIP = "skip"
HOW_TO_SUBMIT = N_("Type submit to hand in your answers, or the number of an answer to change it.")

COMMANDS = N_(
    "A command consists of a colon and a whole word, such as :back; a number or letter without "
    "a colon is "
    "an answer."
)
CUT_SHORT = N_("The line was too long for this terminal, and its end is lost. Type a shorter one.")
LONGEST_LINE = 4096
"""The line length in bytes beyond which a terminal in canonical mode drops input, including the
line end."""

_LONGEST_PART = 100_000
_GONE = (OSError, ValueError)
"""The exceptions raised by a stream that is broken or closed."""

ONLY_PAUSE = N_("Only Enter and :pause work here. Type other commands when a question is asked.")


class LinePages:
    """The plain-line surface: text is wrapped to the terminal width and never redrawn.

    `view_of` returns the view of a step; `reads` is the prefix of text to be read aloud. `watched`
    is True if a user types the input, `on_screen` if output goes to a terminal. End of input,
    Ctrl-C and a broken stream all raise `Paused`; nothing more is written to a broken stream.
    `line_begun` is the line that was being typed at Ctrl-C.
    """

    outlines = False
    has_lists_before = False
    one_key: bool | None = None

    def __init__(
        self,
        surroundings: Surroundings,
        languages: tuple[str, ...],
        view_of: Callable[[Interview, Step], View],
        reads: str = "",
    ) -> None:
        self._in, self._out = surroundings.stdin, surroundings.stdout
        self._width = surroundings.width
        self.watched = surroundings.is_terminal
        self.on_screen = self._width is not None
        self._height = surroundings.height
        self._left: int | None = None
        self._above = 0
        self._gone = False
        self.line_begun = ""
        self.unfinished = Unfinished().copy()
        self.languages = languages
        self.background: Blocks = ()
        self.banner = ""
        self._view_of, self._reads = view_of, reads
        self._section = ""

    def write(self, text: str, hanging: int = 0) -> None:
        """Write wrapped text; `hanging` indents all lines but the first."""
        if self._width is not None:
            text = self._wrapped(text, hanging)
        for line in text.split("\n") if self._left is not None else (text,):
            self._turn_page()
            self._send(f"{line}\n")

    def _wrapped(self, text: str, hanging: int = 0) -> str:
        import textwrap

        width, indent = max(20, (self._width or 0) - 1), " " * hanging
        return textwrap.fill(text, width, subsequent_indent=indent, break_on_hyphens=False)

    def _turn_page(self) -> None:
        """While a long text is written, wait for Enter when the screen is full."""
        if self._left is None or self._height is None:
            return
        if self._left <= 0:
            self._left = None
            while (word := self.word(_("Enter to read on: "))).startswith(":"):
                if BY_COMMAND.get(word.lstrip(":")) is Action.PAUSE:
                    raise Paused(interrupted=False)
                self.write(_(ONLY_PAUSE))
            self._left = max(1, self._height - 2)
        self._left -= 1

    def leave_room_for(self, text: str) -> None:
        """Count text that is written above the next long text, so that both fit on the screen."""
        if self._width is not None:
            self._above += self._wrapped(text).count("\n") + 1

    def write_banner(self) -> None:
        """Write the message that belongs on every page, if there is one."""
        if self.banner:
            self.say(_(self.banner))

    def say(self, text: str) -> None:
        """Write text after a blank line."""
        self.write("")
        self.write(text)

    @property
    def unfinished_text(self) -> str:
        """The text that was being typed at Ctrl-C, unless it is a command."""
        line = self.line_begun.removeprefix(":")
        return "" if line != self.line_begun and not line.startswith(":") else line

    def write_item(self, sign: object, text: str) -> None:
        """Write a list item with a hanging indent after its number or letter."""
        mark = f"{sign}. "
        self.write(f"{mark}{text}", hanging=len(mark))

    def read_line(self, prompt: str) -> str:
        """Show a prompt and read a line; report characters that could not be read."""
        while True:
            given = self._given_line(prompt)
            line = typed_text(given.rstrip("\r\n"))
            if len(given.encode("utf-8", "surrogateescape")) == LONGEST_LINE and self.watched:
                self.refuse(_(CUT_SHORT))
            elif given.strip() and not line.strip():
                # A line that contains only arrow keys must not count as empty, because an empty
                # line can be an answer.
                self.refuse(f"{_('Nothing was typed.')} {_('Type an answer, or :menu.')}")
            else:
                break
        if is_unreadable(line):
            self.write(_(UNREADABLE))
        return line

    def _given_line(self, prompt: str) -> str:
        """Write the prompt, wrapped if long, and read a raw line from the terminal or pipe."""
        if self._width is not None and len(prompt) >= self._width:
            prompt = f"{self._wrapped(prompt.rstrip())} "
        self.line_begun = ""
        try:
            # Keep the line from before the prompt is shown, because users type as soon as they see
            # the prompt.
            with unfinished_line.kept(self._in) as rest:
                try:
                    self._send(prompt)
                    line = self._line()
                except KeyboardInterrupt:
                    self.line_begun, line = clean(typed_text(rest())), ""
        except UnicodeDecodeError:
            # A lone surrogate, as the error handler surrogateescape produces for an invalid byte.
            line = "\udcff\n"
        except KeyboardInterrupt:
            line = ""
        except _GONE:
            self._gone = True
            raise Paused(interrupted=True) from None
        if not line:
            with suppress(Paused):
                self._send("\n")
            raise Paused(interrupted=True)
        if not self.watched:
            self._send("\n")
        return line

    def _line(self) -> str:
        load_pydantic_in_background()
        line = rest = self._in.readline(_LONGEST_PART)
        while len(rest) >= _LONGEST_PART and not rest.endswith("\n"):
            # Skip the rest of an overlong line.
            rest = self._in.readline(_LONGEST_PART)
        return line

    def _send(self, text: str) -> None:
        if not self._gone:
            try:
                self._out.write(read_aloud(text))
                self._out.flush()
            except _GONE:
                self._gone = True
        if self._gone:
            raise Paused(interrupted=True)

    def read_out(self, text: str) -> None:
        """Write text to be read aloud, with its prefix."""
        reads = _(self._reads) if self._reads else ""
        self.say(f"{reads}{text}")

    def refuse(self, message: str) -> None:
        """Report an invalid line; raises `Paused` if no user is typing."""
        self.write(message)
        if not self.watched:
            raise Paused(interrupted=True)

    def word(self, prompt: str) -> str:
        """Read a word, in lower case and without a final full stop."""
        return self.read_line(prompt).strip().casefold().rstrip(".")

    def show_question(self, view: View, step: Step) -> None:
        """Write a question with its options, after the section heading if the section is new."""
        self.write_banner()
        self.write("")
        if view.section != self._section:
            self.write(_("Section: {section}").format(section=view.section))
        self._section = view.section
        self.write(view.place)
        definition = "" if view.has_earlier else view.definition
        for text in filter(None, (*view.before, definition)):
            self.read_out(text)
        say_stem = self.say if view.stem_was_read else self.read_out
        say_stem(view.stem)
        self._write_part(view)
        if view.instruction:
            do = _("Do: ") if view.aloud else ""
            self.write(f"{do}{view.instruction}")
        if view.note and not (view.stem_was_read and view.part):
            self.write(_("Note: {note}").format(note=view.note))
        self._write_options(view, step)
        if view.has_earlier:
            told = _("Your answer so far: {earlier}. Press Enter to keep it.")
            if can_be_empty(step):
                told = _(
                    "Your answer so far: {earlier}. Press Enter to keep it, or type :skip to leave "
                    "it empty."
                )
            labels = [entry.label for entry in view.entries if entry.code in view.earlier_codes]
            self.write(told.format(earlier=", ".join(labels) or view.earlier_text))

    def _write_part(self, view: View) -> None:
        """Write the matrix row or rank that is being asked about; a row is read aloud."""
        if view.aloud and view.part:
            self.write(view.part_place)
            self.read_out(view.part)
        elif view.part_place:
            self.write(labelled(view.part_place, view.part) if view.part else view.part_place)

    def _write_options(self, view: View, step: Step) -> None:
        unread = _first_unread(view, step)
        again = view.stem_was_read
        if view.aloud and interviewer_script.are_options_read(
            step, searches=view.searches, again=again
        ):
            self.write(_(interviewer_script.READ_OUT))
        signed = step.asks in ("number", "text") or view.coded
        for number, option in enumerate(view.entries, 1):
            if signed and not option.sign:
                continue
            if option is unread:
                self.write(_(interviewer_script.NOT_READ_OUT))
            if signed:
                self.write_item(option.sign, option.label)
            else:
                key = shortcut(view, option)
                more = _(" (or {key})").format(key=key) if key else ""
                if option.code in view.ranked:
                    more = f" ({ordinal(view.ranked.index(option.code) + 1)})"
                self.write_item(number, f"{option.label}{more}")

    def show_review(self, interview: Interview) -> None:
        """Write all answers, numbered as in the interview."""
        self.write_banner()
        self.say(_("All questions are answered. Your answers:"))
        for section, part in review_lines(interview):
            self.say(section)
            for line in part:
                if line.row and line.begins:
                    self.write(line.asked)
                kept = _(" (stored as: {label})").format(label=line.kept) if line.kept else ""
                self.write_item(line.number, f"{line.row or line.asked} — {line.said}{kept}")
        self.say(" ".join((_("Nothing has been handed in yet."), _(HOW_TO_SUBMIT))))

    def show(self, here: Place) -> None:
        """Write the question, or the review, again."""
        if here.step is None:
            self.show_review(here.interview)
        else:
            self.show_question(self._view_of(here.interview, here.step), here.step)

    def show_list(self, question: str, rows: Sequence[Row]) -> None:
        """Write a question and numbered rows."""
        self.say(question)
        for row in rows:
            text = row.label.replace("\n", " — ")
            self.write(text) if row.heading else self.write_item(row.sign, text)

    def pick(
        self,
        question: str,
        rows: Sequence[Row],
        here: Place | None = None,
        *,
        before: tuple[str, ...] = (),
        pointed: str | None = None,  # noqa: ARG002 - no row is highlighted
        on_enter: str | None = None,
        back: bool | str = False,
    ) -> str | None:
        """Let the user choose a row by its number; return its code.

        Enter alone chooses the row `on_enter`, and the prompt says so.

        In a list opened from a question, `:back` returns None. In a list from which the user can go
        `back` to another one, `:back` and `:pause` both raise `Paused`; if `back` is a code,
        `:back` returns it.
        """
        for text in before:
            self.say(text)
        listed = numbered(rows)
        self.show_list(question, listed)
        first = next((row for row in listed if row.code == on_enter), None)
        told, asked = how_to_pick(rows, first)
        goes_back = bool(back) or here is not None
        leave = _("To go back, type :back.") if goes_back else _("To pause instead, type :pause.")
        if here is not None:
            self.write(leave)
        while True:
            word = self.word(asked)
            if not word and first is not None:
                return first.code
            code = key_of_number(word, listed) or self._named(word, listed)
            if code is not None:
                return code
            name = word.lstrip(":") if word.startswith(":") else ""
            command = BY_COMMAND.get(name)
            if command is Action.BACK and (here is not None or isinstance(back, str)):
                return back if isinstance(back, str) else None
            if command is Action.PAUSE or (back and command is Action.BACK):
                raise Paused(interrupted=False)
            if command is Action.HELP:
                self.write(f"{told} {leave}")
            else:
                self.refuse(_not_chosen(name, told, leave))

    def offer(self, given: ContactPage) -> str | None:
        """Show a page to an interviewer; return the chosen code."""
        self.write_banner()
        if given.title:
            self.say(safe(given.title))
        for line in filter(None, (given.place, *given.known)):
            self.write(safe(line))
        if given.aloud:
            self.read_out(safe(given.aloud))
        rows = [Row(code, safe(label)) for code, label in given.options]
        further = lettered([Row(code, safe(label)) for code, label in given.further])
        return self.pick(
            safe(given.question),
            (*rows, *further),
            on_enter=given.pointed,
            back=given.back or False,
        )

    def _named(self, word: str, rows: Sequence[Row]) -> str | None:
        """The code of the row with this label or, in a list of languages, with this code."""
        row = row_labelled(word, rows)
        languages = [each.code for each in rows if each.code in self.languages]
        return row.code if row is not None else word if word in languages else None

    def read(
        self,
        title: str,  # noqa: ARG002
        blocks: Blocks,
        here: Place | None = None,  # noqa: ARG002
        *,
        room: int = 0,
    ) -> None:
        """Write paragraphs without the title; on a terminal, one screen at a time.

        If fewer than `room` lines are left for the next text, that text begins on a new screen.
        """
        self.write_banner()
        self._left = None if self._height is None else max(1, self._height - 2 - self._above)
        self._above = 0
        try:
            for kind, text in blocks:
                self._write_block(kind, text)
            if self._left is not None and self._left < room:
                self._left = 0
                self._turn_page()
        finally:
            self._left = None

    def _write_block(self, kind: str, text: str) -> None:
        if kind == "list":
            # No blank lines between the items of a list.
            self.write(f"- {text}", hanging=2)
        elif kind == "aloud":
            self.read_out(text)
        else:
            first, *others = text.split("\n")
            self.say(first)
            for line in others:
                self.write(line)

    def take_leave(self, words: str, rows: Sequence[Row]) -> str | None:
        """Write words to be read aloud; without a user, nothing is asked."""
        self.read_out(words)
        if not self.watched:
            return rows[0].code
        try:
            return self.pick(_("Has the text been read out?"), rows, back=True)
        except Paused:
            return None

    def menu(self, here: Place, actions: Sequence[Action]) -> None:
        """List the available commands."""
        self.say(_("What you can do here:"))
        for binding in BINDINGS:
            if binding.action in (*actions, Action.AGAIN):
                self.write(f":{binding.commands[0]} — {label_of(binding.action, here.interview)}")
        if here.step is not None and here.step.asks == "text":
            if can_be_empty(here.step):
                self.write(" — ".join((f":{SKIP}", _("Leave it empty"))))
            self.write(_("To begin an answer with a colon, type two colons."))
        self.write(_(COMMANDS))

    def help(self, here: Place, texts: Sequence[str]) -> None:
        """Write these texts, instructions for answering, and the commands."""
        for text in texts:
            self.say(text)
        if here.step is None:
            self.say(_(HOW_TO_SUBMIT))
        else:
            how = how_to_answer(self._view_of(here.interview, here.step), here.step)
            self.say(_("How to answer: {how}").format(how=how))
        self.menu(here, actions_at(self, here))

    def type_remark(self, here: Place, earlier: str) -> str:
        """The remark typed after the command, or else on the next line.

        A remark that was begun before a pause counts as the earlier remark.
        """
        assert here.step is not None
        item, line = here.step.item.id, here.words.strip()
        try:
            remark = self._remark(line, self.unfinished.remarks.get(item, earlier))
        except Paused as left:
            raise Paused(left.interrupted, unsent_remark=self.unfinished_text) from None
        self.unfinished.remarks.pop(item, None)
        return remark

    def _remark(self, line: str, earlier: str) -> str:
        if earlier and not line:
            self.write(_("Your remark so far: “{earlier}”").format(earlier=safe(earlier)))
            typed = self.read_line(_("Remark (Enter keeps it, - deletes it): "))
            line = typed.strip() or earlier
        elif not line:
            line = self.read_line(_("Remark (Enter for none): ")).strip()
        return "" if line == "-" else line


def how_to_pick(rows: Sequence[Row], first: Row | None = None) -> tuple[str, str]:
    """What to type in a list, and the prompt; Enter chooses the row `first`, if there is one."""
    if any(row.sign.isalpha() for row in rows):
        return _("Type a number or letter from the list."), _("Number or letter: ")
    if any(row.sign for row in rows):
        return _("Type a number from the list."), _("Number: ")
    count = sum(not row.heading for row in rows)
    asked = _("Number 1 to {count}: ").format(count=count)
    if first is not None:
        asked = _("Number 1 to {count} (Enter for {sign}): ").format(count=count, sign=first.sign)
    return _("Type a number from 1 to {count}.").format(count=count), asked


def _not_chosen(name: str, told: str, leave: str) -> str:
    """The error message for a line that chooses no row; `name` is the name of a typed command."""
    if not name:
        return told
    not_here = _("The command “:{name}” is not available here.").format(name=safe(name)[:20])
    return f"{not_here} {told} {leave}"


def _first_unread(view: View, step: Step) -> Row | None:
    """The first option that is not read aloud, if the options before it are."""
    if not view.aloud or view.searches or not getattr(step.item, "read_out", True):
        return None
    closing = interviewer_script.is_read_one_by_one(step)
    return next((e for e in view.entries if e.apart or (closing and e.exclusive)), None)
