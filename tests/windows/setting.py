"""Setup of a folder in which Python for Windows runs: its parts are downloaded or compiled."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
LOCK = CHECKOUT / ".ci" / "requirements.txt"
NOT_HERE = ("numpy", "scipy")
"""Large test dependencies that only a few tests need."""

_COMPILER = "x86_64-w64-mingw32-gcc"
_READER = "x86_64-w64-mingw32-objdump"
_TOOLS = {
    "wine": ("wine", "wine64"),
    _COMPILER: ("gcc-mingw-w64-x86-64",),
    _READER: ("binutils-mingw-w64-x86-64",),
}
"""The required programs, and the Debian packages that contain them."""

_OF_THE_PROGRAM = ("microcred-cli (pyproject.toml)", "microcred-cli (pyproject.toml:test)")
_LEFT_OUT = (
    *("__pycache__", "site-packages", "dist-packages", "lib-dynload", "config-*", "*.so"),
    *("test", "idlelib", "tkinter", "ensurepip", "sitecustomize.py"),
)
"""The parts of the standard library that are not copied."""

_LONGEST = 900.0


class UnavailableError(Exception):
    """Windows cannot be set up here; the message says what is missing."""


@dataclass(frozen=True)
class Machine:
    """A Windows system on which the program can be started; `folder` is None on real Windows."""

    folder: Path | None

    @property
    def python(self) -> list[str]:
        """The beginning of a command that starts Python."""
        if self.folder is None:
            return [sys.executable]
        return ["wine", str(self.folder / "python" / "python.exe")]

    def path(self, path: Path) -> str:
        """A path in Windows notation."""
        return str(path) if self.folder is None else str(PureWindowsPath(f"Z:{path}"))

    def environment(self, **more: str) -> dict[str, str]:
        """The environment variables for a program, without the current user's settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MICROCRED", "PYTHON"))}
        own = {"PYTHONPATH": self.path(CHECKOUT), "PYTHONUTF8": "1"}
        if self.folder is not None:
            kept.pop("DISPLAY", None)
            own |= {
                "HOME": str(self.folder / "home"),
                "LC_ALL": "C.UTF-8",
                "PYTHONHOME": self.path(self.folder / "python"),
                "WINEARCH": "win64",
                "WINEDEBUG": "-all",
                "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
                "WINEPREFIX": str(self.folder / "wine"),
            }
        return {**kept, **own, **more}

    def end(self) -> None:
        """End the processes of wine itself that are still running in the folder."""
        if self.folder is not None:
            subprocess.run(["wineserver", "-k"], env=self.environment(), check=False)


def windows_in(folder: Path) -> Machine:
    """The Windows system in a folder, set up unless it is already complete and up to date."""
    if sys.platform == "win32":
        return Machine(None)
    machine = Machine(folder)
    _find_tools()
    mark, wanted = folder / "complete", _fingerprint()
    if not mark.is_file() or mark.read_text(encoding="ascii") != wanted:
        mark.unlink(missing_ok=True)
        _set_up(folder, _standard_library())
        _run("wine", "wineboot", "--init", environment=machine.environment())
        mark.write_text(wanted, encoding="ascii")
    said = _run(*machine.python, "-c", "print('ready')", environment=machine.environment())
    if said.strip() != "ready":
        raise UnavailableError("wine does not start Python.")
    return machine


def _set_up(folder: Path, library: str) -> None:
    """Assemble Python for Windows in a folder; `library` is the standard library."""
    for part in ("python", "wine", "home", "wheels", "built"):
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)
    python, wheels, built = folder / "python", folder / "wheels", folder / "built"
    packages = python / "Lib" / "site-packages"
    _fetch(HERE / "runtime.txt", wheels)
    _unpack(wheels, python, only="deploy_libs/")
    shutil.copytree(library, python / "Lib", ignore=shutil.ignore_patterns(*_LEFT_OUT))
    packages.mkdir()
    listed = built / "requirements.txt"
    listed.write_text("".join(needed(LOCK.read_text(encoding="utf-8"))), encoding="utf-8")
    _fetch(listed, wheels)
    _unpack(wheels, packages)
    shutil.copy(HERE / "lacking.py", packages / "sitecustomize.py")
    _compile(built, python)


