"""The lint of a questionnaire definition: every fault at once, with its place and its mend.

It reads the text into a tree that knows its lines (`tree`), compares that with the models
(`shape`), and looks at what it means as far as it can be made out (`outline`): ids and codes
(`identity`), conditions (`conditions`), options and limits (`domains`), words (`wording`), and last
all routes (`paths`). A fault hides only what cannot be judged without what is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.lint.codes import CODES, fault
from microcred_cli.questionnaire.lint.conditions import check_conditions
from microcred_cli.questionnaire.lint.domains import check_domains
from microcred_cli.questionnaire.lint.identity import check_identity
from microcred_cli.questionnaire.lint.outline import Outline
from microcred_cli.questionnaire.lint.paths import check_paths
from microcred_cli.questionnaire.lint.shape import check_shape
from microcred_cli.questionnaire.lint.tree import read_tree
from microcred_cli.questionnaire.lint.wording import check_wording

if TYPE_CHECKING:
    from microcred_cli.errors import Fault
    from microcred_cli.questionnaire.lint.tree import Node

__all__ = ["CODES", "lint"]


def lint(text: str, file: str = "") -> tuple[Fault, ...]:
    """Every fault of a definition, in the order of its lines; none for a sound one.

    `file` is what the faults call the file. Whatever the text is, nothing is raised.
    """
    root, faults = read_tree(text)
    if root is not None:
        faults += _faults(root)
        if not faults:
            faults += _read_differently(root, text)
    unique = dict.fromkeys(replace(found, file=file) for found in faults)
    return tuple(sorted(unique, key=lambda found: (found.line or 0, found.code)))


def _faults(root: Node) -> list[Fault]:
    faults = list(check_shape(root))
    if not isinstance(root.value, dict):
        return faults
    outline = Outline(root)
    for check in (check_identity, check_conditions, check_domains, check_wording, check_paths):
        faults += check(outline)
    return faults


def _read_differently(root: Node, text: str) -> list[Fault]:
    """A fault if the reader that is used from now on makes something else of the text."""
    from yaml12 import parse_yaml

    try:
        same = parse_yaml(text) == root.plain()
    except ValueError:
        same = False
    if same:
        return []
    message = "Two YAML readers make different things of this file."
    mend = "Write it more simply: block style, spaces, quotation marks around what is unusual."
    return [fault("Q007", root.line, None, message, mend)]
