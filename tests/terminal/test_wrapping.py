"""Usual characters have the width that wcwidth gives them."""

from wcwidth import wcwidth

from microcred_cli.terminal.wrapping import NARROW, columns_of, width_of


def test_usual_characters_are_as_wide_as_wcwidth_says() -> None:
    usual = [chr(n) for first, last in NARROW for n in range(ord(first), ord(last) + 1)]
    wrong = [character for character in usual if columns_of(character) != wcwidth(character)]
    assert wrong == []


def test_other_characters_can_be_wide_or_have_no_width() -> None:
    assert width_of("漢字") == 4
    assert width_of("e\u0301") == 1
