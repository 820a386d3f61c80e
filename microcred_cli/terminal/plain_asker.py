"""The asker in plain lines: nothing redrawn, no escape sequence, every line written once.

It serves screen readers, dumb terminals and pipes. A line that begins with a colon is a command.
The end of the input pauses; it never answers. Where nobody types (a pipe), the first line that is
no answer stops the interview, and no question is asked twice to make sure, so that one line cannot
shift all that follow.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Self

from microcred_cli.errors import InvalidAnswer, Paused
from microcred_cli.i18n import N_, OWN_LANGUAGE, InLanguages, _, said_in, speak
from microcred_cli.interview import (
    Back,
    Close,
    Discard,
    Given,
    GoTo,
    HandIn,
    Pause,
    Speak,
)
from microcred_cli.questionnaire.answers import check_text
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.questionnaire.models import Integer
from microcred_cli.questionnaire.values import Reserved
from microcred_cli.records.identifiers import remove_identifiers
from microcred_cli.terminal.asking import confirm_question, identifier_notice, parse_number
from microcred_cli.terminal.key_map import BY_COMMAND, Action
from microcred_cli.terminal.line_answers import (
    entry_of,
    matches,
    number_in,
    numbers_of,
    prompt_for,
    several,
)
from microcred_cli.terminal.line_pages import (
    SKIP,
    commands,
    show_help,
    show_menu,
    show_question,
    show_review,
)
from microcred_cli.terminal.lines import Lines
from microcred_cli.terminal.view import View, can_be_empty, review_lines, step_words, view_of
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.interview import Interview, Reply, Step
    from microcred_cli.terminal.mode import Surroundings

LEAVING = (Paused, KeyboardInterrupt)
"""What the end of the conversation, or a request to end, raises."""
_HELP = {command for command, action in BY_COMMAND.items() if action is Action.HELP}
_PAUSE = {command for command, action in BY_COMMAND.items() if action is Action.PAUSE}
CLEAR = N_(
    "What you said still stands above on this screen. When you need nothing of it any more, clear "
    "it with the command clear (cls on Windows), or close the window."
)


class PlainAsker:
    """Asks in numbered lines on the streams of its surroundings."""

    reads = ""
    """What stands in front of a line that is to be read out."""
    note_first = N_("Type noted when you have written it down: ")

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        background: InLanguages[Paragraph] = (),
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        self._lines = Lines(surroundings)
        self._background_in = background
        self._background: tuple[tuple[str, str], ...] = ()
        self._language = ""
        self._languages = languages
        self._section = ""
        self._must_say_clear = False
        self._taken = ""
        self.note: Callable[[Mapping[str, bool]], None] = lambda _: None
        self.elapsed: Callable[[], float] = lambda: 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Say how to clear the screen, if answers stand on it."""
        if self._must_say_clear and self._lines.on_screen:
            self._must_say_clear = False
            with suppress(Paused):
                self._lines.say(_(CLEAR))

    def speak(self, language: str) -> None:
        """Speak a language from now on, in every line."""
        speak(language)
        if language != self._language:
            self._language = language
            background = said_in(language, self._background_in)
            self._background = tuple((p.kind, p.text) for p in background)

    @property
    def watched(self) -> bool:
        """Whether somebody types, who can be asked what to do."""
        return self._lines.watched

    @property
    def _reads(self) -> str:
        """What stands in front of a line that is to be read out; nothing for a person alone."""
        return _(self.reads) if self.reads else ""

    # -- what the loop calls ---------------------------------------------------------------------

    def ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        """Ask the current step until there is a reply."""
        self.speak(interview.language)
        self._say_taken()
        return self._until_paused(lambda: self._ask(interview, step, problem))

    def close(self, interview: Interview) -> Reply:
        """The review before submitting, or the goodbye after an answer that ended it."""
        self.speak(interview.language)
        self._must_say_clear = True
        self._say_taken()
        led = self._review if interview.status == "ready" else self._goodbye
        return self._until_paused(lambda: led(interview))

    # -- what the program calls around the loop --------------------------------------------------

    def read_background(self) -> Reply | None:
        """Write the whole background, and how to answer; a reply if the person left."""
        self.speak(self._language or OWN_LANGUAGE)
        try:
            self._begin()
            self._lines.say(
                _(
                    "How to answer: type the number of an answer and press Enter. "
                    "Type :menu for everything else you can do, such as :back, :help and :pause. "
                    "Every answer is saved at once."
                )
            )
        except LEAVING:
            return Pause(interrupted=True)
        return None

    def _begin(self) -> None:
        self._lines.paragraphs(self._background)

    def recall(
        self,
        key: str,  # noqa: ARG002 - the question follows at once
        text: str,
        marks: Mapping[str, bool],  # noqa: ARG002 - a line is entered as a whole
    ) -> None:
        """Say what was typed at the next question before a pause, but not entered."""
        if not text:
            return
        self.say(_("Before the pause you had begun to type: “{text}”").format(text=safe(text)))

    def receipt(self, code: str, text: str) -> bool:
        """Write the receipt and wait until it is noted; False if it could not be written."""
        written = False
        try:
            self._lines.say(f"{self._reads}{text}")
            told = _("Your receipt: {code}").format(code=code)
            self._lines.say(f"{self._reads}{told}")
            written = True
            while self._word(_(self.note_first)) not in (_("noted"), "noted"):
                pass
            self._lines.say(_("Done."))
        except LEAVING:
            return written
        return True

    def choose(
        self,
        question: str,
        options: Sequence[tuple[str, str]],
        *,
        unexpected: bool = False,  # noqa: ARG002 - a line is typed when its question is there
    ) -> str | None:
        """The code of the option that a person chooses; None if they leave."""
        try:
            return self._choose(question, options)
        except LEAVING:
            return None

    def type_in(self, question: str, instruction: str, problem: str = "", *, most: int = 60) -> str:
        """What a person types in one line; empty if nothing, or if they leave."""
        try:
            self._lines.say(f"{problem} {safe(question)}".strip())
            return self._lines.read(f"{instruction} ").strip()[:most]
        except LEAVING:
            return ""

    def say(self, text: str) -> None:
        """Write a text with an empty line before it."""
        with suppress(Paused):
            self._lines.say(text)

    # -- asking ----------------------------------------------------------------------------------

    def _until_paused(self, lead: Callable[[], Reply]) -> Reply:
        try:
            return lead()
        except Paused as pause:
            return Pause(interrupted=pause.interrupted)
        except KeyboardInterrupt:
            return Pause(interrupted=True)

    def _until_taken(self, prompt: str, take: Callable[[str], Reply | None]) -> Reply:
        """Read lines until one is taken; where nobody types, a wrong one stops."""
        while True:
            line = self._lines.read(prompt)
            self._must_say_clear = True
            try:
                reply = take(line)
            except InvalidAnswer as invalid:
                self._say_problem(invalid)
                continue
            if reply is not None:
                return reply

    def _say_problem(self, problem: InvalidAnswer) -> None:
        self._refuse(f"{safe(problem.message)} {safe(problem.hint)}")

    def _refuse(self, told: str) -> None:
        """Say what is wrong with a line; where nobody types, stop."""
        self._lines.write(told)
        if not self._lines.watched:
            raise Paused(interrupted=True)

    def _ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        view = self._view(interview, step)
        if problem is None:
            self._show(view, step)
        else:
            self._say_problem(problem)
        reply = self._until_taken(
            self._prompt(view, step), lambda line: self._reply(interview, step, view, line)
        )
        self._take(interview, step, reply)
        return reply

    def _view(self, interview: Interview, step: Step) -> View:
        return view_of(interview, step)

    def _prompt(self, view: View, step: Step) -> str:
        return prompt_for(view, step)

    def _show(self, view: View, step: Step) -> None:
        is_new = view.section != self._section
        self._section = view.section
        self._must_say_clear |= view.has_earlier
        show_question(self._lines, view, step, new_section=is_new)

    def _review(self, interview: Interview) -> Reply:
        keys = show_review(self._lines, interview)

        def take(line: str) -> Reply | None:
            word = line.strip().casefold()
            number = number_in(word, len(keys))
            if word.lstrip(":") in (_("submit"), "submit"):
                return Close()
            if number is not None:
                return GoTo(keys[number - 1])
            if word.startswith(":"):
                return self._command(interview, None, line.strip())
            raise InvalidAnswer(
                _("Nothing was submitted."), hint=_("Type the word submit to hand in your answers.")
            )

        return self._until_taken(
            _("Type submit, or a number from 1 to {count}: ").format(count=len(keys)), take
        )

    def _goodbye(self, interview: Interview) -> Reply:
        closing = interview.questionnaire.closing.get(
            "refused" if interview.status == "refused" else "screened_out", _("Thank you.")
        )
        self._lines.say(f"{self._reads}{safe(closing)}")

        def take(line: str) -> Reply | None:
            match line.strip().casefold().lstrip(":"):
                case word if word in (_("leave"), "leave", "end"):
                    return Close()
                case word if word in (_("back"), "back", "b"):
                    return Back()
                case word if word in _PAUSE:
                    return Pause()
                case word if word in _HELP:
                    return None
                case _:
                    raise InvalidAnswer(_("This does not end it."), hint=_("Type leave or back."))

        return self._until_taken(_("Type leave to end, or back to change your last answer: "), take)

    def _choose(self, question: str, options: Sequence[tuple[str, str]]) -> str:
        self._lines.say(question)
        for place, (_code, label) in enumerate(options, 1):
            self._lines.write(f"{place}. {safe(label)}", hanging=len(f"{place}. "))
        while True:
            word = self._word(_("Number 1 to {count}: ").format(count=len(options)))
            number = number_in(word, len(options))
            if number is not None:
                return options[number - 1][0]
            if word.startswith(":") and word.lstrip(":") in _PAUSE:
                raise Paused(interrupted=False)
            told = _("Type a number from 1 to {count}.").format(count=len(options))
            if word.startswith(":") and word.lstrip(":") in _HELP:
                self._lines.write(" ".join((told, _("To pause instead, type :pause."))))
            else:
                self._refuse(told)

    def _word(self, prompt: str) -> str:
        """A typed word, in lower case and without a full stop."""
        return self._lines.read(prompt).strip().casefold().rstrip(".")

    def _take(self, interview: Interview, step: Step, reply: Reply) -> None:
        if isinstance(reply, Given):
            with suppress(InvalidAnswer):
                words = step_words(interview.answer(reply.value), step)
                self._taken = _("Answer: {words}").format(words=words)

    def _say_taken(self) -> None:
        """Say what was answered, once it is kept."""
        told, self._taken = self._taken, ""
        # It is kept, whether or not somebody still reads that it is.
        with suppress(Paused):
            if told:
                self._lines.write(told)

    # -- answers ---------------------------------------------------------------------------------

    def _reply(self, interview: Interview, step: Step, view: View, line: str) -> Reply | None:
        stripped = line.strip()
        if stripped.startswith(":") and not stripped.startswith("::"):
            return self._command(interview, step, stripped)
        if not stripped:
            return self._empty(interview, step)
        if not clean(stripped):
            raise InvalidAnswer(_("What was typed cannot be read."), hint=_("Type it again."))
        if step.asks == "text":
            return self._text(step, stripped.removeprefix(":"))
        if step.asks == "number":
            return self._number(step, stripped)
        if step.asks == "some":
            return self._some(interview, step, view, stripped)
        return self._one(view, stripped)

    def _empty(self, interview: Interview, step: Step) -> Reply:
        earlier = interview.given.get(step.key)
        if earlier is not None:
            if step.asks == "text":
                return Given(interview.texts.get(step.key, ""))
            return Given(earlier)
        if can_be_empty(step):
            raise InvalidAnswer(
                _("Nothing was typed."), hint=_("Type :{skip} to leave it empty.").format(skip=SKIP)
            )
        raise InvalidAnswer(_("Nothing was typed."), hint=_("Type an answer, or :menu."))

    def _one(self, view: View, line: str) -> Reply | None:
        entry = entry_of(view, line)
        if entry is not None:
            return Given(entry.code)
        found = matches(view, line)
        if len(found) == 1:
            return Given(found[0][1].code)
        if not found:
            raise InvalidAnswer(
                _("“{line}” is not in the list.").format(line=safe(line)[:40]),
                hint=numbers_of(view),
            )
        for number, match in found:
            self._lines.write(f"{number}. {match.label}", hanging=4)
        if not self._lines.watched:
            raise InvalidAnswer(_("Several fit."), hint=numbers_of(view))
        return None

    def _some(self, interview: Interview, step: Step, view: View, line: str) -> Reply:  # noqa: ARG002
        return Given(several(view, line))

    def _number(self, step: Step, line: str) -> Reply:
        value = parse_number(line, step.item)
        item = step.item
        if (
            self._lines.watched
            and isinstance(value, int)
            and isinstance(item, Integer)
            and item.confirm_above is not None
            and value > item.confirm_above
        ):
            answers = (("yes", _("Yes, it is right")), ("no", _("No")))
            if self._choose(confirm_question(item, value), answers) == "no":
                raise InvalidAnswer(_("It was not taken."), hint=_("Type the number again."))
        return Given(value)

    def _text(self, step: Step, line: str) -> Reply:
        text = check_text(line, step.max_length)
        notice = identifier_notice(text, on_screen=self._lines.on_screen)
        if notice and self._lines.watched:
            answers = (("change", _("Change the text")), ("keep", _("Go on so")))
            if self._choose(notice, answers) == "change":
                raise InvalidAnswer(_("It was not taken."), hint=_("Type the text again."))
        elif notice:
            self._lines.say(notice)
        return Given(remove_identifiers(text, step.max_length) if notice else text)

    # -- commands --------------------------------------------------------------------------------

    def _command(self, interview: Interview, step: Step | None, line: str) -> Reply | None:
        name, _space, rest = line.lstrip(":").strip().partition(" ")
        if name.casefold() == SKIP and step is not None and can_be_empty(step):
            return Given("")
        action = BY_COMMAND.get(name.casefold())
        if action is None or action not in self._commands(interview, step):
            raise InvalidAnswer(
                _("“:{name}” is not possible here.").format(name=safe(name)[:20]),
                hint=_("Type :menu for what is."),
            )
        return self._act(action, interview, step, rest)

    def _commands(self, interview: Interview, step: Step | None) -> list[Action]:
        return commands(interview, step, self._languages, background=bool(self._background))

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
            case Action.DISCARD:
                return self._discard()
            case Action.LANGUAGE:
                return Speak(
                    self._choose(
                        _("Language"), [(code, own_name(code)) for code in self._languages]
                    )
                )
            case Action.HELP:
                view = view_of(interview, step) if step is not None else None
                show_help(self._lines, interview, step, view)
                show_menu(self._lines, interview, step, self._commands(interview, step))
            case Action.DEFINITION:
                definition = interview.questionnaire.definition
                self._lines.say(safe(definition.text if definition else ""))
            case Action.BACKGROUND:
                self._lines.paragraphs(self._background)
            case Action.MENU:
                show_menu(self._lines, interview, step, self._commands(interview, step))
            case Action.AGAIN:
                self._again(interview, step)
            case Action.REMARK | Action.BREAK_OFF:
                pass  # Only interviewers have these.
        return None

    def _again(self, interview: Interview, step: Step | None) -> None:
        if step is None:
            show_review(self._lines, interview)
        else:
            self._show(self._view(interview, step), step)

    def _go_to(self, interview: Interview, rest: str) -> Reply:
        lines = [line for _, part in review_lines(interview) for line in part]
        number = number_in(rest, len(lines))
        if number is not None:
            return GoTo(lines[number - 1].key)
        if rest.strip():
            raise InvalidAnswer(
                _("“{rest}” is no number of an answer.").format(rest=safe(rest.strip())[:20]),
                hint=_("Type :goto with a number from 1 to {count}, or alone to see them.").format(
                    count=len(lines)
                ),
            )
        options = [(line.key, f"{line.asked} — {line.said}") for line in lines]
        return GoTo(self._choose(_("Which question?"), options))

    def _discard(self) -> Reply | None:
        chosen = self._choose(
            _("Stop here and delete every answer of this interview? Nothing is handed in."),
            (("yes", _("Yes, delete my answers")), ("no", _("No, go on"))),
        )
        return Discard() if chosen == "yes" else None

    def _hand_in(self) -> Reply | None:
        chosen = self._choose(
            _(
                "Hand in what you said so far? The questions that are still open stay unanswered, "
                "and answers behind an open question are left out. You cannot come back to it."
            ),
            (("yes", _("Yes, hand it in")), ("no", _("No, go on"))),
        )
        return HandIn() if chosen == "yes" else None
