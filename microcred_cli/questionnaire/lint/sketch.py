"""A sound questionnaire with the routes of a definition, whatever else is wrong with it.

Where a condition cannot be made out, both is held possible, so that what is sound can still be
judged and nothing is blamed on a fault that was found already: an item with such a condition may
be asked or not, and a computed variable with one becomes a question that can be answered by any of
its categories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from microcred_cli.questionnaire.lint.condition_form import (
    MOST_STACKED,
    codes_listed,
    is_before,
    is_one_form,
    is_too_much,
    known_codes,
)
from microcred_cli.questionnaire.lint.outline import Site
from microcred_cli.questionnaire.models import (
    Background,
    Category,
    Computed,
    Condition,
    Multiple,
    Open,
    Option,
    Phrase,
    Questionnaire,
    Ranking,
    Section,
    Single,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.lint.outline import Outline, OutlineEntry
    from microcred_cli.questionnaire.models import Item
    from microcred_cli.questionnaire.yaml.tree import Node

_NONE = "-"
"""In place of a text that matters to no route."""

_ENDS: dict[str | None, Literal["refused", "screened_out"]] = {
    "refused": "refused",
    "screened_out": "screened_out",
}
_REQUIRED: dict[str | None, Literal["hard", "soft", "optional"]] = {
    "hard": "hard",
    "optional": "optional",
}


class Sketch:
    """A questionnaire with the routes of a definition.

    `unsure` has the items and variables of which a condition could not be made out. Each such
    variable is a question in a section before all others.
    """

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self.unsure: set[str] = set()
        self.questionnaire = self._made()

    def _made(self) -> Questionnaire:
        variables = list(self._variables())
        free = tuple(part for part in variables if isinstance(part, Single))
        sections = [Section(id="free", label=_NONE, items=free)]
        sections += [self._section(section) for section in self._outline.sections]
        return Questionnaire(
            format="microcred-questionnaire/1",
            id="sketch",
            version=_NONE,
            language="en",
            title=_NONE,
            short_title=_NONE,
            rights=_NONE,
            background=Background(written=(), read_aloud=()),
            computed=tuple(part for part in variables if isinstance(part, Computed)),
            phrases=tuple(self._phrases()),
            sections=tuple(sections),
        )

    def _section(self, section: Node) -> Section:
        found = [self._outline.question(name) for name in self._outline.by_id]
        items = [self._item(q) for q in found if q is not None and q.section is section]
        name, lead_in = f"at_{id(section)}", section.text("lead_in")
        return Section(id=name, label=_NONE, lead_in=lead_in, items=tuple(items))

    def _item(self, question: OutlineEntry) -> Item:
        node, name = question.node, question.id or ""
        site = Site(node, name, question.position, len(self._outline.computed))
        asked_if = self._when(node, "asked_if", site)
        is_free = node.get("asked_if") is not None and asked_if is None
        variants = tuple(self._variants(question, site))
        options = tuple(_option(option) for option in question.fine_codes.values())
        if is_free:
            self.unsure.add(name)
            options += (Option(code="not_asked", label=_NONE, exclusive=True),)
        fields: dict[str, Any] = {
            "id": name,
            "concept": _NONE,
            "required": _REQUIRED.get(node.text("required"), "soft"),
            "seconds": 1,
            "text": node.text("text") or _NONE,
            "read_aloud": node.text("read_aloud"),
            "missing": tuple(code for code in ("dk", "pna") if code in question.missing),
            "asked_if": asked_if,
            "variants": variants,
        }
        has_options = question.is_complete and question.fine_codes
        match question.kind if has_options else None:
            case "single":
                return Single(kind="single", options=options, **fields)
            case "multiple":
                at_most = _positive(node, "at_most")
                return Multiple(kind="multiple", options=options, at_most=at_most, **fields)
            case "ranking":
                ranks = _positive(node, "ranks") or 1
                return Ranking(kind="ranking", options=options, ranks=ranks, **fields)
            case _:  # matrices and numbers decide no route
                return Open(kind="open", max_length=1, **fields)

    def _variants(self, question: OutlineEntry, site: Site) -> Iterator[Variant]:
        """The variants whose conditions can be made out."""
        for node in question.node.mappings("variants"):
            condition = self._when(node, "when", site)
            if condition is not None:
                text = node.text("text") or _NONE
                yield Variant(when=condition, text=text, read_aloud=node.text("read_aloud"))

    def _variables(self) -> Iterator[Computed | Single]:
        """The computed variables, each with a condition that cannot be made out as a question."""
        for name, variable in self._outline.variables_by_id.items():
            nodes = variable.node.mappings("categories")
            if not known_codes(name, self._outline):
                continue
            site = Site(variable.node, name, len(self._outline.questions), variable.number)
            conditions = [self._when(node, "when", site) for node in nodes]
            codes = [node.word("code") or _NONE for node in nodes]
            if None in conditions[:-1] or variable.stacked > MOST_STACKED:
                options = tuple(Option(code=code, label=_NONE) for code in codes)
                self.unsure.add(name)
                yield _free(name, options)
            else:
                conditions[-1] = None
                categories = [
                    Category(code=code, label=_NONE, when=condition)
                    for code, condition in zip(codes, conditions, strict=True)
                ]
                yield Computed(id=name, label=_NONE, categories=tuple(categories))

    def _phrases(self) -> Iterator[Phrase]:
        """The phrases that go by something with one code."""
        for node in self._outline.phrases:
            name, by = node.text("id"), node.text("by")
            if name is None or by is None or not self._outline.has(by):
                continue
            question = self._outline.question(by)
            is_one = question is None or question.kind == "single"
            if is_one and known_codes(by, self._outline):
                texts = {code: _NONE for code, _ in node.pairs("texts")}
                yield Phrase(id=name, by=by, texts=texts)

    def _when(self, node: Node, key: str, site: Site) -> Condition | None:
        """The condition under a key; None where there is none, or none can be made out."""
        when = node.get(key)
        if when is None or is_too_much(when, self._outline):
            return None
        return self._condition(when, site)

    def _condition(self, node: Node, site: Site) -> Condition | None:
        """A condition; None where it cannot be made out."""
        if not isinstance(node.value, dict) or not is_one_form(node):
            return None
        if "item" in node.value:
            return self._atom(node, site)
        if "not" in node.value:
            negated = self._condition(node.value["not"], site)
            return None if negated is None else Condition(negated=negated)
        key = "all" if "all" in node.value else "any"
        parts = [self._condition(part, site) for part in node.nodes(key)]
        whole = tuple(part for part in parts if part is not None)
        if not parts or len(whole) < len(parts):
            return None
        return Condition(all=whole) if key == "all" else Condition(any=whole)

    def _atom(self, node: Node, site: Site) -> Condition | None:
        name = node.text("item")
        if name is None or not self._outline.has(name):
            return None
        known = frozenset(known_codes(name, self._outline) or ())
        if not known or not is_before(name, site, self._outline):
            return None
        codes = tuple(code for code, _ in codes_listed(node) if code in known)
        if not codes:
            return None
        if "any_of" in node.value:
            return Condition(item=name, any_of=codes)
        return Condition(item=name, none_of=codes)


def _option(node: Node) -> Option:
    return Option(
        code=node.word("code") or _NONE,
        label=_NONE,
        exclusive=node.flag("exclusive"),
        ends=_ENDS.get(node.text("ends")),
    )


def _positive(node: Node, key: str) -> int | None:
    number = node.number(key)
    return number if number is not None and number > 0 else None


def _free(name: str, options: tuple[Option, ...]) -> Single:
    """A question in place of a computed variable."""
    return Single(
        kind="single",
        id=name,
        concept=_NONE,
        required="hard",
        seconds=1,
        text=_NONE,
        options=options,
    )
