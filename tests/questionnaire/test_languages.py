"""Translations: files, missing texts, and language changes during an interview."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.cli.questionnaire import country_names, ordered_definition
from microcred_cli.errors import DefinitionError, InvalidAnswer
from microcred_cli.interview import Interview
from microcred_cli.questionnaire.languages import (
    Translated,
    Translation,
    _as_written,
    as_yaml,
    brought_up_to_date,
    path_of,
    read_translation,
    spoken_in,
    texts_of,
    with_texts,
)
from microcred_cli.questionnaire.lint.translations import check_names, check_translation
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Questionnaire
from microcred_cli.records.schema import response_schema
from tests.pty.walker import ROUTES
from tests.terminal.key_presses import answer_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUILT_IN = load("mc_employers")
OTHERS = [code for code in BUILT_IN.languages if code != "en"]
SOURCES = {"items.a.text": "Who is {whom}?", "items.a.options.x.label": "An answer"}


def definition() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(BUILT_IN.source)
    return made


def translation(**texts: str) -> Translation:
    entries = {key: Translated(SOURCES.get(key, "?"), text) for key, text in texts.items()}
    return Translation("q", "de", "somebody", "", entries)


def _rest(node: Any, texts: set[str]) -> Any:
    """Everything except texts, with an asterisk in place of each text."""
    if isinstance(node, dict):
        return {k: v if k == "code" else _rest(v, texts) for k, v in node.items()}
    if isinstance(node, list):
        return [_rest(value, texts) for value in node]
    return "*" if isinstance(node, str) and node in texts else node


class TestTexts:
    def test_every_text_is_found_and_put_back(self) -> None:
        texts = texts_of(definition())
        assert texts["items.country.text"].startswith("In which country")
        assert texts["lists.countries.options.AT.label"] == "Austria"
        assert with_texts(definition(), lambda key, source: texts[key]) == definition()

    def test_only_texts_change(self) -> None:
        changed = with_texts(definition(), lambda key, source: "x")
        assert set(texts_of(changed).values()) == {"x"}
        assert _rest(changed, {"x"}) == _rest(definition(), {*texts_of(definition()).values()})

    def test_the_keys_are_those_of_ids_and_stay_when_a_label_changes(self) -> None:
        renamed = json.loads(BUILT_IN.source.replace("Austria", "Austria!"))
        assert texts_of(renamed).keys() == texts_of(definition()).keys()


class TestFile:
    @pytest.mark.parametrize("end", ["", "...\n"], ids=["as it is", "as YAML"])
    @pytest.mark.parametrize(
        "odd",
        ['Says "so": \\ and\u00a0more # \u2028 é', "\U0001f3f4\U000e0067\U000e007f", "\U000f0000"],
    )
    def test_is_read_as_it_was_written(self, tmp_path: Path, odd: str, end: str) -> None:
        made = translation(**{"items.a.text": odd, "items.a.options.x.label": ""})
        path = tmp_path / "de.yaml"
        path.write_text(as_yaml(made) + end, encoding="utf-8")
        assert read_translation(path) == made

    @pytest.mark.parametrize(
        "text",
        ["", "[1", "format: other", "format: microcred-translation/1\nlanguage: de\ntexts: 1",
         "format: microcred-translation/1\nlanguage: fr\ntexts: {}",
         "format: microcred-translation/1\nlanguage: de\ntexts: {a: {text: x}}",
         "format: microcred-translation/1\nlanguage: de\ntexts: {a: {source: x, more: y}}"],
    )  # fmt: skip
    def test_is_refused_with_a_sentence(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "de.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DefinitionError) as refused:
            read_translation(path)
        assert refused.value.hint
        assert refused.value.faults[0].code == "Q090"

    @pytest.mark.parametrize(
        "change",
        [lambda text: text.replace('"', "'"), lambda text: text.replace("\n", "\r\n"),
         lambda text: text.replace("    ", "      "), lambda text: text + "...\n"],
    )  # fmt: skip
    def test_means_the_same_in_another_layout(
        self, tmp_path: Path, change: Callable[[str], str]
    ) -> None:
        made = translation(**{"items.a.text": "Wer?", "items.a.options.x.label": ""})
        path = tmp_path / "de.yaml"
        path.write_bytes(change(as_yaml(made)).encode())
        assert read_translation(path) == made

    @pytest.mark.parametrize("language", OTHERS)
    def test_as_written_means_what_its_yaml_means(self, language: str, tmp_path: Path) -> None:
        assert BUILT_IN.path is not None
        path = path_of(BUILT_IN.path, language)
        copy = tmp_path / path.name
        copy.write_text(path.read_text(encoding="utf-8") + "...\n", encoding="utf-8")
        assert read_translation(copy) == read_translation(path)

    @pytest.mark.parametrize("end", ["", "...\n"], ids=["as it is", "as YAML"])
    def test_with_further_names_is_read_as_it_was_written(self, tmp_path: Path, end: str) -> None:
        names = ("Holland", 'the "Low" Countries', "Ελλάδα", *(f"name {n}" for n in range(40)))
        made = replace(
            translation(**{"items.a.text": "Wer?"}),
            also={
                "lists.c.options.NL": names,
                "items.a.options.x": (),
                "items.a.options.y": ("z",),
            },
        )
        text = as_yaml(made)
        assert max(map(len, text.splitlines())) <= 100
        path = tmp_path / "de.yaml"
        path.write_text(text + end, encoding="utf-8")
        assert read_translation(path) == made

    @pytest.mark.parametrize(
        "also", ["[a]", "{items.a.options.x: y}", "{items.a.options.x: [1]}", "{1: [a]}"]
    )
    def test_with_malformed_further_names_is_refused(self, tmp_path: Path, also: str) -> None:
        path = tmp_path / "de.yaml"
        path.write_text(f"{as_yaml(translation())}\nalso: {also}\n", encoding="utf-8")
        with pytest.raises(DefinitionError) as refused:
            read_translation(path)
        assert [fault.code for fault in refused.value.faults] == ["Q090"]

    @pytest.mark.parametrize(
        "line", ["    text: x", r'    text: "\ud83d\ude00"', '    text: "a"\n    text: "b"',
                 '    text: "\t"', "    text: *a", '    text: "a\x00"', "? []: x"],
    )  # fmt: skip
    def test_with_one_odd_line_is_left_to_the_yaml_reader(self, line: str) -> None:
        made = as_yaml(translation(**{"items.a.text": "Wer?"})).replace('    text: "Wer?"', line)
        assert _as_written(made) is None

    def test_is_brought_up_to_date_without_losing_a_text(self) -> None:
        old = Translation(
            "q",
            "de",
            "s",
            "",
            {
                "items.a.text": Translated("Who was {whom}?", "Wer {whom}?"),
                "gone": Translated("G", "W"),
            },
        )
        new = brought_up_to_date(old, SOURCES, {"items.a.options.x.label": "Eine"}, {})
        assert new.entries == {
            "items.a.text": Translated("Who is {whom}?", "Wer {whom}?", "Who was {whom}?"),
            "items.a.options.x.label": Translated("An answer", "Eine"),
        }
        assert new.changed(SOURCES) == ["items.a.text"]
        assert brought_up_to_date(new, SOURCES, {}, {}) == new

    def test_keeps_the_comment_at_its_beginning(self, tmp_path: Path) -> None:
        path = tmp_path / "de.yaml"
        made = translation(**{"items.a.text": "Wer?"})
        path.write_text(f"# Sources: NACE.\n# Übersetzt.\n{as_yaml(made)}", "utf-8")
        new = brought_up_to_date(read_translation(path), SOURCES, {}, {})
        path.write_text(as_yaml(new), "utf-8")
        assert as_yaml(read_translation(path)) == as_yaml(new)
        assert as_yaml(new).startswith("# Sources: NACE.\n# Übersetzt.\n# Texts by key")
        assert as_yaml(new).count("# Texts by key") == 1

    def test_keeps_its_own_further_names_and_asks_for_those_that_the_definition_has(self) -> None:
        also = {"items.a.options.x": ("X", "Y"), "items.gone.options.x": ("Z",)}
        further = {
            "items.a.options.x": (),
            "items.a.options.y": ("other words",),
            "items.a.options.z": (),
        }
        new = brought_up_to_date(replace(translation(), also=also), SOURCES, {}, further)
        assert new.also == {"items.a.options.x": ("X", "Y"), "items.a.options.y": ()}
        assert new.unnamed(further) == ["items.a.options.y"]


class TestLint:
    @pytest.mark.parametrize(
        ("texts", "code"),
        [
            ({"items.a.text": "Wer {whom}?"}, "Q091"),
            ({"items.b.text": "Was?"}, "Q092"),
            ({"items.a.text": "Wer?"}, "Q094"),
            ({"items.a.options.x.label": "x" * 53}, "Q095"),
            ({"items.a.text": "Who is it {whom} really?"}, "Q096"),
            ({"items.a.options.x.label": "Ei\u200bne"}, "Q097"),
        ],
    )
    def test_finds_the_fault_with_its_line(self, texts: dict[str, str], code: str) -> None:
        sources = {**SOURCES, "items.a.text": "Who is it {whom} really?"}
        made = translation(**texts)
        text = as_yaml(made)
        faults = list(check_translation(made, sources, text))
        found = next(fault for fault in faults if fault.code == code)
        assert found.hint
        if found.item in made.entries:
            assert found.line is not None
            assert text.splitlines()[found.line - 1].strip() == f"{found.item}:"

    def test_labels_of_a_classification_may_be_long(self) -> None:
        key = "lists.nace.options.a.label"
        long = Translated(
            "Services", "Erbringung von sonstigen Dienstleistungen, anderswo nicht genannt"
        )
        made = Translation("q", "de", "s", "", {key: long})
        assert not [*check_translation(made, {key: "Services"}, "")]

    def test_a_changed_source_is_told(self) -> None:
        made = Translation("q", "de", "s", "", {"items.a.text": Translated("Who was?", "Wer?")})
        codes = {fault.code for fault in check_translation(made, SOURCES, "")}
        assert "Q093" in codes

    def test_options_that_became_the_same_are_told(self) -> None:
        keys = ("items.a.options.x.label", "items.a.options.y.label")
        sources = dict.fromkeys(keys, "Some source")
        made = Translation(
            "q", "de", "s", "", {key: Translated("Some source", "Ja") for key in keys}
        )
        assert [f.code for f in check_translation(made, sources, "")] == ["Q098"]


class TestLintOfFurtherNames:
    def faults(self, **also: tuple[str, ...]) -> list[tuple[str, str | None]]:
        assert BUILT_IN.path is not None
        german = read_translation(path_of(BUILT_IN.path, "de"))
        paths = {f"lists.countries.options.{code}": names for code, names in also.items()}
        changed = replace(german, also={**german.also, **paths})
        text = as_yaml(changed)
        found = [*check_names(changed, definition(), text)]
        for fault in found:
            if fault.line is not None:
                assert fault.item == f"{text.splitlines()[fault.line - 1].strip()[:-1]}.also"
        return [(fault.code, (fault.item or "").split(".")[-2]) for fault in found]

    def test_finds_names_that_are_doubled_ambiguous_missing_or_of_nothing(self) -> None:
        assert self.faults() == []
        assert self.faults(NL=("Holland", "holland")) == [("Q082", "NL")]
        assert self.faults(NL=("Tuerkei",)) == [("Q081", "NL")]
        assert self.faults(NL=()) == [("Q091", "NL")]
        assert self.faults(XX=("Nowhere",)) == [("Q092", "XX")]

    def test_compares_an_item_s_own_options_with_those_of_its_list(self) -> None:
        assert self.faults(NL=("USA",)) == [("Q081", "other_country")]


class TestFurtherNames:
    def test_of_a_language_replace_those_of_the_definition(self) -> None:
        texts = {"lists.countries.options.NL.also.1": "Holandija"}
        spoken = spoken_in(definition(), texts)
        by_code = {option.code: option for option in spoken.options(spoken.by_id["country"])}
        assert by_code["NL"].also == ("Holandija",)
        assert "Turkey" in by_code["TR"].also

    def test_stay_with_the_texts_that_an_interview_keeps(self) -> None:
        """The texts of a language, as a draft keeps them, hold its further names too."""
        kept = json.loads(json.dumps(dict(BUILT_IN.languages.texts("de"))))
        spoken = spoken_in(definition(), kept)
        assert spoken == BUILT_IN.languages["de"]
        assert "Tschechei" in {
            name for option in spoken.options(spoken.by_id["country"]) for name in option.also
        }

    def test_are_no_part_of_what_a_response_may_hold(self) -> None:
        bare = json.loads(BUILT_IN.source)
        for part in (*bare["lists"], *(i for s in bare["sections"] for i in s["items"])):
            for option in part.get("options", ()):
                option.pop("also", None)
        without = Questionnaire.model_validate_json(json.dumps(bare))
        sha256 = "0" * 64
        assert response_schema(without, sha256, detail="full") == response_schema(
            BUILT_IN.questionnaire, sha256, detail="full"
        )


@pytest.mark.parametrize("language", OTHERS)
class TestShipped:
    def test_has_no_faults(self, language: str) -> None:
        assert BUILT_IN.path is not None
        path = path_of(BUILT_IN.path, language)
        sources = texts_of(ordered_definition(BUILT_IN.path))
        text = path.read_text(encoding="utf-8")
        assert list(check_translation(read_translation(path), sources, text)) == []
        assert list(check_names(read_translation(path), definition(), text)) == []

    def test_calls_countries_as_cldr_does(self, language: str) -> None:
        assert BUILT_IN.path is not None
        texts = BUILT_IN.languages.texts(language)
        names = country_names(texts_of(ordered_definition(BUILT_IN.path)), language)
        assert len(names) > 40
        for key, name in names.items():
            assert texts[key] == name

    def test_says_that_the_definition_of_the_commission_is_translated_by_us(
        self, language: str
    ) -> None:
        quoted = [b for b in BUILT_IN.languages[language].background.written
                  if b.kind == "quotation"]  # fmt: skip
        assert "[" in quoted[0].sentences[-1].text

    def test_inserted_phrases_leave_no_token(self, language: str) -> None:
        for route in ROUTES.values():
            interview = answer_all(BUILT_IN.questionnaire, route, 1, "phone").interview
            spoken = Interview.begin(
                BUILT_IN.questionnaire, language=language, spoken=BUILT_IN.languages
            )
            there = replace(spoken, mode="phone", seed=1, given=interview.given)
            for step in there.steps:
                assert "{" not in there.stem(step) + (there.lead_in(step) or "")


def test_a_missing_text_is_the_source_with_its_mark(tmp_path: Path) -> None:
    copy = tmp_path / "q"
    copy.mkdir()
    assert BUILT_IN.path is not None
    for name in ("questionnaire.yaml", "de.yaml"):
        text = (BUILT_IN.path.parent / name).read_text(encoding="utf-8")
        (copy / name).write_text(text, encoding="utf-8")
    german = read_translation(copy / "de.yaml")
    kept = {key: e for key, e in german.entries.items() if key != "items.country.text"}
    lacking = Translation("mc_employers", "de", "s", "", kept)
    (copy / "de.yaml").write_text(as_yaml(lacking), encoding="utf-8")
    loaded = load(copy / "questionnaire.yaml")
    text = loaded.languages["de"].by_id["country"].text
    assert text == f"{BUILT_IN.questionnaire.by_id['country'].text} [en]"


def test_to_change_the_language_at_any_question_changes_no_answer_and_no_route() -> None:
    said = answer_all(BUILT_IN.questionnaire, ROUTES["representative-provides"], 5, "self").said
    plain = Interview.begin(BUILT_IN.questionnaire, seed=5)
    mixed = Interview.begin(BUILT_IN.questionnaire, seed=5, spoken=BUILT_IN.languages)
    for number, (_, value) in enumerate(said):
        mixed = mixed.speak([*BUILT_IN.languages][number % 8])
        assert [step.key for step in mixed.steps] == [step.key for step in plain.steps]
        plain, mixed = plain.answer(value), mixed.answer(value)
        assert (mixed.given, mixed.answers) == (plain.given, plain.answers)
    assert mixed.closed_answers() == plain.closed_answers()


class TestFilesBeside:
    def folder(self, tmp_path: Path, **files: str) -> Path:
        assert BUILT_IN.path is not None
        definition = BUILT_IN.path.read_text(encoding="utf-8")
        (tmp_path / "questionnaire.yaml").write_text(definition, encoding="utf-8")
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "questionnaire.yaml"

    def test_only_a_translation_is_a_language(self, tmp_path: Path) -> None:
        path = self.folder(tmp_path, qa="a: 1", de=as_yaml(translation()))
        assert [*load(path).languages] == ["en", "de"]

    @pytest.mark.parametrize(
        "text",
        [as_yaml(translation()), "format: microcred-translation/1\ntexts: {}",
         "format: microcred-translation/1\n: ["],
    )  # fmt: skip
    def test_one_that_cannot_be_used_is_told_and_the_interview_goes_on(
        self, tmp_path: Path, text: str
    ) -> None:
        loaded = load(self.folder(tmp_path, de=text))
        interview = Interview.begin(loaded.questionnaire, spoken=loaded.languages).answer("yes")
        with pytest.raises(InvalidAnswer):
            interview.speak("de")
        assert interview.language == "en"

    def test_an_item_may_be_called_as_a_part_of_the_definition_is(self) -> None:
        renamed = json.loads(BUILT_IN.source.replace('"comments"', '"closing"'))
        texts = texts_of(renamed)
        assert "items.closing.text" in texts
        assert "items.closing.kind" not in texts
