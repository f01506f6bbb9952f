"""Fully connected layers that follow one another, trained as one: the same mathematics in fewer NumPy calls.

Between them a batch lies features first, (features, rows), over a row of ones. Weights and bias lie one
behind the other in the flat vectors, so that together they are one matrix (features + 1, units): with the
ones, one product adds the bias, and one product finds the gradients of both. A step of a tiny network is
nothing but calls, and needs a quarter less of them.
"""

from collections.abc import Callable, Container, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, ones
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
