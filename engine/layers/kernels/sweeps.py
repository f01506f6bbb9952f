"""Windows along one axis: largest value, sum, and their ways back. A window in the plane is two of them.

Arrays are (outer, length, inner): the axis in the middle, everything before it and behind it flattened. For
the rows of an image inner is a whole line, so that all work is done in long runs.
"""

import numpy as np

from engine.activations.signs import Words, spread_sign, words
from engine.arrays import Array
from engine.layers.kernels.sliding import Sliding, taps


def largest(x: Array, y: Array, sliding: Sliding) -> None:
    """Write the largest value under each place of the window into y (outer, outputs, inner)."""
    cells = taps(sliding)
    if not sliding.inside:
        y.fill(-np.inf)
        for places, under in cells:
            part = y[:, places]
            np.maximum(part, x[:, under], out=part)
        return
    if len(cells) == 1:
        np.copyto(y, x[:, cells[0][1]])
        return
    np.maximum(x[:, cells[0][1]], x[:, cells[1][1]], out=y)
    for _, under in cells[2:]:
        np.maximum(y, x[:, under], out=y)


def largest_back(x: Array, y: Array, dy: Array, dx: Array, sliding: Sliding, scratch: Array) -> None:
    """Write into dx what each x contributed: dy goes to the first of the largest cells under its place.

    dy is overwritten; scratch is like dy.
    """
    if not sliding.tiles:
        dx.fill(0.0)
    if sliding.inside and sliding.stride >= sliding.size:
        _largest_back_apart(x, y, dy, dx, sliding, scratch)
        return
    left = words(dy)
    for places, under in taps(sliding):
        passing = _passing(x[:, under], y[:, places], left[:, places], scratch[:, places])
        # dy holds for a moment what this cell takes, then what it leaves.
        np.bitwise_xor(left[:, places], passing, out=left[:, places])
        np.add(dx[:, under], dy[:, places], out=dx[:, under])
        np.copyto(left[:, places], passing)


def _largest_back_apart(x: Array, y: Array, dy: Array, dx: Array, sliding: Sliding, scratch: Array) -> None:
    """Windows that do not overlap: each cell takes all it gets at once, the last one what is left."""
    *cells, (_, last) = taps(sliding)
    target, left, passing = words(dx), words(dy), words(dy)
    for number, (_, under) in enumerate(cells):
        if number:
            np.copyto(left, passing)
        passing = _passing(x[:, under], y, left, scratch)
        np.bitwise_xor(left, passing, out=target[:, under])
    np.copyto(target[:, last], passing)


def _passing(x: Array, y: Array, left: Words, scratch: Array) -> Words:
    """What is left of dy where x is not the largest, and 0 where it is, as words in scratch."""
    # Where they are equal the difference is +0.0, elsewhere negative.
    np.subtract(x, y, out=scratch)
    passing = spread_sign(scratch)
    np.bitwise_and(left, passing, out=passing)
    return passing


def sums(x: Array, y: Array, sliding: Sliding) -> None:
    """Write the sum under each place of the window into y (outer, outputs, inner)."""
    cells = taps(sliding)
    if not sliding.inside:
        y.fill(0.0)
        for places, under in cells:
            part = y[:, places]
            np.add(part, x[:, under], out=part)
        return
    if len(cells) == 1:
        np.copyto(y, x[:, cells[0][1]])
        return
    np.add(x[:, cells[0][1]], x[:, cells[1][1]], out=y)
    for _, under in cells[2:]:
        np.add(y, x[:, under], out=y)


def spread(dy: Array, dx: Array, sliding: Sliding) -> None:
    """Write into each cell of dx the sum of dy over the places of the window that it lies under."""
    if sliding.tiles:
        for _, under in taps(sliding):
            np.copyto(dx[:, under], dy)
        return
    dx.fill(0.0)
    for places, under in taps(sliding):
        part = dx[:, under]
        np.add(part, dy[:, places], out=part)
