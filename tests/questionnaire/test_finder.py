"""The search in lists: what people type finds the option they mean, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.questionnaire.finder import Finder, search_forms
from microcred_cli.questionnaire.loading import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.questionnaire.models import Option

BUILT_IN = load("mc_employers")
ITEMS = {"country": "country", "sector": "sector_main"}
FEWEST_WORDS = 60


def everyday_words() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The words of the table, with the code of the option that is meant, by language and list."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    words: list[tuple[str, str]] = []
    table = (Path(__file__).parent / "everyday_words.txt").read_text(encoding="utf-8")
    for line in table.splitlines():
        code, is_row, typed = line.partition(": ")
        if is_row and not line.startswith("#"):
            code = f"nace21_{code}" if len(code) == 1 else code
            words += ((word, code) for word in typed.split(", "))
        elif len(line.split()) == 2:
            language, name = line.split()
            words = found[language, name] = []
    return found


EVERYDAY = everyday_words()


def options(language: str, name: str) -> tuple[Option, ...]:
    questionnaire = BUILT_IN.languages[language]
    return questionnaire.options(questionnaire.by_id[ITEMS[name]])


def best(listed: Sequence[Listed | Option], typed: str) -> str | None:
    found = Finder(listed).find(typed)
    return None if found.best is None else listed[found.best].code


def hits(listed: Sequence[Listed], typed: str) -> list[str]:
    return [listed[hit].code for hit in Finder(listed).find(typed).hits]


@dataclass(frozen=True)
class Listed:
    code: str
    label: str
    also: tuple[str, ...] = ()


def listed(*labels: str) -> list[Listed]:
    """Options from "label: further name; further name", with the label as code."""
    split = [label.partition(":") for label in labels]
    return [
        Listed(label, label, tuple(name.strip() for name in names.split(";") if name.strip()))
        for label, _, names in split
    ]


@pytest.mark.parametrize(("language", "name"), EVERYDAY)
class TestEverydayWords:
    def test_are_enough_in_every_language(self, language: str, name: str) -> None:
        assert {code for code, _ in EVERYDAY} == {*BUILT_IN.languages}
        assert len({typed for typed, _ in EVERYDAY[language, name]}) >= FEWEST_WORDS

    def test_find_the_option_that_is_meant(self, language: str, name: str) -> None:
        """Each word is found first, is clearly the best, and a blank at its end does no harm."""
        shown = options(language, name)
        finder = Finder(shown)
        for typed, code in EVERYDAY[language, name]:
            found = finder.find(f"{typed} ")
            assert [shown[hit].code for hit in found.hits][:1] == [code], typed
            assert found.best == found.hits[0], typed

    def test_typed_with_a_wrong_letter_before_them_find_nothing(
        self, language: str, name: str
    ) -> None:
        finder = Finder(options(language, name))
        for typed, _ in EVERYDAY[language, name]:
            assert finder.find(f"xq{typed}").hits == ()


class TestShippedNames:
    @pytest.mark.parametrize("language", BUILT_IN.languages)
    def test_no_abbreviation_is_the_code_of_another_option(self, language: str) -> None:
        for name in ITEMS:
            shown = options(language, name)
            finder = Finder(shown)
            for position, option in enumerate(shown):
                for each in option.also:
                    assert not each.isupper() or finder.find(each).best == position, each

    @pytest.mark.parametrize("language", BUILT_IN.languages)
    def test_there_are_fifteen_words_or_more_for_every_sector(self, language: str) -> None:
        assert min(len(option.also) for option in options(language, "sector")) >= 15

    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("uk", "GB"), ("u.k.", "GB"), ("great britain", "GB"), ("britain great", "GB"),
            ("hollandnetherlands", None), ("united", "GB"), ("sw", None), ("gb", "GB"),
            ("DE", "DE"), ("de", None), ("SE", "SE"), ("Elláda", "GR"), ("україна", "UA"),
            ("republic", None), ("kingdom", "GB"), ("northern", "GB"), ("z", None), ("", None),
        ],
    )  # fmt: skip
    def test_enter_takes_no_country_that_is_not_meant(self, typed: str, code: str | None) -> None:
        assert best(options("en", "country"), typed) == code


class TestRanks:
    def test_an_exact_name_goes_before_a_beginning(self) -> None:
        shown = listed("Ukraine", "United Kingdom: UK")
        assert hits(shown, "uk") == ["United Kingdom", "Ukraine"]
        assert best(shown, "uk") == "United Kingdom"

    def test_the_label_goes_before_its_words_and_they_before_further_names(self) -> None:
        shown = listed("Others: trade union", "Free trade", "Trade")
        assert hits(shown, "trad") == ["Trade", "Free trade", "Others"]
        assert hits(shown, "trade u") == ["Others"]

    def test_words_may_come_from_the_label_and_further_names(self) -> None:
        assert best(listed("Retail trade: clothes shop", "Clothes: making"), "retail clothes") == (
            "Retail trade"
        )

    def test_several_as_good_are_all_found_and_none_is_best(self) -> None:
        shown = listed("Sweden", "Switzerland", "Spain")
        assert hits(shown, "sw") == ["Sweden", "Switzerland"]
        assert best(shown, "sw") is None
        assert best(shown, "swe") == "Sweden"

    def test_two_letters_do_not_decide_between_hits_of_any_rank(self) -> None:
        shown = listed("Greece", "United Kingdom: Great Britain")
        assert hits(shown, "gr") == ["Greece", "United Kingdom"]
        assert best(shown, "gr") is None
        assert best(shown, "un") == "United Kingdom"

    @pytest.mark.parametrize(
        ("label", "typed"),
        [
            ("Łódź", "lodz"), ("Færøerne", "faeroerne"), ("Straße", "STRASSE"), ("Åland", "aaland"),
            ("Österreich", "oesterreich"), ("Österreich", "osterreich"), ("e-mail", "email"),
            ("Côte d'Ivoire", "cote divoire"), ("Ísland", "island"), ("São Tomé", "sao  tome"),
            ("N. Ireland", "n ireland"), ("İstanbul", "istanbul"), ("Ελλάς", "ΕΛΛΑΣ"),
        ],
    )  # fmt: skip
    def test_accents_case_and_punctuation_do_not_count(self, label: str, typed: str) -> None:
        assert best(listed(label, "Other"), typed) == label


WORDS = st.text("abcäøß", min_size=1, max_size=4)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
LISTS = st.lists(
    st.builds(lambda label, also: (label, tuple(also)), NAMES, st.lists(NAMES, max_size=2)),
    min_size=1,
    max_size=5,
).map(lambda made: [Listed(f"!{n}", *each) for n, each in enumerate(made)])


@given(LISTS, NAMES)
def test_one_more_letter_finds_nothing_new(shown: list[Listed], typed: str) -> None:
    assert {*hits(shown, typed)} <= {*hits(shown, typed[:-1])}


@given(LISTS, st.data())
def test_the_words_of_a_name_find_it_in_any_order_and_by_their_beginnings(
    shown: list[Listed], data: st.DataObject
) -> None:
    option = data.draw(st.sampled_from(shown))
    words = data.draw(st.permutations(data.draw(st.sampled_from(
        (option.label, *option.also))).split()))  # fmt: skip
    begun = [word[: data.draw(st.integers(1, len(word)))] for word in words]
    assert option.code in hits(shown, " ".join(words))
    assert option.code in hits(shown, " ".join(begun))


@given(LISTS, NAMES, st.sampled_from(["{} ", " {}", "({})", "{}.", "{}-"]))
def test_blanks_and_punctuation_around_change_nothing(
    shown: list[Listed], typed: str, around: str
) -> None:
    finder = Finder(shown)
    assert finder.find(around.format(typed)) == finder.find(typed)
    assert finder.find(typed.replace("ø", "o").replace("ß", "ss")) == finder.find(typed)


@given(LISTS, st.data())
def test_a_name_typed_in_full_is_never_beaten(shown: list[Listed], data: st.DataObject) -> None:
    option = data.draw(st.sampled_from(shown))
    typed = data.draw(st.sampled_from((option.label, *option.also)))
    found = Finder(shown).find(typed)
    first = [shown[hit] for hit in found.hits]
    forms = search_forms(typed)
    same = [o for o in shown if any(forms & search_forms(n) for n in (o.label, *o.also))]
    assert option in same
    assert {*first[: len(same)]} == {*same}
    assert (found.best is not None) == (len(same) == 1)
