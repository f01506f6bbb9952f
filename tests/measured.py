"""The usual metrics of made-up predictions, as a run records them."""

import numpy as np
from numpy.typing import NDArray

from engine.metrics import USUAL, Measurement


def metrics_of_counts(counts: NDArray[np.int64], binary: bool) -> dict[str, float]:
    """Of a confusion matrix (classes, classes), rows what is true."""
    task = "binary" if binary else "classification"
    return {metric.name: metric.of_counts(counts.astype(float)) for metric in USUAL[task]}


def metrics_of_numbers(actual: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    """Of numbers (rows, outputs)."""
    measurement = Measurement(USUAL["regression"], actual.shape[1])
    measurement.update(predicted, actual)
    return measurement.result()
