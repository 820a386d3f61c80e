"""The responses folder, without the rest of the program."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.files import HERE, NEUTRAL_TIME
from microcred_cli.records.anonymise import anonymise
from microcred_cli.records.receipts import response_id, text_id
from microcred_cli.records.shapes import Folder, QuestionnaireRef, Response, Text
from microcred_cli.store.folder import Responses, TakenError
from microcred_cli.store.layout import Kind
from microcred_cli.store.withdraw import withdraw
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from pathlib import Path

REF = QuestionnaireRef(id="cafe", version="1.0.0", sha256="a" * 64)
RECEIPT = "0123456789ABCDEFGHJ"


@pytest.fixture
def responses(tmp_path: Path) -> Responses:
    folder = Responses(tmp_path / "responses")
    folder.prepare("cafe")
    return folder


def response(receipt: str = RECEIPT, **changes: object) -> Response:
    whole = {
        "response_id": response_id(receipt),
        "questionnaire": REF,
        "status": "complete",
        "mode": "self",
        "duration_minutes": 20,
        "shuffle_seed": None,
        "answers": {"q": "a"},
        **changes,
    }
    return Response(**whole)  # type: ignore[arg-type]


def text(receipt: str = RECEIPT, item: str = "words") -> Text:
    return Text(text_id=text_id(receipt, item), questionnaire=REF, item=item, text="Hello")


def test_what_was_stored_can_be_read(responses: Responses) -> None:
    path = responses.store(response(), [text()])
    assert list(responses.files()) == [path]
    assert responses.read(path) == response()
    (kept,) = responses.files(Kind.TEXT)
    assert responses.read_text(kept) == text()


def test_storing_the_same_again_changes_nothing(responses: Responses) -> None:
    path = responses.store(response(), [text()])
    before = path.stat()
    assert responses.store(response(), [text()]) == path
    assert path.stat().st_ino == before.st_ino
    assert len(list(responses.files())) == 1


def test_nothing_is_ever_written_over_another(responses: Responses) -> None:
    path = responses.store(response(), [])
    before = path.read_bytes()
    with pytest.raises(StoreError, match="A different file with this name"):
        responses.store(response(status="partial"), [])
    assert path.read_bytes() == before


def test_no_text_stays_alone_where_its_response_cannot_be_stored(
    responses: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = files.create_durably

    def refuse(path: Path, data: bytes, **more: Any) -> bool:
        if path.parent == responses.folder:
            raise StoreError("The disk reported an error.", hint="Choose another.")
        return create(path, data, **more)

    monkeypatch.setattr(files, "create_durably", refuse)
    with pytest.raises(StoreError, match="reported an error"):
        responses.store(response(), [text(), text(item="comments")])
    assert list(responses.files(Kind.TEXT)) == []


def test_the_folder_keeps_what_it_was_begun_with(responses: Responses) -> None:
    assert responses.terms() == Folder(questionnaire="cafe")
    responses.prepare("cafe")
    cases = (("other", False, "questionnaire"), ("cafe", True, "real or synthetic"))
    for questionnaire, synthetic, what in cases:
        differ = f"created for real responses to cafe.* They differ in: {what}"
        with pytest.raises(StoreError, match=differ):
            responses.prepare(questionnaire, synthetic=synthetic)


def test_preparing_leaves_nothing_behind_but_the_folder(responses: Responses) -> None:
    left = {path.name for path in responses.folder.iterdir()} - {".names.lock"}
    assert left == {"folder.json", "texts"}
    assert list(responses.files()) == []


def test_both_folders_keep_their_still_time_where_nothing_was_typed(tmp_path: Path) -> None:
    folder = Responses(tmp_path / "responses")
    for _ in range(2):
        folder.prepare("cafe")
        folder.store(response(), [])
        assert {path.stat().st_mtime for path in (folder.folder, folder.texts)} == {NEUTRAL_TIME}


def test_terms_are_not_begun_anew_over_responses(responses: Responses) -> None:
    responses.store(response(), [])
    (responses.folder / "folder.json").unlink()
    with pytest.raises(StoreError, match=r"no folder\.json") as refusal:
        responses.prepare("other")
    assert "Restore folder.json" in refusal.value.hint
    assert responses.terms() is None


@pytest.mark.skipif(not HERE.modes, reason="the system has no POSIX files")
def test_a_link_under_the_responses_name_is_not_followed(
    responses: Responses, tmp_path: Path
) -> None:
    path = responses.store(response(), [])
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    with pytest.raises(TakenError):
        responses.store(response(), [])
    assert path.is_symlink()


def test_a_withdrawal_takes_what_the_receipt_leads_to_and_nothing_else(
    responses: Responses,
) -> None:
    other = "Z" * 19
    responses.store(response(), [text(), text(item="role.other")])
    responses.store(response(other), [text(other)])
    assert withdraw(responses, RECEIPT)
    assert not withdraw(responses, RECEIPT)
    assert [path.stem for path in responses.files()] == [response_id(other)]
    assert [path.stem for path in responses.files(Kind.TEXT)] == [text_id(other, "words")]


def test_a_withdrawal_that_was_cut_short_is_finished_by_the_next(responses: Responses) -> None:
    path = responses.store(response(), [text()])
    path.unlink()
    assert withdraw(responses, RECEIPT)
    assert list(responses.files(Kind.TEXT)) == []


def test_a_file_under_another_name_is_refused(responses: Responses) -> None:
    path = responses.store(response(), [])
    moved = path.rename(path.with_name("0" * 32 + ".json"))
    with pytest.raises(StoreError, match="does not match the id"):
        responses.read(moved)


@pytest.mark.skipif(not HERE.modes, reason="the system has no POSIX permissions")
def test_the_time_of_the_texts_in_a_drop_folder_tells_nothing(
    responses: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is set together with that of the responses, whether or not a text was typed."""
    monkeypatch.setattr(files, "is_drop", lambda folder: folder == responses.folder)
    changed = []
    for receipt, texts in ((RECEIPT, []), (RECEIPT[::-1], [text(RECEIPT[::-1])])):
        before = responses.texts.stat().st_ctime_ns
        time.sleep(0.02)
        responses.store(response(receipt), texts)
        changed.append(responses.texts.stat().st_ctime_ns > before)
        assert responses.texts.stat().st_mtime == NEUTRAL_TIME
    assert changed == [True, True]


