"""Every package installed to check the project is pinned by its hash."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.windows.setting import needed

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
LOCK = ROOT / ".ci" / "requirements.txt"
LOCKS = (LOCK, LOCK.with_name("pycanon.txt"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def locked(lock: Path = LOCK) -> list[tuple[Requirement, list[str]]]:
    """The packages in a lock file, each with its hashes."""
    lines = re.sub(r"^ *#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.M)
    made = []
    for entry in lines.replace("\\\n", "").splitlines():
        named, *hashes = re.split(r" +(?=--)", entry.strip())
        made.append((Requirement(named), hashes))
    return made


def wanted() -> list[str]:
    """The packages that pyproject.toml requires: to run, to build, in every group and extra."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    extras = project["project"]["optional-dependencies"].values()
    groups = [*project["dependency-groups"].values(), *extras]
    return [
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
        *(named for group in groups for named in group),
    ]


@pytest.mark.parametrize("named", wanted())
def test_every_dependency_is_locked_at_a_version_that_it_allows(named: str) -> None:
    requirement = Requirement(named)
    name = canonicalize_name(requirement.name)
    versions = [
        str(next(iter(each.specifier)).version)
        for each, _ in locked()
        if canonicalize_name(each.name) == name
    ]
    assert len(versions) > 0
    for version in versions:
        assert requirement.specifier.contains(version), version


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_one_version_and_the_hashes_of_its_files(lock: Path) -> None:
    assert len(locked(lock)) > 20
    for requirement, hashes in locked(lock):
        (exactly,) = requirement.specifier
        assert exactly.operator == "==", requirement
        assert requirement.url is None
        assert len(hashes) > 0, requirement
        assert all(HASH.fullmatch(each) for each in hashes), requirement


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_the_lock_names_packages_only(lock: Path) -> None:
    """A lock file contains no option that sets a package source, only names and hashes."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        assert re.match(r" *#|[a-z0-9-]+==\S+( ; .*)? \\$|    --hash=", line), line
        assert "://" not in line


def audit(folder: Path, program: str) -> tuple[int, str]:
    """Run `.ci/audit.py` with this program in place of pip-audit."""
    (folder / "pip_audit.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "audit.py"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder)},
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def found(*packages: Mapping[str, Any]) -> str:
    return f"print({json.dumps(json.dumps({'dependencies': packages}))})"


CLEAN = {"name": "some", "version": "1.0", "vulns": []}
SKIPPED = {"name": "other", "skip_reason": "not found"}
KNOWN = {"name": "old", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


def test_a_known_vulnerability_fails_the_audit_and_is_named(tmp_path: Path) -> None:
    code, said = audit(tmp_path, found(CLEAN, SKIPPED, KNOWN))
    assert code == 1
    assert "2 of 3 packages could be looked up, 1 known" in said
    assert "old 1: CVE-1, fixed in 2" in said


def test_an_audit_that_looked_nothing_up_says_so_and_fails_nothing(tmp_path: Path) -> None:
    code, said = audit(tmp_path, found(SKIPPED, SKIPPED))
    assert code == 0
    assert "of 2 packages none could be looked up" in said
    code, said = audit(tmp_path, "raise SystemExit('no such host')")
    assert code == 0
    assert "nothing is known. no such host" in said
    assert audit(tmp_path, found(CLEAN))[0] == 0


def test_what_runs_on_windows_is_the_program_with_its_tests_and_no_tool() -> None:
    chosen = "".join(needed(LOCK.read_text(encoding="utf-8")))
    names = set(re.findall(r"^([a-z0-9-]+)(?===|\[)", chosen, flags=re.M))
    assert {"colorama", "pydantic-core", "pyrage", "pytest", "ruamel-yaml", "typer"} <= names
    assert not names & {"hatchling", "mypy", "numpy", "pip-audit", "ruff", "scipy"}
    assert "sys_platform" not in chosen
    assert all(HASH.search(block) for block in re.split(r"^(?=[a-z])", chosen, flags=re.M)[1:])
