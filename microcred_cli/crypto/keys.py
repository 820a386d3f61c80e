"""Keys in the age format: public keys for encryption, and secret keys for decryption.

A public key is an age recipient (`age1...`), and a secret key is an age identity
(`AGE-SECRET-KEY-1...`). Public and secret keys are X25519 keys, as in the age specification,
version 1.
"""

from __future__ import annotations

import hashlib
import json
import re
from codecs import BOM_UTF8
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from microcred_cli.crypto.age_format import (
    ARMOR_BEGIN,
    MOST_WORK,
    VERSION,
    AgeFormatError,
    TooCostlyError,
    unarmored,
    work_factor,
)
from microcred_cli.errors import UsageError
from microcred_cli.files.reading import NotTextError, as_text
from microcred_cli.frozen import Frozen
from microcred_cli.records.formats import FINGERPRINT_SYMBOLS
from microcred_cli.records.receipts import ALPHABET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LOCKED_SYMBOLS: Final = 15
"""The length of an encrypted draft's resume code (75 random bits); the code is also the key."""

LARGEST: Final = 65_536
"""The maximum size of a key file in bytes."""

_SECRET: Final = "AGE-SECRET-KEY-"
_PUBLIC: Final = re.compile(r"age1[02-9ac-hj-np-z]{58}")

_FINGERPRINT: Final = "microcred-recipient/1"
_DRAFT: Final = "microcred-draft-key/1"
_DERIVED: Final = "microcred-derived-code/1"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


class WrongPassphraseError(UsageError):
    """Raised if a passphrase does not decrypt a key file."""


def checked_recipient(text: str, called: str, where: str) -> str:
    """Check a public key, and remove surrounding spaces.

    Error messages use `called` as the name of the key (for example, `Key 1 of recipients`) and
    `where` as the name of its file.
    """
    key = text.strip()
    if is_secret(key):
        raise UsageError(
            f"{called} is a secret key, but a public key is required.",
            where=where,
            hint="Use the public key (age1...). Anyone who has seen the secret key can decrypt "
            "everything, so create a new pair with microcred keys new.",
        )
    if not _PUBLIC.fullmatch(key) or not _is_key(key, "Recipient"):
        raise UsageError(
            f"{called} is not a public key.",
            where=where,
            hint="A public key begins with age1 and has 62 letters and digits. Copy the key again.",
        )
    return key


def is_secret(text: str) -> bool:
    """True if a string begins like a secret key."""
    return text.strip().upper().startswith(_SECRET)


def _is_key(text: str, kind: Literal["Recipient", "Identity"]) -> bool:
    from pyrage import IdentityError, RecipientError, x25519

    try:
        getattr(x25519, kind).from_str(text)
    except (RecipientError, IdentityError):
        return False
    return True


@lru_cache(maxsize=64)
def fingerprint(recipient: str) -> str:
    """The fingerprint of a public key: a code without separators that can be read aloud."""
    return _symbols(f"{_FINGERPRINT}\n{recipient}", FINGERPRINT_SYMBOLS)


def _symbols(text: str, count: int) -> str:
    """The first bits of the hash of a string, encoded as symbols of a code."""
    digest = hashlib.sha256(text.encode()).digest()
    number = int.from_bytes(digest, "big") >> (8 * len(digest) - 5 * count)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(count)))


def fingerprints(recipients: Iterable[str]) -> tuple[str, ...]:
    """The fingerprints of public keys, sorted."""
    return tuple(sorted(map(fingerprint, recipients)))


