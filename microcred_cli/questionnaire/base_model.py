"""The base class of the models, which pydantic validates only when reading external data.

A definition or record is validated by pydantic when it is read from a file (`model_validate_json`).
`trusted` reads JSON without loading pydantic; it is used for JSON that was validated earlier and
stored with its hash, and for other JSON created by the program. The methods have the same names as
in pydantic.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Self,
    dataclass_transform,
    get_args,
    get_origin,
)

from microcred_cli.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from pydantic_core import SchemaValidator

_WORD = re.compile(r"[A-Z]\w+")

Reader = Callable[[Any], Any]
"""A function that converts a JSON value to the value of a field."""

KEYS = {"negated": "not", "fine": "from", "least": "from", "most": "to", "exceptions": "except"}
"""The keys in a definition that are Python keywords, by the name of their field."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Model(Frozen):
    """A strict model of part of a JSON file; error messages never show its values."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "alias_generator": lambda name: KEYS.get(name, name),
        "populate_by_name": True,
    }

    _readers: ClassVar[Any] = None
    _checked_by: ClassVar[Any] = None

    model_fields: ClassVar[tuple[str, ...]] = ()
    left_out_if_none: ClassVar[tuple[str, ...]] = ()
    """Fields that are omitted from JSON if they are None."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.model_fields = cls._fields
        cls._readers = cls._checked_by = None

    def check(self) -> None:
        """Raise a `ValueError` if the fields of external data contradict each other."""

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """Copy the model with new values for some fields, without checking these values."""
        return self.having(**update)

    @classmethod
    def model_validate_json(cls, data: str | bytes) -> Self:
        """Check external JSON; raises pydantic's `ValidationError`."""
        return cls._validator().validate_json(data)  # type: ignore[no-any-return]

    @classmethod
    def model_validate(cls, value: object, *, strict: bool | None = None) -> Self:
        """Check an external object; raises pydantic's `ValidationError`."""
        return cls._validator().validate_python(value, strict=strict)  # type: ignore[no-any-return]

    def model_dump(self, *, by_alias: bool = False, exclude_none: bool = False) -> dict[str, Any]:
        """The fields as JSON values, by name or, with `by_alias`, by key in the definition."""
        dumped = partial(_dumped, by_alias=by_alias, exclude_none=exclude_none)
        fields = {name: getattr(self, name) for name in self.model_fields}
        return {
            KEYS.get(name, name) if by_alias else name: dumped(value)
            for name, value in fields.items()
            if value is not None or not (exclude_none or name in self.left_out_if_none)
        }

    def model_dump_json(self, *, indent: int | None = None, **how: Any) -> str:
        """The fields as a JSON string."""
        separators = (",", ":") if indent is None else None
        dumped = self.model_dump(**how)
        return json.dumps(dumped, ensure_ascii=False, indent=indent, separators=separators)

    @classmethod
    def prepare_checks(cls) -> None:
        """Load pydantic and build the validator of this model before it is first needed."""
        cls._validator()

    @classmethod
    def _validator(cls) -> SchemaValidator:
        if cls._checked_by is None:
            from pydantic import TypeAdapter
            from pydantic_core import CoreConfig, SchemaValidator

            config = CoreConfig(hide_input_in_errors=True)
            cls._checked_by = SchemaValidator(TypeAdapter(cls).core_schema, config)
        found: SchemaValidator = cls._checked_by
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any]) -> Any:
        """Call `check` on values that pydantic has validated."""
        schema = handler(source)
        return schema if cls.check is Model.check else _with_check(schema)

    @classmethod
    def trusted(cls, value: Mapping[str, Any]) -> Self:
        """Create a model from JSON that was checked before, without checking it again."""
        readers = cls._readers
        if readers is None:
            readers = cls._readers = dict(cls._read_by())
        new = object.__new__(cls)
        fields = vars(new)
        fields.update(cls._defaults)
        for key, part in value.items():
            name, read = readers[key]
            fields[name] = part if part is None or read is None else read(part)
        return new

    @classmethod
    def _read_by(cls) -> Iterator[tuple[str, tuple[str, Reader | None]]]:
        """The name of each field and the function that parses it, by key in JSON."""
        for model in reversed(cls.__mro__):
            if issubclass(model, Model):
                names = vars(sys.modules[model.__module__])
                for name, annotation in model.__annotations__.items():
                    yield KEYS.get(name, name), (name, _reader(annotation, names))


def _dumped(value: Any, **how: Any) -> Any:
    """The value of a field as a JSON value."""
    if isinstance(value, Model):
        return value.model_dump(**how)
    if isinstance(value, tuple | list):
        return [_dumped(each, **how) for each in value]
    if isinstance(value, dict):
        return {str(key): _dumped(each, **how) for key, each in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _with_check(schema: Any) -> Any:
    from pydantic_core import core_schema

    def checked(model: Model) -> Model:
        model.check()
        return model

    return core_schema.no_info_after_validator_function(checked, schema)


def keys_of(model: type[Model]) -> dict[str, tuple[str, bool]]:
    """The fields of a model by key in JSON: the name, and whether the field is required."""
    return {KEYS.get(n, n): (n, n not in model._defaults) for n in model.model_fields}


def shape_of(module: ModuleType) -> str:
    """The fields of all models in a module with their types, as a cache key for the models."""
    models = {name: each for name, each in vars(module).items() if isinstance(each, type)}
    return str({n: m.__annotations__ for n, m in models.items() if issubclass(m, Model)})


class Limits:
    """The limits of a value, with the same names as in pydantic."""

    def __init__(self, **limits: object) -> None:
        self._limits = limits

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """Add the limits to pydantic's schema of the type."""
        return handler(source) | self._limits


class ByKind:
    """Marks a union of models that is discriminated by the field `kind`."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: Any) -> Any:
        """Tell pydantic which field determines the model."""
        from pydantic import Field

        return handler.generate_schema(Annotated[source, Field(discriminator="kind")])


def _reader(annotation: str, names: Mapping[str, Any]) -> Reader | None:
    """The function that parses a field from JSON; None if no conversion is needed.

    The model is found by its name in the annotation, because resolving the type hints of all models
    would take longer than reading a questionnaire.
    """
    if annotation.startswith("dict["):
        key, _, value = annotation[len("dict[") : -1].partition(", ")
        read = _reader(value, names)
        return None if read is None else partial(_read_mapping, key == "int", read)
    read = None
    for named in map(names.get, _WORD.findall(annotation)):
        if isinstance(named, type) and issubclass(named, Model):
            read = named.trusted
        elif get_origin(named) is Annotated and ByKind in get_args(named):
            kinds = {_kind(model): model for model in get_args(get_args(named)[0])}
            read = partial(_read_kind, kinds)
    if not annotation.startswith("tuple["):
        return read
    if read is not None and "None" in annotation.rpartition("]")[0]:
        read = partial(_read_or_none, read)
    return partial(_read_list, read)


def _kind(model: type[Model]) -> str:
    return str(model.__annotations__["kind"]).split("'")[1]


def _read_kind(kinds: Mapping[str, type[Model]], value: Any) -> Model:
    return kinds[value["kind"]].trusted(value)


def _read_or_none(read: Reader, value: Any) -> Any:
    return None if value is None else read(value)


def _read_list(read: Reader | None, values: list[Any]) -> tuple[Any, ...]:
    return tuple(values) if read is None else tuple(map(read, values))


def _read_mapping(by_number: bool, read: Reader, values: dict[str, Any]) -> dict[Any, Any]:
    return {
        int(key) if by_number else key: None if value is None else read(value)
        for key, value in values.items()
    }
