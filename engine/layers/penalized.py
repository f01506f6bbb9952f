"""The layer's own L1 and L2, for layers with weights."""

from pydantic import Field

from engine.layers.base import Layer
from engine.settings import hints


class Penalized(Layer):
    """How strongly the weights are held small; empty fields take the network's values."""

    l1: float | None = Field(
        None,
        ge=0,
        le=10,
        title="L1",
        description="Pulls this layer's weights towards exactly 0; empty takes the network's value.",
        json_schema_extra=hints(live=True, none_title="As the network", section="More"),
    )
    l2: float | None = Field(
        None,
        ge=0,
        le=10,
        title="L2",
        description="Keeps this layer's weights small; empty takes the network's value.",
        json_schema_extra=hints(live=True, none_title="As the network"),
    )
