"""Base class of the records in a case log, which pydantic validates on creation.

Importing this module loads pydantic. Drafts and responses use `questionnaire.base_model` instead.
"""

from pydantic import BaseModel, ConfigDict


class Checked(BaseModel):
    """A frozen model that rejects unknown keys and never shows its input in error messages."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        defer_build=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )
