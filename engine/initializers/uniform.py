"""A uniform distribution of a chosen width, whatever the layer's size."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.initializers.base import Initializer


class Uniform(Initializer):
    """Uniform between −limit and limit."""

    heading: ClassVar[str] = "Uniform"
    kind: Literal["uniform"] = "uniform"
    limit: float = Field(
        0.05, ge=0, le=100, title="Limit", description="Starting values lie between minus and plus this."
    )

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = generator.uniform(-self.limit, self.limit, array.shape)
