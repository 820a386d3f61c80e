"""The house rules: names with one meaning, short functions, docstrings that state facts."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

import microcred_cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Sources = Mapping[str, ast.Module]
    """The modules of a package, parsed, by their path in it."""

MOST_MODULES_OF_A_NAME = 2
MOST_LOOSE_MODULES = 7
MOST_LINES_OF_A_FUNCTION = 60
MOST_MODULES_OF_THE_STORE = 20
MOST_RIDDLES = 0.08
RIDDLE = re.compile(r"(What|Whether|How|Where)\b")
FORMATS = ("csv", "html", "json", "markdown", "xlsx")
"""A format may be written, drawn and read, so several modules may have its name."""

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def class_names(sources: Sources) -> Iterator[str]:
    """No class name is in more than two modules."""
    modules = defaultdict(set)
    for path, tree in sources.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                modules[node.name].add(path)
    yield from _too_often(modules)


def file_names(sources: Sources) -> Iterator[str]:
    """No file name is in more than two folders."""
    modules = defaultdict(set)
    for path in sources:
        name = PurePosixPath(path).stem
        if name != "__init__" and name not in FORMATS:
            modules[name].add(path)
    yield from _too_often(modules)


def _too_often(modules: Mapping[str, set[str]]) -> Iterator[str]:
    for name, paths in modules.items():
        if len(paths) > MOST_MODULES_OF_A_NAME:
            yield f"{name}: {', '.join(sorted(paths))}"


def loose_modules(sources: Sources) -> Iterator[str]:
    """Few modules are at the top level; all others are in packages."""
    loose = [path for path in sources if "/" not in path]
    if len(loose) > MOST_LOOSE_MODULES:
        yield ", ".join(loose)


def long_functions(sources: Sources) -> Iterator[str]:
    """No function is longer than a page."""
    for path, tree in sources.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    yield f"{path}: {node.name} has {lines} lines"


def store_modules(sources: Sources) -> Iterator[str]:
    """The store has few modules."""
    found = [path for path in sources if re.fullmatch(r"store/(?!__init__).*\.py", path)]
    if len(found) > MOST_MODULES_OF_THE_STORE:
        yield f"{len(found)} modules: {', '.join(found)}"


def riddles(sources: Sources) -> Iterator[str]:
    """Few docstrings begin with What, Whether, How or Where: they state facts."""
    documented = (ast.Module, ast.ClassDef, *Function)
    found = [
        (path, text)
        for path, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, documented) and (text := ast.get_docstring(node))
    ]
    begun = [f"{path}: {text.splitlines()[0]}" for path, text in found if RIDDLE.match(text)]
    if len(begun) > MOST_RIDDLES * len(found):
        yield f"{len(begun)} of {len(found)}: {begun[0]} ..."


def mends(sources: Sources) -> Iterator[str]:
    """Advice in an error is called a hint."""
    for path, tree in sources.items():
        for node in ast.walk(tree):
            is_one = isinstance(node, ast.arg | ast.keyword) and node.arg == "mend"
            is_one |= isinstance(node, ast.Attribute) and node.attr == "mend"
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                is_one |= node.target.id == "mend"
            if is_one:
                yield f"{path}: mend"


RULES: Mapping[str, Callable[[Sources], Iterator[str]]] = {
    rule.__name__: rule
    for rule in (
        class_names,
        file_names,
        loose_modules,
        long_functions,
        store_modules,
        riddles,
        mends,
    )
}

PLANTED: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "class_names": ({f"room{n}/part.py": "class Entry:\n    pass" for n in range(3)},),
    "file_names": ({f"room{n}/keys.py": "" for n in range(3)},),
    "loose_modules": ({f"loose{n}.py": "" for n in range(8)},),
    "long_functions": (
        {"a.py": "def long():\n" + "    x = 1\n" * 60},
        {"a.py": "class A:\n    async def long(self):\n" + "        x = 1\n" * 60},
    ),
    "store_modules": ({f"store/part{n}.py": "" for n in range(21)},),
    "riddles": (
        {"a.py": '"""How it is."""', **{f"b{n}.py": '"""A fact."""' for n in range(11)}},
        {"a.py": 'def a():\n    """Whether it is."""'},
        {"a.py": 'class A:\n    """What\n    it is."""'},
    ),
    "mends": (
        {"a.py": "def a(*, mend): ..."},
        {"a.py": "a(mend=1)"},
        {"a.py": "print(a.mend)"},
        {"a.py": "class A:\n    mend: str"},
        {"a.py": "self.mend = 1"},
    ),
}
"""Packages that break a rule by a small margin."""

FINE: Mapping[str, str] = {
    **{f"loose{n}.py": "" for n in range(6)},
    **{f"store/part{n}.py": '"""A fact."""' for n in range(20)},
    "store/__init__.py": '"""How it is."""',
    "room/json.py": "class Entry:\n    pass",
    "other/json.py": "class Entry:\n    hint: str",
    "third/json.py": "def short():\n" + "    x = 1\n" * 59,
}
"""A package that keeps all rules by a small margin."""


def parsed(files: Mapping[str, str]) -> Sources:
    return {path: ast.parse(text) for path, text in files.items()}


@pytest.fixture(scope="module")
def sources() -> Sources:
    package = Path(microcred_cli.__file__).parent
    return parsed(
        {
            path.relative_to(package).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(package.rglob("*.py"))
            if "_questions" not in path.parts
        }
    )


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_the_rule(sources: Sources, rule: str) -> None:
    assert list(RULES[rule](sources)) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_house_that_breaks_the_rule_is_caught(rule: str) -> None:
    assert PLANTED[rule]
    for files in PLANTED[rule]:
        assert list(RULES[rule](parsed(files))), files


@pytest.mark.parametrize("rule", RULES)
def test_a_house_that_barely_keeps_it_is_not(rule: str) -> None:
    assert list(RULES[rule](parsed(FINE))) == []
