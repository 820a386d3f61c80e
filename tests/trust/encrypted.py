"""Encrypted interviews: every changed bit is refused, and no word is readable on the disk."""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import identities_in
from microcred_cli.errors import StoreError
from tests.cli.program import Lines, Place, sheet
from tests.faults.figures import Figure
from tests.harness import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Ran

WORD = "zebrafoot"
"""A word contained in everything that is typed."""

RECORDS = ("microcred-response/1", "microcred-text/1", '"answers"')
"""Words that an unencrypted record would contain."""

_WRITES = "trace=write,writev,pwrite64,pwritev,pwritev2,sendfile,copy_file_range"
_WRITE = re.compile(rb"\w+\(\d+<([^>]*)>, (.*)")


@dataclass
class Station:
    """A machine for interviews, with public keys only; secret keys are elsewhere."""

    folder: Path
    looked_at: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.place = Place(self.folder / "station")
        self.keys = self.folder / "keys"
        for path in (self.place.folder / "home", self.place.folder / "tmp", self.keys):
            path.mkdir(parents=True)
        self.environment = {
            "MICROCRED_STATE": str(self.place.state),
            "MICROCRED_RESPONSES": str(self.place.responses),
            "HOME": str(self.place.folder / "home"),
            "TMPDIR": str(self.place.folder / "tmp"),
        }

    def make_keys(self) -> None:
        """Create two key pairs, enter the public keys in the settings, and verify the keys."""
        made = [
            self.run("keys", "new", "--no-passphrase", str(self.keys / name)).out.strip()
            for name in ("analyst", "escrow")
        ]
        settings = self.place.folder / "fieldwork.toml"
        settings.write_text(f"recipients = {json.dumps(made)}\n", encoding="utf-8")
        self.run("keys", "check", *self.secrets, "--identity", str(self.keys / "escrow"))

    @property
    def secrets(self) -> tuple[str, str]:
        """The options that give the commands for staff a secret key."""
        return "--identity", str(self.keys / "analyst")

    def run(self, *arguments: str, typed: str = "", code: int = 0) -> Ran:
        """Run a command, and search everything that it wrote and left."""
        trace = self.folder / "trace"
        trace.write_bytes(b"")
        tracer = ("strace", "-f", "-qq", "-y", "-e", _WRITES, "-s", "99999", "-o", str(trace))
        ran = self.place.spawn(
            *arguments,
            typed=typed,
            before=tracer if shutil.which("strace") else (),
            environment=self.environment,
        )
        if ran.code != code:
            self.wrong.append(f"{arguments[0]}: exit code {ran.code}: {ran.err[-300:]}")
        self.look(arguments[0])
        here = str(self.place.folder).encode()
        for line in trace.read_bytes().splitlines():
            written = _WRITE.search(line)
            if written and written[1].startswith(here):
                self._look(f"{arguments[0]} wrote {written[1].decode()}", written[2])
        return ran

    def look(self, when: str) -> None:
        """Search every file that exists."""
        for path in self.place.folder.rglob("*"):
            if path.is_file():
                where = path.relative_to(self.place.folder)
                self._look(f"after {when}: {where}", path.read_bytes())

    def _look(self, where: str, data: bytes) -> None:
        self.looked_at += 1
        found = [each for each in (WORD, *RECORDS) if each.encode() in data.lower()]
        self.wrong += [f"{where}: {', '.join(found)}"] if found else []


def typed_words(folder: Path, *, whole: bool) -> Figure:
    """The number of files and writes that contain no readable word of an interview, out of all.

    Interviews are read from a file, typed, paused, resumed, conducted by an interviewer, and left
    with an unsent text; then they are sealed and summarised.
    """
    begun = time.monotonic()
    station = Station(folder)
    station.make_keys()
    paper = sheet()
    paper["texts"] = {at: f"{WORD} {at}" for at in paper["texts"]}
    for _ in range(12 if whole else 10):
        station.run("respond", "--answers", "-", typed=json.dumps(paper))
    lines = Lines(instead=dict.fromkeys(("comments", "mc_example"), f"{WORD} as typed"))
    station.run("respond", "--plain", typed=lines.whole())
    half = lines.until("mc_awarders")
    paused = station.run("respond", "--plain", typed="\n".join([*half, ":pause", ""]))
    rest = [*lines.until()[len(half) :], "submit", "noted", ""]
    station.run("resume", "--plain", typed="\n".join([paused.resume_code, *rest]))
    left = station.run("respond", "--plain", typed="\n".join(lines.until("mc_example")), code=130)
    _leave_unsent(station, left.resume_code)
    before = lines.until("size_class")
    led = [
        "1",
        *before,
        f":remark {WORD} laughed",
        *lines.until()[len(before) :],
        "submit",
        "noted",
    ]
    case = ("interview", "--plain", "--mode", "phone", "--case", "A-1")
    station.run(*case, typed="\n".join([*led, ""]))
    for command in ("check", "seal", "summary", "check"):
        station.run(command, *station.secrets)
    reached = max(0, station.looked_at - len(station.wrong))
    return Figure(reached, station.looked_at, time.monotonic() - begun, tuple(station.wrong))


def _leave_unsent(station: Station, code: str) -> None:
    """Type a text at the prompt of a paused interview, and leave without entering it."""
    where = {**station.environment, "MICROCRED_STATE": str(station.place.state)}
    with Terminal("resume", folder=station.place.folder, **where) as terminal:  # type: ignore[arg-type]
        terminal.until("code").press(code, "enter").until("Question")
        terminal.press(f"{WORD} unsent").until(WORD)
        terminal.press("ctrl-c")
        terminal.finish()
    station.look("leaving a text unsent")


def changed_bits(folder: Path, *, whole: bool) -> Figure:
    """The bits of an encrypted response whose change is refused; a sample has every 16th bit."""
    begun = time.monotonic()
    station = Station(folder)
    station.make_keys()
    station.run("respond", "--answers", "-", typed=json.dumps(sheet()))
    (path,) = station.place.responses.glob("*.json.age")
    secret = (station.keys / "analyst").read_bytes()
    cipher = Age(identities=identities_in(secret, "key", lambda: ""))
    data = path.read_bytes()
    wrong = [] if b"country" in cipher.unwrap(data, path.name) else ["unchanged: not decrypted"]
    tried = range(0, 8 * len(data), 1 if whole else 16)
    for bit in tried:
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            cipher.unwrap(bytes(changed), path.name)
        except StoreError:
            continue
        wrong.append(f"bit {bit} of {8 * len(data)}")
    return Figure(len(tried) - len(wrong), len(tried), time.monotonic() - begun, tuple(wrong))
