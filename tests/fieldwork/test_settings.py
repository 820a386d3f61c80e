"""The fieldwork settings: each key, invalid values, and the effect on screens."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cases.calling import Calling
from microcred_cli.clock.dates import date_in_words
from microcred_cli.clock.zones import today
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.fieldwork.call_settings import WEEKDAYS
from microcred_cli.fieldwork.engine import EngineSettings
from microcred_cli.fieldwork.settings import Fieldwork, Notice, read_fieldwork
from tests.cli.program import Lines, sheet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Place


SECRET = "AGE-SECRET-KEY-1EL44PRP62HRQRTHY0D33MZ69SKN3DEJPZXQ9X79PHQJNXJCWCQCS8P4H9K"
"""A key created for these tests; nothing else is encrypted to it."""
PUBLIC = "age10nmtvr56eupawag5yest20dxakw6keyherhfjw62czcyz8huk37qx8fl4v"


def read(tmp_path: Path, text: str | bytes) -> Fieldwork:
    path = tmp_path / "fieldwork.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_fieldwork(path)


def refused(tmp_path: Path, text: str | bytes, *words: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    for word in words:
        assert word in caught.value.message
    assert caught.value.hint
    assert str(caught.value.where).endswith("fieldwork.toml")
    return caught.value


class TestKeys:
    def test_all_are_optional(self, tmp_path: Path) -> None:
        settings = read(tmp_path, "")
        assert settings == Fieldwork(path=tmp_path / "fieldwork.toml")
        assert settings.draft_days == 30

    def test_without_a_file_here_nothing_is_set(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert read_fieldwork(None) == Fieldwork()

    def test_the_file_here_is_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        read(tmp_path, "draft_days = 3")
        assert read_fieldwork(None).draft_days == 3

    def test_a_file_that_is_named_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no such file"):
            read_fieldwork(tmp_path / "nowhere.toml")

    @pytest.mark.parametrize("name", ["contact", "endorsement_letter", "privacy_statement"])
    def test_a_short_text_or_address_stands_in_its_sentence(
        self, tmp_path: Path, name: str
    ) -> None:
        for value in ("survey@example.org", "https://example.org/letter.txt", "Ask at the desk"):
            assert read(tmp_path, f'{name} = "{value}"').notices == {name: Notice(value)}

    @pytest.mark.parametrize("value", ["survey@example.md", "www.example.md"])
    def test_an_address_in_moldova_is_no_text_file(self, tmp_path: Path, value: str) -> None:
        assert read(tmp_path, f'contact = "{value}"').setting("contact") == value

    @pytest.mark.parametrize("file", ["letter.txt", "letter.md"])
    def test_a_text_file_is_read_from_beside_the_settings(
        self, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir("/")
        (tmp_path / file).write_text("Dear all,\n\nplease take part.\n", encoding="utf-8")
        notice = read(tmp_path, f'endorsement_letter = "{file}"').notices["endorsement_letter"]
        assert notice == Notice("given below", "Dear all,\n\nplease take part.")

    @pytest.mark.parametrize("file", ["Letter.TXT", "letter.Md"])
    def test_a_text_file_may_have_its_suffix_in_upper_case(self, tmp_path: Path, file: str) -> None:
        (tmp_path / file).write_text("Dear all", encoding="utf-8")
        notices = read(tmp_path, f'endorsement_letter = "{file}"').notices
        assert notices["endorsement_letter"].text == "Dear all"

    @pytest.mark.parametrize(
        "address", ["https://example.org/a.pdf", "www.example.org/a.pdf", "example.org/b/a.pdf"]
    )
    def test_a_document_may_have_a_web_address(self, tmp_path: Path, address: str) -> None:
        assert read(tmp_path, f'contact = "{address}"').setting("contact") == address

    @pytest.mark.parametrize("name", ["contact", "endorsement_letter", "privacy_statement"])
    def test_the_words_in_which_a_notice_is_mentioned_aloud(
        self, tmp_path: Path, name: str
    ) -> None:
        settings = read(tmp_path, f'{name} = "https://example.org"\n{name}_spoken = "online"')
        assert settings.spoken(name) == settings.spoken(name, "de") == "online"
        assert settings.setting(name) == "https://example.org"

    def test_what_is_read_out_can_have_a_text_for_each_language(self, tmp_path: Path) -> None:
        both = '{ en = "on our website", de = "auf unserer Website" }'
        settings = read(tmp_path, f'contact = "a@example.org"\ncontact_spoken = {both}')
        spoken = [settings.spoken("contact", code) for code in ("en", "de", "fr")]
        assert spoken == ["on our website", "auf unserer Website", "a@example.org"]

    @pytest.mark.parametrize(
        "name", ["contact", "endorsement_letter", "privacy_statement", "respond_by"]
    )
    def test_a_setting_may_be_without_a_value_on_purpose(self, tmp_path: Path, name: str) -> None:
        settings = read(tmp_path, f"{name} = false")
        assert settings.setting(name) is None
        assert settings.omitted == {name}

    def test_a_long_text_is_given_below(self, tmp_path: Path) -> None:
        notice = read(tmp_path, f'contact = "{"word " * 60}"').notices["contact"]
        assert notice.mention == "given below"
        assert notice.text is not None

    @pytest.mark.parametrize("written", ["2027-05-31", '"2027-05-31"', "2027-05-31T10:00:00Z"])
    @pytest.mark.parametrize("name", ["respond_by", "closes"])
    def test_dates(self, tmp_path: Path, name: str, written: str) -> None:
        assert getattr(read(tmp_path, f"{name} = {written}"), name) == date(2027, 5, 31)

    def test_respond_by_is_written_as_the_survey_writes_dates(self, tmp_path: Path) -> None:
        assert read(tmp_path, "respond_by = 2027-07-05").setting("respond_by") == "05.07.2027"

    def test_responses_are_relative_to_the_settings(self, tmp_path: Path) -> None:
        assert read(tmp_path, 'responses = "in/here"').responses == tmp_path / "in" / "here"
        elsewhere = tmp_path.parent / "where"
        assert read(tmp_path, f"responses = '{elsewhere}'").responses == elsewhere

    def test_a_time_zone_has_the_name_of_an_area_and_a_city(self, tmp_path: Path) -> None:
        assert read(tmp_path, 'timezone = "America/Port-au-Prince"').timezone is not None
        assert read(tmp_path, "").timezone is None

    def test_coarse_detail_may_be_written_out(self, tmp_path: Path) -> None:
        assert read(tmp_path, 'detail = "coarse"\nlanguages = ["en"]').languages == ("en",)

    def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(self, tmp_path: Path) -> None:
        text = b'\xef\xbb\xbfdraft_days = 3\r\ncontact = "a@example.org"\r\n'
        assert read(tmp_path, text).draft_days == 3


class TestRefused:
    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("colour = 1", ["colour", "is unknown"]),
            ("[contact]\nname = 1", ["contact"]),
            ("contact = 7", ["contact"]),
            ('contact = ""', ["contact"]),
            ('contact = "\u200b"', ["contact"]),
            ('privacy_statement = "nowhere.txt"', ["privacy_statement", "cannot be read"]),
            ('endorsement_letter = "letter.pdf"', ["endorsement_letter", "letter.pdf"]),
            ('endorsement_letter = "in/Letter.DOCX"', ["endorsement_letter", "not plain text"]),
            ('contact_spoken = "call us"', ["contact_spoken", "contact is not"]),
            ('contact = false\ncontact_spoken = "call us"', ["contact_spoken"]),
            ('contact = "a"\ncontact_spoken = ""', ["contact_spoken", "empty"]),
            ('contact = "a"\ncontact_spoken = {}', ["contact_spoken", "language codes"]),
            ('contact = "a"\ncontact_spoken = {english = "b"}', ["language codes"]),
            ('contact = "a"\ncontact_spoken = {en = 1}', ["contact_spoken.en", "not a string"]),
            (f'contact = "a"\ncontact_spoken = "{"a" * 201}"', ["contact_spoken", "too long"]),
            ("closes = false", ["closes", "date"]),
            ("respond_by = 2027-05-31\ncloses = 2027-05-30", ["closes", "before respond_by"]),
            ("respond_by = 7", ["respond_by", "date"]),
            ('respond_by = "soon"', ["respond_by", "date"]),
            ("closes = 10:00:00", ["closes", "date"]),
            ('languages = "en"', ["languages"]),
            ("languages = [7]", ["languages"]),
            ("responses = 7", ["responses"]),
            ('responses = ""', ["responses"]),
            ("timezone = 7", ["timezone"]),
            ('timezone = "CET"', ["timezone", "not a known time zone"]),
            ('timezone = "Europe/Nowhere"', ["timezone", "not a known time zone"]),
            ('timezone = "../etc/localtime"', ["timezone", "not a known time zone"]),
            ("draft_days = 0", ["draft_days"]),
            ("draft_days = 367", ["draft_days"]),
            ("draft_days = true", ["draft_days"]),
            ("draft_days = 3.5", ["draft_days"]),
            ('draft_days = "3"', ["draft_days"]),
            ('detail = "full"', ["detail", "recipients"]),
            ('detail = "fine"', ["detail", "coarse", "full"]),
            ("detail = 1", ["detail"]),
            (f'recipients = ["{PUBLIC}", "{PUBLIC}"]', ["recipients", "twice"]),
            (f'recipients = "{PUBLIC}"', ["recipients", "list"]),
            ("recipients = []", ["recipients", "empty"]),
            ("recipients = [7]", ["recipients", "list"]),
            ("contact = ", ["TOML"]),
            ("draft_days = 3\ndraft_days = 4", ["TOML"]),
            ('"a\\u001b[2J" = 1', ["is unknown"]),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path: Path, line: str, words: list[str]) -> None:
        refused(tmp_path, line, *words)

    @pytest.mark.parametrize("key", ["age1x", PUBLIC[:-1] + "q", "ssh-ed25519 AAAA"])
    def test_what_is_no_public_key_is_named_by_its_number(self, tmp_path: Path, key: str) -> None:
        wrong = "not a public"
        refused(tmp_path, f'recipients = ["{PUBLIC}", "{key}"]', "Key 2 of recipients", wrong)

    @pytest.mark.parametrize("secret", [SECRET, SECRET.lower(), f"  {SECRET}"])
    def test_a_secret_key_is_refused_and_not_quoted(self, tmp_path: Path, secret: str) -> None:
        error = refused(tmp_path, f'recipients = ["{secret}"]', "Key 1 of recipients", "secret key")
        told = f"{error.message} {error.where} {error.hint}"
        assert secret.strip().casefold() not in told.casefold()
        assert "microcred keys new" in error.hint

    def test_a_name_cannot_act_on_the_terminal(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            read(tmp_path, '"a\\u001b[2J" = 1')
        assert "\x1b" not in caught.value.message

    @pytest.mark.parametrize("text", [b"\xff", b"#" * 300_000, b"[" * 100_000])
    def test_a_file_that_holds_no_settings(self, tmp_path: Path, text: bytes) -> None:
        refused(tmp_path, text)

    def test_a_settings_file_without_end_is_not_read_to_it(self, tmp_path: Path) -> None:
        (tmp_path / "fieldwork.toml").symlink_to("/dev/zero")
        with pytest.raises(UsageError, match="not a regular file"):
            read_fieldwork(tmp_path / "fieldwork.toml")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
    def test_a_pipe_is_refused_and_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fieldwork.toml")
        with pytest.raises(UsageError, match="not a regular file"):
            read_fieldwork(tmp_path / "fieldwork.toml")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
    def test_a_text_file_that_is_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "letter.txt")
        refused(tmp_path, 'endorsement_letter = "letter.txt"', "endorsement_letter")

    def test_a_file_of_another_kind_is_refused_with_a_way_out(self, tmp_path: Path) -> None:
        (tmp_path / "letter.signed").write_bytes(b"%PDF-1.7")
        error = refused(tmp_path, 'endorsement_letter = "letter.signed"', "letter.signed")
        assert ".txt or .md" in error.hint

    @pytest.mark.parametrize("content", [b"", b" \n", b"\xff", b"x" * 300_000])
    def test_a_text_file_that_holds_no_text(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "letter.txt").write_bytes(content)
        refused(tmp_path, 'endorsement_letter = "letter.txt"', "endorsement_letter")

    def test_all_faults_are_listed_and_misplaced_settings_named(self, tmp_path: Path) -> None:
        text = 'closes = 5\ntimezone = "x"\nfoo = 1\n[targets]\ndraft_days = 30\nnorth = -1\n'
        fault = refused(tmp_path, text, "The settings have 5 errors.")
        settings = [detail.split()[2] for detail in fault.details]
        assert settings == ["foo", "targets.draft_days", "closes", "timezone", "targets.north"]
        assert "Move draft_days above the first line in square brackets." in fault.details[1]

    def test_all_faults_of_the_calling_rules_are_listed(self, tmp_path: Path) -> None:
        text = '[calling]\nbusy = 3\nbusy_minutes = 0\nhours = 9\ndays_off = ["x"]\n'
        fault = refused(tmp_path, f"{text}[targets]\na = -1\nb = -1\n", "have 6 errors")
        settings = [detail.split()[2] for detail in fault.details]
        rules = ("busy", "busy_minutes", "hours", "days_off")
        assert settings == [*(f"calling.{rule}" for rule in rules), "targets.a", "targets.b"]


class TestDates:
    def test_the_last_day_belongs_to_the_survey(self) -> None:
        settings = Fieldwork(respond_by=date(2027, 5, 31), closes=date(2027, 6, 30))
        assert not settings.is_late(date(2027, 5, 31))
        assert settings.is_late(date(2027, 6, 1))
        assert not settings.is_closed(date(2027, 6, 30))
        assert settings.is_closed(date(2027, 7, 1))

    def test_after_the_close_no_interview_begins(self, place: Place) -> None:
        place.write("fieldwork.toml", "closes = 2021-07-05\n")
        for ran in (place.run("respond", "--plain", typed="1\n"), place.answer(sheet())):
            assert ran.code == 2
            assert "closed on 5 July 2021" in ran.err
            assert "microcred resume" in ran.err
            assert ran.out == ""
        assert not place.responses.exists()

    def test_on_the_last_day_it_does(self, place: Place) -> None:
        place.write("fieldwork.toml", f"closes = {today()}\nrespond_by = {today()}\n")
        ran = place.run("respond", "--plain")
        assert ran.code == 130
        assert "Answers were requested by" not in ran.out

    def test_after_the_date_to_keep_a_notice_is_shown(self, place: Place) -> None:
        day = today() - timedelta(days=1)
        place.write("fieldwork.toml", f"respond_by = {day}\n")
        ran = place.run("respond", "--plain", typed=Lines("employer unaware").whole())
        assert (
            f"Answers were requested by {date_in_words(day)}. You can still take part." in ran.out
        )
        assert ran.code == 0

    def test_a_language_that_the_survey_does_not_speak_is_refused(self, place: Place) -> None:
        place.write("fieldwork.toml", 'languages = ["en", "xx"]\n')
        ran = place.run("respond", "--plain", typed="1\n")
        assert ran.code == 2
        assert "'xx'" in ran.err


class TestPrivacyStatement:
    def test_without_one_check_and_start_warn(self, place: Place) -> None:
        checked = place.run("questionnaire", "check")
        assert checked.code == 0
        assert "privacy_statement" in checked.err
        assert "privacy_statement" in place.run("respond", "--plain").err

    def test_a_setting_that_is_not_there_is_not_missed_unnoticed(self, place: Place) -> None:
        place.write("fieldwork.toml", 'privacy_statement = "x"\nendorsement_letter = false\n')
        told = place.run("respond", "--plain").err
        assert "no value: contact, respond_by. The sentences" in told
        place.write("fieldwork.toml", 'privacy_statement = "x"\nendorsement_letter = "y"\n')
        assert "no value: contact, respond_by." in place.run("respond", "--plain").err

    def test_with_one_nobody_warns(self, place: Place) -> None:
        place.write("fieldwork.toml", 'privacy_statement = "https://example.org/privacy"\n')
        assert place.run("questionnaire", "check").err == ""
        ran = place.run("respond", "--plain")
        assert "privacy_statement" not in ran.err
        assert "Please read the Specific Privacy Statement (https://example.org/privacy)" in ran.out


class TestCalling:
    def test_rules_and_targets_have_defaults_and_values(self, tmp_path: Path) -> None:
        assert read(tmp_path, "").calling is None
        assert read(tmp_path, "[calling]").calling == Calling()
        text = """
            timezone = "Europe/Berlin"
            [calling]
            busy_minutes = 20
            most_attempts = 6
            hours = ["13:00-17:30", "9:00-12:00"]
            days_off = ["Saturday", "sunday", 2026-12-25, "2027-01-01"]
            quota_closes = true
            [targets]
            "north/industry/small" = 20
            """
        assert read(tmp_path, text).calling == Calling(
            busy_minutes=20,
            most_attempts=6,
            hours=((540, 720), (780, 1050)),
            weekdays_off=frozenset({5, 6}),
            dates_off=frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
            quota_closes=True,
            targets={"north/industry/small": 20},
        )

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("calling = 1", "calling is not a table"),
            ("pilot = true", "pilot is not a table"),
            ("[pilot]\ntime = true", "pilot.time is unknown"),
            ("[pilot]\ntimes = 1", "pilot.times is not true or false"),
            ("[calling]\nbusy = 3", "calling.busy is unknown"),
            ("[calling]\nbusy_minutes = 0", "calling.busy_minutes is not a valid number"),
            ("[calling]\nmost_attempts = true", "calling.most_attempts is not a valid number"),
            ("[calling]\nhours = 9", "calling.hours is not a list"),
            ('[calling]\nhours = ["9-17"]', "calling.hours is not a list"),
            ('[calling]\nhours = ["17:00-09:00"]', "end before they begin"),
            ('[calling]\nhours = ["9:00-12:00", "11:00-13:00"]', "overlap"),
            ('[calling]\nhours = "9:00-24:30"', "after 24:00"),
            ('[calling]\ndays_off = "sunday"', "calling.days_off is not a list"),
            ('[calling]\ndays_off = ["Sonntag"]', "calling.days_off is not a list"),
            (f"[calling]\ndays_off = {[*WEEKDAYS]}", "leaves no day"),
            ("[calling]\nquota_closes = 1", "calling.quota_closes is not true or false"),
            ("targets = 3", "targets is not a table"),
            ('[targets]\n"Anna Schmidt" = 3', "targets has an invalid stratum (1)"),
            ("[targets]\nnorth = -1", "targets.north is not a valid number"),
            ("[targets]\nnorth = 2.5", "targets.north is not a valid number"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path: Path, text: str, words: str) -> None:
        refused(tmp_path, text, words)


class TestEngine:
    def test_it_has_a_name_and_a_cluster_an_address(self, tmp_path: Path) -> None:
        assert read(tmp_path, '[engine]\nname = "duckdb"').engine == EngineSettings("duckdb")
        text = '[engine]\nname = "pyspark"\nmaster = "spark://host:7077"'
        assert read(tmp_path, text).engine == EngineSettings("pyspark", "spark://host:7077")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('engine = "duckdb"', "engine is not a table"),
            ('[engine]\nnames = "duckdb"', "engine.names is unknown"),
            ("[engine]", "engine.name is not a known engine"),
            ('[engine]\nname = "sqlite"', "engine.name is not a known engine"),
            ('[engine]\nname = ["duckdb"]', "engine.name is not a known engine"),
            ('[engine]\nname = "duckdb"\nmaster = "local[2]"', "engine.master cannot be used"),
            ('[engine]\nname = "pyspark"', "engine.master is missing"),
            ('[engine]\nname = "pyspark"\nmaster = 1', "engine.master is missing"),
        ],
    )
    def test_a_wrong_one_is_named(self, tmp_path: Path, text: str, words: str) -> None:
        refused(tmp_path, text, words)

    def test_what_is_not_installed_is_a_finding_and_stops_a_seal(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("microcred_cli.fieldwork.engine.find_spec", lambda _: None)
        (place.folder / "fieldwork.toml").write_text('[engine]\nname = "duckdb"\n')
        lacking = "needs packages that are not installed: narwhals, duckdb, polars"
        checked = place.run("fieldwork", "check")
        assert checked.code == ExitCode.FINDING
        assert lacking in " ".join(checked.out.split())
        assert place.simulate(10, seed=1).code == ExitCode.DONE
        sealed = place.run("seal")
        assert sealed.code == ExitCode.USAGE
        assert lacking in sealed.err
        assert "microcred-cli[large]" in sealed.err
