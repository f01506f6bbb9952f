"""Several layers that are trained as one: the same mathematics in fewer NumPy calls.

Two patterns are fused: fully connected layers that follow one another, and a max pooling with the batch
normalization and ReLU in front of it. The layers themselves declare that they fit (`Layer.affine`,
`Layer.pooling_step`).
"""

from collections.abc import Callable, Container, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Shape, ones
from engine.layers import Affine, Layer, Workspace

# --- fully connected layers ------------------------------------------------------------------------------
#
# Between two fused layers a batch is stored features first, (features, rows), above a row of ones. Weights
# and bias are adjacent in the flat vectors, so that together they are one matrix (features + 1, units): with
# the row of ones, one product adds the bias, and one product computes the gradients of both. A step of a tiny
# network consists of little more than calls, and needs a quarter less of them.

Product = Callable[[Array, Array], Array]
"""Writes left · right into its second argument; the left matrix is bound to it."""

WIDEST = 128
"""Units of a layer; in wider ones the products dominate, and they are a little faster rows first."""


class DenseMatrices(NamedTuple):
    """A layer, and its span of the flat vectors as (features + 1, units); (features, units) without bias."""

    layer: Affine
    matrix: Array
    dmatrix: Array
    workspace: Workspace

    @property
    def weight(self) -> Array:
        return self.matrix[:-1] if self.layer.bias else self.matrix


class HiddenArrays(NamedTuple):
    """The arrays of a hidden layer, features first, in the order in which a step uses them."""

    z: Array
    y: Array
    next_input: Array
    """What the next layer multiplies: y above the row of ones, if that layer has a bias."""
    dy: Array
    dz: Array
    activate: Callable[[Array, Array], None]
    differentiate: Callable[[Array, Array, Array, Array], None]


class FusedDense:
    """Fully connected layers that follow one another, for batches of one number of rows.

    dense : two or more, from input to output. The input, the output and their gradients are (rows, features),
    as everywhere. The layers' workspaces hold views of the outputs y and of dz.
    """

    def __init__(self, dense: Sequence[DenseMatrices]) -> None:
        self._hidden = [_hidden_arrays(one, after) for one, after in pairwise(dense)]
        first, last = dense[0], dense[-1]
        rows, dtype = first.workspace.rows, first.matrix.dtype
        self._ones, self._x = ones(rows, dtype), np.empty((rows, 0), dtype)
        self._into_first: Product = first.weight.T.dot
        self._bias = first.matrix[-1][:, None] if first.layer.bias else None
        # Copying the bias to every row and adding full arrays takes half the time of adding one to each row.
        self._broadcast_bias = np.empty_like(self._hidden[0].z)
        self._dweight = first.dmatrix[:-1] if first.layer.bias else first.dmatrix
        self._dbias = first.dmatrix[-1] if first.layer.bias else None
        self._first_back, self._dx = first.weight.T, first.workspace["dx"]
        self._needs_dx = first.workspace.needs_dx
        self._middle: list[tuple[Product, Array, HiddenArrays]] = [
            (one.matrix.T.dot, before.next_input, hidden)
            for one, before, hidden in zip(dense[1:-1], self._hidden[:-1], self._hidden[1:], strict=True)
        ]
        self._last, self._into_last = last, self._hidden[-1].next_input.T.dot
        self._y = last.workspace["y"]
        self._dz = last.workspace.get("dz", self._y)
        self._z = last.workspace.get("z", self._y)
        self._linear = last.layer.activation.identity
        backward = zip(reversed(dense[1:]), reversed(self._hidden), strict=True)
        self._back: list[tuple[Product, Array, Product, HiddenArrays]] = [
            (hidden.next_input.dot, one.dmatrix, one.weight.dot, hidden) for one, hidden in backward
        ]

    def forward(self, parameters: object, x: Array, workspace: object, training: bool) -> Array:
        """The output (rows, units of the last layer) in training; called like a layer's `forward`."""
        self._x = x
        hidden = self._hidden[0]
        self._into_first(x.T, hidden.z)
        if self._bias is not None:
            self._broadcast_bias[...] = self._bias
            np.add(hidden.z, self._broadcast_bias, hidden.z)
        hidden.activate(hidden.z, hidden.y)
        for into, layer_input, hidden in self._middle:
            into(layer_input, hidden.z)
            hidden.activate(hidden.z, hidden.y)
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
        transposed = dz.T
        for times_input, dmatrix, back, hidden in self._back:
            times_input(transposed.T, dmatrix)
            back(transposed, hidden.dy)
            hidden.differentiate(hidden.z, hidden.y, hidden.dy, hidden.dz)
            transposed = hidden.dz
        self._x.T.dot(transposed.T, self._dweight)
        if self._dbias is not None:
            transposed.dot(self._ones, self._dbias)
        if self._needs_dx:
            transposed.T.dot(self._first_back, self._dx)
        return self._dx


