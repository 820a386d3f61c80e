"""The base of records that no first page depends on: pydantic models, checked when created."""

from pydantic import BaseModel, ConfigDict


class Checked(BaseModel):
    """Base model, which is frozen, rejects unknown keys, and never shows its input in an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        defer_build=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )
