"""Optional dependencies: a command that needs one names it, with the line to type."""

from __future__ import annotations

from importlib.util import find_spec

from microcred_cli.errors import UsageError


def refuse_without(package: str, extra: str) -> None:
    """Refuse to go on without a package of an extra."""
    if find_spec(package) is None:
        raise UsageError(
            f"This needs the package {package}, which is not installed.",
            hint=f'Install the extra {extra}: pip install "microcred-cli[{extra}]"',
        )
