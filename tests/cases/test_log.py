"""The case log: its contents, its privacy, and its use by several processes."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microcred_cli import files
from microcred_cli.cases import log as module
from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.case import Case, Contact
from microcred_cli.cases.dispositions import CODES, FINAL, NOT_ATTEMPTED
from microcred_cli.cases.labels import check_label
from microcred_cli.cases.log import CaseLog, CaseRecorder
from microcred_cli.errors import ExitCode, StoreError, UsageError
from tests.files.test_files import BOUNDARY, crash_at_every_step, fail, forking, posix

if TYPE_CHECKING:
    from collections.abc import Callable

MONDAY = datetime(2027, 5, 3, 10, tzinfo=UTC)
EXAMPLE = {
    "day": "2027-05-07",
    "time": "09:00",
    "timezone": "Europe/Berlin",
    "utc": "2027-05-07T07:00Z",
}
DAY = {"day": "2027-05-07", "time": None, "timezone": None, "utc": None}
LABEL = "DE-0042"


@pytest.fixture
def log(tmp_path: Path) -> CaseLog:
    return CaseLog(tmp_path / "case-log.json")


def record(log: CaseLog, *codes: str, label: str = LABEL, now: datetime = MONDAY) -> Case:
    case = log.read().case(label)
    for code in codes:
        case = log.record(label, Contact(code), now)
    return case


def appointment_on(day: str, hour: int | None = None) -> Appointment:
    if hour is None:
        return Appointment(day=day, timezone="Europe/Berlin")
    return Appointment(day=day, time=f"{hour:02}:00", utc=f"{day}T{hour:02}:00Z")


def at(day: int, hour: int = 10) -> datetime:
    """A moment in May 2027."""
    return datetime(2027, 5, day, hour, 30, tzinfo=UTC)


def content(log: CaseLog) -> dict[str, Any]:
    return dict(json.loads(log.path.read_text(encoding="utf-8")))


# Labels


@pytest.mark.parametrize(
    "label", ["1", "DE-0042", "a.b_c-9", "case-a", "2027-18", "x" * 32, "A", "DE-2026-0042"]
)
def test_a_label_is_letters_digits_and_three_signs(label: str) -> None:
    assert check_label(label) == label
    assert check_label(f" {label} ") == label


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Anna Schmidt", "a name"),
        ("anna schmidt", "a name"),
        ("Anna.Schmidt", "a name"),
        ("Jean-Luc_Picard", "a name"),
        ("a@b.eu", "an e-mail address"),
        ("+49 221 5551234", "a telephone"),
        ("0221-5551234", "a telephone"),
        ("(0221) 555 12", "a telephone"),
        ("5551234", "a telephone"),
        ("T0301234567", "a telephone"),
        ("tel-030-123.4567", "a telephone"),
        ("Hauptstr.12", "an address"),
        ("", "1 to 32"),
        ("x" * 33, "1 to 32"),
        ("-e", "1 to 32"),
        (".hidden", "1 to 32"),
        ("a/b", "1 to 32"),
        ("Müller", "1 to 32"),
        ("a\nb", "a name"),
        ("a\x1b[2J", "1 to 32"),
    ],
)
def test_what_is_no_label_is_refused_with_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        check_label(typed)
    assert refused.value.hint
    assert typed.strip() == "" or typed not in refused.value.message


# Recorded contacts


def test_a_log_that_is_not_there_has_no_cases(log: CaseLog) -> None:
    assert log.read().counts() == Counter()
    assert not log.is_there


def test_the_file_has_what_its_format_says_and_nothing_else(log: CaseLog) -> None:
    made = Appointment(**EXAMPLE)
    contacts = [Contact("appointment", made), Contact("soft_refusal", reason="no_time")]
    for contact in contacts:
        log.record("C-3", contact, MONDAY)
    record(log, "busy", "1.1", label="A-1")
    written = content(log)
    busy, interview = (contact["id"] for contact in written["cases"][0]["contacts"])
    (counted,) = (each["id"] for each in written["interviews"])
    assert len({busy, interview, counted}) == 3
    sample: dict[str, Any] = {"stratum": None, "language": None, "timezone": None, "undone": []}
    empty = {"hour": None, "after": None, "appointment": None, "reason": None}
    hour = {"hour": "2027-05-03T10"}
    assert written == {
        "format": "microcred-cases/1",
        "synthetic": False,
        "cases": [
            {
                "label": "A-1",
                **sample,
                "contacts": [
                    {**empty, "id": busy, "code": "busy"},
                    {**empty, "id": interview, "code": "1.1", "after": busy},
                ],
            },
            {
                "label": "C-3",
                **sample,
                "contacts": [
                    {
                        **empty,
                        "id": contacts[0].id,
                        "code": "appointment",
                        "appointment": EXAMPLE,
                        **hour,
                    },
                    {
                        **empty,
                        "id": contacts[1].id,
                        "code": "soft_refusal",
                        "after": contacts[0].id,
                        "reason": "no_time",
                        **hour,
                    },
                ],
            },
        ],
        "interviews": [{"id": counted, "week": "2027-W18"}],
    }


def test_the_order_of_recording_leaves_no_trace(tmp_path: Path) -> None:
    labels = ["C-3", "A-1", "B-2"]
    written = []
    for name, order in (("one", labels), ("two", sorted(labels))):
        log = CaseLog(tmp_path / name / "log.json")
        log.path.parent.mkdir()
        for label in order:
            record(log, "1.1", label=label)
        written.append(re.sub(rb"[0-9a-f]{16}", b"ID", log.path.read_bytes()))
    assert written[0] == written[1]


@posix
def test_file_and_folder_are_private_and_tell_no_time(log: CaseLog) -> None:
    before = os.umask(0)
    try:
        record(log, "no_answer", "1.1")
        with log.take("DE-0043"):
            (lock,) = (p for p in log.path.parent.iterdir() if p != log.path)
            assert "0043" not in lock.name
            assert {lock.stat().st_mtime, log.path.parent.stat().st_mtime} == {files.NEUTRAL_TIME}
    finally:
        os.umask(before)
    assert files.findings_on(log.path) == ()
    assert log.path.parent.stat().st_mtime == files.NEUTRAL_TIME
    assert [p.name for p in log.path.parent.iterdir()] == ["case-log.json"]


def test_completions_are_counted_by_iso_week(log: CaseLog) -> None:
    days = ("2026-12-31T10", "2027-01-01T10", "2027-01-03T23", "2027-05-03T10")
    for number, (hour, code) in enumerate(zip(days, ("1.1", "1.2", "1.1", "2.112"), strict=True)):
        now = datetime.fromisoformat(f"{hour}:30+00:00")
        log.record(f"A-{number}", Contact(code), now, zone="Europe/Berlin")
    assert log.read().completed_by_week == {"2026-W53": 2, "2027-W01": 1}


def test_an_appointment_goes_with_the_final_outcome(log: CaseLog) -> None:
    on = appointment_on("2027-05-07")
    assert log.record(LABEL, Contact("appointment", on), MONDAY).appointment == on
    assert record(log, "no_answer").appointment == on
    assert record(log, "2.112").appointment is None


def test_an_appointment_gives_way_to_another_and_to_a_contact_at_its_time(log: CaseLog) -> None:
    first, second = appointment_on("2027-05-05"), appointment_on("2027-05-07", 14)
    log.record(LABEL, Contact("appointment", first), MONDAY)
    assert log.record(LABEL, Contact("later", second), MONDAY).appointment == second
    assert record(log, "no_answer", now=at(7, 13)).appointment == second
    assert record(log, "no_answer", now=at(7, 14)).appointment is None


def test_an_appointment_for_a_day_is_kept_until_a_contact_on_that_day_in_its_zone(
    log: CaseLog,
) -> None:
    on = appointment_on("2027-05-07")
    log.record(LABEL, Contact("later", on), MONDAY)
    assert record(log, "no_answer", now=at(6, 21)).appointment == on
    assert record(log, "no_answer", now=at(6, 22)).appointment is None


def test_an_appointment_is_kept_by_a_contact_earlier_in_its_hour(log: CaseLog) -> None:
    agreed = Appointment(day="2027-05-03", time="14:30", utc="2027-05-03T14:30Z")
    log.record(LABEL, Contact("appointment", agreed), MONDAY)
    assert record(log, "busy", now=at(3, 14).replace(minute=5)).appointment == agreed
    assert record(log, "no_answer", now=at(3, 14)).appointment is None
    assert [each.appointment for each in log.read().case(LABEL).contacts] == [agreed, agreed, None]


def test_no_appointment_with_an_outcome_that_closes_the_case(log: CaseLog) -> None:
    with pytest.raises(ValueError, match="cannot have an appointment"):
        log.record(LABEL, Contact("2.112", appointment_on("2027-05-07")), MONDAY)
    with pytest.raises(ValueError, match="time"):
        appointment_on("2027-05-07", 24)
    with pytest.raises(UsageError, match="no outcome"):
        log.record(LABEL, Contact("7.7"), MONDAY)


def test_a_refusal_can_be_taken_up_again(log: CaseLog) -> None:
    assert record(log, "2.112").outcome == "2.112"
    assert record(log, "appointment").is_open
    assert record(log, "1.1").is_completed


@pytest.mark.parametrize("code", ["1.1", "1.2"])
@pytest.mark.parametrize("again", ["1.1", "1.2", "2.112", "no_answer"])
def test_a_completed_case_is_closed_for_good(log: CaseLog, code: str, again: str) -> None:
    record(log, code)
    before = log.path.read_bytes()
    with pytest.raises(StoreError, match=f"Case {LABEL} is completed"):
        record(log, again)
    assert log.path.read_bytes() == before


def test_capitals_make_no_other_case(log: CaseLog) -> None:
    record(log, "no_answer", label="de-0042")
    assert record(log, "1.1").label == "de-0042"
    with pytest.raises(StoreError, match="completed"), log.take("De-0042"):
        pass


def test_never_tried_enters_a_case_without_a_contact(log: CaseLog) -> None:
    assert record(log, NOT_ATTEMPTED, NOT_ATTEMPTED) == log.read().case(LABEL)
    assert content(log)["cases"][0]["contacts"] == []
    assert log.read().counts() == Counter(UH=1)
    record(log, "no_answer")
    with pytest.raises(StoreError, match="is already recorded"):
        record(log, NOT_ATTEMPTED)


def test_counts_and_contacts_are_those_of_all_cases(log: CaseLog) -> None:
    record(log, "no_answer", "1.1", label="A-1")
    record(log, "soft_refusal", label="A-2")
    record(log, "appointment", label="A-3")
    record(log, "4.70", label="A-4")
    record(log, "3.11", label="A-5")
    cases = log.read()
    assert cases.counts() == Counter(I=1, R=1, O=1, NE=1, UH=1)
    assert cases.counts(is_open=True) == Counter(R=1, O=1, UH=1)
    assert cases.contacts_per_case() == {0: 1, 1: 3, 2: 1}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    contacts=st.lists(
        st.tuples(
            st.sampled_from(["A-1", "B-2", "b-2", "C-3"]),
            st.sampled_from(sorted(CODES)),
            st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        ),
        max_size=12,
    )
)
def test_whatever_is_recorded_can_be_read_again(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch, contacts: list[tuple[str, str, datetime]]
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    log.path.unlink(missing_ok=True)
    for label, code, now in contacts:
        case = log.read().case(label)
        if case.is_completed or (code == NOT_ATTEMPTED and case.contacts):
            with pytest.raises(StoreError, match=r"completed|is already recorded"):
                log.record(label, Contact(code), now)
        else:
            log.record(label, Contact(code), now)
    cases = log.read()
    assert cases.counts().total() == len(cases.cases)
    interviews = sum(case.is_completed for case in cases.cases)
    assert sum(cases.completed_by_week.values()) == interviews
    counts = cases.counts()
    assert counts["I"] + counts["P"] == interviews


# No links to responses


def test_no_week_time_or_number_stands_at_a_case(log: CaseLog) -> None:
    for number in range(9):
        label = f"A-{number}"
        log.record(label, Contact("later", appointment_on("2027-05-07", 14)), at(1 + number))
        record(log, "no_answer", "1.1", label=label, now=at(1 + number))
    *cases, last = log.path.read_text().split('"interviews"')
    assert not re.search(r"T\d\d|\d\d:\d\d|\d{4}-\d\d-\d\d|\d{4}-W\d\d", cases[0])
    ids = [each["id"] for each in json.loads(log.path.read_text())["interviews"]]
    assert ids == sorted(ids)
    assert not [each for each in ids if each in cases[0]]
    assert "A-" not in last


def test_an_interview_deletes_the_hours_and_appointments_of_its_case_only(log: CaseLog) -> None:
    for label in ("A-1", "A-2"):
        log.record(label, Contact("later", appointment_on("2027-05-07")), MONDAY)
    record(log, "1.2", label="A-1")
    first, second = log.read().cases
    assert {(each.hour, each.appointment) for each in first.contacts} == {(None, None)}
    assert second.last is not None
    assert second.last.hour == "2027-05-03T10"


# Taking back


def test_a_contact_that_was_taken_back_stays_so(log: CaseLog) -> None:
    contact = Contact("2.112")
    record(log, "busy")
    log.record(LABEL, contact, MONDAY)
    for _ in range(2):
        case = log.undo(LABEL, contact.id)
        assert (case.codes, case.is_open, case.undone) == (("busy",), True, (contact.id,))
    assert log.record(LABEL, contact, MONDAY).codes == ("busy",)
    with pytest.raises(StoreError, match="is not in the log"):
        log.undo(LABEL, "0" * 16)


def test_an_interview_cannot_be_taken_back(log: CaseLog) -> None:
    contact = Contact("1.1")
    log.record(LABEL, contact, MONDAY)
    with pytest.raises(StoreError, match="cannot be undone"):
        log.undo(LABEL, contact.id)
    assert log.read().case(LABEL).is_completed


def test_a_recorder_takes_back_what_it_recorded_or_not(log: CaseLog) -> None:
    waiting, recorded = Contact("busy"), Contact("no_answer")
    with log.take(LABEL) as case:
        recorder = CaseRecorder(log, case)
        assert recorder.record(recorded, MONDAY) is None
        kept = log.path.read_bytes()
        log.path.write_text("{")
        assert recorder.record(waiting, MONDAY)
        assert recorder.undo(waiting) is None
        assert "damaged" in str(recorder.undo(recorded))
        log.path.write_bytes(kept)
        assert recorder.undo(recorded) is None
        assert recorder.case.codes == ()


def test_a_contact_recorded_by_a_write_that_failed_at_its_end_is_undone(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_durably = files.replace_durably

    def written_and_failed(*args: Any, **options: Any) -> None:
        replace_durably(*args, **options)
        raise StoreError("The disk failed.", hint="Check the disk.")

    for is_readable in (True, False):
        contact = Contact("2.112")
        with log.take(LABEL) as case:
            recorder = CaseRecorder(log, case)
            with monkeypatch.context() as failing:
                failing.setattr(files, "replace_durably", written_and_failed)
                assert recorder.record(contact, MONDAY)
            kept = log.path.read_bytes()
            if not is_readable:
                log.path.write_text("{")
            assert recorder.undo(contact) is None
            if not is_readable:
                assert "The contact was not undone" in str(recorder.retry())
                log.path.write_bytes(kept)
                assert recorder.retry() is None
            assert recorder.in_doubt == []
        assert log.read().case(LABEL).find(contact.id) is None
        assert contact.id in log.read().case(LABEL).undone


# One window at a time


def test_a_case_is_taken_by_one_window(log: CaseLog) -> None:
    with log.take(LABEL) as case:
        assert case == Case(label=LABEL)
        with pytest.raises(StoreError, match="Case de-0042 is in use"), log.take("de-0042"):
            pass
        with log.take("DE-0043"):
            pass
    with log.take(LABEL):
        pass
    assert list(log.path.parent.iterdir()) == []


def test_a_case_is_in_use_although_its_folder_or_another_lock_cannot_be_read(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable = ("A-1", "A-2")
    for label in unreadable:
        log._lock_of(label).mkdir()
    with log.take(LABEL):
        assert log.in_use([LABEL, "A-3", *unreadable]) == {LABEL.lower(), "a-1", "a-2"}
        monkeypatch.setattr(Path, "iterdir", refuse_to_list)
        assert log.in_use([LABEL, "A-3"]) == {LABEL.lower()}
    assert not log.in_use([LABEL])


def refuse_to_list(_: Path) -> None:
    raise PermissionError


@pytest.mark.parametrize("code", ["1.1", "1.2"])
def test_a_completed_case_cannot_be_taken(log: CaseLog, code: str) -> None:
    record(log, "appointment", code)
    with pytest.raises(StoreError, match=f"Case {LABEL} is completed"), log.take(LABEL):
        pass
    with log.take("DE-0043"):
        pass


def test_a_case_that_was_refused_can_be_taken(log: CaseLog) -> None:
    record(log, "2.112")
    with log.take(LABEL) as case:
        assert case.outcome == "2.112"


HOLD = """
import sys
from pathlib import Path
from microcred_cli.cases.log import CaseLog
with CaseLog(Path(sys.argv[1])).take(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(log: CaseLog) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(log.path), LABEL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_another_process_cannot_take_a_case_until_it_is_given_back(log: CaseLog) -> None:
    with hold(log) as process:
        with pytest.raises(StoreError, match="in use in another window"), log.take(LABEL):
            pass
        process.communicate("")
    with log.take(LABEL):
        pass


def test_what_a_killed_window_left_is_free_and_goes(log: CaseLog) -> None:
    with hold(log) as process:
        process.kill()
    assert len(list(log.path.parent.iterdir())) == 1
    with log.take("DE-0043"):
        assert len(list(log.path.parent.iterdir())) == 1
    with log.take(LABEL):
        pass
    assert list(log.path.parent.iterdir()) == []


WRITE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from microcred_cli.cases.case import Contact
from microcred_cli.cases.log import CaseLog
log = CaseLog(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.record("shared", Contact("no_answer"), datetime(2027, 5, 3, 10, tzinfo=UTC))
    log.record(f"{sys.argv[2]}-{number}", Contact("1.1"), datetime(2027, 5, 3, 10, tzinfo=UTC))
"""


def test_processes_that_write_at_once_lose_nothing(log: CaseLog) -> None:
    processes, each = 3, 20
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(log.path), f"P{number}", str(each)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in running]
    assert ended == [("", 0)] * processes
    cases = log.read()
    assert cases.case("shared").attempts == processes * each
    assert cases.counts()["I"] == processes * each
    assert cases.completed_by_week == {"2027-W18": processes * each}
    assert [p.name for p in log.path.parent.iterdir()] == ["case-log.json"]


# Kills and disk errors


@posix
@forking
def test_killed_at_any_step_the_log_is_the_old_one_or_the_new(log: CaseLog) -> None:
    record(log, "no_answer")
    old = log.path.read_bytes()
    seen = set()

    def check() -> None:
        written = log.read().case(LABEL).codes
        assert written in (("no_answer",), ("no_answer", "1.1"))
        seen.add(written)
        assert log.record("B", Contact("busy"), MONDAY).codes == ("busy",)
        assert [p.name for p in log.path.parent.iterdir()] == ["case-log.json"]
        log.path.write_bytes(old)

    assert crash_at_every_step(lambda: record(log, "1.1"), check) > 10
    assert len(seen) == 2


@posix
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_whatever_step_the_disk_refuses_a_retry_records_once(log: CaseLog, number: int) -> None:
    refused = 0
    for step in range(1, 100):
        log.path.unlink(missing_ok=True)
        record(log, "no_answer")
        with log.take(LABEL) as case:
            recorder = CaseRecorder(log, case)
            said: list[str | None] = []
            reached = BOUNDARY.run(step, fail(number), recording(recorder, said))
            if said[0] is not None:
                refused += 1
                assert [(contact.code, now) for contact, now in recorder.waiting] == [
                    ("1.1", MONDAY)
                ]
                assert "Still to be recorded for case DE-0042: 1.1." in said[0]
            if recorder.waiting:
                assert recorder.record(*recorder.waiting.pop()) is None
            assert recorder.waiting == []
            assert recorder.case.is_completed
        assert log.read().case(LABEL).codes == ("no_answer", "1.1")
        assert log.read().completed_by_week == {"2027-W18": 1}
        if not reached:
            break
    assert refused > 8


def recording(recorder: CaseRecorder, said: list[str | None]) -> Callable[[], None]:
    return lambda: said.append(recorder.record(Contact("1.1"), MONDAY))


def test_what_waits_is_recorded_in_its_order(log: CaseLog) -> None:
    with log.take(LABEL) as case:
        recorder = CaseRecorder(log, case)
        log.path.write_text("{")
        assert "damaged" in str(recorder.record(Contact("busy"), MONDAY))
        assert "busy, appointment" in str(recorder.record(Contact("appointment"), MONDAY))
        log.path.unlink()
        assert recorder.record(Contact("1.2"), MONDAY) is None
    assert log.read().case(LABEL).codes == ("busy", "appointment", "1.2")


@posix
def test_leaving_a_case_does_not_fail_when_its_folder_is_gone(tmp_path: Path) -> None:
    log = CaseLog(tmp_path / "there" / "case-log.json")
    log.path.parent.mkdir()
    with log.take(LABEL) as case:
        for path in log.path.parent.iterdir():
            path.unlink()
        log.path.parent.rmdir()
        said = CaseRecorder(log, case).record(Contact("1.1"), MONDAY)
    assert said is not None
    assert "no such" in said


# Unreadable logs


ONE, TWO, THREE = "1" * 16, "2" * 16, "3" * 16
BUSY = {"id": ONE, "code": "busy"}
WHOLE: dict[str, Any] = {
    "format": "microcred-cases/1",
    "cases": [
        {"label": "A", "contacts": [BUSY]},
        {
            "label": "B",
            "contacts": [{"id": TWO, "code": "busy"}, {"id": THREE, "code": "1.1", "after": TWO}],
        },
    ],
    "interviews": [{"id": ONE, "week": "2027-W18"}],
}


def changed(case: int = 0, **changes: object) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(WHOLE))
    whole["cases"][case].update(changes)
    return whole


def with_contact(**changes: object) -> dict[str, Any]:
    """A log whose first case has a busy line with these changes."""
    return changed(contacts=[{**BUSY, **changes}])


def in_week(*weeks: object, each: str = ONE) -> dict[str, Any]:
    return {**WHOLE, "interviews": [{"id": each, "week": week} for week in weeks]}


DAMAGED: dict[str, object] = {
    "nothing": b"",
    "half": json.dumps(WHOLE).encode()[:-40],
    "no text": b"\xff\xfe{}",
    "a key twice": b'{"format": "microcred-cases/1", "format": "microcred-cases/1"}',
    "an unknown key": {**WHOLE, "Anna": 1},
    "an unknown key at a case": changed(response_id="0" * 32),
    "an unknown outcome": with_contact(code="asleep"),
    "a case without contacts named": {**WHOLE, "cases": [{"label": "A", "contacts": None}]},
    "a name as a label": changed(label="Anna Schmidt"),
    "a name as a stratum": changed(stratum="Anna Schmidt"),
    "a case without a label": {**WHOLE, "cases": [{"contacts": []}]},
    "never tried as a contact": with_contact(code="3.11"),
    "an appointment when closed": with_contact(code="2.112", appointment={**DAY}),
    "an hour after the interview": changed(
        1, contacts=[{**BUSY, "code": "1.1", "hour": "2027-05-03T10"}]
    ),
    "no day": with_contact(appointment={**DAY, "day": "2027-13-07"}),
    "another way to write a day": with_contact(appointment={**DAY, "day": "20270507"}),
    "no hour of the day": with_contact(
        appointment={**DAY, "time": "24:00", "utc": "2027-05-07T22:00Z"}
    ),
    "an hour at no moment": with_contact(appointment={**DAY, "time": "14:00"}),
    "a moment that never was": with_contact(
        appointment={**DAY, "time": "14:00", "utc": "2027-05-07T25:00Z"}
    ),
    "an hour that never was": with_contact(hour="2027-05-03T24"),
    "a minute": with_contact(hour="2027-05-03T10:30"),
    "a contact twice": changed(contacts=[BUSY, BUSY]),
    "a contact that was undone": changed(undone=[ONE]),
    "contacts out of order": changed(contacts=[{**BUSY, "id": TWO, "after": ONE}, BUSY]),
    "an id that is a receipt": with_contact(id="A" * 16),
    "a reason in words": with_contact(reason="Anna said no"),
    "out of order": {**WHOLE, "cases": WHOLE["cases"][::-1]},
    "one case twice": changed(label="b"),
    "no week": in_week("2027-W54"),
    "an interview twice": in_week("2027-W18", "2027-W18"),
    "an interview of a case": in_week("2027-W18", each="A"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_log_is_named_and_never_overwritten(log: CaseLog, what: str) -> None:
    found = DAMAGED[what]
    data = found if isinstance(found, bytes) else json.dumps(found).encode()
    log.path.write_bytes(data)
    for use in (CaseLog.read, record_once, take_once):
        with pytest.raises(StoreError, match="damaged") as refused:
            use(log)
        assert refused.value.exit_code is ExitCode.STORAGE
        assert refused.value.where == str(log.path)
        assert "never overwritten" in refused.value.hint
        assert "Anna" not in refused.value.message
    assert log.path.read_bytes() == data
    assert [p.name for p in log.path.parent.iterdir()] == ["case-log.json"]


def record_once(log: CaseLog) -> object:
    return log.record(LABEL, Contact("busy"), MONDAY)


def take_once(log: CaseLog) -> object:
    with log.take(LABEL) as case:
        return case


def test_a_whole_log_is_read(log: CaseLog) -> None:
    log.path.write_text(json.dumps(WHOLE))
    assert log.read().counts() == Counter(I=1, UH=1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({**WHOLE, "format": "microcred-cases/2"}, "newer version"),
        ({"format": "microcred-response/1"}, "not a case log"),
        ({"format": 1}, "not a case log"),
        ([], "not a case log"),
        ("text", "not a case log"),
    ],
)
def test_another_file_and_a_newer_version_are_told_apart(
    log: CaseLog, content: object, said: str
) -> None:
    log.path.write_text(json.dumps(content))
    before = log.path.read_bytes()
    for use in (CaseLog.read, record_once):
        with pytest.raises(StoreError, match=said) as refused:
            use(log)
        assert refused.value.hint
    assert log.path.read_bytes() == before


def test_a_log_that_is_too_large_is_neither_read_nor_written(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(log, "busy")
    monkeypatch.setattr(module, "LARGEST", len(log.path.read_bytes()) + 10)
    with pytest.raises(StoreError, match="full"):
        record(log, "busy")
    assert log.read().case(LABEL).codes == ("busy",)
    monkeypatch.setattr(module, "LARGEST", 10)
    with pytest.raises(StoreError, match="longer than 10 bytes"):
        log.read()


@posix
def test_what_is_no_plain_file_of_this_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text(json.dumps(WHOLE))
    (tmp_path / "link.json").symlink_to("real.json")
    (tmp_path / "dangling.json").symlink_to("nowhere.json")
    (tmp_path / "second.json").hardlink_to(tmp_path / "real.json")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "fifo.json")
    for name, said in {
        "link.json": "symbolic link",
        "dangling.json": "symbolic link",
        "second.json": "hard link",
        "folder.json": "not a regular file",
        "fifo.json": "not a regular file",
    }.items():
        log = CaseLog(tmp_path / name)
        for use in (CaseLog.read, record_once):
            with pytest.raises(StoreError, match=said) as refused:
                use(log)
            assert refused.value.hint
    assert json.loads((tmp_path / "real.json").read_text()) == WHOLE
    assert not (tmp_path / "nowhere.json").exists()


def test_a_log_in_a_folder_that_is_not_there_is_not_begun(tmp_path: Path) -> None:
    log = CaseLog(tmp_path / "nowhere" / "case-log.json")
    assert log.read().counts() == Counter()
    for use in (record_once, take_once):
        with pytest.raises(StoreError, match="no such"):
            use(log)


@posix
def test_a_folder_of_another_user_is_refused(log: CaseLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "is_own", lambda _: False)
    with pytest.raises(StoreError, match="another user"):
        record_once(log)
    assert not log.is_there


# Quarantine


def test_the_log_is_named_by_option_environment_or_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MICROCRED_CASE_LOG", raising=False)
    assert CaseLog.named().path == tmp_path / "case-log.json"
    monkeypatch.setenv("MICROCRED_CASE_LOG", "other.json")
    assert CaseLog.named().path == tmp_path / "other.json"
    assert CaseLog.named("third.json").path == tmp_path / "third.json"


def test_the_example_on_the_page_is_a_log(log: CaseLog) -> None:
    page = (Path(__file__).parents[2] / "docs" / "interviewing.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.S)
    log.path.write_text(example)
    assert log.read().counts() == Counter(I=1, O=1)


def test_every_final_outcome_can_be_recorded(log: CaseLog) -> None:
    for outcome in FINAL:
        if outcome.code != NOT_ATTEMPTED:
            label = f"C-{outcome.code}"
            assert record(log, outcome.code, label=label).outcome == outcome.code
    groups = Counter(outcome.group for outcome in FINAL if outcome.code != NOT_ATTEMPTED)
    assert log.read().counts() == groups
