"""A strict check of the header of encrypted files before decryption.

The decryption library is more lenient than the age format (version 1): it accepts a stanza body
without its last line, and passphrase settings that take very long to check. Decryption detects
forged files anyway; the check rejects files that other programs would reject. Source: C2SP, age.md,
"Header" and "ASCII armor".
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import IO

VERSION = b"age-encryption.org/v1\n"
MOST_WORK = 22
"""The maximum scrypt work factor, as an exponent of 2; a check takes about ten seconds."""

ARMOR_BEGIN, _ARMOR_END = (b"-----%s AGE ENCRYPTED FILE-----" % word for word in (b"BEGIN", b"END"))
_COLUMNS = 64
_LONGEST = 65_536
_STANZA = re.compile(rb"->(?: [\x21-\x7e]+)+\n")
_MAC = re.compile(rb"--- [A-Za-z0-9+/]{43}\n")


class AgeFormatError(ValueError):
    """Raised if data violates the age format, version 1; the message never quotes the data."""


class TooCostlyError(AgeFormatError):
    """Raised if checking the passphrase would take too long; `factor` is the scrypt work factor."""

    def __init__(self, factor: int) -> None:
        super().__init__(f"The passphrase takes more than 2^{MOST_WORK} steps to check.")
        self.factor = factor


def unarmored(data: bytes) -> bytes:
    """Remove the armor and surrounding white space from an encrypted file, and check its header."""
    armored = data.strip(b" \t\r\n")
    if armored.startswith(ARMOR_BEGIN):
        data = _without_armor(armored)
    check_header(io.BytesIO(data))
    return data


def check_header(file: IO[bytes]) -> None:
    """Read the header of an encrypted file, and raise an error if it violates the format."""
    if file.readline(_LONGEST) != VERSION:
        raise AgeFormatError("The file does not begin with the header of an age file, version 1.")
    line = file.readline(_LONGEST)
    while not _MAC.fullmatch(line):
        if not _STANZA.fullmatch(line):
            raise AgeFormatError("The header is damaged.")
        _check_work(line)
        _pass_body(file)
        line = file.readline(_LONGEST)


def _pass_body(file: IO[bytes]) -> None:
    """Skip the body of a stanza: full lines, followed by a shorter line, which may be empty."""
    length = _COLUMNS
    while length == _COLUMNS:
        line = file.readline(_LONGEST)
        if not line.endswith(b"\n"):
            raise AgeFormatError("The header is incomplete.")
        length = len(line) - 1
        if length > _COLUMNS or b"=" in line:
            raise AgeFormatError("A line of the header is too long or padded.")
        _decoded(line[:-1] + b"=" * (-length % 4))


def _check_work(line: bytes) -> None:
    """Reject a passphrase that would take too long to check; ignore all other faults."""
    factor = work_factor(line)
    if factor is not None and factor > MOST_WORK:
        raise TooCostlyError(factor)


def work_factor(line: bytes) -> int | None:
    """The scrypt work factor in the first line of a stanza; None for other kinds of stanzas."""
    kind, *arguments = line[3:-1].split(b" ")
    factor = arguments[-1] if arguments else b""
    if kind != b"scrypt" or not factor.isdigit():
        return None
    return int(factor.lstrip(b"0")[:9] or b"0")


def _without_armor(armored: bytes) -> bytes:
    first, *lines, last = armored.replace(b"\r\n", b"\n").split(b"\n")
    if (first, last) != (ARMOR_BEGIN, _ARMOR_END) or not lines:
        raise AgeFormatError("The armor is damaged.")
    if any(len(line) != _COLUMNS for line in lines[:-1]) or not 0 < len(lines[-1]) <= _COLUMNS:
        raise AgeFormatError("A line of the armor has the wrong length.")
    return _decoded(b"".join(lines))


def _decoded(text: bytes) -> bytes:
    """Decode base64, which must be in canonical form."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        data = None
    if data is None or base64.b64encode(data) != text:
        raise AgeFormatError("A line is not base64.")
    return data
