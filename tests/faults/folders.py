"""A folder that is sealed, withdrawn from or collected into, and what must hold in it after."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from microcred_cli.codes import RECEIPT_SYMBOLS, response_id, show, text_id
from microcred_cli.questionnaire.loading import load
from microcred_cli.recoding import stored
from microcred_cli.records import QuestionnaireRef
from microcred_cli.simulation import simulate
from microcred_cli.store.disk import STILL
from microcred_cli.store.responses import Responses
from microcred_cli.store.sealed import Sealed, mark_of
from microcred_cli.summary.counts import Counter as Counting
from tests.faults.tracing import (
    CALLS,
    DID_NOT_HAPPEN,
    KILLED,
    PROGRAM,
    calls_of,
    deaths,
    errors,
    traced,
)
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.simulation import Invented
    from tests.cli.program import Place, Ran
    from tests.faults.tracing import Fault, Traced

_ID: Final = r"[0-9a-f]{32}"
_FILES: Final = re.compile(
    rf"({_ID}|folder|figures|counts|last-seal)\.json|withdrawn|\.lock"
    rf"|texts/{_ID}\.json|sealed/{_ID}\.jsonl|sealed/texts/[a-z_.]+\.jsonl"
)
_MAY_NAME_RESPONSES: Final = re.compile(rf"{_ID}\.json|sealed/{_ID}\.jsonl")
_MAY_NAME_TEXTS: Final = re.compile(rf"texts/{_ID}\.json|sealed/texts/.+")


# -- the folders -----------------------------------------------------------------------------------


CAFE: Final = """
    id: cafe
    title: A café
    rights: Everyone's
    items:
      - {id: drink, options: [tea, coffee, other+], missing: [dk]}
      - {id: why, kind: open, required: optional}
"""
"""Short, so that its figures are made quickly and thousands of runs can be tried."""


@dataclass(frozen=True)
class Work:
    """What changes a folder: how it is made ready, and who is withdrawn if somebody is.

    One that `collects` brings in what stands in another folder.
    """

    ready: Callable[[Crowd], None]
    withdrawn: int | None = None
    collects: bool = False
    is_short: bool = True
    """Whether the questionnaire is a short one, or the built-in one."""


@dataclass(frozen=True)
class Crowd:
    """People who answer a questionnaire in one folder."""

    place: Place
    definition: str
    item: str
    """The open item that they all answer."""

    @cached_property
    def loaded(self) -> Loaded:
        return load(self.definition)

    @cached_property
    def people(self) -> list[Invented]:
        """Synthetic responses with a text, those with more texts first."""
        questionnaire = self.loaded.questionnaire
        ref = QuestionnaireRef(
            id=questionnaire.id, version=questionnaire.version, sha256=self.loaded.sha256
        )
        made = simulate(stored(questionnaire), ref, 1500 if self.item == "why" else 600, 1)
        with_text = [one for one in made if any(text.item == self.item for text in one.texts)]
        return sorted(with_text, key=lambda one: -len(one.texts))

    @property
    def source(self) -> Path:
        """The folder to collect from."""
        return self.place.folder / "anna"

    def fill(self, numbers: Iterable[int], into: Path | None = None) -> None:
        """Store the responses with these numbers, which have the receipts with them."""
        folder = Responses(into or self.place.responses)
        folder.prepare(self.loaded.questionnaire.id, synthetic=True)
        for number in numbers:
            own, one = receipt(number), self.people[number]
            texts = [t.model_copy(update={"text_id": text_id(own, t.item)}) for t in one.texts]
            folder.store(one.response.model_copy(update={"response_id": response_id(own)}), texts)

    def seal(self) -> Ran:
        return self.place.run(*self.sealing)

    @property
    def sealing(self) -> tuple[str, ...]:
        return ("seal", "--questionnaire", self.definition)

    def ids_of(self, number: int) -> tuple[str, ...]:
        """The id of the person's response, then those of the texts."""
        own = receipt(number)
        texts = (text_id(own, text.item) for text in self.people[number].texts)
        return response_id(own), *texts

    def counted(self, sealed: Iterable[str]) -> object:
        """The counts of sealed responses, made here."""
        counter = Counting(stored(self.loaded.questionnaire))
        for record in map(json.loads, sealed):
            if "answers" in record:
                counter.add(record["answers"])
        return {self.loaded.sha256: counter.counts.to_object()}


def receipt(number: int) -> str:
    return f"{number:0{RECEIPT_SYMBOLS}d}"


