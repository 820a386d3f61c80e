"""Warnings about possible mistakes in a definition that can nevertheless be used.

Warnings are reported only for a definition without faults.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.durations import group_minutes
from microcred_cli.questionnaire.faults import fault, shown
from microcred_cli.questionnaire.lint.outline import Outline
from microcred_cli.questionnaire.yaml.tree import read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from microcred_cli.errors import Fault
    from microcred_cli.questionnaire.durations import Minutes
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.questionnaire.yaml.tree import Node

LONGEST_TEXT: Final = 2_000
"""The maximum number of characters in a text that people can be expected to read or hear."""

_CURLY: Final = re.compile(r"\s*[“”„‟«»‘’‚][^“”„‟«»‘’‚]*[“”„‟«»‘’]\s*")
"""Matches a string that is entirely enclosed in curly quotation marks."""

_INTRODUCTIONS: Final = {
    "written": "Respondents who answer alone would see no introduction.",
    "read_aloud": "An interviewer would have no introduction to read aloud.",
}


def find_warnings(
    text: str, file: str, translations: Mapping[str, Questionnaire]
) -> tuple[Fault, ...]:
    """Find the warnings for a definition without faults, in line order.

    `translations` maps each language, beginning with the source language, to the questionnaire in
    that language.
    """
    root, _ = read_tree(text)
    assert root is not None
    outline = Outline(root)
    found = [
        *_consent(outline),
        *_scales(outline),
        *_texts(root),
        *_introductions(root),
        *_promises(root, translations),
    ]
    return tuple(
        replace(each, file=file) for each in sorted(found, key=lambda each: each.line or 0)
    )


def _consent(outline: Outline) -> Iterator[Fault]:
    """Warn if no option of the first item ends the interview as refused."""
    first = outline.questions[0]
    if not any(option.text("ends") == "refused" for option in first.options):
        message = (
            "The first item does not ask for consent: none of its options has `ends: refused`."
        )
        hint = (
            "Begin with a single item such as “Will you take part?”, with `ends: refused` on “No”."
        )
        yield fault("W001", first.node.line, first.id, message, hint)


def _scales(outline: Outline) -> Iterator[Fault]:
    for question in outline.questions:
        order = question.node.text("order")
        is_scale = question.node.text("measure") == "ordinal" or question.kind == "matrix"
        if is_scale and order in ("shuffled", "alphabetical"):
            message = f"The steps of an ordinal scale are shown in {order} order."
            hint = "Use `order: fixed`; in a matrix, `rows_order: shuffled` shuffles the rows."
            yield fault("W002", question.node.line_of("order"), question.id, message, hint)


def _texts(root: Node) -> Iterator[Fault]:
    """Warnings about very long strings, and quotation marks that are part of a string."""
    quotations = {
        id(node)
        for block in (root.get("background") or root).mappings("written")
        if block.text("kind") == "quotation"
        for node, _ in block.walk()
    }
    for node, owner in root.walk():
        if not isinstance(node.value, str):
            continue
        if len(node.value) > LONGEST_TEXT:
            message = f"A text has {len(node.value):,} characters."
            hint = f"Shorten or split the text; use at most {LONGEST_TEXT:,} characters."
            yield fault("W004", node.line, owner, message, hint)
        elif id(node) not in quotations and _CURLY.fullmatch(node.value):
            message = f"The quotation marks are part of the text: {shown(node.value)}."
            hint = 'Use straight quotation marks (") around a text in YAML; they are not shown.'
            yield fault("W003", node.line, owner, message, hint)
        elif node.value.count('"') == 1:
            message = f"A quotation mark in the text is unpaired: {shown(node.value)}."
            yield fault(
                "W003",
                node.line,
                owner,
                message,
                "Add the other quotation mark, or remove this one.",
            )


def _introductions(root: Node) -> Iterator[Fault]:
    background = root.get("background")
    for key, message in _INTRODUCTIONS.items():
        if background is not None and not background.nodes(key):
            hint = "Add the introduction, unless the questionnaire is never used in this way."
            yield fault("W005", background.line_of(key), None, f"`{key}` is empty. {message}", hint)


def _promises(root: Node, translations: Mapping[str, Questionnaire]) -> Iterator[Fault]:
    """Warnings about routes whose duration is outside the promised range, by mode and language."""
    source = next(iter(translations.values()))
    promise, node = source.promised_minutes, root.get("promised_minutes")
    if promise is None or node is None:
        return
    for language, translated in translations.items():
        for aloud in (False, True):
            minutes = group_minutes(source, translated, aloud=aloud).get(None)
            if minutes and not promise.least <= minutes[0] <= minutes[1] <= promise.most:
                mode = "read aloud" if aloud else "answered alone"
                hint = (
                    "Change the promised range, shorten or extend the routes, or list them "
                    "under `except`."
                )
                message = (
                    f"In {language}, {mode}, the routes take {_range(minutes)} minutes; "
                    f"{_range((promise.least, promise.most))} are promised."
                )
                yield fault("W006", node.key_line, None, message, hint)
    met = group_minutes(source, source, aloud=False)
    for number, exception in enumerate(node.mappings("except")):
        if number not in met:
            message = "The exception applies to no route, or an earlier exception applies instead."
            hint = "Use an item or computed variable that the route depends on."
            yield fault("W007", exception.line_of("when"), None, message, hint)


def _range(minutes: Minutes) -> str:
    least, most = minutes
    return str(least) if least == most else f"{least} to {most}"
