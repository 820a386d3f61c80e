"""`simulate` and `seal`, and how `check` and `withdraw` treat sealed responses."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cli.progress_bar import shown
from microcred_cli.cli.sealed_figures import FIRST, NOT_WRITTEN, figures_of
from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.receipts import response_id, show
from microcred_cli.store.folder import Responses
from microcred_cli.summary.figures import Figures
from tests.cli.program import Place, sheet
from tests.faults.tracing import NO_STRACE, strace

if TYPE_CHECKING:
    from pathlib import Path


def simulated(place: Place, count: int, seed: int = 1) -> None:
    ran = place.simulate(count, seed=seed)
    assert (ran.code, ran.out) == (0, ""), ran


def sealed_lines(place: Place) -> list[str]:
    folder = place.responses / "sealed"
    return [line for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]


def total(place: Place) -> int:
    """The number of responses in the counts."""
    kept = json.loads((place.responses / "counts.json").read_text())
    return int(next(iter(kept["counts"].values()))["total"])


class TestSimulate:
    def test_files_are_valid_and_marked(self, place: Place) -> None:
        simulated(place, 30)
        assert len(place.files) == 30
        assert all(json.loads(path.read_text())["synthetic"] for path in place.files)
        ran = place.run("check")
        assert (ran.code, ran.err) == (0, "")

    def test_the_same_seed_gives_the_same_folder(self, place: Place) -> None:
        simulated(place, 12)
        first = {path.name: path.read_bytes() for path in (*place.files, *place.texts)}
        place.files[0].write_bytes(b"half")
        simulated(place, 12)
        assert first == {path.name: path.read_bytes() for path in (*place.files, *place.texts)}

    def test_synthetic_and_real_ones_are_never_mixed(self, place: Place, tmp_path: Path) -> None:
        place.answer(sheet())
        ran = place.simulate(5)
        assert ran.code == 4
        assert "created for real" in ran.err
        assert len(place.files) == 1
        other = str(tmp_path / "other")
        assert place.run("simulate", "5", "--seed", "1", "--responses", other).code == 0
        ran = place.answer(sheet(), "--responses", other)
        assert ran.code == 4
        assert "created for synthetic" in ran.err

    @pytest.mark.parametrize("folder", ["real", "synthetic"])
    def test_what_was_copied_from_the_other_kind_is_left_out(
        self, place: Place, tmp_path: Path, folder: str
    ) -> None:
        """Real and synthetic responses never mix, even if files are copied by hand."""
        elsewhere = Place(tmp_path / "elsewhere")
        to_elsewhere = ("--responses", str(elsewhere.responses))
        if folder == "real":
            for _ in range(10):
                assert place.answer(sheet("employer unaware")).code == 0
            assert place.run("simulate", "1", "--seed", "1", *to_elsewhere).code == 0
        else:
            simulated(place, 10)
            assert place.answer(sheet("employer unaware"), *to_elsewhere).code == 0
        (other,) = elsewhere.files
        shutil.copy2(other, place.responses)
        ran = place.run("seal")
        assert ran.code == 0
        kind = {"real": "synthetic", "synthetic": "real"}[folder]
        wrong = f"It is {kind}, but the folder was created for {folder} responses."
        assert f"{other.name}: {wrong}" in ran.err.splitlines()
        assert total(place) == len(sealed_lines(place)) == 10
        assert other.name in [path.name for path in place.files]

    @pytest.mark.parametrize(
        "arguments", [("0", "--responses", "r"), ("-3", "--responses", "r"), ("5",)]
    )
    def test_wrong_numbers_are_refused(self, place: Place, arguments: tuple[str, ...]) -> None:
        assert place.run("simulate", *arguments).code == 2
        assert not place.responses.exists()


class TestSeal:
    def test_waiting_responses_become_one_file(self, place: Place) -> None:
        simulated(place, 25)
        ran = place.run("seal")
        assert (ran.code, ran.out) == (0, "")
        left = [path.name for path in place.files]
        assert left == ["counts.json", "figures.json", "last-seal.json"]
        assert len(sealed_lines(place)) == total(place) == 25
        assert place.run("check").code == 0

    def test_it_says_how_many_there_are_and_how_many_are_needed(self, place: Place) -> None:
        simulated(place, 9)
        needed = "responses are sealed 10, 15, 20 … at a time"
        assert place.run("seal").err.splitlines() == [
            "Nothing was sealed.",
            f"9 received, 0 counted, 9 waiting; {needed}: 1 more needed.",
        ]
        assert sealed_lines(place) == []
        simulated(place, 12, seed=2)
        assert f"21 received, 20 counted, 1 waiting; {needed}: 9 more" in place.run("seal").err
        assert len(sealed_lines(place)) == 20
        simulated(place, 13, seed=3)
        waiting = "34 received, 20 counted, 14 waiting; microcred seal will seal 10 of them."
        assert waiting in place.run("summary").err
        assert f"34 received, 30 counted, 4 waiting; {needed}: 6 more" in place.run("seal").err
        assert f"34 received, 30 counted, 4 waiting; {needed}: 6 more" in place.run("summary").err

    def test_what_it_says_adds_up_after_a_withdrawal(self, place: Place) -> None:
        receipts = [place.answer(sheet()).receipt for _ in range(12)]
        assert "12 received, 10 counted, 2 waiting" in place.run("seal").err
        names = {path.stem for path in place.files}
        sealed = [each for each in receipts if response_id(each) not in names]
        assert place.run("withdraw", typed=show(sealed[0])).code == 0
        gone = "(1 of them withdrawn since; the next seal will exclude it)"
        said = f"11 received, 10 counted in the figures {gone}, 2 waiting; "
        for command in ("summary", "seal", "summary"):
            assert said in place.run(command).err
        checked = place.run("check").out
        assert "valid and unique responses: 11" in checked
        assert "9 sealed, 2 waiting" in checked
        for _ in range(8):
            place.answer(sheet())
        ran = place.run("seal")
        assert "4 sealed responses, chosen at random, are unsealed again" in ran.err
        assert "19 received, 15 counted, 4 waiting" in ran.err

    def test_a_summary_seals_by_itself_where_nothing_was_sealed_and_says_so(
        self, place: Place
    ) -> None:
        simulated(place, 12)
        ran = place.run("summary", "--format", "json")
        assert ran.code == 0
        assert FIRST in ran.err
        assert len(sealed_lines(place)) == 10
        simulated(place, 30, seed=2)
        again = place.run("summary", "--format", "json")
        assert again.out == ran.out
        assert FIRST not in again.err
        assert len(sealed_lines(place)) == 10

    def test_figures_are_given_to_a_summary(self, place: Place) -> None:
        folder, loaded = Responses(place.responses), load("mc_employers")
        simulated(place, 9)
        few = figures_of(folder, loaded)
        assert isinstance(few, Figures)
        assert few.responses is None
        simulated(place, 60)
        figures = figures_of(folder, loaded)
        assert isinstance(figures, Figures)
        assert figures.synthetic
        assert figures.responses == 60
        assert figures_of(folder, loaded) == figures

    def test_a_folder_that_cannot_be_written_gives_the_last_figures(
        self, place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder, loaded = Responses(place.responses), load("mc_employers")
        simulated(place, 60)
        figures = figures_of(folder, loaded)
        simulated(place, 90)
        (place.responses / "holiday.jpg").touch()

        monkeypatch.setattr("microcred_cli.files.locking._hold", refuse_hold)
        capsys.readouterr()
        assert figures_of(folder, loaded) == figures
        said = capsys.readouterr().err
        assert "the figures are those of the last seal" in said
        assert "holiday.jpg: " in said

    @pytest.mark.skipif(not strace(), reason=NO_STRACE)
    def test_on_a_disk_that_can_only_be_read_the_last_figures_are_given(self, place: Place) -> None:
        """The real program, whose lock file cannot be opened; nothing is changed."""
        read_only = (
            *(strace(), "--seccomp-bpf", "-f", "-o", os.devnull, "-P", f"{place.responses}/.lock"),
            *("-e", "trace=openat", "-e", "inject=openat:error=EROFS"),
        )
        summary = ("summary", "--format", "json")
        simulated(place, 12)
        before = place.run(*summary)
        simulated(place, 12, seed=2)
        files = {path: path.lstat().st_ctime_ns for path in place.responses.rglob("*")}
        ran = place.spawn(*summary, before=read_only)
        assert (ran.code, ran.out) == (0, before.out)
        assert f"This disk is read-only. {NOT_WRITTEN}" in ran.err
        assert " received, " in ran.err
        ran = place.spawn("seal", before=read_only)
        assert (ran.code, ran.out) == (4, "")
        assert ran.err.startswith("microcred: This disk is read-only.")
        assert files == {path: path.lstat().st_ctime_ns for path in place.responses.rglob("*")}

    def test_a_missing_folder_is_named(self, place: Place) -> None:
        ran = place.run("seal")
        assert ran.code == 4
        assert "This folder does not exist" in ran.err

    def test_bad_files_are_named_and_counted_as_check_does(self, place: Place) -> None:
        simulated(place, 30)
        folder = place.responses
        (folder / "holiday.jpg").write_bytes(b"\xff")
        (folder / ("0" * 32 + ".json")).write_bytes(place.files[0].read_bytes()[:50])
        (folder / ("1" * 32 + ".json")).write_bytes(b" " * 2_000_000)
        os.mkfifo(folder / "pipe.json")
        (folder / "a\u202e\x1b[1m.json").write_bytes(b"{}")
        (folder / "link.json").symlink_to(place.files[0])
        shutil.copy2(place.files[0], folder / ("2" * 32 + ".json"))
        before = place.run("check")
        sealed = place.run("seal")
        after = place.run("check")
        named = [line for line in sealed.err.splitlines() if ": " in line and ".j" in line]
        assert before.err.splitlines() == after.err.splitlines() == sorted(named)
        assert len(named) == 7
        assert "Files with errors: 7" in after.out
        assert "Files with errors: 7" in sealed.err
        assert "valid and unique responses: 30" in after.out
        assert "\x1b" not in sealed.err
        assert "\u202e" not in sealed.err


class TestWithdraw:
    def test_a_sealed_response_is_withdrawn_by_its_receipt(self, place: Place) -> None:
        receipts = []
        for _ in range(10):
            ran = place.answer(sheet())
            assert ran.code == 0
            receipts.append(ran.receipt)
        place.run("seal")
        assert place.texts == []
        figures = (place.responses / "figures.json").read_bytes()
        ran = place.run("withdraw", typed=show(receipts[4]))
        assert ran.code == 0
        assert len(sealed_lines(place)) == total(place) == 9
        report = json.loads(place.run("check", "--format", "json").out)
        assert (report["responses"], report["bad"]) == (9, [])
        place.run("seal")
        shown = json.loads(figures)["seals"]
        now = json.loads((place.responses / "figures.json").read_bytes())["seals"]
        assert [part["figures"] for part in shown.values()] == [
            part["figures"] for part in now.values()
        ]
        assert place.run("withdraw", typed=show(receipts[4])).code == 1
        everything = b"".join(p.read_bytes() for p in place.responses.rglob("*") if p.is_file())
        assert response_id(receipts[3]).encode() in everything
        assert response_id(receipts[4]).encode() not in everything


class Screen(io.StringIO):
    """Standard error, connected to a terminal."""

    def isatty(self) -> bool:
        return True


class TestProgress:
    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("microcred_cli.cli.progress_bar._WORTH_SHOWING", 0.0)
        monkeypatch.setenv("TERM", "xterm")

    def test_it_is_drawn_at_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stderr", screen := Screen())
        with shown("Sealing") as progress:
            progress(50, 100)
        assert "Sealing" in screen.getvalue()
        assert "50%" in screen.getvalue()

    def test_a_quick_run_draws_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("microcred_cli.cli.progress_bar._WORTH_SHOWING", 60.0)
        monkeypatch.setattr(sys, "stderr", screen := Screen())
        with shown("Sealing") as progress:
            progress(50, 100)
        assert screen.getvalue() == ""

    def test_nothing_of_it_is_written_where_there_is_no_terminal(self, place: Place) -> None:
        ran = place.simulate(12)
        assert len(ran.err.splitlines()) == 1
        sealed = place.run("seal")
        assert sealed.err.splitlines() == [
            "Sealed. To show the new figures: microcred summary",
            "12 received, 10 counted, 2 waiting; responses are sealed 10, 15, 20 … at a time: "
            "8 more needed.",
        ]


def refuse_hold(*_: object, **__: object) -> int:
    raise StoreError("This disk is read-only.", hint="Choose another.")
