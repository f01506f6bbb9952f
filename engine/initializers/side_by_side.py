"""Several matrices in one array, each with its own starting values."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array
from engine.initializers import AnyInitializer
from engine.initializers.base import Initializer, fans


class SideBySide(Initializer):
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
