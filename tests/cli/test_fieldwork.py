"""`microcred fieldwork check`: what is on the page, what is read out, and what is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from microcred_cli.clock.zones import today
from tests.questionnaire.sample import SAMPLE

if TYPE_CHECKING:
    from tests.cli.program import Place, Ran

COMPLETE = """\
contact = "survey@example.org"
endorsement_letter = "https://example.org/letter"
privacy_statement = "privacy.md"
respond_by = {day}
"""


def check(place: Place, settings: str, *options: str, days: int = 1) -> Ran:
    place.write("privacy.md", "# Privacy\n\n- **Nothing** is kept.\n")
    place.write("fieldwork.toml", settings.format(day=today() + timedelta(days=days)))
    return place.run("fieldwork", "check", *options)


def flat(ran: Ran) -> str:
    return " ".join(ran.out.split())


def test_complete_settings_are_shown_for_each_language_and_mode(place: Place) -> None:
    ran = check(place, COMPLETE)
    assert ran.code == 0, ran.out
    assert "Nothing is missing or contradictory." in ran.out
    for name in ("English (en)", "Deutsch (de)", "Slovenščina (sl)"):
        assert f"{name}, on the page" in ran.out
        assert f"{name}, read out by phone or in person" in ran.out
    assert "letter from CEDEFOP: https://example.org/letter" in flat(ran)
    assert "I can read the privacy statement out to you." in flat(ran)
    assert "Specific Privacy Statement Privacy - Nothing is kept." in flat(ran)
    assert max(map(len, ran.out.splitlines())) <= 80


def test_one_language_can_be_shown_alone(place: Place) -> None:
    ran = check(place, COMPLETE, "--language", "de")
    assert ran.code == 0
    assert "Deutsch (de), on the page" in ran.out
    assert "English" not in ran.out
    assert check(place, COMPLETE, "--language", "xx").code == 2


@pytest.mark.parametrize("name", ["contact", "endorsement_letter", "respond_by"])
def test_a_missing_setting_is_a_finding_unless_it_is_deliberate(place: Place, name: str) -> None:
    without = "".join(line for line in COMPLETE.splitlines(True) if not line.startswith(name))
    ran = check(place, without, "--language", "en")
    assert ran.code == 1
    assert f"{name}: The setting has no value" in flat(ran)
    assert f"{name} = false" in flat(ran)
    assert check(place, without + f"{name} = false\n", "--language", "en").code == 0


def test_a_privacy_statement_is_never_dispensable(place: Place) -> None:
    ran = check(place, COMPLETE.replace('"privacy.md"', "false"), "--language", "en")
    assert ran.code == 1
    assert "privacy_statement: The setting has no value" in flat(ran)


def test_days_that_are_over_are_findings(place: Place) -> None:
    ran = check(place, COMPLETE + "closes = {day}\n", "--language", "en", days=-1)
    assert ran.code == 1
    assert "closes: The survey closed on" in flat(ran)
    assert "respond_by: The date" in flat(ran)
    assert "completed the questionnaire by" not in flat(ran)


def test_a_setting_that_nothing_mentions_is_a_finding(place: Place) -> None:
    path = str(place.write("q.yaml", SAMPLE))
    ran = check(place, 'contact = "me"\nendorsement_letter = "a"\n', "--questionnaire", path)
    assert ran.code == 1
    assert "endorsement_letter: The setting has a value, but no sentence" in flat(ran)
    assert "contact: " not in ran.out
    assert "Write to me." in ran.out


def test_an_introduction_that_is_not_translated_is_a_finding(place: Place) -> None:
    path = str(place.write("q.yaml", SAMPLE))
    assert place.run("questionnaire", "translate", "de", path).code == 0
    ran = check(place, 'contact = "me"\n', "--questionnaire", path)
    assert "3 sentences of the introduction are not translated into de" in flat(ran)


def test_a_language_without_words_to_read_out_is_a_finding(place: Place) -> None:
    spoken = 'contact_spoken.en = "on our website"\ncontact_spoken.de = "auf unserer Website"\n'
    ran = check(place, COMPLETE + 'languages = ["en", "de", "fr"]\n' + spoken)
    assert ran.code == 1
    assert "contact_spoken: The setting has no wording for fr." in flat(ran)
    assert "auf unserer Website" in flat(ran)
    assert check(place, COMPLETE + spoken, "--language", "en").code == 0
    assert check(place, COMPLETE + 'languages = ["en", "de"]\n' + spoken).code == 0


def test_a_language_without_the_name_of_the_caller_is_a_finding(place: Place) -> None:
    caller = 'caller.de = "das Institut"\n'
    ran = check(place, COMPLETE + 'languages = ["en", "de"]\n' + caller)
    assert ran.code == 1
    assert "caller: The setting has no wording for en." in flat(ran)
    assert "das Institut" in flat(ran)


def test_without_settings_there_is_a_finding(place: Place) -> None:
    ran = place.run("fieldwork", "check", "--language", "en")
    assert ran.code == 1
    assert "There is no settings file." in ran.out


def test_keys_that_are_not_proven_are_a_finding(place: Place) -> None:
    first = "age10nmtvr56eupawag5yest20dxakw6keyherhfjw62czcyz8huk37qx8fl4v"
    ran = check(place, COMPLETE + f'recipients = ["{first}"]\n', "--language", "en")
    assert ran.code == 1
    assert "recipients: " in ran.out
