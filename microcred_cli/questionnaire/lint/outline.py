"""The readable part of a faulty definition, as an index of its items and variables for the checks.

Of duplicate ids the first counts. An item whose options are not all known is marked incomplete,
so that no check takes a gap for a fault.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from microcred_cli.questionnaire.values import OFFERED_MISSING
from microcred_cli.questionnaire.yaml.tree import Node

CODED: Final = frozenset({"single", "multiple", "ranking"})
"""The kinds of items whose answer is a code or some codes."""

CHOICES: Final = CODED | {"matrix"}
"""The kinds of items with a list of options."""

KINDS: Final = CHOICES | {"integer", "open"}
"""The kinds of items."""

_SIGNS: Final = {
    "rows": "matrix",
    "ranks": "ranking",
    "at_most": "multiple",
    "minimum": "integer",
    "maximum": "integer",
    "max_length": "open",
    "options": "single",
    "options_from": "single",
}
"""The kind of item that a key suggests; the first key present counts."""

_COUNTLESS: Final = 1_000_000


@dataclass(frozen=True)
class Site:
    """A place with a condition.

    The condition may name items before `position` and computed variables before `variable`;
    `owner` is the id of its item or variable.
    """

    node: Node
    owner: str | None
    position: int
    variable: int


@dataclass(frozen=True)
class OutlineEntry:
    """An item of the tree, at its position in the order of asking."""

    node: Node
    section: Node
    position: int
    code_list: Node | None

    @property
    def id(self) -> str | None:
        """The item's id."""
        return self.node.text("id")

    @cached_property
    def kind(self) -> str | None:
        """The item's kind, guessed from its keys if need be; None if unclear."""
        return kind_of(self.node)

    @cached_property
    def options(self) -> list[Node]:
        """Every option in the order of the definition."""
        own = self.node.mappings("options")
        listed = self.code_list.mappings("options") if self.code_list else []
        return own + listed if self.node.flag("own_options_first") else listed + own

    @cached_property
    def fine_codes(self) -> dict[str, Node]:
        """The options by code."""
        return by_word(self.options, "code")

    @cached_property
    def is_complete(self) -> bool:
        """True if the code of every option is known."""
        if self.node.get("options_from") is not None and self.code_list is None:
            return False
        sources = [self.node, *([self.code_list] if self.code_list else [])]
        lists = [listed for source in sources if (listed := source.get("options")) is not None]
        return all(
            isinstance(listed.value, list) and all(o.word("code") is not None for o in listed.value)
            for listed in lists
        )

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The reserved codes that a person may give."""
        given = {text for text, _ in self.node.texts("missing")}
        if self.node.text("required") == "soft":
            given.add("pna")
        return tuple(code for code in OFFERED_MISSING if code in given)

    @cached_property
    def known_codes(self) -> list[str] | None:
        """The codes that a condition can name, reserved ones included; None if incomplete."""
        if self.kind not in CODED or not self.is_complete:
            return None
        program = ["blank"] if self.node.text("required") == "optional" else []
        if self.node.get("asked_if") is not None:
            program.append("not_asked")
        return [*self.fine_codes, *self.missing, *program]

    def is_before(self, site: Site) -> bool:
        """Whether the item comes before a condition."""
        return self.position < site.position


@dataclass(frozen=True)
class Variable:
    """A computed variable of the tree, by its number in the order of definition.

    Its value is known from the item position `settled` on. `parts` counts the parts of its
    conditions, including those of the variables that they name; `stacked` is the depth of that
    chain of variables.
    """

    node: Node
    number: int
    settled: int
    parts: int
    stacked: int

    @cached_property
    def known_codes(self) -> list[str] | None:
        """The codes of its categories; None if they are not all known."""
        codes = [category.word("code") for category in self.node.nodes("categories")]
        return None if None in codes else [code for code in codes if code is not None]

    def is_before(self, site: Site) -> bool:
        """Whether the variable has its value before a condition."""
        return self.settled <= site.position and self.number < site.variable


class Outline:
    """The readable parts of a definition.

    `sections`, `lists` (of codes), `computed` (variables) and `phrases` are nodes of the tree.
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self.sections = root.mappings("sections")
        self.lists = root.mappings("lists")
        self.computed = root.mappings("computed")
        self.phrases = root.mappings("phrases")

    @cached_property
    def questions(self) -> list[OutlineEntry]:
        """The items in the order of asking."""
        found: list[OutlineEntry] = []
        for section in self.sections:
            for node in section.mappings("items"):
                code_list = self.lists_by_id.get(node.text("options_from") or "")
                found.append(OutlineEntry(node, section, len(found), code_list))
        return found

    @cached_property
    def lists_by_id(self) -> dict[str, Node]:
        """The code lists by id."""
        return by_word(self.lists, "id")

    @cached_property
    def by_id(self) -> dict[str, OutlineEntry]:
        """The items by id."""
        found: dict[str, OutlineEntry] = {}
        for question in self.questions:
            if question.id is not None:
                found.setdefault(question.id, question)
        return found

    @cached_property
    def variables_by_id(self) -> dict[str, Variable]:
        """The computed variables by id; none depends on a later one."""
        found: dict[str, Variable] = {}
        for number, node in enumerate(self.computed):
            name = node.text("id")
            if name is not None and name not in found:
                found[name] = self._variable(node, number, found)
        return found

    def _variable(self, node: Node, number: int, earlier: Mapping[str, Variable]) -> Variable:
        whens = [category.get("when") for category in node.mappings("categories")]
        parts = [part for when in whens if when is not None for part in parts_of(when)]
        names = [part.text("item") or "" for part in parts]
        under = [earlier[name] for name in names if name in earlier]
        items = [
            self.by_id[name].position + 1
            for name in names
            if name in self.by_id and name not in earlier
        ]
        return Variable(
            node,
            number,
            settled=max([*items, *(variable.settled for variable in under)], default=0),
            parts=min(len(parts) + sum(variable.parts for variable in under), _COUNTLESS),
            stacked=1 + max((variable.stacked for variable in under), default=0),
        )

    @property
    def names(self) -> list[str]:
        """The names that a condition can use: those of items and computed variables."""
        return [*self.by_id, *self.variables_by_id]

    def named(self, name: str) -> OutlineEntry | Variable | None:
        """The computed variable or item with this name."""
        return self.variables_by_id.get(name) or self.by_id.get(name)

    def question(self, name: str) -> OutlineEntry | None:
        """The item with this name; None for a computed variable or an unknown name."""
        return None if name in self.variables_by_id else self.by_id.get(name)

    def sites(self) -> Iterator[Site]:
        """Every place with a condition."""
        for question in self.questions:
            conditions = [question.node.get("asked_if")]
            conditions += [node.get("when") for node in question.node.mappings("variants")]
            for node in conditions:
                if node is not None:
                    yield Site(node, question.id, question.position, len(self.computed))
        for number, variable in enumerate(self.computed):
            for category in variable.mappings("categories"):
                node = category.get("when")
                if node is not None:
                    yield Site(node, variable.text("id"), len(self.questions), number)


def parts_of(condition: Node) -> Iterator[Node]:
    """A condition and all conditions nested in it."""
    if isinstance(condition.value, dict):
        yield condition
        for part in (*condition.nodes("all"), *condition.nodes("any")):
            yield from parts_of(part)
        negated = condition.get("not")
        if negated is not None:
            yield from parts_of(negated)


def by_word(nodes: Iterable[Node], key: str) -> dict[str, Node]:
    """Nodes by their value under a key; of duplicates the first."""
    found: dict[str, Node] = {}
    for node in nodes:
        word = node.word(key)
        if word is not None:
            found.setdefault(word, node)
    return found


def kind_of(item: Node) -> str | None:
    """The kind of an item; if it names no valid one, the kind that its keys suggest."""
    kind = item.text("kind")
    if kind in KINDS:
        return kind
    return next((guess for key, guess in _SIGNS.items() if item.get(key) is not None), None)
