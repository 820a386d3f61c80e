"""Commands for authors of questionnaires."""

from __future__ import annotations

import re
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
        assert flat(words).replace("{value}.", "…").replace("{value}", "…") in page
    assert "Results are broken down by: Respondent group (org_role), Region (country)" in page


def test_words_inserted_and_wordings_of_each_group_are_shown_with_their_condition(
    place: Place,
) -> None:
    page = shown(place)
    assert "{viewpoint} - Employers: “as an employer”" in page
    employer = "If Respondent group (org_role) is “An employer”: How useful is this"
    assert employer in page
    assert page.count("if none applies, the one at the top.") == sum(
        len(item.variants) > 1 for item in builtin().items
    )
    assert "Asked if Micro-credential described (described) is “One micro-credential" in page
    assert "TO BE READ ALOUD ONLY ON REQUEST - The survey is part of a project" in page
    assert page.index("FIRST CONTACT: READ IT ALOUD") < page.index("INTRODUCTION: READ IT ALOUD")
    assert "Rows, in random order: - Choosing between applicants (recruit)" in page
    assert "Scale: - Not at all useful (1)" in page
    assert "Choose up to three. In random order; the last options stay last." in page


def test_the_conventions_and_the_sources_of_lists_are_stated_before_the_first_question(
    place: Place,
) -> None:
    page = shown(place)
    stated = page[page.index("HOW TO READ THE QUESTIONS") : page.index(" 1. Informed consent")]
    assert "“only this one” marks an answer that cannot be combined with others." in stated
    assert "Questions that must be answered: 1, 2 Questions that can be left" in stated
    assert "Questions that accept “Prefer not to answer”: 3–13, 15–40" in stated
    assert "- Fields of learning (mc_field): ISCED-F 2013, broad fields" in stated
    assert "In each list, the first group whose condition applies is used. WORDS" in page


def test_only_conventions_that_a_questionnaire_uses_are_stated(place: Place) -> None:
    page = shown(place, place.write("q.yaml", SAMPLE))
    assert "A random order" not in page
    assert "SOURCES OF THE LISTS" not in page
    assert "the first group whose condition" not in page
    assert "Names in braces stand for" in page


def test_it_can_be_read_in_another_language(place: Place) -> None:
    page = shown(place, "--language", "de")
    assert "Hilfe: Wenn kein Land heraussticht" in page
    assert "Read aloud" not in page
    assert "Region (country)" in page
    assert "1. consent Die Teilnahme ist freiwillig" in page
    ran = place.run("questionnaire", "show", "--language", "xx")
    assert (ran.code, "not available in 'xx'" in ran.err) == (2, True)


def test_it_has_no_terms_of_developers(place: Place) -> None:
    page = shown(place)
    assert not re.search(r"exclusive|asked_if|computed|\bsoft\b|any_of|\{value\}|has none of", page)


def test_the_help_of_an_option_is_shown(place: Place) -> None:
    boss = "{code: boss, label: The boss"
    assert SAMPLE.count(boss) == 1
    helped = SAMPLE.replace(boss, f"{boss}, help: Whoever signs the contracts")
    page = shown(place, place.write("q.yaml", helped))
    assert "The boss (boss) Help: Whoever signs the contracts" in page


def test_the_numbers_of_questions_and_minutes_are_shown(place: Place) -> None:
    page = shown(place)
    assert (
        "Number of questions per respondent: 19 to 36 It takes about 15 to 20 minutes. If" in page
    )


def test_a_sentence_that_needs_a_setting_says_so(place: Place) -> None:
    assert "[Depending on the survey: Write to …]" in shown(place, place.write("q.yaml", SAMPLE))


def test_a_new_definition_has_no_faults_or_warnings_and_can_be_answered(place: Place) -> None:
    path = str(place.folder / "training.yaml")
    ran = place.run("questionnaire", "new", path)
    assert (ran.code, ran.out) == (0, f"{path}\n")
    checked = place.run("questionnaire", "check", path)
    assert checked.out.startswith("training 1.0.0: no faults. ")
    assert 20 <= len((place.folder / "training.yaml").read_text("utf-8").splitlines()) <= 40
    answered = place.run(
        "respond", "--plain", "--questionnaire", path, typed="1\n1\nKnots\nsubmit\nnoted\n"
    )
    assert answered.code == 0
    assert len(place.files) == 1


def test_a_new_definition_replaces_no_file(place: Place) -> None:
    path = place.write("training.yaml", "mine")
    ran = place.run("questionnaire", "new", str(path))
    assert ran.code == 2
    assert "already exists" in ran.err
    assert (place.folder / "training.yaml").read_text("utf-8") == "mine"


def test_a_new_definition_is_a_yaml_file_in_a_folder(place: Place) -> None:
    assert place.run("questionnaire", "new", str(place.folder / "training.docx")).code == 2
    assert place.run("questionnaire", "new", str(place.folder / "no" / "training.yaml")).code == 4


def test_a_new_definition_has_a_valid_id(place: Place) -> None:
    path = str(place.folder / "Training 2027.yaml")
    assert place.run("questionnaire", "new", path).code == 0
    assert place.run("questionnaire", "check", path).out.startswith("my_survey ")


def test_warnings_are_shown_with_the_result_and_are_not_an_error(place: Place) -> None:
    shuffled = SAMPLE.replace("rows:", "order: shuffled\n        rows:")
    ran = place.run("questionnaire", "check", str(place.write("q.yaml", shuffled)))
    assert ran.code == 0
    assert "no faults, 1 warning." in ran.out
    assert re.search(r"W002 .*q\.yaml:\d+ \(trust\): The steps of an ordinal scale", ran.out)


def test_untranslated_languages_are_counted_and_their_first_faults_listed(place: Place) -> None:
    path = str(place.write("q.yaml", SAMPLE))
    for language in ("de", "fr"):
        assert place.run("questionnaire", "translate", language, path).code == 0
    ran = place.run("questionnaire", "check", path)
    assert ran.code == 3
    (count,) = {int(number) for number in re.findall(r"(?:de|fr) (\d+)", ran.err)}
    assert f"{2 * count} faults: de {count}, fr {count}." in ran.err
    assert ran.err.count("Q091") == 6
    assert f"Use --all to list {2 * count - 6} more." in ran.err
    assert place.run("questionnaire", "check", path, "--all").err.count("Q091") == 2 * count


def test_a_translation_is_asked_for_its_own_further_names_and_keeps_them(place: Place) -> None:
    boss = "{code: boss, label: The boss"
    file = place.write("q.yaml", SAMPLE.replace(boss, f"{boss}, also: [owner, manager]"))
    assert place.run("questionnaire", "translate", "de", file).code == 0
    german = place.folder / "de.yaml"
    asked = "  items.role.options.boss:\n    []\n"
    assert asked in german.read_text(encoding="utf-8")
    checked = place.run("questionnaire", "check", file, "--all")
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
