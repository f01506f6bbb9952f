"""Forward and backward through a copy of a network as it predicts: activations, and gradients of a score.

What is explained is a score: one output of the network before its softmax or sigmoid (Simonyan, Vedaldi &
Zisserman 2014), or one unit of a layer. A unit with several positions (a channel of a feature map) counts by
its largest value, one of a recurrent layer by its last step.
"""

import copy
import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape
from engine.layers import Layer, Workspace
from engine.network import Network
from engine.training.evaluator import NUMBERS_AT_ONCE
from engine.training.resources import numbers_per_sample

MOST_ROWS = 64


class EvaluationPass:
    """Goes through a network row by row, without dropout and with running statistics.

    The parameters are the network's own and only read; all other arrays belong to this object.

    rows : how many rows it takes at most, fewer where layers keep many numbers of each.
    """

    def __init__(self, network: Network, rows: int = 1) -> None:
        self.network = copy.copy(network)
        self.network.replace_layers([layer.as_evaluated() for layer in network.layers])
        numbers = max(numbers_per_sample(self.network.layers, network.shapes), 1)
        self.rows = max(min(rows, MOST_ROWS, NUMBERS_AT_ONCE // numbers), 1)
        self._workspaces = self.network.workspaces(self.rows)
        self._gradients: tuple[dict[str, Array], ...] = ()

    def forward(self, x: Array) -> list[Array]:
        """The output of each layer for a batch x of at most `rows` rows, until the next call.

        Some are the same memory: a layer may return its input.
        """
        outputs = []
        layers = zip(
            self.network.layers,
            self.network.parameter_views,
            self._workspaces.rows(len(x)),
            strict=True,
        )
        with np.errstate(all="ignore"):
            for layer, parameters, workspace in layers:
                x = layer.forward(parameters, x, workspace, True)
                outputs.append(x)
        return outputs

    def input_gradient(self, layer: int, dy: Array) -> Array:
        """The gradient of the network's input, for that of a layer's output in the last `forward`.

        dy : (rows, *output shape of the layer); overwritten. The result lives until the next call.
        """
        if not self._gradients:
            # Layers write those of their parameters too; nobody reads them here.
            self._gradients = self.network.views(np.empty_like(self.network.parameters))
        spaces = self._workspaces.rows(len(dy))
        with np.errstate(all="ignore"):
            for index in range(layer, -1, -1):
                spaces[index].needs_dx = True
                dy = self.network.layers[index].backward(
                    self.network.parameter_views[index], self._gradients[index], dy, spaces[index]
                )
        return dy


def positions_of(layer: Layer, values: Array) -> Array:
    """Outputs of a layer (rows, …, units) as (rows, positions, units): the last step of a recurrent one.

    A view where that is possible.
    """
    if layer.stepwise and values.ndim == 3:
        values = values[:, -1:]
    return values.reshape(len(values), -1, values.shape[-1])


def score_gradient(
    layer: Layer, values: Array, unit: int, sign: float = 1.0
) -> tuple[NDArray[np.intp], Array, Array]:
    """Where a unit is largest in each row, its score there, and the gradient of the score by `values`.

    values : outputs of the layer (rows, …, units). Returns positions (rows,), scores (rows,), dy like values.
    """
    own = positions_of(layer, values)
    where = np.nan_to_num(own[..., unit], nan=-np.inf).argmax(axis=1)
    rows = np.arange(len(values))
    dy = np.zeros(values.shape, values.dtype)
    flat = dy.reshape(len(values), -1, values.shape[-1])
    # The last step, where only that counts.
    shift = flat.shape[1] - own.shape[1]
    flat[rows, where + shift, unit] = sign
    return where, sign * own[rows, where, unit], dy


def image_shape(network: Network) -> Shape | None:
    """(height, width, channels) of a sample that is an image; None for other samples.

    That is one too whose numbers the network reshapes into an image before it computes with them.
    """
    shapes = network.shapes[: keeping_layers(network) + 1]
    return next((shape for shape in shapes if len(shape) == 3), None)


def keeping_layers(network: Network) -> int:
    """How many layers at the front pass the numbers of a sample on as they are, in their order."""
    stages = zip(network.layers, network.shapes, strict=False)
    return next((number for number, stage in enumerate(stages) if not _keeps(*stage)), len(network.layers))


@lru_cache(maxsize=256)
def _keeps(layer: Layer, shape: Shape) -> bool:
    """Whether a layer's prediction for a sample of this shape has the same numbers in the same order."""
    after = layer.output_shape(shape)
    if layer.parameter_shapes(shape) or math.prod(after) != math.prod(shape):
        return False
    # Of both signs and no whole ones, which some activation might leave as they are.
    x = (np.arange(math.prod(shape), dtype=np.float64) * 0.37 - 0.11 * math.prod(shape)).reshape(1, *shape)
    space = Workspace.of(layer.workspace_arrays(shape), 1, x.dtype)
    with np.errstate(all="ignore"):
        y = layer.forward({}, x, space, False)
    return np.array_equal(x.ravel(), y.ravel())
