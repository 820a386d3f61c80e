"""The tests that run on Windows: all except those that need features missing on Windows."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.windows.setting import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.windows.setting import Machine

LEFT_OUT = {
    "tests/pty": "they need a pseudo-terminal",
    "tests/terminal/test_prompts.py": "they type through a POSIX terminal",
    "tests/terminal/test_rich_asker.py": "they type through a POSIX terminal",
    "tests/faults": "they need strace and file systems of their own",
    "tests/trust": "they compare users and hosts of one system",
    "tests/hostile": "they run everything that goes wrong as processes",
    "tests/summary/test_attack.py": "they need scipy",
    "tests/summary/test_batches.py": "they need scipy",
    "tests/summary/test_counts.py": "they need scipy",
    "tests/summary/test_differencing.py": "they need scipy",
    "tests/summary/test_printed_attack.py": "they need scipy",
    "tests/summary/test_rule.py": "they need scipy",
    "tests/contract/test_lock.py": "they are about the checkout, which is the same everywhere",
    "tests/contract/test_docs.py": "they are about the checkout, which is the same everywhere",
    "tests/test_house.py": "they are about the checkout, which is the same everywhere",
    "tests/test_layers.py": "they are about the checkout, which is the same everywhere",
}
"""The tests that are left out, with the reasons."""

PYTEST = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
"""Without `-m`, because the program would call itself by the name of that module in its help."""

HOW = ("-o", "addopts=-ra --strict-markers --strict-config", "-p", "no:cacheprovider", "-q")


def run_tests(machine: Machine, given: Sequence[str]) -> int:
    """Run the tests, or pytest with the arguments `given`; returns the exit code."""
    left_out = {} if given else LEFT_OUT
    for path, why in left_out.items():
        sys.stdout.write(f"left out: {path}, because {why}\n")
    given = given or [f"--ignore={path}" for path in left_out]
    ran = subprocess.Popen(
        [*machine.python, "-c", PYTEST, *HOW, *given],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=CHECKOUT,
        env=machine.environment(),
    )
    assert ran.stdin is not None
    assert ran.stdout is not None
    ran.stdin.close()
    for line in ran.stdout:
        sys.stdout.write(line.decode(errors="replace").replace("\r\n", "\n"))
        sys.stdout.flush()
    return ran.wait()
