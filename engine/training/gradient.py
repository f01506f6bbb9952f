"""The gradient of one batch: forward, loss and backward through all layers.

Every function, parameter view and workspace of a step is looked up once for each batch size, so that a step
is two plain loops over calls.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Targets
from engine.layers import BatchWorker, Layer, RandomSource, Workspace
from engine.losses import Loss
from engine.losses.sample_weights import loss_arrays, weight_rows, weighted_mean
from engine.network import Network
from engine.training.fused_layers import (
    DenseMatrices,
    FusedDense,
    FusedNormReluPool,
    dense_runs,
    with_fused_pooling,
)
from engine.training.rng import RowGenerator
from engine.training.sharded_dense import Backward

ForwardCall = tuple[Callable[..., Array], dict[str, Array], Workspace]
BackwardCall = tuple[Callable[..., Array], dict[str, Array], dict[str, Array], Workspace]

NO_REPLACEMENTS: Mapping[int, Backward] = MappingProxyType({})


class _Calls(NamedTuple):
    """All calls of a step on a batch of a certain number of rows, with their arguments, in order."""

    forward: list[ForwardCall]
    backward: list[BackwardCall]
    dy: Array
    loss_workspace: dict[str, Array]
    fused_poolings: list[tuple[FusedNormReluPool, dict[str, Array]]]
    """Those that skip outputs, with the parameters of their layers."""


class BatchGradient:
    """Computes the gradients of a batch: forward, loss, backward.

    Parameters
    ----------
    network, loss : what is trained.
    capacity : most rows of a batch. The first batch of another size than before makes its list of calls,
        later ones of that size reuse it.
    generator : the run's, which seeds the random numbers that layers draw for each row of a batch.
    gradients : the flat vector to write to; the network's own, if left out.
    worker : where this is one part of a batch, the worker of this part.
    replaced : for some layers, by their index, the backward pass that is called instead of their own; their
        gradients are computed elsewhere.
    draws : what layers draw random numbers from instead; the caller seeds it for each batch.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        capacity: int,
        generator: np.random.Generator,
        gradients: Array | None = None,
        worker: BatchWorker | None = None,
        replaced: Mapping[int, Backward] = NO_REPLACEMENTS,
        draws: RandomSource | None = None,
    ) -> None:
        self._network, self._loss = network, loss
        self.gradients = network.gradients if gradients is None else gradients
        self._gradient_views = network.views(self.gradients)
        random = draws is None and any(layer.random for layer in network.layers)
        self._by_row = RowGenerator(generator) if random else None
        self.draws: RandomSource = draws or self._by_row or generator
        """What the layers draw from."""
        self.workspaces = network.workspaces(capacity, self.draws, worker)
        self._dy = np.empty((capacity, *network.output_shape), network.dtype)
        self._loss_workspace = {
            name: np.empty((capacity, *shape), network.dtype)
            for name, shape in loss_arrays(loss, network.output_shape).items()
        }
        self._layer_gradients = [self.gradients[span] for span in network.layer_slices().values()]
        self._replaced = replaced
        self._runs = with_fused_pooling(network.layers, dense_runs(network.layers, replaced))
        """The layers in order; those of one range are computed together."""
        self._calls: dict[int, _Calls] = {}

    def evaluate(
        self, x: Array, target: Targets, weights: Array | None = None, fraction: float = 1.0
    ) -> tuple[float, float]:
        """Overwrite the gradients; returns the loss of the batch and its weight in a mean over several.

        weights : (rows,) sample weights; None where rows count alike.
        fraction : what the gradients are multiplied by, where the batch is a part of another.
        """
        rows = len(x)
        if self._by_row is not None:
            self.begin(rows)
        calls = self._calls.get(rows) or self._make_calls(rows)
        for forward, parameters, workspace in calls.forward:
            x = forward(parameters, x, workspace, True)
        loss, arrays, dy = self._loss, calls.loss_workspace, calls.dy
        value = loss.forward(x, target, arrays)
        if weights is None:
            loss.backward(x, target, dy, arrays)
            weight = loss.weight(target, x.dtype)
        else:
            value, weight = weighted_mean(loss, x, target, weights, arrays)
            loss.backward(x, target, dy, arrays)
            weight_rows(loss, target, weights, weight, dy, arrays)
        if fraction != 1.0:
            np.multiply(dy, fraction, dy)
        for backward, parameters, gradients, workspace in calls.backward:
            dy = backward(parameters, gradients, dy, workspace)
        return value, weight

    @property
    def parts(self) -> "list[BatchGradient]":
        """Itself; see `engine.training.data_parallel.Gradient`."""
        return [self]

    def begin(self, rows: int) -> None:
        """Seed the random layers for the next batch, of so many rows."""
        if self._by_row is not None:
            self._by_row.begin(self._by_row.seed(), 0, rows, rows)

    def squares(self) -> list[float]:
        """Squared norm of each trained layer's gradient, as the last `evaluate` has left it."""
        return [float(part.dot(part)) for part in self._layer_gradients]

    def first_bad_output(self, rows: int) -> str | None:
        """Name of the first layer whose output in the last batch of that size is not finite."""
        for pooling, parameters in self._calls[rows].fused_poolings:
            pooling.fill_in(parameters)
        for name, workspace in zip(self._network.names, self.workspaces.rows(rows), strict=True):
            if "y" in workspace and not np.isfinite(workspace["y"]).all():
                return name
        return None

    def _make_calls(self, rows: int) -> _Calls:
        network, spaces = self._network, self.workspaces.rows(rows)
        trained = network.trained_layers
        stop = trained[0] if trained else len(network.layers)
        forward: list[ForwardCall] = []
        backward: list[BackwardCall] = []
        poolings: list[tuple[FusedNormReluPool, dict[str, Array]]] = []
        for run in self._runs:
            first = run.start
            parameters, gradients, space = (
                network.parameter_views[first],
                self._gradient_views[first],
                spaces[first],
            )
            layer = self._fused(run, spaces)
            if isinstance(layer, FusedNormReluPool):
                poolings.append((layer, parameters))
            forward.append((layer.forward, parameters, space))
            if run.stop > stop:
                back = self._replaced.get(first, layer.backward)
                backward.append((back, parameters, gradients, space))
        calls = _Calls(
            forward,
            backward[::-1],
            self._dy[:rows],
            {name: array[:rows] for name, array in self._loss_workspace.items()},
            poolings,
        )
        self._calls[rows] = calls
        return calls

    def _fused(self, run: range, spaces: Sequence[Workspace]) -> Layer | FusedDense | FusedNormReluPool:
        """The layers of a run as one, for batches of these workspaces' size."""
        layers, own = self._network.layers, slice(run.start, run.stop)
        if len(run) == 1:
            return layers[run.start]
        if layers[run.start].pooling_step() is None:
            return self._fused_dense(run, spaces)
        return FusedNormReluPool(layers[own], spaces[own], self._network.shapes[run.start])

    def _fused_dense(self, run: range, spaces: Sequence[Workspace]) -> FusedDense:
        spans = self._network.layer_slices()
        dense = []
        for index in run:
            layer, span = self._network.layers[index].affine(), spans[index]
            if layer is not None:
                units = layer.units
                matrix = self._network.parameters[span].reshape(-1, units)
                dmatrix = self.gradients[span].reshape(-1, units)
                dense.append(DenseMatrices(layer, matrix, dmatrix, spaces[index]))
        return FusedDense(dense)


class GradientAccumulator:
    """The weighted mean of the gradients of several batches.

    gradients : the vector that each batch overwrites, and in which the mean ends up.
    """

    def __init__(self, gradients: Array) -> None:
        self._gradients = gradients
        self._sum = np.empty_like(gradients)
        self._empty = True
        self.loss = self.weight = 0.0
        """Sums over the batches so far: of weight times loss, and of the weights."""

    def begin(self) -> None:
        """Forget the batches so far."""
        self._empty = True
        self.loss = self.weight = 0.0

    def add(self, loss: float, weight: float) -> None:
        """Add the batch whose gradients are in the vector; loss : its mean. weight : what it counts."""
        gradients, total = self._gradients, self._sum
        if self._empty:
            np.multiply(gradients, weight, total)
            self._empty = False
        else:
            np.multiply(gradients, weight, gradients)
            np.add(total, gradients, total)
        self.loss += weight * loss
        self.weight += weight

    def finish(self) -> tuple[float, float]:
        """Write the mean gradient into the vector; returns the mean loss and the sum of the weights."""
        np.multiply(self._sum, 1 / self.weight, self._gradients)
        return self.loss / self.weight, self.weight
