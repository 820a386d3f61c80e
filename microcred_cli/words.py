"""The program's own words that more than one layer uses."""

BUILT_IN = "mc_employers"
"""The questionnaire that is meant where none is named."""

MISSING_LABELS = {
    "dk": "Don't know",
    "pna": "Prefer not to answer",
    "blank": "Left empty",
    "not_asked": "Not asked",
    "not_reached": "Not reached",
}
"""What the reserved codes are called."""
