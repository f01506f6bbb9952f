"""Random values of a chosen scale, independent of the layer's size: normal and uniform."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.initializers.base import Initializer


class Normal(Initializer):
    """Normal around 0 with a chosen standard deviation."""

    heading: ClassVar[str] = "Normal"
    kind: Literal["normal"] = "normal"
    std: float = Field(1.0, ge=0, le=100, title="σ", description="Standard deviation of the starting values.")

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = generator.normal(0.0, self.std, array.shape)


class Uniform(Initializer):
    """Uniform between −limit and limit."""

    heading: ClassVar[str] = "Uniform"
    kind: Literal["uniform"] = "uniform"
    limit: float = Field(
        0.05, ge=0, le=100, title="Limit", description="Starting values lie between minus and plus this."
    )

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = generator.uniform(-self.limit, self.limit, array.shape)
