"""Unlinkability of case log and responses: no file links a case to a response.

Two survey rounds differ only in the assignment of responses to cases, and in the order of
interviews. A reader of both folders must see exactly the same names, bytes, order, sizes and
times, except for the random ids in the log. Then every assignment is equally likely, and no reader
can do better than guess.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microcred_cli import files
from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.case import Case, Cases, Contact
from microcred_cli.cases.dispositions import COMPLETE, FINAL, INTERIM, PARTIAL
from microcred_cli.cases.log import CaseLog, CaseRecorder
from microcred_cli.errors import StoreError
from microcred_cli.records.receipts import ALPHABET, RECEIPT_SYMBOLS, response_id
from microcred_cli.records.times import times_of
from microcred_cli.store.folder import Responses
from tests.cli.program import sheet
from tests.store.test_folder import response, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from microcred_cli.cases.dispositions import Mode
    from microcred_cli.records.shapes import Response, Text, Times
    from tests.cli.program import Place

MONDAY = datetime(2027, 5, 3, 10, tzinfo=UTC)
LATER = Appointment(day=f"{MONDAY + timedelta(days=9):%Y-%m-%d}")
STRATA = ("north/industry/small", "south/services/large")
OF_ONE_CASE = "north/energy/one"
LAST = {"complete": COMPLETE, "partial": PARTIAL}
Kind = tuple[str, str]
"""The properties of an interview that both sides contain: the mode and the status."""


@dataclass(frozen=True)
class Handed:
    """The response, texts and times that one interview left in the responses folder."""

    response: Response
    texts: tuple[Text, ...]
    times: Times

    @property
    def kind(self) -> Kind:
        return (self.response.mode, self.response.status)


@dataclass(frozen=True)
class Told:
    """The log entries of one case, and the kind of its interview; None without one.

    The contacts `taken_back` were recorded by mistake.
    """

    label: str
    stratum: str
    before: tuple[str, ...]
    taken_back: int
    last: str
    kind: Kind | None


def fieldwork(seed: int, size: int) -> tuple[list[Told], list[Handed]]:
    """Cases with random contacts, and the responses of the interviewed ones."""
    chance = random.Random(seed)
    cases: list[Told] = []
    handed: list[Handed] = []
    for number in chance.sample(range(10 * size), size):
        mode: Mode = chance.choice(["phone", "in_person"])
        codes = [o.code for o in INTERIM if mode in o.modes]
        before = tuple(chance.choices(codes, k=chance.randrange(4)))
        stratum = OF_ONE_CASE if not cases else chance.choice(STRATA)
        told = (f"DE-{number:04}", stratum, before, chance.randrange(2))
        if chance.random() < 0.2:
            finals = [o.code for o in FINAL if mode in o.modes]
            closed = [code for code in finals if code not in LAST.values()]
            closed.remove("3.11")
            cases.append(Told(*told, chance.choice(closed), None))
            continue
        status = chance.choice([*LAST])
        receipt = "".join(chance.choices(ALPHABET, k=RECEIPT_SYMBOLS))
        answers = {"q": chance.choice(["a", "dk", "b" * 40]), "words": "given"}
        made = response(receipt, mode=mode, status=status, answers=answers)
        texts = tuple(
            text(receipt, item) for item in ("words", "q.remark") if chance.random() < 0.5
        )
        cases.append(Told(*told, LAST[status], (mode, status)))
        seconds = {"q": chance.random() * 90, "words": chance.random() * 90}
        handed.append(Handed(made, texts, times_of(made, seconds, receipt)))
    return cases, handed


def lead(folder: Path, cases: Sequence[Told], handed: Sequence[Handed], seed: int) -> None:
    """Conduct these interviews in random order, each case with a random response of its kind."""
    chance = random.Random(seed)
    waiting = defaultdict(list)
    for each in chance.sample(handed, len(handed)):
        waiting[each.kind].append(each)
    responses = Responses(folder / "responses")
    responses.prepare("cafe")
    log = CaseLog(folder / "cases" / "log.json")
    log.path.parent.mkdir()
    sample = [
        Case(label=told.label, stratum=told.stratum, language="de", timezone="Europe/Berlin")
        for told in cases
    ]
    log.change(lambda empty: empty.with_cases(sample))
    done = 0
    for told in chance.sample(cases, len(cases)):
        # The hours of contacts depend on the order of interviews only if there was one.
        now = MONDAY
        if told.kind is not None:
            now += timedelta(days=7 * (3 * done // max(1, len(handed))), hours=done)
            done += 1
        with log.take(told.label) as case:
            recorder = CaseRecorder(log, case)
            for code in told.before:
                contact = Contact(code, LATER if code == "later" else None)
                assert recorder.record(contact, now) is None
            for _ in range(told.taken_back):
                mistake = Contact("busy")
                assert recorder.record(mistake, now) is None
                assert recorder.undo(mistake) is None
            if told.kind is not None:
                one = waiting[told.kind].pop()
                responses.store(one.response, one.texts, one.times)
            assert recorder.record(Contact(told.last), now) is None


def without_ids(log: bytes) -> bytes:
    """A case log without its random ids, and the interviews by week in place of by id."""
    shape = json.loads(re.sub(rb"[0-9a-f]{16}", b"ID", log))
    shape["interviews"].sort(key=lambda each: each["week"])
    return json.dumps(shape).encode()


def seen(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything that can be read in a folder: names, bytes, and metadata of each file."""
    found: dict[str, tuple[object, ...]] = {}
    for path in (folder, *sorted(folder.rglob("*"))):
        state = path.stat()
        data = path.read_bytes() if path.is_file() else b""
        data = without_ids(data) if path.name == "log.json" else data
        size = state.st_size if path.is_file() else 0
        found[str(path.relative_to(folder))] = (data, size, state.st_mtime, state.st_mode)
    return found


