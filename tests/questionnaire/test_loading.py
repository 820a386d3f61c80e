from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from microcred_cli.errors import DefinitionError, StoreError, UsageError
from microcred_cli.questionnaire import loading, models
from microcred_cli.questionnaire.base_model import Model
from microcred_cli.questionnaire.loading import available, find, from_canonical, load
from microcred_cli.questionnaire.yaml import MOST_BYTES
from tests.questionnaire.cases import changed
from tests.questionnaire.sample import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv(loading.STATE_VARIABLE, str(folder))
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sample" / "questionnaire.yaml"
    path.parent.mkdir()
    path.write_text(SAMPLE, encoding="utf-8")
    return path


def marks(state: Path) -> list[Path]:
    return sorted((state / "cache" / "checked").glob("*"))


def faults(path: Path) -> list[tuple[str, int | None]]:
    with pytest.raises(DefinitionError) as caught:
        load(path)
    assert all(fault.file == str(path) for fault in caught.value.faults)
    return [(fault.code, fault.line) for fault in caught.value.faults]


class TestFinding:
    def test_knows_what_comes_with_the_program(self) -> None:
        assert "mc_employers" in available()
        assert find("mc_employers").parent.name == "mc_employers"

    def test_takes_a_file_or_its_folder(self, file: Path) -> None:
        assert find(str(file)) == file
        assert find(str(file.parent)) == file

    def test_prefers_an_id_to_a_folder_of_the_same_name(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = file.parent.rename(file.parent.with_name("mc_employers"))
        monkeypatch.chdir(folder.parent)
        assert find("mc_employers").parent != folder
        assert find("./mc_employers").resolve().parent == folder

    @pytest.mark.parametrize(
        "name", ["nobody", "", "../mc_employers", "a/b.yaml", "x\0y", "x" * 5000, "mc_employers/x"]
    )
    def test_refuses_what_there_is_not(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(UsageError, match="There is no questionnaire") as caught:
            find(name)
        assert "mc_employers" in caught.value.hint

    def test_shows_a_name_safely(self) -> None:
        with pytest.raises(UsageError) as caught:
            find("\x1b[31mred")
        assert "\x1b" not in caught.value.message
        assert "[31mred" in caught.value.message


class TestLoading:
    def test_gives_the_questionnaire_and_what_identifies_it(self, file: Path) -> None:
        loaded = load(file)
        assert loaded.questionnaire.id == "sample"
        assert [item.id for item in loaded.questionnaire.items][:2] == ["consent", "role"]
        assert loaded.path == file
        assert loaded.sha256 == hashlib.sha256(loaded.source.encode()).hexdigest()
        assert loaded.source == json.dumps(
            json.loads(loaded.source), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )

    def test_takes_an_id_a_folder_or_a_path(self, file: Path) -> None:
        assert load("mc_employers").questionnaire.id == "mc_employers"
        assert load(str(file)) == load(file.parent) == load(file)

    def test_has_the_same_hash_however_the_file_is_laid_out(self, file: Path) -> None:
        before = load(file)
        laid_out = "# A comment\n" + SAMPLE.replace("\n", "\r\n").replace(
            "id: sample", "id: 'sample'"
        )
        file.write_bytes(b"\xef\xbb\xbf" + laid_out.encode())
        assert load(file).sha256 == before.sha256
        file.write_text(changed("title: A sample", "title: Another"), encoding="utf-8")
        assert load(file).sha256 != before.sha256

    def test_keeps_every_letter(self, file: Path) -> None:
        file.write_text(changed("title: A sample", "title: Ünïcode ≥ 🎓"), encoding="utf-8")
        loaded = load(file)
        assert loaded.questionnaire.title == "Ünïcode ≥ 🎓"
        assert "Ünïcode ≥ 🎓" in loaded.source


class TestFaults:
    def test_are_all_reported_at_once(self, file: Path) -> None:
        file.write_text(SAMPLE.replace("seconds: 20", "seconds: 0"), encoding="utf-8")
        assert [code for code, _ in faults(file)] == ["Q053"] * 3

    def test_leave_no_mark(self, file: Path, state: Path) -> None:
        file.write_text(changed("seconds: 20", "seconds: 0"), encoding="utf-8")
        assert faults(file) == faults(file)
        assert marks(state) == []

    def test_of_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        assert faults(tmp_path / "none.yaml") == [("Q001", None)]

    def test_of_a_file_that_is_not_text(self, file: Path) -> None:
        file.write_bytes(SAMPLE.encode() + b"# \xff\n")
        assert faults(file) == [("Q001", SAMPLE.count("\n") + 1)]

    def test_of_a_file_that_is_too_large(self, file: Path) -> None:
        file.write_bytes(b"#" * (MOST_BYTES + 1))
        assert faults(file) == [("Q004", None)]

    @pytest.mark.parametrize(
        "content", [b"", b"\0", b"\xfe\xff\0a", b"- " * 100_000, b"[1, 2", b"42", b"\xef\xbb\xbf"]
    )
    def test_of_a_damaged_file(self, file: Path, content: bytes) -> None:
        file.write_bytes(content)
        assert faults(file)

    def test_are_looked_for_again_after_a_change_of_the_models(
        self, file: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(file)
        monkeypatch.setattr(models, "New", type("New", (Model,), {}), raising=False)
        load(file)
        assert len([*(state / "cache" / "checked").iterdir()]) == 2


class TestFilesThatCannotBeRead:
    @pytest.mark.skipif(os.name == "nt", reason="no named pipes")
    def test_a_pipe_is_refused_without_waiting_for_it(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe.yaml"
        os.mkfifo(pipe)
        with pytest.raises(StoreError, match="not a regular file"):
            load(str(pipe))

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root can read every file")
    def test_a_file_without_the_right_to_read_it(self, file: Path) -> None:
        file.chmod(0)
        with pytest.raises(StoreError, match="permission to read"):
            load(file)

    def test_a_loop_of_links(self, tmp_path: Path) -> None:
        link = tmp_path / "loop.yaml"
        link.symlink_to(link)
        with pytest.raises(StoreError, match="symbolic link"):
            load(link)


class TestMarks:
    def test_are_left_once_and_in_private(self, file: Path, state: Path) -> None:
        load(file)
        load(file)
        (mark,) = marks(state)
        if os.name != "nt":
            assert mark.stat().st_mode & 0o077 == 0
            assert mark.parent.stat().st_mode & 0o077 == 0

    def test_hold_the_canonical_json_and_its_hash(self, file: Path, state: Path) -> None:
        loaded = load(file)
        (mark,) = marks(state)
        assert mark.read_bytes() == f"{loaded.sha256}\n{loaded.source}".encode()

    @pytest.mark.parametrize(
        "damage", [lambda data: data[:-1], lambda data: b"\xff" + data, lambda data: b""]
    )
    def test_that_are_damaged_are_made_again(
        self, file: Path, state: Path, damage: Callable[[bytes], bytes]
    ) -> None:
        first = load(file)
        (mark,) = marks(state)
        whole = mark.read_bytes()
        mark.write_bytes(damage(whole))
        assert load(file) == first
        assert mark.read_bytes() == whole

    def test_that_lead_elsewhere_are_not_followed(
        self, file: Path, state: Path, tmp_path: Path
    ) -> None:
        first = load(file)
        (mark,) = marks(state)
        mark.rename(tmp_path / "elsewhere")
        mark.symlink_to(tmp_path / "elsewhere")
        (tmp_path / "elsewhere").write_bytes(b"mine")
        assert load(file) == first
        assert (tmp_path / "elsewhere").read_bytes() == b"mine"

    def test_are_the_newest_twenty(self, file: Path, state: Path) -> None:
        before: set[Path] = set()
        for number in range(22):
            file.write_text(f"{SAMPLE}\n# {number}\n", encoding="utf-8")
            load(file)
            now = {*marks(state)}
            assert len(now - before) == 1
            assert len(now) == min(number + 1, 20)
            before = now

    def test_spare_lint_and_yaml(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first = load(file)
        for module in ("microcred_cli.questionnaire.lint", "ruamel.yaml"):
            monkeypatch.setitem(sys.modules, module, None)
        assert load(file) == first
        with pytest.raises(ImportError):
            load(file, always_lint=True)

    def test_hold_for_one_content_one_lint_and_one_version(
        self, file: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(file)
        file.write_text(SAMPLE + "# more\n", encoding="utf-8")
        load(file)
        assert len(marks(state)) == 2
        monkeypatch.setattr(loading, "RULES", -1)
        load(file)
        monkeypatch.setattr(loading, "__version__", "another")
        load(file)
        assert len(marks(state)) == 4

    def test_are_done_without_where_none_can_be_left(self, file: Path, state: Path) -> None:
        state.write_text("not a folder")
        assert load(file) == load(file)

    def test_are_in_the_users_cache_without_the_variable(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(loading.STATE_VARIABLE)
        monkeypatch.setattr(
            "platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache" / "microcred"
        )
        load(file)
        assert len(list((tmp_path / "cache" / "microcred" / "checked").iterdir())) == 1


class TestSnapshots:
    def test_give_the_questionnaire_back(self, file: Path) -> None:
        loaded = load(file)
        again = from_canonical(loaded.source, loaded.sha256)
        assert again.questionnaire == loaded.questionnaire
        assert (again.source, again.sha256, again.path) == (loaded.source, loaded.sha256, None)

    def test_that_were_changed_are_refused(self, file: Path) -> None:
        loaded = load(file)
        with pytest.raises(StoreError, match="damaged"):
            from_canonical(loaded.source.replace("A sample", "A simple"), loaded.sha256)

    @pytest.mark.parametrize("text", ["", "{", "{}", "null", '"\ud800"', '{"format":"x"}'])
    def test_of_other_models_are_refused(self, text: str) -> None:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        with pytest.raises(StoreError, match="another version"):
            from_canonical(text, digest)


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = (
        "pydantic",
        "ruamel.yaml",
        "platformdirs",
        "microcred_cli.questionnaire.lint",
    )
    program = (
        "import sys, microcred_cli.questionnaire.loading\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert result.stdout.strip() == b"[]"
