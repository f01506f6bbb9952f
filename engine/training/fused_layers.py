"""Fully connected layers that follow one another, trained as one: the same mathematics in fewer NumPy calls.

Between them a batch lies features first, (features, rows), over a row of ones. Weights and bias lie one
behind the other in the flat vectors, so that together they are one matrix (features + 1, units): with the
ones, one product adds the bias, and one product finds the gradients of both. A step of a tiny network is
nothing but calls, and needs a quarter less of them.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Shape, ones
from engine.layers import Affine, Layer, Workspace

Product = Callable[[Array, Array], Array]
"""Writes left · right into its second argument; the left one is bound to it."""

WIDEST = 128
"""Units of a layer; in wider ones the products are the work, and they are a little faster rows first."""


class Link(NamedTuple):
    """A layer, its part of the flat vectors as (features + 1, units), or (features, units) without bias."""

    layer: Affine
    matrix: Array
    dmatrix: Array
    workspace: Workspace

    @property
    def weight(self) -> Array:
        return self.matrix[:-1] if self.layer.bias else self.matrix


class Stage(NamedTuple):
    """A hidden layer's arrays, features first, in the order in which a step meets them."""

    z: Array
    y: Array
    below: Array
    """What the next layer multiplies: y over the row of ones, if that has a bias."""
    dy: Array
    dz: Array
    activate: Callable[[Array, Array], None]
    derive: Callable[[Array, Array, Array, Array], None]


class DenseChain:
    """Layers that follow one another, for batches of one number of rows.

    links : two or more, from input to output. The input, the output and their gradients are (rows, features),
    as everywhere. The layers' workspaces show outputs and gradients of the weighted sums, as views.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        self._stages = [_stage(link, after) for link, after in pairwise(links)]
        first, last = links[0], links[-1]
        rows, dtype = first.workspace.rows, first.matrix.dtype
        self._ones, self._x = ones(rows, dtype), np.empty((rows, 0), dtype)
        self._into_first: Product = first.weight.T.dot
        self._bias = first.matrix[-1][:, None] if first.layer.bias else None
        # Copying the bias to every row and adding whole arrays takes half the time of adding one to each row.
        self._spread = np.empty_like(self._stages[0].z)
        self._dweight = first.dmatrix[:-1] if first.layer.bias else first.dmatrix
        self._dbias = first.dmatrix[-1] if first.layer.bias else None
        self._first_back, self._dx = first.weight.T, first.workspace["dx"]
        self._needs_dx = first.workspace.needs_dx
        self._middle: list[tuple[Product, Array, Stage]] = [
            (link.matrix.T.dot, before.below, stage)
            for link, before, stage in zip(links[1:-1], self._stages[:-1], self._stages[1:], strict=True)
        ]
        self._last, self._into_last = last, self._stages[-1].below.T.dot
        self._y = last.workspace["y"]
        self._dz = last.workspace.get("dz", self._y)
        self._z = last.workspace.get("z", self._y)
        self._linear = last.layer.activation.identity
        backward = zip(reversed(links[1:]), reversed(self._stages), strict=True)
        self._back: list[tuple[Product, Array, Product, Stage]] = [
            (stage.below.dot, link.dmatrix, link.weight.dot, stage) for link, stage in backward
        ]

    def forward(self, parameters: object, x: Array, workspace: object, training: bool) -> Array:
        """The output (rows, units of the last layer) in training; takes what a layer takes."""
        self._x = x
        stage = self._stages[0]
        self._into_first(x.T, stage.z)
        if self._bias is not None:
            self._spread[...] = self._bias
            np.add(stage.z, self._spread, stage.z)
        stage.activate(stage.z, stage.y)
        for into, below, stage in self._middle:
            into(below, stage.z)
            stage.activate(stage.z, stage.y)
        self._into_last(self._last.matrix, self._z)
        if not self._linear:
            self._last.layer.activation.forward(self._z, self._y)
        return self._y

    def backward(self, parameters: object, gradients: object, dy: Array, workspace: object) -> Array:
        """Overwrite the layers' gradients and return dx."""
        if self._linear:
            dz = dy
        else:
            dz = self._dz
            self._last.layer.activation.backward(self._z, self._y, dy, dz)
        turned = dz.T
        for below, dmatrix, back, stage in self._back:
            below(turned.T, dmatrix)
            back(turned, stage.dy)
            stage.derive(stage.z, stage.y, stage.dy, stage.dz)
            turned = stage.dz
        self._x.T.dot(turned.T, self._dweight)
        if self._dbias is not None:
            turned.dot(self._ones, self._dbias)
        if self._needs_dx:
            turned.T.dot(self._first_back, self._dx)
        return self._dx


def places_of(layers: Sequence[Layer], apart: Container[int] = ()) -> list[range]:
    """All layers in order, in runs: those that can be trained as a chain together, the others one by one.

    apart : indices of layers that are not to be part of a chain.
    """
    fits = [_fits(layer) and place not in apart for place, layer in enumerate(layers)]
    runs: list[range] = []
    for place in range(len(layers)):
        if runs and fits[place] and fits[place - 1]:
            runs[-1] = range(runs[-1].start, place + 1)
        else:
            runs.append(range(place, place + 1))
    return runs


def _fits(layer: Layer) -> bool:
    """Samples have to be lists of numbers, and features first, activations to act on each by itself."""
    affine = layer.affine()
    return (
        affine is not None
        and affine.samples_are_lists
        and affine.activation.elementwise
        and affine.units <= WIDEST
    )


