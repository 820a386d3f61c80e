"""Whether the reader that is used from now on makes the same of a text as the one of the lint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.faults import fault, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.errors import Fault
    from microcred_cli.questionnaire.yaml.tree import Node

_MEND = "Write it more simply: block style, indented by spaces, a space before each comment."


def check_agreement(root: Node, text: str) -> Iterator[Fault]:
    """The first place of which two YAML readers make different things.

    Only for a text whose form has no fault: its depth is limited, and so is what is made of it.
    """
    from yaml12 import parse_yaml

    try:
        value = parse_yaml(text)
    except ValueError as error:
        line = re.search(r" line (\d+)", str(error))
        message = f"Another YAML reader cannot read this: {shown(error)}."
        yield fault("Q007", int(line[1]) if line else root.line, None, message, _MEND)
        return
    node = _difference(root, value)
    if node is not None:
        message = "Two YAML readers make different things of this."
        yield fault("Q007", node.line, None, message, _MEND)


def _difference(node: Node, value: object) -> Node | None:
    """The first node that differs from what another reader found in its place."""
    parts: list[tuple[Node, object]] = []
    if isinstance(node.value, dict) and isinstance(value, dict):
        if list(node.value) != list(value):
            return node
        parts = [(part, value[key]) for key, part in node.value.items()]
    elif isinstance(node.value, list) and isinstance(value, list):
        if len(node.value) != len(value):
            return node
        parts = list(zip(node.value, value, strict=True))
    elif type(node.value) is not type(value) or node.value != value:
        return node
    return next((found for part in parts if (found := _difference(*part)) is not None), None)
