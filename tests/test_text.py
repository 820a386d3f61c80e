import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.text import clean, fold, safe
from tests.hostile import corpora

CATEGORIES = ["Cc", "Cf", "Cn", "Co", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"]

INVISIBLE = {
    *(0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x2800, 0x3164, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE1000),
}
"""Invisible code points that are not spaces."""

# Characters that are difficult for terminals, screens and normalisation.
KNOWN = "ae가각\u1100\u1161\u0301\u0308\u0327\u0345\u093c\u302e\u0338"
KNOWN += "\u200b\u200d\u202e\ud800\udcff\x1b\x9b\n\r\t \u034f\ufe0f\u1160\u2800\U000e0100"
HARD = st.one_of(
    st.characters(),
    st.characters(categories=CATEGORIES),  # type: ignore[arg-type]
    st.sampled_from(KNOWN),
)
TEXTS = st.one_of(st.text(HARD), st.text(KNOWN, max_size=16))


def acts_on_a_terminal(character: str, *, newlines: bool = False) -> bool:
    """Whether a character controls the terminal or is invisible."""
    if character == "\n" and newlines:
        return False
    point = ord(character)
    return (
        point < 0x20
        or 0x7F <= point <= 0x9F
        or 0x2028 <= point <= 0x202E
        or 0x2060 <= point <= 0x206F
        or 0x200B <= point <= 0x200F
        or 0xD800 <= point <= 0xDFFF
        or 0xE0000 <= point <= 0xE007F
        or point in (0x061C, 0xFEFF)
        or point in INVISIBLE
    )


def hold_for_safe(text: str, *, newlines: bool) -> None:
    shown = safe(text, newlines=newlines)
    assert not [c for c in shown if acts_on_a_terminal(c, newlines=newlines)]
    assert shown.encode("utf-8")[:1] or not text
    assert unicodedata.is_normalized("NFC", shown)
    assert safe(shown, newlines=newlines) == shown


def hold_for_clean(text: str, *, newlines: bool) -> None:
    kept = clean(text, newlines=newlines)
    assert not [c for c in kept if acts_on_a_terminal(c, newlines=newlines)]
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert clean(kept, newlines=newlines) == kept
    assert kept == kept.strip()


@pytest.mark.parametrize("newlines", [False, True])
def test_the_naughty_strings_become_safe_and_clean(newlines: bool) -> None:
    for string in corpora.needed(corpora.strings(), 515):
        hold_for_safe(string, newlines=newlines)
        hold_for_clean(string, newlines=newlines)


@given(TEXTS, st.booleans())
def test_a_safe_text_never_acts_on_the_terminal(text: str, newlines: bool) -> None:
    hold_for_safe(text, newlines=newlines)


@given(TEXTS, st.booleans())
def test_a_clean_text_can_always_be_kept(text: str, newlines: bool) -> None:
    hold_for_clean(text, newlines=newlines)


@given(TEXTS)
def test_what_is_clean_is_already_safe(text: str) -> None:
    assert safe(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain [red]text[/red]", "plain [red]text[/red]"),
        ("\x1b[2Jx", "␛[2Jx"),
        ("\x9b2J", "�2J"),
        ("a\x7fb", "a␡b"),
        ("a\nb", "a␊b"),
        ("a\tb", "a b"),
        ("a\u202eb", "a�b"),
        ("a\u2028b", "a b"),
        ("\udcff", "�"),
        ("Zoë", "Zoë"),
        ("Zoe\u0308", "Zoë"),
    ],
)
def test_what_would_act_is_shown_as_a_sign(given_text: str, shown: str) -> None:
    assert safe(given_text) == shown


def test_what_has_no_ink_is_dropped_or_shown_as_a_sign() -> None:
    for point in INVISIBLE:
        assert clean(f"a{chr(point)}b") == "ab", hex(point)
        assert safe(f"a{chr(point)}b") == "a�b", hex(point)
        assert clean(chr(point)) == ""


def test_line_ends_are_kept_only_where_asked() -> None:
    assert safe("a\nb", newlines=True) == "a\nb"
    assert clean(" a\r\nb\rc\n", newlines=True) == "a\nb\nc"
    assert clean("a\r\nb\tc") == "a b c"


def test_a_letter_and_its_mark_join_even_where_something_stood_between() -> None:
    assert clean("e\u200b\u0301") == "é"


def test_marks_beyond_four_in_a_row_go_however_they_are_interrupted() -> None:
    assert clean("x" + "\u0301" * 50) == "x" + "\u0301" * 4
    assert clean("x" + "\u0301\u200b" * 50) == "x" + "\u0301" * 4
    assert safe("x" + "\u0301" * 50) == "x" + "\u0301" * 4


def test_anything_can_be_made_safe() -> None:
    assert safe(Path("a\x1bb")) == "a␛b"
    assert safe(7) == "7"


def test_folding_forgets_case_and_accents() -> None:
    assert fold("ÉCOLE Straße ℠") == "ecole strasse sm"


@given(TEXTS)
def test_folding_twice_changes_nothing_for_clean_text(text: str) -> None:
    folded = fold(clean(text))
    assert fold(folded) == folded
