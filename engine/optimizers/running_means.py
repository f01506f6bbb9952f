"""Running means as slots keep them: scaled by their memory, so that each needs one pass less."""

import numpy as np

from engine.arrays import Array


def rescale(slot: Array, earlier: float, memory: float) -> None:
    """Make of a slot that keeps m / (1 − β) with the `earlier` β one that keeps m with this memory β.

    m ← β m + (1 − β) g takes a pass over m and one over g; with M = m / (1 − β) it is M ← β M + g.
    """
    np.multiply(slot, (1 - earlier) / (1 - memory), slot)
