"""`microcred outcomes`: its output for a case log, and its errors."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cases.case import Contact
from microcred_cli.cases.log import CaseLog
from microcred_cli.cases.rates import NAMES
from microcred_cli.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.cli.program import Place

MONDAY = datetime(2027, 5, 3, 10, tzinfo=UTC)
PUBLISHED: Sequence[Sequence[str]] = (
    *[["no_answer", "1.1"]] * 4,
    *[["1.2"]] * 2,
    ["soft_refusal", "2.112"],
    ["2.20"],
    ["appointment"],
    ["no_answer", "no_answer"],
    ["call_back"],
    ["4.70"],
)
"""I4 P2 R1 NC1 O1 UH1 UO1 NE1; three of the cases are open."""


def fill(path: Path, cases: Sequence[Sequence[str]] = PUBLISHED) -> CaseLog:
    log = CaseLog(path)
    for number, codes in enumerate(cases):
        for code in codes:
            log.record(f"DE-{number:04}", Contact(code), MONDAY)
    return log


def test_the_table_has_counts_e_rates_contacts_and_weeks(place: Place) -> None:
    fill(place.folder / "case-log.json")
    ran = place.run("outcomes")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].split() == ["Cases", "in", "the", "log:", "12", "all", "open"]
    assert lines[1].split() == ["I", "Complete", "interview", "4", "0"]
    assert lines[7].startswith("  UO  Unknown whether eligible ")
    assert lines[7].split()[-2:] == ["1", "1"]
    assert "contact counts; an appointment is not a refusal." in lines
    assert "e = 0.9000 = 9 / 10, estimated (CASRO):" in lines
    assert "  RR1         36.4 %         4 / 11" in lines
    assert "  RR3         37.0 %         4 / 10.80" in lines
    assert "  CON2        74.1 %         8 / 10.80" in lines
    assert "    2       6" in lines
    assert lines[-1] == "  2027-W18       6"


def test_the_table_is_plain_narrow_and_without_labels(place: Place) -> None:
    fill(place.folder / "case-log.json")
    ran = place.run("outcomes")
    assert ran.out.isascii()
    assert "\x1b" not in ran.all
    assert max(map(len, ran.all.splitlines())) < 60
    assert "DE-00" not in ran.all
    assert "For staff only" in ran.err
    assert "For staff only" not in ran.out


def test_the_table_of_many_cases_is_as_narrow(place: Place) -> None:
    cases = [
        {"label": f"C{n:06}", "contacts": [{"id": f"{n:016x}", "code": "call_back"}]}
        for n in range(12_000)
    ]
    content = {"format": "microcred-cases/1", "cases": cases}
    place.write("case-log.json", json.dumps(content).encode())
    ran = place.run("outcomes")
    assert ran.out.startswith("Cases in the log: 12,000 ")
    assert max(map(len, ran.out.splitlines())) < 60


def test_a_given_e_takes_the_place_of_the_estimate(place: Place) -> None:
    fill(place.folder / "case-log.json")
    lines = place.run("outcomes", "--e", "0.5").out.splitlines()
    assert "e = 0.5000, as specified with --e" in lines
    assert "  RR3         40.0 %         4 / 10" in lines
    assert place.run("outcomes", "--e", "1").out.count("e = 1, as specified") == 1


@pytest.mark.parametrize("e", ["1.5", "-0.1", "half", "nan", "1e9", "1/2", "", "9" * 5000])
def test_an_e_that_is_no_share_is_refused(place: Place, e: str) -> None:
    fill(place.folder / "case-log.json")
    ran = place.run("outcomes", "--e", e)
    assert ran.code == ExitCode.USAGE
    assert ran.out == ""
    assert "[--e]" in ran.err


def test_json_has_every_figure_and_null_for_what_is_not_defined(place: Place) -> None:
    fill(place.folder / "case-log.json")
    report = json.loads(place.run("outcomes", "--format", "json").out)
    assert list(report) == [
        "format",
        "cases",
        "open",
        "groups",
        "e",
        "rates",
        "contacts_per_case",
        "completed_by_week",
    ]
    assert (report["format"], report["cases"], report["open"]) == ("microcred-outcomes/1", 12, 3)
    counts = {group["group"]: group["cases"] for group in report["groups"]}
    assert counts == {"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1}
    assert report["e"] == {"value": 0.9, "source": "estimated", "numerator": 9, "denominator": 10}
    rates = {rate["rate"]: rate for rate in report["rates"]}
    assert tuple(rates) == NAMES
    assert rates["RR3"]["denominator"] == 10.8
    assert rates["RR3"]["value"] == pytest.approx(4 / 10.8)
    assert report["completed_by_week"] == {"2027-W18": 6}
    fill(place.folder / "one.json", [["3.13"]])
    one = json.loads(place.run("outcomes", "--case-log", "one.json", "--format", "json").out)
    values = {rate["rate"]: rate["value"] for rate in one["rates"]}
    assert one["e"]["value"] is None
    assert {name for name, value in values.items() if value == 0} == {"RR1", "RR2", "REF1", "CON1"}
    assert {name for name, value in values.items() if value is None} == {
        *NAMES,
    } - {"RR1", "RR2", "REF1", "CON1"}


def test_csv_has_a_row_for_each_figure(place: Place) -> None:
    fill(place.folder / "case-log.json", [["3.13"]])
    out = place.run("outcomes", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    by_name = {(row["part"], row["name"]): row for row in rows}
    assert by_name["group", "UH"]["value"] == "1"
    assert by_name["rate", "RR1"]["value"] == "0"
    assert by_name["rate", "RR5"]["value"] == ""
    assert by_name["e", "e"]["value"] == ""
    assert len(rows) == 8 + 1 + 16 + 1


@pytest.mark.parametrize("output_format", ["table", "json", "csv"])
def test_the_output_can_go_to_a_file(place: Place, output_format: str) -> None:
    fill(place.folder / "case-log.json")
    shown = place.run("outcomes", "--format", output_format).out
    ran = place.run("outcomes", "--format", output_format, "--output", "out")
    assert (ran.code, ran.out) == (0, "")
    written = (place.folder / "out").read_bytes().decode()
    assert written.splitlines() == shown.splitlines()
    assert os.name == "nt" or (place.folder / "out").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "output_format"), [("o.json", "json"), ("o.CSV", "csv"), ("o.txt", "table")]
)
def test_the_end_of_the_files_name_says_the_format(
    place: Place, name: str, output_format: str
) -> None:
    fill(place.folder / "case-log.json")
    shown = place.run("outcomes", "--format", output_format).out
    assert place.run("outcomes", "--output", name).code == 0
    assert (place.folder / name).read_bytes().decode() == shown
    assert place.run("outcomes", "--format", "csv", "--output", "named").code == 0
    assert (place.folder / "named").read_text().startswith("part,name")
    assert place.run("outcomes", "--format", "csv", "--output", "n.json").code == ExitCode.USAGE
    refused = place.run("outcomes", "--output", "report.html")
    assert refused.code == ExitCode.USAGE
    assert "--output" in refused.err
    assert not (place.folder / "report.html").exists()


def test_the_output_never_takes_the_place_of_the_log(place: Place) -> None:
    log = fill(place.folder / "case-log.json")
    before = log.path.read_bytes()
    (place.folder / "sub").mkdir()
    for name in ("case-log.json", "sub/../case-log.json", str(log.path)):
        ran = place.run("outcomes", "--output", name)
        assert ran.code == ExitCode.USAGE
        assert "is a case log" in ran.err
    assert place.run("outcomes", "--output", "sub").code == ExitCode.USAGE
    assert log.path.read_bytes() == before


def test_without_a_log_a_sentence_says_so(place: Place) -> None:
    ran = place.run("outcomes")
    assert (ran.code, ran.out) == (0, "")
    assert "no case log here yet" in ran.err
    report = json.loads(place.run("outcomes", "--format", "json").out)
    assert (report["cases"], report["e"]["value"]) == (0, None)
    assert {rate["value"] for rate in report["rates"]} == {None}


def test_a_log_without_cases_is_said_to_have_none(place: Place) -> None:
    empty = {"format": "microcred-cases/1", "cases": [], "interviews": []}
    place.write("case-log.json", empty)
    ran = place.run("outcomes")
    assert (ran.code, ran.out) == (0, "")
    assert "no cases yet" in ran.err


def test_a_log_that_is_named_must_be_there(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = place.run("outcomes", "--case-log", "nowhere.json")
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert "nowhere.json" in ran.err
    monkeypatch.setenv("MICROCRED_CASE_LOG", "elsewhere.json")
    assert "elsewhere.json" in place.run("outcomes").err
    fill(place.folder / "elsewhere.json")
    assert place.run("outcomes").out.startswith("Cases in the log: 12 ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "damaged"),
        ({"format": "microcred-cases/2"}, "newer version"),
        ({"format": "something"}, "not a case log"),
    ],
)
def test_a_log_that_cannot_be_read_is_a_sentence_with_its_mend(
    place: Place, content: object, said: str
) -> None:
    place.write("case-log.json", content)
    ran = place.run("outcomes")
    assert (ran.code, ran.out) == (ExitCode.STORAGE, "")
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) == 2


def test_an_unknown_format_is_refused(place: Place) -> None:
    ran = place.run("outcomes", "--format", "html")
    assert ran.code == ExitCode.USAGE
    assert "table, json, csv" in ran.err


class TestSeveralLogs:
    """Each interviewer has a case log; the report is on all of them."""

    def logs(self, place: Place, *cases: dict[str, Sequence[str]]) -> list[str]:
        options = []
        for number, contacts in enumerate(cases):
            path = place.folder / f"log-{number}.json"
            for label, codes in contacts.items():
                for code in codes:
                    CaseLog(path).record(label, Contact(code), MONDAY)
            options += ["--case-log", str(path)]
        return options

    def report(self, place: Place, *options: str) -> tuple[dict[str, int], dict[int, int], str]:
        ran = place.run("outcomes", *options, "--format", "json")
        assert ran.code == 0, ran
        report = json.loads(ran.out)
        groups = {each["group"]: each["cases"] for each in report["groups"] if each["cases"]}
        contacts = {each["contacts"]: each["cases"] for each in report["contacts_per_case"]}
        assert sum(groups.values()) == report["cases"]
        return groups, contacts, ran.err

    def test_their_cases_and_weeks_are_added(self, place: Place) -> None:
        options = self.logs(place, {"A1": ["1.1"]}, {"B1": ["1.1"], "B2": ["2.112"]})
        groups, _, err = self.report(place, *options)
        assert groups == {"I": 2, "R": 1}
        assert "2027-W18       2" in place.run("outcomes", *options).out
        assert "twice" not in err

    @pytest.mark.parametrize("other_first", [False, True])
    @pytest.mark.parametrize(
        ("one", "other", "group"),
        [
            (["no_answer"], ["no_answer"], "UH"),
            (["no_answer"], ["2.112"], "R"),
            (["2.112"], ["1.2"], "P"),
            (["soft_refusal", "1.1"], ["busy", "busy", "3.90"], "I"),
        ],
    )
    def test_a_case_of_two_logs_is_one_with_the_contacts_of_both(
        self, place: Place, one: list[str], other: list[str], group: str, other_first: bool
    ) -> None:
        logs: list[dict[str, Sequence[str]]] = [{"DE-1": one}, {"de-1": other}]
        groups, contacts, _ = self.report(
            place, *self.logs(place, *logs[:: -1 if other_first else 1])
        )
        assert groups == {group: 1}
        assert contacts == {len(one) + len(other): 1}

    def test_two_interviews_of_one_case_are_named(self, place: Place) -> None:
        options = self.logs(place, {"A1": ["1.1"], "A2": ["1.1"]}, {"A1": ["1.2"]})
        groups, _, err = self.report(place, *options)
        assert sum(groups.values()) == 2
        assert "Interviewed twice, counted as one case: A1." in err
        assert "2027-W18       3" in place.run("outcomes", *options).out

    def test_an_interview_recorded_in_two_logs_counts_once_whatever_their_order(
        self, place: Place
    ) -> None:
        """The second log is a copy of the first one, and both were continued."""
        options = self.logs(place, {"A1": ["no_answer", "1.1"], "A2": ["busy"]})
        log = CaseLog(place.folder / "log-0.json")
        copy = CaseLog(place.folder / "copy.json")
        copy.path.write_bytes(log.path.read_bytes())
        log.record("A2", Contact("1.1"), MONDAY)
        copy.record("A3", Contact("1.1"), MONDAY + timedelta(days=7))
        options += ["--case-log", str(copy.path)]
        for ordered in (options, [*options[2:], *options, *options]):
            groups, contacts, err = self.report(place, *ordered)
            assert groups == {"I": 3}
            assert contacts == {1: 1, 2: 2}
            assert "twice" not in err
            weeks = place.run("outcomes", *ordered).out.splitlines()[-2:]
            assert [week.split() for week in weeks] == [["2027-W18", "2"], ["2027-W19", "1"]]

    def test_each_of_them_must_exist(self, place: Place) -> None:
        options = self.logs(place, {"A1": ["no_answer"]})
        ran = place.run("outcomes", *options, "--case-log", "missing.json")
        assert ran.code == ExitCode.USAGE
        assert "missing.json" in ran.err

    def test_an_interview_has_one_log(self, place: Place) -> None:
        options = self.logs(place, {"A1": ["no_answer"]}, {"A2": ["no_answer"]})
        ran = place.run("interview", "--mode", "phone", "--case", "A1", *options)
        assert ran.code == ExitCode.USAGE
        assert "--case-log was given more than once." in ran.err


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        (PUBLISHED, "Quote RR3 as the response rate, or RR4 if partial interviews count"),
        ([["1.1"], ["2.112"]], "Quote RR1 as the response rate"),
        ([["no_answer"]], "the rates that need e are not defined"),
    ],
    ids=["unknown eligibility", "all known", "nothing known"],
)
def test_the_rate_to_quote_is_named_with_the_reason(
    place: Place, cases: Sequence[Sequence[str]], said: str
) -> None:
    fill(place.folder / "case-log.json", cases)
    out = " ".join(place.run("outcomes").out.split())
    assert said in out
    is_open = any(codes[-1] in ("no_answer", "appointment") for codes in cases)
    assert ("No rate is final while cases are open." in out) is is_open
