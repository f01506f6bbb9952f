"""The arrays of a recurrent layer for one batch, as views for the loop over its steps."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.layers.base import ArraySpec, Workspace


class Direction(NamedTuple):
    """One direction in which a sequence is read."""

    suffix: str
    """The ending of the names of its parameters."""
    reversed_: bool
    """True where the last step is read first."""


class Sizes(NamedTuple):
    """The sizes that determine the shapes of all arrays."""

    steps: int
    features: int
    units: int
    gates: int
    directions: tuple[Direction, ...]
    biased: bool

    @property
    def columns(self) -> int:
        """Of the inputs: the features and, where there is a bias, a column of ones for it."""
        return self.features + self.biased

    @property
    def block(self) -> int:
        """Numbers of a state, over both directions, for one row."""
        return len(self.directions) * self.units


class Unrolled:
    """Views of a workspace's arrays, step by step.

    Both directions are computed by the same calls: they are an axis of every array. Gates are an axis too, in
    front of the rows, so that each of them is contiguous in memory.
    """

    def __init__(self, workspace: Workspace, sizes: Sizes) -> None:
        self.workspace, self.sizes = workspace, sizes
        rows, steps, directions = workspace.rows, sizes.steps, len(sizes.directions)
        self.inputs = self.reshaped("inputs", directions, steps * rows, sizes.columns)
        by_step = self.reshaped("inputs", directions, steps, rows, sizes.columns)
        self.features = [by_step[number, ..., : sizes.features] for number in range(directions)]
        """For each direction the view for its inputs: (steps, rows, features)."""
        self.weights, self.recurrents = workspace["weights"], workspace["recurrents"]
        self.transposed_recurrents = self.recurrents.swapaxes(-1, -2)
        self.sums = self.reshaped("sums", sizes.gates, directions, steps * rows, sizes.units)
        """The inputs' part of each gate's pre-activation; after the backward loop, its gradient."""
        sums = self.reshaped("sums", sizes.gates, directions, steps, rows, sizes.units)
        self.sums_of_step = [sums[:, :, step] for step in range(steps)]
        states = self.reshaped("states", directions, steps + 1, rows, sizes.units)
        self.states = [states[:, step] for step in range(steps + 1)]
        self.reached = states[:, 1:]
        """The state after each step: (directions, steps, rows, units)."""
        flat = self.reshaped("states", directions, (steps + 1) * rows, sizes.units)
        self.before = flat[:, : steps * rows].swapaxes(-1, -2)
        """The state before each step, as a matrix for products: (directions, units, steps · rows)."""
        self.dstate = self.block("dstate")
        self.dstates = self.block("dstates", steps) if "dstates" in workspace else None
        """The output's gradient by step, where all states are returned: (steps, directions, rows, units)."""
        self.steps: Sequence[Any] = ()
        """For each step the views of its arrays, as the layer has made them."""

    @staticmethod
    def workspace_arrays(sizes: Sizes, sequence: bool) -> dict[str, ArraySpec]:
        """The arrays of every recurrent layer; sequence : whether all states are returned."""
        steps, block = sizes.steps, sizes.block
        stack = (sizes.gates, len(sizes.directions))
        features = ArraySpec((steps, sizes.features))
        wanted = {
            # The features are overwritten by each batch, the column of ones after them never is.
            "inputs": ArraySpec((steps, len(sizes.directions) * sizes.columns), fill=1.0),
            "sums": ArraySpec((steps, sizes.gates * block)),
            "states": ArraySpec((steps + 1, block)),
            "product": ArraySpec((sizes.gates * block,)),
            "dstate": ArraySpec((block,)),
            "dinputs": features,
            "part": features,
            "weights": ArraySpec((*stack, sizes.columns, sizes.units), per_sample=False),
            "recurrents": ArraySpec((*stack, sizes.units, sizes.units), per_sample=False),
        }
        if sequence:
            wanted["dstates"] = ArraySpec((steps, block))
        return wanted

    def reshaped(self, name: str, *shape: int) -> Array:
        """An array of the workspace in another shape."""
        return self.workspace[name].reshape(shape)

    def block(self, name: str, *front: int) -> Array:
        """An array of states, (…, directions, rows, units)."""
        return self.reshaped(name, *front, len(self.sizes.directions), self.workspace.rows, self.sizes.units)

    def copy_input_weights(self, parameters: Mapping[str, Array]) -> None:
        """The inputs' weights of both directions, ordered by gate."""
        for number, direction in enumerate(self.sizes.directions):
            target = self.weights[:, number, : self.sizes.features]
            np.copyto(target, by_gate(parameters[f"weight{direction.suffix}"], self.sizes.gates))

    def copy_recurrent_weights(self, parameters: Mapping[str, Array]) -> None:
        """The states' weights of both directions, ordered by gate."""
        for number, direction in enumerate(self.sizes.directions):
            weights = by_gate(parameters[f"recurrent{direction.suffix}"], self.sizes.gates)
            np.copyto(self.recurrents[:, number], weights)


def by_gate(matrix: Array, gates: int) -> Array:
    """A parameter (inputs, gates · units) or (gates · units,) as (gates, …, units); nothing is copied."""
    # Of a vector both axes are the first: it stays as it is. np.moveaxis takes five times as long.
    return matrix.reshape(*matrix.shape[:-1], gates, -1).swapaxes(0, -2)


def by_step(array: Array, direction: Direction) -> Array:
    """(rows, steps, …) as (steps, rows, …), in the order in which the steps are read."""
    steps = array.swapaxes(0, 1)
    return steps[::-1] if direction.reversed_ else steps
