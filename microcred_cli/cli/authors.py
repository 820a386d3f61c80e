"""Commands for authors: check a definition, read a questionnaire, print its schema."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from microcred_cli.errors import DefinitionError, ExitCode
from microcred_cli.questionnaire.conditions import in_words
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Choice, Integer, Matrix, Multiple, Open, Ranking
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.session.options import WITHOUT_PRIVACY, Choices
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.errors import Fault
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Item, Option, Questionnaire, Sentence


def check_definition(source: str, fieldwork_file: str | None) -> int:
    """Check a definition; its faults are raised, what it has is said."""
    loaded = load(source, always_lint=True)
    questionnaire = loaded.questionnaire
    languages = _check_translations(loaded)
    sys.stdout.write(
        f"{questionnaire.id} {questionnaire.version}: no faults. "
        f"{len(questionnaire.items)} items in {len(questionnaire.sections)} sections.\n"
    )
    for line in languages:
        sys.stdout.write(f"{line}\n")
    fieldwork = Choices(fieldwork=fieldwork_file).read_fieldwork()
    if fieldwork.setting("privacy_statement") is None:
        say(WITHOUT_PRIVACY)
    if fieldwork.recipients:
        from microcred_cli.cli.keys import tell_unproven

        tell_unproven(fieldwork)
    return ExitCode.DONE


def _check_translations(loaded: Loaded) -> list[str]:
    """A line on each language, with who made and who reviewed it.

    Raises:
        DefinitionError: a translation has faults; all of all languages are there at once.
    """
    from microcred_cli.cli.translate import ordered_sources
    from microcred_cli.questionnaire.languages import (
        codes_beside,
        path_of,
        read_translation,
        text_of,
    )
    from microcred_cli.questionnaire.lint.translations import check_translation

    assert loaded.path is not None
    sources = ordered_sources(loaded.path)
    faults: list[Fault] = []
    lines = []
    for code in codes_beside(loaded.path):
        path = path_of(loaded.path, code)
        translation = read_translation(path)
        found = check_translation(translation, sources, text_of(path))
        faults += (replace(each, file=str(path)) for each in found)
        by = safe(translation.translated_by) or "nobody named"
        read = f"reviewed by {safe(translation.reviewed_by)}"
        lines.append(
            f"{code}: translated by {by}; {read if translation.reviewed_by else 'not reviewed'}"
        )
    if faults:
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise DefinitionError(
            f"The translations have {count}.",
            where=loaded.path.parent,
            hint="Mend what is listed; `microcred questionnaire translate` lists the texts.",
            faults=tuple(faults),
        )
    return lines


def print_schema(source: str, fieldwork_file: str | None = None) -> None:
    """Print the JSON Schema of a response."""
    from microcred_cli.records.schema import response_schema

    loaded = load(source)
    detail = Choices(fieldwork=fieldwork_file).read_fieldwork().detail
    schema = response_schema(loaded.questionnaire, loaded.sha256, detail=detail)
    sys.stdout.write(json.dumps(schema, ensure_ascii=False, indent=2) + "\n")


def show_questionnaire(source: str) -> None:
    """Print a questionnaire as a page to read: routes first, then every item."""
    questionnaire = load(source).questionnaire
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    for line in _page(questionnaire):
        indent = len(line) - len(line.lstrip(" "))
        hanging = " " * (indent + (2 if indent else 0))
        wrapped = textwrap.fill(
            line, max(30, width - 1), subsequent_indent=hanging, break_on_hyphens=False
        )
        sys.stdout.write(safe(wrapped, newlines=True) + "\n")


def _page(questionnaire: Questionnaire) -> Iterator[str]:
    yield questionnaire.title
    yield f"{questionnaire.id} {questionnaire.version}. {questionnaire.rights}"
    yield from _background(questionnaire)
    yield from _routes(questionnaire)
    for variable in questionnaire.computed:
        yield ""
        yield f"Computed: {variable.id}, {variable.label}"
        for category in variable.categories:
            when = in_words(category.when) if category.when else "everyone else"
            yield f"  {category.code}: {when}"
    number = 0
    for section in questionnaire.sections:
        yield ""
        yield f"== {section.label} =="
        if section.lead_in:
            yield section.lead_in
        for item in section.items:
            number += 1
            yield ""
            yield from _item(questionnaire, item, number)
    if questionnaire.closing:
        yield ""
        yield "Closing:"
        for status, text in questionnaire.closing.items():
            yield f"  {status.replace('_', ' ')}: {text}"
    if questionnaire.breakdowns:
        yield ""
        yield f"Breakdowns: {', '.join(questionnaire.breakdowns)}"


def _background(questionnaire: Questionnaire) -> Iterator[str]:
    yield ""
    yield "Background:"
    for block in questionnaire.background.written:
        if block.kind == "list":
            yield from (f"  - {_sentence(sentence)}" for sentence in block.sentences)
        else:
            yield f"  {' '.join(_sentence(sentence) for sentence in block.sentences)}"
    yield "Background, read aloud:"
    yield f"  {' '.join(_sentence(s) for s in questionnaire.background.read_aloud)}"
    definition = questionnaire.definition
    if definition is not None:
        yield "Definition:"
        yield f"  {definition.text}"
        if definition.read_aloud and definition.read_aloud != definition.text:
            yield f"  Read aloud: {definition.read_aloud}"


def _sentence(sentence: Sentence) -> str:
    if sentence.needs is None:
        return sentence.text
    return f"[With {sentence.needs}: {sentence.text}]"


def _routes(questionnaire: Questionnaire) -> Iterator[str]:
    from microcred_cli.questionnaire.routes import routes

    seconds = {item.id: item.seconds for item in questionnaire.items}
    yield ""
    yield "Routes:"
    for route in routes(questionnaire):
        minutes = sum(seconds[item] for item in route.items) / 60
        ends = f", {route.ends.replace('_', ' ')}" if route.ends else ""
        who = ", ".join(f"{key} = {_shown(value)}" for key, value in route.answers.items())
        yield f"  {len(route.items)} items, {minutes:.1f} minutes{ends}: {who}"


def _shown(value: object) -> str:
    return " + ".join(value) if isinstance(value, tuple) else str(value)


def _item(questionnaire: Questionnaire, item: Item, number: int) -> Iterator[str]:
    yield f"{number}. {item.id} ({_kind(item)}; {item.required}; {item.seconds} s)"
    if item.asked_if is not None:
        yield f"  Asked if {in_words(item.asked_if)}"
    yield f"  {item.text}"
    for variant in item.variants:
        yield f"  If {in_words(variant.when)}: {variant.text}"
    if item.read_aloud and item.read_aloud != item.text:
        yield f"  Read aloud: {item.read_aloud}"
    if item.instruction:
        yield f"  {item.instruction}"
    if isinstance(item, Matrix):
        for row in item.rows:
            yield f"    row {row.code}: {row.label}"
    for option in questionnaire.options(item):
        yield f"    {option.code}: {option.label}{_marks(option)}"
        if option.help:
            yield f"      Help: {option.help}"
    for code in item.missing:
        yield f"    {code}: {MISSING_LABELS[code]}"
    stored_as = getattr(item, "stored_as", None)
    if stored_as:
        kept = ", ".join(f"{part.code} ({part.label})" for part in stored_as)
        yield f"  Stored as: {kept}"
    if item.help:
        yield f"  Help: {item.help}"
    if item.note:
        yield f"  Interviewer: {item.note}"


def _kind(item: Item) -> str:
    match item:
        case Integer():
            return f"integer from {item.minimum} to {item.maximum}"
        case Open():
            return f"open, up to {item.max_length} characters"
        case Ranking():
            return f"ranking, up to {item.ranks} ranks, {item.order}"
        case Multiple():
            limit = f", at most {item.at_most}" if item.at_most else ""
            return f"multiple{limit}, {item.order}"
        case Matrix():
            return f"matrix, rows {item.rows_order}"
        case Choice():
            return f"single, {item.order}"


def _marks(option: Option) -> str:
    marks = [
        *(["alone"] if option.exclusive else []),
        *(["asks for a text"] if option.specify else []),
        *([f"ends: {option.ends}"] if option.ends else []),
    ]
    return f" [{', '.join(marks)}]" if marks else ""
