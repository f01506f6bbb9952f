"""A layer's gradients against central differences of a slow, obvious reference."""

from collections.abc import Callable, Mapping

import numpy as np

from engine.layers import Layer
from tests.engine.layers.passes import passed
from tests.engine.single_layers import central_differences

Reference = Callable[[np.ndarray, Mapping[str, np.ndarray]], np.ndarray]
"""From a batch and parameters to the output."""


def agrees_with(reference: Reference, layer: Layer, x: np.ndarray, parameters: Mapping[str, np.ndarray]):
    """Output, dx and the gradient of every parameter, for the loss Σ dy · y."""
    y = reference(x, parameters)
    dy = np.random.default_rng(9).normal(size=y.shape)
    found = passed(layer, x, dy, parameters)
    np.testing.assert_allclose(found.y, y, rtol=1e-12, atol=1e-13)

    def loss() -> float:
        return float((reference(x, parameters) * dy).sum())

    assert found.gradients.keys() == parameters.keys()
    gradients = {"x": (x, found.dx)} | {
        name: (parameters[name], gradient) for name, gradient in found.gradients.items()
    }
    for name, (vector, gradient) in gradients.items():
        slopes = central_differences(loss, vector.reshape(-1)).reshape(vector.shape)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-7, err_msg=name)
