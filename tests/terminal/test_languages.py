"""Screens in other languages: no truncated text, and no unmarked English."""

from __future__ import annotations

import gettext
import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from microcred_cli import i18n
from microcred_cli.interview import Given, Interview, Pause, Speak
from microcred_cli.questionnaire.finder import Finder
from microcred_cli.questionnaire.languages import spoken_in, texts_of
from microcred_cli.questionnaire.loading import load
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.key_map import BINDINGS, BY_ACTION, Action
from microcred_cli.terminal.line_pages import COMMANDS
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.terminal.page_wording import view_of
from microcred_cli.terminal.plain_asker import PlainAsker
from microcred_cli.terminal.rich_asker import RichAsker
from tests.pty.walker import ROUTES
from tests.terminal.key_presses import answer_all
from tests.terminal.playing import DOWN, ENTER, F1, MENU, play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interview import Step

BUILT_IN = load("mc_employers")
OTHERS = [code for code in BUILT_IN.languages if code != "en"]
LONGEST = ROUTES["representative-provides"]
SMALL = (60, 20)
PSEUDO = "qx"
_ACCENTED = str.maketrans("aeioucnsyAEIOUCNSY", "áéîöüçñšýÁÉÎÖÜÇÑŠÝ")


def lengthened(text: str) -> str:
    """A text with accents that is 40 % longer; its placeholders are unchanged."""
    pieces = re.split(r"(\{\w+\}|:[a-z]+|microcred \w+)", text)
    accented = "".join(p if i % 2 else p.translate(_ACCENTED) for i, p in enumerate(pieces))
    body = accented.rstrip(" ")
    more = " łōñgèr" * max(1, round(len(body) * 0.4 / 7)) if len(body) > 3 else ""
    return body + more + accented[len(body) :]


