"""Look up the packages of .ci/requirements.txt among the known vulnerabilities.

    python .ci/audit.py

It says how many could be looked up: where no service can be reached, nothing is known of them and
that is no failure. The exit code is 1 if a package has a known vulnerability, 2 without pip-audit.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LOCK = Path(__file__).with_name("requirements.txt")
AUDIT = ["-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
MINUTES = 2


def main() -> int:
    """Print what is known of the packages; the exit code."""
    if find_spec("pip_audit") is None:
        print("pip-audit is not installed here: pip install --group audit")
        return 2
    try:
        done = subprocess.run(
            [sys.executable, *AUDIT, "--format", "json", "-r", str(LOCK)],
            capture_output=True,
            text=True,
            timeout=MINUTES * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"Vulnerabilities: no service answered within {MINUTES} minutes.")
        return 0
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        reason = done.stderr.strip().rpartition("\n")[2]
        print(f"Vulnerabilities: no package could be looked up, so nothing is known. {reason}")
        return 0
    looked_up = [each for each in packages if "vulns" in each]
    if not looked_up:
        print(f"Vulnerabilities: of {len(packages)} packages none could be looked up.")
        return 0
    found = [
        f"  {each['name']} {each['version']}: {known['id']}, fixed in "
        f"{', '.join(known['fix_versions']) or 'no version yet'}"
        for each in looked_up
        for known in each["vulns"]
    ]
    print(
        f"Vulnerabilities: {len(looked_up)} of {len(packages)} packages could be looked up, "
        f"{len(found)} known."
    )
    print("".join(f"{line}\n" for line in found), end="")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
