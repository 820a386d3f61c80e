"""The asker for interviewers: text read aloud, one key to answer, one key to correct."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.errors import Paused
from microcred_cli.fieldwork.background import Paragraph
from microcred_cli.i18n import letter, speaking
from microcred_cli.interview import (
    Back,
    ContactPage,
    Discard,
    Finished,
    Given,
    GoTo,
    HandIn,
    Interview,
    Remark,
    Speak,
    run,
)
from microcred_cli.questionnaire.loading import load
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.interviewer_script import instruction
from microcred_cli.terminal.rich_asker import RichAsker
from tests.pty.walker import ROUTES
from tests.terminal.key_presses import (
    answer_all,
    keys_alone,
    keys_aloud,
    play_alone,
    play_aloud,
)
from tests.terminal.playing import (
    BACKSPACE,
    CTRL_C,
    DOWN,
    ENTER,
    ESCAPE,
    F1,
    MENU,
    SHIFT_TAB,
    SIZES,
    Played,
    begin,
    item,
    options,
    play,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.interview import Reply

GO_TO, LANGUAGE, REMARK, FULL, BREAK_OFF = "\x07", "\x0c", "\x12", "\x14", "\x18"
F7, F8 = "\x1b[18~", "\x1b[19~"
LOADED = load("mc_employers")
BUILT_IN = LOADED.questionnaire
TRANSLATIONS = {code: LOADED.languages[code] for code in LOADED.languages if code != "en"}


def aloud(*items: dict[str, Any], **more: Any) -> Interview:
    return Interview.begin(begin(*items, **more).questionnaire, mode="phone")


def ask(
    interview: Interview, keys: Sequence[str], size: tuple[int, int] = (80, 24), **more: Any
) -> Played[Reply]:
    asker = InterviewerAsker(introduction=("Hello.",), **more)
    step = interview.step
    assert step is not None
    return play(lambda: asker.ask(interview, step, None), keys, size)


def lead(interview: Interview, keys: Sequence[str]) -> Played[Finished | Paused]:
    def led() -> Finished | Paused:
        try:
            return run(interview, InterviewerAsker(introduction=()))
        except Paused as pause:
            return pause

    return play(led, keys)


THREE = options("Alpha", "Beta", "Gamma")
SINGLE = item("single", options=THREE, missing=["dk"])
READ = item("multiple", options=THREE, missing=["dk"])
CLOSED = item(
    "multiple",
    options=options("Alpha", "Beta", "None of them", c={"exclusive": True}),
    missing=["dk"],
)
LONG = item("multiple", options=options(*(f"Name {i}" for i in range(1, 13))), missing=["dk"])


def second(kind: str = "open", **more: Any) -> dict[str, Any]:
    return {**item(kind, "And then?", **more), "id": "q2"}


class TestScript:
    def test_what_is_read_has_a_bar_and_what_is_not_stands_in_brackets(self) -> None:
        noted = item("single", "Spoken?", options=THREE, note="Do not explain.")
        text = ask(aloud(noted), []).last.text
        assert "┃ Spoken?" in text
        assert "[Read out the answer options; press the number of the answer.]" in text
        assert "[Note: Do not explain.]" in text

    def test_answers_that_are_read_out_have_the_bar(self) -> None:
        lines = ask(aloud(SINGLE), []).last.lines
        assert any(line.startswith("┃  1. Alpha") for line in lines)
        assert any(line.startswith("   d. Don't know") for line in lines)

    def test_so_has_a_scale_with_the_first_row_of_a_matrix(self) -> None:
        rows = [{"code": "r1", "label": "One"}, {"code": "r2", "label": "Two"}]
        matrix = aloud(item("matrix", "Rows?", rows=rows, options=THREE))
        assert "┃  1. Alpha" in ask(matrix, []).last.text
        again = lead(matrix, ["1"]).last.text
        assert "┃ Two" in again
        assert "┃ Rows?" not in again
        assert "[Read the row;" in again
        assert "\n  1. Alpha" in again
        assert "┃  1." not in again

    def test_after_a_pause_the_question_and_the_scale_are_read_again(self) -> None:
        rows = [{"code": "r1", "label": "One"}, {"code": "r2", "label": "Two"}]
        matrix = aloud(item("matrix", "Rows?", rows=rows, options=THREE))
        resumed = ask(matrix.answer("a"), []).last.text
        assert "┃ Rows?" in resumed
        assert "[Read the question, the row and the scale;" in resumed
        assert "┃  1. Alpha" in resumed

    def test_the_bar_stands_beside_every_line_of_an_answer(self) -> None:
        long = item("single", options=options("An answer of many words " * 3))
        lines = [line.rstrip() for line in ask(aloud(long), [], (40, 20)).last.lines]
        first = next(i for i, line in enumerate(lines) if "1. An answer" in line)
        assert lines[first + 1].startswith("┃     ")

    def test_a_list_that_is_not_read_out_has_none(self) -> None:
        levels = item("multiple", options=THREE, read_out=False)
        played = ask(aloud(levels), ["1", ENTER])
        assert "[Do not read the list out; press the key of each option mentioned," in (
            played.looks[0].words
        )
        assert "┃  1." not in played.looks[0].text
        assert "Do not read out:" not in played.looks[0].text
        assert played.result == Given(["a"])

    def test_kinds_of_awarding_bodies_are_not_read_out(self) -> None:
        whole = answer_all(BUILT_IN, ROUTES["employer-provides"], 3, "phone").interview
        text = ask(whole.jump("mc_awarder"), []).last.text
        assert "Do not read the list out" in text
        assert "Read one by one" not in text

    @pytest.mark.parametrize("language", ["en", *sorted(TRANSLATIONS)])
    def test_consent_takes_yes_and_no(self, language: str) -> None:
        consent = Interview.begin(TRANSLATIONS.get(language, BUILT_IN), mode="phone")
        consent = replace(consent, language=language)
        with speaking(language):
            yes, no = letter("yes"), letter("no")
        asked = ask(consent, [yes])
        assert asked.result == Given("yes")
        assert f"\n  {yes}. " in asked.looks[0].text
        assert "┃  " not in asked.looks[0].text
        assert ask(consent, [no.upper()]).result == Given("no")
        assert ask(consent, ["2"]).result == Given("no")

    def test_no_note_repeats_the_instruction(self) -> None:
        interview = answer_all(BUILT_IN, ROUTES["employer-provides"], 3, "phone").interview
        for step in interview.steps:
            note = (step.item.note or "").casefold()
            assert "scale" not in note, step.key
            assert "read the list" not in note, step.key
            assert "not read" not in note, step.key

    def test_a_semicolon_in_an_instruction_has_its_space_in_french(self) -> None:
        step = Interview.begin(TRANSLATIONS["fr"], mode="phone").step
        assert step is not None
        with speaking("fr"):
            assert "\u202f; " in instruction(step, searches=False)

    def test_the_spoken_wording_is_shown(self) -> None:
        spoken = item("single", "Written?", options=THREE, read_aloud="Spoken?")
        text = ask(aloud(spoken), []).last.text
        assert "Spoken?" in text
        assert "Written?" not in text

    @pytest.mark.parametrize("key", ["terms_used", "mc_field", "advantages"])
    def test_all_that_can_be_named_is_seen_at_once(self, key: str) -> None:
        whole = answer_all(BUILT_IN, ROUTES["employer-provides"], 3, "phone").interview
        here = whole.jump(key)
        assert here.step is not None
        labels = [option.label for option in here.step.options]
        looks = ask(here, [ENTER]).looks
        assert any(all(label in look.words for label in labels) for look in looks)

    def test_the_previous_answer_makes_room_for_what_is_read_out(self) -> None:
        here = Interview.begin(BUILT_IN, mode="phone", seed=3)
        asker = InterviewerAsker(introduction=("Hello.",))

        def to_the_names() -> None:
            nonlocal here
            for step, value in answer_all(BUILT_IN, ROUTES["employer-provides"], 3, "phone").said:
                if step.key in ("term_familiarity", "terms_used"):
                    asker.ask(here, step, None)
                here = here.answer(value)

        first, names, *_ = play(to_the_names, ["1"], (60, 20)).looks
        assert "c. None of these" not in first.text
        assert "c. None of these" in names.text, names.text

    def test_the_note_is_told_by_the_help(self) -> None:
        noted = item("single", "Spoken?", options=THREE, note="Do not explain.")
        assert "Note: Do not explain." in ask(aloud(noted), [F1]).last.text

    def test_what_is_not_read_out_stands_under_a_line_that_says_so(self) -> None:
        lines = [line.strip() for line in ask(aloud(SINGLE), []).last.lines]
        here = lines.index("Do not read out:")
        assert lines[here + 1 : here + 3] == ["d. Don't know", "p. Prefer not to answer"]

    def test_the_introduction_is_read_and_the_full_text_is_a_key_away(self) -> None:
        from microcred_cli.fieldwork.background import Paragraph

        asker = InterviewerAsker(
            introduction=("Good day.",), background=(Paragraph("paragraph", "The whole text."),)
        )
        played = play(lambda: asker.read_background() or "read", [FULL, ENTER, ENTER])
        assert played.result == "read"
        assert "┃ Good day." in played.looks[0].text
        assert "The whole text." in played.looks[1].text

    @pytest.mark.parametrize("size", SIZES[2:])
    def test_what_is_read_on_request_is_a_key_away_with_its_bar(
        self, size: tuple[int, int]
    ) -> None:
        from microcred_cli.fieldwork.background import read_aloud, read_on_request, written
        from microcred_cli.fieldwork.settings import Fieldwork

        heading, *more = read_on_request(BUILT_IN, Fieldwork())
        asker = InterviewerAsker(
            introduction=read_aloud(BUILT_IN, Fieldwork()),
            background=(heading, *more, *written(BUILT_IN, Fieldwork())),
        )
        played = play(lambda: asker.read_background() or "read", [FULL, *[ENTER] * 12], size)
        opened = next(n for n, look in enumerate(played.looks) if heading.text in look.text)
        before, after = (
            " ".join(" ".join(look.words.replace("┃", " ").split()) for look in looks)
            for looks in (played.looks[:opened], played.looks[opened:])
        )
        assert more
        for sentence in more:
            assert sentence.text not in before
            assert sentence.text in after
        assert f"┃ {more[0].text[:30]}" in played.looks[opened].text

    @pytest.mark.parametrize("size", SIZES[2:])
    def test_every_question_shows_what_is_read_whole(self, size: tuple[int, int]) -> None:
        said = answer_all(BUILT_IN, ROUTES["representative-provides"], 3, "phone").said
        interview = Interview.begin(BUILT_IN, mode="phone", seed=3)
        for step, value in said:
            assert interview.step == step
            shown = ask(interview, [ENTER] * 3, size).looks
            stem = " ".join(interview.stem(step).split())
            assert any(stem in " ".join(look.words.replace("┃ ", "").split()) for look in shown)
            interview = interview.answer(value)


class TestOneKey:
    def test_a_digit_answers_at_once(self) -> None:
        assert ask(aloud(SINGLE), ["2"]).result == Given("b")

    @pytest.mark.parametrize(("key", "code"), [("d", "dk"), ("p", "pna"), (F7, "dk"), (F8, "pna")])
    def test_so_do_the_reserved_codes(self, key: str, code: str) -> None:
        assert ask(aloud(SINGLE), [key]).result == Given(code)

    def test_enter_answers_nothing(self) -> None:
        assert ask(aloud(SINGLE), [ENTER, ENTER, "1"]).result == Given("a")

    def test_a_wrong_digit_is_mended_with_one_key_and_the_right_digit(self) -> None:
        played = lead(aloud(SINGLE, second("single", options=THREE)), ["1", BACKSPACE, "2", "3"])
        assert "✓ Your answer: Alpha" in played.looks[1].text
        assert "» 1. Alpha" in played.looks[2].text
        assert "✓ Your answer: Beta" in played.looks[3].text

    def test_a_key_that_is_none_says_so(self) -> None:
        assert "There is no answer 7 here" in ask(aloud(SINGLE), ["7"]).last.text

    def test_keys_pressed_ahead_count_on_the_next_pages(self) -> None:
        items = [{**SINGLE, "id": f"q{n}"} for n in range(1, 5)]
        played = lead(aloud(*items), ["1232"])
        assert "Every question is answered" in played.last.text
        for said in ("Alpha", "Beta", "Gamma"):
            assert said in played.last.text

    def test_keys_pressed_ahead_count_behind_a_text_too(self) -> None:
        asked = item("open", required="optional", max_length=50)
        played = lead(aloud(asked, second("single", options=THREE)), [f"HR{ENTER}2"])
        assert "“HR”" in played.last.words
        assert "Beta" in played.last.words

    def test_a_long_list_is_marked_by_keys(self) -> None:
        assert ask(aloud(LONG), ["1", "0", "b", ENTER]).result == Given(["a", "j", "l"])

    def test_dont_know_after_marks_replaces_them_and_waits_for_enter(self) -> None:
        played = ask(aloud(LONG), ["1", "2", "d"])
        assert "Only “Don't know” is marked now" in played.last.words
        assert ask(aloud(LONG), ["1", "2", "d", ENTER]).result == Given("dk")
        assert ask(aloud(LONG), ["d"]).result == Given("dk")

    def test_letters_of_any_word_find_an_answer(self) -> None:
        listed = item("single", options=options("Red apple", "Green pear"), search=True)
        assert ask(aloud(listed), ["p", "e", ENTER]).result == Given("b")

    def test_an_optional_text_stays_empty_with_one_key(self) -> None:
        asked = item("open", required="optional", max_length=50)
        assert ask(aloud(asked), [ENTER]).result == Given("")

    def test_the_letter_of_a_reserved_code_answers_a_question_for_a_number(self) -> None:
        asked = item("integer", minimum=0, maximum=99, missing=["dk", "pna"])
        assert ask(aloud(asked), ["p"]).result == Given("pna")


class TestOptionByOption:
    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ("yny", ["a", "c"]),
            ("nny", ["c"]),
            (["y", ENTER], ["a"]),
            (["3", ENTER], ["c"]),
            (["y", "y", BACKSPACE, "n", "n"], ["a"]),
            (["n", "y", BACKSPACE, BACKSPACE, "y", ENTER], ["a"]),
            ("d", "dk"),
            ("yp", "pna"),
        ],
    )
    def test_what_is_said_becomes_the_answer(self, keys: Sequence[str], said: object) -> None:
        assert ask(aloud(READ), list(keys)).result == Given(said)

    def test_enter_before_the_first_mark_answers_nothing(self) -> None:
        played = ask(aloud(READ), [ENTER, "y", ENTER])
        assert "Enter" not in played.looks[0].text.replace("then Enter", "")
        assert "press y for yes or n for no" in played.looks[1].text
        assert "Enter: nothing more" in played.looks[2].text
        assert played.result == Given(["a"])

    @pytest.mark.parametrize(
        ("asked", "key", "said"),
        [(CLOSED, "1", ["c"]), (CLOSED, "d", "dk"), (READ, "d", "dk"), (READ, "p", "pna")],
    )
    def test_all_no_is_asked_once_more(self, asked: dict[str, Any], key: str, said: object) -> None:
        played = ask(aloud(asked), ["n", ENTER, key])
        assert played.result == Given(said)
        assert "Every answer was no" in played.last.text

    def test_where_nothing_closes_the_list_the_reason_is_asked(self) -> None:
        assert "does not know or prefers not" in ask(aloud(READ), ["n", ENTER]).last.text

    def test_what_stands_alone_is_not_read(self) -> None:
        assert "None of them" not in ask(aloud(CLOSED), []).last.text

    def test_a_long_list_is_read_with_what_stands_alone(self) -> None:
        alone = {"code": "z", "label": "None of them", "exclusive": True}
        read = {**LONG, "options": [*LONG["options"], alone], "missing": ["dk"]}
        text = ask(aloud(read), []).last.text
        assert any(line.startswith("┃") and "None of them" in line for line in text.splitlines())

    def test_where_only_some_may_be_named_the_whole_list_is_read_first(self) -> None:
        played = ask(aloud({**READ, "at_most": 2}), ["3", "1", "2", "d"])
        assert "[Read the list out; press the key of each option mentioned (at most 2)," in (
            played.looks[0].words
        )
        assert "You can choose at most 2. To remove one, press its key" in played.looks[3].text
        marked = ask(aloud({**READ, "at_most": 2}), ["3", "1", "3", "2", ENTER])
        assert marked.result == Given(["a", "b"])

    def test_an_earlier_answer_comes_back_marked_and_can_be_changed(self) -> None:
        interview = aloud(READ).answer(["a"]).jump("q1")
        played = ask(interview, ["n", "y", ENTER])
        assert "[y] 1. Alpha" in played.looks[0].text
        assert "[n] 2. Beta" in played.looks[0].text
        assert played.result == Given(["b"])

    def test_the_last_answer_leads_on_in_an_earlier_answer_too(self) -> None:
        interview = aloud(READ).answer(["a"]).jump("q1")
        assert ask(interview, ["n", "y", "n"]).result == Given(["b"])
        changed = ask(interview, ["3", ENTER])
        assert changed.result == Given(["a", "c"])

    def test_every_mark_is_kept_before_the_next(self) -> None:
        asker = InterviewerAsker(introduction=())
        kept: list[dict[str, bool]] = []
        asker.note = lambda: kept.append(dict(asker.unfinished.marks["q1"]))
        interview = aloud(READ)
        assert interview.step is not None
        step = interview.step
        play(lambda: asker.ask(interview, step, None), ["y", "n", CTRL_C])
        assert kept == [{"a": True}, {"a": True, "b": False}]

    def test_marks_come_back_after_a_pause(self) -> None:
        asker = InterviewerAsker(introduction=())
        asker.unfinished.marks["q1"] = {"a": True}
        interview = aloud(READ)
        assert interview.step is not None
        step = interview.step
        played = play(lambda: asker.ask(interview, step, None), ["n", "y"])
        assert played.result == Given(["a", "c"])


class TestKeys:
    ITEMS = (
        SINGLE,
        READ,
        LONG,
        item("integer", minimum=0, maximum=9, missing=["dk"]),
        item("open", max_length=50, required="optional"),
    )

    @pytest.mark.parametrize("asked", ITEMS, ids=lambda asked: str(asked["kind"]))
    @pytest.mark.parametrize("size", SIZES)
    def test_every_key_in_the_footer_works(
        self, asked: dict[str, Any], size: tuple[int, int]
    ) -> None:
        """Each key in the footer changes the screen, or ends the question."""
        from microcred_cli.fieldwork.background import Paragraph

        presses = {"Shift-Tab": SHIFT_TAB, "F1": F1, "Ctrl-G": GO_TO, "Ctrl-R": REMARK,
                   "Ctrl-T": FULL, "F7": F7, "F8": F8, "Ctrl-X": BREAK_OFF, "Ctrl-C": CTRL_C,
                   "Ctrl-O": MENU}  # fmt: skip
        interview = aloud(second("single", options=THREE), asked).answer("a")
        more = {"background": (Paragraph("paragraph", "All of it."),)}
        footer = ask(interview, [], size, **more).last.words
        named = [key for key in presses if key in footer]
        assert "Ctrl-O" in named
        menu = ask(interview, [MENU], (100, 40), **more).last.words
        assert all(f"({key})" in menu for key in ("Ctrl-X", "Ctrl-R", "Ctrl-G", "Ctrl-T"))
        for key in named:
            played = ask(interview, [presses[key]], size, **more)
            changed = played.raised is None or played.looks[0].text != played.last.text
            assert changed, key

    def test_a_respondent_s_footer_has_none_of_these_keys(self) -> None:
        interview = begin(second("single", options=THREE), SINGLE).answer("a")
        step = interview.step
        assert step is not None
        footer = play(lambda: RichAsker().ask(interview, step, None), []).last.words
        assert "Shift-Tab" in footer
        for key in ("Ctrl-G", "Ctrl-R", "Ctrl-T", "Ctrl-L", "Ctrl-X", "F7", "F8"):
            assert key not in footer


class TestControl:
    def test_a_remark_is_noted_and_the_question_stays(self) -> None:
        played = ask(aloud(SINGLE), [REMARK, "They laughed", ENTER])
        assert played.result == Remark("They laughed")
        noted = aloud(SINGLE).remark("They laughed")
        assert noted.step == aloud(SINGLE).step
        assert "They laughed" in ask(noted, [REMARK]).last.text

    def test_a_remark_leaves_a_sign_on_the_page(self) -> None:
        assert "· (remark)" in ask(aloud(SINGLE).remark("They laughed"), []).looks[0].text
        assert "(remark)" not in ask(aloud(SINGLE), []).looks[0].text

    def test_a_remark_closed_with_escape_is_there_when_it_is_opened_again(self) -> None:
        played = ask(aloud(SINGLE), [REMARK, "They", ESCAPE, REMARK, " laughed", ENTER])
        assert played.result == Remark("They laughed")

    def test_a_name_in_a_remark_is_told_and_replaced(self) -> None:
        played = ask(aloud(SINGLE), [REMARK, "write to a.b@example.org", ENTER, "2"])
        assert "seems to identify someone" in played.last.words
        assert played.result == Remark("write to [removed: e-mail]")

    @pytest.mark.parametrize(
        ("keys", "begun"),
        [(["Hal"], "Hal"), (["Call 0171 2345678", ENTER], "Call 0171 2345678")],
    )
    def test_a_remark_being_typed_comes_back_after_a_pause(
        self, keys: list[str], begun: str
    ) -> None:
        paused = lead(aloud(SINGLE), [REMARK, *keys, CTRL_C]).result
        assert isinstance(paused, Paused)
        assert paused.unsent_remark == begun
        asker, interview = InterviewerAsker(introduction=()), aloud(SINGLE)
        asker.recall("q1", "Hal")
        step = interview.step
        assert step is not None
        played = play(lambda: asker.ask(interview, step, None), ["f", ENTER])
        assert played.result == Remark("Half")

    def test_a_remark_that_is_closed_after_a_pause_does_not_come_again(self) -> None:
        asker, interview = InterviewerAsker(introduction=()), aloud(SINGLE)
        asker.recall("q1", "Hal")
        step = interview.step
        assert step is not None
        assert play(lambda: asker.ask(interview, step, None), [ESCAPE, "1"]).result == Given("a")

    def test_a_wrong_language_is_changed_at_the_introduction(self) -> None:
        asker = InterviewerAsker(introduction=lambda code: [code], languages=("en", "de"))
        played = play(asker.read_background, [LANGUAGE, ESCAPE, LANGUAGE, "2"])
        assert "Ctrl-L language" in played.looks[0].text
        assert "Which language?" in played.looks[1].text
        assert played.result == Speak("de")

    def test_the_introduction_leads_back_to_the_outcomes(self) -> None:
        asker = InterviewerAsker(introduction=lambda code: [code], languages=("en", "de"))
        played = play(lambda: asker.read_background(back=True), [SHIFT_TAB], (60, 20))
        assert played.result == Back()
        footer = played.looks[0].words
        for key in ("Enter: go on", "Shift-Tab back", "? help", "Ctrl-C leave"):
            assert key in footer
        alone = InterviewerAsker(introduction=lambda code: [code], languages=("en", "de"))
        assert "Shift-Tab" not in play(alone.read_background, [ENTER]).looks[0].text

    def test_help_at_the_introduction_names_the_keys_that_its_footer_has_no_room_for(self) -> None:
        background = (Paragraph("paragraph", "The background."),)
        for key in ("?", F1):
            asker = InterviewerAsker(
                introduction=lambda code: [code], background=background, languages=("en", "de")
            )
            text = play(asker.read_background, [key], (60, 20)).last.text
            assert "Ctrl-T: Full text of the background" in text
            assert "Ctrl-L: Change the language" in text
            assert "Ctrl-C: Leave" in text
            assert text.count("question") == 1

    def test_help_speaks_of_keys_that_answer(self) -> None:
        text = ask(aloud(READ), [F1]).last.words
        assert "choose it, or mark it if several are possible" in text
        assert "y or n:" in text
        assert "Space" not in text
        assert "move to it" not in text
        assert "y or n:" not in ask(aloud(LONG), [F1]).last.words
        assert "move to it" in ask(aloud(second(max_length=9)), [F1]).last.words

    def test_the_outline_shows_every_item_with_its_state(self) -> None:
        items = [{**SINGLE, "id": f"q{n}", "text": f"Number {n}?"} for n in range(1, 4)]
        route = {"item": "q1", "any_of": ["b"]}
        interview = aloud(items[0], {**items[1], "asked_if": route}, items[2]).answer("a")
        text = ask(interview, [GO_TO]).last.text
        assert "1. answered: Number 1? — Alpha" in text
        assert "not asked: Number 2?" in text
        assert "» 2. open: Number 3?" in text
        assert ask(interview, [GO_TO, "1"]).result == GoTo("q1")

    def test_the_outline_points_at_a_question_of_which_some_is_answered(self) -> None:
        rows = [{"code": "r1", "label": "One"}, {"code": "r2", "label": "Two"}]
        matrix = item("matrix", "Rows?", rows=rows, options=THREE)
        interview = aloud(second("single", options=THREE), {**matrix, "id": "m"})
        there = interview.answer("a").answer("b").back()
        assert "» 2. open: Rows?" in ask(there, [GO_TO]).last.text

    def test_to_break_off_asks_whether_what_was_said_may_be_kept(self) -> None:
        items = ({**SINGLE, "id": "q1"}, {**SINGLE, "id": "q2"})
        more = {"sections": [{"id": "s", "label": "S", "makes_partial": True, "items": [*items]}]}
        interview = aloud(**more).answer("a")
        assert ask(interview, [BREAK_OFF, "1"]).result == HandIn()
        assert ask(interview, [BREAK_OFF, "2", "1"]).result == Discard()
        assert "Keep the answers" in ask(interview, [BREAK_OFF]).last.text

    def test_too_little_is_not_kept(self) -> None:
        interview = aloud(SINGLE, {**SINGLE, "id": "q2"}).answer("a")
        played = ask(interview, [BREAK_OFF, "1", "1"])
        assert "There are too few answers" in played.looks[1].text
        assert played.result == Discard()

    @pytest.mark.parametrize("back", ["2", SHIFT_TAB, ESCAPE, CTRL_C])
    def test_the_farewell_leads_back_to_the_question(self, back: str) -> None:
        interview = aloud(SINGLE, {**SINGLE, "id": "q2"}).answer("a")
        played = ask(interview, [BREAK_OFF, "1", back, "2"])
        assert "┃ That is all right." in played.looks[2].text
        assert played.result == Given("b")

    def test_the_time_so_far_and_the_minutes_left_are_shown(self) -> None:
        asker = InterviewerAsker(introduction=())
        asker.elapsed = lambda: 760.0
        interview = aloud({**SINGLE, "seconds": 110})
        assert interview.step is not None
        step = interview.step
        place = play(lambda: asker.ask(interview, step, None), []).last.lines[1]
        # 110 seconds without an interviewer are 127 when read aloud.
        assert "about 2 minutes left · 12 min so far" in place

    def test_a_pause_key_pressed_ahead_is_heard(self) -> None:
        items = [{**SINGLE, "id": f"q{n}"} for n in range(1, 4)]
        played = lead(aloud(*items), [f"12{CTRL_C}"])
        assert isinstance(played.result, Paused)

    def test_back_is_a_key_away_everywhere(self) -> None:
        interview = aloud(second(max_length=9), SINGLE).answer("x")
        assert ask(interview, [SHIFT_TAB]).result == Back()
        assert ask(interview, [BACKSPACE]).result == Back()

    def test_the_receipt_is_to_be_read_out(self) -> None:
        asker = InterviewerAsker(introduction=())
        played = play(lambda: asker.receipt("ABCD-EFGH", "Thank you."), [DOWN, ENTER])
        assert "Read it out group by group" in played.looks[0].text
        assert "┃ Thank you." in played.looks[0].text

    def test_what_was_typed_ahead_does_not_submit(self) -> None:
        played = lead(aloud(SINGLE), [f"1s{ENTER}"])
        assert "Every question is answered" in played.last.text
        assert isinstance(played.result, Paused)

    @pytest.mark.parametrize("unexpected", [True, False])
    def test_what_was_typed_ahead_chooses_nothing_unexpected(self, *, unexpected: bool) -> None:
        asker = InterviewerAsker(introduction=())
        options = (("go", "Go on"), ("lose", "Lose it"))

        def twice() -> list[str | None]:
            first = asker.choose("First?", options)
            return [first, asker.choose("Second?", options, unexpected=unexpected)]

        chosen = play(twice, ["12"]).result
        assert chosen == ["go", None if unexpected else "lose"]

    @pytest.mark.parametrize(
        ("typed", "chosen"), [("22", None), ("211", "next"), (f"2{ENTER}", "next")]
    )
    def test_only_the_first_option_of_an_unexpected_page_can_be_typed_ahead(
        self, typed: str, chosen: str | None
    ) -> None:
        asker = InterviewerAsker(introduction=())
        options = (("next", "Next case"), ("stop", "Stop here"))
        page = ContactPage("Case A-1", "Next?", options, pointed="next", unexpected=True)

        def twice() -> list[str | None]:
            return [asker.choose("First?", options), asker.offer(page)]

        assert play(twice, [typed]).result == ["stop", chosen]

    def test_an_interview_ends_at_the_review(self) -> None:
        played = lead(aloud(SINGLE), ["1", "s", ENTER])
        assert isinstance(played.result, Finished)
        assert played.result.status == "complete"


@pytest.mark.parametrize("route", ROUTES)
def test_fewer_keys_than_a_person_alone_for_the_same_answers(route: str) -> None:
    for seed in range(4):
        alone = answer_all(BUILT_IN, ROUTES[route], seed, "self")
        read = answer_all(BUILT_IN, ROUTES[route], seed, "phone")
        assert alone.interview.given == read.interview.given
        assert len([*keys_aloud(read)]) < len([*keys_alone(alone)])


def test_these_keys_give_these_answers() -> None:
    route = ROUTES["employer-unaware"]
    alone, read = (answer_all(BUILT_IN, route, 1, mode) for mode in ("self", "phone"))
    for played in (
        play_alone(BUILT_IN, 1, [*keys_alone(alone)]),
        play_aloud(BUILT_IN, 1, [*keys_aloud(read)]),
    ):
        assert played.result.interview.given == alone.interview.given
