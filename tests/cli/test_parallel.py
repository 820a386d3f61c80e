"""Many simultaneous processes on one responses folder."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.cli.program import sheet
from tests.windows.skips import not_on_wine

if TYPE_CHECKING:
    from tests.cli.program import Place

PROCESSES = 12


# There, a new file looks as old as its modification time, and is removed as a leftover.
@not_on_wine
def test_many_who_hand_in_at_once_are_all_stored(place: Place) -> None:
    source = place.write("sheet.json", sheet("employer unaware"))
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "microcred_cli", "respond", "--answers", source],
            cwd=place.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    ended = [(*process.communicate(timeout=120), process.returncode) for process in running]
    assert [(code, err) for _, err, code in ended if code] == []
    assert len(place.files) == PROCESSES
    assert sorted(out.strip() for out, _, _ in ended) == [str(path) for path in place.files]
    left = [p.name for p in place.responses.rglob(".*") if p.suffix != ".lock"]
    assert left == []
    report = json.loads(place.run("check", "--format", "json").out)
    assert (report["responses"], report["bad"]) == (PROCESSES, [])
