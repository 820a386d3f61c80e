"""Encrypted fieldwork with the real commands: keys, interviews, drafts, and commands for staff."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from microcred_cli.cases.case import Case, Cases
from microcred_cli.cases.log import CaseLog
from microcred_cli.clock.dates import date_in_words
from microcred_cli.clock.zones import today
from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import (
    fingerprint,
    identities_in,
    new_identity,
    plain_file,
    public_of,
)
from microcred_cli.files.platform import HERE
from microcred_cli.records.receipts import show
from microcred_cli.session.codes import ask_code
from microcred_cli.store.drafts import Drafts
from tests.cli.program import ROUTES, Lines, receipt_name, sheet
from tests.cli.test_resume import Typing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.program import Place, Ran

TOKEN = "Words on"
"""The beginning of every text typed in these tests."""


@dataclass(frozen=True)
class Fieldwork:
    """A survey round whose responses can be decrypted with either of two keys."""

    place: Place
    keys: tuple[Path, Path]
    public: tuple[str, str]

    def settings(self, *lines: str, recipients: tuple[str, ...] | None = None) -> None:
        named = json.dumps(self.public if recipients is None else recipients)
        text = "\n".join([f"recipients = {named}", 'privacy_statement = "x"', *lines, ""])
        self.place.write("fieldwork.toml", text)

    def prove(self) -> Ran:
        keys = [f"--identity={key}" for key in self.keys]
        return self.place.run("keys", "check", *keys)

    def run(self, *arguments: str, typed: str = "") -> Ran:
        return self.place.run(*arguments, "--identity", str(self.keys[0]), typed=typed)

    def opened(self, path: Path) -> dict[str, Any]:
        secret = self.keys[1].read_text().splitlines()[-1]
        data = Age(identities=(secret,)).unwrap(path.read_bytes(), path.name)
        return dict(json.loads(data))

    @property
    def files(self) -> list[Path]:
        return sorted(self.place.responses.glob("*.json.age"))

    @property
    def texts(self) -> list[Path]:
        return sorted((self.place.responses / "texts").glob("*.json.age"))


def proven(place: Place) -> Fieldwork:
    """A survey round whose keys have been proven."""
    pairs = [new_identity() for _ in range(2)]
    anna, ben = (place.folder / name for name in ("anna.key", "ben.key"))
    for path, (secret, _) in zip((anna, ben), pairs, strict=True):
        path.write_bytes(plain_file(secret))
    made = Fieldwork(place, (anna, ben), (pairs[0][1], pairs[1][1]))
    made.settings()
    assert made.prove().code == 0
    return made


@pytest.fixture
def fieldwork(place: Place) -> Fieldwork:
    return proven(place)


def everything(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.name.encode() + path.read_bytes()


def assert_nothing_in_clear(place: Place, *tokens: str) -> None:
    for folder in (place.responses, place.state):
        for path, data in everything(folder):
            if "definitions" in path.parts or "cache" in path.parts:
                continue
            for token in tokens:
                assert token.encode() not in data, path


def pause(place: Place) -> Ran:
    typed = "\n".join([*Lines().until("mc_awarder"), ":pause", ""])
    return place.run("respond", "--plain", typed=typed)


class TestKeys:
    def test_a_new_one_is_written_once_and_shown_never(self, place: Place) -> None:
        ran = place.run("keys", "new", "my.key", "--no-passphrase")
        assert ran.code == 0
        secret = (place.folder / "my.key").read_text().splitlines()[-1]
        assert secret not in ran.all
        assert ran.out.startswith("age1")
        assert show(fingerprint(ran.out.strip())) in ran.err
        assert not HERE.modes or (place.folder / "my.key").stat().st_mode & 0o777 == 0o600
        again = place.run("keys", "new", "my.key", "--no-passphrase")
        assert again.code == 4
        assert secret in (place.folder / "my.key").read_text()

    def test_a_passphrase_has_some_length(self, place: Place) -> None:
        ran = place.run("keys", "new", "my.key", typed="short\n")
        assert ran.code == 2
        assert "passphrase" in ran.err
        assert "short" not in ran.err
        assert not (place.folder / "my.key").exists()

    def test_one_is_made_where_none_is_typed(self, place: Place) -> None:
        ran = place.run("keys", "new")
        assert ran.code == 0
        made = next(line for line in ran.err.splitlines() if line.startswith("Passphrase"))
        (secret,) = identities_in(
            (place.folder / "microcred.key").read_bytes(), "", lambda: made.partition(": ")[2]
        )
        assert public_of(secret) == ran.out.strip()

    def test_each_holder_proves_their_own(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        (place.folder / "fieldwork.keys.json").unlink()
        assert place.run("keys", "check").code == 1
        first = place.run("keys", "check", "--identity", str(fieldwork.keys[1]))
        assert first.code == 1
        states = [line.split("  ")[1] for line in first.out.splitlines()]
        assert states == ["not proven", "proven"]
        last = place.run("keys", "check", "--identity", str(fieldwork.keys[0]))
        assert last.code == 0
        assert "not proven" not in last.out

    @pytest.mark.parametrize("how", ["none", "a token of another", "no proof", "other keys"])
    def test_no_interview_begins_before_every_key_is_proven(
        self, fieldwork: Fieldwork, how: str
    ) -> None:
        place = fieldwork.place
        proof = place.folder / "fieldwork.keys.json"
        if how == "none":
            proof.unlink()
        elif how == "a token of another":
            held = json.loads(proof.read_text())
            held["canaries"][0]["token"] = held["canaries"][1]["token"]
            proof.write_text(json.dumps(held))
        elif how == "no proof":
            proof.write_text("{}")
        else:
            fieldwork.settings(recipients=(fieldwork.public[0], new_identity()[1]))
        for ran in (place.answer(sheet()), place.run("respond", "--plain")):
            assert ran.code in (2, 4), ran
            assert "keys check" in ran.err
        assert not place.responses.exists()

    def test_a_damaged_canary_is_made_anew_by_its_key(self, fieldwork: Fieldwork) -> None:
        proof = fieldwork.place.folder / "fieldwork.keys.json"
        held = json.loads(proof.read_text())
        for canary in held["canaries"]:
            canary.update(token=None, encrypted=canary["encrypted"][:-8] + "AAAAAAA=")
        proof.write_text(json.dumps(held))
        assert fieldwork.place.run("keys", "check").code == 1
        assert fieldwork.prove().code == 0

    def test_a_secret_key_in_place_of_a_name_is_not_quoted(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        secret = fieldwork.keys[0].read_text().splitlines()[-1]
        ran = place.run("keys", "new", secret)
        assert (ran.code, secret in ran.all) == (2, False)
        assert not (place.folder / secret).exists()
        place.write("fieldwork.toml", f"{secret} = 1\n")
        ran = place.run("keys", "check")
        assert (ran.code, secret in ran.all) == (2, False)

    def test_a_passphrase_that_is_no_text_is_refused(self, place: Place) -> None:
        ran = place.spawn("keys", "new", "my.key", typed=b"a long \xff passphrase\n")
        assert ran.code == 2, ran
        assert "UTF-8" in ran.err

    def test_a_key_that_is_none_of_the_recipients_is_named(self, fieldwork: Fieldwork) -> None:
        other = fieldwork.place.folder / "other.key"
        secret, public = new_identity()
        other.write_bytes(plain_file(secret))
        ran = fieldwork.place.run("keys", "check", "--identity", str(other))
        assert ran.code == 2, ran
        assert show(fingerprint(public)) in ran.err
        assert "recipients" in ran.err

    def test_one_key_alone_is_warned_of(self, fieldwork: Fieldwork) -> None:
        fieldwork.settings(recipients=fieldwork.public[:1])
        for ran in (fieldwork.run("keys", "check"), fieldwork.place.answer(sheet())):
            assert ran.code == 0
            assert "one key only" in ran.err
        fieldwork.settings()
        assert "one key only" not in fieldwork.prove().err

    def test_the_check_of_a_questionnaire_says_what_is_still_to_be_done(
        self, fieldwork: Fieldwork
    ) -> None:
        fieldwork.settings(recipients=(new_identity()[1],))
        ran = fieldwork.place.run("questionnaire", "check")
        assert "one key only" in ran.err
        assert "keys check" in ran.err

    def test_without_recipients_there_is_nothing_to_prove(self, place: Place) -> None:
        ran = place.run("keys", "check")
        assert ran.code == 2
        assert "recipients" in ran.err


class TestAResponse:
    @pytest.mark.parametrize("route", ROUTES)
    def test_it_is_stored_encrypted_with_its_texts(self, fieldwork: Fieldwork, route: str) -> None:
        place = fieldwork.place
        ran = place.answer(sheet(route))
        assert ran.code == 0, ran
        (path,) = fieldwork.files
        assert ran.out == f"{path}\n"
        assert path.name == f"{receipt_name(ran.receipt)}.json.age"
        response = fieldwork.opened(path)
        assert response["response_id"] == receipt_name(ran.receipt)
        for text in fieldwork.texts:
            held = fieldwork.opened(text)
            assert text.name == f"{receipt_name(ran.receipt, held['item'])}.json.age"
        assert len(fieldwork.texts) == len(sheet(route)["texts"])
        held = json.loads((place.responses / "folder.json").read_text())
        assert held["recipients"] == sorted(map(fingerprint, fieldwork.public))
        assert_nothing_in_clear(place, TOKEN, response["answers"]["size_class"], "org_role")
        assert not place.files

    def test_it_holds_what_it_would_hold_in_clear(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        place.answer(sheet())
        shutil.move(place.folder / "fieldwork.toml", place.folder / "away.toml")
        place.answer(sheet(), "--responses", "clear")
        (clear,) = (p for p in (place.folder / "clear").glob("*.json") if p.name != "folder.json")
        other = json.loads(clear.read_text())
        mine = fieldwork.opened(fieldwork.files[0])
        assert {**mine, "response_id": ""} == {**other, "response_id": ""}

    def test_others_settings_are_refused_for_the_folders_life(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        assert place.answer(sheet()).code == 0
        (place.folder / "fieldwork.toml").unlink()
        ran = place.answer(sheet())
        assert ran.code == 4
        assert "encrypted to" in ran.err
        fieldwork.settings('detail = "full"')
        assert place.answer(sheet()).code == 4
        assert len(fieldwork.files) == 1

    def test_full_detail_keeps_the_fine_codes_and_the_language(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        fieldwork.settings('detail = "full"')
        said = sheet(country="AT")
        assert place.answer(said, "--language", "de").code == 0
        response = fieldwork.opened(fieldwork.files[0])
        assert (response["detail"], response["language"]) == ("full", "de")
        assert response["answers"]["country"] == "AT"
        schema = json.loads(place.run("questionnaire", "schema").out)
        jsonschema.validate(response, schema)
        checked = fieldwork.run("check")
        assert checked.code == 0, checked
        assert "confidential" in checked.out

    def test_full_detail_is_counted_as_coarse_is(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        fieldwork.settings('detail = "full"')
        sheets = [sheet(country=country) for country in 6 * ("AT", "SE", "IT")]
        assert all(place.answer(each).code == 0 for each in sheets)
        full = fieldwork.run("summary", "--format", "json")
        (place.folder / "fieldwork.toml").unlink()
        assert all(place.answer(each, "--responses", "clear").code == 0 for each in sheets)
        coarse = place.run("summary", "--format", "json", "--responses", "clear")
        assert coarse.code == 0
        assert json.loads(full.out) == json.loads(coarse.out)


class TestStaff:
    def filled(self, fieldwork: Fieldwork, count: int = 12) -> None:
        ran = fieldwork.place.simulate(count)
        assert ran.code == 0, ran

    def test_the_figures_are_those_of_the_same_responses_in_clear(
        self, fieldwork: Fieldwork
    ) -> None:
        place = fieldwork.place
        self.filled(fieldwork, 40)
        encrypted = fieldwork.run("summary", "--format", "json")
        assert encrypted.code == 0, encrypted
        (place.folder / "fieldwork.toml").unlink()
        place.run("simulate", "40", "--seed", "1", "--responses", "clear")
        clear = place.run("summary", "--format", "json", "--responses", "clear")
        assert json.loads(encrypted.out) == json.loads(clear.out)
        assert [path.name for path in fieldwork.files] == ["counts.json.age"]
        names = [p.name for p in (place.responses / "sealed").glob("*.jsonl*")]
        assert len(names) == 1
        assert names[0].endswith(".jsonl.age")
        assert not (place.responses / "counts.json").exists()
        assert_nothing_in_clear(place, '"answers"', "org_role=", "microcred-response/1")

    def test_a_second_seal_merges(self, fieldwork: Fieldwork) -> None:
        self.filled(fieldwork)
        assert fieldwork.run("seal").code == 0
        fieldwork.place.simulate(15, seed=2)
        assert fieldwork.run("seal").code == 0
        checked = fieldwork.run("check")
        assert checked.code == 0, checked
        assert "valid and unique responses: 27" in checked.out
        assert len(list((fieldwork.place.responses / "sealed").glob("*.age"))) == 1

    @pytest.mark.parametrize("command", ["check", "seal"])
    def test_without_a_key_nothing_can_be_looked_into(
        self, fieldwork: Fieldwork, command: str
    ) -> None:
        self.filled(fieldwork)
        before = dict(everything(fieldwork.place.responses))
        ran = fieldwork.place.run(command)
        assert ran.code == 2
        assert "--identity" in ran.err
        assert dict(everything(fieldwork.place.responses)) == before

    def test_printed_figures_need_no_key(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        self.filled(fieldwork)
        assert place.run("summary").code == 5
        first = fieldwork.run("summary", "--format", "json")
        again = place.run("summary", "--format", "json")
        assert (again.code, again.out) == (0, first.out)
        place.simulate(15, seed=2)
        later = place.run("summary", "--format", "json")
        assert later.out == first.out
        assert "--identity" in later.err

    @pytest.mark.parametrize("how", ["another's", "public", "missing", "rubbish", "none"])
    def test_a_key_that_does_not_open_the_folder_is_refused(
        self, fieldwork: Fieldwork, how: str
    ) -> None:
        place = fieldwork.place
        self.filled(fieldwork)
        secret, public = new_identity()
        content = {"another's": plain_file(secret), "public": public.encode(), "rubbish": b"\xff"}
        file = place.folder / "some.key"
        if how in content:
            file.write_bytes(content[how])
        ran = place.run("check", "--identity", str(place.folder if how == "none" else file))
        assert ran.code == 2, ran
        assert secret not in ran.err
        assert ran.err.count("\n") >= 2

    def test_a_secret_key_in_place_of_its_file_is_not_quoted(self, fieldwork: Fieldwork) -> None:
        self.filled(fieldwork)
        secret = fieldwork.keys[0].read_text().splitlines()[-1]
        ran = fieldwork.place.run("check", "--identity", secret)
        assert ran.code == 2
        assert secret not in ran.all
        assert "history" in ran.err

    def test_what_is_not_encrypted_there_is_named(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        self.filled(fieldwork)
        clear = place.responses / f"{'ab' * 16}.json"
        clear.write_text("{}")
        damaged = fieldwork.files[0]
        damaged.write_bytes(damaged.read_bytes()[:-1])
        ran = fieldwork.run("check")
        assert ran.code == 1
        assert f"{clear.name}: The file is not encrypted" in ran.err
        assert f"{damaged.name}: The file cannot be decrypted" in ran.err
        assert "valid and unique responses: 11" in ran.out

    def test_what_is_encrypted_in_a_clear_folder_is_named(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        self.filled(fieldwork)
        (place.folder / "fieldwork.toml").unlink()
        place.run("simulate", "11", "--seed", "2", "--responses", "clear")
        shutil.copy(fieldwork.files[0], place.folder / "clear")
        ran = place.run("check", "--responses", "clear")
        assert ran.code == 1
        assert "The file is encrypted, but nothing else in this folder is" in ran.err
        assert "valid and unique responses: 11" in ran.out

    def test_a_seal_needs_the_settings_that_the_folder_was_begun_with(
        self, fieldwork: Fieldwork
    ) -> None:
        self.filled(fieldwork)
        fieldwork.settings(recipients=(fieldwork.public[0], new_identity()[1]))
        ran = fieldwork.run("seal")
        assert ran.code == 2
        assert "--fieldwork" in ran.err
        (fieldwork.place.folder / "fieldwork.toml").unlink()
        ran = fieldwork.run("seal")
        assert ran.code == 4
        assert "no recipients" in ran.err
        assert len(fieldwork.files) == 12


class TestWithdrawal:
    def test_what_waits_needs_no_key(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        receipt = place.answer(sheet()).receipt
        kept = place.answer(sheet()).receipt
        ran = place.run("withdraw", typed=show(receipt))
        assert ran.code == 0, ran
        assert [path.name for path in fieldwork.files] == [f"{receipt_name(kept)}.json.age"]
        assert len(fieldwork.texts) == len(sheet()["texts"])
        assert place.run("withdraw", typed=show(receipt)).code == 1

    def test_the_draft_that_kept_the_receipt_goes_too(self, fieldwork: Fieldwork) -> None:
        place, drafts = fieldwork.place, Drafts(fieldwork.place.state)
        code, other = (pause(place).resume_code.replace("-", "")[:-1] for _ in "ab")
        receipt = place.answer(sheet()).receipt
        kept = drafts.load(code).model_copy(update={"receipt": receipt, "closing": "complete"})
        drafts.save(kept)
        assert_nothing_in_clear(place, receipt)
        assert place.run("withdraw", typed=show(receipt)).code == 0
        assert (drafts.has(code), drafts.has(other)) == (False, True)

    def test_what_is_sealed_needs_one(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        receipts = [place.answer(sheet()).receipt for _ in range(10)]
        assert fieldwork.run("seal").code == 0
        assert not fieldwork.texts
        ran = place.run("withdraw", typed=show(receipts[3]))
        assert ran.code == 4
        assert "--identity" in ran.err
        ran = fieldwork.run("withdraw", typed=show(receipts[3]))
        assert ran.code == 0, ran
        assert "9 received, 10 counted in the figures (1 of them wit" in place.run("summary").err
        checked = fieldwork.run("check")
        assert checked.code == 0, checked
        assert "valid and unique responses: 9" in checked.out
        texts = 9 * len(sheet()["texts"])
        assert f"Texts: {texts}" in checked.out
        assert fieldwork.run("withdraw", typed=show(receipts[3])).code == 1

    @pytest.mark.parametrize("route", ["employer unaware", "employer knows"])
    def test_without_a_key_it_is_not_said_that_what_is_sealed_is_deleted(
        self, fieldwork: Fieldwork, route: str
    ) -> None:
        """The messages also do not reveal whether a text was typed."""
        place = fieldwork.place
        receipts = [place.answer(sheet(route)).receipt for _ in range(11)]
        assert fieldwork.run("seal").code == 0
        names = {path.name for path in fieldwork.files}
        sealed = [each for each in receipts if f"{receipt_name(each)}.json.age" not in names]
        (waits,) = {*receipts} - {*sealed}
        ran = place.run("withdraw", typed=show(sealed[0]))
        assert ran.code == 4
        assert "has been recorded" in ran.err
        assert ran.err == place.run("withdraw", typed=show(sealed[0])).err
        ran = place.run("withdraw", typed=show(waits))
        assert ran.code == 0
        assert "Any sealed records will be deleted by the next microcred seal" in ran.err
        ran = fieldwork.run("seal")
        assert "It was withdrawn, and has now been removed" in ran.err
        assert "were not moved" not in ran.err
        assert fieldwork.run("check").code == 0

    def test_a_folder_that_lost_its_terms_stays_encrypted(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        receipts = [place.answer(sheet()).receipt for _ in range(10)]
        assert fieldwork.run("seal").code == 0
        (place.responses / "folder.json").unlink()
        assert place.run("withdraw", typed=show(receipts[0])).code == 4
        (place.folder / "fieldwork.toml").unlink()
        assert place.run("withdraw", typed=show(receipts[0])).code == 4
        ran = place.answer(sheet())
        assert ran.code == 4, ran
        assert "folder.json" in ran.err
        assert not [path for path in place.files if len(path.stem) == 32]

    def test_a_copy_that_comes_back_is_not_sealed(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        receipt = place.answer(sheet()).receipt
        copies = {path: path.read_bytes() for path in (*fieldwork.files, *fieldwork.texts)}
        assert place.run("withdraw", typed=show(receipt)).code == 0
        for path, data in copies.items():
            path.write_bytes(data)
        ran = fieldwork.run("check")
        assert ran.err.count("It was withdrawn") == len(copies)


class TestADraft:
    def test_nothing_of_it_stands_on_the_disk_in_clear(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        ran = pause(place)
        assert ran.code == 0, ran
        (path,) = place.drafts
        assert_nothing_in_clear(place, TOKEN, "org_role", "given", ran.resume_code)
        assert ran.resume_code.replace("-", "")[:-1].lower() not in path.read_text().lower()
        assert json.loads(path.read_text())["answered"] > 5

    def test_its_code_is_shown_before_the_first_question(self, fieldwork: Fieldwork) -> None:
        """So a respondent whose interview is interrupted later already has the code."""
        ran = fieldwork.place.run("respond", "--plain", typed="")
        told = next(line for line in ran.all.splitlines() if "this code: " in line)
        assert len(told.partition("this code: ")[2].partition(".")[0]) == 19

    def test_it_goes_on_with_its_code_and_only_with_it(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        code = pause(place).resume_code
        wrong = show("0" * 15)
        assert place.run("resume", "--plain", typed=f"{wrong}\n").code == 2
        assert place.run("resume", "--plain", typed="\n").code == 2
        lines = Lines()
        rest = [*lines.until()[len(lines.until("mc_awarder")) :], "submit", "noted", ""]
        ran = place.run("resume", "--plain", typed="\n".join([code.lower(), *rest]))
        assert ran.code == 0, ran
        assert not place.drafts
        assert TOKEN in json.dumps([fieldwork.opened(text) for text in fieldwork.texts])
        assert_nothing_in_clear(place, TOKEN)

    def test_the_list_tells_neither_code_nor_answer(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        code = pause(place).resume_code
        ran = place.run("drafts")
        (path,) = place.drafts
        assert ran.out.startswith(f"{path.stem}  begun {date_in_words(today())}")
        assert code not in ran.all
        assert TOKEN not in ran.all

    def test_it_is_deleted_by_its_code(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        code = pause(place).resume_code
        assert place.run("drafts", "delete", typed=show("0" * 15)).code == 2
        assert len(place.drafts) == 1
        assert place.run("drafts", "delete", typed=code).code == 0
        assert not place.drafts

    @pytest.mark.parametrize("is_argument", [True, False])
    def test_it_is_deleted_by_its_name_in_the_list(
        self, fieldwork: Fieldwork, is_argument: bool
    ) -> None:
        place = fieldwork.place
        pause(place)
        name = place.run("drafts").out.split()[0]
        given, typed = ([name], "") if is_argument else ([], name)
        assert place.run("drafts", "delete", *given, typed=typed).code == 0
        assert not place.drafts

    def test_one_to_delete_is_listed_and_its_number_is_confirmed(
        self,
        fieldwork: Fieldwork,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        place = fieldwork.place
        pause(place)
        (path,) = place.drafts
        monkeypatch.setattr(sys, "stdin", Typing("1\nyes\n"))
        assert ask_code(Drafts(place.state), deletes=True) == path.stem
        told = capsys.readouterr().err
        assert f"1. {path.stem}  begun" in told
        assert f"Delete {path.stem} permanently?" in told

    def test_it_goes_when_its_days_are_over(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        pause(place)
        (path,) = place.drafts
        held = json.loads(path.read_text())
        held["expires"] = (today() - timedelta(days=1)).isoformat()
        path.write_text(json.dumps(held))
        assert place.run("drafts", "delete", "--expired").out == ""
        assert not place.drafts

    @pytest.mark.parametrize("settings", [None, ""])
    def test_it_never_becomes_a_clear_response(
        self, fieldwork: Fieldwork, settings: str | None
    ) -> None:
        place = fieldwork.place
        code = pause(place).resume_code
        (place.folder / "fieldwork.toml").unlink()
        if settings is not None:
            place.write("fieldwork.toml", settings)
        ran = place.run("resume", "--plain", "--responses", "elsewhere", typed=f"{code}\n")
        assert ran.code == 2, ran
        assert "--fieldwork" in ran.err
        assert place.drafts
        assert not (place.folder / "elsewhere").exists()

    def test_an_interview_goes_on_as_it_was_begun_only(self, fieldwork: Fieldwork) -> None:
        """An encrypted round never resumes an unencrypted draft; the detail does not change."""
        place = fieldwork.place
        shutil.move(place.folder / "fieldwork.toml", place.folder / "away.toml")
        clear = pause(place).resume_code
        shutil.move(place.folder / "away.toml", place.folder / "fieldwork.toml")
        ran = place.run("resume", "--plain", "--responses", "elsewhere", typed=f"{clear}\n")
        assert ran.code == 2, ran
        assert "unencrypted responses" in ran.err
        assert not (place.folder / "elsewhere").exists()
        place.run("drafts", "delete", typed=clear)
        shutil.rmtree(place.responses)
        locked = pause(place).resume_code
        fieldwork.settings('detail = "full"')
        ran = place.run("resume", "--plain", "--responses", "elsewhere", typed=f"{locked}\n")
        assert ran.code == 2, ran
        assert "coarse detail" in ran.err
        assert not (place.folder / "elsewhere").exists()

    @pytest.mark.parametrize("how", ["cut off", "another's name", "other bytes", "no base64"])
    def test_a_damaged_one_is_said(self, fieldwork: Fieldwork, how: str) -> None:
        place = fieldwork.place
        code = pause(place).resume_code
        (path,) = place.drafts
        held = json.loads(path.read_text())
        if how == "cut off":
            path.write_text(path.read_text()[:-40])
        elif how == "another's name":
            path.write_text(json.dumps({**held, "name": "0" * 20}))
        elif how == "other bytes":
            other = "B" if held["encrypted"][-9] == "A" else "A"
            changed = held["encrypted"][:-9] + other + held["encrypted"][-8:]
            path.write_text(json.dumps({**held, "encrypted": changed}))
        else:
            path.write_text(json.dumps({**held, "encrypted": "?"}))
        ran = place.run("resume", "--plain", typed=f"{code}\n")
        assert ran.code == 4, ran
        assert place.drafts
        assert place.run("drafts").code == 0

    def test_a_case_that_is_called_back_asks_for_the_code(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        called = ("interview", "--mode", "phone", "--case", "DE-1", "--plain")
        begun = place.run(*called, typed="1\n1\n1\n")
        assert begun.code == 130, begun
        wrong = place.run(*called, typed=f"{show('0' * 15)}\n")
        assert wrong.code == 2, wrong
        right = place.run(*called, typed=f"{begun.resume_code}\n1\n")
        assert "Question 3 of" in right.all
        assert "Question 1 of" not in right.all
        anew = place.run(*called, typed="\n1\n")
        assert "Question 1 of" in anew.all

    def test_so_does_a_series_that_was_interrupted(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        log = CaseLog(place.folder / "case-log.json")
        log.change(lambda _: Cases(cases=(Case(label="DE-1"),)))
        called = ("interview", "--mode", "phone", "--next", "--plain")
        begun = place.run(*called, typed="1\n1\n1\n1\n")
        (contact,) = log.read().case("DE-1").contacts
        log.undo("DE-1", contact.id)
        again = place.run(*called, typed=f"1\n1\n{begun.resume_code}\n1\n")
        assert "The interview was interrupted." in again.out
        assert "Question 3 of" in again.out
        assert "Question 1 of" not in again.out


class TestCollecting:
    def test_records_are_brought_together_with_no_key_at_all(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        place.answer(sheet())
        (place.folder / "fieldwork.toml").unlink()
        ran = place.run("collect", "responses", "--responses", "all")
        assert (ran.code, ran.err) == (0, "")
        assert (place.folder / "all" / fieldwork.files[0].name).exists()
        assert "Nothing new" in fieldwork.run("collect", "responses", "--responses", "all").err

    def test_a_folder_of_other_keys_is_refused(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        place.answer(sheet())
        place.run("collect", "responses", "--responses", "all")
        fieldwork.settings(recipients=(new_identity()[1],))
        ran = place.run("collect", "responses", "--responses", "all")
        assert (ran.code, "encrypted to" in ran.err) == (2, True)
        (place.folder / "fieldwork.toml").unlink()
        place.answer(sheet(), "--responses", "clear")
        ran = place.run("collect", "clear", "--responses", "all")
        assert (ran.code, "encrypted to" in ran.err) == (4, True)

    def test_what_was_collected_is_sealed(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        for _ in range(10):
            place.answer(sheet())
        fieldwork.run("collect", "responses", "--responses", "all", "--move")
        assert fieldwork.files == []
        assert fieldwork.run("check", "--responses", "all").code == 0
        assert fieldwork.run("seal", "--responses", "all").err.startswith("Sealed")

    @pytest.mark.skipif(not hasattr(os, "getgid"), reason="this system has no drop folders")
    def test_an_encrypted_drop_folder_is_collected_from(self, fieldwork: Fieldwork) -> None:
        place = fieldwork.place
        drop = str(place.folder / "drop")
        assert place.run("drop", drop, "--group", str(os.getgid())).code == 0
        ran = place.answer(sheet(), "--responses", drop)
        assert ran.code == 0, ran.err
        (place.folder / "fieldwork.toml").unlink()
        refused = place.answer(sheet(), "--responses", drop)
        assert (refused.code, "encrypted to" in refused.err) == (4, True)
        fieldwork.settings()
        assert place.run("collect", "--move", drop).code == 0
        (path,) = fieldwork.files
        assert fieldwork.opened(path)["response_id"] == receipt_name(ran.receipt)
        assert fieldwork.run("check").code == 0