def _stage(link: Link, after: Link) -> Stage:
    units, rows = link.matrix.shape[1], link.workspace.rows
    below = np.ones((units + after.layer.bias, rows), link.matrix.dtype)
    y, activation = below[:units], link.layer.activation
    z = np.empty_like(y) if activation.keeps_input else y
    dy, dz = np.empty_like(y), np.empty_like(y)
    link.workspace.update({"y": y.T, "dz": dz.T})
    if activation.keeps_input:
        link.workspace["z"] = z.T
    return Stage(z, y, below, dy, dz, activation.forward, activation.backward)


# Max pooling ahead of a batch normalization and a ReLU that stand before it: the same result for less work.
#
# With positive scales, a batch normalization keeps the order of a channel's numbers, and so does a ReLU: the
# largest under a window is at the same place before and behind them. So the windows are searched first, and
# only the numbers that win are normalized, rectified and differentiated: of windows of 2 × 2 a quarter. The
# outputs are the same bit for bit, as rounding keeps the order too; gradients differ by the rounding of sums,
# and where rounding makes equals of unequal numbers.


class EarlyPooling:
    """A batch normalization, a ReLU or both, and the max pooling behind them, trained as one layer.

    layers : from input to output, with their workspaces. shape : of a sample of the input.
    A batch for which a scale is not positive goes through the layers one by one.
    """

    def __init__(self, layers: Sequence[Layer], workspaces: Sequence[Workspace], shape: Shape) -> None:
        self._layers, self._workspaces = layers, workspaces
        first, self._pool, self._pool_space = layers[0], layers[-1], workspaces[-1]
        steps = [step for layer in layers if (step := layer.pooling_step()) is not None]
        norms = [step.normalization for step in steps]
        self._norm = norms[0]
        self._front_space = workspaces[0]
        self._relu = next((step.activation for step in steps if step.activation is not None), None)
        """A ReLU, or another function that never falls."""
        self._stages = list(zip(layers, norms, workspaces, strict=True))
        self._early = False
        self._x = self._largest = self._front_space.x
        """The input of the last batch, and what the pooling has found in it."""
        # What the layer in front would have, were it behind.
        buffers = first.buffers(self._pool.output_shape(shape))
        self._behind = Workspace.of(buffers, self._pool_space.rows, self._pool_space["y"].dtype)
        if self._norm is not None:
            self._behind.update({name: self._front_space[name] for name in ("mean", "inverse", "totals")})
            self._behind.partners = self._front_space.partners

    def forward(self, parameters: Mapping[str, Array], x: Array, workspace: object, training: bool) -> Array:
        """The pooling's output; takes what the first of the layers takes, but has its own workspaces."""
        norm, self._x = self._norm, x
        self._early = norm is None or bool((parameters["scale"] > 0).all())
        if not self._early:
            for layer, space in zip(self._layers, self._workspaces, strict=True):
                x = layer.forward(parameters, x, space, training)
            return x
        if norm is not None:
            norm.measure(x, self._front_space)
        y = self._largest = self._pool.forward({}, x, self._pool_space, training)
        if norm is not None:
            y = norm.normalize(parameters, y, self._behind)
        if self._relu is not None:
            self._relu.forward(y, self._behind["y"])
        return self._behind["y"]

    def backward(
        self, parameters: Mapping[str, Array], gradients: Mapping[str, Array], dy: Array, workspace: object
    ) -> Array:
        """Overwrite the normalization's gradients and return dx."""
        if not self._early:
            for layer, space in zip(reversed(self._layers), reversed(self._workspaces), strict=True):
                dy = layer.backward(parameters, gradients, dy, space)
            return dy
        norm, y = self._norm, self._behind["y"]
        if self._relu is not None:
            self._relu.backward(y, y, dy, dy)
        if norm is not None:
            # All others have a gradient of 0, and nothing to add.
            norm.sum_up(gradients, dy, self._largest, self._behind)
        if not self._front_space.needs_dx:
            return dy
        dx = self._pool.backward({}, {}, dy, self._pool_space)
        if norm is not None:
            norm.turn_into_dx(parameters, dx, self._front_space)
        return dx

    def fill_in(self, parameters: Mapping[str, Array]) -> None:
        """Write the outputs of the last batch that were left out into the layers' workspaces."""
        if not self._early:
            return
        x = self._x
        for layer, norm, space in self._stages:
            if norm is not None:
                x = norm.normalize(parameters, x, space)
            else:
                x = layer.forward({}, x, space, True)


def merged(layers: Sequence[Layer], places: Sequence[range]) -> list[range]:
    """The same runs of layers, in order, but for those that a max pooling can go ahead of: one run with it.

    places : the runs of layers that are trained as one otherwise, all layers in their order.
    """
    runs: list[range] = []
    for place in places:
        runs.append(place)
        for count in (3, 2):
            start = place.stop - count
            if start >= 0 and _may_pool_first(layers[start : place.stop]):
                runs[-count:] = [range(start, place.stop)]
                break
    return runs


def _may_pool_first(layers: Sequence[Layer]) -> bool:
    """Whether these are a normalization, a ReLU or both, and then a max pooling."""
    steps = [layer.pooling_step() for layer in layers]
    kinds = [
        "pooling" if step.pooling else "normalization" if step.normalization is not None else "activation"
        for step in steps
        if step is not None
    ]
    front = [["normalization", "activation"], ["normalization"], ["activation"]]
    return len(kinds) == len(steps) and kinds[-1:] == ["pooling"] and kinds[:-1] in front
