"""Unusable folders and invalid input: an error message with a hint."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.files import private_folder
from tests.cli.program import Lines, Place, sheet
from tests.windows.skips import posix_modes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.program import Ran

NOBODY = 12345


def refused(ran: Ran, *words: str, code: int = 4) -> None:
    """The command fails with this exit code and prints an error and a hint, without a traceback."""
    assert ran.code == code, ran
    assert ran.out == ""
    assert "Traceback" not in ran.err
    lines = [line for line in ran.err.splitlines() if not line.startswith("Note for staff")]
    assert len(lines) == 2, ran.err
    assert lines[0].startswith("microcred: ")
    for word in words:
        assert word in ran.err


def spoil(place: Place, how: str) -> None:
    """Make the responses folder unusable."""
    folder = place.responses
    if how == "a file in its place":
        folder.write_text("")
    elif how == "a file above it":
        (place.folder / "above").write_text("")
    elif how == "a link":
        (place.folder / "real").mkdir()
        folder.symlink_to(place.folder / "real")
    elif how == "a link that leads nowhere":
        folder.symlink_to(place.folder / "nowhere")
    elif how == "open to all":
        if os.name == "nt":
            pytest.skip("Windows has no permissions of groups and others")
        folder.mkdir()
        folder.chmod(0o777)
    elif how == "of another user":
        if os.geteuid() != 0:
            pytest.skip("changing the owner of a folder requires root")
        folder.mkdir()
        os.chown(folder, NOBODY, NOBODY)
    elif how == "texts is a file":
        folder.mkdir()
        (folder / "texts").write_text("")
    else:
        folder.mkdir()
        held = {
            "format": "microcred-folder/1",
            "questionnaire": "mc_employers",
            "detail": "coarse",
            "synthetic": False,
            "recipients": [],
        }
        changes: dict[str, dict[str, object]] = {
            "another questionnaire": {"questionnaire": "cafe"},
            "synthetic responses": {"synthetic": True},
            "finer answers": {"detail": "full"},
            "encrypted responses": {"recipients": ["70WC186KTNXX1R8"]},
            "an unknown term": {"colour": "blue"},
        }
        (folder / "folder.json").write_text(json.dumps({**held, **changes[how]}))


SPOILT = {
    "a file in its place": "file where a folder",
    "a link": "symbolic link",
    "a link that leads nowhere": "",
    "open to all": "Other users can write",
    "of another user": "another user",
    "texts is a file": "file where a folder",
    "another questionnaire": "responses to cafe",
    "synthetic responses": "synthetic responses",
    "finer answers": "in full detail",
    "encrypted responses": "encrypted to 70WC-186K-TNXX-1R8D",
    "an unknown term": "wrong: an unknown key",
}


class TestResponsesFolder:
    @pytest.mark.parametrize("how", SPOILT)
    def test_one_that_cannot_be_used_is_said_and_nothing_is_asked(
        self, place: Place, how: str
    ) -> None:
        spoil(place, how)
        refused(place.answer(sheet()), SPOILT[how])
        refused(place.run("respond", "--plain", typed=Lines().whole()), SPOILT[how])
        assert not place.drafts
        assert not [p for p in place.folder.rglob("*.json") if len(p.stem) == 32]

    @pytest.mark.parametrize("how", ["a link", "open to all", "another questionnaire"])
    def test_one_that_went_bad_meanwhile_keeps_the_draft(self, place: Place, how: str) -> None:
        typed = "\n".join([*Lines().until("mc_awarders"), ":pause", ""])
        place.run("respond", "--plain", "--responses", "elsewhere", typed=typed)
        (path,) = place.drafts
        path.write_text(json.dumps({**place.draft, "responses": str(place.responses)}))
        spoil(place, how)
        refused(place.run("resume", "--plain", typed="\n1\n"))
        assert place.drafts

    @posix_modes
    def test_a_missing_one_is_made_with_all_above_it(self, place: Place) -> None:
        ran = place.answer(sheet(), "--responses", "a/b/c")
        assert ran.code == 0
        for folder in ("a", "a/b", "a/b/c", "a/b/c/texts"):
            assert (place.folder / folder).stat().st_mode & 0o777 == 0o700

    @posix_modes
    def test_one_that_others_may_read_is_closed(self, place: Place) -> None:
        place.responses.mkdir(mode=0o755)
        assert place.answer(sheet()).code == 0
        assert place.responses.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("name", ["x" * 300, "with\nline", "with\x1b[2J", "\udce9t\udce9"])
    def test_strange_names_are_used_or_refused_in_words(self, place: Place, name: str) -> None:
        ran = place.answer(sheet(), "--responses", name)
        assert ran.code in (0, 4)
        assert "\x1b" not in ran.err
        assert "Traceback" not in ran.err
        if ran.code == 0:
            assert (place.folder / name / "folder.json").exists()

    def test_a_command_line_is_stronger_than_the_environment_and_the_settings(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.write("fieldwork.toml", 'responses = "from settings"\n')
        assert "from settings" not in place.answer(sheet()).out
        monkeypatch.delenv("MICROCRED_RESPONSES")
        assert f"{os.sep}from settings{os.sep}" in place.answer(sheet()).out
        assert f"{os.sep}named{os.sep}" in place.answer(sheet(), "--responses", "named").out
        (place.folder / "fieldwork.toml").unlink()
        assert f"{place.responses}{os.sep}" in place.answer(sheet()).out

    @pytest.mark.parametrize(
        "function", ["create_durably", "probe_writable", "make_private_folder"]
    )
    def test_a_full_disk_stores_nothing_and_says_so(
        self, place: Place, monkeypatch: pytest.MonkeyPatch, function: str
    ) -> None:
        def full(path: Path, *_: object, **__: object) -> None:
            raise StoreError("The disk is full.", where=str(path), hint="Free some space.")

        monkeypatch.setattr(files, function, full)
        monkeypatch.setattr(private_folder, function, full, raising=False)
        refused(place.answer(sheet()), "The disk is full.", "Free some space.")
        assert not place.files

    @pytest.mark.skipif(os.geteuid() != 0, reason="acting as another user requires root")
    def test_a_folder_that_can_only_be_read_is_said(self, place: Place) -> None:
        place.responses.mkdir()
        before = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        probe = subprocess.run(
            [*before, "test", "-x", str(place.folder)], capture_output=True, check=False
        )
        if probe.returncode != 0:
            pytest.skip("another user cannot access the folders of this test")
        refused(place.spawn("respond", "--answers", "-", typed=json.dumps(sheet()), before=before))


@pytest.fixture
def small_disk(place: Place) -> Iterator[Path]:
    """A separate disk with little free space."""
    if os.geteuid() != 0:
        pytest.skip("mounting a disk requires root")
    disk_folder = place.folder / "small"
    disk_folder.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", str(disk_folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a disk failed")
    yield disk_folder
    subprocess.run(["umount", str(disk_folder)], check=True)


def test_a_disk_that_is_really_full(place: Place, small_disk: Path) -> None:
    (small_disk / "filling").write_bytes(b"x" * 110_000)
    refused(place.answer(sheet(), "--responses", str(small_disk / "responses")), "full")
    (small_disk / "filling").unlink()
    assert place.answer(sheet(), "--responses", str(small_disk / "responses")).code == 0


class TestOptions:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["respond", "--questionnaire", "nowhere"],
            ["respond", "--language", "xx"],
            ["respond", "--language", "\x1b[2J"],
            ["respond", "--fieldwork", "nowhere.toml"],
            ["respond", "--answers", "nowhere.json"],
            ["respond", "--hat"],
            ["respond", "surplus"],
            ["nonsense"],
            ["questionnaire", "nonsense"],
            ["questionnaire", "show", "nowhere"],
            ["check", "--format", "html"],
        ],
        ids=" ".join,
    )
    def test_a_wrong_option_is_code_2_with_a_sentence(
        self, place: Place, arguments: list[str]
    ) -> None:
        ran = place.run(*arguments, typed="1\n")
        assert ran.code == 2
        assert ran.out == ""
        assert ran.err.strip()
        assert "Traceback" not in ran.err
        assert "\x1b" not in ran.err
        assert not place.responses.exists()

    def test_the_language_that_there_is_can_be_named(self, place: Place) -> None:
        assert place.answer(sheet(), "--language", "en").code == 0


class TestDefinition:
    @pytest.mark.parametrize("content", ["", "- 1", "id: x", "\x00", "a: [", "a: &a [*a]"])
    def test_a_wrong_questionnaire_is_code_3(self, place: Place, content: str) -> None:
        path = place.write("mine.yaml", content)
        for command in (["respond", "--plain", "--questionnaire"], ["questionnaire", "check"]):
            ran = place.run(*command, path, typed="1\n")
            assert ran.code == 3, ran
            assert "mine.yaml" in ran.err
            assert "Traceback" not in ran.err
        assert not place.responses.exists()
