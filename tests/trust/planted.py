"""Planted identifiers, everywhere the program can see them: do they appear in any output?

The user, host, date, home and working folder have recognisable names, and identifying texts are
typed, while interviews are conducted, paused, resumed, sealed, summarised and withdrawn. After each
command, every output is searched: the printed text, every file, and the arguments of every process.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microcred_cli.cli.app import COMMANDS
from microcred_cli.cli.app import command as command_named
from tests.cli.program import ROUTES, Lines, Place, sheet
from tests.faults.figures import Figure
from tests.trust.same_bytes import OTHERS, Other

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.program import Ran

OWN = frozenset({"respond", "resume", "interview", "drafts", "withdraw"})
"""Commands with output for respondents or interviewers; all others are for staff."""

DRAFT, TEXT, CASE_LOG, KEY = "draft", "text", "case log", "key"
OWN_SCREEN, ARGUMENTS, MESSAGE = "own screen", "argument", "message"
NOWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Planted:
    """A word, and the only places where it may occur."""

    word: str
    allowed: frozenset[str] = NOWHERE

    def is_in(self, folded: bytes) -> bool:
        """True if the word occurs in case-folded bytes, in one of the usual encodings."""
        word = self.word.casefold()
        writings = (word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le"))
        return any(each in folded for each in writings)


def case_folded(data: bytes) -> bytes:
    """Bytes with their text case-folded; bytes that are not UTF-8 stay as they are."""
    return data.decode("utf-8", "surrogateescape").casefold().encode("utf-8", "surrogateescape")


CASE = "PLANTED-CASE-7"
PRIVATE = "zwölfbein"
IDENTIFYING = {
    "erika.zebra@example.org": "erika.zebra",
    "+49 30 90182099": "90182099",
    "DE89 3704 0044 0532 0130 00": "0532 0130",
    "https://zebra.example.org/erika": "zebra.example",
    "@zebra_erika_77": "zebra_erika",
    "VAT ID DE136695976": "136695976",
}
"""A typed text, and the part of it that must not be stored."""

TYPED = f"{PRIVATE}: " + ", ".join(IDENTIFYING)
TYPED_SHORTLY = f"{PRIVATE}: " + ", ".join([*IDENTIFYING][:3])
SETTINGS = {
    "USER": "planted_user",
    "LOGNAME": "planted_user",
    "HOSTNAME": "planted-host",
    "EMAIL": "planted_mail@example.org",
    "SSH_CLIENT": "planted_client 22 22",
}
WORDS = (
    *(Planted(word) for word in IDENTIFYING.values()),
    *(Planted(word) for word in ("planted_mail", "planted_client", "planted_user", "planted-host")),
    Planted("planted_home"),
    # The day on which an interview began, and the weeks and appointments of cases.
    Planted("2031-", frozenset({DRAFT, CASE_LOG, OWN_SCREEN})),
    # A draft contains the path of its responses folder, and a message the path that it concerns.
    Planted("planted_path", frozenset({DRAFT, MESSAGE, OWN_SCREEN})),
    Planted(CASE, frozenset({DRAFT, CASE_LOG, OWN_SCREEN, ARGUMENTS})),
    Planted(PRIVATE, frozenset({DRAFT, TEXT, OWN_SCREEN})),
)
OF_A_CODE = frozenset({DRAFT, OWN_SCREEN})
BUILT_IN = Path(__file__).parents[2] / "questions" / "mc_employers" / "questionnaire.yaml"
DAMAGED = f"{'0' * 32}.json"
NOT_OURS = ("passwd", DAMAGED)
"""Files that the test itself wrote."""


@dataclass
class Session:
    """Commands one after the other, and the findings after each."""

    place: Place
    start: Callable[[list[str], str], tuple[Ran, bytes | None]]
    """Runs a command with typed input; also gets the processes' arguments if possible."""

    code_of_drop: int = 0
    looked_at: int = 0
    found: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    words: list[Planted] = field(default_factory=lambda: [*WORDS])
    searched: dict[tuple[str, bytes], int] = field(default_factory=dict)
    """For each kind and content found so far, the number of words that it was searched for."""

    def run(self, *arguments: str, typed: str = "", code: int | None = 0) -> Ran:
        """Run a command, which must end with this exit code if any, and search everything."""
        ran, processes = self.start([*arguments], typed)
        self.used.append(" ".join(arguments))
        name = f"{len(self.used)}. {self.used[-1]}"
        if code is not None and ran.code != code:
            self.found.append(f"{name}: exit code {ran.code}: {ran.err[-300:]}")
        first = arguments[0] if arguments else ""
        of_staff = CASE_LOG if first in ("cases", "outcomes", "progress") else "screen"
        screen, message = (OWN_SCREEN, OWN_SCREEN) if first in OWN else (of_staff, MESSAGE)
        self._look(f"{name}: standard output", screen, ran.out.encode())
        self._look(f"{name}: standard error", message, ran.err.encode())
        if processes is not None:
            self._look(f"{name}: a process", ARGUMENTS, processes)
            self.found += [f"{name}: a network socket"] if b"socket(AF_INET" in processes else []
        for path in self.place.folder.rglob("*"):
            if path.is_file() and path.name not in NOT_OURS:
                where = path.relative_to(self.place.folder)
                self._look(f"{name}: {where}", _kind(path), path.read_bytes())
        return ran

    def never(self, *codes: str) -> None:
        """From now on, a code may occur only on its owner's screen and in a draft."""
        self.words += [Planted(code, OF_A_CODE) for code in codes]

    def _look(self, where: str, kind: str, data: bytes) -> None:
        self.looked_at += 1
        known = self.searched.get((kind, data), 0)
        self.searched[kind, data] = len(self.words)
        new = [planted for planted in self.words[known:] if kind not in planted.allowed]
        if not new:
            return
        folded = case_folded(data)
        words = [planted.word for planted in new if planted.is_in(folded)]
        self.found += [f"{where}: {', '.join(words)}"] if words else []


