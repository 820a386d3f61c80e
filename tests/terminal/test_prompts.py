"""The prompts: the effect of keys, the result, and the screen."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.output import DummyOutput

from microcred_cli.terminal.key_map import Action
from microcred_cli.terminal.list_prompt import CHOOSE_FIRST, TICK_FIRST, ListPrompt
from microcred_cli.terminal.list_rows import Row, numbered
from microcred_cli.terminal.page_wording import Page
from microcred_cli.terminal.prompt import Chosen, Leave, Outcome, Typed
from microcred_cli.terminal.questionary_inside import list_application, text_field
from microcred_cli.terminal.read_prompt import ReadPrompt
from microcred_cli.terminal.stage import Stage, signs_for
from microcred_cli.terminal.text_prompt import TextPrompt
from microcred_cli.terminal.wrapping import spans, width_of, wrap
from tests.terminal.playing import (
    BACKSPACE,
    CTRL_C,
    CTRL_D,
    DOWN,
    END,
    ENTER,
    ESCAPE,
    F1,
    HOME,
    LEFT,
    MENU,
    NOTHING,
    PAGE_DOWN,
    PAGE_UP,
    SHIFT_TAB,
    SIZES,
    TAB,
    UP,
    Played,
    Resize,
    paste,
    play,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EVERYWHERE = (Action.BACK, Action.HELP, Action.MENU)
COUNTRIES = ("Austria", "Côte d'Ivoire", "Sweden", "Switzerland", "Türkiye", "United Kingdom")
ISO = ("AT", "CI", "SE", "CH", "TR", "GB")


def rows(*labels: str, exclusive: str = "", codes: tuple[str, ...] = ()) -> tuple[Row, ...]:
    given = codes or tuple(label.lower() for label in labels)
    return numbered(
        [Row(c, label, exclusive=c == exclusive) for c, label in zip(given, labels, strict=True)]
    )


def ask_list(
    keys: Sequence[str | Resize],
    listed: tuple[Row, ...] | None = None,
    size: tuple[int, int] = (80, 24),
    *,
    stem: str = "Which?",
    ticks: bool = False,
    at_most: int | None = None,
    searches: bool = False,
    pointed: str | None = None,
    ticked: tuple[str, ...] = (),
) -> Played[Outcome]:
    return play(
        lambda: ListPrompt(
            Stage(),
            Page(stem=stem, keys=("Ctrl-O menu",)),
            EVERYWHERE,
            rows=listed or rows("One", "Two", "Three"),
            ticks=ticks,
            at_most=at_most,
            searches=searches,
            pointed=pointed,
            ticked=ticked,
        ).run(),
        keys,
        size,
    )


def ask_text(
    keys: list[str],
    size: tuple[int, int] = (80, 24),
    *,
    text: str = "",
    most: int = 200,
    under: tuple[Row, ...] = (),
    letters: bool = False,
    pointed: str | None = None,
) -> Played[Outcome]:
    return play(
        lambda: TextPrompt(
            Stage(),
            Page(stem="Say it"),
            EVERYWHERE,
            text=text,
            most=most,
            rows=under,
            letters=letters,
            pointed=pointed,
        ).run(),
        keys,
        size,
    )


# -- internals of questionary that the prompts use -------------------------------------------------


@pytest.fixture
def quiet_terminal() -> Iterator[None]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield


@pytest.mark.usefixtures("quiet_terminal")
class TestInside:
    def test_a_question_has_an_application_that_can_fill_the_screen(self) -> None:
        app = list_application(Stage())
        assert app.full_screen
        assert app.renderer.full_screen

    def test_questions_are_made_once(self) -> None:
        stage = Stage()
        assert list_application(stage) is list_application(stage)
        assert text_field(stage) is text_field(stage)

    def test_a_text_question_has_a_buffer(self) -> None:
        _, buffer = text_field(Stage())
        buffer.insert_text("abc", fire_event=False)
        assert (buffer.text, buffer.cursor_position) == ("abc", 3)


# -- no accidental answers -------------------------------------------------------------------------


def test_enter_alone_answers_nothing() -> None:
    played = ask_list([ENTER] * 12)
    assert played.raised is EOFError
    assert CHOOSE_FIRST in played.last.text


def test_nothing_is_pointed_at_and_the_cursor_stands_on_the_first_answer() -> None:
    look = ask_list([]).last
    assert "»" not in look.text
    assert look.cursor_line == "  1. One"
    assert not look.hidden


def test_keys_pressed_ahead_do_not_answer_the_next_page() -> None:
    def two() -> list[Outcome]:
        stage = Stage()
        made = [ListPrompt(stage, Page(stem=s), rows=rows("One", "Two")) for s in ("A", "B")]
        return [made[0].run(), made[1].run()]

    assert play(two, ["1\r1\r1\r1\r"]).raised is EOFError


def test_an_earlier_answer_is_pointed_at_and_enter_keeps_it() -> None:
    played = ask_list([ENTER], pointed="two")
    assert played.looks[0].cursor_line == "» 2. Two"
    assert played.result == Chosen(("two",))


def test_an_earlier_answer_that_is_gone_points_at_nothing() -> None:
    assert ask_list([ENTER], pointed="gone").raised is EOFError


# -- moving and choosing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ([DOWN], "one"),
        ([UP], "three"),
        ([DOWN, DOWN], "two"),
        ([DOWN, UP], "three"),
        ([UP, DOWN], "one"),
        (["2"], "two"),
        (["2", "3"], "three"),
        (["9", "2"], "two"),
        ([END], "three"),
        ([END, HOME], "one"),
        ([PAGE_DOWN], "three"),
        ([END, PAGE_UP], "one"),
        ([TAB], "one"),
        (["\x0e"], "one"),
    ],
)
def test_keys_point(keys: list[str], chosen: str) -> None:
    assert ask_list([*keys, ENTER]).result == Chosen((chosen,))


def test_the_cursor_follows_the_pointed_answer() -> None:
    assert [look.cursor_line for look in ask_list([DOWN, DOWN]).looks] == [
        "  1. One",
        "» 1. One",
        "» 2. Two",
    ]


def test_enter_can_be_a_line_feed() -> None:
    assert ask_list(["1", "\n"]).result == Chosen(("one",))


@pytest.mark.parametrize(
    ("typed", "chosen"), [("3", "n3"), ("36", "n36"), ("0", "n10"), ("10", "n10")]
)
def test_digits_choose_by_number(typed: str, chosen: str) -> None:
    many = rows(*(f"N{n}" for n in range(1, 38)))
    assert ask_list([*typed, ENTER], many).result == Chosen((chosen,))


@pytest.mark.parametrize("searches", [True, False])
def test_a_number_beyond_a_long_list_points_at_nothing(searches: bool) -> None:
    many = rows(*(f"N{n}" for n in range(1, 38)))
    wrong = ask_list(["9", "9"], many, searches=searches).last.text
    assert "There is no answer 99 here" in wrong
    assert "Typed" not in wrong
    assert "»" not in wrong
    again = ask_list(["9", "9", "3", "6", ENTER], many, searches=searches)
    assert again.result == Chosen(("n36",))


def test_a_number_that_is_not_there_says_so() -> None:
    assert "no answer 7" in ask_list(["7"]).last.text


def test_letters_in_front_of_answers_point_at_them() -> None:
    listed = numbered(
        [Row("a", "Apple"), Row("dk", "Don't know", "d"), Row("pna", "Rather not", "p")]
    )
    assert ask_list(["d", ENTER], listed).result == Chosen(("dk",))
    assert ask_list(["P", ENTER], listed).result == Chosen(("pna",))
    assert ask_list(["a", ENTER], listed).raised is EOFError


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("swi", "Switzerland"),
        ("tü", "Türkiye"),
        ("tur", "Türkiye"),
        ("TÜR", "Türkiye"),
        ("king", "United Kingdom"),
        ("d'iv", "Côte d'Ivoire"),
        ("ivo", "Côte d'Ivoire"),
        ("cote d", "Côte d'Ivoire"),
        ("gb", "United Kingdom"),
        ("j", None),
        ("k", "United Kingdom"),
    ],
)
def test_letters_find_the_start_of_a_word_or_a_code(typed: str, label: str | None) -> None:
    played = ask_list([*typed, ENTER], rows(*COUNTRIES, codes=ISO), searches=True)
    if label is None:
        assert played.raised is EOFError
    else:
        assert played.result == Chosen((ISO[COUNTRIES.index(label)],))


def test_what_was_typed_is_shown_and_backspace_takes_it_back() -> None:
    played = ask_list([*"swi", BACKSPACE, BACKSPACE, BACKSPACE], rows(*COUNTRIES), searches=True)
    assert "Typed: swi" in played.looks[3].text
    assert "Typed: s" in played.looks[5].text
    assert "Typed" not in played.last.text


def test_letters_that_fit_nothing_point_at_nothing() -> None:
    played = ask_list([*"swix"], rows(*COUNTRIES), searches=True)
    assert "No answer in the list matches" in played.last.text
    assert "Typed: swix" in played.last.text
    assert "»" not in played.last.text


def test_what_fits_no_more_finds_nothing_else_and_enter_takes_nothing() -> None:
    """A name that is not in the list never becomes another one because of its last letters."""
    played = ask_list([*"swedenmark", ENTER], rows(*COUNTRIES), searches=True)
    assert played.raised is EOFError
    assert "»" not in played.last.text
    again = ask_list([*"swex", BACKSPACE, ENTER], rows(*COUNTRIES), searches=True)
    assert again.result == Chosen((rows(*COUNTRIES)[COUNTRIES.index("Sweden")].code,))


def test_what_is_typed_narrows_the_list_and_is_always_on_the_screen() -> None:
    played = ask_list([*"sw", "q", BACKSPACE], rows(*COUNTRIES), searches=True)
    assert "Sweden" in played.looks[2].text
    assert "Switzerland" in played.looks[2].text
    assert "Austria" not in played.looks[2].text
    assert all(f"Typed: {typed}" in look.text for look, typed in zip(
        played.looks[1:], ("s", "sw", "swq", "sw"), strict=True))  # fmt: skip
    assert "Sweden" not in played.looks[3].text
    assert "Sweden" in played.last.text


def test_words_in_any_order_find_a_row_and_a_blank_at_the_end_does_no_harm() -> None:
    played = ask_list([*"king unit ", ENTER], rows(*COUNTRIES), searches=True)
    assert played.result == Chosen(("united kingdom",))


def test_enter_takes_none_of_several_that_fit_as_well() -> None:
    played = ask_list([*"sw", ENTER], rows(*COUNTRIES), searches=True)
    assert played.raised is EOFError
    assert "Several answers match" in played.last.text
    chosen = ask_list([*"sw", DOWN, DOWN, ENTER], rows(*COUNTRIES), searches=True)
    assert chosen.result == Chosen(("switzerland",))


def test_escape_clears_what_was_typed() -> None:
    played = ask_list([*"hollandx", ESCAPE, *"swe", ENTER], rows(*COUNTRIES), searches=True)
    cleared = played.looks[9].text
    assert "Typed" not in cleared
    assert "No answer" not in cleared
    assert all(country in cleared for country in COUNTRIES)
    assert played.result == Chosen(("sweden",))


def test_reserved_codes_stay_below_what_a_search_finds() -> None:
    listed = numbered([Row("a", "Alpha"), Row("b", "Beta"), Row("pna", "Rather not", apart=True)])
    played = ask_list([*"alx", BACKSPACE], listed, searches=True)
    assert "Rather not" in played.looks[3].text
    assert "Rather not" in played.last.text
    assert "Beta" not in played.last.text


def test_a_paste_is_typed_into_the_search_and_its_line_end_answers_nothing() -> None:
    played = ask_list([paste("United\nKingdom\n"), NOTHING], rows(*COUNTRIES), searches=True)
    assert played.raised is EOFError
    assert "Typed: United Kingdom" in played.last.text
    assert "United Kingdom" in played.last.cursor_line


def test_enter_ticks_what_a_search_found_and_then_goes_on() -> None:
    listed = rows("Real estate", "Public administration", "Transport")
    keys = [*"public t", *[BACKSPACE] * 8, *"real estate", ENTER, *"trans", ENTER, ENTER]
    played = ask_list(keys, listed, ticks=True, searches=True)
    assert played.result == Chosen(("real estate", "transport"))


def test_space_ticks_a_row_of_the_search_that_the_arrows_point_at() -> None:
    listed = rows("Public schools", "Public transport", "Retail")
    keys = [*"public", DOWN, DOWN, " ", ENTER]
    played = ask_list(keys, listed, ticks=True, searches=True)
    assert played.result == Chosen(("public transport",))


def test_reserved_codes_are_not_found_by_letters() -> None:
    listed = numbered([Row("a", "Alpha"), Row("pna", "Keep this to myself", "p")])
    assert ask_list([*"keep", ENTER], listed, searches=True).raised is EOFError


@pytest.mark.parametrize("typed", ["oster", "öster", "oester"])
def test_an_umlaut_is_found_however_it_is_typed(typed: str) -> None:
    played = ask_list([*typed, ENTER], rows("Ostfriesland", "Österreich"), searches=True)
    assert played.result == Chosen((rows("Ostfriesland", "Österreich")[1].code,))


def test_headings_cannot_be_chosen() -> None:
    listed = numbered([Row("", "Part one", heading=True), Row("a", "A"), Row("b", "B")])
    assert ask_list([DOWN, ENTER], listed).result == Chosen(("a",))
    assert ask_list([HOME, UP, ENTER], listed).result == Chosen(("b",))


# -- ticks ---------------------------------------------------------------------------------------


def tick(
    keys: list[str], *, at_most: int | None = None, ticked: tuple[str, ...] = ()
) -> Played[Outcome]:
    listed = rows("One", "Two", "Three", "None", exclusive="none")
    return ask_list(keys, listed, ticks=True, at_most=at_most, ticked=ticked)


def test_space_ticks_and_unticks() -> None:
    assert tick(["1", " ", "3", " ", "1", " ", ENTER]).result == Chosen(("three",))


def test_ticks_come_out_in_the_order_of_the_list() -> None:
    assert tick(["3", " ", "1", " ", ENTER]).result == Chosen(("one", "three"))


def test_enter_without_a_tick_is_refused() -> None:
    played = tick(["1", ENTER])
    assert played.raised is EOFError
    assert TICK_FIRST in played.last.text


def test_an_exclusive_answer_stands_alone() -> None:
    played = tick(["1", " ", "2", " ", "4", " ", ENTER])
    assert played.result == Chosen(("none",))
    assert "Only “None” is ticked now" in played.last.text


def test_another_answer_unticks_the_exclusive_one() -> None:
    assert tick(["4", " ", "1", " ", ENTER]).result == Chosen(("one",))


def test_the_limit_refuses_one_more_and_says_so() -> None:
    played = tick(["1", " ", "2", " ", "3", " ", ENTER], at_most=2)
    assert played.result == Chosen(("one", "two"))
    assert "at most 2" in played.looks[6].text


def test_an_exclusive_answer_is_possible_at_the_limit() -> None:
    assert tick(["1", " ", "4", " ", ENTER], at_most=1).result == Chosen(("none",))
    assert tick(["4", " ", "1", " ", ENTER], at_most=1).result == Chosen(("one",))


def test_space_with_nothing_pointed_at_ticks_nothing() -> None:
    assert tick([" ", ENTER]).raised is EOFError


@pytest.mark.parametrize("key", ["a", "i", "\x01", "j", "k"])
def test_no_key_ticks_all_or_inverts(key: str) -> None:
    assert tick(["1", " ", key, ENTER]).result == Chosen(("one",))


def test_earlier_ticks_come_back_and_enter_keeps_them() -> None:
    played = tick([ENTER], ticked=("one", "three"))
    assert played.looks[0].text.count("[x]") == 2
    assert played.result == Chosen(("one", "three"))


# -- leaving -------------------------------------------------------------------------------------

LEAVES = [
    (SHIFT_TAB, Action.BACK),
    (F1, Action.HELP),
    (MENU, Action.MENU),
    (CTRL_C, Action.PAUSE),
    (CTRL_D, Action.PAUSE),
]


@pytest.mark.parametrize(("key", "action"), [*LEAVES, (LEFT, Action.BACK), ("?", Action.HELP)])
@pytest.mark.parametrize("ticks", [False, True])
def test_keys_leave_a_list(key: str, action: Action, ticks: bool) -> None:
    assert ask_list([key], ticks=ticks).result == Leave(action)


@pytest.mark.parametrize(("key", "action"), LEAVES)
def test_keys_leave_a_text(key: str, action: Action) -> None:
    assert ask_text(["abc", key]).result == Leave(action)


@pytest.mark.parametrize(("key", "action"), [e for e in LEAVES if e[1] is not Action.HELP])
def test_keys_leave_a_reading(key: str, action: Action) -> None:
    def lead() -> Outcome:
        return ReadPrompt(Stage(), Page(), EVERYWHERE, blocks=(("", "Text"),)).run()

    assert play(lead, [key]).result == Leave(action)


def test_keys_that_a_page_does_not_offer_do_nothing() -> None:
    def lead() -> Outcome:
        return ListPrompt(Stage(), Page(), (), rows=rows("One")).run()

    assert play(lead, [SHIFT_TAB, LEFT, F1, "?", MENU, "1", ENTER]).result == Chosen(("one",))


@pytest.mark.parametrize(
    "key",
    ["\x1a", "\x11", "\x13", "\x1c", "\x00", "\x1b[31m", "\x1b[1;31;40m", "\x1b[M !!", "\x07"],
)
def test_stray_keys_and_mouse_reports_do_nothing(key: str) -> None:
    assert ask_list(["1", key, ENTER]).result == Chosen(("one",))
    assert ask_text(["a", key, "b", ENTER]).result in (Typed("ab"), Typed("a"))


def test_a_prompt_can_be_shown_again_with_what_was_ticked() -> None:
    def lead() -> list[Outcome]:
        prompt = ListPrompt(Stage(), Page(), EVERYWHERE, rows=rows("One", "Two"), ticks=True)
        return [prompt.run(), prompt.run()]

    played = play(lead, ["2", " ", F1, ENTER])
    assert played.result == [Leave(Action.HELP), Chosen(("two",))]


# -- texts ---------------------------------------------------------------------------------------


def test_a_text_is_typed_and_counted() -> None:
    played = ask_text(["Zoë", ENTER])
    assert played.result == Typed("Zoë")
    assert "3 of 200 characters" in played.last.text
    assert "3 of 2,000 characters" in ask_text(["Zoë"], most=2000).last.text


def test_enter_on_an_empty_text_says_so_and_answers_nothing() -> None:
    played = ask_text([ENTER] * 8, under=(Row("blank", "Leave it empty"),))
    assert played.raised is EOFError
    assert "Nothing is typed yet" in played.last.text


@pytest.mark.parametrize("key", [TAB, DOWN])
def test_a_text_is_left_empty_by_a_choice_of_its_own(key: str) -> None:
    played = ask_text([key, ENTER], under=(Row("blank", "Leave it empty"),))
    assert played.looks[1].cursor_line == "» Leave it empty"
    assert played.result == Chosen(("blank",))


def test_typing_goes_back_to_the_field() -> None:
    assert ask_text([TAB, "x", ENTER], under=(Row("blank", "Leave it empty"),)).result == Typed("x")


def test_letters_point_at_answers_under_a_number() -> None:
    under = (Row("dk", "Don't know", "d"),)
    assert ask_text(["d", ENTER], under=under, letters=True).result == Chosen(("dk",))
    assert ask_text(["1", "d", ENTER], under=under, letters=True).result == Typed("1d")


def test_an_earlier_text_comes_back_and_enter_keeps_it() -> None:
    assert ask_text([ENTER], text="before").result == Typed("before")


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["abc", BACKSPACE], "ab"),
        (["abc", LEFT, "x"], "abxc"),
        (["abc", HOME, "x"], "xabc"),
        (["abc", HOME, END, "x"], "abcx"),
        (["one two", "\x17"], "one"),
        (["one two", "\x15", "x"], "x"),
        (["abc", HOME, "\x0b", "x"], "x"),
        (["abc", HOME, "\x1b[3~"], "bc"),
        (["one two", "\x1b[1;5D", "x"], "one xtwo"),
        (["one two", HOME, "\x1b[1;5C", "x"], "onex two"),
        (["what?"], "what?"),
    ],
)
def test_editing(keys: list[str], text: str) -> None:
    assert ask_text([*keys, ENTER]).result == Typed(text)


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("a\nb\r\nc", "a b c"),
        ("a\x1b]0;title\x07b", "a]0;titleb"),
        ("a\x00b\x1ac", "abc"),
        ("e\u0301", "é"),
        ("a\u202eb\u200bc", "abc"),
    ],
)
def test_a_paste_is_cleaned(pasted: str, text: str) -> None:
    assert ask_text([paste(pasted), ENTER]).result == Typed(text)


def test_lines_pasted_without_brackets_stay_one_answer() -> None:
    assert ask_text(["first\rsecond", ENTER]).result == Typed("first second")


def test_bytes_that_are_no_text_are_dropped() -> None:
    assert ask_text(["a\udcffb", ENTER]).result == Typed("ab")


@pytest.mark.parametrize("bracketed", [True, False])
def test_a_hundred_thousand_characters_are_capped_at_once(bracketed: bool) -> None:
    long = "x" * 100_000
    played = ask_text_by_thread(paste(long) if bracketed else long)
    assert played == 2000


def ask_text_by_thread(data: str) -> int:
    """The length of the text if it is pasted in one piece larger than a pipe buffer."""
    read, write = os.pipe()
    with os.fdopen(read) as keys:

        def send() -> None:
            left = data.encode()
            while left:
                left = left[os.write(write, left) :]
            os.close(write)

        sender = threading.Thread(target=send)

        class Opening(Stage):
            """A page on which somebody types as soon as it opens, but not before."""

            def drop_typeahead(self) -> bool:
                dropped = super().drop_typeahead()
                sender.start()
                return dropped

        with create_app_session(input=Vt100Input(keys), output=DummyOutput()):
            prompt = TextPrompt(Opening(), Page(stem="Say it"), most=2000)
            with pytest.raises(EOFError):
                prompt.run()
        sender.join()
    return len(prompt.text)


def test_a_text_that_is_too_long_says_so() -> None:
    played = ask_text(["abcdef", ENTER], most=4)
    assert "At most 4 characters" in played.looks[1].text
    assert played.result == Typed("abcd")


@pytest.mark.parametrize("size", SIZES)
def test_a_long_text_shows_the_place_where_one_types(size: tuple[int, int]) -> None:
    words = " ".join(f"word{n}" for n in range(250))
    played = ask_text([words, "x", HOME], size, most=2000)
    assert played.looks[2].cursor_line.rstrip().endswith("word249x")
    assert played.last.cursor_line.startswith("> word0 ")
    assert "Say it" in played.last.text


# -- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_every_word_of_a_reading_is_seen_on_the_way(size: tuple[int, int]) -> None:
    blocks = tuple(("paragraph", " ".join(f"w{b}x{n}" for n in range(40))) for b in range(8))

    def lead() -> Outcome:
        return ReadPrompt(Stage(), Page(section="Read"), EVERYWHERE, blocks=blocks).run()

    played = play(lead, [" "] * 40, size)
    seen = {word for look in played.looks for word in look.words.split()}
    assert {word for _, text in blocks for word in text.split()} <= seen


def test_enter_leafs_through_and_ends_a_reading() -> None:
    blocks = tuple(("paragraph", f"Paragraph {n}") for n in range(40))

    def lead() -> Outcome:
        return ReadPrompt(Stage(), Page(), EVERYWHERE, blocks=blocks).run()

    played = play(lead, [ENTER] * 20)
    assert played.result == Chosen()
    assert "Paragraph 39" in played.last.text


def test_shift_tab_leafs_back_before_it_leaves() -> None:
    blocks = tuple(("paragraph", f"Paragraph {n}") for n in range(40))

    def lead() -> Outcome:
        return ReadPrompt(Stage(), Page(), EVERYWHERE, blocks=blocks).run()

    played = play(lead, [" ", SHIFT_TAB, SHIFT_TAB])
    assert played.result == Leave(Action.BACK)
    assert "Paragraph 0" in played.last.text


# -- the screen ----------------------------------------------------------------------------------

LONG = (
    "Telecommunication, computer programming, consulting, computing infrastructure and other "
    "information service activities"
)


@pytest.mark.parametrize("size", [*SIZES, (20, 12)])
def test_a_long_label_is_shown_whole_and_hangs(size: tuple[int, int]) -> None:
    look = ask_list(["1"], rows(LONG, "Short"), size).last
    assert LONG.replace(" ", "") in look.words.replace(" ", "")
    lines = [line for line in look.lines if line.strip()]
    tail = next(i for i, line in enumerate(lines) if "»" in line) + 1
    assert lines[tail].startswith("     ")


def test_words_of_two_columns_are_wrapped_by_their_width() -> None:
    label = "微型证书 " * 12
    look = ask_list([], rows(label.strip(), "B"), (40, 20)).last
    assert look.text.replace(" ", "").replace("\n", "").count("微型证书") == 12


@pytest.mark.parametrize("size", [*SIZES, (80, 8)])
def test_a_list_scrolls_with_marks_and_every_answer_can_be_seen(size: tuple[int, int]) -> None:
    many = rows(*(f"Answer number {n} of the list" for n in range(1, 61)))
    played = ask_list([DOWN] * 60, many, size)
    for number, look in enumerate(played.looks[1:], 1):
        assert f"» {number}. Answer number {number} of" in look.words
        assert "Which?" in look.text
        above, below = look.words.count("↑"), look.words.count("↓")
        assert above or "Answer number 1 of" in look.words
        assert below or "Answer number 60 of" in look.words


@pytest.mark.parametrize("size", SIZES)
def test_page_keys_skip_no_answer(size: tuple[int, int]) -> None:
    many = rows(*(f"Answer {n} " + "of many words " * (n % 5) for n in range(1, 61)))
    down = ask_list([PAGE_DOWN] * 30, many, size).looks
    up = ask_list([END, *([PAGE_UP] * 30)], many, size).looks[1:]
    for looks in (down, up):
        assert all(
            any(f". Answer {n} " in look.words + " " for look in looks) for n in range(1, 61)
        )


def test_the_marks_count_what_is_hidden() -> None:
    many = rows(*(f"Answer {n}" for n in range(1, 61)))
    look = ask_list([], many, (80, 24)).last
    shown = sum("Answer" in line for line in look.lines)
    assert f"↓ {60 - shown} more" in look.text


def test_a_message_wraps_and_the_menu_stays_on_the_screen() -> None:
    look = ask_list([ENTER], rows(*(f"Answer {n}" for n in range(60))), (24, 16)).last
    assert CHOOSE_FIRST in look.words.replace("! ", "")
    assert "Ctrl-O menu" in look.text


def test_stem_and_answers_reflow_when_the_window_changes() -> None:
    stem = "A question that is long enough to need more than one line on a narrow screen?"
    played = ask_list([Resize(40, 20), Resize(100, 30)], rows(LONG, "B"), stem=stem)
    for look in played.looks:
        assert stem in look.words
        assert LONG in look.words


def test_signs_are_plain_where_the_encoding_has_no_others() -> None:
    assert signs_for("utf-8").pointer == "»"
    assert signs_for(None).pointer == "»"
    for encoding in ("ascii", "latin-1", "no-such"):
        signs = signs_for(encoding)
        assert (signs.pointer + signs.done + signs.up + signs.full + signs.between).isascii()


def test_no_colour_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    raw = ask_list([ENTER, DOWN]).raw
    assert "\x1b[0;31" not in raw
    assert ";31" not in raw


# -- wrapping ------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 3, 7, 20])
@pytest.mark.parametrize("text", ["", "a", "one two  three", "abcdefghijkl", "微型 a 证书b", "  x"])
def test_spans_are_the_whole_text_and_fit(text: str, width: int) -> None:
    found = list(spans(text, width))
    assert "".join(text[start:end] for start, end in found) == text
    if width > 1:
        assert all(width_of(text[s:e].rstrip(" ")) <= width for s, e in found)


def test_wrapped_lines_hang() -> None:
    assert wrap("one two three", 9, first="- ", rest="  ") == ["- one two", "  three"]
