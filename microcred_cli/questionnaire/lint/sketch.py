"""A valid substitute for a faulty definition, used to check the routes despite faults.

An unreadable condition is treated as possibly true and possibly false, so that a fault already
reported causes no further reports. An item with an unreadable condition may or may not be asked. A
computed variable with an unreadable condition becomes a question with its categories as options.
"""

from collections.abc import Iterator
from typing import Any

from microcred_cli.questionnaire.lint.condition_form import (
    MOST_STACKED,
    codes_listed,
    is_one_form,
    is_too_much,
)
from microcred_cli.questionnaire.lint.outline import Outline, OutlineEntry, Site
from microcred_cli.questionnaire.models import Questionnaire
from microcred_cli.questionnaire.yaml.tree import Node

_NONE = "-"
"""Placeholder for all texts, because routes do not depend on texts."""

_ANY_ITEM = {"concept": _NONE, "seconds": 1}


class Sketch:
    """A valid questionnaire with the same routes as a definition.

    `unsure` contains the items and variables with an unreadable condition. Each variable in
    `unsure` becomes a question in an additional first section.
    """

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self.unsure: set[str] = set()
        variables = list(self._variables())
        free = [part for part in variables if "kind" in part]
        sections = [{"id": "free", "label": _NONE, "items": free}]
        sections += [self._section(section) for section in outline.sections]
        made = {
            "format": "microcred-questionnaire/1",
            "id": "sketch",
            "version": _NONE,
            "language": "en",
            "title": _NONE,
            "short_title": _NONE,
            "rights": _NONE,
            "background": {"written": (), "read_aloud": ()},
            "computed": [part for part in variables if "kind" not in part],
            "phrases": list(self._phrases()),
            "sections": sections,
            "breakdowns": [name for name, _ in outline.root.texts("breakdowns")],
        }
        self.questionnaire = Questionnaire.model_validate(made, strict=False)

    def _section(self, section: Node) -> dict[str, Any]:
        found = [self._outline.question(name) for name in self._outline.by_id]
        return {
            "id": f"at_{id(section)}",
            "label": _NONE,
            "lead_in": section.text("lead_in"),
            "items": [self._item(q) for q in found if q is not None and q.section is section],
        }

    def _item(self, question: OutlineEntry) -> dict[str, Any]:
        node, name = question.node, question.id or ""
        site = Site(node, name, question.position, len(self._outline.computed))
        required = node.text("required")
        item = {
            **_ANY_ITEM,
            "id": name,
            "required": required if required in ("hard", "optional") else "soft",
            "text": node.text("text") or _NONE,
            "read_aloud": node.text("read_aloud"),
            "missing": question.missing,
            "asked_if": self._when(node, "asked_if", site),
            "variants": list(self._variants(node, site)),
        }
        options = [_option(option) for option in question.fine_codes.values()]
        if node.get("asked_if") is not None and item["asked_if"] is None:
            self.unsure.add(name)
            options.append({"code": "not_asked", "label": _NONE, "exclusive": True})
        has_options = question.is_complete and question.fine_codes
        match question.kind if has_options else None:
            case "single":
                return item | {"kind": "single", "options": options}
            case "multiple":
                at_most = _positive(node, "at_most")
                return item | {"kind": "multiple", "options": options, "at_most": at_most}
            case "ranking":
                ranks = _positive(node, "ranks") or 1
                return item | {"kind": "ranking", "options": options, "ranks": ranks}
            case _:  # routes do not depend on matrices and numbers
                return item | {"kind": "open", "max_length": 1}

    def _variants(self, item: Node, site: Site) -> Iterator[dict[str, Any]]:
        """The variants with a readable condition."""
        for node in item.mappings("variants"):
            condition = self._when(node, "when", site)
            if condition is not None:
                text = node.text("text") or _NONE
                yield {"when": condition, "text": text, "read_aloud": node.text("read_aloud")}

    def _variables(self) -> Iterator[dict[str, Any]]:
        """The computed variables, converted to questions if a condition is unreadable."""
        for name, variable in self._outline.variables_by_id.items():
            if not variable.known_codes:
                continue
            site = Site(variable.node, name, len(self._outline.questions), variable.number)
            nodes = variable.node.mappings("categories")
            conditions = [self._when(node, "when", site) for node in nodes]
            categories = [{"code": node.word("code") or _NONE, "label": _NONE} for node in nodes]
            if None in conditions[:-1] or variable.stacked > MOST_STACKED:
                self.unsure.add(name)
                question = {"id": name, "kind": "single", "required": "hard", "text": _NONE}
                yield _ANY_ITEM | question | {"options": categories}
            else:
                conditions[-1] = None
                pairs = zip(categories, conditions, strict=True)
                whole = [category | {"when": when} for category, when in pairs]
                yield {"id": name, "label": _NONE, "categories": whole}

    def _phrases(self) -> Iterator[dict[str, Any]]:
        """The phrases that depend on a computed variable or an item with a single code."""
        for node in self._outline.phrases:
            name, by = node.text("id"), node.text("by")
            named = self._outline.named(by or "")
            if name is None or by is None or named is None or not named.known_codes:
                continue
            if not isinstance(named, OutlineEntry) or named.kind == "single":
                texts = {code: _NONE for code, _ in node.pairs("texts")}
                yield {"id": name, "by": by, "texts": texts}

    def _when(self, node: Node, key: str, site: Site) -> dict[str, Any] | None:
        """The condition under a key; None if it is absent or unreadable."""
        when = node.get(key)
        if when is None or is_too_much(when, self._outline):
            return None
        return self._condition(when, site)

    def _condition(self, node: Node, site: Site) -> dict[str, Any] | None:
        """Convert a condition; return None if it is unreadable."""
        if not isinstance(node.value, dict) or not is_one_form(node):
            return None
        if "item" in node.value:
            return self._atom(node, site)
        if "not" in node.value:
            negated = self._condition(node.value["not"], site)
            return negated and {"not": negated}
        key = "all" if "all" in node.value else "any"
        parts = [self._condition(part, site) for part in node.nodes(key)]
        return {key: parts} if parts and None not in parts else None

    def _atom(self, node: Node, site: Site) -> dict[str, Any] | None:
        name = node.text("item")
        named = self._outline.named(name or "")
        if name is None or named is None or not named.is_before(site):
            return None
        known = frozenset(named.known_codes or ())
        codes = [code for code, _ in codes_listed(node) if code in known]
        test = "any_of" if "any_of" in node.value else "none_of"
        return {"item": name, test: codes} if codes else None


def _option(node: Node) -> dict[str, Any]:
    ends = node.text("ends")
    return {
        "code": node.word("code") or _NONE,
        "label": _NONE,
        "exclusive": node.flag("exclusive"),
        "ends": ends if ends in ("refused", "screened_out") else None,
    }


def _positive(node: Node, key: str) -> int | None:
    number = node.number(key)
    return number if number is not None and number > 0 else None
