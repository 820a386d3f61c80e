"""Plain mode on simulated streams: with a terminal, with pipes, and with errors."""

from __future__ import annotations

import io
from contextlib import nullcontext
from typing import TYPE_CHECKING, TextIO

import pytest

from microcred_cli.errors import Paused
from microcred_cli.interview import Interview, Pause, run
from microcred_cli.terminal import unfinished_line
from microcred_cli.terminal.line_answers import number_in
from microcred_cli.terminal.mode import Surroundings, is_plain
from microcred_cli.terminal.plain_asker import PlainAsker, PlainInterviewer
from tests.hostile.working import IS_WHOLE
from tests.scenario import builtin, questionnaire_of
from tests.terminal.key_forms import chance_noise, noise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.records.shapes import Mode

SMALL = """
    items:
      - {id: role, options: [boss, other+, none!], kind: multiple, missing: [dk]}
      - {id: staff, kind: integer, minimum: 0, maximum: 900, confirm_above: 500, missing: [dk, pna]}
      - {id: grid, kind: matrix, rows: [x, y], options: [low, high], missing: [dk]}
      - {id: order, kind: ranking, options: [a, b, c], ranks: 3}
      - {id: words, kind: open, required: optional}
"""


class Stream(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, text: str = "", *, terminal: bool) -> None:
        super().__init__(text)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class Conversation:
    """The output to a person at a terminal of 40 columns who typed these lines."""

    def __init__(
        self, *lines: str, watched: bool = True, mode: Mode = "self", asked: str = SMALL
    ) -> None:
        self.out = Stream(terminal=watched)
        source = Stream("\n".join([*lines, ""]) if lines else "", terminal=watched)
        kind = PlainAsker if mode == "self" else PlainInterviewer
        self.asker = kind(Surroundings(source, self.out, {}))
        self.interview = Interview.begin(questionnaire_of(asked), mode=mode)
        self.paused: bool | None = None
        self.status = ""
        try:
            self.status = run(self.interview, self.asker, self.keep).status
        except Paused as pause:
            self.paused = pause.interrupted

    def keep(self, interview: Interview) -> None:
        self.interview = interview

    @property
    def text(self) -> str:
        return self.out.getvalue()

    @property
    def given(self) -> Mapping[str, object]:
        return self.interview.given


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


class TestDiscard:
    def test_it_is_asked_first(self) -> None:
        assert Conversation("1", ":discard", "2").given == {"role": ("boss",)}

    def test_it_ends_the_interview(self) -> None:
        assert Conversation("1", ":stop", "1").status == "discarded"


class TestNoise:
    """Lines of nothing but what a terminal sends without a key."""

    SAID = ("1", "7", "2", "1", "3", "1", "4", "Hello")

    @pytest.mark.parametrize("step", range(len(SAID) + 1))
    def test_it_answers_no_question_and_not_the_review(self, step: int) -> None:
        alone = [each for each in noise() if not {*each} & {*"\r\n\x7f\t"}]
        chance = [sequence for sequence, _ in chance_noise(40_000 if IS_WHOLE else 500)]
        joined = ["".join(chance[start : start + 40]) for start in range(0, len(chance), 40)]
        lines = [*alone[:: 1 if IS_WHOLE else 5], *joined, "".join(alone)]
        said = self.SAID[:step]
        noisy = Conversation(*said, *lines, ":pause")
        assert noisy.paused is False
        assert noisy.given == Conversation(*said, ":pause").given
        assert len(noisy.given) >= step - 1


