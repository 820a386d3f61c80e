"""Constants of the file formats: names, bands of minutes, number of seeds, file extension."""

from typing import Final

RESPONSE: Final = "microcred-response/1"
TEXT: Final = "microcred-text/1"
FOLDER: Final = "microcred-folder/1"
DRAFT: Final = "microcred-draft/1"
LOCKED_DRAFT: Final = "microcred-locked-draft/1"
DAYS: Final = "microcred-days/1"
CASES: Final = "microcred-cases/1"

SEEDS: Final = 16
"""The number of orders of the shuffled lists; more would be a fingerprint."""

FINE_MINUTES: Final = tuple(range(5, 61, 5))
"""The duration of an interview in full detail: rounded to 5; 60 means 60 or more."""

COARSE_MINUTES: Final = (10, 20, 30)
"""The same in coarse detail: under 15, 15 to 24, 25 or more."""

FINGERPRINT_SYMBOLS: Final = 15
"""The fingerprint of a public key: 75 bits; with the check symbol four groups of four."""

ENCRYPTED: Final = ".age"
"""The extension added to the name of an encrypted file."""
