"""Class indices as the targets of losses: one index per row, in place of a one-hot row.

Gradients are bit for bit those of one-hot rows.
"""

from functools import lru_cache
from typing import Any, TypeGuard, cast

import numpy as np

from engine.arrays import Array, ClassIndices, Targets, constant, ones, scratch

FEW_CLASSES = 256
"""Up to here, passes over one-hot rows take less time than looking up a single entry in each row."""

INDEX = np.dtype(np.intp)


def are_class_indices(target: Targets) -> TypeGuard[ClassIndices]:
    """Whether these are class indices (rows,), not rows of numbers (rows, outputs)."""
    return target.ndim == 1


def real_rows(target: Targets) -> Array:
    """Targets that are rows of numbers (rows, outputs); raises ValueError where they are class indices."""
    if are_class_indices(target):
        raise ValueError("expected rows of numbers as targets, found class indices")
    return cast(Array, target)


def in_precision(target: Targets, dtype: type[np.floating[Any]]) -> Targets:
    """Targets in the precision of the outputs; class indices, which have none, are returned as they are."""
    return target if are_class_indices(target) else target.astype(dtype, copy=False)


def probability_rows(target: Targets, out: Array) -> Array:
    """Targets as rows of probabilities (rows, classes): class indices as one-hot rows, written to `out`.

    Rows of probabilities are returned as they are, and `out` is not written to.
    """
    if not are_class_indices(target):
        return cast(Array, target)
    classes = out.shape[1]
    if classes <= FEW_CLASSES:
        # mode="clip" lets take write straight into `out`; every index is in range.
        return _identity(classes, out.dtype).take(target, 0, out, "clip")
    out.fill(0)
    # A reshaped copy would lose the result: copy=False raises an error where one would be needed.
    out.reshape(-1, copy=False)[_flat_indices(target, classes)] = 1
    return out


def sum_of_classes(scores: Array, target: ClassIndices) -> float:
    """Sum over the rows of the score of the row's class; scores (rows, classes)."""
    rows, classes = scores.shape
    if classes <= FEW_CLASSES:
        return float(np.vdot(scores, probability_rows(target, scratch(scores.shape, scores.dtype))))
    chosen = scratch(target.shape, scores.dtype)
    scores.reshape(-1).take(_flat_indices(target, classes), None, chosen, "clip")
    return float(chosen.dot(ones(rows, scores.dtype)))


def subtract_one_hot(values: Array, target: ClassIndices) -> None:
    """Subtract 1 in place from the entry of each row's class, of values (rows, classes)."""
    flat, indices = values.reshape(-1, copy=False), _flat_indices(target, values.shape[1])
    chosen = scratch(target.shape, values.dtype)
    flat.take(indices, None, chosen, "clip")
    np.subtract(chosen, constant(1.0, values.dtype), chosen)
    flat[indices] = chosen


def _flat_indices(target: ClassIndices, classes: int) -> ClassIndices:
    """Indices of the rows' classes in a flattened matrix (rows, classes), in this thread's scratch memory.

    Indexing by one index takes NumPy a third of the time of indexing by a pair.
    """
    indices = cast(ClassIndices, scratch(target.shape, INDEX))
    np.add(_row_starts(len(target), classes), target, indices)
    return indices


@lru_cache(maxsize=256)
def _row_starts(rows: int, classes: int) -> ClassIndices:
    """Indices of the rows' first elements in a flattened matrix; the front of a longer, shared array."""
    return _many_row_starts(1 << max(rows - 1, 0).bit_length(), classes)[:rows]


@lru_cache(maxsize=32)
def _many_row_starts(rows: int, classes: int) -> ClassIndices:
    starts = np.arange(rows) * classes
    starts.flags.writeable = False
    return starts


@lru_cache(maxsize=32)
def _identity(classes: int, dtype: np.dtype[Any]) -> Array:
    matrix = np.eye(classes, dtype=dtype)
    matrix.flags.writeable = False
    return matrix
