"""A disk that fills up while a respondent answers at a real terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import pexpect

from microcred_cli.errors import StoreError
from microcred_cli.records.recoding import detached
from microcred_cli.store.folder import Responses
from microcred_cli.store.layout import Kind
from tests.cli.program import Place
from tests.faults.disks import disk_of
from tests.faults.interviews import working_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.interviews import Script

_PATIENCE: Final = 30.0
_AT_A_PROMPT: Final = r": \Z"


class Person:
    """A person who uses plain mode; methods return the output since the last typed line."""

    def __init__(self, script: Script) -> None:
        command = ["-m", "microcred_cli", "respond", "--plain", "--language", "en"]
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
        self.child = pexpect.spawn(
            sys.executable,
            [*command, "--questionnaire", script.source],
            dimensions=(50, 200),
            timeout=_PATIENCE,
            env=environment,
            encoding="utf-8",
        )
        self.child.delaybeforesend = None
        self._wait()

    def type(self, line: str) -> str:
        """Type a line, and wait for the next prompt or the end; returns the output."""
        self.child.sendline(line)
        return self._wait()

    def end(self) -> int:
        """Wait for the program to end; returns its exit code."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus or 0)

    def _wait(self) -> str:
        self.child.expect([_AT_A_PROMPT, pexpect.EOF])
        return " ".join(str(self.child.before).split())


def fill_meanwhile(script: Script, apart: Path, kind: str, *, again: bool) -> Iterator[str]:
    """Fill the disk once after the first answer, or (`again`) after every answer; yields problems.

    If the disk is filled once, the interview continues normally. If it is filled repeatedly, the
    reserve is used up: the program reports it, and the person submits the answers to another
    folder.
    """
    elsewhere = apart / f"elsewhere-{kind}"
    with disk_of(kind) as disk:
        place = Place(disk.folder / "work")
        with working_in(place, apart):
            person = Person(script)
            try:
                yield from _lead(person, script, disk.fill, str(elsewhere) if again else "")
            finally:
                person.child.close(force=True)
        yield from _kept(script, elsewhere if again else place.responses)


def _lead(
    person: Person, script: Script, fill: Callable[[], None], elsewhere: str
) -> Iterator[str]:
    *lines, submit, _noted, _ = script.lines(script.begun)
    told = False
    for place, line in enumerate(lines):
        said = person.type(line)
        while "Not saved yet" in said:
            told = True
            said = person.type("1")
        if elsewhere or place == 0:
            fill()
    said = person.type(submit)
    if elsewhere:
        if "could not be handed in" not in said:
            yield f"no message that submitting failed: {said[-200:]}"
        person.type("2")
        said = person.type(elsewhere)
        if f"Saved in this folder: {elsewhere}" not in said:
            yield f"no message with the folder: {said[-200:]}"
    elif told:
        yield "the reserve was too small"
    if "have been handed in" not in said:
        yield f"nothing was submitted: {said[-200:]}"
        return
    person.child.sendline("noted")
    if (code := person.end()) != 0:
        yield f"exit code {code}"


def _kept(script: Script, folder: Path) -> Iterator[str]:
    responses = Responses(folder)
    try:
        (path,) = responses.files()
        answers = responses.read(path).answers
        texts = [responses.read_text(path).text for path in responses.files(Kind.TEXT)]
    except (StoreError, ValueError) as error:
        yield f"no complete response: {error}"
        return
    said = {key: tuple(each) if isinstance(each, list) else each for key, each in answers.items()}
    items = script.loaded.questionnaire.by_id
    answered = script.finished.answers.items()
    if said != {key: detached(items[key], answer) for key, answer in answered}:
        yield f"the stored answers differ: {said}"
    if sorted(texts) != sorted(script.finished.texts.values()):
        yield f"the stored texts differ: {texts}"
