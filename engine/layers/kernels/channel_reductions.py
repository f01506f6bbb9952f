"""Broadcasts over and reductions to channels, for arrays whose last axis counts the channels.

Channels are few, and NumPy's loops over a short last axis are slow. So the values of the channels are
repeated along the axis before it, and all operations run over lines of `columns · channels` numbers.
"""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array, Shape, constant

_NUMBERS_AT_ONCE = 256 * 1024
"""Numbers in a block. Smaller blocks would stay in a faster cache; but the threads of a worker pool wait for
Python's lock in each call: with blocks of 32 k they take almost twice the time."""


def line_shape(sample_shape: Shape) -> Shape:
    """The last two axes of a sample, or its only one."""
    return sample_shape[-2:]


def as_lines(array: Array, length: int) -> Array:
    """(batch, …, channels) as (lines, length); nothing is copied."""
    return array.reshape(-1, length)


def lines_at_once(length: int) -> int:
    """Lines of a block."""
    return max(_NUMBERS_AT_ONCE // length, 1)


def blocks(count: int, length: int) -> Iterator[slice]:
    """All `count` lines, block by block."""
    step = lines_at_once(length)
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def repeat(values: Array, line: Array) -> Array:
    """Fill a line with repetitions of the channels' values; returns it flattened."""
    np.copyto(line.reshape(-1, len(values)), values)
    return line.reshape(-1)


def add_lines(lines: Array, ones: Array, scratch: Array, total: Array, first: bool) -> None:
    """Sum of a block's lines into `total` (length,), which the first block overwrites."""
    np.dot(ones[: len(lines)], lines, total if first else scratch)
    if not first:
        np.add(total, scratch, total)


def fold(line: Array, ones: Array, channels: Array) -> None:
    """Sum of a line's columns, for each channel, into `channels`."""
    columns = line.reshape(-1, len(channels))
    np.dot(ones[: len(columns)], columns, channels)


def inverse_std(variance: Array, epsilon: float, scratch: Array) -> None:
    """Overwrite σ² by 1 / √(σ² + ε); scratch is like variance.

    NaN where σ² is infinite, not the limit 0: with it the normalization would return its shift for any input,
    with gradients of 0, and nobody would notice. In float32, squares overflow from 10¹⁹ on.
    """
    np.add(variance, epsilon, variance)
    # ∞ · 0 is NaN, and anything finite · 0 changes no sum.
    np.multiply(variance, constant(0.0, variance.dtype), scratch)
    np.sqrt(variance, variance)
    np.reciprocal(variance, variance)
    np.add(variance, scratch, variance)
