"""Fields that several optimizers have in common, so that each is explained to a person in one way."""

from typing import Any

from pydantic import Field

from engine.settings import hints


def rate_field(default: float) -> Any:
    """The learning rate; what suits differs from rule to rule by orders of magnitude."""
    return Field(
        default,
        gt=0,
        le=1000,
        title="Learning rate",
        description="How far each step goes along the negative gradient.",
        json_schema_extra=hints(live=True, slider=True, logarithmic=True),
    )


def momentum_field() -> Any:
    """The share of the last step that goes on."""
    return Field(
        0.9,
        ge=0,
        lt=1,
        title="Momentum",
        description="How much of its speed a step hands on to the next; 0 is plain gradient descent.",
        json_schema_extra=hints(live=True, slider=True),
    )


def smoothing_field(default: float, title: str, of_what: str) -> Any:
    """The memory of a running mean."""
    return Field(
        default,
        ge=0,
        lt=1,
        title=title,
        description=f"Memory of the running mean of {of_what}: the nearer to 1, the longer and smoother.",
        json_schema_extra=hints(live=True),
    )


def epsilon_field(default: float) -> Any:
    """The guard of a division by a root that may be 0; above 0 in float32 too."""
    return Field(
        default,
        ge=1e-30,
        le=1,
        title="ε",
        description="Keeps the division safe where gradients have been nearly zero.",
        json_schema_extra=hints(live=True, section="More"),
    )


def decay_field(default: float = 0.0) -> Any:
    """Decoupled weight decay: outside of the gradient, so that no adaptive rate or momentum distorts it."""
    return Field(
        default,
        ge=0,
        le=100,
        title="Weight decay",
        description="Pulls every parameter towards 0, by this share of the learning rate in each step.",
        json_schema_extra=hints(live=True),
    )
