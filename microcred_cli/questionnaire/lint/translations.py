"""Lint checks for translations: missing, surplus, outdated and unsuitable texts."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.faults import fault, shown
from microcred_cli.questionnaire.languages import Translation, further_names_of, texts_of
from microcred_cli.questionnaire.lint.further_names import NamedOption, faults_of_names
from microcred_cli.questionnaire.lint.wording import LONGEST_LABEL
from microcred_cli.text import clean

_PLACEHOLDER = re.compile(r"\{\w+\}")
_LABELS = (".label", ".result_label")
_LISTED = re.compile(r"\.(options|rows)\.")
_CODE_LISTS = "lists."
"""The key prefix of code lists, whose official labels may exceed the maximum length."""
_MOST_ALIKE = 3
"""A text with more words than this counts as untranslated if it is identical to its source."""


def check_translation(
    translation: Translation, sources: Mapping[str, str], text: str
) -> Iterator[Fault]:
    """Find every fault in a translation; `text` is the content of its file, for line numbers."""
    lines, again = (
        _lines(text),
        "Review the translation; the old source text is under the key `was`.",
    )
    for code, keys, message, hint in (
        ("Q091", translation.missing(sources), "The translation is missing.", "Add a translation."),
        (
            "Q092",
            translation.surplus(sources),
            "The definition has no such text.",
            "Remove this key.",
        ),
        (
            "Q093",
            translation.changed(sources),
            "The source text has changed since it was translated.",
            again,
        ),
    ):
        for key in keys:
            yield fault(code, lines.get(key), key, message, hint)
    for key, entry in translation.entries.items():
        if entry.text and key in sources:
            yield from _of_text(key, sources[key], entry.text, lines.get(key))
    yield from _equal_labels(translation, sources, lines)


def check_names(translation: Translation, definition: dict[str, Any], text: str) -> Iterator[Fault]:
    """Find every fault in the aliases of a translation; `text` is the content of its file."""
    lines, further = _lines(text), further_names_of(definition)
    for path in translation.unnamed(further):
        yield fault(
            "Q091", lines.get(path), f"{path}.also", "The aliases are missing.", "Add aliases."
        )
    for path in translation.also:
        if path not in further:
            message = "The definition has no such option."
            yield fault("Q092", lines.get(path), f"{path}.also", message, "Remove this key.")
    labels = texts_of(definition) | translation.flat
    found: dict[Fault, None] = {}
    for prefixes in _lists_of_items(definition):
        options = [
            NamedOption(
                f"{path}.also",
                labels[f"{path}.label"],
                [(name, lines.get(path)) for name in translation.also.get(path) or names],
            )
            for path, names in further.items()
            if path.startswith(prefixes)
        ]
        found |= dict.fromkeys(faults_of_names(options))
    yield from found


def _lists_of_items(definition: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """For each item, the path prefixes of its options."""
    for section in definition["sections"]:
        for item in section["items"]:
            shared = item.get("options_from")
            listed = (f"lists.{shared}.options.",) if shared else ()
            yield (*listed, f"items.{item['id']}.options.")


def _of_text(key: str, source: str, text: str, line: int | None) -> Iterator[Fault]:
    wanted, found = (sorted(_PLACEHOLDER.findall(each)) for each in (source, text))
    if wanted != found:
        message = f"The translation has these placeholders: {', '.join(found) or 'none'}."
        hint = f"Use exactly the placeholders of the source: {', '.join(wanted) or 'none'}."
        yield fault("Q094", line, key, message, hint)
    longest = max(LONGEST_LABEL, len(source))
    is_official = key.startswith(_CODE_LISTS)
    if not is_official and key.endswith(_LABELS) and _LISTED.search(key) and len(text) > longest:
        message = f"The label has {len(text)} characters."
        yield fault("Q095", line, key, message, f"Use at most {longest} characters.")
    if text == source and len(text.split()) > _MOST_ALIKE:
        yield fault(
            "Q096",
            line,
            key,
            f"The translation is identical to the source: {shown(text)}.",
            "Translate the text.",
        )
    if clean(text) != text and clean(text, newlines=True) != text:
        message = "The text contains invisible characters or extra spaces."
        yield fault("Q097", line, key, message, "Remove these characters.")


def _equal_labels(
    translation: Translation, sources: Mapping[str, str], lines: Mapping[str, int]
) -> Iterator[Fault]:
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, entry in translation.entries.items():
        if entry.text and key in sources and key.endswith(_LABELS) and _LISTED.search(key):
            owner, _, kind = key.rsplit(".", 2)
            alike[f"{owner} {kind}", entry.text.casefold()].append(key)
    for keys in alike.values():
        for key in keys[1:]:
            message = f"The label {shown(translation.entries[key].text)} occurs twice."
            yield fault("Q098", lines.get(key), key, message, "Use different labels.")


def _lines(text: str) -> dict[str, int]:
    """The line number of each key in a file."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("  ") and not line.startswith("   ") and line.rstrip().endswith(":"):
            found[line.strip().removesuffix(":").strip('"')] = number
    return found
