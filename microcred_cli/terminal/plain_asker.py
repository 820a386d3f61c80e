"""The plain-line askers, which never redraw lines or print escape sequences.

Plain lines are intended for screen readers, dumb terminals and pipes. A line that begins with a
colon is a command. End of input pauses the interview and never counts as an answer. With piped
input, the first invalid line stops the interview, and no confirmation is requested, so that the
following lines cannot answer the wrong questions.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Self, TypeVar

from microcred_cli.errors import InvalidAnswer, Paused, WentBack
from microcred_cli.i18n import N_, OWN_LANGUAGE, InLanguages, _, letter, said_in, speak
from microcred_cli.interview import Back, Close, Given, GoTo, Pause, TakeBack
from microcred_cli.questionnaire.answers import check_text
from microcred_cli.questionnaire.models import Integer
from microcred_cli.questionnaire.values import MISSING_LABELS, Reserved
from microcred_cli.terminal import interviewer_script
from microcred_cli.terminal.actions import (
    Place,
    act,
    actions_at,
    confirm_number,
    confirm_text,
    is_interrupted,
    parse_number,
    words_of,
)
from microcred_cli.terminal.console import say
from microcred_cli.terminal.key_map import BY_COMMAND, Action
from microcred_cli.terminal.line_answers import (
    entry_of,
    find_names,
    key_of_number,
    labelled_entry,
    letters_of,
    numbers_of,
    row_labelled,
    several,
)
from microcred_cli.terminal.line_pages import COMMANDS, SKIP, LinePages, how_to_pick
from microcred_cli.terminal.list_rows import Row, numbered
from microcred_cli.terminal.page_wording import (
    View,
    answer_rows,
    can_be_empty,
    closing_words,
    step_words,
    unused_words,
    view_of,
)
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.interview import ContactPage, Interview, Reply, Step
    from microcred_cli.records.shapes import Unfinished
    from microcred_cli.terminal.mode import Surroundings
    from microcred_cli.terminal.page_wording import Blocks

T = TypeVar("T")

ROOM_TO_ASK = 16
"""The number of lines kept free for the first question below the text that precedes it."""

TAKE_BACK = N_("Choose another option, or type :back to remove the last choice.")

VISIBLE = N_(
    "Your answers are still visible above. When you no longer need them, clear the "
    "screen with the command clear (cls on Windows), or close the window."
)

LEAVING = (Paused, KeyboardInterrupt)
"""The exceptions raised on a pause, at end of input, and on Ctrl-C."""


class PlainAsker:
    """Asks questions in numbered lines on these streams; other arguments are as in `RichAsker`.

    Only the last asker of a program (`is_last`) prints instructions for clearing the screen.
    """

    reads = ""
    """Prefix of text to be read aloud."""
    note_first = N_("Type noted when you have written it down, or not wanted: ")

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        introduction: InLanguages[str] = (),
        background: InLanguages[Paragraph] = (),
        languages: tuple[str, ...] = ("en",),
        is_last: bool = True,
    ) -> None:
        self._is_last = is_last
        self._pages = LinePages(surroundings, languages, self._view, self.reads)
        self.watched = self._pages.watched
        self._introduction, self._background = introduction, background
        self._language = ""
        self._must_say_clear = False
        self._answered = self._asked = ""
        self._before: Interview | None = None
        self._begun_remark = ""
        self._told: set[str] = set()
        self.interrupted = False
        self.note: Callable[[], None] = lambda: None
        self.one_key = False
        self.prefer: Callable[[bool], None] = lambda _: None
        self.elapsed: Callable[[], float] = lambda: 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Print instructions for clearing the screen, if it shows answers."""
        if self._must_say_clear and self._pages.on_screen and self._is_last:
            self._must_say_clear = False
            self.say(_(VISIBLE))

    @property
    def banner(self) -> str:
        """The message on every page."""
        return self._pages.banner

    @banner.setter
    def banner(self, text: str) -> None:
        self._pages.banner = text

    @property
    def unfinished(self) -> Unfinished:
        """Input that has not been submitted."""
        return self._pages.unfinished

    @unfinished.setter
    def unfinished(self, unfinished: Unfinished) -> None:
        self._pages.unfinished = unfinished

    def warn(self, notes: Sequence[str]) -> None:
        """Write notes for staff."""
        for note in notes:
            say(note)
            self._pages.leave_room_for(note)

    def speak(self, language: str) -> None:
        """Switch the language of all following lines."""
        speak(language)
        if language != self._language:
            self._language = language
            background = said_in(language, self._background)
            self._pages.background = tuple((p.kind, p.text) for p in background)

    # -- called by the interview loop ------------------------------------------------------------

    def ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        """Ask the current step until the reply is valid."""
        self.speak(interview.language)
        if problem is None:
            self._say_taken(interview)
        self._answered = ""
        self._tell_unfinished(step.key)
        reply = _until_paused(lambda: self._ask(interview, step, problem))
        self._asked = step.item.id
        if isinstance(reply, Given):
            self.unfinished.texts.pop(step.key, None)
            self.unfinished.marks.pop(step.key, None)
        if isinstance(reply, Pause):
            return reply.having(unsent_remark=reply.unsent_remark or self._begun_remark)
        self._begun_remark = ""
        return reply

    def close(self, interview: Interview) -> Reply:
        """Show the review or, if an answer ended the interview, the closing text."""
        self.speak(interview.language)
        self._must_say_clear = True
        self._say_taken(interview)
        self._answered = self._asked = ""
        ending = self._review if interview.status == "ready" else self._goodbye
        return _until_paused(lambda: ending(interview))

    # -- called by sessions outside the loop -----------------------------------------------------

    def read_background(self, *, back: bool = False) -> Reply | None:
        """Write the background and instructions; returns a `Pause` if the user leaves.

        The background page has no prompt, so the user can only go `back` at the first question.
        """
        self._pages.has_lists_before = back
        self.speak(self._language or OWN_LANGUAGE)
        return _until_paused(self._begin)

    def _begin(self) -> None:
        how = _(
            "How to answer: type the number of an answer and press Enter. Type :menu for "
            "everything else you can do, such as :back, :help and :pause. Every answer is "
            "saved immediately."
        )
        self._pages.read("", (*self._begins_with, ("paragraph", how)), room=ROOM_TO_ASK)

    @property
    def _begins_with(self) -> Blocks:
        """The text before the first question."""
        return self._pages.background

    def recall(self, key: str, remark: str) -> None:
        """Write a remark that was being typed before a pause, and keep it until it is entered."""
        self._begun_remark = remark
        if remark:
            self.unfinished.remarks[key.partition(".")[0]] = remark
            begun = _("Before the pause you had begun a remark: “{text}”")
            self.say(begun.format(text=safe(remark)))

    def _keep_text(self, key: str, text: str) -> None:
        self.unfinished.texts[key] = text
        self._told.discard(key)

    def _tell_unfinished(self, key: str) -> None:
        """Write, only once, the text that was typed at a step before a pause."""
        text = self.unfinished.texts.get(key)
        if text and key not in self._told:
            self._told.add(key)
            self.say(_("Before the pause you had begun to type: “{text}”").format(text=safe(text)))

    def receipt(self, code: str, text: str) -> str | None:
        """Write the receipt and wait for confirmation, which is not needed without a terminal."""
        written = False
        try:
            self._pages.write_banner()
            self._pages.read_out(text)
            self._pages.read_out(_("Your receipt: {code}").format(code=code))
            written = True
            words = {"noted": "noted", "not wanted": "not wanted"}
            words |= {_("noted"): "noted", _("not wanted"): "not wanted"}
            words["1"] = "noted"
            while (reply := words.get(self._pages.word(_(self.note_first)))) is None:
                self._pages.write(_("The receipt is not confirmed yet."))
            self._pages.say(_("Done."))
        except LEAVING:
            return "noted" if written and not self.watched else None
        return reply

    def choose(
        self,
        question: str,
        options: Sequence[tuple[str, str]],
        *,
        unexpected: bool = False,  # noqa: ARG002
        pointed: str | None = None,
        back: bool = False,
    ) -> str | None:
        """Offer options; return the chosen code, or None if the user goes `back` or leaves.

        Enter alone chooses the option `pointed`.
        """
        rows = [Row(code, safe(label)) for code, label in options]

        def pick() -> str | None:
            self._pages.write_banner()
            return self._pages.pick(question, rows, on_enter=pointed, back=back)

        return self._unless_left(pick)

    def offer(self, page: ContactPage) -> str | None:
        """Show a page to an interviewer; return the code chosen, or None if they leave."""
        return self._unless_left(lambda: self._pages.offer(page))

    def type_in(
        self,
        question: str,
        instruction: str,
        problem: str = "",
        *,
        typed: str = "",  # noqa: ARG002 - a line cannot be filled in
        most: int = 60,
    ) -> str | None:
        """Read a line: empty if nothing is typed, None if the user goes back or leaves."""

        def read() -> str | None:
            if problem:
                self._pages.say(problem)
            self._pages.say(safe(question))
            line = self._pages.read_line(f"{instruction} ").strip()[:most]
            is_command = line.startswith(":")
            return None if is_command and BY_COMMAND.get(line[1:]) is Action.BACK else line

        return self._unless_left(read)

    def _unless_left(self, ask: Callable[[], T]) -> T | None:
        """The result of a page, or None if the user leaves; records any interruption."""
        self.interrupted = False
        try:
            return ask()
        except LEAVING as left:
            self.interrupted = is_interrupted(left)
            return None

    def say(self, text: str) -> None:
        """Write text after a blank line."""
        with suppress(Paused):
            self._pages.say(text)

    # -- asking ----------------------------------------------------------------------------------

    def _until_taken(
        self, prompt: str, take: Callable[[str], Reply | None], *, line_of: str = ""
    ) -> Reply:
        """Read lines until one is valid; with piped input, an invalid line pauses the interview.

        At a pause, an unfinished line is kept as the text of the step `line_of`.
        """
        while True:
            try:
                line = self._pages.read_line(prompt)
            except Paused:
                if line_of and self._pages.unfinished_text:
                    self._keep_text(line_of, self._pages.unfinished_text)
                raise
            self._must_say_clear = True
            try:
                reply = take(line)
            except InvalidAnswer as invalid:
                self._pages.refuse(words_of(invalid))
                continue
            if reply is not None:
                return reply

    def _ask(self, interview: Interview, step: Step, problem: InvalidAnswer | None) -> Reply:
        view = self._view(interview, step)
        if problem is None:
            self._must_say_clear |= view.has_earlier
            self._pages.show_question(view, step)
        else:
            self._pages.refuse(words_of(problem))
        reply = self._until_taken(
            self._prompt(view, step),
            lambda line: self._reply(Place(interview, step), view, line),
            line_of=step.key,
        )
        if isinstance(reply, Given):
            self._answered, self._before = step.key, interview
        return reply

    def _view(self, interview: Interview, step: Step) -> View:
        return view_of(interview, step, self._asked)

    def _prompt(self, view: View, step: Step) -> str:
        """The prompt for the line to be typed."""
        count = len(view.entries)
        if step.asks == "text":
            alone = can_be_empty(step) and not view.has_earlier
            return _("Your answer (Enter leaves it empty): ") if alone else _("Your answer: ")
        if step.asks == "number":
            letters = letters_of(view)
            with_letters = _("Number (or {letters}): ").format(letters=letters)
            return with_letters if letters else _("Number: ")
        if step.asks == "some":
            return _("Numbers 1 to {count}, with commas: ").format(count=count)
        if view.searches:
            return _("Number 1 to {count} or part of a name: ").format(count=count)
        return _("Number 1 to {count}: ").format(count=count)

    def _say_taken(self, interview: Interview) -> None:
        """Confirm that the last answer has been saved."""
        step = interview.step_at(self._answered)
        if step is None:
            return
        taken = _("Answer: {words}").format(words=step_words(interview, step))
        # The answer is saved even if the confirmation cannot be written.
        with suppress(Paused):
            self._pages.write(taken)
            if unused := unused_words(interview, self._before):
                self._pages.write(unused)

    def _review(self, interview: Interview) -> Reply:
        self._pages.show_review(interview)
        rows = answer_rows(interview, kept=False)
        if unused := unused_words(interview):
            self._pages.say(unused)

        def take(line: str) -> Reply | None:
            word = line.strip().casefold()
            key = key_of_number(word, rows)
            if word.lstrip(":") in (_("submit"), "submit"):
                return Close()
            if key is not None:
                return GoTo(key)
            if word.startswith(":"):
                return self._command(Place(interview, None), line.strip())
            raise InvalidAnswer(
                _("Nothing was submitted."), hint=_("Type the word submit to hand in your answers.")
            )

        return self._until_taken(_("Type submit, or the number of an answer: "), take)

    def _goodbye(self, interview: Interview) -> Reply:
        self._pages.read_out(closing_words(interview))

        def take(line: str) -> Reply | None:
            word = line.strip().casefold().lstrip(":")
            if word in (_("leave"), "leave", "end"):
                return Close()
            if word in (_("back"), "back"):
                return Back()
            if BY_COMMAND.get(word) in (Action.HELP, Action.MENU):
                self._pages.say(
                    _("If you leave, the answers are deleted, and nothing is handed in.")
                )
                return None
            raise InvalidAnswer(
                _("This does not end the interview."), hint=_("Type leave or back.")
            )

        return self._until_taken(_("Type leave to end, or back to change your last answer: "), take)

    # -- answers ---------------------------------------------------------------------------------

    def _reply(self, here: Place, view: View, line: str) -> Reply | None:
        step, line = here.step, line.strip()
        assert step is not None
        if line.startswith(":") and not line.startswith("::"):
            return self._command(here, line)
        if not line:
            return _reply_to_nothing(here.interview, step)
        if not clean(line):
            raise InvalidAnswer(_("The typed text cannot be read."), hint=_("Type it again."))
        if step.asks == "text":
            return self._text(here, step, line.removeprefix(":"))
        if isinstance(step.item, Integer):
            return self._number(here, step.item, line)
        if step.asks == "some":
            return self._some(here, view, line)
        return self._one(view, step, line)

    def _one(self, view: View, step: Step, line: str) -> Reply | None:
        option = entry_of(view, line) or labelled_entry(view, line)
        if option is not None and option.code in step.ranked:
            raise InvalidAnswer(
                _("“{label}” is already chosen.").format(label=option.label),
                hint=_(TAKE_BACK),
            )
        if option is not None:
            return Given(option.code)
        found, best = find_names(view, line)
        if best is not None:
            return Given(best.code)
        if not found:
            raise InvalidAnswer(
                _("“{line}” is not in the list.").format(line=safe(line)[:40]),
                hint=numbers_of(view),
            )
        for number, match in found:
            self._pages.write_item(number, match.label)
        if not self._pages.watched:
            raise InvalidAnswer(_("Several answers match."), hint=numbers_of(view))
        return None

    def _some(self, here: Place, view: View, line: str) -> Reply | None:  # noqa: ARG002
        return Given(several(view, line))

    def _number(self, here: Place, item: Integer, line: str) -> Reply:
        number = parse_number(line, item)
        try:
            reply = confirm_number(self._pages, number, item, here)
        except LEAVING:
            self._keep_text(item.id, line)
            raise
        if reply is None:
            raise InvalidAnswer(_("The answer was not accepted."), hint=_("Type the number again."))
        return reply

    def _text(self, here: Place, step: Step, line: str) -> Reply:
        text = check_text(line, step.max_length)
        try:
            reply = confirm_text(self._pages, text, step.max_length, here)
        except LEAVING:
            self._keep_text(step.key, text)
            raise
        if reply is None:
            raise InvalidAnswer(_("The answer was not accepted."), hint=_("Type the text again."))
        return reply

    def _command(self, here: Place, line: str) -> Reply | None:
        name, _space, words = line.lstrip(":").strip().partition(" ")
        if name.casefold() == SKIP and here.step is not None and can_be_empty(here.step):
            return Given("")
        action = BY_COMMAND.get(name.casefold())
        if action is Action.BACK and here.step and _is_half_ranked(here.interview, here.step):
            return TakeBack()
        if action not in (*actions_at(self._pages, here), Action.MENU, Action.AGAIN):
            is_letter = len(name) == 1
            raise InvalidAnswer(
                _("The command “:{name}” is not available here.").format(name=safe(name)[:20]),
                hint=_(COMMANDS if is_letter else "Type :menu to list the available commands."),
            )
        is_first = here.interview.at == here.interview.steps[0].key
        if action is Action.BACK and is_first and not here.interview.returns_to_review:
            raise WentBack
        return act(self._pages, action, here.having(words=words))