def needed(lock: str) -> Iterator[str]:
    """The blocks of a lock file that the program and its tests need on Windows."""
    blocks: dict[str, str] = {}
    users: dict[str, list[str]] = {}
    for block in re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)[1:]:
        name = re.split(r"[=\[]", block, maxsplit=1)[0]
        # pip evaluates conditions for the system on which it runs.
        blocks[name] = blocks.get(name, "") + block.replace(" ; sys_platform == 'win32'", "")
        users[name] = re.findall(r"^ +#(?: via)? +(\S.*)$", block, flags=re.MULTILINE)
    found = {*_OF_THE_PROGRAM}
    while more := {n for n, by in users.items() if n not in found and found.intersection(by)}:
        found |= more
    return (block for name, block in blocks.items() if name in found and name not in NOT_HERE)


def _fingerprint() -> str:
    """A hash of everything from which the folder is built."""
    sources = (LOCK, Path(__file__), HERE / "lacking.py", HERE / "runtime.txt", *HERE.glob("*.c"))
    parts = [path.read_bytes() for path in sorted(sources)]
    return hashlib.sha256(b"\0".join([sys.version.encode(), *parts])).hexdigest()


def _find_tools() -> None:
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = [package for tool in missing for package in _TOOLS[tool]]
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run("apt-get", "-q", "update", environment=quietly)
        install = ("apt-get", "-q", "install", "-y", "--no-install-recommends", *packages)
        _run(*install, environment=quietly)
        missing = [tool for tool in missing if shutil.which(tool) is None]
    if missing:
        raise UnavailableError(
            f"{', '.join(missing)} cannot be found, and only root on Debian can install it here."
        )


def _standard_library() -> str:
    """The folder of the standard library of Python 3.11."""
    ask = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    if sys.version_info[:2] == (3, 11):
        return sysconfig.get_path("stdlib")
    if (python := shutil.which("python3.11")) is None:
        raise UnavailableError("Python 3.11 cannot be found; its standard library is needed.")
    return _run(python, "-c", ask).strip()


def _fetch(requirements: Path, folder: Path) -> None:
    """Download wheels for Windows, with the hashes of a file of requirements."""
    _run(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:"),
        *("--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp"),
        *("--dest", str(folder), "--requirement", str(requirements)),
    )


def _unpack(wheels: Path, folder: Path, *, only: str = "") -> None:
    """Unpack and remove wheels; from wheels with a folder `only`, unpack only the files in it."""
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.startswith(only) and not name.endswith("/"):
                    target = folder / name.removeprefix(only)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(name))
        wheel.unlink()


def _compile(built: Path, python: Path) -> None:
    dll = python / "python311.dll"
    _run(_COMPILER, "-municode", "-o", str(python / "python.exe"), str(HERE / "python.c"), str(dll))
    primitives = str(python / "bcryptprimitives.dll")
    source = str(HERE / "bcryptprimitives.c")
    _run(_COMPILER, "-shared", "-o", primitives, source, "-ladvapi32")
    exported = _run(_READER, "-p", str(dll)).partition("[Ordinal/Name Pointer] Table")[2]
    names = re.findall(r"^\t\[ *\d+\] (\w+)$", exported, flags=re.MULTILINE)
    forwarded = "".join(f"  {name} = python311.{name}\n" for name in names)
    (built / "python3.def").write_text(f"LIBRARY python3\nEXPORTS\n{forwarded}", encoding="ascii")
    (built / "python3.c").write_text("int empty;\n", encoding="ascii")
    sources = (str(built / "python3.c"), str(built / "python3.def"))
    how = ("-shared", "-nostdlib", "-e", "0")
    _run(_COMPILER, *how, "-o", str(python / "python3.dll"), *sources)


def _run(*command: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a command; returns its standard output."""
    try:
        done = subprocess.run(
            command,
            # A pipe, because Python for Windows does not start with the null device of wine.
            input="",
            capture_output=True,
            text=True,
            env=environment,
            timeout=_LONGEST,
            check=True,
        )
    except subprocess.TimeoutExpired:
        reason = f"it took longer than {_LONGEST:.0f} seconds"
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if not line.startswith("WARNING")]
        reason = " ".join(lines[-3:]) or f"exit code {error.returncode}"
    else:
        return done.stdout
    raise UnavailableError(f"{' '.join(command[:4])} failed: {reason}")
