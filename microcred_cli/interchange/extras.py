"""Optional dependencies: if one is missing, an error message shows how to install it."""

from __future__ import annotations

from importlib.util import find_spec

from microcred_cli.errors import UsageError


def refuse_without(package: str, extra: str) -> None:
    """Raise a UsageError if a package of an extra is not installed."""
    if find_spec(package) is None:
        raise UsageError(
            f"This command needs the package {package}, which is not installed.",
            hint=f'Install the extra {extra}: python -m pip install "microcred-cli[{extra}]"',
        )
