import hashlib
import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.errors import InvalidAnswer
from microcred_cli.records.receipts import (
    ALPHABET,
    RECEIPT_SYMBOLS,
    RESUME_SYMBOLS,
    check_symbol,
    new_code,
    parse,
    response_id,
    show,
    text_id,
)

LENGTHS = st.sampled_from([RECEIPT_SYMBOLS, RESUME_SYMBOLS])
RECEIPTS = st.text(ALPHABET, min_size=RECEIPT_SYMBOLS, max_size=RECEIPT_SYMBOLS)
CODES = LENGTHS.flatmap(lambda n: st.text(ALPHABET, min_size=n, max_size=n))


def test_a_receipt_holds_at_least_80_random_bits_and_no_two_are_equal() -> None:
    codes = {new_code(RECEIPT_SYMBOLS) for _ in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {19}
    assert set("".join(codes)) == set(ALPHABET)
    assert len(ALPHABET) == 32
    assert 5 * RECEIPT_SYMBOLS >= 80


def test_a_receipt_is_shown_in_five_groups_and_a_resume_code_in_two() -> None:
    group = "[0-9A-HJKMNP-TV-Z]{4}"
    assert re.fullmatch(f"{group}(-{group}){{4}}", show(new_code(RECEIPT_SYMBOLS)))
    assert re.fullmatch(f"{group}-{group}", show(new_code(RESUME_SYMBOLS)))


@given(CODES)
def test_what_is_shown_is_read_back(bare: str) -> None:
    assert parse(show(bare), len(bare)) == bare


@given(CODES, st.randoms(use_true_random=False))
def test_case_separators_and_lookalikes_do_not_matter(bare: str, random: Random) -> None:
    lookalikes = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(
        random.choice(["", " ", "-", ".", "\N{EN DASH}", "\N{NO-BREAK SPACE}"])
        + random.choice(lookalikes.get(symbol, symbol + symbol.lower()))
        for symbol in show(bare).replace("-", "")
    )
    assert parse(f" {typed}\n", len(bare)) == bare


@settings(max_examples=25)
@given(CODES)
def test_every_single_wrong_symbol_is_refused(bare: str) -> None:
    whole = bare + check_symbol(bare)
    for place, right in enumerate(whole):
        for wrong in ALPHABET:
            if wrong != right:
                with pytest.raises(InvalidAnswer, match="At least one character"):
                    parse(whole[:place] + wrong + whole[place + 1 :], len(bare))


def test_all_but_a_few_swaps_of_neighbours_are_refused() -> None:
    missed = tried = 0
    for first in ALPHABET:
        for second in ALPHABET:
            if first != second:
                tried += 1
                missed += check_symbol(f"{first}{second}00000") == check_symbol(
                    f"{second}{first}00000"
                )
    assert missed / tried < 0.04


@pytest.mark.parametrize("count", [0, 1, 7, 9, 20])
def test_a_wrong_length_is_named(count: int) -> None:
    with pytest.raises(
        InvalidAnswer, match=f"has 8 letters and digits, but {count} (was|were) typed"
    ):
        parse("7" * count, RESUME_SYMBOLS)


@pytest.mark.parametrize("foreign", ["U", "u", "é", "\N{FULLWIDTH LATIN CAPITAL LETTER A}", "/"])
def test_a_foreign_character_is_named_by_its_place(foreign: str) -> None:
    with pytest.raises(InvalidAnswer, match="Character 3 is not allowed"):
        parse(f"7K{foreign}M-1234", RESUME_SYMBOLS)


@given(st.text(), LENGTHS)
def test_any_text_is_a_code_or_refused_without_being_quoted(typed: str, symbols: int) -> None:
    try:
        bare = parse(typed, symbols)
    except InvalidAnswer as error:
        said = error.message + error.hint
        assert len(typed.strip()) < 8 or typed.strip() not in said
    else:
        assert len(bare) == symbols
        assert set(bare) <= set(ALPHABET)


def test_the_names_are_the_first_half_of_a_sha_256() -> None:
    bare = "0123456789ABCDEFGHJ"
    response = hashlib.sha256(b"microcred-response/1\n0123456789ABCDEFGHJ").hexdigest()
    text = hashlib.sha256(b"microcred-text/1\nterms_used.other\n0123456789ABCDEFGHJ").hexdigest()
    assert response_id(bare) == response[:32]
    assert text_id(bare, "terms_used.other") == text[:32]


@given(RECEIPTS)
def test_the_names_of_one_receipt_all_differ(bare: str) -> None:
    names = {response_id(bare), text_id(bare, "comments"), text_id(bare, "terms_used.other")}
    assert len(names) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)
