"""`microcred questionnaire`: creates, checks, shows, exports and translates a definition."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from microcred_cli.cli import options
from microcred_cli.cli.options import argument, option
from microcred_cli.cli.output import (
    as_json,
    deliver,
    file_of,
    refuse_other_than_file,
    show,
    show_lines,
)
from microcred_cli.cli.standard_streams import OutputError
from microcred_cli.errors import DefinitionError, Fault, StoreError, UsageError
from microcred_cli.files import faults_named
from microcred_cli.files.reading import as_text, read_edited
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.languages import (
    Translation,
    as_yaml,
    brought_up_to_date,
    codes_beside,
    further_names_of,
    path_of,
    read_translation,
    text_of,
    texts_of,
)
from microcred_cli.questionnaire.loading import Loaded, load
from microcred_cli.session.options import Choices, notes_for_staff
from microcred_cli.terminal.console import fault_lines, say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LANGUAGE = re.compile(r"[a-z]{2}")
_COUNTRY = re.compile(r"lists\.\w+\.options\.([A-Z]{2})\.label")
_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")
_FIRST = "first_questionnaire.yaml"
_MOST_LISTED = 3
"""The maximum number of faults that are listed for each translation by default."""
FORMS = "html or pdf (on paper), xlsform, surveyjs, limesurvey or ddi"
BY_DEFAULT = "nobody yet: enter the translator's name here"

app = options.new_app(
    name="questionnaire",
    help="Create, check, translate and export questionnaires.\n\n"
    "Example: microcred questionnaire show",
)


@app.command("check")
def check_definition(
    source: options.Source = None,
    questionnaire: options.Questionnaire = BUILT_IN,
    fieldwork: options.FieldworkFile = None,
    every: Annotated[
        bool, typer.Option("--all", help="List all faults of the translations.")
    ] = False,
) -> None:
    """Check a definition and its translations.

    Reports all faults together, each with its location and a hint.

    Warnings point out possible problems, which may be intended; a definition with warnings can be
    used. Without --all, only the first faults of each translation are listed.

    Example: microcred questionnaire check my_survey.yaml
    """
    loaded = load(source or questionnaire, always_lint=True)
    checked = loaded.questionnaire
    languages = _check_translations(loaded, most=None if every else _MOST_LISTED)
    warnings = _warnings(loaded)
    count = {0: "", 1: ", 1 warning"}.get(len(warnings), f", {len(warnings)} warnings")
    show_lines(
        f"{checked.id} {checked.version}: no faults{count}. "
        f"{_number_of(len(checked.items), 'item')} in "
        f"{_number_of(len(checked.sections), 'section')}."
    )
    for line in (*languages, *fault_lines(warnings)):
        show_lines(line, rest=7 * " ")
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    for note in notes_for_staff(settings):
        say(note)
    if settings.recipients:
        from microcred_cli.session.opening import refuse_unproven

        try:
            refuse_unproven(settings)
        except UsageError as error:
            say(f"Note for staff: {error.message} {error.hint}")


def _warnings(loaded: Loaded) -> tuple[Fault, ...]:
    """The warnings for a definition, if its translations have no faults."""
    from microcred_cli.questionnaire.lint.advice import find_warnings
    from microcred_cli.questionnaire.yaml import MOST_BYTES

    assert loaded.path is not None
    text = as_text(read_edited(loaded.path, MOST_BYTES))
    return find_warnings(text, loaded.path.name, loaded.languages)


def _check_translations(loaded: Loaded, most: int | None) -> list[str]:
    """One line per language with translator and reviewer; raises all faults as one error.

    The error lists at most `most` faults of each language.
    """
    from microcred_cli.questionnaire.lint.translations import check_names, check_translation

    assert loaded.path is not None
    definition = ordered_definition(loaded.path)
    sources = texts_of(definition)
    faults: dict[str, list[Fault]] = {}
    lines = []
    for code in codes_beside(loaded.path):
        path = path_of(loaded.path, code)
        translation = read_translation(path)
        text = text_of(path)
        found = [
            *check_translation(translation, sources, text),
            *check_names(translation, definition, text),
        ]
        faults[code] = [replace(each, file=str(path)) for each in found]
        by = safe(translation.translated_by) or "nobody (not specified)"
        read = f"reviewed by {safe(translation.reviewed_by)}"
        lines.append(
            f"{code}: translated by {by}; {read if translation.reviewed_by else 'not reviewed'}"
        )
    if any(faults.values()):
        raise _wrong_translations(loaded.path.parent, faults, most)
    return lines


def _wrong_translations(
    folder: Path, faults: dict[str, list[Fault]], most: int | None
) -> DefinitionError:
    """An error with the number of faults in each language, and the first few of these faults."""
    total = sum(map(len, faults.values()))
    counts = ", ".join(f"{code} {len(found):,}" for code, found in faults.items() if found)
    listed = [each for found in faults.values() for each in found[:most]]
    hint = "Correct the listed faults; `microcred questionnaire translate` lists the texts."
    if len(listed) < total:
        hint = f"Use --all to list {total - len(listed):,} more. {hint}"
    return DefinitionError(
        f"The translations have {'a fault' if total == 1 else f'{total:,} faults'}: {counts}.",
        where=folder,
        hint=hint,
        faults=tuple(listed),
    )


@app.command("new")
def new_questionnaire(
    file: Annotated[str, argument("FILE", "The definition file to create, such as survey.yaml.")],
) -> None:
    """Create a short, complete definition with comments.

    Existing files are never overwritten.

    Example: microcred questionnaire new my_survey.yaml
    """
    path = Path(file)
    if path.suffix not in (".yaml", ".yml"):
        raise UsageError(
            "A definition must be a YAML file.", where=path, hint="Use a name that ends in .yaml."
        )
    text = files("microcred_cli.cli").joinpath(_FIRST).read_text(encoding="utf-8")
    if _ID.fullmatch(path.stem):
        text = text.replace("id: my_survey ", f"id: {path.stem} ", 1)
    try:
        with path.open("x", encoding="utf-8") as created:
            created.write(text)
    except FileExistsError:
        raise UsageError(
            "The file already exists.", where=path, hint="Choose another name, or delete the file."
        ) from None
    except OSError as error:
        raise StoreError(
            f"The definition cannot be written: {error.strerror}.",
            where=path,
            hint="Choose a folder that exists and that you can write to.",
        ) from None
    shown = safe(path)
    try:
        show(f"{shown}\n")
    except OutputError:
        say(f"The definition was written to this file: {shown}")
        raise
    say(
        f"Check it with: microcred questionnaire check {shown}\n"
        f"Try it with: microcred respond --questionnaire {shown} --responses trial"
    )


@app.command("show")
def show_questionnaire(
    source: options.Source = None,
    questionnaire: options.Questionnaire = BUILT_IN,
    language: options.TextLanguage = None,
) -> None:
    """Show every question with its options, codes and route.

    The output can be published together with results.

    Example: microcred questionnaire show --language de
    """
    from microcred_cli.i18n import speaking
    from microcred_cli.interchange.in_full import in_full
    from microcred_cli.session.options import language_asked_for

    loaded = load(source or questionnaire)
    if language is not None:
        language_asked_for(language, tuple(loaded.languages))
    language = language or loaded.questionnaire.language
    with speaking(language):
        page = in_full(loaded.questionnaire, loaded.languages[language])
        lines = [line.replace("\n", " ") for line in page]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        hanging = " " * (indent + (2 if indent else 0))
        wrapped = textwrap.fill(
            line, max(30, width - 1), subsequent_indent=hanging, break_on_hyphens=False
        )
        sys.stdout.write(safe(wrapped, newlines=True) + "\n")


def _number_of(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


@app.command("schema")
def print_schema(
    source: options.Source = None,
    questionnaire: options.Questionnaire = BUILT_IN,
    fieldwork: options.FieldworkFile = None,
) -> None:
    """Print the JSON Schema of a response.

    The schema (2020-12) includes the routes. If the settings specify full detail, the schema
    contains the fine codes.

    Example: microcred questionnaire schema
    """
    from microcred_cli.records.schema import response_schema

    loaded = load(source or questionnaire)
    detail = Choices(fieldwork=fieldwork).read_fieldwork().detail
    schema = response_schema(loaded.questionnaire, loaded.sha256, detail=detail)
    sys.stdout.write(as_json(schema))


@app.command("export")
def export_questionnaire(
    source: options.Source = None,
    questionnaire: options.Questionnaire = BUILT_IN,
    to: Annotated[str, option("--to", "FORM", f"{FORMS}.")] = "html",
    output: options.Output = None,
    language: Annotated[
        str | None,
        option("--language", "CODE", "Language, such as de. Default: that of the questionnaire."),
    ] = None,
    fieldwork: options.FieldworkFile = None,
    no_cards: Annotated[
        bool,
        typer.Option("--no-cards", help="Leave out the show cards (paper only)."),
    ] = False,
) -> None:
    """Write the questionnaire for paper or for another survey tool.

    html and pdf are the paper questionnaire: every question with boxes to tick, the codes to type
    in microcred enter, routes in words, and show cards. The background contains the values of the
    settings. The other formats contain all languages, with the chosen one as the default; ddi is
    the codebook without data. The file extension must match the format. For LimeSurvey, a second
    file (.codes.csv) with the short codes is written.

    Example: microcred questionnaire export --to pdf --language de --output papier.pdf
    """
    from microcred_cli.interchange.forms import (
        ON_PAPER,
        code_table,
        refuse_other_suffix,
        written_as,
    )
    from microcred_cli.session.options import language_asked_for

    if output is None:
        raise UsageError(
            "No file was specified.",
            where="--output",
            hint="Specify a file, or - for standard output.",
        )
    refuse_other_suffix(to, output)
    if no_cards and to not in ON_PAPER:
        raise UsageError(
            f"Show cards are not available in the format {to}.",
            where="--no-cards",
            hint=f"Leave out --no-cards, or use --to {' or --to '.join(ON_PAPER)}.",
        )
    path = file_of(output)
    if path is not None:
        refuse_other_than_file(path)
    loaded = load(source or questionnaire)
    codes = code_table(loaded) if to == "limesurvey" else None
    table = _file_of_codes(codes, path) if codes else None
    language_asked_for(language, tuple(loaded.languages))
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    chosen = language or loaded.questionnaire.language
    deliver(written_as(to, loaded, settings, chosen, cards=not no_cards), path)
    if codes and table is not None:
        deliver(codes, table)


def _file_of_codes(codes: bytes, path: Path | None) -> Path | None:
    """The path for the short codes of a LimeSurvey file; None if writing to standard output."""
    if path is None:
        say("To get the table of the short codes as well, write to a file: use --output FILE.")
        return None
    table = path.with_suffix(".codes.csv")
    refuse_other_than_file(table)
    with faults_named(table):
        is_other = os.path.lexists(table) and table.read_bytes() != codes
    if is_other:
        raise UsageError(
            "The table of the short codes would overwrite this file.",
            where=table,
            hint="Delete this file, or choose another name with --output.",
        )
    return table


@app.command("translate")
def translate(
    language: Annotated[str, argument("LANG", "Language code, such as de.")],
    source: options.Source = None,
    questionnaire: options.Questionnaire = BUILT_IN,
) -> None:
    """Create or update a translation file.

    The file contains each source text and marks changed ones. Country names come from CLDR.

    Example: microcred questionnaire translate de my_survey.yaml
    """
    from babel import Locale, UnknownLocaleError

    if not _LANGUAGE.fullmatch(language):
        raise UsageError(
            f"{safe(language)!r} is not a language code.",
            where="LANG",
            hint="Use two lower-case letters, such as de.",
        )
    try:
        Locale(language)
    except UnknownLocaleError:
        raise UsageError(
            f"No language has the code {language!r}.",
            where="LANG",
            hint="Use an ISO 639-1 code, such as de.",
        ) from None
    loaded = load(source or questionnaire)
    if language == loaded.questionnaire.language:
        raise UsageError(
            f"The questionnaire was written in this language ({language}).",
            where="LANG",
            hint="Choose another language.",
        )
    assert loaded.path is not None
    definition = ordered_definition(loaded.path)
    sources, further = texts_of(definition), further_names_of(definition)
    path = path_of(loaded.path, language)
    old = (
        read_translation(path)
        if path.exists()
        else Translation(loaded.questionnaire.id, language, BY_DEFAULT, "")
    )
    new = brought_up_to_date(old, sources, country_names(sources, language), further)
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
            hint="Copy the questionnaire's folder to a writable location, and use the file there.",
        ) from None
    for key, words in _removed(old, sources, further):
        sys.stderr.write(f"Removed, because the definition has no {safe(key)}: {safe(words)}\n")
    sys.stdout.write(f"{path}\n{_still_to_do(new, sources, further)}\n")


def _removed(
    old: Translation, sources: Mapping[str, str], further: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    """The texts and aliases of a translation that no longer occur in the definition."""
    for key in old.surplus(sources):
        yield key, old.entries[key].text
    for path, names in old.also.items():
        if path not in further:
            yield path, ", ".join(names)


def _still_to_do(
    new: Translation, sources: Mapping[str, str], further: Mapping[str, tuple[str, ...]]
) -> str:
    missing = len(new.missing(sources)) + len(new.unnamed(further))
    changed = len(new.changed(sources))
    return f"{len(sources)} texts: {missing} to translate, {changed} to review again."


def ordered_definition(path: Path) -> dict[str, Any]:
    """A definition as plain data, in the order of the file."""
    from microcred_cli.questionnaire.yaml import MOST_BYTES
    from microcred_cli.questionnaire.yaml.tree import read_tree

    root, _ = read_tree(as_text(read_edited(path, MOST_BYTES)))
    plain = None if root is None else root.plain()
    assert isinstance(plain, dict)
    return plain


def country_names(sources: dict[str, str], language: str) -> dict[str, str]:
    """Country names from CLDR in a language, by the key of the label."""
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
