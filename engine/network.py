"""The network: a list of layers over one flat parameter vector and one flat gradient vector.

Because both are flat, an optimizer step is one loop over one vector, a copy of all weights is one copy, and
a gradient check is one loop. The running statistics of all layers are one flat vector, too.
"""

import copy
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Shape
from engine.errors import ShapeError
from engine.initializers import fans
from engine.layers import BatchWorker, Layer, RandomSource, Workspace

OUTPUT_NAME = "Output"


@dataclass(frozen=True)
class ArraySpan:
    """Where an array of a layer is in a flat vector."""

    layer: int
    name: str
    shape: Shape
    start: int
    stop: int


class StateVectors(NamedTuple):
    """All that training changes in a network, as two flat vectors.

    The running statistics (means and variances) belong to the parameters that they were computed with: other
    parameters would be normalized by the wrong statistics.
    """

    parameters: Array
    running_statistics: Array

    def copy(self) -> "StateVectors":
        return StateVectors(self.parameters.copy(), self.running_statistics.copy())

    def take(self, other: "StateVectors") -> None:
        """Copy the values of another one, of the same network, in place."""
        self.parameters[...] = other.parameters
        self.running_statistics[...] = other.running_statistics


def layer_names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Names for people: headings, numbered where a kind occurs more than once ("Dense 1", "Dropout")."""
    occurrences = Counter(layer.heading for layer in layers)
    seen: Counter[str] = Counter()
    names = []
    for layer in layers:
        seen[layer.heading] += 1
        number = f" {seen[layer.heading]}" if occurrences[layer.heading] > 1 else ""
        names.append(layer.heading + number)
    return tuple(names)


def infer_shapes(
    layers: Sequence[Layer], input_shape: Shape, names: Sequence[str] | None = None
) -> tuple[Shape, ...]:
    """Sample shapes before, between and after the layers; raises ShapeError that names the layer."""
    shapes = [tuple(input_shape)]
    for index, layer in enumerate(layers):
        try:
            shapes.append(layer.output_shape(shapes[-1]))
        except ShapeError as error:
            output = names is not None and names[index] == OUTPUT_NAME
            where = OUTPUT_NAME if output else f"Layer {index + 1}, {error.where}"
            raise error.at(index, where) from None
    return tuple(shapes)


def count_parameters(layer: Layer, input_shape: Shape) -> int:
    """The number of trained parameters of a layer."""
    return sum(math.prod(shape) for shape in layer.parameter_shapes(input_shape).values())


class Network:
    """Layers and their arrays.

    Parameters
    ----------
    layers : from input to output. input_shape : shape of one sample. dtype : float32 or float64.
    names : how the layers are called in messages and plots; numbered headings if left out.

    Raises ShapeError where a layer does not fit the one before it.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: Shape,
        dtype: type[np.floating] = np.float32,
        names: Sequence[str] | None = None,
    ) -> None:
        self.layers = tuple(layers)
        self.names = tuple(names) if names is not None else layer_names(layers)
        self.dtype = np.dtype(dtype)
        self.shapes = infer_shapes(layers, input_shape, self.names)
        stages = list(zip(self.layers, self.shapes, strict=False))
        self.spans = _lay_out(layer.parameter_shapes(before) for layer, before in stages)
        self._statistics_spans = _lay_out(
            {name: shape for name, (shape, _) in layer.statistics_shapes(before).items()}
            for layer, before in stages
        )
        size = self.spans[-1].stop if self.spans else 0
        self.parameters = np.zeros(size, self.dtype)
        self.gradients = np.zeros(size, self.dtype)
        self.running_statistics = np.zeros(
            self._statistics_spans[-1].stop if self._statistics_spans else 0, self.dtype
        )
        """The running means and variances of all layers."""
        self.parameter_views = self.views(self.parameters)
        self.gradient_views = self.views(self.gradients)
        self.statistics_views = self.views_of_statistics(self.running_statistics)
        """For each layer its running statistics by name, as views."""
        self._reset_statistics()
        trained = sorted({span.layer for span in self.spans})
        self.trained_layers = tuple(trained)
        """Indices of the layers that have parameters."""
        self._backward_stop = trained[0] if trained else len(self.layers)

    @property
    def input_shape(self) -> Shape:
        return self.shapes[0]

    @property
    def output_shape(self) -> Shape:
        return self.shapes[-1]

    @property
    def state_vectors(self) -> StateVectors:
        """The vectors themselves, not copies."""
        return StateVectors(self.parameters, self.running_statistics)

    def views(self, vector: Array) -> tuple[dict[str, Array], ...]:
        """For each layer its arrays by name, as views into a flat vector of the network's length."""
        return self._views(self.spans, vector)

    def views_of_statistics(self, vector: Array) -> tuple[dict[str, Array], ...]:
        """For each layer its running statistics by name, as views into a flat vector of their length."""
        return self._views(self._statistics_spans, vector)

    def _views(self, spans: Sequence[ArraySpan], vector: Array) -> tuple[dict[str, Array], ...]:
        views: tuple[dict[str, Array], ...] = tuple({} for _ in self.layers)
        for span in spans:
            views[span.layer][span.name] = vector[span.start : span.stop].reshape(span.shape)
        return views

    def layer_slices(self) -> dict[int, slice]:
        """For each layer with parameters, its part of the flat vectors."""
        return {
            index: slice(
                min(span.start for span in self.spans if span.layer == index),
                max(span.stop for span in self.spans if span.layer == index),
            )
            for index in self.trained_layers
        }

    def initialize(self, generator: np.random.Generator) -> None:
        """Initialize all parameters and reset the running statistics."""
        for span in self.spans:
            initializer = self.layers[span.layer].initializers()[span.name]
            fan_in, fan_out = fans(span.shape)
            initializer.fill(self.parameter_views[span.layer][span.name], fan_in, fan_out, generator)
        self._reset_statistics()

    def _reset_statistics(self) -> None:
        for layer, before, views in zip(self.layers, self.shapes, self.statistics_views, strict=False):
            for name, (_, start) in layer.statistics_shapes(before).items():
                views[name].fill(start)

    def replace_layers(self, layers: Sequence[Layer]) -> None:
        """Replace the layers by ones with other settings but the same shapes (another dropout rate)."""
        replaced = tuple(layers)
        same = infer_shapes(replaced, self.input_shape) == self.shapes and all(
            new.parameter_shapes(before) == old.parameter_shapes(before)
            for new, old, before in zip(replaced, self.layers, self.shapes, strict=False)
        )
        if not same:
            raise ValueError("the new layers have other shapes; build a new network")
        self.layers = replaced

    def copy_with_shared_gradients(self) -> "Network":
        """A copy with parameters and running statistics of its own; the gradients are the same arrays."""
        other = copy.copy(self)
        other.parameters, other.running_statistics = self.state_vectors.copy()
        other.parameter_views, other.statistics_views = (
            other.views(other.parameters),
            other.views_of_statistics(other.running_statistics),
        )
        return other

    def workspaces(
        self,
        capacity: int,
        generator: RandomSource | None = None,
        worker: BatchWorker | None = None,
    ) -> "Workspaces":
        """The arrays that one worker needs for batches of up to `capacity` rows."""
        return Workspaces(self, capacity, generator or np.random.default_rng(0), worker)

    def forward(self, x: Array, workspaces: Sequence[Workspace], training: bool = False) -> Array:
        """The output for a batch x (rows, *input_shape), an array of the last workspace."""
        for layer, parameters, workspace in zip(self.layers, self.parameter_views, workspaces, strict=True):
            x = layer.forward(parameters, x, workspace, training)
        return x

    def backward(
        self,
        dy: Array,
        workspaces: Sequence[Workspace],
        gradient_views: Sequence[Mapping[str, Array]] | None = None,
    ) -> Array:
        """Overwrite the gradients for the batch of the last `forward`; dy (rows, *output_shape).

        Returns the gradient of the first trained layer's input, if its workspace says `needs_dx`.
        """
        gradients = self.gradient_views if gradient_views is None else gradient_views
        for index in range(len(self.layers) - 1, self._backward_stop - 1, -1):
            dy = self.layers[index].backward(
                self.parameter_views[index], gradients[index], dy, workspaces[index]
            )
        return dy


