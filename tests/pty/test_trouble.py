"""Errors and interruptions at a real terminal: no answer is lost or given by accident."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from microcred_cli.files import NEUTRAL_TIME
from microcred_cli.records.receipts import response_id, show
from tests.harness import Terminal
from tests.pty.prepared import (
    PROVIDES,
    UNAWARE,
    answers_before,
    finish,
    pause_behind,
    resume,
    resume_behind,
)
from tests.pty.walker import ROUTES, Walker, groups_of, pages_on

if TYPE_CHECKING:
    from pathlib import Path

CHOICES = {"consent": "yes", **ROUTES["representative-unaware"]}


@pytest.mark.parametrize("size", [(80, 24), (40, 20)], ids=["80x24", "40x20"])
def test_holding_enter_from_the_start_answers_nothing(
    size: tuple[int, int], tmp_path: Path
) -> None:
    with Terminal("respond", folder=tmp_path, columns=size[0], rows=size[1]) as terminal:
        terminal.until("Before you start")
        while "Question 1 of" not in terminal.text:
            terminal.press("enter").read()
        terminal.press(*["enter"] * 200).press("down").until("» ")
        assert "Question 1 of" in terminal.text
        assert not terminal.given()


def test_holding_enter_answers_nothing_at_any_later_question(tmp_path: Path) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, CHOICES).begin()
        while (step := walker.interview.step) is not None:
            interview = walker.interview
            walker.reach(interview, step)
            given = terminal.given()
            if step.asks != "text":
                # Enter leaves a text empty, as its page says.
                terminal.press(*["enter"] * 5)
            walker.step()
            assert {k: v for k, v in terminal.given().items() if k != step.key} == given


ENDS = {"kill -9": (1, 14), "closed terminal": (9, 30), "SIGTERM": (1, 30)}
ENDS |= {"Ctrl-C": (9, 14), "Ctrl-\\": (1, 30)}


@pytest.mark.parametrize(
    ("how", "after"), [(how, after) for how, numbers in ENDS.items() for after in numbers]
)
def test_whatever_ends_the_program_resume_has_every_acknowledged_answer(
    how: str, after: int, tmp_path: Path
) -> None:
    begun = (
        resume_behind(tmp_path, UNAWARE, after - 1)
        if after > 1
        else Terminal("respond", folder=tmp_path)
    )
    with begun as terminal:
        walker = Walker(terminal, CHOICES)
        if after == 1:
            walker.begin()
        walker.step()
        interview, step = walker.interview, walker.interview.step
        assert step is not None
        walker.reach(interview, step)
        given = terminal.given()
        end_by(terminal, how)
    assert len(given) == after
    with resume(tmp_path) as again:
        assert again.given() == given
        Walker(again, CHOICES).reach(interview, step)
        end_by(again, "Ctrl-C")
    assert finish(tmp_path, UNAWARE).code == 0
    (response,) = again.stored()
    assert response["status"] == "complete"


def end_by(terminal: Terminal, how: str) -> None:
    """End the program in this way, and wait until it has ended."""
    match how:
        case "kill -9":
            os.kill(terminal.child.pid, signal.SIGKILL)
        case "SIGTERM":
            os.kill(terminal.child.pid, signal.SIGTERM)
        case "closed terminal":
            terminal.child.close(force=False)
        case "Ctrl-C":
            terminal.press("ctrl-c")
        case _:
            terminal.press("\x1c", "ctrl-c")
    if how != "closed terminal":
        while terminal.read():
            pass
    terminal.child.close(force=True)


def test_a_second_window_on_the_same_interview_is_told_so(tmp_path: Path) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, CHOICES).begin()
        walker.step()
        walker.step()
        with resume(tmp_path) as second:
            second.until("open in another window")
            second.press("ctrl-c")
            assert second.finish() == 130
        walker.step()


def test_the_screen_is_given_back_with_nothing_on_it(tmp_path: Path) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, CHOICES).begin()
        walker.step()
        walker.step()
        terminal.press("ctrl-c").until("To go on:")
        terminal.finish()
        assert terminal.raw.count(b"\x1b[?1049h") == terminal.raw.count(b"\x1b[?1049l") == 1
        before, _, page = terminal.raw.partition(b"\x1b[?1049h")
        after = page.rsplit(b"\x1b[?1049l", 1)[1].decode()
        assert b"Note for staff" in page
        assert "Note for staff" not in before.decode() + after
        assert "Yes" not in after
        assert "organisation speaking for employers" not in after


def test_what_was_typed_but_not_entered_comes_back_after_a_pause(tmp_path: Path) -> None:
    with resume_behind(tmp_path, PROVIDES, answers_before(PROVIDES, "mc_example")) as terminal:
        walker = Walker(terminal, {})
        assert walker.interview.step is not None
        walker.reach(walker.interview, walker.interview.step)
        terminal.press("half a sentence").until("half a sentence")
        terminal.press("ctrl-c").until("To go on:")
        terminal.finish()
        assert "mc_example" not in terminal.given()
    with resume(tmp_path) as again:
        again.until("half a sentence").press(" more", "enter")
        again.until(lambda t: "mc_example" in t.given())
        assert again.draft()["texts"]["mc_example"] == "half a sentence more"
        again.until("Question 12 of").press("shift-tab").until("> half a sentence more")
        again.press(" to come").until("more to come").press("ctrl-c").until("To go on:")
        again.finish()
    with resume(tmp_path) as changed:
        changed.until("> half a sentence more to come").press("enter").until("Question 12 of")
        assert changed.draft()["texts"]["mc_example"] == "half a sentence more to come"


def test_in_plain_lines_a_half_typed_text_is_kept_at_control_c(tmp_path: Path) -> None:
    pause_behind(tmp_path, PROVIDES, answers_before(PROVIDES, "mc_example"))
    for shown in ("Question 11", "begun to type: “half a sentence”"):
        with Terminal("resume", "--plain", folder=tmp_path) as terminal:
            terminal.until("Resume code").press("enter").until(shown)
            terminal.until("Your answer").press("half a sentence").until("empty): half a sentence")
            terminal.press("ctrl-c").until("To go on:")
            assert terminal.finish() == 130
            assert [*terminal.draft()["unfinished"]["texts"].values()] == ["half a sentence"]


def test_what_was_said_can_be_deleted_from_the_menu(tmp_path: Path) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, CHOICES).begin()
        walker.step()
        walker.step()
        assert walker.interview.step is not None
        walker.reach(walker.interview, walker.interview.step)
        terminal.press("ctrl-o").until("delete your answers")
        walker.point_at("delete your answers")
        terminal.press("enter").until("Delete my answers and stop")
        walker.point_at("Delete my answers and stop")
        terminal.press("enter").until("Your answers are deleted")
        assert terminal.finish() == 0
        assert not terminal.draft()
        assert not terminal.stored()


@pytest.mark.parametrize("how", ["closed terminal", "kill -9", "Ctrl-C"])
def test_a_receipt_is_shown_again_until_it_is_noted(how: str, tmp_path: Path) -> None:
    with resume_behind(tmp_path, UNAWARE, None) as terminal:
        Walker(terminal, CHOICES).to_review()
        terminal.press("end").until("» s. Submit")
        terminal.press("enter").until(lambda t: len(groups_of(t)) == 5)
        receipt = groups_of(terminal)
        if how == "Ctrl-C":
            terminal.press("ctrl-c").until("press Ctrl-C again").press("ctrl-c")
            terminal.until("To see the receipt again, until ")
            terminal.finish()
        elif how == "kill -9":
            os.kill(terminal.child.pid, signal.SIGKILL)
            terminal.child.wait()
        else:
            terminal.child.close(force=False)
        draft, (response,) = terminal.draft(), terminal.stored()
    assert response["response_id"] == response_id(draft["receipt"])
    assert draft["stored"] is True
    assert (draft["given"], draft["texts"], draft["case"], draft["fieldwork"]) == (
        {},
        {},
        None,
        None,
    )
    assert (draft["seed"], draft["elapsed_seconds"], draft["begun"]) == (0, 0, draft["expires"])
    (path,) = (tmp_path / "state" / "drafts").glob("*.json")
    assert path.stat().st_mtime == NEUTRAL_TIME
    with resume(tmp_path) as terminal:
        terminal.until(lambda t: groups_of(t) == receipt)
        terminal.press("enter").until("Choose an answer first").press("1")
        assert terminal.finish() == 0
        assert terminal.draft() == {}
        assert terminal.stored() == [response]


def test_after_the_withdrawal_no_draft_shows_the_receipt_again(tmp_path: Path) -> None:
    with resume_behind(tmp_path, UNAWARE, None) as terminal:
        Walker(terminal, CHOICES).to_review()
        terminal.press("end").until("» s. Submit")
        terminal.press("enter").until(lambda t: len(groups_of(t)) == 5)
        receipt = show("".join(groups_of(terminal))[:-1])
        terminal.child.close(force=False)
    with Terminal("withdraw", folder=tmp_path) as terminal:
        terminal.until("Receipt:").press(f"{receipt}\r").until("Withdrawn")
        assert terminal.finish() == 0
        assert terminal.stored() == []
        assert terminal.draft() == {}
    with Terminal("resume", folder=tmp_path) as terminal:
        terminal.until("There is no paused interview on this machine.")


@pytest.mark.parametrize("how", ["kill -9", "closed terminal", "Ctrl-C"])
def test_nothing_is_kept_of_who_declines(how: str, tmp_path: Path) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        Walker(terminal, CHOICES).begin()
        terminal.press("2").until("» 2.").press("enter").until("has been stored")
        if how == "Ctrl-C":
            terminal.press("ctrl-c")
            assert terminal.finish() == 0
        elif how == "kill -9":
            os.kill(terminal.child.pid, signal.SIGKILL)
            terminal.child.wait()
        else:
            terminal.child.close(force=False)
        assert terminal.draft() == {}
        assert terminal.stored() == []


def test_a_refusal_taken_back_is_kept_again_with_its_definition(tmp_path: Path) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, CHOICES).begin()
        terminal.press("2").until("» 2.").press("enter").until("has been stored")
        assert not list((tmp_path / "state" / "definitions").iterdir())
        terminal.press("shift-tab").until("Question 1 of")
        terminal.press("1").until("» 1.").press("enter").until(lambda t: t.given() != {})
        assert list((tmp_path / "state" / "definitions").iterdir())
        os.kill(terminal.child.pid, signal.SIGKILL)
        terminal.child.wait()
        step = walker.interview.step
    with resume(tmp_path) as terminal:
        assert step is not None
        Walker(terminal, CHOICES).reach(walker.interview, step)


def test_a_receipt_that_was_not_noted_stands_in_the_shell(tmp_path: Path) -> None:
    with resume_behind(tmp_path, UNAWARE, None) as terminal:
        walker = Walker(terminal, CHOICES).to_review()
        terminal.press("end").until("» s. Submit")
        terminal.press("enter").until(lambda t: len(groups_of(t)) == 5)
        receipt = "-".join(groups_of(terminal))
        walker.press("ctrl-c")
        terminal.until("again")
        terminal.press("ctrl-c").until(f"Your receipt: {receipt}")
        assert terminal.finish() == 0


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_pauses_and_gives_the_screen_back(
    request_to_end: signal.Signals, tmp_path: Path
) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, CHOICES).begin()
        walker.step()
        walker.reach(walker.interview, walker.interview.steps[1])
        os.kill(terminal.child.pid, request_to_end)
        terminal.until("To go on:")
        assert terminal.finish() == 130
        assert terminal.raw.count(b"\x1b[?1049l") == 1


def test_after_a_stop_the_page_is_drawn_again_and_answered_by_what_is_seen(tmp_path: Path) -> None:
    with resume_behind(tmp_path, UNAWARE, 1) as terminal:
        terminal.until("Ctrl-O menu")
        shown, given = terminal.text, terminal.given()
        for number in (signal.SIGTSTP, signal.SIGCONT):
            terminal.raw = b""
            os.kill(terminal.child.pid, number)
            terminal.until(lambda t: b"\x1b[?1049h" in t.raw and b"Ctrl-O menu" in t.raw)
            assert (b"\x1b[?1049l" in terminal.raw) is (number == signal.SIGTSTP)
            assert terminal.text == shown
        # Stopped without asking: what is pressed before the page is drawn again is dropped.
        os.kill(terminal.child.pid, signal.SIGSTOP)
        os.waitpid(terminal.child.pid, os.WUNTRACED)
        terminal.raw = b""
        terminal.child.send("1\r")
        os.kill(terminal.child.pid, signal.SIGCONT)
        terminal.until(lambda t: b"Ctrl-O menu" in t.raw).press("2").until("» 2.")
        assert terminal.given() == given


HOSTILE = {
    "control characters": "a\x1a\x07b\x1b[31mc",
    "a sequence for the terminal": "\x1b]0;title\x07text",
    "rich markup": "[/b] [bold]x[/bold]",
    "invalid UTF-8": b"caf\xff\xfe!",
    "bidi and zero width": "a\u202eb\u200bc",
    "a NUL": "a\x00b",
}


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_kept_clean_and_breaks_nothing(typed: str | bytes, tmp_path: Path) -> None:
    choices = {"consent": "yes", "org_role": "employer", "respondent_function": "other"}
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, choices).begin()
        while (step := walker.interview.step) is not None and not step.specifies:
            walker.step()
        assert step is not None
        walker.reach(walker.interview, step)
        terminal.child.send(typed)
        terminal.press("end of it").until("end of it")
        terminal.press("enter").until(lambda t: step.key in t.given())
        text = terminal.draft()["texts"][step.key]
        assert "end of it" in text
        assert all(character.isprintable() for character in text)
        following = walker.interview.step
        assert following is not None
        walker.reach(walker.interview, following)


@pytest.mark.parametrize("bracketed", [True, False], ids=["pasted", "typed"])
def test_a_hundred_thousand_characters_are_cut_at_the_limit(
    bracketed: bool, tmp_path: Path
) -> None:
    choices = {"consent": "yes", "org_role": "employer", "respondent_function": "other"}
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, choices).begin()
        while (step := walker.interview.step) is not None and not step.specifies:
            walker.step()
        assert step is not None
        walker.reach(walker.interview, step)
        text = "x" * 100_000
        send = f"\x1b[200~{text}\x1b[201~" if bracketed else text
        for start in range(0, len(send), 2000):
            terminal.child.send(send[start : start + 2000])
            terminal.read(0.001)
        terminal.until("100 of 100")
        terminal.press("enter").until(lambda t: step.key in t.given())
        assert terminal.draft()["texts"][step.key] == "x" * 100


def test_a_narrower_window_in_mid_question_shows_everything(tmp_path: Path) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        looks = frozenset(pages_on("representative-unaware"))
        walker = Walker(terminal, CHOICES, looks=looks).begin()
        walker.step()
        terminal.screen.resize(20, 40)
        terminal.child.setwinsize(20, 40)
        walker.step()
        walker.step()


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_a_key_to_pause_right_behind_enter_is_heard(key: str, tmp_path: Path) -> None:
    with Terminal("respond", folder=tmp_path) as terminal:
        walker = Walker(terminal, CHOICES).begin()
        walker.step()
        step = walker.interview.step
        assert step is not None
        walker.reach(walker.interview, step)
        terminal.press("1").until("» 1.")
        terminal.press(f"\r{key}").until("To go on:")
        assert terminal.finish() == 130
        assert step.key in terminal.given()


def test_one_key_does_not_take_the_receipt_away(tmp_path: Path) -> None:
    with resume_behind(tmp_path, UNAWARE, None) as terminal:
        Walker(terminal, CHOICES).to_review()
        terminal.press("end").until("» s. Submit")
        terminal.press("enter").until(lambda t: len(groups_of(t)) == 5)
        receipt = groups_of(terminal)
        terminal.press("ctrl-c").until("Write down the receipt first")
        assert groups_of(terminal) == receipt
        terminal.press("1")
        assert terminal.finish() == 0
