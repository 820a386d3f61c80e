"""Folders for seals, withdrawals and collections, and the conditions that must hold afterwards."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from microcred_cli.crypto.cipher import CLEAR
from microcred_cli.errors import StoreError
from microcred_cli.files import NEUTRAL_TIME
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, response_id, text_id
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import QuestionnaireRef
from microcred_cli.records.simulation import simulate
from microcred_cli.store.folder import Responses
from microcred_cli.store.index import Index, mark_of
from microcred_cli.summary.counts import Counter as Counting
from microcred_cli.summary.quality import QualityCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from microcred_cli.crypto.cipher import Cipher
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.simulation import SyntheticResponse
    from tests.cli.program import Place, Ran

_ID: Final = r"[0-9a-f]{32}"
_FILES: Final = re.compile(
    rf"({_ID}|counts)\.json(\.age)?|(folder|figures|last-seal)\.json|withdrawn|\.lock"
    rf"|texts/{_ID}\.json(\.age)?|sealed/{_ID}\.jsonl(\.age)?|sealed/texts/[a-z_.]+\.jsonl(\.age)?"
)
_RECORDS: Final = re.compile(rf"((texts/)?{_ID}\.json|sealed/.+\.jsonl)(\.age)?")
_MAY_NAME_RESPONSES: Final = re.compile(rf"{_ID}\.json(\.age)?|sealed/{_ID}\.jsonl(\.age)?")
_MAY_NAME_TEXTS: Final = re.compile(rf"texts/{_ID}\.json(\.age)?|sealed/texts/.+")
_NEVER_IN_CLEAR: Final = ('"answers"', '"text"', "microcred-response/1", "microcred-text/1")


# -- the folders -----------------------------------------------------------------------------------


CAFE: Final = """
    id: cafe
    title: A café
    rights: Everyone's
    items:
      - {id: drink, options: [tea, coffee, other+], missing: [dk]}
      - {id: why, kind: open, required: optional}
"""
"""Short, so that figures are computed quickly and thousands of runs are possible."""


@dataclass(frozen=True)
class Work:
    """An operation on a folder: its preparation, and the person who withdraws, if any.

    If `collects`, the operation copies responses from another folder; if `moves`, it also removes
    them from there. `encrypted` is true if the folders are encrypted.
    """

    ready: Callable[[Crowd], None]
    withdrawn: int | None = None
    collects: bool = False
    moves: bool = False
    is_short: bool = True
    """True for the short questionnaire, False for the built-in one."""

    encrypted: bool = False


@dataclass(frozen=True)
class Crowd:
    """People who answer a questionnaire in one folder."""

    place: Place
    definition: str
    item: str
    """The open item that everybody answers."""

    source: Path
    """The folder to collect from."""

    cipher: Cipher = CLEAR
    options: tuple[str, ...] = ()
    """Options for every command: the settings and the secret key of encrypted folders."""

    @cached_property
    def loaded(self) -> Loaded:
        return load(self.definition)

    @cached_property
    def people(self) -> list[SyntheticResponse]:
        """Synthetic responses with a text; those with more texts come first."""
        questionnaire = self.loaded.questionnaire
        ref = QuestionnaireRef(
            id=questionnaire.id, version=questionnaire.version, sha256=self.loaded.sha256
        )
        made = simulate(stored(questionnaire), ref, 1500 if self.item == "why" else 600, 1)
        with_text = [one for one in made if any(text.item == self.item for text in one.texts)]
        return sorted(with_text, key=lambda one: -len(one.texts))

    def fill(self, numbers: Iterable[int], into: Path | None = None) -> None:
        """Store the responses with these numbers, which also determine their receipts."""
        folder = Responses(into or self.place.responses, self.cipher)
        folder.prepare(self.loaded.questionnaire.id, synthetic=True)
        for number in numbers:
            own, one = receipt(number), self.people[number]
            texts = [t.model_copy(update={"text_id": text_id(own, t.item)}) for t in one.texts]
            folder.store(one.response.model_copy(update={"response_id": response_id(own)}), texts)

    def seal(self) -> Ran:
        return self.place.run(*self.sealing)

    @property
    def sealing(self) -> tuple[str, ...]:
        return ("seal", "--questionnaire", self.definition, *self.options)

    def ids_of(self, number: int) -> tuple[str, ...]:
        """The id of a person's response, followed by the ids of the texts."""
        own = receipt(number)
        texts = (text_id(own, text.item) for text in self.people[number].texts)
        return response_id(own), *texts

    def counted(self, sealed: Iterable[str]) -> object:
        """The counts of sealed responses, computed independently."""
        recorded = stored(self.loaded.questionnaire)
        counter, quality = Counting(recorded), QualityCounts.begin(recorded)
        for record in map(json.loads, sealed):
            if "answers" in record:
                counter.add(record["answers"])
                quality.count(record["answers"], record["duration_minutes"], 1)
        return {self.loaded.sha256: {**counter.counts.to_object(), "quality": quality.to_object()}}

    def stood(self, folder: Path) -> Stood:
        """The records in a folder, and the sealed ones among them."""
        records: Counter[str] = Counter()
        sealed: set[str] = set()
        names = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        for name in filter(_RECORDS.fullmatch, names):
            found = [_compact(line) for line in self._lines_in(folder / name)]
            records.update(found)
            if name.startswith("sealed/"):
                sealed |= {*found}
        return Stood(records, frozenset(sealed))

    def _lines_in(self, path: Path) -> Iterator[str]:
        """The lines of a sealed file, or the content of any other file, which may be truncated."""
        try:
            if ".jsonl" in path.name:
                yield from (line.decode() for line in self.cipher.read_lines(path))
            else:
                yield self.cipher.unwrap(path.read_bytes(), path.name).decode()
        except StoreError:
            yield f"{path.name} cannot be read"

    def counts(self) -> object:
        """The stored counts."""
        return Index.read(self.place.responses, self.cipher).counts


