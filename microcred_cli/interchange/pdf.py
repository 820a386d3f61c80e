"""The paper questionnaire as a PDF, typeset by typst (the extra `print`)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from microcred_cli.clock.dates import NEUTRAL
from microcred_cli.errors import UsageError
from microcred_cli.interchange.extras import refuse_without

if TYPE_CHECKING:
    from microcred_cli.interchange.paper import Sheet

_STANDARD: Final = "ua-1"
"""The accessibility standard for PDF (PDF/UA-1), which requires tags, a title and a language."""


def as_pdf(sheet: Sheet) -> bytes:
    """The sheet as a tagged PDF; the same sheet always gives the same bytes."""
    refuse_without("typst", "print")
    import typst

    source = files("microcred_cli.interchange").joinpath("paper.typ").read_bytes()
    try:
        found = typst.compile(
            source,
            sys_inputs={"sheet": json.dumps(sheet.as_object(), ensure_ascii=False)},
            ignore_system_fonts=True,
            pdf_standards=_STANDARD,
            timestamp=NEUTRAL,
        )
    except typst.TypstError as error:
        raise UsageError(
            f"The questionnaire cannot be typeset: {error.message}.",
            where="--to pdf",
            hint="Use --to html, and print the page from a browser.",
        ) from None
    assert isinstance(found, bytes)
    return found