@dataclass
class Processes:
    """Starts commands as another user's processes; strace records all arguments and sockets."""

    place: Place
    other: Other

    def __call__(self, arguments: list[str], typed: str) -> tuple[Ran, bytes | None]:
        folder = self.place.folder
        trace = folder.parent / "trace"
        trace.write_bytes(b"")
        is_traced = shutil.which("strace") is not None
        tracer = (
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=execve,socket",
            "-s",
            "9999",
            "-o",
            str(trace),
        )
        if self.other.uid is not None:
            for path in (trace, folder, *folder.rglob("*")):
                os.chown(path, self.other.uid, self.other.uid)
        home = {"HOME": str(folder / "planted_home")}
        ran = self.place.spawn(
            *arguments,
            typed=typed,
            before=[*self.other.before, *(tracer if is_traced else ())],
            environment={**SETTINGS, **self.other.environment, **home},
        )
        return ran, trace.read_bytes() if is_traced else None


def _kind(path: Path) -> str:
    if "drafts" in path.parts:
        return DRAFT
    if path.name.startswith("case-log") or path.suffix == ".key":
        return KEY if path.suffix == ".key" else CASE_LOG
    return TEXT if "texts" in path.parts else "file"


def planted_words(folder: Path, *, whole: bool) -> Figure:
    """The outputs without a planted word in a forbidden place, and all outputs.

    A full run uses every format and breakdown, a sample fewer.
    """
    begun = time.monotonic()
    place = Place(folder / "planted_path")
    (place.folder / "planted_home").mkdir(parents=True)
    other = OTHERS["another in every way"]
    if other.is_missing(place.folder):
        other = Other(environment=SETTINGS)
    session = Session(place, Processes(place, other), code_of_drop=4 if other.uid else 0)
    use_every_command(session, whole=whole)
    wrong = (*session.found, *(f"never run: {each}" for each in never_run(session.used)))
    reached = max(0, session.looked_at - len(wrong))
    return Figure(reached, session.looked_at, time.monotonic() - begun, wrong)


