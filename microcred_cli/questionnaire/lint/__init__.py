"""The lint of a questionnaire definition: all faults in one pass, each with its line and a hint.

The text is parsed into a tree with line numbers (`yaml.tree`) and compared with the models
(`shape`). The readable part of the tree (`outline`) is then used to check ids and codes
(`identity`), conditions (`condition_form`), options and limits (`domains`), wording (`wording`),
aliases (`further_names`) and, using a `sketch`, all routes (`paths`). If a part is faulty, only the
checks that depend on it are skipped.
"""

from dataclasses import replace

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.lint.condition_form import check_conditions
from microcred_cli.questionnaire.lint.domains import check_domains
from microcred_cli.questionnaire.lint.further_names import check_further_names
from microcred_cli.questionnaire.lint.identity import check_identity
from microcred_cli.questionnaire.lint.outline import Outline
from microcred_cli.questionnaire.lint.paths import check_paths
from microcred_cli.questionnaire.lint.shape import check_shape
from microcred_cli.questionnaire.lint.wording import check_wording
from microcred_cli.questionnaire.yaml.tree import Node, read_tree


def lint(text: str, file: str = "") -> tuple[Fault, ...]:
    """Find every fault in a definition, in line order.

    `file` is the file name shown in faults. Malformed text never raises an exception.
    """
    return tuple(replace(found, file=file) for found in check(text)[1])


def check(text: str) -> tuple[object, tuple[Fault, ...]]:
    """Return a definition as plain data, and its faults, as returned by `lint`."""
    root, faults = read_tree(text)
    if root is not None:
        owners = _owners(root)
        faults = [replace(found, item=owners.get(found.line or 0)) for found in faults]
        faults += check_shape(root)
    if root is not None and isinstance(root.value, dict):
        outline = Outline(root)
        for part in (
            check_identity,
            check_conditions,
            check_domains,
            check_wording,
            check_further_names,
            check_paths,
        ):
            faults += part(outline)
    ordered = sorted(dict.fromkeys(faults), key=lambda found: (found.line or 0, found.code))
    return None if root is None else root.plain(), tuple(ordered)


def _owners(root: Node) -> dict[int, str]:
    """The id of the item (or other part) on each line, used to locate syntax faults."""
    owners: dict[int, str] = {}
    for node, owner in root.walk():
        if owner is not None:
            owners[node.line] = owners[node.key_line] = owner
    return owners
