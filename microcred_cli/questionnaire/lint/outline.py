"""The parsed parts of a faulty definition, indexed by item and variable for the checks.

If several parts have the same id, only the first part is included. An item is incomplete if some of
its options are unknown; checks skip incomplete items to avoid false reports.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from microcred_cli.questionnaire.values import OFFERED_MISSING
from microcred_cli.questionnaire.yaml.tree import Node

CODED: Final = frozenset({"single", "multiple", "ranking"})
"""The kinds of items whose answer is one or more codes."""

CHOICES: Final = CODED | {"matrix"}
"""The kinds of items with a list of options."""

KINDS: Final = CHOICES | {"integer", "open"}
"""All kinds of items."""

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
"""The kind of item implied by a key; the first key that is present decides."""

_COUNTLESS: Final = 1_000_000


@dataclass(frozen=True)
class Site:
    """A condition and its location in a definition.

    The condition may refer only to items before `position` and computed variables before
    `variable`. `owner` is the id of the item or variable that the condition belongs to.
    """

    node: Node
    owner: str | None
    position: int
    variable: int


@dataclass(frozen=True)
class OutlineEntry:
    """An item of the tree, with its position among all items."""

    node: Node
    section: Node
    position: int
    code_list: Node | None

    @property
    def id(self) -> str | None:
        """The id of the item."""
        return self.node.text("id")

    @cached_property
    def kind(self) -> str | None:
        """The kind of the item, inferred from its keys if necessary; None if this is impossible."""
        return kind_of(self.node)

    @cached_property
    def options(self) -> list[Node]:
        """Every option, in definition order."""
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
        """The reserved codes that a respondent may choose."""
        given = {text for text, _ in self.node.texts("missing")}
        if self.node.text("required") == "soft":
            given.add("pna")
        return tuple(code for code in OFFERED_MISSING if code in given)

    @cached_property
    def known_codes(self) -> list[str] | None:
        """The codes that a condition can test, including reserved codes; None if incomplete."""
        if self.kind not in CODED or not self.is_complete:
            return None
        program = ["blank"] if self.node.text("required") == "optional" else []
        if self.node.get("asked_if") is not None:
            program.append("not_asked")
        return [*self.fine_codes, *self.missing, *program]

    def is_before(self, site: Site) -> bool:
        """True if the item precedes a condition, so that the condition may refer to it."""
        return self.position < site.position


@dataclass(frozen=True)
class Variable:
    """A computed variable of the tree, numbered in definition order.

    The value of the variable is decided when the interview reaches the item position `settled`.
    `parts` counts the parts of its conditions and of the variables that it depends on. `stacked` is
    the length of the longest chain of variables, each depending on the next, that begins at this
    variable.
    """

    node: Node
    number: int
    settled: int
    parts: int
    stacked: int

    @cached_property
    def known_codes(self) -> list[str] | None:
        """The codes of the categories; None if any of them is unknown."""
        codes = [category.word("code") for category in self.node.nodes("categories")]
        return None if None in codes else [code for code in codes if code is not None]

    def is_before(self, site: Site) -> bool:
        """True if the value of the variable is known before a condition."""
        return self.settled <= site.position and self.number < site.variable


class Outline:
    """The readable parts of a definition.

    `sections`, `lists` (of codes), `computed` (variables), `phrases` and `exceptions` (to the
    promised minutes) are nodes of the tree.
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self.sections = root.mappings("sections")
        self.lists = root.mappings("lists")
        self.computed = root.mappings("computed")
        self.phrases = root.mappings("phrases")
        promise = root.get("promised_minutes")
        self.exceptions = promise.mappings("except") if promise is not None else []

    @cached_property
    def questions(self) -> list[OutlineEntry]:
        """The items, in the order in which they are asked."""
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
        """The computed variables by id; each depends only on earlier variables."""
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
        """The ids of items and computed variables, which conditions can refer to."""
        return [*self.by_id, *self.variables_by_id]

    def named(self, name: str) -> OutlineEntry | Variable | None:
        """The computed variable or item with this id."""
        return self.variables_by_id.get(name) or self.by_id.get(name)

    def question(self, name: str) -> OutlineEntry | None:
        """The item with this id; None for a computed variable or an unknown id."""
        return None if name in self.variables_by_id else self.by_id.get(name)

    def sites(self) -> Iterator[Site]:
        """Every condition with its location."""
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
        for exception in self.exceptions:
            node = exception.get("when")
            if node is not None:
                yield Site(node, None, len(self.questions), len(self.computed))


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
    """Index nodes by their value under a key; of nodes with the same value, the first is kept."""
    found: dict[str, Node] = {}
    for node in nodes:
        word = node.word(key)
        if word is not None:
            found.setdefault(word, node)
    return found


def kind_of(item: Node) -> str | None:
    """The kind of an item or, if its `kind` is invalid, the kind implied by its keys."""
    kind = item.text("kind")
    if kind in KINDS:
        return kind
    return next((guess for key, guess in _SIGNS.items() if item.get(key) is not None), None)
