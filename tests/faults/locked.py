"""Encrypted interviews disturbed by faults: they can be resumed only with the resume code."""

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

_CODE: Final = re.compile(r"resume(?: --plain)? and this code: ([0-9A-Z-]+)")
_IN_CLEAR: Final = (
    b"Words on",
    b'"answers"',
    b'"given"',
    b"microcred-response/",
    b"microcred-text/",
    b"microcred-draft/",
)
"""Words that occur in an unencrypted draft, response or text."""


@dataclass
class Locked(Disturbed):
    """Like `Disturbed`, but answers are encrypted to a key that is not on the machine."""

    code: str = field(default="", init=False)
    """The resume code without separators, once the screen has shown it."""

    def __post_init__(self) -> None:
        secret, public = new_identity()
        self.cipher = Age((public,), (secret,))
        self.settings = self.apart / "fieldwork.toml"
        self.settings.write_text(f'recipients = ["{public}"]\nprivacy_statement = "x"\n')
        assert prove(self.settings, (public,), (secret,)) == ()

    @property
    def responses(self) -> Responses:
        """The responses folder, with the key that decrypts it."""
        return Responses(self.place.responses, self.cipher)

    @property
    def options(self) -> tuple[str, ...]:
        """The options of a new interview."""
        return (*super().options, "--fieldwork", str(self.settings))

    def codes_known(self) -> list[str]:
        """The code that was shown, while its draft exists."""
        is_there = self.code and Drafts(self.place.state).has(self.code)
        return [self.code] if is_there else []

    def judge(self, ran: Traced, fault: Fault) -> Iterator[str]:
        """The problems after a disturbed run, before and after the next one."""
        shown = _CODE.search(" ".join(ran.out.split()))
        self.code = parse(shown[1], LOCKED_SYMBOLS) if shown else ""
        yield from self.in_clear()
        yield from super().judge(ran, fault)
        yield from self.in_clear()

    def in_clear(self) -> Iterator[str]:
        """Unencrypted files in the folders, except for definitions, which are not secret."""
        for path in self._files():
            data = path.read_bytes()
            yield from (f"{path.name} has {each!r}" for each in _IN_CLEAR if each in data)
            if self.code and self.code.encode() in data.upper().replace(b"-", b""):
                yield f"{path.name} contains the resume code"

    def _files(self) -> Iterator[Path]:
        for folder in (self.place.responses, self.place.state / "drafts"):
            yield from (path for path in folder.rglob("*") if path.is_file())
