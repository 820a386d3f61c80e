"""Encrypted interviews that are disturbed: only who has the resume code goes on with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli.crypto.canary import prove
from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import LOCKED_SYMBOLS, new_identity
from microcred_cli.records.receipts import parse
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.folder import Responses
from tests.faults.interviews import Disturbed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.tracing import Fault, Traced

_CODE: Final = re.compile(r"resume and this code: ([0-9A-Z-]+)")
_IN_CLEAR: Final = (
    b"Words on",
    b'"answers"',
    b'"given"',
    b"microcred-response/",
    b"microcred-text/",
    b"microcred-draft/",
)
"""What stands in a draft, a response or a text that is not encrypted."""


@dataclass
class Locked(Disturbed):
    """As `Disturbed`; what is answered is encrypted to a key that is not on the machine."""

    code: str = field(default="", init=False)
    """The resume code (bare), once the screen has shown it."""

    def __post_init__(self) -> None:
        secret, public = new_identity()
        self.cipher = Age((public,), (secret,))
        self.settings = self.apart / "fieldwork.toml"
        self.settings.write_text(f'recipients = ["{public}"]\nprivacy_statement = "x"\n')
        assert prove(self.settings, (public,), (secret,)) == ()

    @property
    def responses(self) -> Responses:
        """The folder of the responses, with the key that opens them."""
        return Responses(self.place.responses, self.cipher)

    @property
    def options(self) -> tuple[str, ...]:
        """How a new interview is begun."""
        return (*super().options, "--fieldwork", str(self.settings))

    def codes_known(self) -> list[str]:
        """The code that was shown, as long as its draft is there."""
        is_there = self.code and Drafts(self.place.state).has(self.code)
        return [self.code] if is_there else []

    def judge(self, ran: Traced, fault: Fault) -> Iterator[str]:
        """What is wrong after a disturbed run, before the next one and behind it."""
        shown = _CODE.search(" ".join(ran.out.split()))
        self.code = parse(shown[1], LOCKED_SYMBOLS) if shown else ""
        yield from self.in_clear()
        yield from super().judge(ran, fault)
        yield from self.in_clear()

    def in_clear(self) -> Iterator[str]:
        """What can be read in the folders though it must not be; definitions are no secret."""
        for path in self._files():
            data = path.read_bytes()
            yield from (f"{path.name} has {each!r}" for each in _IN_CLEAR if each in data)
            if self.code and self.code.encode() in data.upper().replace(b"-", b""):
                yield f"{path.name} has the resume code"

    def _files(self) -> Iterator[Path]:
        for folder in (self.place.responses, self.place.state / "drafts"):
            yield from (path for path in folder.rglob("*") if path.is_file())
