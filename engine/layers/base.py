"""What every layer is: frozen settings, a shape rule, parameters, forward and backward.

Arrays live outside: parameters and gradients are views into the network's flat vectors, and a workspace
holds what one worker needs for one batch.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array, Shape
from engine.errors import ShapeError
from engine.initializers import Initializer
from engine.settings import Settings, withdraw_overridden


class Buffer(NamedTuple):
    """An array that a layer wants in its workspace: its shape, with a batch axis in front or without."""

    shape: Shape
    per_sample: bool = True
    dtype: type[np.generic] | None = None
    """None: the network's own precision."""
    fill: float | None = None
    """A constant that the array is filled with once, when it is allocated."""


class Partners(Protocol):
    """Those who work on the other parts of the same batch, at the same time."""

    @property
    def first(self) -> bool:
        """True for the one who keeps what there is but once, such as running means."""

    @property
    def rows(self) -> int:
        """Of the whole batch."""

    def add_up(self, array: Array) -> None:
        """Overwrite each partner's array by the sum of all; each has to come equally often."""


class Draws(Protocol):
    """Where the layers of a batch draw random numbers from: a NumPy generator has these methods.

    The first axis of what is filled are the rows of the batch that a worker has, so that they can be drawn
    for by their place in the batch, see `engine.training.rng`.
    """

    def random(self, *, dtype: Any, out: Array) -> Any:
        """Fill with uniform numbers from [0, 1)."""

    def standard_normal(self, *, dtype: Any, out: Array) -> Any:
        """Fill with numbers from N(0, 1)."""


class Workspace(dict[str, Array]):
    """The arrays of one layer for one worker and one batch size, by name; allocated once, filled each step.

    A layer has "y" (its output), unless it hands on what it gets, and "dx" (its input's gradient), unless it
    writes that over dy. What backward needs and what the window may show goes in here too.
    """

    __slots__ = ("generator", "needs_dx", "partners", "plan", "rows", "state", "x")

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.x: Array = np.empty(0)
        """The layer's input in this batch: forward notes it, backward reads it."""
        self.needs_dx = True
        """False for the first layer with parameters: nobody asks for the gradient of the data."""
        self.generator: Draws = np.random.default_rng(0)
        """What dropout and noise are drawn from."""
        self.state: Mapping[str, Array] = {}
        """Arrays that are kept but not trained (running mean and variance), shared by all workers."""
        self.partners: Partners | None = None
        """None where the batch is worked on as one piece."""
        self.plan: Any = None
        """What the layer has worked out once for this workspace, such as views of its arrays."""

    @classmethod
    def of(cls, buffers: Mapping[str, Buffer], rows: int, dtype: np.dtype[Any]) -> "Workspace":
        """A workspace with these arrays, for batches of so many rows."""
        space = cls(rows)
        for name, buffer in buffers.items():
            shape = (rows, *buffer.shape) if buffer.per_sample else buffer.shape
            space[name] = np.empty(shape, buffer.dtype or dtype)
            if buffer.fill is not None:
                space[name].fill(buffer.fill)
        return space


class Affine(NamedTuple):
    """What a layer says of itself that computes f(x W + b), with "weight" W and "bias" b in this order."""

    units: int
    bias: bool
    activation: ActivationFunction
    samples_are_lists: bool
    """False where x may have more axes than (batch, inputs)."""
    pass_back: Callable[[Mapping[str, Array], Array, Workspace], Array]
    """From parameters, dy and workspace: all of `backward` but the gradients. Returns dz."""


class Normalization(Protocol):
    """What a layer can do that computes y = scale · (x − mean) / deviation + shift, for each channel."""

    def measure(self, x: Array, workspace: Workspace) -> None:
        """Find mean and deviation."""

    def normalize(self, parameters: Mapping[str, Array], x: Array, workspace: Workspace) -> Array:
        """Write y from these x and from what was measured."""

    def sum_up(self, gradients: Mapping[str, Array], dy: Array, x: Array, workspace: Workspace) -> None:
        """Write the gradients, from the x at which dy is not 0."""

    def turn_into_dx(self, parameters: Mapping[str, Array], dy: Array, workspace: Workspace) -> None:
        """Overwrite dy by dx."""


class PoolingStep(NamedTuple):
    """Which of the steps a layer is that a max pooling can go ahead of: one of these, or the pooling."""

    normalization: Normalization | None = None
    activation: ActivationFunction | None = None
    pooling: bool = False


