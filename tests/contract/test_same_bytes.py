"""The same answers give the same bytes for every user and machine, and nothing else is revealed."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from microcred_cli.__main__ import DEBUG_VARIABLE
from microcred_cli.questionnaire.loading import load
from tests.cli.program import ROUTES, Lines, Place, cut, receipt_name, sheet
from tests.trust.same_bytes import OTHERS, PAPER, Other, as_another, everything, given

if TYPE_CHECKING:
    from collections.abc import Mapping

NEUTRAL_TIME = 946_684_800
KEYS = [
    "format",
    "response_id",
    "questionnaire",
    "status",
    "mode",
    "detail",
    "duration_minutes",
    "shuffle_seed",
    "synthetic",
    "answers",
]


@pytest.fixture(scope="module")
def schema() -> Mapping[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "microcred_cli", "questionnaire", "schema"],
        capture_output=True,
        check=True,
    )
    shape: dict[str, Any] = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(shape)
    return shape


class TestFile:
    def test_its_keys_stand_in_their_order(self, place: Place) -> None:
        place.answer(sheet())
        assert list(place.response) == KEYS
        assert list(place.response["questionnaire"]) == ["id", "version", "sha256"]

    def test_it_is_utf_8_and_ends_in_a_newline(self, place: Place) -> None:
        paper = sheet()
        paper["texts"]["comments"] = "Größe: 東京 😀"
        place.answer(paper)
        for path in [*place.files, *place.texts]:
            data = path.read_bytes()
            assert data.endswith(b"}\n")
            assert b"\\u" not in data
            assert b"\r" not in data
            json.loads(data.decode("utf-8"))
        assert place.typed["comments"] == "Größe: 東京 😀"

    def test_files_are_private_and_tell_no_time(self, place: Place) -> None:
        place.answer(sheet())
        # Without hard links, as on Windows, each folder has a lock.
        found = (path for path in place.responses.rglob("*") if path.name != ".names.lock")
        paths = [place.responses, *found]
        assert len(paths) == 7
        for path in paths:
            status = path.stat()
            assert status.st_mtime == NEUTRAL_TIME
            mode = 0o700 if path.is_dir() else 0o600
            assert os.name == "nt" or status.st_mode & 0o777 == mode

    def test_with_a_file_of_answers_length_and_order_are_null(self, place: Place) -> None:
        place.answer(sheet())
        assert place.response["duration_minutes"] is None
        assert place.response["shuffle_seed"] is None
        assert place.response["mode"] == "self"
        assert place.response["synthetic"] is False
        assert place.response["detail"] == "coarse"

    def test_fine_codes_never_reach_it(self, place: Place) -> None:
        place.answer(
            sheet(
                "representative provides", sectors_represented=["nace21_a", "nace21_b", "nace21_q"]
            )
        )
        answers = place.response["answers"]
        assert answers["country"] == "south"
        assert answers["sectors_represented"] == ["industry", "public_education_health"]
        assert answers["employers_represented"] == "m1_99"
        assert answers["mc_provided"] == "n6_20"
        everything = b"".join(p.read_bytes() for p in place.responses.rglob("*.json"))
        assert b"nace21" not in everything
        assert b'"AL"' not in everything

    def test_a_text_stands_apart_with_nothing_that_leads_back(self, place: Place) -> None:
        ran = place.answer(sheet())
        for path in place.texts:
            text = json.loads(path.read_text(encoding="utf-8"))
            assert list(text) == [
                "format",
                "text_id",
                "questionnaire",
                "item",
                "text",
                "synthetic",
            ]
            assert text["format"] == "microcred-text/1"
            assert path.stem == receipt_name(ran.receipt, text["item"])
            assert place.response["response_id"] not in path.read_text(encoding="utf-8")
            assert text["text"] not in place.files[0].read_text(encoding="utf-8")
            assert path.stem not in place.files[0].read_text(encoding="utf-8")

    def test_the_folder_says_what_holds_for_it(self, place: Place) -> None:
        place.answer(sheet())
        assert json.loads((place.responses / "folder.json").read_text(encoding="utf-8")) == {
            "format": "microcred-folder/1",
            "questionnaire": "mc_employers",
            "detail": "coarse",
            "synthetic": False,
            "recipients": [],
        }

    def test_the_hash_is_that_of_the_canonical_definition(self, place: Place) -> None:
        place.answer(sheet())
        assert place.response["questionnaire"]["sha256"] == load("mc_employers").sha256


class TestSchema:
    @pytest.mark.parametrize("route", ROUTES)
    def test_every_file_fits_it(self, place: Place, schema: Mapping[str, Any], route: str) -> None:
        place.answer(sheet(route))
        place.answer(cut(sheet(route), "purpose_usefulness", row="upskill"))
        place.run("respond", "--plain", typed=Lines(route).whole())
        assert len(place.files) == 3
        for path in place.files:
            jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)

    @pytest.mark.parametrize(
        "change",
        [
            lambda r: r.update(host="desk-7"),
            lambda r: r.pop("mode"),
            lambda r: r["answers"].update(country="FI"),
            lambda r: r["answers"].update(rep_activities=["sets_standards"]),
            lambda r: r["answers"].update(future_use="not_asked"),
            lambda r: r["answers"].pop("comments"),
            lambda r: r["answers"].update(comments="Words"),
        ],
    )
    def test_it_is_closed(self, place: Place, schema: Mapping[str, Any], change: Any) -> None:
        place.answer(sheet())
        response = copy.deepcopy(place.response)
        change(response)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(response, schema)


@pytest.mark.parametrize("name", OTHERS)
def test_the_same_answers_give_the_same_bytes(place: Place, name: str) -> None:
    other = OTHERS[name]
    if missing := other.is_missing(place.folder):
        pytest.skip(missing)
    way, route = "a file of answers", "employer provides"
    assert place.answer(PAPER).code == 0
    there = place.folder / "planted"
    assert given(there, way, route, other) == everything(place.responses)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sh")
def test_other_bytes_and_who_tells_of_another_are_counted(place: Place) -> None:
    case = "a file of answers", "employer provides"
    assert place.answer(PAPER).code == 0
    asked = {case: everything(place.responses)}
    told = Other(("sh", "-c", 'echo planted && exec "$@"', "sh"))
    for other, own in ((Other(), {case: ["other bytes"]}), (told, asked)):
        figure = as_another(place.folder / str(len(own[case])), other, own)
        assert (figure.reached, figure.of, len(figure.wrong)) == (0, 1, 1)


def test_the_same_answers_in_each_language_give_the_same_bytes(place: Place) -> None:
    place.answer(PAPER)
    for language in load("mc_employers").languages:
        ran = place.answer(PAPER, "--language", language, "--responses", language)
        assert ran.code == 0
        assert everything(place.responses) == everything(place.folder / language)


def test_the_same_answers_another_year_give_the_same_bytes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    place.answer(PAPER)
    monkeypatch.setattr("microcred_cli.clock.zones.now", lambda: datetime(2031, 5, 6, tzinfo=UTC))
    monkeypatch.setattr("time.time", lambda: 1_935_000_000.0)
    assert place.answer(PAPER, "--responses", "later").code == 0
    assert everything(place.responses) == everything(place.folder / "later")


def test_what_identifies_someone_is_in_no_file_and_no_message(place: Place) -> None:
    ran = place.answer(PAPER)
    assert ran.code == 0
    found = "".join(everything(place.responses)) + ran.all
    for planted in ("erika", "planted", "901820", "example.org"):
        assert planted not in found
    assert "[removed: e-mail]" in place.typed["comments"]
    assert "comments: " in ran.err


def test_an_answer_is_in_no_argument_while_the_program_runs(place: Place) -> None:
    """Answers are passed through streams, so they do not appear in the process list."""
    # Wine shows the folder, but not processes of Windows in it.
    if os.name == "nt" or not os.path.isdir("/proc/self"):  # noqa: PTH112
        pytest.skip("process arguments are not available")
    child = subprocess.Popen(
        [sys.executable, "-m", "microcred_cli", "respond", "--plain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=place.folder,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b"1\n1\nFinland\n")
    child.stdin.flush()
    while b"Finland" not in child.stdout.readline():
        pass
    with open(f"/proc/{child.pid}/cmdline", "rb") as file:  # noqa: PTH123
        arguments = file.read()
    with open(f"/proc/{child.pid}/environ", "rb") as file:  # noqa: PTH123
        arguments += file.read()
    child.communicate()
    assert child.returncode == 130
    assert b"Finland" not in arguments
    assert b"employer\0" not in arguments


def test_a_fault_of_the_program_shows_no_answer(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **given: object) -> None:
        raise RuntimeError(f"unforeseen: {given}")

    monkeypatch.delenv(DEBUG_VARIABLE)
    monkeypatch.setattr("microcred_cli.records.anonymise.anonymise", broken)
    ran = place.answer(PAPER)
    assert ran.code == 4
    assert "bug in microcred (RuntimeError)" in ran.err
    assert "unforeseen" not in ran.err
    assert "erika" not in ran.err
