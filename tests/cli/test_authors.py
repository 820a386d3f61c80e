"""Commands for authors of questionnaires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.questionnaire.sample import SAMPLE
from tests.scenario import builtin

if TYPE_CHECKING:
    from tests.cli.program import Place


def shown(place: Place, *arguments: str) -> str:
    """The output of `questionnaire show`, on one line."""
    ran = place.run("questionnaire", "show", *arguments)
    assert ran.code == 0
    return " ".join(ran.out.split())


def flat(words: str) -> str:
    return " ".join(words.split())


def test_everything_that_a_respondent_can_read_is_shown(place: Place) -> None:
    page = shown(place)
    known = builtin()
    assert known.definition is not None
    said = [
        known.definition.text,
        *known.closing.values(),
        *(s.text for block in known.background.written for s in block.sentences),
        *(s.text for s in known.background.read_aloud),
        *(item.text for item in known.items),
        *(item.help for item in known.items if item.help),
    ]
    assert len(said) > 80
    for words in said:
        assert flat(words) in page
    assert f"Breakdowns: {', '.join(known.breakdowns)}" in page


def test_the_help_of_an_option_is_shown(place: Place) -> None:
    boss = "{code: boss, label: The boss"
    assert SAMPLE.count(boss) == 1
    helped = SAMPLE.replace(boss, f"{boss}, help: Whoever signs the contracts")
    page = shown(place, place.write("q.yaml", helped))
    assert "boss: The boss Help: Whoever signs the contracts" in page


def test_a_sentence_that_needs_a_setting_says_which(place: Place) -> None:
    assert "[With contact: Write to {value}.]" in shown(place, place.write("q.yaml", SAMPLE))


def test_a_translation_is_asked_for_its_own_further_names_and_keeps_them(place: Place) -> None:
    boss = "{code: boss, label: The boss"
    file = place.write("q.yaml", SAMPLE.replace(boss, f"{boss}, also: [owner, manager]"))
    assert place.run("questionnaire", "translate", "de", file).code == 0
    german = place.folder / "de.yaml"
    asked = "  items.role.options.boss:\n    []\n"
    assert asked in german.read_text(encoding="utf-8")
    checked = place.run("questionnaire", "check", file)
    assert checked.code == 3
    assert "Q091" in checked.err
    assert "items.role.options.boss.also" in checked.err

    own = asked.replace("[]", '["Inhaberin", "Chef"]')
    german.write_text(german.read_text(encoding="utf-8").replace(asked, own), encoding="utf-8")
    assert place.run("questionnaire", "translate", "de", file).code == 0
    assert own in german.read_text(encoding="utf-8")

    place.write("q.yaml", SAMPLE.replace("boss", "head"))
    ran = place.run("questionnaire", "translate", "de", file)
    assert "no items.role.options.boss: Inhaberin, Chef" in ran.err
    assert "also:" not in german.read_text(encoding="utf-8")
