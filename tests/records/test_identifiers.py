import json
import random
import re
import string
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import (
    PhoneNumberFormat,
    PhoneNumberType,
    example_number_for_type,
    format_number,
)
from stdnum import iban
from stdnum.eu import vat

from microcred_cli.records import identifiers
from microcred_cli.records.identifiers import (
    MOST,
    Identifier,
    IdentifierKind,
    find_identifiers,
    remove_identifiers,
)
from microcred_cli.text import clean


class Sentence(NamedTuple):
    language: str
    text: str
    identifiers: list[tuple[str, str]]


def read_sentences() -> Iterator[Sentence]:
    path = Path(__file__).with_name("screening_sentences.jsonl")
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Sentence(row["language"], row["text"], [(k, t) for k, t in row["identifiers"]])


SENTENCES = list(read_sentences())


def parts(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, text[one.start : one.end]) for one in find_identifiers(text)]


def is_found(kind: str, part: str, text: str) -> bool:
    return any(kind == k and part in found for k, found in parts(text))


# Recall, and false alarms


def test_the_sentences_are_in_five_languages_with_and_without_identifiers() -> None:
    languages = Counter(sentence.language for sentence in SENTENCES)
    assert set(languages) == {"en", "de", "fr", "es", "pl"}
    assert min(languages.values()) >= 60
    assert sum(not sentence.identifiers for sentence in SENTENCES) >= 100
    for sentence in SENTENCES:
        assert all(part in sentence.text for _, part in sentence.identifiers)


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        (IdentifierKind.EMAIL, 0.99),
        (IdentifierKind.LINK, 0.99),
        (IdentifierKind.ACCOUNT, 0.99),
        (IdentifierKind.TELEPHONE, 0.98),
        (IdentifierKind.REGISTRATION, 0.98),
        (IdentifierKind.HANDLE, 0.98),
    ],
)
def test_identifiers_are_found_whole_and_named(kind: IdentifierKind, least: float) -> None:
    wanted = [(s.text, part) for s in SENTENCES for k, part in s.identifiers if k == kind]
    missed = [text for text, part in wanted if not is_found(kind, part, text)]
    assert 1 - len(missed) / len(wanted) >= least, missed


def test_what_is_no_identifier_is_hardly_ever_taken_for_one() -> None:
    clean_ones = [sentence.text for sentence in SENTENCES if not sentence.identifiers]
    alarms = [(text, found) for text in clean_ones if (found := parts(text))]
    assert len(alarms) / len(clean_ones) <= 0.01, alarms


@pytest.mark.parametrize(
    "text",
    [
        "EQF level 5, 60 ECTS",
        "20 hours in 2020-2021",
        "ISO 9001:2015",
        "NACE 62.01",
        "Node.js, ASP.NET and Vue.js/Nuxt.js",
        "e.g. or e.g.training, z.B., d.h., m.in., p.ej., S.A./S.L.",
        "tod@s l@s trabajador@s",
        "(1642-1722), 2019-2020, 2021/22",
        "150 000 000 or 5.000 - 12.000, +12 500 000 euros",
        "the dot com years",
        "",
    ],
)
def test_ordinary_text_stays_clean(text: str) -> None:
    assert parts(text) == []


def ibans() -> Iterator[str]:
    """Valid account numbers of every country that has IBANs."""
    made = random.Random(1)
    letters = {"n": string.digits, "a": string.ascii_uppercase}
    letters["c"] = letters["n"] + letters["a"]
    registry = resources.files("stdnum").joinpath("iban.dat").read_text(encoding="utf-8")
    for country, shape in re.findall(r'^([A-Z]{2}) .*bban="([^"]*)"', registry, re.MULTILINE):
        for _ in range(4):
            account = "".join(
                made.choice(letters[letter])
                for count, letter in re.findall(r"(\d+)!([nac])", shape)
                for _ in range(int(count))
            )
            yield country + iban.calc_check_digits(f"{country}00{account}") + account


def test_the_account_numbers_of_every_country_are_found_in_every_spelling() -> None:
    wanted = [
        spelling
        for number in ibans()
        for spelling in (number, number.lower(), iban.format(number), iban.format(number, "-"))
    ]
    assert len(wanted) > 1000
    for number in wanted:
        assert is_found(IdentifierKind.ACCOUNT, number, f"Pay it to {number} at our bank, please.")


@pytest.mark.parametrize(
    ("country", "shape"),
    [
        ("AT", "U########"),
        ("BE", "0#########"),
        ("DE", "#########"),
        ("DK", "########"),
        ("EL", "#########"),
        ("ES", "B########"),
        ("FI", "########"),
        ("FR", "###########"),
        ("IT", "###########"),
        ("NL", "#########B01"),
        ("PL", "##########"),
        ("PT", "#########"),
        ("SE", "##########01"),
    ],
)
def test_vat_numbers_are_found(country: str, shape: str) -> None:
    made = random.Random(2)
    found = 0
    while found < 5:
        number = country + re.sub("#", lambda _: str(made.randrange(1, 10)), shape)
        if vat.is_valid(number):
            assert is_found(IdentifierKind.REGISTRATION, number, f"Our supplier {number} sends it.")
            assert is_found(IdentifierKind.REGISTRATION, number[2:], f"VAT no. {number}")
            found += 1


