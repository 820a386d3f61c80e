"""The format of encrypted files: everything that the age format allows, and nothing else."""

from __future__ import annotations

import base64

import pyrage
import pytest

from microcred_cli.crypto.age_format import MOST_WORK, AgeFormatError, unarmored

VERSION = b"age-encryption.org/v1\n"
KEY = b"-> X25519 " + b"A" * 43 + b"\n" + b"B" * 42 + b"A\n"
MAC = b"--- " + b"C" * 43 + b"\n"
WHOLE = VERSION + KEY + MAC + b"\n\x00payload\n-> x\n"


def armored(data: bytes, columns: int = 64) -> bytes:
    text = base64.b64encode(data)
    lines = [text[n : n + columns] for n in range(0, len(text), columns)]
    ends = [f"-----{word} AGE ENCRYPTED FILE-----".encode() for word in ("BEGIN", "END")]
    return b"\n".join([ends[0], *lines, ends[1]]) + b"\n"


@pytest.mark.parametrize(
    "header",
    [
        KEY,
        KEY + KEY,
        b"-> other kind of key\n\n",
        b"-> long\n" + b"D" * 64 + b"\n" + b"D" * 64 + b"\n\n",
        b"-> scrypt salt 18\n" + b"A" * 43 + b"\n",
        b"-> scrypt salt %d\n" % MOST_WORK + b"A" * 43 + b"\n",
    ],
)
def test_what_the_format_allows_is_left_as_it_is(header: bytes) -> None:
    data = VERSION + header + MAC + b"payload"
    assert unarmored(data) == data


def test_whatever_is_encrypted_here_passes_the_check() -> None:
    """Encrypted files also contain made-up recipients (grease) of any name and length."""
    keys = [pyrage.x25519.Identity.generate().to_public() for _ in range(2)]
    made = [pyrage.encrypt(b"content", keys) for _ in range(400)]
    assert [unarmored(data) for data in made] == made
    assert len({data.count(b"\n", 0, data.index(b"\n--- ")) for data in made}) > 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WHOLE[1:],
        WHOLE.replace(b"v1", b"v2"),
        VERSION + KEY,
        VERSION + KEY + MAC[:-1],
        VERSION + KEY + b"--- short\n",
        VERSION + KEY.replace(b"\n", b"\r\n") + MAC,
        pytest.param(VERSION + b"-> X25519 share\n" + MAC, id="no body"),
        pytest.param(VERSION + b"-> long\n" + b"D" * 64 + b"\n" + MAC, id="no last line"),
        pytest.param(VERSION + b"-> long\n" + b"D" * 68 + b"\n" + MAC, id="long line"),
        pytest.param(VERSION + b"-> key\nAB\n" + MAC, id="not canonical"),
        pytest.param(VERSION + b"-> key\nQQ==\n" + MAC, id="padding"),
        pytest.param(VERSION + b"-> key  two\n\n" + MAC, id="empty argument"),
        pytest.param(VERSION + b"->\n\n" + MAC, id="no arguments"),
        pytest.param(VERSION + b"-> k\xc3\xa9y\n\n" + MAC, id="not ASCII"),
        pytest.param(VERSION + b"-> scrypt salt %d\nAAAA\n" % (MOST_WORK + 1) + MAC, id="too long"),
        pytest.param(
            VERSION + b"-> scrypt salt " + b"9" * 99 + b"\nAAAA\n" + MAC, id="far too long"
        ),
    ],
)
def test_what_it_does_not_allow_is_refused_and_not_quoted(data: bytes) -> None:
    for given in (data, armored(data)):
        with pytest.raises(AgeFormatError) as refused:
            unarmored(given)
        assert "AAAA" not in str(refused.value)


@pytest.mark.parametrize("before", [b"", b" \t\r\n\n"])
@pytest.mark.parametrize("after", [b"", b"\n\n \t"])
def test_armor_is_taken_off_with_white_space_around_it(before: bytes, after: bytes) -> None:
    data = before + armored(WHOLE) + after
    assert unarmored(data) == WHOLE
    assert unarmored(data.replace(b"\n", b"\r\n")) == WHOLE


@pytest.mark.parametrize(
    "data",
    [
        armored(WHOLE, 60),
        armored(WHOLE, 68),
        armored(b""),
        armored(WHOLE).replace(b"END AGE", b"END PGP"),
        armored(WHOLE).replace(b"\n-----END", b"\n\n-----END"),
        armored(WHOLE).replace(b"YWdl", b"YW.l"),
        b"garbage\n" + armored(WHOLE),
        armored(WHOLE) + b"garbage",
        b" " + WHOLE,
    ],
)
def test_what_is_no_armor_is_refused(data: bytes) -> None:
    with pytest.raises(AgeFormatError):
        unarmored(data)
