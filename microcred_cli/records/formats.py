"""Constants of the file formats: names, duration bands, number of seeds, and file extension."""

from typing import Final

RESPONSE: Final = "microcred-response/1"
TEXT: Final = "microcred-text/1"
TIMES: Final = "microcred-times/1"
SEALED_TIMES: Final = "microcred-sealed-times/1"
FOLDER: Final = "microcred-folder/1"
DRAFT: Final = "microcred-draft/1"
LOCKED_DRAFT: Final = "microcred-locked-draft/1"
DAYS: Final = "microcred-days/1"
CASES: Final = "microcred-cases/1"

SEEDS: Final = 16
"""The number of shuffle seeds; more seeds could make a response unique."""

FINE_MINUTES: Final = tuple(range(5, 61, 5))
"""Durations in full detail: minutes rounded to multiples of 5; 60 means 60 or more."""

COARSE_MINUTES: Final = (10, 20, 30)
"""Durations in coarse detail: under 15 minutes, 15 to 24, and 25 or more."""

TIME_BANDS: Final = (5, 15, 30, 60)
"""The lower limits of the second and later bands, in seconds on an item."""

NOT_SHOWN: Final = 0
"""The band number of an item that was not shown; bands are numbered from 1."""

FINGERPRINT_SYMBOLS: Final = 15
"""The length of a key fingerprint: 75 bits, shown as four groups of four with the check symbol."""

ENCRYPTED: Final = ".age"
"""The extension added to the names of encrypted files."""
