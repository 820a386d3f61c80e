"""`microcred enter`: staff enter paper questionnaires one after the other, each once or twice."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.crypto.keys import LOCKED_SYMBOLS, draft_key
from microcred_cli.errors import ExitCode, Paused, StoreError
from microcred_cli.i18n import N_, _, speak
from microcred_cli.interview import Close, Finished, Interview, run
from microcred_cli.interview.loop import records_of
from microcred_cli.interview.numbering import question_numbers
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Ranking
from microcred_cli.records.receipts import RESUME_SYMBOLS, new_code, show
from microcred_cli.records.shapes import Draft, reference
from microcred_cli.session.draft_keeper import Kept, keep_texts
from microcred_cli.session.keyings import (
    ask_entry_code,
    find_keying,
    first_code,
    is_noted,
    paper_name,
    second_code,
    unreadable,
)
from microcred_cli.session.opening import (
    cleared_after,
    prepared_responses,
    refuse_prompts_without_terminal,
    start_on,
)
from microcred_cli.session.options import (
    Choices,
    language_asked_for,
    languages_of,
    note_of_few,
)
from microcred_cli.session.restore import interview_of
from microcred_cli.session.session import Session
from microcred_cli.store.drafts import Drafts
from microcred_cli.terminal.console import say
from microcred_cli.terminal.mode import Surroundings, is_plain
from microcred_cli.terminal.page_wording import answer_words, view_of
from microcred_cli.terminal.program_name import as_called
from microcred_cli.text import clean, safe, usual_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interview import Reply, Screen, Step
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Response, Text
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.seen_days import Start

_LONGEST_NUMBER = 20

WHICH = N_("Which number is written on the paper?")
WHICH_HOW = N_("Type the number and press Enter; press Enter alone to stop:")
FIRST_KEYED = N_(
    "The first keying of paper {number} is saved. Its answers are stored once a second keying "
    "matches them."
)
DIFFERS = N_("Question {number}: the two keyings differ. What does the paper say? {question}")
FIRST = N_("First keying: {answer}")
SECOND = N_("Second keying: {answer}")
NEITHER = N_("Neither: key the answer again")
NOTHING = N_("(nothing)")
OPENED = N_("This answer leads to further questions: please key their answers from the paper now.")
NOT_STORED = N_("Nothing from this questionnaire was stored.")
STORED = N_("Paper {number} is stored as one response. Both keyings and the number are deleted.")
RESUME_CODE = N_(
    "The answers are stored encrypted. If the entry of a questionnaire is interrupted, it can only "
    "be continued with the command microcred resume and this code: {code}. Please write it down "
    "now, and keep it until all questionnaires are stored."
)
DELETE_FIRST = N_("To delete the first keying as well: microcred drafts delete   code: {code}")


def enter_questionnaires(choices: Choices, *, verify: bool = False) -> int:
    """Enter paper questionnaires until the user stops; return the exit code."""
    files.harden_process()
    refuse_prompts_without_terminal(choices)
    # Questionnaires that arrive by post can be entered even after the survey has closed.
    fieldwork = choices.read_fieldwork()
    loaded = load(choices.questionnaire)
    offered = languages_of(loaded, fieldwork)
    language = language_asked_for(choices.language, offered) or loaded.questionnaire.language
    responses = prepared_responses(choices, fieldwork, loaded)
    drafts = Drafts.here()
    drafts.prepare()
    now = start_on(drafts, fieldwork)
    for note in note_of_few(fieldwork):
        say(note)
    speak(language)
    with cleared_after(responses), ExitStack() as stack:
        desk = EntryDesk(
            *(loaded, fieldwork, responses, drafts, now, language, stack),
            plain=choices.plain,
            verify=verify,
        )
        stack.enter_context(files.space_set_aside(drafts.drafts, responses.folder))
        desk.open_screen()
        return desk.work()


@dataclass
class EntryDesk:
    """Enters several paper questionnaires, one after the other, on one screen."""

    loaded: Loaded
    fieldwork: Fieldwork
    responses: Responses
    drafts: Drafts
    now: Start
    language: str
    stack: ExitStack
    plain: bool | None = None
    verify: bool = False
    stored: int = 0
    kept: set[str] = field(default_factory=set)
    number: str = ""
    notice: str = ""
    entry_code: str = ""
    resume_code: str = ""
    keying: EntrySession | None = None
    screen: Screen = field(init=False)

    def open_screen(self) -> None:
        """Open the screen for entry."""
        self.screen = self.stack.enter_context(self._new_screen())
        self.screen.speak(self.language)

    def _new_screen(self) -> Screen:
        """The screen for entry: prompts or plain lines."""
        from microcred_cli.terminal.paper_entry import EntryAsker, PlainEntry

        surroundings = Surroundings.real()
        if is_plain(surroundings, self.plain):
            return PlainEntry(
                surroundings, languages=(self.language,), sheet=self.sheet, keeps=self.keeps
            )
        return EntryAsker(languages=(self.language,), sheet=self.sheet, keeps=self.keeps)

    def sheet(self) -> str:
        """The label of the current questionnaire: the number on the paper, or a running number."""
        if self.number and self.keying is not None and self.keying.first is not None:
            return _("Second keying of paper {number}").format(number=safe(self.number))
        if self.number:
            return _("Paper {number}").format(number=safe(self.number))
        return _("Questionnaire {number}").format(number=self.stored + 1)

    def keeps(self) -> bool:
        """True if the answers being keyed will be kept for a second keying."""
        return self.keying is not None and self.keying.is_first

    def work(self) -> int:
        """Enter questionnaires until one is paused or no number is typed."""
        code: int | None = None
        if self.verify and not self.fieldwork.recipients:
            self.notice = unreadable(self.drafts)
        while code is None and self._has_code():
            self.number, self.keying = "", None
            if self.verify and not self._asks_number():
                break
            code = self._next()
        self.end()
        if code is None:
            is_end = self.has_any or not self.screen.interrupted
            return ExitCode.DONE if is_end else ExitCode.INTERRUPTED
        return code

    @property
    def has_any(self) -> bool:
        """True if a questionnaire was entered, so that the input may end before the next one."""
        return bool(self.stored or self.kept)

    def end(self) -> None:
        """Leave the screen, and print how many questionnaires were stored and kept."""
        self.stack.close()
        say(_("Questionnaires stored: {count}").format(count=self.stored))
        if self.kept:
            say(_("Kept for a second keying: {count}").format(count=len(self.kept)))

    def _asks_number(self) -> bool:
        problem, self.notice = self.notice, ""
        while True:
            typed = self.screen.type_in(_(WHICH), _(WHICH_HOW), problem, most=_LONGEST_NUMBER)
            self.number = usual_width(clean(typed or ""))
            if not self.number or typed is None or typed.startswith(":"):
                return False
            if self.number.replace("-", "").replace("/", "").isalnum():
                return True
            problem = _("A number can contain only letters, digits, - and /.")

    def _has_code(self) -> bool:
        """Ask for the entry code, or show the resume code, if needed; False if the user leaves."""
        if not self.fieldwork.recipients or self.entry_code:
            return True
        if not self.verify:
            return self._shows_resume_code()
        found = ask_entry_code(self.drafts, self.screen)
        if found is not None:
            self.entry_code, self.notice = found
        return found is not None

    def _shows_resume_code(self) -> bool:
        """Show the resume code, which is the same for all drafts (only one exists at a time)."""
        if self.resume_code and not self.drafts.has(self.resume_code):
            return True
        self.resume_code = new_code(LOCKED_SYMBOLS)
        text = as_called(_(RESUME_CODE)).format(code=show(self.resume_code))
        return is_noted(self.screen, text)

    def _next(self) -> int | None:
        """Enter one questionnaire; return an exit code to stop, or None to continue."""
        new = self._new_draft()
        with ExitStack() as lock:
            try:
                if self.verify and not self.entry_code:
                    # A keying without answers is not on the disk yet, so the number is locked.
                    lock.enter_context(self.drafts.held_paper(paper_name(new)))
                # A paused keying is resumed, because a draft left behind could later be stored too.
                draft = find_keying(self.drafts, new, keyed=False) or new
                first = self.first_keying(draft)
                if draft is new and first is None and self.entry_code:
                    draft = new = new.model_copy(update={"code": first_code(new.code)})
                lock.enter_context(self.drafts.held(draft.code))
            except files.InUseError as error:
                self.notice = f"{self.sheet()}: {safe(error.message)} {safe(error.hint)}"
                return None
            self.drafts.keep_definition(self.loaded.sha256, self.loaded.source)
            keep_texts(self.drafts, self.loaded, self.language)
            session = EntrySession(self, draft, Kept.NOTHING if draft is new else Kept.ALL, first)
            self.keying = session
            if draft is new:
                code = session.conduct(session.new_interview(self.fieldwork.detail))
            else:
                code = session.continued(interview_of(draft, self.loaded, self.fieldwork.detail))
        return None if session.goes_on else code

    def first_keying(self, second: Draft) -> Draft | None:
        """The draft of a paper's first keying, unless the keyings have already been compared."""
        return find_keying(self.drafts, second, keyed=True) if second.closing is None else None

    def _new_draft(self) -> Draft:
        """A new draft for this paper; with an entry code, it has the code of a second keying."""
        begun = self.now.first_day(self.fieldwork.timezone)
        draft = Draft(
            seed=0,
            code=self.resume_code or new_code(RESUME_SYMBOLS),
            questionnaire=reference(self.loaded),
            begun=begun.isoformat(),
            expires=(begun + timedelta(days=self.fieldwork.draft_days)).isoformat(),
            mode="self",
            language=self.language,
            responses=str(self.responses.folder),
            detail=self.fieldwork.detail,
            fieldwork=str(self.fieldwork.path) if self.fieldwork.path else None,
            timezone=self.fieldwork.timezone,
            is_undated=not self.now.is_plausible,
            paper=self.number,
        )
        if not self.entry_code:
            return draft
        code, desk = second_code(self.entry_code, draft), draft_key(self.entry_code).name
        return draft.model_copy(update={"code": code, "desk": desk})