class Layer(Settings):
    """One stage of a network; see the module's docstring for what lives where.

    A layer may say that several can be computed together in a faster way: `affine` and `pooling_step`. A
    subclass with methods of its own is computed by these, unless it says so itself.
    """

    kind: str
    heading: ClassVar[str]
    icon: ClassVar[str]
    sections: ClassVar[tuple[str, ...]] = ("More",)

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        withdraw_overridden(cls, Layer, ("affine", "pooling_step"))

    @abstractmethod
    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of one output sample; raises ShapeError where the input does not fit."""

    @abstractmethod
    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        """The output for a batch x (rows, *input_shape), in an array of the workspace. x is only read."""

    @abstractmethod
    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        """Overwrite `gradients` and return dx; dy (rows, *output_shape), in one run, may be overwritten.

        Called after `forward` of the same batch. Where `workspace.needs_dx` is False the result is not read.
        """

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Trained arrays by name."""
        return {}

    def initializers(self) -> Mapping[str, Initializer]:
        """For every parameter, how it starts."""
        return {}

    def penalized(self) -> frozenset[str]:
        """Names of the parameters that L1 and L2 act on: weights, never biases."""
        return frozenset({"weight"})

    def state_shapes(self, input_shape: Shape) -> dict[str, tuple[Shape, float]]:
        """Arrays that are kept and saved but not trained: shape and starting value."""
        return {}

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        """What `forward` and `backward` want in the workspace."""
        return {"y": Buffer(self.output_shape(input_shape)), "dx": Buffer(input_shape)}

    def penalties(self, l1: float, l2: float) -> dict[str, tuple[float, float]]:
        """L1 and L2 of each parameter that they act on: the layer's own, or else those of the network."""
        own_l1, own_l2 = getattr(self, "l1", None), getattr(self, "l2", None)
        strengths = (l1 if own_l1 is None else own_l1, l2 if own_l2 is None else own_l2)
        return dict.fromkeys(self.penalized(), strengths)

    def suited(self, input_shape: Shape) -> "Layer":
        """What a person gets who adds a layer with these settings where samples have this shape."""
        return self

    def multiplications(self, input_shape: Shape) -> int:
        """Multiply-adds for one sample: every weight once for each place of the output that shares it."""
        shapes = self.parameter_shapes(input_shape)
        weights = sum(math.prod(shapes[name]) for name in self.penalized() & shapes.keys())
        return weights * math.prod(self.output_shape(input_shape)[:-1])

    def largest_product(self, input_shape: Shape) -> int:
        """Multiply-adds for one sample in the largest of its matrix products."""
        shapes = self.parameter_shapes(input_shape).values()
        return max((math.prod(shape) for shape in shapes if len(shape) > 1), default=0)

    def simple_layers(self, input_shape: Shape) -> int:
        """How many plain layers take as many calls as this one; for the estimate of time."""
        return 1

    def affine(self) -> Affine | None:
        """What there is to know for computing it together with others, where it is f(x W + b)."""
        return None

    def pooling_step(self) -> PoolingStep | None:
        """Its part in a max pooling that goes ahead of what stands before it, if it has one."""
        return None

    @property
    def random(self) -> bool:
        """True where training draws random numbers (dropout, noise)."""
        return False

    @property
    def couples_batch(self) -> bool:
        """True where, in training, the rows of a batch influence one another."""
        return False

    @property
    def stepwise(self) -> bool:
        """True where the layer goes through a sequence step by step.

        That means many small calls, which Python's lock keeps from running at the same time.
        """
        return False

    def _misfit(
        self, expected: str, input_shape: Shape, help: str, insert_before: dict[str, Any] | None = None
    ) -> ShapeError:
        return ShapeError(
            self.heading,
            expected=expected,
            got=shape_text(input_shape),
            help=help,
            insert_before=insert_before,
        )

    def _no_image(self, input_shape: Shape) -> ShapeError:
        """What a layer over images says to anything else; a Reshape makes an image of a list of numbers."""
        expected = "an image (height, width, channels)"
        if len(input_shape) == 1:
            return self._misfit(expected, input_shape, "Insert a Reshape before it.", {"kind": "reshape"})
        return self._misfit(expected, input_shape, "Use it on images, or reshape the samples before it.")

    def _no_cells(self, input_shape: Shape, help: str = "") -> ShapeError:
        """What a layer over images and sequences says to anything else.

        help : what to do, where an image made of a list of numbers is no help.
        """
        expected = "an image (height, width, channels) or a sequence (steps, features)"
        if len(input_shape) == 1 and not help:
            return self._misfit(expected, input_shape, "Insert a Reshape before it.", {"kind": "reshape"})
        return self._misfit(
            expected, input_shape, help or "Use it on images or sequences, or reshape the samples before it."
        )

    def _no_sequence(self, input_shape: Shape) -> ShapeError:
        """What a layer over sequences says to anything else; a Reshape makes steps of numbers and rows."""
        features = input_shape[-2] * input_shape[-1] if len(input_shape) == 3 else 1
        return self._misfit(
            "a sequence (steps, features)",
            input_shape,
            "Insert a Reshape before it.",
            {"kind": "reshape", "form": "sequence", "channels": features},
        )


def shape_text(shape: Shape) -> str:
    """A sample's shape in words: "64 numbers", "an image of 8 × 8 × 1"."""
    if len(shape) == 0:
        return "a single number"
    if len(shape) == 1:
        return f"{shape[0]} number" + ("s" if shape[0] != 1 else "")
    if len(shape) == 2:
        return f"a sequence of {shape[0]} steps × {shape[1]} features"
    if len(shape) == 3:
        return "an image of " + " × ".join(map(str, shape))
    return "samples of shape " + " × ".join(map(str, shape))