def first_seal(crowd: Crowd) -> None:
    crowd.fill(range(11))


def merge(crowd: Crowd) -> None:
    """Sealed files with their pool, one of which is merged next, and more that wait."""
    for numbers in (range(24), range(24, 34)):
        crowd.fill(numbers)
        assert crowd.seal().code == 0
    crowd.fill(range(34, 45))


def withdrawal(crowd: Crowd) -> None:
    """A response whose line and one text are sealed, while another text waits."""
    crowd.fill(range(11))
    assert crowd.seal().code == 0
    assert len(crowd.people[0].texts) > 1


def collection(crowd: Crowd) -> None:
    """Some that are here already, and more in another folder, with some of them again."""
    crowd.fill(range(4))
    crowd.fill(range(2, 13), crowd.source)


WORKS: Final = {
    "first seal": Work(first_seal),
    "merge": Work(merge),
    "withdrawal": Work(withdrawal, withdrawn=0, is_short=False),
    "collection": Work(collection, collects=True),
}


# -- what stands in them ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Stood:
    """How often each record stood in a folder by its content, and which are sealed."""

    records: Counter[str]
    sealed: frozenset[str]


def stood(folder: Path) -> Stood:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    of_records = [n for n in names if re.fullmatch(rf"(texts/)?{_ID}\.json|sealed/.+\.jsonl", n)]
    records: Counter[str] = Counter()
    sealed: set[str] = set()
    for name in of_records:
        if name.startswith("sealed/"):
            lines = [_compact(line) for line in (folder / name).read_text().splitlines()]
            records.update(lines)
            sealed |= {*lines}
        else:
            records[_compact((folder / name).read_text())] += 1
    return Stood(records, frozenset(sealed))


def _compact(record: str) -> str:
    return json.dumps(json.loads(record))


def without(records: Counter[str], ids: Iterable[str]) -> Counter[str]:
    """Those that have none of these ids."""
    left = (record for record in records if not any(each in record for each in ids))
    return Counter({record: records[record] for record in left})


def counts_in(folder: Path) -> object:
    return json.loads((folder / "counts.json").read_text())["counts"]


def figures_in(folder: Path) -> object:
    seals = json.loads((folder / "figures.json").read_text())["seals"]
    return [seal["figures"] for seal in seals.values()]


def tell_tales(crowd: Crowd, withdrawn: int | None) -> Iterator[str]:
    """Where an id, a count or a time stands that must not."""
    place = crowd.place
    ids = [crowd.ids_of(number) for number in range(45 if crowd.item == "why" else 11)]
    responses = {own for own, *_ in ids}
    texts = {each for _, *typed in ids for each in typed}
    gone = set() if withdrawn is None else {*ids[withdrawn], receipt(withdrawn)}
    for path in (*place.responses.rglob("*"), *place.state.rglob("*")):
        if path.is_dir():
            continue
        is_here = path.is_relative_to(place.responses)
        name = path.relative_to(place.responses).as_posix() if is_here else "state"
        found = {*re.findall(_ID, path.read_text() + path.name)}
        if is_here and not _FILES.fullmatch(name):
            yield f"{name} is no file of a folder"
        if found & responses and not _MAY_NAME_RESPONSES.fullmatch(name):
            yield f"{name} names a response"
        if found & texts and not _MAY_NAME_TEXTS.fullmatch(name):
            yield f"{name} names a text"
        if found & gone or any(each in path.read_text() for each in gone):
            yield f"{name} knows who was withdrawn"
        if is_here and path.lstat().st_mtime != STILL:
            yield f"{name} has a time"
    if withdrawn is not None:
        entries = Sealed(place.responses).kept().entries.values()
        if any(mark_of(ids[withdrawn][0]) in entry.marks for entry in entries):
            yield "counts.json knows who was withdrawn"
    if any(count % 5 for count in _counts(figures_in(place.responses))):
        yield "figures.json has an exact count"


def _counts(shape: Any) -> Iterator[int]:
    if isinstance(shape, dict):
        for key, value in shape.items():
            if key in ("count", "base", "responses") and isinstance(value, int):
                yield value
            yield from _counts(value)
    elif isinstance(shape, list):
        for value in shape:
            yield from _counts(value)


# -- what happens to them --------------------------------------------------------------------------


def trial_of(name: str, place: Place, apart: Path) -> Trial:
    """A trial of one of `WORKS`."""
    work = WORKS[name]
    if not work.is_short:
        return Trial(Crowd(place, "mc_employers", "comments"), work, apart)
    (apart / "cafe.yaml").write_text(questionnaire_of(CAFE).model_dump_json(exclude_none=True))
    return Trial(Crowd(place, str(apart / "cafe.yaml"), "why"), work, apart)


