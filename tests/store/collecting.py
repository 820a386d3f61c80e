"""Folders to collect from, small and large, and the conditions that must hold afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli.files import NEUTRAL_TIME
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.receipts import response_id, text_id
from microcred_cli.records.shapes import QuestionnaireRef, Response, Text, serialise
from microcred_cli.store.collect import Collection
from microcred_cli.store.folder import Responses
from microcred_cli.store.layout import Kind
from microcred_cli.store.sources import find_sources
from tests.scenario import questionnaire_of
from tests.store.sealing import judge, receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from microcred_cli.store.sources import FromSource

SHORT: Final = """
    id: cafe
    title: A café
    rights: Everyone's
    items:
      - {id: drink, options: [tea, coffee]}
      - {id: why, kind: open, required: optional}
"""
NAMES: Final = ("anna", "ben", "cleo")


def collect(into: Responses, *paths: Path, move: bool = False) -> list[FromSource]:
    """Collect into a folder, in this process, with the validation of the small questionnaire."""
    with ExitStack() as stack:
        sources = find_sources(paths, into.folder, stack)
        collection = Collection(into, sources, judge(into), move=move)
        collection.run()
        return collection.report


@dataclass
class Crowd:
    """Three interviewers' folders that contain duplicates, copies, conflicts and damage.

    `good` maps each expected file to its possible contents; `bad` contains the id and content of
    each file that must be quarantined.
    """

    folder: Path
    each: int
    good: dict[str, set[bytes]] = field(default_factory=dict)
    bad: set[tuple[str, bytes]] = field(default_factory=set)
    files: dict[Path, bytes] = field(default_factory=dict)

    @property
    def stick(self) -> Path:
        """The folder that contains the interviewers' folders."""
        return self.folder / "stick"

    @property
    def all(self) -> Responses:
        """The destination folder."""
        return Responses(self.folder / "all")

    @property
    def questionnaire(self) -> Path:
        return self.folder / "cafe.yaml"

    @property
    def arguments(self) -> list[str]:
        """The arguments of the program for this collection."""
        where = ["--responses", str(self.all.folder), "--questionnaire", str(self.questionnaire)]
        return ["collect", str(self.stick), *where]

    def build(self) -> Crowd:
        """Write the folders, with the requested number of files in each."""
        self.folder.mkdir(parents=True, exist_ok=True)
        short = questionnaire_of(SHORT).model_dump_json(exclude_none=True)
        self.questionnaire.write_text(short, encoding="utf-8")
        loaded = load(str(self.questionnaire))
        self._ref = QuestionnaireRef(id="cafe", version="1.0.0", sha256=loaded.sha256)
        for name in NAMES:
            Responses(self.stick / name).prepare("cafe")
        for place, name in enumerate(NAMES):
            self._fill(place, self.stick / name)
        return self

    def _fill(self, place: int, folder: Path) -> None:
        chance = random.Random(place)
        begun = place * 10_000
        for number in range(begun, begun + self.each):
            kind = chance.random()
            response = self._response(number)
            data, name = serialise(response), f"{response.response_id}.json"
            if kind < 0.05:
                self._damage(folder / name, data, chance)
            elif kind < 0.10:
                self._write(folder / f"{response.response_id} (conflicted copy).json", data)
                self.good[name] = {data}
            else:
                self._write(folder / name, data)
                self.good[name] = {data}
                if kind < 0.25:
                    other = self.stick / NAMES[(place + 1) % len(NAMES)]
                    self._double(other, response, chance)
            if number % 3 == 0:
                text = self._text(number)
                self._write(folder / "texts" / f"{text.text_id}.json", serialise(text))
                self.good[f"texts/{text.text_id}.json"] = {serialise(text)}

    def _double(self, folder: Path, response: Response, chance: random.Random) -> None:
        data, own_id = serialise(response), response.response_id
        kind = chance.random()
        if kind < 0.6:
            self._write(folder / f"{own_id}.json", data)
        elif kind < 0.8:
            self._write(folder / f"{own_id} 2.json", data)
        else:
            other = serialise(response.model_copy(update={"status": "partial"}))
            self._write(folder / f"{own_id}.json", other)
            self.good[f"{own_id}.json"].add(other)

    def _damage(self, path: Path, data: bytes, chance: random.Random) -> None:
        kinds = (
            data[: chance.randrange(len(data))],
            data.replace(b'"drink": "', b'"drink": "x'),
            data.replace(b"{", b'{"format": "microcred-response/1", ', 1),
            data.replace(b"\n", b"\r\n"),
            data.replace(b'"1.0.0"', b'"9.0.0"'),
            bytes(chance.randrange(256) for _ in range(500)),
            data.replace(path.stem.encode(), b"0" * 32),
        )
        damaged = chance.choice(kinds)
        self._write(path, damaged)
        self.bad.add((path.stem, damaged))

    def _write(self, path: Path, data: bytes) -> None:
        path.write_bytes(data)
        self.files[path] = data

    def _response(self, number: int) -> Response:
        return Response(
            response_id=response_id(receipt(number)),
            questionnaire=self._ref,
            status="complete",
            mode="phone",
            duration_minutes=(10, 20, 30)[number % 3],
            shuffle_seed=None,
            answers={"drink": "tea" if number % 2 else "coffee", "why": "detached"},
        )

    def _text(self, number: int) -> Text:
        own_id = text_id(receipt(number), "why")
        return Text(text_id=own_id, questionnaire=self._ref, item="why", text=f"Because {number}")

    # -- expected results

    def wrong(self, *, moved: bool = False) -> list[str]:
        """The problems after the last run; empty if there are none."""
        folder = self.all.folder
        there = {
            **{path.name: path.read_bytes() for path in self.all.files()},
            **{f"texts/{path.name}": path.read_bytes() for path in self.all.files(Kind.TEXT)},
        }
        found = [f"lost: {name}" for name in self.good.keys() - there.keys()]
        found += [f"not looked for: {name}" for name in there.keys() - self.good.keys()]
        found += [
            f"another content: {name}"
            for name, data in there.items()
            if name in self.good and data not in self.good[name]
        ]
        must = set(self.bad)
        for name, contents in self.good.items():
            must |= {(name[:-5], data) for data in contents - {there.get(name, b"")}}
        apart = [path for path in (folder / "set-apart").iterdir() if path.name != "reasons.json"]
        held = [(path.name[:32], path.read_bytes()) for path in apart]
        found += ["not set apart"] * len(must - set(held))
        found += ["set apart for nothing"] * len(set(held) - must)
        found += ["set apart twice"] * (len(held) - len(set(held)))
        reasons = json.loads((folder / "set-apart" / "reasons.json").read_bytes())["reasons"]
        found += [f"no reason: {path.name}" for path in apart if not reasons.get(path.name)]
        # A half-created folder is removed after a day: an interview may still be creating it.
        parts = {path.name for path in folder.rglob("*.part")}
        found += [f"left over: {name}" for name in parts if not name.startswith(".folder.json.")]
        for path in (folder, *folder.rglob("*")):
            status = path.stat()
            if path.suffix != ".part" and (
                status.st_mtime != NEUTRAL_TIME or status.st_mode & 0o077
            ):
                found.append(f"tells: {path.name}")
        left = {path: path.read_bytes() for path in self.files if path.exists()}
        if left != ({} if moved else self.files):
            found.append("the sources are not as they must be")
        return found

    def is_safe(self) -> bool:
        """True if every valid record and every damaged file is complete in some folder."""
        folder = self.all.folder
        held = {path.read_bytes() for path in folder.rglob("*.json")} if folder.is_dir() else set()
        held |= {path.read_bytes() for path in self.files if path.exists()}
        return held >= set(self.files.values())


