"""Only keys are key presses: no sequence answers, types or opens anything, however it arrives."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.errors import Paused
from microcred_cli.interview import Interview, Pause, run
from microcred_cli.terminal.interviewer import InterviewerAsker
from microcred_cli.terminal.key_map import Action
from microcred_cli.terminal.key_sequences import (
    GIVEN_UP_AFTER,
    PASTE,
    KeyReader,
    Press,
    typed_text,
)
from microcred_cli.terminal.list_prompt import ListPrompt
from microcred_cli.terminal.list_rows import Row, numbered
from microcred_cli.terminal.page_wording import Page
from microcred_cli.terminal.prompt import Chosen, Leave, Prompt, Typed
from microcred_cli.terminal.rank_prompt import RankPrompt
from microcred_cli.terminal.read_prompt import ReadPrompt
from microcred_cli.terminal.rich_asker import RichAsker
from microcred_cli.terminal.stage import FORMER_KEYS, PLAIN_KEYS, Stage
from microcred_cli.terminal.text_prompt import TextPrompt
from microcred_cli.terminal.yes_no_prompt import YesNoPrompt
from tests.hostile.working import IS_WHOLE
from tests.terminal.key_forms import (
    ALT,
    CAPS,
    CODES,
    CONTROL,
    CURSOR,
    ENDS,
    KEYPAD,
    NUM,
    NUMBERED,
    SHIFT,
    chance_noise,
    kitty,
    noise,
    pieces,
    xterm,
)
from tests.terminal.playing import (
    BACKSPACE,
    CTRL_C,
    ENTER,
    Played,
    begin,
    item,
    options,
    paste,
    play,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {"\r": "c-m", "\t": "c-i", "\x1b": "escape", "\x7f": "c-h"}
EVENTS = (1, 2, 3)
STRINGS = "PX]^_"
HELD = range(256) if IS_WHOLE else [*range(8), *(CAPS + n for n in range(8)), *range(16, 256, 17)]


def keys(*arriving: str) -> list[str]:
    """The keys in text that arrives in these pieces, without a pause."""
    reader = KeyReader()
    return [press.key for piece in arriving for press in reader.feed(piece)]


class TestNoise:
    def test_nothing_of_it_is_a_key_wherever_it_is_cut(self) -> None:
        wrong = [
            sequence
            for sequence in noise()
            for arriving in pieces(sequence)
            if keys(*arriving, "z") != ["z"]
        ]
        assert wrong == []

    def test_chance_parameters_and_intermediates_are_no_key(self) -> None:
        made = chance_noise(1_000_000 if IS_WHOLE else 20_000)
        wrong = [(s, at) for s, at in made if keys(s[:at], s[at:], "z") != ["z"]]
        assert wrong == []

    def test_a_pause_within_a_sequence_changes_nothing(self) -> None:
        wrong = []
        for sequence in noise():
            if sequence[:2] in ("\x1b(", "\x1b#", "\x1b\x1b"):
                # Alt with another key is indeed over after a pause.
                continue
            start = 1 if sequence[0] != "\x1b" else 2
            cuts = [(sequence[:at], sequence[at:]) for at in range(start, len(sequence))]
            # A string that arrives with a pause after every character could be typed.
            each = [] if sequence[:1] == "\x1b" and sequence[1] in STRINGS else [(*sequence,)]
            for arriving in (*cuts, *(("".join(c[:start]), *c[start:]) for c in each)):
                reader = KeyReader()
                found = []
                for piece in (*arriving, "z"):
                    found += reader.feed(piece) + reader.flush()
                if found != [Press("z", "z")]:
                    wrong.append(arriving)
        assert wrong == []

    def test_all_of_it_at_once(self) -> None:
        assert keys("".join(noise())) == []
        assert typed_text("".join(noise()) + "2") == "2"

    @pytest.mark.parametrize("key", ["\x03", "\x04"])
    def test_a_key_to_pause_is_heard_within_an_unfinished_one(self, key: str) -> None:
        for sequence in noise():
            if sequence[-1] not in "\x07\\\x9c" or len(sequence) > 3:
                assert keys(sequence[:-1], key)[-1:] == [f"c-{chr(ord(key) + 0x60)}"], sequence

    @pytest.mark.parametrize("start", ["\x1b]", "\x1bP", "\x1b[1", "\x1bO", "\x1b[M"])
    def test_the_end_of_it_is_not_waited_for_for_ever(self, start: str) -> None:
        now = [0.0]
        reader = KeyReader(lambda: now[0])
        assert reader.feed(start) == []
        now[0] += GIVEN_UP_AFTER + 1
        assert reader.feed("2") == [Press("2", "2")]


class TestAltThatCouldBeginAString:
    @pytest.mark.parametrize("introducer", STRINGS)
    @pytest.mark.parametrize("key", ["2", "y", "\r", "\x1b[A", "\x0f"])
    def test_a_key_after_a_pause_is_heard(self, introducer: str, key: str) -> None:
        reader = KeyReader()
        assert [reader.feed(f"\x1b{introducer}"), reader.flush()] == [[], []]
        assert reader.feed(key) == KeyReader().feed(key) != []
        assert reader.feed("3") == [Press("3", "3")]

    @pytest.mark.parametrize("introducer", STRINGS)
    def test_keys_at_once_are_heard_after_a_pause(self, introducer: str) -> None:
        reader = KeyReader()
        assert [press for c in f"\x1b{introducer}yes" for press in reader.feed(c)] == []
        assert "".join(press.text for press in reader.flush()) == "yes"
        assert reader.feed("3") == [Press("3", "3")]

    def test_the_beginning_of_a_report_is_never_typed(self) -> None:
        reader = KeyReader()
        assert [press for c in "\x1b]11" for press in reader.feed(c)] == []
        assert reader.flush() == reader.feed(";rgb:ff") == reader.flush() == []
        assert reader.feed("/ff\x07z") == [Press("z", "z")]

    @pytest.mark.parametrize("start", ["\x1bPa", "\x1bP\r", "\x1bP\x1b\x1bPyy", "\x1bX1", "\x1b^2"])
    def test_keys_that_arrive_with_it_are_lost_but_not_the_next(self, start: str) -> None:
        reader = KeyReader()
        assert reader.feed(start) == reader.flush() == []
        assert reader.feed("3") == [Press("3", "3")]
        assert reader.feed("4") == [Press("4", "4")]
        assert not reader.is_waiting

    def test_a_longer_piece_is_the_rest_of_a_string_and_so_is_what_follows_a_report(self) -> None:
        reader = KeyReader()
        for piece in ("\x1bPabc", "de f", "gh"):
            assert reader.feed(piece) == reader.flush() == []
        assert reader.feed("\x1b\\z") == [Press("z", "z")]
        for piece in ("\x1bP>|", "x", "t"):
            assert reader.feed(piece) == reader.flush() == []
        assert reader.feed("\x1b\\z") == [Press("z", "z")]

    def test_the_end_alone_is_no_key(self) -> None:
        for introducer in STRINGS:
            for end in ENDS:
                reader = KeyReader()
                assert [reader.feed(f"\x1b{introducer}"), reader.flush()] == [[], []]
                assert reader.feed(f"{end}z") == [Press("z", "z")]
                reader.feed(f"\x1b{introducer}")
                reader.flush()
                assert reader.feed(end) == reader.flush() == []

    def test_in_a_line_only_a_report_is_left_out(self) -> None:
        assert [typed_text(f"\x1b{i}yes") for i in STRINGS] == ["yes"] * len(STRINGS)
        assert typed_text("\x1b]11;rgb:ff") == typed_text("\x1bP>|term") == ""
        assert typed_text("\x1b]11;rgb:ff\x07yes") == "yes"


class TestKeys:
    def test_a_lone_escape_is_a_key_after_a_pause(self) -> None:
        reader = KeyReader()
        assert [reader.feed("\x1b"), reader.flush()] == [[], [Press("escape", "\x1b")]]
        assert reader.feed("2") == [Press("2", "2")]

    def test_an_arrow_key_torn_by_a_slow_line_types_nothing(self) -> None:
        reader = KeyReader()
        reader.feed("\x1b")
        reader.flush()
        assert reader.feed("[A") == [Press("up")]

    @pytest.mark.parametrize("key", CODES)
    def test_with_a_character_of_its_own(self, key: str) -> None:
        name = NAMES.get(key, key)
        control = [f"c-{key}"] if key.isalpha() else []
        shifted = {"\t": ["s-tab"], **{d: [] for d in "0123456789"}}.get(key, [name.upper()])
        shifted = [name] if name in ("c-m", "c-h", "escape") else shifted
        expected = {0: [name], SHIFT: shifted, CONTROL: control}
        for held in HELD:
            wanted = expected.get(held & ~(CAPS | NUM), [])
            for event in EVENTS:
                assert keys(*kitty(key, held, event)) == (wanted if event < 3 else []), held
            drawn = [key] if key.isdecimal() and held & ~(CAPS | NUM) == SHIFT else wanted
            assert keys(xterm(key, held)) == ([key] if drawn == [key.upper()] else drawn), held

    @pytest.mark.parametrize("key", CURSOR)
    def test_of_the_cursor(self, key: str) -> None:
        assert keys(f"\x1b[{CURSOR[key]}") == keys(f"\x1bO{CURSOR[key]}") == [key]
        for held in HELD:
            modified = held & ~(CAPS | NUM)
            wanted = [key] if modified == 0 else []
            if modified == CONTROL and key in ("left", "right"):
                wanted = [f"c-{key}"]
            for event in EVENTS:
                sequence = f"\x1b[1;{held + 1}:{event}{CURSOR[key]}"
                assert keys(*sequence) == (wanted if event < 3 else []), sequence

    @pytest.mark.parametrize("key", NUMBERED)
    def test_with_a_number(self, key: str) -> None:
        assert keys(f"\x1b[{NUMBERED[key]}~") == [key]
        for held in HELD:
            wanted = [key] if held & ~(CAPS | NUM) == 0 else []
            assert keys(f"\x1b[{NUMBERED[key]};{held + 1}~") == wanted

    @pytest.mark.parametrize("key", KEYPAD)
    def test_of_the_keypad(self, key: str) -> None:
        name = NAMES.get(key, key)
        assert keys(kitty(key, NUM, codes=KEYPAD)) == [name]
        assert keys(f"\x1bO{'M' if key == ENTER else chr(ord('p') + int(key))}") == [name]
        assert keys(kitty(key, ALT, codes=KEYPAD)) == []

    @pytest.mark.parametrize(
        ("sequence", "key"),
        [
            ("\x1b[47:63;2u", "?"),
            ("\x1b[38:49;2u", "1"),
            ("\x1b[97;;228u", "ä"),
            ("\x1b[1089::99;5u", "c-c"),
            ("\x1b[Z", "s-tab"),
            ("\x1b[1;2Z", "s-tab"),
            ("\x1b[[A", "f1"),
            ("\x1b[11~", "f1"),
        ],
    )
    def test_as_some_keyboards_and_terminals_have_them(self, sequence: str, key: str) -> None:
        assert keys(sequence) == [key]

    def test_the_paste_is_taken_as_it_is_wherever_it_is_cut(self) -> None:
        for arriving in pieces("\x1b[200~1\r\x1b[31m\x03\x1b[201~2"):
            reader = KeyReader()
            found = [press for piece in arriving for press in reader.feed(piece)]
            assert found == [Press(PASTE, "1\r\x1b[31m\x03"), Press("2", "2")], arriving


ROWS = numbered([Row("a", "One"), Row("b", "Two"), Row("c", "Three")])
LETTERED = (Row("dk", "Don't know", "d"),)
LEAVES = (Action.BACK, Action.HELP, Action.MENU)
PAGE = Page(stem="Which?", keys=("Ctrl-O menu",))
KINDS: dict[str, Callable[[], Prompt]] = {
    "list": lambda: ListPrompt(Stage(), PAGE, LEAVES, rows=ROWS),
    "pointed": lambda: ListPrompt(Stage(), PAGE, LEAVES, rows=ROWS, pointed="b"),
    "ticks": lambda: ListPrompt(Stage(), PAGE, LEAVES, rows=ROWS, ticks=True, pointed="b"),
    "search": lambda: ListPrompt(Stage(), PAGE, LEAVES, rows=ROWS, searches=True),
    "one key": lambda: ListPrompt(Stage(), PAGE, LEAVES, rows=ROWS, instant=True),
    "yes or no": lambda: YesNoPrompt(Stage(), PAGE, LEAVES, rows=ROWS),
    "text": lambda: TextPrompt(Stage(), PAGE, LEAVES),
    "number": lambda: TextPrompt(Stage(), PAGE, LEAVES, rows=LETTERED, letters=True),
    "ranking": lambda: RankPrompt(Stage(), PAGE, LEAVES, rows=ROWS, ranked=("a",), most=3),
    "to read": lambda: ReadPrompt(Stage(), PAGE, LEAVES, blocks=(("paragraph", "Words"),)),
}


@cache
def noise_for_pages() -> list[str]:
    """All noise, and some by chance, in parts that are read at once, so that no pipe overflows."""
    parts = [""]
    for sequence in (*noise(), *(s for s, _ in chance_noise(200_000 if IS_WHOLE else 1_000))):
        if len((parts[-1] + sequence).encode()) > 1_000:
            parts.append("")
        parts[-1] += sequence
    return parts


def shown(played: Played[Any]) -> set[str]:
    return {look.text for look in played.looks}


class TestPages:
    @pytest.mark.parametrize("kind", KINDS)
    def test_noise_does_nothing(self, kind: str) -> None:
        played = play(lambda: KINDS[kind]().run(), [*noise_for_pages(), CTRL_C])
        assert played.result == Leave(Action.PAUSE)
        assert len(played.looks) > len(noise_for_pages())
        assert shown(played) == {played.looks[0].text}

    @pytest.mark.parametrize("asker", [RichAsker, InterviewerAsker])
    def test_noise_does_nothing_in_the_review(self, asker: type[RichAsker]) -> None:
        begun = begin(item("single", options=options("One", "Two"), required="soft"))
        answered = begun.answer("a")
        played = play(lambda: asker().close(answered), [*noise_for_pages(), CTRL_C])
        assert played.result == Pause(interrupted=True)
        assert "One" in played.last.text
        assert shown(played) == {played.looks[0].text}

    @pytest.mark.parametrize("form", [str, kitty, xterm], ids=["plain", "kitty", "xterm"])
    def test_every_key_works_in_every_form(self, form: Callable[[str], str]) -> None:
        def result(kind: str, *pressed: str) -> object:
            return play(lambda: KINDS[kind]().run(), [*pressed, CTRL_C]).result

        def control(key: str) -> str:
            return chr(ord(key) - 0x60) if form is str else form(key, CONTROL)  # type: ignore[call-arg]

        def back() -> str:
            return "\x1b[Z" if form is str else form("\t", SHIFT)  # type: ignore[call-arg]

        assert result("list", form("2"), form(ENTER)) == Chosen(("b",))
        assert result("list", form("\t"), form(ENTER)) == Chosen(("a",))
        assert result("ticks", form(" "), form(ENTER)) == Chosen(("b",))
        assert result("one key", form("3")) == Chosen(("c",))
        assert result("one key", form(BACKSPACE)) == Leave(Action.BACK)
        assert result("yes or no", *map(form, "nyn")) == Chosen(("b",))
        assert result("text", *map(form, "ab3"), form(BACKSPACE), form(ENTER)) == Typed("ab")
        assert result("number", *map(form, "12"), form(ENTER)) == Typed("12")
        assert result("to read", form(ENTER)) == Chosen()
        for kind in ("one key", "text"):
            assert result(kind, back()) == Leave(Action.BACK)
            assert result(kind, control("o")) == Leave(Action.MENU)
            assert result(kind, control("d")) == Leave(Action.PAUSE)
        assert result("list", form("?")) == Leave(Action.HELP)

    @pytest.mark.parametrize("asker", [RichAsker, InterviewerAsker])
    def test_an_interview_is_not_answered_by_noise(self, asker: type[RichAsker]) -> None:
        begun = begin(item("single", options=options("One", "Two"), required="soft"))
        kept: list[Interview] = []
        with pytest.raises(Paused):
            play(lambda: run(begun, asker(), kept.append), ["".join([*noise()][:600]), "3", CTRL_C])
        assert [interview.given for interview in kept if interview.given] == []


class TestStage:
    def test_a_terminal_sends_plain_keys_meanwhile_and_its_own_again_behind(self) -> None:
        def stand() -> str:
            with Stage():
                ListPrompt(Stage(), PAGE, LEAVES, rows=ROWS).run()
            return "done"

        raw = play(stand, [CTRL_C]).raw
        assert raw.index("\x1b[?1049h") < raw.index(PLAIN_KEYS) < raw.index("Which?")
        assert raw.rindex("Three") < raw.index(FORMER_KEYS) < raw.rindex("\x1b[?1049l")

    def test_a_page_is_erased_line_by_line(self) -> None:
        raw = play(lambda: KINDS["list"]().run(), [CTRL_C]).raw
        behind = raw[raw.index("Three") :]
        assert behind.count("\x1b[K") >= 24
        assert "\x1b[J" not in raw
        assert "\x1b[2J" not in behind


class TestSigns:
    def test_full_width_digits_count_in_lists(self) -> None:
        for kind, pressed in (("list", "２\r"), ("one key", "２"), ("ticks", "３　\r")):
            played = play(lambda k=kind: KINDS[k]().run(), [*pressed])  # type: ignore[misc]
            assert played.result == Chosen(("c" if kind == "ticks" else "b",))

    def test_other_signs_that_stand_for_digits_do_not(self) -> None:
        assert play(lambda: KINDS["one key"]().run(), ["²", "①", CTRL_C]).result == Leave(
            Action.PAUSE
        )

    def test_an_accent_joins_its_letter_in_the_field(self) -> None:
        def ask() -> object:
            return TextPrompt(Stage(), PAGE, LEAVES, most=4).run()

        played = play(ask, ["cafe", "\u0301", ENTER])
        assert "4 of 4" in played.last.text
        assert played.result == Typed("café")

    @pytest.mark.parametrize("kind", ["text", "number", "list", "one key", "search"])
    def test_a_byte_that_is_not_valid_is_told(self, kind: str) -> None:
        played = play(lambda: KINDS[kind]().run(), ["\udcfc", CTRL_C])
        assert "could not be read" in played.last.text

    def test_a_paste_with_such_a_byte_too(self) -> None:
        played = play(lambda: KINDS["text"]().run(), [paste("Kranf\udcfchrer"), ENTER])
        assert "could not be read" in played.last.text
        assert played.result == Typed("Kranfhrer")

    @pytest.mark.parametrize("kind", ["list", "one key", "ticks", "yes or no"])
    def test_a_paste_chooses_nothing_and_is_told(self, kind: str) -> None:
        played = play(lambda: KINDS[kind]().run(), [paste("2\r"), CTRL_C])
        assert played.result == Leave(Action.PAUSE)
        assert "cannot choose" in played.last.text
