"""Valid files as seeds for each fuzzing target."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.hostile.figures import SENTENCES
from tests.hostile.naughty import ACTING
from tests.hostile.working import at_work, fill
from tests.questionnaire.sample import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRANSLATION = Path(__file__).parents[2] / "questions" / "mc_employers" / "de.yaml"
_SETTINGS = b"""contact = "a"
draft_days = 3
closes = 2027-01-01
languages = ["en", "de"]
responses = "there"
"""


def seeds(name: str) -> Iterator[bytes]:
    """Valid files for the target of this name."""
    match name:
        case "text":
            yield from (each.encode("utf-8", "surrogateescape") for each in ACTING)
        case "screening":
            for line in SENTENCES.read_text(encoding="utf-8").splitlines():
                yield str(json.loads(line)["text"]).encode()
        case "code":
            yield from (b"YDKT-2803-C0GR-4VCR-538R", b"4R1G-YEZF")
        case "definition":
            yield SAMPLE.encode()
        case "translation":
            yield b"\n".join(_TRANSLATION.read_bytes().splitlines()[:60]) + b"\n"
        case "fieldwork":
            yield _SETTINGS
        case _:
            yield from _records()


def _records() -> Iterator[bytes]:
    with at_work() as place:
        fill(place, 1)
        place.run("respond", "--plain", typed="1\n1\n:pause\n")
        for path in (*place.files, *place.texts, *place.drafts, place.responses / "folder.json"):
            data = path.read_bytes()
            yield data
            yield json.dumps(json.loads(data), ensure_ascii=False, separators=(",", ":")).encode()
