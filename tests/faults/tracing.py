"""The real program under strace: its system calls, and a fault at one of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

T = TypeVar("T")
CALLS: Final = (
    "openat,read,write,pwrite64,close,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,"
    "unlinkat,mkdir,mkdirat,utimensat,flock,fstat,newfstatat,lseek,getdents64,chmod,fchmodat,"
    "ftruncate,fallocate"
)
REFUSED: Final[Mapping[str, tuple[str, ...]]] = {
    "openat": ("EACCES", "EMFILE", "ENOSPC", "EROFS", "EIO"),
    "write": ("ENOSPC", "EIO", "EDQUOT", "EFBIG"),
    "fsync": ("EIO", "ENOSPC"),
    "rename": ("EACCES", "ENOSPC", "EIO", "EROFS"),
    "link": ("EACCES", "ENOSPC", "EIO", "EROFS"),
    "unlink": ("EACCES", "EBUSY"),
    "close": ("EIO",),
    "mkdir": ("EACCES", "ENOSPC", "EROFS"),
    "fallocate": ("ENOSPC", "EIO", "EDQUOT"),
    "read": ("EIO",),
    "getdents64": ("EIO",),
    "utimensat": ("EACCES", "EROFS"),
    "flock": ("EIO",),
    "ftruncate": ("EIO",),
}
"""The errors that each system call can return."""

LASTING: Final[Mapping[str, str]] = {"fsync": "EIO", "rename": "EROFS", "link": "ENOSPC"}
"""System calls used only for storing, each with an error that can be permanent."""

KILLED: Final = "killed"
PROGRAM: Final = (sys.executable, "-m", "microcred_cli")
IN_ONE_THREAD: Final = (
    sys.executable,
    "-c",
    "import threading; threading.Thread.start = threading.Thread.run; "
    "from microcred_cli.__main__ import main; main()",
)
"""The program without threads, so that an interview always makes the same system calls."""


@cache
def strace() -> str:
    """The path of a working strace; empty if there is none."""
    found = shutil.which("strace")
    if found is None:
        return ""
    done = subprocess.run([found, "-o", os.devnull, "true"], capture_output=True, check=False)
    return found if done.returncode == 0 else ""


DID_NOT_HAPPEN: Final = "the fault did not occur"
"""The problem reported if the system call of a fault did not occur in that run."""

NO_STRACE: Final = "strace is missing or not permitted"


@dataclass(frozen=True)
class Fault:
    """A fault at the n-th occurrence of a system call: a kill, or an error."""

    call: str
    number: int
    what: str
    lasts: bool = False
    """True if all later calls fail as well, as on a broken disk."""

    def __str__(self) -> str:
        return f"{self.call} {self.number}{'+' * self.lasts} {self.what}"

    @property
    def injected(self) -> str:
        how = "signal=SIGKILL" if self.what == KILLED else f"error={self.what}"
        return f"inject={self.call}:{how}:when={self.number}{'+' * self.lasts}"


AT_THE_END: Final = Fault("exit_group", 1, KILLED)
"""A kill after everything has been stored and acknowledged, just before the process ends."""


@dataclass(frozen=True)
class Called:
    """One call of a trace; `touches` is true if it concerns the program's folders.

    `number` counts the calls of this name in one thread, as strace does when it injects a fault.
    """

    name: str
    number: int
    line: str
    touches: bool


@dataclass(frozen=True)
class Traced:
    """The result of a traced run; `hit` contains the lines of the injected errors."""

    code: int
    out: str
    err: str
    trace: str = field(repr=False)

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def hit(self) -> list[str]:
        return [line for line in self.trace.splitlines() if "(INJECTED)" in line]


def traced(
    command: Sequence[str],
    *expressions: str,
    folder: Path,
    apart: Path,
    typed: str = "",
    environment: Mapping[str, str] | None = None,
    quick: bool = False,
) -> Traced:
    """Run a command under strace in a folder; the trace is stored in the folder `apart`.

    With --seccomp-bpf, strace sends no signals, so `quick` must be off for a kill.
    """
    trace = apart / "trace"
    options = [option for each in expressions for option in ("-e", each)]
    done = subprocess.run(
        [strace(), *["--seccomp-bpf"] * quick, "-f", "-y", "-o", str(trace), *options, *command],
        input=typed.encode(),
        capture_output=True,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        check=False,
        timeout=120,
    )
    out, err = (each.decode(errors="replace") for each in (done.stdout, done.stderr))
    return Traced(done.returncode, out, err, trace.read_text(errors="replace"))


def calls_of(trace: str, *folders: Path) -> list[Called]:
    """The calls of a trace, from the first to the last that concerns one of the folders."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for line in trace.splitlines():
        match = re.match(r"(\d+) +([a-z0-9_]+)\(", line)
        if match:
            thread, call = match.groups()
            seen[thread, call] += 1
            touches = any(str(folder) in line for folder in folders)
            found.append(Called(call, seen[thread, call], line, touches))
    touching = [place for place, each in enumerate(found) if each.touches]
    return found[touching[0] : touching[-1] + 2] if touching else []


def deaths(calls: Iterable[Called]) -> Iterator[Fault]:
    """A kill at each call; of calls with one number in several threads, the first is killed."""
    return iter(dict.fromkeys(Fault(each.name, each.number, KILLED) for each in calls))


def errors(calls: Iterable[Called]) -> Iterator[Fault]:
    """Each possible error of each call that concerns the folders, once or permanently."""
    for each in calls:
        if each.touches:
            yield from (Fault(each.name, each.number, what) for what in REFUSED.get(each.name, ()))
            if each.name in LASTING:
                yield Fault(each.name, each.number, LASTING[each.name], lasts=True)


def sample(all_of_them: Sequence[T], most: int) -> list[T]:
    """An evenly spaced sample that includes the last element."""
    if len(all_of_them) <= most:
        return list(all_of_them)
    step = len(all_of_them) / most
    return [all_of_them[int((place + 1) * step) - 1] for place in range(most)]
