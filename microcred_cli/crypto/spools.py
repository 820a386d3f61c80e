"""Spools and streams of lines, used to process files of any size in chunks."""

from __future__ import annotations

import contextlib
import io
import os
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PIECE: Final = 65_536
"""The size of a chunk in bytes."""


class FileSpool:
    """A spool in a temporary file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.write = file.write

    def lines(self) -> Iterator[bytes]:
        """Read the lines from the start, without line ends."""
        self._file.seek(0)
        return (line[:-1] for line in self._file)


class MemorySpool:
    """A compressed spool in memory."""

    def __init__(self) -> None:
        import gzip

        self._packed = io.BytesIO()
        self._writer = gzip.GzipFile(fileobj=self._packed, mode="wb", compresslevel=1)
        self.write = self._writer.write

    def lines(self) -> Iterator[bytes]:
        """Read the lines from the start, without line ends."""
        import gzip

        self._writer.close()
        packed = io.BytesIO(self._packed.getbuffer())
        return (line[:-1] for line in gzip.GzipFile(fileobj=packed, mode="rb"))


Spool = FileSpool | MemorySpool
"""A temporary store for lines; all lines are written before any line is read."""


class ByteStream(io.RawIOBase):
    """A stream of lines, each converted by `change`; `raised` is any error in reading the lines."""

    def __init__(self, lines: Iterable[bytes], change: Callable[[bytes], bytes]) -> None:
        self._lines = iter(lines)
        self._change = change
        self._rest = memoryview(b"")
        self.raised: Exception | None = None

    def end(self) -> None:
        """Close the iterator of lines, even if it is not exhausted."""
        self.raised = None
        close = getattr(self._lines, "close", None)
        if close is not None:
            close()

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from at most one line; return the number of bytes written."""
        while not self._rest:
            try:
                line = next(self._lines, None)
            except Exception as error:
                self.raised = error
                raise
            if line is None:
                return 0
            self._rest = memoryview(self._change(line))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


@contextlib.contextmanager
def piped(
    change: Callable[[IO[bytes]], None],
) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    """Yield a stream of the bytes that `change` writes, and a function that re-raises its error.

    `change` runs in a separate thread, which is connected to the reader by a pipe.
    """
    reading, writing = os.pipe()
    raised: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(writing, "wb", buffering=PIECE) as out:
                change(out)
        except BaseException as error:
            raised.append(error)

    def settle() -> None:
        worker.join()
        if raised:
            raise raised[0]

    import threading

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    try:
        with os.fdopen(reading, "rb", buffering=PIECE) as out:
            yield out, settle
    finally:
        # The pipe is now closed, so if `change` is still running, its next write fails.
        worker.join()
        raised.clear()
