"""The gradient of one batch: forward, loss and backward, with everything looked up beforehand."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Targets
from engine.layers import Draws, Layer, Partners, Workspace
from engine.losses import Loss
from engine.network import Network
from engine.training.fused_layers import DenseChain, EarlyPooling, Link, merged, places_of
from engine.training.rng import RowGenerator
from engine.training.sharded_dense import Backward

Stage = tuple[Callable[..., Array], dict[str, Array], Workspace]
Return = tuple[Callable[..., Array], dict[str, Array], dict[str, Array], Workspace]

NOWHERE: Mapping[int, Backward] = MappingProxyType({})


class _Plan(NamedTuple):
    """What a batch of a certain number of rows needs, in the order in which it needs it."""

    forward: list[Stage]
    backward: list[Return]
    dy: Array
    scratch: dict[str, Array]
    poolings: list[tuple[EarlyPooling, dict[str, Array]]]
    """Those that leave out outputs, with the parameters of their layers."""


class BatchGradient:
    """Overwrites gradients with those of a batch.

    capacity : most rows of a batch. generator : the run's, from which what is drawn for each row of a batch
    starts. A batch of another size than the last one costs nothing but its first plan.
    gradients : the flat vector to write to, the network's own if left out. partners : those who work on the
    other parts of the batch. elsewhere : for some layers, by their index, the backward pass that is to be
    taken instead of their own; their gradients are found elsewhere.
    draws : what layers draw from instead, which others put to the right place for each batch.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        capacity: int,
        generator: np.random.Generator,
        gradients: Array | None = None,
        partners: Partners | None = None,
        elsewhere: Mapping[int, Backward] = NOWHERE,
        draws: Draws | None = None,
    ) -> None:
        self._network, self._loss = network, loss
        self.gradients = network.gradients if gradients is None else gradients
        self._gradient_views = network.views(self.gradients)
        random = draws is None and any(layer.random for layer in network.layers)
        self._by_row = RowGenerator(generator) if random else None
        self.draws: Draws = draws or self._by_row or generator
        """What the layers draw from."""
        self.workspaces = network.workspaces(capacity, self.draws, partners)
        self._dy = np.empty((capacity, *network.output_shape), network.dtype)
        self._scratch = {
            name: np.empty((capacity, *shape), network.dtype)
            for name, shape in loss.buffers(network.output_shape).items()
        }
        self._layer_gradients = [self.gradients[place] for place in network.layer_slices().values()]
        self._elsewhere = elsewhere
        self._places = merged(network.layers, places_of(network.layers, elsewhere))
        self._plans: dict[int, _Plan] = {}

    def evaluate(self, x: Array, target: Targets, share: float = 1.0) -> tuple[float, float]:
        """Loss of the batch, and what the batch counts in a mean over several.

        share : what the gradients are multiplied by, where the batch is a part of another.
        """
        rows = len(x)
        if self._by_row is not None:
            self.begin(rows)
        plan = self._plans.get(rows) or self._make_plan(rows)
        for forward, parameters, workspace in plan.forward:
            x = forward(parameters, x, workspace, True)
        value = self._loss.forward(x, target, plan.scratch)
        dy = plan.dy
        self._loss.backward(x, target, dy, plan.scratch)
        if share != 1.0:
            np.multiply(dy, share, dy)
        for backward, parameters, gradients, workspace in plan.backward:
            dy = backward(parameters, gradients, dy, workspace)
        return value, self._loss.weight(target, x.dtype)

    @property
    def parts(self) -> "list[BatchGradient]":
        """Itself: those who work on parts of a batch are several."""
        return [self]

    def begin(self, rows: int) -> None:
        """Let the layers draw for the next batch, of so many rows."""
        if self._by_row is not None:
            self._by_row.begin(self._by_row.seed(), 0, rows, rows)

    def squares(self) -> list[float]:
        """Squared norm of each trained layer's gradient, as the last `evaluate` has left it."""
        return [float(part.dot(part)) for part in self._layer_gradients]

    def first_bad_output(self, rows: int) -> str | None:
        """Name of the first layer whose output in the last batch of that size is not finite."""
        for pooling, parameters in self._plans[rows].poolings:
            pooling.fill_in(parameters)
        for name, workspace in zip(self._network.names, self.workspaces.rows(rows), strict=True):
            if "y" in workspace and not np.isfinite(workspace["y"]).all():
                return name
        return None

    def _make_plan(self, rows: int) -> _Plan:
        network, spaces = self._network, self.workspaces.rows(rows)
        trained = network.trained_layers
        stop = trained[0] if trained else len(network.layers)
        forward: list[Stage] = []
        backward: list[Return] = []
        poolings: list[tuple[EarlyPooling, dict[str, Array]]] = []
        for place in self._places:
            first = place.start
            parameters, gradients, space = (
                network.parameter_views[first],
                self._gradient_views[first],
                spaces[first],
            )
            stage = self._stage(place, spaces)
            if isinstance(stage, EarlyPooling):
                poolings.append((stage, parameters))
            forward.append((stage.forward, parameters, space))
            if place.stop > stop:
                back = self._elsewhere.get(first, stage.backward)
                backward.append((back, parameters, gradients, space))
        plan = _Plan(
            forward,
            backward[::-1],
            self._dy[:rows],
            {name: array[:rows] for name, array in self._scratch.items()},
            poolings,
        )
        self._plans[rows] = plan
        return plan

    def _stage(self, place: range, spaces: Sequence[Workspace]) -> Layer | DenseChain | EarlyPooling:
        """The layers of a run as one, for batches of these workspaces' size."""
        layers, part = self._network.layers, slice(place.start, place.stop)
        if len(place) == 1:
            return layers[place.start]
        if layers[place.start].pooling_step() is None:
            return self._chain(place, spaces)
        return EarlyPooling(layers[part], spaces[part], self._network.shapes[place.start])

    def _chain(self, place: range, spaces: Sequence[Workspace]) -> DenseChain:
        parts = self._network.layer_slices()
        links = []
        for index in place:
            layer, part = self._network.layers[index].affine(), parts[index]
            if layer is not None:
                units = layer.units
                matrix = self._network.parameters[part].reshape(-1, units)
                links.append(Link(layer, matrix, self.gradients[part].reshape(-1, units), spaces[index]))
        return DenseChain(links)


class WeightedSum:
    """Adds up what is found in one gradient vector after another, each times what its batch counts.

    gradients : the vector that each batch overwrites, and in which the mean ends.
    """

    def __init__(self, gradients: Array) -> None:
        self._gradients = gradients
        self._sum = np.empty_like(gradients)
        self._empty = True
        self.loss = self.weight = 0.0
        """Of the batches so far: the sum of weight times loss, and that of the weights."""

    def begin(self) -> None:
        """Forget the batches so far."""
        self._empty = True
        self.loss = self.weight = 0.0

    def add(self, loss: float, weight: float) -> None:
        """Take in the batch whose gradients are in the vector: its mean loss, and what it counts."""
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
        """Leave the mean gradient in the vector; the mean loss, and what the batches count together."""
        np.multiply(self._sum, 1 / self.weight, self._gradients)
        return self.loss / self.weight, self.weight