DRIVER: Final = """
import os, signal, sys
at, made = int(sys.argv.pop(1)), [0]
def counted(real):
    def call(*arguments, **options):
        made[0] += 1
        if made[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    return call
for name in ("link", "unlink", "replace", "fsync", "utime", "mkdir"):
    setattr(os, name, counted(getattr(os, name)))
from microcred_cli.store import collect
collect._BATCH = int(sys.argv.pop(1))
from microcred_cli.__main__ import main
try:
    main()
finally:
    sys.stderr.write(f"\\nCALLS {made[0]}\\n")
"""
"""The program, killed before the n-th call that changes something; prints its number of calls."""


def run_until(at: int, batch: int, arguments: Sequence[str]) -> tuple[int, int]:
    """Run the program up to a call; returns its exit code, and its number of calls if it ended."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(at), str(batch), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    calls = done.stderr.rpartition("CALLS ")[2].strip()
    return done.returncode, int(calls) if calls.isdigit() else 0


def brought_together(
    folder: Path, *, each: int = 1000, kills: int = 5, batch: int = 256, move: bool = False
) -> tuple[int, int]:
    """Collect three folders of `each` files, killed at several points; returns successes and runs.

    Each run is killed, finished by the same command, and repeated. It succeeds if each valid
    response is present exactly once, each damaged file is quarantined, and there are no other
    files.
    """
    crowd = Crowd(folder / "whole", each).build()
    arguments = [*crowd.arguments, *(["--move"] if move else [])]
    _, calls = run_until(10**9, batch, arguments)
    reached, of = int(not crowd.wrong(moved=move)), 1
    for number in range(kills):
        at = 1 + (2 * number + 1) * calls // (2 * kills)
        crowd = Crowd(folder / f"killed {number}", each).build()
        arguments = [*crowd.arguments, *(["--move"] if move else [])]
        killed, _ = run_until(at, batch, arguments)
        is_safe = crowd.is_safe()
        again = [run_until(10**9, batch, arguments)[0] for _ in range(2)]
        ended = set(again) <= {0, 1}
        is_well = killed == -9 and is_safe and ended and not crowd.wrong(moved=move)
        reached, of = reached + is_well, of + 1
        shutil.rmtree(crowd.folder)
    return reached, of


def snapshot(folder: Path) -> dict[str, tuple[bytes, float]]:
    """Every file below a folder, with its modification time."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(paths: Iterable[Path]) -> set[str]:
    """The names of files."""
    return {os.path.basename(path) for path in paths}  # noqa: PTH119 - as the system has them
