"""The network: a list of layers over one flat parameter vector and one flat gradient vector.

Because both are flat, an optimizer step is one loop over one vector, a copy of all weights is one copy, and
a gradient check is one loop. What layers keep without training it is one flat vector, too.
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
from engine.layers import Draws, Layer, Partners, Workspace

OUTPUT_NAME = "Output"


@dataclass(frozen=True)
class ParameterSlot:
    """Where one array of a layer lies in a flat vector."""

    layer: int
    name: str
    shape: Shape
    start: int
    stop: int


class Learned(NamedTuple):
    """All that training changes in a network, as two flat vectors.

    kept : what layers keep beside their parameters (running means and variances). They belong to the
    parameters that made them: others would be normalized by the wrong statistics.
    """

    parameters: Array
    kept: Array

    def copy(self) -> "Learned":
        return Learned(self.parameters.copy(), self.kept.copy())

    def take(self, other: "Learned") -> None:
        """Become equal to another, of the same network, in place."""
        self.parameters[...] = other.parameters
        self.kept[...] = other.kept


def layer_names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Names as shown: headings, numbered where a kind occurs more than once ("Dense 1", "Dropout")."""
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
    """Sample shapes before, between and behind the layers; raises ShapeError with the layer's place."""
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
    """How many numbers the layer trains."""
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
        self.slots = _lay_out(layer.parameter_shapes(before) for layer, before in stages)
        self._state_slots = _lay_out(
            {name: shape for name, (shape, _) in layer.state_shapes(before).items()}
            for layer, before in stages
        )
        size = self.slots[-1].stop if self.slots else 0
        self.parameters = np.zeros(size, self.dtype)
        self.gradients = np.zeros(size, self.dtype)
        self.kept = np.zeros(self._state_slots[-1].stop if self._state_slots else 0, self.dtype)
        """What layers keep without training it (running means and variances)."""
        self.parameter_views = self.views(self.parameters)
        self.gradient_views = self.views(self.gradients)
        self.state = self.state_views(self.kept)
        """For each layer its part of `kept`, by name."""
        self._reset_state()
        trained = sorted({slot.layer for slot in self.slots})
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
    def learned(self) -> Learned:
        """The vectors themselves, not copies."""
        return Learned(self.parameters, self.kept)

    def views(self, vector: Array) -> tuple[dict[str, Array], ...]:
        """For each layer its arrays by name, as views into a flat vector of the network's length."""
        return self._views(self.slots, vector)

    def state_views(self, kept: Array) -> tuple[dict[str, Array], ...]:
        """For each layer what it keeps, by name, as views into a flat vector like `kept`."""
        return self._views(self._state_slots, kept)

    def _views(self, slots: Sequence[ParameterSlot], vector: Array) -> tuple[dict[str, Array], ...]:
        views: tuple[dict[str, Array], ...] = tuple({} for _ in self.layers)
        for slot in slots:
            views[slot.layer][slot.name] = vector[slot.start : slot.stop].reshape(slot.shape)
        return views

    def layer_slices(self) -> dict[int, slice]:
        """For each layer with parameters, its part of the flat vectors."""
        return {
            index: slice(
                min(slot.start for slot in self.slots if slot.layer == index),
                max(slot.stop for slot in self.slots if slot.layer == index),
            )
            for index in self.trained_layers
        }

    def initialize(self, generator: np.random.Generator) -> None:
        """Give every parameter its starting value and reset what layers keep."""
        for slot in self.slots:
            initializer = self.layers[slot.layer].initializers()[slot.name]
            fan_in, fan_out = fans(slot.shape)
            initializer.fill(self.parameter_views[slot.layer][slot.name], fan_in, fan_out, generator)
        self._reset_state()

    def _reset_state(self) -> None:
        for layer, before, state in zip(self.layers, self.shapes, self.state, strict=False):
            for name, (_, start) in layer.state_shapes(before).items():
                state[name].fill(start)

    def replace_layers(self, layers: Sequence[Layer]) -> None:
        """Take layers with other settings but the same shapes (a dropout rate that changed in mid-run)."""
        replaced = tuple(layers)
        same = infer_shapes(replaced, self.input_shape) == self.shapes and all(
            new.parameter_shapes(before) == old.parameter_shapes(before)
            for new, old, before in zip(replaced, self.layers, self.shapes, strict=False)
        )
        if not same:
            raise ValueError("the new layers have other shapes; build a new network")
        self.layers = replaced

    def beside(self) -> "Network":
        """Another network of the same layers, whose parameters and state are its own, and equal at first.

        Its gradients are the same arrays as here.
        """
        other = copy.copy(self)
        other.parameters, other.kept = self.learned.copy()
        other.parameter_views, other.state = other.views(other.parameters), other.state_views(other.kept)
        return other

    def workspaces(
        self,
        capacity: int,
        generator: Draws | None = None,
        partners: Partners | None = None,
    ) -> "Workspaces":
        """What one worker needs for batches of up to `capacity` rows."""
        return Workspaces(self, capacity, generator or np.random.default_rng(0), partners)

    def forward(self, x: Array, workspaces: Sequence[Workspace], training: bool = False) -> Array:
        """The output for a batch x (rows, *input_shape), in an array of the last workspace."""
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


def _lay_out(shapes: Iterable[Mapping[str, Shape]]) -> tuple[ParameterSlot, ...]:
    """Places one behind the other in a flat vector, for the arrays of each layer."""
    slots: list[ParameterSlot] = []
    position = 0
    for index, named in enumerate(shapes):
        for name, shape in named.items():
            length = math.prod(shape)
            slots.append(ParameterSlot(index, name, shape, position, position + length))
            position += length
    return tuple(slots)


class Workspaces:
    """The arrays of one worker, for batches of up to `capacity` rows; smaller batches share the memory."""

    def __init__(
        self,
        network: Network,
        capacity: int,
        generator: Draws,
        partners: Partners | None = None,
    ) -> None:
        self._network = network
        self._generator, self._partners = generator, partners
        self.capacity = capacity
        # As they were when the arrays were made: a setting that changes in mid-run may ask for others.
        self._buffers = tuple(
            layer.buffers(before) for layer, before in zip(network.layers, network.shapes, strict=False)
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
        for index, buffers in enumerate(self._buffers):
            space = Workspace.of(buffers, self.capacity, network.dtype)
            self._connect(space, index)
            spaces.append(space)
        return tuple(spaces)

    def _narrow(self, count: int) -> tuple[Workspace, ...]:
        spaces = []
        whole = self._by_rows[self.capacity]
        for index, buffers in enumerate(self._buffers):
            space = Workspace(count)
            # What else is in a workspace was put there for batches of another size.
            for name, buffer in buffers.items():
                array = whole[index][name]
                space[name] = array[:count] if buffer.per_sample else array
            self._connect(space, index)
            spaces.append(space)
        return tuple(spaces)

    def _connect(self, space: Workspace, index: int) -> None:
        space.generator, space.partners = self._generator, self._partners
        space.state = self._network.state[index]
        space.needs_dx = not self._network.trained_layers or index > self._network.trained_layers[0]
