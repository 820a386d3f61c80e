"""A fast start takes what typer would take, and leaves everything else to typer."""

import importlib.util
import inspect
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from microcred_cli.cli.app import FREQUENT, command
from microcred_cli.cli.fast_start import parse, run_without_typer
from microcred_cli.cli.fast_start_table import OPTIONS
from tests.cli.program import Place

ROOT = Path(__file__).parents[2]


def writer() -> ModuleType:
    """The script that writes the table."""
    spec = importlib.util.spec_from_file_location("writer", ROOT / "docs" / "fast_start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_typers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    made = writer()
    assert made.FILE.read_text(encoding="utf-8") == "\n".join(made.table()) + "\n"


def defaults(name: str) -> dict[str, object]:
    """The parameters of the function of a command without options."""
    signature = inspect.signature(command(name).callback.__wrapped__)
    return {each.name: each.default for each in signature.parameters.values()}


VALUES = st.sampled_from(["en", "-", "x=y", "", "--plain", "-x", "ABCD"])


def words(name: str) -> st.SearchStrategy[list[str]]:
    """Arguments for a command: options with and without values, unknown ones, and bare words."""
    options = st.sampled_from([*OPTIONS[name], "--help", "--wrong", "--"])
    joined = st.builds("{}={}".format, options, VALUES)
    pairs = st.tuples(options, VALUES).map(list)
    return st.lists(pairs | st.lists(options | joined | VALUES, max_size=1), max_size=4).map(
        lambda parts: [word for part in parts for word in part]
    )


@pytest.mark.parametrize("name", FREQUENT)
def test_typer_finds_the_same_parameters(name: str) -> None:
    typers, usual = command(name), defaults(name)
    found: list[int] = []

    two = [option for option, (_, kind) in OPTIONS[name].items() if kind == "value"][:2]

    @settings(max_examples=60)
    @given(words(name))
    @example([word for option in two for word in (option, "ABCD")])
    def compare(arguments: list[str]) -> None:
        parameters = parse(name, list(arguments))
        if parameters is not None:
            found.append(len(parameters))
            context = typers.make_context(name, list(arguments))
            typed = {k: v for k, v in context.params.items() if v not in (None, ())}
            lists = {k: list(v) for k, v in typed.items() if isinstance(v, tuple)}
            assert usual | parameters == usual | typed | lists

    compare()
    assert any(found)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "drafts",
        "respond --wrong",
        "respond --plain=yes",
        "respond --plain --rich",
        "respond --language",
        "respond --language en --language de",
        "respond code",
        "resume ABCD EFGH",
        "resume -",
        "interview --mode --plain",
        "summary --help --plain",
        "drafts --help",
    ],
)
def test_everything_else_is_left_to_typer(arguments: str) -> None:
    assert run_without_typer(arguments.split()) is None


def test_help_for_a_narrow_terminal_is_left_to_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "79")
    assert run_without_typer(["respond", "--help"]) is None


def test_help_names_the_program_as_typer_does(place: Place) -> None:
    for arguments in (["--help"], ["respond", "-h"]):
        ran = place.run(*arguments)
        assert ran.code == 0
        assert ran.out.startswith("Usage: microcred ")
