"""Drop folders: no respondent can list, read or replace responses submitted by others.

The tests act as several users, so they need root permissions.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pydantic
import pytest

import microcred_cli
from microcred_cli.records.receipts import show
from tests.cli.program import Lines, Ran, receipt_name, sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.program import Place

GROUP, ANNA, BEN, STRANGER, STAFF = 65530, 65531, 65532, 65533, 65529
_PATH = os.pathsep.join(
    str(Path(str(module.__file__)).parents[1]) for module in (microcred_cli, pydantic)
)


def as_user(
    user: int, arguments: list[str], typed: str = "", *, home: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the interpreter as another user: a member of the group, a stranger or staff."""
    is_member = user in (ANNA, BEN)
    return subprocess.run(
        [interpreter(), *arguments],
        user=user,
        group=user,
        extra_groups=[GROUP] if is_member else [],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={
            "PYTHONPATH": _PATH,
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(home or "/nonexistent"),
            "MICROCRED_STATE": str(home / "state" if home else "/nonexistent"),
        },
        timeout=60,
    )


@cache
def interpreter() -> str:
    """An interpreter with the program that another user may run; empty if there is none."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", "import sys, pydantic_core, microcred_cli.cli.app, ruamel.yaml"],
                user=ANNA,
                group=ANNA,
                extra_groups=[],
                cwd="/",
                env={"PYTHONPATH": _PATH, "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if done.returncode == 0:
            return python
    return ""


def _why_not() -> str:
    if sys.platform == "win32" or os.geteuid() != 0:
        return "acting as other users requires root"
    return "" if interpreter() else "other users cannot run the program from here"


pytestmark = pytest.mark.skipif(bool(_why_not()), reason=_why_not() or "all requirements are met")


@dataclass(frozen=True)
class Kiosk:
    """A machine with a drop folder, home folders for two respondents and a stranger, and staff."""

    folder: Path

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    def home(self, user: int) -> Path:
        return self.folder / str(user)

    def program(self, user: int, *arguments: str, typed: str = "") -> Ran:
        done = as_user(user, ["-m", "microcred_cli", *arguments], typed, home=self.home(user))
        return Ran(done.returncode, done.stdout, done.stderr)

    def answer(self, user: int) -> Ran:
        """Submit a paper questionnaire."""
        where = ("--responses", str(self.drop))
        return self.program(user, "respond", "--answers", str(self.folder / "sheet.json"), *where)

    def tries(self, user: int, *attempts: str) -> list[str]:
        """The attempts (Python statements) that succeed when another user runs them."""
        program = "import ctypes, os, sys\nfrom pathlib import Path\n" + "".join(
            f"try:\n    {each}\nexcept OSError:\n    pass\nelse:\n    print({each!r})\n"
            for each in attempts
        )
        done = as_user(user, ["-c", program], home=self.home(user))
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


@pytest.fixture
def kiosk(place: Place) -> Iterator[Kiosk]:
    folder = Path(tempfile.mkdtemp(prefix="kiosk-"))
    folder.chmod(0o755)
    made = Kiosk(folder)
    # This also checks the questionnaire, if no earlier test did so.
    ran = place.run("drop", str(made.drop), "--group", str(GROUP))
    assert ran.code == 0, ran.err
    for user in (ANNA, BEN, STRANGER, STAFF):
        home = made.home(user)
        home.mkdir(mode=0o700)
        # The questionnaire has already been checked for the test itself.
        shutil.copytree(place.state / "cache", home / "state" / "cache")
        for path in (home, *home.rglob("*")):
            os.chown(path, user, user)
    (folder / "sheet.json").write_text(json.dumps(sheet()))
    (folder / "sheet.json").chmod(0o644)
    yield made
    shutil.rmtree(folder)


def hand_in(kiosk: Kiosk, user: int = ANNA) -> Path:
    ran = kiosk.answer(user)
    assert ran.code == 0, ran.err
    return Path(ran.out.strip())


def test_a_member_hands_in_and_gets_a_receipt(kiosk: Kiosk) -> None:
    path = hand_in(kiosk)
    assert path.stat().st_uid == ANNA
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(list((kiosk.drop / "texts").iterdir())) == len(sheet()["texts"])
    assert not list(kiosk.drop.rglob("*.part"))


def test_an_interview_of_a_member_is_asked_paused_and_handed_in(kiosk: Kiosk) -> None:
    where = ("--plain", "--responses", str(kiosk.drop))
    half = Lines().until("mc_awarder")
    ran = kiosk.program(ANNA, "respond", *where, typed="\n".join([*half, ":pause", ""]))
    assert ran.code == 0, ran.err
    listed = kiosk.program(ANNA, "drafts")
    assert ran.resume_code not in listed.all
    assert "its own code" in listed.err
    assert kiosk.program(ANNA, "resume", "--plain", typed="\n").code == 2
    rest = [*Lines().until()[len(half) :], "submit", "noted", ""]
    done = kiosk.program(ANNA, "resume", "--plain", typed="\n".join([ran.resume_code, *rest]))
    assert done.code == 0, done.err
    assert (kiosk.drop / f"{receipt_name(done.receipt)}.json").exists()


def test_nobody_else_lists_reads_or_replaces_what_was_handed_in(kiosk: Kiosk) -> None:
    path = hand_in(kiosk)
    text = next((kiosk.drop / "texts").iterdir())
    before = {each: each.read_bytes() for each in kiosk.drop.rglob("*") if each.is_file()}
    drop = str(kiosk.drop)
    everything = [str(kiosk.drop), f"{drop}/texts", str(path), str(text), f"{drop}/folder.json"]
    attempts = [
        *(f"os.listdir({each!r})" for each in everything[:2]),
        *(f"os.open({each!r}, os.O_RDONLY)" for each in everything[:4]),
        *(f"os.open({each!r}, os.O_WRONLY)" for each in everything),
        *(f"os.open({each!r}, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)" for each in everything),
        *(f"os.truncate({each!r}, 0)" for each in everything[2:]),
        *(f"os.unlink({each!r})" for each in everything[2:]),
        *(f"os.rename({each!r}, {each + '.away'!r})" for each in everything),
        *(f"os.chmod({each!r}, 0o777)" for each in everything),
        *(f"os.utime({each!r}, (1, 1))" for each in everything),
        *(f"os.symlink('/etc/passwd', {each!r})" for each in everything),
        *(f"os.mkfifo({each!r})" for each in everything),
        *(f"os.mkdir({each!r})" for each in everything),
        *(f"os.link({each!r}, {drop + '/linked'!r})" for each in everything[2:4]),
        *(f"os.link({each!r}, os.environ['HOME'] + '/linked')" for each in everything[2:4]),
        f"os.rmdir({drop + '/texts'!r})",
        *(
            f"Path(os.environ['HOME'], 'x').write_text(''); "
            f"os.replace(os.environ['HOME'] + '/x', {each!r})"
            for each in everything[2:]
        ),
    ]
    assert len(attempts) > 50
    assert kiosk.tries(BEN, *attempts) == []
    # The next person who uses the same account cannot search the folder, either.
    assert kiosk.tries(ANNA, *attempts[:2]) == []
    assert kiosk.tries(STRANGER, *attempts, f"Path({drop + '/new'!r}).write_text('')") == []
    assert {each: each.read_bytes() for each in before} == before


def test_what_another_member_plants_loses_no_answers(kiosk: Kiosk, place: Place) -> None:
    drop = str(kiosk.drop)
    terms = (kiosk.drop / "folder.json").read_text().replace("false", "true")
    planted = [
        f"os.symlink('/etc/shadow', {drop}/{'a' * 32}.json)",
        f"os.symlink('/etc', {drop}/sealed)",
        f"os.mkfifo({drop}/{'b' * 32}.json)",
        f"os.mkdir({drop}/{'c' * 32}.json)",
        f"Path({drop}/{'d' * 32}.json).write_text('planted')",
        f"Path({drop}/texts/{'e' * 32}.json).write_text('planted')",
        f"Path({drop}/withdrawn).write_text('0' * 64)",
        f"Path({drop}/.names.lock).write_text('')",
        f"Path({drop}/.reserve.0000000000000000.part).write_text('')",
        f"os.link({drop}/{'d' * 32}.json, {drop}/{'f' * 32}.json)",
        f"(os.mkdir({drop}/more), Path({drop}/more/folder.json).write_text({terms!r}))",
    ]
    attempts = [_quoted(each, drop) for each in planted]
    assert kiosk.tries(BEN, *attempts) == attempts
    path = hand_in(kiosk)
    collected = place.run("collect", "--move", drop, "--responses", "all")
    assert collected.code == 1, collected.err
    assert (place.folder / "all" / path.name).exists()
    assert not path.exists()
    assert "shadow" not in "".join(
        each.read_text() for each in (place.folder / "all").rglob("*") if each.is_file()
    )
    assert place.run("check", "--responses", "all").code == 0


def _quoted(statement: str, drop: str) -> str:
    """The statement with each path quoted."""
    parts = statement.split(drop)
    made = parts[0]
    for part in parts[1:]:
        end = min(part.find(stop) for stop in ",)" if stop in part)
        made += f"{drop + part[:end]!r}{part[end:]}"
    return made


def test_a_name_that_is_taken_costs_no_answers(
    kiosk: Kiosk, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["0" * 19, "1" * 19])
    taken = kiosk.drop / f"{receipt_name('0' * 19)}.json"
    taken.write_bytes(b"somebody else's")
    os.chown(taken, BEN, BEN)
    monkeypatch.setattr("microcred_cli.session.session.new_code", lambda _: next(codes))
    ran = place.run("respond", "--plain", "--responses", str(kiosk.drop), typed=Lines().whole())
    assert ran.code == 0, ran.err
    assert ran.receipt == "1" * 19
    assert taken.read_bytes() == b"somebody else's"
    assert (kiosk.drop / f"{receipt_name('1' * 19)}.json").exists()
    names = {path.stem for path in (kiosk.drop / "texts").iterdir()}
    assert names == {receipt_name("1" * 19, item) for item in _items(kiosk)}


def _items(kiosk: Kiosk) -> list[str]:
    return [json.loads(p.read_bytes())["item"] for p in (kiosk.drop / "texts").iterdir()]


def test_staff_collect_into_their_own_folder(kiosk: Kiosk, place: Place) -> None:
    hand_in(kiosk, ANNA)
    hand_in(kiosk, BEN)
    refused = kiosk.program(
        STAFF, "collect", str(kiosk.drop), "--responses", str(kiosk.home(STAFF) / "all")
    )
    assert refused.code == 4
    into = kiosk.home(STAFF) / "all"
    ran = place.run("collect", "--move", str(kiosk.drop), "--responses", str(into))
    assert ran.code == 0, ran.err
    assert {path.stat().st_uid for path in (into, *into.rglob("*"))} == {STAFF}
    assert len(list(into.glob("?" * 32 + ".json"))) == 2
    assert [path.name for path in kiosk.drop.rglob("*.json")] == ["folder.json"]
    assert kiosk.program(STAFF, "check", "--responses", str(into)).code == 0
    hand_in(kiosk, ANNA)


def test_what_a_crash_left_is_removed_by_staff(
    kiosk: Kiosk, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hand_in(kiosk)
    of_it = kiosk.drop / f".{path.name}.{'0' * 16}.part"
    of_another = kiosk.drop / f".{'a' * 32}.json.{'1' * 16}.part"
    os.link(path, of_it)
    of_another.write_bytes(b"of an interview that goes on")
    assert place.run("collect", "--move", str(kiosk.drop)).code == 0
    assert [path.name for path in kiosk.drop.glob(".*")] == [of_another.name]
    hand_in(kiosk)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90_000)
    assert place.run("collect", "--move", str(kiosk.drop)).code == 0
    assert [path.name for path in kiosk.drop.glob(".*")] == []


def test_a_response_can_be_taken_back_until_it_is_collected(kiosk: Kiosk, place: Place) -> None:
    ran = kiosk.answer(ANNA)
    where = ("--responses", str(kiosk.drop))
    assert kiosk.program(BEN, "withdraw", *where, typed=show(ran.receipt) + "\n").code == 4
    assert kiosk.program(ANNA, "withdraw", *where, typed=show(ran.receipt) + "\n").code == 0
    assert [path.name for path in kiosk.drop.rglob("*.json")] == ["folder.json"]
    ran = kiosk.answer(ANNA)
    place.run("collect", "--move", str(kiosk.drop))
    gone = kiosk.program(ANNA, "withdraw", *where, typed=show(ran.receipt) + "\n")
    assert (gone.code, "collected" in gone.err) == (1, True)
    assert place.run("withdraw", typed=show(ran.receipt) + "\n").code == 0


def test_nothing_is_collected_from_a_drop_folder_and_left_there(kiosk: Kiosk, place: Place) -> None:
    path = hand_in(kiosk)
    ran = place.run("collect", str(kiosk.drop))
    assert (ran.code, "microcred collect --move" in ran.err) == (2, True)
    assert path.exists()
    assert not place.responses.exists()


def test_who_finds_only_texts_to_take_back_is_told_that_the_rest_was_collected(
    kiosk: Kiosk, place: Place
) -> None:
    ran = kiosk.answer(ANNA)
    # As between two batches of a collection: only the text is left.
    (kiosk.drop / f"{receipt_name(ran.receipt)}.json").unlink()
    assert any((kiosk.drop / "texts").iterdir())
    where = ("--responses", str(kiosk.drop))
    gone = kiosk.program(ANNA, "withdraw", *where, typed=show(ran.receipt) + "\n")
    assert (gone.code, "collected" in gone.err, "Withdrawn" in gone.err) == (1, True, False)
    assert not any((kiosk.drop / "texts").iterdir())


@pytest.mark.parametrize("command", ["check", "seal", "summary"])
def test_staffs_commands_say_that_it_is_to_be_collected_from(
    kiosk: Kiosk, place: Place, command: str
) -> None:
    before = sorted(kiosk.drop.rglob("*"))
    ran = place.run(command, "--responses", str(kiosk.drop))
    assert (ran.code, "microcred collect --move" in ran.err) == (4, True)
    assert sorted(kiosk.drop.rglob("*")) == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda drop: (drop / "folder.json").chmod(0o666),
        lambda drop: os.chown(drop / "folder.json", BEN, BEN),
        lambda drop: os.chown(drop / "texts", BEN, GROUP),
        lambda drop: drop.chmod(0o1733),
    ],
    ids=["open terms", "their terms", "their texts", "open to all"],
)
def test_a_folder_that_is_not_right_takes_nothing_and_is_set_right(
    kiosk: Kiosk, place: Place, spoil: object
) -> None:
    assert callable(spoil)
    spoil(kiosk.drop)
    ran = kiosk.answer(ANNA)
    assert ran.code == 4
    assert len(ran.err.splitlines()) >= 2
    assert not list(kiosk.drop.glob("?" * 32 + ".json"))


def test_made_again_a_folder_has_its_rights_again(kiosk: Kiosk, place: Place) -> None:
    hand_in(kiosk)
    (kiosk.drop / "texts").chmod(0o1770)
    (kiosk.drop / "folder.json").chmod(0o600)
    assert place.run("drop", str(kiosk.drop), "--group", str(GROUP)).code == 0
    hand_in(kiosk, BEN)


def test_a_place_that_others_can_exchange_is_refused(place: Place) -> None:
    outer = place.folder / "outer"
    outer.mkdir()
    outer.chmod(0o777)
    ran = place.run("drop", str(outer / "drop"), "--group", str(GROUP))
    assert (ran.code, list(outer.iterdir())) == (4, [])
    outer.chmod(0o755)
    os.chown(outer, ANNA, ANNA)
    (outer / "link").symlink_to(place.folder)
    for path in (outer / "drop", outer / "link" / "drop"):
        assert place.run("drop", str(path), "--group", str(GROUP)).code == 4
    assert not (place.folder / "drop").exists()
    (place.folder / "full").mkdir()
    (place.folder / "full" / "file").touch()
    assert place.run("drop", str(place.folder / "full"), "--group", str(GROUP)).code == 4
    assert place.run("drop", str(place.folder / "new"), "--group", "no such group").code == 2


def test_folders_above_that_were_missing_can_be_passed_through(kiosk: Kiosk, place: Place) -> None:
    drop = kiosk.folder / "made" / "for it" / "drop"
    assert place.run("drop", str(drop), "--group", str(GROUP)).code == 0
    assert {path.stat().st_mode & 0o777 for path in drop.parents[:2]} == {0o755}
    ran = kiosk.program(
        ANNA, *("respond", "--answers", str(kiosk.folder / "sheet.json"), "--responses", str(drop))
    )
    assert ran.code == 0, ran.err


def test_a_file_with_another_name_gets_no_rights_as_terms(kiosk: Kiosk, place: Place) -> None:
    secret = kiosk.folder / "secret"
    secret.touch(mode=0o600)
    (kiosk.drop / "folder.json").unlink()
    (kiosk.drop / "folder.json").hardlink_to(secret)
    assert place.run("drop", str(kiosk.drop), "--group", str(GROUP)).code == 4
    assert secret.stat().st_mode & 0o777 == 0o600
