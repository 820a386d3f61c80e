"""Interviews disturbed by faults, and the conditions that must hold on the disk afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from microcred_cli.errors import StoreError
from microcred_cli.interview import Finished, Interview
from microcred_cli.interview.loop import records_of
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Open
from microcred_cli.records.receipts import show
from microcred_cli.session.restore import interview_of
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.folder import Responses
from microcred_cli.store.layout import Kind
from tests.cli.program import ROUTES, Place
from tests.faults.tracing import (
    CALLS,
    DID_NOT_HAPPEN,
    IN_ONE_THREAD,
    KILLED,
    Fault,
    Traced,
    calls_of,
    traced,
)
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from microcred_cli.interview import Step
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Draft, Response
    from tests.cli.program import Ran
    from tests.faults.tracing import Called

BUILT_IN: Final = "mc_employers"
ROUTE: Final = "representative unaware"
SHORT: Final = """
    id: cafe
    title: A café
    rights: Everyone's
    items:
      - {id: drink, options: [other+, tea, coffee], missing: [dk]}
      - {id: size, options: [small, large]}
      - {id: sugar, options: [none, some]}
      - {id: why, kind: open, required: optional}
"""
"""Short, so that a test has time to disturb each of its system calls."""

NAMES: Final = {
    "ENOSPC": "disk is full",
    "EDQUOT": "disk quota",
    "EFBIG": "be larger",
    "EIO": "reported an error",
    "EACCES": "permission to read or write",
    "EROFS": "read-only",
    "EMFILE": "Too many files are open",
    "EBUSY": "busy",
}
"""The words of the error message for each error number."""

_DONE: Final = "Your answers have been handed in."


@contextlib.contextmanager
def working_in(place: Place, apart: Path) -> Iterator[None]:
    """Work with the folders of a place, from another working directory, without user settings."""
    kept, at = dict(os.environ), os.open(".", os.O_RDONLY)
    for name in list(os.environ):
        if name.startswith("MICROCRED") or name in ("ACCESSIBLE", "NO_COLOR"):
            del os.environ[name]
    os.environ["MICROCRED_STATE"] = str(place.state)
    os.environ["MICROCRED_RESPONSES"] = str(place.responses)
    place.folder.mkdir(parents=True, exist_ok=True)
    os.chdir(apart)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
        os.fchdir(at)
        os.close(at)


@dataclass(frozen=True)
class Script:
    """Answers to each question of a questionnaire: the first option, or a fixed text."""

    source: str
    from_file: bool = False
    """True if the answers are read from a file, without a draft."""

    @cached_property
    def loaded(self) -> Loaded:
        return load(self.source)

    @property
    def is_shuffled(self) -> bool:
        """True if the order of questions and options differs between interviews."""
        return self.source == BUILT_IN

    def value(self, step: Step) -> Any:
        role, involvement = ROUTES[ROUTE]
        if self.source == BUILT_IN and step.key in ("consent", "org_role", "involvement"):
            return {"consent": "yes", "org_role": role, "involvement": involvement}[step.key]
        if step.asks == "text":
            return f"Words on {step.item.id}"
        if step.asks == "number":
            return getattr(step.item, "minimum", 0) + 7
        return [step.options[0].code] if step.asks == "some" else step.options[0].code

    def lines(self, interview: Interview) -> list[str]:
        """The lines to type from here on, until the receipt is noted."""
        typed = []
        while (step := interview.step) is not None:
            value = self.value(step)
            typed.append(_line(step, value))
            interview = interview.answer(value)
        return [*typed, "submit", "noted", ""]

    @cached_property
    def begun(self) -> Interview:
        return Interview.begin(self.loaded.questionnaire, seed=0, spoken=self.loaded.languages)

    @cached_property
    def finished(self) -> Interview:
        """The completed interview, except for the order of shuffled lists."""
        interview = self.begun
        while (step := interview.step) is not None:
            interview = interview.answer(self.value(step))
        return interview

    @cached_property
    def keys(self) -> list[str]:
        """The keys of the questions in order."""
        return list(self.finished.given)

    def sheet(self) -> str:
        """The answers as JSON, in the format of `--answers`."""
        items = self.loaded.questionnaire.by_id
        answers = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in self.finished.answers.items()
            if not isinstance(items[key], Open) and value != "not_asked"
        }
        return json.dumps({"answers": answers, "texts": dict(self.finished.texts)}, default=dict)


def _line(step: Step, value: Any) -> str:
    if step.asks in ("text", "number"):
        return str(value)
    code = value[0] if isinstance(value, list) else value
    codes = [option.code for option in step.options]
    return str(codes.index(code) + 1) if code in codes else f":{code}"


def short_script(folder: Path, *, from_file: bool = False) -> Script:
    """A script for the short questionnaire."""
    path = folder / "cafe.yaml"
    path.write_text(questionnaire_of(SHORT).model_dump_json(exclude_none=True))
    return Script(str(path), from_file)


@dataclass
class Disturbed:
    """Interviews of one script in one place, each disturbed at one system call.

    `apart` is a folder for files that must not be among the interviews' files; `program` is the
    program or a mutant.
    """

    place: Place
    script: Script
    apart: Path
    program: Sequence[str] = IN_ONE_THREAD
    happened: int = 0
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def folders(self) -> tuple[Path, Path]:
        return self.place.state, self.place.responses

    @property
    def responses(self) -> Responses:
        """The responses folder, with any keys needed to read it."""
        return Responses(self.place.responses)

    @property
    def options(self) -> tuple[str, ...]:
        """The options of a new interview."""
        return ("--language", "en", "--questionnaire", self.script.source)

    def calls(self) -> list[Called]:
        """The system calls of an undisturbed interview."""
        # A first run creates the caches and checks the questionnaire.
        if not self.place.state.exists():
            self.run("trace=fsync", quick=True)
        self.clear()
        ran = self.run(f"trace={CALLS}", quick=True)
        assert ran.code == 0, ran.said
        return calls_of(ran.trace, *self.folders)

    def clear(self) -> None:
        """Remove all answers from the folders, as before the first interview."""
        state = self.place.state
        for folder in (self.place.responses, state / "drafts", state / "definitions"):
            shutil.rmtree(folder, ignore_errors=True)

    def run(self, *expressions: str, quick: bool = False) -> Traced:
        """Run an interview under strace until it ends or the fault occurs."""
        more = [*self.options]
        typed = "\n".join(self.script.lines(self.script.begun))
        if self.script.from_file:
            typed = self.script.sheet()
            more += ["--answers", "-"]
        else:
            more += ["--plain"]
        environment = {"MICROCRED_DEBUG": ""}
        command = [*self.program, "respond", *more]
        return traced(
            command,
            *expressions,
            folder=self.place.folder,
            apart=self.apart,
            typed=typed,
            environment=environment,
            quick=quick,
        )

    def attempt(self, fault: Fault) -> list[str]:
        """The problems after a fault, and after the next run; empty if there are none."""
        self.clear()
        self.settle()
        ran = self.run(f"trace={fault.call}", fault.injected, quick=fault.what != KILLED)
        self.cut()
        return list(self.judge(ran, fault))

    def settle(self) -> None:
        """Hook called before each disturbed run."""

    def cut(self) -> None:
        """Hook called after each disturbed run, before its result is examined."""

    def judge(self, ran: Traced, fault: Fault) -> Iterator[str]:
        """The problems after a disturbed run."""
        was_killed = fault.what == KILLED
        touched = any(str(folder) in line for line in ran.hit for folder in self.folders)
        if not (ran.code in (-9, 137) if was_killed else touched):
            yield DID_NOT_HAPPEN
            return
        self.happened += 1
        how = KILLED if was_killed else f"code {ran.code}"
        self.codes[how] = self.codes.get(how, 0) + 1
        if "Traceback" in ran.said or "bug in microcred" in ran.said:
            yield f"internal error: {ran.said[-300:]}"
        if not was_killed and ran.code not in (0, 4, 130):
            yield f"exit code {ran.code}"
        if ran.code == 4 and NAMES[fault.what] not in " ".join(ran.said.split()):
            yield f"the message does not explain the cause: {ran.said[-300:]}"
        yield from self.inspect(ran)
        yield from self.finish(killed=was_killed)

    def inspect(self, ran: Traced) -> Iterator[str]:
        """The problems on the disk after a disturbed run."""
        yield from self._torn()
        stored = self._stored()
        if is_said_done(ran) and len(stored) != 1:
            yield f"reported as submitted, with {len(stored)} responses stored"
        if ran.code == 0 and len(stored) != 1:
            yield "exit code 0, but no response is stored"
        if len(stored) > 1:
            yield "two responses"
        if not stored and not self.script.from_file:
            said = ran.out.count("\nAnswer: ") - ran.said.count("Not saved yet")
            given = [draft.given for draft in self._drafts()]
            kept = max((len(each) for each in given), default=0)
            if kept < said:
                yield f"{said} answers were acknowledged, but {kept} are in the draft"
            in_order = (list(each) == self.script.keys[: len(each)] for each in given)
            if not self.script.is_shuffled and not all(in_order):
                yield "the answers in the draft differ from those given"

    def _torn(self) -> Iterator[str]:
        for folder in self.folders:
            for path in sorted(folder.rglob("*.json")):
                try:
                    json.loads(path.read_bytes())
                except ValueError:
                    yield f"{path.name} is truncated"
        for path in self._stored():
            yield from self._partial(path)

    def _partial(self, path: Path) -> Iterator[str]:
        try:
            response = self.responses.read(path)
        except StoreError as error:
            yield f"the response is damaged: {error.message}"
            return
        if response.status != "complete" or list(response.answers) != self._answered:
            yield "the response is incomplete"
        stored = [*self.responses.files(Kind.TEXT)]
        if len(stored) < self._texts:
            yield f"{len(stored)} of {self._texts} texts are stored"

    @cached_property
    def _model(self) -> tuple[Response, int]:
        """The expected response, apart from ids and times, and the expected number of texts."""
        finished = Finished(self.script.finished, "complete")
        response, texts = records_of(self.script.loaded, finished, "0" * 19, None, None)
        return response, len(texts)

    @property
    def _answered(self) -> list[str]:
        return list(self._model[0].answers)

    @property
    def _texts(self) -> int:
        return self._model[1]

    def _stored(self) -> list[Path]:
        return [*self.responses.files()] if self.place.responses.is_dir() else []

    def codes_known(self) -> list[str]:
        """The resume codes, without separators, that people know."""
        return Drafts(self.place.state).codes()

    def _drafts(self) -> list[Draft]:
        drafts = Drafts(self.place.state)
        found = []
        for code in self.codes_known():
            with contextlib.suppress(StoreError):
                found.append(drafts.load(code))
        return found

    def finish(self, *, killed: bool = False) -> Iterator[str]:
        """The problems after the next run, which is undisturbed and must reach the end.

        The next run resumes the draft if there is one; otherwise it starts a new interview, unless
        the response is stored. If a run is killed while it stores a file of answers, no draft
        contains the receipt, so texts that are already stored remain in addition to those of the
        next run.
        """
        for draft in self._drafts():
            lines = ["noted", ""]
            if not draft.stored:  # Once the response is stored, a draft has only the receipt.
                try:
                    interview = interview_of(draft, self.script.loaded)
                except StoreError as error:
                    yield f"the draft is damaged: {error.message}"
                    continue
                if draft.closing is None:
                    lines = self.script.lines(interview)
            yield from self._again("resume", "--plain", lines=[show(draft.code), *lines])
        if not self._stored():
            lines = self.script.lines(self.script.begun)
            yield from self._again("respond", "--plain", *self.options, lines=lines)
        yield from self._torn()
        if len(self._stored()) != 1:
            yield f"{len(self._stored())} responses at the end"
        texts = [*self.responses.files(Kind.TEXT)]
        if len(texts) != self._texts and not (killed and self.script.from_file):
            yield f"{len(texts)} texts at the end"
        if [*(self.place.state / "drafts").glob("*.json")]:
            yield "a draft is left at the end"
        if not self.script.is_shuffled and not self._has_model_answers():
            yield "the answers in the response differ from those given"

    def _has_model_answers(self) -> bool:
        with contextlib.suppress(StoreError):
            read = [self.responses.read(path) for path in self._stored()]
            return [response.answers for response in read] == [self._model[0].answers]
        return False

    def _again(self, *arguments: str, lines: Sequence[str]) -> Iterator[str]:
        ran: Ran = self.place.run(*arguments, typed="\n".join(lines))
        if ran.code != 0:
            yield f"the next run: {ran.code} {ran.all[-300:]}"


def is_said_done(ran: Traced) -> bool:
    """True if the screen says that the answers are submitted, or if a path was printed."""
    return _DONE in " ".join(ran.out.split()) or bool(re.search(r"^/.*\.json$", ran.out, re.M))
