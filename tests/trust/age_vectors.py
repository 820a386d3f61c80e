"""The public test vectors of the age format, tested with our decryption.

The vectors are not part of the project: they are in `age/testdata` of C2SP/CCTV. Vectors for other
kinds of keys (hybrid, post-quantum) do not apply.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from microcred_cli.crypto.age_format import unarmored
from microcred_cli.crypto.keys import WrongPassphraseError, unlocked
from tests.faults.figures import Figure

VARIABLE = "MICROCRED_AGE_VECTORS"
"""The environment variable for the folder of the vectors."""

OTHER_KEYS = "AGE-SECRET-KEY-PQ-"
Fields = dict[str, list[str]]
Decrypt = Callable[[bytes, Sequence[str]], bytes]
"""Decrypts with the first matching identity or passphrase; raises if none matches."""


def agreeing(vectors: Path | None) -> Figure:
    """The vectors that the program decrypts or refuses as required, and all that apply."""
    return agreeing_with(vectors, _with_identities, _with_passphrases)


def _with_identities(data: bytes, identities: Sequence[str]) -> bytes:
    from pyrage import decrypt, x25519

    keys = [x25519.Identity.from_str(each) for each in identities]
    return bytes(decrypt(unarmored(data), keys))


def _with_passphrases(data: bytes, passphrases: Sequence[str]) -> bytes:
    for each in passphrases:
        with contextlib.suppress(WrongPassphraseError):
            return unlocked(data, "vector", each)
    raise ValueError("No passphrase opens it.")


def agreeing_with(
    vectors: Path | None, with_identities: Decrypt, with_passphrases: Decrypt
) -> Figure:
    """The vectors that these functions decrypt or refuse as required, and all that apply."""
    folder = vectors or Path(os.environ.get(VARIABLE, "no such folder"))
    files = sorted(path for path in folder.glob("*") if path.is_file())
    if not files:
        return Figure(0, 0, 0.0, skipped=f"--age-vectors or {VARIABLE} is not set")
    begun = time.monotonic()
    tried, wrong = 0, []
    for path in files:
        fields, data = read_vector(path.read_bytes())
        identities = fields.get("identity", [])
        if any(each.startswith(OTHER_KEYS) for each in identities):
            continue
        tried += 1
        expected = fields["expect"][0]
        decrypt, keys = (
            (with_identities, identities)
            if identities
            else (with_passphrases, fields.get("passphrase", []))
        )
        wanted = fields["payload"][0] if expected == "success" else None
        if _digest(decrypt, data, keys) != wanted:
            wrong.append(f"{path.name}: {expected} was expected")
    return Figure(tried - len(wrong), tried, time.monotonic() - begun, tuple(wrong))


def _digest(decrypt: Decrypt, data: bytes, keys: Sequence[str]) -> str | None:
    """The hash of the content; None if it is refused for any reason."""
    try:
        return hashlib.sha256(decrypt(data, keys)).hexdigest()
    except Exception:
        return None


def read_vector(data: bytes) -> tuple[Fields, bytes]:
    """The header fields of a vector, and the encrypted file in it."""
    head, _, body = data.partition(b"\n\n")
    fields: Fields = {}
    for line in head.decode().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.strip())
    return fields, zlib.decompress(body) if fields.get("compressed") == ["zlib"] else body
