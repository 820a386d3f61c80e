"""Names of the files in a responses folder, and the two kinds of records in it."""

import re
from enum import Enum
from typing import Final

from microcred_cli.errors import StoreError
from microcred_cli.records import formats
from microcred_cli.records.formats import ENCRYPTED

FOLDER_FILE: Final = "folder.json"
COUNTS_FILE: Final = "counts.json"
FIGURES_FILE: Final = "figures.json"
LAST_SEAL_FILE: Final = "last-seal.json"
WITHDRAWN_FILE: Final = "withdrawn"
KEPT: Final = (
    *(COUNTS_FILE, f"{COUNTS_FILE}{ENCRYPTED}"),
    *(FIGURES_FILE, LAST_SEAL_FILE, WITHDRAWN_FILE),
)
"""The files of the sealed set that are directly in the responses folder."""

OWN_FILES: Final = (FOLDER_FILE, "README.md", ".gitignore", *KEPT)
"""The files in the responses folder that are not records."""

_RECORD: Final = re.compile(rf"[0-9a-f]{{32}}\.json({re.escape(ENCRYPTED)})?")

REWRITTEN: Final = (
    "it says nothing wrong, but its keys or its layout are not as the program writes them"
)
"""The fault of a file with another JSON layout."""

REMOVED: Final = "it was withdrawn, and is removed now"
"""Reported for a line that a seal removed because it was withdrawn."""

LeftOut = tuple[str, str]
"""The printable name of a file, or of a line in it, and its fault."""


def as_sentence(left_out: LeftOut) -> str:
    """A file and its fault, as a sentence that does not begin with an item's id."""
    name, wrong = left_out
    first = wrong.partition(" ")[0]
    begun = wrong if first.endswith(":") else wrong[:1].upper() + wrong[1:]
    return f"{name}: {begun}" if begun.endswith(".") else f"{name}: {begun}."


class Kind(Enum):
    """A kind of record: a response, or a text that was typed and is detached from its response.

    `form` is the name of its format and `id_key` the key of its id. `prefix` is the folder part of
    its file's path in the responses folder, or of its segment's among the segments. Each line of a
    segment begins with `line_start`, then the id.
    """

    RESPONSE = formats.RESPONSE, "response_id", ""
    TEXT = formats.TEXT, "text_id", "texts/"

    def __init__(self, form: str, id_key: str, prefix: str) -> None:
        self.form = form
        self.id_key = id_key
        self.prefix = prefix
        self.line_start = f'{{"format":"{form}","{id_key}":"'.encode()


def is_record(name: str) -> bool:
    """Whether a file has the name of a pending record."""
    return _RECORD.fullmatch(name) is not None


def stem(name: str) -> str:
    """The id in the name of a record's file."""
    return name.partition(".")[0]


def check_name(name: str, record_id: str) -> None:
    """Refuse a record in a file that is not named after its id."""
    if name != f"{record_id}.json":
        raise StoreError(
            "The file's name is not its id.",
            where=name,
            hint="Restore its name, or move it elsewhere.",
        )
