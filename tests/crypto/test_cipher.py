"""Encryption: only recipients can decrypt, and only whole files; the length reveals nothing."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import subprocess
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import x25519

from microcred_cli.crypto.cipher import CLEAR, STEP, Age, LockedError
from microcred_cli.crypto.keys import new_identity, plain_file
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import DamagedError
from tests.files.like_windows import needs_linux

if TYPE_CHECKING:
    from collections.abc import Iterator

(ANNA, TO_ANNA), (BEN, TO_BEN), (EVE, TO_EVE) = (new_identity() for _ in range(3))
BOTH = Age((TO_ANNA, TO_BEN), (ANNA,))
RECORD = b'{\n  "text": "planted words"\n}\n'
EVERY_BIT = os.environ.get("EVERY_BIT") == "all"
LINES = [f'{{"number":{number},"words":"{"x" * 700}"}}\n'.encode() for number in range(500)]
needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed")


class TestOneRecord:
    @given(st.binary(max_size=3 * STEP).map(lambda data: data.rstrip(b" \n") + b"\n"))
    def test_what_is_written_is_read_back(self, record: bytes) -> None:
        assert BOTH.unwrap(BOTH.wrap(record), "a") == record

    @given(st.integers(1, 4 * STEP))
    def test_its_length_goes_in_steps(self, length: int) -> None:
        wrapped = BOTH.wrap(b"x" * (length - 1) + b"\n")
        inside = pyrage.decrypt(wrapped, [pyrage.x25519.Identity.from_str(ANNA)])
        assert len(inside) == -(-length // STEP) * STEP

    def test_each_recipient_opens_it_and_nobody_else(self) -> None:
        wrapped = BOTH.wrap(RECORD)
        for identity in (ANNA, BEN):
            assert Age(identities=(identity,)).unwrap(wrapped, "a") == RECORD
        with pytest.raises(DamagedError, match="damaged or not encrypted to your key"):
            Age(identities=(EVE,)).unwrap(wrapped, "a")
        with pytest.raises(LockedError, match="no key was specified"):
            Age((TO_ANNA,)).unwrap(wrapped, "a")

    def test_nothing_of_it_stands_there_in_clear(self) -> None:
        wrapped = BOTH.wrap(RECORD)
        assert b"planted" not in wrapped
        assert b"text" not in wrapped

    def test_twice_the_same_is_not_the_same(self) -> None:
        assert BOTH.wrap(RECORD) != BOTH.wrap(RECORD)

    def test_any_flipped_bit_is_refused(self) -> None:
        wrapped = bytearray(BOTH.wrap(RECORD))
        for bit in range(0, 8 * len(wrapped), 1 if EVERY_BIT else 29):
            wrapped[bit // 8] ^= 1 << bit % 8
            with pytest.raises(DamagedError):
                BOTH.unwrap(bytes(wrapped), "a")
            wrapped[bit // 8] ^= 1 << bit % 8
        assert BOTH.unwrap(bytes(wrapped), "a") == RECORD

    @pytest.mark.parametrize("cut", [1, 16, 4000, 4200])
    def test_one_that_is_cut_off_is_refused(self, cut: int) -> None:
        with pytest.raises(DamagedError):
            BOTH.unwrap(BOTH.wrap(RECORD)[:-cut], "a")

    def test_one_that_is_not_padded_as_ours_is_refused(self) -> None:
        to_anna = pyrage.x25519.Recipient.from_str(TO_ANNA)
        for inside in (RECORD, RECORD + b" " * (STEP - len(RECORD)), RECORD.rstrip()):
            with pytest.raises(DamagedError, match="padding"):
                BOTH.unwrap(pyrage.encrypt(inside, [to_anna]), "a")

    def test_clear_and_encrypted_do_not_mix(self) -> None:
        with pytest.raises(DamagedError, match="not encrypted, but everything"):
            BOTH.unwrap(RECORD, "a")
        with pytest.raises(DamagedError, match="nothing else in this folder is"):
            CLEAR.unwrap(BOTH.wrap(RECORD), "a")

    def test_without_a_public_key_nothing_is_written(self) -> None:
        with pytest.raises(StoreError, match="no recipients"):
            Age(identities=(ANNA,)).wrap(RECORD)

    def test_what_is_stored_already_is_known_as_far_as_it_can_be(self) -> None:
        found = BOTH.wrap(RECORD)
        assert BOTH.is_stored(found, RECORD)
        assert not BOTH.is_stored(found, RECORD.replace(b"words", b"birds"))
        assert not BOTH.is_stored(RECORD, RECORD)
        without_key = Age((TO_ANNA,))
        assert without_key.is_stored(found, RECORD)
        assert not without_key.is_stored(RECORD, RECORD)


class TestManyLines:
    def written(self, folder: Path, lines: list[bytes] = LINES) -> Path:
        path = folder / "lines.age"
        path.write_bytes(b"".join(BOTH.wrap_lines(lines)))
        return path

    @pytest.mark.parametrize("count", [0, 1, 500])
    def test_what_is_written_is_read_back(self, tmp_path: Path, count: int) -> None:
        path = self.written(tmp_path, LINES[:count])
        assert [line + b"\n" for line in BOTH.read_lines(path)] == LINES[:count]
        assert b"number" not in path.read_bytes()

    @pytest.mark.parametrize("length", [2, 1800, 4095, 4096, 4097, 9000])
    def test_the_length_of_a_line_goes_in_steps(self, tmp_path: Path, length: int) -> None:
        """Removing a line nearly always shortens the file by the same amount."""
        lines = [b"a" * 1700 + b"\n", b"b" * (length - 1) + b"\n", b"c c  c\n"]
        path = self.written(tmp_path, lines)
        assert [line + b"\n" for line in BOTH.read_lines(path)] == lines
        keys = [x25519.Identity.from_str(ANNA)]
        whole = len(pyrage.decrypt(path.read_bytes(), keys))
        left = len(pyrage.decrypt(self.written(tmp_path, lines[::2]).read_bytes(), keys))
        assert whole - left == -(-length // 4096) * 4096

    def test_spaces_that_are_no_padding_stay(self, tmp_path: Path) -> None:
        (tmp_path / "lines.age").write_bytes(
            pyrage.encrypt(b"a  \nb\n", [x25519.Recipient.from_str(TO_ANNA)])
        )
        assert list(BOTH.read_lines(tmp_path / "lines.age")) == [b"a  ", b"b"]

    def test_one_that_is_cut_off_is_refused(self, tmp_path: Path) -> None:
        path = self.written(tmp_path)
        whole = path.read_bytes()
        for length in (len(whole) - 1, len(whole) - 200_000, 65_536 + 400, 100, 0):
            path.write_bytes(whole[:length])
            with pytest.raises(StoreError):
                list(BOTH.read_lines(path))

    def test_one_in_which_a_bit_is_flipped_is_refused(self, tmp_path: Path) -> None:
        path = self.written(tmp_path)
        whole = bytearray(path.read_bytes())
        for place in range(0, len(whole), 17_001):
            whole[place] ^= 1
            path.write_bytes(whole)
            whole[place] ^= 1
            with pytest.raises(DamagedError):
                list(BOTH.read_lines(path))

    def test_whoever_stops_reading_leaves_nothing_waiting(self, tmp_path: Path) -> None:
        path = self.written(tmp_path)
        with closing(BOTH.read_lines(path)) as lines:
            assert next(lines) == LINES[0][:-1]

    def test_what_hinders_the_source_is_said(self) -> None:
        def source() -> Iterator[bytes]:
            yield from LINES
            raise StoreError("A sealed file was changed.", hint="Again.")

        with pytest.raises(StoreError, match="was changed"):
            list(BOTH.wrap_lines(source()))

    def test_lines_on_their_way_never_come_to_the_disk(self, tmp_path: Path) -> None:
        with BOTH.spool(tmp_path) as place:
            for line in LINES:
                place.write(line)
            for _ in range(2):
                assert [line + b"\n" for line in place.lines()] == LINES
            assert not list(tmp_path.iterdir())

    @needs_linux
    def test_what_is_given_up_in_the_middle_leaves_nothing_open(self, tmp_path: Path) -> None:
        path = self.written(tmp_path, LINES * 20)
        before = len([*Path("/proc/self/fd").iterdir()]), threading.active_count()
        gc.disable()
        try:
            for _ in range(3):
                lines = (line + b"\n" for line in BOTH.read_lines(path))
                with closing(iter(BOTH.wrap_lines(lines))) as pieces:  # type: ignore[type-var]
                    next(pieces)
            after = len([*Path("/proc/self/fd").iterdir()]), threading.active_count()
        finally:
            gc.enable()
        assert after == before

    def test_only_pieces_are_held(self) -> None:
        """The source is read only as far as needed for the consumed output and the pipe buffer."""
        taken = itertools.count()

        def source() -> Iterator[bytes]:
            for line in itertools.islice(itertools.cycle(LINES), 20_000):
                next(taken)
                yield line

        pieces = BOTH.wrap_lines(source())
        with closing(iter(pieces)) as open_pieces:  # type: ignore[type-var]
            next(open_pieces)
        assert next(taken) < 2_000


@needs_age
class TestTheAgeProgram:
    def age(self, *arguments: str, data: bytes) -> bytes:
        done = subprocess.run(["age", *arguments], input=data, capture_output=True, check=True)
        return done.stdout

    def test_it_opens_what_the_program_wrote(self, tmp_path: Path) -> None:
        key = tmp_path / "ben.key"
        key.write_bytes(plain_file(BEN))
        opened = self.age("-d", "-i", str(key), data=BOTH.wrap(RECORD))
        assert opened.rstrip() == RECORD.rstrip()
        lines = b"".join(BOTH.wrap_lines(LINES))
        found = self.age("-d", "-i", str(key), data=lines).splitlines()
        assert [line.rstrip(b" ") + b"\n" for line in found] == LINES

    def test_the_program_opens_what_it_wrote(self, tmp_path: Path) -> None:
        padded = RECORD[:-1] + b" " * (STEP - len(RECORD)) + b"\n"
        assert BOTH.unwrap(self.age("-r", TO_ANNA, "-r", TO_EVE, data=padded), "a") == RECORD
        path = tmp_path / "lines.age"
        path.write_bytes(self.age("-r", TO_ANNA, data=b"".join(LINES)))
        assert [line + b"\n" for line in BOTH.read_lines(path)] == LINES
