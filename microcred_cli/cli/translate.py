"""The file of a translation, made or brought up to date."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from microcred_cli.errors import ExitCode, StoreError, UsageError
from microcred_cli.files.reading import as_text, read_edited
from microcred_cli.questionnaire.languages import (
    Translation,
    as_yaml,
    brought_up_to_date,
    path_of,
    read_translation,
)
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.translation import texts_of
from microcred_cli.text import safe

if TYPE_CHECKING:
    from pathlib import Path

_CODE = re.compile(r"[a-z]{2}")
_COUNTRY = re.compile(r"lists\.\w+\.options\.([A-Z]{2})\.label")
BY_DEFAULT = "nobody yet: write here who translates it"


def write_translation(language: str, source: str) -> int:
    """Write a file with the source beside each text, and print what is left; the exit code."""
    if not _CODE.fullmatch(language):
        raise UsageError(
            f"{safe(language)!r} is not the code of a language.",
            where="LANG",
            hint="Write two small letters, such as de.",
        )
    _refuse_unknown(language)
    loaded = load(source)
    if language == loaded.questionnaire.language:
        raise UsageError(
            f"The questionnaire is written in {language}.", where="LANG", hint="Name another."
        )
    assert loaded.path is not None
    sources = ordered_sources(loaded.path)
    path = path_of(loaded.path, language)
    old = (
        read_translation(path)
        if path.exists()
        else Translation(loaded.questionnaire.id, language, BY_DEFAULT, "")
    )
    new = brought_up_to_date(old, sources, country_names(sources, language))
    text = as_yaml(new)
    try:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            fresh = path.with_name(f".{path.name}.part")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(path)
    except OSError as error:
        raise StoreError(
            f"The translation cannot be written: {error.strerror}.",
            where=path,
            hint="Copy the questionnaire's folder to one of your own, and name its file.",
        ) from None
    for key in old.surplus(sources):
        gone = old.entries[key].text
        sys.stderr.write(f"Taken out, as the definition has no {safe(key)}: {safe(gone)}\n")
    sys.stdout.write(
        f"{path}\n{len(sources)} texts: {len(new.missing(sources))} to translate, "
        f"{len(new.changed(sources))} to look at again.\n"
    )
    return ExitCode.DONE


def _refuse_unknown(language: str) -> None:
    from babel import Locale, UnknownLocaleError

    try:
        Locale(language)
    except UnknownLocaleError:
        raise UsageError(
            f"No language has the code {language!r}.", where="LANG", hint="Look the code up."
        ) from None


def ordered_sources(path: Path) -> dict[str, str]:
    """The texts of a definition in the order of its file."""
    from microcred_cli.questionnaire.yaml import MOST_BYTES
    from microcred_cli.questionnaire.yaml.tree import read_tree

    root, _ = read_tree(as_text(read_edited(path, MOST_BYTES)))
    assert root is not None
    return texts_of(root.plain())


def country_names(sources: dict[str, str], language: str) -> dict[str, str]:
    """The names of countries in a language, by the key of their label; from CLDR."""
    from babel import Locale, UnknownLocaleError

    try:
        territories = Locale(language).territories
    except UnknownLocaleError:
        return {}
    found = {key: _COUNTRY.fullmatch(key) for key in sources}
    return {
        key: territories[match[1]]
        for key, match in found.items()
        if match and match[1] in territories
    }
