"""The names of the files in a responses folder, as far as several modules look for them."""

import re
from typing import Final

from microcred_cli.records.formats import ENCRYPTED

FOLDER_FILE: Final = "folder.json"
COUNTS_FILE: Final = "counts.json"
KEPT: Final = (
    *(COUNTS_FILE, f"{COUNTS_FILE}{ENCRYPTED}"),
    *("figures.json", "last-seal.json", "withdrawn"),
)
"""What stands beside the sealed files, in the folder of the responses."""

OWN_FILES: Final = (FOLDER_FILE, "README.md", ".gitignore", *KEPT)
"""What is no record in the folder of the responses."""

_RECORD: Final = re.compile(rf"[0-9a-f]{{32}}\.json({re.escape(ENCRYPTED)})?")


def is_record(name: str) -> bool:
    """Whether a file has the name of a waiting response or text."""
    return _RECORD.fullmatch(name) is not None


def stem(name: str) -> str:
    """The id that the name of a record's file claims."""
    return name.partition(".")[0]
