"""Lint of conditions: valid form, and references only to known codes of earlier items."""

from collections.abc import Iterator
from typing import Final

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.faults import choose, fault, shown
from microcred_cli.questionnaire.lint.outline import CODED, Outline, OutlineEntry, Site, parts_of
from microcred_cli.questionnaire.yaml.tree import Node

MOST_PARTS: Final = 1000
"""The maximum number of parts in a condition, including the parts of its computed variables."""

MOST_STACKED: Final = 8
"""The maximum length of a chain of computed variables in which each depends on the next."""

_FORMS: Final = ("item", "all", "any", "not")
_TESTS: Final = ("any_of", "none_of")


def check_conditions(outline: Outline) -> Iterator[Fault]:
    """Find malformed conditions, and conditions that refer to unknown or later items."""
    for site in outline.sites():
        if is_too_much(site.node, outline):
            yield _too_much("A condition", site.node.line, site.owner)
        for part in parts_of(site.node):
            yield from _form(part, site.owner)
            yield from _names(part, site, outline)
    for name, variable in outline.variables_by_id.items():
        if variable.stacked > MOST_STACKED:
            yield _too_much(f"The computed variable {shown(name)}", variable.node.line, name)


def is_one_form(part: Node) -> bool:
    """True if a condition has exactly one of the allowed forms."""
    forms = [form for form in _FORMS if form in part.value]
    tests = [test for test in _TESTS if test in part.value]
    return len(forms) == 1 and len(tests) == (1 if forms == ["item"] else 0)


def is_too_much(condition: Node, outline: Outline) -> bool:
    """True if a condition has too many parts to be evaluated repeatedly."""
    parts = list(parts_of(condition))
    named = [outline.variables_by_id.get(part.text("item") or "") for part in parts]
    return len(parts) + sum(v.parts for v in named if v is not None) > MOST_PARTS


def codes_listed(part: Node) -> list[tuple[str, int]]:
    """The codes listed by one part of a condition, with their line numbers."""
    return [found for test in _TESTS for found in part.words(test)]


def _too_much(what: str, line: int, owner: str | None) -> Fault:
    message = f"{what} has more than {MOST_PARTS} parts, or {MOST_STACKED} levels of variables."
    return fault("Q037", line, owner, message, "Simplify the condition.")


def _form(part: Node, owner: str | None) -> Iterator[Fault]:
    if not is_one_form(part):
        message = "A condition must have exactly one of the allowed forms."
        hint = "Use `item` with `any_of` or `none_of`, or one of `all`, `any`, `not`."
        yield fault("Q030", part.line, owner, message, hint)
    for key in (*_TESTS, "all", "any"):
        listed = part.get(key)
        if listed is not None and listed.value == []:
            message = f"`{key}` of a condition is empty."
            yield fault(
                "Q031", listed.line, owner, message, "Add an entry, or remove the condition."
            )


def _names(part: Node, site: Site, outline: Outline) -> Iterator[Fault]:
    """Faults in the name and codes in one part of a condition."""
    name, line = part.text("item"), part.line_of("item")
    if name is None:
        return
    named = outline.named(name)
    if named is None:
        message = f"A condition refers to {shown(name)}, which is not an item or computed variable."
        hint = choose(name, outline.names)
        yield fault("Q032", line, site.owner, message, hint)
        return
    if not named.is_before(site):
        message = f"A condition refers to {shown(name)}, which has no answer at that point."
        yield fault("Q034", line, site.owner, message, "Refer to an earlier item.")
    if isinstance(named, OutlineEntry) and named.kind is not None and named.kind not in CODED:
        message = f"A condition refers to {shown(name)}, whose answers are not codes."
        hint = "Refer to a single, multiple or ranking item, or to a computed variable."
        if named.kind == "integer":
            hint = "To ask for the number, use a single item whose options are bands."
        yield fault("Q035", line, site.owner, message, hint)
        return
    known = named.known_codes
    there = frozenset(known or ())
    for code, line in codes_listed(part) if known is not None else ():
        if code not in there:
            message = f"A condition tests for {shown(code)}, which is not a code of {shown(name)}."
            yield fault("Q033", line, site.owner, message, choose(code, known or ()))
    if isinstance(named, OutlineEntry):
        yield from _split_codes(part, named, site)


def _split_codes(part: Node, question: OutlineEntry, site: Site) -> Iterator[Fault]:
    """Faults in conditions that list some but not all fine codes of a coarse code."""
    named = {code for code, _ in codes_listed(part)}
    for coarse in question.node.mappings("stored_as"):
        fine = {code for code, _ in coarse.words("from")}
        if fine & named and not fine <= named:
            message = (
                f"A condition on {shown(question.id)} distinguishes answers that are both stored as"
                f" {shown(coarse.text('code'))}, so routes could not be derived from responses."
            )
            absent = ", ".join(sorted(fine - named))
            hint = f"List all of these codes, including {shown(absent)}, or none of them."
            yield fault("Q036", part.line_of("item"), site.owner, message, hint)
