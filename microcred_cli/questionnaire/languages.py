"""The languages of a questionnaire: one translation file each, next to the definition.

A file contains two versions of each text: the source and the translation. A translation is out of
date if its source differs from the definition. If a translation is missing, the source text is
shown, marked with its language.

A key is a path of ids and codes, never of labels: `items.country.text`,
`items.terms_used.options.digital_badge.label`, `lists.countries.options.AT.label`. Parts without an
id, such as paragraphs, are numbered from 1.

The aliases of options, used by the search, are not translated one by one. Aliases in the language
of the translation are listed under `also`, by the path of the option. Aliases in a translation
replace those in the definition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from microcred_cli.errors import DefinitionError, Fault, StoreError
from microcred_cli.files.reading import NotTextError, as_text, read_edited
from microcred_cli.frozen import Frozen
from microcred_cli.text import safe

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.questionnaire.models import Questionnaire

FORMAT: Final = "microcred-translation/1"
MOST_BYTES: Final = 4 * 1024 * 1024
_BEGINNING: Final = 2_000
_CODE: Final = re.compile(r"[a-z]{2}")
_TEXT: Final = r'("(?:[^"\\]|\\(?!u[dD][89a-fA-F]).)*")'
_HEAD: Final = re.compile(rf"([a-z_]+): {_TEXT}")
_KEY: Final = re.compile(r"  ([a-z][\w.-]*):")
_PART: Final = re.compile(rf"    (source|was|text): {_TEXT}")
_COMMENT: Final = (
    "# Texts by key: the source, followed by its translation. `was` is the source from which",
    "# an outdated text was translated: remove it when the translation has been updated.",
)
_HEADS: Final = ("questionnaire", "language", "translated_by", "reviewed_by")
_ALSO: Final = "\nalso:\n"
_NAMES: Final = re.compile(r"  ([a-z][\w.-]*):\n((?:    [\[\" ].*\n)+)")
_WIDTH: Final = 100
_TAKEN: Final = frozenset({"Q005"})
"""YAML faults that are tolerated in translations: unquoted values that YAML could misinterpret."""
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
"""The keys of a definition whose values are translated."""

NAMES: Final = {
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fi": "Suomi",
    "fr": "Français",
    "nl": "Nederlands",
    "pl": "Polski",
    "sl": "Slovenščina",
}
"""The native names of languages; other languages are shown by their code."""


def own_name(language: str) -> str:
    """The native name of a language, or its code."""
    return NAMES.get(language, safe(language))


class Translated(Frozen):
    """A source string and its translation (empty if there is none yet).

    If the source has changed since the translation, `was` is the source text that was translated.
    """

    source: str
    text: str
    was: str = ""


class Translation(Frozen):
    """The translations of a questionnaire's texts into one language, by key.

    `reviewed_by` is empty until another person has reviewed the translation. `also` holds the
    aliases of options by path; an empty list means that none have been entered yet. `comment` has
    the lines of the comment at the beginning of the file, without the standard comment.
    """

    questionnaire: str
    language: str
    translated_by: str
    reviewed_by: str
    entries: Mapping[str, Translated] = MappingProxyType({})
    also: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    comment: tuple[str, ...] = ()

    def missing(self, sources: Mapping[str, str]) -> list[str]:
        """The keys that have no translation."""
        return [key for key in sources if not (key in self.entries and self.entries[key].text)]

    def changed(self, sources: Mapping[str, str]) -> list[str]:
        """The keys whose source has changed since the translation."""
        return [
            key
            for key, entry in self.entries.items()
            if entry.text and key in sources and (entry.was or sources[key] != entry.source)
        ]

    def surplus(self, sources: Mapping[str, str]) -> list[str]:
        """The keys of texts that the definition no longer contains."""
        return [key for key in self.entries if key not in sources]

    def unnamed(self, further: Mapping[str, tuple[str, ...]]) -> list[str]:
        """The options that have aliases in the definition but not in the translation."""
        return [path for path, names in further.items() if names and not self.also.get(path)]

    @property
    def flat(self) -> dict[str, str]:
        """All translated texts by key; aliases have numbers: `lists.….options.AT.also.1`."""
        texts = {key: entry.text for key, entry in self.entries.items() if entry.text}
        for path, names in self.also.items():
            texts |= {f"{path}.also.{number}": name for number, name in enumerate(names, 1)}
        return texts


def codes_beside(definition: Path) -> tuple[str, ...]:
    """The languages that have a translation file next to a definition."""
    found = definition.parent.glob("??.yaml")
    return tuple(sorted(p.stem for p in found if p.name != definition.name and _could_be_one(p)))


def _could_be_one(path: Path) -> bool:
    """True if a file begins like a translation file."""
    if not _CODE.fullmatch(path.stem):
        return False
    try:
        return FORMAT.encode() in read_edited(path, MOST_BYTES)[:_BEGINNING]
    except StoreError:
        return False


def path_of(definition: Path, language: str) -> Path:
    """The path of the translation file for a language."""
    return definition.parent / f"{language}.yaml"


def read_translation(path: Path) -> Translation:
    """Read a translation file, or raise `DefinitionError`."""
    text = text_of(path)
    translation = _translation(_as_written(text) or _from_yaml(text, path), path)
    first = takewhile(lambda line: line.startswith("#"), text.splitlines())
    return translation.having(comment=tuple(line for line in first if line not in _COMMENT))


def text_of(path: Path) -> str:
    """Read the text of a translation file, or raise `DefinitionError`."""
    try:
        return as_text(read_edited(path, MOST_BYTES))
    except StoreError as error:
        line = error.line if isinstance(error, NotTextError) else None
        raise _wrong(path, error.message, error.hint, line=line) from None


def _as_written(text: str) -> dict[str, Any] | None:
    """Parse a file in the exact format of `as_yaml`, reading each string as JSON (fast path).

    Returns None for any other file, which must be parsed by the YAML reader.
    """
    text, _, named = text.partition(_ALSO)
    value: dict[str, Any] = {}
    texts: dict[str, dict[str, str]] = {}
    entry = value
    for line in text.split("\n"):
        if not line.isprintable():
            return None
        if not line or line.startswith("#"):
            continue
        if line == "texts:" and "texts" not in value:
            value["texts"] = texts
        elif "texts" in value and (key := _KEY.fullmatch(line)) and key[1] not in texts:
            entry = texts[key[1]] = {}
        elif (found := (_PART if texts else _HEAD).fullmatch(line)) and found[1] not in entry:
            try:
                entry[found[1]] = json.loads(found[2])
            except ValueError:
                return None
        else:
            return None
    also = _names_as_written(named)
    return value | {"also": also} if texts and also is not None else None


def _names_as_written(text: str) -> dict[str, Any] | None:
    """Parse the `also` part of a file; None if it is not in the exact format of `as_yaml`."""
    if "\\" in text or not all(line.isprintable() for line in text.split("\n")):
        return None
    names: dict[str, Any] = {}
    at = 0
    while at < len(text):
        found = _NAMES.match(text, at)
        if found is None or found[1] in names:
            return None
        try:
            names[found[1]] = json.loads(found[2])
        except ValueError:
            return None
        at = found.end()
    return names


def _from_yaml(text: str, path: Path) -> Any:
    from microcred_cli.questionnaire.yaml.tree import read_tree

    root, faults = read_tree(text)
    for fault in faults:
        if fault.code not in _TAKEN:
            raise _wrong(path, fault.message, fault.hint, line=fault.line)
    return None if root is None else root.plain()


def _translation(value: Any, path: Path) -> Translation:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _wrong(
            path, f"The format is not {FORMAT}.", "Specify a translation file, or create it again."
        )
    named: dict[str, Any] = {head: value.get(head) or "" for head in _HEADS}
    texts, also = value.get("texts"), value.get("also") or {}
    are_names = isinstance(also, dict) and all(map(_is_names, also.items()))
    are_heads = all(isinstance(name, str) for name in named.values())
    if not are_heads or not are_names or not isinstance(texts, dict):
        raise _wrong(
            path,
            "The header or the texts are malformed.",
            "Compare the file with another translation.",
        )
    entries = {}
    for key, entry in texts.items():
        if not isinstance(key, str) or not _is_entry(entry):
            message = f"{safe(key)} must have a source and a text."
            raise _wrong(path, message, "Add `source` and `text` under this key.")
        entries[key] = Translated(entry["source"], entry.get("text") or "", entry.get("was") or "")
    if named["language"] != path.stem:
        raise _wrong(
            path,
            "The `language` does not match the file name.",
            "Change the `language` or the file name.",
        )
    further = {path: tuple(names or ()) for path, names in also.items()}
    return Translation(**named, entries=entries, also=further)


def _is_names(entry: tuple[object, object]) -> bool:
    path, names = entry
    return isinstance(path, str) and (
        names is None or (isinstance(names, list) and all(isinstance(n, str) for n in names))
    )


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() <= {"source", "text", "was"}
        and isinstance(entry.get("source"), str)
        and isinstance(entry.get("text", ""), str | None)
        and isinstance(entry.get("was", ""), str | None)
    )


def _wrong(path: Path, message: str, hint: str, *, line: int | None = None) -> DefinitionError:
    fault = Fault("Q090", message, hint, str(path), line)
    return DefinitionError("A translation is invalid.", where=path, hint=hint, faults=(fault,))


def spoken_in(definition: dict[str, Any], texts: Mapping[str, str]) -> Questionnaire:
    """The questionnaire with its texts replaced by `texts`; untranslated texts are marked.

    An option without aliases in `texts` keeps its aliases from the definition.
    """
    from microcred_cli.questionnaire.models import Questionnaire

    mark = f" [{definition['language']}]"
    made = with_texts(definition, lambda key, source: texts.get(key) or f"{source}{mark}")
    further: dict[str, list[str]] = {}
    for key, text in texts.items():
        path, is_name, _ = key.rpartition(".also.")
        if is_name:
            further.setdefault(path, []).append(text)
    for path, option in _options_of(made):
        if path in further:
            option["also"] = further[path]
    return Questionnaire.trusted(made)


class Languages(Mapping[str, "Questionnaire"]):
    """A questionnaire in each of its languages, created on first use.

    `kept` has texts by language that replace the texts in the files, for interviews that were
    started with an older version.
    """

    def __init__(
        self,
        source: str,
        own: Questionnaire,
        path: Path | None = None,
        kept: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        self.source = source
        self.own = own
        self.path = path
        self.kept = kept
        self._made: dict[str, Questionnaire] = {}
        self._read: dict[str, Mapping[str, str]] = {}

    @cached_property
    def _codes(self) -> dict[str, None]:
        beside = codes_beside(self.path) if self.path is not None else ()
        return dict.fromkeys((self.own.language, *self.kept, *beside))

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __contains__(self, language: object) -> bool:
        return language in self._codes

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, language: str) -> Questionnaire:
        if language == self.own.language:
            return self.own
        if language not in self._codes:
            raise KeyError(language)
        if language not in self._made:
            definition = json.loads(self.source)
            self._made[language] = spoken_in(definition, self.texts(language))
        return self._made[language]

    def texts(self, language: str) -> Mapping[str, str]:
        """The translated texts by key; empty for the source language. Checks the translation."""
        if language in self.kept or language == self.own.language:
            return self.kept.get(language, {})
        if language not in self._read:
            assert self.path is not None
            path = path_of(self.path, language)
            translation = read_translation(path)
            if translation.questionnaire != self.own.id:
                raise _wrong(
                    path,
                    "This is a translation of another questionnaire.",
                    "Move the translation to the folder of that questionnaire.",
                )
            self._read[language] = translation.flat
        return self._read[language]


def brought_up_to_date(
    translation: Translation,
    sources: Mapping[str, str],
    proposed: Mapping[str, str],
    further: Mapping[str, tuple[str, ...]],
) -> Translation:
    """Update a translation to the current source texts, in their order.

    If a source has changed, the old source is kept as `was`. A missing translation is filled from
    `proposed`, if possible. Texts that are no longer in the definition are dropped. `further` has
    the aliases of every option in the definition; aliases in the translation are kept.
    """
    entries = {}
    for key, source in sources.items():
        old = translation.entries.get(key, Translated(source, ""))
        was = old.was or (old.source if old.text and old.source != source else "")
        entries[key] = Translated(source, old.text or proposed.get(key, ""), was)
    own = translation.also
    also = {path: own.get(path, ()) for path, names in further.items() if names or own.get(path)}
    return translation.having(entries=entries, also=also)


def as_yaml(translation: Translation) -> str:
    """Convert a translation to YAML."""
    heads = [("format", FORMAT), *((head, getattr(translation, head)) for head in _HEADS)]
    lines = [
        *translation.comment,
        *_COMMENT,
        "",
        *(f"{key}: {_quoted(value)}" for key, value in heads),
        "",
        "texts:",
    ]
    for key, entry in translation.entries.items():
        lines += [f"  {key}:", f"    source: {_quoted(entry.source)}"]
        lines += [f"    was: {_quoted(entry.was)}"] if entry.was else []
        lines += [f"    text: {_quoted(entry.text)}"]
    if translation.also:
        lines += ["", "# Aliases for the search: words that people type in this language."]
        lines += ["also:"]
    for path, names in translation.also.items():
        lines += [f"  {path}:", *_names_as_yaml(names)]
    return "\n".join(lines) + "\n"


def _names_as_yaml(names: tuple[str, ...]) -> list[str]:
    """Format names as a YAML list in brackets, with as many names on each line as fit."""
    lines = ["    ["]
    for number, name in enumerate(names, 1):
        word = _quoted(name) + ("," if number < len(names) else "]")
        if len(lines[-1]) + len(word) >= _WIDTH:
            lines.append("     ")
        lines[-1] += f" {word}" if lines[-1].endswith(",") else word
    return lines if names else ["    []"]


def _quoted(text: str) -> str:
    """Quote a string for both YAML and JSON, escaping invisible characters up to U+FFFF.

    YAML and JSON have no common escape for characters above U+FFFF.
    """
    made = json.dumps(text, ensure_ascii=False)
    shown = (c if c.isprintable() or c == " " or c > "\uffff" else f"\\u{ord(c):04x}" for c in made)
    return "".join(shown)


def texts_of(definition: dict[str, Any]) -> dict[str, str]:
    """Every translatable text by key, in the order of the definition."""
    found: dict[str, str] = {}

    def note(key: str, text: str) -> str:
        found[key] = text
        return text

    with_texts(definition, note)
    return found


def further_names_of(definition: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The aliases of every option, by its path."""
    return {path: tuple(option.get("also", ())) for path, option in _options_of(definition)}


def _options_of(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every option of the code lists and items, with its path."""
    items = [item for section in definition["sections"] for item in section["items"]]
    for kind, owners in (("lists", definition.get("lists", ())), ("items", items)):
        for owner in owners:
            for option in owner.get("options", ()):
                yield f"{kind}.{owner['id']}.options.{option['code']}", option


def with_texts(definition: dict[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    """Return the definition with each text replaced by `change(key, text)`."""
    changed = _changed(definition, (), change)
    assert isinstance(changed, dict)
    return changed


def _changed(node: Any, path: tuple[str, ...], change: Callable[[str, str], str]) -> Any:
    made: list[tuple[str, Any]] = []
    for key, value, here in _parts(node, path):
        if isinstance(value, str) and _is_text(key, path):
            made.append((key, change(".".join(here), value)))
        elif isinstance(value, dict | list) and key != "also":
            made.append((key, _changed(value, here, change)))
        else:
            made.append((key, value))
    return dict(made) if isinstance(node, dict) else [value for _, value in made]


def _parts(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """The entries of a mapping or list: key, value, and path of ids and numbers."""
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
