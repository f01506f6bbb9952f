"""A layer at work on the rows of a trace: its arrays, and the same layer run again on changed ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array, Shape, Targets
from engine.layers import Layer, Workspace
from engine.losses import Loss


class Draws:
    """What random layers draw from: the same numbers each time a layer is run with this seed.

    rows : of the traced batch. row : None for that batch; else all rows are copies of this one of it, and get
    its numbers.
    """

    def __init__(self, seed: tuple[int, ...], rows: int, row: int | None = None) -> None:
        self._seed, self._rows, self._row = seed, rows, row
        self._generator = np.random.default_rng(seed)

    def again(self) -> "Draws":
        """The same numbers from the start."""
        return Draws(self._seed, self._rows, self._row)

    def random(self, *, dtype: Any, out: Array) -> Array:
        """Fill with uniform numbers from [0, 1)."""
        return self._fill(self._generator.random((self._rows, *out.shape[1:])), out)

    def standard_normal(self, *, dtype: Any, out: Array) -> Array:
        """Fill with numbers from N(0, 1)."""
        return self._fill(self._generator.standard_normal((self._rows, *out.shape[1:])), out)

    def _fill(self, drawn: Array, out: Array) -> Array:
        out[...] = drawn if self._row is None else drawn[self._row]
        return out


@dataclass(frozen=True, eq=False)
class Stage:
    """A layer of a trace; arrays have a batch axis, whose row `row` is the sample.

    computed : what the layer gives. y : what the next one gets, in which some numbers may be set by hand: at
    the places `fixed`. details : per row, by name.
    """

    layer: Layer
    index: int
    name: str
    parameters: Mapping[str, Array]
    gradients: Mapping[str, Array]
    statistics: Mapping[str, Array]
    x: Array
    y: Array
    computed: Array
    z: Array | None
    dx: Array
    dy: Array
    dz: Array | None
    details: Mapping[str, Array]
    seed: tuple[int, ...]
    row: int
    fixed: tuple[tuple[int, ...], ...]

    @property
    def rows(self) -> int:
        return len(self.x)

    @property
    def input_shape(self) -> Shape:
        return self.x.shape[1:]

    @property
    def coupled(self) -> bool:
        """Whether a row's output depends on the other rows."""
        return self.layer.couples_batch and self.rows > 1

    @property
    def passed(self) -> Array:
        """What of dy the layer gets back: nothing where its output is set by hand."""
        if not self.fixed:
            return self.dy
        passed = self.dy.copy()
        for place in self.fixed:
            passed[(self.row, *place)] = 0.0
        return passed

    def with_details(self, more: Mapping[str, Array]) -> "Stage":
        """The same with further details."""
        return replace(self, details={**self.details, **more}) if more else self

    def run(
        self, x: Array, parameters: Mapping[str, Array] | None = None, row: int | None = None
    ) -> tuple[Array, Workspace]:
        """The output for other inputs; row : see `Draws`."""
        own = self.parameters if parameters is None else parameters
        space = Workspace.of(self.layer.workspace_arrays(self.input_shape), len(x), np.dtype(np.float64))
        space.needs_dx, space.generator = True, Draws(self.seed, self.rows, row)
        space.statistics = {name: array.copy() for name, array in self.statistics.items()}
        return np.array(self.layer.forward(own, x, space, True)), space

    def back(self, dy: Array, x: Array, row: int | None = None) -> tuple[Array, dict[str, Array]]:
        """From a gradient of the output, for these inputs, to those of inputs and parameters."""
        _, space = self.run(x, row=row)
        gradients = {name: np.zeros_like(array) for name, array in self.parameters.items()}
        dx = self.layer.backward(self.parameters, gradients, dy.copy(), space)
        return np.array(dx).reshape(x.shape), gradients


class Pass(NamedTuple):
    """All that a trace has recorded; arrays have a batch axis.

    dy : the gradient of the loss with respect to the output. loss_value : of the batch; sample_loss : of the
    sample alone.
    """

    stages: tuple[Stage, ...]
    x: Array
    output: Array
    dy: Array
    loss: Loss
    targets: Targets
    weights: Array | None
    loss_value: float
    sample_loss: float
    row: int
    mode: str
