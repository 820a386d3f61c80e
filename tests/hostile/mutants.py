"""Files written by the program, with one value replaced by an invalid or unusual one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

INSTEAD = (
    *("null", "true", "0", "-1", "1e999", "-1e999", "NaN", "Infinity", "1.5", "1e2", "-0.0"),
    *('""', '"x"', "[]", "{}", "[[]]", '{"":""}', '[""]', '"\\ud800"', '"\\u0000"', '"\\u001b[2J"'),
    *("9" * 5000, "9007199254740993", "[" * 200 + "]" * 200, "[" * 5000 + "]" * 5000),
    *('{"a":' * 5000 + "1" + "}" * 5000, '{"a":1,"a":2}', '"' + "x" * 5000 + '"', "[0,0,0]"),
    *('"\u202e"', '"[/b]"', '"../../x"', '"/etc/passwd"', '"2000-01-01"', '"9999-99-99"', "\xff"),
)
"""The replacement values, as JSON text; some are invalid JSON."""

_MARK = "\ue000mutant\ue000"


def mutants(data: bytes, chance: Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Mutants of a JSON file: for each, the place, the new value, and the bytes."""
    value = json.loads(data)
    places = list(_places(value, ()))
    for _ in range(count):
        place, instead = chance.choice(places), chance.choice(INSTEAD)
        whole = json.dumps(_with(value, place, _MARK), ensure_ascii=False, indent=2) + "\n"
        made = whole.replace(json.dumps(_MARK, ensure_ascii=False), instead)
        name = f"{'.'.join(map(str, place)) or 'the whole'} = {instead[:20]}"
        yield name, made.encode("latin-1" if "\xff" in instead else "utf-8", "replace")


def shortened(data: bytes, chance: Random, count: int) -> Iterator[tuple[str, bytes]]:
    """A file truncated, duplicated, or with some of its bytes changed."""
    for _ in range(count):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                yield f"cut at {at}", data[:at]
            case 1:
                yield f"doubled from {at}", data + data[at:]
            case 2:
                yield f"bit flipped at {at}", _flipped(data, at, 1 << chance.randrange(8))
            case _:
                yield f"bytes put in at {at}", data[:at] + chance.randbytes(8) + data[at:]


def _flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes(byte ^ bit for byte in data[at : at + 1]) + data[at + 1 :]


def _places(value: Any, here: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield here
    parts: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value[:5]))
    for key, part in parts:
        yield from _places(part, (*here, key))


def _with(value: Any, place: tuple[Any, ...], instead: Any) -> Any:
    if not place:
        return instead
    first, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = _with(value[first], tuple(rest), instead)
    return copy
