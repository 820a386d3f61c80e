"""What several modules must agree on about the files: the names of the formats, the seeds."""

from typing import Final, Literal

ResponseFormat = Literal["microcred-response/1"]
TextFormat = Literal["microcred-text/1"]
FolderFormat = Literal["microcred-folder/1"]
DraftFormat = Literal["microcred-draft/1"]
LockedDraftFormat = Literal["microcred-locked-draft/1"]
CasesFormat = Literal["microcred-cases/1"]

RESPONSE: Final[ResponseFormat] = "microcred-response/1"
TEXT: Final[TextFormat] = "microcred-text/1"
FOLDER: Final[FolderFormat] = "microcred-folder/1"
DRAFT: Final[DraftFormat] = "microcred-draft/1"
LOCKED_DRAFT: Final[LockedDraftFormat] = "microcred-locked-draft/1"
CASES: Final[CasesFormat] = "microcred-cases/1"

SEEDS: Final = 16
"""How many orders of the shuffled lists there are; more would be a fingerprint."""

FINE_MINUTES: Final = tuple(range(5, 61, 5))
"""How long an interview took, in full detail: rounded to 5; 60 means 60 or more."""

COARSE_MINUTES: Final = (10, 20, 30)
"""The same in coarse detail: under 15, 15 to 24, 25 or more."""

FINGERPRINT_SYMBOLS: Final = 15
"""Of a public key: 75 bits, with the check symbol four groups of four."""

ENCRYPTED: Final = ".age"
"""What is added to the name of a file that is encrypted."""