def receipt(number: int) -> str:
    return f"{number:0{RECEIPT_SYMBOLS}d}"


def first_seal(crowd: Crowd) -> None:
    crowd.fill(range(10))


def merge(crowd: Crowd) -> None:
    """A sealed file with its pool, and pending responses, all of which the next seal includes."""
    for numbers in (range(25), range(25, 35)):
        crowd.fill(numbers)
        assert crowd.seal().code == 0
    crowd.fill(range(35, 45))


def withdrawal(crowd: Crowd) -> None:
    """A response that is sealed with one of its texts, while another text is pending."""
    crowd.fill(range(10))
    assert crowd.seal().code == 0
    assert len(crowd.people[0].texts) > 1


def collection(crowd: Crowd) -> None:
    """Some responses in the destination, and more in another folder, with duplicates."""
    crowd.fill(range(4))
    crowd.fill(range(2, 13), crowd.source)


_CLEAR: Final = {
    "first seal": Work(first_seal),
    "merge": Work(merge),
    "withdrawal": Work(withdrawal, withdrawn=0, is_short=False),
    "collection": Work(collection, collects=True),
    "collection that moves": Work(collection, collects=True, moves=True),
}
WORKS: Final = {
    **_CLEAR,
    **{f"{name}, encrypted": replace(work, encrypted=True) for name, work in _CLEAR.items()},
}


# -- contents -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stood:
    """The number of times that each record occurs in a folder, and the records that are sealed."""

    records: Counter[str]
    sealed: frozenset[str]


def _compact(record: str) -> str:
    """A record in compact form; a truncated one is returned unchanged, so it matches no record."""
    try:
        return json.dumps(json.loads(record))
    except ValueError:
        return record


def without(records: Counter[str], ids: Iterable[str]) -> Counter[str]:
    """The records that contain none of these ids."""
    left = (record for record in records if not any(each in record for each in ids))
    return Counter({record: records[record] for record in left})


def figures_in(folder: Path) -> object:
    """The figures of the folder's last seal; None before the first."""
    if not (folder / "figures.json").exists():
        return None
    seals = json.loads((folder / "figures.json").read_text())["seals"]
    return [seal["figures"] for seal in seals.values()]


def tell_tales(crowd: Crowd, withdrawn: int | None) -> Iterator[str]:
    """Ids, counts and times in places where they must not occur."""
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
        content = path.read_bytes().decode("latin-1")
        found = {*re.findall(_ID, content + path.name)}
        if is_here and not _FILES.fullmatch(name):
            yield f"{name} is unexpected in a responses folder"
        if found & responses and not _MAY_NAME_RESPONSES.fullmatch(name):
            yield f"{name} contains the id of a response"
        if found & texts and not _MAY_NAME_TEXTS.fullmatch(name):
            yield f"{name} contains the id of a text"
        if is_here and crowd.cipher.suffix and any(each in content for each in _NEVER_IN_CLEAR):
            yield f"{name} is not encrypted"
        if found & gone or any(each in content for each in gone):
            yield f"{name} identifies a withdrawn response"
        if is_here and path.lstat().st_mtime != NEUTRAL_TIME:
            yield f"{name} has its own modification time"
    if withdrawn is not None:
        entries = Index.read(place.responses, crowd.cipher).entries.values()
        if any(mark_of(ids[withdrawn][0]) in entry.marks for entry in entries):
            yield "counts.json identifies a withdrawn response"
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
