"""CPU time until programs show their first page, ours and others, in one interleaved run.

Each program is started in a pseudo-terminal or with pipes, and killed as soon as it has shown a
known text. Its CPU time (user and system) is that of the operating system, so waiting for a disk or
for other processes does not count. Others are measured if they are installed: Python packages in
the interpreter `--peers`, packages of npm in `--node-modules`. With `--instructions`, valgrind
counts the instructions of a plain start, and the exit code is 1 if there are too many; other load
on the machine does not change the count.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.places import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = (sys.executable, "-m", "microcred_cli")
MOST_INSTRUCTIONS = 12.0
CONTROL = re.compile(rb"\x1b\][^\x07]*\x07|\x1b[\[(][0-9;?>=]*[a-zA-Z]|\s")

SMALLEST_APP = """
import pydantic
import typer

class Answer(pydantic.BaseModel):
    text: str

app = typer.Typer()

@app.command()
def ask(plain: bool = False) -> None:
    {first}
    print(Answer(text={question}))

app()
"""
LINES = SMALLEST_APP.format(first='print("1. Yes")', question='input("Do you agree? ")')
PROMPTS = "import questionary\nfrom rich.console import Console\n" + SMALLEST_APP.format(
    first='Console().print("[bold]A page[/bold]")',
    question='questionary.select("Do you agree?", choices=["Yes", "No"]).ask()',
)
TEXTUAL = """
from textual.app import App
from textual.widgets import Label

class Page(App):
    def compose(self):
        yield Label("Do you agree?")

