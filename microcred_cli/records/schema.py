"""The JSON Schema of a response to one questionnaire, with its routes.

An independent validator with this schema accepts every response file that the program writes, and
rejects nearly all others. JSON Schema cannot easily express three rules: the order of keys, the
order of the codes of a multiple choice, and the rule that whole numbers have no fraction (JSON
Schema treats 15.0 as 15). The order of keys and codes is checked by `validation`; fractions are
rejected when a file is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from microcred_cli.questionnaire.conditions import in_words
from microcred_cli.questionnaire.models import (
    Integer,
    Matrix,
    Multiple,
    Open,
    Ranking,
    Single,
)
from microcred_cli.questionnaire.values import DETACHED, NOT_ASKED, NOT_REACHED
from microcred_cli.records.formats import COARSE_MINUTES, FINE_MINUTES, RESPONSE, SEEDS
from microcred_cli.records.recoding import most_ranks, row_missing, stored, stored_missing
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from microcred_cli.questionnaire.models import Condition, Item, Option, Questionnaire
    from microcred_cli.records.shapes import Detail

Schema = dict[str, Any] | bool

_UNREACHED: Schema = {"$ref": "#/$defs/unreached"}
_PASSED: Schema = {"enum": [NOT_ASKED, NOT_REACHED]}
_MINUTES: Mapping[str, Schema] = {
    "coarse": {
        "description": (
            "Minutes, excluding pauses: 10 means under 15, 20 means 15 to 24, 30 means 25 or more."
        ),
        "enum": [None, *COARSE_MINUTES],
    },
    "full": {
        "description": "Minutes, excluding pauses, rounded to multiples of 5; 60 means 60 or more.",
        "enum": [None, *FINE_MINUTES],
    },
}


def response_schema(
    questionnaire: Questionnaire,
    sha256: str | None = None,
    *,
    detail: Detail = "coarse",
) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a response to this questionnaire, stored or source.

    If `sha256`, the hash of a definition, is set, only responses to that definition are valid.
    """
    kept = stored(questionnaire) if detail == "coarse" else questionnaire
    return _ResponseSchema(kept, detail).whole(sha256)


