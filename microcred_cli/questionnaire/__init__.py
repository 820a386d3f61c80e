"""What is asked: models of a questionnaire, its conditions, loading, lint and routes."""

from typing import Final

BUILT_IN: Final = "mc_employers"
"""The questionnaire that is meant where none is named."""