def use_every_command(session: Session, *, whole: bool) -> None:
    """Run every command of the program at least once, including its errors."""
    steps = (
        *(_authors, _respondents, _interviewers, _staff, _collecting, _withdrawals, _encrypted),
        _errors,
    )
    for step in steps:
        step(session, whole)


def never_run(used: list[str]) -> list[str]:
    """The commands of the program that were not run."""

    def below(words: str, command: Any) -> Iterator[str]:
        inner = getattr(command, "commands", {})
        yield from (each for name in inner for each in below(f"{words} {name}", inner[name]))
        if not inner or getattr(command, "invoke_without_command", False):
            yield words

    every = ["", *(words for name in COMMANDS for words in below(name, command_named(name)))]
    return [each for each in every if not any(f"{line} ".startswith(f"{each} ") for line in used)]


def _authors(session: Session, _whole: bool) -> None:
    session.run()
    for command in ("check", "show", "schema"):
        session.run("questionnaire", command)
    copied = session.place.folder / "survey" / "questionnaire.yaml"
    copied.parent.mkdir()
    shutil.copyfile(BUILT_IN, copied)
    session.run("questionnaire", "translate", "de", "survey/questionnaire.yaml")
    session.run("questionnaire", "new", "first.yaml")
    for form, name in (("html", "paper.html"), ("surveyjs", "form.json"), ("ddi", "form.xml")):
        session.run("questionnaire", "export", "--to", form, "--output", name)
    session.run("fieldwork", "check", code=1)


def _paper(route: str) -> str:
    made: dict[str, Any] = sheet(route)
    made["texts"] = {at: TYPED_SHORTLY if "." in at else TYPED for at in made["texts"]}
    return json.dumps(made)


def _typed(route: str = "employer provides") -> Lines:
    return Lines(route, instead=dict.fromkeys(("comments", "mc_example"), TYPED))


def _respondents(session: Session, whole: bool) -> None:
    for number in range(26 if whole else 10):
        route = [*ROUTES][number % len(ROUTES)]
        session.never(_receipt(session.run("respond", "--answers", "-", typed=_paper(route))))
    session.never(_receipt(session.run("respond", "--plain", typed=_typed().whole())))
    half = _typed().until("mc_awarder")
    paused = session.run("respond", "--plain", typed="\n".join([*half, ":pause", ""]))
    session.never(paused.resume_code)
    session.run("drafts")
    rest = [*_typed().until()[len(half) :], "submit", "noted", ""]
    session.run("resume", "--plain", typed="\n".join([paused.resume_code, *rest]))
    broken = session.run("respond", "--plain", typed="\n".join([*half, ""]), code=130)
    session.run("drafts", "delete", typed=f"{broken.resume_code}\nyes\n")
    session.run("drafts", "delete", "--expired")


def _interviewers(session: Session, whole: bool) -> None:
    phone = ("interview", "--plain", "--mode", "phone", "--case", CASE)
    lines = [*_typed().until("size_class"), f":remark {TYPED}", ":pause", "1", "+3 14", ""]
    session.run(*phone, typed="\n".join(["1", *lines]))
    rest = _typed().until()[len(_typed().until("size_class")) :]
    session.run(*phone, typed="\n".join(["1", *rest, "submit", "noted", ""]))
    for output in ("table", "json", "csv") if whole else ("csv",):
        session.run("outcomes", "--format", output)
        session.run("cases", "--format", output)
        session.run("progress", "--format", output)
    session.place.write("sample.csv", "case,stratum\nDE-0043,north\nDE-0044,south\n")
    session.run("cases", "load", "sample.csv")
    session.place.write("passwd", "case,stratum\nplanted_mail@example.org,north\n")
    session.run("cases", "load", "passwd", code=2)
    session.run("cases", "share", "2", "shared")
    session.run("cases", "join", "shared/case-log-1.json", "shared/case-log-2.json")
    session.run("progress", "--format", "html", code=5)


