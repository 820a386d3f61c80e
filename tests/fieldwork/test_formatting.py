"""The structure of notices: headings, lists, lines and paragraphs, without marks of Markdown."""

from __future__ import annotations

import pytest

from microcred_cli.fieldwork.formatting import parts_of_notice

LONG = "A line of prose that an editor has wrapped at some width"
CASES = {
    "# Title\ntext": [("heading", "Title"), ("paragraph", "text")],
    "## Title ##": [("heading", "Title")],
    "Title\n=====\ntext": [("heading", "Title"), ("paragraph", "text")],
    "Title\n-----": [("heading", "Title")],
    "#hashtag": [("paragraph", "#hashtag")],
    "- one\n* two\n• three": [("list", "one"), ("list", "two"), ("list", "three")],
    "- one\n  goes on\n\ntext": [("list", "one goes on"), ("paragraph", "text")],
    "Keep:\n- one": [("paragraph", "Keep:"), ("list", "one")],
    "1. One\n2. Two\n   more": [("paragraph", "1. One\n2. Two more")],
    "Ms Smith\nStreet 1\nCity": [("paragraph", "Ms Smith\nStreet 1\nCity")],
    f"{LONG}\ngoes on.": [("paragraph", f"{LONG} goes on.")],
    f"{LONG}  \nNext": [("paragraph", f"{LONG}\nNext")],
    f"{LONG}\\\nNext": [("paragraph", f"{LONG}\nNext")],
    "one\n\n\n \ntwo": [("paragraph", "one"), ("paragraph", "two")],
    "one\n\n***\n\ntwo": [("paragraph", "one"), ("paragraph", "two")],
    "> said\n> so": [("paragraph", "said\nso")],
    "**Bold**, *slanted*, __bold__, _slanted_, `code`": [
        ("paragraph", "Bold, slanted, bold, slanted, code")
    ],
    "snake_case_name, 2 * 3 * 4, *": [("paragraph", "snake_case_name, 2 * 3 * 4, *")],
    "[Page](https://example.org/a_b_c)": [("paragraph", "Page (https://example.org/a_b_c)")],
    "[a@b.org](mailto:a@b.org)": [("paragraph", "a@b.org")],
    "<https://example.org>": [("paragraph", "https://example.org")],
    r"1\. \*": [("paragraph", "1. *")],
    "12. March": [("paragraph", "12. March")],
    "": [],
    "```\n```": [],
}


@pytest.mark.parametrize("text", CASES)
def test_a_notice_keeps_its_structure(text: str) -> None:
    assert list(parts_of_notice(text)) == CASES[text]


@pytest.mark.parametrize("sign", ["[", "*", "_", "`", "<", "\\", "# ", "- ", "**a", "[a](", "<a."])
def test_a_notice_without_end_is_read_in_time(sign: str) -> None:
    assert list(parts_of_notice(sign * (200_000 // len(sign)))) is not None
