"""Coverage-guided fuzzing of our own parsers; requires atheris, which is not needed otherwise.

    pip install atheris && python -m tests.fuzzing.fuzz definition -max_total_time=300

The first argument is the name of a target or `all`; the others are passed to libFuzzer. Fuzzing
starts from valid files. A finding is written to a file `crash-...` in the working folder; pass this
file as an argument to reproduce it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

# The modules are imported here so that the fuzzer instruments them.
with atheris.instrument_imports(include=["microcred_cli", "ruamel"]):
    from tests.fuzzing.targets import TARGETS

from tests.fuzzing.seeds import seeds


def main() -> int:
    """Fuzz the target given on the command line; returns the exit code."""
    name, options = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name == "all":
        command = [sys.executable, "-m", "tests.fuzzing.fuzz"]
        ended = [subprocess.run([*command, each, *options], check=False) for each in TARGETS]
        return max(abs(each.returncode) for each in ended)
    if name not in TARGETS:
        raise SystemExit(f"Name one of: {', '.join(TARGETS)}, all")
    sound = Path(tempfile.mkdtemp(prefix=f"fuzzing-{name}-"))
    for number, data in enumerate(seeds(name)):
        (sound / str(number)).write_bytes(data)
    atheris.Setup([sys.argv[0], *options, str(sound)], TARGETS[name])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