class Lengthened(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return lengthened(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return lengthened(one if number == 1 else many)


@pytest.fixture(autouse=True)
def catalogues(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = i18n._catalogue
    monkeypatch.setattr(i18n, "_catalogue", lambda c: Lengthened() if c == PSEUDO else real(c))
    i18n.speak("en")
    yield
    i18n.speak("en")


def spoken(language: str, mode: str = "self") -> Interview:
    languages = {code: BUILT_IN.languages[code] for code in BUILT_IN.languages}
    if language == PSEUDO:
        definition = json.loads(BUILT_IN.source)
        texts = {key: lengthened(text) for key, text in texts_of(definition).items()}
        languages[PSEUDO] = spoken_in(definition, texts)
    return Interview.begin(
        BUILT_IN.questionnaire,
        mode=mode,  # type: ignore[arg-type]
        language=language,
        seed=3,
        spoken=languages,
    )


def steps(interview: Interview) -> Iterator[tuple[Interview, Step]]:
    """The interview at each question of the longest route, with only the first row of a matrix."""
    said = answer_all(BUILT_IN.questionnaire, LONGEST, 3, interview.mode).said
    for _, value in said:
        step = interview.step
        assert step is not None
        if step.number == 1:
            yield interview, step
        interview = interview.answer(value)


def words(text: str) -> str:
    return " ".join(text.replace("┃ ", "").split())


@pytest.mark.parametrize("language", [PSEUDO])
@pytest.mark.parametrize("mode", ["self", "phone"])
def test_nothing_is_cut_off_on_a_small_screen(language: str, mode: str) -> None:
    for interview, step in steps(spoken(language, mode)):
        asker = RichAsker() if mode == "self" else InterviewerAsker(introduction=())
        view = view_of(interview, step)
        listed = step.asks in ("one", "some") and (len(step.options) <= 13)
        downs = len(view.entries) if listed else 0
        first = [ENTER] * 3 if view.before or view.definition else []
        keys = [*first, *([DOWN] * downs)]
        looks = play(lambda a=asker, i=interview, s=step: a.ask(i, s, None), keys, SMALL).looks  # type: ignore[misc]
        shown = [words(look.text) for look in looks]
        read_later = {o.label for o in step.options if o.exclusive and mode != "self"}
        labels = [e.label for e in view.entries if listed and e.label not in read_later]
        wanted = [view.stem, view.part, *labels]
        for text in filter(None, wanted):
            assert any(words(text) in each for each in shown), (step.key, text)
        assert BY_ACTION[Action.MENU].shown_key in shown[-1], step.key


@pytest.mark.parametrize("language", [*OTHERS, "en"])
def test_the_letters_of_the_menu_are_those_of_lists(language: str) -> None:
    i18n.speak(language)
    letters = [b.menu_letter for b in BINDINGS if b.action not in (Action.MENU, Action.AGAIN)]
    assert len({*letters, "q"}) == len(letters) + 1
    assert all(letters)
    for action, meaning in ((Action.DONT_KNOW, "dk"), (Action.REFUSE, "pna")):
        assert BY_ACTION[action].menu_letter == i18n.letter(meaning)


@pytest.mark.parametrize(
    ("language", "mode"), [*((language, "self") for language in OTHERS), ("pl", "phone")]
)
def test_no_english_is_left(language: str, mode: str) -> None:
    """No English texts of the program or the questionnaire are shown."""
    with (i18n.FOLDER / language / "LC_MESSAGES" / "microcred.po").open("rb") as file:
        catalogue = read_po(file)
    ids = [m.id for m in catalogue if m.id]
    english = {p for i in ids for p in re.split(r"\{\w+\}", i if isinstance(i, str) else i[1])}
    own = json.dumps([m.string for m in catalogue], ensure_ascii=False).casefold()
    texts = BUILT_IN.languages.texts(language)
    own += " ".join(texts.values()).casefold()
    english |= {*texts_of(json.loads(BUILT_IN.source)).values()}
    telling = {e.strip().casefold() for e in english if len(e.strip()) >= 8}
    telling = {each for each in telling if each not in own}
    assert len(telling) > 300
    for interview, step in steps(spoken(language, mode)):
        asker = RichAsker() if mode == "self" else InterviewerAsker(introduction=())
        view = view_of(interview, step)
        keys = [ENTER] if view.before or view.definition else []
        if step.item.id in ("consent", "terms_used"):
            keys += [F1, ENTER, ENTER, MENU]
        looks = play(lambda a=asker, i=interview, s=step: a.ask(i, s, None), keys, SMALL).looks  # type: ignore[misc]
        for look in looks:
            text = words(look.text).casefold()
            assert not {each for each in telling if each in text}, (step.key, look.text)


@pytest.mark.parametrize("language", [*OTHERS, "en"])
def test_how_to_tick_is_said_in_words_on_a_small_screen(language: str) -> None:
    interview, step = next(at for at in steps(spoken(language)) if at[1].asks == "some")
    shown = play(lambda: RichAsker().ask(interview, step, None), [], SMALL).last.words
    hint = i18n._("Space: tick")
    assert words(hint) in shown
    assert not set(hint) & set("[]()")


def test_the_language_changes_in_mid_question_by_a_key_and_in_the_menu() -> None:
    interview = spoken("en", "phone").answer("yes")
    assert interview.step is not None
    step = interview.step
    asker = InterviewerAsker(introduction=(), languages=("en", "de"))
    changed = play(lambda: asker.ask(interview, step, None), ["\x0c", "2"])
    assert changed.result == Speak("de")
    assert "Deutsch" in changed.last.text
    german = interview.speak("de")
    assert german.step is not None
    second = InterviewerAsker(introduction=(), languages=("en", "de"))
    shown = play(lambda: second.ask(german, german.step, None), []).last.words  # type: ignore[arg-type]
    assert german.step.item.text in shown
    assert german.given == interview.given


@pytest.mark.parametrize(
    ("language", "typed", "code"),
    [
        ("de", "öst", "AT"), ("de", "ost", "AT"), ("de", "AT", "AT"), ("fi", "itav", "AT"),
        ("fr", "etatx", None), ("fr", "pays", "NL"), ("es", "espana", "ES"), ("pl", "wlo", "IT"),
        ("sl", "CH", "CH"), ("nl", "duit", "DE"), ("en", "SE", "SE"), ("en", "se", None),
    ],
)  # fmt: skip
def test_a_country_is_found_by_its_name_and_by_its_code(
    language: str, typed: str, code: str | None
) -> None:
    interview = spoken(language).answer("yes").answer("employer")
    assert interview.step is not None
    options = interview.step.options
    found = Finder(options).find(typed).best
    assert (None if found is None else options[found].code) == code


def test_plain_lines_speak_the_language() -> None:
    out = io.StringIO()
    asker = PlainAsker(Surroundings(io.StringIO("1\n"), out, {}), languages=("de",))
    interview = spoken("de")
    assert interview.step is not None
    asker.ask(interview, interview.step, None)
    assert "Frage 1 von höchstens 36" in out.getvalue()


@pytest.mark.parametrize("language", [*OTHERS, "en"])
def test_in_plain_lines_a_letter_is_an_answer_and_a_command_is_a_word(language: str) -> None:
    i18n.speak(language)
    found = {meaning: next(_taking(language, meaning)) for meaning in ("dk", "pna")}
    for meaning, (interview, step) in found.items():
        letter = i18n.LETTERS[language][meaning]
        for line in (letter, letter.upper(), f"{letter}."):
            assert _plain(interview, step, line)[0] == Given(meaning)
        for line in (f":{letter}", f": {letter}"):
            reply, out = _plain(interview, step, line, ":pause")
            assert reply == Pause()
            assert words(i18n._(COMMANDS)) in out
        assert words(i18n._(COMMANDS)) in _plain(interview, step, ":help", ":pause")[1]
        assert _plain(interview, step, ":" + meaning)[0] == Given(meaning)


def _taking(language: str, meaning: str) -> Iterator[tuple[Interview, Step]]:
    """The steps of which a list has a letter for a reserved answer."""
    for interview, step in steps(spoken(language)):
        if step.asks == "one" and i18n.LETTERS[language][meaning] in (
            row.sign for row in view_of(interview, step).entries
        ):
            yield interview, step


def _plain(interview: Interview, step: Step, *lines: str) -> tuple[object, str]:
    """The reply to these lines, typed at a terminal, and the output."""
    streams = Terminal("\n".join([*lines, ""])), Terminal()
    reply = PlainAsker(Surroundings(*streams, {})).ask(interview, step, None)
    return reply, words(streams[1].getvalue())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True
