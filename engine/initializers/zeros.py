"""All zeros: right for biases, and a lesson when used for weights (all units stay equal)."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array
from engine.initializers.base import Initializer


class Zeros(Initializer):
    """Every value 0."""

    heading: ClassVar[str] = "Zeros"
    kind: Literal["zeros"] = "zeros"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = 0.0
