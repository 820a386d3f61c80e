"""`microcred progress`: exact for staff, masked as a page, and without any case."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cases.case import Case, Cases, Contact
from microcred_cli.cases.log import CaseLog, with_contact
from microcred_cli.errors import ExitCode

if TYPE_CHECKING:
    from tests.cli.program import Place

MONDAY = datetime(2027, 5, 3, 10, tzinfo=UTC)
STRATA = {
    "north/industry/small": ["1.1"] * 12 + ["2.112"] * 9 + ["busy"] * 20,
    "south/services/large-and-very-large": ["1.1"] * 20 + ["1.2"] * 8 + ["4.70"] * 9 + [""] * 30,
    "west/energy/one": ["1.1"],
    "west/b": ["later"] * 10,
}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microcred_cli.clock.zones.now", lambda: MONDAY)


def cases_of(strata: dict[str, list[str]]) -> Cases:
    cases = Cases()
    for stratum, codes in strata.items():
        for code in codes:
            label = f"DE-{len(cases.cases):04}"
            cases = cases.with_cases([Case(label=label, stratum=stratum)])
            if code:
                cases = with_contact(cases, label, Contact(code), MONDAY, "Europe/Berlin")
    return cases


def fill(place: Place, name: str = "case-log.json") -> None:
    CaseLog(place.folder / name).change(lambda _: cases_of(STRATA))
    place.write("fieldwork.toml", '[targets]\n"north/industry/small" = 24\neast = 5')


def test_the_table_is_exact_narrow_and_without_cases(place: Place) -> None:
    fill(place)
    ran = place.run("progress")
    assert ran.code == 0
    lines = ran.out.splitlines()
    north = next(line for line in lines if line.startswith("north/industry/small"))
    assert north.split()[1:] == ["41", "12", "0", "9", "0", "0", "0", "20", "24", "29.3", "%"]
    assert max(map(len, lines)) < 80
    assert "DE-0" not in ran.all
    assert "targets for strata without any cases: east." in ran.err
    assert "For staff only" in ran.err
    assert "Attempts per complete interview: 2.7 = 89 / 33" in lines
    assert "2027-W18" in ran.out
    assert "Quote RR3 as the response rate" in ran.out


def test_the_columns_of_the_weeks_are_explained(place: Place) -> None:
    fill(place)
    ran = place.run("progress")
    assert "refusals: cases closed by a refusal." in " ".join(ran.out.split())
    assert ".." not in ran.out
    assert "target:" not in ran.out
    lines = "\n".join(f'"{stratum}" = 24' for stratum in STRATA)
    place.write("fieldwork.toml", f"[targets]\n{lines}")
    ran = place.run("progress")
    assert "Of target: the interviews so far as a percentage" in " ".join(ran.out.split())
    assert "The target is the number of complete interviews." in " ".join(ran.out.split())


def test_json_and_csv_have_the_same_exact_figures(place: Place) -> None:
    fill(place)
    report = json.loads(place.run("progress", "--format", "json").out)
    assert report["format"] == "microcred-progress/1"
    north = report["strata"][0]
    assert (north["stratum"], north["completed"], north["target"]) == (
        *("north/industry/small", 12, 24),
    )
    assert report["all"]["cases"] == 119
    assert report["unknown_targets"] == ["east"]
    assert report["weeks"] == [{"week": "2027-W18", "interviews": 41, "so_far": 41, "refused": 9}]
    rows = list(csv.DictReader(io.StringIO(place.run("progress", "--format", "csv").out)))
    by_name = {(row["part"], row["stratum"], row["name"]): row for row in rows}
    assert by_name["stratum", "north/industry/small", "completed"]["value"] == "12"
    rate = by_name["all", "", "RR1"]
    assert (rate["numerator"], rate["denominator"]) == ("33", "110")


def test_refusals_are_counted_by_reason_and_stratum(place: Place) -> None:
    cases = cases_of({"north": [""] * 2, "south": ["1.1", "soft_refusal"], "west": ["busy"]})
    for label, code, reason in (
        ("DE-0000", "soft_refusal", "no_time"),
        ("DE-0000", "2.112", "policy"),
        ("DE-0001", "soft_refusal_other", "no_time"),
    ):
        cases = with_contact(cases, label, Contact(code, reason=reason), MONDAY, None)
    CaseLog(place.folder / "case-log.json").change(lambda _: cases)
    report = json.loads(place.run("progress", "--format", "json").out)
    counted = [{k: n for k, n in row["refusals"].items() if n} for row in report["strata"]]
    assert counted == [{"no_time": 2, "policy": 1}, {"without_reason": 1}, {}]
    assert sum(report["all"]["refusals"].values()) == 4
    assert "stratum,north,refusals no_time,2,," in place.run("progress", "--format", "csv").out
    lines = [line.split() for line in place.run("progress").out.splitlines()]
    heads = next(n for n, words in enumerate(lines) if words[1:2] == ["refusals"])
    assert lines[heads + 1] == ["north", "3", *"20000100"]


def test_several_logs_are_joined_as_in_the_rates(place: Place) -> None:
    fill(place, "one.json")
    fill(place, "two.json")
    words = ["--case-log", "one.json", "--case-log", "two.json", "--format", "json"]
    joined = json.loads(place.run("progress", *words).out)
    assert joined["all"]["cases"] == 119
    outcomes = json.loads(place.run("outcomes", *words).out)
    assert joined["all"]["rates"] == outcomes["rates"]
    said = place.run("progress", *words).err
    twice = sum(CaseLog(place.folder / "one.json").read().completed_by_week.values())
    assert f"Cases interviewed twice, each counted as one case: {twice}. To list them:" in said
    listing = "microcred outcomes --case-log one.json --case-log two.json"
    assert listing in " ".join(said.split())
    assert "DE-" not in said


def test_the_page_masks_small_numbers_and_pools_small_strata(place: Place) -> None:
    fill(place)
    ran = place.run("progress", "--output", "page.html")
    assert ran.code == 0, ran
    assert "exact" not in ran.err
    page = (place.folder / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "DE-0" not in page
    assert "Other strata: west/b, west/energy/one." in page
    row = page.partition("south/services/large-and-very-large")[2].partition("</tr>")[0]
    figures = [cell.partition("</td>")[0] for cell in row.split("<td>")[1:]]
    assert figures == ["65", "20", "10", "&lt;8", "&lt;8", "10", "&lt;8", "30", "", "36 %"]


def page_of(place: Place, cases: Cases, settings: str = "") -> str:
    (place.folder / "case-log.json").unlink(missing_ok=True)
    CaseLog(place.folder / "case-log.json").change(lambda _: cases)
    place.write("fieldwork.toml", settings)
    ran = place.run("progress", "--format", "html")
    assert ran.code == 0, ran
    return ran.out


def cells(page: str, name: str) -> list[str]:
    row = page.partition(f'<th scope="row">{name}<')[2].partition("</tr>")[0]
    return [cell.partition("</td>")[0] for cell in row.split("<td>")[1:]]


def test_a_page_shows_neither_attempts_nor_targets_that_reveal_a_masked_number(
    place: Place,
) -> None:
    strata = {"north": ["1.1"] * 6 + [""] * 20, "south": ["1.1"] * 20 + ["busy"] * 20}
    settings = "[calling]\nquota_closes = true\n[targets]\nnorth = 6\nsouth = 30"
    page = page_of(place, cases_of(strata), settings)
    assert "Attempts" not in page
    assert cells(page, "north")[1:] == ["&lt;8", *["&lt;8"] * 5, "20", "", ""]
    assert "30 (67 %)" in cells(page, "south")
    assert cells(page, "All strata")[-2] == ""


def in_weeks(cases: Cases, *weeks: list[str]) -> Cases:
    """The cases, and more cases with these outcomes in this week and earlier ones."""
    for ago, codes in enumerate(weeks):
        for code in codes:
            label, then = f"Z-{len(cases.cases):04}", MONDAY - timedelta(weeks=ago)
            cases = cases.with_cases([Case(label=label, stratum="north")])
            cases = with_contact(cases, label, Contact(code), then, "Europe/Berlin")
    return cases


def test_interviews_by_week_do_not_narrow_down_a_masked_number(place: Place) -> None:
    sentence = "The numbers with dashes would reveal a small number"
    others = cases_of({"north": ["busy"] * 100 + ["2.112"] * 25})
    # 108 is printed as 110 and 102 as 100, so there would be 6 or 7 partial interviews.
    page = page_of(place, in_weeks(others, ["1.1"] * 102 + ["1.2"] * 6))
    assert cells(page, "All strata")[1:3] == ["100", "&lt;8"]
    assert cells(page, "2027-W18") == ["–", "25"]
    assert sentence in page
    weeks = [["1.1"] * 20 + ["1.2"]] * 5
    page = page_of(place, in_weeks(others, *weeks))
    assert [cells(page, f"2027-W{week}")[0] for week in (18, 14)] == ["20", "20"]
    # 12 is printed as 10, which can be 8; if weeks were shown, there would be ten or more.
    page = page_of(place, in_weeks(others, *[["1.1"] * 3] * 4))
    assert cells(page, "2027-W18")[0] == "–"


def test_a_withheld_row_is_not_shown_as_a_small_number(place: Place) -> None:
    page = page_of(place, cases_of({"north": ["1.1"] * 20}))
    assert "<dt>Complete interviews</dt><dd>–</dd>" in page
    assert "2027-W18" not in page


def test_the_page_has_refusals_by_week_and_rates_from_the_printed_numbers(place: Place) -> None:
    codes = ["1.1"] * 20 + ["1.2"] * 10 + ["2.112"] * 23 + ["busy"] * 40
    page = page_of(place, cases_of({"north": codes}))
    assert cells(page, "2027-W18")[1] == "25"
    assert "<dt>With partial interviews (RR2)</dt><dd>32 %</dd>" in page
    assert "<dt>Refusal rate (REF1)</dt><dd>26 %</dd>" in page
    # Two weeks of at most 12 refusals would tell that there are at most 24.
    week = ["1.1"] * 10 + ["1.2"] * 5 + ["2.112"] * 12
    page = page_of(place, in_weeks(cases_of({"north": ["busy"] * 30}), week, week))
    assert cells(page, "2027-W17") == ["15", "–"]


def test_a_page_of_few_cases_is_refused(place: Place) -> None:
    CaseLog(place.folder / "case-log.json").record("A-1", Contact("1.1"), MONDAY)
    ran = place.run("progress", "--format", "html")
    assert ran.code == ExitCode.DISCLOSURE
    assert ran.out == ""
    assert place.run("progress").code == 0


def test_without_a_log_a_sentence_says_so(place: Place) -> None:
    ran = place.run("progress")
    assert (ran.code, ran.out) == (0, "")
    assert "no case log here yet" in ran.err


def test_a_target_for_an_unknown_stratum_is_a_finding(place: Place) -> None:
    fill(place)
    ran = place.run("fieldwork", "check", "--language", "en")
    assert ran.code == ExitCode.FINDING
    assert "targets: The case log has no cases in the stratum east." in ran.out
