"""Checks of the order of writes, syncs and renames: which data could a power cut lose?

These rules need no test disk, so they are checked everywhere:

- a file is synced after the last write to it, before it gets its name (rename, link);
- before anything is acknowledged, every folder whose entries changed is synced.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.tracing import Called

_OPEN: Final = re.compile(r"\w+\((\d+)<([^>]*)>")
_PATHS: Final = re.compile(r'"([^"]*)"')
_NAMING: Final = ("rename", "renameat", "renameat2", "link", "linkat")
_RECORD: Final = re.compile(r"[0-9A-Za-z]+\.json")


def broken_rules(calls: list[Called], *folders: Path) -> Iterator[str]:
    """The places where a trace breaks a rule."""
    unsynced: set[str] = set()
    unsettled: dict[str, str] = {}
    for call in calls:
        if " = -1 " in call.line:
            continue
        found = _OPEN.search(call.line)
        file = found[2] if found else ""
        if call.name == "write" and found and int(found[1]) in (1, 2):
            yield from (f"{name} is not settled when something is said" for name in unsettled)
            unsettled.clear()
        elif call.name in ("write", "pwrite64") and call.touches:
            unsynced.add(file)
            if _RECORD.fullmatch(PurePath(file).name):
                yield f"{PurePath(file).name} is overwritten in place"
        elif call.name in ("fsync", "fdatasync"):
            unsynced.discard(file)
            for name in [name for name, folder in unsettled.items() if folder == file]:
                del unsettled[name]
        elif call.name in (*_NAMING, "unlink", "unlinkat") and call.touches:
            paths = _PATHS.findall(call.line)
            path = PurePath(paths[-1])
            if call.name in _NAMING and paths[0] in unsynced:
                yield f"{path.name} is renamed or linked before it is synced"
            if _RECORD.fullmatch(path.name):
                unsettled[str(path)] = str(path.parent)
