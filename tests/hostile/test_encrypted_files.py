"""Invalid encrypted files: reported, and the others are counted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import new_identity
from tests.cli.program import sheet
from tests.cli.test_encrypted import Fieldwork, proven
from tests.hostile import corpora
from tests.hostile.working import at_work, id_for, put, trouble_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the system does not support these files")

GOOD = 10


@pytest.fixture(scope="module")
def fieldwork() -> Iterator[Fieldwork]:
    """An encrypted folder with some responses, and two people who can decrypt them."""
    with at_work() as place:
        made = proven(place)
        for _ in range(GOOD):
            assert place.answer(sheet()).code == 0
        yield made


def bad_ones(fieldwork: Fieldwork) -> dict[str, bytes]:
    """Invalid files, by defect."""
    good = fieldwork.files[0].read_bytes()
    header = good.index(b"\n---")
    _, stranger = new_identity()
    ours = Age(to=fieldwork.public)
    made = {
        "nothing": b"",
        "clear": b"{}",
        "noise": bytes(range(256)) * 20,
        "the beginning alone": b"age-encryption.org/v1\n",
        "another version": good.replace(b"/v1\n", b"/v9\n", 1),
        "no stanza": b"age-encryption.org/v1\n---" + good[header + 4 :],
        "many stanzas": b"age-encryption.org/v1\n" + b"-> X25519 a\nb\n" * 20_000 + good[header:],
        "a stanza without end": b"age-encryption.org/v1\n-> X25519 " + b"a" * 200_000,
        "a passphrase": good.replace(b"-> X25519", b"-> scrypt", 1),
        "armour": b"-----BEGIN AGE ENCRYPTED FILE-----\n",
        "the same twice": good + good,
        "something behind": good + b"\0",
        "somebody else's": Age(to=(stranger,)).wrap(b"{}\n"),
        "another's record": good,
        "no JSON": ours.wrap(b"{\n"),
        "a tower": ours.wrap(b"[" * 100_000 + b"\n"),
        "no number": ours.wrap(b'{"format":NaN}\n'),
        "half a character": ours.wrap(b'{"format":"\\ud800"}\n'),
        "what acts": ours.wrap('{"\x1b[2J\u202e":1}\n'.encode()),
    }
    made |= {f"cut at {at}": good[:at] for at in range(1, len(good), len(good) // 12)}
    for file in corpora.json_files()[::12]:
        made[file.name] = ours.wrap(file.read_bytes() + b"\n")
    return made


@pytest.mark.parametrize("where", ["", "texts"])
def test_what_cannot_be_decrypted_or_read_is_named(fieldwork: Fieldwork, where: str) -> None:
    folder = fieldwork.place.responses / where
    names = {}
    try:
        for what, data in bad_ones(fieldwork).items():
            names[what] = f"{id_for(what)}.json.age"
            put(folder / names[what], data)
        ran = fieldwork.run("check")
        assert not trouble_of(ran, {1})
        assert f"valid and unique responses: {GOOD}\n" in ran.out
        assert [what for what, name in names.items() if name not in ran.err] == []
    finally:
        for name in names.values():
            (folder / name).unlink(missing_ok=True)


def test_what_is_no_file_of_ours_is_not_followed(fieldwork: Fieldwork) -> None:
    good = fieldwork.files[0]
    made: list[Path] = []
    for what, target in {"a link": str(good), "an endless one": "/dev/zero", "a pipe": ""}.items():
        path = fieldwork.place.responses / f"{id_for(what)}.json.age"
        if target:
            path.symlink_to(target)
        else:
            os.mkfifo(path)
        made.append(path)
    try:
        ran = fieldwork.run("check")
        assert not trouble_of(ran, {1})
        assert f"valid and unique responses: {GOOD}\n" in ran.out
        assert [path.name for path in made if path.name not in ran.err] == []
    finally:
        for path in made:
            path.unlink()