def _lay_out(shapes: Iterable[Mapping[str, Shape]]) -> tuple[ArraySpan, ...]:
    """Consecutive spans of a flat vector for the arrays of all layers."""
    spans: list[ArraySpan] = []
    position = 0
    for index, named in enumerate(shapes):
        for name, shape in named.items():
            length = math.prod(shape)
            spans.append(ArraySpan(index, name, shape, position, position + length))
            position += length
    return tuple(spans)


class Workspaces:
    """The arrays of one worker, for batches of up to `capacity` rows; smaller batches use the same memory."""

    def __init__(
        self,
        network: Network,
        capacity: int,
        generator: RandomSource,
        worker: BatchWorker | None = None,
    ) -> None:
        self._network = network
        self._generator, self._partners = generator, worker
        self.capacity = capacity
        # Of the layers at this time: after a change in mid-run, a layer may need other arrays.
        self._specs = tuple(
            layer.workspace_arrays(before)
            for layer, before in zip(network.layers, network.shapes, strict=False)
        )
        self._by_rows: dict[int, tuple[Workspace, ...]] = {capacity: self._allocate()}

    def rows(self, count: int) -> tuple[Workspace, ...]:
        """One workspace a layer, for a batch of `count` rows (1 … capacity)."""
        narrowed = self._by_rows.get(count)
        if narrowed is None:
            narrowed = self._by_rows[count] = self._narrow(count)
        return narrowed

    def _allocate(self) -> tuple[Workspace, ...]:
        network = self._network
        spaces = []
        for index, specs in enumerate(self._specs):
            space = Workspace.of(specs, self.capacity, network.dtype)
            self._connect(space, index)
            spaces.append(space)
        return tuple(spaces)

    def _narrow(self, count: int) -> tuple[Workspace, ...]:
        spaces = []
        largest = self._by_rows[self.capacity]
        for index, specs in enumerate(self._specs):
            space = Workspace(count)
            # Only these arrays: a layer may have added others for batches of another size.
            for name, spec in specs.items():
                array = largest[index][name]
                space[name] = array[:count] if spec.per_sample else array
            self._connect(space, index)
            spaces.append(space)
        return tuple(spaces)

    def _connect(self, space: Workspace, index: int) -> None:
        space.generator, space.worker = self._generator, self._partners
        space.statistics = self._network.statistics_views[index]
        space.needs_dx = not self._network.trained_layers or index > self._network.trained_layers[0]
