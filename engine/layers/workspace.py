"""The workspace of a layer: the arrays that one worker needs for one batch, allocated once."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from engine.arrays import Array, Shape


class ArraySpec(NamedTuple):
    """An array that a layer needs in its workspace: its shape, with a batch axis in front or without."""

    shape: Shape
    per_sample: bool = True
    dtype: type[np.generic] | None = None
    """None: the network's own precision."""
    fill: float | None = None
    """A constant that the array is filled with once, when it is allocated."""


class BatchWorker(Protocol):
    """The worker of one part of a batch, as the layers see it."""

    @property
    def owns_statistics(self) -> bool:
        """True for the worker that updates the running statistics, which all workers share."""

    @property
    def rows(self) -> int:
        """Of the full batch."""

    def all_reduce(self, array: Array) -> None:
        """Overwrite the array by its sum over all workers, each of which has to call this equally often."""


class RandomSource(Protocol):
    """What layers draw random numbers from: a NumPy generator, or one that draws by row.

    The first axis of an array to fill is the rows of a worker's part of the batch. So the numbers of a row
    can depend on its index in the full batch, see `engine.training.rng`.
    """

    def random(self, *, dtype: Any, out: Array) -> Any:
        """Fill with uniform numbers from [0, 1)."""

    def standard_normal(self, *, dtype: Any, out: Array) -> Any:
        """Fill with numbers from N(0, 1)."""


class Workspace(dict[str, Array]):
    """The arrays of one layer for one worker and one batch size, by name; allocated once, filled each step.

    A layer has "y" (its output), unless it returns its input, and "dx" (its input's gradient), unless it
    writes that over dy. Arrays that backward needs and that the window may show are here too.
    """

    __slots__ = ("generator", "needs_dx", "prepared", "rows", "statistics", "worker", "x")

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.x: Array = np.empty(0)
        """The layer's input in this batch: forward notes it, backward reads it."""
        self.needs_dx = True
        """False for the first layer with parameters: the gradient of the data is not needed."""
        self.generator: RandomSource = np.random.default_rng(0)
        """What dropout and noise draw from."""
        self.statistics: Mapping[str, Array] = {}
        """The layer's running statistics (mean and variance), shared by all workers."""
        self.worker: BatchWorker | None = None
        """The worker of this part of the batch; None where batches are not split."""
        self.prepared: Any = None
        """What the layer computes once for this workspace, such as views of its arrays; None before."""

    @classmethod
    def of(cls, buffers: Mapping[str, ArraySpec], rows: int, dtype: np.dtype[Any]) -> "Workspace":
        """A workspace with these arrays, for batches of so many rows."""
        space = cls(rows)
        for name, buffer in buffers.items():
            shape = (rows, *buffer.shape) if buffer.per_sample else buffer.shape
            space[name] = np.empty(shape, buffer.dtype or dtype)
            if buffer.fill is not None:
                space[name].fill(buffer.fill)
        return space
