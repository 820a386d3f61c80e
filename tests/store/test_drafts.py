"""The drafts in a state folder, without the rest of the program."""

from __future__ import annotations

import errno
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from microcred_cli.crypto.keys import LOCKED_SYMBOLS
from microcred_cli.errors import StoreError
from microcred_cli.files import HERE
from microcred_cli.records.shapes import Draft, QuestionnaireRef, Unfinished
from microcred_cli.store.drafts import Drafts, state_folder
from microcred_cli.store.seen_days import expires

REF = QuestionnaireRef(id="cafe", version="1.0.0", sha256="a" * 64)
FIRST, SECOND = "AAAAAAA", "BBBBBBB"


def draft(code: object = FIRST, **changes: object) -> Draft:
    whole = {
        "code": code,
        "questionnaire": REF,
        "begun": "2027-05-01",
        "expires": "2027-05-31",
        "mode": "self",
        "language": "en",
        "seed": 3,
        "responses": "/responses",
        **changes,
    }
    return Draft(**whole)  # type: ignore[arg-type]


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    there = Drafts(tmp_path / "state")
    there.prepare()
    return there


def kept(drafts: Drafts) -> list[str]:
    return sorted(path.stem for path in (drafts.folder / "definitions").iterdir())


def test_a_draft_comes_back_as_it_was(drafts: Drafts) -> None:
    whole = draft(given={"q": ["a", "b"], "n": 7, "t": "given"}, texts={"t": "ä\u2028"}, at="q2")
    drafts.save(whole)
    assert drafts.load(FIRST) == whole


def test_saving_again_takes_the_place_of_the_one_before(drafts: Drafts) -> None:
    drafts.save(draft(at="q1"))
    drafts.save(draft(at="q2"))
    assert drafts.load(FIRST).at == "q2"
    assert len(list((drafts.folder / "drafts").iterdir())) == 1


@pytest.mark.skipif(not HERE.modes, reason="the system has no POSIX permissions")
def test_files_and_folders_are_for_their_user_alone(drafts: Drafts) -> None:
    drafts.save(draft())
    drafts.keep_definition(REF.sha256, "{}")
    for path in (drafts.folder / "drafts", drafts.folder / "definitions"):
        assert path.stat().st_mode & 0o777 == 0o700
        for file in path.iterdir():
            assert file.stat().st_mode & 0o777 == 0o600


def test_codes_are_in_order_and_only_codes(drafts: Drafts) -> None:
    for code in (SECOND, FIRST):
        drafts.save(draft(code))
    for name in ("notes.json", "aaaaaaau.json", ".aaaaaaa.json.0123456789abcdef.part"):
        (drafts.folder / "drafts" / name).write_text("{}")
    assert drafts.codes() == [FIRST, SECOND]


def test_a_state_folder_that_is_not_there_has_no_drafts(tmp_path: Path) -> None:
    assert Drafts(tmp_path / "nowhere").codes() == []


def test_a_code_that_is_not_there_is_refused(drafts: Drafts) -> None:
    with pytest.raises(StoreError, match="No paused interview"):
        drafts.load(FIRST)


def test_a_draft_under_another_name_is_refused(drafts: Drafts) -> None:
    drafts.save(draft())
    folder = drafts.folder / "drafts"
    (folder / "aaaaaaa.json").rename(folder / "bbbbbbb.json")
    with pytest.raises(StoreError, match="does not match the resume code"):
        drafts.load(SECOND)


def test_a_definition_stays_as_long_as_a_draft_needs_it(drafts: Drafts) -> None:
    other = REF.model_copy(update={"sha256": "b" * 64})
    for ref in (REF, other):
        drafts.keep_definition(ref.sha256, "{}")
    drafts.save(draft())
    drafts.save(draft(SECOND, questionnaire=other))
    drafts.delete(SECOND)
    assert kept(drafts) == [REF.sha256]
    drafts.delete(FIRST)
    assert kept(drafts) == []


def test_a_definition_stays_while_a_draft_cannot_be_read(drafts: Drafts) -> None:
    drafts.keep_definition(REF.sha256, "{}")
    drafts.save(draft())
    (drafts.folder / "drafts" / "bbbbbbb.json").write_text("{")
    drafts.delete(FIRST)
    assert kept(drafts) == [REF.sha256]


def test_a_definition_stays_while_another_interview_begins(drafts: Drafts) -> None:
    drafts.save(draft())
    with drafts.held(SECOND):
        drafts.keep_definition(REF.sha256, "{}")
        drafts.delete(FIRST)
        assert kept(drafts) == [REF.sha256]


def test_a_definition_that_was_spoilt_is_written_anew(drafts: Drafts) -> None:
    drafts.keep_definition(REF.sha256, "whole")
    (drafts.folder / "definitions" / f"{REF.sha256}.json").write_text("spoilt")
    drafts.keep_definition(REF.sha256, "whole")
    assert drafts.definition(draft()) == "whole"


def test_a_definition_that_is_gone_names_its_version(drafts: Drafts) -> None:
    with pytest.raises(StoreError, match=r"version 1\.0\.0"):
        drafts.definition(draft())


