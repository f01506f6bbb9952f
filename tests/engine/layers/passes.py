"""One layer, forward and backward, as the tests of single layers need it."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from engine.layers import Layer
from engine.network import Network


class Passed(NamedTuple):
    """What a pass leaves: output, gradient of the input, gradients of the parameters."""

    y: np.ndarray
    dx: np.ndarray
    gradients: Mapping[str, np.ndarray]


def passed(
    layer: Layer,
    x: np.ndarray,
    dy: np.ndarray | None = None,
    parameters: Mapping[str, np.ndarray] | None = None,
    seed: int = 1,
) -> Passed:
    """Run a batch through a layer in training; parameters left out are drawn, dy is ones."""
    draws = np.random.default_rng(seed)
    network = Network([layer], x.shape[1:], x.dtype.type)
    network.parameters[...] = draws.normal(size=network.parameters.size)
    for name, value in (parameters or {}).items():
        network.parameter_views[0][name][...] = value
    space = network.workspaces(len(x), draws).rows(len(x))[0]
    space.needs_dx = True
    y = layer.forward(network.parameter_views[0], x, space, True).copy()
    dy = np.ones_like(y) if dy is None else dy.copy()
    dx = layer.backward(network.parameter_views[0], network.gradient_views[0], dy, space)
    return Passed(y, dx.copy(), network.gradient_views[0])
