"""Paused interviews: resuming, deleting, and every possible defect of a draft."""

from __future__ import annotations

import io
import json
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli import files
from microcred_cli.clock.dates import date_in_words
from microcred_cli.clock.zones import today
from microcred_cli.crypto.keys import LOCKED_SYMBOLS
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.records.receipts import RESUME_SYMBOLS, parse, show
from microcred_cli.session.codes import ask_code, deleted_code
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.folder import Responses
from tests.cli.program import Lines
from tests.windows.skips import posix_modes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.program import Place, Ran

SECRET = "Words on mc_example"


def paused(place: Place, until: str = "mc_awarder", route: str = "employer provides") -> str:
    """Pause at a step; returns the resume code that was shown."""
    typed = "\n".join([*Lines(route).until(until), ":pause", ""])
    return place.run("respond", "--plain", typed=typed).resume_code


def rest(*, behind: str, route: str = "employer provides") -> list[str]:
    """The lines from a step on, until the receipt is noted."""
    lines = Lines(route)
    return [*lines.until()[len(lines.until(behind)) :], "submit", "noted", ""]


def resumed(place: Place, code: str, *lines: str) -> Ran:
    return place.run("resume", "--plain", typed="\n".join([code, *lines, ""]))


def changed(place: Place, which: str | None = None, /, **changes: object) -> None:
    """Edit a draft: the one with a resume code, or the only one."""
    name = f"{parse(which, RESUME_SYMBOLS).lower()}.json" if which else None
    (path,) = (path for path in place.drafts if name in (None, path.name))
    draft = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps(draft), encoding="utf-8")


def refused(ran: Ran, *words: str, code: int = 4) -> None:
    """The command fails with an exit code and a hint, without a traceback or an answer."""
    assert ran.code == code, ran
    assert "Traceback" not in ran.err
    assert SECRET not in ran.all
    assert len(ran.err.strip().splitlines()) >= 2
    for word in words:
        assert word in ran.err


class TestGoingOn:
    def test_it_goes_on_at_the_first_open_question_with_every_answer(self, place: Place) -> None:
        code = paused(place)
        before = place.draft["given"]
        ran = resumed(place, code, *rest(behind="mc_awarder"))
        assert ran.code == 0, ran
        assert ran.out.lstrip().startswith("Section: Characteristics")
        assert "What kind of organisation awards" in ran.out.split("Number")[0]
        answers = place.response["answers"]
        assert answers["involvement"] == before["involvement"]
        assert place.typed["mc_example"] == SECRET
        assert not place.drafts

    def test_the_command_to_go_on_has_the_option_of_this_start(self, place: Place) -> None:
        typed = "\n".join([*Lines().until("mc_awarder"), ":pause", ""])
        assert "resume --plain   code: " in place.run("respond", "--plain", typed=typed).err
        assert "resume   code: " in place.run("respond", typed=typed).err

    @pytest.mark.parametrize("form", [str.lower, lambda c: c.replace("-", ""), lambda c: f" {c} "])
    def test_the_code_may_be_typed_in_any_form(self, place: Place, form: Any) -> None:
        assert resumed(place, form(paused(place)), ":pause").code == 0

    def test_an_empty_line_takes_the_only_one(self, place: Place) -> None:
        paused(place)
        assert "What kind of organisation awards" in resumed(place, "").out

    def test_an_empty_line_chooses_none_of_two(self, place: Place) -> None:
        paused(place)
        paused(place)
        assert resumed(place, "").code == 2

    def test_pausing_again_at_once_loses_nothing(self, place: Place) -> None:
        code = paused(place)
        before = place.draft
        ran = resumed(place, code)
        assert ran.code == 130
        assert ran.resume_code == code
        assert place.draft["given"] == before["given"]

    def test_the_order_of_the_lists_stays(self, place: Place) -> None:
        code = paused(place, until="mc_awarder")
        first = resumed(place, code, ":pause").out
        assert resumed(place, code, ":pause").out == first

    def test_the_responses_folder_stays(self, place: Place, tmp_path: Path) -> None:
        typed = "\n".join([*Lines().until("mc_awarder"), ":pause", ""])
        elsewhere = tmp_path / "elsewhere"
        ran = place.run("respond", "--plain", "--responses", "elsewhere", typed=typed)
        resumed(place, ran.resume_code, *rest(behind="mc_awarder"))
        assert len(list(elsewhere.glob("*.json"))) == 2
        assert not place.files

    def test_the_time_of_the_pause_does_not_count(self, place: Place) -> None:
        code = paused(place)
        changed(place, elapsed_seconds=1500.0, begun=str(today() - timedelta(days=20)))
        resumed(place, code, *rest(behind="mc_awarder"))
        assert place.response["duration_minutes"] == 30

    def test_the_settings_that_it_was_begun_with_stay(self, place: Place) -> None:
        settings = place.write("round.toml", 'contact = "survey@example.org"\n')
        typed = "1\n1\n:pause\n"
        ran = place.run("respond", "--plain", "--fieldwork", settings, typed=typed)
        again = resumed(place, ran.resume_code, ":background", ":pause")
        assert "survey@example.org" in again.out

    def test_it_can_be_finished_after_the_close(self, place: Place) -> None:
        code = paused(place)
        place.write("fieldwork.toml", "closes = 2020-01-01\n")
        assert resumed(place, code, *rest(behind="mc_awarder")).code == 0
        assert place.files

    def test_it_goes_on_without_the_kept_definition_if_that_version_is_installed(
        self, place: Place
    ) -> None:
        code = paused(place)
        for path in (place.state / "definitions").iterdir():
            path.unlink()
        assert resumed(place, code, *rest(behind="mc_awarder")).code == 0
        assert place.files


