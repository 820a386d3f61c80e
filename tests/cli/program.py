"""Runs the program for tests, with answers from a file or typed line by line."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from microcred_cli.__main__ import run
from microcred_cli.interview import Interview
from microcred_cli.questionnaire.models import Integer, Matrix, Multiple, Open, Ranking
from microcred_cli.questionnaire.values import NOT_ASKED, NOT_REACHED
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, parse
from tests.scenario import builtin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from microcred_cli.interview import Step

ROUTES: dict[str, tuple[str, list[str] | str]] = {
    "employer provides": ("employer", ["awards"]),
    "employer knows": ("employer", ["uses", "informs"]),
    "employer unaware": ("employer", ["not_aware"]),
    "representative provides": ("representative", ["teaches", "informs"]),
    "representative knows": ("representative", ["knows_only"]),
    "representative unaware": ("representative", ["not_aware"]),
    "representative unknown": ("representative", "dk"),
}
"""The routes: the respondent's role, and the organisation's relation to micro-credentials."""

Sheet = dict[str, Any]
"""A file of answers: `answers`, and `texts` if any text was typed."""


@dataclass(frozen=True)
class Ran:
    """The result of a run of the program."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    @property
    def receipt(self) -> str:
        """The receipt that was shown, as a bare code."""
        lines = [line for line in self.all.splitlines() if "eceipt: " in line]
        return parse(lines[-1].rpartition("eceipt: ")[2], RECEIPT_SYMBOLS)

    @property
    def resume_code(self) -> str:
        """The resume code that was shown."""
        line = next(line for line in self.all.splitlines() if "   code: " in line)
        return line.rpartition("code: ")[2]


@dataclass(frozen=True)
class Place:
    """The folders in which the program works."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def responses(self) -> Path:
        return self.folder / "responses"

    @property
    def drafts(self) -> list[Path]:
        return sorted((self.state / "drafts").glob("*.json"))

    @property
    def draft(self) -> dict[str, Any]:
        (path,) = self.drafts
        return dict(json.loads(path.read_text(encoding="utf-8")))

    @property
    def files(self) -> list[Path]:
        """The response files."""
        return sorted(p for p in self.responses.glob("*.json") if p.name != "folder.json")

    @property
    def texts(self) -> list[Path]:
        return sorted((self.responses / "texts").glob("*.json"))

    @property
    def response(self) -> dict[str, Any]:
        """The only response."""
        (path,) = self.files
        return dict(json.loads(path.read_text(encoding="utf-8")))

    @property
    def typed(self) -> dict[str, str]:
        """The stored texts, by item."""
        read = [json.loads(path.read_text(encoding="utf-8")) for path in self.texts]
        return {text["item"]: text["text"] for text in read}

    def write(self, name: str, content: object) -> str:
        """Write a file in the working folder; returns its path."""
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            shown = content if isinstance(content, str) else json.dumps(content)
            path.write_text(shown, encoding="utf-8")
        return str(path)

    def run(self, *arguments: str, typed: str | bytes = "") -> Ran:
        """Run the program in this process, without a terminal."""
        data = typed if isinstance(typed, bytes) else typed.encode()
        source = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
        # Line ends are the same on all systems.
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in range(2))
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(sys, "stdin", source))
            stack.enter_context(mock.patch.object(sys, "argv", ["microcred", *arguments]))
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            try:
                code = run()
            except SystemExit as leaving:
                code = leaving.code if isinstance(leaving.code, int) else 1
        return Ran(code, _written(out), _written(err))

    def answer(self, sheet: object, *arguments: str) -> Ran:
        """Run `respond --answers` with this file of answers."""
        return self.run("respond", "--answers", self.write("sheet.json", sheet), *arguments)

    def simulate(self, count: int, *arguments: str, seed: int = 1) -> Ran:
        """Run `simulate` for the responses folder."""
        words = ("simulate", str(count), "--seed", str(seed), *arguments)
        return self.run(*words, "--responses", str(self.responses))

    def spawn(
        self,
        *arguments: str,
        typed: str | bytes = "",
        before: Iterable[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run the program in a separate process, optionally prefixed with the command `before`."""
        if before and sys.platform == "win32":
            pytest.skip("Windows has no shell of POSIX")
        done = subprocess.run(
            [*before, sys.executable, "-m", "microcred_cli", *arguments],
            input=typed if isinstance(typed, bytes) else typed.encode(),
            capture_output=True,
            cwd=self.folder,
            env={**os.environ, **(environment or {})},
            check=False,
            timeout=60,
        )
        out, err = (said.decode().replace(os.linesep, "\n") for said in (done.stdout, done.stderr))
        return Ran(done.returncode, out, err)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8", "surrogateescape")


# -- answers from a file --------------------------------------------------------------------------


