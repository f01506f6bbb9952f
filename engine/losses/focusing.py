"""The focusing field of the focal losses, explained to a person in one way."""

from typing import Any

from pydantic import Field

from engine.settings import hints


def focusing_field() -> Any:
    """The power γ of the doubt 1 − p by which an example counts; 2 is the paper's choice."""
    return Field(
        2.0,
        ge=0,
        le=10,
        title="Focus γ",
        description="How much sure and right answers are passed over; 0 is plain cross-entropy.",
        json_schema_extra=hints(slider=True),
    )
