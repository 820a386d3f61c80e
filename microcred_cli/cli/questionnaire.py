"""`microcred questionnaire`: for authors, to check a definition, read it, and translate it."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from microcred_cli.cli import options
from microcred_cli.errors import DefinitionError, ExitCode
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.conditions import in_words
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.routes import routes
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.session.options import Choices, warn_without_privacy
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.errors import Fault
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire

app = options.new_app(
    name="questionnaire",
    help="For authors: check a questionnaire, read it, export its schema.\n\n"
    "Example: microcred questionnaire show",
)


@app.command("check")
def check_definition(
    source: options.Source = None,
    questionnaire: options.Questionnaire = BUILT_IN,
    fieldwork: options.FieldworkFile = None,
) -> int:
    """Check a questionnaire's definition; all faults at once, each with place and hint.

    Example: microcred questionnaire check my_survey.yaml
    """
    loaded = load(source or questionnaire, always_lint=True)
    checked = loaded.questionnaire
    languages = _check_translations(loaded)
    sys.stdout.write(
        f"{checked.id} {checked.version}: no faults. "
        f"{len(checked.items)} items in {len(checked.sections)} sections.\n"
    )
    for line in languages:
        sys.stdout.write(f"{line}\n")
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    warn_without_privacy(settings)
    if settings.recipients:
        from microcred_cli.cli.keys import tell_unproven

        tell_unproven(settings)
    return ExitCode.DONE


def _check_translations(loaded: Loaded) -> list[str]:
    """A line on each language, with who translated and who reviewed it.

    Raises:
        DefinitionError: translations have faults; those of all languages at once.
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
            hint="Correct what is listed; `microcred questionnaire translate` lists the texts.",
            faults=tuple(faults),
        )
    return lines


@app.command("show")
def show_questionnaire(
    source: options.Source = None, questionnaire: options.Questionnaire = BUILT_IN
) -> None:
    """Read a questionnaire: every question with its options, codes and route.

    Example: microcred questionnaire show
    """
    page = _page(load(source or questionnaire).questionnaire)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    for line in page.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        hanging = " " * (indent + (2 if indent else 0))
        wrapped = textwrap.fill(
            line, max(30, width - 1), subsequent_indent=hanging, break_on_hyphens=False
        )
        sys.stdout.write(safe(wrapped, newlines=True) + "\n")


def _page(questionnaire: Questionnaire) -> str:
    """A page to read, each text on one line of its own: routes first, then every item."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("microcred_cli.cli", "."),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: str(value).replace("\n", " "),
        undefined=StrictUndefined,
    )
    environment.filters["in_words"] = in_words
    page = environment.get_template("questionnaire.txt.jinja").render(
        questionnaire=questionnaire, routes=routes(questionnaire), missing=MISSING_LABELS
    )
    return page.removesuffix("\n")


@app.command("schema")
def print_schema(
    source: options.Source = None,
    questionnaire: options.Questionnaire = BUILT_IN,
    fieldwork: options.FieldworkFile = None,
) -> None:
    """Print the JSON Schema (2020-12) of a response to a questionnaire, its routes included.

    Where the settings want full detail, it is that of responses with the fine codes.

    Example: microcred questionnaire schema
    """
    from microcred_cli.records.schema import response_schema

    loaded = load(source or questionnaire)
    detail = Choices(fieldwork=fieldwork).read_fieldwork().detail
    schema = response_schema(loaded.questionnaire, loaded.sha256, detail=detail)
    sys.stdout.write(json.dumps(schema, ensure_ascii=False, indent=2) + "\n")


@app.command("translate")
def translate(
    language: Annotated[
        str, typer.Argument(metavar="LANG", help="The language, such as de.", show_default=False)
    ],
    source: options.Source = None,
    questionnaire: options.Questionnaire = BUILT_IN,
) -> int:
    """Make a translation's file, or bring it up to date: the source beside each text.

    Marks what has changed in the source since; names of countries come from CLDR.

    Example: microcred questionnaire translate de my_survey.yaml
    """
    from microcred_cli.cli.translate import write_translation

    return write_translation(language, source or questionnaire)