def _until_paused(lead: Callable[[], T]) -> T | Pause:
    try:
        return lead()
    except Paused as pause:
        return Pause(pause.interrupted, pause.unsent_remark)
    except KeyboardInterrupt:
        return Pause(interrupted=True)


def _is_half_ranked(interview: Interview, step: Step) -> bool:
    """True within a ranking, where going back undoes the last choice."""
    return bool(step.ranked) and not interview.is_answered(step)


def _reply_to_nothing(interview: Interview, step: Step) -> Reply:
    """Handle an empty line: keep the earlier answer, accept an empty text, or raise an error."""
    earlier = interview.given.get(step.key)
    if earlier in step.accepts:
        return Given(Reserved(str(earlier)))
    if earlier is not None:
        return Given(interview.texts.get(step.key, "") if step.asks == "text" else earlier)
    if can_be_empty(step):
        return Given("")
    raise InvalidAnswer(_("Nothing was typed."), hint=_("Type an answer, or :menu."))


class PlainInterviewer(PlainAsker):
    """Asks through an interviewer in plain lines; text to read aloud begins with "Read:"."""

    reads = N_("Read: ")
    note_first = N_("Type noted when the respondent has written it down, or not wanted: ")

    @property
    def _begins_with(self) -> Blocks:
        return tuple(("aloud", text) for text in said_in(self._language, self._introduction))

    def _view(self, interview: Interview, step: Step) -> View:
        view = super()._view(interview, step)
        place = f"{view.place} · {interviewer_script.time_so_far(self.elapsed())}"
        again = view.stem_was_read
        reading = interviewer_script.reading(step, searches=view.searches, again=again)
        rows = view.entries
        if interviewer_script.is_yes_no(step):
            said = [option.code for option in step.options]
            rows = tuple(r.having(sign=letter(r.code)) if r.code in said else r for r in rows)
        return view.having(place=place, instruction=f"{reading}.", entries=rows)

    def _prompt(self, view: View, step: Step) -> str:
        if interviewer_script.is_read_one_by_one(step):
            ask = _(
                "{yes} or {no} for each option in order (the rest count as {no}), or numbers "
                "separated by commas: "
            )
            return ask.format(yes=letter("yes"), no=letter("no"))
        return super()._prompt(view, step)

    def _some(self, here: Place, view: View, line: str) -> Reply | None:
        step = here.step
        assert step is not None
        said = _said_yes(step, line) if interviewer_script.is_read_one_by_one(step) else None
        if said is None:
            return super()._some(here, view, line)
        if said:
            return Given(said)
        try:
            reply = self._none_of_these(here, step)
        except LEAVING:
            self._keep_text(step.key, line)
            raise
        if isinstance(reply, Back):
            self._pages.show(here)
            return None
        if isinstance(reply, Pause):
            self._keep_text(step.key, line)
        return reply

    def _none_of_these(self, here: Place, step: Step) -> Reply:
        """Ask what applies after "no" to all options; `Back` leads back to these options."""
        closing = tuple(_closing_rows(step))
        rows, (told, prompt) = numbered(closing), how_to_pick(closing)
        asked = f"{safe(here.interview.stem(step))} {interviewer_script.all_no(step)}"
        self._pages.show_list(asked, rows)

        def take(line: str) -> Reply | None:
            word = line.strip()
            action = BY_COMMAND.get(word[1:].casefold()) if word.startswith(":") else None
            if action is Action.BACK:
                return Back()
            if action is Action.AGAIN:
                self._pages.show_list(asked, rows)
                return None
            if action is Action.HELP:
                self._pages.say(told)
                return self._command(here, ":menu")
            if word.startswith(":"):
                return self._command(here, word)
            return Given(_picked(step, word, rows, told))

        return self._until_taken(prompt, take)


