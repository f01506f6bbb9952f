"""Softmax of logits for the losses of classes, in parts from which its logarithm comes without overflow."""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array, Shape, ones


def softmax_buffers(output_shape: Shape) -> dict[str, Shape]:
    """What `normalize` wants in the workspace."""
    matrices = {name: output_shape for name in ("transposed", "shifted", "exponential")}
    columns: dict[str, Shape] = {name: () for name in ("peak", "total", "logarithm")}
    return matrices | columns


def normalize(output: Array, workspace: Mapping[str, Array]) -> None:
    """From logits z (rows, classes): s = z − max z of the row, eˢ, the sums Σ eˢ of the rows, and ln Σ eˢ.

    Then softmax(z) = eˢ / Σ eˢ and ln softmax(z) = s − ln Σ eˢ, where nothing can overflow. Fills "shifted",
    "exponential", "total" and "logarithm".
    """
    shifted, exponential = workspace["shifted"], workspace["exponential"]
    peak, total = workspace["peak"], workspace["total"]
    rows, classes = output.shape
    # The maximum of short rows costs NumPy a loop a row; along columns it is one pass over long ones.
    if classes == 2:
        np.maximum(output[:, 0], output[:, 1], out=peak)
    else:
        transposed = workspace["transposed"].reshape(classes, rows)
        transposed[...] = output.T
        np.maximum.reduce(transposed, 0, out=peak)
    # Spread first: a ufunc that stretches one operand itself is slower, and allocates a buffer for it.
    shifted[...] = peak[:, None]
    np.subtract(output, shifted, shifted)
    np.exp(shifted, exponential)
    exponential.dot(ones(classes, output.dtype), total)
    np.log(total, workspace["logarithm"])