def new_identity() -> tuple[str, str]:
    """Create a key pair: the secret key and the public key."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def public_of(identity: str) -> str:
    """The public key that belongs to a secret key."""
    from pyrage import x25519

    return str(x25519.Identity.from_str(identity).to_public())


def locked_with(identity: str, passphrase: str) -> bytes:
    """Encrypt a key file with a passphrase, in the format that `age -p` writes."""
    from pyrage import passphrase as by_passphrase

    return bytes(by_passphrase.encrypt(plain_file(identity), passphrase))


def plain_file(identity: str) -> bytes:
    """Create the content of a key file without a passphrase."""
    return f"# public key: {public_of(identity)}\n{identity}\n".encode()


def identities_in(data: bytes, where: str, passphrase: Callable[[], str]) -> tuple[str, ...]:
    """Read the secret keys in a key file written by age or by this program.

    `where` is the name of the file in messages. `passphrase` is called only if the file is
    encrypted.
    """
    data = data.removeprefix(BOM_UTF8)
    if data.startswith((VERSION, ARMOR_BEGIN)):
        data = unlocked(data, where, passphrase())
    try:
        lines = [line.strip() for line in as_text(data).splitlines()]
    except NotTextError as error:
        raise UsageError(error.message, where=where, hint=error.hint) from None
    found = [line for line in lines if line and not line.startswith("#")]
    if found and all(_is_key(line, "Identity") for line in found):
        return tuple(found)
    if any(_PUBLIC.fullmatch(line) for line in found):
        raise UsageError(
            "This is a public key, which cannot decrypt anything.",
            where=where,
            hint="Specify the secret key file created by: microcred keys new",
        )
    raise UsageError(
        "This file contains no secret key that this program can use.",
        where=where,
        hint="Specify the file that microcred keys new or age-keygen wrote.",
    )


def unlocked(data: bytes, where: str, passphrase: str) -> bytes:
    """Decrypt a file with a passphrase; `where` is the name of the file in messages."""
    from pyrage import DecryptError

    try:
        return _decrypted(unarmored(data), passphrase)
    except TooCostlyError as error:
        raise _too_costly(where, error.factor, f"at most {MOST_WORK} is accepted") from None
    except (AgeFormatError, DecryptError) as error:
        # The library limits the work factor depending on the speed of the machine.
        if "Excessive work" in str(error):
            factor = work_factor(unarmored(data).splitlines(keepends=True)[1])
            raise _too_costly(where, factor, "this machine is too slow for it") from None
        raise WrongPassphraseError(
            "The passphrase is wrong, or the key file is damaged.",
            where=where,
            hint="Type the passphrase again; capital letters and spaces matter.",
        ) from None


def _decrypted(data: bytes, passphrase: str) -> bytes:
    from pyrage import passphrase as by_passphrase

    return bytes(by_passphrase.decrypt(data, passphrase))


def _too_costly(where: str, factor: int | None, reason: str) -> UsageError:
    return UsageError(
        f"The passphrase of this key file is too costly to check: its scrypt work factor is "
        f"{factor}, and {reason}.",
        where=where,
        hint="On a fast machine, decrypt the file with age -d, and encrypt it again with age -p.",
    )


class DraftKey(Frozen):
    """The key pair derived from a resume code, and the name of the draft file (20 hex digits)."""

    name: str
    identity: str
    recipient: str


@lru_cache(maxsize=8)
def draft_key(code: str) -> DraftKey:
    """Derive the key of an encrypted draft from its resume code (without separators).

    The code is stretched by scrypt (RFC 7914; N 2^15, r 8, p 1, about 0.1 s), so that guessing
    codes is slow, whether guesses are tested against the file name or the content.
    """
    stretched = hashlib.scrypt(
        code.encode("ascii"), salt=_DRAFT.encode(), n=2**15, r=8, p=1, maxmem=2**26, dklen=42
    )
    identity = _bech32(_SECRET.lower(), stretched[:32]).upper()
    return DraftKey(stretched[32:].hex(), identity, public_of(identity))


def derived_code(secret: str, *parts: str) -> str:
    """Derive the resume code of an encrypted draft from a secret and from public parts."""
    return _symbols(json.dumps([_DERIVED, secret, *parts]), LOCKED_SYMBOLS)


def _bech32(prefix: str, data: bytes) -> str:
    """Encode bytes in Bech32 (BIP 173), the encoding of age keys."""
    from stdnum.bitcoin import bech32_checksum

    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    values = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    head = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    rest = bech32_checksum([*head, *values, *[0] * 6]) ^ 1
    check = [rest >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1" + "".join(_BECH32[value] for value in (*values, *check))
