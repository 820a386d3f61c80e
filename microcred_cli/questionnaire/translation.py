"""The texts of a definition by key, and the definition with other texts in their places.

A key leads to a text by ids and codes, never by a label: `items.country.text`,
`items.terms_used.options.digital_badge.label`, `lists.countries.options.AT.label`. What has no id,
such as a paragraph, goes by its number from 1 on.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

TEXT_KEYS: Final = frozenset(
    {
        "title",
        "short_title",
        "rights",
        "text",
        "label",
        "result_label",
        "read_aloud",
        "instruction",
        "help",
        "note",
        "lead_in",
        "unit",
    }
)
"""The keys of a definition under which there is a text for people."""


def texts_of(definition: dict[str, Any]) -> dict[str, str]:
    """Every text for people, by its key, in the order of the definition."""
    found: dict[str, str] = {}

    def note(key: str, text: str) -> str:
        found[key] = text
        return text

    with_texts(definition, note)
    return found


def with_texts(definition: dict[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    """The definition with each text changed; `change` is given its key and the text."""
    changed = _changed(definition, (), change)
    assert isinstance(changed, dict)
    return changed


def _changed(node: Any, path: tuple[str, ...], change: Callable[[str, str], str]) -> Any:
    made: list[tuple[str, Any]] = []
    for key, value, here in _parts(node, path):
        if isinstance(value, str) and _is_text(key, path):
            made.append((key, change(".".join(here), value)))
        elif isinstance(value, dict | list):
            made.append((key, _changed(value, here, change)))
        else:
            made.append((key, value))
    return dict(made) if isinstance(node, dict) else [value for _, value in made]


def _parts(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """The parts of a mapping or list: key, value, and the path to it in ids and numbers."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value, (("items",) if key == "items" else (*path, key))
    elif isinstance(node, list):
        for number, value in enumerate(node, 1):
            name = value.get("id", value.get("code")) if isinstance(value, dict) else None
            yield "", value, (*path, str(name or number))


def _is_text(key: str, path: tuple[str, ...]) -> bool:
    is_phrase = len(path) == 3 and path[0] == "phrases" and path[2] == "texts"
    return key in TEXT_KEYS or path == ("closing",) or is_phrase
