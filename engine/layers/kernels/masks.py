"""Which numbers dropout leaves on."""

import numpy as np

from engine.arrays import Array, constant
from engine.layers.base import Draws


def draw_mask(mask: Array, rate: float, generator: Draws) -> None:
    """Write into a mask (rows, …) 0 with probability `rate`, else 1 / (1 − rate).

    What is multiplied by it keeps its mean.
    As many numbers are drawn at rate 0: a rate that changes in mid-run then shifts no later draw.
    """
    generator.random(out=mask, dtype=mask.dtype)
    np.greater_equal(mask, constant(rate, mask.dtype), out=mask)
    np.multiply(mask, constant(1 / (1 - rate), mask.dtype), mask)
