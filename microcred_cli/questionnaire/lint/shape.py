"""Lint of the schema: compares the keys, types, kinds and allowed values of a tree with the models.

The rules are derived from the models, so that they are defined only once. Every schema fault is
found, except inside a value of the wrong type.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.base_model import Model, keys_of
from microcred_cli.questionnaire.faults import choose, fault, shown
from microcred_cli.questionnaire.lint.outline import kind_of
from microcred_cli.questionnaire.models import Condition, ItemBase, Questionnaire
from microcred_cli.questionnaire.yaml.tree import UNKNOWN, Node
from microcred_cli.text import safe

_ONE_LINE = frozenset(
    {"label", "result_label", "title", "short_title", "concept", "unit", "version", "source"}
)
_CONDITION = "Write a condition as a mapping: {item: ID, any_of: [CODE]}."
_HINTS: dict[type[Model], dict[str, Any]] = {}
_TYPES = {str: "a string", int: "a whole number", bool: "true or false"}


def check_shape(root: Node) -> Iterator[Fault]:
    """Find every mismatch between a tree and the models."""
    yield from _value(root, Questionnaire, "the questionnaire", None)


def _value(node: Node, kind: Any, name: str, item: str | None) -> Iterator[Fault]:
    """Check one value, called `name` in messages."""
    origin = get_origin(kind)
    if node.value is UNKNOWN:
        return
    if node.value is None:
        hint = "Add a value, or remove the key."
        yield fault("Q015", node.line, item, f"{name} is empty.", hint)
    elif origin in (Union, UnionType):
        yield from _union(node, get_args(kind), name, item)
    elif origin is Literal:
        yield from _word(node, get_args(kind), name, item)
    elif origin is tuple:
        yield from _list(node, get_args(kind)[0], name, item)
    elif origin is dict:
        yield from _mapping(node, kind, name, item)
    elif issubclass(kind, Model):
        yield from _model(node, kind, name, item)
    elif type(node.value) is not kind:
        yield _wrong(node, _TYPES[kind], name, item)
    elif kind is str:
        yield from _text(node, name, item)


def _wrong(node: Node, wanted: str, name: str, item: str | None) -> Fault:
    hint = f"Use {wanted}."
    if wanted == "a string" and not isinstance(node.value, list | dict):
        hint = "Put the value in quotation marks."
    return fault("Q012", node.line, item, f"{name} must be {wanted}.", hint)


def _union(node: Node, kinds: tuple[Any, ...], name: str, item: str | None) -> Iterator[Fault]:
    """Check an optional value, or an item of any kind."""
    parts = [kind for kind in kinds if kind is not NoneType]
    if len(parts) == 1:
        yield from _value(node, parts[0], name, item)
    elif not isinstance(node.value, dict):
        yield _wrong(node, "a mapping", "an item", item)
    else:
        by_kind = {get_args(_hints(part)["kind"])[0]: part for part in parts}
        yield from _item(node, by_kind, node.text("id") or item)


def _item(node: Node, kinds: dict[str, type[Model]], item: str | None) -> Iterator[Fault]:
    """Check an item according to its kind or, if unknown, the kind that its keys imply."""
    kind, known = node.get("kind"), ", ".join(kinds)
    model: type[Model] = kinds.get(kind_of(node) or "", ItemBase)
    keys = [*_keys(model)]
    if kind is None or node.text("kind") not in kinds:
        keys = [key for each in kinds.values() for key in _keys(each)]
    if kind is None:
        yield fault("Q010", node.line, item, "The item has no `kind`.", f"Add a `kind`: {known}.")
    elif node.text("kind") not in kinds:
        message = f"{shown(kind.plain())} is not a kind of item."
        yield fault("Q013", kind.line, item, message, f"Use one of: {known}.")
    yield from _fields(node, model, item, keys)


def _hints(model: type[Model]) -> dict[str, Any]:
    """The types of the fields of a model."""
    if model not in _HINTS:
        _HINTS[model] = get_type_hints(model)
    return _HINTS[model]


def _keys(model: type[Model]) -> dict[str, tuple[Any, bool]]:
    """The type of each key of a model, as named in a definition, and whether it is required."""
    hints = _hints(model)
    return {key: (hints[name], required) for key, (name, required) in keys_of(model).items()}


def _model(node: Node, model: type[Model], name: str, item: str | None) -> Iterator[Fault]:
    if not isinstance(node.value, dict):
        wrong = _wrong(node, "a mapping", name, item)
        yield replace(wrong, hint=_CONDITION) if model is Condition else wrong
        return
    yield from _fields(node, model, node.text("id") or item, [*_keys(model)])


def _fields(node: Node, model: type[Model], item: str | None, known: list[str]) -> Iterator[Fault]:
    """Check the values of a model's keys, and report missing and unknown keys."""
    for key, value in node.value.items():
        if key not in known:
            message = f"The key {shown(key)} is not allowed here."
            yield fault("Q011", value.key_line, item, message, choose(key, known))
    for key, (kind, required) in _keys(model).items():
        value = node.get(key)
        if key == "kind" and issubclass(model, ItemBase):
            continue  # unknown kinds are reported once, by `_item`
        if value is not None:
            yield from _value(value, kind, f"`{key}`", item)
        elif required:
            yield fault("Q010", node.line, item, f"`{key}` is missing.", f"Add `{key}`.")
    for key in _ONE_LINE:
        if "\n" in (node.text(key) or ""):
            message = f"`{key}` has more than one line."
            yield fault(
                "Q079", node.line_of(key), item, message, "Write the text as a single line."
            )


def _list(node: Node, kind: Any, name: str, item: str | None) -> Iterator[Fault]:
    if not isinstance(node.value, list):
        yield _wrong(node, "a list", name, item)
        return
    for entry in node.value:
        yield from _value(entry, kind, f"an entry of {name}", item)


def _mapping(node: Node, kind: Any, name: str, item: str | None) -> Iterator[Fault]:
    if not isinstance(node.value, dict):
        yield _wrong(node, "a mapping", name, item)
        return
    key_kind, value_kind = get_args(kind)
    allowed = get_args(key_kind)
    for word, value in node.value.items():
        if allowed and word not in allowed:
            message = f"The key {shown(word)} of {name} is not allowed."
            yield fault("Q014", value.key_line, item, message, f"Use one of: {', '.join(allowed)}.")
        yield from _value(value, value_kind, f"{name}, {shown(word)}", item)


def _word(node: Node, allowed: tuple[str, ...], name: str, item: str | None) -> Iterator[Fault]:
    if not isinstance(node.value, str):
        yield _wrong(node, "a string", name, item)
    elif node.value not in allowed:
        message = f"The value {shown(node.value)} of {name} is not allowed."
        yield fault("Q014", node.line, item, message, f"Use one of: {', '.join(allowed)}.")


def _text(node: Node, name: str, item: str | None) -> Iterator[Fault]:
    text = node.value
    if not text.strip():
        yield fault("Q078", node.line, item, f"{name} is empty.", "Add text.")
    elif safe(text, newlines=True) != unicodedata.normalize("NFC", text):
        message = f"{name} contains a control, bidirectional or invisible character: {shown(text)}."
        yield fault("Q079", node.line, item, message, "Remove the character.")
