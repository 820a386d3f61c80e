"""Proof, before the first interview, that somebody has the secret keys of a survey round.

A random token, the canary, is encrypted separately to each public key. The holder of the secret key
decrypts the token, which is then stored; anyone can check the token against its hash. No interview
starts without this proof, because answers that nobody can decrypt would be lost.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import ValidationError

from microcred_cli import files
from microcred_cli.crypto.keys import fingerprint, public_of
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.questionnaire.base_model import Limits, Model
from microcred_cli.records.receipts import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FORMAT: Final = "microcred-key-proof/1"
_TOKEN_BYTES: Final = 32

Hex = Annotated[str, Limits(pattern=r"^[0-9a-f]{64}$")]


class Canary(Model):
    """A token encrypted to one public key.

    `encrypted` is the encrypted token in base64, and `sha256` is the hash of the token. `token` (in
    hexadecimal) is set when somebody has decrypted the token.
    """

    recipient: str
    encrypted: str
    sha256: Hex
    token: Hex | None = None

    @property
    def is_proven(self) -> bool:
        """True if somebody has decrypted the token."""
        return self.token is not None and _hash(bytes.fromhex(self.token)) == self.sha256


class KeyProof(Model):
    """The canaries of a survey round."""

    format: Literal["microcred-key-proof/1"] = FORMAT
    canaries: tuple[Canary, ...] = ()


def proof_file(fieldwork: Path) -> Path:
    """The proof file next to the settings: `fieldwork.keys.json` for `fieldwork.toml`."""
    return fieldwork.with_name(f"{fieldwork.stem}.keys.json")


def prove(fieldwork: Path, recipients: Sequence[str], identities: Iterable[str]) -> tuple[str, ...]:
    """Decrypt canaries with these secret keys; return the public keys that still lack proof.

    Missing canaries are created, and canaries of other keys are removed.
    """
    path = proof_file(fieldwork)
    before = {each.recipient: each for each in _read(path)}
    keys = tuple(identities)
    canaries = tuple(_opened(before.get(key) or _canary(key), keys) for key in recipients)
    if canaries != tuple(before.values()):
        data = KeyProof(canaries=canaries).model_dump_json(indent=2).encode() + b"\n"
        files.replace_durably(path, data)
        # The file contains no secret, and interviewers need to read it.
        with contextlib.suppress(OSError):
            path.chmod(0o644)
    return tuple(each.recipient for each in canaries if not each.is_proven)


def _read(path: Path) -> tuple[Canary, ...]:
    try:
        data = read_file(path, own=False)
    except files.MissingError:
        return ()
    parse_json(data, where=path)
    try:
        return KeyProof.model_validate_json(data).canaries
    except ValidationError:
        raise StoreError(
            "This is not a key proof written by this program.",
            where=path,
            hint="Remove the file, then run microcred keys check again.",
        ) from None


def _canary(recipient: str) -> Canary:
    import pyrage

    token = secrets.token_bytes(_TOKEN_BYTES)
    encrypted: bytes = pyrage.encrypt(token, [pyrage.x25519.Recipient.from_str(recipient)])
    return Canary(
        recipient=recipient,
        encrypted=base64.b64encode(encrypted).decode("ascii"),
        sha256=_hash(token),
    )


def _opened(canary: Canary, identities: Sequence[str]) -> Canary:
    import pyrage

    if canary.is_proven or not identities:
        return canary
    keys = [pyrage.x25519.Identity.from_str(key) for key in identities]
    with contextlib.suppress(pyrage.DecryptError, ValueError):
        token: bytes = pyrage.decrypt(base64.b64decode(canary.encrypted), keys)
        if _hash(token) == canary.sha256:
            return canary.model_copy(update={"token": token.hex()})
    if any(public_of(key) == canary.recipient for key in identities):
        # The secret key matches, so the canary must be damaged.
        return _opened(_canary(canary.recipient), identities)
    return canary


def _hash(token: bytes) -> str:
    return hashlib.sha256(token).hexdigest()


def refuse_unproven(settings: Path | None, recipients: Sequence[str]) -> None:
    """Raise a UsageError unless there is proof that somebody can decrypt the answers."""
    if settings is None:
        return
    proven = {each.recipient for each in _read(proof_file(settings)) if each.is_proven}
    left = [key for key in recipients if key not in proven]
    if left:
        raise UsageError(
            "These public keys have not been verified yet: "
            f"{', '.join(show(fingerprint(key)) for key in left)}.",
            where=proof_file(settings),
            hint="The holder of each key must run: microcred keys check --identity FILE",
        )
