"""What every initializer is: settings that fill one parameter array with starting values."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.settings import Settings


class Initializer(Settings):
    """Starting values of one parameter array.

    `fill` writes into `array` (any shape, float32 or float64) and draws only from `generator`, so that the
    same seed gives the same network.
    """

    kind: str
    heading: ClassVar[str]

    @abstractmethod
    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        """Fill the array in place. fan_in, fan_out: connections into and out of one unit."""


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight array whose last two axes are inputs and outputs.

    Leading axes are the receptive field (height, width of a convolution): both fans count its size.
    A vector (bias, scale) has its own length as both.
    """
    if len(shape) < 2:
        length = shape[0] if shape else 1
        return length, length
    field = int(np.prod(shape[:-2], dtype=np.int64))
    return field * shape[-2], field * shape[-1]
