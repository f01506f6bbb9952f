"""One value for all parameters of an array: zero, or a constant."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.initializers.base import Initializer


class Zeros(Initializer):
    """Every value 0."""

    heading: ClassVar[str] = "Zeros"
    kind: Literal["zeros"] = "zeros"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = 0.0


class Constant(Initializer):
    """Every value the same."""

    heading: ClassVar[str] = "Constant"
    kind: Literal["constant"] = "constant"
    value: float = Field(0.1, ge=-1000, le=1000, title="Value", description="What every number starts at.")

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = self.value