@pytest.mark.parametrize(
    "country",
    re.findall("..", "ATBEBGCHCYCZDEDKEEESFIFRGBGRHRHUIEISITLTLULVMTNLNOPLPTROSESISK"),
)
def test_telephone_numbers_are_found_when_international_or_announced(country: str) -> None:
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
        number = example_number_for_type(country, kind)
        assert number is not None
        national = format_number(number, PhoneNumberFormat.NATIONAL)
        assert is_found(IdentifierKind.TELEPHONE, national, f"Tel. {national}")
        for style in (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164):
            written = format_number(number, style)
            assert is_found(IdentifierKind.TELEPHONE, written, f"It is {written} in the morning.")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See firma.example.de.Thanks", [("link", "firma.example.de")]),
        ("a (b@example.org).", [("e-mail", "b@example.org")]),
        ("(https://example.org/a_(b))", [("link", "https://example.org/a_(b)")]),
        (
            "IBAN DE19 1005 0000 0012 3456 78, tel. 030 23125 123",
            [("account number", "DE19 1005 0000 0012 3456 78"), ("telephone", "030 23125 123")],
        ),
        ("+44 20 7946 0123 people", [("telephone", "+44 20 7946 0123")]),
        ("ｊａｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", [("e-mail", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ")]),
    ],
)
def test_an_identifier_ends_where_it_should(text: str, found: list[tuple[str, str]]) -> None:
    assert parts(text) == found


# Remaining text


def test_each_identifier_is_replaced_by_its_kind() -> None:
    text = "Write to jane@example.org, see www.example.org or ring 020 7946 0123."
    assert remove_identifiers(text, 500) == (
        "Write to [removed: e-mail], see [removed: link] or ring [removed: telephone]."
    )


def test_what_is_over_the_limit_goes_without_half_a_replacement() -> None:
    text = "Write to jane@example.org now"
    assert remove_identifiers(text, 100) == "Write to [removed: e-mail] now"
    assert remove_identifiers(text, 26) == "Write to [removed: e-mail]"
    assert remove_identifiers(text, 25) == "Write to"
    assert remove_identifiers(text, 3) == "Wri"
    for limit in range(len(text)):
        assert "[" not in remove_identifiers(text, limit).replace("[removed: e-mail]", "")


def test_cutting_completes_no_identifier() -> None:
    text = "See example.community"
    assert parts(text) == []
    assert remove_identifiers(text, len("See example.com")) == "See"


def test_a_replacement_is_left_alone() -> None:
    text = "Tel. [removed: telephone] 12, [removed: account number] 3456"
    assert remove_identifiers(text, 500) == text


def test_a_text_without_end_is_looked_at_as_far_as_it_is_kept() -> None:
    kept = remove_identifiers("a" * 1990 + " jane@example.org" + " b" * 10_000, 10_000)
    assert len(kept) <= MOST
    assert "jane" not in kept


WORDS = st.sampled_from(
    re.split(
        "[|]",
        "jane|.|@|(|)|[|]|at|dot|com|org|de|example|www.|https://|/|:|-|+|0|00|49|30|1234|5678|DE19"
        "|1005|DE191005000000|12345678|IBAN|VAT|tel|removed:|link|e-mail|,|;|＠|ä|\n|\x00|\ud800",
    )
)
TEXTS = st.one_of(
    st.text(),
    st.lists(WORDS, max_size=40).map("".join),
    st.lists(WORDS, max_size=40).map(" ".join),
)
STRICT = (IdentifierKind.EMAIL, IdentifierKind.LINK, IdentifierKind.ACCOUNT)


@given(TEXTS)
@example("a" * 5000)
@example("ab." * 2000)
@example("1 " * 3000)
def test_any_text_is_looked_through(text: str) -> None:
    end = 0
    for one in find_identifiers(text):
        assert isinstance(one, Identifier)
        assert end <= one.start < one.end <= len(text)
        end = one.end


@given(TEXTS)
def test_the_first_look_misses_nothing(text: str) -> None:
    with patch.object(identifiers, "_FIRST_LOOK", ""):
        found = find_identifiers(text)
    assert find_identifiers(text) == found


@given(TEXTS, st.integers(0, 200))
def test_no_identifier_remains(text: str, limit: int) -> None:
    kept = remove_identifiers(text, limit)
    assert find_identifiers(kept) == ()
    assert len(kept) <= limit
    assert remove_identifiers(kept, limit) == kept


@given(TEXTS, st.integers(0, 200))
def test_what_is_clean_stays_clean(text: str, limit: int) -> None:
    kept = remove_identifiers(clean(text), limit)
    assert clean(kept) == kept
