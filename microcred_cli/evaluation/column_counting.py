"""Writes column files next to the segments of the sealed set, and lets an engine count them.

The lines of the segments remain the authoritative records. A column file is a copy that can be
recreated; it is counted only if it was made from the current version of its segment, for the same
definition. A description next to each column file contains the hashes of the file, the segment and
the definition, because other programs may drop the metadata in the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from typing import IO, TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.evaluation.column_files import write_columns, writer
from microcred_cli.evaluation.columns import Columns
from microcred_cli.evaluation.engines import Polars, Spark, engine_of
from microcred_cli.evaluation.tally import AnswerTally
from microcred_cli.files.checksummed import from_hashed, with_hash
from microcred_cli.files.private_folder import own_folder
from microcred_cli.files.reading import opened, read_file
from microcred_cli.store.layout import COLUMNS, Kind, LeftOut
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from microcred_cli.evaluation.column_files import Record
    from microcred_cli.fieldwork.engine import EngineSettings
    from microcred_cli.store.counts import Tally
    from microcred_cli.store.index import SegmentEntry
    from microcred_cli.store.judge import Judge
    from microcred_cli.store.segments import Segments

FORMAT: Final = "microcred-columns/1"

_CHUNK: Final = 1 << 20
_LARGEST: Final = 1 << 40


class SealedColumns:
    """The column files for one questionnaire, counted by an engine (`store.counts`)."""

    def __init__(self, judge: Judge, settings: EngineSettings) -> None:
        self._judge = judge
        self._settings = settings
        self._engine = engine_of(settings)
        self._columns = Columns(judge.asked)
        self._properties = {
            "format": FORMAT,
            "questionnaire": judge.ref.sha256,
            "columns": self._columns.sha256,
        }

    # -- counting

    def countable(self, segments: Segments, names: Collection[str]) -> Collection[str]:
        """The segments that an engine can count without this process reading their lines."""
        if self._judges(segments):
            return names
        return [name for name in names if self._is_current(segments, name, whole=True)]

    def add(self, segments: Segments, sizes: Mapping[str, int], tally: Tally) -> bool:
        """Count segments with these numbers of responses; False if the engine's total differs."""
        assert isinstance(tally, AnswerTally)
        try:
            counts, quality = self._columns.counts(self._rows(segments, sorted(sizes)))
        except StoreError:
            raise
        except Exception as error:
            raise StoreError(
                f"The engine {self._settings.name} failed: {type(error).__name__}.",
                hint=(
                    "Try again, or remove [engine] from the settings to count without an engine."
                ),
            ) from error
        if counts.total != sum(sizes.values()):
            return False
        tally.merge(counts, quality)
        return True

    def _judges(self, segments: Segments) -> bool:
        """True if the engine can validate lines: Spark can, unless the lines are encrypted."""
        return isinstance(self._engine, Spark) and not segments.cipher.suffix

    def _rows(self, segments: Segments, names: list[str]) -> Iterator[Any]:
        if segments.cipher.suffix:
            # Decrypted data stays in the memory of this process.
            for name in names:
                yield from Polars().rows([_decrypted(segments, name)], self._columns)
            return
        made = names
        if self._judges(segments):
            made = [name for name in names if self._is_current(segments, name, whole=True)]
        if made:
            paths = [segments.columns_of(name)[0] for name in made]
            yield from self._engine.rows(paths, self._columns)
        lines = [segments.path(Kind.RESPONSE, name) for name in names if name not in made]
        if lines:
            assert isinstance(self._engine, Spark)
            yield from self._engine.rows_of_lines(lines, self._columns, self._judge)

    # -- writing

    def write(self, segments: Segments, entries: Mapping[str, SegmentEntry]) -> list[LeftOut]:
        """Write missing and outdated column files; return those that could not be written."""
        wrong = []
        for name in sorted(entries):
            if not self._is_current(segments, name):
                try:
                    self._write(segments, name)
                except StoreError as error:
                    path, _ = segments.columns_of(name)
                    wrong.append((safe(f"sealed/{COLUMNS}/{path.name}"), error.message))
        return wrong

    def _write(self, segments: Segments, name: str) -> None:
        path, description = segments.columns_of(name)
        own_folder(segments.columns)
        files.neutralise_time(segments.folder(Kind.RESPONSE))
        with _scratch(segments) as file:
            write_columns(file, self._columns, self._records(segments, name), self._properties)
            file.seek(0)
            chunks = iter(lambda: file.read(_CHUNK), b"")
            files.replace_durably(path, segments.cipher.wrap_chunks(chunks), still=True)
        made_from = segments.path(Kind.RESPONSE, name)
        value = self._properties | {
            "writer": writer(),
            "sealed": {"bytes": _size(made_from), "sha256": _digest(made_from)},
            "file": {"bytes": _size(path), "sha256": _digest(path)},
        }
        files.replace_durably(description, with_hash(value, indent=1), still=True)

    def _records(self, segments: Segments, name: str) -> Iterator[Record]:
        """The answers in a segment whose responses have all been validated and counted."""
        is_fine = self._judge.detail != "coarse"
        for line in segments.lines(Kind.RESPONSE, name):
            if is_fine:
                found = self._judge.record(Kind.RESPONSE, line)
                yield found.answers, found.minutes
            else:
                value = from_json(line)
                yield value["answers"], value["duration_minutes"]

    # -- descriptions

    def _is_current(self, segments: Segments, name: str, *, whole: bool = False) -> bool:
        """True if a column file was made from this segment; if `whole`, all bytes are compared."""
        path, description = segments.columns_of(name)
        made_from = segments.path(Kind.RESPONSE, name)
        try:
            value = from_hashed(read_file(description), FORMAT)
            for file, known in ((made_from, value["sealed"]), (path, value["file"])):
                if _size(file) != known["bytes"] or (whole and _digest(file) != known["sha256"]):
                    return False
        except (StoreError, OSError, KeyError, TypeError):
            return False
        return all(value.get(key) == found for key, found in self._properties.items())


@contextlib.contextmanager
def _scratch(segments: Segments) -> Iterator[IO[bytes]]:
    """A temporary file, or a buffer in memory if nothing may be written to disk unencrypted."""
    if segments.cipher.suffix:
        yield io.BytesIO()
    else:
        with files.for_a_while(segments.columns) as file:
            yield file


def _decrypted(segments: Segments, name: str) -> bytes:
    path, _ = segments.columns_of(name)
    return segments.cipher.unwrap_whole(read_file(path, limit=_LARGEST), path.name)


def _size(path: Path) -> int:
    return os.lstat(path).st_size


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with opened(path, limit=None) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
