"""Every command of the program, found in the program itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer.main

from microcred_cli.cli.app import COMMANDS, app, command

if TYPE_CHECKING:
    from collections.abc import Iterator


def commands() -> dict[str, Any]:
    """All commands and groups of commands, by their full names."""

    def below(words: str, inner: Any) -> Iterator[tuple[str, Any]]:
        yield words, inner
        for name, found in getattr(inner, "commands", {}).items():
            yield from below(f"{words} {name}", found)

    found: dict[str, Any] = {"microcred": typer.main.get_command(app)}
    for name in COMMANDS:
        found |= below(f"microcred {name}", command(name))
    return found


def runs(inner: Any) -> bool:
    """Whether a command does something by itself, and not only by its own commands."""
    return not getattr(inner, "commands", {}) or inner.invoke_without_command
