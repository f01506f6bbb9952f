"""The field of label smoothing, explained to a person in one way wherever it occurs."""

from typing import Any

from pydantic import Field

from engine.settings import hints


def smoothing_field() -> Any:
    """The share ε of a target that is spread evenly over all classes."""
    return Field(
        0.0,
        ge=0,
        lt=1,
        title="Label smoothing",
        description="Share of each target spread over all classes: the network is not asked to be certain.",
        json_schema_extra=hints(slider=True),
    )
