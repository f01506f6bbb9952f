"""Initializers of arrays that consist of several arrays: concatenated, or blocks of a matrix."""

import math
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.initializers import AnyInitializer
from engine.initializers.base import Initializer, fans


class Concatenated(Initializer):
    """Fills consecutive parts of a vector, each as an array of its own, with its own fans.

    For layers that store tables of different sizes in one parameter, such as an embedding of several columns.
    People cannot choose it, so it is in no registry.
    """

    heading: ClassVar[str] = "Concatenated"
    kind: Literal["concatenated"] = "concatenated"

    shapes: tuple[Shape, ...]
    """Shapes of the parts, which together have as many numbers as the vector."""
    each: AnyInitializer

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        start = 0
        for shape in self.shapes:
            stop = start + math.prod(shape)
            self.each.fill(array[start:stop].reshape(shape), *fans(shape), generator)
            start = stop


class Blockwise(Initializer):
    """Fills equal blocks of an array's last axis, each as an array of its own, with its own fans.

    For layers that store several matrices in one (the gates of an LSTM, the queries, keys and values of an
    attention), so that one product computes all of them. People cannot choose it, so it is in no registry.
    """

    heading: ClassVar[str] = "Blockwise"
    kind: Literal["blockwise"] = "blockwise"

    parts: tuple[AnyInitializer, ...]

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        width = array.shape[-1] // len(self.parts)
        for number, part in enumerate(self.parts):
            block = array[..., number * width : (number + 1) * width]
            part.fill(block, *fans(block.shape), generator)
