"""The arrays of a recurrent layer for one batch, laid out for the loop over its steps."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.arrays import Array
from engine.layers.base import ArraySpec, Workspace


class Run(NamedTuple):
    """One direction in which a sequence is read."""

    suffix: str
    """What the names of its parameters end in."""
    turned: bool
    """True where the last step is read first."""


class Sizes(NamedTuple):
    """What the shapes of all arrays follow from."""

    steps: int
    features: int
    units: int
    gates: int
    runs: tuple[Run, ...]
    biased: bool

    @property
    def columns(self) -> int:
        """Of the inputs: the features and, where there is a bias, a column of ones that brings it."""
        return self.features + self.biased

    @property
    def block(self) -> int:
        """Numbers of a state, over both directions, for one row."""
        return len(self.runs) * self.units


class Unrolled:
    """Views of a workspace's arrays, step by step.

    Both directions go through the same calls: they are an axis of every array. Gates are an axis too, in
    front of the rows, so that each of them is whole in memory and what is done to it one long run.
    """

    def __init__(self, workspace: Workspace, sizes: Sizes) -> None:
        self.workspace, self.sizes = workspace, sizes
        rows, steps, runs = workspace.rows, sizes.steps, len(sizes.runs)
        self.inputs = self.laid("inputs", runs, steps * rows, sizes.columns)
        by_step = self.laid("inputs", runs, steps, rows, sizes.columns)
        self.features = [by_step[run, ..., : sizes.features] for run in range(runs)]
        """For each direction where its inputs go: (steps, rows, features)."""
        self.weights, self.recurrents = workspace["weights"], workspace["recurrents"]
        self.turned_recurrents = self.recurrents.swapaxes(-1, -2)
        self.sums = self.laid("sums", sizes.gates, runs, steps * rows, sizes.units)
        """Before the loop what the inputs bring to each gate, after the loop back the gradient of that."""
        sums = self.laid("sums", sizes.gates, runs, steps, rows, sizes.units)
        self.sums_of_step = [sums[:, :, step] for step in range(steps)]
        states = self.laid("states", runs, steps + 1, rows, sizes.units)
        self.states = [states[:, step] for step in range(steps + 1)]
        self.reached = states[:, 1:]
        """The state after each step: (runs, steps, rows, units)."""
        flat = self.laid("states", runs, (steps + 1) * rows, sizes.units)
        self.before = flat[:, : steps * rows].swapaxes(-1, -2)
        """The state before each step, for the product with the gradient: (runs, units, steps · rows)."""
        self.dstate = self.block("dstate")
        self.dstates = self.block("dstates", steps) if "dstates" in workspace else None
        """What the layer behind brings to the states, where all are returned: (steps, runs, rows, units)."""
        self.steps: Sequence[Any] = ()
        """What the layer takes for each step."""

    @staticmethod
    def workspace_arrays(sizes: Sizes, sequence: bool) -> dict[str, ArraySpec]:
        """What every recurrent layer wants; `sequence` where all states are returned."""
        steps, block = sizes.steps, sizes.block
        stack = (sizes.gates, len(sizes.runs))
        features = ArraySpec((steps, sizes.features))
        wanted = {
            # The features are written anew for each batch, the column of ones behind them never is.
            "inputs": ArraySpec((steps, len(sizes.runs) * sizes.columns), fill=1.0),
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

    def laid(self, name: str, *shape: int) -> Array:
        """An array of the workspace in another shape; its rows need not be its first axis."""
        return self.workspace[name].reshape(shape)

    def block(self, name: str, *front: int) -> Array:
        """An array of states, (…, runs, rows, units)."""
        return self.laid(name, *front, len(self.sizes.runs), self.workspace.rows, self.sizes.units)


def by_gate(matrix: Array, gates: int) -> Array:
    """A parameter (inputs, gates · units) or (gates · units,) as (gates, …, units); nothing is copied."""
    # Of a vector both axes are the first: it stays as it is. np.moveaxis takes five times as long.
    return matrix.reshape(*matrix.shape[:-1], gates, -1).swapaxes(0, -2)