def dense_runs(layers: Sequence[Layer], apart: Container[int] = ()) -> list[range]:
    """All layers in order, as ranges: layers that FusedDense can compute together, the others one by one.

    apart : indices of layers that are not to be fused.
    """
    fits = [_fits(layer) and index not in apart for index, layer in enumerate(layers)]
    runs: list[range] = []
    for index in range(len(layers)):
        if runs and fits[index] and fits[index - 1]:
            runs[-1] = range(runs[-1].start, index + 1)
        else:
            runs.append(range(index, index + 1))
    return runs


def _fits(layer: Layer) -> bool:
    """Samples have to be vectors, and activations elementwise, since features come first."""
    affine = layer.affine()
    return (
        affine is not None
        and affine.samples_are_vectors
        and affine.activation.elementwise
        and affine.units <= WIDEST
    )


def _hidden_arrays(one: DenseMatrices, after: DenseMatrices) -> HiddenArrays:
    units, rows = one.matrix.shape[1], one.workspace.rows
    next_input = np.ones((units + bool(after.layer.bias), rows), one.matrix.dtype)
    y, activation = next_input[:units], one.layer.activation
    z = np.empty_like(y) if activation.keeps_input else y
    dy, dz = np.empty_like(y), np.empty_like(y)
    one.workspace.update({"y": y.T, "dz": dz.T})
    if activation.keeps_input:
        one.workspace["z"] = z.T
    return HiddenArrays(z, y, next_input, dy, dz, activation.forward, activation.backward)


# --- max pooling with the layers in front of it ----------------------------------------------------------
#
# With positive scales, a batch normalization preserves the order of a channel's values, and so does a ReLU:
# the maximum of a window is at the same position before and after them. So the maxima are taken first, and
# only these are normalized, rectified and differentiated: a quarter of the values for windows of 2 × 2. The
# outputs are the same bit for bit, as rounding preserves the order too. Gradients differ by the rounding of
# sums, and where rounding makes unequal values equal.


class FusedNormReluPool:
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
        self._first_space = workspaces[0]
        self._relu = next((step.activation for step in steps if step.activation is not None), None)
        """A ReLU, or another function that never decreases."""
        self._stages = list(zip(layers, norms, workspaces, strict=True))
        self._pooled_first = False
        self._x = self._maxima = self._first_space.x
        """The input of the last batch, and the maxima of its windows."""
        # The workspace that the first layer would have, if it came after the pooling.
        arrays = first.workspace_arrays(self._pool.output_shape(shape))
        self._pooled_space = Workspace.of(arrays, self._pool_space.rows, self._pool_space["y"].dtype)
        if self._norm is not None:
            shared = ("mean", "inverse", "totals")
            self._pooled_space.update({name: self._first_space[name] for name in shared})
            self._pooled_space.worker = self._first_space.worker

    def forward(self, parameters: Mapping[str, Array], x: Array, workspace: object, training: bool) -> Array:
        """The pooling's output; called like the first layer's `forward`, but with workspaces of its own."""
        norm, self._x = self._norm, x
        self._pooled_first = norm is None or bool((parameters["scale"] > 0).all())
        if not self._pooled_first:
            for layer, space in zip(self._layers, self._workspaces, strict=True):
                x = layer.forward(parameters, x, space, training)
            return x
        if norm is not None:
            norm.compute_statistics(x, self._first_space)
        y = self._maxima = self._pool.forward({}, x, self._pool_space, training)
        if norm is not None:
            y = norm.normalize(parameters, y, self._pooled_space)
        if self._relu is not None:
            self._relu.forward(y, self._pooled_space["y"])
        return self._pooled_space["y"]

    def backward(
        self, parameters: Mapping[str, Array], gradients: Mapping[str, Array], dy: Array, workspace: object
    ) -> Array:
        """Overwrite the normalization's gradients and return dx."""
        if not self._pooled_first:
            for layer, space in zip(reversed(self._layers), reversed(self._workspaces), strict=True):
                dy = layer.backward(parameters, gradients, dy, space)
            return dy
        norm, y = self._norm, self._pooled_space["y"]
        if self._relu is not None:
            self._relu.backward(y, y, dy, dy)
        if norm is not None:
            # All other values have a gradient of 0, and add nothing to the sums.
            norm.parameter_gradients(gradients, dy, self._maxima, self._pooled_space)
        if not self._first_space.needs_dx:
            return dy
        dx = self._pool.backward({}, {}, dy, self._pool_space)
        if norm is not None:
            norm.input_gradient(parameters, dx, self._first_space)
        return dx

    def fill_in(self, parameters: Mapping[str, Array]) -> None:
        """Write the outputs of the last batch that were skipped into the layers' workspaces."""
        if not self._pooled_first:
            return
        x = self._x
        for layer, norm, space in self._stages:
            if norm is not None:
                x = norm.normalize(parameters, x, space)
            else:
                x = layer.forward({}, x, space, True)


def with_fused_pooling(layers: Sequence[Layer], runs: Sequence[range]) -> list[range]:
    """The same runs of layers, where a max pooling is joined with the layers that FusedNormReluPool takes.

    runs : as from `dense_runs`.
    """
    joined: list[range] = []
    for run in runs:
        joined.append(run)
        for count in (3, 2):
            start = run.stop - count
            if start >= 0 and _may_pool_first(layers[start : run.stop]):
                joined[-count:] = [range(start, run.stop)]
                break
    return joined


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
