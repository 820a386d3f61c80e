"""Files and JSON from outside, read strictly: anyone may have put them there."""

import contextlib
import json
import math
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, NoReturn

from microcred_cli.errors import StoreError
from microcred_cli.files import (
    HERE,
    OpenFolder,
    System,
    faults_named,
    has_names_to_guard,
    has_one_name,
    is_own,
    open_to_read,
    tells,
)
from microcred_cli.files.reading import LIMIT, TO_READ, TooLongError, let_go, read_whole

_LARGEST = 2**53 - 1  # larger integers differ from reader to reader (RFC 7493)
_MAY_HOLD_SURROGATE = re.compile(r"\\u[dD]")
_SOME = 65_536


class DamagedError(StoreError):
    """A file that does not hold what it should; the reason quotes nothing of it."""


def read_file(
    path: Path,
    *,
    limit: int = LIMIT,
    own: bool = True,
    within: OpenFolder | None = None,
    system: System = HERE,
) -> bytes:
    """All bytes of a regular file that is not longer than `limit`.

    Args:
        path: the file; a symbolic link is refused.
        limit: the most bytes it may have.
        own: whether to refuse another user's file, and one with a second name elsewhere. False for
            a file that a person named.
        within: the open folder of somebody else in which to look the file's name up; it says
            `own=False`.
        system: what can be relied on.

    Raises:
        MissingError: there is no such file.
        DamagedError: it is not such a file.
        StoreError: what the system refused.
    """
    with opened(path, limit=limit, own=own, within=within, system=system) as file:
        try:
            return read_whole(file.fileno(), limit)
        except TooLongError:
            _refuse_length(path, limit)


def read_quickly(path: str) -> bytes | None:
    """All bytes of a plain file of our own; None where one has to look closer.

    For very many files: it refuses more than `read_file`, also what a file's rights and time tell,
    and never says why.
    """
    try:
        descriptor = os.open(path, TO_READ)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        is_plain = stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and is_own(status)
        if not is_plain or status.st_size > LIMIT or tells(status):
            return None
        data = os.read(descriptor, status.st_size + 1)
        return data if len(data) == status.st_size else None
    except OSError:
        return None
    finally:
        let_go(descriptor)


def read_lines(
    path: Path, *, own: bool = True, within: OpenFolder | None = None, system: System = HERE
) -> Iterator[bytes]:
    """The lines of a file of any length, without their ends; arguments as in `read_file`.

    Raises:
        MissingError: there is no such file.
        DamagedError: it is not such a file, a line is longer than `LIMIT`, or the last one has no
            end.
        StoreError: what the system refused.
    """
    with opened(path, limit=None, own=own, within=within, system=system, buffering=_SOME) as file:
        yield from lines_in(file, path)


def lines_in(
    file: IO[bytes], path: Path, settle: Callable[[], None] = lambda: None
) -> Iterator[bytes]:
    """The lines of an open file, without their ends; errors as of `read_lines`.

    Args:
        file: what is read.
        path: the file that it comes from.
        settle: is called where the file ends; it raises what ended it early.
    """
    while line := file.readline(LIMIT + 1):
        if len(line) > LIMIT:
            _refuse(f"A line is longer than {LIMIT:,} bytes.", path)
        if not line.endswith(b"\n"):
            settle()
            _refuse("The last line is not whole.", path)
        yield line[:-1]
    settle()


def read_json(path: Path, *, limit: int = LIMIT, own: bool = True, system: System = HERE) -> object:
    """What a JSON file holds; arguments as in `read_file`.

    Raises:
        MissingError: there is no such file.
        DamagedError: it is not such a file, or `parse_json` refuses it.
        StoreError: what the system refused.
    """
    return parse_json(read_file(path, limit=limit, own=own, system=system), where=path)


def parse_json(data: bytes, *, where: Path | str | None = None) -> object:
    """What JSON bytes hold, read as RFC 8259 and RFC 7493 (I-JSON) have it.

    Refused are bytes that are not UTF-8, a byte-order mark, a key twice in one object, NaN and the
    infinities, numbers that are too large, half of a surrogate pair, and too deep nesting.

    Raises:
        DamagedError: it is refused; the reason quotes nothing of it.
    """
    try:
        text = data.decode("utf-8")
        value: object = _DECODER.decode(text)
        if _MAY_HOLD_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        reason = f"It is not JSON: line {error.lineno}, column {error.colno}."
    except UnicodeDecodeError as error:
        reason = f"Byte {error.start + 1} is not UTF-8."
    except UnicodeEncodeError:
        reason = "It holds half of a character (a lone surrogate)."
    except RecursionError:
        reason = "It is nested too deeply."
    except _NotTakenError as error:
        reason = str(error)
    else:
        return value
    raise DamagedError(
        reason, where=where, hint="Take the file from where it was written, as it was written."
    )


class _NotTakenError(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _NotTakenError("A key stands twice in one object.")
    return value


def _constant(_: str) -> NoReturn:
    raise _NotTakenError("NaN and Infinity are no numbers in JSON.")


def _integer(digits: str) -> int:
    if len(digits) > len(str(-_LARGEST)) or abs(value := int(digits)) > _LARGEST:
        raise _NotTakenError("A number is too large.")
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _NotTakenError("A number is too large.")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
)


@contextlib.contextmanager
def opened(
    path: Path,
    *,
    limit: int | None,
    own: bool = True,
    within: OpenFolder | None = None,
    system: System = HERE,
    buffering: int = 0,
) -> Iterator[BinaryIO]:
    """A regular file, open to be read; arguments and errors as in `read_file`, any length for None.

    Raises:
        StoreError: the file is refused.
    """
    descriptor = open_to_read(path) if within is None else within.open_to_read(path.name)
    try:
        with faults_named(path):
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                _refuse("This is not a regular file.", path)
            if limit is not None and status.st_size > limit:
                _refuse_length(path, limit)
            if within is None and own and not is_own(status, system=system):
                _refuse("This file belongs to another user.", path)
            if status.st_nlink > 1 and not _is_only_here(descriptor, path, own, within):
                _refuse("This file also has a name elsewhere (a hard link).", path)
            yield os.fdopen(descriptor, "rb", buffering, closefd=False)
    finally:
        let_go(descriptor)


def _is_only_here(descriptor: int, path: Path, own: bool, within: OpenFolder | None) -> bool:
    """Whether a file has no second name that matters: one could lend out what others may not see.

    Somebody else's folder may be a copy whose files are shared with other copies.
    """
    if within is not None:
        return not has_names_to_guard() or within.has_one_name(descriptor, path.name)
    return not own or has_one_name(descriptor, path)


def _refuse_length(path: Path, limit: int) -> NoReturn:
    _refuse(f"This file is longer than {limit:,} bytes.", path)


def _refuse(message: str, path: Path) -> NoReturn:
    raise DamagedError(
        message,
        where=path,
        hint="Move it out of the folder; the other files are not touched by it.",
    )