@dataclass
class Trial:
    """A folder that is ready, the same after undisturbed work, and what is tried on it."""

    crowd: Crowd
    work: Work
    apart: Path
    happened: Counter[str] = field(default_factory=Counter)

    def begin(self) -> list[Fault]:
        """Make everything ready; the faults that can be tried."""
        self.place = self.crowd.place
        self.work.ready(self.crowd)
        self.gone = () if self.work.withdrawn is None else self.crowd.ids_of(self.work.withdrawn)
        self.command = self.crowd.sealing
        if self.gone:
            self.command = ("withdraw",)
        if self.work.collects:
            options = ("--questionnaire", self.crowd.definition)
            self.command = ("collect", *options, str(self.crowd.source))
        self.typed = show(receipt(self.work.withdrawn)) if self.work.withdrawn is not None else ""
        shutil.copytree(self.place.responses, self.apart / "ready")
        self.before = Counter(dict.fromkeys(without(self._there(), self.gone), 1))
        ran = self.traced(f"trace={CALLS}", quick=True)
        assert ran.code == 0, ran.said
        assert self.crowd.seal().code == 0
        self.whole = stood(self.place.responses)
        self.figures = figures_in(self.place.responses)
        assert self.before == self.whole.records
        assert [*tell_tales(self.crowd, self.work.withdrawn)] == []
        calls = calls_of(ran.trace, self.place.responses)
        return [*deaths(calls), *errors(calls)]

    def _there(self) -> Counter[str]:
        """What stands in the folder, and in the one to collect from."""
        there = stood(self.place.responses).records
        return there + stood(self.crowd.source).records if self.work.collects else there

    def traced(self, *expressions: str, quick: bool) -> Traced:
        """Run the real program under strace."""
        return traced(
            (*PROGRAM, *self.command),
            *expressions,
            folder=self.place.folder,
            apart=self.apart,
            typed=self.typed,
            environment={"MICROCRED_DEBUG": ""},
            quick=quick,
        )

    def attempt(self, fault: Fault) -> Iterator[str]:
        """What is wrong after something happened, and after the next run."""
        shutil.rmtree(self.place.responses)
        shutil.copytree(self.apart / "ready", self.place.responses)
        ran = self.traced(f"trace={fault.call}", fault.injected, quick=fault.what != KILLED)
        if fault.what == KILLED:
            happened = ran.code not in (0, 4)
        else:
            happened = any(str(self.place.responses) in line for line in ran.hit)
            if ran.code not in (0, 4) and happened:
                yield f"exit code {ran.code}: {ran.said}"
        if not happened:
            yield DID_NOT_HAPPEN
            return
        self.happened[KILLED if fault.what == KILLED else f"code {ran.code}"] += 1
        if "Traceback" in ran.said or "fault in microcred" in ran.said:
            yield f"a fault of the program's own: {ran.said}"
        if ran.code == 4 and len(ran.err.strip().splitlines()) < 2:
            yield f"no sentence with a mend: {ran.said}"
        if not {*self.before} <= {*self._there()}:
            yield "something is lost"
        if self.gone and ran.code == 0 and {*stood(self.place.responses).records} != {*self.before}:
            yield "it says that it is withdrawn, and it is not"
        yield from self.finish()

    def finish(self) -> Iterator[str]:
        """What is wrong after the next run, which is not disturbed."""
        folder = self.place.responses
        again = self.place.run(*self.command, typed=self.typed)
        if again.code not in ((0, 1) if self.gone else (0,)):
            yield f"the next run: {again}"
        if self.gone or self.work.collects:
            self.crowd.seal()
        now = stood(folder)
        if now.records != self.before:
            yield f"double: {now.records - self.before}, lost: {self.before - now.records}"
        waiting = [json.loads(record) for record in now.records.keys() - now.sealed]
        if any(n >= 10 for n in Counter(record.get("item") for record in waiting).values()):
            yield f"{len(waiting)} are left waiting"
        if counts_in(folder) != self.crowd.counted(now.sealed):
            yield "the counts are not those of what is sealed"
        is_determined = self.gone or now.sealed == self.whole.sealed
        if is_determined and figures_in(folder) != self.figures:
            yield "the figures are others"
        yield from tell_tales(self.crowd, self.work.withdrawn)
