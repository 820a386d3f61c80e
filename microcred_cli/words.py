"""The program's own words that more than one layer uses."""

from microcred_cli.speech import N_

BUILT_IN = "mc_employers"
"""The questionnaire that is meant where none is named."""

MISSING_LABELS = {
    "dk": N_("Don't know"),
    "pna": N_("Prefer not to answer"),
    "blank": N_("Left empty"),
    "not_asked": N_("Not asked"),
    "not_reached": N_("Not reached"),
}
"""What the reserved codes are called."""

NOTED = N_("I have noted it")
"""What is chosen when a code was written down."""