def sheet(route: str = "employer provides", /, **instead: object) -> Sheet:
    """A complete file of answers on a route; keyword arguments replace individual answers.

    Each typed text contains the name of its item, so that a test can find it anywhere.
    """
    made = copy.deepcopy(_sheet(route))
    made["answers"].update(instead)
    return made


@cache
def _sheet(route: str) -> Sheet:
    role, involvement = ROUTES[route]
    interview = Interview.begin(builtin())
    while (step := interview.step) is not None:
        fixed = {"consent": "yes", "org_role": role, "involvement": involvement}
        interview = interview.answer(fixed.get(step.item.id, _answer(step)))
    answers = {
        item: _json(answer)
        for item, answer in interview.answers.items()
        if answer != NOT_ASKED and item not in interview.texts
    }
    return {"answers": answers, "texts": dict(interview.texts)}


def _json(answer: object) -> object:
    if isinstance(answer, tuple):
        return list(answer)
    return answer if isinstance(answer, str | int) else dict(answer)  # type: ignore[call-overload]


def _answer(step: Step) -> object:
    """The first option of a list, with a text if the option asks for one."""
    if step.asks == "text":
        return f"Words on {step.item.id}"
    if isinstance(step.item, Integer):
        return step.item.minimum + 7
    if isinstance(step.item, Multiple):
        return [_with_text(step) or step.options[0].code]
    return step.options[0].code


def _with_text(step: Step) -> str | None:
    return next((o.code for o in step.options if o.specify and step.item.id == "terms_used"), None)


def cut(whole: Sheet, item: str, *, row: str | None = None) -> Sheet:
    """The same file of answers, with `not_reached` from an item (or a row of it) on."""
    made = copy.deepcopy(whole)
    ids = [each.id for each in builtin().items]
    for later in ids[ids.index(item) :]:
        made["texts"] = {k: v for k, v in made["texts"].items() if k.partition(".")[0] != later}
        if row is not None and later == item:
            rows = list(made["answers"][item])
            for unreached in rows[rows.index(row) :]:
                made["answers"][item][unreached] = NOT_REACHED
        elif later in made["answers"] or later in whole["texts"]:
            made["answers"][later] = NOT_REACHED
    return made


# -- line by line ----------------------------------------------------------------------------------


@dataclass
class Lines:
    """The lines that a person types in plain mode, independent of the order of shuffled lists.

    The first option of a list is chosen, except for the steps in `instead` (by key); the items in
    `unknown` are answered with "don't know".
    """

    route: str = "employer provides"
    instead: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def until(self, key: str | None = None) -> list[str]:
        """The lines up to the step with this key, or to the review."""
        typed = []
        for step, line in _walked(self.route, self.unknown):
            if step == key:
                break
            typed.append(self.instead.get(step, line))
        return typed

    def whole(self) -> str:
        """All lines from the first question until the respondent has noted the receipt."""
        return "\n".join([*self.until(), "submit", "noted", ""])


@cache
def _walked(route: str, unknown: frozenset[str]) -> list[tuple[str, str]]:
    """The keys of the steps on a route, with the line typed at each."""
    role, involvement = ROUTES[route]
    fixed: dict[str, tuple[object, str]] = {
        "consent": ("yes", "1"),
        "org_role": (role, "1" if role == "employer" else "2"),
        "involvement": (involvement, _numbers("involvement", involvement)),
    }
    found = []
    interview = Interview.begin(builtin())
    while (step := interview.step) is not None:
        value, line = fixed[step.key] if step.key in fixed else _line(step)
        if step.item.id in unknown:
            value, line = "dk", ":dk"
        found.append((step.key, line))
        interview = interview.answer(value)
    return found


def _numbers(item: str, codes: list[str] | str) -> str:
    if isinstance(codes, str):
        return f":{codes}"
    options = [option.code for option in builtin().options(builtin().by_id[item])]
    return ", ".join(str(options.index(code) + 1) for code in codes)


def _line(step: Step) -> tuple[object, str]:
    if isinstance(step.item, Open):
        return f"Words on {step.item.id}", f"Words on {step.item.id}"
    if isinstance(step.item, Integer):
        return step.item.minimum + 7, str(step.item.minimum + 7)
    if isinstance(step.item, Multiple):
        return [step.options[0].code], "1"
    if isinstance(step.item, Ranking):
        return step.options[0].code, str(step.number)
    if isinstance(step.item, Matrix) or step.asks == "one":
        return step.options[0].code, "1"
    raise AssertionError(step.key)


def receipt_name(receipt: str, item: str | None = None) -> str:
    """The file name of a response or a text, derived by the documented formula."""
    parts = ["microcred-response/1"] if item is None else ["microcred-text/1", item]
    return hashlib.sha256("\n".join([*parts, receipt]).encode()).hexdigest()[:32]
