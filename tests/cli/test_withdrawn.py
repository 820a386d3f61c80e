"""Messages about withdrawn responses, lost figures, and damaged files."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cli import withdraw as withdrawing
from microcred_cli.errors import UsageError
from microcred_cli.evaluation.last_figures import HELD_BACK
from microcred_cli.files import NEUTRAL_TIME
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, response_id, show, text_id
from microcred_cli.store.folder import Responses
from microcred_cli.terminal.console import ask_line
from tests.cli.program import Place, sheet

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def crowd(place: Place) -> tuple[Place, list[str]]:
    """Ten sealed responses, each with two texts, and their receipts."""
    receipts = [place.answer(sheet()).receipt for _ in range(10)]
    assert place.run("seal").code == 0
    assert place.texts == []
    return place, receipts


def with_receipt(place: Place, code: str, receipt: str) -> None:
    """Make the draft with this code that of a stored response whose receipt is not confirmed."""
    (path,) = [p for p in place.drafts if p.stem == code.replace("-", "")[:-1].lower()]
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept |= {"receipt": receipt, "closing": "complete", "stored": True, "given": {}, "at": None}
    path.write_text(json.dumps(kept), encoding="utf-8")


@pytest.mark.parametrize(("found", "left"), [("response", 0), ("texts", 1), ("", 1)])
def test_the_receipt_of_a_collected_response_is_kept_for_staff(
    place: Place, monkeypatch: pytest.MonkeyPatch, found: str, left: int
) -> None:
    receipt = place.answer(sheet()).receipt
    paused = place.run("respond", "--plain", typed="1\n:pause\n")
    with_receipt(place, paused.resume_code, receipt)
    monkeypatch.setattr(withdrawing, "files", SimpleNamespace(is_drop=lambda _: True))
    monkeypatch.setattr(withdrawing, "take_back", lambda *_: found)
    ran = place.run("withdraw", typed=show(receipt))
    assert (ran.code, len(place.drafts)) == (left, left), ran.all


def test_a_withdrawal_ends_the_draft_that_kept_the_receipt(place: Place) -> None:
    code, other = (place.run("respond", "--plain", typed="1\n:pause\n").resume_code for _ in "ab")
    receipt = place.answer(sheet()).receipt
    with_receipt(place, code, receipt)
    assert "receipt not confirmed" in place.run("drafts").out
    withdraw(place, receipt)
    listed = place.run("drafts").out
    assert "receipt not confirmed" not in listed
    assert other in listed


def withdraw(place: Place, receipt: str) -> None:
    assert place.run("withdraw", typed=show(receipt)).code == 0


class Terminal:
    """A terminal on which the person leaves the prompt."""

    def __init__(self, leaves: type[BaseException] | None) -> None:
        self.leaves = leaves

    def isatty(self) -> bool:
        return True

    def readline(self, _most: int) -> str:
        if self.leaves is not None:
            raise self.leaves
        return ""


@pytest.mark.parametrize(
    ("leaves", "raised"), [(KeyboardInterrupt, KeyboardInterrupt), (None, UsageError)]
)
def test_who_leaves_a_prompt_leaves_its_line(
    leaves: type[BaseException] | None,
    raised: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(leaves))
    with pytest.raises(raised):
        ask_line("Receipt: ")
    assert capsys.readouterr().err == "Receipt: \n"


class TestLostFigures:
    def test_nothing_is_shown_until_ten_more_are_sealed(
        self, crowd: tuple[Place, list[str]]
    ) -> None:
        place, receipts = crowd
        before = place.run("summary", "--format", "json")
        withdraw(place, receipts[4])
        assert place.run("summary", "--format", "json").out == before.out
        (place.responses / "figures.json").unlink()
        for _ in range(9):
            place.answer(sheet())
        assert place.run("seal").code == 0
        ran = place.run("summary", "--format", "json")
        assert ran.code == 5
        assert f"microcred: {HELD_BACK['lost'][0]}" in ran.err
        shape = json.loads(ran.out)
        assert (shape["responses"], shape["tables"]) == (None, [])
        assert place.run("summary").out == ""
        place.answer(sheet())
        assert place.run("summary").code == 5
        assert place.run("seal").code == 0
        assert place.run("summary").code == 0

    def test_what_does_not_exist_is_said_all_the_same(self, crowd: tuple[Place, list[str]]) -> None:
        place, receipts = crowd
        withdraw(place, receipts[4])
        (place.responses / "figures.json").unlink()
        assert place.run("summary", "--by", "nothing").code == 2


def named(err: str) -> int:
    """The number of files that were reported as damaged."""
    found = re.search(r"Files with errors: (\d+)", err)
    return int(found[1]) if found else 0


class TestCheck:
    def test_withdrawn_lines_that_came_back_are_named(
        self, crowd: tuple[Place, list[str]], tmp_path: Path
    ) -> None:
        place, receipts = crowd
        shutil.copytree(place.responses / "sealed", tmp_path / "old")
        withdraw(place, receipts[4])
        shutil.copytree(tmp_path / "old", place.responses / "sealed", dirs_exist_ok=True)
        report = json.loads(place.run("check", "--format", "json").out)
        wrong = [part["wrong"] for part in report["bad"] if " line " in part["file"]]
        assert wrong == ["it was withdrawn"] * (1 + len(sheet()["texts"]))

    def test_it_names_as_many_as_the_seal_and_the_summary(
        self, crowd: tuple[Place, list[str]], tmp_path: Path
    ) -> None:
        """One file of every kind; files that the seal can repair are not reported again."""
        place, receipts = crowd
        folder = place.responses
        shutil.copytree(folder / "sealed", tmp_path / "old")
        withdraw(place, receipts[4])
        shutil.copytree(tmp_path / "old", folder / "sealed", dirs_exist_ok=True)
        for _ in range(3):
            place.answer(sheet())
        waiting = [path for path in place.files if path.name[0] in "0123456789abcdef"]
        waiting = [path for path in waiting if len(path.stem) == 32]
        waiting[0].touch()
        waiting[1].write_bytes(waiting[1].read_bytes() + b" ")
        os.utime(waiting[1], (NEUTRAL_TIME, NEUTRAL_TIME))
        place.texts[0].chmod(0o644)
        pools = sorted((folder / "sealed" / "texts").iterdir())
        pools[0].write_bytes(pools[0].read_bytes() * 2)
        pools[1].write_bytes(pools[1].read_bytes() + b"{}\n")
        (folder / "counts.json").touch()
        (folder / "withdrawn").chmod(0o640)
        (folder / "sealed" / "notes.txt").touch()
        (folder / "sealed" / "texts" / "notes.txt").touch()
        counts = []
        for command in ("check", "seal", "check", "summary", "summary", "check"):
            ran = place.run(command)
            counts.append(named(ran.out if command == "check" else ran.err))
        before, sealing, *after = counts
        assert before == sealing > 20
        assert len(set(after)) == 1
        assert after[0] < before

    def test_a_pool_that_cannot_be_read_is_named_and_stops_nothing_else(
        self, crowd: tuple[Place, list[str]]
    ) -> None:
        place, _ = crowd
        for _ in range(10):
            place.answer(sheet())
        waiting = len(place.texts)
        pool = place.responses / "sealed" / "texts" / "comments.jsonl"
        pool.write_bytes(whole := pool.read_bytes()[:-1])
        os.utime(pool, (NEUTRAL_TIME, NEUTRAL_TIME))
        checked, sealed = place.run("check"), place.run("seal")
        assert (checked.code, sealed.code) == (1, 0)
        said = "sealed/texts/comments.jsonl: The last line is incomplete."
        assert said in checked.err
        assert said in sealed.err
        assert named(checked.out) == named(sealed.err) == 1
        assert 0 < len(place.texts) < waiting
        pool.write_bytes(whole + b"\n")
        for _ in range(2):
            assert place.run("seal").code == 0
        assert place.texts == []
        assert place.run("check").code == 0

    def test_nothing_is_wrong_with_what_the_program_wrote(
        self, crowd: tuple[Place, list[str]]
    ) -> None:
        place, receipts = crowd
        withdraw(place, receipts[4])
        assert place.run("check").code == 0
        assert named(place.run("seal").err) == 0
        assert place.run("check").code == 0


class TestElsewhere:
    @pytest.mark.parametrize("command", ["seal", "summary", "check", "withdraw"])
    def test_a_folder_of_something_else_stays_as_it_is(
        self, place: Place, tmp_path: Path, command: str
    ) -> None:
        folder = tmp_path / "letters"
        (folder / "texts").mkdir(parents=True)
        (folder / "texts").chmod(0o755)
        (folder / "letter.txt").write_text("Dear")
        before = looks(folder)
        ran = place.run(command, "--responses", str(folder), typed=show("0" * RECEIPT_SYMBOLS))
        assert ran.code == {"seal": 0, "summary": 5}.get(command, 1)
        assert looks(folder) == before


def looks(folder: Path) -> dict[Path, tuple[int, int]]:
    """The contents of a folder, with times and permissions."""
    found = {path: path.lstat() for path in (folder, *folder.rglob("*"))}
    return {path: (status.st_mtime_ns, status.st_mode) for path, status in found.items()}


def test_a_withdrawal_leaves_no_id_in_any_file(crowd: tuple[Place, list[str]]) -> None:
    place, receipts = crowd
    late = place.answer(sheet()).receipt
    (path,) = Responses(place.responses).files()
    path.touch()
    place.run("summary")
    assert response_id(late) in (place.responses / "last-seal.json").read_text()
    for receipt in (late, receipts[4]):
        withdraw(place, receipt)
        everything = "".join(p.read_text() for p in place.responses.rglob("*") if p.is_file())
        ids = [response_id(receipt), *(text_id(receipt, key) for key in sheet()["texts"])]
        assert not any(each in everything for each in ids)