class _ResponseSchema:
    """Builds the schema of responses to one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, detail: str) -> None:
        self.questionnaire = questionnaire
        self.detail = detail
        self.defs: dict[str, Schema] = {}
        self.lists: dict[tuple[Option, ...], str] = {}

    def whole(self, sha256: str | None) -> dict[str, Any]:
        """The complete schema; the parts under `$defs` are in the order of their first use."""
        known = self.questionnaire
        name = "response-full" if self.detail == "full" else "response"
        self.defs["unreached"] = {
            "description": "An item that was not reached, or a matrix with such a row.",
            "anyOf": [{"const": NOT_REACHED}, {"type": "object", **_some({"const": NOT_REACHED})}],
        }
        properties = self.properties(sha256)
        self.defs["complete"] = {
            "description": "Everything on the route was reached.",
            "additionalProperties": {"not": _UNREACHED},
        }
        self.defs["partial"] = self.partial()
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:microcred:{known.id}:{known.version}:{name}",
            "title": f"A response to: {safe(known.title)}",
            **_closed(properties),
            "if": {"properties": {"status": {"const": "complete"}}},
            "then": {"properties": {"answers": {"$ref": "#/$defs/complete"}}},
            "else": {"properties": {"answers": {"$ref": "#/$defs/partial"}}},
            "$defs": self.defs,
        }

    def properties(self, sha256: str | None) -> dict[str, Schema]:
        full = self.detail == "full"
        return {
            "format": {"const": RESPONSE},
            "response_id": _digits(32),
            "questionnaire": _closed(
                {
                    "id": {"const": self.questionnaire.id},
                    "version": {"const": self.questionnaire.version},
                    "sha256": {"const": sha256} if sha256 else _digits(64),
                }
            ),
            "status": {"enum": ["complete", "partial"]},
            "mode": {"enum": ["self", "phone", "in_person"]},
            "detail": {"const": self.detail},
            **({"language": {"type": "string"}} if full else {}),
            "duration_minutes": _MINUTES[self.detail],
            "shuffle_seed": {"enum": [None, *range(SEEDS)] if full else [None]},
            "synthetic": {"type": "boolean"},
            "answers": {
                **_closed({item.id: self.item(item) for item in self.questionnaire.items}),
                "allOf": self.routes(),
            },
        }

    def item(self, item: Item) -> Schema:
        routed = [NOT_ASKED] if item.asked_if is not None else []
        return {
            "title": safe(item.concept),
            "description": safe(item.text),
            "anyOf": [
                self.answer(item),
                {"enum": [*stored_missing(item), *routed, NOT_REACHED]},
            ],
        }

    def answer(self, item: Item) -> Schema:
        """The schema of the answers to an item, except reserved codes."""
        match item:
            case Integer():
                return {"type": "integer", "minimum": item.minimum, "maximum": item.maximum}
            case Open():
                return {"const": DETACHED}
            case Single():
                return self.codes(item)
            case Matrix():
                return self.rows(item)
            case Multiple() | Ranking():
                return self.listed(item)

    def rows(self, item: Matrix) -> Schema:
        row = {"anyOf": [self.codes(item), {"enum": [*row_missing(item), NOT_REACHED]}]}
        rows = {each.code: {"title": safe(each.label), **row} for each in item.rows}
        return {**_closed(rows), **_some({"not": {"const": NOT_REACHED}})}

    def listed(self, item: Multiple | Ranking) -> Schema:
        listed: dict[str, Any] = {
            "type": "array",
            "items": self.codes(item),
            "minItems": 1,
            "uniqueItems": True,
        }
        if isinstance(item, Ranking):
            listed["maxItems"] = most_ranks(self.questionnaire, item)
        elif item.at_most is not None:
            listed["maxItems"] = item.at_most
        if alone := self.alone(item):
            listed |= {"if": {"contains": {"enum": alone}}, "then": {"maxItems": 1}}
        return listed

    def alone(self, item: Item) -> list[str]:
        """The codes of an item that exclude all others."""
        return [option.code for option in self.questionnaire.options(item) if option.exclusive]

    def codes(self, item: Single | Multiple | Ranking | Matrix) -> Schema:
        """A reference to the codes of an item; items with the same list share the codes."""
        options = self.questionnaire.options(item)
        if options not in self.lists:
            name = f"codes.{item.options_from or item.id}"
            self.lists[options] = name = f"codes.{item.id}" if name in self.defs else name
            labels = {option.code: safe(option.label) for option in options if not option.ends}
            self.defs[name] = {
                "description": " · ".join(f"{code}: {label}" for code, label in labels.items()),
                "enum": list(labels),
            }
        return {"$ref": f"#/$defs/{self.lists[options]}"}

    def routes(self) -> list[Schema]:
        """One rule per condition, requiring its items to be asked, not asked, or not reached."""
        grouped: dict[Condition, list[str]] = {}
        for item in self.questionnaire.items:
            if item.asked_if is not None:
                grouped.setdefault(item.asked_if, []).append(item.id)
        return [
            {
                "description": f"{', '.join(ids)}: asked if {in_words(condition)}.",
                "if": self.decided(condition, to=True),
                "then": _each(ids, {"not": {"const": NOT_ASKED}}),
                "else": {
                    "if": self.decided(condition, to=False),
                    "then": _each(ids, {"const": NOT_ASKED}),
                    "else": _each(ids, {"const": NOT_REACHED}),
                },
            }
            for condition, ids in grouped.items()
        ] or [True]

    def decided(self, condition: Condition | None, *, to: bool) -> Schema:
        """The schema of answers for which a condition is true or, if `to` is false, false."""
        if condition is None:
            return to
        if condition.negated is not None:
            return self.decided(condition.negated, to=not to)
        for parts, is_all in ((condition.all, to), (condition.any, not to)):
            if parts is not None:
                schemas = [self.decided(part, to=to) for part in parts]
                return _all(schemas) if is_all else _any(schemas)
        codes = condition.none_of if condition.any_of is None else condition.any_of
        has_them = to is (condition.any_of is not None)
        return (self.has if has_them else self.lacks)(condition.item or "", codes or ())

    def has(self, name: str, codes: Sequence[str]) -> Schema:
        """The schema of answers for which an item or computed variable has one of the codes."""
        if name in self.questionnaire.computed_by_id:
            return _any(self.category(name, code) for code in codes)
        if isinstance(self.questionnaire.by_id[name], Matrix):
            return _each([name], _all([{"not": _UNREACHED}, self.contains(name, codes)]))
        return _each([name], self.contains(name, codes))

    def lacks(self, name: str, codes: Sequence[str]) -> Schema:
        """The schema of answers for which an item or computed variable has none of the codes."""
        variable = self.questionnaire.computed_by_id.get(name)
        if variable is not None:
            others = (c.code for c in variable.categories if c.code not in codes)
            return _any(self.category(name, code) for code in others)
        return _each([name], {"not": {"anyOf": [self.contains(name, codes), _UNREACHED]}})

    def contains(self, name: str, codes: Sequence[str]) -> Schema:
        one: Schema = {"enum": list(codes)}
        item = self.questionnaire.by_id[name]
        if isinstance(item, Matrix):
            return {"anyOf": [one, {"type": "object", **_some(one)}]}
        if isinstance(item, Multiple | Ranking):
            return {"anyOf": [one, {"type": "array", "contains": one}]}
        return one

    def category(self, variable_id: str, code: str) -> Schema:
        """A reference to the schema of answers for which a computed variable has a category."""
        name = f"computed.{variable_id}.{code}"
        if name not in self.defs:
            categories = self.questionnaire.computed_by_id[variable_id].categories
            codes = [category.code for category in categories]
            if code not in codes:
                return False
            conditions = [category.when for category in categories[: codes.index(code) + 1]]
            passed = [self.decided(condition, to=False) for condition in conditions[:-1]]
            self.defs[name] = _all([*passed, self.decided(conditions[-1], to=True)])
        return {"$ref": f"#/$defs/{name}"}

    def partial(self) -> Schema:
        counting = [
            item.id
            for section in self.questionnaire.sections
            if section.makes_partial
            for item in section.items
        ]
        return {
            "description": (
                "Submitted unfinished: after the first item that was not reached,"
                " no later item on the route was reached."
            ),
            "allOf": [{"not": _each(counting, _PASSED)}, self.unfinished(), *self.tail()],
        }

    def tail(self) -> list[Schema]:
        """Rules that no item on the route was reached after an item that was not reached."""
        items = self.questionnaire.items
        rules: list[Schema] = []
        for here, item in enumerate(items[:-1], 1):
            after = []
            for other in items[here:]:
                after.append(other.id)
                if other.asked_if is None or other.asked_if == item.asked_if:
                    break
            rules.append({"if": _each([item.id], _UNREACHED), "then": _each(after, _PASSED)})
        return rules

    def unfinished(self) -> Schema:
        """The schema of answers for which the last item asked may be incomplete."""
        ways: list[Schema] = []
        behind: dict[str, Schema] = {}
        for item in reversed(self.questionnaire.items):
            ways.append({"properties": {item.id: self.left_open(item), **behind}})
            if item.asked_if is None:
                break
            behind[item.id] = {"const": NOT_ASKED}
        return _any(ways)

    def left_open(self, item: Item) -> Schema:
        if isinstance(item, Ranking):
            begun: dict[str, Any] = {
                "type": "array",
                "maxItems": most_ranks(self.questionnaire, item) - 1,
            }
            if alone := self.alone(item):
                begun["not"] = {"contains": {"enum": alone}}
            return {"anyOf": [_UNREACHED, begun]}
        texts = [option.code for option in self.questionnaire.options(item) if option.specify]
        if isinstance(item, Single | Multiple) and texts:
            return {"anyOf": [_UNREACHED, self.contains(item.id, texts)]}
        return _UNREACHED


def _digits(count: int) -> dict[str, Any]:
    """The schema of `count` hexadecimal digits; `maxLength` excludes a newline after the digits."""
    return {"type": "string", "pattern": f"^[0-9a-f]{{{count}}}$", "maxLength": count}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _each(ids: Iterable[str], schema: Schema) -> dict[str, Any]:
    return {"properties": dict.fromkeys(ids, schema)}


def _some(schema: Schema) -> dict[str, Any]:
    """The schema of an object with at least one matching value."""
    return {"not": {"additionalProperties": {"not": schema}}}


def _all(schemas: Iterable[Schema]) -> Schema:
    return _combined("allOf", schemas, neutral=True)


def _any(schemas: Iterable[Schema]) -> Schema:
    return _combined("anyOf", schemas, neutral=False)


def _combined(word: str, schemas: Iterable[Schema], *, neutral: bool) -> Schema:
    parts = [schema for schema in schemas if schema is not neutral]
    if (not neutral) in parts:
        return not neutral
    return {word: parts} if len(parts) > 1 else (parts[0] if parts else neutral)