Page().run()
"""
INQUIRER = """
import { select } from "@inquirer/prompts";
await select({ message: "Do you agree?", choices: ["Yes", "No"] });
"""
AT_THE_FIRST_PAGE = """
import gc, os, sys
gc.freeze = lambda: os._exit(0)
from microcred_cli.__main__ import main
main()
"""
"""Ends the program when its first page is shown, before pydantic is loaded in the background."""


@dataclass
class Program:
    """A program, and the text (without spaces) by which its first page is recognised.

    Without a text, the program ends by itself.
    """

    name: str
    command: tuple[str, ...]
    shows: str = ""
    budget: str = ""
    terminal: bool = False
    folder: Path = Path()
    environment: dict[str, str] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)

    def run(self) -> float:
        """CPU seconds until the first page is shown."""
        controller, end = os.openpty() if self.terminal else os.pipe()
        # In a pipe, the program waits for its first answer.
        waiting, never = (end, -1) if self.terminal else os.pipe()
        with subprocess.Popen(
            self.command,
            stdin=waiting,
            stdout=end,
            stderr=end if self.terminal else subprocess.DEVNULL,
            cwd=self.folder,
            env={**os.environ, **self.environment},
            start_new_session=True,
        ) as program:
            os.close(end)
            self._read(controller)
            if self.shows:
                program.send_signal(signal.SIGKILL)
            _, status, used = os.wait4(program.pid, 0)
            program.returncode = os.waitstatus_to_exitcode(status)
        for descriptor in {controller, waiting, never} - {end, -1}:
            os.close(descriptor)
        return used.ru_utime + used.ru_stime

    def _read(self, controller: int) -> None:
        seen = b""
        while not self.shows or self.shows.encode() not in CONTROL.sub(b"", seen):
            try:
                chunk = os.read(controller, 65_536)
            except OSError:
                chunk = b""
            if not chunk:
                assert not self.shows, f"{self.name} ended before its first page: {seen!r}"
                return
            seen += chunk


def ours(folder: Path) -> Iterator[Program]:
    """The rows of this program."""
    state = folder / "state"
    checked(state)
    places = {"MICROCRED_STATE": str(state), "MICROCRED_RESPONSES": str(folder / "responses")}
    at = {"folder": folder, "environment": {**places, "TERM": "xterm-256color"}}

    def row(name: str, budget: str, *arguments: str, shows: str = "", **how: bool) -> Program:
        return Program(name, (*OURS, *arguments), shows, budget, **how, **at)  # type: ignore[arg-type]

    title, consent = "Mappingmicro-credentials", "Doyouwanttotakepart?"
    yield row("--help", "5", "--help")
    yield row("first question, plain", "9", "respond", "--plain", shows=consent)
    yield row("first page, rich", "15", "respond", "--language", "en", shows=title, terminal=True)
    subprocess.run(
        [*OURS, "simulate", "200", "--seed", "1", "--responses", str(folder / "sealed")],
        check=True,
        capture_output=True,
        env={**os.environ, **places},
    )
    yield row("the same summary again", "10", "summary", "--responses", str(folder / "sealed"))
    for count in (34, 3_400):
        file = folder / f"{count}.yaml"
        file.write_text(json.dumps(definition(count), indent=0), encoding="utf-8")
        arguments = ("respond", "--plain", "--questionnaire", str(file), "--responses", "long")
        budget = "" if count == 34 else "2 x that of 34 items"
        yield row(f"first question of {count:,} items", budget, *arguments, shows="Why?")


def definition(count: int) -> dict[str, object]:
    """A questionnaire with this number of items."""
    options = [{"code": code, "label": code.upper()} for code in "abcd"]
    item = {"kind": "single", "concept": "c", "required": "soft", "seconds": 9, "text": "Why?"}
    items = [{"id": f"q{number}", **item, "options": options} for number in range(count)]
    hello = [{"text": "Hello."}]
    return {
        "format": "microcred-questionnaire/1",
        "id": "long",
        "version": "1",
        "language": "en",
        "title": "Long",
        "short_title": "Long",
        "rights": "none",
        "background": {
            "written": [{"kind": "paragraph", "sentences": hello}],
            "read_aloud": hello,
        },
        "sections": [{"id": "one", "label": "One", "items": items}],
    }


def others(folder: Path, peers: str, modules: Path | None) -> Iterator[Program]:
    """The rows of other programs that are installed."""

    def script(name: str, text: str) -> str:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    asked = {"shows": "Doyouagree?", "folder": folder, "environment": {"TERM": "xterm-256color"}}
    lines, prompts = script("smallest_lines.py", LINES), script("smallest_prompts.py", PROMPTS)
    yield Program(
        "smallest app: typer, pydantic, input()",
        (sys.executable, lines),
        **asked,  # type: ignore[arg-type]
    )
    asked["terminal"] = True
    yield Program("smallest app: the four packages", (sys.executable, prompts), **asked)  # type: ignore[arg-type]
    beside = Path(peers).parent
    if (beside / "copier").exists():
        template = folder / "template"
        template.mkdir()
        (template / "copier.yml").write_text("agree:\n  type: str\n  help: Do you agree?\n")
        command = (str(beside / "copier"), "copy", str(template), str(folder / "made"))
        yield Program("copier", command, **asked)  # type: ignore[arg-type]
    if (beside / "cz").exists() and shutil.which("git"):
        repository = folder / "repository"
        subprocess.run(["git", "init", "-q", str(repository)], check=True)
        (repository / "file").touch()
        subprocess.run(["git", "add", "file"], check=True, cwd=repository)
        where = {"shows": "Selectthetypeofchange", "folder": repository}
        yield Program("commitizen", (str(beside / "cz"), "commit"), **asked | where)  # type: ignore[arg-type]
    if subprocess.run([peers, "-c", "import textual"], check=False, capture_output=True).returncode:
        return
    yield Program("Textual", (peers, script("page.py", TEXTUAL)), **asked)  # type: ignore[arg-type]
    if modules is not None and shutil.which("node"):
        (folder / "node_modules").symlink_to(modules.resolve())
        yield Program("@inquirer/prompts", ("node", script("ask.mjs", INQUIRER)), **asked)  # type: ignore[arg-type]


def instructions(folder: Path, *command: str) -> int:
    """The number of instructions that a Python command executes, counted by valgrind."""
    environment = {"PYTHONHASHSEED": "0", "MICROCRED_STATE": str(folder / "state")}
    counter = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
    done = subprocess.run(
        [*counter, sys.executable, "-c", *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, **environment, "MICROCRED_RESPONSES": str(folder / "responses")},
    )
    found = re.search(r"I\s+refs:\s+([0-9,]+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1].replace(",", ""))


def too_many_instructions(folder: Path) -> bool:
    """Print the instructions of a plain start; True if there are more than the budget allows."""
    checked(folder / "state")
    plain = (AT_THE_FIRST_PAGE, "respond", "--plain")
    instructions(folder, *plain)  # The first start creates the folders.
    bare, started = instructions(folder, "pass"), instructions(folder, *plain)
    ratio = started / bare
    print(f"instructions of a plain start: {started:,} = {ratio:.1f} x bare Python ({bare:,})")
    print(f"budget: {MOST_INSTRUCTIONS:g} x")
    return ratio > MOST_INSTRUCTIONS


def race(programs: list[Program], runs: int) -> None:
    """Run all programs in turn, and print the medians."""
    for program in programs:
        program.run()
    for _ in range(runs):
        for program in programs:
            program.taken.append(program.run())
    bare = statistics.median(programs[0].taken)
    print("| until the first page | CPU, ms | x bare Python | budget |")
    print("| --- | --- | --- | --- |")
    for program in programs:
        taken = statistics.median(program.taken)
        print(f"| {program.name} | {taken * 1000:.0f} | {taken / bare:.1f} | {program.budget} |")


def main() -> int:
    """Run the measurements; returns the exit code."""
    # Without the cache of compiled modules, Python would compile the programs at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the others")
    parser.add_argument("--node-modules", type=Path, help="a folder that has @inquirer/prompts")
    parser.add_argument("--instructions", action="store_true", help="only count instructions")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.instructions:
            return too_many_instructions(folder)
        bare = Program("bare Python", (sys.executable, "-c", "pass"), folder=folder)
        found = others(folder, options.peers, options.node_modules)
        race([bare, *ours(folder), *found], options.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
