"""`microcred enter`: paper questionnaires, by their printed codes, once or twice each."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.errors import ExitCode, StoreError
from microcred_cli.records.receipts import parse, show
from microcred_cli.session import entry
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.folder import Responses
from microcred_cli.terminal.paper_entry import PlainEntry
from tests.cli.test_encrypted import proven

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from microcred_cli.interview import Interview
    from microcred_cli.records.shapes import Draft
    from tests.cli.program import Place, Ran

SHOP = """
format: microcred-questionnaire/1
id: shop
version: "1.0.0"
language: en
title: Shop
short_title: Shop
rights: none
background:
  written: [{kind: paragraph, sentences: [{text: Hello.}]}]
  read_aloud: [{text: Hello.}]
closing: {refused: Thank you.}
sections:
  - id: main
    label: Main
    makes_partial: true
    items:
      - {id: consent, kind: single, concept: consent, required: hard, seconds: 5, text: "Consent?",
         options: [{code: "yes", label: "Yes"}, {code: "no", label: "No", ends: refused}]}
      - {id: fruit, kind: single, concept: fruit, required: soft, seconds: 5, text: "Which fruit?",
         missing: [dk], order: alphabetical, options: [
           {code: plum, label: Plum}, {code: apple, label: Apple},
           {code: other, label: Other, specify: {text: "Which?"}}], anchored: 1}
      - {id: colours, kind: multiple, concept: colours, required: soft, seconds: 5,
         text: "Which colours?", missing: [dk],
         asked_if: {item: fruit, any_of: [plum, other]}, options: [
           {code: red, label: Red}, {code: blue, label: Blue}, {code: green, label: Green}]}
      - {id: amount, kind: integer, concept: amount, required: soft, seconds: 5,
         text: "How many?", minimum: 0, maximum: 100, stored_as: [
           {code: low, label: "0 to 7", min: 0, max: 7}, {code: high, label: "8 up", min: 8}]}
      - {id: taste, kind: matrix, concept: taste, required: soft, seconds: 5, text: "Taste?",
         missing: [dk], rows: [{code: sweet, label: Sweet}, {code: sour, label: Sour}],
         options: [{code: "1", label: Bad}, {code: "2", label: Good}]}
      - {id: best, kind: ranking, concept: best, required: soft, seconds: 5, text: "Best?",
         ranks: 2, options: [{code: shop, label: Shop}, {code: market, label: Market},
                             {code: farm, label: Farm}]}
      - {id: why, kind: open, concept: why, required: soft, seconds: 5, text: "Why?",
         max_length: 50}
