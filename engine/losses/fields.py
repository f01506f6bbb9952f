"""Fields that several losses have in common, so that each is explained to a person in one way."""

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


def focusing_field() -> Any:
    """The power γ of the doubt by which an example counts; 2 is the choice of Lin et al. 2017."""
    return Field(
        2.0,
        ge=0,
        le=10,
        title="Focus γ",
        description="How much sure and right answers are passed over; 0 is plain cross-entropy.",
        json_schema_extra=hints(slider=True),
    )


def squared_field() -> Any:
    """Whether what is missing to a margin counts squared."""
    return Field(
        False,
        title="Squared",
        description="Counts what is missing to the margin squared: smoother, and harder on large mistakes.",
    )
