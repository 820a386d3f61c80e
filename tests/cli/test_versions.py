"""Two versions of a questionnaire side by side: drafts, checks, summaries and collections."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.questionnaire.sample import SAMPLE

if TYPE_CHECKING:
    from tests.cli.program import Place, Ran

VERSIONS = {
    "1.0.0": SAMPLE,
    "2.0.0": SAMPLE.replace('"1.0.0"', '"2.0.0"').replace("Who are you?", "Which role is yours?"),
}


def using(place: Place, version: str, *words: str) -> Ran:
    return place.run(*words, "--questionnaire", f"{version}.yaml")


@pytest.fixture
def both(place: Place) -> Place:
    """A place with ten responses to each version, in one folder."""
    for version, text in VERSIONS.items():
        place.write(f"{version}.yaml", text)
        assert place.simulate(10, "--questionnaire", f"{version}.yaml").code == 0
    return place


def test_a_draft_goes_on_under_its_own_version(place: Place) -> None:
    named = ("--questionnaire", place.write("sample.yaml", VERSIONS["1.0.0"]))
    begun = place.run("respond", "--plain", *named, typed="1\n:pause\n")
    assert begun.code == 0
    place.write("sample.yaml", VERSIONS["2.0.0"])
    lines = "\n".join(["2", "1", "3", "1", "1", "7", "Nothing", "submit", "noted", ""])
    ran = place.run("resume", "--plain", begun.resume_code, typed=lines)
    assert ran.code == 0, ran
    assert "Who are you?" in ran.out
    assert place.response["questionnaire"]["version"] == "1.0.0"
    assert "Which role is yours?" in place.run("respond", "--plain", *named, typed="1\n").out


@pytest.mark.parametrize(("own", "other"), [("1.0.0", "2.0.0"), ("2.0.0", "1.0.0")])
def test_the_responses_of_another_version_are_named(both: Place, own: str, other: str) -> None:
    ran = using(both, own, "check")
    assert ran.code == 1
    assert ran.out.startswith("Readable, valid and unique responses: 10\n")
    assert ran.err.count(f"It belongs to version {other}, not {own}.") == 10


def test_summaries_keep_versions_apart(both: Place) -> None:
    question = {"1.0.0": "Who are you?", "2.0.0": "Which role is yours?"}
    for version in VERSIONS:
        assert using(both, version, "seal").code == 0
    for version in VERSIONS:
        ran = using(both, version, "summary", "--format", "json")
        shape = json.loads(ran.out)
        assert shape["questionnaire"]["version"] == version
        assert shape["responses"] == 10
        assert question[version] in using(both, version, "summary").out
    assert len(list((both.responses / "sealed").glob("*.jsonl"))) == 2


def test_a_collection_takes_one_version_and_sets_the_other_apart(both: Place) -> None:
    into = ("--responses", "together")
    ran = using(both, "2.0.0", "collect", str(both.responses), *into)
    assert ran.code == 1
    assert ran.err.count("It belongs to version 1.0.0, not 2.0.0.") == 10
    assert using(both, "2.0.0", "check", *into).code == 0
    assert len(list((both.folder / "together" / "set-apart").glob("*-*.json"))) == 10


def test_sealed_responses_are_collected_by_version_too(both: Place) -> None:
    into = ("--responses", "together")
    for version in VERSIONS:
        assert using(both, version, "seal").code == 0
        using(both, version, "collect", str(both.responses), *into)
    for version in VERSIONS:
        counted = using(both, version, "check", *into).out
        assert counted.startswith("Readable, valid and unique responses: 10\n")
