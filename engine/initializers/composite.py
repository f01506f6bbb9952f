"""Initializers of arrays that consist of several: concatenated vectors, and blocks of a matrix."""

import math
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.initializers import AnyInitializer
from engine.initializers.base import Initializer, fans


class Concatenated(Initializer):
    """Fills stretches of a vector in their order, each as if it were an array of its own.

    For layers that keep tables of different sizes in one parameter, such as an embedding of several columns:
    what starts by its fans takes those of the table. No choice for people, hence in no list.
    """

    heading: ClassVar[str] = "End to end"
    kind: Literal["end_to_end"] = "end_to_end"

    shapes: tuple[Shape, ...]
    """Of the arrays; together they have as many numbers as the vector."""
    each: AnyInitializer

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        start = 0
        for shape in self.shapes:
            stop = start + math.prod(shape)
            self.each.fill(array[start:stop].reshape(shape), *fans(shape), generator)
            start = stop


class Blockwise(Initializer):
    """Fills equal blocks of an array's last axis, each as if it were an array of its own.

    For layers that keep several matrices in one (the gates of an LSTM, the queries, keys and values of an
    attention), so that one product serves them all. No choice for people, hence in no list.
    """

    heading: ClassVar[str] = "Side by side"
    kind: Literal["side_by_side"] = "side_by_side"

    parts: tuple[AnyInitializer, ...]

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        width = array.shape[-1] // len(self.parts)
        for number, part in enumerate(self.parts):
            block = array[..., number * width : (number + 1) * width]
            part.fill(block, *fans(block.shape), generator)
