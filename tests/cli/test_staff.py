"""Commands for the responses folder: withdraw and check."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from microcred_cli.cli.check import ANY_ANSWERS
from microcred_cli.cli.output import show_lines
from microcred_cli.files import NEUTRAL_TIME
from microcred_cli.records.receipts import show
from microcred_cli.store.folder import Responses
from tests.cli.program import Place, sheet

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "Words on comments"


class OnTerminal(io.StringIO):
    """Standard output, connected to a terminal."""

    def isatty(self) -> bool:
        return True


def submitted(place: Place, **instead: object) -> str:
    """Store a response; returns the receipt that was shown."""
    ran = place.answer(sheet(**instead))
    assert ran.code == 0, ran
    return show(ran.receipt)


class TestWithdraw:
    def test_the_right_receipt_deletes_the_response_and_its_texts(self, place: Place) -> None:
        kept = submitted(place)
        left = {*place.files, *place.texts}
        receipt = submitted(place)
        assert len(place.files) == 2
        assert len(place.texts) == 6
        ran = place.run("withdraw", typed=receipt + "\n")
        assert ran.code == 0
        assert ran.out == ""
        assert {*place.files, *place.texts} == left
        assert place.run("withdraw", typed=kept + "\n").code == 0
        assert not place.texts

    @pytest.mark.parametrize(
        "change", [str.lower, lambda r: r.replace("-", " "), lambda r: f" {r}"]
    )
    def test_the_receipt_may_be_typed_in_any_form(self, place: Place, change: Any) -> None:
        assert place.run("withdraw", typed=change(submitted(place)) + "\n").code == 0
        assert not place.files

    def test_wrong_receipts_get_the_same_message_and_exit_code(self, place: Place) -> None:
        receipt = submitted(place)
        others = [place.run("withdraw", typed=show(bare) + "\n") for bare in _bare_codes()]
        assert len({(ran.code, ran.out, ran.err) for ran in others}) == 1
        assert (others[0].code, others[0].out) == (1, "")
        said = f"No response in this folder belongs to that receipt: {place.responses}"
        assert said in others[0].err.splitlines()
        assert "--responses" in others[0].err
        assert place.run("withdraw", typed=receipt + "\n").code == 0
        again = place.run("withdraw", typed=receipt + "\n")
        assert (again.code, again.err) == (others[0].code, others[0].err)

    def test_a_typing_error_is_told(self, place: Place) -> None:
        receipt = submitted(place)
        wrong = receipt[:-1] + ("B" if receipt[-1] != "B" else "C")
        ran = place.run("withdraw", typed=wrong + "\n")
        assert ran.code == 2
        assert "At least one character of the code is wrong" in ran.err
        assert wrong not in ran.err
        assert place.files

    @pytest.mark.parametrize("typed", ["", "\n", "ABCD\n", "\x1b[2J\n", "é\n", "\0\n"])
    def test_what_is_no_receipt_is_refused(self, place: Place, typed: str) -> None:
        submitted(place)
        ran = place.run("withdraw", typed=typed)
        assert ran.code == 2
        assert "\x1b" not in ran.err
        assert place.files

    def test_a_folder_that_is_not_there_is_said_before_anything_is_asked(
        self, place: Place
    ) -> None:
        ran = place.run("withdraw", "--responses", "nowhere", typed=show("A" * 19) + "\n")
        assert ran.code == 4
        assert f"This folder does not exist. [{place.folder / 'nowhere'}]" in ran.err
        assert ran.err == place.run("withdraw", "--responses", "nowhere").err
        assert not (place.folder / "nowhere").exists()

    @pytest.mark.skipif(os.name != "posix", reason="there is no pseudo-terminal")
    def test_at_a_terminal_a_mistyped_receipt_is_asked_again(self, place: Place) -> None:
        receipt = submitted(place)
        wrong = receipt[:-1] + ("B" if receipt[-1] != "B" else "C")
        child = pexpect.spawn(
            sys.executable,
            ["-m", "microcred_cli", "withdraw", "--responses", str(place.responses)],
            cwd=str(place.folder),
            encoding="utf-8",
            timeout=30,
        )
        child.expect("Receipt: ")
        child.sendline(wrong)
        child.expect("At least one character of the code is wrong.")
        child.expect("Receipt: ")
        assert len(place.files) == 1
        child.sendline(receipt)
        child.expect("Withdrawn")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
        assert not place.files

    def test_a_response_that_was_damaged_can_be_withdrawn(self, place: Place) -> None:
        receipt = submitted(place)
        place.files[0].write_text("{")
        assert place.run("withdraw", typed=receipt + "\n").code == 0
        assert not place.files

    def test_the_folder_keeps_its_still_time(self, place: Place) -> None:
        place.run("withdraw", typed=submitted(place) + "\n")
        assert place.responses.stat().st_mtime == 946_684_800
        assert (place.responses / "texts").stat().st_mtime == 946_684_800


def _bare_codes() -> list[str]:
    return [letter * 19 for letter in "0A9ZQ7"]


def rewrite(path: Path, **changes: object) -> None:
    shape = json.loads(path.read_text(encoding="utf-8"))
    shape.update(changes)
    path.write_text(json.dumps(shape), encoding="utf-8")


def edited(path: Path, **changes: object) -> None:
    """Change a record, keeping the layout and the modification time that the program sets."""
    shape = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_bytes((json.dumps(shape, ensure_ascii=False, indent=2) + "\n").encode())
    os.utime(path, (NEUTRAL_TIME, NEUTRAL_TIME))


def in_folder(place: Place, path: Path) -> str:
    """The displayed name of a file in the folder."""
    return path.relative_to(place.responses).as_posix()


class TestCheck:
    def test_a_good_folder_is_good_and_k_is_said(self, place: Place) -> None:
        for _ in range(3):
            submitted(place, country="FI")
        ran = place.run("check")
        assert ran.code == 0
        assert ran.err == ""
        assert "Readable, valid and unique responses: 3" in ran.out
        assert "Texts: 9" in ran.out
        assert "k = 3" in ran.out
        assert "smaller than 5: 3 (100 %)" in ran.out
        assert "\n3 of 3 people share their combination of values with fewer than 4 " in ran.out
        assert ANY_ANSWERS in ran.out

    @pytest.mark.parametrize(
        "change", [{"mode": "phone"}, {"duration_minutes": 30}], ids=["mode", "minutes"]
    )
    def test_mode_and_minutes_count_among_what_singles_somebody_out(
        self, place: Place, change: dict[str, object]
    ) -> None:
        for _ in range(3):
            submitted(place, country="FI")
        (path, *_) = Responses(place.responses).files()
        edited(path, **change)
        ran = place.run("check")
        assert ran.code == 0
        assert "minutes): k = 1" in ran.out
        assert "At least one combination of values is unique, and 3 of 3" in ran.out

    @pytest.mark.parametrize(
        "change",
        [
            {"duration_minutes": 25, "shuffle_seed": 3},
            {"answers": {"comments": "given"}},
        ],
        ids=["minutes and seed", "who typed"],
    )
    def test_an_earlier_build_is_named_with_what_to_do(
        self, place: Place, change: dict[str, Any]
    ) -> None:
        for _ in range(12):
            submitted(place)
        for path in Responses(place.responses).files():
            answers = {**json.loads(path.read_text())["answers"], **change.get("answers", {})}
            edited(path, **{**change, "answers": answers})
        before = {path.name: path.read_bytes() for path in place.files}
        ran = place.run("check")
        assert ran.code == 1
        assert ran.err.count("written by an earlier version of microcred") == 12
        assert "store new responses in another folder" in ran.err
        for command in ("seal", "summary"):
            assert "written by an earlier version" in place.run(command).err
        kept = {path.name: path.read_bytes() for path in place.files}
        assert before.items() <= kept.items()

    def test_what_an_earlier_build_sealed_is_one_finding_and_stays(self, place: Place) -> None:
        for _ in range(12):
            submitted(place)
        lines = []
        for path in [*Responses(place.responses).files()]:
            shape = {**json.loads(path.read_text()), "duration_minutes": 25, "shuffle_seed": 3}
            lines.append(json.dumps(shape, ensure_ascii=False, separators=(",", ":")))
            path.unlink()
        sealed = place.responses / "sealed" / f"{'0' * 32}.jsonl"
        sealed.parent.mkdir(mode=0o700)
        sealed.write_text("\n".join(lines) + "\n")
        sealed.chmod(0o600)
        before = sealed.read_bytes()
        for path in (sealed, sealed.parent, place.responses):
            os.utime(path, (NEUTRAL_TIME, NEUTRAL_TIME))
        ran = place.run("check")
        assert ran.code == 1
        said = f"sealed/{sealed.name}, 12 lines: It was written by an earlier version"
        assert ran.err.startswith(said)
        for _ in range(12):
            submitted(place)
        assert said in place.run("seal").err
        assert place.run("summary").code == 0
        assert sealed.read_bytes() == before

    def test_k_is_that_of_the_coarse_items_together(self, place: Place) -> None:
        for country in ("FI", "SE", "AL"):
            submitted(place, country=country)
        ran = place.run("check", "--format", "json")
        report = json.loads(ran.out)
        assert report == {
            "format": "microcred-check/1",
            "responses": 3,
            "sealed": 0,
            "waiting": 3,
            "texts": 9,
            "bad": [],
            "k": 1,
            "in_small_groups": 3,
            "detail": "coarse",
            "quality": None,
            "times": None,
        }

    def test_quality_figures_are_those_of_the_last_seal(self, place: Place) -> None:
        for _ in range(20):
            submitted(place)
        assert "Quality figures: none yet" in place.run("check").out
        place.run("seal")
        for _ in range(5):
            submitted(place)
        ran = place.run("check")
        assert ran.code == 0
        assert "  Interviews under 15 minutes: <8 of <8\n" in ran.out
        assert "Items with nonresponse of 20 % or more: 0 of" in ran.out
        quality = json.loads(place.run("check", "--format", "json").out)["quality"]
        assert quality["responses"] == 20
        assert quality["under_15_minutes"]["count"] is None
        assert {each["item"] for each in quality["straight_lines"]} == {
            "purpose_usefulness",
            "trust_by_issuer",
        }
        assert all(not each["flagged"] for each in quality["item_nonresponse"])
        assert quality == json.loads(place.run("check", "--format", "json").out)["quality"]

    def test_that_somebody_is_alone_is_said_in_plain_words(self, place: Place) -> None:
        for country in ("FI", "SE", "AL"):
            submitted(place, country=country)
        alone = "At least one combination of values is unique, and 3 of 3 people share"
        assert (
            f"\n{alone} their combination of values with fewer than 4 others: anyone who knows"
            in place.run("check").out
        )

    def test_an_empty_folder_is_good(self, place: Place) -> None:
        place.responses.mkdir()
        ran = place.run("check")
        assert ran.code == 0
        assert "k =" not in ran.out

    def test_a_folder_that_is_not_there_is_a_storage_fault(self, place: Place) -> None:
        ran = place.run("check", "--responses", "nowhere")
        assert ran.code == 4
        assert "nowhere" in ran.err

    def test_an_unknown_format_is_refused(self, place: Place) -> None:
        assert place.run("check", "--format", "xml").code == 2

    def test_the_page_about_the_folder_and_what_is_hidden_are_no_responses(
        self, place: Place
    ) -> None:
        submitted(place)
        (place.responses / "README.md").write_text("About")
        (place.responses / ".DS_Store").write_text("x")
        assert place.run("check").code == 0

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"format": "microcred-response/2"}, "format"),
            ({"status": "halfway"}, "status"),
            ({"status": "partial"}, "partial"),
            ({"detail": "full", "language": "en"}, "is in full detail"),
            ({"detail": "full"}, "damaged"),
            ({"language": "en"}, "damaged"),
            ({"synthetic": True}, "synthetic"),
            ({"host": "desk-7"}, "wrong: an unknown key"),
            ({"shuffle_seed": 9}, "earlier version"),
            ({"duration_minutes": 25}, "earlier version"),
            ({"duration_minutes": 7}, "duration_minutes"),
            ({"answers": {}}, "missing"),
            ({"response_id": "0" * 32}, "does not match the id"),
            (
                {"questionnaire": {"id": "mc_employers", "version": "0.9.0", "sha256": "0" * 64}},
                "version 0.9.0",
            ),
            (
                {"questionnaire": {"id": "mc_employers", "version": "2.0.0", "sha256": "0" * 64}},
                "a different definition",
            ),
            (
                {"questionnaire": {"id": "cafe", "version": "1.0.0", "sha256": "0" * 64}},
                "another questionnaire, cafe",
            ),
        ],
        ids=str,
    )
    def test_a_record_that_is_not_as_it_should_be_is_named(
        self, place: Place, changes: dict[str, object], said: str
    ) -> None:
        submitted(place)
        submitted(place)
        bad = place.files[0]
        rewrite(bad, **changes)
        ran = place.run("check")
        assert ran.code == 1
        (line,) = ran.err.splitlines()
        assert line.startswith(f"{bad.name}: ")
        assert said in line
        assert "valid and unique responses: 1" in ran.out

    @pytest.mark.parametrize(
        ("item", "value", "said"),
        [
            ("country", "FI", "country: The code is unknown."),
            (
                "country",
                "not_asked",
                "country: This item is on the route, but is marked as not asked.",
            ),
            (
                "rep_activities",
                ["sets_standards"],
                "rep_activities: This item is not on the route, but has an answer.",
            ),
            ("mc_provided", 7, "mc_provided: The code is unknown."),
            (
                "trust_by_issuer",
                "pna",
                "trust_by_issuer: The answer is not an object with rows as keys.",
            ),
            ("future_use", "not_reached", "future_use: This item was not reached"),
            ("comments", SECRET, "comments: An open item must be stored as “detached”"),
        ],
    )
    def test_an_answer_that_cannot_stand_is_named_by_its_item_alone(
        self, place: Place, item: str, value: object, said: str
    ) -> None:
        submitted(place)
        rewrite(place.files[0], answers={**place.response["answers"], item: value})
        ran = place.run("check")
        assert ran.code == 1
        assert said in ran.err
        assert SECRET not in ran.err

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"item": "country"}, "not belong to any question"),
            ({"item": "terms_used.none"}, "not belong to any question"),
            ({"item": "hat_size"}, "not belong to any question"),
            ({"text": ""}, "the normalised form in which texts"),
            ({"text": " spaces "}, "the normalised form in which texts"),
            ({"text": "x" * 2001}, "the normalised form in which texts"),
            ({"text": "Ask jane.roe@example.org"}, "could identify"),
            ({"synthetic": True}, "synthetic"),
            ({"text_id": "0" * 32}, "does not match the id"),
            ({"receipt": "A" * 19}, "wrong: an unknown key"),
            (
                {"questionnaire": {"id": "cafe", "version": "1.0.0", "sha256": "0" * 64}},
                "another questionnaire, cafe",
            ),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_a_text_that_is_not_as_it_should_be_is_named(
        self, place: Place, changes: dict[str, object], said: str
    ) -> None:
        submitted(place)
        bad = place.texts[0]
        rewrite(bad, **changes)
        ran = place.run("check")
        assert ran.code == 1
        assert ran.err.startswith(f"texts/{bad.name}: ")
        sealed = place.run("seal").err.splitlines()
        assert ran.err.splitlines()[0] in sealed
        assert said in ran.err
        assert "jane.roe" not in ran.err

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such names of files")
    def test_files_that_are_no_responses_are_named_safely(self, place: Place) -> None:
        submitted(place)
        folder = place.responses
        (folder / "holiday.jpg").write_bytes(b"\xff\xd8")
        (folder / "evil\x1b[2J\u202egpj.json").write_text("{}")
        (folder / "empty.json").write_text("")
        (folder / "deep.json").write_text("[" * 100_000)
        (folder / "giant.json").write_bytes(b" " * 1_100_000)
        (folder / "renamed.json").write_bytes(place.files[0].read_bytes())
        (folder / "linked.json").symlink_to("/etc/hostname")
        (folder / "gone.json").symlink_to("nowhere")
        os.mkfifo(folder / "pipe.json")
        os.link(folder / "holiday.jpg", place.folder / "second name")
        (folder / "line\nbreak.json").write_text("{}")
        ran = place.run("check")
        assert ran.code == 1
        assert "\x1b" not in ran.all
        assert "\u202e" not in ran.all
        named = ran.err.splitlines()
        assert len(named) == 10
        for name in ("holiday.jpg", "deep.json", "giant.json", "linked.json", "pipe.json"):
            assert sum(line.startswith(f"{name}: ") for line in named) == 1
        assert "valid and unique responses: 1" in ran.out
        report = json.loads(place.run("check", "--format", "json").out)
        assert len(report["bad"]) == 10

    def test_a_hard_link_is_named(self, place: Place) -> None:
        submitted(place)
        os.link(place.files[0], place.folder / "copy.json")
        ran = place.run("check")
        assert ran.code == 1
        assert "hard link" in ran.err

    def test_another_users_file_is_named(self, place: Place) -> None:
        if os.geteuid() != 0:
            pytest.skip("changing the owner of a file requires root")
        submitted(place)
        os.chown(place.files[0], 12345, 12345)
        ran = place.run("check")
        assert ran.code == 1
        assert "another user" in ran.err

    @pytest.mark.parametrize("content", ["{", "{}", '{"format": "microcred-folder/2"}'])
    def test_a_damaged_file_of_the_folder_is_named(self, place: Place, content: str) -> None:
        submitted(place)
        (place.responses / "folder.json").write_text(content)
        ran = place.run("check")
        assert ran.code == 1
        assert ran.err.startswith("folder.json: ")
        assert "valid and unique responses: 1" in ran.out

    def test_a_folder_that_lost_its_own_file_is_named(self, place: Place) -> None:
        submitted(place)
        (place.responses / "folder.json").unlink()
        ran = place.run("check")
        assert ran.code == 1
        assert "folder.json: It is missing" in ran.err

    def test_a_folder_that_lost_its_own_file_takes_no_more(self, place: Place) -> None:
        submitted(place)
        (place.responses / "folder.json").unlink()
        ran = place.answer(sheet())
        assert ran.code == 4
        assert "Restore folder.json" in ran.err
        assert not (place.responses / "folder.json").exists()
        assert len(place.files) == 1

    def test_a_folder_of_full_detail_that_is_not_encrypted_is_named(self, place: Place) -> None:
        submitted(place)
        rewrite(place.responses / "folder.json", detail="full")
        ran = place.run("check")
        assert ran.code == 1
        assert "folder.json: It specifies full detail, which is allowed only in an" in ran.err

    @pytest.mark.skipif(os.name != "posix", reason="the system has no POSIX permissions")
    def test_rights_of_others_are_named(self, place: Place) -> None:
        submitted(place)
        for path in (place.files[0], place.texts[0], place.responses / "folder.json"):
            path.chmod(0o640)
            ran = place.run("check")
            path.chmod(0o600)
            assert ran.code == 1
            assert f"{in_folder(place, path)}: Other users have access to it.\n" == ran.err
        assert place.run("check").code == 0

    def test_a_time_that_tells_is_named(self, place: Place) -> None:
        submitted(place)
        for path in (place.files[0], place.texts[0], place.responses / "folder.json"):
            before = path.stat()
            path.touch()
            ran = place.run("check")
            os.utime(path, (before.st_atime, before.st_mtime))
            assert ran.code == 1
            assert (
                f"{in_folder(place, path)}: Its modification time reveals when it was written.\n"
                == ran.err
            )
        assert place.run("check").code == 0

    def test_keys_in_another_order_are_named(self, place: Place) -> None:
        submitted(place)
        for path in (place.files[0], place.texts[0], place.responses / "folder.json"):
            data = path.read_bytes()
            shape = json.loads(data)
            turned = dict(reversed(shape.items()))
            path.write_text(json.dumps(turned, indent=2, ensure_ascii=False) + "\n", "utf-8")
            ran = place.run("check")
            path.write_bytes(data)
            os.utime(path, (946_684_800, 946_684_800))
            assert ran.code == 1
            assert f"{in_folder(place, path)}: Its content is valid, but its keys" in ran.err
        assert place.run("check").code == 0

    @pytest.mark.parametrize("key", ["Zanzibar Plumbing", "\x1b]0;pwn\x07"])
    def test_an_unknown_key_is_not_quoted(self, place: Place, key: str) -> None:
        submitted(place)
        for path in (place.files[0], place.texts[0], place.responses / "folder.json"):
            data = path.read_bytes()
            rewrite(path, **{key: "yes"})
            ran = place.run("check")
            path.write_bytes(data)
            assert ran.code == 1
            assert f"{in_folder(place, path)}: " in ran.err
            assert "wrong: an unknown key" in ran.err
            assert "Zanzibar" not in ran.all
            assert "pwn" not in ran.all
            assert "\x1b" not in ran.all

    def test_its_lines_are_wrapped_on_a_terminal(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submitted(place)
        monkeypatch.setenv("COLUMNS", "40")
        long = max(place.run("check").out.splitlines(), key=len)
        with redirect_stdout(OnTerminal()) as screen:
            show_lines(long, rest="  ")
        lines = screen.getvalue().splitlines()
        assert max(map(len, lines)) < 40 < len(long)
        assert lines[1].startswith("  ")
        assert " ".join(screen.getvalue().split()) == long

    def test_a_folder_of_another_questionnaire_is_named(self, place: Place) -> None:
        submitted(place)
        rewrite(place.responses / "folder.json", questionnaire="cafe")
        ran = place.run("check")
        assert ran.code == 1
        assert "folder.json: The folder was created for cafe" in ran.err

    def test_nothing_in_the_folder_is_changed(self, place: Place) -> None:
        submitted(place)
        before = {p: (p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in place.files}
        place.run("check")
        assert before == {p: (p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in place.files}