class TestWatched:
    def test_a_whole_interview(self) -> None:
        said = Conversation("1", "7", "2", "1", "3", "1", "4", "Hello", "submit")
        assert said.status == "complete"
        assert said.given == {
            "role": ("boss",),
            "staff": 7,
            "grid.x": "high",
            "grid.y": "low",
            "order.1": "c",
            "order.2": "a",
            "words": "given",
        } | {"order.3": "blank"}

    @pytest.mark.parametrize(
        ("lines", "kept"),
        [(("1", "Ask nobody"), "Ask nobody"), (("2",), "Ask [removed: e-mail]")],
        ids=["changed", "kept"],
    )
    def test_what_points_at_a_person_is_named_first(
        self, lines: tuple[str, ...], kept: str
    ) -> None:
        before = ("1", "7", "2", "1", "3", "1", "4", "Ask jane.roe@example.org")
        said = Conversation(*before, *lines, "submit")
        assert said.interview.texts == {"words": kept}

    def test_a_text_that_is_being_confirmed_is_kept_by_a_pause(self) -> None:
        text = "Ask jane.roe@example.org"
        said = Conversation("1", "7", "2", "1", "3", "1", "4", text, ":pause")
        assert (said.paused, said.asker.unfinished.texts) == (False, {"words": text})

    def test_an_earlier_text_can_be_emptied(self) -> None:
        said = Conversation("1", "7", "2", "1", "3", "1", "4", "Hello", "5", ":skip", "submit")
        assert "or type :skip to leave it empty" in " ".join(said.text.split())
        assert said.given["words"] == "blank"
        assert said.text.count("Answer: “Hello”") == 1

    def test_the_first_question_goes_back_to_the_review_that_opened_it(self) -> None:
        before = ("1", "7", "2", "1", "3", "1", "4", "Hello")
        assert Conversation(*before, "1", ":back", "submit").status == "complete"
        assert Conversation(*before, "1", ":menu").text.count(":back — ") == 1

    def test_enter_chooses_the_option_that_is_preselected(self) -> None:
        out = Stream(terminal=True)
        asker = PlainAsker(Surroundings(Stream("\n", terminal=True), out, {}))
        languages = (("en", "English"), ("de", "Deutsch"))
        assert asker.choose("Which?", languages, pointed="de") == "de"
        assert "Number 1 to 2 (Enter for 2): " in out.getvalue()

    def test_the_prompt_for_a_number_names_the_letters_that_are_accepted(self) -> None:
        asked = "items: [{id: n, kind: integer, minimum: 0, maximum: 9, missing: [dk, pna]}]"
        assert "Number (or d or p): " in Conversation(":pause", asked=asked).text

    def test_a_list_that_goes_back_takes_that_command(self) -> None:
        out = Stream(terminal=True)
        source = Stream(":help\n:back\n", terminal=True)
        asker = PlainAsker(Surroundings(source, out, {}))
        assert asker.choose("Which language?", [("en", "English")], back=True) is None
        assert "To go back, type :back." in " ".join(out.getvalue().split())

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ("9", "“9” is not a number in the list. Type a number from 1 to 4, or d."),
            ("", "Nothing was typed. Type an answer, or :menu."),
            ("1 3", "“none” cannot be combined"),
            ("1 d", "“Don't know” cannot be combined"),
            (
                ":nonsense",
                "The command “:nonsense” is not available here. Type :menu to list the available "
                "commands.",
            ),
            (":skip", "is not available here"),
            ("\x1b[A", "Nothing was typed"),
        ],
    )
    def test_an_error_is_told_and_asked_again(self, wrong: str, words: str) -> None:
        said = Conversation(wrong, "1")
        assert words in " ".join(said.text.split())
        assert said.given == {"role": ("boss",)}
        assert "\x1b" not in said.text

    def test_the_label_of_an_answer_counts_as_its_number(self) -> None:
        said = Conversation("Boss.", "7", "HIGH", "low", ":pause")
        assert said.given == {"role": ("boss",), "staff": 7, "grid.x": "high", "grid.y": "low"}
        out = Stream(terminal=True)
        asker = PlainAsker(
            Surroundings(Stream("it\nde\nDeutsch\n", terminal=True), out, {}),
            languages=("en", "de"),
        )
        languages = [("en", "English"), ("de", "Deutsch")]
        assert [asker.choose("Which?", languages) for _ in "ab"] == ["de", "de"]
        assert out.getvalue().count("Type a number from 1 to 2.") == 1

    def test_the_options_are_not_repeated_with_an_error(self) -> None:
        assert Conversation("9", "1").text.count("1. boss") == 1

    def test_lines_end_before_the_edge_of_the_terminal(self) -> None:
        said = Conversation("1", "7", ":menu", ":pause")
        assert max(map(len, said.text.splitlines())) < 80
        shown = [line for line in said.text.splitlines() if not line.endswith(": ")]
        assert max(map(len, shown)) < 45

    def test_a_number_larger_than_expected_is_confirmed(self) -> None:
        said = Conversation("1", "600", "what", "2", "60", ":pause")
        assert "600 is a lot. Is that right?" in said.text
        assert "Type a number from 1 to 2." in said.text
        assert said.given["staff"] == 60
        assert said.paused is False

    def test_a_number_that_is_being_confirmed_is_kept_by_a_pause(self) -> None:
        said = Conversation("1", "600", ":pause")
        assert (said.given.get("staff"), said.asker.unfinished.texts) == (None, {"staff": "600"})

    def test_the_numbers_of_a_ranking_never_change(self) -> None:
        said = Conversation("1", "7", "1", "1", "1")
        assert "1. a (1st)\n2. b\n3. c\n4. Nothing more matters" in said.text

    def test_a_choice_is_ranked_once_and_can_be_taken_back(self) -> None:
        said = Conversation("1", "7", "1", "1", "1", "1", ":back", "3")
        assert "“a” is already chosen." in said.text
        assert said.given["order.1"] == "c"
        assert "order.2" not in said.given

    def test_a_complete_ranking_is_left_as_a_whole(self) -> None:
        said = Conversation("1", "7", "1", "1", "1", "2", "3", ":back", ":back")
        assert said.interview.at == "grid.y"
        assert said.given["order.3"] == "c"

    def test_the_end_of_the_input_pauses(self) -> None:
        assert Conversation().paused is True
        assert Conversation("1", "7").paused is True

    @pytest.mark.parametrize("inside", ["600", ":goto"])
    def test_pausing_at_a_question_inside_a_question_is_no_interruption(self, inside: str) -> None:
        assert Conversation("1", inside, ":pause").paused is False

    def test_a_list_over_a_question_says_how_to_leave_it(self) -> None:
        said = Conversation("1", ":goto", ":pna", ":back", "7")
        words = " ".join(said.text.split())
        assert words.count("To go back, type :back.") == 2
        assert "“:pna” is not available here" in words
        assert said.given["staff"] == 7

    def test_the_end_of_the_input_at_a_question_before_keeping_pauses(self) -> None:
        said = Conversation("1", "600")
        assert said.paused is True
        assert "staff" not in said.given

    @pytest.mark.parametrize("fault", [OSError(5, "Input/output error"), KeyboardInterrupt()])
    def test_a_terminal_that_is_gone_and_control_c_pause(
        self, fault: BaseException, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def read(_: int) -> str:
            raise fault

        source = Stream(terminal=True)
        monkeypatch.setattr(source, "readline", read)
        asker = PlainAsker(Surroundings(source, Stream(terminal=True), {}))
        with pytest.raises(Paused) as caught:
            run(Interview.begin(questionnaire_of(SMALL)), asker)
        assert caught.value.interrupted

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [(":canc", "They lau"), ("::) she", ":) she"), ("They laughed", "They laughed")],
    )
    def test_a_remark_begun_earlier_is_replaced_by_text_but_not_by_a_command(
        self, typed: str, kept: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = iter([":remark\n"])

        def read(_: int) -> str:
            for line in lines:
                return line
            raise KeyboardInterrupt

        source = Stream(terminal=True)
        monkeypatch.setattr(source, "readline", read)
        monkeypatch.setattr(unfinished_line, "kept", lambda _: nullcontext(lambda: typed))
        asker = PlainInterviewer(Surroundings(source, Stream(terminal=True), {}))
        asker.recall("role", "They lau")
        with pytest.raises(Paused) as caught:
            run(Interview.begin(questionnaire_of(SMALL), mode="phone"), asker)
        assert caught.value.unsent_remark == kept


@pytest.mark.parametrize(
    ("asked", "prompt"),
    [
        ("{id: words, kind: open}", "Your answer"),
        ("{id: words, kind: integer, minimum: 0, maximum: 9}", "Number:"),
        ("{id: words, kind: multiple, options: [a, b]}", "Numbers 1 to 2"),
        ("{id: words, options: [a, b]}", "Number 1 to 2"),
    ],
)
def test_control_c_as_soon_as_the_prompt_is_shown_keeps_the_typed_line(
    asked: str, prompt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Stream):
        def write(self, text: str) -> int:
            if text.startswith(prompt):
                raise KeyboardInterrupt
            return super().write(text)

    monkeypatch.setattr(unfinished_line, "kept", lambda _: nullcontext(lambda: "half"))
    out, interview = (
        Interrupted(terminal=True),
        Interview.begin(questionnaire_of(f"items: [{asked}]")),
    )
    asker = PlainAsker(Surroundings(Stream(terminal=True), out, {}))
    with pytest.raises(Paused):
        run(interview, asker)
    assert asker.unfinished.texts == {"words": "half"}
    with pytest.raises(Paused):
        run(interview, asker)
    assert "Before the pause you had begun to type: “half”" in " ".join(out.getvalue().split())


def test_a_remark_begun_before_a_pause_can_still_be_kept_after_the_answer() -> None:
    out = Stream(terminal=True)
    source = Stream("1\n:back\n:remark\n\n:pause\n", terminal=True)
    asker = PlainInterviewer(Surroundings(source, out, {}))
    states = [Interview.begin(questionnaire_of(SMALL), mode="phone")]
    asker.recall("role", "They lau")
    begun = []

    def keep(interview: Interview) -> None:
        states.append(interview)
        begun.append(dict(asker.unfinished.remarks))

    with pytest.raises(Paused):
        run(states[0], asker, keep)
    assert begun == [{"role": "They lau"}] * 2 + [{}]
    assert "Your remark so far: “They lau”" in out.getvalue()
    assert states[-1].remarks == {"role": "They lau"}


def test_enter_keeps_a_refusal_and_the_page_says_so() -> None:
    asked = """
        items:
          - {id: words, kind: open, required: soft}
          - {id: staff, kind: integer, minimum: 0, maximum: 9}
          - {id: last, kind: integer, minimum: 0, maximum: 9, missing: [dk]}
    """
    said = Conversation(*(":pna", ":back", "") * 2, ":dk", "3", "", ":pause", asked=asked)
    assert said.given == {"words": "pna", "staff": "pna", "last": "dk"}
    assert said.text.count("Your answer so far: Prefer not to") == 2


def test_an_interviewer_reads_a_stem_and_its_note_once_and_every_row() -> None:
    asked = "items: [{id: grid, kind: matrix, rows: [x, y], options: [low, high], note: Slowly.}]"
    first, second = Conversation("1", ":pause", mode="phone", asked=asked).text.split("Row 2 of 2")
    assert "Read: grid?" in first
    assert first.count("Note: Slowly.") == 1
    assert "Read: x" in first
    assert "\ngrid?\n" in first
    assert "Read: y" in second
    assert "Note" not in second


@pytest.mark.parametrize(("typed", "said"), [("1", ("c",)), ("d", "dk")])
def test_after_no_to_every_option_reserved_answers_are_not_read_out(
    typed: str, said: object
) -> None:
    asked = "items: [{id: heard, kind: multiple, options: [a, b, c!], missing: [dk]}]"
    told = Conversation("nn", typed, ":pause", mode="phone", asked=asked)
    read, unread = told.text.split("Every answer was no.")[1].split("Do not read out:")
    assert "Read out:\n1. c" in read
    assert "d. Don't know" in unread
    assert "Number or letter: " in unread
    assert told.given == {"heard": said}


CLOSED = """
    items:
      - {id: first, options: [x, y]}
      - {id: offers, kind: multiple, options: [a, b, none!], missing: [dk, pna]}
"""


@pytest.mark.parametrize(
    ("lines", "given"),
    [
        ((":remark It rained", "nn", "1"), ["none"]),
        ((":dk",), "dk"),
        (("d",), "dk"),
        (("none",), ["none"]),
        (("9", "", ":nonsense", ":help", ":again", "1"), ["none"]),
        ((":back", "ny"), ["b"]),
        ((":back", ":back", "2", "yn"), ["a"]),
    ],
)
def test_the_list_after_no_to_everything_takes_commands_as_every_question_does(
    lines: tuple[str, ...], given: object
) -> None:
    said = Conversation("1", "nn", *lines, ":pause", mode="phone", asked=CLOSED)
    found = said.given["offers"]
    assert (list(found) if isinstance(found, tuple) else found) == given
    assert said.interview.remarks == ({"offers": "It rained"} if "rained" in lines[0] else {})
    assert said.text.count("Every answer was no.") == 1 + (":again" in lines) + ("nn" in lines)
    words = " ".join(said.text.split())
    assert words.count("is not available here") == lines.count(":nonsense")
    assert ("Type a number or letter from the list. What you can do" in words) == (":help" in lines)


def test_a_pause_after_no_to_everything_keeps_the_answers() -> None:
    said = Conversation("1", "nn", ":pause", mode="phone", asked=CLOSED)
    assert (said.paused, said.asker.unfinished.texts) == (False, {"offers": "nn"})


BROKEN = [BrokenPipeError(32, "Broken pipe"), OSError(5, "Error"), ValueError("closed file")]


class Breaking(Stream):
    """A stream whose reader disappears after a number of writes."""

    def __init__(self, fault: Exception, after: int = 0) -> None:
        super().__init__(terminal=True)
        self.fault, self.left, self.tried = fault, after, 0

    def write(self, text: str) -> int:
        self.left -= 1
        if self.left < 0:
            self.tried += 1
            raise self.fault
        return super().write(text)


class TestGone:
    """If nobody reads the output, the interview pauses, and nothing more is written."""

    @pytest.mark.parametrize("fault", BROKEN, ids=lambda fault: type(fault).__name__)
    @pytest.mark.parametrize("after", range(0, 60, 7))
    def test_an_interview_pauses(self, fault: Exception, after: int) -> None:
        out = Breaking(fault, after)
        lines = "1\n600\n1\n:menu\n2\n1\n3\n:help\n:goto\n1\n"
        asker = PlainAsker(Surroundings(Stream(lines, terminal=True), out, {}))
        kept: list[Interview] = []
        with pytest.raises(Paused) as caught, asker:
            run(Interview.begin(questionnaire_of(SMALL)), asker, kept.append)
        assert caught.value.interrupted
        assert out.tried == 1

    def test_around_the_interview(self) -> None:
        out = Breaking(BROKEN[0])
        asker = PlainAsker(Surroundings(Stream("1\n", terminal=True), out, {}))
        asker.say("Something")
        assert asker.read_background() == Pause(interrupted=True)
        assert asker.choose("Which?", (("a", "A"),)) is None
        assert asker.receipt("ABCD", "Thank you.") is None
        assert out.tried == 1


class TestReceipt:
    @pytest.mark.parametrize("lines", ["noted\n", "what?\nnoted\n", "1\n", "", "2\n"])
    @pytest.mark.parametrize("terminal", [True, False])
    def test_at_a_terminal_only_a_confirmed_receipt_is_noted(
        self, lines: str, terminal: bool
    ) -> None:
        out = Stream(terminal=terminal)
        asker = PlainAsker(Surroundings(Stream(lines, terminal=terminal), out, {}))
        reply = asker.receipt("ABCD", "Thank you.")
        is_noted = lines.endswith(("noted\n", "1\n"))
        assert reply == ("noted" if is_noted or not terminal else None)
        assert "Your receipt: ABCD" in out.getvalue()
        rejected = sum(line in ("what?", "2") for line in lines.split())
        assert out.getvalue().count("The receipt is not confirmed yet.") == rejected

    def test_a_long_prompt_breaks_between_words(self) -> None:
        out = Stream(terminal=True)
        asker = PlainAsker(Surroundings(Stream("tomorrow\n", terminal=True), out, {}))
        long = "For example 30.11. 14:30, tue 9.30, tomorrow 14 h, or +3 for three days from now."
        assert asker.type_in("When?", long, "In the past.") == "tomorrow"
        assert {"In the past.", "When?"} <= {*out.getvalue().splitlines()}
        assert long in " ".join(out.getvalue().split())
        assert max(map(len, out.getvalue().splitlines())) < 40


class TestClearing:
    """Instructions for clearing the screen are shown once, at the end, if answers are visible."""

    def told(self, *lines: str, watched: bool = True, times: int = 1) -> int:
        said = Conversation(*lines, watched=watched)
        for _ in range(times):
            said.asker.__exit__(None, None, None)
        return " ".join(said.text.split()).count("clear the screen with the command clear")

    def test_after_a_pause_and_after_the_end(self) -> None:
        assert self.told("1", "7", ":pause") == 1
        assert self.told("1", "7", times=2) == 1
        assert self.told("1", "7", "2", "1", "3", "1", "4", "Hello", "submit") == 1

    def test_not_where_nothing_was_said(self) -> None:
        assert self.told() == 0

    def test_not_to_a_pipe(self) -> None:
        assert self.told("1", "7", watched=False) == 0


class TestKeysInALine:
    def test_an_arrow_is_no_empty_line(self) -> None:
        said = Conversation("1", "7", "2", "1", "3", "1", "2", "\x1b[A", "\x1b[A", "Hello")
        assert said.interview.texts == {"words": "Hello"}


class TestUnreadable:
    """Undecodable input is not an answer, and does not end the interview."""

    def test_a_text_of_such_bytes_alone_leaves_nothing_empty(self) -> None:
        said = Conversation("1", "7", "2", "1", "3", "1", "2", "\udcff\udcfe", "so")
        assert "The typed text cannot be read." in " ".join(said.text.split())
        assert said.interview.texts == {"words": "so"}

    def test_the_rest_of_a_text_is_kept(self) -> None:
        said = Conversation("1", "7", "2", "1", "3", "1", "2", "caf\udcff!")
        assert said.interview.texts == {"words": "caf!"}
        assert "could not be read" in " ".join(said.text.split())

    def test_a_line_that_fills_the_terminal_is_not_taken(self) -> None:
        said = Conversation("1", "7", "2", "1", "3", "1", "2", "x" * 4095, "so")
        assert "its end is lost" in " ".join(said.text.split())
        assert said.interview.texts == {"words": "so"}

    def test_a_strict_stream_that_cannot_decode_a_line(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source, out = Stream("1\n:pause\n", terminal=True), Stream(terminal=True)
        faults = [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")]
        read = source.readline

        def readline(size: int = -1) -> str:
            if faults:
                raise faults.pop()
            return read(size)

        monkeypatch.setattr(source, "readline", readline)
        asker = PlainAsker(Surroundings(source, out, {}))
        with pytest.raises(Paused) as caught:
            run(Interview.begin(questionnaire_of(SMALL)), asker)
        assert not caught.value.interrupted
        assert "cannot be read" in " ".join(out.getvalue().split())
        assert "Answer: boss" in out.getvalue()

    def test_an_endless_line_is_one_line(self) -> None:
        said = Conversation("x" * 250_000, "2", ":pause")
        assert said.text.count("is not a number in the") == 1
        assert "role" in said.given


class TestNumbers:
    @pytest.mark.parametrize(
        ("word", "number"),
        [("1", 1), (" 12 ", 12), ("007", 7), ("１２", 12)],
    )
    def test_a_number_of_a_list(self, word: str, number: int) -> None:
        assert number_in(word, 12) == number

    @pytest.mark.parametrize(
        "word",
        ["0", "13", "-1", "1.0", "", "x", "²", "١", "1" * 5000, "1 2"],
        ids=lambda word: word[:20],
    )
    def test_none_of_it(self, word: str) -> None:
        assert number_in(word, 12) is None

    @pytest.mark.parametrize("typed", ["9" * 5000, "0" * 5000], ids=["9", "0"])
    def test_endless_digits_raise_no_error_of_python(self, typed: str) -> None:
        said = Conversation(typed, typed, "1", typed, "7", ":goto " + typed, ":goto", typed, "1")
        assert said.given["role"] == ("boss",)
        assert said.paused is True


class TestPiped:
    @pytest.mark.parametrize("wrong", ["9", "", ":nonsense", "1 3"])
    def test_a_wrong_line_stops(self, wrong: str) -> None:
        said = Conversation(wrong, "1", "7", watched=False)
        assert said.paused is True
        assert said.given == {}

    def test_lines_are_not_folded(self) -> None:
        out = Stream(terminal=False)
        asker = PlainAsker(Surroundings(Stream("1\n", terminal=False), out, {}))
        with pytest.raises(Paused):
            run(Interview.begin(builtin()), asker)
        assert builtin().items[0].text in out.getvalue()


class TestMode:
    @pytest.mark.parametrize(
        ("environment", "terminals", "asked", "plain"),
        [
            ({"TERM": "xterm"}, (True, True), None, False),
            ({}, (True, True), None, False),
            ({"TERM": "dumb"}, (True, True), None, True),
            ({"TERM": "DUMB"}, (True, True), None, True),
            ({"TERM": "unknown"}, (True, True), None, True),
            ({"ACCESSIBLE": "1"}, (True, True), None, True),
            ({"ACCESSIBLE": "yes"}, (True, True), None, True),
            ({"ACCESSIBLE": "0"}, (True, True), None, False),
            ({"ACCESSIBLE": "False"}, (True, True), None, False),
            ({"ACCESSIBLE": ""}, (True, True), None, False),
            ({"NO_COLOR": "1"}, (True, True), None, False),
            ({"TERM": "xterm"}, (False, True), None, True),
            ({"TERM": "xterm"}, (True, False), None, True),
            ({"TERM": "xterm"}, (True, True), True, True),
            ({"TERM": "dumb", "ACCESSIBLE": "1"}, (True, True), False, False),
        ],
    )
    def test_what_chooses_plain_lines(
        self,
        environment: Mapping[str, str],
        terminals: tuple[bool, bool],
        asked: bool | None,
        plain: bool,
    ) -> None:
        source, out = (Stream(terminal=terminal) for terminal in terminals)
        assert is_plain(Surroundings(source, out, environment), asked) == plain

    def test_a_stream_that_is_closed_is_no_terminal(self) -> None:
        closed: TextIO = Stream(terminal=True)
        closed.close()
        broken = io.TextIOWrapper(io.BytesIO())
        broken.close()
        assert is_plain(Surroundings(broken, closed, {}), None)
