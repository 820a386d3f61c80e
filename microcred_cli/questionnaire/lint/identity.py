"""Lint of ids and codes: whether they are well-formed and unique."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.faults import fault, shown
from microcred_cli.questionnaire.lint.outline import Outline, OutlineEntry
from microcred_cli.questionnaire.values import DETACHED, REMARK, RESERVED
from microcred_cli.questionnaire.yaml.tree import Node

_TAKEN: Final = frozenset({*RESERVED, DETACHED, REMARK})
"""Codes reserved for missing answers and for texts."""

_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,39}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ID_FORM = "Use at most 40 lower-case letters, digits and underscores, starting with a letter."
_CODE_FORM = "Use at most 40 letters (without accents), digits and underscores."


def check_identity(outline: Outline) -> Iterator[Fault]:
    """Find ids and codes that are malformed, reserved or duplicated."""
    yield from _ids([outline.root])
    yield from _language(outline.root)
    items = [question.node for question in outline.questions]
    first = outline.root.get("first_contact")
    objections = first.mappings("objections") if first is not None else []
    named = (outline.sections, items, outline.lists, outline.computed, outline.phrases, objections)
    for nodes in named:
        yield from _ids(nodes)
    for name in outline.by_id.keys() & outline.variables_by_id.keys():
        message = f"An item and a computed variable both have the id {shown(name)}."
        line = outline.by_id[name].node.line_of("id")
        yield fault("Q023", line, name, message, "Rename the item or the variable.")
    for code_list in outline.lists:
        yield from _codes(code_list.mappings("options"), "option", code_list.text("id"))
    for variable in outline.computed:
        yield from _codes(variable.mappings("categories"), "category", variable.text("id"))
    for question in outline.questions:
        yield from _codes_of_item(question)


def _language(root: Node) -> Iterator[Fault]:
    language = root.text("language")
    if language is not None and not _LANGUAGE.fullmatch(language):
        message = f"{shown(language)} is not a language code."
        yield fault(
            "Q026",
            root.line_of("language"),
            None,
            message,
            "Use a language code such as en or pt-BR.",
        )


def _ids(nodes: Iterable[Node]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for node in nodes:
        name, line = node.text("id"), node.line_of("id")
        if name is None:
            continue
        if not _ID.fullmatch(name):
            message = f"The id {shown(name)} is malformed."
            yield fault("Q020", line, name, message, _ID_FORM)
        if name in seen:
            message = f"The id {shown(name)} is already used on line {seen[name]}."
            yield fault("Q022", line, name, message, "Use a different id.")
        seen.setdefault(name, line)


def _codes_of_item(question: OutlineEntry) -> Iterator[Fault]:
    node, name = question.node, question.id
    listed = question.code_list.mappings("options") if question.code_list else []
    known = {code for option in listed if (code := option.text("code")) is not None}
    yield from _codes(node.mappings("options"), "option", name, known)
    yield from _codes(node.mappings("rows"), "row", name)
    what = "band" if question.kind == "integer" else "coarse code"
    yield from _codes(node.mappings("stored_as"), what, name)
    seen: set[str] = set()
    for code, line in node.texts("missing"):
        if code in seen:
            message = f"{shown(code)} is listed twice in `missing`."
            yield fault("Q024", line, name, message, "Remove one of the two entries.")
        seen.add(code)


def _codes(
    nodes: Iterable[Node], what: str, owner: str | None, known: Iterable[str] = ()
) -> Iterator[Fault]:
    """Faults in the codes of one list, which must not repeat the codes in `known`."""
    seen = set(known)
    for node in nodes:
        code, line = node.text("code"), node.line_of("code")
        if code is None:
            continue
        if code in _TAKEN:
            message = f"The {what} {shown(code)} uses a reserved code."
            yield fault("Q025", line, owner, message, "Use a different code.")
        elif not _CODE.fullmatch(code):
            message = f"The code {shown(code)} is malformed."
            yield fault("Q021", line, owner, message, _CODE_FORM)
        if code in seen:
            plural = "categories" if what == "category" else f"{what}s"
            message = f"Two {plural} have the code {shown(code)}."
            yield fault("Q024", line, owner, message, "Use a different code for each.")
        seen.add(code)
