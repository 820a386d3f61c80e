"""A pilot keeps times per item in coarse bands, and tells its respondents so."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.records.receipts import times_id
from microcred_cli.records.times import times_of
from microcred_cli.session import session
from microcred_cli.store.folder import Responses
from tests.cli.program import Lines

if TYPE_CHECKING:
    from tests.cli.program import Place

PILOT = "[pilot]\ntimes = true\n"
ROUTE = "representative unaware"
TOLD = "The program also stores how long each question takes"


@pytest.fixture(autouse=True)
def _a_slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that shows 20 seconds more at every look."""
    looks = iter(range(0, 1_000_000, 20))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(looks)))


def times_in(place: Place) -> dict[str, Any]:
    (path,) = (place.responses / "times").iterdir()
    return {"name": path.stem, **json.loads(path.read_text(encoding="utf-8"))}


def test_times_are_stored_separately_and_only_as_bands(place: Place) -> None:
    place.write("fieldwork.toml", PILOT)
    ran = place.run("respond", "--plain", typed=Lines(ROUTE).whole())
    assert TOLD in ran.out
    found = times_in(place)
    assert found["name"] == found["times_id"] == times_id(ran.receipt)
    answers = place.response["answers"]
    assert [*found["bands"]] == [*answers]
    skipped = {item for item, band in found["bands"].items() if band == 0}
    assert skipped == {item for item, answer in answers.items() if answer == "not_asked"}
    assert {*found["bands"].values()} <= {0, 3, 4, 5}
    assert "times" not in place.response
    assert not place.drafts


def test_a_paused_interview_keeps_its_times_until_it_is_handed_in(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("fieldwork.toml", PILOT)
    half = Lines(ROUTE).until("country")
    ran = place.run("respond", "--plain", typed="\n".join([*half, ":pause", ""]))
    assert [*place.draft["times"]] == ["consent", "org_role"]
    rest = Lines(ROUTE).whole().splitlines()[len(half) :]
    monkeypatch.setattr(session.Session, "show_receipt", lambda *_: 0)  # not confirmed
    place.run("resume", ran.resume_code, "--plain", typed="\n".join(rest))
    assert times_in(place)["bands"]["consent"] > 0
    assert (place.draft["stored"], place.draft["times"]) == (True, None)


def test_without_a_pilot_nothing_is_measured_or_said(place: Place) -> None:
    for settings in ("", "[pilot]\ntimes = false\n"):
        place.write("fieldwork.toml", settings)
        ran = place.run("respond", "--plain", typed=Lines(ROUTE).whole())
        assert TOLD not in ran.out
    assert len(place.files) == 2
    assert not (place.responses / "times").exists()
    assert "Times" not in place.run("check").out


def test_an_interviewer_reads_it_out_and_staff_can_check_it(place: Place) -> None:
    place.write("fieldwork.toml", PILOT)
    ran = place.run("interview", "--mode", "phone", "--plain", typed=Lines(ROUTE).whole())
    assert f"Read: This is a pilot. {TOLD}" in ran.out
    assert times_in(place)["bands"]["consent"] > 0
    checked = " ".join(place.run("fieldwork", "check", "--language", "de").out.split())
    assert checked.count("Gespeichert wird auch, wie lange jede Frage dauert") == 2


def test_check_shows_the_counts_of_a_seal(place: Place) -> None:
    place.simulate(9)
    folder = Responses(place.responses)
    responses = [folder.read(path) for path in folder.files()]
    for number in range(31):
        response = responses[number % 9]
        seconds = dict.fromkeys(response.answers, (3.0, 10.0, 20.0)[number % 3])
        folder.store(response, (), times_of(response, seconds, f"{number}"))
    ran = place.run("seal")
    assert "Times of the pilot sealed: 31 interviews.\n" in ran.err
    assert "Nothing was sealed" not in ran.err
    ran = place.run("check")
    assert ran.code == 0, ran.all
    assert "Times of the pilot: 31 interviews sealed, 0 waiting\n" in ran.out
    assert "  org_role: 10  10  10  <8  <8\n" in ran.out
    times = json.loads(place.run("check", "--format", "json").out)["times"]
    assert times["seconds"] == ["under 5", "5 to 14", "15 to 29", "30 to 59", "60 or more"]
    org_role = next(each for each in times["items"] if each["item"] == "org_role")
    assert org_role == {
        "item": "org_role",
        "withheld": False,
        "counts": [10, 10, 10, None, None],
    }


@pytest.mark.skipif(os.name != "posix", reason="drop folders need POSIX permissions")
def test_in_a_drop_folder_nothing_is_measured_or_said(place: Place) -> None:
    place.write("fieldwork.toml", PILOT)
    drop = place.folder / "drop"
    assert place.run("drop", str(drop), "--group", str(os.getgid())).code == 0
    half = ["--plain", "--responses", str(drop)]
    ran = place.run("respond", *half, typed="\n".join([*Lines(ROUTE).until("country"), ":pause"]))
    assert TOLD not in ran.out
    assert place.draft["times"] is None
