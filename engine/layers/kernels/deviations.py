"""One over a standard deviation, as every normalization needs it."""

import numpy as np

from engine.arrays import Array, constant


def invert_deviation(variance: Array, epsilon: float, scratch: Array) -> None:
    """Overwrite σ² by 1 / √(σ² + ε); scratch is like variance.

    NaN where σ² is infinite: 0 would be the limit, and the normalization would hand on its shift, whatever
    comes in, with gradients of 0. In float32 that is so from numbers of 10¹⁹ on, whose squares overflow.
    """
    np.add(variance, epsilon, variance)
    # ∞ · 0 is NaN, and anything finite · 0 changes no sum.
    np.multiply(variance, constant(0.0, variance.dtype), scratch)
    np.sqrt(variance, variance)
    np.reciprocal(variance, variance)
    np.add(variance, scratch, variance)
