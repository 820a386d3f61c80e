"""`microcred cases`: the list, loading, sharing and joining."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.case import Case, Cases, Contact
from microcred_cli.cases.log import CaseLog
from microcred_cli.errors import ExitCode
from microcred_cli.session.contact import CaseContact
from microcred_cli.terminal.mode import Surroundings
from tests.cli.program import Lines

if TYPE_CHECKING:
    from tests.cli.program import Place

MONDAY = datetime(2027, 5, 3, 10, 20, tzinfo=UTC)
SAMPLE = "case,stratum,timezone\n" + "".join(
    f"DE-{n},{stratum},Europe/Berlin\n" for n, stratum in enumerate(["north", "south"] * 5)
)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microcred_cli.clock.zones.now", lambda: MONDAY)


def log_of(place: Place, name: str = "case-log.json") -> CaseLog:
    return CaseLog(place.folder / name)


def fill(place: Place) -> CaseLog:
    """A log with a case in each state."""
    log = log_of(place)
    log.change(lambda _: Cases(cases=(Case(label="A-1", stratum="north"), Case(label="A-2"))))
    made = Appointment(
        day="2027-05-05", time="14:30", timezone="Europe/Berlin", utc="2027-05-05T12:30Z"
    )
    contacts = {
        "A-3": [Contact("busy")],
        "A-4": [Contact("no_answer"), Contact("appointment", made)],
        "A-5": [Contact("begun")],
        "A-6": [Contact("2.112")],
    }
    for label, made_contacts in contacts.items():
        for contact in made_contacts:
            log.record(label, contact, MONDAY)
    log.record("A-2", Contact("1.1"), MONDAY)
    return log


def shapes(place: Place, *words: str) -> dict[str, dict[str, Any]]:
    ran = place.run("cases", *words, "--format", "json")
    assert ran.code == 0, ran
    report = json.loads(ran.out)
    assert report["format"] == "microcred-case-list/1"
    return {each["case"]: each for each in report["cases"]}


class TestList:
    def test_json_has_every_case_with_its_state_and_rule(self, place: Place) -> None:
        fill(place)
        found = shapes(place)
        assert found["A-4"] == {
            "case": "A-4",
            "stratum": None,
            "state": "open",
            "rule": "appointment",
            "outcome": None,
            "appointment": {"day": "2027-05-05", "time": "14:30", "timezone": "Europe/Berlin"},
            "attempts": 2,
        }
        assert {label: (each["state"], each["rule"]) for label, each in found.items()} == {
            "A-1": ("due", "first_call"),
            "A-2": ("closed", None),
            "A-3": ("open", "retry_busy"),
            "A-4": ("open", "appointment"),
            "A-5": ("paused", "paused"),
            "A-6": ("closed", None),
        }
        assert found["A-2"]["outcome"] == "1.1"
        assert [*shapes(place, "--stratum", "north")] == ["A-1"]
        assert [*shapes(place, "--state", "closed")] == ["A-2", "A-6"]

    def test_the_table_says_why_and_from_when(self, place: Place) -> None:
        fill(place)
        place.write("fieldwork.toml", 'timezone = "Europe/Berlin"')
        assert place.run("cases").out.splitlines() == [
            "Due now: 1",
            "  A-1 (north); First contact",
            "Paused interviews: 1",
            "  A-5; Interview to be continued; from Tuesday 4 May, 09:00 (Europe/Berlin); "
            "1 contact",
            "Open, not due yet: 2",
            "  A-3; The line was busy; from 13:30 (Europe/Berlin); 1 contact",
            "  A-4; Appointment: Wednesday 5 May, 14:30 (Europe/Berlin); 2 contacts",
            "Closed: 2",
            "  A-2; Complete interview (1.1); 1 contact",
            "  A-6; Refused by the respondent (2.112); 1 contact",
        ]

    def test_only_the_heading_of_the_state_asked_for_is_printed(self, place: Place) -> None:
        fill(place)
        assert place.run("cases", "--state", "due").out.splitlines() == [
            "Due now: 1",
            "  A-1 (north); First contact",
        ]
        place.run("cases", "--state", "paused", "--stratum", "north", "--output", "list.txt")
        assert (place.folder / "list.txt").read_text() == "Paused interviews: 0\n"

    def test_csv_has_a_row_for_each_case_in_order(self, place: Place) -> None:
        fill(place)
        rows = list(csv.DictReader(io.StringIO(place.run("cases", "--format", "csv").out)))
        by_label = {row["case"]: row for row in rows}
        assert next(iter(by_label)) == "A-1"
        assert by_label["A-4"]["time"] == "14:30"
        assert by_label["A-3"]["from"] == "2027-05-03T11:30Z"
        assert by_label["A-1"]["from"] == ""

    def test_the_settings_have_the_rules(self, place: Place) -> None:
        fill(place)
        place.write("fieldwork.toml", '[calling]\nhours = ["13:00-17:00"]\n[targets]\nnorth = 0')
        assert shapes(place)["A-1"]["state"] == "open"
        place.write("fieldwork.toml", "[calling]\nquota_closes = true\n[targets]\nnorth = 0")
        closed = shapes(place)["A-1"]
        assert (closed["state"], closed["rule"], closed["outcome"]) == ("closed", "quota", "4.80")
        out = place.run("outcomes", "--format", "json").out
        groups = {each["group"]: each for each in json.loads(out)["groups"]}
        assert (groups["NE"]["cases"], groups["NE"]["open"]) == (1, 0)

    def test_after_the_last_day_of_the_survey_the_list_says_so(self, place: Place) -> None:
        fill(place)
        place.write("fieldwork.toml", "closes = 2027-05-03")
        assert "closed" not in place.run("cases").err
        place.write("fieldwork.toml", "closes = 2027-05-02")
        assert "The survey closed on 2 May 2027, so no case can be called" in place.run("cases").err

    def test_a_case_in_use_in_a_window_is_not_due(self, place: Place) -> None:
        log = fill(place)
        with log.take("A-1"), log.take("A-4"):
            (place.folder / ".case-log.json.0123456789abcdef.lock").touch()
            found = shapes(place)
            in_use = {label for label, shape in found.items() if shape["rule"] == "in_use"}
            assert in_use == {"A-1", "A-4"}
            assert {found[label]["state"] for label in in_use} == {"open"}
            assert "A-1 (north); In use in another window" in place.run("cases").out
            assert place.run("cases", "--state", "due", "--format", "csv").out.count("A-1") == 0
        assert shapes(place)["A-1"]["state"] == "due"

    def test_a_case_with_an_open_interview_or_in_use_is_not_shared(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log_of(place).change(lambda _: Cases(cases=(Case(label="A-1"), Case(label="A-2"))))
        monkeypatch.setattr(CaseContact, "ended", lambda *_, **__: True)  # killed, nothing recorded
        typed = "\n".join(["1", *Lines().until("mc_awarder"), ""])
        place.run("interview", "--mode", "phone", "--plain", "--case", "A-2", typed=typed)
        assert len(place.drafts) == 1
        found = shapes(place)
        assert (found["A-1"]["state"], found["A-1"]["rule"]) == ("due", "first_call")
        assert (found["A-2"]["state"], found["A-2"]["rule"]) == ("due", "paused")
        assert "only in the original log: A-2." in place.run("cases", "share", "1", "shared").err
        shared = log_of(place, "shared/case-log-1.json").read()
        assert [case.label for case in shared.cases] == ["A-1"]
        with log_of(place).take("A-1"):
            ran = place.run("cases", "share", "1", "none")
        assert "only in the original log: A-1, A-2." in ran.err
        assert not log_of(place, "none/case-log-1.json").read().cases
        log_of(place).record("A-2", Contact("no_answer"), MONDAY)
        assert shapes(place)["A-2"]["rule"] == "retry_no_answer"
        assert shapes(place)["A-2"]["state"] == "paused"

    def test_a_clock_that_is_behind_is_named(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(place)
        assert "clock" not in place.run("cases").err
        earlier = datetime(2026, 5, 3, tzinfo=UTC)
        monkeypatch.setattr("microcred_cli.clock.zones.now", lambda: earlier)
        ran = place.run("cases")
        assert "5 contacts are dated in the future" in ran.err
        assert "A-3; The line was busy; 1 contact" in ran.out

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--state", "asleep"], "Unknown state 'asleep'"),
            (["--stratum", "east"], "There is no case in this stratum"),
            (["--format", "html"], "Unknown format 'html'"),
            (["--output", "case-log.json"], "is a case log"),
            (["--case-log", "case-log.json", "load", "x.csv"], "Specify options after load"),
            (["--output", "", "load", "sample.csv"], "Specify options after load"),
        ],
    )
    def test_what_is_wrong_is_named(self, place: Place, words: list[str], said: str) -> None:
        log = fill(place)
        place.write("sample.csv", SAMPLE)
        before = log.path.read_bytes()
        ran = place.run("cases", *words)
        assert ran.code == ExitCode.USAGE
        assert said in ran.err
        assert log.path.read_bytes() == before

    def test_without_a_log_a_sentence_says_so(self, place: Place) -> None:
        ran = place.run("cases")
        assert (ran.code, ran.out) == (0, "")
        assert "no case log here yet" in ran.err

    def test_a_log_of_training_cases_is_marked(self, place: Place) -> None:
        log_of(place).change(lambda _: Cases(synthetic=True, cases=(Case(label="A-1"),)))
        for command in ("cases", "outcomes"):
            assert "training cases" in place.run(command).err


class TestChanges:
    def test_a_sample_is_loaded_and_loaded_again(self, place: Place) -> None:
        place.write("sample.csv", SAMPLE)
        assert (
            "Cases added: 10. Already in the log: 0."
            in place.run("cases", "load", "sample.csv").err
        )
        log_of(place).record("DE-1", Contact("busy"), MONDAY)
        place.write("sample.csv", SAMPLE.replace("DE-2,north", "DE-2,west") + "DE-77,north,\n")
        again = place.run("cases", "load", "sample.csv")
        assert "Cases added: 1. Already in the log: 10. Cases in the log: 11." in again.err
        assert "not changed: DE-2." in again.err
        found = shapes(place)
        assert (found["DE-1"]["attempts"], found["DE-2"]["stratum"]) == (1, "north")

    def test_languages_that_are_not_offered_are_reported(self, place: Place) -> None:
        sample = "case,language\nA-1,de\nA-2,sv\nA-3,sv\nA-4,\n"
        ran = place.run("cases", "load", "-", typed=sample)
        assert "not available in languages of the sample: sv (2)." in ran.err
        assert "Cases added: 4." in ran.err
        ran = place.run("fieldwork", "check", "--language", "en")
        assert "cases in languages that are not offered: sv (2)." in " ".join(ran.out.split())

    def test_a_sample_can_be_piped(self, place: Place) -> None:
        assert place.run("cases", "load", "-", typed=SAMPLE).code == 0
        assert len(shapes(place)) == 10

    def test_a_sample_with_an_error_leaves_no_log(self, place: Place) -> None:
        place.write("sample.csv", SAMPLE + "Anna Schmidt,north,\nDE-77,north,CET\n")
        ran = place.run("cases", "load", "sample.csv")
        assert ran.code == ExitCode.USAGE
        assert "\n  Line 12: This looks like a name" in ran.err
        assert "\n  Line 13: The time zone is unknown" in ran.err
        assert not log_of(place).is_there

    def test_shared_and_joined_nothing_is_lost_or_doubled(self, place: Place) -> None:
        place.write("sample.csv", SAMPLE)
        place.run("cases", "load", "sample.csv")
        log_of(place).record("DE-1", Contact("2.112"), MONDAY)
        ran = place.run("cases", "share", "2", "shared")
        assert "Case logs written: 2, each with 4 to 5 open cases." in ran.err
        ran = place.run("cases", "share", "3", "thirds")
        assert "Case logs written: 3, each with 3 open cases." in ran.err
        names = sorted(path.name for path in (place.folder / "shared").iterdir())
        assert names == ["case-log-1.json", "case-log-2.json"]
        logs = [log_of(place, f"shared/{name}") for name in names]
        labels = [[case.label for case in log.read().cases] for log in logs]
        assert sorted(labels[0] + labels[1]) == sorted({*shapes(place)} - {"DE-1"})
        for log, own in zip(logs, labels, strict=True):
            log.record(own[0], Contact("1.1"), MONDAY)
        words = ["cases", "join", *(f"shared/{name}" for name in names)]
        assert "Contacts: 3 (1 before)" in place.run(*words).err
        joined = log_of(place).path.read_bytes()
        for again in (words, [*words[:2], *words[:1:-1], *words[2:], "case-log.json"]):
            assert "Contacts: 3 (3 before)" in place.run(*again).err
            assert log_of(place).path.read_bytes() == joined
        assert place.run(*words, "case-log.json", "--output", "new.json").code == 0
        assert log_of(place, "new.json").path.read_bytes() == joined
        logs[0].record(labels[1][0], Contact("1.2"), MONDAY)
        told = place.run(*words).err
        assert f"Interviewed twice, counted as one case: {labels[1][0]}." in told
        assert "receipt" in told

    def test_a_damaged_log_is_not_joined(self, place: Place) -> None:
        assert "microcred cases load FILE" in place.run("cases").err
        place.write("broken.json", "{")
        ran = place.run("cases", "join", "broken.json")
        assert ran.code == ExitCode.STORAGE
        assert "Get another copy of this file" in ran.err
        assert not log_of(place).is_there

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["share", "0", "shared"], "N must be from 1"),
            (["share", "2", "."], "The folder is not empty"),
            (["share", "2", "x", "--case-log", "missing.json"], "does not exist"),
            (["join", "missing.json"], "does not exist"),
            (
                ["join", "case-log.json", "--output", "a", "--case-log", "b"],
                "Two files were specified",
            ),
            (["join", "case-log.json", "--output", ""], "The path of the case log is empty"),
            (["load", "sample.csv", "--case-log", ""], "The path of the case log is empty"),
            (["load", "case-log.json"], "Column 1 is not allowed"),
            (["load", "missing.csv"], "There is no such file"),
        ],
    )
    def test_what_cannot_be_done_is_named(self, place: Place, words: list[str], said: str) -> None:
        log = fill(place)
        place.write("sample.csv", SAMPLE)
        before = log.path.read_bytes()
        ran = place.run("cases", *words)
        assert ran.code == ExitCode.USAGE
        assert said in ran.err
        assert log.path.read_bytes() == before


class TestLabels:
    WORDS = ("interview", "--mode", "phone", "--plain", "--case", "A-9")

    def test_a_label_outside_the_sample_is_asked_about(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Without a sample, the case is added by its first contact.
        place.run(*self.WORDS, typed="8\n")
        assert log_of(place).read().has("A-9")
        log_of(place).path.unlink()
        fill(place)
        assert "Case A-9 is not in the sample. The case is added" in place.run(*self.WORDS).err

        class Terminal:
            is_terminal = True

        monkeypatch.setattr(Surroundings, "real", lambda: Terminal)
        ran = place.run(*self.WORDS, typed="no\n")
        assert (ran.code, "Nothing was recorded" in ran.err) == (ExitCode.USAGE, True)
        assert not log_of(place).read().has("A-9")

    def test_a_full_quota_is_mentioned(self, place: Place) -> None:
        fill(place)
        place.write("fieldwork.toml", "[calling]\nquota_closes = true\n[targets]\nnorth = 0")
        ran = place.run(*self.WORDS[:-1], "A-1", typed="2\n")
        assert "contact go? The quota of the stratum north is full" in ran.out


def test_an_interview_is_refused_if_the_path_of_the_case_log_is_empty(place: Place) -> None:
    ran = place.run("interview", "--mode", "phone", "--case", "A-1", "--case-log", "")
    assert ran.code == ExitCode.USAGE
    assert "The path of the case log is empty" in ran.err
