"""File names in a responses folder, and the two kinds of records."""

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
COLUMNS: Final = "columns"
"""The folder in the sealed folder with a column file for each segment of responses."""
KEPT: Final = (
    *(COUNTS_FILE, f"{COUNTS_FILE}{ENCRYPTED}"),
    *(FIGURES_FILE, LAST_SEAL_FILE, WITHDRAWN_FILE),
)
"""The files of the sealed set that are directly in the responses folder, not in a subfolder."""

OWN_FILES: Final = (FOLDER_FILE, "README.md", ".gitignore", *KEPT)
"""The files in the responses folder that are not records."""

TIMES_FOLDER: Final = "times"
"""The subfolder for pilot timings, in the responses folder and in the sealed folder."""

_RECORD: Final = re.compile(rf"[0-9a-f]{{32}}\.json({re.escape(ENCRYPTED)})?")

REWRITTEN: Final = (
    "its content is valid, but its keys or layout differ from those of files written by the program"
)
"""The fault reported for a file with a different JSON layout."""

REMOVED: Final = "it was withdrawn, and has now been removed"
"""The message for a withdrawn line that a seal has removed."""

LeftOut = tuple[str, str]
"""The printable name of an unusable file or line, and the reason why it cannot be used."""


def as_sentence(left_out: LeftOut) -> str:
    """Format a file name and its fault as a sentence."""
    name, wrong = left_out
    first = wrong.partition(" ")[0]
    begun = wrong if first.endswith(":") else wrong[:1].upper() + wrong[1:]
    return f"{name}: {begun}" if begun.endswith(".") else f"{name}: {begun}."


class Kind(Enum):
    """A kind of record: a response, or a free-text answer, which is stored separately.

    `form` is the name of the file format, and `id_key` the JSON key of the id. `prefix` is the
    subfolder for pending files in the responses folder, and for segments in the sealed folder. Each
    line of a segment begins with `line_start`, followed by the id.
    """

    RESPONSE = formats.RESPONSE, "response_id", ""
    TEXT = formats.TEXT, "text_id", "texts/"

    def __init__(self, form: str, id_key: str, prefix: str) -> None:
        self.form = form
        self.id_key = id_key
        self.prefix = prefix
        self.line_start = f'{{"format":"{form}","{id_key}":"'.encode()


def is_record(name: str) -> bool:
    """True if a file has the name of a pending record."""
    return _RECORD.fullmatch(name) is not None


def stem(name: str) -> str:
    """The id in the file name of a record."""
    return name.partition(".")[0]


def check_name(name: str, record_id: str) -> None:
    """Raise a StoreError if the file name of a record does not match its id."""
    if name != f"{record_id}.json":
        raise StoreError(
            "The file name does not match the id in the file.",
            where=name,
            hint="Restore the original file name, or move the file elsewhere.",
        )