def _closing_rows(step: Step) -> Iterator[Row]:
    """The rows after "no" to all options: first those to read out, then those not to read out."""
    alone = [Row(o.code, safe(o.label)) for o in interviewer_script.closing_options(step)]
    if alone:
        yield Row("", _(interviewer_script.READ_OUT), heading=True)
    yield from alone
    if step.accepts:
        yield Row("", _(interviewer_script.NOT_READ_OUT), heading=True)
    for code in step.accepts:
        sign = letter(code) if code in ("dk", "pna") else ""
        yield Row(code, _(MISSING_LABELS[code]), sign)


def _picked(step: Step, word: str, rows: Sequence[Row], told: str) -> object:
    """The answer that a number, letter or label chooses in the list after "no" to all options."""
    row = row_labelled(word, rows)
    code = key_of_number(word, rows) or (row and row.code)
    if code is None and word:
        shown = safe(word)[:40]
        raise InvalidAnswer(_("“{line}” is not in the list.").format(line=shown), hint=told)
    if code is None:
        raise InvalidAnswer(_("Nothing was typed."), hint=told)
    return code if code in step.accepts else [code]


def _said_yes(step: Step, line: str) -> list[str] | None:
    """The codes answered with yes in a line of y and n; None for any other line."""
    word = "".join(line.split()).casefold()
    if not word or set(word) - {letter("yes"), letter("no")}:
        return None
    read = interviewer_script.options_read(step)
    if len(word) > len(read):
        raise InvalidAnswer(
            _("There are only {count} options.").format(count=len(read)),
            hint=_("Type {yes} or {no} once for each option, in order.").format(
                yes=letter("yes"), no=letter("no")
            ),
        )
    return [option.code for option, said in zip(read, word, strict=False) if said == letter("yes")]