class TestAnonymise:
    KNOWN = questionnaire_of("""
        items:
          - id: place
            options: [x1, x2, y1]
            stored_as:
              - {code: x, label: x, from: [x1, x2]}
              - {code: y, label: y, from: [y1]}
          - {id: many, kind: multiple, options: [a, b+]}
          - {id: words, kind: open, required: optional}
    """)

    FIELDS: ClassVar[dict[str, Any]] = {
        "answers": {"place": "x2", "many": ("a", "b"), "words": "given"},
        "texts": {},
        "status": "complete",
        "mode": "self",
        "receipt": RECEIPT,
        "elapsed_seconds": 1000.0,
        "seed": 3,
    }

    def made(self, **changes: Any) -> tuple[Response, tuple[Text, ...]]:
        return anonymise(self.KNOWN, REF, **{**self.FIELDS, **changes})

    def typed(self, **texts: str) -> tuple[Response, tuple[Text, ...]]:
        return self.made(texts={key.replace("__", "."): value for key, value in texts.items()})

    def test_the_coarse_code_is_what_is_left(self) -> None:
        kept, _ = self.made()
        assert kept.answers == {"place": "x", "many": ["a", "b"], "words": "detached"}

    def test_both_names_follow_from_the_receipt(self) -> None:
        kept, texts = self.typed(words="Hello", many__b="Hm")
        assert kept.response_id == response_id(RECEIPT)
        assert [t.text_id for t in texts] == [text_id(RECEIPT, t.item) for t in texts]
        assert self.typed(words="Hello", many__b="Hm") == (kept, texts)

    def test_texts_are_cleaned_screened_and_short_enough(self) -> None:
        _, (first, second) = self.typed(
            words="\x1b[1mAsk jane.roe@example.org\u202e  ", many__b="x" * 300
        )
        assert first.text == "[1mAsk [removed: e-mail]"
        assert len(second.text) == 100

    @pytest.mark.parametrize("said", ["given", "blank", "pna", "not_asked", "not_reached"])
    def test_an_open_item_is_stored_the_same_whatever_was_typed(self, said: str) -> None:
        kept, _ = self.made(answers={**self.FIELDS["answers"], "words": said})
        assert kept.answers["words"] == (said if said.startswith("not_") else "detached")

    def test_coarse_detail_keeps_a_band_of_minutes_and_no_seed(self) -> None:
        coarse, _ = self.made()
        assert (coarse.duration_minutes, coarse.shuffle_seed) == (20, None)
        full, _ = self.made(detail="full", language="de")
        assert (full.duration_minutes, full.shuffle_seed) == (15, 3)


@pytest.mark.parametrize("minutes", [5, 15, 25, 60])
def test_minutes_to_five_are_no_coarse_response(minutes: int) -> None:
    with pytest.raises(ValueError, match="more precise than coarse"):
        response(duration_minutes=minutes).check()


def test_a_seed_is_no_part_of_a_coarse_response() -> None:
    with pytest.raises(ValueError, match="more precise than coarse"):
        response(shuffle_seed=3).check()


@pytest.mark.skipif(not HERE.modes, reason="the system has no POSIX permissions")
def test_a_folder_that_a_group_may_write_in_is_closed_before_anything_begins(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "checked_out"
    folder.mkdir()
    folder.chmod(0o775)
    Responses(folder).prepare("cafe")
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o775)
    with pytest.raises(StoreError, match="Other users"):
        Responses(folder).prepare("cafe")