def resume_entry(draft: Draft, interview: Interview, desk: EntryDesk) -> int:
    """Continue with a paper questionnaire whose entry was paused."""
    desk.number, desk.verify = draft.paper or "", bool(draft.paper)
    with cleared_after(desk.responses), desk.stack:
        desk.open_screen()
        session = desk.keying = EntrySession(desk, draft, Kept.ALL, desk.first_keying(draft))
        code = session.continued(interview)
        desk.end()
        if desk.notice:
            say(desk.notice)
    return code


class EntrySession(Session):
    """The entry of a paper questionnaire; `first` is the first keying during a second keying."""

    def __init__(self, desk: EntryDesk, draft: Draft, kept: Kept, first: Draft | None) -> None:
        is_second = {"second": first is not None}
        super().__init__(
            *(desk.drafts, draft.model_copy(update=is_second), desk.loaded),
            *(desk.screen, desk.stack, kept),
            responses=desk.responses,
            choices=Choices(plain=desk.plain),
        )
        self.desk = desk
        self.first = first
        self.goes_on = False

    def new_interview(self, detail: str) -> Interview:
        """A new interview on paper, at its first question."""
        return Interview.begin(
            self.loaded.questionnaire,
            language=self.draft.language,
            spoken=self.loaded.languages,
            detail="full" if detail == "full" else "coarse",
            on_paper=True,
        )

    def continued(self, interview: Interview) -> int:
        """Continue a paused entry; if it was already complete, only store it."""
        if self.draft.closing is not None:
            return self.finish(Finished(interview, self.draft.closing))
        return self.conduct(interview)

    @property
    def _is_alone(self) -> bool:
        return False

    @property
    def is_first(self) -> bool:
        """True for a first keying, whose answers are kept until the second keying."""
        return self.desk.verify and self.first is None and self.draft.closing is None

    def finish(self, finished: Finished) -> int:
        """Store the answers, or keep them for the second keying."""
        if finished.status not in ("complete", "partial"):
            return self._end_unstored(finished)
        if self.is_first:
            return self._wait()
        if self.first is not None:
            try:
                finished = self._agreed(self.first, finished.interview)
                if finished.status != "complete":
                    return self._end_unstored(finished)
                # The first keying is no longer needed: the second can be resumed and stored.
                self.save(closing="complete")
                self.drafts.delete(self.first.code)
                self.desk.kept.discard(self.desk.number.casefold())
            except Paused as pause:
                return self.paused(pause)
            except StoreError as error:
                self._is_saved_after(error)
                return self.paused(Paused(interrupted=False))
        return super().finish(finished)

    def paused(self, pause: Paused) -> int:
        """Report which answers are kept; if there are none, delete the draft."""
        if self.draft.given:
            return super().paused(pause)
        self.delete_draft()
        self.leave()
        is_end = self.desk.has_any or not pause.interrupted
        return ExitCode.DONE if is_end else ExitCode.INTERRUPTED

    def _is_saved_after(self, error: StoreError) -> bool:
        """Report that saving failed; True if another attempt succeeded."""
        with suppress(Paused):
            self.unsaved(error)
        return self.kept is Kept.ALL

    def _wait(self) -> int:
        """Save the complete first keying, with the number of the paper, until the second keying."""
        try:
            self.save(keyed=True)
        except StoreError as error:
            if not self._is_saved_after(error):
                return self.paused(Paused(interrupted=False))
        self.desk.kept.add(self.desk.number.casefold())
        self.desk.notice = _(FIRST_KEYED).format(number=self.draft.paper)
        self.goes_on = True
        return ExitCode.DONE

    def _agreed(self, first: Draft, second: Interview) -> Finished:
        """The second keying, corrected wherever the user chooses the answer of the first keying.

        A correction can bring additional questions onto the route. If an answer to such a question
        ends the interview, or if the user discards the interview, the status is returned, and
        nothing may be stored.
        """
        before = interview_of(first, self.loaded, second.detail)
        while True:
            if second.status != "ready":
                finished = run(second, _UntilComplete(self.screen), self.keep)
                if finished.status != "complete":
                    return finished
                second = finished.interview
            step = next(_differing(before, second, self.draft.settled), None)
            if step is None:
                return Finished(second, "complete")
            second = self._settle(before, second, step)

    def _settle(self, before: Interview, second: Interview, step: Step) -> Interview:
        """Ask which keying of a step is right; return the second keying, corrected if needed."""
        number = question_numbers(second)[step.key]
        asked = " — ".join(filter(None, (second.stem(step), view_of(second, step).part)))
        question = _(DIFFERS).format(number=number, question=asked)
        own = step if before.step_at(step.key) is None else before.step_at(step.key)
        assert own is not None
        said = [answer_words(before, own), answer_words(second, step)]
        first, second_said = (words or _(NOTHING) for words in said)
        ways = [
            ("first", _(FIRST).format(answer=first)),
            ("second", _(SECOND).format(answer=second_said)),
            ("neither", _(NEITHER)),
        ]
        chosen = self.screen.choose(question, ways, unexpected=True)
        if chosen is None:
            raise Paused(interrupted=True)
        changed = second if chosen == "second" else _without_answer(second, step)
        if chosen == "first":
            changed = _with_answer_of(before, changed, step)
        # The decision must survive a pause.
        settled = [*self.draft.settled, step.key]
        self.draft = self.draft.model_copy(update={"settled": settled})
        self.keep(changed)
        if chosen == "first" and changed.status == "open":
            self.screen.say(_(OPENED))
        return changed

    def _records(self, finished: Finished, receipt: str) -> tuple[Response, tuple[Text, ...]]:
        return records_of(self.loaded, finished, receipt, None, None)

    def show_receipt(self, receipt: str, questionnaire: object) -> int:  # noqa: ARG002
        """Delete the draft; no receipt is shown, because the respondent is not present."""
        left = self.delete_draft()
        self.desk.stored += 1
        self.goes_on = True
        if left:
            self.screen.say(left)
        elif self.desk.verify:
            self.desk.notice = _(STORED).format(number=self.desk.number)
        return ExitCode.DONE

    def _end_unstored(self, finished: Finished) -> int:  # noqa: ARG002
        """Delete this keying; if it was a second keying, the first one is kept."""
        left = self.delete_draft()
        self.goes_on = True
        said = [_(NOT_STORED), left]
        if self.first is not None:
            said.append(_(FIRST_KEYED).format(number=self.first.paper))
            said.append(_(DELETE_FIRST).format(code=show(self.first.code)))
        self.screen.say(" ".join(filter(None, said)))
        return ExitCode.DONE


