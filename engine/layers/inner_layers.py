"""Layers inside a layer: their parameters, running statistics and workspaces are part of the outer layer's.

Names of arrays of the inner layer "2" begin with "2.", as in "2.weight". So the outer layer's mappings hold
all arrays, and code that lays out, saves or counts arrays need not know about inner layers.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from engine.activations.rectifiers import Linear
from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError
from engine.layers.base import Layer, Workspace
from engine.layers.conv import Conv1D, Conv2D
from engine.layers.dense import Dense

Value = TypeVar("Value")


def inside(key: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values of an inner layer, by its own names."""
    start = f"{key}."
    return {name.removeprefix(start): value for name, value in values.items() if name.startswith(start)}


def outside(key: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values of an inner layer, by their names in the outer layer."""
    return {f"{key}.{name}": value for name, value in values.items()}


def inner_shapes(layers: Sequence[Layer], input_shape: Shape, heading: str) -> tuple[Shape, ...]:
    """Sample shapes before, between and after inner layers.

    Raises ShapeError that names the inner layer, as in "Residual, inner layer 2, Conv2D". A layer proposed to
    be inserted before the first one can be inserted before the outer layer as well.
    """
    shapes = [input_shape]
    for number, layer in enumerate(layers, start=1):
        try:
            shapes.append(layer.output_shape(shapes[-1]))
        except ShapeError as error:
            raise ShapeError(
                f"{heading}, inner layer {number}, {error.where}",
                expected=error.expected,
                got=error.got,
                help=error.help,
                insert_before=error.insert_before if number == 1 else None,
                inside=f"inner layer {number}, {error.where}",
            ) from None
    return tuple(shapes)


def depth(layers: Any, most: int) -> int:
    """How deep lists of layers are nested, counted up to most + 1.

    layers : settings or their JSON form, which may still be anyvalue. Level by level, because a file can
    nest more lists than Python can follow.
    """
    level, found = [layers], 0
    while level and found <= most:
        found += 1
        entries = [entry for one in level if isinstance(one, list | tuple) for entry in one]
        lists = (
            entry.get("layers") if isinstance(entry, Mapping) else getattr(entry, "inner_layers", None)
            for entry in entries
        )
        level = [one for one in lists if one]
    return found


class InnerStack:
    """Views of the arrays of inner layers that follow one another; made once for a workspace.

    The layers themselves are passed with each call: their settings may change in mid-run, their arrays do
    not.
    """

    def __init__(self, keys: Sequence[str], workspace: Workspace) -> None:
        self._spaces = tuple(_space(key, workspace) for key in keys)
        self._parameters, self._gradients = _SplitMapping(keys), _SplitMapping(keys)

    def forward(
        self,
        layers: Sequence[Layer],
        parameters: Mapping[str, Array],
        x: Array,
        workspace: Workspace,
        training: bool,
    ) -> Array:
        """The output for a batch; parameters and workspace are the outer layer's."""
        for layer, own, space in zip(layers, self._parameters.of(parameters), self._spaces, strict=True):
            space.generator, space.worker = workspace.generator, workspace.worker
            x = layer.forward(own, x, space, training)
        return x

    def backward(
        self,
        layers: Sequence[Layer],
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        """Overwrite the gradients and return dx, of use where `workspace.needs_dx`; dy may be overwritten."""
        own_parameters, own_gradients = self._parameters.of(parameters), self._gradients.of(gradients)
        # As in the network: layers before the first trained one are skipped, unless dx is needed.
        trained = (number for number, own in enumerate(own_parameters) if own)
        first = -1 if workspace.needs_dx else next(trained, len(layers))
        for number in range(len(layers) - 1, max(first, 0) - 1, -1):
            space = self._spaces[number]
            space.needs_dx = number > first
            dy = layers[number].backward(own_parameters[number], own_gradients[number], dy, space)
        return dy


class _SplitMapping:
    """Splits a mapping of the outer layer by inner layers; the mapping of each step is the same one."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._mapping: Mapping[str, Array] | None = None
        self._parts: tuple[dict[str, Array], ...] = ()

    def of(self, mapping: Mapping[str, Array]) -> tuple[dict[str, Array], ...]:
        if mapping is not self._mapping:
            self._mapping, self._parts = mapping, tuple(inside(key, mapping) for key in self._keys)
        return self._parts


def _space(key: str, workspace: Workspace) -> Workspace:
    space = Workspace(workspace.rows)
    space.update(inside(key, workspace))
    space.statistics = inside(key, workspace.statistics)
    return space


# --- the shortcut around inner layers ---------------------------------------------------------------------

LARGEST_STRIDE = 16
"""As for any convolution."""


def shortcut_projection(heading: str, before: Shape, after: Shape) -> Layer | None:
    """The projection, None where the shapes are equal; raises ShapeError where there can be none."""
    if before == after:
        return None
    stride = _stride(before, after)
    if stride is None:
        raise _unequal(heading, before, after)
    # Not validated: the limits of forms need not hold for the sizes of inner layers.
    plain: dict[str, Any] = {"activation": Linear(), "bias": False}
    if len(before) == 1:
        return Dense.model_construct(units=after[-1], **plain)
    plain |= {"filters": after[-1], "stride": stride}
    if len(before) == 2:
        return Conv1D.model_construct(kernel_size=1, **plain)
    return Conv2D.model_construct(height=1, width=1, **plain)


def _unequal(heading: str, before: Shape, after: Shape) -> ShapeError:
    help = "Put layers that change the kind of samples before or behind it."
    if len(before) == len(after) <= 3:
        enlarged = any(places > cells for cells, places in zip(before[:-1], after[:-1], strict=True))
        help = (
            "Put layers that enlarge samples before or behind it: inside, they cannot grow."
            if enlarged
            else "Set the padding inside to “Same”: then samples keep their size, or all sides are "
            "shortened by one stride, which the shortcut can take too."
        )
    return ShapeError(
        heading,
        expected=f"inner layers whose output can be added to their input, {shape_text(before)},",
        got=f"{shape_text(after)} from them",
        help=help,
    )


def _stride(before: Shape, after: Shape) -> int | None:
    """The smallest stride with which a convolution of size 1 maps one shape to the other, if any does."""
    if len(before) != len(after) or len(before) > 3:
        return None
    axes = list(zip(before[:-1], after[:-1], strict=True))
    strides = range(1, LARGEST_STRIDE + 1)
    return next((s for s in strides if all(-(-cells // s) == places for cells, places in axes)), None)
