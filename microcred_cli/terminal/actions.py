"""Actions at a question other than answering it, such as going back, adding a remark or pausing.

Prompts and plain lines share this code, which decides which actions are available, how they are
worded, and what they do. A `Surface` only shows pages, offers choices and reads lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from microcred_cli.errors import InvalidAnswer, Paused
from microcred_cli.frozen import Frozen
from microcred_cli.i18n import N_, _, letter, quoted
from microcred_cli.interview import (
    Back,
    Discard,
    Given,
    GoTo,
    HandIn,
    Pause,
    Remark,
    Speak,
    TakeBack,
)
from microcred_cli.questionnaire.answers import check_integer, check_text
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.questionnaire.values import LONGEST_REMARK, MISSING_LABELS, Reserved
from microcred_cli.records.identifiers import IdentifierKind, find_identifiers, remove_identifiers
from microcred_cli.terminal.key_map import BINDINGS, Action, label_of
from microcred_cli.terminal.line_answers import key_of_number
from microcred_cli.terminal.list_rows import Row
from microcred_cli.terminal.page_wording import answer_rows, help_lines, outline_rows
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microcred_cli.interview import Interview, Reply, Step
    from microcred_cli.questionnaire.models import Integer
    from microcred_cli.terminal.page_wording import Blocks


LEAVING = (Paused, EOFError, OSError, KeyboardInterrupt)
"""The exceptions raised on a pause, end of input, a disconnected terminal, and Ctrl-C."""


def is_interrupted(left: BaseException) -> bool:
    """True after Ctrl-C or the end of input, False if the user left through the menu."""
    return left.interrupted if isinstance(left, Paused) else True


class Place(Frozen):
    """A step of an interview (None: the review), and any `words` typed after a command.

    For a remark, `words` can also contain words typed before a pause.
    """

    interview: Interview
    step: Step | None
    words: str = ""


class Surface(Protocol):
    """The output and input used by actions.

    Methods return a `Reply` if the user chooses another action from the menu of their page.
    """

    languages: tuple[str, ...]
    background: Blocks
    outlines: bool
    """True if "Go to" lists all questions, False if it lists only the questions answered so far."""
    has_lists_before: bool
    """True if the user can go back from the first question to the lists of outcomes or languages,
    because there is no page in between."""
    one_key: bool | None
    """True if one key answers a list; None if the user cannot change this."""
    watched: bool
    """True if input comes from a user, who can be asked to confirm."""
    on_screen: bool
    """True if output goes to a terminal rather than a file."""

    def pick(
        self,
        question: str,
        rows: Sequence[Row],
        here: Place | None,
        *,
        before: tuple[str, ...] = (),
        pointed: str | None = None,
    ) -> str | Reply | None:
        """Offer a list; return the chosen code, or None to go back. `here` enables the menu."""

    def read(self, title: str, blocks: Blocks, here: Place | None) -> Reply | None:
        """Show paragraphs of text."""

    def take_leave(self, words: str, rows: Sequence[Row]) -> str | None:
        """Show a farewell to read aloud, and rows to choose from; None to go back.

        If there is no user to ask, return the first row.
        """

    def menu(self, here: Place, actions: Sequence[Action]) -> Action | Reply | None:
        """Show a menu of actions; return the chosen action, or None."""

    def help(self, here: Place, texts: Sequence[str]) -> Reply | None:
        """Show help: these texts and the available keys or commands."""

    def type_remark(self, here: Place, earlier: str) -> str | None:
        """Ask for a remark on the question; return None if the user goes back."""

    def show(self, here: Place) -> None:
        """Show the question or review again."""


def actions_at(surface: Surface, here: Place) -> list[Action]:
    """The actions available here, in menu order."""
    interview, step = here.interview, here.step
    accepts = step.accepts if step is not None else ()
    answered = any(map(interview.is_answered, interview.steps))
    alone = interview.mode == "self"
    goes_on = step is not None or is_kept(here)
    is_first = step is not None and step.key == interview.steps[0].key
    before_first = surface.has_lists_before and not interview.given
    can = {
        Action.BACK: not is_first or interview.returns_to_review or before_first,
        Action.GO_TO: answered,
        Action.HELP: True,
        Action.DEFINITION: interview.questionnaire.definition is not None,
        Action.BACKGROUND: bool(surface.background),
        Action.DONT_KNOW: "dk" in accepts,
        Action.REFUSE: "pna" in accepts,
        Action.LANGUAGE: len(surface.languages) > 1,
        Action.ONE_KEY: surface.one_key is not None and step is not None,
        Action.REMARK: not alone and step is not None,
        Action.BREAK_OFF: not alone and answered and goes_on,
        Action.HAND_IN: alone and interview.can_hand_in and not interview.on_paper,
        Action.DISCARD: alone and answered and goes_on,
        Action.PAUSE: is_kept(here),
    }
    return [binding.action for binding in BINDINGS if can.get(binding.action)]


def is_kept(here: Place) -> bool:
    """True if a pause keeps a draft; after an answer that ended the interview, nothing is kept."""
    return here.interview.status not in ("refused", "screened_out")


def act(surface: Surface, action: Action, here: Place) -> Reply | None:
    """Run an action; if the result is None, the page on which it was chosen is shown again."""
    return FLOW[action](surface, here)


def _then(picked: str | Reply | None, reply_to: Callable[[str], Reply | None]) -> Reply | None:
    return reply_to(picked) if isinstance(picked, str) else picked


def _menu(surface: Surface, here: Place) -> Reply | None:
    chosen = surface.menu(here, actions_at(surface, here))
    return act(surface, chosen, here) if isinstance(chosen, Action) else chosen


def _help(surface: Surface, here: Place) -> Reply | None:
    return surface.help(here, help_lines(here.interview, here.step) if here.step else ())


def _definition(surface: Surface, here: Place) -> Reply | None:
    definition = here.interview.questionnaire.definition
    text = safe(definition.text) if definition else ""
    title = label_of(Action.DEFINITION, here.interview)
    return surface.read(title, (("paragraph", text),), here)


def _go_to(surface: Surface, here: Place) -> Reply | None:
    if not surface.outlines:
        rows = answer_rows(here.interview, kept=False)
        if here.words.strip():
            return _go_to_number(here.words.strip(), rows)
        return _then(surface.pick(_("Go to which question?"), rows, here), GoTo)
    rows = outline_rows(here.interview)
    step = here.step or here.interview.first_open
    keys = [row.code for row in rows if step and row.code.partition(".")[0] == step.item.id]
    question = _("Outline of the interview: choose a question")
    return _then(surface.pick(question, rows, here, pointed=next(iter(keys), None)), GoTo)


def _go_to_number(word: str, rows: Sequence[Row]) -> Reply:
    key = key_of_number(word, rows)
    if key is None:
        raise InvalidAnswer(
            _("“{rest}” is not the number of an answer.").format(rest=safe(word)[:20]),
            hint=_("Type :goto alone to list the answers and their numbers."),
        )
    return GoTo(key)


def language_rows(surface: Surface) -> list[Row]:
    """A row for each available language of the interview."""
    return [Row(code, own_name(code)) for code in surface.languages]


def _language(surface: Surface, here: Place) -> Reply | None:
    rows, now = language_rows(surface), here.interview.language
    return _then(surface.pick(_("Which language?"), rows, here, pointed=now), Speak)


def _one_key(surface: Surface, _here: Place) -> None:
    surface.one_key = not surface.one_key


def _hand_in(surface: Surface, here: Place) -> Reply | None:
    rows = (Row("handin", _("Hand in my answers so far")), Row("return", _("Go on answering")))
    note = _(
        "Your answers up to the first unanswered question are handed in; any after it "
        "cannot be included. Nothing can be added later. You get a receipt, as for a "
        "complete interview."
    )
    picked = surface.pick(_("Stop here and hand in your answers?"), rows, here, before=(note,))
    return _then(picked, {"handin": HandIn()}.get)


def _discard(surface: Surface, here: Place) -> Reply | None:
    if here.interview.on_paper:
        return _discard_keying(surface, here)
    rows = (Row("delete", _("Delete my answers and stop")), Row("return", _("Go on answering")))
    note = _("Every answer of this interview is deleted from this machine. Nothing is handed in.")
    question = _("Stop here and delete your answers?")
    picked = surface.pick(question, rows, here, before=(note,))
    return _then(picked, {"delete": Discard()}.get)


def _discard_keying(surface: Surface, here: Place) -> Reply | None:
    rows = (Row("delete", _("Delete this keying and stop")), Row("return", _("Go on keying")))
    note = _("Every answer of this keying is deleted from this machine. Nothing is stored.")
    question = _("Stop here and delete this keying?")
    picked = surface.pick(question, rows, here, before=(note,))
    return _then(picked, {"delete": Discard()}.get)


def _break_off(surface: Surface, here: Place) -> Reply | None:
    can_keep = here.interview.can_hand_in
    rows = (
        *([Row("keep", _("Keep the answers: the respondent agrees"))] if can_keep else []),
        Row("delete", _("Delete all answers")),
        Row("return", _("Go on: the respondent continues")),
    )

    def leave(code: str) -> Reply | None:
        if code == "delete":
            return _farewell(surface, here)
        return HandIn() if code == "keep" else None

    note = _("There are too few answers to keep as an unfinished response: they will be deleted.")
    if can_keep:
        note = _(
            "If the respondent agrees, their answers up to the first unanswered question are "
            "kept as an unfinished response. Otherwise, everything is deleted."
        )
    question = _("Does the respondent want to stop?")
    return _then(surface.pick(question, rows, here, before=(note,)), leave)


def _farewell(surface: Surface, here: Place) -> Reply | None:
    """Delete the answers after the farewell was read out; None if the interviewer goes back."""
    thanks = here.interview.questionnaire.closing.get("refused", _("Thank you."))
    rows = (
        Row("delete", _("The text has been read out: delete all answers and end")),
        Row("return", _("Go back: wrong key")),
    )
    try:
        picked = surface.take_leave(safe(thanks), rows)
    except LEAVING:
        # The respondent may already have been told that nothing was stored.
        return Discard()
    return Discard() if picked == "delete" else None


def _remark(surface: Surface, here: Place) -> Reply | None:
    assert here.step is not None
    earlier = here.interview.remarks.get(here.step.item.id, "")
    rows = (
        Row("change", _("Change the remark")),
        Row("keep", _("Keep the text; the words shown will be replaced")),
    )
    while (text := surface.type_remark(here, earlier)) is not None:
        text = check_text(text, LONGEST_REMARK)
        try:
            kept = _without_identifiers(surface, text, LONGEST_REMARK, rows, None)
        except LEAVING as left:
            raise Paused(is_interrupted(left), unsent_remark=text) from None
        if isinstance(kept, str):
            return Remark(kept)
        earlier, here = text, here.having(words="")
    return None


FLOW: dict[Action, Callable[[Surface, Place], Reply | None]] = {
    Action.BACK: lambda *_: Back(),
    Action.TAKE_BACK: lambda *_: TakeBack(),
    Action.GO_TO: _go_to,
    Action.HELP: _help,
    Action.DEFINITION: _definition,
    Action.BACKGROUND: lambda surface, here: surface.read(
        _("Background"), surface.background, here
    ),
    Action.DONT_KNOW: lambda *_: Given(Reserved(Action.DONT_KNOW.value)),
    Action.REFUSE: lambda *_: Given(Reserved(Action.REFUSE.value)),
    Action.LANGUAGE: _language,
    Action.ONE_KEY: _one_key,
    Action.REMARK: _remark,
    Action.BREAK_OFF: _break_off,
    Action.HAND_IN: _hand_in,
    Action.DISCARD: _discard,
    Action.PAUSE: lambda *_: Pause(),
    Action.MENU: _menu,
    Action.AGAIN: lambda surface, here: surface.show(here),
}


# Separators between groups of three digits: spaces, full stop, comma, and apostrophes.
_GROUPS = re.compile(r"\d{1,3}(?:([ \u00a0\u2009\u202f.,'’])\d{3})(?:\1\d{3})*")
_MOST_DIGITS = 18

KINDS = {
    IdentifierKind.EMAIL: N_("e-mail"),
    IdentifierKind.LINK: N_("link"),
    IdentifierKind.ACCOUNT: N_("account"),
    IdentifierKind.REGISTRATION: N_("registration number"),
    IdentifierKind.TELEPHONE: N_("telephone"),
    IdentifierKind.HANDLE: N_("social media name"),
}


def parse_number(text: str, item: Integer) -> int | str:
    """Parse a typed whole number, or the letter or name of a reserved code.

    Digits may be grouped in threes: 1 200, 1.200, 1,200, 1'200.
    """
    typed = clean(text)
    for code in item.missing:
        if typed.casefold() in (code, letter(code), _(MISSING_LABELS[code]).casefold()):
            return code
    limits = _("Type a whole number from {minimum} to {maximum}, in digits.").format(
        minimum=item.written(item.minimum), maximum=item.written(item.maximum)
    )
    if not typed:
        raise InvalidAnswer(_("Nothing was typed."), hint=limits)
    plain = re.sub(r"\D", "", typed) if _GROUPS.fullmatch(typed) else typed
    if not plain.isdecimal():
        message = _("{typed} is not a whole number.").format(typed=_quoted(typed))
        raise InvalidAnswer(message, hint=limits)
    if len(plain.lstrip("0")) > _MOST_DIGITS:
        raise InvalidAnswer(_("This number is out of range."), hint=limits)
    return check_integer(int(plain.lstrip("0") or "0"), item.minimum, item.maximum, ())


def words_of(invalid: InvalidAnswer) -> str:
    """The message and hint of an error, as one string."""
    return f"{safe(invalid.message)} {safe(invalid.hint)}"


def confirm_number(surface: Surface, number: int | str, item: Integer, here: Place) -> Reply | None:
    """Ask to confirm an unusually large number; None if the user wants to change it."""
    usual = item.maximum if item.confirm_above is None else item.confirm_above
    if isinstance(number, str) or number <= usual or not surface.watched:
        return Given(number)
    rows = (Row("yes", _("Yes, that is right")), Row("no", _("No, I want to change it")))
    unit = f" {safe(item.unit)}" if item.unit else ""
    question = _("{number}{unit} is a lot. Is that right?").format(
        number=item.written(number), unit=unit
    )
    picked = surface.pick(question, rows, here)
    return _then(picked, {"yes": Given(number)}.get)


def confirm_text(surface: Surface, text: str, most: int, here: Place) -> Reply | None:
    """Reply with this text minus any personal identifiers; None if the user wants to edit it."""
    rows = (
        Row("change", _("Change the text")),
        Row("keep", _("Keep the text; these words will be replaced")),
    )
    kept = _without_identifiers(surface, text, most, rows, here)
    return Given(kept) if isinstance(kept, str) else kept


def _without_identifiers(
    surface: Surface, text: str, most: int, rows: Sequence[Row], here: Place | None
) -> str | Reply | None:
    """Remove personal identifiers after asking; None if the user wants to edit the text."""
    if not find_identifiers(text):
        return text
    notice = _identifier_notice(text, named=surface.on_screen)
    if not surface.watched:
        surface.read("", (("paragraph", notice),), None)
    elif (picked := surface.pick(notice, rows, here)) != "keep":
        return None if isinstance(picked, str) else picked
    return remove_identifiers(text, most)


def _identifier_notice(text: str, *, named: bool) -> str:
    """Notice about personal identifiers; quotes them if `named` (on a screen, not in a file)."""
    words = []
    for each in find_identifiers(text):
        kind = _(KINDS[each.kind])
        words.append(f"{_quoted(text[each.start : each.end])} ({kind})" if named else kind)
    notice = _(
        "Your text seems to identify someone: {words}. If you keep it, these words will "
        "be replaced before it is stored."
    )
    return notice.format(words=", ".join(words))


def _quoted(text: str) -> str:
    return quoted(safe(text)) if len(text) <= 60 else _("This")
