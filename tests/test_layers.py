"""The layers of the architecture: modules import only from inner layers, without cycles."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import microcred_cli

PACKAGE = Path(microcred_cli.__file__).parent
LAYERS = (
    ("frozen",),
    ("errors", "text", "i18n"),
    ("files", "clock"),
    ("questionnaire",),
    ("records",),
    ("crypto", "interview", "cases"),
    ("fieldwork", "store", "summary"),
    ("evaluation",),
    ("interchange",),
    ("terminal",),
    ("session",),
    ("api",),
    ("cli",),
    ("__main__",),
)
"""From the inside out; parts of one layer do not import each other."""

OUTSIDE_THE_DOMAIN = {"rich", "questionary", "prompt_toolkit", "typer"}
EDGE = ("terminal", "session", "cli")
DOMAIN = [part for layer in LAYERS[2:9] for part in layer]
"""The packages that do not depend on a terminal."""


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "_questions" not in p.parts)


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def level(part: str) -> int:
    return next(n for n, parts in enumerate(LAYERS) if part in parts)


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports() -> dict[str, set[str]]:
    """The modules that each module imports anywhere, including in functions and for types only."""
    known = {name_of(path): path for path in modules()}
    return {
        name: {found if found in known else found.rpartition(".")[0] for found in imported(path)}
        & known.keys() - {name}
        for name, path in known.items()
    }


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import each other."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        ahead = [start]
        while ahead:
            new = arrows[ahead.pop()] - found
            found |= new
            ahead += new
        return found

    behind = {name: reached(name) for name in arrows}
    mutual = {
        frozenset(other for other in behind[name] if name in behind[other])
        for name in arrows
        if name in behind[name]
    }
    return sorted(map(sorted, mutual))


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(imports()) == []


def test_a_circle_is_found() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str](), "e": {"a"}}
    assert circles(arrows) == [["b", "c"]]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_layers_before_it(path: Path) -> None:
    own = part_of(path)
    if own == "__init__":
        assert not {n for n in imported(path) if n.startswith("microcred_cli")}
        return
    for name in imported(path):
        if not name.startswith("microcred_cli."):
            continue
        other = name.split(".")[1]
        if other in ("__version__", own):
            continue
        assert level(other) < level(own), f"{own} imports {other}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_edge_knows_the_terminal(path: Path) -> None:
    if part_of(path) in EDGE:
        return
    assert not {name.split(".")[0] for name in imported(path)} & OUTSIDE_THE_DOMAIN


def test_only_one_module_knows_questionarys_inside() -> None:
    knowing = [
        str(path.relative_to(PACKAGE))
        for path in modules()
        if any(name.startswith("questionary") for name in imported(path))
    ]
    assert knowing == ["terminal/questionary_inside.py"]


@pytest.mark.parametrize("domain", DOMAIN)
def test_importing_the_domain_loads_no_terminal_library(domain: str) -> None:
    program = (
        f"import sys, pkgutil, importlib, microcred_cli.{domain} as package\n"
        "for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\n"
        f"print(sorted({OUTSIDE_THE_DOMAIN!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