class _UntilComplete:
    """An asker that closes the interview as soon as every question is answered.

    If an answer ended the interview, its closing page is shown, so that the user can go back.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.ask = screen.ask

    def close(self, interview: Interview) -> Reply:
        return Close() if interview.status == "ready" else self._screen.close(interview)


def _differing(before: Interview, after: Interview, settled: Sequence[str]) -> Iterator[Step]:
    """The steps at which the two keyings have different answers or texts."""
    for step in after.steps:
        if step.key in settled or (isinstance(step.item, Ranking) and step.ranked):
            continue
        if _said(before, step) != _said(after, step):
            yield step


def _said(interview: Interview, step: Step) -> object:
    if isinstance(step.item, Ranking):
        return interview.answers.get(step.item.id)
    return interview.given.get(step.key), interview.texts.get(step.key, "")


def _without_answer(keying: Interview, step: Step) -> Interview:
    """The keying without its answer to this step."""
    given = {k: v for k, v in keying.given.items() if not _is_of(k, step)}
    texts = {k: v for k, v in keying.texts.items() if k != step.key}
    wordings = {k: v for k, v in keying.wordings.items() if not _is_of(k, step)}
    return keying.having(given=given, texts=texts, wordings=wordings).resumed()


def _with_answer_of(before: Interview, after: Interview, step: Step) -> Interview:
    """The keying `after` with the answer of `before` to a step that `after` has not answered."""
    given = {k: v for k, v in before.given.items() if _is_of(k, step)}
    texts = {k: v for k, v in before.texts.items() if k == step.key}
    wordings = {k: v for k, v in before.wordings.items() if _is_of(k, step)}
    return after.having(
        given={**after.given, **given},
        texts={**after.texts, **texts},
        wordings={**after.wordings, **wordings},
    ).resumed()


def _is_of(key: str, step: Step) -> bool:
    return key.startswith(f"{step.item.id}.") if isinstance(step.item, Ranking) else key == step.key