@pytest.fixture(autouse=True)
def without_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(0, 2**32), st.integers(0, 2**32))
def test_any_matching_leaves_the_same_files(
    tmp_path: Path, seed: int, size: int, one: int, other: int
) -> None:
    cases, handed = fieldwork(seed, size)
    looks = []
    for order in (one, other):
        folder = tmp_path / "fieldwork"
        folder.mkdir()
        lead(folder, cases, handed, order)
        files.neutralise_time(folder)
        looks.append(seen(folder))
        shutil.rmtree(folder)
    assert looks[0] == looks[1]


def test_the_order_of_lines_beside_that_of_names_tells_no_more_than_a_guess(tmp_path: Path) -> None:
    tries, right, size = 40, 0, 8
    for seed in range(tries):
        chance = random.Random(seed)
        folder = tmp_path / str(seed)
        responses, log = Responses(folder / "responses"), CaseLog(folder / "log.json")
        responses.prepare("cafe")
        truth = {}
        for label in chance.sample(["A", "B", "C", "D", "E", "F", "G", "H"], size):
            receipt = "".join(chance.choices(ALPHABET, k=RECEIPT_SYMBOLS))
            with log.take(label) as case:
                responses.store(response(receipt, mode="phone"), [])
                assert CaseRecorder(log, case).record(Contact(COMPLETE), MONDAY) is None
            truth[label] = response_id(receipt)
        labels = [case.label for case in log.read().cases]
        guessed = dict(zip(labels, [path.stem for path in responses.files()], strict=True))
        right += sum(guessed[label] == truth[label] for label in labels)
    # A guess is right once per survey round on average: 40 of 320 expected.
    assert right < 60


def raising(error: Exception) -> Callable[..., object]:
    """A function that raises this error."""

    def raises(*_: object, **__: object) -> object:
        raise error

    return raises


def test_no_id_stands_on_the_other_side(tmp_path: Path) -> None:
    cases, handed = fieldwork(7, 40)
    lead(tmp_path, cases, handed, 7)
    log = (tmp_path / "cases" / "log.json").read_text(encoding="utf-8")
    ids = [h.response.response_id for h in handed] + [t.text_id for h in handed for t in h.texts]
    ids += [h.times.times_id for h in handed]
    assert len({*ids}) == len(ids)
    for path in (tmp_path / "responses").rglob("*.json"):
        # No file names another one.
        others = {*ids} - {path.stem}
        assert not [each for each in others if each in path.read_text(encoding="utf-8")]
    assert not [each for each in ids if each in log]
    written = "".join(
        f"{path.name} {path.read_text(encoding='utf-8')}"
        for path in (tmp_path / "responses").rglob("*.json")
    )
    assert not [told.label for told in cases if told.label in written]
    assert not [stratum for stratum in (*STRATA, OF_ONE_CASE) if stratum in written]
    random_ids = re.findall(r"[0-9a-f]{16}", log)
    assert random_ids
    assert not [each for each in random_ids if each in written]
    assert [path.name for path in (tmp_path / "cases").iterdir()] == ["log.json"]


def test_answers_read_from_a_file_print_a_receipt_without_the_case(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("fieldwork.toml", "[calling]\nquota_closes = true\n[targets]\nnorth = 0")
    known = (Case(label="DE-0041"), Case(label="DE-0042", stratum="north"))
    CaseLog(place.folder / "case-log.json").change(lambda _: Cases(cases=known))
    words = ("interview", "--mode", "phone", "--answers", place.write("sheet.json", sheet()))
    failed = "The case log could not be written: The disk is full. Make room."
    for label, said in (
        ("DE-0042", "is recorded in"),
        ("NEW-1", "is recorded in"),
        ("N-2", failed),
    ):
        if said == failed:
            error = StoreError("The disk is full.", hint="Make room.")
            monkeypatch.setattr(CaseLog, "record", raising(error))
        ran = place.run(*words, "--case", label)
        assert ran.code == 0
        assert "Receipt: " in ran.err
        assert said in ran.err
        assert label not in ran.all
        assert "north" not in ran.all
