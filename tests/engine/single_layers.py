"""A network of one layer, and the slopes of what comes out of it, for the laws of layers."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.arrays import Shape
from engine.layers import Layer, Workspace
from engine.network import Network

ROWS = 5
STEP = 1e-6


def built(layer: Layer, shape: Shape, dtype: type = np.float64) -> tuple[Network, np.ndarray, np.ndarray]:
    """A network of this one layer with random parameters, an input away from kinks, and an output weight."""
    draws = np.random.default_rng(7)
    network = Network([layer], shape, dtype)
    network.initialize(draws)
    network.parameters += 0.3 * draws.normal(size=network.parameters.size)
    x = draws.normal(size=(ROWS, *shape)).astype(dtype)
    weight = draws.normal(size=(ROWS, *network.output_shape)).astype(dtype)
    return network, x, weight


def objective(network: Network, x: np.ndarray, weight: np.ndarray, seed: int = 3) -> float:
    """Σ weight · output, with the layer's random draws frozen."""
    return value(network, x, weight, network.workspaces(len(x)).rows(len(x)), seed)


def value(
    network: Network, x: np.ndarray, weight: np.ndarray, spaces: Sequence[Workspace], seed: int = 3
) -> float:
    """The objective in given workspaces."""
    for space in spaces:
        space.generator = np.random.default_rng(seed)
    return float((network.forward(x, spaces, True) * weight).sum())


def slopes(network: Network, vector: np.ndarray, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Central differences of the objective by each entry of `vector` (parameters, or the input laid flat)."""
    spaces = network.workspaces(len(x)).rows(len(x))
    return central_differences(lambda: value(network, x, weight, spaces), vector)


def central_differences(function: Callable[[], float], vector: np.ndarray) -> np.ndarray:
    """The slope of what a function finds by each number that it reads from `vector`."""
    found = np.empty(vector.size)
    for place in range(vector.size):
        kept = vector[place]
        vector[place] = kept + STEP
        above = function()
        vector[place] = kept - STEP
        below = function()
        vector[place] = kept
        found[place] = (above - below) / (2 * STEP)
    return found
