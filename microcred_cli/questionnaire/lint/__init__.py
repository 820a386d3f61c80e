"""The lint of a questionnaire definition: every fault at once, with its place and a hint.

It reads the text into a tree that knows its lines (`yaml.tree`), compares that with the
models (`shape`), and looks at what it means as far as it can be made out (`outline`): ids and codes
(`identity`), conditions (`condition_form`), options and limits (`domains`), words (`wording`) and
all routes (`paths`). A fault hides only what cannot be judged without what is wrong.
"""

from dataclasses import replace

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.lint.condition_form import check_conditions
from microcred_cli.questionnaire.lint.domains import check_domains
from microcred_cli.questionnaire.lint.identity import check_identity
from microcred_cli.questionnaire.lint.outline import Outline
from microcred_cli.questionnaire.lint.paths import check_paths
from microcred_cli.questionnaire.lint.shape import check_shape
from microcred_cli.questionnaire.lint.wording import check_wording
from microcred_cli.questionnaire.yaml.tree import Node, read_tree


def lint(text: str, file: str = "") -> tuple[Fault, ...]:
    """Every fault of a definition, in the order of its lines; none for a sound one.

    `file` is what the faults call the file. Whatever the text is, nothing is raised.
    """
    return tuple(replace(found, file=file) for found in check(text)[1])


def check(text: str) -> tuple[object, tuple[Fault, ...]]:
    """A definition as plain data, and its faults as `lint` gives them."""
    root, faults = read_tree(text)
    if root is not None:
        owners = _owners(root)
        faults = [replace(found, item=owners.get(found.line or 0)) for found in faults]
        faults += _faults(root)
    ordered = sorted(dict.fromkeys(faults), key=lambda found: (found.line or 0, found.code))
    return None if root is None else root.plain(), tuple(ordered)


def _faults(root: Node) -> list[Fault]:
    faults = list(check_shape(root))
    if not isinstance(root.value, dict):
        return faults
    outline = Outline(root)
    for check in (check_identity, check_conditions, check_domains, check_wording, check_paths):
        faults += check(outline)
    return faults


def _owners(root: Node) -> dict[int, str]:
    """The id of what the things on each line belong to, for faults of the form."""
    owners: dict[int, str] = {}
    for node, owner in root.walk():
        if owner is not None:
            owners[node.line] = owners[node.key_line] = owner
    return owners