class TestCodes:
    def test_without_drafts_there_is_nothing_to_resume(self, place: Place) -> None:
        ran = place.run("resume", typed="AAAA-AAAA\n")
        assert ran.code == 2
        assert "microcred respond" in ran.err

    @pytest.mark.parametrize("typed", ["AAAA", "UUUU-UUUU", "\x1b[2J", "é" * 8, "A" * 5000])
    def test_what_is_no_code_is_refused(self, place: Place, typed: str) -> None:
        paused(place)
        ran = resumed(place, typed)
        assert ran.code == 2
        assert "\x1b" not in ran.err
        assert "AAAA" not in ran.err

    def test_one_wrong_symbol_is_told(self, place: Place) -> None:
        code = paused(place)
        wrong = ("B" if code[0] != "B" else "C") + code[1:]
        ran = resumed(place, wrong)
        assert ran.code == 2
        assert "At least one character of the code is wrong" in ran.err

    def test_no_input_is_no_code(self, place: Place) -> None:
        paused(place)
        assert place.run("resume").code == 2

    def test_a_code_can_be_an_argument(self, place: Place) -> None:
        code, _other = paused(place), paused(place)
        ran = place.run("resume", code.lower(), "--plain", typed=":pause\n")
        assert ran.code == 0
        assert ran.resume_code == code

    def test_a_wrong_argument_is_named(self, place: Place) -> None:
        paused(place)
        assert "has 8 letters and digits" in place.run("resume", "ABC").err
        unknown = show("0" * RESUME_SYMBOLS)
        refused(place.run("resume", unknown), "No paused interview", code=2)

    @pytest.mark.parametrize("command", ["resume", "drafts delete"])
    @pytest.mark.parametrize("is_shared", [True, False], ids=["shared machine", "encrypted"])
    def test_a_secret_code_is_refused_as_an_argument(
        self, place: Place, is_shared: bool, command: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = paused(place) if is_shared else show("0" * LOCKED_SYMBOLS)
        monkeypatch.setattr(files, "is_drop", lambda _: True)
        ran = place.run(*command.split(), code)
        assert ran.code == 2
        assert "must not be an argument" in ran.err
        assert f"Run microcred {command} and type the code" in ran.err
        assert "Question" not in ran.all
        assert code not in ran.all
        assert place.drafts or not is_shared

    def test_a_receipt_is_never_an_argument(self, place: Place) -> None:
        ran = place.run("withdraw", "CODE", "2345")
        assert ran.code == 2
        assert "type the receipt when asked" in ran.err
        assert "CODE" not in ran.all
        assert "No such option" in place.run("withdraw", "--receipt").err


class Typing(io.StringIO):
    """Lines typed at a terminal."""

    def isatty(self) -> bool:
        return True


class TestAtATerminal:
    @pytest.fixture
    def typing(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
        def type_at(place: Place, *lines: str, **more: bool) -> str:
            monkeypatch.setattr(sys, "stdin", Typing("\n".join([*lines, ""])))
            return show(ask_code(Drafts(place.state), **more))

        return type_at

    def test_several_are_listed_and_chosen_by_number(
        self, place: Place, typing: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        codes = sorted([paused(place), paused(place)])
        chosen = typing(place, "2")
        told = capsys.readouterr().err
        assert chosen == codes[1]
        assert f"1. {codes[0]}" in told
        assert f"2. {codes[1]}  begun {date_in_words(today())}  answered 11 of 36" in told
        assert SECRET not in told

    def test_a_wrong_code_or_number_can_be_typed_again(
        self, place: Place, typing: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        codes = sorted([paused(place), paused(place)])
        assert typing(place, "3", "A", show("0" * RESUME_SYMBOLS), codes[0]) == codes[0]
        told = capsys.readouterr().err
        assert "There is no such number in the list. Type a number from 1 to 2." in told
        assert "but 1 was typed" in told
        assert "No paused interview on this machine has that code" in told

    def test_a_typed_code_is_erased_unless_lines_are_plain(
        self,
        place: Place,
        typing: Callable[..., str],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        code = paused(place)
        monkeypatch.setenv("TERM", "xterm")
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True)
        assert typing(place, code, plain=True) == code
        assert "\x1b" not in capsys.readouterr().err
        assert typing(place, code) == code
        assert capsys.readouterr().err.endswith("\x1b[1A\r\x1b[J")

    def test_one_to_delete_is_listed_too_and_it_is_confirmed(
        self, place: Place, typing: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = paused(place)
        assert typing(place, "", "1", "no", code, "yes", deletes=True) == code
        told = capsys.readouterr().err
        assert f"1. {code}  begun" in told
        assert told.count(f"Delete {code} permanently?") == 2
        assert "Nothing was deleted." in told

    def test_a_code_given_as_an_argument_is_confirmed_too(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = paused(place)
        monkeypatch.setattr(sys, "stdin", Typing("no\nyes\n"))
        with pytest.raises(UsageError, match="Nothing was deleted"):
            deleted_code(Drafts(place.state), code)
        assert show(deleted_code(Drafts(place.state), code)) == code

    def test_one_that_is_open_in_another_window_is_told_and_another_can_be_chosen(
        self, place: Place, typing: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second = sorted([paused(place), paused(place)])
        with Drafts(place.state).held(parse(first, RESUME_SYMBOLS)):
            assert typing(place, "1", "2") == second
        told = capsys.readouterr().err
        assert "This interview is open in another window. Finish the interview" in told

    def test_one_that_was_handed_in_is_listed_without_a_day(
        self, place: Place, typing: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, _ = paused(place), paused(place)
        day = str(today() + timedelta(days=30))
        changed(place, code, begun=day, expires=day, closing="complete", stored=True)
        typing(place, "1")
        assert f"{code}  handed in, receipt not confirmed\n" in capsys.readouterr().err
        listed = place.run("drafts")
        assert f"{code}  handed in, receipt not confirmed  kept until" in listed.out
        assert listed.err.splitlines() == [
            "To continue an interview, run: microcred resume",
            "To show a receipt again, run: microcred resume",
        ]

    def test_secret_codes_are_not_listed(
        self, place: Place, typing: Callable[..., str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code, other = paused(place), paused(place)
        monkeypatch.setattr(files, "is_drop", lambda _: True)
        assert typing(place, "1", "2", other) == other != code


class TestDamaged:
    @pytest.mark.parametrize(
        "content",
        [b"", b"{", b"[]", b"\xff", b"null", b'{"format": "microcred-draft/2"}', b"[" * 100_000],
    )
    def test_what_is_no_draft_is_refused(self, place: Place, content: bytes) -> None:
        code = paused(place)
        place.drafts[0].write_bytes(content)
        refused(resumed(place, code, "1"))
        assert place.drafts

    @pytest.mark.parametrize(
        "changes",
        [
            {"given": {"consent": "maybe"}},
            {"given": {"consent": "yes", "hat_size": "7"}},
            {"given": {"consent": "yes", "country": 7}},
            {"given": {"consent": "yes", "country": ["FI"]}},
            {"given": {"consent": "yes", "terms_used": "open_badge"}},
            {"given": {"consent": "yes", "terms_used": ["sealing_wax"]}},
            {"given": {"consent": "yes", "mc_provided": 999999}},
            {"given": {"consent": "yes", "rep_activities": ["sealing_wax"]}},
            {"given": {"consent": "yes", "trust_by_issuer.weather": "1"}},
            {"given": {"consent": "yes", "trust_conditions.2": "sealing_wax"}},
            {"given": {"consent": "yes", "comments": "given"}},
            {"texts": {"comments": "never given"}},
            {"seed": 999999},
            {"seed": -1},
            {"mode": "telepathy"},
            {"expires": "yesterday"},
            {"code": "ZZZZZZZ"},
            {"code": "../../x"},
            {"receipt": "../../../etc"},
            {"closing": "complete", "receipt": "A" * 19},
            {"unknown": 1},
            {"given": None},
        ],
        ids=str,
    )
    def test_what_no_interview_can_have_left_is_refused(
        self, place: Place, changes: dict[str, object]
    ) -> None:
        code = paused(place)
        changed(place, **changes)
        refused(resumed(place, code, "1"))
        assert place.drafts
        assert not place.files
        listed = place.run("drafts")
        assert listed.code == 0
        assert "Traceback" not in listed.err

    def test_a_text_beyond_what_its_item_takes_is_refused(self, place: Place) -> None:
        code = paused(place)
        changed(place, texts={**place.draft["texts"], "mc_example": "x" * 201})
        refused(resumed(place, code, "1"))

    def test_answers_off_the_route_wait_and_are_never_stored(self, place: Place) -> None:
        code = paused(place, route="employer knows")
        changed(place, given={**place.draft["given"], "mc_provided": 7, "rep_activities": "dk"})
        ran = resumed(place, code, *rest(behind="mc_awarder", route="employer knows"))
        assert ran.code == 0
        assert place.response["answers"]["mc_provided"] == "not_asked"
        assert place.response["answers"]["rep_activities"] == "not_asked"

    def test_another_version_that_is_not_here_is_named(self, place: Place) -> None:
        code = paused(place)
        ref = {**place.draft["questionnaire"], "version": "9.9.9", "sha256": "0" * 64}
        changed(place, questionnaire=ref)
        refused(resumed(place, code, "1"), "9.9.9", "Install")

    def test_a_kept_definition_that_was_changed_is_not_believed(self, place: Place) -> None:
        code = paused(place)
        (kept,) = (place.state / "definitions").iterdir()
        shape = json.loads(kept.read_text(encoding="utf-8"))
        shape["title"] = "Another survey"
        kept.write_text(json.dumps(shape), encoding="utf-8")
        ran = resumed(place, code, ":pause")
        assert ran.code == 0
        assert "Another survey" not in ran.all

    def test_a_link_in_place_of_a_draft_is_refused(self, place: Place) -> None:
        code = paused(place)
        (path,) = place.drafts
        path.rename(place.folder / "moved.json")
        path.symlink_to(place.folder / "moved.json")
        refused(resumed(place, code, "1"))

    def test_a_draft_that_is_open_in_another_window_is_refused(self, place: Place) -> None:
        code = paused(place)
        with Drafts(place.state).held(place.draft["code"]):
            refused(resumed(place, code, "1"), "another window")
            deleting = place.run("drafts", "delete", typed=f"{code}\n")
            refused(deleting, "another window")
        assert place.drafts


class TestExpired:
    def test_it_is_deleted_and_that_is_said(self, place: Place) -> None:
        code = paused(place)
        changed(place, expires=str(today() - timedelta(days=1)))
        refused(resumed(place, code, "1"), "kept until", "deleted")
        assert not place.drafts
        assert not place.files

    def test_an_unknown_language_in_it_is_shown_safely(self, place: Place) -> None:
        code = paused(place)
        changed(place, language="\x1b[2J")
        ran = resumed(place, code, ":pause")
        assert "no longer available" in ran.all
        assert "\x1b" not in ran.all

    @pytest.mark.parametrize("name", ["responses", "fieldwork"])
    def test_a_path_in_it_that_cannot_be_is_refused_in_words(self, place: Place, name: str) -> None:
        if name == "fieldwork" and sys.platform == "win32":
            pytest.skip("Windows does not tell a path that is too long from one that is absent")
        code = paused(place)
        changed(place, **{name: str(place.folder / ("x" * 300))})
        assert resumed(place, code, ":pause").code == 4
        assert place.drafts

    def test_on_its_last_day_it_can_be_resumed(self, place: Place) -> None:
        code = paused(place)
        changed(place, expires=str(today()))
        assert resumed(place, code, ":pause").code == 0

    def test_the_days_are_those_of_the_fieldwork_that_it_was_begun_in(self, place: Place) -> None:
        settings = place.write("fieldwork.toml", "draft_days = 3\n")
        paused(place)
        os.remove(settings)  # noqa: PTH107 - the path is a text here
        assert place.draft["expires"] == str(today() + timedelta(days=3))
        assert date_in_words(today() + timedelta(days=3)) in place.run("drafts").out


class TestList:
    def test_it_shows_code_day_and_progress_and_never_an_answer(self, place: Place) -> None:
        code = paused(place)
        ran = place.run("drafts")
        assert ran.code == 0
        assert ran.out.startswith(code)
        assert f"begun {date_in_words(today())}" in ran.out
        assert f"kept until {date_in_words(today() + timedelta(days=30))}" in ran.out
        assert "11 of 36" in ran.out
        for shown in (SECRET, "employer", "AL", "awards"):
            assert shown not in ran.all

    def test_going_back_before_the_pause_takes_nothing_off_the_count(self, place: Place) -> None:
        lines = [*Lines().until("mc_awarder"), *[":back"] * 4, ":pause", ""]
        place.run("respond", "--plain", typed="\n".join(lines))
        assert place.draft["at"] != "mc_awarder"
        assert "answered 11 of 36" in place.run("drafts").out

    def test_without_any_it_says_so(self, place: Place) -> None:
        ran = place.run("drafts")
        assert ran.code == 0
        assert ran.out == ""
        assert "There are no paused interviews" in ran.err

    def test_files_that_are_no_drafts_are_not_listed(self, place: Place) -> None:
        paused(place)
        for name in ("notes.json", "OLIOLIO.json", "../drafts.json", "é.json"):
            (place.state / "drafts" / name).write_text("{}")
        assert len(place.run("drafts").out.splitlines()) == 1

    def test_a_damaged_one_is_listed_and_can_be_deleted(self, place: Place) -> None:
        code = paused(place)
        place.drafts[0].write_text("{")
        assert "damaged" in place.run("drafts").out
        assert place.run("drafts", "delete", typed=f"{code}\n").code == 0
        assert not place.drafts

    def test_delete_removes_the_one_that_is_named(self, place: Place) -> None:
        first, second = paused(place), paused(place)
        ran = place.run("drafts", "delete", typed=f"{first}\n")
        assert ran.code == 0
        assert place.run("drafts").out.startswith(second)
        assert SECRET not in ran.all

    def test_delete_takes_a_code_as_an_argument(self, place: Place) -> None:
        first, second = paused(place), paused(place)
        assert place.run("drafts", "delete", first.lower()).code == 0
        assert place.run("drafts").out.startswith(second)
        gone = place.run("drafts", "delete", first)
        refused(gone, "No paused interview", "microcred drafts", code=2)
        assert place.run("drafts", "delete", "ABC").code == 2
        assert place.run("drafts", "delete", "--expired", second).code == 2
        assert len(place.drafts) == 1

    def test_delete_never_takes_one_unasked(self, place: Place) -> None:
        paused(place)
        assert place.run("drafts", "delete", typed="\n").code == 2
        assert place.drafts

    def test_delete_of_a_code_that_is_not_there(self, place: Place) -> None:
        code = paused(place)
        (path,) = place.drafts
        path.rename(path.with_name("zzzzzzz.json"))
        refused(place.run("drafts", "delete", typed=f"{code}\n"), "microcred drafts", code=2)

    def test_a_new_interview_lets_expired_ones_go(self, place: Place) -> None:
        paused(place)
        changed(place, expires=str(today() - timedelta(days=1)))
        fresh = paused(place)
        assert [line.split()[0] for line in place.run("drafts").out.splitlines()] == [fresh]

    def test_delete_expired_takes_those_alone(self, place: Place) -> None:
        fresh = paused(place)
        old = paused(place)
        changed(place, old, expires=str(today() - timedelta(days=1)))
        assert "expired" in place.run("drafts").out
        ran = place.run("drafts", "delete", "--expired")
        assert ran.code == 0
        assert "Deleted: 1" in ran.err
        assert place.run("drafts").out.startswith(fresh)


class Fault:
    """A disk that stays full until the test frees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, folder: Path) -> None:
        self.real = getattr(files, name)
        self.folder = folder
        self.left = -1
        monkeypatch.setattr(files, name, self)

    def __call__(self, path: Path, *arguments: Any, **named: Any) -> object:
        if self.left != 0 and path.is_relative_to(self.folder) and path.suffix == ".json":
            self.left -= 1
            raise StoreError("The disk is full.", hint="Free some space, then try again.")
        return self.real(path, *arguments, **named)


class TestTrouble:
    def test_an_answer_that_cannot_be_saved_is_told_and_saved_with_the_next(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fault = Fault(monkeypatch, "replace_durably", place.state / "drafts")
        fault.left = 2
        ran = place.run("respond", "--plain", typed="1\n1\n1\n:pause\n")
        assert ran.code == 0
        assert ran.out.count("Not saved yet: The disk is full. Free some space") == 2
        assert set(place.draft["given"]) == {"consent", "org_role", "country"}

    def test_what_can_never_be_saved_is_said_at_the_end(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Fault(monkeypatch, "replace_durably", place.state / "drafts")
        ran = place.run("respond", "--plain", typed="1\n1\n:pause\n")
        assert ran.code == 4
        assert "could not be saved" in ran.err
        assert "microcred resume" not in ran.err

    def test_what_was_saved_before_can_still_be_resumed(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = paused(place)
        Fault(monkeypatch, "replace_durably", place.state / "drafts")
        ran = resumed(place, code, "1", ":pause")
        assert ran.code == 4
        assert "could not be saved" in ran.err
        assert ran.resume_code == code

    def test_the_pause_itself_saves_what_was_not(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fault = Fault(monkeypatch, "replace_durably", place.state / "drafts")
        fault.left = 1
        ran = place.run("respond", "--plain", typed="1\n:pause\n")
        assert ran.code == 0
        assert place.draft["given"] == {"consent": "yes"}

    def test_what_cannot_be_handed_in_is_tried_again(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fault = Fault(monkeypatch, "create_durably", place.responses / "texts")
        fault.left = 1
        typed = "\n".join([*Lines().until(), "submit", "1", "noted", ""])
        ran = place.run("respond", "--plain", typed=typed)
        assert ran.code == 0
        assert "could not be handed in: The disk is full." in ran.out
        assert len(place.files) == 1
        assert not place.drafts

    def test_what_cannot_be_handed_in_waits_as_a_draft(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as full:
            Fault(full, "create_durably", place.responses / "texts")
            typed = "\n".join([*Lines().until(), "submit", "2", ""])
            ran = place.run("respond", "--plain", typed=typed)
        assert ran.code == 4
        assert "eceipt: " not in ran.all
        assert not place.files
        receipt = place.draft["receipt"]
        assert "handed in, not yet stored" in place.run("drafts").out
        done = resumed(place, ran.resume_code, "noted")
        assert done.code == 0
        assert done.receipt == receipt
        assert len(place.files) == 1
        assert set(place.typed) == {"comments", "mc_example"}
        assert not place.drafts

    def test_finishing_again_after_a_crash_writes_the_same_files(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as crashing:
            crashing.setattr(Drafts, "delete", _crash)
            ran = place.run("respond", "--plain", typed=Lines().whole())
        assert ran.code == 130
        receipt = place.draft["receipt"]
        before = {path: path.read_bytes() for path in place.files + place.texts}
        assert len(before) == 3
        done = place.run("resume", "--plain", typed="\nnoted\n")
        assert done.code == 0
        assert {path: path.read_bytes() for path in place.files + place.texts} == before
        assert done.receipt == receipt
        assert not place.drafts

    @pytest.mark.parametrize("at", range(4))
    def test_a_crash_at_any_file_of_handing_in_loses_and_doubles_nothing(
        self, place: Place, monkeypatch: pytest.MonkeyPatch, at: int
    ) -> None:
        with monkeypatch.context() as crashing:
            real, count = Responses._create, iter(range(10))

            def crash(self: Responses, path: Path, data: bytes) -> None:
                if next(count) == at:
                    raise KeyboardInterrupt
                real(self, path, data)

            crashing.setattr(Responses, "_create", crash)
            ran = place.run("respond", "--plain", typed=Lines().whole())
        assert ran.code == (130 if at < 3 else 0)
        if at < 3:
            assert place.run("resume", "--plain", typed="\nnoted\n").code == 0
        assert len(place.files) == 1
        assert len(place.texts) == 2
        assert not place.drafts


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


class TestStateFolder:
    @pytest.fixture
    def unusable(self, place: Place, request: pytest.FixtureRequest) -> None:
        drafts = place.state / "drafts"
        how: str = request.param
        if how == "a file":
            drafts.write_text("")
        elif how == "a link":
            (place.folder / "real").mkdir()
            drafts.symlink_to(place.folder / "real")
        elif how == "for all":
            if sys.platform == "win32":
                pytest.skip("Windows has no permissions of groups and others")
            drafts.mkdir()
            drafts.chmod(0o777)
        elif os.geteuid() != 0:
            pytest.skip("changing the owner of a folder requires root")
        else:
            drafts.mkdir()
            os.chown(drafts, 12345, 12345)

    @pytest.mark.parametrize(
        "unusable", ["a file", "a link", "for all", "of another user"], indirect=True
    )
    @pytest.mark.usefixtures("unusable")
    def test_one_that_cannot_be_trusted_stops_before_the_first_question(self, place: Place) -> None:
        ran = place.run("respond", "--plain", typed="1\n")
        refused(ran)
        assert ran.out == ""

    @posix_modes
    def test_one_that_others_may_read_is_closed(self, place: Place) -> None:
        (place.state / "drafts").mkdir(mode=0o755)
        paused(place)
        assert (place.state / "drafts").stat().st_mode & 0o777 == 0o700
        assert place.drafts[0].stat().st_mode & 0o777 == 0o600

    def test_another_window_that_finishes_leaves_the_definition_of_this_one(
        self, place: Place
    ) -> None:
        drafts = Drafts(place.state)
        drafts.prepare()
        with drafts.held("AAAAAAA"):
            drafts.keep_definition("0" * 64, "{}")
            place.run("respond", "--plain", typed=Lines().whole())
            assert (place.state / "definitions" / f"{'0' * 64}.json").exists()
