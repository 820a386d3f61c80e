"""Coverage-guided fuzzing of our own readers; needs atheris, which nothing else here needs.

    pip install atheris && python -m tests.fuzzing.fuzz definition -max_total_time=300

The first word names a target, or is `all`; what follows goes to libFuzzer. It begins with sound
files, and a finding is written to a file `crash-...` here, which can be given to see it again.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

# Importing tells the fuzzer's instrumentation what to watch.
with atheris.instrument_imports(include=["microcred_cli", "ruamel"]):
    from tests.fuzzing.targets import TARGETS

from tests.fuzzing.seeds import seeds


def main() -> int:
    """Fuzz the target that the command line names; the exit code."""
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
