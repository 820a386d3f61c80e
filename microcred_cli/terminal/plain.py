"""The asker in plain lines: nothing redrawn, no escape sequence, every line written once.

It serves screen readers, dumb terminals and pipes. A line that begins with a colon is a command.
The end of the input pauses; it never answers. Where nobody types (a pipe), the first line that is
no answer stops the interview, and no question is asked twice to make sure, so that one line cannot
shift all that follow.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from microcred_cli.answers import Reserved
from microcred_cli.errors import InvalidAnswer
from microcred_cli.interview import Back, Close, Given, GoTo, HandIn, Pause, Speak
from microcred_cli.questionnaire.models import Integer
from microcred_cli.screening import remove_identifiers
from microcred_cli.terminal.asking import confirm_question, identifier_notice, parse_number
from microcred_cli.terminal.keys import BINDINGS, BY_ACTION, BY_COMMAND, Action, possible
from microcred_cli.terminal.view import View, review_lines, step_words, view_of
from microcred_cli.text import clean, fold, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.background import Paragraph
    from microcred_cli.errors import StoreError
    from microcred_cli.interview import Interview, Reply, Step
    from microcred_cli.terminal.mode import Surroundings
    from microcred_cli.terminal.view import Entry

SKIP = "skip"
_LONGEST_LINE = 100_000


class PlainAsker:
    """Asks in numbered lines on the streams of its surroundings."""

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        background: Sequence[Paragraph] = (),
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        self._out = surroundings.stdout
        self._in = surroundings.stdin
        self._width = surroundings.width
        self._watched = surroundings.is_terminal
        self._background = background
        self._languages = languages
        self._section = ""

    def __enter__(self) -> PlainAsker:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    # -- what the loop calls ---------------------------------------------------------------------

    def ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        """Ask the current step until there is a reply."""
        view = view_of(interview, step)
        if problem is None:
            self._show(view, step)
        else:
            self._say_problem(problem)
            if not self._watched:
                return Pause(interrupted=True)
        while True:
            line = self._line(_prompt(view, step))
            if line is None:
                return Pause(interrupted=True)
            try:
                reply = self._reply(interview, step, view, line)
            except InvalidAnswer as invalid:
                self._say_problem(invalid)
                if not self._watched:
                    return Pause(interrupted=True)
                continue
            if reply is not None:
                self._echo(interview, step, reply)
                return reply

    def close(self, interview: Interview) -> Reply:
        """The review before submitting, or the goodbye after an answer that ended it."""
        if interview.status != "ready":
            return self._goodbye(interview)
        lines = self._show_review(interview)
        while True:
            line = self._line(f"Type submit, or a number from 1 to {len(lines)}: ")
            if line is None:
                return Pause(interrupted=True)
            word = line.strip().casefold()
            if word.lstrip(":") == "submit":
                return Close()
            if word.isdecimal() and 1 <= int(word) <= len(lines):
                return GoTo(lines[int(word) - 1])
            try:
                reply = self._command(interview, None, line) if line.startswith(":") else None
            except InvalidAnswer as invalid:
                self._say_problem(invalid)
                if not self._watched:
                    return Pause(interrupted=True)
                continue
            if reply is not None:
                return reply
            if not line.startswith(":"):
                self.say("Nothing was submitted. Type the word submit to hand in your answers.")
                if not self._watched:
                    return Pause(interrupted=True)

    def trouble(self, error: StoreError) -> None:
        """Say that an answer could not be saved."""
        self.say(
            f"Not saved yet: {error.message} {error.mend} "
            "Your answer stays in memory, and saving is tried again with the next one."
        )

    # -- what the program calls around the loop --------------------------------------------------

    def read_background(self) -> Reply | None:
        """Write the whole background, and how to answer; a reply if the person left."""
        for paragraph in self._background:
            self._paragraph(paragraph.kind, paragraph.text)
        self.say(
            "How to answer: type the number of an answer and press Enter. "
            "Type :menu for everything else you can do, such as :back, :help and :pause. "
            "Every answer is saved at once."
        )
        return None

    def receipt(self, code: str, text: str) -> None:
        """Show the receipt and wait until the person says that it is noted."""
        self.say(text)
        self.say(f"Your receipt: {code}")
        while True:
            line = self._line("Type noted when you have written it down: ")
            if line is None or line.strip().casefold().strip(":.") == "noted":
                break
        self.say(
            "Done. What you said still stands above on this screen: "
            "clear it with the command clear (cls on Windows), or close the window."
        )

    def choose(self, question: str, options: Sequence[tuple[str, str]]) -> str | None:
        """The code of the option that a person chooses; None if they leave."""
        self.say(question)
        for number, (_, label) in enumerate(options, 1):
            self._write(f"{number}. {safe(label)}", hanging=len(f"{number}. "))
        while True:
            line = self._line(f"Number 1 to {len(options)}: ")
            if line is None or line.strip() == ":pause":
                return None
            if line.strip().isdecimal() and 1 <= int(line) <= len(options):
                return options[int(line) - 1][0]
            self._write(f"Type a number from 1 to {len(options)}.")
            if not self._watched:
                return None

    def say(self, text: str) -> None:
        """Write a text with an empty line before it."""
        self._write("")
        self._write(text)

    # -- showing ---------------------------------------------------------------------------------

    def _show(self, view: View, step: Step) -> None:
        self._write("")
        if view.section != self._section:
            self._section = view.section
            self._write(f"Section: {view.section}")
        self._write(view.place)
        for paragraph in view.before:
            self.say(paragraph)
        self.say(view.stem)
        if view.part_place:
            self._write(f"{view.part_place}{': ' if view.part else ''}{view.part}")
        if view.instruction:
            self._write(view.instruction)
        for number, entry in enumerate(view.entries, 1):
            if step.asks == "number":
                self._write(f"{entry.key}. {entry.label}", hanging=3)
                continue
            mark = f"{number}. "
            letter = f" (or {entry.key})" if entry.key else ""
            self._write(f"{mark}{entry.label}{letter}", hanging=len(mark))
        earlier = _earlier(view)
        if earlier:
            self._write(f"Your answer so far: {earlier}. Press Enter to keep it.")

    def _show_review(self, interview: Interview) -> list[str]:
        self.say("All questions are answered. Your answers:")
        keys: list[str] = []
        for section, lines in review_lines(interview):
            self.say(section)
            for line in lines:
                keys.append(line.key)
                mark = f"{len(keys)}. "
                kept = f" (kept as: {line.kept})" if line.kept else ""
                self._write(f"{mark}{line.asked} — {line.said}{kept}", hanging=len(mark))
        self.say(
            "Nothing has been handed in yet. Type submit to hand in your answers, "
            "or the number of an answer to change it."
        )
        return keys

    def _goodbye(self, interview: Interview) -> Reply:
        closing = interview.questionnaire.closing.get(
            "refused" if interview.status == "refused" else "screened_out", "Thank you."
        )
        self.say(safe(closing))
        while True:
            line = self._line("Type leave to end, or back to change your last answer: ")
            if line is None:
                return Close() if not self._watched else Pause(interrupted=True)
            match line.strip().casefold().lstrip(":"):
                case "leave" | "end":
                    return Close()
                case "back" | "b":
                    return Back()
                case "pause" | "p":
                    return Pause()
                case _:
                    self._write("Type leave or back.")

    def _echo(self, interview: Interview, step: Step, reply: Reply) -> None:
        if isinstance(reply, Given):
            try:
                words = step_words(interview.answer(reply.value), step)
            except InvalidAnswer:
                return
            self._write(f"Answer: {words}")

    def _say_problem(self, problem: InvalidAnswer) -> None:
        self._write(f"{safe(problem.message)} {safe(problem.mend)}")

    def _paragraph(self, kind: str, text: str) -> None:
        if kind == "list":
            self._write(f"- {text}", hanging=2)
        else:
            self.say(text)

    def _write(self, text: str, hanging: int = 0) -> None:
        if self._width is not None:
            text = textwrap.fill(
                text,
                max(20, self._width - 1),
                subsequent_indent=" " * hanging,
                break_on_hyphens=False,
            )
        self._out.write(text + "\n")
        self._out.flush()

    # -- reading ---------------------------------------------------------------------------------

    def _line(self, prompt: str) -> str | None:
        """One typed line; None at the end of the input or when the terminal is gone."""
        try:
            self._out.write(prompt)
            self._out.flush()
            line = self._in.readline(_LONGEST_LINE)
        except (OSError, KeyboardInterrupt, UnicodeDecodeError, ValueError):
            self._out.write("\n")
            return None
        if not line:
            self._out.write("\n")
            return None
        if not self._watched:
            self._out.write("\n")
        return line.rstrip("\r\n")

    def _reply(self, interview: Interview, step: Step, view: View, line: str) -> Reply | None:
        stripped = line.strip()
        if stripped.startswith(":") and not stripped.startswith("::"):
            return self._command(interview, step, stripped)
        if not stripped:
            return self._empty(interview, step)
        if step.asks == "text":
            return self._text(step, stripped.removeprefix(":"))
        if step.asks == "number":
            return self._number(step, stripped)
        if step.asks == "some":
            return Given(_several(view, stripped))
        return self._one(view, stripped)

    def _empty(self, interview: Interview, step: Step) -> Reply:
        earlier = interview.given.get(step.key)
        if earlier is not None:
            if step.asks == "text":
                return Given(interview.texts.get(step.key, ""))
            return Given(earlier)
        if step.asks == "text" and (step.specifies or step.item.required == "optional"):
            raise InvalidAnswer("Nothing was typed.", mend=f"Type :{SKIP} to leave it empty.")
        raise InvalidAnswer("Nothing was typed.", mend="Type an answer, or :menu.")

    def _one(self, view: View, line: str) -> Reply | None:
        entry = _by_number_or_letter(view, line)
        if entry is not None:
            return Given(entry.code)
        found = _matches(view, line)
        if len(found) == 1:
            return Given(found[0][1].code)
        if not found:
            raise InvalidAnswer(f"“{safe(line)[:40]}” is not in the list.", mend=_numbers(view))
        for number, match in found:
            self._write(f"{number}. {match.label}", hanging=4)
        if not self._watched:
            raise InvalidAnswer("Several fit.", mend=_numbers(view))
        return None

    def _number(self, step: Step, line: str) -> Reply:
        value = parse_number(line, step.item)
        item = step.item
        if (
            self._watched
            and isinstance(value, int)
            and isinstance(item, Integer)
            and item.confirm_above is not None
            and value > item.confirm_above
        ):
            sure = self.choose(
                confirm_question(item, value), (("yes", "Yes, it is right"), ("no", "No"))
            )
            if sure is None:
                return Pause(interrupted=True)
            if sure == "no":
                raise InvalidAnswer("It was not taken.", mend="Type the number again.")
        return Given(value)

    def _text(self, step: Step, line: str) -> Reply:
        text = clean(line)
        if len(text) > step.max_length:
            raise InvalidAnswer(
                f"The text has {len(text)} characters.",
                mend=f"At most {step.max_length} are possible.",
            )
        notice = identifier_notice(text)
        if notice and self._watched:
            choice = self.choose(notice, (("change", "Change the text"), ("keep", "Go on so")))
            if choice is None:
                return Pause(interrupted=True)
            if choice == "change":
                raise InvalidAnswer("It was not taken.", mend="Type the text again.")
        elif notice:
            self.say(notice)
        return Given(remove_identifiers(text, step.max_length) if notice else text)

    # -- commands --------------------------------------------------------------------------------

    def _command(self, interview: Interview, step: Step | None, line: str) -> Reply | None:
        name, _, rest = line.lstrip(":").strip().partition(" ")
        if name == SKIP and step is not None and step.asks == "text":
            return Given("")
        action = BY_COMMAND.get(name.casefold())
        allowed = {*possible(interview, step, self._languages), Action.MENU, Action.AGAIN}
        if action is None or action not in allowed:
            raise InvalidAnswer(
                f"“:{safe(name)[:20]}” is not possible here.", mend="Type :menu for what is."
            )
        return self._act(action, interview, step, rest)

    def _act(
        self, action: Action, interview: Interview, step: Step | None, rest: str
    ) -> Reply | None:
        match action:
            case Action.BACK:
                return Back()
            case Action.PAUSE:
                return Pause()
            case Action.DONT_KNOW | Action.REFUSE:
                return Given(Reserved(action.value))
            case Action.GO_TO:
                return self._go_to(interview, rest)
            case Action.HAND_IN:
                return self._hand_in()
            case Action.LANGUAGE:
                chosen = self.choose("Language", [(code, code) for code in self._languages])
                return Speak(chosen) if chosen else Pause(interrupted=True)
            case Action.HELP:
                self.say(safe(step.item.help if step is not None else ""))
            case Action.DEFINITION:
                definition = interview.questionnaire.definition
                self.say(safe(definition.text if definition else ""))
            case Action.BACKGROUND:
                for paragraph in self._background:
                    self._paragraph(paragraph.kind, paragraph.text)
            case Action.MENU:
                self._menu(interview, step)
            case Action.AGAIN:
                self._again(interview, step)
        return None

    def _again(self, interview: Interview, step: Step | None) -> None:
        if step is None:
            self._show_review(interview)
        else:
            self._show(view_of(interview, step), step)

    def _menu(self, interview: Interview, step: Step | None) -> None:
        self.say("What you can do here:")
        allowed = {*possible(interview, step, self._languages), Action.AGAIN}
        for binding in BINDINGS:
            if binding.action in allowed:
                self._write(f":{binding.commands[0]} — {BY_ACTION[binding.action].label}")
        if step is not None and step.asks == "text":
            self._write(f":{SKIP} — Leave it empty")
            self._write("A text that begins with a colon is typed with two colons.")

    def _go_to(self, interview: Interview, rest: str) -> Reply | None:
        lines = [line for _, part in review_lines(interview) for line in part]
        if rest.strip().isdecimal() and 1 <= int(rest) <= len(lines):
            return GoTo(lines[int(rest) - 1].key)
        if rest.strip():
            raise InvalidAnswer(
                f"“{safe(rest.strip())[:20]}” is no number of an answer.",
                mend=f"Type :goto with a number from 1 to {len(lines)}, or alone to see them.",
            )
        options = [(line.key, f"{line.asked} — {line.said}") for line in lines]
        chosen = self.choose("Which question?", options)
        return GoTo(chosen) if chosen else Pause(interrupted=True)

    def _hand_in(self) -> Reply | None:
        chosen = self.choose(
            "Hand in what you said so far? The questions that are still open stay unanswered, and "
            "answers behind an open question are left out. You cannot come back to it.",
            (("yes", "Yes, hand it in"), ("no", "No, go on")),
        )
        return HandIn() if chosen == "yes" else None


def _prompt(view: View, step: Step) -> str:
    if step.asks == "text":
        return "Your words: "
    if step.asks == "number":
        return "Number: "
    if step.asks == "some":
        return f"Numbers 1 to {len(view.entries)}, with commas: "
    return f"Number 1 to {len(view.entries)}{' or part of a name' if view.searches else ''}: "


def _earlier(view: View) -> str:
    labels = [entry.label for entry in view.entries if entry.code in view.earlier_codes]
    return ", ".join(labels) or view.earlier_text


def _numbers(view: View) -> str:
    letters = [entry.key for entry in view.entries if entry.key]
    also = f", or {' or '.join(letters)}" if letters else ""
    return f"Type a number from 1 to {len(view.entries)}{also}."


def _by_number_or_letter(view: View, word: str) -> Entry | None:
    if word.isdecimal() and 1 <= int(word) <= len(view.entries):
        return view.entries[int(word) - 1]
    return next((entry for entry in view.entries if entry.key and entry.key == fold(word)), None)


def _matches(view: View, word: str) -> list[tuple[int, Entry]]:
    """Entries with a word that begins with what was typed, or whose code it is."""
    wanted = fold(word)
    if not view.searches or not wanted or wanted.isdecimal():
        return []
    exact = [
        (number, entry)
        for number, entry in enumerate(view.entries, 1)
        if wanted in (fold(entry.code), fold(entry.label))
    ]
    return exact or [
        (number, entry)
        for number, entry in enumerate(view.entries, 1)
        if any(part.startswith(wanted) for part in fold(entry.label).split())
        or fold(entry.label).startswith(wanted)
    ]


def _several(view: View, line: str) -> list[str] | str:
    words = line.replace(",", " ").replace(";", " ").split()
    chosen: list[str] = []
    for word in words:
        entry = _by_number_or_letter(view, word)
        if entry is None:
            raise InvalidAnswer(
                f"“{safe(word)[:40]}” is not a number of the list.", mend=_numbers(view)
            )
        if entry.apart:
            if len(words) > 1:
                raise InvalidAnswer(
                    f"“{entry.label}” cannot be combined with other answers.",
                    mend="Choose it alone, or leave it out.",
                )
            return entry.code
        if entry.code not in chosen:
            chosen.append(entry.code)
    return chosen
