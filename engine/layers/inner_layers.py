"""Layers inside a layer: what is theirs among the names, arrays and settings of the layer around them.

What belongs to the inner layer "2" has a name that begins with "2.": "2.weight". So parameters, kept state
and workspace of the layer around them hold everything, and whoever lays out, saves or counts arrays need not
know of inner layers.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from engine.arrays import Array, Shape
from engine.errors import ShapeError
from engine.layers.base import Layer, Workspace

Thing = TypeVar("Thing")


def inside(key: str, things: Mapping[str, Thing]) -> dict[str, Thing]:
    """What belongs to an inner layer, by the names that it has there."""
    start = f"{key}."
    return {name.removeprefix(start): thing for name, thing in things.items() if name.startswith(start)}


def outside(key: str, things: Mapping[str, Thing]) -> dict[str, Thing]:
    """What belongs to an inner layer, by the names that it has in the layer around it."""
    return {f"{key}.{name}": thing for name, thing in things.items()}


def inner_shapes(layers: Sequence[Layer], input_shape: Shape, heading: str) -> tuple[Shape, ...]:
    """Sample shapes before, between and behind inner layers.

    Raises ShapeError that names the place, as in "Residual, inner layer 2, Conv2D". What is proposed to be
    inserted before the first one can stand before the layer around it as well.
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
    """How many lists of layers stand inside one another, counted up to most + 1.

    layers : settings or their JSON form, which may still be anything. Level by level, because a file can
    nest more lists than Python can follow.
    """
    level, found = [layers], 0
    while level and found <= most:
        found += 1
        entries = [entry for one in level if isinstance(one, list | tuple) for entry in one]
        lists = (
            entry.get("layers") if isinstance(entry, Mapping) else getattr(entry, "layers", None)
            for entry in entries
        )
        level = [one for one in lists if one is not None]
    return found


class Chain:
    """Inner layers that follow one another, with views of their arrays; made once for a workspace.

    The layers themselves come with each call: their settings may change in mid-run, their arrays stay.
    """

    def __init__(self, keys: Sequence[str], workspace: Workspace) -> None:
        self._spaces = tuple(_space(key, workspace) for key in keys)
        self._parameters, self._gradients = _Shares(keys), _Shares(keys)

    def forward(
        self,
        layers: Sequence[Layer],
        parameters: Mapping[str, Array],
        x: Array,
        workspace: Workspace,
        training: bool,
    ) -> Array:
        """The output for a batch; parameters and workspace of the layer around them."""
        for layer, own, space in zip(layers, self._parameters.of(parameters), self._spaces, strict=True):
            space.generator, space.partners = workspace.generator, workspace.partners
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
        # As in the whole network: what comes before the first trained layer is not asked, unless for dx.
        trained = (number for number, own in enumerate(own_parameters) if own)
        first = -1 if workspace.needs_dx else next(trained, len(layers))
        for number in range(len(layers) - 1, max(first, 0) - 1, -1):
            space = self._spaces[number]
            space.needs_dx = number > first
            dy = layers[number].backward(own_parameters[number], own_gradients[number], dy, space)
        return dy


class _Shares:
    """The inner layers' shares of a mapping; the same one comes in every step, and is split once."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._whole: Mapping[str, Array] | None = None
        self._parts: tuple[dict[str, Array], ...] = ()

    def of(self, whole: Mapping[str, Array]) -> tuple[dict[str, Array], ...]:
        if whole is not self._whole:
            self._whole, self._parts = whole, tuple(inside(key, whole) for key in self._keys)
        return self._parts


def _space(key: str, workspace: Workspace) -> Workspace:
    space = Workspace(workspace.rows)
    space.update(inside(key, workspace))
    space.state = inside(key, workspace.state)
    return space
