"""A wide fully connected layer of a batch in parts: the gradient of its weights is not summed up, but shared.

Each member of a team could find the gradient of its own rows, as for every other layer; but to write as many
numbers as there are weights once for each member, and to add them up, takes longer than the products of a
wide layer gain. So all rows are brought together, and each member finds some rows of the gradient, for the
whole batch, and writes them where they belong.
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
"""Below this, adding up takes no longer than to bring the rows together and to wait for all."""

Backward = Callable[[Mapping[str, Array], Mapping[str, Array], Array, Workspace], Array]


def shareable(layer: Layer, input_shape: Shape) -> bool:
    """Whether members share out the gradient of this layer's weights."""
    return (
        layer.affine() is not None
        and len(input_shape) == 1
        and math.prod(layer.parameter_shapes(input_shape)["weight"]) >= FEWEST_WEIGHTS
    )


class SharedDense:
    """The gradient of one layer's weights and bias, dW = xᵀ dz and db = Σ dz, over all rows of a batch.

    gradients : the layer's, which are overwritten. shares : for each member the first and last row of the
    weights' gradient that it finds, and for none but one of them the bias. capacity : most rows of a batch.
    """

    def __init__(
        self, layer: Affine, gradients: Mapping[str, Array], shares: Sequence[slice], capacity: int
    ) -> None:
        self._layer, self._gradients, self.shares = layer, gradients, shares
        inputs, self.units = gradients["weight"].shape
        dtype = gradients["weight"].dtype
        self._x, self._dz = np.empty((capacity, inputs), dtype), np.empty((capacity, self.units), dtype)
        self._squares = [0.0] * len(shares)

    @property
    def square(self) -> float:
        """Squared norm of the gradient."""
        return sum(self._squares)

    def backward_from(self, start: Callable[[], int]) -> Backward:
        """A part's backward pass: brings its rows, which begin at `start()`, and returns dx; no gradients."""
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

    def finish(self, member: int, rows: int) -> None:
        """One member's share of the gradients, when all rows of the batch have been brought."""
        share, square, dz = self.shares[member], 0.0, self._dz[:rows]
        if share.start < share.stop:
            dweight = self._gradients["weight"][share]
            self._x[:rows, share].T.dot(dz, dweight)
            flat = dweight.reshape(-1)
            square = float(flat.dot(flat))
        if self._layer.bias and member == len(self.shares) - 1:
            dbias = self._gradients["bias"]
            ones(rows, dz.dtype).dot(dz, dbias)
            square += float(dbias.dot(dbias))
        self._squares[member] = square


def shared_layers(network: Network, members: int, capacity: int) -> dict[int, SharedDense]:
    """The layers of a network that so many members share out, by their index."""
    layers = {
        index: affine
        for index, (layer, before) in enumerate(zip(network.layers, network.shapes, strict=False))
        if (affine := layer.affine()) is not None and shareable(layer, before)
    }
    sizes = [network.parameter_views[index]["weight"].size for index in layers]
    starts = [0, *accumulate(sizes)]
    found = {}
    for (index, layer), (start, stop) in zip(layers.items(), pairwise(starts), strict=True):
        shares = rows_of_members(slice(start, stop), layer.units, starts[-1], members)
        found[index] = SharedDense(layer, network.gradient_views[index], shares, capacity)
    return found


def shared_parameters(network: Network) -> int:
    """How many of a network's parameters are in layers that members would share out."""
    stages = zip(network.layers, network.shapes, strict=False)
    return sum(count_parameters(layer, before) for layer, before in stages if shareable(layer, before))


def rows_of_members(place: slice, units: int, size: int, members: int) -> list[slice]:
    """Which rows of a layer's weights each member has, if all have equal stretches of all that is shared out.

    place : of the weights (rows, units) among those of all such layers, which are `size` numbers. The updater
    shares out the flat vector in much the same way: who has found a gradient mostly changes the weight too.
    """
    rows = (place.stop - place.start) // units
    firsts = [-(-(stretch.start - place.start) // units) for stretch in even_slices(size, members)]
    ends = [min(max(first, 0), rows) for first in firsts]
    return [slice(low, high) for low, high in pairwise([*ends, rows])]
