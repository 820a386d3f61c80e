"""What judges the responses in a folder, for the commands that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.store.layout import FOLDER_FILE
from microcred_cli.store.traces import rewritten, telling
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Folder
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.last_seal import LeftOut

MISSING = "it is missing, so nothing says what the responses here answer"


def terms_of(folder: Responses, loaded: Loaded) -> tuple[Folder | None, list[LeftOut]]:
    """What holds for a folder, written or found, and what is wrong with that.

    Raises:
        StoreError: what is written there cannot be read.
    """
    terms = folder.terms()
    if terms is None:
        found = folder.terms_found()
        is_empty = found is None and not folder.names() and not folder.text_names()
        return found, [] if is_empty else [(FOLDER_FILE, MISSING)]
    path = folder.folder / FOLDER_FILE
    wrong = _wrong(terms, loaded) or rewritten(path, terms) or telling(path)
    return terms, [(FOLDER_FILE, safe(wrong))] if wrong else []


def named(left_out: LeftOut) -> str:
    """A file with what is wrong with it, as a sentence that begins with no item's id."""
    name, wrong = left_out
    first = wrong.partition(" ")[0]
    begun = wrong if first.endswith(":") else wrong[:1].upper() + wrong[1:]
    return f"{name}: {begun}" if begun.endswith(".") else f"{name}: {begun}."


def _wrong(terms: Folder, loaded: Loaded) -> str:
    if terms.questionnaire != loaded.questionnaire.id:
        return f"the folder was begun for {terms.questionnaire}"
    if terms.detail == "full" and not terms.recipients:
        return "it asks for full detail, which only an encrypted folder can have"
    return ""
