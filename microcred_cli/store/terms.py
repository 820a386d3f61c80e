"""Terms of a responses folder as far as they can be known, and what is wrong with them."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError
from microcred_cli.files.reading import read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.shapes import Folder, Response, from_object, serialise
from microcred_cli.store.layout import FOLDER_FILE, REWRITTEN, Kind
from microcred_cli.store.segments import telling
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.layout import LeftOut

MISSING = "it is missing, so nothing says what the responses here answer"


def terms_of(folder: Responses, loaded: Loaded) -> tuple[Folder | None, list[LeftOut]]:
    """The terms of a folder, written or found, and what is wrong with them."""
    terms = folder.terms()
    if terms is None:
        found = terms_found(folder)
        is_empty = found is None and not any(folder.names(kind) for kind in Kind)
        return found, [] if is_empty else [(FOLDER_FILE, MISSING)]
    path = folder.folder / FOLDER_FILE
    # The order of keys, a number's form and a layout of somebody's own can single a folder out.
    rewritten = "" if read_file(path) == serialise(terms) else REWRITTEN
    wrong = _wrong(terms, loaded) or rewritten or telling(path)
    return terms, [(FOLDER_FILE, safe(wrong))] if wrong else []


def _wrong(terms: Folder, loaded: Loaded) -> str:
    if terms.questionnaire != loaded.questionnaire.id:
        return f"the folder was created for {terms.questionnaire}"
    if terms.detail == "full" and not terms.recipients:
        return "it asks for full detail, which only an encrypted folder can have"
    return ""


def terms_found(folder: Responses) -> Folder | None:
    """The terms that a response implies, a sealed one before others; None if there is none."""
    for response in chain(_first_sealed(folder), _pending(folder)):
        return Folder(
            questionnaire=response.questionnaire.id,
            detail=response.detail,
            synthetic=response.synthetic,
        )
    return None


def _first_sealed(folder: Responses) -> Iterator[Response]:
    segments = folder.segments
    for name in sorted(segments.sizes(Kind.RESPONSE)[0]):
        with suppress(StoreError):
            line = next(segments.lines(Kind.RESPONSE, name), b"")
            yield from_object(Response, parse_json(line), safe(name))


def _pending(folder: Responses) -> Iterator[Response]:
    for path in folder.files():
        with suppress(StoreError):
            yield folder.read(path)


def as_sentence(left_out: LeftOut) -> str:
    """A file with what is wrong with it, as a sentence that begins with no item's id."""
    name, wrong = left_out
    first = wrong.partition(" ")[0]
    begun = wrong if first.endswith(":") else wrong[:1].upper() + wrong[1:]
    return f"{name}: {begun}" if begun.endswith(".") else f"{name}: {begun}."