def _staff(session: Session, whole: bool) -> None:
    # A paper questionnaire on which consent is refused.
    session.run("enter", "--plain", typed="2\nleave\n", code=130)
    # Nothing is sealed yet.
    session.run("texts", code=5)
    session.run("check")
    session.run("check", "--format", "json")
    session.run("seal")
    for output in ("table", "json", "csv", "markdown", "html") if whole else ("table", "html"):
        session.run("summary", "--format", output)
        session.run("summary", "--format", output, "--output", f"report-{output}")
    for by in ("org_role", "size_class") if whole else ():
        session.run("summary", "--plain", "--by", by)
    for output in ("table", "json"):
        session.run("collect", "responses", "--responses", "all", "--format", output)
    if os.name == "posix":
        # Only root can change the owner of a folder.
        session.run("drop", "handed-in", "--group", str(os.getgid()), code=session.code_of_drop)
    # Which of them are sealed is drawn, so perhaps fewer than ten can be hidden.
    session.run("export", "data", code=None)
    session.run("simulate", "20", "--seed", "3", "--responses", "trial")
    if whole:
        session.run("seal", "--responses", "trial")
        session.run("export", "trial-data", "--responses", "trial")
    session.run("check")


def _collecting(session: Session, _whole: bool) -> None:
    """Collect the responses of another machine twice; the second time, its files are removed."""
    brought = ("respond", "--answers", "-", "--responses", "stick")
    session.never(_receipt(session.run(*brought, typed=_paper("employer provides"))))
    session.run("collect", "stick", "--responses", "gathered")
    session.run("collect", "stick", "--responses", "gathered", "--move", "--format", "json")


def _withdrawals(session: Session, _whole: bool) -> None:
    last = session.run("respond", "--answers", "-", typed=_paper("employer provides"))
    session.never(_receipt(last))
    session.run("withdraw", typed=f"{_receipt(last)}\n")
    session.run("withdraw", typed=f"{_receipt(last)}\n", code=1)


def _encrypted(session: Session, _whole: bool) -> None:
    """Everything is encrypted: the secret key is in its file and nowhere else."""
    folder = session.place.folder
    keys = []
    for name in ("analyst", "escrow"):
        made = session.run("keys", "new", "--no-passphrase", f"{name}.key")
        keys.append(made.out.strip())
        secret = (folder / f"{name}.key").read_text(encoding="utf-8").splitlines()[-1]
        session.words.append(Planted(secret, frozenset({KEY})))
    (folder / "locked.toml").write_text(f"recipients = {json.dumps(keys)}\n", encoding="utf-8")
    settings = ("--fieldwork", "locked.toml")
    here = (*settings, "--responses", "locked")
    secrets = ("--identity", "analyst.key", "--identity", "escrow.key")
    session.run("keys", "check", *settings, *secrets)
    answered = session.run("respond", *here, "--answers", "-", typed=_paper("employer knows"))
    session.never(_receipt(answered))
    half = "\n".join([*_typed().until("mc_awarder"), ":pause", ""])
    paused = session.run("respond", "--plain", *here, typed=half)
    session.never(paused.resume_code)
    session.run("drafts")
    session.run("drafts", "delete", typed=f"{paused.resume_code}\nyes\n")
    session.run("check", *here, *secrets[:2])
    session.run("withdraw", *here, typed=f"{_receipt(answered)}\n")


def _errors(session: Session, _whole: bool) -> None:
    """Error messages contain no planted word."""
    session.run("drop", "dropped", "--group", "no_group_of_this_name", code=2)
    for change in ({"texts": {"nowhere": TYPED}}, {"answers": {"comments": TYPED}}):
        session.run(
            "respond", "--answers", "-", typed=json.dumps({"answers": {}, **change}), code=2
        )
    damaged = session.place.responses / DAMAGED
    damaged.write_text(f'{{"format": "{TYPED}"', encoding="utf-8")
    session.run("check", code=1)
    session.run("seal")
    damaged.unlink()


def _receipt(ran: Ran) -> str:
    """A receipt as displayed, in groups."""
    found = re.findall(r"eceipt: ([0-9A-Z-]{24})", ran.all)
    return found[-1] if found else "no receipt was shown"
