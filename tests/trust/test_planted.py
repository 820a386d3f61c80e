"""No planted word appears in any output, and the search would find one."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import pytest

from microcred_cli.records.shapes import serialise
from tests.cli.program import Lines
from tests.trust.planted import (
    IDENTIFYING,
    SETTINGS,
    Planted,
    Session,
    case_folded,
    never_run,
    planted_words,
    use_every_command,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Place, Ran

EVERYTHING = "TRUST_AT"
"""If set to `all`, everything is tested in separate processes; takes minutes."""


@pytest.fixture
def session(place: Place, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Commands in this process, with everything planted except host and date."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    inner = dataclasses.replace(place, folder=place.folder / "planted_path")
    inner.folder.mkdir()
    monkeypatch.chdir(inner.folder)
    monkeypatch.setenv("MICROCRED_STATE", str(inner.state))
    monkeypatch.setenv("MICROCRED_RESPONSES", str(inner.responses))
    monkeypatch.delenv("MICROCRED_DEBUG")

    def start(arguments: list[str], typed: str) -> tuple[Ran, bytes | None]:
        return inner.run(*arguments, typed=typed), None

    return Session(inner, start)


def test_nothing_planted_gets_out_of_any_command_and_none_opens_a_socket(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr("socket.socket", lambda *arguments, **_: opened.append(arguments))
    use_every_command(session, whole=False)
    assert opened == []
    assert session.found == []
    assert session.looked_at > 1000
    assert never_run(session.used) == []


@pytest.mark.skipif(
    os.environ.get(EVERYTHING) != "all", reason=f"takes minutes; set {EVERYTHING}=all"
)
def test_nothing_planted_gets_out_of_any_process(tmp_path: Path) -> None:
    figure = planted_words(tmp_path, whole=True)
    assert figure.wrong == ()


def test_a_file_that_tells_the_user_is_found(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "microcred_cli.store.folder.serialise",
        lambda record: serialise(record).replace(
            b"\n}", b', "by": "' + os.environb[b"USER"] + b'"}'
        ),
    )
    session.run("respond", "--plain", typed=Lines().whole())
    assert any("planted_user" in each for each in session.found), session.found


def test_a_text_that_is_not_screened_is_found(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microcred_cli.records.identifiers.find_identifiers", lambda _: ())
    monkeypatch.setattr("microcred_cli.terminal.actions.find_identifiers", lambda _: ())
    typed = Lines(instead={"comments": ", ".join(IDENTIFYING)}).whole()
    session.run("respond", "--plain", typed=typed)
    assert any("erika.zebra" in each for each in session.found)


def test_a_code_outside_its_own_screen_is_found(session: Session) -> None:
    ran = session.run("respond", "--plain", typed="\n".join([*Lines().until("country"), ":pause"]))
    session.never(ran.resume_code)
    assert session.found == []
    (session.place.folder / "notes").write_text(ran.resume_code.lower())
    session.run("check", code=1)
    assert [each for each in session.found if "notes" in each]


@pytest.mark.parametrize(
    "data",
    ["ZWÖLFBEIN", "zw\\u00f6lfbein", "Zwölfbein".encode("utf-16-le"), b"\xff zw\xc3\xb6lfbein"],
)
def test_a_word_is_found_in_any_writing(data: str | bytes) -> None:
    written = data if isinstance(data, bytes) else data.encode()
    assert Planted("zwölfbein").is_in(case_folded(written))
    assert not Planted("zwölfbein").is_in(b"zwolfbein")


def test_a_command_that_was_never_run_is_named() -> None:
    assert "drafts delete" in never_run(["drafts", "summary --by country"])
    assert "summary" not in never_run(["drafts", "summary --by country"])
