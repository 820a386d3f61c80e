"""The arrows of the architecture: a module imports only what stands before it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import microcred_cli

PACKAGE = Path(microcred_cli.__file__).parent
LAYERS = (
    ("errors", "files", "formats", "age_form"),
    ("text", "speech"),
    ("words", "dispositions"),
    ("codes", "screening", "outcome_rates"),
    ("keys",),
    ("questionnaire",),
    ("answers",),
    ("records", "recoding"),
    ("consistency", "fieldwork", "simulation"),
    ("background",),
    ("interview", "store", "summary"),
    ("terminal",),
    ("cli",),
    ("__main__",),
)
"""From the inside out; parts of one layer do not know each other."""

OUTSIDE_THE_DOMAIN = {"rich", "questionary", "prompt_toolkit", "typer"}
EDGE = ("terminal", "cli")
ALLOWED = {
    # How an answer is checked needs to know what an option is, and the other way round.
    ("questionnaire", "answers"),
    # The schema of a response is that of the records as they are stored.
    ("questionnaire", "recoding"),
}


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
            found.add(node.module)
            if node.module == "microcred_cli":
                found |= {f"microcred_cli.{alias.name}" for alias in node.names}
    return found


def level(part: str) -> int:
    return next(n for n, parts in enumerate(LAYERS) if part in parts)


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
        if other in ("__version__", own) or (own, other) in ALLOWED:
            continue
        assert level(other) < level(own), f"{own} imports {other}"


def test_every_exception_is_needed() -> None:
    found = {
        (part_of(path), name.split(".")[1])
        for path in modules()
        for name in imported(path)
        if name.startswith("microcred_cli.")
    }
    assert found >= ALLOWED
    assert all(level(other) >= level(own) for own, other in ALLOWED)


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
    assert knowing == ["terminal/prompts.py"]


@pytest.mark.parametrize("domain", ["questionnaire", "interview", "store", "summary"])
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
