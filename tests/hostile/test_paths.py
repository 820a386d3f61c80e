"""Unexpected file types where the program reads: reported, not followed, and never waited for."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from microcred_cli.errors import InvalidAnswer
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, RESUME_SYMBOLS, parse, show
from tests.hostile.json_roles import COUNTED
from tests.hostile.working import ENOUGH, at_work, fill, id_for, put, trouble_of
from tests.questionnaire.sample import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.program import Place

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the system does not support these files")

NOBODY = 12345


@pytest.fixture
def place() -> Iterator[Place]:
    with at_work() as working:
        # All files there afterwards were created by the program.
        shutil.rmtree(working.state, ignore_errors=True)
        yield working


@pytest.fixture(scope="module")
def filled() -> Iterator[Place]:
    """A folder with waiting responses, which the tests do not change."""
    with at_work() as working:
        fill(working)
        yield working


def link(path: Path, secret: Path) -> None:
    path.symlink_to(secret)


def broken_link(path: Path, secret: Path) -> None:
    path.symlink_to("nowhere")


def loop(path: Path, secret: Path) -> None:
    path.symlink_to(path.name)


def endless(path: Path, secret: Path) -> None:
    path.symlink_to("/dev/zero")


def pipe(path: Path, secret: Path) -> None:
    os.mkfifo(path)


def second_name(path: Path, secret: Path) -> None:
    path.hardlink_to(secret)


def listening(path: Path, secret: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def sparse(path: Path, secret: Path) -> None:
    with path.open("wb") as file:
        file.truncate(8 << 30)


def given_away(path: Path, secret: Path) -> None:
    put(path, secret.read_bytes())
    try:
        os.chown(path, NOBODY, NOBODY)
    except PermissionError:
        pytest.skip("changing the owner of a file requires root")


def device(path: Path, secret: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("creating a device requires root")


TRICKS: dict[str, Callable[[Path, Path], None]] = {
    each.__name__.replace("_", " "): each
    for each in (
        *(link, broken_link, loop, endless, pipe, second_name),
        *(listening, sparse, given_away, device),
    )
}


def undo(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("where", ["", "texts", "sealed", "sealed/texts"])
def test_what_is_no_file_of_ours_is_named_and_the_others_are_counted(
    filled: Place, where: str, trick: str
) -> None:
    folder = filled.responses / where
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    secret = filled.folder / f"secret {where} {trick}".replace("/", " ")
    secret.write_bytes(filled.files[0].read_bytes())
    name = "comments.jsonl" if where == "sealed/texts" else f"{id_for(trick)}.json"
    path = folder / (f"{name}l" if where == "sealed" else name)
    TRICKS[trick](path, secret)
    try:
        ran = filled.run("check")
        assert not trouble_of(ran, {1})
        assert COUNTED in ran.out
        assert path.name in ran.err
    finally:
        undo(path)
        for each in made:
            each.rmdir()


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("name", ["folder.json", "figures.json"])
def test_a_file_beside_the_responses_is_never_followed(place: Place, name: str, trick: str) -> None:
    fill(place, 1)
    path = place.responses / name
    was = path.read_bytes() if path.exists() else b""
    path.unlink(missing_ok=True)
    secret = place.folder / "secret"
    secret.write_bytes(was or b"{}")
    before = secret.read_bytes()
    TRICKS[trick](path, secret)
    assert not trouble_of(place.run("summary"), {0, 4, 5}, says=False)
    assert not trouble_of(place.run("check"), {0, 1, 4}, says=False)
    assert secret.read_bytes() == before


@pytest.mark.parametrize("trick", TRICKS)
def test_a_draft_is_never_followed(place: Place, trick: str) -> None:
    place.run("respond", "--plain", typed="1\n1\n:pause\n")
    (path,) = place.drafts
    secret = place.folder / "secret"
    path.rename(secret)
    before = secret.read_bytes()
    TRICKS[trick](path, secret)
    code = path.stem.upper()
    assert "damaged" in place.run("drafts").out
    assert not trouble_of(place.run("resume", "--plain", typed=f"{show(code)}\n"), {4})
    assert not trouble_of(place.run("drafts", "delete", typed=f"{show(code)}\n"), {0, 4})
    assert secret.read_bytes() == before


@pytest.mark.parametrize("trick", [t for t in TRICKS if t not in ("second name", "given away")])
@pytest.mark.parametrize("name", ["questionnaire.yaml", "de.yaml"])
def test_a_definition_or_translation_is_never_waited_for(
    place: Place, name: str, trick: str
) -> None:
    place.write("questionnaire.yaml", SAMPLE)
    path = place.folder / name
    path.unlink(missing_ok=True)
    secret = place.folder / "secret"
    secret.write_text("root:x:0:0\n")
    TRICKS[trick](path, secret)
    ran = place.run("questionnaire", "check", ".")
    assert not trouble_of(ran, {0, 2, 3, 4}, says=False)
    assert "root:x" not in ran.all


NAMES = (
    b"\x1b[2J.json",
    b"\x9b2J.json",
    "\u202egnp.json".encode(),
    "\u200b.json".encode(),
    b"\xff\xfe.json",
    b"a\nb.json",
    b"[red]x.json",
    b"-rf.json",
    b"$(touch owned).json",
    b"x" * 250 + b".json",
    b"CON.json",
    f"{'0' * 31}\u0661.json".encode(),
    f"{'0' * 32}.json.bak".encode(),
    f"{'A' * 32}.json".encode(),
)


@pytest.mark.parametrize("where", ["", "texts", "sealed", "sealed/texts"])
def test_strange_names_are_shown_as_signs_and_the_others_are_counted(
    filled: Place, where: str
) -> None:
    folder = filled.responses / where
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    paths = [Path(os.fsdecode(os.fsencode(folder) + b"/" + name)) for name in NAMES]
    for path in paths:
        put(path, b"{}")
    try:
        ran = filled.run("check")
        assert not trouble_of(ran, {1})
        assert COUNTED in ran.out
        assert sum("json" in line for line in ran.err.splitlines()) >= len(NAMES) - 1
    finally:
        for path in paths:
            undo(path)
        for each in made:
            each.rmdir()


def test_strange_names_are_not_sealed(place: Place) -> None:
    fill(place)
    for name in NAMES:
        put(Path(os.fsdecode(os.fsencode(place.responses) + b"/" + name)), b"{}")
    ran = place.run("seal")
    assert not trouble_of(ran, {0})
    assert len(list(place.responses.glob("*.json"))) >= len(NAMES) - 1


def test_strange_names_among_the_drafts_are_no_drafts(place: Place) -> None:
    place.run("respond", "--plain", typed="1\n1\n:pause\n")
    folder = os.fsencode(place.state / "drafts")
    for name in NAMES:
        put(Path(os.fsdecode(folder + b"/" + name)), b"{}")
    ran = place.run("drafts")
    assert not trouble_of(ran, {0})
    assert len(ran.out.splitlines()) == 1


CODES = (
    "../../../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "",
    "\0",
    "~root",
    "0" * 8 + "/..",
    "%2e%2e%2f",
    "\\\\server\\share",
    "０" * 8,
    "0000000\u0660",
    "ⅰ" * 8,
    "ſ" * 8,
    "0000 0000; rm -rf /",
    "x" * 100_000,
    "\udcff" * 8,
)


def test_a_code_is_never_part_of_a_path(place: Place) -> None:
    place.run("respond", "--plain", typed="1\n1\n:pause\n")
    for code in CODES:
        typed = f"{code}\n".encode("utf-8", "surrogateescape")
        for command in (["resume", "--plain"], ["drafts", "delete"], ["withdraw"]):
            ran = place.run(*command, typed=typed)
            assert not trouble_of(ran, {0, 1, 2, 4, 130}, says=False), (command, code[:20])
        assert place.drafts


@pytest.mark.parametrize("symbols", [RESUME_SYMBOLS, RECEIPT_SYMBOLS])
@pytest.mark.parametrize("code", CODES, ids=range(len(CODES)))
def test_no_code_of_that_kind_is_read(symbols: int, code: str) -> None:
    with pytest.raises(InvalidAnswer):
        parse(code, symbols)


def test_a_case_is_never_part_of_a_path(place: Place) -> None:
    for label in (*filter(None, CODES), "\x1b[2J", "-x", "a/b", "a\nb", "é"):
        arguments = ["interview", "--mode", "phone", "--plain", f"--case={label}"]
        assert not trouble_of(place.run(*arguments), {2}), label[:20]
        assert sorted(path.name for path in place.folder.iterdir()) == []


@pytest.mark.parametrize("language", ["../de", "/etc", "de/../de", "DE\0", "\x1b[2J", "*", "??"])
def test_a_language_is_never_part_of_a_path(place: Place, language: str) -> None:
    assert not trouble_of(place.run("respond", "--plain", "--language", language), {2})
    ran = place.run("questionnaire", "translate", language)
    assert not trouble_of(ran, {2})


@pytest.mark.parametrize("mode", [0o777, 0o702])
@pytest.mark.parametrize("folder", ["responses", "state"])
def test_a_folder_that_others_may_write_in_takes_no_answers(
    place: Place, folder: str, mode: int
) -> None:
    (place.folder / folder).mkdir()
    (place.folder / folder / "drafts").mkdir()
    (place.folder / folder / "drafts").chmod(mode)
    (place.folder / folder).chmod(mode)
    ran = place.run("respond", "--plain", typed="1\n1\n:pause\n")
    assert not trouble_of(ran, {4})
    assert not place.drafts


def test_what_is_planted_beside_is_neither_followed_nor_removed(place: Place) -> None:
    outside = place.folder / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    fill(place)
    for name in ("sealed", "sealed/texts"):
        path = place.responses / name
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(outside)
        assert not trouble_of(place.run("seal"), {0, 4}), name
        assert not trouble_of(place.run("check"), {0, 1, 4}, says=False), name
        assert [path.name for path in outside.iterdir()] == ["kept"]
        path.unlink()
    assert len(place.files) == ENOUGH or place.run("check").code == 0