def test_one_window_at_a_time_holds_a_draft(drafts: Drafts) -> None:
    with drafts.held(FIRST):
        with pytest.raises(StoreError, match="another window"), drafts.held(FIRST):
            pass
        with drafts.held(SECOND):
            pass
    with drafts.held(FIRST):
        pass
    assert not list((drafts.folder / "drafts").iterdir())


def test_a_draft_expires_after_its_days() -> None:
    assert expires(draft()) == date(2027, 5, 31)


@pytest.mark.parametrize("code", [FIRST, "A" * LOCKED_SYMBOLS])
def test_an_older_draft_lacks_the_keys_of_later_versions(drafts: Drafts, code: str) -> None:
    whole = draft(code)
    drafts.save(whole)
    (path,) = (drafts.folder / "drafts").glob("*.json")
    record = json.loads(path.read_text())
    older = {"timezone", "is_undated", "unsent_remark", "wordings", "one_key", "stored", "paper"}
    path.write_text(json.dumps({key: record[key] for key in record.keys() - older}))
    assert drafts.load(code) == whole


def test_input_left_in_a_draft_of_an_earlier_version_is_with_that_of_other_pages(
    drafts: Drafts,
) -> None:
    other = Unfinished(texts={"q1": "A word"})
    drafts.save(draft(at="q2", unsent="Half", marks={"a": True, "b": False}, unfinished=other))
    read = drafts.load(FIRST)
    assert (read.unsent, read.marks) == ("", {})
    assert read.unfinished.texts == {"q1": "A word", "q2": "Half"}
    assert read.unfinished.marks == {"q2": {"a": True, "b": False}}


@pytest.mark.parametrize("day", ["", "tomorrow", "2027-13-01"])
def test_a_draft_without_a_day_is_damaged(day: str) -> None:
    with pytest.raises(StoreError, match="damaged"):
        expires(draft(expires=day))


def test_what_a_killed_window_left_keeps_no_definition(drafts: Drafts) -> None:
    drafts.keep_definition(REF.sha256, "{}")
    drafts.save(draft())
    (drafts.folder / "drafts" / f"{SECOND.lower()}.lock").touch()
    drafts.delete(FIRST)
    assert not kept(drafts)
    assert not list((drafts.folder / "drafts").iterdir())


def test_a_deletion_does_not_fail_for_what_else_cannot_be_removed(drafts: Drafts) -> None:
    drafts.save(draft())
    (drafts.folder / "definitions" / "x.json").mkdir()
    drafts.delete(FIRST)
    assert not drafts.codes()


def test_the_state_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MICROCRED_STATE", str(tmp_path))
    assert state_folder() == tmp_path
    monkeypatch.delenv("MICROCRED_STATE")
    assert state_folder().name == "microcred"


def test_a_draft_is_gone_where_the_folder_cannot_be_tidied_up(
    drafts: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.save(draft())

    def unreadable(path: Path, pattern: str) -> list[Path]:
        raise OSError(errno.EMFILE, f"too many open files: {path}, {pattern}")

    monkeypatch.setattr(Path, "glob", unreadable)
    drafts.delete(FIRST)
    with pytest.raises(StoreError, match="Too many files are open"):
        drafts.codes()
    monkeypatch.undo()
    assert drafts.codes() == []


RECEIPT: dict[str, object] = {
    "begun": "2026-12-29",
    "expires": "2026-12-29",
    "closing": "complete",
    "stored": True,
}


@pytest.mark.parametrize("code", [FIRST, "A" * LOCKED_SYMBOLS], ids=["open", "encrypted"])
@pytest.mark.parametrize("day", ["2026-11-29", "2026-11-30", "2026-12-15", "2026-12-29"])
def test_a_receipt_keeps_its_last_day_whatever_the_clock_shows(
    drafts: Drafts, code: str, day: str
) -> None:
    drafts.save(draft(**RECEIPT | {"code": code}))
    for shown in ("2026-11-29", day):
        now = drafts.start(datetime.fromisoformat(f"{shown}T12:00").replace(tzinfo=UTC), 30)
        assert drafts.delete_expired(now).deleted == 0
    assert drafts.load(code).expires == "2026-12-29"


def test_a_receipt_goes_after_its_last_day_and_is_never_kept_for_years(drafts: Drafts) -> None:
    drafts.save(draft(**RECEIPT))
    drafts.save(draft(SECOND, **RECEIPT | {"begun": "2031-05-31", "expires": "2031-05-31"}))
    deleted = [
        drafts.delete_expired(drafts.start(datetime(2026, 12, day, 12, tzinfo=UTC), 30)).deleted
        for day in (29, 30)
    ]
    assert deleted == [0, 1]
    assert drafts.load(SECOND).expires < "2028"


def test_a_receipt_with_a_day_in_doubt_is_kept_for_its_full_time(drafts: Drafts) -> None:
    drafts.save(draft(closing="complete", stored=True, is_undated=True))
    drafts.start(datetime(2026, 11, 29, 12, tzinfo=UTC), 30)
    assert drafts.load(FIRST).expires == "2026-12-29"
