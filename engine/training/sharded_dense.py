"""Wide fully connected layers of a batch in parts: the gradient of the weights is sharded, not summed.

Each worker could compute the gradient of its own rows, as for every other layer. But in a wide layer it takes
longer to write a full gradient for each worker and to sum them than the parallel products gain. So the rows
of all workers are collected, and each worker computes some rows of the weights' gradient for the full batch.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import accumulate, pairwise

import numpy as np

from engine.arrays import Array, Shape, even_slices, ones
from engine.layers import Affine, Layer, Workspace
from engine.network import Network, count_parameters

FEWEST_WEIGHTS = 65_536
"""Below this, summing the gradients takes no longer than collecting the rows and waiting for all workers."""

Backward = Callable[[Mapping[str, Array], Mapping[str, Array], Array, Workspace], Array]


def can_shard(layer: Layer, input_shape: Shape) -> bool:
    """Whether the gradient of this layer's weights is sharded."""
    affine = layer.affine()
    return (
        affine is not None
        and len(input_shape) == 1
        and math.prod(layer.parameter_shapes(input_shape)[affine.weight]) >= FEWEST_WEIGHTS
    )


class ShardedDense:
    """The gradient of one layer's weights and bias, dW = xᵀ dz and db = Σ dz, over all rows of a batch.

    Parameters
    ----------
    layer : as the layer describes itself.
    gradients : the layer's, which are overwritten.
    shards : for each worker its rows of the weights' gradient. The last worker also computes the bias.
    capacity : most rows of a batch.
    """

    def __init__(
        self, layer: Affine, gradients: Mapping[str, Array], shards: Sequence[slice], capacity: int
    ) -> None:
        self._layer, self.shards = layer, shards
        self.dweight = gradients[layer.weight]
        self._dbias = gradients[layer.bias] if layer.bias else None
        inputs, self.units = self.dweight.shape
        dtype = self.dweight.dtype
        self._x, self._dz = np.empty((capacity, inputs), dtype), np.empty((capacity, self.units), dtype)
        self._squares = [0.0] * len(shards)

    @property
    def square(self) -> float:
        """Squared norm of the gradient."""
        return sum(self._squares)

    def backward_from(self, start: Callable[[], int]) -> Backward:
        """A part's backward pass: stores its rows, from `start()` on, and returns dx without gradients."""
        return partial(self._backward, start)

    def _backward(
        self,
        start: Callable[[], int],
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dz, first = self._layer.pass_back(parameters, dy, workspace), start()
        rows = slice(first, first + len(dz))
        self._x[rows], self._dz[rows] = workspace.x, dz
        return workspace["dx"]

    def finish(self, worker: int, rows: int) -> None:
        """Compute one worker's shard of the gradients, when all rows of the batch are stored."""
        shard, square, dz = self.shards[worker], 0.0, self._dz[:rows]
        if shard.start < shard.stop:
            dweight = self.dweight[shard]
            self._x[:rows, shard].T.dot(dz, dweight)
            flat = dweight.reshape(-1)
            square = float(flat.dot(flat))
        if self._dbias is not None and worker == len(self.shards) - 1:
            dbias = self._dbias
            ones(rows, dz.dtype).dot(dz, dbias)
            square += float(dbias.dot(dbias))
        self._squares[worker] = square


def sharded_layers(network: Network, workers: int, capacity: int) -> dict[int, ShardedDense]:
    """The layers of a network that are sharded among so many workers, by their index."""
    layers = {
        index: affine
        for index, (layer, before) in enumerate(zip(network.layers, network.shapes, strict=False))
        if (affine := layer.affine()) is not None and can_shard(layer, before)
    }
    sizes = [network.parameter_views[index][layer.weight].size for index, layer in layers.items()]
    starts = [0, *accumulate(sizes)]
    found = {}
    for (index, layer), (start, stop) in zip(layers.items(), pairwise(starts), strict=True):
        shards = rows_of_workers(slice(start, stop), layer.units, starts[-1], workers)
        found[index] = ShardedDense(layer, network.gradient_views[index], shards, capacity)
    return found


def count_sharded_parameters(network: Network) -> int:
    """How many of a network's parameters are in layers that would be sharded."""
    stages = zip(network.layers, network.shapes, strict=False)
    return sum(count_parameters(layer, before) for layer, before in stages if can_shard(layer, before))


def rows_of_workers(span: slice, units: int, size: int, workers: int) -> list[slice]:
    """Rows of a layer's weights for each worker, so that all have equal amounts of all sharded layers.

    span : of the layer's weights (rows, units) among those of all sharded layers, which are `size` numbers.
    The updater splits the flat vector in much the same way: mostly, the worker that has computed a gradient
    also updates the weight.
    """
    rows = (span.stop - span.start) // units
    firsts = [-(-(stretch.start - span.start) // units) for stretch in even_slices(size, workers)]
    ends = [min(max(first, 0), rows) for first in firsts]
    return [slice(low, high) for low, high in pairwise([*ends, rows])]
