"""The counting engine: the table `[engine]` of the settings."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from microcred_cli.frozen import Frozen
from microcred_cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.errors import UsageError

    Fault = Callable[[str, str, str], UsageError]

CLUSTER: Final = "pyspark"
NEEDS: Final = {
    "duckdb": ("narwhals", "duckdb", "polars"),
    CLUSTER: ("narwhals", "polars", "pyspark", "pandas", "pyarrow"),
}
"""The engines, with the packages that each needs."""

_INSTALL: Final = {
    "duckdb": 'Install the extra large: python -m pip install "microcred-cli[large]"',
    CLUSTER: 'Install these packages: python -m pip install "microcred-cli[large]" "pyspark[sql]"',
}
_KEYS: Final = ("name", "master")


class EngineSettings(Frozen):
    """The engine that counts sealed responses; `master` is the address of a cluster."""

    name: str
    master: str = ""

    def lacks(self) -> tuple[str, str] | None:
        """A message and a hint if something that the engine needs is not installed."""
        missing = [package for package in NEEDS[self.name] if find_spec(package) is None]
        if missing:
            names = ", ".join(missing)
            message = f"The engine {self.name} needs packages that are not installed: {names}."
            return message, _INSTALL[self.name]
        if self.name == CLUSTER and not (os.environ.get("JAVA_HOME") or shutil.which("java")):
            hint = "Install Java 17 or later, or set JAVA_HOME to the folder that contains it."
            return "The engine pyspark needs Java, which was not found.", hint
        return None


def read_engine(table: object, fault: Fault) -> EngineSettings:
    """Read the engine from the table `[engine]`."""
    if not isinstance(table, dict):
        hint = 'Below a line [engine], write name = "duckdb".'
        raise fault("engine", "is not a table", hint)
    for key in table:
        if key not in _KEYS:
            raise fault(f"engine.{key}", "is unknown", f"The known keys are {', '.join(_KEYS)}.")
    name = table.get("name")
    if not isinstance(name, str) or name not in NEEDS:
        hint = f"Use one of {', '.join(NEEDS)}, or remove the table to count without an engine."
        raise fault("engine.name", "is not a known engine", hint)
    master = table.get("master", "")
    if name != CLUSTER:
        if "master" in table:
            hint = f'Remove master, or use name = "{CLUSTER}".'
            raise fault("engine.master", f"cannot be used with {name}", hint)
        return EngineSettings(name)
    if not isinstance(master, str) or not master or clean(master) != master:
        hint = 'Use the address of the cluster, such as "spark://host:7077", or "local[4]".'
        raise fault("engine.master", "is missing or is not an address", hint)
    return EngineSettings(name, master)