"""

FULL = ["1", "3", "Quince", "1, 3", "7", "2", "d", "2", "1", "Fresh", "s"]
"""The printed codes of a whole questionnaire."""

ANSWERS: dict[str, Any] = {
    "consent": "yes",
    "fruit": "other",
    "colours": ["red", "green"],
    "amount": "low",
    "taste": {"sweet": "2", "sour": "dk"},
    "best": ["market", "shop"],
    "why": "detached",
}


@pytest.fixture
def shop(place: Place) -> str:
    return place.write("shop.yaml", SHOP)


def enter(place: Place, shop: str, *lines: str, verify: bool = False) -> Ran:
    more = ("--verify",) if verify else ()
    typed = "".join(f"{line}\n" for line in lines)
    return place.run("enter", "--plain", "--questionnaire", shop, *more, typed=typed)


def spoil(path: Path, way: str) -> None:
    text = path.read_text(encoding="utf-8")
    newer = json.dumps(json.loads(text) | {"added_later": 1})
    path.write_text(newer if way == "newer version" else text[:-20], encoding="utf-8")


def test_the_printed_codes_give_the_record_of_the_same_answers(place: Place, shop: str) -> None:
    ran = enter(place, shop, *FULL)
    assert (ran.code, "Questionnaires stored: 1" in ran.err) == (0, True), ran.err
    assert place.response["answers"] == ANSWERS
    assert place.typed == {"fruit.other": "Quince", "why": "Fresh"}
    (path,) = place.files
    entered = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    sheet = {"answers": ANSWERS | {"amount": 7}, "texts": {"fruit.other": "Quince", "why": "Fresh"}}
    assert place.answer(sheet, "--questionnaire", shop).code == 0
    assert place.response | {"response_id": entered["response_id"]} == entered
    assert (entered["mode"], entered["duration_minutes"]) == ("self", None)
    assert place.drafts == []
    assert "eceipt" not in ran.all


def test_items_left_empty_are_blank_and_apart_from_refused_ones(place: Place, shop: str) -> None:
    ran = enter(place, shop, "1", "-", "-", ":pna", "1", "-", "-", "s")
    assert ran.code == 0
    answers = place.response["answers"]
    assert answers == {
        "consent": "yes",
        "fruit": "blank",
        "colours": "not_asked",
        "amount": "blank",
        "taste": {"sweet": "pna", "sour": "1"},
        "best": "blank",
        "why": "detached",
    }
    assert place.texts == []
    ran = place.run("check", "--questionnaire", shop)
    assert (ran.code, ran.err) == (0, "")


def test_an_empty_line_does_not_leave_a_text_empty(place: Place, shop: str) -> None:
    ran = enter(place, shop, "1", "3", "")
    assert "Nothing was typed. Type the answer given on the paper, or -" in ran.all
    assert "fruit.other" not in place.draft["given"]


def test_an_exclusive_option_cannot_follow_another_rank(place: Place, shop: str) -> None:
    shop = place.write("shop.yaml", SHOP.replace("label: Farm}", "label: None, exclusive: true}"))
    ran = enter(place, shop, *FULL[:8], "3")
    assert "“None” cannot be combined with other options." in ran.all


def test_consent_cannot_be_left_empty_and_without_it_nothing_is_stored(
    place: Place, shop: str
) -> None:
    ran = enter(place, shop, "-")
    assert "cannot be left empty" in ran.out
    ran = enter(place, shop, "2", "leave", *FULL)
    assert (ran.code, "Nothing from this questionnaire" in ran.all) == (0, True)
    assert ("No consent was given on this paper." in ran.out, "Thank you" in ran.all) == (
        True,
        False,
    )
    assert len(place.files) == 1


def test_the_next_questionnaire_needs_no_new_command(place: Place, shop: str) -> None:
    ran = enter(place, shop, *FULL, *FULL, *FULL[:3])
    assert ran.code == 130
    assert "Questionnaires stored: 2" in ran.err
    assert (len(place.files), len(place.drafts)) == (2, 1)
    assert "microcred resume --plain   code:" in ran.err
    ran = place.run("resume", "--plain", ran.resume_code, typed=f"{FULL[3]}\n:pause\n")
    assert "microcred resume --plain   code:" in ran.err
    ran = place.run("resume", ran.resume_code, typed="".join(f"{x}\n" for x in FULL[4:]))
    assert ran.code == 0, ran.err
    assert (len(place.files), place.drafts) == (3, [])
    assert len({path.read_text().replace(path.stem, "") for path in place.files}) == 1


def test_a_shared_screen_is_cleared_after_a_resumed_entry(
    place: Place, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared: list[object] = []
    ran = enter(place, shop, *FULL[:3])

    @contextmanager
    def noted(responses: object) -> Iterator[None]:
        yield
        cleared.append((responses, len(place.files), len(place.drafts)))

    monkeypatch.setattr(entry, "cleared_after", noted)
    typed = "".join(f"{line}\n" for line in FULL[3:])
    assert place.run("resume", "--plain", ran.resume_code, typed=typed).code == 0
    assert cleared == [(Responses(place.responses), 1, 0)]


def test_with_encrypted_responses_nothing_is_readable_on_the_way(place: Place, shop: str) -> None:
    fieldwork = proven(place)
    ran = enter(place, shop, *FULL, *FULL[:4])
    assert ran.code == 130
    # A crash shows no code, so the code is shown before the first question.
    assert f"this code: {ran.resume_code}" in ran.out[: ran.out.index("Consent?")]
    assert len(fieldwork.files) == 1
    assert fieldwork.opened(fieldwork.files[0])["answers"] == ANSWERS
    (draft,) = place.drafts
    assert "paper, paused" in place.run("drafts").out
    assert "Quince" not in draft.read_text(encoding="utf-8")
    typed = "".join(f"{line}\n" for line in FULL[4:])
    assert place.run("resume", typed=f"{ran.resume_code}\n{typed}").code == 0
    assert (len(fieldwork.files), place.drafts) == (2, [])


class TestVerify:
    def test_the_first_keying_waits_and_the_second_is_stored(self, place: Place, shop: str) -> None:
        ran = enter(place, shop, "0042", *FULL, verify=True)
        assert (ran.code, len(place.files)) == (0, 0)
        assert "second keying.\n\nWhich number is written" in ran.out
        assert "Kept for a second keying: 1" in ran.err
        assert (place.draft["paper"], place.draft["keyed"]) == ("0042", True)
        ran = place.run("resume", show(place.draft["code"]))
        assert (ran.code, "enter --verify" in ran.err) == (2, True)
        ran = enter(place, shop, "0042", *FULL, verify=True)
        assert (ran.code, "Questionnaires stored: 1" in ran.err) == (0, True), ran.err
        assert "Paper 0042 is stored as one response." in ran.out
        assert place.response["answers"] == ANSWERS
        assert place.drafts == []

    def test_the_case_of_letters_in_a_number_does_not_matter(self, place: Place, shop: str) -> None:
        ran = enter(place, shop, "A-12", *FULL, " a-12 ", *FULL, "", verify=True)
        assert (ran.code, len(place.files), place.drafts) == (0, 1, []), ran.all
        assert "The first keying of paper A-12 is saved." in ran.out

    def test_a_number_open_in_another_window_does_not_end_the_desk(
        self, place: Place, shop: str
    ) -> None:
        enter(place, shop, "0042", *FULL[:2], ":pause", verify=True)
        with Drafts.here().held(place.draft["code"]):
            ran = enter(place, shop, "0042", "7/a", *FULL, "", verify=True)
        assert "Paper 0042: This interview is open in another window." in ran.all
        assert (ran.code, "Kept for a second keying: 1" in ran.err) == (0, True), ran.all
        assert len(place.drafts) == 2

    def test_a_number_that_another_window_has_just_begun_is_open_only_there(
        self, place: Place, shop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        enter(place, shop, "0042", *FULL, verify=True)
        conduct, told = entry.EntrySession.conduct, []

        def beside_another(session: entry.EntrySession, interview: Interview) -> int:
            monkeypatch.setattr(entry.EntrySession, "conduct", conduct)
            told.append(enter(place, shop, "0042", "", verify=True))
            return conduct(session, interview)

        monkeypatch.setattr(entry.EntrySession, "conduct", beside_another)
        ran = enter(place, shop, "0042", *FULL, verify=True)
        assert (ran.code, len(place.files), place.drafts) == (0, 1, []), ran.all
        assert "Paper 0042: This interview is open in another window." in told[0].all
        assert (told[0].code, "Questionnaires stored: 0" in told[0].err) == (0, True)

    def test_keyings_that_cannot_be_read_are_counted(self, place: Place, shop: str) -> None:
        enter(place, shop, "0042", *FULL, "0043", *FULL, verify=True)
        spoil(place.drafts[0], "damaged")
        kept = place.drafts[0].read_bytes()
        ran = enter(place, shop, "", verify=True)
        assert (ran.code, "that cannot be read: 1." in ran.out) == (0, True), ran.all
        assert place.drafts[0].read_bytes() == kept

    def test_the_list_tells_a_paused_keying_from_one_that_waits(
        self, place: Place, shop: str
    ) -> None:
        enter(place, shop, "0042", *FULL, "7/a", *FULL[:2], ":pause", verify=True)
        enter(place, shop, "0042", *FULL[:2], ":pause", verify=True)
        listed = place.run("drafts").out
        assert "paper 0042, second keying missing" in listed
        assert "paper 0042, second keying paused" in listed
        assert "paper 7/a, paused" in listed

    def test_a_paused_keying_goes_on_under_its_number(self, place: Place, shop: str) -> None:
        for keying in ("first", "second"):
            enter(place, shop, "0042", *FULL[:2], ":pause", verify=True)
            ran = enter(place, shop, "0042", *FULL[2:], verify=True)
            assert ran.code == 0, (keying, ran.err)
        assert (len(place.files), place.drafts) == (1, [])
        assert place.response["answers"] == ANSWERS

    def test_leaving_when_a_first_keying_cannot_be_saved_is_no_bug(
        self, place: Place, shop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save = Drafts.save

        def full(drafts: Drafts, draft: Draft) -> None:
            if draft.keyed:
                raise StoreError("The disk is full.", hint="Free some space.")
            save(drafts, draft)

        monkeypatch.setattr(Drafts, "save", full)
        monkeypatch.setattr(
            PlainEntry, "watched", property(lambda _: True, lambda *_: None), raising=False
        )
        ran = enter(place, shop, "0042", *FULL, verify=True)
        assert ran.code == ExitCode.STORAGE, ran.all
        assert "The disk is full." in ran.all

    def test_a_draft_that_cannot_be_deleted_does_not_link_paper_and_response(
        self, place: Place, shop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        enter(place, shop, "0042", *FULL, verify=True)
        monkeypatch.setattr(entry.EntrySession, "delete_draft", lambda _: "")
        enter(place, shop, "0042", *FULL, verify=True)
        assert len(place.files) == 1
        assert (place.draft["stored"], place.draft["paper"]) == (True, None)

    @pytest.mark.parametrize(("chosen", "amount"), [("1", "low"), ("2", "high")])
    def test_each_difference_is_settled_by_the_paper(
        self, place: Place, shop: str, chosen: str, amount: str
    ) -> None:
        enter(place, shop, "7/a", *FULL, verify=True)
        second = [line if line != "7" else "8" for line in FULL]
        ran = enter(place, shop, "7/a", *second, chosen, verify=True)
        assert "Question 4: the two keyings differ" in ran.out
        assert place.response["answers"] == ANSWERS | {"amount": amount}
        assert place.drafts == []

    def test_a_difference_that_changes_the_route_asks_what_is_missing(
        self, place: Place, shop: str
    ) -> None:
        enter(place, shop, "9", *FULL, verify=True)
        # The second person read Apple (2), which skips the colours.
        ran = enter(place, shop, "9", "1", "2", *FULL[4:], "1", *FULL[2:4], verify=True)
        assert place.files, ran.err
        assert place.response["answers"] == ANSWERS
        assert "leads to further questions" in ran.out
        assert "Second keying of paper 9, Question 1" in ran.out

    def test_an_answer_that_both_keyings_have_wrong_is_keyed_again(
        self, place: Place, shop: str
    ) -> None:
        first = enter(place, shop, "9", *FULL, verify=True)
        assert "To keep it for the second keying, type s and press Enter." in first.out
        # Question 6 is a ranking.
        second = [*FULL[:4], "8", *FULL[5:7], "1", "2", *FULL[9:]]
        ran = enter(place, shop, "9", *second, "3", "9", "3", "3", "1", verify=True)
        assert "To keep it for the second keying" not in ran.out
        right = {"amount": "high", "best": ["farm", "shop"]}
        assert place.response["answers"] == ANSWERS | right, ran.all
        assert place.drafts == []

    # The second person read Apple (2), which skips the colours; settling it opens them.
    UNTIL_COLOURS = ("9", "1", "2", *FULL[4:], "1")

    @pytest.mark.parametrize("ways", [(":back", ":back", "2", "leave"), (":discard", "1")])
    def test_what_is_refused_or_discarded_while_settling_is_not_stored(
        self, place: Place, shop: str, ways: tuple[str, ...]
    ) -> None:
        enter(place, shop, "9", *FULL, verify=True)
        first = place.draft
        ran = enter(place, shop, *self.UNTIL_COLOURS, *ways, "", verify=True)
        assert (ran.code, place.files, place.texts) == (0, [], []), ran.out
        assert "Nothing from this questionnaire" in ran.all
        assert "The first keying of paper 9 is saved" in ran.all
        assert place.draft == first
        ran = enter(place, shop, "9", *FULL, verify=True)
        assert (place.response["answers"], place.drafts) == (ANSWERS, [])

    def test_a_pause_while_settling_keeps_both_keyings(self, place: Place, shop: str) -> None:
        enter(place, shop, "9", *FULL, verify=True)
        ran = enter(place, shop, *self.UNTIL_COLOURS, ":pause", verify=True)
        assert (ran.code, place.files, len(place.drafts)) == (0, [], 2), ran.all
        lines = "".join(f"{line}\n" for line in (*FULL[2:4], "s"))
        ran = place.run("resume", "--plain", ran.resume_code, typed=lines)
        assert ran.code == 0, ran.all
        assert (place.response["answers"], place.drafts) == (ANSWERS, [])

    @pytest.mark.parametrize("way", [("3", "9"), ("2",)], ids=["neither", "second"])
    def test_a_pause_while_settling_keeps_what_is_settled(
        self, place: Place, shop: str, way: tuple[str, ...]
    ) -> None:
        enter(place, shop, "9", *FULL, verify=True)
        # The second person typed 8 and Bad; the input ends at the second difference.
        ran = enter(place, shop, "9", *FULL[:4], "8", "1", *FULL[6:], *way, verify=True)
        assert "Question 5.1: the two keyings differ" in ran.out
        assert "Taste? — Sweet" in ran.out
        ran = place.run("resume", "--plain", ran.resume_code, typed="s\n1\n")
        assert (ran.code, "Question 4: the two keyings" in ran.out) == (0, False), ran.all
        assert place.response["answers"] == ANSWERS | {"amount": "high"}

    def test_the_same_number_in_another_folder_is_another_questionnaire(
        self, place: Place, shop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        enter(place, shop, "9", *FULL, verify=True)
        monkeypatch.setenv("MICROCRED_RESPONSES", str(place.folder / "other"))
        ran = enter(place, shop, "9", *FULL, "", verify=True)
        assert "Kept for a second keying: 1" in ran.err
        assert (place.files, len(place.drafts)) == ([], 2)
        monkeypatch.setenv("MICROCRED_RESPONSES", str(place.folder / "other" / ".." / "responses"))
        ran = enter(place, shop, "9", *FULL, "", verify=True)
        assert (len(place.files), len(place.drafts)) == (1, 1), ran.err
        assert place.draft["responses"] == str(place.folder / "other")

    def test_other_numbers_are_other_questionnaires(self, place: Place, shop: str) -> None:
        ran = enter(place, shop, "1", *FULL, "2", *FULL, "1", *FULL, "", verify=True)
        assert (ran.code, len(place.files), len(place.drafts)) == (0, 1, 1)
        assert place.draft["paper"] == "2"


class TestEncryptedVerify:
    """The first keying waits encrypted, and only the entry code and the number open it."""

    @staticmethod
    def code(ran: Ran) -> str:
        line = next(line for line in ran.all.splitlines() if "New entry code: " in line)
        return line.partition("New entry code: ")[2][:19]

    def test_two_keyings_under_one_code_give_one_response(self, place: Place, shop: str) -> None:
        fieldwork = proven(place)
        ran = enter(place, shop, "", "0042", *FULL, "0043", *FULL, verify=True)
        assert (ran.code, fieldwork.files, len(place.drafts)) == (0, [], 2), ran.all
        code = self.code(ran)
        whole = " ".join(f"{path.name} {path.read_text()}" for path in place.drafts)
        assert not any(hidden in whole for hidden in ("Quince", "0042", code, parse(code, 15)))
        assert "paper, second keying missing" in place.run("drafts").out
        ran = enter(place, shop, code, "0042", *FULL, verify=True)
        assert "First keyings stored under this code: 2." in ran.out
        assert len(place.drafts) == 1, ran.all
        assert fieldwork.opened(fieldwork.files[0])["answers"] == ANSWERS

    @pytest.mark.parametrize("way", ["damaged", "newer version"])
    @pytest.mark.parametrize("lines", [FULL, [*FULL[:2], ":pause"]], ids=["first", "paused"])
    def test_a_keying_that_cannot_be_read_is_not_replaced(
        self, place: Place, shop: str, way: str, lines: list[str]
    ) -> None:
        proven(place)
        code = self.code(enter(place, shop, "", "0042", *lines, verify=True))
        (path,) = place.drafts
        spoil(path, way)
        kept = path.read_bytes()
        ran = enter(place, shop, code, "0042", *FULL, verify=True)
        assert (ran.code, path.name in ran.err) == (ExitCode.STORAGE, True), ran.all
        assert (place.drafts, path.read_bytes()) == ([path], kept)

    def test_under_another_code_a_keying_is_not_found(self, place: Place, shop: str) -> None:
        proven(place)
        enter(place, shop, "", "0042", *FULL, verify=True)
        ran = enter(place, shop, "nothing", "", "0042", *FULL, verify=True)
        assert "First keyings stored under other codes: 1." in ran.out
        assert ("letters and digits" in ran.out, len(place.drafts)) == (True, 2), ran.all

    def test_paused_keyings_go_on_by_number_or_by_resume_code(
        self, place: Place, shop: str
    ) -> None:
        fieldwork = proven(place)
        ran = enter(place, shop, "", "0042", *FULL[:2], ":pause", verify=True)
        code = self.code(ran)
        ran = enter(place, shop, code, "0042", *FULL[2:], verify=True)
        assert "under this code: 0. Paused keyings under this code: 1." in ran.out
        second = [line if line != "7" else "8" for line in FULL]
        ran = enter(place, shop, code, "0042", *second[:6], ":pause", verify=True)
        assert len(place.drafts) == 2, ran.all
        assert "paper, second keying paused" in place.run("drafts").out
        typed = "".join(f"{line}\n" for line in (ran.resume_code, *second[6:], "1"))
        ran = place.run("resume", "--plain", typed=typed)
        assert "Question 4: the two keyings differ" in ran.out
        assert (ran.code, place.drafts) == (0, []), ran.all
        assert fieldwork.opened(fieldwork.files[0])["answers"] == ANSWERS

    def test_a_first_keying_without_consent_can_be_deleted_by_its_code(
        self, place: Place, shop: str
    ) -> None:
        proven(place)
        code = self.code(enter(place, shop, "", "0042", *FULL, verify=True))
        ran = enter(place, shop, code, "0042", "2", "leave", "", verify=True)
        assert len(place.drafts) == 1, ran.all
        deleted = place.run("drafts", "delete", typed=f"{ran.resume_code}\n")
        assert (deleted.code, place.drafts) == (0, []), deleted.all
