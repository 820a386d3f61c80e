"""Immutable values: like frozen dataclasses, but faster to define.

A dataclass compiles its methods when its module is imported. In modules that are imported at every
start, compiling these methods would take most of the start-up time, so classes in these modules
inherit shared methods instead.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any, ClassVar, Self, dataclass_transform


class _DataclassFields:
    """The fields in the form of `dataclasses`, so that `replace` and pydantic can use them."""

    def __get__(self, _: object, owner: Any) -> dict[str, Any]:
        return _dataclass_fields(owner)


@cache
def _dataclass_fields(owner: Any) -> dict[str, Any]:
    """The dataclass fields of a class, cached: creating them takes 200 times longer than a copy."""
    import dataclasses

    types = {n: t for each in reversed(owner.__mro__) for n, t in _annotations(each).items()}
    made: list[tuple[str, Any, Any]] = []
    for name in owner._fields:
        default = owner._defaults.get(name, dataclasses.field())
        if type(default).__hash__ is None:
            default = dataclasses.field(default_factory=partial(owner._defaults.get, name))
        made.append((name, types[name], default))
    same: Any = dataclasses.make_dataclass(owner.__name__, made, kw_only=True)
    return dict(same.__dataclass_fields__)


def _annotations(owner: type) -> dict[str, Any]:
    return {} if owner is object else owner.__annotations__


@dataclass_transform(frozen_default=True)
class Frozen:
    """A value with the fields of its base classes, followed by the fields of its own class.

    Two values of the same class are equal if all their fields are equal. Fields whose names begin
    with an underscore are not compared, and `repr` does not show them. All values share the same
    default objects, so these must not be modified.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _defaults: ClassVar[dict[str, Any]] = {}
    __dataclass_fields__: ClassVar[Any] = _DataclassFields()

    def __init_subclass__(cls) -> None:
        declared = cls.__annotations__
        own = [name for name in declared if not str(declared[name]).startswith("ClassVar")]
        cls._fields = tuple(dict.fromkeys((*cls._fields, *own)))
        cls._known = frozenset(cls._fields)
        setattr(cls, "__match_args__", cls._fields)  # noqa: B010 - mypy knows it as final
        cls._defaults = cls._defaults | {n: vars(cls)[n] for n in own if n in vars(cls)}

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = vars(self)
        fields.update(self._defaults)
        fields.update(zip(self._fields, values, strict=False))
        fields.update(named)
        if fields.keys() != self._known or len(values) > len(self._fields):
            wrong = sorted(fields.keys() ^ self._known) or values
            raise TypeError(f"{type(self).__name__}: missing or unknown fields: {wrong}")
        if values and named and not named.keys().isdisjoint(self._fields[: len(values)]):
            twice = sorted(named.keys() & set(self._fields[: len(values)]))
            raise TypeError(f"{type(self).__name__}: fields given twice: {twice}")

    def having(self, **named: Any) -> Self:
        """A copy with some fields replaced."""
        return type(self)(**{name: vars(self)[name] for name in self._fields} | named)

    def _compared(self) -> tuple[Any, ...]:
        return tuple(vars(self)[name] for name in self._fields if not name.startswith("_"))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))

    def __repr__(self) -> str:
        shown = (f"{n}={vars(self)[n]!r}" for n in self._fields if not n.startswith("_"))
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")
